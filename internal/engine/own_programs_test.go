package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// ownPrograms are what an account of a tenant may make by itself, a few
// statements a kind. `spied()` writes down who has run it: nobody but the tenant
// may ever do so. {by} is the DEFINER of that account.
var ownPrograms = map[string]struct {
	do      []string
	mariaDB bool
}{
	"table":                          {do: []string{"CREATE TABLE own (id INT PRIMARY KEY, v VARCHAR(20))", "INSERT INTO own VALUES (1, 'a')"}},
	"table that nothing keys":        {do: []string{"CREATE TABLE own (v VARCHAR(20))", "INSERT INTO own VALUES ('a'), ('a')"}},
	"table of computed columns":      {do: []string{"CREATE TABLE own (id INT PRIMARY KEY, twice INT AS (id * 2) STORED, much INT AS (id * 9) VIRTUAL, KEY (much))", "INSERT INTO own (id) VALUES (4)"}},
	"table that refers":              {do: []string{"CREATE TABLE own (id INT PRIMARY KEY, customer_id INT, CONSTRAINT own_fk FOREIGN KEY (customer_id) REFERENCES customers (id))", "INSERT INTO own VALUES (1, 1)"}},
	"column of the template":         {do: []string{"ALTER TABLE customers ADD COLUMN own INT NULL, ADD KEY own (own)"}},
	"view":                           {do: []string{"CREATE {by} VIEW own AS SELECT id, email FROM customers"}},
	"view that spies":                {do: []string{"CREATE {by} SQL SECURITY INVOKER VIEW own AS SELECT id, spied() AS seen FROM customers"}},
	"view that fails":                {do: []string{"CREATE TABLE gone (id INT)", "CREATE {by} VIEW own AS SELECT * FROM gone", "DROP TABLE gone"}},
	"view of another's name":         {do: []string{"CREATE {by} SQL SECURITY INVOKER VIEW own AS SELECT o.id, c.email FROM orders o JOIN customers c ON c.id = o.customer_id"}},
	"view of a view":                 {do: []string{"CREATE {by} VIEW own AS SELECT customer_id FROM order_totals"}},
	"view with the database's alias": {do: []string{"CREATE {by} VIEW own AS SELECT {database}.email FROM customers AS {database} JOIN orders ON orders.customer_id = {database}.id"}},
	"function":                       {do: []string{"CREATE {by} FUNCTION own(n INT) RETURNS INT DETERMINISTIC RETURN n + 1"}},
	"function of a table":            {do: []string{"CREATE {by} FUNCTION own() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM customers)"}},
	"procedure":                      {do: []string{"CREATE {by} PROCEDURE own() BEGIN PREPARE s FROM 'DELETE FROM orders'; EXECUTE s; END"}},
	"trigger":                        {do: []string{"CREATE TABLE own (id INT PRIMARY KEY)", "CREATE {by} TRIGGER own_t BEFORE INSERT ON own FOR EACH ROW SET NEW.id = NEW.id + spied()", "ALTER TABLE own COMMENT = 'with a trigger'"}},
	"trigger on the template's":      {do: []string{"CREATE {by} TRIGGER own_t BEFORE UPDATE ON customers FOR EACH ROW SET NEW.phone = UPPER(NEW.phone)"}},
	"event":                          {do: []string{"CREATE {by} EVENT own ON SCHEDULE EVERY 1 DAY STARTS '2020-01-01 00:00:00' DO DELETE FROM spies WHERE who = 'nobody'"}},
	"event that ends":                {do: []string{"CREATE {by} EVENT own ON SCHEDULE AT '2037-01-01 00:00:00' DO DELETE FROM spies WHERE who = 'nobody'"}},
	"event that is disabled":         {do: []string{"CREATE {by} EVENT own ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM spies WHERE who = 'nobody'"}},
	"names with quotes":              {do: []string{"CREATE TABLE `own ``t` (`a``b` INT PRIMARY KEY)", "CREATE {by} VIEW `own ``v` AS SELECT `a``b` FROM `own ``t`"}},
	"sequence":                       {do: []string{"CREATE SEQUENCE own START WITH 7"}, mariaDB: true},
	"package": {do: []string{"SET sql_mode = 'ORACLE'", "CREATE {by} PACKAGE own AS FUNCTION f RETURN INT; END",
		"CREATE {by} PACKAGE BODY own AS FUNCTION f RETURN INT AS BEGIN RETURN 1; END; END", "SET sql_mode = DEFAULT"}, mariaDB: true},
}

