package replay_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/replay"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// wideColumns are more than a strict server puts into a compact row.
var wideColumns = func() string {
	all := make([]string, 60)
	for i := range all {
		all[i] = fmt.Sprintf("c%d TEXT", i)
	}
	return strings.Join(all, ", ")
}()

// Statements mean what they meant in the session in which they ran, also what
// only one of the products has.
func TestReplay_settings(t *testing.T) {
	t.Parallel()
	eachLog(t, func(t *testing.T, kind instance.Kind) {
		s := newScene(t, kind, nil, "CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a','b'))", "INSERT INTO t VALUES (1, 'a')",
			"CREATE TABLE wild (id INT PRIMARY KEY)", "CREATE TABLE emptied (id INT PRIMARY KEY) ENGINE=MEMORY", "INSERT INTO emptied VALUES (1)")
		both := []string{
			"SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
			`CREATE TABLE "quoted" (id INT PRIMARY KEY, "a` + "`" + `b" VARCHAR(20) DEFAULT 'c:\' COMMENT '"x"')`, `INSERT INTO "quoted" (id) VALUES (1)`,
			`CREATE TRIGGER "tq" BEFORE INSERT ON "quoted" FOR EACH ROW SET NEW."a` + "`" + `b" = '\'`,
			"SET sql_mode = ''", "CREATE TABLE computed (id INT PRIMARY KEY, a INT, s TINYINT AS (a * 2) STORED, v TINYINT AS (a * 3) VIRTUAL, KEY (v), e ENUM('a','a'))",
			"INSERT INTO computed (id, a) VALUES (1, 1000)", "UPDATE computed SET a = 2000", "UPDATE t SET e = 'nonsense'", "INSERT INTO t VALUES (0, 'b')",
			"CREATE TABLE numbered (id INT AUTO_INCREMENT PRIMARY KEY)", "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'", "INSERT INTO numbered VALUES (0)",
			"SET time_zone = '+05:00'", "CREATE TABLE zoned (id INT PRIMARY KEY, ts TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00')", "INSERT INTO zoned (id) VALUES (1)",
			"SET timestamp = 1000000000", "ALTER TABLE zoned ADD made DATETIME DEFAULT CURRENT_TIMESTAMP", "SET timestamp = DEFAULT",
			"SET NAMES latin1", "CREATE TABLE latin (id INT PRIMARY KEY COMMENT 'caf\xe9')", "CREATE PROCEDURE latin() SELECT 'caf\xe9'", "SET NAMES utf8mb4",
			"SET foreign_key_checks = 0", "CREATE TABLE orphan (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES nothing (id))", "INSERT INTO orphan VALUES (3)", "SET foreign_key_checks = 1",
			"START TRANSACTION", "INSERT INTO numbered VALUES (5)", "SAVEPOINT s", "INSERT INTO numbered VALUES (6)", "ROLLBACK TO s", "COMMIT",
			"CREATE TEMPORARY TABLE passing (id INT)", "INSERT INTO passing VALUES (1)", "DROP TEMPORARY TABLE passing",
			"RENAME TABLE wild TO " + s.neighbor + ".wild", "DELETE FROM emptied",
			"CREATE DATABASE IF NOT EXISTS " + s.source, "ALTER DATABASE CHARACTER SET latin1", "CREATE TABLE as_database (v VARCHAR(5))",
		}
		only := []string{
			"SET sql_generate_invisible_primary_key = 1", "CREATE TABLE hidden (v INT)", "INSERT INTO hidden (v) VALUES (5), (6)", "UPDATE hidden SET v = 7 WHERE my_row_id = 2",
			"SET sql_generate_invisible_primary_key = 0", "SET default_collation_for_utf8mb4 = 'utf8mb4_general_ci'",
			"CREATE TABLE collated (v VARCHAR(5)) CHARACTER SET utf8mb4", "CREATE TABLE indexed (id INT PRIMARY KEY, v INT, KEY k ((v + 1)), w INT INVISIBLE)",
			"INSERT INTO indexed (id, v, w) VALUES (1, 2, 3)",
			"SET sql_mode = ''", "CREATE TABLE expressed (id INT PRIMARY KEY, v VARCHAR(30), KEY k ((CAST(v AS SIGNED))))", "INSERT INTO expressed VALUES (1, 'abc')",
			"SET restrict_fk_on_non_standard_key = OFF", "CREATE TABLE p (a INT, b INT, KEY (a, b))", "CREATE TABLE c (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES p (a))",
		}
		if s.info.Product == mysql.MariaDB {
			only = []string{
				"SET innodb_strict_mode = OFF", "CREATE TABLE wide (id INT PRIMARY KEY, " + wideColumns + ") ROW_FORMAT=COMPACT", "INSERT INTO wide (id) VALUES (1)", "SET innodb_strict_mode = ON",
				"CREATE SEQUENCE s START WITH 5 INCREMENT BY 3 CACHE 10", "DO NEXTVAL(s)", "DO SETVAL(s, 50)", "CREATE SEQUENCE gone", "DROP SEQUENCE gone",
				"SET binlog_alter_two_phase = 1", "ALTER TABLE t ADD two INT DEFAULT 2", "SET binlog_alter_two_phase = 0",
				"CREATE OR REPLACE TABLE t (id INT PRIMARY KEY, u UUID DEFAULT '00000000-0000-0000-0000-000000000001')", "INSERT INTO t (id) VALUES (1)",
				"SET check_constraint_checks = 0", "CREATE TABLE checked (id INT CHECK (id > 5))", "INSERT INTO checked VALUES (1)",
				"CREATE OR REPLACE PROCEDURE latin() SELECT 2", "CREATE TABLE IF NOT EXISTS t (x INT)",
				"SET STATEMENT max_statement_time = 60 FOR ALTER TABLE t ADD three INT DEFAULT 3",
				"CREATE TABLE leaver (id INT PRIMARY KEY)", "ALTER TABLE leaver WAIT 5 RENAME TO " + s.neighbor + ".leaver",
			}
		}
		setUp(t, s.server, s.source, append(both, only...)...)
		want := s.copy(t, s.source)
		req := s.target(t, "back")
		s.replay(t, req)
		mustEqual(t, s.server, checkpoint.CompareRequest{Database: req.Target, Manifest: want})

		// A database that was dropped and made again is another one.
		s = s.fresh(t, "again", "CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)", "CREATE VIEW v AS SELECT * FROM t",
			"CREATE TABLE child (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES t (id))")
		setUp(t, s.server, s.source, "DROP DATABASE "+s.source, "CREATE DATABASE "+s.source+" CHARACTER SET latin1", "USE "+s.source,
			"CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(5))", "INSERT INTO t VALUES (2, 'x')")
		want = s.copy(t, s.source)
		req = s.target(t, "again_back")
		s.replay(t, req)
		mustEqual(t, s.server, checkpoint.CompareRequest{Database: req.Target, Manifest: want})
	})
}

