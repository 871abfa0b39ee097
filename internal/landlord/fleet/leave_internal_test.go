package fleet

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// TestTexts_leaveUnseen: who goes is told also where `plans` is not in the plan.
func TestTexts_leaveUnseen(t *testing.T) {
	t.Parallel()
	got := leaveNotes("shops", []Class{
		{Action: Update, Tenants: 5, Slugs: []string{"a"}},
		{Action: Delete, Tenants: 2, Slugs: []string{"acme", "beta"}, Reason: "its database is dropped with all rows"},
	})
	want := []landlord.Note{{Severity: landlord.Warning, Field: FieldTenants, Summary: "Tenants leave the fleet",
		Detail: "Fleet `shops` gives up 2 tenants: `acme`, `beta`. Its database is dropped with all rows.\nThe plan does not show what is done with others, so that this stands in no entry of `plans`."}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
