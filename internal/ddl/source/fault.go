package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Position is a place in a source text. Lines and columns are 1-based, columns
// count bytes; a byte order mark at the start of a text is not counted. The
// zero value means that the place is not known.
type Position struct {
	Line, Column int
}

// String returns line and column as editors write them: `3:14`.
func (p Position) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// Severity says what a Fault does to the text it was found in.
type Severity string

// The severities of a Fault.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Fault is something that is wrong, or doubtful, in a source text.
type Fault struct {
	Position
	Code     Code
	Severity Severity
	Summary  string // sentence case, no values, at most eight words
	Detail   string // what exactly, why, and what to do next
	// File is the file of the statement as the Catalog was told; the faults
	// of Parse and Guard leave it empty.
	File string
}

// String returns the fault in one line: position, severity, summary, detail.
func (f Fault) String() string {
	return fmt.Sprintf("%s: %s: %s: %s", f.Position, f.Severity, f.Summary, f.Detail)
}

// Code names a class of faults, for callers that treat one class apart and for
// tests; it does not change once released.
type Code string

// Codes that callers decide on. The others are listed beside the rules that
// use them.
const (
	// CodeIgnored is a warning: the statement has no place in its layer but
	// does no harm when left out (what dumps contain around the objects).
	CodeIgnored Code = "ignored"
	// CodeSyntax is a text that cannot be taken apart.
	CodeSyntax Code = "syntax"
	// CodeDatabase is another database named.
	CodeDatabase Code = "database"
)

// Ignored says whether the faults of one statement ask for the statement to be
// left out.
func Ignored(faults []Fault) bool {
	return slices.ContainsFunc(faults, func(f Fault) bool { return f.Code == CodeIgnored })
}

// HasErrors says whether one of the faults is an error.
func HasErrors(faults []Fault) bool {
	return slices.ContainsFunc(faults, func(f Fault) bool { return f.Severity == SeverityError })
}

// SyntaxError says why a text cannot be split into statements. The position is
// where the thing begins that is wrong: the opening quote, not the end of the
// text.
type SyntaxError struct {
	Position
	Reason string // completes no sentence: it is one, without a full stop
}

// Error returns the position and the reason.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s: %s", e.Position, e.Reason) }

// SortFaults sorts faults by file and position.
func SortFaults(faults []Fault) {
	slices.SortStableFunc(faults, func(a, b Fault) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Detail, b.Detail))
	})
}

// List writes words for a sentence: "`A`, `B` and `C`".
func List(words []string) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i > 0 && i == len(words)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString("`" + w + "`")
	}
	return b.String()
}

// UpperFirst makes the beginning of a sentence of words.
func UpperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
