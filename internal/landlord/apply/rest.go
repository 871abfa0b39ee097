package apply

import (
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
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
// changes rows, which shares a transaction with its own mark. What runs under a
// lock of tables goes with the lock.
func together(steps []registry.RecordedStep, from int) int {
	if from >= len(steps) || steps[from].Data {
		return from
	}
	if steps[from].Operation == landlord.LockTables {
		unlock := slices.IndexFunc(steps[from:], func(s registry.RecordedStep) bool { return s.Operation == landlord.UnlockTables })
		return from + unlock + 1
	}
	seen := map[string]bool{steps[from].Before: true}
	last := from
	for last < len(steps) && !steps[last].Data && !seen[steps[last].After] && steps[last].Operation != landlord.LockTables {
		seen[steps[last].After] = true
		last++
	}
	return max(last, from+1) // a step that leaves no trace goes alone
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
