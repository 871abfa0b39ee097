package diff

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
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
	for i := range d.a.Keys {
		x := &d.a.Keys[i]
		if _, ok := renamed[x.Name]; ok && !again[x.Name] {
			continue
		}
		if y := d.counterpart(x); y == nil || !x.Same(y) || again[x.Name] {
			out.drops = append(out.drops, d.dropKey(x))
		}
	}
	for i := range d.b.Keys {
		y := &d.b.Keys[i]
		old := renamedTo(renamed, y.Name)
		x := d.counterpartIn(d.a, y)
		switch {
		case old != "" && !again[old]:
			out.renames = append(out.renames, d.keyClause(OpRenameIndex, "RENAME INDEX "+sqltext.Quote(old)+" TO "+sqltext.Quote(y.Name), y))
		case old != "" || x == nil || !x.Same(y) || again[x.Name]:
			out.add(d.addKey(y), y)
		case x.Hidden != y.Hidden:
			out.renames = append(out.renames, d.keyClause(OpModifyIndex, "ALTER INDEX "+sqltext.Quote(y.Name)+" "+visibility(d.srv, y.Hidden), y))
		}
	}
	return out
}

func (k *keyClauses) add(c Clause, y *ddl.Key) {
	if y.Kind == ddl.KeyFulltext {
		k.separate = append(k.separate, c)
		return
	}
	k.adds = append(k.adds, c)
}

func visibility(srv ddl.Server, hidden bool) string {
	switch {
	case srv.Product == ddl.MariaDB && hidden:
		return "IGNORED"
	case srv.Product == ddl.MariaDB:
		return "NOT IGNORED"
	case hidden:
		return "INVISIBLE"
	}
	return "VISIBLE"
}

// counterpart returns the key of the target that a key becomes, by its name.
func (d *tableDiff) counterpart(x *ddl.Key) *ddl.Key { return d.counterpartIn(d.b, x) }

func (d *tableDiff) counterpartIn(t *ddl.Table, x *ddl.Key) *ddl.Key {
	if x.Kind == ddl.KeyPrimary {
		return t.Primary()
	}
	return t.Key(x.Name)
}

func (d *tableDiff) keyClause(op Operation, sql string, k *ddl.Key) Clause {
	if k.Kind == ddl.KeyPrimary {
		return Clause{SQL: sql, Operation: op, Object: "primary key of `" + d.a.Name + "`"}
	}
	return Clause{SQL: sql, Operation: op, Object: "index `" + d.a.Name + "`.`" + k.Name + "`"}
}

func (d *tableDiff) dropKey(x *ddl.Key) Clause {
	if x.Kind == ddl.KeyPrimary {
		return d.keyClause(OpDropPrimaryKey, "DROP PRIMARY KEY", x)
	}
	return d.keyClause(OpDropIndex, "DROP INDEX "+sqltext.Quote(x.Name), x)
}

func (d *tableDiff) addKey(y *ddl.Key) Clause {
	op := OpAddIndex
	if y.Kind == ddl.KeyPrimary {
		op = OpAddPrimaryKey
	}
	c := d.keyClause(op, "ADD "+y.Text, y)
	riskOfKey(&c, d.future(), y)
	return c
}

