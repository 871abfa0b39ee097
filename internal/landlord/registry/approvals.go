package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const approvalColumns = "digest, tenant_slug, approved_by, COALESCE(note, ''), expires_at, created_at"

func scanApproval(from scanner) (*landlord.Approval, error) {
	var a landlord.Approval
	var expires sql.NullTime
	if err := from.Scan(&a.Digest, &a.Tenant, &a.ApprovedBy, &a.Note, &expires, &a.CreatedAt); err != nil {
		return nil, err
	}
	if expires.Valid {
		a.ExpiresAt = expires.Time.UTC()
	}
	a.CreatedAt = a.CreatedAt.UTC()
	return &a, nil
}

// stillHolds is the condition on approvals that have not run out.
const stillHolds = " AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(6))"

// oneApproval reads at most one approval.
func (r *Store) oneApproval(ctx context.Context, q mysql.Queryer, where string, args ...any) (*landlord.Approval, error) {
	a, err := scanApproval(q.Row(ctx, "SELECT "+approvalColumns+" FROM "+r.table("migration_approvals")+" WHERE "+where, args...))
	switch {
	case errors.Is(err, sql.ErrNoRows), nothing(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading an approval: %w", err)
	}
	return a, nil
}

// ReadApprovals reads all approvals, the newest first.
func (r *Store) ReadApprovals(ctx context.Context, q mysql.Queryer) ([]landlord.Approval, error) {
	return allRows(ctx, q, "the approvals", func(from scanner) (landlord.Approval, error) {
		a, err := scanApproval(from)
		if err != nil {
			return landlord.Approval{}, err
		}
		return *a, nil
	}, "SELECT "+approvalColumns+" FROM "+r.table("migration_approvals")+" ORDER BY id DESC")
}

// Approved returns the approval of a tenant's migration that holds at this
// moment by the clock of the landlord database, its own one first; nil when
// there is none.
func (r *Store) Approved(ctx context.Context, q mysql.Queryer, digest, slug string) (*landlord.Approval, error) {
	return r.oneApproval(ctx, q, "digest = ? AND tenant_slug IN ('', ?)"+stillHolds+" ORDER BY tenant_slug DESC LIMIT 1", digest, slug)
}

// ReadApproval reads the approval of exactly this digest and tenant, whether it
// still holds or not; nil when there is none.
func (r *Store) ReadApproval(ctx context.Context, q mysql.Queryer, digest, tenant string) (*landlord.Approval, error) {
	return r.oneApproval(ctx, q, "digest = ? AND tenant_slug = ?", digest, tenant)
}

// ReadHolding reads the approval of exactly this digest and tenant; nil when
// there is none, or when it has run out.
func (r *Store) ReadHolding(ctx context.Context, q mysql.Queryer, digest, tenant string) (*landlord.Approval, error) {
	return r.oneApproval(ctx, q, "digest = ? AND tenant_slug = ?"+stillHolds, digest, tenant)
}

// WriteApproval gives an approval, or changes the one of the same digest and
// tenant.
func (r *Store) WriteApproval(ctx context.Context, q mysql.Queryer, a landlord.Approval) error {
	_, err := q.Exec(ctx, "INSERT INTO "+r.table("migration_approvals")+" (digest, tenant_slug, approved_by, note, expires_at) VALUES (?,?,?,?,?)"+
		" ON DUPLICATE KEY UPDATE approved_by=VALUES(approved_by), note=VALUES(note), expires_at=VALUES(expires_at)",
		a.Digest, a.Tenant, a.ApprovedBy, landlord.Nullable(a.Note), landlord.NullableTime(a.ExpiresAt))
	if err != nil {
		return fmt.Errorf("recording the approval: %w", err)
	}
	return nil
}

// DeleteApproval removes an approval and says whether there was one.
func (r *Store) DeleteApproval(ctx context.Context, q mysql.Queryer, digest, tenant string) (bool, error) {
	res, err := q.Exec(ctx, "DELETE FROM "+r.table("migration_approvals")+" WHERE digest = ? AND tenant_slug = ?", digest, tenant)
	if nothing(err) {
		return false, nil
	}
	return err == nil && res.RowsAffected > 0, err
}

// ServerTime returns what time it is by the clock of a server.
func ServerTime(ctx context.Context, q mysql.Queryer) (time.Time, error) {
	var now time.Time
	if err := q.Row(ctx, "SELECT UTC_TIMESTAMP(6)").Scan(&now); err != nil {
		return time.Time{}, fmt.Errorf("asking for the time: %w", err)
	}
	return now.UTC(), nil
}
