package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// wantProblem compares a problem whole: summary, attribute and paragraphs.
func wantProblem(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, wanted\n%s", want)
	}
	if diff := cmp.Diff(want, explain(err)); diff != "" {
		t.Fatalf("problem (-want +got):\n%s", diff)
	}
}

func TestDeleteTenant(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
	db := s.Prefix + "acme"

	err := e.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionProtect})
	wantProblem(t, err, "Tenant is protected from deletion [deletion_policy]\n"+
		"Tenant `acme` with database `"+db+"` has the deletion policy `protect`. Nothing was touched.\n\n"+
		"To let it go, first apply `deletion_policy = \"archive\"` (the database stays, nobody can use it) or `deletion_policy = \"drop\"` (the data is destroyed), then destroy. "+
		"To only forget it in Terraform, use a `removed` block with `destroy = false`.")
	err = e.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop})
	wantProblem(t, err, "Dropping a tenant destroys its data [allow_destructive]\n"+
		"Tenant `acme` has the deletion policy `drop`: database `"+db+"` with all its rows would be lost. Nothing was touched.\n\n"+
		"Apply `allow_destructive = true`, or name a data checkpoint of the tenant in `deletion_checkpoint`, then destroy.")
	err = e.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, Checkpoint: "nightly"})
	wantProblem(t, err, "Checkpoint of the tenant is missing [deletion_checkpoint]\n"+
		"Tenant `acme` is to be dropped on the strength of checkpoint `nightly`, but it has no checkpoint of that name. Nothing was touched.\n\n"+
		"Take the checkpoint first, or apply `allow_destructive = true`.")
	if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+db+".customers"); rows[0][0] != "2" {
		t.Fatalf("customers: %v", rows)
	}

	err = e.DeleteTemplate(t.Context(), "shop")
	wantProblem(t, err, "Template is in use [name]\nTemplate `shop` cannot be deleted: it has 1 tenant: `acme`.\n\n"+
		"Destroy or move these tenants first, or keep the template with a `removed` block (`destroy = false`). To give a template another name, "+
		"set `lifecycle { create_before_destroy = true }` in its resource: then the tenants move before the old one goes.")

	if err := e.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}); err != nil {
		t.Fatal(explain(err))
	}
	if rows := s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?", db); rows[0][0] != "0" {
		t.Errorf("the database is still there")
	}
	if _, err := engineOn(t, s).Tenant(t.Context(), "acme"); !errors.Is(err, landlord.ErrNotFound) {
		t.Errorf("after dropping: %v", err)
	}
	if err := e.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop}); !errors.Is(err, landlord.ErrNotFound) {
		t.Errorf("dropping again: %v", err)
	}
	if err := engineOn(t, s).DeleteTemplate(t.Context(), "shop"); err != nil {
		t.Errorf("deleting the unused template: %s", explain(err))
	}
}

// TestTenant_lockedOut archives a tenant and brings it back: its accounts lose
// what they may do with the database, and get exactly that back.
func TestTenant_lockedOut(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, shop("1.0.0"))
		spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"}
		create(t, e, spec)
		user, db := s.Prefix+"app", s.Prefix+"acme"
		s.Exec(t, "CREATE USER '"+user+"'@'%' IDENTIFIED BY 'Secret-1-app'",
			"GRANT SELECT, INSERT ON `"+strings.ReplaceAll(db, "_", `\_`)+"`.* TO '"+user+"'@'%'",
			"GRANT UPDATE ON "+db+".customers TO '"+user+"'@'%'")
		app := s.Open(t, user, "Secret-1-app", db)
		reads := func() error {
			var n int
			return app.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM customers").Scan(&n)
		}
		if err := reads(); err != nil {
			t.Fatal(err)
		}
		grants := s.QueryRows(t, "SHOW GRANTS FOR '"+user+"'@'%'")

		if err := e.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionArchive}); err != nil {
			t.Fatal(explain(err))
		}
		if err := reads(); err == nil {
			t.Error("the account still reads the archived tenant")
		}
		next := engineOn(t, s)
		archived, err := next.Tenant(t.Context(), "acme")
		if err != nil || archived.Status != landlord.StatusArchived {
			t.Fatalf("archived tenant: %+v, %v", archived, err)
		}
		spec.Status = landlord.StatusActive
		if _, _, err := update(t.Context(), next, spec, archived); err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff(grants, s.QueryRows(t, "SHOW GRANTS FOR '"+user+"'@'%'")); diff != "" {
			t.Errorf("grants (-before +after):\n%s", diff)
		}
	})
}

