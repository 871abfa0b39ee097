package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestCredentials opens an account for one run, which reaches its tenant and
// nothing else, and closes it. What a killed run leaves is dropped when its time is
// over.
func TestCredentials(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := withTenants(t, s, "acme", "beta")
		spec := landlord.CredentialsSpec{Tenant: "acme", Role: landlord.RoleApplication, Hosts: []string{"%", "127.0.0.1"}, Life: time.Hour}
		open := func() *landlord.Credentials {
			t.Helper()
			c, err := engineOn(t, s).OpenCredentials(t.Context(), spec)
			if err != nil {
				t.Fatal(explain(err))
			}
			return c
		}
		one, two := open(), open()
		if one.Username == two.Username || one.Password == two.Password || len(one.Password) < 20 || len(one.Username) > landlord.MaxAccountName {
			t.Errorf("opened %s and %s", one.Username, two.Username)
		}
		db := s.Open(t, one.Username, string(one.Password), one.Database)
		for sql, may := range map[string]bool{
			"INSERT INTO customers (email) VALUES (UUID())": true, "SELECT * FROM " + s.Prefix + "beta.customers": false, "CREATE TABLE made (a INT)": false,
			"SELECT * FROM " + s.LandlordDatabase + ".tenants": false, "SELECT * FROM mysql.user": false,
		} {
			if err := run(t.Context(), db, sql); (err == nil) != may {
				t.Errorf("%s: %v", sql, err)
			}
		}
		if want := one.Username + ":" + string(one.Password) + "@tcp(" + s.Endpoint() + ")/" + s.Prefix + "acme"; string(one.DSN()) != want {
			t.Errorf("the DSN is %s, not %s", string(one.DSN()), want)
		}
		if _, err := engineOn(t, s).Account(t.Context(), "acme", one.Username); err == nil {
			t.Error("an account for one run is a resource")
		}
		if err := engineOn(t, s).RemoveAccount(t.Context(), "acme", one.Username); !errors.Is(err, landlord.ErrNotFound) {
			t.Errorf("removing it as a resource: %v", err)
		}
		for range 2 { // the second time it is gone already
			if err := engineOn(t, s).CloseCredentials(t.Context(), "acme", one.Username); err != nil {
				t.Error(explain(err))
			}
		}
		if run(t.Context(), db, "SELECT 1") == nil || logs(t, s, one.Username, string(one.Password)) {
			t.Error("it goes on after it was closed")
		}

		if err := e.RenewCredentials(t.Context(), "", two.Username, 2*time.Hour); err != nil {
			t.Error(explain(err))
		}
		accounts := mysqltest.QuoteName(s.LandlordDatabase) + ".tenant_accounts"
		if left := s.QueryRows(t, "SELECT TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(6), expires_at) FROM "+accounts); fmt.Sprint(left) != "[[119]]" {
			t.Errorf("it lives for %v minutes", left)
		}
		three := open()
		s.Exec(t, "UPDATE "+accounts+" SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE account = '"+two.Username+"'")
		next := engineOn(t, s)
		if _, err := next.ApplyAccount(t.Context(), func() landlord.TenantAccountSpec { a := accountOf(landlord.RoleReadOnly); a.Tenant = "beta"; return a }(), "", nil); err != nil {
			t.Fatal(explain(err))
		}
		if logs(t, s, two.Username, string(two.Password)) || !logs(t, s, three.Username, string(three.Password)) {
			t.Error("the wrong account was dropped")
		}
		wantProblem(t, e.RenewCredentials(t.Context(), "", two.Username, time.Hour), "Credentials are gone []\nThe account `"+two.Username+"` was for one run, and was dropped when its time was over.\n\nGive it more time with `ttl`, and run again.")
		events := s.QueryRows(t, "SELECT event FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_events WHERE event LIKE 'credentials%' ORDER BY id")
		if diff := cmp.Diff([][]string{{"credentials_opened"}, {"credentials_opened"}, {"credentials_closed"}, {"credentials_opened"}, {"credentials_expired"}}, events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}

		tenant, err := engineOn(t, s).Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		if _, _, err := update(t.Context(), engineOn(t, s), landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0", Status: landlord.StatusSuspended}, tenant); err != nil {
			t.Fatal(explain(err))
		}
		if logs(t, s, three.Username, string(three.Password)) {
			t.Error("it logs in to a suspended tenant")
		}
		_, err = engineOn(t, s).OpenCredentials(t.Context(), spec)
		wantProblem(t, err, "Tenant is not active [tenant]\nTenant `acme` is `suspended`: nobody logs in to it.\n\nNothing was made. Apply `status = \"active\"` of the tenant first.")
		coming := engineOn(t, s)
		if _, err := coming.PlanTenant(t.Context(), landlord.TenantSpec{Slug: "gamma", Name: "gamma", Template: "shop@1.0.0"}, nil); err != nil {
			t.Fatal(explain(err))
		}
		spec.Tenant = "gamma"
		_, err = coming.OpenCredentials(t.Context(), spec)
		wantProblem(t, err, "Tenant is not made yet [tenant]\nTenant `gamma` is made by this run, and Terraform opens credentials while it plans.\n\nSet `wait_for` to `created_at` of the `landlord_tenant`: Terraform then waits for it.")
		spec.Tenant = "nobody"
		if _, err := engineOn(t, s).OpenCredentials(t.Context(), spec); err == nil || !strings.HasPrefix(explain(err), "Tenant is not known [tenant]") {
			t.Errorf("a tenant that nobody knows: %v", err)
		}
	})
}

