package ddl

import (
	"slices"
	"strings"
)

// Dependent is a thing that stays as it is although something that it depends
// on does not.
type Dependent struct {
	Place           // what depends
	On       Place  // what it depends on
	Gone     bool   // On is not there afterwards; else it is another one
	Breaks   bool   // it cannot work afterwards; else it may
	Reason   string // begins with "it"
	Text     string // of what depends
	OnBefore string // the text of On
	OnAfter  string // empty when it is gone
}

// Dependents looks, when a schema becomes another one, for what stays as it is
// and depends on something that changes or goes: keys, checks, generated columns
// and foreign keys by what they are made of, views, triggers, routines and
// events by the names in their text. Names in a text are taken for more than
// they may mean, never for less, but for names that a text makes at run time.
//
// Both schemas must be what the same server printed, or a merge of such.
func Dependents(before, after Schema, srv Server) []Dependent {
	p := newPlanner(srv, DiffOptions{})
	s := &dependentFinder{planner: p, changes: map[Place]ElementChange{}}
	s.before = p.load(before, side{})
	s.after = p.load(after, s.before)
	for _, c := range Compare(before, after, srv) {
		s.changes[Place{c.Object, c.Element}] = c
	}
	for _, key := range sorted(s.after.objects) {
		o := s.after.objects[key]
		was, ok := s.before.objects[key]
		switch {
		case !ok:
		case o.Kind == KindTable:
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
	changes       map[Place]ElementChange
	out           []Dependent
}

// report adds a dependent of a thing that changed, once.
func (s *dependentFinder) report(at, on Place, breaks bool, text, reason string) {
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
func (s *dependentFinder) table(key string, b, a *table) {
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
		at := Place{key, element}
		for _, u := range uses {
			s.onColumn(at, is.texts[element], key, b, a, u)
		}
	}
	for i := range a.keys {
		for _, part := range a.keys[i].parts {
			check(ElementKey("key", a.keys[i].name), part.uses)
		}
	}
	for i := range a.checks {
		check(ElementKey("check", a.checks[i].name), a.checks[i].uses)
	}
	for i := range a.columns {
		check(ElementKey("column", a.columns[i].name), a.columns[i].uses)
	}
	for i := range a.foreignKeys {
		f := &a.foreignKeys[i]
		element := ElementKey("foreign key", f.name)
		if stays(element) && f.database == "" {
			s.foreignKey(Place{key, element}, b, a, f)
		}
	}
}

// onColumn reports what depends on a column of a table.
func (s *dependentFinder) onColumn(at Place, text, key string, b, a *table, name string) {
	x, y := b.column(name), a.column(name)
	on := Place{key, ElementKey("column", name)}
	switch {
	case x == nil, on == at:
	case y == nil:
		s.report(at, on, true, text, "it stands on column `"+x.name+"` of table `"+b.name+"`, which goes")
	case reshaped(x, y):
		s.report(at, on, false, text, "it stands on column `"+x.name+"` of table `"+b.name+"`, "+reshaping(x, y))
	}
}

// reshaped says whether a column gives other values than before.
func reshaped(x, y *tableColumn) bool {
	return !x.typ.equal(y.typ) || x.collation != y.collation || !x.sameGenerated(y)
}

// reshaping says how a column changes.
func reshaping(x, y *tableColumn) string {
	switch {
	case !x.typ.equal(y.typ):
		return "which becomes " + y.typ.text + " instead of " + x.typ.text
	case x.collation != y.collation:
		return "which gets the collation " + y.collation + " instead of " + x.collation
	}
	return "which is computed in another way"
}

// foreignKey looks at both ends of a foreign key that stays: columns, and the
// keys that serve it.
func (s *dependentFinder) foreignKey(at Place, b, a *table, f *foreignKey) {
	child := at.Object
	parentKey := string(KindTable) + " " + f.parent
	was, is := s.before.tables[f.parent], s.after.tables[f.parent]
	if was == nil {
		return
	}
	if is == nil {
		if _, there := s.after.objects[parentKey]; !there {
			s.report(at, Place{Object: parentKey}, true, f.text, "it references table `"+f.parent+"`, which goes")
		}
		return
	}
	for i, name := range f.columns {
		s.keyColumn(at, child, b, a, f, name)
		s.keyColumn(at, parentKey, was, is, f, f.references[i])
	}
	s.keyServing(at, child, b, a, f, f.columns)
	s.keyServing(at, parentKey, was, is, f, f.references)
}

// keyColumn reports a column of a foreign key that goes, or changes in a way
// that no server allows while the key is there.
func (s *dependentFinder) keyColumn(at Place, key string, b, a *table, f *foreignKey, name string) {
	on := Place{key, ElementKey("column", name)}
	x, y := b.column(name), a.column(name)
	switch {
	case x == nil:
	case y == nil:
		s.report(at, on, true, f.text, "it stands on column `"+x.name+"` of table `"+b.name+"`, which goes")
	case reshaped(x, y):
		s.report(at, on, true, f.text, "it stands on column `"+x.name+"` of table `"+b.name+"`, "+reshaping(x, y))
	}
}

// keyServing reports the keys that went, when none is left that serves one end of a
// foreign key.
func (s *dependentFinder) keyServing(at Place, key string, b, a *table, f *foreignKey, columns []string) {
	if a.supports(columns) || !b.supports(columns) {
		return
	}
	for i := range b.keys {
		k := &b.keys[i]
		if k.serves(columns) {
			name := ElementKey("key", k.name)
			s.report(at, Place{key, name}, true, f.text, "it needs the "+name+" of table `"+b.name+"`, which goes")
		}
	}
}

// text looks for the names of what changes in an object that stays.
func (s *dependentFinder) text(key string, o Object) {
	t := readNames(o)
	at := Place{Object: key}
	for _, place := range sortedPlaces(s.changes) {
		c := s.changes[place]
		of, name := splitObject(place.Object)
		kind := string(of)
		switch {
		case place.Object == key || c.Kind == ChangeExtra || of == KindTrigger || of == KindEvent:
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
func (s *dependentFinder) textColumn(at Place, o Object, t *textNames, on Place, name string) {
	b, a := s.before.tables[name], s.after.tables[name]
	column, isColumn := strings.CutPrefix(on.Element, "column `")
	if !isColumn || b == nil || a == nil {
		return
	}
	column = strings.TrimSuffix(column, "`")
	x, y := b.column(column), a.column(column)
	if x == nil || y != nil && !reshaped(x, y) || !t.reads(name, column) {
		return
	}
	if y == nil {
		s.report(at, on, true, o.SQL, "it names column `"+x.name+"` of table `"+name+"`, which goes")
		return
	}
	s.report(at, on, false, o.SQL, "it names column `"+x.name+"` of table `"+name+"`, "+reshaping(x, y))
}

func sortedPlaces[V any](m map[Place]V) []Place {
	out := make([]Place, 0, len(m))
	for p := range m {
		out = append(out, p)
	}
	slices.SortFunc(out, Place.compare)
	return out
}
