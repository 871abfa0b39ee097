package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// copyingCore returns a core whose provider keeps checkpoints in a directory.
func copyingCore(t *testing.T, s *mysqltest.Server, directory string) *core {
	t.Helper()
	environment := environmentOf(s)
	environment["LANDLORD_CHECKPOINT_DIRECTORY"] = directory
	return coreWith(t, environment)
}

// checkpointOf is the configuration of a checkpoint of acme.
func checkpointOf(changed values) values {
	return with(values{"tenant": "acme", "name": "before"}, changed)
}

func TestCheckpoint(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		directory := t.TempDir()
		c := copyingCore(t, s, directory)
		c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		tenant := c.must("landlord_tenant", nil, acme(nil))
		database := s.Prefix + "acme"
		s.Exec(t, "INSERT INTO "+database+".users VALUES (1, 'a@example.com'), (2, 'b@example.com')")

		plan := c.plan("landlord_tenant_checkpoint", nil, checkpointOf(nil))
		if got := attributes(t, plan.state)["id"]; got != "acme/before" || len(plan.diagnostics) > 0 {
			t.Errorf("planned as %v: %v", got, plan.diagnostics)
		}
		checkpoint := c.must("landlord_tenant_checkpoint", nil, checkpointOf(values{"verify": true, "retention": "24h"}))
		got := attributesOf(t, checkpoint)
		if got["rows"] != "2" || got["status"] != "ready" || got["template"] != "shop@1.0.0" || got["schema_fingerprint"] != field(t, tenant, "schema_fingerprint") ||
			got["expires_at"] == nil || got["checksum"] == nil {
			t.Errorf("taken: %v", got)
		}
		location, _ := got["location"].(string)
		if filepath.Dir(location) != filepath.Join(directory, database) {
			t.Errorf("location: %q", location)
		}
		checkpoint = copyingCore(t, s, directory).settled("landlord_tenant_checkpoint", checkpoint, checkpointOf(values{"verify": true, "retention": "24h"}))

		// Another retention keeps what was taken.
		c = copyingCore(t, s, directory)
		checkpoint = c.must("landlord_tenant_checkpoint", checkpoint, checkpointOf(values{"verify": true}))
		now := attributesOf(t, checkpoint)
		if now["checksum"] != got["checksum"] || now["expires_at"] != nil {
			t.Errorf("kept: %v", now)
		}
		imported, diagnostics := c.refresh("landlord_tenant_checkpoint", c.importID("landlord_tenant_checkpoint", "acme/before"))
		if len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		if diff := cmp.Diff(with(attributesOf(t, checkpoint), values{"verify": false}), attributesOf(t, imported)); diff != "" {
			t.Errorf("imported (-want +got):\n%s", diff)
		}

		// Other keepers take it anew, under the same name.
		s.Exec(t, "INSERT INTO "+database+".users VALUES (3, 'c@example.com')")
		checkpoint = c.must("landlord_tenant_checkpoint", checkpoint, checkpointOf(values{"keepers": values{"day": "tuesday"}}))
		now = attributesOf(t, checkpoint)
		if now["rows"] != "3" || now["id"] != "acme/before" || now["location"] == location {
			t.Errorf("taken anew: %v", now)
		}
		if _, err := os.Stat(location); err == nil {
			t.Error("the former files are still there")
		}

		// A file that is missing is said, and nothing is taken by itself.
		location, _ = now["location"].(string)
		must(t, os.Remove(filepath.Join(location, "manifest.json")))
		state, diagnostics := c.refresh("landlord_tenant_checkpoint", checkpoint)
		want := []string{"WARNING at (status): Checkpoint cannot be used\nCheckpoint `before` of tenant `acme` is missing: the checkpoint in `" + location +
			"` is damaged: `manifest.json` is missing: no such file or directory.\n\n" +
			"Nothing is done about it. Bring its files back as they were, change `keepers` to take it anew, or remove the resource."}
		if diff := cmp.Diff(want, diagnostics); diff != "" {
			t.Errorf("warnings (-want +got):\n%s", diff)
		}
		if got := field(t, state, "status"); got != "missing" {
			t.Errorf("status: %v", got)
		}
		after := c.plan("landlord_tenant_checkpoint", state, checkpointOf(values{"keepers": values{"day": "tuesday"}}))
		if diff := cmp.Diff(attributesOf(t, state), attributes(t, after.state)); diff != "" || len(after.diagnostics) > 0 {
			t.Errorf("something is planned: %v\n%s", after.diagnostics, diff)
		}
		if gone, diagnostics := c.run("landlord_tenant_checkpoint", state, nil); gone != nil || len(diagnostics) > 0 {
			t.Errorf("removed: %v, %v", gone, diagnostics)
		}
		if files, err := os.ReadDir(filepath.Join(directory, database)); err != nil || len(files) > 0 {
			t.Errorf("left: %v, %v", files, err)
		}
	})
}

