package registry

import (
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// fleetChunk is how many tenants one statement writes.
const fleetChunk = 1000

// Fleets is what is known of all fleets.
type Fleets struct {
	Of        map[string]string // the fleet of each tenant that is in one, by slug
	GoingBack []string          // names of those whose rollout is being taken back
}

// ReadFleets returns what is known of all fleets. A tenant that is about to be made is
// in its fleet already.
func (r *Store) ReadFleets(ctx context.Context, q mysql.Queryer) (*Fleets, error) {
	type member struct{ slug, fleet string }
	rows, err := allRows(ctx, q, "the fleets", func(from scanner) (m member, err error) {
		return m, from.Scan(&m.slug, &m.fleet)
	}, "SELECT tenant_slug, fleet FROM "+r.table("fleet_tenants")+" UNION ALL SELECT '', fleet FROM "+r.table("rollouts")+" WHERE status = ?", RolloutRollingBack)
	if err != nil {
		return nil, err
	}
	out := &Fleets{Of: make(map[string]string, len(rows))}
	for _, m := range rows {
		if m.slug == "" {
			out.GoingBack = append(out.GoingBack, m.fleet)
			continue
		}
		out.Of[m.slug] = m.fleet
	}
	return out, nil
}

// FleetTenant is a row of `fleet_tenants`.
type FleetTenant struct{ Slug, Fleet string }

// JoinFleet puts tenants into a fleet, whether they exist already or not, and
// tenants of the fleet of its former name with them. Who is in another fleet
// stays there and is returned, by slug; but where that one only claimed a tenant,
// more than landlord.CutOff ago, and has never made it.
func (r *Store) JoinFleet(ctx context.Context, q mysql.Queryer, fleet, former string, slugs []string) ([]FleetTenant, error) {
	var others []FleetTenant
	for chunk := range slices.Chunk(slices.Sorted(slices.Values(slugs)), fleetChunk) {
		found, err := r.joinFleet(ctx, q, fleet, former, chunk)
		if err != nil {
			return nil, fmt.Errorf("recording the tenants of fleet `%s`: %w", fleet, err)
		}
		others = append(others, found...)
	}
	return others, nil
}

func (r *Store) joinFleet(ctx context.Context, q mysql.Queryer, fleet, former string, slugs []string) ([]FleetTenant, error) {
	table, in := r.table("fleet_tenants"), "tenant_slug IN ("+landlord.Placeholders(len(slugs), "?")+")"
	names := make([]any, 0, len(slugs)+1)
	for _, slug := range slugs {
		names = append(names, slug)
	}
	_, err := q.Exec(ctx, "DELETE FROM "+table+" WHERE "+in+" AND fleet NOT IN (?,?) AND joined_at < CURRENT_TIMESTAMP(6) - INTERVAL ? SECOND"+
		" AND tenant_slug NOT IN (SELECT slug FROM "+r.table("tenants")+")", append(slices.Clone(names), fleet, former, int(landlord.CutOff.Seconds()))...)
	if err != nil {
		return nil, err
	}
	args := make([]any, 0, 2*len(slugs)+1)
	for _, slug := range slugs {
		args = append(args, slug, fleet)
	}
	_, err = q.Exec(ctx, "INSERT INTO "+table+" (tenant_slug, fleet) VALUES "+landlord.Placeholders(len(slugs), "(?,?)")+
		" ON DUPLICATE KEY UPDATE fleet = IF(fleet = ?, VALUES(fleet), fleet), joined_at = IF(fleet = VALUES(fleet), CURRENT_TIMESTAMP(6), joined_at)", append(args, former)...)
	if err != nil {
		return nil, err
	}
	return allRows(ctx, q, "the fleets", func(from scanner) (t FleetTenant, err error) {
		return t, from.Scan(&t.Slug, &t.Fleet)
	}, "SELECT tenant_slug, fleet FROM "+table+" WHERE "+in+" AND fleet <> ? ORDER BY tenant_slug", append(names, fleet)...)
}

// RenameFleet gives the rollouts and the pool of a fleet its new name.
func (r *Store) RenameFleet(ctx context.Context, q mysql.Queryer, former, fleet string) error {
	for _, table := range []string{"rollouts", "pool_tenants"} {
		if _, err := q.Exec(ctx, "UPDATE "+r.table(table)+" SET fleet = ? WHERE fleet = ?", fleet, former); err != nil {
			return fmt.Errorf("recording the name of fleet `%s`: %w", fleet, err)
		}
	}
	return nil
}

// LeaveFleet takes tenants out of a fleet. The tenants stay as they are.
func (r *Store) LeaveFleet(ctx context.Context, q mysql.Queryer, fleet string, slugs []string) error {
	for chunk := range slices.Chunk(slugs, fleetChunk) {
		args := []any{fleet}
		for _, slug := range chunk {
			args = append(args, slug)
		}
		_, err := q.Exec(ctx, "DELETE FROM "+r.table("fleet_tenants")+" WHERE fleet = ? AND tenant_slug IN ("+landlord.Placeholders(len(chunk), "?")+")", args...)
		if err != nil {
			return fmt.Errorf("recording the tenants of fleet `%s`: %w", fleet, err)
		}
	}
	return nil
}

// MadeInFleets returns the slugs of the tenants that were made for one of two fleets: who
// was there before has joined later than it was made.
func (r *Store) MadeInFleets(ctx context.Context, q mysql.Queryer, fleet, former string) (map[string]bool, error) {
	slugs, err := allRows(ctx, q, "the fleets", func(from scanner) (slug string, err error) {
		return slug, from.Scan(&slug)
	}, "SELECT f.tenant_slug FROM "+r.table("fleet_tenants")+" f JOIN "+r.table("tenants")+" t ON t.slug = f.tenant_slug WHERE f.fleet IN (?,?) AND t.created_at >= f.joined_at", fleet, former)
	if err != nil {
		return nil, err
	}
	made := make(map[string]bool, len(slugs))
	for _, slug := range slugs {
		made[slug] = true
	}
	return made, nil
}
