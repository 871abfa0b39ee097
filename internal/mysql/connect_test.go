package mysql_test

import (
	"errors"
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

// listen starts a listener that counts its connections and does with each what
// the test says.
func listen(t *testing.T, serve func(net.Conn)) (endpoint string, count *atomic.Int64) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	count = &atomic.Int64{}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			count.Add(1)
			go func() {
				serve(conn)
				<-t.Context().Done() // or the collector would close the connection
				_ = conn.Close()
			}()
		}
	}()
	return l.Addr().String(), count
}

func silent(net.Conn) {}

func closing(c net.Conn) { _ = c.Close() }

func talking(c net.Conn) {
	_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	_ = c.Close()
}

func TestConnect_refused(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := l.Addr().String()
	_ = l.Close()
	hanging, _ := listen(t, silent)
	closes, _ := listen(t, closing)
	talks, _ := listen(t, talking)

	tests := map[string]struct {
		change func(*mysql.Config)
		want   string
	}{
		"nobody listens": {
			func(c *mysql.Config) { c.Endpoint = free },
			"connect to `" + free + "`: connection refused; is a server listening there?",
		},
		"nobody speaks": {
			func(c *mysql.Config) { c.Endpoint = hanging },
			"connect to `" + hanging + "`: the connection was accepted, but no server answered within 1 second",
		},
		"closes at once": {
			func(c *mysql.Config) { c.Endpoint = closes },
			"connect to `" + closes + "`: what answers there closed the connection during the handshake; is it a MySQL or MariaDB server?",
		},
		"another protocol": {
			func(c *mysql.Config) { c.Endpoint = talks },
			"connect to `" + talks + "`: what answers there closed the connection during the handshake; is it a MySQL or MariaDB server?",
		},
		"unknown host": {
			func(c *mysql.Config) { c.Endpoint = "no-such-host.invalid:3306" },
			"connect to `no-such-host.invalid:3306`: the host name `no-such-host.invalid` is not known",
		},
		"no socket": {
			func(c *mysql.Config) { c.Endpoint = "/no/such/socket" },
			"connect to `/no/such/socket`: there is no such socket",
		},
		"wrong password": {
			func(c *mysql.Config) { c.Password = "Wr0ng_Secret" },
			"connect to `" + s.Endpoint() + "`: the server refused user name and password " +
				"(Access denied for user '" + s.Username + "'@'client' (using password: YES))",
		},
		"unknown user": {
			func(c *mysql.Config) { c.Username = "nobody_here"; c.Password = "Wr0ng_Secret" },
			"connect to `" + s.Endpoint() + "`: the server refused user name and password " +
				"(Access denied for user 'nobody_here'@'client' (using password: YES))",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := sessiontest.Config(s)
			cfg.ConnectTimeout = time.Second
			test.change(&cfg)
			server := sessiontest.Open(t, cfg)
			begin := time.Now()
			_, err := server.Info(t.Context())
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
			if got := anyClient(textOf(err)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			var failure *mysql.ConnectError
			if !errors.As(err, &failure) || failure.Endpoint != cfg.Endpoint {
				t.Errorf("the error is %#v, want a ConnectError with the endpoint", err)
			}
			if strings.Contains(textOf(err), "Wr0ng_Secret") {
				t.Error("the password is in the error")
			}
		})
	}
}

// A thousand resources must not try a dead server a thousand times.
func TestConnect_failureIsShared(t *testing.T) {
	t.Parallel()
	endpoint, count := listen(t, silent)
	server := sessiontest.Open(t, mysql.Config{Endpoint: endpoint, Username: "u", ConnectTimeout: 500 * time.Millisecond})
	begin := time.Now()
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			if _, err := server.Info(t.Context()); err == nil {
				t.Error("a server that never speaks was connected to")
			}
		})
	}
	group.Wait()
	if _, err := server.Session(t.Context()); err == nil {
		t.Error("a server that never speaks was connected to")
	}
	if n := count.Load(); n != 1 {
		t.Errorf("there were %d attempts, want 1", n)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("it took %s, want one connect timeout", took)
	}
}

// The attempt of a caller who gives up says nothing about the server.
func TestConnect_cancelledCallerIsNotRemembered(t *testing.T) {
	t.Parallel()
	endpoint, count := listen(t, silent)
	server := sessiontest.Open(t, mysql.Config{Endpoint: endpoint, Username: "u", ConnectTimeout: 700 * time.Millisecond})
	ctx, cancel := contextWithTimeout(t, 100*time.Millisecond)
	defer cancel()
	if _, err := server.Info(ctx); !isContextError(err) {
		t.Errorf("got %v, want the error of the context", err)
	}
	var failure *mysql.ConnectError
	if _, err := server.Info(t.Context()); !errors.As(err, &failure) {
		t.Errorf("got %v, want a ConnectError", err)
	}
	if n := count.Load(); n != 2 {
		t.Errorf("there were %d attempts, want 2", n)
	}
}

func TestConnect_socket(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		if s.Socket == "" {
			t.Skip("the server has no socket that this machine can reach")
		}
		cfg := sessiontest.Config(s)
		cfg.Endpoint = s.Socket
		sessiontest.Info(t, sessiontest.Open(t, cfg))
	})
}

// More callers than connections, and more than the server would take.
func TestConnect_parallelism(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	cfg := sessiontest.Config(s)
	cfg.MaxConnections = 3
	cfg.ProgramVersion = "1.2.3-rc1"
	server := sessiontest.Open(t, cfg)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			x, err := server.Session(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer x.Close()
			if _, err := x.Exec(t.Context(), "DO SLEEP(0.01)"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if s.Kind.IsMariaDB() {
		return // it keeps attributes of connections with the performance schema on only, which is off by default
	}
	for name, value := range map[string]string{"program_name": "terraform-provider-landlord", "program_version": "1.2.3-rc1"} {
		rows := s.QueryRows(t, "SELECT COUNT(*) FROM performance_schema.session_connect_attrs a"+
			" JOIN performance_schema.processlist p ON p.id = a.processlist_id"+
			" WHERE a.attr_name = ? AND a.attr_value = ? AND p.id IN (SELECT processlist_id"+
			" FROM performance_schema.session_connect_attrs WHERE attr_name = '_pid' AND attr_value = ?)", name, value, pid())
		if rows[0][0] == "0" {
			t.Errorf("no connection carries the attribute %s", name)
		}
	}
}
