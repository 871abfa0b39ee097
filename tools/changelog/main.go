// Command changelog puts the fragments of .changes/ into CHANGELOG.md. Each
// change that a user notices comes with a file of its own, so that changes made
// side by side do not meet in one list:
//
//	.changes/bug-import-of-views.md
//
// The name begins with the kind; the text is the entry, one paragraph.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// kind is a list of CHANGELOG.md and how names of its fragments begin.
type kind struct{ name, heading string }

// kinds are in the order of the lists.
var kinds = []kind{ //nolint:gochecknoglobals // constant
	{"breaking", "BREAKING CHANGES:"}, {"note", "NOTES:"}, {"feature", "FEATURES:"}, {"enhancement", "ENHANCEMENTS:"}, {"bug", "BUG FIXES:"}, {"security", "SECURITY:"},
}

func main() {
	release := flag.String("release", "", "version to date: writes CHANGELOG.md and removes the fragments")
	flag.Parse()
	if err := run(".", *release, time.Now(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "changelog:", err)
		os.Exit(1)
	}
}

// run prints the fragments of a checkout, or releases them.
func run(root, release string, now time.Time, out io.Writer) error {
	paths, err := filepath.Glob(filepath.Join(root, ".changes", "*.md"))
	if err != nil {
		return fmt.Errorf("looking for fragments: %w", err)
	}
	entries, err := read(paths)
	if err != nil {
		return err
	}
	if release == "" {
		_, err := io.WriteString(out, sections{entries: entries}.text())
		return err
	}
	path := filepath.Join(root, "CHANGELOG.md")
	before, err := os.ReadFile(path) //nolint:gosec // of this checkout
	if err != nil {
		return fmt.Errorf("reading the changelog: %w", err)
	}
	after, err := merge(string(before), release, now, entries)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(after), 0o644); err != nil { //nolint:gosec // a text for everybody
		return fmt.Errorf("writing the changelog: %w", err)
	}
	for _, fragment := range paths {
		if err := os.Remove(fragment); err != nil {
			return fmt.Errorf("removing a fragment: %w", err)
		}
	}
	return nil
}

// read returns the entries of fragments by kind, in the order of their names.
func read(paths []string) (map[string][]string, error) {
	entries := map[string][]string{}
	var faults []error
	slices.Sort(paths)
	for _, path := range paths {
		text, err := os.ReadFile(path) //nolint:gosec // of this checkout
		if err != nil {
			return nil, fmt.Errorf("reading a fragment: %w", err)
		}
		name, _, _ := strings.Cut(filepath.Base(path), "-")
		entry := strings.TrimSpace(string(text))
		switch {
		case !slices.ContainsFunc(kinds, func(k kind) bool { return k.name == name }):
			faults = append(faults, fmt.Errorf("%s: the name begins with no kind: breaking, note, feature, enhancement, bug or security, and `-`", filepath.Base(path)))
		case entry == "" || strings.Contains(entry, "\n") || strings.HasPrefix(entry, "* ") || strings.HasPrefix(entry, "- ") || strings.HasSuffix(entry, "."):
			faults = append(faults, fmt.Errorf("%s: an entry is one line, without a bullet before it and a full stop behind it", filepath.Base(path)))
		default:
			entries[name] = append(entries[name], entry)
		}
	}
	return entries, errors.Join(faults...)
}

// sections is one release.
type sections struct {
	heading string
	entries map[string][]string // by the name of the kind
}

// text writes the lists that have entries.
func (s sections) text() string {
	var b strings.Builder
	if s.heading != "" {
		fmt.Fprintf(&b, "%s\n\n", s.heading)
	}
	first := true
	for _, k := range kinds {
		if len(s.entries[k.name]) == 0 {
			continue
		}
		if !first {
			b.WriteString("\n")
		}
		first = false
		fmt.Fprintf(&b, "%s\n\n", k.heading)
		for _, entry := range s.entries[k.name] {
			fmt.Fprintf(&b, "* %s\n", entry)
		}
	}
	return b.String()
}

// merge adds entries to the newest release of a changelog when that one is not
// released, else puts a new one above, and dates it.
func merge(changelog, release string, now time.Time, entries map[string][]string) (string, error) {
	newest := sections{"## " + release + " (" + now.Format("January 2, 2006") + ")", map[string][]string{}}
	rest := changelog
	if heading, below, _ := strings.Cut(changelog, "\n"); strings.HasSuffix(heading, " (Unreleased)") {
		body, older, more := strings.Cut(below, "\n## ")
		rest = ""
		if more {
			rest = "## " + older
		}
		known, err := parse(body)
		if err != nil {
			return "", err
		}
		newest.entries = known
	}
	for name, more := range entries {
		newest.entries[name] = append(newest.entries[name], more...)
	}
	if rest != "" {
		rest = "\n" + rest
	}
	return newest.text() + rest, nil
}

// parse reads the lists of one release.
func parse(body string) (map[string][]string, error) {
	entries := map[string][]string{}
	name := ""
	for _, line := range strings.Split(body, "\n") {
		i := slices.IndexFunc(kinds, func(k kind) bool { return k.heading == line })
		entry := regexp.MustCompile(`^\* (.+)$`).FindStringSubmatch(line)
		switch {
		case strings.TrimSpace(line) == "":
		case i >= 0:
			name = kinds[i].name
		case entry != nil && name != "":
			entries[name] = append(entries[name], entry[1])
		default:
			return nil, fmt.Errorf("CHANGELOG.md: %q is neither a list's heading nor an entry", line)
		}
	}
	return entries, nil
}
