package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// phones is the case in which both add the column `phone`.
func phones() (conflictCase, landlord.TemplateSpec) {
	c := conflictCase{own: "ALTER TABLE people ADD COLUMN phone VARCHAR(30) NULL", places: []string{"table people column phone"}}
	return c, office("1.1.0", "fax VARCHAR(20) NULL", "fax VARCHAR(20) NULL, phone VARCHAR(20) NULL")
}

func decide(t *testing.T, key string, decision merge.Decision, sql string) merge.Resolution {
	t.Helper()
	r, err := merge.ResolutionFor(key, decision, sql)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func warnings(plan *apply.TenantPlan) []string {
	var out []string
	for _, n := range plan.Notes {
		out = append(out, n.Summary+"\n"+n.Detail)
	}
	return out
}

// TestUpdateTenant_decisions: a decision is proposed to others with the same
// clash, and asked for once only.
func TestUpdateTenant_decisions(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c, next := phones()
	first, second := c.customized(t, s, "first", "office"), c.customized(t, s, "second", "office")
	e := engineOn(t, s)
	publish(t, e, next)
	spec := landlord.TenantSpec{Slug: "first", Name: "first", Template: "office@1.1.0"}
	p := prior(first)
	plan, err := e.PlanTenant(t.Context(), spec, &p)
	if err != nil {
		t.Fatal(explain(err))
	}
	want := []string{"Template update conflicts with a tenant\nTenant `first` stays at `office@1.0.0`: the update to `office@1.1.0` meets what the tenant has of its own.\n" +
		"- table people column phone (customization `crm`): both sides added it, differently\n\nDecide with `resolutions` of the tenant, for example:\n" +
		"  \"table people column phone\" = { decision = \"keep_tenant\" } # or \"take_template\", or \"sql\"\n\n1 tenant more with the same template and schema: `second`."}
	if diff := cmp.Diff(want, warnings(plan)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}

	spec.Resolutions = []merge.Resolution{decide(t, "table people column phone", merge.KeepTenant, "")}
	if _, first, err = update(t.Context(), engineOn(t, s), spec, first); err != nil {
		t.Fatal(explain(err))
	}
	// Back, and there again without the decision in the configuration.
	spec.Resolutions = nil
	for _, version := range []string{"1.0.0", "1.1.0"} {
		spec.Template = "office@" + version
		if plan, first, err = update(t.Context(), engineOn(t, s), spec, first); err != nil {
			t.Fatal(explain(err))
		}
		if first.Template != spec.Template || first.UpdateStatus != landlord.UpdateCurrent {
			t.Fatalf("to %s: %+v, %q", version, first, warnings(plan))
		}
	}

	next2 := engineOn(t, s)
	p = prior(second)
	if plan, err = next2.PlanTenant(t.Context(), landlord.TenantSpec{Slug: "second", Name: "second", Template: "office@1.1.0"}, &p); err != nil {
		t.Fatal(explain(err))
	}
	proposal := `"table people column phone" = { decision = "keep_tenant" } # as another tenant did`
	if text := strings.Join(warnings(plan), "\n"); !strings.Contains(text, proposal) {
		t.Errorf("no proposal: %s", text)
	}
}

func TestUpdateTenant_resolutionFaults(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c, next := phones()
	tenant := c.customized(t, s, "acme", "office")
	e := engineOn(t, s)
	publish(t, e, next)
	const phone = "table people column phone"
	cases := map[string]struct {
		resolution merge.Resolution
		want       string
	}{
		"unknown object": {decide(t, "table peple column phone", merge.KeepTenant, ""), "Resolution names an unknown object [resolutions]\n" +
			"Tenant `acme` has a decision on `table peple column phone`, but neither its database nor its template has that object.\n\n" +
			"Correct the key of `resolutions`: kind and name as in the warning about the conflict, for example `table users column phone` or `view report`."},
		"data": {decide(t, phone, merge.DecideSQL, "UPDATE people SET phone = NULL"), "Resolution SQL cannot be used [resolutions]\n" +
			"The decision on `table people column phone`.\n\n1:1: `UPDATE` changes no structure.\n\nWrite `CREATE`, `ALTER` or `DROP` statements that make the object what it is to become."},
		"another database": {decide(t, phone, merge.DecideSQL, "ALTER TABLE other.people ADD x INT"), "Resolution SQL cannot be used [resolutions]\n" +
			"The decision on `table people column phone`.\n\n1:13: `other.people` names database `other`. Everything has to stay in the tenant's own database: write `people`.\n\n" +
			"Write `CREATE`, `ALTER` or `DROP` statements that make the object what it is to become."},
		"another object": {decide(t, phone, merge.DecideSQL, "ALTER TABLE desks ADD x INT"), "Resolution changes another object [resolutions]\n" +
			"The decisions on `table people column phone` also change `table desks`.\n\nWhat a tenant has in addition is a `landlord_tenant_customization`. Let `sql` change nothing but the object of its key."},
		"does not run": {decide(t, phone, merge.DecideSQL, "ALTER TABLE people ADD phone INT"), "Resolution does not run [resolutions]\n" +
			"Trying the decision on `table people column phone` in a scratch database, on top of what the template makes of it.\n\nALTER TABLE `people` ADD COLUMN `phone` INT\n\n" +
			"Cause: Duplicate column name 'phone'\n\nCorrect `sql`: it starts from the template's version, or from nothing where the template has none."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := prior(tenant)
			_, err := e.PlanTenant(t.Context(), landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "office@1.1.0", Resolutions: []merge.Resolution{c.resolution}}, &p)
			wantProblem(t, err, c.want)
		})
	}
	// One on something that is there and meets nothing is a warning.
	p := prior(tenant)
	spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "office@1.1.0", AllowDestructive: true,
		Resolutions: []merge.Resolution{decide(t, phone, merge.TakeTemplate, ""), decide(t, "view mails", merge.KeepTenant, "")}}
	plan, err := e.PlanTenant(t.Context(), spec, &p)
	if err != nil {
		t.Fatal(explain(err))
	}
	want := "Resolution is not needed\nTenant `acme`: the update meets no conflict at `view mails`, so there is nothing to decide there."
	if got := warnings(plan); len(got) == 0 || got[0] != want {
		t.Errorf("warnings: %q", got)
	}
}

