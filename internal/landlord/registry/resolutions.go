package registry

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Decisions are all that were ever made.
type Decisions struct {
	ByTenant map[uint64][]merge.Remembered // in the order in which they were made
	ByClash  map[string]merge.Remembered   // the newest
}

// ReadDecisions reads the decisions on one tenant, or all that were ever made when
// none is given.
func (r *Store) ReadDecisions(ctx context.Context, q mysql.Queryer, tenant ...uint64) (*Decisions, error) {
	where, args := "", []any{}
	if len(tenant) > 0 {
		where, args = " WHERE tenant_id = ?", []any{tenant[0]}
	}
	out := &Decisions{ByTenant: map[uint64][]merge.Remembered{}, ByClash: map[string]merge.Remembered{}}
	rows, err := q.Query(ctx, "SELECT tenant_id, clash, object, element, decision, sql_text FROM "+r.table("tenant_resolutions")+where+" ORDER BY id", args...)
	if nothing(err) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var tenant uint64
		var d merge.Remembered
		var text sql.NullString
		if err := rows.Scan(&tenant, &d.Clash, &d.Object, &d.Element, &d.Decision, &text); err != nil {
			return nil, err
		}
		d.SQL = text.String
		out.ByTenant[tenant] = append(out.ByTenant[tenant], d)
		out.ByClash[d.Clash] = d
	}
	return out, rows.Err()
}

// MadeDecision is a decision on a conflict, for people.
type MadeDecision struct {
	Tenant, Author string
	merge.Remembered

	To string // name@version; empty when nobody knows
	At time.Time
}

// MadeDecisions returns the newest decisions of all tenants.
func (r *Store) MadeDecisions(ctx context.Context, q mysql.Queryer, limit int) ([]MadeDecision, error) {
	return allRows(ctx, q, "the decisions on conflicts", func(from scanner) (d MadeDecision, err error) {
		var text, to sql.NullString
		err = from.Scan(&d.Tenant, &d.Clash, &d.Object, &d.Element, &d.Decision, &text, &to, &d.Author, &d.At)
		d.SQL, d.To, d.At = text.String, to.String, d.At.UTC()
		return d, err
	}, "SELECT tenant_slug, clash, object, element, decision, sql_text, to_template, author, created_at FROM "+r.table("tenant_resolutions")+" ORDER BY created_at DESC, id DESC LIMIT ?", limit)
}

// WriteDecisions writes the decisions that a migration follows.
func (r *Store) WriteDecisions(ctx context.Context, q mysql.Queryer, row *TenantRow, made []merge.Remembered, to, author string) error {
	for _, d := range made {
		_, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_resolutions")+
			" (tenant_id, tenant_slug, clash, object, element, decision, sql_text, from_template, to_template, author) VALUES (?,?,?,?,?,?,?,?,?,?)"+
			" ON DUPLICATE KEY UPDATE decision=VALUES(decision), sql_text=VALUES(sql_text), from_template=VALUES(from_template), to_template=VALUES(to_template),"+
			" author=VALUES(author), created_at=CURRENT_TIMESTAMP(6)",
			row.ID, row.Slug, d.Clash, d.Object, d.Element, d.Decision, landlord.Nullable(d.SQL), landlord.Nullable(row.AppliedTemplate()), to, landlord.Cut(author, 190))
		if err != nil {
			return fmt.Errorf("recording the decision on %s: %w", d.Place(), err)
		}
	}
	return nil
}

// DecidedPlaces returns on what a tenant decided in one way when it moved to a
// template, name@version.
func (r *Store) DecidedPlaces(ctx context.Context, q mysql.Queryer, tenant uint64, decision merge.Decision, template string) (map[ddl.Place]bool, error) {
	rows, err := q.Query(ctx, "SELECT object, element FROM "+r.table("tenant_resolutions")+" WHERE tenant_id = ? AND decision = ? AND to_template = ?",
		tenant, decision, template)
	if err != nil {
		return nil, fmt.Errorf("reading the decisions: %w", err)
	}
	defer rows.Close()
	out := map[ddl.Place]bool{}
	for rows.Next() {
		var p ddl.Place
		if err := rows.Scan(&p.Object, &p.Element); err != nil {
			return nil, fmt.Errorf("reading the decisions: %w", err)
		}
		out[p] = true
	}
	return out, rows.Err()
}
