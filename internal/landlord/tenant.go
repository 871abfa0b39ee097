package landlord

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// Tenant returns a tenant as the estate read has seen it. A database with the
// name that the slug would get, but without a registry row, comes back with
// Registered false: it can be adopted. ErrNotFound when there is neither.
func (e *Engine) Tenant(ctx context.Context, slug string) (*Tenant, error) {
	row, err := e.estate.row(ctx, slug)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return e.unregistered(ctx, slug)
	}
	return e.describeTenant(ctx, row)
}

// unregistered looks for a database that the landlord does not know, on the main
// server first and then on the others.
func (e *Engine) unregistered(ctx context.Context, slug string) (*Tenant, error) {
	name, err := e.databaseName(slug)
	if err != nil {
		return nil, err
	}
	var failed error // of a server that does not say what it has
	for _, key := range slices.Sorted(maps.Keys(e.servers)) {
		found, err := e.unregisteredOn(ctx, key, slug, name)
		if found != nil {
			return found, nil
		}
		failed = cmp.Or(failed, err)
	}
	return nil, cmp.Or(failed, ErrNotFound)
}

// unregisteredOn looks on one server; nil when there is no such database.
func (e *Engine) unregisteredOn(ctx context.Context, key, slug, name string) (*Tenant, error) {
	owner, err := e.estate.owner(ctx, key, name)
	if err != nil || owner != "" {
		return nil, err
	}
	live, err := e.estate.fingerprint(ctx, key, name)
	if err != nil || live == nil {
		return nil, err
	}
	if own, err := e.ownDatabases(ctx, key); err != nil || own[name] {
		return nil, err
	}
	return stray(key, slug, name, live), nil
}

// stray is a database that could become a tenant.
func stray(server, slug, name string, live *ddl.Fingerprint) *Tenant {
	return &Tenant{
		Slug: slug, Name: slug, DatabaseName: name, Server: server, Status: StatusActive, UpdateStatus: UpdateCurrent,
		SchemaFingerprint: live.Whole, Drift: []Difference{},
	}
}

// describeTenant joins a registry row with what its server has.
func (e *Engine) describeTenant(ctx context.Context, row *tenantRow) (*Tenant, error) {
	t, live, err := e.standing(ctx, row)
	if err != nil || live == nil || t.UpdateStatus == UpdateInterrupted || row.currentSchema == "" || row.currentSchema == live.Whole {
		return t, err
	}
	t.Drift, err = e.drift(ctx, row, live)
	return t, err
}

// standing joins a registry row with the fingerprint of its database, nil when
// there is none.
func (e *Engine) standing(ctx context.Context, row *tenantRow) (*Tenant, *ddl.Fingerprint, error) {
	live, err := e.estate.fingerprint(ctx, row.server, row.database)
	if err != nil {
		return nil, nil, err
	}
	t := &Tenant{
		Slug: row.slug, Name: row.name, DatabaseName: row.database, Server: row.server, Status: row.status,
		Metadata: row.metadata, Template: row.appliedTemplate(), Modules: row.modules, UpdateStatus: UpdateCurrent,
		BaseFingerprint: row.currentSchema, Drift: []Difference{}, LastMigration: row.last, CreatedAt: row.createdAt,
		Registered: true, DatabaseMissing: live == nil,
	}
	if row.running != "" || row.status == StatusCreating || row.status == StatusDropping {
		t.UpdateStatus = UpdateInterrupted
	}
	if live != nil {
		t.SchemaFingerprint = live.Whole
	}
	return t, live, nil
}

// TenantFilter chooses tenants.
type TenantFilter struct {
	Template     string // name or name@version; empty for all
	Status       Status // empty for all
	Unregistered bool   // also databases with the prefix that the landlord does not know
	WithoutDrift bool   // do not read what differs, which takes a few statements for each tenant that does
}

// Tenants returns the tenants that a filter chooses, by slug.
func (e *Engine) Tenants(ctx context.Context, filter TenantFilter) ([]Tenant, error) {
	rows, err := e.estate.all(ctx)
	if err != nil {
		return nil, err
	}
	out := []Tenant{}
	for _, row := range rows {
		applied := row.appliedTemplate()
		if filter.Template != "" && filter.Template != row.template && filter.Template != applied {
			continue
		}
		if filter.Status != "" && filter.Status != row.status {
			continue
		}
		describe := e.describeTenant
		if filter.WithoutDrift {
			describe = func(ctx context.Context, row *tenantRow) (*Tenant, error) {
				t, _, err := e.standing(ctx, row)
				return t, err
			}
		}
		t, err := describe(ctx, row)
		if err != nil {
			return nil, err
		}
		out = append(out, *t)
	}
	if filter.Unregistered {
		strays, err := e.strays(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, strays...)
	}
	slices.SortFunc(out, func(a, b Tenant) int { return strings.Compare(a.Slug, b.Slug) })
	return out, nil
}

// strays returns the databases that look like tenants but have no row.
func (e *Engine) strays(ctx context.Context) ([]Tenant, error) {
	var out []Tenant
	for _, key := range slices.Sorted(maps.Keys(e.servers)) {
		found, err := e.straysOn(ctx, key)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func (e *Engine) straysOn(ctx context.Context, server string) ([]Tenant, error) {
	known, err := e.estate.databasesOf(ctx, server)
	if err != nil {
		return nil, err
	}
	own, err := e.ownDatabases(ctx, server)
	if err != nil {
		return nil, err
	}
	var out []Tenant
	for name, live := range known {
		slug := strings.TrimPrefix(name, e.cfg.Prefix)
		if owner, err := e.estate.owner(ctx, server, name); err != nil || owner != "" || live == nil || own[name] {
			continue
		}
		if _, err := e.databaseName(slug); err != nil {
			continue
		}
		out = append(out, *stray(server, slug, name, live))
	}
	return out, nil
}
