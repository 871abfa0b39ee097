package source

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// How much is taken apart. Whatever is more is refused before anything is parsed
// or copied; a customization may have fewer partitions, see Guard.
const (
	MaxTextLength      = 4 << 20 // bytes
	MaxStatementLength = 1 << 20 // bytes; statements that insert rows may be as large as the text
	MaxStatements      = 100_000
	MaxColumns         = 4096 // of a table, with its keys and constraints: servers take no more columns
	MaxPartitions      = 8192 // that a statement lists, subpartitions included: servers take no more
)

// byteOrderMark may stand at the start of a file.
const byteOrderMark = "\ufeff"

// Split cuts a text into statements by the rules of the mysql client: quotes,
// the three forms of comments, executed comments kept as part of the
// statement, and the DELIMITER command. Bodies of routines, triggers and events
// need no DELIMITER. Comments before and behind a statement are left out, and so are empty statements.
//
// Of each statement Text, Position, Verb, Kind, Object and Table are set, and SQL
// is Text; Parse does more. The error is a *SyntaxError; no statement is returned with it.
func Split(text string) ([]Statement, error) {
	statements, err := split(text)
	if err != nil { // a nil *SyntaxError is no nil error
		return nil, err
	}
	return statements, nil
}

func split(text string) ([]Statement, *SyntaxError) {
	s := splitter{src: plain(text)}
	if len(s.src) > MaxTextLength { // before anything is made of it
		return nil, &SyntaxError{Position: Position{Line: 1, Column: 1}, Reason: fmt.Sprintf("the text has %d bytes, at most %d are read", len(s.src), MaxTextLength)}
	}
	s.src = joinLines(s.src)
	s.lex = sqltext.NewScanner(s.src, sqltext.Mode{})
	s.lex.SetDelimiter(";")
	s.lines = LineStarts(s.src)
	if err := s.check(); err != nil {
		return nil, err
	}
	for s.statement() {
	}
	if s.err != nil {
		return nil, s.err
	}
	return s.out, nil
}

// Joined returns a text as Split reads it: without the marks of its byte order and its
// end, and with the lines joined that the mysql client joins.
func Joined(text string) string { return joinLines(plain(text)) }

// endMark may stand at the end of a file that was written under DOS.
const endMark = "\x1a"

// plain leaves the marks of a file out.
func plain(text string) string {
	text = strings.TrimPrefix(text, byteOrderMark)
	if end := strings.TrimRight(text, " \t\r\n"); strings.HasSuffix(end, endMark) {
		text = strings.TrimRight(end, endMark)
	}
	return text
}

