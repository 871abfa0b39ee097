package ddl

import (
	"fmt"
	"regexp"
)

// The newest versions that the tests run on: what a flavor without a version means.
const (
	newestMySQL   = "9.7.0"
	newestMariaDB = "11.8.0"
)

var flavor = regexp.MustCompile(`^(mysql|mariadb)(?:-(\d+\.\d+(?:\.\d+)?))?$`)

// ParseFlavor reads a product and, behind a dash, a version: `mysql`, `mysql-8.4`,
// `mariadb-10.11`. Without one it is the newest that is tested.
func ParseFlavor(text string) (Server, error) {
	found := flavor.FindStringSubmatch(text)
	switch {
	case found == nil:
		return Server{}, fmt.Errorf("`%s` is no flavor: write `mysql` or `mariadb`, perhaps with a version, as in `mariadb-10.11`", text)
	case found[1] == "mysql" && found[2] == "":
		return Server{Product: MySQL, Version: newestMySQL}, nil
	case found[1] == "mysql":
		return Server{Product: MySQL, Version: found[2]}, nil
	case found[2] == "":
		return Server{Product: MariaDB, Version: newestMariaDB + "-MariaDB"}, nil
	}
	return Server{Product: MariaDB, Version: found[2] + "-MariaDB"}, nil
}
