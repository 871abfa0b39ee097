package checkpoint_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// A load that was cut off is known for what it is and can begin again. What
// somebody else has made is left alone.
func TestLoad_interrupted(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := open(t, s, 3)
		db, other := createDatabase(t, s, "a"), createDatabase(t, s, "b")
		setUp(t, server, db, "CREATE TABLE a (id INT PRIMARY KEY, v LONGTEXT)", "CREATE TABLE z (id INT PRIMARY KEY)", "INSERT INTO a SELECT 1, REPEAT('a', 700000)",
			"CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO INSERT INTO z VALUES (1)")
		for i := 2; i < 60; i++ {
			s.Exec(t, fmt.Sprintf("INSERT INTO `%s`.a SELECT %d, v FROM `%s`.a WHERE id = 1", db, i, db))
		}
		s.Exec(t, "DELETE FROM `"+db+"`.z")
		m := take(t, server, checkpoint.Request{Database: db})
		req := checkpoint.LoadRequest{Directory: m.Directory(), Database: other}
		ctx, stop := context.WithCancelCause(t.Context())
		defer stop(nil)
		enough := errors.New("that is enough")
		req.Progress = func(checkpoint.Progress) {}
		go func() {
			for ctx.Err() == nil {
				tables := s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '"+other+"' AND TABLE_NAME = 'z'")
				if tables[0][0] != "0" {
					stop(enough)
				}
				time.Sleep(time.Millisecond)
			}
		}()
		_, err := checkpoint.Load(ctx, server, req)
		if !errors.Is(err, enough) {
			t.Fatalf("got %v", err)
		}
		_, err = checkpoint.Load(t.Context(), server, req)
		var refused *checkpoint.NotEmptyError
		if want := "the database `" + other + "` holds a load that was cut off"; !errors.As(err, &refused) || !refused.Unfinished || err.Error() != want {
			t.Errorf("got %v", err)
		}
		req.Restart, req.EventsDisabled = true, true
		load(t, server, req)
		mustEqual(t, server, checkpoint.CompareRequest{Manifest: m, Database: other, EventsDisabled: true})
		status := s.QueryRows(t, "SELECT STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '"+other+"'")[0][0]
		if status != "DISABLED" {
			t.Errorf("the event is %s", status)
		}
		_, err = checkpoint.Load(t.Context(), server, req)
		if want := "the database `" + other + "` is not empty (`event e`, `table a`, `table z`)"; fmt.Sprint(err) != want {
			t.Errorf("got %v", err)
		}
		_, err = checkpoint.Verify(t.Context(), server, checkpoint.VerifyRequest{Directory: m.Directory(), Scratch: other})
		if want := "the database `" + other + "` is not empty (`event e`, `table a`, `table z`)"; fmt.Sprint(err) != want {
			t.Errorf("got %v", err)
		}
		req.Database = s.Prefix + "nowhere"
		_, err = checkpoint.Load(t.Context(), server, req)
		if want := "load a checkpoint: the database `" + s.Prefix + "nowhere` does not exist"; fmt.Sprint(err) != want {
			t.Errorf("got %v", err)
		}
	})
}

