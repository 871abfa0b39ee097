package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// healthOf reads the health of one tenant in a new run.
func healthOf(t *testing.T, e *engine.Engine, slug string, objective time.Duration) health.Health {
	t.Helper()
	report, err := e.NewRun().Health(t.Context(), health.Filter{Slugs: []string{slug}, Objective: objective})
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(report.Tenants) != 1 || len(report.Servers) != 1 || !report.Servers[0].Reachable {
		t.Fatalf("tenants %+v, servers %+v", report.Tenants, report.Servers)
	}
	return report.Tenants[0]
}

const unknownTenant = "Tenant is not known [tenant]\nThe landlord database has no tenant `nobody`, and no tenant of this run that was planned so far has that slug.\n\n" +
	"Refer to `slug` of a `landlord_tenant`, so that Terraform knows the order, or correct the slug."

func kinds(h health.Health) []health.Kind {
	out := []health.Kind{}
	for _, r := range h.Reasons {
		out = append(out, r.Kind)
	}
	return out
}

// TestHealth finds what is wrong with a tenant, thing by thing.
func TestHealth(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
		create(t, e, landlord.TenantSpec{Slug: "other", Name: "Other", Template: "shop@1.0.0"})
		db := s.Prefix + "acme"

		h := healthOf(t, e, "acme", 0)
		if h.Score != 100 || h.Level != health.Healthy || !h.Reachable || h.Drift != drift.DriftNone || h.Growth != nil || h.Size == nil || h.Size.Tables != 2 || h.Size.Bytes == 0 {
			t.Fatalf("a new tenant: %+v, size %+v", h, h.Size)
		}
		if h.AutoIncrement == nil || h.AutoIncrement.Column != "id" || h.AutoIncrement.Highest != 1<<31-1 {
			t.Errorf("headroom: %+v", h.AutoIncrement)
		}

		s.Exec(t, "CREATE TABLE "+db+".log (line TEXT)", "ALTER TABLE "+db+".customers AUTO_INCREMENT = 2100000000")
		h = healthOf(t, e, "acme", 24*time.Hour)
		if diff := cmp.Diff([]health.Kind{health.KindHeadroom, health.KindNoBackup, health.KindDrifted, health.KindNoKey}, kinds(h)); diff != "" {
			t.Errorf("reasons (-want +got):\n%s", diff)
		}
		want := &health.Headroom{Table: "customers", Column: "id", Next: 2100000000, Highest: 1<<31 - 1}
		if diff := cmp.Diff(want, h.AutoIncrement); diff != "" || !slices.Equal(h.WithoutPrimaryKey, []string{"log"}) || h.Score != 5 || h.Level != health.Unhealthy {
			t.Errorf("score %d, without key %q, headroom %s", h.Score, h.WithoutPrimaryKey, diff)
		}
		if other := healthOf(t, e, "other", 0); other.Score != 100 {
			t.Errorf("the neighbor: %+v", other.Reasons)
		}

		s.Exec(t, "DROP DATABASE "+db)
		report, err := e.NewRun().Health(t.Context(), health.Filter{})
		if err != nil {
			t.Fatal(explain(err))
		}
		var all []string
		for _, h := range report.Tenants {
			all = append(all, fmt.Sprintf("%s %s %d %v %s", h.Slug, h.Drift, h.Score, h.Reachable, h.Problem))
		}
		if diff := cmp.Diff([]string{"acme missing 0 false The server has no database `" + db + "`.", "other in_sync 100 true "}, all); diff != "" {
			t.Errorf("all (-want +got):\n%s", diff)
		}
		_, err = e.NewRun().Health(t.Context(), health.Filter{Slugs: []string{"nobody"}})
		wantProblem(t, err, unknownTenant)
		nowhere := "nowhere"
		_, err = e.NewRun().Health(t.Context(), health.Filter{Server: &nowhere})
		wantProblem(t, err, "Server is not configured [server]\nThe provider has no server `nowhere`.\n\nAdd it to `servers` of the provider, or leave `server` out for the main server.")
	})
}

