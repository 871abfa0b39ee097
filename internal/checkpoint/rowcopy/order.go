package rowcopy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// orderCopy puts parents before their children. Tables that refer to each other
// in a circle, or to themselves, become one group.
func orderCopy(tables []*copyTable, database string) []copyGroup {
	o := &copyOrder{database: database, tables: map[string]*copyTable{}, index: map[string]int{}, low: map[string]int{}}
	for _, t := range tables {
		o.tables[strings.ToLower(t.name)] = t
	}
	for _, t := range tables {
		if o.index[strings.ToLower(t.name)] == 0 {
			o.visit(strings.ToLower(t.name))
		}
	}
	return o.groups
}

// A copyOrder finds the strongly connected components of the tables (Tarjan).
// They are found parents first.
type copyOrder struct {
	database string
	tables   map[string]*copyTable // by names in lower case
	index    map[string]int        // from 1, in the order of the visits
	low      map[string]int        // the first that is reached from here
	stack    []string
	groups   []copyGroup
}

func (o *copyOrder) visit(name string) {
	o.index[name] = len(o.index) + 1
	o.low[name] = o.index[name]
	o.stack = append(o.stack, name)
	self := false
	for _, f := range o.tables[name].references {
		parent := strings.ToLower(f.Table)
		if f.Database != "" && f.Database != o.database || o.tables[parent] == nil {
			continue
		}
		self = self || parent == name
		if o.index[parent] == 0 {
			o.visit(parent)
			o.low[name] = min(o.low[name], o.low[parent])
		} else if slices.Contains(o.stack, parent) {
			o.low[name] = min(o.low[name], o.index[parent])
		}
	}
	if o.low[name] != o.index[name] {
		return
	}
	at := slices.Index(o.stack, name)
	members := o.stack[at:]
	g := copyGroup{unchecked: self || len(members) > 1}
	for _, member := range members {
		g.tables = append(g.tables, o.tables[member])
	}
	o.stack = o.stack[:at]
	o.groups = append(o.groups, g)
}

// has says whether a foreign key refers to a table of the group.
func (g *copyGroup) has(f *ddl.ForeignKeyInfo, database string) bool {
	return (f.Database == "" || f.Database == database) &&
		slices.ContainsFunc(g.tables, func(t *copyTable) bool { return strings.EqualFold(t.name, f.Table) })
}

// checkGroups looks at the foreign keys of the target: what must be there
// already, and what a circle forbids.
func (p *Plan) checkGroups(ctx context.Context, target Side) error {
	for _, g := range p.groups {
		for _, t := range g.tables {
			p.checkParents(t, target.Database)
			if !g.unchecked {
				continue
			}
			if t.key == nil {
				p.add(Finding{
					Table: t.name, Code: CodeForeignKey, Blocks: true,
					Problem: "it refers to itself, or is in a circle of foreign keys, and its rows cannot be told apart by a primary key",
					Advice:  "Give it the same primary key on both sides.",
				})
			}
			if t.mode != ConflictReplace {
				continue
			}
			others, err := target.referencedElsewhere(ctx, t)
			if err != nil {
				return err
			}
			for _, name := range slices.Compact(others) {
				p.add(Finding{
					Table: t.name, Code: CodeForeignKey, Blocks: true,
					Problem: "it is in a circle of foreign keys, and the foreign key " + name + " refers to a column outside of its primary key: rows that are replaced could leave others without a parent",
					Advice:  "Skip rows that are there already, or let conflicts fail.",
				})
			}
		}
	}
	return nil
}

// checkParents reports foreign keys to tables that are not copied.
func (p *Plan) checkParents(t *copyTable, database string) {
	var names []string
	for _, f := range t.references {
		if (f.Database == "" || f.Database == database) && slices.ContainsFunc(p.request.Tables, func(name string) bool { return strings.EqualFold(name, f.Table) }) {
			continue
		}
		name := "`" + f.Table + "`"
		if f.Database != "" {
			name = "`" + f.Database + "`." + name
		}
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		p.add(Finding{
			Table: t.name, Code: CodeForeignKey,
			Problem: fmt.Sprintf("its rows refer to %s, which is not copied", name),
			Advice:  "The rows that they refer to must be in the target.",
		})
	}
}
