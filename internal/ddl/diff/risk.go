package diff

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// The rules of risk. Each one looks at one clause and writes on it what may be
// lost, why it may fail, and which question to the database tells beforehand. A
// clause that no rule speaks about loses nothing.

func columnName(t *ddl.Table, name string) string { return "`" + t.Name + "`.`" + name + "`" }

// because adds a reason to a clause.
func (c *Clause) because(reason string) {
	if c.Reason != "" {
		c.Reason += "; "
	}
	c.Reason += reason
}

// loses marks a clause as destructive.
func (c *Clause) loses(what string) {
	c.Destructive = true
	if c.Lost != "" {
		c.Lost += "; "
	}
	c.Lost += what
}

func riskOfDroppedColumn(c *Clause, t *ddl.Table, x *ddl.Column) {
	if x.Generated != "" && c.Operation == OpDropColumn {
		c.because("its values are computed and come back with the column")
		return
	}
	c.loses("column " + columnName(t, x.Name) + " with its values")
	cond := sqltext.Quote(x.Name) + " IS NOT NULL"
	if x.NotNull {
		cond = "TRUE"
	}
	c.Probes = append(c.Probes, rowProbe(t, cond, "{rows} of `"+t.Name+"` {lose} the value of `"+x.Name+"`", false))
}

// riskOfAddedColumn looks at what rows that exist get.
func riskOfAddedColumn(c *Clause, t *ddl.Table, y *ddl.Column) {
	if most := y.LargestNumber(); y.AutoIncrement && most != "" {
		c.Probes = append(c.Probes, Probe{
			SQL:    "SELECT IF(COUNT(*) > " + most + ", COUNT(*), 0), NULL FROM " + sqltext.Quote(t.Name),
			Blocks: true, Text: "{rows} of `" + t.Name + "` cannot all get a number of the new column `" + y.Name + "`, which ends at " + most,
		})
	}
	if !y.NotNull || y.Default != "" || y.Generated != "" || y.AutoIncrement {
		return
	}
	if !y.Type.HasImplicitDefault() {
		c.because("a server refuses it while there are rows, for which it has no value")
		p := rowProbe(t, "TRUE", "{rows} of `"+t.Name+"` {violate} NOT NULL of the new column `"+y.Name+"`, which has no default (a script can add it with values)", true)
		p.ZeroDates = y.HoldsDates()
		c.Probes = append(c.Probes, p)
		return
	}
	c.because("it is NOT NULL without a default: rows that exist get the implicit value of its type")
}

func riskOfModifiedColumn(c *Clause, f future, x, y *ddl.Column) {
	t := f.now
	if x.Generated == "" && y.Generated != "" {
		c.loses("values of " + columnName(t, x.Name) + ", which becomes generated")
		c.Probes = append(c.Probes, rowProbe(t, sqltext.Quote(x.Name)+" IS NOT NULL", "{rows} of `"+t.Name+"` {lose} the value of `"+x.Name+"`, which becomes generated", false))
		return
	}
	if y.Generated != "" {
		if x.Generated != y.Generated {
			c.because("its values are computed again")
		}
		return
	}
	if y.AutoIncrement && !x.AutoIncrement {
		riskOfNewCounter(c, t, x)
	}
	if !x.NotNull && y.NotNull && !y.AutoIncrement {
		c.because("fails while a row holds NULL")
		c.Probes = append(c.Probes, rowProbe(t, sqltext.Quote(x.Name)+" IS NULL", "{rows} of `"+t.Name+"` {violate} NOT NULL of `"+x.Name+"`", true))
	}
	for _, n := range ddl.ColumnNarrowings(x, y, t.Server) {
		if !n.Refused { // what is refused is not lost: every connection of ours is strict
			c.loses(n.Lost + " of " + columnName(t, x.Name))
			c.Untold = c.Untold || n.Condition == ""
		}
		c.because(n.Reason)
		if n.Condition != "" {
			p := rowProbe(t, n.Condition, "{rows} of `"+t.Name+"` {violate} the new type of `"+x.Name+"`: "+n.Found, n.Refused)
			p.ZeroDates = n.ZeroDates
			c.Probes = append(c.Probes, p)
		}
	}
	if y.Check != "" && y.Check != x.Check {
		riskOfCheck(c, f, y.Name, y.CheckText)
	}
	if x.Collation != y.Collation && x.Collation != "" && y.Collation != "" {
		c.because("its collation changes from " + x.Collation + " to " + y.Collation)
	}
}

