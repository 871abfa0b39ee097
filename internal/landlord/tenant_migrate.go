package landlord

import (
	"context"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// update is one attempt to bring a tenant to what a specification wants.
type update struct {
	*job
	e     *Engine
	spec  TenantSpec
	prior PriorTenant
	plan  *TenantPlan
	want  *target

	final    *rendering // nil: of the rest of an interrupted migration, known by its fingerprint
	base     *rendering
	approval *Approval // that lets the migration run; nil when it needs none
}

// UpdateTenant brings a tenant to what a specification wants: its name, status
// and metadata, and its schema by exactly the planned migration. The digest is
// the planned one; empty accepts whatever there is to do. Every statement is
// recorded before it runs; a run killed anywhere goes on where it stopped.
// Errors are Problems.
func (e *Engine) UpdateTenant(ctx context.Context, spec TenantSpec, prior PriorTenant, digest string) (*Tenant, error) {
	at, err := e.placeOf(ctx, spec.Slug)
	if err != nil {
		return nil, err
	}
	at.server = spec.Server
	done, err := e.world.queue.take(ctx, at) // what others of this process do is done when the plan is made again
	if err != nil {
		return nil, err
	}
	defer done()
	plan, want, err := e.planTenant(ctx, spec, &prior)
	if err != nil {
		return nil, err
	}
	if plan.Create {
		return e.createTenant(ctx, spec, digest)
	}
	if digest != "" && digest != plan.Digest {
		return nil, changedSincePlan(FieldTemplate, spec.Slug, "Nothing was run. Plan again.")
	}
	srv, err := e.server(spec.Server)
	if err != nil {
		return nil, err
	}
	if plan.restore != nil {
		if err := e.finishPending(ctx, srv, spec, plan); err != nil {
			return nil, err
		}
		return e.Tenant(ctx, spec.Slug)
	}
	u := &update{e: e, spec: spec, prior: prior, plan: plan, want: want}
	t, err := u.run(ctx, e, srv)
	if err != nil {
		e.estate.forget(spec.Slug, spec.Server, plan.DatabaseName)
		srv.forgetRetired()
		return nil, err
	}
	return t, nil
}

func (u *update) run(ctx context.Context, e *Engine, srv *server) (t *Tenant, err error) {
	u.job, err = e.open(ctx, goal{
		srv: srv, slug: u.spec.Slug, database: u.plan.DatabaseName, lock: e.tenantLock(u.plan.DatabaseName), turn: true,
		field: FieldSlug, doing: fmt.Sprintf("Updating tenant `%s`", u.spec.Slug),
	})
	if err != nil {
		return nil, err
	}
	defer u.close()
	if !u.spec.AllowDestructive {
		u.refuse = func(s Step) error { return wouldLose(u.spec, u.plan, s) }
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
	if u.plan.HasWork() || u.plan.rest != nil {
		if err := u.preflight(ctx); err != nil {
			return nil, err
		}
		if err := u.checkpointFirst(ctx); err != nil {
			return nil, err
		}
		if err := u.record(ctx); err != nil {
			return nil, err
		}
		if err := u.migrate(ctx, u.task(), u.final); err != nil {
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
	if (u.row == nil) != u.plan.Adopt {
		return problem(FieldSlug, "Tenant changed since the plan",
			fmt.Sprintf("Another run has registered or removed tenant `%s` since the plan was made.", u.spec.Slug), "Nothing was run. Plan again.")
	}
	if u.live, err = u.e.liveFingerprint(ctx, u.srv, u.x, u.plan.DatabaseName); err != nil {
		return err
	}
	if u.live == nil {
		return problem(FieldSlug, "Tenant database is gone",
			fmt.Sprintf("Database `%s` of tenant `%s` does not exist any more.", u.plan.DatabaseName, u.spec.Slug), "Nothing was run. Plan again: it is planned as a create.")
	}
	if from := u.plan.from(); from != "" && from != u.live.Whole {
		u.release() // what follows may need a connection of the pool
		return u.e.changedSince(ctx, u.spec.Slug, u.row, u.live)
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
	u.approval, err = u.e.registry.approved(ctx, u.onMain(), u.plan.Digest, u.spec.Slug)
	if err != nil {
		return err
	}
	if u.approval != nil {
		u.plan.UpdateStatus = UpdateCurrent
		return nil
	}
	u.plan.Steps = nil
	u.e.stay(u.plan, u.row, u.live, UpdatePendingApproval)
	return nil
}

// from returns the fingerprint that the plan starts from, empty when any will do.
func (p *TenantPlan) from() string {
	switch {
	case p.rest != nil && p.rest.next < len(p.rest.steps):
		return p.rest.steps[p.rest.next].before
	case p.rest != nil:
		return p.rest.running.toSchema
	case p.migration != nil:
		return p.migration.states[0]
	}
	return ""
}

// adopt registers a database that the landlord did not know: its schema as it
// is becomes the base.
func (u *update) adopt(ctx context.Context) error {
	if !u.plan.Adopt {
		return nil
	}
	schema, err := dumpSchema(ctx, u.x, u.info, u.plan.DatabaseName)
	if err != nil {
		return err
	}
	if err := u.e.registry.writeSchema(ctx, u.onMain(), *u.live, schema); err != nil {
		return err
	}
	return u.both(ctx, fmt.Sprintf("adopting tenant `%s`", u.spec.Slug), func(registry, local mysql.Queryer) error {
		row := &tenantRow{slug: u.spec.Slug, name: u.spec.Name, database: u.plan.DatabaseName, server: u.spec.Server, metadata: u.spec.Metadata}
		err := u.e.registry.insertAdopted(ctx, registry, row, u.live.Whole)
		if err != nil {
			return err
		}
		if u.row, err = u.e.registry.readTenant(ctx, registry, u.spec.Slug); err != nil {
			return err
		}
		return u.e.registry.writeEvent(ctx, local, u.row, "adopted", u.e.author(u.info), map[string]any{"fingerprint": u.live.Whole})
	})
}

// preflight asks the data once more, under the lock, so that a migration that
// the data forbids does not begin.
func (u *update) preflight(ctx context.Context) error {
	if u.spec.SkipProbes || u.plan.rest != nil {
		return nil
	}
	findings, err := u.e.probeOn(ctx, u.x, u.info, u.plan.DatabaseName, u.plan.Steps)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.blocks {
			return problem(FieldTemplate, "Data forbids a step of the migration",
				fmt.Sprintf("Tenant `%s` cannot move to template `%s`: %s.", u.spec.Slug, u.want.id, f.text), shorten(f.step.SQL),
				"Nothing was run. Correct the data, or add an explicit step to `migrations/` that does, and plan again.")
		}
	}
	return nil
}

// record records the whole migration before its first statement, or takes an
// interrupted one over.
func (u *update) record(ctx context.Context) error {
	if u.plan.rest != nil {
		return u.takeOver(ctx, u.plan.rest)
	}
	m := u.plan.migration
	u.final, u.base, u.steps = m.final, m.base, recordSteps(u.plan.Steps, m.states)
	return u.intend(ctx, intention{
		doing: fmt.Sprintf("recording the migration of tenant `%s`", u.spec.Slug),
		intent: intent{
			name: u.name(), level: 1, digest: u.plan.Digest, to: u.want.id.String(), modules: u.want.composition.Modules,
			composition: u.want.composition.Digest, fromSchema: u.live.Whole, toSchema: m.final.fingerprint.Whole, recorded: m.base.fingerprint.Whole,
		},
		retention: u.spec.Retention, want: u.want, schemas: []*rendering{m.start, m.final, m.base},
		tellRegistry: func(ctx context.Context, registry mysql.Queryer) error {
			if err := u.e.registry.setTenantUpdating(ctx, registry, u.row.id, u.plan.Digest, u.want.id.Version); err != nil {
				return err
			}
			return u.e.registry.writeDecisions(ctx, registry, u.row, m.decided, u.want.id.String(), u.e.author(u.info))
		},
	})
}

// name names the migration for people.
func (u *update) name() string {
	from, to := u.row.appliedTemplate(), u.want.id.String()
	switch {
	case from == "":
		return "adopt " + to
	case from == to:
		return "change " + to
	}
	return from + " to " + to
}

// task names the migration for people.
func (u *update) task() task {
	return task{
		field: FieldTemplate, unlike: FieldTemplate, stopped: "Tenant migration stopped", thing: "the migration",
		doing: fmt.Sprintf("Migrating tenant `%s` to template `%s`", u.spec.Slug, u.want.id),
		work:  fmt.Sprintf("the migration of tenant `%s` to template `%s`", u.spec.Slug, u.want.id),
		after: "Somebody changed the schema while it was migrated. The tenant is not recorded as migrated. Plan again.",
	}
}
