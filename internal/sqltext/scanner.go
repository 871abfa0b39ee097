package sqltext

import "strings"

// Flavor is the product whose comments are executed.
type Flavor uint8

// The flavors.
const (
	// Any takes for executed what any product or version executes. It is for
	// callers that judge a text before they know who runs it.
	Any Flavor = iota
	// MySQL takes `/*M! … */` for a comment.
	MySQL
	// MariaDB takes for a comment what is for versions of MySQL that it does not
	// follow, `/*!50700` to `/*!99999`.
	MariaDB
)

// Mode is how a session reads text. The zero value is that of a server without
// ANSI_QUOTES and NO_BACKSLASH_ESCAPES.
type Mode struct {
	ANSIQuotes         bool // "x" is a name
	NoBackslashEscapes bool // a backslash in a text is a character like any other
	Flavor             Flavor
}

// Error is a token that never ends.
type Error struct {
	At     int    // the offset at which it begins
	Reason string // a sentence without a full stop
}

// Error returns the reason.
func (e *Error) Error() string { return e.Reason }

// Scanner reads a text token by token. The text is in an encoding in which bytes
// below 0x80 stand for themselves, such as UTF-8.
type Scanner struct {
	src        string
	mode       Mode
	pos        int
	delim      string
	depth      int  // of executed comments
	execAt     int  // where the outermost of them began
	afterDot   bool // the last token was the dot of a qualified name
	lastIsName bool
	err        *Error
}

// NewScanner returns a scanner at the start of a text.
func NewScanner(text string, mode Mode) *Scanner { return &Scanner{src: text, mode: mode} }

// Tokens returns the tokens of a text without white space and comments. Marks of
// executed comments (Open, Close) and hints are left out: what an executed
// comment holds counts as text. What never ends is left out too, and what is
// behind it; use a Scanner to know of it.
func Tokens(text string, mode Mode) []Token {
	return collect(NewScanner(text, mode), -1, make([]Token, 0, len(text)/6+1))
}

// Head returns the first tokens of Tokens, at most n.
func Head(text string, mode Mode, n int) []Token { return collect(NewScanner(text, mode), n, nil) }

func collect(s *Scanner, limit int, out []Token) []Token {
	for len(out) != limit {
		switch t := s.Next(); t.Kind {
		case End:
			return out
		case Comment, Hint, Open, Close:
		default:
			out = append(out, t)
		}
	}
	return out
}

// SetDelimiter says what ends a statement, as DELIMITER of the mysql client does:
// it is looked for outside of quotes and comments. Empty: nothing is.
func (s *Scanner) SetDelimiter(delimiter string) { s.delim = delimiter }

// Delimiter returns the delimiter in force.
func (s *Scanner) Delimiter() string { return s.delim }

// Err returns why the text ends too early, nil when it does not or when that has
// not been seen yet.
func (s *Scanner) Err() *Error { return s.err }

// Pos returns the offset behind the last token.
func (s *Scanner) Pos() int { return s.pos }

// Depth returns how many executed comments are open: MySQL takes one in another.
func (s *Scanner) Depth() int { return s.depth }

// SkipLine moves to the end of the line, before its line break.
func (s *Scanner) SkipLine() { s.line() }

// Next returns the next token that is no white space; End at the end of the text
// and where Err is set.
func (s *Scanner) Next() Token {
	for {
		t := s.Scan()
		switch t.Kind {
		case Space:
			continue
		case Broken:
			return Token{Start: t.Start, End: t.Start}
		default:
			return t
		}
	}
}

// Scan returns the next token, white space included. What never ends is one
// token of kind Broken, up to the end of the text.
func (s *Scanner) Scan() Token {
	start := s.pos
	if start >= len(s.src) {
		if s.depth > 0 {
			s.fail(s.execAt, "a comment that is executed (`/*!`) is never closed")
		}
		return Token{Start: start, End: start}
	}
	if isSpace(s.src[start]) {
		for s.pos < len(s.src) && isSpace(s.src[s.pos]) {
			s.pos++
		}
		s.afterDot, s.lastIsName = false, false // `t. 1e3` is no name
		return Token{Kind: Space, Start: start, End: s.pos, Text: s.src[start:s.pos]}
	}
	kind := s.token()
	if s.err != nil {
		kind = Broken
	}
	t := Token{Kind: kind, Start: start, End: s.pos, Text: s.src[start:s.pos]}
	s.afterDot, s.lastIsName = t.IsPunct('.'), t.IsName()
	return t
}

func (s *Scanner) fail(at int, reason string) {
	if s.err == nil {
		s.err = &Error{At: at, Reason: reason}
	}
	s.pos = len(s.src)
	s.depth = 0
}

