package template

import (
	"strings"
)

// headerPrefix begins each line of a module's header.
const headerPrefix = "landlord:"

// The keys that a module's header knows.
const (
	keyRequires    = "requires"
	keyConflicts   = "conflicts"
	keyDescription = "description"
)

// directive is one header line, with the position of `landlord:`.
type directive struct {
	key, value   string
	hasValue     bool // there was a second colon
	line, column int
	start, end   int // byte offsets of the line in the text
}

// comment is one line of text inside a comment.
type comment struct {
	text         string
	line, column int
	start, end   int
}

// directives returns the header lines at the top of a text: the lines in the
// comments before the first statement that begin with `landlord:`.
func directives(sql string) []directive {
	var found []directive
	for _, c := range headComments(sql) {
		rest, ok := strings.CutPrefix(c.text, headerPrefix)
		if !ok {
			continue
		}
		key, value, hasValue := strings.Cut(rest, ":")
		found = append(found, directive{
			key: strings.TrimSpace(key), value: strings.TrimSpace(value), hasValue: hasValue,
			line: c.line, column: c.column, start: c.start, end: c.end,
		})
	}
	return found
}

// headComments returns the lines of all comments that stand before the first
// statement. A comment that a server executes is a statement. A line that begins
// with `--` is a comment there whatever follows, see source.Split.
func headComments(sql string) []comment {
	var out []comment
	line, i := 1, 0
	for i < len(sql) {
		end := strings.IndexByte(sql[i:], '\n')
		if end < 0 {
			end = len(sql)
		} else {
			end += i
		}
		text := strings.TrimLeft(sql[i:end], " \t")
		switch {
		case strings.TrimSpace(text) == "":
		case strings.HasPrefix(text, "#"), strings.HasPrefix(text, "--"):
			out = append(out, commentLine(sql, i, end, line, "#-"))
		case strings.HasPrefix(text, "/*") && !isExecutable(text):
			stop, lines := blockComment(sql, i, line)
			out = append(out, lines...)
			line += strings.Count(sql[i:stop], "\n")
			i = stop
			continue
		default:
			return out
		}
		line++
		i = end + 1
	}
	return out
}

// isExecutable says whether a block comment is one that some server executes.
func isExecutable(text string) bool {
	return strings.HasPrefix(text, "/*!") || strings.HasPrefix(text, "/*M!")
}

// blockComment returns the lines of the block comment that begins in the line
// at start, and the offset behind it.
func blockComment(sql string, start, line int) (int, []comment) {
	open := start + strings.Index(sql[start:], "/*") + 2
	stop := strings.Index(sql[open:], "*/")
	closed := len(sql)
	if stop < 0 {
		stop = len(sql)
	} else {
		stop += open
		closed = stop + 2
	}
	var out []comment
	for at := start; at < stop; line++ {
		end := strings.IndexByte(sql[at:stop], '\n')
		if end < 0 {
			end = stop
		} else {
			end += at
		}
		out = append(out, commentLine(sql, at, end, line, "/*"))
		at = end + 1
	}
	return closed, out
}

// commentLine cuts white space and the comment marks off a line.
func commentLine(sql string, start, end, line int, marks string) comment {
	raw := sql[start:end]
	text := strings.TrimLeft(raw, " \t\r\v\f"+marks)
	return comment{text: strings.TrimSpace(text), line: line, column: len(raw) - len(text) + 1, start: start, end: end}
}

// applyHeader adds the header of one of the module's files to the module.
func applyHeader(m *Module, f File) []Finding {
	var findings []Finding
	fault := func(d directive, summary, detail string) {
		findings = append(findings, Finding{Severity: SeverityError, File: f.Name, Line: d.line, Column: d.column, Summary: summary, Detail: detail})
	}
	for _, d := range directives(f.SQL) {
		switch {
		case !isHeaderKey(d.key):
			fault(d, "Module header with an unknown key", unknownKey(d))
		case !d.hasValue || d.value == "":
			fault(d, "Module header without a value", "Write `-- landlord:"+d.key+": …` with the value behind the second colon.")
		case d.key == keyDescription && m.Description != "":
			fault(d, "Module described twice", "Module `"+m.Name+"` has a description already: keep one of the two.")
		case d.key == keyDescription:
			m.Description = d.value
		case d.key == keyRequires:
			m.Requires = append(m.Requires, nameList(m, d, fault)...)
		default:
			m.Conflicts = append(m.Conflicts, nameList(m, d, fault)...)
		}
	}
	return findings
}

func isHeaderKey(key string) bool {
	return key == keyRequires || key == keyConflicts || key == keyDescription
}

func unknownKey(d directive) string {
	detail := "`landlord:" + d.key + "` means nothing; the keys are `requires`, `conflicts` and `description`."
	if near := nearest(d.key, []string{keyRequires, keyConflicts, keyDescription}); near != "" {
		detail += " Did you mean `landlord:" + near + ":`?"
	}
	return detail
}

// nameList reads the module names of a header line.
func nameList(m *Module, d directive, fault func(directive, string, string)) []string {
	var names []string
	for _, name := range splitNames(d.value) {
		switch {
		case name == "":
			fault(d, "Module header names nothing", "Write the names with one comma between two of them, for example `-- landlord:"+d.key+": a, b`.")
		case !modulePattern.MatchString(name):
			fault(d, "Module header with an impossible name", "`"+name+"` is no module name. Write the names with commas between them, for example `-- landlord:"+d.key+": a, b`.")
		case name == m.Name:
			fault(d, "Module names itself", "Module `"+m.Name+"` stands in its own `"+d.key+"`.")
		default:
			names = append(names, name)
		}
	}
	return names
}

// splitNames cuts a list of names at its commas. Backquotes around a name are
// not part of it.
func splitNames(value string) []string {
	var names []string
	for part := range strings.SplitSeq(value, ",") {
		names = append(names, strings.Trim(strings.TrimSpace(part), "`"))
	}
	return names
}

// misplacedHeaders finds header lines in a file that belongs to no module.
func misplacedHeaders(f File) []Finding {
	var findings []Finding
	for _, d := range directives(f.SQL) {
		findings = append(findings, Finding{
			Severity: SeverityError, File: f.Name, Line: d.line, Column: d.column,
			Summary: "Module header outside a module",
			Detail:  "`landlord:" + d.key + "` stands in the head of a file that belongs to no module. Only the schema files of a module, below `optional/`, have a header.",
		})
	}
	return findings
}

// withoutDescription returns the text without the header lines that describe
// the module, for the checksum: a description changes no database.
func withoutDescription(sql string) string {
	var b strings.Builder
	from := 0
	for _, d := range directives(sql) {
		if d.key == keyDescription {
			b.WriteString(sql[from:d.start])
			from = min(d.end+1, len(sql))
		}
	}
	b.WriteString(sql[from:])
	return b.String()
}
