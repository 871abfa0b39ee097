package provider_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestTenant_planRefusesDrop holds the plan of a destroy to what the apply
// would refuse, since by then Terraform has destroyed what depends on the tenant.
func TestTenant_planRefusesDrop(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	c := copyingCore(t, s, directory)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	missing := func(slug, name, why string) string {
		return "ERROR at (deletion_checkpoint): Checkpoint of the tenant is missing\n" +
			"Tenant `" + slug + "` is to be dropped on the strength of checkpoint `" + name + "`, but " + why + ". Nothing was touched.\n\n" +
			"Take the checkpoint first, or apply `allow_destructive = true`."
	}
	cases := map[string]struct {
		config, checkpoint values             // of the tenant, and of a checkpoint `last` of it
		before             func(files string) // spoils the files
		elsewhere          bool               // planned by a provider without a directory
		want               string             // empty: the plan goes through
	}{
		"said":          {config: values{"allow_destructive": true}},
		"not-said":      {want: "ERROR at (allow_destructive): Dropping a tenant destroys its data\nTenant `not-said` has the deletion policy `drop`: database `" + s.Prefix + "not_said` with all its rows would be lost. Nothing was touched.\n\nApply `allow_destructive = true`, or name a data checkpoint of the tenant in `deletion_checkpoint`, then destroy."},
		"no-checkpoint": {config: values{"deletion_checkpoint": "last"}, want: missing("no-checkpoint", "last", "it has no checkpoint of that name")},
		"checkpoint":    {config: values{"deletion_checkpoint": "last"}, checkpoint: values{}},
		"whole-name":    {config: values{"deletion_checkpoint": "whole-name/last"}, checkpoint: values{}},
		"of-another":    {config: values{"deletion_checkpoint": "checkpoint/last"}, want: missing("of-another", "checkpoint/last", "it has no checkpoint of that name")},
		"schema-alone":  {config: values{"deletion_checkpoint": "last"}, checkpoint: values{"contents": "schema"}, want: missing("schema-alone", "last", "that one holds the schema alone")},
		"some-tables":   {config: values{"deletion_checkpoint": "last"}, checkpoint: values{"tables": []string{"users"}}, want: missing("some-tables", "last", "that one holds some tables alone")},
		"files-gone": {config: values{"deletion_checkpoint": "last"}, checkpoint: values{}, before: func(files string) { must(t, os.RemoveAll(files)) },
			want: missing("files-gone", "last", "that one is missing: the checkpoint in `FILES` is damaged: `manifest.json` is missing: no such file or directory")},
		"no-directory": {config: values{"allow_destructive": true, "automatic_checkpoint": "data"}, elsewhere: true,
			want: "ERROR at (automatic_checkpoint): Provider has no checkpoint directory\nAn automatic checkpoint with data needs a directory for its files.\n\n" +
				"Set `checkpoint_directory` of the provider to a directory that outlives the runs, or `automatic_checkpoint` to `schema` or `none`."},
	}
	for slug, k := range cases {
		t.Run(slug, func(t *testing.T) {
			t.Parallel()
			c := copyingCore(t, s, directory)
			config := acme(with(values{"slug": slug, "allow_destructive": false}, k.config))
			state := c.must("landlord_tenant", nil, config)
			files := ""
			if k.checkpoint != nil {
				taken := c.must("landlord_tenant_checkpoint", nil, with(values{"tenant": slug, "name": "last"}, k.checkpoint))
				if location, ok := open(t, taken)["location"]; ok {
					files = plainText(t, location)
				}
			}
			if k.before != nil {
				k.before(files)
			}
			var want []string
			if k.want != "" {
				want = []string{strings.ReplaceAll(k.want, "FILES", files)}
			}
			plans := map[string]values{"destroy": nil, "another slug": with(config, values{"slug": slug + "-2", "automatic_checkpoint": "none"})}
			for what, config := range plans {
				planner := copyingCore(t, s, directory)
				if k.elsewhere {
					planner = coreOn(t, s)
				}
				if diff := gocmp.Diff(want, planner.plan("landlord_tenant", state, config).diagnostics); diff != "" {
					t.Errorf("%s (-want +got):\n%s", what, diff)
				}
			}
			if !databaseExists(t, s, s.Prefix+strings.ReplaceAll(slug, "-", "_")) {
				t.Error("the database is gone")
			}
		})
	}
}

