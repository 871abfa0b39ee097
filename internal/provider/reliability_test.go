package provider_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReliability_commands: each command of the page on reliability names tests that
// there are, and `make soak` names some that it runs.
func TestReliability_commands(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	page, err := os.ReadFile(filepath.Join(root, "docs", "guides", "reliability.md"))
	must(t, err)
	var tests []string
	must(t, filepath.WalkDir(filepath.Join(root, "internal"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range regexp.MustCompile(`(?m)^func (Test\w+)`).FindAllStringSubmatch(string(text), -1) {
			tests = append(tests, found[1])
		}
		return err
	}))
	commands := regexp.MustCompile("`make (\\w+)[^`]*-run ([^']+)'`").FindAllStringSubmatch(string(page), -1)
	if len(commands) < 8 {
		t.Errorf("%d commands", len(commands))
	}
	for _, c := range commands {
		pattern := regexp.MustCompile(c[2])
		if !slices.ContainsFunc(tests, func(name string) bool {
			return pattern.MatchString(name) && (c[1] != "soak" || strings.HasPrefix(name, "TestSoak"))
		}) {
			t.Errorf("make %s runs no test %s", c[1], c[2])
		}
	}
}
