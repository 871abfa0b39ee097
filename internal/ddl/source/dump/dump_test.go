package dump_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source/dump"
)

// fileText writes what Parse made of a file: a line a statement, with its
// settings, then the rows, then the faults.
func fileText(f dump.File) string {
	var b strings.Builder
	write := func(mark string, statements []source.Statement) {
		for _, st := range statements {
			fmt.Fprintf(&b, "%s%s %s", mark, st.Position, st.SQL)
			s := st.Settings
			if s.SQLMode != "" || s.NoSQLMode {
				fmt.Fprintf(&b, " [mode %q]", s.SQLMode)
			}
			if s.CharacterSetClient != "" || s.CollationConnection != "" {
				fmt.Fprintf(&b, " [client %s %s]", s.CharacterSetClient, s.CollationConnection)
			}
			if s.TimeZone != "" {
				fmt.Fprintf(&b, " [zone %s]", s.TimeZone)
			}
			if s.NoForeignKeyChecks {
				b.WriteString(" [no checks]")
			}
			b.WriteString("\n")
		}
	}
	write("", f.Schema)
	write("row ", f.Rows)
	for _, fault := range f.Faults {
		fmt.Fprintf(&b, "%s %s: %s: %s\n", fault.Severity, fault.Position, fault.Summary, fault.Detail)
	}
	return b.String()
}

