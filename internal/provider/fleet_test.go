package provider_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

const fleetType = "landlord_tenant_fleet"

// fleetOf is the configuration of a fleet with tenants by slug.
func fleetOf(tenants map[string]any, more values) values {
	text, err := json.Marshal(tenants)
	if err != nil {
		panic(err)
	}
	return with(values{"name": "shops", "template": "shop@1.0.0", "tenants": string(text)}, more)
}

// many returns n tenants without anything of their own.
func many(n int) map[string]any {
	tenants := map[string]any{}
	for i := range n {
		tenants[fmt.Sprintf("t%03d", i)] = map[string]any{}
	}
	return tenants
}

// fleetPlans returns the plans of a fleet as lines.
func fleetPlans(t *testing.T, state any) []string {
	t.Helper()
	plans, _ := field(t, state, "plans").([]any)
	var lines []string
	for _, p := range plans {
		p, ok := p.(values)
		if !ok {
			t.Fatalf("a plan is a %T", p)
		}
		steps, _ := p["steps"].([]any)
		lines = append(lines, fmt.Sprintf("%v %v [%s]: %v -> %v, %v, %d steps, %v", p["action"], p["tenants"], strings.ReplaceAll(fmt.Sprint(p["slugs"]), ",", ""), p["from"], p["to"], p["verdict"], len(steps), p["reason"]))
	}
	return lines
}

