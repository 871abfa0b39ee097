package command_test

import (
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/command"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// TestProgressLine tells how far a rollout has come, how fast it is, and how long
// it takes.
func TestProgressLine(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(asked time.Duration, status string, waves ...landlord.WaveProgress) *landlord.RolloutProgress {
		return &landlord.RolloutProgress{Fleet: "shops", Template: "shop@2.0.0", Status: status, Waves: waves, StartedAt: start, Asked: start.Add(asked)}
	}
	canary := landlord.WaveProgress{Name: "canary", Total: 2, Done: 1, Failed: 1}
	rest := func(done int) landlord.WaveProgress {
		return landlord.WaveProgress{Name: "100%", Total: 98, Done: done}
	}
	paused := at(time.Minute, "running", canary, rest(10))
	paused.Wish, paused.WishAuthor = landlord.WishPause, "ann"
	for name, c := range map[string]struct {
		now, from *landlord.RolloutProgress
		line, bar string
	}{
		"none yet":      {at(time.Second, "running", rest(0)), nil, "fleet shops to shop@2.0.0: running, 0 of 98 tenants", "[..............................]"},
		"since start":   {at(time.Minute, "running", canary, rest(8)), nil, "fleet shops to shop@2.0.0: running, 10 of 100 tenants, 1 failed (canary 2/2, 100% 8/98), 10.0 a minute, 9m0s left", "[###...........................]"},
		"since watched": {at(2*time.Minute, "running", canary, rest(48)), at(time.Minute, "running", canary, rest(8)), "fleet shops to shop@2.0.0: running, 50 of 100 tenants, 1 failed (canary 2/2, 100% 48/98), 40.0 a minute, 1m15s left", "[###############...............]"},
		"paused":        {paused, nil, "fleet shops to shop@2.0.0: running, 12 of 100 tenants, 1 failed (canary 2/2, 100% 10/98), 12.0 a minute, 7m20s left, ann asked for pause", "[###...........................]"},
		"done":          {at(time.Hour, "done", rest(98)), nil, "fleet shops to shop@2.0.0: done, 98 of 98 tenants", "[##############################]"},
		"nobody":        {at(time.Hour, "done"), nil, "fleet shops to shop@2.0.0: done, 0 of 0 tenants", "[..............................]"},
	} {
		if c.from == nil {
			c.from = c.now
		}
		if got := command.ProgressLine(c.now, c.from); got != c.line {
			t.Errorf("%s: %s\nwant %s", name, got, c.line)
		}
		if got := command.ProgressBar(c.now); got != c.bar {
			t.Errorf("%s: %s, want %s", name, got, c.bar)
		}
	}
}
