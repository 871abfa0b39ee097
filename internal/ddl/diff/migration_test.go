package diff_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

func TestProbe_Finding(t *testing.T) {
	t.Parallel()
	null := diff.Probe{Text: "{rows} of `t` {violate} NOT NULL of `v`", Label: "`id`"}
	lost := diff.Probe{Text: "{rows} of `t` {lose} the value of `v`"}
	cases := map[string]struct {
		probe   diff.Probe
		count   int64
		example string
		want    string
	}{
		"none":          {null, 0, "", ""},
		"one":           {null, 1, "17", "1 row of `t` violates NOT NULL of `v`, e.g. `id` 17"},
		"three":         {null, 3, "17", "3 rows of `t` violate NOT NULL of `v`, e.g. `id` 17"},
		"no example":    {null, 2, "", "2 rows of `t` violate NOT NULL of `v`"},
		"the limit":     {null, diff.ProbeLimit, "1", "1000 rows of `t` violate NOT NULL of `v`, e.g. `id` 1"},
		"more":          {null, diff.ProbeLimit + 1, "1", "more than 1000 rows of `t` violate NOT NULL of `v`, e.g. `id` 1"},
		"one lost":      {lost, 1, "17", "1 row of `t` loses the value of `v`"},
		"many are lost": {lost, 2, "", "2 rows of `t` lose the value of `v`"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.probe.Finding(c.count, c.example); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
