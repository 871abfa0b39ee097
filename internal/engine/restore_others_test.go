package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// longestPause is what a neighbor may wait at most. The promise is a second;
// the machine of the tests has other things to do.
const longestPause = 3 * time.Second

// worker does something again and again, until it is told to stop, and says how
// often it did and how long it had to wait at most.
type worker struct {
	stop    context.CancelFunc
	done    sync.WaitGroup
	count   int
	longest time.Duration
	err     error
}

func (w *worker) start(t *testing.T, once func(ctx context.Context) error) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w.stop = stop
	w.done.Go(func() {
		for ctx.Err() == nil {
			began := time.Now()
			err := once(context.WithoutCancel(ctx))
			if err != nil {
				w.err = err
				return
			}
			w.count++
			w.longest = max(w.longest, time.Since(began))
		}
	})
}

func (w *worker) finish() {
	w.stop()
	w.done.Wait()
}

// TestRestore_whileOthersWork writes into a neighbor all the time, and reads the
// tenant all the time, while the tenant is copied and restored in place: the
// neighbor sees no error and no pause, and whoever reads the tenant sees either
// the old tables or the new ones.
func TestRestore_whileOthersWork(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := copying(t, s, t.TempDir(), func(c *landlord.Config) { c.Main.MaxConnections = 4 })
		tenant := stocked(t, s, e, "acme")
		create(t, e, landlord.TenantSpec{Slug: "beta", Name: "Beta", Template: "store@1.0.0"})
		db, neighbor := tenant.DatabaseName, s.Prefix+"beta"
		var writer, reader worker
		writer.start(t, func(ctx context.Context) error {
			_, err := s.DB().ExecContext(ctx, "INSERT INTO "+neighbor+".orders (customer_id, total) VALUES (1, 1)")
			return err
		})
		states := map[string]bool{}
		reader.start(t, func(ctx context.Context) error {
			var phone, points, total string
			err := s.DB().QueryRowContext(ctx, "SELECT MIN(phone), MIN(points), MIN(total) FROM "+db+".customers c JOIN "+db+".orders o ON o.customer_id = c.id JOIN "+db+".points p").Scan(&phone, &points, &total)
			if err == nil {
				states[fmt.Sprint(phone, " ", points, " ", strings.TrimSuffix(total, ".00"))] = true
			}
			return err
		})
		inOne(t, s, db, 1)
		take(t, e, "acme", "one")
		inOne(t, s, db, 2)
		for range 3 {
			if _, err := e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "one", Mode: landlord.RestoreInPlace, AllowDestructive: true, Keepers: map[string]string{"n": time.Now().String()}}, ""); err != nil {
				t.Fatal(explain(err))
			}
			inOne(t, s, db, 2)
		}
		writer.finish()
		reader.finish()
		if err := errors.Join(writer.err, reader.err); err != nil {
			t.Error(err)
		}
		if writer.count < 50 || reader.count < 50 || writer.longest > longestPause {
			t.Errorf("the neighbor wrote %d rows and waited %s at most; the tenant was read %d times", writer.count, writer.longest, reader.count)
		}
		delete(states, "01 5 10")
		if diff := cmp.Diff(map[string]bool{"1 1 1": true, "2 2 2": true}, states); diff != "" {
			t.Errorf("states of the tenant (-want +got):\n%s", diff)
		}
	})
}

// inOne brings all tables of the tenant into a state, in one transaction.
func inOne(t *testing.T, s *mysqltest.Server, db string, n int) {
	t.Helper()
	tx, err := s.DB().BeginTx(t.Context(), nil)
	must(t, err)
	for _, set := range []string{"customers SET phone", "points SET points", "orders SET total"} {
		_, err := tx.ExecContext(t.Context(), fmt.Sprintf("UPDATE %s.%s = %d", db, set, n))
		must(t, err)
	}
	must(t, tx.Commit())
}

