package engine_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// goingBack is a fleet whose rollout fails at tenant w03, of its data, and goes back.
func goingBack(t *testing.T, s *mysqltest.Server, n int) fleet.Spec {
	t.Helper()
	e := engineOn(t, s, pooled)
	publish(t, e, shop("1.0.0"))
	spec := fleetSpec(n, "1.0.0")
	if _, err := e.ApplyFleet(t.Context(), spec, nil, ""); err != nil {
		t.Fatal(explain(err))
	}
	next := shop("1.1.0")
	next.Core["003_phones.sql"] = "ALTER TABLE customers ADD UNIQUE KEY uq_phone (phone);"
	publish(t, e, next)
	s.Exec(t, "UPDATE "+s.Prefix+"w03.customers SET phone = '1'")
	spec.Template, spec.Policies.SkipProbes = "shop@1.1.0", true
	spec.Rollout = fleet.Rollout{MaxParallel: 1, OnFailure: fleet.Rollback}
	return spec
}

// atVersions returns which tenants follow which version, as the registry has it.
func atVersions(t *testing.T, s *mysqltest.Server) string {
	t.Helper()
	return fmt.Sprint(s.QueryRows(t, "SELECT applied_version, GROUP_CONCAT(slug ORDER BY slug), SUM(running_digest IS NOT NULL) FROM "+s.LandlordDatabase+".tenants GROUP BY applied_version ORDER BY applied_version"))
}

// kills applies a fleet and kills it when the first tenant is back.
func kills(t *testing.T, s *mysqltest.Server, spec fleet.Spec) {
	t.Helper()
	username, password := s.ProviderLogin()
	config := landlord.Config{Database: s.LandlordDatabase, Prefix: s.Prefix}
	config.Main.Endpoint, config.Main.Username, config.Main.Password, config.Main.MaxConnections = s.Endpoint(), username, password, 4
	if !(victim{Config: config, Fleet: &spec, FleetPrior: priorFleet(spec), KillAt: "after taking a tenant back"}).run(t) {
		t.Fatal("nobody was taken back")
	}
}

// TestRollback_killed: a rollback that is cut off is told by the next plan and completed by its
// apply before anything else; nobody is brought forward again on the way.
func TestRollback_killed(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := goingBack(t, s, 5)
	kills(t, s, spec)
	if got := rolledOut(t, s); got != "rolling_back; done: w00 w01 w02, failed: w03, pending: w04" {
		t.Fatal(got)
	}
	if got := atVersions(t, s); got != "[[1.0.0 w00,w03,w04 1] [1.1.0 w01,w02 0]]" {
		t.Fatal(got)
	}
	plan, err := engineOn(t, s, pooled).PlanFleet(t.Context(), spec, priorFleet(spec))
	if err != nil {
		t.Fatal(explain(err))
	}
	remarks(t, s, plan.Notes, "Rollback of a rollout is not complete [rollout]\n"+
		"Fleet `shops`: its rollout to `shop@1.1.0` is being taken back, and no apply has completed that: 3 tenants have to go back, `w01`, `w02`, `w03`.\n\n"+
		"The apply takes them back before anything else. What the rollout had added to them is kept aside for `retention`.")
	_, err = engineOn(t, s, pooled).ApplyFleet(t.Context(), spec, priorFleet(spec), plan.Digest)
	refuses(t, s, err, "Rollout was rolled back [rollout]\n"+
		"Changing fleet `shops`: its rollout to `shop@1.1.0` was being taken back, and no apply had completed that. This one went on with it, and did nothing else: 3 tenants are back where they were. "+
		"What the rollout had added to them is kept aside for `retention`.\n\nSet `template` back before the next apply, else the rollout begins anew.")
	if got := atVersions(t, s); got != "[[1.0.0 w00,w01,w02,w03,w04 0]]" {
		t.Error(got)
	}
	if got := rolledOut(t, s); got != "rolled_back; pending: w04, rolled_back: w00 w01 w02 w03" {
		t.Error(got)
	}
}

