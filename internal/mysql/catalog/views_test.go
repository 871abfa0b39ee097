package catalog_test

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestReading_functionsOfViews: a tenant's function must not write with the rights of
// whoever reads the structure of the tenant's database. MariaDB calls it then, where a
// view hands it constants and both have SQL SECURITY INVOKER; MySQL does not. What is
// sent past our sessions shows that.
func TestReading_functionsOfViews(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := sessiontest.NewBench(t, s, s.Prefix+"a")
		b.Run(t, "CREATE DATABASE "+s.Prefix+"b", "CREATE TABLE "+s.Prefix+"b.calls (who VARCHAR(90))", "CREATE TABLE mine (id INT AUTO_INCREMENT PRIMARY KEY)",
			"CREATE FUNCTION evil() RETURNS INT DETERMINISTIC MODIFIES SQL DATA SQL SECURITY INVOKER BEGIN INSERT INTO "+s.Prefix+"b.calls VALUES (CURRENT_USER()); RETURN 1; END",
			"CREATE SQL SECURITY INVOKER VIEW opened AS SELECT ROUND(1.5, evil()) AS n FROM mine")
		calls := func() int { return len(s.QueryRows(t, "SELECT who FROM "+s.Prefix+"b.calls")) }
		forget := func() { s.Exec(t, "DELETE FROM "+s.Prefix+"b.calls") }
		forget() // MariaDB called it when the view was made
		for _, query := range []string{
			"SHOW CREATE VIEW " + s.Prefix + "a.opened", "SELECT COUNT(COLUMN_NAME) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '" + s.Prefix + "a'",
			"SELECT COUNT(TABLE_ROWS) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '" + s.Prefix + "a'",
		} {
			s.QueryRows(t, query)
			if n := calls(); n == 0 && s.Kind.IsMariaDB() || n > 0 && !s.Kind.IsMariaDB() {
				t.Errorf("%s: the function was called %d times", query, n)
			}
			forget()
		}
		which := catalog.Databases{Names: []string{s.Prefix + "a"}}
		if err := catalog.Describe(t.Context(), b, b.Info, which, func(catalog.DescribeRow) error { return nil }); err != nil {
			t.Error(err)
		}
		if _, err := catalog.TableUsages(t.Context(), b.Session, b.Info, which); err != nil {
			t.Error(err)
		}
		_, err := catalog.DumpDatabase(t.Context(), b, b.Info, s.Prefix+"a")
		switch {
		case !s.Kind.IsMariaDB() && err != nil:
			t.Error(err)
		case s.Kind.IsMariaDB() && (err == nil || !strings.HasPrefix(err.Error(), "show the view `opened`: a view calls a function with constants only, MariaDB computes that whenever the view is read, and the function changes rows: it is kept from that,")):
			t.Errorf("got %v", err)
		}
		if n := calls(); n != 0 {
			t.Errorf("a function of the tenant wrote %d times with the rights of who read", n)
		}
	})
}
