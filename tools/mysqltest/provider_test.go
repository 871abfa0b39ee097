package mysqltest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// TestProviderGrants: the account of tests has what the documentation says, word by
// word, on MySQL and on MariaDB.
func TestProviderGrants(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "index.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "CREATE USER 'landlord'@'%' IDENTIFIED BY '…';\n")
	block, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the page has no GRANT statements")
	}
	for _, kind := range instance.Kinds() {
		var documented []string
		for line := range strings.Lines(block) {
			statement, other, _ := strings.Cut(strings.TrimSpace(line), "; -- MariaDB: ")
			statement = strings.TrimSuffix(statement, ";")
			if other != "" && kind.IsMariaDB() {
				statement = other + " ON *.* TO 'landlord'@'%'"
			}
			documented = append(documented, statement)
		}
		s := &mysqltest.Server{Kind: kind, LandlordDatabase: "landlord", Prefix: "tenant_"}
		granted := s.ProviderGrants("'landlord'@'%'")
		if diff := cmp.Diff(documented, slices.Clone(granted)); diff != "" {
			t.Errorf("%s (-documented +granted):\n%s", kind, diff)
		}
	}
}
