package landlord

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// inputLocation is where the text of statements stands in the configuration.
type inputLocation struct {
	from  string // for people: `tables.visits`, `columns[0]`, `sql`
	field Field  // path of the attribute
	shift int    // lines that stand before what the user wrote
}

// at names a place in the text, for people.
func (l inputLocation) at(p source.Position) string {
	if p.Line <= l.shift {
		return l.from
	}
	return fmt.Sprintf("%s:%d:%d", l.from, p.Line-l.shift, p.Column)
}

// entry is an entry of a map of the configuration.
func entry(attribute, key string, shift int) inputLocation {
	return inputLocation{from: attribute + "." + key, field: Field(attribute + "." + key), shift: shift}
}

// element is an element of a list of the configuration. The first line of its
// statement is not the user's.
func element(attribute string, i int) inputLocation {
	return inputLocation{from: fmt.Sprintf("%s[%d]", attribute, i), field: Field(fmt.Sprintf("%s.%d", attribute, i)), shift: 1}
}

// patchStatement is a statement of a patch.
type patchStatement struct {
	source.Statement
	inputLocation
	view bool // of `views`: those may read each other in any order
}

// parsedPatch is a patch taken apart and judged on its own.
type parsedPatch struct {
	statements []patchStatement // in the order in which they run
	makes      []ddl.Place      // what the structured parts and CREATE statements make, as far as it is known
	checksum   string
	words      map[string]bool // every name in it, in lower case
}

// patchFault is something wrong in a patch.
type patchFault struct {
	at              string // place, with line and column where they are known
	field           Field
	summary, detail string
}

// patchReader takes a patch apart.
type patchReader struct {
	srv    ddl.Server
	out    parsedPatch
	faults []patchFault
}

// readPatch takes a patch apart and guards it. Everything that is wrong is
// reported at once, in a *Problem.
func readPatch(p CustomizationPatch, srv ddl.Server) (*parsedPatch, error) {
	sum, err := p.checksum()
	if err != nil {
		return nil, err
	}
	r := &patchReader{srv: srv, out: parsedPatch{checksum: sum}}
	for _, name := range slices.Sorted(maps.Keys(p.Tables)) {
		r.table(name, p.Tables[name])
	}
	for i, c := range p.Columns {
		r.column(element("columns", i), c)
	}
	for i, x := range p.Indexes {
		r.index(element("indexes", i), x)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Views)) {
		r.viewOf(name, p.Views[name])
	}
	r.sql(p.SQL)
	if len(r.out.statements) == 0 && len(r.faults) == 0 {
		return nil, problem(FieldNone, "Customization is empty", "It makes nothing.",
			"Give it `tables`, `columns`, `indexes`, `views` or `sql`, or remove the resource.")
	}
	r.out.words = p.words()
	return &r.out, faultsProblem(r.faults)
}

// checksum names the text of a patch.
func (p CustomizationPatch) checksum() (string, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("writing JSON: %w", err)
	}
	return digest("patch", string(raw)), nil
}

var word = regexp.MustCompile(`[\p{L}\p{N}_$]+|` + "`[^`]+`")

// words returns everything in a patch that could be a name, in lower case. It
// may hold more than names, never less.
func (p CustomizationPatch) words() map[string]bool {
	out := map[string]bool{}
	add := func(texts ...string) {
		for _, text := range texts {
			out[strings.ToLower(text)] = true
			for _, w := range word.FindAllString(text, -1) {
				out[strings.ToLower(strings.Trim(w, "`"))] = true
			}
		}
	}
	for name, text := range p.Tables {
		add(name, text)
	}
	for _, c := range p.Columns {
		add(c.Table, c.Name, c.Definition)
	}
	for _, x := range p.Indexes {
		add(x.Table, x.Name)
		add(x.Columns...)
	}
	for name, text := range p.Views {
		add(name, text)
	}
	add(p.SQL)
	return out
}

// faultsProblem makes a problem of faults, nil of none.
func faultsProblem(faults []patchFault) error {
	if len(faults) == 0 {
		return nil
	}
	p := &Problem{Field: faults[0].field, Summary: "Customization cannot be used"}
	for _, f := range faults {
		p.Detail = append(p.Detail, fmt.Sprintf("%s: %s: %s", f.at, f.summary, f.detail))
	}
	return p
}

