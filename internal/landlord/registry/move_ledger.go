package registry

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// The columns of the ledger that follow a tenant, but for the ids of migrations,
// which each server gives by itself.
const (
	movedMigration = "tenant_id, tenant_slug, running, migration_name, level, digest, from_template, to_template, modules, composition, from_schema, to_schema, recorded_schema," +
		" rollback_snapshot, steps, status, author, server_uuid, connection_id, started_at, applied_at, duration_ms, error"
	movedStep  = "step, kind, operation, object, level, origin, sql_sha256, before_schema, after_schema, state, detail, started_at, finished_at, error"
	movedEvent = "tenant_id, tenant_slug, event, detail, author, created_at"
)

// CopyLedger brings the migrations, their statements and the events of a tenant
// from the landlord database of one server to that of another one. Migrations take
// the place of what is there of the tenant, which has lived there before. Events are
// added to: on the main server there are some that were written nowhere else.
func (r *Store) CopyLedger(ctx context.Context, from, to mysql.Queryer, tenant uint64) error {
	if err := r.dropLedger(ctx, to, tenant); err != nil {
		return err
	}
	migrations, err := r.texts(ctx, from, "id, "+movedMigration, "tenant_migrations_history", "tenant_id = ? ORDER BY id", tenant)
	if err != nil {
		return err
	}
	for _, row := range migrations {
		id, err := r.put(ctx, to, "tenant_migrations_history", movedMigration, row[1:])
		if err != nil {
			return err
		}
		steps, err := r.texts(ctx, from, movedStep, "tenant_migration_steps", "migration_id = ? ORDER BY step", row[0])
		if err != nil {
			return err
		}
		for _, step := range steps {
			if _, err := r.put(ctx, to, "tenant_migration_steps", "migration_id, "+movedStep, append([]any{id}, step...)); err != nil {
				return err
			}
		}
	}
	statements, err := r.texts(ctx, from, "sha256, sql_text", "migration_statements", "sha256 IN (SELECT s.sql_sha256 FROM "+r.table("tenant_migration_steps")+" s JOIN "+
		r.table("tenant_migrations_history")+" h ON h.id = s.migration_id WHERE h.tenant_id = ?)", tenant)
	if err != nil {
		return err
	}
	for _, s := range statements {
		if _, err := to.Exec(ctx, "INSERT IGNORE INTO "+r.table("migration_statements")+" (sha256, sql_text) VALUES (?,?)", s...); err != nil {
			return fmt.Errorf("copying the texts of the ledger: %w", err)
		}
	}
	return r.copyEvents(ctx, from, to, tenant)
}

// copyEvents brings the events that the other server does not have.
func (r *Store) copyEvents(ctx context.Context, from, to mysql.Queryer, tenant uint64) error {
	events, err := r.texts(ctx, from, movedEvent, "tenant_events", "tenant_id = ? ORDER BY id", tenant)
	if err != nil {
		return err
	}
	there, err := r.texts(ctx, to, movedEvent, "tenant_events", "tenant_id = ?", tenant)
	if err != nil {
		return err
	}
	key := func(event []any) string { return fmt.Sprintf("%q", event[2:]) } // a slug may have changed since
	known := map[string]int{}
	for _, e := range there {
		known[key(e)]++
	}
	for _, e := range events {
		if known[key(e)] > 0 {
			known[key(e)]--
			continue
		}
		if _, err := r.put(ctx, to, "tenant_events", movedEvent, e); err != nil {
			return err
		}
	}
	return nil
}

func (r *Store) dropLedger(ctx context.Context, q mysql.Queryer, tenant uint64) error {
	for _, query := range []string{
		// An alias that is deleted from belongs to the default database, which may be one that nobody may change.
		"DELETE FROM " + r.table("tenant_migration_steps") + " WHERE migration_id IN (SELECT id FROM " + r.table("tenant_migrations_history") + " WHERE tenant_id = ?)",
		"DELETE FROM " + r.table("tenant_migrations_history") + " WHERE tenant_id = ?",
	} {
		if _, err := q.Exec(ctx, query, tenant); err != nil {
			return fmt.Errorf("making room for the ledger: %w", err)
		}
	}
	return nil
}

// texts reads rows with all values as texts, nil for NULL.
func (r *Store) texts(ctx context.Context, q mysql.Queryer, columns, table, where string, args ...any) ([][]any, error) {
	n := strings.Count(columns, ",") + 1
	return allRows(ctx, q, "the ledger", func(from scanner) ([]any, error) {
		values, dest := make([]sql.NullString, n), make([]any, n)
		for i := range values {
			dest[i] = &values[i]
		}
		if err := from.Scan(dest...); err != nil {
			return nil, err
		}
		out := make([]any, n)
		for i, v := range values {
			if v.Valid {
				out[i] = v.String
			}
		}
		return out, nil
	}, "SELECT "+timesAsTexts(columns)+" FROM "+r.table(table)+" WHERE "+where, args...)
}

// timesAsTexts asks for moments as the server writes them, which a client would
// turn into values.
func timesAsTexts(columns string) string {
	parts := strings.Split(columns, ", ")
	for i, c := range parts {
		if strings.HasSuffix(c, "_at") {
			parts[i] = "CAST(" + c + " AS CHAR)"
		}
	}
	return strings.Join(parts, ", ")
}

func (r *Store) put(ctx context.Context, q mysql.Queryer, table, columns string, row []any) (int64, error) {
	res, err := q.Exec(ctx, "INSERT INTO "+r.table(table)+" ("+columns+") VALUES ("+landlord.Placeholders(len(row), "?")+")", row...)
	if err != nil {
		return 0, fmt.Errorf("copying the ledger: %w", err)
	}
	return res.LastInsertID, nil
}