// riskOfNewCounter looks at what a column holds that begins to count. Its zeros stay,
// see Settings.KeepingZeros; a server takes NULL for the wish for a number.
func riskOfNewCounter(c *Clause, t *ddl.Table, x *ddl.Column) {
	c.Counts = true
	if x.NotNull {
		return
	}
	c.loses("the NULLs of " + columnName(t, x.Name) + ", which become numbers")
	c.Probes = append(c.Probes, rowProbe(t, sqltext.Quote(x.Name)+" IS NULL", "{rows} of `"+t.Name+"` {lose} NULL in `"+x.Name+"`, which becomes a number", false))
}

// riskOfKey looks for rows that a new key refuses: two of a unique one, and values
// of expressions that cannot be computed.
func riskOfKey(c *Clause, f future, y *ddl.Key) {
	if x := f.now.Key(y.Name); x != nil && x.Same(y) && !slices.ContainsFunc(f.then.Columns, func(col ddl.Column) bool {
		return y.Touches(strings.ToLower(col.Name)) && f.changes(col.Name)
	}) { // added again
		return
	}
	for i := range y.Parts {
		c.Probes = append(c.Probes, partProbes(f, y, i)...)
	}
	if !y.Unique() {
		return
	}
	if f.allNew(y) {
		c.because("fails while there are two rows, which would hold the same new values")
		p := rowProbe(f.now, "TRUE", "{rows} of `"+f.now.Name+"` {violate} "+keyTitle(y)+": all would hold the same new values (a script can fill them before the key comes)", true)
		p.SQL = strings.Replace(p.SQL, "SELECT COUNT(*)", "SELECT IF(COUNT(*) > 1, COUNT(*), 0)", 1)
		c.Probes = append(c.Probes, p)
		return
	}
	if p, ok := sameTwice(f, y, ""); ok {
		c.because("fails while two rows hold the same values")
		c.Probes = append(c.Probes, p)
	}
}

// allNew says whether a key stands on new columns alone, each with one value for all
// rows that exist.
func (f future) allNew(k *ddl.Key) bool {
	return !slices.ContainsFunc(k.Columns(), func(name string) bool {
		y := f.then.Column(name)
		return f.now.Column(name) != nil || y == nil || !y.NotNull || y.AutoIncrement || y.Generated != "" || !y.ConstantDefault()
	}) && k.Columns() != nil
}

// riskOfCheck looks for rows that a check refuses.
func riskOfCheck(c *Clause, f future, name, expr string) {
	c.because("fails while a row violates it")
	if p, ok := checkProbe(f, name, expr); ok {
		c.Probes = append(c.Probes, p)
	}
}

func checkProbe(f future, name, expr string) (Probe, bool) {
	expr, ok := f.expression(expr)
	if !ok {
		return Probe{}, false
	}
	p := rowProbe(f.now, "NOT ("+expr+")", "{rows} of `"+f.now.Name+"` {violate} check `"+name+"`", true)
	p.Evaluates = "check `" + name + "` cannot be computed for every row of `" + f.now.Name + "`"
	return p, true
}

