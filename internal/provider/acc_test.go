package provider_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// accept runs steps with a real Terraform, the provider being in this process.
func accept(t *testing.T, s *mysqltest.Server, steps ...resource.TestStep) {
	t.Helper()
	needTerraform(t)
	for _, step := range steps {
		needFeatures(t, step.Config)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, environmentOf(s)),
		CheckDestroy: func(*terraform.State) error {
			rows := s.QueryRows(t, "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE ?", s.Prefix+"%")
			if len(rows) > 0 {
				return fmt.Errorf("databases are left: %v", rows)
			}
			rows = s.QueryRows(t, "SELECT slug FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants")
			if len(rows) > 0 {
				return fmt.Errorf("tenants are left: %v", rows)
			}
			return nil
		},
		Steps: steps,
	})
}

// factories makes a new provider for each command of Terraform, and closes the
// one of the former command, whose process would have ended.
func factories(t *testing.T, environment map[string]string) map[string]func() (tfprotov6.ProviderServer, error) {
	t.Helper()
	var former *provider.Provider
	closeFormer := func() error {
		if former == nil {
			return nil
		}
		return former.Close()
	}
	t.Cleanup(func() {
		if err := closeFormer(); err != nil {
			t.Error(err)
		}
	})
	return map[string]func() (tfprotov6.ProviderServer, error){"landlord": func() (tfprotov6.ProviderServer, error) {
		err := closeFormer()
		former = provider.NewWith("test", func(name string) string { return environment[name] }, nil)
		return providerserver.NewProtocol6(former)(), err
	}}
}

const shopConfig = `
resource "landlord_tenant_template" "shop" {
  name    = "shop"
  version = "1.0.0"
  core = {
    "001_users.sql" = "CREATE TABLE users (id INT NOT NULL PRIMARY KEY, email VARCHAR(190) NOT NULL);"
  }
  extension_points = ["users"]
  seeds = {
    "001_users.sql" = "INSERT INTO users (id, email) VALUES (1, 'root@example.com');"
  }
}
`

// acmeConfig returns a tenant that can be dropped, with more attributes.
func acmeConfig(attributes string) string {
	return `
resource "landlord_tenant" "acme" {
  slug              = "acme"
  template          = landlord_tenant_template.shop.id
  deletion_policy   = "drop"
  allow_destructive = true
` + attributes + `
}
`
}

func ask(t *testing.T, s *mysqltest.Server, want, query string, arguments ...any) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		if got := fmt.Sprint(s.QueryRows(t, query, arguments...)); got != want {
			return fmt.Errorf("the server answers %s, not %s, to %s", got, want, query)
		}
		return nil
	}
}

func TestAccTenant_basic(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		database := s.Prefix + "acme"
		first := shopConfig + acmeConfig(`  name = "Acme"`)
		second := shopConfig + acmeConfig(`
  name     = "Acme Ltd"
  metadata = { plan = "gold" }`)
		accept(t, s,
			resource.TestStep{
				Config: first,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectKnownValue("landlord_tenant_template.shop", tfjsonpath.New("id"), knownvalue.StringExact("shop@1.0.0")),
						plancheck.ExpectKnownValue("landlord_tenant.acme", tfjsonpath.New("migration").AtSliceIndex(0),
							knownvalue.StringExact("CREATE DATABASE `"+database+"` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")),
						plancheck.ExpectKnownValue("landlord_tenant.acme", tfjsonpath.New("migration"), knownvalue.ListSizeExact(3)),
						plancheck.ExpectKnownValue("landlord_tenant.acme", tfjsonpath.New("migration_digest"), knownvalue.NotNull()),
					},
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("landlord_tenant.acme", tfjsonpath.New("database_name"), knownvalue.StringExact(database)),
					statecheck.ExpectKnownValue("landlord_tenant.acme", tfjsonpath.New("update_status"), knownvalue.StringExact("current")),
					statecheck.ExpectKnownValue("landlord_tenant.acme", tfjsonpath.New("applied_template"), knownvalue.StringExact("shop@1.0.0")),
				},
				Check: ask(t, s, "[[root@example.com]]", "SELECT email FROM "+mysqltest.QuoteName(database)+".users"),
			},
			resource.TestStep{Config: first, PlanOnly: true},
			resource.TestStep{
				ResourceName: "landlord_tenant.acme", ImportState: true, ImportStateId: "acme", ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "slug",
				ImportStateVerifyIgnore: []string{"deletion_policy", "allow_destructive", "migration", "migration_digest"},
			},
			resource.TestStep{
				ResourceName: "landlord_tenant_template.shop", ImportState: true, ImportStateId: "shop@1.0.0", ImportStateVerify: true,
			},
			resource.TestStep{
				Config: second,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction("landlord_tenant_template.shop", plancheck.ResourceActionNoop),
						plancheck.ExpectResourceAction("landlord_tenant.acme", plancheck.ResourceActionUpdate),
						plancheck.ExpectKnownValue("landlord_tenant.acme", tfjsonpath.New("migration"), knownvalue.ListSizeExact(0)),
					},
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
				Check: ask(t, s, "[[Acme Ltd gold active]]", "SELECT name, JSON_UNQUOTE(JSON_EXTRACT(metadata, '$.plan')), status FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants"),
			},
		)
	})
}