// token moves behind the token at pos and returns its kind.
func (s *Scanner) token() Kind {
	rest := s.src[s.pos:]
	c := rest[0]
	switch {
	case s.atDelimiter():
		s.pos += len(s.delim)
		return Delimiter
	case c == '`', c == '"' && s.mode.ANSIQuotes:
		s.quoted(c, false)
		return Name
	case c == '\'' || c == '"':
		s.quoted(c, !s.mode.NoBackslashEscapes)
		return String
	case c == '#', isDashes(rest):
		s.line()
		return Comment
	case strings.HasPrefix(rest, "/*"):
		return s.comment(rest)
	case s.depth > 0 && strings.HasPrefix(rest, "*/"):
		s.depth--
		s.pos += 2
		return Close
	case c == '@':
		s.variable()
		return Variable
	case isDigit(c) && !s.afterDot, c == '.' && len(rest) > 1 && isDigit(rest[1]) && !s.lastIsName:
		return s.number()
	case strings.HasPrefix(rest, `\N`): // NULL on MariaDB, whatever follows at once
		s.pos += len(`\N`)
		return Number
	case IsWordByte(c):
		s.word()
		return Word
	}
	s.pos++
	return Punct
}

// quoted moves behind a quoted text.
func (s *Scanner) quoted(q byte, escapes bool) {
	for i := s.pos + 1; i < len(s.src); i++ {
		switch {
		case escapes && s.src[i] == '\\':
			i++
		case s.src[i] != q:
		case i+1 < len(s.src) && s.src[i+1] == q:
			i++
		default:
			s.pos = i + 1
			return
		}
	}
	s.fail(s.pos, "a text in "+string(q)+" quotes is never closed")
}

func (s *Scanner) line() {
	if end := strings.IndexByte(s.src[s.pos:], '\n'); end >= 0 {
		s.pos += end
		return
	}
	s.pos = len(s.src)
}

// variable moves behind `@x`, `@'x'`, `@@global.x`.
func (s *Scanner) variable() {
	s.pos++
	for s.pos < len(s.src) && s.src[s.pos] == '@' {
		s.pos++
	}
	if s.pos >= len(s.src) {
		return
	}
	switch c := s.src[s.pos]; c {
	case '\'', '"':
		s.quoted(c, !s.mode.NoBackslashEscapes && (c == '\'' || !s.mode.ANSIQuotes))
	case '`':
		s.quoted(c, false)
	default:
		for s.pos < len(s.src) && (IsWordByte(s.src[s.pos]) || s.src[s.pos] == '.') && !s.atDelimiter() {
			s.pos++
		}
	}
}

// number moves behind a number, or a word that begins with digits (`2fa`). Behind
// an exponent and behind a point a word begins anew: `1e1FROM` are two tokens.
func (s *Scanner) number() Kind {
	start := s.pos
	s.digits()
	whole := true
	if s.pos < len(s.src) && s.src[s.pos] == '.' {
		whole = false
		s.pos++
		s.digits()
	}
	if end := s.exponent(); end > 0 {
		s.pos = end
		return Number
	}
	if !whole && s.swallow() {
		return Comment
	}
	if whole && s.pos < len(s.src) && IsWordByte(s.src[s.pos]) {
		s.word()
		if isRadix(s.src[start:s.pos]) {
			return Number
		}
		return Word
	}
	return Number
}

// IsSwallowed says whether a comment is one of MySQL's alone: the beginning of a
// number whose exponent has no digits (`1.e`), which that server reads over, so
// that `a 1.e.b` is `a.b` to it. MariaDB refuses the statement.
func (t Token) IsSwallowed() bool {
	return t.Kind == Comment && (isDigit(t.Text[0]) || t.Text[0] == '.')
}

// swallow moves behind the rest of what IsSwallowed describes.
func (s *Scanner) swallow() bool {
	if s.pos == len(s.src) || s.src[s.pos] != 'e' && s.src[s.pos] != 'E' {
		return false
	}
	s.pos++
	if s.pos < len(s.src) && (s.src[s.pos] == '+' || s.src[s.pos] == '-') {
		s.pos++
	}
	return true
}

func (s *Scanner) digits() {
	for s.pos < len(s.src) && isDigit(s.src[s.pos]) {
		s.pos++
	}
}

// exponent returns the offset behind an exponent at pos, 0 when there is none.
func (s *Scanner) exponent() int {
	i := s.pos
	if i >= len(s.src) || s.src[i] != 'e' && s.src[i] != 'E' {
		return 0
	}
	i++
	if i < len(s.src) && (s.src[i] == '+' || s.src[i] == '-') {
		i++
	}
	first := i
	for i < len(s.src) && isDigit(s.src[i]) {
		i++
	}
	if i == first {
		return 0
	}
	return i
}

// word moves behind a word; a delimiter such as `$$` may cut it.
func (s *Scanner) word() {
	for s.pos < len(s.src) && IsWordByte(s.src[s.pos]) {
		if s.delim != "" && s.src[s.pos] == '$' && s.atDelimiter() {
			return
		}
		s.pos++
	}
}

// isRadix says whether a word is a number like 0x1F or 0b01.
func isRadix(s string) bool {
	if len(s) < 3 || s[0] != '0' {
		return false
	}
	switch s[1] {
	case 'x':
		return strings.Trim(s[2:], "0123456789abcdefABCDEF") == ""
	case 'b':
		return strings.Trim(s[2:], "01") == ""
	}
	return false
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// IsWordByte says whether a byte can be part of an unquoted word.
func IsWordByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '$' }
