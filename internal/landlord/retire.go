package landlord

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// DefaultRetention is how long retired data is kept.
const DefaultRetention = 30 * 24 * time.Hour

// Marks stand in the statements of a migration for names that differ between
// the tenants of a class. No server accepts a zero byte in a name, so nothing
// else can look like one.
const (
	markDatabase = "\x00database\x00"
	markRetired  = "\x00retired\x00"
	noTrial      = "\x00none\x00"
)

func (e *Engine) retirementTable() string {
	return mysql.Quote(e.registry.retirement()) + "." + mysql.Quote(markRetired)
}

// retireTable moves a table out of the tenant instead of dropping it. Triggers
// would refuse to move, and foreign keys would reach across databases.
func (t *twin) retireTable(ctx context.Context, m *migration, drop Step) error {
	table := drop.table
	if err := t.clearTable(ctx, m, drop); err != nil {
		return err
	}
	definition, err := t.definition(ctx, table)
	if err != nil {
		return err
	}
	step := drop
	step.SQL = "RENAME TABLE " + mysql.Quote(markDatabase) + "." + mysql.Quote(table) + " TO " + t.e.retirementTable()
	step.trial, step.Operation, step.Reversible = drop.SQL, "retire_table", true
	step.Reason = "The table and its rows are kept in the retirement database until the retention is over."
	step.retires = &retired{Table: table, Definition: definition}
	return t.try(ctx, m, step)
}

// clearTable drops what would keep a table from moving.
func (t *twin) clearTable(ctx context.Context, m *migration, drop Step) error {
	triggers, err := t.names(ctx, "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? AND EVENT_OBJECT_TABLE = ? ORDER BY TRIGGER_NAME", drop.table)
	if err != nil {
		return err
	}
	for _, name := range triggers {
		step := Step{SQL: "DROP TRIGGER " + mysql.Quote(name), Object: "trigger " + mysql.Quote(name), Operation: "drop_trigger",
			Origin: drop.Origin, Level: drop.Level, Reversible: true, table: drop.table}
		if err := t.try(ctx, m, step); err != nil {
			return err
		}
	}
	keys, err := t.names(ctx, "SELECT CONSTRAINT_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ? AND TABLE_NAME = ? ORDER BY CONSTRAINT_NAME", drop.table)
	if err != nil || len(keys) == 0 {
		return err
	}
	clauses := make([]string, 0, len(keys))
	for _, name := range keys {
		clauses = append(clauses, "DROP FOREIGN KEY "+mysql.Quote(name))
	}
	return t.try(ctx, m, Step{SQL: "ALTER TABLE " + mysql.Quote(drop.table) + " " + strings.Join(clauses, ", "), Object: drop.Object,
		Operation: "drop_foreign_key", Origin: drop.Origin, Level: drop.Level, Reversible: true, table: drop.table})
}

