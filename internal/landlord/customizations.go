package landlord

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
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

// customization is a row of `tenant_customizations`.
type customization struct {
	id, tenant           uint64
	name, reason, author string
	patch                CustomizationPatch
	objects              []OwnedElement
	checksum             string // of the patch
	status               CustomizationStatus
	pending              *pendingChange // of a run that was interrupted, else nil
	createdAt, updatedAt time.Time
}

// pendingChange is what an interrupted run was about to make of a
// customization.
type pendingChange struct {
	Patch   *CustomizationPatch `json:"patch,omitempty"` // nil: it was to go
	Objects []OwnedElement      `json:"objects,omitempty"`
	Reason  string              `json:"reason,omitempty"`
	Author  string              `json:"author,omitempty"`
	Digest  string              `json:"digest,omitempty"` // of the migration in the ledger
}

// storedDefinition is the definition of a customization as its row has it.
type storedDefinition struct {
	CustomizationPatch
	Pending *pendingChange `json:"pending,omitempty"`
}

// elements returns what a customization made and, when a run was interrupted,
// what that run was about to make.
func (c *customization) elements() []OwnedElement {
	if c.pending == nil {
		return c.objects
	}
	out := slices.Clone(c.objects)
	for _, o := range c.pending.Objects {
		if !slices.ContainsFunc(out, func(p OwnedElement) bool { return p.Object == o.Object && p.Element == o.Element }) {
			out = append(out, o)
		}
	}
	return out
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
		all, err := e.readCustomizations(ctx, e.main())
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

// readCustomizations reads the customizations of one tenant, or of all when
// none is given, by tenant.
func (e *Engine) readCustomizations(ctx context.Context, q mysql.Queryer, tenant ...uint64) (map[uint64][]customization, error) {
	out := map[uint64][]customization{}
	where, args := "", []any{}
	if len(tenant) > 0 {
		where, args = " WHERE tenant_id = ?", []any{tenant[0]}
	}
	rows, err := q.Query(ctx, "SELECT id, tenant_id, name, reason, author, definition, objects, checksum, status, created_at, updated_at FROM "+
		e.table("tenant_customizations")+where+" ORDER BY tenant_id, name", args...)
	if mysql.IsNoSuchDatabase(err) || mysql.IsNoSuchTable(err) {
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the customizations: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c customization
		var stored storedDefinition
		var definition string
		var objects sql.NullString
		err := rows.Scan(&c.id, &c.tenant, &c.name, &c.reason, &c.author, &definition, &objects, &c.checksum, &c.status, &c.createdAt, &c.updatedAt)
		if err == nil {
			err = fromJSON(definition, &stored)
		}
		c.patch, c.pending = stored.CustomizationPatch, stored.Pending
		if err == nil {
			err = fromJSON(objects.String, &c.objects)
		}
		if err != nil {
			return nil, fmt.Errorf("reading the customizations: %w", err)
		}
		out[c.tenant] = append(out[c.tenant], c)
	}
	return out, rows.Err()
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
