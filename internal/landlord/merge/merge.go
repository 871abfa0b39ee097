package merge

import (
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// merging is a comparison with the choices that were made so far.
type merging struct {
	*Comparison
	choices  map[ddl.Place]diff.Side
	apparent map[ddl.Place]bool // choices that nobody decided: a decision may overrule them
	accepted map[ddl.Place]bool // what works and was agreed to
	decided  map[ddl.Place]Conflict
	rewrites map[ddl.Place]string // statements, by what their resolution is about
	made     []Remembered
	used     map[Resolution]bool
}

// Merge brings the update into the tenant's schema. Decisions are applied as long
// as they change something: what one of them takes away may be what another
// thing depends on.
func (c *Comparison) Merge() Outcome {
	m := &merging{Comparison: c, choices: map[ddl.Place]diff.Side{}, apparent: map[ddl.Place]bool{}, accepted: map[ddl.Place]bool{}, decided: map[ddl.Place]Conflict{},
		rewrites: map[ddl.Place]string{}, used: map[Resolution]bool{}}
	m.reclaim()
	m.adopt()
	for {
		goal, clashes := diff.Merge(m.Old, m.Next, m.Live, m.Server, diff.MergeOptions{Choices: m.choices})
		if m.chooseApparent(clashes) {
			continue
		}
		open := m.conflicts(goal, clashes)
		if m.decide(open, true) || m.decide(open, false) {
			continue
		}
		return m.outcome(goal, open)
	}
}

// reclaim keeps what a customization had transferred to the template and the
// template gives up: the customization still asks for it.
func (m *merging) reclaim() {
	for i := range m.Customizations {
		for _, o := range m.Customizations[i].Owned {
			if u, ok := m.upgrade[o.Place()]; ok && o.Transferred && o.Text != "" && u.Kind == diff.ChangeMissing {
				m.presume(o.Place(), diff.SideLive)
			}
		}
	}
}

// adopt decides where somebody has decided what becomes of a database that is
// adopted. There the template wins and meets no conflict, so that nothing else
// asks for a decision.
func (m *merging) adopt() {
	if !m.Adoption {
		return
	}
	for _, p := range sortedPlaces(m.upgrade) {
		u := m.upgrade[p]
		c := Conflict{Object: p.Object, Element: p.Element, Verdict: Clashes, Reason: "the database was adopted with another one", Template: u.After, Tenant: u.Before, bothChanged: true}
		c.Who, c.customizations = m.owners(p)
		c.Clash = m.clash(&c)
		if r, ok := m.resolution(&c); ok && m.apply(&c, r) {
			c.Decision = r.Decision
			m.decided[p] = c
			m.made = append(m.made, Remembered{Resolution{p.Object, p.Element, r.Decision, r.SQL}, c.Clash})
		}
	}
}

// chooseApparent chooses where a clash is only apparent, and says whether there
// was one. Two things that differ in whoever made them, or in the order of
// triggers, are one. What differs from the template without a customization,
// without drift and without a decision is the template's as another version of
// the server prints it. And when the template gives up a thing of which the
// tenant has a version of its own, that one just stays.
func (m *merging) chooseApparent(clashes []diff.Conflict) bool {
	changed := false
	for _, c := range clashes {
		p := ddl.Place{Object: c.Object, Element: c.Element}
		_, drifted := m.drifted[p]
		switch {
		case m.choices[p] != 0:
		case !Within(m.differs, p):
			m.presume(p, diff.SideLive)
			changed = true
		case c.Base == "":
		case !m.isOwn(p):
			m.presume(p, diff.SideNext)
			changed = true
		case c.Next == "" && !drifted && (m.kept[p] || Owner(m.Customizations, p) != ""):
			m.presume(p, diff.SideLive)
			changed = true
		}
	}
	return changed
}

// decide applies decisions to conflicts: those that keep the tenant's first,
// because what they waive may be all that others depend on. It says whether
// something changed.
func (m *merging) decide(open map[ddl.Place]*Conflict, keep bool) bool {
	changed := false
	for _, p := range sortedPlaces(open) {
		c := open[p]
		if c.undecidable {
			continue
		}
		r, ok := m.resolution(c)
		if !ok || (r.Decision == KeepTenant) != keep {
			continue
		}
		if !m.apply(c, r) {
			c.undecidable = true
			continue
		}
		c.Decision = r.Decision
		m.decided[p], changed = *c, true
		m.made = append(m.made, Remembered{Resolution{c.Object, c.Element, r.Decision, r.SQL}, c.Clash})
	}
	return changed
}

// resolution finds the decision on a conflict: that of the configuration on the
// thing, else on its object, else the latest one on the very same conflict.
func (m *merging) resolution(c *Conflict) (Resolution, bool) {
	for _, element := range []string{c.Element, ""} {
		for _, r := range m.Resolutions {
			if r.Object == c.Object && r.Element == element {
				m.used[r] = true
				return r, true
			}
		}
	}
	for _, d := range slices.Backward(m.Decisions) {
		if d.Clash == c.Clash {
			return d.Resolution, true
		}
	}
	return Resolution{}, false
}

// apply makes the choices that a decision means. It returns false when they
// change nothing: what an explicit step renames cannot stay as it was.
func (m *merging) apply(c *Conflict, r Resolution) bool {
	if r.Decision == KeepTenant {
		return m.keep(c)
	}
	p := c.place()
	if c.Verdict == Depends && !c.Breaks && (r.Decision == TakeTemplate || c.Element != "") {
		m.accepted[p] = true
	} else if !m.choose(p, diff.SideNext) {
		return false
	}
	if r.Decision == DecideSQL {
		m.rewrites[r.Place()] = r.SQL
	}
	return true
}

// keep chooses the tenant's side, where the conflict is or of what it waives.
func (m *merging) keep(c *Conflict) bool {
	if c.carried {
		return false
	}
	waives := c.waives
	if len(waives) == 0 {
		waives = []ddl.Place{c.place()}
	}
	changed := false
	for _, p := range waives {
		changed = m.choose(p, diff.SideLive) || changed
	}
	return changed
}

// choose makes a choice, unless there is one that somebody decided. It says
// whether that changes something.
func (m *merging) choose(p ddl.Place, side diff.Side) bool {
	if had := m.choices[p]; had == side || had != 0 && !m.apparent[p] {
		return false
	}
	m.choices[p] = side
	delete(m.apparent, p)
	return true
}

// presume makes a choice that nobody has to decide.
func (m *merging) presume(p ddl.Place, side diff.Side) {
	m.choices[p], m.apparent[p] = side, true
}

// outcome puts the outcome together.
func (m *merging) outcome(goal ddl.Schema, open map[ddl.Place]*Conflict) Outcome {
	all := maps.Clone(m.decided)
	for p, c := range open {
		if c.undecidable && c.Verdict == Depends {
			c.Reason += "; it cannot be kept as it is"
		}
		all[p] = *c
	}
	m.addHarmless(all)
	out := Outcome{Goal: withoutOrphanedTriggers(goal), Decisions: m.made}
	for _, p := range sortedPlaces(all) {
		out.Conflicts = append(out.Conflicts, all[p])
		if _, drifted := m.drifted[p]; drifted && all[p].Decision == KeepTenant {
			out.Kept = append(out.Kept, p)
		}
	}
	sortConflicts(out.Conflicts)
	for _, p := range sortedPlaces(m.rewrites) {
		out.Rewrites = append(out.Rewrites, Rewrite{p, m.rewrites[p]})
	}
	for _, r := range m.Resolutions {
		if !m.used[r] {
			out.Unused = append(out.Unused, r)
		}
	}
	slices.SortFunc(out.Decisions, func(a, b Remembered) int { return strings.Compare(a.Clash, b.Clash) })
	return out
}

// addHarmless adds what the update comes upon and needs no decision.
func (m *merging) addHarmless(all map[ddl.Place]Conflict) {
	for p, o := range m.own {
		if _, there := all[p]; there || p.Element == diff.ElementOrder {
			continue
		}
		u, both := m.upgrade[p]
		c := Conflict{Object: p.Object, Element: p.Element, Tenant: o.After, Base: o.Before}
		switch {
		case both && !Within(m.differs, p):
			c.Verdict, c.Template, c.Reason = Identical, u.After, "both made the same: it belongs to the template from now on"
		case p.Element != "" && m.touched[p.Object] && m.isOwn(p): // else it is the same thing, printed by another version of the server
			c.Verdict, c.Reason = Commutes, "the template changes other parts of the object"
		default:
			continue
		}
		c.Who, c.customizations = m.owners(p)
		c.Clash = m.clash(&c)
		all[p] = c
	}
}

// withoutOrphanedTriggers leaves out the triggers whose table is gone: a trigger
// goes with its table, whoever made it.
func withoutOrphanedTriggers(s ddl.Schema) ddl.Schema {
	tables := map[string]bool{}
	for _, o := range s.Objects {
		tables[o.Name] = tables[o.Name] || o.Kind == ddl.KindTable
	}
	s.Objects = slices.DeleteFunc(slices.Clone(s.Objects), func(o ddl.Object) bool { return o.Kind == ddl.KindTrigger && !tables[o.Table] })
	return s
}
