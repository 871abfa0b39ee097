package customization

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// wanted is what is to become of a customization.
type wanted struct {
	Spec
	remove bool
	prior  *PriorCustomization // nil: Terraform does not have it
}

// customPlan is a Plan with what applying it needs.
type customPlan struct {
	Plan
	want   wanted
	tenant *customTenant
	old    *registry.Customization // nil: the landlord database does not know it
	owned  []merge.OwnedElement    // afterwards; Transferred: the template has it
	had    []merge.OwnedElement    // before: what it made, and what an interrupted run was about to make
	after  ddl.Schema              // template with the customization, empty of the rest of an interrupted run

	migration *migrate.Migration // nil: no statement runs
	rest      *apply.Rest        // of an interrupted run
	earlier   bool               // an earlier run, of which Terraform does not know, has made exactly this
	finished  bool               // the ledger has it as done; only the registry does not know
	behind    bool               // the apply takes a checkpoint behind its work
	told      []landlord.Note    // by the apply
}

// PlanCustomization says what applying a specification will do. It writes
// nothing but scratch databases and what it finds in the data. prior is what Terraform's state knows, nil for
// a customization that it does not have.
//
// The plan stands on the template that is in force in the tenant, or will be
// when this run has applied what it plans for it, on the patch, and on those
// other customizations that the patch names; never on the rest of the tenant, so
// that several customizations of one run come in any order. Errors are Problems.
func (c *Customizations) PlanCustomization(ctx context.Context, spec Spec, prior *PriorCustomization) (*Plan, error) {
	if c.Config.Rendering == landlord.RenderingParser {
		return c.planUnseen(ctx, wanted{Spec: spec, prior: prior})
	}
	p, err := c.planCustom(ctx, wanted{Spec: spec, prior: prior})
	if err == nil {
		err = c.Estate.Apart(ctx, spec.Tenant, landlord.FieldName) // another name takes the former one away
	}
	if err != nil {
		return nil, err
	}
	if c.Estate.Run.Waits(spec.Tenant) && !p.Same {
		p.Unknown, p.Objects, p.Steps, p.Digest = true, nil, nil, ""
		p.Notes = append(p.Notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTenant, Summary: "Steps are known after the tenant's migration",
			Detail: fmt.Sprintf("A migration of tenant `%s` waits for an approval. What customization `%s` will do is known when it is decided.", spec.Tenant, spec.Name)})
	}
	return &p.Plan, nil
}

// PlanRemoval says what removing a customization will do. ErrNotFound when the
// landlord database does not know it, or its tenant; ErrTenantMoves, in a
// Problem, when the run updates the tenant as well.
func (c *Customizations) PlanRemoval(ctx context.Context, tenant, name string, opt RemovalOptions) (*Plan, error) {
	if c.Config.Rendering == landlord.RenderingParser {
		return c.planUnseen(ctx, removal(tenant, name, opt))
	}
	p, err := c.planCustom(ctx, removal(tenant, name, opt))
	if err == nil {
		err = c.Estate.Apart(ctx, tenant, landlord.FieldNone)
	}
	if err != nil {
		return nil, err
	}
	return &p.Plan, nil
}

func removal(tenant, name string, opt RemovalOptions) wanted {
	return wanted{remove: true, Spec: Spec{Tenant: tenant, Name: name,
		AllowDestructive: opt.AllowDestructive, DestructiveMode: opt.DestructiveMode, Retention: opt.Retention}}
}

