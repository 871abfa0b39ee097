package restore

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// TestWithin refuses a checkpoint alone that was taken between the beginning of a
// copy and its taking the tenant's place, for moments behind that.
func TestWithin(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return time.Date(2026, 1, 2, 3, minute, 0, 0, time.UTC) }
	exchanges := []*registry.RestoreRow{{Slug: "acme", Number: 7, CreatedAt: at(10), FinishedAt: at(20)}}
	for name, test := range map[string]struct {
		taken, moment int
		refused       bool
	}{
		"before the copy":     {5, 30, false},
		"within":              {15, 30, true},
		"within, and so back": {15, 18, false},
		"behind":              {25, 30, false},
	} {
		row := &registry.CheckpointRow{Slug: "acme", Name: "nightly", ConsistentAt: at(test.taken)}
		if err := within(landlord.RestoreSpec{Tenant: "acme", PointInTime: at(test.moment)}, row, exchanges); (err != nil) != test.refused {
			t.Errorf("%s: %v", name, err)
		}
	}
	row := &registry.CheckpointRow{Slug: "acme", Name: "nightly", ConsistentAt: at(15)}
	err := within(landlord.RestoreSpec{Tenant: "acme", PointInTime: at(30)}, row, exchanges)
	if diff := cmp.Diff("Binary log cannot be replayed: Tenant `acme` is to return to 2026-01-02T03:30:00Z, from checkpoint `nightly` of 2026-01-02T03:15:00Z and the binary log since then.\n\n"+
		"Cause: the checkpoint was taken while the copy of restore `acme/7` was being loaded, which changed places with the tenant before that moment.\n\n"+
		"The tenant can return to the checkpoint itself: `checkpoint = \"acme/nightly\"`.", err.Error()); diff != "" {
		t.Error(diff)
	}
}

// TestCompanionOf names the databases that a replay follows beside the tenant.
func TestCompanionOf(t *testing.T) {
	t.Parallel()
	rs := &Restores{Registry: &registry.Store{Database: "landlord"}}
	is := rs.companionOf(&registry.TenantRow{ID: 7, Database: "tenant_acme"})
	for name, want := range map[string]bool{
		"landlord_retired": true, "landlord_retired_7_979c5f53": true, "landlord_retired_7_979c5f53_2": true, "landlord_retired_8_979c5f53": false,
		"tenant_acme__restore_3": true, "tenant_acme__restore_979c5f53_a": true, "Tenant_Acme__restore_979c5f53": true,
		"tenant_acme": false, "tenant_acme_2": false, "tenant_ac__restore_3": false, "landlord": false, "landlord_scratch_0a": false,
	} {
		if is(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
