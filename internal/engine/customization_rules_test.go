package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

const onlyScratch = "\n\nNothing was run but in a scratch database. Correct the statement."

// TestCustomization_refused asks for what a customization may not do.
func TestCustomization_refused(t *testing.T) {
	t.Parallel()
	column := func(table, name, definition string) landlord.CustomizationPatch {
		return landlord.CustomizationPatch{Columns: []landlord.CustomizationColumn{{Table: table, Name: name, Definition: definition}}}
	}
	sql := func(text string) landlord.CustomizationPatch { return landlord.CustomizationPatch{SQL: text} }
	const additions = "Write CREATE TABLE, INDEX, VIEW, TRIGGER, PROCEDURE, FUNCTION or EVENT, or ALTER TABLE … ADD."
	cases := map[string]struct {
		patch landlord.CustomizationPatch
		want  string
	}{
		"nothing": {landlord.CustomizationPatch{}, "Customization is empty []\nIt makes nothing.\n\nGive it `tables`, `columns`, `indexes`, `views` or `sql`, or remove the resource."},
		"changed column": {sql("CREATE TABLE fine (id INT PRIMARY KEY);\nALTER TABLE customers\n  MODIFY email VARCHAR(10) NOT NULL;"),
			"Customization cannot be used [sql]\nsql:3:10: Object of another layer is changed: Table `customers` is defined in `core/001_customers.sql:1:14` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints."},
		"option of a table": {sql("ALTER TABLE customers COMMENT = 'mine'"),
			"Customization cannot be used [sql]\nsql:1:23: Object of another layer is changed: Table `customers` is defined in `core/001_customers.sql:1:14` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints."},
		"hidden drop": {column("customers", "vip", "INT NULL, DROP COLUMN phone"),
			"Customization cannot be used [columns.0]\ncolumns[0]:1:23: Object of another layer is changed: Table `customers` is defined in `core/001_customers.sql:1:14` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints."},
		"dropped table": {sql("DROP TABLE customers"), "Customization cannot be used [sql]\nsql:1:1: Statement is no addition: `DROP TABLE customers` is not what a customization does. " + additions},
		"rows":          {sql("INSERT INTO customers (email) VALUES ('x')"), "Customization cannot be used [sql]\nsql:1:1: Statement is no addition: `INSERT INTO customers (email) VALUES ('x')` is not what a customization does. " + additions},
		"renamed table": {sql("RENAME TABLE customers TO people"), "Customization cannot be used [sql]\nsql:1:1: Statement is no addition: `RENAME TABLE customers TO people` is not what a customization does. " + additions},
		"replaced view": {sql("CREATE OR REPLACE VIEW order_totals AS SELECT 1 AS a"),
			"Customization cannot be used [sql]\nsql:1:1: CREATE OR REPLACE is not allowed: View `order_totals` would replace whatever is there. Write `CREATE` alone: the provider computes what has to change."},
		"no default": {column("customers", "vip", "INT NOT NULL"),
			"Extension column needs a default []\nColumn `vip` of table `customers` takes no NULL and has no default, so that whoever does not know it could insert no rows any more.\n\nLet it take NULL, or give it a `DEFAULT`."},
		"frozen": {column("audit", "note", "INT NULL"),
			"Frozen table is extended []\nColumn `note` of table `audit` would be added to table `audit`, which the template has frozen: customizations add nothing to it, and no trigger.\n\nPut what is needed into a table of its own that refers to `audit`."},
		"trigger of a frozen table": {sql("CREATE TRIGGER watch AFTER INSERT ON audit FOR EACH ROW DELETE FROM orders"),
			"Frozen table is extended []\nTrigger `watch` would be added to table `audit`, which the template has frozen: customizations add nothing to it, and no trigger.\n\nPut what is needed into a table of its own that refers to `audit`."},
		"another database": {landlord.CustomizationPatch{Views: map[string]string{"spy": "SELECT *\nFROM neighbor.secrets"}},
			"Customization cannot be used [views.spy]\nviews.spy:2:6: Another database is named: `neighbor.secrets` names database `neighbor`. Everything has to stay in the tenant's own database: write `secrets`."},
		"copied table": {landlord.CustomizationPatch{Tables: map[string]string{"copy": "CREATE TABLE copy AS SELECT * FROM customers"}},
			"Customization cannot be used [tables.copy]\ntables.copy:1:22: Table is made of a query: `CREATE TABLE copy` takes its columns from a query, so that its schema cannot be known beforehand. Write its columns."},
		"two statements": {landlord.CustomizationPatch{Tables: map[string]string{"one": "CREATE TABLE one (id INT PRIMARY KEY);\nCREATE TABLE two (id INT PRIMARY KEY)"}},
			"Customization cannot be used [tables.one]\ntables.one:2:1: More than one statement: One statement is expected here. Move what follows to `sql`."},
		"another name": {landlord.CustomizationPatch{Tables: map[string]string{"one": "CREATE TABLE two (id INT PRIMARY KEY)"}},
			"Customization cannot be used [tables.one]\ntables.one: Table has another name: The statement makes table `two`, under the key `one`. Write the same name at both places."},
		"no table": {landlord.CustomizationPatch{Tables: map[string]string{"one": "CREATE INDEX one ON customers (phone)"}},
			"Customization cannot be used [tables.one]\ntables.one: Statement makes no table: `CREATE TABLE `one` …` is expected here."},
		"long name": {column("customers", strings.Repeat("x", 65), "INT NULL"),
			"Customization cannot be used [columns.0]\ncolumns[0]: Column name cannot be used: `" + strings.Repeat("x", 65) + "` has 65 characters; servers allow 64."},
		"reserved name": {landlord.CustomizationPatch{Indexes: []landlord.CustomizationIndex{{Table: "customers", Name: "Primary", Columns: []string{"phone"}}}},
			"Customization cannot be used [indexes.0]\nindexes[0]: Index name cannot be used: `Primary` is reserved. Choose another name."},
		"missing table": {landlord.CustomizationPatch{Views: map[string]string{"v": "SELECT id FROM nowhere"}},
			"Customization cannot be used [views.v]\nviews.v:1:16: Table is not defined: View `v` needs table `nowhere`, which is defined nowhere. If another customization makes it, name that one in `depends_on`."},
		"missing column": {landlord.CustomizationPatch{Indexes: []landlord.CustomizationIndex{{Table: "customers", Name: "ix", Columns: []string{"nope"}}}},
			"Customization cannot be used [indexes.0]\nindexes[0]: Column is not defined: Table `customers` has no column `nope`."},
		"event that runs once": {sql("CREATE EVENT once ON SCHEDULE AT '2035-01-01 00:00:00' DO DELETE FROM orders"),
			"Event ends by itself []\nEvent `once` has a last run (`AT` or `ENDS`), behind which the server drops or disables it, so that it is no part of a schema.\n\nGive it a schedule with `EVERY` and without `ENDS`, or run its statement by hand."},
		"primary key of the template's table": {sql("ALTER TABLE lists ADD PRIMARY KEY (name)"),
			"Customization changes the template []\nTable `lists` would get `PRIMARY KEY (`name`)`.\n\nNothing was run but in a scratch database. What the template makes stays as it is: add columns, indexes, keys and checks to its tables, or objects of your own; or change the template."},
	}
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		spec := shop("1.0.0")
		spec.Core["003_audit.sql"] = "CREATE TABLE audit (id INT NOT NULL PRIMARY KEY);\nCREATE TABLE lists (name VARCHAR(20) NOT NULL);"
		spec.FrozenTables = []string{"audit"}
		publish(t, e, spec)
		create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"})
		for name, test := range cases {
			_, err := e.PlanCustomization(t.Context(), customization.Spec{Tenant: "acme", Name: "x", Reason: "y", Patch: test.patch}, nil)
			if err == nil {
				t.Errorf("%s is planned", name)
			} else if diff := cmp.Diff(test.want, explain(err)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		fine := landlord.CustomizationPatch{
			Tables: map[string]string{"a": "CREATE TABLE a (id INT PRIMARY KEY, b_id INT, audit_id INT, FOREIGN KEY (b_id) REFERENCES b (id), FOREIGN KEY (audit_id) REFERENCES audit (id))",
				"b": "CREATE TABLE b (id INT PRIMARY KEY, a_id INT, FOREIGN KEY (a_id) REFERENCES a (id))"},
			Columns: []landlord.CustomizationColumn{{Table: "customers", Name: "domain", Definition: "VARCHAR(190) GENERATED ALWAYS AS (SUBSTRING_INDEX(email, '@', -1)) VIRTUAL"}},
			Indexes: []landlord.CustomizationIndex{{Table: "orders", Name: "ix_customer_total", Columns: []string{"customer_id", "total"}}},
			Views:   map[string]string{"v1": "SELECT id FROM v2", "v2": "SELECT id FROM a"},
			SQL:     "ALTER TABLE customers ADD CONSTRAINT ck_phone CHECK (phone <> '');\nCREATE EVENT tidy ON SCHEDULE EVERY 1 DAY DO DELETE FROM a WHERE id < 0;\nCREATE PROCEDURE p() SELECT 1;",
		}
		_, made := mustCustomize(t, e, customization.Spec{Tenant: "acme", Name: "fine", Reason: "y", Patch: fine}, nil)
		if len(made.Objects) != 9 {
			t.Errorf("made: %v", objects(made.Objects))
		}
		noDrift(t, engineOn(t, s), "acme")
	})
}

