package registry

import (
	"fmt"
	"maps"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func tripFleets(t *trip) {
	ctx := t.Context()
	see := func(what string, want map[string]string) {
		t.Helper()
		got, err := t.r.ReadFleets(ctx, t.x)
		t.ok(err)
		t.same(what, got.Of, want)
	}
	see("none", map[string]string{})
	join := func(fleet, former string, slugs []string, want ...FleetTenant) {
		t.Helper()
		others, err := t.r.JoinFleet(ctx, t.x, fleet, former, slugs)
		t.ok(err)
		t.same("tenants of others", others, want)
	}
	join("shops", "shops", nil)
	t.ok(t.r.LeaveFleet(ctx, t.x, "shops", nil))
	join("shops", "shops", []string{"a", "b", "c"})
	see("joined", map[string]string{"a": "shops", "b": "shops", "c": "shops"})
	join("bars", "bars", []string{"d", "c"}, FleetTenant{"c", "shops"})
	see("nobody takes another's", map[string]string{"a": "shops", "b": "shops", "c": "shops", "d": "bars"})
	_, err := t.x.Exec(ctx, "UPDATE "+t.r.table("fleet_tenants")+" SET joined_at = joined_at - INTERVAL 61 MINUTE WHERE tenant_slug IN ('a', 'c')")
	t.ok(err)
	join("bars", "bars", []string{"c", "d"})
	see("but what was claimed long ago and never made", map[string]string{"a": "shops", "b": "shops", "c": "bars", "d": "bars"})
	id, err := t.r.InsertTenant(ctx, t.x, &TenantRow{Slug: "a", Database: "fleet_a"})
	t.ok(err)
	join("bars", "bars", []string{"a"}, FleetTenant{"a", "shops"})
	t.ok(t.r.DeleteTenant(ctx, t.x, id))
	join("pubs", "bars", []string{"c", "d"})
	see("renamed", map[string]string{"a": "shops", "b": "shops", "c": "pubs", "d": "pubs"})
	join("bars", "pubs", []string{"c", "d"})
	t.ok(t.r.LeaveFleet(ctx, t.x, "shops", []string{"a", "c", "nobody"}))
	see("left", map[string]string{"b": "shops", "c": "bars", "d": "bars"})

	many := map[string]string{}
	var slugs []string
	for i := range 2*fleetChunk + 1 {
		slug := fmt.Sprintf("t%d", i)
		many[slug] = "many"
		slugs = append(slugs, slug)
	}
	join("many", "many", slugs)
	maps.Copy(many, map[string]string{"b": "shops", "c": "bars", "d": "bars"})
	see("more than one statement writes", many)
	t.ok(t.r.LeaveFleet(ctx, t.x, "many", slugs))
	see("and takes away", map[string]string{"b": "shops", "c": "bars", "d": "bars"})
}

// Who may only plan may meet a landlord database of a former version, or none.
func TestStore_ReadFleets_none(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		r, x := bareRegistry(t, s)
		if got, err := r.ReadFleets(t.Context(), x); err != nil || len(got.Of) > 0 {
			t.Errorf("without a landlord database: %v, %v", got, err)
		}
	})
}

