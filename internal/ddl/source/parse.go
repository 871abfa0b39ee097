package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
	"vitess.io/vitess/go/vt/sqlparser"
)

// maxParsed is the longest statement that vitess is given. It recurses along
// chains of operators too, which no count of parentheses sees.
const maxParsed = 256 << 10

// Parse splits a text, says what each statement is, and parses what vitess can
// parse. Statement.SQL becomes, for tables, views, indexes and alterations, the
// canonical form on one line when nothing of the text is lost in it; for
// routines, triggers and events the text as written; for all others the text on
// one line. Comments that both products execute (`/*!40101 … */`) are unwrapped.
//
// A text that cannot be split is one fault and no statement. Statements with
// faults are returned too.
func Parse(text string, srv ddl.Server) ([]Statement, []Fault) {
	statements, syntax := split(text)
	if syntax != nil {
		return nil, []Fault{{
			Position: syntax.Position, Code: CodeSyntax, Severity: SeverityError, Summary: "SQL cannot be split into statements",
			Detail: sentence(syntax.Reason),
		}}
	}
	parser := newParser(srv)
	var faults []Fault
	for i := range statements {
		if f := statements[i].parse(parser, srv); f != nil {
			faults = append(faults, *f)
		}
	}
	return statements, faults
}

// sentence makes one of a reason.
func sentence(reason string) string {
	return strings.ToUpper(reason[:1]) + reason[1:] + "."
}

// parse fills SQL and the parsed form.
func (st *Statement) parse(parser *sqlparser.Parser, srv ddl.Server) *Fault {
	st.server = srv
	plain := unwrap(st.Text)
	st.SQL = st.render(plain)
	if !sameTokens(st.Text, st.SQL) {
		return &Fault{Position: st.Position, Code: CodeStatement, Severity: SeverityError, Summary: summaryStatement, Detail: ambiguous}
	}
	if !st.parsable() || len(plain) > maxParsed || strings.Contains(plain, "/*") && executes(plain) {
		return nil
	}
	tree, err := parseStrict(parser, plain)
	if err != nil {
		return st.syntaxFault(plain, err)
	}
	st.parsed = tree
	if canonical, ok := canonical(tree, plain); ok {
		st.SQL = canonical
	}
	return nil
}

// ambiguous is the detail of a fault about a text that has more than one meaning.
const ambiguous = "This is read in no certain way. Write it in a plainer way."

// sameTokens says whether two texts are the same tokens. What is sent has to be
// what was judged: where something is left out between two tokens, they may make
// another one, such as the beginning of a comment.
func sameTokens(a, b string) bool {
	if a == b {
		return true
	}
	x, y := sqltext.NewScanner(a, sqltext.Mode{}), sqltext.NewScanner(b, sqltext.Mode{})
	for {
		s, t := nextToken(x), nextToken(y)
		if s.Kind != t.Kind || s.Text != t.Text {
			return false
		}
		if s.Kind == sqltext.End {
			return x.Err() == nil && y.Err() == nil
		}
	}
}

// nextToken returns the next token that is not about comments.
func nextToken(l *sqltext.Scanner) sqltext.Token {
	for {
		switch t := l.Next(); t.Kind {
		case sqltext.Comment, sqltext.Hint, sqltext.Open, sqltext.Close:
		default:
			return t
		}
	}
}

// render is the SQL of a statement without a parsed form.
func (st *Statement) render(plain string) string {
	switch {
	case st.isRoutine():
		return withoutMarks(st.Text)
	case st.Kind == ddl.KindView && st.Verb == "CREATE":
		// The text of an expression without a name becomes the name of a
		// column, white space included.
		return strings.TrimSpace(plain)
	}
	return sqltext.OneLine(plain)
}

// isRoutine says whether the statement may hold a body that the server keeps as
// written.
func (st *Statement) isRoutine() bool {
	switch st.Kind {
	case ddl.KindProcedure, ddl.KindFunction, ddl.KindTrigger, ddl.KindEvent, ddl.KindPackage, ddl.KindPackageBody:
		return true
	}
	return false
}

