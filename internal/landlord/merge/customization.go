package merge

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// OwnedElement is a thing of a tenant's schema that a customization made: a
// whole object, or an element of a table of the template.
type OwnedElement struct {
	Object  string `json:"object"`            // kind and name: `table users`
	Element string `json:"element,omitempty"` // as in diff.ElementChange; empty for the whole object
	Text    string `json:"text"`              // as the server prints it
	// Transferred says that the thing belongs to the template by now: it has
	// the same, or a decision gave it up for the template.
	Transferred bool `json:"ceded,omitempty"`
}

// Place returns where the element is.
func (o OwnedElement) Place() ddl.Place { return ddl.Place{Object: o.Object, Element: o.Element} }

// Customization is a customization of a tenant, as far as it matters here.
type Customization struct {
	Name  string
	Owned []OwnedElement // what it made, and is recorded
	// Interrupted says that its last run was, and Planned what that run was
	// about to make.
	Interrupted bool
	Planned     []OwnedElement
}

// Elements returns what a customization made and, when a run was interrupted,
// what that run was about to make.
func (c *Customization) Elements() []OwnedElement {
	if !c.Interrupted {
		return c.Owned
	}
	out := slices.Clone(c.Owned)
	for _, o := range c.Planned {
		if !slices.ContainsFunc(out, func(p OwnedElement) bool { return p.Place() == o.Place() }) {
			out = append(out, o)
		}
	}
	return out
}

// Owner returns the name of the customization that made an element, or is about
// to, or nothing. Who made the element itself comes before who made the whole
// object.
func Owner(all []Customization, p ddl.Place) string {
	for _, whole := range []bool{false, true} {
		for i := range all {
			for _, o := range all[i].Elements() {
				if o.Object == p.Object && !o.Transferred && (o.Element == p.Element && !whole || o.Element == "" && whole) {
					return all[i].Name
				}
			}
		}
	}
	return ""
}

// Interrupted says whether a difference belongs to a customization whose last
// run was interrupted: then it is no drift, and the next apply goes on with it.
// With coarse, only whole objects are known to differ.
func Interrupted(all []Customization, d diff.ElementChange, coarse bool) bool {
	for i := range all {
		if all[i].Interrupted && slices.ContainsFunc(all[i].Elements(), func(o OwnedElement) bool {
			return o.Object == d.Object && (coarse || o.Element == d.Element || o.Element == "")
		}) {
			return true
		}
	}
	return false
}

// InterruptedPlaces returns what interrupted runs were working on.
func InterruptedPlaces(all []Customization) []ddl.Place {
	var out []ddl.Place
	for i := range all {
		if all[i].Interrupted {
			out = append(out, Places(all[i].Elements())...)
		}
	}
	return out
}

// Places returns where owned elements are that belong to the customization.
func Places(owned []OwnedElement) []ddl.Place {
	var out []ddl.Place
	for _, o := range owned {
		if !o.Transferred {
			out = append(out, o.Place())
		}
	}
	return out
}

// Parts returns the places that owned elements cover: a table with everything
// that its text has.
func Parts(owned []OwnedElement, srv ddl.Server) map[ddl.Place]bool {
	out := map[ddl.Place]bool{}
	for _, o := range owned {
		if o.Transferred {
			continue
		}
		out[o.Place()] = true
		kind, name, _ := strings.Cut(o.Object, " ")
		if o.Element == "" && ddl.Kind(kind) == ddl.KindTable {
			for p := range Texts(ddl.Schema{Objects: []ddl.Object{{Kind: ddl.KindTable, Name: name, SQL: o.Text}}}, srv) {
				out[p] = true
			}
		}
	}
	return out
}

// Covers says whether owned elements hold a place, themselves or by the object
// that it is in.
func Covers(owned []OwnedElement, p ddl.Place) bool {
	return slices.ContainsFunc(owned, func(o OwnedElement) bool {
		return !o.Transferred && o.Object == p.Object && (o.Element == p.Element || o.Element == "")
	})
}