// TestRollback_killedAsked is the same of one that somebody asked for, when the configuration was
// set back meanwhile: the apply ends well, and nothing is asked any more.
func TestRollback_killedAsked(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := goingBack(t, s, 5)
	spec.Rollout = fleet.Rollout{MaxParallel: 1, Canary: []string{"w00", "w01"}, Through: "canary"}
	if _, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), spec, priorFleet(spec), ""); err != nil {
		t.Fatal(explain(err))
	}
	s.Exec(t, "INSERT INTO "+s.LandlordDatabase+".rollout_wishes (rollout_id, wish, author) SELECT id, 'rollback', 'ops' FROM "+s.LandlordDatabase+".rollouts")
	spec.Rollout.Through = ""
	kills(t, s, spec)
	if got := rolledOut(t, s); got != "rolling_back; done: w00 w01, pending: w02 w03 w04" {
		t.Fatal(got)
	}
	progress, err := engineOn(t, s).Watch(t.Context(), spec.Name)
	if err != nil {
		t.Fatal(explain(err))
	}
	if !progress.Runs() || progress.Wish != landlord.WishNone {
		t.Errorf("watched: %+v", progress)
	}
	_, err = engineOn(t, s).AskRollout(t.Context(), spec.Name, landlord.WishAbort, "ops", "")
	refuses(t, s, err, "Rollout does not run []\nThe rollout of fleet `shops` to `shop@1.1.0` is `rolling_back`: no apply is there to be asked for `abort`.\n\n"+
		"Set `template` of the fleet back and apply, if its tenants are to go back.")

	back := spec
	back.Template = "shop@1.0.0"
	applied, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), back, priorFleet(spec), "")
	if err != nil {
		t.Fatal(explain(err))
	}
	if applied.State.Summary.Current != 5 {
		t.Errorf("%+v", applied.State)
	}
	if got := rolledOut(t, s); got != "rolled_back; pending: w02 w03 w04, rolled_back: w00 w01" {
		t.Error(got)
	}
	if got := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".rollout_wishes")[0][0]; got != "0" {
		t.Errorf("%s things are asked", got)
	}
}

// TestRollback_inPart: a rollback that cannot take all tenants back stays open; the next apply
// tries it again, and does nothing else, until the fleet wants something else of them.
func TestRollback_inPart(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := goingBack(t, s, 5)
	e := engineOn(t, s, pooled)
	taken := 0
	e.OnFault(func(at string) {
		if at == "after taking a tenant back" {
			if taken++; taken == 1 {
				s.Exec(t, "ALTER TABLE "+s.Prefix+"w02.customers ADD COLUMN hand INT NULL, ADD KEY ix_hand (hand, phone), DROP KEY uq_phone, ADD UNIQUE KEY uq_phone (phone, hand)")
			}
		}
	})
	remains := "1 tenant could not be taken back. The next apply tries that again before anything else, unless `template`, or the list, wants something else of them than the rollout.\n\n"
	_, err := e.ApplyFleet(t.Context(), spec, priorFleet(spec), "")
	refuses(t, s, err, "Rollout was rolled back in part [template]\n"+
		"Changing fleet `shops`: 1 tenant failed and `max_failures` is 0, so no further one was begun; 3 are done. 3 tenants are back where they were; "+remains+
		"Tenant schema changed since the plan. Changing the schema of tenant `w02`.\n\nChanged by somebody else:\n"+
		"table `customers`, column `hand`: extra\ntable `customers`, key `ix_hand`: extra\ntable `customers`, key `uq_phone`: changed\n\nNothing was run. Plan again.\n\n"+
		"Tenant migration stopped. Migrating tenant `w03` to template `shop@1.1.0` stopped at statement 1 of 1.\n\n"+
		"ALTER TABLE `customers` ADD UNIQUE KEY `uq_phone` (`phone`), ALGORITHM=INPLACE, LOCK=NONE\n\nCause: Duplicate entry '1' for key 'customers.uq_phone'\n\n"+
		"What is done is kept and recorded. Correct the cause and apply again: the migration goes on where it stopped.")
	if got := rolledOut(t, s); got != "rolling_back; done: w02, pending: w04, rolled_back: w00 w01 w03" {
		t.Error(got)
	}
	progress, err := engineOn(t, s).Watch(t.Context(), spec.Name)
	if err != nil || progress.Runs() {
		t.Errorf("%+v, %v", progress, err)
	}
	_, err = engineOn(t, s, pooled).ApplyFleet(t.Context(), spec, priorFleet(spec), "")
	refuses(t, s, err, "Rollout was rolled back in part [rollout]\n"+
		"Changing fleet `shops`: its rollout to `shop@1.1.0` was being taken back, and no apply had completed that. This one went on with it, and did nothing else. "+remains+
		"Tenant could not be taken back. Tenant `w02` stays at `shop@1.1.0`: the way back to `shop@1.0.0` waits for a decision or an approval.\n\n"+
		"Set `template` of the fleet back and plan: the plan shows what waits.")
	if got := atVersions(t, s); got != "[[1.0.0 w00,w01,w03,w04 0] [1.1.0 w02 0]]" {
		t.Error(got)
	}
	back := spec
	back.Template = "shop@1.0.0"
	applied, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), back, priorFleet(spec), "")
	if err != nil {
		t.Fatal(explain(err))
	}
	if diff := cmp.Diff([]fleet.Result{{Slug: "w02", Status: "conflict", Reason: "conflicts wait for a decision"}}, applied.State.Results); diff != "" {
		t.Error(diff)
	}
	if got := rolledOut(t, s); got != "replaced; done: w02, pending: w04, rolled_back: w00 w01 w03" {
		t.Error(got)
	}
}
