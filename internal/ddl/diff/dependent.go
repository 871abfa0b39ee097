package diff

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// Dependent is a thing that stays as it is although something that it depends
// on does not.
type Dependent struct {
	ddl.Place           // what depends
	On        ddl.Place // what it depends on
	Gone      bool      // On is not there afterwards; else it is another one
	Breaks    bool      // it cannot work afterwards; else it may
	Reason    string    // begins with "it"
	Text      string    // of what depends
	OnBefore  string    // the text of On
	OnAfter   string    // empty when it is gone
}

// Dependents looks, when a schema becomes another one, for what stays as it is
// and depends on something that changes or goes: keys, checks, generated columns
// and foreign keys by what they are made of, views, triggers, routines and
// events by the names in their text. Names in a text are taken for more than
// they may mean, never for less, but for names that a text makes at run time.
//
// Both schemas must be what the same server printed, or a merge of such.
func Dependents(before, after ddl.Schema, srv ddl.Server) []Dependent {
	p := newPlanner(srv, Options{})
	s := &dependentFinder{planner: p, changes: map[ddl.Place]ElementChange{}}
	s.before = p.load(before, side{})
	s.after = p.load(after, s.before)
	for _, c := range Compare(before, after, srv) {
		s.changes[ddl.Place{Object: c.Object, Element: c.Element}] = c
	}
	for _, key := range sorted(s.after.objects) {
		o := s.after.objects[key]
		was, ok := s.before.objects[key]
		switch {
		case !ok:
		case o.Kind == ddl.KindTable:
			if b, a := s.before.tables[o.Name], s.after.tables[o.Name]; b != nil && a != nil {
				s.table(key, b, a)
			}
		case s.sameObject(was, o):
			s.text(key, o)
		}
	}
	return s.out
}

// dependentFinder collects dependents.
type dependentFinder struct {
	*planner
	before, after side
	changes       map[ddl.Place]ElementChange
	out           []Dependent
}

// report adds a dependent of a thing that changed, once.
func (s *dependentFinder) report(at, on ddl.Place, breaks bool, text, reason string) {
	c, ok := s.changes[on]
	if !ok {
		return
	}
	d := Dependent{Place: at, On: on, Gone: c.Kind == ChangeMissing, Breaks: breaks, Reason: reason, Text: text, OnBefore: c.Before, OnAfter: c.After}
	if !slices.ContainsFunc(s.out, func(e Dependent) bool { return e.Place == at && e.On == on }) {
		s.out = append(s.out, d)
	}
}

// table looks at the elements that stay of a table that stays.
func (s *dependentFinder) table(key string, b, a *ddl.Table) {
	was, is := elementsOf(b), elementsOf(a)
	stays := func(element string) bool {
		signature, ok := was.signatures[element]
		return ok && is.signatures[element] == signature
	}
	check := func(element string, uses []string) {
		element = strings.ToLower(element)
		if !stays(element) {
			return
		}
		at := ddl.Place{Object: key, Element: element}
		for _, u := range uses {
			s.onColumn(at, is.texts[element], key, b, a, u)
		}
	}
	for i := range a.Keys {
		for _, part := range a.Keys[i].Parts {
			check(ddl.ElementKey("key", a.Keys[i].Name), part.Uses)
		}
	}
	for i := range a.Checks {
		check(ddl.ElementKey("check", a.Checks[i].Name), a.Checks[i].Uses)
	}
	for i := range a.Columns {
		check(ddl.ElementKey("column", a.Columns[i].Name), a.Columns[i].Uses)
	}
	for i := range a.ForeignKeys {
		f := &a.ForeignKeys[i]
		element := ddl.ElementKey("foreign key", f.Name)
		if stays(element) && f.Database == "" {
			s.foreignKey(ddl.Place{Object: key, Element: element}, b, a, f)
		}
	}
}

// onColumn reports what depends on a column of a table.
func (s *dependentFinder) onColumn(at ddl.Place, text, key string, b, a *ddl.Table, name string) {
	x, y := b.Column(name), a.Column(name)
	on := ddl.Place{Object: key, Element: ddl.ElementKey("column", name)}
	switch {
	case x == nil, on == at:
	case y == nil:
		s.report(at, on, true, text, "it stands on column `"+x.Name+"` of table `"+b.Name+"`, which goes")
	case reshaped(x, y):
		s.report(at, on, false, text, "it stands on column `"+x.Name+"` of table `"+b.Name+"`, "+reshaping(x, y))
	}
}

// reshaped says whether a column gives other values than before.
func reshaped(x, y *ddl.Column) bool {
	return !x.Type.Equal(y.Type) || x.Collation != y.Collation || !x.SameGenerated(y)
}

