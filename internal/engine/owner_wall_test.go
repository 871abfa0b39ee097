package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestOwner_dynamicSQL calls, as an application of a tenant, procedures that run
// any text: what a template would have if no guard had read it. The texts have
// the rights of the owner of the tenant's programs, which end at its database.
func TestOwner_dynamicSQL(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		_, acme := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0"})
		_, beta := create(t, e, landlord.TenantSpec{Slug: "beta", Name: "beta", Template: "shop@1.0.0"})
		must(t, e.Send(t.Context(), acme.DatabaseName, "CREATE PROCEDURE dyn(q TEXT) BEGIN SET @q = q; PREPARE s FROM @q; EXECUTE s; DEALLOCATE PREPARE s; END"))
		app, password := s.Prefix+"app", "Tr-0ub4dor-x"
		s.Exec(t, "CREATE USER "+app+" IDENTIFIED BY '"+password+"'", "GRANT EXECUTE ON "+mysqltest.QuoteName(strings.ReplaceAll(acme.DatabaseName, "_", `\_`))+".* TO "+app)
		db := s.Open(t, app, password, acme.DatabaseName)
		call := func(sql string) error {
			_, err := db.ExecContext(t.Context(), "CALL dyn(?)", sql)
			return err
		}
		for _, own := range []string{"SELECT COUNT(*) FROM customers", "TRUNCATE TABLE orders", "ALTER TABLE customers ADD COLUMN x INT", "CREATE TEMPORARY TABLE y (a INT)"} {
			if err := call(own); err != nil {
				t.Errorf("%s: %v", own, err)
			}
		}
		for _, other := range []string{
			"SELECT * FROM " + beta.DatabaseName + ".customers", "DELETE FROM " + beta.DatabaseName + ".customers", "CREATE TABLE " + beta.DatabaseName + ".x (a INT)",
			"SELECT * FROM " + s.LandlordDatabase + ".tenants", "UPDATE " + s.LandlordDatabase + ".tenants SET name = 'x'", "SELECT * FROM mysql.user",
			"CREATE USER " + s.Prefix + "x", "GRANT ALL ON " + beta.DatabaseName + ".* TO " + app, "GRANT SELECT ON " + acme.DatabaseName + ".* TO " + app,
			"SET GLOBAL max_connections = 1000", "SELECT 'x' INTO OUTFILE '/tmp/" + s.Prefix + "x'", "SELECT LOAD_FILE('/etc/passwd') INTO @x", "CREATE DATABASE " + s.Prefix + "x",
		} {
			if err := call(other); err == nil && !strings.Contains(other, "LOAD_FILE") {
				t.Errorf("%s is not refused", other)
			}
		}
		var got *string
		must(t, db.QueryRowContext(t.Context(), "SELECT @x").Scan(&got))
		if got != nil {
			t.Errorf("a file was read: %d bytes", len(*got))
		}
		for _, row := range s.QueryRows(t, "SELECT User, Host, account_locked FROM (SELECT User, Host, "+locked(s)+" AS account_locked FROM "+accounts(s)+") a WHERE User LIKE '"+s.LandlordDatabase+`_owner_%'`) {
			if row[2] != "Y" {
				t.Errorf("%s@%s is not locked", row[0], row[1])
			}
		}
	})
}

// locked tells of an account whether it is locked, in a row of accounts.
func locked(s *mysqltest.Server) string {
	if s.Kind.IsMariaDB() {
		return "IF(JSON_VALUE(Priv, '$.account_locked') IN ('1', 'true'), 'Y', 'N')"
	}
	return "account_locked"
}

func accounts(s *mysqltest.Server) string {
	if s.Kind.IsMariaDB() {
		return "mysql.global_priv"
	}
	return "mysql.user"
}

// TestOwner_accounts administers an estate with two accounts of the provider in
// turn: neither sees a change in what the other has made.
func TestOwner_accounts(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		var starts []func() *engine.Engine
		for range 2 {
			account, password := s.ProviderAccount(t)
			starts = append(starts, func() *engine.Engine {
				return engineOn(t, s, func(c *landlord.Config) { c.Main.Username, c.Main.Password = account, password })
			})
		}
		spec := func(version string) landlord.TemplateSpec {
			out := shop(version)
			out.Core["003_programs.sql"] = "CREATE PROCEDURE tidy() DELETE FROM orders WHERE total < 0 AND '" + version + "' <> '';\n" +
				"CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO DELETE FROM orders WHERE total < 0;\n"
			if version != "1.0.0" {
				out.Core["003_programs.sql"] += "CREATE VIEW customers_of AS SELECT id FROM customers;\n"
			}
			return out
		}
		to := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0"}
		publish(t, starts[0](), spec("1.0.0"))
		_, tenant := create(t, starts[0](), to)
		owned(t, s, tenant.DatabaseName, 3)
		for i, version := range []string{"1.1.0", "1.2.0"} {
			e := starts[1-i]()
			tenant = noDrift(t, e, "acme")
			p := prior(tenant)
			same, err := e.PlanTenant(t.Context(), to, &p)
			if err != nil || same.HasWork() {
				t.Fatalf("%+v, %s", same, said(err))
			}
			publish(t, e, spec(version))
			to.Template = "shop@" + version
			_, tenant, err = update(t.Context(), e, to, tenant)
			if err != nil {
				t.Fatal(explain(err))
			}
			owned(t, s, tenant.DatabaseName, 4)
			noDrift(t, starts[i](), "acme")
		}
	})
}

