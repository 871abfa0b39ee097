package provider_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// claimed calls the procedure as an application does and returns what it answers.
func claimed(ctx context.Context, db *sql.DB, slug, name any, metadata any) (database string, err error) {
	rows, err := db.QueryContext(ctx, "CALL claim_tenant(?, ?, ?)", slug, name, metadata)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	for rows.Next() {
		texts := make([]sql.NullString, len(columns))
		to := make([]any, len(columns))
		for i := range texts {
			to[i] = &texts[i]
		}
		if err := rows.Scan(to...); err != nil {
			return "", err
		}
		database = texts[slices.Index(columns, "database")].String
	}
	return database, rows.Err()
}

// TestFleet_pool: a fleet keeps tenants ready, applications get them without
// Terraform, the next apply fills the pool up and takes in who has got one.
func TestFleet_pool(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		environment := environmentOf(s)
		environment["LANDLORD_USERNAME"], environment["LANDLORD_PASSWORD"] = s.ProviderAccount(t)
		c := coreWith(t, environment)
		template := c.must("landlord_tenant_template", nil, with(shop("1.0.0", usersTable), values{"seeds": values{"1.sql": "INSERT INTO users VALUES (1, 'admin@example.org');"}}))
		config := values{"name": "shops", "template": "shop@1.0.0", "pool": 3}
		plan := coreWith(t, environment).plan(fleetType, nil, config)
		want := []string{"create 3 [shops-pool-1 shops-pool-2 shops-pool-3]: <nil> -> shop@1.0.0, auto, 3 steps, <nil>"}
		if diff := gocmp.Diff(want, fleetPlans(t, plan.state)); diff != "" || len(plan.diagnostics) > 0 {
			t.Fatal(diff, plan.diagnostics)
		}
		config = with(config, values{"select": values{"metadata": values{"plan": "free"}}})
		now := coreWith(t, environment).must(fleetType, nil, config)
		now = coreWith(t, environment).settled(fleetType, now, config)
		if got := fleetSummary(t, now); got != "ready=3" {
			t.Error(got)
		}

		username, password := application(t, s, "GRANT EXECUTE ON PROCEDURE %s.claim_tenant")
		db := s.Open(t, username, password, s.LandlordDatabase)
		database, err := claimed(t.Context(), db, "acme", "Acme Ltd", `{"plan": "free"}`)
		if err != nil || database != s.Prefix+"shops_pool_1" {
			t.Fatalf("claimed %q: %v", database, err)
		}
		for _, refused := range []struct{ slug, metadata, why string }{
			{"acme", "{}", "There is a tenant of that slug, or of one that differs in - and _ only"},
			{"Acme", "{}", "A slug starts with a lower-case letter"},
			{"acme\n", "{}", "A slug starts with a lower-case letter"},
			{"1a", "{}", "A slug starts with a lower-case letter"},
			{"", "{}", "A slug starts with a lower-case letter"},
			{strings.Repeat("a", 65), "{}", "A slug starts with a lower-case letter"},
			{"landlord", "{}", "The slug is reserved"},
			{"template-x", "{}", "The slug is reserved"},
			{"shops-pool-23", "{}", "The slug is one that a fleet gives to the tenants of its pool"},
			{"shops_pool-23", "{}", "The slug is one that a fleet gives to the tenants of its pool"},
			{strings.Repeat("a", 65-len(s.Prefix)), "{}", "The slug is too long: with the prefix, the name of a database has at most 64 characters"},
			{"beta", `["x"]`, "metadata is neither NULL nor a JSON object of texts"},
			{"beta", `{"n": 1}`, "metadata is neither NULL nor a JSON object of texts"},
			{"beta", `{"n": null}`, "metadata is neither NULL nor a JSON object of texts"},
			{"beta", `{"n": `, "metadata is neither NULL nor a JSON object of texts"},
		} {
			if _, err := claimed(t.Context(), db, refused.slug, "x", refused.metadata); err == nil || !strings.Contains(err.Error(), refused.why) {
				t.Errorf("%q %s: %v", refused.slug, refused.metadata, err)
			}
		}
		for _, denied := range []string{"SELECT * FROM tenant_directory", "SELECT * FROM tenants", "UPDATE pool_tenants SET state = 'ready'", "CALL claim_tenant_of('shops', 'x', 'x', NULL)"} {
			if _, err := db.ExecContext(t.Context(), denied); err == nil || !strings.Contains(err.Error(), "denied") {
				t.Errorf("%s: %v", denied, err)
			}
		}
		if got := askFleet(t, s, "SELECT CONCAT(slug, '|', name, '|', database_name, '|', metadata LIKE '%%free%%') FROM %s.tenants WHERE slug = 'acme'"); got != "acme|Acme Ltd|"+s.Prefix+"shops_pool_1|1" {
			t.Errorf("the landlord database has %s", got)
		}
		if got := askFleet(t, s, "SELECT GROUP_CONCAT(event ORDER BY id) FROM %s.tenant_events WHERE tenant_slug = 'acme'"); got != "created,claimed" {
			t.Errorf("the events are %s", got)
		}

		// A claim between a plan and its apply is no error; the pool is refilled, the
		// tenant taken in, and nothing that it has seen is run again.
		coreWith(t, environment).must("landlord_tenant_template", template, with(shop("1.1.0", usersWithFax), values{"seeds": values{"1.sql": "INSERT INTO users (id, email) VALUES (1, 'admin@example.org');"}}))
		config = with(config, values{"template": "shop@1.1.0"})
		now, _ = coreWith(t, environment).refresh(fleetType, now)
		c = coreWith(t, environment)
		plan = c.plan(fleetType, now, config)
		want = []string{
			"update 1 [acme]: shop@1.0.0 -> shop@1.1.0, auto, 1 steps, <nil>",
			"update 2 [shops-pool-2 shops-pool-3]: shop@1.0.0 -> shop@1.1.0, auto, 1 steps, <nil>",
			"create 1 [shops-pool-4]: <nil> -> shop@1.1.0, auto, 3 steps, <nil>",
		}
		got := fleetPlans(t, plan.state)
		slices.Sort(want)
		slices.Sort(got)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if database, err = claimed(t.Context(), db, "beta", "", nil); err != nil || database != s.Prefix+"shops_pool_2" {
			t.Fatalf("claimed %q: %v", database, err)
		}
		now, told := applyPlanned(t, coreWith(t, environment), now, config, plan)
		if hasErrors(told) {
			t.Fatal(told)
		}
		if got := following(t, s, "1.1.0"); got != "acme,shops-pool-3,shops-pool-4" {
			t.Errorf("%s follow", got)
		}
		if got := askFleet(t, s, "SELECT name FROM %s.tenants WHERE slug = 'beta'"); got != "beta" {
			t.Errorf("the one that was claimed meanwhile is called %s", got)
		}
		config = with(config, values{"select": values{}})
		now, _ = coreWith(t, environment).refresh(fleetType, now)
		now, _ = coreWith(t, environment).run(fleetType, now, config)
		now = coreWith(t, environment).settled(fleetType, now, config)
		if got := fleetSummary(t, now); got != "current=2 ready=3 total=2" {
			t.Error(got)
		}

		// Nobody's tenants go with the fleet, somebody's stay.
		if left, told := coreWith(t, environment).run(fleetType, now, nil); left != nil || len(told) > 0 {
			t.Errorf("destroying: %v %q", left, told)
		}
		if got := askFleet(t, s, "SELECT GROUP_CONCAT(slug ORDER BY slug) FROM %s.tenants"); got != "acme,beta" {
			t.Errorf("%s are left", got)
		}
		if _, err := claimed(t.Context(), db, "gamma", "Gamma", nil); err == nil || !strings.Contains(err.Error(), "No tenant is ready: the next terraform apply of the fleet refills its pool") {
			t.Errorf("from an empty pool: %v", err)
		}
	})
}

