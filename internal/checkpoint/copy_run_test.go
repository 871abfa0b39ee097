package checkpoint_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysqltest"
)

// One session serves for both sides, on a pool of one connection.
func TestCopy_oneConnection(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newCopyBed(t, s, s, slices.Concat(familyTables, familyRows), familyTables)
		x := session(t, s)
		report, err := b.copyOn(t, checkpoint.CopySide{Session: x, Database: b.source}, checkpoint.CopySide{Session: x, Database: b.target},
			checkpoint.CopyRequest{Tables: familyNames, ChunkRows: 2, Where: "1 = 1"})
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
		request := checkpoint.CopyRequest{Tables: []string{"a", "b"}, ChunkRows: 2}
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
		request := checkpoint.CopyRequest{Tables: []string{"a", "bare"}, ChunkRows: 2}
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
	request := checkpoint.CopyRequest{Tables: []string{"a"}, ChunkRows: 1}
	plan, err := checkpoint.PlanCopy(t.Context(), source, target, request)
	if err != nil {
		t.Fatal(err)
	}
	s.Exec(t, "ALTER TABLE "+mysql.Qualified(b.target, "a")+" ADD COLUMN v INT")
	_, err = checkpoint.Copy(t.Context(), source, target, plan, b.journal)
	var stale *checkpoint.CopyStaleError
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
	var other *checkpoint.CopyProgressError
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
	target := checkpoint.CopySide{Session: useSession(t, impatient, b.target), Database: b.target}
	other := useSession(t, open(t, s, 1), b.target)
	run(t, other, "BEGIN", "INSERT INTO a VALUES (2)")
	go func() {
		time.Sleep(1500 * time.Millisecond)
		_, _ = other.Exec(context.Background(), "ROLLBACK")
	}()
	report, err := b.copyOn(t, source, target, checkpoint.CopyRequest{Tables: []string{"a"}})
	if err != nil || report.Rows() != 2 {
		t.Errorf("%v, %+v", err, report)
	}
}
