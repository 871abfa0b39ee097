package engine_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestRollout_notWithdrawn: what is recorded of tenants that were not begun cannot be
// taken back. Those that are done stay told as done.
func TestRollout_notWithdrawn(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := fleetOf(t, s, 6)
	spec.Rollout = fleet.Rollout{MaxParallel: 1}
	e := engineOn(t, s, pooled, func(c *landlord.Config) { c.Main.LockTimeout = time.Second })
	conn, err := s.DB().Conn(t.Context())
	must(t, err)
	defer conn.Close()
	e.OnFault(func(at string) {
		switch at {
		case "after intent":
			s.Exec(t, "CREATE TABLE IF NOT EXISTS "+s.Prefix+"w02.notes (id INT)") // the wave ends with it
		case "after finish":
			for _, text := range []string{"START TRANSACTION", "UPDATE " + s.LandlordDatabase + ".tenants SET name = 'locked' WHERE slug = 'w04'"} {
				_, err := conn.ExecContext(t.Context(), text)
				must(t, err)
			}
		}
	})
	_, err = e.ApplyFleet(t.Context(), spec, priorFleet(spec), "")
	_, undone := conn.ExecContext(t.Context(), "ROLLBACK")
	must(t, undone)
	refuses(t, s, err, "Tenant migration stopped [template]\nMigrating tenant `w02` to template `shop@1.1.0` stopped at statement 3 of 3.\n\n"+
		"CREATE TABLE `notes` (`id` int NOT NULL, `body` text COLLATE utf8mb4_unicode_ci, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci\n\n"+
		"Cause: Table 'notes' already exists\n\nWhat is done is kept and recorded. Correct the cause and apply again: the migration goes on where it stopped.")
	want := [][]string{{"w00", "done"}, {"w01", "done"}, {"w02", "failed"}, {"w03", "pending"}, {"w04", "pending"}, {"w05", "pending"}}
	got := s.QueryRows(t, "SELECT tenant_slug, status FROM "+s.LandlordDatabase+".rollout_tenants ORDER BY tenant_slug")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	s.Exec(t, "DROP TABLE "+s.Prefix+"w02.notes")
	if _, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), spec, priorFleet(spec), ""); err != nil {
		t.Fatal(explain(err))
	}
	inForce(t, s, spec, "1.1.0")
}

// rolledOut returns the tenants of a status of the newest rollout, and what became of it.
func rolledOut(t *testing.T, s *mysqltest.Server) string {
	t.Helper()
	var parts []string
	for _, row := range s.QueryRows(t, fmt.Sprintf("SELECT status, GROUP_CONCAT(tenant_slug ORDER BY tenant_slug SEPARATOR ' ') FROM %[1]s.rollout_tenants WHERE rollout_id = (SELECT MAX(id) FROM %[1]s.rollouts) GROUP BY status ORDER BY status", s.LandlordDatabase)) {
		parts = append(parts, row[0]+": "+row[1])
	}
	status := s.QueryRows(t, "SELECT status FROM "+s.LandlordDatabase+".rollouts ORDER BY id DESC LIMIT 1")
	return status[0][0] + "; " + strings.Join(parts, ", ")
}

// TestRollout_leftWave: tenants that somebody has changed when the next wave is to begin
// have failed, whoever asks: they are done no more.
func TestRollout_leftWave(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := fleetOf(t, s, 5)
	leaves := func(failures int) (*fleet.Applied, error) {
		spec.Rollout = fleet.Rollout{MaxParallel: 1, Canary: []string{"w00", "w01", "w02"}, MaxFailures: failures}
		e := engineOn(t, s, pooled)
		var once atomic.Bool
		e.OnFault(func(at string) {
			if at == "after finish" && once.CompareAndSwap(false, true) {
				s.Exec(t, "ALTER TABLE "+s.Prefix+"w00.customers ADD COLUMN hand INT NULL", "DROP DATABASE "+s.Prefix+"w01")
			}
		})
		return e.ApplyFleet(t.Context(), spec, priorFleet(spec), "")
	}
	_, err := leaves(1)
	refuses(t, s, err, "Fleet was not changed everywhere [rollout]\nChanging fleet `shops`: 2 tenants failed and `max_failures` is 1, so no further one was begun; 1 is done. The next apply does the rest.\n\n"+
		"Tenant left its wave. 2 tenants: `w00`, `w01`. Of the first:\n\nTenant `w00` was changed in a wave of the rollout; before the next one begins, somebody has changed its schema.\n\n"+
		"Find out who changed it, put it right and apply again.")
	if got := rolledOut(t, s); got != "halted; done: w02, failed: w00 w01, pending: w03 w04" {
		t.Error(got)
	}
	progress, err := engineOn(t, s).Watch(t.Context(), "shops")
	if err != nil {
		t.Fatal(explain(err))
	}
	if diff := cmp.Diff([]landlord.RolloutFailure{
		{Slug: "w00", Reason: "Tenant left its wave: Tenant `w00` was changed in a wave of the rollout; before the next one begins, somebody has changed its schema.\n\nFind out who changed it, put it right and apply again."},
		{Slug: "w01", Reason: "Tenant left its wave: Tenant `w01` was changed in a wave of the rollout; before the next one begins, its database `" + s.Prefix + "w01` is gone.\n\nFind out who changed it, put it right and apply again."},
	}, progress.Failures); diff != "" {
		t.Errorf("watched (-want +got):\n%s", diff)
	}
}

