package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// These tests play core's part themselves, against real servers: the engine is
// the real one, only Terraform is missing.

const (
	usersTable = "CREATE TABLE users (id INT NOT NULL PRIMARY KEY, email VARCHAR(190) NOT NULL)"
	teamsTable = "CREATE TABLE teams (id INT NOT NULL PRIMARY KEY, name VARCHAR(190) NOT NULL)"
)

// environmentOf is what a provider needs to work on the databases of a test.
func environmentOf(s *mysqltest.Server) map[string]string {
	username, password := s.ProviderLogin()
	return map[string]string{
		"LANDLORD_ENDPOINT": s.Endpoint(), "LANDLORD_USERNAME": username, "LANDLORD_PASSWORD": password,
		"LANDLORD_DATABASE": s.LandlordDatabase, "LANDLORD_DATABASE_PREFIX": s.Prefix, "LANDLORD_AUTHOR": "tests",
	}
}

// coreOn returns a core with a provider that is configured for a server. Each
// one is like a command of Terraform: a process that knows nothing of the
// former ones.
func coreOn(t *testing.T, s *mysqltest.Server) *core {
	t.Helper()
	return coreWith(t, environmentOf(s))
}

// coreWith returns a core with a provider that is configured by an
// environment.
func coreWith(t *testing.T, environment map[string]string) *core {
	t.Helper()
	c := newCore(t, environment)
	if diagnostics := c.configure(values{}); len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	return c
}

// shop returns a template of one table for each text.
func shop(version string, tables ...string) values {
	core := values{}
	for i, table := range tables {
		core[fmt.Sprintf("%03d.sql", i+1)] = table + ";\n"
	}
	return values{"name": "shop", "version": version, "core": core, "materialize": false}
}

// acme returns a tenant that can be dropped.
func acme(changed values) values {
	return with(values{
		"slug": "acme", "name": "Acme", "template": "shop@1.0.0", "deletion_policy": "drop", "allow_destructive": true,
	}, changed)
}

// tablesOf asks the server.
func tablesOf(t *testing.T, s *mysqltest.Server, database string) string {
	t.Helper()
	rows := s.QueryRows(t, "SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY 1", database)
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row[0]
	}
	return strings.Join(names, " ")
}

func databaseExists(t *testing.T, s *mysqltest.Server, database string) bool {
	t.Helper()
	return len(s.QueryRows(t, "SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", database)) > 0
}

// field returns one attribute of a state as plain Go.
func field(t *testing.T, state any, name string) any {
	t.Helper()
	v, ok := state.(tftypes.Value)
	if !ok {
		t.Fatalf("there is no state to look for `%s` in", name)
	}
	return attributes(t, v)[name]
}

// statements returns the SQL of a planned migration, without what it costs.
func statements(t *testing.T, state tftypes.Value) []string {
	t.Helper()
	steps, ok := attributes(t, state)["migration"].([]any)
	if !ok {
		t.Fatalf("the migration is %v", attributes(t, state)["migration"])
	}
	sql := []string{}
	for _, step := range steps {
		statement, _, _ := strings.Cut(fmt.Sprint(step), " -- ")
		sql = append(sql, statement)
	}
	return sql
}

