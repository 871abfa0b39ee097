package landlord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// PublishTemplate publishes a template version: every combination of its
// modules is composed on the server first, then the row is written, then the
// materialized copy is made. Publishing again what is published changes only
// the materialized copy. Errors are Problems.
func (e *Engine) PublishTemplate(ctx context.Context, spec TemplateSpec) (*TemplateVersion, error) {
	c, err := e.compile(ctx, spec)
	if err != nil {
		return nil, err
	}
	if err := e.proveAlone(ctx, c, spec); err != nil {
		return nil, err
	}
	doing := fmt.Sprintf("Publishing template `%s`", c.template.ID())
	j, err := e.openTemplate(ctx, c.template.Name, doing)
	if err != nil {
		return nil, err
	}
	err = e.writeTemplate(ctx, j.x, c)
	j.close()
	if err != nil {
		return nil, err
	}
	e.templates.forget()
	e.world.add(c.template)
	c.exists = true
	if err := e.materialize(ctx, c.template, spec.Materialize); err != nil {
		return nil, err
	}
	return e.describeTemplate(ctx, c, spec.Materialize)
}

// openTemplate opens a template for work.
func (e *Engine) openTemplate(ctx context.Context, name, doing string) (*job, error) {
	return e.open(ctx, goal{srv: e.main(), database: e.templateDatabase(name), lock: e.templateLock(name), doing: doing})
}

// writeTemplate writes the row of a version, and its rendering, in one
// transaction.
func (e *Engine) writeTemplate(ctx context.Context, x *mysql.Session, c *compiled) error {
	t := c.template
	checksum, err := e.registry.readTemplateChecksum(ctx, x, t.ID())
	switch {
	case err != nil:
		return fmt.Errorf("reading template `%s`: %w", t.ID(), err)
	case checksum == t.Checksum():
		return e.writeDescription(ctx, x, t)
	case checksum != "":
		return problem(FieldVersion, "Published template version cannot change",
			fmt.Sprintf("Template `%s` was published by another run with other content.", t.ID()), "Plan again.")
	}
	var fingerprint string
	var core ddl.Schema
	if c.rendered != nil {
		fingerprint, core = c.rendered.fingerprint.Whole, c.rendered.schema
	}
	return inTransaction(ctx, x, fmt.Sprintf("writing template `%s`", t.ID()), func(q mysql.Queryer) error {
		err := e.registry.insertTemplate(ctx, q, t, fingerprint, core)
		if err != nil || c.rendered == nil {
			return err
		}
		info, err := x.Info(ctx)
		if err != nil {
			return err
		}
		return e.registry.writeRendering(ctx, q, c.core.Digest, info.RenderKey(), c.rendered.fingerprint, c.rendered.schema)
	})
}

// writeDescription writes what may change of a published version, because no
// database depends on it.
func (e *Engine) writeDescription(ctx context.Context, x *mysql.Session, t *template.Template) error {
	if err := e.registry.describeTemplate(ctx, x, t); err != nil {
		return fmt.Errorf("writing template `%s`: %w", t.ID(), err)
	}
	return nil
}

// materialize makes, renews or removes the real database that shows the newest
// version of a template. It only ever drops a database that the landlord
// database names as its own.
func (e *Engine) materialize(ctx context.Context, t *template.Template, wanted bool) error {
	versions, err := e.publishedVersions(ctx, t.Name)
	if err != nil || len(versions) == 0 {
		return err
	}
	id := template.ID{Name: t.Name, Version: versions[len(versions)-1]}
	_, composition, err := e.coreOf(ctx, id)
	if err != nil {
		return err
	}
	name := e.templateDatabase(t.Name)
	doing := fmt.Sprintf("Materializing template `%s` as database `%s`", id, name)
	j, err := e.openTemplate(ctx, t.Name, doing)
	if err != nil {
		return err
	}
	defer j.close()
	owned, current, err := e.materialized(ctx, j.x, t.Name)
	if err != nil || (wanted && current == id.Version) || (!wanted && !owned) {
		return err
	}
	exists, err := mysql.ListDatabases(ctx, j.x, mysql.Databases{Names: []string{name}})
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if len(exists) > 0 && !owned {
		return problem(FieldName, "Database of the template exists already",
			fmt.Sprintf("Template `%s` is to be materialized as database `%s`, which exists and was not made by this provider.", t.Name, name),
			"Set `materialize = false`, choose another name, or remove that database.")
	}
	if !wanted {
		return e.dropMaterialized(ctx, j.x, t.Name, name)
	}
	defer j.discard() // statements of the template may have changed its settings
	return e.buildMaterialized(ctx, j.x, id, composition, name, doing)
}