// fleetSummary returns the counts of a fleet that are not 0.
func fleetSummary(t *testing.T, state any) string {
	t.Helper()
	summary, _ := field(t, state, "summary").(values)
	var parts []string
	for name, n := range summary {
		if fmt.Sprint(n) != "0" {
			parts = append(parts, fmt.Sprintf("%s=%v", name, n))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// askFleet returns the one value of a query, in which %s is the landlord database.
func askFleet(t *testing.T, s *mysqltest.Server, query string) string {
	t.Helper()
	rows := s.QueryRows(t, fmt.Sprintf(query, s.LandlordDatabase))
	if len(rows) != 1 || len(rows[0]) != 1 {
		t.Fatalf("%s: %v", query, rows)
	}
	return rows[0][0]
}

func TestFleet_life(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		tenants := many(12)
		tenants["t003"] = map[string]any{"name": "Third", "metadata": map[string]any{"tier": "gold"}}
		config := fleetOf(tenants, nil)
		plan := c.plan(fleetType, nil, config)
		want := []string{"create 12 [t000 t001 t002 t003 t004 t005 t006 t007 t008 t009]: <nil> -> shop@1.0.0, auto, 2 steps, <nil>"}
		if diff := gocmp.Diff(want, fleetPlans(t, plan.state)); diff != "" || len(plan.diagnostics) > 0 {
			t.Fatal(diff, plan.diagnostics)
		}
		state := c.must(fleetType, nil, config)
		now := coreOn(t, s).settled(fleetType, state, config)
		if got := fleetSummary(t, now); got != "current=12 total=12" {
			t.Error(got)
		}
		if got := askFleet(t, s, "SELECT CONCAT(COUNT(*), ' ', SUM(name = 'Third'), ' ', SUM(metadata LIKE '%%gold%%')) FROM %s.tenants WHERE status = 'active'"); got != "12 1 1" {
			t.Errorf("the landlord database has %s", got)
		}
		spread, _ := json.MarshalIndent(tenants, " ", "\t")
		coreOn(t, s).settled(fleetType, now, with(config, values{"tenants": string(spread)}))

		// Another version, and one tenant that stays behind.
		c = coreOn(t, s)
		c.must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
		tenants["t005"] = map[string]any{"version": "1.0.0"}
		delete(tenants, "t011")
		config = fleetOf(tenants, values{"template": "shop@1.1.0", "released": []string{"t011"}})
		now, _ = c.refresh(fleetType, now)
		plan = c.plan(fleetType, now, config)
		want = []string{
			"update 10 [t000 t001 t002 t003 t004 t006 t007 t008 t009 t010]: shop@1.0.0 -> shop@1.1.0, auto, 1 steps, <nil>",
			"release 1 [t011]: shop@1.0.0 -> <nil>, <nil>, 0 steps, <nil>",
		}
		if diff := gocmp.Diff(want, fleetPlans(t, plan.state)); diff != "" || len(plan.diagnostics) > 0 {
			t.Fatal(diff, plan.diagnostics)
		}
		state = c.must(fleetType, now, config)
		if got := fleetSummary(t, state); got != "current=11 to_update=10 total=11" {
			t.Error(got)
		}
		now = coreOn(t, s).settled(fleetType, state, config)
		if got := askFleet(t, s, "SELECT GROUP_CONCAT(slug ORDER BY slug) FROM %s.tenants WHERE applied_version = '1.0.0'"); got != "t005,t011" {
			t.Errorf("%s stay behind", got)
		}

		// One that vanishes behind Terraform's back is planned anew, with a warning.
		s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(s.Prefix+"t007"))
		c = coreOn(t, s)
		now, _ = c.refresh(fleetType, now)
		if got := fleetSummary(t, now); got != "current=10 failing=1 total=11" {
			t.Error(got)
		}
		plan = c.plan(fleetType, now, config)
		said(t, plan.diagnostics, "WARNING at (tenants): Tenant database is gone\n"+
			"Database `"+s.Prefix+"t007` of tenant `t007` does not exist any more. It is created anew from template `shop@1.1.0`; its data is not brought back.")
		now = coreOn(t, s).settled(fleetType, c.must(fleetType, now, config), config)

		// Nobody goes who is protected.
		gone := fleetOf(many(3), values{"template": "shop@1.1.0"})
		said := coreOn(t, s).plan(fleetType, now, gone).diagnostics
		if len(said) != 1 || !strings.HasPrefix(said[0], "ERROR at (deletion_policy): Fleet cannot be planned\nPlanning fleet `shops`: of 11 tenants, 8 cannot be planned, and `max_failures` is 0.\n\nTenant is protected from deletion. 8 tenants: `t003`, `t004`, `t005`") {
			t.Errorf("%q", said)
		}
		said = coreOn(t, s).plan(fleetType, now, nil).diagnostics
		if len(said) != 1 || !strings.HasPrefix(said[0], "ERROR at (deletion_policy): Fleet cannot be planned\nPlanning fleet `shops`: of 11 tenants, 11 cannot be planned") {
			t.Errorf("%q", said)
		}
		drop := values{"template": "shop@1.1.0", "deletion_policy": "drop", "allow_destructive": true}
		now = coreOn(t, s).must(fleetType, now, fleetOf(tenants, drop))
		now, _ = coreOn(t, s).refresh(fleetType, now)
		gone = fleetOf(many(3), drop)
		now = coreOn(t, s).must(fleetType, now, gone)
		now = coreOn(t, s).settled(fleetType, now, gone)
		if left, said := coreOn(t, s).run(fleetType, now, nil); left != nil || len(said) > 0 {
			t.Errorf("destroying: %v %q", left, said)
		}
		if got := askFleet(t, s, "SELECT GROUP_CONCAT(slug) FROM %s.tenants"); got != "t011" {
			t.Errorf("%s is left", got)
		}
		if got := askFleet(t, s, "SELECT COUNT(*) FROM %s.fleet_tenants"); got != "0" {
			t.Errorf("%s tenants are in a fleet", got)
		}
	})
}

// uniqueEmails adds a key that two equal addresses break.
const uniqueEmails = "CREATE TABLE users (id INT NOT NULL PRIMARY KEY, email VARCHAR(190) NOT NULL, UNIQUE KEY uq_email (email))"

