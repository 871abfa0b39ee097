package replay_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/replay"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// A scene is a server with a binary log, a database whose changes are replayed,
// its copies, and a neighbor.
type scene struct {
	*mysqltest.PrivateServer

	server   *mysql.Server
	info     mysql.Info
	cfg      mysql.Config
	source   string
	neighbor string
	first    *checkpoint.Manifest
}

// newScene starts a server and runs the statements in the source.
func newScene(t testing.TB, kind instance.Kind, args []string, statements ...string) *scene {
	t.Helper()
	args = append([]string{"--log-bin=binlog", "--binlog-format=ROW", "--server-id=1"}, args...)
	s := &scene{PrivateServer: mysqltest.Private(t, kind, mysqltest.Args(args...))}
	s.server = open(t, s.Server, 4)
	s.info = infoOf(t, s.server)
	s.cfg = mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password}
	s.source, s.neighbor = createDatabase(t, s.Server, "live"), createDatabase(t, s.Server, "next")
	setUp(t, s.server, s.neighbor, "CREATE TABLE n (id INT PRIMARY KEY)", "INSERT INTO n VALUES (1)")
	setUp(t, s.server, s.source, statements...)
	s.first = s.copy(t, s.source)
	return s
}

func (s *scene) copy(t testing.TB, database string) *checkpoint.Manifest {
	t.Helper()
	return take(t, s.server, checkpoint.Request{Database: database, Directory: filepath.Join(t.TempDir(), "copy")})
}

// moment waits until what was done before and what is done afterwards differ in
// the log, and returns the time between them.
func (s *scene) moment(t testing.TB) time.Time {
	t.Helper()
	unit := time.Microsecond
	if s.info.Product == mysql.MariaDB {
		unit = time.Second
	}
	var now time.Time
	ask := func() time.Time {
		if err := s.server.Row(t.Context(), "SELECT NOW(6)").Scan(&now); err != nil {
			t.Fatal(err)
		}
		return now.Truncate(unit)
	}
	for before := ask(); !ask().After(before); {
		time.Sleep(20 * time.Millisecond)
	}
	return now.Truncate(unit)
}

// target loads the first copy beside the source.
func (s *scene) target(t testing.TB, name string) replay.Request {
	t.Helper()
	target := createDatabase(t, s.Server, name)
	load(t, s.server, checkpoint.LoadRequest{Directory: s.first.Directory(), Database: target, TablesOnly: true})
	schema, err := s.first.Schema()
	if err != nil {
		t.Fatal(err)
	}
	return replay.Request{
		Source: s.source, Target: target, Programs: *schema, From: replay.LogPosition(s.first), Config: s.cfg,
	}
}

func (s *scene) replay(t testing.TB, req replay.Request) *replay.Result {
	t.Helper()
	out, err := replay.Run(t.Context(), s.server, req)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// eachLog calls a subtest for every kind of server.
func eachLog(t *testing.T, test func(t *testing.T, kind instance.Kind)) {
	t.Helper()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			test(t, kind)
		})
	}
}

// Rows, structure and an accident: the database is what it was just before it.
func TestReplay(t *testing.T) {
	t.Parallel()
	eachLog(t, func(t *testing.T, kind instance.Kind) {
		s := newScene(
			t, kind, nil,
			"CREATE TABLE n (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(40), KEY (note))",
			"INSERT INTO n (note) VALUES ('one'), ('two'), ('three')",
			"CREATE TABLE parent (id INT PRIMARY KEY, v INT)",
			"CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE)",
			"CREATE TABLE grandchild (id INT PRIMARY KEY, c INT, FOREIGN KEY (c) REFERENCES child (id) ON DELETE SET NULL)",
			"INSERT INTO parent VALUES (1, 10), (2, 20), (3, 30)", "INSERT INTO child VALUES (1, 1), (2, 2), (3, 3)",
			"INSERT INTO grandchild VALUES (1, 1), (2, 2), (3, 3)",
			"CREATE TABLE keyless (a INT, b VARCHAR(10), c DOUBLE, d BINARY(4), e TEXT CHARACTER SET latin1)",
			"INSERT INTO keyless VALUES (1, 'x', 0.1, 'ab', 'é'), (1, 'x', 0.1, 'ab', 'é'), (NULL, NULL, NULL, NULL, NULL), (2, 'X', -0.5, '', '')",
			"CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(40))",
			"CREATE TRIGGER t_one AFTER INSERT ON n FOR EACH ROW INSERT INTO audit (note) VALUES (CONCAT('one ', NEW.note))",
			"CREATE TRIGGER t_two AFTER INSERT ON n FOR EACH ROW INSERT INTO audit (note) VALUES (CONCAT('two ', NEW.note))",
			"CREATE VIEW v AS SELECT id, note FROM n", "CREATE PROCEDURE p() SELECT 1",
			"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM audit",
			"CREATE TABLE gone (id INT PRIMARY KEY)", "INSERT INTO gone VALUES (1)",
			"CREATE TABLE other (id INT PRIMARY KEY, note VARCHAR(10))", "INSERT INTO other VALUES (1, 'kept')",
		)
		changeEverything(t, s)
		before := s.moment(t)
		want := s.copy(t, s.source)
		s.moment(t)
		setUp(t, s.server, s.source, "DROP TABLE grandchild, child", "DELETE FROM n", "DROP VIEW v")
		setUp(t, s.server, s.neighbor, "INSERT INTO n VALUES (2)")
		live := s.copy(t, s.source)
		neighbor := s.copy(t, s.neighbor)

		req := s.target(t, "back")
		req.Until, req.EventsDisabled = before, true
		out := s.replay(t, req)

		mustEqual(t, s.server, checkpoint.CompareRequest{Database: req.Target, Manifest: want, EventsDisabled: true})
		wanted, err := want.Schema()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(events(wanted.Objects), events(out.Schema.Objects)); diff != "" {
			t.Errorf("the events of the report: %s", diff)
		}
		mustEqual(t, s.server, checkpoint.CompareRequest{Database: s.source, Manifest: live})
		mustEqual(t, s.server, checkpoint.CompareRequest{Database: s.neighbor, Manifest: neighbor})
		if !out.Reached || out.Transactions == 0 || out.Rows == 0 || out.Statements == 0 || !out.CommittedAt.Before(before) {
			t.Errorf("until %s the report is %+v", before, out)
		}
		if left := s.QueryRows(t, "SELECT User FROM mysql.user WHERE User LIKE 'landlord_replay_%'"); len(left) > 0 {
			t.Errorf("accounts are left: %v", left)
		}
	})
}

