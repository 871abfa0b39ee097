package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

const (
	usersWithFax  = "CREATE TABLE users (id INT NOT NULL PRIMARY KEY, email VARCHAR(190) NOT NULL, fax VARCHAR(20) NULL)"
	digestOfNoOne = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
)

// unchangedPlan refreshes and plans, and fails when that is a change. It returns
// the refreshed state and what both say.
func (c *core) unchangedPlan(typeName string, before any, config values) (any, []string) {
	c.t.Helper()
	now, diagnostics := c.refresh(typeName, before)
	plan := c.plan(typeName, now, config)
	if diff := cmp.Diff(open(c.t, now), open(c.t, plan.state)); diff != "" {
		c.t.Errorf("the plan of %s is a change (-state +plan):\n%s", typeName, diff)
	}
	return now, append(diagnostics, plan.diagnostics...)
}

// TestTenant_conflict is an update that meets a change by hand: the tenant stays
// without a change in each plan, and goes on when somebody has decided.
func TestTenant_conflict(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		tenant := c.must("landlord_tenant", nil, acme(nil))
		execIn(t, s, "acme", "ALTER TABLE users ADD COLUMN hand INT NULL")
		c.must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))

		c = coreOn(t, s)
		tenant, _ = c.refresh("landlord_tenant", tenant)
		config := acme(values{"template": "shop@1.1.0"})
		plan := c.plan("landlord_tenant", tenant, config)
		want := []string{"WARNING at (template): Template update conflicts with a tenant\n" +
			"Tenant `acme` stays at `shop@1.0.0`: the update to `shop@1.1.0` meets what the tenant has of its own.\n" +
			"- table users column hand (drift): somebody changed it by hand, and the template changes the same object\n\n" +
			"Decide with `resolutions` of the tenant, for example:\n" +
			"  \"table users column hand\" = { decision = \"keep_tenant\" } # or \"take_template\", or \"sql\""}
		if diff := cmp.Diff(want, plan.diagnostics); diff != "" {
			t.Errorf("diagnostics (-want +got):\n%s", diff)
		}
		got := attributes(t, plan.state)
		if got["update_status"] != "conflict" || got["applied_template"] != "shop@1.0.0" || got["migration_verdict"] != "merge" || len(statements(t, plan.state)) > 0 {
			t.Errorf("planned as %v, %v, %v", got["update_status"], got["applied_template"], got["migration_verdict"])
		}
		tenant, _ = c.run("landlord_tenant", tenant, config)
		tenant, said := coreOn(t, s).unchangedPlan("landlord_tenant", tenant, config)
		if hasErrors(said) || field(t, tenant, "update_status") != "conflict" {
			t.Errorf("afterwards it is %v: %q", field(t, tenant, "update_status"), said)
		}

		decided := with(config, values{"resolutions": values{"table users column hand": values{"decision": "keep_tenant"}}})
		c = coreOn(t, s)
		plan = c.plan("landlord_tenant", tenant, decided)
		if sql := statements(t, plan.state); len(sql) != 1 || !strings.Contains(sql[0], "`fax`") || attributes(t, plan.state)["migration_verdict"] != "auto" {
			t.Errorf("decided: %q, %v", sql, plan.diagnostics)
		}
		tenant = c.must("landlord_tenant", tenant, decided)
		tenant = coreOn(t, s).settled("landlord_tenant", tenant, decided)
		if diff := cmp.Diff([]any{}, field(t, tenant, "drift")); diff != "" {
			t.Errorf("what was decided for is still drift: %s", diff)
		}
		coreOn(t, s).settled("landlord_tenant", coreOn(t, s).must("landlord_tenant", tenant, config), config)
	})
}

