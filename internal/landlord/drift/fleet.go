package drift

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// FleetFilter chooses tenants for a look at all of them.
type FleetFilter struct {
	Template string          // name or name@version; empty for all
	Slugs    []string        // nil for all; of a few the databases are read alone
	Server   *string         // key of a server, empty for the main one; nil for all
	Status   landlord.Status // empty for all
	// Details reads the texts of those that differ, a few statements for each.
	// Without them the number of statements does not depend on the number of
	// tenants, differences are whole objects, and not every harm is decided.
	Details bool
}

// FleetDrift is what differs in a fleet.
type FleetDrift struct {
	Tenants []TenantDrift // those that are not in sync, by slug
	Total   int           // all that were looked at
	Counts  map[State]int
}

// FleetDrift compares the tenants that a filter chooses with what was recorded.
// A tenant or server that cannot be read is reported as such, and does not keep
// the others from being compared.
func (r *Reader) FleetDrift(ctx context.Context, filter FleetFilter) (*FleetDrift, error) {
	all, err := r.Estate.Snapshot.All(ctx)
	if err != nil {
		return nil, err
	}
	slugs := slices.Sorted(slices.Values(filter.Slugs))
	rows := slices.DeleteFunc(all, func(r *registry.TenantRow) bool {
		_, chosen := slices.BinarySearch(slugs, r.Slug)
		return filter.Template != "" && filter.Template != r.Template && filter.Template != r.AppliedTemplate() ||
			filter.Slugs != nil && !chosen || filter.Status != "" && filter.Status != r.Status || filter.Server != nil && *filter.Server != r.Server
	})
	slices.SortFunc(rows, func(a, b *registry.TenantRow) int { return strings.Compare(a.Slug, b.Slug) })
	read, err := r.readFleet(ctx, rows, filter.Slugs == nil)
	if err != nil {
		return nil, err
	}
	f := &FleetDrift{Total: len(rows), Tenants: []TenantDrift{}, Counts: map[State]int{}}
	bases, err := r.baseObjects(ctx, rows, read, filter.Details)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		d, err := r.fleetTenant(ctx, row, read[row.Slug], bases, filter.Details)
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

// readFleet reads the fingerprints of tenants, each server at once where the whole
// estate is asked for.
func (r *Reader) readFleet(ctx context.Context, rows []*registry.TenantRow, whole bool) (map[string]fleetRead, error) {
	servers := map[string][]*registry.TenantRow{}
	for _, row := range rows {
		servers[row.Server] = append(servers[row.Server], row)
	}
	read := make(map[string]fleetRead, len(rows))
	for _, key := range slices.Sorted(maps.Keys(servers)) {
		var err error
		if whole {
			err = r.Estate.Snapshot.ReadWhole(ctx, key, servers[key])
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var refused *mysql.ConnectError
		for _, row := range servers[key] {
			if _, unconfigured := r.Servers.Server(key); unconfigured != nil || errors.As(err, &refused) {
				read[row.Slug] = fleetRead{err: errors.Join(unconfigured, err)}
				continue
			}
			live, err := r.Estate.Snapshot.Fingerprint(ctx, key, row.Database)
			read[row.Slug] = fleetRead{live: live, err: err}
		}
	}
	return read, nil
}

// baseObjects reads the hashes of the recorded objects of those tenants that
// differ: one statement for all, without the texts.
func (r *Reader) baseObjects(ctx context.Context, rows []*registry.TenantRow, read map[string]fleetRead, details bool) (map[string]map[string]string, error) {
	const most = 500 // fingerprints a statement
	wanted := map[string]bool{}
	for _, row := range rows {
		if driftOf(row, read[row.Slug].live).State == DriftFound && read[row.Slug].err == nil && !details {
			wanted[row.CurrentSchema] = true
		}
	}
	out := map[string]map[string]string{}
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(wanted)), most) {
		objects, err := r.Registry.ReadSchemaObjects(ctx, r.Servers.Main(), chunk)
		if err != nil {
			return nil, registry.Unreachable(r.Servers.Main(), "reading the recorded schemas", err)
		}
		maps.Copy(out, objects)
	}
	return out, nil
}

// fleetTenant compares one tenant of a fleet.
func (r *Reader) fleetTenant(ctx context.Context, row *registry.TenantRow, read fleetRead, bases map[string]map[string]string, details bool) (*TenantDrift, error) {
	d := driftOf(row, read.live)
	if details && read.err == nil && (d.State == DriftFound || d.State == DriftNone) {
		full, err := r.driftWithTexts(ctx, row, read.live, false)
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
		customizations, err := r.Estate.CustomizationsOf(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		base := bases[row.CurrentSchema]
		s := &driftSides{unread: true, unknown: base == nil, changes: landlord.ChangedObjects(base, read.live.Objects)}
		s.settle(d, customizations)
	}
	if details || read.live == nil {
		return d, nil // what cannot be read is told as such
	}
	return d, r.addDefiners(ctx, row, read.live, d, false)
}

// unreadable says in one text why a tenant could not be read.
func unreadable(err error) string {
	var p *landlord.Problem
	if errors.As(err, &p) {
		return fmt.Sprintf("%s. %s", p.Summary, strings.Join(p.Detail, " "))
	}
	return landlord.Sentence(mysql.Message(err))
}
