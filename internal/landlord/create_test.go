package landlord_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysqltest"
)

func TestCreateTenant(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engine(t, s)
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
		next := engine(t, s)
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
