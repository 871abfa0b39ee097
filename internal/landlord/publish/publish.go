package publish

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// PublishTemplate publishes a template version: every combination of its
// modules is composed on the server first, then the row is written, then the
// materialized copy is made. Publishing again what is published changes only
// the materialized copy. Errors are Problems.
func (p *Publisher) PublishTemplate(ctx context.Context, spec landlord.TemplateSpec) (*landlord.TemplateVersion, error) {
	c, err := p.compile(ctx, spec)
	if err != nil {
		return nil, err
	}
	if err := p.proveAlone(ctx, c, spec); err != nil {
		return nil, err
	}
	doing := fmt.Sprintf("Publishing template `%s`", c.template.ID())
	j, err := p.openTemplate(ctx, c.template.Name, doing)
	if err != nil {
		return nil, err
	}
	err = p.writeTemplate(ctx, j.X, c)
	j.Close()
	if err != nil {
		return nil, err
	}
	p.Estate.Templates.Forget()
	p.Estate.Run.Add(c.template)
	c.exists = true
	if err := p.materialize(ctx, c.template, spec.Materialize); err != nil {
		return nil, err
	}
	return p.describeTemplate(ctx, c, spec.Materialize)
}

// openTemplate opens a template for work.
func (p *Publisher) openTemplate(ctx context.Context, name, doing string) (*apply.Job, error) {
	return p.Jobs.Open(ctx, apply.Goal{Srv: p.Servers.Main(), Database: p.Servers.TemplateDatabase(name), Lock: p.Jobs.TemplateLock(name), Doing: doing})
}

// writeTemplate writes the row of a version, and its rendering, in one
// transaction.
func (p *Publisher) writeTemplate(ctx context.Context, x *mysql.Session, c *compiled) error {
	t := c.template
	checksum, err := p.Registry.ReadTemplateChecksum(ctx, x, t.ID())
	switch {
	case err != nil:
		return fmt.Errorf("reading template `%s`: %w", t.ID(), err)
	case checksum == t.Checksum():
		return p.writeDescription(ctx, x, t)
	case checksum != "":
		return landlord.NewProblem(landlord.FieldVersion, "Published template version cannot change",
			fmt.Sprintf("Template `%s` was published by another run with other content.", t.ID()), "Plan again.")
	}
	var fingerprint string
	var core ddl.Schema
	if c.rendered != nil {
		fingerprint, core = c.rendered.Fingerprint.Whole, c.rendered.Schema
	}
	return apply.InTransaction(ctx, x, fmt.Sprintf("writing template `%s`", t.ID()), func(q mysql.Queryer) error {
		err := p.Registry.InsertTemplate(ctx, q, t, fingerprint, core)
		if err != nil || c.rendered == nil {
			return err
		}
		info, err := x.Info(ctx)
		if err != nil {
			return err
		}
		return p.Registry.WriteRendering(ctx, q, c.core.Digest, info.RenderKey(), c.rendered.Fingerprint, c.rendered.Schema)
	})
}

// writeDescription writes what may change of a published version, because no
// database depends on it.
func (p *Publisher) writeDescription(ctx context.Context, x *mysql.Session, t *template.Template) error {
	if err := p.Registry.DescribeTemplate(ctx, x, t); err != nil {
		return fmt.Errorf("writing template `%s`: %w", t.ID(), err)
	}
	return nil
}

