package catalog

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// WrittenTables returns the names of the tables whose rows the statements in the text of
// a program change, as they are written there and without a qualifier, in their order.
// It reads tokens and errs on the side of more: a column without a table, in an UPDATE
// of several, may be of any of them. Rows that a routine changes that it calls, and
// those that a view stands for, are not among them.
func WrittenTables(program string) []string {
	w := &writes{toks: sqltext.Tokens(program, sqltext.Mode{})}
	for i, t := range w.toks {
		if !t.IsAny("INSERT", "REPLACE", "UPDATE", "DELETE", "TRUNCATE") || w.isPart(i) {
			continue
		}
		switch {
		case t.Is("DELETE"):
			w.deletes(i + 1)
		case t.Is("UPDATE"):
			w.updates(i + 1)
		default:
			w.target(w.skip(i+1, "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO", "TABLE"))
		}
	}
	return w.found
}

// writes is the state of one call.
type writes struct {
	toks  []sqltext.Token
	found []string
}

// at returns a token; one beyond the text has no kind.
func (w *writes) at(i int) sqltext.Token {
	if i < 0 || i >= len(w.toks) {
		return sqltext.Token{}
	}
	return w.toks[i]
}

func (w *writes) is(i int, c byte) bool { return i < len(w.toks) && i >= 0 && w.toks[i].IsPunct(c) }

// isPart says whether a word is part of another clause: a function, a name, FOR UPDATE,
// ON DELETE, ON DUPLICATE KEY UPDATE, the event of a trigger.
func (w *writes) isPart(i int) bool {
	return w.is(i+1, '(') && !w.at(i).Is("UPDATE") || w.is(i-1, '.') || w.at(i-1).IsAny("FOR", "ON", "KEY", "BEFORE", "OR") ||
		w.at(i-1).Is("AFTER") && w.at(i+1).IsAny("ON", "OR") // not a condition of that name, in a handler
}

// skip returns the index behind some of these words.
func (w *writes) skip(i int, words ...string) int {
	for w.at(i).IsAny(words...) {
		i++
	}
	return i
}

// name reads the name at token i without its qualifier, and returns the index behind it.
func (w *writes) name(i int) (string, int) {
	name := ""
	for ; w.at(i).IsName() || w.is(i, '.') || w.is(i, '*'); i++ {
		if w.at(i).IsName() {
			if name != "" && !w.is(i-1, '.') {
				return name, i
			}
			name = w.at(i).Value()
		}
	}
	return name, i
}

func (w *writes) target(i int) {
	if name, _ := w.name(i); name != "" {
		w.add(name)
	}
}

func (w *writes) add(name string) {
	if !slices.Contains(w.found, name) {
		w.found = append(w.found, name)
	}
}

// A reference is a table in a list of tables, and what the statement calls it.
type reference struct{ table, alias string }

// references reads the tables from token i up to one of the words that end them, and
// returns the index there. Queries in parentheses are left out.
func (w *writes) references(i int, end ...string) ([]reference, int) {
	var out []reference
	expect := true
	for depth := 0; i < len(w.toks); i++ {
		t := w.toks[i]
		switch {
		case t.IsPunct('(') && (!expect || w.at(i+1).IsAny("SELECT", "WITH", "VALUES", "TABLE")):
			i = w.closing(i)
			expect = false
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		case t.IsPunct(';') || depth <= 0 && t.IsAny(end...):
			return out, i
		case t.IsPunct(','), t.IsAny("JOIN", "STRAIGHT_JOIN"):
			expect = true
		case expect && t.IsName() && !t.IsAny("LATERAL", "LOW_PRIORITY", "IGNORE", "QUICK", "OJ"):
			var r reference
			r.table, i = w.name(i)
			r.alias = r.table
			if i = w.skip(i, "AS"); w.at(i).IsName() && !w.at(i).IsAny(behindTable...) && !w.at(i).IsAny(end...) {
				r.alias = w.at(i).Value()
				i++
			}
			out, expect = append(out, r), false
			i--
		}
	}
	return out, i
}

// behindTable are the words behind a table that are no alias of it.
var behindTable = []string{
	"JOIN", "INNER", "CROSS", "LEFT", "RIGHT", "NATURAL", "STRAIGHT_JOIN", "ON", "USING", "SET", "WHERE", "ORDER", "LIMIT", "PARTITION",
	"USE", "FORCE", "IGNORE", "FOR", "RETURNING", "FROM",
}

// closing returns the index of the parenthesis that closes the one at token i.
func (w *writes) closing(i int) int {
	for depth := 0; i < len(w.toks); i++ {
		if w.is(i, '(') {
			depth++
		} else if w.is(i, ')') {
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// of adds the tables that a name stands for among references: those that are called so,
// or all of that name.
func (w *writes) of(name string, among []reference) {
	for _, r := range among {
		if strings.EqualFold(r.alias, name) {
			w.add(r.table)
		}
	}
}

// updates reads an UPDATE behind its first word.
func (w *writes) updates(i int) {
	tables, i := w.references(i, "SET")
	if len(tables) == 1 {
		w.add(tables[0].table)
		return
	}
	for assigns := true; i < len(w.toks); i++ {
		t := w.toks[i]
		switch {
		case t.Is("SET"), t.IsPunct(','):
			assigns = true
			continue
		case t.IsPunct(';'), t.IsAny("WHERE", "ORDER", "LIMIT", "RETURNING"):
			return
		case t.IsPunct('('):
			i = w.closing(i)
		case assigns && t.IsPunct('.'): // MariaDB takes a dot in front
			continue
		case assigns && w.is(i+1, '.'):
			column := i
			for w.is(column+3, '.') { // database.table.column
				column += 2
			}
			w.of(w.at(column).Value(), tables)
		case assigns && t.IsName():
			for _, r := range tables {
				w.add(r.table)
			}
		}
		assigns = false
	}
}

// deletes reads a DELETE behind its first word.
func (w *writes) deletes(i int) {
	i = w.skip(i, "LOW_PRIORITY", "QUICK", "IGNORE")
	from := w.at(i).Is("FROM")
	listed, end := w.references(w.skip(i, "FROM"), "USING", "FROM", "WHERE", "ORDER", "LIMIT", "RETURNING", "END")
	if from && !w.at(end).Is("USING") {
		for _, r := range listed {
			w.add(r.table)
		}
		return
	}
	among, _ := w.references(end+1, "WHERE", "ORDER", "LIMIT")
	for _, r := range listed {
		w.of(r.table, among)
	}
}
