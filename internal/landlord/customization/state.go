package customization

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
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
func (c *Customizations) objectStates(ctx context.Context, row *registry.TenantRow, srv ddl.Server, recorded *registry.Customization, live *ddl.Fingerprint, read func() (*estate.Rendering, error)) (map[ddl.Place]objectState, error) {
	if row == nil || recorded == nil || recorded.Pending != nil || live == nil || row.CurrentSchema == live.Whole {
		return nil, nil
	}
	base, err := c.Estate.StoredSchema(ctx, row.CurrentSchema)
	if err != nil || base == nil {
		return nil, err
	}
	if !slices.ContainsFunc(recorded.Objects, func(o merge.OwnedElement) bool { return base.Fingerprint.Objects[o.Object] != live.Objects[o.Object] }) {
		return nil, nil
	}
	now, err := read()
	if err != nil {
		return nil, err
	}
	out := map[ddl.Place]objectState{}
	for _, change := range merge.Changes(base.Schema, now.Schema, srv) {
		at := ddl.Place{Object: change.Object, Element: change.Element}
		for _, o := range recorded.Objects {
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
func (c *Customizations) ownState(ctx context.Context, p *customPlan, live *estate.Rendering) error {
	t := p.tenant
	states, err := c.objectStates(ctx, t.row, registry.Dialect(t.info), p.old, t.live, func() (*estate.Rendering, error) { return live, nil })
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
			lines = append(lines, landlord.UpperFirst(landlord.PlaceName(o.Place()))+" is gone.")
		case ObjectChanged:
			lines = append(lines, fmt.Sprintf("%s was changed.\nRecorded: %s\nServer: %s", landlord.UpperFirst(landlord.PlaceName(o.Place())), o.Text, s.found))
		}
	}
	if len(lines) > 0 && !p.want.remove {
		p.Notes = append(p.Notes, landlord.Note{Severity: landlord.Warning, Summary: "Customization was changed by somebody else",
			Detail: fmt.Sprintf("Tenant `%s` does not have what customization `%s` made. The plan brings it back:\n%s", p.want.Tenant, p.want.Name, strings.Join(lines, "\n"))})
	}
	return nil
}

// sameAs compares the state of the objects with what Terraform's state says.
func (p *customPlan) sameAs(states map[ddl.Place]objectState) error {
	now := map[string]objectState{}
	for at, s := range states {
		now[landlord.ObjectName(at.Object)+"\x00"+at.Element] = s
	}
	had := map[string]bool{}
	for _, o := range p.had {
		had[landlord.ObjectName(o.Object)+"\x00"+o.Element] = true
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
			return landlord.NewProblem(landlord.FieldNone, "Customization changed since the plan",
				fmt.Sprintf("Somebody changed %s, which customization `%s` of tenant `%s` has made.", o.Object, p.want.Name, p.want.Tenant), "Nothing was run. Plan again.")
		}
	}
	return nil
}

// weigh says what the statements cost and lose, and refuses to lose rows without
// leave. Taking a customization away is such a leave as long as its data is set
// aside.
func (c *Customizations) weigh(ctx context.Context, p *customPlan, live *estate.Rendering) error {
	if len(p.Steps) == 0 && p.rest != nil {
		return c.cross(ctx, p)
	}
	if len(p.Steps) == 0 {
		return nil
	}
	t := p.tenant
	if migrate.NeedsRetirement(p.Steps) {
		p.Notes = append(p.Notes, migrate.SchedulerNote(t.info)...)
	}
	p.Notes = append(p.Notes, p.needed()...)
	if live == nil {
		return c.askData(ctx, p, true)
	}
	if !p.mayLose() {
		lost, err := c.Planner.Losses(ctx, t.srv, t.database, p.Steps)
		if err != nil {
			return err
		}
		if len(lost) > 0 {
			return p.wouldLose(lost...)
		}
	}
	if err := c.cross(ctx, p); err != nil {
		return err
	}
	return c.askData(ctx, p, false)
}

// cross plans the checkpoint behind statements across which the binary log cannot be
// replayed.
func (c *Customizations) cross(ctx context.Context, p *customPlan) error {
	crossing := checkpointing.Crossing{Row: p.tenant.row, Steps: p.Steps, Begun: p.rest != nil}
	if p.rest != nil {
		crossing.Steps = registry.StepsOf(p.rest.Steps)
	}
	takes, notes, err := c.Checkpoints.Cross(ctx, p.tenant.srv, crossing)
	p.behind, p.Notes = takes, append(p.Notes, notes...)
	return err
}

// mayLose says whether the steps may take rows away.
func (p *customPlan) mayLose() bool {
	return p.want.AllowDestructive || p.want.remove && p.want.DestructiveMode != landlord.Drop
}

