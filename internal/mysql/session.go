package mysql

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// restingDatabase is the default database of a connection that goes back to
// the pool. A default database cannot be unset, and this one holds nothing that
// a forgotten qualifier could damage.
const restingDatabase = "information_schema"

// A Session is one connection: its default database, its locks and its
// transaction belong to whoever holds it. It is not safe for concurrent use.
//
// When a context ends while a statement runs, or the connection breaks, the
// session is poisoned: the server goes on with the statement, so nothing that
// the session does afterwards could be trusted. Close then throws it away.
type Session struct {
	handle

	id        uint64
	unchecked bool   // foreign_key_checks is off
	used      bool   // the default database is not the resting one
	database  string // the default one; empty for the resting one
	locks     map[string]int
	held      map[string]map[string]bool // by database, then event: enabled but for HoldEvents
	definers  map[string]string          // by database: what Config.DefinerOf has said
	writable  time.Time                  // when the server has said last that it takes writes
	poisoned  atomic.Bool
	tainted   bool    // see Taint
	unsettled bool    // see Unsettle
	host      *Server // the server that it is a guest of, see LogIn; nil for one of the pool
	close     sync.Once
}

// identify learns the connection's id, once in the connection's life.
func (x *Session) identify(ctx context.Context) error {
	var key driver.Conn
	err := x.conn.Raw(func(c any) error {
		key, _ = c.(driver.Conn)
		return nil
	})
	if err != nil {
		return x.fail(ctx, err)
	}
	s := x.server
	s.mu.Lock()
	x.id = s.ids[key]
	s.mu.Unlock()
	if x.id != 0 {
		return nil
	}
	if err := x.Row(Impatient(ctx), "SELECT CONNECTION_ID()").Scan(&x.id); err != nil {
		return fmt.Errorf("ask for the id of the connection: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids[key] = x.id
	return nil
}

// ID returns the id that the server gave the connection (CONNECTION_ID). Ids
// start again when the server restarts.
func (x *Session) ID() uint64 { return x.id }

// Server returns the server that the session belongs to; its pool must not be
// used while the session is held.
func (x *Session) Server() *Server { return x.server }

// Poisoned says that the session can only be discarded.
func (x *Session) Poisoned() bool { return x.poisoned.Load() }

// Use makes a database the default one.
func (x *Session) Use(ctx context.Context, database string) error {
	x.used = true
	if _, err := x.Exec(Impatient(ctx), "USE "+Quote(database)); err != nil {
		return fmt.Errorf("use the database `%s`: %w", database, err)
	}
	x.database = database
	return nil
}

// CheckForeignKeys turns foreign_key_checks on or off, when it is not so
// already. It is on in a fresh session. Off, tables can be created before those
// that their foreign keys refer to, and rows that violate a key go in unnoticed.
func (x *Session) CheckForeignKeys(ctx context.Context, on bool) error {
	if x.unchecked == !on {
		return nil
	}
	value := "0"
	if on {
		value = "1"
	}
	if _, err := x.Exec(Impatient(ctx), "SET foreign_key_checks = "+value); err != nil {
		return fmt.Errorf("set foreign_key_checks: %w", err)
	}
	x.unchecked = !on
	return nil
}

// Close gives the connection back to the pool, with its locks released and a
// harmless default database; a session that cannot be trusted is thrown away.
// Session variables are the caller's: after changing one, or after running SQL
// of a tenant, call Taint before or Discard instead. Calling it again, or after
// Discard, does nothing.
func (x *Session) Close() {
	x.close.Do(func() {
		defer x.closed()
		if x.Poisoned() || !x.rest() || x.tainted {
			x.drop()
			return
		}
		_ = x.conn.Close() // gives it back; fails only when it is already gone
	})
}

// Taint says that the session runs SQL of a user, which may leave variables and
// settings behind. What one tenant's statements leave must not reach another's,
// so Close ends the connection, with its locks released, instead of giving it
// back.
func (x *Session) Taint() { x.tainted = true }

// Discard closes the connection. The server releases its locks and rolls its
// transaction back.
func (x *Session) Discard() {
	x.close.Do(func() {
		defer x.closed()
		x.drop()
	})
}

func (x *Session) closed() {
	x.server.opened(x.id, nil)
	if x.host != nil {
		x.host.opened(x.id, nil)
	}
}

func (x *Session) drop() {
	_ = x.conn.Raw(func(c any) error {
		if key, ok := c.(driver.Conn); ok {
			x.server.mu.Lock()
			delete(x.server.ids, key)
			delete(x.server.kept, key)
			x.server.mu.Unlock()
		}
		// This error is how database/sql is told to close a connection.
		return driver.ErrBadConn
	})
	_ = x.conn.Close()
	if x.host != nil {
		_ = x.server.Close()
	}
}

// rest brings the connection into the state of a fresh one. It has its own
// deadline, because it runs when the caller's context may be over.
func (x *Session) rest() bool {
	ctx, cancel := context.WithTimeout(context.Background(), x.server.cfg.ConnectTimeout)
	defer cancel()
	if len(x.locks) > 0 {
		if _, err := x.Exec(ctx, "DO RELEASE_ALL_LOCKS()"); err != nil {
			return false
		}
	}
	if x.CheckForeignKeys(ctx, true) != nil || x.Settled(ctx) != nil {
		return false
	}
	if x.used {
		return x.Use(ctx, restingDatabase) == nil
	}
	return true
}

// Begin starts a transaction on the session, with the settings that it was opened with,
// see Unsettle.
func (x *Session) Begin(ctx context.Context) (*Tx, error) {
	if err := x.Settled(ctx); err != nil {
		return nil, err
	}
	if _, err := x.Exec(Impatient(ctx), "START TRANSACTION"); err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", err)
	}
	return &Tx{handle: x.handle}, nil
}

// A Tx is a transaction of a session.
type Tx struct {
	handle

	over bool
}

// Commit commits, also when the context has been canceled meanwhile. After an
// error that IsConnectionLost it is unknown whether the server has committed.
func (t *Tx) Commit(ctx context.Context) error {
	t.over = true
	ctx, cancel := Uninterrupted(Patient(ctx))
	defer cancel()
	if _, err := t.Exec(ctx, "COMMIT"); err != nil {
		t.lost() // the transaction may be open still
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Rollback rolls back; after Commit it does nothing, so it can be deferred.
func (t *Tx) Rollback() {
	if t.over {
		return
	}
	t.over = true
	if _, err := t.Exec(Patient(context.Background()), "ROLLBACK"); err != nil {
		t.lost()
	}
}
