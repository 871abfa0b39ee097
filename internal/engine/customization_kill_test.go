package engine_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestCustomization_killed kills the process at points of an edit that adds,
// changes, sets aside and brings back, and of a removal. The next run completes
// it, and ends where an undisturbed one does.
func TestCustomization_killed(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		stride := 5
		if s.Kind.IsMariaDB() { // the points are the engine's, not the server's
			stride = 7
		}
		killEdits(t, s, stride)
		killRemovals(t, s, stride)
	})
}

// TestSoakCustomization_killed is the same at every point.
func TestSoakCustomization_killed(t *testing.T) {
	soak(t)
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		killEdits(t, s, 1)
		killRemovals(t, s, 1)
	})
}

// edits are a customization and what it becomes.
func edits(tenant string) (from, to customization.Spec) {
	from = visits(tenant)
	to = visits(tenant)
	to.AllowDestructive = true
	to.Patch.Columns = []landlord.CustomizationColumn{{Table: "customers", Name: "stars", Definition: "INT NULL"}}
	to.Patch.Indexes, to.Patch.SQL = nil, ""
	to.Patch.Views = map[string]string{"starred": "SELECT id, stars FROM customers WHERE stars > 1"}
	return from, to
}

// prepare makes a tenant whose customization has lost `stars` with their values
// once, and has rows.
func prepare(t *testing.T, s *mysqltest.Server, slug string) *customization.Customization {
	t.Helper()
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0"})
	from, to := edits(slug)
	_, made := mustCustomize(t, e, to, nil)
	db := s.Prefix + slug
	s.Exec(t, "UPDATE "+db+".customers SET stars = id", "INSERT INTO "+db+".visits (customer_id) VALUES (1), (2)")
	from.AllowDestructive = true
	_, made = mustCustomize(t, engineOn(t, s), from, made)
	s.Exec(t, "UPDATE "+db+".customers SET vip_level = id")
	return made
}

func killEdits(t *testing.T, s *mysqltest.Server, stride int) {
	t.Helper()
	points := killEverywhere(t, s, "edit", stride, func(t *testing.T, slug string, point int) bool {
		t.Helper()
		before := prepare(t, s, slug)
		_, to := edits(slug)
		v := victim{Config: configOf(s), Customize: &to, Objects: before.Objects, Kill: point}
		if !v.run(t) {
			return false
		}
		next := engineOn(t, s)
		half, err := next.Customization(t.Context(), slug, "visits")
		if err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff(before, half); diff != "" && half.Status != landlord.CustomizationApplying {
			t.Fatalf("point %d: neither as before nor under way (-before +killed):\n%s", point, diff)
		}
		if _, _, err := customize(t, next, to, half); err != nil {
			t.Fatalf("point %d: %s", point, explain(err))
		}
		return true
	})
	if points < 12 && !t.Failed() {
		t.Errorf("only %d points to be killed at", points-1)
	}
}

func killRemovals(t *testing.T, s *mysqltest.Server, stride int) {
	t.Helper()
	killEverywhere(t, s, "removal", stride, func(t *testing.T, slug string, point int) bool {
		t.Helper()
		prepare(t, s, slug)
		spec := visits(slug)
		v := victim{Config: configOf(s), Customize: &spec, Remove: &customization.RemovalOptions{}, Kill: point}
		if !v.run(t) {
			return false
		}
		if err := engineOn(t, s).RemoveCustomization(t.Context(), slug, "visits", customization.RemovalOptions{}); err != nil {
			t.Fatalf("point %d: %s", point, explain(err))
		}
		return true
	})
}

