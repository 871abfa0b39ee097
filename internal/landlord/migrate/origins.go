package migrate

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// origins says, for the objects of compositions, which layer they come from.
type origins map[string]origin

// origin is a layer: 1 template, 2 module, 3 tenant, and its name.
type origin struct {
	level int64
	from  string
}

// originsOf collects the objects of compositions, the last one's word counting.
func originsOf(compositions ...*template.Composition) origins {
	out := origins{}
	for _, c := range compositions {
		if c == nil {
			continue
		}
		for _, st := range c.Statements {
			if st.Verb == "CREATE" && st.Object != "" && st.Kind != "" {
				key := string(st.Kind) + " " + st.Object
				if _, known := out[key]; known && st.Kind == ddl.KindTable {
					continue // CREATE INDEX on a table of another layer
				}
				out[key] = origin{int64(st.Level), st.Origin}
			}
		}
	}
	return out
}

// of returns level and origin of a change: of its object, or of the table that
// it belongs to.
func (o origins) of(c diff.Change) (int64, string) {
	for _, key := range []string{c.Object, string(ddl.KindTable) + " " + c.Table} {
		if at, ok := o[key]; ok {
			return at.level, at.from
		}
	}
	return 1, "template"
}
