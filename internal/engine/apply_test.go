package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestReadOnly lets the server of an administrator's account become a replica:
// nothing is written there, whatever is asked for, and everything works again
// when it takes writes.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	s := mysqltest.Private(t, mysqltest.One(t).Kind)
	directory := t.TempDir()
	e := copying(t, s.Server, directory)
	stocked(t, s.Server, e, "acme")
	publish(t, e, shop("1.0.0"))
	take(t, e, "acme", "one")
	beside, err := e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "one", Mode: landlord.RestoreSideBySide}, "")
	if err != nil {
		t.Fatal(explain(err))
	}
	gone := landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true, Automatic: landlord.AutomaticNone}
	verbs := []struct {
		name string
		do   func(ctx context.Context, e *engine.Engine) error
	}{
		{"taking a checkpoint", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.TakeCheckpoint(ctx, checkpointing.Spec{Tenant: "acme", Name: "two", Contents: landlord.CheckpointSchema})
			return err
		}},
		{"verifying a checkpoint", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.VerifyCheckpoint(ctx, "acme", "one")
			return err
		}},
		{"keeping a checkpoint", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.KeepCheckpoint(ctx, "acme", "one", time.Hour)
			return err
		}},
		{"deleting a checkpoint", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.DeleteCheckpoint(ctx, "acme", "one")
			return err
		}},
		{"deleting a restore", func(ctx context.Context, e *engine.Engine) error { return e.DeleteRestore(ctx, beside.ID) }},
		{"deleting a template", func(ctx context.Context, e *engine.Engine) error { return e.DeleteTemplate(ctx, "shop") }},
		{"dropping a tenant", func(ctx context.Context, e *engine.Engine) error { return e.DeleteTenant(ctx, "acme", gone) }},
	}
	state := func() [][]string {
		return s.QueryRows(t, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE ? ORDER BY 1", s.Prefix+"%")
	}
	before := state()
	s.Exec(t, "SET GLOBAL read_only = ON")
	for _, verb := range verbs {
		t.Log(verb.name)
		wantProblem(t, verb.do(t.Context(), copying(t, s.Server, directory)),
			"Server is read-only [server]\nThe server does not take changes at present: `read_only` is on, as on a replica or after a failover.\n\n"+
				"Let `endpoint` of the provider name the primary and apply again; what was interrupted goes on where it stopped.")
	}
	if diff := cmp.Diff(before, state()); diff != "" {
		t.Errorf("databases (-before +after):\n%s", diff)
	}
	s.Exec(t, "SET GLOBAL read_only = OFF")
	for _, verb := range verbs {
		if err := verb.do(t.Context(), copying(t, s.Server, directory)); err != nil {
			t.Errorf("%s: %s", verb.name, explain(err))
		}
	}
}

// TestReadOnly_further plans a migration on a further server that takes no writes: the
// plan refuses it, and one that changes nothing there does not ask.
func TestReadOnly_further(t *testing.T) {
	t.Parallel()
	kind := mysqltest.One(t).Kind
	main, eu := mysqltest.One(t), mysqltest.Private(t, kind)
	also := func(c *landlord.Config) {
		c.Servers = map[string]engine.ServerConfig{"eu": {Endpoint: eu.Endpoint(), Username: eu.Username, Password: eu.Password}}
	}
	e := engineOn(t, main, also)
	publish(t, e, shop("1.0.0"))
	more := shop("1.1.0")
	more.Core["003_more.sql"] = "ALTER TABLE customers ADD COLUMN more INT NULL;"
	publish(t, e, more)
	spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0", Server: "eu"}
	_, tenant := create(t, e, spec)
	eu.Exec(t, "SET GLOBAL read_only = ON")
	state := prior(tenant)
	if plan, err := engineOn(t, main, also).PlanTenant(t.Context(), spec, &state); err != nil || plan.HasWork() {
		t.Errorf("the same: %+v, %s", plan, said(err))
	}
	spec.Template = "shop@1.1.0"
	_, err := engineOn(t, main, also).PlanTenant(t.Context(), spec, &state)
	wantProblem(t, err, "Server is read-only [server]\nThe server does not take changes at present: `read_only` is on, as on a replica or after a failover.\n\n"+
		"Let `endpoint` of the provider name the primary and apply again; what was interrupted goes on where it stopped.")
}

