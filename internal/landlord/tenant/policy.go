package tenant

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// judge turns a migration into the plan of one tenant: what its policies say,
// and what the data says.
func (t *Tenants) judge(ctx context.Context, p *planning, m *migrate.Migration) error {
	spec, plan, row, live := p.spec, p.plan, p.row, p.live
	if row != nil && row.Running == "" && spec.DriftPolicy == landlord.DriftFail {
		list, err := t.driftOf(ctx, row, live)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			return landlord.NewProblem(landlord.FieldDriftPolicy, "Tenant schema has drifted",
				fmt.Sprintf("Tenant `%s` differs from what was recorded, and its drift policy is `fail`:\n%s", spec.Slug, landlord.ListDifferences(list)),
				"Undo the changes, apply `drift_policy = \"repair\"`, or take the changes into the template.")
		}
	}
	plan.Conflicts = slices.Clone(m.Conflicts)
	if err := t.propose(ctx, plan.Conflicts); err != nil {
		return err
	}
	conflicted := m.Verdict == merge.VerdictMerge
	switch {
	case (spec.UpdatePolicy == landlord.UpdateHold || spec.Status == landlord.StatusArchived) && (conflicted || len(m.Steps) > 0):
		t.stay(plan, row, live, landlord.UpdateHeld)
		return nil
	case conflicted:
		t.stay(plan, row, live, landlord.UpdateConflict)
		plan.Verdict = m.Verdict
		plan.Notes = append(plan.Notes, conflictNote(spec.Slug, row, p.want.ID.String(), plan.Conflicts))
		return nil
	}
	if err := t.noteUnused(ctx, spec, plan, row, m); err != nil {
		return err
	}
	if reasons := approvalReasons(spec, p.want, plan, m); len(m.Steps) > 0 && len(reasons) > 0 {
		if err := t.wait(ctx, spec, plan, m, reasons); err != nil {
			return err
		}
	}
	return t.allow(ctx, p, m)
}

func (t *Tenants) noteUnused(ctx context.Context, spec landlord.TenantSpec, plan *apply.TenantPlan, row *registry.TenantRow, m *migrate.Migration) error {
	if len(m.Unused) == 0 || row == nil {
		return nil
	}
	earlier, err := t.Estate.DecisionsOf(ctx, row.ID)
	if err != nil {
		return err
	}
	plan.Notes = append(plan.Notes, m.UnusedNote(spec.Slug, earlier)...)
	return nil
}

// stay plans that a tenant keeps what it has.
func (t *Tenants) stay(plan *apply.TenantPlan, row *registry.TenantRow, live *ddl.Fingerprint, status landlord.UpdateStatus) {
	plan.UpdateStatus, plan.Fingerprint, plan.Template = status, live.Whole, ""
	if row != nil {
		plan.Template = row.AppliedTemplate()
	}
}

// The levels of a template's changes that can need an approval.
const (
	ApprovalCore     = "core"
	ApprovalOptional = "optional"
)

// approvalReasons says why a migration must not run without an approval; nil
// when it may.
func approvalReasons(spec landlord.TenantSpec, want *estate.Target, plan *apply.TenantPlan, m *migrate.Migration) []string {
	var reasons []string
	if spec.UpdatePolicy == landlord.UpdateReview {
		reasons = append(reasons, "`update_policy` of the tenant is `review`")
	}
	levels := slices.Clone(want.Lineage.Template().ApprovalRequired)
	for _, p := range want.Lineage.Parents() {
		levels = append(levels, p.ApprovalRequired...)
	}
	for level, name := range map[int64]string{1: ApprovalCore, 2: ApprovalOptional} {
		if slices.Contains(levels, name) && slices.ContainsFunc(m.Steps, func(s landlord.Step) bool { return s.Level == level }) {
			reasons = append(reasons, fmt.Sprintf("`approval_required` of template `%s` has `%s`", want.ID, name))
		}
	}
	slices.Sort(reasons)
	reasons = append(reasons, m.Doubts...)
	for i := range plan.Conflicts {
		if c := &plan.Conflicts[i]; c.Open() {
			reasons = append(reasons, c.Sentence())
		}
	}
	return reasons
}

// wait plans that the steps wait for an approval. Whether there is one is looked
// for under the tenant's lock, by the clock of the landlord database: it may be
// given, or run out, between the plan and its apply. One that the run gives
// counts when it is planned before the tenant.
func (t *Tenants) wait(ctx context.Context, spec landlord.TenantSpec, plan *apply.TenantPlan, m *migrate.Migration, reasons []string) error {
	plan.Waits, plan.UpdateStatus = true, ""
	given, err := t.Registry.Approved(ctx, t.Servers.Main(), m.Digest, spec.Slug)
	if err != nil {
		return registry.Unreachable(t.Servers.Main(), "looking for an approval", err)
	}
	if given == nil {
		given = t.Estate.Run.Approval(m.Digest, spec.Slug)
	}
	plan.Approval = given
	// What it says is the same with an approval and without: it has to come out of
	// the apply.
	found := []landlord.Finding{{Kind: landlord.KindApproval, Detail: landlord.Sentence("the migration needs an approval: " + strings.Join(reasons, "; ")),
		Action: "Approve the digest with a `landlord_migration_approval`."}}
	if given != nil {
		plan.Notes = append(plan.Notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldUpdatePolicy, Summary: "Migration is approved", Findings: found,
			Detail: fmt.Sprintf("Tenant `%s`: the migration to `%s` runs, approved by %s.", spec.Slug, plan.Template, cmp.Or(given.ApprovedBy, "who applies"))})
		return nil
	}
	next := append([]string{
		"Approve it with a `landlord_migration_approval` for this tenant, or for all tenants with this digest:",
		"  digest = \"" + m.Digest + "\"",
		"  tenant = \"" + spec.Slug + "\"",
	}, agreements(plan.Conflicts)...)
	plan.Notes = append(plan.Notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldUpdatePolicy, Summary: "Migration waits for an approval", Findings: found,
		Detail: strings.Join(append([]string{fmt.Sprintf("Tenant `%s`: the migration to `%s` is shown, and does not run yet:", spec.Slug, plan.Template)},
			append(landlord.Bulleted(reasons), append([]string{""}, next...)...)...), "\n")})
	return nil
}

