package template

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source/dump"
)

// Statement is a statement of a composition and where it comes from.
type Statement struct {
	source.Statement
	// File is the path inside the template, as in Finding.File.
	File string
	// Level is 1 for the core, 2 for a module.
	Level int
	// Origin says whose the statement is: `core`, `core of basic@1.0.0` or
	// `module election_features`.
	Origin string
	// Seed says that the statement adds rows and changes no schema.
	Seed bool
}

// Composition is a template with chosen modules as one list of statements.
type Composition struct {
	Template ID
	// Modules are the chosen modules and what they require, in the order in
	// which they are built.
	Modules []string
	// Statements are in the order in which they run: cores, the eldest
	// parent's first, then modules, then seeds in the same order; see Ordered.
	Statements []Statement
	// Digest is `sha256:` and the sum of what the server is sent, in order.
	Digest string
	// SQLMode is what its tables are altered under, empty for the strict one.
	SQLMode string
	// Ordered says that rows stand among the structure, which would have another effect
	// in front of them: the statements run one by one, in their order.
	Ordered bool
	// ForwardKeys says that a foreign key refers to a table that comes later,
	// so that the statements before the seeds run with foreign_key_checks off.
	ForwardKeys bool
	// Refused is what the rules of today do not allow in files that were published
	// before, see ComposePublished.
	Refused []Finding
}

// Compose puts the chosen modules and what they require on top of the cores.
// The composition is nil when one of the findings is an error. A finding
// without a file is about the choice.
func (l *Lineage) Compose(modules []string, srv ddl.Server) (*Composition, []Finding) {
	return newReader(l, srv).composition(modules)
}

// ComposePublished is Compose for a version that is published. It never changes, and a
// provider that has stricter rules than the one that took it says so in Refused.
func (l *Lineage) ComposePublished(modules []string, srv ddl.Server) (*Composition, []Finding) {
	r := newReader(l, srv)
	r.published = true
	return r.composition(modules)
}

// ComposeAll composes several choices of modules, and reads each file once. It
// ends with the first choice that cannot be composed, and says what is wrong
// with it.
func (l *Lineage) ComposeAll(choices [][]string, srv ddl.Server) ([]*Composition, []Finding) {
	r := newReader(l, srv)
	var list []*Composition
	for _, modules := range choices {
		c, findings := r.composition(modules)
		if c == nil {
			return nil, findings
		}
		list = append(list, c)
	}
	return list, nil
}

// composition makes one composition.
func (r *reader) composition(modules []string) (*Composition, []Finding) {
	l := r.l
	order, findings := l.choose(modules)
	if HasErrors(findings) {
		return nil, findings
	}
	statements, faults := r.compose(order)
	findings = append(findings, faults...)
	sortFindings(findings)
	findings = counted(findings)
	if HasErrors(findings) {
		return nil, findings
	}
	c := &Composition{Template: l.Template().ID(), Modules: []string{}, Statements: statements, SQLMode: l.SQLMode(), ForwardKeys: r.forward, Ordered: r.ordered}
	for _, m := range order {
		c.Modules = append(c.Modules, m.Name)
	}
	c.Refused = append(c.Refused, r.refused...)
	for _, f := range l.order(order) {
		c.Refused = append(c.Refused, r.read(f).refused...)
	}
	h := sha256.New()
	for _, st := range statements {
		write(h, st.SQL)
		if st.Settings != (ddl.Settings{}) {
			write(h, st.Settings.Key())
		}
	}
	c.Digest = digest(h)
	return c, findings
}

// MigrationStatements returns the explicit steps that lead from an older state
// of the template, with its parents, to this one. Their Level is 1.
func (l *Lineage) MigrationStatements(old *Lineage, srv ddl.Server) ([]Statement, []Finding) {
	r := newReader(l, srv)
	var statements []Statement
	var findings []Finding
	for _, f := range l.hops(old) {
		parsed := r.read(f)
		statements = append(statements, parsed.statements...)
		findings = append(findings, parsed.findings...)
	}
	_, handedOver := Joined(statements)
	findings = append(findings, handedOver...)
	if HasErrors(findings) {
		return nil, findings
	}
	return statements, findings
}

