package privilege

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"strings"
)

// GrantedName returns how a GRANT has to name a database to mean this one and
// no other: `_` and `%` stand for other characters there, unless the server has
// partial_revokes, where a name means itself and an escaped one nothing.
func GrantedName(info mysql.Info, database string) string {
	if info.PartialRevokes {
		return database
	}
	return mysql.EscapeWildcards(database)
}

// UngrantedName returns the database that GrantedName has named.
func UngrantedName(granted string) string {
	return strings.NewReplacer(`\\`, `\`, `\_`, `_`, `\%`, `%`).Replace(granted)
}

// MatchesGrant says whether a database has the name that a GRANT gives, in which `_`
// and `%` stand for other characters, on a server without partial_revokes.
func MatchesGrant(granted, database string) bool {
	return matches(readPattern(granted), []rune(database))
}

// CoversGrant says whether every database that a pattern of a GRANT stands for has
// the name that another one gives. The server compares them so when an account takes
// a right away that it may give: one of MySQL and MariaDB on `a\_%` is none on `a_b`.
func CoversGrant(granted, pattern string) bool {
	return matches(readPattern(granted), readPattern(pattern))
}

// The wildcards in a pattern that is read; no name holds these.
const (
	anyRune  = -'_'
	anyRunes = -'%'
)

// readPattern returns a pattern with its wildcards told from what is escaped.
func readPattern(text string) (out []rune) {
	escaped := false
	for _, r := range text {
		switch {
		case !escaped && r == '\\':
			escaped = true
			continue
		case !escaped && (r == '_' || r == '%'):
			r = -r
		}
		out, escaped = append(out, r), false
	}
	if escaped {
		out = append(out, '\\')
	}
	return out
}

// matches says whether a pattern fits all of a name, or of another pattern. It takes
// one pass: behind an anyRunes that does not fit, the search goes on one character
// further.
func matches(pattern, name []rune) bool {
	p, n, star, from := 0, 0, -1, 0
	for n < len(name) {
		fits := false
		switch {
		case p == len(pattern):
		case pattern[p] == anyRunes:
			star, from = p, n
			p++
			continue
		default:
			fits = pattern[p] == name[n] || pattern[p] == anyRune && name[n] != anyRunes
		}
		switch {
		case fits:
			p, n = p+1, n+1
		case star >= 0:
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == anyRunes {
		p++
	}
	return p == len(pattern)
}
