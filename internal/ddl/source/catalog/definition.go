package catalog

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// This file reads the structure of CREATE TABLE and ALTER TABLE from tokens:
// names of columns, keys, constraints and what they need, each with its place
// in the text. vitess keeps no positions and does not parse every table.

// sourceColumn is a column as written.
type sourceColumn struct {
	name      sqltext.Token
	kind      string // the type in upper case, without length: INT, VARCHAR …
	length    string // of the type, as written; empty when there is none
	unsigned  bool
	primary   bool // PRIMARY KEY in the definition
	unique    bool
	reference *sourceReference
}

// sourceKey is a key as written.
type sourceKey struct {
	name    sqltext.Token // zero when the server makes a name
	primary bool
	unique  bool
	columns []sqltext.Token // plain columns; a zero token for an expression
	lengths []string        // of the prefixes of the columns, empty for whole columns
	special bool            // FULLTEXT, SPATIAL, VECTOR: of no use to a foreign key
	at      sqltext.Token   // where the key begins
}

// sourceReference is a foreign key as written.
type sourceReference struct {
	name    sqltext.Token // of the constraint
	columns []sqltext.Token
	table   sqltext.Token
	parents []sqltext.Token
}

// sourceAction is a part of ALTER TABLE: what it does and to what.
type sourceAction struct {
	verb   string        // ADD, DROP, MODIFY, CHANGE, ALTER, RENAME, or the first word of an option
	object string        // COLUMN, KEY, PRIMARY, FOREIGN, CONSTRAINT, TABLE, or empty
	name   sqltext.Token // of the column, key or constraint
	to     sqltext.Token // the new name of RENAME and CHANGE
	at     sqltext.Token
	exists bool // IF EXISTS or IF NOT EXISTS
}

// sourceTable is what a statement says about a table.
type sourceTable struct {
	columns    []sourceColumn
	indexes    []sourceKey
	references []sourceReference
	checks     []sqltext.Token // names of CHECK constraints
	periods    []string        // names of periods, in upper case: keys may name them
	actions    []sourceAction  // of ALTER TABLE, in order
	opaque     bool            // the columns are not all known
}

// tokenReader walks over tokens.
type tokenReader struct{ sqltext.Cursor }

func (r *tokenReader) at(offset int) sqltext.Token {
	if k := r.Index + offset; k >= 0 && k < len(r.Tokens) {
		return r.Tokens[k]
	}
	return sqltext.Token{}
}

// inside returns the tokens between the parenthesis at the current token and
// its end, and moves behind it; nil when there is none.
func (r *tokenReader) inside() []sqltext.Token {
	if !r.at(0).IsPunct('(') {
		return nil
	}
	depth := 0
	for k := r.Index; k < len(r.Tokens); k++ {
		if r.Tokens[k].IsPunct('(') {
			depth++
		} else if r.Tokens[k].IsPunct(')') {
			if depth--; depth == 0 {
				out := r.Tokens[r.Index+1 : k]
				r.Index = k + 1
				return out
			}
		}
	}
	out := r.Tokens[r.Index+1:]
	r.Index = len(r.Tokens)
	return out
}

// define reads what a CREATE TABLE, CREATE INDEX or ALTER TABLE says.
func define(st *source.Statement) sourceTable {
	var d sourceTable
	toks := sqltext.Tokens(st.Text, sqltext.Mode{})
	body := toks[min(st.Head.Body, len(toks)):]
	switch {
	case st.Head.Index:
		d.createIndex(st, toks)
	case st.Verb == "CREATE":
		r := tokenReader{sqltext.Cursor{Tokens: body}}
		d.opaque = !r.at(0).IsPunct('(') || r.at(1).IsAny("LIKE", "SELECT") || slices.ContainsFunc(body, func(t sqltext.Token) bool { return t.Is("SELECT") })
		for _, element := range sqltext.SplitCommas(r.inside()) {
			d.element(&tokenReader{sqltext.Cursor{Tokens: element}})
		}
	case st.Verb == "ALTER":
		for _, part := range sqltext.SplitCommas(body) {
			d.alter(&tokenReader{sqltext.Cursor{Tokens: part}})
		}
	}
	return d
}

