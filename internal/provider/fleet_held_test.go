package provider_test

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// heldBy is the warning of a plan whose wave `100%` does not begin.
func heldBy(who string) string {
	return "WARNING at (rollout): Rollout waits for an earlier wave\n" +
		"Fleet `shops`: wave `100%` does not begin. Of the waves before it 1 tenant is not where it should be: `" + who + "`; `max_failures` is 0.\n\n" +
		"Settle what `results` says of them, or give a tenant that is to stay behind a `version` of its own in the list, and apply again."
}

// TestFleet_heldByDrift: a canary that an earlier apply has changed, and somebody
// since, lets no later wave begin.
func TestFleet_heldByDrift(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(4), nil))
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
	to := func(through string, more values) values {
		return fleetOf(many(4), with(values{"template": "shop@1.1.0", "rollout": values{"canary": []string{"t000"}, "through": through}}, more))
	}
	now, _ = coreOn(t, s).refresh(fleetType, now)
	now = coreOn(t, s).must(fleetType, now, to("canary", nil))
	execIn(t, s, "t000", "ALTER TABLE users ADD COLUMN hand INT NULL")
	now, _ = coreOn(t, s).refresh(fleetType, now)
	plan := coreOn(t, s).plan(fleetType, now, to("100%", nil))
	said(t, plan.diagnostics, heldBy("t000"))
	want := []string{"later 3 [t001 t002 t003]: shop@1.0.0 -> shop@1.1.0, <nil>, 0 steps, its wave has not begun"}
	if diff := gocmp.Diff(want, fleetPlans(t, plan.state)); diff != "" {
		t.Error(diff)
	}
	now, told := coreOn(t, s).run(fleetType, now, to("100%", nil))
	said(t, told)
	if got := following(t, s, "1.1.0"); got != "t000" {
		t.Errorf("%s follow", got)
	}
	if got := fleetSummary(t, now); got != "drifted=1 later=3 total=4" {
		t.Error(got)
	}
	now, _ = coreOn(t, s).refresh(fleetType, now)
	now = coreOn(t, s).must(fleetType, now, to("100%", values{"drift_policy": "repair", "allow_destructive": true}))
	coreOn(t, s).settled(fleetType, now, to("100%", values{"drift_policy": "repair", "allow_destructive": true}))
	if got := following(t, s, "1.1.0"); got != "t000,t001,t002,t003" {
		t.Errorf("%s follow", got)
	}
}

// TestFleet_heldByConflict: so does a canary that is in conflict; the others of its
// wave are changed.
func TestFleet_heldByConflict(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(4), nil))
	execIn(t, s, "t001", "ALTER TABLE users ADD COLUMN fax INT NULL")
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
	config := fleetOf(many(4), values{"template": "shop@1.1.0", "rollout": values{"canary": []string{"t000", "t001"}}})
	now, _ = coreOn(t, s).refresh(fleetType, now)
	plan := coreOn(t, s).plan(fleetType, now, config)
	held := 0
	for _, d := range plan.diagnostics {
		if d == heldBy("t001") {
			held++
		}
	}
	if held != 1 {
		t.Errorf("%q", plan.diagnostics)
	}
	now, told := coreOn(t, s).run(fleetType, now, config)
	said(t, told)
	if got := following(t, s, "1.1.0"); got != "t000" {
		t.Errorf("%s follow", got)
	}
	if got := fleetSummary(t, now); got != "conflict=1 current=1 later=2 to_update=1 total=4" {
		t.Error(got)
	}
	tolerant := with(config, values{"rollout": values{"canary": []string{"t000", "t001"}, "max_failures": "25%"}})
	now, _ = coreOn(t, s).refresh(fleetType, now)
	now, _ = coreOn(t, s).run(fleetType, now, tolerant)
	if got := following(t, s, "1.1.0"); got != "t000,t002,t003" {
		t.Errorf("%s follow", got)
	}
	if got := fleetSummary(t, now); got != "conflict=1 current=3 to_update=2 total=4" {
		t.Error(got)
	}
}

