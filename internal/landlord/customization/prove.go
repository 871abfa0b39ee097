package customization

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
)

// provenChange is a plan fitted to the tenant as it is: others, its own siblings among
// them, may have changed it since the plan was made.
type provenChange struct {
	start, final *estate.Rendering // final is nil for the rest of an interrupted run whose goal is not stored
	steps        []registry.RecordedStep
	next         int
	base         *estate.Rendering // what is recorded afterwards
	recorded     string            // fingerprint of base, when only that is known
}

// prove tries the planned statements on a twin of the tenant, which tells the
// schema before and after each of them, and proves that they change nothing but
// what is the customization's own. No connection may be held.
func (c *Customizations) prove(ctx context.Context, p *customPlan) (*provenChange, error) {
	t := p.tenant
	if p.want.remove && t.live == nil {
		return &provenChange{}, nil // only what is recorded is left
	}
	if t.row == nil || t.live == nil {
		return nil, landlord.NewProblem(landlord.FieldTenant, "Tenant is not there",
			fmt.Sprintf("Tenant `%s` has no database yet.", t.slug), "Apply the tenant first; refer to its `slug`, so that Terraform knows the order.")
	}
	live, err := c.Estate.LiveRendering(ctx, t.srv, t.info, t.database, t.live)
	if err != nil {
		return nil, err
	}
	f := &provenChange{start: live, final: live}
	switch m := p.migration; {
	case p.rest != nil:
		return f, c.proveRest(ctx, p, f)
	case len(p.Steps) == 0:
	case m != nil && m.States[0] == live.Fingerprint.Whole && len(m.States) == len(p.Steps)+1:
		f.number(p.Steps, m.States)
		f.final = m.Final
	default:
		if err := c.proveOnTwin(ctx, p, f); err != nil {
			return nil, err
		}
	}
	if err := c.onlyOwn(p, f); err != nil {
		return nil, err
	}
	f.base, err = c.baseAfter(ctx, p, f)
	return f, err
}

// number makes the steps of the ledger.
func (f *provenChange) number(steps []landlord.Step, states []string) {
	for i, s := range steps {
		f.steps = append(f.steps, registry.RecordedStep{Step: s, Number: i + 1, Before: states[i], After: states[i+1], State: "planned"})
	}
	if len(f.steps) > 0 {
		f.steps[0].State = "intent"
	}
}

// proveRest takes what the ledger knows.
func (c *Customizations) proveRest(ctx context.Context, p *customPlan, f *provenChange) error {
	f.steps, f.next = p.rest.Steps, p.rest.Next
	f.final, f.recorded = nil, p.rest.Running.Recorded
	goal, err := c.Estate.StoredSchema(ctx, p.rest.Running.ToSchema)
	if err != nil || goal == nil {
		return err
	}
	f.final = &estate.Rendering{Fingerprint: goal.Fingerprint, Schema: goal.Schema, Stored: true}
	f.base, err = c.baseAfter(ctx, p, f)
	return err
}

func (c *Customizations) proveOnTwin(ctx context.Context, p *customPlan, f *provenChange) error {
	t := p.tenant
	twin, err := c.Planner.OpenTwin(ctx, t.srv, t.info, f.start)
	if err != nil {
		return p.doesNotFit("Tenant schema cannot be copied", "", landlord.Sentence(err.Error()))
	}
	defer twin.Close(ctx)
	m := &migrate.Migration{States: []string{f.start.Fingerprint.Whole}}
	for _, s := range p.Steps {
		if err := twin.Try(ctx, m, s); err != nil {
			return p.doesNotFit("Customization does not fit the tenant", landlord.Shorten(s.SQL), "Cause: "+render.WithoutName(err, twin.Name).Error())
		}
	}
	f.number(p.Steps, m.States)
	f.final, err = twin.Read(ctx)
	return err
}

func (p *customPlan) doesNotFit(summary, statement, cause string) error {
	detail := []string{fmt.Sprintf("Customization `%s` works on the template, but not in tenant `%s` as it is now.", p.want.Name, p.want.Tenant)}
	if statement != "" {
		detail = append(detail, statement)
	}
	return landlord.NewProblem(landlord.FieldTenant, summary, append(detail, cause,
		"Nothing was run. Somebody has changed the tenant, or another of its customizations is in the way: see its `drift`, and correct one of the two.")...)
}

