package provider_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestTenant_slowClock has somebody work on a tenant whose clock is an hour behind
// that of the last apply. What was done is the newest record all the same: nobody
// takes the landlord database for an older one.
func TestTenant_slowClock(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	c := copyingCore(t, s, directory)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenant := c.must("landlord_tenant", nil, acme(nil))
	execIn(t, s, "acme", "INSERT INTO users VALUES (1, 'a@example.com')")
	shape := c.must("landlord_tenant_checkpoint", nil, checkpointOf(values{"contents": "schema"}))
	data := c.must("landlord_tenant_checkpoint", nil, checkpointOf(values{"name": "data"}))
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
	to := acme(values{"template": "shop@1.1.0"})
	follows := func(want string) {
		t.Helper()
		var told []string
		tenant, told = copyingCore(t, s, directory).refresh("landlord_tenant", tenant)
		said(t, told)
		if got := field(t, tenant, "applied_template"); got != want {
			t.Errorf("the tenant follows %v", got)
		}
	}
	s.Exec(t, "UPDATE "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants SET last_migration = JSON_SET(last_migration, '$.AppliedAt', DATE_FORMAT(UTC_TIMESTAMP() + INTERVAL 1 HOUR, '%Y-%m-%dT%H:%i:%sZ'))")
	tenant, _ = coreOn(t, s).refresh("landlord_tenant", tenant)
	for _, checkpoint := range []any{shape, data} {
		former := tenant
		copyingCore(t, s, directory).must("landlord_tenant", tenant, to)
		follows("shop@1.1.0")
		tenant = former
		follows("shop@1.1.0") // also for who has not seen it happen
		copyingCore(t, s, directory).must("landlord_tenant_restore", nil, values{"tenant": "acme", "checkpoint": field(t, checkpoint, "id"), "mode": "in_place", "allow_destructive": true})
		follows("shop@1.0.0")
	}
}
