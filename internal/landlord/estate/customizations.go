package estate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// CustomizationsOf returns the recorded customizations of a tenant, by name.
// One statement answers for all tenants.
func (e *Estate) CustomizationsOf(ctx context.Context, tenant uint64) ([]registry.Customization, error) {
	if err := e.Snapshot.load(ctx); err != nil {
		return nil, err
	}
	s := e.Snapshot
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.customizations == nil {
		all, err := e.Registry.ReadCustomizations(ctx, e.Servers.Main())
		if err != nil {
			return nil, registry.Unreachable(e.Servers.Main(), "reading the customizations", err)
		}
		s.customizations = all
	}
	if err := s.readChanged(ctx, tenant); err != nil {
		return nil, err
	}
	return s.customizations[tenant], nil
}

// LearnCustomizations records what this process has just made true of a tenant.
func (s *Snapshot) LearnCustomizations(tenant uint64, all []registry.Customization) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.customizations != nil {
		s.customizations[tenant] = all
	}
}

// readChanged reads again what this process may have changed of a tenant.
func (s *Snapshot) readChanged(ctx context.Context, tenant uint64) error {
	if !s.changed[tenant] {
		return nil
	}
	if s.customizations != nil {
		all, err := s.servers.Registry.ReadCustomizations(ctx, s.servers.Main(), tenant)
		if err != nil {
			return registry.Unreachable(s.servers.Main(), "reading the customizations", err)
		}
		s.customizations[tenant] = all[tenant]
	}
	if s.decisions != nil {
		made, err := s.servers.Registry.ReadDecisions(ctx, s.servers.Main(), tenant)
		if err != nil {
			return registry.Unreachable(s.servers.Main(), "reading earlier decisions", err)
		}
		next := &registry.Decisions{ByTenant: maps.Clone(s.decisions.ByTenant), ByClash: maps.Clone(s.decisions.ByClash)} // others read the former one
		next.ByTenant[tenant] = made.ByTenant[tenant]
		maps.Copy(next.ByClash, made.ByClash)
		s.decisions = next
	}
	delete(s.changed, tenant)
	return nil
}

// Sibling is another customization of a tenant, as it will be after this run as
// far as that is known.
type Sibling struct {
	Name  string
	Owned []merge.OwnedElement
	Patch *landlord.ParsedPatch        // when this run plans it
	Wants *landlord.CustomizationPatch // else what is recorded
	Stays bool                         // false: this run takes it away
}

