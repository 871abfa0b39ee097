package source

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// bodies judges what stands in the body of a routine, trigger or event. Where a
// statement begins there is not certain: a variable may be called like a word of
// the language. So the words of refused statements are looked for everywhere, and
// who means a name has to quote it.
func (g *guard) bodies() {
	if !g.hasBody() {
		return
	}
	g.language()
	g.tablesInBody()
	for _, i := range g.begins {
		if g.toks[i].Is("SET") {
			g.setInBody(i)
		}
		if g.bodyRule(i, true) || g.layer() != LayerCustomization {
			continue
		}
		t := g.toks[i]
		if t.Kind == sqltext.Word && !g.is(i+1, ":") && !t.IsAny(allowedInBodies...) {
			g.add(t.Start, CodeStatement, "Statement cannot stand in a body", "`%s` is not allowed in the body of a customization's routine. Remove it.", strings.ToUpper(t.Text))
		}
	}
	for i := 1; i < len(g.toks); i++ {
		g.globalInBody(i)
		g.showInBody(i)
		g.explainInBody(i)
		if g.toks[i].Kind == sqltext.Word && !g.is(i-1, ".") && !g.bodyRule(i, false) {
			g.definitionInBody(i)
		}
	}
}

// language refuses routines that are not written in SQL: nobody here can read
// them.
func (g *guard) language() {
	end, depth := len(g.toks), 0
	if len(g.begins) > 0 {
		end = g.begins[0]
	}
	for i := g.st.Head.Body; i < end; i++ {
		switch t := g.toks[i]; {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		case depth == 0 && t.Is("LANGUAGE") && !g.is(i+1, "SQL"):
			g.add(t.Start, CodeStatement, summaryStatement, "A routine in another language than SQL cannot be checked beforehand. Write it in SQL.")
			return
		}
	}
}

// hasBody says whether a statement may have a body: it creates or alters what
// has one, or the words before its name leave that open.
func (g *guard) hasBody() bool {
	return g.st.isRoutine() || g.isDDL() &&
		slices.ContainsFunc(g.toks[:min(len(g.toks), sqltext.HeadLength)], func(t sqltext.Token) bool {
			return t.IsAny("PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE")
		})
}

const nextQuote = " If it is a name here, write it in backquotes, or choose another one."

// bodyRule reports the statement of a rule that begins at token i. It begins
// there for certain when the nesting says so; else by its words alone.
func (g *guard) bodyRule(i int, certain bool) bool {
	for _, r := range bodyRules[strings.ToUpper(g.toks[i].Text)] {
		if !r.bodies.has(g.rules.Layer) || !g.is(i, strings.Fields(r.words)...) || !certain && (!g.continues(i) || g.setsColumns(i)) {
			continue
		}
		next := r.next
		if !certain {
			next += nextQuote
		}
		g.add(g.toks[i].Start, r.code, summaryFor(r.code), "`%s` %s. %s", r.words, r.why, next)
		return true
	}
	return false
}

// bodyRules are the statementRules that count in bodies, by their first word.
var bodyRules = func() map[string][]statementRule {
	out := map[string][]statementRule{}
	for _, r := range statementRules {
		if r.bodies != 0 {
			first, _, _ := strings.Cut(r.words, " ")
			out[first] = append(out[first], r)
		}
	}
	return out
}()

// secondWords are what follows words that begin a refused statement and are
// common as names or clauses too. A statement begins with no others.
var secondWords = map[string][]string{
	"RESET": {"MASTER", "SLAVE", "REPLICA", "BINARY", "QUERY", "PERSIST"}, "STOP": {"SLAVE", "REPLICA", "ALL", "GROUP_REPLICATION"},
	"START": {"TRANSACTION", "SLAVE", "REPLICA", "ALL", "GROUP_REPLICATION"}, "CLONE": {"LOCAL", "INSTANCE"}, "BACKUP": {"STAGE", "LOCK", "UNLOCK"},
	"PURGE": {"BINARY", "MASTER"}, "CHANGE": {"MASTER", "REPLICATION"}, "INSTALL": {"PLUGIN", "COMPONENT", "SONAME"},
	"UNINSTALL": {"PLUGIN", "COMPONENT", "SONAME"}, "XA": {"START", "BEGIN", "END", "PREPARE", "COMMIT", "ROLLBACK", "RECOVER"},
	"LOCK": {"TABLE", "TABLES", "INSTANCE", "BINLOG"},
}

// isNamed says whether the word at token i is a name, because no statement goes on so
// behind its first word: `execute = 1`, `SELECT flush, restart FROM t`.
func (g *guard) isNamed(i int) bool {
	if i+1 >= len(g.toks) {
		return false
	}
	next := g.toks[i+1]
	return next.Kind == sqltext.Punct && strings.Contains("=,).<>", next.Text) || next.IsAny("FROM", "AS", "AND", "OR", "IS", "IN", "LIKE", "BETWEEN", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "THEN", "WHEN", "DESC", "ASC")
}

