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
