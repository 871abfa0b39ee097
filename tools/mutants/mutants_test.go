package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample goes into a module of its own with the named files of testdata.
func sample(t *testing.T, files ...string) {
	t.Helper()
	dir := t.TempDir()
	put := func(name string, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		put(name, text)
	}
	put("go.mod", []byte("module sample\n\ngo 1.26\n"))
	t.Chdir(dir)
}

// TestRun: the tool finds what the tests of a sample miss, in each sort of
// operator, and nothing that they notice.
func TestRun(t *testing.T) {
	sample(t, "sample.go", "sample_test.go")
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-logical", "."}, &out); err != nil {
		t.Fatal(err)
	}
	const want = "survived    sample.go:17:35  `>=` for `>`:  func Above(n int) bool { return n > limit }\n" +
		"survived    sample.go:29:7  `<=` for `<`:  if n < 0 {\n" +
		"not reached sample.go:30:10  `+` for `-`:  return -((-n + 1) / 2)\n" +
		"not reached sample.go:30:21  `*` for `/`:  return -((-n + 1) / 2)\n" +
		"not reached sample.go:30:16  `-` for `+`:  return -((-n + 1) / 2)\n" +
		"not reached sample.go:30:13  `+` for `-`:  return -((-n + 1) / 2)\n" +
		"survived    sample.go:32:11  `/` for `*`:  return n * 1 / 2\n" +
		"timed out   sample.go:38:30  `*` for `/`:  for p := n; p%2 == 0; p = p / 2 {\n" +
		"sample: 20 killed, 3 survived (87.0 % killed of those), 1 timed out, 4 not reached\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRun_narrow: with some operators and some tests only, what is left of them
// is told.
func TestRun_narrow(t *testing.T) {
	sample(t, "sample.go", "sample_test.go")
	for args, want := range map[string]string{
		"-at sample.go:1[0-9]: -run TestAbove": "not reached sample.go:10:8  `<=` for `<`:  for n < len(s) && s[n] == ' ' {\n" +
			"not reached sample.go:10:8  `>=` for `<`:  for n < len(s) && s[n] == ' ' {\n" +
			"not reached sample.go:10:25  `!=` for `==`:  for n < len(s) && s[n] == ' ' {\n" +
			"not reached sample.go:11:4  `--` for `++`:  n++\n" +
			"survived    sample.go:17:35  `>=` for `>`:  func Above(n int) bool { return n > limit }\n" +
			"sample: 1 killed, 1 survived (50.0 % killed of those), 0 timed out, 4 not reached\n",
		"-at :17: -skip TestAbove": "not reached sample.go:17:35  `>=` for `>`:  func Above(n int) bool { return n > limit }\n" +
			"not reached sample.go:17:35  `<=` for `>`:  func Above(n int) bool { return n > limit }\n" +
			"sample: 0 killed, 0 survived (no change was reached), 0 timed out, 2 not reached\n",
	} {
		var out bytes.Buffer
		if err := run(t.Context(), append(strings.Fields(args), "."), &out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", args, diff)
		}
	}
}

// TestRun_refused: a package whose tests fail without a change tells nothing of
// changes, and neither does one that does not compile or has nothing to change.
func TestRun_refused(t *testing.T) {
	sample(t, "sample.go", "sample_test.go")
	for _, c := range []struct{ file, text, want string }{
		{"fails_test.go", "package sample\n\nimport \"testing\"\n\nfunc TestFails(t *testing.T) { t.Error(\"the reason\") }\n", "mutants of .: its tests fail without a change: exit status 1\n"},
		{"fails_test.go", "package sample\n\nfunc x() { y() }\n", "mutants of .: compiling its tests: exit status 1\n"},
	} {
		if err := os.WriteFile(c.file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := run(t.Context(), []string{"."}, &bytes.Buffer{}); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v", c.want, err)
		}
	}
	const nothing = "mutants of .: it has no operator that could be changed"
	if err := run(t.Context(), []string{"-at", "other.go", "."}, &bytes.Buffer{}); err == nil || err.Error() != nothing {
		t.Errorf("no operator: %v", err)
	}
}
