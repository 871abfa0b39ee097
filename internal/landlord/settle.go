package landlord

import (
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// settle applies decisions to conflicts: those that keep the tenant's first,
// because what they waive may be all that others stumble over. It says whether
// something changed.
func (m *meeting) settle(open map[ddl.Place]*Conflict, keep bool) bool {
	changed := false
	for _, p := range sortedKeys(open) {
		c := open[p]
		if c.fixed {
			continue
		}
		r, ok := m.resolution(c)
		if !ok || (r.Decision == KeepTenant) != keep {
			continue
		}
		if !m.apply(c, r) {
			c.fixed = true
			continue
		}
		c.Decision = r.Decision
		m.settled[p], changed = *c, true
		m.made = append(m.made, decided{Resolution{c.Object, c.Element, r.Decision, r.SQL}, c.Clash})
	}
	return changed
}

// resolution finds the decision on a conflict: that of the configuration, or an
// earlier one on the very same clash.
func (m *meeting) resolution(c *Conflict) (Resolution, bool) {
	for _, whole := range []bool{false, true} {
		for _, r := range m.resolutions {
			if r.Object == c.Object && (r.Element == c.Element || whole && r.Element == "") {
				m.used[r] = true
				return r, true
			}
		}
	}
	r, ok := m.remembered[c.Clash]
	return r, ok
}

// apply makes the choices that a decision means. It returns false when they
// change nothing: what an explicit step renames cannot stay as it was.
func (m *meeting) apply(c *Conflict, r Resolution) bool {
	p := c.place()
	if r.Decision == KeepTenant {
		if c.follows {
			return false
		}
		waives := c.waives
		if len(waives) == 0 {
			waives = []ddl.Place{p}
		}
		changed := false
		for _, w := range waives {
			changed = m.choose(w, ddl.SideLive) || changed
		}
		return changed
	}
	if c.Verdict == Depends && !c.Breaks && (r.Decision == TakeTemplate || c.Element != "") {
		m.accepted[p] = true
	} else if !m.choose(p, ddl.SideNext) {
		return false
	}
	if r.Decision == DecideSQL {
		m.remade = append(m.remade, *c)
	}
	return true
}

// choose makes a choice, unless there is one.
func (m *meeting) choose(p ddl.Place, side ddl.Side) bool {
	if m.choices[p] != 0 {
		return false
	}
	m.choices[p] = side
	return true
}

// decisionsMade returns the decisions that the outcome follows, as they are
// remembered.
func (m *meeting) decisionsMade() []decided {
	slices.SortFunc(m.made, func(a, b decided) int { return strings.Compare(a.Clash, b.Clash) })
	return m.made
}

// end puts the outcome together.
func (m *meeting) end(goal ddl.Schema, open map[ddl.Place]*Conflict) outcome {
	all := maps.Clone(m.settled)
	for p, c := range open {
		if c.fixed && c.Decision == "" && c.Verdict == Depends {
			c.Reason += "; it cannot be kept as it is"
		}
		all[p] = *c
	}
	m.harmless(all)
	out := outcome{goal: withoutStrayTriggers(goal), remade: m.remade, sql: map[ddl.Place]string{}}
	for _, p := range sortedKeys(all) {
		out.conflicts = append(out.conflicts, all[p])
		_, drifted := m.drifted[p]
		if drifted && all[p].Decision == KeepTenant {
			out.kept = append(out.kept, p)
		}
	}
	sortConflicts(out.conflicts)
	for _, c := range m.remade {
		r, _ := m.resolution(&c)
		out.sql[r.place()] = r.SQL
	}
	for _, r := range m.resolutions {
		if !m.used[r] {
			out.unused = append(out.unused, r)
		}
	}
	return out
}

// harmless adds what meets the update and needs no decision.
func (m *meeting) harmless(all map[ddl.Place]Conflict) {
	for p, o := range m.own {
		if _, there := all[p]; there || p.Element == ddl.ElementOrder {
			continue
		}
		u, both := m.upgrade[p]
		c := Conflict{Object: p.Object, Element: p.Element, Tenant: o.After, Base: o.Before}
		switch {
		case both && !within(m.apart, p):
			c.Verdict, c.Template, c.Reason = Identical, u.After, "both made the same: it belongs to the template from now on"
		case p.Element != "" && m.touched[p.Object]:
			c.Verdict, c.Reason = Commutes, "the template changes other parts of the object"
		default:
			continue
		}
		if c.Verdict == Commutes && !m.claimed(p) {
			continue // the same thing, printed otherwise by another version of the server
		}
		c.Who, c.touches = m.who(p)
		c.Clash = m.clash(&c)
		all[p] = c
	}
}

// withoutStrayTriggers leaves out the triggers whose table is gone: a trigger
// goes with its table, whoever made it.
func withoutStrayTriggers(s ddl.Schema) ddl.Schema {
	tables := map[string]bool{}
	for _, o := range s.Objects {
		tables[o.Name] = tables[o.Name] || o.Kind == ddl.KindTable
	}
	s.Objects = slices.DeleteFunc(slices.Clone(s.Objects), func(o ddl.Object) bool { return o.Kind == ddl.KindTrigger && !tables[o.Table] })
	return s
}