// HasDefiner says whether what the statement is about belongs to an account.
func (st *Statement) HasDefiner() bool { return st.isRoutine() || st.Kind == ddl.KindView }

// parsable says whether vitess' grammar covers statements of this sort.
func (st *Statement) parsable() bool {
	switch {
	case st.Kind == ddl.KindTable && (st.Verb == "CREATE" || st.Verb == "ALTER"):
		return true
	case st.Kind == ddl.KindView && st.Verb == "CREATE":
		return true
	}
	return false
}

// parseStrict parses one statement. A panic of the parser becomes an error.
func parseStrict(parser *sqlparser.Parser, text string) (tree sqlparser.Statement, err error) {
	defer func() {
		if r := recover(); r != nil {
			tree, err = nil, fmt.Errorf("parser failed: %v", r)
		}
	}()
	return parser.ParseStrictDDL(text)
}

// beyondParser are words of SQL that servers take and vitess does not. A
// statement with one of them that does not parse is left to the server.
var beyondParser = []string{
	// Types and attributes that only source text has.
	"PRECISION", "DEC", "FIXED", "NCHAR", "NVARCHAR", "NATIONAL", "CHARACTER", "VARYING", "VARCHARACTER", "ZEROFILL",
	"INT1", "INT2", "INT3", "INT4", "INT8", "MIDDLEINT", "LONG", "SERIAL", "PERSISTENT", "REF_SYSTEM_ID", "CHECK", "USING",
	// MySQL.
	"MAXVALUE", "STORAGE", "INTERSECT", "EXCEPT", "AUTOEXTEND_SIZE", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE",
	"ENFORCED", "WINDOW", "RETURNING", "SOUNDS", "LATERAL", "JSON_TABLE", "DUALITY", "SECONDARY_LOAD", "SECONDARY_UNLOAD", "TABLESPACE", "QUALIFY", "MANUAL", "HISTOGRAM",
	// MariaDB.
	"UUID", "INET4", "INET6", "CURDATE", "CURTIME", "CURRENT_DATE", "CURRENT_TIME", "IGNORE", "IGNORED", "PERIOD", "SYSTEM", "VERSIONING", "PAGE_COMPRESSED",
	"PAGE_COMPRESSION_LEVEL", "ENCRYPTED", "ENCRYPTION_KEY_ID", "TRANSACTIONAL", "PAGE_CHECKSUM", "VECTOR", "NEXTVAL", "LASTVAL",
	"SYSTEM_TIME", "FETCH", "MINUS", "MEDIAN", "PERCENTILE_CONT", "PERCENTILE_DISC", "NEXT", "PREVIOUS", "REPLACE", "EXISTS", "OVERLAPS", "COMPRESSED", "NOWAIT", "WAIT", "SEQUENCE", "XMLTYPE",
	"VARCHAR2", "NUMBER", "RAW", "CLOB", "LIST", "ROWNUM", "IETF_QUOTES", "DELAY_KEY_WRITE", "YES", "NO",
}

// stopsParser are words at which vitess stops and servers go on: ALTER TABLE t ADD (a INT,
// KEY (a)), ADD INDEX i TYPE BTREE (a), ADD PARTITION (…), (…); ALTER ONLINE
// TABLE; JSON_ARRAYAGG(DISTINCT a).
var stopsParser = []string{"PARTITION", "KEY", "INDEX", "UNIQUE", "PRIMARY", "FULLTEXT", "SPATIAL", "CONSTRAINT", "FOREIGN", "TYPE", "ONLINE", "EXCLUDE", "AT", "DISTINCT"}

// reservedByMySQL are the keywords of MySQL that are no keywords of MariaDB, or
// none that need backquotes there. vitess reserves them.
var reservedByMySQL = []string{
	"CUBE", "CUME_DIST", "DENSE_RANK", "EMPTY", "FIRST_VALUE", "FUNCTION", "GROUPING", "GROUPS", "JSON_TABLE", "LAG",
	"LAST_VALUE", "LATERAL", "LEAD", "NTH_VALUE", "NTILE", "OF", "PERCENT_RANK", "RANK", "ROW_NUMBER", "SYSTEM", "WINDOW",
}

