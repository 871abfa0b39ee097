package provider_test

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// mostLines is what Terraform may print of a tenant that gets three statements,
// from the line that names it to the bracket that closes it.
const mostLines = 12

// TestAccCLI_planLines measures what a person has to read of a version change.
func TestAccCLI_planLines(t *testing.T) {
	t.Parallel()
	c := newCLI(t, mysqltest.One(t))
	tenants := `
resource "landlord_tenant" "shop" {
  for_each = toset(["north", "south"])
  slug     = each.key
  name     = each.key
  template = landlord_tenant_template.shop.id
}
`
	c.write(linesTemplate("1.0.0", "") + tenants)
	c.run("init")
	c.run("apply", "-auto-approve")
	c.write(linesTemplate("1.1.0", `,
    "002_more.sql" = "ALTER TABLE people ADD COLUMN phone VARCHAR(40) NULL; CREATE TABLE notes (id INT NOT NULL PRIMARY KEY); CREATE VIEW names AS SELECT name FROM people"`) + tenants)
	out := c.run("plan")
	_, block, found := strings.Cut(out, `  # landlord_tenant.shop["north"] will be updated in-place`)
	block, _, closed := strings.Cut(block, "\n    }\n")
	if !found || !closed {
		t.Fatalf("the plan does not show the tenant: %s", out)
	}
	if n := strings.Count(block, "\n") + 2; n > mostLines {
		t.Errorf("the plan of three statements has %d lines, more than %d:%s", n, mostLines, block)
	}
}

// linesTemplate returns a template whose later version adds three statements.
func linesTemplate(version, more string) string {
	return `
resource "landlord_tenant_template" "shop" {
  name    = "shop"
  version = "` + version + `"
  core = {
    "001_people.sql" = "CREATE TABLE people (id INT NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL)"` + more + `
  }
}
`
}
