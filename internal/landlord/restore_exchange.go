package landlord

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// swap is one attempt to let the tables of a restored database take the places
// of the tenant's.
type swap struct {
	*job
	e     *Engine
	order swapOrder

	r     *restoreRow
	view  *swapView
	goal  *storedSchema
	todo  swapSteps
	notes []Note
}

// swapOrder is what a run wants of a swap.
type swapOrder struct {
	retention time.Duration // of what gives way
	planned   string        // digest of the steps; empty accepts whatever is left to do
}

// swapIn completes an in-place restore whose database beside the tenant is
// complete. It may be called again after anything, by who has the turn.
func (e *Engine) swapIn(ctx context.Context, srv *server, r *restoreRow, order swapOrder) (*swap, error) {
	return reopen(ctx, func() (*swap, error) {
		s := &swap{e: e, order: order}
		return s, s.run(ctx, e, srv, r)
	}, func() {
		e.cfg.Log(ctx, "Goes on with a restore after a lost connection", map[string]any{"restore": r.id})
	})
}

func (s *swap) run(ctx context.Context, e *Engine, srv *server, r *restoreRow) (err error) {
	s.job, err = e.open(ctx, goal{
		srv: srv, slug: r.slug, database: r.database, lock: e.tenantLock(r.database), turn: true,
		field: FieldTenant, doing: fmt.Sprintf("Restoring tenant `%s`", r.slug),
	})
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.compare(ctx, r.id); err != nil || s.r.status == restoreDone {
		return err
	}
	if err := s.asPlanned(); err != nil {
		return err
	}
	if err := s.record(ctx); err != nil {
		return err
	}
	e.fault("after intent")
	if err := s.x.Use(ctx, s.r.database); err != nil {
		return err
	}
	if err := s.perform(ctx); err != nil {
		return s.giveUp(ctx, err)
	}
	if err := s.finish(ctx); err != nil {
		return err
	}
	s.tidy(ctx)
	return nil
}

// asPlanned refuses to begin with other steps than those of the plan. A swap that
// was cut off goes on with what is left.
func (s *swap) asPlanned() error {
	if s.order.planned == "" || s.r.status == restoreSwapping || s.order.planned == s.todo.digest(s.r, s.view) {
		return nil
	}
	return changedSincePlan(FieldTenant, s.r.slug, "The tenant was not touched, and the copy beside it waits. Plan again.")
}

// tidy drops the database beside the tenant, whose tables have gone. What fails
// is left for another run.
func (s *swap) tidy(ctx context.Context) {
	err := s.e.dropMade(ctx, s.x, s.r.side)
	if err == nil {
		err = s.e.registry.setRestoreSide(ctx, s.onMain(), s.r.id, "")
	}
	if err != nil {
		s.e.cfg.Log(ctx, "The database beside a restored tenant could not be dropped yet", map[string]any{"database": s.r.side, "error": mysql.Message(err)})
	}
}

// record records the swap before its first statement, or takes an interrupted
// one over. What the tenant was is stored with all its texts.
func (s *swap) record(ctx context.Context) error {
	start, goal := s.view.live, &rendering{fingerprint: s.goal.Fingerprint, schema: s.goal.Schema}
	resumed := s.migration != 0
	if resumed && !s.view.moved {
		former, err := s.e.storedSchemaOn(ctx, s.onMain(), s.r.startSchema)
		if err != nil {
			return err
		}
		if former != nil { // with the triggers that are dropped already
			start = &rendering{fingerprint: former.Fingerprint, schema: former.Schema, stored: true}
		}
	}
	if resumed && s.view.moved {
		start = nil
	}
	if start != nil {
		s.r.startSchema = start.fingerprint.Whole
	}
	s.r.goal = goal.fingerprint.Whole
	s.steps = recordSteps(s.todo.all(), nil)
	return s.intend(ctx, intention{
		doing: fmt.Sprintf("recording the restore of tenant `%s`", s.r.slug),
		intent: intent{
			name: cut("restore "+s.r.checkpoint, 190), level: 1, digest: s.r.mark(), to: s.labels().Template, modules: s.labels().Modules,
			composition: s.labels().Composition, fromSchema: s.r.startSchema, toSchema: s.r.goal, recorded: s.labels().Base,
		},
		schemas: []*rendering{start, goal},
		tellRegistry: func(ctx context.Context, registry mysql.Queryer) error {
			if err := s.e.registry.setRestoreSwapping(ctx, registry, s.r, s.order.retention); err != nil {
				return err
			}
			return s.e.registry.setTenantRunning(ctx, registry, s.row.id, s.r.mark())
		},
	})
}

// labels is what the registry is to know of the tenant afterwards. Some tables
// alone change nothing of it.
func (s *swap) labels() labels {
	if len(s.r.tables) > 0 {
		return labels{Template: s.row.appliedTemplate(), Modules: s.row.modules, Composition: s.row.composition, Base: s.row.currentSchema}
	}
	return s.r.labels
}

// perform runs the statements.
func (s *swap) perform(ctx context.Context) error {
	moved := len(s.todo.prepare) + len(s.todo.exchange)
	if err := s.runSteps(ctx, len(s.todo.prepare)); err != nil {
		return err
	}
	if len(s.todo.exchange) > 0 {
		if err := s.exchange(ctx, moved); err != nil {
			return err
		}
	}
	return s.runSteps(ctx, len(s.steps))
}

