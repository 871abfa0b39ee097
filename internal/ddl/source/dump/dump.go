package dump

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// CodeMoved is a warning: a statement counts, but not where it stands or not as
// it is written.
const CodeMoved source.Code = "moved"

// SummaryRows is the summary of the warning that rows run when the structure stands.
const SummaryRows = "Rows in the core become seeds"

// File is a file of SQL as people have it, taken apart for a template.
type File struct {
	// Schema are the statements that say what there is, Rows those that change
	// rows; Rows run when the whole structure stands.
	Schema, Rows []source.Statement
	// Emptied are the tables that the file truncates, where it does so first: rows of
	// the file itself that stand above are left out.
	Emptied map[string]source.Position
	// Faults are about the file as a whole and about what was left out of it.
	// Each statement is still to be judged by source.Guard.
	Faults []source.Fault
}

// Parse takes a file apart as source.Parse does, and takes dumps and shipped schema
// files as they are. What the mysql client or the dump put round the objects is
// understood:
//
//   - comments that the server at hand executes are opened, others are removed;
//   - DEFINER and OR REPLACE are left out of definitions;
//   - CREATE DATABASE and USE of the only database, and its name before a dot,
//     are left out; its character set counts for the tables behind;
//   - a definition that the file drops or replaces again gives way to the later
//     one, like the placeholders of views;
//   - views stand behind the views that they read;
//   - session settings count for the statements behind them: see source.Statement.Settings;
//   - statements that change rows go to Rows, parents before children when
//     foreign keys are checked.
//
// Files of other layers than those of the schema and the seeds are parsed as
// they are, as Schema.
func Parse(text string, layer source.Layer, srv ddl.Server) File {
	taken := (layer == source.LayerSchema || layer == source.LayerSeed) && len(text) <= source.MaxTextLength
	if taken {
		text = openComments(source.Joined(text), srv)
	}
	statements, err := source.Split(text)
	if err != nil || !taken {
		all, faults := source.Parse(text, srv)
		return File{Schema: all, Faults: faults}
	}
	d := &dump{layer: layer, srv: srv, text: []byte(text), lines: source.LineStarts(text)}
	d.read(statements)
	d.databases()
	d.findRows()
	if layer == source.LayerSchema {
		d.truncated()
		d.withoutEffect()
	}
	for i := range d.parts {
		d.definition(&d.parts[i])
	}
	if layer == source.LayerSchema {
		d.superseded()
	}
	parsed, faults := source.Parse(string(d.text), srv)
	d.faults = append(d.faults, faults...)
	file := d.sort(d.followSession(parsed))
	file.Emptied = d.emptied
	file.Faults = d.faults
	if mode := slices.IndexFunc(d.faults, func(f source.Fault) bool { return f.Code == CodeMode }); mode >= 0 {
		from := d.faults[mode].Line
		file.Faults = slices.DeleteFunc(d.faults, func(f source.Fault) bool { return f.Code == source.CodeSyntax && f.Line >= from })
	}
	source.SortFaults(file.Faults)
	return file
}

// dump is a file that is made ready to be parsed. What is left out becomes
// blanks, so that every position stays what it was.
type dump struct {
	layer  source.Layer
	srv    ddl.Server
	text   []byte
	lines  source.Lines
	parts  []part
	faults []source.Fault

	database string                     // whose name is left out, if there is one
	charset  []defaults                 // of the database, from a line on
	reads    map[string]bool            // user variables that rows depend on
	emptied  map[string]source.Position // tables that are truncated
	rowsToo  map[source.Position]bool   // statements that belong to those that change rows, see findRows
}

// part is a statement of a dump.
type part struct {
	source.Statement
	start int // offset in the text
	toks  []sqltext.Token
	gone  bool
}

// read finds the tokens of all statements, with offsets in the whole text.
func (d *dump) read(statements []source.Statement) {
	d.parts = make([]part, 0, len(statements))
	for _, st := range statements {
		p := part{Statement: st, start: d.lines[st.Line-1] + st.Column - 1}
		p.toks = sqltext.Tokens(st.Text, sqltext.Mode{})
		for i := range p.toks {
			p.toks[i].Start += p.start
			p.toks[i].End += p.start
		}
		d.parts = append(d.parts, p)
	}
}