// onlyOwn proves that the statements take nothing away that others need, and
// change nothing but what is the customization's own.
func (c *Customizations) onlyOwn(p *customPlan, f *provenChange) error {
	srv := registry.Dialect(p.tenant.info)
	if err := p.othersInside(f); err != nil {
		return err
	}
	had, wanted := merge.Parts(p.had, srv), merge.Parts(p.owned, srv)
	core := merge.Texts(p.tenant.core.Schema, srv) // which works without the customization
	for _, d := range diff.Dependents(f.start.Schema, f.final.Schema, srv) {
		if _, ofCore := core[d.Place]; ofCore || !d.Breaks || had[d.Place] || merge.Covers(p.had, d.Place) {
			continue
		}
		whose := "which nobody has recorded"
		if owner := merge.Owner(registry.ForMerge(p.tenant.recorded), ddl.Place{Object: d.Object, Element: d.Element}); owner != "" {
			whose = fmt.Sprintf("which customization `%s` has made", owner)
		}
		return p.doesNotFit("Object is still needed", "",
			fmt.Sprintf("%s, %s, would break: %s.", landlord.UpperFirst(landlord.PlaceName(d.Place)), whose, d.Reason))
	}
	for _, c := range merge.Changes(f.start.Schema, f.final.Schema, srv) {
		at := ddl.Place{Object: c.Object, Element: c.Element}
		if had[at] || wanted[at] || c.Element == diff.ElementOrder || merge.Covers(p.had, at) || merge.Covers(p.owned, at) {
			continue
		}
		return p.doesNotFit("Customization does not fit the tenant", "",
			fmt.Sprintf("Its statements would change %s, which is not its own.\nBefore: %s\nAfterwards: %s", landlord.PlaceName(at), c.Before, c.After))
	}
	return nil
}

// othersInside refuses to take a table away in which others have something.
func (p *customPlan) othersInside(f *provenChange) error {
	left := drift.ObjectTexts(f.final.Schema)
	for _, o := range f.start.Schema.Objects {
		if _, stays := left[landlord.Key(o)]; stays || o.Kind != ddl.KindTable {
			continue
		}
		for _, c := range p.tenant.recorded {
			for _, element := range c.Elements() {
				if c.Name != p.want.Name && element.Object == landlord.Key(o) && element.Element != "" {
					return p.doesNotFit("Object is still needed", "",
						fmt.Sprintf("Table `%s` would go with its %s, which customization `%s` has made.", o.Name, element.Element, c.Name))
				}
			}
		}
		for _, trigger := range f.start.Schema.Objects {
			if at := (ddl.Place{Object: landlord.Key(trigger)}); trigger.Kind == ddl.KindTrigger && trigger.Table == o.Name && !merge.Covers(p.had, at) {
				whose := "nobody has recorded"
				if owner := merge.Owner(registry.ForMerge(p.tenant.recorded), ddl.Place{Object: at.Object}); owner != "" {
					whose = fmt.Sprintf("customization `%s` has made", owner)
				}
				return p.doesNotFit("Object is still needed", "", fmt.Sprintf("Table `%s` would go with its trigger `%s`, which %s.", o.Name, trigger.Name, whose))
			}
		}
	}
	return nil
}

// baseAfter is what is recorded as true afterwards: what was recorded before,
// with what is the customization's own as it is now. So drift elsewhere stays
// visible.
func (c *Customizations) baseAfter(ctx context.Context, p *customPlan, f *provenChange) (*estate.Rendering, error) {
	t := p.tenant
	if t.row.CurrentSchema == f.start.Fingerprint.Whole || p.rest != nil && t.row.CurrentSchema == p.rest.Running.FromSchema {
		return f.final, nil
	}
	base, err := c.Estate.StoredSchema(ctx, t.row.CurrentSchema)
	if err != nil || base == nil {
		return f.final, err
	}
	srv := registry.Dialect(t.info)
	former := &estate.Rendering{Fingerprint: base.Fingerprint, Schema: base.Schema, Stored: true}
	objects := drift.ObjectTexts(former.Schema)
	var at []ddl.Place
	for _, o := range slices.Concat(p.had, p.owned) {
		live, inFinal := drift.ObjectTexts(f.final.Schema)[o.Object]
		_, inBase := objects[o.Object]
		switch {
		case o.Transferred:
		case o.Element == "" && inBase && inFinal && live.Kind == ddl.KindTable:
			at = append(at, ownParts(o, live, srv)...)
		default:
			at = append(at, o.Place())
		}
	}
	schema := merge.Take(base.Schema, f.final.Schema, srv, at...)
	if diff, err := diff.Diff(base.Schema, schema, srv, diff.Options{}); err == nil && diff.Empty() {
		return former, nil
	}
	r, err := c.Planner.Built(ctx, t.srv, t.info, schema)
	var trial *migrate.TrialError
	if errors.As(err, &trial) { // what drifted is in the way of what is new: then whole objects decide
		return mixed(former, f.final, at), nil
	}
	return r, err
}

// mixed returns a recorded schema with some objects as they are now.
func mixed(base, now *estate.Rendering, at []ddl.Place) *estate.Rendering {
	own := map[string]bool{}
	for _, p := range at {
		own[p.Object] = true
	}
	objects := map[string]string{}
	schema := ddl.Schema{CharacterSet: base.Schema.CharacterSet, Collation: base.Schema.Collation}
	take := func(r *estate.Rendering, wanted bool) {
		for name, hash := range r.Fingerprint.Objects {
			if own[name] == wanted {
				objects[name] = hash
			}
		}
		for _, o := range r.Schema.Objects {
			if own[landlord.Key(o)] == wanted {
				schema.Objects = append(schema.Objects, o)
			}
		}
	}
	take(base, false)
	take(now, true)
	slices.SortFunc(schema.Objects, func(a, b ddl.Object) int { return strings.Compare(landlord.Key(a), landlord.Key(b)) })
	return &estate.Rendering{Fingerprint: ddl.FingerprintOf(objects), Schema: schema}
}
