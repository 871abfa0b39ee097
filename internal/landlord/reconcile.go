package landlord

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// meeting is a template update and a tenant that has things of its own: what is
// needed to say where they meet, and to settle it.
type meeting struct {
	srv      ddl.Server
	adoption bool // no template is in force: the wanted one wins everywhere

	// old is what the template in force gives, after the explicit steps to the
	// wanted one; next is what the wanted one gives.
	old, next ddl.Schema
	// before is the tenant's schema, live the same after the explicit steps.
	// Where drift is repaired, both are without it.
	before, live ddl.Schema
	drift        []ddl.ElementChange // what somebody changed; nothing when it is repaired
	stepped      map[string]bool     // objects that the explicit steps touch
	broken       map[string]string   // views that the server cannot open afterwards, and why

	customizations []customization
	decided        map[ddl.Place]bool // earlier decisions of the tenant
	resolutions    []Resolution       // of the configuration
	remembered     map[string]Resolution

	upgrade map[ddl.Place]ddl.ElementChange // old to next
	touched map[string]bool                 // objects that the update touches
	own     map[ddl.Place]ddl.ElementChange // old to live
	apart   map[ddl.Place]ddl.ElementChange // next to live
	drifted map[ddl.Place]ddl.ElementChange

	choices  map[ddl.Place]ddl.Side
	accepted map[ddl.Place]bool // what works and was agreed to
	settled  map[ddl.Place]Conflict
	remade   []Conflict // settled by statements
	made     []decided
	used     map[Resolution]bool
}

// outcome is what a meeting ends with.
type outcome struct {
	goal      ddl.Schema // of the tenant's migration, before the statements of decisions
	conflicts []Conflict
	remade    []Conflict // decided by statements, which sql holds by place
	sql       map[ddl.Place]string
	kept      []ddl.Place  // things of drift that were decided for: they are drift no longer
	unused    []Resolution // of the configuration
}

// reconcile merges the update into the tenant's schema. Decisions are applied
// as long as they change something: what one of them takes away may be what
// another thing stands on.
func (m *meeting) reconcile() outcome {
	m.prepare()
	for {
		goal, clashes := ddl.Merge(m.old, m.next, m.live, m.srv, ddl.MergeOptions{Choices: m.choices})
		if m.restore(clashes) {
			continue
		}
		open := m.look(goal, clashes)
		if m.settle(open, true) || m.settle(open, false) {
			continue
		}
		return m.end(goal, open)
	}
}

func placesOf(changes []ddl.ElementChange) map[ddl.Place]ddl.ElementChange {
	out := map[ddl.Place]ddl.ElementChange{}
	for _, c := range changes {
		out[ddl.Place{Object: c.Object, Element: c.Element}] = c
	}
	return out
}

// within says whether one of the changes is about a place, something in it, or
// what it is in. The order of columns is nothing of that.
func within(changes map[ddl.Place]ddl.ElementChange, p ddl.Place) bool {
	for q := range changes {
		if q.Object == p.Object && q.Element != ddl.ElementOrder && (q.Element == p.Element || q.Element == "" || p.Element == "") {
			return true
		}
	}
	return false
}

func (m *meeting) prepare() {
	if m.adoption {
		// With the tenant's own version of what the template has as base,
		// the template wins.
		m.old = restricted(m.live, m.next)
	}
	m.upgrade = placesOf(changesBetween(m.old, m.next, m.srv))
	m.own = placesOf(changesBetween(m.old, m.live, m.srv))
	m.apart = placesOf(changesBetween(m.next, m.live, m.srv))
	m.drifted = placesOf(m.drift)
	m.touched = maps.Clone(m.stepped)
	if m.touched == nil {
		m.touched = map[string]bool{}
	}
	for p := range m.upgrade {
		if p.Element != ddl.ElementOrder {
			m.touched[p.Object] = true
		}
	}
	m.choices, m.accepted, m.settled, m.used = map[ddl.Place]ddl.Side{}, map[ddl.Place]bool{}, map[ddl.Place]Conflict{}, map[Resolution]bool{}
	m.reclaim()
}

