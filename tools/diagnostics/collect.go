package main

import (
	"cmp"
	"go/ast"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// values are the types that carry a text: what the engine refuses and what it
// remarks, and what is wrong in SQL and in the files of a template.
var values = []string{"Problem", "Note", "Fault", "Finding"}

// diagnostic is one place that makes a text.
type diagnostic struct {
	summary  string
	warning  bool
	finding  bool       // in an SQL text or a file; a diagnostic of the engine shows it
	fields   []string   // attributes that it can point at
	detail   [][]string // paragraphs, each with what it can be; a hole is what only a run knows
	function string
	file     string // relative to the root, with slashes
	when     string // the first paragraph of the function's comment
}

// next returns what to do: the last paragraph, as far as it is known.
func (d diagnostic) next() []string {
	if len(d.detail) == 0 {
		return nil
	}
	var out []string
	for _, text := range d.detail[len(d.detail)-1] {
		paragraphs := strings.Split(text, "\n\n")
		if last := paragraphs[len(paragraphs)-1]; strings.Trim(last, hole+"\n ") != "" {
			out = append(out, last)
		}
	}
	return out
}

// site is the construction of a text, in terms of the parameters of the
// function around it.
type site struct {
	summary, field *expression
	detail         []expression // paragraphs, or one text
	severity       *expression
	warning        bool
	finding        bool
	in             *function
}

// collect returns the diagnostics of a program: literals of the types Problem
// and Note, and calls of Terraform's diagnostics. What gets its summary from a
// parameter is looked for in the callers.
func collect(p *program) []diagnostic {
	var out []diagnostic
	for _, name := range slices.Sorted(maps.Keys(p.functions)) {
		f := p.functions[name]
		if f.decl.Body == nil {
			continue
		}
		ast.Inspect(f.decl.Body, func(n ast.Node) bool {
			if s, ok := p.siteOf(f, n); ok {
				out = append(out, p.follow(s, 0)...)
			}
			return true
		})
	}
	slices.SortFunc(out, func(a, b diagnostic) int {
		return cmp.Or(cmp.Compare(a.summary, b.summary), cmp.Compare(a.file, b.file), cmp.Compare(a.function, b.function), cmp.Compare(strings.Join(a.next(), ""), strings.Join(b.next(), "")))
	})
	return out
}

// siteOf says whether a node makes a diagnostic.
func (p *program) siteOf(f *function, n ast.Node) (site, bool) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		if name := typeName(f.info.TypeOf(n)); slices.Contains(values, name) {
			return p.literal(f, n, name)
		}
	case *ast.CallExpr:
		callee := calleeOf(f.info, n)
		if callee != nil && callee.Pkg() != nil && strings.HasSuffix(callee.Pkg().Path(), "terraform-plugin-framework/diag") {
			return added(f, n, callee)
		}
	}
	return site{}, false
}

// literal reads a composite literal, and what is assigned to its detail later.
func (p *program) literal(f *function, n *ast.CompositeLit, name string) (site, bool) {
	s := site{in: f, warning: name == "Note", finding: name == "Fault" || name == "Finding"}
	for _, element := range n.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, ok := pair.Key.(*ast.Ident)
		if !ok {
			continue
		}
		value := expression{Expr: pair.Value, in: f}
		switch key.Name {
		case "Summary":
			s.summary = &value
		case "Field":
			s.field = &value
		case "Detail":
			s.detail = []expression{value}
		case "Severity":
			s.severity = &value
		}
	}
	if s.summary != nil && s.detail == nil {
		s.detail = p.later(f, n)
	}
	return s, s.summary != nil
}

// later returns what the function gives to a field Detail outside of literals.
func (p *program) later(f *function, n *ast.CompositeLit) []expression {
	var out []expression
	ast.Inspect(f.decl.Body, func(node ast.Node) bool {
		assign, ok := node.(*ast.AssignStmt)
		if !ok || assign.Pos() < n.End() || len(assign.Lhs) != 1 {
			return true
		}
		if left, ok := assign.Lhs[0].(*ast.SelectorExpr); ok && left.Sel.Name == "Detail" {
			out = append(out, expression{Expr: assign.Rhs[0], in: f})
		}
		return true
	})
	return out
}

// added reads a call such as AddAttributeError(path, summary, detail).
func added(f *function, n *ast.CallExpr, callee *types.Func) (site, bool) {
	s := site{in: f, warning: strings.Contains(callee.Name(), "Warning")}
	parameters := callee.Signature().Params()
	for i := range parameters.Len() {
		value := expression{Expr: n.Args[min(i, len(n.Args)-1)], in: f}
		switch parameters.At(i).Name() {
		case "summary":
			s.summary = &value
		case "detail":
			s.detail = []expression{value}
		case "path":
			if c, ok := ast.Unparen(value.Expr).(*ast.CallExpr); ok && len(c.Args) == 1 {
				value = value.at(c.Args[0]) // path.Root("slug")
				s.field = &value
			}
		}
	}
	return s, s.summary != nil
}

