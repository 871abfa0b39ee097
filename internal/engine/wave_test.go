package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
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

// fleetSpec is a fleet of n tenants.
func fleetSpec(n int, version string) fleet.Spec {
	spec := fleet.Spec{Name: "shops", Template: "shop@" + version}
	for i := range n {
		slug := fmt.Sprintf("w%02d", i)
		spec.Members = append(spec.Members, fleet.Member{Slug: slug, Name: slug})
	}
	return spec
}

// priorFleet is what Terraform's state would hold of a fleet.
func priorFleet(spec fleet.Spec) *fleet.Prior { return &fleet.Prior{Spec: spec} }

// wider is the shop with three statements more.
func wider(version string) landlord.TemplateSpec {
	t := shop(version)
	t.Core["003_notes.sql"] = "ALTER TABLE customers ADD COLUMN note VARCHAR(40) NULL;\nCREATE TABLE notes (id INT NOT NULL PRIMARY KEY, body TEXT);\nCREATE INDEX ix_total ON orders (total);"
	return t
}

// pooled gives an engine as many connections as it has by default.
func pooled(c *landlord.Config) { c.Main.MaxConnections = 4 }

// fleetOf makes a fleet of the first version and publishes the next one.
func fleetOf(t *testing.T, s *mysqltest.Server, n int) fleet.Spec {
	t.Helper()
	e := engineOn(t, s, pooled)
	publish(t, e, shop("1.0.0"))
	spec := fleetSpec(n, "1.0.0")
	if _, err := e.ApplyFleet(t.Context(), spec, nil, ""); err != nil {
		t.Fatal(explain(err))
	}
	publish(t, e, wider("1.1.0"))
	spec.Template = "shop@1.1.0"
	return spec
}

