package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// checkout makes a folder with a changelog and fragments.
func checkout(t *testing.T, changelog string, fragments map[string]string) string {
	t.Helper()
	root := t.TempDir()
	fragments["../CHANGELOG.md"] = changelog
	if err := os.Mkdir(filepath.Join(root, ".changes"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range fragments {
		if err := os.WriteFile(filepath.Join(root, ".changes", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestRun(t *testing.T) {
	t.Parallel()
	day := time.Date(2027, 1, 5, 0, 0, 0, 0, time.UTC)
	const released = "## 0.1.0 (December 1, 2026)\n\nFEATURES:\n\n* Everything\n"
	cases := map[string]struct {
		before    string
		fragments map[string]string
		release   string
		out       string
		after     string
		err       string
	}{
		"printed": {
			before:    released,
			fragments: map[string]string{"bug-b.md": "B is right\n", "feature-a.md": "A is new\n", "bug-a.md": "A is right"},
			out:       "FEATURES:\n\n* A is new\n\nBUG FIXES:\n\n* A is right\n* B is right\n",
			after:     released,
		},
		"a new release": {
			before: released, fragments: map[string]string{"bug-b.md": "B is right\n"}, release: "0.1.1",
			after: "## 0.1.1 (January 5, 2027)\n\nBUG FIXES:\n\n* B is right\n\n" + released,
		},
		"into what is not released": {
			before:    "## 0.2.0 (Unreleased)\n\nBUG FIXES:\n\n* A is right\n\n" + released,
			fragments: map[string]string{"bug-b.md": "B is right", "note-c.md": "Read this"}, release: "0.2.0",
			after: "## 0.2.0 (January 5, 2027)\n\nNOTES:\n\n* Read this\n\nBUG FIXES:\n\n* A is right\n* B is right\n\n" + released,
		},
		"an unknown kind": {before: released, fragments: map[string]string{"fix-a.md": "A"}, after: released,
			err: "fix-a.md: the name begins with no kind: breaking, note, feature, enhancement, bug or security, and `-`"},
		"two lines": {before: released, fragments: map[string]string{"bug-a.md": "A\nB"}, after: released,
			err: "bug-a.md: an entry is one line, without a bullet before it and a full stop behind it"},
		"something else in the list": {before: "## 0.2.0 (Unreleased)\n\nWords\n", fragments: map[string]string{}, release: "0.2.0", after: "## 0.2.0 (Unreleased)\n\nWords\n",
			err: `CHANGELOG.md: "Words" is neither a list's heading nor an entry`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := checkout(t, c.before, c.fragments)
			var out strings.Builder
			message := ""
			if err := run(root, c.release, day, &out); err != nil {
				message = err.Error()
			}
			after, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
			if err != nil {
				t.Fatal(err)
			}
			if message != c.err || out.String() != c.out || string(after) != c.after {
				t.Errorf("error %q, printed %q, changelog %q", message, out.String(), after)
			}
			left, err := filepath.Glob(filepath.Join(root, ".changes", "*.md"))
			if err != nil || (len(left) == 0) != (c.release != "" && c.err == "" || len(c.fragments) == 1) {
				t.Errorf("fragments: %q, %v", left, err)
			}
		})
	}
}

// TestChangelog reads what is in this checkout, so that a release cannot fail.
func TestChangelog(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := merge(string(text), "9.9.9", time.Now(), map[string][]string{}); err != nil {
		t.Error(err)
	}
	if err := run(root, "", time.Now(), &strings.Builder{}); err != nil {
		t.Error(err)
	}
}
