package merge

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// Migrated is a tenant before and after a migration, with what had drifted.
type Migrated struct {
	Server   ddl.Server
	Template ddl.Schema           // what the template gives by now
	Base     ddl.Schema           // what was recorded before
	Live     ddl.Schema           // what was there before
	Final    ddl.Schema           // what is there afterwards
	Drift    []diff.ElementChange // base to live
	Kept     []ddl.Place          // drift that somebody decided for
}

// Record returns what is to be recorded as true of the tenant: the schema as it
// is, but drift as it was recorded, so that it stays visible until somebody
// takes it in, repairs it or decides for it. What the template has by now is
// drift no longer. The result may be no schema that a server could have.
func (m Migrated) Record() ddl.Schema {
	opt := diff.MergeOptions{Prefer: diff.SideNext, Choices: map[ddl.Place]diff.Side{}}
	differs := ByPlace(diff.Compare(m.Template, m.Final, m.Server))
	for _, d := range m.Drift {
		if p := PlaceOf(d); !Within(differs, p) || slices.Contains(m.Kept, p) {
			opt.Choices[p] = diff.SideNext
		}
	}
	schema, _ := diff.Merge(m.Live, m.Final, m.Base, m.Server, opt)
	return schema
}

// RecordWhole is Record by whole objects: every object is as it was recorded when
// anything about it has drifted, else as it is. Each of them is one that a
// server printed.
func (m Migrated) RecordWhole() ddl.Schema {
	drifted := map[string]bool{}
	for _, d := range m.Drift {
		drifted[d.Object] = true
	}
	schema := ddl.Schema{CharacterSet: m.Final.CharacterSet, Collation: m.Final.Collation}
	for _, o := range m.Final.Objects {
		if !drifted[o.Key()] {
			schema.Objects = append(schema.Objects, o)
		}
	}
	for _, o := range m.Base.Objects {
		if drifted[o.Key()] {
			schema.Objects = append(schema.Objects, o)
		}
	}
	slices.SortFunc(schema.Objects, func(a, b ddl.Object) int { return strings.Compare(a.Key(), b.Key()) })
	return schema
}

// WithProgress returns a schema with what an interrupted migration has done
// between its start and what is there now. What differs from the start is its
// work; where the schema says otherwise, the work counts.
func WithProgress(schema, start, live ddl.Schema, srv ddl.Server) ddl.Schema {
	out, _ := diff.Merge(start, live, schema, srv, diff.MergeOptions{Prefer: diff.SideNext})
	return out
}