// TestRollout_leftWaveWithin is the same with as many as may fail: the rollout ends, and what is
// recorded of it says who is not where it should be.
func TestRollout_leftWaveWithin(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := fleetOf(t, s, 4)
	spec.Rollout = fleet.Rollout{MaxParallel: 1, Canary: []string{"w00", "w01"}, MaxFailures: 1}
	e := engineOn(t, s, pooled)
	var once atomic.Bool
	e.OnFault(func(at string) {
		if at == "after finish" && once.CompareAndSwap(false, true) {
			s.Exec(t, "ALTER TABLE "+s.Prefix+"w00.customers ADD COLUMN hand INT NULL")
		}
	})
	applied, err := e.ApplyFleet(t.Context(), spec, priorFleet(spec), "")
	if err != nil {
		t.Fatal(explain(err))
	}
	if diff := cmp.Diff([]fleet.Result{{Slug: "w00", Status: "drifted", Reason: "somebody changed its schema: table `customers`"}}, applied.State.Results); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if got := rolledOut(t, s); got != "done; done: w01 w02 w03, failed: w00" {
		t.Error(got)
	}
}

// TestRollout_waits: who waits for an approval is not done.
func TestRollout_waits(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := fleetOf(t, s, 4)
	spec.Policies.UpdatePolicy = landlord.UpdateReview
	spec.Rollout = fleet.Rollout{MaxParallel: 1, OnFailure: fleet.Rollback}
	plan, err := engineOn(t, s).PlanFleet(t.Context(), spec, priorFleet(spec))
	if err != nil {
		t.Fatal(explain(err))
	}
	for _, slug := range []string{"w02", "w03"} {
		if _, err := engineOn(t, s).Approve(t.Context(), landlord.Approval{Digest: plan.Classes[0].Digest, Tenant: slug}, false, landlord.NewEvent{}); err != nil {
			t.Fatal(explain(err))
		}
	}
	e := engineOn(t, s, pooled)
	e.OnFault(func(at string) {
		if at == "after intent" {
			s.Exec(t, "CREATE TABLE IF NOT EXISTS "+s.Prefix+"w03.notes (id INT)")
		}
	})
	_, err = e.ApplyFleet(t.Context(), spec, priorFleet(spec), "")
	refuses(t, s, err, "Rollout was rolled back [template]\n"+
		"Changing fleet `shops`: 1 tenant failed and `max_failures` is 0, so no further one was begun; 1 is done. `on_failure` is `rollback`: 2 tenants are back where they were. What the rollout had added to them is kept aside for `retention`.\n\n"+
		"Tenant schema changed since the plan. Changing the schema of tenant `w03`.\n\nChanged by somebody else:\ntable `notes`: extra\n\nNothing was run. Plan again.")
}