// Siblings returns the other customizations of a tenant, by name.
func Siblings(name string, recorded []registry.Customization, planned map[string]*PlannedChange) []Sibling {
	all := map[string]Sibling{}
	for _, c := range recorded {
		all[c.Name] = Sibling{Name: c.Name, Owned: c.Elements(), Wants: &c.Patch, Stays: true}
	}
	for other, c := range planned {
		s := Sibling{Name: other, Owned: c.Owned, Patch: c.Patch, Stays: c.Patch != nil}
		if was, recorded := all[other]; recorded && !s.Stays {
			s.Owned, s.Wants = was.Owned, was.Wants
		}
		all[other] = s
	}
	delete(all, name)
	out := make([]Sibling, 0, len(all))
	for _, s := range all {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Sibling) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Claimed returns which other customization makes one of these elements, or will
// when this run is over, and the element.
func Claimed(name string, owned []merge.OwnedElement, recorded []registry.Customization, planned map[string]*PlannedChange, srv ddl.Server) (other string, at ddl.Place) {
	for _, s := range Siblings(name, recorded, planned) {
		if !s.Stays {
			continue
		}
		if at, taken := collides(owned, s.Owned, srv); taken {
			return s.Name, at
		}
	}
	return "", ddl.Place{}
}

// collides says whether two lists of elements hold the same thing, or things
// that cannot have one name.
func collides(a, b []merge.OwnedElement, srv ddl.Server) (ddl.Place, bool) {
	taken := map[string]bool{}
	for _, o := range b {
		if !o.Transferred {
			for _, name := range claims(o, srv) {
				taken[name] = true
			}
		}
	}
	for _, o := range a {
		for _, name := range claims(o, srv) {
			if taken[name] && !o.Transferred {
				return o.Place(), true
			}
		}
	}
	return ddl.Place{}, false
}

// claims returns the names that an element takes. Tables, views and sequences
// share theirs; those of foreign keys, and on MySQL of checks, count for the
// whole database.
func claims(o merge.OwnedElement, srv ddl.Server) []string {
	kind, name, _ := strings.Cut(o.Object, " ")
	of, part, _ := strings.Cut(o.Element, " `")
	switch {
	case o.Element == "" && slices.Contains([]ddl.Kind{ddl.KindTable, ddl.KindView, ddl.KindSequence}, ddl.Kind(kind)):
		out := []string{"relation " + name}
		for p := range merge.Parts([]merge.OwnedElement{o}, srv) {
			of, part, _ := strings.Cut(p.Element, " `")
			if of == "foreign key" || of == "check" && srv.Product == ddl.MySQL {
				out = append(out, of+" "+part)
			}
		}
		return out
	case o.Element == "" && ddl.Kind(kind) == ddl.KindTrigger:
		return []string{o.Object}
	case o.Element == "":
		return []string{strings.ToLower(o.Object)}
	case of == "foreign key", of == "check" && srv.Product == ddl.MySQL:
		return []string{of + " " + part, o.Object + "\x00" + o.Element}
	}
	return []string{o.Object + "\x00" + o.Element}
}

// PastCustomizations lists the customizations that the tenant has, and those
// that it had, of which the events tell.
func (e *Estate) PastCustomizations(ctx context.Context, srv *registry.Server, row *registry.TenantRow, h *landlord.History, limit int) error {
	recorded, err := e.CustomizationsOf(ctx, row.ID)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for i := range recorded {
		c := &recorded[i]
		known[c.Name] = true
		past := landlord.PastCustomization{Name: c.Name, Reason: c.Reason, Author: c.Author, Status: string(c.Status), Objects: []string{}, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt}
		for _, o := range c.Elements() {
			past.Objects = append(past.Objects, landlord.Difference{Object: landlord.ObjectName(o.Object), Element: o.Element}.Name())
		}
		h.Customizations = append(h.Customizations, past)
	}
	removals, err := e.Registry.TenantEvents(ctx, srv, row.ID, landlord.CustomizationRemoved, limit)
	if err != nil {
		return registry.Unreachable(srv, "reading the ledger", err)
	}
	for _, x := range removals {
		var detail struct{ Name, Reason string }
		if err := landlord.FromJSON(x.Detail, &detail); err != nil {
			return fmt.Errorf("reading an event of tenant `%s`: %w", row.Slug, err)
		}
		if known[detail.Name] {
			continue // made again since, or listed
		}
		known[detail.Name] = true
		h.Customizations = append(h.Customizations, landlord.PastCustomization{Name: detail.Name, Reason: detail.Reason, Author: x.Author, Status: "removed", Objects: []string{}, UpdatedAt: x.At})
	}
	slices.SortStableFunc(h.Customizations, func(a, b landlord.PastCustomization) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	h.Customizations = h.Customizations[:min(limit, len(h.Customizations))]
	return nil
}

// AllDecisions returns the decisions of all tenants. One statement reads them,
// once in a run.
func (e *Estate) AllDecisions(ctx context.Context) (*registry.Decisions, error) {
	s := e.Snapshot
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.decisions == nil {
		all, err := e.Registry.ReadDecisions(ctx, e.Servers.Main())
		if err != nil {
			return nil, registry.Unreachable(e.Servers.Main(), "reading earlier decisions", err)
		}
		s.decisions = all
	}
	for tenant := range s.changed {
		if err := s.readChanged(ctx, tenant); err != nil {
			return nil, err
		}
	}
	return s.decisions, nil
}

// DecisionsOf returns the decisions that are remembered for a tenant, from one
// statement for all tenants. The error is that of the landlord database.
func (e *Estate) DecisionsOf(ctx context.Context, tenant uint64) ([]merge.Remembered, error) {
	all, err := e.AllDecisions(ctx)
	if err != nil {
		return nil, err
	}
	return all.ByTenant[tenant], nil
}
