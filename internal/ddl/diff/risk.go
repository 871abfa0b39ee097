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
	if !y.NotNull || y.Default != "" || y.Generated != "" || y.AutoIncrement {
		return
	}
	if !y.Type.HasImplicitDefault() {
		c.because("a server refuses it while there are rows, for which it has no value")
		c.Probes = append(c.Probes, rowProbe(t, "TRUE", "{rows} of `"+t.Name+"` {violate} NOT NULL of the new column `"+y.Name+"`, which has no default", true))
		return
	}
	c.because("it is NOT NULL without a default: rows that exist get the implicit value of its type")
}

func riskOfModifiedColumn(c *Clause, t *ddl.Table, x, y *ddl.Column) {
	if x.Generated == "" && y.Generated != "" {
		c.loses("values of " + columnName(t, x.Name) + ", which becomes generated")
		c.Probes = append(c.Probes, rowProbe(t, sqltext.Quote(x.Name)+" IS NOT NULL", "{rows} of `"+t.Name+"` {lose} the value of `"+x.Name+"`, which becomes generated", false))
		return
	}
	if x.Generated != "" {
		if x.Generated != y.Generated && y.Generated != "" {
			c.because("its values are computed again")
		}
		return
	}
	if !x.NotNull && y.NotNull {
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
			c.Probes = append(c.Probes, rowProbe(t, n.Condition, "{rows} of `"+t.Name+"` {violate} the new type of `"+x.Name+"`: "+n.Found, n.Refused))
		}
	}
	if y.Check != "" && y.Check != x.Check {
		riskOfCheck(c, t, y.Name, y.CheckText, y.Uses)
	}
	if x.Collation != y.Collation && x.Collation != "" && y.Collation != "" {
		riskOfCollation(c, t, x, y)
	}
}

// riskOfCollation looks for values of a unique key that the new collation takes
// for equal.
func riskOfCollation(c *Clause, t *ddl.Table, x, y *ddl.Column) {
	c.because("its collation changes from " + x.Collation + " to " + y.Collation)
	if strings.HasSuffix(y.Collation, " default") {
		return
	}
	for i := range t.Keys {
		k := &t.Keys[i]
		if !k.Unique() || !k.Touches(strings.ToLower(x.Name)) {
			continue
		}
		exprs := keyExpressions(k, func(name, expr string) string {
			if strings.EqualFold(name, x.Name) {
				return "CONVERT(" + expr + " USING " + ddl.CharsetOf(y.Collation) + ") COLLATE " + y.Collation
			}
			return expr
		})
		c.Probes = append(c.Probes, duplicateProbe(t, k, exprs, "under the collation "+y.Collation))
	}
}

// riskOfKey looks for rows that a new unique key refuses. a is the table as it
// is, b as it will be.
func riskOfKey(c *Clause, a, b *ddl.Table, y *ddl.Key) {
	if !y.Unique() {
		return
	}
	if x := a.Key(y.Name); x != nil && x.Same(y) { // added again
		return
	}
	var fresh []*ddl.Column
	for _, p := range y.Parts {
		for _, name := range p.Uses {
			if a.Column(name) == nil {
				fresh = append(fresh, b.Column(name))
			}
		}
	}
	switch {
	case len(fresh) == 0:
		c.because("fails while two rows hold the same values")
		exprs := keyExpressions(y, func(_, expr string) string { return expr })
		c.Probes = append(c.Probes, duplicateProbe(a, y, exprs, ""))
	case !slices.ContainsFunc(fresh, func(col *ddl.Column) bool {
		return col == nil || !col.NotNull || col.AutoIncrement || col.Generated != "" || !col.ConstantDefault()
	}) && len(fresh) == len(y.Parts):
		c.because("fails while there are two rows, which would hold the same new values")
		p := rowProbe(a, "TRUE", "{rows} of `"+a.Name+"` {violate} "+keyTitle(y)+": all would hold the same new values", true)
		p.SQL = strings.Replace(p.SQL, "SELECT COUNT(*)", "SELECT IF(COUNT(*) > 1, COUNT(*), 0)", 1)
		c.Probes = append(c.Probes, p)
	}
}

// keyExpressions returns what a key compares, part by part.
func keyExpressions(k *ddl.Key, change func(column, expr string) string) []string {
	var out []string
	for _, p := range k.Parts {
		switch {
		case p.Column == "":
			out = append(out, "("+p.Expr+")")
		case p.Length != "":
			out = append(out, "LEFT("+change(p.Column, sqltext.Quote(p.Column))+", "+p.Length+")")
		default:
			out = append(out, change(p.Column, sqltext.Quote(p.Column)))
		}
	}
	return out
}

// riskOfCheck looks for rows that a check refuses. Columns that do not exist
// yet cannot be asked about.
func riskOfCheck(c *Clause, t *ddl.Table, name, expr string, uses []string) {
	c.because("fails while a row violates it")
	if slices.ContainsFunc(uses, func(u string) bool { return t.Column(u) == nil }) {
		return
	}
	c.Probes = append(c.Probes, rowProbe(t, "NOT ("+expr+")", "{rows} of `"+t.Name+"` {violate} check `"+name+"`", true))
}

// riskOfForeignKey looks for rows without a parent, in the table as it is and as
// it will be. parent is nil when it is new, and thus empty, or not of this
// schema.
func riskOfForeignKey(c *Clause, child [2]*ddl.Table, parent *ddl.Table, f *ddl.ForeignKey, parentIsNew bool) {
	c.because("fails while a row has no parent")
	var notNull, match []string
	for i, name := range f.Columns {
		if y := child[1].Column(name); child[0].Column(name) == nil {
			if !parentIsNew || !y.NotNull {
				return
			}
			continue // a value of its own for all rows, which no parent can have yet
		}
		if parent != nil && parent.Column(f.References[i]) == nil {
			return
		}
		notNull = append(notNull, "`child`."+sqltext.Quote(name)+" IS NOT NULL")
		match = append(match, "`parent`."+sqltext.Quote(f.References[i])+" = `child`."+sqltext.Quote(name))
	}
	cond := strings.Join(append(notNull, "TRUE"), " AND ")
	switch {
	case parentIsNew:
	case parent == nil:
		return
	default:
		cond += " AND NOT EXISTS (SELECT 1 FROM " + sqltext.Quote(f.Parent) + " AS `parent` WHERE " + strings.Join(match, " AND ") + ")"
	}
	p := rowProbe(child[0], cond, "{rows} of `"+child[0].Name+"` {violate} foreign key `"+f.Name+"`: no such row in `"+f.Parent+"`", true)
	p.SQL = strings.Replace(p.SQL, " FROM "+sqltext.Quote(child[0].Name)+" WHERE ", " FROM "+sqltext.Quote(child[0].Name)+" AS `child` WHERE ", 1)
	c.Probes = append(c.Probes, p)
}
