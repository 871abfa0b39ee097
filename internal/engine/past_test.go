package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestUpdateTenant_newerVersion cuts a migration off between statements on rows,
// and wants a newer version then: what was done to rows is not done again.
func TestUpdateTenant_newerVersion(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		first := map[string]string{"1.0.0--1.1.0.sql": "UPDATE a SET n = n + 1;\nALTER TABLE a ADD COLUMN x INT NOT NULL DEFAULT 0;\nUPDATE a SET n = n + 10, x = x + 1;"}
		both := map[string]string{"1.1.0--1.2.0.sql": "UPDATE a SET n = n + 100, x = x + 10;"}
		for name, sql := range first {
			both[name] = sql
		}
		const x = "x INT NOT NULL DEFAULT 0"
		publish(t, e, counters("1.0.0", nil))
		publish(t, e, counters("1.1.0", first, x))
		publish(t, e, counters("1.2.0", both, x))
		for i, point := range []string{"after intent", "after update table `a`", "before alter_table table `a`", "after alter_table table `a`"} {
			slug := fmt.Sprint("kill", i)
			from := landlord.TenantSpec{Slug: slug, Name: slug, Template: "counters@1.0.0"}
			_, tenant := create(t, e, from)
			to := from
			to.Template = "counters@1.1.0"
			if !victimOf(s, to, tenant, point).run(t) {
				t.Fatalf("%s: the process was not killed", point)
			}
			half, err := engineOn(t, s).Tenant(t.Context(), slug)
			if err != nil {
				t.Fatal(explain(err))
			}
			to.Template = "counters@1.2.0"
			plan, after, err := update(t.Context(), engineOn(t, s), to, half)
			if err != nil {
				t.Fatalf("%s: %s", point, explain(err))
			}
			if plan.Verdict != "auto" || after.Template != to.Template {
				t.Errorf("%s: verdict %s, tenant %+v", point, plan.Verdict, after)
			}
			if diff := cmp.Diff([][]string{{"111", "11"}, {"111", "11"}, {"111", "11"}}, counted(t, s, slug, "n, x")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", point, diff)
			}
		}
	})
}

// TestUpdateTenant_otherWay goes another way after a migration was cut off, whose
// script does not begin with what was done: a person has to look.
func TestUpdateTenant_otherWay(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	const x = "x INT NOT NULL DEFAULT 0"
	publish(t, e, counters("1.0.0", nil))
	publish(t, e, counters("1.1.0", map[string]string{"1.0.0--1.1.0.sql": "UPDATE a SET n = n + 1;\nALTER TABLE a ADD COLUMN x INT NOT NULL DEFAULT 0;"}, x))
	publish(t, e, counters("1.1.1", map[string]string{"1.0.0--1.1.1.sql": "UPDATE a SET n = n + 2;"}, x))
	from := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "counters@1.0.0"}
	_, tenant := create(t, e, from)
	to := from
	to.Template = "counters@1.1.0"
	if !victimOf(s, to, tenant, "before alter_table table `a`").run(t) {
		t.Fatal("the process was not killed")
	}
	half, err := engineOn(t, s).Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	to.Template = "counters@1.1.1"
	plan, after, err := update(t.Context(), engineOn(t, s), to, half)
	if err != nil {
		t.Fatal(explain(err))
	}
	want := "Tenant `acme`: the migration to `counters@1.1.1` is shown, and does not run yet:\n" +
		"- an interrupted migration to `counters@1.1.0` has run `UPDATE a SET n = n + 1`, which is not how the scripts to this version go on, so they may do to its rows what is done\n\n" +
		"Approve it with a `landlord_migration_approval` for this tenant, or for all tenants with this digest:\n  digest = \"" + plan.Digest + "\"\n  tenant = \"acme\""
	if len(plan.Notes) != 1 || plan.Notes[0].Detail != want {
		t.Errorf("notes: %+v", plan.Notes)
	}
	if plan.Verdict != "review" || after.UpdateStatus != landlord.UpdatePendingApproval {
		t.Errorf("verdict %s, tenant %+v", plan.Verdict, after)
	}
	if diff := cmp.Diff([][]string{{"1"}, {"1"}, {"1"}}, counted(t, s, "acme", "n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestUpdateTenant_moduleComesBack takes a module away and brings it back: its
// rows return, and its seeds do not run again. When its tables are gone for
// good, they do.
func TestUpdateTenant_moduleComesBack(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, landlord.TemplateSpec{Name: "billed", Version: "1.0.0",
			Core:     map[string]string{"1.sql": "CREATE TABLE settings (k VARCHAR(20) NOT NULL PRIMARY KEY);"},
			Optional: map[string]string{"billing.sql": "CREATE TABLE plans (code VARCHAR(20) NOT NULL PRIMARY KEY, cents INT NOT NULL);"},
			Seeds: map[string]string{"billing/1.sql": "INSERT INTO plans (code, cents) VALUES ('free', 0), ('pro', 4900);",
				"billing/2.sql": "INSERT INTO settings (k) VALUES ('billing');"}})
		off := landlord.TenantSpec{Slug: "n", Name: "n", Template: "billed@1.0.0", AllowDestructive: true}
		on := off
		on.Modules = []string{"billing"}
		_, tenant := create(t, e, on)
		move := func(spec landlord.TenantSpec) (warnings []string) {
			t.Helper()
			plan, after, err := update(t.Context(), engineOn(t, s), spec, tenant)
			if err != nil {
				t.Fatal(explain(err))
			}
			tenant = after
			for _, n := range plan.Notes {
				if strings.HasPrefix(n.Summary, "Seeds") {
					warnings = append(warnings, n.Summary+": "+n.Detail)
				}
			}
			return warnings
		}
		rows := func() string {
			db := mysqltest.QuoteName(s.Prefix + "n")
			return fmt.Sprint(s.QueryRows(t, "SELECT code, cents FROM "+db+".plans ORDER BY code"), s.QueryRows(t, "SELECT k FROM "+db+".settings"))
		}
		s.Exec(t, "UPDATE "+s.Prefix+"n.plans SET cents = 5900 WHERE code = 'pro'")
		move(off)
		told := move(on)
		if diff := cmp.Diff([]string{"Seeds of a module are not run again: The module billing comes back, and what its seeds had filled is still there: table `plans`, `settings`. What is there stays as it is."}, told); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := rows(); got != "[[free 0] [pro 5900]] [[billing]]" {
			t.Errorf("back: %s", got)
		}
		off.DestructiveMode = landlord.Drop
		move(off)
		told = move(on)
		if got := rows(); got != "[[free 0] [pro 4900]] [[billing]]" {
			t.Errorf("gone for good, and made anew: %s, %q", got, told)
		}
	})
}

