package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

const customizationType = "landlord_tenant_customization"

// notes is a customization of the tenant acme.
func notes(changed values) values {
	return with(values{
		"tenant": "acme", "name": "notes", "reason": "They take notes.",
		"tables":  values{"notes": "CREATE TABLE notes (id INT NOT NULL PRIMARY KEY, body TEXT)"},
		"columns": listOf(values{"table": "users", "name": "nick", "definition": "VARCHAR(40) NULL"}),
		"indexes": listOf(values{"table": "users", "name": "ix_nick", "columns": []string{"nick"}}),
		"views":   values{"nicks": "SELECT id, nick FROM users WHERE nick IS NOT NULL"},
	}, changed)
}

// TestCustomization_life goes through the life of a customization: made in the
// run that makes its tenant, imported, spelled otherwise, edited, touched by
// somebody else, taken away.
func TestCustomization_life(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		first := coreOn(t, s)
		template := first.plan("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		tenant := first.plan("landlord_tenant", nil, acme(nil))
		planned := first.plan(customizationType, nil, notes(nil)) // the tenant is there in the plan only
		if hasErrors(planned.diagnostics) {
			t.Fatal(planned.diagnostics)
		}
		// The apply is another process.
		second := coreOn(t, s)
		_, diagnostics := second.apply("landlord_tenant_template", nil, shop("1.0.0", usersTable), template)
		_, more := second.apply("landlord_tenant", nil, acme(nil), tenant)
		if len(diagnostics)+len(more) > 0 {
			t.Fatal(diagnostics, more)
		}
		again := second.plan(customizationType, nil, notes(nil))
		second.conforms("the plan of the apply", "", planned.state, again.state)
		made, diagnostics := second.apply(customizationType, nil, notes(nil), again)
		if len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		second.conforms("the state", "", again.state, made)
		state := second.settled(customizationType, made, notes(nil))
		if got := field(t, state, "id"); got != "acme/notes" {
			t.Errorf("id: %v", got)
		}

		imported, diagnostics := coreOn(t, s).refresh(customizationType, second.importID(customizationType, "acme/notes"))
		if len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		coreOn(t, s).settled(customizationType, imported, notes(nil))

		spelled := notes(values{"tables": values{"notes": "create table `notes` (\n  id int not null,\n  body text,\n  primary key (id)\n)"}})
		state = coreOn(t, s).settled(customizationType, state, spelled)

		edited := notes(values{"views": nil, "reason": "They still do."})
		third := coreOn(t, s)
		now, diagnostics := third.run(customizationType, state, edited)
		if len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		now = third.settled(customizationType, now, edited)

		s.Exec(t, "DROP INDEX ix_nick ON "+mysqltest.QuoteName(s.Prefix+"acme")+".users")
		fourth := coreOn(t, s)
		touched, _ := fourth.refresh(customizationType, now)
		if got := fmt.Sprint(statuses(t, touched)); got != "[active active missing]" {
			t.Errorf("touched by somebody else: %s", got)
		}
		repair := fourth.plan(customizationType, touched, edited)
		want := []string{"WARNING: Customization was changed by somebody else\nTenant `acme` does not have what customization `notes` made. The plan brings it back:\nKey `ix_nick` of table `users` is gone."}
		if diff := cmp.Diff(want, repair.diagnostics); diff != "" || len(statements(t, repair.state)) != 1 {
			t.Errorf("the repair %v says (-want +got):\n%s", statements(t, repair.state), diff)
		}
		repaired, diagnostics := fourth.run(customizationType, touched, edited)
		if len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		repaired = coreOn(t, s).settled(customizationType, repaired, edited)

		gone := fourth.plan(customizationType, repaired, nil)
		told := slices.DeleteFunc(gone.diagnostics, func(d string) bool { return strings.Contains(d, "Retired data is purged") })
		if len(told) != 1 || !strings.HasPrefix(told[0], "WARNING: Customization takes its objects away\nDestroying the customization `acme/notes` runs these statements:\n- ") {
			t.Errorf("the plan of the destroy says %v", gone.diagnostics)
		}
		if left, diagnostics := fourth.apply(customizationType, repaired, nil, gone); len(diagnostics) > 0 || !left.IsNull() {
			t.Errorf("the destroy says %v", diagnostics)
		}
		if got := tablesOf(t, s, s.Prefix+"acme"); got != "users" {
			t.Errorf("tables: %s", got)
		}
	})
}

// listOf is a list of objects of the protocol.
func listOf(elements ...values) []values { return elements }

func statuses(t *testing.T, state any) []string {
	t.Helper()
	var out []string
	list, _ := field(t, state, "objects").([]any)
	for _, o := range list {
		object, _ := o.(values)
		out = append(out, fmt.Sprint(object["status"]))
	}
	slices.Sort(out)
	return out
}