func TestParse(t *testing.T) {
	t.Parallel()
	mysql, mariadb := ddl.Server{Product: ddl.MySQL, Version: "9.7.4"}, ddl.Server{Product: ddl.MariaDB, Version: "10.11.19-MariaDB"}
	seed := func(n string) string {
		return n + ", when the structure stands. Move what is to be a seed into a file in `seeds/` to be rid of this warning.\n"
	}
	one, two := seed("1 statement changes rows: it runs as a seed"), seed("2 statements change rows: they run as seeds")
	for name, c := range map[string]struct {
		srv   ddl.Server
		layer source.Layer
		text  string
		want  string
	}{
		"backslash at the end of a line": {text: "CREATE TABLE a (id int, \\\n b int);\\\n",
			want: "1:1 CREATE TABLE `a` (`id` int, `b` int)\n"},
		"backslash in a text stays": {layer: source.LayerSeed, text: "INSERT INTO a VALUES ('x\\\ny');",
			want: "1:1 INSERT INTO a VALUES ('x\\\ny')\n"},
		"definer of a view": {text: "CREATE ALGORITHM=MERGE DEFINER=`app user`@`%` SQL SECURITY DEFINER VIEW v AS SELECT 1 AS a;",
			want: "1:1 CREATE ALGORITHM=MERGE SQL SECURITY DEFINER VIEW v AS SELECT 1 AS a\n" +
				"warning 1:24: Definer is left out: `v` belongs to the tenant, so `DEFINER=`app user`@`%`` is left out. Remove it to be rid of this warning.\n"},
		"definer without a host, and as a text": {text: "CREATE DEFINER=admin PROCEDURE p() SELECT 1;\nCREATE DEFINER='a'@'b' EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1;",
			want: "1:1 CREATE PROCEDURE p() SELECT 1\n" +
				"2:1 CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1\n" +
				"warning 1:8: Definer is left out: `p` belongs to the tenant, so `DEFINER=admin` is left out. Remove it to be rid of this warning.\n" +
				"warning 2:8: Definer is left out: `e` belongs to the tenant, so `DEFINER='a'@'b'` is left out. Remove it to be rid of this warning.\n"},
		"definer that is whoever applies": {text: "CREATE DEFINER=CURRENT_USER() FUNCTION f() RETURNS int RETURN 1;",
			want: "1:1 CREATE DEFINER=CURRENT_USER() FUNCTION f() RETURNS int RETURN 1\n"},
		"column called definer": {text: "CREATE TABLE a (definer int, x int);",
			want: "1:1 CREATE TABLE `a` (`definer` int, `x` int)\n"},
		"or replace": {text: "CREATE OR REPLACE VIEW v AS SELECT 1 AS a;", want: "1:1 CREATE VIEW v AS SELECT 1 AS a\n"},
		"comments of newer servers": {text: "CREATE TABLE a (id int, b int /*!80023 INVISIBLE */, c int /*!100000 UNIQUE */);",
			want: "1:1 CREATE TABLE `a` (`id` int, `b` int INVISIBLE, `c` int)\n"},
		"comments for MariaDB": {srv: mariadb, text: "CREATE TABLE a (id int /*M!100301 INVISIBLE */, b int /*!80023 INVISIBLE */, c int /*!100000 UNIQUE */);",
			want: "1:1 CREATE TABLE `a` (`id` int INVISIBLE, `b` int, `c` int UNIQUE)\n"},
		"only database": {text: "DROP DATABASE IF EXISTS shop;\nCREATE DATABASE shop;\nUSE `shop`;\nCREATE TABLE shop.a (id int, FOREIGN KEY (id) REFERENCES `shop`.`b` (id));\nINSERT INTO shop.a VALUES (1);",
			want: "4:1 CREATE TABLE `a` (`id` int, FOREIGN KEY (`id`) REFERENCES `b` (`id`))\n" +
				"row 5:1 INSERT INTO a VALUES (1)\n" +
				"warning 1:1: Statement is left out: `DROP DATABASE` is of no use here: everything runs in the tenant's own database. Remove it to be rid of this warning.\n" +
				"warning 2:1: Statement is left out: `CREATE DATABASE` is of no use here: everything runs in the tenant's own database. Remove it to be rid of this warning.\n" +
				"warning 3:1: Statement is left out: `USE` is of no use here: everything runs in the tenant's own database. Remove it to be rid of this warning.\n" +
				"warning 5:1: Rows in the core become seeds: " + one},
		"two databases": {text: "USE a;\nUSE b;\nCREATE TABLE a.t (id int);",
			want: "1:1 USE a\n" +
				"2:1 USE b\n" +
				"3:1 CREATE TABLE `a`.`t` (`id` int)\n"},
		"name of the database that is an alias": {text: "USE shop;\nCREATE VIEW v AS SELECT `shop`.id FROM a AS `shop`;",
			want: "2:1 CREATE VIEW `v` AS SELECT `shop`.`id` FROM `a` AS `shop`\n" +
				"warning 1:1: Statement is left out: `USE` is of no use here: everything runs in the tenant's own database. Remove it to be rid of this warning.\n"},
		"column with its database": {text: "USE shop;\nCREATE VIEW v AS SELECT `shop`.`a`.`id` AS id FROM `shop`.`a`;",
			want: "2:1 CREATE VIEW `v` AS SELECT `a`.`id` AS `id` FROM `a`\n" +
				"warning 1:1: Statement is left out: `USE` is of no use here: everything runs in the tenant's own database. Remove it to be rid of this warning.\n"},
		"character set of the database": {text: "CREATE DATABASE shop DEFAULT CHARACTER SET = latin1 COLLATE 'latin1_bin';\nCREATE TABLE a (id int);\nCREATE TABLE b (id int) CHARSET=utf8mb4;",
			want: "2:1 CREATE TABLE `a` (`id` int) CHARSET latin1, COLLATE latin1_bin\n" +
				"3:1 CREATE TABLE `b` (`id` int) CHARSET utf8mb4\n" +
				"warning 1:1: Statement is left out: `CREATE DATABASE` is of no use here: everything runs in the tenant's own database. Remove it to be rid of this warning.\n"},
		"character set of a database without a name": {text: "CREATE TABLE a (id int);\nALTER DATABASE CHARACTER SET latin1;\nCREATE TABLE b (id int);",
			want: "1:1 CREATE TABLE `a` (`id` int)\n" +
				"3:1 CREATE TABLE `b` (`id` int) CHARSET latin1\n" +
				"warning 2:1: Statement is left out: `ALTER DATABASE` is of no use here: everything runs in the tenant's own database. Remove it to be rid of this warning.\n"},
		"placeholder of a view": {text: "/*!50001 CREATE VIEW `v` AS SELECT 1 AS `id`*/;\n/*!50001 DROP VIEW IF EXISTS `v`*/;\n/*!50001 CREATE VIEW v AS SELECT 2 AS id */;",
			want: "3:10 CREATE VIEW v AS SELECT 2 AS id\nwarning 1:10: Statement is left out: `CREATE VIEW v` gives way to the definition further down. Remove it to be rid of this warning.\n"},
		"placeholder that is a table": {text: "CREATE TABLE v (id int) ENGINE=MyISAM;\nDROP TABLE IF EXISTS v;\nCREATE VIEW v AS SELECT 2 AS id;",
			want: "3:1 CREATE VIEW v AS SELECT 2 AS id\nwarning 1:1: Statement is left out: `CREATE TABLE v` gives way to the definition further down. Remove it to be rid of this warning.\n"},
		"table that is made again": {text: "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nALTER TABLE a ADD b int;\nDROP TABLE a;\nCREATE TABLE a (id int, c int);\nINSERT INTO a VALUES (2, 2);",
			want: "5:1 CREATE TABLE `a` (`id` int, `c` int)\n" +
				"row 6:1 INSERT INTO a VALUES (2, 2)\n" +
				"warning 1:1: Statement is left out: `CREATE TABLE a` gives way to the definition further down. Remove it to be rid of this warning.\n" +
				"warning 6:1: Rows in the core become seeds: " + one},
		"table that is dropped for good": {text: "CREATE TABLE a (id int);\nDROP TABLE a;", want: "1:1 CREATE TABLE `a` (`id` int)\n" +
			"2:1 DROP TABLE a\n"},
		"if not exists of what exists": {text: "CREATE TABLE a (id int);\nCREATE TABLE IF NOT EXISTS a (x int);",
			want: "1:1 CREATE TABLE `a` (`id` int)\n" +
				"warning 2:1: Statement is left out: `CREATE TABLE a` is of no use here: it is defined already, in line 1. Remove it to be rid of this warning.\n"},
		"routines of two kinds with one name": {text: "CREATE PROCEDURE a() SELECT 1;\nDROP FUNCTION IF EXISTS a;\nCREATE FUNCTION a() RETURNS int RETURN 1;",
			want: "1:1 CREATE PROCEDURE a() SELECT 1\n2:1 DROP FUNCTION IF EXISTS a\n3:1 CREATE FUNCTION a() RETURNS int RETURN 1\n"},
		"views in their order": {text: "CREATE VIEW c AS SELECT id FROM b;\nCREATE VIEW b AS SELECT id FROM a;\nCREATE VIEW a AS SELECT 1 AS id;\nCREATE TABLE t (id int);",
			want: "3:1 CREATE VIEW a AS SELECT 1 AS id\n" +
				"2:1 CREATE VIEW `b` AS SELECT `id` FROM `a`\n" +
				"1:1 CREATE VIEW `c` AS SELECT `id` FROM `b`\n" +
				"4:1 CREATE TABLE `t` (`id` int)\n"},
		"views in a circle": {text: "CREATE VIEW a AS SELECT id FROM b;\nCREATE VIEW b AS SELECT id FROM a;",
			want: "1:1 CREATE VIEW `a` AS SELECT `id` FROM `b`\n" +
				"2:1 CREATE VIEW `b` AS SELECT `id` FROM `a`\n"},
		"mode for what stands behind": {text: "SET sql_mode='NO_AUTO_VALUE_ON_ZERO';\nCREATE TABLE a (d date DEFAULT '0000-00-00');\nSET sql_mode=DEFAULT;\nCREATE TABLE b (id int);",
			want: "2:1 CREATE TABLE `a` (`d` date DEFAULT '0000-00-00') [mode \"NO_AUTO_VALUE_ON_ZERO\"]\n" +
				"4:1 CREATE TABLE `b` (`id` int)\n"},
		"mode kept and given back": {text: "SET @m = @@sql_mode, @@session.sql_mode = '';\nCREATE PROCEDURE p() SELECT 1;\nSET SESSION sql_mode := @m;\nCREATE PROCEDURE q() SELECT 1;",
			want: "2:1 CREATE PROCEDURE p() SELECT 1 [mode \"\"]\n4:1 CREATE PROCEDURE q() SELECT 1\n"},
		"mode from a variable of the file": {text: "SET @mode = \"\", @unknown = 1 + rand();\nSET @mode = 'NO_ZERO_DATE';\nSET SESSION sql_mode = @mode;\nCREATE PROCEDURE p() SELECT 1;\nSET sql_mode = @unknown;",
			want: "1:1 SET @mode = \"\", @unknown = 1 + rand()\n2:1 SET @mode = 'NO_ZERO_DATE'\n4:1 CREATE PROCEDURE p() SELECT 1 [mode \"NO_ZERO_DATE\"]\n5:1 SET sql_mode = @unknown\n"},
		"mode from a variable that is computed later": {text: "SET @mode = '';\nSET @mode = CONCAT(@mode, 'ANSI');\nSET sql_mode = @mode;\nCREATE PROCEDURE p() SELECT 1;",
			want: "1:1 SET @mode = ''\n2:1 SET @mode = CONCAT(@mode, 'ANSI')\n3:1 SET sql_mode = @mode\n4:1 CREATE PROCEDURE p() SELECT 1\n"},
		"mode from a variable that a row reads": {text: "SET @mode = '';\nSET sql_mode = @mode;\nINSERT INTO a VALUES (@mode);",
			want: "row 1:1 SET @mode = ''\nrow 3:1 INSERT INTO a VALUES (@mode) [mode \"\"]\nwarning 3:1: Rows in the core become seeds: " + one},
		"mode that only MariaDB has": {text: "SET sql_mode='NO_AUTO_CREATE_USER,STRICT_ALL_TABLES';\nCREATE TABLE a (id int);",
			want: "2:1 CREATE TABLE `a` (`id` int) [mode \"STRICT_ALL_TABLES\"]\n"},
		"the same on MariaDB": {srv: mariadb, text: "SET sql_mode='NO_AUTO_CREATE_USER,STRICT_ALL_TABLES';\nCREATE TABLE a (id int);",
			want: "2:1 CREATE TABLE `a` (`id` int) [mode \"NO_AUTO_CREATE_USER,STRICT_ALL_TABLES\"]\n"},
		"mode of another text": {text: "SET sql_mode='ANSI_QUOTES,STRICT_ALL_TABLES';\nCREATE TABLE a (id int);\nCREATE TABLE b (id int DEFAULT \"1\");\nCREATE TABLE c (id int DEFAULT \"1\");",
			want: "2:1 CREATE TABLE `a` (`id` int) [mode \"STRICT_ALL_TABLES\"]\n" +
				"3:1 CREATE TABLE `b` (`id` int DEFAULT '1') [mode \"STRICT_ALL_TABLES\"]\n" +
				"4:1 CREATE TABLE `c` (`id` int DEFAULT '1') [mode \"STRICT_ALL_TABLES\"]\n" +
				"error 3:1: Text of another sql_mode: The file sets `ANSI_QUOTES`, under which the same text means something else. Write what stands behind it for a server without that mode.\n"},
		"modes of another text that make no difference": {text: "SET sql_mode='NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE,ANSI_QUOTES';\nCREATE TABLE IF NOT EXISTS a (id int NOT NULL DEFAULT '1', b int AS (id | 2));",
			want: "2:1 CREATE TABLE IF NOT EXISTS `a` (`id` int NOT NULL DEFAULT '1', `b` int AS (`id` | 2) VIRTUAL) [mode \"\"]\n"},
		"mode that is computed": {text: "SET sql_mode=CONCAT(@@sql_mode, ',ANSI');\nCREATE TABLE a (id int);",
			want: "1:1 SET sql_mode=CONCAT(@@sql_mode, ',ANSI')\n" +
				"2:1 CREATE TABLE `a` (`id` int)\n" +
				"error 2:1: Text of another sql_mode: The file sets `ANSI`, under which the same text means something else. Write what stands behind it for a server without that mode.\n"},
		"modes that are computed and make no difference": {text: "SET sql_mode=CONCAT(@@sql_mode, ',PIPES_AS_CONCAT', ',ANSI_QUOTES');\nCREATE TABLE a (id int);\nCREATE TABLE b (id int DEFAULT \"1\");",
			want: "1:1 SET sql_mode=CONCAT(@@sql_mode, ',PIPES_AS_CONCAT', ',ANSI_QUOTES')\n" +
				"2:1 CREATE TABLE `a` (`id` int)\n" +
				"3:1 CREATE TABLE `b` (`id` int DEFAULT '1')\n" +
				"error 3:1: Text of another sql_mode: The file sets `ANSI_QUOTES`, under which the same text means something else. Write what stands behind it for a server without that mode.\n"},
		"mode that is taken away": {text: "SET sql_mode=REPLACE(@@sql_mode, 'ANSI_QUOTES', '');\nCREATE TABLE a (id int);",
			want: "1:1 SET sql_mode=REPLACE(@@sql_mode, 'ANSI_QUOTES', '')\n" +
				"2:1 CREATE TABLE `a` (`id` int)\n"},
		"character set of a program": {text: "SET character_set_client = utf8mb3;\nSET collation_connection = utf8mb3_general_ci;\nCREATE TABLE a (id int);\nCREATE PROCEDURE p() SELECT 1;\nSET NAMES utf8mb4;\nCREATE PROCEDURE q() SELECT 1;",
			want: "3:1 CREATE TABLE `a` (`id` int)\n" +
				"4:1 CREATE PROCEDURE p() SELECT 1 [client utf8mb3 utf8mb3_general_ci]\n" +
				"6:1 CREATE PROCEDURE q() SELECT 1\n"},
		"rows without checks": {text: "SET @f=@@foreign_key_checks, foreign_key_checks=0, time_zone='+02:00';\nINSERT INTO a VALUES (1);\nSET foreign_key_checks=@f;\nINSERT INTO a VALUES (2);",
			want: "row 2:1 INSERT INTO a VALUES (1) [zone +02:00] [no checks]\nrow 4:1 INSERT INTO a VALUES (2) [zone +02:00]\nwarning 2:1: Rows in the core become seeds: " + two},
		"rows before their parents": {text: "CREATE TABLE a (id int, b int);\nCREATE TABLE b (id int PRIMARY KEY);\nINSERT INTO a VALUES (1, 1);\nINSERT INTO b VALUES (1);\nALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b (id);",
			want: "1:1 CREATE TABLE `a` (`id` int, `b` int)\n" +
				"2:1 CREATE TABLE `b` (`id` int PRIMARY KEY)\n" +
				"5:1 ALTER TABLE `a` ADD FOREIGN KEY (`b`) REFERENCES `b` (`id`)\n" +
				"row 4:1 INSERT INTO b VALUES (1)\n" +
				"row 3:1 INSERT INTO a VALUES (1, 1)\n" +
				"warning 3:1: Rows in the core become seeds: " + two},
		"rows that read others stay in their order": {text: "CREATE TABLE a (id int, FOREIGN KEY (id) REFERENCES b (id));\nINSERT INTO a SELECT 1;\nINSERT INTO b VALUES (1);",
			want: "1:1 CREATE TABLE `a` (`id` int, FOREIGN KEY (`id`) REFERENCES `b` (`id`))\n" +
				"row 2:1 INSERT INTO a SELECT 1\n" +
				"row 3:1 INSERT INTO b VALUES (1)\n" +
				"warning 2:1: Rows in the core become seeds: " + two},
		"variable that a row reads": {text: "SET @id = 5;\nSET @unread = 6;\nINSERT INTO a VALUES (@id);",
			want: "2:1 SET @unread = 6\nrow 1:1 SET @id = 5\nrow 3:1 INSERT INTO a VALUES (@id)\nwarning 3:1: Rows in the core become seeds: " + one},
		"what loaders are told": {text: "SELECT 'loading' AS info;\nCREATE TABLE a (id int);\nFLUSH LOGS;\nSELECT 1 INTO OUTFILE '/tmp/x';",
			want: "2:1 CREATE TABLE `a` (`id` int)\n" +
				"4:1 SELECT 1 INTO OUTFILE '/tmp/x'\n" +
				"warning 1:1: Statement is left out: `SELECT` changes nothing. Remove it to be rid of this warning.\n" +
				"warning 3:1: Statement is left out: `FLUSH` changes nothing. Remove it to be rid of this warning.\n"},
		"migration is left as it is": {layer: source.LayerMigration, text: "SET sql_mode='';\nINSERT INTO a VALUES (1);", want: "1:1 SET sql_mode=''\n2:1 INSERT INTO a VALUES (1)\n"},
		"text that cannot be split":  {text: "CREATE TABLE a (id int DEFAULT 'x);", want: "error 1:32: SQL cannot be split into statements: A text in ' quotes is never closed.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.srv.Product == "" {
				c.srv = mysql
			}
			if c.layer == "" {
				c.layer = source.LayerSchema
			}
			f := dump.Parse(c.text, c.layer, c.srv)
			for i := range f.Schema { // blanks show what was left out; they mean nothing
				f.Schema[i].SQL = strings.TrimSpace(f.Schema[i].SQL)
			}
			for i := range f.Rows {
				f.Rows[i].SQL = strings.TrimSpace(f.Rows[i].SQL)
			}
			if d := cmp.Diff(c.want, fileText(f)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

// TestParse_modes wants an error for each text that a mode reads otherwise.
func TestParse_modes(t *testing.T) {
	t.Parallel()
	for mode, texts := range map[string][]string{
		"ANSI_QUOTES":          {`CREATE VIEW v AS SELECT "a" AS a`, `CREATE VIEW v AS SELECT _utf8mb4"a" AS a`, `CREATE VIEW v AS SELECT 1 AS "a"`},
		"PIPES_AS_CONCAT":      {"CREATE VIEW v AS SELECT 'a' || 'b' AS a", "CREATE VIEW v AS SELECT 'a'||'b' AS a"},
		"NO_BACKSLASH_ESCAPES": {`CREATE VIEW v AS SELECT 'a\\' AS a`, `CREATE VIEW v AS SELECT 'a\'' AS a`, "CREATE VIEW v AS SELECT 1 AS a FROM b WHERE c LIKE d"},
		"HIGH_NOT_PRECEDENCE":  {"CREATE VIEW v AS SELECT NOT 1 BETWEEN -5 AND 5 AS a"},
		"ANSI":                 {"CREATE VIEW v AS SELECT 1 AS a"},
		"4":                    {"CREATE VIEW v AS SELECT 1 AS a"},
		"ORACLE":               {"CREATE VIEW v AS SELECT 1 AS a"},
	} {
		for _, text := range texts {
			f := dump.Parse("SET sql_mode = '"+mode+"';\n"+text+";\n", source.LayerSchema, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
			want := "The file sets `" + mode + "`, under which the same text means something else. Write what stands behind it for a server without that mode."
			if len(f.Faults) != 1 || f.Faults[0].Detail != want || f.Faults[0].Severity != source.SeverityError {
				t.Errorf("%s: %s: %v", mode, text, f.Faults)
			}
		}
	}
}
