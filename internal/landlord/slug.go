package landlord

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// MaxDatabaseName is the longest name of a database on every server, in
// characters.
const MaxDatabaseName = 64

// MaxLandlordDatabase is the longest name of a landlord database, in characters. It
// leaves half of a name to the databases that are named after it: scratch ones, and
// those that keep what a move or a restore sets aside, with the numbers of both.
const MaxLandlordDatabase = MaxDatabaseName / 2

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

// CheckDatabase says whether a database may become that of a tenant, as far as its
// name tells. The error is a *Problem at `database_name`.
func CheckDatabase(name string) error {
	reason := ""
	switch {
	case name == "" || strings.TrimRight(name, " ") != name:
		reason = "is empty or ends with a blank"
	case utf8.RuneCountInString(name) > MaxDatabaseName:
		reason = fmt.Sprintf("has %d characters; servers allow %d", utf8.RuneCountInString(name), MaxDatabaseName)
	case strings.ContainsFunc(name, func(r rune) bool { return r == 0 || r > 0xffff || r == utf8.RuneError }):
		reason = "holds a character that no server takes in a name"
	case ddl.IsSystem(name):
		reason = "belongs to the server itself"
	default:
		return nil
	}
	return NewProblem(FieldDatabaseName, "Database cannot be adopted", fmt.Sprintf("The database name `%s` %s.", name, reason), "Correct `database_name`.")
}

// TenantImport writes the ID by which a database is imported as a tenant:
// `slug@server=database`.
func TenantImport(slug, server, database string) string {
	if server != "" {
		slug += "@" + server
	}
	return slug + "=" + database
}

// ParseTenantImport reads an ID as TenantImport writes it: of a tenant that is known,
// or of a database with the name that the slug makes, the slug alone.
func ParseTenantImport(id string) (slug, server, database string) {
	slug, database, _ = strings.Cut(id, "=")
	slug, server, _ = strings.Cut(slug, "@")
	return slug, server, database
}

// Cut shortens a text to a number of characters.
func Cut(text string, most int) string {
	r := []rune(text)
	if len(r) <= most {
		return text
	}
	return string(r[:most])
}
