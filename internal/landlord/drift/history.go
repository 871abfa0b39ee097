package drift

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// History reads what happened to a tenant, from the ledger of its server. Of a
// tenant that is gone, the ledger of the main server still knows. The error is
// a *Problem when nobody knows the slug.
func (r *Reader) History(ctx context.Context, slug string, opt landlord.HistoryOptions) (*landlord.History, error) {
	if opt.Limit <= 0 {
		opt.Limit = 50
	}
	row, err := r.Estate.Snapshot.Row(ctx, slug)
	if err != nil {
		return nil, err
	}
	srv := r.Servers.Main()
	if row != nil {
		if srv, err = r.Servers.Server(row.Server); err != nil {
			return nil, err
		}
	}
	h := &landlord.History{Customizations: []landlord.PastCustomization{}}
	if h.Migrations, err = r.Registry.PastMigrations(ctx, srv, slug, opt.Limit, opt.Steps); err != nil {
		return nil, registry.Unreachable(srv, "reading the ledger", err)
	}
	if h.Events, err = r.Registry.PastEvents(ctx, srv, slug, opt.Limit); err != nil {
		return nil, registry.Unreachable(srv, "reading the ledger", err)
	}
	switch {
	case row == nil && len(h.Migrations) == 0 && len(h.Events) == 0 && r.Estate.Run.Claimed(slug) == "":
		return nil, landlord.TenantUnknown(slug)
	case row == nil:
		return h, nil
	}
	return h, r.Estate.PastCustomizations(ctx, srv, row, h, opt.Limit)
}
