package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// createTable adds a table with all it defines.
func (c *Catalog) createTable() {
	st := c.current
	d := define(st)
	r := &relation{kind: ddl.KindTable, columns: map[string]sourceColumn{}, named: map[string]site{}, opaque: d.opaque, periods: d.periods}
	if !c.relate(r) {
		return
	}
	if c.likeOther(r) {
		return
	}
	r.opaque = r.opaque || st.MadeOfQuery()
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

// likeOther gives a table the columns and keys of the one that it is made like. It
// returns false when the table has columns of its own.
func (c *Catalog) likeOther(r *relation) bool {
	st := c.current
	toks := sqltext.Tokens(st.Text, sqltext.Mode{})
	i := st.Head.Body
	if i < len(toks) && toks[i].IsPunct('(') {
		i++
	}
	if i+1 >= len(toks) || !toks[i].Is("LIKE") {
		return false
	}
	at, _ := sqltext.NameAt(toks, i+1)
	r.opaque = true
	other := c.table(at, at.Value(), "Table `"+st.Object+"`")
	if other == nil {
		return true
	}
	r.opaque, r.primary, r.order, r.periods = other.opaque, other.primary, other.order, other.periods
	r.columns, r.keys = maps.Clone(other.columns), slices.Clone(other.keys)
	for name := range other.named {
		r.named[name] = c.here(st.Head.Object)
	}
	return true
}

// addColumn adds a column to a table.
func (c *Catalog) addColumn(r *relation, col sourceColumn) {
	key := strings.ToLower(col.name.Value())
	if _, taken := r.columns[key]; taken {
		c.err(col.name, CodeDuplicate, "Column is defined twice", "Table `%s` has a column `%s` already%s. Remove one of them, or give it another name.",
			r.name, col.name.Value(), c.ofOther(r))
		return
	}
	r.columns[key] = col
	r.order = append(r.order, col.name.Value())
	if col.primary {
		c.addKey(r, sourceKey{primary: true, unique: true, columns: []sqltext.Token{col.name}, at: col.name})
	}
	if col.unique {
		c.addKey(r, sourceKey{unique: true, columns: []sqltext.Token{col.name}, at: col.name})
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
	switch name := strings.ToLower(k.name.Value()); {
	case k.primary && r.primary:
		c.err(k.at, CodePrimaryKey, "Table has two primary keys", "Table `%s` has a primary key already%s. Make the second one a `UNIQUE KEY`.", r.name, c.ofOther(r))
		return
	case k.primary:
		r.primary = true
	case name != "":
		if have, taken := r.named[name]; taken {
			c.err(k.name, CodeDuplicate, "Key is defined twice", "Table `%s` has a key `%s` already, in %s. Give it another name.", r.name, k.name.Value(), c.where(have, c.origin))
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
func (c *Catalog) column(r *relation, t sqltext.Token) bool {
	if t.Kind == sqltext.End || r.opaque {
		return true
	}
	if _, ok := r.columns[strings.ToLower(t.Value())]; ok || slices.Contains(r.periods, strings.ToUpper(t.Value())) {
		return true
	}
	c.missingColumn(t, r)
	return false
}

// constraint keeps the name of a foreign key or check. Foreign keys share their
// names in the whole database; checks do on MySQL, while on MariaDB each table
// has its own.
func (c *Catalog) constraint(sort string, name sqltext.Token, r *relation) {
	if name.Kind == sqltext.End {
		return
	}
	key := sort + " " + strings.ToLower(name.Value())
	if sort == "check" && c.current.Server().Product == ddl.MariaDB {
		key += " " + r.name
	}
	if have, taken := c.constraints[key]; taken {
		c.err(name, CodeDuplicate, "Constraint is defined twice", "Constraint `%s` is defined already, in %s. Names of constraints count for the whole database: give it another one.",
			name.Value(), c.where(have, c.origin))
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
	if f.name.Kind != sqltext.End {
		what = "Foreign key `" + f.name.Value() + "`"
	}
	for _, col := range f.columns {
		if !c.column(r, col) {
			return
		}
	}
	waiting := len(c.needs)
	parent := c.table(f.table, f.table.Value(), what)
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
		child, known := r.columns[strings.ToLower(name.Value())]
		other, both := parent.columns[strings.ToLower(f.parents[i].Value())]
		a, b := typeClass(child), typeClass(other)
		if !known || !both || a == "" || b == "" || a == b {
			continue
		}
		c.err(name, CodeForeignKey, "Foreign key does not fit", "%s joins column `%s` (%s) to `%s.%s` (%s): the types have to be the same.",
			what, name.Value(), typeName(child), parent.name, f.parents[i].Value(), typeName(other))
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
	exact := c.current.Server().AtLeast(ddl.MySQL, 8, 4)
	for _, k := range parent.keys {
		if k.special || exact && (!k.unique || len(k.columns) != len(f.parents)) || !leads(k, f.parents) || parent.partial(k, len(f.parents)) {
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

// partial says whether one of the first parts of a key of the table is an
// expression, or only the first characters of a column: a prefix as long as its
// column is the whole column.
func (r *relation) partial(k sourceKey, parts int) bool {
	for i, t := range k.columns[:min(parts, len(k.columns))] {
		length := ""
		if i < len(k.lengths) {
			length = k.lengths[i]
		}
		if t.Kind == sqltext.End || length != "" && length != r.columns[strings.ToLower(t.Value())].length {
			return true
		}
	}
	return false
}

func pronoun(cols []sqltext.Token) string {
	if len(cols) == 1 {
		return "that column"
	}
	return "those columns"
}

func columnList(cols []sqltext.Token) string {
	names := make([]string, len(cols))
	for i, t := range cols {
		names[i] = t.Value()
	}
	if len(names) == 1 {
		return "column " + source.List(names)
	}
	return "columns " + source.List(names)
}

// leads says whether a key begins with these columns, in any order.
func leads(k sourceKey, cols []sqltext.Token) bool {
	if len(k.columns) < len(cols) {
		return false
	}
	for _, t := range cols {
		if !slices.ContainsFunc(k.columns[:len(cols)], func(have sqltext.Token) bool { return strings.EqualFold(have.Value(), t.Value()) }) {
			return false
		}
	}
	return true
}
