package engine_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestTenant_dualityView makes, compares, changes and drops JSON duality views, which MySQL
// has since 9.4: they belong to the owner of the tenant's programs, and no plan sees a
// difference.
func TestTenant_dualityView(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	if s.Kind.IsMariaDB() {
		t.Skip("MariaDB has none")
	}
	e := engineOn(t, s)
	with := func(version, view string) landlord.TemplateSpec {
		spec := shop(version)
		spec.Core["004_views.sql"] = view
		return spec
	}
	const head = "DUALITY VIEW customer_docs AS SELECT JSON_DUALITY_OBJECT('_id': id, 'email': email"
	publish(t, e, with("1.0.0", "CREATE JSON RELATIONAL "+head+") FROM customers;"))
	publish(t, e, with("1.1.0", "CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=`x`@`y` SQL SECURITY DEFINER JSON "+head+", 'phone': phone) FROM customers;"))
	publish(t, e, with("1.2.0", "CREATE VIEW other AS SELECT 1 AS a;"))
	to := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0"}
	_, tenant := create(t, e, to)
	for _, version := range []string{"1.0.0", "1.1.0", "1.2.0"} {
		if to.Template = "shop@" + version; version != "1.0.0" {
			if _, _, err := update(t.Context(), e, to, tenant); err != nil {
				t.Fatal(explain(err))
			}
		}
		tenant = noDrift(t, engineOn(t, s), "acme")
		p := prior(tenant)
		plan, err := engineOn(t, s).PlanTenant(t.Context(), to, &p)
		if err != nil || plan.HasWork() {
			t.Errorf("%s: %+v, %s", version, plan, said(err))
		}
		owned(t, s, tenant.DatabaseName, 2)
	}
	custom := small("docs")
	custom.Patch = landlord.CustomizationPatch{SQL: "CREATE JSON DUALITY VIEW ext_docs AS SELECT JSON_DUALITY_OBJECT('_id': id) FROM customers"}
	e = engineOn(t, s)
	plan, err := e.PlanCustomization(t.Context(), custom, nil)
	if err != nil {
		t.Fatal(explain(err))
	}
	if _, err := e.ApplyCustomization(t.Context(), custom, nil, plan.Digest); err != nil {
		t.Fatal(explain(err))
	}
	noDrift(t, engineOn(t, s), "acme")
	owned(t, s, tenant.DatabaseName, 3)
}
