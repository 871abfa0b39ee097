package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// reaching are statements that reach out of the database that they run in: into
// {other}, a neighbor, and {landlord}, the landlord database.
func reaching() []string {
	return []string{
		"UPDATE customers AS begin, {other}.canary AS x SET x.n = 666",
		"INSERT INTO customers (email) SELECT v FROM {other}.secrets",
		"INSERT INTO {other}.canary VALUES (666)",
		"REPLACE INTO {other}.canary SELECT 666",
		"DELETE FROM {other}.canary",
		"DELETE c FROM {other}.canary AS c",
		"DELETE FROM {landlord}.tenants",
		"UPDATE {landlord}.tenants SET name = 'OWNED'",
		"INSERT INTO customers (email) SELECT name FROM {landlord}.tenants",
		"INSERT INTO customers (email) SELECT User FROM mysql.user",
		"INSERT INTO customers (email) SELECT LOAD_FILE('/etc/hostname') FROM mysql.db LIMIT 1",
		"SELECT 1 INTO OUTFILE '{file}'",
		"SET GLOBAL max_connect_errors = 12345",
		"CREATE USER {prefix}evil",
		"GRANT SELECT ON {other}.* TO CURRENT_USER()",
		"CREATE DATABASE {prefix}evil",
		"DROP DATABASE {other}",
		"DROP TABLE {other}.canary",
		"DROP TABLE IF EXISTS {other}.canary",
		"TRUNCATE TABLE {other}.canary",
		"ALTER TABLE {other}.canary ADD evil INT",
		"RENAME TABLE {other}.canary TO {other}.evil",
		"CREATE TABLE {other}.evil (a INT)",
		"CREATE TABLE evil AS SELECT * FROM {other}.secrets",
		"CREATE TABLE evil LIKE {other}.secrets",
		"CREATE INDEX evil ON {other}.canary (n)",
		"CREATE VIEW {other}.evil AS SELECT 1",
		"CREATE PROCEDURE {other}.evil() SELECT 1",
		"DROP PROCEDURE {other}.harmless",
		"CALL {other}.harmless()",
	}
}

// hostileWorld is a server with a neighbor that texts may try to reach.
type hostileWorld struct {
	*mysqltest.Server
	other, file string
}

func newHostileWorld(t *testing.T, s *mysqltest.Server) *hostileWorld {
	t.Helper()
	w := &hostileWorld{Server: s, other: s.Prefix + "other", file: filepath.Join(t.TempDir(), "evil")}
	s.Exec(t, "CREATE DATABASE "+w.other, "CREATE TABLE "+w.other+".canary (n INT)", "INSERT INTO "+w.other+".canary VALUES (1)",
		"CREATE TABLE "+w.other+".secrets (v VARCHAR(20))", "INSERT INTO "+w.other+".secrets VALUES ('secret')", "CREATE PROCEDURE "+w.other+".harmless() UPDATE "+w.other+".canary SET n = 2")
	return w
}

// text puts the names of this world into a statement.
func (w *hostileWorld) text(sql string) string {
	return strings.NewReplacer("{other}", w.other, "{landlord}", w.LandlordDatabase, "{prefix}", w.Prefix, "{file}", w.file).Replace(sql)
}

// look tells everything outside of the tenant that a text could have changed.
func (w *hostileWorld) look(t *testing.T) string {
	t.Helper()
	var out []string
	for _, query := range []string{
		"SELECT n FROM " + w.other + ".canary", "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '" + w.other + "' ORDER BY 1",
		"SELECT COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = '" + w.other + "'", "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '" + w.other + "'",
		"SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '" + w.other + "' ORDER BY 1",
		"SELECT slug, name, status FROM " + w.LandlordDatabase + ".tenants ORDER BY 1",
		"SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '" + w.Prefix + "%' ORDER BY 1",
		"SELECT User FROM mysql.user WHERE User LIKE '" + w.Prefix + "%' OR User LIKE '" + w.LandlordDatabase + "%' ORDER BY 1",
		"SELECT @@global.max_connect_errors",
	} {
		out = append(out, fmt.Sprint(w.QueryRows(t, query)))
	}
	if _, err := os.Stat(w.file); err == nil {
		out = append(out, "a file was written")
	}
	return strings.Join(out, "\n")
}

// TestExecution_seeds runs seeds past a guard that is off, in a scratch database
// and in a tenant that no scratch database came before: nothing of them reaches
// out, and no account is left.
func TestExecution_seeds(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		w := newHostileWorld(t, s)
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		create(t, e, landlord.TenantSpec{Slug: "victim", Name: "victim", Template: "shop@1.0.0"})
		before := w.look(t)
		for i, sql := range reaching() {
			spec := shop("1.0.0")
			spec.Name = fmt.Sprintf("evil%d", i)
			if slices.Contains([]string{"CREATE", "DROP", "ALTER", "TRUNC", "RENAM"}, sql[:min(5, len(sql))]) {
				spec.Core["009_evil.sql"] = w.text(sql) + ";"
			} else {
				spec.Seeds["009_evil.sql"] = w.text(sql) + ";"
			}
			e := engineOn(t, s)
			e.Unguard()
			if _, err := e.PlanTemplate(t.Context(), spec); err == nil && !leftOut(sql) {
				t.Errorf("the scratch database took %s", sql)
			}
			e = engineOn(t, s, func(c *landlord.Config) { c.Rendering = landlord.RenderingParser })
			e.Unguard()
			tryTenant(t, e, spec, leftOut(sql))
			if after := w.look(t); after != before {
				t.Fatalf("%s reached out. Before:\n%s\nAfter:\n%s", sql, before, after)
			}
		}
	})
}

// leftOut says whether a template is read without a statement: dumps have it.
func leftOut(sql string) bool {
	return strings.Contains(sql, " DATABASE ") || strings.Contains(sql, " IF EXISTS ") || strings.HasPrefix(sql, "TRUNCATE ")
}

// tryTenant makes a tenant of a template that only a parser has seen. It has to
// fail, and the tenant goes again.
func tryTenant(t *testing.T, e *engine.Engine, spec landlord.TemplateSpec, works bool) {
	t.Helper()
	if _, err := e.PlanTemplate(t.Context(), spec); err != nil {
		return // no template at all
	}
	_, _ = e.PublishTemplate(t.Context(), spec)
	tenant := landlord.TenantSpec{Slug: spec.Name, Name: spec.Name, Template: spec.Name + "@" + spec.Version}
	if _, err := e.PlanTenant(t.Context(), tenant, nil); err != nil {
		t.Log(explain(err))
	}
	if _, err := e.CreateTenant(t.Context(), tenant, ""); err == nil && !works {
		t.Errorf("a tenant was made of %s", spec.Name)
	}
	if err := e.DeleteTenant(t.Context(), spec.Name, landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}); err != nil {
		t.Log(explain(err))
	}
	_ = e.DeleteTemplate(t.Context(), spec.Name)
}

// TestExecution_rights plans with an account that may make no accounts: where a
// text would run the plan says which privileges are missing, and with the other
// choice everything works as it is.
func TestExecution_rights(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		account, password := s.ProviderAccount(t)
		pattern := func(name string) string { return "`" + strings.ReplaceAll(name, "_", `\_`) + "%`.*" }
		s.Exec(t, "REVOKE CREATE USER ON *.* FROM "+account, "REVOKE GRANT OPTION ON "+pattern(s.Prefix)+" FROM "+account)
		as := func(who landlord.ExecutionAccount) *engine.Engine {
			return engineOn(t, s, func(c *landlord.Config) {
				c.Main.Username, c.Main.Password, c.ExecutionAccount = account, password, who
			})
		}
		said := func(database string) string {
			return "Account of the provider lacks privileges []\nSQL of templates, customizations and conditions runs as an account that is made for one run and has rights on one database. " +
				"The account `" + account + "`@`%` cannot make one for database `" + database + "` on server `" + s.Endpoint() + "`.\n\n" +
				"Let an administrator run:\nGRANT CREATE USER ON *.* TO `" + account + "`@`%`;\nGRANT ALL PRIVILEGES ON " + pattern(s.Prefix) + " TO `" + account + "`@`%` WITH GRANT OPTION;\n\n" +
				"Or set `execution_account = \"own\"` in the provider: then such SQL runs with all rights of the account of the provider, and nothing but the reading of its text keeps it from other databases."
		}
		_, err := as("").PlanTemplate(t.Context(), shop("1.0.0"))
		if err == nil {
			t.Fatal("it was planned")
		}
		scratch := regexp.MustCompile("`" + s.LandlordDatabase + "_scratch_[0-9a-f]+`").FindString(err.Error())
		wantProblem(t, err, said(strings.Trim(scratch, "`")))
		publish(t, as(landlord.ExecutionOwn), counters("1.0.0", nil))
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "counters@1.0.0"}
		_, err = as("").PlanTenant(t.Context(), spec, nil)
		wantProblem(t, err, said(s.Prefix+"acme"))
		_, tenant := create(t, as(landlord.ExecutionOwn), spec)
		if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+tenant.DatabaseName+".a"); rows[0][0] != "3" {
			t.Errorf("%s rows", rows[0][0])
		}
		noDrift(t, as(""), "acme") // reading needs no account
	})
}

