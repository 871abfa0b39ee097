package merge

import (
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// found are conflicts by where they are.
type found map[ddl.Place]*Conflict

// add adds a conflict; of several about one thing the gravest counts, and those
// of one rank are said together.
func (f found) add(c *Conflict) {
	had := f[c.place()]
	switch {
	case had == nil || c.Rank() > had.Rank():
		f[c.place()] = c
	case c.Rank() == had.Rank() && c.Verdict == Depends && !slices.Contains(had.waives, c.waives[0]):
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

// conflicts returns the conflicts that are left with the choices made so far.
func (m *merging) conflicts(goal ddl.Schema, clashes []diff.Conflict) found {
	f := found{}
	for _, c := range clashes {
		f.add(&Conflict{Object: c.Object, Element: c.Element, Verdict: Clashes, Reason: c.Reason, Base: c.Base, Template: c.Next, Tenant: c.Live, bothChanged: true})
	}
	m.addDrift(f)
	beyond := places(Changes(m.Next, goal, m.Server))
	m.addDependents(f, goal, beyond)
	for _, c := range diff.Collisions(goal, m.Server) {
		m.addCollision(f, c, beyond)
	}
	m.addCarried(f)
	m.addBroken(f, goal)
	for p, c := range f {
		c.Who, c.customizations = m.owners(p)
		c.Clash = m.clash(c)
	}
	return f
}

// placeSet are places, or whole objects.
type placeSet map[ddl.Place]bool

func places(changes []diff.ElementChange) placeSet {
	out := placeSet{}
	for _, c := range changes {
		out[PlaceOf(c)] = true
	}
	return out
}

// has says whether a place is in the set, or the object that it is in.
func (s placeSet) has(p ddl.Place) bool { return s[p] || s[ddl.Place{Object: p.Object}] }

// addDrift adds what somebody changed on an object that the update touches, even
// where the two would not get into each other's way: nobody knows what the
// change was for.
func (m *merging) addDrift(f found) {
	for p, d := range m.drifted {
		chosen := m.choices[p] != 0 || m.choices[ddl.Place{Object: p.Object}] != 0
		if p.Element == diff.ElementOrder || !m.touched[p.Object] || !Within(m.differs, p) || chosen {
			continue
		}
		f.add(&Conflict{Object: p.Object, Element: p.Element, Verdict: Clashes,
			Reason: "somebody changed it by hand, and the template changes the same object", Base: d.Before, Template: m.differs[p].Before, Tenant: d.After})
	}
}

// addDependents adds what the tenant has beyond the template and depends on what
// the goal has no longer, or otherwise.
func (m *merging) addDependents(f found, goal ddl.Schema, beyond placeSet) {
	dependents := diff.Dependents(m.Before, goal, m.Server)
	if len(m.Stepped) > 0 { // what moved with a renamed table is found under its new name
		dependents = append(dependents, diff.Dependents(m.Live, goal, m.Server)...)
	}
	for _, d := range dependents {
		if !beyond.has(d.Place) || m.accepted[d.Place] {
			continue
		}
		f.add(&Conflict{Object: d.Object, Element: d.Element, Verdict: Depends, Breaks: d.Breaks, Reason: d.Reason,
			Base: d.OnBefore, Template: d.OnAfter, Tenant: d.Text, waives: []ddl.Place{d.On}})
	}
}

// addCollision adds two things of one name, as a conflict about the tenant's. Two
// of the tenant, or two of the template, are none.
func (m *merging) addCollision(f found, c diff.Collision, beyond placeSet) {
	tenant, template := c.A, c.B
	if !beyond.has(tenant) {
		tenant, template = template, tenant
	}
	if beyond.has(template) || !beyond.has(tenant) {
		return
	}
	f.add(&Conflict{Object: tenant.Object, Element: tenant.Element, Verdict: Clashes, Reason: c.Reason + ", as it and the " + template.String() + " of the template would",
		Template: m.upgrade[template].After, Tenant: m.own[tenant].After, waives: []ddl.Place{template}})
}

// addCarried adds what the explicit steps take along without asking: the server
// renames a column in a key, and the definition of the customization that made
// the key still has the former name.
func (m *merging) addCarried(f found) {
	if len(m.Stepped) == 0 {
		return
	}
	for p, c := range ByPlace(diff.Compare(m.Before, m.Live, m.Server)) {
		if c.Kind == diff.ChangeExtra || m.accepted[p] || Owner(m.Customizations, p) == "" {
			continue
		}
		f.add(&Conflict{Object: p.Object, Element: p.Element, Verdict: Depends,
			Reason: "a migration script renames what it stands on: the server takes it along, its definition has to follow",
			Base:   c.Before, Template: c.After, Tenant: c.Before, waives: []ddl.Place{p}, carried: true})
	}
}

// addBroken adds the views that were found out by trying.
func (m *merging) addBroken(f found, goal ddl.Schema) {
	for _, o := range goal.Objects {
		if why := m.Broken[o.Name]; o.Kind == ddl.KindView && why != "" {
			f.add(&Conflict{Object: o.Key(), Verdict: Depends, Breaks: true, Reason: "the server cannot open it afterwards: " + why,
				Tenant: o.SQL, waives: []ddl.Place{{Object: o.Key()}}, carried: true})
		}
	}
}
