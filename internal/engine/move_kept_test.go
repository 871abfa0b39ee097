package engine_test

import (
	"fmt"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	adoption "github.com/landlord-db/terraform-provider-landlord/internal/landlord/adopt"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/survey"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestMoveTenant_foreignCopies moves a tenant where databases of others have the
// names of those that keep what a tenant was: nothing of them comes into the
// tenant, and they stay.
func TestMoveTenant_foreignCopies(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newMoveBed(t, kind)
			spec, account := w.tenant(t, "acme", "")
			spec.Server = "eu"
			database := w.main.Prefix + "acme"
			kept := fmt.Sprintf("%s_retired_%s_m", w.main.LandlordDatabase, w.main.QueryRows(t, "SELECT id FROM "+w.main.LandlordDatabase+".tenants")[0][0])
			foreign := func(name string) []string {
				return []string{"CREATE DATABASE IF NOT EXISTS " + name, "CREATE TABLE " + name + ".foreigners (id INT PRIMARY KEY)", "INSERT INTO " + name + ".foreigners VALUES (77)", "CREATE PROCEDURE " + name + ".theirs() DO 1"}
			}
			move := func(point string, statements ...string) error {
				e := w.engine(t)
				e.OnFault(func(at string) {
					if at == point {
						w.main.Exec(t, statements...)
					}
				})
				tenant, err := e.Tenant(t.Context(), "acme")
				if err != nil {
					t.Fatal(explain(err))
				}
				_, _, err = update(t.Context(), e, spec, tenant)
				return err
			}
			w.main.Exec(t, foreign(kept+"1")...)
			failed := func(cause string) string {
				return "Tenant could not be moved [server]\nMoving tenant `acme` from the main server to server `eu`.\n\nCause: " + cause + ".\n\nThe tenant is where it was, and applications reach it again. Correct the cause and apply again."
			}
			wantProblem(t, move("after holding off writers", foreign(kept+"2")...), failed("database `"+kept+"2` is there already, and not empty"))
			w.checkWhole(t, "", 2, account)
			wantProblem(t, move("after renaming the moved tables", append(foreign(kept+"3"), "CREATE TABLE "+database+".intruder (id INT PRIMARY KEY)")...), failed("somebody makes tables in database `"+database+"`"))
			w.main.Exec(t, "DROP TABLE "+database+".intruder")
			w.checkWhole(t, "", 3, account)
			wantProblem(t, move("after dropping the events", "CREATE TABLE "+database+".intruder (id INT PRIMARY KEY)", "INSERT INTO "+database+".intruder VALUES (5)"), failed("somebody makes tables in database `"+database+"`"))
			if rows := w.main.QueryRows(t, "SELECT id FROM "+database+".intruder"); fmt.Sprint(rows) != "[[5]]" {
				t.Errorf("the table that came meanwhile holds %v", rows)
			}
			w.main.Exec(t, "DROP TABLE "+database+".intruder")
			w.checkWhole(t, "", 5, account)
			if rows := w.main.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '"+database+"' AND TABLE_NAME = 'foreigners'"); len(rows) != 0 {
				t.Error("the tenant has a table of others")
			}
			if err := move(""); err != nil {
				t.Fatal(explain(err))
			}
			w.checkWhole(t, "eu", 4, account)
			for _, n := range []string{"1", "2", "3"} {
				rows := w.main.QueryRows(t, "SELECT (SELECT GROUP_CONCAT(id) FROM "+kept+n+".foreigners), (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '"+kept+n+"'), "+
					"(SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '"+kept+n+"')")
				if fmt.Sprint(rows) != "[[77 1 1]]" {
					t.Errorf("`%s%s` of others holds %v", kept, n, rows)
				}
			}
			w.checkNotAdopted(t, kept+"4")
		})
	}
}

