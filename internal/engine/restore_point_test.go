package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// logging starts a private server that keeps a binary log.
func logging(t *testing.T, like *mysqltest.Server, more ...string) *mysqltest.PrivateServer {
	t.Helper()
	args := append([]string{"--log-bin=binlog", "--server-id=7", "--binlog-format=ROW", "--log-bin-trust-function-creators=1"}, more...)
	return mysqltest.Private(t, like.Kind, mysqltest.Args(args...))
}

// now asks the server for its time.
func now(t *testing.T, s *mysqltest.Server) time.Time {
	t.Helper()
	text := s.QueryRows(t, "SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ')")[0][0]
	at, err := time.Parse(time.RFC3339Nano, text)
	must(t, err)
	return at
}

// TestRestore_pointInTime writes numbered rows, upgrades the tenant, drops a
// table by accident, and gets back exactly what was there before that second.
func TestRestore_pointInTime(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, shared *mysqltest.Server) {
		s := logging(t, shared).Server
		directory := t.TempDir()
		e := copying(t, s, directory)
		tenant := stocked(t, s, e, "acme")
		db := tenant.DatabaseName
		early := now(t, s)
		time.Sleep(1100 * time.Millisecond)
		take(t, e, "acme", "nightly")
		number := func(from, to int) {
			for i := from; i < to; i++ {
				s.Exec(t, fmt.Sprintf("INSERT INTO %s.orders (customer_id, total) VALUES (1, %d)", db, i))
			}
		}
		number(100, 110)
		after := upgraded(t, s, e, tenant)
		number(200, 205)
		want := contents(t, s, db)
		time.Sleep(1100 * time.Millisecond)
		before := now(t, s)
		time.Sleep(1100 * time.Millisecond)
		number(300, 303)
		s.Exec(t, "SET FOREIGN_KEY_CHECKS = 0", "DROP TABLE "+db+".parcels", "DELETE FROM "+db+".customers WHERE id = 2")

		told := &events{}
		next := copying(t, s, directory, func(c *landlord.Config) { c.Progress = told })
		spec := landlord.RestoreSpec{Tenant: "acme", PointInTime: before}
		beside, err := next.Restore(t.Context(), spec, "")
		if err != nil {
			t.Fatal(explain(err))
		}
		if replays := told.of("Replaying the binary log"); len(replays) == 0 || replays[0].Tenant != "acme" || replays[0].Of != "nightly" || !strings.HasPrefix(replays[0].Object, "binlog.") {
			t.Errorf("of the replay is told: %+v", replays)
		}
		if diff := cmp.Diff(strings.ReplaceAll(want, "ENABLED", "DISABLED"), contents(t, s, beside.DatabaseName)); diff != "" {
			t.Errorf("the copy (-before +restored):\n%s", diff)
		}
		owned(t, s, beside.DatabaseName, 5)
		if beside.Checkpoint != "nightly" || beside.Report.Transactions < 15 || beside.Report.Position == "" {
			t.Errorf("report: %+v", beside.Report)
		}
		part := spec
		part.Tables = []string{"parcels"}
		some, err := next.Restore(t.Context(), part, "")
		if err != nil {
			t.Fatal(explain(err))
		}
		if rows := s.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?", some.DatabaseName); cmp.Diff([][]string{{"parcels"}}, rows) != "" {
			t.Errorf("part: %v", rows)
		}
		spec.Mode, spec.AllowDestructive = landlord.RestoreInPlace, true
		plan, err := next.PlanRestore(t.Context(), spec)
		if err != nil {
			t.Fatal(explain(err))
		}
		later := []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldMode, Summary: "Statements are known only after the replay",
			Detail: "Tenant `acme` is restored in place to " + before.Format(time.RFC3339Nano) + ". What its tables and programs were then shows when the binary log has been replayed, so the statements are not in this plan." + following}}
		if diff := cmp.Diff(later, plan.Notes); diff != "" || plan.Known || plan.Digest != "" || len(plan.Steps) > 0 {
			t.Errorf("plan: %+v (-want +got):\n%s", plan, diff)
		}
		if again := planRestore(t, next, spec); len(again.Notes) > 0 {
			t.Errorf("told again: %+v", again.Notes)
		}
		done, err := next.Restore(t.Context(), spec, plan.Digest)
		if err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff(want, contents(t, s, db)); diff != "" || len(done.Notes) != 0 {
			t.Errorf("the tenant, %+v (-before +restored):\n%s", done.Notes, diff)
		}
		owned(t, s, db, 5)
		back, err := copying(t, s, directory).Tenant(t.Context(), "acme")
		if err != nil || back.Template != "store@2.0.0" || len(back.Drift) != 0 || back.SchemaFingerprint != after.SchemaFingerprint {
			t.Errorf("tenant: %+v, %v", back, err)
		}

		_, err = next.PlanRestore(t.Context(), landlord.RestoreSpec{Tenant: "acme", PointInTime: early})
		if err == nil || !strings.HasPrefix(explain(err), "No checkpoint before the point in time [point_in_time]\nTenant `acme` is to return to ") || !strings.Contains(err.Error(), "The oldest one, `nightly`, is of ") {
			t.Errorf("too early: %v", err)
		}
		_, err = next.PlanRestore(t.Context(), landlord.RestoreSpec{Tenant: "acme", PointInTime: time.Now().Add(time.Hour)})
		if err == nil || !strings.HasPrefix(explain(err), "Point in time lies ahead [point_in_time]\n") {
			t.Errorf("ahead: %v", err)
		}
		// The log that leads there is purged.
		for len(s.QueryRows(t, "SHOW BINARY LOGS")) != 1 || lastLog(t, s) == "binlog.000001" {
			s.Exec(t, "FLUSH BINARY LOGS", "PURGE BINARY LOGS BEFORE UTC_TIMESTAMP() + INTERVAL 1 DAY") // MariaDB keeps one that its engine still needs
		}
		spec.Keepers = map[string]string{"again": "1"}
		_, err = next.PlanRestore(t.Context(), spec)
		if err == nil || !strings.HasPrefix(explain(err), "Binary log cannot be replayed [point_in_time]\n") || !strings.Contains(err.Error(), "has been purged in part") {
			t.Errorf("purged: %v", err)
		}
	})
}

