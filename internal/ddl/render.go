package ddl

import (
	"strings"

	"vitess.io/vitess/go/vt/sqlparser"
)

// bothExecute says whether `/*!NNNNN` is executed by every server: five digits,
// and a version that MariaDB does not take for one of MySQL only (it skips
// 50700 to 99999).
func bothExecute(mark string) bool {
	digits, ok := strings.CutPrefix(mark, "/*!")
	return ok && len(digits) == 5 && digits < "50700"
}

// unwrap replaces the marks around executed comments that every server
// executes by white space of the same length, so that offsets stay.
func unwrap(text string) string {
	if !strings.Contains(text, "/*!") {
		return text
	}
	out := []byte(text)
	l := lexer{src: text}
	both := false
	for t := l.next(); t.kind != tokEnd; t = l.next() {
		if t.kind == tokOpen {
			both = bothExecute(t.text)
		}
		if both && (t.kind == tokOpen || t.kind == tokClose) {
			for i := t.start; i < t.end; i++ {
				out[i] = ' '
			}
		}
	}
	return string(out)
}

// OneLine folds white space outside of quotes into single blanks and drops
// comments. It changes no token, so the SQL means the same, but for what a
// server keeps as written: bodies of routines, and the names of columns of a
// view that have none.
func OneLine(sql string) string {
	var b strings.Builder
	b.Grow(len(sql))
	l := lexer{src: sql}
	var last token
	for t := l.next(); t.kind != tokEnd; t = l.next() {
		if t.kind == tokComment {
			continue
		}
		gap := last.end < t.start && last.kind != tokEnd
		if gap && !last.punct('(') && !t.punct(')') && !t.punct(',') {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
		last = t
	}
	if l.err != nil { // a text that never ends: keep what is left as it is
		b.WriteString(sql[last.end:])
	}
	return b.String()
}

// canonical prints a parsed statement on one line. It says false when the
// printed form has lost or gained anything against the text.
func canonical(tree sqlparser.Statement, text string) (out string, ok bool) {
	defer func() {
		if recover() != nil {
			out, ok = "", false
		}
	}()
	if hasUnnamed(tree) {
		return "", false
	}
	out = OneLine(sqlparser.CanonicalString(tree))
	return out, sameWords(text, out)
}

// hasUnnamed says whether a view selects an expression without a name: the
// server makes one of its text.
func hasUnnamed(tree sqlparser.Statement) bool {
	if _, ok := tree.(*sqlparser.CreateView); !ok {
		return false
	}
	found := false
	_ = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
		if e, ok := node.(*sqlparser.AliasedExpr); ok && e.As.IsEmpty() {
			_, column := e.Expr.(*sqlparser.ColName)
			found = found || !column
		}
		return !found, nil
	}, tree)
	return found
}

// fillers are words that may come and go without a change of meaning. What
// they introduce is compared.
var fillers = map[string]bool{
	"KEY": true, "INDEX": true, "AS": true, "CHARACTER": true, "CHARSET": true, "SET": true, "COLUMN": true, "DEFAULT": true,
	"TO": true, "INNER": true, "OUTER": true, "ASC": true, "CREATE": true, "ALTER": true, "TABLE": true, "ADD": true, "ON": true, "GENERATED": true, "ALWAYS": true, "VIRTUAL": true,
}

// synonyms are words that mean the same.
var synonyms = map[string]string{
	"INTEGER": "INT", "BOOL": "BOOLEAN", "NUMERIC": "DECIMAL", "INT4": "INT", "INT8": "BIGINT",
	"NOW": "CURRENT_TIMESTAMP", "SCHEMA": "DATABASE", "DISTINCTROW": "DISTINCT", "RLIKE": "REGEXP",
}

// sameWords says whether two statements hold the same words, names and literals
// in any order, fillers and synonyms aside.
func sameWords(a, b string) bool {
	counts := map[string]int{}
	for _, w := range comparable(a) {
		counts[w]++
	}
	for _, w := range comparable(b) {
		counts[w]--
	}
	for _, n := range counts {
		if n != 0 {
			return false
		}
	}
	return true
}

// comparable returns the words, names and literals of a text.
func comparable(text string) []string {
	var out []string
	for _, t := range tokens(text) {
		switch t.kind {
		case tokPunct, tokDelimiter:
			continue
		case tokString:
			out = append(out, strings.ToUpper(t.name()))
			continue
		}
		word := strings.ToUpper(t.name())
		if s := synonyms[word]; s != "" {
			word = s
		}
		if t.kind == tokName || !fillers[word] {
			out = append(out, word)
		}
	}
	return out
}
