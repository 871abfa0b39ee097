package account_test

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestRunner_walls: what only looks like a program, or moves one, reaches no other
// database with the rights of the provider.
func TestRunner_walls(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		own, other := s.Prefix+"a", s.Prefix+"b"
		for _, db := range []string{own, other} {
			s.Exec(t, "CREATE DATABASE "+db, "CREATE TABLE "+db+".t (a INT)", "CREATE VIEW "+db+".v AS SELECT a FROM "+db+".t",
				"CREATE EVENT "+db+".e ON SCHEDULE EVERY 1 YEAR DISABLE DO DO 1")
		}
		b := newBed(t, s, s.Username, s.Password)
		if err := b.x.Use(t.Context(), own); err != nil {
			t.Fatal(err)
		}
		look := func() [][]string {
			return s.QueryRows(t, "SELECT 'table', TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?"+
				" UNION ALL SELECT 'event', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? ORDER BY 1, 2", other, other)
		}
		before := look()
		texts := b.accounts.Runner(b.x, own, account.OnText)
		defer texts.Close()
		for _, sql := range []string{
			"/*!99999 CREATE VIEW w AS SELECT 1 */ DROP TABLE {other}.t", "CREATE /*!99999 VIEW w AS SELECT 1 -- */ TABLE {other}.n (a INT)",
			"DROP /*!99999 VIEW */ TABLE {other}.t", "DROP VIEW v /*!99999 RESTRICT */, {other}.v", "ALTER EVENT e RENAME TO {other}.f",
		} {
			sql = strings.ReplaceAll(sql, "{other}", other)
			x, err := texts.For(t.Context(), sql)
			if err == nil {
				_, err = x.Exec(t.Context(), sql)
			}
			if err == nil {
				t.Errorf("this works: %s", sql)
			}
			if after := look(); len(after) != len(before) {
				t.Fatalf("%s: before %q, after %q", sql, before, after)
			}
		}
	})
}
