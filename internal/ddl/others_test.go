package ddl_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// TestOthers: names compare without case, prefixes too, and what a server has
// counts whoever's it is.
func TestOthers(t *testing.T) {
	t.Parallel()
	told := &ddl.Others{Names: []string{"landlord"}, Prefixes: []string{"tenant_", ""}}
	var nobody *ddl.Others
	for name, want := range map[string]struct{ nobody, told, there bool }{
		"mysql": {true, true, true}, "SYS": {true, true, true}, "landlord": {false, true, true}, "Landlord": {false, true, true},
		"tenant_a": {false, true, true}, "TENANT_b": {false, true, true}, "tenant": {false, false, false},
		"billing": {false, false, true}, "BILLING": {false, false, true}, "bill": {false, false, false}, "": {false, false, false},
	} {
		on := told.On([]string{"Billing", "tenant_a"})
		if got := [3]bool{nobody.Has(name), told.Has(name), on.Has(name)}; got != [3]bool{want.nobody, want.told, want.there} {
			t.Errorf("%q: %v", name, got)
		}
	}
	if told.Has("billing") || !nobody.On([]string{"billing"}).Has("billing") {
		t.Error("the databases of one server count for others, or for none")
	}
}