// TestUpdateTenant_cededAndBack: what a customization ceded to the template is
// the customization's again when the template gives it up.
func TestUpdateTenant_cededAndBack(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := conflictCase{own: "ALTER TABLE people ADD COLUMN phone VARCHAR(20) NULL; UPDATE people SET phone = id", places: []string{"table people column phone"}}
	_, next := phones()
	tenant := c.customized(t, s, "acme", "office")
	e := engineOn(t, s)
	publish(t, e, next)
	for _, step := range []struct{ version, owned string }{{"1.1.0", "(crm: table people column phone)"}, {"1.0.0", "crm: table people column phone"}} {
		e := engineOn(t, s)
		_, after, err := update(t.Context(), e, landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "office@" + step.version}, tenant)
		if err != nil {
			t.Fatal(explain(err))
		}
		tenant = after
		if owned, err := e.Owned(t.Context(), "acme"); err != nil || cmp.Diff([]string{step.owned}, owned) != "" {
			t.Errorf("at %s: %q, %v", step.version, owned, err)
		}
		if rows := s.QueryRows(t, "SELECT SUM(phone) FROM "+tenant.DatabaseName+".people"); rows[0][0] != "3" {
			t.Errorf("at %s: %v", step.version, rows)
		}
	}
}

// TestUpdateTenant_repairBesideCustomization undoes drift and leaves the
// customization.
func TestUpdateTenant_repairBesideCustomization(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c, _ := phones()
		c.drift = "ALTER TABLE people ADD COLUMN hand INT NULL, MODIFY fax VARCHAR(10), MODIFY phone INT; DROP VIEW mails; CREATE VIEW hand AS SELECT id FROM desks"
		tenant := c.customized(t, s, "acme", "office")
		e := engineOn(t, s)
		publish(t, e, office("1.1.0", "fax VARCHAR(20) NULL", "fax VARCHAR(25) NULL"))
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "office@1.1.0", DriftPolicy: landlord.DriftRepair, AllowDestructive: true}
		_, after, err := update(t.Context(), e, spec, tenant)
		if err != nil {
			t.Fatal(explain(err))
		}
		if len(after.Drift) > 0 || after.UpdateStatus != landlord.UpdateCurrent {
			t.Errorf("tenant: %+v", after)
		}
		want := [][]string{{"fax", "varchar(25)"}, {"phone", "varchar(30)"}}
		got := s.QueryRows(t, "SELECT COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'people' AND COLUMN_NAME IN ('fax','phone','hand') ORDER BY 1", tenant.DatabaseName)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("columns (-want +got):\n%s", diff)
		}
	})
}

