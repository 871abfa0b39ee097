package engine_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestCustomization_removedWithUpdate refuses, whatever is planned first, to take
// a customization away in the run that updates its tenant, and lets it go in a run
// of its own, before or after.
func TestCustomization_removedWithUpdate(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e, _ := shopTenant(t, s, "acme")
	mustCustomize(t, e, small("alpha"), nil)
	to := shop("1.1.0")
	to.Core["003_alpha.sql"] = small("alpha").Patch.Tables["alpha"] + ";\nALTER TABLE customers ADD COLUMN alpha VARCHAR(20) NULL;\n" + small("alpha").Patch.SQL + ";"
	publish(t, e, to)
	tenant := noDrift(t, engineOn(t, s), "acme")
	former := prior(tenant)
	updated := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.1.0"}
	want := func(field string) string {
		return "Customization goes while its tenant is updated [" + field + "]\n" +
			"Tenant `acme` is updated, and customization `alpha` is taken away from it. Terraform takes away before it updates, so the update would meet another schema than the planned one.\n\n" +
			"Take two applies: leave the customization in the configuration until the tenant is updated, then remove it. What the template has by then stays in the tenant."
	}

	first := engineOn(t, s)
	if _, err := first.PlanTenant(t.Context(), updated, &former); err != nil {
		t.Fatal(said(err))
	}
	_, err := first.PlanRemoval(t.Context(), "acme", "alpha", customization.RemovalOptions{})
	if diff := cmp.Diff(want(""), said(err)); diff != "" || !errors.Is(err, landlord.ErrTenantMoves) {
		t.Errorf("the tenant first (-want +got):\n%s", diff)
	}
	second := engineOn(t, s)
	if _, err := second.PlanRemoval(t.Context(), "acme", "alpha", customization.RemovalOptions{}); err != nil {
		t.Fatal(said(err))
	}
	_, err = second.PlanTenant(t.Context(), updated, &former)
	if diff := cmp.Diff(want("template"), said(err)); diff != "" {
		t.Errorf("the customization first (-want +got):\n%s", diff)
	}

	// One after the other, in one process as well: nothing is left of it.
	last := engineOn(t, s)
	if plan, err := last.PlanTenant(t.Context(), landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"}, &former); err != nil || plan.HasWork() {
		t.Fatal(said(err))
	}
	if _, err := last.PlanRemoval(t.Context(), "acme", "alpha", customization.RemovalOptions{}); err != nil {
		t.Fatal(said(err))
	}
	if err := last.RemoveCustomization(t.Context(), "acme", "alpha", customization.RemovalOptions{}); err != nil {
		t.Fatal(said(err))
	}
	plan, after, err := update(t.Context(), last, updated, noDrift(t, engineOn(t, s), "acme"))
	if err != nil || !plan.HasWork() || after.UpdateStatus != landlord.UpdateCurrent {
		t.Fatalf("%+v: %s", plan, said(err))
	}
	noDrift(t, engineOn(t, s), "acme")
}
