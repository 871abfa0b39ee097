package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestConnections_used has a server whose connections others use, nearly all of them:
// what the provider does with none left, and with one where it needs two, ends within
// its time and says which variable bounds it; with as many as its own `max_connections`
// and one more everything works.
func TestConnections_used(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := mysqltest.Private(t, kind, mysqltest.Args("--max-connections=10")) // the least of all
			s.DB().SetMaxOpenConns(1)
			s.QueryRows(t, "SELECT 1") // the one that the test keeps
			environment := environmentOf(s.Server)
			environment["LANDLORD_CONNECT_TIMEOUT"], environment["LANDLORD_MAX_CONNECTIONS"] = "1s", "1"
			var last *provider.Provider
			fresh := func() *core { // one process after the other
				if last != nil {
					must(t, last.Close())
				}
				last = provider.NewWith("test", func(name string) string { return environment[name] }, nil)
				c := newCoreOf(t, last)
				if said := c.configure(values{}); len(said) > 0 {
					t.Fatal(said)
				}
				return c
			}
			step := func(typeName string, before any, config values) any {
				t.Helper()
				said := fresh().plan(typeName, before, config).diagnostics
				c := fresh()
				plan := c.planInApply(typeName, before, config)
				after, failed := c.apply(typeName, before, config, plan)
				if said = slices.Concat(said, plan.diagnostics, failed); len(said) > 0 {
					t.Fatalf("%s: %s", typeName, strings.Join(said, "\n"))
				}
				return after
			}
			want := []string{fmt.Sprintf("ERROR: Server has no free connection\nConnect to `%s`: the server has no free connection (Too many connections).\n\n"+
				"Raise `max_connections` of the server, end connections there that nobody needs (`SHOW PROCESSLIST`), or lower `max_connections` of the provider, which opens so many to each server, "+
				"and one more for each of them that runs SQL of templates or customizations. What was done before is recorded: run the same again.", s.Endpoint())}
			refuses := func(what string, do func() []string) {
				t.Helper()
				began := time.Now()
				if diff := cmp.Diff(want, do()); diff != "" {
					t.Errorf("%s (-want +got):\n%s", what, diff)
				}
				if took := time.Since(began); took > 20*time.Second {
					t.Errorf("%s took %s", what, took)
				}
			}
			template, teams := shop("1.0.0", usersTable), shop("1.1.0", usersTable, teamsTable)

			use := useConnections(t, s)
			use(0)
			refuses("planning a template", func() []string { return fresh().plan("landlord_tenant_template", nil, template).diagnostics })
			refuses("reading tenants", func() []string { _, said := fresh().data("landlord_tenants", values{}); return said })
			use(2)
			refuses("trying SQL of a template", func() []string { return fresh().plan("landlord_tenant_template", nil, template).diagnostics })
			use(3)
			published := step("landlord_tenant_template", nil, template)
			tenant := step("landlord_tenant", nil, acme(nil))
			published = step("landlord_tenant_template", published, teams)
			refuses("refreshing a tenant", func() []string {
				c := fresh()
				use(0)
				_, said := c.refresh("landlord_tenant", tenant)
				return said
			})
			refuses("applying", func() []string {
				c := fresh()
				use(3)
				plan := c.plan("landlord_tenant", tenant, acme(values{"template": "shop@1.1.0"}))
				if hasErrors(plan.diagnostics) {
					return plan.diagnostics
				}
				c = fresh()
				use(0)
				_, said := c.apply("landlord_tenant", tenant, acme(values{"template": "shop@1.1.0"}), plan)
				return said
			})
			use(3)
			tenant = step("landlord_tenant", tenant, acme(values{"template": "shop@1.1.0"}))
			fresh().settled("landlord_tenant", tenant, acme(values{"template": "shop@1.1.0"}))
			step("landlord_tenant", tenant, nil)
			step("landlord_tenant_template", published, nil)
		})
	}
}

// useConnections returns what uses connections until so many are left, with the one that is
// kept for administrators, which the accounts that run SQL of users do not get.
func useConnections(t *testing.T, s *mysqltest.PrivateServer) func(left int) {
	var used []func()
	return func(left int) {
		t.Helper()
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) { // those of a provider that has ended go after it
			for {
				db := s.Open(t, s.Username, s.Password, "")
				conn, err := db.Conn(t.Context())
				if err != nil {
					_ = db.Close()
					break
				}
				used = append(used, func() { _ = conn.Close(); _ = db.Close() })
			}
			if len(used) == 10 {
				break
			}
		}
		for range left {
			used[len(used)-1]()
			used = used[:len(used)-1]
		}
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end) && s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = ?", s.Username)[0][0] != fmt.Sprint(11-left); time.Sleep(20 * time.Millisecond) {
		}
	}
}