// planUnseen plans without a scratch database: what the customization does to its
// tenant nobody can see there.
func (c *Customizations) planUnseen(ctx context.Context, want wanted) (*Plan, error) {
	if err := CheckCustomizationName(want.Name); err != nil {
		return nil, err
	}
	if err := checkSize(want.Patch); err != nil {
		return nil, err
	}
	row, err := c.Estate.Snapshot.Row(ctx, want.Tenant)
	if err != nil {
		return nil, err
	}
	known, err := c.hasCustomization(ctx, want.Tenant, want.Name)
	_, inRun := c.Estate.Run.Tenant(want.Tenant)
	switch {
	case err != nil:
		return nil, err
	case row == nil && !inRun && !want.remove:
		return nil, landlord.TenantUnknown(want.Tenant)
	case !known && want.remove:
		return nil, landlord.ErrNotFound
	}
	return &Plan{Create: !known, Unknown: true, Notes: []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldTenant, Summary: "Statements are not seen by the parser alone",
		Detail: fmt.Sprintf("What customization `%s` does to tenant `%s` shows only when it is tried on the server, and `plan_rendering` is `parser`, so the statements are not in this plan. "+
			"They are in the plan of whoever applies it, with the account of the provider.", want.Name, want.Tenant)}}}, nil
}

// Replaced tells the plans of this run that a customization goes because another
// one takes its place, so that both may claim the same.
func (c *Customizations) Replaced(tenant, name string) {
	c.Estate.Run.Change(tenant, name, &estate.PlannedChange{}, nil, ddl.Server{})
}

func (c *Customizations) planCustom(ctx context.Context, want wanted) (*customPlan, error) {
	if err := CheckCustomizationName(want.Name); err != nil {
		return nil, err
	}
	if err := checkSize(want.Patch); err != nil {
		return nil, err
	}
	if want.remove {
		if known, err := c.hasCustomization(ctx, want.Tenant, want.Name); err != nil || !known {
			return nil, cmp.Or(err, landlord.ErrNotFound)
		}
	}
	t, err := c.customTenant(ctx, want.Tenant, want.remove)
	if err != nil {
		return nil, err
	}
	plan := &customPlan{want: want, tenant: t, old: t.customization(want.Name)}
	plan.Create = plan.old == nil
	if plan.old == nil && want.prior != nil { // a refresh takes it out of the state
		return nil, changedSince(want, "Another run has taken it away.")
	}
	if plan.old != nil {
		plan.had = plan.old.Objects
		if err := c.checkKnown(plan); err != nil {
			return nil, err
		}
	}
	if plan.old != nil && plan.old.Pending != nil {
		plan.had = slices.Concat(plan.old.Objects, plan.old.Pending.Objects)
		c.Estate.Run.Touch(want.Tenant)
		if taken, err := c.planCustomRest(ctx, plan); err != nil || taken {
			return plan, err
		}
	}
	if err := c.planChange(ctx, plan); err != nil {
		return nil, err
	}
	if plan.earlier && plan.Same {
		if err := c.listMade(ctx, plan); err != nil {
			return nil, err
		}
	}
	if err := c.Planner.Accounts.CheckPrograms(ctx, t.srv.Server, &c.Planner.Owners, t.database, landlord.FieldTenant, plan.Steps); err != nil {
		return nil, err
	}
	if len(plan.Steps) > 0 || plan.Unknown {
		c.Estate.Run.Touch(want.Tenant)
	}
	return plan, nil
}

// hasCustomization says whether the landlord database has a customization.
func (c *Customizations) hasCustomization(ctx context.Context, tenant, name string) (bool, error) {
	row, err := c.Estate.Snapshot.Row(ctx, tenant)
	if err != nil || row == nil {
		return false, err
	}
	all, err := c.Estate.CustomizationsOf(ctx, row.ID)
	return slices.ContainsFunc(all, func(c registry.Customization) bool { return c.Name == name }), err
}

