package engine_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// take takes a data checkpoint.
func take(t *testing.T, e *engine.Engine, slug, name string) *landlord.Checkpoint {
	t.Helper()
	taken, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: slug, Name: name, Contents: landlord.CheckpointData})
	if err != nil {
		t.Fatal(explain(err))
	}
	return taken
}

// contents writes the rows of all tables of the store, and its programs.
func contents(t *testing.T, s *mysqltest.Server, db string) string {
	t.Helper()
	var b strings.Builder
	for _, row := range s.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1", db) {
		fmt.Fprintln(&b, row[0], s.QueryRows(t, "SELECT * FROM `"+db+"`.`"+row[0]+"` ORDER BY 1"))
	}
	fmt.Fprintln(&b, s.QueryRows(t, "SELECT TRIGGER_NAME, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? ORDER BY 1", db))
	fmt.Fprintln(&b, s.QueryRows(t, "SELECT ROUTINE_NAME, ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? ORDER BY 1", db))
	fmt.Fprintln(&b, s.QueryRows(t, "SELECT EVENT_NAME, EVENT_DEFINITION, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? ORDER BY 1", db))
	fmt.Fprintln(&b, s.QueryRows(t, "SELECT * FROM `"+db+"`.order_totals ORDER BY 1"))
	fmt.Fprintln(&b, s.QueryRows(t, "SELECT TABLE_NAME, CONSTRAINT_NAME, UNIQUE_CONSTRAINT_SCHEMA = CONSTRAINT_SCHEMA, REFERENCED_TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ? ORDER BY 1, 2", db))
	return b.String()
}

// upgraded takes a tenant of the store to its next version and lets the
// application write there.
func upgraded(t *testing.T, s *mysqltest.Server, e *engine.Engine, tenant *landlord.Tenant) *landlord.Tenant {
	t.Helper()
	spec := landlord.TenantSpec{Slug: tenant.Slug, Name: tenant.Slug, Template: "store@2.0.0", AllowDestructive: true, Automatic: landlord.AutomaticNone}
	_, after, err := update(t.Context(), e, spec, tenant)
	if err != nil {
		t.Fatal(explain(err))
	}
	s.Exec(t, "INSERT INTO "+tenant.DatabaseName+".orders (customer_id, total) VALUES (2, 99)", "INSERT INTO "+tenant.DatabaseName+".parcels (order_id) VALUES (1)")
	return after
}

// TestRestore_inPlace brings a tenant back over an upgrade: rows and everything
// else, the registry, and a next plan that shows the way up again.
func TestRestore_inPlace(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		directory := t.TempDir()
		e := copying(t, s, directory)
		tenant := stocked(t, s, e, "acme")
		db := tenant.DatabaseName
		want := contents(t, s, db)
		take(t, e, "acme", "before")
		after := upgraded(t, s, e, tenant)
		lost := contents(t, s, db)

		next := copying(t, s, directory)
		spec := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "acme/before", Mode: landlord.RestoreInPlace}
		_, err := next.PlanRestore(t.Context(), spec)
		if err == nil || !strings.HasPrefix(explain(err), "Restore in place sets rows aside [allow_destructive]\n") {
			t.Errorf("without leave: %v", err)
		}
		spec.AllowDestructive = true
		plan, err := next.PlanRestore(t.Context(), spec)
		if err != nil {
			t.Fatal(explain(err))
		}
		done, err := next.Restore(t.Context(), spec, plan.Digest)
		if err != nil {
			t.Fatal(explain(err))
		}
		if len(done.Notes) != 0 || done.DatabaseName != db || done.Report.Rows != 7 || done.Report.Tables != 4 || done.Report.RetiredDatabase != s.LandlordDatabase+"_retired_1_"+beforeInPlace {
			t.Errorf("restored: %+v", done)
		}
		if diff := cmp.Diff(want, contents(t, s, db)); diff != "" {
			t.Errorf("the tenant (-before +restored):\n%s", diff)
		}
		if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+done.Report.RetiredDatabase+".parcels"); rows[0][0] != "1" {
			t.Errorf("set aside: %v", rows)
		}
		back, err := copying(t, s, directory).Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		if back.Template != "store@1.0.0" || !slices.Equal(back.Modules, []string{"loyalty"}) || back.UpdateStatus != landlord.UpdateCurrent || len(back.Drift) != 0 ||
			back.SchemaFingerprint != tenant.SchemaFingerprint {
			t.Errorf("tenant: %+v", back)
		}
		// The application goes on, with its triggers and foreign keys.
		s.Exec(t, "INSERT INTO "+db+".orders (customer_id, total) VALUES (2, 7)")
		if rows := s.QueryRows(t, "SELECT what FROM "+db+".log ORDER BY id DESC LIMIT 1"); rows[0][0] != "order 3 in 1.0.0" {
			t.Errorf("trigger: %v", rows)
		}
		if _, err := s.DB().ExecContext(t.Context(), "INSERT INTO "+db+".orders (customer_id) VALUES (77)"); err == nil {
			t.Error("an order without a customer went in")
		}
		// And the way up is open.
		again := upgraded(t, s, copying(t, s, directory), back)
		if again.SchemaFingerprint != after.SchemaFingerprint || again.Template != "store@2.0.0" {
			t.Errorf("upgraded again: %+v", again)
		}
		_ = lost
		if rows := s.QueryRows(t, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE ?", s.Prefix+"acme%"); len(rows) != 1 {
			t.Errorf("databases: %v", rows)
		}
		history := s.QueryRows(t, "SELECT migration_name, from_template, to_template, status FROM "+s.LandlordDatabase+".tenant_migrations_history ORDER BY id")
		if diff := cmp.Diff([][]string{{"create", "NULL", "store@1.0.0", "done"}, {"store@1.0.0 to store@2.0.0", "store@1.0.0", "store@2.0.0", "done"},
			{"restore before", "store@2.0.0", "store@1.0.0", "done"}, {"store@1.0.0 to store@2.0.0", "store@1.0.0", "store@2.0.0", "done"}}, history); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
	})
}

