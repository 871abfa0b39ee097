package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultPoolPatience is how long a connection of a pool is waited for while
// nothing runs, see [Config.PoolPatience]. It is longer than what is done between two
// statements on a connection that is held: comparing the checksum of a large file of
// a checkpoint is the longest.
const DefaultPoolPatience = 15 * time.Minute

// A Traffic tells whether statements are under way on any of several servers, of
// which a process holds connections at the same time. The zero value is ready.
type Traffic struct {
	running atomic.Int64 // statements
	last    atomic.Int64 // when the last one ended, in nanoseconds
}

func (t *Traffic) begin() { t.running.Add(1) }

func (t *Traffic) end() {
	t.last.Store(time.Now().UnixNano())
	t.running.Add(-1)
}

// quiet returns since when no statement has been under way, at most since a moment.
func (t *Traffic) quiet(since time.Time) time.Duration {
	if t.running.Load() > 0 {
		return 0
	}
	return min(time.Since(since), time.Duration(time.Now().UnixNano()-t.last.Load()))
}

// A PoolError says that no connection of a pool became free, and that nothing runs
// that could free one: those who hold the connections wait for others.
type PoolError struct {
	Endpoint    string
	Connections int // all are held
	Quiet       time.Duration
}

func (e *PoolError) Error() string {
	return fmt.Sprintf("all connections to `%s` are held (%d), and no statement has been under way on any server for %s, so none will become free", e.Endpoint, e.Connections, seconds(e.Quiet))
}

// free takes a connection out of the pool. How long the others need theirs nobody
// knows: the wait ends when nothing of them moves any more.
func (s *Server) free(ctx context.Context) (*sql.Conn, error) {
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	q := &queued{server: s, cancel: cancel, since: time.Now()}
	q.begin()
	defer q.end()
	conn, err := s.pool.Conn(waiting)
	if err != nil {
		return nil, s.fail(waiting, err)
	}
	return conn, nil
}

// queued is who waits for a connection.
type queued struct {
	server *Server
	cancel context.CancelCauseFunc
	since  time.Time

	mu    sync.Mutex
	timer *time.Timer // nil when the wait is over
}

func (q *queued) begin() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.timer = time.AfterFunc(q.server.cfg.PoolPatience, q.look)
}

func (q *queued) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.timer.Stop()
	q.timer = nil
}

// look runs when nothing may have been under way for the patience.
func (q *queued) look() {
	s := q.server
	quiet := s.cfg.Traffic.quiet(q.since)
	if quiet >= s.cfg.PoolPatience && s.pool.Stats().InUse >= s.cfg.MaxConnections {
		q.cancel(&PoolError{Endpoint: s.cfg.Endpoint, Connections: s.cfg.MaxConnections, Quiet: s.cfg.PoolPatience})
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.timer != nil {
		q.timer.Reset(max(s.cfg.PoolPatience-quiet, time.Second))
	}
}
