package provider_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestTenantHealth reads a tenant that does well, and one that lacks a checkpoint
// and a key.
func TestTenantHealth(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		environment := environmentOf(s)
		environment["LANDLORD_BACKUP_OBJECTIVE"] = "24h"
		c := coreWith(t, environment)
		c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		c.must("landlord_tenant", nil, acme(values{"slug": "one"}))
		c.must("landlord_tenant", nil, acme(values{"slug": "two"}))
		s.Exec(t, "CREATE TABLE "+s.Prefix+"one.log (line TEXT)")

		found := coreWith(t, environmentOf(s)).mustData("landlord_tenant_health", values{"tenant": "two"})
		if found["healthy"] != true || len(found["slugs"].([]any)) != 0 || len(found["tenants"].(values)) != 1 { //nolint:forcetypeassert // the schema says so
			t.Errorf("one that does well: %v", found)
		}
		found = coreWith(t, environment).mustData("landlord_tenant_health", values{})
		one := found["tenants"].(values)["one"].(values) //nolint:forcetypeassert // the schema says so
		var reasons []string
		for _, r := range one["reasons"].([]any) { //nolint:forcetypeassert // the schema says so
			reasons = append(reasons, r.(values)["kind"].(string)) //nolint:forcetypeassert // the schema says so
		}
		if diff := cmp.Diff([]string{"no_checkpoint", "drifted", "no_primary_key"}, reasons); diff != "" {
			t.Errorf("reasons (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]any{"one", "two"}, found["slugs"]); diff != "" || found["healthy"] != false {
			t.Errorf("slugs (-want +got):\n%s", diff)
		}
		if one["level"] != "unhealthy" || one["state"] != "drifted" || one["reachable"] != true || one["update_status"] != "current" {
			t.Errorf("one: %v", one)
		}
		_, diagnostics := c.data("landlord_tenant_health", values{"tenant": "nobody"})
		want := []string{"ERROR at (tenant): Tenant is not known\nThe landlord database has no tenant `nobody`, and no tenant of this run that was planned so far has that slug.\n\n" +
			"Refer to `slug` of a `landlord_tenant`, so that Terraform knows the order, or correct the slug."}
		if diff := cmp.Diff(want, diagnostics); diff != "" {
			t.Errorf("diagnostics (-want +got):\n%s", diff)
		}
	})
}
