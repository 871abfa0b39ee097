package value_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
)

func sumOf(rows ...string) value.Checksum {
	var c value.Checksum
	for _, row := range rows {
		c.Add([]byte(row))
	}
	return c
}

// The sums are written into manifests that are kept for years: these were added up
// by another program.
func TestChecksum_values(t *testing.T) {
	t.Parallel()
	for want, rows := range map[string][]string{
		"00000000000000000000000000000000": nil,
		"e3b0c44298fc1c149afbf4c8996fb924": {""},
		"fd0ad9026eee596b7072a762941f60be": {"(1)"},
		"fa15b204dddcb2d6e0e54ec5283ec17c": {"(1)", "(1)"},
		"527a4960042491d47503428d2f6cd39f": {"(1)", "(2)", "(3)"},
		"70321a2db7cf53c0211e227233189c21": {"(1,'a',NULL)"},
	} {
		if got := sumOf(rows...); got.String() != want || got.Rows != int64(len(rows)) {
			t.Errorf("%q: got %s of %d rows, want %s", rows, got.String(), got.Rows, want)
		}
	}
}

// Neither the order of the rows nor how they are parted counts; a row that is
// there twice, missing or in another place of a value does.
func TestChecksum_order(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same rows each time
	var rows []string
	for i := range 200 {
		rows = append(rows, fmt.Sprintf("(%d,'%d')", i, r.Int64()))
	}
	want := sumOf(rows...)
	for range 50 {
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		at := r.IntN(len(rows))
		got, rest := sumOf(rows[:at]...), sumOf(rows[at:]...)
		got.Merge(rest)
		if got != want {
			t.Fatalf("cut at %d: %s of %d rows, want %s", at, got.String(), got.Rows, want.String())
		}
	}
	for name, others := range map[string][]string{
		"one missing": rows[1:],
		"one twice":   append(rows[:len(rows):len(rows)], rows[0]),
		"one changed": append(rows[1:len(rows):len(rows)], rows[0]+" "),
	} {
		if got := sumOf(others...); got.String() == want.String() {
			t.Errorf("%s: the sum is the same", name)
		}
	}
}

func TestParseChecksum(t *testing.T) {
	t.Parallel()
	want := sumOf("(1)", "(2,'a')")
	got, err := value.ParseChecksum(want.String(), 2)
	if err != nil || got != want {
		t.Errorf("got %v and %v, want %v", got, err, want)
	}
	got.Add([]byte("(3)"))
	if again := sumOf("(1)", "(2,'a')", "(3)"); got != again {
		t.Errorf("after another row %v, want %v", got, again)
	}
	for _, text := range []string{"", "00", "x0000000000000000000000000000000", "000000000000000000000000000000000000"} {
		if _, err := value.ParseChecksum(text, 0); fmt.Sprint(err) != "`"+text+"` is no checksum of rows" {
			t.Errorf("%q: %v", text, err)
		}
	}
}
