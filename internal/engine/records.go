package engine

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
)

// Decisions returns the newest decisions on conflicts, which are proposed to tenants with
// the same one. Errors are Problems.
func (e *Engine) Decisions(ctx context.Context, limit int) ([]overview.Decision, error) {
	return e.overview.Decisions(ctx, limit)
}

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
