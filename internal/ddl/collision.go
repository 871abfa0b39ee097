package ddl

import "strings"

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
			claim("foreign key", name, Place{key, ElementKey("foreign key", name)}, "two foreign keys of a database cannot have one name")
		}
		for i := range t.checks {
			if name := strings.ToLower(t.checks[i].name); srv.Product == MySQL {
				claim("check", name, Place{key, ElementKey("check", name)}, "two checks of a database cannot have one name")
			}
		}
	}
	return out
}