// planChange plans the way from what is there to what is wanted.
func (c *Customizations) planChange(ctx context.Context, p *customPlan) error {
	t, srv := p.tenant, c.Servers.Guarding(p.tenant.info)
	var patch, was *landlord.ParsedPatch
	var err error
	if p.old != nil {
		was, _ = readPatch(p.old.Patch, srv, t.database) // only to know what it stands on
	}
	if !p.want.remove {
		if patch, err = c.judge(ctx, p); err != nil {
			return err
		}
	}
	if patch != nil { // before what others make counts as something that it stands on
		made := make([]merge.OwnedElement, 0, len(patch.Makes))
		for _, at := range patch.Makes {
			made = append(made, merge.OwnedElement{Object: at.Object, Element: at.Element})
		}
		if other, at := estate.Claimed(p.want.Name, made, t.recorded, c.Estate.Run.Changes(t.slug), srv); other != "" {
			return p.claimProblem(other, at)
		}
	}
	below := c.below(t, p.want.Name, patch, was)
	target, err := c.patchTargetOf(ctx, t, below)
	if err != nil {
		return err
	}
	p.after = target.schema.Schema
	if patch != nil {
		if err := judgeReferences(patch, t.composition, below); err != nil {
			return err
		}
		after, err := c.customize(ctx, target, patch, p.had)
		if err != nil {
			return err
		}
		again, err := c.raisedAgain(ctx, p, target, patch, was, after)
		if err != nil {
			return err
		}
		if err := clashProblem(t, append(again, after.clashes...)); err != nil {
			return err
		}
		if err := p.judgeReach(after, c.Estate.Run.Given(t.slug, t.recorded)); err != nil {
			return err
		}
		p.owned, p.after = after.owned, after.Schema
	}
	if err := c.claim(p, patch); err != nil {
		return err
	}
	p.Objects = objectsFor(p.owned)
	return c.planSteps(ctx, p, target)
}

// judge takes the patch that is wanted apart. One that is recorded as it is was
// judged with the databases that there were then.
func (c *Customizations) judge(ctx context.Context, p *customPlan) (*landlord.ParsedPatch, error) {
	sum, err := p.want.Patch.Checksum()
	if err != nil {
		return nil, err
	}
	srv := c.Servers.Guarding(p.tenant.info)
	if p.old == nil || p.old.Checksum != sum {
		if srv, err = c.Estate.Judging(ctx, p.tenant.srv, p.tenant.srv, p.tenant.info); err != nil {
			return nil, err
		}
	}
	return readPatch(p.want.Patch, srv, p.tenant.database)
}

// raisedAgain returns what was left to the template, or decided for it, and is
// asked for in yet another form now: the decision was about the former one. Where
// the template has moved away from the former one, that says nothing.
func (c *Customizations) raisedAgain(ctx context.Context, p *customPlan, target patchTarget, patch, was *landlord.ParsedPatch, after *customized) ([]diff.ElementChange, error) {
	if len(after.yields) == 0 || was == nil || was.Checksum == patch.Checksum {
		return nil, nil
	}
	former, err := c.customize(ctx, target, was, p.had)
	var moved *landlord.Problem
	if errors.As(err, &moved) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []diff.ElementChange
	for _, y := range after.yields {
		if !slices.Contains(former.yields, y) {
			out = append(out, y)
		}
	}
	return out, nil
}

// clashProblem says what the template has otherwise than the customization.
func clashProblem(t *customTenant, clashes []diff.ElementChange) error {
	if len(clashes) == 0 {
		return nil
	}
	p := &landlord.Problem{Summary: "Template and customization define the same"}
	for _, c := range clashes {
		p.Detail = append(p.Detail, fmt.Sprintf("%s is in template `%s`, too, and is another one there.\nTemplate: %s\nCustomization: %s",
			landlord.UpperFirst(landlord.PlaceName(ddl.Place{Object: c.Object, Element: c.Element})), t.template, c.Before, c.After))
	}
	p.Detail = append(p.Detail, "Give it another name, or make it the same as in the template: then the customization leaves it to the template.")
	return p
}

// claim makes the plan known to those of the other customizations, and refuses
// what another one makes.
func (c *Customizations) claim(p *customPlan, patch *landlord.ParsedPatch) error {
	other, at := c.Estate.Run.Change(p.want.Tenant, p.want.Name, &estate.PlannedChange{Patch: patch, Owned: p.owned}, p.tenant.recorded, registry.Dialect(p.tenant.info))
	if other == "" {
		return nil
	}
	return p.claimProblem(other, at)
}

