package mysql_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// between stands between a client and its server, and shows what the client
// sends to a function before it passes it on. It does not when that says so, nor
// any answer from then on.
func between(t *testing.T, target string, pass func(client net.Conn, sent []byte) bool) (endpoint string) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	carry := func(to io.Writer, from net.Conn, see func([]byte) bool) {
		buffer := make([]byte, 64<<10)
		for {
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			if !see(buffer[:n]) {
				continue
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := new(net.Dialer).DialContext(t.Context(), "tcp", target)
			if err != nil {
				_ = client.Close()
				continue
			}
			t.Cleanup(func() { _, _ = client.Close(), server.Close() })
			go carry(server, client, func(sent []byte) bool { return pass(client, sent) })
			go carry(client, server, func([]byte) bool { return pass(client, nil) })
		}
	}()
	return l.Addr().String()
}

// frozen is a server that accepts and never answers, from one moment on.
func frozen(t *testing.T, target string) (endpoint string, freeze func()) {
	t.Helper()
	var stopped atomic.Bool
	endpoint = between(t, target, func(net.Conn, []byte) bool { return !stopped.Load() })
	return endpoint, func() { stopped.Store(true) }
}

// TestSilentServer lets a server answer nobody any more, in the middle of
// different pieces of work. Each ends within its time, with the same words.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	const connect, limit = time.Second, 2 * time.Second
	cases := map[string]struct {
		within time.Duration
		run    func(ctx context.Context, server *mysql.Server, freeze func()) error
	}{
		"statement of the pool": {limit, func(ctx context.Context, server *mysql.Server, freeze func()) error {
			freeze()
			_, err := server.Exec(ctx, "DO 1")
			return err
		}},
		"statement that may take long": {2*limit + connect, func(ctx context.Context, server *mysql.Server, freeze func()) error {
			freeze()
			_, err := server.Exec(mysql.Patient(ctx), "DO 1")
			return err
		}},
		"between rows": {limit, func(ctx context.Context, server *mysql.Server, freeze func()) error {
			rows, err := server.Query(ctx, "SELECT REPEAT('x', 100000), SLEEP(0.05) FROM information_schema.COLLATIONS")
			if err != nil {
				return err
			}
			defer func() { _ = rows.Close() }()
			freeze()
			for rows.Next() {
			}
			return rows.Err()
		}},
		"commit": {2*limit + connect, func(ctx context.Context, server *mysql.Server, freeze func()) error {
			x, err := server.Session(ctx)
			if err != nil {
				return err
			}
			defer x.Close()
			tx, err := x.Begin(ctx)
			if err != nil {
				return err
			}
			freeze()
			err = tx.Commit(ctx)
			if !x.Poisoned() {
				return errors.New("the session is not poisoned")
			}
			return errors.Unwrap(err)
		}},
		"everybody": {limit + 2*connect, func(ctx context.Context, server *mysql.Server, freeze func()) error {
			freeze()
			var all sync.WaitGroup
			var last atomic.Value
			for range 60 {
				all.Go(func() {
					if _, err := server.Exec(ctx, "DO 1"); err != nil {
						last.Store(err)
					}
				})
			}
			all.Wait()
			err, _ := last.Load().(error)
			return err
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := sessiontest.Config(s)
			endpoint, freeze := frozen(t, s.Endpoint())
			cfg.Endpoint, cfg.ConnectTimeout, cfg.StatementTimeout, cfg.TLS.Mode = endpoint, connect, limit, mysql.TLSDisabled
			server := sessiontest.Open(t, cfg)
			sessiontest.Info(t, server)
			began := time.Now()
			err := c.run(t.Context(), server, freeze)
			if took := time.Since(began); took > c.within+time.Second {
				t.Errorf("it took %s, want %s", took, c.within)
			}
			if want := "connect to `" + endpoint + "`: the connection was accepted, but no server answered within 1 second"; textOf(err) != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// TestSlowStatement: a server that answers others is not given up while a
// statement works that may, and whoever waits for a connection is not timed.
func TestSlowStatement(t *testing.T) {
	t.Parallel()
	cfg := sessiontest.Config(mysqltest.One(t))
	cfg.ConnectTimeout, cfg.StatementTimeout, cfg.MaxConnections = time.Second, 1500*time.Millisecond, 1
	server := sessiontest.Open(t, cfg)
	x := sessiontest.Session(t, server)
	waits := make(chan error)
	go func() {
		_, err := server.Exec(t.Context(), "DO 1")
		waits <- err
	}()
	if _, err := x.Exec(mysql.Patient(t.Context()), "DO SLEEP(4)"); err != nil {
		t.Error(err)
	}
	x.Close()
	if err := <-waits; err != nil {
		t.Error(err)
	}
	_, err := server.Exec(t.Context(), "DO SLEEP(4)")
	var late *mysql.StatementTimeoutError
	if !errors.As(err, &late) {
		t.Errorf("got %v, want a StatementTimeoutError", err)
	}
	if _, err := server.Exec(t.Context(), "DO 1"); err != nil {
		t.Error(err)
	}
}

// TestQuery_repeated: a read on the pool whose connection breaks is sent again,
// once. Nothing else is, because it may have had its effect.
func TestQuery_repeated(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	for name, c := range map[string]struct {
		cuts, want int64
		run        func(ctx context.Context, server *mysql.Server) error
	}{
		"read": {1, 2, func(ctx context.Context, server *mysql.Server) error {
			var n int
			return server.Row(ctx, "SELECT 1 AS marked").Scan(&n)
		}},
		"read twice": {2, 2, func(ctx context.Context, server *mysql.Server) error {
			var n int
			return server.Row(ctx, "SELECT 1 AS marked").Scan(&n)
		}},
		"write": {1, 1, func(ctx context.Context, server *mysql.Server) error {
			_, err := server.Exec(ctx, "DO 1 /* marked */")
			return err
		}},
		"read of a session": {1, 1, func(ctx context.Context, server *mysql.Server) error {
			x, err := server.Session(ctx)
			if err != nil {
				return err
			}
			defer x.Close()
			var n int
			return x.Row(ctx, "SELECT 1 AS marked").Scan(&n)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int64
			cfg := sessiontest.Config(s)
			cfg.TLS.Mode = mysql.TLSDisabled
			cfg.Endpoint = between(t, s.Endpoint(), func(client net.Conn, sent []byte) bool {
				if !strings.Contains(string(sent), "marked") || seen.Add(1) > c.cuts {
					return true
				}
				_ = client.Close()
				return false
			})
			err := c.run(t.Context(), sessiontest.Open(t, cfg))
			if seen.Load() != c.want || (err == nil) != (c.cuts < c.want) {
				t.Errorf("sent %d times, want %d: %v", seen.Load(), c.want, err)
			}
			if want := "the connection to `" + cfg.Endpoint + "` was lost (invalid connection)"; err != nil && err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}
