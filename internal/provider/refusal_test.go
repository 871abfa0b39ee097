package provider_test

import (
	"os"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// coreWithCheckpoints returns a core whose provider keeps checkpoints in a
// directory.
func coreWithCheckpoints(t *testing.T, s *mysqltest.Server, directory string) *core {
	t.Helper()
	c := newCore(t, environmentOf(s))
	if diagnostics := c.configure(values{"checkpoint_directory": directory}); len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	return c
}

// TestTenant_planRefusesDrop holds the plan of a destroy to what the apply
// would refuse, since by then Terraform has destroyed what depends on the tenant.
func TestTenant_planRefusesDrop(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	c := coreWithCheckpoints(t, s, directory)
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
			c := coreWithCheckpoints(t, s, directory)
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
				planner := coreWithCheckpoints(t, s, directory)
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
