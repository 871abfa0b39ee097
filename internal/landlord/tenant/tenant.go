package tenant

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Tenant returns a tenant as the estate read has seen it. A database with the
// name that the slug would get, but without a registry row, comes back with
// Registered false: it can be adopted. ErrNotFound when there is neither.
func (t *Tenants) Tenant(ctx context.Context, slug string) (*landlord.Tenant, error) {
	row, err := t.Estate.Snapshot.Row(ctx, slug)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return t.unregistered(ctx, slug, landlord.Whereabouts{})
	}
	return t.describeTenant(ctx, row)
}

// StandingTenant is Tenant with the status of a tenant that stays behind its template,
// as the last apply has recorded it: Tenant leaves that to Terraform's state, which
// knows it from a plan.
func (t *Tenants) StandingTenant(ctx context.Context, slug string) (*landlord.Tenant, error) {
	out, err := t.Tenant(ctx, slug)
	if err != nil || !out.Registered {
		return out, err
	}
	row, err := t.Estate.Snapshot.Row(ctx, slug)
	if err != nil || row == nil {
		return out, err
	}
	behind, err := t.Registry.ReadStandings(ctx, t.Servers.Main())
	if err != nil {
		return nil, registry.Unreachable(t.Servers.Main(), "reading where a tenant stands", err)
	}
	stands(out, behind[row.ID])
	return out, nil
}

// stands gives a tenant the status that an apply has recorded of it.
func stands(t *landlord.Tenant, s registry.Standing) {
	if s.Status != "" && t.UpdateStatus == landlord.UpdateCurrent {
		t.UpdateStatus, t.Wanted = s.Status, s.Wanted
	}
}

// unregistered looks for a database that the landlord does not know, on the server
// that is given, else on the main server first and then on the others.
func (t *Tenants) unregistered(ctx context.Context, slug string, at landlord.Whereabouts) (*landlord.Tenant, error) {
	name, err := t.Servers.DatabaseOf(slug, at.Database)
	if err != nil {
		return nil, err
	}
	var failed error // of a server that does not say what it has
	for _, key := range slices.Sorted(maps.Keys(t.Servers.All)) {
		if at.Server != "" && key != at.Server {
			continue
		}
		found, err := t.unregisteredOn(ctx, key, slug, name)
		if found != nil {
			return found, nil
		}
		failed = cmp.Or(failed, err)
	}
	return nil, cmp.Or(failed, landlord.ErrNotFound)
}

// Stray returns the database of a tenant that the landlord database does not
// know, as it could be adopted; nil when there is none. Errors are Problems.
func (t *Tenants) Stray(ctx context.Context, slug string, at landlord.Whereabouts) (*landlord.Tenant, error) {
	found, err := t.unregistered(ctx, slug, at)
	if errors.Is(err, landlord.ErrNotFound) {
		return nil, nil
	}
	return found, err
}

// unregisteredOn looks on one server; nil when there is no such database.
func (t *Tenants) unregisteredOn(ctx context.Context, key, slug, name string) (*landlord.Tenant, error) {
	owner, err := t.Estate.Snapshot.Owner(ctx, key, name)
	if err != nil || owner != "" {
		return nil, err
	}
	live, err := t.Estate.Snapshot.Fingerprint(ctx, key, name)
	if err != nil || live == nil {
		return nil, err
	}
	if own, err := t.Servers.OwnDatabases(ctx, key); err != nil || own[name] {
		return nil, err
	}
	return stray(key, slug, name, live), nil
}

// stray is a database that could become a tenant.
func stray(server, slug, name string, live *ddl.Fingerprint) *landlord.Tenant {
	return &landlord.Tenant{
		Slug: slug, Name: slug, DatabaseName: name, Server: server, Status: landlord.StatusActive, UpdateStatus: landlord.UpdateCurrent,
		SchemaFingerprint: live.Whole, Drift: []landlord.Difference{},
	}
}

// describeTenant joins a registry row with what its server has.
func (t *Tenants) describeTenant(ctx context.Context, row *registry.TenantRow) (*landlord.Tenant, error) {
	out, live, err := t.standing(ctx, row)
	if err != nil || live == nil || out.UpdateStatus == landlord.UpdateInterrupted {
		return out, err
	}
	out.Drift, err = t.driftOf(ctx, row, live)
	return out, err
}

// driftOf says in what a tenant differs from what was recorded: its schema, and
// whom its programs belong to.
func (t *Tenants) driftOf(ctx context.Context, row *registry.TenantRow, live *ddl.Fingerprint) ([]landlord.Difference, error) {
	drift := []landlord.Difference{}
	if row.CurrentSchema != "" && row.CurrentSchema != live.Whole {
		var err error
		if drift, err = t.Drifts.Differences(ctx, row, live); err != nil {
			return nil, err
		}
	}
	definers, err := t.Drifts.Definers(ctx, row, drift)
	if err != nil {
		return nil, err
	}
	for i := range definers {
		definers[i].Expected, definers[i].Actual = "", "" // they would fill states and plans
	}
	return append(drift, definers...), nil
}

