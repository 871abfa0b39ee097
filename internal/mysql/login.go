package mysql

import "context"

// LogIn opens a connection as another account, with the settings, the TLS and
// the time limits of the server's own connections. It comes from no pool and
// goes to none: Close ends it. The database, if one is named, is the default
// one. What is known of the server stays that of its own account.
func (s *Server) LogIn(ctx context.Context, username, password, database string) (*Session, error) {
	cfg := s.Here()
	cfg.Username, cfg.Password = username, password
	x, err := s.guest(WithSecrets(ctx, password), cfg)
	if err != nil {
		return nil, err
	}
	if database == "" {
		return x, nil
	}
	if err := x.Use(ctx, database); err != nil {
		x.Discard()
		return nil, err
	}
	return x, nil
}

// Beside opens a connection as the server's own account that comes from no pool
// and goes to none: Close ends it. It is for what has to be held while sessions of
// the pool work.
func (s *Server) Beside(ctx context.Context) (*Session, error) { return s.guest(ctx, s.Here()) }

// guest opens a connection that ends with its session.
func (s *Server) guest(ctx context.Context, cfg Config) (*Session, error) {
	cfg.MaxConnections = 1
	cfg.DefinerOf, cfg.Complete = nil, nil
	inner, err := Open(cfg)
	if err != nil {
		return nil, err
	}
	inner.host = s
	s.mu.Lock()
	inner.info = s.info
	s.mu.Unlock()
	x, err := inner.Session(ctx)
	if err != nil {
		_ = inner.Close()
		return nil, err
	}
	x.Taint()
	x.host = s
	s.opened(x.id, inner)
	return x, nil
}