func TestCustomization_validate(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	cases := map[string]struct {
		config values
		want   []string
	}{
		"right":            {config: notes(nil)},
		"parts of nothing": {config: notes(values{"columns": listOf(), "indexes": listOf(), "views": values{}})},
		"name": {config: notes(values{"name": "Big Notes"}), want: []string{"ERROR at (name): Customization name cannot be used\n" +
			"The name `Big Notes` has to start with a lower-case letter and hold at most 64 lower-case letters, digits, `-` and `_` only.\n\nChoose another name; the attribute `reason` takes any text."}},
		"tenant": {config: notes(values{"tenant": "ACME"}), want: []string{"ERROR at (tenant): Tenant slug cannot be used\n" +
			"The slug `ACME` has to start with a lower-case letter and hold lower-case letters, digits, `-` and `_` only.\n\nChoose another slug; the attribute `name` takes any text."}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, c.validate(customizationType, test.config)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestCustomization_unknown plans with a tenant that is known after apply, and
// without a server.
func TestCustomization_unknown(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	plan := c.plan(customizationType, nil, notes(values{"tenant": unknown{}}))
	if len(plan.diagnostics) > 0 {
		t.Fatal(plan.diagnostics)
	}
	got := attributes(t, plan.state)
	for _, name := range []string{"id", "objects", "migration", "migration_digest", "summary", "created_at"} {
		if got[name] != (unknown{}) {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	plan = c.plan(customizationType, nil, notes(nil))
	want := []string{"ERROR at (tenant): Tenant is not known\nThe landlord database has no tenant `acme`, and no tenant of this run that was planned so far has that slug.\n\n" +
		"Refer to `slug` of a `landlord_tenant`, so that Terraform knows the order, or correct the slug."}
	if diff := cmp.Diff(want, plan.diagnostics); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	plan = c.plan(customizationType, nil, notes(values{"columns": listOf(values{"table": "users", "name": "x", "definition": unknown{}})}))
	if len(plan.diagnostics) > 0 {
		t.Error(plan.diagnostics)
	}
}

// TestCustomization_places points at the attribute that is at fault.
func TestCustomization_places(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant", nil, acme(nil))
	cases := map[string]struct {
		config values
		want   string
	}{
		"table":  {values{"tables": values{"a.b": "CREATE TABLE c (id INT PRIMARY KEY)"}}, "ERROR at (tables).(a.b): Customization cannot be used\n"},
		"view":   {values{"views": values{"v": "SELECT * FROM other.t"}}, "ERROR at (views).(v): Customization cannot be used\n"},
		"column": {values{"columns": listOf(values{"table": "users", "name": "a", "definition": "INT NULL"}, values{"table": "users", "name": "b", "definition": "NO SUCH TYPE"})}, "ERROR at (columns).ElementKeyInt(1): Server refuses a statement of the customization\n"},
		"sql":    {values{"sql": "DROP TABLE users"}, "ERROR at (sql): Customization cannot be used\n"},
	}
	for name, test := range cases {
		plan := c.plan(customizationType, nil, with(values{"tenant": "acme", "name": "x", "reason": "y"}, test.config))
		if len(plan.diagnostics) != 1 || !strings.HasPrefix(plan.diagnostics[0], test.want) {
			t.Errorf("%s: %v", name, plan.diagnostics)
		}
	}
}

// TestCustomization_databaseGone makes a database that somebody dropped anew,
// with its customization, in one run.
func TestCustomization_databaseGone(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenant := c.must("landlord_tenant", nil, acme(nil))
	state := c.must(customizationType, nil, notes(nil))
	s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(s.Prefix+"acme"))

	planning := coreOn(t, s)
	tenant, _ = planning.refresh("landlord_tenant", tenant)
	state, diagnostics := planning.refresh(customizationType, state)
	if tenant != nil || hasErrors(diagnostics) {
		t.Fatal(tenant, diagnostics)
	}
	first := planning.plan("landlord_tenant", nil, acme(nil))
	planned := planning.plan(customizationType, state, notes(nil))
	if hasErrors(planned.diagnostics) || len(statements(t, planned.state)) == 0 {
		t.Fatal(planned.diagnostics)
	}
	applying := coreOn(t, s)
	if _, diagnostics := applying.apply("landlord_tenant", nil, acme(nil), first); hasErrors(diagnostics) {
		t.Fatal(diagnostics)
	}
	again := applying.plan(customizationType, state, notes(nil))
	applying.conforms("the plan of the apply", "", planned.state, again.state)
	made, diagnostics := applying.apply(customizationType, state, notes(nil), again)
	if hasErrors(diagnostics) {
		t.Fatal(diagnostics)
	}
	coreOn(t, s).settled(customizationType, made, notes(nil))

	// Without the tenant nothing is left.
	if _, diagnostics := coreOn(t, s).run("landlord_tenant", nil, nil); len(diagnostics) > 0 {
		t.Log(diagnostics)
	}
	s.Exec(t, "DELETE FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants")
	if gone, diagnostics := coreOn(t, s).refresh(customizationType, made); gone != nil || len(diagnostics) > 0 {
		t.Errorf("without its tenant: %v, %v", gone, diagnostics)
	}
}

// TestCustomization_noOpStatements: how many customizations there are says
// nothing about how many statements a plan without changes sends.
func TestCustomization_noOpStatements(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant", nil, acme(nil))
	states := map[string]any{}
	config := func(name string) values {
		return values{"tenant": "acme", "name": name, "reason": "y", "tables": values{name: "CREATE TABLE " + name + " (id INT PRIMARY KEY)"}}
	}
	for i := range 6 {
		name := fmt.Sprintf("c%d", i)
		states[name] = c.must(customizationType, nil, config(name))
	}
	recording := s.Record(t)
	counts := []int{}
	for _, most := range []int{1, 6} {
		environment := environmentOf(s)
		environment["LANDLORD_USERNAME"], environment["LANDLORD_PASSWORD"] = recording.Username, recording.Password
		run := coreWith(t, environment)
		recording.Reset(t)
		for i := range most {
			name := fmt.Sprintf("c%d", i)
			run.settled(customizationType, states[name], config(name))
		}
		counts = append(counts, recording.Count(t))
	}
	if counts[0] != counts[1] {
		t.Errorf("1 and 6 customizations without changes send %v statements", counts)
	}
}