func TestTenant_life(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		database := s.Prefix + "acme"
		c := coreOn(t, s)
		template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		plan := c.plan("landlord_tenant", nil, acme(nil))
		want := []string{
			"CREATE DATABASE `" + database + "` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
		}
		if got := statements(t, plan.state); len(got) != 2 || got[0] != want[0] || !strings.HasPrefix(got[1], "CREATE TABLE `users`") {
			t.Fatalf("the plan of a new tenant is %q", got)
		}
		if databaseExists(t, s, database) {
			t.Fatal("planning has made the database")
		}
		c = coreOn(t, s)
		tenant := c.must("landlord_tenant", nil, acme(nil))
		if got := tablesOf(t, s, database); got != "users" {
			t.Errorf("the tables of the tenant are %q", got)
		}
		if got := field(t, tenant, "database_name"); got != database {
			t.Errorf("the database is %v", got)
		}

		next := coreOn(t, s) // another process
		tenant = next.settled("landlord_tenant", tenant, acme(nil))
		next.settled("landlord_tenant_template", template, shop("1.0.0", usersTable))
		if diff := cmp.Diff([]any{}, field(t, tenant, "migration")); diff != "" {
			t.Errorf("a refresh leaves a pending migration: %s", diff)
		}

		changed := acme(values{"name": "Acme Ltd", "metadata": values{"plan": "gold"}})
		plan = next.plan("landlord_tenant", tenant, changed)
		if got := statements(t, plan.state); len(got) != 0 {
			t.Errorf("another name is planned as %q", got)
		}
		tenant = next.must("landlord_tenant", tenant, changed)
		got := s.QueryRows(t, "SELECT name, JSON_UNQUOTE(JSON_EXTRACT(metadata, '$.plan')) FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants WHERE slug = 'acme'")
		if diff := cmp.Diff([][]string{{"Acme Ltd", "gold"}}, got); diff != "" {
			t.Error(diff)
		}
		tenant = coreOn(t, s).settled("landlord_tenant", tenant, changed)

		last := coreOn(t, s)
		if after := last.must("landlord_tenant", tenant, nil); after != nil || databaseExists(t, s, database) {
			t.Errorf("destroying leaves %v", after)
		}
		if after := last.must("landlord_tenant_template", template, nil); after != nil {
			t.Errorf("destroying the template leaves %v", after)
		}
	})
}

// TestTemplate_upgrade shows the change of a template and what it does to its
// tenant in one plan, before anything is published.
func TestTemplate_upgrade(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		tenant := c.must("landlord_tenant", nil, acme(nil))

		c = coreOn(t, s)
		template, _ = c.refresh("landlord_tenant_template", template)
		tenant, _ = c.refresh("landlord_tenant", tenant)
		newShop, newAcme := shop("1.1.0", usersTable, teamsTable), acme(values{"template": "shop@1.1.0"})
		planned := c.plan("landlord_tenant_template", template, newShop)
		if got := attributes(t, planned.state)["id"]; got != "shop@1.1.0" {
			t.Fatalf("the template is planned as %v: %v", got, planned.diagnostics)
		}
		plan := c.plan("landlord_tenant", tenant, newAcme)
		if got := statements(t, plan.state); len(got) != 1 || !strings.HasPrefix(got[0], "CREATE TABLE `teams`") {
			t.Fatalf("the upgrade is planned as %q: %v", got, plan.diagnostics)
		}
		template = c.must("landlord_tenant_template", template, newShop)
		tenant = c.must("landlord_tenant", tenant, newAcme)
		if got := tablesOf(t, s, s.Prefix+"acme"); got != "teams users" {
			t.Errorf("the tables of the tenant are %q", got)
		}
		c = coreOn(t, s)
		template = c.settled("landlord_tenant_template", template, newShop)
		c.settled("landlord_tenant", tenant, newAcme)
		if diff := cmp.Diff([]any{"1.0.0", "1.1.0"}, field(t, template, "published_versions")); diff != "" {
			t.Error(diff)
		}
	})
}

// TestTenant_hold is a tenant that does not follow: it waits without a diff in
// each plan, and takes everything at once when it may.
func TestTenant_hold(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenant := c.must("landlord_tenant", nil, acme(values{"update_policy": "hold"}))
	c.must("landlord_tenant_template", template, shop("1.1.0", usersTable, teamsTable))

	c = coreOn(t, s)
	held := acme(values{"update_policy": "hold", "template": "shop@1.1.0"})
	tenant, _ = c.run("landlord_tenant", tenant, held)
	if got := field(t, tenant, "update_status"); got != "held" {
		t.Errorf("the tenant is %v", got)
	}
	if got := tablesOf(t, s, s.Prefix+"acme"); got != "users" {
		t.Errorf("the tenant has %q", got)
	}
	c = coreOn(t, s)
	tenant, diagnostics := c.refresh("landlord_tenant", tenant)
	plan := c.plan("landlord_tenant", tenant, held)
	if diff := cmp.Diff(open(t, tenant), open(t, plan.state)); diff != "" || hasErrors(append(diagnostics, plan.diagnostics...)) {
		t.Errorf("waiting is a change: %s %v", diff, plan.diagnostics)
	}
	followed := acme(values{"template": "shop@1.1.0"})
	tenant = c.must("landlord_tenant", tenant, followed)
	if got := tablesOf(t, s, s.Prefix+"acme"); got != "teams users" {
		t.Errorf("the tenant has %q", got)
	}
	coreOn(t, s).settled("landlord_tenant", tenant, followed)
}

