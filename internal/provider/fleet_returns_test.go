package provider_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// plansAre compares what a plan of a fleet says.
func plansAre(t *testing.T, p planned, want ...string) {
	t.Helper()
	if diff := gocmp.Diff(want, fleetPlans(t, p.state)); diff != "" || hasErrors(p.diagnostics) {
		t.Errorf("plans (-want +got):\n%s%s", diff, strings.Join(p.diagnostics, "\n"))
	}
}

// TestFleet_archivedBack: a tenant that was archived when it was taken out of the list is
// active again when it comes back.
func TestFleet_archivedBack(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	coreOn(t, s).must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	archive := values{"deletion_policy": "archive"}
	now := coreOn(t, s).must(fleetType, nil, fleetOf(many(2), archive))
	now = coreOn(t, s).must(fleetType, now, fleetOf(many(1), archive))
	statuses := "SELECT GROUP_CONCAT(CONCAT(slug, ' ', status) ORDER BY slug) FROM %s.tenants"
	if got := askFleet(t, s, statuses); got != "t000 active,t001 archived" {
		t.Fatal(got)
	}
	both := fleetOf(many(2), archive)
	plansAre(t, coreOn(t, s).plan(fleetType, now, both), "record 1 [t001]: shop@1.0.0 -> shop@1.0.0, <nil>, 0 steps, it is archived and becomes active, as tenants of the list are")
	now, told := coreOn(t, s).run(fleetType, now, both)
	if hasErrors(told) {
		t.Fatal(told)
	}
	if got := askFleet(t, s, statuses); got != "t000 active,t001 active" {
		t.Error(got)
	}
	coreOn(t, s).settled(fleetType, now, both)
}

// TestFleet_orphans: tenants that a failed apply has made, and that the list does not have
// afterwards, go as if they had been taken out of it; one that was there before stays.
func TestFleet_orphans(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	coreOn(t, s).must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	coreOn(t, s).must("landlord_tenant", nil, acme(values{"slug": "t002", "name": "t002"}))
	fails := func(before any, config values) {
		t.Helper()
		trigger := mysqltest.QuoteName(s.LandlordDatabase) + ".fails"
		s.Exec(t, "CREATE TRIGGER "+trigger+" BEFORE INSERT ON "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants FOR EACH ROW"+
			" IF NEW.slug = 't003' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END IF")
		if _, told := coreOn(t, s).run(fleetType, before, with(config, values{"rollout": values{"max_parallel": 1}})); !hasErrors(told) {
			t.Fatal("the apply does not fail")
		}
		s.Exec(t, "DROP TRIGGER "+trigger)
		if got := askFleet(t, s, "SELECT GROUP_CONCAT(tenant_slug ORDER BY tenant_slug) FROM %s.fleet_tenants JOIN %[1]s.tenants ON slug = tenant_slug"); got != "t000,t001,t002" {
			t.Fatalf("the fleet has %s", got)
		}
	}
	drop := values{"deletion_policy": "drop", "allow_destructive": true}
	fails(nil, fleetOf(many(4), drop))
	said(t, coreOn(t, s).plan(fleetType, nil, fleetOf(many(1), drop)).diagnostics, "ERROR at (tenants): Fleet has tenants that the list has not\n"+
		"Planning fleet `shops`, which Terraform does not have: the landlord database has 1 tenant in it that the list has not: `t001`. An apply that failed has made them, or Terraform has forgotten the fleet.\n\n"+
		"Nothing was run. List them, or name in `released` those that are to stay as they are. To let them go as `deletion_policy` says, import the fleet by its name first; or list them, apply, and take them out then.")
	released := fleetOf(many(1), with(drop, values{"released": []string{"t001"}}))
	now, told := coreOn(t, s).run(fleetType, nil, released)
	if hasErrors(told) {
		t.Fatal(told)
	}
	now = coreOn(t, s).settled(fleetType, now, released)
	if got := askFleet(t, s, "SELECT GROUP_CONCAT(tenant_slug) FROM %s.fleet_tenants JOIN %[1]s.tenants ON slug = tenant_slug"); got != "t000" {
		t.Errorf("the fleet has %s", got)
	}

	coreOn(t, s).must("landlord_tenant", coreOn(t, s).must("landlord_tenant", nil, acme(values{"slug": "t001", "name": "t001", "deletion_policy": "drop", "allow_destructive": true})), nil)
	fails(now, fleetOf(many(4), drop))
	config := fleetOf(many(1), drop)
	now, _ = coreOn(t, s).refresh(fleetType, now)
	plansAre(t, coreOn(t, s).plan(fleetType, now, config),
		"delete 1 [t001]: shop@1.0.0 -> <nil>, <nil>, 0 steps, `deletion_policy` of the last apply is `drop`: its database is dropped with all rows", "release 1 [t002]: shop@1.0.0 -> <nil>, <nil>, 0 steps, <nil>")
	now, told = coreOn(t, s).run(fleetType, now, config)
	said(t, told)
	coreOn(t, s).settled(fleetType, now, config)
	if got := askFleet(t, s, "SELECT GROUP_CONCAT(slug ORDER BY slug) FROM %s.tenants"); got != "t000,t002" {
		t.Errorf("there are %s", got)
	}
}

