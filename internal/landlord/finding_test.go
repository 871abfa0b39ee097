package landlord

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDataNotes(t *testing.T) {
	t.Parallel()
	steps := []Step{{SQL: "ALTER TABLE a"}, {SQL: "ALTER TABLE b"}}
	forbids := func(i int) Finding {
		return Finding{Kind: KindDataForbids, Blocks: true, Statement: 2, Detail: fmt.Sprintf("%d rows are in the way", i), Action: "Correct them."}
	}
	many := make([]Finding, 26)
	listed := "Data forbids a step of the migration\n"
	for i := range many {
		if many[i] = forbids(i); i < 10 {
			listed += fmt.Sprintf("Tenant `acme`: %d rows are in the way.\nALTER TABLE b\n", i)
		}
	}
	cases := map[string]struct {
		findings []Finding
		want     []string
	}{
		"nothing": {nil, nil},
		"one of each": {[]Finding{
			{Kind: KindLargeCopy, Statement: 1, Detail: "about 20000 rows of `a` are copied while writers wait", Action: "Apply when writers can wait."},
			{Kind: KindUnchecked, Statement: 1, Detail: "the data could not be checked within 5s"}, {Kind: KindDataChanges, Statement: 2, Detail: "1 row of `b` loses a value"}, forbids(1),
		}, []string{
			"Data forbids a step of the migration\nTenant `acme`: 1 rows are in the way.\nALTER TABLE b\n\nCorrect them.",
			"Migration step affects data\nTenant `acme`: 1 row of `b` loses a value.\nALTER TABLE b",
			"Data could not be checked\nTenant `acme`: the data could not be checked within 5s.\nALTER TABLE a",
			"Migration copies a large table\nTenant `acme`: about 20000 rows of `a` are copied while writers wait.\nALTER TABLE a",
		}},
		"many of one": {many, []string{listed + "… and 16 more, which `findings` has.\n\nCorrect them."}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			told := 0
			for _, n := range DataNotes(FieldTemplate, "acme", c.findings, steps) {
				got = append(got, n.Summary+"\n"+n.Detail)
				told += len(FindingsOf([]Note{n}))
			}
			if d := cmp.Diff(c.want, got); d != "" || told != len(c.findings) {
				t.Errorf("%d findings (-want +got):\n%s", told, d)
			}
		})
	}
}

// TestFindingsOf: a note that says one thing is one finding, and what others may
// change is told to people alone.
func TestFindingsOf(t *testing.T) {
	t.Parallel()
	got := FindingsOf([]Note{{Severity: Failure, Summary: "Rights on routines cannot be seen", Detail: "They are hidden."}, {Summary: "Passes", Passing: true}})
	want := []Finding{{Kind: strings.ReplaceAll("rights on routines cannot be seen", " ", "_"), Blocks: true, Detail: "They are hidden."}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
