package restore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// swapView is what a swap finds when it looks. What is left to do follows from
// it alone, so a run that was cut off anywhere goes on by looking.
type swapView struct {
	live    *estate.Rendering // the tenant as it is
	moved   bool              // the tables have changed places
	leaving []string          // tables of the tenant that give way
	coming  []string          // tables of the database beside that take their places
	// Triggers that keep tables from moving between databases.
	liveTriggers, sideTriggers []string
	sequences                  []sequenceDefault
}

// moves says whether an object is moved by RENAME TABLE.
func moves(k ddl.Kind) bool { return k == ddl.KindTable || k == ddl.KindSequence }

// viewSwap looks at the three databases of a swap.
func (rs *Restores) viewSwap(ctx context.Context, srv *registry.Server, q mysql.Queryer, info mysql.Info, r *registry.RestoreRow) (*swapView, error) {
	f, err := rs.Estate.LiveFingerprint(ctx, srv, q, r.Database)
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, landlord.NewProblem(landlord.FieldTenant, "Tenant database is gone", fmt.Sprintf("Database `%s` of tenant `%s` does not exist any more.", r.Database, r.Slug),
			"Nothing was swapped. Apply the tenant first: it is created anew.")
	}
	schema, err := estate.DumpSchema(ctx, q, info, r.Database)
	if err != nil {
		return nil, err
	}
	v := &swapView{live: &estate.Rendering{Fingerprint: *f, Schema: schema}}
	if r.Status == landlord.RestoreSwapping && r.Retired != "" {
		gone, err := tablesOf(ctx, q, r.Retired)
		if err != nil {
			return nil, err
		}
		v.moved = len(gone) > 0
	}
	if v.sequences, err = sideSequences(ctx, q, info, r, v); err != nil {
		return nil, err
	}
	if v.moved {
		v.live.Schema = unnamed(schema, r.Side)
	}
	if v.coming, err = tablesOf(ctx, q, r.Side); err != nil {
		return nil, err
	}
	if v.sideTriggers, err = triggersOf(ctx, q, r.Side); err != nil {
		return nil, err
	}
	// Not in the order of the server, which a plan could not tell.
	slices.Sort(v.coming)
	slices.Sort(v.sideTriggers)
	for _, o := range schema.Objects {
		if moves(o.Kind) && (len(r.Tables) == 0 || slices.Contains(r.Tables, o.Name)) {
			v.leaving = append(v.leaving, o.Name)
		}
	}
	for _, o := range schema.Objects {
		if o.Kind == ddl.KindTrigger && slices.Contains(v.leaving, o.Table) {
			v.liveTriggers = append(v.liveTriggers, o.Name)
		}
	}
	return v, nil
}

// tablesOf returns the tables and sequences of a database; none when it does
// not exist.
func tablesOf(ctx context.Context, q mysql.Queryer, database string) ([]string, error) {
	return listOf(ctx, q, database, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'SEQUENCE', 'SYSTEM VERSIONED') ORDER BY TABLE_NAME")
}

func triggersOf(ctx context.Context, q mysql.Queryer, database string) ([]string, error) {
	return listOf(ctx, q, database, "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? ORDER BY TRIGGER_NAME")
}

