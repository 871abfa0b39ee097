package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// copying returns an engine that keeps checkpoints in a directory.
func copying(t *testing.T, s *mysqltest.Server, directory string, change ...func(*landlord.Config)) *engine.Engine {
	t.Helper()
	return engineOn(t, s, append(change, func(c *landlord.Config) { c.CheckpointDirectory = directory })...)
}

// store is the shop with everything that a table cannot take along when it
// moves: a trigger, a view, a function, a procedure and an event.
func store(version string) landlord.TemplateSpec {
	spec := shop(version)
	spec.Name = "store"
	spec.Core["003_log.sql"] = "CREATE TABLE log (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, what VARCHAR(190) NOT NULL, at TIMESTAMP NULL);"
	spec.Core["004_programs.sql"] = "DELIMITER $$\n" +
		"CREATE TRIGGER orders_log AFTER INSERT ON orders FOR EACH ROW INSERT INTO log (what) VALUES (CONCAT('order ', NEW.id, ' in " + version + "'))$$\n" +
		"CREATE FUNCTION doubled(n INT) RETURNS INT DETERMINISTIC RETURN n * 2$$\n" +
		"CREATE PROCEDURE tidy() BEGIN DELETE FROM log WHERE what = 'nothing in " + version + "'; END$$\n" +
		"CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO DELETE FROM log WHERE what = 'old in " + version + "'$$\n"
	return spec
}

// nextStore is the next version: a table more, a column less, a wider view.
func nextStore() landlord.TemplateSpec {
	spec := store("2.0.0")
	spec.Core["002_orders.sql"] = strings.Replace(spec.Core["002_orders.sql"], "ALTER TABLE customers ADD COLUMN phone VARCHAR(32) NULL;\n", "", 1)
	spec.Core["002_orders.sql"] = strings.Replace(spec.Core["002_orders.sql"], "SUM(total) AS total", "SUM(total) AS total, COUNT(*) AS orders", 1)
	spec.Core["005_parcels.sql"] = "CREATE TABLE parcels (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id INT NOT NULL, CONSTRAINT fk_parcels_order FOREIGN KEY (order_id) REFERENCES orders (id));"
	return spec
}

// stocked makes a tenant of the store with rows of its own.
func stocked(t *testing.T, s *mysqltest.Server, e *engine.Engine, slug string) *landlord.Tenant {
	t.Helper()
	publish(t, e, store("1.0.0"))
	publish(t, e, nextStore())
	_, tenant := create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: "store@1.0.0", Modules: []string{"loyalty"}})
	db := tenant.DatabaseName
	s.Exec(t, "UPDATE "+db+".customers SET phone = CONCAT('0', id)", "INSERT INTO "+db+".orders (customer_id, total) VALUES (1, 10), (2, 20.5)", "INSERT INTO "+db+".points VALUES (1, 5)")
	return tenant
}

func TestTakeCheckpoint(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		directory := t.TempDir()
		e := copying(t, s, directory)
		tenant := stocked(t, s, e, "acme")
		taken, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "first", Contents: landlord.CheckpointData, Verify: true})
		if err != nil {
			t.Fatal(explain(err))
		}
		if taken.ID() != "acme/first" || taken.Status != landlord.CheckpointReady || taken.Rows != 7 || taken.SizeBytes == 0 || !taken.Verified ||
			taken.SchemaFingerprint != tenant.SchemaFingerprint || taken.Template != "store@1.0.0" || taken.Checksum == "" ||
			filepath.Dir(taken.Location) != filepath.Join(directory, tenant.DatabaseName) {
			t.Errorf("taken: %+v", taken)
		}
		schema, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "shape", Contents: landlord.CheckpointSchema, Retention: time.Hour})
		if err != nil {
			t.Fatal(explain(err))
		}
		if schema.Contents != landlord.CheckpointSchema || schema.Location != "" || schema.Rows != 0 || schema.SchemaFingerprint != tenant.SchemaFingerprint ||
			schema.ExpiresAt.Sub(schema.CreatedAt) != time.Hour {
			t.Errorf("schema: %+v", schema)
		}
		// As the next run sees them.
		next := copying(t, s, directory)
		for _, want := range []*landlord.Checkpoint{taken, schema} {
			got, err := next.Checkpoint(t.Context(), "acme", want.Name)
			if err != nil {
				t.Fatal(explain(err))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("read again (-taken +read):\n%s", diff)
			}
		}
		if _, err := next.DeleteCheckpoint(t.Context(), "acme", "first"); err != nil {
			t.Fatal(explain(err))
		}
		if _, err := os.Stat(taken.Location); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the files are still there: %v", err)
		}
		if _, err := next.Checkpoint(t.Context(), "acme", "first"); !errors.Is(err, landlord.ErrNotFound) {
			t.Errorf("after removal: %v", err)
		}
		if rows := s.QueryRows(t, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE ?", s.LandlordDatabase+"_scratch%"); len(rows) != 0 {
			t.Errorf("left behind: %v", rows)
		}
	})
}

