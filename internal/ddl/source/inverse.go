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
	r := tokenReader{toks: sqltext.Tokens(st.Text, sqltext.Mode{})}
	var text string
	var ok bool
	switch {
	case r.take("RENAME", "TABLE"):
		text, ok = inverseTables(&r)
	case st.Verb == "ALTER" && st.Kind == ddl.KindTable:
		text, ok = inverseAlter(&r)
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
func inverseTables(r *tokenReader) (string, bool) {
	var pairs []string
	for {
		from := r.name()
		if !r.take("TO") {
			return "", false
		}
		to := r.name()
		pairs = append([]string{sqltext.Quote(to.Value()) + " TO " + sqltext.Quote(from.Value())}, pairs...)
		switch {
		case r.at(0).Kind == sqltext.End:
			return "RENAME TABLE " + strings.Join(pairs, ", "), true
		case !r.comma():
			return "", false
		}
	}
}

// inverseAlter reads an ALTER TABLE all of whose clauses are renames.
func inverseAlter(r *tokenReader) (string, bool) {
	if !r.take("ALTER", "TABLE") {
		return "", false
	}
	table := r.name()
	was := table
	var clauses []string
	for {
		if !r.take("RENAME") {
			return "", false
		}
		what := ""
		switch {
		case r.take("COLUMN"):
			what = "COLUMN"
		case r.takeAny("INDEX", "KEY"):
			what = "INDEX"
		}
		if what == "" {
			r.takeAny("TO", "AS")
			table = r.name()
			clauses = append(clauses, "RENAME TO "+sqltext.Quote(was.Value()))
		} else {
			from := r.name()
			if !r.take("TO") {
				return "", false
			}
			to := r.name()
			clauses = append(clauses, "RENAME "+what+" "+sqltext.Quote(to.Value())+" TO "+sqltext.Quote(from.Value()))
		}
		switch {
		case r.at(0).Kind == sqltext.End:
			return "ALTER TABLE " + sqltext.Quote(table.Value()) + " " + strings.Join(clauses, ", "), true
		case !r.comma():
			return "", false
		}
	}
}

// comma takes a comma.
func (r *tokenReader) comma() bool {
	if !r.at(0).IsPunct(',') {
		return false
	}
	r.i++
	return true
}
