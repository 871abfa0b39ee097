package provider_test

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// applyPlanned applies what was planned in another process, as `terraform apply` of a
// saved plan does: it plans again, and holds the provider to what it said the first time.
func applyPlanned(t *testing.T, c *core, before any, config values, first planned) (any, []string) {
	t.Helper()
	again := c.planInApply(fleetType, before, config)
	if hasErrors(again.diagnostics) {
		return before, again.diagnostics
	}
	c.conforms("the plan in the apply", "", first.state, again.state)
	after, told := c.apply(fleetType, before, config, again)
	if !hasErrors(told) {
		c.conforms("the state after the apply", "", again.state, after)
	}
	return after, told
}

// TestFleet_claimedMeanwhile: a tenant that somebody gets, and one that comes under
// `select`, between a plan and its apply are none of that plan, which is applied as it
// was shown.
func TestFleet_claimedMeanwhile(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		template := coreOn(t, s).must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		config := values{"name": "shops", "template": "shop@1.0.0", "pool": 3, "select": values{}}
		now, _ := coreOn(t, s).run(fleetType, nil, config)
		now = coreOn(t, s).settled(fleetType, now, config)
		db := s.Open(t, s.Username, s.Password, s.LandlordDatabase)
		claim := func(slug, pooled string) {
			t.Helper()
			if database, err := claimed(t.Context(), db, slug, "", nil); err != nil || database != s.Prefix+pooled {
				t.Fatalf("claimed %q: %v", database, err)
			}
		}
		claim("acme", "shops_pool_1")
		coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
		config = with(config, values{"template": "shop@1.1.0"})
		now, _ = coreOn(t, s).refresh(fleetType, now)
		first := coreOn(t, s).plan(fleetType, now, config)
		said(t, first.diagnostics, "WARNING at (tenants): Tenants join the fleet\n"+
			"Fleet `shops` takes in 1 existing tenant: `acme`.\n"+
			"Nothing of them is touched but what the plan shows. If another resource manages one, remove that resource with a `removed` block and `destroy = false`.")
		want := []string{
			"update 2 [shops-pool-2 shops-pool-3]: shop@1.0.0 -> shop@1.1.0, auto, 1 steps, <nil>",
			"update 1 [acme]: shop@1.0.0 -> shop@1.1.0, auto, 1 steps, <nil>",
			"create 1 [shops-pool-4]: <nil> -> shop@1.1.0, auto, 2 steps, <nil>",
		}
		if diff := gocmp.Diff(want, fleetPlans(t, first.state)); diff != "" {
			t.Error(diff)
		}
		claim("beta", "shops_pool_2")
		claim("gamma", "shops_pool_3")
		coreOn(t, s).must("landlord_tenant", nil, acme(values{"slug": "late", "name": "Late"}))
		now, told := applyPlanned(t, coreOn(t, s), now, config, first)
		if hasErrors(told) {
			t.Fatal(told)
		}
		if got := following(t, s, "1.1.0"); got != "acme,shops-pool-4" {
			t.Errorf("%s follow", got)
		}
		if got := fleetSummary(t, now); got != "current=1 ready=1 to_update=1 total=1" {
			t.Error(got)
		}
		now, _ = coreOn(t, s).refresh(fleetType, now)
		now, _ = coreOn(t, s).run(fleetType, now, config)
		now = coreOn(t, s).settled(fleetType, now, config)
		if got := following(t, s, "1.1.0"); got != "acme,beta,gamma,late,shops-pool-4,shops-pool-5,shops-pool-6" {
			t.Errorf("%s follow", got)
		}

		// Nor when all of the pool is somebody's by then, and nothing else was to do.
		config = with(config, values{"pool": 0})
		first = coreOn(t, s).plan(fleetType, now, config)
		if diff := gocmp.Diff([]string{"delete 3 [shops-pool-4 shops-pool-5 shops-pool-6]: shop@1.1.0 -> <nil>, <nil>, 0 steps, it is ready and nobody's: its database is dropped with all rows, whatever `deletion_policy` says"}, fleetPlans(t, first.state)); diff != "" {
			t.Error(diff)
		}
		for n, slug := range []string{"delta", "epsilon", "zeta"} {
			claim(slug, strings.Replace("shops_pool_4", "4", string(rune('4'+n)), 1))
		}
		now, told = applyPlanned(t, coreOn(t, s), now, config, first)
		said(t, told)
		if got := askFleet(t, s, "SELECT GROUP_CONCAT(slug ORDER BY slug) FROM %s.tenants"); got != "acme,beta,delta,epsilon,gamma,late,zeta" {
			t.Errorf("there are %s", got)
		}
		now, _ = coreOn(t, s).refresh(fleetType, now)

		// One that was chosen and is gone is told in words of ours.
		first = coreOn(t, s).plan(fleetType, now, config)
		s.Exec(t, "DELETE FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants WHERE slug = 'zeta'")
		_, told = applyPlanned(t, coreOn(t, s), now, config, first)
		said(t, told, "ERROR at (tenants): Fleet changed since the plan\n"+
			"Another run has worked on tenants of fleet `shops` since the plan was made, so the planned steps are not what is left to do.\n\nNothing was run. Plan again.")
	})
}
