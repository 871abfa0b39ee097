package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// compiled is a template version with everything that a plan needs of it.
type compiled struct {
	template *template.Template
	lineage  *template.Lineage
	core     *template.Composition
	findings []template.Finding      // warnings
	rendered *estate.Rendering       // of the core; nil when it cannot be known
	alone    []*template.Composition // see proof
	notes    []landlord.Note
	exists   bool // published already, with these very files
}

// PlanTemplate says what publishing a template version would make, and makes
// the version known to the plans of this run. It reads the template's files,
// proves their statements in a scratch database, and writes nothing else.
// Errors are Problems.
func (p *Publisher) PlanTemplate(ctx context.Context, spec landlord.TemplateSpec) (*landlord.TemplateVersion, error) {
	c, err := p.compile(ctx, spec)
	if err != nil {
		return nil, err
	}
	if other, planned := p.Estate.Run.Template(c.template.ID()); planned && other.Checksum() != c.template.Checksum() {
		return nil, landlord.NewProblem(landlord.FieldVersion, "Two resources publish one template version",
			fmt.Sprintf("Another resource of this run publishes `%s` with other files.", c.template.ID()),
			"Give one of them another `name` or `version`, or remove it.")
	}
	p.Estate.Run.Add(c.template)
	return p.describeTemplate(ctx, c, spec.Materialize)
}

// compile loads, validates and renders a template version.
func (p *Publisher) compile(ctx context.Context, spec landlord.TemplateSpec) (*compiled, error) {
	t, err := estate.LoadSpec(spec)
	if err != nil {
		return nil, err
	}
	if len(p.Servers.TemplateDatabase(t.Name)) > landlord.MaxDatabaseName {
		return nil, landlord.NewProblem(landlord.FieldName, "Template name is too long",
			fmt.Sprintf("The materialized copy would be called `%s`, which has more than %d characters.", p.Servers.TemplateDatabase(t.Name), landlord.MaxDatabaseName),
			"Choose a shorter name, or a shorter `database_prefix` of the provider.")
	}
	c := &compiled{template: t}
	if err := p.checkImmutable(ctx, c); err != nil {
		return nil, err
	}
	if c.lineage, err = p.Estate.Lineage(ctx, *t); err != nil {
		return nil, estate.LineageProblem(err)
	}
	srv := p.Servers.Main()
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "planning a template", err)
	}
	// A published version was validated when it was published.
	if !c.exists {
		judging, err := p.Estate.JudgingAll(ctx, info)
		if err != nil {
			return nil, err
		}
		c.findings = p.validate(c.lineage, judging)
	}
	if template.HasErrors(c.findings) {
		return nil, estate.FindingsProblem(spec.SourceField(), "Template does not fit together", spec.Source, c.findings)
	}
	c.notes = estate.Warnings(spec.SourceField(), c.findings)
	compose := c.lineage.Compose
	if c.exists {
		compose = c.lineage.ComposePublished
	}
	core, findings := compose(nil, p.Servers.Guarding(info))
	if template.HasErrors(findings) {
		return nil, estate.FindingsProblem(spec.SourceField(), "Template does not fit together", spec.Source, findings)
	}
	c.core = core
	c.notes = append(c.notes, render.RefusedNote(t.ID(), spec.SourceField(), core)...)
	if spec.Materialize {
		if err := p.checkMaterialize(ctx, c); err != nil {
			return nil, err
		}
	}
	return c, p.proveTemplate(ctx, c, spec, info)
}

// checkMaterialize refuses a copy of what may not come into a further database. It
// shows the newest version, which need not be the one that is published now.
func (p *Publisher) checkMaterialize(ctx context.Context, c *compiled) error {
	versions, err := p.publishedVersions(ctx, c.template.Name)
	if err != nil {
		return err
	}
	all := append(slices.Clone(versions), c.template.Version)
	template.SortVersions(all)
	id := template.ID{Name: c.template.Name, Version: all[len(all)-1]}
	if !slices.Contains(versions, id.Version) {
		return nil
	}
	_, core, err := p.coreOf(ctx, id)
	if err != nil || len(core.Refused) == 0 {
		return err
	}
	_, current, err := p.materialized(ctx, p.Servers.Main(), id.Name)
	if err != nil || current == id.Version {
		return err
	}
	return p.notMaterialized(id, core)
}

