package customization

import (
	"fmt"
	"regexp"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// Spec is what the configuration wants of a customization.
type Spec struct {
	Tenant, Name     string // slug of the tenant; name of the customization
	Reason           string
	Author           string // empty: the account of the connection
	Patch            landlord.CustomizationPatch
	AllowDestructive bool
	DestructiveMode  landlord.DestructiveMode
	Retention        time.Duration // how long retired data is kept, 0 for the default of 30 days
}

// RemovalOptions says how a customization goes.
type RemovalOptions struct {
	AllowDestructive bool
	DestructiveMode  landlord.DestructiveMode // Drop destroys and needs AllowDestructive; else what goes is set aside
	Retention        time.Duration            // as in Spec
}

// ObjectStatus says how an object of a customization stands.
type ObjectStatus string

// The statuses of an object of a customization.
const (
	ObjectActive   ObjectStatus = "active"   // as the customization made it
	ObjectPromoted ObjectStatus = "promoted" // the template has it by now
	ObjectYielded  ObjectStatus = "yielded"  // a decision gave it up for the template, which has none
	ObjectMissing  ObjectStatus = "missing"  // somebody took it away
	ObjectChanged  ObjectStatus = "changed"  // somebody changed it
)

// Object is a thing that a customization made, for people.
type Object struct {
	Object     string // kind and name: "table `users`"
	Element    string // part of a table: "column `phone`"; empty for the whole object
	Status     ObjectStatus
	Definition string // as the server prints it, without its definer
	Found      string // what the server has instead, of ObjectChanged
}

// Summary says what removing a customization would mean.
type Summary struct {
	CanReturn bool     // nothing else of the tenant stands on it
	NeededBy  []string // other customizations that name what it made
	Loses     []string // what holds data and would go: "table `visits` with its rows"
	Promoted  bool     // the template has all of it by now
}

// Customization is a customization as the landlord database and the tenant's
// server know it.
type Customization struct {
	Tenant, Name, Reason, Author string
	Patch                        landlord.CustomizationPatch
	Status                       landlord.CustomizationStatus
	Objects                      []Object
	Summary                      Summary
	CreatedAt, UpdatedAt         time.Time // UTC

	Notes []landlord.Note // what the apply that has brought it there has to say
}

// PriorCustomization is a customization as Terraform's prior state knows it.
type PriorCustomization struct {
	Objects  []Object // as they were when the state was refreshed
	Checksum string   // of the patch that the state has; empty when it is not known
	Seen     string   // by that refresh, see estate.Estate.Seen
}

// Plan is what applying a Spec, or removing a
// customization, will do.
type Plan struct {
	Create  bool // the landlord database does not know it yet
	Same    bool // the patch makes exactly what is there: only its spelling differs
	Objects []Object
	Steps   []landlord.Step
	Digest  string // empty when no statement runs
	Open    bool   // nobody can promise that planning once more finds the same in the data
	Unknown bool   // the steps cannot be known before another change is applied
	Notes   []landlord.Note
}

// ID names a customization among all tenants: tenant/name.
func ID(tenant, name string) string { return tenant + "/" + name }

// MaxCustomizationName is the longest name of a customization.
const MaxCustomizationName = 64

var customizationPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// CheckCustomizationName says whether a customization may have the name. The
// error is a *Problem.
func CheckCustomizationName(name string) error {
	if customizationPattern.MatchString(name) && len(name) <= MaxCustomizationName {
		return nil
	}
	return landlord.NewProblem(landlord.FieldName, "Customization name cannot be used",
		fmt.Sprintf("The name `%s` has to start with a lower-case letter and hold at most %d lower-case letters, digits, `-` and `_` only.", name, MaxCustomizationName),
		"Choose another name; the attribute `reason` takes any text.")
}
