package diff

import (
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Conflict is what two sides changed in different ways. Base, Next and Live are
// the texts, empty where there is none.
type Conflict struct {
	Object  string // kind and name: `table users`
	Element string // part of a table: "column `phone`"; empty for a whole object
	Reason  string

	Base, Next, Live string
}

// Side is one of the two sides of a merge.
type Side uint8

// The sides of a merge.
const (
	SideLive Side = iota + 1
	SideNext
)

// MergeOptions decide beforehand what a merge would leave open.
type MergeOptions struct {
	// Choices say which side counts at a place, whatever the three states are.
	// A side that does not have the thing takes it away.
	Choices map[ddl.Place]Side
	// Prefer is the side that counts where both changed a thing in different
	// ways. The zero value makes a conflict of it, in which live stays.
	Prefer Side
}

// Merge brings what changed from base to next into live, as a server prints all
// three. Tables are merged element by element (columns, keys, checks, foreign
// keys, options, partitions), other objects as a whole: what only one side
// changed is taken from it, what both changed in the same way is taken once,
// and everything else is a conflict, in which live stays as it is, unless the
// options decide otherwise. It does not look for what stands on something that
// the merge takes away: Dependents does, and says on what.
//
// The result is a schema for Diff: it need not be spelled as a server would.
func Merge(base, next, live ddl.Schema, srv ddl.Server, opt MergeOptions) (ddl.Schema, []Conflict) {
	m := newMerger(base, next, live, srv, opt)
	return m.merge(base, next, live), m.conflicts
}

func newMerger(base, next, live ddl.Schema, srv ddl.Server, opt MergeOptions) *merger {
	p := newPlanner(srv, Options{})
	m := &merger{planner: p, options: opt, base: p.load(base, side{}), chosen: map[string]bool{}}
	m.next = p.load(next, m.base)
	m.live = p.load(live, m.base)
	for place := range opt.Choices {
		if place.Element != "" {
			m.chosen[place.Object] = true
		}
	}
	return m
}

func (m *merger) merge(base, next, live ddl.Schema) ddl.Schema {
	out := ddl.Schema{CharacterSet: live.CharacterSet, Collation: live.Collation}
	if live.Collation == base.Collation {
		out.CharacterSet, out.Collation = next.CharacterSet, next.Collation
	}
	keys := maps.Clone(m.base.objects)
	maps.Copy(keys, m.next.objects)
	maps.Copy(keys, m.live.objects)
	for _, key := range sorted(keys) {
		if o, ok := m.object(key); ok {
			out.Objects = append(out.Objects, o)
		}
	}
	return out
}

type merger struct {
	*planner
	options          MergeOptions
	chosen           map[string]bool // objects with a choice for one of their elements
	base, next, live side
	conflicts        []Conflict
}

// decide chooses between three states of one thing: by the options, else by
// comparing.
func (m *merger) decide(at ddl.Place, base, next, live string) (takeNext, ok bool) {
	if side := m.options.Choices[at]; side != 0 {
		return side == SideNext, true
	}
	takeNext, ok = choose(base, next, live)
	if !ok && m.options.Prefer != 0 {
		return m.options.Prefer == SideNext, true
	}
	return takeNext, ok
}

// choose decides between three states of one thing; ok is false when both sides
// changed it in different ways.
func choose(base, next, live string) (takeNext, ok bool) {
	switch {
	case next == live, next == base:
		return false, true
	case live == base:
		return true, true
	}
	return false, false
}

// disagreement says in words how two sides disagree.
func disagreement(base, next, live string) string {
	switch {
	case base == "":
		return "both sides added it, differently"
	case next == "":
		return "one side takes away what the other changed"
	case live == "":
		return "one side changes what the other took away"
	}
	return "both sides changed it, differently"
}

// object merges one object; ok is false when there is none afterwards.
func (m *merger) object(key string) (ddl.Object, bool) {
	b, inBase := m.base.objects[key]
	n, inNext := m.next.objects[key]
	l, inLive := m.live.objects[key]
	bt, nt, lt := m.base.tables[b.Name], m.next.tables[n.Name], m.live.tables[l.Name]
	whole := m.options.Choices[ddl.Place{Object: key}] != 0
	switch isTable := inLive && l.Kind == ddl.KindTable && lt != nil && !whole; {
	case isTable && inNext && inBase && bt != nil && nt != nil:
		return m.table(bt, nt, lt, l), true
	case isTable && !inNext && !inBase && m.chosen[key]:
		nothing := &ddl.Table{Name: l.Name, Server: lt.Server}
		return m.table(nothing, nothing, lt, l), true
	}
	bs, ns, ls := m.signature(b, m.base), m.signature(n, m.next), m.signature(l, m.live)
	takeNext, ok := m.decide(ddl.Place{Object: key}, bs, ns, ls)
	if !ok {
		m.conflicts = append(m.conflicts, Conflict{Object: key, Reason: disagreement(bs, ns, ls), Base: b.SQL, Next: n.SQL, Live: l.SQL})
	}
	if takeNext {
		return n, inNext
	}
	return l, inLive
}

// signature returns a text that is the same for objects that are the same. The
// order of the columns of a table is no part of it.
func (m *merger) signature(o ddl.Object, s side) string {
	if o.SQL == "" {
		return ""
	}
	if t := s.tables[o.Name]; o.Kind == ddl.KindTable && t != nil {
		elements := elementsOf(t)
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(elements.signatures)) {
			b.WriteString(name + "\x00" + elements.signatures[name] + "\x00")
		}
		return b.String()
	}
	if o.Kind == ddl.KindTable {
		return sqltext.Canonical(sqltext.Tokens(o.SQL, sqltext.Mode{}))
	}
	return strings.Join([]string{m.comparable(o), o.Table, o.SQLMode, o.CharacterSetClient, o.CollationConnection, o.TimeZone}, "\x00")
}
