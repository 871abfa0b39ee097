package landlord

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// FleetFilter chooses tenants for a look at all of them.
type FleetFilter struct {
	Template string  // name or name@version; empty for all
	Server   *string // key of a server, empty for the main one; nil for all
	Status   Status  // empty for all
	// Details reads the texts of those that differ, a few statements for each.
	// Without them the number of statements does not depend on the number of
	// tenants, differences are whole objects, and not every harm is decided.
	Details bool
}

// FleetDrift is what differs in a fleet.
type FleetDrift struct {
	Tenants []TenantDrift // those that are not in sync, by slug
	Total   int           // all that were looked at
	Counts  map[DriftState]int
}

// FleetDrift compares the tenants that a filter chooses with what was recorded.
// A tenant or server that cannot be read is reported as such, and does not keep
// the others from being compared.
func (e *Engine) FleetDrift(ctx context.Context, filter FleetFilter) (*FleetDrift, error) {
	all, err := e.estate.all(ctx)
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(all, func(r *tenantRow) bool {
		return filter.Template != "" && filter.Template != r.template && filter.Template != r.appliedTemplate() ||
			filter.Status != "" && filter.Status != r.status || filter.Server != nil && *filter.Server != r.server
	})
	slices.SortFunc(rows, func(a, b *tenantRow) int { return strings.Compare(a.slug, b.slug) })
	read, err := e.readFleet(ctx, rows)
	if err != nil {
		return nil, err
	}
	f := &FleetDrift{Total: len(rows), Tenants: []TenantDrift{}, Counts: map[DriftState]int{}}
	bases, err := e.baseObjects(ctx, rows, read, filter.Details)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		d, err := e.fleetTenant(ctx, row, read[row.slug], bases, filter.Details)
		if err != nil {
			return nil, err
		}
		f.Counts[d.State]++
		if !d.InSync() {
			f.Tenants = append(f.Tenants, *d)
		}
	}
	return f, nil
}

// fleetRead is what was read of one tenant's server.
type fleetRead struct {
	live *ddl.Fingerprint // nil: no such database
	err  error
}

// readFleet reads the fingerprints of tenants, each server at once.
func (e *Engine) readFleet(ctx context.Context, rows []*tenantRow) (map[string]fleetRead, error) {
	servers := map[string][]*tenantRow{}
	for _, row := range rows {
		servers[row.server] = append(servers[row.server], row)
	}
	read := make(map[string]fleetRead, len(rows))
	for _, key := range slices.Sorted(maps.Keys(servers)) {
		err := e.estate.readWhole(ctx, key, servers[key])
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var refused *mysql.ConnectError
		for _, row := range servers[key] {
			if _, unconfigured := e.server(key); unconfigured != nil || errors.As(err, &refused) {
				read[row.slug] = fleetRead{err: errors.Join(unconfigured, err)}
				continue
			}
			live, err := e.estate.fingerprint(ctx, key, row.database)
			read[row.slug] = fleetRead{live: live, err: err}
		}
	}
	return read, nil
}

// readWhole reads the databases of a server with the tenant prefix, and those
// of tenants that were made under another one, in one go. What this process has
// seen already stays as it was seen.
func (s *estate) readWhole(ctx context.Context, server string, rows []*tenantRow) error {
	srv, err := s.e.server(server)
	if err != nil {
		return err
	}
	d := s.databases(server)
	which := mysql.Databases{}
	d.mu.Lock()
	if !d.bulk {
		which.Prefix = s.e.cfg.Prefix
	}
	for _, row := range rows {
		_, known := d.known[row.database]
		if !strings.HasPrefix(row.database, s.e.cfg.Prefix) && !known || d.stale[row.database] {
			which.Names = append(which.Names, row.database)
		}
	}
	d.mu.Unlock()
	if which.Prefix == "" && len(which.Names) == 0 {
		return nil
	}
	slices.Sort(which.Names)
	return s.ask(ctx, srv, d, which, fmt.Sprint("whole ", which.Prefix, which.Names))
}

// baseObjects reads the hashes of the recorded objects of those tenants that
// differ: one statement for all, without the texts.
func (e *Engine) baseObjects(ctx context.Context, rows []*tenantRow, read map[string]fleetRead, details bool) (map[string]map[string]string, error) {
	const most = 500 // fingerprints a statement
	wanted := map[string]bool{}
	for _, row := range rows {
		if driftOf(row, read[row.slug].live).State == DriftFound && read[row.slug].err == nil && !details {
			wanted[row.currentSchema] = true
		}
	}
	out := map[string]map[string]string{}
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(wanted)), most) {
		objects, err := e.registry.readSchemaObjects(ctx, e.main(), chunk)
		if err != nil {
			return nil, unreachable(e.main(), "reading the recorded schemas", err)
		}
		maps.Copy(out, objects)
	}
	return out, nil
}

// fleetTenant compares one tenant of a fleet.
func (e *Engine) fleetTenant(ctx context.Context, row *tenantRow, read fleetRead, bases map[string]map[string]string, details bool) (*TenantDrift, error) {
	d := driftOf(row, read.live)
	if details && read.err == nil && d.State == DriftFound {
		full, err := e.driftWithTexts(ctx, row, read.live, false)
		if err == nil {
			return full, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		read.err = err
	}
	switch {
	case d.State == DriftInterrupted:
	case read.err != nil:
		d.State, d.Problem = DriftUnreadable, unreadable(read.err)
	case d.State == DriftFound:
		customizations, err := e.customizationsOf(ctx, row.id)
		if err != nil {
			return nil, err
		}
		base := bases[row.currentSchema]
		s := &driftSides{unread: true, unknown: base == nil, changes: changedObjects(base, read.live.Objects)}
		s.settle(d, customizations)
	}
	return d, nil
}

// unreadable says in one text why a tenant could not be read.
func unreadable(err error) string {
	var p *Problem
	if errors.As(err, &p) {
		return fmt.Sprintf("%s. %s", p.Summary, strings.Join(p.Detail, " "))
	}
	return sentence(mysql.Message(err))
}