// restricted returns the objects of a schema that the other one has too.
func restricted(s, to ddl.Schema) ddl.Schema {
	known := map[string]bool{}
	for _, o := range to.Objects {
		known[key(o)] = true
	}
	s.Objects = slices.DeleteFunc(slices.Clone(s.Objects), func(o ddl.Object) bool { return !known[key(o)] })
	return s
}

// reclaim keeps what a customization had ceded to the template and the template
// gives up: the customization still asks for it.
func (m *meeting) reclaim() {
	for _, c := range m.customizations {
		for _, o := range c.objects {
			p := ddl.Place{Object: o.Object, Element: o.Element}
			if u, ok := m.upgrade[p]; ok && o.Ceded && o.Text != "" && u.Kind == ddl.ChangeMissing {
				m.choices[p] = ddl.SideLive
			}
		}
	}
}

// restore settles what only looks like a clash. Two things that differ in whoever
// made them, or in the order of triggers, are one. What differs from the template
// without a customization, without drift and without a decision is the template's
// as another version of the server prints it. And when the template gives up a
// thing of which the tenant has a version of its own, that one just stays.
func (m *meeting) restore(clashes []ddl.Conflict) bool {
	changed := false
	for _, c := range clashes {
		p := ddl.Place{Object: c.Object, Element: c.Element}
		_, drifted := m.drifted[p]
		switch {
		case m.choices[p] != 0:
		case !within(m.apart, p):
			m.choices[p], changed = ddl.SideLive, true
		case c.Base == "":
		case !m.claimed(p):
			m.choices[p], changed = ddl.SideNext, true
		case c.Next == "" && !drifted && (m.decided[p] || ownerOf(m.customizations, p.Object, p.Element) != ""):
			m.choices[p], changed = ddl.SideLive, true
		}
	}
	return changed
}

// claimed says whether something at a place, or a part of it, is the tenant's
// by a customization, by drift or by a decision.
func (m *meeting) claimed(p ddl.Place) bool {
	for q := range m.own {
		if q.Object != p.Object || p.Element != "" && q.Element != "" && q.Element != p.Element {
			continue
		}
		_, drifted := m.drifted[q]
		_, lost := m.drifted[ddl.Place{Object: q.Object}]
		if drifted || lost || m.decided[q] || ownerOf(m.customizations, q.Object, q.Element) != "" {
			return true
		}
	}
	return false
}

// who says whose the thing at a place is: of a whole table, whose its parts are.
func (m *meeting) who(p ddl.Place) (who, customizations []string) {
	add := func(q ddl.Place) {
		name := ownerOf(m.customizations, q.Object, q.Element)
		_, drifted := m.drifted[q]
		_, lost := m.drifted[ddl.Place{Object: q.Object}]
		switch {
		case name != "":
			who, customizations = append(who, "customization `"+name+"`"), append(customizations, name)
		case drifted || lost:
			who = append(who, "drift")
		}
		if name != "" && (drifted || lost) {
			who = append(who, "drift")
		}
	}
	add(p)
	for q := range m.own {
		if p.Element == "" && q.Object == p.Object && q.Element != "" {
			add(q)
		}
	}
	if len(who) == 0 {
		who = []string{"the tenant"}
	}
	slices.Sort(who)
	slices.Sort(customizations)
	return slices.Compact(who), slices.Compact(customizations)
}