func (p *customPlan) claimProblem(other string, at ddl.Place) error {
	return landlord.NewProblem(landlord.FieldNone, "Two customizations claim the same",
		fmt.Sprintf("The customizations `%s` and `%s` of tenant `%s` both make %s.", other, p.want.Name, p.want.Tenant, landlord.PlaceName(at)),
		"Remove it from one of the two. To move it from one to the other, or to rename a customization, apply the removal first; "+
			"a resource that is replaced with `create_before_destroy` cannot do that.")
}

// objectsFor describes what a customization has after it was applied.
func objectsFor(owned []merge.OwnedElement) []Object {
	out := make([]Object, 0, len(owned))
	for _, o := range owned {
		object := Object{Object: landlord.ObjectName(o.Object), Element: o.Element, Status: ObjectActive, Definition: o.Text}
		switch {
		case o.Transferred && o.Text == "":
			object.Status = ObjectYielded
		case o.Transferred:
			object.Status = ObjectPromoted
		}
		out = append(out, object)
	}
	return out
}

// planSteps compares what the tenant has of the customization with what it is to
// have, and tries the statements between the two.
func (c *Customizations) planSteps(ctx context.Context, p *customPlan, target patchTarget) error {
	t := p.tenant
	live, err := c.liveOf(ctx, t)
	if err != nil {
		return err
	}
	if err := c.ownState(ctx, p, live); err != nil {
		return err
	}
	if err := c.strangers(p, live); err != nil || p.Unknown {
		return err
	}
	before := p.before(target, live)
	recorded, err := c.recordedOf(ctx, t, live)
	if err != nil {
		return err
	}
	wanted := p.target(before, recorded)
	m, err := c.customMigration(ctx, p, before, wanted)
	if err != nil {
		return err
	}
	if p.migration = m; m != nil {
		p.Steps = m.Instantiate(t.database, p.seed())
		p.Digest = m.Digest
	}
	if err := c.addLeftovers(ctx, p); err != nil {
		return err
	}
	if err := c.Planner.HoldReturning(ctx, t.srv, p.Steps); err != nil {
		return err
	}
	if p.old != nil && p.old.Pending != nil && t.row != nil && len(p.Steps) == 0 {
		if p.finished, err = c.Registry.IsDoneLast(ctx, t.srv, t.row, migrationName(p.want.Name), p.old.Pending.Digest); err != nil {
			return err
		}
	}
	p.Same = p.old != nil && p.old.Pending == nil && len(p.Steps) == 0 && samePlaces(p.old.Objects, p.owned)
	p.promoted()
	return c.weigh(ctx, p, live)
}

// seed makes the names of retired data differ between two changes of a tenant
// that do the same, whatever else happens to the tenant.
func (p *customPlan) seed() string {
	if p.old == nil {
		return fmt.Sprint("customization", p.want.Tenant, p.want.Name)
	}
	return fmt.Sprint("customization", p.want.Tenant, p.want.Name, p.old.ID, p.old.UpdatedAt.Format(time.RFC3339Nano))
}

// liveOf returns what the tenant has, nil when there is no database yet.
func (c *Customizations) liveOf(ctx context.Context, t *customTenant) (*estate.Rendering, error) {
	if t.live == nil || t.future != nil {
		return t.future, nil
	}
	return c.Estate.LiveRendering(ctx, t.srv, t.info, t.database, t.live)
}

// recordedOf returns the schema that is recorded of the tenant, empty when there is
// none.
func (c *Customizations) recordedOf(ctx context.Context, t *customTenant, live *estate.Rendering) (ddl.Schema, error) {
	switch {
	case t.row == nil || live == nil:
		return ddl.Schema{}, nil
	case t.row.CurrentSchema == live.Fingerprint.Whole:
		return live.Schema, nil
	}
	stored, err := c.Estate.StoredSchema(ctx, t.row.CurrentSchema)
	if err != nil || stored == nil {
		return ddl.Schema{}, err
	}
	return stored.Schema, nil
}

