package tenant

import (
	"context"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// withFleet says which fleet has a tenant.
func (t *Tenants) withFleet(ctx context.Context, one *landlord.Tenant) (*landlord.Tenant, error) {
	if !one.Registered {
		return one, nil
	}
	fleets, err := t.Estate.Fleets(ctx)
	if err != nil {
		return nil, err
	}
	one.Fleet = fleets.Of[one.Slug]
	return one, nil
}

// leaves tells of a tenant that leaves its fleet. That another resource has the fleet
// cannot be seen from here.
func leaves(slug, fleet string) landlord.Note {
	return landlord.Note{Severity: landlord.Warning, Field: landlord.FieldSlug, Summary: "Tenant leaves its fleet",
		Detail: fmt.Sprintf("Tenant `%s` is in the fleet `%s`, and this resource has come to it by an import or a `moved` block. The apply takes it out of the fleet; its database stays as it is.\n\n"+
			"If a configuration still has that fleet, take the tenant out of its `tenants` and name it in `released`: else two resources manage it, and the fleet takes it in again.", slug, fleet)}
}

// leave records that a tenant is in no fleet any more, when it has come out of one.
func (t *Tenants) leave(ctx context.Context, slug, fleet string) error {
	if fleet == "" {
		return nil
	}
	defer t.Estate.ForgetFleets()
	return t.Jobs.Write(ctx, t.Servers.Main(), fmt.Sprintf("taking tenant `%s` out of the fleet `%s`", slug, fleet), func(q mysql.Queryer) error {
		return t.Registry.LeaveFleet(ctx, q, fleet, []string{slug})
	})
}
