package diff

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// tablePlan holds the statements that alter one table, by stage. Between two
// stages the table is a table of its own, made as a value first: each stage is
// then a plain comparison, and what loses values stands apart.
type tablePlan struct {
	from, to *ddl.Table
	free     *ddl.Table // from without the keys that must be gone before anything else
	main     []Change   // everything that loses nothing
	risky    []Change   // columns that get a type which may not hold their values
	drops    []Change   // columns that go
}

func (p *tablePlan) changed() bool { return len(p.main)+len(p.risky)+len(p.drops) > 0 }

// tablePlan compares a table with its target.
func (p *planner) tablePlan(a, b *ddl.Table) *tablePlan {
	plan := &tablePlan{from: a, to: b}
	late := p.lateColumns(a, b)
	risky := p.riskyColumns(a, b)

	first := b.Clone()
	for name := range risky {
		*first.Column(name) = *a.Column(name)
	}
	for name := range late {
		*first.Column(name) = withoutDefault(b.Column(name))
	}
	first.Keys = slices.DeleteFunc(first.Keys, func(k ddl.Key) bool {
		return slices.ContainsFunc(sorted(late), k.Touches)
	})
	if first.Primary() == nil && b.Primary() != nil && a.Primary() != nil {
		first.Keys = append([]ddl.Key{*a.Primary()}, first.Keys...)
	}
	p.retain(a, b, first)

	second := first.Clone()
	for name := range late {
		*second.Column(name) = *b.Column(name)
	}
	second.Keys = b.Keys

	bare := second.Clone()
	bare.Keys = slices.DeleteFunc(bare.Keys, func(k ddl.Key) bool {
		return spatialInTheWay(a, b, &k) && slices.ContainsFunc(sorted(risky), k.Touches)
	})
	third := second.Clone()
	for name := range risky {
		*third.Column(name) = *b.Column(name)
	}

	plan.free = p.withoutKeysInTheWay(a, b, sorted(risky))
	plan.main = append(p.alterTable(a, plan.free, a), p.alterTable(plan.free, first, a)...)
	for _, name := range sorted(late) {
		plan.main = append(plan.main, backfill(a, b.Column(name)))
	}
	plan.main = append(plan.main, p.alterTable(first, second, a)...)
	plan.risky = append(p.alterTable(second, bare, a), p.alterTable(bare, third, a)...)
	plan.drops = p.alterTable(third, b, a)
	return plan
}

// withoutKeysInTheWay returns a table without the keys that a statement of
// their own must drop: spatial keys over columns whose reference system changes
// (MySQL wants them gone before, error 3644), and keys that must move behind
// others (a server that drops and adds the same key at once leaves it where it
// is).
func (p *planner) withoutKeysInTheWay(a, b *ddl.Table, risky []string) *ddl.Table {
	d := newTableDiff(p.srv, p.opt, a, b, a)
	late := map[string]bool{}
	d.keysOutOfOrder(d.renamedKeys(), late)
	free := a.Clone()
	free.Keys = slices.DeleteFunc(free.Keys, func(k ddl.Key) bool {
		return late[k.Name] || spatialInTheWay(a, b, &k) && !slices.ContainsFunc(risky, k.Touches)
	})
	return free
}

// spatialInTheWay says whether a key stands on a column whose reference system
// changes. It goes right before that: a migration that stops earlier leaves it.
func spatialInTheWay(a, b *ddl.Table, k *ddl.Key) bool {
	return k.Kind == ddl.KeySpatial && slices.ContainsFunc(k.Columns(), func(name string) bool {
		x, y := a.Column(name), b.Column(name)
		return x != nil && y != nil && x.SRID != y.SRID
	})
}

