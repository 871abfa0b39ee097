package landlord

import (
	"context"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// writeEvent records what happened to a tenant, for people.
func (r *registry) writeEvent(ctx context.Context, q mysql.Queryer, row *tenantRow, event, author string, detail any) error {
	text, err := toJSON(detail)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "INSERT INTO "+r.table("tenant_events")+" (tenant_id, tenant_slug, event, detail, author) VALUES (?,?,?,?,?)",
		row.id, row.slug, event, text, cut(author, 190))
	if err != nil {
		return fmt.Errorf("recording event `%s`: %w", event, err)
	}
	return nil
}

// PastEvent is something that happened to a tenant.
type PastEvent struct {
	Event, Author string
	Detail        string // JSON
	At            time.Time
}

// pastEvents reads the newest events of a slug.
func (r *registry) pastEvents(ctx context.Context, q mysql.Queryer, slug string, limit int) ([]PastEvent, error) {
	return r.eventsWhere(ctx, q, "tenant_slug = ? ORDER BY id DESC LIMIT ?", slug, limit)
}

// tenantEvents reads the newest events of one kind of a tenant.
func (r *registry) tenantEvents(ctx context.Context, q mysql.Queryer, tenant uint64, event string, limit int) ([]PastEvent, error) {
	return r.eventsWhere(ctx, q, "tenant_id = ? AND event = ? ORDER BY id DESC LIMIT ?", tenant, event, limit)
}

func (r *registry) eventsWhere(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]PastEvent, error) {
	out := []PastEvent{}
	rows, err := q.Query(ctx, "SELECT event, author, COALESCE(detail, ''), created_at FROM "+r.table("tenant_events")+" WHERE "+where, args...)
	if nothing(err) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var x PastEvent
		if err := rows.Scan(&x.Event, &x.Author, &x.Detail, &x.At); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, rows.Err()
}
