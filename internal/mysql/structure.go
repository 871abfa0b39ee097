package mysql

import (
	"errors"
	"regexp"
	"strings"
)

// opensViews matches what a server answers by opening views, among others.
var opensViews = regexp.MustCompile(`(?i)\binformation_schema\.(?:COLUMNS|TABLES|VIEWS)\b|^SHOW (?:CREATE (?:VIEW|TABLE)|(?:FULL )?COLUMNS|TABLE STATUS)\b`)

// ErrViewWrites is what comes of a view that may call functions which write when it is
// opened. The server answers so without a look at whether it would call them.
var ErrViewWrites = errors.New("a view calls a function with constants only, MariaDB computes that whenever the view is read, and the function changes rows: " +
	"it is kept from that, because it would do so with the rights of whoever reads; drop the view, or give one of the two `SQL SECURITY DEFINER`")

// withoutWriting has MariaDB, and nobody else, run what follows without writing.
const withoutWriting = "/*M!100100 SET STATEMENT tx_read_only = 1 FOR */ "

// reading returns a query as it is sent. MariaDB computes the constant parts of a view
// when it opens it, whatever for, and calls the functions in them: in a view with SQL
// SECURITY INVOKER those that have it too run with the rights of whoever reads the
// structure of the database. So they must not write. A transaction that is open keeps
// what it was begun with.
func reading(query string) string {
	if !strings.HasPrefix(query, "SELECT") && !strings.HasPrefix(query, "SHOW") || !opensViews.MatchString(query) {
		return query
	}
	return withoutWriting + query
}