// TestRestore_sideBySide makes a copy beside the tenant that is no tenant, and
// drops exactly it.
func TestRestore_sideBySide(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		directory := t.TempDir()
		e := copying(t, s, directory)
		acme := stocked(t, s, e, "acme")
		db := acme.DatabaseName
		take(t, e, "acme", "before")
		want := strings.ReplaceAll(contents(t, s, db), "ENABLED", "DISABLED")
		s.Exec(t, "DELETE FROM "+db+".points")
		done, err := e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before"}, "")
		if err != nil {
			t.Fatal(explain(err))
		}
		if done.DatabaseName != db+"__restore_1" || done.Report.Rows != 7 {
			t.Errorf("restored: %+v", done)
		}
		if diff := cmp.Diff(want, contents(t, s, done.DatabaseName)); diff != "" {
			t.Errorf("the copy (-before +restored):\n%s", diff)
		}
		part, err := e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Tables: []string{"points", "customers"}}, "")
		if err != nil {
			t.Fatal(explain(err))
		}
		if rows := s.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1", part.DatabaseName); cmp.Diff([][]string{{"customers"}, {"points"}}, rows) != "" {
			t.Errorf("part: %v", rows)
		}
		next := copying(t, s, directory)
		all, err := next.Tenants(t.Context(), tenant.Filter{Unregistered: true})
		if err != nil {
			t.Fatal(explain(err))
		}
		if len(all) != 1 || all[0].Slug != "acme" {
			t.Errorf("tenants: %+v", all)
		}
		if found, err := next.Tenant(t.Context(), "acme__restore_1"); err == nil {
			t.Errorf("adoptable: %+v", found)
		}
		if err := next.DeleteRestore(t.Context(), done.ID); err != nil {
			t.Fatal(explain(err))
		}
		gone, err := next.RestoreState(t.Context(), done.ID)
		if err == nil {
			t.Errorf("after removal: %+v", gone)
		}
		if rows := s.QueryRows(t, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE ? ORDER BY 1", s.Prefix+"acme%"); cmp.Diff([][]string{{db}, {part.DatabaseName}}, rows) != "" {
			t.Errorf("databases: %v", rows)
		}
		s.Exec(t, "DROP DATABASE "+part.DatabaseName)
		if state, err := next.RestoreState(t.Context(), part.ID); err != nil || !state.Missing {
			t.Errorf("dropped by hand: %+v, %v", state, err)
		}
	})
}