// TestFleet_failures has one tenant of twelve fail of its data: it stops only
// itself, within the budget, and the next apply tries it again.
func TestFleet_failures(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	config := fleetOf(many(12), nil)
	state := c.must(fleetType, nil, config)
	execIn(t, s, "t002", "INSERT INTO users VALUES (1, 'a@example.org'), (2, 'a@example.org')")
	c = coreOn(t, s)
	c.must("landlord_tenant_template", template, shop("1.1.0", uniqueEmails))

	// Beyond the budget: no further tenant is begun.
	strict := fleetOf(many(12), values{"template": "shop@1.1.0", "rollout": values{"max_parallel": 1}, "probe_data": false})
	c = coreOn(t, s)
	state, _ = c.refresh(fleetType, state)
	after, told := c.run(fleetType, state, strict)
	failed := slices.DeleteFunc(slices.Clone(told), func(d string) bool { return !strings.HasPrefix(d, "ERROR") })
	if len(failed) != 1 || !strings.Contains(failed[0], "Duplicate entry 'a@example.org'") || !strings.Contains(failed[0], "`t002`") {
		t.Errorf("%q", told)
	}
	if got := askFleet(t, s, "SELECT GROUP_CONCAT(slug ORDER BY slug) FROM %s.tenants WHERE applied_version = '1.1.0'"); got != "t000,t001" {
		t.Errorf("%s follow the new version", got)
	}

	// Within the budget the others are done, and one warning names who is not.
	config = with(strict, values{"rollout": values{"max_parallel": 4, "max_failures": "1"}})
	c = coreOn(t, s)
	now, _ := c.refresh(fleetType, after)
	now, told = c.run(fleetType, now, config)
	warned := "WARNING at (slug): Some tenants of the fleet fail\nFleet `shops`: 1 tenant failed; `max_failures` is 1. The next apply tries them again.\n\n"
	if len(told) != 1 || !strings.HasPrefix(told[0], strings.Replace(warned, "(slug)", "(template)", 1)) || !strings.Contains(told[0], "Duplicate entry") {
		t.Errorf("%q", told)
	}
	if got := askFleet(t, s, "SELECT COUNT(*) FROM %s.tenants WHERE applied_version = '1.1.0'"); got != "11" {
		t.Errorf("%s follow the new version", got)
	}
	if got := fleetSummary(t, now); got != "current=11 failing=1 to_update=10 total=12" {
		t.Errorf("after the apply: %s", got)
	}
	if got := fmt.Sprint(field(t, now, "results")); !strings.Contains(got, "t002") || strings.Contains(got, "t003") {
		t.Errorf("the results are %s", got)
	}

	// With its rows put right, the next apply does the rest.
	execIn(t, s, "t002", "DELETE FROM users WHERE id = 2")
	c = coreOn(t, s)
	now, _ = c.refresh(fleetType, now)
	now, told = c.run(fleetType, now, config)
	if len(told) > 0 {
		t.Errorf("%q", told)
	}
	now = coreOn(t, s).settled(fleetType, now, config)
	if got := fleetSummary(t, now); got != "current=12 total=12" {
		t.Errorf("%s", got)
	}
}

// TestFleet_joins: tenants that exist join with a warning, another fleet's do not
// come along, and nobody takes what a plan has not shown.
func TestFleet_joins(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	for _, slug := range []string{"t000", "t001"} {
		c.must("landlord_tenant", nil, acme(values{"slug": slug, "name": slug}))
	}
	config := fleetOf(many(3), nil)
	said(t, c.plan(fleetType, nil, config).diagnostics, "WARNING at (tenants): Tenants join the fleet\n"+
		"Fleet `shops` takes in 2 existing tenants: `t000`, `t001`.\n"+
		"Nothing of them is touched but what the plan shows. If another resource manages one, remove that resource with a `removed` block and `destroy = false`.")
	state := c.must(fleetType, nil, config)
	now := coreOn(t, s).settled(fleetType, state, config)
	if got := askFleet(t, s, "SELECT COUNT(*) FROM %s.tenant_events WHERE event NOT IN ('created', 'published')"); got != "0" {
		t.Errorf("joining left %s events", got)
	}

	other := fleetOf(many(1), values{"name": "bars"})
	said(t, coreOn(t, s).plan(fleetType, nil, other).diagnostics, "ERROR at (tenants): Tenant belongs to another fleet\n"+
		"Tenant `t000` is in the fleet `shops`.\n\n"+
		"Take it out of that fleet first: name it in `released` there, and remove it from its list. If no configuration has that fleet any more, import it by its name for that.")
	both := fleetOf(many(3), values{"released": []string{"t001"}})
	said(t, coreOn(t, s).plan(fleetType, now, both).diagnostics, "ERROR at (released): Tenant is listed and released\n"+
		"Planning fleet `shops`: tenant `t001` is in `tenants` and in `released`.\n\nRemove it from one of the two.")

	// A rename touches nothing, and the tenants come along.
	renamed := fleetOf(many(3), values{"name": "stores"})
	now = coreOn(t, s).must(fleetType, now, renamed)
	now = coreOn(t, s).settled(fleetType, now, renamed)
	if got := askFleet(t, s, "SELECT GROUP_CONCAT(DISTINCT fleet) FROM %s.fleet_tenants"); got != "stores" {
		t.Errorf("the tenants are in %s", got)
	}

	// Somebody works on a tenant between the refresh and the plan.
	execIn(t, s, "t001", "ALTER TABLE users ADD COLUMN hand INT NULL")
	said(t, coreOn(t, s).plan(fleetType, now, renamed).diagnostics, "ERROR at (tenants): Fleet changed since it was read\n"+
		"Planning fleet `stores`: tenants of it are not what Terraform's state has, so somebody has worked on them since they were read.\n\n"+
		"Nothing was run. Plan again, with a refresh.")
	now, told := coreOn(t, s).refresh(fleetType, now)
	said(t, told)
	if got := fleetSummary(t, now); got != "current=2 drifted=1 total=3" {
		t.Errorf("%s", got)
	}

	// A destroy that was planned before somebody joined the fleet elsewhere.
	drop := with(renamed, values{"deletion_policy": "drop", "allow_destructive": true, "drift_policy": "repair"})
	now = coreOn(t, s).must(fleetType, now, drop)
	if got := askFleet(t, s, "SELECT COUNT(*) FROM information_schema.columns WHERE column_name = 'hand' AND table_schema LIKE '"+s.Prefix+"%%' -- %s"); got != "0" {
		t.Errorf("the drift is still there")
	}
	now, _ = coreOn(t, s).refresh(fleetType, now)
	if left, told := coreOn(t, s).run(fleetType, now, nil); left != nil || len(told) > 0 {
		t.Errorf("destroying: %v %q", left, told)
	}
}

