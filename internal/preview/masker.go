package preview

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The shortest secrets that are looked for in other texts: a shorter one would
// be found in half of all words. Where it is itself, it is hidden in any case.
const (
	shortestSecret = 4
	shortestFolded = 8  // one whose letters, or whose encoding, are others
	shortestLine   = 12 // a line of a secret with several
)

// masker replaces secrets in texts, however they are written there: as they are, on
// one line, in a literal of SQL, as a name, in JSON, or in several of these ways.
type masker struct {
	plain   *strings.Replacer // of secrets as they are
	bare    *strings.Replacer // of those that another spelling may change, as bare writes them
	secrets []string          // the same, the longest first
	folded  *strings.Replacer // of all that are long, as bare writes them, in lower case; it writes how long each was
}

func newMasker(secrets []string) *masker {
	ways := map[string]bool{}
	for _, secret := range secrets {
		if len(secret) < shortestSecret {
			continue
		}
		ways[secret] = true
		for _, line := range strings.Split(secret, "\n") {
			if line = strings.TrimSpace(line); len(line) >= shortestLine {
				ways[line] = true
			}
		}
	}
	m := &masker{}
	var plain []string
	seen := map[string]bool{}
	for way := range ways {
		plain = append(plain, way)
		if text, _ := bare(way); (text != way || strings.ContainsFunc(way, escaped)) && len(text) >= shortestSecret && !seen[text] {
			seen[text] = true
			m.secrets = append(m.secrets, text)
		}
	}
	m.plain, m.bare, m.folded = replacer(plain), replacer(m.secrets), folding(plain)
	return m
}

// folding replaces long texts, however their letters are written, with how long each
// is between two bytes that no bare text has.
func folding(texts []string) *strings.Replacer {
	var long []string
	for _, text := range texts {
		if text, _ = bare(text); len(text) >= shortestFolded {
			long = append(long, fold(text))
		}
	}
	slices.SortFunc(long, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var pairs []string
	for _, text := range slices.Compact(long) {
		pairs = append(pairs, text, fmt.Sprintf("\x00%d\x00", len(text)))
	}
	return strings.NewReplacer(pairs...)
}

// fold writes letters in lower case, where that takes as many bytes.
func fold(text string) string {
	folded := []byte(text)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if lower := unicode.ToLower(r); lower != r && utf8.RuneLen(lower) == size {
			utf8.EncodeRune(folded[i:], lower)
		}
		i += size
	}
	return string(folded)
}

// escaped says whether JSON or addresses write a character in another way.
func escaped(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' && r != '.' && r != '~'
}

// replacer hides texts, of two that begin alike the longer one. The texts are
// sorted then.
func replacer(texts []string) *strings.Replacer {
	slices.SortFunc(texts, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	pairs := make([]string, 0, 2*len(texts))
	for _, text := range texts {
		pairs = append(pairs, text, hiddenText)
	}
	return strings.NewReplacer(pairs...)
}

// part is a part of a text.
type part struct{ from, to int }

// replace hides all secrets in a text. Those of several lines come first: one of
// their lines may be a secret, too.
func (m *masker) replace(text string) string {
	parts := append(m.spelled(text), m.encoded(text)...)
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(a.from-b.from, a.to-b.to) })
	var out strings.Builder
	done := 0
	for _, p := range parts {
		if p.from >= done {
			out.WriteString(m.plain.Replace(text[done:p.from]) + hiddenText)
		}
		done = max(done, p.to)
	}
	return out.String() + m.plain.Replace(text[done:])
}

// spelled finds secrets that are spelled in another way.
func (m *masker) spelled(text string) []part {
	var parts []part
	short, at := bare(text)
	add := func(from, length int) { parts = append(parts, part{at[from].from, at[from+length-1].to}) }
	if m.bare.Replace(short) != short {
		for _, secret := range m.secrets {
			for from := 0; ; from++ {
				found := strings.Index(short[from:], secret)
				if found < 0 {
					break
				}
				from += found
				add(from, len(secret))
			}
		}
	}
	from := 0
	for n, piece := range strings.Split(m.folded.Replace(fold(short)), "\x00") {
		if n%2 == 0 {
			from += len(piece)
			continue
		}
		length, _ := strconv.Atoi(piece)
		add(from, length)
		from += length
	}
	return parts
}

// encodedText is what may be base64, in either alphabet and in lines, or digits of hex.
var encodedText = regexp.MustCompile(`[A-Za-z0-9+/_-]{11,}(?:(?:\n|\\n)?[A-Za-z0-9+/_-]+)*=*`)

// encoded finds long secrets in base64 and hex, also where they are parts of what is
// encoded.
func (m *masker) encoded(text string) []part {
	var parts []part
	for _, at := range encodedText.FindAllStringIndex(text, -1) {
		code := strings.NewReplacer("\n", "", `\n`, "", "-", "+", "_", "/", "=", "").Replace(text[at[0]:at[1]])
		if slices.ContainsFunc(decoded(code), m.isIn) {
			parts = append(parts, part{at[0], at[1]})
		}
	}
	return parts
}

// isIn says whether a text has a long secret.
func (m *masker) isIn(text string) bool {
	short, _ := bare(text)
	short = fold(short)
	return m.folded.Replace(short) != short
}

// decoded returns what a text says in base64 and in hex, whichever of its characters
// is the first of a group.
func decoded(code string) []string {
	var out []string
	for skip := range min(4, len(code)) {
		of := code[skip:]
		if n := len(of); n%4 == 1 {
			of = of[:n-1] // one character alone is no byte
		}
		if raw, err := base64.RawStdEncoding.DecodeString(of); err == nil {
			out = append(out, string(raw))
		}
	}
	digits := code
	if len(code) > 1 && code[0] == '0' && (code[1] == 'x' || code[1] == 'X') {
		digits = code[2:]
	}
	for skip := range min(2, len(digits)) {
		of := digits[skip:]
		if raw, err := hex.DecodeString(of[:len(of)/2*2]); err == nil {
			out = append(out, string(raw))
		}
	}
	return out
}

// bare returns a text without all that spellings of one text differ in: quotes,
// backslashes, white space, and their escapes, those of addresses too. at[i] is where
// byte i of it stands in the text.
func bare(text string) (short string, at []part) {
	var b strings.Builder
	keep := func(c string, place part) {
		for range len(c) {
			at = append(at, place)
		}
		b.WriteString(c)
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\'', '"', '`', ' ', '\n', '\r', '\t', 0, '+': // + is white space in an address
		case '%':
			code, err := strconv.ParseUint(text[i+1:min(i+3, len(text))], 16, 8)
			if err != nil || i+3 > len(text) {
				keep("%", part{i, i + 1})
				continue
			}
			if decoded := string([]byte{byte(code)}); !strings.ContainsAny(decoded, "'\"`\\ \n\r\t\x00+") {
				keep(decoded, part{i, i + 3})
			}
			i += 2
		case '\\':
			switch next := text[i+1 : min(i+2, len(text))]; next {
			case "n", "r", "t":
				i++
			case "u": // as JSON writes < and >, which is one byte
				if code, err := strconv.ParseUint(text[i+2:min(i+6, len(text))], 16, 32); err == nil && i+6 <= len(text) {
					if code != 0 { // as a byte 0 that stands there itself
						keep(string(rune(code)), part{i, i + 6})
					}
					i += 5
				}
			}
		default:
			keep(text[i:i+1], part{i, i + 1})
		}
	}
	return b.String(), at
}
