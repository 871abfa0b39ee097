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

// ReadFleets returns the fleet of each tenant that is in one, by slug. A tenant
// that is about to be made is in its fleet already.
func (r *Store) ReadFleets(ctx context.Context, q mysql.Queryer) (map[string]string, error) {
	type member struct{ slug, fleet string }
	rows, err := allRows(ctx, q, "the fleets", func(from scanner) (m member, err error) {
		return m, from.Scan(&m.slug, &m.fleet)
	}, "SELECT tenant_slug, fleet FROM "+r.table("fleet_tenants"))
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(rows))
	for _, m := range rows {
		out[m.slug] = m.fleet
	}
	return out, nil
}

// JoinFleet puts tenants into a fleet, whether they exist already or not.
func (r *Store) JoinFleet(ctx context.Context, q mysql.Queryer, fleet string, slugs []string) error {
	for chunk := range slices.Chunk(slugs, fleetChunk) {
		args := make([]any, 0, 2*len(chunk))
		for _, slug := range chunk {
			args = append(args, slug, fleet)
		}
		_, err := q.Exec(ctx, "INSERT INTO "+r.table("fleet_tenants")+" (tenant_slug, fleet) VALUES "+landlord.Placeholders(len(chunk), "(?,?)")+
			" ON DUPLICATE KEY UPDATE fleet = VALUES(fleet)", args...)
		if err != nil {
			return fmt.Errorf("recording the tenants of fleet `%s`: %w", fleet, err)
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