// TestFleet_list: a list that cannot be used is refused by validation, at the
// attribute and by the entry.
func TestFleet_list(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	config := values{"name": "shops", "template": "shop@1.0.0", "tenants": `{"acme": {"modules": ["seo", 7]}}`}
	said(t, c.validate(fleetType, config), "ERROR at (tenants): List of tenants cannot be used\n"+
		"Reading the list of a fleet's tenants: `tenants[\"acme\"].modules[1]` is a number, where a text is expected.\n\nWrite it in quotes.")
	said(t, c.validate(fleetType, with(config, values{"tenants": unknown{}})))
}

// TestFleet_beyondBudget: with more failures than may be, no further tenant is
// begun, and one error tells them by their kind.
func TestFleet_beyondBudget(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	state := c.must(fleetType, nil, fleetOf(many(4), nil))
	for _, slug := range []string{"t001", "t002"} {
		execIn(t, s, slug, "INSERT INTO users VALUES (1, 'a@example.org'), (2, 'a@example.org')")
	}
	c = coreOn(t, s)
	c.must("landlord_tenant_template", template, shop("1.1.0", uniqueEmails))
	config := fleetOf(many(4), values{"template": "shop@1.1.0", "probe_data": false, "rollout": values{"max_parallel": 1, "max_failures": "1"}})
	c = coreOn(t, s)
	state, _ = c.refresh(fleetType, state)
	_, told := c.run(fleetType, state, config)
	said(t, told, "ERROR at (template): Fleet was not changed everywhere\n"+
		"Changing fleet `shops`: 2 tenants failed and `max_failures` is 1, so no further one was begun; 1 is done. The next apply does the rest.\n\n"+
		"Tenant migration stopped. 2 tenants: `t001`, `t002`. Of the first:\n\n"+
		"Migrating tenant `t001` to template `shop@1.1.0` stopped at statement 1 of 1.\n\n"+
		"ALTER TABLE `users` ADD UNIQUE KEY `uq_email` (`email`), ALGORITHM=INPLACE, LOCK=NONE\n\n"+
		"Cause: Duplicate entry 'a@example.org' for key '"+duplicateKey(s)+"'\n\n"+
		"What is done is kept and recorded. Correct the cause and apply again: the migration goes on where it stopped.")
	if got := askFleet(t, s, "SELECT GROUP_CONCAT(slug ORDER BY slug) FROM %s.tenants WHERE applied_version = '1.1.0'"); got != "t000" {
		t.Errorf("%s follow the new version", got)
	}
}

