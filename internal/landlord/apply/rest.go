package apply

import (
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Rest is what is left of a migration that was interrupted.
type Rest struct {
	Running *registry.Running
	Steps   []registry.RecordedStep // all of them
	Next    int                     // index of the first one to run
}

// together returns the number of the last step that can be recorded as intended
// at the same time as the one at an index: steps that change the structure and
// give schemas that differ from each other, so that the live schema alone says
// which of them have taken effect. It is the index itself for a step that
// changes rows, which shares a transaction with its own mark.
func together(steps []registry.RecordedStep, from int) int {
	if from >= len(steps) || steps[from].Data {
		return from
	}
	seen := map[string]bool{steps[from].Before: true}
	last := from
	for last < len(steps) && !steps[last].Data && !seen[steps[last].After] {
		seen[steps[last].After] = true
		last++
	}
	return max(last, from+1) // a step that leaves no trace goes alone
}

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
		// not sent: for none of them the live schema can be another one.
		if s := steps[next]; s.Data || s.Before == s.After || s.State != "intent" {
			return -1
		}
	}
	if next == len(steps) && next > 0 && live != steps[next-1].After {
		return -1
	}
	return next
}

// Destroys says whether one of the steps from next on loses what no step of the
// migration sets aside.
func Destroys(steps []registry.RecordedStep, next int) bool {
	for _, s := range steps[next:] {
		aside := slices.ContainsFunc(steps, func(r registry.RecordedStep) bool {
			return r.Retires != nil && r.Retires.Table == s.Table && (len(r.Retires.Columns) > 0 || r.Number == s.Number)
		})
		if s.Destructive && !aside {
			return true
		}
	}
	return false
}
