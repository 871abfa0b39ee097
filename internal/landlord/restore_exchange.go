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
	e       *Engine
	srv     *server
	x       *mysql.Session
	info    mysql.Info
	id      uint64
	order   swapOrder
	started time.Time

	row   *tenantRow
	r     *restoreRow
	view  *swapView
	goal  *storedSchema
	todo  swapSteps
	steps []recordedStep // todo, as the ledger has it
	notes []Note

	migration uint64 // of the ledger
}

// swapOrder is what a run wants of a swap.
type swapOrder struct {
	retention time.Duration // of what gives way
	planned   string        // digest of the steps; empty accepts whatever is left to do
}

// swapIn completes an in-place restore whose database beside the tenant is
// complete. It may be called again after anything.
func (e *Engine) swapIn(ctx context.Context, srv *server, id uint64, order swapOrder) (*swap, error) {
	for attempt := 0; ; attempt++ {
		s := &swap{e: e, srv: srv, id: id, order: order, started: e.cfg.Now()}
		err := s.run(ctx)
		if !mysql.IsConnectionLost(err) || attempt == mostReconnects {
			return s, err
		}
		// What the lost connection has done is found out by looking.
		e.cfg.Log(ctx, "Goes on with a restore after a lost connection", map[string]any{"restore": id})
	}
}

func (s *swap) run(ctx context.Context) error {
	if err := s.e.readyMain(ctx, s.srv); err != nil {
		return err
	}
	x, err := s.srv.Session(ctx)
	if err != nil {
		return unreachable(s.srv, "restoring a tenant", err)
	}
	defer x.Close()
	s.x = x
	if s.info, err = x.Info(ctx); err != nil {
		return unreachable(s.srv, "restoring a tenant", err)
	}
	if err := checkWritable(ctx, x); err != nil {
		return err
	}
	if err := s.look(ctx); err != nil || s.r.status == restoreDone {
		return err
	}
	if err := s.asPlanned(); err != nil {
		return err
	}
	if err := s.intend(ctx); err != nil {
		return err
	}
	s.e.fault("after intent")
	if err := x.Use(ctx, s.r.database); err != nil {
		return err
	}
	if err := s.perform(ctx); err != nil {
		return s.giveUp(ctx, err)
	}
	if err := s.record(ctx); err != nil {
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
		err = s.e.registry.setRestoreSide(ctx, s.e.registryOf(s.srv, s.x), s.r.id, "")
	}
	if err != nil {
		s.e.cfg.Log(ctx, "The database beside a restored tenant could not be dropped yet", map[string]any{"database": s.r.side, "error": mysql.Message(err)})
	}
}

