package fleet

import "testing"

// TestRollout_budget: a share of the tenants is rounded down, and those that the pool keeps
// ready are nobody's.
func TestRollout_budget(t *testing.T) {
	t.Parallel()
	members := make([]Member, 21)
	members[20].pool = true
	for text, want := range map[string]struct {
		failures int
		told     string
	}{
		"0": {0, "0"}, "3": {3, "3"}, "0%": {0, "0"}, "4%": {0, "4%, which is 0"}, "5%": {1, "5%, which is 1"}, "14%": {2, "14%, which is 2"}, "100%": {20, "100%, which is 20"},
	} {
		var r Rollout
		var err error
		if r.MaxFailures, r.FailuresShare, err = ParseFailures(text); err != nil {
			t.Fatal(err)
		}
		r.resolve(members)
		if r.MaxFailures != want.failures || r.budget() != want.told {
			t.Errorf("%s: %d may fail, told as %q", text, r.MaxFailures, r.budget())
		}
	}
}