// TestOwner_drift gives a program to another account: that is drift, which tells
// how it is undone and which a policy repairs, and no other difference.
func TestOwner_drift(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, store("1.0.0"))
		to := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "store@1.0.0"}
		_, tenant := create(t, e, to)
		other := s.Prefix + "other"
		s.Exec(t, "CREATE USER "+other)
		database := tenant.DatabaseName
		const names = "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci" // as the sessions of the provider have it
		view := "ALTER DEFINER = " + other + " VIEW order_totals AS SELECT customer_id, SUM(total) AS total FROM orders GROUP BY customer_id"
		runIn(t, s, database, names, view, "ALTER DEFINER = "+other+" EVENT nightly ENABLE")
		found, err := engineOn(t, s).Drift(t.Context(), "acme", true)
		if err != nil {
			t.Fatal(explain(err))
		}
		owner := "`" + s.LandlordDatabase + "_owner_acme`@`localhost`"
		if len(found.Differences) != 2 || found.State != drift.DriftFound || len(found.RepairObstacles) > 0 {
			t.Fatalf("%+v", found)
		}
		for i, object := range []string{"event `nightly`", "view `order_totals`"} {
			d := found.Differences[i]
			if d.Object != object || d.Kind != landlord.DifferenceDefiner || d.Expected != owner || d.Harm != landlord.HarmNone ||
				d.Detail != "its definer is `"+other+"@%`, not the owner account of the database" || !strings.Contains(d.RepairSQL, "DEFINER="+owner) {
				t.Errorf("%+v", d)
			}
		}
		fleet, err := engineOn(t, s).FleetDrift(t.Context(), drift.FleetFilter{})
		must(t, err)
		if len(fleet.Tenants) != 1 || len(fleet.Tenants[0].Differences) != 2 {
			t.Errorf("%+v", fleet)
		}
		now, err := engineOn(t, s).Tenant(t.Context(), "acme")
		must(t, err)
		if len(now.Drift) != 2 {
			t.Errorf("%+v", now.Drift)
		}
		to.DriftPolicy = landlord.DriftFail
		_, _, err = update(t.Context(), engineOn(t, s), to, now)
		wantProblem(t, err, "Tenant schema has drifted [drift_policy]\nTenant `acme` differs from what was recorded, and its drift policy is `fail`:\n"+
			"event `nightly`: definer\nview `order_totals`: definer\n\n"+
			"Undo the changes, apply `drift_policy = \"repair\"`, or take the changes into the template.")
		to.DriftPolicy = landlord.DriftRepair
		plan, _, err := update(t.Context(), engineOn(t, s), to, now)
		if err != nil || len(plan.Steps) != 2 {
			t.Fatalf("%+v, %s", plan, said(err))
		}
		owned(t, s, database, 5)
		noDrift(t, engineOn(t, s), "acme")

		runIn(t, s, database, names, view)
		found, err = engineOn(t, s).Drift(t.Context(), "acme", false)
		must(t, err)
		repair(t, s, database, found.RepairSQL)
		owned(t, s, database, 5)
		noDrift(t, engineOn(t, s), "acme")
	})
}

// TestOwner_rights plans with an account that may not make owner accounts: the
// plan says what needs one, and with which statements it may; then it may.
func TestOwner_rights(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		account, password := s.ProviderAccount(t)
		s.Exec(t, "REVOKE ALL PRIVILEGES, GRANT OPTION FROM "+account)
		pattern := func(prefix string) string { return "`" + strings.ReplaceAll(prefix, "_", `\_`) + "%`.*" }
		s.Exec(t, "GRANT ALL PRIVILEGES ON "+s.LandlordDatabase+".* TO "+account+" WITH GRANT OPTION",
			"GRANT ALL PRIVILEGES ON "+pattern(s.LandlordDatabase+"_")+" TO "+account+" WITH GRANT OPTION", "GRANT ALL PRIVILEGES ON "+pattern(s.Prefix)+" TO "+account)
		start := func() *engine.Engine {
			return engineOn(t, s, func(c *landlord.Config) { c.Main.Username, c.Main.Password = account, password })
		}
		template := shop("1.0.0")
		template.Core["003.sql"] = "CREATE PROCEDURE tidy() DELETE FROM orders WHERE total < 0;"
		publish(t, engineOn(t, s), template)
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0"}
		_, err := start().PlanTenant(t.Context(), spec, nil)
		to := " TO `" + account + "`@`%`"
		grants := []string{"GRANT CREATE USER, SET_ANY_DEFINER, SHOW_ROUTINE ON *.*" + to}
		if s.Kind.IsMariaDB() {
			grants = []string{"GRANT CREATE USER, SET USER ON *.*" + to}
			if s.Kind == "mariadb-10.11" {
				grants = append(grants, "GRANT SELECT ON `mysql`.`proc`"+to)
			}
		}
		grants = append(grants, "GRANT ALL PRIVILEGES ON "+pattern(s.Prefix)+to+" WITH GRANT OPTION")
		wantProblem(t, err, "Account of the provider lacks rights [template]\n"+
			"Programs of database `"+s.Prefix+"acme` belong to its owner account `"+s.LandlordDatabase+"_owner_acme`@`localhost`, which has rights on that database alone and cannot log in: view `order_totals`, procedure `tidy`.\n\n"+
			"The account of the provider may not make it so. Nothing was run. Grant, as an administrator:\n\n"+strings.Join(grants, ";\n")+";\n\n"+
			"Or set `execution_account = \"own\"` in the provider: then programs belong to its account, and run with all its rights.")
		if got := ownersOf(t, s); len(got) > 0 {
			t.Errorf("planning has made %v", got)
		}
		s.Exec(t, grants...)
		_, tenant := create(t, start(), spec)
		owned(t, s, tenant.DatabaseName, 2)
		noDrift(t, start(), "acme")
	})
}

