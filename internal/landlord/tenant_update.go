package landlord

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// planning is a database that exists and is planned: what is wanted of it, what
// there is, and the plan that is being made.
type planning struct {
	srv  *server
	spec TenantSpec
	want *target
	row  *tenantRow // nil for a database that is being adopted
	live *ddl.Fingerprint
	plan *TenantPlan
}

// planUpdate plans a change of a database that exists: the way from live to
// what the specification wants, or the rest of a migration that was
// interrupted.
func (e *Engine) planUpdate(ctx context.Context, p *planning, prior *PriorTenant) error {
	if prior.Fingerprint != "" && prior.Fingerprint != p.live.Whole {
		return e.changedSince(ctx, p.spec.Slug, p.row, p.live)
	}
	p.plan.Adopt = p.row == nil
	if err := e.checkRow(p.spec, p.row); err != nil {
		return err
	}
	if p.row != nil {
		if pending, err := e.planPending(ctx, p.srv, p.plan, p.row); err != nil || pending {
			return err
		}
	}
	if p.want.rendered == nil {
		return e.planUnrendered(p.plan, p.want, p.row)
	}
	if p.row != nil && p.row.running != "" {
		taken, err := e.planRest(ctx, p.srv, p.spec, p.plan, p.want, p.row, p.live)
		if err != nil || taken {
			return err
		}
	}
	m, err := e.change(ctx, p.srv, p.spec, p.want, p.row, p.live)
	if err != nil {
		return err
	}
	p.plan.migration = m
	return e.judge(ctx, p, m)
}

// checkRow refuses what cannot be changed while it is on its way out.
func (e *Engine) checkRow(spec TenantSpec, row *tenantRow) error {
	if row != nil && row.status == StatusDropping {
		return problem(FieldDeletionPolicy, "Tenant is being dropped",
			fmt.Sprintf("The dropping of tenant `%s` was interrupted.", spec.Slug), "Destroy it again to complete it.")
	}
	return nil
}

// planUnrendered plans without a scratch database: what is recorded decides.
func (e *Engine) planUnrendered(plan *TenantPlan, want *target, row *tenantRow) error {
	if row != nil && row.composition == want.composition.Digest && row.running == "" {
		plan.Fingerprint = row.currentSchema
		return nil
	}
	return problem(FieldTemplate, "Migration needs a scratch database",
		fmt.Sprintf("Database `%s` is to move to template `%s`, but plans are made by the parser alone, which cannot tell what the server would make of it.", plan.DatabaseName, want.id),
		"Set `plan_rendering = \"server\"` in the provider and let its account create databases `"+e.registry.scratchPrefix()+"…`.")
}

// changedSince says which objects somebody has changed.
func (e *Engine) changedSince(ctx context.Context, slug string, row *tenantRow, live *ddl.Fingerprint) error {
	detail := "The schema on the server is not the one that the plan was made from."
	if row != nil {
		list, err := e.drift(ctx, row, live)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			detail = "Changed by somebody else:\n" + listDifferences(list)
		}
	}
	return schemaChanged(slug, detail)
}

func schemaChanged(slug, detail string) error {
	return problem(FieldTemplate, "Tenant schema changed since the plan",
		fmt.Sprintf("Changing the schema of tenant `%s`.", slug), detail, "Nothing was run. Plan again.")
}

// origins says which layer the objects of a migration come from.
func (e *Engine) origins(ctx context.Context, want *target, row *tenantRow, info mysql.Info) origins {
	var old *template.Composition
	if row != nil && row.applied != "" {
		if c, err := e.composedFor(ctx, row, info); err == nil { // only words for people hang on it
			old = c
		}
	}
	return originsOf(old, want.composition)
}

func (e *Engine) databaseOf(spec TenantSpec, row *tenantRow) string {
	if row != nil {
		return row.database
	}
	name, _ := e.databaseName(spec.Slug) // checked by the caller
	return name
}

// liveRendering reads the schema of a tenant, from what is stored when its
// fingerprint is known.
func (e *Engine) liveRendering(ctx context.Context, srv *server, info mysql.Info, database string, live *ddl.Fingerprint) (*rendering, error) {
	stored, err := e.storedSchema(ctx, live.Whole)
	if err != nil {
		return nil, err
	}
	if stored != nil {
		return &rendering{fingerprint: stored.Fingerprint, schema: stored.Schema, stored: true}, nil
	}
	schema, err := dumpSchema(ctx, srv, info, database)
	if err != nil {
		return nil, err
	}
	return &rendering{fingerprint: *live, schema: schema}, nil
}

// recordedSides returns what the template in force gives, and what is recorded
// as base.
func (e *Engine) recordedSides(ctx context.Context, srv *server, info mysql.Info, row *tenantRow) (old, base *rendering, err error) {
	if row == nil {
		return nil, nil, nil
	}
	if row.composition != "" {
		if old, err = e.storedRendering(ctx, row.composition, info.RenderKey()); err != nil {
			return nil, nil, err
		}
	}
	if old == nil && row.applied != "" {
		if old, err = e.renderAgain(ctx, srv, info, row); err != nil {
			return nil, nil, err
		}
	}
	stored, err := e.storedSchema(ctx, row.currentSchema)
	if err != nil || stored == nil {
		return old, nil, err
	}
	return old, &rendering{fingerprint: stored.Fingerprint, schema: stored.Schema, stored: true}, nil
}