// TestRollback_intent: the statements of a rollback that run together are
// recorded as intended together, as those of an update are.
func TestRollback_intent(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	to := shop("2.0.0")
	to.Core["003_parcels.sql"] = "CREATE TABLE parcels (id INT NOT NULL PRIMARY KEY); CREATE TABLE stamps (id INT NOT NULL PRIMARY KEY);"
	publish(t, e, to)
	_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
	if _, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "shape", Contents: landlord.CheckpointSchema}); err != nil {
		t.Fatal(explain(err))
	}
	if _, _, err := update(t.Context(), e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@2.0.0"}, tenant); err != nil {
		t.Fatal(explain(err))
	}
	var states [][]string
	e.OnFault(func(point string) {
		if point == "after intent" {
			states = s.QueryRows(t, "SELECT s.operation, s.state FROM "+s.LandlordDatabase+".tenant_migration_steps s JOIN "+s.LandlordDatabase+
				".tenant_migrations_history h ON h.id = s.migration_id WHERE h.migration_name = 'restore shape' ORDER BY s.step")
		}
	})
	if _, err := e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "shape", Mode: landlord.RestoreInPlace, AllowDestructive: true}, ""); err != nil {
		t.Fatal(explain(err))
	}
	if len(states) < 2 {
		t.Fatalf("steps: %v", states)
	}
	for _, step := range states {
		if step[1] != "intent" {
			t.Errorf("%s is recorded as %s", step[0], step[1])
		}
	}
}

// TestEstate_forget: what becomes of one tenant, well or badly, does not make a
// run read again what it has read of the others.
func TestEstate_forget(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	for _, slug := range []string{"acme", "beta"} {
		create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0"})
	}
	record := s.Record(t)
	next := engineOn(t, s, func(c *landlord.Config) { c.Main.Username, c.Main.Password = record.Username, record.Password })
	if all, err := next.Tenants(t.Context(), tenant.Filter{}); err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	if err := next.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}); err != nil {
		t.Fatal(explain(err))
	}
	record.Reset(t)
	if _, err := next.Tenant(t.Context(), "beta"); err != nil {
		t.Fatal(explain(err))
	}
	if n := record.Count(t); n != 0 {
		t.Errorf("%d statements to read another tenant:\n%s", n, strings.Join(record.Statements(t), "\n"))
	}
	if _, err := next.Tenant(t.Context(), "acme"); err == nil || record.Count(t) == 0 {
		t.Errorf("the dropped tenant: %v, found with %d statements", err, record.Count(t))
	}
}

// TestEstate_waits: who waits for what the server says of one tenant keeps
// nobody from what is known of another one.
func TestEstate_waits(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s) // with one connection
	publish(t, e, shop("1.0.0"))
	for _, slug := range []string{"acme", "beta", "gamma"} {
		create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0"})
	}
	if err := e.DeleteTenant(t.Context(), "beta", landlord.DeleteOptions{Policy: landlord.DeletionArchive}); err != nil {
		t.Fatal(explain(err))
	}
	asked := make(chan error, 1)
	e.OnFault(func(point string) {
		if point != "after taking" { // the only connection is in use
			return
		}
		go func() {
			_, err := e.Tenant(t.Context(), "beta")
			asked <- err
		}()
		time.Sleep(200 * time.Millisecond)
		known := make(chan error, 1)
		go func() {
			_, err := e.Tenant(t.Context(), "acme")
			known <- err
		}()
		select {
		case err := <-known:
			if err != nil {
				t.Error(explain(err))
			}
		case <-time.After(5 * time.Second):
			t.Error("what is known of a tenant waits for another one")
		}
	})
	if _, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "gamma", Name: "one", Contents: landlord.CheckpointSchema}); err != nil {
		t.Fatal(explain(err))
	}
	if err := <-asked; err != nil {
		t.Error(explain(err))
	}
}

// TestTenant_unregisteredElsewhere finds a database that nobody registered on
// the server where it is, and takes it over there.
func TestTenant_unregisteredElsewhere(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	eu := mysqltest.Private(t, s.Kind)
	e := engineOn(t, s, func(c *landlord.Config) {
		c.Servers = map[string]engine.ServerConfig{"eu": {Endpoint: eu.Endpoint(), Username: eu.Username, Password: eu.Password}}
	})
	eu.Exec(t, "CREATE DATABASE billing")
	publish(t, e, shop("1.0.0"))
	naming := shop("1.1.0")
	naming.Core["009_view.sql"] = "CREATE VIEW named AS SELECT billing.id FROM customers AS billing"
	_, err := e.PlanTemplate(t.Context(), naming)
	wantProblem(t, err, "Template does not fit together []\ncore/009_view.sql:1:29: error: Another database is named: `billing` "+
		"is a database of others, or has a name that is kept for them. Everything has to stay in the tenant's own database: if it is an alias or a table here, choose another name.")
	eu.Exec(t, "CREATE DATABASE "+s.Prefix+"acme CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", "CREATE TABLE "+s.Prefix+"acme.own (id INT NOT NULL PRIMARY KEY)")
	found, err := e.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	if found.Registered || found.Server != "eu" || found.SchemaFingerprint == "" {
		t.Errorf("found: %+v", found)
	}
	all, err := e.Tenants(t.Context(), tenant.Filter{Unregistered: true})
	if err != nil || len(all) != 1 || all[0].Server != "eu" {
		t.Errorf("listed: %+v, %v", all, err)
	}
	if _, err := e.Tenant(t.Context(), "beta"); !errors.Is(err, landlord.ErrNotFound) {
		t.Errorf("a database that is nowhere: %v", err)
	}
	spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0", Server: "eu"}
	_, err = e.PlanTenant(t.Context(), spec, nil)
	wantProblem(t, err, "Database exists already [slug]\nTenant `acme` needs the database `"+s.Prefix+"acme`, which exists on the server and which the landlord database does not know.\n\n"+
		"Nothing in it was touched.\n\nTo take it over as it is, import it: `terraform import <address> acme`. Otherwise choose another slug.")
	_, after, err := update(t.Context(), e, spec, found)
	if err != nil {
		t.Fatal(explain(err))
	}
	if !after.Registered || after.Server != "eu" || after.Template != "shop@1.0.0" {
		t.Errorf("taken over: %+v", after)
	}
}