func lastLog(t *testing.T, s *mysqltest.Server) string {
	t.Helper()
	rows := s.QueryRows(t, "SHOW BINARY LOGS")
	return rows[len(rows)-1][0]
}

// TestRestore_tableBesidePrograms brings one table back, and of what the tenant has
// made beside it nothing.
func TestRestore_tableBesidePrograms(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, shared *mysqltest.Server) {
		s := logging(t, shared).Server
		e := copying(t, s, t.TempDir())
		db := stocked(t, s, e, "acme").DatabaseName
		kind := "procedure"
		if isMariaDB(s) {
			kind = "package"
		}
		var made []string
		for _, statement := range ownPrograms[kind].do {
			made = append(made, strings.ReplaceAll(statement, "{by} ", ""))
		}
		runIn(t, s, db, made...)
		take(t, e, "acme", "nightly")
		time.Sleep(1100 * time.Millisecond)
		restored, err := e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", PointInTime: now(t, s), Tables: []string{"customers"}}, "")
		if err != nil {
			t.Fatal(explain(err))
		}
		left := s.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? UNION ALL SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?", restored.DatabaseName, restored.DatabaseName)
		if diff := cmp.Diff([][]string{{"customers"}}, left); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestRestore_noLog says clearly that a moment cannot be reached.
func TestRestore_noLog(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := mysqltest.Private(t, kind, mysqltest.Args("--skip-log-bin")).Server
			e := copying(t, s, t.TempDir())
			stocked(t, s, e, "acme")
			taken := take(t, e, "acme", "nightly")
			row := s.QueryRows(t, "SELECT DATE_FORMAT(consistent_at, '%Y-%m-%dT%H:%i:%s.%f') FROM "+s.LandlordDatabase+".tenant_checkpoints")[0][0]
			at := now(t, s)
			_, err := e.PlanRestore(t.Context(), landlord.RestoreSpec{Tenant: "acme", PointInTime: at})
			wantProblem(t, err, "Binary log cannot be replayed [point_in_time]\nTenant `acme` is to return to "+at.Format(time.RFC3339Nano)+
				", from checkpoint `nightly` of "+strings.TrimRight(row, "0")+"Z and the binary log since then.\n\n"+
				"Cause: the binary log of the server is off.\n\nThe tenant can return to the checkpoint itself: `checkpoint = \"acme/nightly\"`.")
			if taken.Position != "" {
				t.Errorf("position: %q", taken.Position)
			}
		})
	}
}

