package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestTexts_migrationNotes shows what a plan says of data.
func TestTexts_migrationNotes(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e, tenant := shopTenant(t, s, "acme")
	db := s.Prefix + "acme"
	version := func(number string, change func(core map[string]string)) landlord.TenantSpec {
		to := shop(number)
		to.Seeds, to.Optional, to.ExtensionPoints = nil, nil, nil
		change(to.Core)
		publish(t, e, to)
		return landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@" + number, AllowDestructive: true}
	}
	replace := func(file, old, now string) func(map[string]string) {
		return func(core map[string]string) { core[file] = strings.Replace(core[file], old, now, 1) }
	}
	forbidden := version("1.1.0", replace("002_orders.sql", "phone VARCHAR(32) NULL", "phone VARCHAR(32) NOT NULL"))
	p := prior(tenant)
	run := engineOn(t, s)
	const cure = "Correct the rows and plan again. Or publish `shop@1.1.1` with a script `migrations/1.1.0--1.1.1.sql` that corrects them, and let the tenant follow that version: scripts run first."
	plan, err := run.PlanTenant(t.Context(), forbidden, &p)
	must(t, err)
	remarks(t, s, plan.Notes, "Data forbids a step of the migration [template]\nTenant `acme`: 2 rows of `customers` violate NOT NULL of `phone`, e.g. `id` 1.\n"+
		"ALTER TABLE `customers` MODIFY COLUMN `phone` varchar(32) COLLATE utf8mb4_unicode_ci NOT NULL, ALGORITHM=INPLACE, LOCK=NONE\n\n"+cure)
	_, err = run.UpdateTenant(t.Context(), forbidden, p, plan.Digest)
	refuses(t, s, err, "Data forbids a step of the migration [template]\n"+
		"Tenant `acme` cannot move to template `shop@1.1.0`: 2 rows of `customers` violate NOT NULL of `phone`, e.g. `id` 1.\n\n"+
		"ALTER TABLE `customers` MODIFY COLUMN `phone` varchar(32) COLLATE utf8mb4_unicode_ci NOT NULL, ALGORITHM=INPLACE, LOCK=NONE\n\n"+
		"Nothing was run. "+cure)

	scripted := func(number, script string) error {
		to := shop(number)
		to.Migrations = map[string]string{"1.0.0--" + number + ".sql": script}
		if _, err := e.PublishTemplate(t.Context(), to); err != nil {
			return err
		}
		_, err := engineOn(t, s).PlanTenant(t.Context(), landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@" + number}, &p)
		return err
	}
	refuses(t, s, scripted("1.0.1", "ALTER TABLE customers ADD UNIQUE KEY uq (nothing);"), "Server refuses a statement of the template [template]\nPlanning the migration to template `shop@1.0.1` stopped at statement 1 of 1.\n\n"+
		"migrations/1.0.0--1.0.1.sql:1:1: ALTER TABLE `customers` ADD UNIQUE KEY `uq` (`nothing`)\n\nCause: Key column 'nothing' doesn't exist in table\n\n"+
		"Correct the file.")
	refuses(t, s, scripted("1.0.2", "DROP DATABASE other;"), "Template does not fit together []\n"+
		"migrations/1.0.0--1.0.2.sql:1:1: error: Another database is named: `DROP DATABASE` drops a whole database. Leave the statement out.")
	for range 4 { // 2, 6, 42, 1,806, 16,806
		s.Exec(t, "INSERT INTO "+db+".customers (email) SELECT UUID() FROM "+db+".customers a, "+db+".customers b LIMIT 15000")
	}
	s.Exec(t, "ANALYZE TABLE "+db+".customers")
	wide := version("1.3.0", func(core map[string]string) {
		replace("001_customers.sql", "id INT NOT NULL", "id INT UNSIGNED NOT NULL")(core)
		delete(core, "002_orders.sql")
	})
	plan, err = engineOn(t, s).PlanTenant(t.Context(), wide, &p)
	must(t, err)
	remarks(t, s, plan.Notes, "Migration copies a large table [template]\nTenant `acme`: about MANY rows of `customers` are copied while writers wait.\n"+
		"ALTER TABLE `customers` MODIFY COLUMN `id` int unsigned NOT NULL AUTO_INCREMENT, ALGORITHM=COPY")

	// A table without a key loses a column: its rows are set aside as they are.
	version("1.4.0", func(core map[string]string) {
		core["003_log.sql"] = "CREATE TABLE log (what VARCHAR(20), at DATETIME);"
	})
	_, tenant, err = update(t.Context(), engineOn(t, s), landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.4.0"}, tenant)
	must(t, err)
	s.Exec(t, "INSERT INTO "+db+".log (what) VALUES ('something')")
	less := version("1.5.0", func(core map[string]string) { core["003_log.sql"] = "CREATE TABLE log (at DATETIME);" })
	plan, tenant, err = update(t.Context(), engineOn(t, s), less, tenant)
	must(t, err)
	same(t, plan.Steps[0].Reason, "The table has no primary key by then, so whole rows are kept for the values of `what` until the retention is over.")

	// A column that comes back as another one.
	gone := version("1.6.0", func(core map[string]string) {
		core["003_log.sql"] = "CREATE TABLE log (what VARCHAR(20), at DATETIME);"
		replace("002_orders.sql", "ALTER TABLE customers ADD COLUMN phone VARCHAR(32) NULL;\n", "")(core)
	})
	s.Exec(t, "UPDATE "+db+".customers SET phone = '1' WHERE id = 1")
	plan, tenant, err = update(t.Context(), engineOn(t, s), gone, tenant)
	must(t, err)
	remarks(t, s, plan.Notes, "Migration step affects data [template]\nTenant `acme`: 1 row of `customers` loses the value of `phone`, e.g. `id` 1.\n"+
		"ALTER TABLE `customers` DROP COLUMN `phone`, ALGORITHM=INSTANT")
	back := version("1.7.0", func(core map[string]string) {
		core["003_log.sql"] = "CREATE TABLE log (what VARCHAR(20), at DATETIME);"
		replace("002_orders.sql", "phone VARCHAR(32) NULL", "phone BLOB NULL")(core)
	})
	p = prior(tenant)
	plan, err = engineOn(t, s).PlanTenant(t.Context(), back, &p)
	must(t, err)
	remarks(t, s, plan.Notes, "Retired values do not come back by themselves [template]\n"+
		"The columns `phone` of table `customers` are not what they were when the values were retired, or it had or has another primary key, or none. The values stay in "+
		"`landlord_retired`.`r_HASH` until the retention is over.")
	s.Exec(t, "UPDATE "+s.LandlordDatabase+".retired_objects SET expires_at = UTC_TIMESTAMP(6)")
	later, err := engineOn(t, s).PlanTenant(t.Context(), back, &p)
	must(t, err)
	same(t, fmt.Sprintf("%s %+v", later.Digest, landlord.FindingsOf(later.Notes)), fmt.Sprintf("%s %+v", plan.Digest, landlord.FindingsOf(plan.Notes)))
}

// TestTexts_migrationStops: somebody keeps a table, and changes it meanwhile.
func TestTexts_migrationStops(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	tenant, to := migrating(t, s, "acme")
	db := s.Prefix + "acme"
	tx, err := s.DB().BeginTx(t.Context(), nil)
	must(t, err)
	defer func() { _ = tx.Rollback() }()
	var n int
	must(t, tx.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+db+".customers").Scan(&n))
	_, _, err = update(t.Context(), engineOn(t, s, func(c *landlord.Config) { c.Main.LockTimeout = time.Second }), to, tenant)
	refuses(t, s, err, "Tenant migration stopped [template]\nMigrating tenant `acme` to template `shop@2.0.0` stopped at statement 1 of 5.\n\n"+
		"ALTER TABLE `customers` ADD COLUMN `city` varchar(32) COLLATE utf8mb4_unicode_ci DEFAULT NULL, ALGORITHM=INSTANT\n\n"+
		"Cause: Lock wait timeout exceeded; try restarting transaction\n\n"+
		"What is done is kept and recorded. Correct the cause and apply again: the migration goes on where it stopped.")
	must(t, tx.Rollback())
	s.Exec(t, "CREATE TABLE "+db+".stray (id INT PRIMARY KEY)")
	next := engineOn(t, s)
	half, err := next.Tenant(t.Context(), "acme")
	must(t, err)
	_, _, err = update(t.Context(), next, to, half)
	refuses(t, s, err, "Interrupted migration met a changed schema [drift_policy]\n"+
		"The last migration of tenant `acme` was interrupted, and its schema is none that the migration goes through:\ntable `stray`: extra\n\n"+
		"Nothing was run. Undo the foreign change and plan again.")
	s.Exec(t, "DROP TABLE "+db+".stray")

	// Another run has the lock, and waits at its first point.
	release, done := make(chan struct{}), make(chan error, 1)
	half = holding(t, s, to, release, done)
	_, _, err = update(t.Context(), engineOn(t, s, func(c *landlord.Config) { c.LockTimeout = time.Second }), to, half)
	close(release)
	refuses(t, s, err, "Another run holds the lock [slug]\nUpdating tenant `acme` has to wait for another run.\n\n"+
		"The lock `landlord_tenant:tenant_acme#HASH` was not free within 1 second: it is held by CONNECTION.\n\nWait until that run is over and apply again, or raise `lock_timeout` of the provider.")
	must(t, <-done)
}

// holding starts a run that waits at its first point until it is released, and returns
// the tenant as the run found it. One that ends before begins again, twice at most.
func holding(t *testing.T, s *mysqltest.Server, to landlord.TenantSpec, release <-chan struct{}, done chan<- error) *landlord.Tenant {
	t.Helper()
	for attempt := 1; ; attempt++ {
		slow := engineOn(t, s)
		tenant, err := slow.Tenant(t.Context(), to.Slug)
		must(t, err)
		var once sync.Once
		reached, ended := make(chan struct{}), make(chan error, 1)
		slow.OnFault(func(string) { once.Do(func() { close(reached); <-release }) })
		go func() {
			_, _, err := update(context.WithoutCancel(t.Context()), slow, to, tenant)
			ended <- err
		}()
		select {
		case <-reached:
			go func() { done <- <-ended }()
			return tenant
		case err := <-ended:
			if err == nil || attempt == 3 {
				t.Fatalf("the other run ended before its first point: %v", err)
			}
			t.Logf("the other run ended before its first point: %s", explain(err))
		}
	}
}

// TestTexts_creationStops: somebody works in a database while it is made.
func TestTexts_creationStops(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	publish(t, engineOn(t, s), shop("1.0.0"))
	spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0"}
	db := s.Prefix + "acme"
	there := func(database, table string) bool {
		return len(s.QueryRows(t, "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", database, table)) > 0
	}
	meddle := func(slug, when, statement string) error {
		e := engineOn(t, s)
		of := spec
		of.Slug = slug
		plan, err := e.PlanTenant(t.Context(), of, nil)
		if err != nil {
			return err
		}
		var once sync.Once
		e.OnFault(func(string) {
			if there(s.Prefix+slug, when) {
				once.Do(func() { s.Exec(t, statement) })
			}
		})
		_, err = e.CreateTenant(t.Context(), of, plan.Digest)
		return err
	}
	refuses(t, s, meddle("acme", "customers", "CREATE TABLE "+db+".orders (id INT PRIMARY KEY)"), "Tenant creation stopped [slug]\nCreating tenant `acme` from template `shop@1.0.0` stopped at statement 3 of 7.\n\n"+
		"CREATE TABLE `orders` (`id` INT NOT NULL AUTO_INCREMENT PRIMARY KEY, `customer_id` INT NOT NULL, `total` DECIMAL(12,2) NOT NULL DEFAULT 0, KEY "+
		"`ix_customer` (`customer_id`), CONSTRAINT `fk_orders_customer` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`))\n\n"+
		"Cause: Table 'orders' already exists\n\nWhat is done is kept and recorded. Correct the cause and apply again: the creation goes on where it stopped.")
	refuses(t, s, meddle("beta", "customers", "CREATE TABLE "+s.Prefix+"beta.stray (id INT PRIMARY KEY)"), "Tenant schema is not what was predicted [slug]\n"+
		"All statements of template `shop@1.0.0` ran in database `tenant_beta`, but the result differs from the scratch database.\n\ntable `stray`: extra\n\n"+
		"Somebody changed the database while it was created, or the server's settings differ between sessions. The tenant is not recorded as created. "+
		"Apply again, or report this with the statements above.")
	s.Exec(t, "INSERT INTO "+db+".customers (email) VALUES ('x')", "ALTER TABLE "+db+".orders ADD COLUMN stray INT")
	e := engineOn(t, s)
	plan, err := e.PlanTenant(t.Context(), spec, nil)
	if err == nil {
		_, err = e.CreateTenant(t.Context(), spec, plan.Digest)
	}
	refuses(t, s, err, "Interrupted creation cannot go on [slug]\n"+
		"The creation of database `tenant_acme` was interrupted; since then its schema was changed, and table `customers` holds rows.\n\nNothing was touched.\n\n"+
		"Either take it over as it is (delete the row of database `tenant_acme` from `tenants` of the landlord database and import the tenant), or drop "+
		"the database yourself and apply again.")
}

// TestTexts_scheduler: what is set aside is not purged on time.
func TestTexts_scheduler(t *testing.T) {
	t.Parallel()
	p := mysqltest.Private(t, mysqltest.Kinds(t)[0], mysqltest.Args("--event-scheduler=OFF"))
	tenant, to := migrating(t, p.Server, "acme")
	p.Exec(t, "UPDATE "+tenant.DatabaseName+".customers SET phone = '1'")
	before := prior(tenant)
	plan, err := engineOn(t, p.Server).PlanTenant(t.Context(), to, &before)
	must(t, err)
	remarks(t, p.Server, plan.Notes, "Retired data is purged at a later apply [allow_destructive]\n"+
		"The event scheduler of the server is off, so retired data whose retention is over goes with the next apply. `SET GLOBAL event_scheduler = ON` "+
		"purges it every hour.")
}
