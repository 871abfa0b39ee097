package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/datacopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// twoTenants makes a source with rows and a target without, of the same
// template.
func twoTenants(t *testing.T, s *mysqltest.Server, e *engine.Engine) (source, target *landlord.Tenant) {
	t.Helper()
	to := shop("1.0.0")
	to.Seeds = nil
	publish(t, e, to)
	_, source = create(t, e, landlord.TenantSpec{Slug: "from", Name: "From", Template: "shop@1.0.0"})
	_, target = create(t, e, landlord.TenantSpec{Slug: "into", Name: "Into", Template: "shop@1.0.0"})
	fill(t, s, source.DatabaseName)
	return source, target
}

// fill makes five customers with an order each.
func fill(t *testing.T, s *mysqltest.Server, database string) {
	t.Helper()
	for i := 1; i <= 5; i++ {
		s.Exec(t, fmt.Sprintf("INSERT INTO %s.customers (id, email, phone) VALUES (%d, 'c%[2]d@example.com', '0%[2]d')", database, i),
			fmt.Sprintf("INSERT INTO %s.orders (id, customer_id, total) VALUES (%d, %[2]d, %[2]d.5)", database, i))
	}
}

// wholeShop is what all tests copy.
func wholeShop(change func(*landlord.DataCopySpec)) landlord.DataCopySpec {
	spec := landlord.DataCopySpec{Source: "from", Target: "into", Tables: []string{"orders", "customers"}}
	if change != nil {
		change(&spec)
	}
	return spec
}

func copied(all []landlord.CopiedRows) []string {
	out := make([]string, len(all))
	for i, c := range all {
		out[i] = fmt.Sprintf("%s: %d read, %d inserted, %d skipped, %d replaced", c.Table, c.Read, c.Inserted, c.Skipped, c.Replaced)
	}
	return out
}

func shopRows(t *testing.T, s *mysqltest.Server, database string) string {
	t.Helper()
	return fmt.Sprint(s.QueryRows(t, "SELECT * FROM "+database+".customers ORDER BY id"), s.QueryRows(t, "SELECT * FROM "+database+".orders ORDER BY id"))
}

func noteTexts(notes []landlord.Note) []string {
	var out []string
	for _, n := range notes {
		out = append(out, fmt.Sprintf("%d [%s] %s: %s", n.Severity, n.Field, n.Summary, n.Detail))
	}
	return out
}

func TestCopyData(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		source, target := twoTenants(t, s, e)
		spec := wholeShop(func(c *landlord.DataCopySpec) {
			c.ChunkRows, c.Where = 2, map[string]string{"orders": "total < 5"}
			c.Keepers = map[string]string{"day": "monday"}
		})
		plan, err := engineOn(t, s).PlanDataCopy(t.Context(), spec)
		if err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff(&datacopy.Plan{Known: true}, plan); diff != "" {
			t.Errorf("plan (-want +got):\n%s", diff)
		}
		made, err := engineOn(t, s).CopyData(t.Context(), spec)
		if err != nil {
			t.Fatal(explain(err))
		}
		want := []string{"customers: 5 read, 5 inserted, 0 skipped, 0 replaced", "orders: 4 read, 4 inserted, 0 skipped, 0 replaced"}
		if diff := cmp.Diff(want, copied(made.Tables)); diff != "" || made.ID != "into/1" || made.Rows != 9 || made.Checksum == "" || made.FinishedAt.IsZero() || made.Notes != nil {
			t.Errorf("made %+v (-want +got):\n%s", made, diff)
		}
		s.Exec(t, "DELETE FROM "+source.DatabaseName+".orders WHERE id = 5")
		if diff := cmp.Diff(shopRows(t, s, source.DatabaseName), shopRows(t, s, target.DatabaseName)); diff != "" {
			t.Errorf("rows (-source +target):\n%s", diff)
		}
		events := s.QueryRows(t, "SELECT tenant_slug, JSON_UNQUOTE(JSON_EXTRACT(detail, '$.id')), JSON_EXTRACT(detail, '$.rows') FROM "+s.LandlordDatabase+".tenant_events WHERE event = 'data_copied' ORDER BY id")
		if diff := cmp.Diff([][]string{{"into", "into/1", "9"}, {"from", "into/1", "9"}}, events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if left := s.QueryRows(t, "SELECT * FROM "+s.LandlordDatabase+".tenant_data_copy_tables"); len(left) != 0 {
			t.Errorf("keys are left: %v", left)
		}
		// As an import sees it.
		read, err := engineOn(t, s).DataCopyState(t.Context(), "into/1")
		if err != nil {
			t.Fatal(explain(err))
		}
		made.Spec.Tables = []string{"customers", "orders"}
		if diff := cmp.Diff(made, read); diff != "" {
			t.Errorf("read again (-made +read):\n%s", diff)
		}
	})
}

