package migrate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Marks stand in the statements of a migration for names that differ between
// the tenants of a class. No server accepts a zero byte in a name, so nothing
// else can look like one.
const (
	markDatabase = "\x00database\x00"
	markRetired  = "\x00retired\x00"
	NoTrial      = "\x00none\x00"
)

func (p *Planner) retirementTable() string {
	return mysql.Quote(p.Registry.Retirement()) + "." + mysql.Quote(markRetired)
}

// retireTable moves a table out of the tenant instead of dropping it. Triggers
// would refuse to move, and foreign keys would reach across databases.
func (t *Twin) retireTable(ctx context.Context, m *Migration, drop landlord.Step) error {
	table := drop.Table
	if err := t.clearTable(ctx, m, drop); err != nil {
		return err
	}
	definition, err := t.definition(ctx, table)
	if err != nil {
		return err
	}
	step := drop
	step.SQL = "RENAME TABLE " + mysql.Quote(markDatabase) + "." + mysql.Quote(table) + " TO " + t.e.retirementTable()
	step.Trial, step.Operation, step.Reversible = drop.SQL, "retire_table", true
	step.Reason = "The table and its rows are kept in the retirement database until the retention is over."
	step.Retires = &landlord.Retired{Table: table, Definition: definition}
	return t.Try(ctx, m, step)
}

// clearTable drops what would keep a table from moving.
func (t *Twin) clearTable(ctx context.Context, m *Migration, drop landlord.Step) error {
	triggers, err := t.names(ctx, "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? AND EVENT_OBJECT_TABLE = ? ORDER BY TRIGGER_NAME", drop.Table)
	if err != nil {
		return err
	}
	for _, name := range triggers {
		step := landlord.Step{SQL: "DROP TRIGGER " + mysql.Quote(name), Object: "trigger " + mysql.Quote(name), Operation: "drop_trigger",
			Origin: drop.Origin, Level: drop.Level, Reversible: true, Table: drop.Table}
		if err := t.Try(ctx, m, step); err != nil {
			return err
		}
	}
	keys, err := t.names(ctx, "SELECT CONSTRAINT_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ? AND TABLE_NAME = ? ORDER BY CONSTRAINT_NAME", drop.Table)
	if err != nil || len(keys) == 0 {
		return err
	}
	clauses := make([]string, 0, len(keys))
	for _, name := range keys {
		clauses = append(clauses, "DROP FOREIGN KEY "+mysql.Quote(name))
	}
	return t.Try(ctx, m, landlord.Step{SQL: "ALTER TABLE " + mysql.Quote(drop.Table) + " " + strings.Join(clauses, ", "), Object: drop.Object,
		Operation: "drop_foreign_key", Origin: drop.Origin, Level: drop.Level, Reversible: true, Table: drop.Table})
}