// TestCheckpoint_files finds out what became of the files.
func TestCheckpoint_files(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	e := copying(t, s, directory)
	stocked(t, s, e, "acme")
	data := checkpointing.Spec{Tenant: "acme", Contents: landlord.CheckpointData}
	harm := map[string]func(t *testing.T, location string){
		"missing":  func(t *testing.T, location string) { must(t, os.RemoveAll(location)) },
		"no-rows":  func(t *testing.T, location string) { must(t, os.Remove(rowsFile(t, location))) },
		"cut":      func(t *testing.T, location string) { must(t, os.Truncate(rowsFile(t, location), 5)) },
		"replaced": func(t *testing.T, location string) { flip(t, rowsFile(t, location)) },
	}
	wants := map[string]landlord.CheckpointStatus{"missing": landlord.CheckpointMissing, "no-rows": landlord.CheckpointMissing,
		"cut": landlord.CheckpointDamaged, "replaced": landlord.CheckpointDamaged}
	for name, do := range harm {
		spec := data
		spec.Name = name
		taken, err := e.TakeCheckpoint(t.Context(), spec)
		if err != nil {
			t.Fatal(explain(err))
		}
		do(t, taken.Location)
		got, err := e.Checkpoint(t.Context(), "acme", name)
		if err != nil {
			t.Fatal(explain(err))
		}
		if got.Status != wants[name] || got.Fault == "" {
			t.Errorf("%s: %s, %q", name, got.Status, got.Fault)
		}
		if _, err := e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: name}, ""); err == nil || !strings.HasPrefix(explain(err), "Checkpoint cannot be used [checkpoint]\n") {
			t.Errorf("restoring %s: %v", name, err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rowsFile returns a file with rows of a checkpoint.
func rowsFile(t *testing.T, location string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(location, "*customers*.sql.zst"))
	must(t, err)
	if len(files) != 1 {
		t.Fatalf("files: %v", files)
	}
	return files[0]
}

// flip changes a byte of a file and leaves its size.
func flip(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	content[len(content)/2] ^= 1
	must(t, os.WriteFile(path, content, 0o600))
	later := time.Now().Add(time.Minute) // as if it had happened later
	must(t, os.Chtimes(path, later, later))
}

// TestTakeCheckpoint_refused says what is wrong before anything is written.
func TestTakeCheckpoint_refused(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := copying(t, s, t.TempDir())
	stocked(t, s, e, "acme")
	if _, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "old", Contents: landlord.CheckpointData, Tables: []string{"orders"}}); err != nil {
		t.Fatal(explain(err))
	}
	cases := map[string]struct {
		engine *engine.Engine
		spec   checkpointing.Spec
		want   string
	}{
		"no directory": {engine: engineOn(t, s), spec: checkpointing.Spec{Tenant: "acme", Name: "x", Contents: landlord.CheckpointData},
			want: "Provider has no checkpoint directory [contents]\nCheckpoint `x` of tenant `acme` holds data, and needs a directory for its files.\n\n" +
				"Set `checkpoint_directory` of the provider to a directory that outlives the runs, or take `contents = \"schema\"`."},
		"name": {spec: checkpointing.Spec{Tenant: "acme", Name: "../x"},
			want: "Checkpoint name cannot be used [name]\nThe name `../x` has to hold letters, digits, `.`, `_` and `-` only, a letter or digit first, at most 100 characters.\n\nChoose another name."},
		"tenant": {spec: checkpointing.Spec{Tenant: "nobody", Name: "x"},
			want: "Tenant is not known [tenant]\nThe landlord database has no tenant `nobody`, and no tenant of this run that was planned so far has that slug.\n\n" +
				"Refer to `slug` of a `landlord_tenant`, so that Terraform knows the order, or correct the slug."},
		"table": {spec: checkpointing.Spec{Tenant: "acme", Name: "x", Contents: landlord.CheckpointData, Tables: []string{"orders", "ordres"}},
			want: "Tenant has no such table [tables]\nTenant `acme` has no table `ordres`.\n\nCorrect `tables`; names are written as in the database."},
		"tables of a schema": {spec: checkpointing.Spec{Tenant: "acme", Name: "x", Contents: landlord.CheckpointSchema, Tables: []string{"orders"}},
			want: "Schema checkpoint takes no such option [tables]\nA schema checkpoint holds the whole schema: `tables` chooses among rows.\n\nTake `contents = \"data\"`, or leave `tables` out."},
		"exists": {spec: checkpointing.Spec{Tenant: "acme", Name: "old", Contents: landlord.CheckpointData},
			want: "Checkpoint exists already [name]\nTenant `acme` has a checkpoint `old` already.\n\n" +
				"To manage it here, import it: `terraform import <address> acme/old`. Otherwise choose another name."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			on := c.engine
			if on == nil {
				on = e
			}
			_, err := on.TakeCheckpoint(t.Context(), c.spec)
			wantProblem(t, err, c.want)
		})
	}
}