// intend records the swap before its first statement, or takes an interrupted
// one over. What the tenant was is stored with all its texts.
func (s *swap) intend(ctx context.Context) error {
	start, goal := s.view.live, &rendering{fingerprint: s.goal.Fingerprint, schema: s.goal.Schema}
	resumed := s.migration != 0
	if resumed && !s.view.moved {
		former, err := s.e.storedSchemaOn(ctx, s.e.registryOf(s.srv, s.x), s.r.startSchema)
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
	registry := s.e.registryOf(s.srv, s.x)
	for _, r := range []*rendering{start, goal} {
		if r != nil {
			if err := s.e.storeSchemaOnce(ctx, registry, r); err != nil {
				return err
			}
		}
	}
	if start != nil {
		s.r.startSchema = start.fingerprint.Whole
	}
	s.r.goal = goal.fingerprint.Whole
	if err := s.e.registry.writeTexts(ctx, s.x, s.todo.all(), &s.srv.texts); err != nil {
		return err
	}
	return s.e.both(ctx, s.srv, s.x, fmt.Sprintf("recording the restore of tenant `%s`", s.r.slug), func(registry, local mysql.Queryer) error {
		return s.writeIntent(ctx, registry, local)
	})
}

func (s *swap) writeIntent(ctx context.Context, registry, local mysql.Queryer) error {
	err := s.e.registry.setRestoreSwapping(ctx, registry, s.r, s.order.retention)
	if err != nil {
		return err
	}
	if err := s.e.registry.setTenantRunning(ctx, registry, s.row.id, s.r.mark()); err != nil {
		return err
	}
	done, migration := 0, s.migration
	if migration == 0 {
		if err := s.e.registry.abandon(ctx, local, s.row); err != nil {
			return err
		}
		migration, err = s.e.registry.writeIntent(ctx, local, intent{
			tenant: s.row, name: cut("restore "+s.r.checkpoint, 190), level: 1, digest: s.r.mark(), from: s.row.appliedTemplate(), to: s.labels().Template,
			modules: s.labels().Modules, composition: s.labels().Composition, fromSchema: s.r.startSchema, toSchema: s.r.goal, recorded: s.labels().Base,
			author: s.e.author(s.info), serverUUID: s.info.UUID, connection: s.x.ID(),
		})
	} else {
		done, err = s.e.registry.takeOverSteps(ctx, local, migration, intent{author: s.e.author(s.info), serverUUID: s.info.UUID, connection: s.x.ID()})
	}
	if err != nil {
		return err
	}
	s.steps = nil
	for i, step := range s.todo.all() {
		s.steps = append(s.steps, recordedStep{Step: step, number: done + i + 1, state: "planned"})
	}
	if err := s.e.registry.writePlannedSteps(ctx, local, migration, s.steps); err != nil {
		return err
	}
	s.migration = migration
	return nil
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
	n := 0
	for _, step := range s.todo.prepare {
		if err := s.one(ctx, n, step); err != nil {
			return err
		}
		n++
	}
	if len(s.todo.exchange) > 0 {
		if err := s.mark(ctx, n-1, n); err != nil {
			return err
		}
		// From here on it is quicker to reach the end than to find the way back.
		if err := s.exchange(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		n += len(s.todo.exchange)
	}
	for _, step := range s.todo.complete {
		if err := s.one(ctx, n, step); err != nil {
			return err
		}
		n++
	}
	return nil
}

// one runs a statement; n counts those before it.
func (s *swap) one(ctx context.Context, n int, step Step) error {
	if err := s.mark(ctx, n-1, n); err != nil {
		return err
	}
	return s.e.execute(ctx, s.x, step)
}

// mark records that the statements up to one are done, and the next begins.
// Both are counted from 0.
func (s *swap) mark(ctx context.Context, done, intended int) error {
	first := s.steps[0].number
	return s.e.registry.markSteps(ctx, s.x, s.migration, first+done, first+intended)
}

// exchange lets the tables change places. MySQL holds off everybody else from
// the first trigger that goes to the last one that comes; MariaDB cannot rename
// what is locked, so there a row that is written between two of these
// statements meets no trigger.
func (s *swap) exchange(ctx context.Context) (err error) {
	if s.info.Product == mysql.MySQL && len(s.todo.exchange) > 1 {
		if err := s.e.retry(ctx, func() error { return s.lockTables(ctx) }); err != nil {
			return err
		}
		defer func() {
			_, unlockErr := s.x.Exec(ctx, "UNLOCK TABLES")
			err = errors.Join(err, unlockErr)
		}()
	}
	for _, step := range s.todo.exchange {
		if err := s.e.execute(ctx, s.x, step); err != nil {
			return err
		}
		if step.Operation == "swap_tables" {
			s.view.moved = true
		}
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
		return s.stopped(cause, "The tables are restored; what is left are views, routines, triggers and events. Correct the cause and apply again: the restore goes on where it stopped.")
	}
	if err := s.undo(work); err != nil {
		s.e.registry.failMigration(work, s.x, s.migration, cause)
		return errors.Join(s.stopped(cause, "Going back did not work either. Apply again: the restore goes on where it stopped."), err)
	}
	return s.stopped(cause, "The tenant is as it was. Correct the cause and apply again.")
}

func (s *swap) stopped(cause error, next string) error {
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
	start, err := s.e.storedSchemaOn(ctx, s.e.registryOf(s.srv, s.x), s.r.startSchema)
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
	return s.e.both(ctx, s.srv, s.x, "recording that a restore was given up", func(registry, local mysql.Queryer) error {
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
