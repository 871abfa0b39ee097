package mysql_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }

func configOf(s *mysqltest.Server) mysql.Config {
	return mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password}
}

// open returns a pool on the server of the test.
func open(t testing.TB, cfg mysql.Config) *mysql.Server {
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

func session(t testing.TB, server *mysql.Server) *mysql.Session {
	t.Helper()
	x, err := server.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	return x
}

func infoOf(t testing.TB, server *mysql.Server) mysql.Info {
	t.Helper()
	info, err := server.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// until polls a condition that another connection brings about.
func until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("%s did not happen within 10 seconds", what)
}

func contextWithTimeout(t testing.TB, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func pid() string { return strconv.Itoa(os.Getpid()) }

// sorted orders a list in a text.
func sorted(list string) string {
	parts := strings.Split(list, ",")
	slices.Sort(parts)
	return strings.Join(parts, ",")
}
