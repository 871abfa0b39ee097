package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// constants are the texts of a package's test files, by name. A name with two
// values is a hole.
type constants map[string]string

// expected returns the texts in the test files below a directory: literals,
// what is put together of literals and other values, and composite literals
// with a summary and a detail. What is known only when a test runs is a hole.
// The files are read and not type-checked: that takes a tenth of a second.
func expected(root string) ([]string, error) {
	files := map[string][]*ast.File{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && path != root):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("reading a test: %w", err)
		}
		files[filepath.Dir(path)] = append(files[filepath.Dir(path)], file)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, of := range files {
		known := constants{}
		for _, file := range of {
			ast.Inspect(file, known.note)
		}
		for _, file := range of {
			own := constants{} // a name means what it means in its own file
			ast.Inspect(file, own.note)
			for name, text := range known {
				if _, ok := own[name]; !ok {
					own[name] = text
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				text, ok := own.of(n)
				if ok {
					out = append(out, text)
				}
				_, literal := n.(*ast.CompositeLit)
				return !ok || literal
			})
		}
	}
	return out, nil
}

// note remembers constants and variables that hold a text.
func (k constants) note(n ast.Node) bool {
	var names []*ast.Ident
	var values []ast.Expr
	switch n := n.(type) {
	case *ast.ValueSpec:
		names, values = n.Names, n.Values
	case *ast.AssignStmt:
		for _, left := range n.Lhs {
			name, _ := left.(*ast.Ident)
			names = append(names, name)
		}
		values = n.Rhs
	}
	for i, name := range names {
		if name == nil || i >= len(values) || len(values) != len(names) {
			continue
		}
		text := k.text(values[i])
		if old, ok := k[name.Name]; ok && old != text {
			text = hole
		}
		k[name.Name] = text
	}
	return true
}

// of returns the text of a node, if it is one that says something.
func (k constants) of(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		return k.literal(n)
	case ast.Expr:
		text := k.text(n)
		return text, text != hole
	}
	return "", false
}

// text returns the constant parts of an expression, a hole if it has none.
func (k constants) text(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text
		}
	case *ast.Ident:
		if text, ok := k[e.Name]; ok {
			return text
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return strings.ReplaceAll(k.text(e.X)+k.text(e.Y), hole+hole, hole)
		}
	case *ast.CallExpr:
		if s, ok := e.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Sprintf" {
			return verb.ReplaceAllString(k.text(e.Args[0]), hole)
		}
	}
	return hole
}

// literal returns summary and detail of a composite literal, as one text.
func (k constants) literal(n *ast.CompositeLit) (string, bool) {
	var summary string
	var detail []string
	for _, element := range n.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		switch key, _ := pair.Key.(*ast.Ident); {
		case key == nil:
		case key.Name == "Summary":
			summary = k.text(pair.Value)
		case key.Name == "Detail":
			if list, ok := pair.Value.(*ast.CompositeLit); ok {
				for _, paragraph := range list.Elts {
					detail = append(detail, k.text(paragraph))
				}
				continue
			}
			detail = append(detail, k.text(pair.Value))
		}
	}
	return summary + "\n" + strings.Join(detail, "\n\n"), summary != "" && len(detail) > 0
}

// tested says whether one of the texts holds the diagnostic as a whole: its
// summary, behind it the field or nothing, and then every known part of its
// last paragraph, which says what to do. Who writes that out writes the rest too.
func tested(d diagnostic, texts []string) bool {
	pattern := regexp.MustCompile(`(?:^|[\n: ])` + regexp.QuoteMeta(d.summary) + `(?: \[[a-z_.0-9` + hole + `]*\])?(?:\n|: |` + hole + `)`)
	for _, text := range texts {
		if !strings.Contains(text, d.summary) {
			continue
		}
		if text == d.summary && d.onlyCause() {
			return true // a table of summaries: the test puts the cause below each
		}
		at := pattern.FindStringIndex(text)
		if at == nil {
			continue
		}
		rest := text[at[1]:]
		endings := d.next()
		if len(endings) == 0 && strings.TrimSpace(rest) != "" {
			return true
		}
		for _, ending := range endings {
			lines := strings.Split(ending, "\n") // of a list, where one or the other line may be missing
			if contains(rest, lines[len(lines)-1]) {
				return true
			}
		}
	}
	return false
}

// onlyCause says whether the detail is what the engine has no words for.
func (d diagnostic) onlyCause() bool {
	next := d.next()
	return len(d.detail) == 1 && len(next) == 1 && next[0] == "Cause: "+hole
}

// contains says whether a text holds the parts between the holes of another,
// in their order.
func contains(text, parts string) bool {
	for part := range strings.SplitSeq(parts, hole) {
		if part = strings.TrimSpace(part); len(part) < 3 {
			continue
		}
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return true
}