func tripRollouts(t *trip, fleet string) {
	ctx := t.Context()
	if got, err := t.r.ReadRollout(ctx, t.x, fleet); got != nil || err != nil {
		t.Fatalf("a rollout that never was: %v, %v", got, err)
	}
	want := Rollout{Fleet: fleet, Template: "gym@1.1.0", Waves: []string{"canary", "100%"}, Through: "canary", MaxFailures: 3, Status: RolloutRunning, Author: "tests"}
	id, err := t.r.StartRollout(ctx, t.x, want)
	t.ok(err)
	want.ID = id
	see := func(what string, ended bool) {
		t.Helper()
		got, err := t.r.ReadRollout(ctx, t.x, fleet)
		t.ok(err)
		if got.StartedAt.IsZero() || got.FinishedAt.IsZero() == ended {
			t.Errorf("%s: from %v to %v", what, got.StartedAt, got.FinishedAt)
		}
		now := *got
		now.StartedAt, now.FinishedAt = want.StartedAt, want.FinishedAt
		t.same(what, now, want)
	}
	see("started", false)
	t.ok(t.r.EndRollout(ctx, t.x, id, RolloutWaiting))
	want.Status = RolloutWaiting
	see("waiting", false)
	t.ok(t.r.EndRollout(ctx, t.x, id, RolloutHalted))
	want.Status = RolloutHalted
	see("halted", true)
	want.Status, want.Waves, want.Through, want.MaxFailures, want.Author = RolloutRunning, []string{"canary", "50%", "100%"}, "100%", 0, "others"
	t.ok(t.r.ContinueRollout(ctx, t.x, id, want))
	see("continued", false)

	one := RolloutTenant{Slug: "a", Wave: 1, Status: RolloutPending, FromTemplate: "gym@1.0.0", FromModules: []string{"pool"}, ToTemplate: "gym@1.1.0", ToModules: []string{"pool", "sauna"}}
	other := RolloutTenant{Slug: "b", Status: RolloutPending, FromTemplate: "gym@1.0.0"}
	tenants := func(what string, want ...RolloutTenant) {
		t.Helper()
		got, err := t.r.ReadRolloutTenants(ctx, t.x, id)
		t.ok(err)
		for i := range got {
			got[i].UpdatedAt = one.UpdatedAt
		}
		t.same(what, got, want)
	}
	t.ok(t.r.AddRolloutTenants(ctx, t.x, id, nil))
	t.ok(t.r.AddRolloutTenants(ctx, t.x, id, []RolloutTenant{one, other}))
	tenants("pending", other, one)
	t.ok(t.r.MarkRolloutTenants(ctx, t.x, id, []string{"a"}, RolloutFailed, "it broke"))
	one.Status, one.Error = RolloutFailed, "it broke"
	tenants("failed", other, one)
	later := one
	later.FromTemplate, later.FromModules, later.Wave = "gym@1.1.0", nil, 2
	t.ok(t.r.AddRolloutTenants(ctx, t.x, id, []RolloutTenant{later}))
	one.Status, one.Error, one.Wave = RolloutPending, "", 2
	tenants("again: what it had before stays", other, one)
	one.FromTemplate, one.FromModules, one.ToModules = "gym@1.1.0", []string{"pool", "sauna"}, []string{"pool"}
	t.ok(t.r.AddRolloutTenants(ctx, t.x, id, []RolloutTenant{one}))
	tenants("to something else: what it has now counts", other, one)
	t.ok(t.r.MarkRolloutTenants(ctx, t.x, id, []string{"a"}, RolloutFailed, "it broke"))
	t.ok(t.r.EndRollout(ctx, t.x, id, RolloutDone))
}

func TestRollout_Continues(t *testing.T) {
	t.Parallel()
	wanted := map[string]RolloutTenant{"a": {ToTemplate: "gym@1.1.0", ToModules: []string{"pool", "sauna"}}, "b": {ToTemplate: "gym@1.0.0"}}
	for status, want := range map[RolloutStatus]bool{RolloutRunning: true, RolloutWaiting: true, RolloutHalted: true, RolloutRolledBack: false, RolloutReplaced: false, RolloutDone: false} {
		o := &Rollout{Template: "gym@1.1.0", Status: status}
		if o.Continues("gym@1.1.0", nil, wanted) != want || o.Continues("gym@1.2.0", nil, wanted) {
			t.Errorf("a rollout that is %s continues: %v", status, !want)
		}
	}
	if none := (*Rollout)(nil); none.Continues("gym@1.1.0", nil, wanted) {
		t.Error("no rollout continues")
	}
	open := &Rollout{Template: "gym@1.1.0", Status: RolloutHalted}
	for what, c := range map[string]struct {
		tenants []RolloutTenant
		want    bool
	}{
		"the same for one of two": {[]RolloutTenant{{Slug: "a", ToTemplate: "gym@1.1.0", ToModules: []string{"sauna", "pool"}}, {Slug: "b", ToTemplate: "gym@1.1.0"}}, true},
		"other modules":           {[]RolloutTenant{{Slug: "a", ToTemplate: "gym@1.1.0", ToModules: []string{"pool"}}}, false},
		"another version":         {[]RolloutTenant{{Slug: "b", ToTemplate: "gym@1.1.0"}}, false},
		"nobody of them is left":  {[]RolloutTenant{{Slug: "c", ToTemplate: "gym@1.1.0"}}, false},
		"recorded before it was":  {[]RolloutTenant{{Slug: "b"}}, true},
	} {
		if open.Continues("gym@1.1.0", c.tenants, wanted) != c.want {
			t.Errorf("%s: continues is %v", what, !c.want)
		}
	}
}
