package landlord

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// HistoryOptions says how much of a history is read.
type HistoryOptions struct {
	Limit int  // most entries of each list; 0 for 50
	Steps bool // with the statements of each migration
}

// History is what happened to the tenants that had one slug, newest first.
type History struct {
	Migrations     []PastMigration
	Customizations []PastCustomization
	Events         []PastEvent
}

// PastCustomization is a customization that a tenant has or had.
type PastCustomization struct {
	Name, Reason, Author string
	Status               string   // active, applying, removing or removed
	Objects              []string // what it made: "table `users`, column `phone`"
	CreatedAt            time.Time
	UpdatedAt            time.Time // or when it was removed
}

// customizationRemoved is the event of a removal.
const customizationRemoved = "customization removed"

// History reads what happened to a tenant, from the ledger of its server. Of a
// tenant that is gone, the ledger of the main server still knows. The error is
// a *Problem when nobody knows the slug.
func (e *Engine) History(ctx context.Context, slug string, opt HistoryOptions) (*History, error) {
	if opt.Limit <= 0 {
		opt.Limit = 50
	}
	row, err := e.estate.row(ctx, slug)
	if err != nil {
		return nil, err
	}
	srv := e.main()
	if row != nil {
		if srv, err = e.server(row.server); err != nil {
			return nil, err
		}
	}
	h := &History{Customizations: []PastCustomization{}}
	if h.Migrations, err = e.registry.pastMigrations(ctx, srv, slug, opt.Limit, opt.Steps); err != nil {
		return nil, unreachable(srv, "reading the ledger", err)
	}
	if h.Events, err = e.registry.pastEvents(ctx, srv, slug, opt.Limit); err != nil {
		return nil, unreachable(srv, "reading the ledger", err)
	}
	switch {
	case row == nil && len(h.Migrations) == 0 && len(h.Events) == 0 && e.world.claimed(slug) == "":
		return nil, tenantUnknown(slug)
	case row == nil:
		return h, nil
	}
	return h, e.pastCustomizations(ctx, srv, row, h, opt.Limit)
}

// pastCustomizations lists the customizations that the tenant has, and those
// that it had, of which the events tell.
func (e *Engine) pastCustomizations(ctx context.Context, srv *server, row *tenantRow, h *History, limit int) error {
	recorded, err := e.customizationsOf(ctx, row.id)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for i := range recorded {
		c := &recorded[i]
		known[c.name] = true
		past := PastCustomization{Name: c.name, Reason: c.reason, Author: c.author, Status: string(c.status), Objects: []string{}, CreatedAt: c.createdAt, UpdatedAt: c.updatedAt}
		for _, o := range c.elements() {
			past.Objects = append(past.Objects, Difference{Object: objectName(o.Object), Element: o.Element}.Name())
		}
		h.Customizations = append(h.Customizations, past)
	}
	removals, err := e.registry.tenantEvents(ctx, srv, row.id, customizationRemoved, limit)
	if err != nil {
		return unreachable(srv, "reading the ledger", err)
	}
	for _, x := range removals {
		var detail struct{ Name, Reason string }
		if err := fromJSON(x.Detail, &detail); err != nil {
			return fmt.Errorf("reading an event of tenant `%s`: %w", row.slug, err)
		}
		if known[detail.Name] {
			continue // made again since, or listed
		}
		known[detail.Name] = true
		h.Customizations = append(h.Customizations, PastCustomization{Name: detail.Name, Reason: detail.Reason, Author: x.Author, Status: "removed", Objects: []string{}, UpdatedAt: x.At})
	}
	slices.SortStableFunc(h.Customizations, func(a, b PastCustomization) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	h.Customizations = h.Customizations[:min(limit, len(h.Customizations))]
	return nil
}
