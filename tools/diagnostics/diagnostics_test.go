package main

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// source is read once for all tests.
var source = sync.OnceValues(func() ([]diagnostic, error) { return read("../..") })

// TestDiagnostics_tested fails for a summary that no test compares together
// with the text below it.
func TestDiagnostics_tested(t *testing.T) {
	t.Parallel()
	all, err := source()
	if err != nil {
		t.Fatal(err)
	}
	texts, err := expected("../..")
	if err != nil {
		t.Fatal(err)
	}
	compared := map[string]bool{}
	for _, d := range all {
		compared[d.summary] = compared[d.summary] || tested(d, texts)
	}
	if len(compared) < 200 {
		t.Fatalf("only %d summaries were found in the source", len(compared))
	}
	old := untested(t)
	for summary, ok := range compared {
		switch listed := slices.Contains(old, summary); {
		case !ok && !listed:
			t.Errorf("no test compares the whole text of `%s`: write one (docs/design/diagnostics.md says where it is made)", summary)
		case ok && listed:
			t.Errorf("`%s` has a test now: remove it from testdata/untested.txt", summary)
		}
	}
}

// untested returns the summaries that no test brings about yet. The list only
// gets shorter.
func untested(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/untested.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(raw)), "\n")
}

// TestDiagnostics_summaries holds summaries to the conventions: sentence case,
// no values, at most eight words.
func TestDiagnostics_summaries(t *testing.T) {
	t.Parallel()
	all, err := source()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		words := strings.Fields(d.summary)
		if len(words) == 0 || len(words) > 8 || strings.ContainsAny(d.summary, hole+"`") || strings.HasSuffix(d.summary, ".") {
			t.Errorf("%s: summary `%s` is no sentence without values of at most eight words", d.function, d.summary)
		}
	}
}
