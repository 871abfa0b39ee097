package adopt

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// classNameLength is how much of a digest names a class, in digits.
const classNameLength = 8

// classes groups databases by their structure. Who made a program, the order of
// triggers and the defaults of the database itself are no part of it. The largest
// class comes first, then the one with less in it.
func classes(databases []*Database, srv ddl.Server) []*Class {
	bySchema := map[*ddl.Schema]*Class{}
	byText := map[string]*Class{}
	var all []*Class
	for _, d := range databases {
		c := bySchema[d.Schema]
		if c == nil {
			name := digestOf(*d.Schema)
			if c = byText[name]; c == nil {
				c = &Class{Name: name[:classNameLength], schema: d.Schema}
				byText[name], all = c, append(all, c)
			}
			bySchema[d.Schema] = c
		}
		c.Databases, c.Bytes = append(c.Databases, d), c.Bytes+d.Bytes
	}
	all = joined(all, srv)
	for _, c := range all {
		slices.SortFunc(c.Databases, (*Database).compare)
	}
	slices.SortFunc(all, func(a, b *Class) int {
		return cmp.Or(len(b.Databases)-len(a.Databases), extent(*a.schema, srv)-extent(*b.schema, srv), strings.Compare(a.Name, b.Name))
	})
	return all
}

// joined joins classes that differ in nothing that counts, as in definers. Only
// those can that have the same objects.
func joined(all []*Class, srv ddl.Server) []*Class {
	byNames := map[string][]*Class{}
	var out []*Class
	for _, c := range all {
		var names strings.Builder
		for _, o := range c.schema.Objects {
			names.WriteString(o.Key() + "\x00")
		}
		same := byNames[names.String()]
		at := slices.IndexFunc(same, func(other *Class) bool { return len(merge.Changes(*other.schema, *c.schema, srv)) == 0 })
		if at < 0 {
			byNames[names.String()], out = append(same, c), append(out, c)
			continue
		}
		same[at].Databases, same[at].Bytes = append(same[at].Databases, c.Databases...), same[at].Bytes+c.Bytes
	}
	return out
}

// digestOf names the objects of a schema with their texts.
func digestOf(s ddl.Schema) string {
	text, _ := json.Marshal(s.Objects) // texts alone: it cannot fail
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// extent is how much there is in a schema: objects, and parts of tables.
func extent(s ddl.Schema, srv ddl.Server) int { return len(merge.Texts(s, srv)) }

func (d *Database) compare(other *Database) int {
	return cmp.Or(strings.Compare(d.Server, other.Server), strings.Compare(d.Name, other.Name))
}

// alike says whether two schemas are of one program: whether most tables of each
// are in both.
func alike(a, b ddl.Schema) bool {
	names := map[string]bool{}
	for _, o := range a.Objects {
		if o.Kind == ddl.KindTable {
			names[o.Name] = true
		}
	}
	all, both := len(names), 0
	for _, o := range b.Objects {
		switch {
		case o.Kind != ddl.KindTable:
		case names[o.Name]:
			both++
		default:
			all++
		}
	}
	return both > 0 && 2*both >= all
}