func events(objects []ddl.Object) []ddl.Object {
	return slices.DeleteFunc(slices.Clone(objects), func(o ddl.Object) bool { return o.Kind != ddl.KindEvent })
}

// changeEverything changes rows and structure in the ways that matter.
func changeEverything(t testing.TB, s *scene) {
	t.Helper()
	db := func(name string) string { return mysql.Qualified(s.source, name) }
	setUp(
		t, s.server, s.source,
		"INSERT INTO n (note) VALUES ('four'), ('five')", "UPDATE n SET id = id + 100 WHERE note = 'two'", "DELETE FROM n WHERE note = 'one'",
		"UPDATE parent SET id = 11 WHERE id = 1", "DELETE FROM parent WHERE id = 2", "DELETE FROM child WHERE id = 3",
		"DELETE FROM keyless WHERE a = 1 LIMIT 1", "UPDATE keyless SET c = 0.30000000000000004, e = 'ö' WHERE b = 'X'", "DELETE FROM keyless WHERE a IS NULL",
		"ALTER TABLE n ADD extra TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP FIRST, ADD COLUMN twice VARCHAR(80) AS (CONCAT(note, note)) STORED",
		"INSERT INTO n (note) VALUES ('after')",
		"CREATE TABLE made (id INT PRIMARY KEY, v INT, note VARCHAR(10) DEFAULT 'x')", "INSERT INTO made (id, v) VALUES (1, 2), (3, 4)",
		"RENAME TABLE made TO made2", "UPDATE made2 SET v = v + 1", "CREATE INDEX by_v ON made2 (v)",
		"CREATE TABLE chosen AS SELECT id, note FROM n WHERE id > 3", "DELETE FROM chosen LIMIT 1",
		"TRUNCATE TABLE other", "INSERT INTO other VALUES (7, 'again')",
		"DROP TABLE gone",
		"ALTER TABLE audit RENAME TO log, ALGORITHM=INPLACE",
		"DROP TRIGGER t_one", "DROP TRIGGER t_two",
		"CREATE TRIGGER t_last AFTER INSERT ON n FOR EACH ROW INSERT INTO log (note) VALUES (CONCAT('last ', NEW.note))",
		"CREATE TRIGGER t_first AFTER INSERT ON n FOR EACH ROW PRECEDES t_last INSERT INTO "+db("log")+" (note) VALUES (CONCAT('first ', NEW.note))",
		"INSERT INTO n (note) VALUES ('six')",
		"RENAME TABLE other TO other2, parent TO parent2",
		"CREATE TRIGGER t_other BEFORE INSERT ON other2 FOR EACH ROW SET NEW.note = 'T'", "RENAME TABLE other2 TO other",
		"CREATE OR REPLACE VIEW v AS SELECT note FROM "+db("n"), "CREATE VIEW w AS SELECT * FROM v", "RENAME TABLE w TO w2",
		"ALTER PROCEDURE p COMMENT 'altered'", "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN a + 1",
		"ALTER EVENT e ON SCHEDULE EVERY 2 DAY RENAME TO e2 DISABLE", "CREATE EVENT e3 ON SCHEDULE AT '2037-01-01' DO TRUNCATE TABLE "+db("log"),
		"SET foreign_key_checks = 0", "INSERT INTO grandchild VALUES (9, 99)", "SET foreign_key_checks = 1",
	)
	// Over names with a database, while another one is the default.
	setUp(
		t, s.server, s.neighbor,
		"ALTER TABLE "+db("made2")+" ADD far INT DEFAULT 5", "INSERT INTO "+db("made2")+" VALUES (8, 8, 'far', 8)", "INSERT INTO n VALUES (50)",
		"CREATE TABLE "+db("copied")+" LIKE "+db("n"), "TRUNCATE "+db("chosen"),
		"DROP TABLE IF EXISTS nothing, "+db("keyless"),
		"CREATE TABLE "+db("keyless")+" (a INT)",
		"DROP TABLE "+db("log"),
		"CREATE TABLE "+db("log")+" (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(40))", "INSERT INTO "+db("n")+" (note) VALUES ('end')",
	)
}