// joinLines makes a blank of a backslash at the end of a line, as the mysql client
// does outside of quotes.
func joinLines(text string) string {
	if !strings.Contains(text, "\\\n") && !strings.HasSuffix(text, "\\") {
		return text
	}
	out := []byte(text)
	l := sqltext.NewScanner(text, sqltext.Mode{})
	for t := l.Next(); t.Kind != sqltext.End; t = l.Next() {
		if t.Kind == sqltext.Punct && t.Text == `\` && endsLine(text, t.End) {
			out[t.Start] = ' '
		}
	}
	return string(out)
}

// endsLine says whether a line ends at an offset.
func endsLine(text string, at int) bool { return at == len(text) || text[at] == '\n' }

// splitter is the state of one Split.
type splitter struct {
	src   string
	lex   *sqltext.Scanner
	size  size // of the statement at hand
	lines Lines
	out   []Statement
	err   *SyntaxError
}

func (s *splitter) fail(at int, format string, args ...any) bool {
	if s.err == nil {
		s.err = &SyntaxError{Position: s.lines.At(at), Reason: fmt.Sprintf(format, args...)}
	}
	return false
}

// check looks at the text as a whole.
func (s *splitter) check() *SyntaxError {
	if at := strings.IndexByte(s.src, 0); at >= 0 {
		s.fail(at, "the text holds a NUL byte")
		return s.err
	}
	if at := invalidUTF8(s.src); at >= 0 {
		s.fail(at, "the text is not valid UTF-8")
		return s.err
	}
	return nil
}

func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

// statement reads up to the next delimiter. It returns false at the end of the
// text and after an error.
func (s *splitter) statement() bool {
	var nest nesting
	s.size = size{}
	first, last := -1, -1 // offsets of the statement
	for {
		t := s.lex.Next()
		switch {
		case s.lex.Err() != nil:
			return s.fail(s.lex.Err().At, "%s", s.lex.Err().Reason)
		case t.Kind == sqltext.End:
			return s.end(&nest, first, last)
		case t.Kind == sqltext.Open && s.lex.Depth() > 1:
			return s.fail(t.Start, "a comment that is executed (`/*!`) stands in another one")
		case t.Kind == sqltext.Comment, t.Kind == sqltext.Hint && first < 0:
			continue
		case first < 0 && s.ruler(t):
			s.lex.SkipLine()
			continue
		case first < 0 && t.Is("USE") && s.usesLine(t):
			s.lex.SkipLine()
			return s.emit(&nest, t.Start, t.Start+len(strings.TrimRight(s.src[t.Start:s.lex.Pos()], " \t\r\n")))
		case first < 0 && t.Is("DELIMITER") && sqltext.StartsLine(s.src, t.Start, true):
			return s.delimiter(t)
		case t.Kind == sqltext.Delimiter && !nest.open(), t.Kind == sqltext.Delimiter && t.Text != ";":
			return s.emit(&nest, first, last)
		case t.Kind == sqltext.Punct && t.Text == `\`:
			if !nest.open() && s.goes(t) {
				s.lex.Next()
				return s.emit(&nest, first, last)
			}
			if !s.backslash(t) {
				return false
			}
		case t.Kind == sqltext.Word && t.Text[0] == '$':
			return s.fail(t.Start, "a word that begins with `$` has to stand in backquotes: servers differ in what it means")
		}
		if first < 0 && !t.IsPunct(';') {
			first = t.Start
		}
		if !t.IsPunct(';') && t.Kind != sqltext.Delimiter || nest.open() {
			last = t.End
		}
		if t.Kind != sqltext.Open && t.Kind != sqltext.Close && t.Kind != sqltext.Hint {
			nest.feed(t)
		}
		s.size.feed(t)
		if t.IsPunct(';') && first >= 0 && s.lex.Depth() == 0 && nest.complete() {
			return s.emit(&nest, first, last)
		}
		if nest.deep.Kind != sqltext.End {
			return s.fail(nest.deep.Start, "parentheses and compound statements are nested more than %d deep", maxNesting)
		}
		if nest.wrong.Kind != sqltext.End {
			return s.unclosed(nest.wrong)
		}
	}
}

// end is the end of the text: the last statement needs no delimiter.
func (s *splitter) end(nest *nesting, first, last int) bool {
	if nest.open() {
		return s.unclosed(nest.frames[len(nest.frames)-1].at)
	}
	if first >= 0 {
		s.emit(nest, first, last)
	}
	return false
}

// unclosed reports a compound statement without its END.
func (s *splitter) unclosed(open sqltext.Token) bool {
	word := strings.ToUpper(open.Text)
	if word == "BEGIN" || word == "PACKAGE" {
		return s.fail(open.Start, "`%s` is never closed by an `END`", word)
	}
	return s.fail(open.Start, "`%s` is never closed by an `END %s`", word, word)
}

// emit keeps one statement.
func (s *splitter) emit(nest *nesting, first, last int) bool {
	if first < 0 {
		return true
	}
	if nest.open() && s.lex.Delimiter() != ";" {
		open := nest.frames[len(nest.frames)-1]
		return s.fail(open.at.Start, "`%s` is not closed by an `END` before the delimiter `%s`", strings.ToUpper(open.at.Text), s.lex.Delimiter())
	}
	st := Statement{Text: s.src[first:last], Position: s.lines.At(first)}
	st.SQL = st.Text
	st.classify()
	if len(st.Text) > MaxStatementLength && st.Verb != "INSERT" && st.Verb != "REPLACE" {
		return s.fail(first, "the statement has %d bytes, at most %d are allowed", len(st.Text), MaxStatementLength)
	}
	if reason := s.size.excess(&st); reason != "" {
		return s.fail(first, "%s", reason)
	}
	if len(s.out) == MaxStatements {
		return s.fail(first, "the text has more than %d statements", MaxStatements)
	}
	s.out = append(s.out, st)
	return true
}

// size counts what a statement lists.
type size struct {
	depth      int
	lists      int // pairs of parentheses so far, those within others aside
	elements   int // commas of the first of them
	partitions int
	prev       sqltext.Token
}

func (z *size) feed(t sqltext.Token) {
	switch {
	case t.IsPunct('('):
		if z.depth++; z.depth == 1 {
			z.lists++
		}
	case t.IsPunct(')'):
		z.depth--
	case t.IsPunct(',') && z.depth == 1 && z.lists == 1:
		z.elements++
	case t.IsAny("PARTITION", "SUBPARTITION") && (z.prev.IsPunct('(') || z.prev.IsPunct(',')):
		z.partitions++
	}
	z.prev = t
}

// excess says of what a table has more than any server takes, "" when it is in
// bounds.
func (z *size) excess(st *Statement) string {
	switch {
	case st.Kind != ddl.KindTable || st.Head.Index || st.Verb != "CREATE" && st.Verb != "ALTER":
		return ""
	case z.partitions > MaxPartitions:
		return fmt.Sprintf("the statement lists %d partitions, at most %d are allowed", z.partitions, MaxPartitions)
	case z.elements >= MaxColumns && st.Verb == "CREATE":
		return fmt.Sprintf("the table has more than %d columns, keys and constraints", MaxColumns)
	}
	return ""
}

// ruler says whether a token begins a line of dashes, or a comment without the
// blank behind its dashes. The mysql client skips a line that begins with `--`
// where a statement could begin, whatever follows; the server never sees it.
func (s *splitter) ruler(t sqltext.Token) bool {
	return t.IsPunct('-') && strings.HasPrefix(s.src[t.Start:], "--") && sqltext.StartsLine(s.src, t.Start, false)
}

// delimiter takes the DELIMITER command, which ends with its line.
func (s *splitter) delimiter(t sqltext.Token) bool {
	s.lex.SkipLine()
	delimiter, problem := sqltext.ReadDelimiter(s.src[t.End:s.lex.Pos()])
	if problem != "" {
		return s.fail(t.Start, "%s", problem)
	}
	s.lex.SetDelimiter(delimiter)
	return true
}

// usesLine says whether a USE ends with its line, as the mysql client has it where the
// delimiter does not stand in it.
func (s *splitter) usesLine(t sqltext.Token) bool {
	line, _, _ := strings.Cut(s.src[t.End:], "\n")
	return sqltext.StartsLine(s.src, t.Start, false) && strings.TrimSpace(line) != "" && !strings.Contains(line, s.lex.Delimiter())
}

// goes says whether a backslash begins `\g` or `\G`, which end a statement in the mysql
// client.
func (s *splitter) goes(t sqltext.Token) bool {
	return t.End < len(s.src) && (s.src[t.End] == 'g' || s.src[t.End] == 'G') && (t.End+1 == len(s.src) || !sqltext.IsWordByte(s.src[t.End+1]))
}

// backslash takes `\N`, an old way to write NULL. Everything else is a command
// of the mysql client.
func (s *splitter) backslash(t sqltext.Token) bool {
	if strings.HasPrefix(s.src[t.End:], "N") && (t.End+1 == len(s.src) || !sqltext.IsWordByte(s.src[t.End+1])) {
		return true
	}
	return s.fail(t.Start, "a backslash outside of quotes begins a command of the mysql client: only SQL can stand here")
}

// Lines finds the position of an offset.
type Lines []int // the offset at which each line begins

// LineStarts finds the lines of a text.
func LineStarts(text string) Lines {
	starts := Lines{0}
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// At returns the position of an offset.
func (l Lines) At(offset int) Position {
	low, high := 0, len(l)
	for high-low > 1 {
		if mid := (low + high) / 2; l[mid] <= offset {
			low = mid
		} else {
			high = mid
		}
	}
	return Position{Line: low + 1, Column: offset - l[low] + 1}
}
