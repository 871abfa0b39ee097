package sqltext

import "strings"

// Cursor walks over the tokens of a text.
type Cursor struct {
	Source string // the text
	Tokens []Token
	Index  int // of the token at hand; beyond the last one at the end
}

// NewCursor returns a cursor at the first token of a text.
func NewCursor(src string) *Cursor {
	return &Cursor{Source: src, Tokens: Tokens(src, Mode{})}
}

// Done says whether the cursor is behind the last token.
func (c *Cursor) Done() bool { return c.Index >= len(c.Tokens) }

// Peek returns the token at hand, the zero token behind the last.
func (c *Cursor) Peek() Token {
	if c.Done() {
		return Token{}
	}
	return c.Tokens[c.Index]
}

// Next returns the token at hand and steps over it.
func (c *Cursor) Next() Token {
	t := c.Peek()
	c.Index++
	return t
}

// At says whether these words stand here.
func (c *Cursor) At(words ...string) bool {
	if c.Index+len(words) > len(c.Tokens) {
		return false
	}
	for n, w := range words {
		if !c.Tokens[c.Index+n].Is(w) {
			return false
		}
	}
	return true
}

// Accept skips these words when they stand here.
func (c *Cursor) Accept(words ...string) bool {
	if !c.At(words...) {
		return false
	}
	c.Index += len(words)
	return true
}

// AcceptPunct skips a byte of punctuation when it stands here.
func (c *Cursor) AcceptPunct(b byte) bool {
	if !c.Peek().IsPunct(b) {
		return false
	}
	c.Index++
	return true
}

// AcceptAny skips one of these words when it stands here.
func (c *Cursor) AcceptAny(words ...string) bool {
	if !c.Peek().IsAny(words...) {
		return false
	}
	c.Index++
	return true
}

// Name reads a name as NameAt does, and steps over it.
func (c *Cursor) Name() Token {
	var t Token
	t, c.Index = NameAt(c.Tokens, c.Index)
	return t
}

// Group skips a group in parentheses and returns its tokens without them; nil
// when there is none.
func (c *Cursor) Group() []Token {
	if !c.Peek().IsPunct('(') {
		return nil
	}
	start, depth := c.Index, 0
	for ; !c.Done(); c.Index++ {
		switch t := c.Tokens[c.Index]; {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		}
		if depth == 0 {
			c.Index++
			return c.Tokens[start+1 : c.Index-1 : c.Index-1]
		}
	}
	return nil
}

// Since returns the tokens from an index to here.
func (c *Cursor) Since(start int) []Token {
	end := min(c.Index, len(c.Tokens))
	return c.Tokens[min(start, end):end]
}

// Join returns tokens as text on one line. Marks of executed comments are
// gone: what they hold is said openly.
func Join(toks []Token) string {
	var b strings.Builder
	for i, t := range toks {
		if i > 0 && toks[i-1].End != t.Start {
			b.WriteByte(' ')
		}
		b.WriteString(t.Text)
	}
	return b.String()
}

// Canonical returns a text that is the same for token lists that mean the same:
// words in lower case, white space folded.
func Canonical(toks []Token) string {
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
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		if t.Kind == Word && t.IsAny("_utf8", "_utf8mb3") && i+1 < len(toks) && toks[i+1].Kind == String {
			b.WriteString("_utf8mb4") // which has the same characters: MySQL prints the one of the table
		} else if t.Kind == Word {
			b.WriteString(strings.ToLower(t.Text))
		} else {
			b.WriteString(t.Text)
		}
	}
	return b.String()
}

// isNegated says whether a number in parentheses behind a minus begins at i.
func isNegated(toks []Token, i int) bool {
	return i > 0 && i+2 < len(toks) && toks[i-1].IsPunct('-') && toks[i].IsPunct('(') && toks[i+1].Kind == Number && toks[i+2].IsPunct(')')
}

// isIntroducer says whether a character set stands at i before a text that is
// the same in all of them. MySQL prints the one of the connection, another one
// once it has altered the table. What is binary compares in another way.
func isIntroducer(toks []Token, i int) bool {
	if i+1 >= len(toks) || toks[i].Kind != Word || toks[i].Text[0] != '_' || toks[i].Is("_binary") || toks[i+1].Kind != String {
		return false
	}
	return strings.IndexFunc(toks[i+1].Text, func(r rune) bool { return r >= 0x80 }) < 0
}

// SplitCommas splits tokens at the commas that stand in no parentheses.
func SplitCommas(toks []Token) [][]Token {
	var out [][]Token
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

// Quote quotes an identifier.
func Quote(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }

// HeadLength is how many tokens the head of a statement has at most, for Head:
// what stands before a body, with room for options.
const HeadLength = 64

// NameAt reads a name with or without a qualifier. It returns the last part and
// the index behind it; a zero token when there is no name.
func NameAt(toks []Token, i int) (Token, int) {
	if i < len(toks) && toks[i].IsPunct('.') { // `.t`: the current database
		i++
	}
	if i >= len(toks) || !toks[i].IsName() && toks[i].Kind != String {
		return Token{}, i
	}
	for i+2 < len(toks) && toks[i+1].IsPunct('.') {
		i += 2
	}
	return toks[i], i + 1
}
