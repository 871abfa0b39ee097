package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Intent is a migration as the ledger records it before the first statement
// runs.
type Intent struct {
	Tenant             *TenantRow
	Name               string // of the migration
	Level              int64
	Digest             string
	From, To           string // name@version
	Modules            []string
	Composition        string
	FromSchema         string
	ToSchema           string
	Recorded           string // base afterwards
	Author, ServerUUID string
	Connection         uint64
}

// Running is an unfinished migration of the ledger.
type Running struct {
	ID          uint64
	Digest      string
	To          string // name@version
	Composition string
	FromSchema  string
	ToSchema    string
	Recorded    string
	Connection  uint64
	ServerUUID  string
}

// ReadRunning returns the unfinished migration of a tenant, nil when there is
// none.
func (r *Store) ReadRunning(ctx context.Context, q mysql.Queryer, tenant uint64) (*Running, error) {
	rows, err := q.Query(ctx, "SELECT id, digest, COALESCE(to_template, ''), COALESCE(composition, ''), COALESCE(from_schema, ''), COALESCE(to_schema, ''),"+
		" COALESCE(recorded_schema, ''), connection_id, server_uuid FROM "+r.table("tenant_migrations_history")+" WHERE tenant_id = ? AND running = 1", tenant)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	defer rows.Close()
	var found *Running
	for rows.Next() {
		found = &Running{}
		err := rows.Scan(&found.ID, &found.Digest, &found.To, &found.Composition, &found.FromSchema, &found.ToSchema, &found.Recorded, &found.Connection, &found.ServerUUID)
		if err != nil {
			return nil, fmt.Errorf("reading the ledger: %w", err)
		}
	}
	return found, rows.Err()
}

// Unfinished returns the unfinished migrations of tenants, by tenant.
func (r *Store) Unfinished(ctx context.Context, q mysql.Queryer, tenants []uint64) (map[uint64]uint64, error) {
	type running struct{ tenant, id uint64 }
	rows, err := allRows(ctx, q, "the ledger", func(from scanner) (one running, err error) {
		return one, from.Scan(&one.tenant, &one.id)
	}, "SELECT tenant_id, id FROM "+r.table("tenant_migrations_history")+" WHERE running = 1 AND tenant_id IN ("+landlord.Placeholders(len(tenants), "?")+")", anyOf(tenants)...)
	if err != nil {
		return nil, err
	}
	out := make(map[uint64]uint64, len(rows))
	for _, one := range rows {
		out[one.tenant] = one.id
	}
	return out, nil
}

// IsDone says whether the ledger has the migration that the registry believes
// to be running as done: the run was killed between the two.
func (r *Store) IsDone(ctx context.Context, q mysql.Queryer, row *TenantRow) (bool, error) {
	if row.Running == "" {
		return false, nil
	}
	_, done, err := r.DoneMigration(ctx, q, row)
	return done, err
}

// DoneMigration returns the base after the newest migration of the ledger, and
// whether that is the one that the registry believes to be running, and done.
func (r *Store) DoneMigration(ctx context.Context, q mysql.Queryer, row *TenantRow) (base string, done bool, err error) {
	err = q.Row(ctx, "SELECT COALESCE(recorded_schema, to_schema, ''), digest = ? AND status = 'done' FROM "+r.table("tenant_migrations_history")+
		" WHERE tenant_id = ? AND tenant_slug = ? ORDER BY id DESC LIMIT 1", row.Running, row.ID, row.Slug).Scan(&base, &done)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("reading the ledger: %w", err)
	}
	return base, done, nil
}

// WriteIntent records a migration that is about to run and returns its id.
func (r *Store) WriteIntent(ctx context.Context, q mysql.Queryer, in Intent) (uint64, error) {
	res, err := r.insertIntents(ctx, q, in)
	return uint64(res.LastInsertID), err //nolint:gosec // ids are positive
}

// WriteIntents records migrations that are about to run, of one tenant each, and
// returns their ids by tenant. A server of a cluster leaves gaps between the ids of
// one statement, so they are read.
func (r *Store) WriteIntents(ctx context.Context, q mysql.Queryer, all []Intent) (map[uint64]uint64, error) {
	tenants := make([]uint64, len(all))
	for i := range all {
		tenants[i] = all[i].Tenant.ID
	}
	if _, err := r.insertIntents(ctx, q, all...); err != nil {
		return nil, err
	}
	return r.Unfinished(ctx, q, tenants)
}

