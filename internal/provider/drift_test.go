package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// ordersTable is a table with everything that drift tests change.
const ordersTable = "CREATE TABLE orders (id INT NOT NULL PRIMARY KEY, total DECIMAL(10,2) NOT NULL DEFAULT 0)"

func TestTenantDrift(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable, ordersTable))
		// Planned is not made: the data source is read before the apply.
		c.plan("landlord_tenant", nil, acme(nil))
		planned := c.mustData("landlord_tenant_drift", values{"tenant": "acme"})
		if planned["state"] != "planned" || planned["in_sync"] != true {
			t.Errorf("a planned tenant: %v", planned)
		}
		coreOn(t, s).must("landlord_tenant", nil, acme(nil))
		same := coreOn(t, s).mustData("landlord_tenant_drift", values{"tenant": "acme", "thorough": true})
		if same["schema_fingerprint"] == nil || same["schema_fingerprint"] != same["recorded_fingerprint"] {
			t.Errorf("fingerprints: %v", same)
		}
		delete(same, "schema_fingerprint")
		delete(same, "recorded_fingerprint")
		want := values{"tenant": "acme", "thorough": true, "in_sync": true, "state": "in_sync", "database_name": s.Prefix + "acme", "changes": []any{}, "repair_obstacles": []any{}}
		if diff := cmp.Diff(want, same); diff != "" {
			t.Errorf("in sync (-want +got):\n%s", diff)
		}

		execIn(t, s, "acme", "ALTER TABLE users ADD COLUMN note VARCHAR(20) NULL", "ALTER TABLE orders DROP COLUMN total", "CREATE TABLE hand (id INT NOT NULL PRIMARY KEY)")
		found := coreOn(t, s).mustData("landlord_tenant_drift", values{"tenant": "acme"})
		if found["in_sync"] != false || found["state"] != "drifted" || found["harm"] != "breaks_core" {
			t.Errorf("drifted: %v", found)
		}
		checkChanges(t, s, found)
		execIn(t, s, "acme", strings.Split(strings.TrimSpace(withoutComments(text(t, found, "repair_sql"))), ";\n")...)
		after := coreOn(t, s).mustData("landlord_tenant_drift", values{"tenant": "acme"})
		if after["in_sync"] != true {
			t.Errorf("repaired: %v", after)
		}
	})
}

// checkChanges looks at what is said of three differences.
func checkChanges(t *testing.T, s *mysqltest.Server, found values) {
	t.Helper()
	changes, ok := found["changes"].([]any)
	if !ok || len(changes) != 3 {
		t.Fatalf("changes: %v", found["changes"])
	}
	hand, total, note := changes[0].(values), changes[1].(values), changes[2].(values) //nolint:forcetypeassert // the schema says so
	want := values{
		"object": "table `users`", "element": "column `note`", "kind": "extra", "harm": "harmless", "customization": nil, "expected": nil,
		"detail": "on the server, but never recorded: (" + text(t, note, "actual") + ")", "harm_reason": "Nothing that was recorded needs it or is refused by it.",
		"actual": note["actual"], "repair_sql": "-- Loses column `users`.`note` with its values.\nALTER TABLE `users` DROP COLUMN `note`;\n", "repair_obstacle": nil,
		"adopt_hcl": `resource "landlord_tenant_customization" "acme_adopted_users_note" {
  tenant = "acme" # better: slug of its landlord_tenant
  name   = "adopted_users_note"
  reason = "Found on the server and taken over as it is. Say here why it is there."

  columns = [
    { table = "users", name = "note", definition = "` + strings.TrimPrefix(text(t, note, "actual"), "`note` ") + `" },
  ]
}
`, "adopt_obstacle": nil,
	}
	if diff := cmp.Diff(want, note); diff != "" {
		t.Errorf("the column (-want +got):\n%s", diff)
	}
	if total["kind"] != "missing" || total["harm"] != "breaks_core" || total["adopt_hcl"] != nil || total["actual"] != nil || total["adopt_obstacle"] != "A customization only adds. Repair it, or take it out of the template." {
		t.Errorf("the missing column: %v", total)
	}
	if hand["object"] != "table `hand`" || hand["element"] != nil || !strings.Contains(text(t, hand, "adopt_hcl"), "  tables = {\n    \"hand\" = <<SQL\nCREATE TABLE `hand` (\n") {
		t.Errorf("the table: %v", hand)
	}
	all := text(t, found, "adopt_hcl")
	for _, part := range []string{`"acme_adopted"`, `"hand" = <<SQL`, `table = "users", name = "note"`} {
		if !strings.Contains(all, part) {
			t.Errorf("the whole adoption has no %s:\n%s", part, all)
		}
	}
}

