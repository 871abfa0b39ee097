package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// WriteFindings records what a plan has found in the data of a tenant before a
// migration: its own, or that of a customization or a restore. What another plan
// that saw the same records has written under this digest stays, and counts: then
// first is false.
func (r *Store) WriteFindings(ctx context.Context, q mysql.Queryer, slug, subject, digest string, found any) (first bool, err error) {
	text, err := json.Marshal(found)
	if err != nil {
		return false, fmt.Errorf("writing findings: %w", err)
	}
	res, err := q.Exec(ctx, "INSERT IGNORE INTO "+r.table("plan_findings")+" (tenant_slug, subject, digest, findings) VALUES (?,?,?,?)", slug, subject, digest, string(text))
	if err != nil {
		return false, fmt.Errorf("recording findings: %w", err)
	}
	return res.RowsAffected > 0, nil
}

// ReadFindings reads what a plan has found, to where found points; known is false
// when nothing was recorded.
func (r *Store) ReadFindings(ctx context.Context, q mysql.Queryer, slug, subject, digest string, found any) (known bool, err error) {
	var text string
	err = q.Row(ctx, "SELECT findings FROM "+r.table("plan_findings")+" WHERE tenant_slug = ? AND subject = ? AND digest = ?", slug, subject, digest).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) || nothing(err) {
		return false, nil
	}
	if err == nil {
		err = landlord.FromJSON(text, found)
	}
	if err != nil {
		return false, fmt.Errorf("reading findings: %w", err)
	}
	return true, nil
}

// NewestFindings reads when a plan last recorded what it found in the data of
// each tenant, by slug.
func (r *Store) NewestFindings(ctx context.Context, q mysql.Queryer) (map[string]string, error) {
	type newest struct{ slug, at string }
	all, err := allRows(ctx, q, "what plans have found", func(from scanner) (newest, error) {
		var n newest
		err := from.Scan(&n.slug, &n.at)
		return n, err
	}, "SELECT tenant_slug, DATE_FORMAT(MAX(found_at), '%Y-%m-%d %H:%i:%s.%f') FROM "+r.table("plan_findings")+" GROUP BY tenant_slug")
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(all))
	for _, n := range all {
		out[n.slug] = n.at
	}
	return out, nil
}

// DeleteFindings removes what plans have found in the data of a tenant that goes:
// another one may have its slug later.
func (r *Store) DeleteFindings(ctx context.Context, q mysql.Queryer, slug string) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("plan_findings")+" WHERE tenant_slug = ?", slug)
	if err != nil {
		return fmt.Errorf("removing findings: %w", err)
	}
	return nil
}

// PlannedRecently says whether plans of a subject were recorded in the last hour.
func (r *Store) PlannedRecently(ctx context.Context, q mysql.Queryer, slug, subject string) (recently bool, err error) {
	err = q.Row(ctx, "SELECT EXISTS (SELECT 1 FROM "+r.table("plan_findings")+" WHERE tenant_slug = ? AND subject = ? AND found_at > CURRENT_TIMESTAMP(6) - INTERVAL 1 HOUR)", slug, subject).Scan(&recently)
	if err != nil && !nothing(err) {
		return false, fmt.Errorf("reading what was planned: %w", err)
	}
	return recently, nil
}

// ForgetPlans removes what is recorded of the plans of a subject.
func (r *Store) ForgetPlans(ctx context.Context, q mysql.Queryer, slug, subject string) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("plan_findings")+" WHERE tenant_slug = ? AND subject = ?", slug, subject)
	if err != nil && !nothing(err) {
		return fmt.Errorf("removing what was planned: %w", err)
	}
	return nil
}

// PurgeFindings removes what plans have found that are older than 30 days.
func (r *Store) PurgeFindings(ctx context.Context, q mysql.Queryer) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("plan_findings")+" WHERE found_at < CURRENT_TIMESTAMP(6) - INTERVAL 30 DAY")
	if err != nil && !nothing(err) {
		return fmt.Errorf("removing old findings: %w", err)
	}
	return nil
}

// Standing says that a tenant stays behind the template that is wanted of it.
type Standing struct {
	Status landlord.UpdateStatus
	Wanted string // name@version
}

// WriteStanding records where a tenant stands; with the zero value, or as
// current, it follows its template.
func (r *Store) WriteStanding(ctx context.Context, q mysql.Queryer, tenant uint64, s Standing) error {
	var err error
	if s.Status == "" || s.Status == landlord.UpdateCurrent {
		_, err = q.Exec(ctx, "DELETE FROM "+r.table("tenant_standings")+" WHERE tenant_id = ?", tenant)
	} else {
		_, err = q.Exec(ctx, "INSERT INTO "+r.table("tenant_standings")+" (tenant_id, update_status, wanted) VALUES (?,?,?)"+
			" ON DUPLICATE KEY UPDATE update_status=VALUES(update_status), wanted=VALUES(wanted), changed_at=CURRENT_TIMESTAMP(6)", tenant, s.Status, s.Wanted)
	}
	if err != nil {
		return fmt.Errorf("recording where a tenant stands: %w", err)
	}
	return nil
}

// ClearStandings records that tenants do not stay behind.
func (r *Store) ClearStandings(ctx context.Context, q mysql.Queryer, tenants []uint64) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_standings")+" WHERE tenant_id IN ("+landlord.Placeholders(len(tenants), "?")+")", anyOf(tenants)...)
	if err != nil {
		return fmt.Errorf("recording where tenants stand: %w", err)
	}
	return nil
}

// ReadStandings reads which tenants stay behind, by their number.
func (r *Store) ReadStandings(ctx context.Context, q mysql.Queryer) (map[uint64]Standing, error) {
	type numbered struct {
		tenant uint64
		Standing
	}
	all, err := allRows(ctx, q, "where tenants stand", func(from scanner) (numbered, error) {
		var n numbered
		err := from.Scan(&n.tenant, &n.Status, &n.Wanted)
		return n, err
	}, "SELECT tenant_id, update_status, wanted FROM "+r.table("tenant_standings"))
	if err != nil {
		return nil, err
	}
	out := make(map[uint64]Standing, len(all))
	for _, n := range all {
		out[n.tenant] = n.Standing
	}
	return out, nil
}
