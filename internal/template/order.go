package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// isCore says whether a file belongs to the core of a template.
func (f *sourceFile) isCore() bool { return f.kind == kindSchema && f.module == "" }

// order is what becomes of the rows that stand in files of the schema.
type order struct {
	cores    bool // those of the cores stay where they are written
	findings []Finding
	refused  []Finding
}

// inOrder finds out whether the structure of the cores may run before their rows. Of
// modules it has to: one may come to a tenant that exists, whose rows come last.
func (r *reader) inOrder(files []sourceFile) order {
	var o order
	s, of := newSequel(), ""
	for _, f := range files {
		if f.kind != kindSchema {
			continue
		}
		if f.module != of { // its triggers are set off by the rows of the cores, as by all seeds
			s, of = newSequel(), f.module
		}
		p := r.read(f)
		o.refused = append(o.refused, s.emptied(&p, r.l.fileName(f.generation, f.Name))...)
		for _, st := range p.written() {
			why := s.next(&st)
			switch {
			case why == "" || o.cores && f.isCore():
			case f.isCore():
				o.cores = true
				o.findings = append(o.findings, Finding{Severity: SeverityWarning, File: st.File, Line: st.Line, Column: st.Column, Summary: "Rows of the core stay among its structure",
					Detail: fmt.Sprintf("%s stays behind the rows: %s. So the statements of all cores run one by one in the order of the files, and a creation that is cut off among them has to begin anew. Put the rows into a file in `seeds/` to be rid of this warning, where it makes no difference.",
						source.UpperFirst(st.What()), why)})
			default:
				o.refused = append(o.refused, Finding{Severity: SeverityError, File: st.File, Line: st.Line, Column: st.Column, Summary: "Rows of a module depend on its structure",
					Detail: fmt.Sprintf("%s has to stay behind the rows: %s. A module may come to a tenant that exists, whose rows run when the structure stands. Put the file into `core/`, or write the structure first, and rows that suit it.",
						source.UpperFirst(st.What()), why)})
			}
		}
	}
	return o
}

// emptied refuses to truncate a table that another file has filled: of a file alone it
// is known that nothing is left to do.
func (s *sequel) emptied(p *parsedFile, file string) []Finding {
	var findings []Finding
	for _, table := range slices.Sorted(maps.Keys(p.emptied)) {
		if by := s.changed[strings.ToLower(table)]; by != nil {
			findings = append(findings, Finding{Severity: SeverityError, File: file, Line: p.emptied[table].Line, Column: p.emptied[table].Column, Summary: "Rows of another file are truncated",
				Detail: fmt.Sprintf("`TRUNCATE` of `%s` would take rows that stand in another file (%s). Remove those, and the statement.", table, at(by))})
		}
	}
	return findings
}

// written returns the statements of a file of the schema as they stand in it, rows
// among the structure.
func (p *parsedFile) written() []Statement {
	rows := slices.Clone(p.rows) // which may have been sorted for foreign keys
	slices.SortStableFunc(rows, func(a, b Statement) int { return comparePositions(a.Position, b.Position) })
	var out []Statement
	for _, st := range p.statements {
		n := 0
		for st.Kind != ddl.KindView && n < len(rows) && comparePositions(rows[n].Position, st.Position) < 0 { // views have been sorted
			n++
		}
		out = append(append(out, rows[:n]...), st)
		rows = rows[n:]
	}
	return append(out, rows...)
}

func comparePositions(a, b source.Position) int {
	if a.Line != b.Line {
		return a.Line - b.Line
	}
	return a.Column - b.Column
}

// sequel follows statements as they are written and finds those of the structure that
// have another effect in front of the rows above them: usually all rows come last.
type sequel struct {
	changed  map[string]*Statement // what rows have changed, or may have by way of a program
	programs map[string][]*program // by what sets them off: a table, or a name that is called
	rows     *Statement            // the last one
}

// program is a trigger, a routine or a view.
type program struct {
	names  []string // that stand in it
	passed bool     // it has run, as far as is known
}

func newSequel() *sequel {
	return &sequel{changed: map[string]*Statement{}, programs: map[string][]*program{}}
}

// next takes one statement, and returns why it has to stay behind the rows above it;
// empty when it need not.
func (s *sequel) next(st *Statement) string {
	if st.Seed {
		s.change(st)
		return ""
	}
	why := ""
	if s.rows != nil {
		why = s.needs(st)
	}
	switch {
	case st.Verb != "CREATE":
	case st.Kind == ddl.KindTrigger:
		s.programs[strings.ToLower(st.Table)] = append(s.programs[strings.ToLower(st.Table)], programOf(st))
	case st.Kind == ddl.KindFunction || st.Kind == ddl.KindProcedure || st.Kind == ddl.KindView: // rows may be written through a view
		s.programs[strings.ToLower(st.Object)] = append(s.programs[strings.ToLower(st.Object)], programOf(st))
	}
	return why
}

