package checkpoint_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// background runs a function again and again, on a connection of its own, until
// the test ends or stop is called. Stop returns how often it ran, and the longest
// time that it took.
func background(t testing.TB, s *mysqltest.Server, fn func(x *mysql.Session, i int) error) (stop func() (int, time.Duration)) {
	t.Helper()
	x, err := open(t, s, 1).Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	count, longest := 0, time.Duration(0)
	go func() {
		defer close(done)
		defer x.Discard()
		for ctx.Err() == nil {
			start := time.Now()
			if err := fn(x, count); err != nil {
				t.Errorf("run %d in the background: %v", count, err)
				return
			}
			longest = max(longest, time.Since(start))
			count++
		}
	}()
	stop = func() (int, time.Duration) {
		cancel()
		<-done
		return count, longest
	}
	t.Cleanup(func() { stop() })
	return stop
}

func statements(t testing.TB, x *mysql.Session, list ...string) error {
	for _, sql := range list {
		if _, err := x.Exec(context.WithoutCancel(t.Context()), sql); err != nil {
			return fmt.Errorf("%.100s: %w", sql, err)
		}
	}
	return nil
}

// While money moves between two tables, every copy holds the same sum; what the
// position says is what the binary log holds behind it. A neighbor goes on.
func TestTake_consistent(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := mysqltest.Private(t, kind, mysqltest.Args("--log-bin=binlog", "--binlog-format=ROW", "--server-id=1"))
			for name, connections := range map[string]int{"several": 6, "two": 2, "one": 1} {
				t.Run(name, func(t *testing.T) { takeMoving(t, s.Server, name, connections) })
			}
		})
	}
}

func takeMoving(t *testing.T, s *mysqltest.Server, name string, connections int) {
	server := open(t, s, connections)
	db, neighbor := createDatabase(t, s, name), createDatabase(t, s, "next_"+name)
	setUp(t, server, db, "CREATE TABLE a (id INT PRIMARY KEY, v INT)", "CREATE TABLE b LIKE a", "CREATE TABLE c LIKE a",
		"CREATE TABLE moves (id BIGINT PRIMARY KEY AUTO_INCREMENT)", "INSERT INTO a VALUES (1, 1000000)", "INSERT INTO b VALUES (1, 0)", "INSERT INTO c VALUES (1, 0)")
	setUp(t, server, neighbor, "CREATE TABLE n (id INT PRIMARY KEY AUTO_INCREMENT, v INT)")
	a, b, c, moves := mysql.Qualified(db, "a"), mysql.Qualified(db, "b"), mysql.Qualified(db, "c"), mysql.Qualified(db, "moves")
	var stops []func() (int, time.Duration)
	for range 2 {
		stops = append(stops, background(t, s, func(x *mysql.Session, _ int) error {
			err := statements(t, x, "BEGIN", "UPDATE "+a+" SET v = v - 1", "UPDATE "+b+" SET v = v + 1", "INSERT INTO "+moves+" VALUES ()", "COMMIT",
				"BEGIN", "UPDATE "+c+" SET v = v + 1", "UPDATE "+a+" SET v = v - 1", "INSERT INTO "+moves+" VALUES ()", "COMMIT", "DO SLEEP(0.002)")
			if mysql.IsDeadlock(err) { // with the lock of a copy, on a busy server
				return statements(t, x, "ROLLBACK")
			}
			return err
		}))
	}
	calm := background(t, s, func(x *mysql.Session, i int) error {
		return statements(t, x, fmt.Sprintf("INSERT INTO %s (v) VALUES (%d)", mysql.Qualified(neighbor, "n"), i), "DO SLEEP(0.005)")
	})
	var manifests []*checkpoint.Manifest
	for range 3 {
		manifests = append(manifests, take(t, server, checkpoint.Request{Database: db}))
	}
	for _, stop := range stops {
		if n, _ := stop(); n == 0 {
			t.Error("nothing was written")
		}
	}
	if n, longest := calm(); n == 0 || longest > 5*time.Second {
		t.Errorf("the neighbor wrote %d times, once it took %s", n, longest)
	}
	total := s.QueryRows(t, "SELECT COUNT(*) FROM "+moves)[0][0]
	for i, m := range manifests {
		other := createDatabase(t, s, fmt.Sprintf("%s_copy%d", name, i))
		load(t, server, checkpoint.LoadRequest{Directory: m.Directory(), Database: other})
		got := s.QueryRows(t, "SELECT (SELECT SUM(v) FROM "+mysql.Qualified(other, "a")+") + (SELECT SUM(v) FROM "+mysql.Qualified(other, "b")+
			") + (SELECT SUM(v) FROM "+mysql.Qualified(other, "c")+"), (SELECT SUM(v) FROM "+mysql.Qualified(other, "b")+
			") + (SELECT SUM(v) FROM "+mysql.Qualified(other, "c")+"), COUNT(*) FROM "+mysql.Qualified(other, "moves"))[0]
		if got[0] != "1000000" || got[1] != got[2] {
			t.Errorf("the copy holds a sum of %s, and %s of %s moves", got[0], got[2], got[1])
		}
		behind := insertsBehind(t, s, m, db)
		if n, _ := strconv.Atoi(got[2]); strconv.Itoa(n+behind) != total {
			t.Errorf("%d moves are in the copy and %d behind its position %v, of %s (%s)", n, behind, m.Position, total, m.NoPosition)
		}
	}
}

