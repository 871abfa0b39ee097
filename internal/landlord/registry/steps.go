package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// RecordedStep is a step as the ledger has it.
type RecordedStep struct {
	landlord.Step
	Number        int // 1-based
	Before, After string
	State         string
}

// StepsOf returns steps without what the ledger knows of them; nil of none.
func StepsOf(recorded []RecordedStep) []landlord.Step {
	var out []landlord.Step
	for i := range recorded {
		out = append(out, recorded[i].Step)
	}
	return out
}

// stepDetail is the part of a step that the ledger keeps as JSON.
type stepDetail struct {
	Algorithm   string            `json:"algorithm,omitempty"`
	Locks       string            `json:"locks,omitempty"`
	Destructive bool              `json:"destructive,omitempty"`
	Reversible  bool              `json:"reversible,omitempty"`
	Reason      string            `json:"reason,omitempty"`
	Lost        string            `json:"lost,omitempty"`
	Losses      []diff.Probe      `json:"losses,omitempty"`
	Takes       []ddl.Place       `json:"takes,omitempty"`
	Table       string            `json:"table,omitempty"`
	Joined      bool              `json:"joined,omitempty"`
	Written     bool              `json:"written,omitempty"`
	Settings    ddl.Settings      `json:"settings,omitzero"`
	Retires     *landlord.Retired `json:"retires,omitempty"`
	Returns     *landlord.Retired `json:"returns,omitempty"`
}

// ReadSteps returns the steps of a migration as the ledger has them.
func (r *Store) ReadSteps(ctx context.Context, q mysql.Queryer, migration uint64) ([]RecordedStep, error) {
	rows, err := q.Query(ctx, "SELECT s.step, s.kind, s.operation, s.object, s.level, s.origin, t.sql_text, COALESCE(s.before_schema, ''),"+
		" COALESCE(s.after_schema, ''), s.state, s.detail FROM "+r.table("tenant_migration_steps")+" s JOIN "+r.table("migration_statements")+
		" t ON t.sha256 = s.sql_sha256 WHERE s.migration_id = ? ORDER BY s.step", migration)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	defer rows.Close()
	var out []RecordedStep
	for rows.Next() {
		var s RecordedStep
		var kind string
		var detail []byte
		if err := rows.Scan(&s.Number, &kind, &s.Operation, &s.Object, &s.Level, &s.Origin, &s.SQL, &s.Before, &s.After, &s.State, &detail); err != nil {
			return nil, fmt.Errorf("reading the ledger: %w", err)
		}
		var d stepDetail
		if len(detail) > 0 {
			if err := json.Unmarshal(detail, &d); err != nil {
				return nil, fmt.Errorf("reading the ledger: %w", err)
			}
		}
		s.Data = kind == "dml"
		s.Algorithm, s.Locks, s.Destructive, s.Reversible, s.Reason = d.Algorithm, d.Locks, d.Destructive, d.Reversible, d.Reason
		s.Takes = d.Takes
		s.Lost, s.Losses, s.Table, s.Joined, s.Written, s.Settings, s.Retires, s.Returns = d.Lost, d.Losses, d.Table, d.Joined, d.Written, d.Settings, d.Retires, d.Returns
		out = append(out, s)
	}
	return out, rows.Err()
}

func detailOf(s landlord.Step) stepDetail {
	return stepDetail{Algorithm: s.Algorithm, Locks: s.Locks, Destructive: s.Destructive, Reversible: s.Reversible, Reason: s.Reason,
		Lost: s.Lost, Losses: s.Losses, Takes: s.Takes, Table: s.Table, Joined: s.Joined, Written: s.Written, Settings: s.Settings, Retires: s.Retires, Returns: s.Returns}
}

// writeSteps writes one row per statement; the texts are stored once, and not
// those that the ledger is known to have.
func (r *Store) writeSteps(ctx context.Context, q mysql.Queryer, migration uint64, steps []landlord.Step, known *knownTexts) error {
	const most = 100 // rows a statement
	for from := 0; from < len(steps); from += most {
		part := steps[from:min(from+most, len(steps))]
		if err := r.WriteTexts(ctx, q, part, known); err != nil {
			return err
		}
		args := make([]any, 0, len(part)*7)
		for i, s := range part {
			kind := "ddl"
			if s.Seed() {
				kind = "dml"
			}
			args = append(args, migration, from+i+1, kind, s.Operation, landlord.Cut(s.Object, 190), s.Level, landlord.Cut(s.Origin, 255), textHash(s.SQL))
		}
		_, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_migration_steps")+
			" (migration_id, step, kind, operation, object, level, origin, sql_sha256, state) VALUES "+
			landlord.Placeholders(len(part), "(?,?,?,?,?,?,?,?,'done')"), args...)
		if err != nil {
			return fmt.Errorf("recording the steps: %w", err)
		}
	}
	return nil
}

// WritePlannedSteps writes the steps of a migration before its first statement,
// with the fingerprints that decide after a crash what has taken effect.
func (r *Store) WritePlannedSteps(ctx context.Context, q mysql.Queryer, migration uint64, steps []RecordedStep) error {
	return r.WriteStepsOf(ctx, q, []PlannedSteps{{Migration: migration, Steps: steps}})
}

// PlannedSteps are the steps of a migration.
type PlannedSteps struct {
	Migration uint64
	Steps     []RecordedStep
}