// killEverywhere makes a change once undisturbed and then killed at each point,
// until there is no such point, and compares the tenants afterwards. The attempt
// completes what was killed, and says whether it was. It returns the first point
// that is none.
func killEverywhere(t *testing.T, s *mysqltest.Server, what string, stride int, attempt func(t *testing.T, slug string, point int) bool) int {
	t.Helper()
	undisturbed := ""
	for point := 0; ; point += stride {
		more := true
		t.Run(fmt.Sprintf("%s %d", what, point), func(t *testing.T) { // its connections end with it
			slug := fmt.Sprintf("%s%d", what, point)
			if killed := attempt(t, slug, point); point > 0 && !killed {
				more = false
				return
			}
			noDrift(t, engineOn(t, s), slug)
			state := customized(t, s, slug)
			if point == 0 {
				undisturbed = state
			} else if diff := cmp.Diff(undisturbed, state); diff != "" {
				t.Errorf("killed at point %d of %s (-undisturbed +killed and completed):\n%s", point, what, diff)
			}
		})
		if !more || t.Failed() {
			return point
		}
	}
}

func configOf(s *mysqltest.Server) landlord.Config {
	return landlord.Config{Main: engine.ServerConfig{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password},
		Database: s.LandlordDatabase, Prefix: s.Prefix}
}

// customized writes what a tenant is, in a form that is equal for equal tenants.
func customized(t *testing.T, s *mysqltest.Server, slug string) string {
	t.Helper()
	db := s.Prefix + slug
	columns := s.QueryRows(t, "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY 1, ORDINAL_POSITION", db)
	values := ""
	for _, c := range columns {
		if c[0] == "customers" {
			values += fmt.Sprint(c[1], s.QueryRows(t, "SELECT "+c[1]+" FROM "+db+".customers ORDER BY id"))
		}
	}
	return fmt.Sprint(columns, values,
		s.QueryRows(t, "SELECT t.current_schema, c.name, c.status, c.objects FROM "+s.LandlordDatabase+".tenants t LEFT JOIN "+s.LandlordDatabase+".tenant_customizations c ON c.tenant_id = t.id WHERE t.slug = ?", slug),
		s.QueryRows(t, "SELECT migration_name, status, COALESCE(running, 'none'), steps FROM "+s.LandlordDatabase+".tenant_migrations_history WHERE tenant_slug = ? ORDER BY id", slug),
		s.QueryRows(t, "SELECT object_table, object_columns, state FROM "+s.LandlordDatabase+".retired_objects WHERE tenant_slug = ? ORDER BY id", slug),
		s.QueryRows(t, "SELECT event FROM "+s.LandlordDatabase+".tenant_events WHERE tenant_slug = ? ORDER BY id", slug))
}

// TestCustomization_interruptedMeets interrupts a customization and goes on with
// another one, and with the tenant itself: neither is blocked, and the values
// that waited to come back still do.
func TestCustomization_interruptedMeets(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	before := prepare(t, s, "acme")
	_, to := edits("acme")
	v := victim{Config: configOf(s), Customize: &to, Objects: before.Objects, KillAt: "before return_values table `customers`"}
	if !v.run(t) {
		t.Fatal("the process was not killed")
	}
	e := engineOn(t, s)
	if tenant, err := e.Tenant(t.Context(), "acme"); err != nil || tenant.UpdateStatus != landlord.UpdateCurrent || len(tenant.Drift) > 0 {
		t.Errorf("the tenant with an interrupted customization: %+v, %v", tenant, err)
	}
	mustCustomize(t, e, small("alpha"), nil) // another one comes first
	next := engineOn(t, s)
	publish(t, next, shopWithout())
	tenant, err := next.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	if _, _, err := update(t.Context(), next, landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@2.0.0", AllowDestructive: true}, tenant); err != nil {
		t.Fatal(explain(err))
	}
	half, err := next.Customization(t.Context(), "acme", "visits")
	if err != nil || half.Status != landlord.CustomizationApplying {
		t.Fatalf("interrupted: %+v, %v", half, err)
	}
	mustCustomize(t, next, to, half)
	noDrift(t, engineOn(t, s), "acme")
	if diff := cmp.Diff([][]string{{"1", "1"}, {"2", "2"}}, s.QueryRows(t, "SELECT id, stars FROM "+s.Prefix+"acme.customers ORDER BY id")); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// TestCustomization_servers keeps the registry on one server and the tenant on
// another, and kills the process between the two.
func TestCustomization_servers(t *testing.T) {
	t.Parallel()
	kinds := mysqltest.Kinds(t)
	if len(kinds) < 2 {
		t.Skip("one kind of server is there only")
	}
	main, eu := mysqltest.On(t, kinds[1]), mysqltest.On(t, kinds[0])
	config := func(c *landlord.Config) {
		c.Servers = map[string]engine.ServerConfig{"eu": {Endpoint: eu.Endpoint(), Username: eu.Username, Password: eu.Password, MaxConnections: 1}}
	}
	t.Cleanup(func() {
		for _, name := range []string{main.LandlordDatabase, main.LandlordDatabase + "_retired", main.Prefix + "acme"} {
			if _, err := eu.DB().ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE IF EXISTS "+name); err != nil {
				t.Error(err)
			}
		}
	})
	e := engineOn(t, main, config)
	publish(t, e, shop("1.0.0"))
	create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0", Server: "eu"})
	cfg := configOf(main)
	config(&cfg)
	spec := visits("acme")
	killAtEnd(t, victim{Config: cfg, Customize: &spec})
	next := engineOn(t, main, config)
	plan, made := mustCustomize(t, next, spec, nil)
	if len(plan.Steps) > 0 || made.Status != landlord.CustomizationActive {
		t.Errorf("completed by %v: %+v", operations(plan.Steps), made)
	}
	noDrift(t, engineOn(t, main, config), "acme")
	killAtEnd(t, victim{Config: cfg, Customize: &spec, Remove: &customization.RemovalOptions{}})
	if err := engineOn(t, main, config).RemoveCustomization(t.Context(), "acme", "visits", customization.RemovalOptions{}); err != nil {
		t.Fatal(explain(err))
	}
	noDrift(t, engineOn(t, main, config), "acme")
}

