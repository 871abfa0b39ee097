package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// beforeOwners makes a tenant as a provider without owner accounts has left it:
// programs of every kind, three triggers in an order, and a right on a routine.
func beforeOwners(t *testing.T, s *mysqltest.Server, slugs ...string) (landlord.TenantSpec, []*landlord.Tenant) {
	t.Helper()
	old, err := engine.NewWithoutOwners(landlord.Config{
		Main:     engine.ServerConfig{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password, MaxConnections: 1},
		Database: s.LandlordDatabase, Prefix: s.Prefix, Version: "test",
	})
	must(t, err)
	defer func() { _ = old.Close() }()
	template := store("1.0.0")
	template.Core["005_more.sql"] = "CREATE TRIGGER a_second AFTER INSERT ON orders FOR EACH ROW FOLLOWS orders_log INSERT INTO log (what) VALUES ('second');\n" +
		"CREATE TRIGGER a_first AFTER INSERT ON orders FOR EACH ROW PRECEDES orders_log INSERT INTO log (what) VALUES ('first');\n" +
		"CREATE EVENT paused ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM log WHERE id < 0;\n" +
		"CREATE VIEW doubles AS SELECT customer_id, total FROM order_totals;"
	publish(t, old, template)
	spec := landlord.TenantSpec{Name: "Acme", Template: "store@1.0.0"}
	var tenants []*landlord.Tenant
	for _, slug := range slugs {
		spec.Slug = slug
		_, tenant := create(t, old, spec)
		tenants = append(tenants, tenant)
		app := s.Prefix + slug
		s.Exec(t, "CREATE USER "+app+" IDENTIFIED BY 'Tr-0ub4dor-x'", "GRANT EXECUTE ON FUNCTION "+tenant.DatabaseName+".doubled TO "+app)
	}
	s.Exec(t, "DROP TABLE "+s.LandlordDatabase+".landlord_settings", "DELETE FROM "+s.LandlordDatabase+".landlord_versions WHERE version >= 6")
	return spec, tenants
}

// state is everything of the programs of a database but their definers.
func programs(t *testing.T, s *mysqltest.Server, database string) string {
	t.Helper()
	var out strings.Builder
	for _, query := range []string{
		"SELECT TRIGGER_NAME, ACTION_ORDER, ACTION_STATEMENT, SQL_MODE FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? ORDER BY 1",
		"SELECT ROUTINE_NAME, ROUTINE_DEFINITION, SQL_MODE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? ORDER BY 1",
		"SELECT EVENT_NAME, STATUS, STARTS, INTERVAL_VALUE, TIME_ZONE, SQL_MODE, EVENT_DEFINITION FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? ORDER BY 1",
		"SELECT TABLE_NAME, VIEW_DEFINITION, SECURITY_TYPE FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ? ORDER BY 1",
		"SELECT User, Routine_name, Proc_priv FROM mysql.procs_priv WHERE Db = ? AND User NOT LIKE '" + s.LandlordDatabase + `_%' ORDER BY 1, 2`,
	} {
		for _, row := range s.QueryRows(t, query, database) {
			fmt.Fprintln(&out, strings.Join(row, " | "))
		}
	}
	return out.String()
}