func attributesOf(t *testing.T, state any) values {
	t.Helper()
	opened := values{}
	for name := range open(t, state) {
		opened[name] = field(t, state, name)
	}
	return opened
}

// TestCheckpoint_noDirectory points at what is missing.
func TestCheckpoint_noDirectory(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant", nil, acme(nil))
	plan := c.plan("landlord_tenant_checkpoint", nil, checkpointOf(nil))
	want := []string{"ERROR at (contents): Provider has no checkpoint directory\nCheckpoint `before` of tenant `acme` holds data, and needs a directory for its files.\n\n" +
		"Set `checkpoint_directory` of the provider to a directory that outlives the runs, or take `contents = \"schema\"`."}
	if diff := cmp.Diff(want, plan.diagnostics); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	schema := c.must("landlord_tenant_checkpoint", nil, checkpointOf(values{"contents": "schema"}))
	if got := attributesOf(t, schema); got["location"] != nil || got["rows"] != "0" {
		t.Errorf("schema: %v", got)
	}
}

// TestRestore_rollback shows the way back in the plan, and the way up in the
// next one.
func TestRestore_rollback(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		directory := t.TempDir()
		c := copyingCore(t, s, directory)
		database := s.Prefix + "acme"
		c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		tenant := c.must("landlord_tenant", nil, acme(nil))
		s.Exec(t, "INSERT INTO "+database+".users VALUES (1, 'a@example.com')")
		shape := c.must("landlord_tenant_checkpoint", nil, checkpointOf(values{"name": "shape", "contents": "schema"}))
		data := c.must("landlord_tenant_checkpoint", nil, checkpointOf(nil))

		c = copyingCore(t, s, directory)
		c.must("landlord_tenant_template", nil, shop("2.0.0", usersTable, teamsTable))
		second := acme(values{"template": "shop@2.0.0"})
		tenant = c.must("landlord_tenant", tenant, second)
		s.Exec(t, "INSERT INTO "+database+".users VALUES (2, 'late@example.com')")

		c = copyingCore(t, s, directory)
		back := values{"tenant": "acme", "checkpoint": field(t, shape, "id"), "mode": "in_place"}
		plan := c.plan("landlord_tenant_restore", nil, back)
		if got := statements(t, plan.state); len(got) != 1 || !strings.HasPrefix(got[0], "RENAME TABLE `"+database+"`.`teams` TO ") || len(withoutWarnings(plan.diagnostics)) > 0 {
			t.Errorf("the way back is %q: %v", got, plan.diagnostics)
		}
		rolled := c.must("landlord_tenant_restore", nil, back)
		if got := tablesOf(t, s, database); got != "users" {
			t.Errorf("tables: %s", got)
		}
		copyingCore(t, s, directory).settled("landlord_tenant_restore", rolled, back)

		c = copyingCore(t, s, directory)
		tenant, diagnostics := c.refresh("landlord_tenant", tenant)
		if len(diagnostics) > 0 || field(t, tenant, "applied_template") != "shop@1.0.0" {
			t.Errorf("after the rollback: %v, %v", field(t, tenant, "applied_template"), diagnostics)
		}
		if got := statements(t, c.plan("landlord_tenant", tenant, second).state); len(got) != 1 || !strings.Contains(got[0], "`teams`") {
			t.Errorf("the way up is %q", got)
		}

		// In place, with the rows.
		c = copyingCore(t, s, directory)
		whole := values{"tenant": "acme", "checkpoint": field(t, data, "id"), "mode": "in_place"}
		refused := c.plan("landlord_tenant_restore", nil, whole)
		if len(refused.diagnostics) != 1 || !strings.HasPrefix(refused.diagnostics[0], "ERROR at (allow_destructive): Restore in place sets rows aside\nTenant `acme` is to be restored in place from checkpoint `before` of ") {
			t.Errorf("without leave: %v", refused.diagnostics)
		}
		whole["allow_destructive"] = true
		planned := c.plan("landlord_tenant_restore", nil, whole)
		const passing = "979c5f53" // follows from what is asked for
		beside, aside := database+"__restore_"+passing, s.LandlordDatabase+"_retired_1_"+passing
		want := []string{
			"CREATE DATABASE `" + beside + "` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", "CREATE DATABASE IF NOT EXISTS `" + aside + "` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
			"RENAME TABLE `" + database + "`.`users` TO `" + aside + "`.`users`, `" + beside + "`.`users` TO `" + database + "`.`users`", "DROP DATABASE IF EXISTS `" + beside + "`",
		}
		if diff := cmp.Diff(want, statements(t, planned.state)); diff != "" || len(planned.diagnostics) > 0 {
			t.Errorf("planned: %v (-want +got):\n%s", planned.diagnostics, diff)
		}
		s.Exec(t, "ALTER TABLE "+database+".users ADD COLUMN late INT NULL")
		_, changed := copyingCore(t, s, directory).apply("landlord_tenant_restore", nil, whole, planned)
		refusal := []string{"ERROR at (tenant): Tenant changed since the plan\nAnother run has worked on tenant `acme` since the plan was made, so the planned steps are not what is left to do.\n\nNothing was run. Plan again."}
		if diff := cmp.Diff(refusal, changed); diff != "" {
			t.Errorf("changed since the plan (-want +got):\n%s", diff)
		}
		done := c.must("landlord_tenant_restore", nil, whole)
		copyingCore(t, s, directory).settled("landlord_tenant_restore", done, whole)
		if rows := s.QueryRows(t, "SELECT id FROM "+database+".users"); cmp.Diff([][]string{{"1"}}, rows) != "" {
			t.Errorf("rows: %v", rows)
		}
		report, _ := field(t, done, "report").(values)
		delete(report, "duration")
		delete(report, "position")
		if diff := cmp.Diff(values{"checkpoint": "before", "tables": "1", "rows": "1", "transactions": "0", "skipped": []any{}, "retired_database": aside}, report); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
		if gone, diagnostics := c.run("landlord_tenant_restore", done, nil); gone != nil || len(diagnostics) > 0 {
			t.Errorf("destroyed: %v, %v", gone, diagnostics)
		}
		if got := tablesOf(t, s, database); got != "users" {
			t.Errorf("destroying a restore in place changed the tables: %s", got)
		}
	})
}

