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

// keyless is a template whose tables have no key, until its second version numbers the
// rows of the one, and wants those of the other to differ.
func keyless(version string) landlord.TemplateSpec {
	columns, more := "line VARCHAR(40) NOT NULL", ""
	if version != "1.0.0" {
		columns, more = columns+", id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", ", UNIQUE KEY ux_page (page)"
	}
	return landlord.TemplateSpec{
		Name: "diary", Version: version, ExtensionPoints: []string{"lines"},
		Core: map[string]string{"001_lines.sql": "CREATE TABLE `lines` (" + columns + ");", "002_pages.sql": "CREATE TABLE pages (page INT NOT NULL" + more + ");"},
	}
}

// barrierNote is what a plan says of the statement across which no log is replayed.
func barrierNote(field, statement, why, next string) string {
	return "Points in time end at a statement [" + field + "]\nThe binary log cannot be replayed across this, because it does not hold the values that the rows get:\n\n" +
		statement + "\n  " + why +
		"\n\nMoments before it stay within reach of a restore with `point_in_time` as long as the log is kept; those behind it need a checkpoint from behind it. " + next
}

// TestRestore_barrier: a migration gives rows values that the log does not hold. Its
// plan says so and its apply takes a checkpoint behind it, so that moments before and
// after it are within reach; where none can be taken, the plan says what to do.
func TestRestore_barrier(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, shared *mysqltest.Server) {
		s := logging(t, shared).Server
		directory := t.TempDir()
		e := copying(t, s, directory)
		publish(t, e, keyless("1.0.0"))
		publish(t, e, keyless("2.0.0"))
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "diary@1.0.0"}
		_, tenant := create(t, e, spec)
		spec.Template = "diary@2.0.0"
		plan := func(e *engine.Engine) []landlord.Note {
			t.Helper()
			p := prior(tenant)
			planned, err := e.PlanTenant(t.Context(), spec, &p)
			must(t, err)
			return planned.Notes
		}
		statement, why := "ALTER TABLE `lines` ADD COLUMN `id` "+map[bool]string{true: "bigint(20)", false: "bigint"}[s.Kind.IsMariaDB()]+" NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (`id`), ALGORITHM=INPLACE, LOCK=SHARED",
			"a column was added that numbers rows, and the table had no key that says in which order"
		numbers := func(next string) string {
			return barrierNote("template", statement, why, next)
		}
		line := func(text string) { s.Exec(t, "INSERT INTO "+tenant.DatabaseName+".`lines` (line) VALUES ('"+text+"')") }
		if notes := plan(copying(t, s, directory)); len(notes) > 0 {
			t.Errorf("without a checkpoint to begin at: %+v", notes)
		}
		take(t, e, "acme", "nightly")
		if notes := plan(copying(t, s, directory)); len(notes) > 0 {
			t.Errorf("without rows: %+v", notes)
		}
		line("one")
		line("two")
		remarks(t, s, plan(engineOn(t, s)), numbers("The apply takes none, since the provider has no `checkpoint_directory`. Take a `landlord_tenant_checkpoint` after it."))
		spec.Automatic = landlord.AutomaticSchema
		remarks(t, s, plan(copying(t, s, directory)), numbers("The apply takes none, since `automatic_checkpoint` is `schema`. Take a `landlord_tenant_checkpoint` after it."))
		spec.Automatic = landlord.AutomaticDefault
		remarks(t, s, plan(copying(t, s, directory)), numbers("The apply takes one when its statements have run."))
		time.Sleep(1100 * time.Millisecond)
		before := now(t, s)
		time.Sleep(1100 * time.Millisecond)

		_, tenant, err := update(t.Context(), copying(t, s, directory), spec, tenant)
		must(t, err)
		line("three")
		rows := func(db string) string { return fmt.Sprint(s.QueryRows(t, "SELECT * FROM "+db+".`lines` ORDER BY 1")) }
		want := rows(tenant.DatabaseName)
		time.Sleep(1100 * time.Millisecond)
		behind := now(t, s)
		for moment, from := range map[time.Time]string{before: "nightly", behind: "auto-"} {
			beside, err := copying(t, s, directory).Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", PointInTime: moment}, "")
			if err != nil {
				t.Fatal(explain(err))
			}
			got := rows(beside.DatabaseName)
			if !strings.HasPrefix(beside.Checkpoint, from) || (got == want) != (moment == behind) || strings.Contains(got, "three") != (moment == behind) {
				t.Errorf("%s from %s: %s", moment, beside.Checkpoint, got)
			}
		}

		inPlace := landlord.RestoreSpec{Tenant: "acme", PointInTime: behind, Mode: landlord.RestoreInPlace, AllowDestructive: true}
		next := copying(t, s, directory)
		back, err := next.PlanRestore(t.Context(), inPlace)
		must(t, err)
		if _, err := next.Restore(t.Context(), inPlace, back.Digest); err != nil {
			t.Fatal(explain(err))
		}
		if again, err := copying(t, s, directory).Tenant(t.Context(), "acme"); err != nil || again.Template != "diary@2.0.0" || len(again.Drift) > 0 || rows(again.DatabaseName) != want {
			t.Errorf("restored in place: %+v, %v", again, err)
		}

		gamma := landlord.TenantSpec{Slug: "gamma", Name: "gamma", Template: "diary@1.0.0", SkipProbes: true}
		_, cut := create(t, e, gamma)
		take(t, e, "gamma", "nightly")
		s.Exec(t, "INSERT INTO "+cut.DatabaseName+".`lines` (line) VALUES ('one')", "INSERT INTO "+cut.DatabaseName+".pages VALUES (1), (1)")
		gamma.Template = "diary@2.0.0"
		if _, _, err := update(t.Context(), copying(t, s, directory), gamma, cut); err == nil {
			t.Error("two pages are the same, and yet it succeeded")
		}
		s.Exec(t, "DELETE FROM "+cut.DatabaseName+".pages LIMIT 1")
		cut, err = copying(t, s, directory).Tenant(t.Context(), "gamma")
		must(t, err)
		rest, _, err := update(t.Context(), copying(t, s, directory), gamma, cut)
		must(t, err)
		remarks(t, s, rest.Notes, numbers("The apply takes one when its statements have run."))
		if taken := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenant_checkpoints WHERE tenant_slug = 'gamma' AND name LIKE 'auto-%'"); fmt.Sprint(taken) != "[[1]]" {
			t.Errorf("behind the rest of a migration: %v", taken)
		}

		beta := landlord.TenantSpec{Slug: "beta", Name: "beta", Template: "diary@1.0.0"}
		_, other := create(t, e, beta)
		take(t, e, "beta", "nightly")
		s.Exec(t, "INSERT INTO "+other.DatabaseName+".`lines` (line) VALUES ('one')")
		beta.Template = "diary@2.0.0"
		_, other, err = update(t.Context(), copying(t, s, directory+"/unmounted"), beta, other)
		must(t, err)
		remarks(t, s, other.Notes, "Checkpoint behind a change could not be taken [automatic_checkpoint]\n"+
			"The change of tenant `beta` is complete and recorded. The checkpoint behind it, without which no later moment can be restored, was not taken:\n\n"+
			"Checkpoint directory cannot be used. An automatic checkpoint with data needs the `checkpoint_directory` of the provider, `"+plain(s, directory+"/unmounted")+"`.\n\nCause: it does not exist\n\n"+
			"Mount or make it, or correct the path. With `create_checkpoint_directory = true` in the provider it is made when it is not there.\n\nThen take a `landlord_tenant_checkpoint`.")

		custom := customization.Spec{Tenant: "acme", Name: "marks", Reason: "a test", Patch: landlord.CustomizationPatch{
			Columns: []landlord.CustomizationColumn{{Table: "lines", Name: "x_mark", Definition: "CHAR(36) NOT NULL DEFAULT (UUID())"}},
		}}
		if !s.Kind.IsMariaDB() {
			return // MySQL refuses it while it keeps a log
		}
		planned, _ := mustCustomize(t, copying(t, s, directory), custom, nil)
		remarks(t, s, planned.Notes, barrierNote("", "ALTER TABLE `lines` ADD COLUMN `x_mark` char(36) NOT NULL DEFAULT uuid(), ALGORITHM=COPY", "a column was added whose values are different each time",
			"The apply takes one when its statements have run."))
		if taken := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenant_checkpoints WHERE tenant_slug = 'acme' AND origin = 'migration' AND name LIKE 'auto-%'"); fmt.Sprint(taken) != "[[2]]" {
			t.Errorf("checkpoints: %v", taken)
		}
	})
}