func (r *Store) insertIntents(ctx context.Context, q mysql.Queryer, all ...Intent) (mysql.Result, error) {
	var args []any
	for _, in := range all {
		modules, err := landlord.ToJSON(in.Modules)
		if err != nil {
			return mysql.Result{}, err
		}
		args = append(args,
			in.Tenant.ID, in.Tenant.Slug, in.Name, in.Level, in.Digest, landlord.Nullable(in.From), landlord.Nullable(in.To), modules, landlord.Nullable(in.Composition),
			landlord.Nullable(in.FromSchema), landlord.Nullable(in.ToSchema), landlord.Nullable(in.Recorded), landlord.Nullable(in.FromSchema), in.Author, in.ServerUUID, in.Connection)
	}
	res, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_migrations_history")+
		" (tenant_id, tenant_slug, running, migration_name, level, digest, from_template, to_template, modules, composition,"+
		" from_schema, to_schema, recorded_schema, rollback_snapshot, status, author, server_uuid, connection_id)"+
		" VALUES "+landlord.Placeholders(len(all), "(?,?,1,?,?,?,?,?,?,?,?,?,?,?,'running',?,?,?)"), args...)
	if err != nil {
		return res, fmt.Errorf("recording the intent: %w", err)
	}
	return res, nil
}

// RenewIntent gives an unfinished migration to this run.
func (r *Store) RenewIntent(ctx context.Context, q mysql.Queryer, id uint64, in Intent) error {
	modules, err := landlord.ToJSON(in.Modules)
	if err != nil {
		return err
	}
	// The row may be of a migration whose database has gone since.
	if err := r.deleteSteps(ctx, q, id); err != nil {
		return fmt.Errorf("recording the intent: %w", err)
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenant_migrations_history")+
		" SET from_template=NULL, from_schema=NULL, recorded_schema=NULL, rollback_snapshot=NULL, migration_name=?, digest=?, to_template=?, modules=?,"+
		" composition=?, to_schema=?, status='running', error=NULL, author=?, server_uuid=?, connection_id=? WHERE id=?",
		in.Name, in.Digest, landlord.Nullable(in.To), modules, landlord.Nullable(in.Composition), landlord.Nullable(in.ToSchema), in.Author, in.ServerUUID, in.Connection, id)
	if err != nil {
		return fmt.Errorf("recording the intent: %w", err)
	}
	return nil
}

// FinishMigration marks a migration as done, with its steps. It skips texts that
// the ledger is known to have.
func (r *Store) FinishMigration(ctx context.Context, q mysql.Queryer, id uint64, toSchema string, steps []landlord.Step, started time.Time, known *knownTexts) error {
	if err := r.MarkDone(ctx, q, id, toSchema, len(steps), started); err != nil {
		return err
	}
	return r.writeSteps(ctx, q, id, steps, known)
}

// MarkDone closes the row of a migration.
func (r *Store) MarkDone(ctx context.Context, q mysql.Queryer, id uint64, toSchema string, steps int, started time.Time) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_migrations_history")+
		" SET status='done', running=NULL, applied_at=CURRENT_TIMESTAMP(6), duration_ms=?, steps=?, to_schema=?, error=NULL WHERE id=?",
		r.now().Sub(started).Milliseconds(), steps, landlord.Nullable(toSchema), id)
	if err != nil {
		return fmt.Errorf("recording the result: %w", err)
	}
	return nil
}

// FailMigration records why a migration stopped. It stays unfinished.
func (r *Store) FailMigration(ctx context.Context, q mysql.Queryer, id uint64, cause error) {
	_, _ = q.Exec(context.WithoutCancel(ctx), "UPDATE "+r.table("tenant_migrations_history")+" SET status='failed', error=? WHERE id=? AND running=1",
		landlord.Shorten(mysql.Message(cause)), id) // the caller reports the cause itself
}

// CloseMigration marks a migration, whose steps the ledger has, as done.
func (r *Store) CloseMigration(ctx context.Context, q mysql.Queryer, id uint64, toSchema string, steps []RecordedStep, started time.Time) error {
	if err := r.MarkSteps(ctx, q, id, len(steps), len(steps)); err != nil {
		return err
	}
	return r.MarkDone(ctx, q, id, toSchema, len(steps), started)
}

