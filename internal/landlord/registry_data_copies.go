package landlord

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// copyStatus says how far a copy has come.
type copyStatus string

const (
	copyRunning   copyStatus = "running" // or was cut off
	copyDone      copyStatus = "done"
	copyAbandoned copyStatus = "abandoned" // cut off, and nobody goes on with it
)

// dataCopyRow is a row of `tenant_data_copies`, which is on the server of the
// target.
type dataCopyRow struct {
	id                    uint64
	spec                  DataCopySpec
	status                copyStatus
	report                dataCopyReport
	createdAt, finishedAt time.Time
	recent                bool // finished a short time ago
}

// dataCopyReport is the result as it is kept.
type dataCopyReport struct {
	Rows     int64        `json:"rows"`
	Checksum string       `json:"checksum"`
	Tables   []CopiedRows `json:"tables"`
}

// dataCopyWish is a specification as it is kept, for an import.
type dataCopyWish struct {
	Tables     []string          `json:"tables"`
	Where      map[string]string `json:"where,omitempty"`
	OnConflict CopyConflict      `json:"on_conflict"`
	Keepers    map[string]string `json:"keepers,omitempty"`
	ChunkRows  int64             `json:"chunk_rows,omitempty"`
}

const dataCopyColumns = `id, source_slug, target_slug, specification, status, report, created_at, finished_at,
 COALESCE(finished_at > UTC_TIMESTAMP(6) - INTERVAL 1 HOUR, 0)`

func scanDataCopy(from scanner) (*dataCopyRow, error) {
	var r dataCopyRow
	var wish, report sql.NullString
	var finished sql.NullTime
	err := from.Scan(&r.id, &r.spec.Source, &r.spec.Target, &wish, &r.status, &report, &r.createdAt, &finished, &r.recent)
	if err != nil {
		return nil, err
	}
	var w dataCopyWish
	if err := errors.Join(fromJSON(wish.String, &w), fromJSON(report.String, &r.report)); err != nil {
		return nil, fmt.Errorf("reading the row of data copy %d: %w", r.id, err)
	}
	r.spec.Tables, r.spec.Where, r.spec.OnConflict, r.spec.Keepers, r.spec.ChunkRows = w.Tables, w.Where, w.OnConflict, w.Keepers, w.ChunkRows
	r.finishedAt = finished.Time
	return &r, nil
}

// dataCopiesWhere reads the rows that a condition chooses, the oldest first.
func (r *registry) dataCopiesWhere(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]*dataCopyRow, error) {
	rows, err := q.Query(ctx, "SELECT "+dataCopyColumns+" FROM "+r.table("tenant_data_copies")+" WHERE "+where+" ORDER BY id", args...)
	if nothing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the data copies: %w", err)
	}
	defer rows.Close()
	var out []*dataCopyRow
	for rows.Next() {
		c, err := scanDataCopy(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// readDataCopy reads one copy into a slug; nil when there is none.
func (r *registry) readDataCopy(ctx context.Context, q mysql.Queryer, id uint64, slug string) (*dataCopyRow, error) {
	rows, err := r.dataCopiesWhere(ctx, q, "id=? AND target_slug=?", id, slug)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// readDataCopies reads the copies between two tenants that were asked for in the
// same words, are not forgotten and were not given up.
func (r *registry) readDataCopies(ctx context.Context, q mysql.Queryer, source, target *tenantRow, request string) ([]*dataCopyRow, error) {
	return r.dataCopiesWhere(ctx, q, "target_slug=? AND status IN ('running','done') AND target_id=? AND source_id=? AND request=?",
		target.slug, target.id, source.id, request)
}

// insertDataCopy records that a copy begins, and returns its id. The request is
// the digest of what was asked for.
func (r *registry) insertDataCopy(ctx context.Context, q mysql.Queryer, source, target *tenantRow, spec DataCopySpec, request, author string) (uint64, error) {
	wish, err := toJSON(dataCopyWish{slices.Sorted(slices.Values(spec.Tables)), spec.Where, spec.onConflict(), spec.Keepers, spec.ChunkRows})
	if err != nil {
		return 0, err
	}
	res, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_data_copies")+
		" (source_id, source_slug, target_id, target_slug, request, specification, status, author) VALUES (?,?,?,?,?,?,?,?)",
		source.id, source.slug, target.id, target.slug, request, wish, copyRunning, cut(author, 190))
	if err != nil {
		return 0, fmt.Errorf("recording a data copy: %w", err)
	}
	return uint64(res.LastInsertID), nil //nolint:gosec // ids are positive
}

// setDataCopyTried writes that a run has taken a copy up.
func (r *registry) setDataCopyTried(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_data_copies")+" SET tried_at=CURRENT_TIMESTAMP(6) WHERE id=?", id)
	return err
}

// finishDataCopy records the result of a copy and forgets the keys.
func (r *registry) finishDataCopy(ctx context.Context, q mysql.Queryer, id uint64, report dataCopyReport) error {
	text, err := toJSON(report)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenant_data_copies")+" SET status=?, report=?, finished_at=CURRENT_TIMESTAMP(6) WHERE id=?", copyDone, text, id)
	if err == nil {
		err = r.deleteCopyProgress(ctx, q, "copy_id=?", id)
	}
	if err != nil {
		return fmt.Errorf("recording data copy %d: %w", id, err)
	}
	return nil
}

// abandonDataCopies gives up the copies into a tenant that were cut off. The
// caller holds the lock of the target.
func (r *registry) abandonDataCopies(ctx context.Context, q mysql.Queryer, target uint64) error {
	return r.abandonCopiesWhere(ctx, q, "target_id=?", target)
}

// abandonStaleCopies gives up the copies into a slug that were cut off and that
// nobody has taken up for some days, or that were into another tenant of the
// same slug. The caller holds the lock of the target.
func (r *registry) abandonStaleCopies(ctx context.Context, q mysql.Queryer, target *tenantRow, days int) error {
	return r.abandonCopiesWhere(ctx, q, "target_slug=? AND (target_id<>? OR tried_at < UTC_TIMESTAMP(6) - INTERVAL ? DAY)", target.slug, target.id, days)
}

// abandonCopiesWhere gives up copies that were cut off, and forgets their keys.
func (r *registry) abandonCopiesWhere(ctx context.Context, q mysql.Queryer, where string, args ...any) error {
	where = "status='running' AND (" + where + ")"
	err := r.deleteCopyProgress(ctx, q, "copy_id IN (SELECT id FROM "+r.table("tenant_data_copies")+" WHERE "+where+")", args...)
	if err == nil {
		_, err = q.Exec(ctx, "UPDATE "+r.table("tenant_data_copies")+" SET status='abandoned' WHERE "+where, args...)
	}
	if err != nil {
		return fmt.Errorf("forgetting data copies that were cut off: %w", err)
	}
	return nil
}

// setDataCopyForgotten lets the same be asked for again.
func (r *registry) setDataCopyForgotten(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_data_copies")+" SET request='' WHERE id=?", id)
	return err
}
