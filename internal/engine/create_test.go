package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestCreateTenant(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		v := publish(t, e, shop("1.0.0"))
		spec := landlord.TenantSpec{Slug: "acme-east", Name: "Acme East", Template: v.ID, Modules: []string{"loyalty"}}
		plan, tenant := create(t, e, spec)

		db := s.Prefix + "acme_east"
		operations := []string{}
		for _, step := range plan.Steps {
			operations = append(operations, step.Operation+" "+step.Object)
		}
		want := []string{"create_database database `" + db + "`", "create_table table `customers`", "create_table table `orders`", "alter_table table `customers`",
			"create_view view `order_totals`", "create_table table `points`", "insert table `customers`", "insert table `customers`"}
		if diff := cmp.Diff(want, operations); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
		if plan.Fingerprint == "" || plan.Fingerprint != tenant.SchemaFingerprint {
			t.Errorf("planned fingerprint %q, got %q", plan.Fingerprint, tenant.SchemaFingerprint)
		}
		if tenant.UpdateStatus != landlord.UpdateCurrent || tenant.Template != "shop@1.0.0" || len(tenant.Drift) != 0 {
			t.Errorf("tenant: %+v", tenant)
		}
		got := s.QueryRows(t, "SELECT slug, name, database_name, status, applied_version FROM "+s.LandlordDatabase+".tenants")
		if diff := cmp.Diff([][]string{{"acme-east", "Acme East", db, "active", "1.0.0"}}, got); diff != "" {
			t.Errorf("registry (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([][]string{{"2"}}, s.QueryRows(t, "SELECT COUNT(*) FROM "+db+".customers")); diff != "" {
			t.Errorf("seeds (-want +got):\n%s", diff)
		}
		got = s.QueryRows(t, "SELECT level, status, COALESCE(running, 'none') FROM "+s.LandlordDatabase+".tenant_migrations_history ORDER BY id")
		if diff := cmp.Diff([][]string{{"1", "done", "none"}}, got); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}

		// Another run sees the same and finds nothing to do.
		next := engineOn(t, s)
		again, err := next.Tenant(t.Context(), "acme-east")
		if err != nil {
			t.Fatal(explain(err))
		}
		p := prior(again)
		noop, err := next.PlanTenant(t.Context(), spec, &p)
		if err != nil {
			t.Fatal(explain(err))
		}
		if noop.HasWork() || noop.Digest != "" {
			t.Errorf("second plan has work: %+v", noop.Steps)
		}
	})
}

// TestCreateTenant_dump makes a tenant from what a dump prints: tables in the
// order of their names, so that foreign keys refer to later ones.
func TestCreateTenant_dump(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		spec := landlord.TemplateSpec{
			Name: "dump", Version: "1.0.0",
			Core: map[string]string{"dump.sql": "/*!40101 SET NAMES utf8mb4 */;\nDROP TABLE IF EXISTS `child`;\n" +
				"CREATE TABLE `child` (`id` int NOT NULL, `parent_id` int DEFAULT NULL, PRIMARY KEY (`id`), KEY `ix` (`parent_id`), CONSTRAINT `fk` FOREIGN KEY (`parent_id`) REFERENCES `parent` (`id`));\n" +
				"CREATE TABLE `parent` (`id` int NOT NULL, PRIMARY KEY (`id`));\n"},
			Seeds: map[string]string{"seeds.sql": "INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1);"},
		}
		publish(t, e, spec)
		_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "dump@1.0.0"})
		if tenant.UpdateStatus != landlord.UpdateCurrent {
			t.Errorf("tenant: %+v", tenant)
		}
		if _, err := s.DB().ExecContext(t.Context(), "INSERT INTO "+s.Prefix+"acme.child VALUES (2, 99)"); err == nil {
			t.Error("the foreign key is not enforced")
		}
		// Seeds are checked, although the tables were not.
		spec.Version, spec.Seeds["seeds.sql"] = "1.0.1", "INSERT INTO child VALUES (1, 1);"
		_, err := engineOn(t, s).PlanTemplate(t.Context(), spec)
		if err == nil {
			t.Error("a seed that violates a foreign key was accepted")
		}
	})
}
