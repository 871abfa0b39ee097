package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Deletion is how a tenant is to go, as its last apply has said. The zero value
// is that of a tenant of which nothing was said.
type Deletion struct {
	Policy     landlord.DeletionPolicy
	Checkpoint string // name, without the tenant, of the one on whose strength it may be dropped
}

// WriteDeletion records how a tenant is to go. A policy that is not said changes
// nothing.
func (r *Store) WriteDeletion(ctx context.Context, q mysql.Queryer, tenant uint64, d Deletion) error {
	return r.WriteDeletions(ctx, q, map[uint64]Deletion{tenant: d})
}

// WriteDeletions is WriteDeletion for several tenants, by their number.
func (r *Store) WriteDeletions(ctx context.Context, q mysql.Queryer, all map[uint64]Deletion) error {
	var args []any
	for _, tenant := range slices.Sorted(maps.Keys(all)) {
		if d := all[tenant]; d.Policy != "" {
			args = append(args, tenant, d.Policy, landlord.Nullable(d.Checkpoint))
		}
	}
	if len(args) == 0 {
		return nil
	}
	_, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_deletions")+" (tenant_id, policy, checkpoint) VALUES "+landlord.Placeholders(len(args)/3, "(?,?,?)")+
		" ON DUPLICATE KEY UPDATE policy=VALUES(policy), checkpoint=VALUES(checkpoint)", args...)
	if err != nil {
		return fmt.Errorf("recording how a tenant is to go: %w", err)
	}
	return nil
}

// ReadDeletion reads how a tenant is to go, also of one that is gone.
func (r *Store) ReadDeletion(ctx context.Context, q mysql.Queryer, tenant uint64) (Deletion, error) {
	var d Deletion
	var checkpoint sql.NullString
	err := q.Row(ctx, "SELECT policy, checkpoint FROM "+r.table("tenant_deletions")+" WHERE tenant_id = ?", tenant).Scan(&d.Policy, &checkpoint)
	if errors.Is(err, sql.ErrNoRows) || nothing(err) {
		return Deletion{}, nil
	}
	if err != nil {
		return Deletion{}, fmt.Errorf("reading how a tenant is to go: %w", err)
	}
	d.Checkpoint = checkpoint.String
	return d, nil
}
