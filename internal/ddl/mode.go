package ddl

import (
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// ModeReading returns the first mode of a list under which a text means something
// else than without it; empty when there is none.
func ModeReading(modes, text string) string {
	if !ChangesReading(modes) {
		return "" // as nearly always, and the text need not be read for this
	}
	toks := sqltext.Tokens(text, sqltext.Mode{})
	for m := range strings.SplitSeq(strings.ToUpper(modes), ",") {
		m = strings.TrimSpace(m)
		if ChangesReading(m) && readsOtherwise(m, toks) {
			return m
		}
	}
	return ""
}

// ChangesReading says whether a mode of a list changes how a text is read. A mode
// that is written as a number may be any of these.
func ChangesReading(modes string) bool {
	for m := range strings.SplitSeq(strings.ToUpper(modes), ",") {
		switch m = strings.TrimSpace(m); m {
		case "ANSI_QUOTES", "ANSI", "PIPES_AS_CONCAT", "NO_BACKSLASH_ESCAPES", "HIGH_NOT_PRECEDENCE", "ORACLE", "DB2", "MAXDB", "MSSQL", "POSTGRESQL", "MYSQL323", "MYSQL40":
			return true
		}
		if n, _ := strconv.ParseUint(m, 0, 64); n > 0 {
			return true
		}
	}
	return false
}

// readsOtherwise says whether a mode that changes how texts are read does so with
// these tokens. Of modes that stand for several it is not known.
func readsOtherwise(mode string, toks []sqltext.Token) bool {
	for i, t := range toks {
		next := sqltext.Token{}
		if i+1 < len(toks) {
			next = toks[i+1]
		}
		switch mode {
		case "ANSI_QUOTES":
			if strings.Contains(t.Text, `"`) {
				return true
			}
		case "PIPES_AS_CONCAT":
			if strings.Contains(t.Text, "||") || t.IsPunct('|') && next.IsPunct('|') {
				return true
			}
		case "NO_BACKSLASH_ESCAPES": // LIKE has an escape character of its own
			if strings.Contains(t.Text, `\`) || t.Is("LIKE") {
				return true
			}
		case "HIGH_NOT_PRECEDENCE":
			if t.Is("NOT") && !next.IsAny("NULL", "EXISTS") {
				return true
			}
		default:
			return true
		}
	}
	return false
}