// TestRetakeCheckpoint has the former one until the new one is complete.
func TestRetakeCheckpoint(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := copying(t, s, t.TempDir())
	tenant := stocked(t, s, e, "acme")
	spec := checkpointing.Spec{Tenant: "acme", Name: "daily", Contents: landlord.CheckpointData}
	first, err := e.TakeCheckpoint(t.Context(), spec)
	if err != nil {
		t.Fatal(explain(err))
	}
	s.Exec(t, "INSERT INTO "+tenant.DatabaseName+".orders (customer_id) VALUES (1)")
	second, err := e.RetakeCheckpoint(t.Context(), spec)
	if err != nil {
		t.Fatal(explain(err))
	}
	if second.Rows != first.Rows+2 || second.Location == first.Location {
		t.Errorf("second: %+v", second)
	}
	if _, err := os.Stat(first.Location); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the former files are still there: %v", err)
	}
	if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenant_checkpoints"); rows[0][0] != "1" {
		t.Errorf("rows: %v", rows)
	}
}

// TestCheckpoint_expiry removes the files when the retention is over, keeps what
// somebody asked for known as expired, and forgets what came by itself.
func TestCheckpoint_expiry(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	e := copying(t, s, directory)
	tenant := stocked(t, s, e, "acme")
	old, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "old", Contents: landlord.CheckpointData, Retention: time.Hour})
	if err != nil {
		t.Fatal(explain(err))
	}
	_, _, err = update(t.Context(), e, landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "store@2.0.0", AllowDestructive: true}, tenant)
	if err != nil {
		t.Fatal(explain(err))
	}
	automatic := s.QueryRows(t, "SELECT name, contents, origin, status, location FROM "+s.LandlordDatabase+".tenant_checkpoints WHERE origin <> 'request'")
	if len(automatic) != 1 || automatic[0][1] != "data" || automatic[0][2] != "migration" || automatic[0][3] != "ready" {
		t.Fatalf("automatic: %v", automatic)
	}
	s.Exec(t, "UPDATE "+s.LandlordDatabase+".tenant_checkpoints SET expires_at = UTC_TIMESTAMP(6)")
	next := copying(t, s, directory)
	if _, err := next.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "new", Contents: landlord.CheckpointSchema}); err != nil {
		t.Fatal(explain(err))
	}
	got, err := next.Checkpoint(t.Context(), "acme", "old")
	if err != nil || got.Status != landlord.CheckpointExpired {
		t.Errorf("old: %+v, %v", got, err)
	}
	for _, location := range []string{old.Location, automatic[0][4]} {
		if _, err := os.Stat(location); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the files in %s are still there: %v", location, err)
		}
	}
	if rows := s.QueryRows(t, "SELECT name FROM "+s.LandlordDatabase+".tenant_checkpoints ORDER BY name"); cmp.Diff([][]string{{"new"}, {"old"}}, rows) != "" {
		t.Errorf("rows: %v", rows)
	}
	_, err = next.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "old"}, "")
	wantProblem(t, err, "Checkpoint cannot be used [checkpoint]\nCheckpoint `old` of tenant `acme` is expired: its retention is over.\n\n"+
		"Bring its directory back as it was, or choose another checkpoint.")
}
