package diff

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// foreignKeyPlan says what happens to foreign keys, and in which order tables
// come and go.
type foreignKeyPlan struct {
	drops, adds []Change
	createOrder []string
	wait        map[*ddl.ForeignKey]bool // of new tables: added after all tables are there
	dropOrder   []string
}

// planForeignKeys decides which foreign keys are dropped before and added after
// the tables change. A foreign key that stays is dropped and added again only
// when a column or key that it stands on changes: adding one reads the table.
func (p *planner) planForeignKeys() foreignKeyPlan {
	plan := foreignKeyPlan{dropOrder: p.goneTables()}
	plan.createOrder, plan.wait = p.createOrder()
	again := map[string]string{} // table and name to the reason
	for _, name := range sorted(p.from.tables) {
		var clauses []Clause
		t := p.from.tables[name]
		for i := range t.ForeignKeys {
			f := &t.ForeignKeys[i]
			reason, drop := p.foreignKeyGoes(t, f, plan.dropOrder)
			if !drop {
				continue
			}
			again[foreignKeyID(name, f.Name)] = reason
			clauses = append(clauses, Clause{
				SQL: "DROP FOREIGN KEY " + sqltext.Quote(f.Name), Operation: OpDropForeignKey, Object: foreignKeyName(name, f), Reason: reason,
			})
		}
		if len(clauses) > 0 {
			c := alterChange(name, clauses, nil)
			c.Table = name
			plan.drops = append(plan.drops, c)
		}
	}
	for _, name := range sorted(p.to.tables) {
		if c, ok := p.addForeignKeys(name, plan.wait, again); ok {
			plan.adds = append(plan.adds, c)
		}
	}
	return plan
}

func foreignKeyID(table, name string) string { return table + "\x00" + strings.ToLower(name) }

func foreignKeyName(table string, f *ddl.ForeignKey) string {
	return "foreign key `" + table + "`.`" + f.Name + "`"
}

// foreignKeyGoes says whether a foreign key of a table must be dropped by
// itself, and why when its definition alone does not tell.
func (p *planner) foreignKeyGoes(t *ddl.Table, f *ddl.ForeignKey, gone []string) (reason string, drop bool) {
	b := p.to.tables[t.Name]
	if b == nil {
		return p.foreignKeyOfGoneTable(t, f, gone)
	}
	if g := b.ForeignKey(f.Name); g == nil || !f.Same(g) {
		return "", true
	}
	if cause := p.foreignKeyInTheWay(t, f); cause != "" {
		return "dropped and added again: " + cause, true
	}
	return "", false
}

func (p *planner) foreignKeyOfGoneTable(t *ddl.Table, f *ddl.ForeignKey, gone []string) (string, bool) {
	if _, ok := p.to.objects[string(ddl.KindTable)+" "+t.Name]; ok { // opaque
		return "", false
	}
	for _, b := range p.to.tables {
		if b.ForeignKey(f.Name) != nil {
			return "its name is used by another foreign key", true
		}
	}
	mine, parents := slices.Index(gone, t.Name), slices.Index(gone, f.Parent)
	if f.Database == "" && (parents >= 0 && parents < mine || parents >= 0 && p.isNamesake(f.Parent)) {
		return "the tables that go reference each other", true
	}
	reason := p.foreignKeyInTheWay(t, f)
	return reason, reason != ""
}

// foreignKeyInTheWay returns why a foreign key cannot stay while tables change,
// "" when it can.
func (p *planner) foreignKeyInTheWay(t *ddl.Table, f *ddl.ForeignKey) string {
	check := func(name string, columns []string) string {
		a, b := p.from.tables[name], p.to.tables[name]
		if a == nil || b == nil {
			return ""
		}
		if !strings.EqualFold(a.Option("ENGINE"), b.Option("ENGINE")) {
			return "table `" + name + "` changes its engine"
		}
		changed := fkColumns(a, b)
		for _, c := range columns {
			if changed[c] {
				return "column `" + name + "`.`" + a.Column(c).Name + "` changes"
			}
		}
		if plan := p.plans[name]; !keepsSupport(a, b, columns) || !plan.free.Supports(columns) {
			return "the key of `" + name + "` that it stands on changes"
		}
		return ""
	}
	reason := check(t.Name, f.Columns)
	if reason == "" && f.Database == "" {
		reason = check(f.Parent, f.References)
	}
	return reason
}