// TestCopyData_twice recognizes a copy of which Terraform did not hear, until it
// is forgotten.
func TestCopyData_twice(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	twoTenants(t, s, engineOn(t, s))
	first, err := engineOn(t, s).CopyData(t.Context(), wholeShop(nil))
	if err != nil {
		t.Fatal(explain(err))
	}
	at := first.FinishedAt.UTC().Format("2006-01-02T15:04:05Z07:00")
	again, err := engineOn(t, s).CopyData(t.Context(), wholeShop(func(c *landlord.DataCopySpec) { c.ChunkRows = 7 }))
	if err != nil {
		t.Fatal(explain(err))
	}
	want := []string{"0 [target] Rows were copied by an earlier run: The rows of tenant `from` were copied into tenant `into` at " + at + " exactly as configured. " +
		"An apply that was cut off before Terraform wrote its state leaves this, so it is taken over and nothing is copied again. To copy again, change `keepers`."}
	if diff := cmp.Diff(want, noteTexts(again.Notes)); diff != "" || again.ID != first.ID || again.Rows != first.Rows {
		t.Errorf("again: %+v (-want +got):\n%s", again, diff)
	}
	conflict := "Copied row meets another one [on_conflict]\nCopying rows of tenant `from` into tenant `into`.\n\nThe row `id` = 1 of table `customers` is in the target already.\n\n%s" +
		"Set `on_conflict` to `skip`, which keeps the row of the target, or to `replace`, which gives it the values of the source; or choose other rows with `where`. " +
		"What was copied so far stays in the target, and the next apply goes on from there. If you change what is to be copied it begins anew; `on_conflict = \"skip\"` then passes over what is there."
	_, err = engineOn(t, s).CopyData(t.Context(), wholeShop(func(c *landlord.DataCopySpec) { c.Keepers = map[string]string{"day": "tuesday"} }))
	wantProblem(t, err, fmt.Sprintf(conflict, ""))
	// Long ago: it may be wanted once more.
	s.Exec(t, "UPDATE "+s.LandlordDatabase+".tenant_data_copies SET finished_at = finished_at - INTERVAL 2 HOUR")
	at = first.FinishedAt.UTC().Add(-2 * 3600e9).Format("2006-01-02T15:04:05Z07:00")
	_, err = engineOn(t, s).CopyData(t.Context(), wholeShop(nil))
	wantProblem(t, err, fmt.Sprintf(conflict, "The same was copied at "+at+" already. If that is what was wanted, import it: `terraform import <address> into/1`. "))
	if err := engineOn(t, s).ForgetDataCopy(t.Context(), "into/1"); err != nil {
		t.Fatal(explain(err))
	}
	skip := wholeShop(func(c *landlord.DataCopySpec) { c.OnConflict = landlord.CopySkip })
	made, err := engineOn(t, s).CopyData(t.Context(), skip)
	if err != nil {
		t.Fatal(explain(err))
	}
	if diff := cmp.Diff([]string{"customers: 5 read, 0 inserted, 5 skipped, 0 replaced", "orders: 5 read, 0 inserted, 5 skipped, 0 replaced"}, copied(made.Tables)); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if err := engineOn(t, s).ForgetDataCopy(t.Context(), made.ID); err != nil {
		t.Fatal(explain(err))
	}
	if next, err := engineOn(t, s).CopyData(t.Context(), skip); err != nil || next.ID == made.ID || next.Notes != nil {
		t.Errorf("after it was forgotten: %+v, %v", next, err)
	}
}

