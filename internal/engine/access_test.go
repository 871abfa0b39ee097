package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// firstPassword is what accounts of tests log in with.
const firstPassword = "Corr3ct-horse-battery"

// accountOf is an account that applications would have.
func accountOf(role landlord.AccountRole) landlord.TenantAccountSpec {
	return landlord.TenantAccountSpec{Tenant: "acme", Hosts: []string{"%"}, Role: role, Password: firstPassword}
}

// give plans and applies an account, and looks at it as the next run does.
func give(t *testing.T, s *mysqltest.Server, spec landlord.TenantAccountSpec, prior string) (*landlord.AccountPlan, *landlord.TenantAccount) {
	t.Helper()
	e := engineOn(t, s)
	plan, err := e.PlanAccount(t.Context(), spec, prior)
	if err != nil {
		t.Fatal(explain(err))
	}
	spec.Name = plan.Name
	made, err := e.ApplyAccount(t.Context(), spec, prior, plan.Statements)
	if err != nil {
		t.Fatal(explain(err))
	}
	next := engineOn(t, s)
	seen, err := next.Account(t.Context(), spec.Tenant, spec.Name)
	if err != nil {
		t.Fatal(explain(err))
	}
	if diff := cmp.Diff(made, seen); diff != "" {
		t.Errorf("the next run sees another account (-made +seen):\n%s", diff)
	}
	spec.NewPassword = false
	again, err := next.PlanAccount(t.Context(), spec, seen.Fingerprint)
	if err != nil || len(again.Statements) > 0 || len(seen.Drift) > 0 || seen.Status != landlord.AccountReady {
		t.Errorf("what was made is not settled: %+v, %+v, %v", again, seen, err)
	}
	return plan, made
}

// withTenants makes a template and two tenants.
func withTenants(t *testing.T, s *mysqltest.Server, slugs ...string) *engine.Engine {
	t.Helper()
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	for _, slug := range slugs {
		create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0"})
	}
	return e
}

// escaped is a name as a GRANT needs it.
func escaped(name string) string { return "`" + strings.ReplaceAll(name, "_", `\_`) + "`" }

// TestAccount_roles logs in as each role and tries what it may, and what it may
// not: the neighbor, the landlord database, the server's own tables, files and
// settings.
func TestAccount_roles(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		withTenants(t, s, "acme", "beta")
		own, other := s.Prefix+"acme", s.Prefix+"beta"
		s.Exec(t, "CREATE PROCEDURE "+own+".p () SELECT 1")
		const reads, writes, changes = 0, 1, 2
		allowed := []struct {
			least int
			sql   string
		}{
			{reads, "SELECT COUNT(*) FROM customers"}, {reads, "SELECT * FROM order_totals"},
			{writes, "INSERT INTO customers (email) VALUES (UUID())"}, {writes, "UPDATE customers SET phone = '1'"}, {writes, "DELETE FROM orders"}, {writes, "CALL p()"},
			{changes, "CREATE TABLE made (a INT)"}, {changes, "ALTER TABLE made ADD b INT, ADD KEY (b)"}, {changes, "CREATE VIEW v AS SELECT * FROM made"},
			{changes, "CREATE PROCEDURE q () SELECT 1"}, {changes, "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DO 1"}, {changes, "DROP EVENT e"},
			{changes, "CREATE TEMPORARY TABLE tmp (a INT)"}, {changes, "DROP PROCEDURE q"}, {changes, "DROP VIEW v"}, {changes, "DROP TABLE made"},
		}
		var denied []string
		for _, name := range []string{other, s.LandlordDatabase} {
			table := map[string]string{other: "customers", s.LandlordDatabase: "tenants"}[name]
			denied = append(denied, "SELECT * FROM "+name+"."+table, "DELETE FROM "+name+"."+table, "INSERT INTO "+name+"."+table+" VALUES ()", "DROP TABLE "+name+"."+table,
				"CREATE TABLE "+name+".n (a INT)", "DROP DATABASE "+name, "USE "+name, "CREATE VIEW v2 AS SELECT * FROM "+name+"."+table,
				"GRANT SELECT ON "+name+".* TO CURRENT_USER()")
		}
		denied = append(denied, "SELECT * FROM mysql.user", "SELECT LOAD_FILE('/etc/passwd') + 1 FROM mysql.db", "SELECT 1 INTO OUTFILE '/tmp/"+s.Prefix+"f'", "SET GLOBAL max_connections = 99",
			"CREATE USER "+s.Prefix+"x", "GRANT SELECT ON "+escaped(own)+".* TO CURRENT_USER()", "CREATE DATABASE "+s.Prefix+"new", "LOAD DATA INFILE '/etc/passwd' INTO TABLE customers",
			"CREATE FUNCTION f RETURNS STRING SONAME 'x.so'", "FLUSH PRIVILEGES", "SHUTDOWN")
		for strength, role := range landlord.AccountRoles() {
			plan, made := give(t, s, accountOf(role), "")
			if made.Name != landlord.DefaultAccountName(own, role) || made.Role != role || made.Locked {
				t.Errorf("made %+v", made)
			}
			name := mysqltest.QuoteName(made.Name) + "@`%`"
			want := []string{"CREATE USER " + name + " IDENTIFIED BY <secret>", "GRANT " + strings.Join(role.Privileges(), ", ") + " ON " + escaped(own) + ".* TO " + name}
			if diff := cmp.Diff(want, plan.Statements); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
			db := s.Open(t, made.Name, firstPassword, own)
			db.SetMaxOpenConns(1) // the temporary table
			for _, a := range allowed {
				if err := run(t.Context(), db, a.sql); (err == nil) != (strength >= a.least) {
					t.Errorf("%s: %s: %v", role, a.sql, err)
				}
			}
			for _, sql := range denied {
				if err := run(t.Context(), db, sql); err == nil {
					t.Errorf("%s may %s", role, sql)
				}
			}
			if names := s.QueryRows(t, "SELECT COUNT(*) FROM "+own+".customers"); names[0][0] == "0" {
				t.Error("the customers are gone")
			}
		}
		events := s.QueryRows(t, "SELECT event, detail FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_events WHERE event LIKE 'account%'")
		if len(events) != 3 || strings.Contains(fmt.Sprint(events), firstPassword) {
			t.Errorf("events: %v", events)
		}
	})
}