// intType is how a server prints INT.
func intType(s *mysqltest.Server) string {
	if strings.HasPrefix(string(s.Kind), "mariadb") {
		return "int(11)"
	}
	return "int"
}

// TestTenant_drift is a change from elsewhere, under each policy.
func TestTenant_drift(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		tenant := c.must("landlord_tenant", nil, acme(nil))
		s.Exec(t, "ALTER TABLE "+mysqltest.QuoteName(s.Prefix+"acme")+".users ADD COLUMN surprise INT NULL")

		c = coreOn(t, s)
		tenant, diagnostics := c.refresh("landlord_tenant", tenant)
		want := []string{"WARNING at (drift_policy): Tenant schema has drifted\n" +
			"Tenant `acme` differs from what was recorded after its last migration:\n" +
			"- table `users`, column `surprise` (extra): on the server, but never recorded: (`surprise` " + intType(s) + " DEFAULT NULL). Harmless.\n\n" +
			"Nothing is done about it. `drift_policy = \"repair\"` plans to undo it; the data source `landlord_tenant_drift` shows the definitions and how to take it in."}
		if diff := cmp.Diff(want, diagnostics); diff != "" {
			t.Error(diff)
		}
		if plan := c.plan("landlord_tenant", tenant, acme(nil)); len(plan.diagnostics) > 0 || len(statements(t, plan.state)) > 0 {
			t.Errorf("reporting drift plans %q and says %q", statements(t, plan.state), plan.diagnostics)
		}
		failing := c.plan("landlord_tenant", tenant, acme(values{"drift_policy": "fail"})).diagnostics
		if len(failing) != 1 || !strings.HasPrefix(failing[0], "ERROR at (drift_policy): Tenant schema has drifted\n") {
			t.Errorf("failing on drift says %q", failing)
		}
		repairing := acme(values{"drift_policy": "repair"})
		plan := c.plan("landlord_tenant", tenant, repairing)
		if got := statements(t, plan.state); len(got) == 0 || !strings.Contains(got[len(got)-1], "DROP COLUMN `surprise`") { // its data is set aside before
			t.Errorf("repairing drift plans %q and says %q", got, plan.diagnostics)
		}
		tenant, diagnostics = c.run("landlord_tenant", tenant, repairing)
		if hasErrors(diagnostics) {
			t.Fatal(diagnostics)
		}
		coreOn(t, s).settled("landlord_tenant", tenant, repairing)
	})
}

// TestTemplate_materialize keeps a real database with the newest version.
func TestTemplate_materialize(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	database := s.Prefix + "template_shop"
	kept := func(version string, tables ...string) values {
		return with(shop(version, tables...), values{"materialize": nil})
	}
	template := coreOn(t, s).must("landlord_tenant_template", nil, kept("1.0.0", usersTable))
	if got := field(t, template, "database_name"); got != database || tablesOf(t, s, database) != "users" {
		t.Errorf("the copy is %v with %q", got, tablesOf(t, s, database))
	}
	template = coreOn(t, s).settled("landlord_tenant_template", template, kept("1.0.0", usersTable))
	template = coreOn(t, s).must("landlord_tenant_template", template, kept("1.1.0", usersTable, teamsTable))
	if got := tablesOf(t, s, database); got != "teams users" {
		t.Errorf("the copy of the newest version has %q", got)
	}
	template = coreOn(t, s).settled("landlord_tenant_template", template, kept("1.1.0", usersTable, teamsTable))
	without := shop("1.1.0", usersTable, teamsTable)
	template = coreOn(t, s).must("landlord_tenant_template", template, without)
	if got := field(t, template, "database_name"); got != nil || databaseExists(t, s, database) {
		t.Errorf("the copy is left: %v", got)
	}
	template = coreOn(t, s).settled("landlord_tenant_template", template, without)
	template = coreOn(t, s).must("landlord_tenant_template", template, kept("1.1.0", usersTable, teamsTable))
	coreOn(t, s).must("landlord_tenant_template", template, nil)
	if databaseExists(t, s, database) {
		t.Error("the copy outlives its template")
	}
}

