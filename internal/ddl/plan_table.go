package ddl

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// tablePlan holds the statements that alter one table, by stage. Between two
// stages the table is a table of its own, made as a value first: each stage is
// then a plain comparison, and what loses values stands apart.
type tablePlan struct {
	from, to *table
	free     *table   // from without the keys that must be gone before anything else
	main     []Change // everything that loses nothing
	risky    []Change // columns that get a type which may not hold their values
	drops    []Change // columns that go
}

func (p *tablePlan) changed() bool { return len(p.main)+len(p.risky)+len(p.drops) > 0 }

// tablePlan compares a table with its target.
func (p *planner) tablePlan(a, b *table) *tablePlan {
	plan := &tablePlan{from: a, to: b}
	late := p.lateColumns(a, b)
	risky := p.riskyColumns(a, b)

	first := b.clone()
	for name := range risky {
		*first.column(name) = *a.column(name)
	}
	for name := range late {
		*first.column(name) = withoutDefault(b.column(name))
	}
	first.keys = slices.DeleteFunc(first.keys, func(k key) bool {
		return slices.ContainsFunc(sorted(late), k.touches)
	})
	if first.primary() == nil && b.primary() != nil && a.primary() != nil {
		first.keys = append([]key{*a.primary()}, first.keys...)
	}
	p.retain(a, b, first)

	second := first.clone()
	for name := range late {
		*second.column(name) = *b.column(name)
	}
	second.keys = b.keys

	third := second.clone()
	for name := range risky {
		*third.column(name) = *b.column(name)
	}

	plan.free = p.withoutKeysInTheWay(a, b)
	plan.main = append(p.alterTable(a, plan.free, a), p.alterTable(plan.free, first, a)...)
	for _, name := range sorted(late) {
		plan.main = append(plan.main, backfill(a, b.column(name)))
	}
	plan.main = append(plan.main, p.alterTable(first, second, a)...)
	plan.risky = p.alterTable(second, third, a)
	plan.drops = p.alterTable(third, b, a)
	return plan
}

// withoutKeysInTheWay returns a table without the keys that a statement of
// their own must drop: spatial keys over columns whose reference system changes
// (MySQL wants them gone before, error 3644), and keys that must move behind
// others (a server that drops and adds the same key at once leaves it where it
// is).
func (p *planner) withoutKeysInTheWay(a, b *table) *table {
	d := newTableDiff(p.srv, p.opt, a, b, a)
	late := map[string]bool{}
	d.keysOutOfOrder(d.renamedKeys(), late)
	free := a.clone()
	free.keys = slices.DeleteFunc(free.keys, func(k key) bool {
		return late[k.name] || k.kind == keySpatial && slices.ContainsFunc(k.columns(), func(name string) bool {
			x, y := a.column(name), b.column(name)
			return x != nil && y != nil && x.srid != y.srid
		})
	})
	return free
}

// retain puts the columns that go into a table of an earlier stage, each behind
// the neighbor it has now. What counts up must be a key: a counter that loses
// its key becomes a plain number until it goes.
func (p *planner) retain(a, b, into *table) {
	for i := range a.columns {
		x := a.columns[i]
		if b.column(x.name) != nil || p.isGeneratedPrimary(a, &x) {
			continue
		}
		if x.autoInc {
			x = x.without(attrAutoInc)
			x.autoInc = false
		}
		at := 0
		for j := i - 1; j >= 0 && at == 0; j-- {
			at = 1 + slices.IndexFunc(into.columns, func(c tableColumn) bool { return strings.EqualFold(c.name, a.columns[j].name) })
		}
		into.columns = slices.Insert(into.columns, at, x)
	}
}

// isGeneratedPrimary says whether a column is the invisible primary key that
// MySQL makes for tables without one. It refuses to drop that key without its
// column (error 4111).
func (p *planner) isGeneratedPrimary(t *table, x *tableColumn) bool {
	pk := t.primary()
	return p.srv.Product != MariaDB && x.name == "my_row_id" && x.autoInc && x.invisible && pk != nil && slices.Equal(pk.columns(), []string{"my_row_id"})
}

// nondeterministic are the functions that MySQL refuses in the default of an
// added column while it writes a binary log, whatever its format (error 1674).
var nondeterministic = []string{
	"uuid", "uuid_short", "rand", "random_bytes", "sysdate", "user", "session_user", "system_user", "current_user", "current_role",
	"found_rows", "row_count", "version", "last_insert_id", "connection_id", "database", "schema", "sleep", "get_lock", "release_lock",
}

// lateColumns returns the new columns whose default must be set after the column
// was added and filled, in lower case.
func (p *planner) lateColumns(a, b *table) map[string]bool {
	out := map[string]bool{}
	if p.srv.Product == MariaDB {
		return out
	}
	for i := range b.columns {
		y := &b.columns[i]
		if a.column(y.name) != nil || !strings.HasPrefix(y.def, "(") {
			continue
		}
		toks := sqltext.Tokens(y.def, sqltext.Mode{})
		for n := range toks[:len(toks)-1] {
			if toks[n+1].IsPunct('(') && toks[n].IsAny(nondeterministic...) {
				out[strings.ToLower(y.name)] = true
			}
		}
	}
	return out
}

