package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/licensecheck"
)

// allowed are the licenses of what the binary may hold: each lets a program
// under the Mozilla Public License 2.0 be given away with it.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "Unicode-DFS-2016"}

// module is one that `go list` knows.
type module struct {
	Path, Version, Dir string
	Main, Indirect     bool
}

// modules asks Go for modules.
func modules(t *testing.T, arguments ...string) []module {
	t.Helper()
	var all []module
	for decoder := json.NewDecoder(strings.NewReader(ask(t, append([]string{"list", "-mod=readonly"}, arguments...)...))); ; {
		var m module
		if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
}

// ask runs a command of Go and returns what it prints.
func ask(t *testing.T, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", arguments...)
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64")
	out, err := command.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		t.Fatalf("go %s: %v: %s", arguments[0], err, exit.Stderr)
	} else if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// licenses returns what is found in the license files of a module.
func licenses(t *testing.T, m module) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"LICENSE*", "COPYING*", "License*"} {
		paths, err := filepath.Glob(filepath.Join(m.Dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range licensecheck.Scan(text).Match {
				if !slices.Contains(found, match.ID) {
					found = append(found, match.ID)
				}
			}
		}
	}
	return found
}

// TestLicenses looks at what the binary is linked from.
func TestLicenses(t *testing.T) {
	t.Parallel()
	const least = 30 // or the question was wrong
	shipped := modules(t, "-deps", "-f", `{{with .Module}}{"Path": "{{.Path}}", "Version": "{{.Version}}", "Dir": "{{.Dir}}", "Main": {{.Main}}}{{end}}`, ".")
	slices.SortFunc(shipped, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	shipped = slices.Compact(shipped)
	if len(shipped) < least {
		t.Fatalf("only %d modules", len(shipped))
	}
	for _, m := range shipped {
		found := licenses(t, m)
		if len(found) == 0 {
			t.Errorf("no known license in %s %s", m.Path, m.Version)
		}
		for _, license := range found {
			if !slices.Contains(allowed, license) {
				t.Errorf("%s %s is under %s: not one of %s", m.Path, m.Version, license, strings.Join(allowed, ", "))
			}
		}
	}
}

// TestDependencies compares the page on dependencies with go.mod and with what
// the modules say of themselves.
func TestDependencies(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("docs", "design", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|.*\\| ([^|]+) \\|$").FindAllStringSubmatch(string(text), -1) {
		if rows[row[1]] != "" {
			t.Errorf("the page has two rows for %s", row[1])
		}
		rows[row[1]] = row[2]
	}
	known := map[string]bool{}
	var required struct{ Require []module }
	if err := json.Unmarshal([]byte(ask(t, "mod", "edit", "-json")), &required); err != nil {
		t.Fatal(err)
	}
	direct := []string{"-m", "-json"}
	for _, m := range required.Require {
		if !m.Indirect {
			direct = append(direct, m.Path)
		}
	}
	for _, m := range modules(t, direct...) {
		known[m.Path] = true
		switch license := strings.Join(licenses(t, m), ", "); {
		case rows[m.Path] == "":
			t.Errorf("the page has no row for %s, which go.mod requires", m.Path)
		case rows[m.Path] != license:
			t.Errorf("%s: the page says %s, its license files %s", m.Path, rows[m.Path], license)
		}
	}
	for path := range rows {
		if !known[path] {
			t.Errorf("the page has a row for %s, which go.mod does not require", path)
		}
	}
}
