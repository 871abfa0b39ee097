// Package checkpointtest is what the tests of checkpoint and of its parts have in
// common: databases, copies, and a table with a column of every type.
package checkpointtest

import (
	"path/filepath"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// Open returns a pool on the server of the test.
func Open(t testing.TB, s *mysqltest.Server, connections int) *mysql.Server {
	t.Helper()
	server, err := mysql.Open(mysql.Config{
		Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password, MaxConnections: connections,
	})
	if err != nil {
		t.Fatalf("opening %s: %v", s.Endpoint(), err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// InfoOf asks what the server is.
func InfoOf(t testing.TB, server *mysql.Server) mysql.Info {
	t.Helper()
	info, err := server.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// CreateDatabase creates a database and returns its name.
func CreateDatabase(t testing.TB, s *mysqltest.Server, name string) string {
	t.Helper()
	name = s.Prefix + name
	s.Exec(t, "CREATE DATABASE "+mysql.Quote(name)+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
	return name
}

// Take takes a checkpoint, in a directory of the test unless the request names one.
func Take(t testing.TB, server *mysql.Server, req checkpoint.Request) *checkpoint.Manifest {
	t.Helper()
	if req.Directory == "" {
		req.Directory = filepath.Join(t.TempDir(), "copies", req.Database, "first")
	}
	m, err := checkpoint.Take(t.Context(), server, req)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Load loads a checkpoint.
func Load(t testing.TB, server *mysql.Server, req checkpoint.LoadRequest) *checkpoint.Loaded {
	t.Helper()
	loaded, err := checkpoint.Load(t.Context(), server, req)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// SetUp runs statements in a database over a session that is given back.
func SetUp(t testing.TB, server *mysql.Server, database string, statements ...string) {
	t.Helper()
	x := UseSession(t, server, database)
	Run(t, x, statements...)
	x.Discard()
}

// MustEqual compares a database with a checkpoint.
func MustEqual(t testing.TB, server *mysql.Server, req checkpoint.CompareRequest) {
	t.Helper()
	report, err := checkpoint.Compare(t.Context(), server, req)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range report.Differences {
		t.Errorf("`%s`: %s", req.Database, d)
	}
	if want := req.Manifest.Rows; len(req.Tables) == 0 && report.Rows != want {
		t.Errorf("`%s` has %d rows, the checkpoint %d", req.Database, report.Rows, want)
	}
}

// UseSession takes a session that is thrown away at the end of the test.
func UseSession(t testing.TB, server *mysql.Server, database string) *mysql.Session {
	t.Helper()
	x, err := server.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Discard)
	if err := x.Use(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	return x
}

// Run runs statements, however long they take.
func Run(t testing.TB, q mysql.Queryer, statements ...string) {
	t.Helper()
	ctx := mysql.Patient(t.Context())
	for _, sql := range statements {
		if _, err := q.Exec(ctx, sql); err != nil {
			t.Fatalf("%v\n%.300s", err, sql)
		}
	}
}