// layerKind says what a file is for.
type layerKind int

const (
	kindSchema layerKind = iota
	kindSeed
	kindMigration
)

func (k layerKind) layer() source.Layer {
	switch k {
	case kindSeed:
		return source.LayerSeed
	case kindMigration:
		return source.LayerMigration
	default:
		return source.LayerSchema
	}
}

// sourceFile is a file with its place in the lineage.
type sourceFile struct {
	File
	generation int
	kind       layerKind
	module     string // empty outside of modules
}

// order returns the files of a composition in the order in which they run.
func (l *Lineage) order(modules []member) []sourceFile {
	var schema, seeds []sourceFile
	add := func(list *[]sourceFile, files []File, generation int, kind layerKind, module string) {
		for _, f := range files {
			*list = append(*list, sourceFile{f, generation, kind, module})
		}
	}
	for generation, t := range l.templates {
		add(&schema, t.Core, generation, kindSchema, "")
		add(&seeds, t.Seeds, generation, kindSeed, "")
	}
	for _, m := range modules {
		add(&schema, m.Files, m.generation, kindSchema, m.Name)
		add(&seeds, m.Seeds, m.generation, kindSeed, m.Name)
	}
	return append(schema, seeds...)
}

// parsedFile is a file taken apart and judged on its own.
type parsedFile struct {
	statements []Statement
	rows       []Statement                // seeds, also those that stand in a file of the schema
	emptied    map[string]source.Position // tables that the file truncates
	findings   []Finding
	refused    []Finding // of a published version
}

// reader takes files apart, each once.
type reader struct {
	l     *Lineage
	srv   ddl.Server
	files map[string]parsedFile // by the name of the file in findings

	published bool      // what the rules do not allow is no error
	forward   bool      // of the last composition, see Composition.ForwardKeys
	ordered   bool      // of the last composition, see Composition.Ordered
	refused   []Finding // of the last composition, beside those of its files
}

func newReader(l *Lineage, srv ddl.Server) *reader {
	return &reader{l: l, srv: srv, files: map[string]parsedFile{}}
}

// read takes a file apart: its statements without those that are left out, and
// what is wrong with each on its own.
func (r *reader) read(f sourceFile) parsedFile {
	name := r.l.fileName(f.generation, f.Name)
	if p, ok := r.files[name]; ok {
		return p
	}
	var p parsedFile
	file := dump.Parse(f.SQL, f.kind.layer(), r.srv)
	var faults []source.Fault
	p.statements, faults = r.guard(file.Schema, f, name)
	seeds := f
	seeds.kind = kindSeed
	rows, more := r.guard(file.Rows, seeds, name)
	p.rows, p.emptied = rows, file.Emptied
	if f.kind == kindSeed {
		p.statements, p.rows = nil, p.statements
	}
	for _, fault := range slices.Concat(file.Faults, faults, more) {
		if finding := fromFault(fault, name); r.published && finding.Severity == SeverityError && fault.Code != source.CodeSyntax {
			p.refused = append(p.refused, finding)
		} else {
			p.findings = append(p.findings, finding)
		}
	}
	sortFindings(p.findings)
	sortFindings(p.refused)
	r.files[name] = p
	return p
}

// guard returns the statements of a file that are not left out, and what is wrong
// with each.
func (r *reader) guard(statements []source.Statement, f sourceFile, name string) ([]Statement, []source.Fault) {
	var kept []Statement
	var faults []source.Fault
	for _, st := range statements {
		found := source.Guard(st, source.Rules{Layer: f.kind.layer()})
		faults = append(faults, found...)
		if !source.Ignored(found) {
			kept = append(kept, r.statement(st, f, name))
		}
	}
	return kept, faults
}

