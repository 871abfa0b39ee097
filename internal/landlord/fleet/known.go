package fleet

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Known returns a fleet as the landlord database has it, for an import: its
// tenants as a list, the template version that most of them follow, and how many
// are ready. landlord.ErrNotFound when there is no tenant in a fleet of that name.
// Errors are Problems.
func (f *Fleets) Known(ctx context.Context, name string) (*Spec, error) {
	rows, fleets, err := f.members(ctx)
	if err != nil {
		return nil, err
	}
	spec := &Spec{Name: name, Pool: 1}
	kept, err := f.pool(ctx, *spec, nil)
	if err != nil {
		return nil, err
	}
	spec.Pool = len(kept.own)
	follow := map[string]int{}
	for slug, fleet := range fleets {
		if row := rows[slug]; fleet == name && row != nil {
			spec.Members = append(spec.Members, Member{
				Slug: slug, Name: row.Name, Modules: slices.Sorted(slices.Values(row.Modules)), Metadata: row.Metadata, Server: row.Server, Version: row.Applied,
			})
			follow[row.AppliedTemplate()]++
		}
	}
	for _, t := range kept.own {
		spec.Pooled = append(spec.Pooled, t.Slug)
		if row := rows[t.Slug]; row != nil {
			follow[row.AppliedTemplate()]++
		}
	}
	if len(spec.Members) == 0 && spec.Pool == 0 {
		return nil, landlord.ErrNotFound
	}
	for template, n := range follow {
		if n > follow[spec.Template] || n == follow[spec.Template] && template > spec.Template {
			spec.Template = template
		}
	}
	for i := range spec.Members {
		m := &spec.Members[i]
		if name, err := f.Servers.DatabaseName(m.Slug); err == nil && name != rows[m.Slug].Database {
			m.Database = rows[m.Slug].Database
		}
	}
	name, version, _ := strings.Cut(spec.Template, "@")
	for i := range spec.Members {
		m := &spec.Members[i]
		if row := rows[m.Slug]; row.Template != name {
			return nil, landlord.NewProblem(FieldTenants, "Fleet has tenants of several templates",
				fmt.Sprintf("Importing fleet `%s`: tenant `%s` follows `%s`, most others `%s`, and a fleet has one template.", spec.Name, m.Slug, row.AppliedTemplate(), spec.Template),
				"Write the configuration of the fleet without an import: tenants that exist join it as they are.")
		}
		if m.Version == version {
			m.Version = ""
		}
	}
	slices.SortFunc(spec.Members, func(a, b Member) int { return strings.Compare(a.Slug, b.Slug) })
	return spec, nil
}

// Records lists the fleets that have a tenant, be it a ready one only, by name: those
// that Known returns. Errors are Problems.
func (f *Fleets) Records(ctx context.Context) ([]landlord.Record, error) {
	rows, fleets, err := f.members(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := f.pool(ctx, Spec{Pool: 1}, nil)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for slug, fleet := range fleets {
		if rows[slug] != nil {
			names[fleet] = true
		}
	}
	for _, t := range kept.free {
		names[t.Fleet] = true
	}
	return landlord.NamedRecords(slices.Sorted(maps.Keys(names))), nil
}

// members returns the tenants that there are, and the fleet of each that is in one, by
// slug: a fleet may have tenants that are not made yet.
func (f *Fleets) members(ctx context.Context) (map[string]*registry.TenantRow, map[string]string, error) {
	rows, err := f.rows(ctx)
	if err != nil {
		return nil, nil, err
	}
	fleets, err := f.Estate.Fleets(ctx)
	if err != nil {
		return nil, nil, err
	}
	return rows, fleets.Of, nil
}
