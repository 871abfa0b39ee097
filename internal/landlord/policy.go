package landlord

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// judge turns a migration into the plan of one tenant: what its policies say,
// and what the data says.
func (e *Engine) judge(ctx context.Context, p *planning, m *migration) error {
	spec, plan, row, live := p.spec, p.plan, p.row, p.live
	if row != nil && row.currentSchema != "" && row.currentSchema != live.Whole && row.running == "" && spec.DriftPolicy == DriftFail {
		list, err := e.drift(ctx, row, live)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			return problem(FieldDriftPolicy, "Tenant schema has drifted",
				fmt.Sprintf("Tenant `%s` differs from what was recorded, and its drift policy is `fail`:\n%s", spec.Slug, listDifferences(list)),
				"Undo the changes, apply `drift_policy = \"repair\"`, or take the changes into the template.")
		}
	}
	plan.Conflicts = slices.Clone(m.conflicts)
	if err := e.propose(ctx, plan.Conflicts); err != nil {
		return err
	}
	conflicted := m.verdict == merge.VerdictMerge
	switch {
	case spec.UpdatePolicy == UpdateHold && row != nil && row.applied != "" && (conflicted || len(m.steps) > 0):
		e.stay(plan, row, live, UpdateHeld)
		return nil
	case conflicted:
		e.stay(plan, row, live, UpdateConflict)
		plan.Verdict = m.verdict
		plan.Notes = append(plan.Notes, conflictNote(spec.Slug, row, p.want.id.String(), plan.Conflicts))
		return nil
	}
	if err := e.noteUnused(ctx, spec, plan, row, m); err != nil {
		return err
	}
	if reasons := approvalReasons(spec, p.want, plan, m); len(m.steps) > 0 && len(reasons) > 0 {
		if err := e.wait(ctx, spec, plan, m, reasons); err != nil {
			return err
		}
	}
	return e.allow(ctx, p.srv, spec, plan, m)
}

func (e *Engine) noteUnused(ctx context.Context, spec TenantSpec, plan *TenantPlan, row *tenantRow, m *migration) error {
	if len(m.unused) == 0 || row == nil {
		return nil
	}
	earlier, err := e.decisionsOf(ctx, row.id)
	if err != nil {
		return err
	}
	plan.Notes = append(plan.Notes, m.unusedNote(spec.Slug, earlier)...)
	return nil
}

// stay plans that a tenant keeps what it has.
func (e *Engine) stay(plan *TenantPlan, row *tenantRow, live *ddl.Fingerprint, status UpdateStatus) {
	plan.UpdateStatus, plan.Fingerprint = status, live.Whole
	if row != nil {
		plan.Template = row.appliedTemplate()
	}
}

// The levels of a template's changes that can need an approval.
const (
	ApprovalCore     = "core"
	ApprovalOptional = "optional"
)

// approvalReasons says why a migration must not run without an approval; nil
// when it may.
func approvalReasons(spec TenantSpec, want *target, plan *TenantPlan, m *migration) []string {
	var reasons []string
	if spec.UpdatePolicy == UpdateReview {
		reasons = append(reasons, "`update_policy` of the tenant is `review`")
	}
	levels := slices.Clone(want.lineage.Template().ApprovalRequired)
	for _, p := range want.lineage.Parents() {
		levels = append(levels, p.ApprovalRequired...)
	}
	for level, name := range map[int64]string{1: ApprovalCore, 2: ApprovalOptional} {
		if slices.Contains(levels, name) && slices.ContainsFunc(m.steps, func(s Step) bool { return s.Level == level }) {
			reasons = append(reasons, fmt.Sprintf("`approval_required` of template `%s` has `%s`", want.id, name))
		}
	}
	slices.Sort(reasons)
	for i := range plan.Conflicts {
		if c := &plan.Conflicts[i]; c.Open() {
			reasons = append(reasons, c.Sentence())
		}
	}
	return reasons
}

// wait plans that the steps wait for an approval. Whether there is one is looked
// for under the tenant's lock, by the clock of the landlord database: it may be
// given, or run out, between the plan and its apply.
func (e *Engine) wait(ctx context.Context, spec TenantSpec, plan *TenantPlan, m *migration, reasons []string) error {
	plan.Waits, plan.UpdateStatus = true, ""
	given, err := e.registry.approved(ctx, e.main(), m.digest, spec.Slug)
	if err != nil {
		return unreachable(e.main(), "looking for an approval", err)
	}
	if given != nil {
		return nil
	}
	next := []string{
		"Approve it with a `landlord_migration_approval` for this tenant, or for all tenants with this digest:",
		"  digest = \"" + m.digest + "\"",
		"  tenant = \"" + spec.Slug + "\"",
	}
	if m.verdict == merge.VerdictReview {
		next = append(next, "Or decide with `resolutions`, where `take_template` agrees to what changes and `keep_tenant` waives it:")
		for i := range plan.Conflicts {
			if c := &plan.Conflicts[i]; c.Open() {
				line := merge.Resolution{Object: c.Object, Element: c.Element, Decision: merge.TakeTemplate}.HCL()
				if c.Proposal != "" {
					line = c.Proposal + " # as another tenant did"
				}
				next = append(next, "  "+line)
			}
		}
	}
	plan.Notes = append(plan.Notes, Note{Severity: Warning, Field: FieldUpdatePolicy, Summary: "Migration waits for an approval",
		Detail: strings.Join(append([]string{fmt.Sprintf("Tenant `%s`: the migration to `%s` is shown, and does not run yet:", spec.Slug, plan.Template)},
			append(bulleted(reasons), append([]string{""}, next...)...)...), "\n")})
	return nil
}

func bulleted(lines []string) []string {
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		out = append(out, "- "+l)
	}
	return out
}

// allow plans a migration that is to run, unless it loses data without leave or
// the data forbids it.
func (e *Engine) allow(ctx context.Context, srv *server, spec TenantSpec, plan *TenantPlan, m *migration) error {
	if m.final != nil {
		plan.Fingerprint = m.final.fingerprint.Whole
	}
	if len(m.steps) == 0 {
		return nil
	}
	all, err := e.retirements(ctx, srv)
	if err != nil {
		return err
	}
	// The number makes the names of retired data differ between two migrations
	// of a tenant that do the same.
	plan.Steps, plan.Digest, plan.Verdict = m.instantiate(plan.DatabaseName, fmt.Sprint(spec.Slug, all.count[spec.Slug])), m.digest, m.verdict
	plan.Notes = append(plan.Notes, m.notes...)
	if err := e.gate(ctx, srv, spec, plan); err != nil {
		return err
	}
	if spec.SkipProbes {
		return nil
	}
	notes, err := e.copyNotes(ctx, srv, spec.Slug, plan)
	if err != nil {
		return err
	}
	plan.Notes = append(plan.Notes, notes...)
	findings, err := e.probe(ctx, srv, plan.DatabaseName, plan.Steps)
	plan.Notes = append(plan.Notes, probeNotes(spec.Slug, findings)...)
	return err
}
