package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// publishedFault is what today's rules say of the version that publishedBefore publishes.
const publishedFault = "core/003.sql:1:48: error: Clause is not allowed: `ENGINE=MRG_MyISAM` is not known to keep the rows in the tenant's database. Use InnoDB."

// publishedBefore publishes a version that today's rules refuse. It returns the engine
// that knows none of them, the version, and a tenant to be made of it.
func publishedBefore(t *testing.T, s *mysqltest.Server) (old *engine.Engine, template landlord.TemplateSpec, tenant landlord.TenantSpec) {
	t.Helper()
	old = engineOn(t, s)
	old.Unguard()
	template = shop("1.0.0")
	template.Core["003.sql"] = "CREATE TABLE parts (id INT NOT NULL, KEY (id)) ENGINE=MRG_MyISAM;"
	publish(t, old, template)
	return old, template, landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0"}
}

// TestTemplate_publishedBefore: a version that was published when the rules allowed more
// stays where it is, with a warning, and can be left; it comes into no further database,
// which the plan says before anything runs.
func TestTemplate_publishedBefore(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		old, template, spec := publishedBefore(t, s)
		_, tenant := create(t, old, spec)
		p := prior(tenant)

		refused := "Published template is not accepted any more [template]\nTemplate `shop@1.0.0` was published with what this version of the provider refuses.\n\n" +
			publishedFault + "\n\nNothing was run. Tenants that have it keep it. Publish a version without that, and refer to that one."
		_, err := engineOn(t, s).PlanTenant(t.Context(), landlord.TenantSpec{Slug: "new", Name: "new", Template: "shop@1.0.0"}, nil)
		refuses(t, s, err, refused)
		more := spec
		more.Modules = []string{"loyalty"}
		_, err = engineOn(t, s).PlanTenant(t.Context(), more, &p)
		refuses(t, s, err, refused)
		_, err = engineOn(t, s).CreateTenant(t.Context(), landlord.TenantSpec{Slug: "new", Name: "new", Template: "shop@1.0.0"}, "")
		refuses(t, s, err, refused)

		kept := "Template `shop@1.0.0` was published with what this version of the provider refuses, for example `" + publishedFault +
			"`. It stays as it is where it is; no further database gets it. Publish a version without that, and bring its tenants there."
		plan, err := engineOn(t, s).PlanTenant(t.Context(), spec, &p)
		must(t, err)
		remarks(t, s, plan.Notes, "Published template would be refused now [template]\n"+kept)
		if len(plan.Steps) > 0 {
			t.Errorf("steps of a tenant that stays as it is: %v", plan.Steps)
		}
		version, err := engineOn(t, s).PlanTemplate(t.Context(), template)
		must(t, err)
		remarks(t, s, version.Notes, "Published template would be refused now []\n"+kept)

		next := engineOn(t, s)
		publish(t, next, shop("1.1.0"))
		spec.Template, spec.AllowDestructive = "shop@1.1.0", true
		plan, tenant, err = update(t.Context(), next, spec, tenant)
		must(t, err)
		if len(plan.Steps) != 1 || !strings.Contains(plan.Steps[0].SQL, "`parts`") || tenant.Template != "shop@1.1.0" {
			t.Errorf("the way out has %v, and ends at %s", plan.Steps, tenant.Template)
		}
	})
}

