package mysqltest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// directoryNotEmpty is the error of a DROP DATABASE that has dropped all tables
// and met a file that the server does not know: MariaDB leaves one now and then.
const directoryNotEmpty = 1010

// Server is a running server as one test sees it: with names for databases and
// accounts that no other test uses, all dropped when the test ends.
type Server struct {
	Kind     instance.Kind
	Host     string
	Port     string
	Socket   string // empty when the server has none that this machine can reach
	Username string // an administrator, over TCP and the socket
	Password string

	// LandlordDatabase is for the landlord database of this test. Names that
	// begin with it and an underscore are dropped too.
	LandlordDatabase string

	// Prefix is for all other databases and for the accounts of this test. It
	// is short: a database name has at most 64 characters.
	Prefix string

	t          testing.TB // the test that it is for
	db         *sql.DB
	recordings int
	documented sync.Once
	login      [2]string // name and password, see ProviderLogin
}

// Endpoint returns the TCP address of the server: host:port.
func (s *Server) Endpoint() string { return net.JoinHostPort(s.Host, s.Port) }

// DB returns a pool of connections of the administrator, with no database
// selected. It is closed when the test ends.
func (s *Server) DB() *sql.DB { return s.db }

// Servers calls a subtest for every kind to test against, in parallel. A test
// that sets environment variables cannot be parallel: it ranges over Kinds and
// calls On.
func Servers(t *testing.T, test func(t *testing.T, s *Server)) {
	t.Helper()
	for _, kind := range Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			test(t, On(t, kind))
		})
	}
}

// One returns a server for tests that do not depend on the product: MySQL
// unless the environment asks for other kinds only.
func One(t testing.TB) *Server {
	t.Helper()
	return On(t, Kinds(t)[0])
}

// OneOf returns the shared server of a kind, for a test of what only that kind does or
// prints. Where the environment asks for other kinds it is skipped, and why completes
// the sentence that says so.
func OneOf(t testing.TB, kind instance.Kind, why string) *Server {
	t.Helper()
	if !slices.Contains(Kinds(t), kind) {
		t.Skipf("%s asks for no %s, and %s", KindsVariable, kind, why)
	}
	return On(t, kind)
}

// On returns the shared server of that kind. When it cannot be had the test is
// skipped, and fails on CI.
func On(t testing.TB, kind instance.Kind) *Server {
	t.Helper()
	Need(t, "a server")
	address, err := shared.address(t.Context(), kind)
	if err != nil {
		unavailable(t, kind, err)
	}
	s := newServer(t, address)
	if err := s.db.PingContext(t.Context()); err != nil {
		t.Fatalf("reaching the server of the kind %s at %s: %v", kind, s.Endpoint(), err)
	}
	t.Cleanup(func() { s.dropAll(t) })
	return s
}

// Need skips a test of a short run (`go test -short`, as in `make test-unit`),
// which starts neither servers nor Terraform. It is the only place that asks
// for -short: On and Private call it, and whatever runs another program does.
func Need(t testing.TB, what string) {
	t.Helper()
	if testing.Short() {
		t.Skipf("NOT TESTED in a short run: the test needs %s; `make test` runs it", what)
	}
}

func unavailable(t testing.TB, kind instance.Kind, err error) {
	t.Helper()
	if OnCI() {
		t.Fatalf("no server of the kind %s: %v", kind, err)
	}
	t.Skipf("no server of the kind %s: %v", kind, err)
}

// newServer gives a test its names on a server and cleans up after it.
func newServer(t testing.TB, a Address) *Server {
	t.Helper()
	host, port, err := net.SplitHostPort(a.Endpoint)
	if err != nil {
		t.Fatalf("reading the endpoint of the server: %v", err)
	}
	unique := strings.ToLower(rand.Text()[:7])
	s := &Server{
		t: t, Kind: a.Kind, Host: host, Port: port, Socket: a.Socket, Username: a.Username, Password: a.Password,
		LandlordDatabase: "ll" + unique, Prefix: "t" + unique + "_",
	}
	s.db = s.openAdministrator(t)
	showLogOnFailure(t, a.LogFile)
	return s
}

