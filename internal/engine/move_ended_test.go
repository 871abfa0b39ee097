package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestMoveTenant_ended lets a move meet its deadline, asks it to end, and takes its
// connections away: before the tenant is on the other server it stays where it is,
// and from then on applications reach it there.
func TestMoveTenant_ended(t *testing.T) {
	t.Parallel()
	for i, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newMoveBed(t, kind)
			spec, account := w.tenant(t, "acme", "")
			spec.Server = "eu"
			for n, point := range []string{"after making the moved database", "after holding off writers", "after filling the moved database", "before setting aside", "after beginning to set aside", "before the switch"} {
				ends := (n + i) % 3
				_, err := w.moveEnded(t, spec, point, ends)
				stopped := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
				if err == nil || stopped == (ends == endLost) {
					t.Fatalf("%s: %v", point, err)
				}
				if stopped && !strings.HasPrefix(err.Error(), "moving tenant `acme` from the main server to server `eu`, which was taken back: ") {
					t.Errorf("%s: %v", point, err)
				}
				w.checkWhole(t, "", n, account)
			}
			if _, err := w.moveEnded(t, spec, "after the switch", endCanceled); !errors.Is(err, context.Canceled) {
				t.Errorf("after the switch: %v", err)
			}
			var orders int
			if err := w.eu.Open(t, account, string(firstPassword), w.main.Prefix+"acme").QueryRowContext(t.Context(), "SELECT COUNT(*) FROM orders").Scan(&orders); err != nil {
				t.Errorf("the application does not reach the tenant behind the switch: %v", err)
			}
			w.complete(t, spec, 0, "eu")
			w.checkWhole(t, "eu", 0, account)
		})
	}
}

// How a move is ended.
const (
	endCanceled = iota // as by Ctrl-C
	endLate            // by its deadline
	endLost            // by what ends its connections to the other server
)

// moveEnded moves a tenant, and ends that at a point.
func (w *moveBed) moveEnded(t *testing.T, spec landlord.TenantSpec, point string, ends int) (*landlord.Tenant, error) {
	t.Helper()
	e, p, plan := w.planned(t, spec)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	e.OnFault(func(at string) {
		switch {
		case at != point:
		case ends == endCanceled:
			cancel(context.Canceled)
		case ends == endLate:
			cancel(context.DeadlineExceeded)
		default:
			for _, row := range w.eu.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = '"+w.eu.Username+"' AND ID <> CONNECTION_ID()") {
				w.eu.Exec(t, "KILL "+row[0])
			}
		}
	})
	return e.UpdateTenant(ctx, spec, p, plan.Digest)
}

// TestMoveTenant_formerServerDead loses the former server behind the switch: the
// tenant is where it moved to and can be worked on, and what is left of it goes when
// the server is back.
func TestMoveTenant_formerServerDead(t *testing.T) {
	t.Parallel()
	w := newMoveBed(t, mysqltest.Kinds(t)[0])
	spec, account := w.tenant(t, "acme", "eu")
	create(t, w.engine(t), landlord.TenantSpec{Slug: "beta", Name: "Beta", Template: "shop@1.0.0", Server: "eu"})
	spec.Server = ""
	cfg := landlord.Config{Main: engine.ServerConfig{Endpoint: w.main.Endpoint(), Username: w.main.Username, Password: w.main.Password}, Database: w.main.LandlordDatabase, Prefix: w.main.Prefix}
	w.config(&cfg)
	database := w.main.Prefix + "acme"
	note := "Former server of the tenant does not answer\nTenant `acme` lives on the main server by now, where applications reach it when this apply is over. " +
		"What is left of it on server `eu`, a database `" + database + "` without tables and accounts that are locked, is removed by a later run that changes tenants there."
	left := func() string {
		return fmt.Sprint(w.eu.QueryRows(t, "SELECT (SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '"+database+"'), (SELECT COUNT(*) FROM mysql.user WHERE User = '"+account+"')"))
	}
	for _, killed := range []bool{false, true} {
		tenant, err := w.engine(t).Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		p := prior(tenant)
		e := w.engine(t)
		if killed {
			if !(victim{Config: cfg, Spec: spec, Prior: &p, KillAt: "after the switch"}).run(t) {
				t.Fatal("the process was not killed")
			}
			w.eu.Kill(t)
			if tenant, err = e.Tenant(t.Context(), "acme"); err != nil {
				t.Fatal(explain(err))
			}
			p = prior(tenant)
		} else {
			e.OnFault(func(at string) {
				if at == "after the switch" {
					w.eu.Kill(t)
				}
			})
		}
		plan, err := e.PlanTenant(t.Context(), spec, &p)
		if err != nil {
			t.Fatal(explain(err))
		}
		if killed && (len(plan.Notes) != 1 || plan.Notes[0].Summary+"\n"+plan.Notes[0].Detail != note) {
			t.Errorf("notes of the plan: %+v", plan.Notes)
		}
		after, err := e.UpdateTenant(t.Context(), spec, p, plan.Digest)
		if err != nil {
			t.Fatal(explain(err))
		}
		if len(after.Notes) != 1 || after.Notes[0].Summary+"\n"+after.Notes[0].Detail != note || after.Server != "" || after.UpdateStatus != landlord.UpdateCurrent {
			t.Errorf("after the move: %+v", after)
		}
		if err := w.main.Open(t, account, string(firstPassword), database).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM customers").Scan(new(int)); err != nil {
			t.Errorf("the application does not reach the tenant: %v", err)
		}
		newer := spec
		newer.Template, newer.AllowDestructive, newer.Automatic = "shop@2.0.0", true, landlord.AutomaticNone
		if _, after, err = update(t.Context(), w.engine(t), newer, after); err != nil || after.Template != "shop@2.0.0" {
			t.Fatalf("an update with the former server dead: %s", said(err))
		}
		w.eu.Restart(t)
		if got := left(); got != "[[1 1]]" {
			t.Errorf("left on the former server: %s", got)
		}
		w.changeBeta(t)
		if got := left(); got != "[[0 0]]" {
			t.Errorf("left on the former server when it is back: %s", got)
		}
		back := newer
		back.Server = "eu"
		if _, _, err := update(t.Context(), w.engine(t), back, after); err != nil {
			t.Fatal(explain(err))
		}
		spec = newer
	}
}

