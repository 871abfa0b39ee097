package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestRooms finds packages that the linter has no rule for: every folder with Go
// files is named by a room in .golangci.yml, with a reason, so that a package
// that is added says what it may know. A room that is gone has no rule.
func TestRooms(t *testing.T) {
	t.Parallel()
	config, err := os.ReadFile(".golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	ruled := map[string]string{}
	rules := regexp.MustCompile(`(?m)^        ([a-z-]+):$`)
	starts := append(rules.FindAllStringSubmatchIndex(string(config), -1), []int{len(config), 0, 0, 0})
	for i, start := range starts[:len(starts)-1] {
		name, text := string(config[start[2]:start[3]]), string(config[start[0]:starts[i+1][0]])
		if !strings.HasPrefix(name, "room-") {
			continue
		}
		if !strings.Contains(text, "desc: ") {
			t.Errorf("the rule %s has no reason", name)
		}
		files := regexp.MustCompile(`(?m)^          files:(.*)$`).FindString(text)
		for _, glob := range regexp.MustCompile(`"\*\*/([^"]+)/\*(?:\*|\.go)"`).FindAllStringSubmatch(files, -1) {
			ruled[glob[1]] = name
		}
	}
	found := map[string]bool{}
	for _, root := range []string{"internal", "tools"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			found[filepath.ToSlash(filepath.Dir(path))] = true
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	delete(found, "tools/generate") // a module of its own
	for folder := range found {
		if ruled[folder] == "" {
			t.Errorf("the package %s has no rule in .golangci.yml that says what it may know: add room-%s", folder, filepath.Base(folder))
		}
	}
	for folder, name := range ruled {
		if !found[folder] {
			t.Errorf("the rule %s is of %s, where no package is", name, folder)
		}
	}
}

// TestContributing finds files that CONTRIBUTING names and that are not there.
func TestContributing(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Which files a change touches")
	table, _, _ = strings.Cut(table, "\n## ")
	named := 0
	for _, row := range strings.Split(table, "\n") {
		folder := ""
		for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row, -1) {
			path := code[1]
			if !strings.HasSuffix(path, ".go") || strings.Contains(path, "…") {
				continue
			}
			if strings.Contains(path, "/") {
				folder = filepath.Dir(path)
			} else {
				path = folder + "/" + path
			}
			if _, err := os.Stat("internal/" + path); err != nil {
				t.Errorf("%s: %v", row, err)
			}
			named++
		}
	}
	if named < 20 {
		t.Errorf("only %d files are named", named)
	}
}
