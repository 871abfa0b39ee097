package landlord

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// DefaultRetention is how long retired data is kept.
const DefaultRetention = 30 * 24 * time.Hour

// retired is data that was set aside instead of being destroyed: a table, or
// columns of a table with the key of their rows.
type retired struct {
	ID         uint64   `json:"id,omitempty"` // of the landlord database, 0 before it is recorded
	Table      string   `json:"table"`
	Columns    []string `json:"columns,omitempty"` // none: the whole table
	Keys       []string `json:"keys,omitempty"`    // columns of the primary key
	Definition string   `json:"definition"`        // of the table, or the types of the columns
	// Left is what stays set aside when only some of the columns come back.
	Left *retired `json:"left,omitempty"`
	As   string   `json:"as,omitempty"` // table of the retirement database
}

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
func (t *twin) setAside(ctx context.Context, m *migration, c ddl.Change) error {
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
func lostColumns(c ddl.Change) []string {
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

// retirements is what is recorded of retired data on a server.
type retirements struct {
	kept  map[string][]retired // by slug and id of the tenant
	count map[string]int       // by slug: how often something was set aside
}

func (e *Engine) retirements(ctx context.Context, srv *server) (*retirements, error) {
	srv.retiredMu.Lock()
	defer srv.retiredMu.Unlock()
	if srv.retired == nil {
		all, err := e.readRetired(ctx, srv)
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

func (e *Engine) readRetired(ctx context.Context, q mysql.Queryer) (*retirements, error) {
	out := &retirements{kept: map[string][]retired{}, count: map[string]int{}}
	rows, err := q.Query(ctx, "SELECT r.id, r.tenant_id, r.tenant_slug, r.object_table, r.object_columns, r.key_columns, r.definition, r.retired_as,"+
		" r.state IN ('kept','planned','returning') AND r.expires_at > UTC_TIMESTAMP(6) AND t.TABLE_NAME IS NOT NULL FROM "+e.table("retired_objects")+
		" r LEFT JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = ? AND CAST(t.TABLE_NAME AS CHAR) = CAST(r.retired_as AS CHAR) ORDER BY r.id DESC", e.registry.retirement())
	if mysql.IsNoSuchDatabase(err) || mysql.IsNoSuchTable(err) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	seen := map[string]bool{}
	for rows.Next() {
		var r retired
		var tenant uint64
		var slug string
		var there bool
		var columns, keys sql.NullString
		if err := rows.Scan(&r.ID, &tenant, &slug, &r.Table, &columns, &keys, &r.Definition, &r.As, &there); err != nil {
			return nil, err
		}
		out.count[slug]++
		if err := errors.Join(fromJSON(columns.String, &r.Columns), fromJSON(keys.String, &r.Keys)); err != nil {
			return nil, err
		}
		owner := slug + fmt.Sprint("\x00", tenant)
		if id := fmt.Sprint(owner, r.Table, r.Columns); there && !seen[id] { // an older one under the same name stays where it is
			seen[id] = true
			out.kept[owner] = append(out.kept[owner], r)
		}
	}
	return out, rows.Err()
}

// planRetired writes, together with the intent of a migration, what its steps
// will set aside and bring back, so that nothing is forgotten when it is never
// completed. Whether something was really set aside the retirement database
// tells: it has the table then.
func (e *Engine) planRetired(ctx context.Context, q mysql.Queryer, row *tenantRow, migration uint64, steps []recordedStep, retention time.Duration) error {
	if retention <= 0 {
		retention = DefaultRetention
	}
	for _, s := range steps {
		if r := s.returns; r != nil {
			if err := e.setRetired(ctx, q, "state='returning'", r.ID); err != nil {
				return err
			}
		}
		r := s.retires
		if r == nil || s.Operation == "retire_values" {
			continue
		}
		columns, err := toJSON(r.Columns)
		if err != nil {
			return err
		}
		keys, err := toJSON(r.Keys)
		if err != nil {
			return err
		}
		_, err = q.Exec(ctx, "INSERT INTO "+e.table("retired_objects")+
			" (tenant_id, tenant_slug, migration_id, object_table, object_columns, key_columns, definition, retired_as, state, expires_at)"+
			" VALUES (?,?,?,?,?,?,?,?,'planned',UTC_TIMESTAMP(6) + INTERVAL ? SECOND)",
			row.id, row.slug, migration, r.Table, columns, keys, r.Definition, r.As, int64(retention.Seconds()))
		if err != nil {
			return fmt.Errorf("recording what is retired: %w", err)
		}
	}
	return nil
}

// recordRetired writes that a migration has set aside, and brought back, what
// was planned.
func (e *Engine) recordRetired(ctx context.Context, q mysql.Queryer, steps []recordedStep) error {
	for _, s := range steps {
		if r := s.retires; r != nil {
			if _, err := q.Exec(ctx, "UPDATE "+e.table("retired_objects")+" SET state='kept' WHERE retired_as=? AND state='planned'", r.As); err != nil {
				return fmt.Errorf("recording what was retired: %w", err)
			}
		}
		r := s.returns
		switch {
		case r == nil:
		case r.Left == nil:
			if err := e.setRetired(ctx, q, "state='returned'", r.ID); err != nil {
				return err
			}
		default:
			columns, err := toJSON(r.Left.Columns)
			if err != nil {
				return err
			}
			if err := e.setRetired(ctx, q, "state='kept', object_columns=?, definition=?", r.ID, columns, r.Left.Definition); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *Engine) setRetired(ctx context.Context, q mysql.Queryer, set string, id uint64, args ...any) error {
	if _, err := q.Exec(ctx, "UPDATE "+e.table("retired_objects")+" SET "+set+" WHERE id=?", append(args, id)...); err != nil {
		return fmt.Errorf("recording what came back: %w", err)
	}
	return nil
}

// needsRetirement says whether the steps set something aside.
func needsRetirement(steps []Step) bool {
	return slices.ContainsFunc(steps, func(s Step) bool { return s.retires != nil })
}
