package customization

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// judgeTriggers refuses triggers on tables of the template that are no extension
// points: a trigger changes what the application writes. Those that are recorded
// of the customization stay, and a note tells of them: they were made when every
// table was open, or by a version of the template that had opened it.
//
// given is what other customizations have that the run takes away: one that gets
// another name keeps its triggers.
func (p *customPlan) judgeTriggers(made *customized, given []merge.OwnedElement) error {
	var stay []string
	for _, o := range made.owned {
		table := p.closedTable(made.Schema, o)
		if table == "" {
			continue
		}
		if !has(p.had, o) && !has(given, o) {
			return landlord.NewProblem("sql", "Trigger on a table of the template",
				fmt.Sprintf("%s would run in everything that writes to table `%s`. That table belongs to template `%s`, which has not opened it to triggers of customizations.",
					landlord.UpperFirst(landlord.PlaceName(o.Place())), table, p.tenant.template),
				fmt.Sprintf("Put the trigger on a table of the customization's own, or publish a version of the template with `extension_points = [\"%s\"]`.", table))
		}
		stay = append(stay, fmt.Sprintf("%s on table `%s`", landlord.PlaceName(o.Place()), table))
	}
	if len(stay) > 0 {
		p.Notes = append(p.Notes, landlord.Note{Severity: landlord.Warning, Field: "sql", Summary: "Trigger on a table of the template stays",
			Detail: fmt.Sprintf("Customization `%s` of tenant `%s` has triggers on tables that template `%s` has not opened to them. They were made before and stay as they are:\n%s\n\n"+
				"Name the tables in `extension_points` of the next version of the template, or move the triggers to tables of the customization's own.",
				p.want.Name, p.want.Tenant, p.tenant.template, strings.Join(stay, "\n"))})
	}
	return nil
}

// closedTable returns the table of the template on which something is a trigger,
// empty for everything else and for tables that are extension points.
func (p *customPlan) closedTable(made ddl.Schema, o merge.OwnedElement) string {
	if o.Transferred || !strings.HasPrefix(o.Object, string(ddl.KindTrigger)+" ") {
		return ""
	}
	table := drift.ObjectTexts(made)[o.Object].Table
	_, ofTemplate := drift.ObjectTexts(p.tenant.core.Schema)[string(ddl.KindTable)+" "+table]
	if !ofTemplate || slices.Contains(p.tenant.open, table) {
		return ""
	}
	return table
}

// has says whether something is among what a customization has, in this form.
func has(had []merge.OwnedElement, o merge.OwnedElement) bool {
	return slices.ContainsFunc(had, func(m merge.OwnedElement) bool {
		return m.Place() == o.Place() && ddl.WithoutDefiner(m.Text) == ddl.WithoutDefiner(o.Text)
	})
}
