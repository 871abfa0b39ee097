package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// agreement is what an action is about to do with the schema or the rows of a
// tenant. An action has no plan in which that stands: somebody agrees to exactly
// these statements by writing their digest out.
type agreement struct {
	what   string // as "Restoring tenant `acme` in place"
	steps  []landlord.Step
	digest string
}

// lines are the statements, one a line.
func (a *agreement) lines() string {
	var b strings.Builder
	for i := range a.steps {
		b.WriteString("  " + a.steps[i].Line() + "\n")
	}
	return b.String()
}

// with says whether the digest that somebody wrote is that of the statements, and
// reports what they are when it is not.
func (a *agreement) with(written string, diags *diag.Diagnostics) bool {
	if written == a.digest {
		return true
	}
	summary, why := "Action needs a digest", "An action has no plan that shows them, so nothing was done."
	if written != "" {
		summary, why = "Statements are not those agreed to", fmt.Sprintf("The digest `%s` is of others, so nothing was done.", written)
	}
	diags.AddAttributeError(path.Root("digest"), summary, fmt.Sprintf("%s runs these statements:\n\n%s\n%s\n\nAgree to exactly these with this line:\n  digest = %q", a.what, a.lines(), why, a.digest))
	return false
}

// warn says in the plan of a run what the action does.
func (a *agreement) warn(diags *diag.Diagnostics) {
	diags.AddAttributeWarning(path.Root("digest"), "Action changes a tenant", fmt.Sprintf("%s runs these statements:\n\n%s", a.what, a.lines()))
}
