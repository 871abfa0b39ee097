package source

import (
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Inverse returns the statement that undoes one which only renames: columns,
// indexes or tables. It is false for everything else: what a comparison of
// schemas undoes by itself, and what nobody can undo.
func (st *Statement) Inverse() (Statement, bool) {
	r := sqltext.NewCursor(st.Text)
	var text string
	var ok bool
	switch {
	case r.Accept("RENAME", "TABLE"):
		text, ok = inverseTables(r)
	case st.Verb == "ALTER" && st.Kind == ddl.KindTable:
		text, ok = inverseAlter(r)
	}
	if !ok {
		return Statement{}, false
	}
	parsed, faults := Parse(text, st.server)
	if HasErrors(faults) || len(parsed) != 1 {
		return Statement{}, false
	}
	return parsed[0], true
}

// inverseTables reads `a TO b, c TO d`; undone are the last ones first.
func inverseTables(r *sqltext.Cursor) (string, bool) {
	var pairs []string
	for {
		from := r.Name()
		if !r.Accept("TO") {
			return "", false
		}
		to := r.Name()
		pairs = append([]string{sqltext.Quote(to.Value()) + " TO " + sqltext.Quote(from.Value())}, pairs...)
		switch {
		case r.Done():
			return "RENAME TABLE " + strings.Join(pairs, ", "), true
		case !r.AcceptPunct(','):
			return "", false
		}
	}
}

// inverseAlter reads an ALTER TABLE all of whose clauses are renames.
func inverseAlter(r *sqltext.Cursor) (string, bool) {
	if !r.Accept("ALTER", "TABLE") {
		return "", false
	}
	table := r.Name()
	was := table
	var clauses []string
	for {
		if !r.Accept("RENAME") {
			return "", false
		}
		what := ""
		switch {
		case r.Accept("COLUMN"):
			what = "COLUMN"
		case r.AcceptAny("INDEX", "KEY"):
			what = "INDEX"
		}
		if what == "" {
			r.AcceptAny("TO", "AS")
			table = r.Name()
			clauses = append(clauses, "RENAME TO "+sqltext.Quote(was.Value()))
		} else {
			from := r.Name()
			if !r.Accept("TO") {
				return "", false
			}
			to := r.Name()
			clauses = append(clauses, "RENAME "+what+" "+sqltext.Quote(to.Value())+" TO "+sqltext.Quote(from.Value()))
		}
		switch {
		case r.Done():
			return "ALTER TABLE " + sqltext.Quote(table.Value()) + " " + strings.Join(clauses, ", "), true
		case !r.AcceptPunct(','):
			return "", false
		}
	}
}
