package isolation

import "strings"

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
		if matches(runes, []rune(name)) {
			databases = append(databases, name)
		}
	}
	return databases, true
}

// matches compares a name with a pattern in one pass: behind a `%` that does not
// fit, the search goes on one character further.
func matches(pattern, name []rune) bool {
	p, n, star, from := 0, 0, -1, 0
	for n < len(name) {
		width, fits := 1, false
		switch {
		case p == len(pattern):
		case pattern[p] == '%':
			star, from = p, n
			p++
			continue
		case pattern[p] == '\\' && p+1 < len(pattern):
			width, fits = 2, pattern[p+1] == name[n]
		default:
			fits = pattern[p] == '_' || pattern[p] == name[n]
		}
		switch {
		case fits:
			p, n = p+width, n+1
		case star >= 0:
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '%' {
		p++
	}
	return p == len(pattern)
}
