package replay

import (
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// logMode is how a statement of the log is read: as the server did that ran it,
// with the sql_mode of its session. What stands in an executed comment (`/*!`)
// counts as text, whatever its version: a name in it is treated like any other.
func logMode(mode uint64) sqltext.Mode {
	return sqltext.Mode{
		ANSIQuotes:         mode&binlog.ModeANSIQuotes != 0,
		NoBackslashEscapes: mode&binlog.ModeNoBackslashEscapes != 0,
	}
}

// qualified says whether a token makes the name behind it a part of another one,
// or the host of an account.
func qualified(before sqltext.Token) bool {
	return before.IsPunct('.') || before.Kind == sqltext.Variable && before.Text == "@"
}

// An edit replaces a part of a statement.
type edit struct {
	start, end int
	text       string
}

// applyEdits applies edits that do not overlap and are in order.
func applyEdits(text string, edits []edit) string {
	var b strings.Builder
	last := 0
	for _, e := range edits {
		b.WriteString(text[last:e.start])
		b.WriteString(e.text)
		last = e.end
	}
	b.WriteString(text[last:])
	return b.String()
}
