package tenant

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// PlanTenant says what applying a specification will do to a tenant. It writes
// nothing but scratch databases and what it finds in the data. prior is what Terraform's state knows, nil for
// a tenant that it does not have. Errors are Problems.
func (t *Tenants) PlanTenant(ctx context.Context, spec landlord.TenantSpec, prior *landlord.PriorTenant) (*apply.TenantPlan, error) {
	plan, want, err := t.planTenant(ctx, spec, prior)
	if err == nil && spec.Server != "" && plan.HasWork() && !plan.Waits { // of the main one every plan is refused
		err = registry.TakesWrites(ctx, t.Servers.All[spec.Server])
	}
	if err == nil {
		t.Estate.Run.Expect(spec.Slug, plan.Touches(), plan.Waits, plan.InForce(spec, want))
		t.Estate.Run.Becomes(spec.Slug, spec.Status)
		err = t.Estate.Apart(ctx, spec.Slug, landlord.FieldTemplate)
	}
	if err == nil && prior != nil && prior.Fleet != "" {
		plan.Notes = append(plan.Notes, leaves(spec.Slug, prior.Fleet))
	}
	return plan, err
}

func (t *Tenants) planTenant(ctx context.Context, spec landlord.TenantSpec, prior *landlord.PriorTenant) (*apply.TenantPlan, *estate.Target, error) {
	if prior != nil { // a configuration need not say what the state knows
		spec.Database = cmp.Or(spec.Database, prior.Database)
	}
	name, err := t.Servers.DatabaseOf(spec.Slug, spec.Database)
	if err != nil {
		return nil, nil, err
	}
	srv, err := t.Servers.Server(spec.Server)
	if err != nil {
		return nil, nil, err
	}
	row, err := t.Estate.Snapshot.Row(ctx, spec.Slug)
	if err != nil {
		return nil, nil, err
	}
	if err := t.checkDatabaseFree(ctx, spec, name); err != nil {
		return nil, nil, err
	}
	if err := t.Checkpoints.CheckAutomatic(spec.Automatic); err != nil {
		return nil, nil, err
	}
	if row != nil && row.Database != name {
		if prior == nil {
			return nil, nil, registry.TenantExists(row)
		}
		if spec.Database != "" && spec.Database != prior.Database {
			return nil, nil, notRenamed(spec, row)
		}
		name = row.Database // made under another prefix
	}
	want, err := t.Planner.Target(ctx, srv, spec, row)
	if err != nil {
		return nil, nil, err
	}
	moving, open, err := t.Moves.Wanted(ctx, spec, row)
	if err != nil {
		return nil, nil, err
	}
	if moving {
		plan := &apply.TenantPlan{DatabaseName: name, UpdateStatus: landlord.UpdateCurrent, Notes: want.Notes}
		return plan, want, t.Moves.Plan(ctx, spec, prior, row, open, plan)
	}
	live, err := t.Estate.Snapshot.Fingerprint(ctx, spec.Server, name)
	if err != nil {
		return nil, nil, err
	}
	if prior != nil && prior.Fingerprint != "" && live == nil { // a refresh takes it out of the state
		return nil, nil, databaseGone(spec.Slug, name)
	}
	if row == nil && (live == nil || prior == nil) {
		if err := t.checkThere(spec, name); err != nil {
			return nil, nil, err
		}
	}
	plan := &apply.TenantPlan{DatabaseName: name, Template: want.ID.String(), UpdateStatus: landlord.UpdateCurrent, Fingerprint: want.Fingerprint(), Notes: want.Notes}
	if prior == nil || live == nil || (row != nil && row.Status == landlord.StatusCreating && !ahead(row, prior)) {
		err = t.planCreate(ctx, srv, spec, plan, want, row, live)
	} else {
		err = t.planUpdate(ctx, &planning{srv: srv, spec: spec, want: want, row: row, live: live, plan: plan, seen: prior.Seen}, prior)
	}
	if err == nil && t.Config.Rendering != landlord.RenderingParser { // whose account need not be one that applies
		err = t.checkAccount(ctx, srv.Server, name, plan.Steps)
	}
	return plan, want, err
}