// changeBeta brings a tenant on the other server to the version that it does not have.
func (w *moveBed) changeBeta(t *testing.T) {
	t.Helper()
	e := w.engine(t)
	beta, err := e.Tenant(t.Context(), "beta")
	if err != nil {
		t.Fatal(explain(err))
	}
	spec := landlord.TenantSpec{Slug: "beta", Name: "Beta", Template: "shop@2.0.0", Server: "eu", AllowDestructive: true, Automatic: landlord.AutomaticNone}
	if beta.Template == spec.Template {
		spec.Template = "shop@1.0.0"
	}
	if _, _, err := update(t.Context(), w.engine(t), spec, beta); err != nil {
		t.Fatal(explain(err))
	}
}

// TestMoveTenant_kept keeps what is no move's: a database by the name that one without
// tables would have used, and what others have put beside what is set aside.
func TestMoveTenant_kept(t *testing.T) {
	t.Parallel()
	w := newMoveBed(t, mysqltest.Kinds(t)[0])
	spec, _ := w.tenant(t, "acme", "")
	e := w.engine(t)
	publish(t, e, landlord.TemplateSpec{Name: "bare", Version: "1.0.0", Core: map[string]string{"001.sql": "CREATE VIEW one AS SELECT 1 AS n"}})
	bare := landlord.TenantSpec{Slug: "bare", Name: "Bare", Template: "bare@1.0.0", AllowDestructive: true}
	_, tenant := create(t, e, bare)
	beta := landlord.TenantSpec{Slug: "beta", Name: "Beta", Template: "shop@1.0.0"}
	create(t, e, beta)
	bare.Server, spec.Server, spec.AllowDestructive = "eu", "eu", true
	plan, _, err := update(t.Context(), w.engine(t), bare, tenant)
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(plan.Notes) != 1 || !strings.Contains(plan.Notes[0].Detail, "It has no tables, so nothing of it stays on the main server. Data that was retired") {
		t.Errorf("notes: %+v", plan.Notes)
	}
	acme, err := w.engine(t).Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	if _, _, err := update(t.Context(), w.engine(t), spec, acme); err != nil {
		t.Fatal(explain(err))
	}
	moves := w.main.QueryRows(t, "SELECT retired_database, tenant_id FROM "+w.main.LandlordDatabase+".tenant_moves ORDER BY id")
	if len(moves) != 2 || moves[0][0] != "" || moves[1][0] == "" {
		t.Fatalf("moves: %v", moves)
	}
	w.main.Exec(t, "CREATE TABLE "+moves[1][0]+".theirs (id INT PRIMARY KEY)", "UPDATE "+w.main.LandlordDatabase+".tenant_moves SET expires_at = '2020-01-01'")
	purged := func(template string) string {
		beta.Template, beta.AllowDestructive = template, true
		now, err := w.engine(t).Tenant(t.Context(), "beta")
		if err != nil {
			t.Fatal(explain(err))
		}
		if _, _, err := update(t.Context(), w.engine(t), beta, now); err != nil {
			t.Fatal(explain(err))
		}
		return fmt.Sprint(w.main.QueryRows(t, "SELECT m.status, (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = m.retired_database) FROM "+w.main.LandlordDatabase+".tenant_moves m ORDER BY id"))
	}
	if got := purged("shop@2.0.0"); got != "[[done 0] [done 4]]" {
		t.Errorf("with a table of others: %s", got)
	}
	w.main.Exec(t, "DROP TABLE "+moves[1][0]+".theirs")
	if got := purged("shop@1.0.0"); got != "[[done 0] [cleared 0]]" {
		t.Errorf("without: %s", got)
	}
}

// TestMoveTenant_accountGone refuses a move with an account that is recorded and not
// there any more before anything is copied.
func TestMoveTenant_accountGone(t *testing.T) {
	t.Parallel()
	w := newMoveBed(t, mysqltest.Kinds(t)[0])
	spec, account := w.tenant(t, "acme", "")
	spec.Server = "eu"
	gone := "Account of the tenant is gone [server]\n" +
		"Tenant `acme` is to move to server `eu` with its accounts, and not on the main server any more: `" + account + "`@`%`.\n\n" +
		"Set `server` back and apply, so that `landlord_tenant_account` makes them anew, or take them out of the configuration. Then move the tenant."
	e, p, plan := w.planned(t, spec)
	w.main.Exec(t, "DROP USER `"+account+"`@`%`")
	_, err := e.UpdateTenant(t.Context(), spec, p, plan.Digest)
	wantProblem(t, err, gone)
	_, err = w.engine(t).PlanTenant(t.Context(), spec, &p)
	wantProblem(t, err, gone)
	if rows := w.main.QueryRows(t, "SELECT COUNT(*) FROM "+w.main.LandlordDatabase+".tenant_moves"); rows[0][0] != "0" {
		t.Errorf("%s moves are recorded", rows[0][0])
	}
	if rows := w.eu.QueryRows(t, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '"+w.main.Prefix+"acme'"); rows[0][0] != "0" {
		t.Error("something was copied")
	}
}
