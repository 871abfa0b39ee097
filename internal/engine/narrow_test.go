package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestUpdateTenant_narrower gives columns narrower types. What a strict server
// refuses is no loss: nobody has to agree to it, and one value that does not fit
// stops the migration before its first statement.
func TestUpdateTenant_narrower(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		for version, columns := range map[string]string{
			"1.0.0": "n INT NOT NULL, c CHAR(50) NOT NULL, e ENUM('a','b') NOT NULL",
			"2.0.0": "n SMALLINT NOT NULL, c VARCHAR(30) NOT NULL, e ENUM('a') NOT NULL",
		} {
			publish(t, e, landlord.TemplateSpec{Name: "narrow", Version: version, Core: map[string]string{"t.sql": "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, " + columns + ");"}})
		}
		to := landlord.TenantSpec{Slug: "fits", Name: "Fits", Template: "narrow@2.0.0"}
		_, fits := create(t, e, landlord.TenantSpec{Slug: "fits", Name: "Fits", Template: "narrow@1.0.0"})
		s.Exec(t, "INSERT INTO "+s.Prefix+"fits.t VALUES (1, 7, 'short', 'a')")
		plan, after, err := update(t.Context(), engineOn(t, s), to, fits)
		if err != nil {
			t.Fatal(explain(err))
		}
		for _, step := range plan.Steps {
			if step.Destructive || step.Retires != nil {
				t.Errorf("%s: destructive %t, lost %q", step.SQL, step.Destructive, step.Lost)
			}
		}
		if rows := s.QueryRows(t, "SELECT * FROM "+s.Prefix+"fits.t"); strings.Join(rows[0], " ") != "1 7 short a" || after.Template != to.Template {
			t.Errorf("rows %v of %s", rows, after.Template)
		}

		to.Slug, to.Name = "large", "Large"
		_, large := create(t, e, landlord.TenantSpec{Slug: "large", Name: "Large", Template: "narrow@1.0.0"})
		s.Exec(t, "INSERT INTO "+s.Prefix+"large.t VALUES (5, 70000, REPEAT('x', 31), 'b')")
		_, _, err = update(t.Context(), engineOn(t, s), to, large)
		want := "Data forbids a step of the migration [template]\n" +
			"Tenant `large` cannot move to template `narrow@2.0.0`: 1 row of `t` violates the new type of `n`: outside -32768 to 32767, e.g. `id` 5."
		if err == nil || !strings.HasPrefix(explain(err), want) || !strings.Contains(explain(err), "Nothing was run.") {
			t.Errorf("got %v", err)
		}
		if rows := s.QueryRows(t, "SELECT n FROM "+s.Prefix+"large.t"); rows[0][0] != "70000" {
			t.Errorf("rows %v", rows)
		}

		// A plan whose time for questions is over says so; the apply asks all the same.
		to.Slug, to.Name = "hasty", "Hasty"
		_, hasty := create(t, e, landlord.TenantSpec{Slug: "hasty", Name: "Hasty", Template: "narrow@1.0.0"})
		s.Exec(t, "INSERT INTO "+s.Prefix+"hasty.t VALUES (5, 7, REPEAT('x', 31), 'a')")
		plan, _, err = update(t.Context(), engineOn(t, s, func(c *landlord.Config) { c.ProbeTime = time.Nanosecond }), to, hasty)
		if err == nil || !strings.HasPrefix(explain(err), "Data forbids a step of the migration [template]\nTenant `hasty` cannot move to template `narrow@2.0.0`: 1 row of `t`") {
			t.Errorf("got %v", err)
		}
		said := "Data could not be checked\nTenant `hasty`: the data was not checked from here on, because the questions to all tenants have taken 1ns.\nALTER TABLE"
		if !slices.ContainsFunc(plan.Notes, func(n landlord.Note) bool { return strings.HasPrefix(n.Summary+"\n"+n.Detail, said) }) {
			t.Errorf("notes: %+v", plan.Notes)
		}
	})
}