// A replay works on the only connection of a pool, ends with its context, and
// the next one removes what a killed one left behind.
func TestReplay_accounts(t *testing.T) {
	t.Parallel()
	s := newScene(t, mysqltest.Kinds(t)[0], nil, "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)")
	x := useSession(t, s.server, s.source)
	run(t, x, "INSERT INTO t (v) VALUES (1), (2)")
	for range 8 {
		run(t, x, "INSERT INTO t (v) SELECT v FROM t")
	}
	x.Discard()
	want := s.copy(t, s.source)
	accounts := func() int {
		return len(s.QueryRows(t, "SELECT User FROM mysql.user WHERE LEFT(User, 16) = 'landlord_replay_'"))
	}

	// What a killed run leaves: an account, and a connection that goes on.
	s.Exec(t, "CREATE USER landlord_replay_dead@'%' IDENTIFIED BY 'Dead-1-dead'", "CREATE USER landlord_replayed@'%' IDENTIFIED BY 'Dead-1-dead'")
	dead := s.Open(t, "landlord_replay_dead", "Dead-1-dead", "")
	if err := dead.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}

	req := s.target(t, "stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped by the test")
	req.Progress = func(replay.Progress) { cancel(stopped) }
	if _, err := replay.Run(ctx, s.server, req); !errors.Is(err, stopped) {
		t.Errorf("the replay ended with %v", err)
	}
	if got := accounts(); got != 0 {
		t.Errorf("%d accounts are left by a replay that was stopped", got)
	}

	s.cfg.Endpoint, s.cfg.MaxConnections = s.Socket, 1
	one, err := mysql.Open(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = one.Close() }()
	held, err := one.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := held.Use(t.Context(), s.neighbor); err != nil {
		t.Fatal(err)
	}
	req = s.target(t, "back")
	req.Session = held
	if _, err := replay.Run(t.Context(), one, req); err != nil {
		t.Fatal(err)
	}
	mustEqual(t, s.server, checkpoint.CompareRequest{Database: req.Target, Manifest: want})
	var database string
	if err := held.Row(t.Context(), "SELECT DATABASE()").Scan(&database); err != nil || database != s.neighbor {
		t.Errorf("the session has the default database %q, %v", database, err)
	}
	if got := accounts(); got != 0 {
		t.Errorf("%d accounts are left", got)
	}
	if err := dead.PingContext(t.Context()); err == nil {
		t.Error("the connection of the killed run is still there")
	}
	if got := s.QueryRows(t, "SELECT COUNT(*) FROM mysql.user WHERE User = 'landlord_replayed'"); got[0][0] != "1" {
		t.Error("an account of somebody else is gone")
	}
}
