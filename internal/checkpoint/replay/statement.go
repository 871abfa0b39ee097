package replay

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// A logClass says what a statement of the log is about.
type logClass int

const (
	logOther       logClass = iota // not known: it may change anything
	logGlobal                      // accounts, maintenance, settings: no content of a database
	logTransaction                 // savepoints and distributed transactions
	logTable                       // tables, indexes, sequences
	logProgram                     // views, routines, triggers, events
	logDatabase                    // a database as a whole
	logData                        // rows, as text
)

// A logObject is the name of an object in a statement.
type logObject struct {
	database   string // empty when it is not written
	name       string
	start, end int // of all of it
}

// A logStatement is a statement of the log with what it is about. It reads the
// words up to and around the names and nothing else: bodies, definitions and
// expressions are the server's.
type logStatement struct {
	class     logClass
	verb      string // in upper case: CREATE, ALTER, DROP, RENAME, TRUNCATE …
	kind      string // in upper case: TABLE, INDEX, VIEW …
	temporary bool
	ifNot     bool // IF NOT EXISTS

	// objects are what is created, altered or dropped; of a RENAME TABLE the
	// old and new names, in turns; of an index, its table.
	objects []logObject
	// others are further tables whose rows are changed: EXCHANGE PARTITION.
	others []logObject
	// like is the table that a new one is made like.
	like *logObject
	// to is the new name of an ALTER with RENAME, on the table of a trigger.
	to, on *logObject
	// selects says that a table is made from a query.
	selects bool

	text   string
	tokens []sqltext.Token
}

// parseLogStatement takes a statement apart.
func parseLogStatement(text string, mode uint64) *logStatement {
	p := &logParser{logStatement: logStatement{text: text, tokens: sqltext.Tokens(text, logMode(mode))}}
	if at := behindSettings(p.tokens); at > 0 {
		p.text = strings.TrimSpace(text[at:])
		p.tokens = sqltext.Tokens(p.text, logMode(mode))
	}
	p.parse()
	return &p.logStatement
}

// behindSettings returns where the statement begins behind MariaDB's SET STATEMENT
// … FOR, 0 when there is none. What it sets and a replay needs (sql_mode, foreign
// key checks) the log notes with the statement as well.
func behindSettings(tokens []sqltext.Token) int {
	if len(tokens) < 2 || !tokens[0].Is("SET") || !tokens[1].Is("STATEMENT") {
		return 0
	}
	for _, t := range tokens {
		if t.Is("FOR") {
			return t.End
		}
	}
	return 0
}

// mentions says whether a name stands in the statement outside of texts.
func (s *logStatement) mentions(same func(string) bool) bool {
	return slices.ContainsFunc(s.tokens, func(t sqltext.Token) bool { return t.IsName() && same(t.Value()) })
}

// object kind of a program.
func (s *logStatement) programKind() ddl.Kind { return ddl.Kind(strings.ToLower(s.kind)) }

// A logParser reads a statement.
type logParser struct {
	logStatement

	i int
}

func (p *logParser) at(offset int) sqltext.Token {
	if k := p.i + offset; k >= 0 && k < len(p.tokens) {
		return p.tokens[k]
	}
	return sqltext.Token{}
}

// accept skips words that stand here in this order.
func (p *logParser) accept(words ...string) bool {
	for k, w := range words {
		if !p.at(k).Is(w) {
			return false
		}
	}
	p.i += len(words)
	return true
}

// name reads a name with or without a database; false when there is none.
func (p *logParser) name() (logObject, bool) {
	o := logObject{start: p.at(0).Start}
	if p.at(0).IsPunct('.') { // `.t` is a table of the default database
		p.i++
	}
	first := p.at(0)
	if !first.IsName() {
		return logObject{}, false
	}
	o.name, o.end = first.Value(), first.End
	p.i++
	if p.at(0).IsPunct('.') && p.at(1).IsName() {
		o.database, o.name, o.end = first.Value(), p.at(1).Value(), p.at(1).End
		p.i += 2
	}
	return o, true
}

// names reads a list of names.
func (p *logParser) names() bool {
	for {
		o, ok := p.name()
		if !ok {
			return false
		}
		p.objects = append(p.objects, o)
		if !p.at(0).IsPunct(',') {
			return true
		}
		p.i++
	}
}

