package customization

import (
	"context"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// ApplyCustomization brings a tenant to what a specification wants, by exactly
// the planned statements. The digest is the planned one; empty accepts whatever
// there is to do. Every statement is recorded before it runs; a run killed
// anywhere goes on where it stopped. Errors are Problems.
func (c *Customizations) ApplyCustomization(ctx context.Context, spec Spec, prior *PriorCustomization, digest string) (*Customization, error) {
	notes, err := c.applyCustom(ctx, wanted{Spec: spec, prior: prior}, digest)
	if err != nil {
		return nil, err
	}
	made, err := c.Customization(ctx, spec.Tenant, spec.Name)
	if made != nil {
		made.Notes = notes
	}
	return made, err
}

// RemoveCustomization takes away what a customization made, and forgets it. What
// holds data is set aside, unless the options say otherwise. ErrNotFound when
// the landlord database does not know it, or its tenant. Errors are Problems.
func (c *Customizations) RemoveCustomization(ctx context.Context, tenant, name string, opt RemovalOptions) error {
	_, err := c.applyCustom(ctx, removal(tenant, name, opt), "")
	return err
}

// errMoved says that the tenant is another one than the plan was fitted to. What
// is planned counts as before; it is fitted again.
var errMoved = errors.New("the tenant has changed meanwhile")

// maxAttempts bounds how often a plan is fitted to a tenant that others change.
const maxAttempts = 5

func (c *Customizations) applyCustom(ctx context.Context, want wanted, digest string) ([]landlord.Note, error) {
	done, err := c.Jobs.TurnOf(ctx, func(ctx context.Context) ([]registry.Place, error) {
		at, err := c.Jobs.PlaceOf(ctx, want.Tenant)
		return []registry.Place{at}, err
	})
	if err != nil {
		return nil, fmt.Errorf("waiting for other work on tenant `%s`: %w", want.Tenant, err)
	}
	defer done()
	for attempt := 1; ; attempt++ {
		plan, err := c.planCustom(ctx, want)
		if err != nil {
			if want.remove && c.isLeaving(ctx, want.Tenant) {
				return nil, landlord.ErrNotFound
			}
			return nil, err
		}
		if digest != "" && digest != plan.Digest {
			return nil, landlord.NewProblem(landlord.FieldNone, "Customization changed since the plan",
				fmt.Sprintf("Another run has worked on customization `%s` of tenant `%s` since the plan was made, so the planned steps are not what is left to do.", want.Name, want.Tenant),
				"Nothing was run. Plan again.")
		}
		if plan.Unknown {
			return nil, landlord.NewProblem(landlord.FieldNone, "Customization has to wait for another one",
				fmt.Sprintf("What customization `%s` of tenant `%s` makes belongs to another one, which is not gone yet.", want.Name, want.Tenant), "Nothing was run. Apply again.")
		}
		if plan.settled() {
			return nil, nil
		}
		proven, err := c.prove(ctx, plan)
		if err == nil {
			err = c.carryOut(ctx, plan, proven)
		}
		if err == nil {
			if want.remove {
				c.Estate.Run.Left(want.Tenant, plan.had)
			}
			return plan.told, nil
		}
		c.Estate.Snapshot.Forget(want.Tenant, plan.tenant.srv.Key, plan.tenant.database)
		plan.tenant.srv.ForgetRetired()
		switch {
		case want.remove && c.isLeaving(ctx, want.Tenant):
			return nil, landlord.ErrNotFound // dropped meanwhile, with everything that it had
		case !errors.Is(err, errMoved):
			return nil, err
		case attempt == maxAttempts:
			return nil, &landlord.Problem{Field: landlord.FieldTenant, Summary: "Tenant is changed at the same time", Detail: []string{
				fmt.Sprintf("Something else works on tenant `%s`, or this run has planned to and not done it yet, so that customization `%s` was never fitted to what is there.", want.Tenant, want.Name),
				"Nothing was run. Refer to `slug` of the `landlord_tenant`, so that Terraform knows the order, and apply again.",
			}, Err: err}
		}
	}
}

// isLeaving says whether a tenant is gone, or on its way out. A configuration
// that names it without a reference lets both go at once.
func (c *Customizations) isLeaving(ctx context.Context, slug string) bool {
	row, err := c.Registry.ReadTenant(ctx, c.Servers.Main(), slug) // past what this run has seen
	return err == nil && (row == nil || row.Status == landlord.StatusDropping)
}

// settled says whether the landlord database has exactly what is wanted, because
// an earlier run was cut off when it was complete.
func (p *customPlan) settled() bool {
	return !p.want.remove && p.want.prior == nil && p.old != nil && p.old.Pending == nil && p.Same
}

// customizing is one attempt to carry a plan out.
type customizing struct {
	*apply.Job
	room   *Customizations
	plan   *customPlan
	proven *provenChange
}

func (c *Customizations) carryOut(ctx context.Context, plan *customPlan, proven *provenChange) error {
	t := plan.tenant
	j, err := c.Jobs.Open(ctx, apply.Goal{
		Srv: t.srv, Slug: t.slug, Database: t.database, Lock: c.Servers.TenantLock(t.database), Turn: true,
		Field: landlord.FieldTenant, Doing: fmt.Sprintf("Customizing tenant `%s`", t.slug),
	})
	if err != nil {
		return err
	}
	defer j.Close()
	j.Steps, j.Next = proven.steps, proven.next
	if !plan.mayLose() {
		j.Refuse = func(s landlord.Step) error { return plan.wouldLose(s) }
	}
	work := &customizing{Job: j, room: c, plan: plan, proven: proven}
	if err := work.compare(ctx); err != nil {
		return err
	}
	if len(work.Steps) > 0 {
		defer func() { work.X.Taint() }() // another session perhaps, after a lost connection
		if err := work.checkpointFirst(ctx); err != nil {
			return err
		}
		if err := work.record(ctx); err != nil {
			return err
		}
		if err := work.Migrate(ctx, work.task(), proven.final); err != nil {
			return err
		}
	}
	if err := work.finish(ctx); err != nil {
		return err
	}
	return work.learn(ctx)
}

// compare compares, under the lock, what there is with what the plan was fitted
// to.
func (c *customizing) compare(ctx context.Context) error {
	t := c.plan.tenant
	if c.Row == nil {
		return landlord.TenantUnknown(c.Slug)
	}
	all, err := c.room.Registry.ReadCustomizations(ctx, c.OnMain(), c.Row.ID)
	if err != nil {
		return err
	}
	if c.Row.CurrentSchema != t.row.CurrentSchema || c.Row.Composition != t.row.Composition || c.Row.Running != t.row.Running ||
		c.Row.Status != t.row.Status || !sameRows(all[c.Row.ID], t.recorded) {
		return errMoved
	}
	if c.Row.Running != "" || c.Row.Status == landlord.StatusCreating || c.Row.Status == landlord.StatusDropping {
		return t.usable(false)
	}
	if rest := c.plan.rest; rest != nil && (c.Old == nil || c.Old.ID != rest.Running.ID) {
		return errMoved
	}
	if c.Live, err = c.room.Estate.LiveFingerprint(ctx, c.Srv, c.X, c.Database); err != nil {
		return err
	}
	if (c.Live == nil) != (t.live == nil) || c.Live != nil && c.Live.Whole != t.live.Whole {
		return errMoved
	}
	return nil
}

// sameRows says whether nobody has worked on the customizations of a tenant.
func sameRows(a, b []registry.Customization) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].ID != b[i].ID || !a[i].UpdatedAt.Equal(b[i].UpdatedAt) || a[i].Status != b[i].Status {
			return false
		}
	}
	return true
}

func (c *customizing) task() apply.Task {
	return apply.Task{
		Unlike: landlord.FieldTenant, Stopped: "Customization stopped", Thing: "it",
		Doing: fmt.Sprintf("Customization `%s` of tenant `%s`", c.plan.want.Name, c.Slug),
		Work:  fmt.Sprintf("customization `%s` of tenant `%s`", c.plan.want.Name, c.Slug),
		After: "Somebody changed the schema meanwhile. The customization is not recorded as applied. Plan again.",
	}
}
