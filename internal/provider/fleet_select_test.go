package provider_test

import (
	"fmt"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestFleet_select: tenants join a fleet by what the landlord database knows of
// them, and leave it as they are.
func TestFleet_select(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		own := map[string]any{}
		for _, slug := range []string{"a1", "a2", "a3"} {
			more := values{"slug": slug, "name": "Shop " + slug, "metadata": values{"tier": "gold", "of": slug}}
			if slug == "a2" {
				more["status"] = "suspended"
			}
			if slug == "a3" {
				more["metadata"] = values{"tier": "silver"}
			}
			own[slug] = c.must("landlord_tenant", nil, acme(more))
		}
		// Beside a list, and by metadata.
		config := fleetOf(many(1), values{"select": values{"metadata": values{"tier": "gold"}}})
		plan := coreOn(t, s).plan(fleetType, nil, config)
		said(t, plan.diagnostics, "WARNING at (tenants): Tenants join the fleet\n"+
			"Fleet `shops` takes in 2 existing tenants: `a1`, `a2`.\n"+
			"Nothing of them is touched but what the plan shows. If another resource manages one, remove that resource with a `removed` block and `destroy = false`.",
			// Their first apply in the fleet records the policies of the fleet.
			"WARNING at (tenants): Tenants of the fleet can still change\n"+
				"Fleet `shops`: which tenants `select` takes in, and which of the pool are nobody's, can change until the apply, and this plan cannot hold on to what it has found: "+
				"it makes the fleet, was made without a refresh, or with an account that may not write to the landlord database. As things are, it would do this:\n\n"+
				"record 2: `a1`, `a2`\ncreate 1: `t000`")
		if plans := fleetPlans(t, plan.state); len(plans) > 0 {
			t.Error(plans)
		}
		now, told := coreOn(t, s).run(fleetType, nil, config)
		said(t, told)
		now = coreOn(t, s).settled(fleetType, now, config)
		if got := fleetSummary(t, now); got != "current=3 total=3" {
			t.Error(got)
		}
		if got := fmt.Sprint(field(t, now, "selected")); got != `["a1","a2"]` {
			t.Errorf("chosen are %s", got)
		}
		if got := askFleet(t, s, "SELECT GROUP_CONCAT(CONCAT(slug, ' ', name, ' ', status) ORDER BY slug) FROM %s.tenants WHERE slug < 't'"); got != "a1 Shop a1 active,a2 Shop a2 suspended,a3 Shop a3 active" {
			t.Errorf("the tenants are %s", got)
		}

		// They follow the fleet's template; one more is chosen meanwhile, and one no more.
		coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
		s.Exec(t, "UPDATE "+mysqltest.QuoteName(s.LandlordDatabase)+`.tenants SET metadata = '{"tier": "gold"}' WHERE slug = 'a3'`,
			"UPDATE "+mysqltest.QuoteName(s.LandlordDatabase)+`.tenants SET metadata = '{"tier": "bronze"}' WHERE slug = 'a1'`)
		config = with(config, values{"template": "shop@1.1.0", "deletion_policy": "drop", "allow_destructive": true})
		now, _ = coreOn(t, s).refresh(fleetType, now)
		plan = coreOn(t, s).plan(fleetType, now, config)
		want := []string{
			"update 3 [a2 a3 t000]: shop@1.0.0 -> shop@1.1.0, auto, 1 steps, <nil>",
			"release 1 [a1]: shop@1.0.0 -> <nil>, <nil>, 0 steps, <nil>",
		}
		if diff := gocmp.Diff(want, fleetPlans(t, plan.state)); diff != "" {
			t.Error(diff)
		}
		now, _ = coreOn(t, s).run(fleetType, now, config)
		now = coreOn(t, s).settled(fleetType, now, config)
		if got := following(t, s, "1.1.0"); got != "a2,a3,t000" {
			t.Errorf("%s follow", got)
		}
		if got := askFleet(t, s, "SELECT GROUP_CONCAT(CONCAT(tenant_slug, ' ', fleet) ORDER BY tenant_slug) FROM %s.fleet_tenants"); got != "a2 shops,a3 shops,t000 shops" {
			t.Errorf("the fleet has %s", got)
		}

		// Who is chosen between a plan and its apply waits for the next one, and joins as it is.
		late := with(config, values{"rollout": values{"max_parallel": 2}})
		plan = coreOn(t, s).plan(fleetType, now, late)
		coreOn(t, s).must("landlord_tenant", nil, acme(values{"slug": "late", "name": "Late", "template": "shop@1.1.0", "deletion_policy": "drop", "metadata": values{"tier": "gold"}}))
		after, told := applyPlanned(t, coreOn(t, s), now, late, plan)
		said(t, told)
		plan = coreOn(t, s).plan(fleetType, after, late)
		if diff := gocmp.Diff([]string{"join 1 [late]: shop@1.1.0 -> shop@1.1.0, <nil>, 0 steps, <nil>"}, fleetPlans(t, plan.state)); diff != "" {
			t.Error(diff)
		}
		now, _ = coreOn(t, s).run(fleetType, after, late)
		now = coreOn(t, s).settled(fleetType, now, late)

		// A fleet that goes drops whom it lists, and lets go of whom it has chosen.
		if left, told := coreOn(t, s).run(fleetType, now, nil); left != nil || len(told) > 0 {
			t.Errorf("destroying: %v %q", left, told)
		}
		if got := askFleet(t, s, "SELECT GROUP_CONCAT(slug ORDER BY slug) FROM %s.tenants"); got != "a1,a2,a3,late" {
			t.Errorf("%s are left", got)
		}
		if got := askFleet(t, s, "SELECT COUNT(*) FROM %s.fleet_tenants"); got != "0" {
			t.Errorf("%s are in a fleet", got)
		}
	})
}

// TestFleet_selectAlone: a fleet without a list has what it chooses; one that can
// have nobody is refused.
func TestFleet_selectAlone(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant", nil, acme(nil))
	config := values{"name": "shops", "template": "shop@1.0.0", "select": values{}}
	now, _ := coreOn(t, s).run(fleetType, nil, config)
	now = coreOn(t, s).settled(fleetType, now, config)
	if got := fleetSummary(t, now); got != "current=1 total=1" {
		t.Error(got)
	}
	none := values{"name": "shops", "template": "shop@1.0.0"}
	said(t, coreOn(t, s).validate(fleetType, none), "ERROR: Fleet can have no tenants\nNeither `tenants` lists any, nor does `select` choose any, nor does `pool` keep any ready.\n\nSet one of them.")
}
