package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// SetLocked locks the accounts that the landlord has made for a tenant, and ends
// their connections, or unlocks them. Their rights stay. It returns what says of
// any account of the server whether it is one of them: what is not has to be kept
// out in another way.
func (a *Accesses) SetLocked(ctx context.Context, j *apply.Job, locked bool) (isOurs func(user, host string) bool, err error) {
	rows, err := a.Registry.ReadTenantAccounts(ctx, j.OnMain(), j.Row.ID)
	if err != nil {
		return nil, err
	}
	isOurs = func(user, host string) bool {
		return slices.ContainsFunc(rows, func(r *registry.AccountRow) bool { return r.Name == user && slices.Contains(r.Hosts, host) })
	}
	names, logins := accountNames(rows)
	if len(names) == 0 {
		return isOurs, nil
	}
	defer a.forget()
	word := " ACCOUNT UNLOCK"
	if locked {
		word = " ACCOUNT LOCK"
	}
	if _, err := j.X.Exec(ctx, "ALTER USER IF EXISTS "+strings.Join(names, ", ")+word); err != nil {
		return nil, fmt.Errorf("changing the locks of the accounts %s: %w", strings.Join(names, ", "), err)
	}
	if !locked {
		return isOurs, nil
	}
	return isOurs, mysql.EndUserConnections(ctx, j.X, j.Info, logins...)
}

// DropAll drops the accounts that the landlord has made for a tenant that goes.
// Forget comes after it.
func (a *Accesses) DropAll(ctx context.Context, j *apply.Job) error {
	rows, err := a.Registry.ReadTenantAccounts(ctx, j.OnMain(), j.Row.ID)
	if err != nil {
		return err
	}
	defer a.forget()
	return a.dropAll(ctx, j, rows...)
}

// CopyTo makes the accounts that the landlord has made for a tenant on another
// server, with their passwords and rights, as they are.
func (a *Accesses) CopyTo(ctx context.Context, from, to *apply.Job) error {
	rows, err := a.Registry.ReadTenantAccounts(ctx, from.OnMain(), from.Row.ID)
	if err != nil {
		return err
	}
	names, _ := accountNames(rows)
	for _, name := range names {
		if err := mysql.CopyAccount(ctx, from.X, to.X, from.Info, name); err != nil {
			return err
		}
	}
	return nil
}

// DropCopies drops the accounts of a tenant on the server of a job, on which the
// tenant does not live. What is recorded of them stays.
func (a *Accesses) DropCopies(ctx context.Context, j *apply.Job, tenant uint64) error {
	rows, err := a.Registry.ReadTenantAccounts(ctx, j.OnMain(), tenant)
	if err != nil {
		return err
	}
	names, _ := accountNames(rows)
	for _, name := range names {
		if _, err := j.X.Exec(ctx, "DROP USER IF EXISTS "+name); err != nil {
			return fmt.Errorf("dropping the account %s: %w", name, err)
		}
	}
	return nil
}

// Forget makes the run read all accounts again.
func (a *Accesses) Forget() { a.forget() }
