package main

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// mutant is one change of one operator.
type mutant struct {
	at       string // file.go:line:column of the operator
	from, to string
	line     string // of the source
}

// source is a package with all changes in it: the number of a mutant is its place
// in the list.
type source struct {
	path    string
	folder  string
	name    string
	files   map[string]string // with the changes
	mutants []mutant
}

//go:embed switches.go.txt
var switches string

// load reads a package and puts changes beside its operators.
func load(ctx context.Context, pattern string, o options) (*source, error) {
	loaded, err := packages.Load(&packages.Config{
		Context: ctx,
		Mode:    packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedDeps,
	}, pattern)
	if err != nil {
		return nil, err
	}
	if len(loaded) != 1 || len(loaded[0].Errors) > 0 || len(loaded[0].GoFiles) == 0 {
		return nil, fmt.Errorf("one package that compiles is expected, found %v", loaded)
	}
	p := loaded[0]
	s := &source{path: p.PkgPath, folder: filepath.Dir(p.GoFiles[0]), name: p.Name, files: map[string]string{}}
	for _, file := range p.Syntax {
		path := p.Fset.Position(file.Package).Filename
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		e := &editor{source: s, fset: p.Fset, info: p.TypesInfo, options: o, text: string(text)}
		ast.Inspect(file, e.visit)
		s.files[path] = e.apply()
	}
	if len(s.mutants) == 0 {
		return nil, errors.New("it has no operator that could be changed")
	}
	return s, nil
}

// build compiles the tests of the package with all changes.
func (s *source) build(ctx context.Context, scratch string) (*program, error) {
	replace := map[string]string{}
	add := func(path, text string) error {
		to := filepath.Join(scratch, fmt.Sprintf("%d.go", len(replace)))
		replace[path] = to
		return os.WriteFile(to, []byte(text), 0o600)
	}
	for path, text := range s.files {
		if err := add(path, text); err != nil {
			return nil, err
		}
	}
	if err := add(filepath.Join(s.folder, "mutants_switches.go"), strings.Replace(switches, "package switches", "package "+s.name, 1)); err != nil {
		return nil, err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(scratch, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		return nil, err
	}
	p := &program{path: filepath.Join(scratch, "tests"), folder: s.folder}
	build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", file, "-o", p.path, s.path)
	build.Dir = s.folder
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compiling its tests: %w\n%s", err, out)
	}
	return p, nil
}

// edit is text that stands at an offset instead of some bytes.
type edit struct {
	at, remove int
	text       string
	class      int // at one offset: what ends, what begins, what is instead
	order      int
}

// The classes of edits.
const (
	ends = iota
	begins
	instead
)

// editor puts changes into one file.
type editor struct {
	source  *source
	fset    *token.FileSet
	info    *types.Info
	options options
	text    string
	edits   []edit
}

// visit puts a change beside one operator. What encloses is visited first.
func (e *editor) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok != token.CONST
	case *ast.BinaryExpr:
		e.binary(n)
	case *ast.UnaryExpr:
		e.negative(n)
	case *ast.IncDecStmt:
		e.step(n)
	}
	return true
}

// binary wraps `x < y` in the switch of its operator: less(7, x, y).
func (e *editor) binary(n *ast.BinaryExpr) {
	if e.info.Types[n].Value != nil {
		return // a constant
	}
	op := n.Op
	if op == token.EQL || op == token.NEQ {
		if id, ok := e.add(n.OpPos, op.String(), opposite[op]); ok {
			e.wrap(n, "((", fmt.Sprintf(") != mutantIs(%d))", id))
		}
		return
	}
	if op == token.LAND || op == token.LOR {
		e.logical(n)
		return
	}
	function, changes := switchOf[op], changesOf[op]
	if function == "" || !isNumeric(e.info.TypeOf(n.X)) && len(changes) == 1 {
		return // of texts, only `+` is no comparison
	}
	id, ok := e.add(n.OpPos, op.String(), changes...)
	if !ok {
		return
	}
	if t, ok := e.info.TypeOf(n).(*types.Basic); ok && len(changes) == 1 {
		function += "[" + types.Default(t).String() + "]" // `1 << n - 1` has that of what it is for
	}
	e.wrap(n, fmt.Sprintf("%s(%d, ", function, id), ")")
	e.put(n.OpPos, len(op.String()), ",", instead)
}

