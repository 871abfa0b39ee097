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

// maxPredicate is the longest condition that is taken, in bytes.
const maxPredicate = 16 << 10

// PredicateError says why a text cannot stand in a WHERE that an administrator
// runs.
type PredicateError struct {
	Position
	Reason string // is a sentence without a full stop
}

// Error returns the position and the reason.
func (e *PredicateError) Error() string { return fmt.Sprintf("%s: %s", e.Position, e.Reason) }

// PredicateTables judges whether a text is one condition on the rows of a table
// and nothing else: `status = 'open' AND id IN (SELECT …)`. It must not end the
// statement that it is put into, nor call anything that is not a pure built-in
// function: stored functions, and functions that wait, lock, write or tell about
// the server, are refused because only functions from a list are taken. A
// subquery reads tables of the database at hand; nothing in it may have the name
// of a database of others, see Server.Others.
//
// It returns the tables that the subqueries read, sorted. They may be views,
// which run with the rights of somebody else: the caller has to ask what they are.
//
// What is refused is refused by the tokens of the text; that vitess also parses
// it, and reads the same tables and no database, is asked for in addition. The
// error is a *PredicateError.
func PredicateTables(text string, srv ddl.Server) ([]string, error) {
	if srv.Others.Pass() {
		return nil, nil
	}
	p := &predicate{text: text, lines: LineStarts(text[:min(len(text), maxPredicate)])} // shape refuses what is longer
	if err := p.shape(); err != nil {
		return nil, err
	}
	for i := range p.toks {
		if reason := p.judge(i); reason != "" {
			return nil, p.fault(p.toks[i].Start, "%s", reason)
		}
	}
	names, err := p.names(srv)
	if err != nil {
		return nil, err
	}
	return names, p.parse(srv, names)
}

// predicate is the state of one check.
type predicate struct {
	text  string
	lines Lines
	toks  []sqltext.Token
}

func (p *predicate) fault(at int, format string, args ...any) error {
	return &PredicateError{Position: p.lines.At(at), Reason: fmt.Sprintf(format, args...)}
}

// shape reads the tokens. Comments are refused whatever they hold: one could
// hide the parenthesis that closes the condition.
func (p *predicate) shape() error {
	switch {
	case len(p.text) > maxPredicate:
		return p.fault(0, "a condition has at most %d bytes", maxPredicate)
	case !utf8.ValidString(p.text) || strings.ContainsRune(p.text, 0):
		return p.fault(0, "a condition is text in UTF-8 without NUL characters")
	case strings.TrimSpace(p.text) == "":
		return p.fault(0, "the condition is empty")
	}
	l := sqltext.NewScanner(p.text, sqltext.Mode{})
	depth := 0
	for t := l.Next(); t.Kind != sqltext.End; t = l.Next() {
		switch {
		case t.Kind == sqltext.Comment, t.Kind == sqltext.Hint, t.Kind == sqltext.Open, t.Kind == sqltext.Close:
			return p.fault(t.Start, "a condition holds no comments")
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		}
		if depth < 0 || depth > maxNesting {
			return p.fault(t.Start, "the parentheses do not match, or are nested more than %d deep", maxNesting)
		}
		p.toks = append(p.toks, t)
	}
	switch {
	case l.Err() != nil:
		return p.fault(l.Err().At, "%s", l.Err().Reason)
	case depth != 0:
		return p.fault(len(p.text), "a parenthesis is never closed")
	}
	return nil
}

// refusedWords are words that no condition needs, and what is wrong with them.
var refusedWords = map[string]string{
	"INTO":       "`INTO` writes",
	"PROCEDURE":  "`PROCEDURE` runs a procedure",
	"WITH":       "`WITH` cannot stand in a condition; write the subquery where it is used",
	"LOCK":       "`LOCK` makes others wait",
	"OUTFILE":    "`OUTFILE` writes a file",
	"DUMPFILE":   "`DUMPFILE` writes a file",
	"JSON_TABLE": "`JSON_TABLE` cannot stand in a condition",
}

