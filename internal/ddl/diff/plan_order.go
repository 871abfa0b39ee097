package diff

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// plan orders the statements. Everything that could stand in the way goes
// first, everything that needs others comes after them, and what loses rows or
// values comes last: a migration that fails in the middle has lost nothing.
func (p *planner) plan(from, to ddl.Schema) {
	p.findUnsupported()
	p.planTables()
	fks := p.planForeignKeys()

	p.alterDatabase(from, to)
	p.dropViews()
	p.dropTriggersAndEvents()
	p.emit(fks.drops)
	p.dropChecksThatMove()
	p.dropNamesakes()
	p.sequences()
	for _, name := range sorted(p.plans) {
		p.emitTable(name, p.plans[name].main)
	}
	for _, name := range sorted(p.plans) {
		p.emitTable(name, p.plans[name].risky)
	}
	p.createTables(fks)
	p.emit(fks.adds)
	p.routines()
	p.views()
	p.triggersAndEvents()
	p.dropRoutines()
	for _, name := range sorted(p.plans) {
		p.emitTable(name, p.plans[name].drops)
	}
	p.dropTables(fks)
	p.dropSequences()
}

func (p *planner) emit(changes []Change) {
	for _, c := range changes {
		p.add(c, ddl.KindTable, c.Table)
	}
}

func (p *planner) emitTable(name string, changes []Change) {
	for _, c := range changes {
		p.add(c, ddl.KindTable, name)
	}
}

// findUnsupported names the tables that differ and that no statement of ours can alter.
func (p *planner) findUnsupported() {
	for _, o := range p.to.ofKinds(ddl.KindTable) {
		old, ok := p.from.objects[o.Key()]
		if !ok || old.SQL == o.SQL || sameText(old.SQL, o.SQL) {
			continue
		}
		for _, s := range []*side{&p.from, &p.to} {
			if reason := s.opaque[o.Name]; reason != "" {
				p.cannot(ddl.KindTable, o.Name, "it differs, and its definition is not understood: "+reason)
				break
			}
		}
	}
	for _, s := range []*side{&p.from, &p.to} {
		for _, key := range sorted(s.objects) {
			if o := s.objects[key]; !knownKind(o.Kind) && p.from.objects[key].SQL != p.to.objects[key].SQL {
				p.cannot(o.Kind, o.Name, "objects of this kind are not understood")
			}
		}
	}
}

func knownKind(k ddl.Kind) bool {
	switch k {
	case ddl.KindTable, ddl.KindView, ddl.KindProcedure, ddl.KindFunction, ddl.KindTrigger, ddl.KindEvent, ddl.KindSequence, ddl.KindPackage, ddl.KindPackageBody:
		return true
	}
	return false
}

// sameText compares two texts of a table without their counters.
func sameText(a, b string) bool {
	strip := func(toks []sqltext.Token) []sqltext.Token {
		for i, t := range toks {
			if t.Is("auto_increment") && i+2 < len(toks) && toks[i+1].IsPunct('=') {
				return append(slices.Clone(toks[:i]), toks[i+3:]...)
			}
		}
		return toks
	}
	return sqltext.Canonical(strip(sqltext.Tokens(a, sqltext.Mode{}))) == sqltext.Canonical(strip(sqltext.Tokens(b, sqltext.Mode{})))
}

// planTables compares the tables that stay.
func (p *planner) planTables() {
	for _, name := range sorted(p.from.tables) {
		a, b := p.from.tables[name], p.to.tables[name]
		if b == nil {
			continue
		}
		if a == b {
			p.plans[name] = &tablePlan{from: a, to: b, free: a}
			continue
		}
		plan := p.tablePlan(a, b)
		p.plans[name] = plan
		if !slices.Equal(a.Periods, b.Periods) {
			p.cannot(ddl.KindTable, name, "no statement of ours changes its PERIOD")
		} else if (a.Versioned || b.Versioned) && plan.changed() {
			p.cannot(ddl.KindTable, name, "it is system-versioned, and its history must be cared for by hand")
		}
	}
}

// dropChecksThatMove drops checks whose names other tables are about to use: in
// MySQL the name of a check is unique in its database.
func (p *planner) dropChecksThatMove() {
	if p.srv.Product == ddl.MariaDB {
		return
	}
	homes := map[string]string{} // name of a check to its table, in the target
	for name, t := range p.to.tables {
		for _, c := range t.Checks {
			homes[strings.ToLower(c.Name)] = name
		}
	}
	for _, name := range sorted(p.from.tables) {
		t := p.from.tables[name]
		moved := t.Clone()
		moved.Checks = slices.DeleteFunc(moved.Checks, func(c ddl.Check) bool {
			home, ok := homes[strings.ToLower(c.Name)]
			return ok && home != name
		})
		if len(moved.Checks) == len(t.Checks) {
			continue
		}
		p.emitTable(name, p.alterTable(t, moved, t))
		if b := p.to.tables[name]; b != nil {
			p.plans[name] = p.tablePlan(moved, b)
		}
	}
}

