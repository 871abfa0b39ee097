package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestUpdateTenant_routineRights changes the bodies of routines that accounts may
// call by name: they still may afterwards, also when the process was killed while
// the routine was gone, or before its rights were back.
func TestUpdateTenant_routineRights(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		calls := func(version, result string) landlord.TemplateSpec {
			return landlord.TemplateSpec{Name: "calls", Version: version, Core: map[string]string{"001.sql": "CREATE TABLE t (id INT PRIMARY KEY);\n" +
				"CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN " + result + ";\n" +
				"CREATE PROCEDURE p() SELECT " + result + ";\nCREATE PROCEDURE same() SELECT 0;"}}
		}
		app := s.Prefix + "app"
		s.Exec(t, "CREATE USER "+app+"@'%' IDENTIFIED BY 'Pass_word1'")
		e := engineOn(t, s)
		publish(t, e, calls("1.0.0", "1"))
		publish(t, e, calls("2.0.0", "2"))
		cfg := landlord.Config{
			Main:     engine.ServerConfig{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password},
			Database: s.LandlordDatabase, Prefix: s.Prefix,
		}
		for slug, at := range map[string]string{"steady": "", "gone": "after drop_function function `f`", "made": "after create_function function `f`"} {
			_, tenant := create(t, engineOn(t, s), landlord.TenantSpec{Slug: slug, Name: slug, Template: "calls@1.0.0"})
			database := tenant.DatabaseName
			s.Exec(t, "GRANT EXECUTE ON FUNCTION "+database+".f TO "+app, "GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE "+database+".p TO "+app+" WITH GRANT OPTION",
				"GRANT EXECUTE ON PROCEDURE "+database+".same TO "+app)
			const rights = "SELECT Routine_type, Routine_name, User, Host, Proc_priv FROM mysql.procs_priv WHERE Db = ? ORDER BY 1, 2"
			before := s.QueryRows(t, rights, database)
			spec := landlord.TenantSpec{Slug: slug, Name: slug, Template: "calls@2.0.0"}
			p := prior(tenant)
			if v := (victim{Config: cfg, Spec: spec, Prior: &p, KillAt: at}); at != "" {
				if !v.run(t) {
					t.Fatalf("%s: the process was not killed", slug)
				}
				now, err := engineOn(t, s).Tenant(t.Context(), slug)
				must(t, err)
				tenant = now
			}
			plan, after, err := update(t.Context(), engineOn(t, s), spec, tenant)
			if err != nil {
				t.Fatalf("%s: %s", slug, explain(err))
			}
			want := []string{"drop_function function `f`", "create_function function `f`", "grant function `f`",
				"drop_procedure procedure `p`", "create_procedure procedure `p`", "grant procedure `p`"}
			if at != "" {
				want = want[map[string]int{"gone": 1, "made": 2}[slug]:]
			}
			if diff := cmp.Diff(want, operations(plan.Steps)); diff != "" {
				t.Errorf("%s: steps (-want +got):\n%s", slug, diff)
			}
			if diff := cmp.Diff(before, s.QueryRows(t, rights, database)); diff != "" || len(before) != 3 {
				t.Errorf("%s: rights (-before +after):\n%s", slug, diff)
			}
			again := prior(after)
			rest, err := engineOn(t, s).PlanTenant(t.Context(), spec, &again)
			if err != nil || rest.HasWork() {
				t.Errorf("%s: left to do: %v, %v", slug, rest, err)
			}
		}
	})
}
