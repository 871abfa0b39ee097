package program

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// An Event is what has to be known of a CREATE, ALTER or DROP EVENT.
type Event struct {
	Verb    string
	Name    string // in lower case, as names of events are compared
	Becomes string // the name behind RENAME TO, else the same
	Exists  bool   // IF NOT EXISTS
	State   string // what stands there: ENABLE, DISABLE, DISABLE ON SLAVE; or empty
	from    int    // where the state stands, or has to stand
	to      int
}

// ReadEvent returns nil for any other statement.
func ReadEvent(sql string) *Event {
	word := eventWord(sql)
	if word < 0 {
		return nil
	}
	toks := sqltext.Tokens(sql, sqltext.Mode{})
	is := func(i int, words ...string) bool { return i < len(toks) && toks[i].IsAny(words...) }
	at := slices.IndexFunc(toks, func(t sqltext.Token) bool { return t.Start == word })
	s := &Event{Verb: strings.ToUpper(toks[0].Text), from: len(sql), to: len(sql)}
	at++
	for is(at, "IF", "NOT", "EXISTS") {
		s.Exists = s.Exists || is(at, "NOT")
		at++
	}
	name := func(i int) string {
		if i+2 < len(toks) && toks[i+1].IsPunct('.') {
			i += 2
		}
		if i >= len(toks) {
			return ""
		}
		return strings.ToLower(toks[i].Value())
	}
	s.Name = name(at)
	s.Becomes = s.Name
	for depth := 0; at < len(toks); at++ {
		t := toks[at]
		switch {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		case depth > 0 || toks[at-1].IsPunct('.'):
		case t.Is("RENAME") && is(at+1, "TO"):
			s.Becomes = name(at + 2)
			at += 2
		case t.IsAny("ENABLE", "DISABLE") && s.State == "" && s.from == len(sql) && !(at+1 < len(toks) && toks[at+1].IsPunct('(')):
			s.State, s.from, s.to = strings.ToUpper(t.Text), t.Start, t.End
			if is(at+1, "ON") && is(at+2, "SLAVE", "REPLICA") {
				s.State, s.to = "DISABLE ON SLAVE", toks[at+2].End
				at += 2
			}
		case t.IsAny("COMMENT", "DO") && s.from == len(sql):
			s.from, s.to = t.Start, t.Start
		}
		if depth == 0 && t.Is("DO") {
			break
		}
	}
	return s
}

// eventWord returns where EVENT stands in a statement about an event, -1 for any
// other statement, from as little of it as tells: rows to insert may be
// megabytes. The account behind DEFINER may be called like a kind of object.
func eventWord(sql string) int {
	scanner := sqltext.NewScanner(sql, sqltext.Mode{})
	var last sqltext.Token
	for {
		t := scanner.Next()
		account := last.IsPunct('=') || last.IsPunct('@')
		switch {
		case t.Kind == sqltext.Comment, t.Kind == sqltext.Hint, t.Kind == sqltext.Open, t.Kind == sqltext.Close:
			continue
		case t.Kind == sqltext.End, last.Kind == sqltext.End && !t.IsAny("CREATE", "ALTER", "DROP"):
			return -1
		case account:
		case t.IsAny("TABLE", "VIEW", "PROCEDURE", "FUNCTION", "TRIGGER", "PACKAGE", "SEQUENCE", "INDEX", "DATABASE"):
			return -1
		case t.Is("EVENT"):
			return t.Start
		}
		last = t
	}
}

// Disabled returns the statement as it is sent.
func (s *Event) Disabled(sql string) (string, error) {
	switch {
	case s.Verb == "DROP", strings.HasPrefix(s.State, "DISABLE"), s.Verb == "ALTER" && s.State == "":
		return sql, nil
	case s.from == len(sql):
		return "", fmt.Errorf("the event `%s` has no DO that could be found, so it cannot be kept from running", s.Name)
	}
	return strings.TrimRight(sql[:s.from], " \t\r\n") + " DISABLE " + strings.TrimLeft(sql[s.to:], " \t\r\n"), nil
}

// WithEventState puts a state in place of ENABLE or DISABLE in an event as a
// server prints it: the word behind ON COMPLETION [NOT] PRESERVE. DISABLE ON
// SLAVE stays.
func WithEventState(sql, state string) string {
	tokens := sqltext.Tokens(sql, sqltext.Mode{})
	is := func(i int, words ...string) bool { return i < len(tokens) && tokens[i].IsAny(words...) }
	for i := range tokens {
		if !is(i, "ON") || !is(i+1, "COMPLETION") {
			continue
		}
		i += 2
		if is(i, "NOT") {
			i++
		}
		if !is(i, "PRESERVE") {
			continue
		}
		if is(i+1, "ENABLE", "DISABLE") && !is(i+2, "ON") {
			return sql[:tokens[i+1].Start] + state + sql[tokens[i+1].End:]
		}
		return sql
	}
	return sql
}