// checkThere refuses to make a database of another name than the slug makes: such a
// name is for a database that is there, and it becomes a tenant's by an import alone.
func (t *Tenants) checkThere(spec landlord.TenantSpec, name string) error {
	if own, err := t.Servers.DatabaseName(spec.Slug); err != nil || own == name {
		return err
	}
	return landlord.NewProblem(landlord.FieldDatabaseName, "Database name is not for new tenants",
		fmt.Sprintf("Tenant `%s` is to be made, and `database_name` is `%s`. A name that the slug does not make is for a database that is there already, and keeps its name when it is adopted.", spec.Slug, name),
		fmt.Sprintf("To adopt the database, import it with the ID `%s`. To make a new one, leave `database_name` out.", landlord.TenantImport(spec.Slug, spec.Server, name)))
}

// notRenamed refuses another name for the database of a tenant.
func notRenamed(spec landlord.TenantSpec, row *registry.TenantRow) error {
	return landlord.NewProblem(landlord.FieldDatabaseName, "Database of a tenant keeps its name",
		fmt.Sprintf("The database of tenant `%s` is `%s`, and `database_name` is `%s`.", spec.Slug, row.Database, spec.Database),
		fmt.Sprintf("Set `database_name = \"%s\"`, or leave it out. Another database is another tenant, with another slug.", row.Database))
}

// checkAccount refuses steps that the account of the provider may not run, or not
// as the accounts that they belong to.
func (t *Tenants) checkAccount(ctx context.Context, srv *mysql.Server, database string, steps []landlord.Step) error {
	if err := t.Accounts.CheckPrograms(ctx, srv, &t.Planner.Owners, database, landlord.FieldTemplate, steps); err != nil {
		return err
	}
	return t.Accounts.CheckTexts(ctx, srv, database, steps)
}

// checkDatabaseFree refuses two slugs that would share one database.
func (t *Tenants) checkDatabaseFree(ctx context.Context, spec landlord.TenantSpec, name string) error {
	owner, err := t.Estate.Snapshot.Owner(ctx, spec.Server, name)
	if err != nil {
		return err
	}
	if owner == "" {
		owner = t.Estate.Run.Claim(spec.Server, name, spec.Slug)
	}
	if owner == spec.Slug {
		return nil
	}
	if own, _ := t.Servers.DatabaseName(spec.Slug); own != name {
		return landlord.NewProblem(landlord.FieldDatabaseName, "Two tenants would share a database",
			fmt.Sprintf("The database `%s` is that of tenant `%s`, and `database_name` of tenant `%s`.", name, owner, spec.Slug), "Correct `database_name`, or remove one of the two tenants.")
	}
	return landlord.NewProblem(landlord.FieldSlug, "Two tenants would share a database",
		fmt.Sprintf("The slugs `%s` and `%s` both make the database name `%s`, since `-` becomes `_`.", owner, spec.Slug, name),
		"Choose another slug for one of them.")
}

