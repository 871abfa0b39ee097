package ddl

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// keyClauses are the clauses of an ALTER TABLE that concern keys.
type keyClauses struct {
	drops, renames, adds []Clause
	separate             []Clause // a server adds one FULLTEXT key at a time
}

// keys compares the keys of the two tables.
func (d *tableDiff) keys() keyClauses {
	out := keyClauses{}
	renamed := d.renamedKeys()
	again := d.keysAddedAgain(renamed)
	for i := range d.a.keys {
		x := &d.a.keys[i]
		if _, ok := renamed[x.name]; ok && !again[x.name] {
			continue
		}
		if y := d.counterpart(x); y == nil || !x.same(y) || again[x.name] {
			out.drops = append(out.drops, d.dropKey(x))
		}
	}
	for i := range d.b.keys {
		y := &d.b.keys[i]
		old := renamedTo(renamed, y.name)
		x := d.counterpartIn(d.a, y)
		switch {
		case old != "" && !again[old]:
			out.renames = append(out.renames, d.keyClause(OpRenameIndex, "RENAME INDEX "+sqltext.Quote(old)+" TO "+sqltext.Quote(y.name), y))
		case old != "" || x == nil || !x.same(y) || again[x.name]:
			out.add(d.addKey(y), y)
		case x.hidden != y.hidden:
			out.renames = append(out.renames, d.keyClause(OpModifyIndex, "ALTER INDEX "+sqltext.Quote(y.name)+" "+visibility(d.srv, y.hidden), y))
		}
	}
	return out
}

func (k *keyClauses) add(c Clause, y *key) {
	if y.kind == keyFulltext {
		k.separate = append(k.separate, c)
		return
	}
	k.adds = append(k.adds, c)
}

func visibility(srv Server, hidden bool) string {
	switch {
	case srv.Product == MariaDB && hidden:
		return "IGNORED"
	case srv.Product == MariaDB:
		return "NOT IGNORED"
	case hidden:
		return "INVISIBLE"
	}
	return "VISIBLE"
}

// counterpart returns the key of the target that a key becomes, by its name.
func (d *tableDiff) counterpart(x *key) *key { return d.counterpartIn(d.b, x) }

func (d *tableDiff) counterpartIn(t *table, x *key) *key {
	if x.kind == keyPrimary {
		return t.primary()
	}
	return t.key(x.name)
}

func (d *tableDiff) keyClause(op Operation, sql string, k *key) Clause {
	if k.kind == keyPrimary {
		return Clause{SQL: sql, Operation: op, Object: "primary key of `" + d.a.name + "`"}
	}
	return Clause{SQL: sql, Operation: op, Object: "index `" + d.a.name + "`.`" + k.name + "`"}
}

func (d *tableDiff) dropKey(x *key) Clause {
	if x.kind == keyPrimary {
		return d.keyClause(OpDropPrimaryKey, "DROP PRIMARY KEY", x)
	}
	return d.keyClause(OpDropIndex, "DROP INDEX "+sqltext.Quote(x.name), x)
}

func (d *tableDiff) addKey(y *key) Clause {
	op := OpAddIndex
	if y.kind == keyPrimary {
		op = OpAddPrimaryKey
	}
	c := d.keyClause(op, "ADD "+y.text, y)
	riskOfKey(&c, d.live, d.b, y)
	return c
}

// renamedKeys pairs keys that differ in nothing but their name: old to new. No
// data can follow a wrong guess here, since both are equal.
func (d *tableDiff) renamedKeys() map[string]string {
	out := map[string]string{}
	taken := map[string]bool{}
	for i := range d.a.keys {
		x := &d.a.keys[i]
		if x.kind == keyPrimary || d.b.key(x.name) != nil || d.touchesReplaced(x) {
			continue
		}
		for j := range d.b.keys {
			y := &d.b.keys[j]
			if d.a.key(y.name) == nil && !taken[y.name] && x.same(y) && x.hidden == y.hidden {
				out[x.name], taken[y.name] = y.name, true
				break
			}
		}
	}
	return out
}

func renamedTo(renamed map[string]string, name string) string {
	for old, n := range renamed {
		if n == name {
			return old
		}
	}
	return ""
}

func (d *tableDiff) touchesReplaced(k *key) bool {
	return slices.ContainsFunc(sorted(d.replaced), k.touches)
}

// keysAddedAgain returns the keys of a (by their old names) that are equal on both sides and yet
// must be dropped and added again.
func (d *tableDiff) keysAddedAgain(renamed map[string]string) map[string]bool {
	out := map[string]bool{}
	var added []*key
	for i := range d.b.keys {
		if y := &d.b.keys[i]; renamedTo(renamed, y.name) == "" && d.counterpartIn(d.a, y) == nil {
			added = append(added, y)
		}
	}
	for i := range d.a.keys {
		x := &d.a.keys[i]
		out[x.name] = d.touchesReplaced(x) || slices.ContainsFunc(added, func(y *key) bool { return d.vanishesBehind(x, y) })
	}
	return out
}

