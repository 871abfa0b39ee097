package diff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Options are the choices of a comparison. The zero value is right for a
// tenant and its template.
type Options struct {
	// IgnoreDefiner takes objects for equal that differ in their DEFINER only.
	IgnoreDefiner bool

	// IndexOrder compares the order of all keys, not only where it means
	// something: in a table without a primary key the first UNIQUE key over
	// NOT NULL columns holds the rows.
	IndexOrder bool

	// ZeroDates alters tables under a sql_mode that takes dates without a
	// month or a day.
	ZeroDates bool
}

// Unsupported is an object that differs and that Diff cannot change.
type Unsupported struct {
	Object string // kind and name: `table users`
	Reason string
}

// UnsupportedError says which objects differ in a way that Diff has no
// statement for. Somebody has to change them by hand, or by an explicit step.
type UnsupportedError struct {
	Objects []Unsupported
}

// Error names the objects and the reasons.
func (e *UnsupportedError) Error() string {
	var list []string
	for _, o := range e.Objects {
		list = append(list, o.Object+": "+o.Reason)
	}
	return "comparing schemas: " + strings.Join(list, "; ")
}

// Diff returns the statements that turn a database with the schema from into
// one with the schema to. Both must be what the same server printed; what
// people write differs from that in many ways that mean nothing.
//
// Renames are never guessed: what has another name is dropped and created.
// Counters (AUTO_INCREMENT) are data and ignored. The same input gives the same
// output. The error is an *UnsupportedError.
func Diff(from, to ddl.Schema, srv ddl.Server, opt Options) (*Migration, error) {
	p := newPlanner(srv, opt)
	p.from = p.load(from, side{})
	p.to = p.load(to, p.from)
	p.plan(from, to)
	if len(p.unsupported) > 0 {
		return nil, &UnsupportedError{Objects: p.unsupported}
	}
	return &Migration{Changes: p.out}, nil
}

// side is one of the two schemas.
type side struct {
	tables  map[string]*ddl.Table // those that were read
	objects map[string]ddl.Object // all, by kind and name
	opaque  map[string]string     // tables that were not read, and why
}

// planner collects the statements of a migration.
type planner struct {
	srv         ddl.Server
	opt         Options
	from, to    side
	plans       map[string]*tablePlan // of the tables that stay
	out         []Change
	unsupported []Unsupported
}

func newPlanner(srv ddl.Server, opt Options) *planner {
	return &planner{srv: srv, opt: opt, plans: map[string]*tablePlan{}}
}

// load reads a schema. Tables with the text that the other side has are read
// once: most tables are the same on both sides.
func (p *planner) load(s ddl.Schema, other side) side {
	into := side{tables: map[string]*ddl.Table{}, objects: map[string]ddl.Object{}, opaque: map[string]string{}}
	for _, o := range s.Objects {
		key := o.Key()
		into.objects[key] = o
		if o.Kind != ddl.KindTable {
			continue
		}
		if t := other.tables[o.Name]; t != nil && other.objects[key].SQL == o.SQL {
			into.tables[o.Name] = t
			continue
		}
		t, err := ddl.ReadTable(o.SQL, p.srv)
		if err != nil {
			into.opaque[o.Name] = err.Error()
			continue
		}
		t.Name = o.Name
		into.tables[o.Name] = t
	}
	return into
}

func (p *planner) cannot(kind ddl.Kind, name, reason string) {
	p.unsupported = append(p.unsupported, Unsupported{Object: string(kind) + " " + name, Reason: reason})
}

// add appends a change, with the defaults of its kind.
func (p *planner) add(c Change, kind ddl.Kind, name string) {
	c.Kind = kind
	if kind != "" {
		c.Object = string(kind) + " " + name
	}
	if kind == ddl.KindTable {
		c.Table = name
		c.Settings = cmp.Or(p.from.objects[c.Object].Settings(), p.to.objects[c.Object].Settings())
		if p.opt.ZeroDates {
			c.Settings = c.Settings.TakingZeroDates()
		}
		if slices.ContainsFunc(c.Clauses, func(x Clause) bool { return x.Counts }) {
			c.Settings = c.Settings.KeepingZeros()
		}
		if c.Settings.TakesZeroDates() {
			c.Probes = slices.DeleteFunc(c.Probes, func(x Probe) bool { return x.ZeroDates })
		}
	}
	c.Reversible = !c.Destructive
	p.out = append(p.out, c)
}

// sorted returns the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// ofKinds returns the objects of these kinds, in the order of the kinds and of
// their names.
func (s *side) ofKinds(kinds ...ddl.Kind) []ddl.Object {
	var out []ddl.Object
	for _, key := range sorted(s.objects) {
		if o := s.objects[key]; slices.Contains(kinds, o.Kind) {
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, func(a, b ddl.Object) int {
		return cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind))
	})
	return out
}

// sameObject says whether two objects that are no tables are the same.
func (p *planner) sameObject(a, b ddl.Object) bool {
	return a.Table == b.Table && a.SQLMode == b.SQLMode && a.CharacterSetClient == b.CharacterSetClient &&
		a.CollationConnection == b.CollationConnection && a.TimeZone == b.TimeZone && p.comparable(a) == p.comparable(b)
}

// comparable returns the text of an object without what is not compared.
func (p *planner) comparable(o ddl.Object) string {
	text := strings.TrimSpace(o.SQL)
	if o.Kind == ddl.KindView {
		text = foldConjunctions(text)
	}
	if !p.opt.IgnoreDefiner {
		return text
	}
	return ddl.WithoutDefiner(text)
}

// foldConjunctions turns `((x) and (x))` into `(x)`. MySQL adds conditions to
// views with INTERSECT and EXCEPT, once more each time such a text is run.
func foldConjunctions(text string) string {
	toks := sqltext.Tokens(text, sqltext.Mode{})
	if !slices.ContainsFunc(toks, func(t sqltext.Token) bool { return t.IsAny("intersect", "except") }) {
		return text
	}
	for i := 0; i < len(toks); i++ {
		c := &sqltext.Cursor{Tokens: toks, Index: i}
		outer := c.Group()
		inner := &sqltext.Cursor{Tokens: outer}
		first := inner.Group()
		if first == nil || inner.Done() {
			continue
		}
		for inner.Accept("and") && sqltext.Canonical(inner.Group()) == sqltext.Canonical(first) {
			if inner.Done() {
				toks = slices.Concat(toks[:i], outer[:len(first)+2], toks[c.Index:])
				break
			}
		}
	}
	return sqltext.Canonical(toks)
}

func (p *planner) alterDatabase(from, to ddl.Schema) {
	if to.Collation == "" || from.Collation == "" || from.CharacterSet == to.CharacterSet && from.Collation == to.Collation {
		return
	}
	c := Change{
		SQL:       fmt.Sprintf("ALTER DATABASE CHARACTER SET = %s COLLATE = %s", to.CharacterSet, to.Collation),
		Operation: OpAlterDatabase, Object: "database",
		Reason: "tables, columns and parameters created from now on take it; those that exist keep theirs",
	}
	p.add(c, "", "")
}
