package engine_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// small returns a customization with one table and one column of `customers`.
func small(name string) customization.Spec {
	return customization.Spec{
		Tenant: "acme", Name: name, Reason: "they asked for it",
		Patch: landlord.CustomizationPatch{
			Tables:  map[string]string{name: "CREATE TABLE " + name + " (id INT NOT NULL PRIMARY KEY, customer_id INT, FOREIGN KEY (customer_id) REFERENCES customers (id))"},
			Columns: []landlord.CustomizationColumn{{Table: "customers", Name: name, Definition: "VARCHAR(20) NULL"}},
			SQL:     "CREATE TRIGGER t_" + name + " BEFORE INSERT ON customers FOR EACH ROW SET NEW." + name + " = 'new'",
		},
	}
}

// TestCustomization_parallel plans several customizations in one process and
// applies them at once in another, as Terraform does; takes them away in the same
// way; and finds the plain template again.
func TestCustomization_parallel(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		_, tenant := shopTenant(t, s, "acme")
		names := []string{"alpha", "bravo", "carol", "delta"}
		plans := map[string]*customization.Plan{}
		planning := engineOn(t, s)
		for _, name := range names {
			plan, err := planning.PlanCustomization(t.Context(), small(name), nil)
			if err != nil {
				t.Fatal(said(err))
			}
			plans[name] = plan
		}
		at := engineOn(t, s)
		var wait sync.WaitGroup
		for _, name := range names {
			wait.Go(func() {
				plan, err := at.PlanCustomization(t.Context(), small(name), nil)
				if err != nil {
					t.Errorf("%s: %s", name, said(err))
					return
				}
				if diff := cmp.Diff(shown(plans[name]), shown(plan)); diff != "" {
					t.Errorf("%s is planned otherwise in the apply (-plan +apply):\n%s", name, diff)
				}
				if _, err := at.ApplyCustomization(t.Context(), small(name), nil, plan.Digest); err != nil {
					t.Errorf("%s: %s", name, said(err))
				}
			})
		}
		wait.Wait()
		noDrift(t, engineOn(t, s), "acme")
		if rows := s.QueryRows(t, "SELECT name, status FROM "+s.LandlordDatabase+".tenant_customizations ORDER BY name"); len(rows) != len(names) {
			t.Errorf("recorded: %v", rows)
		}
		last := engineOn(t, s)
		for _, name := range names {
			wait.Go(func() {
				if err := last.RemoveCustomization(t.Context(), "acme", name, customization.RemovalOptions{}); err != nil {
					t.Errorf("removing %s: %s", name, said(err))
				}
			})
		}
		wait.Wait()
		if plain := noDrift(t, engineOn(t, s), "acme"); plain.SchemaFingerprint != tenant.SchemaFingerprint {
			t.Error("the removals leave another schema than the template's")
		}
	})
}

// said writes an error, or that there is none.
func said(err error) string {
	if err == nil {
		return "no error"
	}
	return explain(err)
}

// shown is what a plan shows, and so what the apply must not plan otherwise.
func shown(p *customization.Plan) []string {
	out := append([]string{p.Digest}, objects(p.Objects)...)
	for _, o := range p.Objects {
		out = append(out, o.Definition)
	}
	for _, s := range p.Steps {
		out = append(out, s.SQL+" "+s.Algorithm)
	}
	return out
}

