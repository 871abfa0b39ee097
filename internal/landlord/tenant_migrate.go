package landlord

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// update is one attempt to bring a tenant to what a specification wants.
type update struct {
	run
	spec    TenantSpec
	prior   PriorTenant
	plan    *TenantPlan
	want    *target
	row     *tenantRow
	started time.Time

	unfinished bool       // the ledger has a migration that nobody has completed: of the tenant or of a customization
	final      *rendering // nil: of the rest of an interrupted migration, known by its fingerprint
	base       *rendering
	approval   *Approval // that lets the migration run; nil when it needs none
}

// UpdateTenant brings a tenant to what a specification wants: its name, status
// and metadata, and its schema by exactly the planned migration. The digest is
// the planned one; empty accepts whatever there is to do. Every statement is
// recorded before it runs; a run killed anywhere goes on where it stopped.
// Errors are Problems.
func (e *Engine) UpdateTenant(ctx context.Context, spec TenantSpec, prior PriorTenant, digest string) (*Tenant, error) {
	plan, want, err := e.planTenant(ctx, spec, &prior)
	if err != nil {
		return nil, err
	}
	if plan.Create {
		return e.CreateTenant(ctx, spec, digest)
	}
	if digest != "" && digest != plan.Digest {
		return nil, changedSincePlan(FieldTemplate, spec.Slug, "Nothing was run. Plan again.")
	}
	srv, err := e.server(spec.Server)
	if err != nil {
		return nil, err
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, unreachable(srv, "updating a tenant", err)
	}
	if plan.restore != 0 {
		return e.finishPending(ctx, srv, spec, plan)
	}
	u := &update{spec: spec, prior: prior, plan: plan, want: want, started: e.cfg.Now()}
	u.run = run{e: e, srv: srv, info: info, slug: spec.Slug, database: plan.DatabaseName}
	if !spec.AllowDestructive {
		u.refuse = func(s Step) error { return wouldLose(spec, plan, s) }
	}
	t, err := u.update(ctx)
	if err != nil {
		e.estate.forget(spec.Server, plan.DatabaseName)
		srv.forgetRetired()
		return nil, err
	}
	return t, nil
}

func (u *update) update(ctx context.Context) (*Tenant, error) {
	doing := fmt.Sprintf("Updating tenant `%s`", u.spec.Slug)
	if err := u.e.readyMain(ctx, u.srv); err != nil {
		return nil, err
	}
	x, err := u.srv.Session(ctx)
	if err != nil {
		return nil, unreachable(u.srv, doing, err)
	}
	u.x = x
	defer func() { u.x.Close() }() // it may be another one by then
	if err := checkWritable(ctx, x); err != nil {
		return nil, err
	}
	if err := u.e.openRegistry(ctx, u.srv, x); err != nil {
		return nil, err
	}
	if err := x.Lock(ctx, u.e.tenantLock(u.plan.DatabaseName), u.e.cfg.LockTimeout); err != nil {
		return nil, lockProblem(FieldSlug, doing, err)
	}
	if err := u.look(ctx); err != nil {
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
		if err := u.migrate(ctx); err != nil {
			return nil, err
		}
	}
	if err := u.record(ctx); err != nil {
		return nil, err
	}
	return u.result(ctx)
}

