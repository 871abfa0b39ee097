package mysql

import (
	"context"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
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
// with events, and Config.DefinerOf for what it does with programs. A function that
// is dropped is one of the default database.
func (x *Session) Exec(ctx context.Context, query string, args ...any) (Result, error) {
	query, err := x.withDefiner(ctx, program.InDatabase(query, x.database))
	if err != nil {
		return Result{}, err
	}
	held := x.held[x.database]
	if held == nil {
		return x.handle.Exec(ctx, query, args...)
	}
	s := program.ReadEvent(query)
	if s == nil {
		return x.handle.Exec(ctx, query, args...)
	}
	if query, err = s.Disabled(query); err != nil {
		return Result{}, err
	}
	there, err := x.isThere(ctx, s)
	if err != nil {
		return Result{}, err
	}
	result, err := x.handle.Exec(ctx, query, args...)
	if err != nil || there {
		return result, err // the event stays what it is
	}
	enabled, err := x.enables(ctx, s, held)
	delete(held, s.Name)
	if enabled {
		held[s.Becomes] = true
	}
	return result, err
}

// isThere says whether the statement makes an event unless there is one, and
// there is.
func (x *Session) isThere(ctx context.Context, s *program.Event) (there bool, err error) {
	if s.Verb != "CREATE" || !s.Exists {
		return false, nil
	}
	err = x.Row(ctx, "SELECT EXISTS (SELECT 1 FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? AND EVENT_NAME = ?)", x.database, s.Name).Scan(&there)
	if err != nil {
		return false, fmt.Errorf("ask whether there is an event `%s`: %w", s.Name, err)
	}
	return there, nil
}

// enables says whether the statement, sent as it was written, leaves the event
// enabled. A server disables one by itself that is over when it is made.
func (x *Session) enables(ctx context.Context, s *program.Event, held map[string]bool) (bool, error) {
	was := held[s.Name]
	switch {
	case s.Verb == "DROP", strings.HasPrefix(s.State, "DISABLE"):
		return false, nil
	case s.Verb == "ALTER" && s.State == "" && !was:
		return false, nil
	}
	var over bool
	err := x.Row(ctx, "SELECT EXISTS (SELECT 1 FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? AND EVENT_NAME = ?"+
		" AND CONVERT_TZ(COALESCE(EXECUTE_AT, ENDS), TIME_ZONE, @@time_zone) < NOW())", x.database, s.Becomes).Scan(&over)
	if err != nil {
		return false, fmt.Errorf("ask whether the event `%s` is over: %w", s.Becomes, err)
	}
	return !over, nil
}
