package landlord

import (
	"context"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Approval returns an approval, whether it still holds or not. ErrNotFound when
// there is none.
func (e *Engine) Approval(ctx context.Context, digest, tenant string) (*Approval, error) {
	a, err := e.registry.readApproval(ctx, e.main(), digest, tenant)
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
	if err := e.registry.writeApproval(ctx, x, a); err != nil {
		return nil, err
	}
	made, err := e.registry.readApproval(ctx, x, a.Digest, a.Tenant)
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
	had, err := e.registry.readHolding(ctx, q, a.Digest, a.Tenant)
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
	had, err := e.registry.deleteApproval(ctx, e.main(), digest, tenant)
	if err != nil {
		return unreachable(e.main(), "withdrawing an approval", err)
	}
	if !had {
		return ErrNotFound
	}
	return nil
}
