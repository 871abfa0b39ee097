package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// HoldEvents keeps events of a database that this session makes from running:
// while the database is its default one, each CREATE EVENT and ALTER EVENT is
// sent with DISABLE. Describe and the dumps, asked through this session, show
// such an event as ENABLE, as the statement would have made it anywhere else.
// A disabled event is the only one that no schedule starts: also one whose time
// is now, or that has begun in the past, would run before it could be read.
func (x *Session) HoldEvents(database string) {
	if x.held == nil {
		x.held = map[string]map[string]bool{}
	}
	x.held[database] = map[string]bool{}
}

// ReleaseEvents ends HoldEvents, when the database is dropped or shall stay with
// its events disabled.
func (x *Session) ReleaseEvents(database string) { delete(x.held, database) }

// holds says whether an event is disabled only because the session holds it.
func (x *Session) holds(database, event string) bool {
	return x.held[database][strings.ToLower(event)]
}

// holder is what a Queryer has that may hold events.
type holder interface {
	holds(database, event string) bool
}

// HoldsEvent asks a Queryer that need not be a session.
func HoldsEvent(q Queryer, database, event string) bool {
	h, ok := q.(holder)
	return ok && h.holds(database, event)
}

// Exec runs a statement that returns no rows. See HoldEvents for what it does
// with events, and Config.DefinerOf for what it does with programs.
func (x *Session) Exec(ctx context.Context, query string, args ...any) (Result, error) {
	query, err := x.withDefiner(ctx, query)
	if err != nil {
		return Result{}, err
	}
	held := x.held[x.database]
	if held == nil {
		return x.handle.Exec(ctx, query, args...)
	}
	s := readEventStatement(query)
	if s == nil {
		return x.handle.Exec(ctx, query, args...)
	}
	if query, err = s.disabled(query); err != nil {
		return Result{}, err
	}
	there, err := s.isThere(ctx, x)
	if err != nil {
		return Result{}, err
	}
	result, err := x.handle.Exec(ctx, query, args...)
	if err != nil || there {
		return result, err // the event stays what it is
	}
	enabled, err := s.enables(ctx, x, held)
	delete(held, s.name)
	if enabled {
		held[s.becomes] = true
	}
	return result, err
}

// An eventStatement is what has to be known of a CREATE, ALTER or DROP EVENT.
type eventStatement struct {
	verb    string
	name    string // in lower case, as names of events are compared
	becomes string // the name behind RENAME TO, else the same
	exists  bool   // IF NOT EXISTS
	state   string // what stands there: ENABLE, DISABLE, DISABLE ON SLAVE; or empty
	from    int    // where the state stands, or has to stand
	to      int
}

// readEventStatement returns nil for any other statement.
func readEventStatement(sql string) *eventStatement {
	word := eventWord(sql)
	if word < 0 {
		return nil
	}
	toks := sqltext.Tokens(sql, sqltext.Mode{})
	is := func(i int, words ...string) bool { return i < len(toks) && toks[i].IsAny(words...) }
	at := slices.IndexFunc(toks, func(t sqltext.Token) bool { return t.Start == word })
	s := &eventStatement{verb: strings.ToUpper(toks[0].Text), from: len(sql), to: len(sql)}
	at++
	for is(at, "IF", "NOT", "EXISTS") {
		s.exists = s.exists || is(at, "NOT")
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
	s.name = name(at)
	s.becomes = s.name
	for depth := 0; at < len(toks); at++ {
		t := toks[at]
		switch {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		case depth > 0 || toks[at-1].IsPunct('.'):
		case t.Is("RENAME") && is(at+1, "TO"):
			s.becomes = name(at + 2)
			at += 2
		case t.IsAny("ENABLE", "DISABLE") && s.state == "" && s.from == len(sql) && !(at+1 < len(toks) && toks[at+1].IsPunct('(')):
			s.state, s.from, s.to = strings.ToUpper(t.Text), t.Start, t.End
			if is(at+1, "ON") && is(at+2, "SLAVE", "REPLICA") {
				s.state, s.to = "DISABLE ON SLAVE", toks[at+2].End
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

// disabled returns the statement as it is sent.
func (s *eventStatement) disabled(sql string) (string, error) {
	switch {
	case s.verb == "DROP", strings.HasPrefix(s.state, "DISABLE"), s.verb == "ALTER" && s.state == "":
		return sql, nil
	case s.from == len(sql):
		return "", fmt.Errorf("the event `%s` has no DO that could be found, so it cannot be kept from running", s.name)
	}
	return strings.TrimRight(sql[:s.from], " \t\r\n") + " DISABLE " + strings.TrimLeft(sql[s.to:], " \t\r\n"), nil
}

// isThere says whether the statement makes an event unless there is one, and
// there is.
func (s *eventStatement) isThere(ctx context.Context, x *Session) (there bool, err error) {
	if s.verb != "CREATE" || !s.exists {
		return false, nil
	}
	err = x.Row(ctx, "SELECT EXISTS (SELECT 1 FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? AND EVENT_NAME = ?)", x.database, s.name).Scan(&there)
	if err != nil {
		return false, fmt.Errorf("ask whether there is an event `%s`: %w", s.name, err)
	}
	return there, nil
}

// enables says whether the statement, sent as it was written, leaves the event
// enabled. A server disables one by itself that is over when it is made.
func (s *eventStatement) enables(ctx context.Context, x *Session, held map[string]bool) (bool, error) {
	was := held[s.name]
	switch {
	case s.verb == "DROP", strings.HasPrefix(s.state, "DISABLE"):
		return false, nil
	case s.verb == "ALTER" && s.state == "" && !was:
		return false, nil
	}
	var over bool
	err := x.Row(ctx, "SELECT EXISTS (SELECT 1 FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? AND EVENT_NAME = ?"+
		" AND CONVERT_TZ(COALESCE(EXECUTE_AT, ENDS), TIME_ZONE, @@time_zone) < NOW())", x.database, s.becomes).Scan(&over)
	if err != nil {
		return false, fmt.Errorf("ask whether the event `%s` is over: %w", s.becomes, err)
	}
	return !over, nil
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