// Closing is a migration, whose steps the ledger has, that is to be marked as done.
type Closing struct {
	ID       uint64
	ToSchema string
	Steps    int
	Started  time.Time
}

// CloseMigrations is CloseMigration for several.
func (r *Store) CloseMigrations(ctx context.Context, q mysql.Queryer, all []Closing) error {
	ids := make([]uint64, len(all))
	var duration, steps, schema strings.Builder
	var durations, counts, schemas []any
	for i, c := range all {
		ids[i] = c.ID
		duration.WriteString(" WHEN ? THEN ?")
		durations = append(durations, c.ID, r.now().Sub(c.Started).Milliseconds())
		steps.WriteString(" WHEN ? THEN ?")
		counts = append(counts, c.ID, c.Steps)
		schema.WriteString(" WHEN ? THEN ?")
		schemas = append(schemas, c.ID, landlord.Nullable(c.ToSchema))
	}
	in := " IN (" + landlord.Placeholders(len(ids), "?") + ")"
	if err := r.markAllSteps(ctx, q, in, anyOf(ids)); err != nil {
		return err
	}
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_migrations_history")+" SET status='done', running=NULL, applied_at=CURRENT_TIMESTAMP(6), error=NULL,"+
		" duration_ms=CASE id"+duration.String()+" END, steps=CASE id"+steps.String()+" END, to_schema=CASE id"+schema.String()+" END WHERE id"+in,
		slices.Concat(durations, counts, schemas, anyOf(ids))...)
	if err != nil {
		return fmt.Errorf("recording the result: %w", err)
	}
	return nil
}

// WithdrawIntents closes migrations of which no statement has run.
func (r *Store) WithdrawIntents(ctx context.Context, q mysql.Queryer, ids []uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_migrations_history")+" SET running=NULL, status='abandoned' WHERE running=1 AND id IN ("+landlord.Placeholders(len(ids), "?")+")", anyOf(ids)...)
	if err != nil {
		return fmt.Errorf("closing migrations that have not begun: %w", err)
	}
	return nil
}

// PastMigrations reads the newest migrations of a slug, with their steps if
// wanted.
func (r *Store) PastMigrations(ctx context.Context, q mysql.Queryer, slug string, limit int, steps bool) ([]landlord.PastMigration, error) {
	out := []landlord.PastMigration{}
	rows, err := q.Query(ctx, "SELECT id, migration_name, digest, level, COALESCE(from_template, ''), COALESCE(to_template, ''), status, steps,"+
		" started_at, applied_at, COALESCE(duration_ms, 0), author, COALESCE(error, '') FROM "+r.table("tenant_migrations_history")+
		" WHERE tenant_slug = ? ORDER BY id DESC LIMIT ?", slug, limit)
	if nothing(err) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m landlord.PastMigration
		var applied sql.NullTime
		var milliseconds int64
		err := rows.Scan(&m.ID, &m.Name, &m.Digest, &m.Level, &m.From, &m.To, &m.Status, &m.Steps, &m.StartedAt, &applied, &milliseconds, &m.Author, &m.Error)
		if err != nil {
			return nil, err
		}
		m.AppliedAt, m.Duration = applied.Time, time.Duration(milliseconds)*time.Millisecond
		out = append(out, m)
	}
	if err := rows.Err(); err != nil || !steps || len(out) == 0 {
		return out, err
	}
	_ = rows.Close() // what follows may need its connection
	return out, r.pastSteps(ctx, q, out)
}

// IsDoneLast says whether the newest migration of a tenant that has the name is
// the one with the digest, and done. It is one of level 3.
func (r *Store) IsDoneLast(ctx context.Context, q mysql.Queryer, row *TenantRow, name, digest string) (done bool, err error) {
	err = q.Row(ctx, "SELECT digest = ? AND status = 'done' FROM "+r.table("tenant_migrations_history")+
		" WHERE tenant_id = ? AND tenant_slug = ? AND level = 3 AND migration_name = ? ORDER BY id DESC LIMIT 1", digest, row.ID, row.Slug, name).Scan(&done)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the ledger: %w", err)
	}
	return done, nil
}

