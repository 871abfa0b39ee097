package engine_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestHealth_userstat has MariaDB count rows by table and statements by account.
func TestHealth_userstat(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		if !kind.IsMariaDB() {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := mysqltest.Private(t, kind, mysqltest.Args("--userstat=1")).Server
			e := withTenants(t, s, "acme", "other")
			h := healthOf(t, e, "acme", 0)
			if h.Load == nil || h.Load.Statements != nil || h.Unknown[health.FactStatements] != "`userstat` counts statements by account, and never those that fail; the tenant has no `landlord_tenant_account`." {
				t.Errorf("without an account: %+v %v", h.Load, h.Unknown)
			}
			_, account := give(t, s, accountOf(landlord.RoleApplication), "")
			use := s.Open(t, account.Name, firstPassword, s.Prefix+"acme")
			for range 3 {
				if _, err := use.ExecContext(t.Context(), "UPDATE customers SET phone = CONCAT(COALESCE(phone, ''), '1')"); err != nil {
					t.Fatal(err)
				}
			}
			if err := use.Close(); err != nil { // it is counted when a connection ends
				t.Fatal(err)
			}
			h = healthOf(t, e, "acme", 0)
			if h.Load == nil || h.Load.Source != catalog.LoadUserStatistics || h.Load.Errors != nil || h.Load.Statements == nil || *h.Load.Statements < 3 || *h.Load.RowsChanged < 6 {
				t.Fatalf("load %+v, %v", h.Load, h.Unknown)
			}
			if other := healthOf(t, e, "other", 0); other.Load == nil || *other.Load.RowsChanged >= *h.Load.RowsChanged {
				t.Errorf("the neighbor: %+v", other.Load)
			}
		})
	}
}
