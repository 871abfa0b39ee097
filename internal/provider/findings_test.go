package provider_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// shownFinding is a finding as `terraform show -json` has it.
type shownFinding struct {
	Severity, Kind, Object, Example, Detail, Action string
	Statement, Rows                                 int64
}

// shownPlan is what a saved plan says of one resource.
type shownPlan struct {
	Findings []shownFinding
	Verdict  string `json:"migration_verdict"`
	Status   string `json:"update_status"`
}

// unwrapped returns what Terraform printed without the lines that it breaks texts
// into.
func unwrapped(out string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(out)), " ")
}

// planOf reads what a saved plan says of one resource.
func (c *cli) planOf(plan, address string) shownPlan {
	c.t.Helper()
	var shown struct {
		ResourceChanges []struct {
			Address string
			Change  struct{ After shownPlan }
		} `json:"resource_changes"`
	}
	must(c.t, json.Unmarshal([]byte(c.run("show", "-json", plan)), &shown))
	for _, change := range shown.ResourceChanges {
		if change.Address == address {
			return change.Change.After
		}
	}
	c.t.Fatalf("the plan has no `%s`", address)
	return shownPlan{}
}

// TestAccCLI_findings is a version that the data of a tenant forbids: the saved
// plan says so to programs, and the data changes between the plan and its apply.
func TestAccCLI_findings(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := newCLI(t, s)
		tenant := acmeConfig(`  name = "Acme"`)
		unique := strings.NewReplacer(`"1.0.0"`, `"1.1.0"`, "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL, UNIQUE KEY uq_email (email), note INT NULL").Replace(shopConfig)
		users := mysqltest.QuoteName(s.Prefix+"acme") + ".users"
		c.write(shopConfig + tenant)
		c.run("init")
		c.run("apply", "-auto-approve")
		s.Exec(t, "INSERT INTO "+users+" (id, email) VALUES (2, 'a@example.com'), (3, 'a@example.com'), (4, 'b@example.com'), (5, 'b@example.com')")
		c.write(unique + tenant)
		out := c.run("plan", "-out", "forbidden.tfplan")
		const cure = "Correct the rows and plan again, or let a script in `migrations/` of `shop@1.1.0`, which is not published yet, correct them: scripts run first."
		for _, want := range []string{"Warning: Data forbids a step of the migration", "Tenant `acme`: 4 rows of `users` violate unique key `uq_email`, e.g. `email` a@example.com.", cure} {
			if !strings.Contains(unwrapped(out), want) {
				t.Errorf("the plan does not say %q: %s", want, out)
			}
		}
		shown := c.planOf("forbidden.tfplan", "landlord_tenant.acme")
		want := shownPlan{Verdict: "blocked", Findings: []shownFinding{{Severity: "error", Kind: "data_forbids", Object: "table `users`", Statement: 1, Rows: 4, Example: "`email` a@example.com",
			Detail: "4 rows of `users` violate unique key `uq_email`, e.g. `email` a@example.com", Action: cure}}}
		if diff := cmp.Diff(want, shown); diff != "" {
			t.Errorf("the plan says to programs (-want +got):\n%s", diff)
		}

		// Other rows forbid it by now: the apply refuses in the provider's words.
		s.Exec(t, "DELETE FROM "+users+" WHERE id = 5")
		out, code := c.try("apply", "forbidden.tfplan")
		if code == 0 || !strings.Contains(out, "Error: Data forbids a step of the migration") || strings.Contains(out, "inconsistent") {
			t.Errorf("the apply ends with %d: %s", code, out)
		}

		// The template is published: the next step is another one. Nothing forbids it
		// any more when this plan is applied.
		c.run("plan", "-out", "corrected.tfplan")
		shown = c.planOf("corrected.tfplan", "landlord_tenant.acme")
		const next = "Correct the rows and plan again. Or publish `shop@1.1.1` with a script `migrations/1.1.0--1.1.1.sql` that corrects them, and let the tenant follow that version: scripts run first."
		if len(shown.Findings) != 1 || shown.Findings[0].Rows != 2 || shown.Findings[0].Action != next {
			t.Errorf("the second plan says %+v", shown.Findings)
		}
		s.Exec(t, "DELETE FROM "+users+" WHERE id = 3")
		c.run("apply", "corrected.tfplan")
		c.noChanges()
		if state := c.run("show", "-json"); !strings.Contains(state, `"applied_template":"shop@1.1.0"`) || !strings.Contains(state, `"update_status":"current"`) {
			t.Errorf("afterwards the state is %s", state)
		}
	})
}