// agreements are the lines by which a person agrees to what a migration changes
// under something of the tenant.
func agreements(conflicts []merge.Conflict) []string {
	if !slices.ContainsFunc(conflicts, func(c merge.Conflict) bool { return c.Open() }) {
		return nil
	}
	lines := []string{"Or decide with `resolutions`, where `take_template` agrees to what changes and `keep_tenant` waives it:"}
	for i := range conflicts {
		if c := &conflicts[i]; c.Open() {
			line := merge.Resolution{Object: c.Object, Element: c.Element, Decision: merge.TakeTemplate}.HCL()
			if c.Proposal != "" {
				line = c.Proposal + " # as another tenant did"
			}
			lines = append(lines, "  "+line)
		}
	}
	return lines
}

// allow plans a migration that is to run, unless it loses data without leave or
// the data forbids it.
func (t *Tenants) allow(ctx context.Context, p *planning, m *migrate.Migration) error {
	srv, spec, plan := p.srv, p.spec, p.plan
	if m.Final != nil {
		plan.Fingerprint = m.Final.Fingerprint.Whole
	}
	if len(m.Steps) == 0 {
		return nil
	}
	all, err := t.Servers.Retirements(ctx, srv)
	if err != nil {
		return err
	}
	// The number makes the names of retired data differ between two migrations
	// of a tenant that do the same.
	plan.Steps, plan.Digest, plan.Verdict = m.Instantiate(plan.DatabaseName, fmt.Sprint(spec.Slug, all.Count[spec.Slug])), m.Digest, m.Verdict
	plan.Notes = append(plan.Notes, m.Notes...)
	if err := t.gate(ctx, srv, spec, plan); err != nil {
		return err
	}
	if err := t.Planner.HoldReturning(ctx, srv, plan.Steps); err != nil {
		return err
	}
	if err := t.cross(ctx, srv, spec, plan, checkpointing.Crossing{Row: p.row, Steps: plan.Steps}); err != nil {
		return err
	}
	if spec.SkipProbes {
		return nil
	}
	return t.askData(ctx, p)
}

// cross plans the checkpoint behind a migration across which the binary log cannot be
// replayed.
func (t *Tenants) cross(ctx context.Context, srv *registry.Server, spec landlord.TenantSpec, plan *apply.TenantPlan, x checkpointing.Crossing) error {
	x.Field, x.Wish = landlord.FieldTemplate, spec.Automatic
	takes, notes, err := t.Checkpoints.Cross(ctx, srv, x)
	plan.CheckpointBehind, plan.Notes = takes, append(plan.Notes, notes...)
	return err
}

// askData asks the data what the steps of a plan would meet.
func (t *Tenants) askData(ctx context.Context, p *planning) error {
	spec, plan := p.spec, p.plan
	cure, err := t.cure(ctx, plan.Template)
	if err != nil {
		return err
	}
	found, known, err := t.Planner.AskData(ctx, p.srv, migrate.Question{Slug: spec.Slug, Database: plan.DatabaseName, Digest: plan.Digest, Steps: plan.Steps, Cure: cure, Seen: p.seen})
	if err != nil {
		return err
	}
	plan.Open = !known
	plan.Notes = append(plan.Notes, landlord.DataNotes(landlord.FieldTemplate, spec.Slug, found, plan.Steps)...)
	if slices.ContainsFunc(found, func(f landlord.Finding) bool { return f.Blocks }) {
		plan.Verdict = landlord.VerdictBlocked
	}
	return nil
}

// cure says what to do when the data of a tenant forbids its way to a template
// version. A published version never changes, so only the next one can correct
// rows in a script.
func (t *Tenants) cure(ctx context.Context, want string) (string, error) {
	id, err := template.ParseID(want)
	if err != nil {
		return "", err
	}
	published, err := t.Estate.Templates.All(ctx)
	if err != nil {
		return "", err
	}
	var versions []string
	for other := range published {
		if other.Name == id.Name {
			versions = append(versions, other.Version)
		}
	}
	if _, ok := published[id]; !ok {
		return fmt.Sprintf("Correct the rows and plan again, or let a script in `migrations/` of `%s`, which is not published yet, correct them: scripts run first.", id), nil
	}
	next := template.NextVersion(id.Version, versions).Patch
	return fmt.Sprintf("Correct the rows and plan again. Or publish `%s@%s` with a script `migrations/%s--%s.sql` that corrects them, and let the tenant follow that version: scripts run first.", id.Name, next, id.Version, next), nil
}
