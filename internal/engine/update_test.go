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

// shopWithout is the next version of the shop: it has lost a column and the
// module's table, and has gained both a column and a table.
func shopWithout() landlord.TemplateSpec {
	to := shop("2.0.0")
	to.Core["002_orders.sql"] = strings.Replace(to.Core["002_orders.sql"], "ALTER TABLE customers ADD COLUMN phone VARCHAR(32) NULL;", "ALTER TABLE customers ADD COLUMN city VARCHAR(32) NULL;", 1)
	to.Core["003_notes.sql"] = "CREATE TABLE notes (id INT NOT NULL PRIMARY KEY, body TEXT);"
	return to
}

func operations(steps []landlord.Step) []string {
	out := []string{}
	for _, s := range steps {
		out = append(out, s.Operation+" "+s.Object)
	}
	return out
}

func TestUpdateTenant(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})

		next := engineOn(t, s)
		to := shop("1.1.0")
		to.Core["003_notes.sql"] = "CREATE TABLE notes (id INT NOT NULL PRIMARY KEY, body TEXT);\nALTER TABLE orders ADD COLUMN note VARCHAR(50) NULL;"
		publish(t, next, to)
		plan, after, err := update(t.Context(), next, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.1.0", Modules: []string{"loyalty"}}, tenant)
		if err != nil {
			t.Fatal(explain(err))
		}
		want := []string{"add_column table `orders`", "create_table table `notes`", "create_table table `points`"}
		if diff := cmp.Diff(want, operations(plan.Steps)); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
		if first := plan.Steps[0]; first.Algorithm != "instant" || first.Locks != "none" {
			t.Errorf("adding a column: %+v", first)
		}
		if after.Template != "shop@1.1.0" || after.SchemaFingerprint != plan.Fingerprint || len(after.Drift) != 0 || after.UpdateStatus != landlord.UpdateCurrent {
			t.Errorf("tenant: %+v", after)
		}
	})
}

