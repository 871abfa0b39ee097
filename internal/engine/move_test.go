package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// moveBed is an estate with a main server and another one of the same kind,
// `eu`, that the test has for itself.
type moveBed struct {
	main   *mysqltest.Server
	eu     *mysqltest.PrivateServer
	config func(*landlord.Config)
}

func newMoveBed(t *testing.T, kind instance.Kind) *moveBed {
	t.Helper()
	w := &moveBed{main: mysqltest.On(t, kind), eu: mysqltest.Private(t, kind, mysqltest.Args("--event-scheduler=ON"))}
	directory := filepath.Join(t.TempDir(), "checkpoints")
	w.config = func(c *landlord.Config) {
		c.Servers = map[string]engine.ServerConfig{"eu": {Endpoint: w.eu.Endpoint(), Username: w.eu.Username, Password: w.eu.Password, MaxConnections: 1}}
		c.CheckpointDirectory, c.CreateDirectory = directory, true
	}
	return w
}

func (w *moveBed) engine(t *testing.T) *engine.Engine {
	t.Helper()
	return engineOn(t, w.main, w.config)
}

// planned plans a change of tenant acme, for a test that does something before it is
// applied.
func (w *moveBed) planned(t *testing.T, spec landlord.TenantSpec) (*engine.Engine, landlord.PriorTenant, *apply.TenantPlan) {
	t.Helper()
	e := w.engine(t)
	tenant, err := e.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	p := prior(tenant)
	plan, err := e.PlanTenant(t.Context(), spec, &p)
	if err != nil {
		t.Fatal(explain(err))
	}
	return e, p, plan
}

// tenant makes a tenant with programs and an account on a server, and returns the
// specification that moves it to the other one.
func (w *moveBed) tenant(t *testing.T, slug, server string) (landlord.TenantSpec, string) {
	t.Helper()
	e := w.engine(t)
	spec := shop("1.0.0")
	spec.Core["004_log.sql"] = "CREATE TABLE orders_log (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id INT NOT NULL);\n" +
		"CREATE TRIGGER orders_ai AFTER INSERT ON orders FOR EACH ROW INSERT INTO orders_log (order_id) VALUES (NEW.id);\n" +
		"CREATE EVENT tick ON SCHEDULE EVERY 1 HOUR DO DELETE FROM orders_log WHERE id < 0;"
	publish(t, e, spec)
	publish(t, e, shopWithout())
	tenant := landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0", Server: server}
	create(t, e, tenant)
	account := w.main.Prefix + slug
	_, err := e.ApplyAccount(t.Context(), landlord.TenantAccountSpec{Tenant: slug, Name: account, Hosts: []string{"%"}, Role: landlord.RoleApplication, Password: firstPassword}, "", nil)
	if err != nil {
		t.Fatal(explain(err))
	}
	return tenant, account
}

// writer writes orders as the application of a tenant, wherever it may log in,
// until it is told to stop. It counts those that a server has confirmed.
type writer struct {
	confirmed []int
	stop      chan struct{}
	done      sync.WaitGroup
}

func (w *moveBed) write(t *testing.T, database, account string) *writer {
	t.Helper()
	pools := []*sql.DB{w.main.Open(t, account, string(firstPassword), database), w.eu.Open(t, account, string(firstPassword), database)}
	wr := &writer{stop: make(chan struct{})}
	wr.done.Go(func() {
		for n := 1000; ; n++ {
			select {
			case <-wr.stop:
				return
			default:
			}
			for _, pool := range pools {
				ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 5*time.Second)
				_, err := pool.ExecContext(ctx, "INSERT INTO orders (id, customer_id) VALUES (?, 1)", n)
				cancel()
				if err == nil {
					wr.confirmed = append(wr.confirmed, n)
					break
				}
			}
			time.Sleep(2 * time.Millisecond)
		}
	})
	return wr
}

// end stops the writer and returns the orders that were confirmed.
func (wr *writer) end() []int {
	close(wr.stop)
	wr.done.Wait()
	return wr.confirmed
}

// checkOrders looks for every order that was confirmed, on `eu`, and what the
// trigger wrote of it. One more may be there: whose connection was ended before
// its confirmation came.
func (w *moveBed) checkOrders(t *testing.T, database string, confirmed []int) int {
	t.Helper()
	there := map[string]bool{}
	for _, row := range w.eu.QueryRows(t, "SELECT o.id FROM "+database+".orders o JOIN "+database+".orders_log l ON l.order_id = o.id") {
		there[row[0]] = true
	}
	for _, id := range confirmed {
		if !there[fmt.Sprint(id)] {
			t.Errorf("order %d was confirmed and is not there", id)
		}
	}
	if len(confirmed) < 20 || len(there) > len(confirmed)+1 {
		t.Errorf("%d orders are there, %d were confirmed", len(there), len(confirmed))
	}
	return len(there)
}

// TestMoveTenant moves a tenant to another server while an application writes to
// it, and back: what was confirmed is there, and everything of the tenant follows.
func TestMoveTenant(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newMoveBed(t, kind)
			spec, account := w.tenant(t, "acme", "")
			database := w.main.Prefix + "acme"
			wr := w.write(t, database, account)
			time.Sleep(200 * time.Millisecond)

			spec.Server = "eu"
			e := w.engine(t)
			before, err := e.Tenant(t.Context(), "acme")
			if err != nil {
				t.Fatal(explain(err))
			}
			plan, after, err := update(t.Context(), e, spec, before)
			if err != nil {
				t.Fatal(explain(err))
			}
			time.Sleep(300 * time.Millisecond)
			confirmed := wr.end()
			w.checkMoved(t, plan.Steps, database)
			note := fmt.Sprintf("Tenant `acme` moves from the main server to server `eu`. Applications cannot reach it from the moment its accounts are locked until it is there, and have to connect to the other server then. "+
				"What the tenant was stays in database `%s_retired_%s_m1` on the main server until somebody drops it; with `allow_destructive = true` it is dropped when the `retention` is over. "+
				"Data that was retired before, and accounts that were not made with `landlord_tenant_account`, do not follow. What else the configuration wants of the tenant shows in the plan after that.",
				w.main.LandlordDatabase, w.main.QueryRows(t, "SELECT id FROM "+w.main.LandlordDatabase+".tenants")[0][0])
			if len(plan.Notes) != 1 || plan.Notes[0].Summary+"\n"+plan.Notes[0].Detail != "Tenant moves to another server\n"+note {
				t.Errorf("notes: %+v", plan.Notes)
			}
			if after.Server != "eu" || len(after.Drift) != 0 || after.UpdateStatus != landlord.UpdateCurrent || after.Template != "shop@1.0.0" {
				t.Errorf("moved: %+v", after)
			}
			orders := w.checkOrders(t, database, confirmed)
			paused := w.eu.QueryRows(t, "SELECT JSON_EXTRACT(detail, '$.paused_ms'), JSON_EXTRACT(detail, '$.rows') FROM "+w.main.LandlordDatabase+".tenant_events WHERE event = 'moved'")
			t.Logf("nobody could write for %s ms while %s rows moved; %d orders were confirmed in all", paused[0][0], paused[0][1], len(confirmed))
			w.checkLeft(t, database, account)
			w.moveBack(t, spec, database, account, orders)
		})
	}
}

// checkMoved compares the statements of the plan.
func (w *moveBed) checkMoved(t *testing.T, steps []landlord.Step, database string) {
	t.Helper()
	id := w.main.QueryRows(t, "SELECT id FROM "+w.main.LandlordDatabase+".tenants")[0][0]
	retired := fmt.Sprintf("`%s_retired_%s_m1`", w.main.LandlordDatabase, id)
	var lines, locks, renames []string
	for _, table := range []string{"customers", "orders", "orders_log"} {
		locks = append(locks, fmt.Sprintf("`%s`.`%s` READ", database, table))
		renames = append(renames, fmt.Sprintf("`%s`.`%s` TO %s.`%s`", database, table, retired, table))
	}
	for i := range steps {
		lines = append(lines, steps[i].Line())
	}
	want := []string{
		"LOCK TABLES " + strings.Join(locks, ", ") + " -- on the main server, after the accounts of the tenant are locked: nobody writes until the tenant is on the other server",
		"CREATE DATABASE `" + database + "` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci -- on server `eu`: a checkpoint of 3 tables is loaded into it and compared; programs, accounts with their passwords and the ledger follow",
		"CREATE DATABASE " + retired + " -- on the main server",
	}
	const aside = " -- on the main server: what the tenant was is set aside without its triggers and events, and compared with the copy"
	if strings.HasPrefix(string(w.main.Kind), "mysql") {
		want = append(want, "RENAME TABLE "+strings.Join(renames, ", ")+aside)
	} else {
		for _, rename := range renames {
			want = append(want, "ALTER TABLE "+strings.Replace(rename, " TO ", " RENAME TO ", 1)+aside)
		}
	}
	want = append(want,
		"DROP DATABASE IF EXISTS `"+database+"` -- on the main server: it holds no table any more")
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
}

