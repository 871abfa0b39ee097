package landlord

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
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

// PastMigration is a row of the ledger.
type PastMigration struct {
	Name, Digest string
	Level        int64  // 1 template, 2 module, 3 tenant
	From, To     string // name@version
	Status       string // running, done, failed or abandoned
	Steps        int64
	StartedAt    time.Time     // UTC
	AppliedAt    time.Time     // UTC; zero unless done
	Duration     time.Duration // 0 unless done
	Author       string
	Error        string
	Statements   []PastStep // when asked for

	id uint64
}

// PastStep is one statement of a migration of the ledger.
type PastStep struct {
	Number                    int64
	SQL                       string
	Object, Operation, Origin string
	Level                     int64
	State                     string // planned, intent or done
}

// PastCustomization is a customization that a tenant has or had.
type PastCustomization struct {
	Name, Reason, Author string
	Status               string   // active, applying, removing or removed
	Objects              []string // what it made: "table `users`, column `phone`"
	CreatedAt            time.Time
	UpdatedAt            time.Time // or when it was removed
}

// PastEvent is something that happened to a tenant.
type PastEvent struct {
	Event, Author string
	Detail        string // JSON
	At            time.Time
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
	if h.Migrations, err = e.pastMigrations(ctx, srv, slug, opt); err != nil {
		return nil, unreachable(srv, "reading the ledger", err)
	}
	if h.Events, err = e.pastEvents(ctx, srv, slug, opt.Limit); err != nil {
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

func (e *Engine) pastMigrations(ctx context.Context, q mysql.Queryer, slug string, opt HistoryOptions) ([]PastMigration, error) {
	out := []PastMigration{}
	rows, err := q.Query(ctx, "SELECT id, migration_name, digest, level, COALESCE(from_template, ''), COALESCE(to_template, ''), status, steps,"+
		" started_at, applied_at, COALESCE(duration_ms, 0), author, COALESCE(error, '') FROM "+e.table("tenant_migrations_history")+
		" WHERE tenant_slug = ? ORDER BY id DESC LIMIT ?", slug, opt.Limit)
	if nothing(err) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m PastMigration
		var applied sql.NullTime
		var milliseconds int64
		err := rows.Scan(&m.id, &m.Name, &m.Digest, &m.Level, &m.From, &m.To, &m.Status, &m.Steps, &m.StartedAt, &applied, &milliseconds, &m.Author, &m.Error)
		if err != nil {
			return nil, err
		}
		m.AppliedAt, m.Duration = applied.Time, time.Duration(milliseconds)*time.Millisecond
		out = append(out, m)
	}
	if err := rows.Err(); err != nil || !opt.Steps || len(out) == 0 {
		return out, err
	}
	_ = rows.Close() // what follows may need its connection
	return out, e.pastSteps(ctx, q, out)
}

// pastSteps reads the statements of migrations.
func (e *Engine) pastSteps(ctx context.Context, q mysql.Queryer, migrations []PastMigration) error {
	at, args := map[uint64]int{}, make([]any, len(migrations))
	for i, m := range migrations {
		at[m.id], args[i] = i, m.id
		migrations[i].Statements = []PastStep{}
	}
	rows, err := q.Query(ctx, "SELECT s.migration_id, s.step, COALESCE(t.sql_text, ''), s.object, s.operation, s.origin, s.level, s.state FROM "+
		e.table("tenant_migration_steps")+" s LEFT JOIN "+e.table("migration_statements")+" t ON t.sha256 = s.sql_sha256 WHERE s.migration_id IN ("+
		placeholders(len(args), "?")+") ORDER BY s.migration_id, s.step", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id uint64
		var s PastStep
		if err := rows.Scan(&id, &s.Number, &s.SQL, &s.Object, &s.Operation, &s.Origin, &s.Level, &s.State); err != nil {
			return err
		}
		m := &migrations[at[id]]
		m.Statements = append(m.Statements, s)
	}
	return rows.Err()
}

func (e *Engine) pastEvents(ctx context.Context, q mysql.Queryer, slug string, limit int) ([]PastEvent, error) {
	return e.eventsWhere(ctx, q, "tenant_slug = ? ORDER BY id DESC LIMIT ?", slug, limit)
}

func (e *Engine) eventsWhere(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]PastEvent, error) {
	out := []PastEvent{}
	rows, err := q.Query(ctx, "SELECT event, author, COALESCE(detail, ''), created_at FROM "+e.table("tenant_events")+" WHERE "+where, args...)
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
	removals, err := e.eventsWhere(ctx, srv, "tenant_id = ? AND event = ? ORDER BY id DESC LIMIT ?", row.id, customizationRemoved, limit)
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
