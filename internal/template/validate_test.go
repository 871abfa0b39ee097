package template_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

const (
	tableB = "CREATE TABLE b (id INT PRIMARY KEY);\n"
	tableM = "CREATE TABLE m (id INT PRIMARY KEY);\n"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	base := files{
		"core/001_users.sql": "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(50) NOT NULL);\nCREATE VIEW names AS SELECT name FROM users;\n",
		"optional/votes.sql": "CREATE TABLE votes (id INT PRIMARY KEY);\n",
	}
	tests := map[string]struct {
		files   files
		extends bool // base@1.0.0
		frozen  []string
		open    []string
		want    string
	}{
		"nothing wrong": {
			files: files{"core/a.sql": ok, "optional/m.sql": tableM, "seeds/a.sql": "INSERT INTO a VALUES (1);", "migrations/0.9.0--1.0.0.sql": "UPDATE a SET id = 1;"},
		},
		"syntax": {
			files: files{"core/a.sql": "CREATE TABLE a (\n  id INT PRIMARY KEY,,\n  name VARCHAR(50)\n);"},
			want:  lines("core/a.sql:2:22: error: SQL syntax error: `,` is not understood here, in `CREATE TABLE a`."),
		},
		"text that does not end": {
			files: files{"core/a.sql": ok + "CREATE VIEW v AS SELECT 'x;\n"},
			want:  lines("core/a.sql:2:25: error: SQL cannot be split into statements: A text in ' quotes is never closed."),
		},
		"duplicate table": {
			files: files{"core/001_a.sql": ok, "core/002_b.sql": tableB + "CREATE TABLE a (id INT PRIMARY KEY);"},
			want:  lines("core/002_b.sql:2:14: error: Object is defined twice: Table `a` is defined already, in `core/001_a.sql:1:14`. Remove one of them, or give it another name."),
		},
		"foreign key to nothing": {
			files: files{"core/a.sql": "CREATE TABLE a (\n  id INT PRIMARY KEY,\n  CONSTRAINT fk FOREIGN KEY (id) REFERENCES nobody (id)\n);"},
			want:  lines("core/a.sql:3:45: error: Table is not defined: Foreign key `fk` needs table `nobody`, which is defined nowhere."),
		},
		"foreign key to a later table": {
			files: files{"core/a.sql": "CREATE TABLE a (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES b (id));\n" + tableB},
		},
		"view on a later table": {
			files: files{"core/a.sql": "CREATE VIEW v AS SELECT id FROM b;\n" + tableB},
			want:  lines("core/a.sql:1:33: error: Object is defined too late: View `v` needs table `b`, which is defined only later, in line 2. Move it behind that."),
		},
		"seed of a table that is not there": {
			files: files{"core/a.sql": ok, "seeds/a.sql": "INSERT INTO nobody (id) VALUES (1);"},
			want:  lines("seeds/a.sql:1:13: error: Table is not defined: `INSERT` needs table `nobody`, which is defined nowhere."),
		},
		"view on nothing": {
			files: files{"core/a.sql": ok + "CREATE VIEW v AS SELECT id FROM nobody;"},
			want:  lines("core/a.sql:2:33: error: Table is not defined: View `v` needs table `nobody`, which is defined nowhere."),
		},
		"view of a column that is not there": {
			files: files{"core/a.sql": ok + "CREATE VIEW v AS SELECT a.nothing FROM a;"},
			want:  lines("core/a.sql:2:27: error: Column is not defined: Table `a` has no column `nothing`."),
		},
		"no primary key": {
			files: files{"core/a.sql": "-- a log\nCREATE TABLE a (id INT);"},
			want:  lines("core/a.sql:2:14: warning: Table without a primary key: Table `a` has no primary key. Replication, online changes and copies of single rows need one."),
		},
		"another database": {
			files: files{"core/a.sql": ok + "CREATE VIEW v AS SELECT user FROM mysql.user;"},
			want:  lines("core/a.sql:2:35: error: Another database is named: `mysql.user` is about the whole server, other tenants included. Everything has to stay in the tenant's own database: leave it out."),
		},
		"rows in core": {
			files: files{"core/a.sql": ok + "INSERT INTO a VALUES (1);"},
			want:  lines("core/a.sql:2:1: warning: Rows in the core become seeds: 1 statement changes rows: it runs as a seed, when the structure stands. Move what is to be a seed into a file in `seeds/` to be rid of this warning."),
		},
		"table in seeds": {
			files: files{"core/a.sql": ok, "seeds/b.sql": tableB},
			want:  lines("seeds/b.sql:1:1: error: Statement has no place in this layer: `CREATE` changes the schema. Move it to a file in `core/` or `optional/`."),
		},
		"account in a migration": {
			files: files{"core/a.sql": ok, "migrations/0.9.0--1.0.0.sql": "GRANT ALL ON *.* TO x;"},
			want:  lines("migrations/0.9.0--1.0.0.sql:1:1: error: Accounts are no part of a schema: `GRANT` changes accounts. The accounts of a server are looked after elsewhere. Leave the statement out."),
		},
		"file without statements": {
			files: files{"core/a.sql": ok, "core/b.sql": "-- to be written\n"},
			want:  lines("core/b.sql: warning: File without statements: Nothing in this file is sent to a server. Remove it, or write what it is for."),
		},
		"no core": {
			files: files{"optional/m.sql": tableM},
			want:  lines("error: Template without a core: Neither the template nor what it extends has a statement in `core`, so a tenant without modules would be an empty database. Put what every tenant has into `core`, for example into `core/001_users.sql`."),
		},
		"modules with one table": {
			files: files{"core/a.sql": ok, "optional/one.sql": tableM, "optional/two.sql": "-- landlord:description: Two\n" + tableM},
			want:  lines("optional/two.sql:2:14: error: Modules clash: Modules `one` and `two` may be chosen together, but do not fit together. Table `m` is defined already, in `optional/one.sql:1:14` (module one). Remove one of them, or give it another name. If they are not meant to be combined, write `-- landlord:conflicts: two` in the header of module `one`. (with modules `one` and `two`)"),
		},
		"modules with one table that exclude each other": {
			files: files{"core/a.sql": ok, "optional/one.sql": tableM, "optional/two.sql": "-- landlord:conflicts: one\n" + tableM},
		},
		"modules with one constraint": {
			files: files{
				"core/a.sql":       ok,
				"optional/one.sql": "CREATE TABLE m1 (id INT PRIMARY KEY, x INT, CONSTRAINT ck_x CHECK (x > 0));",
				"optional/two.sql": "CREATE TABLE m2 (id INT PRIMARY KEY, x INT, CONSTRAINT ck_x CHECK (x > 0));",
			},
			want: lines("optional/two.sql:1:56: error: Modules clash: Modules `one` and `two` may be chosen together, but do not fit together. Constraint `ck_x` is defined already, in `optional/one.sql:1:56` (module one). Names of constraints count for the whole database: give it another one. If they are not meant to be combined, write `-- landlord:conflicts: two` in the header of module `one`. (with modules `one` and `two`)"),
		},
		"module and core with one table": {
			files: files{"core/a.sql": ok, "optional/one.sql": ok, "optional/two.sql": tableM},
			want:  lines("optional/one.sql:1:14: error: Object is defined twice: Table `a` is defined already, in `core/a.sql:1:14` (core). Remove one of them, or give it another name. (with module `one`)"),
		},
		"module that needs another": {
			files: files{"core/a.sql": ok, "optional/one.sql": tableM, "optional/two.sql": "CREATE TABLE n (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES m (id));"},
			want:  lines("optional/two.sql:1:65: error: Table is not defined: A foreign key of table `n` needs table `m`, which is defined nowhere. It is there with module `one`: if module `two` cannot be without it, write `-- landlord:requires: one` in its header. (with module `two`)"),
		},
		"module that needs another and says so": {
			files: files{"core/a.sql": ok, "optional/one.sql": tableM, "optional/two.sql": "-- landlord:requires: one\nCREATE TABLE n (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES m (id));"},
		},
		"unknown module required": {
			files: files{"core/a.sql": ok, "optional/one.sql": "-- landlord:description: One\n-- landlord:requires: tow\n" + tableM, "optional/two.sql": tableB},
			want:  lines("optional/one.sql:2:4: error: Module header names an unknown module: Module `one` names module `tow` in `requires`, which does not exist; there is `two`."),
		},
		"unknown module in conflicts": {
			files: files{"core/a.sql": ok, "optional/one.sql": "-- landlord:conflicts: tow\n" + tableM},
			want:  lines("optional/one.sql:1:4: error: Module header names an unknown module: Module `one` names module `tow` in `conflicts`, which does not exist; there is no other module."),
		},
		"circle of modules": {
			files: files{
				"core/a.sql": ok, "optional/one.sql": "-- landlord:requires: two\n" + tableM,
				"optional/two.sql": "-- landlord:requires: three\n" + tableB, "optional/three.sql": "-- landlord:requires: one\nCREATE TABLE c (id INT PRIMARY KEY);",
			},
			want: lines("optional/one.sql:1:4: error: Modules require each other in a circle: `one` requires `two` requires `three` requires `one`. Move what they share into a module that both require, or make one module of them."),
		},
		"requires what it excludes": {
			files: files{"core/a.sql": ok, "optional/one.sql": "-- landlord:requires: two\n-- landlord:conflicts: two\n" + tableM, "optional/two.sql": tableB},
			want:  lines("optional/one.sql:1:4: error: Module can never be chosen: Module `one` requires module `two`, and the two exclude each other. Remove the requirement or the conflict."),
		},
		"requires what is excluded by what it requires": {
			files: files{
				"core/a.sql": ok, "optional/one.sql": "-- landlord:requires: three, two\n" + tableM,
				"optional/two.sql": "-- landlord:conflicts: three\n" + tableB, "optional/three.sql": "CREATE TABLE c (id INT PRIMARY KEY);",
			},
			want: lines("optional/one.sql:1:4: error: Module can never be chosen: Module `one` requires modules `three` and `two`, which exclude each other. Remove the requirement or the conflict."),
		},
		"module that can never be chosen is read all the same": {
			files: files{"core/a.sql": ok, "optional/one.sql": "-- landlord:requires: two\nCREATE TABLE;", "optional/two.sql": "-- landlord:requires: one\n" + tableB},
			want: lines(
				"optional/one.sql:1:4: error: Modules require each other in a circle: `one` requires `two` requires `one`. Move what they share into a module that both require, or make one module of them.",
				"optional/one.sql:2:13: error: SQL syntax error: The statement ends too early: `CREATE`.",
			),
		},
		"module name of the parent": {
			extends: true,
			files:   files{"core/a.sql": ok, "optional/votes.sql": tableM},
			want:    lines("optional/votes.sql: error: Module name is taken by the parent: Template `base@1.0.0` has a module `votes` already, and both could be chosen. Give this one another name."),
		},
		"child that extends": {
			extends: true,
			files:   files{"core/a.sql": "ALTER TABLE users ADD COLUMN email VARCHAR(254) NULL, ADD UNIQUE KEY uq_email (email);\nCREATE INDEX ix_name ON users (name);\n" + ok},
		},
		"child that drops a table": {
			extends: true,
			files:   files{"core/a.sql": ok + "DROP TABLE users;"},
			want:    lines("core/a.sql:2:12: error: Object of another layer is changed: Table `users` is defined in `base@1.0.0/core/001_users.sql:1:14` (core of base@1.0.0) and cannot be dropped from here. What may be added to it are columns, keys and constraints."),
		},
		"child that drops a column": {
			extends: true,
			files:   files{"core/a.sql": ok + "ALTER TABLE users\n  DROP COLUMN name;"},
			want:    lines("core/a.sql:3:15: error: Object of another layer is changed: Table `users` is defined in `base@1.0.0/core/001_users.sql:1:14` (core of base@1.0.0) and cannot be changed from here. What may be added to it are columns, keys and constraints."),
		},
		"child that changes a column": {
			extends: true,
			files:   files{"core/a.sql": ok + "ALTER TABLE users MODIFY COLUMN name VARCHAR(500) NULL;"},
			want:    lines("core/a.sql:2:33: error: Object of another layer is changed: Table `users` is defined in `base@1.0.0/core/001_users.sql:1:14` (core of base@1.0.0) and cannot be changed from here. What may be added to it are columns, keys and constraints."),
		},
		"child that renames a table": {
			extends: true,
			files:   files{"core/a.sql": ok + "ALTER TABLE users RENAME TO people;"},
			want:    lines("core/a.sql:2:19: error: Object of another layer is changed: Table `users` is defined in `base@1.0.0/core/001_users.sql:1:14` (core of base@1.0.0) and cannot be changed from here. What may be added to it are columns, keys and constraints."),
		},
		"child that has a table of the parent": {
			extends: true,
			files:   files{"core/a.sql": "CREATE TABLE users (id INT PRIMARY KEY);"},
			want:    lines("core/a.sql:1:14: error: Object is defined twice: Table `users` is defined already, in `base@1.0.0/core/001_users.sql:1:14` (core of base@1.0.0). Remove one of them, or give it another name."),
		},
		"child that has a view of the parent": {
			extends: true,
			files:   files{"core/a.sql": "CREATE OR REPLACE VIEW names AS SELECT id FROM users;"},
			want: lines(
				"core/a.sql:1:24: error: Object is defined twice: View `names` is defined already, in `base@1.0.0/core/001_users.sql:2:13` (core of base@1.0.0). Remove one of them, or give it another name.",
			),
		},
		"child that extends a module of the parent in its core": {
			extends: true,
			files:   files{"core/a.sql": ok + "ALTER TABLE votes ADD COLUMN weight INT NULL;"},
			want:    lines("core/a.sql:2:13: error: Table is not defined: `ALTER TABLE votes` needs table `votes`, which is defined nowhere."),
		},
		"module that drops a column of the core": {
			files: files{"core/a.sql": "CREATE TABLE a (id INT PRIMARY KEY, x INT);", "optional/m.sql": "ALTER TABLE a DROP COLUMN x;"},
			want:  lines("optional/m.sql:1:27: error: Object of another layer is changed: Table `a` is defined in `core/a.sql:1:14` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints. (with module `m`)"),
		},
		"module that extends the core": {
			files: files{"core/a.sql": ok, "optional/m.sql": "ALTER TABLE a ADD COLUMN x INT NULL;"},
		},
		"module that extends a frozen table": {
			files:  files{"core/a.sql": ok, "optional/m.sql": tableM + "ALTER TABLE a ADD COLUMN x INT NULL;"},
			frozen: []string{"a"},
			want:   lines("optional/m.sql:2:1: error: Frozen table is extended: Table `a` is frozen by template `shop@1.0.0`: neither modules nor templates above may change or extend it. Put what is needed into a table of its own that refers to `a`. (with module `m`)"),
		},
		"index on a frozen table": {
			files:  files{"core/a.sql": ok, "optional/m.sql": "CREATE INDEX ix ON a (id);"},
			frozen: []string{"a"},
			want:   lines("optional/m.sql:1:1: error: Frozen table is extended: Table `a` is frozen by template `shop@1.0.0`: neither modules nor templates above may change or extend it. Put what is needed into a table of its own that refers to `a`. (with module `m`)"),
		},
		"trigger on a frozen table": {
			files:  files{"core/a.sql": ok, "optional/m.sql": "CREATE TRIGGER tr BEFORE INSERT ON a FOR EACH ROW SET NEW.id = 1;"},
			frozen: []string{"a"},
			want:   lines("optional/m.sql:1:1: error: Frozen table is extended: Table `a` is frozen by template `shop@1.0.0`: neither modules nor templates above may change or extend it. Put what is needed into a table of its own that refers to `a`. (with module `m`)"),
		},
		"own core may shape a frozen table": {
			files:  files{"core/a.sql": ok + "ALTER TABLE a ADD COLUMN x INT NULL;"},
			frozen: []string{"a"},
		},
		"reference to a frozen table": {
			files:  files{"core/a.sql": ok, "optional/m.sql": "CREATE TABLE m (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES a (id));"},
			frozen: []string{"a"},
		},
		"frozen table that is mistyped": {
			files:  files{"core/a.sql": "CREATE TABLE accounts (id INT PRIMARY KEY);"},
			frozen: []string{"account"},
			want:   lines("error: Frozen table does not exist: `frozen_tables` names table `account`, which no core defines. Did you mean `accounts`?"),
		},
		"events that end": {
			files: files{"core/a.sql": ok + "CREATE EVENT always ON SCHEDULE EVERY 1 DAY DO DELETE FROM a;\nCREATE EVENT once ON SCHEDULE AT '2035-01-01' DO DELETE FROM a;",
				"migrations/0.9.0--1.0.0.sql": "ALTER EVENT always ON SCHEDULE EVERY 1 DAY ENDS '2036-01-01';"},
			want: lines(
				"core/a.sql:3:1: error: Event ends by itself: Event `once` has a last run (`AT` or `ENDS`), behind which the server drops or disables it, so that it is no part of a schema. Give it a schedule with `EVERY` and without `ENDS`, or put what is to run once into `migrations/`.",
				"migrations/0.9.0--1.0.0.sql:1:1: error: Event ends by itself: Event `always` has a last run (`AT` or `ENDS`), behind which the server drops or disables it, so that it is no part of a schema. Give it a schedule with `EVERY` and without `ENDS`, or put what is to run once into `migrations/`.",
			),
		},
		"extension points": {
			extends: true,
			files:   files{"core/a.sql": ok, "optional/m.sql": tableM},
			open:    []string{"a", "m", "users", "votes"},
		},
		"extension points that are mistyped, or frozen": {
			files:  files{"core/a.sql": "CREATE TABLE accounts (id INT PRIMARY KEY);" + tableB},
			frozen: []string{"b"},
			open:   []string{"account", "b"},
			want: lines(
				"error: Extension point cannot be used: `extension_points` names table `account`, which neither the core nor a module defines. Did you mean `accounts`?",
				"error: Extension point cannot be used: `extension_points` names table `b`, which is frozen: nothing may extend it. Remove it from one of the two.",
			),
		},
		"frozen table of the parent": {
			extends: true,
			files:   files{"core/a.sql": ok, "optional/m.sql": "ALTER TABLE users ADD COLUMN x INT NULL;"},
			frozen:  []string{"users"},
			want:    lines("optional/m.sql:1:1: error: Frozen table is extended: Table `users` is frozen by template `shop@1.0.0`: neither modules nor templates above may change or extend it. Put what is needed into a table of its own that refers to `users`. (with module `m`)"),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var family []template.Template
			id := "shop@1.0.0"
			if test.extends {
				family = append(family, base.build(t, "base@1.0.0"))
				id += " extends base@1.0.0"
			}
			made := test.files.build(t, id)
			made.FrozenTables, made.ExtensionPoints = test.frozen, test.open
			l := lineage(t, append(family, made)...)
			diff(t, texts(l.Validate(mysql97)), test.want)
		})
	}
}
