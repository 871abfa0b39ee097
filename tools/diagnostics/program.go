package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/packages"
)

// module is the path of everything that is ours.
const module = "github.com/landlord-db/terraform-provider-landlord"

// program is the type-checked source of the provider with what an evaluation
// asks for. Functions and fields are found by their full names, because a
// package that is checked together with its tests has objects of its own.
type program struct {
	functions   map[string]*function
	parameters  map[types.Object]parameter
	signatures  map[string][]types.Object // the parameters of a function
	calls       map[string][]call
	fields      map[types.Object][]expression // what composite literals and assignments give to a field
	assignments map[types.Object][]expression // in the order of the source
	root        string
	fileSet     *token.FileSet

	visiting map[ast.Expr]bool // what is being evaluated
	steps    int               // of this evaluation
}

// function is one declaration.
type function struct {
	decl *ast.FuncDecl
	info *types.Info
	name string // as people write it: package.Type.Method
}

// parameter is the place of a parameter in its function's signature.
type parameter struct {
	function string
	index    int
	variadic bool
}

// call is one call of a function of ours.
type call struct {
	expr   *ast.CallExpr
	in     *function
	callee string
}

// expression is source with what is needed to evaluate it: its types, the
// function around it, and the arguments of a call that is being followed.
type expression struct {
	ast.Expr
	in        *function
	arguments map[types.Object][]expression
}

// at returns another expression of the same place.
func (e expression) at(expr ast.Expr) expression {
	return expression{Expr: expr, in: e.in, arguments: e.arguments}
}

// load type-checks packages below a directory, without their tests.
func load(root string, patterns ...string) ([]*packages.Package, error) {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports,
		Dir:  root,
	}, patterns...)
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", strings.Join(patterns, " "), err)
	}
	for _, p := range loaded {
		for _, e := range p.Errors {
			return nil, fmt.Errorf("loading %s: %w", p.PkgPath, e)
		}
	}
	return loaded, nil
}

// newProgram indexes packages that were loaded without their tests.
func newProgram(root string, loaded []*packages.Package) *program {
	p := &program{
		functions: map[string]*function{}, parameters: map[types.Object]parameter{}, calls: map[string][]call{},
		signatures: map[string][]types.Object{}, visiting: map[ast.Expr]bool{},
		fields: map[types.Object][]expression{}, assignments: map[types.Object][]expression{}, root: root,
	}
	for _, pkg := range loaded {
		p.fileSet = pkg.Fset
		for _, file := range pkg.Syntax {
			for _, decl := range file.Decls {
				p.declare(pkg, decl)
			}
		}
	}
	return p
}

func (p *program) declare(pkg *packages.Package, decl ast.Decl) {
	in := &function{info: pkg.TypesInfo, name: pkg.Name}
	if fn, ok := decl.(*ast.FuncDecl); ok {
		object, ok := pkg.TypesInfo.Defs[fn.Name].(*types.Func)
		if !ok {
			return
		}
		in.decl, in.name = fn, shortName(object)
		p.functions[object.FullName()] = in
		p.sign(object.FullName(), object.Signature())
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		p.index(in, n)
		return true
	})
}

// sign notes the parameters of a function.
func (p *program) sign(name string, signature *types.Signature) {
	for i := range signature.Params().Len() {
		p.signatures[name] = append(p.signatures[name], signature.Params().At(i))
		p.parameters[signature.Params().At(i)] = parameter{name, i, signature.Variadic() && i == signature.Params().Len()-1}
	}
}

// closureName names a function that a variable holds.
func (p *program) closureName(object types.Object) string {
	return p.fileSet.Position(object.Pos()).String()
}

// index notes calls and what is given to variables and fields.
func (p *program) index(in *function, n ast.Node) {
	switch n := n.(type) {
	case *ast.CallExpr:
		if callee := calleeOf(in.info, n); callee != nil && callee.Pkg() != nil && strings.HasPrefix(callee.Pkg().Path(), module) {
			name := callee.Origin().FullName()
			p.calls[name] = append(p.calls[name], call{n, in, name})
			return
		}
		if name, ok := n.Fun.(*ast.Ident); ok {
			if variable, ok := in.info.ObjectOf(name).(*types.Var); ok {
				closure := p.closureName(variable)
				p.calls[closure] = append(p.calls[closure], call{n, in, closure})
			}
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok {
			if field, ok := in.info.Uses[key].(*types.Var); ok && field.IsField() {
				p.fields[field.Origin()] = append(p.fields[field.Origin()], expression{Expr: n.Value, in: in})
			}
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if len(n.Rhs) == len(n.Lhs) {
				p.assign(in, left, n.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if i < len(n.Values) {
				p.assign(in, name, n.Values[i])
			}
		}
	}
}

func (p *program) assign(in *function, left, right ast.Expr) {
	switch left := left.(type) {
	case *ast.Ident:
		if object := in.info.ObjectOf(left); object != nil {
			p.assignments[object] = append(p.assignments[object], expression{Expr: right, in: in})
			if closure, ok := right.(*ast.FuncLit); ok {
				if signature, ok := in.info.TypeOf(closure).(*types.Signature); ok {
					p.sign(p.closureName(object), signature)
				}
			}
		}
	case *ast.SelectorExpr:
		// The fields of a variable are told apart from those of others.
		if object, field := ownerOf(in.info, left), in.info.Uses[left.Sel]; object != nil && field != nil {
			p.fields[field] = append(p.fields[field], expression{Expr: right, in: in})
		}
	}
}

// ownerOf returns the variable whose field a selector names.
func ownerOf(info *types.Info, s *ast.SelectorExpr) types.Object {
	if x, ok := s.X.(*ast.Ident); ok {
		return info.ObjectOf(x)
	}
	return nil
}

// calleeOf returns the function that a call names, nil when it calls a value.
func calleeOf(info *types.Info, c *ast.CallExpr) *types.Func {
	fun := ast.Unparen(c.Fun)
	if generic, ok := fun.(*ast.IndexExpr); ok {
		fun = generic.X
	}
	var name *ast.Ident
	switch fun := fun.(type) {
	case *ast.Ident:
		name = fun
	case *ast.SelectorExpr:
		name = fun.Sel
	default:
		return nil
	}
	callee, _ := info.Uses[name].(*types.Func)
	return callee
}

// shortName writes a function as `package.Type.Method`.
func shortName(f *types.Func) string {
	name := f.Name()
	if receiver := f.Signature().Recv(); receiver != nil {
		of := receiver.Type()
		if pointer, ok := of.(*types.Pointer); ok {
			of = pointer.Elem()
		}
		if named, ok := of.(*types.Named); ok {
			name = named.Obj().Name() + "." + name
		}
	}
	return f.Pkg().Name() + "." + name
}

// constantText returns the value of a constant expression.
func constantText(info *types.Info, e ast.Expr) (string, bool) {
	if v := info.Types[e].Value; v != nil && v.Kind() == constant.String {
		return constant.StringVal(v), true
	}
	return "", false
}
