package ddl

import (
	"strings"
)

// tokenKind is the lexical class of a token.
type tokenKind uint8

const (
	tokEnd       tokenKind = iota
	tokWord                // keyword or unquoted identifier
	tokName                // `identifier`
	tokString              // 'text' or "text"
	tokNumber              // 1, 1.5, 1e3, 0x1F
	tokVariable            // @user, @@system, the @host of an account
	tokPunct               // one byte
	tokDelimiter           // the delimiter that is in force
	tokComment             // a comment that no server executes
	tokHint                // /*+ … */
	tokOpen                // `/*!NNNNN`: what follows is executed, up to tokClose
	tokClose               // `*/` that ends an executed comment
)

// token is a piece of a text; start and end are byte offsets into it.
type token struct {
	kind       tokenKind
	start, end int
	text       string
}

// is says whether the token is this unquoted word, in any case.
func (t token) is(word string) bool {
	return t.kind == tokWord && len(t.text) == len(word) && strings.EqualFold(t.text, word)
}

// isAny says whether the token is one of these unquoted words.
func (t token) isAny(words ...string) bool {
	for _, w := range words {
		if t.is(w) {
			return true
		}
	}
	return false
}

// punct says whether the token is this byte of punctuation.
func (t token) punct(c byte) bool { return t.kind == tokPunct && t.text[0] == c }

// isName says whether the token can be an identifier where one is expected.
func (t token) isName() bool { return t.kind == tokWord || t.kind == tokName }

// name returns the identifier that the token stands for.
func (t token) name() string {
	switch t.kind {
	case tokName:
		return strings.ReplaceAll(t.text[1:len(t.text)-1], "``", "`")
	case tokString:
		return unquote(t.text)
	default:
		return t.text
	}
}

// lexError is a token that never ends; at is where it begins.
type lexError struct {
	at     int
	reason string
}

// lexer reads a text as a server with the pinned session settings does: utf8mb4,
// `"` for strings (no ANSI_QUOTES), backslash escapes (no NO_BACKSLASH_ESCAPES).
type lexer struct {
	src        string
	pos        int
	delim      string // "" = no delimiter is looked for
	inExec     bool   // between tokOpen and tokClose
	execAt     int    // where that comment began
	afterDot   bool   // the last token was the dot of a qualified name
	lastIsName bool
	err        *lexError
}

// next returns the next token; tokEnd at the end and after an error.
func (l *lexer) next() token {
	for l.pos < len(l.src) && isSpace(l.src[l.pos]) {
		l.pos++
		l.lastIsName = false
	}
	start := l.pos
	if start >= len(l.src) {
		if l.inExec {
			l.fail(l.execAt, "a comment that is executed (`/*!`) is never closed")
		}
		return token{kind: tokEnd, start: start, end: start}
	}
	kind := l.scan()
	if l.err != nil {
		return token{kind: tokEnd, start: start, end: start}
	}
	t := token{kind: kind, start: start, end: l.pos, text: l.src[start:l.pos]}
	l.afterDot = t.punct('.')
	l.lastIsName = t.isName()
	return t
}

func (l *lexer) fail(at int, reason string) {
	if l.err == nil {
		l.err = &lexError{at: at, reason: reason}
	}
	l.pos = len(l.src)
	l.inExec = false
}

// scan moves behind the token at pos and returns its kind.
func (l *lexer) scan() tokenKind {
	rest := l.src[l.pos:]
	c := rest[0]
	switch {
	case l.atDelimiter():
		l.pos += len(l.delim)
		return tokDelimiter
	case c == '\'' || c == '"':
		l.quoted(c, true)
		return tokString
	case c == '`':
		l.quoted(c, false)
		return tokName
	case c == '#', isDashes(rest):
		l.line()
		return tokComment
	case strings.HasPrefix(rest, "/*"):
		return l.comment(rest)
	case l.inExec && strings.HasPrefix(rest, "*/"):
		l.inExec = false
		l.pos += 2
		return tokClose
	case c == '@':
		l.variable()
		return tokVariable
	case isDigit(c) && !l.afterDot, c == '.' && len(rest) > 1 && isDigit(rest[1]) && !l.lastIsName:
		return l.number()
	case isWordByte(c):
		l.word()
		return tokWord
	}
	l.pos++
	return tokPunct
}

// atDelimiter says whether the delimiter stands at pos. A delimiter of word
// bytes (`go`) is one only as a whole word.
func (l *lexer) atDelimiter() bool {
	if l.delim == "" || l.inExec || !strings.HasPrefix(l.src[l.pos:], l.delim) {
		return false
	}
	if !isLetter(l.delim[0]) {
		return true
	}
	end := l.pos + len(l.delim)
	return (l.pos == 0 || !isWordByte(l.src[l.pos-1])) && (end == len(l.src) || !isWordByte(l.src[end]))
}

// quoted moves behind a quoted text.
func (l *lexer) quoted(q byte, escapes bool) {
	for i := l.pos + 1; i < len(l.src); i++ {
		switch {
		case escapes && l.src[i] == '\\':
			i++
		case l.src[i] != q:
		case i+1 < len(l.src) && l.src[i+1] == q:
			i++
		default:
			l.pos = i + 1
			return
		}
	}
	l.fail(l.pos, "a text in "+string(q)+" quotes is never closed")
}

