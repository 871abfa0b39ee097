package tenant

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// propose adds to open conflicts what another tenant with the same one decided.
// The list is changed in place: it is the caller's copy.
func (t *Tenants) propose(ctx context.Context, list []merge.Conflict) error {
	if !slices.ContainsFunc(list, func(c merge.Conflict) bool { return c.Open() }) {
		return nil
	}
	all, err := t.Estate.AllDecisions(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		if d, ok := all.ByClash[list[i].Clash]; ok && list[i].Open() {
			list[i].Proposal = d.HCL()
		}
	}
	return nil
}

// conflictNote says why a tenant stays where it is, and how to go on.
func conflictNote(slug string, row *registry.TenantRow, want string, list []merge.Conflict) landlord.Note {
	at := "as it is"
	if row != nil && row.Applied != "" {
		at = "at `" + row.AppliedTemplate() + "`"
	}
	lines := []string{fmt.Sprintf("Tenant `%s` stays %s: the update to `%s` meets what the tenant has of its own.", slug, at, want)}
	var findings []landlord.Finding
	undecidable := false
	for i := range list {
		c := &list[i]
		if !c.Open() {
			continue
		}
		lines = append(lines, "- "+c.Sentence())
		findings = append(findings, ConflictFinding(c))
		undecidable = undecidable || !c.Decidable()
	}
	lines = append(lines, "", "Decide with `resolutions` of the tenant, for example:")
	for i := range list {
		c := &list[i]
		switch {
		case !c.Open() || !c.Decidable():
		case c.Proposal != "":
			lines = append(lines, "  "+c.Proposal+" # as another tenant did")
		default:
			lines = append(lines, "  "+merge.Resolution{Object: c.Object, Element: c.Element, Decision: merge.KeepTenant}.HCL()+` # or "take_template", or "sql"`)
		}
	}
	if undecidable && !slices.ContainsFunc(list, func(c merge.Conflict) bool { return c.Open() && c.Decidable() }) {
		lines = lines[:len(lines)-1]
		lines = append(lines, "No decision settles this: change or remove the customization, or repair the drift.")
	}
	return landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTemplate, Summary: "Template update conflicts with a tenant", Detail: strings.Join(lines, "\n"), Findings: findings}
}

// ConflictFinding returns an open conflict for programs. It leaves out what other tenants decided: an apply may meet more of
// that than its plan.
func ConflictFinding(c *merge.Conflict) landlord.Finding {
	action := "Change or remove the customization, or repair the drift."
	if c.Decidable() {
		action = "Decide with `resolutions`: " + merge.Resolution{Object: c.Object, Element: c.Element, Decision: merge.KeepTenant}.HCL()
	}
	return landlord.Finding{Kind: landlord.KindConflict, Blocks: true, Object: c.Place(), Detail: c.Sentence(), Action: action, Base: c.Base, Template: c.Template, Own: c.Tenant}
}
