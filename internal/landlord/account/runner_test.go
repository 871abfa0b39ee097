package account_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
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
				" UNION ALL SELECT 'event', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?"+
				" UNION ALL SELECT 'routine', ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? ORDER BY 1, 2", other, other, other)
		}
		before := look()
		texts := b.accounts.Runner(b.x, own, account.OnText)
		defer texts.Close()
		for _, sql := range []string{
			"/*!99999 CREATE VIEW w AS SELECT 1 */ DROP TABLE {other}.t", "CREATE /*!99999 VIEW w AS SELECT 1 -- */ TABLE {other}.n (a INT)",
			"DROP /*!99999 VIEW */ TABLE {other}.t", "DROP VIEW v /*!99999 RESTRICT */, {other}.v", "ALTER EVENT e RENAME TO {other}.f",
			"DROP VIEW IF EXISTS .v, {other}.v", "DROP VIEW IF EXISTS {other} 1.e.v", "CREATE VIEW {other} 1.e.w AS SELECT 1", "CREATE PROCEDURE {other} 1.e.p() SELECT 1",
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

// TestRunner_library: a text that drops a function drops none that the whole server has
// from a library. MySQL brings such a library along.
func TestRunner_library(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		const name = "service_get_read_locks"
		own := s.Prefix + "a"
		s.Exec(t, "CREATE DATABASE "+own)
		loaded := func() [][]string { return s.QueryRows(t, "SELECT name FROM mysql.func WHERE name = ?", name) }
		var want [][]string
		if !s.Kind.IsMariaDB() {
			s.Exec(t, "CREATE FUNCTION "+name+" RETURNS INT SONAME 'locking_service.so'")
			defer s.Exec(t, "DROP FUNCTION "+name)
			want = [][]string{{name}}
		}
		b := newOwningBed(t, s)
		if err := b.x.Use(t.Context(), own); err != nil {
			t.Fatal(err)
		}
		texts := b.accounts.Runner(b.x, own, account.OnText)
		defer texts.Close()
		for _, sql := range []string{
			"CREATE FUNCTION {f}() RETURNS INT DETERMINISTIC RETURN 1", "DROP FUNCTION {f}", "DROP FUNCTION IF EXISTS {f}", "DROP /*!99999 PROCEDURE p -- */ FUNCTION IF EXISTS {f}",
		} {
			if sql = strings.ReplaceAll(sql, "{f}", name); strings.HasPrefix(sql, "CREATE") {
				sql = strings.Replace(sql, name, own+"."+name, 1)
			}
			x, err := texts.For(t.Context(), sql)
			if err == nil {
				_, err = x.Exec(t.Context(), sql)
			}
			if err != nil && !mysql.IsAccessDenied(err) {
				t.Errorf("%s: %v", sql, err)
			}
			if got := loaded(); !cmp.Equal(got, want) {
				t.Fatalf("%s: %q", sql, got)
			}
		}
		if left := s.QueryRows(t, "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?", own); len(left) > 0 {
			t.Errorf("the function of the database is still there: %q", left)
		}
	})
}

// TestRunner_programs: what a text calls or sets off reaches no more than the text,
// in a database of each kind.
func TestRunner_programs(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		other := s.Prefix + "b"
		s.Exec(t, "CREATE DATABASE "+other, "CREATE TABLE "+other+".t (a INT)")
		b := newOwningBed(t, s)
		for _, own := range []string{s.Prefix + "a", s.Prefix + "template_a", s.LandlordDatabase + "_scratch_0123456789ab"} {
			s.Exec(t, "CREATE DATABASE "+own, "CREATE TABLE "+own+".t (a INT)")
			if err := b.x.Use(t.Context(), own); err != nil {
				t.Fatal(err)
			}
			texts := b.accounts.Runner(b.x, own, account.OnText)
			send := func(sql string) error {
				x, err := texts.For(t.Context(), sql)
				if strings.HasPrefix(sql, "CALL") { // which no text may
					x, err = texts.Session(t.Context())
				}
				if err == nil {
					_, err = x.Exec(t.Context(), sql)
				}
				return err
			}
			for _, sql := range []string{
				"CREATE PROCEDURE p() INSERT INTO " + other + ".t VALUES (1)",
				"CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW INSERT INTO " + other + ".t VALUES (1)",
			} {
				if err := send(sql); err != nil {
					t.Errorf("%s: %s: %v", own, sql, err)
				}
			}
			for _, sql := range []string{"CALL p()", "INSERT INTO t VALUES (1)"} {
				if err := send(sql); !mysql.IsAccessDenied(err) {
					t.Errorf("%s: %s: %v", own, sql, err)
				}
			}
			_ = texts.End()
			s.Exec(t, "DROP DATABASE "+own)
			texts.Close()
			if err := b.accounts.DropOwner(t.Context(), b.x, own); err != nil {
				t.Error(err)
			}
		}
		if left := s.QueryRows(t, "SELECT User FROM mysql.user WHERE User LIKE ?", s.LandlordDatabase+`_%`); len(left) > 0 {
			t.Errorf("accounts are left: %q", left)
		}
	})
}