// TestCustomization_claims: two that make the same are refused, recorded or
// planned.
func TestCustomization_claims(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e, _ := shopTenant(t, s, "acme")
	const next = "\n\nRemove it from one of the two. To move it from one to the other, or to rename a customization, apply the removal first; a resource that is replaced with `create_before_destroy` cannot do that."
	if _, err := e.PlanCustomization(t.Context(), small("alpha"), nil); err != nil {
		t.Fatal(said(err))
	}
	other := small("alpha")
	other.Name, other.Patch.Tables, other.Patch.SQL = "bravo", nil, ""
	_, err := e.PlanCustomization(t.Context(), other, nil)
	wantProblem(t, err, "Two customizations claim the same []\nThe customizations `alpha` and `bravo` of tenant `acme` both make column `alpha` of table `customers`."+next)
	mustCustomize(t, e, small("alpha"), nil)
	third := small("carol")
	third.Patch = landlord.CustomizationPatch{Views: map[string]string{"alpha": "SELECT 1 AS one"}}
	_, err = engineOn(t, s).PlanCustomization(t.Context(), third, nil)
	wantProblem(t, err, "Two customizations claim the same []\nThe customizations `alpha` and `carol` of tenant `acme` both make view `alpha`."+next)
	third.Patch = landlord.CustomizationPatch{Tables: map[string]string{"carol": "CREATE TABLE carol (id INT PRIMARY KEY, c INT, CONSTRAINT alpha_ibfk_1 FOREIGN KEY (c) REFERENCES customers (id))"}}
	_, err = engineOn(t, s).PlanCustomization(t.Context(), third, nil)
	wantProblem(t, err, "Two customizations claim the same []\nThe customizations `alpha` and `carol` of tenant `acme` both make table `carol`."+next)
	_, err = engineOn(t, s).PlanCustomization(t.Context(), customization.Spec{Tenant: "acme", Name: "alpha", Reason: "other", Patch: small("alpha").Patch}, nil)
	wantProblem(t, err, "Customization exists already [name]\nTenant `acme` has a customization `alpha` already.\n\nTo manage it here, import it: `terraform import <address> acme/alpha`. Otherwise choose another name.")
	// A run that was cut off before Terraform wrote its state.
	plan, _ := mustCustomize(t, engineOn(t, s), small("alpha"), nil)
	if len(plan.Notes) != 1 || plan.Notes[0].Summary != "Customization was made by an earlier run" || !plan.Same {
		t.Errorf("taken over: notes %+v, same %t, %d steps", plan.Notes, plan.Same, len(plan.Steps))
	}
}

// TestCustomization_onEachOther lets one customization use what another one
// makes: planned in one run, applied in order, and taken away in order only.
func TestCustomization_onEachOther(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e, _ := shopTenant(t, s, "acme")
		top := customization.Spec{Tenant: "acme", Name: "top", Reason: "reads", Patch: landlord.CustomizationPatch{
			Views:   map[string]string{"alpha_of": "SELECT a.id, c.alpha FROM alpha a JOIN customers c ON c.id = a.customer_id"},
			Columns: []landlord.CustomizationColumn{{Table: "alpha", Name: "extra", Definition: "INT NULL"}},
		}}
		if _, err := e.PlanCustomization(t.Context(), small("alpha"), nil); err != nil {
			t.Fatal(said(err))
		}
		planned, err := e.PlanCustomization(t.Context(), top, nil)
		if err != nil {
			t.Fatal(said(err))
		}
		at := engineOn(t, s)
		mustCustomize(t, at, small("alpha"), nil)
		plan, _ := mustCustomize(t, at, top, nil)
		if diff := cmp.Diff(shown(planned), shown(plan)); diff != "" {
			t.Errorf("planned otherwise in the apply (-plan +apply):\n%s", diff)
		}
		noDrift(t, engineOn(t, s), "acme")
		below, err := at.Customization(t.Context(), "acme", "alpha")
		if err != nil || below.Summary.CanReturn || fmt.Sprint(below.Summary.NeededBy) != "[top]" ||
			fmt.Sprint(below.Summary.Loses) != "[table `alpha` with its rows column `alpha` of table `customers` with its values]" {
			t.Errorf("summary: %+v, %v", below, err)
		}
		removal, err := engineOn(t, s).PlanRemoval(t.Context(), "acme", "alpha", customization.RemovalOptions{})
		if err != nil || !hasNote(removal.Notes, "Another customization may need this one") {
			t.Errorf("plan of the removal: %+v, %v", removal, err)
		}
		err = engineOn(t, s).RemoveCustomization(t.Context(), "acme", "alpha", customization.RemovalOptions{})
		if err == nil || !strings.HasPrefix(said(err), "Object is still needed [tenant]\nCustomization `alpha` works on the template, but not in tenant `acme` as it is now.\n\n") {
			t.Errorf("removing what others need: %v", said(err))
		}
		last := engineOn(t, s)
		for _, name := range []string{"top", "alpha"} {
			if err := last.RemoveCustomization(t.Context(), "acme", name, customization.RemovalOptions{}); err != nil {
				t.Errorf("removing %s: %s", name, said(err))
			}
		}
		noDrift(t, engineOn(t, s), "acme")
	})
}

func hasNote(notes []landlord.Note, summary string) bool {
	for _, n := range notes {
		if n.Summary == summary {
			return true
		}
	}
	return false
}

