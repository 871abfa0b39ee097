package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestMoveTenant_stopped lets a move fail on its way: before the tenant is on the
// other server it stays where it is, and behind that the next apply completes it.
func TestMoveTenant_stopped(t *testing.T) {
	t.Parallel()
	w := newMoveBed(t, mysqltest.Kinds(t)[0])
	spec, account := w.tenant(t, "acme", "")
	spec.Server = "eu"
	database := w.main.Prefix + "acme"
	move := func(point string, s *mysqltest.Server, statement string) error {
		e := w.engine(t)
		tenant, err := e.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		e.OnFault(func(at string) {
			if at == point {
				s.Exec(t, statement)
			}
		})
		_, _, err = update(t.Context(), e, spec, tenant)
		return err
	}
	stays := "Moving tenant `acme` from the main server to server `eu`."
	wantProblem(t, move("after making the moved database", w.eu.Server, "CREATE TABLE "+database+".intruder (id INT PRIMARY KEY)"), "Tenant could not be moved [server]\n"+stays+"\n\n"+
		"Cause: the database `"+database+"` is not empty (`table intruder`).\n\nThe tenant is where it was, and applications reach it again. Correct the cause and apply again.")
	w.checkWhole(t, "", 0, account)
	wantProblem(t, move("after filling the moved database", w.eu.Server, "INSERT INTO "+database+".customers (email) VALUES ('third@example.com')"), "Moved tenant differs from its checkpoint [server]\n"+
		"Tenant `acme` was loaded on server `eu`, which differs from what was copied:\ntable customers has 3 rows, and had 2\n\nThe tenant stays where it is. Please report this with the differences above.")
	w.checkWhole(t, "", 0, account)
	wantProblem(t, move("before setting aside", w.main, "CREATE TABLE "+database+".intruder (id INT PRIMARY KEY)"), "Tenant could not be moved [server]\n"+stays+"\n\n"+
		"Cause: somebody changed the schema of database `"+database+"` while it was copied.\n\nThe tenant is where it was, and applications reach it again. Correct the cause and apply again.")
	w.main.Exec(t, "DROP TABLE "+database+".intruder")
	w.checkWhole(t, "", 0, account)
	w.othersAccount(t, spec, account)
	wantProblem(t, move("after holding off writers", w.eu.Server, "CREATE USER `"+account+"`@`%`"), "Account exists on that server [server]\n"+
		"Tenant `acme` is to move to server `eu` with its accounts, and that server has an account `"+account+"`@`%`.\n\nDrop that account, or choose another server.")
	w.eu.Exec(t, "DROP USER `"+account+"`@`%`") // which the move did not make, and left
	w.checkWhole(t, "", 0, account)
	wantProblem(t, move("after renaming the moved tables", w.main, "CREATE TABLE "+database+".intruder (id INT PRIMARY KEY)"), "Tenant could not be moved [server]\n"+stays+"\n\n"+
		"Cause: somebody makes tables in database `"+database+"`.\n\nThe tenant is where it was, and applications reach it again. Correct the cause and apply again.")
	w.main.Exec(t, "DROP TABLE "+database+".intruder")
	w.checkWhole(t, "", 0, account)
	wantProblem(t, move("after renaming the moved tables", w.main, "CREATE PROCEDURE "+database+".intruder() DO 1"), "Tenant could not be moved [server]\n"+stays+"\n\n"+
		"Cause: somebody makes or changes programs in database `"+database+"`: `procedure intruder`.\n\nThe tenant is where it was, and applications reach it again. Correct the cause and apply again.")
	w.main.Exec(t, "DROP PROCEDURE "+database+".intruder")
	w.main.Exec(t, "CREATE PROCEDURE "+database+".greet() DO 1") // which moves with the tenant
	wantProblem(t, move("after beginning to set aside", w.main, "DROP PROCEDURE "+database+".greet"), "Tenant could not be moved [server]\n"+stays+"\n\n"+
		"Cause: somebody drops programs of database `"+database+"`: `procedure greet`.\n\nThe tenant is where it was, and applications reach it again. Correct the cause and apply again.")
	w.checkWhole(t, "", 0, account)
	wantProblem(t, move("after letting applications in", w.main, "CREATE TABLE "+database+".intruder (id INT PRIMARY KEY)"), "Move of the tenant is not complete [server]\n"+
		"Tenant `acme` lives on server `eu` by now; what is left of it on the main server could not be removed.\n\nCause: somebody makes tables in database `"+database+"`.\n\n"+
		"Correct the cause and apply again: the move goes on where it stopped.")
	w.main.Exec(t, "DROP TABLE "+database+".intruder")
	w.complete(t, spec, 0, "eu")
	w.checkWhole(t, "eu", 0, account)
}

