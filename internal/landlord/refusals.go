package landlord

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// ErrTenantMoves says that a customization goes in the run that moves its
// tenant to another composition. A Problem wraps it.
var ErrTenantMoves = errors.New("the tenant of the customization is updated in the same run")

// GoesAndComes returns the *Problem of a plan in which one resource destroys a
// tenant and another one creates it.
func GoesAndComes(slug string) error {
	return NewProblem(FieldSlug, "Tenant is destroyed and created in one plan",
		fmt.Sprintf("One resource of the plan destroys the tenant `%s`, and another one creates it.", slug),
		"If a resource was renamed or has another key, say so with a `moved` block: the tenant stays as it is. "+
			"Otherwise let the plan destroy the tenant first, and create it with the next one.")
}

// CutOff is how long a tenant that was made by a run of which Terraform knows
// nothing counts as the work of a run that was cut off.
const CutOff = time.Hour

// DatabaseExists returns the *Problem of a new tenant whose database is on the
// server already, so that nothing foreign is taken over unasked.
func DatabaseExists(slug, name string) error {
	return NewProblem(FieldSlug, "Database exists already",
		fmt.Sprintf("Tenant `%s` needs the database `%s`, which exists on the server and which the landlord database does not know.", slug, name),
		"Nothing in it was touched.",
		fmt.Sprintf("To take it over as it is, import it: `terraform import <address> %s`. Otherwise choose another slug.", slug))
}

// Digest hashes texts, each with its length, so that no two lists collide.
func Digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// SchemaChanged returns the *Problem of an apply that meets another schema than
// the one that was planned for; detail says what differs.
func SchemaChanged(slug, detail string) error {
	return NewProblem(FieldTemplate, "Tenant schema changed since the plan",
		fmt.Sprintf("Changing the schema of tenant `%s`.", slug), detail, "Nothing was run. Plan again.")
}

// CheckRewrites refuses decisions whose statements change what they are not about.
func CheckRewrites(rewrites []merge.Rewrite, changes []diff.ElementChange) error {
	others := merge.OtherObjects(rewrites, changes)
	if len(others) == 0 {
		return nil
	}
	keys := make([]string, 0, len(rewrites))
	for _, r := range rewrites {
		keys = append(keys, r.Place.String())
	}
	return NewProblem(FieldResolutions, "Resolution changes another object",
		fmt.Sprintf("The decisions on %s also change %s.", Quoted(keys), Quoted(others)),
		"What a tenant has in addition is a `landlord_tenant_customization`. Let `sql` change nothing but the object of its key.")
}

// StatementError is a statement that a server refused, with its place in the
// template.
type StatementError struct {
	Statement template.Statement
	Number    int // 1-based, in the order of the composition
	Total     int
	Err       error
}

// Error returns the place and the server's words.
func (e *StatementError) Error() string {
	return fmt.Sprintf("`%s` line %d, statement %d of %d: %v", e.Statement.File, e.Statement.Line, e.Number, e.Total, e.Err)
}

// Unwrap returns the server's error.
func (e *StatementError) Unwrap() error { return e.Err }