// questions returns how many statements a server has been sent, by its own count.
func questions(t *testing.T, s *mysqltest.PrivateServer) int {
	t.Helper()
	n, err := strconv.Atoi(s.QueryRows(t, "SHOW GLOBAL STATUS LIKE 'Questions'")[0][1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestFleet_statements counts, as the server does, what a plan without changes and
// a rollout send, plan and twin included.
func TestFleet_statements(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, shared *mysqltest.Server) {
		s := mysqltest.Private(t, shared.Kind)
		const tenants = 40
		spec := fleetOf(t, s.Server, tenants)
		before := questions(t, s)
		if _, err := engineOn(t, s.Server, pooled).PlanFleet(t.Context(), spec, priorFleet(spec)); err != nil {
			t.Fatal(explain(err))
		}
		if sent := questions(t, s) - before - 1; sent > 85 {
			t.Errorf("the plan of a rollout, whatever the number of tenants, sends %d statements, at most 85 are allowed", sent)
		}
		before = questions(t, s)
		if _, err := engineOn(t, s.Server, pooled).ApplyFleet(t.Context(), spec, priorFleet(spec), ""); err != nil {
			t.Fatal(explain(err))
		}
		if sent, most := questions(t, s)-before-1, 12*tenants; sent > most {
			t.Errorf("a rollout of 3 statements to %d tenants sends %d, at most %d are allowed", tenants, sent, most)
		}
		before = questions(t, s)
		plan, err := engineOn(t, s.Server, pooled).PlanFleet(t.Context(), spec, priorFleet(spec))
		if err != nil || plan.HasWork() {
			t.Fatalf("%+v, %v", plan, err)
		}
		if sent := questions(t, s) - before - 1; sent > 15 {
			t.Errorf("a plan without changes sends %d statements, at most 15 are allowed", sent)
		}
		inForce(t, s.Server, spec, "1.1.0")
	})
}

// inForce wants every tenant of a fleet at a version: by the registry, by the
// ledger, which has each migration once, and by its database.
func inForce(t *testing.T, s *mysqltest.Server, spec fleet.Spec, version string) {
	t.Helper()
	migrations := map[string]int{"1.0.0": 0, "1.1.0": 1}[version]
	for _, m := range spec.Members {
		got := s.QueryRows(t, "SELECT applied_version, COALESCE(running_digest, 'none') FROM "+s.LandlordDatabase+".tenants WHERE slug = ?", m.Slug)
		if len(got) != 1 || got[0][0] != version || got[0][1] != "none" {
			t.Errorf("%s: %v", m.Slug, got)
		}
		ledger := s.QueryRows(t, "SELECT h.migration_name, h.status, COALESCE(h.running, 'none'), h.steps, SUM(s.state = 'done'), COUNT(s.step) FROM "+s.LandlordDatabase+".tenant_migrations_history h JOIN "+
			s.LandlordDatabase+".tenant_migration_steps s ON s.migration_id = h.id WHERE h.tenant_slug = ? AND h.status <> 'abandoned' GROUP BY h.id, h.migration_name, h.status, h.running, h.steps ORDER BY h.id", m.Slug)
		for _, row := range ledger {
			if row[1] != "done" || row[2] != "none" || row[3] != row[4] || row[4] != row[5] {
				t.Errorf("the ledger of %s: %v", m.Slug, row)
			}
		}
		if len(ledger) != 1+migrations {
			t.Errorf("the ledger of %s has %v", m.Slug, ledger)
		}
		if seeds := s.QueryRows(t, "SELECT COUNT(*), MIN(id), MAX(id) FROM "+s.Prefix+strings.ReplaceAll(m.Slug, "-", "_")+".customers"); !slices.Equal(seeds[0], []string{"2", "1", "2"}) {
			t.Errorf("%s has other seeds: %v", m.Slug, seeds)
		}
		events := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenant_events WHERE tenant_slug = ? AND event = 'migrated'", m.Slug)
		if events[0][0] != strconv.Itoa(migrations) {
			t.Errorf("%s was migrated %s times", m.Slug, events[0][0])
		}
	}
	plan, err := engineOn(t, s, pooled).PlanFleet(t.Context(), spec, priorFleet(spec))
	if err != nil || plan.HasWork() || plan.Summary.Current != int64(len(spec.Members)) {
		t.Errorf("the next plan: %+v, %v", plan, err)
	}
}

// TestFleet_wave lets tenants of one wave differ from what was planned: each of
// them stops itself alone.
func TestFleet_wave(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		spec := fleetOf(t, s, 8)
		spec.Rollout = fleet.Rollout{MaxParallel: 1, MaxFailures: 2}
		e := engineOn(t, s, pooled)
		plan, err := e.PlanFleet(t.Context(), spec, priorFleet(spec))
		if err != nil {
			t.Fatal(explain(err))
		}
		var point atomic.Int64
		e.OnFault(func(at string) {
			switch {
			case at == "after intent" && point.Add(1) == 1:
				s.Exec(t, "CREATE TABLE "+s.Prefix+"w02.notes (id INT)") // a statement fails
			case at == "after create_table table `notes`" && point.Add(1) == 5:
				s.Exec(t, "ALTER TABLE "+s.Prefix+"w05.customers ADD COLUMN mine INT") // the result is another one
			}
		})
		applied, err := e.ApplyFleet(t.Context(), spec, priorFleet(spec), plan.Digest)
		if err != nil {
			t.Fatal(explain(err))
		}
		var failed []string
		for _, r := range applied.State.Results {
			failed = append(failed, r.Slug)
		}
		if !slices.Contains(failed, "w02") || len(applied.Notes) != 1 || !strings.Contains(applied.Notes[0].Detail, "2 tenants failed") {
			t.Errorf("failed: %v, notes %+v", applied.State.Results, applied.Notes)
		}
		done := spec
		done.Members = slices.DeleteFunc(slices.Clone(spec.Members), func(m fleet.Member) bool { return m.Slug == "w02" || m.Slug == "w05" })
		for _, m := range done.Members {
			if got := s.QueryRows(t, "SELECT applied_version FROM "+s.LandlordDatabase+".tenants WHERE slug = ?", m.Slug); got[0][0] != "1.1.0" {
				t.Errorf("%s is at %v", m.Slug, got)
			}
		}
	})
}

// TestFleet_waveHalts: the tenants of a wave that were not begun when enough have
// failed are as if nobody had meant to change them.
func TestFleet_waveHalts(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := fleetOf(t, s, 6)
	spec.Rollout = fleet.Rollout{MaxParallel: 1}
	e := engineOn(t, s, pooled)
	e.OnFault(func(at string) {
		if at == "after intent" {
			s.Exec(t, "CREATE TABLE IF NOT EXISTS "+s.Prefix+"w02.notes (id INT)")
		}
	})
	_, err := e.ApplyFleet(t.Context(), spec, priorFleet(spec), "")
	var p *landlord.Problem
	if !errors.As(err, &p) || p.Summary != "Tenant migration stopped" {
		t.Fatalf("got %v", err)
	}
	want := [][]string{
		{"w00", "1.1.0", "1.1.0", "none"}, {"w01", "1.1.0", "1.1.0", "none"}, {"w02", "1.0.0", "1.1.0", "running"},
		{"w03", "1.0.0", "1.0.0", "none"}, {"w04", "1.0.0", "1.0.0", "none"}, {"w05", "1.0.0", "1.0.0", "none"},
	}
	got := s.QueryRows(t, "SELECT slug, applied_version, desired_version, IF(running_digest IS NULL, 'none', 'running') FROM "+s.LandlordDatabase+".tenants ORDER BY slug")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	s.Exec(t, "DROP TABLE "+s.Prefix+"w02.notes")
	if _, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), spec, priorFleet(spec), ""); err != nil {
		t.Fatal(explain(err))
	}
	inForce(t, s, spec, "1.1.0")
}

