package apply

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// stepsOf writes steps as a chain of schemas: a letter is a schema, `>` a step
// that changes the structure, `*` one that changes rows.
func stepsOf(chain string) []registry.RecordedStep {
	var steps []registry.RecordedStep
	for at := 1; at < len(chain); at += 2 {
		steps = append(steps, registry.RecordedStep{
			Step: landlord.Step{Data: chain[at] == '*'}, Number: len(steps) + 1, Before: chain[at-1 : at], After: chain[at+1 : at+2], State: "planned",
		})
	}
	return steps
}

// TestTogether asks which steps are recorded as intended at once.
func TestTogether(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		chain string
		want  []int // from each step on, the number of the last
	}{
		"different schemas":    {"a>b>c>d", []int{3, 3, 3}},
		"rows go alone":        {"a>b*b>c>d", []int{1, 1, 4, 4}},
		"there and back":       {"a>b>a>c", []int{1, 3, 3}},
		"without a trace":      {"a>a>b>b", []int{1, 2, 3}},
		"nothing but rows":     {"a*a*a", []int{0, 1}},
		"back behind the next": {"a>b>c>b>d", []int{2, 2, 4, 4}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps := stepsOf(test.chain)
			var got []int
			for from := range steps {
				got = append(got, together(steps, from))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if last := together(steps, len(steps)); last != len(steps) {
				t.Errorf("behind the last step: %d", last)
			}
		})
	}
}

// TestPosition asks where an interrupted migration goes on.
func TestPosition(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		chain, marks string // d done, i intent, p planned
		want         map[string]int
	}{
		"nothing began":             {"a>b>c", "ii", map[string]int{"a": 0, "b": 1, "c": 2, "x": -1}},
		"one mark at a time":        {"a>b>c", "ip", map[string]int{"a": 0, "b": 1, "c": -1}},
		"done counts":               {"a>b>c>d", "dii", map[string]int{"a": -1, "b": 1, "c": 2, "d": 3}},
		"all done":                  {"a>b", "d", map[string]int{"a": -1, "b": 1}},
		"stopped in the middle":     {"a>b>c>d", "dip", map[string]int{"b": 1, "c": 2, "d": -1}},
		"rows are in one piece":     {"a>b*b>c", "iip", map[string]int{"a": 0, "b": 1, "c": -1}},
		"rows are done":             {"a>b*b>c>d", "ddii", map[string]int{"a": -1, "b": 2, "c": 3, "d": 4}},
		"no trace is repeated":      {"a>a>b", "ip", map[string]int{"a": 0, "b": -1}},
		"there and back":            {"a>b>a>c", "ipp", map[string]int{"a": 0, "b": 1, "c": -1}},
		"there and back, half done": {"a>b>a>c", "dii", map[string]int{"a": 2, "b": 1, "c": 3}},
		"nothing to do":             {"a", "", map[string]int{"a": 0, "x": 0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps := stepsOf(test.chain)
			for i := range steps {
				steps[i].State = map[string]string{"d": "done", "i": "intent", "p": "planned"}[strings.Split(test.marks, "")[i]]
			}
			got := map[string]int{}
			for live := range test.want {
				got[live] = migrate.Position(steps, live)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
