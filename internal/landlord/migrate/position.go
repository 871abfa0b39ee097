package migrate

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Position finds the first step that has not taken effect: what the ledger has
// as done is done; which of the intended statements took effect is decided by
// the live schema alone. It is -1 when the live schema fits no point.
func Position(steps []registry.RecordedStep, live string) int {
	next := 0
	for next < len(steps) && steps[next].State == "done" {
		next++
	}
	for ; next < len(steps) && live != steps[next].Before; next++ {
		// Rows and their ledger row are one transaction, a step that leaves no
		// trace in the schema can be repeated, and what was not intended was
		// not sent: for none of them the live schema can be another one. A lock
		// was intended together with what runs under it.
		if s := steps[next]; s.Data || s.Before == s.After && s.Operation != landlord.LockTables || s.State != "intent" {
			return -1
		}
	}
	if next == len(steps) && next > 0 && live != steps[next-1].After {
		return -1
	}
	return next
}
