package ddl

import (
	"slices"
	"strings"
)

// table is a CREATE TABLE taken apart.
type table struct {
	name        string
	server      Server
	columns     []tableColumn
	keys        []key
	checks      []check
	foreignKeys []foreignKey
	periods     []string // MariaDB: PERIOD FOR …
	options     []option
	charset     string
	collation   string // resolved
	partition   *partitioning
	versioned   bool // MariaDB: WITH SYSTEM VERSIONING
}

// clone returns a copy whose lists can be changed. Their elements are never
// changed in place.
func (t *table) clone() *table {
	n := *t
	n.columns, n.keys, n.checks = slices.Clone(t.columns), slices.Clone(t.keys), slices.Clone(t.checks)
	n.foreignKeys, n.options = slices.Clone(t.foreignKeys), slices.Clone(t.options)
	return &n
}

// column returns the column of that name, in any case; nil when there is none.
func (t *table) column(name string) *tableColumn {
	for i := range t.columns {
		if strings.EqualFold(t.columns[i].name, name) {
			return &t.columns[i]
		}
	}
	return nil
}

// key returns the key of that name, in any case; nil when there is none.
func (t *table) key(name string) *key {
	for i := range t.keys {
		if strings.EqualFold(t.keys[i].name, name) {
			return &t.keys[i]
		}
	}
	return nil
}

// check returns the check of that name, in any case; nil when there is none.
func (t *table) check(name string) *check {
	for i := range t.checks {
		if strings.EqualFold(t.checks[i].name, name) {
			return &t.checks[i]
		}
	}
	return nil
}

// foreignKey returns the foreign key of that name; nil when there is none.
func (t *table) foreignKey(name string) *foreignKey {
	for i := range t.foreignKeys {
		if strings.EqualFold(t.foreignKeys[i].name, name) {
			return &t.foreignKeys[i]
		}
	}
	return nil
}

// primary returns the primary key, nil when there is none.
func (t *table) primary() *key {
	for i := range t.keys {
		if t.keys[i].kind == keyPrimary {
			return &t.keys[i]
		}
	}
	return nil
}

// option returns the value of a table option as printed, "" when it is not set.
func (t *table) option(name string) string {
	for _, o := range t.options {
		if o.name == name {
			return o.printed
		}
	}
	return ""
}

// create returns the CREATE TABLE on one line, without its counter and without
// the foreign keys for which skip is true.
func (t *table) create(skip func(*foreignKey) bool) string {
	var lines []string
	for i := range t.columns {
		lines = append(lines, t.columns[i].text())
	}
	for i := range t.keys {
		lines = append(lines, t.keys[i].text)
	}
	lines = append(lines, t.periods...)
	for i := range t.foreignKeys {
		if skip == nil || !skip(&t.foreignKeys[i]) {
			lines = append(lines, t.foreignKeys[i].text)
		}
	}
	for i := range t.checks {
		lines = append(lines, t.checks[i].text)
	}
	sql := "CREATE TABLE " + quoteName(t.name) + " (" + strings.Join(lines, ", ") + ")"
	for _, o := range t.options {
		sql += " " + o.text
	}
	if t.partition != nil {
		sql += " " + t.partition.text()
	}
	return sql
}

// tableColumn is one column of a table.
type tableColumn struct {
	name      string
	typ       dataType
	charset   string // as printed, "" when it is the table's
	collate   string // as printed
	collation string // resolved; "" for types without one
	notNull   bool
	def       string // canonical text of DEFAULT, "" when there is none
	onUpdate  string
	autoInc   bool
	generated string // canonical expression
	stored    bool
	invisible bool
	comment   string
	check     string // MariaDB: CHECK of the column
	checkText string
	srid      string
	other     string   // whatever else, canonical
	uses      []string // columns that its expression or check names, in lower case
	attrs     []attr
}

// attr is one attribute of a column as printed.
type attr struct {
	kind attrKind
	text string
}

type attrKind uint8

const (
	attrOther attrKind = iota
	attrCharset
	attrNull
	attrDefault
	attrAutoInc
)

// text returns the definition of the column, with its name.
func (col *tableColumn) text() string {
	var b strings.Builder
	b.WriteString(quoteName(col.name) + " " + col.typ.text)
	for _, a := range col.attrs {
		b.WriteByte(' ')
		b.WriteString(a.text)
	}
	return b.String()
}