// TestUpdateTenant_policies: a tenant that is held is not asked, one with a
// conflict stays, and both are what they were after it.
func TestUpdateTenant_policies(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c, next := phones()
	tenant := c.customized(t, s, "acme", "office")
	e := engineOn(t, s)
	publish(t, e, next)
	for policy, want := range map[landlord.UpdatePolicy]landlord.UpdateStatus{landlord.UpdateHold: landlord.UpdateHeld, landlord.UpdateAuto: landlord.UpdateConflict, landlord.UpdateReview: landlord.UpdateConflict} {
		plan, after, err := update(t.Context(), engineOn(t, s), landlord.TenantSpec{Slug: "acme", Name: "renamed", Template: "office@1.1.0", UpdatePolicy: policy}, tenant)
		if err != nil {
			t.Fatal(explain(err))
		}
		if after.UpdateStatus != want || after.SchemaFingerprint != tenant.SchemaFingerprint || after.Template != "office@1.0.0" || after.Name != "renamed" {
			t.Errorf("%s: %+v", policy, after)
		}
		if warned := len(plan.Notes) > 0; warned != (want == landlord.UpdateConflict) {
			t.Errorf("%s: %q", policy, warnings(plan))
		}
	}
}

func TestApproval(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, office("1.0.0"))
		next := office("1.1.0", "fax VARCHAR(20)", "fax VARCHAR(40)")
		next.ApprovalRequired = []string{tenant.ApprovalCore}
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "office@1.0.0"}
		_, tenant := create(t, e, spec)
		publish(t, e, next)
		spec.Template = "office@1.1.0"
		plan, after, err := update(t.Context(), engineOn(t, s), spec, tenant)
		if err != nil {
			t.Fatal(explain(err))
		}
		if !plan.Waits || after.UpdateStatus != landlord.UpdatePendingApproval || after.SchemaFingerprint != tenant.SchemaFingerprint {
			t.Fatalf("it ran without an approval: %+v", after)
		}
		want := []string{"Migration waits for an approval\nTenant `acme`: the migration to `office@1.1.0` is shown, and does not run yet:\n" +
			"- `approval_required` of template `office@1.1.0` has `core`\n\nApprove it with a `landlord_migration_approval` for this tenant, or for all tenants with this digest:\n" +
			"  digest = \"" + plan.Digest + "\"\n  tenant = \"acme\""}
		if diff := cmp.Diff(want, warnings(plan)); diff != "" {
			t.Errorf("warnings (-want +got):\n%s", diff)
		}
		approve := func(a landlord.Approval, renew bool) {
			t.Helper()
			if _, err := engineOn(t, s).Approve(t.Context(), a, renew, landlord.NewEvent{}); err != nil {
				t.Fatal(explain(err))
			}
		}
		stays := func(what string) {
			t.Helper()
			if _, after, err := update(t.Context(), engineOn(t, s), spec, tenant); err != nil || after.UpdateStatus != landlord.UpdatePendingApproval {
				t.Fatalf("%s: %+v, %v", what, after, err)
			}
		}
		approve(landlord.Approval{Digest: plan.Digest, Tenant: "other"}, false)
		stays("approved for another tenant")
		approve(landlord.Approval{Digest: "sha256:0", Tenant: "acme"}, false)
		stays("another digest")
		approve(landlord.Approval{Digest: plan.Digest, ApprovedBy: "bo", ExpiresAt: time.Now().Add(time.Hour)}, false)
		s.Exec(t, "UPDATE "+s.LandlordDatabase+".migration_approvals SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE tenant_slug = ''")
		stays("run out")
		approve(landlord.Approval{Digest: plan.Digest, ApprovedBy: "bo", Note: "on Monday", ExpiresAt: time.Now().Add(time.Hour)}, false)
		plan, after, err = update(t.Context(), engineOn(t, s), spec, tenant)
		if err != nil || after.UpdateStatus != landlord.UpdateCurrent || after.Template != "office@1.1.0" || plan.Approval == nil {
			t.Fatalf("approved: %+v, %v, %q", after, err, warnings(plan))
		}
		events := s.QueryRows(t, "SELECT detail FROM "+s.LandlordDatabase+".tenant_events WHERE event = 'migrated' ORDER BY id DESC LIMIT 1")
		if !strings.Contains(events[0][0], `"approved_by"`) {
			t.Errorf("the event says %v", events)
		}
	})
}