func TestUpdateTenant_destructive(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		publish(t, e, shopWithout())
		loyal := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0", Modules: []string{"loyalty"}}
		_, tenant := create(t, e, loyal)
		db := s.Prefix + "acme"
		s.Exec(t, "UPDATE "+db+".customers SET phone = CONCAT('+49 ', id)", "INSERT INTO "+db+".points VALUES (1, 10), (2, 20)")

		next := engineOn(t, s)
		to := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@2.0.0"}
		_, _, err := update(t.Context(), next, to, tenant)
		if err == nil {
			t.Fatal("a destructive migration ran without leave")
		}
		want := "Migration would lose data [allow_destructive]"
		if got, _, _ := strings.Cut(explain(err), "\n"); got != want {
			t.Fatalf("got %s", explain(err))
		}

		to.AllowDestructive = true
		plan, after, err := update(t.Context(), next, to, tenant)
		if err != nil {
			t.Fatal(explain(err))
		}
		t.Log(strings.Join(operations(plan.Steps), "\n"))
		if after.Template != "shop@2.0.0" || len(after.Drift) != 0 {
			t.Errorf("tenant: %+v", after)
		}
		kept := s.QueryRows(t, "SELECT object_table, state FROM "+s.LandlordDatabase+".retired_objects ORDER BY object_table")
		if diff := cmp.Diff([][]string{{"customers", "kept"}, {"points", "kept"}}, kept); diff != "" {
			t.Errorf("retired (-want +got):\n%s", diff)
		}

		// Going back brings the data back.
		last := engineOn(t, s)
		loyal.AllowDestructive = true
		plan, after, err = update(t.Context(), last, loyal, after)
		if err != nil {
			t.Fatal(explain(err))
		}
		t.Log(strings.Join(operations(plan.Steps), "\n"))
		if after.Template != "shop@1.0.0" || after.SchemaFingerprint != tenant.SchemaFingerprint {
			t.Errorf("went back to %q, wanted %q", after.SchemaFingerprint, tenant.SchemaFingerprint)
		}
		if diff := cmp.Diff([][]string{{"1", "+49 1"}, {"2", "+49 2"}}, s.QueryRows(t, "SELECT id, phone FROM "+db+".customers ORDER BY id")); diff != "" {
			t.Errorf("values (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([][]string{{"1", "10"}, {"2", "20"}}, s.QueryRows(t, "SELECT customer_id, points FROM "+db+".points ORDER BY 1")); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

func TestUpdateTenant_changedSincePlan(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
	next := engineOn(t, s)
	publish(t, next, shopWithout())
	to := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@2.0.0", AllowDestructive: true}
	p := prior(tenant)
	plan, err := next.PlanTenant(t.Context(), to, &p)
	if err != nil {
		t.Fatal(explain(err))
	}
	s.Exec(t, "CREATE INDEX ix_phone ON "+s.Prefix+"acme.customers (phone)")
	_, err = next.UpdateTenant(t.Context(), to, p, plan.Digest)
	want := "Tenant schema changed since the plan [template]\nChanging the schema of tenant `acme`.\n\n" +
		"Changed by somebody else:\ntable `customers`, key `ix_phone`: extra\n\nNothing was run. Plan again."
	if err == nil || explain(err) != want {
		t.Fatalf("got %v", err)
	}
	rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenant_migrations_history WHERE tenant_slug = 'acme'")
	if rows[0][0] != "1" {
		t.Errorf("the ledger has %s migrations", rows[0][0])
	}
}

// TestUpdateTenant_killed kills the process at every point of a migration with
// structure, rows, and data set aside.
func TestUpdateTenant_killed(t *testing.T) {
	t.Parallel()
	killMigrations(t, 4)
}

// TestSoakUpdateTenant_killed is the same with every point on every server.
func TestSoakUpdateTenant_killed(t *testing.T) {
	soak(t)
	killMigrations(t, 1)
}

func killMigrations(t *testing.T, onMariaDB int) {
	t.Helper()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		to := shopWithout()
		to.Migrations = map[string]string{"1.0.0--2.0.0.sql": "UPDATE orders SET total = total + 1;"}
		publish(t, e, to)
		cfg := landlord.Config{
			Main:     engine.ServerConfig{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password},
			Database: s.LandlordDatabase, Prefix: s.Prefix,
		}
		undisturbed, stride := "", 1
		if s.Kind.IsMariaDB() {
			stride = onMariaDB
		}
		for point := 0; ; point += stride {
			slug := fmt.Sprintf("killed-%d", point)
			_, tenant := create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0", Modules: []string{"loyalty"}})
			db := s.Prefix + strings.ReplaceAll(slug, "-", "_")
			s.Exec(t, "INSERT INTO "+db+".orders (customer_id, total) VALUES (1, 10), (2, 20)", "INSERT INTO "+db+".points VALUES (1, 10)", "UPDATE "+db+".customers SET phone = id")
			p := prior(tenant)
			spec := landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@2.0.0", AllowDestructive: true}
			killed := victim{Config: cfg, Spec: spec, Prior: &p, Kill: point}.run(t)
			if point > 0 && !killed {
				if point < 10+stride {
					t.Fatalf("only %d points to be killed at", point-1)
				}
				return
			}
			if killed {
				next := engineOn(t, s)
				half, err := next.Tenant(t.Context(), slug)
				if err != nil {
					t.Fatalf("killed at point %d: %s", point, explain(err))
				}
				// Killed while its checkpoint was taken, it begins anew.
				if half.UpdateStatus == landlord.UpdateInterrupted || half.Template != spec.Template {
					if _, _, err := update(t.Context(), next, spec, half); err != nil {
						t.Fatalf("killed at point %d: %s", point, explain(err))
					}
				}
			}
			state := fmt.Sprint(snapshot(t, s, slug), s.QueryRows(t, "SELECT id, total FROM "+db+".orders ORDER BY id"))
			if point == 0 {
				undisturbed = state
			} else if diff := cmp.Diff(undisturbed, state); diff != "" {
				t.Errorf("killed at point %d (-undisturbed +killed and completed):\n%s", point, diff)
			}
		}
	})
}
