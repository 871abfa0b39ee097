package engine

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// What actions ask beyond what resources do: they have no state that knows.

// RestoreOfItsOwn returns a specification that is not taken for a restore that was
// done before, see restore.Restores.OfItsOwn.
func (e *Engine) RestoreOfItsOwn(ctx context.Context, spec landlord.RestoreSpec) (landlord.RestoreSpec, error) {
	return e.restores.OfItsOwn(ctx, spec)
}

// StandingTenant is Tenant with the status of a tenant that stays behind its template,
// as the last apply has recorded it.
func (e *Engine) StandingTenant(ctx context.Context, slug string) (*landlord.Tenant, error) {
	return e.tenants.StandingTenant(ctx, slug)
}
