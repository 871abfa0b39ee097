package drift

import (
	"cmp"
	"context"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Records lists what tenants have of a kind, by tenant and name: of one tenant, or
// of all when no slug is given. What a run was cut off in making or removing is left
// out, and so are accounts for one run and checkpoints that were taken by
// themselves. One statement answers, whatever the number of tenants.
func (r *Reader) Records(ctx context.Context, kind landlord.RecordKind, slug string) ([]landlord.Record, error) {
	var all []landlord.Record
	var err error
	switch kind {
	case landlord.RecordCustomization:
		all, err = r.customizationRecords(ctx)
	case landlord.RecordCheckpoint:
		all, err = r.checkpointRecords(ctx)
	case landlord.RecordAccount:
		all, err = r.accountRecords(ctx)
	}
	if err != nil {
		return nil, registry.Unreachable(r.Servers.Main(), "listing what tenants have", err)
	}
	all = slices.DeleteFunc(all, func(x landlord.Record) bool { return slug != "" && x.Tenant != slug })
	slices.SortFunc(all, func(a, b landlord.Record) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Name, b.Name))
	})
	return all, nil
}

func (r *Reader) customizationRecords(ctx context.Context) ([]landlord.Record, error) {
	rows, err := r.Estate.Snapshot.All(ctx)
	if err != nil {
		return nil, err
	}
	byTenant, err := r.Registry.ReadCustomizations(ctx, r.Servers.Main())
	var all []landlord.Record
	for _, row := range rows {
		for _, c := range byTenant[row.ID] {
			all = append(all, landlord.Record{Tenant: row.Slug, Name: c.Name})
		}
	}
	return all, err
}

func (r *Reader) checkpointRecords(ctx context.Context) ([]landlord.Record, error) {
	rows, err := r.Registry.ReadCheckpoints(ctx, r.Servers.Main())
	var all []landlord.Record
	for _, row := range rows {
		if c := registry.ToCheckpoint(row); c.Status == landlord.CheckpointReady && !c.Automatic {
			all = append(all, landlord.Record{Tenant: row.Slug, Name: row.Name})
		}
	}
	return all, err
}

func (r *Reader) accountRecords(ctx context.Context) ([]landlord.Record, error) {
	rows, err := r.Registry.ReadAccounts(ctx, r.Servers.Main())
	var all []landlord.Record
	for _, row := range rows {
		if row.Ready && !row.Temporary() {
			all = append(all, landlord.Record{Tenant: row.Slug, Name: row.Name})
		}
	}
	return all, err
}
