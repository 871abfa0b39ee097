package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestPurge lets retired data expire: the procedure that the event calls drops
// it, and only it; where the event scheduler is off, the next apply does.
func TestPurge(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		publish(t, e, shopWithout())
		move := func(slug string, retention time.Duration) (*apply.TenantPlan, landlord.TenantSpec, *landlord.Tenant) {
			t.Helper()
			spec := landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0", Retention: retention}
			_, tenant := create(t, e, spec)
			spec.Template, spec.AllowDestructive = "shop@2.0.0", true
			plan, after, err := update(t.Context(), e, spec, tenant)
			if err != nil {
				t.Fatal(explain(err))
			}
			return plan, spec, after
		}
		states := func() [][]string {
			return s.QueryRows(t, "SELECT tenant_slug, state, (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = retired_as) FROM "+
				s.LandlordDatabase+".retired_objects ORDER BY tenant_slug", s.LandlordDatabase+"_retired")
		}
		move("kept", 0)
		_, spec, tenant := move("expired", time.Hour)
		s.Exec(t, "UPDATE "+s.LandlordDatabase+".retired_objects SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE tenant_slug = 'expired'")
		if diff := cmp.Diff([][]string{{"expired", "kept", "1"}, {"kept", "kept", "1"}}, states()); diff != "" {
			t.Fatalf("before (-want +got):\n%s", diff)
		}
		days := s.QueryRows(t, "SELECT DATEDIFF(expires_at, retired_at) FROM "+s.LandlordDatabase+".retired_objects WHERE tenant_slug = 'kept'")
		if diff := cmp.Diff([][]string{{"30"}}, days); diff != "" {
			t.Errorf("retention in days (-want +got):\n%s", diff)
		}
		scheduled := s.QueryRows(t, "SELECT @@event_scheduler")[0][0] == "ON"
		if scheduled {
			s.Exec(t, "CALL "+s.LandlordDatabase+".purge_retired()")
		} else {
			// What has expired does not come back; going back purges it.
			spec.Template = "shop@1.0.0"
			if _, _, err := update(t.Context(), engineOn(t, s), spec, tenant); err != nil {
				t.Fatal(explain(err))
			}
		}
		got := s.QueryRows(t, "SELECT state FROM "+s.LandlordDatabase+".retired_objects WHERE tenant_slug = 'expired' ORDER BY id")
		if got[0][0] != "purged" {
			t.Errorf("after: %v", states())
		}
		if kept := s.QueryRows(t, "SELECT state FROM "+s.LandlordDatabase+".retired_objects WHERE tenant_slug = 'kept'"); kept[0][0] != "kept" {
			t.Errorf("after: %v", states())
		}
		events := s.QueryRows(t, "SELECT EVENT_NAME, STATUS, INTERVAL_VALUE, INTERVAL_FIELD FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?", s.LandlordDatabase)
		if diff := cmp.Diff([][]string{{"purge_retired", "ENABLED", "1", "HOUR"}}, events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// TestUpdateTenant_drop destroys what the user said to destroy.
func TestUpdateTenant_drop(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	publish(t, e, shopWithout())
	spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0", Modules: []string{"loyalty"}}
	_, tenant := create(t, e, spec)
	spec.Template, spec.Modules, spec.AllowDestructive, spec.DestructiveMode = "shop@2.0.0", nil, true, landlord.Drop
	plan, _, err := update(t.Context(), e, spec, tenant)
	if err != nil {
		t.Fatal(explain(err))
	}
	want := []string{"add_column table `customers`", "create_table table `notes`", "drop_column table `customers`", "drop_table table `points`"}
	if diff := cmp.Diff(want, operations(plan.Steps)); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".retired_objects"); rows[0][0] != "0" {
		t.Errorf("retired: %v", rows)
	}
}

// TestPurge_planned: what a plan brings back is there for its apply, though its
// retention would end in between; a plan that brings nothing back, and one without
// a refresh, which may be that of an apply, prolong nothing.
func TestPurge_planned(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		publish(t, e, shopWithout())
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0", Modules: []string{"loyalty"}, Retention: time.Hour}
		_, tenant := create(t, e, spec)
		back := spec
		spec.Template, spec.Modules, spec.AllowDestructive = "shop@2.0.0", nil, true
		_, tenant, err := update(t.Context(), e, spec, tenant)
		must(t, err)
		left := func() string {
			return fmt.Sprint(s.QueryRows(t, "SELECT object_table, ROUND(TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), expires_at) / 60) FROM "+s.LandlordDatabase+".retired_objects ORDER BY object_table"))
		}
		plan := func(spec landlord.TenantSpec, refreshes bool) *apply.TenantPlan {
			t.Helper()
			next := engineOn(t, s)
			if refreshes {
				next.Refresh()
			}
			p := prior(tenant)
			planned, err := next.PlanTenant(t.Context(), spec, &p)
			must(t, err)
			return planned
		}
		first := plan(back, false)
		plan(spec, true)
		same(t, left(), "[[customers 1] [points 1]]")
		planned := plan(back, true)
		same(t, left(), "[[customers 24] [points 24]]")
		same(t, planned.Digest, first.Digest)
		s.Exec(t, "UPDATE "+s.LandlordDatabase+".retired_objects SET expires_at = UTC_TIMESTAMP() + INTERVAL 3 DAY")
		plan(back, true)
		same(t, left(), "[[customers 72] [points 72]]")
	})
}
