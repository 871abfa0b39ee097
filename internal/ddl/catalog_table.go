package ddl

import (
	"fmt"
	"slices"
	"strings"
)

// createTable adds a table with all it defines.
func (c *Catalog) createTable() {
	st := c.current
	d := st.define()
	r := &relation{kind: KindTable, columns: map[string]sourceColumn{}, named: map[string]site{}, opaque: d.opaque, periods: d.periods}
	if !c.relate(r) {
		return
	}
	for _, col := range d.columns {
		c.addColumn(r, col)
	}
	for _, k := range d.indexes {
		c.addKey(r, k)
	}
	for _, name := range d.checks {
		c.constraint("check", name, r)
	}
	c.references(r, d)
}

// addColumn adds a column to a table.
func (c *Catalog) addColumn(r *relation, col sourceColumn) {
	key := strings.ToLower(col.name.name())
	if _, taken := r.columns[key]; taken {
		c.err(col.name, CodeDuplicate, "Column is defined twice", "Table `%s` has a column `%s` already%s. Remove one of them, or give it another name.",
			r.name, col.name.name(), c.ofOther(r))
		return
	}
	r.columns[key] = col
	r.order = append(r.order, col.name.name())
	if col.primary {
		c.addKey(r, sourceKey{primary: true, unique: true, columns: []token{col.name}, at: col.name})
	}
	if col.unique {
		c.addKey(r, sourceKey{unique: true, columns: []token{col.name}, at: col.name})
	}
}

// ofOther says whose a table is when it is not of the current origin.
func (c *Catalog) ofOther(r *relation) string {
	if r.Owner == c.origin.Owner {
		return ""
	}
	return fmt.Sprintf(" (it is defined in %s)", c.where(r.site, c.origin))
}

// addKey adds a key to a table.
func (c *Catalog) addKey(r *relation, k sourceKey) {
	switch name := strings.ToLower(k.name.name()); {
	case k.primary && r.primary:
		c.err(k.at, CodePrimaryKey, "Table has two primary keys", "Table `%s` has a primary key already%s. Make the second one a `UNIQUE KEY`.", r.name, c.ofOther(r))
		return
	case k.primary:
		r.primary = true
	case name != "":
		if have, taken := r.named[name]; taken {
			c.err(k.name, CodeDuplicate, "Key is defined twice", "Table `%s` has a key `%s` already, in %s. Give it another name.", r.name, k.name.name(), c.where(have, c.origin))
			return
		}
		r.named[name] = c.here(k.name)
	}
	for _, col := range k.columns {
		c.column(r, col)
	}
	r.keys = append(r.keys, k)
}

// column says whether a table has the column that a key names.
func (c *Catalog) column(r *relation, t token) bool {
	if t.kind == tokEnd || r.opaque {
		return true
	}
	if _, ok := r.columns[strings.ToLower(t.name())]; ok || slices.Contains(r.periods, strings.ToUpper(t.name())) {
		return true
	}
	c.missingColumn(t, r)
	return false
}

// constraint keeps the name of a foreign key or check. Foreign keys share their
// names in the whole database; checks do on MySQL, while on MariaDB each table
// has its own.
func (c *Catalog) constraint(sort string, name token, r *relation) {
	if name.kind == tokEnd {
		return
	}
	key := sort + " " + strings.ToLower(name.name())
	if sort == "check" && c.current.server.Product == MariaDB {
		key += " " + r.name
	}
	if have, taken := c.constraints[key]; taken {
		c.err(name, CodeDuplicate, "Constraint is defined twice", "Constraint `%s` is defined already, in %s. Names of constraints count for the whole database: give it another one.",
			name.name(), c.where(have, c.origin))
		return
	}
	c.constraints[key] = c.here(name)
}

// references adds the foreign keys of a statement.
func (c *Catalog) references(r *relation, d sourceTable) {
	for _, f := range d.references {
		c.constraint("foreign key", f.name, r)
		c.reference(r, f)
	}
	for _, col := range d.columns {
		if col.reference != nil {
			c.reference(r, *col.reference)
		}
	}
}

// reference judges one foreign key.
func (c *Catalog) reference(r *relation, f sourceReference) {
	what := "A foreign key of table `" + r.name + "`"
	if f.name.kind != tokEnd {
		what = "Foreign key `" + f.name.name() + "`"
	}
	for _, col := range f.columns {
		if !c.column(r, col) {
			return
		}
	}
	waiting := len(c.needs)
	parent := c.table(f.table, f.table.name(), what)
	if len(c.needs) > waiting {
		c.needs[waiting].key = &laterKey{statement: c.current, origin: c.origin, child: r, reference: f}
	}
	if parent != nil {
		c.refersTo(r, parent, f, what)
	}
}

