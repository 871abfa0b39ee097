package provider_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestRecords_list lists templates, fleets and what two tenants have, with the whole resources, as the
// generated configuration needs them.
func TestRecords_list(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		environment := environmentOf(s)
		environment["LANDLORD_CHECKPOINT_DIRECTORY"] = t.TempDir()
		c := coreWith(t, environment)
		for _, kind := range []string{"account", "template", "fleet"} {
			if names, diagnostics, _ := c.list(t.Context(), "landlord_tenant_"+kind, 10, values{}); len(names)+len(diagnostics) > 0 {
				t.Errorf("%ss before there is a landlord database: %q, %q", kind, names, diagnostics)
			}
		}
		c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		for _, slug := range []string{"a", "b"} {
			c.must("landlord_tenant", nil, acme(values{"slug": slug, "name": slug}))
			c.must("landlord_tenant_customization", nil, values{"tenant": slug, "name": "notes", "reason": "for " + slug,
				"tables": values{"notes": "CREATE TABLE notes (id INT NOT NULL PRIMARY KEY)"}})
			c.must("landlord_tenant_checkpoint", nil, values{"tenant": slug, "name": "shape", "contents": "schema"})
		}
		c.must(fleetType, nil, fleetOf(many(1), nil))
		c.must(fleetType, nil, values{"name": "ready", "template": "shop@1.0.0", "pool": 1})
		c.must("landlord_tenant_account", nil, values{"tenant": "b", "role": "application", "password_wo": "For_the_tests_1", "password_wo_version": 1})
		c = coreWith(t, environment)
		cases := map[string]struct {
			limit  int64
			config values
			kind   string
			want   []string
		}{
			"customizations":             {limit: 10, kind: "customization", want: []string{"a/notes", "b/notes"}},
			"customizations of a tenant": {limit: 10, kind: "customization", config: values{"tenant": "b"}, want: []string{"b/notes"}},
			"customizations of nobody":   {limit: 10, kind: "customization", config: values{"tenant": "x"}},
			"checkpoints, at most one":   {limit: 1, kind: "checkpoint", want: []string{"a/shape"}},
			"templates":                  {limit: 10, kind: "template", want: []string{"shop"}},
			"fleets":                     {limit: 10, kind: "fleet", want: []string{"ready", "shops"}},
			"fleets, at most one":        {limit: 1, kind: "fleet", want: []string{"ready"}},
			"accounts":                   {limit: 10, kind: "account", want: []string{"b/" + s.Prefix + "b_app"}},
		}
		for name, k := range cases {
			names, diagnostics, resources := c.list(t.Context(), "landlord_tenant_"+k.kind, k.limit, with(values{}, k.config))
			if diff := cmp.Diff(k.want, names); diff != "" || len(diagnostics) > 0 {
				t.Errorf("%s: %q %s", name, diagnostics, diff)
			}
			for _, r := range resources {
				got := attributes(t, r)
				if k.kind == "template" && got["id"] != "shop@1.0.0" || k.kind == "fleet" && got["template"] != "shop@1.0.0" {
					t.Errorf("%s: a resource is %v", name, got)
				}
				if got["id"] == nil && got["name"] == nil || k.kind == "customization" && got["reason"] != "for "+got["tenant"].(string) { //nolint:forcetypeassert // it is one
					t.Errorf("%s: a resource is %v", name, got)
				}
			}
		}
	})
}

// TestRecords_listFails tells of a failure with its words.
func TestRecords_listFails(t *testing.T) {
	t.Parallel()
	c, fake := newFakeCore(t)
	fake.fail["Records"] = errors.New("the server is away")
	names, diagnostics, _ := c.list(t.Context(), "landlord_tenant_checkpoint", 10, values{})
	if diff := cmp.Diff([]string{"ERROR: Records could not be listed\nCause: the server is away"}, diagnostics); diff != "" || len(names) > 0 {
		t.Errorf("%q: %s", names, diff)
	}
	if diff := cmp.Diff(landlord.RecordCheckpoint, fake.spec); diff != "" {
		t.Error(diff)
	}
}
