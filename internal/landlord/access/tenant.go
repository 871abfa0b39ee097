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
