package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// TenantRow is a row of `tenants`, with the unfinished migration if there is
// one.
type TenantRow struct {
	ID                           uint64
	Slug, Name, Database, Server string
	Status                       landlord.Status
	Metadata                     map[string]string
	Template, Desired, Applied   string // name; versions
	Modules                      []string
	Composition                  string
	InitialSchema, CurrentSchema string
	Running                      string // digest of a migration that is running or was interrupted
	Last                         *landlord.LastMigration
	LockedOut                    []byte
	CreatedAt                    time.Time
}

// AppliedTemplate returns name@version of what is in force, or nothing.
func (r *TenantRow) AppliedTemplate() string {
	if r.Template == "" || r.Applied == "" {
		return ""
	}
	return r.Template + "@" + r.Applied
}

const tenantColumns = `id, slug, name, database_name, server, status, metadata, template, desired_version, applied_version,
 modules, composition, initial_schema, current_schema, running_digest, last_migration, locked_out, created_at`

func scanTenant(from scanner) (*TenantRow, error) {
	var r TenantRow
	var metadata, modules, last []byte
	var applied, composition, initial, current, running sql.NullString
	err := from.Scan(&r.ID, &r.Slug, &r.Name, &r.Database, &r.Server, &r.Status, &metadata, &r.Template, &r.Desired, &applied,
		&modules, &composition, &initial, &current, &running, &last, &r.LockedOut, &r.CreatedAt)
	if err != nil {
		return nil, err
	}
	r.Applied, r.Composition, r.InitialSchema, r.CurrentSchema = applied.String, composition.String, initial.String, current.String
	r.Running = running.String
	for _, field := range []struct {
		raw []byte
		to  any
	}{{metadata, &r.Metadata}, {modules, &r.Modules}, {last, &r.Last}} {
		if err := landlord.FromJSON(string(field.raw), field.to); err != nil {
			return nil, fmt.Errorf("reading the row of tenant `%s`: %w", r.Slug, err)
		}
	}
	return &r, nil
}

// ReadTenants reads all tenants. A landlord database that does not exist has
// none.
func (r *Store) ReadTenants(ctx context.Context, q mysql.Queryer) ([]*TenantRow, error) {
	return allRows(ctx, q, "the tenants", scanTenant, "SELECT "+tenantColumns+" FROM "+r.table("tenants"))
}

// ReadTenant reads one tenant; nil when there is none.
func (r *Store) ReadTenant(ctx context.Context, q mysql.Queryer, slug string) (*TenantRow, error) {
	t, err := scanTenant(q.Row(ctx, "SELECT "+tenantColumns+" FROM "+r.table("tenants")+" WHERE slug = ?", slug))
	switch {
	case errors.Is(err, sql.ErrNoRows), nothing(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading tenant `%s`: %w", slug, err)
	}
	return t, nil
}

// ReadTenantsOf reads tenants by their slugs; those that are not registered are
// missing.
func (r *Store) ReadTenantsOf(ctx context.Context, q mysql.Queryer, slugs []string) (map[string]*TenantRow, error) {
	rows, err := allRows(ctx, q, "the tenants", scanTenant, "SELECT "+tenantColumns+" FROM "+r.table("tenants")+" WHERE slug IN ("+landlord.Placeholders(len(slugs), "?")+")", anyOf(slugs)...)
	if err != nil {
		return nil, err
	}
	out := make(map[string]*TenantRow, len(rows))
	for _, row := range rows {
		out[row.Slug] = row
	}
	return out, nil
}

// InsertTenant registers a tenant that is about to be created and returns its
// id. The error is mysql.IsDuplicateKey when another one has the slug or the
// database.
func (r *Store) InsertTenant(ctx context.Context, q mysql.Queryer, t *TenantRow) (uint64, error) {
	res, err := r.insertTenants(ctx, q, t)
	return uint64(res.LastInsertID), err //nolint:gosec // ids are positive
}

// InsertTenants is InsertTenant for several, and gives each its id. A server of a
// cluster leaves gaps between the ids of one statement, so they are read.
func (r *Store) InsertTenants(ctx context.Context, q mysql.Queryer, all []*TenantRow) error {
	if _, err := r.insertTenants(ctx, q, all...); err != nil {
		return err
	}
	slugs := make([]string, len(all))
	for i, t := range all {
		slugs[i] = t.Slug
	}
	rows, err := r.ReadTenantsOf(ctx, q, slugs)
	if err != nil {
		return err
	}
	for _, t := range all {
		if rows[t.Slug] == nil {
			return fmt.Errorf("recording tenant `%s`: its row is gone", t.Slug)
		}
		t.ID = rows[t.Slug].ID
	}
	return nil
}

func (r *Store) insertTenants(ctx context.Context, q mysql.Queryer, all ...*TenantRow) (mysql.Result, error) {
	var args []any
	for _, t := range all {
		metadata, modules, err := tenantJSON(t.Metadata, t.Modules)
		if err != nil {
			return mysql.Result{}, err
		}
		args = append(args, t.Slug, t.Name, t.Database, t.Server, metadata, t.Template, t.Desired, modules, t.Running)
	}
	return q.Exec(ctx, "INSERT INTO "+r.table("tenants")+
		" (slug, name, database_name, server, status, metadata, template, desired_version, modules, running_digest) VALUES "+
		landlord.Placeholders(len(all), "(?,?,?,?,'creating',?,?,?,?,?)"), args...)
}

// RecreateTenant marks a registered tenant as one that is about to be created
// again, from its name, metadata, template, desired version, modules and
// running digest.
func (r *Store) RecreateTenant(ctx context.Context, q mysql.Queryer, t *TenantRow) error {
	metadata, modules, err := tenantJSON(t.Metadata, t.Modules)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET name=?, status='creating', metadata=?, template=?, desired_version=?,"+
		" applied_version=NULL, modules=?, running_digest=? WHERE id=?",
		t.Name, metadata, t.Template, t.Desired, modules, t.Running, t.ID)
	return err
}