// TestFleet_heldByApproval: what waits for an approval in an earlier wave keeps
// the later ones waiting, also those that wait for the same one.
func TestFleet_heldByApproval(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(3), values{"update_policy": "review"}))
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
	config := fleetOf(many(3), values{"template": "shop@1.1.0", "update_policy": "review", "rollout": values{"canary": []string{"t000"}}})
	now, _ = coreOn(t, s).refresh(fleetType, now)
	plan := coreOn(t, s).plan(fleetType, now, config)
	plans, _ := field(t, plan.state, "plans").([]any)
	first, _ := plans[0].(values)
	approval := values{"digest": first["digest"], "tenant": "t001"}
	made := coreOn(t, s).must("landlord_migration_approval", nil, approval)
	now, _ = coreOn(t, s).refresh(fleetType, now)
	now, told := coreOn(t, s).run(fleetType, now, config)
	if !slices.Contains(told, heldBy("t000")) {
		t.Errorf("told %q", told)
	}
	if got := following(t, s, "1.1.0"); got != "" {
		t.Errorf("%s follow before the canary does", got)
	}
	coreOn(t, s).must("landlord_migration_approval", made, nil)
	coreOn(t, s).must("landlord_migration_approval", nil, values{"digest": first["digest"]})
	now, _ = coreOn(t, s).refresh(fleetType, now)
	now = coreOn(t, s).must(fleetType, now, config)
	coreOn(t, s).settled(fleetType, now, config)
	if got := following(t, s, "1.1.0"); got != "t000,t001,t002" {
		t.Errorf("%s follow", got)
	}
}

// TestFleet_recalled: the state tells what the landlord database has lost.
func TestFleet_recalled(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenants := many(3)
	tenants["t001"] = map[string]any{"name": "First", "metadata": map[string]any{"tier": "gold"}}
	config := fleetOf(tenants, nil)
	now := c.must(fleetType, nil, config)
	execIn(t, s, "t001", "INSERT INTO users VALUES (7, 'ann@example.org')")
	s.Exec(t, "DELETE FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants WHERE slug = 't001'",
		"DELETE FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".fleet_tenants WHERE tenant_slug = 't001'")
	now, _ = coreOn(t, s).refresh(fleetType, now)
	if got := fleetSummary(t, now); got != "current=2 failing=1 total=3" {
		t.Error(got)
	}
	now, told := coreOn(t, s).run(fleetType, now, config)
	if len(told) != 0 {
		t.Errorf("%q", told)
	}
	now = coreOn(t, s).settled(fleetType, now, config)
	if got := fleetSummary(t, now); got != "current=3 total=3" {
		t.Error(got)
	}
	if got := askFleet(t, s, "SELECT CONCAT(t.name, ' ', t.applied_version, ' ', f.fleet, ' ', t.metadata LIKE '%%gold%%') FROM %[1]s.tenants t JOIN %[1]s.fleet_tenants f ON f.tenant_slug = t.slug WHERE t.slug = 't001'"); got != "First 1.0.0 shops 1" {
		t.Errorf("the landlord database has %s", got)
	}
	if rows := s.QueryRows(t, "SELECT id FROM "+mysqltest.QuoteName(s.Prefix+"t001")+".users"); len(rows) != 1 {
		t.Errorf("the tenant has %v", rows)
	}
}

// TestFleet_twoFleets: of two new fleets of one run that list the same new tenant,
// the second one is refused, by the plan and by the landlord database.
func TestFleet_twoFleets(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	shops, bars := fleetOf(many(1), nil), fleetOf(many(2), values{"name": "bars"})
	refused := "ERROR at (tenants): Tenant belongs to another fleet\nTenant `t000` is in the fleet `shops`.\n\n" +
		"Take it out of that fleet first: name it in `released` there, and remove it from its list. If no configuration has that fleet any more, import it by its name for that."
	one := coreOn(t, s)
	said(t, one.plan(fleetType, nil, shops).diagnostics)
	said(t, one.plan(fleetType, nil, bars).diagnostics, refused)

	// Two runs: each plans before the other one applies.
	c = coreOn(t, s)
	plan := c.plan(fleetType, nil, bars)
	said(t, plan.diagnostics)
	s.Exec(t, "INSERT INTO "+mysqltest.QuoteName(s.LandlordDatabase)+".fleet_tenants (tenant_slug, fleet) VALUES ('t000', 'shops')")
	_, told := coreOn(t, s).apply(fleetType, nil, bars, plan)
	said(t, told, refused)
	if got := askFleet(t, s, "SELECT CONCAT((SELECT COUNT(*) FROM %[1]s.tenants), ' ', (SELECT GROUP_CONCAT(tenant_slug) FROM %[1]s.fleet_tenants))"); got != "0 t000" {
		t.Errorf("the landlord database has %s", got)
	}
}

// TestFleet_renamed: a fleet that was renamed is planned again without a refresh,
// and its open rollout comes along.
func TestFleet_renamed(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(3), nil))
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
	more := values{"template": "shop@1.1.0", "rollout": values{"canary": []string{"t000"}, "through": "canary"}}
	now, _ = coreOn(t, s).refresh(fleetType, now)
	now = coreOn(t, s).must(fleetType, now, fleetOf(many(3), more))
	more["name"] = "stores"
	now = coreOn(t, s).must(fleetType, now, fleetOf(many(3), more))
	said(t, coreOn(t, s).plan(fleetType, now, fleetOf(many(3), more)).diagnostics)
	more["rollout"] = values{"canary": []string{"t000"}, "max_parallel": 2}
	now = coreOn(t, s).must(fleetType, now, fleetOf(many(3), more))
	coreOn(t, s).settled(fleetType, now, fleetOf(many(3), more))
	if got := askFleet(t, s, "SELECT GROUP_CONCAT(CONCAT(fleet, ' ', status)) FROM %s.rollouts"); got != "stores done" {
		t.Errorf("the rollouts are %s", got)
	}
}