// TestAccCLI_nextVersion takes the step that a plan names when the data forbids a
// migration of a published version.
func TestAccCLI_nextVersion(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	tenant := acmeConfig(`  name = "Acme"`)
	version := func(version, more string) string {
		unique := "email VARCHAR(190) NOT NULL, UNIQUE KEY uq_email (email)"
		config := strings.NewReplacer(`"1.0.0"`, `"`+version+`"`, "email VARCHAR(190) NOT NULL", unique).Replace(shopConfig)
		return strings.Replace(config, "  extension_points", more+"  extension_points", 1)
	}
	c.write(shopConfig + tenant)
	c.run("init")
	c.run("apply", "-auto-approve")
	s.Exec(t, "INSERT INTO "+mysqltest.QuoteName(s.Prefix+"acme")+".users (id, email) VALUES (2, 'a@example.com'), (3, 'a@example.com')")
	c.write(version("1.1.0", "") + tenant)
	if out, code := c.try("apply", "-auto-approve"); code == 0 {
		t.Fatalf("duplicates are taken: %s", out)
	}
	c.write(version("1.1.1", "  migrations = { \"1.1.0--1.1.1.sql\" = \"UPDATE users SET email = CONCAT(id, email)\" }\n") + tenant)
	c.run("apply", "-auto-approve")
	c.noChanges()
	if got := fmt.Sprint(s.QueryRows(t, "SELECT email FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".users WHERE id > 1 ORDER BY id")); got != "[[2a@example.com] [3a@example.com]]" {
		t.Errorf("the rows are %s", got)
	}
}

// TestTenant_findings is two changes by hand that an update meets: programs are
// told of both, people in one warning, and the next plan has no difference.
func TestTenant_findings(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable, teamsTable))
	tenant := c.must("landlord_tenant", nil, acme(nil))
	execIn(t, s, "acme", "ALTER TABLE users ADD COLUMN hand INT NULL")
	execIn(t, s, "acme", "ALTER TABLE teams ADD COLUMN foot INT NULL")
	later := shop("1.1.0", usersWithFax, strings.Replace(teamsTable, "name", "fax INT NULL, name", 1))
	c.must("landlord_tenant_template", nil, later)
	c = coreOn(t, s)
	tenant, _ = c.refresh("landlord_tenant", tenant)
	config := acme(values{"template": "shop@1.1.0"})
	plan := c.plan("landlord_tenant", tenant, config)
	if len(plan.diagnostics) != 1 {
		t.Errorf("it says %q", plan.diagnostics)
	}
	found := func(table, column string) any {
		place := "table " + table + " column " + column
		return values{"severity": "error", "kind": "conflict", "object": place, "statement": nil, "rows": nil, "example": nil,
			"base": nil, "template": nil, "own": "`" + column + "` " + intOf(s) + " DEFAULT NULL",
			"detail": place + " (drift): somebody changed it by hand, and the template changes the same object", "action": "Decide with `resolutions`: \"" + place + "\" = { decision = \"keep_tenant\" }"}
	}
	if diff := cmp.Diff([]any{found("teams", "foot"), found("users", "hand")}, attributes(t, plan.state)["findings"]); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	tenant, _ = c.run("landlord_tenant", tenant, config)
	coreOn(t, s).unchangedPlan("landlord_tenant", tenant, config)
	listed := coreOn(t, s).mustData("landlord_tenants", values{})["tenants"].(values)["acme"].(values) //nolint:forcetypeassert // the schema says so
	if listed["update_status"] != "conflict" || listed["wanted_template"] != "shop@1.1.0" || listed["template"] != "shop@1.0.0" {
		t.Errorf("it is listed as %v", listed)
	}
}

// TestTenant_archivedIsHeld: an archived tenant gets no migration, a suspended one
// follows.
func TestTenant_archivedIsHeld(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	status := map[string]string{"old": "archived", "away": "suspended"}
	tenants := map[string]any{}
	for slug, status := range status {
		tenants[slug] = c.must("landlord_tenant", nil, acme(values{"slug": slug, "status": status}))
	}
	c = coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.1.0", usersWithFax))
	want := map[string]string{"old": "held shop@1.0.0", "away": "current shop@1.1.0"}
	for slug, status := range status {
		config := acme(values{"slug": slug, "status": status, "template": "shop@1.1.0"})
		now := c.must("landlord_tenant", tenants[slug], config)
		if got := fmt.Sprint(field(t, now, "update_status"), " ", field(t, now, "applied_template")); got != want[slug] {
			t.Errorf("%s, it is %s", status, got)
		}
		tenants[slug] = coreOn(t, s).settled("landlord_tenant", now, config)
	}
	back := acme(values{"slug": "old", "template": "shop@1.1.0"})
	if now := coreOn(t, s).must("landlord_tenant", tenants["old"], back); field(t, now, "applied_template") != "shop@1.1.0" {
		t.Errorf("active again, it is at %v", field(t, now, "applied_template"))
	}
}