// TestRestore_tables brings some tables back in place, as far as foreign keys
// and later changes let them.
func TestRestore_tables(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := copying(t, s, t.TempDir())
		tenant := stocked(t, s, e, "acme")
		db := tenant.DatabaseName
		take(t, e, "acme", "before")
		s.Exec(t, "INSERT INTO "+db+".orders (customer_id, total) VALUES (1, 1)", "DELETE FROM "+db+".log", "INSERT INTO "+db+".log (what) VALUES ('later')")
		spec := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, Tables: []string{"orders"}, AllowDestructive: true}
		_, err := e.PlanRestore(t.Context(), spec)
		wantProblem(t, err, "Foreign keys tie the tables to others [tables]\nTenant `acme` is to get back some of its tables in place, but foreign keys tie them to `customers`.\n\n"+
			"Nothing was touched. Name these tables too, or restore side by side and copy the rows.")
		spec.Tables = []string{"log"}
		done, err := e.Restore(t.Context(), spec, "")
		if err != nil {
			t.Fatal(explain(err))
		}
		if rows := s.QueryRows(t, "SELECT what FROM "+db+".log ORDER BY id"); cmp.Diff([][]string{{"order 1 in 1.0.0"}, {"order 2 in 1.0.0"}}, rows) != "" {
			t.Errorf("log: %v", rows)
		}
		if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+db+".orders"); rows[0][0] != "3" {
			t.Errorf("orders: %v", rows)
		}
		if rows := s.QueryRows(t, "SELECT what FROM "+done.Report.RetiredDatabase+".log"); cmp.Diff([][]string{{"later"}}, rows) != "" {
			t.Errorf("set aside: %v", rows)
		}
		s.Exec(t, "INSERT INTO "+db+".orders (customer_id, total) VALUES (1, 1)") // its trigger writes to the log
		if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+db+".log"); rows[0][0] != "3" {
			t.Errorf("log: %v", rows)
		}
		after, err := e.Tenant(t.Context(), "acme")
		if err != nil || len(after.Drift) != 0 || after.UpdateStatus != landlord.UpdateCurrent || after.SchemaFingerprint != tenant.SchemaFingerprint {
			t.Errorf("tenant: %+v, %v", after, err)
		}
		// A table with a trigger, with those that it is tied to.
		spec.Tables = []string{"orders", "customers", "points"}
		if _, err := e.Restore(t.Context(), spec, ""); err != nil {
			t.Fatal(explain(err))
		}
		if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+db+".orders"); rows[0][0] != "2" {
			t.Errorf("orders: %v", rows)
		}
		if rows := s.QueryRows(t, "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?", db); len(rows) != 1 {
			t.Errorf("triggers: %v", rows)
		}
		s.Exec(t, "ALTER TABLE "+db+".log ADD COLUMN who INT NULL")
		spec.Tables, spec.Keepers = []string{"log"}, map[string]string{"again": "1"}
		_, err = e.Restore(t.Context(), spec, "")
		wantProblem(t, err, "Tables have changed since the checkpoint [tables]\nTenant `acme` is to get back some of its tables in place, but the structure of `log` is not what it was when checkpoint `before` was taken.\n\n"+
			"The tenant was not touched. Restore all tables, or restore side by side and copy the rows.")
	})
}

// TestRestore_schema takes the schema of a tenant back and keeps its rows.
func TestRestore_schema(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := copying(t, s, t.TempDir())
		tenant := stocked(t, s, e, "acme")
		db := tenant.DatabaseName
		if _, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "shape", Contents: landlord.CheckpointSchema}); err != nil {
			t.Fatal(explain(err))
		}
		upgraded(t, s, e, tenant)
		next := engineOn(t, s)
		spec := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "shape", Mode: landlord.RestoreInPlace}
		_, err := next.PlanRestore(t.Context(), spec)
		wantProblem(t, err, "Rollback would lose data [allow_destructive]\nThe schema of tenant `acme` is to go back to checkpoint `shape`.\n\n"+
			"RENAME TABLE `"+db+"`.`parcels` TO `"+s.LandlordDatabase+"_retired`.`"+retiredName(t, err)+"`\n\nLost: table `parcels` with its rows.\n\n"+
			"Set `allow_destructive = true` to agree; what is lost is then set aside for the `retention`.")
		spec.AllowDestructive = true
		plan, err := next.PlanRestore(t.Context(), spec)
		if err != nil {
			t.Fatal(explain(err))
		}
		if !slices.Contains(operations(plan.Steps), "retire_table table `parcels`") || !slices.Contains(operations(plan.Steps), "return_table table `points`") {
			t.Errorf("steps: %q", operations(plan.Steps))
		}
		done, err := next.Restore(t.Context(), spec, plan.Digest)
		if err != nil {
			t.Fatal(explain(err))
		}
		if done.DatabaseName != db || done.Report.Rows != 0 {
			t.Errorf("restored: %+v", done)
		}
		back, err := engineOn(t, s).Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		if back.Template != "store@1.0.0" || !slices.Equal(back.Modules, []string{"loyalty"}) || back.UpdateStatus != landlord.UpdateCurrent || len(back.Drift) != 0 || back.SchemaFingerprint != tenant.SchemaFingerprint {
			t.Errorf("tenant: %+v", back)
		}
		if rows := s.QueryRows(t, "SELECT phone FROM "+db+".customers ORDER BY id"); cmp.Diff([][]string{{"01"}, {"02"}}, rows) != "" {
			t.Errorf("values that were set aside: %v", rows)
		}
		if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+db+".orders"); rows[0][0] != "3" {
			t.Errorf("orders: %v", rows)
		}
	})
}

