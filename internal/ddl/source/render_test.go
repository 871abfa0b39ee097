package source

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

func TestParse_sql(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, want string }{
		"table":               {"create table t (\n id int unsigned not null, -- the id\n name varchar(20) default 'it''s',\n primary key(id)\n) engine = innodb", "CREATE TABLE `t` (`id` int unsigned NOT NULL, `name` varchar(20) DEFAULT 'it\\'s', PRIMARY KEY (`id`)) ENGINE innodb"},
		"boolean keeps 1":     {"CREATE TABLE t (b BOOLEAN NOT NULL DEFAULT 1)", "CREATE TABLE `t` (`b` BOOLEAN NOT NULL DEFAULT 1)"},
		"unwrapped":           {"CREATE TABLE t (id INT) /*!50100 PARTITION BY HASH (id) PARTITIONS 2 */", "CREATE TABLE `t` (`id` INT) PARTITION BY HASH (`id`) PARTITIONS 2"},
		"not unwrapped":       {"CREATE TABLE t (id INT /*!80023 INVISIBLE */)", "CREATE TABLE t (id INT /*!80023 INVISIBLE */)"},
		"of MariaDB":          {"CREATE TABLE t (id INT /*M!100100 COMPRESSED */)", "CREATE TABLE t (id INT /*M!100100 COMPRESSED */)"},
		"check on its column": {"CREATE TABLE t (a INT, b INT CHECK (b > 0))", "CREATE TABLE t (a INT, b INT CHECK (b > 0))"},
		"not of the grammar":  {"CREATE TABLE t (a\n  DOUBLE PRECISION)", "CREATE TABLE t (a DOUBLE PRECISION)"},
		"reserved since 9":    {"CREATE TABLE t (`external` INT)", "CREATE TABLE `t` (`external` INT)"},
		"index":               {"CREATE INDEX i\nON t (a)", "ALTER TABLE `t` ADD KEY `i` (`a`)"},
		"view":                {"CREATE VIEW v AS\n SELECT a, b AS c FROM t", "CREATE VIEW `v` AS SELECT `a`, `b` AS `c` FROM `t`"},
		"view without a name": {"CREATE VIEW v AS\n SELECT a  +  1 FROM t", "CREATE VIEW v AS\n SELECT a  +  1 FROM t"},
		"routine":             {"CREATE PROCEDURE p()\nBEGIN\n  -- stays\n  SELECT 1;\nEND", "CREATE PROCEDURE p()\nBEGIN\n  -- stays\n  SELECT 1;\nEND"},
		"trigger of a dump":   {"/*!50003 CREATE*/ /*!50003 TRIGGER t BEFORE INSERT ON a\nFOR EACH ROW SET @a = 1 */", "CREATE  TRIGGER t BEFORE INSERT ON a\nFOR EACH ROW SET @a = 1"},
		"rows":                {"INSERT INTO t\nVALUES (1, 'a\nb'), -- one\n (2, 'c')", "INSERT INTO t VALUES (1, 'a\nb'), (2, 'c')"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			statements, faults := Parse(tc.text, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
			if len(faults) > 0 || len(statements) != 1 {
				t.Fatalf("%d statements, %v", len(statements), faults)
			}
			if got := statements[0].SQL; got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
			if got := statements[0].Text; got != tc.text {
				t.Errorf("text is %q", got)
			}
		})
	}
}

func TestParse_faults(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, want string }{
		"word":       {"SELECT 1;\nCREATE TABLE users (\n  id INT PRIMRY KEY\n)", "3:10: error: SQL syntax error: `PRIMRY` is not understood here, in `CREATE TABLE users`."},
		"comma":      {"CREATE TABLE users (\n  id INT,\n)", "3:1: error: SQL syntax error: `)` is not understood here, in `CREATE TABLE users`."},
		"end":        {"CREATE TABLE users (id INT", "1:27: error: SQL syntax error: The statement ends too early: `CREATE TABLE users`."},
		"view":       {"CREATE VIEW v AS SELECT FROM t", "1:25: error: SQL syntax error: `FROM` is not understood here, in `CREATE VIEW v`."},
		"alter":      {"ALTER TABLE t ADD COLUMN", "1:25: error: SQL syntax error: The statement ends too early: `ALTER TABLE t`."},
		"splitting":  {"CREATE TABLE t (a VARCHAR(3) DEFAULT 'x)", "1:38: error: SQL cannot be split into statements: A text in ' quotes is never closed."},
		"left alone": {"CREATE TABLE t (a DOUBLE PRECISION PRIMRY)", ""},
		"other":      {"CREATE TRIGGER t BEFORE NONSENSE", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, faults := Parse(tc.text, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
			got := ""
			for _, f := range faults {
				got += f.String()
			}
			if got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

func TestParserVersion(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		srv  ddl.Server
		want string
	}{
		"MySQL":               {ddl.Server{Product: ddl.MySQL, Version: "9.7.4"}, "9.7.4"},
		"build":               {ddl.Server{Product: ddl.MySQL, Version: "8.0.36-28.1-log"}, "8.0.36"},
		"cloud":               {ddl.Server{Product: ddl.MySQL, Version: "8.0.mysql_aurora.3.05.2"}, "8.0.0"},
		"nothing":             {ddl.Server{Product: ddl.MySQL, Version: ""}, "8.0.0"},
		"beyond":              {ddl.Server{Product: ddl.MySQL, Version: "26.1.0"}, "9.99.99"},
		"MariaDB":             {ddl.Server{Product: ddl.MariaDB, Version: "10.11.19-MariaDB"}, "8.4.0"},
		"MariaDB in disguise": {ddl.Server{Product: ddl.MariaDB, Version: "5.5.5-10.11.19-MariaDB"}, "8.4.0"},
	}
	for name, tc := range cases {
		if got := parserVersion(tc.srv); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
		newParser(tc.srv)
	}
}