// TestCredentials_killed cuts the opening off at each of its statements: what is
// left on the server is recorded, and dropped when its time is over.
func TestCredentials_killed(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		withTenants(t, s, "acme")
		spec := landlord.CredentialsSpec{Tenant: "acme", Role: landlord.RoleReadOnly, Hosts: []string{"%"}, Life: time.Hour}
		for n := 1; ; n++ {
			ctx, cancel := context.WithCancel(t.Context())
			e := engineOn(t, s)
			points := 0
			e.OnFault(func(string) {
				if points++; points == n {
					cancel()
				}
			})
			_, err := e.OpenCredentials(ctx, spec)
			cancel()
			if err == nil && points < n {
				if n < 4 {
					t.Errorf("only %d points", points)
				}
				break
			}
			if err == nil {
				t.Errorf("point %d: it went on", n)
			}
		}
		unknown := s.QueryRows(t, "SELECT User FROM mysql.user WHERE User LIKE ? AND User NOT IN (SELECT account FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_accounts)", s.LandlordDatabase+`_cred%`)
		if len(unknown) > 0 {
			t.Errorf("nobody knows of %v", unknown)
		}
		s.Exec(t, "UPDATE "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_accounts SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")
		if _, err := engineOn(t, s).OpenCredentials(t.Context(), spec); err != nil {
			t.Fatal(explain(err))
		}
		left := s.QueryRows(t, "SELECT COUNT(*) FROM mysql.user WHERE User LIKE ?", s.LandlordDatabase+`_cred%`)
		rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_accounts")
		if left[0][0] != "1" || rows[0][0] != "1" {
			t.Errorf("left: %v accounts, %v rows", left, rows)
		}
	})
}

// TestConnections reads how tenants are reached, in as many statements whatever
// their number.
func TestConnections(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	withTenants(t, s, "acme", "beta")
	_, app := give(t, s, accountOf(landlord.RoleApplication), "")
	strict := accountOf(landlord.RoleReadOnly)
	strict.RequireTLS, strict.Hosts = true, []string{"10.%", "db"}
	_, reads := give(t, s, strict, "")
	if _, err := engineOn(t, s).OpenCredentials(t.Context(), landlord.CredentialsSpec{Tenant: "acme", Role: landlord.RoleReadOnly, Hosts: []string{"%"}, Life: time.Hour}); err != nil {
		t.Fatal(explain(err))
	}
	got, err := engineOn(t, s).Connections(t.Context(), nil)
	if err != nil {
		t.Fatal(explain(err))
	}
	reach := got[0].Reach
	if net.JoinHostPort(reach.Host, fmt.Sprint(reach.Port)) != s.Endpoint() {
		t.Errorf("it is reached at %+v", reach)
	}
	acme := landlord.Connection{Tenant: "acme", Status: landlord.StatusActive, Database: s.Prefix + "acme", Reach: reach, TLS: got[0].TLS, Accounts: []landlord.ConnectionAccount{
		{Name: app.Name, Role: landlord.RoleApplication, Hosts: []string{"%"}, DSN: app.Name + "@tcp(" + s.Endpoint() + ")/" + s.Prefix + "acme"},
		{Name: reads.Name, Role: landlord.RoleReadOnly, Hosts: []string{"10.%", "db"}, RequireTLS: true, DSN: reads.Name + "@tcp(" + s.Endpoint() + ")/" + s.Prefix + "acme?tls=true"},
	}}
	beta := landlord.Connection{Tenant: "beta", Status: landlord.StatusActive, Database: s.Prefix + "beta", Reach: reach, TLS: got[0].TLS, Accounts: []landlord.ConnectionAccount{}}
	if diff := cmp.Diff([]landlord.Connection{acme, beta}, got); diff != "" {
		t.Errorf("connections (-want +got):\n%s", diff)
	}
	if got, err = engineOn(t, s).Connections(t.Context(), []string{"beta"}); err != nil || len(got) != 1 || got[0].Tenant != "beta" {
		t.Errorf("one of them: %+v, %v", got, err)
	}
	_, err = engineOn(t, s).Connections(t.Context(), []string{"nobody"})
	if err == nil || !strings.HasPrefix(explain(err), "Tenant is not known [tenant]") {
		t.Errorf("a tenant that nobody knows: %v", err)
	}

	rec := s.Record(t)
	count := func() int {
		e := engineOn(t, s, func(c *landlord.Config) { c.Main.Username, c.Main.Password = rec.Username, rec.Password })
		if _, err := e.Connections(t.Context(), nil); err != nil {
			t.Fatal(explain(err))
		}
		rec.Reset(t)
		fresh := e.NewRun()
		if _, err := fresh.Connections(t.Context(), nil); err != nil {
			t.Fatal(explain(err))
		}
		return len(rec.Statements(t))
	}
	two := count()
	create(t, engineOn(t, s), landlord.TenantSpec{Slug: "gamma", Name: "gamma", Template: "shop@1.0.0"})
	create(t, engineOn(t, s), landlord.TenantSpec{Slug: "delta", Name: "delta", Template: "shop@1.0.0"})
	if four := count(); four != two || two == 0 {
		t.Errorf("%d statements for two tenants, %d for four", two, four)
	}
}
