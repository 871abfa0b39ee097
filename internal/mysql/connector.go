package mysql

import (
	"context"
	"database/sql/driver"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	driversql "github.com/go-sql-driver/mysql"
)

const (
	// failureMemory is how long a failed connect answers for the next ones. A
	// run with a thousand resources must not try a dead server a thousand times.
	failureMemory = 5 * time.Second
	// busyPause is the time between attempts while the server has no free
	// connection (error 1040), which usually passes by itself.
	busyPause = 200 * time.Millisecond
	// keepAliveIdle, keepAliveInterval and keepAliveCount find out within a
	// minute that the other side is gone while a long statement runs, when
	// nothing else is sent.
	keepAliveIdle     = 15 * time.Second
	keepAliveInterval = 5 * time.Second
	keepAliveCount    = 9
	// programName is how a connection names itself to the server, beside the
	// version in program_version; see performance_schema.session_connect_attrs.
	programName = "terraform-provider-landlord"
	// pinnedCollation is the collation of every connection. It leaks into CHECK
	// and generated expressions and into view metadata, so it must be the same
	// on every connection that creates an object.
	pinnedCollation = "utf8mb4_unicode_ci"
	// pinnedZone is the time zone of every connection.
	pinnedZone = "+00:00"
	// pinnedSQLMode is strict whatever the server's default is: a lax one cuts
	// values without an error.
	pinnedSQLMode = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE," +
		"ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
)

// A connector opens connections for the pool. Until the first success only one
// attempt is under way; the others wait for its outcome, and a failure answers
// for everybody for a while.
type connector struct {
	members  []member // the hosts of the endpoint; of several the one that takes writes is used
	timeout  time.Duration
	endpoint string
	// certificate says that the client shows one.
	certificate bool

	mu      sync.Mutex
	current int           // the member in use
	round   int           // how often a member was left: connections of an earlier one are not used again
	found   time.Time     // when the member in use was found
	proven  bool          // a connection has been opened since the last failure
	probing chan struct{} // closed when the attempt under way has ended
	failure *ConnectError
	until   time.Time // when failure is forgotten

	pulseMu sync.Mutex
	felt    time.Time // when the server was last asked whether it answers
	silence *ConnectError
}

// attempt is what the dial function notes for the message of the failure.
type attempt struct{ dialed bool }

type attemptKey struct{}

// newConnector makes the ways to all hosts of the endpoint.
func newConnector(cfg Config, addresses []address) (*connector, error) {
	c := &connector{timeout: cfg.ConnectTimeout, endpoint: cfg.Endpoint, certificate: cfg.TLS.CertFile != ""}
	for _, addr := range addresses {
		setup, err := cfg.TLS.setup(addr)
		if err != nil {
			return nil, err
		}
		inner, err := dialing(cfg, addr, setup)
		if err != nil {
			return nil, err
		}
		c.members = append(c.members, member{inner: inner, endpoint: addr.address})
	}
	return c, nil
}

// dialing returns the way to one host.
func dialing(cfg Config, addr address, setup tlsSetup) (driver.Connector, error) {
	c := driversql.NewConfig()
	c.User, c.Passwd = cfg.Username, cfg.Password
	c.Net, c.Addr = addr.network, addr.address
	c.TLS, c.AllowFallbackToPlaintext = setup.config, setup.fallback
	c.Logger = &driversql.NopLogger{}
	c.ConnectionAttributes = connectionAttributes(cfg.ProgramVersion)
	c.Collation = pinnedCollation
	c.Params = sessionSettings(cfg)
	c.ParseTime, c.Loc = true, time.UTC
	// Safe because the connection's character set is pinned to utf8mb4, in
	// which no byte of a character can be taken for a quote. It saves the round
	// trips of preparing and closing.
	c.InterpolateParams = true
	// RejectReadOnly stays off: it replaces the server's message by "bad
	// connection".
	c.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := newDialer().DialContext(ctx, network, address)
		if a, ok := ctx.Value(attemptKey{}).(*attempt); ok && err == nil {
			a.dialed = true
		}
		return conn, err
	}
	inner, err := driversql.NewConnector(c)
	if err != nil {
		return nil, fmt.Errorf("prepare the connection to `%s`: %w", cfg.Endpoint, err)
	}
	return inner, nil
}

// connectionAttributes name the program, so that a DBA sees in
// performance_schema.session_connect_attrs whose a connection is. The driver
// splits them at commas and colons, which no version has.
func connectionAttributes(version string) string {
	attributes := "program_name:" + programName
	if version != "" && !strings.ContainsAny(version, ",:") {
		attributes += ",program_version:" + version
	}
	return attributes
}