func (r *patchReader) fault(from inputLocation, at, summary, format string, args ...any) {
	r.faults = append(r.faults, patchFault{at: at, field: from.field, summary: summary, detail: fmt.Sprintf(format, args...)})
}

// name judges the name of something that the patch makes.
func (r *patchReader) name(from inputLocation, what, name string) bool {
	const longest = 64 // characters, on every server
	summary := upperFirst(what) + " name cannot be used"
	switch {
	case name == "":
		r.fault(from, from.from, summary, "The name of the %s is empty.", what)
	case utf8.RuneCountInString(name) > longest:
		r.fault(from, from.from, summary, "`%s` has %d characters; servers allow %d.", name, utf8.RuneCountInString(name), longest)
	case strings.TrimRight(name, " ") != name || strings.ContainsFunc(name, func(c rune) bool { return c == 0 || c > 0xffff || c == utf8.RuneError }):
		r.fault(from, from.from, summary, "`%s` ends with a blank or holds a character that servers change.", name)
	case strings.HasPrefix(strings.ToLower(name), "landlord_"), what == "index" && strings.EqualFold(name, "PRIMARY"):
		r.fault(from, from.from, summary, "`%s` is reserved. Choose another name.", name)
	default:
		return true
	}
	return false
}

// one parses a text that has to be one statement, guards it and keeps it.
func (r *patchReader) one(from inputLocation, text string, view bool) *source.Statement {
	before := len(r.faults)
	statements := r.parse(from, text)
	switch {
	case len(statements) == 1:
		r.out.statements = append(r.out.statements, patchStatement{Statement: statements[0], inputLocation: from, view: view})
		return &statements[0]
	case len(statements) > 1:
		r.fault(from, from.at(statements[1].Position), "More than one statement", "One statement is expected here. Move what follows to `sql`.")
	case len(r.faults) == before:
		r.fault(from, from.from, "SQL is missing", "A statement is expected here.")
	}
	return nil
}

// parse takes a text apart and guards its statements.
func (r *patchReader) parse(from inputLocation, text string) []source.Statement {
	statements, faults := source.Parse(text, r.srv)
	for _, st := range statements {
		faults = append(faults, source.Guard(st, source.Rules{Layer: source.LayerCustomization})...)
	}
	for _, f := range faults {
		if f.Severity == source.SeverityError {
			r.fault(from, from.at(f.Position), f.Summary, "%s", f.Detail)
		}
	}
	return statements
}

func (r *patchReader) table(name, text string) {
	from := entry("tables", name, 0)
	if !r.name(from, "table", name) {
		return
	}
	st := r.one(from, text, false)
	switch {
	case st == nil:
	case st.Verb != "CREATE" || st.Kind != ddl.KindTable || st.Table != "":
		r.fault(from, from.from, "Statement makes no table", "`CREATE TABLE %s …` is expected here.", mysql.Quote(name))
	case st.Object != name:
		r.fault(from, from.from, "Table has another name", "The statement makes table `%s`, under the key `%s`. Write the same name at both places.", st.Object, name)
	default:
		r.makes(ddl.KindTable, name)
	}
}

func (r *patchReader) makes(kind ddl.Kind, name string) {
	r.out.makes = append(r.out.makes, ddl.Place{Object: string(kind) + " " + name})
}

func (r *patchReader) element(table, kind, name string) {
	r.out.makes = append(r.out.makes, ddl.Place{Object: string(ddl.KindTable) + " " + table, Element: strings.ToLower(kind + " `" + name + "`")})
}

func (r *patchReader) column(from inputLocation, c CustomizationColumn) {
	if !r.name(from, "table", c.Table) || !r.name(from, "column", c.Name) {
		return
	}
	// The definition stands on lines of its own, so that places in it are the user's.
	if r.one(from, "ALTER TABLE "+mysql.Quote(c.Table)+" ADD COLUMN "+mysql.Quote(c.Name)+"\n"+c.Definition, false) != nil {
		r.element(c.Table, "column", c.Name)
	}
}

// indexPart is a column of an index, with its length or direction.
var indexPart = regexp.MustCompile(`(?is)^(.+?)(\s*\(\s*\d+\s*\))?(\s+(?:asc|desc))?$`)

