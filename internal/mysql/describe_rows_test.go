package mysql_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

var errStop = errors.New("enough")

func TestDescribe_stop(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	b := newBench(t, s, s.Prefix+"a")
	for name, q := range map[string]mysql.Queryer{"fresh statement": b, "kept statement": b.Session} {
		for range 2 { // the second time the statement is kept
			calls := 0
			err := mysql.Describe(t.Context(), q, b.info, mysql.Databases{Names: []string{b.name}}, func(mysql.DescribeRow) error {
				calls++
				return errStop
			})
			if err != errStop || calls != 1 || b.Poisoned() { //nolint:errorlint // it is returned as it is
				t.Errorf("%s: error %v after %d calls, poisoned %v", name, err, calls, b.Poisoned())
			}
		}
	}
	if err := mysql.Describe(t.Context(), b, b.info, mysql.Databases{}, func(mysql.DescribeRow) error { return errStop }); err != nil {
		t.Errorf("no database chosen: %v", err)
	}
}

// TestDescribe_kept describes databases through sessions that come and go on
// one connection, which keeps the statements, and loses that connection.
func TestDescribe_kept(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		cfg := configOf(s)
		cfg.MaxConnections = 1
		server := open(t, cfg)
		info := infoOf(t, server)
		for _, name := range []string{s.Prefix + "a", s.Prefix + "b"} {
			s.Exec(t, "CREATE DATABASE "+name, "CREATE TABLE "+name+".t (id INT NOT NULL PRIMARY KEY)")
			x := session(t, server)
			if got := describeOne(t, x, info, name); len(got) != 2 {
				t.Errorf("`%s` has %v", name, got)
			}
			x.Close()
		}
		x := session(t, server)
		if got := describeOne(t, x, info, s.Prefix+"nothing"); got != nil {
			t.Errorf("a database that does not exist has %v", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		ignore := func(mysql.DescribeRow) error { return nil }
		which := mysql.Databases{Names: []string{s.Prefix + "a"}}
		if err := mysql.Describe(ctx, x, info, which, ignore); !isContextError(err) {
			t.Errorf("got %v, want the error of the context", err)
		}
		x.Discard()
		x = session(t, server)
		describeOne(t, x, info, s.Prefix+"a")
		s.Exec(t, fmt.Sprintf("KILL %d", x.ID()))
		var err error
		until(t, "the end of the connection", func() bool {
			err = mysql.Describe(t.Context(), x, info, which, ignore)
			return err != nil
		})
		if !mysql.IsConnectionLost(err) || !x.Poisoned() {
			t.Errorf("got %v, want IsConnectionLost; poisoned %v", err, x.Poisoned())
		}
		x.Close()
		describeOne(t, session(t, server), info, s.Prefix+"a")
	})
}
