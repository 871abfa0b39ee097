package registry

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// Published is a row of `tenant_templates` without its large columns.
type Published struct {
	id                              template.ID
	TemplateType, parent            string
	Checksum, Fingerprint, Database string
}

// ReadTemplates reads the published versions of all templates. A landlord
// database that does not exist has none.
func (r *Store) ReadTemplates(ctx context.Context, q mysql.Queryer) (map[template.ID]Published, error) {
	list := map[template.ID]Published{}
	rows, err := q.Query(ctx, "SELECT name, version, template_type, parent, checksum, schema_fingerprint, database_name FROM "+r.table("tenant_templates"))
	if nothing(err) {
		return list, nil
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p Published
		var parent, fingerprint, database sql.NullString
		if err := rows.Scan(&p.id.Name, &p.id.Version, &p.TemplateType, &parent, &p.Checksum, &fingerprint, &database); err != nil {
			return nil, err
		}
		p.parent, p.Fingerprint, p.Database = parent.String, fingerprint.String, database.String
		list[p.id] = p
	}
	return list, rows.Err()
}

// ListTemplates returns the published versions of all templates without their
// files, by name, the newest version first.
func (r *Store) ListTemplates(ctx context.Context, q mysql.Queryer) ([]landlord.TemplateVersion, error) {
	list, err := allRows(ctx, q, "the templates", func(from scanner) (landlord.TemplateVersion, error) {
		v := landlord.TemplateVersion{Published: true}
		err := from.Scan(&v.Name, &v.Version, &v.Type, &v.Description, &v.Extends, &v.Checksum, &v.SchemaFingerprint, &v.DatabaseName, &v.PublishedAt)
		v.ID, v.PublishedAt = template.ID{Name: v.Name, Version: v.Version}.String(), v.PublishedAt.UTC()
		return v, err
	}, "SELECT name, version, template_type, COALESCE(description, ''), COALESCE(parent, ''), checksum, COALESCE(schema_fingerprint, ''), COALESCE(database_name, ''),"+
		" created_at FROM "+r.table("tenant_templates"))
	slices.SortFunc(list, func(a, b landlord.TemplateVersion) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), -template.CompareVersions(a.Version, b.Version))
	})
	return list, err
}

// ReadTemplate reads a published version with its files; nil when there is none.
func (r *Store) ReadTemplate(ctx context.Context, q mysql.Queryer, id template.ID) (*template.Template, error) {
	var sources string
	err := q.Row(ctx, "SELECT sources FROM "+r.table("tenant_templates")+" WHERE name = ? AND version = ?", id.Name, id.Version).Scan(&sources)
	if errors.Is(err, sql.ErrNoRows) || nothing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var t template.Template
	if err := landlord.FromJSON(sources, &t); err != nil {
		return nil, err
	}
	return &t, nil
}

// ReadTemplateChecksum returns the checksum of a published version, empty when
// there is none.
func (r *Store) ReadTemplateChecksum(ctx context.Context, q mysql.Queryer, id template.ID) (string, error) {
	var checksum string
	err := q.Row(ctx, "SELECT checksum FROM "+r.table("tenant_templates")+" WHERE name = ? AND version = ?", id.Name, id.Version).Scan(&checksum)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return checksum, err
}

// InsertTemplate publishes a version. The schema and its fingerprint are of the
// core on the main server; without a fingerprint there is none.
func (r *Store) InsertTemplate(ctx context.Context, q mysql.Queryer, t *template.Template, fingerprint string, core ddl.Schema) error {
	sources, err := landlord.ToJSON(t)
	if err != nil {
		return err
	}
	var snapshot any
	if fingerprint != "" {
		if snapshot, err = landlord.ToJSON(core); err != nil {
			return err
		}
	}
	_, err = q.Exec(ctx, "INSERT INTO "+r.table("tenant_templates")+
		" (name, version, template_type, description, parent, sources, schema_snapshot, schema_fingerprint, checksum) VALUES (?,?,?,?,?,?,?,?,?)",
		t.Name, t.Version, t.Type, landlord.Nullable(t.Description), landlord.Nullable(t.Extends), sources, snapshot, landlord.Nullable(fingerprint), t.Checksum())
	return err
}

// DescribeTemplate writes what may change of a published version, because no
// database depends on it.
func (r *Store) DescribeTemplate(ctx context.Context, q mysql.Queryer, t *template.Template) error {
	sources, err := landlord.ToJSON(t)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenant_templates")+" SET template_type=?, description=?, sources=? WHERE name=? AND version=?",
		t.Type, landlord.Nullable(t.Description), sources, t.Name, t.Version)
	return err
}

// ReadTemplateDatabases returns the materialized copies of a template, by
// version.
func (r *Store) ReadTemplateDatabases(ctx context.Context, q mysql.Queryer, name string) (map[string]string, error) {
	rows, err := q.Query(ctx, "SELECT version, database_name FROM "+r.table("tenant_templates")+" WHERE name = ?", name)
	if err != nil {
		return nil, fmt.Errorf("reading template `%s`: %w", name, err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var version string
		var database sql.NullString
		if err := rows.Scan(&version, &database); err != nil {
			return nil, err
		}
		if database.Valid {
			out[version] = database.String
		}
	}
	return out, rows.Err()
}

// SetTemplateDatabase writes which version the materialized copy of a template
// shows; without a database there is no copy.
func (r *Store) SetTemplateDatabase(ctx context.Context, q mysql.Queryer, id template.ID, database string) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_templates")+" SET database_name = IF(version = ?, ?, NULL) WHERE name = ?", id.Version, landlord.Nullable(database), id.Name)
	if err != nil {
		return fmt.Errorf("marking the materialized copy of template `%s`: %w", id.Name, err)
	}
	return nil
}

// ReadTemplateChildren returns which versions of other templates extend a
// template.
func (r *Store) ReadTemplateChildren(ctx context.Context, q mysql.Queryer, name string) ([]string, error) {
	rows, err := q.Query(ctx, "SELECT name, version FROM "+r.table("tenant_templates")+
		" WHERE SUBSTRING_INDEX(parent, '@', 1) = ? AND name <> ? ORDER BY name, id", name, name)
	if nothing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what extends template `%s`: %w", name, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id template.ID
		if err := rows.Scan(&id.Name, &id.Version); err != nil {
			return nil, err
		}
		out = append(out, id.String())
	}
	return out, rows.Err()
}

// DeleteTemplate removes all versions of a template and says whether there were
// any.
func (r *Store) DeleteTemplate(ctx context.Context, q mysql.Queryer, name string) (bool, error) {
	res, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_templates")+" WHERE name = ?", name)
	if err != nil {
		return false, fmt.Errorf("deleting template `%s`: %w", name, err)
	}
	return res.RowsAffected > 0, nil
}
