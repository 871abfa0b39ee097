package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// visits is a customization with one of each structured part.
func visits(tenant string) customization.Spec {
	return customization.Spec{
		Tenant: tenant, Name: "visits", Reason: "the shop counts its visitors",
		Patch: landlord.CustomizationPatch{
			Tables:  map[string]string{"visits": "CREATE TABLE visits (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, seen DATETIME NULL, CONSTRAINT fk_visits_customer FOREIGN KEY (customer_id) REFERENCES customers (id))"},
			Columns: []landlord.CustomizationColumn{{Table: "customers", Name: "vip_level", Definition: "TINYINT NOT NULL DEFAULT 0 COMMENT 'of the shop'"}},
			Indexes: []landlord.CustomizationIndex{{Table: "customers", Name: "ix_vip", Columns: []string{"vip_level", "email(20) desc"}}},
			Views:   map[string]string{"vip_customers": "SELECT id, email FROM customers WHERE vip_level > 0"},
			SQL: "CREATE TRIGGER orders_vip AFTER INSERT ON orders FOR EACH ROW UPDATE customers SET vip_level = vip_level + 1 WHERE id = NEW.customer_id;\n" +
				"CREATE FUNCTION vip_of(who INT) RETURNS INT READS SQL DATA RETURN (SELECT vip_level FROM customers WHERE id = who);\n" +
				"ALTER TABLE visits ADD KEY ix_seen (seen);",
		},
	}
}

// customize plans and applies a customization.
func customize(t *testing.T, e *engine.Engine, spec customization.Spec, before *customization.Customization) (*customization.Plan, *customization.Customization, error) {
	t.Helper()
	var prior *customization.PriorCustomization
	if before != nil {
		prior = &customization.PriorCustomization{Objects: before.Objects}
	}
	plan, err := e.PlanCustomization(t.Context(), spec, prior)
	if err != nil {
		return nil, nil, err
	}
	after, err := e.ApplyCustomization(t.Context(), spec, prior, plan.Digest)
	return plan, after, err
}

func mustCustomize(t *testing.T, e *engine.Engine, spec customization.Spec, before *customization.Customization) (*customization.Plan, *customization.Customization) {
	t.Helper()
	plan, after, err := customize(t, e, spec, before)
	if err != nil {
		t.Fatal(explain(err))
	}
	return plan, after
}

// shopTenant makes a tenant of shop 1.0.0.
func shopTenant(t *testing.T, s *mysqltest.Server, slug string) (*engine.Engine, *landlord.Tenant) {
	t.Helper()
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	_, tenant := create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0"})
	return e, tenant
}

// objects writes the objects of a customization in short.
func objects(list []customization.Object) []string {
	out := []string{}
	for _, o := range list {
		out = append(out, strings.TrimSpace(o.Object+" "+o.Element)+" "+string(o.Status))
	}
	return out
}

func noDrift(t *testing.T, e *engine.Engine, slug string) *landlord.Tenant {
	t.Helper()
	tenant, err := e.Tenant(t.Context(), slug)
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(tenant.Drift) > 0 || tenant.UpdateStatus != landlord.UpdateCurrent {
		t.Errorf("tenant %s: %+v", slug, tenant)
	}
	return tenant
}

