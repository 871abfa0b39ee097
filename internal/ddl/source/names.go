package source

import (
	"maps"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// This file finds names of other databases by the tokens, in two ways.
//
// The first asks what a name is: a name before a dot that is a database of the
// system, of the landlord or of a tenant is refused wherever it stands, also as
// an alias.
//
// The second asks where it stands, for databases that nobody told of. A name
// with a qualifier means `database.table` where a table or routine is expected
// (behind FROM, JOIN, INTO, REFERENCES, CALL …) and `table.column` elsewhere; and
// there a qualifier has to be a table, alias, variable or record that the
// statement itself names. Only words that are reserved on every server end a
// list of tables: any other word may be an alias.

// scan follows the tokens of a statement and knows whether a table is expected.
type scan struct {
	g      *guard
	i      int
	frames []place         // one for each open parenthesis, and one below
	known  map[string]bool // qualifiers that the statement names, in upper case
	on     bool            // the ON of a trigger or index is behind us
	header int             // index behind the header of a trigger
	anchor bool            // the next name follows TYPE OF: a column
	delete bool            // in a DELETE, where USING is followed by tables
	plain  []qualified     // names of columns with a qualifier, judged at the end
	tables []sqltext.Token // names without a qualifier where a table is expected
}

// place is what is expected inside one pair of parentheses.
type place struct {
	expect   bool // a table comes next
	list     bool // a comma is followed by another table
	function bool // EXTRACT, TRIM, SUBSTRING: FROM is part of the call
}

// qualified is a name of several parts.
type qualified struct {
	parts []sqltext.Token // two or more; a final `*` counts as one
	call  bool            // a parenthesis follows
}

// TableNames returns the names without a qualifier where a table is expected, in
// their order, as far as tokens tell: also of a statement that vitess does not parse.
func (st *Statement) TableNames() []sqltext.Token {
	g := &guard{st: st, toks: sqltext.Tokens(st.Text, sqltext.Mode{})}
	return g.names().tables
}

// names scans the statement.
func (g *guard) names() *scan {
	s := &scan{g: g, frames: make([]place, 1, 8), known: g.declaredNames()}
	if g.st.Kind == ddl.KindTrigger {
		s.header = g.triggerHeader()
	}
	for s.i < len(g.toks) {
		s.token()
	}
	return s
}

// triggerHeader returns the index of the FOR that begins FOR EACH ROW.
func (g *guard) triggerHeader() int {
	for i := range g.toks {
		if g.is(i, "FOR", "EACH", "ROW") && !g.is(i-1, ".") {
			return i
		}
	}
	return 0
}

// databases finds names of other databases.
func (g *guard) databases() {
	defer g.others()
	s := g.names()
	for _, q := range s.plain { // an alias may stand behind its use
		if !s.known[strings.ToUpper(q.parts[0].Value())] && !g.own(q.parts[0].Value()) {
			g.unknownQualifier(q)
		}
	}
}

// declaredNames are the qualifiers that need no FROM.
func (g *guard) declaredNames() map[string]bool {
	names := map[string]bool{}
	if g.st.isRoutine() {
		maps.Copy(names, g.declared())
	}
	if g.st.Kind == ddl.KindTrigger {
		names["NEW"], names["OLD"] = true, true
	}
	names[strings.ToUpper(g.st.Object)] = true
	names[strings.ToUpper(g.st.Table)] = true
	return names
}

func (s *scan) top() *place { return &s.frames[len(s.frames)-1] }

// at returns a token near the current one; a zero token outside of the text.
func (s *scan) at(offset int) sqltext.Token {
	if k := s.i + offset; k >= 0 && k < len(s.g.toks) {
		return s.g.toks[k]
	}
	return sqltext.Token{}
}

// token takes the token at i, or a whole name that begins there.
func (s *scan) token() {
	t := s.at(0)
	dotted := s.at(1).IsPunct('.') && !t.IsAny(reserved...)
	switch {
	case t.Kind == sqltext.Punct:
		s.punct(t)
	case t.Kind == sqltext.Word && !dotted && !s.at(-1).IsPunct('.') && s.keyword(t):
	case t.IsName(), t.Kind == sqltext.String && dotted:
		s.name()
		return
	default: // a literal or a variable
		s.top().expect = false
	}
	s.i++
}

// reserved are words that are never names without quotes: a dot behind one
// begins `.t`, a table of the current database.
var reserved = []string{
	"SELECT", "FROM", "JOIN", "STRAIGHT_JOIN", "INTO", "INSERT", "REPLACE", "UPDATE", "DELETE", "CALL", "REFERENCES", "TABLE", "UNION", "USING",
	"ON", "AS", "LIKE", "RENAME", "EXISTS", "IGNORE", "TO", "INNER", "CROSS", "LEFT", "RIGHT", "NATURAL", "INDEX", "TRIGGER", "PROCEDURE",
}

func (s *scan) punct(t sqltext.Token) {
	switch t.Text {
	case "(":
		s.open()
	case ")":
		if len(s.frames) > 1 {
			s.frames = s.frames[:len(s.frames)-1]
		}
		s.top().expect = false
		s.alias(1)
	case ",":
		s.top().expect = s.top().list
	case ";":
		s.frames = append(s.frames[:0], place{})
		s.delete = false
	case "{": // {OJ a LEFT JOIN b ON …}, an ODBC form of FROM; MariaDB takes any word for OJ
		if s.top().expect && s.at(1).IsName() || s.at(1).Is("OJ") {
			s.i++
		}
	case ".", "=": // `.t` is a table of the current database
	default:
		s.top().expect = false
	}
}

// open enters a parenthesis. Where a table is expected it holds tables, or a
// query.
func (s *scan) open() {
	prev := s.at(-1)
	inner := place{expect: s.top().expect, list: s.top().expect}
	switch {
	case prev.IsAny("EXTRACT", "TRIM", "SUBSTRING", "SUBSTR", "MID", "OVERLAY"):
		inner = place{function: true}
	case prev.IsAny("NEXTVAL", "LASTVAL", "SETVAL"), prev.Kind == sqltext.Name && isSequenceFunction(prev.Value()):
		inner = place{expect: true}
	}
	s.top().expect = false
	s.frames = append(s.frames, inner)
}

func isSequenceFunction(name string) bool {
	return strings.EqualFold(name, "NEXTVAL") || strings.EqualFold(name, "LASTVAL") || strings.EqualFold(name, "SETVAL")
}

// alias takes the name at an offset from i for one that may qualify columns.
// Too many aliases do no harm: they count only where no table is expected.
func (s *scan) alias(offset int) {
	if t := s.at(offset); t.IsName() || t.Kind == sqltext.String {
		s.known[strings.ToUpper(t.Value())] = true
	}
}

// expect says that a table comes next, and whether a list of them does.
func (s *scan) expect(list bool) bool {
	s.top().expect, s.top().list = true, list
	return true
}

// done says that no table comes next and no list goes on.
func (s *scan) done() bool {
	*s.top() = place{function: s.top().function}
	return true
}

// keyword takes an unquoted word without a qualifier. It returns false for a
// word that may be a name.
func (s *scan) keyword(t sqltext.Token) bool {
	switch {
	case t.IsAny("SELECT"):
		*s.top() = place{}
		return true
	case t.IsAny("SET", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "VALUES", "WITH"), t.Is("RETURNING") && s.returning():
		return s.done()
	case t.Is("AS"):
		s.alias(1)
		return true
	}
	return s.readers(t) || s.writers(t) || s.definers(t) || s.top().expect && t.IsAny(skipped...)
}

// returning says whether RETURNING is the clause of MariaDB and no alias, behind
// which no column can stand.
func (s *scan) returning() bool {
	next, dot := s.at(1), s.at(2)
	return next.IsPunct('*') || next.Kind == sqltext.String || next.Kind == sqltext.Number || next.IsPunct('(') ||
		next.IsName() && (dot.IsPunct('.') || dot.IsPunct(',') || dot.IsPunct('(') || dot.IsPunct(';') || dot.Kind == sqltext.End)
}

// skipped are words that may stand between a word that expects a table and the
// table.
var skipped = []string{
	"IF", "NOT", "EXISTS", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE", "ONLY", "LATERAL", "TO", "ALL", "DISTINCT", "HISTORY",
	"NATURAL", "LEFT", "RIGHT", "INNER", "CROSS", "OUTER", "BODY",
}

// readers takes the words behind which tables are read.
func (s *scan) readers(t sqltext.Token) bool {
	prev := s.at(-1)
	switch {
	case t.Is("FROM"):
		return s.top().function || s.expect(true)
	case t.Is("JOIN"):
		return s.expect(true)
	case t.Is("STRAIGHT_JOIN"): // in the SELECT list it is a modifier
		return !s.top().list || s.expect(true)
	case t.Is("USING"):
		return !s.delete || s.expect(true)
	case t.Is("UNION"):
		return s.expect(false)
	case t.Is("FOR"):
		return s.forKeyword(prev)
	case t.Is("OF") && prev.Is("TYPE"):
		s.anchor = !s.at(-2).Is("ROW")
		return s.anchor || s.expect(false)
	}
	return false
}

// forKeyword tells apart NEXT VALUE FOR, locking clauses, index hints and what
// MariaDB says about time.
func (s *scan) forKeyword(prev sqltext.Token) bool {
	next := s.at(1)
	switch {
	case prev.Is("VALUE"):
		return s.expect(false)
	case next.IsAny("UPDATE", "SHARE"):
		s.i++
		return s.done()
	case next.Is("SYSTEM_TIME"):
		s.aliasOfMoment()
	case next.IsAny("JOIN", "ORDER", "GROUP") && prev.IsAny("INDEX", "KEY"):
		s.i++
	}
	return true
}

// aliasOfMoment takes what follows FOR SYSTEM_TIME, up to the next punctuation, for an
// alias: behind the moments one may stand without AS.
func (s *scan) aliasOfMoment() {
	const longest = 8 // FROM '…' TO '…' alias
	for offset := 2; offset < longest && s.at(offset).Kind != sqltext.End && s.at(offset).Kind != sqltext.Punct; offset++ {
		if !s.at(offset).IsAny(reserved...) {
			s.alias(offset)
		}
	}
}

// writers takes the words behind which tables are changed or routines called.
func (s *scan) writers(t sqltext.Token) bool {
	prev := s.at(-1)
	// The event of a trigger, or of a foreign key. AFTER may be a name too.
	event := prev.IsAny("BEFORE", "OR", "ON") || prev.Is("AFTER") && s.i < s.header
	switch {
	case t.Is("INTO"):
		if prev.IsAny("INSERT", "REPLACE", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "IGNORE") {
			return s.expect(false)
		}
		return s.done()
	case t.IsAny("INSERT", "REPLACE"):
		return event || s.at(1).IsPunct('(') || s.expect(false)
	case t.Is("UPDATE"):
		return event || prev.IsAny("KEY", "FOR") || s.expect(true)
	case t.Is("DELETE"):
		s.delete = s.delete || !event
		return event || s.expect(true)
	case t.Is("TRUNCATE"):
		return s.at(1).IsPunct('(') || s.expect(false)
	case t.IsAny("CALL", "REFERENCES"):
		return s.expect(false)
	}
	return false
}

// definers takes the words behind which something is created, altered, renamed
// or dropped.
func (s *scan) definers(t sqltext.Token) bool {
	prev, st := s.at(-1), s.g.st
	switch {
	case t.IsAny("TABLE", "TABLES"):
		return s.expect(!prev.IsAny("CREATE", "ALTER", "TEMPORARY", "REPLACE"))
	case t.IsAny("VIEW", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "SEQUENCE", "PACKAGE"):
		if s.i < st.Head.Body || prev.IsAny("CREATE", "DROP", "ALTER") {
			return s.expect(prev.Is("DROP"))
		}
	case t.Is("ON") && !s.on && (st.Kind == ddl.KindTrigger || st.Head.Index) && s.i >= min(st.Head.Body, 2):
		s.on = true
		return s.expect(false)
	case t.Is("LIKE") && st.Kind == ddl.KindTable && st.Verb == "CREATE" && s.i <= st.Head.Body+1:
		return s.expect(false)
	case t.Is("RENAME"):
		return s.at(1).IsAny("COLUMN", "KEY", "INDEX") || s.expect(st.Verb == "RENAME")
	case t.Is("TO") && st.Verb == "RENAME":
		return s.expect(true)
	}
	return false
}

// name reads a name with all its parts and judges it by its place.
func (s *scan) name() {
	q := qualified{parts: []sqltext.Token{s.at(0)}}
	s.i++
	for s.at(0).IsPunct('.') {
		next := s.at(1)
		if !next.IsName() && next.Kind != sqltext.String && !next.IsPunct('*') {
			break
		}
		q.parts = append(q.parts, next)
		s.i += 2
	}
	q.call = s.at(0).IsPunct('(')
	anchor := s.anchor
	s.anchor = false
	if s.top().expect {
		s.table(q)
		return
	}
	last := len(q.parts)
	switch {
	case last > 2, last == 2 && q.call, last == 2 && q.parts[0].Kind == sqltext.String:
		s.g.database(q)
	case last == 2 && !anchor:
		s.plain = append(s.plain, q)
	}
}

// table judges the name of a table or routine.
func (s *scan) table(q qualified) {
	s.top().expect = false
	parts := q.parts
	if parts[len(parts)-1].IsPunct('*') { // DELETE t.* FROM t
		parts = parts[:len(parts)-1]
	}
	switch {
	case len(parts) > 1:
		s.g.database(q)
	case !q.call:
		s.tables = append(s.tables, parts[0])
	}
	s.known[strings.ToUpper(parts[len(parts)-1].Value())] = true
	s.alias(0)
}

// own says whether a name is the database in which the statement runs.
func (g *guard) own(name string) bool {
	for _, d := range g.rules.Databases {
		if d == name {
			return true
		}
	}
	return false
}

// written returns a name as it should be written: without its database.
func (q qualified) written(from int) string {
	names := make([]string, 0, len(q.parts))
	for _, p := range q.parts[from:] {
		names = append(names, p.Value())
	}
	return strings.Join(names, ".")
}

// database reports a name that names a database, unless it is the own one.
func (g *guard) database(q qualified) {
	name := q.parts[0].Value()
	if g.own(name) {
		return
	}
	if g.named != nil {
		g.named[name] = true
		return
	}
	if ddl.IsSystem(name) {
		g.add(q.parts[0].Start, CodeDatabase, summaryDatabase,
			"`%s` is about the whole server, other tenants included. Everything has to stay in the tenant's own database: leave it out.", q.written(0))
		return
	}
	g.add(q.parts[0].Start, CodeDatabase, summaryDatabase,
		"`%s` names database `%s`. Everything has to stay in the tenant's own database: write `%s`.", q.written(0), name, q.written(1))
}

func (g *guard) unknownQualifier(q qualified) {
	g.add(q.parts[0].Start, CodeDatabase, summaryDatabase,
		"`%s` belongs to nothing that this statement names: `%s` is no table, alias or variable of it. If it is a database: everything has to stay in the tenant's own one.",
		q.written(0), q.parts[0].Value())
}

// others refuses names before a dot that are databases of others, whatever they
// stand for here.
func (g *guard) others() {
	for i, t := range g.toks {
		if !t.IsName() && t.Kind != sqltext.String || !g.is(i+1, ".") || g.is(i-1, ".") {
			continue
		}
		name := t.Value()
		if g.own(name) || !g.st.server.Others.Has(name) || g.row(i) {
			continue
		}
		if g.named != nil {
			g.named[name] = true
			continue
		}
		g.add(t.Start, CodeDatabase, summaryDatabase,
			"`%s` is a database of others, or has a name that is kept for them. Everything has to stay in the tenant's own database: if it is an alias or a table here, choose another name.", name)
	}
}

// row says whether a name is the row of a trigger: NEW.a, OLD.a.
func (g *guard) row(i int) bool {
	return g.st.Kind == ddl.KindTrigger && g.toks[i].IsAny("NEW", "OLD") && !g.is(i+3, ".") && !g.is(i+3, "(")
}