func (r *patchReader) index(from inputLocation, x CustomizationIndex) {
	if !r.name(from, "table", x.Table) || !r.name(from, "index", x.Name) {
		return
	}
	if len(x.Columns) == 0 {
		r.fault(from, from.from, "Index has no columns", "Name the columns of index `%s`.", x.Name)
		return
	}
	parts := make([]string, 0, len(x.Columns))
	for _, c := range x.Columns {
		c = strings.TrimSpace(c)
		if m := indexPart.FindStringSubmatch(c); m != nil && !strings.HasPrefix(c, "(") {
			c = mysql.Quote(strings.Trim(m[1], "`")) + m[2] + m[3]
		}
		parts = append(parts, c)
	}
	unique := ""
	if x.Unique {
		unique = "UNIQUE "
	}
	text := "CREATE " + unique + "INDEX " + mysql.Quote(x.Name) + " ON " + mysql.Quote(x.Table) + " (" + strings.Join(parts, ", ") + ")"
	if r.one(from, text, false) != nil {
		r.element(x.Table, "key", x.Name)
	}
}

func (r *patchReader) viewOf(name, query string) {
	from := entry("views", name, 1)
	if !r.name(from, "view", name) {
		return
	}
	if st := r.one(from, "CREATE VIEW "+mysql.Quote(name)+" AS\n"+query, true); st != nil {
		r.makes(ddl.KindView, name)
	}
}

// additive are the kinds that a statement of `sql` may create.
var additive = []ddl.Kind{ddl.KindTable, ddl.KindView, ddl.KindTrigger, ddl.KindProcedure, ddl.KindFunction, ddl.KindEvent}

func (r *patchReader) sql(text string) {
	from, before := inputLocation{from: "sql", field: "sql"}, len(r.faults)
	for _, st := range r.parse(from, text) {
		alters := st.Verb == "ALTER" && st.Kind == ddl.KindTable
		if !alters && (st.Verb != "CREATE" || !slices.Contains(additive, st.Kind)) {
			if len(r.faults) == before { // else the guard has said it better
				r.fault(from, from.at(st.Position), "Statement is no addition",
					"`%s` is not what a customization does. Write CREATE TABLE, INDEX, VIEW, TRIGGER, PROCEDURE, FUNCTION or EVENT, or ALTER TABLE … ADD.", shorten(sqltext.OneLine(st.Text)))
			}
			continue
		}
		if st.Verb == "CREATE" && st.Table == "" || st.Kind == ddl.KindTrigger {
			r.makes(st.Kind, st.Object)
		}
		r.out.statements = append(r.out.statements, patchStatement{Statement: st, inputLocation: from})
	}
}

// judgeReferences looks at a patch together with what stands below it: references to what
// is not there, and changes of what others define. It knows places in the text,
// which a server does not; what only a server knows it leaves to it.
func judgeReferences(p *parsedPatch, core *template.Composition, below []*parsedPatch) error {
	if core == nil {
		return nil
	}
	var catalog source.Catalog
	for _, st := range core.Statements {
		if !st.Seed {
			catalog.Add(st.Statement, source.Origin{Owner: st.Origin, File: st.File})
		}
	}
	for _, b := range below {
		for _, st := range b.statements {
			catalog.Add(st.Statement, source.Origin{Owner: "another customization"})
		}
	}
	var faults []source.Fault
	own := map[string]patchStatement{}
	for _, st := range p.statements {
		own[st.from] = st // statements of one text have one source
		faults = append(faults, catalog.Add(st.Statement, source.Origin{Owner: "this customization", File: st.from})...)
	}
	faults = append(faults, catalog.Finish()...)
	var out []patchFault
	for _, f := range faults {
		st, mine := own[f.File]
		if !mine || f.Severity != source.SeverityError || slices.Contains(forServer, f.Code) {
			continue
		}
		detail := f.Detail
		if f.Code == source.CodeMissingTable {
			detail += " If another customization makes it, name that one in `depends_on`."
		}
		out = append(out, patchFault{at: st.at(f.Position), field: st.field, summary: f.Summary, detail: detail})
	}
	return faultsProblem(out)
}

// forServer are faults that the scratch database judges better: a name may be
// taken by what the template has by now, and views and foreign keys may come in
// any order.
var forServer = []source.Code{source.CodeDuplicate, source.CodeOrder, source.CodePrimaryKey, source.CodeForeignKey}
