package landlord

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// MaxDatabaseName is the longest name of a database on every server, in
// characters.
const MaxDatabaseName = 64

// MaxSlug is the longest slug that the landlord database can hold.
const MaxSlug = 64

var slugPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// reservedDatabases are names that servers, or this provider, use themselves.
var reservedDatabases = []string{
	"mysql", "sys", "information_schema", "performance_schema", "ndbinfo", "innodb", "test", "landlord", "template", "scratch", "retired",
}

// ReservedSlugs returns what no slug may be, written with `_`.
func ReservedSlugs() []string { return slices.Clone(reservedDatabases) }

// DatabaseName returns the name of the database of a tenant: the prefix and
// the slug with `_` for `-`. The error is a *Problem at the slug.
func DatabaseName(prefix, slug string) (string, error) {
	const summary = "Tenant slug cannot be used"
	name := prefix + strings.ReplaceAll(slug, "-", "_")
	base := strings.ReplaceAll(slug, "-", "_")
	switch {
	case !slugPattern.MatchString(slug):
		return "", NewProblem(FieldSlug, summary,
			fmt.Sprintf("The slug `%s` has to start with a lower-case letter and hold lower-case letters, digits, `-` and `_` only.", slug),
			"Choose another slug; the attribute `name` takes any text.")
	case slices.Contains(reservedDatabases, base):
		return "", NewProblem(FieldSlug, summary,
			fmt.Sprintf("The slug `%s` is reserved: servers or this provider use the name themselves.", slug),
			"Choose another slug; the attribute `name` takes any text.")
	case strings.HasPrefix(base, "template_"):
		return "", NewProblem(FieldSlug, summary,
			fmt.Sprintf("The slug `%s` begins like the databases `%stemplate_…`, which hold materialized templates.", slug, prefix),
			"Choose another slug; the attribute `name` takes any text.")
	case len(name) > MaxDatabaseName || len(slug) > MaxSlug:
		return "", NewProblem(FieldSlug, summary,
			fmt.Sprintf("The slug `%s` makes the database name `%s` of %d characters; servers allow %d.", slug, name, len(name), MaxDatabaseName),
			fmt.Sprintf("Choose a slug of at most %d characters.", min(MaxSlug, MaxDatabaseName-len(prefix))))
	}
	return name, nil
}

// Cut shortens a text to a number of characters.
func Cut(text string, most int) string {
	r := []rune(text)
	if len(r) <= most {
		return text
	}
	return string(r[:most])
}
