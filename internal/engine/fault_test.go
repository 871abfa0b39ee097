package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// migrating makes a tenant and returns what moves it to the next version.
func migrating(t *testing.T, s *mysqltest.Server, slug string) (*landlord.Tenant, landlord.TenantSpec) {
	t.Helper()
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	publish(t, e, shopWithout())
	_, tenant := create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0"})
	return tenant, landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@2.0.0", AllowDestructive: true}
}

// TestUpdateTenant_lockWait lets an idle reader stand in the way of an ALTER:
// the tenant is left interrupted, says which statement waited, and is completed
// by the next run.
func TestUpdateTenant_lockWait(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	tenant, to := migrating(t, s, "acme")
	reader, err := s.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reader.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+s.Prefix+"acme.customers").Scan(&n); err != nil {
		t.Fatal(err)
	}
	impatient := engineOn(t, s, func(c *landlord.Config) { c.Main.LockTimeout = time.Second })
	_, _, err = update(t.Context(), impatient, to, tenant)
	var p *landlord.Problem
	if !errors.As(err, &p) || p.Summary != "Tenant migration stopped" || !strings.Contains(p.Text(), "statement 1 of 5") {
		t.Fatalf("got %v", err)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	next := engineOn(t, s)
	half, err := next.Tenant(t.Context(), "acme")
	if err != nil || half.UpdateStatus != landlord.UpdateInterrupted {
		t.Fatalf("interrupted tenant: %+v, %v", half, err)
	}
	plan, after, err := update(t.Context(), next, to, half)
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(plan.Steps) != 5 || after.UpdateStatus != landlord.UpdateCurrent || after.Template != "shop@2.0.0" {
		t.Errorf("plan of %d steps, tenant %+v", len(plan.Steps), after)
	}
}

// TestUpdateTenant_otherTarget asks for something else after an interruption:
// what the interrupted migration did is taken for the template's work, not for
// drift.
func TestUpdateTenant_otherTarget(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	tenant, to := migrating(t, s, "acme")
	cfg := landlord.Config{Main: engine.ServerConfig{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password}, Database: s.LandlordDatabase, Prefix: s.Prefix}
	p := prior(tenant)
	if !(victim{Config: cfg, Spec: to, Prior: &p, Kill: 5}).run(t) {
		t.Fatal("the process was not killed")
	}
	next := engineOn(t, s)
	half, err := next.Tenant(t.Context(), "acme")
	if err != nil || half.UpdateStatus != landlord.UpdateInterrupted {
		t.Fatalf("interrupted tenant: %+v, %v", half, err)
	}
	back := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0", AllowDestructive: true}
	_, after, err := update(t.Context(), next, back, half)
	if err != nil {
		t.Fatal(explain(err))
	}
	if after.SchemaFingerprint != tenant.SchemaFingerprint || after.UpdateStatus != landlord.UpdateCurrent || len(after.Drift) != 0 {
		t.Errorf("went back to %+v", after)
	}
}

// TestUpdateTenant_readOnly changes nothing on a server that became a replica.
func TestUpdateTenant_readOnly(t *testing.T) {
	t.Parallel()
	s := mysqltest.Private(t, mysqltest.One(t).Kind)
	tenant, to := migrating(t, s.Server, "acme")
	s.Exec(t, "SET GLOBAL read_only = ON")
	_, _, err := update(t.Context(), engineOn(t, s.Server), to, tenant)
	wantProblem(t, err, "Server is read-only [server]\nThe server does not take changes at present: `read_only` is on, as on a replica or after a failover.\n\n"+
		"Let `endpoint` of the provider name the primary and apply again; what was interrupted goes on where it stopped.")
	s.Exec(t, "SET GLOBAL read_only = OFF")
	if _, _, err := update(t.Context(), engineOn(t, s.Server), to, tenant); err != nil {
		t.Fatal(explain(err))
	}
}

// TestUpdateTenant_serverKilled kills the server before and after statements of
// a migration.
func TestUpdateTenant_serverKilled(t *testing.T) {
	t.Parallel()
	killServer(t, mysqltest.One(t).Kind, 2, 5, 8)
}

// TestSoakUpdateTenant_serverKilled is the same at every point and on every
// server.
func TestSoakUpdateTenant_serverKilled(t *testing.T) {
	soak(t)
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) { killServer(t, kind, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) })
	}
}

// sinceIntent leaves out what comes before a migration is recorded, like its
// checkpoint: what is cut off there has not begun.
func sinceIntent(call func(point string)) func(point string) {
	begun := false
	return func(point string) {
		if begun = begun || point == "after intent"; begun {
			call(point)
		}
	}
}

