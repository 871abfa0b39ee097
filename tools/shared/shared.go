// Package shared finds the cases that lie beside the checkout, in `../shared`:
// schemas of real programs, texts that have done harm. Where that folder is not,
// tests go without; where it is, a path in it that is not there is a fault of the
// test, which would be skipped for ever otherwise.
package shared

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Path returns the path of a file or folder of the shared cases. The test is
// skipped where there are none, and fails where there are some but not this one.
func Path(t testing.TB, names ...string) string {
	t.Helper()
	paths := Paths(t, names...)
	if len(paths) == 0 {
		t.Skip("no shared cases beside the checkout")
	}
	return paths[0]
}

// Paths returns the paths that a pattern of filepath.Glob matches in the shared
// cases. None where there are no shared cases: the test goes without. It fails
// where there are some and nothing matches.
func Paths(t testing.TB, pattern ...string) []string {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	paths, err := find(here, pattern...)
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// find looks beside the folder with go.mod that is the nearest above here.
func find(here string, pattern ...string) ([]string, error) {
	root := here
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		up := filepath.Dir(root)
		if up == root {
			return nil, fmt.Errorf("looking for the checkout: no go.mod above %s", here)
		}
		root = up
	}
	beside := filepath.Join(filepath.Dir(root), "shared")
	switch _, err := os.Stat(beside); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("looking for shared cases: %w", err)
	}
	path := filepath.Join(append([]string{beside}, pattern...)...)
	found, err := filepath.Glob(path)
	if err != nil {
		return nil, fmt.Errorf("looking for shared cases: %s: %w", path, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("looking for shared cases: they are beside the checkout, but nothing is at %s", path)
	}
	return found, nil
}
