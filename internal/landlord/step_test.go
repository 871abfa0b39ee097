package landlord

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStep_line(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		step Step
		want string
	}{
		"harmless": {Step{SQL: "ALTER TABLE t\n ADD c INT, ALGORITHM=INSTANT", Algorithm: "instant", Locks: "none", Reversible: true}, "ALTER TABLE t ADD c INT, ALGORITHM=INSTANT"},
		"in place": {Step{SQL: "ALTER TABLE t ADD KEY (c)", Algorithm: "inplace", Locks: "none", Reversible: true}, "ALTER TABLE t ADD KEY (c)"},
		"a reason": {Step{SQL: "CREATE VIEW v AS SELECT 1", Reversible: true, Reason: "It reads\n a column."}, "CREATE VIEW v AS SELECT 1 -- It reads a column."},
		"copy":     {Step{SQL: "ALTER TABLE t MODIFY c INT", Algorithm: "copy", Locks: "writes", Reversible: true}, "ALTER TABLE t MODIFY c INT -- algorithm copy, locks writes"},
		"everything": {Step{SQL: "ALTER TABLE t DROP c", Algorithm: "copy", Locks: "all", Destructive: true, Reason: "Lost: column `t`.`c` with its values."},
			"ALTER TABLE t DROP c -- algorithm copy, locks all, destructive, not reversible: Lost: column `t`.`c` with its values."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tc.step.Line(); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestRiskOf(t *testing.T) {
	t.Parallel()
	harmless := Risk{Algorithm: "instant", Locks: "none", Reversible: true}
	if got := RiskOf(nil); got != harmless {
		t.Errorf("nothing is %+v", got)
	}
	steps := []Step{
		{Algorithm: "inplace", Locks: "none", Reversible: true}, {Reversible: true},
		{Algorithm: "copy", Locks: "writes", Reversible: true, Destructive: true}, {Algorithm: "instant", Locks: "none"},
	}
	if got, want := RiskOf(steps), (Risk{Algorithm: "copy", Locks: "writes", Destructive: true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestLossText tells of all losses once, shows ten statements and names fifty losses more.
func TestLossText(t *testing.T) {
	t.Parallel()
	var steps []Step
	var want []string
	for _, name := range strings.Split("abcdefghijkl", "") {
		steps = append(steps, Step{SQL: "DROP TABLE " + name, Lost: "table `" + name + "` with its rows"})
	}
	for _, s := range steps[:10] {
		want = append(want, s.SQL, "Lost: "+s.Lost+".")
	}
	if diff := cmp.Diff(want, LossText(steps[:10])); diff != "" {
		t.Error(diff)
	}
	want = append(want, "Lost by the statements behind these: table `k` with its rows; table `l` with its rows.")
	if diff := cmp.Diff(want, LossText(append(steps, steps[11], steps[10]))); diff != "" {
		t.Error(diff)
	}
	steps = steps[:10]
	var named []string
	for i := range 52 {
		steps = append(steps, Step{Lost: fmt.Sprintf("table `t%d` with its rows", i)})
		named = append(named, steps[len(steps)-1].Lost)
	}
	want[20] = "Lost by the statements behind these: " + strings.Join(named[:50], "; ") + "; and 2 more."
	if diff := cmp.Diff(want, LossText(steps)); diff != "" {
		t.Error(diff)
	}
	want[20] = "Lost by the statements behind these: " + strings.Join(named[:50], "; ") + "."
	if diff := cmp.Diff(want, LossText(steps[:60])); diff != "" {
		t.Error(diff)
	}
}
