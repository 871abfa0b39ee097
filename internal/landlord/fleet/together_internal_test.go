package fleet

import "testing"

// TestEvenly: no connection does a last group of tenants while the others have
// nothing left, and no group is larger than what a killed run may leave.
func TestEvenly(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ n, parallel, want int }{
		"one":                          {1, 4, 1},
		"as many as connections":       {4, 4, 1},
		"one more":                     {5, 4, 2},
		"one full round":               {100, 4, 25},
		"not four of 25 and one of 20": {120, 4, 15},
		"one more than a round":        {101, 4, 13},
		"many":                         {5000, 4, 25},
		"one connection":               {60, 1, 20},
	}
	for name, c := range cases {
		if got := evenly(c.n, c.parallel); got != c.want {
			t.Errorf("%s: %d of %d, not %d", name, got, c.n, c.want)
		}
	}
}
