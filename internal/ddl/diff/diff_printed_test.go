package diff_test

import (
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// answer is what only a server can say of a migration.
var answer = regexp.MustCompile(`(?m)^(  found: |refused: ).*\n?`)

// TestDiff_printed runs the pairs with what the servers printed of them: the
// statements and their risk are as in the files, there is a way back, and a
// schema does not differ from itself. TestDiff_pairs proves on servers that the
// statements lead where they should.
func TestDiff_printed(t *testing.T) {
	t.Parallel()
	pairs := readPairs(t)
	onPrinted(t, func(t *testing.T, kind string, p *printedSchemas) {
		for _, x := range pairs {
			if !x.runsOn(kind) {
				continue
			}
			t.Run(x.name, func(t *testing.T) {
				t.Parallel()
				x.runPrinted(t, kind, p)
			})
		}
	})
}

func (p *pair) runPrinted(t *testing.T, kind string, on *printedSchemas) {
	t.Helper()
	before, after := on.schema(t, p.section("before")), on.schema(t, p.section("after"))
	got := "nothing"
	m, err := diff.Diff(before, after, on.Server, p.options())
	if err != nil {
		got = "error: " + err.Error()
	} else if lines := describe(t, m, func(diff.Change) []string { return nil }); len(lines) > 0 {
		got = strings.Join(lines, "\n")
	}
	want := strings.TrimRight(answer.ReplaceAllString(p.want(kind), ""), "\n")
	if d := gocmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("migration (-want +got):\n%s", d)
	}
	back, backErr := diff.Diff(after, before, on.Server, p.options())
	switch {
	case (err == nil) != (backErr == nil):
		t.Errorf("forth: %v; back: %v", err, backErr)
	case err == nil && m.Empty() != back.Empty():
		t.Errorf("forth %q, back %q", m.Statements(), back.Statements())
	}
	for _, s := range []ddl.Schema{before, after} {
		n, err := diff.Diff(s, reread(s), on.Server, p.options())
		if err != nil {
			continue // a table that is not understood
		}
		if !n.Empty() {
			t.Errorf("a schema differs from itself: %q", n.Statements())
		}
	}
}

// reread returns a schema whose texts differ from those of another one in what
// means nothing, so that each is read by itself.
func reread(s ddl.Schema) ddl.Schema {
	out := s
	out.Objects = make([]ddl.Object, len(s.Objects))
	for i, o := range s.Objects {
		if o.Kind == ddl.KindTable {
			o.SQL += " "
		}
		out.Objects[i] = o
	}
	return out
}
