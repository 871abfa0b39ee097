package fleet

import (
	"sync"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// TestRollout_each counts how many are worked on at a time, in all and on one server.
func TestRollout_each(t *testing.T) {
	t.Parallel()
	lots := make([][]*planned, 0, 40)
	for i := range 40 {
		server := ""
		if i >= 10 {
			server = "eu"
		}
		lots = append(lots, []*planned{{spec: landlord.TenantSpec{Server: server}}})
	}
	cases := map[string]struct {
		rollout Rollout
		want    map[string]int // most at a time, by server; "all" in all
	}{
		"default":    {Rollout{}, map[string]int{"all": 4, "": 4, "eu": 4}},
		"per server": {Rollout{MaxParallel: 5, MaxPerServer: 3}, map[string]int{"all": 5, "": 3, "eu": 3}},
		"no more":    {Rollout{MaxParallel: 2, MaxPerServer: 9}, map[string]int{"all": 2, "": 2, "eu": 2}},
		"one each":   {Rollout{MaxParallel: 8, MaxPerServer: 1}, map[string]int{"all": 2, "": 1, "eu": 1}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			now, most, done := map[string]int{}, map[string]int{}, 0
			count := func(by int, keys ...string) {
				mu.Lock()
				defer mu.Unlock()
				for _, key := range keys {
					now[key] += by
					most[key] = max(most[key], now[key])
				}
			}
			c.rollout.each(lots, func(some []*planned) {
				count(1, "all", some[0].server())
				time.Sleep(3 * time.Millisecond)
				count(-1, "all", some[0].server())
				mu.Lock()
				done++
				mu.Unlock()
			})
			if done != len(lots) {
				t.Errorf("%d of %d are done", done, len(lots))
			}
			for key, want := range c.want {
				if most[key] > want || key == "all" && most[key] < want {
					t.Errorf("%q: %d at a time, want %d", key, most[key], want)
				}
			}
		})
	}
}
