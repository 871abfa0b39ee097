package landlord

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// restoreRow is a row of `tenant_restores`.
type restoreRow struct {
	id, tenant             uint64
	slug, server, database string
	number                 uint64 // among the restores of the slug
	mode                   RestoreMode
	request                string
	checkpointID           uint64
	checkpoint             string
	pointInTime            time.Time
	tables                 []string
	status                 restoreStatus
	side, retired          string // databases
	startSchema, goal      string // fingerprints
	labels                 labels
	report                 RestoreReport
	author                 string
	createdAt, finishedAt  time.Time
	recent                 bool // finished a short time ago
	expired                bool // what it retired may go
}

const restoreColumns = `id, tenant_id, tenant_slug, number, server, database_name, mode, request, checkpoint_id, checkpoint_name, point_in_time, object_tables,
 status, side_database, retired_database, start_schema, goal_schema, labels, report, author, created_at, finished_at,
 COALESCE(finished_at > UTC_TIMESTAMP(6) - INTERVAL 1 HOUR, 0), COALESCE(expires_at <= UTC_TIMESTAMP(6), 0)`

func scanRestore(from scanner) (*restoreRow, error) {
	var r restoreRow
	var tables, side, retired, start, goal, kept, report sql.NullString
	var at, finished sql.NullTime
	err := from.Scan(&r.id, &r.tenant, &r.slug, &r.number, &r.server, &r.database, &r.mode, &r.request, &r.checkpointID, &r.checkpoint, &at, &tables,
		&r.status, &side, &retired, &start, &goal, &kept, &report, &r.author, &r.createdAt, &finished, &r.recent, &r.expired)
	if err != nil {
		return nil, err
	}
	r.side, r.retired, r.startSchema, r.goal = side.String, retired.String, start.String, goal.String
	r.pointInTime, r.finishedAt = at.Time, finished.Time
	err = errors.Join(fromJSON(tables.String, &r.tables), fromJSON(kept.String, &r.labels), fromJSON(report.String, &r.report))
	if err != nil {
		return nil, fmt.Errorf("reading the row of restore %d: %w", r.id, err)
	}
	return &r, nil
}

// readRestores reads the rows that a condition chooses, the oldest first.
func (e *Engine) readRestores(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]*restoreRow, error) {
	rows, err := q.Query(ctx, "SELECT "+restoreColumns+" FROM "+e.table("tenant_restores")+" WHERE "+where+" ORDER BY id", args...)
	if mysql.IsNoSuchDatabase(err) || mysql.IsNoSuchTable(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the restores: %w", err)
	}
	defer rows.Close()
	var out []*restoreRow
	for rows.Next() {
		r, err := scanRestore(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// readRestore reads one restore; nil when there is none.
func (e *Engine) readRestore(ctx context.Context, q mysql.Queryer, id uint64) (*restoreRow, error) {
	rows, err := e.readRestores(ctx, q, "id=?", id)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// readRestoreID reads a restore by its public name. It is nil when there is none,
// also of one that is removed.
func (e *Engine) readRestoreID(ctx context.Context, id string) (*restoreRow, error) {
	slug, number, ok := splitNumberedID(id)
	if !ok {
		return nil, nil
	}
	rows, err := e.readRestores(ctx, e.main(), "tenant_slug=? AND number=? AND status<>'removed'", slug, number)
	if err != nil {
		return nil, unreachable(e.main(), "reading a restore", err)
	}
	if len(rows) == 0 || rows[0].publicID() != id {
		return nil, nil
	}
	return rows[0], nil
}

// nextRestore returns the number that a restore gets. Removed ones count: a name
// that was in use never comes to mean another restore.
func (e *Engine) nextRestore(ctx context.Context, q mysql.Queryer, slug string) (uint64, error) {
	var last uint64
	err := q.Row(ctx, "SELECT COALESCE(MAX(number), 0) FROM "+e.table("tenant_restores")+" WHERE tenant_slug=?", slug).Scan(&last)
	if err != nil && !nothing(err) {
		return 0, fmt.Errorf("reading the restores: %w", err)
	}
	return last + 1, nil
}

// mostNumbers bounds the attempts at a number that others take at the same time.
const mostNumbers = 10

// insertRestore records that a restore begins, and gives it its number. Whoever
// loads a copy holds the lock of the tenant's restores; a rollback of the schema
// does not, so a number may be taken.
func (e *Engine) insertRestore(ctx context.Context, q mysql.Queryer, r *restoreRow) error {
	tables, err := toJSON(r.tables)
	if err != nil {
		return err
	}
	if r.number, err = e.nextRestore(ctx, q, r.slug); err != nil {
		return err
	}
	for last := r.number + mostNumbers; ; r.number++ {
		res, err := q.Exec(ctx, "INSERT INTO "+e.table("tenant_restores")+
			" (tenant_id, tenant_slug, number, server, database_name, mode, request, checkpoint_id, checkpoint_name, point_in_time, object_tables, status, author) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
			r.tenant, r.slug, r.number, r.server, r.database, r.mode, r.request, r.checkpointID, r.checkpoint, nullableTime(r.pointInTime), tables,
			cmp.Or(r.status, restoreLoading), cut(r.author, 190))
		if mysql.IsDuplicateKey(err) && r.number < last {
			continue
		}
		if err != nil {
			return fmt.Errorf("recording a restore: %w", err)
		}
		r.id = uint64(res.LastInsertID) //nolint:gosec // ids are positive
		return nil
	}
}

// setRestoreRow changes a row, which is named by its id.
func (e *Engine) setRestoreRow(ctx context.Context, q mysql.Queryer, id uint64, set string, args ...any) error {
	if _, err := q.Exec(ctx, "UPDATE "+e.table("tenant_restores")+" SET "+set+" WHERE id=?", append(args, id)...); err != nil {
		return fmt.Errorf("recording restore %d: %w", id, err)
	}
	return nil
}

// splitNumberedID splits the public name of what is numbered per tenant, as
// restores and data copies are: `acme/7`.
func splitNumberedID(id string) (slug string, number uint64, ok bool) {
	slug, text, ok := SplitCheckpointID(id) // of the same form
	if !ok {
		return "", 0, false
	}
	number, err := strconv.ParseUint(text, 10, 64)
	return slug, number, err == nil
}

// runningRestore returns the row of the restore that is the running
// migration of a tenant.
func runningRestore(running string) uint64 {
	if !isRestore(running) {
		return 0
	}
	n, _ := strconv.ParseUint(running[len(restoreMark):], 10, 64)
	return n
}

// ownDatabases returns the databases of a server that restores made and that
// are no tenants.
func (e *Engine) ownDatabases(ctx context.Context, server string) (map[string]bool, error) {
	rows, err := e.readRestores(ctx, e.main(), "server=? AND side_database IS NOT NULL", server)
	if err != nil {
		return nil, unreachable(e.main(), "reading the restores", err)
	}
	own := map[string]bool{}
	for _, r := range rows {
		own[r.side] = true
	}
	return own, nil
}