// beyondVitess says whether a token is one that servers take and vitess does
// not: a word of beyondParser, a name without backquotes in other letters than
// ASCII, or the brace of an ODBC escape (`{ts '…'}`).
func beyondVitess(t sqltext.Token) bool {
	return t.IsAny(beyondParser...) || t.IsPunct('{') ||
		t.Kind == sqltext.Word && strings.ContainsFunc(t.Text, func(r rune) bool { return r >= utf8.RuneSelf })
}

// altersBeyondVitess says whether an ALTER TABLE has a clause that servers take and
// vitess does not: an order of rows, or a number of further partitions.
func altersBeyondVitess(toks []sqltext.Token) bool {
	for i := range toks[:max(len(toks)-1, 0)] {
		if toks[i].Is("ORDER") && toks[i+1].Is("BY") || toks[i].Is("PARTITION") && toks[i+1].Is("PARTITIONS") {
			return true
		}
	}
	return false
}

// syntaxFault is the fault of a statement that vitess does not parse, nil when
// the server has to judge it.
func (st *Statement) syntaxFault(plain string, err error) *Fault {
	toks := sqltext.Tokens(plain, sqltext.Mode{})
	if slices.ContainsFunc(toks, beyondVitess) || st.Verb == "ALTER" && altersBeyondVitess(toks) || st.Kind == ddl.KindView && slices.ContainsFunc(toks, func(t sqltext.Token) bool { return t.IsAny("TABLE", "VALUES") }) ||
		st.Kind == ddl.KindTable && st.Verb == "CREATE" && !st.Head.Index && st.MadeOfQuery() {
		return nil
	}
	f := &Fault{Position: st.Position, Code: CodeSyntax, Severity: SeverityError, Summary: "SQL syntax error"}
	var positioned sqlparser.PositionedErr
	if !errors.As(err, &positioned) {
		f.Detail = fmt.Sprintf("%s is not understood.", UpperFirst(st.What()))
		return f
	}
	if t := offending(toks, positioned); t.Kind != sqltext.End {
		if t.IsAny(stopsParser...) || t.IsPunct(',') && nextToken(sqltext.NewScanner(plain[t.End:], sqltext.Mode{})).Is("PARTITION") || st.server.Product == ddl.MariaDB && t.IsAny(reservedByMySQL...) {
			return nil
		}
		f.Position = st.PositionOf(t.Start)
		f.Detail = fmt.Sprintf("`%s` is not understood here, in %s.", sqltext.OneLine(t.Text), st.What())
		return f
	}
	f.Position = st.PositionOf(len(strings.TrimRight(plain, " \t\r\n")))
	f.Detail = fmt.Sprintf("The statement ends too early: %s.", st.What())
	return f
}

// offending returns the token at which vitess stopped, a zero one when that is
// the end of the text. vitess says where the token ends, plus one, and what it
// is unless it is punctuation; the end of the text looks like punctuation.
func offending(toks []sqltext.Token, err sqlparser.PositionedErr) sqltext.Token {
	depth := 0
	for i, t := range toks {
		if t.IsPunct('(') {
			depth++
		} else if t.IsPunct(')') {
			depth--
		}
		if t.End < err.Pos-1 {
			continue
		}
		last := i == len(toks)-1
		if err.Near == "" && last && (t.Kind != sqltext.Punct || depth > 0) {
			break
		}
		return t
	}
	return sqltext.Token{}
}

// What names a statement in a sentence: "`CREATE TABLE users`".
func (st *Statement) What() string {
	switch {
	case st.Kind != "" && st.Object != "" && st.Head.Index:
		return fmt.Sprintf("`%s INDEX` on table `%s`", st.Verb, st.Object)
	case st.Kind != "" && st.Object != "":
		return fmt.Sprintf("`%s %s %s`", st.Verb, strings.ToUpper(string(st.Kind)), st.Object)
	case st.Head.Other != "":
		return fmt.Sprintf("`%s %s`", st.Verb, st.Head.Other)
	case st.Verb != "":
		return fmt.Sprintf("`%s`", st.Verb)
	}
	return "this statement"
}
