package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// Target composes and renders what a specification asks for. row is that of the tenant,
// nil for one that is to be made: what was published under other rules stays where it
// is, and comes nowhere else.
func (p *Planner) Target(ctx context.Context, srv *registry.Server, spec landlord.TenantSpec, row *registry.TenantRow) (*estate.Target, error) {
	want, err := p.Renderer.Asked(ctx, srv, spec.Template, spec.Modules, "planning a tenant")
	if err != nil {
		return nil, err
	}
	if err := p.accept(ctx, want, row, spec.Modules); err != nil {
		return nil, err
	}
	if p.Config.Rendering == landlord.RenderingParser {
		return want, nil
	}
	want.Rendered, err = p.Renderer.Render(ctx, srv, want.Composition)
	var noScratch *render.ScratchError
	switch {
	case errors.As(err, &noScratch) && mysql.IsAccessDenied(err):
		want.Notes = append(want.Notes, render.NoScratchNote(p.Registry.ScratchPrefix()))
	case err != nil:
		return nil, render.StatementProblem(landlord.FieldTemplate, fmt.Sprintf("Trying template `%s` in a scratch database", want.ID), err)
	}
	if err := p.checkGroup(ctx, srv, want); err != nil {
		return nil, err
	}
	return want, nil
}

// accept refuses what was published under other rules, unless the tenant has it or had
// it before: a way back brings it nothing new.
func (p *Planner) accept(ctx context.Context, want *estate.Target, row *registry.TenantRow, modules []string) error {
	refused := render.RefusedProblem(want.ID, want.Composition)
	if refused == nil {
		return nil
	}
	had, err := p.had(ctx, row, want.ID, modules)
	if err != nil {
		return err
	}
	if !had {
		return refused
	}
	want.Notes = append(want.Notes, render.RefusedNote(want.ID, landlord.FieldTemplate, want.Composition)...)
	return nil
}

// had says whether a tenant has a version of a template with these modules, and maybe
// more of them, or had it before.
func (p *Planner) had(ctx context.Context, row *registry.TenantRow, id template.ID, modules []string) (bool, error) {
	if row == nil {
		return false, nil
	}
	if row.AppliedTemplate() == id.String() && landlord.Within(modules, row.Modules) {
		return true, nil
	}
	srv, err := p.Servers.Server(row.Server) // which has its ledger
	if err != nil {
		return false, err
	}
	had, err := p.Registry.Had(ctx, srv, row, id.String(), modules)
	if err != nil {
		return false, registry.Unreachable(srv, fmt.Sprintf("asking which versions tenant `%s` had", row.Slug), err)
	}
	return had, nil
}

// StepOf shows a statement of a composition as a step.
func StepOf(st template.Statement) landlord.Step {
	object := string(st.Kind)
	if st.Object != "" {
		object = strings.TrimSpace(object + " " + mysql.Quote(st.Object))
	}
	if st.Object == "" && st.Table != "" {
		object = "table " + mysql.Quote(st.Table)
	}
	operation := strings.ToLower(st.Verb)
	if st.Kind != "" && !st.Seed {
		operation += "_" + strings.ReplaceAll(string(st.Kind), " ", "_")
	}
	return landlord.Step{SQL: st.SQL, Object: object, Operation: operation, Origin: st.Origin, Level: int64(st.Level), Reversible: true, Data: st.Seed, Written: true, Settings: st.Settings}
}

// origins says which layer the objects of a migration come from.
func (p *Planner) origins(ctx context.Context, want *estate.Target, row *registry.TenantRow, info mysql.Info) origins {
	var old *template.Composition
	if row != nil && row.Applied != "" {
		if c, err := p.Renderer.ComposedFor(ctx, row, info); err == nil { // only words for people hang on it
			old = c
		}
	}
	return originsOf(old, want.Composition)
}

// recordedSides returns what the template in force gives, and what is recorded
// as base. What is wanted is asked for by nobody once more.
func (p *Planner) recordedSides(ctx context.Context, srv *registry.Server, info mysql.Info, want *estate.Target, row *registry.TenantRow) (old, base *estate.Rendering, err error) {
	if row == nil {
		return nil, nil, nil
	}
	switch row.Composition {
	case "":
	case want.Composition.Digest:
		old = want.Rendered
	default:
		if old, err = p.Estate.StoredRendering(ctx, row.Composition, info.RenderKey()); err != nil {
			return nil, nil, err
		}
	}
	if old == nil && row.Applied != "" {
		if old, err = p.renderAgain(ctx, srv, info, row); err != nil {
			return nil, nil, err
		}
	}
	if row.CurrentSchema == want.Rendered.Fingerprint.Whole {
		return old, want.Rendered, nil
	}
	stored, err := p.Estate.StoredSchema(ctx, row.CurrentSchema)
	if err != nil || stored == nil {
		return old, nil, err
	}
	return old, &estate.Rendering{Fingerprint: stored.Fingerprint, Schema: stored.Schema, Stored: true}, nil
}