// WriteStepsOf is WritePlannedSteps for several migrations.
func (r *Store) WriteStepsOf(ctx context.Context, q mysql.Queryer, all []PlannedSteps) error {
	type row struct {
		migration uint64
		*RecordedStep
	}
	var rows []row
	for _, p := range all {
		for i := range p.Steps {
			rows = append(rows, row{p.Migration, &p.Steps[i]})
		}
	}
	const most = 100 // rows a statement
	for part := range slices.Chunk(rows, most) {
		args := make([]any, 0, len(part)*12)
		for _, s := range part {
			kind := "ddl"
			if s.Data {
				kind = "dml"
			}
			detail, err := landlord.ToJSON(detailOf(s.Step))
			if err != nil {
				return err
			}
			args = append(args, s.migration, s.Number, kind, s.Operation, landlord.Cut(s.Object, 190), s.Level, landlord.Cut(s.Origin, 255), textHash(s.SQL), s.Before, s.After, s.State, detail)
		}
		_, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_migration_steps")+
			" (migration_id, step, kind, operation, object, level, origin, sql_sha256, before_schema, after_schema, state, detail) VALUES "+
			landlord.Placeholders(len(part), "(?,?,?,?,?,?,?,?,?,?,?,?)"), args...)
		if err != nil {
			return fmt.Errorf("recording the steps: %w", err)
		}
	}
	return nil
}

// MarkSteps marks all steps up to one as done, and those behind it up to another
// one as intended.
func (r *Store) MarkSteps(ctx context.Context, q mysql.Queryer, migration uint64, done, intended int) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_migration_steps")+
		" SET finished_at = IF(step <= ?, CURRENT_TIMESTAMP(6), finished_at),"+
		" started_at = IF(step > ? AND state = 'planned', CURRENT_TIMESTAMP(6), started_at),"+
		" state = IF(step <= ?, 'done', 'intent') WHERE migration_id = ? AND step <= ? AND state <> 'done'",
		done, done, done, migration, max(done, intended))
	if err != nil {
		return fmt.Errorf("recording the step: %w", err)
	}
	return nil
}

// markAllSteps marks all steps of the migrations that a condition chooses as done.
func (r *Store) markAllSteps(ctx context.Context, q mysql.Queryer, migrations string, args []any) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_migration_steps")+" SET finished_at = CURRENT_TIMESTAMP(6), state = 'done' WHERE migration_id"+migrations+" AND state <> 'done'", args...)
	if err != nil {
		return fmt.Errorf("recording the steps: %w", err)
	}
	return nil
}

// HaltSteps marks what a migration that stops at a step has done, and what it
// has not begun, for people: where it goes on is found out from the live schema.
func (r *Store) HaltSteps(ctx context.Context, q mysql.Queryer, migration uint64, at int) {
	_, _ = q.Exec(context.WithoutCancel(ctx), "UPDATE "+r.table("tenant_migration_steps")+
		" SET finished_at = IF(step < ?, CURRENT_TIMESTAMP(6), finished_at),"+
		" state = IF(step < ?, 'done', 'planned') WHERE migration_id = ? AND step <> ? AND state = 'intent'",
		at, at, migration, at) // the caller reports what stopped it
}

// pastSteps reads the statements of migrations.
func (r *Store) pastSteps(ctx context.Context, q mysql.Queryer, migrations []landlord.PastMigration) error {
	at, args := map[uint64]int{}, make([]any, len(migrations))
	for i, m := range migrations {
		at[m.ID], args[i] = i, m.ID
		migrations[i].Statements = []landlord.PastStep{}
	}
	rows, err := q.Query(ctx, "SELECT s.migration_id, s.step, COALESCE(t.sql_text, ''), s.object, s.operation, s.origin, s.level, s.state FROM "+
		r.table("tenant_migration_steps")+" s LEFT JOIN "+r.table("migration_statements")+" t ON t.sha256 = s.sql_sha256 WHERE s.migration_id IN ("+
		landlord.Placeholders(len(args), "?")+") ORDER BY s.migration_id, s.step", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id uint64
		var s landlord.PastStep
		if err := rows.Scan(&id, &s.Number, &s.SQL, &s.Object, &s.Operation, &s.Origin, &s.Level, &s.State); err != nil {
			return err
		}
		m := &migrations[at[id]]
		m.Statements = append(m.Statements, s)
	}
	return rows.Err()
}

// deleteSteps removes the steps of a migration.
func (r *Store) deleteSteps(ctx context.Context, q mysql.Queryer, migration uint64) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_migration_steps")+" WHERE migration_id=?", migration)
	return err
}

// deleteUndone removes the steps of a migration that are not done.
func (r *Store) deleteUndone(ctx context.Context, q mysql.Queryer, migration uint64) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_migration_steps")+" WHERE migration_id=? AND state<>'done'", migration)
	return err
}

// LastStep returns the number of the last step of a migration; 0 when it has
// none.
func (r *Store) LastStep(ctx context.Context, q mysql.Queryer, migration uint64) (int, error) {
	var last int
	err := q.Row(ctx, "SELECT COALESCE(MAX(step), 0) FROM "+r.table("tenant_migration_steps")+" WHERE migration_id=?", migration).Scan(&last)
	return last, err
}

// SetIntent notes what the ledger has as intended.
func SetIntent(steps []RecordedStep) {
	for i := range steps {
		steps[i].State = "intent"
	}
}
