package template_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestCompose_order: rows of a core file run behind the whole structure, unless a
// statement below them would have another effect in front of them. Then all cores run
// as they are written.
func TestCompose_order(t *testing.T) {
	t.Parallel()
	const a, b, row = "CREATE TABLE a (id INT PRIMARY KEY, n INT);\n", "CREATE TABLE b (id INT PRIMARY KEY);\n", "INSERT INTO a (id) VALUES (1);\n"
	for name, c := range map[string]struct {
		files files
		want  string
	}{
		"trigger behind rows": {files{"core/1.sql": a + row + "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1;\n" + b},
			"core/1.sql:1 core/1.sql:2 core/1.sql:3 core/1.sql:4 true\n" +
				"core/1.sql:3:1: warning: Rows of the core stay among its structure: `CREATE TRIGGER t` stays behind the rows: what stands above it changes rows of `a` (core/1.sql:2) and would set it off. So the statements of all cores run one by one in the order of the files, and a creation that is cut off among them has to begin anew. Put the rows into a file in `seeds/` to be rid of this warning, where it makes no difference.\n"},
		"trigger in another file": {files{"core/1.sql": a + row, "core/2.sql": "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1;\n", "seeds/1.sql": row},
			"core/1.sql:1 core/1.sql:2 core/2.sql:1 seeds/1.sql:1 true\n" +
				"core/2.sql:1:1: warning: Rows of the core stay among its structure: `CREATE TRIGGER t` stays behind the rows: what stands above it changes rows of `a` (core/1.sql:2) and would set it off. So the statements of all cores run one by one in the order of the files, and a creation that is cut off among them has to begin anew. Put the rows into a file in `seeds/` to be rid of this warning, where it makes no difference.\n"},
		"trigger before rows": {files{"core/1.sql": a + "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1;\n" + row + b},
			"core/1.sql:1 core/1.sql:2 core/1.sql:4 core/1.sql:3 false\n" +
				"core/1.sql:3:1 becomes a seed\n"},
		"trigger of another table": {files{"core/1.sql": a + b + row + "CREATE TRIGGER t BEFORE INSERT ON b FOR EACH ROW SET NEW.id = 1;\n"},
			"core/1.sql:1 core/1.sql:2 core/1.sql:4 core/1.sql:3 false\n" +
				"core/1.sql:3:1 becomes a seed\n"},
		"trigger that another one sets off": {files{"core/1.sql": a + b + "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW INSERT INTO b VALUES (1);\n" + row + "CREATE TRIGGER t2 BEFORE INSERT ON b FOR EACH ROW SET NEW.id = 1;\n"},
			"core/1.sql:1 core/1.sql:2 core/1.sql:3 core/1.sql:4 core/1.sql:5 true\n" +
				"core/1.sql:5:1: warning: Rows of the core stay among its structure: `CREATE TRIGGER t2` stays behind the rows: what stands above it changes rows of `b` (core/1.sql:4) and would set it off. So the statements of all cores run one by one in the order of the files, and a creation that is cut off among them has to begin anew. Put the rows into a file in `seeds/` to be rid of this warning, where it makes no difference.\n"},
		"trigger that a function sets off": {files{"core/1.sql": a + b + "CREATE FUNCTION f() RETURNS INT BEGIN INSERT INTO b VALUES (1); RETURN 1; END;\nINSERT INTO a (id) VALUES (f());\nCREATE TRIGGER t2 BEFORE INSERT ON b FOR EACH ROW SET NEW.id = 1;\n"},
			"core/1.sql:1 core/1.sql:2 core/1.sql:3 core/1.sql:4 core/1.sql:5 true\n" +
				"core/1.sql:5:1: warning: Rows of the core stay among its structure: `CREATE TRIGGER t2` stays behind the rows: what stands above it changes rows of `b` (core/1.sql:4) and would set it off. So the statements of all cores run one by one in the order of the files, and a creation that is cut off among them has to begin anew. Put the rows into a file in `seeds/` to be rid of this warning, where it makes no difference.\n"},
		"trigger of the table behind a view": {files{"core/1.sql": a + "CREATE VIEW v AS SELECT id, n FROM a;\nINSERT INTO v VALUES (1, 1);\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1;\n"},
			"core/1.sql:1 core/1.sql:2 core/1.sql:3 core/1.sql:4 true\n" +
				"core/1.sql:4:1: warning: Rows of the core stay among its structure: `CREATE TRIGGER t` stays behind the rows: what stands above it changes rows of `a` (core/1.sql:3) and would set it off. So the statements of all cores run one by one in the order of the files, and a creation that is cut off among them has to begin anew. Put the rows into a file in `seeds/` to be rid of this warning, where it makes no difference.\n"},
		"table that the file empties": {files{"core/1.sql": a + row + "TRUNCATE a;\n" + row},
			"core/1.sql:1 core/1.sql:4 false\n" +
				"core/1.sql:3:1: warning: Statement is left out: `TRUNCATE` is of no use here: a new database has no rows but those of the file, and those that stand above it are left out. Remove it to be rid of this warning.\n" +
				"core/1.sql:4:1 becomes a seed\n"},
		"table that another file empties": {files{"core/1.sql": a + row, "core/2.sql": "TRUNCATE a;\nINSERT INTO a (id) VALUES (2);\n"},
			"core/1.sql:2:1 becomes a seed\n" +
				"core/2.sql:1:1: error: Rows of another file are truncated: `TRUNCATE` of `a` would take rows that stand in another file (core/1.sql:2). Remove those, and the statement.\n" +
				"core/2.sql:1:1: warning: Statement is left out: `TRUNCATE` is of no use here: a new database has no rows but those of the file, and those that stand above it are left out. Remove it to be rid of this warning.\n" +
				"core/2.sql:2:1 becomes a seed\n"},
		"table of a query": {files{"core/1.sql": a + row + "CREATE TABLE c AS SELECT id FROM a;\n"},
			"core/1.sql:1 core/1.sql:2 core/1.sql:3 true\n" +
				"core/1.sql:3:1: warning: Rows of the core stay among its structure: `CREATE TABLE c` stays behind the rows: it is filled with what stands above it (core/1.sql:2). So the statements of all cores run one by one in the order of the files, and a creation that is cut off among them has to begin anew. Put the rows into a file in `seeds/` to be rid of this warning, where it makes no difference.\n"},
		"table of a query on others": {files{"core/1.sql": a + b + row + "CREATE TABLE c AS SELECT id FROM b;\n"},
			"core/1.sql:1 core/1.sql:2 core/1.sql:4 core/1.sql:3 false\n" +
				"core/1.sql:3:1 becomes a seed\n"},
		"column that comes later": {files{"core/1.sql": a + row + "ALTER TABLE a ADD x INT;\n" + row},
			"core/1.sql:1 core/1.sql:2 core/1.sql:3 core/1.sql:4 true\n" +
				"core/1.sql:3:1: warning: Rows of the core stay among its structure: `ALTER TABLE a` stays behind the rows: it changes columns or keys of `a`, whose rows stand above it (core/1.sql:2). So the statements of all cores run one by one in the order of the files, and a creation that is cut off among them has to begin anew. Put the rows into a file in `seeds/` to be rid of this warning, where it makes no difference.\n"},
		"default that changes": {files{"core/1.sql": a + row + "ALTER TABLE a ADD KEY (n), ALTER n SET DEFAULT 5;\n"},
			"core/1.sql:1 core/1.sql:2 core/1.sql:3 true\n" +
				"core/1.sql:3:1: warning: Rows of the core stay among its structure: `ALTER TABLE a` stays behind the rows: it changes columns or keys of `a`, whose rows stand above it (core/1.sql:2). So the statements of all cores run one by one in the order of the files, and a creation that is cut off among them has to begin anew. Put the rows into a file in `seeds/` to be rid of this warning, where it makes no difference.\n"},
		"key that goes": {files{"core/1.sql": "CREATE TABLE a (id INT PRIMARY KEY, n INT, UNIQUE KEY n (n));\n" + row + "DROP INDEX n ON a;\n"},
			"core/1.sql:1 core/1.sql:2 core/1.sql:3 true\n" +
				"core/1.sql:3:1: warning: Rows of the core stay among its structure: `DROP INDEX` on table `a` stays behind the rows: what stands above it changes rows of `a` (core/1.sql:2) and may depend on the key. So the statements of all cores run one by one in the order of the files, and a creation that is cut off among them has to begin anew. Put the rows into a file in `seeds/` to be rid of this warning, where it makes no difference.\n"},
		"keys of phpMyAdmin": {files{"core/1.sql": "SET SQL_MODE = 'NO_AUTO_VALUE_ON_ZERO';\nCREATE TABLE a (id INT NOT NULL);\n" + row + "ALTER TABLE a ADD PRIMARY KEY (id), ADD CONSTRAINT c CHECK (id > 0);\nALTER TABLE a MODIFY id INT NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=4;\n"},
			"core/1.sql:2 core/1.sql:4 core/1.sql:5 core/1.sql:3 false\n" +
				"core/1.sql:3:1 becomes a seed\n"},
		"module": {files{"core/1.sql": a, "optional/m.sql": b + "INSERT INTO b VALUES (1);\nCREATE TRIGGER t BEFORE INSERT ON b FOR EACH ROW SET NEW.id = 1;\n"},
			"optional/m.sql:2:1 becomes a seed\n" +
				"optional/m.sql:3:1: error: Rows of a module depend on its structure: `CREATE TRIGGER t` has to stay behind the rows: what stands above it changes rows of `b` (optional/m.sql:2) and would set it off. A module may come to a tenant that exists, whose rows run when the structure stands. Put the file into `core/`, or write the structure first, and rows that suit it.\n"},
		"trigger of a module on rows of the core": {files{"core/1.sql": a + row, "optional/m.sql": "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1;\n"},
			"core/1.sql:1 optional/m.sql:1 core/1.sql:2 false\n" +
				"core/1.sql:2:1 becomes a seed\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var modules []string
			if c.files["optional/m.sql"] != "" {
				modules = []string{"m"}
			}
			composed, findings := lineage(t, c.files.build(t, "shop@1.0.0")).Compose(modules, mysql97)
			var b strings.Builder
			if composed != nil {
				for _, st := range composed.Statements {
					fmt.Fprintf(&b, "%s:%d ", st.File, st.Line)
				}
				fmt.Fprintf(&b, "%v\n", composed.Ordered)
			}
			b.WriteString(strings.ReplaceAll(texts(findings), ": warning: Rows in the core become seeds: 1 statement changes rows: it runs as a seed, when the structure stands. Move what is to be a seed into a file in `seeds/` to be rid of this warning.", " becomes a seed"))
			diff(t, b.String(), c.want)
		})
	}
}
