package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// CopyStatus says how far a copy has come.
type CopyStatus string

// The statuses of a copy, which begins as running and ends as one of the others.
const (
	CopyRunning   CopyStatus = "running" // or was cut off
	CopyDone      CopyStatus = "done"
	copyAbandoned CopyStatus = "abandoned" // cut off, and nobody goes on with it
)

// DataCopyRow is a row of `tenant_data_copies`, which is on the server of the
// target.
type DataCopyRow struct {
	ID                    uint64
	Spec                  landlord.DataCopySpec
	Status                CopyStatus
	report                DataCopyReport
	CreatedAt, FinishedAt time.Time
	Recent                bool // finished a short time ago
}

// DataCopyReport is the result as it is kept.
type DataCopyReport struct {
	Rows     int64                 `json:"rows"`
	Checksum string                `json:"checksum"`
	Tables   []landlord.CopiedRows `json:"tables"`
}

// dataCopyWish is a specification as it is kept, for an import.
type dataCopyWish struct {
	Tables     []string              `json:"tables"`
	Where      map[string]string     `json:"where,omitempty"`
	OnConflict landlord.CopyConflict `json:"on_conflict"`
	Keepers    map[string]string     `json:"keepers,omitempty"`
	ChunkRows  int64                 `json:"chunk_rows,omitempty"`
}

const dataCopyColumns = `id, source_slug, target_slug, specification, status, report, created_at, finished_at,
 COALESCE(finished_at > UTC_TIMESTAMP(6) - INTERVAL 1 HOUR, 0)`

func scanDataCopy(from scanner) (*DataCopyRow, error) {
	var r DataCopyRow
	var wish, report sql.NullString
	var finished sql.NullTime
	err := from.Scan(&r.ID, &r.Spec.Source, &r.Spec.Target, &wish, &r.Status, &report, &r.CreatedAt, &finished, &r.Recent)
	if err != nil {
		return nil, err
	}
	var w dataCopyWish
	if err := errors.Join(landlord.FromJSON(wish.String, &w), landlord.FromJSON(report.String, &r.report)); err != nil {
		return nil, fmt.Errorf("reading the row of data copy %d: %w", r.ID, err)
	}
	r.Spec.Tables, r.Spec.Where, r.Spec.OnConflict, r.Spec.Keepers, r.Spec.ChunkRows = w.Tables, w.Where, w.OnConflict, w.Keepers, w.ChunkRows
	r.FinishedAt = finished.Time
	return &r, nil
}

// dataCopiesWhere reads the rows that a condition chooses, the oldest first.
func (r *Store) dataCopiesWhere(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]*DataCopyRow, error) {
	return allRows(ctx, q, "the data copies", scanDataCopy,
		"SELECT "+dataCopyColumns+" FROM "+r.table("tenant_data_copies")+" WHERE "+where+" ORDER BY id", args...)
}

// ReadDataCopy reads one copy into a slug; nil when there is none.
func (r *Store) ReadDataCopy(ctx context.Context, q mysql.Queryer, id uint64, slug string) (*DataCopyRow, error) {
	rows, err := r.dataCopiesWhere(ctx, q, "id=? AND target_slug=?", id, slug)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// ReadDataCopies reads the copies between two tenants that were asked for in the
// same words, are not forgotten and were not given up.
func (r *Store) ReadDataCopies(ctx context.Context, q mysql.Queryer, source, target *TenantRow, request string) ([]*DataCopyRow, error) {
	return r.dataCopiesWhere(ctx, q, "target_slug=? AND status IN ('running','done') AND target_id=? AND source_id=? AND request=?",
		target.Slug, target.ID, source.ID, request)
}

// InsertDataCopy records that a copy begins, and returns its id. The request is
// the digest of what was asked for.
func (r *Store) InsertDataCopy(ctx context.Context, q mysql.Queryer, source, target *TenantRow, spec landlord.DataCopySpec, request, author string) (uint64, error) {
	wish, err := landlord.ToJSON(dataCopyWish{slices.Sorted(slices.Values(spec.Tables)), spec.Where, spec.ConflictRule(), spec.Keepers, spec.ChunkRows})
	if err != nil {
		return 0, err
	}
	res, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_data_copies")+
		" (source_id, source_slug, target_id, target_slug, request, specification, status, author) VALUES (?,?,?,?,?,?,?,?)",
		source.ID, source.Slug, target.ID, target.Slug, request, wish, CopyRunning, landlord.Cut(author, 190))
	if err != nil {
		return 0, fmt.Errorf("recording a data copy: %w", err)
	}
	return uint64(res.LastInsertID), nil //nolint:gosec // ids are positive
}

// SetDataCopyTried writes that a run has taken a copy up.
func (r *Store) SetDataCopyTried(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_data_copies")+" SET tried_at=CURRENT_TIMESTAMP(6) WHERE id=?", id)
	return err
}

// FinishDataCopy records the result of a copy and forgets the keys.
func (r *Store) FinishDataCopy(ctx context.Context, q mysql.Queryer, id uint64, report DataCopyReport) error {
	text, err := landlord.ToJSON(report)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenant_data_copies")+" SET status=?, report=?, finished_at=CURRENT_TIMESTAMP(6) WHERE id=?", CopyDone, text, id)
	if err == nil {
		err = r.deleteCopyProgress(ctx, q, "copy_id=?", id)
	}
	if err != nil {
		return fmt.Errorf("recording data copy %d: %w", id, err)
	}
	return nil
}

// AbandonDataCopies gives up the copies into a tenant that were cut off. The
// caller holds the lock of the target.
func (r *Store) AbandonDataCopies(ctx context.Context, q mysql.Queryer, target uint64) error {
	return r.abandonCopiesWhere(ctx, q, "target_id=?", target)
}

// AbandonStaleCopies gives up the copies into a slug that were cut off and that
// nobody has taken up for some days, or that were into another tenant of the
// same slug. The caller holds the lock of the target.
func (r *Store) AbandonStaleCopies(ctx context.Context, q mysql.Queryer, target *TenantRow, days int) error {
	return r.abandonCopiesWhere(ctx, q, "target_slug=? AND (target_id<>? OR tried_at < UTC_TIMESTAMP(6) - INTERVAL ? DAY)", target.Slug, target.ID, days)
}

// abandonCopiesWhere gives up copies that were cut off, and forgets their keys.
func (r *Store) abandonCopiesWhere(ctx context.Context, q mysql.Queryer, where string, args ...any) error {
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

// SetDataCopyForgotten lets the same be asked for again.
func (r *Store) SetDataCopyForgotten(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_data_copies")+" SET request='' WHERE id=?", id)
	return err
}

// CopyPatience is how many days the progress of a copy that was cut off is kept:
// the keys in it are data of a tenant.
const CopyPatience = 30

// ToDataCopy shows a row to the outside.
func ToDataCopy(r *DataCopyRow) *landlord.DataCopy {
	return &landlord.DataCopy{
		ID: fmt.Sprint(r.Spec.Target, "/", r.ID), Spec: r.Spec, Rows: r.report.Rows, Checksum: r.report.Checksum, Tables: r.report.Tables,
		FinishedAt: r.FinishedAt,
	}
}

// LogEvery is how often a table that is being copied is mentioned in the log.
const LogEvery = 5 * time.Second
