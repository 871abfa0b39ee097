package engine_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

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
		to.Members[i].Server = []string{"eu", ""}[i%2]
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
