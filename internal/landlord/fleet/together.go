package fleet

import (
	"context"
	"slices"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
)

// mostTogether bounds how many tenants are made or updated together. What a run that is
// killed leaves unfinished is at most as many for each that are changed at a
// time; more would save little: what is sent once for all is divided by twenty-five
// already.
const mostTogether = 25

// together cuts tenants into those that are made or updated together, each by one
// connection, so that all connections have work. Who cannot go with others is
// alone.
func together(todo []*planned, parallel int) [][]*planned {
	var out [][]*planned
	var keys []string
	by := map[string][]*planned{}
	for _, one := range todo {
		key := ""
		switch {
		case one.pool: // is taken before, and given back after
		case one.action == Update:
			key = tenant.WaveKey(one.plan, one.spec, one.row)
		case one.action == Create && one.prior == nil:
			key = tenant.CreationKey(one.plan, one.spec, one.row)
		}
		if key == "" {
			out = append(out, []*planned{one})
			continue
		}
		if by[key] == nil {
			keys = append(keys, key)
		}
		by[key] = append(by[key], one)
	}
	for _, key := range keys {
		out = slices.AppendSeq(out, slices.Chunk(by[key], evenly(len(by[key]), parallel)))
	}
	return out
}

// evenly returns how many of n tenants go together, so that as many connections
// as there are end at about the same time: none does a last group while the
// others have nothing left.
func evenly(n, parallel int) int {
	rounds := ceil(n, parallel*mostTogether)
	return ceil(n, parallel*rounds)
}

func ceil(n, by int) int { return (n + by - 1) / by }

// each works on tenants, or on lots that are changed together, several at a time: no
// more than may be changed at a time in all, and on one server. One of two servers
// counts on both. Whose servers do the least is next, so that a server that is slow
// keeps no other waiting as long as it may not have all of them.
func each[T any](r *Rollout, todo []T, servers func(T) []string, work func(T)) {
	var mu sync.Mutex
	free := sync.NewCond(&mu)
	busy, left := map[string]int{}, slices.Clone(todo)
	next := func() int {
		at, least := -1, r.perServer()
		for i, one := range left {
			most := 0
			for _, server := range servers(one) {
				most = max(most, busy[server])
			}
			if most < least {
				at, least = i, most
			}
			if least == 0 {
				break
			}
		}
		return at
	}
	count := func(one T, by int) {
		for _, server := range servers(one) {
			busy[server] += by
		}
	}
	var all sync.WaitGroup
	for range min(r.parallel(), len(todo)) {
		all.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for len(left) > 0 {
				at := next()
				if at < 0 {
					free.Wait()
					continue
				}
				one := left[at]
				left = slices.Delete(left, at, at+1)
				count(one, 1)
				mu.Unlock()
				work(one)
				mu.Lock()
				count(one, -1)
				free.Broadcast()
			}
		})
	}
	all.Wait()
}

func (r *Rollout) perServer() int {
	if r.MaxPerServer > 0 {
		return min(r.MaxPerServer, r.parallel())
	}
	return r.parallel()
}

// changeTogether makes or updates tenants together and records what came of each.
func (f *Fleets) changeTogether(ctx context.Context, ro *rollout, some []*planned, enough func() bool, tell func(*planned, error)) {
	members := make([]tenant.Member, len(some))
	for i, one := range some {
		members[i] = tenant.Member{Spec: one.spec, Plan: one.plan}
		if one.prior != nil {
			members[i].Prior = *one.prior
		}
	}
	if some[0].action == Create {
		f.Tenants.CreateWave(ctx, members, enough, func(n int, err error) { tell(some[n], err) })
		return
	}
	var done []string
	broken := map[string]string{} // marked when the connection of the others is back: the mark needs one of the pool
	f.Tenants.UpdateWave(ctx, members, enough, func(n int, err error) {
		switch one := some[n]; {
		case one.wave < 0:
		case err != nil:
			broken[one.slug] = err.Error()
		default:
			done = append(done, one.slug)
		}
		tell(some[n], err)
	})
	if ro == nil {
		return
	}
	for slug, why := range broken {
		ro.mark(ctx, registry.RolloutFailed, why, slug)
	}
	if len(done) > 0 {
		ro.mark(ctx, registry.RolloutDone, "", done...)
	}
}
