package landlord

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
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
func (e *Engine) readRunning(ctx context.Context, q mysql.Queryer, tenant uint64) (*running, error) {
	rows, err := q.Query(ctx, "SELECT id, digest, COALESCE(composition, ''), COALESCE(from_schema, ''), COALESCE(to_schema, ''), COALESCE(recorded_schema, ''), connection_id, server_uuid FROM "+
		e.table("tenant_migrations_history")+" WHERE tenant_id = ? AND running = 1", tenant)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	defer rows.Close()
	var found *running
	for rows.Next() {
		found = &running{}
		if err := rows.Scan(&found.id, &found.digest, &found.composition, &found.fromSchema, &found.toSchema, &found.recorded, &found.connection, &found.serverUUID); err != nil {
			return nil, fmt.Errorf("reading the ledger: %w", err)
		}
	}
	return found, rows.Err()
}

// isDone says whether the ledger has the migration that the registry believes
// to be running as done: the run was killed between the two.
func (e *Engine) isDone(ctx context.Context, q mysql.Queryer, row *tenantRow) (bool, error) {
	if row.running == "" {
		return false, nil
	}
	_, done, err := e.doneMigration(ctx, q, row)
	return done, err
}

// doneMigration returns the base after the newest migration of the ledger, and
// whether that is the one that the registry believes to be running, and done.
func (e *Engine) doneMigration(ctx context.Context, q mysql.Queryer, row *tenantRow) (base string, done bool, err error) {
	err = q.Row(ctx, "SELECT COALESCE(recorded_schema, to_schema, ''), digest = ? AND status = 'done' FROM "+e.table("tenant_migrations_history")+
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
func (e *Engine) writeIntent(ctx context.Context, q mysql.Queryer, in intent) (uint64, error) {
	modules, err := toJSON(in.modules)
	if err != nil {
		return 0, err
	}
	r, err := q.Exec(ctx, "INSERT INTO "+e.table("tenant_migrations_history")+
		" (tenant_id, tenant_slug, running, migration_name, level, digest, from_template, to_template, modules, composition,"+
		" from_schema, to_schema, recorded_schema, rollback_snapshot, status, author, server_uuid, connection_id)"+
		" VALUES (?,?,1,?,?,?,?,?,?,?,?,?,?,?,'running',?,?,?)",
		in.tenant.id, in.tenant.slug, in.name, in.level, in.digest, nullable(in.from), nullable(in.to), modules, nullable(in.composition),
		nullable(in.fromSchema), nullable(in.toSchema), nullable(in.recorded), nullable(in.fromSchema), in.author, in.serverUUID, in.connection)
	if err != nil {
		return 0, fmt.Errorf("recording the intent: %w", err)
	}
	return uint64(r.LastInsertID), nil //nolint:gosec // ids are positive
}

// renewIntent gives an unfinished migration to this run.
func (e *Engine) renewIntent(ctx context.Context, q mysql.Queryer, id uint64, in intent) error {
	modules, err := toJSON(in.modules)
	if err != nil {
		return err
	}
	// The row may be of a migration whose database has gone since.
	if _, err := q.Exec(ctx, "DELETE FROM "+e.table("tenant_migration_steps")+" WHERE migration_id=?", id); err != nil {
		return fmt.Errorf("recording the intent: %w", err)
	}
	_, err = q.Exec(ctx, "UPDATE "+e.table("tenant_migrations_history")+
		" SET from_template=NULL, from_schema=NULL, recorded_schema=NULL, rollback_snapshot=NULL, migration_name=?, digest=?, to_template=?, modules=?, composition=?, to_schema=?, status='running', error=NULL, author=?, server_uuid=?, connection_id=? WHERE id=?",
		in.name, in.digest, nullable(in.to), modules, nullable(in.composition), nullable(in.toSchema), in.author, in.serverUUID, in.connection, id)
	if err != nil {
		return fmt.Errorf("recording the intent: %w", err)
	}
	return nil
}

// finishMigration marks a migration as done, with its steps.
func (e *Engine) finishMigration(ctx context.Context, srv *server, q mysql.Queryer, id uint64, toSchema string, steps []Step, started time.Time) error {
	if err := e.markDone(ctx, q, id, toSchema, len(steps), started); err != nil {
		return err
	}
	return e.writeSteps(ctx, srv, q, id, steps)
}

// markDone closes the row of a migration.
func (e *Engine) markDone(ctx context.Context, q mysql.Queryer, id uint64, toSchema string, steps int, started time.Time) error {
	_, err := q.Exec(ctx, "UPDATE "+e.table("tenant_migrations_history")+
		" SET status='done', running=NULL, applied_at=CURRENT_TIMESTAMP(6), duration_ms=?, steps=?, to_schema=?, error=NULL WHERE id=?",
		e.cfg.Now().Sub(started).Milliseconds(), steps, nullable(toSchema), id)
	if err != nil {
		return fmt.Errorf("recording the result: %w", err)
	}
	return nil
}

// failMigration records why a migration stopped. It stays unfinished.
func (e *Engine) failMigration(ctx context.Context, q mysql.Queryer, id uint64, cause error) {
	_, _ = q.Exec(context.WithoutCancel(ctx), "UPDATE "+e.table("tenant_migrations_history")+" SET status='failed', error=? WHERE id=? AND running=1",
		shorten(mysql.Message(cause)), id) // the caller reports the cause itself
}

// writeSteps writes one row per statement; the texts are stored once.
func (e *Engine) writeSteps(ctx context.Context, srv *server, q mysql.Queryer, migration uint64, steps []Step) error {
	const most = 100 // rows a statement
	for from := 0; from < len(steps); from += most {
		part := steps[from:min(from+most, len(steps))]
		if err := e.writeTexts(ctx, srv, q, part); err != nil {
			return err
		}
		args := make([]any, 0, len(part)*7)
		for i, s := range part {
			kind := "ddl"
			if s.seed() {
				kind = "dml"
			}
			args = append(args, migration, from+i+1, kind, s.Operation, cut(s.Object, 190), s.Level, cut(s.Origin, 255), textHash(s.SQL))
		}
		_, err := q.Exec(ctx, "INSERT INTO "+e.table("tenant_migration_steps")+
			" (migration_id, step, kind, operation, object, level, origin, sql_sha256, state) VALUES "+
			placeholders(len(part), "(?,?,?,?,?,?,?,?,'done')"), args...)
		if err != nil {
			return fmt.Errorf("recording the steps: %w", err)
		}
	}
	return nil
}

// writeTexts stores statements by content. What this process has stored it
// does not send again.
func (e *Engine) writeTexts(ctx context.Context, srv *server, q mysql.Queryer, steps []Step) error {
	var args []any
	for _, s := range steps {
		hash := textHash(s.SQL)
		if _, known := srv.texts.Load(hash); known {
			continue
		}
		args = append(args, hash, s.SQL)
	}
	if len(args) == 0 {
		return nil
	}
	_, err := q.Exec(ctx, "INSERT IGNORE INTO "+e.table("migration_statements")+" (sha256, sql_text) VALUES "+placeholders(len(args)/2, "(?,?)"), args...)
	if err != nil {
		return fmt.Errorf("recording the texts of the steps: %w", err)
	}
	return nil
}

// textsStored remembers, after a commit, which texts the server has.
func (s *server) textsStored(steps []Step) {
	for _, step := range steps {
		s.texts.Store(textHash(step.SQL), struct{}{})
	}
}

func textHash(sql string) string {
	sum := sha256.Sum256([]byte(sql))
	return hex.EncodeToString(sum[:])
}

// writePlannedSteps writes the steps of a migration before its first statement,
// with the fingerprints that decide after a crash what has taken effect.
func (e *Engine) writePlannedSteps(ctx context.Context, q mysql.Queryer, migration uint64, steps []recordedStep) error {
	const most = 100 // rows a statement
	for from := 0; from < len(steps); from += most {
		part := steps[from:min(from+most, len(steps))]
		args := make([]any, 0, len(part)*12)
		for _, s := range part {
			kind := "ddl"
			if s.data {
				kind = "dml"
			}
			detail, err := toJSON(detailOf(s.Step))
			if err != nil {
				return err
			}
			args = append(args, migration, s.number, kind, s.Operation, cut(s.Object, 190), s.Level, cut(s.Origin, 255), textHash(s.SQL), s.before, s.after, s.state, detail)
		}
		_, err := q.Exec(ctx, "INSERT INTO "+e.table("tenant_migration_steps")+
			" (migration_id, step, kind, operation, object, level, origin, sql_sha256, before_schema, after_schema, state, detail) VALUES "+
			placeholders(len(part), "(?,?,?,?,?,?,?,?,?,?,?,?)"), args...)
		if err != nil {
			return fmt.Errorf("recording the steps: %w", err)
		}
	}
	return nil
}

// markSteps marks all steps up to one as done, and those behind it up to another
// one as intended.
func (e *Engine) markSteps(ctx context.Context, q mysql.Queryer, migration uint64, done, intended int) error {
	_, err := q.Exec(ctx, "UPDATE "+e.table("tenant_migration_steps")+
		" SET finished_at = IF(step <= ?, CURRENT_TIMESTAMP(6), finished_at),"+
		" started_at = IF(step > ? AND state = 'planned', CURRENT_TIMESTAMP(6), started_at),"+
		" state = IF(step <= ?, 'done', 'intent') WHERE migration_id = ? AND step <= ? AND state <> 'done'",
		done, done, done, migration, max(done, intended))
	if err != nil {
		return fmt.Errorf("recording the step: %w", err)
	}
	return nil
}

// haltSteps marks what a migration that stops at a step has done, and what it
// has not begun, for people: where it goes on is found out from the live schema.
func (e *Engine) haltSteps(ctx context.Context, q mysql.Queryer, migration uint64, at int) {
	_, _ = q.Exec(context.WithoutCancel(ctx), "UPDATE "+e.table("tenant_migration_steps")+
		" SET finished_at = IF(step < ?, CURRENT_TIMESTAMP(6), finished_at),"+
		" state = IF(step < ?, 'done', 'planned') WHERE migration_id = ? AND step <> ? AND state = 'intent'",
		at, at, migration, at) // the caller reports what stopped it
}

// closeMigration marks a migration, whose steps the ledger has, as done.
func (e *Engine) closeMigration(ctx context.Context, q mysql.Queryer, id uint64, toSchema string, steps []recordedStep, started time.Time) error {
	if err := e.markSteps(ctx, q, id, len(steps), len(steps)); err != nil {
		return err
	}
	return e.markDone(ctx, q, id, toSchema, len(steps), started)
}

// seed says whether the step changes rows and not the structure.
func (s Step) seed() bool { return s.data }

// writeEvent records what happened to a tenant, for people.
func (e *Engine) writeEvent(ctx context.Context, q mysql.Queryer, r *tenantRow, event, author string, detail any) error {
	text, err := toJSON(detail)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "INSERT INTO "+e.table("tenant_events")+" (tenant_id, tenant_slug, event, detail, author) VALUES (?,?,?,?,?)",
		r.id, r.slug, event, text, cut(author, 190))
	if err != nil {
		return fmt.Errorf("recording event `%s`: %w", event, err)
	}
	return nil
}
