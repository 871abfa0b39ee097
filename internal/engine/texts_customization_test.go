package engine_test

import (
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// ofColumn is a customization that adds one column of `customers`.
func ofColumn(tenant, name, column, definition string) customization.Spec {
	return customization.Spec{Tenant: tenant, Name: name, Reason: "they asked for it", Patch: landlord.CustomizationPatch{
		Columns: []landlord.CustomizationColumn{{Table: "customers", Name: column, Definition: definition}}}}
}

// TestTexts_customizations meets customizations of others, what is there by
// hand, and what the template has.
func TestTexts_customizations(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e, _ := shopTenant(t, s, "acme")
	db := s.Prefix + "acme"
	mustCustomize(t, e, small("alpha"), nil)
	mustCustomize(t, engineOn(t, s), customization.Spec{Tenant: "acme", Name: "top", Reason: "reads",
		Patch: landlord.CustomizationPatch{Views: map[string]string{"alpha_of": "SELECT id FROM alpha"}}}, nil)
	plan := func(spec customization.Spec) (*customization.Plan, error) {
		return engineOn(t, s).PlanCustomization(t.Context(), spec, nil)
	}
	notes := func(spec customization.Spec) []landlord.Note {
		t.Helper()
		p, err := plan(spec)
		if err != nil {
			t.Error(explain(err))
			return nil
		}
		return p.Notes
	}
	remarks(t, s, notes(small("alpha")), "Customization was made by an earlier run [name]\n"+
		"Customization `alpha` of tenant `acme` exists exactly as configured, made at TIME. An apply that was cut off before Terraform wrote its state "+
		"leaves this, so it is taken over. If another configuration manages it, remove it from one of the two.")
	removal, err := engineOn(t, s).PlanRemoval(t.Context(), "acme", "alpha", customization.RemovalOptions{})
	must(t, err)
	remarks(t, s, removal.Notes, "Another customization may need this one []\n"+
		"What customization `alpha` of tenant `acme` takes away is named by `top`. The apply is refused as long as the database needs it.")
	refuses(t, s, engineOn(t, s).RemoveCustomization(t.Context(), "acme", "alpha", customization.RemovalOptions{}), "Object is still needed [tenant]\nCustomization `alpha` works on the template, but not in tenant `acme` as it is now.\n\n"+
		"View `alpha_of`, which customization `top` has made, would break: it names table `alpha`, which goes.\n\n"+
		"Nothing was run. Somebody has changed the tenant, or another of its customizations is in the way: see its `drift`, and correct one of the two.")
	_, err = plan(ofColumn("acme", "bravo", "alpha", "VARCHAR(20) NULL"))
	refuses(t, s, err, "Two customizations claim the same []\nThe customizations `alpha` and `bravo` of tenant `acme` both make column `alpha` of table `customers`.\n\n"+
		"Remove it from one of the two. To move it from one to the other, or to rename a customization, apply the removal first; a resource that is "+
		"replaced with `create_before_destroy` cannot do that.")

	// In one run: what goes and what comes are the same.
	run := engineOn(t, s)
	_, err = run.PlanRemoval(t.Context(), "acme", "alpha", customization.RemovalOptions{})
	must(t, err)
	heir := ofColumn("acme", "bravo", "alpha", "VARCHAR(20) NULL")
	later, err := run.PlanCustomization(t.Context(), heir, nil)
	if err != nil {
		t.Error(explain(err))
	} else {
		remarks(t, s, later.Notes, "Steps are known after another change []\n"+
			"What customization `bravo` of tenant `acme` makes belongs to another one that goes in the same run. Its objects are set aside and come back; the "+
			"statements are known then.")
	}
	_, err = run.ApplyCustomization(t.Context(), heir, nil, "")
	refuses(t, s, err, "Customization has to wait for another one []\nWhat customization `bravo` of tenant `acme` makes belongs to another one, which is not gone yet.\n\n"+
		"Nothing was run. Apply again.")

	s.Exec(t, "ALTER TABLE "+db+".customers ADD COLUMN carol VARCHAR(20) NULL, ADD COLUMN delta INT NULL")
	remarks(t, s, notes(ofColumn("acme", "carol", "carol", "VARCHAR(20) NULL")), "Customization takes existing objects in []\n"+
		"Tenant `acme` has them already, exactly as customization `carol` makes them; from now on they are its own:\ncolumn `carol` of table `customers`")
	_, err = plan(ofColumn("acme", "delta", "delta", "VARCHAR(20) NULL"))
	refuses(t, s, err, "Object exists already []\nColumn `delta` of table `customers` is in tenant `acme` already; nobody recorded it, and it is another one.\n"+
		"Server: `delta` int DEFAULT NULL\nCustomization: `delta` varchar(20) COLLATE utf8mb4_unicode_ci DEFAULT NULL\n\n"+
		"Nothing was run. Make the customization like it, to take it in, or give one of the two another name.")
	_, err = plan(ofColumn("acme", "phones", "phone", "INT NULL"))
	refuses(t, s, err, "Template and customization define the same []\nColumn `phone` of table `customers` is in template `shop@1.0.0`, too, and is another one there.\n"+
		"Template: `phone` varchar(32) COLLATE utf8mb4_unicode_ci DEFAULT NULL\nCustomization: `phone` int DEFAULT NULL\n\n"+
		"Give it another name, or make it the same as in the template: then the customization leaves it to the template.")
	_, err = plan(ofColumn("acme", "ids", "id", "INT NOT NULL"))
	refuses(t, s, err, "Customization cannot be compared with the template []\n"+
		"The template has what the customization makes, and cannot do without it even in a scratch database.\n\nALTER TABLE `customers` DROP COLUMN `id`\n\n"+
		"Cause: Cannot drop column 'id': needed in a foreign key constraint 'fk_orders_customer' of table 'orders'\n\nRemove it from the customization.")

	s.Exec(t, "ALTER TABLE "+db+".customers MODIFY COLUMN alpha VARCHAR(10) NULL")
	next := engineOn(t, s)
	now, err := next.Customization(t.Context(), "acme", "alpha")
	must(t, err)
	repair, err := next.PlanCustomization(t.Context(), small("alpha"), &customization.PriorCustomization{Objects: now.Objects})
	must(t, err)
	remarks(t, s, repair.Notes, "Customization was changed by somebody else []\nTenant `acme` does not have what customization `alpha` made. The plan brings it back:\n"+
		"Column `alpha` of table `customers` was changed.\nRecorded: `alpha` varchar(20) COLLATE utf8mb4_unicode_ci DEFAULT NULL\n"+
		"Server: `alpha` varchar(10) COLLATE utf8mb4_unicode_ci DEFAULT NULL")
}

// TestTexts_customizationStops: the tenant is not what the customization needs.
func TestTexts_customizationStops(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	_, err := e.PlanTemplate(t.Context(), shop("1.0.0"))
	must(t, err)
	_, err = e.PlanTenant(t.Context(), landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0"}, nil)
	must(t, err)
	_, err = e.PlanCustomization(t.Context(), small("alpha"), nil)
	must(t, err)
	_, err = e.ApplyCustomization(t.Context(), small("alpha"), nil, "")
	refuses(t, s, err, "Tenant is not there [tenant]\nTenant `acme` has no database yet.\n\nApply the tenant first; refer to its `slug`, so that Terraform knows the order.")

	shopTenant(t, s, "acme")
	db := s.Prefix + "acme"
	// A reader keeps the table.
	tx, err := s.DB().BeginTx(t.Context(), nil)
	must(t, err)
	defer func() { _ = tx.Rollback() }()
	var n int
	must(t, tx.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+db+".customers").Scan(&n))
	_, _, err = customize(t, engineOn(t, s, func(c *landlord.Config) { c.Main.LockTimeout = time.Second }), ofColumn("acme", "extra", "extra", "INT NULL"), nil)
	refuses(t, s, err, "Customization stopped []\nCustomization `extra` of tenant `acme` stopped at statement 1 of 1.\n\n"+
		"ALTER TABLE `customers` ADD COLUMN `extra` int DEFAULT NULL, ALGORITHM=INSTANT\n\nCause: Lock wait timeout exceeded; try restarting transaction\n\n"+
		"What is done is kept and recorded. Correct the cause and apply again: it goes on where it stopped.")
	must(t, tx.Rollback())
	mustCustomize(t, engineOn(t, s), ofColumn("acme", "extra", "extra", "INT NULL"), nil)

	// The run has planned to move the tenant, and customizes it first.
	to := shop("1.1.0")
	to.Core["003_city.sql"] = "ALTER TABLE customers ADD COLUMN city VARCHAR(40) NULL;"
	next := engineOn(t, s)
	publish(t, next, to)
	tenant := noDrift(t, next, "acme")
	p := prior(tenant)
	spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.1.0"}
	_, err = next.PlanTenant(t.Context(), spec, &p)
	must(t, err)
	_, err = next.PlanCustomization(t.Context(), ofColumn("acme", "late", "late", "INT NULL"), nil)
	must(t, err)
	_, err = next.ApplyCustomization(t.Context(), ofColumn("acme", "late", "late", "INT NULL"), nil, "")
	refuses(t, s, err, "Tenant is changed at the same time [tenant]\n"+
		"Something else works on tenant `acme`, or this run has planned to and not done it yet, so that customization `late` was never fitted to what is "+
		"there.\n\nNothing was run. Refer to `slug` of the `landlord_tenant`, so that Terraform knows the order, and apply again.")

	// The migration waits for an approval.
	waits := engineOn(t, s)
	publish(t, waits, to)
	spec.UpdatePolicy = landlord.UpdateReview
	_, err = waits.PlanTenant(t.Context(), spec, &p)
	must(t, err)
	late, err := waits.PlanCustomization(t.Context(), ofColumn("acme", "late", "late", "INT NULL"), nil)
	must(t, err)
	remarks(t, s, late.Notes, "Steps are known after the tenant's migration [tenant]\n"+
		"A migration of tenant `acme` waits for an approval. What customization `late` will do is known when it is decided.")

	// Somebody has taken a column away that it needs.
	s.Exec(t, "ALTER TABLE "+db+".customers DROP COLUMN phone")
	index := customization.Spec{Tenant: "acme", Name: "index", Reason: "they asked for it", Patch: landlord.CustomizationPatch{
		Indexes: []landlord.CustomizationIndex{{Table: "customers", Name: "ix_phone", Columns: []string{"phone"}}}}}
	_, _, err = customize(t, engineOn(t, s), index, nil)
	refuses(t, s, err, "Customization does not fit the tenant [tenant]\nCustomization `index` works on the template, but not in tenant `acme` as it is now.\n\n"+
		"ALTER TABLE `customers` ADD KEY `ix_phone` (`phone`), ALGORITHM=INPLACE, LOCK=NONE\n\nCause: Key column 'phone' doesn't exist in table\n\n"+
		"Nothing was run. Somebody has changed the tenant, or another of its customizations is in the way: see its `drift`, and correct one of the two.")
}
