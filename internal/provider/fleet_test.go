package provider_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

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
		lines = append(lines, fmt.Sprintf("%v %v %v: %v -> %v, %v, %d steps, %v", p["action"], p["tenants"], p["slugs"], p["from"], p["to"], p["verdict"], len(steps), p["reason"]))
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
		if got := fleetSummary(t, state); got != "current=1 to_release=1 to_update=10 total=11" {
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
	config = with(strict, values{"rollout": values{"max_parallel": 4, "max_failures": 1}})
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
		"Take it out of that fleet first: name it in `released` there, and remove it from its list.")
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
	if got := askFleet(t, s, "SELECT COUNT(*) FROM information_schema.columns WHERE column_name = 'hand' AND table_schema LIKE '"+strings.ReplaceAll(s.Prefix, "_", "\\_")+"%%' -- %s"); got != "0" {
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
	config := fleetOf(many(4), values{"template": "shop@1.1.0", "probe_data": false, "rollout": values{"max_parallel": 1, "max_failures": 1}})
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