// TestRestore_lockWait lets somebody hold on to a table of the tenant: the
// restore gives up, the tenant is what it was, and the next run goes on with what
// is loaded.
func TestRestore_lockWait(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		directory := t.TempDir()
		e := copying(t, s, directory, func(c *landlord.Config) { c.Main.LockTimeout = time.Second })
		tenant := stocked(t, s, e, "acme")
		db := tenant.DatabaseName
		before := contents(t, s, db)
		take(t, e, "acme", "before")
		s.Exec(t, "DELETE FROM "+db+".points")
		present := contents(t, s, db)
		tx, err := s.DB().BeginTx(t.Context(), nil)
		must(t, err)
		defer func() { _ = tx.Rollback() }()
		var n int
		must(t, tx.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+db+".points").Scan(&n))
		spec := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true}
		_, err = e.Restore(t.Context(), spec, "")
		var p *landlord.Problem
		if !errors.As(err, &p) || p.Summary != "Tenant restore stopped" || p.Detail[0] != "Restoring tenant `acme` in place from checkpoint `before` stopped." || p.Detail[2] != "The tenant is as it was. Correct the cause and apply again." {
			t.Fatalf("got %v", err)
		}
		must(t, tx.Rollback())
		if diff := cmp.Diff(present, contents(t, s, db)); diff != "" {
			t.Errorf("the tenant (-as it was +after):\n%s", diff)
		}
		if half, err := copying(t, s, directory).Tenant(t.Context(), "acme"); err != nil || half.UpdateStatus != landlord.UpdateCurrent {
			t.Errorf("tenant: %+v, %v", half, err)
		}
		// The plan knows that the copy is there, and its name.
		plan := planRestore(t, copying(t, s, directory), spec)
		if got := statementsOf(plan.Steps); !plan.Known || !strings.HasPrefix(got[0], "CREATE DATABASE IF NOT EXISTS `"+s.LandlordDatabase+"_retired_1_"+beforeInPlace+"`") || got[len(got)-1] != "DROP DATABASE IF EXISTS `"+db+"__restore_"+beforeInPlace+"`" {
			t.Errorf("the rest: %q", got)
		}
		if _, err := copying(t, s, directory).Restore(t.Context(), spec, plan.Digest); err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff(before, contents(t, s, db)); diff != "" {
			t.Errorf("the tenant (-before +restored):\n%s", diff)
		}
		if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenant_restores"); rows[0][0] != "1" {
			t.Errorf("it was loaded again: %v", rows)
		}
	})
}

// TestRestore_connectionLost ends the connection from the server's side at
// points of the swap: the run goes on by itself.
func TestRestore_connectionLost(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := copying(t, s, t.TempDir())
	tenant := stocked(t, s, e, "acme")
	db := tenant.DatabaseName
	before := contents(t, s, db)
	take(t, e, "acme", "before")
	upgraded(t, s, e, tenant)
	points := 0
	e.OnFault(func(point string) {
		if !strings.Contains(point, "drop_trigger") && !strings.Contains(point, "swap_tables") {
			return
		}
		if points++; points > 3 {
			return
		}
		for _, row := range s.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = ?", db) {
			s.Exec(t, "KILL CONNECTION "+row[0])
		}
	})
	if _, err := e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true}, ""); err != nil {
		t.Fatal(explain(err))
	}
	if points < 3 {
		t.Errorf("only %d points were passed", points)
	}
	if diff := cmp.Diff(before, contents(t, s, db)); diff != "" {
		t.Errorf("the tenant (-before +restored):\n%s", diff)
	}
}

// TestRestore_foreignReference refuses to tear the tenant from a table of
// somebody else that refers to it.
func TestRestore_foreignReference(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := copying(t, s, t.TempDir())
		tenant := stocked(t, s, e, "acme")
		take(t, e, "acme", "before")
		other := s.Prefix + "other"
		s.Exec(t, "CREATE DATABASE "+other, "CREATE TABLE "+other+".notes (customer_id INT NOT NULL, CONSTRAINT fk_notes FOREIGN KEY (customer_id) REFERENCES "+tenant.DatabaseName+".customers (id))")
		defer s.Exec(t, "DROP TABLE "+other+".notes")
		_, err := e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true}, "")
		wantProblem(t, err, "Other databases refer to the tenant [mode]\nTenant `acme` is to be restored in place, but foreign keys of other databases would follow its former tables:\n"+
			"table `"+other+"`.`notes` refers to `customers`\n\nNothing was touched. Drop these foreign keys, or restore side by side.")
	})
}