// materialize makes, renews or removes the real database that shows the newest
// version of a template. It only ever drops a database that the landlord
// database names as its own.
func (p *Publisher) materialize(ctx context.Context, t *template.Template, wanted bool) error {
	versions, err := p.publishedVersions(ctx, t.Name)
	if err != nil || len(versions) == 0 {
		return err
	}
	id := template.ID{Name: t.Name, Version: versions[len(versions)-1]}
	_, composition, err := p.coreOf(ctx, id)
	if err != nil {
		return err
	}
	name := p.Servers.TemplateDatabase(t.Name)
	doing := fmt.Sprintf("Materializing template `%s` as database `%s`", id, name)
	j, err := p.openTemplate(ctx, t.Name, doing)
	if err != nil {
		return err
	}
	defer j.Close()
	owned, current, err := p.materialized(ctx, j.X, t.Name)
	if err != nil || (wanted && current == id.Version) || (!wanted && !owned) {
		return err
	}
	exists, err := catalog.ListDatabases(ctx, j.X, catalog.Databases{Names: []string{name}})
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if len(exists) > 0 && !owned {
		return p.adoptMaterialized(ctx, j.X, id, composition, name)
	}
	if !wanted {
		return p.dropMaterialized(ctx, j.X, t.Name, name)
	}
	if err := p.notMaterialized(id, composition); err != nil { // published since the plan
		return err
	}
	defer j.Discard() // statements of the template may have changed its settings
	return p.buildMaterialized(ctx, j.X, id, composition, name, doing)
}

// publishedVersions returns the versions of a template that are published.
func (p *Publisher) publishedVersions(ctx context.Context, name string) ([]string, error) {
	list, err := p.Estate.Templates.All(ctx)
	if err != nil {
		return nil, err
	}
	var versions []string
	for id := range list {
		if id.Name == name {
			versions = append(versions, id.Version)
		}
	}
	template.SortVersions(versions)
	return versions, nil
}

// coreOf returns a published version with its parents, and its core composed.
func (p *Publisher) coreOf(ctx context.Context, id template.ID) (*template.Lineage, *template.Composition, error) {
	t, err := p.Estate.Find(ctx, id)
	if err != nil || t == nil {
		return nil, nil, errors.Join(err, fmt.Errorf("reading template `%s`: %w", id, landlord.ErrNotFound))
	}
	lineage, err := p.Estate.Lineage(ctx, *t)
	if err != nil {
		return nil, nil, estate.LineageProblem(err)
	}
	info, err := p.Servers.Main().Info(ctx)
	if err != nil {
		return nil, nil, registry.Unreachable(p.Servers.Main(), "composing a template", err)
	}
	core, err := p.Renderer.Compose(lineage, nil, p.Servers.Guarding(info))
	return lineage, core, err
}

// unfinished stands before the name of a copy that is being made.
const unfinished = "?"

// materialized says whether the copy is ours, and which version it shows.
func (p *Publisher) materialized(ctx context.Context, x mysql.Queryer, name string) (owned bool, version string, err error) {
	copies, err := p.Registry.ReadTemplateDatabases(ctx, x, name)
	if err != nil {
		return false, "", err
	}
	for v, database := range copies {
		if strings.TrimPrefix(database, unfinished) == p.Servers.TemplateDatabase(name) {
			owned = true
			if !strings.HasPrefix(database, unfinished) {
				version = v
			}
		}
	}
	return owned, version, nil
}

// adoptMaterialized takes a database for the copy that it looks like: a landlord
// database that was lost leaves such a one. Anything else is somebody's, and is
// never touched.
func (p *Publisher) adoptMaterialized(ctx context.Context, x *mysql.Session, id template.ID, c *template.Composition, name string) error {
	main := p.Servers.Main()
	live, err := p.Estate.LiveFingerprint(ctx, main, x, name)
	if err != nil {
		return err
	}
	made, err := p.Renderer.Render(ctx, main, c)
	if err == nil && live != nil && made.Fingerprint.Whole == live.Whole {
		return p.Registry.SetTemplateDatabase(ctx, x, id, name)
	}
	return landlord.NewProblem(landlord.FieldName, "Database of the template exists already",
		fmt.Sprintf("Template `%s` is to be materialized as database `%s`, which exists, which the landlord database does not know, and which differs from `%s`.", id.Name, name, id),
		"Nothing in it was touched. Set `materialize = false`, choose another name, or drop that database if it is the copy of a landlord database that was lost.")
}

