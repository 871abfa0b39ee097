package ddl

import (
	"regexp"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// LostText finds a table that MySQL prints with `?` where its definition has another
// character: the server turns a constant that an expression joins or compares with a
// column of another character set into that one, and SHOW CREATE TABLE prints what it
// then cannot show as `?` (9.7; the table itself is right). A migration that is made of
// what is printed would make tables that hold `?`. sources are the statements that have
// made the schema. The table is empty when nothing is lost.
func LostText(sources []string, s Schema) (table, shown string) {
	printed := 0
	for _, o := range s.Objects {
		if o.Kind != KindTable || !strings.Contains(o.SQL, "?") {
			continue
		}
		toks := sqltext.Tokens(o.SQL, sqltext.Mode{})
		for i, t := range toks {
			if i == 0 || t.Kind != sqltext.String || !introducer.MatchString(toks[i-1].Text) {
				continue
			}
			if n := strings.Count(t.Text, "?"); n > 0 {
				printed += n
				table, shown = o.Name, toks[i-1].Text+t.Text
			}
		}
	}
	if printed == 0 { // as nearly always: the sources need no reading
		return "", ""
	}
	if written, suspicious := questionMarks(sources); !suspicious || printed <= written {
		return "", ""
	}
	return table, shown
}

// questionMarks counts those in the constants of statements that make tables.
// suspicious says whether a constant has a character that may have become one.
func questionMarks(sources []string) (written int, suspicious bool) {
	for _, text := range sources {
		toks := sqltext.Tokens(text, sqltext.Mode{})
		for i, t := range toks {
			if t.Kind == sqltext.String {
				if isOfTable(toks) && !isComment(toks[:i]) {
					written += strings.Count(t.Text, "?")
				}
				suspicious = suspicious || !isASCII(t.Text)
			}
			suspicious = suspicious || i > 0 && introducer.MatchString(toks[i-1].Text) // _latin1 0xE4
		}
	}
	return written, suspicious
}

// isOfTable says whether a statement makes or changes a table: a program has constants
// of its own.
func isOfTable(statement []sqltext.Token) bool {
	return len(statement) > 0 && statement[0].IsAny("CREATE", "ALTER") &&
		slices.ContainsFunc(statement[:min(4, len(statement))], func(t sqltext.Token) bool { return t.Is("TABLE") })
}

// isComment says whether what follows these tokens is the text of a COMMENT.
func isComment(before []sqltext.Token) bool {
	n := len(before)
	if n > 0 && before[n-1].IsPunct('=') {
		n--
	}
	return n > 0 && before[n-1].Is("COMMENT")
}

// introducer is a character set before a constant, in which not every character has a
// place.
var introducer = regexp.MustCompile(`^_(?i:[a-z0-9]+)$`)

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) < 0
}
