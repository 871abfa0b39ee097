package provider_test

import (
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// TestAccCLI_parallelism applies more tenants at once than the server has
// connections for.
func TestAccCLI_parallelism(t *testing.T) {
	t.Parallel()
	needTerraform(t)
	s := mysqltest.Private(t, instance.MySQL97, mysqltest.Args("--max-connections=7")) // 4 for the provider, the rest for this test
	c := newCLI(t, s.Server)
	c.write(shopConfig + `
resource "landlord_tenant" "many" {
  for_each = { for n in range(30) : "m${n}" => "Tenant ${n}" }

  slug              = each.key
  name              = each.value
  template          = landlord_tenant_template.shop.id
  deletion_policy   = "drop"
  allow_destructive = true
}
`)
	c.run("init")
	c.run("apply", "-auto-approve", "-parallelism=50")
	if out, code := c.try("plan", "-detailed-exitcode", "-parallelism=50"); code != 0 {
		t.Errorf("the plan is not empty: %s", out)
	}
	if got := len(s.QueryRows(t, "SELECT 1 FROM information_schema.schemata WHERE schema_name LIKE ?", s.Prefix+"m%")); got != 30 {
		t.Errorf("there are %d tenants", got)
	}
	c.run("destroy", "-auto-approve", "-parallelism=50")
}

// TestTenant_oneConnection does everything over a single connection, each step
// as a new process: whoever holds the connection must not wait for another.
func TestTenant_oneConnection(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	environment := environmentOf(s)
	environment["LANDLORD_MAX_CONNECTIONS"] = "1"
	step := func(what, typeName string, before any, config values) any {
		start := time.Now()
		after, diagnostics := coreWith(t, environment).run(typeName, before, config)
		if hasErrors(diagnostics) {
			t.Fatalf("%s: %v", what, diagnostics)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %s", what, took)
		}
		return after
	}
	materialized := values{"materialize": true, "optional": values{"teams.sql": teamsTable + ";\n"}}
	template := step("publish", "landlord_tenant_template", nil, with(shop("1.0.0", usersTable), materialized))
	tenant := step("create", "landlord_tenant", nil, acme(values{"modules": []string{"teams"}}))
	template = step("publish the next version", "landlord_tenant_template", template, with(shop("1.1.0", usersTable+" COMMENT = 'people'"), materialized))
	tenant = step("migrate", "landlord_tenant", tenant, acme(values{"modules": []string{"teams"}, "template": "shop@1.1.0"}))
	tenant = step("remove a module", "landlord_tenant", tenant, acme(values{"template": "shop@1.1.0"}))
	tenant = step("suspend", "landlord_tenant", tenant, acme(values{"template": "shop@1.1.0", "status": "suspended"}))
	tenant = step("let in", "landlord_tenant", tenant, acme(values{"template": "shop@1.1.0"}))
	other := step("create another", "landlord_tenant", nil, acme(values{"slug": "other", "template": "shop@1.1.0", "deletion_policy": "archive"}))
	step("archive", "landlord_tenant", other, nil)
	step("drop", "landlord_tenant", tenant, nil)
	s.Exec(t, "DELETE FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants")
	step("delete the template", "landlord_tenant_template", template, nil)
}