// soon fails a test whose apply waits for ever.
func soon(t *testing.T, apply func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- apply() }()
	select {
	case err := <-done:
		return err
	case <-time.After(2 * time.Minute):
		t.Fatal("the apply waits for ever")
		return nil
	}
}

// TestFleet_waveFails: what is recorded of tenants that fail needs no connection
// beside those that the waves hold.
func TestFleet_waveFails(t *testing.T) {
	t.Parallel()
	for _, connections := range []int{1, 2} {
		t.Run(fmt.Sprint(connections), func(t *testing.T) {
			t.Parallel()
			s := mysqltest.One(t)
			spec := fleetOf(t, s, 6)
			spec.Rollout = fleet.Rollout{MaxParallel: connections, MaxFailures: 3}
			e := engineOn(t, s, func(c *landlord.Config) { c.Main.MaxConnections = connections })
			e.OnFault(func(at string) {
				if at == "after intent" {
					for _, slug := range []string{"w01", "w04"} {
						s.Exec(t, "CREATE TABLE IF NOT EXISTS "+s.Prefix+slug+".notes (id INT)")
					}
				}
			})
			err := soon(t, func() error { _, err := e.ApplyFleet(t.Context(), spec, priorFleet(spec), ""); return err })
			if err != nil {
				t.Fatal(explain(err))
			}
			want := [][]string{{"w00", "done", "0"}, {"w01", "failed", "1"}, {"w02", "done", "0"}, {"w03", "done", "0"}, {"w04", "failed", "1"}, {"w05", "done", "0"}}
			got := s.QueryRows(t, "SELECT tenant_slug, status, error IS NOT NULL FROM "+s.LandlordDatabase+".rollout_tenants ORDER BY tenant_slug")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestFleet_waveLost ends the connection of a wave at each kind of point: the
// tenants go on, each where it is, and with one connection too.
func TestFleet_waveLost(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"before alter_table table `customers`", "after create_table table `notes`", "after intent", "after finish"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			s := mysqltest.One(t)
			spec := fleetOf(t, s, 4)
			spec.Rollout = fleet.Rollout{MaxParallel: 1}
			record := s.Record(t)
			e := engineOn(t, s, func(c *landlord.Config) {
				c.Main.Username, c.Main.Password, c.Main.MaxConnections = record.Username, record.Password, 1
			})
			var seen atomic.Int64
			e.OnFault(func(point string) {
				if point != at || seen.Add(1) != 1 && at != "after intent" || seen.Load() > 2 {
					return
				}
				for _, row := range s.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = ?", record.Username) {
					_, _ = s.DB().ExecContext(t.Context(), "KILL "+row[0]) // it may be gone
				}
			})
			if err := soon(t, func() error { _, err := e.ApplyFleet(t.Context(), spec, priorFleet(spec), ""); return err }); err != nil {
				t.Fatal(explain(err))
			}
			inForce(t, s, spec, "1.1.0")
		})
	}
}

// TestFleet_rollbackPerServer: no more tenants go back at a time than are changed at a
// time on their server.
func TestFleet_rollbackPerServer(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := fleetOf(t, s, 6)
	spec.Rollout = fleet.Rollout{MaxParallel: 4, MaxPerServer: 1, OnFailure: fleet.Rollback}
	e := engineOn(t, s, pooled)
	var now, most atomic.Int64
	e.OnFault(func(at string) {
		if at == "after intent" {
			s.Exec(t, "CREATE TABLE IF NOT EXISTS "+s.Prefix+"w05.notes (id INT)")
		}
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(20 * time.Millisecond)
		now.Add(-1)
	})
	_, err := e.ApplyFleet(t.Context(), spec, priorFleet(spec), "")
	var p *landlord.Problem
	if !errors.As(err, &p) || !strings.HasPrefix(p.Summary, "Rollout was rolled back") {
		t.Fatalf("got %v", err)
	}
	if got := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".rollout_tenants WHERE status = 'rolled_back'"); got[0][0] < "5" {
		t.Errorf("%v tenants are back", got)
	}
	if n := most.Load(); n != 1 {
		t.Errorf("%d tenants at a time", n)
	}
}