// continues says whether what follows token i can be that of a statement that
// begins with its word.
func (g *guard) continues(i int) bool {
	word := strings.ToUpper(g.toks[i].Text)
	if g.isNamed(i) && word != "HANDLER" { // HANDLER .t OPEN
		return false
	}
	if second, ok := secondWords[word]; ok {
		return i+1 < len(g.toks) && g.toks[i+1].IsAny(second...)
	}
	switch word {
	case "USE":
		return !g.is(i+1, "INDEX") && !g.is(i+1, "KEY")
	case "RESTART": // not that of a sequence, which has a number behind it
		return i+1 == len(g.toks) || g.is(i+1, ";")
	case "PREPARE": // of DEALLOCATE PREPARE
		return !g.toks[i-1].Is("DEALLOCATE")
	case "BINLOG":
		return i+1 < len(g.toks) && (g.toks[i+1].Kind == sqltext.String || g.toks[i+1].Kind == sqltext.Variable)
	case "HANDLER": // HANDLER t OPEN, not DECLARE … HANDLER FOR
		for i++; g.is(i+1, "."); i += 2 {
		}
		return g.is(i+1, "OPEN") || g.is(i+1, "READ") || g.is(i+1, "CLOSE")
	}
	return true
}

// setsColumns says whether the SET at token i is that of an UPDATE or INSERT, whose columns
// may be called like what a SET of its own is about. Both words are reserved on all
// servers; a word that may begin a statement must not stand between.
func (g *guard) setsColumns(i int) bool {
	if !g.toks[i].Is("SET") {
		return false
	}
	for k := i - 1; k > 0; k-- {
		switch t := g.toks[k]; {
		case t.IsPunct(';'), t.IsAny("SET", "THEN", "ELSE", "DO", "BEGIN", "LOOP", "REPEAT"):
			return false
		case t.IsAny("UPDATE", "INSERT", "REPLACE"):
			return !g.toks[k-1].IsPunct('.') && !g.is(k+1, "(") && !g.toks[k-1].IsAny("FOR", "KEY", "ON", "BEFORE", "AFTER", "OR")
		}
	}
	return false
}

// definitionInBody reports definitions of what is no part of a tenant's database
// and, in a customization, all that its bodies may not do.
func (g *guard) definitionInBody(i int) {
	t := g.toks[i]
	if t.IsAny("CREATE", "ALTER", "DROP") {
		k := i + 1
		for k < len(g.toks) && g.toks[k].IsAny("OR", "REPLACE", "UNDO") {
			k++
		}
		if k < len(g.toks) && g.toks[k].IsAny(otherKinds...) && !g.is(k, "SPATIAL", "INDEX") {
			g.add(t.Start, CodeStatement, summaryStatement, "`%s %s` is about the server, not about a tenant's database. %s",
				strings.ToUpper(t.Text), strings.ToUpper(g.toks[k].Text), nextLeaveOut+nextQuote)
			return
		}
	}
	if g.layer() != LayerCustomization {
		return
	}
	switch {
	case t.Is("RENAME") && g.st.Kind == ddl.KindEvent && g.st.Verb == "ALTER": // the event itself
	case t.IsAny("COMMIT", "ROLLBACK", "SAVEPOINT") && g.isNamed(i) && !g.is(i+1, "AND"): // COMMIT AND CHAIN
	case t.IsAny("CREATE", "ALTER", "DROP", "RENAME", "COMMIT", "ROLLBACK", "SAVEPOINT"), t.Is("TRUNCATE") && !g.is(i+1, "("):
		g.add(t.Start, CodeStatement, "Statement cannot stand in a body", "`%s` is not allowed in the body of a customization's routine. Remove it.%s",
			strings.ToUpper(t.Text), nextQuote)
	}
}

// globalInBody reports assignments to settings of the server.
func (g *guard) globalInBody(i int) {
	t := g.toks[i]
	if t.Kind == sqltext.Variable {
		if !strings.HasPrefix(t.Text, "@@") {
			return
		}
		scope, name, end := g.variable(i)
		assigned := g.is(end, "=") || g.is(end, ":", "=")
		switch {
		case scope != "" && scope != "SESSION" && scope != "LOCAL" && (g.layer() == LayerCustomization || assigned):
			g.setting(target{at: t.Start, scope: scope, name: name, kind: targetSystem})
		case assigned:
			g.reaching(t.Start, name)
		}
		return
	}
	if !t.IsAny("GLOBAL", "PERSIST", "PERSIST_ONLY") || g.is(i-1, ".") || i+1 >= len(g.toks) || !g.toks[i+1].IsName() {
		return
	}
	if g.toks[i+1].Is("TRANSACTION") || g.is(i+2, "=") || g.is(i+2, ":") || g.is(i+2, ".") {
		g.setting(target{at: t.Start, scope: strings.ToUpper(t.Text), name: g.toks[i+1].Value(), kind: targetSystem})
	}
}