// TestCopyData_killed kills the process at points of a copy; the next run brings
// the rest, and no row twice.
func TestCopyData_killed(t *testing.T) {
	t.Parallel()
	killCopies(t, 3)
}

// TestSoakCopyData_killed is the same at every point.
func TestSoakCopyData_killed(t *testing.T) {
	soak(t)
	killCopies(t, 1)
}

func killCopies(t *testing.T, stride int) {
	t.Helper()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		source, target := twoTenants(t, s, engineOn(t, s))
		points := 0
		for point := 1; ; point += stride {
			spec := wholeShop(func(c *landlord.DataCopySpec) {
				c.ChunkRows, c.Keepers = 2, map[string]string{"point": fmt.Sprint(point)}
			})
			v := copyingVictim(s, "")
			v.Copy, v.Kill = &spec, point
			killed := v.run(t)
			if killed {
				points++
				spec.ChunkRows = 3
				made, err := engineOn(t, s).CopyData(t.Context(), spec)
				if err != nil {
					t.Fatalf("killed at point %d: %s", point, explain(err))
				}
				if made.Rows != 10 {
					t.Errorf("killed at point %d: %+v", point, made)
				}
			}
			if diff := cmp.Diff(shopRows(t, s, source.DatabaseName), shopRows(t, s, target.DatabaseName)); diff != "" {
				t.Errorf("killed at point %d (-source +target):\n%s", point, diff)
			}
			rows := s.QueryRows(t, "SELECT status FROM "+s.LandlordDatabase+".tenant_data_copies WHERE JSON_UNQUOTE(JSON_EXTRACT(specification, '$.keepers.point')) = ?", fmt.Sprint(point))
			left := s.QueryRows(t, "SELECT * FROM "+s.LandlordDatabase+".tenant_data_copy_tables")
			if cmp.Diff([][]string{{"done"}}, rows) != "" || len(left) != 0 {
				t.Errorf("killed at point %d, kept: %v, keys: %v", point, rows, left)
			}
			if !killed {
				break
			}
			s.Exec(t, "DELETE FROM "+target.DatabaseName+".orders", "DELETE FROM "+target.DatabaseName+".customers")
		}
		if points < 14/stride {
			t.Errorf("only %d points to be killed at", points)
		}
	})
}

// TestCopyData_servers copies from one make of server to another, whose registry
// is on the first; both have one connection.
func TestCopyData_servers(t *testing.T) {
	t.Parallel()
	kinds := mysqltest.Kinds(t)
	if len(kinds) < 2 {
		t.Skip("one kind of server is there only")
	}
	main, eu := mysqltest.On(t, kinds[0]), mysqltest.On(t, kinds[1])
	config := func(c *landlord.Config) {
		c.Servers = map[string]engine.ServerConfig{"eu": {Endpoint: eu.Endpoint(), Username: eu.Username, Password: eu.Password, MaxConnections: 1}}
	}
	t.Cleanup(func() {
		for _, name := range []string{main.LandlordDatabase, main.LandlordDatabase + "_retired", main.Prefix + "into"} {
			if _, err := eu.DB().ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE IF EXISTS "+name); err != nil {
				t.Error(err)
			}
		}
	})
	e := engineOn(t, main, config)
	to := shop("1.0.0")
	to.Seeds = nil
	publish(t, e, to)
	create(t, e, landlord.TenantSpec{Slug: "from", Name: "From", Template: "shop@1.0.0"})
	create(t, e, landlord.TenantSpec{Slug: "into", Name: "Into", Template: "shop@1.0.0", Server: "eu"})
	fill(t, main, main.Prefix+"from")
	there := wholeShop(nil)
	back := wholeShop(func(c *landlord.DataCopySpec) {
		c.Source, c.Target, c.OnConflict = "into", "from", landlord.CopyReplace
	})
	for _, spec := range []landlord.DataCopySpec{there, back} {
		v := copyingVictim(main, "")
		config(&v.Config)
		v.Copy, v.KillAt = &spec, "before copy is recorded"
		if !v.run(t) {
			t.Fatal("the process was not killed")
		}
		on := engineOn(t, main, config)
		made, err := on.CopyData(t.Context(), spec)
		if err != nil {
			t.Fatal(explain(err))
		}
		if made.Rows != 10 || len(made.Notes) != 1 || made.Notes[0].Summary != "Copy went on where an earlier run stopped" {
			t.Errorf("made: %+v", made)
		}
		if _, err := on.DataCopyState(t.Context(), made.ID); err != nil {
			t.Error(explain(err))
		}
	}
	if got, want := shopRows(t, eu, main.Prefix+"into"), shopRows(t, main, main.Prefix+"from"); got != want {
		t.Errorf("rows of the target: %s, of the source: %s", got, want)
	}
	for name, s := range map[string]*mysqltest.Server{"main": main, "eu": eu} {
		if events := s.QueryRows(t, "SELECT COUNT(*) FROM "+main.LandlordDatabase+".tenant_events WHERE event = 'data_copied'"); events[0][0] != "2" {
			t.Errorf("events on %s: %v", name, events)
		}
	}
}

