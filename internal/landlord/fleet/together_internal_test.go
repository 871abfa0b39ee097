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
		"one full round":               {80, 4, 20},
		"one more than that":           {81, 4, 11},
		"not four of 20 and one of 20": {100, 4, 13},
		"many":                         {5000, 4, 20},
		"one connection":               {50, 1, 17},
	}
	for name, c := range cases {
		if got := evenly(c.n, c.parallel); got != c.want {
			t.Errorf("%s: %d of %d, not %d", name, got, c.n, c.want)
		}
	}
}
