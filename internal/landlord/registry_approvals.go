package landlord

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Approval allows one exact migration to run, on one tenant or on every tenant
// whose migration has the digest.
type Approval struct {
	Digest     string // of the migration
	Tenant     string // slug; empty for every tenant with the digest
	ApprovedBy string // default: who applies
	Note       string
	ExpiresAt  time.Time // zero: never
	CreatedAt  time.Time // UTC
}

// ID returns the identifier of an approval: the digest, and behind a slash the
// tenant when there is one.
func (a Approval) ID() string {
	if a.Tenant == "" {
		return a.Digest
	}
	return a.Digest + "/" + a.Tenant
}

const approvalColumns = "digest, tenant_slug, approved_by, COALESCE(note, ''), expires_at, created_at"

func scanApproval(from scanner) (*Approval, error) {
	var a Approval
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
func (r *registry) oneApproval(ctx context.Context, q mysql.Queryer, where string, args ...any) (*Approval, error) {
	a, err := scanApproval(q.Row(ctx, "SELECT "+approvalColumns+" FROM "+r.table("migration_approvals")+" WHERE "+where, args...))
	switch {
	case errors.Is(err, sql.ErrNoRows), nothing(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading an approval: %w", err)
	}
	return a, nil
}

// approved returns the approval of a tenant's migration that holds at this
// moment by the clock of the landlord database, its own one first; nil when
// there is none.
func (r *registry) approved(ctx context.Context, q mysql.Queryer, digest, slug string) (*Approval, error) {
	return r.oneApproval(ctx, q, "digest = ? AND tenant_slug IN ('', ?)"+stillHolds+" ORDER BY tenant_slug DESC LIMIT 1", digest, slug)
}

// readApproval reads the approval of exactly this digest and tenant, whether it
// still holds or not; nil when there is none.
func (r *registry) readApproval(ctx context.Context, q mysql.Queryer, digest, tenant string) (*Approval, error) {
	return r.oneApproval(ctx, q, "digest = ? AND tenant_slug = ?", digest, tenant)
}

// readHolding reads the approval of exactly this digest and tenant; nil when
// there is none, or when it has run out.
func (r *registry) readHolding(ctx context.Context, q mysql.Queryer, digest, tenant string) (*Approval, error) {
	return r.oneApproval(ctx, q, "digest = ? AND tenant_slug = ?"+stillHolds, digest, tenant)
}

// writeApproval gives an approval, or changes the one of the same digest and
// tenant.
func (r *registry) writeApproval(ctx context.Context, q mysql.Queryer, a Approval) error {
	_, err := q.Exec(ctx, "INSERT INTO "+r.table("migration_approvals")+" (digest, tenant_slug, approved_by, note, expires_at) VALUES (?,?,?,?,?)"+
		" ON DUPLICATE KEY UPDATE approved_by=VALUES(approved_by), note=VALUES(note), expires_at=VALUES(expires_at)",
		a.Digest, a.Tenant, a.ApprovedBy, nullable(a.Note), nullableTime(a.ExpiresAt))
	if err != nil {
		return fmt.Errorf("recording the approval: %w", err)
	}
	return nil
}

// deleteApproval removes an approval and says whether there was one.
func (r *registry) deleteApproval(ctx context.Context, q mysql.Queryer, digest, tenant string) (bool, error) {
	res, err := q.Exec(ctx, "DELETE FROM "+r.table("migration_approvals")+" WHERE digest = ? AND tenant_slug = ?", digest, tenant)
	if nothing(err) {
		return false, nil
	}
	return err == nil && res.RowsAffected > 0, err
}