// TestCopyData_parallel copies in both directions and from one source at the same
// time, over few connections.
func TestCopyData_parallel(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	twoTenants(t, s, engineOn(t, s))
	create(t, engineOn(t, s), landlord.TenantSpec{Slug: "other", Name: "Other", Template: "shop@1.0.0"})
	e := engineOn(t, s, func(c *landlord.Config) { c.Main.MaxConnections = 2 })
	ends := make(chan error)
	pairs := [][2]string{{"from", "into"}, {"into", "from"}, {"from", "other"}, {"into", "other"}, {"other", "into"}}
	for _, pair := range pairs {
		go func() {
			_, err := e.CopyData(t.Context(), wholeShop(func(c *landlord.DataCopySpec) {
				c.Source, c.Target, c.OnConflict, c.ChunkRows = pair[0], pair[1], landlord.CopySkip, 1
			}))
			ends <- err
		}()
	}
	for range pairs {
		if err := <-ends; err != nil {
			t.Error(explain(err))
		}
	}
}

// TestPlanDataCopy tells what differs, and nothing of tenants that this run
// changes first.
func TestPlanDataCopy(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	_, target := twoTenants(t, s, engineOn(t, s))
	s.Exec(t, "ALTER TABLE "+target.DatabaseName+".customers MODIFY phone VARCHAR(8) NOT NULL, ADD COLUMN born DATE NOT NULL")
	spec := wholeShop(func(c *landlord.DataCopySpec) {
		c.Tables = []string{"customers", "orders", "order_totals"}
		c.Where = map[string]string{"orders": "SLEEP(1)"}
	})
	plan, err := engineOn(t, s).PlanDataCopy(t.Context(), spec)
	if err != nil {
		t.Fatal(explain(err))
	}
	const doing = "Copying rows of tenant `from` into tenant `into`.\n\n"
	want := []string{
		"1 [where.orders] Condition cannot be used: " + doing +
			"Table `orders`: the condition `SLEEP(1)` cannot be used: 1:1: `SLEEP()` is not among the functions that a condition may call. Correct the condition.",
		"1 [tables] Tables cannot be copied: " + doing +
			"Table `customers`, column `born`: the target wants a value, and the source has no such column. Give it a default in the target, or let it be NULL.\n" +
			"Table `order_totals`: it is a view in the source, and no table. Name tables only.",
		"0 [tables] Data copy has findings: " + doing +
			"Table `customers`, column `phone`: it is varchar(32) in the source and varchar(8) in the target: values longer than 8 characters do not fit. Before its first row the copy looks for such values, and fails when there are any; give both columns the same type to be sure.\n" +
			"Table `customers`, column `phone`: NULL is allowed in the source and not in the target. Before its first row the copy looks for such values, and fails when there are any; let it be NULL in the target to be sure.",
	}
	if diff := cmp.Diff(want, noteTexts(plan.Notes)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	_, err = engineOn(t, s).CopyData(t.Context(), spec)
	wantProblem(t, err, "Condition cannot be used [where.orders]\n"+strings.TrimPrefix(want[0], "1 [where.orders] Condition cannot be used: ")+"\n\nNothing was copied.")

	e := engineOn(t, s)
	patch := customization.Spec{Tenant: "into", Name: "notes", Reason: "a test",
		Patch: landlord.CustomizationPatch{Columns: []landlord.CustomizationColumn{{Table: "customers", Name: "note", Definition: "TEXT NULL"}}}}
	if _, err := e.PlanCustomization(t.Context(), patch, nil); err != nil {
		t.Fatal(explain(err))
	}
	if plan, err := e.PlanDataCopy(t.Context(), spec); err != nil || plan.Known || plan.Notes != nil {
		t.Errorf("with a customization of the same run: %+v, %v", plan, err)
	}
}

// TestCopyData_refused says what is wrong before anything is written.
func TestCopyData_refused(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	_, target := twoTenants(t, s, engineOn(t, s))
	registry := s.LandlordDatabase
	update := func(set string) []string {
		return []string{"UPDATE " + registry + ".tenants SET " + set + " WHERE slug = 'into'"}
	}
	cases := map[string]struct {
		before []string
		change func(*landlord.DataCopySpec)
		want   string
	}{
		"same tenant": {change: func(c *landlord.DataCopySpec) { c.Source = "into" },
			want: "Source and target are the same [target]\nRows of tenant `into` would be copied into tenant `into`.\n\nName two tenants."},
		"unknown source": {change: func(c *landlord.DataCopySpec) { c.Source = "nobody" },
			want: "Tenant is not known [source]\nThe landlord database has no tenant `nobody`, and no tenant of this run that was planned so far has that slug.\n\n" +
				"Refer to `slug` of a `landlord_tenant`, so that Terraform knows the order, or correct the slug."},
		"incomplete": {before: update("status = 'creating'"),
			want: "Tenant is not complete [target]\nTenant `into` has the status `creating`: a run was interrupted.\n\nApply or destroy the tenant first."},
		"interrupted": {before: update("running_digest = 'x'"),
			want: "Tenant migration is not complete [target]\nA migration of tenant `into` was interrupted, so that its tables are neither the old nor the new ones.\n\n" +
				"Apply the tenant first: the migration goes on where it stopped."},
		"archived": {before: update("status = 'archived'"),
			want: "Target is archived [target]\nTenant `into` is archived: nothing is written into it any more.\n\nSet `status = \"active\"` of the tenant first."},
		"no database": {before: []string{"DROP DATABASE " + target.DatabaseName},
			want: "Tenant database is gone [target]\nDatabase `" + target.DatabaseName + "` of tenant `into` does not exist any more.\n\nApply the tenant first."},
	}
	names := []string{"same tenant", "unknown source", "incomplete", "interrupted", "archived", "no database"} // the last one breaks the tenant
	for _, name := range names {
		c := cases[name]
		s.Exec(t, c.before...)
		_, err := engineOn(t, s).PlanDataCopy(t.Context(), wholeShop(c.change))
		wantProblem(t, err, c.want)
		_, err = engineOn(t, s).CopyData(t.Context(), wholeShop(c.change))
		wantProblem(t, err, c.want)
		s.Exec(t, update("status = 'active', running_digest = NULL")...)
	}
	if rows := s.QueryRows(t, "SELECT * FROM "+registry+".tenant_data_copies"); len(rows) != 0 {
		t.Errorf("recorded: %v", rows)
	}
}

// TestCopyData_readOnly copies nothing into a server that became a replica.
func TestCopyData_readOnly(t *testing.T) {
	t.Parallel()
	s := mysqltest.Private(t, mysqltest.One(t).Kind)
	twoTenants(t, s.Server, engineOn(t, s.Server))
	s.Exec(t, "SET GLOBAL read_only = ON")
	_, err := engineOn(t, s.Server).CopyData(t.Context(), wholeShop(nil))
	wantProblem(t, err, "Server is read-only [target]\nThe server does not take changes at present: `read_only` is on, as on a replica or after a failover.\n\n"+
		"Let `endpoint` of the provider name the primary and apply again; what was interrupted goes on where it stopped.")
}

// TestCopyData_connectionLost breaks the connection of the target and then that
// of the source: the copy goes on by itself.
func TestCopyData_connectionLost(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		source, target := twoTenants(t, s, engineOn(t, s))
		e := engineOn(t, s, func(c *landlord.Config) { c.Main.MaxConnections = 2 })
		kills := map[string]string{"after progress of customers": target.DatabaseName, "before progress of orders": source.DatabaseName}
		e.OnFault(func(point string) {
			database := kills[point]
			if database == "" {
				return
			}
			delete(kills, point)
			holder := s.QueryRows(t, "SELECT IS_USED_LOCK(?)", mysql.LockName("landlord tenant", database))[0][0]
			s.Exec(t, "KILL "+holder)
		})
		made, err := e.CopyData(t.Context(), wholeShop(func(c *landlord.DataCopySpec) { c.ChunkRows = 1 }))
		if err != nil {
			t.Fatal(explain(err))
		}
		if made.Rows != 10 || len(kills) != 0 {
			t.Errorf("made %+v, not killed: %v", made, kills)
		}
		if diff := cmp.Diff(shopRows(t, s, source.DatabaseName), shopRows(t, s, target.DatabaseName)); diff != "" {
			t.Errorf("rows (-source +target):\n%s", diff)
		}
	})
}