// TestCheckpoint_outlivesItsResource destroys the resource of a checkpoint, as
// Terraform does before it destroys the tenant that the checkpoint refers to.
func TestCheckpoint_outlivesItsResource(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	c := copyingCore(t, s, directory)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	row := func(slug string) string {
		return fmt.Sprint(s.QueryRows(t, "SELECT origin, status, ROUND(TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), expires_at) / 1440) FROM "+
			mysqltest.QuoteName(s.LandlordDatabase)+".tenant_checkpoints WHERE tenant_slug = ? AND name = 'last'", slug))
	}
	cases := map[string]struct {
		config, checkpoint values
		reason             string // empty: the checkpoint goes with its files
		row                string // afterwards
	}{
		"dropped-by-leave": {config: values{"allow_destructive": true}, row: "[]"},
		"archived":         {config: values{"deletion_policy": "archive"}, row: "[]"},
		"another-named":    {config: values{"deletion_checkpoint": "first"}, row: "[]"},
		"named":            {config: values{"deletion_checkpoint": "last"}, reason: "`deletion_checkpoint` of the tenant names it", row: "[[released ready 30]]"},
		"named-whole":      {config: values{"deletion_checkpoint": "named-whole/last"}, reason: "`deletion_checkpoint` of the tenant names it", row: "[[released ready 30]]"},
		"named-for-a-week": {config: values{"deletion_checkpoint": "last"}, checkpoint: values{"retention": "168h"},
			reason: "`deletion_checkpoint` of the tenant names it", row: "[[released ready 7]]"},
		"protected": {config: values{"deletion_policy": "protect"}, reason: "the tenant is protected from deletion", row: "[[released ready 30]]"},
	}
	for slug, k := range cases {
		t.Run(slug, func(t *testing.T) {
			t.Parallel()
			c := copyingCore(t, s, directory)
			tenant := c.must("landlord_tenant", nil, acme(with(values{"slug": slug, "allow_destructive": false}, k.config)))
			config := with(values{"tenant": slug, "name": "last"}, k.checkpoint)
			checkpoint := c.must("landlord_tenant_checkpoint", nil, config)
			files := plainText(t, open(t, checkpoint)["location"])
			gone, diagnostics := c.run("landlord_tenant_checkpoint", checkpoint, nil)
			if gone != nil {
				t.Errorf("the state has %v", gone)
			}
			for i := range diagnostics {
				diagnostics[i] = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:]+Z:`).ReplaceAllString(diagnostics[i], "THEN:")
			}
			var want []string
			if k.reason != "" {
				want = []string{"WARNING at (name): Checkpoint outlives its resource\nCheckpoint `last` of tenant `" + slug + "` leaves Terraform's state and stays with its files in `" + files +
					"` until THEN: " + k.reason + ". The first apply after that removes it. To manage it again, import `" + slug + "/last`."}
			}
			if diff := gocmp.Diff(want, diagnostics); diff != "" {
				t.Errorf("the destroy (-want +got):\n%s", diff)
			}
			if got := row(slug); got != k.row {
				t.Errorf("the landlord database has %s, not %s", got, k.row)
			}
			_, err := os.Stat(files)
			if there := err == nil; there != (k.reason != "") {
				t.Errorf("the files are there: %v", there)
			}
			if k.config["deletion_checkpoint"] == nil || k.reason == "" {
				return
			}
			// The deletion finds it, in another run, and it stays when the tenant is gone.
			if left, diagnostics := copyingCore(t, s, directory).run("landlord_tenant", tenant, nil); left != nil || len(diagnostics) > 0 {
				t.Errorf("the tenant's destroy says %v and leaves %v", diagnostics, left)
			}
			if got := row(slug); got != k.row {
				t.Errorf("the landlord database has %s, not %s, after the tenant is gone", got, k.row)
			}
			if _, err := os.Stat(files); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCheckpoint_afterRelease takes a checkpoint anew that its resource has let
// go of, and keeps the former one until the new one is complete.
func TestCheckpoint_afterRelease(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := copyingCore(t, s, t.TempDir())
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant", nil, acme(values{"deletion_policy": "protect"}))
	former := c.must("landlord_tenant_checkpoint", nil, checkpointOf(nil))
	if left, _ := c.run("landlord_tenant_checkpoint", former, nil); left != nil {
		t.Fatal(left)
	}
	again := c.must("landlord_tenant_checkpoint", nil, checkpointOf(nil))
	got := fmt.Sprint(s.QueryRows(t, "SELECT origin, status, expires_at IS NULL FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_checkpoints"))
	if got != "[[request ready 1]]" {
		t.Errorf("the landlord database has %s", got)
	}
	was, now := plainText(t, open(t, former)["location"]), plainText(t, open(t, again)["location"])
	if _, err := os.Stat(was); was == now || err == nil {
		t.Errorf("the former files are left, or the same: %s, %s", was, now)
	}
	if _, err := os.Stat(now); err != nil {
		t.Error(err)
	}
}
