package checkpoint

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	// crewPatience is how long is waited for more connections than one. Whoever
	// holds a connection and waits for another for ever may wait for somebody who
	// does the same.
	crewPatience = 2 * time.Second
	// tidyTimeout bounds what is done after the caller's context is over.
	tidyTimeout = 10 * time.Second
)

// sessionTimeZone is the time zone of every session.
const sessionTimeZone = "+00:00"

// A crew is the sessions that work together.
type crew struct {
	sessions []*mysql.Session
	own      *mysql.Session // the caller's, one of the sessions; else nil
	settings []setting      // of the caller's session
	database string         // its default database
}

// A setting is a session variable and the literal of its value.
type setting struct{ name, value string }

// hire gathers sessions: the caller's when there is one, and others of the pool,
// at most want, at least one. The caller's session must not be in a transaction.
func hire(ctx context.Context, srv *mysql.Server, own *mysql.Session, want int) (*crew, error) {
	c := &crew{own: own}
	if own == nil {
		x, err := srv.Session(ctx)
		if err != nil {
			return nil, err
		}
		c.sessions = append(c.sessions, x)
	} else {
		c.sessions = append(c.sessions, own)
		if err := c.remember(ctx); err != nil {
			return nil, err
		}
	}
	patience, cancel := context.WithTimeout(ctx, crewPatience)
	defer cancel()
	for len(c.sessions) < min(want, srv.MaxConnections()) {
		x, err := srv.Session(patience)
		if err != nil {
			// Fewer will do, but not when the caller has given up.
			if ctx.Err() != nil {
				c.release()
				return nil, context.Cause(ctx)
			}
			break
		}
		c.sessions = append(c.sessions, x)
	}
	return c, nil
}

// variables are what this package changes on a session.
func variables(info mysql.Info) []string {
	names := []string{
		"character_set_client", "character_set_results", "collation_connection", "time_zone", "sql_mode",
		"lock_wait_timeout", "innodb_lock_wait_timeout", "foreign_key_checks", "unique_checks",
		"net_write_timeout", "net_read_timeout", "sql_select_limit",
	}
	if info.Product == mysql.MariaDB {
		return append(names, "tx_isolation", "max_statement_time")
	}
	return append(names, "transaction_isolation", "max_execution_time", "information_schema_stats_expiry")
}

// remember keeps the settings of the caller's session.
func (c *crew) remember(ctx context.Context) error {
	info, err := c.own.Info(ctx)
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
	if err := c.own.Row(ctx, "SELECT DATABASE(), @@session."+strings.Join(names, ", @@session.")).Scan(dest...); err != nil {
		return fmt.Errorf("read the settings of the session: %w", err)
	}
	c.database = database.String
	for i, name := range names {
		c.settings = append(c.settings, setting{name, settingLiteral(values[i])})
	}
	return nil
}

func settingLiteral(value sql.NullString) string {
	if !value.Valid {
		return "NULL"
	}
	if _, err := strconv.ParseFloat(value.String, 64); err == nil {
		return value.String
	}
	return string(appendQuoted(nil, []byte(value.String)))
}

// release gives the sessions back. Those of the pool are thrown away, because
// their settings were changed; the caller's one gets its settings back.
func (c *crew) release() {
	for _, x := range c.sessions {
		if x != c.own {
			x.Discard()
		}
	}
	if c.own == nil || c.own.Poisoned() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), tidyTimeout)
	defer cancel()
	if err := c.restore(ctx); err != nil {
		// Nobody must go on with a session that is not what it was.
		c.own.Discard()
	}
}

func (c *crew) restore(ctx context.Context) error {
	parts := make([]string, len(c.settings))
	for i, s := range c.settings {
		parts[i] = s.name + " = " + s.value
	}
	errs := []error{}
	for _, statement := range []string{"ROLLBACK", "UNLOCK TABLES", "SET " + strings.Join(parts, ", ")} {
		_, err := c.own.Exec(ctx, statement)
		errs = append(errs, err)
	}
	if c.database != "" {
		errs = append(errs, c.own.Use(ctx, c.database))
	}
	return errors.Join(errs...)
}

// first returns the session for everything that one session does.
func (c *crew) first() *mysql.Session { return c.sessions[0] }

// prepare sets every session up for long work: nothing ends a statement but the
// caller.
func (c *crew) prepare(ctx context.Context, info mysql.Info) error {
	set := "SET character_set_results = utf8mb4, time_zone = '" + sessionTimeZone + "'" +
		", net_write_timeout = 3600, net_read_timeout = 3600, sql_select_limit = 18446744073709551615"
	if info.Product == mysql.MariaDB {
		set += ", max_statement_time = 0"
	} else {
		// 0 asks the engine for sizes; else the server keeps them, which writes.
		set += ", max_execution_time = 0, information_schema_stats_expiry = 0"
	}
	for _, x := range c.sessions {
		if _, err := x.Exec(ctx, set); err != nil {
			return fmt.Errorf("prepare a session: %w", err)
		}
	}
	return nil
}

// infoOn asks for what the server is, on the session at hand.
func (c *crew) info(ctx context.Context) (mysql.Info, error) { return c.first().Info(ctx) }