// names asks the twin for names of things that belong to a table.
func (t *twin) names(ctx context.Context, query, table string) ([]string, error) {
	rows, err := t.session.Query(ctx, query, t.name, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, rows.Err()
}

// definition returns a table of the twin as the server prints it.
func (t *twin) definition(ctx context.Context, table string) (string, error) {
	schema, err := dumpSchema(ctx, t.session, t.info, t.name)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(schema.Objects, func(o ddl.Object) bool { return o.Kind == ddl.KindTable && o.Name == table })
	if at < 0 {
		return "", fmt.Errorf("table `%s` is not in the twin of the tenant", table)
	}
	return schema.Objects[at].SQL, nil
}

// columnTypes returns the types of columns, in a form that is equal for columns
// that can take each other's values.
func columnTypes(states map[string]columnState, columns []string) (string, error) {
	out := make([]string, 0, len(columns))
	for _, c := range columns {
		out = append(out, states[strings.ToLower(c)].kind)
	}
	raw, err := json.Marshal(out)
	return string(raw), err
}

// setAside copies the values that a change takes away, with the keys of their
// rows, before the change.
func (t *twin) setAside(ctx context.Context, m *migration, c diff.Change) error {
	columns := lostColumns(c)
	if !t.order.retire || !c.Destructive || len(columns) == 0 {
		return nil
	}
	states, keys, err := t.tableState(ctx, c.Table)
	if err != nil {
		return err
	}
	switch {
	case len(keys) == 0 && m.dropsPrimaryKey(c.Table):
		return problem(FieldAllowDestructive, "Values cannot be set aside",
			fmt.Sprintf("Table `%s` loses its primary key in the same migration, so the values of %s could not be brought back to their rows.", c.Table, quoted(columns)),
			c.SQL, "Set `destructive_mode = \"drop\"` to destroy the values, or keep a primary key.")
	case len(keys) == 0:
		return problem(FieldAllowDestructive, "Values cannot be set aside",
			fmt.Sprintf("Table `%s` has no primary key, so the values of %s could not be brought back to their rows.", c.Table, quoted(columns)),
			c.SQL, "Set `destructive_mode = \"drop\"` to destroy the values, or give the table a primary key first.")
	}
	types, err := columnTypes(states, columns)
	if err != nil {
		return err
	}
	all := slices.Clone(keys)
	for _, column := range columns {
		if !slices.ContainsFunc(all, func(k string) bool { return strings.EqualFold(k, column) }) {
			all = append(all, column)
		}
	}
	level, origin := t.order.origins.of(c)
	from := " SELECT " + mysql.QuoteAll(all) + " FROM " + mysql.Quote(c.Table)
	step := Step{Object: "table " + mysql.Quote(c.Table), Origin: origin, Level: level, Reversible: true, table: c.Table, trial: noTrial}
	shell, fill := step, step
	shell.SQL = "CREATE TABLE IF NOT EXISTS " + t.e.retirementTable() + " (PRIMARY KEY (" + mysql.QuoteAll(keys) + "))" + from + " LIMIT 0"
	shell.Operation, shell.Reason = "retire_column", "The values of "+quoted(columns)+" are kept with their keys until the retention is over."
	shell.retires = &retired{Table: c.Table, Columns: columns, Keys: keys, Definition: types}
	fill.SQL = "INSERT INTO " + t.e.retirementTable() + " (" + mysql.QuoteAll(all) + ")" + from
	fill.Operation, fill.data, fill.retires = "retire_values", true, shell.retires
	if err := t.try(ctx, m, shell); err != nil {
		return err
	}
	return t.try(ctx, m, fill)
}

// dropsPrimaryKey says whether a step so far took the primary key of a table.
func (m *migration) dropsPrimaryKey(table string) bool {
	return slices.ContainsFunc(m.steps, func(s Step) bool {
		return strings.EqualFold(s.table, table) && strings.Contains(s.SQL, "DROP PRIMARY KEY")
	})
}

// lostColumns returns the columns whose values a change takes away.
func lostColumns(c diff.Change) []string {
	columns := slices.Clone(c.Columns)
	for _, clause := range c.Clauses {
		if clause.Destructive && clause.Column != "" && !slices.Contains(columns, clause.Column) {
			columns = append(columns, clause.Column)
		}
	}
	return columns
}

// instantiate writes the steps of a class for one tenant: the names that differ
// between tenants take the place of the marks. The names follow from what the
// plan starts from, so that planning again gives the same.
func (m *migration) instantiate(database, seed string) []Step {
	if !slices.ContainsFunc(m.steps, func(s Step) bool { return strings.Contains(s.SQL, "\x00") }) {
		return m.steps
	}
	out := slices.Clone(m.steps)
	for i, s := range out {
		as := ""
		if s.retires != nil {
			sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s\x00%v", database, m.digest, seed, s.retires.Table, s.retires.Columns))
			as = "r_" + hex.EncodeToString(sum[:12])
			r := *s.retires
			r.As = as
			out[i].retires = &r
		}
		out[i].SQL = strings.NewReplacer(markDatabase, strings.ReplaceAll(database, "`", "``"), markRetired, as).Replace(s.SQL)
	}
	return out
}

// retiredOf returns what former migrations of a tenant set aside and nobody has
// brought back or purged, the newest first. One statement answers for all
// tenants of a server.
func (e *Engine) retiredOf(ctx context.Context, srv *server, row *tenantRow) ([]retired, error) {
	if row == nil {
		return nil, nil
	}
	all, err := e.retirements(ctx, srv)
	if err != nil {
		return nil, err
	}
	return all.kept[row.slug+fmt.Sprint("\x00", row.id)], nil
}

func (e *Engine) retirements(ctx context.Context, srv *server) (*retirements, error) {
	srv.retiredMu.Lock()
	defer srv.retiredMu.Unlock()
	if srv.retired == nil {
		all, err := e.registry.readRetired(ctx, srv)
		if err != nil {
			return nil, unreachable(srv, "reading what was retired", err)
		}
		srv.retired = all
	}
	return srv.retired, nil
}

// forgetRetired makes the next look ask the server again.
func (s *server) forgetRetired() {
	s.retiredMu.Lock()
	defer s.retiredMu.Unlock()
	s.retired = nil
}

// needsRetirement says whether the steps set something aside.
func needsRetirement(steps []Step) bool {
	return slices.ContainsFunc(steps, func(s Step) bool { return s.retires != nil })
}