// NewestDone returns the newest migration of a tenant that has the name and a
// level, and its digest; 0 when there is none that is done.
func (r *Store) NewestDone(ctx context.Context, q mysql.Queryer, row *TenantRow, level int64, name string) (id uint64, digest string, err error) {
	err = q.Row(ctx, "SELECT id, digest FROM "+r.table("tenant_migrations_history")+
		" WHERE tenant_id = ? AND tenant_slug = ? AND level = ? AND migration_name = ? AND status = 'done' ORDER BY id DESC LIMIT 1", row.ID, row.Slug, level, name).Scan(&id, &digest)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("reading the ledger: %w", err)
	}
	return id, digest, nil
}

// TakeOver gives an unfinished migration to a run, of which in names author,
// server and connection.
func (r *Store) TakeOver(ctx context.Context, q mysql.Queryer, id uint64, in Intent) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_migrations_history")+" SET status='running', error=NULL, server_uuid=?, connection_id=?, author=? WHERE id=?",
		in.ServerUUID, in.Connection, in.Author, id)
	if err != nil {
		return fmt.Errorf("recording the intent: %w", err)
	}
	return nil
}

// TakeOverSteps gives an unfinished migration to a run and forgets the steps
// that it has not done: they are computed anew. It returns how many it has done.
func (r *Store) TakeOverSteps(ctx context.Context, q mysql.Queryer, id uint64, in Intent) (int, error) {
	if err := r.TakeOver(ctx, q, id, in); err != nil {
		return 0, err
	}
	err := r.deleteUndone(ctx, q, id)
	done := 0
	if err == nil {
		done, err = r.LastStep(ctx, q, id)
	}
	if err != nil {
		return 0, fmt.Errorf("recording the intent: %w", err)
	}
	return done, nil
}

// SetConnection writes which connection runs a migration now.
func (r *Store) SetConnection(ctx context.Context, q mysql.Queryer, id, connection uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_migrations_history")+" SET connection_id=? WHERE id=?", connection, id)
	if err != nil {
		return fmt.Errorf("recording the connection: %w", err)
	}
	return nil
}

// CloseRunning marks the unfinished migration of a tenant, if there is one, as
// abandoned.
func (r *Store) CloseRunning(ctx context.Context, q mysql.Queryer, row *TenantRow) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_migrations_history")+
		" SET running=NULL, status='abandoned' WHERE tenant_id=? AND tenant_slug=? AND running=1", row.ID, row.Slug)
	return err
}

// Abandon closes an unfinished migration that nobody will complete. What it has
// set aside stays known.
func (r *Store) Abandon(ctx context.Context, q mysql.Queryer, row *TenantRow) error {
	err := r.CloseRunning(ctx, q, row)
	if err == nil {
		err = r.keepRetired(ctx, q, row)
	}
	if err != nil {
		return fmt.Errorf("closing the interrupted migration: %w", err)
	}
	return nil
}

// UnfinishedMigration returns the newest migration of a tenant that has the name
// and the digest and is not done; 0 when there is none. It is one of level 3.
func (r *Store) UnfinishedMigration(ctx context.Context, q mysql.Queryer, row *TenantRow, name, digest string) (uint64, error) {
	var id uint64
	err := q.Row(ctx, "SELECT id FROM "+r.table("tenant_migrations_history")+
		" WHERE tenant_id = ? AND tenant_slug = ? AND level = 3 AND migration_name = ? AND digest = ? AND status <> 'done' ORDER BY id DESC LIMIT 1",
		row.ID, row.Slug, name, digest).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the ledger: %w", err)
	}
	return id, nil
}

// PastState is what a migration made of a tenant.
type PastState struct {
	Template, Composition, Base string // name@version; digest; fingerprint
	Modules                     []string
}

// StateAt returns what the newest update of a slug that was completed from one
// moment and before another made of the tenant; nil when there was none.
func (r *Store) StateAt(ctx context.Context, q mysql.Queryer, slug string, from, before time.Time) (*PastState, error) {
	var template, composition, base, modules sql.NullString
	err := q.Row(ctx, "SELECT to_template, modules, composition, COALESCE(recorded_schema, to_schema) FROM "+r.table("tenant_migrations_history")+
		" WHERE tenant_slug=? AND level=1 AND status='done' AND to_template IS NOT NULL AND applied_at >= ? AND applied_at < ? ORDER BY applied_at DESC LIMIT 1",
		slug, from.UTC(), before.UTC()).Scan(&template, &modules, &composition, &base)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	s := &PastState{Template: template.String, Composition: composition.String, Base: base.String}
	if err == nil {
		err = landlord.FromJSON(modules.String, &s.Modules)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	return s, nil
}