// othersAccount makes an account of the same name between the plan and the apply:
// the move is refused, and the account stays.
func (w *moveBed) othersAccount(t *testing.T, spec landlord.TenantSpec, account string) {
	t.Helper()
	e, p, plan := w.planned(t, spec)
	w.eu.Exec(t, "CREATE USER `"+account+"`@`%`")
	_, err := e.UpdateTenant(t.Context(), spec, p, plan.Digest)
	wantProblem(t, err, "Account exists on that server [server]\n"+
		"Tenant `acme` is to move to server `eu` with its accounts, and that server has an account `"+account+"`@`%`.\n\nDrop that account, or choose another server.")
	w.eu.Exec(t, "DROP USER `"+account+"`@`%`")
}

// insertLate lets a row wait for a table, once a tenant is copied, in a session with no
// default database; what becomes of it comes through the channel.
func (w *moveBed) insertLate(t *testing.T, e *engine.Engine, into string) <-chan error {
	t.Helper()
	pool := w.main.Open(t, w.main.Username, w.main.Password, "")
	written := make(chan error, 1)
	e.OnFault(func(at string) {
		if at != "before setting aside" {
			return
		}
		go func() {
			_, err := pool.ExecContext(context.WithoutCancel(t.Context()), "INSERT INTO "+into+" (email) VALUES ('late@example.com')")
			written <- err
		}()
		for len(w.main.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table%' AND INFO LIKE 'INSERT INTO "+into+"%'")) == 0 {
			time.Sleep(5 * time.Millisecond)
		}
	})
	return written
}

// TestMoveTenant_waiting lets an administrator wait for the tables with no default
// database: nothing is confirmed that only what is set aside would have.
func TestMoveTenant_waiting(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newMoveBed(t, kind)
			spec, account := w.tenant(t, "acme", "")
			database := w.main.Prefix + "acme"
			e := w.engine(t)
			written := w.insertLate(t, e, database+".customers")
			tenant, err := e.Tenant(t.Context(), "acme")
			if err != nil {
				t.Fatal(explain(err))
			}
			spec.Server = "eu"
			if _, _, err := update(t.Context(), e, spec, tenant); err != nil {
				t.Fatal(explain(err))
			}
			if err := <-written; err == nil {
				t.Error("a row was confirmed that the tenant does not have")
			}
			w.checkWhole(t, "eu", 0, account)
			if rows := w.main.QueryRows(t, "SELECT TABLE_SCHEMA FROM information_schema.TABLES WHERE TABLE_NAME = 'customers' AND TABLE_SCHEMA LIKE '"+w.main.LandlordDatabase+`_retired_%'`); len(rows) != 1 {
				t.Errorf("set aside: %v", rows)
			} else if n := w.main.QueryRows(t, "SELECT COUNT(*) FROM "+rows[0][0]+".customers")[0][0]; n != "2" {
				t.Errorf("%s customers are set aside, want 2", n)
			}
		})
	}
}

// TestMoveTenant_interrupted plans what a cut off move has left, and refuses what
// would tear it.
func TestMoveTenant_interrupted(t *testing.T) {
	t.Parallel()
	w := newMoveBed(t, mysqltest.Kinds(t)[0])
	spec, account := w.tenant(t, "acme", "")
	cfg := landlord.Config{Main: engine.ServerConfig{Endpoint: w.main.Endpoint(), Username: w.main.Username, Password: w.main.Password}, Database: w.main.LandlordDatabase, Prefix: w.main.Prefix}
	w.config(&cfg)
	e := engineOn(t, w.main, w.config, func(c *landlord.Config) { c.Servers["us"] = c.Servers["eu"] })
	tenant, err := e.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	p := prior(tenant)
	killed := func(spec landlord.TenantSpec, point string) {
		if !(victim{Config: cfg, Spec: spec, Prior: &p, KillAt: point}).run(t) {
			t.Fatalf("the process was not killed at %q", point)
		}
	}
	plan := func(server string) (*apply.TenantPlan, error) {
		spec.Server = server
		return engineOn(t, w.main, w.config, func(c *landlord.Config) { c.Servers["us"] = c.Servers["eu"] }).PlanTenant(t.Context(), spec, &p)
	}
	to := spec
	to.Server = "eu"
	killed(to, "after the checkpoint of a move")
	_, err = plan("us")
	wantProblem(t, err, "Move of the tenant was interrupted [server]\nA move of tenant `acme` from the main server to server `eu` was cut off; the configuration names server `us`.\n\n"+
		"Set `server` to server `eu` to complete the move, or to the main server to take it back, and apply.")
	wantProblem(t, e.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}), "Move of the tenant was interrupted [slug]\n"+
		"A move of tenant `acme` from the main server to server `eu` was cut off, so something of it is on both. Nothing was touched.\n\n"+
		"Set `server` to server `eu` to complete the move, or to the main server to take it back, and apply. Everything else of the tenant waits for that.")
	back, err := plan("")
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(back.Notes) != 1 || back.Notes[0].Summary+"\n"+back.Notes[0].Detail != "Move of the tenant is taken back\nThe move of tenant `acme` from the main server to server `eu` was cut off. "+
		"The next apply removes what it has made there, and lets applications in again where the tenant is." {
		t.Errorf("notes: %+v", back.Notes)
	}
	w.complete(t, spec, 0, "")

	killed(to, "after beginning to move")
	shops := fleet.Spec{Name: "shops", Template: "shop@1.0.0", Members: []fleet.Member{{Slug: "acme", Name: "acme"}}}
	taken, err := w.engine(t).PlanFleet(t.Context(), shops, nil)
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(taken.Classes) != 1 || taken.Classes[0].Action != fleet.Update {
		t.Errorf("a fleet does not take the move back: %+v", taken.Classes)
	}
	if _, err := w.engine(t).ApplyFleet(t.Context(), shops, nil, taken.Digest); err != nil {
		t.Fatal(explain(err))
	}
	w.checkWhole(t, "", 0, account)
	if open := w.main.QueryRows(t, "SELECT id FROM "+w.main.LandlordDatabase+".tenant_moves WHERE open IS NOT NULL"); len(open) != 0 {
		t.Errorf("moves that are open: %v", open)
	}

	newer := spec
	newer.Template, newer.AllowDestructive, newer.Automatic = "shop@2.0.0", true, landlord.AutomaticNone
	killed(newer, "after intent")
	_, err = plan("eu")
	wantProblem(t, err, "Tenant cannot move between two steps [server]\nA run was cut off while it worked on tenant `acme` on the main server.\n\n"+
		"Set `server` back and apply, which completes that work; then move the tenant.")
}

