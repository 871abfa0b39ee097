package landlord

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// target is what a tenant is to become.
type target struct {
	id          template.ID
	info        mysql.Info // of the server that it is for
	lineage     *template.Lineage
	composition *template.Composition
	rendered    *rendering // nil when plans are not rendered on the server
	notes       []Note
}

// fingerprint returns the schema's fingerprint, empty when it is not known.
func (t *target) fingerprint() string {
	if t.rendered == nil {
		return ""
	}
	return t.rendered.fingerprint.Whole
}

// PlanTenant says what applying a specification will do to a tenant. It writes
// nothing but scratch databases. prior is what Terraform's state knows, nil for
// a tenant that it does not have. Errors are Problems.
func (e *Engine) PlanTenant(ctx context.Context, spec TenantSpec, prior *PriorTenant) (*TenantPlan, error) {
	plan, want, err := e.planTenant(ctx, spec, prior)
	if err == nil {
		e.world.expect(spec.Slug, plan.touches(), plan.Waits, plan.inForce(spec, want))
		err = e.apart(ctx, spec.Slug, FieldTemplate)
	}
	return plan, err
}

// after returns what the planned migration makes of the tenant, nil when none is
// planned.
func (p *TenantPlan) after() *plannedSchema {
	if p.migration == nil || !p.HasWork() {
		return nil
	}
	return &plannedSchema{start: p.migration.states[0], final: p.migration.final, base: p.migration.base, owned: p.migration.owned}
}

func (e *Engine) planTenant(ctx context.Context, spec TenantSpec, prior *PriorTenant) (*TenantPlan, *target, error) {
	name, err := e.databaseName(spec.Slug)
	if err != nil {
		return nil, nil, err
	}
	srv, err := e.server(spec.Server)
	if err != nil {
		return nil, nil, err
	}
	row, err := e.estate.row(ctx, spec.Slug)
	if err != nil {
		return nil, nil, err
	}
	if err := e.checkDatabaseFree(ctx, spec, name); err != nil {
		return nil, nil, err
	}
	if err := e.checkAutomatic(spec.Automatic); err != nil {
		return nil, nil, err
	}
	if row != nil && row.server != spec.Server {
		return nil, nil, problem(FieldServer, "Tenant cannot move between servers",
			fmt.Sprintf("Tenant `%s` lives on %s; the configuration names %s.", spec.Slug, serverName(row.server), serverName(spec.Server)),
			"Set `server` back. To move it, create a new tenant on the other server and bring the rows there with `landlord_tenant_data_copy`.")
	}
	if row != nil && row.database != name {
		if prior == nil {
			return nil, nil, tenantExists(row)
		}
		name = row.database // made under another prefix
	}
	want, err := e.target(ctx, srv, spec)
	if err != nil {
		return nil, nil, err
	}
	live, err := e.estate.fingerprint(ctx, spec.Server, name)
	if err != nil {
		return nil, nil, err
	}
	plan := &TenantPlan{DatabaseName: name, Template: want.id.String(), UpdateStatus: UpdateCurrent, Fingerprint: want.fingerprint(), Notes: want.notes}
	if prior == nil || live == nil || (row != nil && row.status == StatusCreating) {
		return plan, want, e.planCreate(ctx, srv, spec, plan, want, row, live)
	}
	return plan, want, e.planUpdate(ctx, &planning{srv: srv, spec: spec, want: want, row: row, live: live, plan: plan}, prior)
}

// checkDatabaseFree refuses two slugs that would share one database.
func (e *Engine) checkDatabaseFree(ctx context.Context, spec TenantSpec, name string) error {
	owner, err := e.estate.owner(ctx, spec.Server, name)
	if err != nil {
		return err
	}
	if owner == "" {
		owner = e.world.claim(spec.Server, name, spec.Slug)
	}
	if owner == spec.Slug {
		return nil
	}
	return problem(FieldSlug, "Two tenants would share a database",
		fmt.Sprintf("The slugs `%s` and `%s` both make the database name `%s`, since `-` becomes `_`.", owner, spec.Slug, name),
		"Choose another slug for one of them.")
}