// standing joins a registry row with the fingerprint of its database, nil when
// there is none.
func (t *Tenants) standing(ctx context.Context, row *registry.TenantRow) (*landlord.Tenant, *ddl.Fingerprint, error) {
	live, err := t.Estate.Snapshot.Fingerprint(ctx, row.Server, row.Database)
	if err != nil {
		return nil, nil, err
	}
	out := &landlord.Tenant{
		Slug: row.Slug, Name: row.Name, DatabaseName: row.Database, Server: row.Server, Status: row.Status,
		Metadata: row.Metadata, Template: row.AppliedTemplate(), Modules: row.Modules, UpdateStatus: landlord.UpdateCurrent,
		BaseFingerprint: row.CurrentSchema, Drift: []landlord.Difference{}, LastMigration: row.Last, CreatedAt: row.CreatedAt,
		Registered: true, DatabaseMissing: live == nil,
	}
	if row.Running != "" || row.Status == landlord.StatusCreating || row.Status == landlord.StatusDropping {
		out.UpdateStatus = landlord.UpdateInterrupted
	}
	if live != nil {
		out.SchemaFingerprint = live.Whole
	}
	return out, live, nil
}

// Filter chooses tenants.
type Filter struct {
	Template     string          // name or name@version; empty for all
	Status       landlord.Status // empty for all
	Unregistered bool            // also databases with the prefix that the landlord does not know
	NoFleet      bool            // not those of fleets
	WithoutDrift bool            // do not read what differs, which takes a few statements for each tenant that does
}

// Tenants returns the tenants that a filter chooses, by slug.
func (t *Tenants) Tenants(ctx context.Context, filter Filter) ([]landlord.Tenant, error) {
	rows, err := t.Estate.Snapshot.All(ctx)
	if err != nil {
		return nil, err
	}
	behind, err := t.Registry.ReadStandings(ctx, t.Servers.Main())
	if err != nil {
		return nil, registry.Unreachable(t.Servers.Main(), "listing tenants", err)
	}
	fleets, ready, err := t.fleets(ctx)
	if err != nil {
		return nil, err
	}
	out := []landlord.Tenant{}
	for _, row := range rows {
		if filter.NoFleet && fleets[row.Slug] != "" {
			continue
		}
		applied := row.AppliedTemplate()
		if filter.Template != "" && filter.Template != row.Template && filter.Template != applied {
			continue
		}
		if filter.Status != "" && filter.Status != row.Status {
			continue
		}
		describe := t.describeTenant
		if filter.WithoutDrift {
			describe = func(ctx context.Context, row *registry.TenantRow) (*landlord.Tenant, error) {
				t, _, err := t.standing(ctx, row)
				return t, err
			}
		}
		t, err := describe(ctx, row)
		if err != nil {
			return nil, err
		}
		stands(t, behind[row.ID])
		t.Fleet, t.Ready = fleets[row.Slug], ready[row.Slug]
		out = append(out, *t)
	}
	if filter.Unregistered {
		strays, err := t.strays(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, strays...)
	}
	slices.SortFunc(out, func(a, b landlord.Tenant) int { return strings.Compare(a.Slug, b.Slug) })
	return out, nil
}

// fleets returns the fleet of each tenant that is in one, or waits in its pool for an
// owner, by slug, and which ones wait.
func (t *Tenants) fleets(ctx context.Context) (fleets map[string]string, ready map[string]bool, err error) {
	listed, err := t.Estate.Fleets(ctx)
	if err != nil {
		return nil, nil, err
	}
	pooled, _, err := t.Registry.ReadPool(ctx, t.Servers.Main())
	if err != nil {
		return nil, nil, registry.Unreachable(t.Servers.Main(), "listing tenants", err)
	}
	fleets, ready = maps.Clone(listed.Of), map[string]bool{}
	for _, p := range pooled {
		fleets[p.Slug], ready[p.Slug] = p.Fleet, true
	}
	return fleets, ready, nil
}

// TenantsOn returns the slugs of the tenants that the landlord database has on a
// server, in order, whether that one can be reached or not.
func (t *Tenants) TenantsOn(ctx context.Context, server string) ([]string, error) {
	rows, err := t.Estate.Snapshot.All(ctx)
	if err != nil {
		return nil, err
	}
	var slugs []string
	for _, row := range rows {
		if row.Server == server {
			slugs = append(slugs, row.Slug)
		}
	}
	slices.Sort(slugs)
	return slugs, nil
}

// strays returns the databases that look like tenants but have no row.
func (t *Tenants) strays(ctx context.Context) ([]landlord.Tenant, error) {
	var out []landlord.Tenant
	for _, key := range slices.Sorted(maps.Keys(t.Servers.All)) {
		found, err := t.straysOn(ctx, key)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func (t *Tenants) straysOn(ctx context.Context, server string) ([]landlord.Tenant, error) {
	known, err := t.Estate.Snapshot.DatabasesOf(ctx, server)
	if err != nil {
		return nil, err
	}
	own, err := t.Servers.OwnDatabases(ctx, server)
	if err != nil {
		return nil, err
	}
	var out []landlord.Tenant
	for name, live := range known {
		slug := strings.TrimPrefix(name, t.Config.Prefix)
		if owner, err := t.Estate.Snapshot.Owner(ctx, server, name); err != nil || owner != "" || live == nil || own[name] {
			continue
		}
		if _, err := t.Servers.DatabaseName(slug); err != nil {
			continue
		}
		out = append(out, *stray(server, slug, name, live))
	}
	return out, nil
}

// Record records what a person did with tenants. Slugs that the landlord database
// does not know are left out. Errors are Problems.
func (t *Tenants) Record(ctx context.Context, slugs []string, event, author string, detail map[string]string) error {
	return t.Jobs.Write(ctx, t.Servers.Main(), "recording what was done", func(q mysql.Queryer) error {
		return t.Registry.WriteEvents(ctx, q, slugs, event, author, detail)
	})
}
