package engine_test

import (
	"context"
	"runtime/metrics"
	"slices"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// collector reads how the process collects its garbage.
func collector() [2]uint64 {
	samples := []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
	metrics.Read(samples)
	return [2]uint64{samples[0].Value.Uint64(), samples[1].Value.Uint64()}
}

// TestCheckpoint_collector takes, proves and restores a checkpoint, and looks at
// each report of their progress: how garbage is collected is for the program to
// choose, which holds more than copies.
func TestCheckpoint_collector(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	before := collector()
	var seen []string
	directory := t.TempDir()
	e := copying(t, s, directory, func(c *landlord.Config) {
		c.Log = func(_ context.Context, message string, _ map[string]any) {
			seen = append(seen, message)
			if during := collector(); during != before {
				t.Errorf("%s: GOGC and GOMEMLIMIT are %d, and were %d", message, during, before)
			}
		}
	})
	stocked(t, s, e, "acme")
	if _, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "before", Contents: landlord.CheckpointData, Verify: true}); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before"}, ""); err != nil {
		t.Fatal(explain(err))
	}
	for _, message := range []string{"Taking a checkpoint", "Loading a checkpoint"} {
		if !slices.Contains(seen, message) {
			t.Errorf("%q was not reported, only %q", message, seen)
		}
	}
	if after := collector(); after != before {
		t.Errorf("GOGC and GOMEMLIMIT are %d, and were %d", after, before)
	}
}
