package provider_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestFleet_goes: a tenant that is to go and cannot is an error, however many may
// fail: the state would not have it any more.
func TestFleet_goes(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	more := values{"deletion_policy": "drop", "rollout": values{"canary": []string{"t000"}, "max_failures": "5"}}
	now := c.must(fleetType, nil, fleetOf(many(3), more))
	said(t, coreOn(t, s).plan(fleetType, now, fleetOf(many(2), more)).diagnostics, "ERROR at (allow_destructive): Dropping a tenant destroys its data\n"+
		"Tenant `t002` has the deletion policy `drop`: database `"+s.Prefix+"t002` with all its rows would be lost. Nothing was touched.\n\n"+
		"Apply `allow_destructive = true`, or name a data checkpoint of the tenant in `deletion_checkpoint`, then destroy.")
	said(t, coreOn(t, s).plan(fleetType, now, nil).diagnostics, "ERROR at (allow_destructive): Fleet cannot be planned\n"+
		"Planning fleet `shops`: of 3 tenants, 3 cannot be planned, and `max_failures` is 5. A tenant that is to go and cannot is an error, however many may fail.\n\n"+
		"Dropping a tenant destroys its data. 3 tenants: `t000`, `t001`, `t002`. Of the first:\n\n"+
		"Tenant `t000` has the deletion policy `drop`: database `"+s.Prefix+"t000` with all its rows would be lost. Nothing was touched.\n\n"+
		"Apply `allow_destructive = true`, or name a data checkpoint of the tenant in `deletion_checkpoint`, then destroy.")

	more["allow_destructive"] = true
	now = coreOn(t, s).must(fleetType, now, fleetOf(many(3), more))
	s.Exec(t, "DELETE FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants WHERE slug = 't001'")
	s.Exec(t, "DELETE FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".fleet_tenants WHERE tenant_slug = 't001'")
	now, _ = coreOn(t, s).refresh(fleetType, now)
	said(t, coreOn(t, s).plan(fleetType, now, nil).diagnostics, "ERROR at (tenants): Tenant to destroy is not registered\n"+
		"The landlord database does not know tenant `t001`, which leaves the fleet, and its database `"+s.Prefix+"t001` is on the main server. Nothing was touched.\n\n"+
		"Look whether `landlord_database` of the provider names the right one, or restore a dump of it. To take the tenant out of the fleet as it is, name it in `released`; to only forget the whole fleet in Terraform, use a `removed` block with `destroy = false`.")
	left := many(3)
	delete(left, "t001")
	now = coreOn(t, s).must(fleetType, now, fleetOf(left, with(more, values{"released": []string{"t001"}})))
	now, _ = coreOn(t, s).refresh(fleetType, now)
	if left, told := coreOn(t, s).run(fleetType, now, nil); left != nil || len(told) > 0 {
		t.Errorf("destroying: %v %q", left, told)
	}
}

// TestFleet_rollbackKeeps: a rollback takes back what the rollout did. The values
// in it are set aside, whatever `destructive_objects` says of the way there, and
// what somebody made by hand stays.
func TestFleet_rollbackKeeps(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(2), nil))
	execIn(t, s, "t001", "INSERT INTO users VALUES (1, 'a@example.org'), (2, 'a@example.org')")
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", "CREATE TABLE users (id INT NOT NULL PRIMARY KEY, email VARCHAR(190) NOT NULL, fax VARCHAR(20) NULL, UNIQUE KEY uq_email (email))"))
	to := func(through string) values {
		return fleetOf(many(2), values{
			"template": "shop@1.1.0", "probe_data": false, "drift_policy": "repair", "destructive_objects": values{"table users": "drop"},
			"rollout": values{"canary": []string{"t000"}, "through": through, "max_failures": "1", "on_failure": "rollback"},
		})
	}
	now, _ = coreOn(t, s).refresh(fleetType, now)
	now = coreOn(t, s).must(fleetType, now, to("canary"))
	execIn(t, s, "t000", "INSERT INTO users VALUES (1, 'b@example.org', '4711')")
	execIn(t, s, "t000", "CREATE TABLE notes (id INT NOT NULL PRIMARY KEY)")
	execIn(t, s, "t000", "INSERT INTO notes VALUES (7)")
	now, _ = coreOn(t, s).refresh(fleetType, now)
	now, told := coreOn(t, s).run(fleetType, now, to("100%"))
	if got := following(t, s, "1.0.0"); got != "t000,t001" {
		t.Fatalf("%s follow the former version: %q", got, told)
	}
	if rows := s.QueryRows(t, "SELECT id FROM "+mysqltest.QuoteName(s.Prefix+"t000")+".notes"); len(rows) != 1 {
		t.Errorf("what was made by hand has %v", rows)
	}
	execIn(t, s, "t000", "DROP TABLE notes")
	execIn(t, s, "t001", "DELETE FROM users WHERE id = 2")
	now, _ = coreOn(t, s).refresh(fleetType, now)
	coreOn(t, s).must(fleetType, now, to("100%"))
	if rows := s.QueryRows(t, "SELECT fax FROM "+mysqltest.QuoteName(s.Prefix+"t000")+".users"); len(rows) != 1 || rows[0][0] != "4711" {
		t.Errorf("the values that the rollback set aside come back as %v", rows)
	}
}

// TestFleet_rolloutEnds: a rollout of which nothing is left has ended, so that no
// later change goes on with it; one that has waves left waits, whatever else is
// done with their tenants.
func TestFleet_rolloutEnds(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(3), nil))
	execIn(t, s, "t001", "INSERT INTO users VALUES (1, 'a@example.org'), (2, 'a@example.org')")
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", uniqueEmails))
	tenants, more := many(3), values{"template": "shop@1.1.0", "probe_data": false, "rollout": values{"canary": []string{"t000"}, "through": "canary"}}
	tenants["t001"] = map[string]any{"name": "First"}
	status := func(want string) {
		t.Helper()
		if got := askFleet(t, s, "SELECT GROUP_CONCAT(status ORDER BY id) FROM %s.rollouts"); got != want {
			t.Errorf("the rollouts are %s, not %s", got, want)
		}
	}
	execIn(t, s, "t002", "ALTER TABLE users ADD COLUMN hand INT NULL")
	now, _ = coreOn(t, s).refresh(fleetType, now)
	now = coreOn(t, s).must(fleetType, now, fleetOf(tenants, more))
	status("waiting")

	// Nothing is read between the two runs, and nothing is to be done.
	more["rollout"] = values{"canary": []string{"t000"}, "through": "canary", "max_parallel": 2}
	now = coreOn(t, s).must(fleetType, now, fleetOf(tenants, more))
	status("waiting")

	more["rollout"] = values{"max_parallel": 1}
	now, _ = coreOn(t, s).refresh(fleetType, now)
	now, _ = coreOn(t, s).run(fleetType, now, fleetOf(tenants, more))
	status("halted")
	execIn(t, s, "t001", "DELETE FROM users WHERE id = 2")
	tenants["t001"], tenants["t002"] = map[string]any{"version": "1.0.0"}, map[string]any{"version": "1.0.0"}
	now, _ = coreOn(t, s).refresh(fleetType, now)
	coreOn(t, s).must(fleetType, now, fleetOf(tenants, more))
	status("done")
}
