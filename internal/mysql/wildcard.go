package mysql

import "strings"

// GrantedName returns how a GRANT has to name a database to mean this one and
// no other: `_` and `%` stand for other characters there, unless the server has
// partial_revokes, where a name means itself and an escaped one nothing.
func GrantedName(info Info, database string) string {
	if info.PartialRevokes {
		return database
	}
	return escapeWildcards(database)
}

// SameDatabase says whether two names are the same database to the server, which may
// not tell upper from lower case (lower_case_table_names).
func (i Info) SameDatabase(a, b string) bool {
	return a == b || i.LowerCaseTableNames != 0 && strings.EqualFold(a, b)
}

// UngrantedName returns the database that GrantedName has named.
func UngrantedName(granted string) string {
	return strings.NewReplacer(`\\`, `\`, `\_`, `_`, `\%`, `%`).Replace(granted)
}

// escapeWildcards makes `_` and `%` stand for themselves in a pattern.
func escapeWildcards(name string) string {
	return strings.NewReplacer(`\`, `\\`, `_`, `\_`, `%`, `\%`).Replace(name)
}

// MatchesGrant says whether a database has the name that a GRANT gives, in which `_`
// and `%` stand for other characters, on a server without partial_revokes. It takes
// one pass: behind a `%` that does not fit, the search goes on one character
// further.
func MatchesGrant(granted, database string) bool {
	pattern, name := []rune(granted), []rune(database)
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