// withoutDefault returns a column that takes NULL and has no default.
func withoutDefault(y *tableColumn) tableColumn {
	n := y.without(attrDefault)
	n = n.without(attrNull)
	n.attrs = append(n.attrs, attr{kind: attrDefault, text: "NULL DEFAULT NULL"})
	n.def, n.notNull = "NULL", false
	return n
}

// backfill returns the statement that gives the rows that exist what the
// default of a new column would have given them. Columns that follow every
// UPDATE by themselves are held still.
func backfill(a *table, y *tableColumn) Change {
	expr := ""
	for _, at := range y.attrs {
		if at.kind == attrDefault && strings.HasPrefix(strings.ToLower(at.text), "default ") {
			expr = at.text[len("default "):]
		}
	}
	sql := "UPDATE " + sqltext.Quote(a.name) + " SET " + sqltext.Quote(y.name) + " = " + expr
	for i := range a.columns {
		if x := &a.columns[i]; x.onUpdate != "" {
			sql += ", " + sqltext.Quote(x.name) + " = " + sqltext.Quote(x.name)
		}
	}
	return Change{
		SQL: sql + " WHERE " + sqltext.Quote(y.name) + " IS NULL", Operation: OpBackfill,
		Reason: "MySQL adds no column with a default that differs from row to row: rows that exist get theirs by this statement",
	}
}

// riskyColumns returns the columns whose new type may not hold their values and
// which can be altered apart from everything else, in lower case.
func (p *planner) riskyColumns(a, b *table) map[string]bool {
	out := map[string]bool{}
	d := newTableDiff(p.srv, p.opt, a, b, a)
	for i := range b.columns {
		y := &b.columns[i]
		name := strings.ToLower(y.name)
		x := a.column(y.name)
		if x == nil || x.same(y) || x.name != y.name || d.replaced[name] != "" {
			continue
		}
		c := Clause{}
		riskOfModifiedColumn(&c, a, x, y)
		if c.Destructive && standsAlone(a, b, x, y) {
			out[name] = true
		}
	}
	return out
}

// standsAlone says whether a column can keep its old definition while the rest
// of its table changes.
func standsAlone(a, b *table, x, y *tableColumn) bool {
	name := strings.ToLower(y.name)
	if x.autoInc || y.autoInc || x.generated != y.generated || !a.partition.same(b.partition) || a.collation != b.collation ||
		a.option("ENGINE") != b.option("ENGINE") {
		return false
	}
	for _, t := range []*table{a, b} {
		for i := range t.keys {
			k := &t.keys[i]
			if !k.touches(name) {
				continue
			}
			l := b.key(k.name)
			if t == b {
				l = a.key(k.name)
			}
			if l == nil || !k.same(l) {
				return false
			}
		}
	}
	for i := range b.checks {
		c := &b.checks[i]
		if old := a.check(c.name); slices.Contains(c.uses, name) && (old == nil || !old.same(c)) {
			return false
		}
	}
	return !slices.ContainsFunc(b.columns, func(g tableColumn) bool {
		old := a.column(g.name)
		return slices.Contains(g.uses, name) && (old == nil || !old.same(&g))
	})
}

// alterTable returns the statements from one stage of a table to the next.
func (p *planner) alterTable(a, b, live *table) []Change {
	al := newTableDiff(p.srv, p.opt, a, b, live).alter()
	if al.fixedOption != "" {
		p.cannot(KindTable, b.name, "no ALTER TABLE changes its option "+al.fixedOption)
		return nil
	}
	var out []Change
	if len(al.clauses) > 0 || al.partition != nil {
		out = append(out, alterChange(b.name, al.clauses, al.partition))
	}
	for _, c := range al.separate {
		out = append(out, alterChange(b.name, []Clause{c}, nil))
	}
	return out
}

// alterChange makes one ALTER TABLE of clauses; its risk is the sum of theirs.
func alterChange(name string, clauses []Clause, partition *Clause) Change {
	var parts []string
	for _, c := range clauses {
		parts = append(parts, c.SQL)
	}
	sql := "ALTER TABLE " + sqltext.Quote(name) + " " + strings.Join(parts, ", ")
	if partition != nil {
		clauses = append(slices.Clone(clauses), *partition)
		if len(parts) > 0 {
			sql += " "
		}
		sql += partition.SQL
	}
	change := Change{SQL: sql, Operation: clauses[0].Operation, AskAlgorithm: true, Clauses: clauses}
	var lost, reasons []string
	for _, c := range clauses {
		if c.Operation != change.Operation {
			change.Operation = OpAlterTable
		}
		if c.Operation == OpDropColumn || c.Operation == OpReplaceColumn && strings.HasPrefix(c.SQL, "DROP") {
			change.Columns = append(change.Columns, c.Column)
		}
		if c.Destructive {
			change.Destructive = true
			lost = append(lost, c.Lost)
		}
		if c.Reason != "" {
			reasons = append(reasons, c.Object+": "+c.Reason)
		}
		change.Probes = append(change.Probes, c.Probes...)
	}
	change.Lost, change.Reason = strings.Join(lost, "; "), strings.Join(reasons, "; ")
	return change
}