// renderAgain renders the template in force on a server that has no stored
// rendering of it, because it is another version of the server by now.
func (e *Engine) renderAgain(ctx context.Context, srv *server, info mysql.Info, row *tenantRow) (*rendering, error) {
	c, err := e.composedFor(ctx, row, info)
	if err != nil || c == nil {
		return nil, err
	}
	return e.render(ctx, srv, c)
}

// scripts returns the explicit steps between two versions and the seeds of
// modules that are new.
func (e *Engine) scripts(ctx context.Context, want *target, from template.ID, row *tenantRow, info mysql.Info) (script, error) {
	var s script
	if from.Name == want.id.Name && from.Version != want.id.Version {
		old, err := e.find(ctx, from)
		if err != nil || old == nil {
			return s, err
		}
		oldLineage, err := e.lineage(ctx, *old)
		if err != nil {
			return s, lineageProblem(err)
		}
		if s.before, err = explicitSteps(oldLineage, want, e.guarding(info)); err != nil {
			return s, err
		}
	}
	if row == nil || from.Name != want.id.Name {
		return s, nil
	}
	had := map[string]bool{}
	for _, m := range row.modules {
		had[m] = true
	}
	if old, err := e.composedFor(ctx, row, info); err != nil {
		return s, err
	} else if old != nil {
		for _, m := range old.Modules { // with those that they require
			had[m] = true
		}
	}
	for _, st := range want.composition.Statements {
		if module := moduleOf(st); st.Seed && module != "" && !had[module] {
			s.after = append(s.after, st)
		}
	}
	return s, nil
}

// explicitSteps returns the statements of the migration scripts from one
// version to another. On the way back to an older version, where nobody has
// written any, the renames of the way there are undone: nothing else of a
// script is something that a comparison of the two versions could not do.
func explicitSteps(old *template.Lineage, want *target, srv ddl.Server) ([]template.Statement, error) {
	statements, findings := want.lineage.MigrationStatements(old, srv)
	if template.HasErrors(findings) {
		return nil, findingsProblem(FieldTemplate, "Migration script cannot be used", "", findings)
	}
	if len(statements) > 0 || template.CompareVersions(want.id.Version, old.Template().Version) > 0 {
		return statements, nil
	}
	forward, findings := old.MigrationStatements(want.lineage, srv)
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

// moduleOf returns the module that a statement comes from, empty for a core.
func moduleOf(st template.Statement) string {
	rest, ok := strings.CutPrefix(st.Origin, "module ")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, " ")
	return name
}

// composedFor returns the composition in force; nil when its template is gone.
func (e *Engine) composedFor(ctx context.Context, row *tenantRow, info mysql.Info) (*template.Composition, error) {
	t, err := e.find(ctx, template.ID{Name: row.template, Version: row.applied})
	if err != nil || t == nil {
		return nil, err
	}
	lineage, err := e.lineage(ctx, *t)
	if err != nil {
		return nil, err
	}
	return e.compose(lineage, row.modules, e.guarding(info))
}

// gate refuses a plan that loses data without leave, and says how the loss is
// softened.
func (e *Engine) gate(ctx context.Context, srv *server, spec TenantSpec, plan *TenantPlan) error {
	if needsRetirement(plan.Steps) {
		info, err := srv.Info(ctx)
		if err != nil {
			return unreachable(srv, "planning a migration", err)
		}
		plan.Notes = append(plan.Notes, schedulerNote(info)...)
	}
	if spec.AllowDestructive {
		return nil
	}
	lost, err := e.firstLoss(ctx, srv, plan.DatabaseName, plan.Steps)
	if err != nil || lost == nil {
		return err
	}
	return wouldLose(spec, plan, *lost)
}

// firstLoss returns the first step that loses rows, nil when none does. A table
// without rows has nothing to lose.
func (e *Engine) firstLoss(ctx context.Context, srv *server, database string, steps []Step) (*Step, error) {
	made := map[string]bool{}
	for i, s := range steps {
		made[s.table] = made[s.table] || s.Operation == string(diff.OpCreateTable)
		if !s.Destructive || made[s.table] {
			continue
		}
		empty, err := isEmpty(ctx, srv, database, s.table)
		if err != nil {
			return nil, unreachable(srv, fmt.Sprintf("looking into table `%s`", s.table), err)
		}
		if !empty {
			return &steps[i], nil
		}
	}
	return nil, nil
}

func wouldLose(spec TenantSpec, plan *TenantPlan, s Step) error {
	return problem(FieldAllowDestructive, "Migration would lose data",
		fmt.Sprintf("Tenant `%s` is to move to template `%s`.", spec.Slug, plan.Template), s.SQL, "Lost: "+s.lost+".",
		"Set `allow_destructive = true` to agree; what is lost is then set aside for the `retention`, unless `destructive_mode = \"drop\"`. Or keep the object in the template.")
}

// hasRows asks the server whether a table has rows.
func hasRows(ctx context.Context, q mysql.Queryer, database, table string) (bool, error) {
	var some bool
	err := q.Row(ctx, "SELECT EXISTS (SELECT 1 FROM "+mysql.Qualified(database, table)+")").Scan(&some)
	return some, err
}

// isEmpty says whether a table has no rows. A table that is not there by its
// name, because an earlier step renames it, counts as one with rows.
func isEmpty(ctx context.Context, q mysql.Queryer, database, table string) (bool, error) {
	if table == "" {
		return false, nil
	}
	some, err := hasRows(ctx, q, database, table)
	if mysql.IsNoSuchTable(err) {
		return false, nil
	}
	return err == nil && !some, err
}