func newDialer() *net.Dialer {
	return &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: keepAliveIdle, Interval: keepAliveInterval, Count: keepAliveCount,
	}}
}

// sessionSettings become one SET statement per connection.
func sessionSettings(cfg Config) map[string]string {
	wait := strconv.Itoa(wholeSeconds(cfg.LockTimeout))
	return map[string]string{
		// The character set is also in the handshake, but a server may be told
		// to ignore that (character-set-client-handshake=0) or to run something
		// else (init_connect).
		"character_set_client":     "utf8mb4",
		"character_set_results":    "utf8mb4",
		"collation_connection":     "'" + pinnedCollation + "'",
		"sql_mode":                 "'" + pinnedSQLMode + "'",
		"time_zone":                "'" + pinnedZone + "'",
		"lc_messages":              "'en_US'", // what WithoutValues takes out of errors is known in this language
		"lock_wait_timeout":        wait,
		"innodb_lock_wait_timeout": wait,
		"foreign_key_checks":       "1",
		"unique_checks":            "1",
		"sql_quote_show_create":    "1",
		"autocommit":               "1",
	}
}

// wholeSeconds rounds up, at least to one: the servers take whole seconds.
func wholeSeconds(d time.Duration) int {
	return max(1, int((d+time.Second-1)/time.Second))
}

func (c *connector) Driver() driver.Driver { return c.members[0].inner.Driver() }

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	for {
		c.mu.Lock()
		switch {
		case c.failure != nil && time.Now().Before(c.until):
			failure := c.failure
			c.mu.Unlock()
			return nil, failure
		case c.proven:
			c.mu.Unlock()
			conn, err := c.dial(ctx)
			if err != nil && c.several() && ctx.Err() == nil {
				c.leave() // and looks for another one
				continue
			}
			return conn, err
		case c.probing == nil:
			done := make(chan struct{})
			c.probing = done
			c.mu.Unlock()
			conn, err := c.first(ctx)
			c.mu.Lock()
			c.probing = nil
			c.mu.Unlock()
			close(done)
			return conn, err
		}
		wait := c.probing
		c.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// first opens a connection when none has been opened since the last failure.
func (c *connector) first(ctx context.Context) (driver.Conn, error) {
	if c.several() {
		if err := c.find(ctx); err != nil {
			return nil, err
		}
	}
	return c.dial(ctx)
}

// dial makes one attempt and notes its outcome for the callers after it. It
// runs under the caller's context: when that one gives up nothing is noted, and
// the next caller tries.
func (c *connector) dial(ctx context.Context) (driver.Conn, error) {
	note := &attempt{}
	limited, cancel := context.WithTimeout(context.WithValue(ctx, attemptKey{}, note), c.timeout)
	defer cancel()
	var busy error
	to, round := c.use()
	for {
		conn, err := to.inner.Connect(limited)
		if err == nil {
			c.mu.Lock()
			c.proven, c.failure = true, nil
			c.mu.Unlock()
			return c.belonging(conn, round), nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if IsTooManyConnections(err) {
			busy = err
			if sleep(limited, busyPause) {
				continue
			}
		}
		if busy != nil && limited.Err() != nil {
			err = busy // rather than the time that ran out in the last attempt
		}
		failure := c.explain(err, note.dialed)
		c.remember(failure)
		return nil, failure
	}
}

func (c *connector) remember(failure *ConnectError) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.several() && c.proven { // another one may take writes
		c.proven = false
		c.round++
		return
	}
	c.proven, c.failure, c.until = false, failure, time.Now().Add(failureMemory)
}

// pulseMemory is how long one answer of pulse is everybody's.
const pulseMemory = time.Second

// pulse opens a connection and closes it. It returns the error when nobody
// answers in time; a refusal is an answer. Those who ask at the same time share it.
func (c *connector) pulse() *ConnectError {
	c.pulseMu.Lock()
	defer c.pulseMu.Unlock()
	if time.Since(c.felt) < pulseMemory {
		return c.silence
	}
	note := &attempt{}
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), attemptKey{}, note), c.timeout)
	defer cancel()
	to, _ := c.use()
	conn, err := to.inner.Connect(ctx)
	if err == nil {
		_ = conn.Close()
	}
	c.silence, c.felt = nil, time.Now()
	if err != nil && isTimeout(err) {
		c.silence = c.explain(err, note.dialed)
	}
	return c.silence
}

// sleep says false when the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
