package registry

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// RestoreRow is a row of `tenant_restores`.
type RestoreRow struct {
	ID, Tenant             uint64
	Slug, Server, Database string
	Number                 uint64 // among the restores of the slug
	Mode                   landlord.RestoreMode
	Request                string
	CheckpointID           uint64
	Checkpoint             string
	PointInTime            time.Time
	Tables                 []string
	Status                 landlord.RestoreStatus
	Side, Retired          string // databases
	StartSchema, Goal      string // fingerprints
	Labels                 Labels
	Report                 landlord.RestoreReport
	Author                 string
	CreatedAt, FinishedAt  time.Time
	Recent                 bool // finished a short time ago
	Expired                bool // what it retired may go
}

const restoreColumns = `id, tenant_id, tenant_slug, number, server, database_name, mode, request, checkpoint_id, checkpoint_name, point_in_time, object_tables,
 status, side_database, retired_database, start_schema, goal_schema, labels, report, author, created_at, finished_at,
 COALESCE(finished_at > UTC_TIMESTAMP(6) - INTERVAL 1 HOUR, 0), COALESCE(expires_at <= UTC_TIMESTAMP(6), 0)`

func scanRestore(from scanner) (*RestoreRow, error) {
	var r RestoreRow
	var tables, side, retired, start, goal, kept, report sql.NullString
	var at, finished sql.NullTime
	err := from.Scan(&r.ID, &r.Tenant, &r.Slug, &r.Number, &r.Server, &r.Database, &r.Mode, &r.Request, &r.CheckpointID, &r.Checkpoint, &at, &tables,
		&r.Status, &side, &retired, &start, &goal, &kept, &report, &r.Author, &r.CreatedAt, &finished, &r.Recent, &r.Expired)
	if err != nil {
		return nil, err
	}
	r.Side, r.Retired, r.StartSchema, r.Goal = side.String, retired.String, start.String, goal.String
	r.PointInTime, r.FinishedAt = at.Time, finished.Time
	err = errors.Join(landlord.FromJSON(tables.String, &r.Tables), landlord.FromJSON(kept.String, &r.Labels), landlord.FromJSON(report.String, &r.Report))
	if err != nil {
		return nil, fmt.Errorf("reading the row of restore %d: %w", r.ID, err)
	}
	return &r, nil
}

// restoresWhere reads the rows that a condition chooses, the oldest first.
func (r *Store) restoresWhere(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]*RestoreRow, error) {
	return allRows(ctx, q, "the restores", scanRestore,
		"SELECT "+restoreColumns+" FROM "+r.table("tenant_restores")+" WHERE "+where+" ORDER BY id", args...)
}

