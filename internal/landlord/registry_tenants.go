package landlord

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// tenantRow is a row of `tenants`, with the unfinished migration if there is
// one.
type tenantRow struct {
	id                           uint64
	slug, name, database, server string
	status                       Status
	metadata                     map[string]string
	template, desired, applied   string // name; versions
	modules                      []string
	composition                  string
	initialSchema, currentSchema string
	running                      string // digest of a migration that is running or was interrupted
	last                         *LastMigration
	lockedOut                    []byte
	createdAt                    time.Time
}

// appliedTemplate returns name@version of what is in force, or nothing.
func (r *tenantRow) appliedTemplate() string {
	if r.template == "" || r.applied == "" {
		return ""
	}
	return r.template + "@" + r.applied
}

const tenantColumns = `id, slug, name, database_name, server, status, metadata, template, desired_version, applied_version,
 modules, composition, initial_schema, current_schema, running_digest, last_migration, locked_out, created_at`

func scanTenant(from scanner) (*tenantRow, error) {
	var r tenantRow
	var metadata, modules, last []byte
	var applied, composition, initial, current, running sql.NullString
	err := from.Scan(&r.id, &r.slug, &r.name, &r.database, &r.server, &r.status, &metadata, &r.template, &r.desired, &applied,
		&modules, &composition, &initial, &current, &running, &last, &r.lockedOut, &r.createdAt)
	if err != nil {
		return nil, err
	}
	r.applied, r.composition, r.initialSchema, r.currentSchema = applied.String, composition.String, initial.String, current.String
	r.running = running.String
	for _, field := range []struct {
		raw []byte
		to  any
	}{{metadata, &r.metadata}, {modules, &r.modules}, {last, &r.last}} {
		if err := fromJSON(string(field.raw), field.to); err != nil {
			return nil, fmt.Errorf("reading the row of tenant `%s`: %w", r.slug, err)
		}
	}
	return &r, nil
}

// readTenants reads all tenants. A landlord database that does not exist has
// none.
func (r *registry) readTenants(ctx context.Context, q mysql.Queryer) ([]*tenantRow, error) {
	rows, err := q.Query(ctx, "SELECT "+tenantColumns+" FROM "+r.table("tenants"))
	if nothing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the tenants: %w", err)
	}
	defer rows.Close()
	var out []*tenantRow
	for rows.Next() {
		t, err := scanTenant(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// readTenant reads one tenant; nil when there is none.
func (r *registry) readTenant(ctx context.Context, q mysql.Queryer, slug string) (*tenantRow, error) {
	t, err := scanTenant(q.Row(ctx, "SELECT "+tenantColumns+" FROM "+r.table("tenants")+" WHERE slug = ?", slug))
	switch {
	case errors.Is(err, sql.ErrNoRows), nothing(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading tenant `%s`: %w", slug, err)
	}
	return t, nil
}

// insertTenant registers a tenant that is about to be created and returns its
// id. The error is mysql.IsDuplicateKey when another one has the slug or the
// database.
func (r *registry) insertTenant(ctx context.Context, q mysql.Queryer, t *tenantRow) (uint64, error) {
	metadata, modules, err := tenantJSON(t.metadata, t.modules)
	if err != nil {
		return 0, err
	}
	res, err := q.Exec(ctx, "INSERT INTO "+r.table("tenants")+
		" (slug, name, database_name, server, status, metadata, template, desired_version, modules, running_digest) VALUES (?,?,?,?,'creating',?,?,?,?,?)",
		t.slug, t.name, t.database, t.server, metadata, t.template, t.desired, modules, t.running)
	if err != nil {
		return 0, err
	}
	return uint64(res.LastInsertID), nil //nolint:gosec // ids are positive
}

// recreateTenant marks a registered tenant as one that is about to be created
// again, from its name, metadata, template, desired version, modules and
// running digest.
func (r *registry) recreateTenant(ctx context.Context, q mysql.Queryer, t *tenantRow) error {
	metadata, modules, err := tenantJSON(t.metadata, t.modules)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET name=?, status='creating', metadata=?, template=?, desired_version=?,"+
		" applied_version=NULL, modules=?, running_digest=? WHERE id=?",
		t.name, metadata, t.template, t.desired, modules, t.running, t.id)
	return err
}

// insertAdopted registers a database that exists: the fingerprint of its schema
// is where the tenant begins.
func (r *registry) insertAdopted(ctx context.Context, q mysql.Queryer, t *tenantRow, fingerprint string) error {
	metadata, err := toJSON(t.metadata)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "INSERT INTO "+r.table("tenants")+
		" (slug, name, database_name, server, status, metadata, initial_schema, current_schema) VALUES (?,?,?,?,'active',?,?,?)",
		t.slug, t.name, t.database, t.server, metadata, fingerprint, fingerprint)
	return err
}

// createdTenant is what is recorded of a tenant when its creation is complete.
type createdTenant struct {
	status      Status
	version     string // of the template
	composition string // digest
	fingerprint string // of the schema
	last        LastMigration
}

// finishTenant records that the creation of a tenant is complete.
func (r *registry) finishTenant(ctx context.Context, q mysql.Queryer, id uint64, t createdTenant) error {
	last, err := toJSON(t.last)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET status=?, applied_version=?, composition=?, initial_schema=?, current_schema=?,"+
		" running_digest=NULL, last_migration=? WHERE id=?",
		t.status, t.version, t.composition, t.fingerprint, t.fingerprint, last, id)
	return err
}

