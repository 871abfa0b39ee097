package engine_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// These tests compare texts as a whole that no other test looks at: what a
// person reads when something is refused, stops or is remarked.

var (
	timeText = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	hashText = regexp.MustCompile(`[0-9a-f]{12,}`)
	connText = regexp.MustCompile(`connection \d+ of \S+ \(\w+ for \w+\)`)
	manyText = regexp.MustCompile(`about \d+ rows`)
	wideText = regexp.MustCompile(`\bint\(\d+\)`)
)

// printed writes a text without what only one of the products prints: MySQL the
// collation of every column, MariaDB the width of integers, and both the name of
// a foreign key in words of their own.
func printed(text string) string {
	text = wideText.ReplaceAllString(text, "int")
	return strings.NewReplacer(" COLLATE utf8mb4_unicode_ci", "", "'landlord_scratch_HASH/fk", "'fk", "of table `orders`", "of table 'orders'").Replace(text)
}

// plain writes the names of a test's databases as those of a provider without
// settings, and what differs from run to run in capitals.
func plain(s *mysqltest.Server, text string) string {
	text = strings.NewReplacer(s.LandlordDatabase, "landlord", s.Prefix, "tenant_", s.Endpoint(), "SERVER").Replace(text)
	text = connText.ReplaceAllString(timeText.ReplaceAllString(text, "TIME"), "CONNECTION")
	return manyText.ReplaceAllString(hashText.ReplaceAllString(text, "HASH"), "about MANY rows")
}

// same compares texts.
func same(t *testing.T, got, want string) {
	t.Helper()
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

// refuses compares a problem, without what differs from run to run.
func refuses(t *testing.T, s *mysqltest.Server, err error, want string) {
	t.Helper()
	got := plain(s, said(err))
	if s.Kind.IsMariaDB() {
		got, want = printed(got), printed(want)
	}
	same(t, got, want)
}

// remarks compares a note; there is one of its summary.
func remarks(t *testing.T, s *mysqltest.Server, notes []landlord.Note, want string) {
	t.Helper()
	var got []string
	for _, n := range notes {
		if strings.HasPrefix(want, n.Summary) {
			got = append(got, plain(s, fmt.Sprintf("%s [%s]\n%s", n.Summary, n.Field, n.Detail)))
		}
	}
	all := strings.Join(got, "\n")
	if s.Kind.IsMariaDB() {
		all, want = printed(all), printed(want)
	}
	same(t, all, want)
}

func TestTexts_template(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("2.0.0"))
	s.Exec(t, "CREATE DATABASE "+s.Prefix+"template_taken")
	with := func(change func(*landlord.TemplateSpec)) landlord.TemplateSpec {
		spec := shop("1.0.0")
		spec.Name = "other"
		change(&spec)
		return spec
	}
	cases := map[string]struct {
		spec landlord.TemplateSpec
		want string
	}{
		"name": {with(func(t *landlord.TemplateSpec) { t.Name = strings.Repeat("n", 48) }), "Template name is too long [name]\n" +
			"The materialized copy would be called `tenant_template_nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn`, which has more than 64 characters.\n\n" +
			"Choose a shorter name, or a shorter `database_prefix` of the provider."},
		"version": {with(func(t *landlord.TemplateSpec) { t.Version = "one" }), "Template attribute is not valid [version]\n`one` is no template version: write it as MAJOR.MINOR.PATCH, for example `1.0.0`."},
		"files":   {with(func(t *landlord.TemplateSpec) { t.Core["deep/er/x.sql"] = "SELECT 1" }), "Template files cannot be used []\ncore/deep/er: error: Folder too deep in a template: Folder `core` holds files only. Move the files up."},
		"core": {with(func(t *landlord.TemplateSpec) { t.Core["003.sql"] = "CREATE TABLE customers (id INT)" }), "Template does not fit together []\n" +
			"core/003.sql:1:14: error: Object is defined twice: Table `customers` is defined already, in `core/001_customers.sql:1:14`. Remove one of them, " +
			"or give it another name."},
		"parent": {with(func(t *landlord.TemplateSpec) {
			t.Extends, t.Core = "none@1.0.0", map[string]string{"a.sql": "CREATE TABLE a (id INT)"}
		}), "Parent template cannot be used [extends]\n" +
			"`other@1.0.0` extends `none@1.0.0`: there is no template `none`; there are `basic`, `corporate`, `ngo`, `political_party` and `shop`."},
		"empty": {with(func(t *landlord.TemplateSpec) { t.Core["003.sql"] = "CREATE TABLE `` (id INT)" }), "Template does not fit together []\ncore/003.sql:1:14: error: SQL syntax error: ```` is not understood here, in `CREATE`.\n\n" +
			"core/003.sql:1:14: error: Name is empty: An empty pair of backquotes names nothing."},
		"unread": {with(func(t *landlord.TemplateSpec) { t.Core["003.sql"] = "CREATE TABLE t (id INT" }), "Template does not fit together []\ncore/003.sql:1:23: error: SQL syntax error: The statement ends too early: `CREATE TABLE t`."},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := engineOn(t, s).PlanTemplate(t.Context(), test.spec)
			refuses(t, s, err, test.want)
		})
	}
	older, err := engineOn(t, s).PlanTemplate(t.Context(), shop("1.0.0"))
	if err != nil {
		t.Fatal(explain(err))
	}
	remarks(t, s, older.Notes, "Template version is older than another [version]\nTemplate `shop` has version `2.0.0` already; `1.0.0` comes before it.")
	taken := with(func(t *landlord.TemplateSpec) { t.Name, t.Materialize = "taken", true })
	_, err = engineOn(t, s).PublishTemplate(t.Context(), taken)
	refuses(t, s, err, "Database of the template exists already [name]\n"+
		"Template `taken` is to be materialized as database `tenant_template_taken`, which exists, which the landlord database does not know, and which differs from `taken@1.0.0`.\n\n"+
		"Nothing in it was touched. Set `materialize = false`, choose another name, or drop that database if it is the copy of a landlord database that was lost.")
}

