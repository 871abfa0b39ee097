package landlord

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// intent is a migration as the ledger records it before the first statement
// runs.
type intent struct {
	tenant             *tenantRow
	name               string // of the migration
	level              int64
	digest             string
	from, to           string // name@version
	modules            []string
	composition        string
	fromSchema         string
	toSchema           string
	recorded           string // base afterwards
	author, serverUUID string
	connection         uint64
}

// running is an unfinished migration of the ledger.
type running struct {
	id          uint64
	digest      string
	composition string
	fromSchema  string
	toSchema    string
	recorded    string
	connection  uint64
	serverUUID  string
}

// readRunning returns the unfinished migration of a tenant, nil when there is
// none.
func (r *registry) readRunning(ctx context.Context, q mysql.Queryer, tenant uint64) (*running, error) {
	rows, err := q.Query(ctx, "SELECT id, digest, COALESCE(composition, ''), COALESCE(from_schema, ''), COALESCE(to_schema, ''),"+
		" COALESCE(recorded_schema, ''), connection_id, server_uuid FROM "+r.table("tenant_migrations_history")+" WHERE tenant_id = ? AND running = 1", tenant)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	defer rows.Close()
	var found *running
	for rows.Next() {
		found = &running{}
		err := rows.Scan(&found.id, &found.digest, &found.composition, &found.fromSchema, &found.toSchema, &found.recorded, &found.connection, &found.serverUUID)
		if err != nil {
			return nil, fmt.Errorf("reading the ledger: %w", err)
		}
	}
	return found, rows.Err()
}

// isDone says whether the ledger has the migration that the registry believes
// to be running as done: the run was killed between the two.
func (r *registry) isDone(ctx context.Context, q mysql.Queryer, row *tenantRow) (bool, error) {
	if row.running == "" {
		return false, nil
	}
	_, done, err := r.doneMigration(ctx, q, row)
	return done, err
}

// doneMigration returns the base after the newest migration of the ledger, and
// whether that is the one that the registry believes to be running, and done.
func (r *registry) doneMigration(ctx context.Context, q mysql.Queryer, row *tenantRow) (base string, done bool, err error) {
	err = q.Row(ctx, "SELECT COALESCE(recorded_schema, to_schema, ''), digest = ? AND status = 'done' FROM "+r.table("tenant_migrations_history")+
		" WHERE tenant_id = ? AND tenant_slug = ? ORDER BY id DESC LIMIT 1", row.running, row.id, row.slug).Scan(&base, &done)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("reading the ledger: %w", err)
	}
	return base, done, nil
}

// writeIntent records a migration that is about to run and returns its id.
func (r *registry) writeIntent(ctx context.Context, q mysql.Queryer, in intent) (uint64, error) {
	modules, err := toJSON(in.modules)
	if err != nil {
		return 0, err
	}
	res, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_migrations_history")+
		" (tenant_id, tenant_slug, running, migration_name, level, digest, from_template, to_template, modules, composition,"+
		" from_schema, to_schema, recorded_schema, rollback_snapshot, status, author, server_uuid, connection_id)"+
		" VALUES (?,?,1,?,?,?,?,?,?,?,?,?,?,?,'running',?,?,?)",
		in.tenant.id, in.tenant.slug, in.name, in.level, in.digest, nullable(in.from), nullable(in.to), modules, nullable(in.composition),
		nullable(in.fromSchema), nullable(in.toSchema), nullable(in.recorded), nullable(in.fromSchema), in.author, in.serverUUID, in.connection)
	if err != nil {
		return 0, fmt.Errorf("recording the intent: %w", err)
	}
	return uint64(res.LastInsertID), nil //nolint:gosec // ids are positive
}

// renewIntent gives an unfinished migration to this run.
func (r *registry) renewIntent(ctx context.Context, q mysql.Queryer, id uint64, in intent) error {
	modules, err := toJSON(in.modules)
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
		in.name, in.digest, nullable(in.to), modules, nullable(in.composition), nullable(in.toSchema), in.author, in.serverUUID, in.connection, id)
	if err != nil {
		return fmt.Errorf("recording the intent: %w", err)
	}
	return nil
}

// finishMigration marks a migration as done, with its steps. It skips texts that
// the ledger is known to have.
func (r *registry) finishMigration(ctx context.Context, q mysql.Queryer, id uint64, toSchema string, steps []Step, started time.Time, known *knownTexts) error {
	if err := r.markDone(ctx, q, id, toSchema, len(steps), started); err != nil {
		return err
	}
	return r.writeSteps(ctx, q, id, steps, known)
}

// markDone closes the row of a migration.
func (r *registry) markDone(ctx context.Context, q mysql.Queryer, id uint64, toSchema string, steps int, started time.Time) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_migrations_history")+
		" SET status='done', running=NULL, applied_at=CURRENT_TIMESTAMP(6), duration_ms=?, steps=?, to_schema=?, error=NULL WHERE id=?",
		r.now().Sub(started).Milliseconds(), steps, nullable(toSchema), id)
	if err != nil {
		return fmt.Errorf("recording the result: %w", err)
	}
	return nil
}

// failMigration records why a migration stopped. It stays unfinished.
func (r *registry) failMigration(ctx context.Context, q mysql.Queryer, id uint64, cause error) {
	_, _ = q.Exec(context.WithoutCancel(ctx), "UPDATE "+r.table("tenant_migrations_history")+" SET status='failed', error=? WHERE id=? AND running=1",
		shorten(mysql.Message(cause)), id) // the caller reports the cause itself
}

// closeMigration marks a migration, whose steps the ledger has, as done.
func (r *registry) closeMigration(ctx context.Context, q mysql.Queryer, id uint64, toSchema string, steps []recordedStep, started time.Time) error {
	if err := r.markSteps(ctx, q, id, len(steps), len(steps)); err != nil {
		return err
	}
	return r.markDone(ctx, q, id, toSchema, len(steps), started)
}

