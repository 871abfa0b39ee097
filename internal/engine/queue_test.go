package engine_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// pieceOfWork is what a run does to tenant acme, with a point in its middle; none is
// for what is done last.
type pieceOfWork struct {
	name, point string
	do          func(ctx context.Context, e *engine.Engine) error
}

// piecesOfWork needs tenants acme and beta and a checkpoint `good` of acme.
func piecesOfWork(account string) []pieceOfWork {
	points := map[string]string{
		"checkpoint": "after taking", "copy from it": "after copy begins", "copy into it": "after copy begins", "restore beside": "after load",
		"customization": "after intent", "restore in place": "after intent",
	}
	var all []pieceOfWork
	for _, work := range worksOnAcme(account) {
		all = append(all, pieceOfWork{name: work.name, point: points[work.name], do: work.do})
	}
	return append(all, pieceOfWork{"update", "after intent", func(ctx context.Context, e *engine.Engine) error {
		tenant, err := e.Tenant(ctx, "acme")
		if err != nil {
			return err
		}
		to := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.1.0"}
		if tenant.Template == to.Template {
			to.Name = "again"
		}
		_, err = e.UpdateTenant(ctx, to, prior(tenant), "")
		return err
	}}, pieceOfWork{"deletion", "", func(ctx context.Context, e *engine.Engine) error {
		return e.DeleteTenant(ctx, "acme", landlord.DeleteOptions{Policy: landlord.DeletionArchive})
	}})
}

// TestQueue lets one piece of work on a tenant begin in the middle of another one of
// the same process, which takes longer than anybody waits for a lock of the server: it
// waits for its turn, whether it is of the same run or of another.
func TestQueue(t *testing.T) {
	t.Parallel()
	queuePairs(t, func(first, second int) bool { return second == (first+3)%11 })
}

// TestSoakQueue is the same for all pairs.
func TestSoakQueue(t *testing.T) {
	soak(t)
	queuePairs(t, func(int, int) bool { return true })
}

func queuePairs(t *testing.T, chosen func(first, second int) bool) {
	t.Helper()
	s := mysqltest.One(t)
	account := s.Prefix + "acme"
	for i, first := range piecesOfWork(account) {
		for k, second := range piecesOfWork(account) {
			if first.point == "" || !chosen(i, k) {
				continue
			}
			t.Run(first.name+", "+second.name, func(t *testing.T) {
				t.Parallel()
				s := mysqltest.One(t)
				e := queueBed(t, s)
				other := e
				if (i+k)%2 == 0 {
					other = e.NewRun()
				}
				works := piecesOfWork(s.Prefix + "acme")
				inTheMiddle(t, e, works[i], func() error { return works[k].do(t.Context(), other) })
			})
		}
	}
}

// queueBed makes what the pieces of work need.
func queueBed(t *testing.T, s *mysqltest.Server) *engine.Engine {
	t.Helper()
	directory := filepath.Join(t.TempDir(), "checkpoints")
	e := engineOn(t, s, func(c *landlord.Config) {
		c.LockTimeout, c.Main.MaxConnections, c.CheckpointDirectory, c.CreateDirectory = time.Second, 4, directory, true
	})
	publish(t, e, shop("1.0.0"))
	newer := shop("1.1.0")
	newer.Core["003_notes.sql"] = "CREATE TABLE notes (id INT PRIMARY KEY);"
	publish(t, e, newer)
	for _, slug := range []string{"acme", "beta"} {
		create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0"})
	}
	_, err := e.ApplyAccount(t.Context(), landlord.TenantAccountSpec{Tenant: "acme", Name: s.Prefix + "acme", Hosts: []string{"%"}, Role: landlord.RoleApplication, Password: firstPassword}, "", nil)
	must(t, err)
	_, err = e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "good", Contents: landlord.CheckpointData})
	must(t, err)
	return e
}

