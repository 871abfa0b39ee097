package fleet

import (
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// FieldSelect is the attribute that chooses tenants which the landlord database
// knows.
const FieldSelect landlord.Field = "select"

// Selection chooses tenants that are active or suspended and in no other fleet.
type Selection struct {
	Template string            // name, or name@version, of what is in force; empty for the name of the fleet's template
	Metadata map[string]string // that a tenant has, with whatever else; empty chooses all
}

// takes says whether a tenant is chosen, by its row.
func (s *Selection) takes(row *registry.TenantRow, template string) bool {
	if row.Status != landlord.StatusActive && row.Status != landlord.StatusSuspended {
		return false
	}
	wanted := s.Template
	if wanted == "" {
		wanted, _, _ = strings.Cut(template, "@")
	}
	if row.Template != wanted && row.AppliedTemplate() != wanted {
		return false
	}
	for key, value := range s.Metadata {
		if have, ok := row.Metadata[key]; !ok || have != value {
			return false
		}
	}
	return true
}

// choice returns the slugs of the tenants that a fleet has beside its list, in
// order: those that its selection takes, or, in an apply, those that the plan has
// shown and that are still there.
func (s *Spec) choice(prior *Prior, rows map[string]*registry.TenantRow, fleets map[string]string) []string {
	if s.Select == nil {
		return nil
	}
	taken := map[string]bool{}
	for _, m := range s.Members {
		taken[m.Slug] = true
	}
	for _, slug := range s.Released {
		taken[slug] = true
	}
	slugs := s.Selected
	if !s.Planned {
		slugs = slices.Sorted(maps.Keys(rows))
	}
	return slices.DeleteFunc(slices.Clone(slugs), func(slug string) bool {
		row, fleet := rows[slug], fleets[slug]
		if taken[slug] || row == nil {
			return true
		}
		return !s.Planned && (fleet != "" && fleet != s.Name && !prior.has(fleet) || !s.Select.takes(row, s.Template))
	})
}

// with returns the specification with tenants that are not in its list: they keep
// what the landlord database knows of them.
func (s Spec) with(slugs []string, rows map[string]*registry.TenantRow) Spec {
	s.Members = slices.Clone(s.Members)
	for _, slug := range slugs {
		m := Member{Slug: slug, selected: true}
		if row := rows[slug]; row != nil {
			m.Name, m.Modules, m.Metadata, m.Server, m.status = row.Name, slices.Sorted(slices.Values(row.Modules)), row.Metadata, row.Server, row.Status
		}
		s.Members = append(s.Members, m)
	}
	slices.SortFunc(s.Members, func(a, b Member) int { return strings.Compare(a.Slug, b.Slug) })
	return s
}
