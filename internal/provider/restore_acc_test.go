package provider_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestAccRestore_basic takes a checkpoint, looks at it beside the tenant, brings
// the tenant back in place, and finds nothing left to do.
func TestAccRestore_basic(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		users := mysqltest.QuoteName(s.Prefix+"acme") + ".users"
		base := fmt.Sprintf("provider \"landlord\" {\n  checkpoint_directory = %q\n}\n", t.TempDir()) + shopConfig + acmeConfig(`
  name                 = "Acme"
  automatic_checkpoint = "none"`) + `
resource "landlord_tenant_checkpoint" "before" {
  tenant = landlord_tenant.acme.slug
  name   = "before"
  verify = true
}
`
		restore := func(mode string) string {
			return base + `
resource "landlord_tenant_restore" "acme" {
  tenant            = landlord_tenant.acme.slug
  checkpoint        = landlord_tenant_checkpoint.before.id
  mode              = "` + mode + `"
  allow_destructive = true
}
`
		}
		empty := resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
		accept(t, s,
			resource.TestStep{
				Config: restore("side_by_side"), ConfigPlanChecks: empty, // all in one plan
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("landlord_tenant_checkpoint.before", tfjsonpath.New("rows"), knownvalue.Int64Exact(1)),
					statecheck.ExpectKnownValue("landlord_tenant_restore.acme", tfjsonpath.New("database_name"), knownvalue.StringExact(s.Prefix+"acme__restore_1")),
					statecheck.ExpectKnownValue("landlord_tenant_restore.acme", tfjsonpath.New("report").AtMapKey("rows"), knownvalue.Int64Exact(1)),
				},
				Check: ask(t, s, "[[root@example.com]]", "SELECT email FROM "+mysqltest.QuoteName(s.Prefix+"acme__restore_1")+".users"),
			},
			resource.TestStep{
				ResourceName: "landlord_tenant_checkpoint.before", ImportState: true, ImportStateId: "acme/before", ImportStateVerify: true, ImportStateVerifyIgnore: []string{"verify"},
			},
			resource.TestStep{
				ResourceName: "landlord_tenant_restore.acme", ImportState: true, ImportStateId: "acme/1", ImportStateVerify: true, ImportStateVerifyIgnore: []string{"allow_destructive"},
			},
			resource.TestStep{
				PreConfig: func() { s.Exec(t, "UPDATE "+users+" SET email = 'spoilt'") },
				Config:    restore("in_place"),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction("landlord_tenant_restore.acme", plancheck.ResourceActionDestroyBeforeCreate),
						plancheck.ExpectKnownValue("landlord_tenant_restore.acme", tfjsonpath.New("migration"), knownvalue.ListExact([]knownvalue.Check{
							sends("CREATE DATABASE `" + s.Prefix + "acme__restore_979c5f53` "),
							sends("CREATE DATABASE IF NOT EXISTS `" + s.LandlordDatabase + "_retired_1_979c5f53` "),
							sends("RENAME TABLE `" + s.Prefix + "acme`.`users` TO `" + s.LandlordDatabase + "_retired_1_979c5f53`.`users`, `" + s.Prefix + "acme__restore_979c5f53`.`users` TO `" + s.Prefix + "acme`.`users`"),
							sends("DROP DATABASE IF EXISTS `" + s.Prefix + "acme__restore_979c5f53`"),
						})),
						plancheck.ExpectKnownValue("landlord_tenant_restore.acme", tfjsonpath.New("migration_digest"), knownvalue.NotNull()),
					},
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
				Check: resource.ComposeTestCheckFunc(
					ask(t, s, "[[root@example.com]]", "SELECT email FROM "+users),
					ask(t, s, "[[0]]", "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?", s.Prefix+"acme__restore_1"),
					ask(t, s, "[[spoilt]]", "SELECT email FROM "+mysqltest.QuoteName(s.LandlordDatabase+"_retired_1_979c5f53")+".users"),
				),
			},
		)
	})
}

// sends is a planned step whose statement begins with a text.
func sends(sql string) knownvalue.Check {
	return knownvalue.StringRegexp(regexp.MustCompile("^" + regexp.QuoteMeta(sql)))
}
