package mysql

import (
	"bytes"
	"strings"
)

// dialect is what changes how a stored text is read: the session that created
// the object may have had another sql_mode than ours.
type dialect struct {
	ansiQuotes         bool // "x" is a name
	noBackslashEscapes bool
	foldCase           bool // the server compares database names without case
	// printed is a text that the server composed itself (a view): in it a name
	// after AS is a column's, and a table's alias stands without AS.
	printed bool
}

func dialectOf(sqlMode []byte) dialect {
	mode := bytes.ToUpper(sqlMode)
	return dialect{
		ansiQuotes:         bytes.Contains(mode, []byte("ANSI_QUOTES")),
		noBackslashEscapes: bytes.Contains(mode, []byte("NO_BACKSLASH_ESCAPES")),
	}
}

// unqualify removes a database's own name where it qualifies another name:
// "`db`.`t`" and "db.t" become "`t`" and "t". Strings, comments and user
// variables are left alone, so a text that merely mentions the name is the same
// in a database of another name only if it mentions the same name.
//
// When the name also stands alone (as the alias of a table, say), two names
// with a dot between them are ambiguous: then only chains of three are touched,
// because a wrong removal would change the meaning.
func unqualify(text []byte, database string, d dialect) []byte {
	if !mentions(text, database, d.foldCase) {
		return text
	}
	tokens := names(text, d)
	alone := false
	for _, t := range tokens {
		if d.isDatabase(t, database) && !t.afterDot && !t.beforeDot && (!d.printed || !t.afterAs) {
			alone = true
		}
	}
	out := make([]byte, 0, len(text))
	last := 0
	for i, t := range tokens {
		if !d.isDatabase(t, database) || t.afterDot || !t.beforeDot || i+1 == len(tokens) {
			continue
		}
		if alone && !tokens[i+1].beforeDot {
			continue
		}
		out = append(out, text[last:t.start]...)
		last = tokens[i+1].start
	}
	return append(out, text[last:]...)
}

func mentions(text []byte, database string, fold bool) bool {
	// A name with a backquote is written with two of them.
	quoted := strings.ReplaceAll(database, "`", "``")
	if fold {
		lower := bytes.ToLower(text)
		return bytes.Contains(lower, []byte(strings.ToLower(database))) || bytes.Contains(lower, []byte(strings.ToLower(quoted)))
	}
	return bytes.Contains(text, []byte(database)) || bytes.Contains(text, []byte(quoted))
}

func (d dialect) isDatabase(t name, database string) bool {
	if d.foldCase {
		return strings.EqualFold(t.value, database)
	}
	return t.value == database
}

// A name is an identifier in a text, quoted or not (keywords too).
type name struct {
	value     string
	start     int  // where it begins, its quote included
	afterDot  bool // or after an @
	beforeDot bool
	afterAs   bool
}

// names finds the identifiers of a text.
func names(text []byte, d dialect) []name {
	var (
		found []name
		prev  byte // the last significant character
		as    bool // the last token was AS
	)
	for i := 0; i < len(text); {
		next, value, kind := scan(text, i, d)
		switch kind {
		case scanSpace:
		case scanName:
			if prev == '.' && len(found) > 0 {
				found[len(found)-1].beforeDot = true
			}
			found = append(found, name{value: value, start: i, afterDot: prev == '.' || prev == '@', afterAs: as})
			prev = 'a'
			as = text[i] != '`' && strings.EqualFold(value, "as")
		case scanOther:
			if text[i] == '.' && prev != 'a' {
				prev = ',' // a number such as .5, or a string: no qualifier before it
			} else {
				prev = text[i]
			}
			as = false
		}
		i = next
	}
	return found
}

type scanKind int

const (
	scanSpace scanKind = iota // also a comment
	scanName
	scanOther // one character, or a string
)

// scan reads what begins at position i and returns where the next thing begins.
func scan(text []byte, i int, d dialect) (next int, value string, kind scanKind) {
	switch c := text[i]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
		return i + 1, "", scanSpace
	case c == '`' || c == '"' && d.ansiQuotes:
		end := endOfQuoted(text, i, true)
		inner := strings.Trim(string(text[i:end]), string(c))
		if end-i >= 2 {
			inner = string(text[i+1 : end-1])
		}
		return end, strings.ReplaceAll(inner, string([]byte{c, c}), string(c)), scanName
	case c == '\'' || c == '"':
		return endOfQuoted(text, i, d.noBackslashEscapes), "", scanOther
	case c == '#', c == '-' && startsDashComment(text[i:]):
		return endOfLine(text, i), "", scanSpace
	case c == '/' && i+1 < len(text) && text[i+1] == '*':
		return endOfComment(text, i), "", scanSpace
	case isNameByte(c):
		end := i
		for end < len(text) && isNameByte(text[end]) {
			end++
		}
		return end, string(text[i:end]), scanName
	}
	return i + 1, "", scanOther
}

func isNameByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// endOfQuoted returns the position after the closing quote. A doubled quote is
// part of the text.
func endOfQuoted(text []byte, i int, plainBackslash bool) int {
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

func startsDashComment(text []byte) bool {
	return len(text) >= 2 && text[1] == '-' && (len(text) == 2 || text[2] <= ' ')
}

func endOfLine(text []byte, i int) int {
	if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(text)
}

func endOfComment(text []byte, i int) int {
	if n := bytes.Index(text[i+2:], []byte("*/")); n >= 0 {
		return i + 2 + n + 2
	}
	return len(text)
}
