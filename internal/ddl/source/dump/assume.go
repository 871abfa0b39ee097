package dump

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// off says whether the file has turned a setting off.
func (s *session) off(name string) bool { return isOff(s.settings[name].text) }

func isOff(text string) bool {
	return slices.Contains([]string{"0", "OFF", "FALSE"}, strings.ToUpper(text))
}

// engine is the engine that the file has chosen for tables that name none; empty for
// the server's own.
func (s *session) engine() string {
	for _, name := range []string{"DEFAULT_STORAGE_ENGINE", "STORAGE_ENGINE"} {
		if of := s.settings[name]; of.text != "" && !of.own {
			return of.text
		}
	}
	return ""
}

// assumes writes into a table what it leaves to settings of the session which the
// file has made, or refuses it.
func (d *dump) assumes(s *session, st *source.Statement) {
	if st.Kind != ddl.KindTable || st.Verb != "CREATE" && st.Verb != "ALTER" || st.Head.Index {
		return
	}
	if engine := s.engine(); engine != "" && st.Verb == "CREATE" && st.NamesNoEngine() {
		if source.IsLocalEngine(engine) {
			st.GiveEngine(engine)
		} else {
			d.refuse(st.Position, "Clause is not allowed", "The file sets the engine `%s` for tables that name none, which is not known to keep the rows in the tenant's database. Use InnoDB.", engine)
		}
	}
	if s.off("EXPLICIT_DEFAULTS_FOR_TIMESTAMP") {
		if column := bareTimestamp(sqltext.Tokens(st.Text, sqltext.Mode{})); column.Text != "" {
			d.refuse(st.PositionOf(column.Start), "Column depends on a setting", "The file turns `explicit_defaults_for_timestamp` off, under which `%s` is NOT NULL and may get a default. "+
				"The sessions of the provider have it on: write `NULL`, or `NOT NULL` and a `DEFAULT`, behind the type.", column.Value())
		}
	}
}

// refuse tells of a statement that a tenant cannot get as the client would make it.
func (d *dump) refuse(at source.Position, summary, format string, args ...any) {
	d.faults = append(d.faults, source.Fault{Position: at, Code: source.CodeStatement, Severity: source.SeverityError, Summary: summary, Detail: fmt.Sprintf(format, args...)})
}

// bareTimestamp returns the name of the first column of type TIMESTAMP that leaves to
// the server whether it takes NULL and what its default is; a zero token for none.
func bareTimestamp(toks []sqltext.Token) sqltext.Token {
	for i, t := range toks {
		if !t.Is("TIMESTAMP") || i == 0 || !toks[i-1].IsName() || toks[i-1].IsAny("DEFAULT", "AS", "ADD", "COLUMN", "MODIFY", "BY", "UPDATE") {
			continue
		}
		null, not, given, depth := false, false, false, 0
		for k := i + 1; k < len(toks) && depth >= 0 && (depth > 0 || !toks[k].IsPunct(',')); k++ {
			switch {
			case toks[k].IsPunct('('):
				depth++
			case toks[k].IsPunct(')'):
				depth--
			case toks[k].Is("NULL") && toks[k-1].Is("NOT"):
				not = true
			case toks[k].Is("NULL") && !toks[k-1].Is("DEFAULT"):
				null = true
			case toks[k].Is("DEFAULT"):
				given = true
			}
		}
		if !null && !(not && given) {
			return toks[i-1]
		}
	}
	return sqltext.Token{}
}
