package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

const (
	// hole stands for what is known only when the program runs.
	hole = "…"
	// deepest and longest end an evaluation that goes far away: what is found
	// there is no text for people.
	deepest = 12
	longest = 2000
	// alternatives is how many texts an expression may have before it is a hole.
	alternatives = 12
)

var verb = regexp.MustCompile(`%[-+# 0]*[0-9.]*[a-zA-Z]`)

// texts returns what an expression of type string can be.
func (p *program) texts(e expression, depth int) []string {
	if text, ok := constantText(e.in.info, e.Expr); ok {
		return []string{text}
	}
	if !p.enter(e.Expr, depth) {
		return []string{hole}
	}
	defer delete(p.visiting, e.Expr)
	var out []string
	switch x := ast.Unparen(e.Expr).(type) {
	case *ast.BinaryExpr:
		if x.Op == token.ADD {
			out = product(p.texts(e.at(x.X), depth+1), p.texts(e.at(x.Y), depth+1))
		}
	case *ast.Ident:
		for _, given := range p.given(e, x) {
			out = append(out, p.texts(given, depth+1)...)
		}
	case *ast.SelectorExpr:
		for _, given := range p.fields[fieldOf(e, x)] {
			out = append(out, p.texts(given, depth+1)...)
		}
	case *ast.CallExpr:
		out = p.callTexts(e, x, depth)
	}
	out = distinct(out)
	if len(out) == 0 || len(out) > alternatives {
		return []string{hole}
	}
	return out
}

// enter says whether to evaluate an expression: not one that is being evaluated.
func (p *program) enter(e ast.Expr, depth int) bool {
	if depth == 0 {
		p.steps = 0
	}
	p.steps++
	if depth > deepest || p.steps > longest || p.visiting[e] {
		return false
	}
	p.visiting[e] = true
	return true
}

func (p *program) callTexts(e expression, c *ast.CallExpr, depth int) []string {
	if e.in.info.Types[c.Fun].IsType() {
		return p.texts(e.at(c.Args[0]), depth+1)
	}
	callee := calleeOf(e.in.info, c)
	switch {
	case callee == nil:
		return nil
	case callee.FullName() == "fmt.Sprintf":
		return p.formatted(e, c, depth)
	case callee.FullName() == "strings.Join":
		separator, _ := constantText(e.in.info, c.Args[1])
		out := []string{""}
		for i, paragraph := range p.paragraphs(e.at(c.Args[0]), depth+1) {
			if i > 0 {
				out = product(out, []string{separator})
			}
			out = product(out, paragraph)
		}
		return out
	}
	var out []string
	for _, result := range p.results(e, c, callee) {
		out = append(out, p.texts(result, depth+1)...)
	}
	return out
}

// formatted puts what is known into the verbs of a format.
func (p *program) formatted(e expression, c *ast.CallExpr, depth int) []string {
	out := []string{""}
	formats := p.texts(e.at(c.Args[0]), depth+1)
	if len(formats) != 1 {
		return []string{hole}
	}
	rest, n := formats[0], 0
	for {
		at := verb.FindStringIndex(rest)
		if at == nil {
			return product(out, []string{strings.ReplaceAll(rest, "%%", "%")})
		}
		value := []string{hole}
		if n++; n < len(c.Args) && rest[at[1]-1] == 's' {
			value = p.texts(e.at(c.Args[n]), depth+1)
		}
		out = product(product(out, []string{rest[:at[0]]}), value)
		rest = rest[at[1]:]
	}
}

// paragraphs returns the elements of an expression of type []string, each with
// what it can be.
func (p *program) paragraphs(e expression, depth int) [][]string {
	unknown := [][]string{{hole}}
	if !p.enter(e.Expr, depth) {
		return unknown
	}
	defer delete(p.visiting, e.Expr)
	var out [][]string
	switch x := ast.Unparen(e.Expr).(type) {
	case *ast.CompositeLit:
		for _, element := range x.Elts {
			out = append(out, p.texts(e.at(element), depth+1))
		}
		return out
	case *ast.Ident:
		for _, given := range p.given(e, x) {
			if isText(given) {
				out = append(out, p.texts(given, depth+1))
				continue
			}
			if c, ok := ast.Unparen(given.Expr).(*ast.CallExpr); ok {
				out = append(out, p.callParagraphs(given, c, e.in.info.ObjectOf(x), depth)...)
				continue
			}
			out = append(out, p.paragraphs(given, depth+1)...)
		}
	case *ast.CallExpr:
		out = p.callParagraphs(e, x, nil, depth)
	}
	if len(out) == 0 {
		return unknown
	}
	return out
}

