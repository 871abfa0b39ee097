package source

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// tablesInBody judges the options of the tables that a body makes or alters as
// those of a table that a statement of its own makes: an engine, or a directory,
// reaches out of the database from there too. CREATE, ALTER and TABLE are reserved
// on all servers, so that where such a statement begins is certain.
func (g *guard) tablesInBody() {
	for i := 1; i < len(g.toks); i++ {
		if !g.toks[i].IsAny("CREATE", "ALTER") || g.is(i-1, ".") {
			continue
		}
		end, depth := i, 0
		for ; end < len(g.toks) && (depth > 0 || !g.toks[end].IsPunct(';')); end++ {
			if g.toks[end].IsPunct('(') {
				depth++
			} else if g.toks[end].IsPunct(')') {
				depth--
			}
		}
		g.inner(i, end)
		i = end
	}
}

// inner judges the options of the table that the tokens from one to another make
// or alter.
func (g *guard) inner(from, to int) {
	start, end := g.toks[from].Start, g.toks[to-1].End
	st := Statement{Text: g.st.Text[start:end], Position: g.position(start), server: g.st.server}
	st.classify()
	if st.Kind != ddl.KindTable && st.Kind != ddl.KindSequence {
		return
	}
	in := &guard{st: &st, rules: g.rules, toks: make([]sqltext.Token, 0, to-from)}
	for _, t := range g.toks[from:to] {
		t.Start, t.End = t.Start-start, t.End-start
		in.toks = append(in.toks, t)
	}
	in.clauses()
	in.tableOptions()
	g.faults = append(g.faults, in.faults[:min(len(in.faults), maxFaults-len(g.faults))]...)
}

// shown are the things that SHOW tells of one's own database.
var shown = []string{"WARNINGS", "ERRORS", "COUNT", "TABLES", "COLUMNS", "FIELDS", "INDEX", "INDEXES", "KEYS", "TRIGGERS", "EVENTS", "CREATE"}

// showInBody refuses a SHOW that tells of other databases or of the server: SHOW
// names a database without a dot. The word is reserved on all servers.
func (g *guard) showInBody(i int) {
	if !g.toks[i].Is("SHOW") || g.is(i-1, ".") || g.layer() == LayerCustomization { // where there is a rule for all of it
		return
	}
	what := i + 1
	for g.is(what, "FULL") || g.is(what, "EXTENDED") {
		what++
	}
	from := 0
	for k := what + 1; k < len(g.toks) && !g.toks[k].IsPunct(';') && !g.toks[k].IsAny("LIKE", "WHERE"); k++ {
		if g.toks[k].IsAny("FROM", "IN") {
			from++
		}
	}
	most := 0
	if what < len(g.toks) && g.toks[what].IsAny("COLUMNS", "FIELDS", "INDEX", "INDEXES", "KEYS") { // of a table
		most = 1
	}
	if what == len(g.toks) || !g.toks[what].IsAny(shown...) || g.is(what+1, "DATABASE") || g.is(what+1, "SCHEMA") || g.is(what+1, "USER") || from > most {
		g.add(g.toks[i].Start, CodeStatement, summaryStatement, "`%s` tells of other databases or of the server. %s", firstWords(g.toks[i:]), nextLeaveOut)
	}
}

// explainInBody refuses an EXPLAIN of what another session runs, or of a statement in
// another database: both are named without a dot.
func (g *guard) explainInBody(i int) {
	if !g.toks[i].Is("FOR") || g.is(i-1, ".") || i+1 >= len(g.toks) || !g.toks[i+1].IsAny("CONNECTION", "SCHEMA", "DATABASE") || g.is(i+2, "IN") { // a loop of MariaDB
		return
	}
	g.add(g.toks[i].Start, CodeStatement, summaryStatement, "`%s` tells of other sessions or databases. %s", firstWords(g.toks[i:]), nextLeaveOut)
}
