package migrate

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// bringTablesBack moves retired tables back that the wanted schema has again.
// What differs by then is left to the comparison that follows.
func (t *Twin) bringTablesBack(ctx context.Context, m *Migration, current, merged ddl.Schema) (bool, error) {
	back := false
	for _, r := range t.Order.Retired {
		if !brings(r, current, merged) {
			continue
		}
		step := landlord.Step{
			SQL:    "RENAME TABLE " + mysql.Quote(t.e.Registry.Retirement()) + "." + mysql.Quote(r.As) + " TO " + mysql.Quote(markDatabase) + "." + mysql.Quote(r.Table),
			Object: "table " + mysql.Quote(r.Table), Operation: returnTable, Origin: "retirement", Level: 1, Reversible: true,
			Reason: "The table was retired by a former migration; it comes back with its rows.", Table: r.Table, Trial: r.Definition, Returns: &r,
		}
		if err := t.Try(ctx, m, step); err != nil {
			return false, &TrialError{Step: step, Err: render.WithoutName(err, t.Name)}
		}
		back = true
	}
	return back, nil
}

// brings says whether a retired thing is a table that a schema lacks and another
// one has.
func brings(r landlord.Retired, current, merged ddl.Schema) bool {
	return len(r.Columns) == 0 && !HasTable(current, r.Table) && HasTable(merged, r.Table)
}

// returnTable is the operation that brings a table back.
const returnTable = "return_table"

// HasTable reports whether a schema has a table of exactly that name.
func HasTable(s ddl.Schema, name string) bool {
	return slices.ContainsFunc(s.Objects, func(o ddl.Object) bool { return o.Kind == ddl.KindTable && o.Name == name })
}

// bringColumnsBack fills columns that were retired once and have just been
// added again, as far as they can take their former values.
func (t *Twin) bringColumnsBack(ctx context.Context, m *Migration, c diff.Change) error {
	for i := range t.Order.Retired {
		r := t.Order.Retired[i]
		added := addedColumns(c, r.Columns)
		if r.Table != c.Table || len(added) == 0 {
			continue
		}
		step, left, err := t.returnStep(ctx, r, added)
		if err != nil {
			return err
		}
		if step == nil {
			m.Notes = append(m.Notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTemplate, Summary: "Retired values do not come back by themselves", Passing: true,
				Detail: fmt.Sprintf("The columns %s of table `%s` are not what they were when the values were retired, or it had or has another primary key, or none. The values stay in `%s`.`%s` until the retention is over.",
					landlord.Quoted(added), r.Table, t.e.Registry.Retirement(), r.As)})
			continue
		}
		if err := t.Try(ctx, m, *step); err != nil {
			return err
		}
		if left != nil {
			t.Order.Retired[i] = *left // a later change may add the others
		}
	}
	return nil
}

// returnsByItself says whether what a change takes away comes back with the inverse
// change: the values of a column that goes do. Those of one that stays and becomes
// narrower do not: by then its rows may have got others, which count.
func returnsByItself(c diff.Change) bool {
	return !slices.ContainsFunc(c.Clauses, func(cl diff.Clause) bool { return cl.Destructive && cl.Operation == diff.OpModifyColumn })
}

// HoldReturning makes what a plan brings back stay for a day, when its retention is
// about to end: the plan that Terraform makes in the apply has to have the same steps.
// Where nothing can be written, on a replica or by an account that may only read, it
// stays as it is.
func (p *Planner) HoldReturning(ctx context.Context, srv *registry.Server, steps []landlord.Step) error {
	ending := func(s landlord.Step) bool { return s.Returns != nil && s.Returns.Ending }
	if !p.Estate.Run.Refreshes() || !slices.ContainsFunc(steps, ending) {
		return nil
	}
	x, err := srv.Session(ctx)
	if err != nil {
		return registry.Unreachable(srv, "planning a migration", err)
	}
	defer x.Close()
	err = registry.CheckWritable(ctx, x)
	for _, s := range steps {
		if err == nil && ending(s) {
			err = p.Registry.HoldRetired(ctx, x, s.Returns.ID)
		}
	}
	if err != nil {
		p.Config.Log(ctx, "The retention of values that come back is not prolonged", map[string]any{"cause": mysql.Message(err)})
	}
	return nil
}

// noteNarrowed says which columns are again what they were when they became narrower,
// without the values that were set aside then.
func (t *Twin) noteNarrowed(ctx context.Context, m *Migration, c diff.Change) error {
	for _, r := range t.Order.Retired {
		var changed []string
		for _, name := range r.Columns {
			if r.Table == c.Table && slices.ContainsFunc(c.Clauses, func(cl diff.Clause) bool {
				return cl.Operation == diff.OpModifyColumn && strings.EqualFold(cl.Column, name)
			}) {
				changed = append(changed, name)
			}
		}
		if len(changed) == 0 {
			continue
		}
		states, _, err := t.tableState(ctx, r.Table)
		if err != nil {
			return err
		}
		var types, again []string
		if err := landlord.FromJSON(r.Definition, &types); err != nil || len(types) != len(r.Columns) {
			return err
		}
		for i, name := range r.Columns {
			if slices.Contains(changed, name) && states[strings.ToLower(name)].kind == types[i] {
				again = append(again, name)
			}
		}
		if len(again) > 0 {
			m.Notes = append(m.Notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTemplate, Summary: "Values of a narrowed column stay aside", Passing: true,
				Detail: fmt.Sprintf("The columns %s of table `%s` become what they were before they were narrowed; their rows may have got other values since then, so the former ones stay in `%s`.`%s`, with the keys of their rows, until the retention is over. "+
					"Bring back those that are to count with an UPDATE.", landlord.Quoted(again), r.Table, t.e.Registry.Retirement(), r.As)})
		}
	}
	return nil
}