// TestTemplate_describe changes what is said about a version, not its SQL.
func TestTemplate_describe(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	described := with(shop("1.0.0", usersTable), values{"description": "Web shops", "type": "shop"})
	template := coreOn(t, s).must("landlord_tenant_template", nil, described)
	template = coreOn(t, s).settled("landlord_tenant_template", template, described)
	described = with(described, values{"description": "Shops on the web", "type": "commerce"})
	template = coreOn(t, s).must("landlord_tenant_template", template, described)
	coreOn(t, s).settled("landlord_tenant_template", template, described)
	want := [][]string{{"Shops on the web", "commerce"}}
	if diff := cmp.Diff(want, s.QueryRows(t, "SELECT description, template_type FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_templates")); diff != "" {
		t.Error(diff)
	}
}

// TestTemplate_modules chooses, adds and removes a module.
func TestTemplate_modules(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		c.must("landlord_tenant_template", nil, with(shop("1.0.0", usersTable), values{
			"optional": values{"teams.sql": teamsTable + ";\n"},
		}))
		tenant := c.must("landlord_tenant", nil, acme(nil))
		for _, modules := range [][]string{{"teams"}, {}, {"teams"}} {
			config := acme(values{"modules": modules})
			tenant, _ = coreOn(t, s).run("landlord_tenant", tenant, config)
			want := strings.TrimSpace(strings.Join(modules, " ") + " users")
			if got := tablesOf(t, s, s.Prefix+"acme"); got != want {
				t.Fatalf("with the modules %q the tenant has %q", modules, got)
			}
			tenant = coreOn(t, s).settled("landlord_tenant", tenant, config)
		}
	})
}

func TestTemplate_publishedNeverChanges(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c = coreOn(t, s)
	template, _ = c.refresh("landlord_tenant_template", template)
	plan := c.plan("landlord_tenant_template", template, shop("1.0.0", teamsTable))
	want := []string{"ERROR at (version): Published template version cannot change\n" +
		"Template `shop@1.0.0` is published, and tenants rely on what it was.\n\n" +
		"Changed since: `core/001.sql`.\n\n" +
		"Publish the change under a new version: `1.0.1` (a correction) or `1.1.0` (an addition)."}
	if diff := cmp.Diff(want, plan.diagnostics); diff != "" {
		t.Error(diff)
	}
}

// TestTemplate_noFiles: layers without files are layers that are not there, as a
// condition in the configuration makes them.
func TestTemplate_noFiles(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	config := with(shop("1.0.0", usersTable), values{"optional": values{}, "seeds": values{}, "migrations": values{}})
	if diagnostics := c.validate("landlord_tenant_template", config); len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	template := c.must("landlord_tenant_template", nil, config)
	template, _ = coreOn(t, s).unchangedPlan("landlord_tenant_template", template, config)
	if plan := c.plan("landlord_tenant_template", template, shop("1.0.0", usersTable)); hasErrors(plan.diagnostics) {
		t.Errorf("without the layers: %v", plan.diagnostics)
	}
}

func TestTemplate_inUse(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenant := c.must("landlord_tenant", nil, acme(nil))
	after, diagnostics := c.run("landlord_tenant_template", template, nil)
	if after == nil || !hasErrors(diagnostics) || !strings.Contains(diagnostics[0], "`acme`") {
		t.Errorf("a template in use is deleted: %v, %v", after, diagnostics)
	}
	c.must("landlord_tenant", tenant, nil)
}

// TestTemplate_faults are errors of the SQL at plan time, at their attribute.
func TestTemplate_faults(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	for name, config := range map[string]values{
		"syntax":             shop("1.0.0", "CREATE TABLE a (id INT PRIMARY KEY,)"),
		"duplicate":          shop("1.0.0", usersTable, usersTable),
		"dangling reference": shop("1.0.0", "CREATE TABLE a (id INT PRIMARY KEY, b INT, FOREIGN KEY (b) REFERENCES nowhere (id))"),
		"another database":   shop("1.0.0", "CREATE TABLE mysql.a (id INT PRIMARY KEY)"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diagnostics := coreOn(t, s).plan("landlord_tenant_template", nil, config).diagnostics
			if !hasErrors(diagnostics) {
				t.Fatalf("the plan says %q", diagnostics)
			}
			for _, d := range diagnostics {
				if !strings.Contains(d, "core/00") {
					t.Errorf("the file is not named: %s", d)
				}
			}
		})
	}
}