// TestFleet_poolCrowd: of twenty callers at once no two get the same tenant, and of
// several who want the same slug one gets it.
func TestFleet_poolCrowd(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		const callers, ready = 20, 22
		c.must(fleetType, nil, values{"name": "shops", "template": "shop@1.0.0", "pool": ready, "rollout": values{"max_parallel": 8}})
		username, password := application(t, s, "GRANT EXECUTE ON PROCEDURE %s.claim_tenant")
		db := s.Open(t, username, password, s.LandlordDatabase)
		db.SetMaxOpenConns(callers)
		all := func(slug func(i int) string) (got, refused []string) {
			var mu sync.Mutex
			var group sync.WaitGroup
			start := make(chan struct{})
			for i := range callers {
				group.Go(func() {
					<-start
					database, err := claimed(t.Context(), db, slug(i), "Crowd", nil)
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						refused = append(refused, err.Error())
						return
					}
					got = append(got, database)
				})
			}
			close(start)
			group.Wait()
			return got, refused
		}
		got, refused := all(func(i int) string { return fmt.Sprintf("crowd-%02d", i) })
		slices.Sort(got)
		if len(got) != callers || len(slices.Compact(slices.Clone(got))) != callers {
			t.Fatalf("%d got %q; refused: %q", len(got), got, refused)
		}
		if got := askFleet(t, s, "SELECT COUNT(DISTINCT database_name) FROM %s.tenants WHERE slug LIKE 'crowd-%%'"); got != fmt.Sprint(callers) {
			t.Errorf("the landlord database has %s of them", got)
		}
		got, refused = all(func(i int) string { return []string{"the-same", "the_same"}[i%2] })
		if len(got) != 1 || len(refused) != callers-1 {
			t.Errorf("%q got the same slug; refused: %q", got, refused)
		}
		for _, why := range refused {
			if !strings.Contains(why, "There is a tenant of that slug, or of one that differs in - and _ only") {
				t.Error(why)
			}
		}
		if got := askFleet(t, s, "SELECT COUNT(*) FROM %s.pool_tenants WHERE state = 'ready'"); got != "1" {
			t.Errorf("%s are ready", got)
		}
	})
}

// TestFleet_listed: the list of tenants says whose each one is, and that those of a pool
// are nobody's. Only a tenant that is in no fleet, and in no pool, is one to write a
// resource for.
func TestFleet_listed(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant", nil, acme(nil))
	coreOn(t, s).must(fleetType, nil, fleetOf(many(1), values{"pool": 1}))
	listed, _ := coreOn(t, s).mustData("landlord_tenants", values{})["tenants"].(values)
	var got []string
	for slug, tenant := range listed {
		one, _ := tenant.(values)
		got = append(got, fmt.Sprintf("%s: fleet %v, ready %v", slug, one["fleet"], one["ready"]))
	}
	slices.Sort(got)
	want := []string{"acme: fleet <nil>, ready false", "shops-pool-1: fleet shops, ready true", "t000: fleet shops, ready false"}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("tenants (-want +got):\n%s", diff)
	}
	names, told, _ := coreOn(t, s).list(t.Context(), "landlord_tenant", 10, values{})
	if len(told) > 0 || !slices.Equal(names, []string{"acme (Acme)"}) {
		t.Errorf("the list of resources has %v, %v", names, told)
	}
}