// TestRestore_barrierOfRollback: a rollback of the schema numbers the rows of a table
// again. Its plan says that points in time end there, and a checkpoint is taken behind it.
func TestRestore_barrierOfRollback(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, shared *mysqltest.Server) {
		s := logging(t, shared).Server
		directory := t.TempDir()
		e := copying(t, s, directory)
		publish(t, e, keyless("2.0.0"))
		bare := keyless("1.0.0")
		bare.Version = "3.0.0"
		publish(t, e, bare)
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "diary@2.0.0", AllowDestructive: true, DestructiveMode: landlord.Drop}
		_, tenant := create(t, e, spec)
		if _, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "shape", Contents: landlord.CheckpointSchema}); err != nil {
			t.Fatal(explain(err))
		}
		spec.Template = "diary@3.0.0"
		_, tenant, err := update(t.Context(), copying(t, s, directory), spec, tenant)
		must(t, err)
		s.Exec(t, "INSERT INTO "+tenant.DatabaseName+".`lines` (line) VALUES ('one'), ('two')")
		take(t, copying(t, s, directory), "acme", "nightly")
		back := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "acme/shape", Mode: landlord.RestoreInPlace}
		next := copying(t, s, directory)
		plan, err := next.PlanRestore(t.Context(), back)
		must(t, err)
		statement := ""
		for _, step := range plan.Steps {
			if step.Unrepeatable() != "" {
				statement = step.SQL
			}
		}
		remarks(t, s, plan.Notes, barrierNote("checkpoint", statement, "a column was added that numbers rows, and the table had no key that says in which order", "The apply takes one when its statements have run."))
		if _, err := next.Restore(t.Context(), back, plan.Digest); err != nil {
			t.Fatal(explain(err))
		}
		rows := func(db string) string {
			return fmt.Sprint(s.QueryRows(t, "SELECT id, line FROM "+db+".`lines` ORDER BY 1"))
		}
		s.Exec(t, "INSERT INTO "+tenant.DatabaseName+".`lines` (line) VALUES ('three')")
		want := rows(tenant.DatabaseName)
		time.Sleep(1100 * time.Millisecond)
		beside, err := copying(t, s, directory).Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", PointInTime: now(t, s)}, "")
		if err != nil {
			t.Fatal(explain(err))
		}
		if got := rows(beside.DatabaseName); got != want || !strings.HasPrefix(beside.Checkpoint, "auto-") {
			t.Errorf("from %s: %s, not %s", beside.Checkpoint, got, want)
		}
	})
}

