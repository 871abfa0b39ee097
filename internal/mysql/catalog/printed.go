package catalog

import (
	"bytes"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// settleExpression writes an expression of MySQL's catalog as it is after the
// table was altered or optimized: until then it shows the character set of the
// connection that made it before each text, and -(1) for -1. A text of ASCII
// alone is the same in all character sets but the binary one. What stands inside
// of texts and names stays.
func settleExpression(text []byte) []byte {
	plain, at := unescaped(text)
	tokens := sqltext.Tokens(plain, sqltext.Mode{Flavor: sqltext.MySQL})
	ascii := bytes.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) < 0
	out := make([]byte, 0, len(text))
	last := 0
	leave := func(from, to int) { // offsets in plain
		out = append(out, text[last:at(from)]...)
		last = at(to)
	}
	for i, t := range tokens {
		switch {
		case isNegated(tokens[i:]):
			leave(t.End, tokens[i+2].Start)
			leave(tokens[i+2].End, tokens[i+3].End)
		case ascii && isIntroducer(tokens[i:]):
			leave(t.Start, t.End)
		case isIntroducer(tokens[i:]) && t.Is("_utf8mb3"): // of the table, in place of that of the connection
			leave(t.End-1, t.End)
			out = append(out, '4')
		}
	}
	return append(out, text[last:]...)
}

// unescaped returns an expression as SQL, and what turns its offsets into those of
// the text: some catalogs escape all quotes and backslashes once more.
func unescaped(text []byte) (plain string, at func(int) int) {
	same := func(i int) int { return i }
	for i, c := range text {
		if c == '\'' && (i == 0 || text[i-1] != '\\') {
			return string(text), same
		}
	}
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text), same
	}
	out := make([]byte, 0, len(text))
	offsets := make([]int, 0, len(text)+1)
	for i := 0; i < len(text); i++ {
		offsets = append(offsets, i)
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		out = append(out, text[i])
	}
	offsets = append(offsets, len(text))
	return string(out), func(i int) int { return offsets[i] }
}

// isNegated says whether tokens begin with a minus and a number in parentheses.
func isNegated(tokens []sqltext.Token) bool {
	return len(tokens) > 3 && tokens[0].IsPunct('-') && tokens[1].IsPunct('(') && tokens[2].Kind == sqltext.Number &&
		strings.Trim(tokens[2].Text, "0123456789.") == "" && tokens[3].IsPunct(')')
}

// isIntroducer says whether tokens begin with a character set right before a text.
func isIntroducer(tokens []sqltext.Token) bool {
	return len(tokens) > 1 && tokens[0].Kind == sqltext.Word && tokens[0].Text[0] == '_' && !tokens[0].Is("_binary") &&
		tokens[1].Kind == sqltext.String && tokens[1].Start == tokens[0].End
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