// TestCustomization_withTenant plans customizations of a tenant that the same run
// creates, and of one that it moves to another version.
func TestCustomization_withTenant(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		if _, err := e.PlanTemplate(t.Context(), shop("1.0.0")); err != nil {
			t.Fatal(said(err))
		}
		spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"}
		if _, err := e.PlanTenant(t.Context(), spec, nil); err != nil {
			t.Fatal(said(err))
		}
		planned, err := e.PlanCustomization(t.Context(), visits("acme"), nil)
		if err != nil {
			t.Fatal(said(err))
		}
		at := engineOn(t, s)
		publish(t, at, shop("1.0.0"))
		create(t, at, spec)
		plan, made := mustCustomize(t, at, visits("acme"), nil)
		if diff := cmp.Diff(shown(planned), shown(plan)); diff != "" {
			t.Errorf("planned otherwise in the apply (-plan +apply):\n%s", diff)
		}

		// The next version has another column at the end of `customers`.
		next := engineOn(t, s)
		to := shop("1.1.0")
		to.Core["003_city.sql"] = "ALTER TABLE customers ADD COLUMN city VARCHAR(40) NULL;"
		if _, err := next.PlanTemplate(t.Context(), to); err != nil {
			t.Fatal(said(err))
		}
		tenant := noDrift(t, next, "acme")
		spec.Template = "shop@1.1.0"
		p := prior(tenant)
		if _, err := next.PlanTenant(t.Context(), spec, &p); err != nil {
			t.Fatal(said(err))
		}
		edit := visits("acme")
		edit.Patch.Views["vip_customers"] = "SELECT id, email, city FROM customers WHERE vip_level > 0"
		planned, err = next.PlanCustomization(t.Context(), edit, &customization.PriorCustomization{Objects: made.Objects})
		if err != nil {
			t.Fatal(said(err))
		}
		if diff := cmp.Diff([]string{"replace_view view `vip_customers`"}, operations(planned.Steps)); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
		at = engineOn(t, s)
		publish(t, at, to)
		if _, _, err := update(t.Context(), at, spec, tenant); err != nil {
			t.Fatal(said(err))
		}
		plan, _ = mustCustomize(t, at, edit, made)
		if diff := cmp.Diff(shown(planned), shown(plan)); diff != "" {
			t.Errorf("planned otherwise in the apply (-plan +apply):\n%s", diff)
		}
		noDrift(t, engineOn(t, s), "acme")
	})
}

// TestCustomization_promoted moves a tenant to a version that has what its
// customization makes: it is left to the template.
func TestCustomization_promoted(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e, _ := shopTenant(t, s, "acme")
		mustCustomize(t, e, small("alpha"), nil)
		s.Exec(t, "INSERT INTO "+s.Prefix+"acme.alpha (id) VALUES (1)")
		to := shop("1.1.0")
		to.Core["003_alpha.sql"] = small("alpha").Patch.Tables["alpha"] + ";\nALTER TABLE customers ADD COLUMN alpha VARCHAR(20) NULL;\n" + small("alpha").Patch.SQL + ";"
		publish(t, e, to)
		tenant := noDrift(t, engineOn(t, s), "acme")
		plan, after, err := update(t.Context(), e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.1.0"}, tenant)
		if err != nil {
			t.Fatal(said(err))
		}
		if len(plan.Steps) > 0 || after.UpdateStatus != landlord.UpdateCurrent {
			t.Errorf("the update: %+v", plan)
		}
		next := engineOn(t, s)
		now, err := next.Customization(t.Context(), "acme", "alpha")
		if err != nil {
			t.Fatal(said(err))
		}
		if !now.Summary.Promoted || !strings.Contains(fmt.Sprint(objects(now.Objects)), "table `alpha` promoted") {
			t.Errorf("promoted: %+v", now)
		}
		same, err := next.PlanCustomization(t.Context(), small("alpha"), &customization.PriorCustomization{Objects: now.Objects})
		if err != nil || len(same.Steps) > 0 || !same.Same || !hasNote(same.Notes, "Customization is part of the template now") {
			t.Errorf("plan: %+v, %v", same, said(err))
		}
		// Another text under the same name is a clash.
		other := small("alpha")
		other.Patch.Columns[0].Definition = "INT NULL"
		_, err = next.PlanCustomization(t.Context(), other, &customization.PriorCustomization{Objects: now.Objects})
		if err == nil || !strings.HasPrefix(said(err), "Template and customization define the same []\nColumn `alpha` of table `customers` is in template `shop@1.1.0`, too, and is another one there.\n") {
			t.Errorf("changed after it was promoted: %s", said(err))
		}
		if err := next.RemoveCustomization(t.Context(), "acme", "alpha", customization.RemovalOptions{}); err != nil {
			t.Fatal(said(err))
		}
		noDrift(t, engineOn(t, s), "acme")
		if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.Prefix+"acme.alpha"); rows[0][0] != "1" {
			t.Errorf("rows: %v", rows)
		}
		// Made anew, it is the template's from the beginning; as another thing it is refused.
		fresh, made := mustCustomize(t, engineOn(t, s), small("alpha"), nil)
		if len(fresh.Steps) > 0 || !made.Summary.Promoted {
			t.Errorf("made anew: %+v", fresh)
		}
		clash := small("alpha")
		clash.Name, clash.Patch.Columns[0].Definition, clash.Patch.SQL, clash.Patch.Tables = "beta", "INT NULL", "", nil
		_, err = engineOn(t, s).PlanCustomization(t.Context(), clash, nil)
		if err == nil || !strings.HasPrefix(said(err), "Template and customization define the same []\nColumn `alpha` of table `customers` is in template `shop@1.1.0`, too, and is another one there.\nTemplate: `alpha` varchar(20)") {
			t.Errorf("clash: %v", said(err))
		}
	})
}