// leaveOut takes a whole statement out.
func (d *dump) leaveOut(p *part) {
	sqltext.Blank(d.text, p.start, p.start+len(p.Text))
	p.gone = true
}

// warn tells what was left out or moved.
func (d *dump) warn(at source.Position, code source.Code, summary, format string, args ...any) {
	d.faults = append(d.faults, source.Fault{Position: at, Code: code, Severity: source.SeverityWarning, Summary: summary, Detail: fmt.Sprintf(format, args...)})
}

// openComments takes away the marks of comments that a server executes, and the
// whole of those that it skips. Both are known as soon as its version is.
func openComments(text string, srv ddl.Server) string {
	numbers, known := srv.Numbers()
	if !known || !strings.Contains(text, "/*!") && !strings.Contains(text, "/*M!") {
		return text
	}
	version := numbers[0]*10000 + numbers[1]*100 + numbers[2]
	out := []byte(text)
	l := sqltext.NewScanner(text, sqltext.Mode{})
	var open sqltext.Token
	for t := l.Next(); t.Kind != sqltext.End; t = l.Next() {
		switch {
		case t.Kind == sqltext.Open && l.Depth() == 1:
			open = t
		case t.Kind == sqltext.Open:
			return text // one in another, which no two servers read alike
		case t.Kind != sqltext.Close || open.Kind != sqltext.Open:
		case runs(open.Text, srv.Product, version):
			sqltext.Blank(out, open.Start, open.End)
			sqltext.Blank(out, t.Start, t.End)
		default:
			sqltext.Blank(out, open.Start, t.End)
		}
	}
	return string(out)
}

// runs says whether a product of a version, written like 80400, executes the
// comment with a mark.
func runs(mark string, product ddl.Product, version int) bool {
	of := strings.HasPrefix(mark, "/*!")
	if product == ddl.MariaDB && sqltext.IsForNewerMySQL(mark) || product != ddl.MariaDB && !of {
		return false
	}
	wanted, _ := strconv.Atoi(strings.TrimLeft(mark, "/*!M")) // none: every version
	return version >= wanted
}

// idle begin statements that leave nothing behind, in a database that is being
// made.
var idle = []string{
	"SELECT", "SHOW", "FLUSH", "ANALYZE", "OPTIMIZE", "CHECK", "DESCRIBE", "DESC", "EXPLAIN", "REPAIR", "CHECKSUM", "HELP", "DO", "VALUES", "TABLE", "SAVEPOINT", "RELEASE",
}

// withoutEffect leaves out what shipped files say to whoever loads them.
func (d *dump) withoutEffect() {
	undone := false // a ROLLBACK would take rows back
	for i := range d.parts {
		p := &d.parts[i]
		verb := mainVerb(p.toks)
		switch {
		case p.gone:
		case p.ChangesRows() || d.rowsToo[p.Position]:
			undone = true
		case verb == "COMMIT" || verb == "START" || verb == "BEGIN" || p.ChangesStructure():
			undone = false
		case slices.Contains(idle, verb) && !slices.ContainsFunc(p.toks, func(t sqltext.Token) bool { return t.IsAny("OUTFILE", "DUMPFILE") }) || verb == "ROLLBACK" && !undone:
			d.warn(p.Position, source.CodeIgnored, source.SummaryIgnored, "`%s` changes nothing. Remove it to be rid of this warning.", verb)
			d.leaveOut(p)
		}
	}
}

