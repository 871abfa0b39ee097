package landlord

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// ApplyCustomization brings a tenant to what a specification wants, by exactly
// the planned statements. The digest is the planned one; empty accepts whatever
// there is to do. Every statement is recorded before it runs; a run killed
// anywhere goes on where it stopped. Errors are Problems.
func (e *Engine) ApplyCustomization(ctx context.Context, spec CustomizationSpec, prior *PriorCustomization, digest string) (*Customization, error) {
	if err := e.applyCustom(ctx, wanted{CustomizationSpec: spec, prior: prior}, digest); err != nil {
		return nil, err
	}
	return e.Customization(ctx, spec.Tenant, spec.Name)
}

// RemoveCustomization takes away what a customization made, and forgets it. What
// holds data is set aside, unless the options say otherwise. ErrNotFound when
// the landlord database does not know it, or its tenant. Errors are Problems.
func (e *Engine) RemoveCustomization(ctx context.Context, tenant, name string, opt RemovalOptions) error {
	return e.applyCustom(ctx, removal(tenant, name, opt), "")
}

// errMoved says that the tenant is another one than the plan was fitted to. What
// is planned counts as before; it is fitted again.
var errMoved = errors.New("the tenant has changed meanwhile")

// mostFits bounds how often a plan is fitted to a tenant that others change.
const mostFits = 5

func (e *Engine) applyCustom(ctx context.Context, want wanted, digest string) error {
	done, err := e.world.turn(ctx, want.Tenant)
	if err != nil {
		return fmt.Errorf("waiting for another customization of tenant `%s`: %w", want.Tenant, err)
	}
	defer done()
	for attempt := 1; ; attempt++ {
		plan, err := e.planCustom(ctx, want)
		if err != nil {
			if want.remove && e.isLeaving(ctx, want.Tenant) {
				return ErrNotFound
			}
			return err
		}
		if digest != "" && digest != plan.Digest {
			return problem(FieldNone, "Customization changed since the plan",
				fmt.Sprintf("Another run has worked on customization `%s` of tenant `%s` since the plan was made, so the planned steps are not what is left to do.", want.Name, want.Tenant),
				"Nothing was run. Plan again.")
		}
		if plan.Unknown {
			return problem(FieldNone, "Customization has to wait for another one",
				fmt.Sprintf("What customization `%s` of tenant `%s` makes belongs to another one, which is not gone yet.", want.Name, want.Tenant), "Nothing was run. Apply again.")
		}
		if plan.settled() {
			return nil
		}
		fit, err := e.fit(ctx, plan)
		if err == nil {
			err = e.carryOut(ctx, plan, fit)
		}
		if err == nil {
			return nil
		}
		e.estate.forget(plan.tenant.srv.key, plan.tenant.database)
		plan.tenant.srv.forgetRetired()
		switch {
		case want.remove && e.isLeaving(ctx, want.Tenant):
			return ErrNotFound // dropped meanwhile, with everything that it had
		case !errors.Is(err, errMoved):
			return err
		case attempt == mostFits:
			return &Problem{Field: FieldTenant, Summary: "Tenant is changed at the same time", Detail: []string{
				fmt.Sprintf("Something else works on tenant `%s`, or this run has planned to and not done it yet, so that customization `%s` was never fitted to what is there.", want.Tenant, want.Name),
				"Nothing was run. Refer to `slug` of the `landlord_tenant`, so that Terraform knows the order, and apply again.",
			}, Err: err}
		}
	}
}

// isLeaving says whether a tenant is gone, or on its way out. A configuration
// that names it without a reference lets both go at once.
func (e *Engine) isLeaving(ctx context.Context, slug string) bool {
	row, err := e.registry.readTenant(ctx, e.main(), slug) // past what this run has seen
	return err == nil && (row == nil || row.status == StatusDropping)
}

// settled says whether the landlord database has exactly what is wanted, because
// an earlier run was cut off when it was complete.
func (p *customPlan) settled() bool {
	return !p.want.remove && p.want.prior == nil && p.old != nil && p.old.pending == nil && p.Same
}

// customizing is one attempt to carry a plan out.
type customizing struct {
	run
	plan    *customPlan
	fit     *fitted
	row     *tenantRow
	old     *running // of the ledger, which another run has left
	started time.Time
}

func (e *Engine) carryOut(ctx context.Context, plan *customPlan, fit *fitted) error {
	t := plan.tenant
	c := &customizing{plan: plan, fit: fit, started: e.cfg.Now()}
	c.run = run{e: e, srv: t.srv, info: t.info, slug: t.slug, database: t.database, steps: fit.steps, next: fit.next}
	if !plan.mayLose() {
		c.refuse = plan.wouldLose
	}
	return c.do(ctx)
}