// TestOwner_upgrade moves the programs of tenants that were made before there
// were owner accounts, as the plan shows it.
func TestOwner_upgrade(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		spec, tenants := beforeOwners(t, s, "acme", "beta")
		before := programs(t, s, tenants[0].DatabaseName)
		e := engineOn(t, s)
		want := []string{
			"LOCK TABLES `orders` WRITE", "DROP TRIGGER `a_first`",
			"CREATE TRIGGER `a_first` AFTER INSERT ON `orders` FOR EACH ROW PRECEDES `orders_log` INSERT INTO log (what) VALUES ('first')", "UNLOCK TABLES",
			"LOCK TABLES `orders` WRITE", "DROP TRIGGER `a_second`",
			"CREATE TRIGGER `a_second` AFTER INSERT ON `orders` FOR EACH ROW FOLLOWS `orders_log` INSERT INTO log (what) VALUES ('second')", "UNLOCK TABLES",
		}
		if s.Kind.IsMariaDB() {
			want = []string{"CREATE OR REPLACE TRIGGER `a_first` AFTER INSERT ON `orders` FOR EACH ROW PRECEDES `orders_log` INSERT INTO log (what) VALUES ('first')"}
		}
		for i, slug := range []string{"acme", "beta"} {
			spec.Slug = slug
			plan, tenant, err := update(t.Context(), e, spec, tenants[i])
			must(t, err)
			var texts []string
			for _, step := range plan.Steps {
				texts = append(texts, step.SQL)
			}
			if !strings.Contains(strings.Join(texts, "\n"), strings.Join(want, "\n")) || plan.Verdict != "auto" {
				t.Errorf("the plan, %s:\n%s", plan.Verdict, strings.Join(texts, "\n"))
			}
			owned(t, s, tenant.DatabaseName, 9)
			if diff := cmp.Diff(strings.ReplaceAll(before, s.Prefix+"acme", tenant.DatabaseName), programs(t, s, tenant.DatabaseName)); diff != "" {
				t.Errorf("%s has changed (-before +after):\n%s", slug, diff)
			}
			noDrift(t, engineOn(t, s), slug)
			again, _, err := update(t.Context(), engineOn(t, s), spec, tenant)
			must(t, err)
			if again.HasWork() {
				t.Errorf("there is more to do: %v", again.Steps)
			}
		}
	})
}

// TestOwner_upgradeKilled kills the upgrade at every point: the next run goes on,
// and no trigger is missing or in another place afterwards.
func TestOwner_upgradeKilled(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		every := 3
		if s.Kind.IsMariaDB() { // which replaces in one statement
			every = 7
		}
		points := 0
		for point := 1; ; point += every {
			slug := fmt.Sprint("k", point)
			spec, tenants := beforeOwners(t, s, slug)
			database, p := tenants[0].DatabaseName, prior(tenants[0])
			before := programs(t, s, database)
			v := victim{Config: landlord.Config{
				Main:     engine.ServerConfig{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password},
				Database: s.LandlordDatabase, Prefix: s.Prefix,
			}, Spec: spec, Prior: &p, Kill: point}
			killed := v.run(t)
			half, err := engineOn(t, s).Tenant(t.Context(), slug)
			must(t, err)
			_, _, err = update(t.Context(), engineOn(t, s), spec, half)
			if err != nil {
				t.Fatalf("point %d: %s", point, explain(err))
			}
			owned(t, s, database, 9)
			if diff := cmp.Diff(before, programs(t, s, database)); diff != "" {
				t.Fatalf("point %d (-before +after):\n%s", point, diff)
			}
			noDrift(t, engineOn(t, s), slug)
			if points++; !killed {
				break
			}
		}
		if points < 3 {
			t.Errorf("%d points", points)
		}
	})
}

// TestOwner_upgradeBroken moves the programs of a tenant but one that no longer
// works, because somebody has dropped what it reads.
func TestOwner_upgradeBroken(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		spec, tenants := beforeOwners(t, s, "acme")
		s.Exec(t, "DROP VIEW "+tenants[0].DatabaseName+".order_totals")
		now, err := engineOn(t, s).Tenant(t.Context(), "acme")
		must(t, err)
		plan, after, err := update(t.Context(), engineOn(t, s), spec, now)
		if err != nil {
			t.Fatal(explain(err))
		}
		for program, definer := range definers(t, s, after.DatabaseName) {
			if (program == "view doubles") == strings.HasPrefix(definer, s.LandlordDatabase+"_owner_acme@") {
				t.Errorf("%s belongs to %s", program, definer)
			}
		}
		if s.Kind.IsMariaDB() { // to which a view that does not work is another one
			return
		}
		remarks(t, s, plan.Notes, "Program stays with the account of the provider [template]\n"+
			"View `doubles` cannot be made anew, so it does not get the owner account of its database as its definer: Table 'order_totals' doesn't exist\n"+
			"Correct or drop it, and plan again.")
	})
}
