package ddl

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// foreignKeyPlan says what happens to foreign keys, and in which order tables
// come and go.
type foreignKeyPlan struct {
	drops, adds []Change
	createOrder []string
	wait        map[*foreignKey]bool // of new tables: added after all tables are there
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
		for i := range t.foreignKeys {
			f := &t.foreignKeys[i]
			reason, drop := p.foreignKeyGoes(t, f, plan.dropOrder)
			if !drop {
				continue
			}
			again[foreignKeyID(name, f.name)] = reason
			clauses = append(clauses, Clause{
				SQL: "DROP FOREIGN KEY " + sqltext.Quote(f.name), Operation: OpDropForeignKey, Object: foreignKeyName(name, f), Reason: reason,
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

func foreignKeyName(table string, f *foreignKey) string {
	return "foreign key `" + table + "`.`" + f.name + "`"
}

// foreignKeyGoes says whether a foreign key of a table must be dropped by
// itself, and why when its definition alone does not tell.
func (p *planner) foreignKeyGoes(t *table, f *foreignKey, gone []string) (reason string, drop bool) {
	b := p.to.tables[t.name]
	if b == nil {
		return p.foreignKeyOfGoneTable(t, f, gone)
	}
	if g := b.foreignKey(f.name); g == nil || !f.same(g) {
		return "", true
	}
	if cause := p.foreignKeyInTheWay(t, f); cause != "" {
		return "dropped and added again: " + cause, true
	}
	return "", false
}

func (p *planner) foreignKeyOfGoneTable(t *table, f *foreignKey, gone []string) (string, bool) {
	if _, ok := p.to.objects[string(KindTable)+" "+t.name]; ok { // opaque
		return "", false
	}
	for _, b := range p.to.tables {
		if b.foreignKey(f.name) != nil {
			return "its name is used by another foreign key", true
		}
	}
	mine, parents := slices.Index(gone, t.name), slices.Index(gone, f.parent)
	if f.database == "" && (parents >= 0 && parents < mine || parents >= 0 && p.isNamesake(f.parent)) {
		return "the tables that go reference each other", true
	}
	reason := p.foreignKeyInTheWay(t, f)
	return reason, reason != ""
}

// foreignKeyInTheWay returns why a foreign key cannot stay while tables change,
// "" when it can.
func (p *planner) foreignKeyInTheWay(t *table, f *foreignKey) string {
	check := func(name string, columns []string) string {
		a, b := p.from.tables[name], p.to.tables[name]
		if a == nil || b == nil {
			return ""
		}
		if !strings.EqualFold(a.option("ENGINE"), b.option("ENGINE")) {
			return "table `" + name + "` changes its engine"
		}
		changed := fkColumns(a, b)
		for _, c := range columns {
			if changed[c] {
				return "column `" + name + "`.`" + a.column(c).name + "` changes"
			}
		}
		if plan := p.plans[name]; !keepsSupport(a, b, columns) || !plan.free.supports(columns) {
			return "the key of `" + name + "` that it stands on changes"
		}
		return ""
	}
	reason := check(t.name, f.columns)
	if reason == "" && f.database == "" {
		reason = check(f.parent, f.references)
	}
	return reason
}

// addForeignKeys returns the statement that adds the foreign keys of one table.
func (p *planner) addForeignKeys(name string, wait map[*foreignKey]bool, again map[string]string) (Change, bool) {
	b := p.to.tables[name]
	a := p.from.tables[name]
	if _, exists := p.from.objects[string(KindTable)+" "+name]; exists && a == nil {
		return Change{}, false // opaque
	}
	var clauses []Clause
	for i := range b.foreignKeys {
		g := &b.foreignKeys[i]
		c := Clause{SQL: "ADD " + g.text, Operation: OpAddForeignKey, Object: foreignKeyName(name, g)}
		if a == nil {
			if !wait[g] {
				continue
			}
			c.Reason = "the new tables reference each other"
		} else {
			reason, dropped := again[foreignKeyID(name, g.name)]
			if f := a.foreignKey(g.name); f != nil && f.same(g) && !dropped {
				continue
			}
			c.Reason = reason
			_, old := p.from.objects[string(KindTable)+" "+g.parent]
			_, fresh := p.to.objects[string(KindTable)+" "+g.parent]
			riskOfForeignKey(&c, [2]*table{a, b}, p.from.tables[g.parent], g, !old && fresh)
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
	c.AskAlgorithm = a != nil
	return c, true
}

// keysThatWouldGo returns the clauses that keep the keys of a table which the
// server may have made itself, and would give up for those that come with the
// foreign keys which are added in the same statement.
func keysThatWouldGo(a, b *table, adds []Clause) []Clause {
	var out []Clause
	for i := range b.keys {
		y := &b.keys[i]
		old := slices.IndexFunc(a.keys, func(x key) bool { return x.same(y) && (x.name == y.name || b.key(x.name) == nil) })
		if old < 0 || !mayBeGenerated(a, b, y) && !mayBeGenerated(a, b, &a.keys[old]) {
			continue
		}
		covering := slices.DeleteFunc(slices.Clone(b.foreignKeys), func(f foreignKey) bool {
			return !f.needs(y.columns()) || !slices.ContainsFunc(adds, func(c Clause) bool { return c.Object == foreignKeyName(b.name, &f) })
		})
		if len(covering) == 0 || len(covering) == 1 && len(covering[0].columns) == len(y.columns()) && strings.EqualFold(covering[0].name, y.name) {
			continue // or it is given up for its equal
		}
		object := "index `" + b.name + "`.`" + y.name + "`"
		out = append(out,
			Clause{SQL: "DROP INDEX " + sqltext.Quote(y.name), Operation: OpDropIndex, Object: object},
			Clause{SQL: "ADD " + y.text, Operation: OpAddIndex, Object: object, Reason: "added again, because a server that made it for a foreign key would give it up for the new one"})
	}
	return out
}