func (l *lexer) line() {
	if end := strings.IndexByte(l.src[l.pos:], '\n'); end >= 0 {
		l.pos += end
		return
	}
	l.pos = len(l.src)
}

// sandbox is the first line of every dump of newer MariaDB clients. Its version
// is one that no server reaches.
const sandbox = `/*M!999999\- enable the sandbox mode */`

func (l *lexer) comment(rest string) tokenKind {
	at := l.pos
	if strings.HasPrefix(rest, sandbox) {
		l.pos += len(sandbox)
		return tokComment
	}
	open := len("/*!")
	if strings.HasPrefix(rest, "/*M!") {
		open++
	} else if !strings.HasPrefix(rest, "/*!") {
		end := strings.Index(rest[2:], "*/")
		if end < 0 {
			l.fail(at, "a comment (`/*`) is never closed")
			return tokComment
		}
		l.pos += 2 + end + 2
		if strings.HasPrefix(rest, "/*+") {
			return tokHint
		}
		return tokComment
	}
	if l.inExec {
		l.fail(at, "a comment that is executed (`/*!`) stands in another one")
		return tokComment
	}
	for open < len(rest) && isDigit(rest[open]) {
		open++
	}
	l.pos += open
	l.inExec, l.execAt = true, at
	return tokOpen
}

// variable moves behind `@x`, `@'x'`, `@@global.x`.
func (l *lexer) variable() {
	l.pos++
	for l.pos < len(l.src) && l.src[l.pos] == '@' {
		l.pos++
	}
	if l.pos >= len(l.src) {
		return
	}
	switch c := l.src[l.pos]; c {
	case '\'', '"':
		l.quoted(c, true)
	case '`':
		l.quoted(c, false)
	default:
		for l.pos < len(l.src) && (isWordByte(l.src[l.pos]) || l.src[l.pos] == '.') && !l.atDelimiter() {
			l.pos++
		}
	}
}

// number moves behind a number, or a word that begins with digits (`2fa`).
func (l *lexer) number() tokenKind {
	start := l.pos
	l.digits()
	if l.pos < len(l.src) && l.src[l.pos] == '.' {
		l.pos++
		l.digits()
	}
	if end := l.exponent(); end > 0 {
		l.pos = end
	}
	whole := !strings.Contains(l.src[start:l.pos], ".")
	if whole && l.pos < len(l.src) && isWordByte(l.src[l.pos]) {
		l.word()
		if isRadix(l.src[start:l.pos]) {
			return tokNumber
		}
		return tokWord
	}
	return tokNumber
}

func (l *lexer) digits() {
	for l.pos < len(l.src) && isDigit(l.src[l.pos]) {
		l.pos++
	}
}

// exponent returns the offset behind an exponent at pos, 0 when there is none.
func (l *lexer) exponent() int {
	i := l.pos
	if i >= len(l.src) || l.src[i] != 'e' && l.src[i] != 'E' {
		return 0
	}
	i++
	if i < len(l.src) && (l.src[i] == '+' || l.src[i] == '-') {
		i++
	}
	first := i
	for i < len(l.src) && isDigit(l.src[i]) {
		i++
	}
	if i == first {
		return 0
	}
	return i
}

// word moves behind a word; a delimiter such as `$$` may cut it.
func (l *lexer) word() {
	for l.pos < len(l.src) && isWordByte(l.src[l.pos]) {
		if l.delim != "" && l.src[l.pos] == '$' && l.atDelimiter() {
			return
		}
		l.pos++
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

// isDashes says whether a text begins with a `--` comment: the server wants
// white space, a control character or the end behind it.
func isDashes(s string) bool {
	return strings.HasPrefix(s, "--") && (len(s) == 2 || s[2] <= ' ' || s[2] == 0x7f)
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
func isWordByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '$' }

// unquote returns the value of a string literal.
func unquote(s string) string {
	if len(s) < 2 {
		return s
	}
	q, body := s[0], s[1:len(s)-1]
	if strings.IndexByte(body, '\\') < 0 && strings.IndexByte(body, q) < 0 {
		return body
	}
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c == q {
			i++
		} else if c == '\\' && i+1 < len(body) {
			i++
			c = escaped(body[i], &b)
		}
		b.WriteByte(c)
	}
	return b.String()
}

// escaped returns what `\c` stands for. `\%` and `\_` keep their backslash.
func escaped(c byte, b *strings.Builder) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case 'b':
		return '\b'
	case '0':
		return 0
	case 'Z':
		return 0x1a
	case '%', '_':
		b.WriteByte('\\')
	}
	return c
}

// tokens returns the tokens of one statement without comments. Marks of
// executed comments (tokOpen, tokClose) and hints are left out: what an
// executed comment holds counts as text.
func tokens(text string) []token {
	l := lexer{src: text}
	out := make([]token, 0, len(text)/6+1)
	for {
		switch t := l.next(); t.kind {
		case tokEnd:
			return out
		case tokComment, tokHint, tokOpen, tokClose:
		default:
			out = append(out, t)
		}
	}
}