func listOf(ctx context.Context, q mysql.Queryer, database, query string, args ...any) ([]string, error) {
	rows, err := q.Query(ctx, query, append([]any{database}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("looking into database `%s`: %w", database, err)
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		names = append(names, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("looking into database `%s`: %w", database, err)
	}
	return names, nil
}

// swapSteps are the statements of a swap. Exchange belongs together: the tables
// change places by one RENAME, and their triggers, which would refuse to move,
// go right before and come right behind.
type swapSteps struct {
	prepare, exchange, complete []landlord.Step
}

func (s swapSteps) all() []landlord.Step { return slices.Concat(s.prepare, s.exchange, s.complete) }

// steps computes what is left to do to bring a tenant to the goal.
func (v *swapView) steps(r *registry.RestoreRow, goal ddl.Schema, srv ddl.Server) (swapSteps, error) {
	var s swapSteps
	origin := "checkpoint " + r.Checkpoint
	present := v.live.Schema
	if !v.moved {
		s.prepare, s.exchange = v.renames(r, origin)
		present = v.afterRename(goal)
	}
	armed := migrate.With(present, goal, ddl.KindTrigger)
	triggers, err := diff.Diff(present, armed, srv, diff.Options{})
	if err != nil {
		return s, fmt.Errorf("comparing the tenant with the checkpoint: %w", err)
	}
	others, err := diff.Diff(armed, goal, srv, diff.Options{})
	if err != nil {
		return s, fmt.Errorf("comparing the tenant with the checkpoint: %w", err)
	}
	before, after := v.repoint(r, origin)
	s.prepare = append(s.prepare, before...)
	s.exchange = append(s.exchange, changeSteps(triggers, origin)...)
	s.complete = append(after, changeSteps(others, origin)...)
	return s, nil
}

func changeSteps(m *diff.Migration, origin string) []landlord.Step {
	steps := make([]landlord.Step, 0, len(m.Changes))
	for _, c := range m.Changes {
		step := migrate.ChangeStep(c)
		step.Level, step.Origin = 1, origin
		steps = append(steps, step)
	}
	return steps
}

// renames returns the statements up to the one that exchanges the tables.
func (v *swapView) renames(r *registry.RestoreRow, origin string) (prepare, exchange []landlord.Step) {
	step := func(operation, object, sql, reason string) landlord.Step {
		return landlord.Step{SQL: sql, Object: object, Operation: operation, Origin: origin, Level: 1, Reversible: true, Reason: reason}
	}
	if len(v.leaving)+len(v.coming) == 0 {
		return nil, nil
	}
	prepare = append(prepare, step("create_database", "database "+mysql.Quote(r.Retired),
		"CREATE DATABASE IF NOT EXISTS "+mysql.Quote(r.Retired)+landlord.WithTenantCharacters, "It keeps the tables that give way until the retention is over."))
	for _, name := range v.liveTriggers {
		exchange = append(exchange, step("drop_trigger", "trigger "+mysql.Quote(name), "DROP TRIGGER "+mysql.Qualified(r.Database, name), "A table with triggers does not move between databases."))
	}
	for _, name := range v.sideTriggers {
		exchange = append(exchange, step("drop_trigger", "trigger "+mysql.Quote(name), "DROP TRIGGER "+mysql.Qualified(r.Side, name), "A table with triggers does not move between databases."))
	}
	var pairs []string
	for _, name := range v.leaving {
		pairs = append(pairs, mysql.Qualified(r.Database, name)+" TO "+mysql.Qualified(r.Retired, name))
	}
	for _, name := range v.coming {
		pairs = append(pairs, mysql.Qualified(r.Side, name)+" TO "+mysql.Qualified(r.Database, name))
	}
	exchange = append(exchange, step("swap_tables", "database "+mysql.Quote(r.Database), "RENAME TABLE "+strings.Join(pairs, ", "),
		"All tables change places at once; those that give way are kept in `"+r.Retired+"`."))
	return prepare, exchange
}

// afterRename is the schema of the tenant right behind the exchange: the tables
// of the goal, and whatever else there is of the tenant's own.
func (v *swapView) afterRename(goal ddl.Schema) ddl.Schema {
	after := ddl.Schema{CharacterSet: v.live.Schema.CharacterSet, Collation: v.live.Schema.Collation}
	for _, o := range goal.Objects {
		if moves(o.Kind) {
			after.Objects = append(after.Objects, o)
		}
	}
	for _, o := range v.live.Schema.Objects {
		if !moves(o.Kind) && (o.Kind != ddl.KindTrigger || !slices.Contains(v.leaving, o.Table)) {
			after.Objects = append(after.Objects, o)
		}
	}
	migrate.SortObjects(after.Objects)
	return after
}

// checkMovable refuses tables that a swap would tear from what refers to them.
func (rs *Restores) checkMovable(ctx context.Context, q mysql.Queryer, r *registry.RestoreRow, v *swapView) error {
	rows, err := q.Query(ctx, "SELECT CONSTRAINT_SCHEMA, TABLE_NAME, UNIQUE_CONSTRAINT_SCHEMA, REFERENCED_TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS"+
		" WHERE UNIQUE_CONSTRAINT_SCHEMA = ? OR CONSTRAINT_SCHEMA = ? ORDER BY 1, 2", r.Database, r.Database)
	if err != nil {
		return fmt.Errorf("reading the foreign keys of database `%s`: %w", r.Database, err)
	}
	defer rows.Close()
	var foreign, torn []string
	for rows.Next() {
		var childDB, child, parentDB, parent string
		if err := rows.Scan(&childDB, &child, &parentDB, &parent); err != nil {
			return err
		}
		here := childDB == r.Database && parentDB == r.Database
		switch childMoves, parentMoves := slices.Contains(v.leaving, child), slices.Contains(v.leaving, parent); {
		case childDB != r.Database && parentMoves:
			foreign = append(foreign, fmt.Sprintf("table `%s`.`%s` refers to `%s`", childDB, child, parent))
		case here && childMoves && !parentMoves:
			torn = append(torn, parent)
		case here && parentMoves && !childMoves:
			torn = append(torn, child)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	switch {
	case len(foreign) > 0:
		return landlord.NewProblem(landlord.FieldMode, "Other databases refer to the tenant",
			fmt.Sprintf("Tenant `%s` is to be restored in place, but foreign keys of other databases would follow its former tables:\n%s", r.Slug, strings.Join(foreign, "\n")),
			"Nothing was touched. Drop these foreign keys, or restore side by side.")
	case len(torn) > 0:
		slices.Sort(torn)
		return landlord.NewProblem(landlord.FieldTables, "Foreign keys tie the tables to others",
			fmt.Sprintf("Tenant `%s` is to get back some of its tables in place, but foreign keys tie them to %s.", r.Slug, landlord.Quoted(slices.Compact(torn))),
			"Nothing was touched. Name these tables too, or restore side by side and copy the rows.")
	}
	return nil
}
