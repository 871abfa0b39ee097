package ddl

import (
	"regexp"
	"strconv"
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