func killServer(t *testing.T, kind instance.Kind, points ...int) {
	t.Helper()
	s := mysqltest.Private(t, kind)
	want := ""
	for i, point := range append([]int{0}, points...) {
		slug := "acme" + string(rune('a'+i))
		tenant, to := migrating(t, s.Server, slug)
		e, n := engineOn(t, s.Server), 0
		e.OnFault(sinceIntent(func(string) {
			if n++; n == point {
				s.Kill(t)
			}
		}))
		_, _, err := update(t.Context(), e, to, tenant)
		if point > 0 {
			if err == nil {
				t.Fatalf("point %d: the migration ended well on a dead server", point)
			}
			s.Restart(t)
			next := engineOn(t, s.Server)
			half, err := next.Tenant(t.Context(), slug)
			if err != nil {
				t.Fatal(explain(err))
			}
			if half.UpdateStatus != landlord.UpdateInterrupted {
				t.Fatalf("point %d: %+v", point, half)
			}
			if _, _, err := update(t.Context(), next, to, half); err != nil {
				t.Fatalf("point %d: %s", point, explain(err))
			}
		}
		state := snapshot(t, s.Server, slug)
		if want == "" {
			want = state
		} else if diff := cmp.Diff(want, state); diff != "" {
			t.Errorf("point %d (-undisturbed +killed and completed):\n%s", point, diff)
		}
	}
}

// TestUpdateTenant_dataForbids does not begin what the rows would stop.
func TestUpdateTenant_dataForbids(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	to := shop("1.1.0")
	to.Core["002_orders.sql"] = strings.Replace(to.Core["002_orders.sql"], "phone VARCHAR(32) NULL", "phone VARCHAR(32) NOT NULL", 1)
	to.Seeds["001_customers.sql"] = "INSERT INTO customers (email, phone) VALUES ('first@example.com', '1');"
	publish(t, e, to)
	_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
	next := engineOn(t, s)
	spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.1.0"}
	p := prior(tenant)
	plan, err := next.PlanTenant(t.Context(), spec, &p)
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(plan.Notes) != 1 || plan.Notes[0].Summary != "Data forbids a step of the migration" || !strings.Contains(plan.Notes[0].Detail, "2 rows") {
		t.Errorf("notes: %+v", plan.Notes)
	}
	_, err = next.UpdateTenant(t.Context(), spec, p, plan.Digest)
	var refused *landlord.Problem
	if !errors.As(err, &refused) || refused.Summary != "Data forbids a step of the migration" {
		t.Fatalf("got %v", err)
	}
	if again, err := engineOn(t, s).Tenant(t.Context(), "acme"); err != nil || again.UpdateStatus != landlord.UpdateCurrent || again.SchemaFingerprint != tenant.SchemaFingerprint {
		t.Errorf("the tenant was touched: %+v, %v", again, err)
	}
}

// TestTenant_connectionLost ends the connection from the server's side, again
// and again: the run goes on by itself, and no statement runs twice.
func TestTenant_connectionLost(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	publish(t, e, shopWithout())
	points := 0
	cut := func(at ...int) func(string) {
		return func(string) {
			if points++; !slices.Contains(at, points) {
				return
			}
			for _, row := range s.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = ?", s.Prefix+"acme") {
				s.Exec(t, "KILL CONNECTION "+row[0])
			}
		}
	}
	e.OnFault(cut(5, 9, 14))
	_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
	if rows := s.QueryRows(t, "SELECT id FROM "+s.Prefix+"acme.customers ORDER BY id"); cmp.Diff([][]string{{"1"}, {"2"}}, rows) != "" {
		t.Errorf("customers: %v", rows)
	}
	points = 0
	e.OnFault(sinceIntent(cut(2, 5, 9)))
	_, after, err := update(t.Context(), e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@2.0.0", AllowDestructive: true}, tenant)
	if err != nil {
		t.Fatal(explain(err))
	}
	if after.UpdateStatus != landlord.UpdateCurrent || len(after.Drift) != 0 {
		t.Errorf("tenant: %+v", after)
	}
	if points < 9 {
		t.Errorf("only %d points were passed", points)
	}
}