// reshaping says how a column changes.
func reshaping(x, y *ddl.Column) string {
	switch {
	case !x.Type.Equal(y.Type):
		return "which becomes " + y.Type.Text + " instead of " + x.Type.Text
	case x.Collation != y.Collation:
		return "which gets the collation " + y.Collation + " instead of " + x.Collation
	}
	return "which is computed in another way"
}

// foreignKey looks at both ends of a foreign key that stays: columns, and the
// keys that serve it.
func (s *dependentFinder) foreignKey(at ddl.Place, b, a *ddl.Table, f *ddl.ForeignKey) {
	child := at.Object
	parentKey := string(ddl.KindTable) + " " + f.Parent
	was, is := s.before.tables[f.Parent], s.after.tables[f.Parent]
	if was == nil {
		return
	}
	if is == nil {
		if _, there := s.after.objects[parentKey]; !there {
			s.report(at, ddl.Place{Object: parentKey}, true, f.Text, "it references table `"+f.Parent+"`, which goes")
		}
		return
	}
	for i, name := range f.Columns {
		s.keyColumn(at, child, b, a, f, name)
		s.keyColumn(at, parentKey, was, is, f, f.References[i])
	}
	s.keyServing(at, child, b, a, f, f.Columns)
	s.keyServing(at, parentKey, was, is, f, f.References)
}

// keyColumn reports a column of a foreign key that goes, or changes in a way
// that no server allows while the key is there.
func (s *dependentFinder) keyColumn(at ddl.Place, key string, b, a *ddl.Table, f *ddl.ForeignKey, name string) {
	on := ddl.Place{Object: key, Element: ddl.ElementKey("column", name)}
	x, y := b.Column(name), a.Column(name)
	switch {
	case x == nil:
	case y == nil:
		s.report(at, on, true, f.Text, "it stands on column `"+x.Name+"` of table `"+b.Name+"`, which goes")
	case reshaped(x, y):
		s.report(at, on, true, f.Text, "it stands on column `"+x.Name+"` of table `"+b.Name+"`, "+reshaping(x, y))
	}
}

// keyServing reports the keys that went, when none is left that serves one end of a
// foreign key.
func (s *dependentFinder) keyServing(at ddl.Place, key string, b, a *ddl.Table, f *ddl.ForeignKey, columns []string) {
	if a.Supports(columns) || !b.Supports(columns) {
		return
	}
	for i := range b.Keys {
		k := &b.Keys[i]
		if k.Serves(columns) {
			name := ddl.ElementKey("key", k.Name)
			s.report(at, ddl.Place{Object: key, Element: name}, true, f.Text, "it needs the "+name+" of table `"+b.Name+"`, which goes")
		}
	}
}

// text looks for the names of what changes in an object that stays.
func (s *dependentFinder) text(key string, o ddl.Object) {
	t := readNames(o)
	at := ddl.Place{Object: key}
	for _, place := range sortedPlaces(s.changes) {
		c := s.changes[place]
		of, name := ddl.SplitObject(place.Object)
		kind := string(of)
		switch {
		case place.Object == key || c.Kind == ChangeExtra || of == ddl.KindTrigger || of == ddl.KindEvent:
		case place.Element == "" && !t.names(name):
		case place.Element == "" && c.Kind == ChangeMissing:
			s.report(at, place, true, o.SQL, "it names "+kind+" `"+name+"`, which goes")
		case place.Element == "":
			s.report(at, place, false, o.SQL, "it names "+kind+" `"+name+"`, which changes")
		default:
			s.textColumn(at, o, t, place, name)
		}
	}
}

// textColumn reports a text that names a column which goes or is reshaped.
func (s *dependentFinder) textColumn(at ddl.Place, o ddl.Object, t *textNames, on ddl.Place, name string) {
	b, a := s.before.tables[name], s.after.tables[name]
	column, isColumn := strings.CutPrefix(on.Element, "column `")
	if !isColumn || b == nil || a == nil {
		return
	}
	column = strings.TrimSuffix(column, "`")
	x, y := b.Column(column), a.Column(column)
	if x == nil || y != nil && !reshaped(x, y) || !t.reads(name, column) {
		return
	}
	if y == nil {
		s.report(at, on, true, o.SQL, "it names column `"+x.Name+"` of table `"+name+"`, which goes")
		return
	}
	s.report(at, on, false, o.SQL, "it names column `"+x.Name+"` of table `"+name+"`, "+reshaping(x, y))
}

func sortedPlaces[V any](m map[ddl.Place]V) []ddl.Place {
	out := make([]ddl.Place, 0, len(m))
	for p := range m {
		out = append(out, p)
	}
	slices.SortFunc(out, ddl.Place.Compare)
	return out
}