// exchange lets the tables change places. MySQL holds off everybody else from
// the first trigger that goes to the last one that comes; MariaDB cannot rename
// what is locked, so there a row that is written between two of these
// statements meets no trigger.
func (s *swap) exchange(ctx context.Context, to int) (err error) {
	if err := checkWritable(ctx, s.x); err != nil {
		return err
	}
	// The tables of the ledger cannot be reached under the lock.
	if err := s.e.registry.markSteps(ctx, s.x, s.migration, s.steps[s.next].number-1, s.steps[to-1].number); err != nil {
		return err
	}
	// From here on it is quicker to reach the end than to find the way back.
	ctx = context.WithoutCancel(ctx)
	if s.info.Product == mysql.MySQL && len(s.todo.exchange) > 1 {
		if err := s.e.retry(ctx, func() error { return s.lockTables(ctx) }); err != nil {
			return err
		}
		defer func() {
			_, unlockErr := s.x.Exec(ctx, "UNLOCK TABLES")
			err = errors.Join(err, unlockErr)
		}()
	}
	s.covered = true
	defer func() { s.covered = false }()
	for s.next < to {
		at := s.next
		if err := s.runSteps(ctx, at+1); err != nil {
			return err
		}
		s.view.moved = s.view.moved || s.steps[at].Operation == "swap_tables"
	}
	return nil
}

func (s *swap) lockTables(ctx context.Context) error {
	var locks []string
	for _, name := range s.view.leaving {
		locks = append(locks, mysql.Qualified(s.r.database, name)+" WRITE")
	}
	if !s.view.moved {
		for _, name := range s.view.coming {
			locks = append(locks, mysql.Qualified(s.r.side, name)+" WRITE")
		}
	}
	_, err := s.x.Exec(ctx, "LOCK TABLES "+strings.Join(locks, ", "))
	return err
}

// giveUp leaves the tenant as it was when the tables have not changed places;
// else there is only the way forward, which the next run takes.
func (s *swap) giveUp(ctx context.Context, cause error) error {
	if mysql.IsConnectionLost(cause) || s.x.Poisoned() {
		return cause
	}
	work := context.WithoutCancel(ctx)
	if s.view.moved {
		s.e.registry.failMigration(work, s.x, s.migration, cause)
		return s.explain(cause, "The tables are restored; what is left are views, routines, triggers and events. Correct the cause and apply again: the restore goes on where it stopped.")
	}
	if err := s.undo(work); err != nil {
		s.e.registry.failMigration(work, s.x, s.migration, cause)
		return errors.Join(s.explain(cause, "Going back did not work either. Apply again: the restore goes on where it stopped."), err)
	}
	return s.explain(cause, "The tenant is as it was. Correct the cause and apply again.")
}

func (s *swap) explain(cause error, next string) error {
	var p *Problem
	if errors.As(cause, &p) {
		return cause
	}
	return &Problem{Field: FieldTenant, Summary: "Tenant restore stopped", Detail: []string{
		fmt.Sprintf("Restoring tenant `%s` in place from checkpoint `%s` stopped.", s.r.slug, s.r.checkpoint), "Cause: " + mysql.Message(cause), next,
	}, Err: cause}
}

// undo brings back the triggers that went before the tables could move.
func (s *swap) undo(ctx context.Context) error {
	live, err := dumpSchema(ctx, s.x, s.info, s.r.database)
	if err != nil {
		return err
	}
	start, err := s.e.storedSchemaOn(ctx, s.onMain(), s.r.startSchema)
	if err != nil {
		return err
	}
	if start != nil {
		back, err := disarmed(live, start.Schema, dialect(s.info), "restore")
		if err != nil {
			return err
		}
		for _, step := range back {
			if err := runStep(ctx, s.x, step); err != nil {
				return err
			}
		}
	}
	if gone, err := tablesOf(ctx, s.x, s.r.retired); err != nil || len(gone) > 0 {
		return errors.Join(err, fmt.Errorf("database `%s` holds %s", s.r.retired, several(len(gone), "table")))
	}
	if err := s.e.dropMade(ctx, s.x, s.r.retired); err != nil {
		return err
	}
	return s.both(ctx, "recording that a restore was given up", func(registry, local mysql.Queryer) error {
		if err := s.e.registry.abandon(ctx, local, s.row); err != nil {
			return err
		}
		if err := s.e.registry.setRestoreUnswapped(ctx, registry, s.r.id); err != nil {
			return err
		}
		return s.e.registry.setTenantRunning(ctx, registry, s.row.id, "")
	})
}

func dropDatabase(name string) string { return "DROP DATABASE IF EXISTS " + mysql.Quote(name) }

// dropMade drops a database that this provider made. MariaDB now and then keeps
// the name of a database whose tables are gone; that is no reason to stop.
func (e *Engine) dropMade(ctx context.Context, q mysql.Queryer, name string) error {
	if name == "" {
		return nil
	}
	_, err := q.Exec(ctx, dropDatabase(name))
	if mysql.IsDirectoryNotEmpty(err) {
		_, err = q.Exec(ctx, dropDatabase(name))
	}
	if err != nil {
		return fmt.Errorf("dropping database `%s`: %w", name, err)
	}
	return nil
}
