package ddl

import (
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// cursor walks over the tokens of a text that a server printed.
type cursor struct {
	src  string
	toks []sqltext.Token
	i    int
}

func newCursor(src string) *cursor {
	return &cursor{src: src, toks: sqltext.Tokens(src, sqltext.Mode{})}
}

func (c *cursor) done() bool { return c.i >= len(c.toks) }

// peek returns the token at hand, the zero token behind the last.
func (c *cursor) peek() sqltext.Token {
	if c.done() {
		return sqltext.Token{}
	}
	return c.toks[c.i]
}

func (c *cursor) next() sqltext.Token {
	t := c.peek()
	c.i++
	return t
}

// at says whether these words stand here.
func (c *cursor) at(words ...string) bool {
	if c.i+len(words) > len(c.toks) {
		return false
	}
	for n, w := range words {
		if !c.toks[c.i+n].Is(w) {
			return false
		}
	}
	return true
}

// accept skips these words when they stand here.
func (c *cursor) accept(words ...string) bool {
	if !c.at(words...) {
		return false
	}
	c.i += len(words)
	return true
}

// acceptPunct skips a byte of punctuation when it stands here.
func (c *cursor) acceptPunct(b byte) bool {
	if !c.peek().IsPunct(b) {
		return false
	}
	c.i++
	return true
}

// group skips a group in parentheses and returns its tokens without them; nil
// when there is none.
func (c *cursor) group() []sqltext.Token {
	if !c.peek().IsPunct('(') {
		return nil
	}
	start, depth := c.i, 0
	for ; !c.done(); c.i++ {
		switch t := c.toks[c.i]; {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		}
		if depth == 0 {
			c.i++
			return c.toks[start+1 : c.i-1 : c.i-1]
		}
	}
	return nil
}

// since returns the tokens from an index to here.
func (c *cursor) since(start int) []sqltext.Token {
	end := min(c.i, len(c.toks))
	return c.toks[min(start, end):end]
}

// renderTokens returns tokens as text on one line. Marks of executed comments are
// gone: what they hold is said openly.
func renderTokens(toks []sqltext.Token) string {
	var b strings.Builder
	for i, t := range toks {
		if i > 0 && toks[i-1].End != t.Start {
			b.WriteByte(' ')
		}
		b.WriteString(t.Text)
	}
	return b.String()
}

// canonTokens returns a text that is the same for token lists that mean the same:
// words in lower case, white space folded.
func canonTokens(toks []sqltext.Token) string {
	var b strings.Builder
	for i := 0; i < len(toks); i++ {
		t := toks[i]
		if isNegated(toks, i) { // MySQL prints -(1), and -1 once it has altered the table
			b.WriteString(" " + toks[i+1].Text)
			i += 2
			continue
		}
		if isIntroducer(toks, i) {
			continue
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		if t.Kind == sqltext.Word {
			b.WriteString(strings.ToLower(t.Text))
		} else {
			b.WriteString(t.Text)
		}
	}
	return b.String()
}

// isNegated says whether a number in parentheses behind a minus begins at i.
func isNegated(toks []sqltext.Token, i int) bool {
	return i > 0 && i+2 < len(toks) && toks[i-1].IsPunct('-') && toks[i].IsPunct('(') && toks[i+1].Kind == sqltext.Number && toks[i+2].IsPunct(')')
}

// isIntroducer says whether a character set stands at i before a text that is
// the same in all of them. MySQL prints the one of the connection, another one
// once it has altered the table. What is binary compares in another way.
func isIntroducer(toks []sqltext.Token, i int) bool {
	if i+1 >= len(toks) || toks[i].Kind != sqltext.Word || toks[i].Text[0] != '_' || toks[i].Is("_binary") || toks[i+1].Kind != sqltext.String {
		return false
	}
	return strings.IndexFunc(toks[i+1].Text, func(r rune) bool { return r >= 0x80 }) < 0
}

// commaList splits tokens at the commas that stand in no parentheses.
func commaList(toks []sqltext.Token) [][]sqltext.Token {
	var out [][]sqltext.Token
	start, depth := 0, 0
	for i, t := range toks {
		switch {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		case t.IsPunct(',') && depth == 0:
			out = append(out, toks[start:i])
			start = i + 1
		}
	}
	if start < len(toks) {
		out = append(out, toks[start:])
	}
	return out
}

// quoteName quotes an identifier.
func quoteName(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }
