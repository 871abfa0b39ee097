package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// counters is a template whose rows count how often something was done to them.
func counters(version string, scripts map[string]string, columns ...string) landlord.TemplateSpec {
	return landlord.TemplateSpec{Name: "counters", Version: version, Migrations: scripts,
		Core:  map[string]string{"1.sql": "CREATE TABLE a (id INT NOT NULL PRIMARY KEY, n INT NOT NULL DEFAULT 0" + strings.Join(append([]string{""}, columns...), ", ") + ");"},
		Seeds: map[string]string{"1.sql": "INSERT INTO a (id) VALUES (1), (2), (3);"}}
}

// counted returns the counts of a tenant, in the order of its rows.
func counted(t *testing.T, s *mysqltest.Server, slug, columns string) [][]string {
	t.Helper()
	return s.QueryRows(t, "SELECT "+columns+" FROM "+mysqltest.QuoteName(s.Prefix+slug)+".a ORDER BY id")
}

// TestUpdateTenant_variables cuts a migration off between the statement that sets
// a variable and the one that reads it: the other session does not know it.
func TestUpdateTenant_variables(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, counters("1.0.0", nil))
		publish(t, e, counters("1.1.0", map[string]string{"1.0.0--1.1.0.sql": "SET @most = (SELECT MAX(id) FROM a);\nUPDATE a SET n = IFNULL(@most, 99);\nUPDATE a SET n = n + IFNULL(@most, 99);"}))
		to := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "counters@1.1.0"}
		from := to
		from.Template = "counters@1.0.0"
		_, tenant := create(t, e, from)
		if !victimOf(s, to, tenant, "before update table `a`").run(t) {
			t.Fatal("the process was not killed")
		}
		half, err := engineOn(t, s).Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		if _, _, err := update(t.Context(), engineOn(t, s), to, half); err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff([][]string{{"6"}, {"6"}, {"6"}}, counted(t, s, "acme", "n")); diff != "" {
			t.Errorf("killed (-want +got):\n%s", diff)
		}

		to.Slug, from.Slug = "beta", "beta"
		_, tenant = create(t, e, from)
		lost, points := engineOn(t, s), 0
		lost.OnFault(func(point string) {
			if point == "after update table `a`" {
				if points++; points == 2 { // the connection goes when nothing but the mark is left to do
					for _, row := range s.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = ?", s.Prefix+"beta") {
						s.Exec(t, "KILL CONNECTION "+row[0])
					}
				}
			}
		})
		if _, _, err := update(t.Context(), lost, to, tenant); err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff([][]string{{"6"}, {"6"}, {"6"}}, counted(t, s, "beta", "n")); diff != "" || points != 4 {
			t.Errorf("connection lost, %d points (-want +got):\n%s", points, diff)
		}
	})
}

// TestUpdateTenant_joinedFails stops at the second of three statements that go
// together: it is the one that is named, and nothing of the others stays.
func TestUpdateTenant_joinedFails(t *testing.T) {
	t.Parallel()
	s := mysqltest.OneOf(t, instance.MySQL97, "the text of its refusal is compared")
	e := engineOn(t, s)
	publish(t, e, counters("1.0.0", nil))
	publish(t, e, counters("1.1.0", map[string]string{"1.0.0--1.1.0.sql": "UPDATE a SET n = 1;\nSET @n = 2;\nUPDATE a SET n = @n;\nINSERT INTO a (id) VALUES (@n);"}))
	to := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "counters@1.1.0"}
	from := to
	from.Template = "counters@1.0.0"
	_, tenant := create(t, e, from)
	_, _, err := update(t.Context(), e, to, tenant)
	wantProblem(t, err, "Tenant migration stopped [template]\nMigrating tenant `acme` to template `counters@1.1.0` stopped at statement 4 of 4.\n\n"+
		"INSERT INTO a (id) VALUES (@n)\n\nCause: Duplicate entry '2' for key 'a.PRIMARY'\n\n"+
		"What is done is kept and recorded. Correct the cause and apply again: the migration goes on where it stopped.")
	if diff := cmp.Diff([][]string{{"1"}, {"1"}, {"1"}}, counted(t, s, "acme", "n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.Exec(t, "DELETE FROM "+s.Prefix+"acme.a WHERE id = 2")
	half, err := engineOn(t, s).Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(explain(err))
	}
	plan, _, err := update(t.Context(), engineOn(t, s), to, half)
	if err != nil || len(plan.Steps) != 3 {
		t.Fatalf("the rest: %v, %v", plan, err)
	}
}