// TestAccCLI_unseen: a version that only the apply knows is announced, and waits
// where the policy says so.
func TestAccCLI_unseen(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	from := func(version string) string {
		more := map[string]string{"1.0.0": "", "1.1.0": ", phone VARCHAR(40) NULL"}[version]
		return "resource \"terraform_data\" \"version\" {\n  input = \"" + version + "\"\n}\n" +
			strings.NewReplacer(`"1.0.0"`, "terraform_data.version.output", "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL"+more).Replace(shopConfig)
	}
	tenant := acmeConfig("  name = \"Acme\"\n  update_policy = \"review\"")
	c.write(from("1.0.0") + tenant)
	c.run("init")
	c.run("apply", "-auto-approve")
	c.noChanges()
	c.write(from("1.1.0") + tenant)
	out := c.run("apply", "-auto-approve")
	if !strings.Contains(out, "Warning: Statements are known only in the apply") || !strings.Contains(unwrapped(out), "a migration then waits") {
		t.Errorf("it is not announced: %s", out)
	}
	got := fmt.Sprint(s.QueryRows(t, "SELECT applied_version FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants"))
	if got != "[[1.0.0]]" {
		t.Errorf("the tenant is at %s", got)
	}
	c.noChanges()
}

// TestAccCLI_approvalInTheRun gives the approval in the very run that it lets go on.
func TestAccCLI_approvalInTheRun(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	upgraded := strings.NewReplacer(`"1.0.0"`, `"1.1.0"`, "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL, phone VARCHAR(40) NULL").Replace(shopConfig)
	const policy = "  name = \"Acme\"\n  update_policy = \"review\"\n"
	c.write(shopConfig + acmeConfig(policy))
	c.run("init")
	c.run("apply", "-auto-approve")
	c.write(upgraded + acmeConfig(policy))
	c.run("plan", "-out", "first.tfplan")
	digest := c.digestOf("first.tfplan", "landlord_tenant.acme")
	c.write(upgraded + acmeConfig(policy+"  depends_on = [landlord_migration_approval.board]") +
		fmt.Sprintf("resource \"landlord_migration_approval\" \"board\" {\n  digest = %q\n  approved_by = \"board\"\n}\n", digest))
	out := c.run("apply", "-auto-approve")
	if want := "Tenant `acme`: the migration to `shop@1.1.0` runs, approved by board."; !strings.Contains(unwrapped(out), want) || strings.Contains(out, "waits for an approval") {
		t.Errorf("the plan does not count the approval: %s", out)
	}
	c.noChanges()
	if state := c.run("show", "-json"); !strings.Contains(state, `"applied_template":"shop@1.1.0"`) {
		t.Errorf("afterwards the state is %s", state)
	}
}

// TestAccCLI_rename: a column that goes and another one that comes is pointed out,
// and the line that the warning gives keeps the values.
func TestAccCLI_rename(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := newCLI(t, s)
		tenant := acmeConfig(`  name = "Acme"`)
		renamed := strings.NewReplacer(`"1.0.0"`, `"1.1.0"`, "email VARCHAR(190) NOT NULL);", "mail VARCHAR(190) NOT NULL);", "(id, email)", "(id, mail)").Replace(shopConfig)
		c.write(shopConfig + tenant)
		c.run("init")
		c.run("apply", "-auto-approve")
		c.write(renamed + tenant)
		if out := unwrapped(c.run("plan", "-out", "missed.tfplan")); !strings.Contains(out, "Where it is so, add the line to `migrations/1.0.0--1.1.0.sql`.") {
			t.Errorf("the plan does not name the script: %s", out)
		}
		shown := c.planOf("missed.tfplan", "landlord_tenant.acme")
		const line = "ALTER TABLE `users` RENAME COLUMN `email` TO `mail`"
		at := slices.IndexFunc(shown.Findings, func(f shownFinding) bool { return f.Kind == "possible_rename" })
		if want := "If so, let a script in `migrations/` run: " + line + ";"; at < 0 || shown.Findings[at].Action != want {
			t.Fatalf("the plan says %+v", shown.Findings)
		}
		c.write(strings.Replace(renamed, "  extension_points", "  migrations = { \"1.0.0--1.1.0.sql\" = \""+line+"\" }\n  extension_points", 1) + tenant)
		c.run("plan", "-out", "said.tfplan")
		if shown := c.planOf("said.tfplan", "landlord_tenant.acme"); len(shown.Findings) > 0 {
			t.Errorf("with the line the plan says %+v", shown.Findings)
		}
		c.run("apply", "said.tfplan")
		if got := fmt.Sprint(s.QueryRows(t, "SELECT mail FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".users")); got != "[[root@example.com]]" {
			t.Errorf("the values are %s", got)
		}
	})
}