// notMaterialized is RefusedProblem for the copy of a template.
func (p *Publisher) notMaterialized(id template.ID, c *template.Composition) error {
	var refused *landlord.Problem
	if !errors.As(render.RefusedProblem(id, c), &refused) {
		return nil
	}
	last := len(refused.Detail) - 1
	return landlord.NewProblem(landlord.FieldNone, refused.Summary, slices.Concat(
		[]string{fmt.Sprintf("The newest version of template `%s` is to be materialized as database `%s`.", id.Name, p.Servers.TemplateDatabase(id.Name))}, refused.Detail[:last],
		[]string{"Nothing was run. Publish a later version without that, or set `materialize = false`."})...)
}

// checkImmutable compares a version with what is published under its ID.
func (p *Publisher) checkImmutable(ctx context.Context, c *compiled) error {
	list, err := p.Estate.Templates.All(ctx)
	if err != nil {
		return err
	}
	id := c.template.ID()
	was, ok := list[id]
	if !ok {
		return nil
	}
	if was.Checksum == c.template.Checksum() {
		c.exists = true
		return nil
	}
	old, err := p.Estate.Templates.Load(ctx, id)
	if err != nil || old == nil {
		return errors.Join(err, landlord.NewProblem(landlord.FieldVersion, "Published template version cannot change", fmt.Sprintf("Template `%s` is published with other content.", id)))
	}
	versions, err := p.Estate.Versions(ctx, id.Name)
	if err != nil {
		return err
	}
	changed := append(template.ChangedFiles(*old, *c.template), template.ChangedAttributes(*old, *c.template)...)
	return landlord.NewProblem(landlord.FieldVersion, "Published template version cannot change",
		fmt.Sprintf("Template `%s` is published, and tenants rely on what it was.", id),
		"Changed since: "+landlord.Quoted(changed)+".",
		fmt.Sprintf("Publish the change under a new version: %s.", template.NextVersion(id.Version, versions)))
}

// proveTemplate renders the core, and all modules that can be combined with
// it, on the server.
func (p *Publisher) proveTemplate(ctx context.Context, c *compiled, spec landlord.TemplateSpec, info mysql.Info) error {
	if p.Config.Rendering == landlord.RenderingParser {
		return nil
	}
	proven, err := p.prove(ctx, c, info)
	var noScratch *render.ScratchError
	switch {
	case errors.As(err, &noScratch) && mysql.IsAccessDenied(err):
		c.notes = append(c.notes, render.NoScratchNote(p.Registry.ScratchPrefix()))
		return nil
	case err != nil:
		return render.StatementProblem(spec.SourceField(), fmt.Sprintf("Trying template `%s` in a scratch database", c.template.ID()), err)
	}
	c.rendered, c.alone = proven.Core, proven.Alone
	return nil
}

// describeTemplate makes the public description of a compiled version.
func (p *Publisher) describeTemplate(ctx context.Context, c *compiled, materialize bool) (*landlord.TemplateVersion, error) {
	t := c.template
	versions, err := p.Estate.Versions(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	v := &landlord.TemplateVersion{
		ID: t.ID().String(), Name: t.Name, Version: t.Version, Type: t.Type, Checksum: t.Checksum(),
		Tables: tableNames(c.core), Modules: moduleNames(c.lineage), Published: c.exists, PublishedVersions: versions, Notes: c.notes,
	}
	if materialize {
		v.DatabaseName = p.Servers.TemplateDatabase(t.Name)
	}
	if c.rendered != nil {
		v.SchemaFingerprint = c.rendered.Fingerprint.Whole
	}
	if newest := versions[len(versions)-1]; newest != t.Version && !c.exists {
		v.Notes = append(v.Notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldVersion, Summary: "Template version is older than another",
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