// renderAgain renders the template in force on a server that has no stored
// rendering of it, because it is another version of the server by now.
func (p *Planner) renderAgain(ctx context.Context, srv *registry.Server, info mysql.Info, row *registry.TenantRow) (*estate.Rendering, error) {
	c, err := p.Renderer.ComposedFor(ctx, row, info)
	if err != nil || c == nil {
		return nil, err
	}
	return p.Renderer.Render(ctx, srv, c)
}

// scripts returns the explicit steps between two versions and the seeds of
// modules that are new.
func (p *Planner) scripts(ctx context.Context, want *estate.Target, from template.ID, row *registry.TenantRow, info mysql.Info) (script, error) {
	var s script
	if from.Name == want.ID.Name && from.Version != want.ID.Version {
		old, err := p.Estate.Find(ctx, from)
		if err != nil || old == nil {
			return s, err
		}
		oldLineage, err := p.Estate.Lineage(ctx, *old)
		if err != nil {
			return s, estate.LineageProblem(err)
		}
		if s.before, err = explicitSteps(oldLineage, want, p.Servers.Guarding(info)); err != nil {
			return s, err
		}
	}
	if row == nil || from.Name != want.ID.Name {
		return s, nil
	}
	had := map[string]bool{}
	for _, m := range row.Modules {
		had[m] = true
	}
	if old, err := p.Renderer.ComposedFor(ctx, row, info); err != nil {
		return s, err
	} else if old != nil {
		for _, m := range old.Modules { // with those that they require
			had[m] = true
		}
	}
	for _, st := range want.Composition.Statements {
		if module := estate.ModuleOf(st); st.Seed && module != "" && !had[module] {
			s.after = append(s.after, st)
		}
	}
	return s, nil
}

// explicitSteps returns the statements of the migration scripts from one
// version to another. On the way back to an older version, where nobody has
// written any, the renames of the way there are undone: nothing else of a
// script is something that a comparison of the two versions could not do.
func explicitSteps(old *template.Lineage, want *estate.Target, srv ddl.Server) ([]template.Statement, error) {
	statements, findings := want.Lineage.MigrationStatements(old, srv)
	if template.HasErrors(findings) {
		return nil, estate.FindingsProblem(landlord.FieldTemplate, "Migration script cannot be used", "", findings)
	}
	if len(statements) > 0 || template.CompareVersions(want.ID.Version, old.Template().Version) > 0 {
		return statements, nil
	}
	forward, findings := old.MigrationStatements(want.Lineage, srv)
	if template.HasErrors(findings) {
		return nil, nil // they have run once; the comparison does what it can
	}
	for _, st := range slices.Backward(forward) {
		if inverse, ok := st.Inverse(); ok {
			back := st
			back.Statement = inverse
			statements = append(statements, back)
		}
	}
	return statements, nil
}

// Losses returns the steps that lose something of what there is: a table without
// rows has nothing to lose, and where questions tell what is lost, the data is asked.
func (p *Planner) Losses(ctx context.Context, srv *registry.Server, database string, steps []landlord.Step) ([]landlord.Step, error) {
	if !slices.ContainsFunc(steps, func(s landlord.Step) bool { return s.Destructive }) {
		return nil, nil
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "asking what would be lost", err)
	}
	x, err := srv.Session(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "asking what would be lost", err)
	}
	defer x.Close()
	var out []landlord.Step
	made := map[string]bool{}
	for _, s := range steps {
		made[s.Table] = made[s.Table] || s.Table != "" && s.Operation == string(diff.OpCreateTable)
		if !s.Destructive || made[s.Table] {
			continue
		}
		lost, err := Loses(ctx, x, info, database, s)
		if err != nil {
			return nil, registry.Unreachable(srv, fmt.Sprintf("looking into table `%s`", s.Table), err)
		}
		if lost {
			out = append(out, s)
		}
	}
	return out, nil
}

// Loses says whether a destructive step takes something away that is there. What
// cannot be asked, or not in time, counts as lost.
func Loses(ctx context.Context, x *mysql.Session, info mysql.Info, database string, s landlord.Step) (bool, error) {
	empty, err := registry.IsEmpty(ctx, x, database, s.Table)
	if err != nil || empty {
		return false, err
	}
	if err := x.Use(ctx, database); err != nil {
		return false, err
	}
	for _, p := range s.Losses {
		found, err := ask(ctx, x, info, p, anyRowOf(s.Table))
		switch {
		case mysql.IsInterrupted(err), mysql.IsNoSuchTable(err), mysql.IsNoSuchObject(err):
			return true, nil
		case err != nil || found != nil:
			return err == nil, err
		}
	}
	return len(s.Losses) == 0, nil
}
