package engine

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// Records lists what there is of a kind: of what tenants have, that of one tenant or
// of all. Errors are Problems.
func (e *Engine) Records(ctx context.Context, kind landlord.RecordKind, slug string) ([]landlord.Record, error) {
	switch kind {
	case landlord.RecordTemplate:
		return e.publisher.Records(ctx)
	case landlord.RecordFleet:
		return e.fleets.Records(ctx)
	default:
		return e.drifts.Records(ctx, kind, slug)
	}
}
