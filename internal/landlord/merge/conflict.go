package merge

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// Verdict says how something that a tenant has of its own relates to a template
// update.
type Verdict string

// The verdicts of one thing.
const (
	// Commutes: both changed the same object, and neither minds the other.
	Commutes Verdict = "commutes"
	// Identical: both made the same. What was the tenant's is the template's now.
	Identical Verdict = "identical"
	// Depends: what the tenant has needs what the template changes or drops.
	Depends Verdict = "depends"
	// Clashes: both want different things.
	Clashes Verdict = "clashes"
)

// The verdicts of a whole update.
const (
	VerdictAuto   = "auto"   // nothing is in the way
	VerdictReview = "review" // it works, but something of the tenant depends on what changes
	VerdictMerge  = "merge"  // somebody has to decide
)

// Conflict is one thing that a tenant has of its own, by a customization or by
// drift, and that a template update comes upon. Not every one needs a decision.
type Conflict struct {
	Object, Element string // as in ddl.Place
	Verdict         Verdict
	Breaks          bool     // of Depends: it cannot work afterwards
	Reason          string   // in words, without an end
	Who             []string // whose it is: customization `x`, drift, or the tenant's own by an earlier decision
	Clash           string   // digest: the same for the same conflict of another tenant

	// Base, Template and Tenant are the definitions: before, as the template
	// wants it, as the tenant has it. Where something depends on something
	// else, the first two are of that other thing. Empty where there is none.
	Base, Template, Tenant string

	Decision Decision // that settles it; empty while it is open
	// Proposal is what another tenant with the same conflict decided, as a line
	// of HCL; empty when nobody has.
	Proposal string

	waives         []ddl.Place // what the template must not change when the tenant's is kept
	customizations []string    // names of those in Who
	undecidable    bool        // no decision settles it
	bothChanged    bool        // both sides changed the thing itself
	carried        bool        // the server has taken it along
}

// Place returns where the conflict is, in the form of a key of `resolutions`.
func (c *Conflict) Place() string { return c.place().String() }

func (c *Conflict) place() ddl.Place { return ddl.Place{Object: c.Object, Element: c.Element} }

// Open says whether somebody has to look at it: review or merge.
func (c *Conflict) Open() bool {
	return c.Decision == "" && (c.Verdict == Clashes || c.Verdict == Depends)
}

// Decidable says whether a decision can settle it. Where only the server knows
// what is in the way, none can.
func (c *Conflict) Decidable() bool { return !c.undecidable }

// Touches says whether something of a customization is in the conflict.
func (c *Conflict) Touches(customization string) bool {
	return slices.Contains(c.customizations, customization)
}

// blocks says whether the update waits for a decision.
func (c *Conflict) blocks() bool { return c.Open() && (c.Verdict == Clashes || c.Breaks) }

// Rank orders conflicts by how grave they are, the gravest highest.
func (c *Conflict) Rank() int {
	switch {
	case c.Verdict == Clashes:
		return 4
	case c.Verdict == Depends && c.Breaks:
		return 3
	case c.Verdict == Depends:
		return 2
	case c.Verdict == Identical:
		return 1
	}
	return 0
}

// Sentence writes the conflict for people: table users column phone
// (customization `crm`): both sides added it, differently.
func (c *Conflict) Sentence() string {
	return fmt.Sprintf("%s (%s): %s", c.Place(), strings.Join(c.Who, ", "), c.Reason)
}

// VerdictOf returns the verdict of an update with these conflicts: auto, review
// or merge.
func VerdictOf(conflicts []Conflict) string {
	verdict := VerdictAuto
	for i := range conflicts {
		switch c := &conflicts[i]; {
		case c.blocks():
			return VerdictMerge
		case c.Open():
			verdict = VerdictReview
		}
	}
	return verdict
}

func sortConflicts(list []Conflict) {
	slices.SortFunc(list, func(a, b Conflict) int {
		return cmp.Or(b.Rank()-a.Rank(), strings.Compare(a.Object, b.Object), strings.Compare(a.Element, b.Element))
	})
}

// clash names a conflict by what it is about, so that tenants with the same one
// can follow each other. The landlord database keeps it: another way to compute
// it would forget every decision.
func (c *Comparison) clash(x *Conflict) string {
	parts := []string{"clash", x.Object, x.Element, string(x.Verdict), x.Base, x.Template, x.Tenant}
	if x.Verdict == Clashes && !x.bothChanged {
		for _, p := range sortedPlaces(c.upgrade) {
			if u := c.upgrade[p]; p.Object == x.Object {
				parts = append(parts, p.Element, u.Before, u.After)
			}
		}
	}
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p) // with its length, so that no two lists are one text
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