// look says where the update meets the tenant, with the choices made so far.
func (m *meeting) look(goal ddl.Schema, clashes []ddl.Conflict) map[ddl.Place]*Conflict {
	found := map[ddl.Place]*Conflict{}
	for _, c := range clashes {
		m.add(found, &Conflict{Object: c.Object, Element: c.Element, Verdict: Clashes, Reason: c.Reason, Base: c.Base, Template: c.Next, Tenant: c.Live, merged: true})
	}
	m.lookForDrift(found)
	ours := placesOf(changesBetween(m.next, goal, m.srv))
	stands := ddl.Dependents(m.before, goal, m.srv)
	if len(m.stepped) > 0 { // what moved with a renamed table is found under its new name
		stands = append(stands, ddl.Dependents(m.live, goal, m.srv)...)
	}
	for _, d := range stands {
		_, element := ours[d.Place]
		_, whole := ours[ddl.Place{Object: d.Object}]
		if !element && !whole || m.accepted[d.Place] {
			continue
		}
		m.add(found, &Conflict{Object: d.Object, Element: d.Element, Verdict: Depends, Breaks: d.Breaks, Reason: d.Reason,
			Base: d.OnBefore, Template: d.OnAfter, Tenant: d.Text, waives: []ddl.Place{d.On}})
	}
	for _, c := range ddl.Collisions(goal, m.srv) {
		m.addCollision(found, c, ours)
	}
	m.lookForFollowers(found)
	m.lookForBroken(found, goal)
	for p, c := range found {
		c.Who, c.touches = m.who(p)
		c.Clash = m.clash(c)
	}
	return found
}

// add adds a conflict; of several about one thing the gravest counts, and those
// of one rank are said together.
func (m *meeting) add(found map[ddl.Place]*Conflict, c *Conflict) {
	had := found[c.place()]
	switch {
	case had == nil || c.rank() > had.rank():
		found[c.place()] = c
	case c.rank() == had.rank() && c.Verdict == Depends && !slices.Contains(had.waives, c.waives[0]):
		had.Reason += "; " + c.Reason
		had.Base, had.Template = join(had.Base, c.Base), join(had.Template, c.Template)
		had.waives = append(had.waives, c.waives...)
	}
}

func join(a, b string) string {
	if a == "" || b == "" || a == b {
		return a + b
	}
	return a + "\n" + b
}

// lookForDrift adds what somebody changed on an object that the update touches,
// even where the two would not get into each other's way: nobody knows what
// the change was for.
func (m *meeting) lookForDrift(found map[ddl.Place]*Conflict) {
	for p, d := range m.drifted {
		if p.Element == ddl.ElementOrder || !m.touched[p.Object] || !within(m.apart, p) || m.choices[p] != 0 || m.choices[ddl.Place{Object: p.Object}] != 0 {
			continue
		}
		m.add(found, &Conflict{Object: p.Object, Element: p.Element, Verdict: Clashes,
			Reason: "somebody changed it by hand, and the template changes the same object", Base: d.Before, Template: m.apart[p].Before, Tenant: d.After})
	}
}

// addCollision adds two things of one name, as a conflict about the tenant's.
func (m *meeting) addCollision(found map[ddl.Place]*Conflict, c ddl.Collision, ours map[ddl.Place]ddl.ElementChange) {
	isOurs := func(p ddl.Place) bool {
		_, element := ours[p]
		_, whole := ours[ddl.Place{Object: p.Object}]
		return element || whole
	}
	tenant, template := c.A, c.B
	if !isOurs(tenant) {
		tenant, template = template, tenant
	}
	if isOurs(template) || !isOurs(tenant) {
		return // only the tenant's, or only the template's
	}
	m.add(found, &Conflict{Object: tenant.Object, Element: tenant.Element, Verdict: Clashes, Reason: c.Reason + ", as it and the " + template.String() + " of the template would",
		Template: m.upgrade[template].After, Tenant: m.own[tenant].After, waives: []ddl.Place{template}})
}

