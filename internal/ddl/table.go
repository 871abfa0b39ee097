package ddl

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
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
	sql := "CREATE TABLE " + sqltext.Quote(t.name) + " (" + strings.Join(lines, ", ") + ")"
	for _, o := range t.options {
		sql += " " + o.text
	}
	if t.partition != nil {
		sql += " " + t.partition.text()
	}
	return sql
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

// needs says whether a key over these columns (in lower case) serves a part of
// the foreign key: they are the first of its columns, in the same order.
func (f *foreignKey) needs(columns []string) bool { return startsWith(f.columns, columns) }

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

// supports says whether a key of the table can serve a foreign key over these
// columns.
func (t *table) supports(columns []string) bool {
	return slices.ContainsFunc(t.keys, func(k key) bool { return startsWith(k.columns(), columns) })
}
