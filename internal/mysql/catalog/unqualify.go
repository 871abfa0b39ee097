package catalog

import (
	"bytes"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// dialect is what changes how a stored text is read: the session that created
// the object may have had another sql_mode than ours.
type dialect struct {
	mode     sqltext.Mode
	foldCase bool // the server compares database names without case
	// printed is a text that the server composed itself (a view): in it a name
	// after AS is a column's, and a table's alias stands without AS.
	printed bool
}

func dialectOf(sqlMode []byte) dialect {
	mode := bytes.ToUpper(sqlMode)
	return dialect{mode: sqltext.Mode{
		ANSIQuotes:         bytes.Contains(mode, []byte("ANSI_QUOTES")),
		NoBackslashEscapes: bytes.Contains(mode, []byte("NO_BACKSLASH_ESCAPES")),
	}}
}

// unqualify removes a database's own name where it qualifies another name:
// "`db`.`t`" and "db.t" become "`t`" and "t". Strings, comments and user
// variables are left alone, so a text that merely mentions the name is the same
// in a database of another name only if it mentions the same name.
//
// When the name also stands alone (as the alias of a table, say, but not as the
// user of an account), two names
// with a dot between them are ambiguous: then only chains of three are touched,
// because a wrong removal would change the meaning; and in what the server
// composed, where tables and functions stand in places of their own, those too.
func unqualify(text []byte, database string, d dialect) []byte {
	if !mentions(text, database, d.foldCase) {
		return text
	}
	tokens := names(string(text), d)
	alone := false
	for _, t := range tokens {
		if d.isDatabase(t, database) && !t.afterDot && !t.beforeDot && !t.beforeAt && (!d.printed || !t.afterAs) {
			alone = true
		}
	}
	out := make([]byte, 0, len(text))
	last := 0
	for i, t := range tokens {
		if !d.isDatabase(t, database) || t.afterDot || !t.beforeDot || i+1 == len(tokens) {
			continue
		}
		if alone && !tokens[i+1].beforeDot && !(d.printed && (t.table || tokens[i+1].call)) {
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
	beforeAt  bool // the user of an account
	afterAs   bool
	table     bool // behind VIEW, FROM or JOIN
	call      bool // before a parenthesis
}

// names finds the identifiers of a text.
func names(text string, d dialect) []name {
	var (
		found    []name
		dot      bool // the token before is a dot behind a name, or an @ that a name follows
		open, as bool // the token before is a name, is AS
		table    bool // VIEW, FROM or JOIN is before, and nothing but parentheses since
	)
	for _, t := range sqltext.Tokens(text, d.mode) {
		switch {
		case t.IsName():
			found = append(found, name{value: t.Value(), start: t.Start, afterDot: dot, afterAs: as, table: table})
		case t.IsPunct('.') && open && len(found) > 0:
			found[len(found)-1].beforeDot = true
		case t.Kind == sqltext.Variable && open && len(found) > 0:
			found[len(found)-1].beforeAt = true
		case t.IsPunct('(') && open && len(found) > 0:
			found[len(found)-1].call = true
		}
		// No qualifier stands before the dot of .5, and none behind a text.
		variable := t.Kind == sqltext.Variable
		dot = t.IsPunct('.') && open || variable && t.Text == "@"
		open = t.IsName() || variable && t.Text != "@"
		as = t.Is("AS")
		table = t.IsAny("VIEW", "FROM", "JOIN", "STRAIGHT_JOIN") || table && t.IsPunct('(')
	}
	return found
}
