package ddl

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Product is the make of a server.
type Product string

// The products whose SQL this package knows.
const (
	MySQL   Product = "MySQL"
	MariaDB Product = "MariaDB"
)

// Server says whose SQL a text is: what parses, what runs and how it is
// printed differ between products and versions.
type Server struct {
	Product Product
	Version string // as the server says it, for example `9.7.4` or `10.11.19-MariaDB`
	// Others are the databases that no text may name, nil when none is known
	// beside those of the system.
	Others *Others
}

// Others are databases of a server that belong to others than the text that is
// judged: the landlord, other tenants. Names compare without case, as they do on
// a server whose file system has none.
type Others struct {
	Names    []string
	Prefixes []string // of the names of tenants and scratch databases; an empty one is none

	// Unguarded lets every text pass that a guard would refuse. Only tests set it:
	// they ask what the account that runs a text keeps out alone.
	Unguarded bool

	there map[string]bool // see On
}

// Pass says whether the texts are not guarded.
func (o *Others) Pass() bool { return o != nil && o.Unguarded }

// On returns the others on a server that has these databases, whoever's they are.
func (o *Others) On(databases []string) *Others {
	var on Others
	if o != nil {
		on = *o
	}
	on.there = make(map[string]bool, len(databases))
	for _, name := range databases {
		on.there[strings.ToLower(name)] = true
	}
	return &on
}

// systemDatabases belong to the server.
var systemDatabases = []string{"information_schema", "performance_schema", "mysql", "sys", "ndbinfo"}

// IsSystem says whether a name is a database of the server itself.
func IsSystem(name string) bool {
	return slices.ContainsFunc(systemDatabases, func(s string) bool { return strings.EqualFold(s, name) })
}

// Has says whether a name is a database that no text may name.
func (o *Others) Has(name string) bool {
	if IsSystem(name) {
		return true
	}
	if o == nil {
		return false
	}
	return o.there[strings.ToLower(name)] || slices.ContainsFunc(o.Names, func(n string) bool { return strings.EqualFold(n, name) }) ||
		slices.ContainsFunc(o.Prefixes, func(prefix string) bool {
			return prefix != "" && len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
		})
}

// Kind is the kind of an object in a database.
type Kind string

// The kinds of objects.
const (
	KindTable       Kind = "table"
	KindView        Kind = "view"
	KindProcedure   Kind = "procedure"
	KindFunction    Kind = "function"
	KindTrigger     Kind = "trigger"
	KindEvent       Kind = "event"
	KindSequence    Kind = "sequence"     // MariaDB only
	KindPackage     Kind = "package"      // MariaDB only
	KindPackageBody Kind = "package body" // MariaDB only
)

// Object is one object of a database as the server prints it.
type Object struct {
	Kind  Kind   `json:"kind"`
	Name  string `json:"name"`
	Table string `json:"table,omitempty"` // of a trigger
	SQL   string `json:"sql"`             // SHOW CREATE, without the qualifier of its own database
	// SQLMode, CharacterSetClient and CollationConnection are the settings
	// that the server keeps with views, routines, triggers and events.
	SQLMode             string `json:"sql_mode,omitempty"`
	CharacterSetClient  string `json:"character_set_client,omitempty"`
	CollationConnection string `json:"collation_connection,omitempty"`
	TimeZone            string `json:"time_zone,omitempty"` // of an event
}

// autoIncrement finds the next automatic value among the options of a printed
// table, which stand on the last line but for partitions.
var autoIncrement = regexp.MustCompile(`(?m)^\) .*?\bAUTO_INCREMENT=(\d+)`)

// AutoIncrement returns the next automatic value that a printed table names, 1
// when it names none.
func (o Object) AutoIncrement() uint64 {
	m := autoIncrement.FindStringSubmatch(o.SQL)
	if m == nil {
		return 1
	}
	n, err := strconv.ParseUint(m[1], 10, 64)
	if err != nil {
		return 1
	}
	return n
}

// Schema is what a server prints of one database. Objects are sorted by kind
// and name. It survives a round trip through JSON.
type Schema struct {
	CharacterSet string   `json:"character_set"`
	Collation    string   `json:"collation"`
	Objects      []Object `json:"objects"`
}

// Key returns kind and name of the object: `table users`. It names the object
// in a schema, in a Place and in a Fingerprint.
func (o Object) Key() string { return string(o.Kind) + " " + o.Name }
