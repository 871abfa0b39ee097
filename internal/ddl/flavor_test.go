package ddl_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

func TestParseFlavor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]ddl.Server{
		"mysql":         {Product: ddl.MySQL, Version: "9.7.0"},
		"mysql-8.4":     {Product: ddl.MySQL, Version: "8.4"},
		"mariadb":       {Product: ddl.MariaDB, Version: "11.8.0-MariaDB"},
		"mariadb-10.11": {Product: ddl.MariaDB, Version: "10.11-MariaDB"},
	} {
		got, err := ddl.ParseFlavor(text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, %s", text, err, diff)
		}
	}
	for _, text := range []string{"", "MySQL", "postgres", "mysql-", "mysql-9", "mysql-9.7-log"} {
		const want = " is no flavor: write `mysql` or `mariadb`, perhaps with a version, as in `mariadb-10.11`"
		if _, err := ddl.ParseFlavor(text); err == nil || err.Error() != "`"+text+"`"+want {
			t.Errorf("%q: %v", text, err)
		}
	}
}
