package customization

import (
	"context"
	"encoding/json"
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
)

// before is what the change of a customization starts from: the template with
// what the tenant has of the customization, as it is there now. So what somebody
// took away comes back, and the rest of an interrupted run is seen as what is
// left to do. Everything else in the tenant is left out.
func (p *customPlan) before(target patchTarget, live *estate.Rendering) ddl.Schema {
	out := target.schema.Schema
	if live == nil {
		return out
	}
	srv := registry.Dialect(target.info)
	p.transfer(target, live)
	objects := drift.ObjectTexts(live.Schema)
	var at []ddl.Place
	out.Objects = slices.Clone(out.Objects)
	for _, o := range slices.Concat(p.had, p.owned) {
		live, ok := objects[o.Object]
		switch {
		case o.Transferred:
		case o.Element != "" || live.Kind != ddl.KindTable:
			at = append(at, o.Place())
		case ok:
			// A table of its own may hold what others added: only its own parts count.
			if !slices.ContainsFunc(out.Objects, func(b ddl.Object) bool { return landlord.Key(b) == o.Object }) {
				own := live
				own.SQL = o.Text
				out.Objects = append(out.Objects, own)
			}
			at = append(at, ownParts(o, live, srv)...)
		}
	}
	slices.SortFunc(out.Objects, func(a, b ddl.Object) int { return strings.Compare(landlord.Key(a), landlord.Key(b)) })
	return merge.WithoutDanglingOrder(merge.Take(out, live.Schema, srv, at...))
}

// ownParts returns the parts of a table of its own: those of its text, and its
// options, which nobody else has anything to do with.
func ownParts(o merge.OwnedElement, live ddl.Object, srv ddl.Server) []ddl.Place {
	var out []ddl.Place
	for part := range merge.Parts([]merge.OwnedElement{o}, srv) {
		if part.Element != "" {
			out = append(out, part)
		}
	}
	recorded := live
	recorded.SQL = o.Text
	for _, c := range diff.Compare(ddl.Schema{Objects: []ddl.Object{recorded}}, ddl.Schema{Objects: []ddl.Object{live}}, srv) {
		if c.Element != "" && c.Element != diff.ElementOrder && !isAddition(c.Element) {
			out = append(out, ddl.Place{Object: c.Object, Element: c.Element})
		}
	}
	return out
}

// transfer marks what of the former elements the template has by now: it is the
// template's, unless the tenant's is another one on purpose.
func (p *customPlan) transfer(target patchTarget, live *estate.Rendering) {
	srv := registry.Dialect(target.info)
	there := merge.Texts(target.schema.Schema, srv)
	differs := map[ddl.Place]bool{}
	for _, c := range merge.Changes(target.schema.Schema, live.Schema, srv) {
		differs[ddl.Place{Object: c.Object, Element: c.Element}] = true
		differs[ddl.Place{Object: c.Object}] = true
	}
	p.had = slices.Clone(p.had)
	for i, o := range p.had {
		if _, ok := there[o.Place()]; ok && !differs[o.Place()] {
			p.had[i].Transferred = true
		}
	}
}

// target is what the change of a customization ends with: the start, with what
// is its own as it is wanted. The order of columns that are there stays, and so do the
// settings of a session under which something was made that is recorded as it is, as
// what a database had when it was adopted.
func (p *customPlan) target(before, recorded ddl.Schema) ddl.Schema {
	srv := registry.Dialect(p.tenant.info)
	had, wanted := merge.Parts(p.had, srv), merge.Parts(p.owned, srv)
	was, now := drift.ObjectTexts(recorded), drift.ObjectTexts(before)
	var at []ddl.Place
	for _, c := range merge.Changes(before, p.after, srv) {
		place := ddl.Place{Object: c.Object, Element: c.Element}
		if c.Element == "" && c.Kind == diff.ChangeDiffers && c.Before == c.After && was[c.Object].SQL != "" && was[c.Object] == now[c.Object] {
			continue
		}
		own := had[place] || wanted[place] || merge.Covers(p.owned, place) && c.Kind != diff.ChangeMissing || !isAddition(c.Element) && merge.Covers(p.had, place)
		if own && c.Element != diff.ElementOrder {
			at = append(at, place)
		}
	}
	return merge.Take(before, p.after, srv, at...)
}

