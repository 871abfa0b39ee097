package fleet

import (
	"sync"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
)

// TestRollout_each counts how many are worked on at a time, in all and on one server:
// a move counts on both of its servers.
func TestRollout_each(t *testing.T) {
	t.Parallel()
	var some, moves []*planned
	for i := range 40 {
		server := ""
		if i >= 10 {
			server = "eu"
		}
		some = append(some, &planned{spec: landlord.TenantSpec{Server: server}})
		from, to := "", []string{"eu", "us", "asia"}[i%3]
		if i >= 20 {
			from, to = to, from
		}
		moves = append(moves, &planned{spec: landlord.TenantSpec{Server: to}, plan: &apply.TenantPlan{Move: &apply.Move{From: from, To: to}}})
	}
	cases := map[string]struct {
		rollout Rollout
		todo    []*planned
		want    map[string]int // most at a time, by server; "all" in all
	}{
		"default":    {Rollout{}, some, map[string]int{"all": 4, "": 4, "eu": 4}},
		"per server": {Rollout{MaxParallel: 5, MaxPerServer: 3}, some, map[string]int{"all": 5, "": 3, "eu": 3}},
		"no more":    {Rollout{MaxParallel: 2, MaxPerServer: 9}, some, map[string]int{"all": 2, "": 2, "eu": 2}},
		"one each":   {Rollout{MaxParallel: 8, MaxPerServer: 1}, some, map[string]int{"all": 2, "": 1, "eu": 1}},
		"moves":      {Rollout{MaxParallel: 8, MaxPerServer: 2}, moves, map[string]int{"all": 2, "": 2, "eu": 2}},
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
			each(&c.rollout, c.todo, (*planned).servers, func(one *planned) {
				count(1, append(one.servers(), "all")...)
				time.Sleep(3 * time.Millisecond)
				count(-1, append(one.servers(), "all")...)
				mu.Lock()
				done++
				mu.Unlock()
			})
			if done != len(c.todo) {
				t.Errorf("%d of %d are done", done, len(c.todo))
			}
			for key, want := range c.want {
				if most[key] > want || key == "all" && most[key] < want {
					t.Errorf("%q: %d at a time, want %d", key, most[key], want)
				}
			}
		})
	}
}
