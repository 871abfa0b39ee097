package sqltext

import "strings"

// Kind is the lexical class of a token.
type Kind uint8

// The kinds of tokens. End is the zero value, so that a zero Token stands for
// no token at all.
const (
	End       Kind = iota
	Word           // keyword or unquoted identifier
	Name           // `identifier`, or "identifier" with ANSI_QUOTES
	String         // 'text', or "text" without ANSI_QUOTES
	Number         // 1, 1.5, 1e3, 0x1F, and MariaDB's \N
	Variable       // @user, @@system, the @host of an account
	Punct          // one byte
	Delimiter      // the delimiter that is in force, see Scanner.SetDelimiter
	Comment        // a comment that is not executed, without the line break behind it
	Hint           // /*+ … */
	Open           // `/*!NNNNN`, `/*M!NNNNNN`: what follows is executed, up to Close
	Close          // `*/` that ends an executed comment
	Space          // white space; only Scanner.Scan returns it
	Broken         // what never ends, up to the end of the text; only Scanner.Scan returns it
)

// Token is a piece of a text.
type Token struct {
	Kind       Kind
	Start, End int    // offsets in bytes
	Text       string // as written: text[Start:End]
}

// Is says whether the token is this unquoted word, in any case.
func (t Token) Is(word string) bool {
	return t.Kind == Word && len(t.Text) == len(word) && strings.EqualFold(t.Text, word)
}

// IsAny says whether the token is one of these unquoted words.
func (t Token) IsAny(words ...string) bool {
	for _, w := range words {
		if t.Is(w) {
			return true
		}
	}
	return false
}

// IsPunct says whether the token is this byte of punctuation.
func (t Token) IsPunct(c byte) bool { return t.Kind == Punct && t.Text[0] == c }

// IsName says whether the token can be an identifier where one is expected.
func (t Token) IsName() bool { return t.Kind == Word || t.Kind == Name }

// Value returns the identifier or text that the token stands for. A String is
// taken to be read with backslash escapes, see Unquote.
func (t Token) Value() string {
	switch t.Kind {
	case Name:
		quote, body := t.Text[:1], t.Text[1:len(t.Text)-1]
		return strings.ReplaceAll(body, quote+quote, quote)
	case String:
		return Unquote(t.Text, false)
	default:
		return t.Text
	}
}

// Unquote returns the value of a string literal with its quotes. With
// noBackslashEscapes a backslash is a character like any other.
func Unquote(literal string, noBackslashEscapes bool) string {
	if len(literal) < 2 {
		return literal
	}
	q, body := literal[0], literal[1:len(literal)-1]
	if strings.IndexByte(body, '\\') < 0 && strings.IndexByte(body, q) < 0 {
		return body
	}
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c == q {
			i++
		} else if c == '\\' && !noBackslashEscapes && i+1 < len(body) {
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

// UserVariable returns the name of a user variable, as `@name` in lower case and
// without quotes; nothing for other tokens.
func (t Token) UserVariable() string {
	if t.Kind != Variable || strings.HasPrefix(t.Text, "@@") {
		return ""
	}
	return "@" + strings.ToLower(strings.Trim(t.Text[1:], "`'\""))
}