// InsertAdopted registers a database that exists: the fingerprint of its schema
// is where the tenant begins.
func (r *Store) InsertAdopted(ctx context.Context, q mysql.Queryer, t *TenantRow, fingerprint string) error {
	metadata, err := landlord.ToJSON(t.Metadata)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "INSERT INTO "+r.table("tenants")+
		" (slug, name, database_name, server, status, metadata, initial_schema, current_schema) VALUES (?,?,?,?,'active',?,?,?)",
		t.Slug, t.Name, t.Database, t.Server, metadata, fingerprint, fingerprint)
	return err
}

// CreatedTenant is what is recorded of a tenant when its creation is complete.
type CreatedTenant struct {
	Status      landlord.Status
	Version     string // of the template
	Composition string // digest
	Fingerprint string // of the schema
	Last        landlord.LastMigration
}

// FinishTenant records that the creation of a tenant is complete.
func (r *Store) FinishTenant(ctx context.Context, q mysql.Queryer, id uint64, t CreatedTenant) error {
	return r.FinishTenants(ctx, q, []uint64{id}, t)
}

// FinishTenants is FinishTenant for several of which the same is true.
func (r *Store) FinishTenants(ctx context.Context, q mysql.Queryer, ids []uint64, t CreatedTenant) error {
	last, err := landlord.ToJSON(t.Last)
	if err != nil {
		return err
	}
	args := append([]any{t.Status, t.Version, t.Composition, t.Fingerprint, t.Fingerprint, last}, anyOf(ids)...)
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET status=?, applied_version=?, composition=?, initial_schema=?, current_schema=?,"+
		" running_digest=NULL, last_migration=? WHERE id IN ("+landlord.Placeholders(len(ids), "?")+")", args...)
	return err
}

// TenantChange is what an update makes of a tenant's row. What is empty stays
// as it is.
type TenantChange struct {
	Name     string
	Metadata map[string]string
	Desired  string          // version that is wanted
	Applied  *AppliedVersion // what is in force now; closes the running migration
	Current  string          // fingerprint of the recorded schema
	Last     *landlord.LastMigration
}

// AppliedVersion is the template that a tenant has.
type AppliedVersion struct {
	Template, Version string
	Modules           []string
	Composition       string // digest
}

// UpdateTenant writes the result of an update. Name and metadata are written
// always.
func (r *Store) UpdateTenant(ctx context.Context, q mysql.Queryer, id uint64, c TenantChange) error {
	metadata, err := landlord.ToJSON(c.Metadata)
	if err != nil {
		return err
	}
	set, args, err := c.advance()
	if err != nil {
		return err
	}
	args = append(append([]any{c.Name, metadata}, args...), id)
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET name=?, metadata=?"+set+" WHERE id=?", args...)
	return err
}

// AdvanceTenants writes what a migration has made of tenants for which it is the
// same. Their names and metadata stay.
func (r *Store) AdvanceTenants(ctx context.Context, q mysql.Queryer, ids []uint64, c TenantChange) error {
	set, args, err := c.advance()
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET "+strings.TrimPrefix(set, ", ")+" WHERE id IN ("+landlord.Placeholders(len(ids), "?")+")", append(args, anyOf(ids)...)...)
	return err
}

// advance returns what a change sets but for name and metadata; each part begins
// with a comma.
func (c *TenantChange) advance() (set string, args []any, err error) {
	if a := c.Applied; a != nil {
		modules, err := landlord.ToJSON(a.Modules)
		if err != nil {
			return "", nil, err
		}
		set += ", template=?, desired_version=?, applied_version=?, modules=?, composition=?, running_digest=NULL"
		args = append(args, a.Template, a.Version, a.Version, modules, a.Composition)
	} else if c.Desired != "" {
		set, args = set+", desired_version=?", append(args, c.Desired)
	}
	if c.Current != "" {
		set, args = set+", current_schema=?", append(args, c.Current)
	}
	if c.Last != nil {
		last, err := landlord.ToJSON(c.Last)
		if err != nil {
			return "", nil, err
		}
		set, args = set+", last_migration=?", append(args, last)
	}
	return set, args, nil
}