// openAdministrator goes over the socket where there is one: it works too on
// a server that wants TLS or whose port is disturbed by the test.
func (s *Server) openAdministrator(t testing.TB) *sql.DB {
	t.Helper()
	if _, err := os.Stat(s.Socket); s.Socket != "" && err == nil {
		return open(t, "unix", s.Socket, s.Username, s.Password, "")
	}
	return s.Open(t, s.Username, s.Password, "")
}

// Open returns a pool of connections over TCP as that account, with that
// database selected unless it is empty. It is closed when the test ends.
func (s *Server) Open(t testing.TB, username, password, database string) *sql.DB {
	t.Helper()
	return open(t, "tcp", s.Endpoint(), username, password, database)
}

func open(t testing.TB, network, address, username, password, database string) *sql.DB {
	t.Helper()
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd, cfg.DBName = network, address, username, password, database
	cfg.Timeout = 10 * time.Second
	cfg.Logger = silent{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		t.Fatalf("preparing a connection: %v", err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

type silent struct{}

func (silent) Print(...any) {}

// Exec runs statements as the administrator, one at a time, and fails the test
// at the first error. Each may run on another connection.
func (s *Server) Exec(t testing.TB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := s.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("running on %s: %v\n%s", s.Kind, err, statement)
		}
	}
}

// QueryRows runs a query as the administrator and returns its rows as text,
// NULL as the word NULL.
func (s *Server) QueryRows(t testing.TB, query string, args ...any) [][]string {
	t.Helper()
	rows, err := queryRows(t.Context(), s.db, query, args...)
	if err != nil {
		t.Fatalf("asking %s: %v\n%s", s.Kind, err, query)
	}
	return rows
}

func queryRows(ctx context.Context, db *sql.DB, query string, args ...any) ([][]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all [][]string
	for rows.Next() {
		cells := make([]sql.NullString, len(columns))
		targets := make([]any, len(columns))
		for i := range cells {
			targets[i] = &cells[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		texts := make([]string, len(columns))
		for i, cell := range cells {
			texts[i] = "NULL"
			if cell.Valid {
				texts[i] = cell.String
			}
		}
		all = append(all, texts)
	}
	return all, rows.Err()
}

// dropAll drops the databases and accounts of the test. The context of the
// test has ended by now.
func (s *Server) dropAll(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	if err := s.drop(ctx, s.db); err != nil {
		t.Errorf("cleaning up on %s: %v", s.Kind, err)
	}
}

func (s *Server) drop(ctx context.Context, db *sql.DB) error {
	databases, err := queryRows(ctx, db,
		"SELECT schema_name FROM information_schema.schemata WHERE schema_name = ? OR schema_name"+likes+" OR schema_name"+likes,
		s.LandlordDatabase, likePrefix(s.LandlordDatabase+"_"), likePrefix(s.Prefix))
	if err != nil {
		return err
	}
	for _, row := range databases {
		_, err := db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+QuoteName(row[0]))
		var refused *mysql.MySQLError
		if errors.As(err, &refused) && refused.Number == directoryNotEmpty {
			continue // without its tables; the directory goes with the server
		}
		if err != nil {
			return err
		}
	}
	accounts, err := queryRows(ctx, db, "SELECT user, host FROM mysql.user WHERE user"+likes+" OR user"+likes,
		likePrefix(s.LandlordDatabase+"_"), likePrefix(s.Prefix))
	if err != nil {
		return err
	}
	for _, row := range accounts {
		if _, err := db.ExecContext(ctx, fmt.Sprintf("DROP USER IF EXISTS %s@%s", QuoteName(row[0]), QuoteName(row[1]))); err != nil {
			return err
		}
	}
	return nil
}

// QuoteName quotes an identifier, or one half of an account name.
func QuoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// likes compares with what likePrefix returns, in every sql_mode of a server.
const likes = " LIKE ? ESCAPE '!'"

func likePrefix(prefix string) string {
	return strings.NewReplacer("!", "!!", "_", "!_", "%", "!%").Replace(prefix) + "%"
}

// showLogOnFailure prints what the server wrote during the test when the test
// fails.
func showLogOnFailure(t testing.TB, path string) {
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	start := info.Size()
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		text, err := os.ReadFile(path)
		if err != nil || start >= int64(len(text)) {
			return
		}
		const most = 16 << 10
		text = text[start:]
		t.Logf("the server wrote during the test:\n%s", text[max(0, len(text)-most):])
	})
}