// definition leaves the account and OR REPLACE out of a definition.
func (d *dump) definition(p *part) {
	if p.gone || p.Verb != "CREATE" && p.Verb != "ALTER" || p.Head.Index || p.Kind == "" {
		return
	}
	head := p.toks[:min(p.Head.Body, len(p.toks))]
	for i, t := range head {
		switch {
		case t.Is("OR") && i+1 < len(head) && head[i+1].Is("REPLACE") && d.layer == source.LayerSchema:
			sqltext.Blank(d.text, t.Start, head[i+1].End)
		case t.Is("DEFINER") && p.HasDefiner() && i+2 < len(head) && head[i+1].IsPunct('=') && !head[i+2].Is("CURRENT_USER"):
			end := head[i+2].End
			if i+3 < len(head) && head[i+3].Kind == sqltext.Variable {
				end = head[i+3].End
			}
			d.warn(d.lines.At(t.Start), CodeMoved, "Definer is left out", "`%s` belongs to the tenant, so `%s` is left out. Remove it to be rid of this warning.",
				p.Object, sqltext.OneLine(string(d.text[t.Start:end])))
			sqltext.Blank(d.text, t.Start, end)
		}
	}
}

// definitions are the places in a file of what it defines.
type definitions struct {
	latest map[string]int   // the definition in force, by kind and name
	last   map[string]int   // the last one of the file
	about  map[string][]int // what is done to a table, by its name
}

// keyOf is the key of what a statement defines or drops.
func keyOf(st *source.Statement) string { return source.NameKey(relationKind(st.Kind), st.Object) }

// superseded leaves out what the file itself defines anew further down: between
// the two stands a DROP, or OR REPLACE, or the later one is IF NOT EXISTS and
// then it is that which has no effect.
func (d *dump) superseded() {
	s := definitions{latest: map[string]int{}, last: map[string]int{}, about: map[string][]int{}}
	for i := range d.parts {
		p := &d.parts[i]
		if p.gone {
			continue
		}
		if p.Verb == "CREATE" && !p.Head.Index {
			s.last[keyOf(&p.Statement)] = i
		}
		if p.Kind == ddl.KindTable {
			s.about[p.Object] = append(s.about[p.Object], i)
		} else if p.Table != "" {
			s.about[p.Table] = append(s.about[p.Table], i)
		}
	}
	for i := range d.parts {
		p := &d.parts[i]
		if p.gone || p.Kind == "" || p.Head.Index {
			continue
		}
		switch p.Verb {
		case "CREATE":
			key := keyOf(&p.Statement)
			at, ok := s.latest[key]
			switch {
			case ok && p.Head.IfNotExists:
				d.warn(p.Position, source.CodeIgnored, source.SummaryIgnored, "%s is of no use here: it is defined already, in line %d. Remove it to be rid of this warning.", source.UpperFirst(p.What()), d.parts[at].Line)
				d.leaveOut(p)
				continue
			case ok && p.Head.Replace:
				d.undo(at, i, &s)
			}
			s.latest[key] = i
		case "DROP":
			d.dropped(i, &s)
		}
	}
}

// dropped handles a DROP of what stands above: when the file defines it again
// below, the former definition and the DROP cancel each other out.
func (d *dump) dropped(i int, s *definitions) {
	p := &d.parts[i]
	key := keyOf(&p.Statement)
	at, ok := s.latest[key]
	if len(p.Head.Objects) != 1 || !ok || d.parts[at].Kind != p.Kind || s.last[key] < i {
		return
	}
	d.undo(at, i, s)
	d.leaveOut(p)
	delete(s.latest, key)
}

// undo leaves out a definition and what was done to the object until the
// statement that ends it.
func (d *dump) undo(at, end int, s *definitions) {
	former := &d.parts[at]
	if former.Kind == ddl.KindTable {
		about := s.about[former.Object]
		from, _ := slices.BinarySearch(about, at+1)
		for _, k := range about[from:] {
			if k >= end {
				break
			}
			if p := &d.parts[k]; !p.gone {
				d.leaveOut(p)
			}
		}
	}
	d.warn(former.Position, source.CodeIgnored, source.SummaryIgnored, "%s gives way to the definition further down. Remove it to be rid of this warning.", source.UpperFirst(former.What()))
	d.leaveOut(former)
}

// relationKind is one kind for all that share their names with tables.
func relationKind(k ddl.Kind) ddl.Kind {
	if k == ddl.KindView || k == ddl.KindSequence {
		return ddl.KindTable
	}
	return k
}