// retain puts the columns that go into a table of an earlier stage, each behind
// the neighbor it has now. What counts up must be a key: a counter that loses
// its key becomes a plain number until it goes.
func (p *planner) retain(a, b, into *ddl.Table) {
	for i := range a.Columns {
		x := a.Columns[i]
		if b.Column(x.Name) != nil || p.isGeneratedPrimary(a, &x) || p.goesFirst(a, b, &x, nil) {
			continue
		}
		if x.AutoIncrement {
			x = x.Without(ddl.AttributeAutoIncrement)
			x.AutoIncrement = false
		}
		at := 0
		for j := i - 1; j >= 0 && at == 0; j-- {
			at = 1 + slices.IndexFunc(into.Columns, func(c ddl.Column) bool { return strings.EqualFold(c.Name, a.Columns[j].Name) })
		}
		into.Columns = slices.Insert(into.Columns, at, x)
	}
}

// goesFirst says whether a column that goes is computed of one that changes, or of one
// that goes first for that reason: it goes before the change, and loses nothing. seen
// are the columns on the way to it.
func (p *planner) goesFirst(a, b *ddl.Table, x *ddl.Column, seen []string) bool {
	if x.Generated == "" || slices.Contains(seen, x.Name) {
		return false
	}
	return slices.ContainsFunc(x.Uses, func(name string) bool {
		used := a.Column(name)
		return p.changes(a, b, name) || used != nil && b.Column(name) == nil && p.goesFirst(a, b, used, append(seen, x.Name))
	})
}

// changes says whether a column gets another definition, or another foreign key:
// servers refuse some of them while another column is computed from it.
func (p *planner) changes(a, b *ddl.Table, name string) bool {
	x, y := a.Column(name), b.Column(name)
	return x != nil && y != nil && !x.Same(y) || slices.ContainsFunc(b.ForeignKeys, func(g ddl.ForeignKey) bool {
		f := a.ForeignKey(g.Name)
		return slices.Contains(g.Columns, name) && (f == nil || !f.Same(&g))
	})
}

// isGeneratedPrimary says whether a column is the invisible primary key that
// MySQL makes for tables without one. It refuses to drop that key without its
// column (error 4111).
func (p *planner) isGeneratedPrimary(t *ddl.Table, x *ddl.Column) bool {
	pk := t.Primary()
	return p.srv.Product != ddl.MariaDB && x.Name == "my_row_id" && x.AutoIncrement && x.Invisible && pk != nil && slices.Equal(pk.Columns(), []string{"my_row_id"})
}

// nondeterministic are the functions that MySQL refuses in the default of an
// added column while it writes a binary log, whatever its format (error 1674).
var nondeterministic = []string{
	"uuid", "uuid_short", "rand", "random_bytes", "sysdate", "user", "session_user", "system_user", "current_user", "current_role",
	"found_rows", "row_count", "version", "last_insert_id", "connection_id", "database", "schema", "sleep", "get_lock", "release_lock",
}

// lateColumns returns the new columns whose default must be set after the column
// was added and filled, in lower case.
func (p *planner) lateColumns(a, b *ddl.Table) map[string]bool {
	out := map[string]bool{}
	if p.srv.Product == ddl.MariaDB {
		return out
	}
	replaced := newTableDiff(p.srv, p.opt, a, b, a).replaced
	for i := range b.Columns {
		y := &b.Columns[i]
		if a.Column(y.Name) != nil && replaced[strings.ToLower(y.Name)] == "" || !strings.HasPrefix(y.Default, "(") {
			continue
		}
		toks := sqltext.Tokens(y.Default, sqltext.Mode{})
		for n := range toks[:len(toks)-1] {
			if toks[n+1].IsPunct('(') && toks[n].IsAny(nondeterministic...) {
				out[strings.ToLower(y.Name)] = true
			}
		}
	}
	return out
}

// withoutDefault returns a column that takes NULL and has no default.
func withoutDefault(y *ddl.Column) ddl.Column {
	n := y.Without(ddl.AttributeDefault)
	n = n.Without(ddl.AttributeNull)
	n.Attributes = append(n.Attributes, ddl.Attribute{Kind: ddl.AttributeDefault, Text: "NULL DEFAULT NULL"})
	n.Default, n.NotNull = "NULL", false
	return n
}

