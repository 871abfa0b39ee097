package account_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestRunner_elsewhere: no text keeps rows in a directory of its choice, however it is
// written. MariaDB asks for no privilege, so the statements that are refused are sent
// without the check too: some of them have to work there, else they prove nothing.
func TestRunner_elsewhere(t *testing.T) {
	t.Parallel()
	const refusal = " DIRECTORY` with a path: leave it out, because rows are kept in their database and MariaDB asks no privilege for any directory"
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		own, folder := s.Prefix+"a", t.TempDir()
		s.Exec(t, "CREATE DATABASE "+own)
		b := newBed(t, s, s.Username, s.Password)
		texts := b.accounts.Runner(b.x, own, account.OnText)
		defer texts.Close()
		x, err := texts.Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		worked := 0
		for i, sql := range []string{
			"CREATE TABLE t (id INT) DATA DIRECTORY='{path}'",
			"CREATE TABLE t (id INT) AUTO_INCREMENT=1e0data\n\tdirectory \"{path}\"",
			"CREATE TABLE t (id INT) DATA/* = */DIRECTORY /*!50100 = */ -- here\n'{path}'",
			"CREATE TABLE t (id INT) COMMENT 'a' /*!999999 ' */ DATA DIRECTORY = '{path}' /*!999999 ' */",
			"CREATE TABLE t (id INT) DATA /*!999999 /* x */ = */ DIRECTORY '{path}'",
			"CREATE TABLE t (id INT) DATA DIRECTORY '\\{path}'",
			"CREATE TABLE t (id INT) PARTITION BY HASH (id) (PARTITION p0 /*! DATA */ DIRECTORY = '{path}')",
			"CREATE OR REPLACE SEQUENCE t DATA DIRECTORY '{path}'",
		} {
			sql = strings.ReplaceAll(sql, "{path}", filepath.Join(folder, string(rune('a'+i))))
			if _, err := texts.For(t.Context(), sql); err == nil || err.Error() != "the statement has `DATA"+refusal {
				t.Errorf("%s: %v", sql, err)
			}
			if _, err := account.Texts(x).Exec(t.Context(), sql); err == nil || err.Error() != "the statement has `DATA"+refusal {
				t.Errorf("%s, about rows: %v", sql, err)
			}
			if _, err := x.Exec(t.Context(), sql); err == nil {
				worked++
			}
			s.Exec(t, "DROP TABLE IF EXISTS "+own+".t")
		}
		if most := 8; s.Kind.IsMariaDB() && worked != most || !s.Kind.IsMariaDB() && worked > 0 {
			t.Errorf("%d of them work on %s", worked, s.Kind)
		}
		for _, sql := range []string{
			"CREATE PROCEDURE p() CREATE TABLE t (id INT) DATA DIRECTORY '/srv/x'", "CREATE TABLE t (id INT, KEY (id)) ENGINE=MyISAM INDEX DIRECTORY='/srv/x'",
		} {
			if _, err := texts.For(t.Context(), sql); err == nil || !strings.HasSuffix(err.Error(), refusal) {
				t.Errorf("%s: %v", sql, err)
			}
		}
		for _, sql := range []string{
			"CREATE TABLE t (id INT COMMENT 'of the data directory', directory VARCHAR(90) DEFAULT '/srv')", "INSERT INTO t (id, directory) VALUES (1, 'data directory \"/srv\"')",
			"CREATE OR REPLACE VIEW " + own + ".v AS SELECT id AS data, directory, '/srv' AS x FROM " + own + ".t", "ALTER TABLE t COMMENT 'the data directory: it''s /srv'", "DROP VIEW " + own + ".v", "DROP TABLE t",
		} {
			x, err := texts.For(t.Context(), sql)
			if err != nil {
				t.Errorf("%s: %v", sql, err)
				continue
			}
			if _, err := x.Exec(t.Context(), sql); err != nil {
				t.Errorf("%s: %v", sql, err)
			}
		}
	})
}

