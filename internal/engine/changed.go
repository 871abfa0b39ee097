package engine

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
)

// sampleAfter is how long a change waits for others before the tenants that were
// changed are sampled together. What waits when the run ends is sampled then.
const sampleAfter = time.Minute

// changed are the tenants that a run has changed one by one, and of which no sample
// was taken since.
type changed struct {
	mu    sync.Mutex
	slugs map[string]bool
	since time.Time // of the first of them
}

func (c *changed) add(slug string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.slugs) == 0 {
		c.slugs, c.since = map[string]bool{}, now
	}
	c.slugs[slug] = true
}

// drop forgets a tenant that is gone.
func (c *changed) drop(slug string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.slugs, slug)
}

// due says whether the first change has waited for long enough.
func (c *changed) due(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.slugs) > 0 && now.Sub(c.since) >= sampleAfter
}

// take returns what waits, and waits for it no more.
func (c *changed) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	slugs := slices.Sorted(maps.Keys(c.slugs))
	c.slugs = nil
	return slugs
}

// sampleChanged samples the tenants that wait.
func (e *Engine) sampleChanged(ctx context.Context) {
	if slugs := e.changed.take(); len(slugs) > 0 {
		e.sample(ctx, slugs)
	}
}

// sample keeps how tenants do after a change, as a run finds it that has read nothing
// yet. The change is done, so a sample that fails is logged and nothing else.
func (e *Engine) sample(ctx context.Context, slugs []string) {
	if _, err := e.NewRun().healths.Sample(ctx, health.Filter{Slugs: slugs}, 0); err != nil {
		e.cfg.Log(ctx, "no sample of the changed tenants is kept", map[string]any{"tenants": len(slugs), "cause": err.Error()})
	}
}
