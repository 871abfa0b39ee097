package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestHistory(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e, tenant := shopTenant(t, s, "acme")
		_, err := e.History(t.Context(), "nobody", landlord.HistoryOptions{})
		wantProblem(t, err, "Tenant is not known [tenant]\nThe landlord database has no tenant `nobody`, and no tenant of this run that was planned so far has that slug.\n\n"+
			"Refer to `slug` of a `landlord_tenant`, so that Terraform knows the order, or correct the slug.")
		mustCustomize(t, e, visits("acme"), nil)
		mustCustomize(t, e, customization.Spec{Tenant: "acme", Name: "short", Reason: "for a while", Patch: landlord.CustomizationPatch{
			Tables: map[string]string{"short": "CREATE TABLE short (id INT NOT NULL PRIMARY KEY)"},
		}}, nil)
		err = e.RemoveCustomization(t.Context(), "acme", "short", customization.RemovalOptions{AllowDestructive: true, DestructiveMode: landlord.Drop})
		if err != nil {
			t.Fatal(explain(err))
		}
		suspended := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0", Status: landlord.StatusSuspended}
		now, err := engineOn(t, s).Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		if _, _, err := update(t.Context(), engineOn(t, s), suspended, now); err != nil {
			t.Fatal(explain(err))
		}

		h, err := engineOn(t, s).History(t.Context(), "acme", landlord.HistoryOptions{Steps: true})
		if err != nil {
			t.Fatal(explain(err))
		}
		want := []string{"3 done customization `short` 1", "3 done customization `short` 1", "3 done customization `visits` 5", "1 done create 7"}
		if diff := cmp.Diff(want, migrationsIn(t, h)); diff != "" {
			t.Errorf("migrations (-want +got):\n%s", diff)
		}
		if first := h.Migrations[3]; first.Digest != tenant.LastMigration.Digest || first.To != "shop@1.0.0" || first.From != "" || first.Statements[1].Origin != "core" || first.Statements[1].Level != 1 {
			t.Errorf("the creation: %+v", first)
		}
		events := []string{}
		for _, x := range h.Events {
			events = append(events, x.Event)
		}
		if diff := cmp.Diff([]string{"suspended", "customization removed", "customized", "customized", "created"}, events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		customizations := []string{}
		for _, c := range h.Customizations {
			customizations = append(customizations, fmt.Sprintf("%s %s: %s, %d objects", c.Status, c.Name, c.Reason, len(c.Objects)))
		}
		if diff := cmp.Diff([]string{"removed short: for a while, 0 objects", "active visits: the shop counts its visitors, 6 objects"}, customizations); diff != "" {
			t.Errorf("customizations (-want +got):\n%s", diff)
		}
		if last := h.Customizations[1]; last.Objects[1] != "table `customers`, column `vip_level`" && last.Objects[1] != "table `customers`, key `ix_vip`" {
			t.Errorf("objects: %q", last.Objects)
		}
		short, err := engineOn(t, s).History(t.Context(), "acme", landlord.HistoryOptions{Limit: 1})
		if err != nil || len(short.Migrations) != 1 || len(short.Events) != 1 || len(short.Customizations) != 1 || short.Migrations[0].Statements != nil {
			t.Errorf("limited: %+v, %v", short, err)
		}
	})
}

func migrationsIn(t *testing.T, h *landlord.History) []string {
	t.Helper()
	var out []string
	for _, m := range h.Migrations {
		out = append(out, fmt.Sprintf("%d %s %s %d", m.Level, m.Status, m.Name, m.Steps))
		if int64(len(m.Statements)) != m.Steps || m.AppliedAt.Before(m.StartedAt) || m.Author == "" || m.Error != "" {
			t.Errorf("migration: %+v", m)
		}
		for i, step := range m.Statements {
			if step.Number != int64(i+1) || step.State != "done" || strings.TrimSpace(step.SQL) == "" || step.Operation == "" {
				t.Errorf("step %d of %s: %+v", i, m.Name, step)
			}
		}
	}
	return out
}

// TestHistory_goneTenant tells of a tenant that was dropped.
func TestHistory_goneTenant(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e, _ := shopTenant(t, s, "acme")
	if err := e.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}); err != nil {
		t.Fatal(explain(err))
	}
	h, err := engineOn(t, s).History(t.Context(), "acme", landlord.HistoryOptions{})
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(h.Migrations) != 1 || len(h.Events) != 2 || h.Events[0].Event != "dropped" || len(h.Customizations) != 0 {
		t.Errorf("history: %+v", h)
	}
}
