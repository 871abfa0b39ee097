package landlord

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// objectState is how an object of a customization stands.
type objectState struct {
	status ObjectStatus
	found  string
}

// objectStates says of which objects of a customization somebody else has
// changed something since the last change that was recorded. Of an interrupted
// one nothing is said: its own run was at it. read returns the live schema, when
// its fingerprint does not tell.
func (e *Engine) objectStates(ctx context.Context, row *tenantRow, srv ddl.Server, c *customization, live *ddl.Fingerprint, read func() (*rendering, error)) (map[ddl.Place]objectState, error) {
	if row == nil || c == nil || c.pending != nil || live == nil || row.currentSchema == live.Whole {
		return nil, nil
	}
	base, err := e.storedSchema(ctx, row.currentSchema)
	if err != nil || base == nil {
		return nil, err
	}
	if !slices.ContainsFunc(c.objects, func(o merge.OwnedElement) bool { return base.Fingerprint.Objects[o.Object] != live.Objects[o.Object] }) {
		return nil, nil
	}
	now, err := read()
	if err != nil {
		return nil, err
	}
	out := map[ddl.Place]objectState{}
	for _, change := range merge.Changes(base.Schema, now.schema, srv) {
		at := ddl.Place{Object: change.Object, Element: change.Element}
		for _, o := range c.objects {
			own := o.Place() == at || o.Element == "" && o.Object == at.Object && (merge.Parts([]merge.OwnedElement{o}, srv)[at] || !isAddition(at.Element))
			if !own || o.Transferred || at.Element == diff.ElementOrder {
				continue
			}
			s := objectState{status: ObjectChanged, found: change.After}
			if change.Kind == diff.ChangeMissing && o.Place() == at {
				s = objectState{status: ObjectMissing}
			} else if change.Kind == diff.ChangeMissing {
				s.found = "without " + at.Element
			}
			if was, ok := out[o.Place()]; ok {
				s.found = was.found + "\n" + s.found
			}
			out[o.Place()] = s
		}
	}
	return out, nil
}

// ownState looks whether somebody changed what the customization made. It is
// shown, and planned to come back; it has to be what Terraform's state says,
// else the plan was made from something else.
func (e *Engine) ownState(ctx context.Context, p *customPlan, live *rendering) error {
	t := p.tenant
	states, err := e.objectStates(ctx, t.row, dialect(t.info), p.old, t.live, func() (*rendering, error) { return live, nil })
	if err != nil {
		return err
	}
	if p.want.prior != nil && t.live != nil {
		if err := p.sameAs(states); err != nil {
			return err
		}
	}
	var lines []string
	for _, o := range p.had {
		switch s := states[o.Place()]; s.status {
		case ObjectMissing:
			lines = append(lines, upperFirst(placeName(o.Place()))+" is gone.")
		case ObjectChanged:
			lines = append(lines, fmt.Sprintf("%s was changed.\nRecorded: %s\nServer: %s", upperFirst(placeName(o.Place())), o.Text, s.found))
		}
	}
	if len(lines) > 0 && !p.want.remove {
		p.Notes = append(p.Notes, Note{Severity: Warning, Summary: "Customization was changed by somebody else",
			Detail: fmt.Sprintf("Tenant `%s` does not have what customization `%s` made. The plan brings it back:\n%s", p.want.Tenant, p.want.Name, strings.Join(lines, "\n"))})
	}
	return nil
}

// sameAs compares the state of the objects with what Terraform's state says.
func (p *customPlan) sameAs(states map[ddl.Place]objectState) error {
	now := map[string]objectState{}
	for at, s := range states {
		now[objectName(at.Object)+"\x00"+at.Element] = s
	}
	had := map[string]bool{}
	for _, o := range p.had {
		had[objectName(o.Object)+"\x00"+o.Element] = true
	}
	for _, o := range p.want.prior.Objects {
		at := o.Object + "\x00" + o.Element
		if !had[at] {
			continue // of a database that was made anew
		}
		s := now[at]
		was := objectState{}
		if o.Status == ObjectMissing || o.Status == ObjectChanged {
			was = objectState{status: o.Status, found: o.Found}
		}
		if s != was {
			return problem(FieldNone, "Customization changed since the plan",
				fmt.Sprintf("Somebody changed %s, which customization `%s` of tenant `%s` has made.", o.Object, p.want.Name, p.want.Tenant), "Nothing was run. Plan again.")
		}
	}
	return nil
}

// weigh says what the statements cost and lose, and refuses to lose rows without
// leave. Taking a customization away is such a leave as long as its data is set
// aside.
func (e *Engine) weigh(ctx context.Context, p *customPlan, live *rendering) error {
	if len(p.Steps) == 0 {
		return nil
	}
	t := p.tenant
	if needsRetirement(p.Steps) {
		p.Notes = append(p.Notes, schedulerNote(t.info)...)
	}
	p.Notes = append(p.Notes, p.needed()...)
	if live == nil {
		return nil
	}
	if !p.mayLose() {
		lost, err := e.firstLoss(ctx, t.srv, t.database, p.Steps)
		if err != nil {
			return err
		}
		if lost != nil {
			return p.wouldLose(*lost)
		}
	}
	return e.askData(ctx, p)
}