// inTheMiddle begins a second piece of work in the middle of the first, and wants both
// to be done.
func inTheMiddle(t *testing.T, e *engine.Engine, first pieceOfWork, second func() error) {
	t.Helper()
	var once sync.Once
	done := make(chan error, 1)
	e.OnFault(func(point string) {
		if point == first.point {
			once.Do(func() {
				go func() { done <- second() }()
				time.Sleep(2500 * time.Millisecond)
			})
		}
	})
	if err := first.do(t.Context(), e); err != nil {
		t.Errorf("first: %s", explain(err))
	}
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("second: %s", explain(err))
		}
	case <-time.After(time.Minute):
		t.Fatalf("the first one has not come to %q, or the second one not to its end", first.point)
	}
}

// TestQueue_moved lets a customization wait for a move: it has the turn at the place
// to which the tenant has moved, so what comes then waits for it.
func TestQueue_moved(t *testing.T) {
	t.Parallel()
	w := newMoveBed(t, mysqltest.Kinds(t)[0])
	spec, _ := w.tenant(t, "acme", "")
	e := engineOn(t, w.main, w.config, func(c *landlord.Config) {
		eu := c.Servers["eu"]
		eu.MaxConnections = 4
		c.Servers["eu"], c.LockTimeout, c.Main.MaxConnections = eu, time.Second, 4
	})
	tenant, err := e.Tenant(t.Context(), "acme")
	must(t, err)
	customized, taken := make(chan error, 1), make(chan error, 1)
	var moving, customizing sync.Once
	e.OnFault(func(point string) {
		switch point {
		case "after holding off writers":
			moving.Do(func() {
				go func() {
					_, err := e.ApplyCustomization(t.Context(), customization.Spec{Tenant: "acme", Name: "stars", Reason: "Contract 1", Patch: landlord.CustomizationPatch{
						Columns: []landlord.CustomizationColumn{{Table: "customers", Name: "stars", Definition: "INT NULL"}},
					}}, nil, "")
					customized <- err
				}()
				time.Sleep(500 * time.Millisecond)
			})
		case "after intent":
			customizing.Do(func() {
				go func() {
					_, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "late", Contents: landlord.CheckpointData})
					taken <- err
				}()
				time.Sleep(2500 * time.Millisecond)
			})
		}
	})
	spec.Server = "eu"
	_, _, err = update(t.Context(), e, spec, tenant)
	must(t, err)
	for name, done := range map[string]chan error{"customization": customized, "checkpoint": taken} {
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("%s: %s", name, explain(err))
			}
		case <-time.After(time.Minute):
			t.Fatalf("the %s has not come to its end", name)
		}
	}
	same(t, fmt.Sprint(w.eu.QueryRows(t, "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '"+w.main.Prefix+"acme' AND COLUMN_NAME = 'stars'")), "[[1]]")
}

// TestPurge_runs removes what is over in each run of a process, and leaves what
// belongs to a tenant that is being worked on to a later one.
func TestPurge_runs(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := queueBed(t, s)
	restored, err := e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "good", Mode: landlord.RestoreInPlace, AllowDestructive: true}, "")
	must(t, err)
	works := func(run *engine.Engine, slug, name string) error {
		_, err := run.RetakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: slug, Name: name, Contents: landlord.CheckpointSchema})
		return err
	}
	left := func() string {
		return fmt.Sprint(s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '"+restored.Report.RetiredDatabase+"'"))
	}
	same(t, left(), "[[1]]")
	must(t, works(e.NewRun(), "beta", "first"))
	same(t, left(), "[[1]]")
	s.Exec(t, "UPDATE "+s.LandlordDatabase+".tenant_restores SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")
	var begun atomic.Bool
	e.OnFault(func(point string) {
		if point != "after taking" || !begun.CompareAndSwap(false, true) {
			return
		}
		if err := works(e.NewRun(), "beta", "third"); err != nil { // in the middle of the work on acme
			t.Errorf("beside it: %s", explain(err))
		}
		same(t, left(), "[[1]]")
	})
	must(t, works(e.NewRun(), "acme", "second"))
	same(t, left(), "[[0]]")
}
