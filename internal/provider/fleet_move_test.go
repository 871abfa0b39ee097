package provider_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestAccCLI_fleetMoves: a tenant becomes a fleet with a `moved` block, the fleet is
// forgotten and imported again, and no database notices.
func TestAccCLI_fleetMoves(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	own := "\nresource \"landlord_tenant\" \"own\" {\n  slug     = \"shop-001\"\n  name     = \"First\"\n  template = landlord_tenant_template.shop.id\n  metadata = { tier = \"gold\" }\n}\n"
	c.write(linesTemplate("1.0.0", "") + own)
	c.run("init")
	c.run("apply", "-auto-approve")
	execIn(t, s, "shop_001", "INSERT INTO people VALUES (7, 'Ann')")
	done := func() string {
		return fmt.Sprint(s.QueryRows(t, "SELECT h.id, h.tenant_slug, h.steps, (SELECT COUNT(*) FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants) FROM "+
			mysqltest.QuoteName(s.LandlordDatabase)+".tenant_migrations_history h WHERE h.tenant_slug = 'shop-001'"),
			s.QueryRows(t, "SELECT TABLE_NAME, CREATE_TIME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1", s.Prefix+"shop_001"))
	}
	before := done()
	untouched := func(what, out string) {
		t.Helper()
		if strings.Contains(out, "ALTER TABLE") || strings.Contains(out, "DROP ") || strings.Contains(out, "CREATE ") {
			t.Errorf("%s: the plan has statements: %s", what, out)
		}
		if now := done(); now != before {
			t.Errorf("%s: the tenant was %s and is %s", what, before, now)
		}
	}
	shops := "\nresource \"landlord_tenant_fleet\" \"shops\" {\n  name     = \"shops\"\n  template = landlord_tenant_template.shop.id\n" +
		"  tenants  = jsonencode({ shop-001 = { name = \"First\", metadata = { tier = \"gold\" } } })\n}\n"
	moved := "\nmoved {\n  from = landlord_tenant.own\n  to   = landlord_tenant_fleet.shops\n}\n"
	c.write(linesTemplate("1.0.0", "") + shops + moved)
	out := c.run("apply", "-auto-approve")
	untouched("moved", out)
	c.noChanges()

	c.write(linesTemplate("1.0.0", "") + "\nremoved {\n  from = landlord_tenant_fleet.shops\n  lifecycle {\n    destroy = false\n  }\n}\n")
	untouched("removed", c.run("apply", "-auto-approve"))
	c.write(linesTemplate("1.0.0", "") + shops + "\nimport {\n  to = landlord_tenant_fleet.shops\n  id = \"shops\"\n}\n")
	untouched("imported", c.run("apply", "-auto-approve"))
	c.noChanges()
	if got := fmt.Sprint(s.QueryRows(t, "SELECT id, name FROM "+mysqltest.QuoteName(s.Prefix+"shop_001")+".people")); got != "[[7 Ann]]" {
		t.Errorf("the tenant has %s", got)
	}
}