func TestTenant_disappears(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenant := c.must("landlord_tenant", nil, acme(nil))
	s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(s.Prefix+"acme"))

	c = coreOn(t, s)
	gone, diagnostics := c.refresh("landlord_tenant", tenant)
	want := []string{"WARNING at (slug): Tenant database is missing\n" +
		"The landlord database knows the tenant `acme`, but its server has no database `" + s.Prefix + "acme`. Somebody dropped it, or the provider looks at another server.\n\n" +
		"The plan creates it anew, without the data. To get the data back, restore the database from a backup instead and plan again."}
	if diff := cmp.Diff(want, diagnostics); diff != "" {
		t.Error(diff)
	}
	if gone != nil {
		t.Fatal("the tenant is still in the state")
	}
	plan := c.plan("landlord_tenant", nil, acme(nil))
	if got := statements(t, plan.state); len(got) != 2 {
		t.Errorf("the plan after the loss is %q: %v", got, plan.diagnostics)
	}
	again, diagnostics := coreOn(t, s).run("landlord_tenant", nil, acme(nil))
	if hasErrors(diagnostics) || tablesOf(t, s, s.Prefix+"acme") != "users" {
		t.Fatalf("the tenant is not created anew: %v", diagnostics)
	}
	coreOn(t, s).settled("landlord_tenant", again, acme(nil))
}

// TestTenant_forgotten is a tenant that another state destroyed.
func TestTenant_forgotten(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenant := c.must("landlord_tenant", nil, acme(nil))
	coreOn(t, s).must("landlord_tenant", tenant, nil)

	c = coreOn(t, s)
	if gone, diagnostics := c.refresh("landlord_tenant", tenant); gone != nil || len(diagnostics) > 0 {
		t.Errorf("the refresh leaves %v and says %v", gone, diagnostics)
	}
	if after := c.must("landlord_tenant", tenant, nil); after != nil {
		t.Errorf("destroying what is gone leaves %v", after)
	}
}

func TestTenant_deletionPolicies(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	cases := map[string]struct {
		config   values
		refused  string // the beginning of the error
		database bool   // whether it is left
		status   string // in the landlord database, afterwards
	}{
		"protect":       {config: values{"deletion_policy": nil}, refused: "ERROR at (deletion_policy): Tenant is protected from deletion\n", database: true, status: "active"},
		"archive":       {config: values{"deletion_policy": "archive", "allow_destructive": false}, database: true, status: "archived"},
		"drop":          {config: values{}, database: false},
		"drop not said": {config: values{"allow_destructive": false}, refused: "ERROR at (allow_destructive): Dropping a tenant destroys its data\n", database: true, status: "active"},
		"drop without checkpoint": {config: values{"allow_destructive": false, "deletion_checkpoint": "none"},
			refused: "ERROR at (deletion_checkpoint): Checkpoint of the tenant is missing\n", database: true, status: "active"},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slug := strings.ReplaceAll(name, " ", "-")
			c := coreOn(t, s)
			tenant := c.must("landlord_tenant", nil, acme(with(k.config, values{"slug": slug})))
			after, diagnostics := c.run("landlord_tenant", tenant, nil)
			errors := withoutWarnings(diagnostics)
			switch {
			case k.refused == "" && (len(errors) > 0 || after != nil):
				t.Errorf("the destroy says %v and leaves %v", errors, after)
			case k.refused != "" && (len(errors) != 1 || !strings.HasPrefix(errors[0], k.refused) || after == nil):
				t.Errorf("the destroy says %v and leaves %v", errors, after)
			}
			if got := databaseExists(t, s, s.Prefix+strings.ReplaceAll(slug, "-", "_")); got != k.database {
				t.Errorf("the database exists: %v", got)
			}
			status := ""
			for _, row := range s.QueryRows(t, "SELECT status FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants WHERE slug = ?", slug) {
				status = row[0]
			}
			if status != k.status {
				t.Errorf("the status is %q", status)
			}
		})
	}
}

