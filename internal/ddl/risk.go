package ddl

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// The rules of risk. Each one looks at one clause and writes on it what may be
// lost, why it may fail, and which question to the database tells beforehand. A
// clause that no rule speaks about loses nothing.

func columnName(t *table, name string) string { return "`" + t.name + "`.`" + name + "`" }

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

func riskOfDroppedColumn(c *Clause, t *table, x *tableColumn) {
	if x.generated != "" && c.Operation == OpDropColumn {
		c.because("its values are computed and come back with the column")
		return
	}
	c.loses("column " + columnName(t, x.name) + " with its values")
	cond := sqltext.Quote(x.name) + " IS NOT NULL"
	if x.notNull {
		cond = "TRUE"
	}
	c.Probes = append(c.Probes, rowProbe(t, cond, "{rows} of `"+t.name+"` {lose} the value of `"+x.name+"`", false))
}

// riskOfAddedColumn looks at what rows that exist get.
func riskOfAddedColumn(c *Clause, t *table, y *tableColumn) {
	if !y.notNull || y.def != "" || y.generated != "" || y.autoInc {
		return
	}
	if !y.typ.hasImplicitDefault() {
		c.because("a server refuses it while there are rows, for which it has no value")
		c.Probes = append(c.Probes, rowProbe(t, "TRUE", "{rows} of `"+t.name+"` {violate} NOT NULL of the new column `"+y.name+"`, which has no default", true))
		return
	}
	c.because("it is NOT NULL without a default: rows that exist get the implicit value of its type")
}

func riskOfModifiedColumn(c *Clause, t *table, x, y *tableColumn) {
	if x.generated == "" && y.generated != "" {
		c.loses("values of " + columnName(t, x.name) + ", which becomes generated")
		c.Probes = append(c.Probes, rowProbe(t, sqltext.Quote(x.name)+" IS NOT NULL", "{rows} of `"+t.name+"` {lose} the value of `"+x.name+"`, which becomes generated", false))
		return
	}
	if x.generated != "" {
		if x.generated != y.generated && y.generated != "" {
			c.because("its values are computed again")
		}
		return
	}
	if !x.notNull && y.notNull {
		c.because("fails while a row holds NULL")
		c.Probes = append(c.Probes, rowProbe(t, sqltext.Quote(x.name)+" IS NULL", "{rows} of `"+t.name+"` {violate} NOT NULL of `"+x.name+"`", true))
	}
	for _, n := range narrowings(x, y, t.server) {
		c.loses(n.Lost + " of " + columnName(t, x.name))
		c.because(n.Reason)
		if n.Condition != "" {
			c.Probes = append(c.Probes, rowProbe(t, n.Condition, "{rows} of `"+t.name+"` {violate} the new type of `"+x.name+"`: "+n.Found, n.Refused))
		}
	}
	if y.check != "" && y.check != x.check {
		riskOfCheck(c, t, y.name, y.checkText, y.uses)
	}
	if x.collation != y.collation && x.collation != "" && y.collation != "" {
		riskOfCollation(c, t, x, y)
	}
}

// riskOfCollation looks for values of a unique key that the new collation takes
// for equal.
func riskOfCollation(c *Clause, t *table, x, y *tableColumn) {
	c.because("its collation changes from " + x.collation + " to " + y.collation)
	if strings.HasSuffix(y.collation, " default") {
		return
	}
	for i := range t.keys {
		k := &t.keys[i]
		if !k.unique() || !k.touches(strings.ToLower(x.name)) {
			continue
		}
		exprs := keyExpressions(k, func(name, expr string) string {
			if strings.EqualFold(name, x.name) {
				return "CONVERT(" + expr + " USING " + charsetOf(y.collation) + ") COLLATE " + y.collation
			}
			return expr
		})
		c.Probes = append(c.Probes, duplicateProbe(t, k, exprs, "under the collation "+y.collation))
	}
}

