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

// one reads at most one approval.
func (e *Engine) oneApproval(ctx context.Context, q mysql.Queryer, where string, args ...any) (*Approval, error) {
	a, err := scanApproval(q.Row(ctx, "SELECT "+approvalColumns+" FROM "+e.table("migration_approvals")+" WHERE "+where, args...))
	switch {
	case errors.Is(err, sql.ErrNoRows), mysql.IsNoSuchDatabase(err), mysql.IsNoSuchTable(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading an approval: %w", err)
	}
	return a, nil
}

// approved returns the approval of a tenant's migration that holds at this
// moment by the clock of the landlord database, its own one first; nil when
// there is none.
func (e *Engine) approved(ctx context.Context, q mysql.Queryer, digest, slug string) (*Approval, error) {
	return e.oneApproval(ctx, q, "digest = ? AND tenant_slug IN ('', ?) AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(6)) ORDER BY tenant_slug DESC LIMIT 1", digest, slug)
}

// Approval returns an approval, whether it still holds or not. ErrNotFound when
// there is none.
func (e *Engine) Approval(ctx context.Context, digest, tenant string) (*Approval, error) {
	a, err := e.oneApproval(ctx, e.main(), "digest = ? AND tenant_slug = ?", digest, tenant)
	if err != nil {
		return nil, unreachable(e.main(), "reading an approval", err)
	}
	if a == nil {
		return nil, ErrNotFound
	}
	return a, nil
}

// Approve gives an approval, or changes one when renew says so. Approving again
// in the same words what is approved changes nothing. Errors are Problems.
func (e *Engine) Approve(ctx context.Context, a Approval, renew bool) (*Approval, error) {
	srv := e.main()
	x, err := srv.Session(ctx)
	if err != nil {
		return nil, unreachable(srv, "approving a migration", err)
	}
	defer x.Close()
	if err := checkWritable(ctx, x); err != nil {
		return nil, err
	}
	if err := e.openRegistry(ctx, srv, x); err != nil {
		return nil, err
	}
	info, err := x.Info(ctx)
	if err != nil {
		return nil, unreachable(srv, "approving a migration", err)
	}
	if a.ApprovedBy == "" {
		a.ApprovedBy = e.author(info)
	}
	a.ApprovedBy = cut(a.ApprovedBy, 190)
	if err := e.checkExpiry(ctx, x, a); err != nil {
		return nil, err
	}
	if !renew {
		if err := e.checkFree(ctx, x, a); err != nil {
			return nil, err
		}
	}
	_, err = x.Exec(ctx, "INSERT INTO "+e.table("migration_approvals")+" (digest, tenant_slug, approved_by, note, expires_at) VALUES (?,?,?,?,?)"+
		" ON DUPLICATE KEY UPDATE approved_by=VALUES(approved_by), note=VALUES(note), expires_at=VALUES(expires_at)",
		a.Digest, a.Tenant, a.ApprovedBy, nullable(a.Note), nullableTime(a.ExpiresAt))
	if err != nil {
		return nil, fmt.Errorf("recording the approval: %w", err)
	}
	made, err := e.oneApproval(ctx, x, "digest = ? AND tenant_slug = ?", a.Digest, a.Tenant)
	if err == nil && made == nil {
		err = ErrNotFound
	}
	return made, err
}

// checkExpiry refuses an approval that allows nothing.
func (e *Engine) checkExpiry(ctx context.Context, q mysql.Queryer, a Approval) error {
	if a.ExpiresAt.IsZero() {
		return nil
	}
	var now time.Time
	if err := q.Row(ctx, "SELECT UTC_TIMESTAMP(6)").Scan(&now); err != nil {
		return fmt.Errorf("asking for the time: %w", err)
	}
	if a.ExpiresAt.After(now) {
		return nil
	}
	return problem(FieldExpiresAt, "Approval has run out already",
		fmt.Sprintf("The approval is to hold until %s; the landlord database has %s.", a.ExpiresAt.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339)),
		"Set `expires_at` to a later time, or leave it out.")
}

// checkFree refuses to take over what somebody else approved in other words.
func (e *Engine) checkFree(ctx context.Context, q mysql.Queryer, a Approval) error {
	had, err := e.oneApproval(ctx, q, "digest = ? AND tenant_slug = ? AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(6))", a.Digest, a.Tenant)
	if err != nil || had == nil {
		return err
	}
	if had.ApprovedBy == a.ApprovedBy && had.Note == a.Note && had.ExpiresAt.Equal(a.ExpiresAt.Truncate(time.Microsecond)) {
		return nil // an apply that was cut off before Terraform wrote its state
	}
	return problem(FieldDigest, "Migration is approved already",
		fmt.Sprintf("`%s` has approved it on %s.", had.ApprovedBy, had.CreatedAt.Format(time.RFC3339)),
		fmt.Sprintf("To manage that approval here, import it: `terraform import <address> %s`.", had.ID()))
}

// Withdraw takes an approval back. What it has allowed already stays.
// ErrNotFound when there is none.
func (e *Engine) Withdraw(ctx context.Context, digest, tenant string) error {
	r, err := e.main().Exec(ctx, "DELETE FROM "+e.table("migration_approvals")+" WHERE digest = ? AND tenant_slug = ?", digest, tenant)
	switch {
	case mysql.IsNoSuchDatabase(err), mysql.IsNoSuchTable(err):
		return ErrNotFound
	case err != nil:
		return unreachable(e.main(), "withdrawing an approval", err)
	case r.RowsAffected == 0:
		return ErrNotFound
	}
	return nil
}
