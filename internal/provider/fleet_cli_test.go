package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

const (
	mostFleetLines = 42  // of a plan that changes every tenant of a fleet
	mostStateBytes = 150 // of a tenant
)

// fleetConfig is a fleet of n tenants, and a tenant of its own.
func fleetConfig(version, more string, n int, extra string) string {
	return linesTemplate(version, more) + fmt.Sprintf(`
resource "landlord_tenant_fleet" "shops" {
  name     = "shops"
  template = landlord_tenant_template.shop.id
  tenants  = jsonencode({ for i in range(%d) : format("shop-%%03d", i) => {} })
%s
}
`, n, extra)
}

// TestAccCLI_fleet measures what Terraform prints of a fleet, and what it keeps
// of a tenant, and moves a tenant into the fleet and out of it again.
func TestAccCLI_fleet(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	const tenants = 60
	alone := `
resource "landlord_tenant" "own" {
  slug     = "shop-059"
  name     = "shop-059"
  template = landlord_tenant_template.shop.id
}
`
	c.write(linesTemplate("1.0.0", "") + alone)
	c.run("init")
	c.run("apply", "-auto-approve")
	execIn(t, s, "shop_059", "INSERT INTO people VALUES (7, 'Ann')")

	// A tenant of its own comes into the fleet, and nothing is done to it.
	removed := "\nremoved {\n  from = landlord_tenant.own\n  lifecycle {\n    destroy = false\n  }\n}\n"
	c.write(fleetConfig("1.0.0", "", tenants, "") + removed)
	c.run("apply", "-auto-approve")
	c.write(fleetConfig("1.0.0", "", tenants, ""))
	c.noChanges()
	state, err := os.ReadFile(filepath.Join(c.directory, "terraform.tfstate"))
	must(t, err)
	if size := len(state) / tenants; size > mostStateBytes {
		t.Errorf("the state has %d bytes a tenant, more than %d", size, mostStateBytes)
	}

	more := `,
    "002_more.sql" = "ALTER TABLE people ADD COLUMN phone VARCHAR(40) NULL; CREATE TABLE notes (id INT NOT NULL PRIMARY KEY); CREATE VIEW names AS SELECT name FROM people"`
	c.write(fleetConfig("1.1.0", more, tenants, ""))
	out := c.run("plan", "-out=tfplan")
	_, block, found := strings.Cut(out, "  # landlord_tenant_fleet.shops will be updated in-place")
	block, _, closed := strings.Cut(block, "\n    }\n")
	if n := strings.Count(block, "\n") + 2; !found || !closed || n > mostFleetLines {
		t.Errorf("the plan of %d tenants has %d lines, more than %d:\n%s", tenants, n, mostFleetLines, out)
	}
	c.run("apply", "tfplan")
	c.noChanges()
	if got := following(t, s, "1.0.0"); got != "" {
		t.Errorf("%s stay behind", got)
	}

	// And out of it again.
	own := alone + "\nimport {\n  to = landlord_tenant.own\n  id = \"shop-059\"\n}\n"
	c.write(fleetConfig("1.1.0", more, tenants-1, "  released = [\"shop-059\"]") + own)
	out = c.run("plan")
	if strings.Contains(out, "ALTER TABLE") || strings.Contains(out, "DROP ") {
		t.Errorf("a tenant that leaves is touched: %s", out)
	}
	c.run("apply", "-auto-approve")
	c.noChanges()
	if got := fmt.Sprint(s.QueryRows(t, "SELECT id, name FROM "+mysqltest.QuoteName(s.Prefix+"shop_059")+".people")); got != "[[7 Ann]]" {
		t.Errorf("the tenant has %s", got)
	}
}

// TestAccCLI_fleetClaim: Terraform plans a fleet once more when it applies a saved plan.
// Somebody who gets a tenant in between, and a tenant that the same apply makes, are no
// other plan to it.
func TestAccCLI_fleetClaim(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	fleet := func(version, more string) string {
		return linesTemplate(version, more) + `
resource "landlord_tenant_fleet" "shops" {
  name     = "shops"
  template = landlord_tenant_template.shop.id
  pool     = 3
  select   = {}
}
`
	}
	own := func(slug string) string {
		return fmt.Sprintf("\nresource \"landlord_tenant\" %[1]q {\n  slug     = %[1]q\n  name     = %[1]q\n  template = landlord_tenant_template.shop.id\n}\n", slug)
	}
	c.write(fleet("1.0.0", "") + own("first"))
	c.run("init")
	c.run("apply", "-auto-approve")

	c.write(fleet("1.0.0", "") + own("first") + own("second"))
	c.run("apply", "-auto-approve")
	more := ",\n    \"002_notes.sql\" = \"CREATE TABLE notes (id INT NOT NULL PRIMARY KEY)\""
	for _, slug := range []string{"first", "second"} { // one tenant has one resource
		c.run("state", "rm", "landlord_tenant."+slug)
	}
	c.write(fleet("1.1.0", more))
	c.run("plan", "-out=tfplan")
	if database, err := claimed(t.Context(), s.Open(t, s.Username, s.Password, s.LandlordDatabase), "acme", "", nil); err != nil || database != s.Prefix+"shops_pool_1" {
		t.Fatalf("claimed %q: %v", database, err)
	}
	c.run("apply", "tfplan")
	if got := following(t, s, "1.0.0"); got != "acme" {
		t.Errorf("%s stay behind", got)
	}
	c.run("apply", "-auto-approve")
	c.noChanges()
	if got := following(t, s, "1.1.0"); got != "acme,first,second,shops-pool-2,shops-pool-3,shops-pool-4" {
		t.Errorf("%s follow", got)
	}
}