// TestUpdateTenant_module adds a module with rows of its own to a tenant, takes
// it away, and brings it back.
func TestUpdateTenant_module(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	spec := shop("1.0.0")
	spec.Seeds["loyalty/001_points.sql"] = "INSERT INTO points (customer_id, points) VALUES (1, 100);"
	publish(t, e, spec)
	plain := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"}
	_, tenant := create(t, e, plain)
	loyal := plain
	loyal.Modules = []string{"loyalty"}
	plan, tenant, err := update(t.Context(), e, loyal, tenant)
	if err != nil {
		t.Fatal(explain(err))
	}
	if diff := cmp.Diff([]string{"create_table table `points`", "insert table `points`"}, operations(plan.Steps)); diff != "" {
		t.Errorf("adding (-want +got):\n%s", diff)
	}
	for _, step := range plan.Steps {
		if step.Level != 2 || step.Origin != "module loyalty" {
			t.Errorf("level and origin: %+v", step)
		}
	}
	if _, _, err := update(t.Context(), e, plain, tenant); err == nil || !strings.HasPrefix(explain(err), "Migration would lose data [allow_destructive]") {
		t.Errorf("removing a module with rows: %v", err)
	}
	s.Exec(t, "DELETE FROM "+s.Prefix+"acme.points")
	// Without rows there is nothing to lose.
	if _, _, err = update(t.Context(), e, plain, tenant); err != nil {
		t.Fatal(explain(err))
	}
	if tables := s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'points'", s.Prefix+"acme"); tables[0][0] != "0" {
		t.Error("the module's table is still there")
	}
}

// TestUpdateTenant_script: an explicit step that loses rows says so, and is
// refused as long as the tenant keeps what it loses.
func TestUpdateTenant_script(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	to := shop("1.0.1")
	to.Migrations = map[string]string{"1.0.0--1.0.1.sql": "-- the first one was a test\nDELETE FROM customers WHERE id = 1;"}
	publish(t, e, to)
	_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
	spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.1", AllowDestructive: true}
	_, _, err := update(t.Context(), e, spec, tenant)
	wantProblem(t, err, "Migration script destroys data [template]\nmigrations/1.0.0--1.0.1.sql:2:1: DELETE FROM customers WHERE id = 1\n\nLost: rows of table `customers`.\n\n"+
		"What a script drops cannot be set aside. Leave the dropping to the comparison of the two versions, which sets aside what goes; or set `destructive_mode = \"drop\"` and `allow_destructive = true` to destroy it.")
	spec.DestructiveMode, spec.AllowDestructive = landlord.Drop, false
	_, _, err = update(t.Context(), e, spec, tenant)
	wantProblem(t, err, "Migration would lose data [allow_destructive]\nTenant `acme` is to move to template `shop@1.0.1`.\n\nDELETE FROM customers WHERE id = 1\n\nLost: rows of table `customers`.\n\n"+
		"Set `allow_destructive = true` to agree; what is lost is then set aside for the `retention`, unless `destructive_mode = \"drop\"`. Or keep the object in the template.")
	spec.AllowDestructive = true
	plan, _, err := update(t.Context(), e, spec, tenant)
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(plan.Steps) != 1 || !plan.Steps[0].Destructive || plan.Steps[0].Reversible {
		t.Errorf("steps: %+v", plan.Steps)
	}
	if rows := s.QueryRows(t, "SELECT id FROM "+s.Prefix+"acme.customers"); cmp.Diff([][]string{{"2"}}, rows) != "" {
		t.Errorf("customers: %v", rows)
	}
}

// TestUpdateTenant_renamedAndBack renames a column by an explicit step, and goes
// back: the values stay where they are.
func TestUpdateTenant_renamedAndBack(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		to := shop("1.1.0")
		to.Core["001_customers.sql"] = strings.ReplaceAll(to.Core["001_customers.sql"], "email", "mail")
		to.Seeds["001_customers.sql"] = "INSERT INTO customers (mail) VALUES ('x@example.com');"
		to.Migrations = map[string]string{"1.0.0--1.1.0.sql": "ALTER TABLE customers RENAME COLUMN email TO mail, RENAME INDEX uq_email TO uq_mail;"}
		publish(t, e, to)
		spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"}
		_, tenant := create(t, e, spec)
		want := s.QueryRows(t, "SELECT email FROM "+s.Prefix+"acme.customers ORDER BY id")
		next := spec
		next.Template = "shop@1.1.0"
		plan, after, err := update(t.Context(), e, next, tenant)
		if err != nil {
			t.Fatal(explain(err))
		}
		if len(plan.Steps) != 1 {
			t.Errorf("there: %v", operations(plan.Steps))
		}
		plan, after, err = update(t.Context(), e, spec, after)
		if err != nil {
			t.Fatal(explain(err))
		}
		if len(plan.Steps) != 1 || plan.Steps[0].SQL != "ALTER TABLE `customers` RENAME COLUMN `mail` TO `email`, RENAME INDEX `uq_mail` TO `uq_email`" {
			t.Errorf("back: %+v", plan.Steps)
		}
		if after.SchemaFingerprint != tenant.SchemaFingerprint {
			t.Errorf("went back to another schema")
		}
		if diff := cmp.Diff(want, s.QueryRows(t, "SELECT email FROM "+s.Prefix+"acme.customers ORDER BY id")); diff != "" {
			t.Errorf("values (-before +after):\n%s", diff)
		}
	})
}
