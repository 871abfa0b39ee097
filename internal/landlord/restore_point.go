package landlord

import (
	"context"
)

func (e *Engine) sourceBefore(ctx context.Context, spec RestoreSpec) (*checkpointRow, error) {
	return nil, problem(FieldPointInTime, "Point in time is not supported yet", "…")
}

func (r *restoring) fillUntil(ctx context.Context) error { return nil }
