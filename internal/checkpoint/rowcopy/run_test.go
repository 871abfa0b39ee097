package rowcopy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/rowcopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// One session serves for both sides, on a pool of one connection.
func TestCopy_oneConnection(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newCopyBed(t, s, s, slices.Concat(familyTables, familyRows), familyTables)
		x := session(t, s)
		report, err := b.copyOn(t, rowcopy.Side{Session: x, Database: b.source}, rowcopy.Side{Session: x, Database: b.target},
			rowcopy.Request{Tables: familyNames, ChunkRows: 2, Where: "1 = 1"})
		if err != nil || report.Rows() != 31 {
			t.Fatalf("%v, %+v", err, report)
		}
		b.sameRows(t, familyFirst)
		// The session is what it was.
		var mode string
		var checks int
		if err := x.Row(t.Context(), "SELECT @@sql_mode, @@foreign_key_checks FROM DUAL WHERE DATABASE() = 'information_schema'").Scan(&mode, &checks); err != nil {
			t.Fatal(err)
		}
		if checks != 1 || mode == "" || mode[:18] != "ONLY_FULL_GROUP_BY" {
			t.Errorf("the session has sql_mode %q and foreign_key_checks %d", mode, checks)
		}
	})
}

// What the source changes meanwhile is not in the copy; what it changes before
// the copy goes on is, behind the last key.
func TestCopy_changingSource(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		tables := []string{"CREATE TABLE a (id INT PRIMARY KEY, v INT)", "CREATE TABLE b (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES a (id))"}
		b := newCopyBed(t, s, s, slices.Concat(tables, []string{"INSERT INTO a VALUES (10, 1), (20, 1), (30, 1), (40, 1)", "INSERT INTO b VALUES (1, 10), (2, 20)"}), tables)
		db := mysql.Quote(b.source)
		change := func() {
			s.Exec(t, "UPDATE "+db+".a SET v = v + 1", "INSERT INTO "+db+".a VALUES (5, 9), (35, 9)", "INSERT INTO "+db+".b VALUES (3, 35), (4, 10)", "DELETE FROM "+db+".a WHERE id = 40")
		}
		b.journal.before = func(n int) error {
			if n == 1 {
				change()
			}
			return nil
		}
		request := rowcopy.Request{Tables: []string{"a", "b"}, ChunkRows: 2}
		if _, err := b.copy(t, request); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"10 1", "20 1", "30 1", "40 1", "1 10", "2 20"}, rowsOf(t, s, b.target, "SELECT * FROM {db}.a UNION ALL SELECT * FROM {db}.b")); diff != "" {
			t.Errorf("one run (-want +got):\n%s", diff)
		}
		b.journal.saves, b.journal.before = 0, func(n int) error {
			if n == 2 {
				return errors.New("killed")
			}
			return nil
		}
		s.Exec(t, "DELETE FROM "+b.journal.table, "DELETE FROM "+mysql.Qualified(b.target, "b"), "DELETE FROM "+mysql.Qualified(b.target, "a"))
		if _, err := b.copy(t, request); err == nil {
			t.Fatal("it was not killed")
		}
		s.Exec(t, "INSERT INTO "+db+".a VALUES (1, 9), (50, 9)")
		b.journal.before = nil
		if _, err := b.copy(t, request); err != nil {
			t.Fatal(err)
		}
		want := []string{"5 9", "10 2", "20 2", "30 2", "35 9", "50 9", "1 10", "2 20", "3 35", "4 10"}
		got := rowsOf(t, s, b.target, "SELECT * FROM {db}.a UNION ALL (SELECT * FROM {db}.b ORDER BY id LIMIT 9)")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("two runs (-want +got):\n%s", diff)
		}
	})
}