func (p *customPlan) wouldLose(lost ...landlord.Step) error {
	next := "Set `allow_destructive = true` to agree; what is lost is then set aside for the `retention`, unless `destructive_mode = \"drop\"`. Or keep it in the customization."
	if p.want.remove {
		next = "Apply `allow_destructive = true` to destroy it, or `destructive_mode = \"retire\"` to set it aside, then destroy."
	}
	detail := append([]string{fmt.Sprintf("Customization `%s` of tenant `%s` is to change.", p.want.Name, p.want.Tenant)}, landlord.LossText(lost)...)
	return landlord.NewProblem(landlord.FieldAllowDestructive, "Customization would lose data", append(detail, next)...)
}

// askData asks the tenant's data what the statements would meet. There is none in
// a tenant that the same run makes.
func (c *Customizations) askData(ctx context.Context, p *customPlan, missing bool) error {
	t, seen := p.tenant, ""
	if p.want.prior != nil {
		seen = p.want.prior.Seen
	}
	found, known, err := c.Planner.AskData(ctx, t.srv, migrate.Question{
		Slug: t.slug, Database: t.database, Subject: p.want.Name, Digest: p.Digest, Steps: p.Steps, Cure: "Correct the rows, or change the customization.", Missing: missing, Seen: seen,
	})
	p.Open = !known
	p.Notes = append(p.Notes, landlord.DataNotes(landlord.FieldNone, t.slug, found, p.Steps)...)
	return err
}

// needed warns of what other customizations name and this plan takes away. They
// may go in the same run; the apply looks again.
func (p *customPlan) needed() []landlord.Note {
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
	return []landlord.Note{{Severity: landlord.Warning, Summary: "Another customization may need this one", Passing: true,
		Detail: fmt.Sprintf("What customization `%s` of tenant `%s` takes away is named by %s. The apply is refused as long as the database needs it.", p.want.Name, p.want.Tenant, landlord.Quoted(by))}}
}

// neededBy returns the other customizations whose patches name elements.
func neededBy(all []registry.Customization, name string, owned []merge.OwnedElement) []string {
	by := []string{}
	for _, c := range all {
		if c.Name != name && names(c.Patch.Words(), owned) {
			by = append(by, c.Name)
		}
	}
	return by
}

// Customization returns a customization as the landlord database and the
// tenant's server have it. ErrNotFound when the landlord database does not know
// it, or its tenant.
func (c *Customizations) Customization(ctx context.Context, tenant, name string) (*Customization, error) {
	row, err := c.Estate.Snapshot.Row(ctx, tenant)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, landlord.ErrNotFound
	}
	all, err := c.Estate.CustomizationsOf(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(c registry.Customization) bool { return c.Name == name })
	if at < 0 {
		return nil, landlord.ErrNotFound
	}
	return c.describeCustomization(ctx, row, all, &all[at])
}

// describeCustomization joins a recorded customization with what the server has.
func (c *Customizations) describeCustomization(ctx context.Context, row *registry.TenantRow, all []registry.Customization, recorded *registry.Customization) (*Customization, error) {
	srv, err := c.Servers.Server(row.Server)
	if err != nil {
		return nil, err
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "reading a customization", err)
	}
	live, err := c.Estate.Snapshot.Fingerprint(ctx, row.Server, row.Database)
	if err != nil {
		return nil, err
	}
	states, err := c.objectStates(ctx, row, registry.Dialect(info), recorded, live, func() (*estate.Rendering, error) { return c.Estate.LiveRendering(ctx, srv, info, row.Database, live) })
	if err != nil {
		return nil, err
	}
	out := &Customization{
		Tenant: row.Slug, Name: recorded.Name, Reason: recorded.Reason, Author: recorded.Author, Patch: recorded.Patch, Status: recorded.Status,
		Objects: objectsFor(recorded.Objects), Summary: summarize(all, recorded), CreatedAt: recorded.CreatedAt, UpdatedAt: recorded.UpdatedAt,
	}
	for i, o := range recorded.Objects {
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
func summarize(all []registry.Customization, c *registry.Customization) Summary {
	s := Summary{NeededBy: neededBy(all, c.Name, c.Objects), Loses: []string{}, Promoted: len(c.Objects) > 0}
	for _, o := range c.Objects {
		kind, _, _ := strings.Cut(o.Object, " ")
		switch {
		case o.Transferred:
			continue
		case o.Element == "" && ddl.Kind(kind) == ddl.KindTable:
			s.Loses = append(s.Loses, landlord.PlaceName(o.Place())+" with its rows")
		case strings.HasPrefix(o.Element, "column `"):
			s.Loses = append(s.Loses, landlord.PlaceName(o.Place())+" with its values")
		}
		s.Promoted = false
	}
	s.CanReturn = len(s.NeededBy) == 0
	return s
}
