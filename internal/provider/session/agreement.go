package session

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// Agreement is what an action is about to do with the schema or the rows of a
// tenant. An action has no plan in which that stands: somebody agrees to exactly
// these statements by writing their digest out.
type Agreement struct {
	What   string // as "Restoring tenant `acme` in place"
	Steps  []landlord.Step
	Digest string
}

// Lines are the statements, one a line.
func (a *Agreement) Lines() string {
	var b strings.Builder
	for i := range a.Steps {
		b.WriteString("  " + a.Steps[i].Line() + "\n")
	}
	return b.String()
}

// Agrees says whether the digest that somebody wrote is that of the statements, and
// reports what they are when it is not.
func (a *Agreement) Agrees(written string, diags *diag.Diagnostics) bool {
	if written == a.Digest {
		return true
	}
	summary, why := "Action needs a digest", "An action has no plan that shows them, so nothing was done."
	if written != "" {
		summary, why = "Statements are not those agreed to", fmt.Sprintf("The digest `%s` is of others, so nothing was done.", written)
	}
	diags.AddAttributeError(path.Root("digest"), summary, fmt.Sprintf("%s runs these statements:\n\n%s\n%s\n\nAgree to exactly these with this line:\n  digest = %q", a.What, a.Lines(), why, a.Digest))
	return false
}

// Warn says in the plan of a run what the action does.
func (a *Agreement) Warn(diags *diag.Diagnostics) {
	diags.AddAttributeWarning(path.Root("digest"), "Action changes a tenant", fmt.Sprintf("%s runs these statements:\n\n%s", a.What, a.Lines()))
}
