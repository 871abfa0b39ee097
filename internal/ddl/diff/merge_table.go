package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// elements are the parts of a table by name: "column `a`".
type elements struct {
	order      []string
	signatures map[string]string // the same for what is the same
	texts      map[string]string
	put        map[string]func(into *ddl.Table)
}

func elementsOf(t *ddl.Table) *elements {
	e := &elements{signatures: map[string]string{}, texts: map[string]string{}, put: map[string]func(*ddl.Table){}}
	add := func(name, signature, text string, put func(*ddl.Table)) {
		name = strings.ToLower(name)
		e.order = append(e.order, name)
		e.signatures[name], e.texts[name], e.put[name] = signature, text, put
	}
	for _, c := range t.Columns {
		add(ddl.ElementKey("column", c.Name), c.Signature(), c.Text(), func(u *ddl.Table) { u.Columns = append(u.Columns, c.Under(t, u)) })
	}
	for _, k := range t.Keys {
		add(ddl.ElementKey("key", k.Name), k.Signature(), k.Text, func(u *ddl.Table) { u.Keys = append(u.Keys, k) })
	}
	for _, f := range t.ForeignKeys {
		signature := fmt.Sprint(f.Database, f.Parent, f.Columns, f.References, f.Rules)
		add(ddl.ElementKey("foreign key", f.Name), signature, f.Text, func(u *ddl.Table) { u.ForeignKeys = append(u.ForeignKeys, f) })
	}
	for _, c := range t.Checks {
		add(ddl.ElementKey("check", c.Name), fmt.Sprint(c.Expr, c.Enforced), c.Text, func(u *ddl.Table) { u.Checks = append(u.Checks, c) })
	}
	for _, period := range t.Periods {
		add("period "+period, period, period, func(u *ddl.Table) { u.Periods = append(u.Periods, period) })
	}
	if t.Charset != "" {
		add("default collation", t.Collation, "DEFAULT CHARSET="+t.Charset+" COLLATE="+t.Collation, func(u *ddl.Table) {
			u.Charset, u.Collation = t.Charset, t.Collation
			for _, o := range t.Options {
				if o.Name == "CHARSET" || o.Name == "COLLATE" {
					u.Options = append(u.Options, o)
				}
			}
		})
	}
	for _, o := range t.Options {
		if o.Name != "CHARSET" && o.Name != "COLLATE" {
			add("option "+o.Name, o.Value, o.Text, func(u *ddl.Table) { u.Options = append(u.Options, o) })
		}
	}
	if t.Partition != nil {
		text := t.Partition.Text()
		add("partitions", sqltext.Canonical(sqltext.Tokens(text, sqltext.Mode{})), text, func(u *ddl.Table) { u.Partition = t.Partition })
	}
	return e
}

// table merges a table that all three sides have.
func (m *merger) table(base, next, live *ddl.Table, l ddl.Object) ddl.Object {
	b, n, e := elementsOf(base), elementsOf(next), elementsOf(live)
	chosen := map[string]*elements{}
	all := maps.Clone(b.signatures)
	maps.Copy(all, n.signatures)
	maps.Copy(all, e.signatures)
	changed := false
	for _, name := range sorted(all) {
		takeNext, ok := m.decide(ddl.Place{Object: l.Key(), Element: name}, b.signatures[name], n.signatures[name], e.signatures[name])
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
	merged := &ddl.Table{Name: live.Name, Server: live.Server, Versioned: live.Versioned}
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
	l.SQL = merged.Create(nil)
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