// asked composes what a reference to a template and names of modules ask for.
func (e *Engine) asked(ctx context.Context, srv *server, reference string, modules []string, doing string) (*target, error) {
	id, err := template.ParseID(reference)
	if err != nil {
		return nil, &Problem{Field: FieldTemplate, Summary: "Template reference is not valid", Detail: []string{
			sentence(err.Error()), "Take `id` of a `landlord_tenant_template`, or write `name@version`."}, Err: err}
	}
	t, err := e.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, e.unknownTemplate(ctx, id)
	}
	lineage, err := e.lineage(ctx, *t)
	if err != nil {
		return nil, lineageProblem(err)
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, unreachable(srv, doing, err)
	}
	composition, err := e.compose(lineage, modules, e.guarding(info))
	if err != nil {
		return nil, err
	}
	return &target{id: id, info: info, lineage: lineage, composition: composition}, nil
}

// target composes and renders what a specification asks for.
func (e *Engine) target(ctx context.Context, srv *server, spec TenantSpec) (*target, error) {
	want, err := e.asked(ctx, srv, spec.Template, spec.Modules, "planning a tenant")
	if err != nil || e.cfg.Rendering == RenderingParser {
		return want, err
	}
	want.rendered, err = e.render(ctx, srv, want.composition)
	var noScratch *scratchError
	switch {
	case errors.As(err, &noScratch) && mysql.IsAccessDenied(err):
		want.notes = append(want.notes, noScratchNote(e.registry.scratchPrefix()))
	case err != nil:
		return nil, statementProblem(FieldTemplate, fmt.Sprintf("Trying template `%s` in a scratch database", want.id), err)
	}
	return want, nil
}

// compose composes a template with modules, once for all tenants that ask for
// the same.
func (e *Engine) compose(l *template.Lineage, modules []string, srv ddl.Server) (*template.Composition, error) {
	sorted := slices.Clone(modules)
	slices.Sort(sorted)
	key := lineageKey(l) + "\x00" + strings.Join(sorted, "\x00") + "\x00" + string(srv.Product) + srv.Version
	return e.compositions.get(key, func() (*template.Composition, error) {
		c, findings := l.Compose(sorted, srv)
		if template.HasErrors(findings) {
			return nil, findingsProblem(FieldModules, "Modules cannot be composed", "", findings)
		}
		return c, nil
	})
}

// unknownTemplate says which versions there are instead.
func (e *Engine) unknownTemplate(ctx context.Context, id template.ID) error {
	versions, err := e.versions(ctx, id.Name)
	if err != nil {
		return err
	}
	next := "Declare a `landlord_tenant_template` and refer to its `id`, so that Terraform publishes it first."
	if len(versions) > 0 {
		next = fmt.Sprintf("Published versions of `%s`: %s. %s", id.Name, quoted(versions), next)
	}
	return problem(FieldTemplate, "Template is not published", fmt.Sprintf("Nobody has published template `%s`, and no template of this run has that ID.", id), next)
}

// planCreate plans a database that does not exist, or whose creation was
// interrupted.
func (e *Engine) planCreate(ctx context.Context, srv *server, spec TenantSpec, plan *TenantPlan, want *target, row *tenantRow, live *ddl.Fingerprint) error {
	plan.Create, plan.Verdict = true, "auto"
	done := 0
	switch {
	case row == nil && live != nil:
		return databaseExists(spec.Slug, plan.DatabaseName)
	case row != nil && live != nil && e.justMade(spec, want, row, live):
		return e.planTakeover(spec, plan, row, live)
	case row != nil && live != nil && row.status != StatusCreating:
		return tenantExists(row)
	case live != nil:
		var err error
		if done, err = e.planResume(ctx, srv, plan.DatabaseName, want, live); err != nil {
			return err
		}
	case row != nil && row.status != StatusCreating:
		plan.Notes = append(plan.Notes, Note{Severity: Warning, Field: FieldSlug, Summary: "Tenant database is gone",
			Detail: fmt.Sprintf("Database `%s` of tenant `%s` does not exist any more. It is created anew from template `%s`; its data is not brought back.",
				plan.DatabaseName, spec.Slug, want.id)})
	}
	plan.Steps = createSteps(plan.DatabaseName, want.composition, live != nil, done)
	plan.Digest = createDigest(want, live != nil, done)
	return nil
}