func withoutWarnings(diagnostics []string) []string {
	var errors []string
	for _, d := range diagnostics {
		if !strings.HasPrefix(d, "WARNING") {
			errors = append(errors, d)
		}
	}
	return errors
}

// TestTenant_replaced replaces a tenant, as `-replace` asks for it: the plan of
// the second half sees the tenant that the first half will have destroyed.
func TestTenant_replaced(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenant := c.must("landlord_tenant", nil, acme(nil))

	c = coreOn(t, s)
	plan := c.plan("landlord_tenant", nil, acme(nil))
	want := []string{"WARNING at (slug): Tenant was created by an earlier run\n" +
		"Tenant `acme` exists exactly as configured, made at TIME. " +
		"An apply that was cut off before Terraform wrote its state leaves this, so it is taken over as it is, unless this plan replaces it: then it is made anew. " +
		"If another resource manages it, remove it from one of the two."}
	for i, d := range plan.diagnostics {
		plan.diagnostics[i] = regexp.MustCompile(`made at \S+Z\.`).ReplaceAllString(d, "made at TIME.")
	}
	if diff := cmp.Diff(want, plan.diagnostics); diff != "" {
		t.Error(diff)
	}
	// It may be made anew by this very plan, so all of it is listed.
	if list, ok := field(t, plan.state, "migration").([]any); !ok || len(list) != 2 || field(t, plan.state, "migration_digest") == nil {
		t.Errorf("the plan lists %v", field(t, plan.state, "migration"))
	}
	coreOn(t, s).must("landlord_tenant", tenant, nil)
	after, diagnostics := coreOn(t, s).apply("landlord_tenant", nil, acme(nil), plan)
	if hasErrors(diagnostics) {
		t.Fatal(diagnostics)
	}
	coreOn(t, s).settled("landlord_tenant", after, acme(nil))
}

// TestTenant_destroyedAndCreated is a resource that has another name and no
// `moved` block, whichever half Terraform plans first.
func TestTenant_destroyedAndCreated(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenant := c.must("landlord_tenant", nil, acme(nil))
	want := []string{"ERROR at (slug): Tenant is destroyed and created in one plan\n" +
		"One resource of the plan destroys the tenant `acme`, and another one creates it.\n\n" +
		"If a resource was renamed or has another key, say so with a `moved` block: the tenant stays as it is. " +
		"Otherwise let the plan destroy the tenant first, and create it with the next one."}

	c = coreOn(t, s)
	c.plan("landlord_tenant", tenant, nil)
	if diff := cmp.Diff(want, c.plan("landlord_tenant", nil, acme(nil)).diagnostics); diff != "" {
		t.Errorf("created last: %s", diff)
	}
	c = coreOn(t, s)
	c.plan("landlord_tenant", nil, acme(nil))
	if diff := cmp.Diff(want, c.plan("landlord_tenant", tenant, nil).diagnostics); diff != "" {
		t.Errorf("destroyed last: %s", diff)
	}
}

// TestTenant_twoResources plans one tenant, and one template version, for two
// resources of one run.
func TestTenant_twoResources(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	if first := c.plan("landlord_tenant", nil, acme(nil)); len(first.diagnostics) > 0 {
		t.Fatal(first.diagnostics)
	}
	want := []string{"ERROR at (slug): Two resources make one tenant\nAnother resource of this run makes the tenant `acme` too. Each would take the database for its own, and destroying one would take it from the other." +
		"\n\nRemove one of the resources, or give it another slug."}
	if diff := cmp.Diff(want, c.plan("landlord_tenant", nil, acme(nil)).diagnostics); diff != "" {
		t.Errorf("a tenant twice (-want +got):\n%s", diff)
	}
	c = coreOn(t, s)
	c.plan("landlord_tenant_template", nil, shop("2.0.0", usersTable))
	want = []string{"ERROR at (version): Two resources publish one template version\nAnother resource of this run publishes `shop@2.0.0` with other files." +
		"\n\nGive one of them another `name` or `version`, or remove it."}
	if diff := cmp.Diff(want, c.plan("landlord_tenant_template", nil, shop("2.0.0", usersTable, "CREATE TABLE more (id INT PRIMARY KEY)")).diagnostics); diff != "" {
		t.Errorf("a template twice (-want +got):\n%s", diff)
	}
}

