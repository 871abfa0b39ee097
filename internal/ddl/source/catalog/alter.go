package catalog

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// alter applies ALTER TABLE, CREATE INDEX and DROP INDEX.
func (c *Catalog) alter(name string) {
	st := c.current
	d := define(st)
	at := st.Head.Object
	if st.Head.Index {
		at = c.indexTable()
	}
	r := c.table(at, name, source.UpperFirst(st.What()))
	if r == nil {
		return
	}
	r.periods = append(r.periods, d.periods...)
	columns, keys := d.columns, d.indexes
	for _, a := range d.actions {
		if a.verb == "ADD" {
			columns, keys = c.add(r, a, columns, keys)
			continue
		}
		c.change(r, a)
	}
	for _, name := range d.checks {
		c.constraint("check", name, r)
	}
	c.references(r, d)
}

// indexTable is the token of the table of CREATE INDEX and DROP INDEX.
func (c *Catalog) indexTable() sqltext.Token {
	toks := sqltext.Tokens(c.current.Text, sqltext.Mode{})
	for i := c.current.Head.Body; i < len(toks); i++ {
		if toks[i].Is("ON") {
			t, _ := sqltext.NameAt(toks, i+1)
			return t
		}
	}
	return sqltext.Token{}
}

// add applies one ADD and returns the columns and keys that are left for the
// next ones: they are in the order of the actions.
func (c *Catalog) add(r *relation, a sourceAction, columns []sourceColumn, keys []sourceKey) ([]sourceColumn, []sourceKey) {
	switch {
	case a.object == "COLUMN" && len(columns) > 0:
		_, taken := r.columns[strings.ToLower(a.name.Value())]
		if !taken || !a.exists {
			c.addColumn(r, columns[0])
		}
		return columns[1:], keys
	case (a.object == "KEY" || a.object == "PRIMARY") && len(keys) > 0:
		c.addKey(r, keys[0])
		return columns, keys[1:]
	}
	return columns, keys
}

// harmless are actions that change nothing about a table.
var harmless = []string{"ALGORITHM", "LOCK", "FORCE", "NOWAIT", "WAIT", "WITH", "WITHOUT"}

// change applies an action that is no ADD. Only the owner of a table may.
func (c *Catalog) change(r *relation, a sourceAction) {
	if slices.Contains(harmless, a.verb) {
		return
	}
	if r.Owner != c.origin.Owner {
		at := a.name
		if at.Kind == sqltext.End {
			at = a.at
		}
		c.owned(at, r.kind, r.name, r.site, "changed")
		return
	}
	switch {
	case a.object == "COLUMN":
		c.changeColumn(r, a)
	case a.verb == "DROP" && a.object == "PRIMARY":
		r.primary = false
		r.keys = slices.DeleteFunc(r.keys, func(k sourceKey) bool { return k.primary })
	case a.verb == "DROP" && a.object == "KEY":
		key := strings.ToLower(a.name.Value())
		delete(r.named, key)
		r.keys = slices.DeleteFunc(r.keys, func(k sourceKey) bool { return strings.ToLower(k.name.Value()) == key && key != "" })
	case a.verb == "DROP" && a.object == "FOREIGN":
		delete(c.constraints, "foreign key "+strings.ToLower(a.name.Value()))
	case a.verb == "RENAME" && a.object == "TABLE":
		c.rename(r, a.to)
	}
}

// changeColumn drops, renames or changes a column.
func (c *Catalog) changeColumn(r *relation, a sourceAction) {
	key := strings.ToLower(a.name.Value())
	col, ok := r.columns[key]
	if !ok {
		if !a.exists && !r.opaque {
			c.missingColumn(a.name, r)
		}
		return
	}
	i := slices.IndexFunc(r.order, func(name string) bool { return strings.EqualFold(name, key) })
	switch {
	case a.verb == "DROP":
		delete(r.columns, key)
		r.order = slices.Delete(r.order, i, i+1)
		r.dropFromKeys(key)
		return
	case a.to.Kind != sqltext.End: // RENAME and CHANGE
		delete(r.columns, key)
		col.name = a.to
		r.columns[strings.ToLower(a.to.Value())] = col
		r.order[i] = a.to.Value()
		r.renameInKeys(key, a.to)
	}
	if a.verb == "MODIFY" || a.verb == "CHANGE" { // the new type is not looked at
		col.kind = ""
		r.columns[strings.ToLower(col.name.Value())] = col
	}
}

// dropFromKeys takes a column out of the keys, as the server does.
func (r *relation) dropFromKeys(key string) {
	kept := r.keys[:0]
	for _, k := range r.keys {
		k.columns = slices.DeleteFunc(slices.Clone(k.columns), func(t sqltext.Token) bool { return strings.EqualFold(t.Value(), key) })
		if len(k.columns) > 0 {
			kept = append(kept, k)
		} else if k.primary {
			r.primary = false
		}
	}
	r.keys = kept
}

func (r *relation) renameInKeys(key string, to sqltext.Token) {
	for i := range r.keys {
		r.keys[i].columns = slices.Clone(r.keys[i].columns)
		for j, t := range r.keys[i].columns {
			if strings.EqualFold(t.Value(), key) {
				r.keys[i].columns[j] = to
			}
		}
	}
}

// rename gives a table another name.
func (c *Catalog) rename(r *relation, to sqltext.Token) {
	if have := c.relations[to.Value()]; have != nil {
		c.duplicate(to, have.kind, to.Value(), have.site)
		return
	}
	delete(c.relations, r.name)
	r.name = to.Value()
	c.relations[r.name] = r
}
