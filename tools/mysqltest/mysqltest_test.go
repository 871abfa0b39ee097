package mysqltest_test

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }

func TestServers_namesAreDroppedInCleanup(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		var landlord, stem, neighbor string
		t.Run("inner", func(t *testing.T) {
			inner := mysqltest.On(t, s.Kind)
			landlord, stem = inner.LandlordDatabase, strings.TrimSuffix(inner.Prefix, "_")
			neighbor = stem + "x" // the `_` of the prefix is no wildcard
			inner.Exec(t,
				"CREATE DATABASE "+landlord,
				"CREATE DATABASE "+landlord+"_scratch",
				"CREATE DATABASE "+inner.Prefix+"one",
				"CREATE DATABASE "+neighbor,
				"CREATE USER "+inner.Prefix+"one@'%'",
				"CREATE USER "+inner.Prefix+"two@localhost",
			)
		})
		left := s.QueryRows(t, "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE ? OR schema_name LIKE ?"+
			" UNION ALL SELECT user FROM mysql.user WHERE user LIKE ?", landlord+"%", stem+"%", stem+"%")
		s.Exec(t, "DROP DATABASE "+neighbor)
		if diff := cmp.Diff([][]string{{neighbor}}, left); diff != "" {
			t.Errorf("databases and accounts left (-want +got):\n%s", diff)
		}
	})
}

// What a test says when its server cannot be had, or is not wanted, asked of a
// run of this very binary that is given an empty list of servers.
func TestOne_missingServer(t *testing.T) {
	t.Parallel()
	const short = "NOT TESTED in a short run: the test needs a server; `make test` runs it"
	const cause = "LANDLORD_TEST_SERVERS names no server of the kind `mysql-9.7`"
	for name, tc := range map[string]struct {
		ci       string
		short    string
		wantCode int
		want     []string
	}{
		"laptop": {"", "false", 0, []string{"--- SKIP: TestServer_QueryRows", "*** NOT TESTED on mysql-9.7: " + cause}},
		"CI":     {"true", "false", 1, []string{"--- FAIL: TestServer_QueryRows", "no server of the kind mysql-9.7: " + cause}},
		"short":  {"true", "true", 0, []string{"--- SKIP: TestServer_QueryRows", "--- SKIP: TestPrivate_killAndRestart", short}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tests := "^TestServer_QueryRows$"
			if tc.short == "true" { // which would start a server of its own
				tests = "^(TestServer_QueryRows|TestPrivate_killAndRestart)$"
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", tests, "-test.v", "-test.short="+tc.short)
			cmd.Env = append(os.Environ(), "CI="+tc.ci, mysqltest.ServersVariable+"=[]", mysqltest.KindsVariable+"=mysql-9.7")
			out, _ := cmd.CombinedOutput() // the exit code is asked below
			for _, want := range tc.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is not in\n%s", want, out)
				}
			}
			if got := cmd.ProcessState.ExitCode(); got != tc.wantCode {
				t.Errorf("exit code %d, want %d", got, tc.wantCode)
			}
		})
	}
}

func TestServer_QueryRows(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	got := s.QueryRows(t, "SELECT 1, NULL, ? UNION ALL SELECT 2, 'b', ''", "ä")
	if diff := cmp.Diff([][]string{{"1", "NULL", "ä"}, {"2", "b", ""}}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestRecording(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		r, other := s.Record(t), s.Record(t)
		db := s.Open(t, r.Username, r.Password, "mysql")
		if err := db.PingContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		run(t, db, "SELECT 1")
		run(t, db, "SELECT ?", "two")
		run(t, s.Open(t, other.Username, other.Password, ""), "SELECT 'other'")
		s.Exec(t, "DO 0")
		if diff := cmp.Diff([]string{"SELECT 1", "SELECT 'two'"}, r.Statements(t)); diff != "" {
			t.Errorf("statements (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"SELECT 'other'"}, other.Statements(t)); diff != "" {
			t.Errorf("statements of the other account (-want +got):\n%s", diff)
		}
	})
}

// Many connections at once must not lose a line of the log.
func TestRecording_exact(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		r := s.Record(t)
		db := s.Open(t, r.Username, r.Password, "")
		run(t, db, "SELECT 'before'")
		r.Reset(t)
		const workers, each = 8, 100
		var group sync.WaitGroup
		for w := range workers {
			group.Go(func() {
				for n := range each {
					if _, err := db.ExecContext(t.Context(), fmt.Sprintf("DO %d + %d", w, n)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if got := r.Count(t); got != workers*each {
			t.Errorf("%d statements counted, want %d", got, workers*each)
		}
	})
}

func run(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
}

func TestPrivate_killAndRestart(t *testing.T) {
	t.Parallel()
	p := mysqltest.Private(t, mysqltest.Kinds(t)[0], mysqltest.Args("--event-scheduler=OFF"))
	p.Exec(t, "CREATE DATABASE d")
	p.Kill(t)
	if err := p.DB().PingContext(t.Context()); err == nil {
		t.Error("a killed server answers")
	}
	p.Restart(t)
	got := p.QueryRows(t, "SELECT @@event_scheduler, schema_name FROM information_schema.schemata WHERE schema_name = 'd'")
	if diff := cmp.Diff([][]string{{"OFF", "d"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPrivate_log(t *testing.T) {
	t.Parallel()
	p := mysqltest.Private(t, instance.MariaDB118)
	r := p.Record(t)
	p.Restart(t)
	if got := p.QueryRows(t, "SELECT @@general_log"); got[0][0] != "0" {
		t.Errorf("general_log is %s after a restart, want its default", got[0][0])
	}
	if got := r.Count(t); got != 0 {
		t.Errorf("%d statements of an account that sent none", got)
	}
}

func TestAuthority(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			trusted, stranger := mysqltest.NewAuthority(t), mysqltest.NewAuthority(t)
			p := mysqltest.Private(t, kind, trusted.Server(t), mysqltest.Args("--require-secure-transport=ON"))
			got := map[string]bool{}
			for name, config := range map[string]*tls.Config{
				"plain": nil, "trusted": clientConfig(t, trusted.CAFile), "stranger": clientConfig(t, stranger.CAFile),
			} {
				got[name] = ping(t, p.Server, config) == nil
			}
			want := map[string]bool{"plain": false, "trusted": true, "stranger": false}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("who gets in (-want +got):\n%s", diff)
			}
			p.Exec(t, "DO 0") // the administrator goes over the socket
		})
	}
}

func clientConfig(t *testing.T, caFile string) *tls.Config {
	t.Helper()
	text, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		t.Fatal("the file of the authority holds no certificate")
	}
	return &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}
}

func ping(t *testing.T, s *mysqltest.Server, config *tls.Config) error {
	t.Helper()
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd, cfg.TLS = "tcp", s.Endpoint(), s.Username, s.Password, config
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	return db.PingContext(t.Context())
}