// TestCustomization_driftStays changes something by hand before, and takes in
// what is there already.
func TestCustomization_driftStays(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		_, _ = shopTenant(t, s, "acme")
		db := s.Prefix + "acme"
		s.Exec(t, "ALTER TABLE "+db+".customers ADD COLUMN stray INT NULL, ADD COLUMN alpha VARCHAR(20) NULL", "CREATE TABLE "+db+".strays (id INT PRIMARY KEY)")
		next := engineOn(t, s)
		plan, made := mustCustomize(t, next, small("alpha"), nil)
		if !hasNote(plan.Notes, "Customization takes existing objects in") || strings.Contains(fmt.Sprint(operations(plan.Steps)), "`customers`") {
			t.Errorf("plan: %+v", plan)
		}
		after, err := engineOn(t, s).Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(said(err))
		}
		drift := []string{}
		for _, d := range after.Drift {
			drift = append(drift, d.Name())
		}
		if diff := cmp.Diff([]string{"table `customers`, column `stray`", "table `strays`"}, drift); diff != "" {
			t.Errorf("drift (-want +got):\n%s", diff)
		}
		// What is there otherwise is refused.
		s.Exec(t, "ALTER TABLE "+db+".customers ADD COLUMN bravo INT NULL")
		_, err = engineOn(t, s).PlanCustomization(t.Context(), small("bravo"), nil)
		if err == nil || !strings.HasPrefix(said(err), "Object exists already []\nColumn `bravo` of table `customers` is in tenant `acme` already; nobody recorded it, and it is another one.\nServer: `bravo` int") {
			t.Errorf("got %v", said(err))
		}
		// Somebody changes what the customization has made.
		s.Exec(t, "ALTER TABLE "+db+".customers MODIFY COLUMN alpha VARCHAR(10) NULL", "DROP TRIGGER "+db+".t_alpha")
		last := engineOn(t, s)
		now, err := last.Customization(t.Context(), "acme", "alpha")
		if err != nil || fmt.Sprint(objects(now.Objects)) != "[table `alpha` active table `customers` column `alpha` changed trigger `t_alpha` missing]" {
			t.Fatalf("touched: %+v, %v", now, err)
		}
		_, err = last.PlanCustomization(t.Context(), small("alpha"), &customization.PriorCustomization{Objects: made.Objects})
		wantProblem(t, err, "Customization changed since the plan []\nSomebody changed table `customers`, which customization `alpha` of tenant `acme` has made.\n\nNothing was run. Plan again.")
		plan, back := mustCustomize(t, last, small("alpha"), now)
		if !hasNote(plan.Notes, "Customization was changed by somebody else") || len(plan.Steps) != 2 {
			t.Errorf("repair: %v", operations(plan.Steps))
		}
		if got := fmt.Sprint(objects(back.Objects)); got != "[table `alpha` active table `customers` column `alpha` active trigger `t_alpha` active]" {
			t.Errorf("repaired: %s", got)
		}
	})
}