// createIndex reads CREATE [UNIQUE] INDEX name ON t (columns).
func (d *sourceTable) createIndex(st *source.Statement, toks []sqltext.Token) {
	x := sourceKey{name: st.Head.Object, at: st.Head.Object}
	for _, t := range toks[:min(st.Head.Body, len(toks))] {
		x.unique = x.unique || t.Is("UNIQUE")
		x.special = x.special || t.IsAny("FULLTEXT", "SPATIAL", "VECTOR")
	}
	r := tokenReader{sqltext.Cursor{Tokens: toks, Index: st.Head.Body}}
	for r.Index < len(toks) && !r.Accept("ON") {
		r.Index++
	}
	r.Name()
	if st.Verb == "CREATE" {
		x.read(r.inside())
		d.indexes = append(d.indexes, x)
		d.actions = append(d.actions, sourceAction{verb: "ADD", object: "KEY", name: x.name, at: toks[0]})
		return
	}
	d.actions = append(d.actions, sourceAction{verb: "DROP", object: "KEY", name: st.Head.Object, at: toks[0], exists: st.Head.IfExists})
}

// element reads one part of a column list. It says what it was.
func (d *sourceTable) element(r *tokenReader) (object string, name sqltext.Token) {
	at := r.at(0)
	if r.Accept("CONSTRAINT") && !r.at(0).IsAny("PRIMARY", "UNIQUE", "FOREIGN", "CHECK") {
		r.Accept("IF", "NOT", "EXISTS")
		name = r.Name()
	}
	switch {
	case r.Accept("PRIMARY"):
		r.Accept("KEY")
		d.index(r, sourceKey{primary: true, unique: true, at: at})
		return "PRIMARY", name
	case r.Accept("UNIQUE"):
		return "KEY", d.index(r, sourceKey{name: name, unique: true, at: at})
	case r.at(0).IsAny("FULLTEXT", "SPATIAL", "VECTOR") && (r.at(1).IsAny("KEY", "INDEX") || !r.at(0).Is("VECTOR")):
		r.Index++
		return "KEY", d.index(r, sourceKey{name: name, special: true, at: at})
	case r.at(0).IsAny("KEY", "INDEX"):
		return "KEY", d.index(r, sourceKey{name: name, at: at})
	case r.Accept("FOREIGN", "KEY"):
		return "FOREIGN", d.foreignKey(r, name)
	case r.at(0).Is("CHECK"):
		if name.Kind != sqltext.End {
			d.checks = append(d.checks, name)
		}
		return "CONSTRAINT", name
	case r.Accept("PERIOD", "FOR"):
		d.periods = append(d.periods, strings.ToUpper(r.Name().Value()))
		return "", name
	case r.at(0).IsName():
		return "COLUMN", d.column(r)
	}
	return "", name
}

// index reads [KEY] [name] [USING x] (columns).
func (d *sourceTable) index(r *tokenReader, x sourceKey) sqltext.Token {
	r.AcceptAny("KEY", "INDEX")
	r.Accept("IF", "NOT", "EXISTS")
	if !r.at(0).IsPunct('(') && !r.at(0).Is("USING") && r.at(0).IsName() {
		x.name = r.Name()
	}
	if r.Accept("USING") {
		r.Index++
	}
	x.read(r.inside())
	if x.primary {
		x.name = sqltext.Token{}
	}
	d.indexes = append(d.indexes, x)
	return x.name
}

// read takes the columns of a key.
func (x *sourceKey) read(toks []sqltext.Token) {
	for _, part := range sqltext.SplitCommas(toks) {
		if len(part) == 0 || !part[0].IsName() || len(part) > 2 && part[1].IsPunct('(') && part[2].Kind != sqltext.Number {
			x.columns, x.lengths = append(x.columns, sqltext.Token{}), append(x.lengths, "")
			continue
		}
		length := ""
		if len(part) > 2 && part[1].IsPunct('(') {
			length = part[2].Text
		}
		x.columns, x.lengths = append(x.columns, part[0]), append(x.lengths, length)
	}
}

// foreignKey reads [name] (columns) REFERENCES t (columns).
func (d *sourceTable) foreignKey(r *tokenReader, constraint sqltext.Token) sqltext.Token {
	r.Accept("IF", "NOT", "EXISTS")
	if !r.at(0).IsPunct('(') {
		name := r.Name()
		if constraint.Kind == sqltext.End {
			constraint = name
		}
	}
	f := sourceReference{name: constraint, columns: plainNames(r.inside())}
	if r.Accept("REFERENCES") {
		f.table, f.parents = r.Name(), plainNames(r.inside())
		d.references = append(d.references, f)
	}
	return constraint
}

// plainNames are the first tokens between commas.
func plainNames(toks []sqltext.Token) []sqltext.Token {
	var out []sqltext.Token
	for _, part := range sqltext.SplitCommas(toks) {
		if len(part) > 0 {
			out = append(out, part[0])
		}
	}
	return out
}