// callParagraphs follows append, slices.Concat and functions of ours. What is
// appended to the variable that takes the result is looked at by the caller.
func (p *program) callParagraphs(e expression, c *ast.CallExpr, result types.Object, depth int) [][]string {
	var out [][]string
	callee := calleeOf(e.in.info, c)
	name, _ := ast.Unparen(c.Fun).(*ast.Ident)
	appends := name != nil && name.Name == "append"
	if !appends && (callee == nil || callee.FullName() != "slices.Concat") {
		for _, result := range p.results(e, c, callee) {
			out = append(out, p.paragraphs(result, depth+1)...)
		}
		return out
	}
	for i, argument := range c.Args {
		variable, _ := ast.Unparen(argument).(*ast.Ident)
		switch list := !appends || i == 0 || (i == len(c.Args)-1 && c.Ellipsis.IsValid()); {
		case list && variable != nil && result != nil && e.in.info.ObjectOf(variable) == result:
		case list:
			out = append(out, p.paragraphs(e.at(argument), depth+1)...)
		default:
			out = append(out, p.texts(e.at(argument), depth+1))
		}
	}
	return out
}

// given returns what a variable or parameter was given: the arguments of the
// call that is followed, else those of all calls.
func (p *program) given(e expression, name *ast.Ident) []expression {
	object := e.in.info.ObjectOf(name)
	if given, ok := e.arguments[object]; ok {
		return given
	}
	at, ok := p.parameters[object]
	if !ok {
		given := slices.Clone(p.assignments[object])
		for i := range given {
			given[i].arguments = e.arguments
		}
		return given
	}
	var out []expression
	for _, c := range p.calls[at.function] {
		out = append(out, argumentsOf(c.expr, at, expression{in: c.in})...)
	}
	return out
}

// argumentsOf returns what a call gives to a parameter.
func argumentsOf(c *ast.CallExpr, at parameter, e expression) []expression {
	var out []expression
	for i, argument := range c.Args {
		if i == at.index || (at.variadic && i > at.index) {
			out = append(out, e.at(argument))
		}
	}
	return out
}

// bind returns the arguments of a call by parameter.
func (p *program) bind(e expression, c *ast.CallExpr, callee *types.Func) map[types.Object][]expression {
	bound := map[types.Object][]expression{}
	for _, object := range p.signatures[callee.Origin().FullName()] {
		bound[object] = argumentsOf(c, p.parameters[object], e)
	}
	return bound
}

// results returns what a function of ours returns first, with the arguments of
// a call in the place of its parameters.
func (p *program) results(e expression, c *ast.CallExpr, callee *types.Func) []expression {
	if callee == nil {
		return nil
	}
	f := p.functions[callee.Origin().FullName()]
	if f == nil || f.decl.Body == nil {
		return nil
	}
	bound := p.bind(e, c, callee)
	var out []expression
	ast.Inspect(f.decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) > 0 {
				out = append(out, expression{n.Results[0], f, bound})
			}
		}
		return true
	})
	return out
}

func fieldOf(e expression, s *ast.SelectorExpr) types.Object {
	if field, ok := e.in.info.Uses[s.Sel].(*types.Var); ok {
		return field.Origin()
	}
	return e.in.info.Uses[s.Sel]
}

func isText(e expression) bool {
	of := e.in.info.TypeOf(e.Expr)
	if of == nil {
		return false
	}
	basic, ok := of.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsString != 0
}

// product joins every text with every other.
func product(left, right []string) []string {
	var out []string
	for _, l := range left {
		for _, r := range right {
			out = append(out, l+r)
		}
	}
	if len(out) > alternatives {
		return []string{hole}
	}
	return out
}

func distinct(texts []string) []string {
	var out []string
	for _, text := range texts {
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}