// insertsBehind counts the rows of the table moves that the binary log holds
// behind the position of a checkpoint.
func insertsBehind(t *testing.T, s *mysqltest.Server, m *checkpoint.Manifest, db string) int {
	t.Helper()
	if m.Position == nil || m.Position.File == "" || m.Position.GTID == "" {
		t.Fatalf("no position: %+v, %s", m.Position, m.NoPosition)
	}
	count := 0
	for _, row := range s.QueryRows(t, fmt.Sprintf("SHOW BINLOG EVENTS IN '%s' FROM %d", m.Position.File, m.Position.Offset)) {
		if row[2] == "Table_map" && strings.Contains(row[5], "("+db+".moves)") {
			count++
		}
	}
	return count
}

// A table that others swap by RENAME is never read under the wrong name, and what
// changes while it is read makes the copy begin again.
func TestTake_rename(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		for name, connections := range map[string]int{"several": 4, "one": 1} {
			t.Run(name, func(t *testing.T) {
				server := open(t, s, connections)
				db := createDatabase(t, s, name)
				// The tables are told apart by their rows alone.
				setUp(t, server, db, "CREATE TABLE a (id INT PRIMARY KEY, v INT)", "CREATE TABLE b LIKE a", "CREATE TABLE state (id INT PRIMARY KEY, v INT)",
					"INSERT INTO a VALUES (1, 0)", "INSERT INTO b VALUES (1, 1), (2, 2)", "INSERT INTO state VALUES (1, 0)")
				a, b, temporary := mysql.Qualified(db, "a"), mysql.Qualified(db, "b"), mysql.Qualified(db, "t")
				stop := background(t, s, func(x *mysql.Session, _ int) error {
					err := statements(t, x, "SET lock_wait_timeout = 1", "RENAME TABLE "+a+" TO "+temporary+", "+b+" TO "+a+", "+temporary+" TO "+b, "DO SLEEP(0.01)")
					if mysql.IsLockWaitTimeout(err) {
						return nil
					}
					return err
				})
				for range 4 {
					m := take(t, server, checkpoint.Request{Database: db})
					rows := []int64{m.Tables[0].Rows, m.Tables[1].Rows}
					slices.Sort(rows)
					if !slices.Equal(rows, []int64{1, 2}) {
						t.Errorf("the tables have %v rows: %+v", rows, m.Tables)
					}
				}
				stop()
			})
		}
	})
}

// A transaction that is open is neither waited for nor seen. A copy that is given
// up leaves nothing.
func TestTake_canceled(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := open(t, s, 3)
		db := createDatabase(t, s, "a")
		setUp(t, server, db, "CREATE TABLE a (id INT PRIMARY KEY, v LONGTEXT)", "INSERT INTO a VALUES (1, 'x')")
		writer := useSession(t, open(t, s, 1), db)
		run(t, writer, "BEGIN", "UPDATE a SET v = 'y'")
		root := t.TempDir()
		m := take(t, server, checkpoint.Request{Database: db, Directory: filepath.Join(root, "x", "one"), Connections: 1})
		run(t, writer, "COMMIT")
		other := createDatabase(t, s, "b")
		load(t, server, checkpoint.LoadRequest{Directory: m.Directory(), Database: other})
		if got := s.QueryRows(t, "SELECT v FROM "+mysql.Qualified(other, "a"))[0][0]; got != "x" {
			t.Errorf("the copy holds %s, which was not committed", got)
		}
		run(t, writer, "INSERT INTO a SELECT 2, REPEAT('a', 1000000)")
		for i := 3; i < 40; i++ {
			run(t, writer, fmt.Sprintf("INSERT INTO a SELECT %d, v FROM a WHERE id = 2", i))
		}
		ctx, stop := context.WithCancelCause(t.Context())
		defer stop(nil)
		enough := errors.New("that is enough")
		go func() {
			for ctx.Err() == nil {
				left, _ := filepath.Glob(filepath.Join(root, "x", "two.partial-*", "10_*"))
				if len(left) > 0 {
					stop(enough)
					return
				}
				time.Sleep(time.Millisecond)
			}
		}()
		_, err := checkpoint.Take(ctx, server, checkpoint.Request{Database: db, Directory: filepath.Join(root, "x", "two")})
		if !errors.Is(err, enough) && !errors.Is(err, context.Canceled) { // which of them is up to the place that notices first
			t.Errorf("got %v", err)
		}
		if diff := cmp.Diff([]string{"one"}, entries(t, filepath.Join(root, "x"))); diff != "" {
			t.Errorf("left in the directory (-want +got):\n%s", diff)
		}
	})
}