// strangers looks for what the customization is to make and the tenant has
// already: alike, it is taken in; otherwise it is somebody else's, and refused.
func (c *Customizations) strangers(p *customPlan, live *estate.Rendering) error {
	if live == nil {
		return nil
	}
	srv := registry.Dialect(p.tenant.info)
	there := merge.Texts(live.Schema, srv)
	leaving := leavingOwners(p.want.Name, p.tenant.recorded, c.Estate.Run.Changes(p.want.Tenant))
	differs := merge.Changes(live.Schema.Plain(), p.after, srv)
	mine := merge.Parts(p.owned, srv)
	var adopted []string
	for _, o := range p.owned {
		at := o.Place()
		if _, ok := there[at]; !ok || o.Transferred || merge.Covers(p.had, at) {
			continue
		}
		if merge.Covers(leaving, at) {
			p.Unknown = true
			continue
		}
		for _, c := range differs {
			in := ddl.Place{Object: c.Object, Element: c.Element}
			if c.Before == c.After && c.Element == "" {
				continue // the same under other settings of a session, which target settles
			}
			if c.Object == o.Object && (in == at || o.Element == "" && (c.Kind == diff.ChangeMissing || mine[in])) {
				return landlord.NewProblem(landlord.FieldNone, "Object exists already",
					fmt.Sprintf("%s is in tenant `%s` already; nobody recorded it, and it is another one.\nServer: %s\nCustomization: %s", landlord.UpperFirst(landlord.PlaceName(in)), p.want.Tenant, c.Before, c.After),
					"Nothing was run. Make the customization like it, to take it in, or give one of the two another name.")
			}
		}
		adopted = append(adopted, landlord.PlaceName(at))
	}
	if p.Unknown {
		p.Notes = append(p.Notes, landlord.Note{Severity: landlord.Warning, Summary: "Steps are known after another change",
			Detail: fmt.Sprintf("What customization `%s` of tenant `%s` makes belongs to another one that goes in the same run. Its objects are set aside and come back; the statements are known then.", p.want.Name, p.want.Tenant)})
	} else if len(adopted) > 0 {
		p.Notes = append(p.Notes, landlord.Note{Severity: landlord.Warning, Summary: "Customization takes existing objects in", Passing: true,
			Detail: fmt.Sprintf("Tenant `%s` has them already, exactly as customization `%s` makes them; from now on they are its own:\n%s", p.want.Tenant, p.want.Name, strings.Join(adopted, "\n"))})
	}
	return nil
}

// leavingOwners returns what customizations have that this run takes away.
func leavingOwners(name string, recorded []registry.Customization, planned map[string]*estate.PlannedChange) []merge.OwnedElement {
	var out []merge.OwnedElement
	for _, c := range recorded {
		if now := planned[c.Name]; c.Name != name && now != nil && now.Patch == nil {
			out = append(out, c.Elements()...)
		}
	}
	return out
}

func samePlaces(a, b []merge.OwnedElement) bool {
	at := func(o merge.OwnedElement) string {
		return fmt.Sprint(o.Object, "\x00", o.Element, "\x00", o.Transferred)
	}
	x, y := make([]string, 0, len(a)), make([]string, 0, len(b))
	for _, o := range a {
		x = append(x, at(o))
	}
	for _, o := range b {
		y = append(y, at(o))
	}
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// promoted says what the template has by now.
func (p *customPlan) promoted() {
	var list []string
	all := true
	for _, o := range p.owned {
		if all = all && o.Transferred; o.Transferred && o.Text != "" {
			list = append(list, landlord.PlaceName(o.Place()))
		}
	}
	if len(list) == 0 {
		return
	}
	text := fmt.Sprintf("What customization `%s` of tenant `%s` makes is part of template `%s` now, and left to it:\n%s", p.want.Name, p.want.Tenant, p.tenant.template, strings.Join(list, "\n"))
	if all {
		text += "\n\nNothing is left of the customization: it can be removed, which changes nothing in the database."
	}
	p.Notes = append(p.Notes, landlord.Note{Severity: landlord.Warning, Summary: "Customization is part of the template now", Detail: text})
}
