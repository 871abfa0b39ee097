package tenant

import (
	"cmp"
	"context"
	"fmt"
	"reflect"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// update is one attempt to bring a tenant to what a specification wants.
type update struct {
	*apply.Job
	room  *Tenants
	spec  landlord.TenantSpec
	prior landlord.PriorTenant
	plan  *apply.TenantPlan
	want  *estate.Target
	seen  *registry.TenantRow // that the plan was made from; nil for a tenant that is not registered

	final    *estate.Rendering // nil: of the rest of an interrupted migration, known by its fingerprint
	base     *estate.Rendering
	approval *landlord.Approval // that lets the migration run; nil when it needs none
}

// UpdateTenant brings a tenant to what a specification wants: its name, status
// and metadata, and its schema by exactly the planned migration. The digest is
// the planned one; empty accepts whatever there is to do. Every statement is
// recorded before it runs; a run killed anywhere goes on where it stopped.
// Errors are Problems.
func (t *Tenants) UpdateTenant(ctx context.Context, spec landlord.TenantSpec, prior landlord.PriorTenant, digest string) (*landlord.Tenant, error) {
	spec.Database = cmp.Or(spec.Database, prior.Database)
	at, err := t.Jobs.PlaceOf(ctx, spec.Slug)
	if err != nil {
		return nil, err
	}
	if row, err := t.Estate.Snapshot.Row(ctx, spec.Slug); err != nil {
		return nil, err
	} else if row == nil && spec.Database != "" { // that is adopted
		at = registry.Place{Server: spec.Server, Database: spec.Database}
	}
	there := registry.Place{Server: spec.Server, Database: at.Database}
	done, err := t.Servers.Queue.Take(ctx, at, there) // what others of this process do is done when the plan is made again
	if err != nil {
		return nil, err
	}
	defer done()
	srv, err := t.Servers.Server(spec.Server)
	if err != nil {
		return nil, err
	}
	run := &updating{digest: digest}
	out, err := apply.ReopenElsewhere(ctx, func() (*landlord.Tenant, error) { return t.updateTenant(ctx, srv, spec, prior, run) }, func() {
		run.again, prior.Fingerprint = true, ""
		t.Estate.Snapshot.Forget(spec.Slug, spec.Server, at.Database)
		t.Config.Log(ctx, "Goes on after a lost connection", map[string]any{"tenant": spec.Slug})
	}, srv, t.Servers.Main())
	if err != nil {
		return nil, err
	}
	return out, t.leave(ctx, spec.Slug, prior.Fleet)
}

// updating is what the attempts at one update have in common.
type updating struct {
	digest  string // that was planned; empty accepts whatever there is to do
	running string // digest of the migration that it was planned to complete
	again   bool   // the attempt before lost its server
}

// agrees says whether a plan is the planned one, or what a lost attempt at it has
// left.
func (u *updating) agrees(plan *apply.TenantPlan) bool {
	if u.digest == "" || u.digest == plan.Digest {
		return true
	}
	return u.again && (!plan.HasWork() || plan.Move != nil && !plan.Move.Back || plan.Rest != nil && (plan.Rest.Running.Digest == u.digest || plan.Rest.Running.Digest == u.running))
}

// updateTenant is one attempt.
func (t *Tenants) updateTenant(ctx context.Context, srv *registry.Server, spec landlord.TenantSpec, prior landlord.PriorTenant, run *updating) (*landlord.Tenant, error) {
	plan, want, err := t.planTenant(ctx, spec, &prior)
	if err != nil {
		return nil, err
	}
	if err := t.RefuseUnseen(plan); err != nil {
		return nil, err
	}
	if plan.Create {
		return t.createTenant(ctx, spec, run.digest)
	}
	if !run.again && plan.Rest != nil {
		run.running = plan.Rest.Running.Digest
	}
	if !run.agrees(plan) {
		return nil, landlord.ChangedSincePlan(landlord.FieldTemplate, spec.Slug, "Nothing was run. Plan again.")
	}
	seen, err := t.Estate.Snapshot.Row(ctx, spec.Slug) // that the plan was made from
	if err != nil {
		return nil, err
	}
	if plan.Move != nil {
		return t.move(ctx, spec, plan)
	}
	if plan.Restore != nil {
		if err := t.Restores.FinishPending(ctx, srv, spec, plan); err != nil {
			return nil, err
		}
		if err := t.recordWishes(ctx, spec, plan.Restore.Tenant); err != nil {
			return nil, err
		}
		t.Estate.Snapshot.Forget(spec.Slug, spec.Server, plan.DatabaseName) // others may have read it in between
		return t.Tenant(ctx, spec.Slug)
	}
	u := &update{room: t, spec: spec, prior: prior, plan: plan, want: want, seen: seen}
	out, err := u.run(ctx, t, srv)
	if err != nil {
		t.Estate.Snapshot.Forget(spec.Slug, spec.Server, plan.DatabaseName)
		srv.ForgetRetired()
		return nil, err
	}
	return out, nil
}

// move moves a tenant, and records what else is wanted of it by name alone.
func (t *Tenants) move(ctx context.Context, spec landlord.TenantSpec, plan *apply.TenantPlan) (*landlord.Tenant, error) {
	moved, err := t.Moves.Move(ctx, spec, plan)
	if err != nil {
		return nil, err
	}
	if err := t.recordWishes(ctx, spec, moved.Tenant); err != nil {
		return nil, err
	}
	t.Estate.Snapshot.Forget(spec.Slug, plan.Move.To, plan.DatabaseName)
	out, err := t.Tenant(ctx, spec.Slug)
	if err != nil {
		return nil, err
	}
	out.Notes = append(out.Notes, moved.Notes...)
	return out, nil
}

// recordWishes records what else is wanted of a tenant whose move or restore was all
// that an apply has done.
func (t *Tenants) recordWishes(ctx context.Context, spec landlord.TenantSpec, id uint64) error {
	return t.Jobs.WriteTogether(ctx, t.Servers.Main(), fmt.Sprintf("recording tenant `%s`", spec.Slug), func(q mysql.Queryer) error {
		if err := t.Registry.RenameTenant(ctx, q, spec.Slug, spec.Name, spec.Metadata); err != nil {
			return err
		}
		return t.Registry.WriteDeletion(ctx, q, id, deletionOf(spec))
	})
}

func (u *update) run(ctx context.Context, room *Tenants, srv *registry.Server) (t *landlord.Tenant, err error) {
	u.Job, err = room.Jobs.Open(ctx, apply.Goal{
		Srv: srv, Slug: u.spec.Slug, Database: u.plan.DatabaseName, Lock: room.Servers.TenantLock(u.plan.DatabaseName), Turn: true,
		Field: landlord.FieldSlug, Doing: fmt.Sprintf("Updating tenant `%s`", u.spec.Slug),
	})
	if err != nil {
		return nil, err
	}
	defer u.Close()
	if !u.spec.AllowDestructive {
		u.Refuse = func(s landlord.Step) error {
			if u.spec.Agrees(s) {
				return nil
			}
			return wouldLose(u.spec, u.plan, s)
		}
	}
	if err := u.compare(ctx); err != nil {
		return nil, err
	}
	if err := u.approve(ctx); err != nil {
		return nil, err
	}
	if err := u.adopt(ctx); err != nil {
		return nil, err
	}
	if err := u.recordKnown(ctx); err != nil {
		return nil, err
	}
	if u.plan.HasWork() || u.plan.Rest != nil {
		if err := u.ask(ctx); err != nil {
			return nil, err
		}
		if err := u.checkpointFirst(ctx); err != nil {
			return nil, err
		}
		if err := u.record(ctx); err != nil {
			return nil, err
		}
		if err := u.Migrate(ctx, u.task(), u.final); err != nil {
			return nil, err
		}
	}
	if err := u.finish(ctx); err != nil {
		return nil, err
	}
	return u.result(ctx)
}

// compare compares, under the lock, what there is with what the plan was made
// from.
func (u *update) compare(ctx context.Context) (err error) {
	if (u.Row == nil) != u.plan.Adopt {
		return landlord.NewProblem(landlord.FieldSlug, "Tenant changed since the plan",
			fmt.Sprintf("Another run has registered or removed tenant `%s` since the plan was made.", u.spec.Slug), "Nothing was run. Plan again.")
	}
	if u.Live, err = u.room.Estate.LiveFingerprint(ctx, u.Srv, u.X, u.plan.DatabaseName); err != nil {
		return err
	}
	if u.Live == nil {
		return databaseGone(u.spec.Slug, u.plan.DatabaseName)
	}
	if from := u.plan.From(); from != "" && from != u.Live.Whole {
		u.Release() // what follows may need a connection of the pool
		return u.room.Drifts.ChangedSince(ctx, u.spec.Slug, u.Row, u.Live)
	}
	return u.compareRecord(ctx)
}

// compareRecord compares what is recorded of the tenant with what the plan was
// made from. Statements that change rows leave no trace in the schema: only the
// record tells that another process has run them.
func (u *update) compareRecord(ctx context.Context) error {
	changed := landlord.ChangedSincePlan(landlord.FieldTemplate, u.spec.Slug, "Nothing was run. Plan again.")
	if u.seen != nil && u.Row != nil &&
		(u.Row.AppliedTemplate() != u.seen.AppliedTemplate() || u.Row.Composition != u.seen.Composition || u.Row.CurrentSchema != u.seen.CurrentSchema) {
		return changed
	}
	if err := u.comparePast(ctx, changed); err != nil {
		return err
	}
	rest := u.plan.Rest
	if rest == nil {
		return nil
	}
	if u.Old == nil || u.Old.ID != rest.Running.ID {
		return changed
	}
	steps, err := u.room.Registry.ReadSteps(ctx, u.X, rest.Running.ID)
	if err != nil {
		return err
	}
	if migrate.Position(steps, u.Live.Whole) != rest.Next {
		return changed
	}
	return nil
}

// comparePast compares which statements on rows the tenant has seen with what the
// plan was made from.
func (u *update) comparePast(ctx context.Context, changed error) error {
	m := u.plan.Migration
	if m == nil || m.Past == nil || u.Row == nil && u.plan.Recorded == nil {
		return nil
	}
	row := u.Row
	if u.plan.Recorded != nil {
		row = u.plan.Recorded
	}
	past, err := u.room.Planner.Past(ctx, u.X, row, u.Live)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(past, m.Past) {
		return changed
	}
	return nil
}

// approve looks, under the lock, for the approval that the plan waits for. Without
// one the tenant stays as it is.
func (u *update) approve(ctx context.Context) error {
	if !u.plan.Waits {
		return nil
	}
	var err error
	u.approval, err = u.room.Registry.Approved(ctx, u.OnMain(), u.plan.Digest, u.spec.Slug)
	if err != nil {
		return err
	}
	if u.approval != nil {
		u.plan.UpdateStatus = landlord.UpdateCurrent
		return nil
	}
	u.plan.Steps = nil
	u.room.stay(u.plan, u.Row, u.Live, landlord.UpdatePendingApproval)
	return nil
}

// adopt registers a database that the landlord did not know: its schema as it
// is becomes the base.
func (u *update) adopt(ctx context.Context) error {
	if !u.plan.Adopt {
		return nil
	}
	schema, err := estate.DumpSchema(ctx, u.X, u.Info, u.plan.DatabaseName)
	if err != nil {
		return err
	}
	if err := u.room.Registry.WriteSchema(ctx, u.OnMain(), *u.Live, schema); err != nil {
		return err
	}
	return u.Both(ctx, fmt.Sprintf("adopting tenant `%s`", u.spec.Slug), func(records, local mysql.Queryer) error {
		row := &registry.TenantRow{Slug: u.spec.Slug, Name: u.spec.Name, Database: u.plan.DatabaseName, Server: u.spec.Server, Metadata: u.spec.Metadata}
		err := u.room.Registry.InsertAdopted(ctx, records, row, u.Live.Whole)
		if err != nil {
			return err
		}
		if u.Row, err = u.room.Registry.ReadTenant(ctx, records, u.spec.Slug); err != nil {
			return err
		}
		return u.room.Registry.WriteEvent(ctx, local, u.Row, "adopted", u.room.Servers.Author(u.Info), map[string]any{"fingerprint": u.Live.Whole})
	})
}

// ask asks the data once more, under the lock, so that a migration that
// the data forbids does not begin.
func (u *update) ask(ctx context.Context) error {
	return u.room.ask(ctx, u.Srv, u.X, u.spec, u.plan)
}

// record records the whole migration before its first statement, or takes an
// interrupted one over.
func (u *update) record(ctx context.Context) error {
	if u.plan.Rest != nil {
		return u.TakeOver(ctx, u.plan.Rest)
	}
	m := u.plan.Migration
	u.final, u.base, u.Steps = m.Final, m.Base, apply.RecordSteps(u.plan.Steps, m.States)
	return u.Intend(ctx, apply.Intention{
		Doing:     fmt.Sprintf("recording the migration of tenant `%s`", u.spec.Slug),
		Intent:    u.intent(),
		Retention: u.spec.Retention, Want: u.want, Schemas: []*estate.Rendering{m.Start, m.Final, m.Base},
		TellRegistry: func(ctx context.Context, registry mysql.Queryer) error {
			if err := u.room.Registry.SetTenantUpdating(ctx, registry, u.Row.ID, u.plan.Digest, u.want.ID.Version); err != nil {
				return err
			}
			return u.room.Registry.WriteDecisions(ctx, registry, u.Row, m.Decided, u.want.ID.String(), u.room.Servers.Author(u.Info))
		},
	})
}

// intent is the migration as the ledger has it before it runs.
func (u *update) intent() registry.Intent {
	m := u.plan.Migration
	return registry.Intent{
		Name: u.name(), Level: 1, Digest: u.plan.Digest, To: u.want.ID.String(), Modules: u.want.Composition.Modules,
		Composition: u.want.Composition.Digest, FromSchema: u.Live.Whole, ToSchema: m.Final.Fingerprint.Whole, Recorded: m.Base.Fingerprint.Whole,
	}
}

// name names the migration for people.
func (u *update) name() string {
	from, to := u.Row.AppliedTemplate(), u.want.ID.String()
	switch {
	case from == "":
		return "adopt " + to
	case from == to:
		return "change " + to
	}
	return from + " to " + to
}

// task names the migration for people.
func (u *update) task() apply.Task {
	return apply.Task{
		Field: landlord.FieldTemplate, Unlike: landlord.FieldTemplate, Stopped: "Tenant migration stopped", Thing: "the migration",
		Doing: fmt.Sprintf("Migrating tenant `%s` to template `%s`", u.spec.Slug, u.want.ID),
		Work:  fmt.Sprintf("the migration of tenant `%s` to template `%s`", u.spec.Slug, u.want.ID),
		After: "Somebody changed the schema while it was migrated. The tenant is not recorded as migrated. Plan again.",
	}
}

// checkpointFirst takes the automatic checkpoint before a migration that loses
// rows. The rest of an interrupted one has its checkpoint already.
func (u *update) checkpointFirst(ctx context.Context) error {
	if u.plan.Rest != nil || u.room.Checkpoints.Automatic(u.spec.Automatic) == landlord.AutomaticNone {
		return nil
	}
	loses, err := migrate.LosesRows(ctx, u.X, u.plan.DatabaseName, u.plan.Steps)
	if err != nil || !loses {
		return err
	}
	_, err = u.room.Checkpoints.TakeAutomatic(ctx, u.Job, u.automatic())
	return checkpointing.NoCheckpoint(err, fmt.Sprintf("Before a migration that loses rows a checkpoint of tenant `%s` is taken. It could not be, so the migration has not begun.", u.spec.Slug))
}

// automatic is the checkpoint that a migration takes.
func (u *update) automatic() checkpointing.AutomaticCheckpoint {
	return checkpointing.AutomaticCheckpoint{Wish: u.spec.Automatic, Origin: landlord.OriginMigration, Retention: u.spec.Retention}
}
