package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// victimOf returns a process that is to change a tenant and to be killed.
func victimOf(s *mysqltest.Server, spec landlord.TenantSpec, tenant *landlord.Tenant, at string) victim {
	p := prior(tenant)
	return victim{Spec: spec, Prior: &p, KillAt: at, Config: landlord.Config{
		Main:     engine.ServerConfig{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password},
		Database: s.LandlordDatabase, Prefix: s.Prefix,
	}}
}

// TestRetired_abandoned goes back after a migration was cut off in the middle:
// what it had set aside is known, and comes back.
func TestRetired_abandoned(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	publish(t, e, shopWithout())
	loyal := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0", Modules: []string{"loyalty"}, AllowDestructive: true}
	_, tenant := create(t, e, loyal)
	db := s.Prefix + "acme"
	s.Exec(t, "UPDATE "+db+".customers SET phone = id", "INSERT INTO "+db+".points VALUES (1, 10)")
	to := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@2.0.0", AllowDestructive: true}
	if !victimOf(s, to, tenant, "after retire_table table `points`").run(t) {
		t.Fatal("the process was not killed")
	}
	// Twice, because names of retired data must not collide either.
	for range 2 {
		next := engineOn(t, s)
		half, err := next.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		_, back, err := update(t.Context(), next, loyal, half)
		if err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff([][]string{{"1", "1"}, {"2", "2"}}, s.QueryRows(t, "SELECT id, phone FROM "+db+".customers ORDER BY id")); diff != "" {
			t.Errorf("values (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([][]string{{"1", "10"}}, s.QueryRows(t, "SELECT * FROM "+db+".points")); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		if _, _, err := update(t.Context(), engineOn(t, s), to, back); err != nil {
			t.Fatal(explain(err))
		}
	}
}

// TestUpdateTenant_restIsGated asks again before the rest of an interrupted
// migration destroys what it was once allowed to.
func TestUpdateTenant_restIsGated(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	tenant, to := migrating(t, s, "acme")
	s.Exec(t, "UPDATE "+s.Prefix+"acme.customers SET phone = id")
	to.DestructiveMode = landlord.Drop
	if !victimOf(s, to, tenant, "after intent").run(t) {
		t.Fatal("the process was not killed")
	}
	to.AllowDestructive = false
	next := engineOn(t, s)
	half, err := next.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	if _, _, err := update(t.Context(), next, to, half); err == nil || !strings.HasPrefix(explain(err), "Migration would lose data [allow_destructive]") {
		t.Fatalf("got %v", err)
	}
	to.AllowDestructive, to.DestructiveMode = true, landlord.Retire
	if _, _, err := update(t.Context(), next, to, half); err != nil {
		t.Fatal(explain(err))
	}
	if rows := s.QueryRows(t, "SELECT state FROM "+s.LandlordDatabase+".retired_objects"); cmp.Diff([][]string{{"kept"}}, rows) != "" {
		t.Errorf("retired: %v", rows)
	}
}

// TestUpdateTenant_foreignTable leaves what somebody made by hand where it is,
// also when an interrupted migration is given up.
func TestUpdateTenant_foreignTable(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	tenant, to := migrating(t, s, "acme")
	s.Exec(t, "CREATE TABLE "+s.Prefix+"acme.hand (id INT PRIMARY KEY)", "INSERT INTO "+s.Prefix+"acme.hand VALUES (1)")
	drifted, err := engineOn(t, s).Tenant(t.Context(), "acme")
	if err != nil || len(drifted.Drift) != 1 {
		t.Fatalf("drift: %+v, %v", drifted, err)
	}
	to.DestructiveMode = landlord.Drop
	if !victimOf(s, to, drifted, "after intent").run(t) {
		t.Fatal("the process was not killed")
	}
	next := engineOn(t, s)
	half, err := next.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	back := to
	back.Template = tenant.Template
	_, after, err := update(t.Context(), next, back, half)
	if err != nil {
		t.Fatal(explain(err))
	}
	if rows := s.QueryRows(t, "SELECT id FROM "+s.Prefix+"acme.hand"); cmp.Diff([][]string{{"1"}}, rows) != "" {
		t.Errorf("rows: %v", rows)
	}
	if len(after.Drift) != 1 || after.Drift[0].Object != "table `hand`" {
		t.Errorf("drift: %+v", after.Drift)
	}
}

// TestTenant_otherPrefix finds a tenant that was made under another prefix, and
// neither makes it anew nor touches another database.
func TestTenant_otherPrefix(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"}
	create(t, e, spec)
	other := engineOn(t, s, func(c *landlord.Config) { c.Prefix = s.Prefix + "x_" })
	found, err := other.Tenant(t.Context(), "acme")
	if err != nil || found.DatabaseMissing || found.DatabaseName != s.Prefix+"acme" {
		t.Fatalf("found %+v, %v", found, err)
	}
	_, err = other.PlanTenant(t.Context(), spec, nil)
	wantProblem(t, err, "Tenant exists already [slug]\nTenant `acme` is registered with the status `active`; its database is `"+s.Prefix+"acme`.\n\n"+
		"To manage it here, import it: `terraform import <address> acme`; or, when its resource was renamed or has another key, add a `moved` block. "+
		"To replace it, destroy it first and create it with the next plan. Otherwise choose another slug.")
}

// TestUpdateTenant_generatedIndexes changes foreign keys whose indexes the server
// has made by itself, takes their tables away and brings them back: the live
// table knows that of its indexes, and a copy that is made from its text does not.
func TestUpdateTenant_generatedIndexes(t *testing.T) {
	t.Parallel()
	core := func(version, sql string) landlord.TemplateSpec {
		return landlord.TemplateSpec{Name: "keys", Version: version, Core: map[string]string{"1.sql": sql}}
	}
	const parents = "CREATE TABLE p (id INT PRIMARY KEY);\n"
	const children = parents + "CREATE TABLE c (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES p (id));\n" +
		"CREATE TABLE g (id INT PRIMARY KEY, cid INT, CONSTRAINT fk_g FOREIGN KEY (cid) REFERENCES c (id));\n"
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, core("1.0.0", children))
		publish(t, e, core("2.0.0", strings.ReplaceAll(children, "(id));", "(id) ON DELETE CASCADE);")))
		publish(t, e, core("3.0.0", parents))
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "keys@1.0.0", AllowDestructive: true}
		_, tenant := create(t, e, spec)
		keys := func() [][]string {
			return s.QueryRows(t, "SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? ORDER BY 1, 2, 3", tenant.DatabaseName)
		}
		before := keys()
		for _, version := range []string{"2.0.0", "1.0.0", "3.0.0", "2.0.0", "1.0.0"} {
			spec.Template = "keys@" + version
			_, after, err := update(t.Context(), e, spec, tenant)
			if err != nil {
				t.Fatalf("to %s: %s", version, explain(err))
			}
			tenant = after
		}
		if diff := cmp.Diff(before, keys()); diff != "" {
			t.Errorf("(-as it was +there and back):\n%s", diff)
		}
	})
}
