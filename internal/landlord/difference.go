package landlord

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// DifferenceKind says how a thing differs from what was recorded.
type DifferenceKind string

// The kinds of differences.
const (
	DifferenceMissing DifferenceKind = "missing"
	DifferenceExtra   DifferenceKind = "extra"
	DifferenceChanged DifferenceKind = "changed"
	DifferenceDefiner DifferenceKind = "definer" // a program has the rights of another account
)

// Harm says what a difference breaks.
type Harm string

// The harms of a difference. Empty means that it could not be decided, because
// the texts were not read.
const (
	HarmCore          Harm = "breaks_core"          // what comes from the template, its modules included
	HarmCustomization Harm = "breaks_customization" // what a customization made
	HarmNone          Harm = "harmless"
)

// Difference is one thing in which a tenant differs from what was recorded: a
// whole object, or an element of a table that is there on both sides.
type Difference struct {
	Object  string         // for example "table `users`"; "database" for its own defaults
	Element string         // of a table, as in diff.ElementChange: "column `phone`"; empty for the whole object
	Kind    DifferenceKind // seen from what was recorded
	Detail  string         // in words, on one line

	Harm          Harm
	HarmReason    string
	Customization string // that is broken, of HarmCustomization

	Expected, Actual string // definitions; empty where there is none

	// RepairSQL are the statements that bring the object back to what was
	// recorded, with their `;`; differences of one object share them. When it is
	// empty, RepairObstacle says why. Both are empty where nobody asked for them.
	RepairSQL, RepairObstacle string

	// Adoption is a customization that takes the difference in. When it is nil,
	// AdoptObstacle says why. Both are empty where nobody asked for them.
	Adoption      *CustomizationPatch
	AdoptObstacle string

	Key string // of the object, as in diff.ElementChange
}

// TenantUnknown returns the *Problem of a slug that neither the landlord database
// nor this run has a tenant for.
func TenantUnknown(slug string) error {
	return NewProblem(FieldTenant, "Tenant is not known",
		fmt.Sprintf("The landlord database has no tenant `%s`, and no tenant of this run that was planned so far has that slug.", slug),
		"Refer to `slug` of a `landlord_tenant`, so that Terraform knows the order, or correct the slug.")
}

// DatabaseObject is what a difference of a database's own defaults is about.
const DatabaseObject = "database"

// ChangedObjects compares two schemas object by object, by their fingerprints.
func ChangedObjects(base, live map[string]string) []diff.ElementChange {
	var out []diff.ElementChange
	for object, hash := range base {
		switch now, ok := live[object]; {
		case !ok:
			out = append(out, diff.ElementChange{Object: object, Kind: diff.ChangeMissing})
		case now != hash:
			out = append(out, diff.ElementChange{Object: object, Kind: diff.ChangeDiffers})
		}
	}
	for object := range live {
		if _, ok := base[object]; !ok {
			out = append(out, diff.ElementChange{Object: object, Kind: diff.ChangeExtra})
		}
	}
	slices.SortFunc(out, func(a, b diff.ElementChange) int { return strings.Compare(a.Object, b.Object) })
	return out
}

// DescribeChange says in words what differs.
func DescribeChange(c diff.ElementChange) Difference {
	d := Difference{Object: ObjectName(c.Object), Element: c.Element, Expected: c.Before, Actual: c.After, Key: c.Object}
	switch c.Kind {
	case diff.ChangeMissing:
		d.Kind, d.Detail = DifferenceMissing, "recorded, but the server has it no longer"
	case diff.ChangeExtra:
		d.Kind, d.Detail = DifferenceExtra, "on the server, but never recorded"
		if c.Element != "" {
			d.Detail += ": " + excerpt(c.After)
		}
	default:
		d.Kind, d.Detail = DifferenceChanged, "differs from what was recorded"
		if c.Element == diff.ElementOrder {
			d.Detail = "the columns stand in another order"
		}
		if c.Before != c.After && (c.Element != "" || c.Object == DatabaseObject) {
			d.Detail = fmt.Sprintf("recorded as %s, now %s", excerpt(c.Before), excerpt(c.After))
		}
	}
	return d
}

// excerpt quotes a definition, cut to what fits on a line.
func excerpt(definition string) string {
	const most = 120
	line := strings.Join(strings.Fields(definition), " ")
	if r := []rune(line); len(r) > most {
		line = string(r[:most]) + " …"
	}
	return "(" + line + ")"
}

// Differences compares two schemas object by object, for messages.
func Differences(base, live map[string]string) []Difference {
	out := []Difference{}
	for _, c := range ChangedObjects(base, live) {
		out = append(out, DescribeChange(c))
	}
	return out
}

// ObjectName writes the key of an object for people: "table `users`".
func ObjectName(key string) string {
	kind, name, found := strings.Cut(key, " ")
	if rest, body := strings.CutPrefix(name, "body "); body && kind == string(ddl.KindPackage) {
		kind, name = string(ddl.KindPackageBody), rest
	}
	if !found || name == "" {
		return kind
	}
	return fmt.Sprintf("%s `%s`", kind, name)
}

// PlaceName writes a place for people: "column `phone` of table `users`".
func PlaceName(p ddl.Place) string {
	if p.Element == "" {
		return ObjectName(p.Object)
	}
	return p.Element + " of " + ObjectName(p.Object)
}

// ListDifferences lists differences for a message.
func ListDifferences(list []Difference) string {
	const most = 10
	var lines []string
	for i, d := range list {
		if i == most {
			lines = append(lines, fmt.Sprintf("… and %d more", len(list)-i))
			break
		}
		lines = append(lines, d.Name()+": "+string(d.Kind))
	}
	return strings.Join(lines, "\n")
}

// Name names what differs: "table `users`, column `phone`".
func (d Difference) Name() string {
	if d.Element == "" {
		return d.Object
	}
	return d.Object + ", " + d.Element
}
