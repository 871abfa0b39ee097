package source

import (
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// ParseOwn parses and guards a text that may name the database it is for, the
// first of rules.Databases, before its own objects. The statements are without
// that name, so that they mean the same in a database of another name: what is
// tried in a scratch database must not reach the real one. They are guarded
// again, and then no qualified name is allowed at all.
func ParseOwn(text string, srv ddl.Server, rules Rules) ([]Statement, []Fault) {
	statements, faults := guarded(text, srv, rules)
	if len(rules.Databases) == 0 || HasErrors(faults) {
		return statements, faults
	}
	plain, alone := unqualify(text, rules.Databases[0], blanks)
	if plain == text {
		return statements, faults
	}
	if len(alone) > 0 {
		p := LineStarts(text).At(alone[len(alone)-1].Start)
		return statements, append(faults, Fault{Position: p, Code: CodeDatabase, Severity: SeverityError, Summary: summaryDatabase,
			Detail: fmt.Sprintf("`%s` is the tenant's own database, and stands for something else here. Choose another name, or leave the database out where it is named: it is the default.", rules.Databases[0])})
	}
	without, more := guarded(plain, srv, Rules{Layer: rules.Layer})
	if len(without) != len(statements) || HasErrors(more) {
		return statements, append(faults, more...)
	}
	for i := range without {
		if !without[i].isRoutine() {
			continue
		}
		// The server keeps the text as it is sent.
		without[i].SQL, _ = unqualify(statements[i].SQL, rules.Databases[0], nothing)
		if !sameTokens(without[i].Text, without[i].SQL) {
			faults = append(faults, Fault{Position: without[i].Position, Code: CodeStatement, Severity: SeverityError, Summary: summaryStatement, Detail: ambiguous})
		}
	}
	return without, faults
}

// guarded parses a text and guards its statements.
func guarded(text string, srv ddl.Server, rules Rules) ([]Statement, []Fault) {
	statements, faults := Parse(text, srv)
	for _, st := range statements {
		faults = append(faults, Guard(st, rules)...)
	}
	return statements, faults
}

// Unqualify takes the name of a database away where it stands before a dot, as
// ParseOwn does. What follows keeps its place in the text.
func Unqualify(text, database string) (plain string, alone []sqltext.Token) {
	return unqualify(text, database, blanks)
}

// unqualify takes the name of a database away where it stands before a dot, with
// the dot and what comes before the next name; instead says what comes in the place
// of the text that goes. alone is where the name stands for something else while
// it is a database elsewhere in the text: then nobody can say which of the two is
// meant.
func unqualify(text, database string, instead func(string) string) (plain string, alone []sqltext.Token) {
	toks := sqltext.Tokens(text, sqltext.Mode{})
	var b strings.Builder
	last := 0
	for i, t := range toks {
		if !t.IsName() || t.Value() != database || i > 0 && toks[i-1].IsPunct('.') {
			continue
		}
		if i+2 >= len(toks) || !toks[i+1].IsPunct('.') {
			alone = append(alone, t)
			continue
		}
		b.WriteString(text[last:t.Start] + instead(text[t.Start:toks[i+2].Start]))
		last = toks[i+2].Start
	}
	if last == 0 {
		return text, nil
	}
	return b.String() + text[last:], alone
}

// blanks keeps the places of what follows: line ends stay, every other byte
// becomes a blank.
func blanks(text string) string {
	out := []byte(text)
	sqltext.Blank(out, 0, len(out))
	return string(out)
}

func nothing(string) string { return "" }