// TestRestore_beside makes a database and drops it again; one that somebody
// dropped is planned anew.
func TestRestore_beside(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	c := copyingCore(t, s, directory)
	database := s.Prefix + "acme"
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant", nil, acme(nil))
	s.Exec(t, "INSERT INTO "+database+".users VALUES (1, 'a@example.com')")
	// One plan for both: the checkpoint is taken by the same run.
	c.plan("landlord_tenant_checkpoint", nil, checkpointOf(nil))
	beside := values{"tenant": "acme", "checkpoint": "acme/before"}
	plan := c.plan("landlord_tenant_restore", nil, beside)
	if len(plan.diagnostics) > 0 {
		t.Fatal(plan.diagnostics)
	}
	c.must("landlord_tenant_checkpoint", nil, checkpointOf(nil))
	done, diagnostics := c.apply("landlord_tenant_restore", nil, beside, plan)
	if len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	name, _ := field(t, done, "database_name").(string)
	if name != database+"__restore_1" || tablesOf(t, s, name) != "users" {
		t.Errorf("restored to %q: %s", name, tablesOf(t, s, name))
	}
	imported, diagnostics := c.refresh("landlord_tenant_restore", c.importID("landlord_tenant_restore", "acme/1"))
	if diff := cmp.Diff(with(attributesOf(t, done), values{"migration": []any{}}), attributesOf(t, imported)); diff != "" || len(diagnostics) > 0 {
		t.Errorf("imported: %v (-want +got):\n%s", diagnostics, diff)
	}
	s.Exec(t, "DROP DATABASE "+name)
	gone, diagnostics := c.refresh("landlord_tenant_restore", done)
	want := []string{"WARNING at (database_name): Restored database is gone\nDatabase `" + name + "`, which restore `acme/1` made beside tenant `acme`, does not exist any more. The plan restores again."}
	if diff := cmp.Diff(want, diagnostics); gone != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", gone, diff)
	}
}

func TestRestore_validate(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		config values
		want   []string
	}{
		"checkpoint": {config: values{"tenant": "acme", "checkpoint": "before"}},
		"time":       {config: values{"tenant": "acme", "point_in_time": "2026-05-04T12:30:00+02:00"}},
		"neither": {config: values{"tenant": "acme"}, want: []string{"ERROR at (checkpoint): Invalid Attribute Combination\n" +
			"No attribute specified when one (and only one) of [checkpoint,point_in_time] is required"}},
		"both": {config: values{"tenant": "acme", "checkpoint": "before", "point_in_time": "2026-05-04T12:30:00Z"}, want: []string{"ERROR at (checkpoint): Invalid Attribute Combination\n" +
			"2 attributes specified when one (and only one) of [checkpoint,point_in_time] is required"}},
		"no time": {config: values{"tenant": "acme", "point_in_time": "yesterday"}, want: []string{"ERROR at (point_in_time): Time cannot be read\n" +
			"`yesterday` is no time as RFC 3339 writes it, for example `2030-01-31T12:00:00Z`."}},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(k.want, newCore(t, nil).validate("landlord_tenant_restore", k.config)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