func TestTexts_tenant(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	publish(t, e, shopWithout())
	_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
	plan := func(e *engine.Engine, change func(*landlord.TenantSpec)) error {
		spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"}
		change(&spec)
		p := prior(tenant)
		_, err := e.PlanTenant(t.Context(), spec, &p)
		return err
	}
	for key, err := range map[string]error{
		"Server is not configured [server]\nThe provider has no server `eu`.\n\nAdd it to `servers` of the provider, or leave `server` out for the main server.": plan(engineOn(t, s), func(t *landlord.TenantSpec) { t.Server = "eu" }),
		"Template is not published [template]\nNobody has published template `shop@3.0.0`, and no template of this run has that ID.\n\n" +
			"Published versions of `shop`: `1.0.0`, `2.0.0`. Declare a `landlord_tenant_template` and refer to its `id`, so that Terraform publishes it first.": plan(engineOn(t, s), func(t *landlord.TenantSpec) { t.Template = "shop@3.0.0" }),
		"Template reference is not valid [template]\n`shop` names no version: write it as `name@version`, for example `basic@1.0.0`.\n\n" +
			"Take `id` of a `landlord_tenant_template`, or write `name@version`.": plan(engineOn(t, s), func(t *landlord.TenantSpec) { t.Template = "shop" }),
		"Modules cannot be composed [modules]\n" +
			"error: Unknown module: Template `shop@1.0.0` has no module `loyality`; there is `loyalty`. Did you mean `loyalty`?": plan(engineOn(t, s), func(t *landlord.TenantSpec) { t.Modules = []string{"loyality"} }),
		"Server cannot be reached []\nConnect to `127.0.0.1:1`: connection refused; is a server listening there?\n\n" +
			"Correct `endpoint`, `username`, `password` or `tls` of the provider, or start the server.": plan(engineOn(t, s, func(c *landlord.Config) { c.Main.Endpoint = "127.0.0.1:1" }), func(*landlord.TenantSpec) {}),
	} {
		refuses(t, s, err, key)
	}
	parser := func(c *landlord.Config) { c.Rendering = landlord.RenderingParser }
	e, to := engineOn(t, s, parser), landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@2.0.0"}
	p := prior(tenant)
	seen, err := e.PlanTenant(t.Context(), to, &p)
	must(t, err)
	remarks(t, s, seen.Notes, "Statements are not seen by the parser alone [template]\nDatabase `tenant_acme` is to move to template `shop@2.0.0`. "+
		"What a server makes of it shows only when it is tried in a scratch database, and there is none: `plan_rendering` is `parser`, or the account may create none. So the statements are not in this plan. They are in the plan of whoever applies it, with the account of the provider.")
	_, err = e.UpdateTenant(t.Context(), to, p, "")
	refuses(t, s, err, "Migration needs a scratch database [template]\n"+
		"Database `tenant_acme` is to move to template `shop@2.0.0`, and what a server makes of it shows only in a scratch database: `plan_rendering` is `parser`, or the account may create none.\n\n"+
		"Nothing was run. Apply with `plan_rendering = \"server\"` and the account of the provider, which may create databases `landlord_scratch_…`.")
	custom, err := engineOn(t, s, parser).PlanCustomization(t.Context(), small("alpha"), nil)
	must(t, err)
	remarks(t, s, custom.Notes, "Statements are not seen by the parser alone [tenant]\nWhat customization `alpha` does to tenant `acme` shows only when it is tried on the server, "+
		"and `plan_rendering` is `parser`, so the statements are not in this plan. They are in the plan of whoever applies it, with the account of the provider.")
	_, err = engineOn(t, s, parser).ApplyCustomization(t.Context(), small("alpha"), nil, "")
	refuses(t, s, err, "Customization needs a scratch database [tenant]\n"+
		"Whether a customization keeps to its rules is seen in a scratch database, and `plan_rendering` is `parser`.\n\n"+
		"Nothing was run. Apply with `plan_rendering = \"server\"` and the account of the provider, which may create databases `landlord_scratch_…`.")
	_, err = engineOn(t, s, parser).Snapshot(t.Context(), drift.SnapshotSource{Template: "shop@1.0.0", Modules: []string{"loyalty"}})
	refuses(t, s, err, "Plans of the parser alone make no database []\n"+
		"What is asked for shows only when statements are tried in a scratch database, and `plan_rendering` is `parser`.\n\n"+
		"Set `plan_rendering = \"server\"`, with the account of the provider.")
}

