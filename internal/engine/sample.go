package engine

import (
	"context"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
)

// SampleHealth tells how tenants do as Health does, and keeps it for as long as the
// retention, 0 for 30 days: growth and history are made of it. Errors are Problems.
func (e *Engine) SampleHealth(ctx context.Context, filter health.Filter, retention time.Duration) (*health.Report, error) {
	return e.healths.Sample(ctx, filter, retention)
}

// SampleEvent returns a statement that makes an event of the main server: it keeps what
// SQL can see of how its tenants do, between the samples of SampleHealth. Errors are
// Problems.
func (e *Engine) SampleEvent(ctx context.Context, every, retention time.Duration) (string, error) {
	return e.healths.Event(ctx, every, retention)
}
