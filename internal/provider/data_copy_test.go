package provider_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

const dataCopy = "landlord_tenant_data_copy"

// rowsOfAcme is the configuration of a copy from acme to beta.
func rowsOfAcme(changed values) values {
	return with(values{"source": "acme", "target": "beta", "tables": []string{"users"}}, changed)
}

// acmeAndBeta makes two tenants, the first with three users.
func acmeAndBeta(t *testing.T, s *mysqltest.Server, c *core) {
	t.Helper()
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant", nil, acme(nil))
	c.must("landlord_tenant", nil, acme(values{"slug": "beta"}))
	s.Exec(t, "INSERT INTO "+s.Prefix+"acme.users VALUES (1, 'a@example.com'), (2, 'b@example.com'), (3, 'c@example.com')")
}

func users(t *testing.T, s *mysqltest.Server, database string) string {
	t.Helper()
	return fmt.Sprint(s.QueryRows(t, "SELECT * FROM "+database+".users ORDER BY id"))
}

func TestDataCopy(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		acmeAndBeta(t, s, c)
		beta := s.Prefix + "beta"
		c = coreOn(t, s)
		config := rowsOfAcme(values{"where": values{"users": "id < 3"}, "keepers": values{"day": "monday"}})
		made := c.must(dataCopy, nil, config)
		got := attributesOf(t, made)
		copied, _ := got["copied"].(values)
		usersCopied, _ := copied["users"].(values)
		if usersCopied["checksum"] == nil || got["checksum"] == nil || got["finished_at"] == nil {
			t.Errorf("made: %v", got)
		}
		delete(usersCopied, "checksum")
		if diff := cmp.Diff(values{"users": values{"read": "2", "inserted": "2", "skipped": "0", "replaced": "0"}}, copied); diff != "" || got["id"] != "beta/1" || got["rows"] != "2" {
			t.Errorf("made %v, copied (-want +got):\n%s", got, diff)
		}
		if got := users(t, s, beta); got != "[[1 a@example.com] [2 b@example.com]]" {
			t.Errorf("rows: %s", got)
		}
		made = coreOn(t, s).settled(dataCopy, made, config)
		imported, diagnostics := c.refresh(dataCopy, c.importID(dataCopy, "beta/1"))
		if diff := cmp.Diff(attributesOf(t, made), attributesOf(t, imported)); diff != "" || len(diagnostics) > 0 {
			t.Errorf("imported: %v (-want +got):\n%s", diagnostics, diff)
		}
		// Another size of chunks copies nothing.
		small := with(config, values{"chunk_rows": 1})
		made = c.must(dataCopy, made, small)
		if got := field(t, made, "id"); got != "beta/1" {
			t.Errorf("with other chunks it became %v", got)
		}
		for name, changed := range map[string]values{"keepers": {"keepers": values{"day": "tuesday"}}, "where": {"where": nil}, "on_conflict": {"on_conflict": "skip"}} {
			if plan := c.plan(dataCopy, made, with(small, changed)); len(plan.replace) != 1 || !strings.Contains(plan.replace[0], `"`+name+`"`) {
				t.Errorf("a change of %s replaces %v: %v", name, plan.replace, plan.diagnostics)
			}
		}

		// All three ways with what is there.
		_, diagnostics = c.run(dataCopy, nil, rowsOfAcme(nil))
		want := []string{"ERROR at (on_conflict): Copied row meets another one\nCopying rows of tenant `acme` into tenant `beta`.\n\nThe row `id` = 1 of table `users` is in the target already.\n\n" +
			"Set `on_conflict` to `skip`, which keeps the row of the target, or to `replace`, which gives it the values of the source; or choose other rows with `where`. " +
			"What was copied so far stays in the target, and the next apply goes on from there. If you change what is to be copied it begins anew; `on_conflict = \"skip\"` then passes over what is there."}
		if diff := cmp.Diff(want, diagnostics); diff != "" {
			t.Errorf("fail (-want +got):\n%s", diff)
		}
		s.Exec(t, "UPDATE "+beta+".users SET email = 'changed' WHERE id = 1")
		skipped := c.must(dataCopy, nil, rowsOfAcme(values{"on_conflict": "skip"}))
		if got := users(t, s, beta); got != "[[1 changed] [2 b@example.com] [3 c@example.com]]" || field(t, skipped, "rows") != "1" {
			t.Errorf("skip: %s, %v", got, attributesOf(t, skipped))
		}
		replaced := c.must(dataCopy, nil, rowsOfAcme(values{"on_conflict": "replace"}))
		if got := users(t, s, beta); got != users(t, s, s.Prefix+"acme") || field(t, replaced, "rows") != "3" {
			t.Errorf("replace: %s, %v", got, attributesOf(t, replaced))
		}
		// Destroying changes nothing, and the same can be asked for again.
		for _, state := range []any{made, skipped, replaced} {
			if gone, diagnostics := c.run(dataCopy, state, nil); gone != nil || len(diagnostics) > 0 {
				t.Errorf("destroyed: %v, %v", gone, diagnostics)
			}
		}
		if got := users(t, s, beta); got != users(t, s, s.Prefix+"acme") {
			t.Errorf("after destroying: %s", got)
		}
		again := c.must(dataCopy, nil, rowsOfAcme(values{"on_conflict": "replace"}))
		if field(t, again, "id") == field(t, replaced, "id") {
			t.Error("a copy that was destroyed is taken for one that was cut off")
		}
	})
}