func (p *Publisher) dropMaterialized(ctx context.Context, x *mysql.Session, of, name string) error {
	if _, err := x.Exec(ctx, "DROP DATABASE IF EXISTS "+mysql.Quote(name)); err != nil {
		return fmt.Errorf("dropping the materialized template `%s`: %w", name, err)
	}
	if err := p.Jobs.Accounts.DropOwner(ctx, x, name); err != nil {
		return fmt.Errorf("dropping the materialized template `%s`: %w", name, err)
	}
	return p.Registry.SetTemplateDatabase(ctx, x, template.ID{Name: of}, "")
}

// buildMaterialized makes the copy anew. As long as it is not complete it is
// marked as a copy of no version in particular but as ours, so that a killed
// run can be repeated.
func (p *Publisher) buildMaterialized(ctx context.Context, x *mysql.Session, id template.ID, c *template.Composition, name, doing string) error {
	for _, sql := range []string{
		"DROP DATABASE IF EXISTS " + mysql.Quote(name),
		"CREATE DATABASE " + mysql.Quote(name) + landlord.WithTenantCharacters,
	} {
		if err := p.Registry.SetTemplateDatabase(ctx, x, id, unfinished+name); err != nil {
			return err
		}
		if _, err := x.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	// The copy is there to be looked at: nothing runs in it.
	x.HoldEvents(name)
	defer x.ReleaseEvents(name)
	if err := x.Use(ctx, name); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if err := p.fill(ctx, x, c, name, doing); err != nil {
		return err
	}
	return p.Registry.SetTemplateDatabase(ctx, x, id, name)
}

// fill runs the statements of a composition in the copy.
func (p *Publisher) fill(ctx context.Context, x *mysql.Session, c *template.Composition, name, doing string) error {
	texts := p.Jobs.Accounts.Runner(x, name, account.OnText)
	defer texts.Close()
	for i, st := range c.Statements {
		w, err := texts.For(ctx, st.SQL)
		if err != nil {
			return err
		}
		if err := w.CheckForeignKeys(ctx, st.Seed || !c.ForwardKeys); err != nil {
			return err
		}
		if err := render.Exec(ctx, w, st.SQL, st.Settings); err != nil {
			return render.StatementProblem(landlord.FieldNone, doing, &landlord.StatementError{Statement: st, Number: i + 1, Total: len(c.Statements), Err: err})
		}
	}
	return texts.Settle(ctx, nil)
}

// Template returns a published template version; ErrNotFound when there is
// none of that ID.
func (p *Publisher) Template(ctx context.Context, id string) (*landlord.TemplateVersion, error) {
	parsed, err := template.ParseID(id)
	if err != nil {
		return nil, landlord.ErrNotFound
	}
	list, err := p.Estate.Templates.All(ctx)
	if err != nil {
		return nil, err
	}
	published, ok := list[parsed]
	if !ok {
		return nil, landlord.ErrNotFound
	}
	v := &landlord.TemplateVersion{
		ID: id, Name: parsed.Name, Version: parsed.Version, Type: published.TemplateType, Checksum: published.Checksum,
		SchemaFingerprint: published.Fingerprint, Published: true,
	}
	for other, q := range list {
		if other.Name == parsed.Name {
			if q.Database != "" && !strings.HasPrefix(q.Database, unfinished) {
				v.DatabaseName = q.Database
			}
		}
	}
	v.PublishedVersions = versionsOf(list, parsed.Name)
	return v, p.describePublished(ctx, v, parsed)
}

// versionsOf returns the published versions of a template, the oldest first.
func versionsOf(list map[template.ID]registry.Published, name string) []string {
	versions := []string{}
	for id := range list {
		if id.Name == name {
			versions = append(versions, id.Version)
		}
	}
	template.SortVersions(versions)
	return versions
}

// NewestTemplate returns the ID of the newest published version of a template;
// ErrNotFound when there is none.
func (p *Publisher) NewestTemplate(ctx context.Context, name string) (string, error) {
	list, err := p.Estate.Templates.All(ctx)
	if err != nil {
		return "", err
	}
	versions := versionsOf(list, name)
	if len(versions) == 0 {
		return "", landlord.ErrNotFound
	}
	return template.ID{Name: name, Version: versions[len(versions)-1]}.String(), nil
}

// Records lists the templates that have a published version, by name.
func (p *Publisher) Records(ctx context.Context) ([]landlord.Record, error) {
	list, err := p.Estate.Templates.All(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for id := range list {
		names[id.Name] = true
	}
	return landlord.NamedRecords(slices.Sorted(maps.Keys(names))), nil
}

// describePublished adds what the files of a published version say, in the very
// form that planning it gave.
func (p *Publisher) describePublished(ctx context.Context, v *landlord.TemplateVersion, id template.ID) error {
	lineage, core, err := p.coreOf(ctx, id)
	if err != nil {
		return err
	}
	v.Tables, v.Modules = tableNames(core), moduleNames(lineage)
	return nil
}

// PublishedSpec returns a configuration that publishes the very files of a
// published version, but for the materialized copy; ErrNotFound when there is none of
// that ID.
func (p *Publisher) PublishedSpec(ctx context.Context, id string) (landlord.TemplateSpec, error) {
	parsed, err := template.ParseID(id)
	if err != nil {
		return landlord.TemplateSpec{}, landlord.ErrNotFound
	}
	t, err := p.Estate.Templates.Load(ctx, parsed)
	if err != nil {
		return landlord.TemplateSpec{}, err
	}
	if t == nil {
		return landlord.TemplateSpec{}, landlord.ErrNotFound
	}
	return estate.SpecOf(t), nil
}

// DeleteTemplate removes every version of a template and its materialized
// copy. It is refused while a tenant uses a version or another template
// extends one. ErrNotFound when there is none.
func (p *Publisher) DeleteTemplate(ctx context.Context, name string) error {
	j, err := p.openTemplate(ctx, name, fmt.Sprintf("Deleting template `%s`", name))
	if err != nil {
		return err
	}
	defer j.Close()
	x := j.X
	if err := p.checkUnused(ctx, x, name); err != nil {
		return err
	}
	owned, _, err := p.materialized(ctx, x, name)
	if mysql.IsNoSuchDatabase(err) || mysql.IsNoSuchTable(err) {
		return landlord.ErrNotFound
	}
	if err != nil {
		return err
	}
	if owned {
		if err := p.dropMaterialized(ctx, x, name, p.Servers.TemplateDatabase(name)); err != nil {
			return err
		}
	}
	had, err := p.Registry.DeleteTemplate(ctx, x, name)
	if err != nil {
		return err
	}
	j.Release() // what follows may wait for somebody who waits for a connection
	p.Estate.Templates.Forget()
	if !had {
		return landlord.ErrNotFound
	}
	return nil
}

// checkUnused refuses to delete what tenants or other templates rely on.
func (p *Publisher) checkUnused(ctx context.Context, x *mysql.Session, name string) error {
	tenants, err := p.Registry.ReadTenants(ctx, x)
	if err != nil {
		return err
	}
	var users []string
	for _, r := range tenants {
		if r.Template == name {
			users = append(users, r.Slug)
		}
	}
	slices.Sort(users)
	if len(users) > 0 {
		const most = 20
		list := landlord.Quoted(users[:min(most, len(users))])
		if len(users) > most {
			list += fmt.Sprintf(" and %d more", len(users)-most)
		}
		return landlord.NewProblem(landlord.FieldName, "Template is in use",
			fmt.Sprintf("Template `%s` cannot be deleted: it has %s: %s.", name, landlord.Several(len(users), "tenant"), list),
			"Destroy or move these tenants first, or keep the template with a `removed` block (`destroy = false`). To give a template another name, "+
				"set `lifecycle { create_before_destroy = true }` in its resource: then the tenants move before the old one goes.")
	}
	children, err := p.Registry.ReadTemplateChildren(ctx, x, name)
	if err != nil {
		return err
	}
	if len(children) > 0 {
		return landlord.NewProblem(landlord.FieldName, "Template is in use",
			fmt.Sprintf("Template `%s` cannot be deleted: it is extended by %s.", name, landlord.Quoted(children)), "Delete these templates first.")
	}
	return nil
}