// follow returns the diagnostics of a site: one, or one for each caller and
// literal that gives the summary.
func (p *program) follow(s site, depth int) []diagnostic {
	if depth > deepest {
		return nil
	}
	if _, ok := constantText(s.summary.in.info, s.summary.Expr); ok {
		return p.finished(s) // perhaps of another package
	}
	switch x := ast.Unparen(s.summary.Expr).(type) {
	case *ast.Ident:
		object := s.summary.in.info.ObjectOf(x)
		if given, ok := s.summary.arguments[object]; ok {
			var out []diagnostic
			for _, value := range given {
				next := s
				next.summary = &value
				out = append(out, p.follow(next, depth+1)...)
			}
			return out
		}
		if at, ok := p.parameters[object]; ok {
			var out []diagnostic
			for _, c := range p.calls[at.function] {
				out = append(out, p.follow(p.through(s, c), depth+1)...)
			}
			return out
		}
	case *ast.SelectorExpr:
		if slices.Contains(values, typeName(s.summary.in.info.TypeOf(x.X))) {
			return nil // a copy of one that was made elsewhere
		}
		var out []diagnostic
		for _, value := range p.fields[fieldOf(*s.summary, x)] {
			next := s
			next.summary, next.in = &value, value.in
			out = append(out, p.follow(next, depth+1)...)
		}
		return out
	case *ast.CallExpr:
		if callee := calleeOf(s.summary.in.info, x); callee != nil && callee.Name() == "Summary" {
			return nil
		}
	}
	return p.finished(s)
}

// through returns a site with the arguments of a call in the place of the
// parameters, made by the caller.
func (p *program) through(s site, c call) site {
	bound := map[types.Object][]expression{}
	for _, object := range p.signatures[c.callee] {
		bound[object] = argumentsOf(c.expr, p.parameters[object], expression{in: c.in})
	}
	replace := func(e *expression) *expression {
		if e == nil || e.in != s.in || len(e.arguments) > 0 {
			return e
		}
		return &expression{Expr: e.Expr, in: e.in, arguments: bound}
	}
	next := site{summary: replace(s.summary), field: replace(s.field), severity: s.severity, warning: s.warning, finding: s.finding, in: c.in}
	for _, e := range s.detail {
		next.detail = append(next.detail, *replace(&e))
	}
	return next
}

// finished writes a site out, one diagnostic for each text of its summary.
func (p *program) finished(s site) []diagnostic {
	d := diagnostic{warning: s.warning, finding: s.finding, function: s.in.name, file: p.file(s.summary.Expr, s.in)}
	if s.severity != nil {
		d.warning = warns(s.severity.Expr)
	}
	if s.in.decl != nil && s.in.decl.Doc != nil {
		first, _, _ := strings.Cut(s.in.decl.Doc.Text(), "\n\n")
		d.when = strings.Join(strings.Fields(first), " ")
	}
	if s.field != nil {
		for _, field := range p.texts(*s.field, 0) {
			if field != "" && field != hole {
				d.fields = append(d.fields, field)
			}
		}
		slices.Sort(d.fields)
	}
	for _, e := range s.detail {
		if isText(e) {
			d.detail = append(d.detail, p.texts(e, 0))
			continue
		}
		d.detail = append(d.detail, p.paragraphs(e, 0)...)
	}
	var out []diagnostic
	for _, summary := range p.texts(*s.summary, 0) {
		d.summary = summary
		out = append(out, d)
	}
	return out
}

// warns says whether an expression names the severity of a warning.
func warns(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return strings.HasSuffix(e.Name, "Warning")
	case *ast.SelectorExpr:
		return strings.HasSuffix(e.Sel.Name, "Warning")
	}
	return false
}

// file returns the file of a function, or of a declaration outside of one.
func (p *program) file(n ast.Node, in *function) string {
	if in.decl != nil {
		n = in.decl
	}
	name := p.fileSet.Position(n.Pos()).Filename
	if relative, err := filepath.Rel(p.root, name); err == nil {
		name = relative
	}
	return filepath.ToSlash(name)
}

// typeName returns the name of a named type, without its pointer.
func typeName(of types.Type) string {
	if pointer, ok := of.(*types.Pointer); ok {
		of = pointer.Elem()
	}
	if named, ok := of.(*types.Named); ok {
		return named.Obj().Name()
	}
	return ""
}