// Everything that differs is named.
func TestCompare(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := open(t, s, 3)
		db := createDatabase(t, s, "a")
		setUp(t, server, db, "CREATE TABLE a (id INT PRIMARY KEY, v INT)", "CREATE TABLE b LIKE a", "CREATE TABLE c LIKE a", "CREATE TABLE d LIKE a",
			"INSERT INTO a VALUES (1, 1), (2, 2)", "INSERT INTO b SELECT * FROM a", "INSERT INTO c SELECT * FROM a", "CREATE VIEW v AS SELECT id FROM a")
		m := take(t, server, checkpoint.Request{Database: db})
		mustEqual(t, server, checkpoint.CompareRequest{Manifest: m, Database: db})
		setUp(t, server, db, "UPDATE a SET v = 3 WHERE id = 2", "DELETE FROM b WHERE id = 1", "UPDATE c SET v = 3 - v", "ALTER TABLE d ADD x INT",
			"DROP VIEW v", "CREATE TABLE e (id INT)", "ALTER DATABASE CHARACTER SET latin1")
		report, err := checkpoint.Compare(t.Context(), server, checkpoint.CompareRequest{Manifest: m, Database: db})
		if err != nil {
			t.Fatal(err)
		}
		want := []checkpoint.Difference{
			{Object: "database", Reason: "has another character set"},
			{Object: "table a", Reason: "has other values"},
			{Object: "table b", Reason: "has 1 rows, and had 2"},
			{Object: "table c", Reason: "has other values"},
			{Object: "table d", Reason: "has another structure"},
			{Object: "table e", Reason: "is not in the checkpoint"},
			{Object: "view v", Reason: "is missing"},
		}
		if diff := cmp.Diff(want, report.Differences); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// A large table is cut into parts and files, and comes back whole.
func TestTake_large(t *testing.T) {
	t.Parallel()
	mysqltest.SkipSetup(t, "packet", "its own values are larger than packets there")
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := open(t, s, 4)
		db, other := createDatabase(t, s, "a"), createDatabase(t, s, "b")
		setUp(t, server, db, "CREATE TABLE a (id BIGINT PRIMARY KEY AUTO_INCREMENT, v LONGTEXT, w LONGBLOB)",
			"INSERT INTO a (v, w) SELECT REPEAT('0123456789', 1000), x'00ff'",
			"INSERT INTO a (v, w) SELECT v, w FROM a", "INSERT INTO a (v, w) SELECT v, w FROM a", "INSERT INTO a (v, w) SELECT v, w FROM a",
			"INSERT INTO a (v, w) SELECT v, w FROM a", "INSERT INTO a (v, w) SELECT v, w FROM a", "INSERT INTO a (v, w) SELECT v, w FROM a",
			"INSERT INTO a (v, w) SELECT v, w FROM a", "INSERT INTO a (v, w) SELECT v, w FROM a",
			"UPDATE a SET id = id * -1000 WHERE id > 100 ORDER BY id DESC", "INSERT INTO a VALUES (0, REPEAT('é', 1000000), REPEAT(x'00ff', 1000000))", "ANALYZE TABLE a")
		var seen []checkpoint.Progress
		m := take(t, server, checkpoint.Request{
			Database: db, Directory: filepath.Join(t.TempDir(), "copy"), Progress: func(p checkpoint.Progress) { seen = append(seen, p) },
		}.WithSizes(300_000, 200_000))
		parts, files := map[string]bool{}, 0
		for _, f := range m.Files {
			if f.Table != "" {
				parts[strings.Split(filepath.Base(f.Name), ".")[1]] = true
				files++
			}
		}
		if len(parts) < 3 || files <= len(parts) || len(seen) == 0 || seen[len(seen)-1].Rows != m.Rows || m.Rows != 257 {
			t.Errorf("%d parts, %d files, %d rows, the progress was %+v", len(parts), files, m.Rows, seen)
		}
		if about := seen[0].TotalRows; about < 129 || about > 514 { // an estimate of the server
			t.Errorf("about %d of 257 rows", about)
		}
		exactly := func(p checkpoint.Progress) {
			if p.TotalRows != 257 || p.TotalBytes < m.Bytes {
				t.Errorf("of 257 rows with %d bytes: %+v", m.Bytes, p)
			}
		}
		load(t, server, checkpoint.LoadRequest{Directory: m.Directory(), Database: other, Progress: exactly})
		mustEqual(t, server, checkpoint.CompareRequest{Manifest: m, Database: other, Progress: exactly})
		a, b := mysql.Qualified(db, "a"), mysql.Qualified(other, "a")
		if got := s.QueryRows(t, "SELECT COUNT(*) FROM "+a+" AS a JOIN "+b+" AS b USING (id) WHERE a.v = b.v AND a.w = b.w"); got[0][0] != "257" {
			t.Errorf("%s rows are equal", got[0][0])
		}
	})
}

// While a database is copied, loaded and proved, another one is written without an
// error and without a long pause.
func TestTake_neighbor(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := open(t, s, 4)
		db, neighbor := createDatabase(t, s, "a"), createDatabase(t, s, "n")
		setUp(t, server, db, structure(infoOf(t, server), db)...)
		setUp(t, server, neighbor, "CREATE TABLE n (id INT PRIMARY KEY AUTO_INCREMENT, v INT)")
		n := mysql.Qualified(neighbor, "n")
		stop := background(t, s, func(x *mysql.Session, i int) error {
			return statements(t, x, fmt.Sprintf("INSERT INTO %s (v) VALUES (%d)", n, i), "UPDATE "+n+" SET v = v + 1 ORDER BY id DESC LIMIT 1")
		})
		m := take(t, server, checkpoint.Request{Database: db})
		if _, err := checkpoint.Verify(t.Context(), server, checkpoint.VerifyRequest{Directory: m.Directory(), Scratch: s.Prefix + "c"}); err != nil {
			t.Error(err)
		}
		count, longest := stop()
		t.Logf("the neighbor wrote %d times, and waited %s at most", count, longest)
		if count == 0 || longest > 20*time.Second {
			t.Errorf("the neighbor wrote %d times, and waited %s once", count, longest)
		}
	})
}