func TestApproval_life(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	a := landlord.Approval{Digest: "sha256:1", Tenant: "acme", ApprovedBy: "bo", Note: "n"}
	made, err := e.Approve(t.Context(), a, false, landlord.NewEvent{})
	if err != nil || made.CreatedAt.IsZero() || made.ID() != "sha256:1/acme" {
		t.Fatalf("approved %+v, %v", made, err)
	}
	if _, err := e.Approve(t.Context(), a, false, landlord.NewEvent{}); err != nil {
		t.Errorf("the same words again: %v", err)
	}
	other := a
	other.ApprovedBy = "al"
	_, err = e.Approve(t.Context(), other, false, landlord.NewEvent{})
	wantProblem(t, err, "Migration is approved already [digest]\n`bo` has approved it on "+made.CreatedAt.Format(time.RFC3339)+
		".\n\nTo manage that approval here, import it: `terraform import <address> sha256:1/acme`.")
	if changed, err := e.Approve(t.Context(), other, true, landlord.NewEvent{}); err != nil || changed.ApprovedBy != "al" {
		t.Errorf("changed %+v, %v", changed, err)
	}
	late := landlord.Approval{Digest: "sha256:2", ExpiresAt: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
	if _, err := e.Approve(t.Context(), late, false, landlord.NewEvent{}); err == nil || !strings.HasPrefix(explain(err), "Approval has run out already [expires_at]\nThe approval is to hold until 2020-01-01T00:00:00Z;") {
		t.Errorf("an approval of the past: %v", err)
	}
	for _, want := range []int{1, 0} {
		if had, err := e.Withdraw(t.Context(), []landlord.Approval{a}, landlord.NewEvent{}); err != nil || had != want {
			t.Fatalf("withdrew %d, not %d: %s", had, want, explain(err))
		}
		if _, err := e.Approval(t.Context(), a.Digest, a.Tenant); !errors.Is(err, landlord.ErrNotFound) {
			t.Errorf("withdrawn: %v", err)
		}
	}
	_, err = e.Approve(t.Context(), other, true, landlord.NewEvent{})
	wantProblem(t, err, "Approval was withdrawn [digest]\nThe approval `sha256:1/acme` is to change, and another run has withdrawn it since it was read.\n\n"+
		"Nothing was recorded. Plan again: the plan gives it anew.")
	again, err := e.Approve(t.Context(), a, false, landlord.NewEvent{})
	if err != nil {
		t.Fatal(explain(err))
	}
	other.CreatedAt = again.CreatedAt.Add(-time.Minute)
	if _, err = e.Approve(t.Context(), other, true, landlord.NewEvent{}); err == nil || !strings.HasPrefix(explain(err), "Approval was withdrawn [digest]\n") {
		t.Errorf("withdrawn and given again: %v", err)
	}
}

// TestApproval_event: an approval and what the history says of it come about together,
// and so do a withdrawal and its event, whichever of the two cannot be written.
func TestApproval_event(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := conflictCase{own: "ALTER TABLE people ADD COLUMN vip INT NULL"}
		c.customized(t, s, "acme", "office")
		e := engineOn(t, s)
		a := landlord.Approval{Digest: "sha256:1", ApprovedBy: "bo"}
		told := func(event, digest string) landlord.NewEvent {
			return landlord.NewEvent{Tenants: []string{"acme", "nobody"}, Event: event, Author: "bo", Detail: map[string]string{"digest": digest}}
		}
		count := func() string {
			return s.QueryRows(t, "SELECT CONCAT((SELECT COUNT(*) FROM "+s.LandlordDatabase+".migration_approvals), ' approvals, ', "+
				"(SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenant_events WHERE author = 'bo'), ' events')")[0][0]
		}
		tooLong := strings.Repeat("x", 100)
		if _, err := e.Approve(t.Context(), a, false, told(tooLong, "sha256:1")); err == nil || count() != "0 approvals, 0 events" {
			t.Errorf("an event that cannot be written: %v, %s", err, count())
		}
		if _, err := e.Approve(t.Context(), a, false, told("approved", "sha256:1")); err != nil || count() != "1 approvals, 1 events" {
			t.Errorf("approved: %v, %s", err, count())
		}
		if _, err := e.Withdraw(t.Context(), []landlord.Approval{a}, told(tooLong, "sha256:1")); err == nil || count() != "1 approvals, 1 events" {
			t.Errorf("an event of a withdrawal that cannot be written: %v, %s", err, count())
		}
		if had, err := e.Withdraw(t.Context(), []landlord.Approval{a}, told("rejected", "sha256:1")); err != nil || had != 1 || count() != "0 approvals, 2 events" {
			t.Errorf("withdrew %d: %v, %s", had, err, count())
		}
	})
}