// planTakeover plans a tenant that exists already exactly as it is to be made.
// The first half of a replacement looks like this too: then the tenant is gone
// when the plan is applied, and made anew.
func (e *Engine) planTakeover(spec TenantSpec, plan *TenantPlan, row *tenantRow, live *ddl.Fingerprint) error {
	if e.world.takes(spec.Slug) {
		return goesAndComes(spec.Slug)
	}
	plan.Fingerprint, plan.Verdict, plan.TakesOver = live.Whole, "", true
	plan.Notes = append(plan.Notes, Note{Severity: Warning, Field: FieldSlug, Summary: "Tenant was created by an earlier run",
		Detail: fmt.Sprintf("Tenant `%s` exists exactly as configured, made at %s. An apply that was cut off before Terraform wrote its state leaves this, so it is taken over as it is, "+
			"unless this plan replaces it: then it is made anew. If another resource manages it, remove it from one of the two.",
			spec.Slug, row.last.AppliedAt.Format(time.RFC3339))})
	return nil
}

// PlanDelete makes known that the run destroys a tenant, and refuses that when
// another resource of it takes the same tenant over: the two work at the same
// time, and the rows would be lost. Errors are Problems.
func (e *Engine) PlanDelete(slug string) error {
	if e.world.leaves(slug) {
		return goesAndComes(slug)
	}
	return nil
}

func goesAndComes(slug string) error {
	return problem(FieldSlug, "Tenant is destroyed and created in one plan",
		fmt.Sprintf("One resource of the plan destroys the tenant `%s`, and another one creates it.", slug),
		"If a resource was renamed or has another key, say so with a `moved` block: the tenant stays as it is. "+
			"Otherwise let the plan destroy the tenant first, and create it with the next one.")
}

// cutOff is how long a tenant that was made by a run of which Terraform knows
// nothing counts as the work of a run that was cut off.
const cutOff = time.Hour

// justMade says whether a tenant is what a creation of this specification would
// have left a short time ago.
func (e *Engine) justMade(spec TenantSpec, want *target, row *tenantRow, live *ddl.Fingerprint) bool {
	status := cmp.Or(spec.Status, StatusActive)
	asked := row.name == spec.Name && row.status == status && maps.Equal(row.metadata, spec.Metadata) && row.composition == want.composition.Digest
	untouched := live != nil && live.Whole == row.currentSchema && row.initialSchema == row.currentSchema
	between := row.status == StatusCreating || row.status == StatusDropping || row.running != ""
	if !asked || !untouched || between || row.last == nil {
		return false
	}
	creation := row.last.From == "" && row.last.To == want.id.String()
	recent := e.cfg.Now().Sub(row.last.AppliedAt) < cutOff && row.createdAt.After(row.last.AppliedAt.Add(-cutOff))
	return creation && recent
}

func databaseExists(slug, name string) error {
	return problem(FieldSlug, "Database exists already",
		fmt.Sprintf("Tenant `%s` needs the database `%s`, which exists on the server and which the landlord database does not know.", slug, name),
		"Nothing in it was touched.",
		fmt.Sprintf("To take it over as it is, import it: `terraform import <address> %s`. Otherwise choose another slug.", slug))
}

func tenantExists(row *tenantRow) error {
	return problem(FieldSlug, "Tenant exists already",
		fmt.Sprintf("Tenant `%s` is registered with the status `%s`; its database is `%s`.", row.slug, row.status, row.database),
		fmt.Sprintf("To manage it here, import it: `terraform import <address> %s`; or, when its resource was renamed or has another key, add a `moved` block. "+
			"To replace it, destroy it first and create it with the next plan. Otherwise choose another slug.", row.slug))
}

