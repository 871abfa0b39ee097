package source

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
	"vitess.io/vitess/go/vt/sqlparser"
)

// executes says whether a text holds a comment that some server executes.
func executes(text string) bool {
	l := sqltext.NewScanner(text, sqltext.Mode{})
	for t := l.Next(); t.Kind != sqltext.End; t = l.Next() {
		if t.Kind == sqltext.Open {
			return true
		}
	}
	return false
}

// unwrap replaces the marks around executed comments that every server
// executes by white space of the same length, so that offsets stay.
func unwrap(text string) string {
	if !strings.Contains(text, "/*!") {
		return text
	}
	out := []byte(text)
	l := sqltext.NewScanner(text, sqltext.Mode{})
	both := false
	for t := l.Next(); t.Kind != sqltext.End; t = l.Next() {
		if t.Kind == sqltext.Open {
			both = sqltext.IsForAllServers(t.Text)
		}
		if both && (t.Kind == sqltext.Open || t.Kind == sqltext.Close) {
			sqltext.Blank(out, t.Start, t.End)
		}
	}
	return string(out)
}

// withoutMarks cuts the marks around executed comments out of a body, as the
// server does with the text that it keeps.
func withoutMarks(text string) string {
	if !strings.Contains(text, "/*!") {
		return text
	}
	var b strings.Builder
	l := sqltext.NewScanner(text, sqltext.Mode{})
	from, both := 0, false
	for t := l.Next(); t.Kind != sqltext.End; t = l.Next() {
		if t.Kind == sqltext.Open {
			both = sqltext.IsForAllServers(t.Text)
		}
		if !both || t.Kind != sqltext.Open && t.Kind != sqltext.Close {
			continue
		}
		b.WriteString(text[from:t.Start])
		from = t.End
		if t.Start > 0 && t.End < len(text) && sqltext.IsWordByte(text[t.Start-1]) && sqltext.IsWordByte(text[t.End]) {
			b.WriteByte(' ')
		}
	}
	b.WriteString(text[from:])
	return strings.TrimSpace(b.String())
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
	out = sqltext.OneLine(sqlparser.CanonicalString(tree))
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
// in each column, key and constraint, fillers and synonyms aside. Within one
// they may stand in another order.
func sameWords(a, b string) bool {
	return slices.EqualFunc(wordsOf(a), wordsOf(b), slices.Equal)
}

// wordsOf returns the words, names and literals of each part of a text,
// sorted. Parts end with the commas of the outer parentheses.
func wordsOf(text string) [][]string {
	var out [][]string
	var part []string
	depth := 0
	end := func() {
		slices.Sort(part)
		out = append(out, part)
		part = nil
	}
	for _, t := range sqltext.Tokens(text, sqltext.Mode{}) {
		switch {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
			if depth == 0 {
				end()
			}
		case t.IsPunct(',') && depth == 1:
			end()
		case t.Kind == sqltext.Punct, t.Kind == sqltext.Delimiter:
		default:
			if word := meaning(t); word != "" {
				part = append(part, word)
			}
		}
	}
	end()
	return out
}

// meaning is what of a token is compared, empty for a filler.
func meaning(t sqltext.Token) string {
	word := strings.ToUpper(t.Value())
	if t.Kind == sqltext.Word {
		if s := synonyms[word]; s != "" {
			word = s
		}
		if fillers[word] {
			return ""
		}
	}
	return word
}

// GiveCharacterSet writes a character set and a collation into a CREATE TABLE that
// names neither. Empty ones are not written.
func (st *Statement) GiveCharacterSet(charset, collation string) {
	if st.Kind != ddl.KindTable || st.Verb != "CREATE" || st.Head.Index || !st.leaves("CHARSET", "CHARACTER", "COLLATE") {
		return
	}
	create, ok := st.parsed.(*sqlparser.CreateTable)
	if !ok || create.TableSpec == nil || st.SQL != sqltext.OneLine(sqlparser.CanonicalString(create)) { // something would be lost
		options := ""
		if charset != "" {
			options = " CHARACTER SET " + charset
		}
		if collation != "" {
			options += " COLLATE " + collation
		}
		st.giveOption(options)
		return
	}
	if charset != "" {
		create.TableSpec.Options = append(create.TableSpec.Options, &sqlparser.TableOption{Name: "CHARSET", String: charset, CaseSensitive: true})
	}
	if collation != "" {
		create.TableSpec.Options = append(create.TableSpec.Options, &sqlparser.TableOption{Name: "COLLATE", String: collation, CaseSensitive: true})
	}
	st.SQL = sqltext.OneLine(sqlparser.CanonicalString(create))
}

// GiveEngine writes an engine into a CREATE TABLE that names none.
func (st *Statement) GiveEngine(engine string) { st.giveOption(" ENGINE=" + engine) }

// giveOption writes an option into a CREATE TABLE, behind its columns.
func (st *Statement) giveOption(option string) {
	toks := sqltext.Tokens(st.SQL, sqltext.Mode{})
	at, depth := len(st.SQL), 0
	for i := st.Head.Body; i < len(toks) && at == len(st.SQL); i++ {
		switch t := toks[i]; {
		case depth == 0 && (!t.IsPunct('(') || i+1 < len(toks) && toks[i+1].IsAny("SELECT", "WITH", "VALUES", "TABLE")):
			at = toks[i-1].End // a query without a list of columns
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			if depth--; depth == 0 {
				at = t.End
			}
		}
	}
	st.SQL = st.SQL[:at] + option + st.SQL[at:]
}
