package customization

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// judgeReach refuses what changes rows of tables of the template that are no extension
// points: triggers on them, programs whose statements write to them, foreign keys whose
// rules do. Those that are recorded of the customization stay, and a note tells of them:
// they were made when every table was open, or by a version of the template that had
// opened it.
//
// given is what other customizations have that the run takes away: one that gets
// another name keeps what it has.
func (p *customPlan) judgeReach(made *customized, given []merge.OwnedElement) error {
	var stay []string
	for _, o := range made.owned {
		if o.Transferred {
			continue
		}
		for _, r := range merge.Reaches(o.Place(), made.Schema, p.tenant.core.Schema, registry.Dialect(p.tenant.info)) {
			if slices.Contains(p.tenant.open, r.Table) {
				continue
			}
			if !has(p.had, o) && !has(given, o) {
				return landlord.NewProblem("sql", "Customization reaches into a table of the template",
					fmt.Sprintf("%s %s table `%s`. That table belongs to template `%s`, which has not opened it to customizations.",
						landlord.UpperFirst(landlord.PlaceName(o.Place())), r.How, r.Table, p.tenant.template),
					fmt.Sprintf("Do it with a table of the customization's own, or publish a version of the template with `extension_points = [\"%s\"]`.", r.Table))
			}
			stay = append(stay, fmt.Sprintf("%s %s table `%s`", landlord.PlaceName(o.Place()), r.How, r.Table))
		}
	}
	if len(stay) > 0 {
		p.Notes = append(p.Notes, landlord.Note{Severity: landlord.Warning, Field: "sql", Summary: "Reach into a table of the template stays",
			Detail: fmt.Sprintf("Customization `%s` of tenant `%s` reaches into tables that template `%s` has not opened to customizations. What does was made before and stays as it is:\n%s\n\n"+
				"Name the tables in `extension_points` of the next version of the template, or do it with tables of the customization's own.",
				p.want.Name, p.want.Tenant, p.tenant.template, strings.Join(stay, "\n"))})
	}
	return nil
}

// has says whether something is among what a customization has, in this form.
func has(had []merge.OwnedElement, o merge.OwnedElement) bool {
	return slices.ContainsFunc(had, func(m merge.OwnedElement) bool {
		return m.Place() == o.Place() && ddl.WithoutDefiner(m.Text) == ddl.WithoutDefiner(o.Text)
	})
}