// globalVerbs begin statements that change no content of a database.
var globalVerbs = []string{
	"GRANT", "REVOKE", "SET", "FLUSH", "ANALYZE", "OPTIMIZE", "REPAIR", "CHECK", "CHECKSUM", "INSTALL", "UNINSTALL", "CACHE", "RESET",
	"PURGE", "CHANGE", "START", "STOP", "LOCK", "UNLOCK", "USE", "SHOW", "KILL", "BACKUP", "CLONE", "RESTART", "SHUTDOWN",
}

// dataVerbs begin statements that change rows, or may.
var dataVerbs = []string{
	"INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD", "CALL", "DO", "SELECT", "WITH", "VALUES", "HANDLER", "EXECUTE", "MERGE",
}

func (p *logParser) parse() {
	p.verb = strings.ToUpper(p.at(0).Text)
	switch {
	case p.at(0).Kind != sqltext.Word:
	case slices.Contains(globalVerbs, p.verb):
		p.class = logGlobal
	case slices.Contains(dataVerbs, p.verb):
		p.class = logData
	case p.at(0).IsAny("SAVEPOINT", "XA", "RELEASE"), p.at(0).Is("ROLLBACK") && p.at(1).IsAny("TO", "WORK"):
		p.class = logTransaction
	case p.accept("RENAME"):
		p.rename()
	case p.accept("TRUNCATE"):
		p.kind = "TABLE"
		p.accept("TABLE")
		if p.names() {
			p.class = logTable
		}
	case p.accept("CREATE"), p.accept("ALTER"), p.accept("DROP"):
		p.definition()
	}
}

// rename reads RENAME TABLE a TO b, c TO d.
func (p *logParser) rename() {
	switch {
	case p.accept("USER"):
		p.class = logGlobal
		return
	case !p.accept("TABLE") && !p.accept("TABLES"):
		return
	}
	p.kind = "TABLE"
	p.accept("IF", "EXISTS")
	for {
		from, ok := p.name()
		p.wait()
		if !ok || !p.accept("TO") {
			return
		}
		to, ok := p.name()
		if !ok {
			return
		}
		p.objects = append(p.objects, from, to)
		if !p.at(0).IsPunct(',') {
			p.class = logTable
			return
		}
		p.i++
	}
}

// wait skips how long MariaDB waited for a lock.
func (p *logParser) wait() {
	if p.accept("WAIT") {
		p.i++
	}
	p.accept("NOWAIT")
}

// definition reads CREATE, ALTER and DROP up to the names.
func (p *logParser) definition() {
	p.modifiers()
	p.kind = strings.ToUpper(p.at(0).Text)
	p.i++
	switch p.kind {
	case "USER", "ROLE", "SERVER", "TABLESPACE", "LOGFILE", "RESOURCE", "INSTANCE", "UNDO", "REFERENCE", "PREPARE", "BINLOG":
		p.class = logGlobal
	case "TABLES":
		p.kind = "TABLE"
		p.tables()
	case "TABLE", "SEQUENCE":
		p.tables()
	case "INDEX":
		p.index()
	case "VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE":
		p.program()
	case "DATABASE", "SCHEMA":
		p.kind = "DATABASE"
		p.existence()
		p.class = logDatabase
		if t := p.at(0); t.IsName() && (t.Kind == sqltext.Name || !t.IsAny("DEFAULT", "CHARACTER", "CHARSET", "COLLATE", "COMMENT", "ENCRYPTION", "READ")) {
			p.names()
		}
	}
}

// existence reads IF EXISTS and IF NOT EXISTS.
func (p *logParser) existence() {
	p.ifNot = p.accept("IF", "NOT", "EXISTS")
	p.accept("IF", "EXISTS")
}

// modifiers skips the words between the verb and the kind.
func (p *logParser) modifiers() {
	for {
		switch {
		case p.accept("OR", "REPLACE"), p.accept("AGGREGATE"), p.accept("UNIQUE"), p.accept("FULLTEXT"), p.accept("VECTOR"),
			p.accept("ONLINE"), p.accept("OFFLINE"), p.accept("IGNORE"), p.accept("SQL", "SECURITY"):
			if p.at(-1).Is("SECURITY") {
				p.i++
			}
		case p.accept("SPATIAL"):
		case p.accept("TEMPORARY"):
			p.temporary = true
		case p.at(0).IsAny("ALGORITHM", "DEFINER") && p.at(1).IsPunct('='):
			p.i += 2
			p.account()
		default:
			return
		}
	}
}

