package ddl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Place names a thing in a schema: a whole object, or an element of a table.
type Place struct {
	Object  string // kind and name: `table users`
	Element string // part of a table, in lower case: "column `phone`"; empty for the whole object
}

// compare orders places by object, then by element.
func (p Place) compare(q Place) int {
	return cmp.Or(strings.Compare(p.Object, q.Object), strings.Compare(p.Element, q.Element))
}

func sortedPlaces[V any](m map[Place]V) []Place {
	out := make([]Place, 0, len(m))
	for p := range m {
		out = append(out, p)
	}
	slices.SortFunc(out, Place.compare)
	return out
}

// objectKinds are the kinds that a place can begin with, two words before one.
func objectKinds() []Kind {
	return []Kind{KindPackageBody, KindTable, KindView, KindProcedure, KindFunction, KindTrigger, KindEvent, KindSequence, KindPackage}
}

// splitObject takes kind and name of an object apart.
func splitObject(object string) (kind Kind, name string) {
	for _, k := range objectKinds() {
		if rest, ok := strings.CutPrefix(object, string(k)+" "); ok {
			return k, rest
		}
	}
	before, rest, _ := strings.Cut(object, " ")
	return Kind(before), rest
}

// String writes the place in the form that ParsePlace reads: table users column
// phone. Names that are no plain words stand in backquotes.
func (p Place) String() string {
	kind, name := splitObject(p.Object)
	text := string(kind) + " " + plainName(name)
	if p.Element == "" {
		return text
	}
	of, element, found := strings.Cut(p.Element, " `")
	if !found {
		return text + " " + p.Element
	}
	return text + " " + of + " " + plainName(strings.TrimSuffix(element, "`"))
}

// plainName returns a name without quotes when it is one word of letters,
// digits, `_` and `$`.
func plainName(name string) string {
	for i := range len(name) {
		if !isWordByte(name[i]) {
			return quoteName(name)
		}
	}
	if name == "" {
		return quoteName(name)
	}
	return name
}

// ParsePlace reads a place as people write it: `view report`, `table users
// column phone`, with or without backquotes around the names; an index is a
// key. The error says what is wrong with the text.
func ParsePlace(text string) (Place, error) {
	r := &tokenReader{toks: tokens(text)}
	var kind Kind
	for _, k := range objectKinds() {
		if r.take(strings.Fields(string(k))...) {
			kind = k
			break
		}
	}
	if kind == "" {
		return Place{}, fmt.Errorf("`%s` does not begin with the kind of an object, such as `table` or `view`", text)
	}
	name := r.at(0)
	if !name.isName() {
		return Place{}, fmt.Errorf("`%s` names no %s", text, kind)
	}
	r.i++
	p := Place{Object: string(kind) + " " + name.name()}
	switch {
	case r.at(0).kind == tokEnd:
		return p, nil
	case kind != KindTable:
		return Place{}, fmt.Errorf("`%s` goes on behind the name, but only tables have parts", text)
	}
	var err error
	p.Element, err = r.element(text)
	return p, err
}

// element reads the part of a table in a place.
func (r *tokenReader) element(text string) (string, error) {
	for _, of := range []string{"foreign key", "column", "key", "index", "check"} {
		if !r.take(strings.Fields(of)...) {
			continue
		}
		name := r.at(0)
		if !name.isName() || r.at(1).kind != tokEnd {
			return "", fmt.Errorf("`%s` has to end with the name of the %s", text, of)
		}
		if of == "index" {
			of = "key"
		}
		return strings.ToLower(elementName(of, name.name())), nil
	}
	element := strings.ToLower(strings.TrimSpace(text[r.at(0).start:]))
	if slices.Contains([]string{"primary key", "default collation", "partitions"}, element) || strings.HasPrefix(element, "option ") {
		return element, nil
	}
	return "", fmt.Errorf("`%s` names no part of a table: a part is a `column`, `key`, `foreign key` or `check` with its name, or the `primary key`", text)
}

// Collision is two things that cannot stand in one database, because they share
// a name.
type Collision struct {
	A, B   Place
	Reason string
}

// Collisions returns what no server makes together: a table and a view of one
// name, two foreign keys of one name and, on MySQL, two checks of one name.
func Collisions(s Schema, srv Server) []Collision {
	p := newPlanner(srv, DiffOptions{})
	load := p.load(s, side{})
	var out []Collision
	taken := map[string]Place{}
	claim := func(space, name string, at Place, reason string) {
		key := space + "\x00" + name
		if other, ok := taken[key]; ok && other != at {
			out = append(out, Collision{A: other, B: at, Reason: reason})
			return
		}
		taken[key] = at
	}
	for _, key := range sorted(load.objects) {
		o := load.objects[key]
		switch o.Kind {
		case KindTable, KindView, KindSequence:
			claim("table", o.Name, Place{Object: key}, "a table and a view, or two of them, cannot have one name")
		}
		t := load.tables[o.Name]
		if o.Kind != KindTable || t == nil {
			continue
		}
		for i := range t.foreignKeys {
			name := strings.ToLower(t.foreignKeys[i].name)
			claim("foreign key", name, Place{key, strings.ToLower(elementName("foreign key", name))}, "two foreign keys of a database cannot have one name")
		}
		for i := range t.checks {
			if name := strings.ToLower(t.checks[i].name); srv.Product == MySQL {
				claim("check", name, Place{key, strings.ToLower(elementName("check", name))}, "two checks of a database cannot have one name")
			}
		}
	}
	return out
}
