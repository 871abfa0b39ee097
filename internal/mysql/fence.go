package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// fencePause is the time between two looks at a connection that should go.
const fencePause = 100 * time.Millisecond

// A Connection is a connection to the server as the process list shows it.
// Fields that the account may not see are empty.
type Connection struct {
	ID      uint64
	User    string
	Host    string // of the client, without its port
	Command string // Sleep, Query, Killed …
	State   string
	Time    time.Duration // how long it has been in this state
}

// String says who it is in a form for messages: `connection 7 of root@web1
// (Query for 12s)`.
func (c *Connection) String() string {
	if c.User == "" {
		return fmt.Sprintf("connection %d", c.ID)
	}
	return fmt.Sprintf("connection %d of %s@%s (%s for %s)", c.ID, c.User, c.Host, c.Command, c.Time)
}

// FindConnection looks a connection up; sql.ErrNoRows when it is gone. Without
// the privilege PROCESS an account sees its own connections only.
func FindConnection(ctx context.Context, q Queryer, info Info, id uint64) (*Connection, error) {
	return findConnection(ctx, q, info, id, "")
}

// FindWorking is FindConnection for one that is at work, and not the one that asks.
func FindWorking(ctx context.Context, q Queryer, info Info, id uint64) (*Connection, error) {
	return findConnection(ctx, q, info, id, " AND ID <> CONNECTION_ID() AND COMMAND <> 'Sleep'")
}

func findConnection(ctx context.Context, q Queryer, info Info, id uint64, condition string) (*Connection, error) {
	ctx = Impatient(ctx)
	table := "information_schema.PROCESSLIST"
	if info.Product == MySQL {
		table = "performance_schema.processlist" // the other one is deprecated and takes a global lock
	}
	c := Connection{ID: id}
	var host, state sql.NullString
	var since sql.NullFloat64
	err := q.Row(ctx, "SELECT USER, HOST, COMMAND, STATE, TIME FROM "+table+" WHERE ID = ?"+condition, id).
		Scan(&c.User, &host, &c.Command, &state, &since)
	if err != nil {
		return nil, err
	}
	c.Host, _, _ = strings.Cut(host.String, ":")
	c.State = state.String
	c.Time = time.Duration(since.Float64) * time.Second
	return &c, nil
}

// A FenceError says that an old connection is still there, so that nothing can
// be said about what it is about to do.
type FenceError struct {
	Connection Connection
	Reason     string
}

func (e *FenceError) Error() string {
	return fmt.Sprintf("%s is still there: %s", &e.Connection, e.Reason)
}

// Fence returns when the connection of an earlier run is gone: it waits for
// patience, then kills it, and waits again until the server has rolled back or
// finished what it was doing (a killed statement still takes that long), at
// most for the grace. Only a connection of this account is killed; the error is
// a *FenceError otherwise: a program that the connection has called or set off
// counts as its definer's, and may be none of this account. Ids start again when the server restarts, so the
// caller compares the server and knows that the id may belong to a new
// connection of the same account.
func Fence(ctx context.Context, q Queryer, info Info, id uint64, patience, grace time.Duration) error {
	c, err := waitGone(ctx, q, info, id, patience)
	if c == nil || err != nil {
		return err
	}
	if user, _ := SplitAccount(info.Account); c.User != user {
		return &FenceError{Connection: *c, Reason: fmt.Sprintf("it belongs to another account than `%s`, so it was not killed", info.Account)}
	}
	for end := time.Now().Add(grace); ; {
		gone, _, err := TryKill(ctx, q, id)
		if gone || err != nil {
			return err
		}
		if time.Now().After(end) {
			break
		}
		if !sleep(ctx, fencePause) {
			return context.Cause(ctx)
		}
	}
	return &FenceError{Connection: *c, Reason: fmt.Sprintf("it was killed and has not ended within %s", seconds(grace))}
}

// TryKill tells a server to end a connection, and says whether it is gone already.
// One that is at work in a program of another definer is neither ended nor, on
// MariaDB, shown to the account that it belongs to: that is denied.
func TryKill(ctx context.Context, q Queryer, id uint64) (gone, denied bool, err error) {
	_, err = q.Exec(Impatient(ctx), fmt.Sprintf("KILL CONNECTION %d", id))
	switch {
	case IsNoSuchThread(err):
		return true, false, nil
	case err == nil:
		return false, false, nil
	case is(err, errKillDenied):
		return false, true, nil
	}
	return false, false, fmt.Errorf("kill the connection %d: %w", id, err)
}

// waitGone returns nil when the connection is gone in time. One that is not
// shown is told to end.
func waitGone(ctx context.Context, q Queryer, info Info, id uint64, patience time.Duration) (*Connection, error) {
	end := time.Now().Add(patience)
	for {
		c, err := FindConnection(ctx, q, info, id)
		if errors.Is(err, sql.ErrNoRows) {
			var gone bool
			if gone, _, err = TryKill(ctx, q, id); gone {
				return nil, nil
			}
			user, _ := SplitAccount(info.Account)
			c = &Connection{ID: id, User: user, Command: "hidden", State: "in a program of another account"}
		}
		if err != nil {
			return nil, fmt.Errorf("look for the connection %d: %w", id, err)
		}
		if time.Now().After(end) {
			return c, nil
		}
		if !sleep(ctx, fencePause) {
			return nil, context.Cause(ctx)
		}
	}
}

// Kill ends a connection. One that is gone already is no error.
func (s *Server) Kill(ctx context.Context, id uint64) error { return kill(ctx, s, id) }

// Kill ends another connection, see Server.Kill.
func (x *Session) Kill(ctx context.Context, id uint64) error { return kill(ctx, x, id) }

func kill(ctx context.Context, q Queryer, id uint64) error {
	ctx = Impatient(ctx)
	_, err := q.Exec(ctx, fmt.Sprintf("KILL CONNECTION %d", id))
	if err != nil && !IsNoSuchThread(err) {
		return fmt.Errorf("kill the connection %d: %w", id, err)
	}
	return nil
}
