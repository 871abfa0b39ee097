package isolation

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNames compares with regular expressions what patterns of grants stand for.
func TestNames(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]struct {
		databases string
		wildcards bool
	}{
		`tenant_a`:   {"[tenantXa tenant_a]", true},
		`tenant\_a`:  {"[tenant_a]", false},
		`tenant\_%`:  {"[tenant_a tenant_ab]", true},
		`%`:          {"[a tenantXa tenant_a tenant_ab x%y]", true},
		`x\%y`:       {"[x%y]", false},
		`_`:          {"[a]", true},
		`%a%b`:       {"[tenant_ab]", true},
		`nobody`:     {"[]", false},
		``:           {"[]", false},
		`tenant\_a\`: {"[]", false},
	} {
		n := newNames([]string{"a", "tenantXa", "tenant_a", "tenant_ab", "x%y"})
		databases, wildcards := n.like(pattern)
		if fmt.Sprint(databases) != want.databases || wildcards != want.wildcards {
			t.Errorf("%s: %v, %v", pattern, databases, wildcards)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	text := func(letters string, most int) string {
		var b strings.Builder
		for range random.IntN(most + 1) {
			b.WriteByte(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	for range 5000 {
		var all []string
		for range 6 {
			all = append(all, text("ab_%", 6))
		}
		slices.Sort(all)
		all = slices.Compact(all)
		pattern := text(`ab_%\`, 7)
		re, want := "", []string(nil)
		for i := 0; i < len(pattern); i++ {
			switch c := pattern[i]; {
			case c == '\\' && i+1 < len(pattern):
				i++
				re += regexp.QuoteMeta(pattern[i : i+1])
			case c == '_':
				re += "."
			case c == '%':
				re += ".*"
			default:
				re += regexp.QuoteMeta(string(c))
			}
		}
		compiled := regexp.MustCompile("^" + re + "$")
		for _, name := range all {
			if compiled.MatchString(name) {
				want = append(want, name)
			}
		}
		got, _ := newNames(all).like(pattern)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("%q of %q: %q, want %q", pattern, all, got, want)
		}
	}
}
