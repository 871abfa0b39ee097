package binlog

import (
	"context"
	"database/sql"
	"encoding/binary"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

var record = flag.Bool("record", false, "record the logs of testdata from real servers, with what is read of them, anew")

// A recording is what is done on a server whose log is kept in testdata.
type recording struct {
	on    func(instance.Kind) bool // nil: every kind
	setup []string                 // before the log that is kept
	run   []string
}

func onMySQL(k instance.Kind) bool   { return !k.IsMariaDB() }
func onMariaDB(k instance.Kind) bool { return k.IsMariaDB() }

const recordedTable = "CREATE TABLE d.t (id INT PRIMARY KEY, a BIGINT UNSIGNED, b DECIMAL(20,5), c DOUBLE, d DATETIME(6), e TIME(3), f TIMESTAMP NULL, g YEAR," +
	" h CHAR(10), i VARCHAR(300), j BLOB, k ENUM('x','y'), l SET('p','q'), m BIT(9), n JSON, o POINT)"

var recordings = map[string]recording{
	"rows": {
		setup: []string{"CREATE DATABASE d", "CREATE DATABASE other", "CREATE TABLE other.o (id INT PRIMARY KEY)"},
		run: []string{
			recordedTable,
			"INSERT INTO d.t VALUES (1, 18446744073709551615, -123.45678, 1e300, '2020-02-03 04:05:06.000007', '-00:00:00.5', '2020-02-03 04:05:06', 2155, 'é', REPEAT('x', 30)," +
				" x'00ff', 'y', 'p,q', b'100000001', '{\"a\": [1, -2.5, null, \"é\"], \"b\": {}}', ST_GeomFromText('POINT(1 2)')), (2, 0, 0, 0, NULL, NULL, NULL, 0, '', '', '', NULL, '', 0, 'null', NULL)",
			"UPDATE d.t SET i = 'other', n = '[true]' WHERE id = 1",
			"START TRANSACTION", "INSERT INTO other.o VALUES (1)", "SAVEPOINT s", "INSERT INTO d.t (id) VALUES (3)", "ROLLBACK TO s", "DELETE FROM d.t WHERE id = 2", "COMMIT",
			"SET foreign_key_checks = 0", "INSERT INTO d.t (id) VALUES (4)", "SET foreign_key_checks = 1",
			"FLUSH BINARY LOGS", "DROP TABLE d.t",
		},
	},
	"statements": {
		setup: []string{"CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v DOUBLE, w VARCHAR(30))", "CREATE TABLE d.m (id INT) ENGINE=MyISAM", "SET GLOBAL local_infile = 1"},
		run: []string{
			"SET binlog_format = STATEMENT, time_zone = '+02:00', sql_mode = 'ANSI_QUOTES', @v = 5", "USE d",
			"INSERT INTO t (v, w) VALUES (RAND(), @v)", "LOAD DATA LOCAL INFILE 'Reader::recorded' INTO TABLE t (id, v)",
			"START TRANSACTION", "INSERT INTO m VALUES (1)", "INSERT INTO t (v) VALUES (2)", "ROLLBACK",
			"XA START 'x'", "INSERT INTO t (v) VALUES (3)", "XA END 'x'", "XA PREPARE 'x'", "XA COMMIT 'x'",
			"XA START 'y'", "INSERT INTO t (v) VALUES (4)", "XA END 'y'", "XA COMMIT 'y' ONE PHASE",
			"CREATE DEFINER = CURRENT_USER PROCEDURE p() SELECT 1", "DROP TABLE t, m",
		},
	},
	"compressed": {
		on: onMySQL, setup: []string{"CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)"},
		run: []string{"SET binlog_transaction_compression = ON", "INSERT INTO d.t VALUES (1, REPEAT('a', 3000)), (2, NULL)", "UPDATE d.t SET v = 'b' WHERE id = 1", "DELETE FROM d.t"},
	},
	"metadata": {
		on: onMySQL, setup: []string{"CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, u INT UNSIGNED, k ENUM('x','y'))", "SET GLOBAL binlog_row_metadata = FULL", "SET GLOBAL binlog_checksum = NONE"},
		run: []string{"SET gtid_next = 'AUTOMATIC:tag'", "INSERT INTO d.t VALUES (1, 4294967295, 'y')", "SET gtid_next = 'AUTOMATIC'", "UPDATE d.t SET u = 1"},
	},
	"partial_json": {
		on: onMySQL, setup: []string{"CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, v JSON)", "INSERT INTO d.t VALUES (1, JSON_OBJECT('a', 1, 'b', REPEAT('x', 100)))"},
		run: []string{"SET binlog_row_value_options = PARTIAL_JSON", "UPDATE d.t SET v = JSON_SET(v, '$.a', 2)"},
	},
	"minimal": {
		setup: []string{"CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, v INT)", "INSERT INTO d.t VALUES (1, 1)", "CREATE TABLE d.n (v INT DEFAULT 5)"},
		run:   []string{"SET binlog_row_image = MINIMAL", "UPDATE d.t SET v = 2", "DELETE FROM d.t", "INSERT INTO d.n VALUES ()"},
	},
	"compressed_by_mariadb": {
		on: onMariaDB, setup: []string{
			"CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT COMPRESSED, w VARCHAR(500) COMPRESSED, x UUID, y INET6)", "SET GLOBAL log_bin_compress = ON", "SET GLOBAL log_bin_compress_min_len = 10",
		},
		run: []string{
			"INSERT INTO d.t VALUES (1, REPEAT('a', 300), REPEAT('b', 300), '123e4567-e89b-12d3-a456-426655440000', '::1'), (2, '', NULL, NULL, '::')", "UPDATE d.t SET v = 'b' WHERE id = 1", "DELETE FROM d.t",
			"SET binlog_alter_two_phase = ON", "ALTER TABLE d.t ADD COLUMN z INT DEFAULT 7 COMMENT 'a comment that is long enough to be compressed'",
		},
	},
}

func (r recording) is(kind instance.Kind) bool { return r.on == nil || r.on(kind) }

func recordedPath(kind instance.Kind, name, suffix string) string {
	return filepath.Join("testdata", string(kind)+"_"+name+suffix)
}

// Logs of real servers are read as they were when they were recorded, down to
// the last value. `go test -run TestRecorded -record` records them anew: look
// at the difference of the texts then.
func TestRecorded(t *testing.T) {
	t.Parallel()
	kinds := instance.Kinds()
	if *record {
		kinds = mysqltest.Kinds(t)
	}
	for _, kind := range kinds {
		for name, r := range recordings {
			if !r.is(kind) {
				continue
			}
			t.Run(string(kind)+"_"+name, func(t *testing.T) {
				t.Parallel()
				if *record {
					r.record(t, kind, name)
				}
				log, err := os.ReadFile(recordedPath(kind, name, ".log"))
				if err != nil {
					t.Fatal(err)
				}
				events := split(log)
				got := strings.Join(readEvents(productOf(kind), events, Request{}), "\n") + "\n"
				if *record {
					must(t, os.WriteFile(recordedPath(kind, name, ".txt"), []byte(got), 0o644))
				}
				want, err := os.ReadFile(recordedPath(kind, name, ".txt"))
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
}

func productOf(kind instance.Kind) mysql.Product {
	if kind.IsMariaDB() {
		return mysql.MariaDB
	}
	return mysql.MySQL
}

// split cuts a log into its events: each says how long it is. What is left when
// one says something impossible is the last one.
func split(log []byte) [][]byte {
	var events [][]byte
	for len(log) > 0 {
		size := uint32(len(log))
		if len(log) >= 13 {
			if named := binary.LittleEndian.Uint32(log[9:]); named >= 19 && named < size {
				size = named
			}
		}
		events, log = append(events, log[:size:size]), log[size:]
	}
	return events
}

// record runs the statements on a server of its own and writes what it sends.
func (r recording) record(t *testing.T, kind instance.Kind, name string) {
	t.Helper()
	args := []string{"--log-bin=binlog", "--binlog-format=ROW", "--server-id=1", "--local-infile=ON"}
	if !kind.IsMariaDB() {
		args = append(args, "--gtid-mode=ON", "--enforce-gtid-consistency=ON")
	}
	if name == "statements" && !kind.IsMariaDB() {
		args = args[:len(args)-1] // it refuses a transaction that changes a table of MyISAM
		args = args[:len(args)-1]
	}
	p := mysqltest.Private(t, kind, mysqltest.Args(args...))
	p.Exec(t, r.setup...)
	cfg := mysql.Config{Endpoint: p.Endpoint(), Username: p.Username, Password: p.Password}
	server, err := mysql.Open(cfg)
	must(t, err)
	t.Cleanup(func() { _ = server.Close() })
	info, err := server.Info(t.Context())
	must(t, err)
	from, err := Current(t.Context(), server, info)
	must(t, err)
	driver.RegisterReaderHandler("recorded", func() io.Reader { return strings.NewReader("7\t1.5\n8\t2.5\n") })
	runRecorded(t, p.Open(t, p.Username, p.Password, ""), r.run)

	encrypted, err := isEncrypted(t.Context(), server)
	must(t, err)
	c, err := dial(t.Context(), cfg, encrypted)
	must(t, err)
	defer c.close()
	must(t, c.prepare(t.Context(), info.Product))
	must(t, c.request(t.Context(), info.Product, start{from: from}))
	var log []byte
	for {
		data, err := c.next(t.Context())
		must(t, err)
		if data == nil {
			break
		}
		log = append(log, data...)
	}
	must(t, os.MkdirAll("testdata", 0o755))
	must(t, os.WriteFile(recordedPath(kind, name, ".log"), log, 0o644))
}

// runRecorded runs statements on one connection.
func runRecorded(t *testing.T, db *sql.DB, statements []string) {
	t.Helper()
	conn, err := db.Conn(context.WithoutCancel(t.Context()))
	must(t, err)
	defer func() { _ = conn.Close() }()
	for _, s := range statements {
		if _, err := conn.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