// createOrder returns the new tables so that parents come before children, and
// which foreign keys must wait because tables need each other.
func (p *planner) createOrder() (order []string, wait map[*ddl.ForeignKey]bool) {
	var names []string
	for _, o := range p.to.ofKinds(ddl.KindTable) {
		if _, ok := p.from.objects[o.Key()]; !ok {
			names = append(names, o.Name)
		}
	}
	wait = map[*ddl.ForeignKey]bool{}
	needs := func(name string, pending []string) []*ddl.ForeignKey {
		var out []*ddl.ForeignKey
		t := p.to.tables[name]
		if t == nil {
			return nil
		}
		for i := range t.ForeignKeys {
			f := &t.ForeignKeys[i]
			if f.Database == "" && f.Parent != name && !wait[f] && slices.Contains(pending, f.Parent) {
				out = append(out, f)
			}
		}
		return out
	}
	for len(names) > 0 {
		next := slices.IndexFunc(names, func(n string) bool { return len(needs(n, names)) == 0 })
		if next < 0 { // a circle: the first in the alphabet starts
			next = 0
			for _, f := range needs(names[0], names) {
				wait[f] = true
			}
		}
		order = append(order, names[next])
		names = slices.Delete(names, next, next+1)
	}
	return order, wait
}

func (p *planner) createTables(fks foreignKeyPlan) {
	for _, name := range fks.createOrder {
		sql := sqltext.OneLine(p.to.objects[string(ddl.KindTable)+" "+name].SQL)
		if t := p.to.tables[name]; t != nil {
			sql = t.Create(func(f *ddl.ForeignKey) bool { return fks.wait[f] })
		}
		p.add(Change{SQL: sql, Operation: OpCreateTable}, ddl.KindTable, name)
		if t := p.to.tables[name]; t != nil {
			for i := range t.Columns {
				if y := &t.Columns[i]; y.RefusesNull(p.srv) {
					p.add(alterChange(name, []Clause{dropDefault(t, y)}, nil), ddl.KindTable, name)
				}
			}
		}
	}
}

// goneTables returns the tables that go, children before parents.
func (p *planner) goneTables() []string {
	var names []string
	for _, o := range p.from.ofKinds(ddl.KindTable) {
		if _, ok := p.to.objects[o.Key()]; !ok {
			names = append(names, o.Name)
		}
	}
	var order []string
	referenced := func(name string) bool {
		return slices.ContainsFunc(names, func(other string) bool {
			t := p.from.tables[other]
			return other != name && t != nil && slices.ContainsFunc(t.ForeignKeys, func(f ddl.ForeignKey) bool {
				return f.Database == "" && f.Parent == name
			})
		})
	}
	for len(names) > 0 {
		next := max(0, slices.IndexFunc(names, func(n string) bool { return !referenced(n) }))
		order = append(order, names[next])
		names = slices.Delete(names, next, next+1)
	}
	return order
}

// isNamesake says whether the name of a table that goes is taken over by an
// object of another kind.
func (p *planner) isNamesake(name string) bool {
	for _, k := range []ddl.Kind{ddl.KindView, ddl.KindSequence} {
		if _, ok := p.to.objects[string(k)+" "+name]; ok {
			return true
		}
	}
	return false
}

func (p *planner) dropNamesakes() {
	for _, name := range p.goneTables() {
		if p.isNamesake(name) {
			p.dropTable(name)
		}
	}
	for _, o := range p.from.ofKinds(ddl.KindSequence) {
		if _, ok := p.to.objects[o.Key()]; !ok && p.sequenceNameTaken(o.Name) {
			p.dropSequence(o)
		}
	}
}

func (p *planner) dropTables(fks foreignKeyPlan) {
	for _, name := range fks.dropOrder {
		if !p.isNamesake(name) {
			p.dropTable(name)
		}
	}
}

func (p *planner) dropTable(name string) {
	c := Change{
		SQL: "DROP TABLE " + sqltext.Quote(name), Operation: OpDropTable,
		Destructive: true, Lost: "table `" + name + "` with its rows",
	}
	t := p.from.tables[name]
	if t == nil {
		t = &ddl.Table{Name: name}
	}
	c.Probes = []Probe{rowProbe(t, "TRUE", "{rows} of `"+name+"` {lose} everything", false)}
	p.add(c, ddl.KindTable, name)
}
