package engine_test

import (
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// samplesOf counts the samples of a tenant.
func samplesOf(t *testing.T, s *mysqltest.Server, slug string) int {
	t.Helper()
	history, err := engineOn(t, s).HealthHistory(t.Context(), slug, time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(explain(err))
	}
	return len(history)
}

// TestHealth_changed: the tenants that a run creates and changes one by one are sampled
// together when it ends, or when the first of them has waited for a minute; what it
// drops, or does not change, is not.
func TestHealth_changed(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		const patience = time.Minute
		publish(t, engineOn(t, s), shop("1.0.0"))
		spec := func(slug string) landlord.TenantSpec {
			return landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0"}
		}
		want := func(when string, a, b int) {
			t.Helper()
			if gotA, gotB := samplesOf(t, s, "a"), samplesOf(t, s, "b"); gotA != a || gotB != b {
				t.Errorf("%s: %d and %d samples, want %d and %d", when, gotA, gotB, a, b)
			}
		}
		e := engineOn(t, s)
		_, a := create(t, e, spec("a"))
		create(t, e, spec("b"))
		create(t, e, spec("gone"))
		if err := e.DeleteTenant(t.Context(), "gone", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}); err != nil {
			t.Fatal(explain(err))
		}
		e.Announce()
		want("before the end", 0, 0)
		e.Settle(patience)
		want("at the end", 1, 1)
		e.Settle(patience)
		want("at an end without changes", 1, 1)

		now := time.Now()
		e = engineOn(t, s, func(c *landlord.Config) { c.Now = func() time.Time { return now } })
		named := spec("a")
		named.Name = "A"
		if _, _, err := update(t.Context(), e, named, a); err != nil {
			t.Fatal(explain(err))
		}
		now = now.Add(time.Minute)
		e.Announce()
		for end := time.Now().Add(patience); samplesOf(t, s, "a") < 2 && time.Now().Before(end); {
			time.Sleep(50 * time.Millisecond)
		}
		want("a minute later", 2, 1)
	})
}

// TestHealth_failedFleet: an apply of a fleet that fails keeps how the tenants do that
// it has changed before, and the one that failed.
func TestHealth_failedFleet(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := fleetOf(t, s, 3)
	spec.Rollout.MaxParallel = 1
	e := engineOn(t, s, pooled)
	plan, err := e.PlanFleet(t.Context(), spec, priorFleet(spec))
	if err != nil {
		t.Fatal(explain(err))
	}
	taken := false
	e.OnFault(func(at string) {
		if at == "after intent" && !taken {
			taken = true
			s.Exec(t, "CREATE TABLE "+s.Prefix+"w01.notes (id INT)") // a statement fails
		}
	})
	if _, err := e.ApplyFleet(t.Context(), spec, priorFleet(spec), plan.Digest); err == nil {
		t.Fatal("the fleet does not fail")
	}
	for _, m := range spec.Members {
		version := s.QueryRows(t, "SELECT applied_version FROM "+s.LandlordDatabase+".tenants WHERE slug = ?", m.Slug)[0][0]
		want := 1 // of its creation
		if version == "1.1.0" || m.Slug == "w01" {
			want = 2
		}
		if got := samplesOf(t, s, m.Slug); got != want {
			t.Errorf("%s, which is at %s, has %d samples, want %d", m.Slug, version, got, want)
		}
	}
}
