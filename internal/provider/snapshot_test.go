package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestSchemaSnapshot(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		const children = "CREATE TABLE children (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id INT NULL, name VARCHAR(20) NOT NULL DEFAULT 'x' COMMENT 'given', KEY ix_name (name(5), user_id), " +
			"CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL, CONSTRAINT ck_name CHECK (name <> '')) COMMENT='of users' ROW_FORMAT=COMPACT"
		c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable, children))
		c.must("landlord_tenant", nil, acme(nil))
		execIn(t, s, "acme", "CREATE VIEW v AS SELECT 1 AS one", "CREATE TRIGGER tr BEFORE INSERT ON users FOR EACH ROW SET NEW.id = NEW.id",
			"CREATE PROCEDURE p() SELECT 1", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1")
		read := coreOn(t, s).mustData("landlord_schema_snapshot", values{"tenant": "acme"})
		tables, ok := read["tables"].(values)
		if !ok || len(tables) != 2 {
			t.Fatalf("tables: %v", read["tables"])
		}
		table := tables["children"].(values) //nolint:forcetypeassert // the schema says so
		checkTable(t, s, table)
		for name, want := range map[string]string{"views": "v", "triggers": "tr", "events": "e"} {
			some := read[name].(values)                                                                //nolint:forcetypeassert // the schema says so
			if one, ok := some[want].(values); !ok || one["origin"] != "unknown" || one["sql"] == "" { //nolint:forcetypeassert // the schema says so
				t.Errorf("%s: %v", name, some)
			}
		}
		if routine := read["routines"].([]any)[0].(values); routine["kind"] != "procedure" || routine["name"] != "p" { //nolint:forcetypeassert // the schema says so
			t.Errorf("routine: %v", routine)
		}
		if read["database_name"] != s.Prefix+"acme" || read["collation"] != "utf8mb4_unicode_ci" || !strings.HasPrefix(text(t, read, "json"), `{"character_set":"utf8mb4"`) {
			t.Errorf("the database: %v, %v", read["database_name"], read["collation"])
		}
		if statements := read["statements"].([]any); len(statements) < 8 || !strings.Contains(text(t, read, "sql"), "CREATE TABLE `users`") { //nolint:forcetypeassert // the schema says so
			t.Errorf("statements: %v", statements)
		}
		template := coreOn(t, s).mustData("landlord_schema_snapshot", values{"template": "shop@1.0.0"})
		if template["database_name"] != nil || len(template["tables"].(values)) != 2 || len(template["views"].(values)) != 0 { //nolint:forcetypeassert // the schema says so
			t.Errorf("the template: %v", template)
		}
	})
}

func checkTable(t *testing.T, s *mysqltest.Server, table values) {
	t.Helper()
	delete(table, "sql")

	column := func(name, kind string, nullable bool, def any, counter bool, comment any, definition string) values {
		return values{"name": name, "type": kind, "nullable": nullable, "default": def, "auto_increment": counter, "generated": nil, "comment": comment, "definition": definition, "origin": "core"}
	}
	integer := intType(s)
	name := table["columns"].([]any)[2].(values) //nolint:forcetypeassert // the schema says so
	check := table["checks"].([]any)[0].(values) //nolint:forcetypeassert // the schema says so
	want := values{
		"engine": "InnoDB", "character_set": "utf8mb4", "collation": "utf8mb4_unicode_ci", "comment": "of users", "partitions": nil, "origin": "core",
		"options": values{"ROW_FORMAT": "COMPACT"},
		"columns": []any{
			column("id", integer, false, nil, true, nil, integer+" NOT NULL AUTO_INCREMENT"),
			column("user_id", integer, true, nil, false, nil, integer+" DEFAULT NULL"),
			column("name", "varchar(20)", false, "'x'", false, "given", text(t, name, "definition")),
		},
		"keys": []any{
			values{"name": "PRIMARY", "kind": "primary", "columns": []any{"id"}, "definition": "PRIMARY KEY (`id`)", "origin": "core"},
			values{"name": "ix_name", "kind": "index", "columns": []any{"name", "user_id"}, "definition": "KEY `ix_name` (`name`(5),`user_id`)", "origin": "core"},
			values{"name": "fk_user", "kind": "index", "columns": []any{"user_id"}, "definition": "KEY `fk_user` (`user_id`)", "origin": "core"},
		},
		"foreign_keys": []any{values{
			"name": "fk_user", "columns": []any{"user_id"}, "database": nil, "table": "users", "references": []any{"id"}, "on_delete": "SET NULL", "on_update": "RESTRICT", "origin": "core",
		}},
		"checks": []any{values{"name": "ck_name", "expression": check["expression"], "enforced": true, "origin": "core"}},
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestSchemaSnapshot_source(t *testing.T) {
	t.Parallel()
	c := coreOn(t, mysqltest.One(t))
	tests := map[string]struct {
		config values
		want   string
	}{
		"none":            {values{}, "ERROR: Missing Attribute Configuration"},
		"two":             {values{"tenant": "acme", "database": "x"}, "ERROR at (tenant): Invalid Attribute Combination"},
		"server alone":    {values{"tenant": "acme", "server": "eu"}, "ERROR at (server): Invalid Attribute Combination"},
		"modules alone":   {values{"tenant": "acme", "modules": []string{"x"}}, "ERROR at (modules): Invalid Attribute Combination"},
		"a template only": {values{"template": "shop@1.0.0"}, ""},
	}
	for name, test := range tests {
		found := c.validateData("landlord_schema_snapshot", test.config)
		if test.want == "" && len(found) == 0 {
			continue
		}
		if len(found) != 1 || !strings.HasPrefix(found[0], test.want) {
			t.Errorf("%s: %q", name, found)
		}
	}
}

// TestSchemaSnapshot_large reads a schema of the size of a grown product. It has
// no time limit of its own: the server's machine is not ours to judge.
func TestSchemaSnapshot_large(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	const tables = 150
	database := s.Prefix + "large"
	s.Exec(t, "CREATE DATABASE "+database)
	columns := make([]string, 20)
	for i := range columns {
		columns[i] = fmt.Sprintf("c%d VARCHAR(20) NULL, KEY k%d (c%d)", i, i, i)
	}
	for i := range tables {
		s.Exec(t, fmt.Sprintf("CREATE TABLE %s.t%03d (id INT PRIMARY KEY, %s)", database, i, strings.Join(columns, ", ")))
	}
	read := coreOn(t, s).mustData("landlord_schema_snapshot", values{"database": database})
	if got := len(read["tables"].(values)); got != tables { //nolint:forcetypeassert // the schema says so
		t.Errorf("%d tables", got)
	}
}
