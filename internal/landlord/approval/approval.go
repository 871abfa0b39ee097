// Package approval gives and withdraws approvals of migrations, each together with
// what is recorded of it in the history of tenants.
package approval

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Approvals gives and withdraws approvals.
type Approvals struct {
	Registry *registry.Store
	Servers  *registry.Servers
	Jobs     *apply.Jobs
}

func (a *Approvals) record(ctx context.Context, q mysql.Queryer, told landlord.NewEvent) error {
	if len(told.Tenants) == 0 {
		return nil
	}
	return a.Registry.WriteEvents(ctx, q, told.Tenants, told.Event, told.Author, told.Detail) //nolint:wrapcheck // it names the event
}

// Read returns an approval, whether it still holds or not. ErrNotFound when there is
// none.
func (a *Approvals) Read(ctx context.Context, digest, tenant string) (*landlord.Approval, error) {
	main := a.Servers.Main()
	found, err := a.Registry.ReadApproval(ctx, main, digest, tenant)
	if err != nil {
		return nil, registry.Unreachable(main, "reading an approval", err)
	}
	if found == nil {
		return nil, landlord.ErrNotFound
	}
	return found, nil
}

// Give gives an approval, or changes the one that was given at CreatedAt, unless that
// is zero, when renew says so. Approving again in the same words what is approved
// changes nothing. The approval and the event come about together or not at all.
// Errors are Problems.
func (a *Approvals) Give(ctx context.Context, given landlord.Approval, renew bool, told landlord.NewEvent) (*landlord.Approval, error) {
	main := a.Servers.Main()
	info, err := main.Info(ctx) // before a connection is taken: there may be one alone
	if err != nil {
		return nil, registry.Unreachable(main, "approving a migration", err)
	}
	if given.ApprovedBy == "" {
		given.ApprovedBy = a.Servers.Author(info)
	}
	given.ApprovedBy = landlord.Cut(given.ApprovedBy, 190)
	check := a.checkFree
	if renew {
		check = a.checkThere
	}
	var made *landlord.Approval
	err = a.Jobs.WriteTogether(ctx, main, "approving a migration", func(q mysql.Queryer) error {
		if err := checkExpiry(ctx, q, given); err != nil {
			return err
		}
		if err := check(ctx, q, given); err != nil {
			return err
		}
		if err := a.Registry.WriteApproval(ctx, q, given); err != nil {
			return err //nolint:wrapcheck // it says what was attempted
		}
		if err := a.record(ctx, q, told); err != nil {
			return err
		}
		var err error
		if made, err = a.Registry.ReadApproval(ctx, q, given.Digest, given.Tenant); err == nil && made == nil {
			err = landlord.ErrNotFound
		}
		return err //nolint:wrapcheck // it says what was attempted
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// Withdraw takes approvals back, and returns how many there were. What they have
// allowed already stays. The event is recorded with them or not at all; also when there
// was none. Errors are Problems.
func (a *Approvals) Withdraw(ctx context.Context, withdrawn []landlord.Approval, told landlord.NewEvent) (int, error) {
	if len(told.Tenants) == 0 {
		there, err := a.thereAre(ctx, withdrawn)
		if err != nil || !there {
			return 0, err // a landlord database that is gone is not made anew for this
		}
	}
	count := 0
	err := a.Jobs.WriteTogether(ctx, a.Servers.Main(), "withdrawing an approval", func(q mysql.Queryer) error {
		for _, one := range withdrawn {
			had, err := a.Registry.DeleteApproval(ctx, q, one.Digest, one.Tenant)
			if err != nil {
				return err //nolint:wrapcheck // it says what was attempted
			}
			if had {
				count++
			}
		}
		return a.record(ctx, q, told)
	})
	if err != nil {
		return 0, err
	}
	return count, nil
}

func (a *Approvals) thereAre(ctx context.Context, some []landlord.Approval) (bool, error) {
	for _, one := range some {
		_, err := a.Read(ctx, one.Digest, one.Tenant)
		if err == nil || !errors.Is(err, landlord.ErrNotFound) {
			return err == nil, err
		}
	}
	return false, nil
}

// checkThere refuses to change an approval that was withdrawn meanwhile: changing
// it would give it again.
func (a *Approvals) checkThere(ctx context.Context, q mysql.Queryer, given landlord.Approval) error {
	there, err := a.Registry.ReadApproval(ctx, q, given.Digest, given.Tenant)
	if err != nil {
		return err
	}
	if there != nil && (given.CreatedAt.IsZero() || given.CreatedAt.Truncate(time.Second).Equal(there.CreatedAt.Truncate(time.Second))) {
		return nil
	}
	return landlord.NewProblem(landlord.FieldDigest, "Approval was withdrawn",
		fmt.Sprintf("The approval `%s` is to change, and another run has withdrawn it since it was read.", given.ID()), "Nothing was recorded. Plan again: the plan gives it anew.")
}

// checkExpiry refuses an approval that allows nothing.
func checkExpiry(ctx context.Context, q mysql.Queryer, given landlord.Approval) error {
	if given.ExpiresAt.IsZero() {
		return nil
	}
	now, err := registry.ServerTime(ctx, q)
	if err != nil {
		return err
	}
	if given.ExpiresAt.After(now) {
		return nil
	}
	return landlord.NewProblem(landlord.FieldExpiresAt, "Approval has run out already",
		fmt.Sprintf("The approval is to hold until %s; the landlord database has %s.", given.ExpiresAt.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339)),
		"Set `expires_at` to a later time, or leave it out.")
}

// checkFree refuses to take over what somebody else approved in other words.
func (a *Approvals) checkFree(ctx context.Context, q mysql.Queryer, given landlord.Approval) error {
	had, err := a.Registry.ReadHolding(ctx, q, given.Digest, given.Tenant)
	if err != nil || had == nil {
		return err
	}
	if had.ApprovedBy == given.ApprovedBy && had.Note == given.Note && had.ExpiresAt.Equal(given.ExpiresAt.Truncate(time.Microsecond)) {
		return nil // an apply that was cut off before Terraform wrote its state
	}
	return landlord.NewProblem(landlord.FieldDigest, "Migration is approved already",
		fmt.Sprintf("`%s` has approved it on %s.", had.ApprovedBy, had.CreatedAt.Format(time.RFC3339)),
		fmt.Sprintf("To manage that approval here, import it: `terraform import <address> %s`.", had.ID()))
}