// TestTexts_tenantStates: tenants whose rows say that something was interrupted.
func TestTexts_tenantStates(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
	set := func(what string) { s.Exec(t, "UPDATE "+s.LandlordDatabase+".tenants SET "+what) }
	customize := func() error {
		_, err := engineOn(t, s).PlanCustomization(t.Context(), small("alpha"), nil)
		return err
	}
	set("status = 'dropping'")
	refuses(t, s, customize(), "Tenant is being dropped [tenant]\nThe dropping of tenant `acme` was interrupted.\n\nDestroy it again to complete it.")
	p := prior(tenant)
	_, err := engineOn(t, s).PlanTenant(t.Context(), landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"}, &p)
	refuses(t, s, err, "Tenant is being dropped [deletion_policy]\nThe dropping of tenant `acme` was interrupted.\n\nDestroy it again to complete it.")
	set("status = 'creating'")
	refuses(t, s, customize(), "Tenant has an interrupted migration [tenant]\nThe last migration of tenant `acme` was interrupted and comes first.\n\n"+
		"Apply the tenant, then this customization.")
	set("status = 'active', applied_version = NULL")
	refuses(t, s, customize(), "Tenant follows no template yet [tenant]\nNothing is in force in tenant `acme` that a customization could add to.\n\nApply the tenant's template first.")
}

func TestTexts_restore(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	e := copying(t, s, directory)
	tenant := stocked(t, s, e, "acme")
	s.Exec(t, "CREATE VIEW "+tenant.DatabaseName+".broken AS SELECT id FROM "+tenant.DatabaseName+".log", "ALTER TABLE "+tenant.DatabaseName+".log RENAME COLUMN id TO number")
	fresh := func() *engine.Engine { return copying(t, s, directory) }
	taken, err := fresh().TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "before", Contents: landlord.CheckpointData})
	if err != nil {
		t.Fatal(explain(err))
	}
	remarks(t, s, taken.Notes, "Checkpoint leaves something out [tenant]\n"+
		"Checkpoint `before` of tenant `acme`: The view `broken` did not work when it was copied: it reads something that is not there.")
	taken, err = fresh().TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "before", Contents: landlord.CheckpointData})
	if err != nil {
		t.Fatal(explain(err))
	}
	remarks(t, s, taken.Notes, "Checkpoint was taken by an earlier run [name]\n"+
		"Checkpoint `before` of tenant `acme` was taken at TIME exactly as configured. An apply that was cut off before Terraform wrote its state leaves "+
		"this, so it is taken over. To have a newer one, change `keepers`.")
	if _, err := fresh().TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "shape", Contents: landlord.CheckpointSchema}); err != nil {
		t.Fatal(explain(err))
	}
	s.Exec(t, "INSERT INTO "+tenant.DatabaseName+".points VALUES (2, 1)")
	past, future := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), time.Date(2100, 1, 2, 3, 4, 5, 0, time.UTC)
	for key, spec := range map[string]landlord.RestoreSpec{
		"Checkpoint does not exist [checkpoint]\nTenant `acme` has no checkpoint `nothing`.\n\n" +
			"Its checkpoints are `before`, `shape`. Refer to `id` of a `landlord_tenant_checkpoint`, so that Terraform takes it first.": {Checkpoint: "nothing"},
		"Checkpoint has no such table [tables]\nCheckpoint `before` of tenant `acme` has no table `nothing`.\n\n" +
			"Correct `tables`; names are written as in the database.": {Checkpoint: "before", Tables: []string{"nothing"}},
		"Checkpoint is of another tenant [checkpoint]\nCheckpoint `beta/before` is not one of tenant `acme`.\n\n" +
			"A tenant returns to a checkpoint of its own. `landlord_tenant_data_copy` brings rows from one tenant to another.": {Checkpoint: "beta/before"},
		"Schema checkpoint restores in place only [mode]\nCheckpoint `shape` of tenant `acme` holds a schema and no rows.\n\n" +
			"Set `mode = \"in_place\"`, or choose a checkpoint with data.": {Checkpoint: "shape"},
		"Schema checkpoint is restored as a whole [tables]\nCheckpoint `shape` of tenant `acme` holds a schema and no rows.\n\n" +
			"Leave `tables` out, or choose a checkpoint with data.": {Checkpoint: "shape", Mode: landlord.RestoreInPlace, Tables: []string{"points"}},
		"Point in time lies ahead [point_in_time]\nTenant `acme` is to return to TIME, which has not come yet.\n\nName a moment that has passed.": {PointInTime: future},
		"No checkpoint before the point in time [point_in_time]\n" +
			"Tenant `acme` is to return to TIME, but it has no checkpoint with all of its data from before that moment. The oldest one, `before`, is of TIME.\n\n" +
			"Name a later moment. A `landlord_tenant_checkpoint` with data that is taken regularly, by way of its `keepers`, keeps the moments after it " +
			"within reach.": {PointInTime: past},
		"Restore in place sets rows aside [allow_destructive]\n" +
			"Tenant `acme` is to be restored in place from checkpoint `before` of TIME. What was written since then, in table `customers` for example, is not " +
			"in it.\n\nSet `allow_destructive = true` to agree; the present tables are then set aside for the `retention`. Or restore side by side first and look.": {Checkpoint: "before", Mode: landlord.RestoreInPlace},
	} {
		spec.Tenant = "acme"
		_, err := fresh().PlanRestore(t.Context(), spec)
		if err == nil {
			_, err = fresh().Restore(t.Context(), spec, "")
		}
		refuses(t, s, err, key)
	}
	spec := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before"}
	for i := range 2 {
		done, err := fresh().Restore(t.Context(), spec, "")
		if err != nil {
			t.Fatal(explain(err))
		}
		if done.Earlier != (i > 0) {
			t.Errorf("restore %d was done by an earlier run: %v", i, done.Earlier)
		}
		if len(done.Notes) > 0 && strings.HasPrefix(done.Notes[0].Summary, "Tenant") {
			remarks(t, s, done.Notes, "Tenant was restored by an earlier run [tenant]\n"+
				"Tenant `acme` was restored at TIME exactly as configured. An apply that was cut off before Terraform wrote its state leaves this, so it is taken "+
				"over and nothing is restored again. To restore again, change `keepers`.")
		}
	}
	s.Exec(t, "DELETE FROM "+s.LandlordDatabase+".`schemas`")
	_, err = fresh().PlanRestore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "shape", Mode: landlord.RestoreInPlace})
	refuses(t, s, err, "Schema of the checkpoint is not stored [checkpoint]\nThe landlord database has lost the schema `v1:HASH` of checkpoint `shape`.\n\n"+
		"Choose another checkpoint.")
}

func TestTexts_approval(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	_, err := e.Approve(t.Context(), landlord.Approval{Digest: "sha256:" + strings.Repeat("0", 64), ExpiresAt: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}, false, landlord.NewEvent{})
	refuses(t, s, err, "Approval has run out already [expires_at]\nThe approval is to hold until TIME; the landlord database has TIME.\n\n"+
		"Set `expires_at` to a later time, or leave it out.")
}