// The connections themselves are lost, and the copy goes on.
func TestCopy_connectionLost(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		tables := []string{"CREATE TABLE a (id INT PRIMARY KEY)", "CREATE TABLE bare (v INT)"}
		b := newCopyBed(t, s, s, slices.Concat(tables, []string{"INSERT INTO a VALUES (1), (2), (3), (4), (5)", "INSERT INTO bare VALUES (1), (1)"}), tables)
		request := rowcopy.Request{Tables: []string{"a", "bare"}, ChunkRows: 2}
		for n, side := range []string{"target", "source", "target", "none"} {
			source, target := b.sides(t)
			b.journal.saves, b.journal.before = 0, func(save int) error {
				id := map[string]uint64{"target": target.Session.ID(), "source": source.Session.ID()}[side]
				if id != 0 && save == min(2, 4-n) {
					s.Exec(t, fmt.Sprintf("KILL %d", id))
				}
				return nil
			}
			report, err := b.copyOn(t, source, target, request)
			if side != "none" {
				if !mysql.IsConnectionLost(err) && n != 2 {
					t.Errorf("run %d: got %v, want a lost connection", n, err)
				}
				continue
			}
			if err != nil || report.Rows() != 7 || !report.Resumed {
				t.Errorf("%v, %+v", err, report)
			}
		}
		b.sameRows(t, "SELECT * FROM {db}.a UNION ALL SELECT * FROM {db}.bare")
	})
}

// A plan is good for what it was made of.
func TestCopy_stale(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	b := newCopyBed(t, s, s, []string{"CREATE TABLE a (id INT PRIMARY KEY)", "INSERT INTO a VALUES (1), (2), (3)"}, []string{"CREATE TABLE a (id INT PRIMARY KEY)"})
	source, target := b.sides(t)
	request := rowcopy.Request{Tables: []string{"a"}, ChunkRows: 1}
	plan, err := rowcopy.NewPlan(t.Context(), source, target, request)
	if err != nil {
		t.Fatal(err)
	}
	s.Exec(t, "ALTER TABLE "+mysql.Qualified(b.target, "a")+" ADD COLUMN v INT")
	_, err = rowcopy.Copy(t.Context(), source, target, plan, b.journal)
	var stale *rowcopy.StaleError
	if want := fmt.Sprintf("the structure of `%s` or `%s` has changed since the copy was planned", b.source, b.target); !errors.As(err, &stale) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	b.journal.before = func(n int) error {
		if n == 2 {
			return errors.New("killed")
		}
		return nil
	}
	if _, err := b.copy(t, request); err == nil {
		t.Fatal("it was not killed")
	}
	request.Where = "id > 0"
	_, err = b.copy(t, request)
	var other *rowcopy.ProgressError
	const want = "the copy of table `a` was begun in another way than it is planned now, so that it cannot go on; begin a new copy"
	if !errors.As(err, &other) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A copy waits for the locks of others, and tries again.
func TestCopy_locked(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	tables := []string{"CREATE TABLE a (id INT PRIMARY KEY)"}
	b := newCopyBed(t, s, s, slices.Concat(tables, []string{"INSERT INTO a VALUES (1), (2)"}), tables)
	impatient, err := mysql.Open(mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password, LockTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = impatient.Close() })
	source, _ := b.sides(t)
	target := rowcopy.Side{Session: useSession(t, impatient, b.target), Database: b.target}
	other := useSession(t, open(t, s, 1), b.target)
	run(t, other, "BEGIN", "INSERT INTO a VALUES (2)")
	go func() {
		time.Sleep(1500 * time.Millisecond)
		_, _ = other.Exec(context.Background(), "ROLLBACK")
	}()
	request := rowcopy.Request{Tables: []string{"a"}, Where: "NOW() > '2020-01-01'"}
	report, err := b.copyOn(t, source, target, request)
	if err != nil || report.Rows() != 2 {
		t.Errorf("%v, %+v", err, report)
	}
	var times [2]string
	for i := range times {
		if err := source.Session.Row(t.Context(), "SELECT CAST(NOW(6) AS CHAR)").Scan(&times[i]); err != nil {
			t.Fatal(err)
		}
	}
	if times[0] == times[1] {
		t.Errorf("the clock of the session stands still at %s", times[0])
	}
}