// TestAccCLI_fleetMovesOut: a fleet of one becomes a tenant with a `moved` block, and
// a fleet that is forgotten leaves its tenants to an import. No database notices.
func TestAccCLI_fleetMovesOut(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	shops := "\nresource \"landlord_tenant_fleet\" \"shops\" {\n  name     = \"shops\"\n  template = landlord_tenant_template.shop.id\n  deletion_policy = \"archive\"\n" +
		"  tenants  = jsonencode({ shop-001 = { name = \"First\", metadata = { tier = \"gold\" } } })\n}\n"
	own := "\nresource \"landlord_tenant\" \"own\" {\n  slug     = \"shop-001\"\n  name     = \"First\"\n  template = landlord_tenant_template.shop.id\n  metadata = { tier = \"gold\" }\n  deletion_policy = \"archive\"\n}\n"
	c.write(linesTemplate("1.0.0", "") + shops)
	c.run("init")
	c.run("apply", "-auto-approve")
	execIn(t, s, "shop_001", "INSERT INTO people VALUES (7, 'Ann')")
	done := func() string {
		return fmt.Sprint(s.QueryRows(t, "SELECT h.id, h.steps FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_migrations_history h WHERE h.tenant_slug = 'shop-001'"),
			s.QueryRows(t, "SELECT TABLE_NAME, CREATE_TIME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1", s.Prefix+"shop_001"),
			s.QueryRows(t, "SELECT id, name FROM "+mysqltest.QuoteName(s.Prefix+"shop_001")+".people"))
	}
	before := done()
	for n, config := range [][2]string{
		{"moved out", own + "\nmoved {\n  from = landlord_tenant_fleet.shops\n  to   = landlord_tenant.own\n}\n"},
		{"moved back", shops + "\nmoved {\n  from = landlord_tenant.own\n  to   = landlord_tenant_fleet.shops\n}\n"},
		{"removed and imported", own + "\nremoved {\n  from = landlord_tenant_fleet.shops\n  lifecycle {\n    destroy = false\n  }\n}\n\nimport {\n  to = landlord_tenant.own\n  id = \"shop-001\"\n}\n"},
	} {
		c.write(linesTemplate("1.0.0", "") + config[1])
		out := c.run("apply", "-auto-approve")
		if strings.Contains(out, "ALTER TABLE") || strings.Contains(out, "DROP ") || strings.Contains(out, "CREATE ") || strings.Contains(out, " destroyed") && !strings.Contains(out, "0 destroyed") {
			t.Errorf("%d, %s: the plan has statements: %s", n, config[0], out)
		}
		if now := done(); now != before {
			t.Errorf("%s: the tenant was %s and is %s", config[0], before, now)
		}
		c.noChanges()
		want := map[bool]string{true: "shops shop-001", false: "<nil>"}[config[0] == "moved back"]
		if got := fmt.Sprint(s.QueryRows(t, "SELECT COALESCE(GROUP_CONCAT(fleet, ' ', tenant_slug), '<nil>') FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".fleet_tenants")[0][0]); got != want {
			t.Errorf("%s: the fleets have %s", config[0], got)
		}
	}
}

// TestFleet_twoOwners: a tenant of a fleet that is imported as a tenant leaves the fleet,
// with a warning; where the fleet takes it in again, both resources say so.
func TestFleet_twoOwners(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	coreOn(t, s).must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	shops := coreOn(t, s).must(fleetType, nil, fleetOf(many(2), nil))
	members := func() string {
		return askFleet(t, s, "SELECT GROUP_CONCAT(tenant_slug ORDER BY tenant_slug) FROM %s.fleet_tenants WHERE fleet = 'shops'")
	}
	c := coreOn(t, s)
	own := acme(values{"slug": "t000", "name": "t000"})
	now, told := c.refresh("landlord_tenant", c.importID("landlord_tenant", "t000"))
	said(t, told)
	now, told = c.run("landlord_tenant", now, own)
	said(t, told)
	if got := members(); got != "t001" {
		t.Errorf("the fleet has %s", got)
	}
	now = coreOn(t, s).settled("landlord_tenant", now, own)

	c = coreOn(t, s)
	shops, told = c.refresh(fleetType, shops)
	said(t, told)
	said(t, c.plan(fleetType, shops, fleetOf(many(2), nil)).diagnostics, "WARNING at (tenants): Tenants join the fleet\n"+
		"Fleet `shops` takes in 1 existing tenant: `t000`.\n"+
		"Nothing of them is touched but what the plan shows. If another resource manages one, remove that resource with a `removed` block and `destroy = false`.")
	c.run(fleetType, shops, fleetOf(many(2), nil))
	if got := members(); got != "t000,t001" {
		t.Errorf("the fleet has %s", got)
	}
	_, told = coreOn(t, s).refresh("landlord_tenant", now)
	said(t, told, "WARNING at (slug): Two resources manage one tenant\n"+
		"Tenant `t000` is in the fleet `shops`, and this resource has it too. Each brings it to what its own configuration says, and destroying one takes it from the other.\n\n"+
		"To leave it to the fleet, remove this resource with a `removed` block and `destroy = false`. To leave it to this resource, take it out of `tenants` of the fleet and name it in `released` there; "+
		"where no configuration has that fleet any more, forget this resource in Terraform's state and import it: what is imported leaves its fleet.")

	// The plan of an import says it too.
	c = coreOn(t, s)
	now, _ = c.refresh("landlord_tenant", c.importID("landlord_tenant", "t000"))
	said(t, c.plan("landlord_tenant", now, own).diagnostics, "WARNING at (slug): Tenant leaves its fleet\n"+
		"Tenant `t000` is in the fleet `shops`, and this resource has come to it by an import or a `moved` block. The apply takes it out of the fleet; its database stays as it is.\n\n"+
		"If a configuration still has that fleet, take the tenant out of its `tenants` and name it in `released`: else two resources manage it, and the fleet takes it in again.")
}

// TestFleet_movesOutAlone: only a fleet of one tenant becomes a tenant.
func TestFleet_movesOutAlone(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	said(t, c.moves(fleetType, "landlord_tenant", values{"name": "shops", "template": "shop@1.0.0", "tenants": `{"a":{},"b":{}}`}),
		"ERROR at (slug): Fleet is not one tenant\nA `moved` block makes a `landlord_tenant` of a fleet that lists one tenant, and has neither selected nor ready ones; the fleet `shops` is another.\n\n"+
			"Name a tenant in `released` of the fleet, take it out of its list, and import it as a `landlord_tenant`.")
}

// TestFleet_import: only a fleet that the landlord database knows, of one template.
func TestFleet_import(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenants := map[string]any{"a": map[string]any{"name": "A"}, "b": map[string]any{}, "c": map[string]any{"version": "1.0.0"}}
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
	config := fleetOf(tenants, values{"template": "shop@1.1.0", "pool": 1})
	coreOn(t, s).must(fleetType, nil, config)
	now := coreOn(t, s).importID(fleetType, "shops")
	now, told := coreOn(t, s).refresh(fleetType, now)
	said(t, told)
	coreOn(t, s).settled(fleetType, now, config)

	said(t, coreOn(t, s).imports(fleetType, "nobody"), "ERROR: Fleet to import is not known\nThe landlord database knows no tenant of a fleet `nobody`.\n\n"+
		"Import a fleet by its name. Tenants that exist and are in no fleet join one as they are: list them in a new one.")
	s.Exec(t, "UPDATE "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants SET template = 'office' WHERE slug = 'c'")
	said(t, coreOn(t, s).imports(fleetType, "shops"), "ERROR at (tenants): Fleet has tenants of several templates\n"+
		"Importing fleet `shops`: tenant `c` follows `office@1.0.0`, most others `shop@1.1.0`, and a fleet has one template.\n\n"+
		"Write the configuration of the fleet without an import: tenants that exist join it as they are.")
}

// TestFleet_forgotten: a tenant of a fleet that no configuration has any more comes into
// another fleet when the former one is imported and lets it go.
func TestFleet_forgotten(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	coreOn(t, s).must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	coreOn(t, s).must(fleetType, nil, fleetOf(many(1), nil))
	bars := fleetOf(many(2), values{"name": "bars"})
	said(t, coreOn(t, s).plan(fleetType, nil, bars).diagnostics, "ERROR at (tenants): Tenant belongs to another fleet\nTenant `t000` is in the fleet `shops`.\n\n"+
		"Take it out of that fleet first: name it in `released` there, and remove it from its list. If no configuration has that fleet any more, import it by its name for that.")
	now, told := coreOn(t, s).refresh(fleetType, coreOn(t, s).importID(fleetType, "shops"))
	said(t, told)
	now = coreOn(t, s).must(fleetType, now, fleetOf(nil, values{"tenants": "{}", "released": []string{"t000"}}))
	coreOn(t, s).must(fleetType, nil, bars)
	if got := askFleet(t, s, "SELECT GROUP_CONCAT(fleet, ' ', tenant_slug ORDER BY tenant_slug) FROM %s.fleet_tenants"); got != "bars t000,bars t001" {
		t.Errorf("the tenants are in %s", got)
	}
	if left, told := coreOn(t, s).run(fleetType, now, nil); left != nil || len(told) > 0 {
		t.Errorf("destroying the former fleet: %v %q", left, told)
	}
	if got := askFleet(t, s, "SELECT COUNT(*) FROM %s.tenants WHERE status = 'active'"); got != "2" {
		t.Errorf("%s tenants are there", got)
	}
}

// TestFleet_moveSuspended: a fleet lists tenants that are active.
func TestFleet_moveSuspended(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	said(t, c.moves("landlord_tenant", fleetType, values{"slug": "acme", "name": "Acme", "template": "shop@1.0.0", "status": "suspended"}),
		"ERROR at (tenants): Tenant is not active\nTenant `acme` is suspended, and the tenants that a fleet lists are active.\n\n"+
			"Make it active first. Or take it out with a `removed` block and `destroy = false`, and let the fleet `select` it: it keeps its status then.")
}

// TestAccCLI_exampleSignup runs the sign-up of the examples: its fleet with real
// Terraform, its program with the account that the example makes.
func TestAccCLI_exampleSignup(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	c.example("signup", s)
	c.run("init")
	c.run("apply", "-auto-approve")
	c.noChanges()
	username, password := application(t, s, "GRANT EXECUTE ON PROCEDURE %s.claim_tenant")
	s.Exec(t, "GRANT SELECT ON "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_directory TO "+mysqltest.QuoteName(username)+"@'%'")
	program := filepath.Join(t.TempDir(), "signup")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../examples/signup")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	signup := func(arguments ...string) string {
		command := exec.CommandContext(t.Context(), program, arguments...)
		command.Env = append(os.Environ(), "SIGNUP_DSN="+username+":"+password+"@tcp("+s.Endpoint()+")/"+s.LandlordDatabase)
		out, _ := command.CombinedOutput()
		return string(out)
	}
	where := fmt.Sprintf("acme: database %sshops_pool_1 on %s:%s\n", s.Prefix, s.Host, s.Port)
	for _, step := range []struct {
		arguments []string
		want      string
	}{
		{[]string{"acme"}, "signup: nobody is called acme\n"},
		{[]string{"acme", "Acme Ltd", "plan=free"}, where},
		{[]string{"acme"}, where},
		{[]string{"acme", "Acme Ltd"}, "signup: There is a tenant of that slug, or of one that differs in - and _ only\n"},
		{nil, "signup: usage: signup SLUG [NAME [KEY=VALUE]…]\n"},
	} {
		if got := signup(step.arguments...); got != step.want {
			t.Errorf("signup %q: %s", step.arguments, got)
		}
	}
	c.run("apply", "-auto-approve")
	c.noChanges()
	if got := askFleet(t, s, "SELECT CONCAT((SELECT fleet FROM %[1]s.fleet_tenants WHERE tenant_slug = 'acme'), ' ', (SELECT COUNT(*) FROM %[1]s.pool_tenants WHERE state = 'ready'))"); got != "shops 20" {
		t.Errorf("after the next apply: %s", got)
	}
}
