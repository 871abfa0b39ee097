package registry

import (
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// WriteEvent records what happened to a tenant, for people.
func (r *Store) WriteEvent(ctx context.Context, q mysql.Queryer, row *TenantRow, event, author string, detail any) error {
	return r.WriteEventOfAll(ctx, q, []*TenantRow{row}, event, author, detail)
}

// WriteEventOfAll records the same of several tenants, on their server.
func (r *Store) WriteEventOfAll(ctx context.Context, q mysql.Queryer, rows []*TenantRow, event, author string, detail any) error {
	text, err := landlord.ToJSON(detail)
	if err != nil {
		return err
	}
	var args []any
	for _, row := range rows {
		args = append(args, row.ID, row.Slug, event, text, landlord.Cut(author, 190))
	}
	_, err = q.Exec(ctx, "INSERT INTO "+r.table("tenant_events")+" (tenant_id, tenant_slug, event, detail, author) VALUES "+landlord.Placeholders(len(rows), "(?,?,?,?,?)"), args...)
	if err != nil {
		return fmt.Errorf("recording event `%s`: %w", event, err)
	}
	return nil
}

// WriteEvents records what happened to tenants, for people: the same for all.
// Slugs that no tenant has are left out. It waits for nobody who holds the rows of
// tenants: INSERT … SELECT would lock them.
func (r *Store) WriteEvents(ctx context.Context, q mysql.Queryer, slugs []string, event, author string, detail any) error {
	for chunk := range slices.Chunk(slugs, fleetChunk) {
		args := make([]any, len(chunk))
		for i, slug := range chunk {
			args[i] = slug
		}
		rows, err := allRows(ctx, q, "the tenants of an event", func(from scanner) (*TenantRow, error) {
			row := &TenantRow{}
			return row, from.Scan(&row.ID, &row.Slug)
		}, "SELECT id, slug FROM "+r.table("tenants")+" WHERE slug IN ("+landlord.Placeholders(len(chunk), "?")+") ORDER BY id", args...)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			continue
		}
		if err := r.WriteEventOfAll(ctx, q, rows, event, author, detail); err != nil {
			return err
		}
	}
	return nil
}

// EventsOf reads the newest events of one kind, of all tenants, by when they came
// about: those of a tenant that moved to this server have later numbers than their age.
func (r *Store) EventsOf(ctx context.Context, q mysql.Queryer, event string, limit int) ([]landlord.PastEvent, error) {
	return r.eventsWhere(ctx, q, "event = ? ORDER BY created_at DESC, id DESC LIMIT ?", event, limit)
}

// PastEvents reads the newest events of a slug.
func (r *Store) PastEvents(ctx context.Context, q mysql.Queryer, slug string, limit int) ([]landlord.PastEvent, error) {
	return r.eventsWhere(ctx, q, "tenant_slug = ? ORDER BY created_at DESC, id DESC LIMIT ?", slug, limit)
}

// TenantEvents reads the newest events of one kind of a tenant.
func (r *Store) TenantEvents(ctx context.Context, q mysql.Queryer, tenant uint64, event string, limit int) ([]landlord.PastEvent, error) {
	return r.eventsWhere(ctx, q, "tenant_id = ? AND event = ? ORDER BY created_at DESC, id DESC LIMIT ?", tenant, event, limit)
}

func (r *Store) eventsWhere(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]landlord.PastEvent, error) {
	out := []landlord.PastEvent{}
	rows, err := q.Query(ctx, "SELECT tenant_slug, event, author, COALESCE(detail, ''), created_at FROM "+r.table("tenant_events")+" WHERE "+where, args...)
	if nothing(err) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var x landlord.PastEvent
		if err := rows.Scan(&x.Tenant, &x.Event, &x.Author, &x.Detail, &x.At); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, rows.Err()
}