// TestRunner_lasting: no text leaves a distributed transaction behind, which would
// outlive its account with all its locks: neither by itself nor by what it calls or
// sets off.
func TestRunner_lasting(t *testing.T) {
	t.Parallel()
	const refusal = ": only one that changes rows or structure may run, because a distributed transaction (XA) outlives the account that runs it"
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		own := s.Prefix + "a"
		s.Exec(t, "CREATE DATABASE "+own, "CREATE TABLE "+own+".t (a INT)", "INSERT INTO "+own+".t VALUES (1)", "CREATE TABLE "+own+".u (a INT)", "INSERT INTO "+own+".u VALUES (1)",
			"CREATE PROCEDURE "+own+".begins() XA START 'landlord'", "CREATE TRIGGER "+own+".sets_off BEFORE DELETE ON "+own+".t FOR EACH ROW CALL "+own+".begins()",
			"CREATE FUNCTION "+own+".calls() RETURNS INT DETERMINISTIC BEGIN CALL "+own+".begins(); RETURN 1; END")
		b := newBed(t, s, s.Username, s.Password)
		texts := b.accounts.Runner(b.x, own, account.OnText)
		defer texts.Close()
		for sql, want := range map[string]string{
			"XA START 'landlord'":                                 "the statement begins with `XA START`" + refusal,
			"/*!50000 XA */ BEGIN 'landlord'":                     "the statement begins with `XA BEGIN`" + refusal,
			"CALL begins()":                                       "the statement begins with `CALL begins`" + refusal,
			"PREPARE s FROM 'XA START \"landlord\"'":              "the statement begins with `PREPARE s`" + refusal,
			"EXECUTE IMMEDIATE 'XA START \"landlord\"'":           "the statement begins with `EXECUTE IMMEDIATE`" + refusal,
			"BEGIN NOT ATOMIC XA START 'landlord'; END":           "the statement begins with `BEGIN NOT`" + refusal,
			"IF 1 THEN XA START 'landlord'; END IF":               "the statement begins with `IF 1`" + refusal,
			"/*!999999 SELECT */ XA START 'landlord'":             "the statement begins with `XA START`" + refusal,
			"/*M!100100 XA */ /*!999999 SELECT */ START":          "the statement begins with `XA`" + refusal,
			"/*!999999 ' */ XA START 'landlord'":                  "the statement begins with `' */ XA START 'landlord`" + refusal,
			"SET STATEMENT lock_wait_timeout=1 FOR CALL begins()": "the statement has `SET STATEMENT`: only variables may be set, because who knows the password of the account that runs a text could log in beside it, and another statement could be any",
			"DELETE FROM t":                                       "",
			"UPDATE u SET a = calls()":                            "",
			"INSERT INTO u VALUES (calls())":                      "",
			"SELECT 1 FROM t WHERE calls() INTO @a":               "",
			"DO calls()":                                          "",
		} {
			x, err := texts.For(t.Context(), sql)
			if want != "" {
				if err == nil || err.Error() != want {
					t.Errorf("%s: %v", sql, err)
				}
				if x, err = texts.Session(t.Context()); err != nil {
					t.Fatal(err)
				}
				if _, err := account.Texts(x).Exec(t.Context(), sql); err == nil || err.Error() != want {
					t.Errorf("%s, about rows: %v", sql, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			_, _ = x.Exec(t.Context(), sql) // most are errors of the server
			if _, err := x.Exec(t.Context(), "COMMIT"); err != nil {
				t.Errorf("%s has begun a distributed transaction: %v", sql, err)
			}
		}
		if left := s.QueryRows(t, "XA RECOVER"); len(left) > 0 {
			t.Errorf("prepared transactions are left: %q", left)
		}
	})
}