// TestFleet_changedSincePlan: somebody makes a tenant between the plan of a fleet
// and its apply.
func TestFleet_changedSincePlan(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	config := fleetOf(many(3), nil)
	plan := c.plan(fleetType, nil, config)
	coreOn(t, s).must("landlord_tenant", nil, acme(values{"slug": "t001"}))
	_, told := coreOn(t, s).apply(fleetType, nil, config, plan)
	said(t, told, "ERROR at (tenants): Fleet changed since the plan\n"+
		"Another run has worked on tenants of fleet `shops` since the plan was made, so the planned steps are not what is left to do.\n\nNothing was run. Plan again.")
	if got := askFleet(t, s, "SELECT CONCAT((SELECT COUNT(*) FROM %[1]s.tenants), ' ', (SELECT COUNT(*) FROM %[1]s.fleet_tenants))"); got != "1 0" {
		t.Errorf("the landlord database has %s tenants and members", got)
	}
}

// duplicateKey is how a server names the key of `users` in an error.
func duplicateKey(s *mysqltest.Server) string {
	if strings.HasPrefix(string(s.Kind), "mysql") {
		return "users.uq_email"
	}
	return "uq_email"
}

// waveOf lists which tenants follow a version.
func following(t *testing.T, s *mysqltest.Server, version string) string {
	t.Helper()
	return askFleet(t, s, "SELECT COALESCE(GROUP_CONCAT(slug ORDER BY slug), '') FROM %s.tenants WHERE applied_version = '"+version+"'")
}

// TestFleet_waves promotes a version from the canary to all, one apply each.
func TestFleet_waves(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		tenants := many(10)
		tenants["t007"] = map[string]any{"metadata": map[string]any{"tier": "test"}}
		now := c.must(fleetType, nil, fleetOf(tenants, nil))
		coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
		rollout := func(through string) values {
			return values{"canary": []string{"t004"}, "canary_metadata": values{"tier": "test"}, "waves": []string{"50%"}, "through": through, "soak": "1ms"}
		}
		for _, step := range []struct {
			through, follow, summary, status string
			plans                            []string
		}{
			{"canary", "t004,t007", "current=2 later=8 to_update=2 total=10", "waiting", []string{
				"later 5 [t003 t005 t006 t008 t009]: shop@1.0.0 -> shop@1.1.0, <nil>, 0 steps, its wave has not begun",
				"later 3 [t000 t001 t002]: shop@1.0.0 -> shop@1.1.0, <nil>, 0 steps, its wave has not begun",
				"update 2 [t004 t007]: shop@1.0.0 -> shop@1.1.0, auto, 1 steps, <nil>",
			}},
			{"50%", "t000,t001,t002,t004,t007", "current=5 later=5 to_update=3 total=10", "waiting", []string{
				"later 5 [t003 t005 t006 t008 t009]: shop@1.0.0 -> shop@1.1.0, <nil>, 0 steps, its wave has not begun",
				"update 3 [t000 t001 t002]: shop@1.0.0 -> shop@1.1.0, auto, 1 steps, <nil>",
			}},
			{"100%", "t000,t001,t002,t003,t004,t005,t006,t007,t008,t009", "current=10 to_update=5 total=10", "done", []string{
				"update 5 [t003 t005 t006 t008 t009]: shop@1.0.0 -> shop@1.1.0, auto, 1 steps, <nil>",
			}},
		} {
			config := fleetOf(tenants, values{"template": "shop@1.1.0", "rollout": rollout(step.through)})
			now, _ = coreOn(t, s).refresh(fleetType, now)
			plan := coreOn(t, s).plan(fleetType, now, config)
			if diff := gocmp.Diff(step.plans, fleetPlans(t, plan.state)); diff != "" || len(plan.diagnostics) > 0 {
				t.Errorf("through %s: %s %q", step.through, diff, plan.diagnostics)
			}
			now = coreOn(t, s).must(fleetType, now, config)
			if got := fleetSummary(t, now); got != step.summary {
				t.Errorf("through %s: %s", step.through, got)
			}
			now = coreOn(t, s).settled(fleetType, now, config)
			if got := following(t, s, "1.1.0"); got != step.follow {
				t.Errorf("through %s: %s follow", step.through, got)
			}
			if got := askFleet(t, s, "SELECT GROUP_CONCAT(CONCAT(status, ' ', through)) FROM %s.rollouts"); got != step.status+" "+step.through {
				t.Errorf("through %s: the rollout is %s", step.through, got)
			}
		}
		if got := askFleet(t, s, "SELECT GROUP_CONCAT(n ORDER BY n) FROM (SELECT CONCAT(wave, ' ', status, ' ', from_template, ' ', COUNT(*)) AS n FROM %s.rollout_tenants GROUP BY wave, status, from_template) AS w"); got !=
			"0 done shop@1.0.0 2,1 done shop@1.0.0 3,2 done shop@1.0.0 5" {
			t.Errorf("the tenants of the rollout are %s", got)
		}
	})
}

