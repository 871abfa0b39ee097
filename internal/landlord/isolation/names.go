package isolation

import (
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// names are the databases of a server, so that the pattern of a grant is compared
// with few of them: ten thousand accounts may have grants on ten thousand
// databases.
type names struct {
	all      []string
	is       map[string]bool
	byLength map[int][]string
}

func newNames(all []string) *names {
	n := &names{all: all, is: make(map[string]bool, len(all)), byLength: map[int][]string{}}
	for _, name := range all {
		n.is[name] = true
		n.byLength[len([]rune(name))] = append(n.byLength[len([]rune(name))], name)
	}
	return n
}

// exact returns the database of that name, if there is one.
func (n *names) exact(name string) []string {
	if n.is[name] {
		return []string{name}
	}
	return nil
}

// like returns the databases that a pattern of a GRANT stands for, and whether it
// holds wildcards at all.
func (n *names) like(pattern string) (databases []string, wildcards bool) {
	var plain strings.Builder
	length, open := 0, false
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '%':
			open = true
			continue
		case r == '_':
			wildcards = true
		case r == '\\' && i+1 < len(runes):
			i++
			plain.WriteRune(runes[i])
		default:
			plain.WriteRune(r)
		}
		length++
	}
	candidates := n.byLength[length]
	switch {
	case open:
		candidates = n.all
	case !wildcards:
		return n.exact(plain.String()), false
	}
	for _, name := range candidates {
		if privilege.MatchesGrant(pattern, name) {
			databases = append(databases, name)
		}
	}
	return databases, true
}