// addedColumns returns which of the columns a change adds.
func addedColumns(c diff.Change, columns []string) []string {
	var added []string
	for _, name := range columns {
		if slices.ContainsFunc(c.Clauses, func(cl diff.Clause) bool {
			return cl.Operation == diff.OpAddColumn && strings.EqualFold(cl.Column, name)
		}) {
			added = append(added, name)
		}
	}
	return added
}

// columnState is what decides whether a column can take its former values.
type columnState struct {
	kind               string // as in columnTypes
	nullable, computed bool
	onUpdate           bool
}

// returnStep returns the statement that copies retired values back to the rows
// that are still there, and what stays set aside; no statement when a column
// is not what it was.
func (t *Twin) returnStep(ctx context.Context, r landlord.Retired, added []string) (*landlord.Step, *landlord.Retired, error) {
	states, keys, err := t.tableState(ctx, r.Table)
	if err != nil {
		return nil, nil, err
	}
	var types []string
	if err := landlord.FromJSON(r.Definition, &types); err != nil || len(types) != len(r.Columns) || len(keys) == 0 || !slices.Equal(keys, r.Keys) {
		return nil, nil, err
	}
	var set []string
	var left landlord.Retired
	var leftTypes []string
	for i, name := range r.Columns {
		now, there := states[strings.ToLower(name)]
		if !slices.Contains(added, name) {
			left.Columns, leftTypes = append(left.Columns, name), append(leftTypes, types[i])
			continue
		}
		if !there || now.computed || now.kind != types[i] {
			return nil, nil, nil
		}
		value := "r." + mysql.Quote(name)
		if !now.nullable {
			value = "COALESCE(" + value + ", t." + mysql.Quote(name) + ")"
		}
		set = append(set, "t."+mysql.Quote(name)+" = "+value)
	}
	for _, name := range slices.Sorted(maps.Keys(states)) {
		if states[name].onUpdate && !slices.ContainsFunc(added, func(a string) bool { return strings.EqualFold(a, name) }) {
			set = append(set, "t."+mysql.Quote(name)+" = t."+mysql.Quote(name)) // no automatic time
		}
	}
	returns := r
	var rest *landlord.Retired
	if len(left.Columns) > 0 {
		raw, err := json.Marshal(leftTypes)
		if err != nil {
			return nil, nil, err
		}
		left.Definition = string(raw)
		returns.Left = &left
		rest = &landlord.Retired{ID: r.ID, Table: r.Table, Columns: left.Columns, Keys: r.Keys, Definition: left.Definition, As: r.As}
	}
	on := make([]string, 0, len(r.Keys))
	for _, k := range r.Keys {
		on = append(on, "t."+mysql.Quote(k)+" = r."+mysql.Quote(k))
	}
	return &landlord.Step{
		SQL: "UPDATE " + mysql.Quote(r.Table) + " AS t JOIN " + mysql.Qualified(t.e.Registry.Retirement(), r.As) + " AS r ON " +
			strings.Join(on, " AND ") + " SET " + strings.Join(set, ", "),
		Object: "table " + mysql.Quote(r.Table), Operation: "return_values", Origin: "retirement", Level: 1, Reversible: true,
		Reason: "The values were retired by a former migration.", Table: r.Table, Trial: NoTrial, Data: true, Returns: &returns,
		Settings: ddl.Settings{NoSQLMode: true}, // the values are those that were set aside, zero dates too
	}, rest, nil
}

// tableState asks the twin for the columns of a table, by lower-case name, and
// for its primary key.
func (t *Twin) tableState(ctx context.Context, table string) (map[string]columnState, []string, error) {
	rows, err := t.Session.Query(ctx, "SELECT COLUMN_NAME, COLUMN_TYPE, COALESCE(COLLATION_NAME, ''), IS_NULLABLE = 'YES', COALESCE(GENERATION_EXPRESSION, '') <> '',"+
		" LOWER(EXTRA) LIKE '%on update%' FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", t.Name, table)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	states := map[string]columnState{}
	for rows.Next() {
		var name, kind, collation string
		var s columnState
		if err := rows.Scan(&name, &kind, &collation, &s.nullable, &s.computed, &s.onUpdate); err != nil {
			return nil, nil, err
		}
		s.kind = strings.TrimSpace(kind + " " + collation)
		states[strings.ToLower(name)] = s
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	keys, err := t.names(ctx, primaryKeyColumns, table)
	return states, keys, err
}

// primaryKeyColumns asks for the columns of a table's primary key, in order.
const primaryKeyColumns = "SELECT COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX"
