package access

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// TestLockedOut reads what was taken from accounts.
func TestLockedOut(t *testing.T) {
	t.Parallel()
	if got, err := lockedOut(&registry.TenantRow{}); got != nil || err != nil {
		t.Errorf("nothing: %v, %v", got, err)
	}
	got, err := lockedOut(&registry.TenantRow{LockedOut: []byte("[]")})
	if diff := cmp.Diff([]privilege.DatabaseGrant{}, got); diff != "" || err != nil {
		t.Errorf("an empty list: %v\n%s", err, diff)
	}
	if _, err := lockedOut(&registry.TenantRow{Slug: "acme", LockedOut: []byte("{")}); err == nil || err.Error()[:58] != "reading what was taken from the accounts of tenant `acme`:"[:58] {
		t.Errorf("half a text: %v", err)
	}
}
