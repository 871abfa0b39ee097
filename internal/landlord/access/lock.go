package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// LockOut locks the accounts of the tenant, takes the privileges of others on the
// database away and ends the connections that use it.
func (a *Accesses) LockOut(ctx context.Context, j *apply.Job) error {
	others, err := privilege.DatabaseGrants(ctx, j.X, j.Info, j.Database)
	if err != nil {
		return err
	}
	isOurs, err := a.setLocked(ctx, j, true)
	if err != nil {
		return err
	}
	others = slices.DeleteFunc(others, func(g privilege.DatabaseGrant) bool { return isOurs(g.User, g.Host) })
	if owner, ok := a.Accounts.OwnerOf(j.Database); ok { // it cannot log in, and programs would fail when they run
		others = slices.DeleteFunc(others, func(g privilege.DatabaseGrant) bool { return g.User == owner.User && g.Host == owner.Host })
	}
	kept, err := lockedOut(j.Row)
	if err != nil {
		return err
	}
	kept = append(kept, others...)
	if err := a.Registry.SetTenantLockedOut(ctx, j.OnMain(), j.Row.ID, kept); err != nil {
		return err
	}
	for _, g := range others {
		if err := privilege.Revoke(ctx, j.X, g); err != nil {
			return err
		}
	}
	return privilege.EndConnections(ctx, j.X, j.Info, j.Database)
}

// LetIn unlocks the accounts of the tenant and gives the privileges of others
// back. An account that the landlord has taken over meanwhile has those of its
// role.
func (a *Accesses) LetIn(ctx context.Context, j *apply.Job) error {
	kept, err := lockedOut(j.Row)
	if err != nil {
		return err
	}
	isOurs, err := a.setLocked(ctx, j, false)
	if err != nil {
		return err
	}
	for _, g := range kept {
		if isOurs(g.User, g.Host) {
			continue
		}
		if err := privilege.Grant(ctx, j.X, g); err != nil && !errors.Is(err, privilege.ErrNoSuchAccount) {
			return err
		}
	}
	return a.Registry.SetTenantLockedOut(ctx, j.OnMain(), j.Row.ID, nil)
}

func lockedOut(row *registry.TenantRow) ([]privilege.DatabaseGrant, error) {
	if len(row.LockedOut) == 0 {
		return nil, nil
	}
	var kept []privilege.DatabaseGrant
	if err := json.Unmarshal(row.LockedOut, &kept); err != nil {
		return nil, fmt.Errorf("reading what was taken from the accounts of tenant `%s`: %w", row.Slug, err)
	}
	return kept, nil
}

// setLocked locks the accounts that the landlord has made for a tenant, and ends
// their connections, or unlocks them. Their rights stay. It returns what says of
// any account of the server whether it is one of them: what is not has to be kept
// out in another way.
func (a *Accesses) setLocked(ctx context.Context, j *apply.Job, locked bool) (isOurs func(user, host string) bool, err error) {
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
	return isOurs, privilege.EndUserConnections(ctx, j.X, j.Info, logins...)
}
