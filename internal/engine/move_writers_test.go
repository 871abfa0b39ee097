package engine_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// strangers write to a tenant as an administrator does, whom no account that is
// locked holds off and no text gives away: with another default database, in
// transactions that are open for long, by a procedure of another database, and by
// statements that change tables. They note what the server has confirmed.
type strangers struct {
	pool      *sql.DB
	database  string
	other     string
	stop      atomic.Bool
	done      sync.WaitGroup
	mu        sync.Mutex
	confirmed []string // addresses of customers
	refused   int
	name      string // of the table that is renamed, as confirmed last
	column    int    // that was added last
}

func (w *moveBed) strangers(t *testing.T, database string) *strangers {
	t.Helper()
	s := &strangers{pool: w.main.Open(t, w.main.Username, w.main.Password, ""), database: database, other: w.main.Prefix + "beside", name: "extra"}
	w.main.Exec(t, "CREATE DATABASE "+s.other, "CREATE PROCEDURE "+s.other+".late(address VARCHAR(190)) INSERT INTO "+database+".customers (email) VALUES (address)",
		"CREATE TABLE "+database+".extra (id INT NOT NULL PRIMARY KEY)", "CREATE VIEW "+s.other+".people AS SELECT id, email FROM "+database+".customers")
	for kind, write := range []func(context.Context, *sql.Conn, string) error{s.insert, s.transaction, s.call, s.through, s.rename, s.alter} {
		end := time.Now().Add(20 * time.Second)
		if kind >= rows { // else no plan would be true for long enough
			end = time.Now().Add(3 * time.Second)
		}
		s.done.Go(func() { s.write(t, kind, write, end) })
	}
	return s
}

// rows is how many of the ways to write change rows.
const rows = 4

// write writes until it is told to stop, each time on a connection of its own.
func (s *strangers) write(t *testing.T, kind int, write func(context.Context, *sql.Conn, string) error, end time.Time) {
	r := rand.New(rand.NewPCG(uint64(kind), 7)) //nolint:gosec // no secret
	for n := 0; !s.stop.Load() && time.Now().Before(end); n++ {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
		conn, err := s.pool.Conn(ctx)
		if err == nil {
			address := fmt.Sprintf("stranger-%d-%d@example.com", kind, n)
			err = write(ctx, conn, address)
			s.mu.Lock()
			switch {
			case err != nil:
				s.refused++
			case kind < rows:
				s.confirmed = append(s.confirmed, address)
			}
			s.mu.Unlock()
			_ = conn.Close()
		}
		cancel()
		time.Sleep(time.Duration(r.IntN(300)) * time.Millisecond)
	}
}

func (s *strangers) insert(ctx context.Context, c *sql.Conn, address string) error {
	_, err := c.ExecContext(ctx, "INSERT INTO "+s.database+".customers (email) VALUES (?)", address)
	return err
}

func (s *strangers) transaction(ctx context.Context, c *sql.Conn, address string) error {
	tx, err := c.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO "+s.database+".customers (email) VALUES (?)", address); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	time.Sleep(700 * time.Millisecond)
	return tx.Commit()
}

func (s *strangers) call(ctx context.Context, c *sql.Conn, address string) error {
	_, err := c.ExecContext(ctx, "CALL "+s.other+".late(?)", address)
	return err
}

func (s *strangers) through(ctx context.Context, c *sql.Conn, address string) error {
	_, err := c.ExecContext(ctx, "INSERT INTO "+s.other+".people (email) VALUES (?)", address)
	return err
}

func (s *strangers) rename(ctx context.Context, c *sql.Conn, _ string) error {
	to := "extra"
	if s.name == to {
		to = "extra_too"
	}
	_, err := c.ExecContext(ctx, "RENAME TABLE "+s.database+"."+s.name+" TO "+s.database+"."+to)
	if err == nil {
		s.name = to
	}
	time.Sleep(400 * time.Millisecond)
	return err
}

func (s *strangers) alter(ctx context.Context, c *sql.Conn, _ string) error {
	_, err := c.ExecContext(ctx, fmt.Sprintf("ALTER TABLE %s.customers ADD COLUMN c%d INT NULL", s.database, s.column+1))
	if err == nil {
		s.column++
	}
	time.Sleep(900 * time.Millisecond)
	return err
}

