package account_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// accountsOfTenant are the rights of everybody who has anything in the database of
// a tenant.
func accountsOfTenant(own string) map[string][]account.Grant {
	kinds := map[string][]account.Grant{
		"run of a template":      {{Database: own, Privileges: account.OnDatabase}},
		"run of a customization": {{Database: own, Table: "t", Privileges: account.OnTable}, {Database: own, Privileges: "CREATE VIEW, SHOW VIEW, EXECUTE"}},
		"run of rows":            {{Database: own, Privileges: account.OnRows}},
		"run of a condition":     {{Database: own, Privileges: "SELECT"}},
		"owner of programs":      {{Database: own, Privileges: account.OnDatabase + ", EVENT, CREATE ROUTINE, ALTER ROUTINE"}},
	}
	for _, role := range []landlord.AccountRole{landlord.RoleMigrator, landlord.RoleApplication, landlord.RoleReadOnly} {
		kinds["tenant account, "+string(role)] = []account.Grant{{Database: own, Privileges: strings.Join(role.Privileges(), ", ")}}
	}
	return kinds
}

// reach are statements by which an account would get out of its database. {other}
// stands for each database of others, {file} for a file, {self} for the account.
func reach(kinds ...string) []string {
	all := map[string][]string{
		"rows": {
			"SELECT * FROM {other}.t", "TABLE {other}.t", "INSERT INTO {other}.t VALUES (9, 'x')", "REPLACE INTO {other}.t VALUES (9, 'x')", "UPDATE {other}.t SET a = 9", "DELETE FROM {other}.t",
			"UPDATE t, {other}.t AS o SET o.a = 9", "DELETE o FROM t, {other}.t AS o", "INSERT INTO t SELECT * FROM {other}.t", "SELECT {other}.f()", "CALL {other}.p()", "DO (SELECT s FROM {other}.t LIMIT 1)",
			"HANDLER {other}.t OPEN", "SELECT * FROM {other}.v", "LOCK TABLES {other}.t WRITE", "CHECKSUM TABLE {other}.t", "SELECT s FROM {other}.t FOR UPDATE",
		},
		"structure": {
			"DROP TABLE {other}.t", "ALTER TABLE {other}.t ADD b INT", "TRUNCATE {other}.t", "RENAME TABLE t TO {other}.u", "RENAME TABLE {other}.t TO u", "CREATE TABLE {other}.n (a INT)", "DROP DATABASE {other}",
			"ALTER DATABASE {other} CHARACTER SET latin1", "CREATE TABLE n LIKE {other}.t", "CREATE TABLE n AS SELECT * FROM {other}.t", "CREATE VIEW n AS SELECT * FROM {other}.t", "CREATE VIEW {other}.n AS SELECT 1",
			"CREATE TRIGGER {other}.n BEFORE INSERT ON t FOR EACH ROW SET @a = 1", "CREATE PROCEDURE {other}.n() SELECT 1", "CREATE EVENT {other}.n ON SCHEDULE EVERY 1 DAY DO SELECT 1", "DROP VIEW {other}.v", "DROP PROCEDURE {other}.p",
			"CREATE INDEX n ON {other}.t (a)", "CREATE TABLE n (a INT, FOREIGN KEY (a) REFERENCES {other}.t (a))", "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES {other}.t (a)", "OPTIMIZE TABLE {other}.t", "ANALYZE TABLE {other}.t",
			"SHOW CREATE TABLE {other}.t", "SHOW COLUMNS FROM {other}.t", "USE {other}",
		},
		"programs": {
			"CREATE OR REPLACE VIEW n AS SELECT s FROM {other}.t", "CREATE DEFINER = root@localhost VIEW n AS SELECT 1", "CREATE DEFINER = root@localhost PROCEDURE n() SELECT 1", "ALTER DEFINER = root@localhost EVENT n DISABLE",
		},
		"server": {
			"CREATE USER evil", "CREATE ROLE evil", "DROP USER root@localhost", "GRANT SELECT ON *.* TO {self}", "GRANT ALL ON {other}.* TO {self}", "GRANT SELECT ON t TO root@localhost", "REVOKE ALL ON *.* FROM root@localhost", "SET PASSWORD FOR root@localhost = 'x'",
			"ALTER USER root@localhost ACCOUNT LOCK", "CREATE DATABASE evil", "SET GLOBAL max_connections = 10", "SET PERSIST max_connections = 10", "SET @@global.sql_mode = ''", "SET sql_log_bin = 0", "FLUSH TABLES", "FLUSH PRIVILEGES", "SHUTDOWN", "RESTART",
			"INSTALL PLUGIN x SONAME 'y'", "CREATE FUNCTION evil RETURNS INTEGER SONAME 'x.so'", "CREATE SERVER evil FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')", "PURGE BINARY LOGS BEFORE NOW()", "RESET MASTER", "SHOW BINARY LOGS",
			"SELECT * FROM mysql.user", "SELECT * FROM mysql.global_priv", "INSERT INTO mysql.user (Host, User) VALUES ('%', 'evil')", "UPDATE mysql.db SET Select_priv = 'Y'", "DELETE FROM mysql.proc", "KILL {administrator}", "CHANGE MASTER TO MASTER_HOST = 'x'",
			"CLONE LOCAL DATA DIRECTORY = '{made}'", "BACKUP STAGE START", "LOCK INSTANCE FOR BACKUP", "FLUSH TABLES WITH READ LOCK", "ALTER INSTANCE DISABLE INNODB REDO_LOG", "SELECT * FROM performance_schema.setup_actors",
		},
		"files": {
			"SELECT 'x' INTO OUTFILE '{made}'", "SELECT 'x' INTO DUMPFILE '{made}'", "LOAD DATA INFILE '{file}' INTO TABLE t", "LOAD DATA LOCAL INFILE '{file}' INTO TABLE t",
			"CREATE TABLESPACE evil ADD DATAFILE '{made}.ibd'",
		},
	}
	var out []string
	for _, kind := range kinds {
		out = append(out, all[kind]...)
	}
	return out
}