// TestTenant_alike: the one warning that Terraform shows names the others.
func TestTenant_alike(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	config := func(i int, changed values) values {
		return acme(with(changed, values{"slug": fmt.Sprintf("t%02d", i), "update_policy": "review"}))
	}
	const tenants = 12
	states := make([]any, tenants)
	for i := range states {
		states[i] = c.must("landlord_tenant", nil, config(i, values{}))
	}
	c = coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.1.0", usersWithFax))
	plan := c.plan("landlord_tenant", states[0], config(0, values{"template": "shop@1.1.0"}))
	const want = "\n\n11 tenants more with the same template and schema: `t01`, `t02`, `t03`, `t04`, `t05`, `t06`, `t07`, `t08`, `t09`, `t10` and 1 more."
	if len(plan.diagnostics) != 1 || !strings.HasSuffix(plan.diagnostics[0], want) {
		t.Errorf("it says %q", plan.diagnostics)
	}
}

func TestTenant_missedRename(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenant := c.must("landlord_tenant", nil, acme(nil))
	c.must("landlord_tenant_template", nil, shop("1.1.0", strings.Replace(usersTable, "email", "mail", 1)))
	plan := coreOn(t, s).plan("landlord_tenant", tenant, acme(values{"template": "shop@1.1.0"}))
	want := []string{"WARNING at (template): Column may only have another name\n" +
		"From `shop@1.0.0` to `shop@1.1.0` a column goes and another one of a like type comes. If it is the same with another name, say so, or its values go:\n" +
		"  ALTER TABLE `users` RENAME COLUMN `email` TO `mail`;\n" +
		"Where it is so, add the line to `migrations/1.0.0--1.1.1.sql` of a version `1.1.1`, and let the tenant follow that one."}
	purged := func(d string) bool { // where the event scheduler is off, as on MariaDB
		return strings.HasPrefix(d, "WARNING at (allow_destructive): Retired data is purged at a later apply\n")
	}
	if diff := cmp.Diff(want, slices.DeleteFunc(plan.diagnostics, purged)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// intOf is how a server prints the type INT.
func intOf(s *mysqltest.Server) string {
	return map[bool]string{true: "int(11)", false: "int"}[s.Kind.IsMariaDB()]
}

// TestAccCLI_customizationFindings is a customization that the data forbids while it
// is planned, and no longer when it is applied: it has no state that could say so.
func TestAccCLI_customizationFindings(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	config := shopConfig + acmeConfig(`  name = "Acme"`)
	users := mysqltest.QuoteName(s.Prefix+"acme") + ".users"
	c.write(config)
	c.run("init")
	c.run("apply", "-auto-approve")
	s.Exec(t, "INSERT INTO "+users+" (id, email) VALUES (2, 'a@example.com'), (3, 'a@example.com')")
	c.write(config + `
resource "landlord_tenant_customization" "unique" {
  tenant  = landlord_tenant.acme.slug
  name    = "unique"
  reason  = "one account a person"
  indexes = [{ table = "users", name = "uq_mail", columns = ["email"], unique = true }]
}
`)
	c.run("plan", "-out", "unique.tfplan")
	shown := c.planOf("unique.tfplan", "landlord_tenant_customization.unique")
	want := []shownFinding{{Severity: "error", Kind: "data_forbids", Object: "table `users`", Statement: 1, Rows: 2, Example: "`email` a@example.com",
		Detail: "2 rows of `users` violate unique key `uq_mail`, e.g. `email` a@example.com", Action: "Correct the rows, or change the customization."}}
	if diff := cmp.Diff(want, shown.Findings); diff != "" {
		t.Errorf("the plan says to programs (-want +got):\n%s", diff)
	}
	s.Exec(t, "DELETE FROM "+users+" WHERE id = 3")
	c.run("apply", "unique.tfplan")
	c.noChanges()
}
