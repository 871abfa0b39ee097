package engine_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestNewRun makes runs and throws them away, all on one connection: what one
// plans no other knows, what one has read stays as it was for it, and nothing of
// it is left behind.
func TestNewRun(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		process := engineOn(t, s)
		publish(t, process.NewRun(), shop("1.0.0"))
		acme := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"}
		planned := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.1.0"}

		planning, early := process.NewRun(), process.NewRun()
		if _, err := planning.PlanTemplate(t.Context(), shop("1.1.0")); err != nil {
			t.Fatal(explain(err))
		}
		if _, err := planning.PlanTenant(t.Context(), planned, nil); err != nil {
			t.Errorf("the template of the same plan: %s", explain(err))
		}
		if _, err := process.NewRun().PlanTenant(t.Context(), planned, nil); err == nil || !strings.HasPrefix(explain(err), "Template is not published [template]\n") {
			t.Errorf("a run knows the template that another has planned: %v", err)
		}
		if _, err := early.Tenant(t.Context(), "acme"); !errors.Is(err, landlord.ErrNotFound) {
			t.Errorf("before it is created: %v", err)
		}
		create(t, process.NewRun(), acme)
		if _, err := early.Tenant(t.Context(), "acme"); !errors.Is(err, landlord.ErrNotFound) {
			t.Errorf("for a run that has looked before it is created: %v", err)
		}
		if got, want := namesIn(t, process.NewRun()), "[acme shop@1.0.0]"; got != want {
			t.Errorf("a new run finds %s, want %s", got, want)
		}

		last := process.NewRun()
		if err := process.NewRun().Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := last.Tenant(t.Context(), "acme"); err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("one Close closes for all, got %v", err)
		}
	})
}

// TestNewRun_thrownAway: many runs do not wait for each other's connections,
// locks or answers, whatever they were thrown away with.
func TestNewRun_thrownAway(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		process := engineOn(t, s)
		publish(t, process.NewRun(), shop("1.0.0"))
		for i := range 20 {
			run, slug := process.NewRun(), fmt.Sprint("t", i)
			if _, err := run.PlanTenant(t.Context(), landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0"}, nil); err != nil {
				t.Fatal(explain(err))
			}
			// The slug that makes the same database name is taken in this run only.
			if _, err := process.NewRun().PlanTenant(t.Context(), landlord.TenantSpec{Slug: slug, Name: "Another", Template: "shop@1.0.0"}, nil); err != nil {
				t.Fatal(explain(err))
			}
		}
		if got, want := namesIn(t, process.NewRun()), "[]"; got != want {
			t.Errorf("plans have left %s", got)
		}
		if left := s.QueryRows(t, "SELECT schema_name FROM information_schema.schemata WHERE schema_name REGEXP ?", "^"+s.Prefix+"t[0-9]+$"); len(left) != 0 {
			t.Errorf("plans have left the databases %v", left)
		}
	})
}

// namesIn lists the tenants that a run sees, with their templates.
func namesIn(t *testing.T, e *engine.Engine) string {
	t.Helper()
	all, err := e.Tenants(t.Context(), tenant.Filter{})
	if err != nil {
		t.Fatal(explain(err))
	}
	names := []string{}
	for _, x := range all {
		names = append(names, x.Slug+" "+x.Template)
	}
	return fmt.Sprint(names)
}