// TestRollout_serverDies: a server that dies between two waves fails its tenants, within what
// may fail or beyond.
func TestRollout_serverDies(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	eu := mysqltest.Private(t, s.Kind)
	config := func(c *landlord.Config) {
		c.Main.MaxConnections = 4
		c.Servers = map[string]engine.ServerConfig{"eu": {Endpoint: eu.Endpoint(), Username: eu.Username, Password: eu.Password, MaxConnections: 2, ConnectTimeout: time.Second}}
	}
	e := engineOn(t, s, config)
	publish(t, e, shop("1.0.0"))
	publish(t, e, wider("1.1.0"))
	spec := fleetSpec(6, "1.0.0")
	spec.Members[0].Server, spec.Members[1].Server = "eu", "eu"
	if _, err := e.ApplyFleet(t.Context(), spec, nil, ""); err != nil {
		t.Fatal(explain(err))
	}
	spec.Template = "shop@1.1.0"
	spec.Rollout = fleet.Rollout{MaxParallel: 1, Canary: []string{"w00", "w01"}, MaxFailures: 2}
	e = engineOn(t, s, config)
	var once atomic.Bool
	e.OnFault(func(at string) {
		if at == "after finish" && once.CompareAndSwap(false, true) {
			eu.Kill(t)
		}
	})
	applied, err := e.ApplyFleet(t.Context(), spec, priorFleet(spec), "")
	if err != nil {
		t.Fatal(explain(err))
	}
	if got := rolledOut(t, s); got != "done; done: w02 w03 w04 w05, failed: w00 w01" {
		t.Error(got)
	}
	t.Log(applied.State.Results, applied.Notes)
	eu.Restart(t)
	plan, err := engineOn(t, s, config).PlanFleet(t.Context(), spec, priorFleet(spec))
	if err != nil || plan.HasWork() || plan.Summary.Current != 6 {
		t.Errorf("when the server is back: %+v, %v", plan, err)
	}
}

// TestRollout_othersFail: what fails and is none of the rollout, as the making of a tenant,
// takes nothing of it back.
func TestRollout_othersFail(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := fleetOf(t, s, 3)
	before := priorFleet(spec)
	spec.Members = append(spec.Members, fleet.Member{Slug: "x", Name: "x"})
	spec.Rollout = fleet.Rollout{MaxParallel: 1, Canary: []string{"w00"}, Through: "canary", OnFailure: fleet.Rollback}
	if _, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), fleet.Spec{Name: spec.Name, Template: spec.Template, Members: spec.Members[:3], Rollout: spec.Rollout}, before, ""); err != nil {
		t.Fatal(explain(err))
	}
	e := engineOn(t, s, pooled)
	if _, err := e.PlanFleet(t.Context(), spec, before); err != nil {
		t.Fatal(explain(err))
	}
	s.Exec(t, "CREATE DATABASE "+s.Prefix+"x", "CREATE TABLE "+s.Prefix+"x.mine (id INT NOT NULL PRIMARY KEY)")
	spec.Rollout.Through = ""
	_, err := e.ApplyFleet(t.Context(), spec, before, "")
	refuses(t, s, err, "Database exists already [tenants]\nTenant `x` needs the database `tenant_x`, which exists on the server and which the landlord database does not know.\n\n"+
		"Nothing in it was touched.\n\nTo take it over as it is, import it: `terraform import <address> x`. Otherwise choose another slug.")
	if got := rolledOut(t, s); got != "halted; done: w00, pending: w01 w02" {
		t.Error(got)
	}
}

// TestRollout_gateAsks: what the data of a wave has come to forbid while those before it ran
// lets nobody of it begin.
func TestRollout_gateAsks(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := goingBack(t, s, 5)
	s.Exec(t, "UPDATE "+s.Prefix+"w03.customers SET phone = NULL")
	spec.Policies.SkipProbes = false
	spec.Rollout = fleet.Rollout{MaxParallel: 1, Canary: []string{"w00", "w01"}}
	e := engineOn(t, s, pooled)
	var once atomic.Bool
	e.OnFault(func(at string) {
		if at == "after finish" && once.CompareAndSwap(false, true) {
			s.Exec(t, "UPDATE "+s.Prefix+"w03.customers SET phone = '1'")
		}
	})
	_, err := e.ApplyFleet(t.Context(), spec, priorFleet(spec), "")
	refuses(t, s, err, "Data forbids a step of the migration [template]\n"+
		"Tenant `w03` cannot move to template `shop@1.1.0`: 2 rows of `customers` violate unique key `uq_phone`, e.g. `phone` 1.\n\n"+
		"ALTER TABLE `customers` ADD UNIQUE KEY `uq_phone` (`phone`), ALGORITHM=INPLACE, LOCK=NONE\n\n"+
		"Nothing was run. Correct the rows and plan again. Or publish `shop@1.1.1` with a script `migrations/1.1.0--1.1.1.sql` that corrects them, and let the tenant follow that version: scripts run first.")
	if got := rolledOut(t, s); got != "halted; done: w00 w01, failed: w03, pending: w02 w04" {
		t.Error(got)
	}
	if got := atVersions(t, s); got != "[[1.0.0 w02,w03,w04 0] [1.1.0 w00,w01 0]]" {
		t.Error(got)
	}
}