// riskOfForeignKey looks for rows without a parent, each table as it is and as it
// will be. parent holds nil when it is new, and thus empty, or not of this schema.
func riskOfForeignKey(c *Clause, child, parent [2]*ddl.Table, f *ddl.ForeignKey, parentIsNew bool) {
	c.because("fails while a row has no parent")
	if p, ok := orphanProbe(child, parent, f, parentIsNew); ok {
		c.Probes = append(c.Probes, p)
	}
}

// orphanProbe looks for rows without a parent; see riskOfForeignKey.
func orphanProbe(child, parent [2]*ddl.Table, f *ddl.ForeignKey, parentIsNew bool) (Probe, bool) {
	var notNull, match []string
	for i, name := range f.Columns {
		value := keyValue(child, name, "child")
		if child[0].Column(name) == nil {
			fresh, ok := newValue(child, name)
			switch y := child[1].Column(name); {
			case parentIsNew && y != nil && y.NotNull:
				continue // a value of its own for all rows, which no parent can have yet
			case !ok || fresh == "NULL":
				return Probe{}, false
			}
			value = fresh
		}
		notNull = append(notNull, value+" IS NOT NULL")
		if parent[0] == nil {
			continue
		}
		if parent[0].Column(f.References[i]) == nil {
			return Probe{}, false
		}
		match = append(match, keyValue(parent, f.References[i], "parent")+" = "+value)
	}
	cond := strings.Join(append(notNull, "TRUE"), " AND ")
	switch {
	case parentIsNew:
	case parent[0] == nil:
		return Probe{}, false
	default:
		cond += " AND NOT EXISTS (SELECT 1 FROM " + sqltext.Quote(f.Parent) + " AS `parent` WHERE " + strings.Join(match, " AND ") + ")"
	}
	p := rowProbe(child[0], cond, "{rows} of `"+child[0].Name+"` {violate} foreign key `"+f.Name+"`: no such row in `"+f.Parent+"`", true)
	p.SQL = strings.Replace(p.SQL, " FROM "+sqltext.Quote(child[0].Name)+" WHERE ", " FROM "+sqltext.Quote(child[0].Name)+" AS `child` WHERE ", 1)
	return p, true
}

// keyValue returns what a column of a table, known by an alias, will hold. A value that
// no change touches is its name, so that the server finds it by a key.
func keyValue(t [2]*ddl.Table, name, alias string) string {
	now := "`" + alias + "`." + sqltext.Quote(name)
	x := t[0].Column(name)
	if x == nil || t[1] == nil || t[1].Column(name) == nil {
		return now
	}
	f := newFuture(t[0], t[1])
	y := t[1].Column(name)
	if x.Collation == y.Collation && (y.Generated == "" || !f.changes(name)) &&
		!slices.ContainsFunc(ddl.ColumnNarrowings(x, y, t[0].Server), func(n ddl.Narrowing) bool { return !n.Refused }) {
		return now
	}
	value, ok := f.value(name)
	if !ok {
		return now
	}
	return "(" + qualified(value, t[0], alias) + ")"
}

// qualified returns an expression with the columns of a table behind its alias.
func qualified(expr string, t *ddl.Table, alias string) string {
	var b strings.Builder
	end := 0
	for _, tok := range sqltext.Tokens(expr, sqltext.Mode{}) {
		if tok.Kind == sqltext.Name && t.Column(tok.Value()) != nil {
			b.WriteString(expr[end:tok.Start] + "`" + alias + "`.")
			end = tok.Start
		}
	}
	return b.String() + expr[end:]
}

// newValue returns what a new column holds in every row that exists; false when that
// is not the same in all of them, or when the table will not have the column.
func newValue(t [2]*ddl.Table, name string) (string, bool) {
	y := t[1].Column(name)
	if y == nil {
		return "", false
	}
	if y.NotNull && y.Default == "" && y.Generated == "" && !y.AutoIncrement {
		return y.Type.ImplicitDefault()
	}
	f := newFuture(t[0], t[1])
	value, ok := f.value(name)
	return value, ok && y.Generated == "" && len(f.names(value)) == 0
}
