package apply

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// TestTogether_lock records what runs under a lock of tables with the lock, and
// finds out after a crash what of it has taken effect.
func TestTogether_lock(t *testing.T) {
	t.Parallel()
	step := func(operation, before, after string) registry.RecordedStep {
		return registry.RecordedStep{Step: landlord.Step{Operation: operation}, Before: before, After: after, State: "planned"}
	}
	steps := []registry.RecordedStep{
		step("alter_table", "x", "a"), step(landlord.LockTables, "a", "a"), step("drop_trigger", "a", "b"), step("create_trigger", "b", "a"),
		step(landlord.UnlockTables, "a", "a"), step("replace_view", "a", "a"),
	}
	for i, want := range []int{1, 5, 4, 4, 5, 6} {
		if i == 2 || i == 3 { // nobody begins in the middle, but after a crash
			continue
		}
		if got := together(steps, i); got != want {
			t.Errorf("from %d: %d, want %d", i, got, want)
		}
	}
	steps[0].State = "done"
	registry.SetIntent(steps[1:together(steps, 1)])
	for live, want := range map[string]int{"a": 1, "b": 3, "x": -1} {
		if got := migrate.Position(steps, live); got != want {
			t.Errorf("the schema being %s: %d, want %d", live, got, want)
		}
	}
	for i := range steps[:5] {
		steps[i].State = "done"
	}
	if got := migrate.Position(steps, "a"); got != 5 {
		t.Errorf("all but the view is done: %d", got)
	}
}
