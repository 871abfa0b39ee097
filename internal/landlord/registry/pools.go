package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// PoolState is where a tenant stands that was made before anybody asked for it.
type PoolState string

// The states of tenants of pools. Whoever changes one takes it first, so that no
// caller gets a tenant that is being worked on.
const (
	PoolBusy    PoolState = "busy"    // is made, changed or dropped
	PoolReady   PoolState = "ready"   // the next caller may get it
	PoolClaimed PoolState = "claimed" // somebody's, under another slug
	PoolGone    PoolState = "gone"    // dropped
)

// PoolTenant is a row of `pool_tenants` that is nobody's.
type PoolTenant struct {
	Slug, Fleet string
	Number      int // counts the tenants that a fleet has made for its pool
	State       PoolState
}

// ReadPool returns the tenants of all pools that are nobody's, the oldest first,
// and the last number of each fleet.
func (r *Store) ReadPool(ctx context.Context, q mysql.Queryer) ([]PoolTenant, map[string]int, error) {
	tenants, err := allRows(ctx, q, "the pools", func(from scanner) (t PoolTenant, err error) {
		return t, from.Scan(&t.Slug, &t.Fleet, &t.Number, &t.State)
	}, "SELECT slug, fleet, number, state FROM "+r.table("pool_tenants")+" WHERE state IN (?,?) ORDER BY id", PoolBusy, PoolReady)
	if err != nil {
		return nil, nil, err
	}
	last, err := allRows(ctx, q, "the pools", func(from scanner) (t PoolTenant, err error) {
		return t, from.Scan(&t.Fleet, &t.Number)
	}, "SELECT fleet, MAX(number) FROM "+r.table("pool_tenants")+" GROUP BY fleet")
	if err != nil {
		return nil, nil, err
	}
	numbers := make(map[string]int, len(last))
	for _, t := range last {
		numbers[t.Fleet] = t.Number
	}
	return tenants, numbers, nil
}

// AddPool records tenants that are about to be made for a pool.
func (r *Store) AddPool(ctx context.Context, q mysql.Queryer, tenants []PoolTenant) error {
	args := make([]any, 0, 4*len(tenants))
	for _, t := range tenants {
		args = append(args, t.Slug, t.Fleet, t.Number, PoolBusy)
	}
	if len(tenants) == 0 {
		return nil
	}
	_, err := q.Exec(ctx, "INSERT IGNORE INTO "+r.table("pool_tenants")+" (slug, fleet, number, state) VALUES "+landlord.Placeholders(len(tenants), "(?,?,?,?)"), args...)
	if err != nil {
		return fmt.Errorf("recording the pool: %w", err)
	}
	return nil
}

// TakePool keeps callers from getting a tenant, and says whether nobody has it. One that
// a transaction has claimed which is still open is somebody's: nobody waits for its end.
// The caller's transaction ends soon.
func (r *Store) TakePool(ctx context.Context, q mysql.Queryer, slug string) (bool, error) {
	var ours bool
	err := q.Row(ctx, "SELECT TRUE FROM "+r.table("pool_tenants")+" WHERE slug = ? AND state IN (?,?) FOR UPDATE SKIP LOCKED", slug, PoolReady, PoolBusy).Scan(&ours)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the pools: %w", err)
	}
	return true, r.movePool(ctx, q, slug, PoolReady, PoolBusy)
}

// GivePool lets the next caller get a tenant that was taken.
func (r *Store) GivePool(ctx context.Context, q mysql.Queryer, slug string) error {
	return r.movePool(ctx, q, slug, PoolBusy, PoolReady)
}

// EndPool records that a tenant that was taken is dropped.
func (r *Store) EndPool(ctx context.Context, q mysql.Queryer, slug string) error {
	return r.movePool(ctx, q, slug, PoolBusy, PoolGone)
}

func (r *Store) movePool(ctx context.Context, q mysql.Queryer, slug string, from, to PoolState) error {
	if _, err := q.Exec(ctx, "UPDATE "+r.table("pool_tenants")+" SET state = ? WHERE slug = ? AND state = ?", to, slug, from); err != nil {
		return fmt.Errorf("recording a tenant of a pool: %w", err)
	}
	return nil
}
