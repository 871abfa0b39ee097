package ddl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// The modes that a scanner has to know.
const (
	ansiQuotes         = "ANSI_QUOTES"
	noBackslashEscapes = "NO_BACKSLASH_ESCAPES"
)

// Plain returns a program with a text that means the same without the modes that
// change how texts are read: under ANSI_QUOTES servers print every name between double
// quotes. Where one of them gives it a meaning that it has in no other mode, that one
// is returned.
func (o Object) Plain() (plain Object, mode string) {
	if o.Kind == KindTable || o.Kind == KindView || !ChangesReading(o.SQLMode) {
		return o, "" // of tables and views servers keep no mode
	}
	var kept, reading []string
	modes := strings.Split(strings.ToUpper(o.SQLMode), ",")
	quotes := slices.Contains(modes, ansiQuotes)
	for _, m := range modes {
		switch {
		case !ChangesReading(m):
			kept = append(kept, m)
		case m != ansiQuotes && (m != "ANSI" || !quotes): // which is printed beside what it stands for
			reading = append(reading, m)
		}
	}
	if quotes {
		o.SQL = backquoted(o.SQL, sqltext.Mode{ANSIQuotes: true, NoBackslashEscapes: slices.Contains(modes, noBackslashEscapes)})
	}
	o.SQLMode = strings.Join(kept, ",")
	return o, ModeReading(strings.Join(reading, ","), o.SQL)
}

// Plain returns a schema with the programs as Plain writes them, where it can.
func (s Schema) Plain() Schema {
	s.Objects = slices.Clone(s.Objects)
	for i, o := range s.Objects {
		if plain, mode := o.Plain(); mode == "" {
			s.Objects[i] = plain
		}
	}
	return s
}

// backquoted writes the names of a text that stand between double quotes.
func backquoted(text string, mode sqltext.Mode) string {
	var b strings.Builder
	last := 0
	for _, t := range sqltext.Tokens(text, mode) {
		if t.Kind == sqltext.Name && t.Text[0] == '"' {
			b.WriteString(text[last:t.Start] + sqltext.Quote(t.Value()))
			last = t.End
		}
	}
	return b.String() + text[last:]
}

// ModeReading returns the first mode of a list under which a text means something
// else than without it; empty when there is none.
func ModeReading(modes, text string) string {
	if !ChangesReading(modes) {
		return "" // as nearly always, and the text need not be read for this
	}
	for m := range strings.SplitSeq(strings.ToUpper(modes), ",") {
		m = strings.TrimSpace(m)
		mode := sqltext.Mode{NoBackslashEscapes: m == noBackslashEscapes}
		if ChangesReading(m) && (readsOtherwise(m, sqltext.Tokens(text, mode)) || !closed(text, mode)) {
			return m
		}
	}
	return ""
}

// closed says whether all quotes and comments of a text end: what does not is no token.
func closed(text string, mode sqltext.Mode) bool {
	s := sqltext.NewScanner(text, mode)
	for s.Next().Kind != sqltext.End {
	}
	return s.Err() == nil
}

// ChangesReading says whether a mode of a list changes how a text is read. A mode
// that is written as a number may be any of these.
func ChangesReading(modes string) bool {
	for m := range strings.SplitSeq(strings.ToUpper(modes), ",") {
		switch m = strings.TrimSpace(m); m {
		case ansiQuotes, "ANSI", "PIPES_AS_CONCAT", noBackslashEscapes, "HIGH_NOT_PRECEDENCE", "ORACLE", "DB2", "MAXDB", "MSSQL", "POSTGRESQL", "MYSQL323", "MYSQL40":
			return true
		}
		if n, _ := strconv.ParseUint(m, 0, 64); n > 0 {
			return true
		}
	}
	return false
}

// readsOtherwise says whether a mode that changes how texts are read does so with
// these tokens. Of modes that stand for several it is not known.
func readsOtherwise(mode string, toks []sqltext.Token) bool {
	for i, t := range toks {
		next := sqltext.Token{}
		if i+1 < len(toks) {
			next = toks[i+1]
		}
		switch mode {
		case ansiQuotes:
			if strings.Contains(t.Text, `"`) {
				return true
			}
		case "PIPES_AS_CONCAT":
			if strings.Contains(t.Text, "||") || t.IsPunct('|') && next.IsPunct('|') {
				return true
			}
		case noBackslashEscapes: // LIKE has an escape character of its own
			if strings.Contains(t.Text, `\`) || t.Is("LIKE") {
				return true
			}
		case "HIGH_NOT_PRECEDENCE":
			if t.Is("NOT") && !next.IsAny("NULL", "EXISTS") {
				return true
			}
		default:
			return true
		}
	}
	return false
}
