package shared

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// checkout makes a folder like that of a developer: a checkout with a package,
// and the shared cases beside it, when there are files for them.
func checkout(t *testing.T, cases ...string) (parent, here string) {
	t.Helper()
	parent = t.TempDir()
	here = filepath.Join(parent, "main", "internal", "ddl", "source")
	for _, f := range append([]string{"main/go.mod", "main/internal/ddl/source/x_test.go"}, cases...) {
		path := filepath.Join(parent, filepath.FromSlash(f))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return parent, here
}

// TestFind: without shared cases nothing is found and nothing is wrong; with
// them a path that is not there is an error, not a reason to skip.
func TestFind(t *testing.T) {
	t.Parallel()
	cases := []string{"shared/corpus/sakila/1.sql", "shared/corpus/sakila/2.sql", "shared/hostile/hostile.jsonl"}
	tests := map[string]struct {
		cases   []string
		pattern []string
		want    string // of paths from the parent folder
		err     string // PARENT stands for that folder
	}{
		"a file":       {cases, []string{"hostile", "hostile.jsonl"}, "shared/hostile/hostile.jsonl", ""},
		"a folder":     {cases, []string{"corpus"}, "shared/corpus", ""},
		"a pattern":    {cases, []string{"corpus", "sakila", "*.sql"}, "shared/corpus/sakila/1.sql shared/corpus/sakila/2.sql", ""},
		"no cases":     {nil, []string{"corpus"}, "", ""},
		"a wrong path": {cases, []string{"corpus", "sakilla", "*.sql"}, "", "looking for shared cases: they are beside the checkout, but nothing is at PARENT/shared/corpus/sakilla/*.sql"},
		"no pattern":   {cases, []string{"[a"}, "", "looking for shared cases: PARENT/shared/[a: syntax error in pattern"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent, here := checkout(t, test.cases...)
			paths, err := find(here, test.pattern...)
			got := filepath.ToSlash(strings.ReplaceAll(strings.Join(paths, " "), parent+string(filepath.Separator), ""))
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			message := ""
			if err != nil {
				message = strings.ReplaceAll(err.Error(), parent, "PARENT")
			}
			if message != test.err {
				t.Errorf("got error %q, want %q", message, test.err)
			}
		})
	}
}

// TestFind_noCheckout: outside of a checkout nobody knows where to look.
func TestFind_noCheckout(t *testing.T) {
	t.Parallel()
	if _, err := find(string(filepath.Separator), "corpus"); err == nil || err.Error() != "looking for the checkout: no go.mod above /" {
		t.Errorf("got %v", err)
	}
}

// TestPath asks for what tests ask for: it is here, or nothing of it is.
func TestPath(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(Path(t, "corpus")); err != nil {
		t.Error(err)
	}
}

// TestEverybodyAsks finds tests that make the path on their own: one that
// counted the folders up to the checkout wrongly was skipped for months.
func TestEverybodyAsks(t *testing.T) {
	t.Parallel()
	counted := regexp.MustCompile(`\.\./shared\b|"\.\.", *"shared"`)
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasPrefix(path, filepath.Join(root, "tools", "shared")) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(text), "\n") {
			if counted.MatchString(line) {
				t.Errorf("%s:%d makes the path of shared cases itself, and is skipped when it is wrong: ask shared.Path", path, i+1)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
