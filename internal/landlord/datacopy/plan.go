package datacopy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/rowcopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// PlanDataCopy says, without copying, whether rows of one tenant fit into
// another one. It changes neither. Errors are Problems.
func (c *Copies) PlanDataCopy(ctx context.Context, spec landlord.DataCopySpec) (*Plan, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	settled := true
	for slug, field := range map[string]landlord.Field{spec.Source: landlord.FieldSource, spec.Target: landlord.FieldTarget} {
		row, err := c.Estate.Snapshot.Row(ctx, slug)
		switch {
		case err != nil:
			return nil, err
		case c.Estate.Run.Touches(slug), row == nil && c.Estate.Run.Claimed(slug) != "":
			settled = false
		case row == nil:
			return nil, of(field, landlord.TenantUnknown(slug))
		}
	}
	if !settled {
		return &Plan{}, nil
	}
	sides := c.copySides(spec)
	if err := sides.find(func(slug string) (*registry.TenantRow, error) { return c.Estate.Snapshot.Row(ctx, slug) }); err != nil {
		return nil, err
	}
	if err := sides.connect(ctx, "planning a data copy"); err != nil {
		return nil, err
	}
	defer sides.close()
	if len(spec.Where) > 0 {
		if err := c.Jobs.Accounts.Check(ctx, sides.source.job.X, sides.source.row.Database); err != nil {
			return nil, err
		}
	}
	ask := sides.conditions
	if c.Config.Rendering == landlord.RenderingParser { // nothing is sent that writes: they are asked when the rows are copied
		ask = func(context.Context) (*mysql.Session, error) { return nil, nil }
	}
	plan, err := sides.plan(ctx, spec, ask)
	if err != nil {
		return nil, err
	}
	out := &Plan{Known: true, Notes: findingNotes(spec, plan.Findings)}
	if !plan.Blocked() {
		c.reportedPlans.Store(plan.Digest, true)
	}
	return out, nil
}

// plan compares the structure of both sides. Conditions are shown to the source's
// server in the session that ask returns.
func (c *copySides) plan(ctx context.Context, spec landlord.DataCopySpec, ask func(context.Context) (*mysql.Session, error)) (*rowcopy.Plan, error) {
	for _, s := range []*copySide{&c.source, &c.target} {
		there, err := catalog.ListDatabases(ctx, s.job.X, catalog.Databases{Names: []string{s.row.Database}})
		if err != nil {
			return nil, registry.Unreachable(s.srv, "planning a data copy", err)
		}
		if len(there) == 0 {
			return nil, landlord.NewProblem(s.field, "Tenant database is gone",
				fmt.Sprintf("Database `%s` of tenant `%s` does not exist any more.", s.row.Database, s.slug), "Apply the tenant first.")
		}
	}
	request := copyRequest(spec)
	judging, err := c.room.Estate.Judging(ctx, c.source.srv, c.source.job.X, mysql.Info{})
	if err != nil {
		return nil, err
	}
	request.Others = judging.Others
	source := c.source.toSide()
	source.Conditions = ask
	plan, err := rowcopy.NewPlan(ctx, source, c.target.toSide(), request)
	var p *landlord.Problem
	switch {
	case errors.As(err, &p):
		return nil, err
	case err != nil:
		return nil, landlord.NewProblem(landlord.FieldNone, "Data copy could not be planned", spec.Doing()+".", "Correct the cause and plan again.").Because(err)
	}
	return plan, nil
}

// findingNotes tells findings: those that forbid the copy, and one warning for
// all others.
func findingNotes(spec landlord.DataCopySpec, findings []rowcopy.Finding) []landlord.Note {
	var notes []landlord.Note
	var tables, warnings []string
	for _, f := range findings {
		switch {
		case !f.Blocks:
			warnings = append(warnings, landlord.UpperFirst(f.String()))
		case f.Code == rowcopy.CodeWhere:
			notes = append(notes, landlord.Note{Severity: landlord.Failure, Field: landlord.FieldWhere + "." + landlord.Field(f.Table), Summary: "Condition cannot be used",
				Detail: spec.Doing() + ".\n\n" + landlord.UpperFirst(f.String())})
		default:
			tables = append(tables, landlord.UpperFirst(f.String()))
		}
	}
	if len(tables) > 0 {
		notes = append(notes, landlord.Note{Severity: landlord.Failure, Field: landlord.FieldTables, Summary: "Tables cannot be copied", Detail: spec.Doing() + ".\n\n" + listFindings(tables)})
	}
	if len(warnings) > 0 {
		notes = append(notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTables, Summary: "Data copy has findings", Detail: spec.Doing() + ".\n\n" + listFindings(warnings)})
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

// DefaultCopyChunk is how many rows are copied in one transaction.
const DefaultCopyChunk = rowcopy.DefaultChunk

// Plan is what can be said of a copy before it is made.
type Plan struct {
	// Known is false when this run makes one of the tenants or changes its
	// structure first: whether the rows fit is then looked at when they are copied.
	Known bool
	Notes []landlord.Note // a Failure forbids the copy
}