func TestTenant_resolutionsAreRefused(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	cases := map[string]struct {
		resolutions values
		want        string
	}{
		"key":    {values{"users": values{"decision": "keep_tenant"}}, "ERROR at (resolutions).(users): Resolution key cannot be read\n`users` does not begin with the kind of an object, such as `table` or `view`."},
		"no sql": {values{"view v": values{"decision": "sql"}}, "ERROR at (resolutions).(view v): Decision and statements do not fit\nThe decision `sql` needs the statements in `sql`."},
		"sql for naught": {values{"view v": values{"decision": "keep_tenant", "sql": "DROP VIEW v"}}, "ERROR at (resolutions).(view v).(sql): Decision and statements do not fit\n" +
			"`sql` is of no use with the decision `keep_tenant`. Set `decision = \"sql\"`, or remove the statements."},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			got := c.validate("landlord_tenant", acme(values{"resolutions": k.resolutions}))
			if diff := cmp.Diff([]string{k.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := c.validate("landlord_tenant", acme(values{"resolutions": values{"table `a b` index x": values{"decision": "sql", "sql": "ALTER TABLE x ADD y INT"}}})); len(got) > 0 {
		t.Error(got)
	}
}

// TestTenant_review waits for an approval, which may come in the same apply, and
// runs what was approved and nothing else.
func TestTenant_review(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		tenant := c.must("landlord_tenant", nil, acme(values{"update_policy": "review"}))
		c.must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))

		c = coreOn(t, s)
		tenant, _ = c.refresh("landlord_tenant", tenant)
		config := acme(values{"template": "shop@1.1.0", "update_policy": "review"})
		plan := c.plan("landlord_tenant", tenant, config)
		got := attributes(t, plan.state)
		digest := fmt.Sprint(got["migration_digest"])
		if len(statements(t, plan.state)) != 1 || got["migration_verdict"] != "auto" || !strings.HasPrefix(digest, "sha256:") {
			t.Errorf("planned as %q, %v, %s", statements(t, plan.state), got["migration_verdict"], digest)
		}
		for _, name := range []string{"update_status", "applied_template"} {
			if got[name] != (unknown{}) {
				t.Errorf("%s is planned as %v", name, got[name])
			}
		}
		want := []string{"WARNING at (update_policy): Migration waits for an approval\n" +
			"Tenant `acme`: the migration to `shop@1.1.0` is shown, and does not run yet:\n- `update_policy` of the tenant is `review`\n\n" +
			"Approve it with a `landlord_migration_approval` for this tenant, or for all tenants with this digest:\n  digest = \"" + digest + "\"\n  tenant = \"acme\""}
		if diff := cmp.Diff(want, plan.diagnostics); diff != "" {
			t.Errorf("diagnostics (-want +got):\n%s", diff)
		}
		tenant, _ = c.run("landlord_tenant", tenant, config)
		if field(t, tenant, "update_status") != "pending_approval" || field(t, tenant, "applied_template") != "shop@1.0.0" {
			t.Errorf("without an approval it is %v at %v", field(t, tenant, "update_status"), field(t, tenant, "applied_template"))
		}
		tenant, _ = coreOn(t, s).refresh("landlord_tenant", tenant)
		if field(t, tenant, "update_status") != "pending_approval" {
			t.Errorf("after a refresh it is %v", field(t, tenant, "update_status"))
		}

		// What waits is no difference. Approved, it is one.
		coreOn(t, s).unchangedPlan("landlord_tenant", tenant, config)
		c = coreOn(t, s)
		approval := c.must("landlord_migration_approval", nil, values{"digest": digest, "tenant": "acme", "note": "on Monday"})
		again := c.plan("landlord_tenant", tenant, config)
		approved := []string{"WARNING at (update_policy): Migration is approved\nTenant `acme`: the migration to `shop@1.1.0` runs, approved by tests."}
		if diff := cmp.Diff(approved, again.diagnostics); diff != "" {
			t.Errorf("diagnostics (-want +got):\n%s", diff)
		}
		after, diagnostics := c.apply("landlord_tenant", tenant, config, again)
		if len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		c.conforms("the state after the apply", "", again.state, after)
		if field(t, after, "update_status") != "current" || field(t, after, "applied_template") != "shop@1.1.0" {
			t.Errorf("approved, it is %v at %v", field(t, after, "update_status"), field(t, after, "applied_template"))
		}
		c = coreOn(t, s)
		c.settled("landlord_tenant", after, config)
		c.settled("landlord_migration_approval", approval, values{"digest": digest, "tenant": "acme", "note": "on Monday"})
	})
}

// TestTemplate_approvalRequired stops what changes the core of existing tenants,
// and no creation.
func TestTemplate_approvalRequired(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	first := with(shop("1.0.0", usersTable), values{"approval_required": []string{"core"}, "optional": values{"lids.sql": "CREATE TABLE lids (id INT NOT NULL PRIMARY KEY)"}})
	template := c.must("landlord_tenant_template", nil, first)
	tenant := c.must("landlord_tenant", nil, acme(nil))
	coreOn(t, s).settled("landlord_tenant_template", template, first)
	withModule := acme(values{"modules": []string{"lids"}})
	tenant = c.must("landlord_tenant", tenant, withModule)
	second := with(shop("1.1.0", usersWithFax), values{"approval_required": []string{"core", "optional"}, "optional": first["optional"]})
	template = c.must("landlord_tenant_template", template, second)
	later := acme(values{"modules": []string{"lids"}, "template": "shop@1.1.0"})
	c = coreOn(t, s)
	said := c.plan("landlord_tenant", tenant, later).diagnostics
	tenant, _ = c.run("landlord_tenant", tenant, later)
	if len(said) != 1 || !strings.Contains(said[0], "`approval_required` of template `shop@1.1.0` has `core`") || field(t, tenant, "update_status") != "pending_approval" {
		t.Errorf("it is %v: %q", field(t, tenant, "update_status"), said)
	}
	// The same version can need none.
	open := with(second, values{"approval_required": nil})
	c = coreOn(t, s)
	c.must("landlord_tenant_template", template, open)
	if tenant = coreOn(t, s).must("landlord_tenant", tenant, later); field(t, tenant, "update_status") != "current" {
		t.Errorf("it is %v", field(t, tenant, "update_status"))
	}
}