// without returns a copy of the column that lacks the attributes of one kind.
func (col *tableColumn) without(kind attrKind) tableColumn {
	n := *col
	n.attrs = slices.DeleteFunc(slices.Clone(col.attrs), func(a attr) bool { return a.kind == kind })
	return n
}

// same says whether two columns are equal in everything but their place.
func (col *tableColumn) same(d *tableColumn) bool {
	return col.name == d.name && col.typ.equal(d.typ) && col.collation == d.collation && col.notNull == d.notNull && col.def == d.def &&
		col.onUpdate == d.onUpdate && col.autoInc == d.autoInc && col.sameGenerated(d) && col.invisible == d.invisible &&
		col.comment == d.comment && col.check == d.check && col.srid == d.srid && col.other == d.other
}

func (col *tableColumn) sameGenerated(d *tableColumn) bool {
	return col.generated == d.generated && col.stored == d.stored
}

// refusesNull says whether an INSERT must name the column although it takes
// NULL: what ALTER COLUMN … DROP DEFAULT leaves behind. No definition says so.
// Columns that can never have a literal default are printed in the same way.
func (col *tableColumn) refusesNull(srv Server) bool {
	if col.notNull || col.def != "" || col.generated != "" || col.autoInc {
		return false
	}
	if srv.Product == MariaDB {
		return true
	}
	switch col.typ.family() {
	case familySpatial, familyJSON, familyOther:
		return false
	}
	return capacities[col.typ.base] == 0
}

// constantDefault says whether the column gives the same value to all rows that
// exist when it is added.
func (col *tableColumn) constantDefault() bool {
	return !strings.Contains(col.def, "(") || strings.HasPrefix(col.def, "current_timestamp")
}

// virtual says whether the column has no values of its own.
func (col *tableColumn) virtual() bool { return col.generated != "" && !col.stored }

// key is one key of a table.
type key struct {
	kind    keyKind
	name    string // "" for the primary key
	parts   []keyPart
	hidden  bool   // INVISIBLE (MySQL), IGNORED (MariaDB)
	options string // canonical, without visibility and without the default algorithm
	text    string
}

type keyKind string

const (
	keyPrimary  keyKind = "primary"
	keyUnique   keyKind = "unique"
	keyIndex    keyKind = "index"
	keyFulltext keyKind = "fulltext"
	keySpatial  keyKind = "spatial"
	keyVector   keyKind = "vector"
)

// unique says whether the key refuses duplicates.
func (k *key) unique() bool { return k.kind == keyPrimary || k.kind == keyUnique }

// keyPart is a column or an expression in a key.
type keyPart struct {
	column string   // "" for an expression
	length string   // of a prefix
	text   string   // canonical
	expr   string   // as printed, of an expression
	uses   []string // columns, in lower case
}

// same says whether two keys are equal in everything but name and visibility.
func (k *key) same(l *key) bool {
	return k.kind == l.kind && k.options == l.options && slices.EqualFunc(k.parts, l.parts, func(p, q keyPart) bool {
		return strings.EqualFold(p.text, q.text)
	})
}

// columns returns the names of the columns of the key in lower case; nil when a
// part is an expression or a prefix, which can support no foreign key.
func (k *key) columns() []string {
	var out []string
	for _, p := range k.parts {
		if p.column == "" || p.length != "" {
			return nil
		}
		out = append(out, strings.ToLower(p.column))
	}
	return out
}

// touches says whether the key stands on that column (in lower case).
func (k *key) touches(column string) bool {
	return slices.ContainsFunc(k.parts, func(p keyPart) bool { return slices.Contains(p.uses, column) })
}

// check is a CHECK of a table.
type check struct {
	name     string
	expr     string // canonical
	exprText string
	enforced bool
	uses     []string
	text     string
}

func (c *check) same(d *check) bool { return c.expr == d.expr && c.enforced == d.enforced }

// foreignKey is a FOREIGN KEY of a table.
type foreignKey struct {
	name       string
	columns    []string // in lower case
	database   string   // of the parent, "" when it is the table's own
	parent     string
	references []string // in lower case
	rules      string   // canonical: ON DELETE … ON UPDATE …
	text       string
}

func (f *foreignKey) same(g *foreignKey) bool {
	return f.database == g.database && f.parent == g.parent && f.rules == g.rules &&
		slices.Equal(f.columns, g.columns) && slices.Equal(f.references, g.references)
}

// option is one option of a table.
type option struct {
	name  string // in upper case: ENGINE, CHARSET, COLLATE, COMMENT …
	value string // canonical

	printed string // the value as printed
	text    string
}