// PastMigration is a row of the ledger.
type PastMigration struct {
	Name, Digest string
	Level        int64  // 1 template, 2 module, 3 tenant
	From, To     string // name@version
	Status       string // running, done, failed or abandoned
	Steps        int64
	StartedAt    time.Time     // UTC
	AppliedAt    time.Time     // UTC; zero unless done
	Duration     time.Duration // 0 unless done
	Author       string
	Error        string
	Statements   []PastStep // when asked for

	id uint64
}

// pastMigrations reads the newest migrations of a slug, with their steps if
// wanted.
func (r *registry) pastMigrations(ctx context.Context, q mysql.Queryer, slug string, limit int, steps bool) ([]PastMigration, error) {
	out := []PastMigration{}
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
		var m PastMigration
		var applied sql.NullTime
		var milliseconds int64
		err := rows.Scan(&m.id, &m.Name, &m.Digest, &m.Level, &m.From, &m.To, &m.Status, &m.Steps, &m.StartedAt, &applied, &milliseconds, &m.Author, &m.Error)
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

// isDoneLast says whether the newest migration of a tenant that has the name is
// the one with the digest, and done. It is one of level 3.
func (r *registry) isDoneLast(ctx context.Context, q mysql.Queryer, row *tenantRow, name, digest string) (done bool, err error) {
	err = q.Row(ctx, "SELECT digest = ? AND status = 'done' FROM "+r.table("tenant_migrations_history")+
		" WHERE tenant_id = ? AND tenant_slug = ? AND level = 3 AND migration_name = ? ORDER BY id DESC LIMIT 1", digest, row.id, row.slug, name).Scan(&done)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the ledger: %w", err)
	}
	return done, nil
}

// takeOver gives an unfinished migration to a run, of which in names author,
// server and connection.
func (r *registry) takeOver(ctx context.Context, q mysql.Queryer, id uint64, in intent) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_migrations_history")+" SET status='running', error=NULL, server_uuid=?, connection_id=?, author=? WHERE id=?",
		in.serverUUID, in.connection, in.author, id)
	if err != nil {
		return fmt.Errorf("recording the intent: %w", err)
	}
	return nil
}

// takeOverSteps gives an unfinished migration to a run and forgets the steps
// that it has not done: they are computed anew. It returns how many it has done.
func (r *registry) takeOverSteps(ctx context.Context, q mysql.Queryer, id uint64, in intent) (int, error) {
	if err := r.takeOver(ctx, q, id, in); err != nil {
		return 0, err
	}
	err := r.deleteUndone(ctx, q, id)
	done := 0
	if err == nil {
		done, err = r.lastStep(ctx, q, id)
	}
	if err != nil {
		return 0, fmt.Errorf("recording the intent: %w", err)
	}
	return done, nil
}

// setConnection writes which connection runs a migration now.
func (r *registry) setConnection(ctx context.Context, q mysql.Queryer, id, connection uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_migrations_history")+" SET connection_id=? WHERE id=?", connection, id)
	if err != nil {
		return fmt.Errorf("recording the connection: %w", err)
	}
	return nil
}

// closeRunning marks the unfinished migration of a tenant, if there is one, as
// abandoned.
func (r *registry) closeRunning(ctx context.Context, q mysql.Queryer, row *tenantRow) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_migrations_history")+
		" SET running=NULL, status='abandoned' WHERE tenant_id=? AND tenant_slug=? AND running=1", row.id, row.slug)
	return err
}

// abandon closes an unfinished migration that nobody will complete. What it has
// set aside stays known.
func (r *registry) abandon(ctx context.Context, q mysql.Queryer, row *tenantRow) error {
	err := r.closeRunning(ctx, q, row)
	if err == nil {
		err = r.keepRetired(ctx, q, row)
	}
	if err != nil {
		return fmt.Errorf("closing the interrupted migration: %w", err)
	}
	return nil
}

// unfinishedMigration returns the newest migration of a tenant that has the name
// and the digest and is not done; 0 when there is none. It is one of level 3.
func (r *registry) unfinishedMigration(ctx context.Context, q mysql.Queryer, row *tenantRow, name, digest string) (uint64, error) {
	var id uint64
	err := q.Row(ctx, "SELECT id FROM "+r.table("tenant_migrations_history")+
		" WHERE tenant_id = ? AND tenant_slug = ? AND level = 3 AND migration_name = ? AND digest = ? AND status <> 'done' ORDER BY id DESC LIMIT 1",
		row.id, row.slug, name, digest).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the ledger: %w", err)
	}
	return id, nil
}

// pastState is what a migration made of a tenant.
type pastState struct {
	template, composition, base string // name@version; digest; fingerprint
	modules                     []string
}

// stateAt returns what the newest update of a slug that was completed from one
// moment and before another made of the tenant; nil when there was none.
func (r *registry) stateAt(ctx context.Context, q mysql.Queryer, slug string, from, before time.Time) (*pastState, error) {
	var template, composition, base, modules sql.NullString
	err := q.Row(ctx, "SELECT to_template, modules, composition, COALESCE(recorded_schema, to_schema) FROM "+r.table("tenant_migrations_history")+
		" WHERE tenant_slug=? AND level=1 AND status='done' AND to_template IS NOT NULL AND applied_at >= ? AND applied_at < ? ORDER BY applied_at DESC LIMIT 1",
		slug, from.UTC(), before.UTC()).Scan(&template, &modules, &composition, &base)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	s := &pastState{template: template.String, composition: composition.String, base: base.String}
	if err == nil {
		err = fromJSON(modules.String, &s.modules)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	return s, nil
}
