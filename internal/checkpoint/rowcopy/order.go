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
	o := &copyOrder{database: database, tables: tables, index: map[*copyTable]int{}, low: map[*copyTable]int{}}
	for _, t := range tables {
		if o.index[t] == 0 {
			o.visit(t)
		}
	}
	return o.groups
}

// A copyOrder finds the strongly connected components of the tables (Tarjan).
// They are found parents first.
type copyOrder struct {
	database string
	tables   []*copyTable
	index    map[*copyTable]int // from 1, in the order of the visits
	low      map[*copyTable]int // the first that is reached from here
	stack    []*copyTable
	groups   []copyGroup
}

// find returns the table of a name; nil when it is not copied. Some servers
// tell `a` and `A` apart, others print names of parents in other letters than
// their own: the same letters count first.
func (o *copyOrder) find(name string) *copyTable {
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		if i := slices.IndexFunc(o.tables, func(t *copyTable) bool { return same(t.name, name) }); i >= 0 {
			return o.tables[i]
		}
	}
	return nil
}

func (o *copyOrder) visit(t *copyTable) {
	o.index[t] = len(o.index) + 1
	o.low[t] = o.index[t]
	o.stack = append(o.stack, t)
	self := false
	for _, f := range t.references {
		parent := o.find(f.Table)
		if f.Database != "" && f.Database != o.database || parent == nil {
			continue
		}
		self = self || parent == t
		if o.index[parent] == 0 {
			o.visit(parent)
			o.low[t] = min(o.low[t], o.low[parent])
		} else if slices.Contains(o.stack, parent) {
			o.low[t] = min(o.low[t], o.index[parent])
		}
	}
	if o.low[t] != o.index[t] {
		return
	}
	at := slices.Index(o.stack, t)
	members := slices.Clone(o.stack[at:])
	o.stack = o.stack[:at]
	o.groups = append(o.groups, copyGroup{tables: members, unchecked: self || len(members) > 1})
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
