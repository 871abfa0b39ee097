package mysql

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Defaults of the fields of [Config] that are left at zero.
const (
	DefaultMaxConnections = 4
	DefaultConnectTimeout = 10 * time.Second
	DefaultLockTimeout    = 10 * time.Second
	// DefaultStatementTimeout is larger where DefaultLockTimeout is not used: a
	// statement may wait for a lock that long.
	DefaultStatementTimeout = 30 * time.Second
)

// beyondLock is how much longer a statement may take than it may wait for a lock.
const beyondLock = 20 * time.Second

// defaultPort is used when an endpoint names a host without a port.
const defaultPort = "3306"

// Config says how to reach one server. The zero value of every field but
// Endpoint and Username has a meaning.
type Config struct {
	// Endpoint is `host`, `host:port`, `[v6]:port` or the absolute path of a
	// socket. Several hosts, with commas between them, are the members of a group
	// or a primary and its replicas: the one that takes writes is used, and
	// looked for again when it does not any more.
	Endpoint string
	Username string
	Password string
	TLS      TLS
	// MaxConnections bounds the pool; 0 means DefaultMaxConnections. Opened
	// connections are kept.
	MaxConnections int
	// ConnectTimeout bounds one attempt from the dial to the first answer,
	// authentication included; 0 means DefaultConnectTimeout.
	ConnectTimeout time.Duration
	// LockTimeout becomes lock_wait_timeout and innodb_lock_wait_timeout of
	// every connection, in whole seconds; 0 means DefaultLockTimeout. The
	// server's own default is a year, during which every reader of the table
	// queues behind the waiting statement.
	LockTimeout time.Duration
	// StatementTimeout is how long a statement or a row of its answer is waited
	// for, but for those of [Patient]; 0 means DefaultStatementTimeout. A statement
	// that is given up goes on at the server, so the session is unusable afterwards.
	StatementTimeout time.Duration
	// PoolPatience is how long a connection of the pool is waited for while all are
	// held and no statement is under way on any server of the Traffic; 0 means
	// DefaultPoolPatience. The error is a *PoolError.
	PoolPatience time.Duration
	// Traffic is that of all servers of which somebody may hold a connection while
	// it waits for one of this server; nil: of this server alone.
	Traffic *Traffic `json:"-"`
	// ProgramVersion is the version of this program that connections name to the
	// server, in the attribute program_version; empty leaves it out.
	ProgramVersion string
	// DefinerOf returns the account that the views, routines, triggers and
	// events of a database run as, quoted; empty for the account that makes
	// them. Sessions put it into the statements that make one. It may send
	// statements on the session that asks. Nil leaves statements as they are.
	DefinerOf func(ctx context.Context, x *Session, database string) (string, error) `json:"-"`
	// Complete adds to what a server says of itself, once in a process.
	Complete func(ctx context.Context, q Queryer, info *Info) error `json:"-"`
}

// String names the account and the endpoint. It exists so that a configuration
// that is printed by mistake does not show its password.
func (c Config) String() string { return c.Username + "@" + c.Endpoint }

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// A ConfigError says which field of a [Config] is wrong. Field is the name in
// snake case as a person writes it: `endpoint`, `tls.ca_file`.
type ConfigError struct {
	Field  string
	Reason string
	Err    error
}

func (e *ConfigError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("`%s`: %s: %v", e.Field, e.Reason, e.Err)
	}
	return fmt.Sprintf("`%s`: %s", e.Field, e.Reason)
}

func (e *ConfigError) Unwrap() error { return e.Err }

// address is an endpoint taken apart.
type address struct {
	network string // tcp or unix
	address string // what is dialed
	host    string // for the certificate; empty for a socket
}

func (c Config) withDefaults() Config {
	if c.MaxConnections == 0 {
		c.MaxConnections = DefaultMaxConnections
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = DefaultConnectTimeout
	}
	if c.LockTimeout == 0 {
		c.LockTimeout = DefaultLockTimeout
	}
	if c.StatementTimeout == 0 {
		c.StatementTimeout = max(DefaultStatementTimeout, c.LockTimeout+beyondLock)
	}
	if c.PoolPatience == 0 {
		c.PoolPatience = max(DefaultPoolPatience, 2*c.ConnectTimeout)
	}
	if c.Traffic == nil {
		c.Traffic = &Traffic{}
	}
	return c
}

func (c Config) check() ([]address, error) {
	addr, err := parseEndpoint(c.Endpoint)
	switch {
	case err != nil:
		return nil, err
	case c.Username == "":
		return nil, &ConfigError{Field: "username", Reason: "is empty"}
	case c.MaxConnections < 0:
		return nil, &ConfigError{Field: "max_connections", Reason: "must not be negative"}
	case c.ConnectTimeout < 0:
		return nil, &ConfigError{Field: "connect_timeout", Reason: "must not be negative"}
	case c.LockTimeout < 0:
		return nil, &ConfigError{Field: "lock_timeout", Reason: "must not be negative"}
	case c.StatementTimeout < 0:
		return nil, &ConfigError{Field: "statement_timeout", Reason: "must not be negative"}
	}
	return addr, nil
}

// parseEndpoint takes apart what a person writes: one host or several.
func parseEndpoint(endpoint string) ([]address, error) {
	if filepath.IsAbs(endpoint) || !strings.Contains(endpoint, ",") {
		addr, err := parseHost(endpoint)
		return []address{addr}, err
	}
	var out []address
	for part := range strings.SplitSeq(endpoint, ",") {
		addr, err := parseHost(strings.TrimSpace(part))
		switch {
		case err != nil:
			return nil, err
		case addr.network == "unix":
			return nil, &ConfigError{Field: "endpoint", Reason: "names a socket among several hosts; write `host:port,host:port`"}
		case slices.Contains(out, addr):
			return nil, &ConfigError{Field: "endpoint", Reason: fmt.Sprintf("names `%s` twice", addr.address)}
		}
		out = append(out, addr)
	}
	return out, nil
}

// parseHost takes one host apart. A URL or a connection string
// is refused rather than guessed at, because it may carry a password.
func parseHost(endpoint string) (address, error) {
	bad := func(reason string) (address, error) {
		return address{}, &ConfigError{Field: "endpoint", Reason: reason}
	}
	switch {
	case endpoint == "":
		return bad("is empty; write `host:port` or the absolute path of a socket")
	case filepath.IsAbs(endpoint):
		return address{network: "unix", address: endpoint}, nil
	case strings.ContainsAny(endpoint, "/@"):
		return bad("must be `host:port` or the absolute path of a socket, without a scheme, user or path")
	}
	host, port := splitEndpoint(endpoint)
	if host == "" {
		return bad("names no host; write `host:port`, and an IPv6 address in brackets: `[::1]:3306`")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return bad(fmt.Sprintf("has the port `%s`; a port is a number from 1 to 65535", port))
	}
	return address{network: "tcp", address: net.JoinHostPort(host, port), host: host}, nil
}

// splitEndpoint returns an empty host when the endpoint has no such form.
func splitEndpoint(endpoint string) (host, port string) {
	if bare := strings.Trim(endpoint, "[]"); net.ParseIP(bare) != nil {
		return bare, defaultPort
	}
	if !strings.Contains(endpoint, ":") {
		return endpoint, defaultPort
	}
	host, port, err := net.SplitHostPort(endpoint)
	if err != nil {
		return "", ""
	}
	return host, port
}