// vanishesBehind says whether adding y may make x go.
func (d *tableDiff) vanishesBehind(x, y *key) bool {
	return y.serves(x.columns()) && mayBeGenerated(d.a, d.b, x)
}

// mayBeGenerated says whether a server may have made an index of a by itself, for
// a foreign key. It drops such an index without a word when another key can do its
// work: one that is added, or one that comes with a foreign key that is added,
// which then has the name of that. SHOW CREATE does not tell such an index from
// others, and it stays what it is when its foreign key goes; so its name counts
// too, which is that of the constraint or of the first column.
func mayBeGenerated(a, b *table, x *key) bool {
	if x.kind != keyIndex || x.options != "" || x.hidden || x.columns() == nil {
		return false
	}
	served := func(f foreignKey) bool { return slices.Equal(f.columns, x.columns()) }
	named := func(f foreignKey) bool { return served(f) && strings.EqualFold(f.name, x.name) }
	return slices.ContainsFunc(a.foreignKeys, served) || slices.ContainsFunc(b.foreignKeys, named) || hasServersName(x)
}

// hasServersName says whether the name of a key is one that servers choose.
func hasServersName(k *key) bool {
	name, first := strings.ToLower(k.name), k.columns()[0]
	if rest, ok := strings.CutPrefix(name, first); ok && (rest == "" || isNumbered(rest)) {
		return true
	}
	at := strings.LastIndex(name, "_ibfk")
	return at >= 0 && isNumbered(name[at+len("_ibfk"):])
}

// isNumbered says whether a text is `_` and digits.
func isNumbered(text string) bool {
	digits, ok := strings.CutPrefix(text, "_")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// keysOutOfOrder marks the keys of a that would stand in another order than in the
// target. A server appends what it adds. The order means something in one case:
// in a table without a primary key the first UNIQUE key over NOT NULL columns
// is the clustered index.
func (d *tableDiff) keysOutOfOrder(renamed map[string]string, again map[string]bool) {
	for _, class := range []int{0, 1, 2, 3} {
		if !d.opt.IndexOrder && (class != 0 || d.b.primary() != nil) {
			continue
		}
		var kept, want []string // names in b
		for i := range d.a.keys {
			x := &d.a.keys[i]
			y := d.counterpart(x)
			if n, ok := renamed[x.name]; ok {
				y = d.b.key(n)
			}
			if y != nil && x.same(y) && !again[x.name] && d.keyClass(y) == class {
				kept = append(kept, y.name)
			}
		}
		for i := range d.b.keys {
			if y := &d.b.keys[i]; d.keyClass(y) == class {
				want = append(want, y.name)
			}
		}
		n := 0
		for n < len(kept) && n < len(want) && kept[n] == want[n] {
			n++
		}
		for _, name := range kept[n:] {
			if old := renamedTo(renamed, name); old != "" {
				name = old
			}
			again[d.a.key(name).name] = true
		}
	}
}

// keyClass returns in which group of its table a server lists a key, -1 for the
// primary key: unique over NOT NULL, unique, others, fulltext.
func (d *tableDiff) keyClass(k *key) int {
	switch k.kind {
	case keyPrimary:
		return -1
	case keyFulltext:
		return 3
	case keyUnique:
		for _, p := range k.parts {
			if col := d.b.column(p.column); col == nil || !col.notNull {
				return 1
			}
		}
		return 0
	}
	return 2
}

// keepsSupport says whether a foreign key over these columns can stay while a
// becomes b: a key that serves it stays as it is, or one that is not the primary
// key is exchanged for another in the same ALTER.
func keepsSupport(a, b *table, columns []string) bool {
	exchanged := false
	for i := range a.keys {
		x := &a.keys[i]
		if !x.serves(columns) {
			continue
		}
		y := b.key(x.name)
		if x.kind == keyPrimary {
			y = b.primary()
		}
		if y != nil && x.same(y) {
			return true
		}
		exchanged = exchanged || x.kind != keyPrimary
	}
	return exchanged && b.supports(columns)
}

// fkColumnChanged says whether a column changes in a way that no server allows
// while it is part of a foreign key.
func fkColumnChanged(x, y *tableColumn) bool {
	return x.name != y.name || !x.typ.equal(y.typ) || x.collation != y.collation || x.notNull != y.notNull ||
		!x.sameGenerated(y) || x.autoInc != y.autoInc
}

// fkColumns returns the columns of a that change so, or go, in lower case.
func fkColumns(a, b *table) map[string]bool {
	out := map[string]bool{}
	for i := range a.columns {
		x := &a.columns[i]
		if y := b.column(x.name); y == nil || fkColumnChanged(x, y) {
			out[strings.ToLower(x.name)] = true
		}
	}
	return out
}
