package customization

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// entry is an entry of a map of the configuration.
func entry(attribute, key string, shift int) landlord.InputLocation {
	return landlord.InputLocation{From: attribute + "." + key, Field: landlord.Field(attribute + "." + key), Shift: shift}
}

// element is an element of a list of the configuration. The first line of its
// statement is not the user's.
func element(attribute string, i int) landlord.InputLocation {
	return landlord.InputLocation{From: fmt.Sprintf("%s[%d]", attribute, i), Field: landlord.Field(fmt.Sprintf("%s.%d", attribute, i)), Shift: 1}
}

// patchFault is something wrong in a patch.
type patchFault struct {
	at              string // place, with line and column where they are known
	field           landlord.Field
	summary, detail string
}

// patchReader takes a patch apart.
type patchReader struct {
	srv    ddl.Server
	rules  source.Rules
	out    landlord.ParsedPatch
	faults []patchFault
}

// readPatch takes a patch apart and guards it. Everything that is wrong is
// reported at once, in a *Problem. The database is the tenant's: the texts may
// name it, and their statements are without it.
func readPatch(p landlord.CustomizationPatch, srv ddl.Server, database string) (*landlord.ParsedPatch, error) {
	sum, err := p.Checksum()
	if err != nil {
		return nil, err
	}
	r := &patchReader{srv: srv, rules: source.Rules{Layer: source.LayerCustomization, Databases: []string{database}}, out: landlord.ParsedPatch{Checksum: sum}}
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
	if len(r.out.Statements) == 0 && len(r.faults) == 0 {
		return nil, landlord.NewProblem(landlord.FieldNone, "Customization is empty", "It makes nothing.",
			"Give it `tables`, `columns`, `indexes`, `views` or `sql`, or remove the resource.")
	}
	r.out.Words = p.Words()
	return &r.out, faultsProblem(r.faults)
}

// CheckPatch says, without a scratch database, why a patch cannot be declared for the
// database of a tenant. Errors are Problems.
func CheckPatch(p landlord.CustomizationPatch, srv ddl.Server, database string) error {
	if err := checkSize(p); err != nil {
		return err
	}
	_, err := readPatch(p, srv, database)
	return err
}

// checkSize refuses a patch with a text that nobody takes apart, before a copy or
// a checksum is made of it. All texts together may be as large as the files of a
// template.
func checkSize(p landlord.CustomizationPatch) error {
	r := patchReader{}
	total := 0
	look := func(from landlord.InputLocation, text string) {
		if total += len(text); len(text) > source.MaxTextLength {
			r.fault(from, from.From, "SQL is too long", "The text has %d bytes, at most %d are read. Load data by other means.", len(text), source.MaxTextLength)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Tables)) {
		look(entry("tables", name, 0), p.Tables[name])
	}
	for i, c := range p.Columns {
		look(element("columns", i), c.Definition)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Views)) {
		look(entry("views", name, 0), p.Views[name])
	}
	look(landlord.InputLocation{From: "sql", Field: "sql"}, p.SQL)
	if total > template.MaxTotalSize && len(r.faults) == 0 {
		r.faults = append(r.faults, patchFault{at: "customization", summary: "SQL is too long",
			detail: fmt.Sprintf("Its texts have %d bytes together, at most %d are read. Split it.", total, template.MaxTotalSize)})
	}
	return faultsProblem(r.faults)
}

// faultsProblem makes a problem of faults, nil of none.
func faultsProblem(faults []patchFault) error {
	if len(faults) == 0 {
		return nil
	}
	p := &landlord.Problem{Field: faults[0].field, Summary: "Customization cannot be used"}
	for _, f := range faults {
		p.Detail = append(p.Detail, fmt.Sprintf("%s: %s: %s", f.at, f.summary, f.detail))
	}
	return p
}

func (r *patchReader) fault(from landlord.InputLocation, at, summary, format string, args ...any) {
	r.faults = append(r.faults, patchFault{at: at, field: from.Field, summary: summary, detail: fmt.Sprintf(format, args...)})
}

