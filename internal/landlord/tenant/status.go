package tenant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// setStatus changes the status of a tenant. Suspended and archived tenants are
// locked out: accounts that the landlord made are locked, and what others have on
// exactly this database is taken away, remembered in the tenant's row, and given
// back when the tenant is active again. What is taken is recorded before it is
// taken.
func (t *Tenants) setStatus(ctx context.Context, j *apply.Job, status landlord.Status) (err error) {
	if j.Row.Status == status {
		return nil
	}
	if status == landlord.StatusActive {
		err = t.letIn(ctx, j)
	} else {
		err = t.lockOut(ctx, j)
	}
	if err != nil {
		return &landlord.Problem{Field: landlord.FieldStatus, Summary: "Tenant status cannot be changed", Detail: []string{
			fmt.Sprintf("Tenant `%s` was to become `%s`.", j.Slug, status),
			"Cause: " + mysql.Message(err),
			"The account of the provider needs the right to read `mysql.*` and to grant what the tenant's accounts have. Apply again.",
		}, Err: err}
	}
	return j.Both(ctx, fmt.Sprintf("changing the status of tenant `%s`", j.Slug), func(registry, local mysql.Queryer) error {
		if err := t.Registry.SetTenantStatus(ctx, registry, j.Row.ID, status); err != nil {
			return err
		}
		return t.Registry.WriteEvent(ctx, local, j.Row, string(status), t.Servers.Author(j.Info), map[string]any{"from": j.Row.Status})
	})
}

// lockOut locks the accounts of the tenant, takes the privileges of others on the
// database away and ends the connections that use it.
func (t *Tenants) lockOut(ctx context.Context, j *apply.Job) error {
	others, err := privilege.DatabaseGrants(ctx, j.X, j.Info, j.Database)
	if err != nil {
		return err
	}
	isOurs, err := t.Accesses.SetLocked(ctx, j, true)
	if err != nil {
		return err
	}
	others = slices.DeleteFunc(others, func(g privilege.DatabaseGrant) bool { return isOurs(g.User, g.Host) })
	if owner, ok := t.Accounts.OwnerOf(j.Database); ok { // it cannot log in, and programs would fail when they run
		others = slices.DeleteFunc(others, func(g privilege.DatabaseGrant) bool { return g.User == owner.User && g.Host == owner.Host })
	}
	kept, err := t.lockedOut(j.Row)
	if err != nil {
		return err
	}
	kept = append(kept, others...)
	if err := t.Registry.SetTenantLockedOut(ctx, j.OnMain(), j.Row.ID, kept); err != nil {
		return err
	}
	for _, g := range others {
		if err := privilege.Revoke(ctx, j.X, g); err != nil {
			return err
		}
	}
	return privilege.EndConnections(ctx, j.X, j.Info, j.Database)
}

// letIn unlocks the accounts of the tenant and gives the privileges of others
// back. An account that the landlord has taken over meanwhile has those of its
// role.
func (t *Tenants) letIn(ctx context.Context, j *apply.Job) error {
	kept, err := t.lockedOut(j.Row)
	if err != nil {
		return err
	}
	isOurs, err := t.Accesses.SetLocked(ctx, j, false)
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
	return t.Registry.SetTenantLockedOut(ctx, j.OnMain(), j.Row.ID, nil)
}

func (t *Tenants) lockedOut(row *registry.TenantRow) ([]privilege.DatabaseGrant, error) {
	if len(row.LockedOut) == 0 {
		return nil, nil
	}
	var kept []privilege.DatabaseGrant
	if err := json.Unmarshal(row.LockedOut, &kept); err != nil {
		return nil, fmt.Errorf("reading what was taken from the accounts of tenant `%s`: %w", row.Slug, err)
	}
	return kept, nil
}