// TestFleet_rollback has a wave fail: exactly the tenants that the rollout has
// changed go back, those of its earlier waves too, with what they had set aside.
func TestFleet_rollback(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		now := c.must(fleetType, nil, fleetOf(many(8), nil))
		template = coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
		now = coreOn(t, s).must(fleetType, now, fleetOf(many(8), values{"template": "shop@1.1.0"}))
		execIn(t, s, "t000", "INSERT INTO users (id, email, fax) VALUES (1, 'a@example.org', '4711')")
		execIn(t, s, "t004", "INSERT INTO users (id, email, fax) VALUES (1, 'a@example.org', '1'), (2, 'a@example.org', '2')")
		without := "CREATE TABLE users (id INT NOT NULL PRIMARY KEY, email VARCHAR(190) NOT NULL, seen INT NULL, UNIQUE KEY uq_email (email))"
		coreOn(t, s).must("landlord_tenant_template", template, shop("1.2.0", without))
		rollout := func(through string) values {
			return values{
				"template": "shop@1.2.0", "allow_destructive": true, "probe_data": false,
				"rollout": values{"canary": []string{"t000"}, "waves": []string{"3"}, "through": through, "max_parallel": 1, "on_failure": "rollback"},
			}
		}
		c = coreOn(t, s)
		now, _ = c.refresh(fleetType, now)
		now, told := c.run(fleetType, now, fleetOf(many(8), rollout("canary")))
		if len(told) > 0 || following(t, s, "1.2.0") != "t000" {
			t.Fatalf("%q, %s follow", told, following(t, s, "1.2.0"))
		}
		execIn(t, s, "t000", "UPDATE users SET seen = 7")
		s.Exec(t, "UPDATE "+mysqltest.QuoteName(s.LandlordDatabase)+".rollout_tenants SET status = 'pending' WHERE tenant_slug = 't000'") // as a run leaves it that was cut off before its mark
		c = coreOn(t, s)
		now, _ = c.refresh(fleetType, now)
		after, told := c.run(fleetType, now, fleetOf(many(8), rollout("100%")))
		if len(told) != 1 || !strings.HasPrefix(told[0], "ERROR at (template): Rollout was rolled back\n"+
			"Changing fleet `shops`: 1 tenant failed and `max_failures` is 0, so no further one was begun; 3 are done. "+
			"`on_failure` is `rollback`: 5 tenants are back where they were. What the rollout had added to them is kept aside for `retention`.\n\n"+
			"Tenant migration stopped. Migrating tenant `t004` to template `shop@1.2.0` stopped at statement") {
			t.Errorf("%q", told)
		}
		if got := following(t, s, "1.1.0"); got != "t000,t001,t002,t003,t004,t005,t006,t007" {
			t.Errorf("%s follow the former version", got)
		}
		rows := s.QueryRows(t, "SELECT email, fax FROM "+mysqltest.QuoteName(s.Prefix+"t000")+".users")
		if fmt.Sprint(rows) != "[[a@example.org 4711]]" {
			t.Errorf("the canary has %v", rows)
		}
		rows = s.QueryRows(t, "SELECT id, fax FROM "+mysqltest.QuoteName(s.Prefix+"t004")+".users ORDER BY id")
		if fmt.Sprint(rows) != "[[1 1] [2 2]]" {
			t.Errorf("the tenant that failed has %v", rows)
		}
		if got := askFleet(t, s, "SELECT GROUP_CONCAT(CONCAT(tenant_slug, ' ', status) ORDER BY tenant_slug) FROM %[1]s.rollout_tenants WHERE rollout_id = (SELECT MAX(id) FROM %[1]s.rollouts) AND status <> 'pending'"); got !=
			"t000 rolled_back,t001 rolled_back,t002 rolled_back,t003 rolled_back,t004 rolled_back" {
			t.Errorf("the rollout has %s", got)
		}
		if got := askFleet(t, s, "SELECT GROUP_CONCAT(status) FROM %s.rollouts WHERE template = 'shop@1.2.0'"); got != "rolled_back" {
			t.Errorf("the rollout is %s", got)
		}
		back := fleetOf(many(8), values{"template": "shop@1.1.0"})
		now, _ = coreOn(t, s).refresh(fleetType, after)
		now = coreOn(t, s).must(fleetType, now, back)
		coreOn(t, s).settled(fleetType, now, back)
	})
}

