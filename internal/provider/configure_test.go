package provider_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const notConnectable = `WARNING: Provider is not connectable yet
The provider's configuration holds values that are known only after apply, probably because its server is made in the same run.

Everything that needs the server is planned as known after apply. Plan again when the server is there to see the exact migrations.`

func TestProvider_configure(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		environment map[string]string
		config      values
		want        []string
	}{
		"empty":               {config: values{}},
		"unknown":             {config: values{"endpoint": unknown{}}, want: []string{notConnectable}},
		"unknown deep inside": {config: values{"servers": values{"eu": values{"endpoint": unknown{}}}}, want: []string{notConnectable}},
		"environment": {environment: map[string]string{
			"LANDLORD_ENDPOINT": "db:3306", "LANDLORD_USERNAME": "u", "LANDLORD_PASSWORD": "p", "LANDLORD_MAX_CONNECTIONS": "8",
			"LANDLORD_CONNECT_TIMEOUT": "1s", "LANDLORD_LOCK_TIMEOUT": "1s", "LANDLORD_PLAN_RENDERING": "parser", "LANDLORD_TLS_MODE": "disabled",
			"LANDLORD_DATABASE": "registry", "LANDLORD_DATABASE_PREFIX": "customer_",
		}, config: values{}},
		"wrong variables": {environment: map[string]string{
			"LANDLORD_MAX_CONNECTIONS": "many", "LANDLORD_CONNECT_TIMEOUT": "soon", "LANDLORD_PLAN_RENDERING": "none",
			"LANDLORD_DATABASE_PREFIX": "-", "LANDLORD_TLS_MODE": "yes",
		}, config: values{}, want: []string{
			"ERROR at (connect_timeout): Environment variable cannot be used\n`LANDLORD_CONNECT_TIMEOUT`: `soon` is no duration above zero: write a number and a unit, for example `10s`, `5m` or `720h`.",
			"ERROR at (database_prefix): Environment variable cannot be used\n`LANDLORD_DATABASE_PREFIX`: `-` has to start with a lower-case letter and hold at most 32 lower-case letters, digits and `_` only.",
			"ERROR at (max_connections): Environment variable cannot be used\n`LANDLORD_MAX_CONNECTIONS`: `many` is no number from 1 to 1000.",
			"ERROR at (plan_rendering): Environment variable cannot be used\n`LANDLORD_PLAN_RENDERING`: `none` is none of `server`, `parser`.",
			"ERROR at (tls): Environment variable cannot be used\n`LANDLORD_TLS_MODE`: `yes` is none of `disabled`, `preferred`, `required`, `verify_ca`, `verify_identity`.",
		}},
		"own account": {config: values{"execution_account": "own", "username": "app"}, want: []string{
			"WARNING at (execution_account): SQL of users runs as the provider\nWith `execution_account = \"own\"` seeds, scripts and conditions run with all rights of the account `app`. " +
				"Nothing but the reading of their text keeps them from other tenants and from the landlord database.\n\n" +
				"Let the account make accounts for them, as the documentation of the provider says, and leave `execution_account` out.",
		}},
		"an account for texts": {environment: map[string]string{"LANDLORD_EXECUTION_ACCOUNT": "own"}, config: values{"execution_account": "dedicated"}},
		"wrong account": {environment: map[string]string{"LANDLORD_EXECUTION_ACCOUNT": "mine"}, config: values{}, want: []string{
			"ERROR at (execution_account): Environment variable cannot be used\n`LANDLORD_EXECUTION_ACCOUNT`: `mine` is none of `dedicated`, `own`.",
		}},
		"the configuration wins": {
			environment: map[string]string{"LANDLORD_MAX_CONNECTIONS": "many", "LANDLORD_CONNECT_TIMEOUT": "soon", "LANDLORD_ENDPOINT": "a/b"},
			config:      values{"max_connections": 2, "connect_timeout": "1s", "endpoint": "db:3306"},
		},
		"endpoint": {config: values{"endpoint": "mysql://db:3306"}, want: []string{
			"ERROR at (endpoint): Provider configuration is not valid\n`endpoint`: must be `host:port` or the absolute path of a socket, without a scheme, user or path.",
		}},
		"endpoint of a further server": {config: values{"servers": values{"eu": values{"endpoint": "db:port"}}}, want: []string{
			"ERROR at (servers).(eu).(endpoint): Provider configuration is not valid\n`endpoint`: has the port `port`; a port is a number from 1 to 65535.",
		}},
		"authority": {config: values{"tls": values{"ca_file": "testdata/missing.pem"}}, want: []string{
			"ERROR at (tls).(ca_file): Provider configuration is not valid\n`tls.ca_file`: cannot be read: open testdata/missing.pem: no such file or directory.",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, newCore(t, c.environment).configure(c.config)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTenant_planWithoutServer is a plan in which the server is made in the
// same run: nothing is known, nothing fails, and no default server is asked.
func TestTenant_planWithoutServer(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	c.configure(values{"endpoint": unknown{}})
	plan := c.plan("landlord_tenant", nil, values{"slug": "acme", "name": "Acme", "template": "basic@1.0.0"})
	if diff := cmp.Diff([]string(nil), plan.diagnostics); diff != "" {
		t.Fatal(diff)
	}
	want := values{
		"slug": "acme", "name": "Acme", "template": "basic@1.0.0",
		"status": "active", "update_policy": "auto", "drift_policy": "report", "allow_destructive": false, "destructive_mode": "retire",
		"retention": "720h", "probe_data": true, "deletion_policy": "protect",
		"database_name": unknown{}, "applied_template": unknown{}, "update_status": unknown{}, "schema_fingerprint": unknown{}, "drift": unknown{},
		"findings": unknown{}, "migration": unknown{}, "migration_digest": unknown{}, "migration_verdict": unknown{}, "migration_algorithm": unknown{}, "migration_locks": unknown{},
		"migration_destructive": unknown{}, "migration_reversible": unknown{}, "last_migration": unknown{}, "created_at": unknown{},
	}
	if diff := cmp.Diff(want, attributes(t, plan.state)); diff != "" {
		t.Error(diff)
	}
}

// TestTenant_refreshWithoutServer keeps what the state knows.
func TestTenant_refreshWithoutServer(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	c.configure(values{"endpoint": unknown{}})
	state := values{"slug": "acme", "name": "Acme", "template": "basic@1.0.0", "database_name": "tenant_acme"}
	now, diagnostics := c.read("landlord_tenant", state)
	if diff := cmp.Diff([]string(nil), diagnostics); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(state, attributes(t, now)); diff != "" {
		t.Error(diff)
	}
}

func TestTemplate_planWithoutServer(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	c.configure(values{"endpoint": unknown{}})
	plan := c.plan("landlord_tenant_template", nil, values{"name": "shop", "version": "1.0.0", "core": values{"001.sql": "CREATE TABLE a (id INT PRIMARY KEY)"}})
	if diff := cmp.Diff([]string(nil), plan.diagnostics); diff != "" {
		t.Fatal(diff)
	}
	for _, name := range []string{"id", "checksum", "schema_fingerprint", "tables", "modules", "database_name", "published_versions"} {
		if attributes(t, plan.state)[name] != (unknown{}) {
			t.Errorf("%s is planned as %v", name, attributes(t, plan.state)[name])
		}
	}
}

// TestTenant_planUnknownTemplate is a tenant whose template has values that
// are known after apply: the server is there, but must not be asked.
func TestTenant_planUnknownTemplate(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	c.configure(values{"endpoint": "127.0.0.1:1"}) // nobody answers there
	plan := c.plan("landlord_tenant", nil, values{"slug": "acme", "name": unknown{}, "template": unknown{}})
	want := []string{"WARNING at (template): Statements are known only in the apply\n" +
		"The plan of tenant `acme` has values that are known after apply, its `template` or what goes with it. So nobody will have seen the statements that make its database.\n\n" +
		"To see them, apply first what the values come from, for example with `-target`, and plan again."}
	if diff := cmp.Diff(want, plan.diagnostics); diff != "" {
		t.Fatal(diff)
	}
	if got := attributes(t, plan.state)["migration"]; got != (unknown{}) {
		t.Errorf("the migration is planned as %v", got)
	}
}

func TestTenant_planDestroyOfProtected(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	c.configure(values{"endpoint": unknown{}})
	state := values{"slug": "acme", "name": "Acme", "template": "basic@1.0.0", "deletion_policy": "protect"}
	want := []string{"ERROR at (deletion_policy): Tenant is protected from deletion\n" +
		"The plan destroys the tenant `acme`, whose `deletion_policy` is `protect`. Nothing was touched.\n\n" +
		"To let it go, first apply `deletion_policy = \"archive\"` (the database stays, nobody can use it) or `deletion_policy = \"drop\"` (the data is destroyed), then destroy. " +
		"To only forget it in Terraform, use a `removed` block with `destroy = false`. A resource that was renamed, or that has another key in `for_each`, wants a `moved` block: then the tenant stays as it is."}
	if diff := cmp.Diff(want, c.plan("landlord_tenant", state, nil).diagnostics); diff != "" {
		t.Error(diff)
	}
	renamed := with(state, values{"slug": "other", "deletion_policy": nil})
	if diff := cmp.Diff(want, c.plan("landlord_tenant", state, renamed).diagnostics); diff != "" {
		t.Errorf("another slug: %s", diff)
	}
	state["deletion_policy"] = "archive"
	if diff := cmp.Diff([]string(nil), c.plan("landlord_tenant", state, nil).diagnostics); diff != "" {
		t.Error(diff)
	}
}

func TestDataSource_withoutServer(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	c.configure(values{"endpoint": unknown{}})
	_, diagnostics, _ := c.list(t.Context(), "landlord_tenant", 10, values{})
	want := []string{"ERROR: Provider is not connectable yet\n" +
		"Listing tenants needs a connection, but the provider's configuration holds values that are known only after apply.\n\n" +
		"Apply the resource that makes the server first, or let this one depend on it with `depends_on`, so that it is read after the server is there."}
	if diff := cmp.Diff(want, diagnostics); diff != "" {
		t.Error(diff)
	}
}

func TestFunction(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		name      string
		arguments []string
		want      any
		wantError string
	}{
		"database name":            {name: "database_name", arguments: []string{"rowing-club"}, want: "tenant_rowing_club"},
		"database name and prefix": {name: "database_name", arguments: []string{"acme", "customer_"}, want: "customer_acme"},
		"database name of nothing": {name: "database_name", arguments: []string{""}, wantError: "argument 0: Tenant slug cannot be used.\n\nThe slug `` has to start with a lower-case letter and hold lower-case letters, digits, `-` and `_` only.\n\nChoose another slug; the attribute `name` takes any text."},
		"wrong prefix":             {name: "database_name", arguments: []string{"acme", "A"}, wantError: "argument 1: `A` has to start with a lower-case letter and hold at most 32 lower-case letters, digits and `_` only."},
		"two prefixes":             {name: "database_name", arguments: []string{"acme", "a_", "b_"}, wantError: "argument 2: One prefix is enough."},
		"split": {name: "split_sql", arguments: []string{"CREATE TABLE a (x INT); -- one\nDELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT ';'; END$$\nDELIMITER ;\n"},
			want: []any{"CREATE TABLE a (x INT)", "CREATE PROCEDURE p() BEGIN SELECT ';'; END"}},
		"split nothing": {name: "split_sql", arguments: []string{" -- nothing\n"}, want: []any{}},
		"diff": {name: "schema_diff", arguments: []string{"CREATE TABLE `a` (\n  `x` int NOT NULL\n);", "CREATE TABLE `a` (\n  `x` bigint NOT NULL\n);", "mysql"},
			want: []any{"ALTER TABLE `a` MODIFY COLUMN `x` bigint NOT NULL"}},
		"diff of no flavor": {name: "schema_diff", arguments: []string{"", "", "oracle"}, wantError: "argument 2: `oracle` is no flavor: write `mysql` or `mariadb`, perhaps with a version, as in `mariadb-10.11`."},
		"diff of rows": {name: "schema_diff", arguments: []string{"", "INSERT INTO t VALUES (1);", "mysql"},
			wantError: "argument 1: Text is no schema.\n\n1:1: a statement that defines no object: INSERT INTO t VALUES (1)\n\nA schema is a list of CREATE statements."},
		"validate": {name: "schema_validate", arguments: []string{"CREATE TABLE t (id INT NOT NULL PRIMARY KEY);", "mariadb-10.11"}, want: []any{}},
		"validate a mistake": {name: "schema_validate", arguments: []string{"CREATE TABLE t (id INT NOT NULL PRIMARY KEY;", "mysql"}, want: []any{values{
			"severity": "error", "line": "1", "column": "44", "summary": "SQL syntax error", "detail": "The statement ends too early: `CREATE TABLE t`.",
		}}},
		"split error": {name: "split_sql", arguments: []string{"SELECT 'a"}, wantError: "argument 0: SQL cannot be split into statements.\n\n1:8: a text in ' quotes is never closed."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, problem := newCore(t, nil).call(c.name, c.arguments...)
			if diff := cmp.Diff(c.wantError, problem); diff != "" {
				t.Fatal(diff)
			}
			if c.wantError != "" {
				return
			}
			if diff := cmp.Diff(c.want, plain(t, got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