// column reads a column's definition.
func (d *sourceTable) column(r *tokenReader) sqltext.Token {
	c := sourceColumn{name: r.at(0), kind: strings.ToUpper(r.at(1).Text)}
	r.Index += 2
	if c.kind == "SERIAL" {
		c.kind, c.unsigned, c.unique = "BIGINT", true, true
	}
	if r.at(0).IsPunct('(') && r.at(1).Kind == sqltext.Number && r.at(2).IsPunct(')') {
		c.length = r.at(1).Text
	}
	for r.Index < len(r.Tokens) {
		switch {
		case r.at(0).IsPunct('('):
			r.inside()
			continue
		case r.at(0).Is("UNSIGNED"), r.at(0).Is("ZEROFILL"):
			c.unsigned = true
		case r.at(0).Is("PRIMARY"), r.at(0).Is("KEY") && !r.at(-1).IsAny("UNIQUE", "PRIMARY"):
			c.primary = true
		case r.at(0).Is("UNIQUE"):
			c.unique = true
		case r.Accept("REFERENCES"):
			c.reference = &sourceReference{columns: []sqltext.Token{c.name}, table: r.Name(), parents: plainNames(r.inside())}
			continue
		}
		r.Index++
	}
	d.columns = append(d.columns, c)
	return c.name
}

// alter reads one action of ALTER TABLE.
func (d *sourceTable) alter(r *tokenReader) {
	a := sourceAction{at: r.at(0), verb: strings.ToUpper(r.at(0).Text)}
	r.Index++
	switch a.verb {
	case "ADD":
		d.add(r, a)
		return
	case "DROP":
		r.drop(&a)
	case "MODIFY", "CHANGE", "ALTER":
		a.object = "COLUMN"
		if a.verb == "ALTER" && r.at(0).IsAny("INDEX", "KEY", "CHECK", "CONSTRAINT") {
			a.object = "KEY"
			r.Index++
		} else {
			r.Accept("COLUMN")
		}
		a.exists = r.Accept("IF", "EXISTS")
		a.name = r.Name()
		if a.verb == "CHANGE" {
			a.to = r.at(0)
		}
	case "RENAME":
		r.rename(&a)
	}
	d.actions = append(d.actions, a)
}

// add reads what ADD adds.
func (d *sourceTable) add(r *tokenReader, a sourceAction) {
	if r.at(0).IsAny("PARTITION", "PERIOD", "SYSTEM") && !r.at(1).IsPunct(',') {
		if !r.at(0).Is("PARTITION") {
			d.element(r)
		}
		d.actions = append(d.actions, a)
		return
	}
	column := r.Accept("COLUMN")
	a.exists = r.Accept("IF", "NOT", "EXISTS")
	if r.at(0).IsPunct('(') {
		for _, element := range sqltext.SplitCommas(r.inside()) {
			b := a
			b.object, b.name = d.element(&tokenReader{sqltext.Cursor{Tokens: element}})
			d.actions = append(d.actions, b)
		}
		return
	}
	if column {
		a.object, a.name = "COLUMN", d.column(r)
	} else {
		a.object, a.name = d.element(r)
	}
	d.actions = append(d.actions, a)
}

// drop reads what DROP drops.
func (r *tokenReader) drop(a *sourceAction) {
	switch {
	case r.Accept("PRIMARY", "KEY"):
		a.object = "PRIMARY"
		return
	case r.AcceptAny("KEY", "INDEX"):
		a.object = "KEY"
	case r.Accept("FOREIGN", "KEY"):
		a.object = "FOREIGN"
	case r.AcceptAny("CONSTRAINT", "CHECK"):
		a.object = "CONSTRAINT"
	case r.at(0).IsAny("PARTITION", "SYSTEM", "PERIOD"):
		return
	default:
		r.Accept("COLUMN")
		a.object = "COLUMN"
	}
	a.exists = r.Accept("IF", "EXISTS")
	a.name = r.Name()
}

// rename reads what RENAME renames.
func (r *tokenReader) rename(a *sourceAction) {
	switch {
	case r.Accept("COLUMN"):
		a.object = "COLUMN"
	case r.AcceptAny("KEY", "INDEX"):
		a.object = "KEY"
	default:
		a.object = "TABLE"
		r.AcceptAny("TO", "AS")
		if r.at(0).IsPunct('=') {
			r.Index++
		}
		a.to = r.Name()
		return
	}
	a.name = r.Name()
	r.Accept("TO")
	a.to = r.Name()
}
