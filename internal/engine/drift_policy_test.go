package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// together are changes by hand that can be made at once, one of each kind of
// object and of each way to change it.
func together(t *testing.T, s *mysqltest.Server) (do []string, found int) {
	t.Helper()
	all := drifts{}
	for _, part := range []drifts{handMadeTables(), handMadeElements(), handMadePrograms()} {
		for name, change := range part {
			all[name] = change
		}
	}
	for _, name := range []string{
		"view dropped", "trigger dropped", "body of a procedure", "function", "event dropped", "sequence", "sequence added", "procedure added",
		"table that follows a parent", "comment of a table", "row format", "partition added",
		"column that wants a value", "type", "default", "key dropped", "unique key added", "fulltext key added", "functional key added",
		"check added", "check dropped", "foreign key dropped", "character set of a column",
	} {
		change, ok := all[name]
		if !ok {
			t.Fatalf("there is no change %q", name)
		}
		if change.on == "" || (change.on == "MariaDB") == isMariaDB(s) {
			do, found = append(do, change.do...), found+len(change.want)
		}
	}
	return do, found
}

// TestDriftPolicy_repair undoes changes of every kind with one migration, and
// only under that policy.
func TestDriftPolicy_repair(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, zoo(s))
		spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "zoo@1.0.0"}
		_, tenant := create(t, e, spec)
		do, want := together(t, s)
		runIn(t, s, s.Prefix+"acme", do...)

		next := engineOn(t, s)
		drifted, err := next.Tenant(t.Context(), "acme")
		if err != nil || len(drifted.Drift) != want {
			t.Fatalf("%d differences, want %d: %q, %v", len(drifted.Drift), want, foundDrift(drifted.Drift), err)
		}
		reported, _, err := update(t.Context(), next, spec, drifted)
		if err != nil {
			t.Fatal(explain(err))
		}
		if reported.HasWork() {
			t.Errorf("reporting plans %q", operations(reported.Steps))
		}
		spec.DriftPolicy, spec.AllowDestructive = landlord.DriftRepair, true
		repaired, after, err := update(t.Context(), engineOn(t, s), spec, drifted)
		if err != nil {
			t.Fatal(explain(err))
		}
		if len(repaired.Steps) == 0 || repaired.Fingerprint != tenant.SchemaFingerprint || after.SchemaFingerprint != tenant.SchemaFingerprint || len(after.Drift) > 0 {
			t.Errorf("repaired by %q: %+v", operations(repaired.Steps), after)
		}
		driftIs(t, s, "acme", "repaired", nil)
		noop, _, err := update(t.Context(), engineOn(t, s), spec, after)
		if err != nil || noop.HasWork() {
			t.Errorf("once more: %q, %v", operations(noop.Steps), err)
		}
	})
}

// TestDriftPolicy_repairKeeps leaves what customizations made, and repairs it
// where somebody changed it.
func TestDriftPolicy_repairKeeps(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e, _ := shopTenant(t, s, "acme")
		mustCustomize(t, e, visits("acme"), nil)
		runIn(t, s, s.Prefix+"acme", "DROP TRIGGER orders_vip", "ALTER TABLE customers DROP KEY ix_vip, ADD COLUMN by_hand INT NULL", "ALTER TABLE visits DROP KEY ix_seen")
		next := engineOn(t, s)
		drifted, err := next.Tenant(t.Context(), "acme")
		if err != nil || len(drifted.Drift) != 4 {
			t.Fatalf("drift: %+v, %v", drifted, err)
		}
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0", DriftPolicy: landlord.DriftRepair, AllowDestructive: true}
		if _, _, err = update(t.Context(), next, spec, drifted); err != nil {
			t.Fatal(explain(err))
		}
		driftIs(t, s, "acme", "repaired", nil)
		c, err := engineOn(t, s).Customization(t.Context(), "acme", "visits")
		if err != nil {
			t.Fatal(explain(err))
		}
		for _, o := range objects(c.Objects) {
			if !strings.HasSuffix(o, string(customization.ObjectActive)) {
				t.Errorf("the customization has %s", o)
			}
		}
	})
}

// TestDriftPolicy_fail stops the plan with the list.
func TestDriftPolicy_fail(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	_, _ = shopTenant(t, s, "acme")
	runIn(t, s, s.Prefix+"acme", "ALTER TABLE customers ADD COLUMN by_hand INT NULL", "DROP VIEW order_totals")
	e := engineOn(t, s)
	drifted, err := e.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0", DriftPolicy: landlord.DriftFail}
	p := prior(drifted)
	_, err = e.PlanTenant(t.Context(), spec, &p)
	wantProblem(t, err, "Tenant schema has drifted [drift_policy]\n"+
		"Tenant `acme` differs from what was recorded, and its drift policy is `fail`:\n"+
		"table `customers`, column `by_hand`: extra\nview `order_totals`: missing\n\n"+
		"Undo the changes, apply `drift_policy = \"repair\"`, or take the changes into the template.")
	// A tenant without drift goes on.
	found, err := e.Drift(t.Context(), "acme", false)
	if err != nil {
		t.Fatal(explain(err))
	}
	repair(t, s, s.Prefix+"acme", found.RepairSQL)
	next := engineOn(t, s)
	now, err := next.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	plan, _, err := update(t.Context(), next, spec, now)
	if err != nil || plan.HasWork() {
		t.Errorf("without drift: %v, %v", plan, err)
	}
}

// TestDriftPolicy_interrupted has an interrupted migration, which is no drift.
func TestDriftPolicy_interrupted(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	tenant, to := migrating(t, s, "acme")
	if !victimOf(s, to, tenant, "after create_table table `notes`").run(t) {
		t.Fatal("the process was not killed")
	}
	e := engineOn(t, s)
	half, err := e.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	if half.UpdateStatus != landlord.UpdateInterrupted || len(half.Drift) > 0 {
		t.Errorf("tenant: %+v", half)
	}
	d, err := e.Drift(t.Context(), "acme", true)
	if err != nil {
		t.Fatal(explain(err))
	}
	if d.State != drift.DriftInterrupted || len(d.Differences) > 0 || d.InSync() {
		t.Errorf("drift: %+v", d)
	}
	fleet, err := e.FleetDrift(t.Context(), drift.FleetFilter{Details: true})
	if err != nil {
		t.Fatal(explain(err))
	}
	if diff := cmp.Diff(map[drift.State]int{drift.DriftInterrupted: 1}, fleet.Counts); diff != "" {
		t.Errorf("the fleet (-want +got):\n%s", diff)
	}
}