// logical makes `x && y` a call of mutantAnd: y is only asked for when it counts.
func (e *editor) logical(n *ast.BinaryExpr) {
	if !e.options.logical {
		return
	}
	id, ok := e.add(n.OpPos, n.Op.String(), opposite[n.Op])
	if !ok {
		return
	}
	e.wrap(n, fmt.Sprintf("%s(%d, ", switchOf[n.Op], id), ") })")
	e.put(n.OpPos, len(n.Op.String()), ", func() bool { return (", instead)
}

// negative makes `-x` the switch of its sign. A constant needs its type.
func (e *editor) negative(n *ast.UnaryExpr) {
	t, ok := e.info.TypeOf(n).(*types.Basic)
	if n.Op != token.SUB || !ok {
		return
	}
	id, ok := e.add(n.OpPos, "-", "+")
	if !ok {
		return
	}
	e.put(n.OpPos, 1, fmt.Sprintf("mutantSign[%s](%d, ", types.Default(t), id), instead)
	e.put(n.End(), 0, ")", ends)
}

// step makes `x++` an assignment.
func (e *editor) step(n *ast.IncDecStmt) {
	id, ok := e.add(n.TokPos, n.Tok.String(), opposite[n.Tok])
	if !ok {
		return
	}
	x := e.text[e.offset(n.X.Pos()):e.offset(n.X.End())]
	e.put(n.TokPos, len(n.Tok.String()), fmt.Sprintf("%s= mutantOne(%d, %s)", n.Tok.String()[:1], id, x), instead)
}

// add makes mutants of an operator and returns the number of the first.
func (e *editor) add(at token.Pos, from string, to ...string) (int, bool) {
	p := e.fset.Position(at)
	place := fmt.Sprintf("%s:%d:%d", filepath.Base(p.Filename), p.Line, p.Column)
	if !e.options.at.MatchString(place) {
		return 0, false
	}
	first := len(e.source.mutants)
	for _, to := range to {
		e.source.mutants = append(e.source.mutants, mutant{at: place, from: from, to: to, line: strings.TrimSpace(strings.Split(e.text, "\n")[p.Line-1])})
	}
	return first, true
}

func (e *editor) wrap(n ast.Node, before, behind string) {
	e.put(n.Pos(), 0, before, begins)
	e.put(n.End(), 0, behind, ends)
}

func (e *editor) put(at token.Pos, remove int, text string, class int) {
	order := len(e.edits)
	if class == ends {
		order = -order // what is inside ends first
	}
	e.edits = append(e.edits, edit{at: e.offset(at), remove: remove, text: text, class: class, order: order})
}

func (e *editor) offset(p token.Pos) int { return e.fset.Position(p).Offset }

// apply returns the file with its edits.
func (e *editor) apply() string {
	slices.SortFunc(e.edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.class, b.class), cmp.Compare(a.order, b.order))
	})
	var out strings.Builder
	done := 0
	for _, edit := range e.edits {
		out.WriteString(e.text[done:edit.at])
		out.WriteString(edit.text)
		done = edit.at + edit.remove
	}
	out.WriteString(e.text[done:])
	return out.String()
}

// opposite, changesOf and switchOf are gremlins' changes, and the functions of
// switches.go.txt that make them.
var (
	opposite  = map[token.Token]string{token.EQL: "!=", token.NEQ: "==", token.INC: "--", token.DEC: "++", token.LAND: "||", token.LOR: "&&"}
	changesOf = map[token.Token][]string{
		token.LSS: {"<=", ">="}, token.LEQ: {"<", ">"}, token.GTR: {">=", "<="}, token.GEQ: {">", "<"},
		token.ADD: {"-"}, token.SUB: {"+"}, token.MUL: {"/"}, token.QUO: {"*"}, token.REM: {"*"},
	}
	switchOf = map[token.Token]string{
		token.LSS: "mutantLess", token.LEQ: "mutantAtMost", token.GTR: "mutantMore", token.GEQ: "mutantAtLeast",
		token.ADD: "mutantSum", token.SUB: "mutantDifference", token.MUL: "mutantProduct", token.QUO: "mutantQuotient", token.REM: "mutantRest",
		token.LAND: "mutantAnd", token.LOR: "mutantOr",
	}
)

func isNumeric(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsNumeric != 0
}
