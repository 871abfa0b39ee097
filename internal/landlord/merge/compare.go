package merge

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// follows finds, in the text of a trigger, after which other one it fires.
var follows = regexp.MustCompile("(?s)^(.*? FOR EACH ROW) FOLLOWS `((?:[^`]|``)*)`(.*)$")

// unsigned returns a schema without what tells who made it and when: without
// definers, who are whoever applied, and without the order of triggers, which
// others change by adding one.
func unsigned(s ddl.Schema) ddl.Schema {
	s.Objects = slices.Clone(s.Objects)
	for i, o := range s.Objects {
		switch o.Kind {
		case ddl.KindTable, ddl.KindSequence:
		case ddl.KindTrigger:
			s.Objects[i].SQL = follows.ReplaceAllString(ddl.WithoutDefiner(o.SQL), "$1$3")
		default:
			s.Objects[i].SQL = ddl.WithoutDefiner(o.SQL)
		}
	}
	return s
}

// WithoutDanglingOrder returns a schema whose triggers fire after none that is not
// in it.
func WithoutDanglingOrder(s ddl.Schema) ddl.Schema {
	there := map[string]bool{}
	for _, o := range s.Objects {
		there[o.Key()] = true
	}
	s.Objects = slices.Clone(s.Objects)
	for i, o := range s.Objects {
		m := follows.FindStringSubmatch(o.SQL)
		if o.Kind == ddl.KindTrigger && m != nil && !there[string(ddl.KindTrigger)+" "+strings.ReplaceAll(m[2], "``", "`")] {
			s.Objects[i].SQL = m[1] + m[3]
		}
	}
	return s
}

// Changes compares two schemas that several hands have made: unlike diff.Compare
// it takes definers and the order of triggers for no difference.
func Changes(before, after ddl.Schema, srv ddl.Server) []diff.ElementChange {
	return diff.Compare(unsigned(before), unsigned(after), srv)
}

// PlaceOf returns where a change is.
func PlaceOf(c diff.ElementChange) ddl.Place {
	return ddl.Place{Object: c.Object, Element: c.Element}
}

// ByPlace returns changes by where they are.
func ByPlace(changes []diff.ElementChange) map[ddl.Place]diff.ElementChange {
	out := map[ddl.Place]diff.ElementChange{}
	for _, c := range changes {
		out[PlaceOf(c)] = c
	}
	return out
}

// Within says whether one of the changes is about a place, something in it, or
// what it is in. The order of columns is nothing of that.
func Within(changes map[ddl.Place]diff.ElementChange, p ddl.Place) bool {
	for q := range changes {
		if q.Object == p.Object && q.Element != diff.ElementOrder && (q.Element == p.Element || q.Element == "" || p.Element == "") {
			return true
		}
	}
	return false
}

// Texts returns the definitions of everything in a schema, by place: whole
// objects, and the elements of tables.
func Texts(s ddl.Schema, srv ddl.Server) map[ddl.Place]string {
	out := map[ddl.Place]string{}
	for _, o := range s.Objects {
		out[ddl.Place{Object: o.Key()}] = o.SQL
		if o.Kind != ddl.KindTable {
			continue
		}
		for element, text := range diff.Elements(o, srv) {
			out[ddl.Place{Object: o.Key(), Element: element}] = text
		}
	}
	return out
}

// Take returns a schema with some places as another one has them; what the other
// one does not have goes.
func Take(into, from ddl.Schema, srv ddl.Server, places ...ddl.Place) ddl.Schema {
	if len(places) == 0 {
		return into
	}
	choices := make(map[ddl.Place]diff.Side, len(places))
	for _, p := range places {
		choices[p] = diff.SideNext
	}
	// The other schema is base, too, so that nothing else of it counts as a change.
	out, _ := diff.Merge(from, from, into, srv, diff.MergeOptions{Choices: choices})
	return out
}

// restricted returns what a schema has of the objects of another one, and of
// their tables the elements that the other one has too.
func restricted(s, to ddl.Schema, srv ddl.Server) ddl.Schema {
	known := map[string]bool{}
	for _, o := range to.Objects {
		known[o.Key()] = true
	}
	s.Objects = slices.DeleteFunc(slices.Clone(s.Objects), func(o ddl.Object) bool { return !known[o.Key()] })
	var beyond []ddl.Place
	for _, c := range Changes(to, s, srv) {
		if c.Kind == diff.ChangeExtra {
			beyond = append(beyond, PlaceOf(c))
		}
	}
	return Take(s, to, srv, beyond...)
}

func sortedPlaces[V any](set map[ddl.Place]V) []ddl.Place {
	return slices.SortedFunc(maps.Keys(set), func(a, b ddl.Place) int {
		return strings.Compare(a.Object+"\x00"+a.Element, b.Object+"\x00"+b.Element)
	})
}
