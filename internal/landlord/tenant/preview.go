package tenant

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
)

// PreviewSpec asks what moving a tenant to a template version would do.
type PreviewSpec struct {
	Slug, Template  string
	Modules         []string // nil: those that the tenant has
	Resolutions     []merge.Resolution
	DriftPolicy     landlord.DriftPolicy
	DestructiveMode landlord.DestructiveMode
	AskData         bool // also say what the data of the tenant means for the steps
}

// Preview is what moving a tenant to a template version would do. It follows no
// policy: what would wait, or needs leave, is shown all the same.
type Preview struct {
	From, To  string // name@version; From is empty for a database that follows none yet
	Verdict   string // auto, review or merge
	Conflicts []merge.Conflict
	Steps     []landlord.Step // empty as long as somebody has to decide
	Script    string          // the steps as one text for the standard client
	Digest    string          // of the migration, as an approval names it; empty when there is nothing to do
	Loses     bool            // a step loses data
	Impact    []Impact
	Findings  []landlord.Finding // of the steps, and of the data when it was asked
}

// Impact is what an update means for one customization.
type Impact struct {
	Customization string
	Verdict       merge.Verdict // the gravest of its parts; Commutes when the update does not come near it
	Open          bool          // somebody has to look at it
	What          []string      // what happens to it, one sentence each
}

// Preview says what moving a tenant to a template version would do. It changes
// nothing; templates of the same run count. Errors are Problems.
func (t *Tenants) Preview(ctx context.Context, p PreviewSpec) (*Preview, error) {
	row, err := t.Estate.Snapshot.Row(ctx, p.Slug)
	if err != nil {
		return nil, err
	}
	spec := landlord.TenantSpec{Slug: p.Slug, Name: p.Slug, Template: p.Template, Modules: p.Modules, Resolutions: p.Resolutions,
		DriftPolicy: p.DriftPolicy, DestructiveMode: p.DestructiveMode, AllowDestructive: true, SkipProbes: !p.AskData}
	out := &Preview{To: p.Template, Verdict: merge.VerdictAuto, Conflicts: []merge.Conflict{}, Steps: []landlord.Step{}, Impact: []Impact{}}
	var prior *landlord.PriorTenant
	var customizations []registry.Customization
	if row != nil {
		spec.Name, spec.Server, spec.Metadata = row.Name, row.Server, row.Metadata
		out.From = row.AppliedTemplate()
		if p.Modules == nil {
			spec.Modules = row.Modules
		}
		if row.Status != landlord.StatusCreating {
			prior = &landlord.PriorTenant{Seen: rand.Text()} // no plan has seen that: what one of them recorded may be of last month
		}
		if customizations, err = t.Estate.CustomizationsOf(ctx, row.ID); err != nil {
			return nil, err
		}
	}
	plan, _, err := t.planTenant(ctx, spec, prior)
	if err != nil {
		return nil, err
	}
	if len(plan.Conflicts) > 0 {
		out.Conflicts = plan.Conflicts
	}
	if plan.HasWork() {
		out.Steps = plan.Steps
	}
	out.Digest = plan.Digest
	if plan.Verdict != "" {
		out.Verdict = plan.Verdict
	}
	out.Loses = slices.ContainsFunc(out.Steps, func(s landlord.Step) bool { return s.Destructive })
	for _, f := range landlord.FindingsOf(plan.Notes) {
		switch f.Kind {
		case landlord.KindDataForbids, landlord.KindDataChanges, landlord.KindUnchecked, landlord.KindLargeCopy, landlord.KindRename:
			out.Findings = append(out.Findings, f)
		}
	}
	out.Script = out.script(p.Slug)
	out.Impact = impactOf(customizations, out.Conflicts)
	return out, nil
}

// script writes the steps as one text, with what they are for.
func (p *Preview) script(slug string) string {
	if len(p.Steps) == 0 {
		return ""
	}
	from := ""
	if p.From != "" {
		from = "from " + p.From + " "
	}
	lines := []string{
		fmt.Sprintf("-- Tenant %s: %sto %s, verdict %s", slug, from, p.To, p.Verdict),
		"-- Digest " + p.Digest,
		"-- To be read: the provider runs these statements one by one, each recorded before it is sent.",
	}
	s := &render.SQLScript{Statements: lines}
	for i, step := range p.Steps {
		said := fmt.Sprintf("-- %d. %s: %s %s", i+1, step.Origin, step.Operation, step.Object)
		if step.Reason != "" {
			said += ": " + step.Reason
		}
		s.Statements = append(s.Statements, strings.Join(strings.Fields(said), " ")) // a name may hold a line end
		s.Add(diff.Change{SQL: step.SQL, Settings: step.Settings})
	}
	return render.ScriptText(s.End())
}

// impactOf says, for each customization, what the update does to it.
func impactOf(customizations []registry.Customization, conflicts []merge.Conflict) []Impact {
	out := []Impact{}
	for _, c := range customizations {
		i := Impact{Customization: c.Name, Verdict: merge.Commutes, What: []string{}}
		rank := 0
		for k := range conflicts {
			x := &conflicts[k]
			if !x.Touches(c.Name) {
				continue
			}
			if x.Rank() > rank {
				i.Verdict, rank = x.Verdict, x.Rank()
			}
			i.Open = i.Open || x.Open()
			said := x.Place() + ": " + x.Reason
			if x.Decision != "" {
				said += " (decided: " + string(x.Decision) + ")"
			}
			i.What = append(i.What, said)
		}
		out = append(out, i)
	}
	return out
}
