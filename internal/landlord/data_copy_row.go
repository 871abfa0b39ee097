package landlord

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// copyStatus says how far a copy has come.
type copyStatus string

const (
	copyRunning   copyStatus = "running" // or was cut off
	copyDone      copyStatus = "done"
	copyAbandoned copyStatus = "abandoned" // cut off, and nobody goes on with it
)

// copyPatience is how many days the progress of a copy that was cut off is kept:
// the keys in it are data of a tenant.
const copyPatience = 30

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

// readDataCopies reads the rows that a condition chooses, the oldest first.
func (e *Engine) readDataCopies(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]*dataCopyRow, error) {
	rows, err := q.Query(ctx, "SELECT "+dataCopyColumns+" FROM "+e.table("tenant_data_copies")+" WHERE "+where+" ORDER BY id", args...)
	if mysql.IsNoSuchDatabase(err) || mysql.IsNoSuchTable(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the data copies: %w", err)
	}
	defer rows.Close()
	var out []*dataCopyRow
	for rows.Next() {
		r, err := scanDataCopy(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// insertDataCopy records that a copy begins.
func (e *Engine) insertDataCopy(ctx context.Context, q mysql.Queryer, source, target *tenantRow, spec DataCopySpec, author string) (uint64, error) {
	wish, err := toJSON(dataCopyWish{spec.toRequest().Tables, spec.Where, spec.onConflict(), spec.Keepers, spec.ChunkRows})
	if err != nil {
		return 0, err
	}
	res, err := q.Exec(ctx, "INSERT INTO "+e.table("tenant_data_copies")+
		" (source_id, source_slug, target_id, target_slug, request, specification, status, author) VALUES (?,?,?,?,?,?,?,?)",
		source.id, source.slug, target.id, target.slug, spec.request(), wish, copyRunning, cut(author, 190))
	if err != nil {
		return 0, fmt.Errorf("recording a data copy: %w", err)
	}
	return uint64(res.LastInsertID), nil //nolint:gosec // ids are positive
}

// finishDataCopy records the result of a copy and forgets the keys.
func (e *Engine) finishDataCopy(ctx context.Context, q mysql.Queryer, id uint64, report dataCopyReport) error {
	text, err := toJSON(report)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+e.table("tenant_data_copies")+" SET status=?, report=?, finished_at=CURRENT_TIMESTAMP(6) WHERE id=?", copyDone, text, id)
	if err == nil {
		_, err = q.Exec(ctx, "DELETE FROM "+e.table("tenant_data_copy_tables")+" WHERE copy_id=?", id)
	}
	if err != nil {
		return fmt.Errorf("recording data copy %d: %w", id, err)
	}
	return nil
}

// abandonCopies gives up copies that were cut off, and forgets their keys. Of
// which ones a condition says. The caller holds the lock of the target.
func (e *Engine) abandonCopies(ctx context.Context, q mysql.Queryer, where string, args ...any) error {
	copies := e.table("tenant_data_copies")
	where = " WHERE status='running' AND (" + where + ")"
	_, err := q.Exec(ctx, "DELETE FROM "+e.table("tenant_data_copy_tables")+" WHERE copy_id IN (SELECT id FROM "+copies+where+")", args...)
	if err == nil {
		_, err = q.Exec(ctx, "UPDATE "+copies+" SET status='abandoned'"+where, args...)
	}
	if err != nil {
		return fmt.Errorf("forgetting data copies that were cut off: %w", err)
	}
	return nil
}

// toDataCopy shows a row to the outside.
func (r *dataCopyRow) toDataCopy() *DataCopy {
	return &DataCopy{
		ID: fmt.Sprint(r.spec.Target, "/", r.id), Spec: r.spec, Rows: r.report.Rows, Checksum: r.report.Checksum, Tables: r.report.Tables,
		FinishedAt: r.finishedAt,
	}
}

// copyJournal keeps the progress of one copy on the server of the target.
type copyJournal struct {
	c      *dataCopying
	logged time.Time
}

// logEvery is how often a table that is being copied is mentioned in the log.
const logEvery = 5 * time.Second

// Load returns how far earlier runs have come.
func (j *copyJournal) Load(ctx context.Context, q mysql.Queryer) ([]checkpoint.CopyProgress, error) {
	rows, err := q.Query(ctx, "SELECT progress FROM "+j.c.e.table("tenant_data_copy_tables")+" WHERE copy_id=?", j.c.row.id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []checkpoint.CopyProgress
	for rows.Next() {
		var text []byte
		var p checkpoint.CopyProgress
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &p); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

// Save keeps the progress of one table, in the transaction of its rows.
func (j *copyJournal) Save(ctx context.Context, tx *mysql.Tx, p checkpoint.CopyProgress) error {
	e := j.c.e
	e.fault("before progress of " + p.Table)
	text, err := toJSON(p)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO "+e.table("tenant_data_copy_tables")+" (copy_id, object_table, progress) VALUES (?,?,?)"+
		" ON DUPLICATE KEY UPDATE progress=VALUES(progress)", j.c.row.id, p.Table, text)
	if err != nil {
		return fmt.Errorf("recording the progress: %w", err)
	}
	e.fault("after progress of " + p.Table)
	if now := e.cfg.Now(); p.Done || now.Sub(j.logged) >= logEvery {
		j.logged = now
		e.cfg.Log(ctx, "Copying rows", map[string]any{
			"source": j.c.spec.Source, "target": j.c.spec.Target, "table": p.Table, "done": p.Done,
			"read": p.Read, "inserted": p.Inserted, "skipped": p.Skipped, "replaced": p.Replaced,
		})
	}
	return nil
}
