package engine_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestRestore_narrowed: values that were set aside when their column became narrower
// do not come back with its width, and both plans say so.
func TestRestore_narrowed(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := copying(t, s, t.TempDir())
		publish(t, e, shop("1.0.0"))
		narrow := shop("1.1.0")
		narrow.Core["002_orders.sql"] = strings.Replace(narrow.Core["002_orders.sql"], "DECIMAL(12,2)", "DECIMAL(12,0)", 1)
		publish(t, e, narrow)
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0", AllowDestructive: true, Automatic: landlord.AutomaticNone}
		_, tenant := create(t, e, spec)
		db := tenant.DatabaseName
		s.Exec(t, "INSERT INTO "+db+".orders (customer_id, total) VALUES (1, 10.55), (2, 12)")
		if _, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "shape", Contents: landlord.CheckpointSchema}); err != nil {
			t.Fatal(explain(err))
		}
		spec.Template = "shop@1.1.0"
		plan, _, err := update(t.Context(), engineOn(t, s), spec, tenant)
		must(t, err)
		last := plan.Steps[len(plan.Steps)-1]
		if last.Reversible {
			t.Errorf("the narrowing passes for reversible: %+v", last)
		}
		same(t, last.Reason, "Goes: digits behind the point beyond 0 of `orders`.`total`; the values are set aside by the steps before, and do not come back by themselves. column `orders`.`total`: values are rounded without a word")

		next := engineOn(t, s)
		back := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "shape", Mode: landlord.RestoreInPlace, AllowDestructive: true}
		rollback, err := next.PlanRestore(t.Context(), back)
		must(t, err)
		name := regexp.MustCompile("`r_[0-9a-f]+`")
		got := ""
		for _, n := range rollback.Notes {
			got += n.Summary + "\n" + name.ReplaceAllString(n.Detail, "`r_HASH`")
		}
		same(t, got, "Values of a narrowed column stay aside\n"+
			"The columns `total` of table `orders` become what they were before they were narrowed; their rows may have got other values since then, so the former ones stay in `"+
			s.LandlordDatabase+"_retired`.`r_HASH`, with the keys of their rows, until the retention is over. Bring back those that are to count with an UPDATE.")
		expire := func(in string) {
			s.Exec(t, "UPDATE "+s.LandlordDatabase+".retired_objects SET expires_at = UTC_TIMESTAMP(6) + INTERVAL "+in+" WHERE tenant_slug = 'acme'")
		}
		expire("-1 SECOND") // between the plan and the plan of its apply
		later, err := engineOn(t, s).PlanRestore(t.Context(), back)
		must(t, err)
		same(t, fmt.Sprintf("%s %+v", later.Digest, landlord.FindingsOf(later.Notes)), fmt.Sprintf("%s %+v", rollback.Digest, landlord.FindingsOf(rollback.Notes)))
		expire("1 DAY")
		if _, err := next.Restore(t.Context(), back, rollback.Digest); err != nil {
			t.Fatal(explain(err))
		}
		kept := name.FindString(rollback.Notes[0].Detail)
		if rows := s.QueryRows(t, "SELECT c.total, r.total FROM "+db+".orders c JOIN "+s.LandlordDatabase+"_retired."+kept+" r USING (id) WHERE c.total <> r.total"); len(rows) != 1 || rows[0][0] != "11.00" || rows[0][1] != "10.55" {
			t.Errorf("the values are %q", rows)
		}
	})
}
