package engine

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
)

// ApplyFleet brings a fleet to what a specification wants. The digest is the
// planned one; empty accepts whatever there is to do. A tenant that fails stops
// only itself, unless more fail than may: then no further one is begun. What was
// done is recorded tenant by tenant: the next apply does the rest. How the tenants do
// that were changed is sampled afterwards, whether all were or not. Errors are Problems.
func (e *Engine) ApplyFleet(ctx context.Context, spec fleet.Spec, prior *fleet.Prior, digest string) (*fleet.Applied, error) {
	applied, err := e.fleets.Apply(ctx, spec, prior, digest)
	if applied != nil && len(applied.Changed) > 0 {
		e.sample(ctx, applied.Changed)
	}
	if err != nil {
		return nil, err //nolint:wrapcheck // it is in the words of the interface
	}
	return applied, nil
}