// planCreate plans a database that does not exist, or whose creation was
// interrupted. It lists the whole creation in any case, also where an earlier run
// has done a part of it or all: that run may be one that comes between this plan
// and its apply, for which Terraform plans once more and takes another list for a
// fault of the provider. What is left is looked for under the tenant's lock.
func (t *Tenants) planCreate(ctx context.Context, srv *registry.Server, spec landlord.TenantSpec, plan *apply.TenantPlan, want *estate.Target, row *registry.TenantRow, live *ddl.Fingerprint) error {
	plan.Create, plan.Verdict = true, "auto"
	plan.Steps, plan.Digest = createSteps(plan.DatabaseName, want.Composition, false, 0), createDigest(want)
	refused := render.RefusedProblem(want.ID, want.Composition) // also where the tenant had it: the database is a further one
	switch {
	case row == nil && live != nil:
		return landlord.DatabaseExists(spec.Slug, plan.DatabaseName)
	case row != nil && live != nil && refused == nil && t.justMade(spec, want, row, live):
		return t.planTakeover(spec, plan, row)
	case row != nil && live != nil && row.Status != landlord.StatusCreating:
		return registry.TenantExists(row)
	case refused != nil:
		return refused
	case live != nil && want.Rendered == nil && t.Config.Rendering == landlord.RenderingParser:
		plan.Notes = append(plan.Notes, interrupted(spec.Slug, plan.DatabaseName, "Which of these statements have run shows when the apply looks."))
	case live != nil:
		done, err := t.planResume(ctx, srv, plan.DatabaseName, want, row, live)
		if err != nil {
			return err
		}
		plan.Notes = append(plan.Notes, interrupted(spec.Slug, plan.DatabaseName, unfinished(done, len(want.Composition.Statements), want.ID.String())))
	case row != nil && row.Status != landlord.StatusCreating:
		plan.Notes = append(plan.Notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldSlug, Summary: "Tenant database is gone", Passing: true,
			Detail: fmt.Sprintf("Database `%s` of tenant `%s` does not exist any more. It is created anew from template `%s`; its data is not brought back.",
				plan.DatabaseName, spec.Slug, want.ID)})
	}
	return nil
}

// interrupted tells of a creation that an earlier run has begun.
func interrupted(slug, database, rest string) landlord.Note {
	return landlord.Note{Severity: landlord.Warning, Field: landlord.FieldSlug, Summary: "Creation of the tenant was interrupted", Passing: true,
		Detail: fmt.Sprintf("An earlier run has begun to make tenant `%s` in database `%s`. %s", slug, database, rest)}
}

// unfinished says where a creation goes on of which some of all statements have
// run.
func unfinished(done, all int, template string) string {
	if done == restart {
		return fmt.Sprintf("What it left fits no point of template `%s` and holds no rows: the apply drops the database and makes it anew.", template)
	}
	return fmt.Sprintf("It has run %d of the %s behind `CREATE DATABASE`, and the apply goes on from there.", done, landlord.Several(all, "statement"))
}

// databaseGone refuses to go on with a database that is not there any more.
func databaseGone(slug, database string) error {
	return landlord.NewProblem(landlord.FieldSlug, "Tenant database is gone",
		fmt.Sprintf("Database `%s` of tenant `%s` does not exist any more.", database, slug), "Nothing was run. Plan again: it is planned as a create.")
}

// planTakeover plans a tenant that exists already exactly as it is to be made.
// The first half of a replacement looks like this too: then the tenant is gone
// when the plan is applied, and made anew.
func (t *Tenants) planTakeover(spec landlord.TenantSpec, plan *apply.TenantPlan, row *registry.TenantRow) error {
	if t.Estate.Run.Takes(spec.Slug) {
		return landlord.GoesAndComes(spec.Slug)
	}
	plan.Notes = append(plan.Notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldSlug, Summary: "Tenant was created by an earlier run", Passing: true,
		Detail: fmt.Sprintf("Tenant `%s` exists exactly as configured, made at %s. An apply that was cut off before Terraform wrote its state leaves this, so it is taken over as it is, "+
			"unless this plan replaces it: then it is made anew. If another resource manages it, remove it from one of the two.",
			spec.Slug, row.Last.AppliedAt.Format(time.RFC3339))})
	return nil
}

// justMade says whether a tenant is what a creation of this specification would
// have left a short time ago.
func (t *Tenants) justMade(spec landlord.TenantSpec, want *estate.Target, row *registry.TenantRow, live *ddl.Fingerprint) bool {
	status := cmp.Or(spec.Status, landlord.StatusActive)
	asked := row.Name == spec.Name && row.Status == status && maps.Equal(row.Metadata, spec.Metadata) && row.Composition == want.Composition.Digest
	untouched := live != nil && live.Whole == row.CurrentSchema && row.InitialSchema == row.CurrentSchema
	between := row.Status == landlord.StatusCreating || row.Status == landlord.StatusDropping || row.Running != ""
	if !asked || !untouched || between || row.Last == nil {
		return false
	}
	creation := row.Last.From == "" && row.Last.To == want.ID.String()
	recent := t.Config.Now().Sub(row.Last.AppliedAt) < landlord.CutOff && row.CreatedAt.After(row.Last.AppliedAt.Add(-landlord.CutOff))
	return creation && recent
}

