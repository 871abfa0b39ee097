package landlord

import (
	"context"
	"errors"
	"fmt"
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
	at, err := e.placeOf(ctx, want.Tenant)
	if err != nil {
		return err
	}
	done, err := e.world.queue.take(ctx, at)
	if err != nil {
		return fmt.Errorf("waiting for other work on tenant `%s`: %w", want.Tenant, err)
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
		e.estate.forget(want.Tenant, plan.tenant.srv.key, plan.tenant.database)
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
	*job
	e    *Engine
	plan *customPlan
	fit  *fitted
}

func (e *Engine) carryOut(ctx context.Context, plan *customPlan, fit *fitted) error {
	t := plan.tenant
	j, err := e.open(ctx, goal{
		srv: t.srv, slug: t.slug, database: t.database, lock: e.tenantLock(t.database), turn: true,
		field: FieldTenant, doing: fmt.Sprintf("Customizing tenant `%s`", t.slug),
	})
	if err != nil {
		return err
	}
	defer j.close()
	j.steps, j.next = fit.steps, fit.next
	if !plan.mayLose() {
		j.refuse = plan.wouldLose
	}
	c := &customizing{job: j, e: e, plan: plan, fit: fit}
	if err := c.compare(ctx); err != nil {
		return err
	}
	if len(c.steps) > 0 {
		if err := c.checkpointFirst(ctx); err != nil {
			return err
		}
		if err := c.record(ctx); err != nil {
			return err
		}
		if err := c.migrate(ctx, c.task(), fit.final); err != nil {
			return err
		}
	}
	if err := c.finish(ctx); err != nil {
		return err
	}
	return c.learn(ctx)
}

// compare compares, under the lock, what there is with what the plan was fitted
// to.
func (c *customizing) compare(ctx context.Context) error {
	t := c.plan.tenant
	if c.row == nil {
		return tenantUnknown(c.slug)
	}
	all, err := c.e.registry.readCustomizations(ctx, c.onMain(), c.row.id)
	if err != nil {
		return err
	}
	if c.row.currentSchema != t.row.currentSchema || c.row.composition != t.row.composition || c.row.running != t.row.running ||
		c.row.status != t.row.status || !sameRows(all[c.row.id], t.recorded) {
		return errMoved
	}
	if c.row.running != "" || c.row.status == StatusCreating || c.row.status == StatusDropping {
		return t.usable(false)
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

func (c *customizing) task() task {
	return task{
		unlike: FieldTenant, stopped: "Customization stopped", thing: "it",
		doing: fmt.Sprintf("Customization `%s` of tenant `%s`", c.plan.want.Name, c.slug),
		work:  fmt.Sprintf("customization `%s` of tenant `%s`", c.plan.want.Name, c.slug),
		after: "Somebody changed the schema meanwhile. The customization is not recorded as applied. Plan again.",
	}
}
