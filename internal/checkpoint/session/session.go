// Package session gathers the sessions that copy a database: they are set up for
// statements that take hours, and give back what they were lent. It knows one
// server, and nothing of what is copied.
package session

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	// poolPatience is how long is waited for more connections than one. Whoever
	// holds a connection and waits for another for ever may wait for somebody who
	// does the same.
	poolPatience = 2 * time.Second
	// TidyTimeout bounds what is done after the caller's context is over.
	TidyTimeout = 10 * time.Second
)

// TimeZone is the time zone of every session.
const TimeZone = "+00:00"

// A Group is sessions that work together. What it changes of their settings it
// gives back to the caller's session, and the others are thrown away.
type Group struct {
	Sessions []*mysql.Session
	Own      *mysql.Session // the caller's, one of the sessions; else nil
	settings []setting      // of the caller's session
	database string         // its default database
}

// A setting is a session variable and the literal of its value.
type setting struct{ name, value string }

// Acquire gathers sessions: the caller's when there is one, and others of the pool,
// at most want, at least one. The caller's session must not be in a transaction.
func Acquire(ctx context.Context, srv *mysql.Server, own *mysql.Session, want int) (*Group, error) {
	g := &Group{Own: own}
	if own == nil {
		x, err := srv.Session(ctx)
		if err != nil {
			return nil, err
		}
		g.Sessions = append(g.Sessions, x)
	} else {
		g.Sessions = append(g.Sessions, own)
		if err := g.remember(ctx); err != nil {
			return nil, err
		}
	}
	patience, cancel := context.WithTimeout(ctx, poolPatience)
	defer cancel()
	for len(g.Sessions) < min(want, srv.MaxConnections()) {
		x, err := srv.Session(patience)
		if err != nil {
			// Fewer will do, but not when the caller has given up.
			if ctx.Err() != nil {
				g.Release()
				return nil, context.Cause(ctx)
			}
			break
		}
		g.Sessions = append(g.Sessions, x)
	}
	return g, nil
}

// variables are what this package changes on a session.
func variables(info mysql.Info) []string {
	names := []string{
		"character_set_client", "character_set_results", "collation_connection", "time_zone", "sql_mode",
		"lock_wait_timeout", "innodb_lock_wait_timeout", "foreign_key_checks", "unique_checks",
		"net_write_timeout", "net_read_timeout", "sql_select_limit", "max_heap_table_size",
	}
	if info.Product == mysql.MariaDB {
		return append(names, "tx_isolation", "max_statement_time")
	}
	return append(names, "transaction_isolation", "max_execution_time", "information_schema_stats_expiry")
}

// remember keeps the settings of the caller's session.
func (g *Group) remember(ctx context.Context) error {
	info, err := g.Own.Info(ctx)
	if err != nil {
		return err
	}
	names := variables(info)
	values := make([]sql.NullString, len(names))
	var database sql.NullString
	dest := []any{&database}
	for i := range values {
		dest = append(dest, &values[i])
	}
	if err := g.Own.Row(ctx, "SELECT DATABASE(), @@session."+strings.Join(names, ", @@session.")).Scan(dest...); err != nil {
		return fmt.Errorf("read the settings of the session: %w", err)
	}
	g.database = database.String
	for i, name := range names {
		g.settings = append(g.settings, setting{name, settingLiteral(values[i])})
	}
	return nil
}

func settingLiteral(v sql.NullString) string {
	if !v.Valid {
		return "NULL"
	}
	if _, err := strconv.ParseFloat(v.String, 64); err == nil && strings.Trim(v.String, "-.0123456789") == "" {
		return v.String // and not `inf` or `NaN`, which are numbers to Go alone
	}
	return string(value.AppendQuoted(nil, []byte(v.String)))
}

// Release gives the sessions back. Those of the pool are thrown away, because
// their settings were changed; the caller's one gets its settings back.
func (g *Group) Release() {
	for _, x := range g.Sessions {
		if x != g.Own {
			x.Discard()
		}
	}
	if g.Own == nil || g.Own.Poisoned() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), TidyTimeout)
	defer cancel()
	if err := g.restore(ctx); err != nil {
		// Nobody must go on with a session that is not what it was.
		g.Own.Discard()
	}
}

func (g *Group) restore(ctx context.Context) error {
	parts := make([]string, len(g.settings))
	for i, s := range g.settings {
		parts[i] = s.name + " = " + s.value
	}
	errs := []error{}
	for _, statement := range []string{"ROLLBACK", "UNLOCK TABLES", "SET " + strings.Join(parts, ", ")} {
		_, err := g.Own.Exec(ctx, statement)
		errs = append(errs, err)
	}
	if g.database != "" {
		errs = append(errs, g.Own.Use(ctx, g.database))
	}
	return errors.Join(errs...)
}

// First returns the session for everything that one session does.
func (g *Group) First() *mysql.Session { return g.Sessions[0] }

// Prepare sets every session up for long work: nothing ends a statement but the
// caller.
func (g *Group) Prepare(ctx context.Context, info mysql.Info) error {
	set := "SET character_set_results = utf8mb4, time_zone = '" + TimeZone + "'" +
		", net_write_timeout = 3600, net_read_timeout = 3600, sql_select_limit = 18446744073709551615"
	if info.Product == mysql.MariaDB {
		set += ", max_statement_time = 0"
	} else {
		// 0 asks the engine for sizes; else the server keeps them, which writes.
		set += ", max_execution_time = 0, information_schema_stats_expiry = 0"
	}
	for _, x := range g.Sessions {
		if _, err := x.Exec(ctx, set); err != nil {
			return fmt.Errorf("prepare a session: %w", err)
		}
	}
	return nil
}

// former are settings of a session under which a server makes again what it has
// taken once: rows that a check was not asked about, tables without a key, foreign
// keys on keys that are not unique. A server may lack some of them.
var former = []string{"check_constraint_checks", "sql_require_primary_key", "sql_generate_invisible_primary_key", "restrict_fk_on_non_standard_key"}

// Loosen switches off, on every session, what a server asks of new tables and rows
// and may not have asked of those that a copy brings back. What the account may not
// set stays as it is.
func (g *Group) Loosen(ctx context.Context) error {
	for _, x := range g.Sessions {
		on, err := switchedOn(ctx, x)
		if err != nil {
			return fmt.Errorf("prepare a session: %w", err)
		}
		for _, name := range on {
			_, err := x.Exec(ctx, "SET "+name+" = OFF")
			switch {
			case mysql.IsAccessDenied(err):
			case err != nil:
				return fmt.Errorf("prepare a session: %w", err)
			case x == g.Own:
				g.settings = append(g.settings, setting{name, "ON"})
			}
		}
	}
	return nil
}

// switchedOn returns the former settings that are on in a session.
func switchedOn(ctx context.Context, x *mysql.Session) ([]string, error) {
	rows, err := x.Query(ctx, "SHOW SESSION VARIABLES WHERE Variable_name IN ('"+strings.Join(former, "', '")+"') AND Value = 'ON'")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name, on string
		if err := rows.Scan(&name, &on); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// Info asks for what the server is, on the session at hand.
func (g *Group) Info(ctx context.Context) (mysql.Info, error) { return g.First().Info(ctx) }