// publishedVersions returns the versions of a template that are published.
func (e *Engine) publishedVersions(ctx context.Context, name string) ([]string, error) {
	list, err := e.templates.all(ctx)
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
func (e *Engine) coreOf(ctx context.Context, id template.ID) (*template.Lineage, *template.Composition, error) {
	t, err := e.find(ctx, id)
	if err != nil || t == nil {
		return nil, nil, errors.Join(err, fmt.Errorf("reading template `%s`: %w", id, ErrNotFound))
	}
	lineage, err := e.lineage(ctx, *t)
	if err != nil {
		return nil, nil, lineageProblem(err)
	}
	info, err := e.main().Info(ctx)
	if err != nil {
		return nil, nil, unreachable(e.main(), "composing a template", err)
	}
	core, err := e.compose(lineage, nil, e.guarding(info))
	return lineage, core, err
}

// unfinished stands before the name of a copy that is being made.
const unfinished = "?"

// materialized says whether the copy is ours, and which version it shows.
func (e *Engine) materialized(ctx context.Context, x *mysql.Session, name string) (owned bool, version string, err error) {
	copies, err := e.registry.readTemplateDatabases(ctx, x, name)
	if err != nil {
		return false, "", err
	}
	for v, database := range copies {
		if strings.TrimPrefix(database, unfinished) == e.templateDatabase(name) {
			owned = true
			if !strings.HasPrefix(database, unfinished) {
				version = v
			}
		}
	}
	return owned, version, nil
}

func (e *Engine) dropMaterialized(ctx context.Context, x *mysql.Session, of, name string) error {
	if _, err := x.Exec(ctx, "DROP DATABASE IF EXISTS "+mysql.Quote(name)); err != nil {
		return fmt.Errorf("dropping the materialized template `%s`: %w", name, err)
	}
	return e.registry.setTemplateDatabase(ctx, x, template.ID{Name: of}, "")
}

// buildMaterialized makes the copy anew. As long as it is not complete it is
// marked as a copy of no version in particular but as ours, so that a killed
// run can be repeated.
func (e *Engine) buildMaterialized(ctx context.Context, x *mysql.Session, id template.ID, c *template.Composition, name, doing string) error {
	for _, sql := range []string{
		"DROP DATABASE IF EXISTS " + mysql.Quote(name),
		"CREATE DATABASE " + mysql.Quote(name) + withTenantCharacters,
	} {
		if err := e.registry.setTemplateDatabase(ctx, x, id, unfinished+name); err != nil {
			return err
		}
		if _, err := x.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	if err := x.Use(ctx, name); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if err := x.CheckForeignKeys(ctx, !c.ForwardKeys); err != nil {
		return err
	}
	for i, st := range c.Statements {
		if st.Seed {
			if err := x.CheckForeignKeys(ctx, true); err != nil {
				return err
			}
		}
		if _, err := x.Exec(ctx, st.SQL); err != nil {
			return statementProblem(FieldNone, doing, &StatementError{Statement: st, Number: i + 1, Total: len(c.Statements), Err: err})
		}
	}
	return e.registry.setTemplateDatabase(ctx, x, id, name)
}

// Template returns a published template version; ErrNotFound when there is
// none of that ID.
func (e *Engine) Template(ctx context.Context, id string) (*TemplateVersion, error) {
	parsed, err := template.ParseID(id)
	if err != nil {
		return nil, ErrNotFound
	}
	list, err := e.templates.all(ctx)
	if err != nil {
		return nil, err
	}
	p, ok := list[parsed]
	if !ok {
		return nil, ErrNotFound
	}
	versions := []string{}
	v := &TemplateVersion{
		ID: id, Name: parsed.Name, Version: parsed.Version, Type: p.templateType, Checksum: p.checksum,
		SchemaFingerprint: p.fingerprint, Published: true,
	}
	for other, q := range list {
		if other.Name == parsed.Name {
			versions = append(versions, other.Version)
			if q.database != "" && !strings.HasPrefix(q.database, unfinished) {
				v.DatabaseName = q.database
			}
		}
	}
	template.SortVersions(versions)
	v.PublishedVersions = versions
	return v, e.describePublished(ctx, v, parsed)
}

// describePublished adds what the files and the rendering of a published
// version say, in the very form that planning it gave.
func (e *Engine) describePublished(ctx context.Context, v *TemplateVersion, id template.ID) error {
	lineage, core, err := e.coreOf(ctx, id)
	if err != nil {
		return err
	}
	v.Tables, v.Modules = tableNames(core), moduleNames(lineage)
	if v.SchemaFingerprint == "" {
		return nil
	}
	stored, err := e.storedSchema(ctx, v.SchemaFingerprint)
	if err != nil || stored == nil {
		return err
	}
	v.SchemaSnapshot, err = snapshotJSON(stored.Schema)
	return err
}

// snapshotJSON writes a schema for the attribute `schema_snapshot`.
func snapshotJSON(s ddl.Schema) (string, error) {
	raw, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("writing a schema: %w", err)
	}
	return string(raw), nil
}

// DeleteTemplate removes every version of a template and its materialized
// copy. It is refused while a tenant uses a version or another template
// extends one. ErrNotFound when there is none.
func (e *Engine) DeleteTemplate(ctx context.Context, name string) error {
	j, err := e.openTemplate(ctx, name, fmt.Sprintf("Deleting template `%s`", name))
	if err != nil {
		return err
	}
	defer j.close()
	x := j.x
	if err := e.checkUnused(ctx, x, name); err != nil {
		return err
	}
	owned, _, err := e.materialized(ctx, x, name)
	if mysql.IsNoSuchDatabase(err) || mysql.IsNoSuchTable(err) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	if owned {
		if err := e.dropMaterialized(ctx, x, name, e.templateDatabase(name)); err != nil {
			return err
		}
	}
	had, err := e.registry.deleteTemplate(ctx, x, name)
	if err != nil {
		return err
	}
	j.release() // what follows may wait for somebody who waits for a connection
	e.templates.forget()
	if !had {
		return ErrNotFound
	}
	return nil
}

// checkUnused refuses to delete what tenants or other templates rely on.
func (e *Engine) checkUnused(ctx context.Context, x *mysql.Session, name string) error {
	tenants, err := e.registry.readTenants(ctx, x)
	if err != nil {
		return err
	}
	var users []string
	for _, r := range tenants {
		if r.template == name {
			users = append(users, r.slug)
		}
	}
	slices.Sort(users)
	if len(users) > 0 {
		const most = 20
		list := quoted(users[:min(most, len(users))])
		if len(users) > most {
			list += fmt.Sprintf(" and %d more", len(users)-most)
		}
		return problem(FieldName, "Template is in use",
			fmt.Sprintf("Template `%s` cannot be deleted: it has %s: %s.", name, several(len(users), "tenant"), list),
			"Destroy or move these tenants first, or keep the template with a `removed` block (`destroy = false`). To give a template another name, "+
				"set `lifecycle { create_before_destroy = true }` in its resource: then the tenants move before the old one goes.")
	}
	children, err := e.registry.readTemplateChildren(ctx, x, name)
	if err != nil {
		return err
	}
	if len(children) > 0 {
		return problem(FieldName, "Template is in use",
			fmt.Sprintf("Template `%s` cannot be deleted: it is extended by %s.", name, quoted(children)), "Delete these templates first.")
	}
	return nil
}
