package privilege_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// TestMatchesGrant compares with a regular expression of the same meaning, and
// CoversGrant with what follows from it: a pattern that covers another one fits
// whatever that fits, and one without wildcards is covered where its name fits.
func TestMatchesGrant(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	draw := func(parts ...string) string {
		var b strings.Builder
		for range random.IntN(6) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		return b.String()
	}
	meaning := func(pattern string) *regexp.Regexp {
		var b strings.Builder
		for _, part := range regexp.MustCompile(`\\.|.`).FindAllString(pattern, -1) {
			switch part {
			case "%":
				b.WriteString(".*")
			case "_":
				b.WriteString(".")
			default:
				b.WriteString(regexp.QuoteMeta(strings.TrimPrefix(part, `\`)))
			}
		}
		return regexp.MustCompile("^" + b.String() + "$")
	}
	fits, covers := 0, 0
	for range 20_000 {
		pattern, name := draw("a", "b", `\_`, `\%`, "_", "%"), draw("a", "b", "_", "%")
		got := privilege.MatchesGrant(pattern, name)
		if want := meaning(pattern).MatchString(name); got != want {
			t.Fatalf("MatchesGrant(%q, %q) = %t", pattern, name, got)
		}
		if exact := strings.NewReplacer("_", `\_`, "%", `\%`).Replace(name); privilege.CoversGrant(pattern, exact) != got {
			t.Fatalf("CoversGrant(%q, %q) = %t", pattern, exact, !got)
		}
		other := draw("a", "b", `\_`, `\%`, "_", "%")
		if got {
			fits++
		}
		if privilege.CoversGrant(other, pattern) {
			covers++
			if got && !privilege.MatchesGrant(other, name) {
				t.Fatalf("%q covers %q, and does not fit %q", other, pattern, name)
			}
		}
	}
	if fits < 100 || covers < 100 {
		t.Errorf("%d fit, %d cover: nothing was tried", fits, covers)
	}
	if privilege.CoversGrant(`tenant\_%`, "tenant_acme") || !privilege.CoversGrant(`tenant\_%`, `tenant\_acme`) || privilege.CoversGrant(`a_`, "a%") {
		t.Error("a wildcard is covered by a character")
	}
}