// TestOwner_gone drops the owner account of a tenant by hand. MariaDB lets the next
// apply make it again, MySQL with a privilege that the error names.
func TestOwner_gone(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		account, password := s.ProviderAccount(t)
		start := func() *engine.Engine {
			return engineOn(t, s, func(c *landlord.Config) { c.Main.Username, c.Main.Password = account, password })
		}
		publish(t, start(), shop("1.0.0"))
		next := shop("1.1.0")
		next.Core["003.sql"] = "CREATE VIEW more AS SELECT id FROM customers;"
		publish(t, start(), next)
		to := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0"}
		_, tenant := create(t, start(), to)
		owner := "`" + s.LandlordDatabase + "_owner_acme`@`localhost`"
		s.Exec(t, "DROP USER "+owner)
		to.Template = "shop@1.1.0"
		_, _, err := update(t.Context(), start(), to, tenant)
		if !s.Kind.IsMariaDB() {
			grant := "GRANT ALLOW_NONEXISTENT_DEFINER ON *.* TO `" + account + "`@`%`"
			wantProblem(t, err, "Owner account is gone []\nThe programs of database `"+tenant.DatabaseName+"` belong to the account "+owner+", which somebody has dropped: they fail when they are used.\n\n"+
				"Cause: Operation CREATE USER failed for '"+s.LandlordDatabase+"_owner_acme'@'localhost' as it is referenced as a definer account in a view.\n\n"+
				"To let the next apply make it again, grant, as an administrator:\n"+grant+";")
			s.Exec(t, grant)
			if tenant, err = start().Tenant(t.Context(), "acme"); err == nil {
				_, _, err = update(t.Context(), start(), to, tenant)
			}
		}
		if err != nil {
			t.Fatal(explain(err))
		}
		owned(t, s, tenant.DatabaseName, 2)
		if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+tenant.DatabaseName+".order_totals"); rows[0][0] != "0" {
			t.Error(rows)
		}
	})
}

// TestOwner_statements counts what owner accounts add to what is sent: nothing
// without programs, a few where the account is made, one question for each look later.
func TestOwner_statements(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		log := s.Record(t)
		start := func() *engine.Engine {
			return engineOn(t, s, func(c *landlord.Config) { c.Main.Username, c.Main.Password = log.Username, log.Password })
		}
		sent := func() (out []string) {
			for _, sql := range log.Statements(t) {
				if word := strings.Join(strings.Fields(sql)[:min(2, len(strings.Fields(sql)))], " "); strings.Contains(sql, "_owner_acme") && !strings.Contains(sql, "DEFINER=") {
					out = append(out, word)
				}
			}
			log.Reset(t)
			return out
		}
		bare := landlord.TemplateSpec{Name: "growing", Version: "1.0.0", Core: map[string]string{"1.sql": "CREATE TABLE t (id INT PRIMARY KEY);"}}
		publish(t, start(), bare)
		for _, version := range []string{"1.1.0", "1.2.0"} {
			bare.Version = version
			bare.Core = map[string]string{"1.sql": bare.Core["1.sql"] + "CREATE VIEW v" + strings.ReplaceAll(version, ".", "_") + " AS SELECT id FROM t;"}
			publish(t, start(), bare)
		}
		to := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "growing@1.0.0"}
		_, tenant := create(t, start(), to)
		if got := sent(); len(got) > 0 {
			t.Errorf("without programs: %q", got)
		}
		// Plans ask for all owner accounts at once; before it is used each is looked at.
		look := "SELECT u.User,"
		for i, want := range [][]string{{look, "CREATE USER", "GRANT SELECT,"}, {look}} {
			to.Template = []string{"growing@1.1.0", "growing@1.2.0"}[i]
			var err error
			if _, tenant, err = update(t.Context(), start(), to, tenant); err != nil {
				t.Fatal(explain(err))
			}
			if diff := cmp.Diff(want, sent()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", to.Template, diff)
			}
		}
	})
}
