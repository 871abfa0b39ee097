package landlord

import (
	"fmt"
	"regexp"
	"strings"
)

// Finding is one thing that a plan has to say, for programs: a Note says the same
// to a person.
type Finding struct {
	// Kind names the class, in words that do not change: `conflict`.
	Kind string `json:"kind"`
	// Blocks says that what is planned does not happen because of it.
	Blocks    bool   `json:"blocks,omitempty"`
	Object    string `json:"object,omitempty"`    // for example "table `users`"
	Statement int64  `json:"statement,omitempty"` // number in the migration, 1 the first; 0 for none
	Rows      *int64 `json:"rows,omitempty"`      // that are affected; nil when they are not counted
	Example   string `json:"example,omitempty"`   // key of one of the rows, or its value
	Detail    string `json:"detail"`              // what was found
	Action    string `json:"action,omitempty"`    // what to do

	// Of a conflict, the definitions: before the update, as the template wants it, as
	// the tenant has it. Empty where there is none, and for every other kind.
	Base     string `json:"base,omitempty"`
	Template string `json:"template,omitempty"`
	Own      string `json:"own,omitempty"`
}

// The kinds of findings that several rooms know.
const (
	KindConflict    = "conflict"         // a template update meets what a tenant has of its own
	KindApproval    = "approval"         // the migration waits for an approval
	KindDataForbids = "data_forbids"     // rows make a statement fail
	KindDataChanges = "data_changes"     // a statement changes or loses values of rows
	KindUnchecked   = "data_not_checked" // a question to the data took too long
	KindRename      = "possible_rename"  // a column goes and another one of a like type comes
	KindLargeCopy   = "large_copy"       // a statement copies a large table
)

// quotedValue is a value as errors of servers have them. It may have quotes
// itself: what is from the first quote to the last one is left out.
var quotedValue = regexp.MustCompile(`(?s)'.*'`)

// WithoutValues leaves out of the detail of a finding, or of an error, what more people see
// than plans: the example, and what a server quotes. Those are values of rows, or parts of
// statements.
func WithoutValues(detail, example string) string {
	if example != "" {
		detail = strings.ReplaceAll(detail, ", e.g. "+example, "")
	}
	return quotedValue.ReplaceAllString(detail, "'…'")
}

// VerdictBlocked is the verdict of a migration that the data of the tenant
// forbids.
const VerdictBlocked = "blocked"

// mostFindings is how many findings of one kind a text lists.
const mostFindings = 10

// FindingsOf returns what notes say, for programs.
func FindingsOf(notes []Note) []Finding {
	var out []Finding
	for _, n := range notes {
		if n.Passing {
			continue
		}
		if n.Findings != nil {
			out = append(out, n.Findings...)
			continue
		}
		out = append(out, Finding{Kind: kindOf(n.Summary), Blocks: n.Severity == Failure, Detail: n.Detail})
	}
	return out
}

// kindOf makes a kind of a summary, which is fixed for its class.
func kindOf(summary string) string {
	return strings.Join(strings.Fields(strings.ToLower(summary)), "_")
}

// DataNotes tells findings of the data: one note a kind, with the first ten and
// how many there are. Each has its statement behind it.
func DataNotes(field Field, slug string, findings []Finding, steps []Step) []Note {
	var notes []Note
	for _, kind := range []string{KindDataForbids, KindDataChanges, KindUnchecked, KindLargeCopy} {
		var found []Finding
		var lines []string
		for _, f := range findings {
			if f.Kind != kind {
				continue
			}
			if found = append(found, f); len(found) <= mostFindings {
				lines = append(lines, fmt.Sprintf("Tenant `%s`: %s.", slug, f.Detail))
				if at := f.Statement - 1; at >= 0 && at < int64(len(steps)) {
					lines = append(lines, Shorten(steps[at].SQL))
				}
			}
		}
		if len(found) == 0 {
			continue
		}
		if more := len(found) - mostFindings; more > 0 {
			lines = append(lines, fmt.Sprintf("… and %d more, which `findings` has.", more))
		}
		if found[0].Blocks {
			lines = append(lines, "", found[0].Action)
		}
		n := dataNote(kind)
		n.Field, n.Detail, n.Findings = field, strings.Join(lines, "\n"), found
		notes = append(notes, n)
	}
	return notes
}

// dataNote returns the note of a kind, without its text.
func dataNote(kind string) Note {
	switch kind {
	case KindDataForbids:
		return Note{Severity: Warning, Summary: "Data forbids a step of the migration"}
	case KindUnchecked:
		return Note{Severity: Warning, Summary: "Data could not be checked"}
	case KindLargeCopy:
		return Note{Severity: Warning, Summary: "Migration copies a large table"}
	}
	return Note{Severity: Warning, Summary: "Migration step affects data"}
}
