package dashboard_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/dashboard"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// TestFindings_corrected asks the data itself: what a plan of Terraform has found and
// recorded is over when somebody has corrected the rows.
func TestFindings_corrected(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4, dashboard.Options{})
	customers := "`" + w.database(slugOf(3)) + "`.customers"
	w.server.Exec(t, "INSERT INTO "+customers+" (email, note) VALUES ('a@example.com', 'kept for years')")
	next := shop("2.0.0", "")
	next.Core["001.sql"] = strings.Replace(next.Core["001.sql"], "VARCHAR(40)", "VARCHAR(10)", 1)
	w.publish(t, next)
	w.want(t, 3, "2.0.0")

	run := w.engine.NewRun()
	run.Refresh()
	now, err := run.Tenant(t.Context(), slugOf(3))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.PlanTenant(t.Context(), w.spec(3, "2.0.0"), &landlord.PriorTenant{Template: now.Template, Fingerprint: now.SchemaFingerprint, Last: now.LastMigration}); err != nil {
		t.Fatal(err)
	}
	if found := w.server.QueryRows(t, "SELECT COUNT(*) FROM "+w.server.LandlordDatabase+".plan_findings WHERE tenant_slug = '"+slugOf(3)+"' AND findings LIKE '%10 characters%'"); found[0][0] != "1" {
		t.Fatalf("the plan has recorded %s answers of the data, not 1", found[0][0])
	}
	w.server.Exec(t, "UPDATE "+customers+" SET note = 'kept'")

	v := w.operator(t)
	says := ""
	for _, m := range regexp.MustCompile(`<a href="(/migrations/[0-9a-f]{64}/findings)">`).FindAllStringSubmatch(v.wants("/migrations"), -1) {
		if _, page := v.get(m[1]); strings.Contains(page, slugOf(3)) {
			says = page
		}
	}
	if !strings.Contains(says, "Nothing in the data of "+slugOf(3)+" speaks against it or would be lost.") {
		t.Errorf("the rows were corrected, and the page says:\n%s", says)
	}
}
