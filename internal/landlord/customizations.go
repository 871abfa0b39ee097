package landlord

import (
	"context"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
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

// OwnedElement is a thing of a tenant's schema that a customization made: a
// whole object, or an element of a table of the template.
type OwnedElement struct {
	Object  string `json:"object"`            // kind and name: `table users`
	Element string `json:"element,omitempty"` // as in ddl.ElementChange; empty for the whole object
	Text    string `json:"text"`              // as the server prints it
	// Ceded says that the template has the element by now, and its text counts.
	Ceded bool `json:"ceded,omitempty"`
}

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

// place returns where the element is.
func (o OwnedElement) place() ddl.Place { return ddl.Place{Object: o.Object, Element: o.Element} }

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

// ownerOf returns the name of the customization that made an element, or is
// about to, or nothing. Who made the element itself comes before who made the
// whole object.
func ownerOf(all []customization, object, element string) string {
	for _, whole := range []bool{false, true} {
		for _, c := range all {
			for _, o := range c.elements() {
				if o.Object == object && !o.Ceded && (o.Element == element && !whole || o.Element == "" && whole) {
					return c.name
				}
			}
		}
	}
	return ""
}

// underway says whether a difference belongs to a customization whose last run
// was interrupted: then it is no drift, and the next apply goes on with it. With
// coarse, only whole objects are known to differ.
func underway(all []customization, d ddl.ElementChange, coarse bool) bool {
	for i := range all {
		c := &all[i]
		if c.pending != nil && slices.ContainsFunc(c.elements(), func(o OwnedElement) bool {
			return o.Object == d.Object && (coarse || o.Element == d.Element || o.Element == "")
		}) {
			return true
		}
	}
	return false
}

// underwayPlaces returns what interrupted runs were working on.
func underwayPlaces(all []customization) []ddl.Place {
	var out []ddl.Place
	for i := range all {
		if all[i].pending != nil {
			out = append(out, ownedPlaces(all[i].elements())...)
		}
	}
	return out
}
