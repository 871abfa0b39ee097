package source

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
	"vitess.io/vitess/go/vt/sqlparser"
)

// Statement is one statement of a source text.
type Statement struct {
	// Text is the statement as written, without its delimiter and without
	// the comments around it.
	Text string
	// SQL is what is sent to the server and shown in a plan; it means the
	// same as Text. See Parse.
	SQL string
	// Position is where Text begins.
	Position
	// Verb is the first word in upper case (CREATE, ALTER, INSERT …), empty
	// when the text does not begin with a word.
	Verb string
	// Kind and Object say what is created, altered or dropped; an index
	// counts as its table. Both are empty for other statements. Of a list
	// (`DROP TABLE a, b`) Object is the first.
	Kind   ddl.Kind
	Object string
	// Table is the table of a trigger or index, or the one whose rows an
	// INSERT, REPLACE, UPDATE or DELETE changes; else empty.
	Table string
	// Settings are those that the file has made for the statement; see ParseFile.
	Settings ddl.Settings

	// Head is what the words before the body of a CREATE, ALTER or DROP say.
	Head Head

	parsed sqlparser.Statement // nil when vitess does not take it
	server ddl.Server
}

// Head is what the words before the body of a CREATE, ALTER or DROP say.
type Head struct {
	Index       bool // CREATE INDEX, DROP INDEX
	IfNotExists bool
	IfExists    bool
	Replace     bool
	Temporary   bool
	Object      sqltext.Token   // the name of Statement.Object
	Objects     []sqltext.Token // all names of a DROP
	Body        int             // index in tokens of what follows the name
	Other       string          // the kind in upper case when it is none of ours (DATABASE, USER …)
}

// Server is the server that the statement was parsed for.
func (st *Statement) Server() ddl.Server { return st.server }

// Tree is the statement as vitess reads it, nil when it does not.
func (st *Statement) Tree() sqlparser.Statement { return st.parsed }

// PositionOf returns the position of an offset in Text.
func (st *Statement) PositionOf(offset int) Position {
	before := st.Text[:min(offset, len(st.Text))]
	n := strings.Count(before, "\n")
	if n == 0 {
		return Position{Line: st.Line, Column: st.Column + len(before)}
	}
	return Position{Line: st.Line + n, Column: len(before) - strings.LastIndexByte(before, '\n')}
}

// kinds are the words that name a kind of object.
var kinds = map[string]ddl.Kind{
	"TABLE": ddl.KindTable, "VIEW": ddl.KindView, "PROCEDURE": ddl.KindProcedure, "FUNCTION": ddl.KindFunction, "TRIGGER": ddl.KindTrigger,
	"EVENT": ddl.KindEvent, "SEQUENCE": ddl.KindSequence, "PACKAGE": ddl.KindPackage, "INDEX": ddl.KindTable, "TABLES": ddl.KindTable,
}

// KindOf returns the kind of object that a word names, in upper or lower case; empty
// for other words.
func KindOf(word string) ddl.Kind { return kinds[strings.ToUpper(word)] }

// NameKey is the same for two names of a kind that a server takes for one, as far
// as objects of a catalog other than tables go: only names of triggers are compared
// with case.
func NameKey(kind ddl.Kind, name string) string {
	if kind != ddl.KindTrigger {
		name = strings.ToLower(name)
	}
	return string(kind) + " " + name
}

// otherKinds are the words that name what belongs to no tenant database.
var otherKinds = []string{
	"DATABASE", "SCHEMA", "USER", "ROLE", "SERVER", "TABLESPACE", "LOGFILE", "INSTANCE", "RESOURCE", "SPATIAL", "LIBRARY", "EXTERNAL",
}

// classify sets Verb, Kind, Object and Table by the first tokens.
func (st *Statement) classify() {
	toks := sqltext.Head(st.Text, sqltext.Mode{}, sqltext.HeadLength)
	if len(toks) == 0 || toks[0].Kind != sqltext.Word {
		return
	}
	st.Verb = strings.ToUpper(toks[0].Text)
	if st.ChangesRows() {
		st.changes(toks)
		return
	}
	if !slices.Contains([]string{"CREATE", "ALTER", "DROP"}, st.Verb) {
		return
	}
	i := st.kindWord(toks)
	if i < 0 {
		return
	}
	st.object(toks, i+1)
}

// ChangesRows says whether the statement inserts, updates or deletes.
func (st *Statement) ChangesRows() bool {
	return slices.Contains([]string{"INSERT", "REPLACE", "UPDATE", "DELETE"}, st.Verb)
}

// changes sets Table to the first table whose rows a statement changes.
func (st *Statement) changes(toks []sqltext.Token) {
	i := 1
	for i < len(toks) && toks[i].IsAny("LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "QUICK", "IGNORE", "INTO", "FROM", "ONLY") {
		i++
	}
	name, _ := sqltext.NameAt(toks, i)
	st.Table = name.Value()
}

// kindWord finds the word that says what is created, and what stands before
// it. It returns its index, -1 when there is none of ours.
func (st *Statement) kindWord(toks []sqltext.Token) int {
	h := &st.Head
	for i := 1; i < len(toks); i++ {
		t := toks[i]
		word := strings.ToUpper(t.Text)
		switch {
		case t.Kind != sqltext.Word || toks[i-1].IsPunct('=') || toks[i-1].IsPunct('.'):
		case word == "REPLACE":
			h.Replace = true
		case word == "TEMPORARY":
			h.Temporary = true
		case word == "SPATIAL" && i+1 < len(toks) && toks[i+1].Is("INDEX"):
		case slices.Contains(otherKinds, word):
			h.Other = word
			return -1
		case kinds[word] != "":
			st.Kind = kinds[word]
			h.Index = word == "INDEX"
			if word == "PACKAGE" && i+1 < len(toks) && toks[i+1].Is("BODY") {
				st.Kind = ddl.KindPackageBody
				i++
			}
			return i
		}
	}
	return -1
}

// object reads the name behind the kind.
func (st *Statement) object(toks []sqltext.Token, i int) {
	h := &st.Head
	for ; i < len(toks) && toks[i].IsAny("IF", "NOT", "EXISTS"); i++ {
		h.IfNotExists = h.IfNotExists || toks[i].Is("NOT")
		h.IfExists = h.IfExists || toks[i].Is("EXISTS") && !h.IfNotExists
	}
	h.Object, i = sqltext.NameAt(toks, i)
	h.Body = i
	st.Object = h.Object.Value()
	h.Objects = []sqltext.Token{h.Object}
	switch {
	case h.Index || st.Kind == ddl.KindTrigger:
		st.onTable(toks, i)
	case st.Verb == "DROP":
		for i < len(toks) && toks[i].IsPunct(',') {
			var t sqltext.Token
			t, i = sqltext.NameAt(toks, i+1)
			h.Objects = append(h.Objects, t)
		}
	}
}

// onTable reads the table behind ON, of an index or a trigger.
func (st *Statement) onTable(toks []sqltext.Token, i int) {
	for ; i < len(toks); i++ {
		if toks[i].Is("ON") && !toks[i-1].IsPunct('.') {
			table, _ := sqltext.NameAt(toks, i+1)
			st.Table = table.Value()
			break
		}
	}
	if st.Head.Index {
		st.Object = st.Table
	}
}