// RevertTenant records that a tenant is what a checkpoint knew of it, from its
// template, desired and applied version, modules, composition, current schema
// and last migration.
func (r *Store) RevertTenant(ctx context.Context, q mysql.Queryer, t *TenantRow) error {
	modules, err := landlord.ToJSON(t.Modules)
	if err != nil {
		return err
	}
	last, err := landlord.ToJSON(t.Last)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET template=?, desired_version=?, applied_version=?, modules=?, composition=?, current_schema=?,"+
		" running_digest=NULL, last_migration=? WHERE id=?",
		t.Template, t.Desired, landlord.Nullable(t.Applied), modules, landlord.Nullable(t.Composition), landlord.Nullable(t.CurrentSchema), last, t.ID)
	return err
}

// RenameTenant writes the name and the metadata of a tenant.
func (r *Store) RenameTenant(ctx context.Context, q mysql.Queryer, slug, name string, metadata map[string]string) error {
	text, err := landlord.ToJSON(metadata)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET name=?, metadata=? WHERE slug=?", name, text, slug)
	return err
}

// SetTenantStatus writes the status of a tenant.
func (r *Store) SetTenantStatus(ctx context.Context, q mysql.Queryer, id uint64, status landlord.Status) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET status=? WHERE id=?", status, id)
	return err
}

// MarkDropping records that a tenant is being dropped, and says whether it is: not
// when it is gone, or has another slug by now because somebody has claimed it.
// Whoever claims one takes none that is being dropped.
func (r *Store) MarkDropping(ctx context.Context, q mysql.Queryer, id uint64, slug string) (bool, error) {
	res, err := q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET status=? WHERE id=? AND slug=?", landlord.StatusDropping, id, slug)
	if err != nil || res.RowsAffected > 0 {
		return err == nil, err
	}
	var ours bool // it was marked before
	err = q.Row(ctx, "SELECT EXISTS (SELECT 1 FROM "+r.table("tenants")+" WHERE id = ? AND slug = ? AND status = ?)", id, slug, landlord.StatusDropping).Scan(&ours)
	return ours, err
}

// SetTenantSchema writes the fingerprint of the recorded schema of a tenant.
func (r *Store) SetTenantSchema(ctx context.Context, q mysql.Queryer, id uint64, fingerprint string) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET current_schema=? WHERE id=?", fingerprint, id)
	return err
}

// SetTenantRunning writes the digest of the migration that is about to run, none
// when the one that was running is given up.
func (r *Store) SetTenantRunning(ctx context.Context, q mysql.Queryer, id uint64, digest string) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET running_digest=? WHERE id=?", landlord.Nullable(digest), id)
	return err
}

// SetTenantUpdating writes the digest of an update that is about to run, and the
// version of the template that it leads to.
func (r *Store) SetTenantUpdating(ctx context.Context, q mysql.Queryer, id uint64, digest, version string) error {
	return r.SetTenantsUpdating(ctx, q, []uint64{id}, digest, version)
}

// SetTenantsUpdating is SetTenantUpdating for several that get the same; an empty
// digest says that nothing runs in them.
func (r *Store) SetTenantsUpdating(ctx context.Context, q mysql.Queryer, ids []uint64, digest, version string) error {
	args := append([]any{landlord.Nullable(digest), version}, anyOf(ids)...)
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET running_digest=?, desired_version=? WHERE id IN ("+landlord.Placeholders(len(ids), "?")+")", args...)
	return err
}

// SetTenantLockedOut writes the privileges that are taken from accounts; none
// when they have them back.
func (r *Store) SetTenantLockedOut(ctx context.Context, q mysql.Queryer, id uint64, grants []privilege.DatabaseGrant) error {
	text, err := landlord.ToJSON(grants)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET locked_out=? WHERE id=?", text, id)
	return err
}

// DeleteTenant removes the row of a tenant.
func (r *Store) DeleteTenant(ctx context.Context, q mysql.Queryer, id uint64) error {
	if err := r.WriteStanding(ctx, q, id, Standing{}); err != nil {
		return err
	}
	if err := r.DeleteSamples(ctx, q, id); err != nil {
		return err
	}
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("tenants")+" WHERE id=?", id)
	return err
}

// tenantJSON writes metadata and modules for their columns.
func tenantJSON(metadata map[string]string, modules []string) (any, any, error) {
	m, err := landlord.ToJSON(metadata)
	if err != nil {
		return nil, nil, err
	}
	list, err := landlord.ToJSON(modules)
	return m, list, err
}