// TestTenant_notRegistered loses the row of a tenant, as another landlord database
// would.
func TestTenant_notRegistered(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenant := c.must("landlord_tenant", nil, acme(nil))
	s.Exec(t, "DELETE FROM "+s.LandlordDatabase+".tenants")
	_, diagnostics := coreOn(t, s).refresh("landlord_tenant", tenant)
	want := []string{"WARNING at (slug): Tenant is not registered any more\nThe landlord database does not know tenant `acme`, which follows `shop@1.0.0` by Terraform's state. Its database `" + s.Prefix + "acme` is there." +
		"\n\nThe plan registers it anew, with its schema as it is and without its history. Look first whether `landlord_database` of the provider names the right one."}
	if diff := cmp.Diff(want, diagnostics); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTenant_twoSlugsOneDatabase(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	want := []string{"ERROR at (slug): Two tenants would share a database\n" +
		"The slugs `rowing-club` and `rowing_club` both make the database name `" + s.Prefix + "rowing_club`, since `-` becomes `_`.\n\n" +
		"Choose another slug for one of them."}
	if d := c.plan("landlord_tenant", nil, acme(values{"slug": "rowing-club"})).diagnostics; len(d) > 0 {
		t.Fatal(d)
	}
	if diff := cmp.Diff(want, c.plan("landlord_tenant", nil, acme(values{"slug": "rowing_club"})).diagnostics); diff != "" {
		t.Errorf("in one plan: %s", diff)
	}
	coreOn(t, s).must("landlord_tenant", nil, acme(values{"slug": "rowing-club"}))
	if diff := cmp.Diff(want, coreOn(t, s).plan("landlord_tenant", nil, acme(values{"slug": "rowing_club"})).diagnostics); diff != "" {
		t.Errorf("with what is there: %s", diff)
	}
}

// TestTenant_databaseExists refuses a database that is there, and adopts it by
// an import.
func TestTenant_databaseExists(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		database := s.Prefix + "acme"
		s.Exec(t, "CREATE DATABASE "+mysqltest.QuoteName(database)+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
			strings.Replace(usersTable, "users", mysqltest.QuoteName(database)+".users", 1),
			"INSERT INTO "+mysqltest.QuoteName(database)+".users VALUES (1, 'a@example.com')")
		c := coreOn(t, s)
		c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		diagnostics := c.plan("landlord_tenant", nil, acme(nil)).diagnostics
		want := []string{"ERROR at (slug): Database exists already\n" +
			"Tenant `acme` needs the database `" + database + "`, which exists on the server and which the landlord database does not know.\n\n" +
			"Nothing in it was touched.\n\n" +
			"To take it over as it is, import it: `terraform import <address> acme`. Otherwise choose another slug."}
		if diff := cmp.Diff(want, diagnostics); diff != "" {
			t.Error(diff)
		}

		imported := c.importID("landlord_tenant", "acme")
		imported, diagnostics = c.refresh("landlord_tenant", imported)
		if len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		if got := field(t, imported, "template"); got != nil {
			t.Errorf("an adopted database follows %v", got)
		}
		plan := c.plan("landlord_tenant", imported, acme(nil))
		if got := statements(t, plan.state); len(got) != 0 {
			t.Errorf("adopting what fits the template is planned as %q", got)
		}
		tenant, diagnostics := c.run("landlord_tenant", imported, acme(nil))
		if hasErrors(diagnostics) {
			t.Fatal(diagnostics)
		}
		coreOn(t, s).settled("landlord_tenant", tenant, acme(nil))
		if got := s.QueryRows(t, "SELECT email FROM "+mysqltest.QuoteName(database)+".users"); len(got) != 1 {
			t.Errorf("adopting lost rows: %v", got)
		}
	})
}

// TestTenant_import brings a registered tenant into another state, which has
// nothing to do then.
func TestTenant_import(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	config := acme(values{"deletion_policy": nil, "allow_destructive": nil, "metadata": values{"plan": "gold"}})
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant", nil, config)
	other := coreOn(t, s)
	other.settled("landlord_tenant", other.importID("landlord_tenant", "acme"), config)
	missing, diagnostics := other.refresh("landlord_tenant", other.importID("landlord_tenant", "nobody"))
	if missing != nil || len(diagnostics) > 0 {
		t.Errorf("importing nobody gives %v and says %v", missing, diagnostics)
	}
}