// oneRestore returns the first row that a condition chooses; nil for none.
func (r *Store) oneRestore(ctx context.Context, q mysql.Queryer, where string, args ...any) (*RestoreRow, error) {
	rows, err := r.restoresWhere(ctx, q, where, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// ReadRestore reads one restore; nil when there is none.
func (r *Store) ReadRestore(ctx context.Context, q mysql.Queryer, id uint64) (*RestoreRow, error) {
	return r.oneRestore(ctx, q, "id=?", id)
}

// readRestoreNumber reads a restore by its slug and number; nil when there is
// none, or when it is removed.
func (r *Store) readRestoreNumber(ctx context.Context, q mysql.Queryer, slug string, number uint64) (*RestoreRow, error) {
	return r.oneRestore(ctx, q, "tenant_slug=? AND number=? AND status<>'removed'", slug, number)
}

// DoneRestores reads the restores of a slug that are done and were asked for in
// the same words.
func (r *Store) DoneRestores(ctx context.Context, q mysql.Queryer, slug, request string) ([]*RestoreRow, error) {
	return r.restoresWhere(ctx, q, "tenant_slug=? AND request=? AND status='done'", slug, request)
}

// OpenRestores reads the restores of a slug that are not done, and those that
// are and were asked for in the same words.
func (r *Store) OpenRestores(ctx context.Context, q mysql.Queryer, slug, request string) ([]*RestoreRow, error) {
	return r.restoresWhere(ctx, q, "tenant_slug=? AND (status IN ('beginning','loading','loaded','swapping') OR status='done' AND request=?)", slug, request)
}

// Exchanges reads the restores of a slug by which a copy took the place of the
// tenant's tables, those that were forgotten since included.
func (r *Store) Exchanges(ctx context.Context, q mysql.Queryer, slug string) ([]*RestoreRow, error) {
	return r.restoresWhere(ctx, q, "tenant_slug=? AND mode='in_place' AND finished_at IS NOT NULL", slug)
}

// LoadedRestores reads the restores of a tenant that are loaded or done and were
// asked for in the same words.
func (r *Store) LoadedRestores(ctx context.Context, q mysql.Queryer, tenant uint64, request string) ([]*RestoreRow, error) {
	return r.restoresWhere(ctx, q, "tenant_id=? AND request=? AND status IN ('loaded','done')", tenant, request)
}

// restoresBeside reads the restores that have a database beside their tenant on
// a server.
func (r *Store) restoresBeside(ctx context.Context, q mysql.Queryer, server string) ([]*RestoreRow, error) {
	return r.restoresWhere(ctx, q, "server=? AND side_database IS NOT NULL", server)
}

// RestoresToClear reads the restores that have left something on a server: what
// they set aside and whose retention is over, what a swap has emptied, and what
// nobody will take up. With an id it is that one alone.
func (r *Store) RestoresToClear(ctx context.Context, q mysql.Queryer, server string, id uint64) ([]*RestoreRow, error) {
	return r.restoresWhere(ctx, q, "server=? AND ? IN (0, id) AND (status='done' AND retired_database IS NOT NULL AND expires_at <= UTC_TIMESTAMP(6)"+
		" OR status='done' AND mode='in_place' AND side_database IS NOT NULL OR status='loaded' AND created_at < UTC_TIMESTAMP(6) - INTERVAL 1 DAY"+
		" OR status IN ('beginning','loading','loaded','swapping') AND NOT EXISTS (SELECT 1 FROM "+r.table("tenants")+" t WHERE t.id = tenant_restores.tenant_id))", server, id)
}

// NewestRestore returns the number of the newest restore of a slug in a mode that was
// done, those that are gone since included; 0 when there was none.
func (r *Store) NewestRestore(ctx context.Context, q mysql.Queryer, slug string, mode landlord.RestoreMode) (number uint64, err error) {
	err = q.Row(ctx, "SELECT COALESCE(MAX(number), 0) FROM "+r.table("tenant_restores")+" WHERE tenant_slug=? AND mode=? AND finished_at IS NOT NULL", slug, mode).Scan(&number)
	if err != nil && !nothing(err) {
		return 0, fmt.Errorf("reading the restores: %w", err)
	}
	return number, nil
}

// nextRestore returns the number that a restore gets. Removed ones count: a name
// that was in use never comes to mean another restore.
func (r *Store) nextRestore(ctx context.Context, q mysql.Queryer, slug string) (uint64, error) {
	var last uint64
	err := q.Row(ctx, "SELECT COALESCE(MAX(number), 0) FROM "+r.table("tenant_restores")+" WHERE tenant_slug=?", slug).Scan(&last)
	if err != nil && !nothing(err) {
		return 0, fmt.Errorf("reading the restores: %w", err)
	}
	return last + 1, nil
}

// mostNumbers bounds the attempts at a number that others take at the same time.
const mostNumbers = 10

// InsertRestore records that a restore begins, and gives it its number. Whoever
// loads a copy holds the lock of the tenant's restores; a rollback of the schema
// does not, so a number may be taken.
func (r *Store) InsertRestore(ctx context.Context, q mysql.Queryer, row *RestoreRow) error {
	tables, err := landlord.ToJSON(row.Tables)
	if err != nil {
		return err
	}
	if row.Number, err = r.nextRestore(ctx, q, row.Slug); err != nil {
		return err
	}
	for last := row.Number + mostNumbers; ; row.Number++ {
		res, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_restores")+
			" (tenant_id, tenant_slug, number, server, database_name, mode, request, checkpoint_id, checkpoint_name, point_in_time,"+
			" object_tables, status, author) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
			row.Tenant, row.Slug, row.Number, row.Server, row.Database, row.Mode, row.Request, row.CheckpointID, row.Checkpoint, landlord.NullableTime(row.PointInTime), tables,
			cmp.Or(row.Status, landlord.RestoreBeginning), landlord.Cut(row.Author, 190))
		if mysql.IsDuplicateKey(err) && row.Number < last {
			continue
		}
		if err != nil {
			return fmt.Errorf("recording a restore: %w", err)
		}
		row.ID = uint64(res.LastInsertID) //nolint:gosec // ids are positive
		return nil
	}
}

// setRestore changes a row, which is named by its id.
func (r *Store) setRestore(ctx context.Context, q mysql.Queryer, id uint64, set string, args ...any) error {
	if _, err := q.Exec(ctx, "UPDATE "+r.table("tenant_restores")+" SET "+set+" WHERE id=?", append(args, id)...); err != nil {
		return fmt.Errorf("recording restore %d: %w", id, err)
	}
	return nil
}

// SetRestoreSide writes the database that a restore is about to make beside its
// tenant, none when it is gone.
func (r *Store) SetRestoreSide(ctx context.Context, q mysql.Queryer, id uint64, database string) error {
	return r.setRestore(ctx, q, id, "side_database=?", landlord.Nullable(database))
}

// SetRestoreMade writes that the database beside the tenant was made by the
// restore: from here on it may be dropped.
func (r *Store) SetRestoreMade(ctx context.Context, q mysql.Queryer, id uint64) error {
	return r.setRestore(ctx, q, id, "status='loading'")
}

// SetRestoreLoaded writes that the database beside the tenant is complete: the
// status, the fingerprint that is the goal, the labels and the report. A restore
// that is done with it gets its time.
func (r *Store) SetRestoreLoaded(ctx context.Context, q mysql.Queryer, row *RestoreRow) error {
	report, err := landlord.ToJSON(row.Report)
	if err != nil {
		return err
	}
	kept, err := landlord.ToJSON(row.Labels)
	if err != nil {
		return err
	}
	set := "status=?, goal_schema=?, labels=?, report=?"
	if row.Status == landlord.RestoreDone {
		set += ", finished_at=CURRENT_TIMESTAMP(6)"
	}
	return r.setRestore(ctx, q, row.ID, set, row.Status, landlord.Nullable(row.Goal), kept, report)
}

// SetRestoreSwapping writes that the tables of a restore are about to take the
// place of the tenant's, which are kept for the retention: the database that is
// to keep them, and the fingerprints before and after.
func (r *Store) SetRestoreSwapping(ctx context.Context, q mysql.Queryer, row *RestoreRow, retention time.Duration) error {
	return r.setRestore(ctx, q, row.ID, "status='swapping', retired_database=?, start_schema=?, goal_schema=?,"+
		" expires_at=COALESCE(expires_at, UTC_TIMESTAMP(6) + INTERVAL ? SECOND)", landlord.Nullable(row.Retired), row.StartSchema, row.Goal, int64(retention.Seconds()))
}

// SetRestoreUnswapped writes that a swap was given up.
func (r *Store) SetRestoreUnswapped(ctx context.Context, q mysql.Queryer, id uint64) error {
	return r.setRestore(ctx, q, id, "status='loaded', retired_database=NULL, expires_at=NULL")
}

// SetRestoreSwapped writes that a restore in place is done.
func (r *Store) SetRestoreSwapped(ctx context.Context, q mysql.Queryer, id uint64, report landlord.RestoreReport) error {
	text, err := landlord.ToJSON(report)
	if err != nil {
		return err
	}
	return r.setRestore(ctx, q, id, "status='done', report=?, finished_at=CURRENT_TIMESTAMP(6)", text)
}

// SetRestoreRetention writes how long what a restore in place has set aside is
// kept, from when it was done.
func (r *Store) SetRestoreRetention(ctx context.Context, q mysql.Queryer, id uint64, retention time.Duration) error {
	return r.setRestore(ctx, q, id, "expires_at=IF(expires_at IS NULL, NULL, finished_at + INTERVAL ? SECOND)", int64(retention.Seconds()))
}

// SetRestoreCleared writes that what a restore had set aside is gone.
func (r *Store) SetRestoreCleared(ctx context.Context, q mysql.Queryer, id uint64) error {
	return r.setRestore(ctx, q, id, "retired_database=NULL")
}

// SetRestoreForgotten lets the same be asked for again.
func (r *Store) SetRestoreForgotten(ctx context.Context, q mysql.Queryer, id uint64) error {
	return r.setRestore(ctx, q, id, "request=''")
}

// SetRestoreRemoved writes that a restore was given up or is forgotten, and that
// its database is gone.
func (r *Store) SetRestoreRemoved(ctx context.Context, q mysql.Queryer, id uint64) error {
	return r.setRestore(ctx, q, id, "status='removed', side_database=NULL")
}

// restoreMark begins the digest of a migration that is a restore: what the
// registry has as running then says so.
const restoreMark = "restore:"

// IsRestore says whether the running migration of a tenant is a restore.
func IsRestore(running string) bool { return strings.HasPrefix(running, restoreMark) }

// Mark is what stands in place of a running migration of the tenant while the
// restore runs; IsRestore recognizes it.
func (r *RestoreRow) Mark() string { return restoreMark + fmt.Sprint(r.ID) }

// PublicID names a restore in the whole estate.
func (r *RestoreRow) PublicID() string { return r.Slug + "/" + fmt.Sprint(r.Number) }

// ReadRestoreID reads a restore by its public name. It is nil when there is none,
// also of one that is removed.
func (s *Servers) ReadRestoreID(ctx context.Context, id string) (*RestoreRow, error) {
	slug, number, ok := SplitNumberedID(id)
	if !ok {
		return nil, nil
	}
	row, err := s.Registry.readRestoreNumber(ctx, s.Main(), slug, number)
	if err != nil {
		return nil, Unreachable(s.Main(), "reading a restore", err)
	}
	if row == nil || row.PublicID() != id {
		return nil, nil
	}
	return row, nil
}

// SplitNumberedID splits the public name of what is numbered per tenant, as
// restores and data copies are: `acme/7`.
func SplitNumberedID(id string) (slug string, number uint64, ok bool) {
	slug, text, ok := landlord.SplitCheckpointID(id) // of the same form
	if !ok {
		return "", 0, false
	}
	number, err := strconv.ParseUint(text, 10, 64)
	return slug, number, err == nil
}

// RunningRestore returns the row of the restore that is the running
// migration of a tenant.
func RunningRestore(running string) uint64 {
	if !IsRestore(running) {
		return 0
	}
	n, _ := strconv.ParseUint(running[len(restoreMark):], 10, 64)
	return n
}

// OwnDatabases returns the databases of a server that restores and moves made, or
// have set aside, and that are no tenants.
func (s *Servers) OwnDatabases(ctx context.Context, server string) (map[string]bool, error) {
	rows, err := s.Registry.restoresBeside(ctx, s.Main(), server)
	if err != nil {
		return nil, Unreachable(s.Main(), "reading the restores", err)
	}
	own := map[string]bool{}
	for _, r := range rows {
		own[r.Side] = true
	}
	moves, err := s.Registry.movesTo(ctx, s.Main(), server)
	if err != nil {
		return nil, Unreachable(s.Main(), "reading the moves of tenants", err)
	}
	for _, m := range moves {
		own[m.Database] = true
	}
	if moves, err = s.Registry.movesFrom(ctx, s.Main(), server); err != nil {
		return nil, Unreachable(s.Main(), "reading the moves of tenants", err)
	}
	for _, m := range moves {
		own[m.Retired] = true
		if m.Status == MoveLeft {
			own[m.Database] = true
		}
	}
	return own, nil
}