func TestAccTenant_disappears(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	config := shopConfig + acmeConfig(`  name = "Acme"`)
	accept(t, s,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:    func() { s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(s.Prefix+"acme")) },
			RefreshState: true, ExpectNonEmptyPlan: true,
		},
		resource.TestStep{
			Config: config,
			Check:  ask(t, s, "[[1]]", "SELECT COUNT(*) FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".users"),
		},
	)
}

// TestAccTenant_Upgrade_onePlan edits the template and sees what its tenant
// gets in the same plan.
func TestAccTenant_Upgrade_onePlan(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		tenant := acmeConfig(`  name = "Acme"`)
		accept(t, s,
			resource.TestStep{Config: shopConfig + tenant},
			resource.TestStep{
				Config: strings.NewReplacer(`"1.0.0"`, `"1.1.0"`, "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL, phone VARCHAR(40) NULL").Replace(shopConfig) + tenant,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction("landlord_tenant_template.shop", plancheck.ResourceActionUpdate),
						plancheck.ExpectKnownValue("landlord_tenant.acme", tfjsonpath.New("migration"), knownvalue.ListExact([]knownvalue.Check{
							knownvalue.StringRegexp(regexp.MustCompile("^ALTER TABLE `users` ADD COLUMN `phone` varchar\\(40\\) [^-]*$"))})),
						plancheck.ExpectKnownValue("landlord_tenant.acme", tfjsonpath.New("migration_destructive"), knownvalue.Bool(false)),
					},
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
				ConfigStateChecks: []statecheck.StateCheck{ // the plan of this library refreshes nothing, so it does not know what the data will say
					statecheck.ExpectKnownValue("landlord_tenant.acme", tfjsonpath.New("applied_template"), knownvalue.StringExact("shop@1.1.0")),
				},
				Check: ask(t, s, "[[phone]]", "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND column_name = 'phone'", s.Prefix+"acme"),
			},
		)
	})
}

func TestAccTenant_protected(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	protected := shopConfig + `
resource "landlord_tenant" "acme" {
  slug     = "acme"
  name     = "Acme"
  template = landlord_tenant_template.shop.id
}
`
	accept(t, s,
		resource.TestStep{Config: protected},
		resource.TestStep{
			Config: protected, Destroy: true,
			ExpectError: regexp.MustCompile(`Error: Tenant is protected from deletion`),
		},
		resource.TestStep{
			Config: shopConfig + acmeConfig(`  name = "Acme"`),
			Check:  ask(t, s, "[[1]]", "SELECT COUNT(*) FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".users"),
		},
	)
}

// TestAccTenant_deletionCheckpoint destroys a tenant with the checkpoint on whose
// strength it goes, which Terraform destroys first.
func TestAccTenant_deletionCheckpoint(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	config := fmt.Sprintf("provider \"landlord\" {\n  checkpoint_directory = %q\n}\n", directory) + shopConfig + `
resource "landlord_tenant" "acme" {
  slug                 = "acme"
  name                 = "Acme"
  template             = landlord_tenant_template.shop.id
  deletion_policy      = "drop"
  deletion_checkpoint  = "final"
  automatic_checkpoint = "none"
}

resource "landlord_tenant_checkpoint" "final" {
  tenant = landlord_tenant.acme.slug
  name   = "final"
}
`
	accept(t, s, resource.TestStep{Config: config}, resource.TestStep{Config: config, Destroy: true})
	kept := s.QueryRows(t, "SELECT location FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_checkpoints WHERE name = 'final' AND status = 'ready'")
	if len(kept) != 1 {
		t.Fatalf("the landlord database has %v", kept)
	}
	if _, err := os.Stat(kept[0][0]); err != nil {
		t.Error(err)
	}
}

// TestAccTenant_adopt imports a database that the landlord does not know, by
// an import block, and then owns it.
func TestAccTenant_adopt(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	database := mysqltest.QuoteName(s.Prefix + "acme")
	s.Exec(t, "CREATE DATABASE "+database+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
		"CREATE TABLE "+database+".users (id INT NOT NULL PRIMARY KEY, email VARCHAR(190) NOT NULL)",
		"INSERT INTO "+database+".users VALUES (7, 'old@example.com')")
	config := shopConfig + acmeConfig(`  name = "Acme"`)
	accept(t, s,
		resource.TestStep{Config: config, ExpectError: regexp.MustCompile(`Error: Database exists already`)},
		resource.TestStep{
			Config: config + `
import {
  to = landlord_tenant.acme
  id = "acme"
}
`,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectKnownValue("landlord_tenant.acme", tfjsonpath.New("migration"), knownvalue.ListSizeExact(0)),
				},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			Check: ask(t, s, "[[old@example.com]]", "SELECT email FROM "+database+".users"),
		},
	)
}