// riskOfKey looks for rows that a new unique key refuses. a is the table as it
// is, b as it will be.
func riskOfKey(c *Clause, a, b *table, y *key) {
	if !y.unique() {
		return
	}
	if x := a.key(y.name); x != nil && x.same(y) { // added again
		return
	}
	var fresh []*tableColumn
	for _, p := range y.parts {
		for _, name := range p.uses {
			if a.column(name) == nil {
				fresh = append(fresh, b.column(name))
			}
		}
	}
	switch {
	case len(fresh) == 0:
		c.because("fails while two rows hold the same values")
		exprs := keyExpressions(y, func(_, expr string) string { return expr })
		c.Probes = append(c.Probes, duplicateProbe(a, y, exprs, ""))
	case !slices.ContainsFunc(fresh, func(col *tableColumn) bool {
		return col == nil || !col.notNull || col.autoInc || col.generated != "" || !col.constantDefault()
	}) && len(fresh) == len(y.parts):
		c.because("fails while there are two rows, which would hold the same new values")
		p := rowProbe(a, "TRUE", "{rows} of `"+a.name+"` {violate} "+keyTitle(y)+": all would hold the same new values", true)
		p.SQL = strings.Replace(p.SQL, "SELECT COUNT(*)", "SELECT IF(COUNT(*) > 1, COUNT(*), 0)", 1)
		c.Probes = append(c.Probes, p)
	}
}

// keyExpressions returns what a key compares, part by part.
func keyExpressions(k *key, change func(column, expr string) string) []string {
	var out []string
	for _, p := range k.parts {
		switch {
		case p.column == "":
			out = append(out, "("+p.expr+")")
		case p.length != "":
			out = append(out, "LEFT("+change(p.column, sqltext.Quote(p.column))+", "+p.length+")")
		default:
			out = append(out, change(p.column, sqltext.Quote(p.column)))
		}
	}
	return out
}

// riskOfCheck looks for rows that a check refuses. Columns that do not exist
// yet cannot be asked about.
func riskOfCheck(c *Clause, t *table, name, expr string, uses []string) {
	c.because("fails while a row violates it")
	if slices.ContainsFunc(uses, func(u string) bool { return t.column(u) == nil }) {
		return
	}
	c.Probes = append(c.Probes, rowProbe(t, "NOT ("+expr+")", "{rows} of `"+t.name+"` {violate} check `"+name+"`", true))
}

// riskOfForeignKey looks for rows without a parent, in the table as it is and as
// it will be. parent is nil when it is new, and thus empty, or not of this
// schema.
func riskOfForeignKey(c *Clause, child [2]*table, parent *table, f *foreignKey, parentIsNew bool) {
	c.because("fails while a row has no parent")
	var notNull, match []string
	for i, name := range f.columns {
		if y := child[1].column(name); child[0].column(name) == nil {
			if !parentIsNew || !y.notNull {
				return
			}
			continue // a value of its own for all rows, which no parent can have yet
		}
		if parent != nil && parent.column(f.references[i]) == nil {
			return
		}
		notNull = append(notNull, "`child`."+sqltext.Quote(name)+" IS NOT NULL")
		match = append(match, "`parent`."+sqltext.Quote(f.references[i])+" = `child`."+sqltext.Quote(name))
	}
	cond := strings.Join(append(notNull, "TRUE"), " AND ")
	switch {
	case parentIsNew:
	case parent == nil:
		return
	default:
		cond += " AND NOT EXISTS (SELECT 1 FROM " + sqltext.Quote(f.parent) + " AS `parent` WHERE " + strings.Join(match, " AND ") + ")"
	}
	p := rowProbe(child[0], cond, "{rows} of `"+child[0].name+"` {violate} foreign key `"+f.name+"`: no such row in `"+f.parent+"`", true)
	p.SQL = strings.Replace(p.SQL, " FROM "+sqltext.Quote(child[0].name)+" WHERE ", " FROM "+sqltext.Quote(child[0].name)+" AS `child` WHERE ", 1)
	c.Probes = append(c.Probes, p)
}
