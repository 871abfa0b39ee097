package source

import (
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// nesting follows the compound bodies of routines, triggers and events, so that
// a `;` inside one does not end the statement although no DELIMITER was set.
// It is fed the tokens of one statement, without comments.
//
// BEGIN, END and others are no reserved words: a column may be called `end`.
// They count only where a statement of a body begins, or ends.
type nesting struct {
	phase    phase
	kind     string // PROCEDURE, FUNCTION, TRIGGER, EVENT, PACKAGE
	frames   []frame
	paren    int
	prev     sqltext.Token
	start    bool // a statement of the body may begin here
	ended    bool // the token before was an END that closed a frame
	top      bool // a top-level `;` has been seen
	header   header
	decl     handler
	deep     sqltext.Token // the token at which the nesting became too deep
	wrong    sqltext.Token // a compound statement that is closed by the END of another sort
	closed   frame         // what the END before closed
	compound bool          // the compound statement of a body is behind us
	began    int           // offset of the last token at which a statement of the body could begin
}

type phase uint8

const (
	phaseFirst  phase = iota // nothing seen
	phaseCreate              // CREATE or ALTER seen, the kind is still to come
	phaseHeader              // of a routine: up to its body
	phaseBody                // compound statements count
	phasePlain               // any other statement
)

// frame is an open compound statement.
type frame struct {
	word  string // BEGIN, IF, CASE, LOOP, WHILE, REPEAT, FOR, PACKAGE, or case for the expression
	at    sqltext.Token
	wait  bool // THEN or DO is still to come, and a statement begins behind it
	until bool // of a REPEAT: UNTIL was seen
	paren int  // how many parentheses are open where it begins
}

// header follows what stands between the kind of a routine and its body.
type header struct {
	named bool // the name is behind us
	each  bool // EACH ROW of a trigger is behind us
	order bool // FOLLOWS or PRECEDES was the last word
	body  bool // a word that is no characteristic was seen
	depth int
}

// handler follows DECLARE … HANDLER FOR conditions, behind which a statement
// begins.
type handler uint8

const (
	handlerNone handler = iota
	handlerDeclare
	handlerFor
	handlerCondition // a condition is expected
	handlerValue     // SQLSTATE [VALUE] or NOT was seen
	handlerMore      // a condition was complete: a comma, or the statement
)

// maxNesting is how deep parentheses and compound statements may go. Servers
// stop long before their limits matter to people; a recursive parser dies.
const maxNesting = 200

// open says whether a compound statement is open.
func (n *nesting) open() bool { return len(n.frames) > 0 }

// complete says whether the `;` that was fed last ends the statement although
// another delimiter is in force: the mysql client sends all that stands before
// the delimiter, and the server cuts it at each `;`. A body without a compound
// statement goes on, because where it began is not certain.
func (n *nesting) complete() bool {
	return n.top && !n.open() && (n.phase != phaseHeader && n.phase != phaseBody || n.compound)
}

// feed takes the next token of the statement. A `;` is fed too.
func (n *nesting) feed(t sqltext.Token) {
	n.depth(t)
	if n.ended && !n.closed.fits(t) && n.wrong.Kind == sqltext.End {
		n.wrong = n.closed.at
	}
	switch {
	case t.IsPunct(';') || t.Kind == sqltext.Delimiter:
		n.semicolon()
	default:
		n.step(t)
	}
	n.prev = t
}

func (n *nesting) depth(t sqltext.Token) {
	if t.IsPunct('(') {
		n.paren++
	} else if t.IsPunct(')') {
		n.paren--
	}
	if n.paren+len(n.frames) > maxNesting && n.deep.Kind == sqltext.End {
		n.deep = t
	}
}

func (n *nesting) semicolon() {
	for n.open() && n.frames[len(n.frames)-1].word == "case" {
		n.frames = n.frames[:len(n.frames)-1]
	}
	n.top = n.top || !n.open()
	n.start, n.ended, n.decl = n.open(), false, handlerNone
}

func (n *nesting) step(t sqltext.Token) {
	switch n.phase {
	case phaseFirst:
		n.first(t)
	case phaseCreate:
		n.create(t)
	case phaseHeader:
		n.inHeader(t)
	case phaseBody:
		n.body(t)
	case phasePlain:
	}
}

// first decides by the first word. MariaDB takes compound statements outside
// of routines too: `BEGIN NOT ATOMIC`, `IF … END IF` and loops, with labels.
func (n *nesting) first(t sqltext.Token) {
	first := n.prev.Kind == sqltext.End
	switch {
	case first && t.IsAny("CREATE", "ALTER"):
		n.phase = phaseCreate
	case first && t.IsAny("IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"):
		n.phase, n.start = phaseBody, true
		n.body(t)
	case first && t.IsName(): // a label, BEGIN, or any other statement: what follows decides
	case n.prev.IsName() && t.IsPunct(':'):
		n.phase, n.start = phaseBody, true
	case n.prev.Is("BEGIN") && t.Is("NOT"): // BEGIN alone begins a transaction
		n.phase = phaseBody
		n.push("BEGIN", n.prev)
	default:
		n.phase = phasePlain
	}
}

// create waits for the kind of what is created.
func (n *nesting) create(t sqltext.Token) {
	switch {
	case t.IsAny("PROCEDURE", "FUNCTION", "TRIGGER", "EVENT"):
		n.phase, n.kind = phaseHeader, t.Text
	case t.Is("PACKAGE"):
		n.phase, n.kind = phaseBody, t.Text
		n.push("PACKAGE", t)
	case t.IsAny("TABLE", "VIEW", "INDEX", "DATABASE", "SCHEMA", "USER", "ROLE", "SEQUENCE", "SERVER", "TABLESPACE", "LOGFILE"):
		n.phase = phasePlain
	}
}

// inHeader looks for the first token of the body.
func (n *nesting) inHeader(t sqltext.Token) {
	h := &n.header
	switch {
	case t.IsPunct('('):
		h.depth++
	case t.IsPunct(')'):
		h.depth--
	case h.depth > 0:
	case !h.named:
		h.named = t.IsName() && !t.IsAny("IF", "NOT", "EXISTS") || n.prev.IsPunct('.')
	case t.IsPunct('.') || n.prev.IsPunct('.'):
	case strings.EqualFold(n.kind, "TRIGGER"):
		n.triggerHeader(t)
	case strings.EqualFold(n.kind, "EVENT"):
		if t.Is("DO") {
			n.phase, n.start = phaseBody, true
		}
	case n.prev.IsName() && t.IsPunct(':'):
		n.phase, n.start = phaseBody, true
	case beginsBody(n.prev, t) && !(h.body && t.Is("FOR")): // CHECK VIEW … FOR UPGRADE
		n.phase, n.start = phaseBody, true
		n.body(t)
	case !h.body && !isCharacteristic(n.prev, t):
		h.body = true
		n.began = t.Start // a body of another sort, such as FLUSH
	}
}

func (n *nesting) triggerHeader(t sqltext.Token) {
	h := &n.header
	switch {
	case !h.each:
		h.each = n.prev.Is("EACH") && t.Is("ROW")
	case t.IsAny("FOLLOWS", "PRECEDES") && !h.order:
		h.order = true
	case n.prev.IsAny("FOLLOWS", "PRECEDES"):
	default:
		n.phase, n.start = phaseBody, true
		n.body(t)
	}
}

// beginsBody says whether a word behind the parameters of a routine is the
// first of its body. The nesting of others than these does not matter.
func beginsBody(prev, t sqltext.Token) bool {
	switch {
	case t.Is("SET"):
		return !prev.IsAny("CHARACTER", "CHAR", "RETURNS")
	case t.IsAny("BEGIN", "IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"):
		return true
	}
	return t.IsAny("RETURN", "SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "CALL", "DO", "WITH", "SIGNAL",
		"RESIGNAL", "CREATE", "DROP", "ALTER", "TRUNCATE", "PREPARE", "EXECUTE", "START", "COMMIT", "ROLLBACK", "VALUES")
}

// characteristics are the words of a routine between its parameters and its
// body, with those of the type that a function returns.
var characteristics = []string{
	"COMMENT", "LANGUAGE", "SQL", "NOT", "DETERMINISTIC", "CONTAINS", "NO", "READS", "MODIFIES", "DATA", "SECURITY", "DEFINER", "INVOKER",
	"RETURNS", "UNSIGNED", "SIGNED", "ZEROFILL", "CHARACTER", "CHAR", "SET", "CHARSET", "COLLATE", "BINARY", "ASCII", "UNICODE", "BYTE", "PRECISION",
	"VARYING", "VARCHAR", "SONAME", "AGGREGATE", "TYPE", "ROW", "OF", "AS", "IS", "USING",
}

// isCharacteristic says whether a word behind the parameters is no statement.
func isCharacteristic(prev, t sqltext.Token) bool {
	return t.Kind != sqltext.Word || t.IsAny(characteristics...) || prev.IsAny("RETURNS", "CHARSET", "COLLATE", "SET", "LANGUAGE", "OF", "NATIONAL", "LONG")
}

func (n *nesting) push(word string, at sqltext.Token) {
	n.frames = append(n.frames, frame{word: word, at: at, paren: n.paren, wait: word == "IF" || word == "WHILE" || word == "FOR"})
	n.start = word == "BEGIN" || word == "LOOP" || word == "REPEAT"
}

func (n *nesting) body(t sqltext.Token) {
	afterEnd, atStart := n.ended, n.start
	if atStart {
		n.began = t.Start
	}
	n.ended, n.start = false, false
	switch {
	case n.prev.IsPunct('.') || t.Kind != sqltext.Word && !t.IsPunct(':') && !t.IsPunct(','):
		n.declare(t)
	case afterEnd && t.IsAny("IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"):
	case atStart && n.opens(t):
	case t.IsPunct(':') && n.prev.IsName():
		n.start = true
	case t.Is("NOT") && n.prev.Is("BEGIN") || t.Is("ATOMIC") && n.prev.Is("NOT"):
		n.start = true
	case t.Is("CASE"):
		n.push("case", t)
	case t.Is("END") && n.closes(atStart):
		n.closed = n.frames[len(n.frames)-1]
		n.frames = n.frames[:len(n.frames)-1]
		n.ended = true
		n.compound = n.compound || !n.open() && n.closed.word != "case"
	case n.inPackage() && t.Is("BEGIN"):
		n.push("BEGIN", t)
	default:
		n.inside(t, atStart)
	}
}

// opens pushes a frame when a statement of the body is a compound one.
func (n *nesting) opens(t sqltext.Token) bool {
	for _, word := range [...]string{"BEGIN", "IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"} {
		if t.Is(word) {
			n.push(word, t)
			return true
		}
	}
	return false
}

// beforeOperand are words that are reserved on every server and behind which an
// operand stands, so that an END there is a name.
var beforeOperand = []string{
	"CASE", "WHEN", "THEN", "ELSE", "AND", "OR", "NOT", "XOR", "LIKE", "RLIKE", "REGEXP", "BETWEEN", "IN", "DIV", "MOD", "BINARY",
	"INTERVAL", "COLLATE", "IS", "DISTINCT", "ALL",
}

// closes says whether an END ends the innermost frame and is no identifier.
func (n *nesting) closes(atStart bool) bool {
	if !n.open() {
		return false
	}
	switch top := n.frames[len(n.frames)-1]; top.word {
	case "case":
		return n.paren == top.paren && !n.prev.IsAny(beforeOperand...) &&
			(n.prev.Kind != sqltext.Punct || n.prev.IsPunct(')') || n.prev.IsPunct('}') || n.prev.IsPunct('*'))
	case "REPEAT":
		return top.until
	case "PACKAGE":
		return atStart || n.prev.IsAny("AS", "IS")
	default:
		return atStart
	}
}

// fits says whether the word behind the END is the one that the frame wants:
// `END IF` for IF, none of these for BEGIN.
func (f frame) fits(t sqltext.Token) bool {
	switch f.word {
	case "IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR":
		return t.Is(f.word)
	case "BEGIN":
		return !t.IsAny("IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR")
	}
	return true
}

func (n *nesting) inPackage() bool {
	return n.open() && n.frames[len(n.frames)-1].word == "PACKAGE"
}

// inside looks for the words within the innermost frame behind which a
// statement begins.
func (n *nesting) inside(t sqltext.Token, atStart bool) {
	if !n.open() {
		n.declare(t)
		return
	}
	top := &n.frames[len(n.frames)-1]
	switch {
	case top.word == "case":
	case top.wait && (t.Is("THEN") && top.word == "IF" || t.Is("DO") && top.word != "IF" && n.paren == top.paren):
		top.wait = false
		n.start = true
	case top.word == "CASE" && t.Is("THEN"), (top.word == "IF" || top.word == "CASE") && atStart && t.Is("ELSE"):
		n.start = true
	case top.word == "IF" && atStart && t.Is("ELSEIF"):
		top.wait = true
	case top.word == "REPEAT" && atStart && t.Is("UNTIL"):
		top.until = true
	default:
		n.declare(t)
		if atStart && t.Is("DECLARE") {
			n.decl = handlerDeclare
		}
	}
}

// declare follows the conditions of a handler.
func (n *nesting) declare(t sqltext.Token) {
	switch n.decl {
	case handlerNone:
	case handlerDeclare:
		if t.Is("FOR") && n.prev.Is("HANDLER") {
			n.decl = handlerCondition
		}
	case handlerFor, handlerCondition, handlerValue:
		n.decl = handlerMore
		if t.IsAny("SQLSTATE", "VALUE", "NOT") {
			n.decl = handlerValue
		}
	case handlerMore:
		if t.IsPunct(',') {
			n.decl = handlerCondition
			return
		}
		n.decl = handlerNone
		n.start = true
		n.body(t)
	}
}
