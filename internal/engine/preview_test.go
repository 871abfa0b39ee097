package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestPreview looks at a version that this run has only planned.
func TestPreview(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := conflictCase{own: "CREATE VIEW faxes AS SELECT id, fax FROM people; ALTER TABLE people ADD COLUMN vip INT NULL", places: []string{"view faxes", "table people column vip"}}
	customized := c.customized(t, s, "acme", "office")
	e := engineOn(t, s)
	next := office("1.1.0", ", fax VARCHAR(20) NULL", "")
	if _, err := e.PlanTemplate(t.Context(), next); err != nil {
		t.Fatal(explain(err))
	}
	got, err := e.Preview(t.Context(), tenant.PreviewSpec{Slug: "acme", Template: "office@1.1.0"})
	if err != nil {
		t.Fatal(explain(err))
	}
	const reason = "it names column `fax` of table `people`, which goes"
	want := &tenant.Preview{From: "office@1.0.0", To: "office@1.1.0", Verdict: "merge", Steps: []landlord.Step{},
		Conflicts: []merge.Conflict{
			{Object: "view faxes", Verdict: merge.Depends, Breaks: true, Reason: reason, Who: []string{"customization `crm`"}, Base: "`fax` varchar(20) COLLATE utf8mb4_unicode_ci DEFAULT NULL"},
			{Object: "table people", Element: "column `vip`", Verdict: merge.Commutes, Reason: "the template changes other parts of the object", Who: []string{"customization `crm`"}, Tenant: "`vip` int DEFAULT NULL"},
		},
		Impact: []tenant.Impact{{Customization: "crm", Verdict: merge.Depends, Open: true,
			What: []string{"view faxes: " + reason, "table people column vip: the template changes other parts of the object"}}},
	}
	for i := range got.Conflicts {
		if !strings.HasPrefix(got.Conflicts[i].Clash, "sha256:") {
			t.Errorf("no digest: %+v", got.Conflicts[i])
		}
		got.Conflicts[i].Clash = ""
	}
	if !strings.Contains(got.Conflicts[0].Tenant, "VIEW `faxes`") {
		t.Errorf("the tenant's side is %q", got.Conflicts[0].Tenant)
	}
	got.Conflicts[0].Tenant = ""
	if s.Kind.IsMariaDB() {
		want.Conflicts[0].Base, got.Conflicts[1].Tenant = printed(want.Conflicts[0].Base), printed(got.Conflicts[1].Tenant)
		got.Conflicts[0].Base = printed(got.Conflicts[0].Base)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(merge.Conflict{})); diff != "" {
		t.Errorf("preview (-want +got):\n%s", diff)
	}

	decided := []merge.Resolution{decide(t, "view faxes", merge.DecideSQL, "CREATE VIEW faxes AS SELECT id, email AS fax FROM people")}
	got, err = e.Preview(t.Context(), tenant.PreviewSpec{Slug: "acme", Template: "office@1.1.0", Resolutions: decided, DestructiveMode: landlord.Drop})
	if err != nil {
		t.Fatal(explain(err))
	}
	p := prior(customized)
	plan, err := e.PlanTenant(t.Context(), landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "office@1.1.0", Resolutions: decided, DestructiveMode: landlord.Drop, AllowDestructive: true}, &p)
	if err != nil {
		t.Fatal(explain(err))
	}
	if got.Digest == "" || got.Digest != plan.Digest || got.Verdict != "auto" || !got.Loses || len(got.Steps) != 2 {
		t.Errorf("decided: %+v", got)
	}
	for _, line := range []string{
		"-- Tenant acme: from office@1.0.0 to office@1.1.0, verdict auto\n-- Digest " + got.Digest + "\n",
		"-- 2. core: drop_column table `people`: Lost: column `people`.`fax` with its values.",
		"ALTER TABLE `people` DROP COLUMN `fax`, ALGORITHM=INSTANT;\n",
	} {
		if !strings.Contains(got.Script, line) {
			t.Errorf("the script lacks %q:\n%s", line, got.Script)
		}
	}
	if _, err := engine.SplitSQL(got.Script); err != nil {
		t.Errorf("the script cannot be split: %v", err)
	}

	// A tenant that does not exist yet would be created.
	made, err := e.Preview(t.Context(), tenant.PreviewSpec{Slug: "newcomer", Template: "office@1.1.0"})
	if err != nil || made.From != "" || len(made.Steps) != 4 || made.Steps[0].Operation != "create_database" {
		t.Errorf("a new tenant: %+v, %v", made, err)
	}
}