// TestTenant_lockedOutUnseen suspends with an account that sees no grants but
// its own: it would lock nobody out, so it is an error and the tenant stays
// active. With the privilege that is named, the application is out.
func TestTenant_lockedOutUnseen(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		account, own := s.ProviderAccount(t)
		user, password := s.Prefix+"app", "Secret-1-app"
		s.Exec(t, "REVOKE SELECT ON mysql.* FROM "+account, "CREATE USER "+user+" IDENTIFIED BY '"+password+"'",
			"GRANT SELECT ON "+mysqltest.QuoteName(strings.ReplaceAll(s.Prefix+"acme", "_", `\_`))+".* TO "+user)
		start := func() *engine.Engine {
			return engineOn(t, s, func(c *landlord.Config) { c.Main.Username, c.Main.Password = account, own })
		}
		publish(t, start(), shop("1.0.0"))
		spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"}
		_, tenant := create(t, start(), spec)
		reads := func() error {
			var n int
			return s.Open(t, user, password, tenant.DatabaseName).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM customers").Scan(&n)
		}
		suspend := func() error {
			locked := spec
			locked.Status = landlord.StatusSuspended
			_, _, err := update(t.Context(), start(), locked, tenant)
			return err
		}
		unseen := func(cause string) {
			t.Helper()
			wantProblem(t, suspend(), "Tenant status cannot be changed [status]\nTenant `acme` was to become `suspended`.\n\n"+
				"Cause: the account of the provider does not see what other accounts were granted, it lacks SELECT on `mysql.*`: "+cause+"\n\n"+
				"The account of the provider needs the right to read `mysql.*` and to grant what the tenant's accounts have. Apply again.")
			if err := reads(); err != nil {
				t.Errorf("nobody was to be locked out: %v", err)
			}
		}
		command := "SELECT command denied to user '" + account + "'@'"
		err := suspend()
		if err == nil || !strings.Contains(explain(err), command) {
			t.Errorf("without any right on `mysql`: %v", err)
		}
		s.Exec(t, "GRANT SELECT ON mysql.user TO "+account)
		first := s.QueryRows(t, "SELECT MIN(CONCAT('''', User, '''@''', Host, '''')) FROM mysql.user WHERE Host <> '' AND User <> ?", account)[0][0]
		unseen("those of " + first + " are not shown")
		s.Exec(t, "GRANT SELECT ON mysql.* TO "+account)
		if err := suspend(); err != nil {
			t.Fatal(explain(err))
		}
		if reads() == nil {
			t.Error("the application still reads the suspended tenant")
		}
	})
}

func TestTenant_adopted(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	db := s.Prefix + "old"
	s.Exec(t, "CREATE DATABASE "+db, "CREATE TABLE "+db+".customers (id INT NOT NULL PRIMARY KEY AUTO_INCREMENT, email VARCHAR(190) NOT NULL)",
		"CREATE TABLE "+db+".legacy (id INT PRIMARY KEY)", "INSERT INTO "+db+".customers (email) VALUES ('a@example.com')")
	spec := landlord.TenantSpec{Slug: "old", Name: "Old", Template: "shop@1.0.0"}

	_, err := engineOn(t, s).PlanTenant(t.Context(), spec, nil)
	wantProblem(t, err, "Database exists already [slug]\nTenant `old` needs the database `"+db+"`, which exists on the server and which the landlord database does not know.\n\n"+
		"Nothing in it was touched.\n\nTo take it over as it is, import it: `terraform import <address> old`. Otherwise choose another slug.")

	next := engineOn(t, s)
	found, err := next.Tenant(t.Context(), "old")
	if err != nil {
		t.Fatal(explain(err))
	}
	if found.Registered || found.SchemaFingerprint == "" {
		t.Errorf("found: %+v", found)
	}
	plan, after, err := update(t.Context(), next, spec, found)
	if err != nil {
		t.Fatal(explain(err))
	}
	if !plan.Adopt || after.Template != "shop@1.0.0" || len(after.Drift) != 0 {
		t.Errorf("adopted: %+v", after)
	}
	// What the template does not know stays as it is.
	if rows := s.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY BINARY TABLE_NAME", db); cmp.Diff([][]string{{"customers"}, {"legacy"}, {"order_totals"}, {"orders"}}, rows) != "" {
		t.Errorf("tables: %v", rows)
	}
	if rows := s.QueryRows(t, "SELECT email FROM "+db+".customers"); cmp.Diff([][]string{{"a@example.com"}}, rows) != "" {
		t.Errorf("rows: %v", rows)
	}
}