// TestMoveTenant_killed kills the process at every point of a move: the next apply
// completes it, or takes it back where the configuration names the former server.
func TestMoveTenant_killed(t *testing.T) {
	t.Parallel()
	killMoves(t, 3)
}

// TestSoakMoveTenant_killed is the same with every point on every server.
func TestSoakMoveTenant_killed(t *testing.T) {
	soak(t)
	killMoves(t, 1)
}

func killMoves(t *testing.T, every int) {
	t.Helper()
	for i, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			w := newMoveBed(t, kind)
			spec, account := w.tenant(t, "acme", "")
			cfg := landlord.Config{Main: engine.ServerConfig{Endpoint: w.main.Endpoint(), Username: w.main.Username, Password: w.main.Password}, Database: w.main.LandlordDatabase, Prefix: w.main.Prefix}
			w.config(&cfg)
			for n := 1 + i; ; n += every {
				tenant, err := w.engine(t).Tenant(t.Context(), "acme")
				if err != nil {
					t.Fatal(explain(err))
				}
				to := spec
				if to.Server = "eu"; tenant.Server == "eu" {
					to.Server = ""
				}
				p := prior(tenant)
				if !(victim{Config: cfg, Spec: to, Prior: &p, Kill: n}).run(t) {
					t.Logf("killed at %d points", n/every)
					return
				}
				want := to.Server
				if n%2 == 0 { // the former server again, unless the tenant lives on the new one
					if half, err := w.engine(t).Tenant(t.Context(), "acme"); err == nil && half.Server != to.Server {
						want, to.Server = half.Server, half.Server
					}
				}
				w.complete(t, to, n, want)
				w.checkWhole(t, want, n, account)
			}
		})
	}
}

// complete plans and applies what a killed move has left.
func (w *moveBed) complete(t *testing.T, to landlord.TenantSpec, n int, want string) {
	t.Helper()
	e := w.engine(t)
	half, err := e.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	_, after, err := update(t.Context(), e, to, half)
	if err != nil {
		t.Fatalf("killed at point %d, completing to server %q: %s", n, want, explain(err))
	}
	if after.Server != want || after.UpdateStatus != landlord.UpdateCurrent || len(after.Drift) != 0 {
		t.Fatalf("killed at point %d: %+v", n, after)
	}
}

// checkWhole looks whether the tenant is whole on one server and gone from the
// other, and its application reaches it.
func (w *moveBed) checkWhole(t *testing.T, server string, n int, account string) {
	t.Helper()
	at, not := w.main, w.eu.Server
	if server == "eu" {
		at, not = not, at
	}
	database := w.main.Prefix + "acme"
	if rows := at.QueryRows(t, "SELECT (SELECT COUNT(*) FROM "+database+".customers), (SELECT STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '"+database+"'),"+
		" (SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '"+database+"')"); fmt.Sprint(rows) != "[[2 ENABLED 1]]" {
		t.Fatalf("killed at point %d: on server %q are %v", n, server, rows)
	}
	if rows := not.QueryRows(t, "SELECT (SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '"+database+"'), (SELECT COUNT(*) FROM mysql.user WHERE User = '"+account+"')"); fmt.Sprint(rows) != "[[0 0]]" {
		t.Fatalf("killed at point %d: left on the other server: %v", n, rows)
	}
	var customers int
	if err := at.Open(t, account, string(firstPassword), database).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM customers").Scan(&customers); err != nil {
		t.Fatalf("killed at point %d: the application does not reach server %q: %v", n, server, err)
	}
	if rows := w.main.QueryRows(t, "SELECT COUNT(*) FROM "+w.main.LandlordDatabase+".tenant_moves WHERE open = 1"); rows[0][0] != "0" {
		t.Fatalf("killed at point %d: a move is open", n)
	}
}