// run runs a statement and reads what it gives.
func run(ctx context.Context, db *sql.DB, text string) error {
	rows, err := db.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() { // to its end
	}
	return rows.Err()
}

// logs says whether an account can log in.
func logs(t *testing.T, s *mysqltest.Server, user, password string) bool {
	t.Helper()
	return s.Open(t, user, password, "").PingContext(t.Context()) == nil
}

// TestAccount_rotation changes the password twice while connections are open. The
// one before stays valid where the server keeps two.
func TestAccount_rotation(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		withTenants(t, s, "acme")
		two := !s.Kind.IsMariaDB()
		spec := accountOf(landlord.RoleApplication)
		_, made := give(t, s, spec, "")
		name := mysqltest.QuoteName(made.Name) + "@`%`"
		open := s.Open(t, made.Name, firstPassword, s.Prefix+"acme")
		if err := run(t.Context(), open, "SELECT * FROM customers"); err != nil {
			t.Fatal(err)
		}
		const second, third = "Sec0nd-horse-battery", "Th1rd-horse-battery"
		spec.Name, spec.NewPassword, spec.Password = made.Name, true, second
		plan, made := give(t, s, spec, made.Fingerprint)
		want, note := "ALTER USER "+name+" IDENTIFIED BY <secret> RETAIN CURRENT PASSWORD", ""
		if !two {
			want = strings.TrimSuffix(want, " RETAIN CURRENT PASSWORD")
			note = "Password changes without an overlap [password_wo]\nAccount `" + made.Name + "` of tenant `acme` can have one password only: MariaDB keeps no second one. " +
				"From the apply on, whoever logs in with the former one is refused; connections that are open go on.\n\n" +
				"For a change without a gap make a second account, move the applications to it, and remove this one."
		}
		if diff := cmp.Diff([]string{want}, plan.Statements); diff != "" {
			t.Errorf("statements (-want +got):\n%s", diff)
		}
		if got := written(plan.Notes); got != note {
			t.Errorf("the plan says %q", got)
		}
		if made.FormerPassword != two || logs(t, s, made.Name, firstPassword) != two || !logs(t, s, made.Name, second) {
			t.Errorf("after the first change: %+v", made)
		}
		if err := run(t.Context(), open, "SELECT * FROM customers"); err != nil {
			t.Errorf("the open connection: %v", err)
		}

		spec.Password = second // a run that was cut off behind its statement
		_, made = give(t, s, spec, made.Fingerprint)
		if logs(t, s, made.Name, firstPassword) != two {
			t.Error("setting the same password again has ended the one before")
		}
		spec.Password = third
		_, made = give(t, s, spec, made.Fingerprint)
		if logs(t, s, made.Name, firstPassword) || logs(t, s, made.Name, second) != two || !logs(t, s, made.Name, third) {
			t.Error("after the second change")
		}
		spec.NewPassword, spec.DiscardFormerPassword = false, true
		plan, made = give(t, s, spec, made.Fingerprint)
		if two != (len(plan.Statements) == 1 && plan.Statements[0] == "ALTER USER "+name+" DISCARD OLD PASSWORD") || made.FormerPassword || logs(t, s, made.Name, second) {
			t.Errorf("discarding: %v, %+v", plan.Statements, made)
		}
		spec.NewPassword, spec.Password = true, firstPassword
		plan, made = give(t, s, spec, made.Fingerprint)
		if plan.Statements[0] != "ALTER USER "+name+" IDENTIFIED BY <secret>" || logs(t, s, made.Name, third) || !logs(t, s, made.Name, firstPassword) {
			t.Errorf("a change that discards: %v", plan.Statements)
		}
	})
}