// judge says what is wrong with a token, "" when nothing is.
func (p *predicate) judge(i int) string {
	t := p.toks[i]
	switch {
	case t.IsPunct(';'):
		return "`;` ends the statement; write one condition"
	case t.Kind == sqltext.Variable:
		return "`" + sqltext.OneLine(t.Text) + "` is a variable; write the value itself"
	case t.Kind == sqltext.Punct && strings.Contains("?:{}\\", t.Text):
		return "`" + t.Text + "` has no meaning in a condition"
	case p.is(i, "FOR") && (p.is(i+1, "UPDATE") || p.is(i+1, "SHARE")):
		return "`FOR UPDATE` and `FOR SHARE` make others wait"
	case (p.is(i, "NEXT") || p.is(i, "PREVIOUS")) && p.is(i+1, "VALUE"):
		return "`" + strings.ToUpper(t.Text) + " VALUE` belongs to sequences"
	}
	if reason := refusedWords[strings.ToUpper(t.Text)]; t.Kind == sqltext.Word && reason != "" && !p.punct(i-1, '.') {
		return reason
	}
	if t.IsName() && p.punct(i+1, '(') {
		return p.call(i)
	}
	return ""
}

func (p *predicate) is(i int, word string) bool {
	return i >= 0 && i < len(p.toks) && p.toks[i].Is(word)
}

func (p *predicate) punct(i int, c byte) bool {
	return i >= 0 && i < len(p.toks) && p.toks[i].IsPunct(c)
}

// call judges a name in front of a parenthesis. A quoted or qualified name can
// be a stored function.
func (p *predicate) call(i int) string {
	name := strings.ToUpper(p.toks[i].Value())
	plain := p.toks[i].Kind == sqltext.Word && !p.punct(i-1, '.')
	if plain && (slices.Contains(wordsBeforeGroups, name) || slices.Contains(pureFunctions, name)) {
		return ""
	}
	return "`" + name + "()` is not among the functions that a condition may call"
}