// ownTenant is a tenant whose account has made something by itself.
type ownTenant struct {
	s         *mysqltest.Server
	directory string
	slug, db  string
	template  string
	made      string // what there is of the tenant's own
	custom    *customization.Customization
	status    landlord.Status
}

func (o *ownTenant) run(t *testing.T) *engine.Engine { return copying(t, o.s, o.directory) }

// own writes what the database has under a name that the tenant has chosen.
func (o *ownTenant) own(t *testing.T, db string) string {
	t.Helper()
	out := o.s.QueryRows(t, "SELECT TABLE_TYPE, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME LIKE 'own%'"+
		" UNION ALL SELECT 'column', CONCAT(TABLE_NAME, '.', COLUMN_NAME) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND COLUMN_NAME = 'own'"+
		" UNION ALL SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? AND ROUTINE_NAME LIKE 'own%'"+
		" UNION ALL SELECT 'trigger', TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? AND TRIGGER_NAME LIKE 'own%'"+
		" UNION ALL SELECT 'event', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? AND EVENT_NAME LIKE 'own%' ORDER BY 1, 2", db, db, db, db, db)
	return fmt.Sprint(out)
}

// check holds a verb to what it may do with the tenant's own: nothing.
func (o *ownTenant) check(t *testing.T, verb string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %s", verb, explain(err))
	}
	if got := o.own(t, o.db); got != o.made {
		t.Fatalf("%s: the tenant's own was %s and is %s", verb, o.made, got)
	}
	if rows := o.s.QueryRows(t, "SELECT who FROM "+o.db+".spies"); len(rows) > 0 {
		t.Fatalf("%s: what the tenant has made was run by %v", verb, rows)
	}
}

func (o *ownTenant) spec(template string) landlord.TenantSpec {
	return landlord.TenantSpec{Slug: o.slug, Name: o.slug, Template: template, Status: o.status, AllowDestructive: true}
}

// update takes the tenant to a version, and status.
func (o *ownTenant) update(t *testing.T, template string) {
	t.Helper()
	e := o.run(t)
	tenant, err := e.Tenant(t.Context(), o.slug)
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(tenant.Drift) == 0 {
		t.Errorf("what the tenant has made by itself is no drift")
	}
	_, _, err = update(t.Context(), e, o.spec(template), tenant)
	o.check(t, "update to "+template, err)
	o.template = template
}

func (o *ownTenant) customize(t *testing.T, verb string, patch landlord.CustomizationPatch) {
	t.Helper()
	var err error
	_, o.custom, err = customize(t, o.run(t), customization.Spec{Tenant: o.slug, Name: "mine", Reason: "test", Patch: patch, AllowDestructive: true}, o.custom)
	o.check(t, verb, err)
}

func (o *ownTenant) restore(t *testing.T, mode landlord.RestoreMode) {
	t.Helper()
	e := o.run(t)
	spec := landlord.RestoreSpec{Tenant: o.slug, Checkpoint: o.slug + "/first", Mode: mode, AllowDestructive: true}
	plan, err := e.PlanRestore(t.Context(), spec)
	if err != nil {
		t.Fatalf("plan to restore %s: %s", mode, explain(err))
	}
	done, err := e.Restore(t.Context(), spec, plan.Digest)
	o.check(t, "restore "+string(mode), err)
	if got := o.own(t, done.DatabaseName); got != o.made && len(done.Report.Skipped) == 0 {
		t.Errorf("restore %s: the tenant's own was %s and is %s in the restored database", mode, o.made, got)
	}
	if rows := o.s.QueryRows(t, "SELECT who FROM "+done.DatabaseName+".spies"); len(rows) > 0 {
		t.Errorf("restore %s: what the tenant has made was run by %v", mode, rows)
	}
	if mode == landlord.RestoreSideBySide {
		if rows := o.s.QueryRows(t, "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? AND STATUS = 'ENABLED'", done.DatabaseName); len(rows) > 0 {
			t.Errorf("events run in the copy: %v", rows)
		}
	}
}