// retiredName returns the name under which a table is set aside, as the error
// has it.
func retiredName(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	_, rest, _ := strings.Cut(err.Error(), "_retired`.`")
	name, _, _ := strings.Cut(rest, "`")
	return name
}

// TestRestore_dropped brings a tenant back that was dropped, from the
// checkpoint that was taken by itself.
func TestRestore_dropped(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		directory := t.TempDir()
		e := copying(t, s, directory)
		tenant := stocked(t, s, e, "acme")
		db := tenant.DatabaseName
		want := contents(t, s, db)
		if err := e.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}); err != nil {
			t.Fatal(explain(err))
		}
		kept := s.QueryRows(t, "SELECT name, contents, origin FROM "+s.LandlordDatabase+".tenant_checkpoints")
		if len(kept) != 1 || kept[0][1] != "data" || kept[0][2] != "deletion" {
			t.Fatalf("kept: %v", kept)
		}
		next := copying(t, s, directory)
		create(t, next, landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "store@2.0.0"})
		if _, err := next.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: kept[0][0], Mode: landlord.RestoreInPlace, AllowDestructive: true}, ""); err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff(want, contents(t, s, db)); diff != "" {
			t.Errorf("the tenant (-before +restored):\n%s", diff)
		}
		back, err := copying(t, s, directory).Tenant(t.Context(), "acme")
		if err != nil || back.Template != "store@1.0.0" || len(back.Drift) != 0 {
			t.Errorf("tenant: %+v, %v", back, err)
		}
	})
}

// TestDeleteTenant_checkpoint drops a tenant on the strength of a checkpoint, and
// only of one that is whole.
func TestDeleteTenant_checkpoint(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := copying(t, s, t.TempDir())
	stocked(t, s, e, "acme")
	good, bad := take(t, e, "acme", "good"), take(t, e, "acme", "bad")
	flip(t, rowsFile(t, bad.Location))
	if _, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "shape", Contents: landlord.CheckpointSchema}); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "part", Contents: landlord.CheckpointData, Tables: []string{"orders"}}); err != nil {
		t.Fatal(explain(err))
	}
	for name, why := range map[string]string{
		"shape": "that one holds the schema alone", "part": "that one holds some tables alone",
		"bad": "that one is damaged: the checkpoint in `" + bad.Location + "` is damaged: `" + rowsFile(t, bad.Location)[len(bad.Location)+1:] + "` was altered: its content is not the one of the checkpoint",
	} {
		err := e.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, Checkpoint: name})
		wantProblem(t, err, "Checkpoint of the tenant is missing [deletion_checkpoint]\n"+
			"Tenant `acme` is to be dropped on the strength of checkpoint `"+name+"`, but "+why+". Nothing was touched.\n\n"+
			"Take the checkpoint first, or apply `allow_destructive = true`.")
	}
	if err := e.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, Checkpoint: good.ID(), Automatic: landlord.AutomaticNone}); err != nil {
		t.Fatal(explain(err))
	}
	if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenant_checkpoints WHERE origin <> 'request'"); rows[0][0] != "0" {
		t.Errorf("automatic checkpoints: %v", rows)
	}
}

// TestRestore_retention drops what gave way when its time is over, and not
// before.
func TestRestore_retention(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	e := copying(t, s, directory)
	tenant := stocked(t, s, e, "acme")
	take(t, e, "acme", "before")
	spec := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true, Retention: time.Hour}
	done, err := e.Restore(t.Context(), spec, "")
	if err != nil {
		t.Fatal(explain(err))
	}
	there := func() bool {
		return s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?", done.Report.RetiredDatabase)[0][0] == "1"
	}
	beside := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before"}
	if _, err := copying(t, s, directory).Restore(t.Context(), beside, ""); err != nil {
		t.Fatal(explain(err))
	}
	if !there() {
		t.Fatal("what gave way went too early")
	}
	s.Exec(t, "UPDATE "+s.LandlordDatabase+".tenant_restores SET expires_at = UTC_TIMESTAMP(6)")
	beside.Keepers = map[string]string{"n": "2"}
	if _, err := copying(t, s, directory).Restore(t.Context(), beside, ""); err != nil {
		t.Fatal(explain(err))
	}
	if there() {
		t.Error("what gave way is still there")
	}
	_ = tenant
}

