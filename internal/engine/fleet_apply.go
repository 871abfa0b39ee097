package engine

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
)

// ApplyFleet brings a fleet to what a specification wants. The digest is the
// planned one; empty accepts whatever there is to do. A tenant that fails stops
// only itself, unless more fail than may: then no further one is begun. What was
// done is recorded tenant by tenant: the next apply does the rest. How the tenants do
// that were changed is sampled afterwards. Errors are Problems.
func (e *Engine) ApplyFleet(ctx context.Context, spec fleet.Spec, prior *fleet.Prior, digest string) (*fleet.Applied, error) {
	applied, err := e.fleets.Apply(ctx, spec, prior, digest)
	if err == nil && len(applied.Changed) > 0 {
		e.sampleChanged(ctx, spec.Name, applied.Changed)
	}
	return applied, err
}

// sampleChanged keeps how tenants do after a change. The change is done, so a sample
// that fails is logged and nothing else.
func (e *Engine) sampleChanged(ctx context.Context, name string, slugs []string) {
	if _, err := e.healths.Sample(ctx, health.Filter{Slugs: slugs}, 0); err != nil {
		e.cfg.Log(ctx, "no sample of the changed tenants is kept", map[string]any{"fleet": name, "cause": err.Error()})
	}
}