// refersTo judges a foreign key by the table that it refers to.
func (c *Catalog) refersTo(r, parent *relation, f sourceReference, what string) {
	if parent.opaque {
		return
	}
	if len(f.parents) > 0 && len(f.columns) != len(f.parents) {
		c.err(f.table, CodeForeignKey, "Foreign key does not fit", "%s has %s and refers to %d of table `%s`.", what, count(len(f.columns), "column"), len(f.parents), parent.name)
		return
	}
	for _, col := range f.parents {
		if !c.column(parent, col) {
			return
		}
	}
	if len(f.parents) == 0 {
		return
	}
	c.types(r, parent, f, what)
	c.parentKey(parent, f, what)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// integers are the integer types by size.
var integers = map[string]string{
	"TINYINT": "TINYINT", "INT1": "TINYINT", "BOOL": "TINYINT", "BOOLEAN": "TINYINT", "SMALLINT": "SMALLINT", "INT2": "SMALLINT",
	"MEDIUMINT": "MEDIUMINT", "INT3": "MEDIUMINT", "MIDDLEINT": "MEDIUMINT", "INT": "INT", "INTEGER": "INT", "INT4": "INT", "BIGINT": "BIGINT", "INT8": "BIGINT",
}

// strings are the types of text and bytes that a foreign key may have.
var characters = map[string]string{"CHAR": "text", "VARCHAR": "text", "CHARACTER": "text", "NCHAR": "text", "NVARCHAR": "text", "BINARY": "bytes", "VARBINARY": "bytes"}

// typeClass is what has to agree in a foreign key, empty when that is not
// known from the type alone.
func typeClass(col sourceColumn) string {
	if t, ok := integers[col.kind]; ok {
		if col.unsigned {
			return t + " UNSIGNED"
		}
		return t
	}
	if t, ok := characters[col.kind]; ok {
		return t
	}
	switch col.kind {
	case "DATE", "TIME", "DATETIME", "TIMESTAMP", "UUID", "INET4", "INET6":
		return col.kind
	}
	return ""
}

// types says where the two sides of a foreign key surely differ.
func (c *Catalog) types(r, parent *relation, f sourceReference, what string) {
	for i, name := range f.columns {
		child, known := r.columns[strings.ToLower(name.name())]
		other, both := parent.columns[strings.ToLower(f.parents[i].name())]
		a, b := typeClass(child), typeClass(other)
		if !known || !both || a == "" || b == "" || a == b {
			continue
		}
		c.err(name, CodeForeignKey, "Foreign key does not fit", "%s joins column `%s` (%s) to `%s.%s` (%s): the types have to be the same.",
			what, name.name(), typeName(child), parent.name, f.parents[i].name(), typeName(other))
	}
}

func typeName(col sourceColumn) string {
	if col.unsigned {
		return col.kind + " UNSIGNED"
	}
	return col.kind
}

// parentKey says when no key of the parent can serve a foreign key: InnoDB
// wants one that begins with the columns, and MySQL since 8.4 a unique one of
// exactly them (restrict_fk_on_non_standard_key).
func (c *Catalog) parentKey(parent *relation, f sourceReference, what string) {
	exact := c.current.server.Product == MySQL && atLeast(c.current.server.Version, 8, 4)
	for _, k := range parent.keys {
		if k.special || exact && (!k.unique || k.partial || len(k.columns) != len(f.parents)) || !leads(k, f.parents) {
			continue
		}
		return
	}
	kind := "key that begins with"
	if exact {
		kind = "unique key of just"
	}
	c.err(f.parents[0], CodeForeignKey, "Foreign key needs a key", "%s refers to %s of table `%s`, which has no %s %s. Add one there, or refer to its primary key.",
		what, columnList(f.parents), parent.name, kind, pronoun(f.parents))
}

func pronoun(cols []token) string {
	if len(cols) == 1 {
		return "that column"
	}
	return "those columns"
}

func columnList(cols []token) string {
	names := make([]string, len(cols))
	for i, t := range cols {
		names[i] = t.name()
	}
	if len(names) == 1 {
		return "column " + list(names)
	}
	return "columns " + list(names)
}

// leads says whether a key begins with these columns, in any order.
func leads(k sourceKey, cols []token) bool {
	if len(k.columns) < len(cols) {
		return false
	}
	for _, t := range cols {
		if !slices.ContainsFunc(k.columns[:len(cols)], func(have token) bool { return strings.EqualFold(have.name(), t.name()) }) {
			return false
		}
	}
	return true
}

// atLeast says whether a version is major.minor or later.
func atLeast(version string, major, minor int) bool {
	var a, b int
	if n, _ := fmt.Sscanf(version, "%d.%d", &a, &b); n < 2 {
		return false
	}
	return a > major || a == major && b >= minor
}
