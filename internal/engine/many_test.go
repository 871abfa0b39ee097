package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestTenants_many works on more tenants at once than there are connections:
// nobody may wait for a connection with something that its holder waits for.
func TestTenants_many(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s, func(c *landlord.Config) { c.Main.MaxConnections = 2 })
	publish(t, e, shop("1.0.0"))
	const n = 8
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	all := func(do func(i int) error) {
		t.Helper()
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				if err := do(i); err != nil {
					t.Errorf("tenant %d: %s", i, explain(err))
				}
			})
		}
		wg.Wait()
		if t.Failed() {
			t.FailNow()
		}
	}
	spec := func(i int, version string) landlord.TenantSpec {
		return landlord.TenantSpec{Slug: fmt.Sprintf("many-%d", i), Name: "Many", Template: "shop@" + version, AllowDestructive: true}
	}
	tenants := make([]*landlord.Tenant, n)
	all(func(i int) (err error) {
		plan, err := e.PlanTenant(ctx, spec(i, "1.0.0"), nil)
		if err != nil {
			return err
		}
		tenants[i], err = e.CreateTenant(ctx, spec(i, "1.0.0"), plan.Digest)
		return err
	})
	publish(t, e, shopWithout())
	all(func(i int) (err error) {
		_, tenants[i], err = update(ctx, e, spec(i, "2.0.0"), tenants[i])
		return err
	})
	if computed := e.Computed(); computed != 1 {
		t.Errorf("%d migrations were computed for one class", computed)
	}
	all(func(i int) error {
		return e.DeleteTenant(ctx, spec(i, "").Slug, landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true})
	})
}