// names asks the twin for names of things that belong to a table.
func (t *Twin) names(ctx context.Context, query, table string) ([]string, error) {
	rows, err := t.Session.Query(ctx, query, t.Name, table)
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
func (t *Twin) definition(ctx context.Context, table string) (string, error) {
	schema, err := estate.DumpSchema(ctx, t.Session, t.info, t.Name)
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
// rows, before the change; whole rows where nothing tells one from another.
func (t *Twin) setAside(ctx context.Context, m *Migration, c diff.Change) error {
	columns := slices.DeleteFunc(lostColumns(c), func(name string) bool { return !t.Order.retires(columnOf(c.Table, name)) })
	if !c.Destructive || len(columns) == 0 {
		return nil
	}
	states, keys, err := t.tableState(ctx, c.Table)
	if err != nil {
		return err
	}
	types, err := columnTypes(states, columns)
	if err != nil {
		return err
	}
	all, kept, key := slices.Clone(keys), "The values of "+landlord.Quoted(columns)+" are kept with their keys", ""
	if len(keys) == 0 {
		if all, err = t.names(ctx, allColumns, c.Table); err != nil {
			return err
		}
		kept = "The table has no primary key by then, so whole rows are kept for the values of " + landlord.Quoted(columns)
	} else {
		key = " (PRIMARY KEY (" + mysql.QuoteAll(keys) + "))"
	}
	for _, column := range columns {
		if !slices.ContainsFunc(all, func(k string) bool { return strings.EqualFold(k, column) }) {
			all = append(all, column)
		}
	}
	level, origin := t.Order.origins.of(c)
	from := " SELECT " + mysql.QuoteAll(all) + " FROM " + mysql.Quote(c.Table)
	step := landlord.Step{Object: "table " + mysql.Quote(c.Table), Origin: origin, Level: level, Reversible: true, Table: c.Table, Trial: NoTrial,
		Settings: ddl.Settings{NoSQLMode: true}} // the values are taken as they are, zero dates too
	shell, fill := step, step
	shell.SQL = "CREATE TABLE IF NOT EXISTS " + t.e.retirementTable() + key + from + " LIMIT 0"
	shell.Operation, shell.Reason = "retire_column", kept+" until the retention is over."
	shell.Retires = &landlord.Retired{Table: c.Table, Columns: columns, Keys: keys, Definition: types}
	fill.SQL = "INSERT INTO " + t.e.retirementTable() + " (" + mysql.QuoteAll(all) + ")" + from
	if where := c.LostWhere(); where != "" {
		fill.SQL += " WHERE " + where
	}
	fill.Operation, fill.Data, fill.Retires = "retire_values", true, shell.Retires
	if err := t.Try(ctx, m, shell); err != nil {
		return err
	}
	return t.Try(ctx, m, fill)
}

// allColumns asks for the columns of a table in their order.
const allColumns = "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION"

// retires says whether what is taken away at all these places is set aside.
func (o *Order) retires(places ...ddl.Place) bool {
	return !slices.ContainsFunc(places, func(p ddl.Place) bool {
		mode := o.Modes.Of(p)
		return mode == landlord.Drop || mode == "" && !o.Retire
	})
}

// takes returns the tables and columns whose data a destructive change takes away.
func takes(c diff.Change) []ddl.Place {
	switch {
	case !c.Destructive:
		return nil
	case c.Table == "" || c.Operation == diff.OpDropTable:
		return []ddl.Place{{Object: c.Object}}
	}
	var out []ddl.Place
	for _, name := range lostColumns(c) {
		out = append(out, columnOf(c.Table, name))
	}
	return out
}

func columnOf(table, column string) ddl.Place {
	return ddl.Place{Object: string(ddl.KindTable) + " " + table, Element: ddl.ElementKey("column", column)}
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

// Instantiate writes the steps of a class for one tenant: the names that differ
// between tenants take the place of the marks. The names follow from what the
// plan starts from, so that planning again gives the same.
func (m *Migration) Instantiate(database, seed string) []landlord.Step {
	if !slices.ContainsFunc(m.Steps, func(s landlord.Step) bool { return strings.Contains(s.SQL, "\x00") }) {
		return m.Steps
	}
	out := slices.Clone(m.Steps)
	for i, s := range out {
		as := ""
		if s.Retires != nil {
			sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s\x00%v", database, m.Digest, seed, s.Retires.Table, s.Retires.Columns))
			as = "r_" + hex.EncodeToString(sum[:12])
			r := *s.Retires
			r.As = as
			out[i].Retires = &r
		}
		out[i].SQL = strings.NewReplacer(markDatabase, strings.ReplaceAll(database, "`", "``"), markRetired, as).Replace(s.SQL)
	}
	return out
}

// NeedsRetirement says whether the steps set something aside.
func NeedsRetirement(steps []landlord.Step) bool {
	return slices.ContainsFunc(steps, func(s landlord.Step) bool { return s.Retires != nil })
}

// OpenRetirement makes the retirement database, and the event that purges what
// has expired.
func (p *Planner) OpenRetirement(ctx context.Context, x *mysql.Session) error {
	_, err := x.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+mysql.Quote(p.Registry.Retirement())+landlord.WithTenantCharacters)
	if err != nil {
		return fmt.Errorf("creating the retirement database `%s`: %w", p.Registry.Retirement(), err)
	}
	// They drop tables of the retirement database, which the account that owns what
	// applications call may not: they are the provider's own.
	x.SetDefiner(p.Registry.Database, "")
	for _, sql := range []string{p.Registry.PurgeProcedure(), p.Registry.PurgeEvent()} {
		// Without the privilege for routines and events a later apply purges.
		if _, err := x.Exec(ctx, sql); err != nil && !mysql.IsAccessDenied(err) {
			return fmt.Errorf("creating the event that purges retired data: %w", err)
		}
	}
	return nil
}

// SchedulerNote warns that nothing purges on time.
func SchedulerNote(info mysql.Info) []landlord.Note {
	if info.EventScheduler {
		return nil
	}
	return []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldAllowDestructive, Summary: "Retired data is purged at a later apply",
		Detail: "The event scheduler of the server is off, so retired data whose retention is over goes with the next apply. `SET GLOBAL event_scheduler = ON` purges it every hour."}}
}

// LosesRows says whether one of the steps takes rows away, set aside or not.
func LosesRows(ctx context.Context, q mysql.Queryer, database string, steps []landlord.Step) (bool, error) {
	for _, s := range steps {
		if !s.Destructive {
			continue
		}
		empty, err := registry.IsEmpty(ctx, q, database, s.Table)
		if err != nil || !empty {
			return true, err
		}
	}
	return false, nil
}
