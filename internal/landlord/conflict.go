package landlord

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// ConflictVerdict says how something that a tenant has of its own stands to a
// template update.
type ConflictVerdict string

// The verdicts of one thing.
const (
	// Commutes: both changed the same object, and neither minds the other.
	Commutes ConflictVerdict = "commutes"
	// Identical: both made the same. What was the tenant's is the template's now.
	Identical ConflictVerdict = "identical"
	// Depends: what the tenant has stands on what the template changes or drops.
	Depends ConflictVerdict = "depends"
	// Clashes: both want different things.
	Clashes ConflictVerdict = "clashes"
)

// The verdicts of a whole update.
const (
	VerdictAuto   = "auto"   // nothing is in the way
	VerdictReview = "review" // it works, but something of the tenant stands on what changes
	VerdictMerge  = "merge"  // somebody has to decide
)

// Conflict is where a template update meets something that a tenant has of its
// own, by a customization or by drift.
type Conflict struct {
	Object, Element string // as in ddl.Place
	Verdict         ConflictVerdict
	Breaks          bool     // of Depends: it cannot work afterwards
	Reason          string   // in words, without an end
	Who             []string // whose it is: customization `x`, drift, or the tenant's own by an earlier decision
	Clash           string   // digest: the same for the same clash of another tenant

	// Base, Template and Tenant are the definitions: before, as the template
	// wants it, as the tenant has it. Where something depends on something
	// else, the first two are of that other thing. Empty where there is none.
	Base, Template, Tenant string

	Decision Decision // that settles it; empty while it is open
	// Proposal is what another tenant with the same clash decided, as a line of
	// HCL; empty when nobody has.
	Proposal string

	waives  []ddl.Place // what the template must not change when the tenant's is kept
	touches []string    // names of the customizations in Who
	fixed   bool        // no decision settles it
	merged  bool        // both sides changed the thing itself
	follows bool        // the server has taken it along
}

// Place returns where the conflict is, in the form of a key of `resolutions`.
func (c *Conflict) Place() string { return c.place().String() }

func (c *Conflict) place() ddl.Place { return ddl.Place{Object: c.Object, Element: c.Element} }

// Open says whether somebody has to look at it: review or merge.
func (c *Conflict) Open() bool {
	return c.Decision == "" && (c.Verdict == Clashes || c.Verdict == Depends)
}

// blocks says whether the update waits for a decision.
func (c *Conflict) blocks() bool { return c.Open() && (c.Verdict == Clashes || c.Breaks) }

// rank orders conflicts about one thing: the gravest counts.
func (c *Conflict) rank() int {
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

// verdictOf returns the verdict of an update that meets these conflicts.
func verdictOf(conflicts []Conflict) string {
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
		return cmp.Or(b.rank()-a.rank(), strings.Compare(a.Object, b.Object), strings.Compare(a.Element, b.Element))
	})
}

// sentence writes the conflict for people: table users column phone
// (customization `crm`): both sides added it, differently.
func (c *Conflict) sentence() string {
	return fmt.Sprintf("%s (%s): %s", c.Place(), strings.Join(c.Who, ", "), c.Reason)
}

// Decision says who wins where a template update meets a tenant's own.
type Decision string

// The decisions.
const (
	KeepTenant   Decision = "keep_tenant"   // the tenant's stays, and the template's change is waived
	TakeTemplate Decision = "take_template" // the template's wins
	DecideSQL    Decision = "sql"           // it becomes what the statements make of it
)

// Resolution is the decision on one thing.
type Resolution struct {
	Object, Element string // as in ddl.Place; an empty element decides for the whole object
	Decision        Decision
	SQL             string // of DecideSQL
}

func (r Resolution) place() ddl.Place { return ddl.Place{Object: r.Object, Element: r.Element} }

// Key returns the resolution's key of the attribute `resolutions`.
func (r Resolution) Key() string { return r.place().String() }

// ResolutionFor makes a resolution of its key in the attribute `resolutions`.
// The error says what is wrong with the key.
func ResolutionFor(key string, decision Decision, sql string) (Resolution, error) {
	p, err := ddl.ParsePlace(key)
	if err != nil {
		return Resolution{}, err
	}
	return Resolution{Object: p.Object, Element: p.Element, Decision: decision, SQL: sql}, nil
}

// hcl writes the resolution as a line of the attribute.
func (r Resolution) hcl() string {
	if r.Decision != DecideSQL {
		return fmt.Sprintf("%q = { decision = %q }", r.Key(), r.Decision)
	}
	return fmt.Sprintf("%q = { decision = %q, sql = %s }", r.Key(), r.Decision, hclText(r.SQL))
}

// hclText writes a text as HCL: what looks like a template of HCL is escaped.
func hclText(text string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(fmt.Sprintf("%q", text))
}
