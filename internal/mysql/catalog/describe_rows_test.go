package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

var errStop = errors.New("enough")

func TestDescribe_stop(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	b := sessiontest.NewBench(t, s, s.Prefix+"a")
	for name, q := range map[string]mysql.Queryer{"fresh statement": b, "kept statement": b.Session} {
		for range 2 { // the second time the statement is kept
			calls := 0
			err := catalog.Describe(t.Context(), q, b.Info, catalog.Databases{Names: []string{b.Name}}, func(catalog.DescribeRow) error {
				calls++
				return errStop
			})
			if err != errStop || calls != 1 || b.Poisoned() { //nolint:errorlint // it is returned as it is
				t.Errorf("%s: error %v after %d calls, poisoned %v", name, err, calls, b.Poisoned())
			}
		}
	}
	if err := catalog.Describe(t.Context(), b, b.Info, catalog.Databases{}, func(catalog.DescribeRow) error { return errStop }); err != nil {
		t.Errorf("no database chosen: %v", err)
	}
}

// TestDescribe_kept describes databases through sessions that come and go on
// one connection, which keeps the statements, and loses that connection.
func TestDescribe_kept(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		cfg := sessiontest.Config(s)
		cfg.MaxConnections = 1
		server := sessiontest.Open(t, cfg)
		info := sessiontest.Info(t, server)
		for _, name := range []string{s.Prefix + "a", s.Prefix + "b"} {
			s.Exec(t, "CREATE DATABASE "+name, "CREATE TABLE "+name+".t (id INT NOT NULL PRIMARY KEY)")
			x := sessiontest.Session(t, server)
			if got := describeOne(t, x, info, name); len(got) != 2 {
				t.Errorf("`%s` has %v", name, got)
			}
			x.Close()
		}
		x := sessiontest.Session(t, server)
		if got := describeOne(t, x, info, s.Prefix+"nothing"); got != nil {
			t.Errorf("a database that does not exist has %v", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		ignore := func(catalog.DescribeRow) error { return nil }
		which := catalog.Databases{Names: []string{s.Prefix + "a"}}
		if err := catalog.Describe(ctx, x, info, which, ignore); !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the error of the context", err)
		}
		x.Discard()
		x = sessiontest.Session(t, server)
		describeOne(t, x, info, s.Prefix+"a")
		s.Exec(t, fmt.Sprintf("KILL %d", x.ID()))
		var err error
		sessiontest.Until(t, "the end of the connection", func() bool {
			err = catalog.Describe(t.Context(), x, info, which, ignore)
			return err != nil
		})
		if !mysql.IsConnectionLost(err) || !x.Poisoned() {
			t.Errorf("got %v, want IsConnectionLost; poisoned %v", err, x.Poisoned())
		}
		x.Close()
		describeOne(t, sessiontest.Session(t, server), info, s.Prefix+"a")
	})
}