func (c *customizing) do(ctx context.Context) error {
	doing := fmt.Sprintf("Customizing tenant `%s`", c.slug)
	if err := c.e.readyMain(ctx, c.srv); err != nil {
		return err
	}
	x, err := c.srv.Session(ctx)
	if err != nil {
		return unreachable(c.srv, doing, err)
	}
	c.x = x
	defer func() { c.x.Close() }() // it may be another one by then
	if err := checkWritable(ctx, x); err != nil {
		return err
	}
	if err := c.e.openRegistry(ctx, c.srv, x); err != nil {
		return err
	}
	if err := x.Lock(ctx, c.e.tenantLock(c.database), c.e.cfg.LockTimeout); err != nil {
		return lockProblem(FieldTenant, doing, err)
	}
	if err := c.look(ctx); err != nil {
		return err
	}
	if len(c.steps) > 0 {
		if err := c.checkpointFirst(ctx); err != nil {
			return err
		}
		if err := c.migrate(ctx); err != nil {
			return err
		}
	}
	if err := c.record(ctx); err != nil {
		return err
	}
	return c.learn(ctx)
}

// look compares, under the lock, what there is with what the plan was fitted to.
func (c *customizing) look(ctx context.Context) error {
	t := c.plan.tenant
	row, err := c.e.registry.readTenant(ctx, c.e.registryOf(c.srv, c.x), c.slug)
	if err != nil {
		return err
	}
	if row == nil {
		return tenantUnknown(c.slug)
	}
	c.row = row
	all, err := c.e.registry.readCustomizations(ctx, c.e.registryOf(c.srv, c.x), row.id)
	if err != nil {
		return err
	}
	if row.currentSchema != t.row.currentSchema || row.composition != t.row.composition || row.running != t.row.running ||
		row.status != t.row.status || !sameRows(all[row.id], t.recorded) {
		return errMoved
	}
	if row.running != "" || row.status == StatusCreating || row.status == StatusDropping {
		return t.usable(false)
	}
	if c.old, err = c.e.registry.readRunning(ctx, c.x, row.id); err != nil {
		return err
	}
	if c.old != nil {
		if err := c.e.fence(ctx, c.x, c.info, c.old); err != nil {
			return err
		}
	}
	if rest := c.plan.rest; rest != nil && (c.old == nil || c.old.id != rest.running.id) {
		return errMoved
	}
	if c.live, err = c.e.liveFingerprint(ctx, c.srv, c.x, c.database); err != nil {
		return err
	}
	if (c.live == nil) != (t.live == nil) || c.live != nil && c.live.Whole != t.live.Whole {
		return errMoved
	}
	return nil
}

// sameRows says whether nobody has worked on the customizations of a tenant.
func sameRows(a, b []customization) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].id != b[i].id || !a[i].updatedAt.Equal(b[i].updatedAt) || a[i].status != b[i].status {
			return false
		}
	}
	return true
}

// migrate runs the statements.
func (c *customizing) migrate(ctx context.Context) error {
	if err := c.intend(ctx); err != nil {
		return err
	}
	c.e.fault("after intent")
	if err := c.x.Use(ctx, c.database); err != nil {
		return err
	}
	err := c.send(ctx)
	if err != nil {
		err = c.stopped(err)
	} else {
		err = c.verify(ctx)
	}
	if err != nil {
		c.e.registry.failMigration(ctx, c.x, c.migration, err)
	}
	return err
}

// stopped describes a statement that failed.
func (c *customizing) stopped(err error) error {
	var p *Problem
	if errors.As(err, &p) {
		return err
	}
	s := c.steps[c.next]
	return &Problem{Summary: "Customization stopped", Detail: []string{
		fmt.Sprintf("Customization `%s` of tenant `%s` stopped at statement %d of %d.", c.plan.want.Name, c.slug, s.number, len(c.steps)),
		shorten(s.SQL),
		"Cause: " + mysql.Message(err),
		"What is done is kept and recorded. Correct the cause and apply again: it goes on where it stopped.",
	}, Err: err}
}

// verify compares what the server has now with what was predicted.
func (c *customizing) verify(ctx context.Context) error {
	live, err := c.e.liveFingerprint(ctx, c.srv, c.x, c.database)
	if err != nil {
		return err
	}
	if live != nil && live.Whole == c.steps[len(c.steps)-1].after {
		c.live = live
		return nil
	}
	detail := "The database is gone."
	if live != nil {
		detail = "The schema differs from the predicted one."
		if c.fit.final != nil {
			detail = listDifferences(differences(c.fit.final.fingerprint.Objects, live.Objects))
		}
	}
	return problem(FieldTenant, "Tenant schema is not what was predicted",
		fmt.Sprintf("All statements of customization `%s` of tenant `%s` ran, but the result is another one.", c.plan.want.Name, c.slug), detail,
		"Somebody changed the schema meanwhile. The customization is not recorded as applied. Plan again.")
}