// renamedKeys pairs keys that differ in nothing but their name: old to new. No
// data can follow a wrong guess here, since both are equal.
func (d *tableDiff) renamedKeys() map[string]string {
	out := map[string]string{}
	taken := map[string]bool{}
	for i := range d.a.Keys {
		x := &d.a.Keys[i]
		if x.Kind == ddl.KeyPrimary || d.b.Key(x.Name) != nil || d.touchesReplaced(x) {
			continue
		}
		for j := range d.b.Keys {
			y := &d.b.Keys[j]
			if d.a.Key(y.Name) == nil && !taken[y.Name] && x.Same(y) && x.Hidden == y.Hidden {
				out[x.Name], taken[y.Name] = y.Name, true
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

func (d *tableDiff) touchesReplaced(k *ddl.Key) bool {
	return slices.ContainsFunc(sorted(d.replaced), k.Touches)
}

// keysAddedAgain returns the keys of a (by their old names) that are equal on both sides and yet
// must be dropped and added again.
func (d *tableDiff) keysAddedAgain(renamed map[string]string) map[string]bool {
	out := map[string]bool{}
	var added []*ddl.Key
	for i := range d.b.Keys {
		if y := &d.b.Keys[i]; renamedTo(renamed, y.Name) == "" && d.counterpartIn(d.a, y) == nil {
			added = append(added, y)
		}
	}
	for i := range d.a.Keys {
		x := &d.a.Keys[i]
		out[x.Name] = d.touchesReplaced(x) || slices.ContainsFunc(added, func(y *ddl.Key) bool { return d.vanishesBehind(x, y) })
	}
	return out
}

// vanishesBehind says whether adding y may make x go.
func (d *tableDiff) vanishesBehind(x, y *ddl.Key) bool {
	return y.Serves(x.Columns()) && mayBeGenerated(d.a, d.b, x)
}

// mayBeGenerated says whether a server may have made an index of a by itself, for
// a foreign key. It drops such an index without a word when another key can do its
// work: one that is added, or one that comes with a foreign key that is added,
// which then has the name of that. SHOW CREATE does not tell such an index from
// others, and it stays what it is when its foreign key goes; so its name counts
// too, which is that of the constraint or of the first column.
func mayBeGenerated(a, b *ddl.Table, x *ddl.Key) bool {
	if x.Kind != ddl.KeyIndex || x.Options != "" || x.Hidden || x.Columns() == nil {
		return false
	}
	served := func(f ddl.ForeignKey) bool { return slices.Equal(f.Columns, x.Columns()) }
	named := func(f ddl.ForeignKey) bool { return served(f) && strings.EqualFold(f.Name, x.Name) }
	return slices.ContainsFunc(a.ForeignKeys, served) || slices.ContainsFunc(b.ForeignKeys, named) || hasServersName(x)
}

// hasServersName says whether the name of a key is one that servers choose.
func hasServersName(k *ddl.Key) bool {
	name, first := strings.ToLower(k.Name), k.Columns()[0]
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
		if !d.opt.IndexOrder && (class != 0 || d.b.Primary() != nil) {
			continue
		}
		var kept, want []string // names in b
		for i := range d.a.Keys {
			x := &d.a.Keys[i]
			y := d.counterpart(x)
			if n, ok := renamed[x.Name]; ok {
				y = d.b.Key(n)
			}
			if y != nil && x.Same(y) && !again[x.Name] && d.keyClass(y) == class {
				kept = append(kept, y.Name)
			}
		}
		for i := range d.b.Keys {
			if y := &d.b.Keys[i]; d.keyClass(y) == class {
				want = append(want, y.Name)
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
			again[d.a.Key(name).Name] = true
		}
	}
}

// keyClass returns in which group of its table a server lists a key, -1 for the
// primary key: unique over NOT NULL, unique, others, fulltext.
func (d *tableDiff) keyClass(k *ddl.Key) int {
	switch k.Kind {
	case ddl.KeyPrimary:
		return -1
	case ddl.KeyFulltext:
		return 3
	case ddl.KeyUnique:
		for _, p := range k.Parts {
			if col := d.b.Column(p.Column); col == nil || !col.NotNull {
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
func keepsSupport(a, b *ddl.Table, columns []string) bool {
	exchanged := false
	for i := range a.Keys {
		x := &a.Keys[i]
		if !x.Serves(columns) {
			continue
		}
		y := b.Key(x.Name)
		if x.Kind == ddl.KeyPrimary {
			y = b.Primary()
		}
		if y != nil && x.Same(y) {
			return true
		}
		exchanged = exchanged || x.Kind != ddl.KeyPrimary
	}
	return exchanged && b.Supports(columns)
}

// fkColumnChanged says whether a column changes in a way that no server allows
// while it is part of a foreign key.
func fkColumnChanged(x, y *ddl.Column) bool {
	return x.Name != y.Name || !x.Type.Equal(y.Type) || x.Collation != y.Collation || x.NotNull != y.NotNull ||
		!x.SameGenerated(y) || x.AutoIncrement != y.AutoIncrement
}

// fkColumns returns the columns of a that change so, or go, in lower case.
func fkColumns(a, b *ddl.Table) map[string]bool {
	out := map[string]bool{}
	for i := range a.Columns {
		x := &a.Columns[i]
		if y := b.Column(x.Name); y == nil || fkColumnChanged(x, y) {
			out[strings.ToLower(x.Name)] = true
		}
	}
	return out
}