// TestDataCopy_findings tells at plan time what differs.
func TestDataCopy_findings(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	acmeAndBeta(t, s, coreOn(t, s))
	s.Exec(t, "ALTER TABLE "+s.Prefix+"beta.users MODIFY email VARCHAR(100) NOT NULL", "CREATE TABLE "+s.Prefix+"acme.notes (id INT PRIMARY KEY)")
	narrow := "WARNING at (tables): Data copy has findings\nCopying rows of tenant `acme` into tenant `beta`.\n\n" +
		"Table `users`, column `email`: it is varchar(190) in the source and varchar(100) in the target: values longer than 100 characters do not fit. Before its first row the copy looks for such values, and fails when there are any; give both columns the same type to be sure."
	unknownTenant := func(slug string) string {
		return "Tenant is not known\nThe landlord database has no tenant `" + slug + "`, and no tenant of this run that was planned so far has that slug.\n\n" +
			"Refer to `slug` of a `landlord_tenant`, so that Terraform knows the order, or correct the slug."
	}
	cases := map[string]struct {
		changed values
		want    []string
	}{
		"narrow": {want: []string{narrow}},
		"table": {changed: values{"tables": []string{"notes", "users"}}, want: []string{
			"ERROR at (tables): Tables cannot be copied\nCopying rows of tenant `acme` into tenant `beta`.\n\nTable `notes`: the target has no such table. Create it in the target first.", narrow}},
		"where": {changed: values{"where": values{"users": "id = GET_LOCK('x', 1)"}}, want: []string{
			"ERROR at (where).(users): Condition cannot be used\nCopying rows of tenant `acme` into tenant `beta`.\n\n" +
				"Table `users`: the condition `id = GET_LOCK('x', 1)` cannot be used: 1:6: `GET_LOCK()` is not among the functions that a condition may call. Correct the condition.", narrow}},
		"no source":     {changed: values{"source": "nobody"}, want: []string{"ERROR at (source): " + unknownTenant("nobody")}},
		"no target":     {changed: values{"target": "nobody"}, want: []string{"ERROR at (target): " + unknownTenant("nobody")}},
		"unknown input": {changed: values{"where": unknown{}}},
		"unknown slug":  {changed: values{"target": unknown{}}},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := coreOn(t, s).plan(dataCopy, nil, rowsOfAcme(k.changed))
			if diff := cmp.Diff(k.want, plan.diagnostics); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if hasErrors(plan.diagnostics) {
				return
			}
			for _, name := range []string{"id", "rows", "checksum", "copied", "finished_at"} {
				if got := attributes(t, plan.state)[name]; got != (unknown{}) {
					t.Errorf("%s is planned as %v", name, got)
				}
			}
		})
	}
}

