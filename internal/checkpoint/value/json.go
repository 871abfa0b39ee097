package value

import (
	"strconv"
	"strings"
)

// appendJSON writes a document of MySQL. Numbers in it may be exact decimals
// (JSON_OBJECT('price', 1.10) makes one), which the server prints as `1.10` but
// reads as the double 1.1; those are put in one by one. Other types than JSON's
// own that a document may hold (dates, times, bytes) come back as the strings
// that they are printed as, so that the text of the document stays the same.
func appendJSON(dst, value []byte) []byte {
	s := jsonScan{text: value}
	found := s.decimals()
	if len(found) == 0 {
		return AppendQuoted(dst, value)
	}
	dst = append(dst, "JSON_SET("...)
	dst = AppendQuoted(dst, value)
	for _, d := range found {
		dst = append(dst, ',')
		dst = AppendQuoted(dst, []byte(d.path))
		dst = append(dst, ',')
		dst = append(dst, d.number...)
	}
	return append(dst, ')')
}

// A jsonDecimal is a number that does not survive being read as a double.
type jsonDecimal struct {
	path   string
	number string
}

// A jsonScan goes through a document as the server prints it, which is valid.
type jsonScan struct {
	text  []byte
	stack []jsonLevel
	found []jsonDecimal
}

// A jsonLevel is an object or array that is open, with the member that is being
// read: the key as it is printed, or the index.
type jsonLevel struct {
	array bool
	index int
	key   string
}

func (s *jsonScan) decimals() []jsonDecimal {
	for i := 0; i < len(s.text); {
		switch c := s.text[i]; {
		case c == '"':
			end := endOfJSONString(s.text, i)
			if top := s.top(); top != nil && !top.array && end < len(s.text) && s.text[end] == ':' {
				top.key = string(s.text[i:end])
			}
			i = end
			continue
		case c == '{' || c == '[':
			s.stack = append(s.stack, jsonLevel{array: c == '['})
		case (c == '}' || c == ']') && len(s.stack) > 0:
			s.stack = s.stack[:len(s.stack)-1]
		case c == ',':
			if top := s.top(); top != nil {
				top.index++
			}
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(s.text) && strings.IndexByte("0123456789.eE+-", s.text[end]) >= 0 {
				end++
			}
			if number := string(s.text[i:end]); isDecimal(number) {
				s.found = append(s.found, jsonDecimal{path: s.path(), number: number})
			}
			i = end
			continue
		}
		i++
	}
	return s.found
}

func (s *jsonScan) top() *jsonLevel {
	if len(s.stack) == 0 {
		return nil
	}
	return &s.stack[len(s.stack)-1]
}

// path writes where in the document the scan stands.
func (s *jsonScan) path() string {
	var b strings.Builder
	b.WriteByte('$')
	for _, level := range s.stack {
		if level.array {
			b.WriteString("[" + strconv.Itoa(level.index) + "]")
			continue
		}
		b.WriteString("." + level.key)
	}
	return b.String()
}

func endOfJSONString(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// isDecimal says whether a printed number is no integer and no double.
func isDecimal(number string) bool {
	if strings.ContainsAny(number, "eE") {
		return false
	}
	if !strings.Contains(number, ".") {
		_, signed := strconv.ParseInt(number, 10, 64)
		_, unsigned := strconv.ParseUint(number, 10, 64)
		return signed != nil && unsigned != nil
	}
	f, err := strconv.ParseFloat(number, 64)
	return err != nil || printedDouble(f) != number
}

// plainDigits is how many digits before the point, or zeros behind it, a server
// prints before it takes to an exponent.
const plainDigits = 15

// printedDouble returns a double as MySQL prints it in a document, as far as it
// uses no exponent; else an empty text.
func printedDouble(f float64) string {
	_, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	n, err := strconv.Atoi(exponent)
	if point := n + 1; err != nil || point > plainDigits || point < 1-plainDigits {
		return ""
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
