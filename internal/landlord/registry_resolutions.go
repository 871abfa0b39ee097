package landlord

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// decisions are all that were ever made.
type decisions struct {
	byTenant map[uint64][]merge.Remembered // in the order in which they were made
	byClash  map[string]merge.Remembered   // the newest
}

// readDecisions reads the decisions on one tenant, or all that were ever made when
// none is given.
func (r *registry) readDecisions(ctx context.Context, q mysql.Queryer, tenant ...uint64) (*decisions, error) {
	where, args := "", []any{}
	if len(tenant) > 0 {
		where, args = " WHERE tenant_id = ?", []any{tenant[0]}
	}
	out := &decisions{byTenant: map[uint64][]merge.Remembered{}, byClash: map[string]merge.Remembered{}}
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
		out.byTenant[tenant] = append(out.byTenant[tenant], d)
		out.byClash[d.Clash] = d
	}
	return out, rows.Err()
}

// writeDecisions writes the decisions that a migration follows.
func (r *registry) writeDecisions(ctx context.Context, q mysql.Queryer, row *tenantRow, made []merge.Remembered, to, author string) error {
	for _, d := range made {
		_, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_resolutions")+
			" (tenant_id, tenant_slug, clash, object, element, decision, sql_text, from_template, to_template, author) VALUES (?,?,?,?,?,?,?,?,?,?)"+
			" ON DUPLICATE KEY UPDATE decision=VALUES(decision), sql_text=VALUES(sql_text), from_template=VALUES(from_template), to_template=VALUES(to_template),"+
			" author=VALUES(author), created_at=CURRENT_TIMESTAMP(6)",
			row.id, row.slug, d.Clash, d.Object, d.Element, d.Decision, nullable(d.SQL), nullable(row.appliedTemplate()), to, cut(author, 190))
		if err != nil {
			return fmt.Errorf("recording the decision on %s: %w", d.Place(), err)
		}
	}
	return nil
}

// decidedPlaces returns on what a tenant decided in one way when it moved to a
// template, name@version.
func (r *registry) decidedPlaces(ctx context.Context, q mysql.Queryer, tenant uint64, decision merge.Decision, template string) (map[ddl.Place]bool, error) {
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
