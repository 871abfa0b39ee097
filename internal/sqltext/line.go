package sqltext

import "strings"

// Line writes SQL on one line for people to read: nothing that it says is left
// out. White space outside of quotes becomes single blanks, a comment that ends
// with its line becomes one with an end, and a line end inside of quotes or
// comments is written as `\n`. So it is not always SQL that can be sent.
func Line(sql string) string {
	var b strings.Builder
	b.Grow(len(sql))
	l := NewScanner(sql, Mode{})
	end, began := 0, false
	for t := l.Next(); t.Kind != End; t = l.Next() {
		if began && t.Start > end {
			b.WriteByte(' ')
		}
		text := t.Text
		if t.Kind == Comment && !strings.HasPrefix(text, "/*") {
			text = "/* " + strings.TrimSpace(strings.TrimLeft(text, "#-")) + " */"
		}
		b.WriteString(escapeLines(text))
		end, began = t.End, true
	}
	if rest := strings.TrimSpace(sql[end:]); l.Err() != nil && rest != "" { // a text that never ends
		b.WriteString(" " + escapeLines(rest))
	}
	return b.String()
}

func escapeLines(text string) string {
	if !strings.ContainsAny(text, "\r\n") {
		return text
	}
	return strings.NewReplacer("\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(text)
}