// TestUpdateTenant_scriptFails: a migration script that works on the template and
// not on the tenant is a conflict of that tenant, not an end of the plan.
func TestUpdateTenant_scriptFails(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	if s.Kind.IsMariaDB() {
		t.Skip("the server renames what a generated column reads")
	}
	c := conflictCase{own: "ALTER TABLE people ADD COLUMN digits INT AS (LENGTH(fax))", places: []string{"table people column digits"}}
	tenant := c.customized(t, s, "acme", "office")
	e := engineOn(t, s)
	next := office("1.1.0", "fax VARCHAR(20)", "telefax VARCHAR(20)")
	next.Migrations = map[string]string{"1.0.0--1.1.0.sql": "ALTER TABLE people RENAME COLUMN fax TO telefax;"}
	publish(t, e, next)
	plan, after, err := update(t.Context(), e, landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "office@1.1.0"}, tenant)
	if err != nil {
		t.Fatal(explain(err))
	}
	want := []string{"Template update conflicts with a tenant\nTenant `acme` stays at `office@1.0.0`: the update to `office@1.1.0` meets what the tenant has of its own.\n" +
		"- table people (customization `crm`): a step of `migrations/1.0.0--1.1.0.sql` fails on this tenant: ALTER TABLE `people` RENAME COLUMN `fax` TO `telefax`: Column 'fax' has a generated column dependency.\n\n" +
		"No decision settles this: change or remove the customization, or repair the drift."}
	if diff := cmp.Diff(want, warnings(plan)); diff != "" || after.UpdateStatus != landlord.UpdateConflict {
		t.Errorf("%s, warnings (-want +got):\n%s", after.UpdateStatus, diff)
	}
}