// TestFleet_rolledBackModules: a rollout of other modules, under the template of
// one that was halted, goes back to what the tenants had before it.
func TestFleet_rolledBackModules(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	of := values{"optional": values{
		"fax.sql": "CREATE TABLE fax (id INT NOT NULL PRIMARY KEY);", "pagers.sql": "CREATE TABLE pagers (id INT NOT NULL PRIMARY KEY);",
	}}
	c.must("landlord_tenant_template", nil, with(shop("1.0.0", usersTable), of))
	list := func(modules ...string) map[string]any {
		return map[string]any{"t000": map[string]any{"modules": modules}, "t001": map[string]any{"modules": modules}}
	}
	more := values{"allow_destructive": true, "rollout": values{"max_parallel": 1, "canary": []string{"t000"}, "on_failure": "rollback"}}
	now := c.must(fleetType, nil, fleetOf(list(), more))
	waits := with(more, values{"rollout": values{"canary": []string{"t000"}, "through": "canary"}})
	now, _ = coreOn(t, s).refresh(fleetType, now)
	now = coreOn(t, s).must(fleetType, now, fleetOf(list("fax"), waits))
	execIn(t, s, "t001", "CREATE TABLE pagers (id INT NOT NULL PRIMARY KEY, hand INT)") // in conflict with the module
	now, _ = coreOn(t, s).refresh(fleetType, now)
	_, told := coreOn(t, s).run(fleetType, now, fleetOf(list("pagers"), more))
	t.Log(strings.Join(told, "\n"))
	if got := askFleet(t, s, "SELECT GROUP_CONCAT(status ORDER BY id) FROM %s.rollouts"); !strings.HasPrefix(got, "replaced,") {
		t.Errorf("the rollouts are %s", got)
	}
	if got := askFleet(t, s, "SELECT REPLACE(from_modules, ' ', '') FROM %[1]s.rollout_tenants WHERE tenant_slug = 't000' AND rollout_id = (SELECT MAX(id) FROM %[1]s.rollouts)"); got != `["fax"]` {
		t.Errorf("the canary had %s before", got)
	}
}

// TestFleet_otherPrefix: tenants that were made under another prefix are looked at
// between two waves like others.
func TestFleet_otherPrefix(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(3), nil))
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
	prefixed := func() *core {
		environment := environmentOf(s)
		environment["LANDLORD_DATABASE_PREFIX"] = s.Prefix + "other_"
		return coreWith(t, environment)
	}
	config := fleetOf(many(3), values{"template": "shop@1.1.0", "rollout": values{"canary": []string{"t000"}}})
	now, _ = prefixed().refresh(fleetType, now)
	now = prefixed().must(fleetType, now, config)
	if got := fleetSummary(t, now); got != "current=3 to_update=3 total=3" {
		t.Error(got)
	}
}

// TestFleet_noTemplateBefore: a tenant that was only adopted when the rollout came
// has no version to go back to.
func TestFleet_noTemplateBefore(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(2), nil))
	execIn(t, s, "t001", "INSERT INTO users VALUES (1, 'a@example.org'), (2, 'a@example.org')")
	s.Exec(t, "UPDATE "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants SET template = '', desired_version = '', applied_version = NULL, composition = NULL WHERE slug = 't000'")
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", uniqueEmails))
	now, _ = coreOn(t, s).refresh(fleetType, now)
	config := fleetOf(many(2), values{"template": "shop@1.1.0", "probe_data": false, "rollout": values{"max_parallel": 1, "on_failure": "rollback"}})
	_, told := coreOn(t, s).run(fleetType, now, config)
	want := "ERROR at (rollout): Rollout was rolled back in part\n" +
		"Changing fleet `shops`: 1 tenant failed and `max_failures` is 0, so no further one was begun; 1 is done. 1 tenant is back where it was; 1 tenant could not be taken back.\n\n" +
		"Tenant could not be taken back. Tenant `t000` followed no template before the rollout, so there is no version to go back to.\n\n" +
		"Restore it from a checkpoint, or leave it where it is.\n\n" +
		"Tenant migration stopped. "
	if len(told) == 0 || !strings.HasPrefix(told[len(told)-1], want) {
		t.Errorf("%q", told)
	}
	if got := following(t, s, "1.1.0"); got != "t000" {
		t.Errorf("%s follow", got)
	}
}
