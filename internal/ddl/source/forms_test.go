package source_test

import (
	"os"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestParse_forms: what a server reads as a statement is no syntax error here, and
// nothing that the guard refuses. What vitess does not know is left to the server.
func TestParse_forms(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/guard/forms.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, lines, _ := strings.Cut(string(text), "\n\n")
	forms := strings.Split(strings.TrimSpace(lines), "\n")
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		srv := withoutOthers(estate(ddl.MySQL))
		if s.Kind.IsMariaDB() {
			srv = withoutOthers(estate(ddl.MariaDB))
		}
		own := s.Prefix + "forms"
		s.Exec(t, "CREATE DATABASE "+own)
		db := s.Open(t, s.Username, s.Password, own)
		taken := 0
		for _, sql := range forms {
			// Only that it can be read counts; most names are of nothing.
			_, err := db.ExecContext(t.Context(), sql)
			if mysql.IsSyntax(err) {
				continue
			}
			taken++
			if faults := guarded(sql, source.LayerMigration, srv); source.HasErrors(faults) {
				t.Errorf("%s\n%v\nthe server: %v", sql, faults, err)
			}
		}
		if most := len(forms); taken < most*8/10 {
			t.Errorf("the server reads %d of %d", taken, most)
		}
	})
}