// TestAccProvider_unknown makes the endpoint known in the same apply that
// needs it.
func TestAccProvider_unknown(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	environment := environmentOf(s)
	delete(environment, "LANDLORD_ENDPOINT")
	needTerraform(t)
	config := fmt.Sprintf(`
resource "terraform_data" "server" {
  input = %q
}

provider "landlord" {
  endpoint = terraform_data.server.output
}
`, s.Endpoint()) + shopConfig + acmeConfig(`  name = "Acme"`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, environment),
		CheckDestroy: func(*terraform.State) error {
			if databaseExists(t, s, s.Prefix+"acme") {
				return errors.New("the database is left")
			}
			return nil
		},
		Steps: []resource.TestStep{{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectUnknownValue("landlord_tenant_template.shop", tfjsonpath.New("id")),
					plancheck.ExpectUnknownValue("landlord_tenant.acme", tfjsonpath.New("migration")),
				},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			Check: ask(t, s, "[[1]]", "SELECT COUNT(*) FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".users"),
		}},
	})
}

func TestAccTenants_dataSource(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	accept(t, s, resource.TestStep{
		Config: shopConfig + acmeConfig(`  name = "Acme"`) + `
resource "landlord_tenant" "b" {
  slug              = "b"
  name              = "B"
  template          = landlord_tenant_template.shop.id
  deletion_policy   = "drop"
  allow_destructive = true
}

data "landlord_tenants" "all" {
  depends_on = [landlord_tenant.acme, landlord_tenant.b]
}

data "landlord_tenants" "none" {
  template   = "shop@9.9.9"
  depends_on = [landlord_tenant.acme, landlord_tenant.b]
}
`,
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.landlord_tenants.all", tfjsonpath.New("slugs"), knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("acme"), knownvalue.StringExact("b")})),
			statecheck.ExpectKnownValue("data.landlord_tenants.all", tfjsonpath.New("tenants").AtMapKey("b").AtMapKey("name"), knownvalue.StringExact("B")),
			statecheck.ExpectKnownValue("data.landlord_tenants.all", tfjsonpath.New("tenants").AtMapKey("b").AtMapKey("template"), knownvalue.StringExact("shop@1.0.0")),
			statecheck.ExpectKnownValue("data.landlord_tenants.none", tfjsonpath.New("slugs"), knownvalue.ListSizeExact(0)),
		},
	})
}

func TestAccFunction(t *testing.T) {
	t.Parallel()
	needTerraform(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, nil),
		Steps: []resource.TestStep{{
			Config: `
output "name" {
  value = provider::landlord::database_name("rowing-club")
}

output "statements" {
  value = provider::landlord::split_sql("SELECT 1; SELECT 2;")
}
`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("name", knownvalue.StringExact("tenant_rowing_club")),
				statecheck.ExpectKnownOutputValue("statements", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("SELECT 1"), knownvalue.StringExact("SELECT 2")})),
			},
		}},
	})
}