func entries(t testing.TB, path string) []string {
	t.Helper()
	list, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// One connection is enough for everything, also when the caller holds it with a
// lock; it comes back as it was.
func TestTake_ownSession(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := open(t, s, 1)
		db, other := createDatabase(t, s, "a"), createDatabase(t, s, "b")
		setUp(t, server, db, structure(infoOf(t, server), db)...)
		x, err := server.Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		if err := x.Lock(t.Context(), s.Prefix, 0); err != nil {
			t.Fatal(err)
		}
		if err := x.Use(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		before := settingsOf(t, x, infoOf(t, server))
		m := take(t, server, checkpoint.Request{Database: db, Session: x})
		load(t, server, checkpoint.LoadRequest{Directory: m.Directory(), Database: other, Session: x})
		mustEqual(t, server, checkpoint.CompareRequest{Manifest: m, Database: other, Session: x})
		report, err := checkpoint.Verify(t.Context(), server, checkpoint.VerifyRequest{Directory: m.Directory(), Scratch: s.Prefix + "c", Session: x})
		if err != nil || !report.OK() {
			t.Errorf("the proof says %v, %+v", err, report)
		}
		if diff := cmp.Diff(before, settingsOf(t, x, infoOf(t, server))); diff != "" {
			t.Errorf("the settings of the session (-before +after):\n%s", diff)
		}
		var held int
		if err := x.Row(t.Context(), "SELECT IS_USED_LOCK(?) = CONNECTION_ID()", s.Prefix).Scan(&held); err != nil || held != 1 {
			t.Errorf("the lock is gone: %v", err)
		}
		run(t, x, "UPDATE child SET n = 7 WHERE id = 1") // no lock, no transaction, the right database
	})
}

func settingsOf(t *testing.T, x *mysql.Session, info mysql.Info) []string {
	t.Helper()
	query := "SELECT CONCAT_WS(' ', DATABASE(), @@character_set_client, @@character_set_results, @@collation_connection, @@time_zone, @@sql_mode," +
		" @@lock_wait_timeout, @@innodb_lock_wait_timeout, @@foreign_key_checks, @@unique_checks, @@net_write_timeout, @@sql_select_limit, @@autocommit"
	if info.Product == mysql.MariaDB {
		query += ", @@tx_isolation, @@max_statement_time)"
	} else {
		query += ", @@transaction_isolation, @@max_execution_time, @@information_schema_stats_expiry)"
	}
	var text string
	if err := x.Row(t.Context(), query).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return strings.Fields(text)
}

// An account that may only read the database is enough; what it may not know is
// said.
func TestTake_reader(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := open(t, s, 4)
		info := infoOf(t, server)
		db := createDatabase(t, s, "a")
		setUp(t, server, db, structure(info, db)...)
		user := s.Prefix + "r"
		s.Exec(t, "DROP TABLE `"+db+"`.old", "DROP PROCEDURE `"+db+"`.odd", "DROP PROCEDURE `"+db+"`.lax", "DROP VIEW `"+db+"`.a_view", "DROP VIEW `"+db+"`.z_view", "DROP FUNCTION `"+db+"`.z_total",
			"CREATE USER "+user+"@'%' IDENTIFIED BY 'Pass_word1'", "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `"+db+"`.* TO "+user+"@'%'")
		reader, err := mysql.Open(mysql.Config{Endpoint: s.Endpoint(), Username: user, Password: "Pass_word1"})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = reader.Close() }()
		m := take(t, reader, checkpoint.Request{Database: db})
		mustEqual(t, server, checkpoint.CompareRequest{Manifest: m, Database: db})
		want := "the binary log of the server is off"
		if info.BinaryLog {
			want = "the account may not read the position of the binary log (it lacks REPLICATION CLIENT on MySQL, BINLOG MONITOR on MariaDB)"
		}
		if m.Position != nil || m.NoPosition != want {
			t.Errorf("the position is %v: %s", m.Position, m.NoPosition)
		}
	})
}