// name judges the name of something that the patch makes.
func (r *patchReader) name(from landlord.InputLocation, what, name string) bool {
	const longest = 64 // characters, on every server
	summary := landlord.UpperFirst(what) + " name cannot be used"
	switch {
	case name == "":
		r.fault(from, from.From, summary, "The name of the %s is empty.", what)
	case utf8.RuneCountInString(name) > longest:
		r.fault(from, from.From, summary, "`%s` has %d characters; servers allow %d.", name, utf8.RuneCountInString(name), longest)
	case strings.TrimRight(name, " ") != name || strings.ContainsFunc(name, func(c rune) bool { return c == 0 || c > 0xffff || c == utf8.RuneError }):
		r.fault(from, from.From, summary, "`%s` ends with a blank or holds a character that servers change.", name)
	case strings.HasPrefix(strings.ToLower(name), "landlord_"), what == "index" && strings.EqualFold(name, "PRIMARY"):
		r.fault(from, from.From, summary, "`%s` is reserved. Choose another name.", name)
	default:
		return true
	}
	return false
}

// one parses a text that has to be one statement, guards it and keeps it.
func (r *patchReader) one(from landlord.InputLocation, text string, view bool) *source.Statement {
	before := len(r.faults)
	statements := r.parse(from, text)
	switch {
	case len(statements) == 1:
		r.out.Statements = append(r.out.Statements, landlord.PatchStatement{Statement: statements[0], InputLocation: from, View: view})
		return &statements[0]
	case len(statements) > 1:
		r.fault(from, from.At(statements[1].Position), "More than one statement", "One statement is expected here. Move what follows to `sql`.")
	case len(r.faults) == before:
		r.fault(from, from.From, "SQL is missing", "A statement is expected here.")
	}
	return nil
}

