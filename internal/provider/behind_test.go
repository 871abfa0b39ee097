package provider_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestTemplate_unpublished loses a published version, as a landlord database that
// is older does.
func TestTemplate_unpublished(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	template := coreOn(t, s).must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	s.Exec(t, "DELETE FROM "+s.LandlordDatabase+".tenant_templates")
	c := coreOn(t, s)
	template, diagnostics := c.refresh("landlord_tenant_template", template)
	want := []string{"WARNING at (version): Template version is not published any more\n" +
		"The landlord database does not know template `shop@1.0.0`, which was published by Terraform's state. A landlord database that was lost or brought back from an older dump leaves this, and so does another run that destroyed the template.\n\n" +
		"The plan publishes it anew. Look first whether `landlord_database` of the provider names the right one."}
	if diff := cmp.Diff(want, diagnostics); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{}, field(t, template, "published_versions")); diff != "" {
		t.Errorf("what is published (-want +got):\n%s", diff)
	}
	template = c.must("landlord_tenant_template", template, shop("1.0.0", usersTable))
	coreOn(t, s).settled("landlord_tenant_template", template, shop("1.0.0", usersTable))
}

// TestTenant_behind brings the row of a tenant back to what it was before its last
// migration.
func TestTenant_behind(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenant := c.must("landlord_tenant", nil, acme(nil))
	rows := s.LandlordDatabase + ".tenants"
	s.Exec(t, "CREATE DATABASE "+s.Prefix+"kept", "CREATE TABLE "+s.Prefix+"kept.rows_ AS SELECT * FROM "+rows)
	c = coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("2.0.0", usersTable, teamsTable))
	moved := acme(values{"template": "shop@2.0.0"})
	tenant = c.must("landlord_tenant", tenant, moved)
	s.Exec(t, "DELETE FROM "+rows, "INSERT INTO "+rows+" SELECT * FROM "+s.Prefix+"kept.rows_")

	c = coreOn(t, s)
	want := []string{"ERROR at (slug): Landlord database is older than the plan\n" +
		"Tenant `acme` follows `shop@2.0.0` by Terraform's state, and the landlord database knew that when the state was written or refreshed. It does not any more: " +
		"it was lost, brought back from an older dump, or `landlord_database` of the provider names another one.\n\n" +
		"Nothing was run. Plan again, and without `-refresh=false`: the plan then shows what is recorded anew."}
	if diff := cmp.Diff(want, c.plan("landlord_tenant", tenant, with(moved, values{"name": "Other"})).diagnostics); diff != "" {
		t.Errorf("not refreshed (-want +got):\n%s", diff)
	}
	tenant, diagnostics := c.refresh("landlord_tenant", tenant)
	want = []string{"WARNING at (slug): Landlord database is older than a tenant\n" +
		"Tenant `acme` follows `shop@2.0.0` by Terraform's state, and the landlord database does not know the migration that led there. A dump that is older than the tenant leaves this.\n\n" +
		"The plan records what the state knows, with the tenant's schema as it is. What the lost migrations did is not done again. Look first whether `landlord_database` of the provider names the right one."}
	if diff := cmp.Diff(want, diagnostics); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := field(t, tenant, "update_status"); got != "unrecorded" {
		t.Errorf("the update status is %v", got)
	}
	if again, diagnostics := coreOn(t, s).refresh("landlord_tenant", tenant); len(diagnostics) != 1 || field(t, again, "applied_template") != "shop@2.0.0" {
		t.Errorf("refreshed again: %v, %v", again, diagnostics)
	}

	s.Exec(t, "DELETE FROM "+s.LandlordDatabase+".tenant_templates WHERE version = '2.0.0'")
	c = coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("3.0.0", usersTable, teamsTable))
	lost := c.plan("landlord_tenant", tenant, acme(values{"template": "shop@3.0.0"}))
	want = []string{"ERROR at (template): Template in force is not published any more\n" +
		"Tenant `acme` follows `shop@2.0.0` by Terraform's state. The landlord database has lost that, and the version too, so nobody can tell what is left to do for `shop@3.0.0`.\n\n" +
		"Nothing was run. Restore a newer dump of the landlord database; or apply the configuration of the time when the tenant moved to `shop@2.0.0`, which publishes it again, and then this one."}
	if diff := cmp.Diff(want, lost.diagnostics); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	c = coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("2.0.0", usersTable, teamsTable))
	s.Exec(t, "ALTER TABLE "+s.Prefix+"acme.teams DROP COLUMN name") // which nobody would see if the schema were recorded as it is
	tenant, _ = c.refresh("landlord_tenant", tenant)
	if plan := c.plan("landlord_tenant", tenant, moved); len(statements(t, plan.state)) > 0 {
		t.Errorf("more is planned than to record what is: %v", plan.state)
	}
	tenant = c.must("landlord_tenant", tenant, moved)
	tenant, _ = coreOn(t, s).refresh("landlord_tenant", tenant)
	drift, _ := field(t, tenant, "drift").([]any)
	if len(drift) != 1 || field(t, tenant, "update_status") != "current" {
		t.Errorf("recorded: status %v, drift %v", field(t, tenant, "update_status"), drift)
	}
	s.Exec(t, "ALTER TABLE "+s.Prefix+"acme.teams ADD COLUMN name VARCHAR(190) NOT NULL")
	coreOn(t, s).settled("landlord_tenant", tenant, moved)
}

// TestTenant_destroyedUnregistered destroys a tenant that the landlord database has
// lost: it is not called destroyed while its database is there.
func TestTenant_destroyedUnregistered(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenant := c.must("landlord_tenant", nil, acme(nil))
	s.Exec(t, "DELETE FROM "+s.LandlordDatabase+".tenants")
	want := []string{"ERROR at (slug): Tenant to destroy is not registered\n" +
		"The landlord database does not know tenant `acme`, and its database `" + s.Prefix + "acme` is on the main server. Nothing was touched.\n\n" +
		"Apply the tenant first, which registers it anew, and destroy it then. To only forget it in Terraform, use a `removed` block with `destroy = false`."}
	if diff := cmp.Diff(want, coreOn(t, s).plan("landlord_tenant", tenant, nil).diagnostics); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	archived := open(t, tenant)
	archived["deletion_policy"] = "archive"
	if diff := cmp.Diff(want, coreOn(t, s).plan("landlord_tenant", archived, nil).diagnostics); diff != "" {
		t.Errorf("archiving (-want +got):\n%s", diff)
	}
	c = coreOn(t, s)
	tenant, _ = c.refresh("landlord_tenant", tenant)
	tenant = c.must("landlord_tenant", tenant, acme(nil))
	if after := coreOn(t, s).must("landlord_tenant", tenant, nil); after != nil || databaseExists(t, s, s.Prefix+"acme") {
		t.Errorf("registered anew and destroyed, there is %v", after)
	}
}
