package tenant

import (
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// TestAhead: a state has whole seconds, in which two migrations can end.
func TestAhead(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	made := landlord.LastMigration{Digest: "made", To: "shop@1.0.0"}
	moved := landlord.LastMigration{Digest: "moved", From: "shop@1.0.0", To: "shop@2.0.0"}
	back := landlord.LastMigration{Digest: "back", From: "shop@2.0.0", To: "shop@1.0.0"}
	at := func(m landlord.LastMigration, after time.Duration) *landlord.LastMigration {
		m.AppliedAt = noon.Add(after)
		return &m
	}
	for name, c := range map[string]struct {
		recorded, known *landlord.LastMigration
		want            bool
	}{
		"the same":                         {at(moved, 600*time.Millisecond), at(moved, 0), false},
		"a later one":                      {at(back, time.Second), at(moved, 0), false},
		"an earlier one":                   {at(made, 0), at(moved, time.Second), true},
		"an earlier one of the second":     {at(made, 100*time.Millisecond), at(moved, 0), true},
		"a way back within the second":     {at(back, 900*time.Millisecond), at(moved, 0), false},
		"the state is from before the way": {at(moved, 900*time.Millisecond), at(made, 0), false},
		"none":                             {nil, at(moved, 0), true},
		"an adoption":                      {at(moved, 0), nil, false},
	} {
		row := &registry.TenantRow{Template: "shop", Applied: "1.0.0", Last: c.recorded}
		if c.recorded != nil {
			row.Applied = c.recorded.To[len("shop@"):]
		}
		prior := &landlord.PriorTenant{Template: "shop@1.0.0", Last: c.known}
		if c.known != nil {
			prior.Template = c.known.To
		}
		if got := ahead(row, prior); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
