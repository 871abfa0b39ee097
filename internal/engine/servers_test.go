package engine_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestServers keeps the registry on one server and a tenant on another, of
// another make, and kills the process between the two.
func TestServers(t *testing.T) {
	t.Parallel()
	kinds := mysqltest.Kinds(t)
	if len(kinds) < 2 {
		t.Skip("one kind of server is there only")
	}
	main, eu := mysqltest.On(t, kinds[0]), mysqltest.On(t, kinds[1])
	// Both servers belong to one estate, so its databases have one name.
	config := func(c *landlord.Config) {
		c.Servers = map[string]engine.ServerConfig{"eu": {Endpoint: eu.Endpoint(), Username: eu.Username, Password: eu.Password}}
	}
	t.Cleanup(func() {
		for _, name := range []string{main.LandlordDatabase, main.LandlordDatabase + "_retired", main.Prefix + "acme", main.Prefix + "beta"} {
			if _, err := eu.DB().ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE IF EXISTS "+name); err != nil {
				t.Error(err)
			}
		}
	})
	e := engineOn(t, main, config)
	publish(t, e, shop("1.0.0"))
	publish(t, e, shopWithout())
	spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0", Server: "eu"}
	_, tenant := create(t, e, spec)
	if tenant.Server != "eu" || tenant.UpdateStatus != landlord.UpdateCurrent {
		t.Errorf("tenant: %+v", tenant)
	}
	if rows := eu.QueryRows(t, "SELECT COUNT(*) FROM "+main.Prefix+"acme.customers"); rows[0][0] != "2" {
		t.Errorf("customers: %v", rows)
	}
	to := spec
	to.Template, to.AllowDestructive = "shop@2.0.0", true
	_, after, err := update(t.Context(), engineOn(t, main, config), to, tenant)
	if err != nil {
		t.Fatal(explain(err))
	}
	if after.Template != "shop@2.0.0" || len(after.Drift) != 0 {
		t.Errorf("tenant: %+v", after)
	}
	history := eu.QueryRows(t, "SELECT migration_name, status FROM "+main.LandlordDatabase+".tenant_migrations_history ORDER BY id")
	if diff := cmp.Diff([][]string{{"create", "done"}, {"shop@1.0.0 to shop@2.0.0", "done"}}, history); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}

	cfg := landlord.Config{Main: engine.ServerConfig{Endpoint: main.Endpoint(), Username: main.Username, Password: main.Password}, Database: main.LandlordDatabase, Prefix: main.Prefix}
	config(&cfg)
	spec.Slug, to.Slug = "beta", "beta"
	spec.Name, to.Name = "Beta", "Beta"
	killAtEnd(t, victim{Config: cfg, Spec: spec})
	next := engineOn(t, main, config)
	plan, beta := create(t, next, spec)
	if beta.UpdateStatus != landlord.UpdateCurrent || len(beta.Drift) != 0 {
		t.Errorf("completed after %d steps: %+v", len(plan.Steps), beta)
	}
	p := prior(beta)
	to.Automatic = landlord.AutomaticNone // a checkpoint passes the same point before the migration does
	killAtEnd(t, victim{Config: cfg, Spec: to, Prior: &p})
	last := engineOn(t, main, config)
	half, err := last.Tenant(t.Context(), "beta")
	if err != nil || half.UpdateStatus != landlord.UpdateInterrupted {
		t.Fatalf("interrupted: %+v, %v", half, err)
	}
	rest, done, err := update(t.Context(), last, to, half)
	if err != nil {
		t.Fatal(explain(err))
	}
	if rest.HasWork() || done.UpdateStatus != landlord.UpdateCurrent || len(done.Drift) != 0 || done.Template != "shop@2.0.0" {
		t.Errorf("completed by %v: %+v", rest.Steps, done)
	}
	seeds := eu.QueryRows(t, "SELECT COUNT(*) FROM "+main.Prefix+"beta.customers")
	if fmt.Sprint(seeds) != "[[2]]" {
		t.Errorf("seeds: %v", seeds)
	}
}

// killAtEnd kills a process between the ledger of the tenant's server and the
// registry, whichever point that is.
func killAtEnd(t *testing.T, v victim) {
	t.Helper()
	v.KillAt = "between ledger and registry"
	if !v.run(t) {
		t.Fatal("the process was not killed")
	}
}