// TestFleet_comesBehind: a tenant that is made while the rollout stops behind the canary
// gets what the tenants of its wave have, and so do those that are kept ready.
func TestFleet_comesBehind(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	template := coreOn(t, s).must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := coreOn(t, s).must(fleetType, nil, fleetOf(many(3), nil))
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
	to := func(n int, through string, more values) values {
		return fleetOf(many(n), with(more, values{"template": "shop@1.1.0", "rollout": values{"canary": []string{"t000"}, "through": through}}))
	}
	now, _ = coreOn(t, s).run(fleetType, now, to(3, "canary", values{}))
	pool := values{"pool": 1}
	now, _ = coreOn(t, s).refresh(fleetType, now)
	plansAre(t, coreOn(t, s).plan(fleetType, now, to(4, "canary", pool)), "later 2 [t001 t002]: shop@1.0.0 -> shop@1.1.0, <nil>, 0 steps, its wave has not begun",
		"create 1 [t003]: <nil> -> shop@1.0.0, auto, 2 steps, <nil>", "create 1 [shops-pool-1]: <nil> -> shop@1.0.0, auto, 2 steps, <nil>")
	now, told := coreOn(t, s).run(fleetType, now, to(4, "canary", pool))
	if hasErrors(told) {
		t.Fatal(told)
	}
	now = coreOn(t, s).settled(fleetType, now, to(4, "canary", pool))
	if got := following(t, s, "1.0.0"); got != "shops-pool-1,t001,t002,t003" {
		t.Errorf("%s are behind", got)
	}
	now, _ = coreOn(t, s).run(fleetType, now, to(4, "100%", pool))
	coreOn(t, s).settled(fleetType, now, to(4, "100%", pool))
	if got := following(t, s, "1.1.0"); got != "shops-pool-1,t000,t001,t002,t003" {
		t.Errorf("%s follow", got)
	}
}

// TestFleet_poolNames: a pool whose tenants could not be named is refused, and one whose
// next name somebody has goes on behind it.
func TestFleet_poolNames(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	coreOn(t, s).must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	long := strings.Repeat("f", 64-len(s.Prefix)-len("-pool-1")+1)
	said(t, coreOn(t, s).plan(fleetType, nil, values{"name": long, "template": "shop@1.0.0", "pool": 1}).diagnostics, "ERROR at (pool): Pool cannot be kept\n"+
		"Fleet `"+long+"`: tenants that are kept ready are called as `"+long+"-pool-1`, with the database `"+s.Prefix+long+"_pool_1`; slugs and names of databases have at most 64 characters.\n\n"+
		fmt.Sprintf("Give the fleet a name of at most %d characters, or leave `pool` out.", len(long)-1))
	coreOn(t, s).must("landlord_tenant", nil, acme(values{"slug": "shops_pool-1", "name": "Other"}))
	coreOn(t, s).must(fleetType, nil, values{"name": "shops", "template": "shop@1.0.0", "pool": 1})
	if got := askFleet(t, s, "SELECT GROUP_CONCAT(CONCAT(slug, ' ', state)) FROM %s.pool_tenants"); got != "shops-pool-2 ready" {
		t.Error(got)
	}
}

// TestFleet_poolOpen: a claim in a transaction that is open keeps no apply waiting, and one
// in a transaction that has begun before others claimed is told what to do.
func TestFleet_poolOpen(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		template := coreOn(t, s).must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		config := values{"name": "shops", "template": "shop@1.0.0", "pool": 3, "rollout": values{"max_parallel": 1}} // what is claimed is made first
		now := coreOn(t, s).must(fleetType, nil, config)
		db := s.Open(t, s.Username, s.Password, s.LandlordDatabase)
		begin := func() interface {
			ExecContext(context.Context, string, ...any) (sql.Result, error)
			Rollback() error
		} {
			t.Helper()
			tx, err := db.BeginTx(t.Context(), nil)
			must(t, err)
			_, err = tx.ExecContext(t.Context(), "SELECT COUNT(*) FROM pool_tenants")
			must(t, err)
			return tx
		}
		open, early := begin(), begin()
		if _, err := open.ExecContext(t.Context(), "CALL claim_tenant('acme', '', NULL)"); err != nil {
			t.Fatal(err)
		}
		coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
		config = with(config, values{"template": "shop@1.1.0"})
		now, _ = coreOn(t, s).refresh(fleetType, now)
		if _, told := coreOn(t, s).run(fleetType, now, config); hasErrors(told) {
			t.Error(told)
		}
		must(t, open.Rollback())
		if got := following(t, s, "1.1.0"); got != "shops-pool-2,shops-pool-3" {
			t.Errorf("%s follow", got)
		}
		if _, err := claimed(t.Context(), db, "gamma", "", nil); err != nil {
			t.Error(err)
		}
		_, err := early.ExecContext(t.Context(), "CALL claim_tenant('beta', '', NULL)")
		_ = early.Rollback()
		said := "Others have claimed since the transaction of the caller began to read: roll it back and try again"
		if err != nil && !strings.Contains(err.Error(), said) || err == nil && s.Kind == "mariadb-11.8" {
			t.Errorf("a claim in an old transaction: %v", err)
		}
	})
}
