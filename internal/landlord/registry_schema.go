package landlord

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// registryVersion is the version of the landlord database that this code
// writes. A database with a higher one is refused: an older provider must not
// write into what it does not understand.
const registryVersion = 2

// registryFiles are the steps from nothing to registryVersion, one file a
// version. A published step never changes; a new one is added.
//
//go:embed registry/*.sql
var registryFiles embed.FS

// upgrade is one step of the landlord database's own history.
type upgrade struct {
	version    int
	statements []string
}

// registryUpgrades returns the steps in order.
func registryUpgrades() ([]upgrade, error) {
	names, err := fs.Glob(registryFiles, "registry/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	out := make([]upgrade, 0, len(names))
	for _, name := range names {
		number := strings.TrimSuffix(strings.TrimPrefix(name, "registry/"), ".sql")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("upgrade `%s` has no number: %w", name, err)
		}
		text, err := registryFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		statements, err := ddl.Split(string(text))
		if err != nil {
			return nil, fmt.Errorf("splitting upgrade `%s`: %w", name, err)
		}
		u := upgrade{version: version}
		for _, s := range statements {
			u.statements = append(u.statements, s.Text)
		}
		out = append(out, u)
	}
	return out, nil
}