// TestCustomization makes one of each kind, changes it, takes it away and brings
// it back.
func TestCustomization(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e, tenant := shopTenant(t, s, "acme")
		db := s.Prefix + "acme"
		plan, made := mustCustomize(t, e, visits("acme"), nil)
		want := []string{"alter_table table `customers`", "create_table table `visits`", "create_function function `vip_of`", "create_view view `vip_customers`", "create_trigger trigger `orders_vip`"}
		if diff := cmp.Diff(want, operations(plan.Steps)); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
		for _, step := range plan.Steps {
			if step.Level != 3 || step.Origin != "customization `visits`" || step.Destructive {
				t.Errorf("step: %+v", step)
			}
		}
		wantObjects := []string{"function `vip_of` active", "table `customers` column `vip_level` active", "table `customers` key `ix_vip` active",
			"table `visits` active", "trigger `orders_vip` active", "view `vip_customers` active"}
		if diff := cmp.Diff(wantObjects, objects(made.Objects)); diff != "" {
			t.Errorf("objects (-want +got):\n%s", diff)
		}
		noDrift(t, engineOn(t, s), "acme")
		s.Exec(t, "INSERT INTO "+db+".orders (customer_id) VALUES (1)", "INSERT INTO "+db+".visits (customer_id) VALUES (1), (2)")

		// The same patch in other words changes nothing.
		same := visits("acme")
		same.Patch.Tables["visits"] = strings.ReplaceAll(same.Patch.Tables["visits"], "CREATE TABLE", "create  table")
		again, err := engineOn(t, s).PlanCustomization(t.Context(), same, &customization.PriorCustomization{Objects: made.Objects})
		if err != nil || !again.Same || len(again.Steps) > 0 {
			t.Errorf("other words: %+v, %v", again, err)
		}

		// An edit plans the difference; what holds rows needs leave to go.
		next := engineOn(t, s)
		edit := visits("acme")
		edit.Patch.Columns[0].Name, edit.Patch.Indexes, edit.Patch.Views, edit.Patch.SQL = "stars", nil, nil, ""
		_, _, err = customize(t, next, edit, made)
		if got, _, _ := strings.Cut(explain(err), "\n"); got != "Customization would lose data [allow_destructive]" {
			t.Fatalf("an edit that loses values: %v", explain(err))
		}
		edit.AllowDestructive = true
		plan, edited := mustCustomize(t, next, edit, made)
		t.Log(strings.Join(operations(plan.Steps), "\n"))
		if diff := cmp.Diff([]string{"table `customers` column `stars` active", "table `visits` active"}, objects(edited.Objects)); diff != "" {
			t.Errorf("objects (-want +got):\n%s", diff)
		}
		noDrift(t, engineOn(t, s), "acme")

		// Back: the values return.
		plan, _ = mustCustomize(t, engineOn(t, s), func() customization.Spec { b := visits("acme"); b.AllowDestructive = true; return b }(), edited)
		t.Log(strings.Join(operations(plan.Steps), "\n"))
		if diff := cmp.Diff([][]string{{"1", "1"}, {"2", "0"}}, s.QueryRows(t, "SELECT id, vip_level FROM "+db+".customers ORDER BY id")); diff != "" {
			t.Errorf("values (-want +got):\n%s", diff)
		}

		// Destroying needs leave.
		last := engineOn(t, s)
		err = last.RemoveCustomization(t.Context(), "acme", "visits", customization.RemovalOptions{DestructiveMode: landlord.Drop})
		if err == nil || !strings.HasPrefix(explain(err), "Customization would lose data [allow_destructive]\nCustomization `visits` of tenant `acme` is to change.\n\n") ||
			!strings.HasSuffix(explain(err), "\n\nApply `allow_destructive = true` to destroy it, or `destructive_mode = \"retire\"` to set it aside, then destroy.") {
			t.Errorf("a removal that destroys: %v", explain(err))
		}

		// Removal sets aside without further leave, and leaves the plain template.
		opt := customization.RemovalOptions{DestructiveMode: landlord.Retire}
		plan, err = last.PlanRemoval(t.Context(), "acme", "visits", opt)
		if err != nil {
			t.Fatal(explain(err))
		}
		t.Log(strings.Join(operations(plan.Steps), "\n"))
		if err := last.RemoveCustomization(t.Context(), "acme", "visits", opt); err != nil {
			t.Fatal(explain(err))
		}
		if plain := noDrift(t, engineOn(t, s), "acme"); plain.SchemaFingerprint != tenant.SchemaFingerprint {
			t.Error("the removal leaves another schema than the template's")
		}
		if _, err := last.Customization(t.Context(), "acme", "visits"); err != landlord.ErrNotFound { //nolint:errorlint // exactly this one
			t.Errorf("after the removal: %v", err)
		}
		plan, back := mustCustomize(t, engineOn(t, s), visits("acme"), nil)
		t.Log(strings.Join(operations(plan.Steps), "\n"))
		if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+db+".visits"); rows[0][0] != "2" {
			t.Errorf("visits: %v", rows)
		}
		kept := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".retired_objects WHERE state = 'kept'")
		if err := engineOn(t, s).RemoveCustomization(t.Context(), "acme", "visits", customization.RemovalOptions{DestructiveMode: landlord.Drop, AllowDestructive: true}); err != nil {
			t.Fatal(explain(err))
		}
		if now := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".retired_objects WHERE state = 'kept'"); now[0][0] != kept[0][0] {
			t.Errorf("destroyed, but set aside: %v, before %v", now, kept)
		}
		noDrift(t, engineOn(t, s), "acme")
		if back.Status != landlord.CustomizationActive || back.Author == "" || back.CreatedAt.IsZero() {
			t.Errorf("customization: %+v", back)
		}
		events := s.QueryRows(t, "SELECT event FROM "+s.LandlordDatabase+".tenant_events ORDER BY id")
		if diff := cmp.Diff([][]string{{"created"}, {"customized"}, {"customized"}, {"customized"}, {"customization removed"}, {"customized"}, {"customization removed"}}, events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}
