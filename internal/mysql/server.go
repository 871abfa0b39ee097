package mysql

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"sync"
)

// A Server is the pool of connections to one server. It is safe for concurrent
// use. As a Queryer it runs each statement on any free connection: fine for
// single statements on qualified names, wrong for what depends on a session.
type Server struct {
	handle

	cfg       Config
	host      *Server // that this is another account of, see LogIn; nil for none
	pool      *sql.DB
	connector *connector

	mu    sync.Mutex
	info  *Info
	stale bool                   // info is to be asked for again
	ids   map[driver.Conn]uint64 // CONNECTION_ID() of the connections that became sessions
	// open are the sessions that are not closed, by their ids, with who is logged in:
	// the server itself, or one as another account (see LogIn).
	open map[uint64]*Server
	kept map[driver.Conn]map[string]driver.StmtQueryContext
}

// Open checks a configuration and makes the pool. It does not connect: the
// first statement does. It reads the files of the TLS configuration. The error
// is a *ConfigError when the configuration is wrong.
func Open(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	addresses, err := cfg.check()
	if err != nil {
		return nil, err
	}
	conn, err := newConnector(cfg, addresses)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(conn)
	pool.SetMaxOpenConns(cfg.MaxConnections)
	// As many idle as open: opening one costs more than most statements do.
	pool.SetMaxIdleConns(cfg.MaxConnections)
	s := &Server{
		cfg:       cfg,
		pool:      pool,
		connector: conn,
		ids:       map[driver.Conn]uint64{},
		open:      map[uint64]*Server{},
		kept:      map[driver.Conn]map[string]driver.StmtQueryContext{},
	}
	s.handle = handle{server: s, limit: cfg.StatementTimeout, lost: func() {}}
	return s, nil
}

// Busy says whether a connection is in use.
func (s *Server) Busy() bool { return s.pool.Stats().InUse > 0 }

// KillSessions ends the connections of all sessions that are open, those of other
// accounts too, so that the server takes back what it is doing for them. Each is
// ended by the account that it belongs to: another one may lack the privilege. It
// does what it can: who calls it is about to end.
func (s *Server) KillSessions(ctx context.Context) {
	s.mu.Lock()
	of := map[*Server][]uint64{}
	for id, account := range s.open {
		of[account] = append(of[account], id)
	}
	s.mu.Unlock()
	var all sync.WaitGroup
	for account, ids := range of {
		all.Go(func() { account.killAll(ctx, ids) })
	}
	all.Wait()
}

// killAll ends connections on one that comes from no pool.
func (s *Server) killAll(ctx context.Context, ids []uint64) {
	cfg := s.Here()
	cfg.MaxConnections = 1
	other, err := Open(cfg)
	if err != nil {
		return
	}
	defer func() { _ = other.Close() }()
	for _, id := range ids {
		_ = other.Kill(ctx, id)
	}
}

// Close closes the connections that are not in use, and the others when they
// are given back.
func (s *Server) Close() error {
	if err := s.pool.Close(); err != nil {
		return fmt.Errorf("close the connections to `%s`: %w", s.cfg.Endpoint, err)
	}
	return nil
}

// Here returns the configuration of the server with the one host that is in use,
// for what has to be done on this very one.
func (s *Server) Here() Config {
	cfg := s.cfg
	if s.connector.several() {
		to, _ := s.connector.use()
		cfg.Endpoint = to.endpoint
	}
	return cfg
}

// Endpoint returns the endpoint as it was configured.
func (s *Server) Endpoint() string { return s.cfg.Endpoint }

// String returns the endpoint; see Config.String for why.
func (s *Server) String() string { return s.cfg.Endpoint }

// GoString is String, for %#v.
func (s *Server) GoString() string { return s.cfg.Endpoint }

// TLSMode returns how much connections to the server insist on encryption.
func (s *Server) TLSMode() TLSMode { return cmp.Or(s.cfg.TLS.Mode, TLSPreferred) }

// MaxConnections returns how many connections the pool opens at most.
func (s *Server) MaxConnections() int { return s.cfg.MaxConnections }

// Session takes one connection out of the pool. Whoever holds a session uses
// only that one until it is closed: asking the pool meanwhile waits for what does
// not come when max_connections is 1. Such a wait ends with a *PoolError.
func (s *Server) Session(ctx context.Context) (*Session, error) {
	conn, err := s.free(ctx)
	if err != nil {
		return nil, err
	}
	x := &Session{locks: map[string]int{}}
	x.handle = handle{server: s, conn: conn, limit: s.limit, lost: func() { x.poisoned.Store(true) }}
	if err := x.identify(ctx); err != nil {
		x.Discard()
		return nil, err
	}
	s.opened(x.id, s)
	return x, nil
}

// opened notes who is logged in on a session; nil when it is closed.
func (s *Server) opened(id uint64, account *Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if account != nil {
		s.open[id] = account
	} else {
		delete(s.open, id)
	}
}
