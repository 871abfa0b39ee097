package landlord

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
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

// restoresWhere reads the rows that a condition chooses, the oldest first.
func (r *registry) restoresWhere(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]*restoreRow, error) {
	rows, err := q.Query(ctx, "SELECT "+restoreColumns+" FROM "+r.table("tenant_restores")+" WHERE "+where+" ORDER BY id", args...)
	if nothing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the restores: %w", err)
	}
	defer rows.Close()
	var out []*restoreRow
	for rows.Next() {
		row, err := scanRestore(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// oneRestore returns the first row that a condition chooses; nil for none.
func (r *registry) oneRestore(ctx context.Context, q mysql.Queryer, where string, args ...any) (*restoreRow, error) {
	rows, err := r.restoresWhere(ctx, q, where, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// readRestore reads one restore; nil when there is none.
func (r *registry) readRestore(ctx context.Context, q mysql.Queryer, id uint64) (*restoreRow, error) {
	return r.oneRestore(ctx, q, "id=?", id)
}

// readRestoreNumber reads a restore by its slug and number; nil when there is
// none, or when it is removed.
func (r *registry) readRestoreNumber(ctx context.Context, q mysql.Queryer, slug string, number uint64) (*restoreRow, error) {
	return r.oneRestore(ctx, q, "tenant_slug=? AND number=? AND status<>'removed'", slug, number)
}

// doneRestores reads the restores of a slug that are done and were asked for in
// the same words.
func (r *registry) doneRestores(ctx context.Context, q mysql.Queryer, slug, request string) ([]*restoreRow, error) {
	return r.restoresWhere(ctx, q, "tenant_slug=? AND request=? AND status='done'", slug, request)
}

// openRestores reads the restores of a slug that are not done, and those that
// are and were asked for in the same words.
func (r *registry) openRestores(ctx context.Context, q mysql.Queryer, slug, request string) ([]*restoreRow, error) {
	return r.restoresWhere(ctx, q, "tenant_slug=? AND (status IN ('loading','loaded','swapping') OR status='done' AND request=?)", slug, request)
}

// loadedRestores reads the restores of a tenant that are loaded or done and were
// asked for in the same words.
func (r *registry) loadedRestores(ctx context.Context, q mysql.Queryer, tenant uint64, request string) ([]*restoreRow, error) {
	return r.restoresWhere(ctx, q, "tenant_id=? AND request=? AND status IN ('loaded','done')", tenant, request)
}

// restoresBeside reads the restores that have a database beside their tenant on
// a server.
func (r *registry) restoresBeside(ctx context.Context, q mysql.Queryer, server string) ([]*restoreRow, error) {
	return r.restoresWhere(ctx, q, "server=? AND side_database IS NOT NULL", server)
}

// restoresToClear reads the restores that have left something on a server: what
// they set aside and whose retention is over, what a swap has emptied, and what
// nobody will take up.
func (r *registry) restoresToClear(ctx context.Context, q mysql.Queryer, server string) ([]*restoreRow, error) {
	return r.restoresWhere(ctx, q, "server=? AND (status='done' AND retired_database IS NOT NULL AND expires_at <= UTC_TIMESTAMP(6)"+
		" OR status='done' AND mode='in_place' AND side_database IS NOT NULL OR status='loaded' AND created_at < UTC_TIMESTAMP(6) - INTERVAL 1 DAY"+
		" OR status IN ('loading','loaded','swapping') AND NOT EXISTS (SELECT 1 FROM "+r.table("tenants")+" t WHERE t.id = tenant_restores.tenant_id))", server)
}

// nextRestore returns the number that a restore gets. Removed ones count: a name
// that was in use never comes to mean another restore.
func (r *registry) nextRestore(ctx context.Context, q mysql.Queryer, slug string) (uint64, error) {
	var last uint64
	err := q.Row(ctx, "SELECT COALESCE(MAX(number), 0) FROM "+r.table("tenant_restores")+" WHERE tenant_slug=?", slug).Scan(&last)
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
func (r *registry) insertRestore(ctx context.Context, q mysql.Queryer, row *restoreRow) error {
	tables, err := toJSON(row.tables)
	if err != nil {
		return err
	}
	if row.number, err = r.nextRestore(ctx, q, row.slug); err != nil {
		return err
	}
	for last := row.number + mostNumbers; ; row.number++ {
		res, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_restores")+
			" (tenant_id, tenant_slug, number, server, database_name, mode, request, checkpoint_id, checkpoint_name, point_in_time,"+
			" object_tables, status, author) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
			row.tenant, row.slug, row.number, row.server, row.database, row.mode, row.request, row.checkpointID, row.checkpoint, nullableTime(row.pointInTime), tables,
			cmp.Or(row.status, restoreLoading), cut(row.author, 190))
		if mysql.IsDuplicateKey(err) && row.number < last {
			continue
		}
		if err != nil {
			return fmt.Errorf("recording a restore: %w", err)
		}
		row.id = uint64(res.LastInsertID) //nolint:gosec // ids are positive
		return nil
	}
}

// setRestore changes a row, which is named by its id.
func (r *registry) setRestore(ctx context.Context, q mysql.Queryer, id uint64, set string, args ...any) error {
	if _, err := q.Exec(ctx, "UPDATE "+r.table("tenant_restores")+" SET "+set+" WHERE id=?", append(args, id)...); err != nil {
		return fmt.Errorf("recording restore %d: %w", id, err)
	}
	return nil
}

// setRestoreSide writes the database that a restore made beside its tenant, none
// when it is gone.
func (r *registry) setRestoreSide(ctx context.Context, q mysql.Queryer, id uint64, database string) error {
	return r.setRestore(ctx, q, id, "side_database=?", nullable(database))
}

// setRestoreLoaded writes that the database beside the tenant is complete: the
// status, the fingerprint that is the goal, the labels and the report. A restore
// that is done with it gets its time.
func (r *registry) setRestoreLoaded(ctx context.Context, q mysql.Queryer, row *restoreRow) error {
	report, err := toJSON(row.report)
	if err != nil {
		return err
	}
	kept, err := toJSON(row.labels)
	if err != nil {
		return err
	}
	set := "status=?, goal_schema=?, labels=?, report=?"
	if row.status == restoreDone {
		set += ", finished_at=CURRENT_TIMESTAMP(6)"
	}
	return r.setRestore(ctx, q, row.id, set, row.status, nullable(row.goal), kept, report)
}

// setRestoreSwapping writes that the tables of a restore are about to take the
// place of the tenant's, which are kept for the retention: the database that is
// to keep them, and the fingerprints before and after.
func (r *registry) setRestoreSwapping(ctx context.Context, q mysql.Queryer, row *restoreRow, retention time.Duration) error {
	return r.setRestore(ctx, q, row.id, "status='swapping', retired_database=?, start_schema=?, goal_schema=?,"+
		" expires_at=COALESCE(expires_at, UTC_TIMESTAMP(6) + INTERVAL ? SECOND)", nullable(row.retired), row.startSchema, row.goal, int64(retention.Seconds()))
}

// setRestoreUnswapped writes that a swap was given up.
func (r *registry) setRestoreUnswapped(ctx context.Context, q mysql.Queryer, id uint64) error {
	return r.setRestore(ctx, q, id, "status='loaded', retired_database=NULL, expires_at=NULL")
}

// setRestoreSwapped writes that a restore in place is done.
func (r *registry) setRestoreSwapped(ctx context.Context, q mysql.Queryer, id uint64, report RestoreReport) error {
	text, err := toJSON(report)
	if err != nil {
		return err
	}
	return r.setRestore(ctx, q, id, "status='done', report=?, finished_at=CURRENT_TIMESTAMP(6)", text)
}

// setRestoreRetention writes how long what a restore in place has set aside is
// kept, from when it was done.
func (r *registry) setRestoreRetention(ctx context.Context, q mysql.Queryer, id uint64, retention time.Duration) error {
	return r.setRestore(ctx, q, id, "expires_at=IF(expires_at IS NULL, NULL, finished_at + INTERVAL ? SECOND)", int64(retention.Seconds()))
}

// setRestoreCleared writes that what a restore had set aside is gone.
func (r *registry) setRestoreCleared(ctx context.Context, q mysql.Queryer, id uint64) error {
	return r.setRestore(ctx, q, id, "retired_database=NULL")
}

// setRestoreForgotten lets the same be asked for again.
func (r *registry) setRestoreForgotten(ctx context.Context, q mysql.Queryer, id uint64) error {
	return r.setRestore(ctx, q, id, "request=''")
}

// setRestoreRemoved writes that a restore was given up or is forgotten, and that
// its database is gone.
func (r *registry) setRestoreRemoved(ctx context.Context, q mysql.Queryer, id uint64) error {
	return r.setRestore(ctx, q, id, "status='removed', side_database=NULL")
}

// restoreMark begins the digest of a migration that is a restore: what the
// registry has as running then says so.
const restoreMark = "restore:"

// isRestore says whether the running migration of a tenant is a restore.
func isRestore(running string) bool { return strings.HasPrefix(running, restoreMark) }

func (r *restoreRow) mark() string { return restoreMark + fmt.Sprint(r.id) }

// publicID names a restore in the whole estate.
func (r *restoreRow) publicID() string { return r.slug + "/" + fmt.Sprint(r.number) }
