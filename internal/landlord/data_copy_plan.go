package landlord

import (
	"context"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/rowcopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// PlanDataCopy says, without copying, whether rows of one tenant fit into
// another one. It writes nothing. Errors are Problems.
func (e *Engine) PlanDataCopy(ctx context.Context, spec DataCopySpec) (*DataCopyPlan, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	settled := true
	for slug, field := range map[string]Field{spec.Source: FieldSource, spec.Target: FieldTarget} {
		row, err := e.estate.row(ctx, slug)
		switch {
		case err != nil:
			return nil, err
		case e.world.touches(slug), row == nil && e.world.claimed(slug) != "":
			settled = false
		case row == nil:
			return nil, of(field, tenantUnknown(slug))
		}
	}
	if !settled {
		return &DataCopyPlan{}, nil
	}
	c := e.copySides(spec)
	if err := c.find(func(slug string) (*tenantRow, error) { return e.estate.row(ctx, slug) }); err != nil {
		return nil, err
	}
	if err := c.connect(ctx, "planning a data copy"); err != nil {
		return nil, err
	}
	defer c.close()
	plan, err := c.plan(ctx, spec)
	if err != nil {
		return nil, err
	}
	out := &DataCopyPlan{Known: true, Notes: findingNotes(spec, plan.Findings)}
	if !plan.Blocked() {
		e.toldCopies.Store(plan.Digest, true)
	}
	return out, nil
}

// plan compares the structure of both sides.
func (c *copySides) plan(ctx context.Context, spec DataCopySpec) (*rowcopy.Plan, error) {
	for _, s := range []*copySide{&c.source, &c.target} {
		there, err := mysql.ListDatabases(ctx, s.job.x, mysql.Databases{Names: []string{s.row.database}})
		if err != nil {
			return nil, unreachable(s.srv, "planning a data copy", err)
		}
		if len(there) == 0 {
			return nil, problem(s.field, "Tenant database is gone",
				fmt.Sprintf("Database `%s` of tenant `%s` does not exist any more.", s.row.database, s.slug), "Apply the tenant first.")
		}
	}
	request := copyRequest(spec)
	request.Others = c.e.others
	plan, err := rowcopy.NewPlan(ctx, c.source.toSide(), c.target.toSide(), request)
	if err != nil {
		return nil, problem(FieldNone, "Data copy could not be planned", spec.doing()+".", "Correct the cause and plan again.").because(err)
	}
	return plan, nil
}

// findingNotes tells findings: those that forbid the copy, and one warning for
// all others.
func findingNotes(spec DataCopySpec, findings []rowcopy.Finding) []Note {
	var notes []Note
	var tables, warnings []string
	for _, f := range findings {
		switch {
		case !f.Blocks:
			warnings = append(warnings, upperFirst(f.String()))
		case f.Code == rowcopy.CodeWhere:
			notes = append(notes, Note{Severity: Failure, Field: FieldWhere + "." + Field(f.Table), Summary: "Condition cannot be used",
				Detail: spec.doing() + ".\n\n" + upperFirst(f.String())})
		default:
			tables = append(tables, upperFirst(f.String()))
		}
	}
	if len(tables) > 0 {
		notes = append(notes, Note{Severity: Failure, Field: FieldTables, Summary: "Tables cannot be copied", Detail: spec.doing() + ".\n\n" + listFindings(tables)})
	}
	if len(warnings) > 0 {
		notes = append(notes, Note{Severity: Warning, Field: FieldTables, Summary: "Data copy has findings", Detail: spec.doing() + ".\n\n" + listFindings(warnings)})
	}
	return notes
}

// listFindings writes findings, each on a line of its own.
func listFindings(all []string) string {
	const most = 20
	if len(all) > most {
		all = append(all[:most:most], fmt.Sprintf("… and %d more.", len(all)-most))
	}
	return strings.Join(all, "\n")
}