// restart is the resume point of a half-made database that fits no point of
// the composition: it is made anew, provided that it is empty.
const restart = -1

// planResume finds the resume point for a plan.
func (t *Tenants) planResume(ctx context.Context, srv *registry.Server, database string, want *estate.Target, row *registry.TenantRow, live *ddl.Fingerprint) (int, error) {
	s, err := t.Renderer.OpenScratch(ctx, srv)
	if err != nil {
		return 0, err
	}
	defer s.Close(ctx)
	if want.Composition.Ordered {
		seeded, err := t.Registry.IsDone(ctx, s.Session, row)
		if err != nil {
			return 0, err
		}
		return t.resumeOrdered(ctx, s.Session, database, want.Composition, seeded)
	}
	point, err := t.resumePoint(ctx, srv, s, want.Composition, live)
	if err != nil || point != restart {
		return point, err
	}
	return point, t.Jobs.CheckEmpty(ctx, s.Session, database, schemaChanged)
}

// schemaChanged is why a half-made database fits no point of its composition.
const schemaChanged = "; since then its schema was changed"

// resumeOrdered is the resume point of a creation with rows among the structure. How
// many of its rows are in nobody can tell, so it begins anew unless it is complete.
func (t *Tenants) resumeOrdered(ctx context.Context, x *mysql.Session, database string, c *template.Composition, complete bool) (int, error) {
	if complete {
		return len(c.Statements), nil
	}
	return restart, t.Jobs.CheckEmpty(ctx, x, database, " among statements that change rows, which cannot be told apart")
}

// resumePoint says how many statements of a composition a half-made database
// has seen: its schema is compared with the schema after each statement.
func (t *Tenants) resumePoint(ctx context.Context, srv *registry.Server, s *render.Scratch, c *template.Composition, live *ddl.Fingerprint) (int, error) {
	point := restart
	if err := s.CheckForeignKeys(ctx, !c.ForwardKeys); err != nil {
		return 0, err
	}
	defer func() { _ = s.CheckForeignKeys(ctx, true) }()
	for i := 0; ; i++ {
		f, err := t.Estate.LiveFingerprint(ctx, srv, s.Session, s.Name)
		if err != nil {
			return 0, err
		}
		if f.Whole == live.Whole {
			point = i
		}
		if i == len(c.Statements) || c.Statements[i].Seed {
			return point, nil
		}
		if err := s.Run(ctx, c.Statements, i, i+1); err != nil {
			return 0, render.StatementProblem(landlord.FieldTemplate, "Looking for the point at which a creation was interrupted", err)
		}
	}
}

// createSteps returns what is left to do for a database of which done
// statements have run.
func createSteps(database string, c *template.Composition, exists bool, done int) []landlord.Step {
	create := landlord.Step{
		SQL:    "CREATE DATABASE " + mysql.Quote(database) + landlord.WithTenantCharacters,
		Object: "database " + mysql.Quote(database), Operation: "create_database", Origin: "template", Level: 1, Reversible: true,
	}
	var steps []landlord.Step
	switch {
	case exists && done == restart:
		steps = append(steps, landlord.Step{
			SQL: "DROP DATABASE " + mysql.Quote(database), Object: create.Object, Operation: "drop_database", Origin: "template", Level: 1,
			Reason: "Its creation was interrupted and does not fit the template any more; it holds no rows.",
		}, create)
		done = 0
	case !exists:
		steps = append(steps, create)
	}
	for _, st := range c.Statements[done:] {
		steps = append(steps, migrate.StepOf(st))
	}
	return steps
}

// createDigest names what a creation does. It is the same for all tenants of a
// composition, so it leaves the name of the database out, and what a server makes of
// the statements: a plan of the parser alone does not know that, and its apply does.
func createDigest(want *estate.Target) string {
	return landlord.Digest("create", want.ID.String(), want.Composition.Digest)
}
