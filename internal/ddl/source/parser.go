package source

import (
	"fmt"
	"log/slog"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	vlog "vitess.io/vitess/go/vt/log"
	"vitess.io/vitess/go/vt/sqlparser"
)

// mariaDBParserVersion is what vitess is told for every MariaDB. Its own
// version would hide `/*!50100 … */`, which MariaDB executes: vitess compares
// versions as text, and "101119" sorts before "50100".
const mariaDBParserVersion = "8.4.0"

// parserVersion is the version vitess is to assume for a server: three numbers.
// A version that says nothing counts as the oldest MySQL that is supported.
func parserVersion(srv ddl.Server) string {
	if srv.Product == ddl.MariaDB {
		return mariaDBParserVersion
	}
	numbers, known := srv.Numbers()
	if !known {
		return "8.0.0"
	}
	if numbers[0] > 9 { // five digits are all that vitess can compare
		return "9.99.99"
	}
	return fmt.Sprintf("%d.%d.%d", numbers[0], numbers[1], numbers[2])
}

// newParser returns a vitess parser for a server. It is safe for concurrent
// use.
func newParser(srv ddl.Server) *sqlparser.Parser {
	silenceVitess()
	parser, err := sqlparser.New(sqlparser.Options{MySQLServerVersion: parserVersion(srv)})
	if err != nil { // unreachable: parserVersion returns three numbers
		panic(fmt.Sprintf("ddl: parser for version %q: %v", parserVersion(srv), err))
	}
	return parser
}

// silenceVitess takes vitess' own logger away, which would write JSON to
// standard error. Whoever uses vitess without newParser calls it first.
var silenceVitess = sync.OnceFunc(func() {
	vlog.SwapLogger(slog.New(slog.DiscardHandler))
})
