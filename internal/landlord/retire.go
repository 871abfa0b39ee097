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
	As         string   `json:"as,omitempty"`      // table of the retirement database
}

// Marks stand in the statements of a migration for names that differ between
// the tenants of a class. No server accepts a zero byte in a name, so nothing
// else can look like one.
const (
	markDatabase = "\x00database\x00"
	markRetired  = "\x00retired\x00"
	noTrial      = "\x00none\x00"
)

// retirement returns the name of the database that keeps retired data.
func (e *Engine) retirement() string { return e.cfg.Database + "_retired" }

func (e *Engine) retirementTable() string {
	return mysql.Quote(e.retirement()) + "." + mysql.Quote(markRetired)
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
func (t *twin) columnTypes(ctx context.Context, table string, columns []string) (string, error) {
	types := map[string]string{}
	rows, err := t.session.Query(ctx, "SELECT COLUMN_NAME, COLUMN_TYPE, COALESCE(COLLATION_NAME, '') FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", t.name, table)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		var name, kind, collation string
		if err := rows.Scan(&name, &kind, &collation); err != nil {
			return "", err
		}
		types[strings.ToLower(name)] = strings.TrimSpace(kind + " " + collation)
	}
	out := make([]string, 0, len(columns))
	for _, c := range columns {
		out = append(out, types[strings.ToLower(c)])
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return "", err
	}
	return string(raw), rows.Err()
}

// setAside copies the values that a change takes away, with the keys of their
// rows, before the change.
func (t *twin) setAside(ctx context.Context, m *migration, c ddl.Change) error {
	columns := lostColumns(c)
	if !t.order.retire || !c.Destructive || len(columns) == 0 {
		return nil
	}
	keys, err := t.names(ctx, "SELECT COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX", c.Table)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		return problem(FieldAllowDestructive, "Values cannot be set aside",
			fmt.Sprintf("Table `%s` has no primary key, so the values of %s could not be brought back to their rows.", c.Table, quoted(columns)),
			c.SQL, "Set `destructive_mode = \"drop\"` to destroy the values, or give the table a primary key first.")
	}
	types, err := t.columnTypes(ctx, c.Table, columns)
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

// bringTablesBack moves retired tables back that the wanted schema has again.
// What differs by then is left to the comparison that follows.
func (t *twin) bringTablesBack(ctx context.Context, m *migration, current, merged ddl.Schema) (bool, error) {
	back := false
	for _, r := range t.order.retired {
		if len(r.Columns) > 0 || hasTable(current, r.Table) || !hasTable(merged, r.Table) {
			continue
		}
		step := Step{
			SQL:    "RENAME TABLE " + mysql.Quote(t.e.retirement()) + "." + mysql.Quote(r.As) + " TO " + mysql.Quote(markDatabase) + "." + mysql.Quote(r.Table),
			Object: "table " + mysql.Quote(r.Table), Operation: "return_table", Origin: "retirement", Level: 1, Reversible: true,
			Reason: "The table was retired by a former migration; it comes back with its rows.", table: r.Table, trial: r.Definition, returns: &r,
		}
		if err := t.try(ctx, m, step); err != nil {
			return false, &TrialError{Step: step, Err: withoutName(err, t.name)}
		}
		back = true
	}
	return back, nil
}

func hasTable(s ddl.Schema, name string) bool {
	return slices.ContainsFunc(s.Objects, func(o ddl.Object) bool { return o.Kind == ddl.KindTable && o.Name == name })
}

// bringColumnsBack fills columns that were retired once and have just been
// added again, provided that they have their former types.
func (t *twin) bringColumnsBack(ctx context.Context, m *migration, c ddl.Change) error {
	for _, r := range t.order.retired {
		if len(r.Columns) == 0 || r.Table != c.Table || !adds(c, r.Columns) {
			continue
		}
		types, err := t.columnTypes(ctx, r.Table, r.Columns)
		if err != nil {
			return err
		}
		if types != r.Definition {
			m.notes = append(m.notes, Note{Severity: Warning, Field: FieldTemplate, Summary: "Retired values do not come back by themselves",
				Detail: fmt.Sprintf("The columns %s of table `%s` have other types than when they were retired. Their former values stay in `%s`.`%s` until the retention is over.",
					quoted(r.Columns), r.Table, t.e.retirement(), r.As)})
			continue
		}
		step := Step{SQL: t.returnSQL(r), Object: "table " + mysql.Quote(r.Table), Operation: "return_values", Origin: "retirement", Level: 1, Reversible: true,
			Reason: "The values were retired by a former migration.", table: r.Table, trial: noTrial, data: true, returns: &r}
		if err := t.try(ctx, m, step); err != nil {
			return err
		}
	}
	return nil
}