// text returns a text of a data source.
func text(t *testing.T, from values, name string) string {
	t.Helper()
	v, ok := from[name].(string)
	if !ok {
		t.Fatalf("`%s` is %v", name, from[name])
	}
	return v
}

func withoutComments(script string) string {
	var lines []string
	for line := range strings.SplitSeq(script, "\n") {
		if !strings.HasPrefix(line, "-- ") {
			lines = append(lines, line)
		}
	}
	return strings.TrimSuffix(strings.TrimSpace(strings.Join(lines, "\n")), ";") + ";\nDO 0"
}

func TestTenantDrift_unknown(t *testing.T) {
	t.Parallel()
	c := coreOn(t, mysqltest.One(t))
	_, diagnostics := c.data("landlord_tenant_drift", values{"tenant": "nobody"})
	want := []string{"ERROR at (tenant): Tenant is not known\n" +
		"The landlord database has no tenant `nobody`, and no tenant of this run that was planned so far has that slug.\n\n" +
		"Refer to `slug` of a `landlord_tenant`, so that Terraform knows the order, or correct the slug."}
	if diff := cmp.Diff(want, diagnostics); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// TestFleetDrift counts the statements with a few and with many tenants: they
// are as many, whatever is found.
func TestFleetDrift(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		recording := s.Record(t)
		environment := environmentOf(s)
		environment["LANDLORD_USERNAME"], environment["LANDLORD_PASSWORD"] = recording.Username, recording.Password
		c := coreWith(t, environment)
		c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		const few, many = 4, 30
		slug := func(i int) string { return fmt.Sprintf("f%02d", i) }
		grow := func(from, to int) {
			for i := from; i < to; i++ {
				c.must("landlord_tenant", nil, acme(values{"slug": slug(i), "status": map[bool]string{true: "suspended", false: "active"}[i%5 == 1]}))
			}
		}
		count := func() (values, int) {
			recording.Reset(t)
			found := coreWith(t, environment).mustData("landlord_fleet_drift", values{})
			return found, recording.Count(t)
		}
		grow(0, few)
		if all, _ := count(); all["in_sync"] != true || all["counts"].(values)["tenants"] != "4" { //nolint:forcetypeassert // the schema says so
			t.Errorf("in sync: %v", all)
		}
		execIn(t, s, slug(1), "ALTER TABLE users ADD COLUMN note VARCHAR(20) NULL", "CREATE VIEW v AS SELECT 1 AS one") // suspended
		execIn(t, s, slug(2), "DROP TABLE users")
		s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(s.Prefix+slug(3)))
		s.Exec(t, "UPDATE "+s.LandlordDatabase+".tenants SET running_digest='x' WHERE slug='"+slug(0)+"'")
		found, statements := count()
		checkFleet(t, s, found)
		grow(few, many)
		execIn(t, s, slug(many-1), "DROP TABLE users")
		more, again := count()
		if statements != again {
			t.Errorf("%d statements for %d tenants, %d for %d: %q", statements, few, again, many, recording.Statements(t))
		}
		if diff := cmp.Diff([]any{slug(0), slug(1), slug(2), slug(3), slug(many - 1)}, more["slugs"]); diff != "" {
			t.Errorf("not in sync (-want +got):\n%s", diff)
		}
		suspended := coreWith(t, environment).mustData("landlord_fleet_drift", values{"status": "suspended", "template": "shop", "server": "", "details": true})
		checkDetails(t, suspended["tenants"].(values)[slug(1)].(values)) //nolint:forcetypeassert // the schema says so
		if diff := cmp.Diff([]any{slug(1)}, suspended["slugs"]); diff != "" {
			t.Errorf("suspended (-want +got):\n%s", diff)
		}
	})
}