// TestCustomization_connectionLost ends the connection from the server's side,
// again and again: the run goes on by itself, and no statement runs twice.
func TestCustomization_connectionLost(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	before := prepare(t, s, "acme")
	_, to := edits("acme")
	e := engineOn(t, s)
	points := 0
	e.OnFault(func(string) {
		if points++; points != 3 && points != 8 && points != 12 {
			return
		}
		for _, row := range s.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = ?", s.Prefix+"acme") {
			s.Exec(t, "KILL CONNECTION "+row[0])
		}
	})
	mustCustomize(t, e, to, before)
	if points < 12 {
		t.Errorf("only %d points were passed", points)
	}
	noDrift(t, engineOn(t, s), "acme")
	if diff := cmp.Diff([][]string{{"1", "1"}, {"2", "2"}}, s.QueryRows(t, "SELECT id, stars FROM "+s.Prefix+"acme.customers ORDER BY id")); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// TestCustomization_readOnly changes nothing on a server that became a replica.
func TestCustomization_readOnly(t *testing.T) {
	t.Parallel()
	s := mysqltest.Private(t, mysqltest.One(t).Kind)
	e, _ := shopTenant(t, s.Server, "acme")
	s.Exec(t, "SET GLOBAL read_only = ON")
	_, _, err := customize(t, e, small("alpha"), nil)
	wantProblem(t, err, "Server is read-only [server]\nThe server does not take changes at present: `read_only` is on, as on a replica or after a failover.\n\n"+
		"Let `endpoint` of the provider name the primary and apply again; what was interrupted goes on where it stopped.")
	s.Exec(t, "SET GLOBAL read_only = OFF")
	mustCustomize(t, engineOn(t, s.Server), small("alpha"), nil)
}

// TestCustomization_manyTenants makes one customization of many tenants: it is
// tried once.
func TestCustomization_manyTenants(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	for i := range 4 {
		slug := fmt.Sprintf("acme%d", i)
		create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0"})
	}
	before := e.Computed()
	for i := range 4 {
		spec := small("alpha")
		spec.Tenant = fmt.Sprintf("acme%d", i)
		mustCustomize(t, e, spec, nil)
	}
	if made := e.Computed() - before; made != 1 {
		t.Errorf("the customization was computed %d times", made)
	}
}
