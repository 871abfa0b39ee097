package mysql

import "strings"

// Quote quotes an identifier. It is the only place that does: every name that
// becomes part of a statement passes here, every value goes as an argument.
func Quote(name string) string {
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

// QuoteAll quotes identifiers and joins them with commas.
func QuoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = Quote(n)
	}
	return strings.Join(quoted, ", ")
}

// Qualified quotes the name of an object with its database.
func Qualified(database, name string) string {
	return Quote(database) + "." + Quote(name)
}

// AccountName quotes the name of an account; a role of MariaDB has no host.
func AccountName(user, host string) string {
	if host == "" {
		return Quote(user)
	}
	return Quote(user) + "@" + Quote(host)
}

// SplitAccount takes an account apart that is written as CURRENT_USER() and the
// information schema write one, `user@host` without quotes.
func SplitAccount(account string) (user, host string) {
	if at := strings.LastIndexByte(account, '@'); at >= 0 {
		return account[:at], account[at+1:]
	}
	return account, ""
}

// LikePrefix returns the pattern that matches the names which begin with prefix
// and nothing else: `_` and `%` are wildcards in LIKE.
func LikePrefix(prefix string) string {
	return EscapeWildcards(prefix) + "%"
}

// EscapeWildcards makes `_` and `%` stand for themselves in a pattern.
func EscapeWildcards(name string) string {
	return strings.NewReplacer(`\`, `\\`, `_`, `\_`, `%`, `\%`).Replace(name)
}