// events keeps what it is told.
type events struct {
	mu   sync.Mutex
	all  []string // statements
	rows []landlord.Event
}

// of returns what was told of the rows of a piece of work.
func (p *events) of(what string) []landlord.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.rows), func(e landlord.Event) bool { return e.What != what })
}

func (p *events) Report(_ context.Context, e landlord.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Steps > 0 {
		p.all = append(p.all, fmt.Sprintf("%s: %s: %d of %d: %s", e.Tenant, e.What, e.Step, e.Steps, e.Object))
		return
	}
	p.rows = append(p.rows, e)
}

// TestProgress tells which statement of a creation and of a migration runs.
func TestProgress(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	told := &events{}
	e := engineOn(t, s, func(c *landlord.Config) { c.Progress = told })
	publish(t, e, shop("1.0.0"))
	publish(t, e, shopWithout())
	_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
	plan, _, err := update(t.Context(), e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@2.0.0", AllowDestructive: true}, tenant)
	if err != nil {
		t.Fatal(explain(err))
	}
	want := []string{
		"acme: Creating tenant `acme`: 1 of 7: database `" + s.Prefix + "acme`",
		"acme: Creating tenant `acme`: 2 of 7: table `customers`",
		"acme: Creating tenant `acme`: 3 of 7: table `orders`",
		"acme: Creating tenant `acme`: 4 of 7: table `customers`",
		"acme: Creating tenant `acme`: 5 of 7: view `order_totals`",
		"acme: Creating tenant `acme`: 6 of 7: table `customers`",
		"acme: Creating tenant `acme`: 7 of 7: table `customers`",
	}
	for i, step := range plan.Steps {
		want = append(want, fmt.Sprintf("acme: Updating tenant `acme`: %d of %d: %s", i+1, len(plan.Steps), step.Object))
	}
	if diff := cmp.Diff(want, told.all); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestProgress_rows tells how many rows there are, wherever rows are counted.
func TestProgress_rows(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		told := &events{}
		e := copying(t, s, t.TempDir(), func(c *landlord.Config) { c.Progress = told })
		publish(t, e, shop("1.0.0"))
		create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
		create(t, e, landlord.TenantSpec{Slug: "beta", Name: "Beta", Template: "shop@1.0.0"})
		s.Exec(t, "INSERT INTO "+s.Prefix+"acme.orders (customer_id) VALUES (1), (1), (2)", "ANALYZE TABLE "+s.Prefix+"acme.customers, "+s.Prefix+"acme.orders")
		_, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "one", Contents: landlord.CheckpointData, Verify: true})
		must(t, err)
		_, err = e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "one", Mode: landlord.RestoreSideBySide}, "")
		must(t, err)
		_, err = e.CopyData(t.Context(), landlord.DataCopySpec{Source: "acme", Target: "beta", Tables: []string{"customers", "orders"}, OnConflict: landlord.CopySkip})
		must(t, err)
		_, err = e.CopyData(t.Context(), landlord.DataCopySpec{Source: "acme", Target: "beta", Tables: []string{"customers"}, Where: map[string]string{"customers": "id = 1"}, OnConflict: landlord.CopySkip})
		must(t, err)
		for what, want := range map[string]string{
			"Taking a checkpoint": "5 of 5", "Verifying a checkpoint": "5 of 5", "Loading a checkpoint": "5 of 5", "Comparing a restored database with its checkpoint": "5 of 5",
			"Copying rows": "2 of 5, 5 of 5, 1 of 0", // a condition chooses how many
		} {
			var got []string
			for _, event := range told.of(what) {
				if line := fmt.Sprintf("%d of %d", event.Rows, event.TotalRows); len(got) == 0 || got[len(got)-1] != line {
					got = append(got, line)
				}
			}
			same(t, what+": "+strings.Join(got, ", "), what+": "+want)
		}
	})
}
