package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// copyingVictim returns a process that is to be killed while it works on
// copies.
func copyingVictim(s *mysqltest.Server, directory string) victim {
	return victim{Config: landlord.Config{
		Main:     engine.ServerConfig{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password},
		Database: s.LandlordDatabase, Prefix: s.Prefix, CheckpointDirectory: directory,
	}}
}

// TestTakeCheckpoint_killed kills the process at every point while it takes a
// checkpoint anew: there is always one that is whole, and nothing else after the
// next run.
func TestTakeCheckpoint_killed(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	e := copying(t, s, directory)
	tenant := stocked(t, s, e, "acme")
	spec := checkpointing.Spec{Tenant: "acme", Name: "daily", Contents: landlord.CheckpointData}
	if _, err := e.TakeCheckpoint(t.Context(), spec); err != nil {
		t.Fatal(explain(err))
	}
	points := 0
	for point := 1; ; point++ {
		v := copyingVictim(s, directory)
		v.Checkpoint, v.Kill = &spec, point
		if !v.run(t) {
			break
		}
		points++
		got, err := copying(t, s, directory).Checkpoint(t.Context(), "acme", "daily")
		if err != nil || got.Status != landlord.CheckpointReady {
			t.Fatalf("killed at point %d: %+v, %v", point, got, err)
		}
		if _, err := copying(t, s, directory).RetakeCheckpoint(t.Context(), spec); err != nil {
			t.Fatalf("killed at point %d: %s", point, explain(err))
		}
		if rows := s.QueryRows(t, "SELECT status FROM "+s.LandlordDatabase+".tenant_checkpoints"); cmp.Diff([][]string{{"ready"}}, rows) != "" {
			t.Errorf("killed at point %d, rows: %v", point, rows)
		}
		files, err := os.ReadDir(filepath.Join(directory, tenant.DatabaseName))
		if err != nil || len(files) != 1 {
			t.Errorf("killed at point %d, directories: %v, %v", point, files, err)
		}
	}
	if points < 4 {
		t.Errorf("only %d points to be killed at", points)
	}
}

// TestRestore_killed kills the process at every point of a restore in place. The
// tenant is what it was or what it is to be, and the next run of the restore
// completes it.
func TestRestore_killed(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		stride := 1
		if s.Kind.IsMariaDB() {
			stride = 3
		}
		killRestores(t, s, stride, false)
	})
}

// TestRestore_killedAndUpdated is the same, but what comes next is a change of
// the tenant, which completes the restore.
func TestRestore_killedAndUpdated(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) { killRestores(t, s, 4, true) })
}

// TestSoakRestore_killed is both at every point on every server.
func TestSoakRestore_killed(t *testing.T) {
	soak(t)
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		killRestores(t, s, 1, false)
		killRestores(t, s, 1, true)
	})
}

func killRestores(t *testing.T, s *mysqltest.Server, stride int, byTenant bool) {
	t.Helper()
	directory := t.TempDir()
	e := copying(t, s, directory)
	slug := "acme"
	if byTenant {
		slug = "beta"
	}
	tenant := stocked(t, s, e, slug)
	before := contents(t, s, tenant.DatabaseName)
	take(t, e, slug, "before")
	points := 0
	for point := 1; ; point += stride {
		if db := tenant.DatabaseName; point == 1 {
			upgraded(t, s, copying(t, s, directory), tenant)
		} else { // a migration for each point would take long
			s.Exec(t, "CREATE TABLE "+db+".parcels (id INT PRIMARY KEY)", "DROP TRIGGER "+db+".orders_log", "DROP VIEW "+db+".order_totals", "CREATE VIEW "+db+".order_totals AS SELECT 1",
				"INSERT INTO "+db+".orders (customer_id) VALUES (1)", "CREATE TRIGGER "+db+".orders_log BEFORE INSERT ON "+db+".orders FOR EACH ROW SET NEW.total = 1",
				"ALTER EVENT "+db+".nightly DISABLE", "DROP PROCEDURE "+db+".tidy")
		}
		present := contents(t, s, tenant.DatabaseName)
		v := copyingVictim(s, directory)
		v.Restore = &landlord.RestoreSpec{Tenant: slug, Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true, Keepers: map[string]string{"point": string(rune('a' + point))}}
		v.Kill = point
		if !v.run(t) {
			break
		}
		points++
		if rows := tableNames(t, s, tenant.DatabaseName); rows != tablesIn(before) && rows != tablesIn(present) {
			t.Errorf("killed at point %d, the tables are neither the old nor the new ones: %s", point, rows)
		}
		next := copying(t, s, directory)
		if half, err := next.Tenant(t.Context(), slug); byTenant && err == nil && half.UpdateStatus == landlord.UpdateInterrupted {
			spec := landlord.TenantSpec{Slug: slug, Name: slug, Template: "store@2.0.0", AllowDestructive: true} // what else it wants comes later
			plan, after, err := update(t.Context(), next, spec, half)
			if err != nil {
				t.Fatalf("killed at point %d: %s", point, explain(err))
			}
			if plan.Template != "store@1.0.0" || after.Template != "store@1.0.0" || after.SchemaFingerprint != plan.Fingerprint {
				t.Errorf("killed at point %d: planned %s, became %+v", point, plan.Template, after)
			}
			next = copying(t, s, directory)
		}
		if _, err := next.Restore(t.Context(), *v.Restore, ""); err != nil {
			t.Fatalf("killed at point %d: %s", point, explain(err))
		}
		if diff := cmp.Diff(before, contents(t, s, tenant.DatabaseName)); diff != "" {
			t.Fatalf("killed at point %d (-before +restored):\n%s", point, diff)
		}
		var err error
		if tenant, err = copying(t, s, directory).Tenant(t.Context(), slug); err != nil || tenant.UpdateStatus != landlord.UpdateCurrent || len(tenant.Drift) != 0 || tenant.Template != "store@1.0.0" {
			t.Fatalf("killed at point %d: %+v, %v", point, tenant, err)
		}
		if rows := s.QueryRows(t, "SELECT side_database, status FROM "+s.LandlordDatabase+".tenant_restores WHERE side_database IS NOT NULL OR status NOT IN ('done','removed')"); len(rows) != 0 {
			t.Errorf("killed at point %d, left: %v", point, rows)
		}
	}
	if points < 15/stride {
		t.Errorf("only %d points to be killed at", points)
	}
}

func tableNames(t *testing.T, s *mysqltest.Server, db string) string {
	t.Helper()
	var names []string
	for _, row := range s.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1", db) {
		names = append(names, row[0])
	}
	return strings.Join(names, " ")
}

// tablesIn returns the tables that a text of contents begins its lines with.
func tablesIn(text string) string {
	var names []string
	for line := range strings.Lines(text) {
		if name, _, ok := strings.Cut(line, " "); ok && !strings.HasPrefix(line, "[") {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}