// names returns the tables that are read, and refuses names of databases.
func (p *predicate) names(srv ddl.Server) ([]string, error) {
	g := &guard{st: &Statement{Text: p.text, Position: Position{Line: 1, Column: 1}, server: srv}, toks: p.toks}
	s := g.names()
	if len(g.faults) > 0 {
		return nil, &PredicateError{Position: g.faults[0].Position, Reason: "a database is named; a condition reads tables of its own database, by their bare names"}
	}
	if g.others(); len(g.faults) > 0 {
		return nil, &PredicateError{Position: g.faults[0].Position, Reason: "what stands before the dot has the name of a database of others; a condition reads tables of its own database, and an alias has to be called otherwise"}
	}
	var names []string
	for _, t := range s.tables {
		if !t.Is("DUAL") {
			names = append(names, t.Value())
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// parse has vitess read the condition, and compares the tables that it reads with
// those that the tokens say.
func (p *predicate) parse(srv ddl.Server, names []string) error {
	tree, err := parseStrict(newParser(srv), "SELECT 1 FROM t WHERE ("+p.text+")")
	if err != nil {
		return p.syntax(err)
	}
	query, ok := tree.(*sqlparser.Select)
	if !ok || query.Where == nil || len(query.From) != 1 || query.GroupBy != nil || query.Having != nil || query.Limit != nil ||
		len(query.OrderBy) > 0 || query.Into != nil || query.With != nil {
		return p.fault(0, "this is more than one condition")
	}
	databases, err := treeDatabases(query)
	if err != nil || len(databases) > 0 {
		return p.fault(0, "a database is named; a condition reads tables of its own database, by their bare names")
	}
	tables, err := treeTables(query.Where)
	tables = slices.DeleteFunc(tables, func(name string) bool { return strings.EqualFold(name, "dual") })
	if err != nil || !slices.Equal(tables, names) {
		return p.fault(0, "it is not certain which tables the condition reads; write it in a plainer way")
	}
	return nil
}

// syntax is the error of a text that vitess does not parse.
func (p *predicate) syntax(err error) error {
	var positioned sqlparser.PositionedErr
	if errors.As(err, &positioned) {
		positioned.Pos -= len("SELECT 1 FROM t WHERE (")
		if t := offending(p.toks, positioned); t.Kind != sqltext.End {
			return p.fault(t.Start, "`%s` is not understood here", sqltext.OneLine(t.Text))
		}
	}
	return p.fault(len(strings.TrimRight(p.text, " \t\r\n")), "the condition ends too early, or is not understood")
}

// wordsBeforeGroups are words that a parenthesis may follow and that call
// nothing: operators, clauses of subqueries, types of CAST.
var wordsBeforeGroups = strings.Fields(`
	AND OR XOR NOT IN LIKE RLIKE REGEXP BETWEEN IS DIV MOD BINARY ANY ALL SOME EXISTS CASE WHEN THEN ELSE INTERVAL ROW ESCAPE OF
	SELECT DISTINCT FROM WHERE HAVING ON USING JOIN BY UNION EXCEPT INTERSECT LIMIT OFFSET AS AGAINST VALUES
	CHAR VARCHAR NCHAR DECIMAL DATETIME TIME TIMESTAMP DATE FLOAT`)

// pureFunctions are built-in functions that compute a value of their arguments,
// or tell the time. Those that are random (RAND, UUID) are not among them: a
// condition that is asked twice has to give the same rows.
var pureFunctions = strings.Fields(`
	ABS ACOS ASIN ATAN ATAN2 CEIL CEILING CONV COS COT CRC32 DEGREES EXP FLOOR GREATEST LEAST LN LOG LOG10 LOG2 PI POW POWER
	RADIANS ROUND SIGN SIN SQRT TAN TRUNCATE BIT_COUNT
	ASCII BIN BIT_LENGTH CHAR_LENGTH CHARACTER_LENGTH CONCAT CONCAT_WS ELT EXPORT_SET FIELD FIND_IN_SET FORMAT FROM_BASE64 HEX
	INSERT INSTR LCASE LEFT LENGTH LOCATE LOWER LPAD LTRIM MAKE_SET MID OCT OCTET_LENGTH ORD POSITION QUOTE REPEAT REPLACE REVERSE
	RIGHT RPAD RTRIM SOUNDEX SPACE STRCMP SUBSTR SUBSTRING SUBSTRING_INDEX TO_BASE64 TRIM UCASE UNHEX UPPER WEIGHT_STRING
	REGEXP_INSTR REGEXP_LIKE REGEXP_REPLACE REGEXP_SUBSTR MD5 SHA SHA1 SHA2
	ADDDATE ADDTIME CONVERT_TZ CURDATE CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURTIME DATE_ADD DATE_FORMAT DATE_SUB DATEDIFF
	DAY DAYNAME DAYOFMONTH DAYOFWEEK DAYOFYEAR EXTRACT FROM_DAYS FROM_UNIXTIME GET_FORMAT HOUR LAST_DAY LOCALTIME LOCALTIMESTAMP
	MAKEDATE MAKETIME MICROSECOND MINUTE MONTH MONTHNAME NOW PERIOD_ADD PERIOD_DIFF QUARTER SEC_TO_TIME SECOND STR_TO_DATE SUBDATE
	SUBTIME TIME_FORMAT TIME_TO_SEC TIMEDIFF TIMESTAMPADD TIMESTAMPDIFF TO_DAYS TO_SECONDS UNIX_TIMESTAMP UTC_DATE UTC_TIME
	UTC_TIMESTAMP WEEK WEEKDAY WEEKOFYEAR YEAR YEARWEEK
	CAST COALESCE CONVERT IF IFNULL ISNULL NULLIF NVL NVL2 MATCH COUNT SUM MIN MAX AVG
	BIN_TO_UUID UUID_TO_BIN IS_UUID INET_ATON INET_NTOA INET6_ATON INET6_NTOA IS_IPV4 IS_IPV6
	JSON_ARRAY JSON_CONTAINS JSON_CONTAINS_PATH JSON_DEPTH JSON_EXTRACT JSON_KEYS JSON_LENGTH JSON_OBJECT JSON_OVERLAPS JSON_QUOTE
	JSON_SEARCH JSON_TYPE JSON_UNQUOTE JSON_VALID JSON_VALUE JSON_EXISTS JSON_QUERY JSON_COMPACT
	ST_ASBINARY ST_ASTEXT ST_CONTAINS ST_CROSSES ST_DISJOINT ST_DISTANCE ST_DISTANCE_SPHERE ST_EQUALS ST_GEOMFROMTEXT ST_INTERSECTS
	ST_OVERLAPS ST_SRID ST_TOUCHES ST_WITHIN ST_X ST_Y ST_LATITUDE ST_LONGITUDE MBRCONTAINS MBRWITHIN MBRINTERSECTS POINT`)
