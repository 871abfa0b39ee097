package engine_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestCustomization_extensionPoints puts triggers on tables of the template that
// it opens, and later opens no more.
func TestCustomization_extensionPoints(t *testing.T) {
	t.Parallel()
	const (
		louder  = "CREATE TRIGGER louder BEFORE INSERT ON customers FOR EACH ROW SET NEW.phone = UPPER(NEW.phone)"
		points  = "CREATE TRIGGER generous BEFORE INSERT ON points FOR EACH ROW SET NEW.points = NEW.points + 1"
		refused = "Customization reaches into a table of the template [sql]\nTrigger `louder` would run in everything that writes to table `customers`. That table belongs to template `shop@%s`, which has not opened it to customizations.\n\n" +
			"Do it with a table of the customization's own, or publish a version of the template with `extension_points = [\"customers\"]`."
	)
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		open := map[string][]string{"1.0.0": nil, "2.0.0": {"customers", "points"}, "3.0.0": {"points"}}
		for _, version := range []string{"1.0.0", "2.0.0", "3.0.0"} {
			spec := shop(version)
			spec.ExtensionPoints = open[version]
			publish(t, e, spec)
		}
		tenant := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0", Modules: []string{"loyalty"}}
		_, now := create(t, e, tenant)
		spec := customization.Spec{Tenant: "acme", Name: "crm", Reason: "they ask for it"}
		plan := func(sql string, before *customization.Customization) error {
			t.Helper()
			spec.Patch = landlord.CustomizationPatch{SQL: sql}
			var prior *customization.PriorCustomization
			if before != nil {
				prior = &customization.PriorCustomization{Objects: before.Objects}
			}
			_, err := engineOn(t, s).PlanCustomization(t.Context(), spec, prior)
			return err
		}
		wantProblem(t, plan("CREATE TABLE own (id INT PRIMARY KEY);\n"+louder, nil), fmt.Sprintf(refused, "1.0.0"))
		if plan(points, nil) == nil {
			t.Error("a trigger on a table of a module is planned")
		}
		for sql, how := range map[string]string{
			"CREATE EVENT x ON SCHEDULE EVERY 1 DAY DO DELETE FROM customers":                                                                                                "Event `x` changes rows of",
			"CREATE TABLE own (id INT PRIMARY KEY); CREATE TRIGGER x AFTER INSERT ON own FOR EACH ROW UPDATE customers SET phone = NULL":                                     "Trigger `x` changes rows of",
			"CREATE VIEW own AS SELECT * FROM customers; CREATE PROCEDURE x() UPDATE own SET phone = NULL":                                                                   "Procedure `x` changes rows of",
			"CREATE TABLE own (id INT PRIMARY KEY); ALTER TABLE customers ADD COLUMN own INT NULL, ADD CONSTRAINT x FOREIGN KEY (own) REFERENCES own (id) ON DELETE CASCADE": "Foreign key `x` of table `customers` deletes, by `ON DELETE CASCADE`, rows of",
		} {
			wantProblem(t, plan(sql, nil), "Customization reaches into a table of the template [sql]\n"+how+" table `customers`. That table belongs to template `shop@1.0.0`, which has not opened it to customizations.\n\n"+
				"Do it with a table of the customization's own, or publish a version of the template with `extension_points = [\"customers\"]`.")
		}
		move := func(version string) {
			t.Helper()
			tenant.Template = "shop@" + version
			var err error
			if _, now, err = update(t.Context(), engineOn(t, s), tenant, now); err != nil {
				t.Fatal(explain(err))
			}
		}
		move("2.0.0")
		const own = ";\nCREATE TABLE own (id INT PRIMARY KEY);\nCREATE TRIGGER mine BEFORE INSERT ON own FOR EACH ROW SET NEW.id = NEW.id + 1;\n"
		spec.Patch = landlord.CustomizationPatch{SQL: louder + own + points}
		planned, made := mustCustomize(t, engineOn(t, s), spec, nil)
		if len(planned.Notes) > 0 {
			t.Errorf("notes: %v", noteTexts(planned.Notes))
		}
		now = noDrift(t, engineOn(t, s), "acme")
		move("3.0.0")
		again, err := engineOn(t, s).PlanCustomization(t.Context(), spec, &customization.PriorCustomization{Objects: made.Objects})
		if err != nil {
			t.Fatal(explain(err))
		}
		if len(again.Steps) > 0 {
			t.Errorf("a trigger that is there is touched: %v", shown(again))
		}
		want := []string{"0 [sql] Reach into a table of the template stays: Customization `crm` of tenant `acme` reaches into tables that template `shop@3.0.0` has not opened to customizations. What does was made before and stays as it is:\n" +
			"trigger `louder` would run in everything that writes to table `customers`\n\nName the tables in `extension_points` of the next version of the template, or do it with tables of the customization's own."}
		if diff := cmp.Diff(want, noteTexts(again.Notes)); diff != "" {
			t.Errorf("notes (-want +got):\n%s", diff)
		}
		wantProblem(t, plan("CREATE TRIGGER louder BEFORE INSERT ON customers FOR EACH ROW SET NEW.phone = LOWER(NEW.phone)"+own+points, made), fmt.Sprintf(refused, "3.0.0"))
		renamed := spec
		renamed.Name, renamed.Patch.SQL = "loud", louder+own+points
		run := engineOn(t, s)
		run.Replaced("acme", "crm")
		if _, err := run.PlanCustomization(t.Context(), renamed, nil); err != nil {
			t.Errorf("another name is planned: %s", explain(err))
		}
		run = engineOn(t, s) // as the apply of a saved plan
		if err := run.RemoveCustomization(t.Context(), "acme", "crm", customization.RemovalOptions{}); err != nil {
			t.Fatal(explain(err))
		}
		planned, made = mustCustomize(t, run, renamed, nil)
		if len(planned.Notes) != 1 {
			t.Errorf("another name: %v", noteTexts(planned.Notes))
		}
		spec = renamed
		spec.Patch = landlord.CustomizationPatch{SQL: "CREATE TABLE own (id INT PRIMARY KEY);" + points}
		mustCustomize(t, engineOn(t, s), spec, made)
		noDrift(t, engineOn(t, s), "acme")
	})
}
