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
		t.same(what, got, want)
	}
	see("none", map[string]string{})
	t.ok(t.r.JoinFleet(ctx, t.x, "shops", nil))
	t.ok(t.r.LeaveFleet(ctx, t.x, "shops", nil))
	t.ok(t.r.JoinFleet(ctx, t.x, "shops", []string{"a", "b", "c"}))
	see("joined", map[string]string{"a": "shops", "b": "shops", "c": "shops"})
	t.ok(t.r.JoinFleet(ctx, t.x, "bars", []string{"c", "d"}))
	see("joined another", map[string]string{"a": "shops", "b": "shops", "c": "bars", "d": "bars"})
	t.ok(t.r.LeaveFleet(ctx, t.x, "shops", []string{"a", "c", "nobody"}))
	see("left", map[string]string{"b": "shops", "c": "bars", "d": "bars"})

	many := map[string]string{}
	var slugs []string
	for i := range 2*fleetChunk + 1 {
		slug := fmt.Sprintf("t%d", i)
		many[slug] = "many"
		slugs = append(slugs, slug)
	}
	t.ok(t.r.JoinFleet(ctx, t.x, "many", slugs))
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
		if got, err := r.ReadFleets(t.Context(), x); err != nil || len(got) > 0 {
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

	one := RolloutTenant{Slug: "a", Wave: 1, Status: RolloutPending, FromTemplate: "gym@1.0.0", FromModules: []string{"pool"}}
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
	t.ok(t.r.MarkRolloutTenant(ctx, t.x, id, "a", RolloutFailed, "it broke"))
	one.Status, one.Error = RolloutFailed, "it broke"
	tenants("failed", other, one)
	later := one
	later.FromTemplate, later.FromModules, later.Wave = "gym@1.1.0", nil, 2
	t.ok(t.r.AddRolloutTenants(ctx, t.x, id, []RolloutTenant{later}))
	one.Status, one.Error, one.Wave = RolloutPending, "", 2
	tenants("again: what it had before stays", other, one)
	t.ok(t.r.MarkRolloutTenant(ctx, t.x, id, "a", RolloutFailed, "it broke"))
	t.ok(t.r.EndRollout(ctx, t.x, id, RolloutDone))
}

func TestRollout_Continues(t *testing.T) {
	t.Parallel()
	other := Rollout{Template: "gym@1.1.0"}
	for status, want := range map[RolloutStatus]bool{RolloutRunning: true, RolloutWaiting: true, RolloutHalted: true, RolloutRolledBack: false, RolloutReplaced: false, RolloutDone: false} {
		o := &Rollout{Template: "gym@1.1.0", Status: status}
		if o.Continues(other) != want || o.Continues(Rollout{Template: "gym@1.2.0"}) {
			t.Errorf("a rollout that is %s continues: %v", status, o.Continues(other))
		}
	}
	if none := (*Rollout)(nil); none.Continues(other) {
		t.Error("no rollout continues")
	}
}