// parse takes a text apart and guards its statements.
func (r *patchReader) parse(from landlord.InputLocation, text string) []source.Statement {
	statements, faults := source.ParseOwn(text, r.srv, r.rules)
	for _, f := range faults {
		if f.Severity == source.SeverityError {
			r.fault(from, from.At(f.Position), f.Summary, "%s", f.Detail)
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
		r.fault(from, from.From, "Statement makes no table", "`CREATE TABLE %s …` is expected here.", mysql.Quote(name))
	case st.Object != name:
		r.fault(from, from.From, "Table has another name", "The statement makes table `%s`, under the key `%s`. Write the same name at both places.", st.Object, name)
	default:
		r.makes(ddl.KindTable, name)
	}
}

func (r *patchReader) makes(kind ddl.Kind, name string) {
	r.out.Makes = append(r.out.Makes, ddl.Place{Object: string(kind) + " " + name})
}

func (r *patchReader) element(table, kind, name string) {
	r.out.Makes = append(r.out.Makes, ddl.Place{Object: string(ddl.KindTable) + " " + table, Element: strings.ToLower(kind + " `" + name + "`")})
}

func (r *patchReader) column(from landlord.InputLocation, c landlord.CustomizationColumn) {
	if !r.name(from, "table", c.Table) || !r.name(from, "column", c.Name) {
		return
	}
	// The definition stands on lines of its own, so that places in it are the user's.
	if r.one(from, "ALTER TABLE "+mysql.Quote(c.Table)+" ADD COLUMN "+mysql.Quote(c.Name)+"\n"+c.Definition, false) != nil {
		r.element(c.Table, "column", c.Name)
	}
}

var (
	// indexPart is a column of an index, with its length or direction.
	indexPart = regexp.MustCompile(`(?is)^(.+?)(\s*\(\s*\d+\s*\))?(\s+(?:asc|desc))?$`)
	// indexTail is what stands behind a column in backquotes.
	indexTail = regexp.MustCompile(`(?is)^(\s*\(\s*\d+\s*\))?(\s+(?:asc|desc))?$`)
)

// quotedPart writes a part of an index with its column in backquotes. What is no
// column, such as an expression, stays as it is.
func quotedPart(part string) string {
	part = strings.TrimSpace(part)
	switch {
	case strings.HasPrefix(part, "("):
		return part
	case strings.HasPrefix(part, "`"):
		name := sqltext.NewScanner(part, sqltext.Mode{}).Next()
		if name.Kind == sqltext.Name && indexTail.MatchString(part[name.End:]) {
			return part
		}
	}
	if m := indexPart.FindStringSubmatch(part); m != nil {
		return mysql.Quote(m[1]) + m[2] + m[3]
	}
	return part
}

func (r *patchReader) index(from landlord.InputLocation, x landlord.CustomizationIndex) {
	if !r.name(from, "table", x.Table) || !r.name(from, "index", x.Name) {
		return
	}
	if len(x.Columns) == 0 {
		r.fault(from, from.From, "Index has no columns", "Name the columns of index `%s`.", x.Name)
		return
	}
	parts := make([]string, 0, len(x.Columns))
	for _, c := range x.Columns {
		parts = append(parts, quotedPart(c))
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
	from, before := landlord.InputLocation{From: "sql", Field: "sql"}, len(r.faults)
	for _, st := range r.parse(from, text) {
		alters := st.Verb == "ALTER" && st.Kind == ddl.KindTable
		if !alters && (st.Verb != "CREATE" || !slices.Contains(additive, st.Kind)) {
			if len(r.faults) == before { // else the guard has said it better
				r.fault(from, from.At(st.Position), "Statement is no addition",
					"`%s` is not what a customization does. Write CREATE TABLE, INDEX, VIEW, TRIGGER, PROCEDURE, FUNCTION or EVENT, or ALTER TABLE … ADD.", landlord.Shorten(sqltext.OneLine(st.Text)))
			}
			continue
		}
		if st.Verb == "CREATE" && st.Table == "" || st.Kind == ddl.KindTrigger {
			r.makes(st.Kind, st.Object)
		}
		r.out.Statements = append(r.out.Statements, landlord.PatchStatement{Statement: st, InputLocation: from})
	}
}

// judgeReferences looks at a patch together with what stands below it: references to what
// is not there, and changes of what others define. It knows places in the text,
// which a server does not; what only a server knows it leaves to it.
func judgeReferences(p *landlord.ParsedPatch, core *template.Composition, below []*landlord.ParsedPatch) error {
	if core == nil {
		return nil
	}
	var defined catalog.Catalog
	for _, st := range core.Statements {
		if !st.Seed {
			defined.Add(st.Statement, catalog.Origin{Owner: st.Origin, File: st.File})
		}
	}
	for _, b := range below {
		for _, st := range b.Statements {
			defined.Add(st.Statement, catalog.Origin{Owner: "another customization"})
		}
	}
	var faults []source.Fault
	own := map[string]landlord.PatchStatement{}
	for _, st := range p.Statements {
		own[st.From] = st // statements of one text have one source
		faults = append(faults, defined.Add(st.Statement, catalog.Origin{Owner: "this customization", File: st.From})...)
	}
	faults = append(faults, defined.Finish()...)
	var out []patchFault
	for _, f := range faults {
		st, mine := own[f.File]
		if !mine || f.Severity != source.SeverityError || slices.Contains(forServer, f.Code) {
			continue
		}
		detail := f.Detail
		if f.Code == catalog.CodeMissingTable {
			detail += " If another customization makes it, name that one in `depends_on`."
		}
		out = append(out, patchFault{at: st.At(f.Position), field: st.Field, summary: f.Summary, detail: detail})
	}
	return faultsProblem(out)
}

// forServer are faults that the scratch database judges better: a name may be
// taken by what the template has by now, and views and foreign keys may come in
// any order.
var forServer = []source.Code{catalog.CodeDuplicate, catalog.CodeOrder, catalog.CodePrimaryKey, catalog.CodeForeignKey}
