package diff

import (
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// Collision is two things that cannot stand in one database, because they share
// a name.
type Collision struct {
	A, B   ddl.Place
	Reason string
}

// Collisions returns what no server makes together: a table and a view of one
// name, two foreign keys of one name and, on MySQL, two checks of one name.
func Collisions(s ddl.Schema, srv ddl.Server) []Collision {
	p := newPlanner(srv, Options{})
	load := p.load(s, side{})
	var out []Collision
	taken := map[string]ddl.Place{}
	claim := func(space, name string, at ddl.Place, reason string) {
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
		case ddl.KindTable, ddl.KindView, ddl.KindSequence:
			claim("table", o.Name, ddl.Place{Object: key}, "a table and a view, or two of them, cannot have one name")
		}
		t := load.tables[o.Name]
		if o.Kind != ddl.KindTable || t == nil {
			continue
		}
		for i := range t.ForeignKeys {
			name := strings.ToLower(t.ForeignKeys[i].Name)
			claim("foreign key", name, ddl.Place{Object: key, Element: ddl.ElementKey("foreign key", name)}, "two foreign keys of a database cannot have one name")
		}
		for i := range t.Checks {
			if name := strings.ToLower(t.Checks[i].Name); srv.Product == ddl.MySQL {
				claim("check", name, ddl.Place{Object: key, Element: ddl.ElementKey("check", name)}, "two checks of a database cannot have one name")
			}
		}
	}
	return out
}
