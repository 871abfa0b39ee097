package restore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// swap is one attempt to let the tables of a restored database take the places
// of the tenant's.
type swap struct {
	*apply.Job
	room  *Restores
	order swapOrder

	r     *registry.RestoreRow
	view  *swapView
	goal  *registry.StoredSchema
	todo  swapSteps
	notes []landlord.Note
}

// swapOrder is what a run wants of a swap.
type swapOrder struct {
	retention time.Duration // of what gives way
	planned   string        // digest of the steps; empty accepts whatever is left to do
}

// swapIn completes an in-place restore whose database beside the tenant is
// complete. It may be called again after anything, by who has the turn.
func (rs *Restores) swapIn(ctx context.Context, srv *registry.Server, r *registry.RestoreRow, order swapOrder) (*swap, error) {
	return apply.Reopen(ctx, func() (*swap, error) {
		s := &swap{room: rs, order: order}
		return s, s.run(ctx, rs, srv, r)
	}, func() {
		rs.Config.Log(ctx, "Goes on with a restore after a lost connection", map[string]any{"restore": r.ID})
	})
}

func (s *swap) run(ctx context.Context, room *Restores, srv *registry.Server, r *registry.RestoreRow) (err error) {
	s.Job, err = room.Jobs.Open(ctx, apply.Goal{
		Srv: srv, Slug: r.Slug, Database: r.Database, Lock: room.Servers.TenantLock(r.Database), Turn: true,
		Field: landlord.FieldTenant, Doing: fmt.Sprintf("Restoring tenant `%s`", r.Slug),
	})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.compare(ctx, r.ID); err != nil || s.r.Status == landlord.RestoreDone {
		return err
	}
	if err := s.asPlanned(); err != nil {
		return err
	}
	if err := s.record(ctx); err != nil {
		return err
	}
	room.Servers.Fault("after intent")
	if err := s.X.Use(ctx, s.r.Database); err != nil {
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
	if s.order.planned == "" || s.r.Status == landlord.RestoreSwapping || s.order.planned == s.todo.digest(s.r, s.view) {
		return nil
	}
	return landlord.ChangedSincePlan(landlord.FieldTenant, s.r.Slug, "The tenant was not touched, and the copy beside it waits. Plan again.")
}

// tidy drops the database beside the tenant, whose tables have gone. What fails
// is left for another run.
func (s *swap) tidy(ctx context.Context) {
	err := s.room.dropMade(ctx, s.X, s.r.Side)
	if err == nil {
		err = s.room.Registry.SetRestoreSide(ctx, s.OnMain(), s.r.ID, "")
	}
	if err != nil {
		s.room.Config.Log(ctx, "The database beside a restored tenant could not be dropped yet", map[string]any{"database": s.r.Side, "error": mysql.Message(err)})
	}
}

// record records the swap before its first statement, or takes an interrupted
// one over. What the tenant was is stored with all its texts.
func (s *swap) record(ctx context.Context) error {
	start, goal := s.view.live, &estate.Rendering{Fingerprint: s.goal.Fingerprint, Schema: s.goal.Schema}
	resumed := s.Migration != 0
	if resumed && !s.view.moved {
		former, err := s.room.Estate.StoredSchemaOn(ctx, s.OnMain(), s.r.StartSchema)
		if err != nil {
			return err
		}
		if former != nil { // with the triggers that are dropped already
			start = &estate.Rendering{Fingerprint: former.Fingerprint, Schema: former.Schema, Stored: true}
		}
	}
	if resumed && s.view.moved {
		start = nil
	}
	if start != nil {
		s.r.StartSchema = start.Fingerprint.Whole
	}
	s.r.Goal = goal.Fingerprint.Whole
	s.Steps = apply.RecordSteps(s.todo.all(), nil)
	return s.Intend(ctx, apply.Intention{
		Doing: fmt.Sprintf("recording the restore of tenant `%s`", s.r.Slug),
		Intent: registry.Intent{
			Name: migrationName(s.r.Checkpoint), Level: 1, Digest: s.r.Mark(), To: s.labels().Template, Modules: s.labels().Modules,
			Composition: s.labels().Composition, FromSchema: s.r.StartSchema, ToSchema: s.r.Goal, Recorded: s.labels().Base,
		},
		Schemas: []*estate.Rendering{start, goal},
		TellRegistry: func(ctx context.Context, registry mysql.Queryer) error {
			if err := s.room.Registry.SetRestoreSwapping(ctx, registry, s.r, s.order.retention); err != nil {
				return err
			}
			return s.room.Registry.SetTenantRunning(ctx, registry, s.Row.ID, s.r.Mark())
		},
	})
}

// labels is what the registry is to know of the tenant afterwards. Some tables
// alone change nothing of it.
func (s *swap) labels() registry.Labels {
	if len(s.r.Tables) > 0 {
		return registry.Labels{Template: s.Row.AppliedTemplate(), Modules: s.Row.Modules, Composition: s.Row.Composition, Base: s.Row.CurrentSchema}
	}
	return s.r.Labels
}

// perform runs the statements.
func (s *swap) perform(ctx context.Context) error {
	moved := len(s.todo.prepare) + len(s.todo.exchange)
	if err := s.RunSteps(ctx, len(s.todo.prepare)); err != nil {
		return err
	}
	if len(s.todo.exchange) > 0 {
		if err := s.exchange(ctx, moved); err != nil {
			return err
		}
	}
	return s.RunSteps(ctx, len(s.Steps))
}

// exchange lets the tables change places. MySQL holds off everybody else from
// the first trigger that goes to the last one that comes; MariaDB cannot rename
// what is locked, so there a row that is written between two of these
// statements meets no trigger.
func (s *swap) exchange(ctx context.Context, to int) (err error) {
	if err := registry.CheckWritable(ctx, s.X); err != nil {
		return err
	}
	// The tables of the ledger cannot be reached under the lock.
	if err := s.room.Registry.MarkSteps(ctx, s.X, s.Migration, s.Steps[s.Next].Number-1, s.Steps[to-1].Number); err != nil {
		return err
	}
	// From here on it is quicker to reach the end than to find the way back.
	ctx = context.WithoutCancel(ctx)
	if s.Info.Product == mysql.MySQL && len(s.todo.exchange) > 1 {
		if err := s.X.PrepareDefiner(ctx, s.r.Database); err != nil { // no account can be made under the lock
			return err
		}
		if err := s.room.Servers.Retry(ctx, func() error { return s.lockTables(ctx) }); err != nil {
			return err
		}
		defer func() {
			_, unlockErr := s.X.Exec(ctx, "UNLOCK TABLES")
			err = errors.Join(err, unlockErr)
		}()
	}
	s.Covered = true
	defer func() { s.Covered = false }()
	for s.Next < to {
		at := s.Next
		if err := s.RunSteps(ctx, at+1); err != nil {
			return err
		}
		s.view.moved = s.view.moved || s.Steps[at].Operation == "swap_tables"
	}
	return nil
}

func (s *swap) lockTables(ctx context.Context) error {
	var locks []string
	for _, name := range s.view.leaving {
		locks = append(locks, mysql.Qualified(s.r.Database, name)+" WRITE")
	}
	if !s.view.moved {
		for _, name := range s.view.coming {
			locks = append(locks, mysql.Qualified(s.r.Side, name)+" WRITE")
		}
	}
	_, err := s.X.Exec(ctx, "LOCK TABLES "+strings.Join(locks, ", "))
	return err
}

// giveUp leaves the tenant as it was when the tables have not changed places;
// else there is only the way forward, which the next run takes.
func (s *swap) giveUp(ctx context.Context, cause error) error {
	if mysql.IsUnanswered(cause) || s.X.Poisoned() {
		return cause
	}
	work := context.WithoutCancel(ctx)
	if s.view.moved {
		s.room.Registry.FailMigration(work, s.X, s.Migration, cause)
		return s.explain(cause, "The tables are restored; what is left are views, routines, triggers and events. Correct the cause and apply again: the restore goes on where it stopped.")
	}
	if err := s.undo(work); err != nil {
		s.room.Registry.FailMigration(work, s.X, s.Migration, cause)
		return errors.Join(s.explain(cause, "Going back did not work either. Apply again: the restore goes on where it stopped."), err)
	}
	return s.explain(cause, "The tenant is as it was. Correct the cause and apply again.")
}

func (s *swap) explain(cause error, next string) error {
	var p *landlord.Problem
	if errors.As(cause, &p) {
		return cause
	}
	return &landlord.Problem{Field: landlord.FieldTenant, Summary: "Tenant restore stopped", Detail: []string{
		fmt.Sprintf("Restoring tenant `%s` in place from checkpoint `%s` stopped.", s.r.Slug, s.r.Checkpoint), "Cause: " + mysql.Message(cause), next,
	}, Err: cause}
}

// undo brings back the triggers that went before the tables could move.
func (s *swap) undo(ctx context.Context) error {
	live, err := estate.DumpSchema(ctx, s.X, s.Info, s.r.Database)
	if err != nil {
		return err
	}
	start, err := s.room.Estate.StoredSchemaOn(ctx, s.OnMain(), s.r.StartSchema)
	if err != nil {
		return err
	}
	if start != nil {
		back, err := migrate.BringBack(live, start.Schema, registry.Dialect(s.Info), ddl.KindTrigger)
		if err != nil {
			return err
		}
		for _, step := range back {
			if err := migrate.RunStep(ctx, s.X, step); err != nil {
				return err
			}
		}
	}
	if gone, err := tablesOf(ctx, s.X, s.r.Retired); err != nil || len(gone) > 0 {
		return errors.Join(err, fmt.Errorf("database `%s` holds %s", s.r.Retired, landlord.Several(len(gone), "table")))
	}
	if err := s.room.dropMade(ctx, s.X, s.r.Retired); err != nil {
		return err
	}
	return s.Both(ctx, "recording that a restore was given up", func(registry, local mysql.Queryer) error {
		if err := s.room.Registry.Abandon(ctx, local, s.Row); err != nil {
			return err
		}
		if err := s.room.Registry.SetRestoreUnswapped(ctx, registry, s.r.ID); err != nil {
			return err
		}
		return s.room.Registry.SetTenantRunning(ctx, registry, s.Row.ID, "")
	})
}

// dropMade drops a database that this provider made, and the account that its
// programs belong to. MariaDB now and then keeps the name of a database whose
// tables are gone; that is no reason to stop.
func (rs *Restores) dropMade(ctx context.Context, x *mysql.Session, name string) error {
	if name == "" {
		return nil
	}
	_, err := x.Exec(mysql.Patient(ctx), landlord.DropDatabase(name))
	if mysql.IsDirectoryNotEmpty(err) {
		_, err = x.Exec(mysql.Patient(ctx), landlord.DropDatabase(name))
	}
	if err != nil {
		return fmt.Errorf("dropping database `%s`: %w", name, err)
	}
	return rs.Accounts.DropOwner(ctx, x, name)
}