// TestAccounts_walls logs in as each kind of account that there is of a tenant and
// tries the databases of others, the landlord's, the tables of the server, its
// settings and its files. Nothing of it works, nothing is seen, nothing changes.
func TestAccounts_walls(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		own, others := s.Prefix+"a_b", []string{s.Prefix + "c", s.Prefix + "aXb", s.LandlordDatabase}
		const secret = "TOP SECRET 90125"
		folder := t.TempDir()
		file := filepath.Join(folder, "secret.txt")
		if err := os.WriteFile(file, []byte(secret), 0o644); err != nil { //nolint:gosec // the server has to be able to read it
			t.Fatal(err)
		}
		for _, db := range append([]string{own}, others...) {
			s.Exec(t, "CREATE DATABASE "+db, "CREATE TABLE "+db+".t (a INT, s VARCHAR(40), KEY (a))", "CREATE VIEW "+db+".v AS SELECT s FROM "+db+".t",
				"CREATE FUNCTION "+db+".f() RETURNS VARCHAR(40) DETERMINISTIC RETURN '"+secret+"'", "CREATE PROCEDURE "+db+".p() DELETE FROM "+db+".t")
		}
		for _, db := range others {
			s.Exec(t, "INSERT INTO "+db+".t VALUES (1, '"+secret+"')")
		}
		b := newBed(t, s, s.Username, s.Password)
		look := func() string {
			var text strings.Builder
			for _, db := range others {
				fmt.Fprint(&text, s.QueryRows(t, "SELECT * FROM "+db+".t"), s.QueryRows(t, "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_KEY FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY 1, 2", db),
					s.QueryRows(t, "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? ORDER BY 1", db), s.QueryRows(t, "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?", db))
			}
			fmt.Fprint(&text, s.QueryRows(t, "SELECT COUNT(*) FROM mysql.user WHERE User = 'evil'"), s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'evil'"))
			entries, err := os.ReadDir(folder)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(text.String(), len(entries))
		}
		before := look()
		for kind, grants := range accountsOfTenant(own) {
			r := b.open(t, own, grants...)
			tryAll(t, r, kind, strings.NewReplacer("{file}", file, "{made}", filepath.Join(folder, "made"), "{self}", r.Account.String(), "{administrator}", fmt.Sprint(b.x.ID())), others)
			if err := r.Close(); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
			if after := look(); after != before {
				t.Fatalf("%s: before %s\nafter %s", kind, before, after)
			}
		}
	})
}

// tryAll sends everything that none of the accounts may do.
func tryAll(t *testing.T, r *account.Run, kind string, names *strings.Replacer, others []string) {
	t.Helper()
	var statements []string
	for _, db := range others {
		for _, sql := range reach("rows", "structure", "programs") {
			statements = append(statements, strings.ReplaceAll(sql, "{other}", db))
		}
	}
	for _, sql := range reach("server", "files") {
		statements = append(statements, strings.ReplaceAll(sql, "{other}", others[0]))
	}
	for _, sql := range statements {
		rows, err := r.Session.Query(t.Context(), names.Replace(sql))
		if err == nil {
			for rows.Next() { // an error may come with the rows
				continue
			}
			err = rows.Err()
			_ = rows.Close()
		}
		if err == nil {
			t.Errorf("%s: this works: %s", kind, sql)
		}
	}
	for _, sql := range []string{
		"SELECT LOAD_FILE('" + names.Replace("{file}") + "')", "SELECT GROUP_CONCAT(TABLE_COMMENT, TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '" + others[0] + "'",
		"SELECT GROUP_CONCAT(ROUTINE_DEFINITION) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '" + others[0] + "'", "SELECT GROUP_CONCAT(SCHEMA_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '" + others[0] + "'",
		"SELECT GROUP_CONCAT(USER) FROM information_schema.PROCESSLIST WHERE USER <> SUBSTRING_INDEX(USER(), '@', 1)",
	} {
		var seen *string
		if err := r.Session.Row(t.Context(), sql).Scan(&seen); err != nil && !mysql.IsAccessDenied(err) {
			t.Errorf("%s: %s: %v", kind, sql, err)
		}
		if seen != nil {
			t.Errorf("%s: %s shows %q", kind, sql, *seen)
		}
	}
}
