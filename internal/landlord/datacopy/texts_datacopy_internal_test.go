package datacopy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/rowcopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// TestFindingNotes: what forbids a copy is told with the attribute that cures it,
// and everything else in one warning.
func TestFindingNotes(t *testing.T) {
	t.Parallel()
	spec := landlord.DataCopySpec{Source: "acme", Target: "globex"}
	condition := rowcopy.Finding{Table: "notes", Code: rowcopy.CodeWhere, Problem: "the condition names no column", Advice: "Correct it.", Blocks: true}
	missing := rowcopy.Finding{Table: "notes", Column: "body", Problem: "the target does not have it", Advice: "Add it.", Blocks: true}
	other := rowcopy.Finding{Table: "users", Problem: "the target does not have it", Advice: "Leave it out.", Blocks: true}
	trigger := rowcopy.Finding{Table: "users", Problem: "the target has triggers", Advice: "Look at them."}
	allowed := rowcopy.Finding{Table: "users", Code: rowcopy.CodeWhere, Problem: "the condition reads every row", Advice: "Add an index."}
	const doing = "Copying rows of tenant `acme` into tenant `globex`.\n\n"
	where := landlord.Note{Severity: landlord.Failure, Field: "where.notes", Summary: "Condition cannot be used", Detail: doing + "Table `notes`: the condition names no column. Correct it."}
	for name, c := range map[string]struct {
		findings []rowcopy.Finding
		want     []landlord.Note
	}{
		"nothing":     {nil, nil},
		"a condition": {[]rowcopy.Finding{condition}, []landlord.Note{where}},
		"tables": {[]rowcopy.Finding{missing, other}, []landlord.Note{{Severity: landlord.Failure, Field: landlord.FieldTables, Summary: "Tables cannot be copied",
			Detail: doing + "Table `notes`, column `body`: the target does not have it. Add it.\nTable `users`: the target does not have it. Leave it out."}}},
		"a warning": {[]rowcopy.Finding{trigger}, []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldTables, Summary: "Data copy has findings",
			Detail: doing + "Table `users`: the target has triggers. Look at them."}}},
		"a condition that only warns": {[]rowcopy.Finding{allowed}, []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldTables, Summary: "Data copy has findings",
			Detail: doing + "Table `users`: the condition reads every row. Add an index."}}},
		"all at once": {[]rowcopy.Finding{trigger, other, condition}, []landlord.Note{where,
			{Severity: landlord.Failure, Field: landlord.FieldTables, Summary: "Tables cannot be copied", Detail: doing + "Table `users`: the target does not have it. Leave it out."},
			{Severity: landlord.Warning, Field: landlord.FieldTables, Summary: "Data copy has findings", Detail: doing + "Table `users`: the target has triggers. Look at them."}}},
	} {
		if diff := cmp.Diff(c.want, findingNotes(spec, c.findings)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestListFindings: twenty are told, of more how many there are; the list that was
// given stays as it is.
func TestListFindings(t *testing.T) {
	t.Parallel()
	for count, want := range map[int]string{0: "", 1: "1", 2: "1|2", 20: lines(20), 21: lines(20) + "|… and 1 more.", 25: lines(20) + "|… and 5 more."} {
		all := strings.Split(lines(count), "|")
		before := strings.Join(all, "|")
		if got := strings.ReplaceAll(listFindings(all), "\n", "|"); got != want {
			t.Errorf("%d: %s", count, got)
		}
		if strings.Join(all, "|") != before {
			t.Errorf("%d: the list was changed", count)
		}
	}
}

func lines(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprint(i+1))
	}
	return strings.Join(out, "|")
}