// TestTemplate_publishedBefore_anew: such a version comes into no database that is made
// anew in the place of one that had it, and into no copy of the template.
func TestTemplate_publishedBefore_anew(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		old, template, spec := publishedBefore(t, s)
		_, tenant := create(t, old, spec)

		_, err := engineOn(t, s).PlanTenant(t.Context(), spec, nil)
		if got := said(err); !strings.HasPrefix(got, "Tenant exists already") {
			t.Errorf("a tenant that is there is planned so: %s", got)
		}
		s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(tenant.DatabaseName))
		refused := "Published template is not accepted any more [template]\nTemplate `shop@1.0.0` was published with what this version of the provider refuses.\n\n" +
			publishedFault + "\n\nNothing was run. Tenants that have it keep it. Publish a version without that, and refer to that one."
		_, err = engineOn(t, s).PlanTenant(t.Context(), spec, nil)
		refuses(t, s, err, refused)
		fleetSpec := fleet.Spec{Name: "shops", Template: "shop@1.0.0", Members: []fleet.Member{{Slug: "acme", Name: "acme"}}}
		if _, err = engineOn(t, s).PlanFleet(t.Context(), fleetSpec, nil); !strings.Contains(said(err), publishedFault) {
			t.Errorf("a fleet with it is planned: %v", err)
		}

		template.Materialize = true
		copied := "Published template is not accepted any more []\nThe newest version of template `shop` is to be materialized as database `tenant_template_shop`.\n\n" +
			"Template `shop@1.0.0` was published with what this version of the provider refuses.\n\n" + publishedFault + "\n\nNothing was run. Publish a later version without that, or set `materialize = false`."
		earlier := shop("0.9.0")
		earlier.Materialize = true
		for _, of := range []landlord.TemplateSpec{template, earlier} {
			_, err = engineOn(t, s).PlanTemplate(t.Context(), of)
			refuses(t, s, err, copied)
			_, err = engineOn(t, s).PublishTemplate(t.Context(), of)
			refuses(t, s, err, copied)
		}
		made := engineOn(t, s)
		made.Unguard()
		publish(t, made, template)
		publish(t, engineOn(t, s), template) // it is there
		next := shop("1.1.0")
		next.Materialize = true
		publish(t, engineOn(t, s), next)
	})
}

// TestTemplate_publishedBefore_back: the way back to such a version stays open for those
// who had it, with the modules that they had.
func TestTemplate_publishedBefore_back(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		old := engineOn(t, s, pooled)
		old.Unguard()
		template := shop("1.0.0")
		template.Core["003.sql"] = "CREATE TABLE parts (id INT NOT NULL, KEY (id)) ENGINE=MRG_MyISAM;"
		template.Optional["gifts.sql"] = "CREATE TABLE gifts (id INT NOT NULL PRIMARY KEY);"
		publish(t, old, template)
		spec := fleetSpec(4, "1.0.0")
		spec.Policies.AllowDestructive = true
		if _, err := old.ApplyFleet(t.Context(), spec, nil, ""); err != nil {
			t.Fatal(explain(err))
		}
		one := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0", Modules: []string{"loyalty"}, AllowDestructive: true}
		_, tenant := create(t, old, one)

		e := engineOn(t, s, pooled)
		publish(t, e, wider("1.1.0"))
		e.OnFault(func(at string) {
			if at == "after intent" {
				s.Exec(t, "CREATE TABLE IF NOT EXISTS "+s.Prefix+"w03.notes (id INT)")
			}
		})
		spec.Template, spec.Rollout = "shop@1.1.0", fleet.Rollout{MaxParallel: 1, OnFailure: fleet.Rollback}
		_, err := e.ApplyFleet(t.Context(), spec, priorFleet(fleetSpec(4, "1.0.0")), "")
		if got := said(err); !strings.HasPrefix(got, "Rollout was rolled back") {
			t.Fatalf("the rollout ends with %s", got)
		}
		got := s.QueryRows(t, "SELECT tenant_slug, status FROM "+s.LandlordDatabase+".rollout_tenants ORDER BY 1")
		if diff := cmp.Diff([][]string{{"w00", "rolled_back"}, {"w01", "rolled_back"}, {"w02", "rolled_back"}}, got[:3]); diff != "" {
			t.Errorf("the rollout (-want +got):\n%s", diff)
		}
		if got := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenants WHERE slug LIKE 'w%' AND applied_version = '1.0.0'"); got[0][0] != "4" {
			t.Errorf("%s tenants have what they had", got[0][0])
		}

		planned := func(name string, version string, accepted bool, modules ...string) {
			t.Helper()
			spec, p := one, prior(tenant)
			spec.Template, spec.Modules = "shop@"+version, modules
			_, err := engineOn(t, s).PlanTenant(t.Context(), spec, &p)
			if (err == nil) != accepted || err != nil && !strings.HasPrefix(said(err), "Published template is not accepted any more") {
				t.Errorf("%s: %s", name, said(err))
			}
		}
		planned("fewer modules", "1.0.0", true)
		planned("a further module", "1.0.0", false, "loyalty", "gifts")
		next := one
		next.Template, next.Modules = "shop@1.1.0", nil
		if _, tenant, err = update(t.Context(), engineOn(t, s), next, tenant); err != nil {
			t.Fatal(explain(err))
		}
		planned("back", "1.0.0", true, "loyalty")
		planned("back with fewer modules", "1.0.0", true)
		planned("back with a further module", "1.0.0", false, "loyalty", "gifts")
	})
}
