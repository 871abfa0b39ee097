package checkpoint

import (
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
)

// A logTokenKind is the class of a token of a statement in the log.
type logTokenKind int

const (
	logWord   logTokenKind = iota // a keyword or a name without quotes
	logName                       // a name in quotes
	logString                     // a text in quotes
	logPunct                      // one byte
)

// A logToken is a piece of a statement. value is what a name or word stands
// for; text[start:end] is how it is written.
type logToken struct {
	kind       logTokenKind
	value      string
	start, end int
}

func (t logToken) is(words ...string) bool {
	if t.kind != logWord {
		return false
	}
	for _, w := range words {
		if strings.EqualFold(t.value, w) {
			return true
		}
	}
	return false
}

func (t logToken) punct(c byte) bool { return t.kind == logPunct && t.value[0] == c }

func (t logToken) isName() bool { return t.kind == logWord || t.kind == logName }

// logTokens takes a statement apart as the server did that ran it, with the
// sql_mode of its session. Comments are left out, but what stands in an executed
// comment (`/*!`) counts as text, whatever its version: a name in it is treated
// like any other.
func logTokens(text string, mode uint64) []logToken {
	ansi, plain := mode&binlog.ModeANSIQuotes != 0, mode&binlog.ModeNoBackslashEscapes != 0
	tokens := make([]logToken, 0, len(text)/6+1)
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ' || c >= '\t' && c <= '\r':
			i++
		case c == '`' || c == '"' && ansi:
			end := endOfLogQuote(text, i, true)
			inner := text[i+1 : max(i+1, end-1)]
			value := strings.ReplaceAll(inner, string([]byte{c, c}), string(c))
			tokens = append(tokens, logToken{kind: logName, value: value, start: i, end: end})
			i = end
		case c == '\'' || c == '"':
			end := endOfLogQuote(text, i, plain)
			tokens = append(tokens, logToken{kind: logString, value: text[i:end], start: i, end: end})
			i = end
		case skipsComment(text[i:]) > 0:
			i += skipsComment(text[i:])
		case isWordByte(c):
			end := i
			for end < len(text) && isWordByte(text[end]) {
				end++
			}
			tokens = append(tokens, logToken{kind: logWord, value: text[i:end], start: i, end: end})
			i = end
		default:
			tokens = append(tokens, logToken{kind: logPunct, value: text[i : i+1], start: i, end: i + 1})
			i++
		}
	}
	return tokens
}

// endOfLogQuote returns the position behind the closing quote.
func endOfLogQuote(text string, i int, plainBackslash bool) int {
	quote := text[i]
	for i++; i < len(text); i++ {
		switch {
		case text[i] == '\\' && !plainBackslash:
			i++
		case text[i] == quote && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return len(text)
}

// skipsComment returns how long the comment is that a text begins with, or the
// mark of an executed one; 0 when it begins with neither.
func skipsComment(text string) int {
	switch {
	case text[0] == '#', strings.HasPrefix(text, "--") && (len(text) == 2 || text[2] <= ' '):
		if n := strings.IndexByte(text, '\n'); n >= 0 {
			return n + 1
		}
		return len(text)
	case strings.HasPrefix(text, "*/"): // the end of an executed comment
		return 2
	case !strings.HasPrefix(text, "/*"):
		return 0
	}
	open := strings.TrimPrefix(strings.TrimPrefix(text[2:], "M"), "!")
	if executed := strings.HasPrefix(text, "/*!") || strings.HasPrefix(text, "/*M!"); executed {
		return len(text) - len(strings.TrimLeft(open, "0123456789"))
	}
	if n := strings.Index(text[2:], "*/"); n >= 0 {
		return 2 + n + 2
	}
	return len(text)
}

// An edit replaces a part of a statement.
type edit struct {
	start, end int
	text       string
}

// applyEdits applies edits that do not overlap and are in order.
func applyEdits(text string, edits []edit) string {
	var b strings.Builder
	last := 0
	for _, e := range edits {
		b.WriteString(text[last:e.start])
		b.WriteString(e.text)
		last = e.end
	}
	b.WriteString(text[last:])
	return b.String()
}
