package provider_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestTenantHistory(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.plan("landlord_tenant", nil, acme(nil))
	planned := c.mustData("landlord_tenant_history", values{"tenant": "acme"})
	if diff := cmp.Diff(values{"tenant": "acme", "migrations": []any{}, "customizations": []any{}, "events": []any{}}, planned); diff != "" {
		t.Errorf("a planned tenant (-want +got):\n%s", diff)
	}
	c = coreOn(t, s)
	tenant := c.must("landlord_tenant", nil, acme(nil))
	c.must("landlord_tenant", tenant, acme(values{"name": "Acme Ltd"}))
	read := coreOn(t, s).mustData("landlord_tenant_history", values{"tenant": "acme", "limit": int64(10), "steps": true})
	migrations, ok := read["migrations"].([]any)
	if !ok || len(migrations) != 1 {
		t.Fatalf("migrations: %v", read["migrations"])
	}
	migration := migrations[0].(values) //nolint:forcetypeassert // the schema says so
	for _, name := range []string{"started_at", "applied_at", "duration_ms", "digest"} {
		if text(t, migration, name) == "" {
			t.Errorf("`%s` is empty", name)
		}
		delete(migration, name)
	}
	step := func(number, sql, object, operation string) values {
		return values{"number": number, "sql": sql, "object": object, "operation": operation, "origin": "core", "level": "1", "state": "done"}
	}
	statements := migration["statements"].([]any) //nolint:forcetypeassert // the schema says so
	create := step("1", "CREATE DATABASE `"+s.Prefix+"acme` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", "database `"+s.Prefix+"acme`", "create_database")
	create["origin"] = "template"
	table := step("2", text(t, statements[1].(values), "sql"), "table `users`", "create_table") //nolint:forcetypeassert // the schema says so
	want := values{
		"name": "create", "level": "1", "from": nil, "to": "shop@1.0.0", "status": "done", "steps": "2", "author": "tests", "error": nil, "statements": []any{create, table},
	}
	if diff := cmp.Diff(want, migration); diff != "" {
		t.Errorf("the migration (-want +got):\n%s", diff)
	}
	event := read["events"].([]any)[0].(values) //nolint:forcetypeassert // the schema says so
	if event["event"] != "created" || event["author"] != "tests" || text(t, event, "at") == "" {
		t.Errorf("event: %v", event)
	}
}
