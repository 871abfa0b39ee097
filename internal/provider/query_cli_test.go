package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestAccCLI_query asks the examples of list resources, and generates a
// configuration of what they find, where the core can: `terraform query` came with
// 1.14.
func TestAccCLI_query(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	if out, _ := c.try("-help"); !regexp.MustCompile(`(?m)^  query `).MatchString(out) {
		t.Skip("this core has no `query`")
	}
	c.write(exampleEstate + `
resource "landlord_tenant_fleet" "shops" {
  name     = "shops"
  template = landlord_tenant_template.first.id
  tenants  = jsonencode({ shop-001 = {} })
}
`)
	c.run("init")
	c.run("apply", "-auto-approve")
	paths, err := filepath.Glob(filepath.Join("..", "..", "examples", "list-resources", "*", "*.tfquery.hcl"))
	must(t, err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(c.directory, filepath.Base(filepath.Dir(path))+".tfquery.hcl"), text, 0o600))
	}
	out := c.run("query", "-generate-config-out=found.tf")
	for _, want := range []string{
		`list.landlord_tenant.all slug=globex`,
		`list.landlord_tenant_template.all name=shop`,
		`list.landlord_tenant_fleet.all name=shops`,
		`list.landlord_tenant_customization.all name=phones,tenant=bakery`,
		`list.landlord_tenant_account.all name=` + s.Prefix + `bakery_app,tenant=bakery`,
	} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("the query does not find %s: %s", want, out)
		}
	}
	found, err := os.ReadFile(filepath.Join(c.directory, "found.tf"))
	must(t, err)
	for _, want := range []string{`resource "landlord_tenant_customization"`, `resource "landlord_tenant_template"`, `resource "landlord_tenant_fleet"`, `"The bakery takes orders by telephone."`, `import {`} {
		if !strings.Contains(string(found), want) {
			t.Errorf("the generated configuration lacks %s: %s", want, found)
		}
	}
	taken := newCLI(t, s) // by somebody who has no state
	taken.write("")
	must(t, os.WriteFile(filepath.Join(taken.directory, "found.tf"), found, 0o600))
	taken.run("init")
	if out := taken.run("plan"); !strings.Contains(out, " to import, 0 to add, 0 to change, 0 to destroy.") {
		t.Errorf("the generated configuration changes something: %s", out)
	}
}

// TestAccCLI_actions invokes the examples of actions where the core has them:
// Terraform 1.14.
func TestAccCLI_actions(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	if out, _ := c.try("-help"); !regexp.MustCompile(`(?m)^  query `).MatchString(out) {
		t.Skip("this core has no actions, which came with `query`")
	}
	config := exampleEstate
	paths, err := filepath.Glob(filepath.Join("..", "..", "examples", "actions", "*", "action.tf"))
	must(t, err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		must(t, err)
		config += string(text)
	}
	c.write(config)
	c.run("init")
	c.run("apply", "-auto-approve")
	for address, want := range map[string]string{
		"action.landlord_take_checkpoint.before_import": "Checkpoint `before-import` of tenant `bakery`: 0 rows, … bytes.",
		"action.landlord_approve_migration.ministry":    "Approved by Database board: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08/bakery.",
	} {
		if out := c.run("apply", "-auto-approve", "-invoke="+address); missingLine(out, "…"+want) != "" {
			t.Errorf("%s: %s", address, out)
		}
	}
	c.noChanges()
}
