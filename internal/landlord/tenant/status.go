package tenant

import (
	"context"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
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
		err = t.Accesses.LetIn(ctx, j)
	} else {
		err = t.Accesses.LockOut(ctx, j)
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
