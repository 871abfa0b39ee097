package engine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestEvents_neverInScratch plans and applies events that are due at once. The
// server counts the statement that they run: planning runs none, and in the
// tenant's database they run.
func TestEvents_neverInScratch(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := mysqltest.Private(t, kind, mysqltest.Args("--event-scheduler=ON"))
			s, e := p.Server, engineOn(t, p.Server)
			const body = " DO DELETE a FROM t AS a JOIN t AS b ON a.id = b.id WHERE a.id < 0"
			runs := func() string {
				return s.QueryRows(t, "SHOW GLOBAL STATUS LIKE 'Com_delete_multi'")[0][1]
			}
			planned := func(what string) {
				t.Helper()
				time.Sleep(200 * time.Millisecond) // what was due runs on a thread of its own
				if got := runs(); got != "0" {
					t.Fatalf("%s has run events: %s", what, got)
				}
			}
			template := func(version, more string) landlord.TemplateSpec {
				return landlord.TemplateSpec{Name: "timed", Version: version, Core: map[string]string{
					"1.sql": "CREATE TABLE t (id INT PRIMARY KEY);\nCREATE EVENT often ON SCHEDULE EVERY 1 SECOND" + body + ";\n" + more}}
			}
			first := template("1.0.0", "CREATE EVENT past ON SCHEDULE EVERY 1 SECOND STARTS '2020-01-01 00:00:00' ENABLE"+body)
			first.Materialize = true
			publish(t, e, first)
			states := s.QueryRows(t, "SELECT STATUS, COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? GROUP BY STATUS", s.Prefix+"template_timed")
			if diff := cmp.Diff([][]string{{"DISABLED", "2"}}, states); diff != "" {
				t.Errorf("events of the materialized template (-want +got):\n%s", diff)
			}
			planned("the materialized template")
			publish(t, e, template("2.0.0", "CREATE TABLE u (id INT PRIMARY KEY);"))
			spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "timed@1.0.0"}
			plan, err := e.PlanTenant(t.Context(), spec, nil)
			if err != nil {
				t.Fatal(explain(err))
			}
			planned("the plan of a tenant")
			if _, err := e.CreateTenant(t.Context(), spec, plan.Digest); err != nil {
				t.Fatal(explain(err))
			}
			enabled := func(want int) {
				t.Helper()
				if got := s.QueryRows(t, "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? AND STATUS = 'ENABLED'", s.Prefix+"acme"); len(got) != want {
					t.Errorf("enabled events: %v", got)
				}
				noDrift(t, e, "acme")
			}
			enabled(2)
			for deadline := time.Now().Add(20 * time.Second); runs() == "0"; time.Sleep(50 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("the events of the tenant do not run")
				}
			}
			custom := customization.Spec{Tenant: "acme", Name: "timer", Reason: "test",
				Patch: landlord.CustomizationPatch{SQL: "CREATE TABLE mine (id INT PRIMARY KEY);\nCREATE EVENT own ON SCHEDULE EVERY 1 SECOND DO DELETE FROM mine"}}
			mustCustomize(t, e, custom, nil)
			enabled(3)
			spec.Template = "timed@2.0.0"
			if _, _, err := update(t.Context(), e, spec, noDrift(t, e, "acme")); err != nil {
				t.Fatal(explain(err))
			}
			enabled(2)
			custom.Name, custom.Patch = "once", landlord.CustomizationPatch{SQL: "CREATE EVENT soon ON SCHEDULE AT CURRENT_TIMESTAMP" + body}
			_, _, err = customize(t, e, custom, nil)
			wantProblem(t, err, "Event ends by itself []\nEvent `soon` has a last run (`AT` or `ENDS`), behind which the server drops or disables it, so that it is no part of a schema.\n\nGive it a schedule with `EVERY` and without `ENDS`, or run its statement by hand.")
		})
	}
}