// checkLeft looks at what is where after a move to `eu`.
func (w *moveBed) checkLeft(t *testing.T, database, account string) {
	t.Helper()
	there := func(s *mysqltest.Server, query string) string { return fmt.Sprint(s.QueryRows(t, query)) }
	if got := there(w.main, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '"+database+"'"); got != "[[0]]" {
		t.Error("the former database is there by its name")
	}
	if got := there(w.main, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA LIKE '"+w.main.LandlordDatabase+`_retired_%!_m1' ESCAPE '!'`); got != "[[3]]" {
		t.Errorf("set aside are %s tables", got)
	}
	if got := there(w.main, "SELECT COUNT(*) FROM mysql.user WHERE User = '"+account+"'"); got != "[[0]]" {
		t.Error("the account is still on the former server")
	}
	if got := there(w.eu.Server, "SELECT EVENT_NAME, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '"+database+"'"); got != "[[tick ENABLED]]" {
		t.Errorf("events: %s", got)
	}
	history := w.eu.QueryRows(t, "SELECT h.migration_name, h.status, COUNT(s.step) > 5 FROM "+w.main.LandlordDatabase+".tenant_migrations_history h JOIN "+
		w.main.LandlordDatabase+".tenant_migration_steps s ON s.migration_id = h.id JOIN "+w.main.LandlordDatabase+".migration_statements m ON m.sha256 = s.sql_sha256 GROUP BY 1, 2")
	if fmt.Sprint(history) != "[[create done 1]]" {
		t.Errorf("ledger: %v", history)
	}
}

// moveBack updates the tenant where it lives, and moves it back with the word that
// what it was may go: it goes when its time is over.
func (w *moveBed) moveBack(t *testing.T, spec landlord.TenantSpec, database, account string, orders int) {
	t.Helper()
	ctx := t.Context()
	e := w.engine(t)
	tenant, err := e.Tenant(ctx, "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	spec.Template, spec.AllowDestructive = "shop@2.0.0", true
	if _, tenant, err = update(ctx, e, spec, tenant); err != nil {
		t.Fatal(explain(err))
	}
	spec.Server = ""
	_, back, err := update(ctx, w.engine(t), spec, tenant)
	if err != nil {
		t.Fatal(explain(err))
	}
	if back.Server != "" || back.Template != "shop@2.0.0" || len(back.Drift) != 0 {
		t.Errorf("back: %+v", back)
	}
	var n int
	if err := w.main.Open(t, account, string(firstPassword), database).QueryRowContext(ctx, "SELECT COUNT(*) FROM orders").Scan(&n); err != nil || n != orders {
		t.Errorf("the application reads %d orders on the main server, want %d: %v", n, orders, err)
	}
	w.main.Exec(t, "UPDATE "+w.main.LandlordDatabase+".tenant_moves SET expires_at = '2020-01-01'")
	spec.Template = "shop@1.0.0"
	if _, _, err := update(ctx, w.engine(t), spec, back); err != nil { // the main server's are not to go
		t.Fatal(explain(err))
	}
	other := landlord.TenantSpec{Slug: "beta", Name: "Beta", Template: "shop@1.0.0", Server: "eu"}
	last := w.engine(t)
	_, beta := create(t, last, other)
	other.Template, other.AllowDestructive = "shop@2.0.0", true
	if _, _, err := update(ctx, last, other, beta); err != nil {
		t.Fatal(explain(err))
	}
	status := w.main.QueryRows(t, "SELECT from_server, status FROM "+w.main.LandlordDatabase+".tenant_moves ORDER BY id")
	if fmt.Sprint(status) != "[[ done] [eu cleared]]" {
		t.Errorf("moves: %v", status)
	}
	if left := w.eu.QueryRows(t, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '%!_m%' ESCAPE '!' AND SCHEMA_NAME LIKE '%retired%'"); len(left) != 0 {
		t.Errorf("left on the other server: %v", left)
	}
}

// TestMoveTenant_refused refuses in the plan what cannot be the same tenant there.
func TestMoveTenant_refused(t *testing.T) {
	t.Parallel()
	kind := mysqltest.Kinds(t)[0]
	w := newMoveBed(t, kind)
	spec, account := w.tenant(t, "acme", "")
	spec.Server = "eu"
	planned := func(change func(*landlord.Config)) error {
		e := engineOn(t, w.main, w.config, change)
		tenant, err := e.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		p := prior(tenant)
		_, err = e.PlanTenant(t.Context(), spec, &p)
		return err
	}
	wantProblem(t, planned(func(c *landlord.Config) { c.CheckpointDirectory = "" }), "Provider has no checkpoint directory [server]\n"+
		"Tenant `acme` is to move to server `eu`, by way of a checkpoint.\n\nSet `checkpoint_directory` of the provider.")
	wantProblem(t, planned(func(c *landlord.Config) { c.Servers["eu"] = c.Main }), "Tenant cannot move to that server [server]\n"+
		"Tenant `acme` is to move from the main server to server `eu`. Both keys name the same server.\n\n"+
		"Set `server` back. To bring its rows there all the same, create a new tenant on the other server and use `landlord_tenant_data_copy`.")
	w.eu.Exec(t, "CREATE USER `"+account+"`")
	wantProblem(t, planned(func(*landlord.Config) {}), "Account exists on that server [server]\n"+
		"Tenant `acme` is to move to server `eu` with its accounts, and that server has an account `"+account+"`@`%`.\n\nDrop that account, or choose another server.")
	w.eu.Exec(t, "DROP USER `"+account+"`", "CREATE DATABASE "+w.main.Prefix+"acme")
	wantProblem(t, planned(func(*landlord.Config) {}), "Database exists on that server [server]\n"+
		"Tenant `acme` is to move to server `eu`, which has a database `"+w.main.Prefix+"acme`.\n\nLook whose it is; drop it, or choose another server.")
	w.eu.Exec(t, "DROP DATABASE "+w.main.Prefix+"acme")
	w.main.Exec(t, "CREATE DATABASE "+w.main.Prefix+"other", "CREATE TABLE "+w.main.Prefix+"other.visits (id INT PRIMARY KEY, customer INT, CONSTRAINT fk_far FOREIGN KEY (customer) REFERENCES "+w.main.Prefix+"acme.customers (id))")
	wantProblem(t, planned(func(*landlord.Config) {}), "Foreign keys tie the tenant to others [server]\n"+
		"Tenant `acme` is to move to server `eu`, and the foreign key `fk_far` of table `"+w.main.Prefix+"other`.`visits` refers to `"+w.main.Prefix+"acme`.`customers`.\n\nDrop it first.")
	w.main.Exec(t, "DROP TABLE "+w.main.Prefix+"other.visits", "GRANT SELECT ON "+w.main.Prefix+"other.* TO `"+account+"`@`%`")
	wantProblem(t, planned(func(*landlord.Config) {}), "Account has rights beyond its tenant [server]\n"+
		"Tenant `acme` is to move to server `eu` with its accounts, and they may do more than anything in its database.\n\nNothing was touched: others may need these rights.\n\n"+
		"Take them away yourself, and plan again:\nREVOKE SELECT ON `"+w.main.Prefix+"other`.* FROM `"+account+"`@`%`")
	w.main.Exec(t, "REVOKE SELECT ON "+w.main.Prefix+"other.* FROM `"+account+"`@`%`")
	if strings.HasPrefix(string(kind), "mysql") {
		w.eu.Exec(t, "SET GLOBAL partial_revokes = ON")
		wantProblem(t, planned(func(*landlord.Config) {}), "Tenant cannot move to that server [server]\n"+
			"Tenant `acme` is to move from the main server to server `eu`. `partial_revokes` is on at one of them only, so rights on a database whose name holds `_` or `%` would be rights on others.\n\n"+
			"Set `server` back. To bring its rows there all the same, create a new tenant on the other server and use `landlord_tenant_data_copy`.")
		w.eu.Exec(t, "SET GLOBAL partial_revokes = OFF")
	}
	if err := planned(func(*landlord.Config) {}); err != nil {
		t.Error(explain(err))
	}
}
