package preview

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// document is a report as it is laid out, for every format that people read.
type document struct {
	title    string
	verdict  string
	alarming bool
	lines    []string // the summary, in our own words
	sections []section
}

// section is a part with a heading. Its blocks are shown whole or not at all.
type section struct {
	title  string
	blocks []block
}

// block is one thing: a heading with what belongs to it.
type block struct {
	heading  []span
	lines    [][]span // a list
	code     string   // SQL or HCL
	language string
	columns  []column // side by side
}

// column is one of several definitions side by side.
type column struct{ title, text string }

// span is a piece of text: our own words, a text of the plan, or a name or SQL of
// the plan. Only our own words may hold marks of a format.
type span struct {
	text string
	kind spanKind
}

type spanKind int

const (
	ours  spanKind = iota // a constant of this package
	given                 // a sentence of the plan, in which `names` stand in backquotes
	name                  // a name or SQL of the plan
)

func say(text string) span         { return span{text: text} }
func sayf(f string, a ...any) span { return span{text: fmt.Sprintf(f, a...)} } // for numbers and our own words
func nameOf(text string) span      { return span{text: text, kind: name} }
func sentence(text string) span    { return span{text: text, kind: given} }
func line(spans ...span) []span    { return spans }
func names(list []string) []span {
	var out []span
	for i, text := range list {
		if i > 0 {
			out = append(out, say(", "))
		}
		out = append(out, nameOf(text))
	}
	return out
}

// visible writes characters that a reader cannot see, or that turn the direction
// of what follows, by their numbers. What is left is one line unless lines may be.
func visible(text string, lines bool) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' && lines:
			b.WriteRune(r)
		case r == '\n' || r == '\t' || r == '\r':
			b.WriteByte(' ')
		case r == unicode.ReplacementChar, unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// pieces splits a sentence of the plan at its backquotes into text and names.
func pieces(text string) []span {
	parts := strings.Split(text, "`")
	if len(parts)%2 == 0 { // one has no end: it is a character as others
		last := len(parts) - 1
		parts = append(parts[:last-1], parts[last-1]+"`"+parts[last])
	}
	var out []span
	for i, part := range parts {
		if part == "" {
			continue
		}
		kind := given
		if i%2 == 1 {
			kind = name
		}
		out = append(out, span{text: part, kind: kind})
	}
	return out
}

// The most that one block shows. What is left out is counted, and JSON has it.
const (
	mostStatements = 60
	mostSQL        = 1500 // characters of one statement
	mostText       = 600  // characters of a sentence
	mostDefinition = 400
	mostLines      = 20
)

// sqlText writes statements as one block, the risk beside each. Of many those are
// shown that begin, and every one that loses data as long as there is room.
func sqlText(list []Statement) string {
	if !slices.ContainsFunc(list, func(s Statement) bool { return s.SQL != notShown }) {
		return "-- " + several(len(list), "statement") + " " + notShown
	}
	var lines []string
	left, lossy := 0, 0
	for i := range list {
		s := &list[i]
		if len(lines) >= mostStatements && (!s.Destructive || len(lines) >= 2*mostStatements) {
			left++
			if s.Destructive {
				lossy++
			}
			continue
		}
		text := shorten(s.SQL, mostSQL)
		if !strings.HasSuffix(text, ";") {
			text += ";"
		}
		if s.Risk != "" {
			text += " -- " + shorten(s.Risk, mostText)
		}
		lines = append(lines, visible(text, false))
	}
	if left > 0 {
		note := fmt.Sprintf("-- … %s more", several(left, "statement"))
		if lossy > 0 {
			note += fmt.Sprintf(", of which %d lose data or objects", lossy)
		}
		lines = append(lines, note)
	}
	return strings.Join(lines, "\n")
}
