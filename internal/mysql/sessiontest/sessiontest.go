// Package sessiontest opens sessions on the servers of a test.
package sessiontest

import (
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// Config returns how the administrator of a server connects.
func Config(s *mysqltest.Server) mysql.Config {
	return mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password}
}

// Open returns a pool on a server, which ends with the test.
func Open(t testing.TB, cfg mysql.Config) *mysql.Server {
	t.Helper()
	server, err := mysql.Open(cfg)
	if err != nil {
		t.Fatalf("opening %s: %v", cfg.Endpoint, err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// Session returns a session of a pool, which ends with the test.
func Session(t testing.TB, server *mysql.Server) *mysql.Session {
	t.Helper()
	x, err := server.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	return x
}

// Info returns what a server says of itself.
func Info(t testing.TB, server *mysql.Server) mysql.Info {
	t.Helper()
	info, err := server.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// Until polls a condition that another connection brings about.
func Until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("%s did not happen within 10 seconds", what)
}

// A Bench is a session on a fresh database. Statements without a qualifier run
// in it.
type Bench struct {
	*mysql.Session

	Info mysql.Info
	Name string
}

// NewBench makes a database.
func NewBench(t testing.TB, s *mysqltest.Server, name string) *Bench {
	t.Helper()
	s.Exec(t, "CREATE DATABASE "+mysql.Quote(name)+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
	server := Open(t, Config(s))
	b := &Bench{Info: Info(t, server), Name: name, Session: Session(t, server)}
	if err := b.Use(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return b
}

// Run runs statements.
func (b *Bench) Run(t testing.TB, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if _, err := b.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
}

// On says whether the server is of a product; every server is of none.
func (b *Bench) On(product string) bool {
	return product == "" || strings.EqualFold(product, string(b.Info.Product))
}
