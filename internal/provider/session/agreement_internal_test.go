package session

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// TestAgreement lets statements run whose digest was written out, and says what
// they are to everybody else.
func TestAgreement(t *testing.T) {
	t.Parallel()
	planned := "sha256:" + strings.Repeat("0a", 32)
	a := Agreement{What: "Repairing the drift of tenant `acme`", Steps: []landlord.Step{{SQL: "ALTER TABLE `a` ADD COLUMN `b` int", Reversible: true}, {SQL: "DROP VIEW `v`", Reversible: true}}, Digest: planned}
	const list = "  ALTER TABLE `a` ADD COLUMN `b` int\n  DROP VIEW `v`\n"
	agree := "\n\nAgree to exactly these with this line:\n  digest = \"" + planned + "\""
	for written, want := range map[string]string{
		planned: "",
		"":      "Action needs a digest\nRepairing the drift of tenant `acme` runs these statements:\n\n" + list + "\nAn action has no plan that shows them, so nothing was done." + agree,
		"sha256:1": "Statements are not those agreed to\nRepairing the drift of tenant `acme` runs these statements:\n\n" + list +
			"\nThe digest `sha256:1` is of others, so nothing was done." + agree,
	} {
		var diags diag.Diagnostics
		if agreed := a.Agrees(written, &diags); agreed != (want == "") || agreed == diags.HasError() {
			t.Errorf("%q: agreed %t with %v", written, agreed, diags)
		}
		got := ""
		for _, d := range diags {
			got += d.Summary() + "\n" + d.Detail()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", written, diff)
		}
	}
	var diags diag.Diagnostics
	a.Warn(&diags)
	if diff := cmp.Diff("Action changes a tenant\nRepairing the drift of tenant `acme` runs these statements:\n\n"+list, diags[0].Summary()+"\n"+diags[0].Detail()); diff != "" || diags.HasError() {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
