package engine_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestUpdateTenant_twoRuns has two processes plan the same statements on rows,
// which leave no trace in the schema: the second one to apply them is refused.
func TestUpdateTenant_twoRuns(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"}
		_, tenant := create(t, e, spec)
		next := shop("1.1.0")
		next.Migrations = map[string]string{"1.0.0--1.1.0.sql": "UPDATE customers SET phone = CONCAT(IFNULL(phone, ''), 'x');"}
		publish(t, engineOn(t, s), next)
		spec.Template = "shop@1.1.0"

		late, before := engineOn(t, s), prior(tenant)
		plan, err := late.PlanTenant(t.Context(), spec, &before)
		if err != nil {
			t.Fatal(explain(err))
		}
		if len(plan.Steps) != 1 {
			t.Fatalf("planned %v, want the one statement on rows", plan.Steps)
		}
		if _, _, err := update(t.Context(), engineOn(t, s), spec, tenant); err != nil {
			t.Fatal(explain(err))
		}
		_, err = late.UpdateTenant(t.Context(), spec, before, plan.Digest)
		wantProblem(t, err, "Tenant changed since the plan [template]\n"+
			"Another run has worked on tenant `acme` since the plan was made, so the planned steps are not what is left to do.\n\nNothing was run. Plan again.")
		for _, row := range s.QueryRows(t, "SELECT DISTINCT phone FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".customers") {
			if row[0] != "x" {
				t.Errorf("phone is %q: the statement ran twice", row[0])
			}
		}
	})
}
