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

	head   head
	parsed sqlparser.Statement // nil when vitess does not take it
	server ddl.Server
}

// head is what the words before the body of a CREATE, ALTER or DROP say.
type head struct {
	index       bool // CREATE INDEX, DROP INDEX
	ifNotExists bool
	ifExists    bool
	replace     bool
	temporary   bool
	object      sqltext.Token   // the name of Object
	objects     []sqltext.Token // all names of a DROP
	body        int             // index in tokens of what follows the name
	other       string          // the kind in upper case when it is none of ours (DATABASE, USER …)
}

// at returns the position of an offset in Text.
func (st *Statement) at(offset int) Position {
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
	if st.changesRows() {
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

// changesRows says whether the statement inserts, updates or deletes.
func (st *Statement) changesRows() bool {
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
	h := &st.head
	for i := 1; i < len(toks); i++ {
		t := toks[i]
		word := strings.ToUpper(t.Text)
		switch {
		case t.Kind != sqltext.Word || toks[i-1].IsPunct('=') || toks[i-1].IsPunct('.'):
		case word == "REPLACE":
			h.replace = true
		case word == "TEMPORARY":
			h.temporary = true
		case word == "SPATIAL" && i+1 < len(toks) && toks[i+1].Is("INDEX"):
		case slices.Contains(otherKinds, word):
			h.other = word
			return -1
		case kinds[word] != "":
			st.Kind = kinds[word]
			h.index = word == "INDEX"
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
	h := &st.head
	for ; i < len(toks) && toks[i].IsAny("IF", "NOT", "EXISTS"); i++ {
		h.ifNotExists = h.ifNotExists || toks[i].Is("NOT")
		h.ifExists = h.ifExists || toks[i].Is("EXISTS") && !h.ifNotExists
	}
	h.object, i = sqltext.NameAt(toks, i)
	h.body = i
	st.Object = h.object.Value()
	h.objects = []sqltext.Token{h.object}
	switch {
	case h.index || st.Kind == ddl.KindTrigger:
		st.onTable(toks, i)
	case st.Verb == "DROP":
		for i < len(toks) && toks[i].IsPunct(',') {
			var t sqltext.Token
			t, i = sqltext.NameAt(toks, i+1)
			h.objects = append(h.objects, t)
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
	if st.head.index {
		st.Object = st.Table
	}
}