// account skips the name of an account, or the one word of an algorithm.
func (p *logParser) account() {
	p.i++
	if p.at(0).IsPunct('(') && p.at(1).IsPunct(')') { // CURRENT_USER()
		p.i += 2
	}
	switch t := p.at(0); {
	case t.Kind != sqltext.Variable:
	case t.Text == "@": // the host stands apart
		p.i += 2
	default:
		p.i++
	}
}

// tables reads the names of tables, and of an ALTER what else it touches.
func (p *logParser) tables() {
	p.existence()
	if p.verb == "DROP" {
		if p.names() {
			p.class = logTable
		}
		return
	}
	o, ok := p.name()
	if !ok {
		return
	}
	p.objects = append(p.objects, o)
	p.class = logTable
	if p.verb == "CREATE" {
		p.likeTable()
		return
	}
	p.wait()
	p.alteration()
}

// likeTable finds CREATE TABLE t LIKE u, and a query behind the definition.
func (p *logParser) likeTable() {
	paren := p.at(0).IsPunct('(') && p.at(1).Is("LIKE")
	if paren {
		p.i++
	}
	if p.accept("LIKE") {
		if o, ok := p.name(); ok {
			p.like = &o
		}
		return
	}
	// A column of such a name stands in quotes. VALUES is a query, too, unless it
	// belongs to a partition.
	for ; p.i < len(p.tokens); p.i++ {
		p.selects = p.selects || p.at(0).IsAny("SELECT", "TABLE") || p.at(0).Is("VALUES") && (p.at(1).Is("ROW") || p.at(1).IsPunct('('))
	}
}

// alteration finds what an ALTER TABLE touches besides its table.
func (p *logParser) alteration() {
	depth, first := 0, p.i
	for ; p.i < len(p.tokens); p.i++ {
		switch t := p.at(0); {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		case depth > 0:
		case t.Is("TABLE") && p.at(-1).IsAny("WITH", "TO", "CONVERT"):
			p.i++
			if o, ok := p.name(); ok {
				p.others = append(p.others, o)
			}
			p.i--
		case t.Is("RENAME") && (p.startsClause() || p.i == first) && !p.at(1).IsAny("COLUMN", "INDEX", "KEY"):
			p.i++
			_ = p.accept("TO") || p.accept("AS")
			if p.at(0).IsPunct('=') {
				p.i++
			}
			if o, ok := p.name(); ok {
				p.to = &o
			}
			p.i--
		}
	}
}

// startsClause says whether the token begins a part of an ALTER.
func (p *logParser) startsClause() bool { return p.at(-1).IsPunct(',') }

// index reads CREATE INDEX i ON t and DROP INDEX i ON t.
func (p *logParser) index() {
	p.existence()
	for ; p.i < len(p.tokens); p.i++ {
		if p.at(0).Is("ON") {
			p.i++
			if o, ok := p.name(); ok {
				p.objects, p.class = append(p.objects, o), logTable
			}
			return
		}
	}
}

// program reads the name of a view, routine, trigger or event.
func (p *logParser) program() {
	if p.kind == "PACKAGE" && p.accept("BODY") {
		p.kind = "PACKAGE BODY"
	}
	p.existence()
	if p.verb == "DROP" && p.kind == "VIEW" {
		if p.names() {
			p.class = logProgram
		}
		return
	}
	o, ok := p.name()
	if !ok {
		return
	}
	p.objects, p.class = append(p.objects, o), logProgram
	switch {
	case p.kind == "FUNCTION" && slices.ContainsFunc(p.tokens, func(t sqltext.Token) bool { return t.Is("SONAME") }):
		p.class = logGlobal // a function of a library of the server
	case p.kind == "TRIGGER" && p.verb == "CREATE":
		p.triggerTable()
	case p.kind == "EVENT" && p.verb == "ALTER":
		p.eventName()
	}
}

// triggerTable reads the ON of a trigger.
func (p *logParser) triggerTable() {
	for ; p.i < len(p.tokens); p.i++ {
		if p.at(0).Is("ON") {
			p.i++
			if o, ok := p.name(); ok {
				p.on = &o
			}
			return
		}
	}
}

// eventName finds the RENAME TO of an event, which stands before its body.
func (p *logParser) eventName() {
	for ; p.i < len(p.tokens) && !p.at(0).Is("DO"); p.i++ {
		if p.accept("RENAME", "TO") {
			if o, ok := p.name(); ok {
				p.to = &o
			}
			return
		}
	}
}