func TestFleet_rolloutConfig(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	config := func(rollout values) values {
		return values{"name": "shops", "template": "shop@1.0.0", "tenants": `{"acme": {}}`, "rollout": rollout}
	}
	said(t, c.validate(fleetType, config(values{"waves": []string{"10%", "half"}})), "ERROR at (rollout).(waves).ElementKeyInt(1): Wave cannot be read\n"+
		"`half` is neither a number of tenants, as `50`, nor a share of them, as `10%`.")
	for text, why := range map[string]string{
		"some": "`some` is neither a number of tenants, as `2`, nor a share of them, as `5%`.", "101%": "`101%` is more than all tenants.",
	} {
		said(t, c.validate(fleetType, config(values{"max_failures": text})), "ERROR at (rollout).(max_failures): Number of failures cannot be read\n"+why)
	}
	for _, text := range []string{"0", "0%", "2", "5%", "100%"} {
		said(t, c.validate(fleetType, config(values{"max_failures": text})))
	}
	said(t, c.validate(fleetType, config(values{"waves": []string{"1", "10%"}, "canary": []string{"acme"}, "through": "10%", "soak": "10m", "on_failure": "rollback"})))
}

// TestFleet_leftWave has somebody change a tenant of the first wave before the
// second one begins.
func TestFleet_leftWave(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(4), nil))
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
	config := fleetOf(many(4), values{"template": "shop@1.1.0", "rollout": values{"canary": []string{"t000"}, "soak": "5s"}})
	now, _ = coreOn(t, s).refresh(fleetType, now)
	changed := make(chan struct{})
	go func() {
		defer close(changed)
		for following(t, s, "1.1.0") != "t000" {
			time.Sleep(20 * time.Millisecond)
		}
		execIn(t, s, "t000", "ALTER TABLE users ADD COLUMN hand INT NULL")
	}()
	_, told := coreOn(t, s).run(fleetType, now, config)
	<-changed
	said(t, told, "ERROR at (rollout): Tenant left its wave\n"+
		"Tenant `t000` was changed in a wave of the rollout; before the next one begins, somebody has changed its schema.\n\n"+
		"Find out who changed it, put it right and apply again.")
	if got := following(t, s, "1.1.0"); got != "t000" {
		t.Errorf("%s follow", got)
	}
	if got := askFleet(t, s, "SELECT status FROM %s.rollouts"); got != "halted" {
		t.Errorf("the rollout is %s", got)
	}
}

// TestFleet_noWayBack: the version to go back to wants an approval for every
// change of its core.
func TestFleet_noWayBack(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, with(shop("1.0.0", usersTable), values{"approval_required": []string{"core"}}))
	now := c.must(fleetType, nil, fleetOf(many(2), nil))
	execIn(t, s, "t001", "INSERT INTO users VALUES (1, 'a@example.org'), (2, 'a@example.org')")
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", uniqueEmails))
	now, _ = coreOn(t, s).refresh(fleetType, now)
	config := fleetOf(many(2), values{"template": "shop@1.1.0", "probe_data": false, "rollout": values{"max_parallel": 1, "on_failure": "rollback"}})
	_, told := coreOn(t, s).run(fleetType, now, config)
	said(t, told, "ERROR at (rollout): Rollout was rolled back in part\n"+
		"Changing fleet `shops`: 1 tenant failed and `max_failures` is 0, so no further one was begun; 1 is done. 1 tenant is back where it was; 1 tenant could not be taken back. The next apply tries that again before anything else, unless `template`, or the list, wants something else of them than the rollout.\n\n"+
		"Tenant could not be taken back. Tenant `t000` stays at `shop@1.1.0`: the way back to `shop@1.0.0` waits for a decision or an approval.\n\n"+
		"Set `template` of the fleet back and plan: the plan shows what waits.\n\n"+
		"Tenant migration stopped. Migrating tenant `t001` to template `shop@1.1.0` stopped at statement 1 of 1.\n\n"+
		"ALTER TABLE `users` ADD UNIQUE KEY `uq_email` (`email`), ALGORITHM=INPLACE, LOCK=NONE\n\n"+
		"Cause: Duplicate entry 'a@example.org' for key '"+duplicateKey(s)+"'\n\n"+
		"What is done is kept and recorded. Correct the cause and apply again: the migration goes on where it stopped.")
}