// TestRestore_pointInTimeThroughOwnDoings goes back to moments behind which the
// provider itself has moved tables about: restores in place, of all and of some
// tables, from a checkpoint and to a moment, and tables that were set aside and came
// back. Foreign keys are among them.
func TestRestore_pointInTimeThroughOwnDoings(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, shared *mysqltest.Server) {
		s := logging(t, shared).Server
		directory := t.TempDir()
		e := copying(t, s, directory)
		tenant := stocked(t, s, e, "acme")
		db := tenant.DatabaseName
		take(t, e, "acme", "nightly")
		write := func(total int) {
			t.Helper()
			s.Exec(t, fmt.Sprintf("INSERT INTO %s.orders (customer_id, total) VALUES (1, %d), (2, %d)", db, total, total+1))
		}
		spoil := func() {
			t.Helper()
			s.Exec(t, "DELETE FROM "+db+".points", "UPDATE "+db+".customers SET email = CONCAT(email, '.spoilt')", "DELETE FROM "+db+".orders WHERE customer_id = 2")
		}
		type moment struct {
			at   time.Time
			want string
		}
		here := func() moment {
			t.Helper()
			m := moment{want: contents(t, s, db)}
			time.Sleep(1100 * time.Millisecond)
			m.at = now(t, s)
			time.Sleep(1100 * time.Millisecond)
			return m
		}
		restore := func(spec landlord.RestoreSpec, want string) {
			t.Helper()
			spec.Tenant, spec.Mode, spec.AllowDestructive = "acme", landlord.RestoreInPlace, true
			if _, err := copying(t, s, directory).Restore(t.Context(), spec, ""); err != nil {
				t.Fatal(explain(err))
			}
			if diff := cmp.Diff(want, contents(t, s, db)); diff != "" {
				t.Errorf("restored in place (-want +got):\n%s", diff)
			}
			owned(t, s, db, 4)
		}
		modules := func(names ...string) {
			t.Helper()
			e := copying(t, s, directory)
			before, err := e.Tenant(t.Context(), "acme")
			must(t, err)
			spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "store@1.0.0", Modules: names, AllowDestructive: true, Automatic: landlord.AutomaticNone}
			if _, err := e.UpdateTenant(t.Context(), spec, prior(before), ""); err != nil {
				t.Fatal(explain(err))
			}
		}

		first := here()
		write(100)
		spoil()
		restore(landlord.RestoreSpec{Checkpoint: "acme/nightly"}, first.want)
		write(200)
		second := here()
		modules() // the points are set aside
		write(300)
		without := here()
		modules("loyalty") // and come back
		write(400)
		third := here()
		spoil()
		restore(landlord.RestoreSpec{PointInTime: third.at}, third.want)
		write(500)
		fourth := here()
		spoil()
		if _, err := copying(t, s, directory).Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "acme/nightly", Tables: []string{"log"}, Mode: landlord.RestoreInPlace, AllowDestructive: true}, ""); err != nil {
			t.Fatal(explain(err))
		}
		write(600)
		fifth := here()
		spoil()

		for i, m := range []moment{first, second, without, third, fourth, fifth} {
			beside, err := copying(t, s, directory).Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", PointInTime: m.at}, "")
			if err != nil {
				t.Errorf("moment %d: %s", i+1, explain(err))
				continue
			}
			if diff := cmp.Diff(strings.ReplaceAll(m.want, "ENABLED", "DISABLED"), contents(t, s, beside.DatabaseName)); diff != "" {
				t.Errorf("moment %d (-want +got):\n%s", i+1, diff)
			}
		}
		restore(landlord.RestoreSpec{PointInTime: fifth.at}, fifth.want)
		if left := s.QueryRows(t, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME REGEXP ?", "^"+db+"__restore_.*_[a-z]{1,2}$"); len(left) > 0 {
			t.Errorf("databases of replays are left: %v", left)
		}
	})
}
