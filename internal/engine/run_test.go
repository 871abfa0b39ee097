package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestUpdateTenant_marks stops a migration of three statements, which the ledger
// has as intended at once, at its second one: the ledger then says which were
// done, and the next run sends the other two.
func TestUpdateTenant_marks(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		letters := func(version, more string) landlord.TemplateSpec {
			return landlord.TemplateSpec{Name: "letters", Version: version, Core: map[string]string{
				"001.sql": "CREATE TABLE a (id INT NOT NULL PRIMARY KEY, n INT NOT NULL" + more + ");\n" +
					"CREATE TABLE b (id INT NOT NULL PRIMARY KEY, n INT NOT NULL" + more + ");\n" +
					"CREATE TABLE c (id INT NOT NULL PRIMARY KEY, n INT NOT NULL" + more + ");",
			}}
		}
		publish(t, e, letters("1.0.0", ""))
		publish(t, e, letters("1.1.0", ", UNIQUE KEY uq_n (n)"))
		_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "letters@1.0.0"})
		s.Exec(t, "INSERT INTO "+s.Prefix+"acme.b VALUES (1, 1), (2, 1)")
		marks := func() [][]string {
			return s.QueryRows(t, "SELECT object, state, finished_at IS NOT NULL FROM "+s.LandlordDatabase+".tenant_migration_steps WHERE before_schema IS NOT NULL ORDER BY step")
		}
		var during [][]string
		e.OnFault(func(point string) {
			if point == "after intent" {
				during = marks()
			}
		})
		to := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "letters@1.1.0", SkipProbes: true}
		if _, _, err := update(t.Context(), e, to, tenant); err == nil {
			t.Fatal("a unique key over duplicates was made")
		}
		if diff := cmp.Diff([][]string{{"table `a`", "intent", "0"}, {"table `b`", "intent", "0"}, {"table `c`", "intent", "0"}}, during); diff != "" {
			t.Errorf("while it runs (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([][]string{{"table `a`", "done", "1"}, {"table `b`", "intent", "0"}, {"table `c`", "planned", "0"}}, marks()); diff != "" {
			t.Errorf("after it stopped (-want +got):\n%s", diff)
		}
		s.Exec(t, "DELETE FROM "+s.Prefix+"acme.b WHERE id = 2")
		next := engineOn(t, s)
		half, err := next.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		plan, after, err := update(t.Context(), next, to, half)
		if err != nil {
			t.Fatal(explain(err))
		}
		if len(plan.Steps) != 2 || after.UpdateStatus != landlord.UpdateCurrent {
			t.Errorf("the rest has %d steps, the tenant is %+v", len(plan.Steps), after)
		}
		if diff := cmp.Diff([][]string{{"table `a`", "done", "1"}, {"table `b`", "done", "1"}, {"table `c`", "done", "1"}}, marks()); diff != "" {
			t.Errorf("after the rest (-want +got):\n%s", diff)
		}
	})
}