// TestFleet_review: what waits is no difference until it is approved; then it
// runs. What the data forbids is told before, once for all tenants.
func TestFleet_review(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(12), values{"update_policy": "review"}))
	for _, slug := range []string{"t003", "t004"} {
		execIn(t, s, slug, "INSERT INTO users VALUES (1, 'a@example.org'), (2, 'a@example.org')")
	}
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", uniqueEmails))
	config := fleetOf(many(12), values{"template": "shop@1.1.0", "update_policy": "review"})
	now, _ = coreOn(t, s).refresh(fleetType, now)
	c = coreOn(t, s)
	plan := c.plan(fleetType, now, config)
	if got := fleetSummary(t, plan.state); got != "pending_approval=12 total=12" || len(plan.diagnostics) != 2 {
		t.Errorf("%s %q", got, plan.diagnostics)
	}
	for _, want := range []string{
		"Data forbids a step of the migration\n2 tenants: `t003`, `t004`. Of the first:\n\nTenant `t003`: 2 rows of `users`",
		"Migration waits for an approval\n12 tenants: `t000`, `t001`, `t002`, `t003`, `t004`, `t005`, `t006`, `t007`, `t008`, `t009` and 2 more. Of the first:\n\nTenant `t000`",
	} {
		if !slices.ContainsFunc(plan.diagnostics, func(d string) bool { return strings.Contains(d, want) }) {
			t.Errorf("%q is not in %q", want, plan.diagnostics)
		}
	}
	now, told := coreOn(t, s).run(fleetType, now, config)
	if len(told) > 0 || following(t, s, "1.1.0") != "" {
		t.Errorf("%q", told)
	}
	// Nothing differs as long as nobody decides.
	c = coreOn(t, s)
	now, _ = c.refresh(fleetType, now)
	again := c.plan(fleetType, now, config)
	if diff := gocmp.Diff(open(t, now), open(t, again.state)); diff != "" {
		t.Errorf("what waits is a difference:\n%s", diff)
	}
	plans, _ := field(t, plan.state, "plans").([]any)
	first, _ := plans[0].(values)
	c.must("landlord_migration_approval", nil, values{"digest": first["digest"]})
	for _, slug := range []string{"t003", "t004"} {
		execIn(t, s, slug, "DELETE FROM users WHERE id = 2")
	}
	c = coreOn(t, s)
	now, _ = c.refresh(fleetType, now)
	now, told = c.run(fleetType, now, config)
	if len(told) > 0 || askFleet(t, s, "SELECT COUNT(*) FROM %s.tenants WHERE applied_version = '1.1.0'") != "12" {
		t.Errorf("%q, %s follow", told, following(t, s, "1.1.0"))
	}
	coreOn(t, s).settled(fleetType, now, config)
}

// TestFleet_unseen: who plans with a list that is known after apply is told that
// nobody will have seen what becomes of the tenants.
func TestFleet_unseen(t *testing.T) {
	t.Parallel()
	c, _ := newFakeCore(t)
	config := values{"name": "shops", "template": "shop@1.0.0", "tenants": unknown{}}
	said(t, c.plan(fleetType, nil, config).diagnostics, "WARNING at (tenants): Changes are known only in the apply\n"+
		"The plan of fleet `shops` has values that are known after apply. So nobody will have seen which tenants are made, changed or destroyed, and by which statements.\n\n"+
		"To see them, apply first what the values come from, for example with `-target`, and plan again. With `deletion_policy = \"protect\"` no tenant is destroyed.")
}
