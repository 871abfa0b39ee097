package fleet

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// readAdopted reads the databases that tenants are to adopt, all of a server in as
// many statements as one. One that cannot be read is asked for by itself when its
// tenant is planned, which says why.
func (f *Fleets) readAdopted(ctx context.Context, todo []*planned) {
	by := map[string][]*registry.TenantRow{} // as they will be
	for _, one := range todo {
		if one.row == nil && one.prior != nil && one.spec.Database != "" {
			by[one.spec.Server] = append(by[one.spec.Server], &registry.TenantRow{Slug: one.slug, Server: one.spec.Server, Database: one.spec.Database})
		}
	}
	for server, rows := range by {
		if err := f.Estate.Snapshot.ReadWhole(ctx, server, rows); err != nil {
			f.Config.Log(ctx, "Reads databases to adopt one by one", map[string]any{"server": server, "cause": err.Error()})
		}
	}
}