// lookForFollowers adds what the explicit steps take along without asking: the
// server renames a column in a key, and the definition of the customization
// that made the key still has the former name.
func (m *meeting) lookForFollowers(found map[ddl.Place]*Conflict) {
	if len(m.stepped) == 0 {
		return
	}
	for p, c := range placesOf(ddl.Compare(m.before, m.live, m.srv)) {
		if c.Kind == ddl.ChangeExtra || m.accepted[p] || ownerOf(m.customizations, p.Object, p.Element) == "" {
			continue
		}
		m.add(found, &Conflict{Object: p.Object, Element: p.Element, Verdict: Depends,
			Reason: "a migration script renames what it stands on: the server takes it along, its definition has to follow",
			Base:   c.Before, Template: c.After, Tenant: c.Before, waives: []ddl.Place{p}, follows: true})
	}
}

// lookForBroken adds the views that were found out by trying.
func (m *meeting) lookForBroken(found map[ddl.Place]*Conflict, goal ddl.Schema) {
	for _, o := range goal.Objects {
		if why := m.broken[o.Name]; o.Kind == ddl.KindView && why != "" {
			m.add(found, &Conflict{Object: key(o), Verdict: Depends, Breaks: true, Reason: "the server cannot open it afterwards: " + why,
				Tenant: o.SQL, waives: []ddl.Place{{Object: key(o)}}, follows: true})
		}
	}
}

// hasOwn says whether the tenant has anything beyond its template.
func (m *meeting) hasOwn() bool {
	for p := range m.own {
		if m.adoption || m.claimed(p) {
			return true
		}
	}
	return false
}

// refused is the conflict of a statement that the server takes on the template
// and not on the tenant.
func (m *meeting) refused(e *TrialError) Conflict {
	return m.inTheWay(strings.ReplaceAll(e.Step.Object, "`", ""), "the server refuses a step of the update: "+shorten(e.Step.SQL)+": "+e.Err.Error())
}

// cannotStep is the conflict of an explicit step that fails on the tenant alone.
func (m *meeting) cannotStep(e *StatementError) *Conflict {
	object := string(e.Statement.Kind) + " " + e.Statement.Object
	if e.Statement.Kind == "" {
		object = string(ddl.KindTable) + " " + e.Statement.Table
	}
	c := m.inTheWay(object, fmt.Sprintf("a step of `%s` fails on this tenant: %s: %s", e.Statement.File, shorten(e.Statement.SQL), e.Err.Error()))
	return &c
}

// inTheWay is a conflict that the server has found: what exactly is in the way
// only a person can tell.
func (m *meeting) inTheWay(object, reason string) Conflict {
	c := Conflict{Object: object, Verdict: Clashes, Reason: reason, fixed: true}
	c.Who, c.touches = m.who(c.place())
	if len(c.touches) == 0 {
		for p := range m.own {
			who, touches := m.who(p)
			if m.claimed(p) {
				c.Who, c.touches = append(c.Who, who...), append(c.touches, touches...)
			}
		}
		slices.Sort(c.Who)
		slices.Sort(c.touches)
		c.Who, c.touches = slices.Compact(c.Who), slices.Compact(c.touches)
	}
	c.Clash = m.clash(&c)
	return c
}

// clash names a conflict by what it is about, so that tenants with the same one
// can follow each other.
func (m *meeting) clash(c *Conflict) string {
	parts := []string{"clash", c.Object, c.Element, string(c.Verdict), c.Base, c.Template, c.Tenant}
	if c.Verdict == Clashes && !c.merged {
		for _, p := range sortedKeys(m.upgrade) {
			if u := m.upgrade[p]; p.Object == c.Object {
				parts = append(parts, p.Element, u.Before, u.After)
			}
		}
	}
	return digest(parts...)
}

func sortedKeys[V any](set map[ddl.Place]V) []ddl.Place {
	return slices.SortedFunc(maps.Keys(set), func(a, b ddl.Place) int {
		return strings.Compare(a.Object+"\x00"+a.Element, b.Object+"\x00"+b.Element)
	})
}
