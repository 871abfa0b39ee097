package session

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// Summaries that are used in more than one place. One fixed summary for each
// class of finding: Terraform folds equal ones into "and N more".
const (
	SummaryNotConnectable = "Provider is not connectable yet"
	summaryTimedOut       = "Operation took longer than its timeout"
)

// Reporter turns what the engine says into diagnostics. It points only at
// attributes that its object has, because Terraform drops the whole source
// location of a path that it does not know.
type Reporter struct {
	diags *diag.Diagnostics
	knows func(attribute string) bool
}

// NewReporter returns a reporter for an object that has the attributes that are
// known; nil for one whose attributes nothing points at.
func NewReporter(diags *diag.Diagnostics, knows func(attribute string) bool) Reporter {
	return Reporter{diags, knows}
}

// Problem adds an error. The summary is used when the engine has no words of
// its own: it says what was attempted and did not work.
func (r Reporter) Problem(err error, summary string) {
	err = landlord.Outcome(err)
	var p *landlord.Problem
	stopped := landlord.IsStopped(err)
	switch {
	case errors.As(err, &p) && !stopped:
		r.add(diag.NewErrorDiagnostic(p.Summary, p.Text()), string(p.Field))
	case stopped && errors.Is(err, context.DeadlineExceeded):
		r.add(diag.NewErrorDiagnostic(summaryTimedOut, strings.Join([]string{
			"Cause: " + err.Error(),
			"What was done is recorded: the next apply goes on from there. Give it more time with `timeouts`.",
		}, "\n\n")), "timeouts")
	case stopped:
		r.diags.AddError("Interrupted", "The run was asked to end. What was done is recorded: the next apply goes on from there.")
	default:
		r.diags.AddError(summary, "Cause: "+err.Error())
	}
}

// Notes adds what a plan has to say.
func (r Reporter) Notes(notes []landlord.Note) {
	for _, n := range notes {
		if n.Severity == landlord.Failure {
			r.add(diag.NewErrorDiagnostic(n.Summary, n.Detail), string(n.Field))
			continue
		}
		r.add(diag.NewWarningDiagnostic(n.Summary, n.Detail), string(n.Field))
	}
}

// add adds a diagnostic, at the field's attribute if there is one.
func (r Reporter) add(d diag.Diagnostic, field string) {
	if at, ok := r.pathOf(field); ok {
		d = diag.WithPath(at, d)
	}
	r.diags.Append(d)
}

// pathOf returns the attribute path of a field. Its parts are separated by
// dots; the part behind a map is a key, the number behind a list an index.
func (r Reporter) pathOf(field string) (path.Path, bool) {
	root, rest, nested := strings.Cut(field, ".")
	if root == "" || r.knows == nil || !r.knows(root) {
		return path.Empty(), false
	}
	at := path.Root(root)
	switch {
	case !nested:
		return at, true
	case root == "tables", root == "views", root == "where": // the rest is a name, dots included
		return at.AtMapKey(rest), true
	}
	for nested {
		var part string
		part, rest, nested = strings.Cut(rest, ".")
		if number, err := strconv.Atoi(part); err == nil {
			at = at.AtListIndex(number)
			continue
		}
		if at.Equal(path.Root("servers")) {
			at = at.AtMapKey(part)
			continue
		}
		at = at.AtName(part)
	}
	return at, true
}

// KnowsAnyOf returns the test for a fixed list of attributes.
func KnowsAnyOf[T any](attributes map[string]T) func(string) bool {
	return func(name string) bool { _, ok := attributes[name]; return ok }
}