// TestRunner_password: no text gives its account a password that it knows, so that
// somebody could log in beside it.
func TestRunner_password(t *testing.T) {
	t.Parallel()
	const refusal = "the statement has `SET PASSWORD`: only variables may be set, because who knows the password of the account that runs a text could log in beside it, and another statement could be any"
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		own := s.Prefix + "a"
		s.Exec(t, "CREATE DATABASE "+own, "CREATE TABLE "+own+".t (a INT)", "INSERT INTO "+own+".t VALUES (1)", "CREATE TABLE "+own+".u (id INT, password VARCHAR(9))",
			"CREATE PROCEDURE "+own+".plain() SQL SECURITY INVOKER SET PASSWORD = 'known'", "CREATE FUNCTION "+own+".calls() RETURNS INT DETERMINISTIC SQL SECURITY INVOKER BEGIN CALL "+own+".plain(); RETURN 1; END")
		b := newBed(t, s, s.Username, s.Password)
		texts := b.accounts.Runner(b.x, own, account.OnText)
		defer texts.Close()
		x, err := texts.Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var user string
		if err := x.Row(t.Context(), "SELECT CURRENT_USER()").Scan(&user); err != nil {
			t.Fatal(err)
		}
		password := func() [][]string {
			return s.QueryRows(t, "SELECT authentication_string FROM mysql.user WHERE CONCAT(User, '@', Host) = ?", user)
		}
		before := password()
		for _, sql := range []string{
			"SET PASSWORD = PASSWORD('known')", "SET PASSWORD TO RANDOM", "SET PASSWORD /* x */ FOR CURRENT_USER() = PASSWORD('known')", "SET @a = (1, 2) = (1, 2), PASSWORD := PASSWORD('known')", "/*!50000 SET */ -- x\n password = 'known'",
			"SET @a = 1 /*!999999 ' */, PASSWORD = PASSWORD('known') /*!999999 ' */", "/*!999999 SELECT */ SET PASSWORD = PASSWORD('known')", "/*M!100100 SET */ /*!100101 SET */ PASSWORD = PASSWORD('known')",
			"SET @a = '\\', PASSWORD = PASSWORD(CONCAT('x')) -- '",
		} {
			if _, err := texts.For(t.Context(), sql); err == nil || err.Error() != refusal {
				t.Errorf("%s: %v", sql, err)
			}
			if _, err := account.Texts(x).Exec(t.Context(), sql); err == nil || err.Error() != refusal {
				t.Errorf("%s, about rows: %v", sql, err)
			}
		}
		for _, sql := range []string{"ALTER USER USER() IDENTIFIED BY 'known'", "ALTER USER CURRENT_USER() IDENTIFIED BY RANDOM PASSWORD", "SELECT calls()", "UPDATE t SET a = calls()"} {
			if _, err := account.Texts(x).Exec(t.Context(), sql); err == nil {
				t.Errorf("%s works", sql)
			}
		}
		for _, sql := range []string{"SET @a = 1, @b := (SELECT MAX(a) FROM t), @password = 'set password', @c = CONCAT('PASSWORD', @password)", "/*!40101 SET @d = @@sql_mode */", "UPDATE u SET id = 1, password = 'x'", "SET sql_mode = ''"} {
			if _, err := account.Texts(x).Exec(t.Context(), sql); err != nil {
				t.Errorf("%s: %v", sql, err)
			}
		}
		if after := password(); len(after) != 1 || after[0][0] != before[0][0] {
			t.Errorf("the account has another password: before %q, after %q", before, after)
		}
	})
}

// TestRunner_schedule: who makes an event computes its schedule, so that a function in it
// has the rights and the locks of the provider. What is refused is sent without the check
// too, to see that it works there; subqueries and stored functions servers refuse.
func TestRunner_schedule(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		own := s.Prefix + "a"
		s.Exec(t, "CREATE DATABASE "+own, "CREATE TABLE "+own+".t (a INT)", "CREATE FUNCTION "+own+".f() RETURNS INT DETERMINISTIC RETURN 1")
		b := newBed(t, s, s.Username, s.Password)
		texts := b.accounts.Runner(b.x, own, account.OnText)
		defer texts.Close()
		if err := b.x.Use(t.Context(), own); err != nil {
			t.Fatal(err)
		}
		lock := s.Prefix + "mine"
		const gives = "CREATE EVENT gives ON SCHEDULE EVERY 1 + RELEASE_ALL_LOCKS() DAY DISABLE DO SELECT 1"
		held := func() string { return s.QueryRows(t, "SELECT IS_USED_LOCK(?) IS NOT NULL", lock)[0][0] }
		if err := b.x.Lock(t.Context(), lock, 0); err != nil {
			t.Fatal(err)
		}
		for sql, word := range map[string]string{
			gives: "RELEASE_ALL_LOCKS", "ALTER EVENT gives ON SCHEDULE EVERY @@port DAY": "@@port",
			"CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS NOW() + INTERVAL ASCII(LOAD_FILE('/etc/passwd')) DAY DO SELECT 1": "ASCII",
			"CREATE /*!50106 EVENT e ON SCHEDULE AT NOW() + INTERVAL SLEEP(5) DAY DO SELECT 1 */":                            "SLEEP",
		} {
			want := "the schedule of the event has `" + word + "`: only values, the present moment and functions that compute with dates may stand there, because it is computed with the rights of the provider"
			if _, err := texts.For(t.Context(), sql); err == nil || err.Error() != want {
				t.Errorf("%s: %v", sql, err)
			}
		}
		if held() != "1" {
			t.Error("the lock is gone although nothing was sent")
		}
		for _, sql := range []string{"CREATE EVENT e ON SCHEDULE EVERY (SELECT a FROM t) DAY DO SELECT 1", "CREATE EVENT e ON SCHEDULE EVERY " + own + ".f() DAY DO SELECT 1"} {
			if _, err := b.x.Exec(t.Context(), sql); err == nil {
				t.Errorf("this works: %s", sql)
			}
		}
		if _, err := b.x.Exec(t.Context(), gives); err != nil || held() != "0" {
			t.Errorf("the schedule was not computed by who made the event: %v", err)
		}
		const moment = "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS TIMESTAMP(CURRENT_DATE) + INTERVAL 27 HOUR DISABLE DO SELECT SLEEP(1)"
		x, err := texts.For(t.Context(), moment)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.Exec(t.Context(), moment); err != nil {
			t.Error(err)
		}
	})
}
