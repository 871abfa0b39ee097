package preview_test

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/preview"
)

// TestTenant_dangers: what nobody may overlook, beside statements that lose data.
func TestTenant_dangers(t *testing.T) {
	t.Parallel()
	const kind, base = "landlord_tenant", `"slug":"acme","applied_template":"shop@1.0.0","template":"shop@1.0.0"`
	for name, c := range map[string]struct {
		plan string
		want []string
	}{
		"suspended": {planOf(kind, `"update"`, `{`+base+`,"status":"active"}`, `{`+base+`,"status":"suspended"}`, "{}"), []string{
			"record 1 [acme]: `status` becomes `suspended`: its accounts are locked out, and their connections end.",
			"locked_out 1: 1 tenant is locked out, and the connections end.",
		}},
		"archived, by a state that knows no status": {planOf(kind, `"update"`, `{`+base+`}`, `{`+base+`,"status":"archived"}`, "{}"), []string{
			"record 1 [acme]: `status` becomes `archived`: its accounts are locked out, and their connections end.",
			"locked_out 1: 1 tenant is locked out, and the connections end.",
		}},
		"active again": {planOf(kind, `"update"`, `{`+base+`,"status":"archived"}`, `{`+base+`,"status":"active"}`, "{}"), []string{
			"record 1 [acme]: `status` becomes `active`: its accounts are let in again.",
		}},
		"from one lock to another": {planOf(kind, `"update"`, `{`+base+`,"status":"archived"}`, `{`+base+`,"status":"suspended"}`, "{}"), []string{"record 1 [acme]: "}},
		"a conflict that the plan does not name": {planOf(kind, `"update"`, `{`+base+`}`, `{`+base+`,"update_status":"conflict"}`, `{"findings":true}`), []string{
			"stay 1 [acme]: ",
			"conflict 1: Conflicts in 1 tenant, which the plan does not name: somebody has to decide.",
		}},
		"data that nobody has asked": {planOf(kind, `"update"`, `{`+base+`}`, `{`+base+`,"migration":["ALTER TABLE t ADD UNIQUE (a)"]}`, `{"findings":true,"migration_verdict":true}`), []string{
			"update 1 [acme]: ",
			"unknown 1: What the statements meet in the data of 1 tenant is known after apply only.",
		}},
		"classes of a fleet": {planOf("landlord_tenant_fleet", `"update"`, `{"tenants":"{}"}`, `{"tenants":"{}","plans":[
			{"action":"update","tenants":297,"slugs":"a, b","verdict":"auto","steps":["ALTER TABLE t ADD UNIQUE (a)"]},
			{"action":"update","tenants":3,"slugs":"x, y, z","verdict":"blocked","steps":["ALTER TABLE t ADD UNIQUE (a)"],"findings":[{"severity":"error","kind":"data_forbids","detail":"no"}]},
			{"action":"stay","tenants":2,"slugs":"m, n","verdict":"merge","reason":"conflicts wait for a decision"}]}`, "{}"), []string{
			"fail 3 [x y z]: ", "stay 2 [m n]: conflicts wait for a decision", "update 297 [a b]: ",
			"failing 3: 3 tenants cannot be changed as planned.",
			"conflict 2: Conflicts in 2 tenants, which the plan does not name: somebody has to decide.",
		}},
	} {
		if diff := gocmp.Diff(c.want, told(t, c.plan)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestTenant_repairs: drift is repaired by what runs, and by nothing else.
func TestTenant_repairs(t *testing.T) {
	t.Parallel()
	const base = `"slug":"acme","applied_template":"shop@1.0.0","template":"shop@1.0.0","drift_policy":"repair"`
	const before = `{` + base + `,"drift":[{"object":"table ` + "`t`" + `","kind":"extra","detail":"not recorded"}]}`
	for after, want := range map[string]string{
		`"migration":["DROP TABLE t"],"migration_verdict":"auto"}`:                                       "This plan repairs it.",
		`"update_status":"pending_approval","migration":["DROP TABLE t"],"migration_digest":"sha256:1"}`: "Its repair waits for the approval.",
		`"update_status":"held"}`:                                     "This plan leaves it.",
		`"update_status":"conflict","migration_verdict":"merge"}`:     "This plan leaves it.",
		`"migration":["DROP TABLE t"],"migration_verdict":"blocked"}`: "This plan leaves it.",
		`"name":"Another name"}`:                                      "This plan leaves it.",
	} {
		report, err := preview.Read(strings.NewReader(planOf("landlord_tenant", `"update"`, before, `{`+base+`,`+after, "{}")), preview.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := report.Markdown(); !strings.Contains(got, want) || report.Drift[0].Repairs != (want == "This plan repairs it.") {
			t.Errorf("%s: not %q:\n%s", after, want, got)
		}
	}
	report, err := preview.Read(strings.NewReader(planOf("landlord_tenant", `"update"`, before, `{`+base+`}`, `{"migration":true}`)), preview.Options{})
	if err != nil || !strings.Contains(report.Markdown(), "What becomes of it is known after apply only.") {
		t.Errorf("%v:\n%s", err, report.Markdown())
	}
}
