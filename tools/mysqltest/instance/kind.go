package instance

import (
	"fmt"
	"slices"
	"strings"
)

// Kind names a server release that can be downloaded from the Debian archive.
// The empty Kind stands for whatever server the machine has.
type Kind string

// The kinds that the project is tested against.
const (
	MySQL97     Kind = "mysql-9.7"
	MariaDB1011 Kind = "mariadb-10.11"
	MariaDB118  Kind = "mariadb-11.8"
)

// release says where the Debian archive has a kind: the suite whose package
// index names the wanted series, and the package with the server program.
type release struct {
	kind         Kind
	suite        string
	packageName  string
	dockerImage  string
	seriesPrefix string // how the version printed by the program begins
}

// releases lists the kinds in the order in which they are shown. MySQL left
// the stable suites of Debian long ago, so it comes from sid; the two MariaDB
// series are those of the last two stable releases.
func releases() []release {
	return []release{
		{MySQL97, "sid", "mysql-server-core", "mysql:9.7", "9.7."},
		{MariaDB1011, "bookworm", "mariadb-server-core", "mariadb:10.11", "10.11."},
		{MariaDB118, "trixie", "mariadb-server-core", "mariadb:11.8", "11.8."},
	}
}

// Kinds returns every kind that Fetch knows.
func Kinds() []Kind {
	var kinds []Kind
	for _, r := range releases() {
		kinds = append(kinds, r.kind)
	}
	return kinds
}

// ParseKind returns the kind of that name. The error lists the names.
func ParseKind(name string) (Kind, error) {
	k := Kind(name)
	if slices.Contains(Kinds(), k) {
		return k, nil
	}
	return "", fmt.Errorf("there is no server kind `%s`: choose one of %s", name, joinKinds(Kinds()))
}

// IsMariaDB tells the two products apart: they are initialized differently and
// know different flags.
func (k Kind) IsMariaDB() bool { return strings.HasPrefix(string(k), "mariadb") }

func joinKinds(kinds []Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = "`" + string(k) + "`"
	}
	return strings.Join(names, ", ")
}

func releaseOf(k Kind) (release, error) {
	for _, r := range releases() {
		if r.kind == k {
			return r, nil
		}
	}
	_, err := ParseKind(string(k))
	return release{}, err
}
