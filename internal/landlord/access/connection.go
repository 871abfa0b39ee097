package access

import (
	"cmp"
	"context"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Connections tells how applications reach tenants: some, or all with nil. It
// takes as many statements whatever their number, and asks no server but the main
// one. The error is a *Problem when the landlord database does not know a tenant.
func (a *Accesses) Connections(ctx context.Context, slugs []string) ([]landlord.Connection, error) {
	rows, err := a.tenantsOf(ctx, slugs)
	if err != nil {
		return nil, err
	}
	all, err := a.Registry.ReadAccounts(ctx, a.Servers.Main())
	if err != nil {
		return nil, registry.Unreachable(a.Servers.Main(), "reading the accounts of tenants", err)
	}
	accounts := map[uint64][]*registry.AccountRow{}
	for _, r := range all {
		if r.Ready && !r.Temporary() {
			accounts[r.Tenant] = append(accounts[r.Tenant], r)
		}
	}
	out := make([]landlord.Connection, 0, len(rows))
	for _, row := range rows {
		one, err := a.connection(row, accounts[row.ID])
		if err != nil {
			return nil, err
		}
		out = append(out, *one)
	}
	return out, nil
}

func (a *Accesses) tenantsOf(ctx context.Context, slugs []string) (rows []*registry.TenantRow, err error) {
	if slugs == nil {
		rows, err = a.Estate.Snapshot.All(ctx)
	}
	for _, slug := range slugs {
		row, err := a.Estate.Snapshot.Row(ctx, slug)
		if err != nil {
			return nil, err
		}
		if row == nil {
			return nil, landlord.TenantUnknown(slug)
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b *registry.TenantRow) int { return cmp.Compare(a.Slug, b.Slug) })
	return rows, err
}

func (a *Accesses) connection(row *registry.TenantRow, accounts []*registry.AccountRow) (*landlord.Connection, error) {
	srv, err := a.Servers.Server(row.Server)
	if err != nil {
		return nil, err
	}
	out := &landlord.Connection{
		Tenant: row.Slug, Server: row.Server, Status: row.Status, Database: row.Database, Reach: srv.Reach(), TLS: srv.TLSMode(), Accounts: []landlord.ConnectionAccount{},
	}
	for _, r := range accounts {
		out.Accounts = append(out.Accounts, landlord.ConnectionAccount{
			Name: r.Name, Role: r.Role, Hosts: r.Hosts, RequireTLS: r.RequireTLS, DSN: out.Reach.DSN(r.Name, "", row.Database, r.RequireTLS),
		})
	}
	return out, nil
}