// look compares, under the lock, what there is with what the plan was made from.
func (u *update) look(ctx context.Context) error {
	row, err := u.e.registry.readTenant(ctx, u.e.registryOf(u.srv, u.x), u.spec.Slug)
	if err != nil {
		return err
	}
	u.row = row
	if (row == nil) != u.plan.Adopt {
		return problem(FieldSlug, "Tenant changed since the plan",
			fmt.Sprintf("Another run has registered or removed tenant `%s` since the plan was made.", u.spec.Slug), "Nothing was run. Plan again.")
	}
	if row != nil {
		old, err := u.e.registry.readRunning(ctx, u.x, row.id)
		if err != nil {
			return err
		}
		if u.unfinished = old != nil; old != nil {
			if err := u.e.fence(ctx, u.x, u.info, old); err != nil {
				return err
			}
		}
	}
	if u.live, err = u.e.liveFingerprint(ctx, u.srv, u.x, u.plan.DatabaseName); err != nil {
		return err
	}
	if u.live == nil {
		return problem(FieldSlug, "Tenant database is gone",
			fmt.Sprintf("Database `%s` of tenant `%s` does not exist any more.", u.plan.DatabaseName, u.spec.Slug), "Nothing was run. Plan again: it is planned as a create.")
	}
	if from := u.plan.from(); from != "" && from != u.live.Whole {
		u.x.Close() // what follows may need a connection of the pool
		return u.e.changedSince(ctx, u.spec.Slug, row, u.live)
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
	u.approval, err = u.e.registry.approved(ctx, u.e.registryOf(u.srv, u.x), u.plan.Digest, u.spec.Slug)
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
	registry := u.e.registryOf(u.srv, u.x)
	if err := u.e.registry.writeSchema(ctx, registry, *u.live, schema); err != nil {
		return err
	}
	return u.e.both(ctx, u.srv, u.x, fmt.Sprintf("adopting tenant `%s`", u.spec.Slug), func(registry, local mysql.Queryer) error {
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

// migrate runs the planned steps.
func (u *update) migrate(ctx context.Context) error {
	if err := u.intend(ctx); err != nil {
		return err
	}
	u.e.fault("after intent")
	if err := u.x.Use(ctx, u.plan.DatabaseName); err != nil {
		return err
	}
	if err := u.send(ctx); err != nil {
		u.e.registry.failMigration(ctx, u.x, u.migration, err)
		return u.stopped(err)
	}
	err := u.verify(ctx)
	if err != nil {
		u.e.registry.failMigration(ctx, u.x, u.migration, err)
	}
	return err
}

// intend records the whole migration before its first statement, or takes an
// interrupted one over.
func (u *update) intend(ctx context.Context) error {
	if r := u.plan.rest; r != nil {
		u.migration, u.steps, u.next = r.running.id, r.steps, r.next
		return u.e.registry.takeOver(ctx, u.x, u.migration, intent{author: u.e.author(u.info), serverUUID: u.info.UUID, connection: u.x.ID()})
	}
	m := u.plan.migration
	u.final, u.base = m.final, m.base
	steps := u.plan.Steps
	if needsRetirement(steps) {
		if err := u.e.openRetirement(ctx, u.x); err != nil {
			return err
		}
	}
	for i, s := range steps {
		u.steps = append(u.steps, recordedStep{Step: s, number: i + 1, before: m.states[i], after: m.states[i+1], state: "planned"})
	}
	setIntent(u.steps[:together(u.steps, 0)])
	if err := u.e.share(ctx, u.srv, u.x, u.want, u.info, u.plan.Steps, m.start, m.final, m.base); err != nil {
		return err
	}
	return u.e.both(ctx, u.srv, u.x, fmt.Sprintf("recording the migration of tenant `%s`", u.spec.Slug), func(registry, local mysql.Queryer) error {
		err := u.e.registry.setTenantUpdating(ctx, registry, u.row.id, u.plan.Digest, u.want.id.Version)
		if err != nil {
			return err
		}
		if err := u.e.registry.writeDecisions(ctx, registry, u.row, m.decided, u.want.id.String(), u.e.author(u.info)); err != nil {
			return err
		}
		if u.row.running != "" || u.unfinished { // else there is nothing to close, and looking would lock what others insert
			if err := u.e.registry.abandon(ctx, local, u.row); err != nil {
				return err
			}
		}
		u.migration, err = u.e.registry.writeIntent(ctx, local, intent{
			tenant: u.row, name: u.name(), level: 1, digest: u.plan.Digest, from: u.row.appliedTemplate(), to: u.want.id.String(),
			modules: u.want.composition.Modules, composition: u.want.composition.Digest, fromSchema: u.live.Whole, toSchema: m.final.fingerprint.Whole, recorded: m.base.fingerprint.Whole,
			author: u.e.author(u.info), serverUUID: u.info.UUID, connection: u.x.ID(),
		})
		if err != nil {
			return err
		}
		if err := u.e.registry.writePlannedSteps(ctx, local, u.migration, u.steps); err != nil {
			return err
		}
		return u.e.registry.planRetired(ctx, local, u.row, u.migration, u.steps, u.spec.Retention)
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

// stopped describes a statement that failed.
func (u *update) stopped(err error) error {
	var p *Problem
	if errors.As(err, &p) {
		return err
	}
	s := u.steps[u.next]
	return &Problem{Field: FieldTemplate, Summary: "Tenant migration stopped", Detail: []string{
		fmt.Sprintf("Migrating tenant `%s` to template `%s` stopped at statement %d of %d.", u.spec.Slug, u.want.id, s.number, len(u.steps)),
		shorten(s.SQL),
		"Cause: " + mysql.Message(err),
		"What is done is kept and recorded. Correct the cause and apply again: the migration goes on where it stopped.",
	}, Err: err}
}

// verify compares what the server has now with what was predicted.
func (u *update) verify(ctx context.Context) error {
	live, err := u.e.liveFingerprint(ctx, u.srv, u.x, u.plan.DatabaseName)
	if err != nil {
		return err
	}
	predicted := u.steps[len(u.steps)-1].after
	if live != nil && live.Whole == predicted {
		u.live = live
		return nil
	}
	detail := "The database is gone."
	if live != nil {
		detail = "The schema differs from the predicted one."
		if u.final != nil {
			detail = listDifferences(differences(u.final.fingerprint.Objects, live.Objects))
		}
	}
	return problem(FieldTemplate, "Tenant schema is not what was predicted",
		fmt.Sprintf("All statements of the migration of tenant `%s` to template `%s` ran, but the result is another one.", u.spec.Slug, u.want.id), detail,
		"Somebody changed the schema while it was migrated. The tenant is not recorded as migrated. Plan again.")
}