// TestUpdateTenant_ahead gives a tenant by hand what an update brings, as a
// landlord database that is older than the tenant sees it: whether the statements
// on rows have run, a person has to say. Drift that is nothing of the update is no
// reason to ask.
func TestUpdateTenant_ahead(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		const x = "x INT NOT NULL DEFAULT 0"
		publish(t, e, counters("1.0.0", nil))
		publish(t, e, counters("1.1.0", map[string]string{"1.0.0--1.1.0.sql": "UPDATE a SET n = n + 1;"}, x))
		for slug, column := range map[string]string{"acme": x, "beta": ""} {
			from := landlord.TenantSpec{Slug: slug, Name: slug, Template: "counters@1.0.0"}
			create(t, e, from)
			s.Exec(t, "CREATE TABLE "+s.Prefix+slug+".hand (id INT NOT NULL PRIMARY KEY)")
			if column != "" {
				s.Exec(t, "ALTER TABLE "+s.Prefix+slug+".a ADD COLUMN "+column)
			}
			tenant, err := engineOn(t, s).Tenant(t.Context(), slug)
			if err != nil {
				t.Fatal(explain(err))
			}
			to := from
			to.Template = "counters@1.1.0"
			plan, after, err := update(t.Context(), engineOn(t, s), to, tenant)
			if err != nil {
				t.Fatal(explain(err))
			}
			if column == "" {
				if plan.Verdict != "auto" || after.Template != to.Template {
					t.Errorf("drift elsewhere: verdict %s, tenant %+v", plan.Verdict, after)
				}
				continue
			}
			want := "Tenant `acme`: the migration to `counters@1.1.0` is shown, and does not run yet:\n" +
				"- its table a column x is that of `counters@1.1.0` already, which is not recorded: the landlord database may be older than the tenant, and `UPDATE a SET n = n + 1` may have run\n\n" +
				"Approve it with a `landlord_migration_approval` for this tenant, or for all tenants with this digest:\n  digest = \"" + plan.Digest + "\"\n  tenant = \"acme\""
			if len(plan.Notes) != 1 || plan.Notes[0].Detail != want {
				t.Errorf("notes: %+v", plan.Notes)
			}
			if plan.Verdict != "review" || after.UpdateStatus != landlord.UpdatePendingApproval {
				t.Errorf("verdict %s, tenant %+v", plan.Verdict, after)
			}
			if diff := cmp.Diff([][]string{{"0"}, {"0"}, {"0"}}, counted(t, s, "acme", "n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
	})
}
