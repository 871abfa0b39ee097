package sqltext

import "strings"

// OneLine folds white space outside of quotes into single blanks and drops
// comments. It changes no token, so the SQL means the same, but for what a
// server keeps as written: bodies of routines, and the names of columns of a
// view that have none.
func OneLine(sql string) string {
	var b strings.Builder
	b.Grow(len(sql))
	l := NewScanner(sql, Mode{})
	var last Token
	for t := l.Next(); t.Kind != End; t = l.Next() {
		if t.Kind == Comment {
			continue
		}
		gap := last.End < t.Start && last.Kind != End && !last.IsPunct('(') && !t.IsPunct(')') && !t.IsPunct(',')
		if gap || last.IsPunct('-') && t.IsPunct('-') { // `--` would begin a comment before a blank
			b.WriteByte(' ')
		}
		b.WriteString(t.Text)
		last = t
	}
	if l.Err() != nil { // a text that never ends: keep what is left as it is
		b.WriteString(sql[last.End:])
	}
	return b.String()
}

// Blank takes a stretch out of a text: every byte of it but the line ends becomes a
// blank, so that what follows keeps its place.
func Blank(text []byte, from, to int) {
	for i := from; i < to; i++ {
		if text[i] != '\n' {
			text[i] = ' '
		}
	}
}