// TestHealth_activity sees an open transaction, and who waits for it.
func TestHealth_activity(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
		if h := healthOf(t, e, "acme", 0); h.Activity == nil || *h.Activity != (health.Activity{}) {
			t.Errorf("nobody is there: %+v %v", h.Activity, h.Unknown)
		}
		holder, waiter := s.Open(t, s.Username, s.Password, s.Prefix+"acme"), s.Open(t, s.Username, s.Password, s.Prefix+"acme")
		tx, err := holder.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), "UPDATE customers SET phone = '1' WHERE id = 1"); err != nil {
			t.Fatal(err)
		}
		waited := make(chan error, 1)
		go func() {
			_, err := waiter.ExecContext(t.Context(), "UPDATE customers SET phone = '2' WHERE id = 1")
			waited <- err
		}()
		var h health.Health
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && (h.Activity == nil || h.Activity.Waiting == 0); time.Sleep(50 * time.Millisecond) {
			h = healthOf(t, e, "acme", 0)
		}
		if h.Activity.Transactions != 2 || h.Activity.Waiting != 1 || h.Activity.LongestWait < time.Second {
			t.Errorf("activity: %+v", h.Activity)
		}
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
		if err := <-waited; err != nil {
			t.Error(err)
		}
	})
}

// TestHealth_samples keeps how tenants do, and compares with it.
func TestHealth_samples(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
		report, err := e.NewRun().SampleHealth(t.Context(), health.Filter{}, time.Hour)
		if err != nil || len(report.Tenants) != 1 {
			t.Fatal(report, err)
		}
		s.Exec(t, "INSERT INTO "+s.Prefix+"acme.customers (email) WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 900) SELECT CONCAT(n, REPEAT('x', 150)) FROM c",
			"ANALYZE TABLE "+s.Prefix+"acme.customers")
		h := healthOf(t, e, "acme", 0)
		if h.Growth == nil || h.Growth.Bytes <= 0 || h.Growth.Rows < 500 || !h.Growth.Since.Equal(report.At.Truncate(time.Microsecond)) {
			t.Errorf("growth: %+v", h.Growth)
		}
		if _, err := e.NewRun().SampleHealth(t.Context(), health.Filter{}, time.Hour); err != nil {
			t.Fatal(explain(err))
		}
		history, err := e.NewRun().HealthHistory(t.Context(), "acme", report.At.Add(-time.Minute))
		if err != nil || len(history) != 2 || *history[1].Bytes-*history[0].Bytes != h.Growth.Bytes || history[0].Score != 100 {
			t.Errorf("history: %+v, %v", history, err)
		}
		later := engineOn(t, s, func(c *landlord.Config) { c.Now = func() time.Time { return report.At.Add(2 * time.Hour) } })
		if _, err := later.SampleHealth(t.Context(), health.Filter{}, time.Hour); err != nil {
			t.Fatal(explain(err))
		}
		if history, err = e.NewRun().HealthHistory(t.Context(), "acme", report.At.Add(-time.Minute)); err != nil || len(history) != 1 {
			t.Errorf("what is over is gone: %+v, %v", history, err)
		}
		_, err = e.NewRun().HealthHistory(t.Context(), "nobody", time.Time{})
		wantProblem(t, err, unknownTenant)
	})
}

// TestHealth_fleet: an apply of a fleet keeps how the tenants do that it changed, and
// of no other.
func TestHealth_fleet(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		spec := fleetOf(t, s, 2)
		apply := func() {
			t.Helper()
			if _, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), spec, priorFleet(spec), ""); err != nil {
				t.Fatal(explain(err))
			}
		}
		spec.Members[1].Version = "1.0.0"
		for _, step := range []struct {
			what  string
			first int
		}{{"created", 1}, {"rolled out", 2}, {"nothing to do", 2}} {
			if step.what != "created" {
				apply()
			}
			if first, second := samplesOf(t, s, "w00"), samplesOf(t, s, "w01"); first != step.first || second != 1 {
				t.Errorf("%s: %d samples of the tenant that changed and %d of the pinned one, want %d and 1", step.what, first, second, step.first)
			}
		}
	})
}

