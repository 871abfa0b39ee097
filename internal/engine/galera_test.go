package engine_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestSoakGalera rolls a version out to the tenants of a cluster whose member in use is
// killed meanwhile: another one is found, and every tenant comes to its version in the
// same run, unless the cluster interrupts a statement while it forms anew. What the cluster does not replicate is refused in the plan.
func TestSoakGalera(t *testing.T) {
	soak(t)
	c := mysqltest.Galera(t)
	e := onMembers(t, c.Members[0], c.Endpoint())
	keyless := shop("3.0.0")
	keyless.Name = "keyless"
	keyless.Core["003_visits.sql"] = "CREATE TABLE visits (at DATETIME NOT NULL, page VARCHAR(100) NULL);"
	publish(t, e, keyless)
	_, err := e.PlanTenant(t.Context(), landlord.TenantSpec{Slug: "beta", Name: "Beta", Template: "keyless@3.0.0"}, nil)
	wantProblem(t, err, "Group of servers refuses these tables [template]\n"+
		"Template `keyless@3.0.0` cannot be used on the main server, which is a member of a group (Galera):\n\n"+
		"- table `visits` has no primary key: a group tells rows apart by it\n\n"+
		"Change the template, or put the tenant on a server that is no member of a group.")
	moveWhileKilled(t, c.Members[0], c.Endpoint(), "acme", 7, func() *mysqltest.PrivateServer { return c.Members[1] })
}
