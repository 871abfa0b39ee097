package merge

import (
	"maps"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// Input is a template update, and a tenant that has things of its own.
type Input struct {
	Server ddl.Server

	// Old is what the template in force gives, after the explicit steps to the
	// wanted one; Next is what the wanted one gives. With Adoption no template
	// is in force: the wanted one wins everywhere, and Old does not count.
	Old, Next ddl.Schema
	Adoption  bool
	// Before is the tenant's schema, Live the same after the explicit steps.
	// Where drift is repaired, both are without it.
	Before, Live ddl.Schema

	Drift   []diff.ElementChange // what somebody changed; nothing when it is repaired
	Stepped map[string]bool      // objects that the explicit steps touch
	Broken  map[string]string    // views that the server cannot open afterwards, and why

	Customizations []Customization
	Resolutions    []Resolution // of the configuration
	Decisions      []Remembered // earlier ones of the tenant, in the order in which they were made
}

// Comparison is the three-way comparison of a template update with a tenant.
type Comparison struct {
	Input
	upgrade map[ddl.Place]diff.ElementChange // old to next
	own     map[ddl.Place]diff.ElementChange // old to live
	differs map[ddl.Place]diff.ElementChange // next to live
	drifted map[ddl.Place]diff.ElementChange
	touched map[string]bool    // objects that the update touches
	kept    map[ddl.Place]bool // where the tenant decided earlier for anything but the template
}

// Outcome is what a merge ends with.
type Outcome struct {
	Goal      ddl.Schema   // of the tenant's migration, before the statements of decisions
	Conflicts []Conflict   // the gravest first
	Rewrites  []Rewrite    // statements of decisions, by place
	Decisions []Remembered // that the outcome follows, as they are to be remembered
	Kept      []ddl.Place  // drift that was decided for: it is drift no longer
	Unused    []Resolution // of the configuration: they decide nothing
}

// Compare compares the three sides.
func Compare(in Input) *Comparison {
	if in.Adoption {
		// With the tenant's own version of what the template has as base,
		// the template wins, and what it does not have stays.
		in.Old = restricted(in.Live, in.Next, in.Server)
		// What a table has is printed with it, so nothing stands on the defaults of
		// the database: they stay as they were found.
		in.Old.CharacterSet, in.Old.Collation = in.Next.CharacterSet, in.Next.Collation
	}
	c := &Comparison{Input: in, upgrade: ByPlace(Changes(in.Old, in.Next, in.Server)), own: ByPlace(Changes(in.Old, in.Live, in.Server)),
		differs: ByPlace(Changes(in.Next, in.Live, in.Server)), drifted: ByPlace(in.Drift), touched: map[string]bool{}, kept: map[ddl.Place]bool{}}
	maps.Copy(c.touched, in.Stepped)
	for p := range c.upgrade {
		if p.Element != diff.ElementOrder {
			c.touched[p.Object] = true
		}
	}
	for _, d := range in.Decisions {
		if d.Decision != TakeTemplate {
			c.kept[d.Place()] = true
		}
	}
	return c
}

// HasOwn says whether the tenant has anything beyond its template.
func (c *Comparison) HasOwn() bool {
	for p := range c.own {
		if c.Adoption || c.isOwn(p) {
			return true
		}
	}
	return false
}

// Known says whether one of the sides has an object.
func (c *Comparison) Known(object string) bool {
	for _, s := range []ddl.Schema{c.Old, c.Next, c.Before, c.Live} {
		if slices.ContainsFunc(s.Objects, func(o ddl.Object) bool { return o.Key() == object }) {
			return true
		}
	}
	return false
}

// InTheWay is a conflict that the server has found, by refusing on this tenant
// what it takes on the template: what exactly is in the way only a person can
// tell, so no decision settles it. Without an owner of the object it may be
// anything of the tenant's own.
func (c *Comparison) InTheWay(object, reason string) Conflict {
	x := Conflict{Object: object, Verdict: Clashes, Reason: reason, undecidable: true}
	x.Who, x.customizations = c.owners(x.place())
	if len(x.customizations) == 0 {
		for p := range c.own {
			if c.isOwn(p) {
				who, customizations := c.owners(p)
				x.Who, x.customizations = append(x.Who, who...), append(x.customizations, customizations...)
			}
		}
		slices.Sort(x.Who)
		slices.Sort(x.customizations)
		x.Who, x.customizations = slices.Compact(x.Who), slices.Compact(x.customizations)
	}
	x.Clash = c.clash(&x)
	return x
}

// drifts says whether somebody changed a place, or took away or added the object
// that it is in.
func (c *Comparison) drifts(p ddl.Place) bool {
	_, element := c.drifted[p]
	_, whole := c.drifted[ddl.Place{Object: p.Object}]
	return element || whole
}

// isOwn says whether something at a place, or a part of it, is the tenant's by a
// customization, by drift or by a decision.
func (c *Comparison) isOwn(p ddl.Place) bool {
	for q := range c.own {
		if q.Object != p.Object || p.Element != "" && q.Element != "" && q.Element != p.Element {
			continue
		}
		if c.drifts(q) || c.kept[q] || Owner(c.Customizations, q) != "" {
			return true
		}
	}
	return false
}

// owners says whose the thing at a place is: of a whole table, whose its parts
// are. The customizations among them are returned by name, too.
func (c *Comparison) owners(p ddl.Place) (who, customizations []string) {
	places := []ddl.Place{p}
	for q := range c.own {
		if p.Element == "" && q.Object == p.Object && q.Element != "" {
			places = append(places, q)
		}
	}
	for _, q := range places {
		if name := Owner(c.Customizations, q); name != "" {
			who, customizations = append(who, "customization `"+name+"`"), append(customizations, name)
		}
		if c.drifts(q) {
			who = append(who, "drift")
		}
	}
	if len(who) == 0 {
		who = []string{"the tenant"}
	}
	slices.Sort(who)
	slices.Sort(customizations)
	return slices.Compact(who), slices.Compact(customizations)
}