func TestTenant_databaseGone(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"}
	create(t, e, spec)
	s.Exec(t, "DROP DATABASE "+s.Prefix+"acme")
	next := engineOn(t, s)
	gone, err := next.Tenant(t.Context(), "acme")
	if err != nil || !gone.DatabaseMissing {
		t.Fatalf("gone: %+v, %v", gone, err)
	}
	plan, _ := create(t, next, spec)
	if len(plan.Notes) != 1 || plan.Notes[0].Summary != "Tenant database is gone" {
		t.Errorf("notes: %+v", plan.Notes)
	}
	if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.Prefix+"acme.customers"); rows[0][0] != "2" {
		t.Errorf("customers: %v", rows)
	}
}

func TestTenant_sharedDatabase(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	if _, err := e.PlanTenant(t.Context(), landlord.TenantSpec{Slug: "a-b", Name: "A", Template: "shop@1.0.0"}, nil); err != nil {
		t.Fatal(explain(err))
	}
	_, err := e.PlanTenant(t.Context(), landlord.TenantSpec{Slug: "a_b", Name: "B", Template: "shop@1.0.0"}, nil)
	wantProblem(t, err, "Two tenants would share a database [slug]\nThe slugs `a-b` and `a_b` both make the database name `"+s.Prefix+"a_b`, since `-` becomes `_`.\n\nChoose another slug for one of them.")
}

func TestPublishTemplate_immutable(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	publish(t, engineOn(t, s), shop("1.0.0"))
	changed := shop("1.0.0")
	changed.Core["001_customers.sql"] = "CREATE TABLE customers (id INT NOT NULL PRIMARY KEY AUTO_INCREMENT, email VARCHAR(200) NOT NULL);"
	_, err := engineOn(t, s).PlanTemplate(t.Context(), changed)
	wantProblem(t, err, "Published template version cannot change [version]\nTemplate `shop@1.0.0` is published, and tenants rely on what it was.\n\n"+
		"Changed since: `core/001_customers.sql`.\n\nPublish the change under a new version: `1.0.1` (a correction) or `1.1.0` (an addition).")
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)

	// Two first runs at once: one makes it, the other waits.
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		e := engineOn(t, s)
		spec := shop("1.0.0")
		spec.Name = []string{"one", "two"}[i]
		wg.Go(func() { _, errs[i] = e.PublishTemplate(t.Context(), spec) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(explain(err))
		}
	}
	s.Exec(t, "INSERT INTO "+s.LandlordDatabase+".landlord_versions (version) VALUES (99)")
	_, err := engineOn(t, s).Tenants(t.Context(), tenant.Filter{})
	wantProblem(t, err, "Landlord database is newer than the provider []\nThe landlord database `"+s.LandlordDatabase+"` has version 99; this provider knows versions up to 14.\n\n"+
		"Use the provider version that upgraded it, or a later one.")
}

func TestRegistry_foreign(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	s.Exec(t, "CREATE DATABASE "+s.LandlordDatabase, "CREATE TABLE "+s.LandlordDatabase+".accounts (id INT PRIMARY KEY)")
	_, err := engineOn(t, s).PublishTemplate(t.Context(), shop("1.0.0"))
	wantProblem(t, err, "Database is no landlord database []\nThe database `"+s.LandlordDatabase+"` exists and holds 1 table, but none that says that it is a landlord database.\n\n"+
		"Name another one in `landlord_database` of the provider; it is created when it does not exist.")
}

// TestLock holds a tenant's lock elsewhere: the second run says who holds it.
func TestLock(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
	reached, release := make(chan struct{}), make(chan struct{})
	slow := engineOn(t, s)
	publish(t, slow, shopWithout())
	var once sync.Once
	slow.OnFault(func(string) { once.Do(func() { close(reached); <-release }) })
	to := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@2.0.0", AllowDestructive: true}
	done := make(chan error, 1)
	go func() {
		_, _, err := update(context.WithoutCancel(t.Context()), slow, to, tenant)
		done <- err
	}()
	<-reached
	other := engineOn(t, s, func(c *landlord.Config) { c.LockTimeout = 1e9 })
	_, _, err := update(t.Context(), other, landlord.TenantSpec{Slug: "acme", Name: "New name", Template: "shop@1.0.0"}, tenant)
	close(release)
	var p *landlord.Problem
	if !errors.As(err, &p) || p.Summary != "Another run holds the lock" || !strings.Contains(p.Text(), s.Username) {
		t.Errorf("got %v", err)
	}
	if err := <-done; err != nil {
		t.Error(explain(err))
	}
}
