package mysql

import (
	"bytes"
	"regexp"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

var (
	// introducers stand before texts; quotes are escaped in some catalogs.
	introducers = regexp.MustCompile("(^|[^`'\\w])_([a-z0-9]+)(\\\\?')")
	negated     = regexp.MustCompile(`-\s*\((\d+(?:\.\d+)?)\)`)
)

// settleExpression writes an expression of MySQL's catalog as it is after the
// table was altered or optimized: until then it shows the character set of the
// connection that made it before each text, and -(1) for -1. A text of ASCII
// alone is the same in all character sets but the binary one.
func settleExpression(text []byte) []byte {
	text = negated.ReplaceAll(text, []byte("-$1"))
	if bytes.IndexByte(text, '_') < 0 || bytes.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) >= 0 {
		return text
	}
	return introducers.ReplaceAllFunc(text, func(found []byte) []byte {
		part := introducers.FindSubmatch(found)
		if string(part[2]) == "binary" {
			return found
		}
		return append(append([]byte{}, part[1]...), part[3]...)
	})
}

// flattenJoins removes the parentheses with which a list of joined tables
// begins: `from ((a join b) join c)` becomes `from a join b join c`, which means
// the same. MySQL's catalog shows a view with JSON_TABLE without them as long as
// it is what somebody wrote with commas, and with them once it was made of what
// SHOW CREATE VIEW prints.
func flattenJoins(text []byte) []byte {
	if !bytes.Contains(bytes.ToLower(text), []byte("json_table")) {
		return text
	}
	var (
		gone   = map[int]bool{} // positions of parentheses
		open   []bool           // of each that is open, whether it goes
		first  bool             // FROM, or such a parenthesis, is right before
		tokens = sqltext.Tokens(string(text), sqltext.Mode{Flavor: sqltext.MySQL})
	)
	for i, t := range tokens {
		switch {
		case t.IsPunct('('):
			first = first && !(i+1 < len(tokens) && tokens[i+1].IsAny("SELECT", "WITH", "VALUES", "TABLE"))
			open, gone[t.Start] = append(open, first), first
			continue
		case t.IsPunct(')') && len(open) > 0:
			gone[t.Start] = open[len(open)-1]
			open = open[:len(open)-1]
		}
		first = t.Is("FROM")
	}
	out := make([]byte, 0, len(text))
	for i, c := range text {
		if !gone[i] {
			out = append(out, c)
		}
	}
	return out
}