// TestRestore_behindMove: a tenant whose moments were within reach moves to another
// server, and moments there are within reach too.
func TestRestore_behindMove(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, shared *mysqltest.Server) {
		s, eu, directory := logging(t, shared).Server, logging(t, shared, "--server-id=8"), t.TempDir()
		start := func() *engine.Engine {
			return copying(t, s, directory, func(c *landlord.Config) {
				c.Servers = map[string]engine.ServerConfig{"eu": {Endpoint: eu.Endpoint(), Username: eu.Username, Password: eu.Password}}
			})
		}
		e := start()
		publish(t, e, keyless("2.0.0"))
		move := func(slug string, before func(*landlord.Tenant)) ([]landlord.Note, string) {
			t.Helper()
			spec := landlord.TenantSpec{Slug: slug, Name: slug, Template: "diary@2.0.0"}
			_, tenant := create(t, e, spec)
			before(tenant)
			spec.Server = "eu"
			plan, _, err := update(t.Context(), start(), spec, tenant)
			must(t, err)
			return plan.Notes, tenant.DatabaseName
		}
		notes, _ := move("beta", func(*landlord.Tenant) {})
		if strings.Contains(fmt.Sprint(notes), "Points in time") {
			t.Errorf("of a tenant without a checkpoint: %+v", notes)
		}
		notes, db := move("acme", func(acme *landlord.Tenant) {
			s.Exec(t, "INSERT INTO "+acme.DatabaseName+".`lines` (line) VALUES ('one')")
			take(t, start(), "acme", "nightly")
		})
		remarks(t, s, notes, "Points in time end at a move [server]\nThe binary log stays on the main server, so behind the move no restore with `point_in_time` reaches a moment before it; checkpoints can be restored as before. "+
			"Moments behind it need a checkpoint from behind it. The apply takes one when its statements have run.")
		eu.Exec(t, "INSERT INTO "+db+".`lines` (line) VALUES ('two')")
		time.Sleep(1100 * time.Millisecond)
		moment := now(t, eu.Server)
		time.Sleep(1100 * time.Millisecond)
		eu.Exec(t, "DELETE FROM "+db+".`lines`")
		beside, err := start().Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", PointInTime: moment}, "")
		if err != nil {
			t.Fatal(explain(err))
		}
		same(t, fmt.Sprint(eu.QueryRows(t, "SELECT line FROM "+beside.DatabaseName+".`lines` ORDER BY id")), "[[one] [two]]")
		taken := s.QueryRows(t, "SELECT tenant_slug, origin, server, COUNT(*) FROM "+s.LandlordDatabase+".tenant_checkpoints WHERE origin = 'move' GROUP BY 1, 2, 3 ORDER BY 1, 3")
		same(t, fmt.Sprint(taken), "[[acme move  1] [acme move eu 1] [beta move  1]]")
	})
}