// backfill returns the statement that gives the rows that exist what the
// default of a new column would have given them. Columns that follow every
// UPDATE by themselves are held still.
func backfill(a *ddl.Table, y *ddl.Column) Change {
	expr := ""
	for _, at := range y.Attributes {
		if at.Kind == ddl.AttributeDefault && strings.HasPrefix(strings.ToLower(at.Text), "default ") {
			expr = at.Text[len("default "):]
		}
	}
	sql := "UPDATE " + sqltext.Quote(a.Name) + " SET " + sqltext.Quote(y.Name) + " = " + expr
	for i := range a.Columns {
		if x := &a.Columns[i]; x.OnUpdate != "" {
			sql += ", " + sqltext.Quote(x.Name) + " = " + sqltext.Quote(x.Name)
		}
	}
	return Change{
		SQL: sql + " WHERE " + sqltext.Quote(y.Name) + " IS NULL", Operation: OpBackfill,
		Reason: "MySQL adds no column with a default that differs from row to row: rows that exist get theirs by this statement",
	}
}

// riskyColumns returns the columns whose new type may not hold their values and
// which can be altered apart from everything else, in lower case.
func (p *planner) riskyColumns(a, b *ddl.Table) map[string]bool {
	out := map[string]bool{}
	d := newTableDiff(p.srv, p.opt, a, b, a)
	for i := range b.Columns {
		y := &b.Columns[i]
		name := strings.ToLower(y.Name)
		x := a.Column(y.Name)
		if x == nil || x.Same(y) || x.Name != y.Name || d.replaced[name] != "" {
			continue
		}
		c := Clause{}
		riskOfModifiedColumn(&c, d.future(), x, y)
		if (c.Destructive || len(ddl.ColumnNarrowings(x, y, p.srv)) > 0) && standsAlone(a, b, x, y) {
			out[name] = true
		}
	}
	return out
}

// standsAlone says whether a column can keep its old definition while the rest
// of its table changes.
func standsAlone(a, b *ddl.Table, x, y *ddl.Column) bool {
	name := strings.ToLower(y.Name)
	if x.AutoIncrement || y.AutoIncrement || x.Generated != y.Generated || !a.Partition.Same(b.Partition) || a.Collation != b.Collation ||
		a.Option("ENGINE") != b.Option("ENGINE") {
		return false
	}
	for _, t := range []*ddl.Table{a, b} {
		for i := range t.Keys {
			k := &t.Keys[i]
			if !k.Touches(name) {
				continue
			}
			l := b.Key(k.Name)
			if t == b {
				l = a.Key(k.Name)
			}
			if l == nil || !k.Same(l) {
				return false
			}
		}
	}
	for i := range b.Checks {
		c := &b.Checks[i]
		if old := a.Check(c.Name); slices.Contains(c.Uses, name) && (old == nil || !old.Same(c)) {
			return false
		}
	}
	return !slices.ContainsFunc(b.Columns, func(g ddl.Column) bool {
		old := a.Column(g.Name)
		return slices.Contains(g.Uses, name) && (old == nil || !old.Same(&g))
	})
}

// alterTable returns the statements from one stage of a table to the next.
func (p *planner) alterTable(a, b, live *ddl.Table) []Change {
	d := newTableDiff(p.srv, p.opt, a, b, live)
	al := d.alter()
	if al.fixedOption != "" {
		p.cannot(ddl.KindTable, b.Name, "no ALTER TABLE changes its option "+al.fixedOption)
		return nil
	}
	var out []Change
	if len(al.clauses) > 0 || al.partition != nil {
		change := alterChange(b.Name, al.clauses, al.partition)
		change.Probes = slices.Concat(change.Probes, d.rowProbes(), p.orphanProbes(live, b))
		out = append(out, change)
	}
	for _, c := range al.separate {
		out = append(out, alterChange(b.Name, []Clause{c}, nil))
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