// restart is the resume point of a half-made database that fits no point of
// the composition: it is made anew, provided that it is empty.
const restart = -1

// planResume finds the resume point for a plan.
func (e *Engine) planResume(ctx context.Context, srv *server, database string, want *target, live *ddl.Fingerprint) (int, error) {
	s, err := e.openScratch(ctx, srv)
	if err != nil {
		return 0, err
	}
	defer s.close(ctx)
	point, err := e.resumePoint(ctx, srv, s, want.composition, live)
	if err != nil || point != restart {
		return point, err
	}
	return point, e.checkEmpty(ctx, s.session, database)
}

// resumePoint says how many statements of a composition a half-made database
// has seen: its schema is compared with the schema after each statement.
func (e *Engine) resumePoint(ctx context.Context, srv *server, s *scratch, c *template.Composition, live *ddl.Fingerprint) (int, error) {
	point := restart
	if err := s.session.CheckForeignKeys(ctx, !c.ForwardKeys); err != nil {
		return 0, err
	}
	defer func() { _ = s.session.CheckForeignKeys(ctx, true) }()
	for i := 0; ; i++ {
		f, err := e.liveFingerprint(ctx, srv, s.session, s.name)
		if err != nil {
			return 0, err
		}
		if f.Whole == live.Whole {
			point = i
		}
		if i == len(c.Statements) || c.Statements[i].Seed {
			return point, nil
		}
		if err := s.run(ctx, c.Statements, i, i+1); err != nil {
			return 0, statementProblem(FieldTemplate, "Looking for the point at which a creation was interrupted", err)
		}
	}
}

// createSteps returns what is left to do for a database of which done
// statements have run.
func createSteps(database string, c *template.Composition, exists bool, done int) []Step {
	create := Step{
		SQL:    "CREATE DATABASE " + mysql.Quote(database) + withTenantCharacters,
		Object: "database " + mysql.Quote(database), Operation: "create_database", Origin: "template", Level: 1, Reversible: true,
	}
	var steps []Step
	switch {
	case exists && done == restart:
		steps = append(steps, Step{
			SQL: "DROP DATABASE " + mysql.Quote(database), Object: create.Object, Operation: "drop_database", Origin: "template", Level: 1,
			Reason: "Its creation was interrupted and does not fit the template any more; it holds no rows.",
		}, create)
		done = 0
	case !exists:
		steps = append(steps, create)
	}
	for _, st := range c.Statements[done:] {
		steps = append(steps, stepOf(st))
	}
	return steps
}

// stepOf shows a statement of a composition as a step.
func stepOf(st template.Statement) Step {
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
	return Step{SQL: st.SQL, Object: object, Operation: operation, Origin: st.Origin, Level: int64(st.Level), Reversible: true, data: st.Seed}
}

// createDigest names what a creation does. It is the same for all tenants of a
// composition, so it leaves the name of the database out.
func createDigest(want *target, exists bool, done int) string {
	return digest("create", want.id.String(), want.composition.Digest, want.fingerprint(), fmt.Sprint(exists, done))
}

// digest hashes texts, each with its length, so that no two lists collide.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// touches says whether applying the plan makes the tenant or changes its
// structure.
func (p *TenantPlan) touches() bool {
	return p.Create || p.HasWork() || p.Waits || p.rest != nil || p.restore != nil
}

// inForce returns what is in force in a tenant after the plan; nil when it stays
// where it is.
func (p *TenantPlan) inForce(spec TenantSpec, want *target) *plannedTenant {
	if p.UpdateStatus != UpdateCurrent {
		return nil
	}
	return &plannedTenant{
		server: spec.Server, database: p.DatabaseName, template: want.id, lineage: want.lineage,
		composition: want.composition, rendered: want.rendered, after: p.after(),
	}
}
