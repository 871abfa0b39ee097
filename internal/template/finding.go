package template

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says whether a Finding keeps a template from being used.
type Severity string

// The severities of a Finding.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Finding is something that is wrong, or doubtful, in a template.
type Finding struct {
	Severity Severity
	// File is the path inside the template, for example
	// `core/001_users.sql`; a file of a parent has the parent's ID in front:
	// `basic@1.0.0/core/001_users.sql`. Empty when no file is at fault.
	File string
	// Line and Column are 1-based; 0 when the whole file is meant. Columns
	// count bytes.
	Line, Column int
	// Modules are the modules that were chosen when it was found, without
	// those that come along as their requirements. Empty: it is so without
	// any module.
	Modules []string
	Summary string // sentence case, no values, at most eight words
	Detail  string // what exactly, why, and what to do
}

// Position returns file, line and column as far as they are known, for example
// `core/001_users.sql:3:1`.
func (f Finding) Position() string {
	if f.File == "" || f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
}

// String returns the finding in one line: position, severity, summary, detail
// and modules.
func (f Finding) String() string {
	var b strings.Builder
	if at := f.Position(); at != "" {
		b.WriteString(at + ": ")
	}
	fmt.Fprintf(&b, "%s: %s", f.Severity, f.Summary)
	if f.Detail != "" {
		b.WriteString(": " + f.Detail)
	}
	if len(f.Modules) > 0 {
		fmt.Fprintf(&b, " (with %s)", quoteList("module", f.Modules))
	}
	return b.String()
}

// HasErrors says whether one of the findings is an error.
func HasErrors(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == SeverityError })
}

// LoadError says why the files of a template cannot be taken: all findings of
// one attempt to load, so that a person corrects them at once.
type LoadError struct {
	Source   string // the directory, `builtin:<name>`, or empty for inline maps
	Findings []Finding
}

// Error returns the findings, one a line, after the source.
func (e *LoadError) Error() string {
	lines := make([]string, 0, len(e.Findings)+1)
	if e.Source != "" {
		lines = append(lines, fmt.Sprintf("loading template `%s`:", e.Source))
	} else {
		lines = append(lines, "loading inline template:")
	}
	for _, f := range e.Findings {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}

// sortFindings puts findings into the order of files and positions; equal
// positions keep the order in which they were found.
func sortFindings(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// quoteList writes names for a sentence: "module `a`", "modules `a` and `b`".
func quoteList(noun string, names []string) string {
	if len(names) == 1 {
		return fmt.Sprintf("%s `%s`", noun, names[0])
	}
	return fmt.Sprintf("%ss %s", noun, join(names))
}

// join writes names for a sentence: "`a`, `b` and `c`".
func join(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = "`" + name + "`"
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " and " + quoted[last]
}

// mostOfAKind is how many findings of a kind are told of a file before they are
// counted: a dump says the same of each of its tables.
const mostOfAKind = 3

// counted returns sorted findings with at most mostOfAKind of a kind and file,
// and how many more there are.
func counted(findings []Finding) []Finding {
	type kind struct {
		file, summary string
		severity      Severity
	}
	of := func(f Finding) kind { return kind{f.File, f.Summary, f.Severity} }
	total := map[kind]int{}
	for _, f := range findings {
		total[of(f)]++
	}
	var out []Finding
	seen := map[kind]int{}
	for _, f := range findings {
		k := of(f)
		seen[k]++
		switch n := total[k] - mostOfAKind; {
		case f.File == "" || seen[k] <= mostOfAKind || n < 1:
			out = append(out, f)
		case seen[k] == mostOfAKind+1:
			f.Modules = nil
			f.Detail = fmt.Sprintf("The same holds %d more times in this file, from here on.", n)
			if n == 1 {
				f.Detail = "The same holds once more in this file."
			}
			out = append(out, f)
		}
	}
	return out
}
