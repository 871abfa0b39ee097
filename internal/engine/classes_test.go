package engine_test

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// pots is a template of one table and a module of another: small, because
// many tenants are made of it.
func pots(version string) landlord.TemplateSpec {
	return landlord.TemplateSpec{
		Name: "pots", Version: version,
		Core:     map[string]string{"001_pots.sql": "CREATE TABLE pots (id INT NOT NULL PRIMARY KEY);"},
		Optional: map[string]string{"lids.sql": "CREATE TABLE lids (id INT NOT NULL PRIMARY KEY);"},
	}
}

// TestPlanTenant_classes plans many tenants that have one of three schemas and
// move to a new version, at once as Terraform does: three migrations are
// computed, whatever the number of tenants. LANDLORD_SOAK plans 1,000.
func TestPlanTenant_classes(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, pots("1.0.0"))
	const classes = 3
	tenants := 30
	if os.Getenv("LANDLORD_SOAK") != "" {
		tenants = 1000
	}
	spec := func(i int, version string) landlord.TenantSpec {
		spec := landlord.TenantSpec{Slug: fmt.Sprintf("p%d", i), Name: "P", Template: "pots@" + version}
		if i%classes == 1 {
			spec.Modules = []string{"lids"}
		}
		return spec
	}
	priors := make([]landlord.PriorTenant, tenants)
	atOnce(tenants, func(i int) {
		if _, err := e.CreateTenant(t.Context(), spec(i, "1.0.0"), ""); err != nil {
			t.Errorf("creating tenant %d: %s", i, explain(err))
		}
		if i%classes == 2 { // somebody has added a table
			s.Exec(t, fmt.Sprintf("CREATE TABLE %sp%d.extra (id INT NOT NULL PRIMARY KEY)", s.Prefix, i))
		}
	})
	if t.Failed() {
		return
	}

	next := engineOn(t, s)
	to := pots("1.1.0")
	to.Core["002_pans.sql"] = "CREATE TABLE pans (id INT NOT NULL PRIMARY KEY);\nALTER TABLE pots ADD COLUMN color VARCHAR(20) NULL;"
	if _, err := next.PlanTemplate(t.Context(), to); err != nil {
		t.Fatal(explain(err))
	}
	plans := make([]*apply.TenantPlan, tenants)
	atOnce(tenants, func(i int) {
		tenant, err := next.Tenant(t.Context(), spec(i, "").Slug)
		if err != nil {
			t.Errorf("reading tenant %d: %s", i, explain(err))
			return
		}
		priors[i] = prior(tenant)
		if plans[i], err = next.PlanTenant(t.Context(), spec(i, "1.1.0"), &priors[i]); err != nil {
			t.Errorf("planning tenant %d: %s", i, explain(err))
		}
	})
	if t.Failed() {
		return
	}
	if n := next.Computed(); n != classes {
		t.Errorf("%d migrations were computed for %d tenants of %d classes", n, tenants, classes)
	}
	digests := map[string]bool{}
	want := []string{"add_column table `pots`", "create_table table `pans`"}
	for i, plan := range plans {
		if diff := cmp.Diff(want, operations(plan.Steps)); diff != "" {
			t.Fatalf("steps of tenant %d (-want +got):\n%s", i, diff)
		}
		digests[plan.Digest] = true
		if plan.Digest != plans[i%classes].Digest {
			t.Errorf("tenant %d has another digest than the first one of its class", i)
		}
	}
	if len(digests) != classes {
		t.Errorf("the plans have %d digests", len(digests))
	}
}

// atOnce calls ten at a time, which is how Terraform calls a provider.
func atOnce(n int, call func(i int)) {
	var group sync.WaitGroup
	slots := make(chan struct{}, 10)
	for i := range n {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			call(i)
		})
	}
	group.Wait()
}