// TestUpdateTenant_killedWithDecisions kills the process in a migration that was
// decided about and approved: the next run goes on without asking again.
func TestUpdateTenant_killedWithDecisions(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := conflictCase{own: "ALTER TABLE people ADD COLUMN phone VARCHAR(20) NULL, ADD COLUMN vip INT NULL", places: []string{"table people column phone", "table people column vip"}}
		tenant := c.customized(t, s, "acme", "office")
		e := engineOn(t, s)
		publish(t, e, office("1.1.0", "fax VARCHAR(20) NULL", "fax VARCHAR(20) NULL, phone VARCHAR(30) NULL", "label VARCHAR(20)", "label VARCHAR(40)"))
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "office@1.1.0", UpdatePolicy: landlord.UpdateReview,
			Resolutions: []merge.Resolution{decide(t, "table people column phone", merge.TakeTemplate, "")}}
		p := prior(tenant)
		plan, err := e.PlanTenant(t.Context(), spec, &p)
		if err != nil {
			t.Fatal(explain(err))
		}
		if _, err := e.Approve(t.Context(), landlord.Approval{Digest: plan.Digest}, false, landlord.NewEvent{}); err != nil {
			t.Fatal(explain(err))
		}
		if !victimOf(s, spec, tenant, "after modify_column table `desks`").run(t) {
			t.Fatal("the process was not killed")
		}
		if had, err := e.Withdraw(t.Context(), []landlord.Approval{{Digest: plan.Digest}}, landlord.NewEvent{}); err != nil || had != 1 {
			t.Fatal(had, explain(err))
		}
		next := engineOn(t, s)
		half, err := next.Tenant(t.Context(), "acme")
		if err != nil || half.UpdateStatus != landlord.UpdateInterrupted {
			t.Fatalf("interrupted: %+v, %v", half, err)
		}
		spec.Resolutions = nil
		_, after, err := update(t.Context(), next, spec, half)
		if err != nil {
			t.Fatal(explain(err))
		}
		if after.UpdateStatus != landlord.UpdateCurrent || after.Template != "office@1.1.0" || len(after.Drift) > 0 {
			t.Errorf("completed: %+v", after)
		}
		owned, err := next.Owned(t.Context(), "acme")
		if diff := cmp.Diff([]string{"(crm: table people column phone)", "crm: table people column vip"}, owned); diff != "" || err != nil {
			t.Errorf("owned (-want +got):\n%s%v", diff, err)
		}
	})
}

// TestUpdateTenant_otherTargetBesideCustomization goes back after a migration was
// cut off: what it did is undone, element by element, and what the tenant has
// stays.
func TestUpdateTenant_otherTargetBesideCustomization(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := conflictCase{own: "ALTER TABLE people ADD COLUMN vip INT NULL; UPDATE people SET vip = id", places: []string{"table people column vip"}, drift: "ALTER TABLE desks ADD COLUMN hand INT NULL"}
		tenant := c.customized(t, s, "acme", "office")
		publish(t, engineOn(t, s), office("1.1.0", "fax VARCHAR(20) NULL", "fax VARCHAR(40) NULL, phone VARCHAR(30) NULL", "CREATE VIEW", "CREATE TABLE rooms (id INT NOT NULL PRIMARY KEY);\nCREATE VIEW"))
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "office@1.1.0", AllowDestructive: true}
		if !victimOf(s, spec, tenant, "before create_table table `rooms`").run(t) {
			t.Fatal("the process was not killed")
		}
		next := engineOn(t, s)
		half, err := next.Tenant(t.Context(), "acme")
		if err != nil || half.UpdateStatus != landlord.UpdateInterrupted {
			t.Fatalf("interrupted: %+v, %v", half, err)
		}
		spec.Template = "office@1.0.0"
		_, after, err := update(t.Context(), next, spec, half)
		if err != nil {
			t.Fatal(explain(err))
		}
		if len(after.Drift) != 1 || after.Drift[0].Element != "column `hand`" || after.UpdateStatus != landlord.UpdateCurrent {
			t.Errorf("went back to %+v", after)
		}
		want := [][]string{{"id", "vip"}, {"1", "1"}, {"2", "2"}}
		got := append([][]string{{"id", "vip"}}, s.QueryRows(t, "SELECT id, vip FROM "+tenant.DatabaseName+".people WHERE fax IS NULL ORDER BY id")...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		if columns := s.QueryRows(t, "SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY COLUMN_NAME) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'people'", tenant.DatabaseName); columns[0][0] != "email,fax,id,vip" {
			t.Errorf("columns: %v", columns)
		}
	})
}