// TestCustomization_serverRefuses: what only a server knows it is asked.
func TestCustomization_serverRefuses(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e, _ := shopTenant(t, s, "acme")
	cases := map[string]struct {
		patch landlord.CustomizationPatch
		want  string
	}{
		"function": {landlord.CustomizationPatch{Columns: []landlord.CustomizationColumn{{Table: "customers", Name: "x", Definition: "INT\n  DEFAULT (NO_SUCH(1))"}}},
			"Server refuses a statement of the customization [columns.0]\ncolumns[0]: ALTER TABLE `customers` ADD COLUMN `x` INT DEFAULT (NO_SUCH(1))\n\nCause: Default value expression of column 'x' contains a disallowed function: `NO_SUCH`." + onlyScratch},
		"type of a foreign key": {landlord.CustomizationPatch{Tables: map[string]string{"t": "CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10), CONSTRAINT fk FOREIGN KEY (c) REFERENCES customers (id))"}},
			"Server refuses a statement of the customization [tables.t]\ntables.t:1:1: CREATE TABLE `t` (`id` INT PRIMARY KEY, `c` VARCHAR(10), CONSTRAINT `fk` FOREIGN KEY (`c`) REFERENCES `customers` (`id`))\n\n" +
				"Cause: Referencing column 'c' and referenced column 'id' in foreign key constraint 'fk' are incompatible." + onlyScratch},
	}
	onMariaDB := strings.NewReplacer(
		"Default value expression of column 'x' contains a disallowed function: `NO_SUCH`.", "Function or expression '`NO_SUCH`()' cannot be used in the DEFAULT clause of `x`",
		"Referencing column 'c' and referenced column 'id' in foreign key constraint 'fk' are incompatible.", `Can't create table `+"`t`"+` (errno: 150 "Foreign key constraint is incorrectly formed")`)
	for name, test := range cases {
		if s.Kind.IsMariaDB() {
			test.want = onMariaDB.Replace(test.want)
		}
		_, err := e.PlanCustomization(t.Context(), customization.Spec{Tenant: "acme", Name: "x", Reason: "y", Patch: test.patch}, nil)
		if err == nil {
			t.Errorf("%s is planned", name)
		} else if diff := cmp.Diff(test.want, explain(err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	_, err := e.PlanCustomization(t.Context(), visits("beta"), nil)
	wantProblem(t, err, "Tenant is not known [tenant]\nThe landlord database has no tenant `beta`, and no tenant of this run that was planned so far has that slug.\n\n"+
		"Refer to `slug` of a `landlord_tenant`, so that Terraform knows the order, or correct the slug.")
}