func programOf(st *Statement) *program {
	p := &program{}
	for _, t := range sqltext.Tokens(st.Text, sqltext.Mode{}) {
		if t.IsName() {
			p.names = append(p.names, strings.ToLower(t.Value()))
		}
	}
	return p
}

// change notes what a statement on rows changes, or may change.
func (s *sequel) change(st *Statement) {
	if st.Verb == "SET" {
		return
	}
	s.rows = st
	one := st.Verb == "INSERT" || st.Verb == "REPLACE"
	if one {
		s.touch(st.Table, st)
	}
	if one && len(s.programs) == 0 {
		return // whose names need not be looked for in many rows
	}
	toks := sqltext.Tokens(st.Text, sqltext.Mode{})
	for i, t := range toks {
		if call := i+1 < len(toks) && toks[i+1].IsPunct('('); t.IsName() && (!one || call) {
			s.touch(t.Value(), st)
		}
	}
}

// touch notes that rows of a table may have changed, and what programs do then.
func (s *sequel) touch(name string, by *Statement) {
	name = strings.ToLower(name)
	if s.changed[name] == nil {
		s.changed[name] = by
	}
	for _, p := range s.programs[name] {
		if p.passed {
			continue
		}
		p.passed = true
		for _, other := range p.names {
			s.touch(other, by)
		}
	}
}

// needs says why a statement of the structure has to stay behind the rows above it.
func (s *sequel) needs(st *Statement) string {
	filled := func(name string) *Statement { return s.changed[strings.ToLower(name)] }
	switch {
	case st.Verb == "CREATE" && st.Kind == ddl.KindTrigger && filled(st.Table) != nil:
		return fmt.Sprintf("what stands above it changes rows of `%s` (%s) and would set it off", st.Table, at(filled(st.Table)))
	case st.Verb == "CREATE" && st.Kind == ddl.KindTable && !st.Head.Index && st.MadeOfQuery():
		for _, t := range sqltext.Tokens(st.Text, sqltext.Mode{}) {
			if t.UserVariable() != "" || t.IsName() && filled(t.Value()) != nil {
				return fmt.Sprintf("it is filled with what stands above it (%s)", at(s.rows))
			}
		}
	case st.Verb == "DROP" && st.Head.Index && filled(st.Table) != nil:
		return fmt.Sprintf("what stands above it changes rows of `%s` (%s) and may depend on the key", st.Table, at(filled(st.Table)))
	case st.Verb == "ALTER" && st.Kind == ddl.KindSequence:
		return fmt.Sprintf("rows above it may have used the sequence (%s)", at(s.rows))
	case st.Verb == "ALTER" && st.Kind == ddl.KindTable && filled(st.Object) != nil && altersRows(st, filled(st.Object)):
		return fmt.Sprintf("it changes columns or keys of `%s`, whose rows stand above it (%s)", st.Object, at(filled(st.Object)))
	}
	return ""
}

func at(st *Statement) string { return fmt.Sprintf("%s:%d", st.File, st.Line) }

// keeping follow ADD in an ALTER TABLE and change no column.
var keeping = []string{"KEY", "INDEX", "PRIMARY", "UNIQUE", "FULLTEXT", "SPATIAL", "CONSTRAINT", "FOREIGN", "CHECK", "PARTITION", "PERIOD"}

// altersRows says whether an ALTER TABLE may give rows other values, or takes columns
// that they are written for. That of phpMyAdmin, which makes a column automatic, does
// not as long as no row leaves it to the server.
func altersRows(st, rows *Statement) bool {
	toks := sqltext.Tokens(st.Text, sqltext.Mode{})
	for n, clause := range sqltext.SplitCommas(toks[min(st.Head.Body, len(toks)):]) {
		if len(clause) < 2 {
			continue
		}
		automatic := slices.ContainsFunc(clause, func(t sqltext.Token) bool { return t.Is("AUTO_INCREMENT") })
		switch first, second := clause[0], clause[1]; {
		case n == 0 && first.Is("RENAME") && !second.IsAny("INDEX", "KEY"), first.Is("RENAME") && second.IsAny("COLUMN", "TO", "AS"):
			return true
		case first.Is("ADD") && !second.IsAny(keeping...):
			return true
		case first.Is("MODIFY") && automatic && strings.Contains(rows.Settings.SQLMode, "NO_AUTO_VALUE_ON_ZERO"):
		case first.IsAny("DROP", "MODIFY", "CHANGE", "TRUNCATE") || first.Is("ALTER") && !second.IsAny("INDEX", "CHECK", "CONSTRAINT"):
			return true
		}
	}
	return false
}
