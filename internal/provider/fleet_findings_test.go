package provider_test

import (
	"fmt"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestFleet_findings: tenants whose data forbids a statement are a class of their own
// that names all of them, with what was found; the apply plans the same whatever the
// data is by then. Without a refresh nobody can promise that, and the plan says so.
func TestFleet_findings(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(14), nil))
	for i := 2; i < 14; i++ {
		execIn(t, s, fmt.Sprintf("t%03d", i), "INSERT INTO users VALUES (1, 'a@example.org'), (2, 'a@example.org')")
	}
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", uniqueEmails))
	config := fleetOf(many(14), values{"template": "shop@1.1.0"})

	blind := coreOn(t, s).planInApply(fleetType, now, config)
	plans, _ := field(t, blind.state, "plans").([]any)
	if class, ok := plans[0].(values); !ok || len(plans) != 1 || class["findings"] != (unknown{}) || class["verdict"] != "auto" {
		t.Errorf("without a refresh: %v", plans)
	}

	now, _ = coreOn(t, s).refresh(fleetType, now)
	plan := coreOn(t, s).plan(fleetType, now, config)
	want := []string{
		"update 12 [t002 t003 t004 t005 t006 t007 t008 t009 t010 t011 t012 t013]: shop@1.0.0 -> shop@1.1.0, blocked, 1 steps, <nil>",
		"update 2 [t000 t001]: shop@1.0.0 -> shop@1.1.0, auto, 1 steps, <nil>",
	}
	if diff := gocmp.Diff(want, fleetPlans(t, plan.state)); diff != "" {
		t.Fatalf("the classes (-want +got):\n%s", diff)
	}
	plans, _ = field(t, plan.state, "plans").([]any)
	blocked, _ := plans[0].(values)
	const cure = "Correct the rows and plan again. Or publish `shop@1.1.1` with a script `migrations/1.1.0--1.1.1.sql` that corrects them, and let the tenant follow that version: scripts run first."
	found := []any{values{
		"severity": "error", "kind": "data_forbids", "object": "table `users`", "statement": "1", "rows": "24", "example": "`email` a@example.org",
		"detail": "2 rows of `users` violate unique key `uq_email`, e.g. `email` a@example.org", "action": cure, "base": nil, "template": nil, "own": nil,
	}}
	if diff := gocmp.Diff(any(found), blocked["findings"]); diff != "" {
		t.Errorf("the findings (-want +got):\n%s", diff)
	}
	if free, _ := plans[1].(values); free["findings"] != nil {
		t.Errorf("of the others: %v", free["findings"])
	}
	if got, want := fleetSummary(t, plan.state), "current={} drifted={} failing={} interrupted={} later={} pending_approval={} ready={} to_update=14 total=14"; got != want {
		t.Errorf("the summary is %s", got)
	}

	execIn(t, s, "t002", "DELETE FROM users WHERE id = 2")
	other := coreOn(t, s)
	again := other.planInApply(fleetType, now, config)
	other.conforms("the plan of the apply", "", plan.state, again.state)
}

// TestFleet_driftNamed: what a fleet says of tenants that somebody has changed names
// what, and a plan says how many of a class they are.
func TestFleet_driftNamed(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	config := fleetOf(many(3), nil)
	now := c.must(fleetType, nil, config)
	execIn(t, s, "t001", "ALTER TABLE users ADD COLUMN stray INT NULL", "CREATE VIEW strays AS SELECT id FROM users",
		"CREATE TABLE a1 (id INT)", "CREATE TABLE a2 (id INT)", "CREATE TABLE a3 (id INT)", "CREATE TABLE a4 (id INT)")
	now, _ = coreOn(t, s).refresh(fleetType, now)
	want := []any{values{"slug": "t001", "status": "drifted", "reason": "somebody changed its schema: table `a1`, table `a2`, table `a3`, table `a4`, table `users`, 1 more"}}
	if diff := gocmp.Diff(any(want), field(t, now, "results")); diff != "" {
		t.Errorf("the results (-want +got):\n%s", diff)
	}
	coreOn(t, s).settled(fleetType, now, config)

	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
	now, _ = coreOn(t, s).refresh(fleetType, now)
	plan := coreOn(t, s).plan(fleetType, now, with(config, values{"template": "shop@1.1.0", "drift_policy": "repair", "allow_destructive": true}))
	plans, _ := field(t, plan.state, "plans").([]any)
	var drifted []string
	for _, p := range plans {
		class, _ := p.(values)
		drifted = append(drifted, fmt.Sprintf("%v %v: %v", class["action"], class["tenants"], class["drifted"]))
	}
	if diff := gocmp.Diff([]string{"update 2: <nil>", "update 1: 1"}, drifted); diff != "" {
		t.Errorf("the classes (-want +got):\n%s", diff)
	}
}
