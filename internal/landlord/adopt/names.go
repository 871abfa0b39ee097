package adopt

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// noSlug is what no slug may hold.
var noSlug = regexp.MustCompile(`[^a-z0-9_]+`)

// namer gives slugs to databases, each once.
type namer struct {
	prefix, common string
	taken          map[string]bool // with `_` for `-`
}

func newNamer(opt Options) *namer {
	n := &namer{prefix: opt.Prefix, common: opt.Common, taken: map[string]bool{}}
	for _, slug := range opt.Taken {
		n.taken[flat(slug)] = true
	}
	return n
}

// flat is a slug as it counts in the name of a database.
func flat(slug string) string { return strings.ReplaceAll(slug, "-", "_") }

// own returns the slug that makes the name of a database with the prefix of the
// provider; empty when none does.
func (n *namer) own(database string) string {
	slug, ok := strings.CutPrefix(database, n.prefix)
	if name, err := landlord.DatabaseName(n.prefix, slug); !ok || err != nil || name != database {
		return ""
	}
	return slug
}

// slug returns a slug for a database, and whether the database has another name than
// the provider would give it. Slugs that make the name come first: see reserve.
func (n *namer) slug(database string) (slug string, named bool) {
	if slug := n.own(database); slug != "" && !n.taken[flat(slug)] {
		n.taken[flat(slug)] = true
		return slug, false
	}
	base := n.base(database)
	slug = base
	for i := 2; n.taken[flat(slug)]; i++ {
		end := fmt.Sprintf("-%d", i)
		slug = strings.TrimRight(base[:min(len(base), n.longest()-len(end))], "-_") + end
	}
	n.taken[flat(slug)] = true
	return slug, true
}

// base makes a slug of the name of a database, or of its end.
func (n *namer) base(database string) string {
	rest, _ := strings.CutPrefix(database, n.common)
	for _, text := range []string{rest, database, "db_" + database} {
		text = strings.Trim(noSlug.ReplaceAllString(strings.ToLower(text), "-"), "-_")
		text = strings.TrimRight(text[:min(len(text), n.longest())], "-_")
		if _, err := landlord.DatabaseName(n.prefix, text); err == nil {
			return text
		}
	}
	return "database"
}

// longest is how long a slug may be, so that it could make a name.
func (n *namer) longest() int { return min(landlord.MaxSlug, landlord.MaxDatabaseName-len(n.prefix)) }

// Beginning returns what all names begin with that match a pattern of LIKE.
func Beginning(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '%', c == '_':
			return b.String()
		case c == '\\' && i+1 < len(pattern):
			i++
			b.WriteByte(pattern[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// TemplateName makes the name of a template of what the names of databases begin
// with.
func TemplateName(beginning string) string {
	const longest = 48
	name := strings.Trim(noSlug.ReplaceAllString(strings.ToLower(beginning), "-"), "-_0123456789")
	if name == "" {
		return "adopted"
	}
	return strings.TrimRight(name[:min(len(name), longest)], "-_")
}
