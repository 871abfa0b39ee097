package catalog_test

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestDump_unopenedView: what is written of a view that cannot be opened without running
// what it calls is what the server prints of it.
func TestDump_unopenedView(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := sessiontest.NewBench(t, s, s.Prefix+"a")
		b.Run(t, "CREATE TABLE t (`a``b` INT, n INT)", "CREATE TABLE calls (n INT)", "CREATE FUNCTION f() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN INSERT INTO calls VALUES (1); RETURN 1; END",
			"CREATE SQL SECURITY INVOKER VIEW v1 AS SELECT `a``b`, f() AS `x y` FROM t WHERE n > 0 WITH LOCAL CHECK OPTION",
			"CREATE ALGORITHM=MERGE SQL SECURITY DEFINER VIEW v2 (one) AS SELECT n FROM t WHERE n > f() WITH CASCADED CHECK OPTION",
			"CREATE ALGORITHM=TEMPTABLE SQL SECURITY INVOKER VIEW v3 AS SELECT COUNT(*) AS n, f() AS f FROM t UNION SELECT 1, 2")
		for _, name := range []string{"v1", "v2", "v3"} {
			printed := s.QueryRows(t, "SHOW CREATE VIEW "+s.Prefix+"a."+name)[0][1]
			dump, err := catalog.DumpDatabase(t.Context(), b, b.Info, s.Prefix+"a")
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range dump.Objects {
				if o.Name == name && o.SQL != strings.ReplaceAll(printed, mysql.Quote(s.Prefix+"a")+".", "") {
					t.Errorf("written %s\nprinted %s", o.SQL, printed)
				}
			}
		}
		if n := len(s.QueryRows(t, "SELECT 1 FROM "+s.Prefix+"a.calls")); n > 0 && !s.Kind.IsMariaDB() {
			t.Errorf("the function was called %d times", n)
		}
	})
}

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
		dump, err := catalog.DumpDatabase(t.Context(), b, b.Info, s.Prefix+"a")
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range dump.Objects {
			if o.Name == "opened" && !strings.Contains(o.SQL, "SQL SECURITY INVOKER VIEW `opened` AS select round(1.5,") {
				t.Errorf("the view is %s", o.SQL)
			}
		}
		if n := calls(); n != 0 {
			t.Errorf("a function of the tenant wrote %d times with the rights of who read", n)
		}
	})
}
