package source

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Guard says what a statement does that its layer does not allow: another
// database, an account, a file, a setting of the server, a comment that only
// some servers execute, SQL that cannot be seen beforehand. It reads the tokens
// of the text as the server does and trusts no parser; what vitess reads in the
// text has to agree. What belongs to others on the server is in the Server that
// the statement was parsed for.
//
// A warning with CodeIgnored asks for the statement to be left out; it is then
// the only fault.
//
// Guard is the fence. The wall is the account that runs the statement.
func Guard(st Statement, rules Rules) []Fault {
	if st.server.Others.Pass() {
		return nil
	}
	g := &guard{st: &st, rules: rules, toks: sqltext.Tokens(st.Text, sqltext.Mode{})}
	g.starts()
	if g.statement() {
		return g.faults
	}
	g.comments()
	g.identifiers()
	g.bodies()
	g.functions()
	g.clauses()
	g.schedule()
	g.tableOptions()
	g.databases()
	g.tree()
	g.loops()
	slices.SortStableFunc(g.faults, func(a, b Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return g.faults
}

// guard is the state of one call.
type guard struct {
	st     *Statement
	rules  Rules
	toks   []sqltext.Token
	begins []int // indexes of the tokens that begin a statement in a body
	faults []Fault

	found    map[faultKey]bool // what is in faults
	named    map[string]bool   // databases that are named; nil: nobody asks, see Mentions
	lines    Lines             // where the lines of the text begin, once it is needed
	locals   map[string]bool   // see declared
	optional []bool            // see isOption
}

// maxFaults is how many faults of one statement are told: nobody reads more, and
// a text that is made of nothing else must not grow in the telling.
const maxFaults = 100

// faultKey is what makes two faults one.
type faultKey struct {
	at   int
	code Code
}

// add keeps a fault at an offset of the text; one fault a place and code.
func (g *guard) add(at int, code Code, summary, format string, args ...any) {
	key := faultKey{at, code}
	if g.found[key] || len(g.faults) == maxFaults {
		return
	}
	if g.found == nil {
		g.found = map[faultKey]bool{}
	}
	g.found[key] = true
	g.faults = append(g.faults, Fault{Position: g.position(at), Code: code, Severity: SeverityError, Summary: summary, Detail: fmt.Sprintf(format, args...)})
}

// position is that of an offset of the statement in the whole text.
func (g *guard) position(at int) Position {
	if g.lines == nil {
		g.lines = LineStarts(g.st.Text)
	}
	p := g.lines.At(at)
	if p.Line == 1 {
		p.Column += g.st.Column - 1
	}
	p.Line += g.st.Line - 1
	return p
}

// is says whether the tokens from i on are these words or bytes of punctuation.
func (g *guard) is(i int, words ...string) bool {
	if i < 0 || i+len(words) > len(g.toks) {
		return false
	}
	for k, w := range words {
		if t := g.toks[i+k]; !t.Is(w) && !(t.Kind == sqltext.Punct && t.Text == w) {
			return false
		}
	}
	return true
}

// starts finds where statements of a body begin.
func (g *guard) starts() {
	var n nesting
	for i, t := range g.toks {
		n.began = -1
		n.feed(t)
		if n.began == t.Start {
			g.begins = append(g.begins, i)
		}
	}
}

// SummaryIgnored is the summary of faults with CodeIgnored.
const SummaryIgnored = "Statement is left out"

const (
	summaryStatement = "Statement has no place in this layer"
	summaryDatabase  = "Another database is named"
)

// statement judges by the first words of the statement. It returns true when
// nothing else is to be looked at.
func (g *guard) statement() bool {
	if g.st.Verb == "" {
		g.add(0, CodeStatement, summaryStatement, "This does not begin with the name of a statement. Remove it.")
		return true
	}
	if g.st.Verb == "SET" {
		if done := g.setStatement(); done {
			return true
		}
	}
	if g.disableKeys() {
		return g.leaveOut("is of no use here: the tables are empty")
	}
	for _, r := range statementRules {
		words := strings.Fields(r.words)
		if !r.layers.has(g.rules.Layer) || !g.is(0, words...) {
			continue
		}
		if r.words == "BEGIN" && r.ignore && len(g.toks) > 1 && !g.is(1, "WORK") {
			continue // a block of sql_mode ORACLE
		}
		if r.ignore {
			return g.leaveOut(r.why)
		}
		g.add(g.toks[0].Start, r.code, summaryFor(r.code), "`%s` %s. %s", r.words, r.why, r.next)
		return true
	}
	if h := g.st.Head; h.Other != "" || g.isDDL() && g.st.Kind == "" {
		g.add(0, CodeStatement, summaryStatement, "%s is about the server, not about a tenant's database. Leave the statement out.", UpperFirst(g.st.What()))
		return true
	}
	if !slices.Contains(allowed[g.layer()], g.st.Verb) {
		g.add(0, CodeStatement, summaryStatement, "`%s` cannot stand in the %s layer, which takes %s.", g.st.Verb, g.layer(), List(allowed[g.layer()]))
		return true
	}
	g.create()
	return false
}

// layer is the layer of the rules; one that is not known is as strict as it gets.
func (g *guard) layer() Layer {
	if _, known := allowed[g.rules.Layer]; known {
		return g.rules.Layer
	}
	return LayerCustomization
}

func (g *guard) isDDL() bool { return slices.Contains([]string{"CREATE", "ALTER", "DROP"}, g.st.Verb) }

// leaveOut makes the warning that is the only fault of a statement.
func (g *guard) leaveOut(why string) bool {
	g.faults = []Fault{{
		Position: g.st.Position, Code: CodeIgnored, Severity: SeverityWarning, Summary: SummaryIgnored,
		Detail: fmt.Sprintf("`%s` %s. Remove it to be rid of this warning.", firstWords(g.toks), why),
	}}
	return true
}

// firstWords names a statement by its first words.
func firstWords(toks []sqltext.Token) string {
	var words []string
	for _, t := range toks[:min(len(toks), 2)] {
		if t.Kind == sqltext.Word {
			words = append(words, strings.ToUpper(t.Text))
		}
	}
	return strings.Join(words, " ")
}

// disableKeys says whether the statement is the `ALTER TABLE … DISABLE KEYS` of
// a dump, in a layer of templates.
func (g *guard) disableKeys() bool {
	n := len(g.toks)
	return inTemplates.has(g.rules.Layer) && g.st.Verb == "ALTER" && g.st.Kind == ddl.KindTable &&
		(g.is(n-2, "DISABLE", "KEYS") || g.is(n-2, "ENABLE", "KEYS"))
}

// create looks at what CREATE says before the name.
func (g *guard) create() {
	h := g.st.Head
	strict := g.layer() == LayerSchema || g.layer() == LayerCustomization
	switch {
	case g.st.Verb != "CREATE":
	case h.Replace && strict:
		g.add(g.toks[0].Start, CodeReplace, "CREATE OR REPLACE is not allowed", "%s `%s` would replace whatever is there. Write `CREATE` alone: the provider computes what has to change.", UpperFirst(string(g.st.Kind)), g.st.Object)
	case h.Temporary:
		g.add(g.toks[0].Start, CodeTemporary, "Temporary table cannot be kept", "Table `%s` would end with the session that makes it. Write `CREATE TABLE`.", g.st.Object)
	case g.layer() == LayerCustomization && (g.st.Kind == ddl.KindPackage || g.st.Kind == ddl.KindPackageBody):
		g.add(g.toks[0].Start, CodeStatement, summaryStatement, "`CREATE PACKAGE` cannot stand in a customization. Write its routines one by one.")
	case g.st.Kind == ddl.KindTable && !h.Index && g.layer() == LayerCustomization:
		g.tableCopy()
	}
}

// tableCopy refuses tables whose columns are those of something else.
func (g *guard) tableCopy() {
	if k := g.query(); k >= 0 {
		g.add(g.toks[k].Start, CodeTableCopy, "Table is made of a query", "%s takes its columns from a query, so that its schema cannot be known beforehand. Write its columns.", UpperFirst(g.st.What()))
		return
	}
	if i := g.st.Head.Body; g.is(i, "LIKE") || g.is(i, "(", "LIKE") {
		g.add(g.toks[i].Start, CodeTableCopy, "Table is made like another one", "%s takes its columns from another table, so that its schema cannot be known beforehand. Write its columns.", UpperFirst(g.st.What()))
	}
}

// MadeOfQuery says whether a table takes its columns from a query.
func (st *Statement) MadeOfQuery() bool {
	g := &guard{st: st, toks: sqltext.Tokens(st.Text, sqltext.Mode{})}
	return g.query() >= 0
}

// query returns the index of the query that a CREATE TABLE takes its columns
// from, -1 when it has none.
func (g *guard) query() int {
	i := g.st.Head.Body
	if g.is(i, "LIKE") || g.is(i, "(", "LIKE") {
		return -1
	}
	depth := 0
	for k := i; k < len(g.toks); k++ {
		switch t := g.toks[k]; {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		case depth == 0 && t.IsAny("SELECT", "WITH", "VALUES", "TABLE") && !g.toks[k-1].IsAny("SYSTEM", "LESS", "IN") && !g.is(k, "WITH", "SYSTEM"),
			k == i+1 && depth == 1 && t.Is("SELECT"):
			return k
		}
	}
	return -1
}

// changesServer matches the hints that change settings, or on which processors a
// statement runs.
var changesServer = regexp.MustCompile(`(?i)SET_VAR|RESOURCE_GROUP`)

// comments refuses comments that only some servers execute, and hints.
func (g *guard) comments() {
	l := sqltext.NewScanner(g.st.Text, sqltext.Mode{})
	for t := l.Next(); t.Kind != sqltext.End; t = l.Next() {
		switch {
		case t.Kind == sqltext.Open && !sqltext.IsForAllServers(t.Text):
			g.add(t.Start, CodeComment, "Comment that only some servers execute",
				"What stands in `%s … */` is executed by some servers and skipped by others. Write it without the comment, or remove it.", t.Text)
		case t.IsSwallowed():
			g.add(t.Start, CodeIdentifier, "Number is not complete", "`%s` begins a number whose exponent has no digits: MySQL reads over it, MariaDB refuses the statement. Write the number in full, or remove it.", t.Text)
		case t.Kind == sqltext.Hint && g.layer() != LayerSeed && g.layer() != LayerMigration, t.Kind == sqltext.Hint && changesServer.MatchString(t.Text):
			g.add(t.Start, CodeHint, "Optimizer hint is not allowed",
				"`/*+ … */` changes how a statement runs, up to settings of the session. Remove it.")
		}
	}
}

// identifiers refuses names that servers store differently or that nobody can
// tell apart.
func (g *guard) identifiers() {
	for _, t := range g.toks {
		if t.Kind != sqltext.Name && t.Kind != sqltext.Word {
			continue
		}
		name := t.Value()
		switch {
		case t.Kind == sqltext.Name && strings.TrimRight(name, " ") != name:
			g.add(t.Start, CodeIdentifier, "Name ends with a blank", "`%s` ends with a blank, which servers drop or refuse. Remove the blank.", name)
		case t.Kind == sqltext.Name && strings.HasPrefix(strings.ToLower(name), "#mysql50#"):
			g.add(t.Start, CodeIdentifier, "Name is that of a file", "`%s` names a file or a folder of the server: what stands behind `#mysql50#` is read as it is. Use the name itself.", name)
		case t.Kind == sqltext.Name && name == "":
			g.add(t.Start, CodeIdentifier, "Name is empty", "An empty pair of backquotes names nothing.")
		case strings.ContainsFunc(name, func(r rune) bool { return r > 0xffff || r == utf8.RuneError }):
			g.add(t.Start, CodeIdentifier, "Name with a character servers change", "`%s` holds a character beyond U+FFFF: MySQL stores `?` for it, MariaDB refuses it. Use another character.", name)
		}
	}
}

// summaryFor is the fixed summary of a class.
func summaryFor(code Code) string {
	switch code {
	case CodeDatabase:
		return summaryDatabase
	case CodeAccount:
		return "Accounts are no part of a schema"
	case CodeVariable:
		return "Settings cannot be changed"
	case CodeDynamicSQL:
		return "SQL that cannot be seen beforehand"
	case CodeOption:
		return "Clause is not allowed"
	}
	return summaryStatement
}

// functions looks for calls of functions that reach out of the database. A
// quoted name calls the built-in function too.
func (g *guard) functions() {
	for i, t := range g.toks {
		if !t.IsName() || !g.is(i+1, "(") || g.is(i-1, ".") {
			continue
		}
		name := strings.ToUpper(t.Value())
		for _, r := range functionRules {
			if r.layers.has(g.rules.Layer) && r.about(name) {
				g.add(t.Start, CodeFunction, "Function is not allowed", "`%s()` %s. Remove the call.", name, r.why)
			}
		}
	}
}

// isName says whether a name stands at token i, or behind the sign there.
func (g *guard) isName(i int, name string) bool {
	if g.is(i, "=") {
		i++
	}
	return i < len(g.toks) && g.toks[i].IsName() && strings.EqualFold(g.toks[i].Value(), name)
}

// about says whether the rule is about the function of a name in upper case.
func (r functionRule) about(name string) bool {
	return slices.Contains(r.names, name) || slices.ContainsFunc(r.begins, func(begin string) bool { return strings.HasPrefix(name, begin) })
}

// isText says whether a text stands at token i, or behind the `=` there.
func (g *guard) isText(i int) bool {
	if g.is(i, "=") {
		i++
	}
	return i < len(g.toks) && g.toks[i].Kind == sqltext.String
}

// clauses looks for the words of clauseRules.
func (g *guard) clauses() {
	for i := range g.toks {
		for _, r := range clauseRules {
			if !r.layers.has(g.rules.Layer) || len(r.kinds) > 0 && !slices.Contains(r.kinds, g.st.Kind) || !g.is(i, r.words...) {
				continue
			}
			if r.option && !g.isOption(i) || r.text && !g.isText(i+len(r.words)) || g.is(i-1, ".") || r.except != "" && g.isName(i+len(r.words), r.except) {
				continue
			}
			if r.code == CodeAccount && i >= g.st.Head.Body {
				continue // a column called `definer`
			}
			if r.code == CodeAccount && g.layer() != LayerCustomization && g.is(i+2, "CURRENT_USER") {
				continue // whoever applies, which is what leaving it out means too
			}
			g.add(g.toks[i].Start, r.code, summaryFor(r.code), "`%s` %s. %s", strings.Join(r.words, " "), r.why, r.next)
		}
	}
}
