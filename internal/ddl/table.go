package ddl

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Table is a CREATE TABLE taken apart.
type Table struct {
	Name        string
	Server      Server
	Columns     []Column
	Keys        []Key
	Checks      []Check
	ForeignKeys []ForeignKey
	Periods     []string // MariaDB: PERIOD FOR …
	Options     []Option
	Charset     string
	Collation   string // resolved
	Partition   *Partitioning
	Versioned   bool // MariaDB: WITH SYSTEM VERSIONING
}

// Clone returns a copy whose lists can be changed. Their elements are never
// changed in place.
func (t *Table) Clone() *Table {
	n := *t
	n.Columns, n.Keys, n.Checks = slices.Clone(t.Columns), slices.Clone(t.Keys), slices.Clone(t.Checks)
	n.ForeignKeys, n.Options = slices.Clone(t.ForeignKeys), slices.Clone(t.Options)
	return &n
}

// Column returns the column of that name, in any case; nil when there is none.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if strings.EqualFold(t.Columns[i].Name, name) {
			return &t.Columns[i]
		}
	}
	return nil
}

// Key returns the key of that name, in any case; nil when there is none.
func (t *Table) Key(name string) *Key {
	for i := range t.Keys {
		if strings.EqualFold(t.Keys[i].Name, name) {
			return &t.Keys[i]
		}
	}
	return nil
}

// Check returns the check of that name, in any case; nil when there is none.
func (t *Table) Check(name string) *Check {
	for i := range t.Checks {
		if strings.EqualFold(t.Checks[i].Name, name) {
			return &t.Checks[i]
		}
	}
	return nil
}

// ForeignKey returns the foreign key of that name; nil when there is none.
func (t *Table) ForeignKey(name string) *ForeignKey {
	for i := range t.ForeignKeys {
		if strings.EqualFold(t.ForeignKeys[i].Name, name) {
			return &t.ForeignKeys[i]
		}
	}
	return nil
}

// Primary returns the primary key, nil when there is none.
func (t *Table) Primary() *Key {
	for i := range t.Keys {
		if t.Keys[i].Kind == KeyPrimary {
			return &t.Keys[i]
		}
	}
	return nil
}

// Option returns the value of a table option as printed, "" when it is not set.
func (t *Table) Option(name string) string {
	for _, o := range t.Options {
		if o.Name == name {
			return o.printed
		}
	}
	return ""
}

// Create returns the CREATE TABLE on one line, without its counter and without
// the foreign keys for which skip is true.
func (t *Table) Create(skip func(*ForeignKey) bool) string {
	var lines []string
	for i := range t.Columns {
		lines = append(lines, t.Columns[i].Text())
	}
	for i := range t.Keys {
		lines = append(lines, t.Keys[i].Text)
	}
	lines = append(lines, t.Periods...)
	for i := range t.ForeignKeys {
		if skip == nil || !skip(&t.ForeignKeys[i]) {
			lines = append(lines, t.ForeignKeys[i].Text)
		}
	}
	for i := range t.Checks {
		lines = append(lines, t.Checks[i].Text)
	}
	sql := "CREATE TABLE " + sqltext.Quote(t.Name) + " (" + strings.Join(lines, ", ") + ")"
	for _, o := range t.Options {
		sql += " " + o.Text
	}
	if t.Partition != nil {
		sql += " " + t.Partition.Text()
	}
	return sql
}

// Check is a CHECK of a table.
type Check struct {
	Name     string
	Expr     string // canonical
	ExprText string
	Enforced bool
	Uses     []string
	Text     string
}

// Same says whether two checks are equal in everything but their name.
func (c *Check) Same(d *Check) bool { return c.Expr == d.Expr && c.Enforced == d.Enforced }

// ForeignKey is a FOREIGN KEY of a table.
type ForeignKey struct {
	Name       string
	Columns    []string // in lower case
	Database   string   // of the parent, "" when it is the table's own
	Parent     string
	References []string // in lower case
	Rules      string   // canonical: ON DELETE … ON UPDATE …, without those that change nothing
	Text       string
}

// Needs says whether a key over these columns (in lower case) serves a part of
// the foreign key: they are the first of its columns, in the same order.
func (f *ForeignKey) Needs(columns []string) bool { return startsWith(f.Columns, columns) }

// Same says whether two foreign keys are equal in everything but their name.
func (f *ForeignKey) Same(g *ForeignKey) bool {
	return f.Database == g.Database && f.Parent == g.Parent && f.Rules == g.Rules &&
		slices.Equal(f.Columns, g.Columns) && slices.Equal(f.References, g.References)
}

// Option is one option of a table.
type Option struct {
	Name  string // in upper case: ENGINE, CHARSET, COLLATE, COMMENT …
	Value string // canonical

	printed string // the value as printed
	Text    string
}

// Supports says whether a key of the table can serve a foreign key over these
// columns.
func (t *Table) Supports(columns []string) bool {
	return slices.ContainsFunc(t.Keys, func(k Key) bool { return k.Serves(columns) })
}
