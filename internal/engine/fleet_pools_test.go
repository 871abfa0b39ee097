package engine_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestFleet_pools changes tenants of three servers, of which each gives a few
// connections alone, with more at a time than all of them together: some fail, some
// lose their connection, and the landlord database is asked all along. Nobody waits
// for ever.
func TestFleet_pools(t *testing.T) {
	t.Parallel()
	for _, connections := range []int{1, 2} {
		t.Run(fmt.Sprint(connections), func(t *testing.T) {
			t.Parallel()
			s := mysqltest.One(t)
			record := s.Record(t) // of its own, whose connections are ended
			few := func(c *landlord.Config) {
				c.Main.MaxConnections = connections
				further := engine.ServerConfig{Endpoint: s.Endpoint(), Username: record.Username, Password: record.Password, MaxConnections: connections}
				c.Servers = map[string]engine.ServerConfig{"eu": further, "us": further}
			}
			e := engineOn(t, s, few)
			publish(t, e, shop("1.0.0"))
			publish(t, e, wider("1.1.0"))
			spec := fleetSpec(24, "1.0.0")
			spec.Rollout = fleet.Rollout{MaxParallel: 12, MaxFailures: 24}
			for i := range spec.Members {
				spec.Members[i].Server = []string{"", "eu", "us"}[i%3]
			}
			apply := func(e *engine.Engine, spec fleet.Spec, prior *fleet.Prior) {
				if err := soon(t, func() error { _, err := e.ApplyFleet(t.Context(), spec, prior, ""); return err }); err != nil {
					t.Fatal(explain(err))
				}
			}
			apply(e, spec, nil)
			to := spec
			to.Template = "shop@1.1.0"
			e = engineOn(t, s, few)
			var points atomic.Int64
			e.OnFault(func(at string) {
				switch n := points.Add(1); {
				case at == "after intent":
					for _, slug := range []string{"w03", "w04", "w05"} {
						s.Exec(t, "CREATE TABLE IF NOT EXISTS "+s.Prefix+slug+".notes (id INT)")
					}
				case n%17 == 0:
					for _, row := range s.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = ? LIMIT 1", record.Username) {
						_, _ = s.DB().ExecContext(t.Context(), "KILL "+row[0]) // it may be gone
					}
				}
			})
			apply(e, to, priorFleet(spec))
			s.Exec(t, "DROP TABLE "+s.Prefix+"w03.notes", "DROP TABLE "+s.Prefix+"w04.notes", "DROP TABLE "+s.Prefix+"w05.notes")
			last := to
			last.Rollout.MaxFailures = 0
			apply(engineOn(t, s, few), last, priorFleet(to))
			rows := s.QueryRows(t, "SELECT applied_version, running_digest IS NULL, COUNT(*) FROM "+s.LandlordDatabase+".tenants GROUP BY 1, 2")
			if fmt.Sprint(rows) != "[[1.1.0 1 24]]" {
				t.Errorf("tenants by version, and whether nothing is left: %v", rows)
			}
		})
	}
}

// TestFleet_moveCrosswise moves tenants of two servers to the other one, all at
// the same time, with one connection to each.
func TestFleet_moveCrosswise(t *testing.T) {
	t.Parallel()
	w := newMoveBed(t, mysqltest.Kinds(t)[0])
	one := func(c *landlord.Config) { c.Main.MaxConnections = 1 }
	e := engineOn(t, w.main, w.config, one)
	publish(t, e, shop("1.0.0"))
	spec := fleetSpec(6, "1.0.0")
	spec.Rollout = fleet.Rollout{MaxParallel: 6}
	for i := range spec.Members {
		spec.Members[i].Server = []string{"", "eu"}[i%2]
	}
	if _, err := e.ApplyFleet(t.Context(), spec, nil, ""); err != nil {
		t.Fatal(explain(err))
	}
	to := spec
	to.Members = slices.Clone(spec.Members)
	for i := range to.Members {
		to.Members[i].Server, to.Members[i].OnMain = []string{"eu", ""}[i%2], i%2 == 1
	}
	moving := engineOn(t, w.main, w.config, one)
	err := soon(t, func() error {
		_, err := moving.ApplyFleet(t.Context(), to, priorFleet(spec), "")
		return err
	})
	if err != nil {
		t.Fatal(explain(err))
	}
	rows := w.main.QueryRows(t, "SELECT slug, server, running_digest IS NULL FROM "+w.main.LandlordDatabase+".tenants ORDER BY slug")
	if fmt.Sprint(rows) != "[[w00 eu 1] [w01  1] [w02 eu 1] [w03  1] [w04 eu 1] [w05  1]]" {
		t.Errorf("tenants: %v", rows)
	}
}

