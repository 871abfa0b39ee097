package landlord

import (
	"context"
	"maps"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// CustomizationStatus says where a customization stands.
type CustomizationStatus string

// The statuses of a customization. Removing and applying are passing ones that
// only an interrupted run leaves behind.
const (
	CustomizationApplying CustomizationStatus = "applying"
	CustomizationActive   CustomizationStatus = "active"
	CustomizationRemoving CustomizationStatus = "removing"
)

// CustomizationPatch is what a tenant gets beyond its template.
type CustomizationPatch struct {
	Tables  map[string]string     `json:"tables,omitempty"` // name to CREATE TABLE
	Columns []CustomizationColumn `json:"columns,omitempty"`
	Indexes []CustomizationIndex  `json:"indexes,omitempty"`
	Views   map[string]string     `json:"views,omitempty"` // name to SELECT
	SQL     string                `json:"sql,omitempty"`   // further additive statements
}

// CustomizationColumn is a column that a tenant adds to a table.
type CustomizationColumn struct {
	Table      string `json:"table"`
	Name       string `json:"name"`
	Definition string `json:"definition"` // type and attributes
}

// CustomizationIndex is an index that a tenant adds to a table.
type CustomizationIndex struct {
	Table   string   `json:"table"`
	Name    string   `json:"name"`
	Columns []string `json:"columns"` // names, each with a length or direction if wanted
	Unique  bool     `json:"unique,omitempty"`
}

// customizationsOf returns the recorded customizations of a tenant, by name.
// One statement answers for all tenants.
func (e *Engine) customizationsOf(ctx context.Context, tenant uint64) ([]customization, error) {
	if err := e.estate.load(ctx); err != nil {
		return nil, err
	}
	s := e.estate
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.customizations == nil {
		all, err := e.registry.readCustomizations(ctx, e.main())
		if err != nil {
			return nil, unreachable(e.main(), "reading the customizations", err)
		}
		s.customizations = all
	}
	if err := s.readChanged(ctx, tenant); err != nil {
		return nil, err
	}
	return s.customizations[tenant], nil
}

// learnCustomizations records what this process has just made true of a tenant.
func (s *estate) learnCustomizations(tenant uint64, all []customization) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.customizations != nil {
		s.customizations[tenant] = all
	}
}

// readChanged reads again what this process may have changed of a tenant.
func (s *estate) readChanged(ctx context.Context, tenant uint64) error {
	if !s.changed[tenant] {
		return nil
	}
	if s.customizations != nil {
		all, err := s.e.registry.readCustomizations(ctx, s.e.main(), tenant)
		if err != nil {
			return unreachable(s.e.main(), "reading the customizations", err)
		}
		s.customizations[tenant] = all[tenant]
	}
	if s.decisions != nil {
		made, err := s.e.registry.readDecisions(ctx, s.e.main(), tenant)
		if err != nil {
			return unreachable(s.e.main(), "reading earlier decisions", err)
		}
		next := &decisions{byTenant: maps.Clone(s.decisions.byTenant), byClash: maps.Clone(s.decisions.byClash)} // others read the former one
		next.byTenant[tenant] = made.byTenant[tenant]
		maps.Copy(next.byClash, made.byClash)
		s.decisions = next
	}
	delete(s.changed, tenant)
	return nil
}

// forMerge returns what a merge has to know of a customization.
func (c *customization) forMerge() merge.Customization {
	m := merge.Customization{Name: c.name, Owned: c.objects}
	if c.pending != nil {
		m.Interrupted, m.Planned = true, c.pending.Objects
	}
	return m
}

func forMerge(all []customization) []merge.Customization {
	out := make([]merge.Customization, 0, len(all))
	for i := range all {
		out = append(out, all[i].forMerge())
	}
	return out
}