func TestDataCopy_validate(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		changed values
		want    []string
	}{
		"right":   {changed: values{"where": values{"users": "id > 1"}, "on_conflict": "replace", "chunk_rows": 10}},
		"unknown": {changed: values{"target": unknown{}, "where": values{"users": unknown{}}}},
		"same": {changed: values{"target": "acme"}, want: []string{
			"ERROR at (target): Source and target are the same\nRows of tenant `acme` would be copied into tenant `acme`.\n\nName two tenants."}},
		"condition": {changed: values{"where": values{"us.ers": "id > 1"}}, want: []string{
			"ERROR at (where).(us.ers): Condition is for another table\nThere is a condition for table `us.ers`, which is not among `tables`.\n\n" +
				"Add the table to `tables`, or remove the condition; names are written as in the database."}},
		"no tables": {changed: values{"tables": []string{}}, want: []string{"ERROR at (tables): Invalid Attribute Value\nAttribute tables set must contain at least 1 elements, got: 0"}},
		"chunks":    {changed: values{"chunk_rows": 0}, want: []string{"ERROR at (chunk_rows): Invalid Attribute Value\nAttribute chunk_rows value must be between 1 and 100000, got: 0"}},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(k.want, newCore(t, nil).validate(dataCopy, rowsOfAcme(k.changed))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDataCopy_onePlan plans a copy between tenants that the same run makes or
// changes: nothing can be said about them, and the apply tells what it finds.
func TestDataCopy_onePlan(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	first := shop("1.0.0", usersTable)
	c.must("landlord_tenant_template", nil, first)
	tenant := c.must("landlord_tenant", nil, acme(nil))
	s.Exec(t, "INSERT INTO "+s.Prefix+"acme.users VALUES (1, 'a@example.com')")

	c = coreOn(t, s)
	second := shop("1.1.0", usersTable, teamsTable)
	c.plan("landlord_tenant_template", nil, second)
	upgraded, beta := acme(values{"template": "shop@1.1.0"}), acme(values{"slug": "beta", "template": "shop@1.1.0"})
	c.plan("landlord_tenant", tenant, upgraded)
	c.plan("landlord_tenant", nil, beta)
	config := rowsOfAcme(values{"tables": []string{"teams", "users"}})
	if plan := c.plan(dataCopy, nil, config); len(plan.diagnostics) > 0 {
		t.Errorf("planned with its tenants: %v", plan.diagnostics)
	}
	c.must("landlord_tenant_template", nil, second)
	c.must("landlord_tenant", tenant, upgraded)
	c.must("landlord_tenant", nil, beta)
	s.Exec(t, "ALTER TABLE "+s.Prefix+"beta.users MODIFY email VARCHAR(100) NOT NULL")
	again := c.plan(dataCopy, nil, config) // as the apply does
	if len(again.diagnostics) > 0 {
		t.Errorf("planned again: %v", again.diagnostics)
	}
	made, diagnostics := c.apply(dataCopy, nil, config, again)
	if len(diagnostics) != 1 || !strings.HasPrefix(diagnostics[0], "WARNING at (tables): Data copy has findings\n") || field(t, made, "rows") != "1" {
		t.Errorf("made %v: %v", made, diagnostics)
	}
	// What the plan has told, the apply does not tell again.
	if _, diagnostics = coreOn(t, s).run(dataCopy, nil, with(config, values{"on_conflict": "skip"})); len(diagnostics) > 0 {
		t.Errorf("told twice: %v", diagnostics)
	}
}

// TestDataCopy_servers copies from one make of server to another over one
// connection to each, and back.
func TestDataCopy_servers(t *testing.T) {
	t.Parallel()
	kinds := mysqltest.Kinds(t)
	if len(kinds) < 2 {
		t.Skip("one kind of server is there only")
	}
	main, eu := mysqltest.On(t, kinds[0]), mysqltest.On(t, kinds[1])
	t.Cleanup(func() {
		for _, name := range []string{main.LandlordDatabase, main.LandlordDatabase + "_retired", main.Prefix + "beta"} {
			if _, err := eu.DB().ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE IF EXISTS "+name); err != nil {
				t.Error(err)
			}
		}
	})
	start := func() *core {
		environment := environmentOf(main)
		environment["LANDLORD_MAX_CONNECTIONS"] = "1"
		c := newCore(t, environment)
		if diagnostics := c.configure(values{"servers": values{"eu": values{"endpoint": eu.Endpoint(), "username": eu.Username, "password": eu.Password}}}); len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		return c
	}
	c := start()
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant", nil, acme(nil))
	c.must("landlord_tenant", nil, acme(values{"slug": "beta", "server": "eu"}))
	main.Exec(t, "INSERT INTO "+main.Prefix+"acme.users VALUES (1, 'a@example.com'), (2, 'b@example.com')")
	c = start()
	made := c.must(dataCopy, nil, rowsOfAcme(values{"chunk_rows": 1}))
	if got := users(t, eu, main.Prefix+"beta"); got != "[[1 a@example.com] [2 b@example.com]]" || field(t, made, "rows") != "2" {
		t.Errorf("rows: %s, %v", got, attributesOf(t, made))
	}
	eu.Exec(t, "UPDATE "+main.Prefix+"beta.users SET email = 'changed' WHERE id = 2")
	c.must(dataCopy, nil, rowsOfAcme(values{"source": "beta", "target": "acme", "on_conflict": "replace"}))
	if got := users(t, main, main.Prefix+"acme"); got != "[[1 a@example.com] [2 changed]]" {
		t.Errorf("rows that came back: %s", got)
	}
	if gone, diagnostics := start().run(dataCopy, made, nil); gone != nil || len(diagnostics) > 0 {
		t.Errorf("destroyed: %v, %v", gone, diagnostics)
	}
}

// TestAccDataCopy makes everything with one apply.
func TestAccDataCopy(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	config := shopConfig + acmeConfig(`  name = "Acme"`) + `
resource "landlord_tenant_template" "empty" {
  name    = "empty"
  version = "1.0.0"
  core    = landlord_tenant_template.shop.core
}

resource "landlord_tenant" "beta" {
  slug              = "beta"
  name              = "Beta"
  template          = landlord_tenant_template.empty.id
  deletion_policy   = "drop"
  allow_destructive = true
}

resource "landlord_tenant_data_copy" "users" {
  source = landlord_tenant.acme.slug
  target = landlord_tenant.beta.slug
  tables = ["users"]
  where  = { users = "email LIKE '%@example.com'" }
}
`
	const address = "landlord_tenant_data_copy.users"
	accept(t, s,
		resource.TestStep{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectUnknownValue(address, tfjsonpath.New("rows"))},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("copied").AtMapKey("users").AtMapKey("inserted"), knownvalue.Int64Exact(1)),
			},
			Check: ask(t, s, "[[root@example.com]]", "SELECT email FROM "+mysqltest.QuoteName(s.Prefix+"beta")+".users"),
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true},
	)
}