// TestMoveTenant_strangers moves a tenant while all of them write: each move is
// refused, or what was confirmed is on the new server.
func TestMoveTenant_strangers(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newMoveBed(t, kind)
			spec, account := w.tenant(t, "acme", "")
			database := w.main.Prefix + "acme"
			w.main.Exec(t, "CREATE EVENT "+database+".busy ON SCHEDULE EVERY 1 SECOND DO INSERT INTO orders (customer_id) VALUES (1)")
			spec.Server = "eu"
			s := w.strangers(t, database)
			application := w.write(t, database, account)
			refused := w.moveAmong(t, s, spec)
			confirmed := application.end()
			there := map[string]bool{}
			for _, row := range w.eu.QueryRows(t, "SELECT email FROM "+database+".customers") {
				there[row[0]] = true
			}
			for _, address := range s.confirmed {
				if !there[address] {
					t.Errorf("%s was confirmed and is not there", address)
				}
			}
			if n := w.eu.QueryRows(t, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", database, s.name); n[0][0] != "1" {
				t.Errorf("the rename to %s was confirmed and is not there", s.name)
			}
			if n := w.eu.QueryRows(t, "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'customers' AND COLUMN_NAME REGEXP '^c[0-9]+$'", database); n[0][0] != fmt.Sprint(s.column) {
				t.Errorf("%d columns were confirmed, %s are there", s.column, n[0][0])
			}
			orders := map[string]bool{}
			for _, row := range w.eu.QueryRows(t, "SELECT id FROM "+database+".orders") {
				orders[row[0]] = true
			}
			if lost := slices.DeleteFunc(confirmed, func(id int) bool { return orders[fmt.Sprint(id)] }); len(lost) > 0 {
				t.Errorf("orders that were confirmed and are not there: %v", lost)
			}
			if len(s.confirmed) < 20 {
				t.Errorf("only %d writes were confirmed", len(s.confirmed))
			}
			t.Logf("%d moves were refused; %d writes were confirmed, %d refused", refused, len(s.confirmed), s.refused)
		})
	}
}

// moveAmong moves a tenant as often as it is refused, and returns how often it was.
func (w *moveBed) moveAmong(t *testing.T, s *strangers, spec landlord.TenantSpec) (refused int) {
	t.Helper()
	defer func() {
		s.stop.Store(true)
		s.done.Wait()
	}()
	begun := time.Now()
	for time.Since(begun) < 3*time.Minute {
		e := w.engine(t)
		tenant, err := e.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		if tenant.Server == "eu" && tenant.UpdateStatus == landlord.UpdateCurrent {
			return refused
		}
		_, _, err = update(t.Context(), e, spec, tenant)
		var p *landlord.Problem
		switch {
		case err == nil:
			time.Sleep(500 * time.Millisecond) // who comes late is told so
			return refused
		case !errors.As(err, &p):
			t.Fatal(err)
		default:
			refused++
			t.Log(explain(err))
		}
	}
	t.Fatal("the tenant does not move")
	return refused
}

// TestMoveTenant_late lets a row through that waited while the tenant was copied, by
// a statement that does not name it: it is confirmed, so the tenant stays, and the
// next move takes it along.
func TestMoveTenant_late(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newMoveBed(t, kind)
			spec, account := w.tenant(t, "acme", "")
			spec.Server = "eu"
			database, other := w.main.Prefix+"acme", w.main.Prefix+"beside"
			w.main.Exec(t, "CREATE DATABASE "+other, "CREATE VIEW "+other+".people AS SELECT id, email FROM "+database+".customers")
			e := w.engine(t)
			written := w.insertLate(t, e, other+".people")
			tenant, err := e.Tenant(t.Context(), "acme")
			if err != nil {
				t.Fatal(explain(err))
			}
			_, _, err = update(t.Context(), e, spec, tenant)
			wantProblem(t, err, "Tenant was written to while it moved [server]\n"+
				"Tenant `acme` was copied to server `eu`, and what it was on the main server is not what was copied any more:\ntable customers has 3 rows, and had 2\n\n"+
				"The tenant stays where it is, with what was written. Its own accounts are locked during a move: end what administrators and programs of other databases write, and apply again.")
			if err := <-written; err != nil {
				t.Errorf("the row was not let through: %v", err)
			}
			w.main.Exec(t, "DELETE FROM "+database+".customers WHERE email = 'second@example.com'")
			w.checkWhole(t, "", 0, account)
			w.complete(t, spec, 0, "eu")
			w.checkWhole(t, "eu", 0, account)
			if got := w.eu.QueryRows(t, "SELECT email FROM "+database+".customers ORDER BY id"); fmt.Sprint(got) != "[[first@example.com] [late@example.com]]" {
				t.Errorf("customers: %v", got)
			}
		})
	}
}