// mayLose says whether the steps may take rows away.
func (p *customPlan) mayLose() bool {
	return p.want.AllowDestructive || p.want.remove && p.want.DestructiveMode != Drop
}

func (p *customPlan) wouldLose(s Step) error {
	next := "Set `allow_destructive = true` to agree; what is lost is then set aside for the `retention`, unless `destructive_mode = \"drop\"`. Or keep it in the customization."
	if p.want.remove {
		next = "Apply `allow_destructive = true` to destroy it, or `destructive_mode = \"retire\"` to set it aside, then destroy."
	}
	return problem(FieldAllowDestructive, "Customization would lose data",
		fmt.Sprintf("Customization `%s` of tenant `%s` is to change.", p.want.Name, p.want.Tenant), s.SQL, "Lost: "+s.lost+".", next)
}

// askData asks the tenant's data what the statements would meet.
func (e *Engine) askData(ctx context.Context, p *customPlan) error {
	t := p.tenant
	notes, err := e.copyNotes(ctx, t.srv, t.slug, &TenantPlan{DatabaseName: t.database, Steps: p.Steps})
	if err != nil {
		return err
	}
	findings, err := e.probe(ctx, t.srv, t.database, p.Steps)
	if err != nil {
		return err
	}
	for _, n := range append(notes, probeNotes(t.slug, findings)...) {
		n.Field = FieldNone
		p.Notes = append(p.Notes, n)
	}
	return nil
}

// needed warns of what other customizations name and this plan takes away. They
// may go in the same run; the apply looks again.
func (p *customPlan) needed() []Note {
	var gone []merge.OwnedElement
	for _, o := range p.had {
		if !o.Transferred && !slices.ContainsFunc(p.owned, func(n merge.OwnedElement) bool { return n.Place() == o.Place() }) {
			gone = append(gone, o)
		}
	}
	by := neededBy(p.tenant.recorded, p.want.Name, gone)
	if len(by) == 0 {
		return nil
	}
	return []Note{{Severity: Warning, Summary: "Another customization may need this one",
		Detail: fmt.Sprintf("What customization `%s` of tenant `%s` takes away is named by %s. The apply is refused as long as the database needs it.", p.want.Name, p.want.Tenant, quoted(by))}}
}

// neededBy returns the other customizations whose patches name elements.
func neededBy(all []customization, name string, owned []merge.OwnedElement) []string {
	by := []string{}
	for _, c := range all {
		if c.name != name && names(c.patch.words(), owned) {
			by = append(by, c.name)
		}
	}
	return by
}

// Customization returns a customization as the landlord database and the
// tenant's server have it. ErrNotFound when the landlord database does not know
// it, or its tenant.
func (e *Engine) Customization(ctx context.Context, tenant, name string) (*Customization, error) {
	row, err := e.estate.row(ctx, tenant)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, ErrNotFound
	}
	all, err := e.customizationsOf(ctx, row.id)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(c customization) bool { return c.name == name })
	if at < 0 {
		return nil, ErrNotFound
	}
	return e.describeCustomization(ctx, row, all, &all[at])
}

// describeCustomization joins a recorded customization with what the server has.
func (e *Engine) describeCustomization(ctx context.Context, row *tenantRow, all []customization, c *customization) (*Customization, error) {
	srv, err := e.server(row.server)
	if err != nil {
		return nil, err
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, unreachable(srv, "reading a customization", err)
	}
	live, err := e.estate.fingerprint(ctx, row.server, row.database)
	if err != nil {
		return nil, err
	}
	states, err := e.objectStates(ctx, row, dialect(info), c, live, func() (*rendering, error) { return e.liveRendering(ctx, srv, info, row.database, live) })
	if err != nil {
		return nil, err
	}
	out := &Customization{
		Tenant: row.slug, Name: c.name, Reason: c.reason, Author: c.author, Patch: c.patch, Status: c.status,
		Objects: objectsFor(c.objects), Summary: summarize(all, c), CreatedAt: c.createdAt, UpdatedAt: c.updatedAt,
	}
	for i, o := range c.objects {
		if s, ok := states[o.Place()]; ok {
			out.Objects[i].Status, out.Objects[i].Found = s.status, s.found
		}
		if live == nil {
			out.Objects[i].Status = ObjectMissing
		}
	}
	return out, nil
}

// summarize says what removing a customization would mean.
func summarize(all []customization, c *customization) CustomizationSummary {
	s := CustomizationSummary{NeededBy: neededBy(all, c.name, c.objects), Loses: []string{}, Promoted: len(c.objects) > 0}
	for _, o := range c.objects {
		kind, _, _ := strings.Cut(o.Object, " ")
		switch {
		case o.Transferred:
			continue
		case o.Element == "" && ddl.Kind(kind) == ddl.KindTable:
			s.Loses = append(s.Loses, placeName(o.Place())+" with its rows")
		case strings.HasPrefix(o.Element, "column `"):
			s.Loses = append(s.Loses, placeName(o.Place())+" with its values")
		}
		s.Promoted = false
	}
	s.CanReturn = len(s.NeededBy) == 0
	return s
}