// Chunks are read through the primary key, whatever its columns are: what the
// server reads grows with the rows and not with their square.
func TestCopy_readsOnce(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		tables := []string{"CREATE TABLE a (tenant INT, kind ENUM('x','y'), flags BIT(3), id INT AUTO_INCREMENT, PRIMARY KEY (tenant, kind, flags, id), KEY (id))"}
		fill := []string{"INSERT INTO a (tenant, kind, flags) VALUES (7, 'x', 5)"}
		for range 11 {
			fill = append(fill, "INSERT INTO a (tenant, kind, flags) SELECT 7, IF(id % 3, 'x', 'y'), 5 FROM a")
		}
		b := newCopyBed(t, s, s, slices.Concat(tables, fill), tables)
		source, target := b.sides(t)
		read := func() (n int) {
			if err := source.Session.Row(t.Context(), "SHOW SESSION STATUS LIKE 'Handler_read_next'").Scan(new(string), &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := read()
		report, err := b.copyOn(t, source, target, rowcopy.Request{Tables: []string{"a"}, ChunkRows: 100})
		if err != nil || report.Rows() != 2048 {
			t.Fatalf("%v, %+v", err, report)
		}
		if n := read() - before; n > 3*2048 { // each row twice, and what the optimizer looks at
			t.Errorf("the server read %d entries of indexes for 2048 rows", n)
		}
	})
}

// Wider types keep the values, in their own spelling.
func TestCopy_wider(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		narrow := []string{
			"CREATE TABLE a (id SMALLINT PRIMARY KEY, i INT, n INT, d DECIMAL(5,2), f FLOAT, b BIT(4), day DATE, dt DATETIME, ts TIMESTAMP NULL, tm TIME, l VARCHAR(9) CHARACTER SET latin1, e ENUM('x','y'), c CHAR(5), bin BINARY(3), t TINYTEXT, num INT)",
			"INSERT INTO a VALUES (1, -5, 7, 1.50, 0.1, 0, '2024-02-03', '2024-02-03 04:05:06', '2024-02-03 00:00:00', '-01:00:00', 'é', 'y', 'ab ', 'a', 'text', 42), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
		}
		wide := []string{
			"CREATE TABLE a (id BIGINT PRIMARY KEY, i DECIMAL(12,3), n DOUBLE, d DECIMAL(9,4), f DOUBLE, b BIT(12), day DATETIME(3), dt DATETIME(6), ts DATETIME, tm TIME(3), l VARCHAR(9) CHARACTER SET utf8mb4, e VARCHAR(5), c VARCHAR(9), bin VARBINARY(9), t MEDIUMTEXT, num VARCHAR(20))",
		}
		b := newCopyBed(t, s, s, narrow, wide)
		report, err := b.copy(t, rowcopy.Request{Tables: []string{"a"}})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"1 -5.000 7 1.5000 0.10000000149011612 0 2024-02-03 00:00:00.000 2024-02-03 04:05:06.000000 2024-02-03 00:00:00 -01:00:00.000 é y ab 610000 text 42",
			"2 NULL NULL NULL NULL NULL NULL NULL NULL NULL NULL NULL NULL NULL NULL NULL",
		}
		got := rowsOf(t, s, b.target, "SELECT id, i, n, d, f, b + 0, day, dt, ts, tm, l, e, c, HEX(bin), t, num FROM {db}.a ORDER BY id")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("rows (-want +got):\n%s\n%+v", diff, report)
		}
	})
}

// TestCopy_wide copies rows that are larger, as literals, than what the server takes
// at once, and replaces them.
func TestCopy_wide(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, like *mysqltest.Server) {
		s := mysqltest.Private(t, like.Kind, mysqltest.Args("--max-allowed-packet=8M")).Server
		const table = "CREATE TABLE one (id INT PRIMARY KEY, b LONGBLOB, t LONGTEXT CHARACTER SET utf8mb4)"
		const mib = 1 << 20
		b := newCopyBed(t, s, s, []string{table,
			fmt.Sprintf("INSERT INTO one VALUES (1, REPEAT(x'00ff27', %d), REPEAT('ä''', %d)), (2, 'small', 'small'), (3, REPEAT(x'5c', %d), NULL)", 2*mib, mib, 7*mib)}, []string{table})
		sums := func(database string) []string {
			return rowsOf(t, s, database, "SELECT id, LENGTH(b), CRC32(b), LENGTH(t), CRC32(t) FROM {db}.one ORDER BY id")
		}
		for _, mode := range []rowcopy.Conflict{rowcopy.ConflictFail, rowcopy.ConflictReplace} {
			if _, err := b.copy(t, rowcopy.Request{Tables: []string{"one"}, OnConflict: mode}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(sums(b.source), sums(b.target)); diff != "" {
				t.Errorf("copied with %v (-source +target):\n%s", mode, diff)
			}
			s.Exec(t, "UPDATE "+b.target+".one SET b = 'spoilt'", "DELETE FROM "+b.journal.table)
		}
	})
}