// checkNotAdopted refuses to make a tenant of what a move has set aside.
func (w *moveBed) checkNotAdopted(t *testing.T, kept string) {
	t.Helper()
	e := w.engine(t)
	_, err := e.PlanTenant(t.Context(), landlord.TenantSpec{Slug: "beta", Name: "Beta", Template: "shop@1.0.0", Database: kept}, &landlord.PriorTenant{Database: kept})
	wantProblem(t, err, "Database cannot be adopted [database_name]\nThe database `"+kept+"` is one that the provider makes for itself.\n\nCorrect `database_name`.")
	plan, err := e.Adoption(t.Context(), survey.Filter{Pattern: kept, Servers: []string{""}}, adoption.Options{Template: "found"})
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(plan.Tenants) != 0 || len(plan.Findings) != 1 || plan.Findings[0].Database != kept || plan.Findings[0].Reason != "the provider has made it for itself" {
		t.Errorf("`%s` can be adopted: %+v", kept, plan.Findings)
	}
}

// TestMoveTenant_changedWord goes by what the apply that completes a move is told,
// not by what the one was told that began it.
func TestMoveTenant_changedWord(t *testing.T) {
	t.Parallel()
	w := newMoveBed(t, mysqltest.Kinds(t)[0])
	spec, account := w.tenant(t, "acme", "")
	cfg := landlord.Config{Main: engine.ServerConfig{Endpoint: w.main.Endpoint(), Username: w.main.Username, Password: w.main.Password}, Database: w.main.LandlordDatabase, Prefix: w.main.Prefix}
	w.config(&cfg)
	for n, c := range []struct {
		server, point string
		first         bool
	}{{"eu", "after the switch", true}, {"", "after the checkpoint of a move", false}} {
		tenant, err := w.engine(t).Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		p := prior(tenant)
		spec.Server, spec.AllowDestructive = c.server, c.first
		spec.DeletionPolicy = landlord.DeletionDrop
		if c.first {
			spec.DeletionPolicy = landlord.DeletionArchive
		}
		if !(victim{Config: cfg, Spec: spec, Prior: &p, KillAt: c.point}).run(t) {
			t.Fatalf("the process was not killed at %q", c.point)
		}
		spec.AllowDestructive = !c.first
		w.complete(t, spec, n, c.server)
		w.checkWhole(t, c.server, n, account)
		want := fmt.Sprintf("[[%d]]", map[bool]int{true: 1}[!c.first])
		if got := w.main.QueryRows(t, "SELECT may_drop FROM "+w.main.LandlordDatabase+".tenant_moves ORDER BY id DESC LIMIT 1"); fmt.Sprint(got) != want {
			t.Errorf("may_drop is %v, want %s", got, want)
		}
		if got := w.main.QueryRows(t, "SELECT policy FROM "+w.main.LandlordDatabase+".tenant_deletions"); fmt.Sprint(got) != fmt.Sprintf("[[%s]]", spec.DeletionPolicy) {
			t.Errorf("deletion policy is %v, want %s", got, spec.DeletionPolicy)
		}
		if c.server == "eu" { // an event of a tenant that lives elsewhere, which the main server alone has
			w.main.Exec(t, "INSERT INTO "+w.main.LandlordDatabase+".tenant_events (tenant_id, tenant_slug, event, author) SELECT id, slug, 'noted', 'me' FROM "+w.main.LandlordDatabase+".tenants")
		}
	}
	if got := w.main.QueryRows(t, "SELECT event, COUNT(*) FROM "+w.main.LandlordDatabase+".tenant_events WHERE event IN ('created', 'noted', 'moved') GROUP BY event ORDER BY event"); fmt.Sprint(got) != "[[created 1] [moved 2] [noted 1]]" {
		t.Errorf("events: %v", got)
	}
}