// statement says where a statement comes from.
func (r *reader) statement(st source.Statement, f sourceFile, name string) Statement {
	s := Statement{Statement: st, File: name, Level: 1, Origin: "core", Seed: f.kind == kindSeed}
	if s.Settings.SQLMode == "" && !s.Settings.NoSQLMode {
		s.Settings.SQLMode = r.l.SQLMode()
	}
	switch {
	case f.module != "":
		s.Level, s.Origin = 2, "module "+f.module
	case f.generation < len(r.l.templates)-1:
		s.Origin = "core of " + r.l.templates[f.generation].ID().String()
	}
	return s
}

// fromFault makes a finding of a fault in a file.
func fromFault(f source.Fault, file string) Finding {
	severity := SeverityError
	if f.Severity == source.SeverityWarning {
		severity = SeverityWarning
	}
	return Finding{Severity: severity, File: file, Line: f.Line, Column: f.Column, Summary: f.Summary, Detail: f.Detail}
}

// compose returns the statements of a choice of modules, and what is wrong with
// the files and with the whole.
func (r *reader) compose(modules []member) ([]Statement, []Finding) {
	var statements, rows []Statement
	var findings []Finding
	var defined catalog.Catalog
	add := func(list *[]Statement, f sourceFile, more []Statement) {
		for _, st := range more {
			faults := r.add(&defined, f, st)
			findings = append(findings, faults.findings...)
			if !faults.ignored {
				*list = append(*list, st)
			}
		}
	}
	files := r.l.order(modules)
	order := r.inOrder(files)
	r.ordered = order.cores
	findings = append(findings, order.findings...)
	if r.refused = order.refused; !r.published {
		findings = append(findings, order.refused...)
	}
	for _, f := range files {
		p := r.read(f)
		findings = append(findings, slices.DeleteFunc(slices.Clone(p.findings), func(f Finding) bool { return order.cores && f.Summary == dump.SummaryRows })...)
		if order.cores && f.isCore() {
			p.statements = p.written()
		}
		add(&statements, f, p.statements)
	}
	for _, f := range files { // `seeds` come behind the files of the schema
		if !order.cores || !f.isCore() {
			add(&rows, f, r.read(f).rows)
		}
	}
	statements = append(statements, rows...)
	for _, fault := range defined.Finish() {
		findings = append(findings, fromFault(fault, fault.File))
	}
	r.forward = defined.ForwardKeys()
	return statements, findings
}

// added is what came of a statement that was added to what stands before it.
type added struct {
	findings []Finding
	ignored  bool
}

// add applies a statement to the catalog of those before it.
func (r *reader) add(defined *catalog.Catalog, f sourceFile, st Statement) added {
	faults := defined.Add(st.Statement, catalog.Origin{Owner: st.Origin, File: st.File})
	a := added{ignored: source.Ignored(faults)}
	for _, fault := range faults {
		a.findings = append(a.findings, fromFault(fault, st.File))
	}
	if finding := r.l.frozen(f, st); finding != nil && !st.Seed {
		a.findings = append(a.findings, *finding)
	}
	return a
}

// frozen is the finding for a statement that extends a table which a template
// below it has frozen; nil when it does not.
func (l *Lineage) frozen(f sourceFile, st Statement) *Finding {
	table := st.Table // of an index or a trigger
	if st.Kind == ddl.KindTable && st.Verb != "CREATE" {
		table = st.Object
	}
	for generation, t := range l.templates {
		above := f.module != "" || f.generation > generation
		if table == "" || !above || !slices.Contains(t.FrozenTables, table) {
			continue
		}
		return &Finding{
			Severity: SeverityError, File: st.File, Line: st.Line, Column: st.Column,
			Summary: "Frozen table is extended",
			Detail: fmt.Sprintf("Table `%s` is frozen by template `%s`: neither modules nor templates above may change or extend it. Put what is needed into a table of its own that refers to `%s`.",
				table, t.ID(), table),
		}
	}
	return nil
}