// tenantChange is what an update makes of a tenant's row. What is empty stays
// as it is.
type tenantChange struct {
	name     string
	metadata map[string]string
	desired  string          // version that is wanted
	applied  *appliedVersion // what is in force now; closes the running migration
	current  string          // fingerprint of the recorded schema
	last     *LastMigration
}

// appliedVersion is the template that a tenant has.
type appliedVersion struct {
	template, version string
	modules           []string
	composition       string // digest
}

// updateTenant writes the result of an update. Name and metadata are written
// always.
func (r *registry) updateTenant(ctx context.Context, q mysql.Queryer, id uint64, c tenantChange) error {
	metadata, err := toJSON(c.metadata)
	if err != nil {
		return err
	}
	set, args := "name=?, metadata=?", []any{c.name, metadata}
	if a := c.applied; a != nil {
		modules, err := toJSON(a.modules)
		if err != nil {
			return err
		}
		set += ", template=?, desired_version=?, applied_version=?, modules=?, composition=?, running_digest=NULL"
		args = append(args, a.template, a.version, a.version, modules, a.composition)
	} else if c.desired != "" {
		set, args = set+", desired_version=?", append(args, c.desired)
	}
	if c.current != "" {
		set, args = set+", current_schema=?", append(args, c.current)
	}
	if c.last != nil {
		last, err := toJSON(c.last)
		if err != nil {
			return err
		}
		set, args = set+", last_migration=?", append(args, last)
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET "+set+" WHERE id=?", append(args, id)...)
	return err
}

// revertTenant records that a tenant is what a checkpoint knew of it, from its
// template, desired and applied version, modules, composition, current schema
// and last migration.
func (r *registry) revertTenant(ctx context.Context, q mysql.Queryer, t *tenantRow) error {
	modules, err := toJSON(t.modules)
	if err != nil {
		return err
	}
	last, err := toJSON(t.last)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET template=?, desired_version=?, applied_version=?, modules=?, composition=?, current_schema=?,"+
		" running_digest=NULL, last_migration=? WHERE id=?",
		t.template, t.desired, nullable(t.applied), modules, nullable(t.composition), nullable(t.currentSchema), last, t.id)
	return err
}

// renameTenant writes the name and the metadata of a tenant.
func (r *registry) renameTenant(ctx context.Context, q mysql.Queryer, slug, name string, metadata map[string]string) error {
	text, err := toJSON(metadata)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET name=?, metadata=? WHERE slug=?", name, text, slug)
	return err
}

// setTenantStatus writes the status of a tenant.
func (r *registry) setTenantStatus(ctx context.Context, q mysql.Queryer, id uint64, status Status) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET status=? WHERE id=?", status, id)
	return err
}

// setTenantSchema writes the fingerprint of the recorded schema of a tenant.
func (r *registry) setTenantSchema(ctx context.Context, q mysql.Queryer, id uint64, fingerprint string) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET current_schema=? WHERE id=?", fingerprint, id)
	return err
}

// setTenantRunning writes the digest of the migration that is about to run, none
// when the one that was running is given up.
func (r *registry) setTenantRunning(ctx context.Context, q mysql.Queryer, id uint64, digest string) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET running_digest=? WHERE id=?", nullable(digest), id)
	return err
}

// setTenantUpdating writes the digest of an update that is about to run, and the
// version of the template that it leads to.
func (r *registry) setTenantUpdating(ctx context.Context, q mysql.Queryer, id uint64, digest, version string) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET running_digest=?, desired_version=? WHERE id=?", digest, version, id)
	return err
}

// setTenantLockedOut writes the privileges that are taken from accounts; none
// when they have them back.
func (r *registry) setTenantLockedOut(ctx context.Context, q mysql.Queryer, id uint64, grants []mysql.DatabaseGrant) error {
	text, err := toJSON(grants)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET locked_out=? WHERE id=?", text, id)
	return err
}

// deleteTenant removes the row of a tenant.
func (r *registry) deleteTenant(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("tenants")+" WHERE id=?", id)
	return err
}

// tenantJSON writes metadata and modules for their columns.
func tenantJSON(metadata map[string]string, modules []string) (any, any, error) {
	m, err := toJSON(metadata)
	if err != nil {
		return nil, nil, err
	}
	list, err := toJSON(modules)
	return m, list, err
}
