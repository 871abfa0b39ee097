package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// checkConfig has drift in a check, which warns, and in a precondition, which
// stops.
const checkConfig = `
check "as_recorded" {
  data "landlord_tenant_drift" "acme" {
    tenant = landlord_tenant.acme.slug
  }

  assert {
    condition     = data.landlord_tenant_drift.acme.in_sync
    error_message = "changed by hand: ${join(", ", data.landlord_tenant_drift.acme.changes[*].object)}"
  }
}

data "landlord_fleet_drift" "all" {
  details    = true
  depends_on = [landlord_tenant.acme]
}
`

const preconditionConfig = `
output "rollout" {
  value = "may begin"

  precondition {
    condition     = alltrue([for tenant in data.landlord_fleet_drift.all.tenants : tenant.harm != "breaks_core"])
    error_message = "broken: ${join(", ", data.landlord_fleet_drift.all.slugs)}"
  }
}
`

const adoptConfig = `
output "adopt" {
  value = data.landlord_fleet_drift.all.tenants["acme"].adopt_hcl
}
`

// TestAccCLI_drift is what a person does about drift: a check says so, a
// precondition stops what stands on it, and the offered customization takes it in.
func TestAccCLI_drift(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	tenant := shopConfig + acmeConfig(`  name = "Acme"`) + checkConfig
	c.write(tenant + preconditionConfig)
	c.run("init")
	// The tenant is made in the same run: nothing of it can have drifted.
	if out := c.run("apply", "-auto-approve"); strings.Contains(out, "Check block assertion") || strings.Contains(out, "Tenant is not known") {
		t.Errorf("the first apply says %s", out)
	}
	c.onlyChecks()

	execIn(t, s, "acme", "ALTER TABLE users DROP COLUMN email")
	out, code := c.try("plan")
	for _, want := range []string{"Error: Module output value precondition failed", "broken: acme", "Warning: Check block assertion failed", "changed by hand: table `users`"} {
		if !strings.Contains(out, want) {
			t.Errorf("the plan does not say %q", want)
		}
	}
	if code == 0 {
		t.Errorf("a precondition that fails does not stop the plan: %s", out)
	}
	c.write(tenant)
	if out := c.run("plan"); !strings.Contains(out, "Warning: Check block assertion failed") || !strings.Contains(out, "Warning: Tenant schema has drifted") {
		t.Errorf("a check does not warn: %s", out)
	}

	// An administrator's own procedure could not be given to the tenant by everybody, see
	// account.TestCheckPrograms_privileged.
	username, _ := s.ProviderLogin()
	execIn(t, s, "acme", "ALTER TABLE users ADD COLUMN email VARCHAR(190) NOT NULL", "ALTER TABLE users ADD COLUMN tax_id VARCHAR(20) NULL COMMENT 'of ${country}', ADD KEY ix_tax (tax_id)",
		"CREATE TABLE visits (id INT NOT NULL PRIMARY KEY, note VARCHAR(20) NULL)", "CREATE VIEW visitors AS SELECT id FROM visits",
		"CREATE DEFINER="+mysqltest.QuoteName(username)+"@'%' PROCEDURE forget()\nBEGIN\n  DELETE FROM visits;\n  DELETE FROM users WHERE id < 0;\nEND")
	c.write(tenant + adoptConfig)
	c.run("apply", "-auto-approve")
	adopted := c.run("output", "-raw", "adopt")
	for _, want := range []string{`resource "landlord_tenant_customization" "acme_adopted"`, "'of $${country}'", "<<SQL", "DELIMITER $$"} {
		if !strings.Contains(adopted, want) {
			t.Errorf("what is offered has no %q:\n%s", want, adopted)
		}
	}
	must(t, os.WriteFile(filepath.Join(c.directory, "adopted.tf"), []byte(strings.Replace(adopted, "\n}", "\n  allow_destructive = true\n}", 1)), 0o600))
	c.write(tenant + preconditionConfig)
	plan := c.run("plan")
	if !strings.Contains(plan, "1 to add, 0 to change, 0 to destroy") {
		t.Errorf("adopting plans %s", plan)
	}
	c.run("apply", "-auto-approve")
	if out := c.run("plan"); strings.Contains(out, "Check block assertion") || strings.Contains(out, "has drifted") {
		t.Errorf("after adopting: %s", out)
	}
	c.onlyChecks()
	c.run("destroy", "-auto-approve")
}

// onlyChecks fails unless a plan does nothing but read for a check, which
// Terraform counts as something to do.
func (c *cli) onlyChecks() {
	c.t.Helper()
	if out := c.run("plan"); !strings.Contains(out, "Plan: 0 to add, 0 to change, 0 to destroy.") && !strings.Contains(out, "No changes.") {
		c.t.Errorf("the plan is not empty: %s", out)
	}
}