// TestFleet_waveEnded asks an apply to end while the connection of its wave is lost:
// what has begun is completed, and nothing else is begun.
func TestFleet_waveEnded(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := fleetOf(t, s, 6)
	spec.Rollout = fleet.Rollout{MaxParallel: 1}
	record := s.Record(t)
	e := engineOn(t, s, func(c *landlord.Config) {
		c.Main.Username, c.Main.Password, c.Main.MaxConnections = record.Username, record.Password, 1
	})
	ctx, end := context.WithCancel(t.Context())
	defer end()
	e.OnFault(func(point string) {
		if point != "after create_table table `notes`" || ctx.Err() != nil {
			return
		}
		for _, row := range s.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = ?", record.Username) {
			_, _ = s.DB().ExecContext(t.Context(), "KILL "+row[0]) // it may be gone
		}
		end()
	})
	err := soon(t, func() error { _, err := e.ApplyFleet(ctx, spec, priorFleet(spec), ""); return err })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	for _, m := range spec.Members[1:] {
		if got := s.QueryRows(t, "SELECT applied_version FROM "+s.LandlordDatabase+".tenants WHERE slug = ?", m.Slug); got[0][0] != "1.0.0" {
			t.Errorf("%s was begun, and is at %v", m.Slug, got)
		}
	}
	if _, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), spec, priorFleet(spec), ""); err != nil {
		t.Fatal(explain(err))
	}
	inForce(t, s, spec, "1.1.0")
}

// TestFleet_killed kills the process at points of a rollout, and wants the next
// run to complete exactly the rest.
func TestFleet_killed(t *testing.T) {
	t.Parallel()
	killFleets(t, 4, "1.1.0")
}

// TestFleet_creationKilled is the same for the creation of a fleet.
func TestFleet_creationKilled(t *testing.T) {
	t.Parallel()
	killFleets(t, 6, "1.0.0")
}

// TestSoakFleet_killed is the same with every point.
func TestSoakFleet_killed(t *testing.T) {
	soak(t)
	killFleets(t, 1, "1.1.0")
	killFleets(t, 1, "1.0.0")
}

// killFleets kills processes that bring a fleet to a version: to 1.1.0 from 1.0.0,
// to 1.0.0 from nothing.
func killFleets(t *testing.T, stride int, to string) {
	t.Helper()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		account := s.Record(t) // of its own, to see when its connections are gone
		cfg := landlord.Config{
			Main:     engine.ServerConfig{Endpoint: s.Endpoint(), Username: account.Username, Password: account.Password, MaxConnections: 4},
			Database: s.LandlordDatabase, Prefix: s.Prefix,
		}
		e := engineOn(t, s, pooled)
		publish(t, e, shop("1.0.0"))
		publish(t, e, wider("1.1.0"))
		for point := 1; ; point += stride {
			spec := fleetSpec(4, "1.0.0")
			spec.Name, spec.Rollout = fmt.Sprintf("f-%s-%d", to[2:3], point), fleet.Rollout{MaxParallel: 2}
			for i := range spec.Members {
				spec.Members[i].Slug = fmt.Sprintf("k%s-%d-%d", to[2:3], point, i)
			}
			var before *fleet.Prior
			if to == "1.1.0" {
				if _, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), spec, nil, ""); err != nil {
					t.Fatal(explain(err))
				}
				before, spec.Template = priorFleet(spec), "shop@1.1.0"
			}
			killed := victim{Config: cfg, Fleet: &spec, FleetPrior: before, Kill: point}.run(t)
			if killed {
				// Of two tenants at a time, one may be in a statement.
				for len(s.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = ? OR USER LIKE '"+s.LandlordDatabase+"_run_%'", account.Username)) > 1 {
					time.Sleep(50 * time.Millisecond)
				}
				if _, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), spec, before, ""); err != nil {
					t.Fatalf("killed at point %d: %s", point, explain(err))
				}
			}
			inForce(t, s, spec, to)
			if left := s.QueryRows(t, "SELECT User FROM mysql.user WHERE User LIKE '"+s.LandlordDatabase+"_run_%'"); len(left) > 0 {
				t.Errorf("accounts are left: %v", left)
			}
			if t.Failed() {
				t.Fatalf("killed at point %d", point)
			}
			if !killed {
				if point < 12 {
					t.Fatalf("only %d points to be killed at", point-1)
				}
				return
			}
		}
	})
}