// adds says whether a change adds one of the columns.
func adds(c ddl.Change, columns []string) bool {
	for _, clause := range c.Clauses {
		if clause.Operation == ddl.OpAddColumn && slices.ContainsFunc(columns, func(n string) bool { return strings.EqualFold(n, clause.Column) }) {
			return true
		}
	}
	return false
}

// returnSQL copies retired values back to the rows that are still there.
func (t *twin) returnSQL(r retired) string {
	on := make([]string, 0, len(r.Keys))
	for _, k := range r.Keys {
		on = append(on, "t."+mysql.Quote(k)+" = r."+mysql.Quote(k))
	}
	set := make([]string, 0, len(r.Columns))
	for _, c := range r.Columns {
		set = append(set, "t."+mysql.Quote(c)+" = r."+mysql.Quote(c))
	}
	return "UPDATE " + mysql.Quote(r.Table) + " AS t JOIN " + mysql.Qualified(t.e.retirement(), r.As) + " AS r ON " +
		strings.Join(on, " AND ") + " SET " + strings.Join(set, ", ")
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
	srv.retiredMu.Lock()
	defer srv.retiredMu.Unlock()
	if srv.retired == nil {
		all, err := e.readRetired(ctx, srv)
		if err != nil {
			return nil, unreachable(srv, "reading what was retired", err)
		}
		srv.retired = all
	}
	return srv.retired[row.id], nil
}

// forgetRetired makes the next look ask the server again.
func (s *server) forgetRetired() {
	s.retiredMu.Lock()
	defer s.retiredMu.Unlock()
	s.retired = nil
}

func (e *Engine) readRetired(ctx context.Context, q mysql.Queryer) (map[uint64][]retired, error) {
	out := map[uint64][]retired{}
	rows, err := q.Query(ctx, "SELECT id, tenant_id, object_table, object_columns, key_columns, definition, retired_as FROM "+e.table("retired_objects")+
		" WHERE state = 'kept' AND expires_at > UTC_TIMESTAMP(6) ORDER BY id DESC")
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
		var columns, keys sql.NullString
		if err := rows.Scan(&r.ID, &tenant, &r.Table, &columns, &keys, &r.Definition, &r.As); err != nil {
			return nil, err
		}
		if err := errors.Join(fromJSON(columns.String, &r.Columns), fromJSON(keys.String, &r.Keys)); err != nil {
			return nil, err
		}
		if id := fmt.Sprint(tenant, r.Table, r.Columns); !seen[id] { // an older one under the same name stays where it is
			seen[id] = true
			out[tenant] = append(out[tenant], r)
		}
	}
	return out, rows.Err()
}

// fromJSON reads a JSON column, which may be empty.
func fromJSON(raw string, to any) error {
	if raw == "" {
		return nil
	}
	return json.Unmarshal([]byte(raw), to)
}

// recordRetired writes what the steps of a migration have set aside, and what
// they have brought back.
func (e *Engine) recordRetired(ctx context.Context, q mysql.Queryer, row *tenantRow, migration uint64, steps []recordedStep, retention time.Duration) error {
	if retention <= 0 {
		retention = DefaultRetention
	}
	for _, s := range steps {
		if r := s.returns; r != nil {
			if _, err := q.Exec(ctx, "UPDATE "+e.table("retired_objects")+" SET state='returned' WHERE id=?", r.ID); err != nil {
				return fmt.Errorf("recording what came back: %w", err)
			}
		}
		if r := s.retires; r != nil && s.Operation != "retire_values" {
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
				" VALUES (?,?,?,?,?,?,?,?,'kept',UTC_TIMESTAMP(6) + INTERVAL ? SECOND)",
				row.id, row.slug, migration, r.Table, columns, keys, r.Definition, r.As, int64(retention.Seconds()))
			if err != nil {
				return fmt.Errorf("recording what was retired: %w", err)
			}
		}
	}
	return nil
}

// needsRetirement says whether the steps set something aside.
func needsRetirement(steps []Step) bool {
	return slices.ContainsFunc(steps, func(s Step) bool { return s.retires != nil })
}
