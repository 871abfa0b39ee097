package mysql

import (
	"context"
	"fmt"
	"strings"
)

// LogIn opens a connection as another account, with the settings, the TLS and
// the time limits of the server's own connections. It comes from no pool and
// goes to none: Close ends it. The database, if one is named, is the default
// one. What is known of the server stays that of its own account.
func (s *Server) LogIn(ctx context.Context, username, password, database string) (*Session, error) {
	cfg := s.cfg
	cfg.Username, cfg.Password, cfg.MaxConnections = username, password, 1
	cfg.DefinerOf, cfg.Complete = nil, nil
	inner, err := Open(cfg)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	inner.info = s.info
	s.mu.Unlock()
	x, err := inner.Session(WithSecrets(ctx, password))
	if err != nil {
		_ = inner.Close()
		return nil, err
	}
	x.Taint()
	x.alone = true
	if database == "" {
		return x, nil
	}
	if err := x.Use(ctx, database); err != nil {
		x.Discard()
		return nil, err
	}
	return x, nil
}

// GrantedName returns how a GRANT has to name a database to mean this one and
// no other: `_` and `%` stand for other characters there, unless the server has
// partial_revokes, where a name means itself and an escaped one nothing.
func GrantedName(info Info, database string) string {
	if info.PartialRevokes {
		return database
	}
	return escapeWildcards(database)
}

// escapeWildcards makes `_` and `%` stand for themselves in a pattern.
func escapeWildcards(name string) string {
	return strings.NewReplacer(`\`, `\\`, `_`, `\_`, `%`, `\%`).Replace(name)
}

// QuoteText writes a text as a literal, for the statements that take no
// argument in its place. A text with a backslash or a zero byte is refused: how
// it is read depends on the session.
func QuoteText(text string) (string, error) {
	if strings.ContainsAny(text, "\\\x00") {
		return "", fmt.Errorf("the text %q cannot be written as a literal", text)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'", nil
}