// TestMoveTenant_sincePlan refuses what has come about between the plan and the
// apply, and takes back a move that cannot be recorded.
func TestMoveTenant_sincePlan(t *testing.T) {
	t.Parallel()
	w := newMoveBed(t, mysqltest.Kinds(t)[0])
	spec, account := w.tenant(t, "acme", "")
	cfg := landlord.Config{Main: engine.ServerConfig{Endpoint: w.main.Endpoint(), Username: w.main.Username, Password: w.main.Password}, Database: w.main.LandlordDatabase, Prefix: w.main.Prefix}
	w.config(&cfg)
	to := spec
	to.Server = "eu"
	move := func(meanwhile func(at string)) error {
		e := w.engine(t)
		tenant, err := e.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		p := prior(tenant)
		plan, err := e.PlanTenant(t.Context(), to, &p)
		if err != nil {
			t.Fatal(explain(err))
		}
		meanwhile("planned")
		e.OnFault(meanwhile)
		_, err = e.UpdateTenant(t.Context(), to, p, plan.Digest)
		return err
	}
	beyond := func(right string) string {
		return "Account has rights beyond its tenant [server]\n" +
			"Tenant `acme` is to move to server `eu` with its accounts, and they may do more than anything in its database.\n\nNothing was touched: others may need these rights.\n\n" +
			"Take them away yourself, and plan again:\nREVOKE SELECT ON " + right + " FROM `" + account + "`@`%`"
	}
	for _, on := range []string{"`" + w.main.Prefix + "other`.*", "`" + w.main.Prefix + "acme`.*"} { // the plain name, with its wildcard
		wantProblem(t, move(func(at string) {
			if at == "after loading the moved database" {
				w.main.Exec(t, "GRANT SELECT ON "+on+" TO `"+account+"`@`%`")
			}
		}), beyond(on))
		w.checkWhole(t, "", 0, account)
		e := w.engine(t)
		tenant, err := e.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		_, _, err = update(t.Context(), e, to, tenant)
		wantProblem(t, err, beyond(on))
		w.main.Exec(t, "REVOKE SELECT ON "+on+" FROM `"+account+"`@`%`")
	}
	refused := "CREATE TRIGGER " + w.main.LandlordDatabase + ".refused BEFORE UPDATE ON " + w.main.LandlordDatabase + ".tenant_moves FOR EACH ROW IF NEW.status = 'switched' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not today'; END IF"
	err := move(func(at string) {
		if at == "before the switch" {
			w.main.Exec(t, refused)
		}
	})
	w.main.Exec(t, "DROP TRIGGER "+w.main.LandlordDatabase+".refused")
	wantProblem(t, err, "Tenant could not be moved [server]\nMoving tenant `acme` from the main server to server `eu`.\n\n"+
		"Cause: not today.\n\nThe tenant is where it was, and applications reach it again. Correct the cause and apply again.")
	w.checkWhole(t, "", 0, account)

	newer := spec
	newer.Template, newer.AllowDestructive, newer.Automatic = "shop@2.0.0", true, landlord.AutomaticNone
	wantProblem(t, move(func(at string) {
		if at != "planned" {
			return
		}
		tenant, err := w.engine(t).Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		p := prior(tenant)
		if !(victim{Config: cfg, Spec: newer, Prior: &p, KillAt: "after intent"}).run(t) {
			t.Fatal("the process was not killed")
		}
	}), "Tenant changed since the plan [server]\nAnother run has worked on tenant `acme` since the plan was made, so the planned steps are not what is left to do.\n\nNothing was run. Plan again.")
	if open := w.main.QueryRows(t, "SELECT id FROM "+w.main.LandlordDatabase+".tenant_moves WHERE open IS NOT NULL"); len(open) != 0 {
		t.Errorf("moves that are open: %v", open)
	}
	e := w.engine(t)
	half, err := e.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	_, completed, err := update(t.Context(), e, newer, half)
	if err != nil || completed.Template != "shop@2.0.0" {
		t.Errorf("the work of before is completed as %+v, %s", completed, said(err))
	}
}