func checkFleet(t *testing.T, s *mysqltest.Server, found values) {
	t.Helper()
	counts := values{"tenants": "4", "in_sync": "0", "drifted": "2", "interrupted": "1", "missing": "1", "unreadable": "0"}
	if diff := cmp.Diff(counts, found["counts"]); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	change := func(object, kind, detail string, harm, reason any) values {
		return values{
			"object": object, "element": nil, "kind": kind, "detail": detail, "harm": harm, "harm_reason": reason, "customization": nil, "expected": nil, "actual": nil,
			"repair_sql": nil, "repair_obstacle": nil, "adopt_hcl": nil, "adopt_obstacle": nil,
		}
	}
	tenant := func(slug, status, state string, harm any, changes ...any) values {
		return values{
			"database_name": s.Prefix + slug, "server": nil, "template": "shop@1.0.0", "status": status, "state": state, "problem": nil,
			"harm": harm, "changes": append([]any{}, changes...), "repair_sql": nil, "adopt_hcl": nil,
		}
	}
	want := values{
		"f00": tenant("f00", "active", "interrupted", nil),
		"f01": tenant("f01", "suspended", "drifted", nil,
			change("table `users`", "changed", "differs from what was recorded", nil, nil),
			change("view `v`", "extra", "on the server, but never recorded", "harmless", "Nothing that was recorded needs it or is refused by it.")),
		"f02": tenant("f02", "active", "drifted", "breaks_core",
			change("table `users`", "missing", "recorded, but the server has it no longer", "breaks_core", "Statements that name it fail.")),
		"f03": tenant("f03", "active", "missing", nil),
	}
	if diff := cmp.Diff(want, found["tenants"]); diff != "" {
		t.Errorf("tenants (-want +got):\n%s", diff)
	}
}

func checkDetails(t *testing.T, tenant values) {
	t.Helper()
	changes, ok := tenant["changes"].([]any)
	if !ok || len(changes) != 2 {
		t.Fatalf("changes: %v", tenant["changes"])
	}
	column := changes[0].(values) //nolint:forcetypeassert // the schema says so
	if column["element"] != "column `note`" || column["harm"] != "harmless" || tenant["harm"] != "harmless" || tenant["repair_sql"] == nil || tenant["adopt_hcl"] == nil {
		t.Errorf("details: %v", tenant)
	}
}

// TestFleetDrift_unreachable has one server that nobody answers at: its tenants
// are reported, the others are compared.
func TestFleetDrift_unreachable(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	for _, slug := range []string{"here", "there", "lost"} {
		c.must("landlord_tenant", nil, acme(values{"slug": slug}))
	}
	execIn(t, s, "here", "DROP TABLE users")
	s.Exec(t, "UPDATE "+s.LandlordDatabase+".tenants SET server='eu' WHERE slug='there'", "UPDATE "+s.LandlordDatabase+".tenants SET server='us' WHERE slug='lost'")
	next := newCore(t, environmentOf(s))
	config := values{"servers": values{"eu": values{"endpoint": "127.0.0.1:1", "username": "x", "password": "y"}}}
	if diagnostics := next.configure(config); len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	found := next.mustData("landlord_fleet_drift", values{})
	tenants := found["tenants"].(values)                                                               //nolint:forcetypeassert // the schema says so
	there, lost, here := tenants["there"].(values), tenants["lost"].(values), tenants["here"].(values) //nolint:forcetypeassert // the schema says so
	if there["state"] != "unreadable" || !strings.HasPrefix(text(t, there, "problem"), "Connect to `127.0.0.1:1`: ") {
		t.Errorf("on a server that is down: %v", there)
	}
	if lost["state"] != "unreadable" || !strings.HasPrefix(text(t, lost, "problem"), "Server is not configured. ") {
		t.Errorf("on a server that is not configured: %v", lost)
	}
	if here["state"] != "drifted" {
		t.Errorf("on a server that answers: %v", here)
	}
}