// TestHealth_load reads what databases do from what the server counts, and says
// why where it counts nothing, or the account may not look.
func TestHealth_load(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
		use := s.Open(t, s.Username, s.Password, s.Prefix+"acme")
		for range 3 {
			if _, err := use.ExecContext(t.Context(), "UPDATE customers SET phone = '1'"); err != nil {
				t.Fatal(err)
			}
		}
		_, _ = use.ExecContext(t.Context(), "UPDATE nothing SET phone = '1'")
		h := healthOf(t, e, "acme", 0)
		if isMariaDB(s) { // performance_schema is off there unless somebody asks for it
			if want := "The server counts nothing: `performance_schema` is off, and so is `userstat` where there is one."; h.Load != nil || h.Unknown[health.FactLoad] != want {
				t.Errorf("load %+v, %q", h.Load, h.Unknown[health.FactLoad])
			}
		} else if h.Load != nil && h.Load.Lost {
			t.Log("other tests have filled the table of digests: the server counts fewer statements than there were")
		} else if h.Load == nil || h.Load.Source != catalog.LoadPerformanceSchema || *h.Load.Statements < 4 || *h.Load.Errors < 1 || *h.Load.RowsChanged < 2 || *h.Load.Latency <= 0 {
			t.Errorf("load %+v, %v", h.Load, h.Unknown)
		}

		username, password := s.ProviderAccount(t)
		h = healthOf(t, engineOn(t, s, func(c *landlord.Config) { c.Main.Username, c.Main.Password = username, password }), "acme", 0)
		if h.Activity != nil || !strings.HasPrefix(h.Unknown[health.FactActivity], "The account of the provider needs `PROCESS` on the server for this. The server said: ") {
			t.Errorf("activity %+v, %q", h.Activity, h.Unknown[health.FactActivity])
		}
		if !isMariaDB(s) && (h.Load != nil || !strings.HasPrefix(h.Unknown[health.FactLoad], "The account of the provider needs `SELECT` on `performance_schema`.*, or `PROCESS` with `userstat` for this. The server said: ")) {
			t.Errorf("load %+v, %q", h.Load, h.Unknown[health.FactLoad])
		}
		if h.Size == nil || h.Score != 100 {
			t.Errorf("what the account may not see takes no points: %+v", h.Reasons)
		}
	})
}

// TestHealth_many asks each server as often for 200 tenants as for 10.
func TestHealth_many(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		r := s.Record(t)
		as := func(c *landlord.Config) { c.Main.Username, c.Main.Password = r.Username, r.Password }
		e := engineOn(t, s, as)
		publish(t, e, shop("1.0.0"))
		create(t, e, landlord.TenantSpec{Slug: "first", Name: "First", Template: "shop@1.0.0"})
		counted := func(tenants int) (int, time.Duration) {
			t.Helper()
			run := engineOn(t, s, as)
			r.Reset(t)
			began := time.Now()
			report, err := run.Health(t.Context(), health.Filter{})
			took := time.Since(began)
			if err != nil || len(report.Tenants) != tenants {
				t.Fatalf("%d tenants, %v", len(report.Tenants), err)
			}
			return r.Count(t), took
		}
		more := func(from, to int) {
			registered := []string{}
			for i := from; i < to; i++ {
				name := fmt.Sprintf("%sn%05d", s.Prefix, i)
				s.Exec(t, "CREATE DATABASE "+name, "CREATE TABLE "+name+".t (id INT PRIMARY KEY, a VARCHAR(20))")
				registered = append(registered, fmt.Sprintf("('n%05d', 'N', '%s', 'active', 'shop', '1.0.0')", i, name))
			}
			s.Exec(t, "INSERT INTO "+s.LandlordDatabase+".tenants (slug, name, database_name, status, template, desired_version) VALUES "+strings.Join(registered, ", "))
		}
		more(1, 10)
		few, _ := counted(10)
		more(10, 200)
		many, took := counted(200)
		if few != many {
			t.Errorf("%d statements for 10 tenants, %d for 200: %q", few, many, r.Statements(t))
		}
		t.Logf("%s: %d statements, %v for 200 tenants", s.Kind, many, took.Round(time.Millisecond))
	})
}
