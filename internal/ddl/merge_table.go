package ddl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// elements are the parts of a table by name: "column `a`".
type elements struct {
	order      []string
	signatures map[string]string // the same for what is the same
	texts      map[string]string
	put        map[string]func(into *table)
}

func elementsOf(t *table) *elements {
	e := &elements{signatures: map[string]string{}, texts: map[string]string{}, put: map[string]func(*table){}}
	add := func(name, signature, text string, put func(*table)) {
		name = strings.ToLower(name)
		e.order = append(e.order, name)
		e.signatures[name], e.texts[name], e.put[name] = signature, text, put
	}
	for _, c := range t.columns {
		add(ElementKey("column", c.name), c.signature(), c.text(), func(u *table) { u.columns = append(u.columns, c.under(t, u)) })
	}
	for _, k := range t.keys {
		add(ElementKey("key", k.name), k.signature(), k.text, func(u *table) { u.keys = append(u.keys, k) })
	}
	for _, f := range t.foreignKeys {
		signature := fmt.Sprint(f.database, f.parent, f.columns, f.references, f.rules)
		add(ElementKey("foreign key", f.name), signature, f.text, func(u *table) { u.foreignKeys = append(u.foreignKeys, f) })
	}
	for _, c := range t.checks {
		add(ElementKey("check", c.name), fmt.Sprint(c.expr, c.enforced), c.text, func(u *table) { u.checks = append(u.checks, c) })
	}
	for _, period := range t.periods {
		add("period "+period, period, period, func(u *table) { u.periods = append(u.periods, period) })
	}
	if t.charset != "" {
		add("default collation", t.collation, "DEFAULT CHARSET="+t.charset+" COLLATE="+t.collation, func(u *table) {
			u.charset, u.collation = t.charset, t.collation
			for _, o := range t.options {
				if o.name == "CHARSET" || o.name == "COLLATE" {
					u.options = append(u.options, o)
				}
			}
		})
	}
	for _, o := range t.options {
		if o.name != "CHARSET" && o.name != "COLLATE" {
			add("option "+o.name, o.value, o.text, func(u *table) { u.options = append(u.options, o) })
		}
	}
	if t.partition != nil {
		text := t.partition.text()
		add("partitions", sqltext.Canonical(sqltext.Tokens(text, sqltext.Mode{})), text, func(u *table) { u.partition = t.partition })
	}
	return e
}

// signature returns a text that is the same for columns that are the same.
func (col *tableColumn) signature() string {
	return fmt.Sprintf("%s\x00%s\x00%s\x00%t\x00%s\x00%s\x00%t\x00%s\x00%t\x00%t\x00%s\x00%s\x00%s\x00%s", col.name, col.typ.canon, col.collation,
		col.notNull, col.def, col.onUpdate, col.autoInc, col.generated, col.stored, col.invisible, col.comment, col.check, col.srid, col.other)
}

// under returns the column for a table whose default collation may differ from
// the one of the table that it was printed in.
func (col tableColumn) under(from, into *table) tableColumn {
	if col.collation == "" || col.charset != "" || col.collate != "" || from.collation == into.collation || strings.HasSuffix(col.collation, " default") {
		return col
	}
	said := attr{kind: attrCharset, text: "CHARACTER SET " + charsetOf(col.collation) + " COLLATE " + col.collation}
	col.attrs = append([]attr{said}, col.attrs...)
	col.charset, col.collate = charsetOf(col.collation), col.collation
	return col
}

// signature returns a text that is the same for keys that are the same.
func (k *key) signature() string {
	s := fmt.Sprint(k.kind, k.options, k.hidden)
	for _, p := range k.parts {
		s += "\x00" + strings.ToLower(p.text)
	}
	return s
}

// table merges a table that all three sides have.
func (m *merger) table(base, next, live *table, l Object) Object {
	b, n, e := elementsOf(base), elementsOf(next), elementsOf(live)
	chosen := map[string]*elements{}
	all := maps.Clone(b.signatures)
	maps.Copy(all, n.signatures)
	maps.Copy(all, e.signatures)
	changed := false
	for _, name := range sorted(all) {
		takeNext, ok := m.decide(Place{Object: l.Key(), Element: name}, b.signatures[name], n.signatures[name], e.signatures[name])
		if !ok {
			m.conflicts = append(m.conflicts, Conflict{
				Object: l.Key(), Element: name, Reason: disagreement(b.signatures[name], n.signatures[name], e.signatures[name]),
				Base: b.texts[name], Next: n.texts[name], Live: e.texts[name],
			})
		}
		from := e
		if takeNext {
			from, changed = n, true
		}
		if _, ok := from.signatures[name]; ok {
			chosen[name] = from
		}
	}
	order := mergeOrder(b, n, e, chosen)
	if !changed && slices.Equal(order, e.order) {
		return l
	}
	merged := &table{name: live.name, server: live.server, versioned: live.versioned}
	for _, name := range []string{"default collation"} { // columns are printed under it
		if from := chosen[name]; from != nil {
			from.put[name](merged)
		}
	}
	for _, name := range order {
		if name != "default collation" {
			chosen[name].put[name](merged)
		}
	}
	l.SQL = merged.create(nil)
	return l
}

// mergeOrder returns the elements of the merged table in order: as in live, or as
// in next when live has the order of base; what only the other side has stands
// behind the neighbor that it has there.
func mergeOrder(base, next, live *elements, chosen map[string]*elements) []string {
	first, second := live, next
	if slices.Equal(common(live.order, base), common(base.order, live)) {
		first, second = next, live
	}
	var order []string
	for _, name := range first.order {
		if chosen[name] != nil {
			order = append(order, name)
		}
	}
	for i, name := range second.order {
		if chosen[name] == nil || slices.Contains(order, name) {
			continue
		}
		at := 0
		for j := i - 1; j >= 0 && at == 0; j-- {
			at = 1 + slices.Index(order, second.order[j])
		}
		order = slices.Insert(order, at, name)
	}
	return order
}

// common returns the names that the other side has too.
func common(order []string, other *elements) []string {
	return slices.DeleteFunc(slices.Clone(order), func(name string) bool {
		_, ok := other.signatures[name]
		return !ok
	})
}
