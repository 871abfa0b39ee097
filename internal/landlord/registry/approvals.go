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

// readApproval reads the approval of exactly this digest and tenant, whether it
// still holds or not; nil when there is none.
func (r *Store) readApproval(ctx context.Context, q mysql.Queryer, digest, tenant string) (*landlord.Approval, error) {
	return r.oneApproval(ctx, q, "digest = ? AND tenant_slug = ?", digest, tenant)
}

// readHolding reads the approval of exactly this digest and tenant; nil when
// there is none, or when it has run out.
func (r *Store) readHolding(ctx context.Context, q mysql.Queryer, digest, tenant string) (*landlord.Approval, error) {
	return r.oneApproval(ctx, q, "digest = ? AND tenant_slug = ?"+stillHolds, digest, tenant)
}

// writeApproval gives an approval, or changes the one of the same digest and
// tenant.
func (r *Store) writeApproval(ctx context.Context, q mysql.Queryer, a landlord.Approval) error {
	_, err := q.Exec(ctx, "INSERT INTO "+r.table("migration_approvals")+" (digest, tenant_slug, approved_by, note, expires_at) VALUES (?,?,?,?,?)"+
		" ON DUPLICATE KEY UPDATE approved_by=VALUES(approved_by), note=VALUES(note), expires_at=VALUES(expires_at)",
		a.Digest, a.Tenant, a.ApprovedBy, landlord.Nullable(a.Note), landlord.NullableTime(a.ExpiresAt))
	if err != nil {
		return fmt.Errorf("recording the approval: %w", err)
	}
	return nil
}

// deleteApproval removes an approval and says whether there was one.
func (r *Store) deleteApproval(ctx context.Context, q mysql.Queryer, digest, tenant string) (bool, error) {
	res, err := q.Exec(ctx, "DELETE FROM "+r.table("migration_approvals")+" WHERE digest = ? AND tenant_slug = ?", digest, tenant)
	if nothing(err) {
		return false, nil
	}
	return err == nil && res.RowsAffected > 0, err
}

// Approval returns an approval, whether it still holds or not. ErrNotFound when
// there is none.
func (s *Servers) Approval(ctx context.Context, digest, tenant string) (*landlord.Approval, error) {
	a, err := s.Registry.readApproval(ctx, s.Main(), digest, tenant)
	if err != nil {
		return nil, Unreachable(s.Main(), "reading an approval", err)
	}
	if a == nil {
		return nil, landlord.ErrNotFound
	}
	return a, nil
}

// Approve gives an approval, or changes the one that was given at CreatedAt, unless
// that is zero, when renew says so. Approving again
// in the same words what is approved changes nothing. Errors are Problems.
func (s *Servers) Approve(ctx context.Context, a landlord.Approval, renew bool) (*landlord.Approval, error) {
	srv := s.Main()
	x, err := srv.Session(ctx)
	if err != nil {
		return nil, Unreachable(srv, "approving a migration", err)
	}
	defer x.Close()
	if err := CheckWritable(ctx, x); err != nil {
		return nil, err
	}
	if err := s.OpenRegistry(ctx, srv, x); err != nil {
		return nil, err
	}
	info, err := x.Info(ctx)
	if err != nil {
		return nil, Unreachable(srv, "approving a migration", err)
	}
	if a.ApprovedBy == "" {
		a.ApprovedBy = s.Author(info)
	}
	a.ApprovedBy = landlord.Cut(a.ApprovedBy, 190)
	if err := s.checkExpiry(ctx, x, a); err != nil {
		return nil, err
	}
	check := s.checkFree
	if renew {
		check = s.checkThere
	}
	if err := check(ctx, x, a); err != nil {
		return nil, err
	}
	if err := s.Registry.writeApproval(ctx, x, a); err != nil {
		return nil, err
	}
	made, err := s.Registry.readApproval(ctx, x, a.Digest, a.Tenant)
	if err == nil && made == nil {
		err = landlord.ErrNotFound
	}
	return made, err
}

// checkThere refuses to change an approval that was withdrawn meanwhile: changing
// it would give it again.
func (s *Servers) checkThere(ctx context.Context, q mysql.Queryer, a landlord.Approval) error {
	there, err := s.Registry.readApproval(ctx, q, a.Digest, a.Tenant)
	if err != nil {
		return err
	}
	if there != nil && (a.CreatedAt.IsZero() || a.CreatedAt.Truncate(time.Second).Equal(there.CreatedAt.Truncate(time.Second))) {
		return nil
	}
	return landlord.NewProblem(landlord.FieldDigest, "Approval was withdrawn",
		fmt.Sprintf("The approval `%s` is to change, and another run has withdrawn it since it was read.", a.ID()), "Nothing was recorded. Plan again: the plan gives it anew.")
}

// ServerTime returns what time it is by the clock of a server.
func ServerTime(ctx context.Context, q mysql.Queryer) (time.Time, error) {
	var now time.Time
	if err := q.Row(ctx, "SELECT UTC_TIMESTAMP(6)").Scan(&now); err != nil {
		return time.Time{}, fmt.Errorf("asking for the time: %w", err)
	}
	return now.UTC(), nil
}

// checkExpiry refuses an approval that allows nothing.
func (s *Servers) checkExpiry(ctx context.Context, q mysql.Queryer, a landlord.Approval) error {
	if a.ExpiresAt.IsZero() {
		return nil
	}
	now, err := ServerTime(ctx, q)
	if err != nil {
		return err
	}
	if a.ExpiresAt.After(now) {
		return nil
	}
	return landlord.NewProblem(landlord.FieldExpiresAt, "Approval has run out already",
		fmt.Sprintf("The approval is to hold until %s; the landlord database has %s.", a.ExpiresAt.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339)),
		"Set `expires_at` to a later time, or leave it out.")
}

// checkFree refuses to take over what somebody else approved in other words.
func (s *Servers) checkFree(ctx context.Context, q mysql.Queryer, a landlord.Approval) error {
	had, err := s.Registry.readHolding(ctx, q, a.Digest, a.Tenant)
	if err != nil || had == nil {
		return err
	}
	if had.ApprovedBy == a.ApprovedBy && had.Note == a.Note && had.ExpiresAt.Equal(a.ExpiresAt.Truncate(time.Microsecond)) {
		return nil // an apply that was cut off before Terraform wrote its state
	}
	return landlord.NewProblem(landlord.FieldDigest, "Migration is approved already",
		fmt.Sprintf("`%s` has approved it on %s.", had.ApprovedBy, had.CreatedAt.Format(time.RFC3339)),
		fmt.Sprintf("To manage that approval here, import it: `terraform import <address> %s`.", had.ID()))
}

// Withdraw takes an approval back. What it has allowed already stays.
// ErrNotFound when there is none.
func (s *Servers) Withdraw(ctx context.Context, digest, tenant string) error {
	had, err := s.Registry.deleteApproval(ctx, s.Main(), digest, tenant)
	if err != nil {
		return Unreachable(s.Main(), "withdrawing an approval", err)
	}
	if !had {
		return landlord.ErrNotFound
	}
	return nil
}
