package account_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestRunner_computes: which account computes an expression of a text while the text
// runs. A function with SQL SECURITY INVOKER writes down as whom it was called. Tables
// take no function in an expression that they keep, programs are only kept, and of views
// MariaDB computes what is constant when they are made.
func TestRunner_computes(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newOwningBed(t, s)
		const texts, provider = "texts", "provider"
		whenMade := func(who string) string { return map[bool]string{true: who}[s.Kind.IsMariaDB()] }
		for own, viewer := range map[string]string{s.LandlordDatabase + "_scratch_0123456789ab": texts, s.Prefix + "a": provider} {
			s.Exec(t, "CREATE DATABASE "+own, "CREATE TABLE "+own+".calls (who VARCHAR(99))", "CREATE TABLE "+own+".t (a INT)", "INSERT INTO "+own+".t VALUES (1)",
				"CREATE FUNCTION "+own+".f() RETURNS INT DETERMINISTIC MODIFIES SQL DATA SQL SECURITY INVOKER BEGIN INSERT INTO "+own+".calls VALUES (CURRENT_USER()); RETURN 1; END")
			if err := b.x.Use(t.Context(), own); err != nil {
				t.Fatal(err)
			}
			r := b.accounts.Runner(b.x, own, account.OnText)
			for _, c := range []struct {
				sql, who string // empty: nobody
				refused  bool   // by every server
			}{
				{sql: "INSERT INTO t VALUES (f())", who: texts},
				{sql: "UPDATE t SET a = f() LIMIT 1", who: texts},
				{sql: "CREATE VIEW v AS SELECT ROUND(1.5, f()) AS a", who: whenMade(viewer)},
				{sql: "ALTER VIEW v AS SELECT REPEAT('x', f()) AS a", who: whenMade(viewer)},
				{sql: "DROP VIEW v"},
				{sql: "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = ROUND(1.5, f())"},
				{sql: "CREATE PROCEDURE p(a INT) BEGIN DECLARE b INT DEFAULT ROUND(1.5, f()); SELECT a LIMIT 1; END"},
				{sql: "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT ROUND(1.5, f())"},
				{sql: "CREATE TABLE d (a INT, b INT DEFAULT (f()))", refused: true},
				{sql: "ALTER TABLE t ADD COLUMN b INT DEFAULT (f())", refused: true},
				{sql: "CREATE TABLE d (a INT, b INT AS (f()) STORED)", refused: true},
				{sql: "ALTER TABLE t ADD COLUMN b INT AS (f())", refused: true},
				{sql: "CREATE TABLE d (a INT, CHECK (a > f()))", refused: true},
				{sql: "CREATE TABLE d (a INT) PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (f()))", refused: true},
				{sql: "CREATE TABLE d (a INT) PARTITION BY HASH (a + f())", refused: true},
				{sql: "CREATE TABLE d (a INT, KEY ((f())))", refused: true},
				{sql: "CREATE TABLE d (a INT DEFAULT (SELECT MAX(a) FROM t))", refused: true},
				{sql: "CREATE TABLE d (a INT, b VARCHAR(99) DEFAULT (LOAD_FILE('/etc/passwd')))", refused: true},
				{sql: "CREATE TABLE d (a INT, b INT DEFAULT (RELEASE_ALL_LOCKS()))", refused: true},
			} {
				x, err := r.For(t.Context(), c.sql)
				if err == nil {
					_, err = x.Exec(t.Context(), c.sql)
				}
				if (err != nil) != c.refused {
					t.Errorf("%s: %s: %v", own, c.sql, err)
				}
				if got := calledAs(t, b, own); got != c.who {
					t.Errorf("%s: %s: computed by %q, want %q", own, c.sql, got, c.who)
				}
			}
			_ = r.End()
			s.Exec(t, "DROP DATABASE "+own)
			r.Close()
			if err := b.accounts.DropOwner(t.Context(), b.x, own); err != nil {
				t.Error(err)
			}
		}
	})
}

// calledAs tells as whom the function was called since it was asked last, and forgets
// it.
func calledAs(t *testing.T, b *bed, own string) string {
	t.Helper()
	var kinds []string
	for _, row := range b.QueryRows(t, "SELECT who FROM "+own+".calls") {
		user, _ := mysql.SplitAccount(row[0])
		switch {
		case strings.HasPrefix(user, b.LandlordDatabase+"_run_"):
			kinds = append(kinds, "texts")
		case row[0] == b.info.Account:
			kinds = append(kinds, "provider")
		default:
			kinds = append(kinds, row[0])
		}
	}
	b.Exec(t, "DELETE FROM "+own+".calls")
	slices.Sort(kinds)
	return strings.Join(slices.Compact(kinds), ", ")
}