// TestRestore_customizations follows what a tenant had of its own: what came
// since is forgotten, and the next plan makes it again.
func TestRestore_customizations(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	e := copying(t, s, directory)
	publish(t, e, shop("1.0.0"))
	_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
	_, first := mustCustomize(t, e, visits("acme"), nil)
	take(t, e, "acme", "before")
	late := customization.Spec{Tenant: "acme", Name: "late", Reason: "came later", Patch: landlord.CustomizationPatch{Columns: []landlord.CustomizationColumn{{Table: "customers", Name: "late", Definition: "INT NULL"}}}}
	mustCustomize(t, e, late, nil)
	if err := e.RemoveCustomization(t.Context(), "acme", "visits", customization.RemovalOptions{AllowDestructive: true}); err != nil {
		t.Fatal(explain(err))
	}
	next := copying(t, s, directory)
	if _, err := next.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true}, ""); err != nil {
		t.Fatal(explain(err))
	}
	again := copying(t, s, directory)
	back, err := again.Tenant(t.Context(), "acme")
	if err != nil || len(back.Drift) != 0 || back.UpdateStatus != landlord.UpdateCurrent {
		t.Errorf("tenant: %+v, %v", back, err)
	}
	kept, err := again.Customization(t.Context(), "acme", "visits")
	if err != nil {
		t.Fatal(explain(err))
	}
	if diff := cmp.Diff(first.Objects, kept.Objects); diff != "" {
		t.Errorf("objects (-before +restored):\n%s", diff)
	}
	if gone, err := again.Customization(t.Context(), "acme", "late"); !errors.Is(err, landlord.ErrNotFound) {
		t.Errorf("late: %+v, %v", gone, err)
	}
	plan, _ := mustCustomize(t, again, late, nil)
	if len(plan.Steps) != 1 {
		t.Errorf("late again: %q", operations(plan.Steps))
	}
	if err := copying(t, s, directory).RemoveCustomization(t.Context(), "acme", "visits", customization.RemovalOptions{AllowDestructive: true}); err != nil {
		t.Fatal(explain(err))
	}
	_ = tenant
}

// TestUpdateTenant_automaticCheckpoint keeps what it is told to, and does not
// begin when it cannot.
func TestUpdateTenant_automaticCheckpoint(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	nowhere := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(nowhere, nil, 0o600))
	cases := map[string]struct {
		directory string
		wish      landlord.AutomaticCheckpoint
		kept      string // contents
		refused   string
	}{
		"default without directory": {kept: "schema"},
		"default":                   {directory: t.TempDir(), kept: "data"},
		"schema":                    {directory: t.TempDir(), wish: landlord.AutomaticSchema, kept: "schema"},
		"none":                      {directory: t.TempDir(), wish: landlord.AutomaticNone},
		"data without directory": {wish: landlord.AutomaticData, refused: "Provider has no checkpoint directory [automatic_checkpoint]\nAn automatic checkpoint with data needs a directory for its files.\n\n" +
			"Set `checkpoint_directory` of the provider to a directory that outlives the runs, or `automatic_checkpoint` to `schema` or `none`."},
		"unwritable": {directory: nowhere, refused: "Checkpoint directory cannot be used [automatic_checkpoint]\nBefore a migration that loses rows a checkpoint of tenant `unwritable` is taken. It could not be, so the migration has not begun.\n\n"},
	}
	publish(t, engineOn(t, s), shop("1.0.0"))
	publish(t, engineOn(t, s), shopWithout())
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slug := strings.ReplaceAll(name, " ", "-")
			e := copying(t, s, c.directory)
			_, tenant := create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0"})
			s.Exec(t, "UPDATE "+tenant.DatabaseName+".customers SET phone = id")
			_, _, err := update(t.Context(), e, landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@2.0.0", AllowDestructive: true, Automatic: c.wish}, tenant)
			if c.refused != "" {
				if err == nil || !strings.HasPrefix(explain(err), c.refused) {
					t.Errorf("got %v", err)
				}
				if same, err := engineOn(t, s).Tenant(t.Context(), slug); err != nil || same.SchemaFingerprint != tenant.SchemaFingerprint || same.UpdateStatus != landlord.UpdateCurrent {
					t.Errorf("tenant: %+v, %v", same, err)
				}
			} else if err != nil {
				t.Fatal(explain(err))
			}
			kept := ""
			for _, row := range s.QueryRows(t, "SELECT contents FROM "+s.LandlordDatabase+".tenant_checkpoints WHERE tenant_slug = ? AND present = 1", slug) {
				kept += row[0]
			}
			if kept != c.kept {
				t.Errorf("kept %q", kept)
			}
		})
	}
}