// addForeignKeys returns the statement that adds the foreign keys of one table.
func (p *planner) addForeignKeys(name string, wait map[*ddl.ForeignKey]bool, again map[string]string) (Change, bool) {
	b := p.to.tables[name]
	a := p.from.tables[name]
	if _, exists := p.from.objects[string(ddl.KindTable)+" "+name]; exists && a == nil {
		return Change{}, false // opaque
	}
	var clauses []Clause
	for i := range b.ForeignKeys {
		g := &b.ForeignKeys[i]
		c := Clause{SQL: "ADD " + g.Text, Operation: OpAddForeignKey, Object: foreignKeyName(name, g)}
		if a == nil {
			if !wait[g] {
				continue
			}
			c.Reason = "the new tables reference each other"
		} else {
			reason, dropped := again[foreignKeyID(name, g.Name)]
			if f := a.ForeignKey(g.Name); f != nil && f.Same(g) && !dropped {
				continue
			}
			c.Reason = reason
			_, old := p.from.objects[string(ddl.KindTable)+" "+g.Parent]
			_, fresh := p.to.objects[string(ddl.KindTable)+" "+g.Parent]
			riskOfForeignKey(&c, [2]*ddl.Table{a, b}, [2]*ddl.Table{p.from.tables[g.Parent], p.to.tables[g.Parent]}, g, !old && fresh)
		}
		clauses = append(clauses, c)
	}
	if len(clauses) == 0 {
		return Change{}, false
	}
	if a != nil {
		clauses = append(keysThatWouldGo(a, b, clauses), clauses...)
	}
	c := alterChange(name, clauses, nil)
	c.Table = name
	if c.AskAlgorithm = a != nil; a != nil { // some servers copy the table for it
		c.Probes = slices.Concat(c.Probes, newTableDiff(p.srv, p.opt, b, b, a).rowProbes(), p.orphanProbes(a, b))
	}
	return c, true
}

// keysThatWouldGo returns the clauses that keep the keys of a table which the
// server may have made itself, and would give up for those that come with the
// foreign keys which are added in the same statement.
func keysThatWouldGo(a, b *ddl.Table, adds []Clause) []Clause {
	var out []Clause
	for i := range b.Keys {
		y := &b.Keys[i]
		old := slices.IndexFunc(a.Keys, func(x ddl.Key) bool { return x.Same(y) && (strings.EqualFold(x.Name, y.Name) || b.Key(x.Name) == nil) })
		if old < 0 || !mayBeGenerated(a, b, y) && !mayBeGenerated(a, b, &a.Keys[old]) {
			continue
		}
		covering := slices.DeleteFunc(slices.Clone(b.ForeignKeys), func(f ddl.ForeignKey) bool {
			return !f.Needs(y.Columns()) || !slices.ContainsFunc(adds, func(c Clause) bool { return c.Object == foreignKeyName(b.Name, &f) })
		})
		name := y.Name
		if strings.EqualFold(a.Keys[old].Name, name) {
			name = a.Keys[old].Name // nobody renames a key for the case of its letters
		}
		if len(covering) == 0 || len(covering) == 1 && len(covering[0].Columns) == len(y.Columns()) && covering[0].Name == name {
			continue // or it is given up for its equal
		}
		object := "index `" + b.Name + "`.`" + y.Name + "`"
		out = append(out,
			Clause{SQL: "DROP INDEX " + sqltext.Quote(y.Name), Operation: OpDropIndex, Object: object},
			Clause{SQL: "ADD " + y.Text, Operation: OpAddIndex, Object: object, Reason: "added again, because a server that made it for a foreign key would give it up for the new one"})
	}
	return out
}
