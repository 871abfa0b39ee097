package merge

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source/catalog"
)

// A Reach is a table of the template whose rows depend on something that a
// customization made: they change with it, or differ from what the application writes.
type Reach struct {
	Table string
	// How says it, behind the name of what was made: "changes rows of".
	How string
}

// Reaches returns the tables of a template that something reaches that is in a schema
// which customizations have made of it: a trigger on one, a program whose statements
// change rows of one, also through a view, and a foreign key of one whose rules delete
// its rows or change columns of the template.
func Reaches(at ddl.Place, made, template ddl.Schema, srv ddl.Server) []Reach {
	object, ok := objectOf(made, at.Object)
	if !ok {
		return nil
	}
	if strings.HasPrefix(at.Element, "foreign key ") {
		return foreignKeyReach(at, object, template, srv)
	}
	if at.Element != "" {
		return nil
	}
	var out []Reach
	if object.Kind == ddl.KindTrigger {
		if _, ok := objectOf(template, string(ddl.KindTable)+" "+object.Table); ok {
			out = append(out, Reach{object.Table, "would run in everything that writes to"})
		}
	}
	switch object.Kind {
	case ddl.KindTrigger, ddl.KindProcedure, ddl.KindFunction, ddl.KindEvent:
		for _, name := range catalog.WrittenTables(object.SQL) {
			for _, table := range tablesBehind(name, made, map[string]bool{}) {
				if o, ok := tableOf(template, table); ok && !slices.ContainsFunc(out, func(r Reach) bool { return r.Table == o.Name }) {
					out = append(out, Reach{o.Name, "changes rows of"})
				}
			}
		}
	}
	return out
}

func objectOf(s ddl.Schema, key string) (ddl.Object, bool) {
	for _, o := range s.Objects {
		if string(o.Kind)+" "+o.Name == key {
			return o, true
		}
	}
	return ddl.Object{}, false
}

// tableOf finds a table by a name in any case: which servers tell apart matters less
// than that none is missed.
func tableOf(s ddl.Schema, name string) (ddl.Object, bool) {
	i := slices.IndexFunc(s.Objects, func(o ddl.Object) bool { return o.Kind == ddl.KindTable && strings.EqualFold(o.Name, name) })
	if i < 0 {
		return ddl.Object{}, false
	}
	return s.Objects[i], true
}

// tablesBehind returns a table itself, and the names that a view of that name reads.
// Views that were seen are not read again: of views on views there may be very many ways.
func tablesBehind(name string, s ddl.Schema, seen map[string]bool) []string {
	i := slices.IndexFunc(s.Objects, func(o ddl.Object) bool { return o.Kind == ddl.KindView && strings.EqualFold(o.Name, name) })
	if i < 0 {
		return []string{name}
	}
	if seen[s.Objects[i].Name] {
		return nil
	}
	seen[s.Objects[i].Name] = true
	var out []string
	statements, err := source.Split(s.Objects[i].SQL)
	if err != nil {
		return nil // a server has printed it
	}
	for k := range statements {
		for _, t := range statements[k].TableNames() {
			if read := t.Value(); !strings.EqualFold(read, s.Objects[i].Name) {
				out = append(out, tablesBehind(read, s, seen)...)
			}
		}
	}
	return out
}

// foreignKeyReach judges the rules of a foreign key that a customization gave to a
// table of the template.
func foreignKeyReach(at ddl.Place, object ddl.Object, template ddl.Schema, srv ddl.Server) []Reach {
	was, ok := objectOf(template, at.Object)
	if !ok {
		return nil
	}
	now, err := ddl.DescribeTable(object, srv)
	if err != nil {
		return nil // a table that cannot be read is reported as changed
	}
	before, err := ddl.DescribeTable(was, srv)
	if err != nil {
		return nil
	}
	for _, f := range now.ForeignKeys {
		if ddl.ElementKey("foreign key", f.Name) != at.Element {
			continue
		}
		templates := slices.ContainsFunc(f.Columns, func(column string) bool {
			return slices.ContainsFunc(before.Columns, func(c ddl.ColumnInfo) bool { return strings.EqualFold(c.Name, column) })
		})
		switch {
		case f.OnDelete == "CASCADE":
			return []Reach{{was.Name, "deletes, by `ON DELETE CASCADE`, rows of"}}
		case templates && changes(f.OnDelete):
			return []Reach{{was.Name, "changes, by `ON DELETE " + f.OnDelete + "`, columns of"}}
		case templates && changes(f.OnUpdate):
			return []Reach{{was.Name, "changes, by `ON UPDATE " + f.OnUpdate + "`, columns of"}}
		}
	}
	return nil
}

// changes says whether a rule of a foreign key changes the row that refers.
func changes(rule string) bool {
	return slices.Contains([]string{"CASCADE", "SET NULL", "SET DEFAULT"}, rule)
}