// TestCopyData_abandoned forgets the keys of a copy that was cut off when its
// target goes, and when nobody takes it up; and does not go on with a table that
// became another one.
func TestCopyData_abandoned(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	source, target := twoTenants(t, s, engineOn(t, s))
	spec := wholeShop(func(c *landlord.DataCopySpec) { c.Tables, c.ChunkRows = []string{"customers"}, 2 })
	cutOff := func(keeper string) landlord.DataCopySpec {
		v := copyingVictim(s, "")
		half := spec
		half.Keepers = map[string]string{"half": keeper}
		v.Copy, v.Kill = &half, 4 // behind the first chunk
		if !v.run(t) {
			t.Fatal("the process was not killed")
		}
		return half
	}
	kept := func() string {
		return fmt.Sprint(s.QueryRows(t, "SELECT status FROM "+s.LandlordDatabase+".tenant_data_copies ORDER BY id"),
			s.QueryRows(t, "SELECT copy_id FROM "+s.LandlordDatabase+".tenant_data_copy_tables"))
	}
	half := cutOff("a")
	for _, database := range []string{source.DatabaseName, target.DatabaseName} {
		s.Exec(t, "ALTER TABLE "+database+".customers ADD COLUMN born DATE NULL")
	}
	_, err := engineOn(t, s).CopyData(t.Context(), half)
	wantProblem(t, err, "Interrupted copy cannot go on [keepers]\nCopying rows of tenant `from` into tenant `into`.\n\n"+
		"The copy of table `customers` was begun in another way than it is planned now, so that it cannot go on; begin a new copy.\n\n"+
		"Change `keepers` to begin a new copy. What the earlier run brought is in the target already: take `on_conflict = \"skip\"` or `\"replace\"`, or remove it first.")
	if got := kept(); got != "[[running]] [[1]]" {
		t.Errorf("cut off: %s", got)
	}
	s.Exec(t, "UPDATE "+s.LandlordDatabase+".tenant_data_copies SET tried_at = tried_at - INTERVAL 31 DAY", "DELETE FROM "+target.DatabaseName+".customers")
	cutOff("b")
	if got := kept(); got != "[[abandoned] [running]] [[2]]" {
		t.Errorf("after a month: %s", got)
	}
	if err := engineOn(t, s).DeleteTenant(t.Context(), "into", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}); err != nil {
		t.Fatal(explain(err))
	}
	if got := kept(); got != "[[abandoned] [abandoned]] []" {
		t.Errorf("without its target: %s", got)
	}
}
