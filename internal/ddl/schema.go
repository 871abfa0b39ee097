package ddl

import (
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"sync"

	vlog "vitess.io/vitess/go/vt/log"
	"vitess.io/vitess/go/vt/sqlparser"
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

// mariaDBParserVersion is what vitess is told for every MariaDB. Its own
// version would hide `/*!50100 … */`, which MariaDB executes: vitess compares
// versions as text, and "101119" sorts before "50100".
const mariaDBParserVersion = "8.4.0"

// parserVersion is the version vitess is to assume for a server: three numbers.
// A version that says nothing counts as the oldest MySQL that is supported.
func parserVersion(srv Server) string {
	if srv.Product == MariaDB {
		return mariaDBParserVersion
	}
	var numbers [3]int
	if n, _ := fmt.Sscanf(srv.Version, "%d.%d.%d", &numbers[0], &numbers[1], &numbers[2]); n == 0 {
		return "8.0.0"
	}
	if numbers[0] > 9 { // five digits are all that vitess can compare
		return "9.99.99"
	}
	return fmt.Sprintf("%d.%d.%d", numbers[0], numbers[1], numbers[2])
}

// newParser returns a vitess parser for a server. It is safe for concurrent
// use; what it returns is not, because schemadiff writes to the tree of both
// sides of a comparison.
func newParser(srv Server) *sqlparser.Parser {
	silenceVitess()
	parser, err := sqlparser.New(sqlparser.Options{MySQLServerVersion: parserVersion(srv)})
	if err != nil { // unreachable: parserVersion returns three numbers
		panic(fmt.Sprintf("ddl: parser for version %q: %v", parserVersion(srv), err))
	}
	return parser
}

// silenceVitess takes vitess' own logger away, which would write JSON to
// standard error, also for schemadiff's checks of INSTANT. Whoever uses vitess
// without newParser calls it first.
var silenceVitess = sync.OnceFunc(func() {
	vlog.SwapLogger(slog.New(slog.DiscardHandler))
})