// TestExecution_account asks texts as whom they run.
func TestExecution_account(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		open := func() *engine.Engine {
			e := engineOn(t, s)
			e.Unguard()
			return e
		}
		spec := shop("1.0.0")
		spec.Seeds["002_who.sql"] = "INSERT INTO customers (email) VALUES (CONCAT('seed ', CURRENT_USER()));"
		publish(t, open(), spec)
		_, tenant := create(t, open(), landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0"})
		next := shop("1.1.0")
		next.Seeds = spec.Seeds
		next.Migrations = map[string]string{"1.0.0--1.1.0.sql": "INSERT INTO customers (email) VALUES (CONCAT('script ', CURRENT_USER()));\n" +
			"ALTER TABLE customers ADD COLUMN name VARCHAR(20) NULL;\nUPDATE customers SET name = LEFT(CURRENT_USER(), 20);"}
		next.Core["001_customers.sql"] = strings.Replace(next.Core["001_customers.sql"], "PRIMARY KEY (id)", "name VARCHAR(20) NULL, PRIMARY KEY (id)", 1)
		publish(t, open(), next)
		if _, _, err := update(t.Context(), open(), landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.1.0"}, tenant); err != nil {
			t.Fatal(explain(err))
		}
		rows := s.QueryRows(t, "SELECT email, name FROM "+tenant.DatabaseName+".customers WHERE email LIKE 's%@%' ORDER BY id")
		run := s.LandlordDatabase + "_run_"
		for i, begin := range []string{"seed " + run, "script " + run} {
			if len(rows) < 3 || !strings.HasPrefix(rows[i+1][0], begin) || !strings.HasPrefix(rows[i+1][1], run[:len(run)-1]) {
				t.Errorf("got %v, want %s", rows, begin)
			}
		}
		if rows := s.QueryRows(t, "SELECT User FROM mysql.user WHERE User LIKE '"+run+"%'"); len(rows) > 0 {
			t.Errorf("accounts are left: %v", rows)
		}
	})
}

// TestExecution_copy gives a copy of rows conditions past a guard that is off:
// the source's account sees neither a neighbor nor the landlord database.
func TestExecution_copy(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		w := newHostileWorld(t, s)
		twoTenants(t, s, engineOn(t, s))
		before := w.look(t)
		for _, condition := range []string{
			"id IN (SELECT n FROM {other}.canary)", "EXISTS (SELECT 1 FROM {other}.secrets WHERE v LIKE 's%')", "EXISTS (SELECT 1 FROM {landlord}.tenants)",
			"EXISTS (SELECT 1 FROM mysql.user)", "id IN (SELECT id FROM " + s.Prefix + "into.customers)",
		} {
			e := engineOn(t, s)
			e.Unguard()
			spec := wholeShop(func(c *landlord.DataCopySpec) {
				c.Where = map[string]string{"customers": w.text(condition)}
			})
			plan, err := e.PlanDataCopy(t.Context(), spec)
			if err != nil || len(plan.Notes) == 0 || !strings.Contains(plan.Notes[0].Detail, "denied to user '"+s.LandlordDatabase+"_run_") {
				t.Errorf("planned, %s: %+v, %v", condition, plan, err)
			}
			_, err = e.CopyData(t.Context(), spec)
			if err == nil || !strings.Contains(err.Error(), "denied to user") {
				t.Errorf("%s: %v", condition, err)
			}
			if after := w.look(t); after != before {
				t.Fatalf("%s reached out. Before:\n%s\nAfter:\n%s", condition, before, after)
			}
		}
		if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.Prefix+"into.customers"); rows[0][0] != "0" {
			t.Errorf("%s rows were copied", rows[0][0])
		}
	})
}

// TestExecution_killed kills the process while the server runs a statement of a
// script. The next run ends it first, whatever it still would do, and drops its
// account; then the statement runs exactly once.
func TestExecution_killed(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, counters("1.0.0", nil))
		publish(t, e, counters("1.1.0", map[string]string{"1.0.0--1.1.0.sql": "UPDATE a SET n = n + 1;"}))
		to := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "counters@1.1.0"}
		from := to
		from.Template = "counters@1.0.0"
		_, tenant := create(t, e, from)
		holder, err := s.DB().BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := holder.ExecContext(t.Context(), "SELECT * FROM "+tenant.DatabaseName+".a WHERE id = 2 FOR UPDATE"); err != nil {
			t.Fatal(err)
		}
		cmd := victimOf(s, to, tenant, "").command(t)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		begins := s.LandlordDatabase + "_run_"
		await(t, "the statement waits for the row", func() bool {
			return len(s.QueryRows(t, "SELECT 1 FROM information_schema.PROCESSLIST WHERE USER LIKE ? AND INFO LIKE 'UPDATE a SET%'", begins+"%")) == 1
		})
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		old := s.QueryRows(t, "SELECT User FROM mysql.user WHERE User LIKE ?", begins+"%")
		if len(old) != 1 {
			t.Fatalf("the killed process has left %v", old)
		}
		done := make(chan error, 1)
		go func() {
			half, err := engineOn(t, s).Tenant(t.Context(), "acme")
			if err == nil {
				_, _, err = update(t.Context(), engineOn(t, s), to, half)
			}
			done <- err
		}()
		await(t, "the account of the killed process is gone", func() bool {
			return len(s.QueryRows(t, "SELECT 1 FROM mysql.user WHERE User = ?", old[0][0])) == 0
		})
		if left := s.QueryRows(t, "SELECT 1 FROM information_schema.PROCESSLIST WHERE USER = ?", old[0][0]); len(left) > 0 {
			t.Error("its connection is still there")
		}
		if err := holder.Rollback(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff([][]string{{"1"}, {"1"}, {"1"}}, counted(t, s, "acme", "n")); diff != "" {
			t.Error(diff)
		}
		if left := s.QueryRows(t, "SELECT User FROM mysql.user WHERE User LIKE ?", begins+"%"); len(left) > 0 {
			t.Errorf("accounts are left: %v", left)
		}
	})
}

// await waits until something is so.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