// written writes notes as explain writes errors.
func written(notes []landlord.Note) string {
	var out []string
	for _, n := range notes {
		out = append(out, fmt.Sprintf("%s [%s]\n%s", n.Summary, n.Field, n.Detail))
	}
	return strings.Join(out, "\n---\n")
}

// TestAccount_change changes everything that can be changed, and repairs what
// somebody changed by hand.
func TestAccount_change(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		withTenants(t, s, "acme", "beta")
		own := escaped(s.Prefix+"acme") + ".*"
		spec := accountOf(landlord.RoleMigrator)
		spec.Name = s.Prefix + "app"
		_, made := give(t, s, spec, "")
		name, second := mysqltest.QuoteName(spec.Name)+"@`%`", mysqltest.QuoteName(spec.Name)+"@`127.0.0.1`"
		open := s.Open(t, made.Name, firstPassword, s.Prefix+"acme")
		if err := run(t.Context(), open, "SELECT 1"); err != nil {
			t.Fatal(err)
		}

		spec.Role, spec.Hosts, spec.RequireTLS, spec.MaxUserConnections, spec.Password = landlord.RoleReadOnly, []string{"%", "127.0.0.1"}, true, 7, ""
		plan, made := give(t, s, spec, made.Fingerprint)
		var revokes []string
		for _, p := range []string{"ALTER", "ALTER ROUTINE", "CREATE", "CREATE ROUTINE", "CREATE TEMPORARY TABLES", "CREATE VIEW", "DELETE", "DROP", "EVENT", "EXECUTE", "INDEX",
			"INSERT", "LOCK TABLES", "REFERENCES", "TRIGGER", "UPDATE"} {
			revokes = append(revokes, "REVOKE "+p+" ON "+own+" FROM "+name)
		}
		want := append(append([]string{"ALTER USER " + name + " REQUIRE SSL WITH MAX_USER_CONNECTIONS 7"}, revokes...),
			"CREATE USER "+second+" IDENTIFIED BY <secret> REQUIRE SSL WITH MAX_USER_CONNECTIONS 7", "GRANT SELECT, SHOW VIEW ON "+own+" TO "+second)
		if diff := cmp.Diff(want, plan.Statements); diff != "" {
			t.Errorf("statements (-want +got):\n%s", diff)
		}
		if !made.RequireTLS || made.MaxUserConnections != 7 || made.Role != landlord.RoleReadOnly || len(made.Hosts) != 2 {
			t.Errorf("made %+v", made)
		}
		if run(t.Context(), open, "INSERT INTO customers (email) VALUES ('x')") == nil {
			t.Error("a connection that was open keeps its rights")
		}
		spec.RequireTLS = false
		plan, made = give(t, s, spec, made.Fingerprint)
		if len(plan.Statements) != 2 || !strings.HasSuffix(plan.Statements[1], " REQUIRE NONE") || !logs(t, s, spec.Name, firstPassword) {
			t.Errorf("an account for another host got another password: %v", plan.Statements) // 127.0.0.1 comes before %
		}
		spec.Hosts = []string{"127.0.0.1"}
		plan, made = give(t, s, spec, made.Fingerprint)
		if diff := cmp.Diff([]string{"DROP USER " + name}, plan.Statements); diff != "" {
			t.Errorf("statements (-want +got):\n%s", diff)
		}

		s.Exec(t, "GRANT INSERT ON "+own+" TO "+second, "GRANT SELECT ON "+s.Prefix+"beta.customers TO "+second, "REVOKE SHOW VIEW ON "+own+" FROM "+second, "ALTER USER "+second+" ACCOUNT LOCK",
			"GRANT PROCESS ON *.* TO "+second)
		drifted, err := engineOn(t, s).Account(t.Context(), "acme", spec.Name)
		if err != nil {
			t.Fatal(explain(err))
		}
		beta := mysqltest.QuoteName(s.Prefix+"beta") + ".`customers`"
		drift := []string{second + " is locked", second + " lacks SHOW VIEW ON " + own, second + " has PROCESS ON *.*", second + " has INSERT ON " + own, second + " has SELECT ON " + beta}
		if diff := cmp.Diff(drift, drifted.Drift); diff != "" {
			t.Errorf("drift (-want +got):\n%s", diff)
		}
		_, err = engineOn(t, s).PlanAccount(t.Context(), spec, made.Fingerprint)
		wantProblem(t, err, "Account changed since the plan []\nAccount `"+spec.Name+"` of tenant `acme` was changed by somebody else. Its hosts, rights or limits are not what the last refresh has seen.\n\nNothing was run. Plan again.")
		plan, _ = give(t, s, spec, drifted.Fingerprint)
		want = []string{"REVOKE PROCESS ON *.* FROM " + second, "REVOKE SELECT ON " + beta + " FROM " + second, "GRANT SHOW VIEW ON " + own + " TO " + second,
			"REVOKE INSERT ON " + own + " FROM " + second, "ALTER USER " + second + " ACCOUNT UNLOCK"}
		if diff := cmp.Diff(want, plan.Statements); diff != "" {
			t.Errorf("repair (-want +got):\n%s", diff)
		}
	})
}
