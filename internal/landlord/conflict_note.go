package landlord

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// propose adds to open conflicts what another tenant with the same one decided.
// The list is changed in place: it is the caller's copy.
func (e *Engine) propose(ctx context.Context, list []merge.Conflict) error {
	if !slices.ContainsFunc(list, func(c merge.Conflict) bool { return c.Open() }) {
		return nil
	}
	all, err := e.allDecisions(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		if d, ok := all.byClash[list[i].Clash]; ok && list[i].Open() {
			list[i].Proposal = d.HCL()
		}
	}
	return nil
}

// unusedNote says which decisions decide nothing, apart from those that did
// their work before.
func (m *migration) unusedNote(slug string, earlier []merge.Remembered) []Note {
	var keys []string
	for _, r := range m.unused {
		if !slices.ContainsFunc(earlier, func(d merge.Remembered) bool {
			return d.Object == r.Object && (d.Element == r.Element || r.Element == "")
		}) {
			keys = append(keys, r.Key())
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return []Note{{Severity: Warning, Field: FieldResolutions, Summary: "Resolution is not needed",
		Detail: fmt.Sprintf("Tenant `%s`: the update meets no conflict at %s, so there is nothing to decide there.", slug, quoted(keys))}}
}

// conflictNote says why a tenant stays where it is, and how to go on.
func conflictNote(slug string, row *tenantRow, want string, list []merge.Conflict) Note {
	at := "as it is"
	if row != nil && row.applied != "" {
		at = "at `" + row.appliedTemplate() + "`"
	}
	lines := []string{fmt.Sprintf("Tenant `%s` stays %s: the update to `%s` meets what the tenant has of its own.", slug, at, want)}
	undecidable := false
	for i := range list {
		c := &list[i]
		if !c.Open() {
			continue
		}
		lines = append(lines, "- "+c.Sentence())
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
	return Note{Severity: Warning, Field: FieldTemplate, Summary: "Template update conflicts with a tenant", Detail: strings.Join(lines, "\n")}
}