// newOwnTenant makes a tenant, an account of it, and what that account makes.
func newOwnTenant(t *testing.T, s *mysqltest.Server, slug string, do []string) *ownTenant {
	t.Helper()
	o := &ownTenant{s: s, directory: t.TempDir(), slug: slug, status: landlord.StatusActive}
	_, tenant := create(t, o.run(t), o.spec("store@1.0.0"))
	o.db = tenant.DatabaseName
	account := fmt.Sprintf("'%s%s'@'%%'", s.Prefix, slug)
	s.Exec(t, "CREATE USER "+account+" IDENTIFIED BY 'nothing secret'", fmt.Sprintf("GRANT ALL ON `%s`.* TO %s", strings.ReplaceAll(o.db, "_", `\_`), account))
	statements := append([]string{"CREATE TABLE spies (who VARCHAR(200))",
		"CREATE {by} FUNCTION spied() RETURNS INT DETERMINISTIC READS SQL DATA BEGIN INSERT INTO spies VALUES (USER()); RETURN 1; END"}, do...)
	for i := range statements {
		statements[i] = strings.NewReplacer("{by}", "DEFINER = "+account, "{database}", o.db).Replace(statements[i])
	}
	runIn(t, s, o.db, statements...)
	o.made = o.own(t, o.db)
	return o
}

// TestTenant_programsOfItsOwn: what an account of a tenant has made by itself is
// drift, and no verb fails of it, takes it away or runs it.
func TestTenant_programsOfItsOwn(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, store("1.0.0"))
		publish(t, e, nextStore())
		n := 0
		for name, own := range ownPrograms {
			if own.mariaDB && !isMariaDB(s) {
				continue
			}
			n++
			slug := fmt.Sprintf("own%d", n)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				o := newOwnTenant(t, s, slug, own.do)
				if o.made == "[]" {
					t.Fatal("the tenant has made nothing")
				}
				o.verbs(t)
			})
		}
	})
}

// verbs are all that is done to a tenant between its creation and its end.
func (o *ownTenant) verbs(t *testing.T) {
	t.Helper()
	_, err := o.run(t).Drift(t.Context(), o.slug, true)
	o.check(t, "drift", err)
	patch := landlord.CustomizationPatch{
		Tables:  map[string]string{"visits": "CREATE TABLE visits (id INT PRIMARY KEY, customer_id INT)"},
		Columns: []landlord.CustomizationColumn{{Table: "customers", Name: "vip", Definition: "INT NULL"}},
		Views:   map[string]string{"vips": "SELECT id FROM customers WHERE vip > 0"},
		SQL:     "CREATE TRIGGER orders_vip AFTER INSERT ON orders FOR EACH ROW UPDATE customers SET vip = 1 WHERE id = NEW.customer_id;\nCREATE FUNCTION vip_of(who INT) RETURNS INT READS SQL DATA RETURN (SELECT vip FROM customers WHERE id = who);",
	}
	o.customize(t, "customize", patch)
	patch.Views = map[string]string{"vips": "SELECT id, email FROM customers WHERE vip > 0"}
	o.customize(t, "change the customization", patch)
	_, err = o.run(t).TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: o.slug, Name: "first", Contents: landlord.CheckpointData, Verify: true})
	o.check(t, "checkpoint", err)
	_, err = o.run(t).TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: o.slug, Name: "shape", Contents: landlord.CheckpointSchema, Retention: time.Hour})
	o.check(t, "checkpoint of the schema", err)
	o.update(t, "store@2.0.0")
	o.restore(t, landlord.RestoreSideBySide)
	o.restore(t, landlord.RestoreInPlace)
	o.update(t, "store@2.0.0")
	o.update(t, "store@1.0.0")
	o.status = landlord.StatusSuspended
	o.update(t, "store@1.0.0")
	o.status = landlord.StatusActive
	o.update(t, "store@1.0.0")
	err = o.run(t).RemoveCustomization(t.Context(), o.slug, "mine", customization.RemovalOptions{DestructiveMode: landlord.Drop, AllowDestructive: true})
	o.check(t, "remove the customization", err)
	o.repair(t)
	if err := o.run(t).DeleteTenant(t.Context(), o.slug, landlord.DeleteOptions{Policy: landlord.DeletionDrop, Checkpoint: "first"}); err != nil {
		t.Fatalf("delete: %s", explain(err))
	}
}

// repair takes away what the tenant has made, because somebody has asked for it.
func (o *ownTenant) repair(t *testing.T) {
	t.Helper()
	e := o.run(t)
	tenant, err := e.Tenant(t.Context(), o.slug)
	if err != nil {
		t.Fatal(explain(err))
	}
	spec := o.spec(o.template)
	spec.DriftPolicy, spec.DestructiveMode = landlord.DriftRepair, landlord.Drop
	if _, _, err := update(t.Context(), e, spec, tenant); err != nil {
		t.Fatalf("repair: %s", explain(err))
	}
	if rows := o.own(t, o.db); rows != "[]" {
		t.Errorf("repaired, and there is still %s", rows)
	}
	noDrift(t, o.run(t), o.slug)
}
