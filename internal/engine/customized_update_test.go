package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestUpdateTenant_withItsCustomization decides about a customization and edits
// it in the same run: what the customization plans on the tenant as it will be is
// what is left of it afterwards, which is nothing.
func TestUpdateTenant_withItsCustomization(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, office("1.0.0"))
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "office@1.0.0", AllowDestructive: true}
		create(t, e, spec)
		calls := customization.Spec{Tenant: "acme", Name: "calls", Reason: "r", Patch: landlord.CustomizationPatch{
			Columns: []landlord.CustomizationColumn{{Table: "people", Name: "phone", Definition: "VARCHAR(60) NULL"}, {Table: "people", Name: "room", Definition: "INT NULL"}},
			Views:   map[string]string{"faxes": "SELECT id, fax AS number FROM people"}}}
		_, made := mustCustomize(t, engineOn(t, s), calls, nil)

		next := engineOn(t, s)
		publish(t, next, office("1.1.0", "fax VARCHAR(20) NULL", "phone VARCHAR(40) NULL COMMENT 'x', room INT NULL"))
		tenant, err := next.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		p := prior(tenant)
		spec.Template = "office@1.1.0"
		spec.Resolutions = []merge.Resolution{
			decide(t, "table people column phone", merge.KeepTenant, ""),
			decide(t, "view faxes", merge.DecideSQL, "CREATE VIEW faxes AS SELECT id, phone AS number FROM people"),
		}
		plan, err := next.PlanTenant(t.Context(), spec, &p)
		if err != nil {
			t.Fatal(explain(err))
		}
		if first := plan.Steps[0]; first.Level != 3 || first.Origin != "customization `calls`" || first.Object != "view `faxes`" {
			t.Errorf("the first step: %+v", first)
		}
		edited := calls
		edited.Patch.Views = map[string]string{"faxes": "SELECT id, phone AS number FROM people"}
		want := []string{"table `people` column `phone` active", "table `people` column `room` promoted", "view `faxes` active"}
		look := func(when string) {
			t.Helper()
			again, err := next.PlanCustomization(t.Context(), edited, &customization.PriorCustomization{Objects: made.Objects})
			if err != nil {
				t.Fatalf("%s: %s", when, explain(err))
			}
			if diff := cmp.Diff(want, objects(again.Objects)); diff != "" || len(again.Steps) > 0 {
				t.Errorf("%s: %v, objects (-want +got):\n%s", when, operations(again.Steps), diff)
			}
		}
		look("in the plan")
		if _, err := next.UpdateTenant(t.Context(), spec, p, plan.Digest); err != nil {
			t.Fatal(explain(err))
		}
		look("in the apply")
		_, after, err := customize(t, next, edited, made)
		if err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff(want, objects(after.Objects)); diff != "" {
			t.Errorf("objects (-want +got):\n%s", diff)
		}
		noDrift(t, engineOn(t, s), "acme")
	})
}
