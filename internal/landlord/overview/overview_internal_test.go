package overview

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// TestToRollout counts each wave, those of a rollout that went on with fewer too.
func TestToRollout(t *testing.T) {
	t.Parallel()
	o := toRollout(&registry.Rollout{Fleet: "shops", Waves: []string{"canary", "10%"}, Status: registry.RolloutRunning}, []registry.RolloutTenant{
		{Slug: "a", Wave: 0, Status: registry.RolloutDone}, {Slug: "b", Wave: 1, Status: registry.RolloutFailed, Error: "no disk"},
		{Slug: "c", Wave: 1, Status: registry.RolloutRunning}, {Slug: "d", Wave: 2, Status: registry.RolloutPending},
	})
	want := []Wave{{Name: "canary", Total: 1, Done: 1}, {Name: "10%", Total: 2, Failures: 1, Running: 1}, {Total: 1}}
	if diff := cmp.Diff(want, o.Waves); diff != "" {
		t.Errorf("waves (-want +got):\n%s", diff)
	}
	if o.Done() != 1 || o.Total() != 4 || len(o.Failed) != 1 || o.Failed[0] != (FailedTenant{"b", "no disk"}) {
		t.Errorf("%d of %d, failed %v", o.Done(), o.Total(), o.Failed)
	}
}

// TestTenant_drifted tells drift from what cannot drift.
func TestTenant_drifted(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		tenant landlord.Tenant
		want   bool
	}{
		"in sync":      {landlord.Tenant{Registered: true, SchemaFingerprint: "a", BaseFingerprint: "a"}, false},
		"drifted":      {landlord.Tenant{Registered: true, SchemaFingerprint: "a", BaseFingerprint: "b"}, true},
		"missing":      {landlord.Tenant{Registered: true, DatabaseMissing: true, BaseFingerprint: "b"}, false},
		"unknown":      {landlord.Tenant{SchemaFingerprint: "a"}, false},
		"never stored": {landlord.Tenant{Registered: true, SchemaFingerprint: "a"}, false},
	}
	for name, c := range cases {
		if got := (&Tenant{Tenant: c.tenant}).Drifted(); got != c.want {
			t.Errorf("%s: drifted is %t", name, got)
		}
	}
}
