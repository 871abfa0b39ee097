package landlord

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// compiled is a template version with everything that a plan needs of it.
type compiled struct {
	template *template.Template
	lineage  *template.Lineage
	core     *template.Composition
	findings []template.Finding      // warnings
	rendered *rendering              // of the core; nil when it cannot be known
	alone    []*template.Composition // see proof
	notes    []Note
	exists   bool // published already, with these very files
}

// PlanTemplate says what publishing a template version would make, and makes
// the version known to the plans of this run. It reads the template's files,
// proves their statements in a scratch database, and writes nothing else.
// Errors are Problems.
func (e *Engine) PlanTemplate(ctx context.Context, spec TemplateSpec) (*TemplateVersion, error) {
	c, err := e.compile(ctx, spec)
	if err != nil {
		return nil, err
	}
	if other, planned := e.world.template(c.template.ID()); planned && other.Checksum() != c.template.Checksum() {
		return nil, problem(FieldVersion, "Two resources publish one template version",
			fmt.Sprintf("Another resource of this run publishes `%s` with other files.", c.template.ID()),
			"Give one of them another `name` or `version`, or remove it.")
	}
	e.world.add(c.template)
	return e.describeTemplate(ctx, c, spec.Materialize)
}

// compile loads, validates and renders a template version.
func (e *Engine) compile(ctx context.Context, spec TemplateSpec) (*compiled, error) {
	t, err := loadSpec(spec)
	if err != nil {
		return nil, err
	}
	if len(e.templateDatabase(t.Name)) > MaxDatabaseName {
		return nil, problem(FieldName, "Template name is too long",
			fmt.Sprintf("The materialized copy would be called `%s`, which has more than %d characters.", e.templateDatabase(t.Name), MaxDatabaseName),
			"Choose a shorter name, or a shorter `database_prefix` of the provider.")
	}
	c := &compiled{template: t}
	if err := e.checkImmutable(ctx, c); err != nil {
		return nil, err
	}
	if c.lineage, err = e.lineage(ctx, *t); err != nil {
		return nil, lineageProblem(err)
	}
	srv := e.main()
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, unreachable(srv, "planning a template", err)
	}
	// A published version was validated when it was published.
	if !c.exists {
		c.findings = e.validate(c.lineage, e.guarding(info))
	}
	if template.HasErrors(c.findings) {
		return nil, findingsProblem(spec.sourceField(), "Template does not fit together", spec.Source, c.findings)
	}
	c.notes = warnings(spec.sourceField(), c.findings)
	core, findings := c.lineage.Compose(nil, e.guarding(info))
	if template.HasErrors(findings) {
		return nil, findingsProblem(spec.sourceField(), "Template does not fit together", spec.Source, findings)
	}
	c.core = core
	return c, e.proveTemplate(ctx, c, spec, info)
}

// checkImmutable compares a version with what is published under its ID.
func (e *Engine) checkImmutable(ctx context.Context, c *compiled) error {
	list, err := e.templates.all(ctx)
	if err != nil {
		return err
	}
	id := c.template.ID()
	was, ok := list[id]
	if !ok {
		return nil
	}
	if was.checksum == c.template.Checksum() {
		c.exists = true
		return nil
	}
	old, err := e.templates.load(ctx, id)
	if err != nil || old == nil {
		return errors.Join(err, problem(FieldVersion, "Published template version cannot change", fmt.Sprintf("Template `%s` is published with other content.", id)))
	}
	versions, err := e.versions(ctx, id.Name)
	if err != nil {
		return err
	}
	changed := append(template.ChangedFiles(*old, *c.template), template.ChangedAttributes(*old, *c.template)...)
	return problem(FieldVersion, "Published template version cannot change",
		fmt.Sprintf("Template `%s` is published, and tenants rely on what it was.", id),
		"Changed since: "+quoted(changed)+".",
		fmt.Sprintf("Publish the change under a new version: %s.", template.NextVersion(id.Version, versions)))
}

func lineageProblem(err error) error {
	var p *Problem
	if errors.As(err, &p) {
		return err
	}
	return &Problem{Field: FieldExtends, Summary: "Parent template cannot be used", Detail: []string{sentence(err.Error())}, Err: err}
}

// proveTemplate renders the core, and all modules that can be combined with
// it, on the server.
func (e *Engine) proveTemplate(ctx context.Context, c *compiled, spec TemplateSpec, info mysql.Info) error {
	if e.cfg.Rendering == RenderingParser {
		return nil
	}
	proven, err := e.prove(ctx, c, info)
	var noScratch *scratchError
	switch {
	case errors.As(err, &noScratch) && mysql.IsAccessDenied(err):
		c.notes = append(c.notes, noScratchNote(e.registry.scratchPrefix()))
		return nil
	case err != nil:
		return statementProblem(spec.sourceField(), fmt.Sprintf("Trying template `%s` in a scratch database", c.template.ID()), err)
	}
	c.rendered, c.alone = proven.core, proven.alone
	return nil
}