func TestApproval_life(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	config := values{"digest": digestOfNoOne, "expires_at": "2099-01-01T01:00:00+01:00"}
	c := coreOn(t, s)
	approval := c.must("landlord_migration_approval", nil, config)
	approval = coreOn(t, s).settled("landlord_migration_approval", approval, config)
	if field(t, approval, "approved_by") != "tests" || field(t, approval, "id") != digestOfNoOne {
		t.Errorf("approved by %v as %v", field(t, approval, "approved_by"), field(t, approval, "id"))
	}
	changed := values{"digest": digestOfNoOne, "approved_by": "bo", "note": "n"}
	approval = c.must("landlord_migration_approval", approval, changed)
	approval = coreOn(t, s).settled("landlord_migration_approval", approval, changed)

	imported, _ := coreOn(t, s).refresh("landlord_migration_approval", c.importID("landlord_migration_approval", digestOfNoOne))
	if diff := cmp.Diff(open(t, approval), open(t, imported)); diff != "" {
		t.Errorf("imported (-managed +imported):\n%s", diff)
	}
	if plan := c.plan("landlord_migration_approval", approval, with(changed, values{"tenant": "acme"})); len(plan.replace) != 1 {
		t.Errorf("another tenant replaces %v", plan.replace)
	}
	if after := c.must("landlord_migration_approval", approval, nil); after != nil {
		t.Errorf("withdrawing leaves %v", after)
	}
	if gone, _ := coreOn(t, s).refresh("landlord_migration_approval", approval); gone != nil {
		t.Errorf("a withdrawn approval is read as %v", gone)
	}
	for attribute, bad := range map[string]values{
		"digest":     {"digest": "abc"},
		"expires_at": {"digest": digestOfNoOne, "expires_at": "tomorrow"},
		"tenant":     {"digest": digestOfNoOne, "tenant": "No Slug"},
	} {
		if got := c.validate("landlord_migration_approval", bad); len(got) != 1 || !strings.HasPrefix(got[0], "ERROR at ("+attribute+")") {
			t.Errorf("%s: %q", attribute, got)
		}
	}
}

// TestPreviewDataSource looks at a template that is planned only.
func TestPreviewDataSource(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant", nil, acme(nil))
	execIn(t, s, "acme", "ALTER TABLE users ADD COLUMN hand INT NULL")
	c = coreOn(t, s)
	c.plan("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
	got := c.mustData("landlord_migration_preview", values{"tenant": "acme", "template": "shop@1.1.0"})
	conflicts, ok := got["conflicts"].([]any)
	if !ok || len(conflicts) != 1 || got["verdict"] != "merge" || got["from"] != "shop@1.0.0" {
		t.Fatalf("undecided: %v", got)
	}
	conflict := conflicts[0].(values) //nolint:forcetypeassert // the schema says so
	if conflict["key"] != "table users column hand" || conflict["open"] != true || conflict["own"] != "`hand` "+intOf(s)+" DEFAULT NULL" {
		t.Errorf("the conflict is %v", conflict)
	}
	got = c.mustData("landlord_migration_preview", values{"tenant": "acme", "template": "shop@1.1.0",
		"resolutions": values{"table users column hand": values{"decision": "keep_tenant"}}})
	if script := fmt.Sprint(got["script"]); got["verdict"] != "auto" || !strings.Contains(script, "ADD COLUMN `fax`") || got["digest"] == nil {
		t.Errorf("decided: %v", got)
	}
	_, said := c.data("landlord_migration_preview", values{"tenant": "acme", "template": "shop@9.9.9"})
	if len(said) != 1 || !strings.HasPrefix(said[0], "ERROR at (template): Template is not published\n") {
		t.Errorf("an unknown template: %q", said)
	}
}
