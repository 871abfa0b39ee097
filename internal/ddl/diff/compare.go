package diff

import (
	"maps"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// ChangeKind says how a thing differs between two schemas.
type ChangeKind string

// The kinds of differences, seen from the schema that was expected.
const (
	ChangeMissing ChangeKind = "missing"
	ChangeExtra   ChangeKind = "extra"
	ChangeDiffers ChangeKind = "changed"
)

// ElementChange is one thing in which two schemas differ: a whole object, or an
// element of a table that both have.
type ElementChange struct {
	Object  string // kind and name: `table users`
	Element string // part of a table, in lower case: "column `phone`"; empty for a whole object
	Kind    ChangeKind

	Before, After string // the texts; empty where there is none
}

// ElementOrder is the element under which Compare reports that the columns of a
// table stand in another order. It has no texts.
const ElementOrder = "order of columns"

// Compare returns in what two schemas of one server differ, element by element:
// what is in before alone is missing, what is in after alone is extra. It is
// sorted, and empty when the schemas mean the same. Unlike Diff it makes no
// statements, so it knows no change that it cannot express.
func Compare(before, after ddl.Schema, srv ddl.Server) []ElementChange {
	p := newPlanner(srv, Options{})
	m := merger{planner: p, base: p.load(before, side{})}
	m.next = p.load(after, m.base)
	keys := maps.Clone(m.base.objects)
	maps.Copy(keys, m.next.objects)
	var out []ElementChange
	for _, key := range sorted(keys) {
		b, had := m.base.objects[key]
		a, has := m.next.objects[key]
		bt, at := m.base.tables[b.Name], m.next.tables[a.Name]
		switch {
		case !has:
			out = append(out, ElementChange{Object: key, Kind: ChangeMissing, Before: b.SQL})
		case !had:
			out = append(out, ElementChange{Object: key, Kind: ChangeExtra, After: a.SQL})
		case b.Kind == ddl.KindTable && bt != nil && at != nil:
			out = append(out, compareTables(key, bt, at)...)
		case m.signature(b, m.base) != m.signature(a, m.next):
			out = append(out, ElementChange{Object: key, Kind: ChangeDiffers, Before: b.SQL, After: a.SQL})
		}
	}
	return out
}

// compareTables compares two states of one table.
func compareTables(key string, before, after *ddl.Table) []ElementChange {
	b, a := elementsOf(before), elementsOf(after)
	all := maps.Clone(b.signatures)
	maps.Copy(all, a.signatures)
	var out []ElementChange
	for _, name := range sorted(all) {
		bs, had := b.signatures[name]
		as, has := a.signatures[name]
		change := ElementChange{Object: key, Element: name, Kind: ChangeDiffers, Before: b.texts[name], After: a.texts[name]}
		switch {
		case !has:
			change.Kind = ChangeMissing
		case !had:
			change.Kind = ChangeExtra
		case bs == as:
			continue
		}
		out = append(out, change)
	}
	if !slices.Equal(columnsIn(b, a), columnsIn(a, b)) {
		out = append(out, ElementChange{Object: key, Element: ElementOrder, Kind: ChangeDiffers})
	}
	return out
}

// columnsIn returns the columns of one state that the other has too, in order.
func columnsIn(e, other *elements) []string {
	return slices.DeleteFunc(common(e.order, other), func(name string) bool { return len(name) < 7 || name[:7] != "column " })
}

// Elements returns the parts of a table, by their names as in ElementChange,
// with their texts; nil when the table cannot be taken apart.
func Elements(o ddl.Object, srv ddl.Server) map[string]string {
	t, err := ddl.ReadTable(o.SQL, srv)
	if err != nil {
		return nil
	}
	return elementsOf(t).texts
}