func noScratchNote(prefix string) Note {
	return Note{Severity: Warning, Summary: "Template is not proven on the server",
		Detail: fmt.Sprintf("The account of the provider may not create databases `%s…`, so the statements were only parsed. "+
			"Grant it all privileges on them, or set `plan_rendering = \"parser\"` to accept plans without proof.", prefix)}
}

// statementProblem translates a statement that a server refused.
func statementProblem(field Field, doing string, err error) error {
	var refused *StatementError
	if !errors.As(err, &refused) {
		return err
	}
	st, next := refused.Statement, "Correct the file."
	switch {
	case strings.Contains(st.SQL, "0000-00-00") && mysql.IsInvalidDefault(err):
		next = "A zero date is no date: the sessions of the provider have NO_ZERO_DATE, on every server. Let the column be NULL, or give it a real date as its default."
	case st.Seed && mysql.IsNoParentRow(err):
		next = "Put the rows of the parent table first: in the same file, or in one whose name comes before. A `SET FOREIGN_KEY_CHECKS` is left out, so rows that refer to each other in a circle get NULL first and an UPDATE after."
	case mysql.IsBinaryLogDenied(err):
		next = "Set `log_bin_trust_function_creators = ON` on the server: while it writes a binary log, an account without SUPER makes no functions and triggers otherwise."
	}
	return &Problem{Field: field, Summary: "Server refuses a statement of the template", Detail: []string{
		doing + fmt.Sprintf(" stopped at statement %d of %d.", refused.Number, refused.Total),
		fmt.Sprintf("%s:%d:%d: %s", st.File, st.Line, st.Column, shorten(st.SQL)),
		"Cause: " + refused.Err.Error() + nearText(refused.Err),
		next,
	}, Err: err}
}

// nearText says where a server stopped to understand a statement that is shown
// anyway, so that a name that became a reserved word is found.
func nearText(err error) string {
	const most = 40
	near, _, _ := strings.Cut(strings.TrimSpace(mysql.Near(err)), "\n")
	if near == "" {
		return ""
	}
	if len(near) > most {
		near = strings.ToValidUTF8(near[:most], "") + " …"
	}
	return ": it stops at `" + near + "`"
}

// describeTemplate makes the public description of a compiled version.
func (e *Engine) describeTemplate(ctx context.Context, c *compiled, materialize bool) (*TemplateVersion, error) {
	t := c.template
	versions, err := e.versions(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	v := &TemplateVersion{
		ID: t.ID().String(), Name: t.Name, Version: t.Version, Type: t.Type, Checksum: t.Checksum(),
		Tables: tableNames(c.core), Modules: moduleNames(c.lineage), Published: c.exists, PublishedVersions: versions, Notes: c.notes,
	}
	if materialize {
		v.DatabaseName = e.templateDatabase(t.Name)
	}
	if c.rendered != nil {
		v.SchemaFingerprint = c.rendered.fingerprint.Whole
		if v.SchemaSnapshot, err = snapshotJSON(c.rendered.schema); err != nil {
			return nil, err
		}
	}
	if newest := versions[len(versions)-1]; newest != t.Version && !c.exists {
		v.Notes = append(v.Notes, Note{Severity: Warning, Field: FieldVersion, Summary: "Template version is older than another",
			Detail: fmt.Sprintf("Template `%s` has version `%s` already; `%s` comes before it.", t.Name, newest, t.Version)})
	}
	return v, nil
}

// tableNames returns the tables that a composition creates, sorted.
func tableNames(c *template.Composition) []string {
	set := map[string]bool{}
	for _, st := range c.Statements {
		if st.Verb == "CREATE" && st.Kind == ddl.KindTable {
			set[st.Object] = true
		}
	}
	names := []string{}
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func moduleNames(l *template.Lineage) []string {
	names := []string{}
	for _, m := range l.Modules() {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return names
}

// shorten cuts a statement for a message.
func shorten(sql string) string {
	const most = 500
	sql = strings.TrimSpace(sql)
	if len(sql) <= most {
		return sql
	}
	return strings.ToValidUTF8(sql[:most], "") + " …"
}

// quoted writes names for a sentence: "`a`, `b`".
func quoted(names []string) string {
	return "`" + strings.Join(names, "`, `") + "`"
}

// upperFirst begins a sentence.
func upperFirst(text string) string {
	if text == "" || text[0] < 'a' || text[0] > 'z' {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// sentence makes a sentence of an error's text.
func sentence(text string) string {
	text = upperFirst(text)
	if strings.HasSuffix(text, "?") || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}