// customMigration returns the statements between two schemas, tried on an empty
// twin of the first; nil when they are the same. It is made once for all tenants
// with the same customization.
func (c *Customizations) customMigration(ctx context.Context, p *customPlan, before, target ddl.Schema) (*migrate.Migration, error) {
	t := p.tenant
	aside, err := c.Servers.RetiredOf(ctx, t.srv, t.row)
	if err != nil {
		return nil, err
	}
	diff, err := diff.Diff(before, target, registry.Dialect(t.info), diff.Options{})
	if err != nil {
		return nil, customDiffProblem(p, err)
	}
	if diff.Empty() {
		return nil, nil
	}
	raw, err := json.Marshal([]any{before, target, aside})
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	retire := p.want.DestructiveMode != landlord.Drop
	id := landlord.Digest("customization", t.srv.Key, t.info.RenderKey(), fmt.Sprint(retire), p.want.Name, string(raw))
	m, err := c.Planner.Migrations.Get(ctx, id, func() (*migrate.Migration, error) {
		return c.tryCustom(context.WithoutCancel(ctx), p, before, target, migrate.Order{Retire: retire, Retired: slices.Clone(aside)})
	})
	if err != nil {
		return nil, customDiffProblem(p, err)
	}
	return m, nil
}

// tryCustom computes a migration and tries it.
func (c *Customizations) tryCustom(ctx context.Context, p *customPlan, before, target ddl.Schema, o migrate.Order) (*migrate.Migration, error) {
	info := p.tenant.info
	twin, start, err := c.Planner.OpenBuilt(ctx, p.tenant.srv, info, before)
	if err != nil {
		return nil, err
	}
	defer twin.Close(ctx)
	twin.Order = o
	m := &migrate.Migration{States: []string{start.Fingerprint.Whole}, Start: start}
	current, err := twin.WithTablesBack(ctx, m, start.Schema, target)
	if err != nil {
		return nil, err
	}
	if err := twin.Follow(ctx, m, current, target); err != nil {
		return nil, err
	}
	if m.Final, err = twin.Read(ctx); err != nil {
		return nil, err
	}
	rest, err := diff.Diff(m.Final.Schema, target, registry.Dialect(info), diff.Options{})
	if err != nil {
		return nil, fmt.Errorf("comparing the result with what is wanted: %w", err)
	}
	if !rest.Empty() {
		return nil, &migrate.RestError{Statements: rest.Statements()}
	}
	digests := []string{"customization", p.want.Name}
	for i := range m.Steps {
		m.Steps[i].Level, m.Steps[i].Origin = 3, "customization `"+p.want.Name+"`"
		digests = append(digests, m.Steps[i].SQL)
	}
	m.Digest = landlord.Digest(digests...)
	return m, nil
}

// customDiffProblem translates what stands in the way of a plan.
func customDiffProblem(p *customPlan, err error) error {
	var known *landlord.Problem
	var rest *migrate.RestError
	var trial *migrate.TrialError
	doing := fmt.Sprintf("Planning customization `%s` of tenant `%s`.", p.want.Name, p.want.Tenant)
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &rest):
		return &landlord.Problem{Summary: "Customization does not reach its goal", Detail: []string{doing, landlord.Sentence(rest.Error()),
			"Nothing was run. This is a fault of the provider: please report it with the customization."}, Err: err}
	case errors.As(err, &trial):
		return &landlord.Problem{Summary: "Customization fails on an empty copy", Detail: []string{doing, landlord.Shorten(trial.Step.SQL), "Cause: " + trial.Err.Error(),
			"Nothing was run. Correct the customization."}, Err: err}
	}
	return fmt.Errorf("planning customization `%s` of tenant `%s`: %w", p.want.Name, p.want.Tenant, err)
}
