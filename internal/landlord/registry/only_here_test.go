package registry_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestRegistry_onlyHere fails when SQL on a table of the landlord database
// stands outside of this package: a new column is to be one file.
func TestRegistry_onlyHere(t *testing.T) {
	t.Parallel()
	find := landlordSQL(t)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		if filepath.ToSlash(filepath.Dir(path)) == "../../landlord/registry" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range find(string(text)) {
			t.Errorf("%s: %s\nEvery statement on the landlord database stands in package registry.", path, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRegistry_found shows what counts as SQL on a table, and what does not.
func TestRegistry_found(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		code string
		want []string
	}{
		"a statement":             {"q.Exec(ctx, `UPDATE landlord.tenants SET name = ?`)", []string{"UPDATE landlord.tenants SET name = ?"}},
		"a join":                  {`q.Query("SELECT 1 FROM x " + "JOIN schemas s")`, []string{"JOIN schemas s"}},
		"quoted":                  {"q.Exec(\"DELETE FROM `l`.`tenants`\")", []string{"DELETE FROM `l`.`tenants`"}},
		"a name of its own":       {`name := "tenant_checkpoints"`, []string{"tenant_checkpoints"}},
		"a name that is quoted":   {`mysql.Qualified(database, "tenants")`, []string{"tenants"}},
		"through the registry":    {`r.table("schemas")`, []string{"schemas"}},
		"an attribute":            {`fields["tenants"]`, nil},
		"prose":                   {`"Two tenants would share a database; update schemas from files"`, nil},
		"prose with a table":      {"\"delete the row from `tenants` of the landlord database\"", nil},
		"another name":            {`"landlord_tenant_checkpoints"`, nil},
		"a table of information":  {`"SELECT 1 FROM information_schema.SCHEMATA"`, nil},
		"a table of the tenant's": {`"SELECT 1 FROM orders"`, nil},
	}
	find := landlordSQL(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := find("package p\nfunc f() { _ = g(" + strings.ReplaceAll(c.code, "name := ", "") + ") }"); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// landlordSQL returns what finds SQL on tables of the landlord database in the
// source of a file.
func landlordSQL(t *testing.T) func(code string) []string {
	t.Helper()
	files, err := filepath.Glob("*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schema of the landlord database: %v", err)
	}
	tables := map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("CREATE TABLE (?:IF NOT EXISTS )?`?([a-z_]+)").FindAllStringSubmatch(string(text), -1) {
			tables[m[1]] = true
		}
	}
	names := slices.Sorted(maps.Keys(tables))
	words := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.Contains(n, "_") }) // the others are words of prose too
	word := regexp.MustCompile(`\b(` + strings.Join(words, "|") + `)\b`)
	statement := regexp.MustCompile("\\b(FROM|JOIN|INTO|UPDATE|TABLE)\\s+(`?\\w+`?\\.)?`?(" + strings.Join(names, "|") + ")\\b")
	return func(code string) []string {
		parsed, err := parser.ParseFile(token.NewFileSet(), "", code, 0)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		quoted := map[ast.Expr]bool{}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"table", "Quote", "Qualified"}, f.Sel.Name) {
					for _, a := range n.Args {
						quoted[a] = true
					}
				}
			case *ast.BasicLit:
				text, err := strconv.Unquote(n.Value)
				if n.Kind == token.STRING && err == nil && (word.MatchString(text) || statement.MatchString(text) || quoted[n] && tables[text]) {
					found = append(found, text)
				}
			}
			return true
		})
		return found
	}
}