// TestFleet_moveAndVersion moves tenants in the apply that brings another version to
// their fleet: they have it with the next apply alone, and no wave begins before its
// canary has it.
func TestFleet_moveAndVersion(t *testing.T) {
	t.Parallel()
	w := newMoveBed(t, mysqltest.Kinds(t)[0])
	e := w.engine(t)
	publish(t, e, shop("1.0.0"))
	publish(t, e, wider("1.1.0"))
	for _, name := range []string{"canary", "whole"} {
		t.Run(name, func(t *testing.T) {
			spec := fleet.Spec{Name: name, Template: "shop@1.0.0"}
			for i := range 3 {
				slug := fmt.Sprintf("%s%d", name, i)
				spec.Members = append(spec.Members, fleet.Member{Slug: slug, Name: slug})
			}
			if _, err := w.engine(t).ApplyFleet(t.Context(), spec, nil, ""); err != nil {
				t.Fatal(explain(err))
			}
			to := spec
			to.Template, to.Members = "shop@1.1.0", slices.Clone(spec.Members)
			to.Members[0].Server = "eu"
			if name == "canary" {
				to.Rollout.Canary = []string{"canary0"}
			}
			apply := func(prior *fleet.Prior, classes, notes []string, tenants, rollouts string) {
				t.Helper()
				plan, err := w.engine(t).PlanFleet(t.Context(), to, prior)
				if err != nil {
					t.Fatal(explain(err))
				}
				var told, said []string
				for _, c := range plan.Classes {
					told = append(told, fmt.Sprintf("%s %v in %q from %s to %s", c.Action, c.Slugs, c.Wave, c.From, c.To))
				}
				for _, n := range plan.Notes {
					if n.Field == fleet.FieldRollout {
						said = append(said, n.Detail)
					}
				}
				slices.Sort(told)
				if diff := cmp.Diff(classes, told); diff != "" {
					t.Errorf("classes: -want +got:\n%s", diff)
				}
				if diff := cmp.Diff(notes, said); diff != "" {
					t.Errorf("notes: -want +got:\n%s", diff)
				}
				if _, err := w.engine(t).ApplyFleet(t.Context(), to, prior, plan.Digest); err != nil {
					t.Fatal(explain(err))
				}
				if got := fmt.Sprint(w.main.QueryRows(t, "SELECT slug, server, applied_version FROM "+w.main.LandlordDatabase+".tenants WHERE slug LIKE ? ORDER BY slug", name+"%")); got != tenants {
					t.Errorf("tenants: %s, want %s", got, tenants)
				}
				if got := fmt.Sprint(w.main.QueryRows(t, "SELECT r.id - (SELECT MIN(id) FROM "+w.main.LandlordDatabase+".rollouts WHERE fleet = r.fleet), r.status, t.tenant_slug, t.status FROM "+w.main.LandlordDatabase+".rollouts r JOIN "+
					w.main.LandlordDatabase+".rollout_tenants t ON t.rollout_id = r.id WHERE r.fleet = ? ORDER BY 1, 3", name)); got != rollouts {
					t.Errorf("rollouts: %s, want %s", got, rollouts)
				}
			}
			if name == "canary" {
				apply(priorFleet(spec), []string{
					`later [canary1 canary2] in "100%" from shop@1.0.0 to shop@1.1.0`,
					`update [canary0] in "" from shop@1.0.0 to shop@1.0.0`,
				}, []string{"Fleet `canary`: wave `100%` does not begin. Of the waves before it 1 tenant is not where it should be: `canary0`; `max_failures` is 0.\n\n" +
					"Settle what `results` says of them, or give a tenant that is to stay behind a `version` of its own in the list, and apply again.\n\n" +
					"A tenant that moves to another server, or completes a restore, gets its version with the apply after that."},
					"[[canary0 eu 1.0.0] [canary1  1.0.0] [canary2  1.0.0]]", "[]")
				apply(priorFleet(to), []string{
					`update [canary0] in "canary" from shop@1.0.0 to shop@1.1.0`,
					`update [canary1 canary2] in "100%" from shop@1.0.0 to shop@1.1.0`,
				}, nil, "[[canary0 eu 1.1.0] [canary1  1.1.0] [canary2  1.1.0]]", "[[0 done canary0 done] [0 done canary1 done] [0 done canary2 done]]")
				return
			}
			apply(priorFleet(spec), []string{
				`update [whole0] in "" from shop@1.0.0 to shop@1.0.0`,
				`update [whole1 whole2] in "100%" from shop@1.0.0 to shop@1.1.0`,
			}, nil, "[[whole0 eu 1.0.0] [whole1  1.1.0] [whole2  1.1.0]]", "[[0 waiting whole1 done] [0 waiting whole2 done]]")
			apply(priorFleet(to), []string{
				`update [whole0] in "100%" from shop@1.0.0 to shop@1.1.0`,
			}, nil, "[[whole0 eu 1.1.0] [whole1  1.1.0] [whole2  1.1.0]]", "[[0 done whole0 done] [0 done whole1 done] [0 done whole2 done]]")
		})
	}
}

// TestFleet_markLost: tenants that a run has changed, and could not say so any more,
// count as done when the rollout ends, whether others are left or not.
func TestFleet_markLost(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := fleetOf(t, s, 3)
	apply := func() {
		if _, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), spec, priorFleet(spec), ""); err != nil {
			t.Fatal(explain(err))
		}
	}
	lose := func() {
		s.Exec(t, "UPDATE "+s.LandlordDatabase+".rollout_tenants SET status = 'failed', error = 'x' WHERE tenant_slug = 'w01'", "UPDATE "+s.LandlordDatabase+".rollouts SET status = 'halted'")
	}
	check := func() {
		t.Helper()
		if got := s.QueryRows(t, "SELECT r.status, t.status, t.error IS NULL, COUNT(*) FROM "+s.LandlordDatabase+".rollouts r JOIN "+s.LandlordDatabase+".rollout_tenants t ON t.rollout_id = r.id GROUP BY 1, 2, 3"); fmt.Sprint(got) != "[[done done 1 3]]" {
			t.Errorf("rollouts: %v", got)
		}
	}
	last := spec.Members[2]
	spec.Members[2].Version = "1.0.0" // stays behind
	apply()
	lose()
	spec.Members[2] = fleet.Member{Slug: last.Slug, Name: last.Name}
	apply()
	check()
	lose()
	apply()
	check()
}