// sort puts statements that change rows aside and views behind what they read.
func (d *dump) sort(statements []source.Statement) File {
	var f File
	if d.layer == source.LayerSeed {
		f.Schema = statements
		return f
	}
	parents := map[string][]string{}
	for i := range statements {
		st := &statements[i]
		d.characterSet(st)
		foldHead(st)
		switch {
		case st.ChangesRows() || d.rowsToo[st.Position]:
			f.Rows = append(f.Rows, *st)
			continue
		case st.Kind == ddl.KindTable:
			parents[st.Object] = append(parents[st.Object], references(st)...)
		}
		f.Schema = append(f.Schema, *st)
	}
	f.Schema = viewsInOrder(f.Schema)
	f.Rows = d.rows(f.Rows, parents)
	return f
}

// foldHead makes one blank of what was left out before the kind of a program or
// view, whose text is kept as written.
func foldHead(st *source.Statement) {
	if st.Verb != "CREATE" || !st.HasDefiner() {
		return
	}
	for _, t := range sqltext.Head(st.SQL, sqltext.Mode{}, sqltext.HeadLength) {
		if source.KindOf(t.Text) == st.Kind {
			st.SQL = strings.Join(strings.Fields(st.SQL[:t.Start]), " ") + " " + st.SQL[t.Start:]
			return
		}
	}
}

// rows orders the statements that change rows, and tells of them.
func (d *dump) rows(rows []source.Statement, parents map[string][]string) []source.Statement {
	first, n := -1, 0
	for i := range rows {
		if rows[i].Verb == "SET" || slices.Contains(idle, rows[i].Verb) && len(assigned(sqltext.Tokens(rows[i].Text, sqltext.Mode{}))) > 0 {
			continue
		}
		if n++; n == 1 {
			first = i
		}
	}
	if n == 0 {
		return nil
	}
	text := "1 statement changes rows: it runs as a seed"
	if n > 1 {
		text = fmt.Sprintf("%d statements change rows: they run as seeds", n)
	}
	d.warn(rows[first].Position, CodeMoved, SummaryRows, "%s, when the structure stands. Move what is to be a seed into a file in `seeds/` to be rid of this warning.", text)
	return parentsFirst(rows, parents)
}

// parentsFirst orders rows for foreign keys that are checked: a file may have
// filled its tables before it added the keys. Only plain rows move; a statement
// that reads other rows, or a variable, stays where it stands.
func parentsFirst(rows []source.Statement, parents map[string][]string) []source.Statement {
	plain := func(st *source.Statement) bool {
		toks := sqltext.Tokens(st.Text, sqltext.Mode{})
		return (st.Verb == "INSERT" || st.Verb == "REPLACE") && !st.Settings.NoForeignKeyChecks &&
			!slices.ContainsFunc(toks, func(t sqltext.Token) bool { return t.IsAny("SELECT", "LAST_INSERT_ID") || t.Kind == sqltext.Variable })
	}
	for i := range rows {
		if !plain(&rows[i]) {
			return rows
		}
	}
	of := map[string][]source.Statement{} // by table
	for _, st := range rows {
		of[st.Table] = append(of[st.Table], st)
	}
	var out []source.Statement
	done := map[string]bool{}
	var take func(table string)
	take = func(table string) {
		if done[table] {
			return
		}
		done[table] = true
		for _, parent := range parents[table] {
			take(parent)
		}
		out = append(out, of[table]...)
	}
	for _, st := range rows {
		take(st.Table)
	}
	return out
}

// references are the tables that the foreign keys of a statement name.
func references(st *source.Statement) []string {
	toks := sqltext.Tokens(st.Text, sqltext.Mode{})
	var names []string
	for i, t := range toks {
		if t.Is("REFERENCES") && i+1 < len(toks) {
			name, _ := sqltext.NameAt(toks, i+1)
			names = append(names, name.Value())
		}
	}
	return names
}

// characterSet gives a table that names no character set the one that the file
// gave to its database.
func (d *dump) characterSet(st *source.Statement) {
	var of *defaults
	for i := range d.charset {
		if d.charset[i].line <= st.Line {
			of = &d.charset[i]
		}
	}
	if of != nil {
		st.GiveCharacterSet(of.charset, of.collation)
	}
}