// TestTenant_changedSincePlan is a schema that somebody changes after the plan
// was made: the apply stops with our words, and does nothing.
func TestTenant_changedSincePlan(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		tenant := c.must("landlord_tenant", nil, acme(nil))
		newShop, newAcme := shop("1.1.0", usersTable, teamsTable), acme(values{"template": "shop@1.1.0"})

		c = coreOn(t, s)
		tenant, _ = c.refresh("landlord_tenant", tenant)
		c.plan("landlord_tenant_template", template, newShop)
		if d := c.plan("landlord_tenant", tenant, newAcme).diagnostics; len(d) > 0 {
			t.Fatal(d)
		}
		s.Exec(t, "ALTER TABLE "+mysqltest.QuoteName(s.Prefix+"acme")+".users ADD COLUMN surprise INT")

		apply := coreOn(t, s) // the other process, with the state of the plan
		apply.must("landlord_tenant_template", template, newShop)
		after, diagnostics := apply.run("landlord_tenant", tenant, newAcme)
		if len(diagnostics) != 1 || !strings.HasPrefix(strings.SplitN(diagnostics[0], ": ", 2)[1], "Tenant schema changed since the plan\n") || !strings.Contains(diagnostics[0], "`users`") {
			t.Errorf("the apply says %q", diagnostics)
		}
		if after == nil {
			t.Error("the tenant is out of the state")
		}
		if got := tablesOf(t, s, s.Prefix+"acme"); got != "users" {
			t.Errorf("the apply went on: %q", got)
		}
	})
}

// TestTenant_createFails leaves nothing in the state, so that nothing is
// tainted; the next create finishes the rest.
func TestTenant_createFails(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	plan := c.plan("landlord_tenant", nil, acme(nil))
	s.Exec(t, "CREATE DATABASE "+mysqltest.QuoteName(s.Prefix+"acme"))
	after, diagnostics := c.apply("landlord_tenant", nil, acme(nil), plan)
	if !after.IsNull() || !hasErrors(diagnostics) {
		t.Errorf("a failed create leaves %v and says %v", after, diagnostics)
	}
	s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(s.Prefix+"acme"))
	next := coreOn(t, s)
	tenant, diagnostics := next.run("landlord_tenant", nil, acme(nil))
	if hasErrors(diagnostics) {
		t.Fatal(diagnostics)
	}
	coreOn(t, s).settled("landlord_tenant", tenant, acme(nil))
}

func TestTenant_list(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	for _, slug := range []string{"a", "b", "c"} {
		c.must("landlord_tenant", nil, acme(values{"slug": slug, "name": strings.ToUpper(slug)}))
	}
	c.must(fleetType, nil, fleetOf(many(1), values{"template": "shop@1.0.0"})) // whose tenant comes with it
	s.Exec(t, "CREATE DATABASE "+mysqltest.QuoteName(s.Prefix+"stray"))
	c = coreOn(t, s)
	cases := map[string]struct {
		limit  int64
		config values
		want   []string
	}{
		"all":          {limit: 10, want: []string{"a (A)", "b (B)", "c (C)"}},
		"limit":        {limit: 2, want: []string{"a (A)", "b (B)"}},
		"other status": {limit: 10, config: values{"status": "archived"}},
		"template":     {limit: 10, config: values{"template": "shop"}, want: []string{"a (A)", "b (B)", "c (C)"}},
		"unregistered": {limit: 10, config: values{"unregistered": true}, want: []string{"a (A)", "b (B)", "c (C)", "stray (database " + s.Prefix + "stray, not adopted)"}},
	}
	for name, k := range cases {
		names, diagnostics, resources := c.list(t.Context(), "landlord_tenant", k.limit, with(values{}, k.config))
		if len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		if diff := cmp.Diff(k.want, names); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(resources) > 0 && attributes(t, resources[0])["database_name"] != s.Prefix+"a" {
			t.Errorf("%s: the first resource is %v", name, attributes(t, resources[0]))
		}
	}
}
