package privilege_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestDatabaseGrants(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		ctx := t.Context()
		b := sessiontest.NewBench(t, s, s.Prefix+"a_b")
		b.Run(t, "CREATE TABLE t (a INT)")
		one, two := s.Prefix+"u1", s.Prefix+"u2"
		escaped := s.Prefix[:len(s.Prefix)-1] + `\_a\_b`
		s.Exec(t,
			"CREATE DATABASE "+s.Prefix+"aXb",
			"CREATE USER "+one+"@'%' IDENTIFIED BY 'Pass_word1'",
			"CREATE USER "+two+"@'10.0.0.%' IDENTIFIED BY 'Pass_word1'",
			"GRANT SELECT, INSERT ON `"+escaped+"`.* TO "+one+"@'%' WITH GRANT OPTION",
			"GRANT SELECT ON `"+s.Prefix+"aXb`.* TO "+one+"@'%'",
			"GRANT UPDATE ON "+b.Name+".t TO "+two+"@'10.0.0.%'",
			"CREATE DATABASE "+s.Prefix+"A_B", // another one, which the information schema does not tell apart
			"CREATE TABLE "+s.Prefix+"A_B.t (a INT)",
			"GRANT DELETE ON "+s.Prefix+"A_B.t TO "+two+"@'10.0.0.%'",
			"GRANT DELETE ON `"+s.Prefix[:len(s.Prefix)-1]+"\\_A\\_B`.* TO "+two+"@'10.0.0.%'",
		)
		want := []privilege.DatabaseGrant{
			{User: two, Host: "10.0.0.%", Database: b.Name, Table: "t", Privileges: []string{"UPDATE"}},
			{User: one, Host: "%", Database: escaped, Privileges: []string{"INSERT", "SELECT"}, Grantable: true},
		}
		grants := func() []privilege.DatabaseGrant {
			got, err := privilege.DatabaseGrants(ctx, b, b.Info, b.Name)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		byUser := func(g []privilege.DatabaseGrant) map[string]privilege.DatabaseGrant {
			m := map[string]privilege.DatabaseGrant{}
			for _, x := range g {
				m[x.User] = x
			}
			return m
		}
		before := grants()
		if diff := cmp.Diff(byUser(want), byUser(before)); diff != "" || len(before) != len(want) {
			t.Fatalf("grants (-want +got):\n%s", diff)
		}
		for range 2 { // the second finds nothing to take away
			for _, g := range before {
				if err := privilege.Revoke(ctx, b, g); err != nil {
					t.Error(err)
				}
			}
		}
		if got := grants(); len(got) != 0 {
			t.Errorf("after revoking: %v", got)
		}
		for _, g := range before {
			if err := privilege.Grant(ctx, b, g); err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff(before, grants()); diff != "" {
			t.Errorf("given back (-before +after):\n%s", diff)
		}
		s.Exec(t, "DROP USER "+one+"@'%'")
		for _, g := range before {
			if err := privilege.Grant(ctx, b, g); g.User == one && !errors.Is(err, privilege.ErrNoSuchAccount) {
				t.Errorf("giving back to an account that is gone: %v", err)
			}
		}
	})
}

func TestEndConnections(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := sessiontest.NewBench(t, s, s.Prefix+"a")
		s.Exec(t, "CREATE DATABASE "+s.Prefix+"b", "CREATE DATABASE "+s.Prefix+"A")
		inside, outside, upper := sessiontest.Session(t, sessiontest.Open(t, sessiontest.Config(s))), sessiontest.Session(t, sessiontest.Open(t, sessiontest.Config(s))), sessiontest.Session(t, sessiontest.Open(t, sessiontest.Config(s)))
		if err := errors.Join(inside.Use(t.Context(), b.Name), outside.Use(t.Context(), s.Prefix+"b"), upper.Use(t.Context(), s.Prefix+"A")); err != nil {
			t.Fatal(err)
		}
		if err := privilege.EndConnections(t.Context(), b.Session, b.Info, b.Name); err != nil {
			t.Fatal(err)
		}
		var err error
		sessiontest.Until(t, "the end of the connection", func() bool {
			_, err = inside.Exec(t.Context(), "DO 1")
			return err != nil
		})
		if !mysql.IsConnectionLost(err) {
			t.Errorf("got %v", err)
		}
		for name, x := range map[string]*mysql.Session{"the session that asks": b.Session, "a session elsewhere": outside, "a session in a database that differs in case": upper} {
			if _, err := x.Exec(t.Context(), "DO 1"); err != nil {
				t.Errorf("%s was ended: %v", name, err)
			}
		}
	})
}

// TestEndUserConnections: names of accounts tell upper from lower case.
func TestEndUserConnections(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := sessiontest.NewBench(t, s, s.Prefix+"a")
		as := func(user string) *mysql.Session {
			s.Exec(t, "CREATE USER "+mysqltest.QuoteName(user)+"@'%' IDENTIFIED BY 'Pass_word1'")
			cfg := sessiontest.Config(s)
			cfg.Username, cfg.Password = user, "Pass_word1"
			return sessiontest.Session(t, sessiontest.Open(t, cfg))
		}
		ended, other := as(s.Prefix+"app"), as(s.Prefix+"App")
		if err := privilege.EndUserConnections(t.Context(), b.Session, b.Info, privilege.Login{User: s.Prefix + "app", Host: "%"}); err != nil {
			t.Fatal(err)
		}
		sessiontest.Until(t, "the end of the connection", func() bool {
			_, err := ended.Exec(t.Context(), "DO 1")
			return err != nil
		})
		if _, err := other.Exec(t.Context(), "DO 1"); err != nil {
			t.Errorf("the connection of another account was ended: %v", err)
		}
		// The same name for this very host is another account, and fits better.
		var client string
		if err := other.Row(t.Context(), "SELECT SUBSTRING_INDEX(USER(), '@', -1)").Scan(&client); err != nil {
			t.Fatal(err)
		}
		s.Exec(t, "CREATE USER "+mysqltest.QuoteName(s.Prefix+"host")+"@'"+client+"' IDENTIFIED BY 'Pass_word1'")
		same := as(s.Prefix + "host")
		if err := privilege.EndUserConnections(t.Context(), b.Session, b.Info, privilege.Login{User: s.Prefix + "host", Host: "%"}); err != nil {
			t.Fatal(err)
		}
		if _, err := same.Exec(t.Context(), "DO 1"); err != nil {
			t.Errorf("the connection of the same name for another host was ended: %v", err)
		}
	})
}
