package dump_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source/dump"
)

// TestParse_rows compares as a whole what becomes of rows, of what they depend on, and
// of what a loader is told beside them, with what is left out or refused then.
func TestParse_rows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"variables that a query gives values to": {text: "CREATE TABLE a (id INT);\nSELECT @x := id FROM a;\nSELECT id INTO @y FROM a;\nSET @z = @y + 1;\nINSERT INTO a VALUES (@x), (@z);",
			want: "1:1 CREATE TABLE `a` (`id` INT)\n" +
				"row 2:1 SELECT @x := id FROM a\n" +
				"row 3:1 SELECT id INTO @y FROM a\n" +
				"row 4:1 SET @z = @y + 1\n" +
				"row 5:1 INSERT INTO a VALUES (@x), (@z)\n" +
				"warning 5:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n"},
		"variables that nobody reads": {text: "SELECT @unread := 5;\nSELECT 1 INTO @u;\nINSERT INTO a VALUES (1);",
			want: "row 3:1 INSERT INTO a VALUES (1)\n" +
				"warning 1:1: Statement is left out: `SELECT` changes nothing.\n" +
				"warning 2:1: Statement is left out: `SELECT` changes nothing.\n" +
				"warning 3:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n"},
		"variable that a trigger reads": {text: "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.id = @x;\nSET @x = 1;\nINSERT INTO a VALUES (2);",
			want: "1:1 CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.id = @x\n" +
				"row 2:1 SET @x = 1\n" +
				"row 3:1 INSERT INTO a VALUES (2)\n" +
				"warning 3:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n"},
		"setting that is kept and given back by its text": {text: "SET @OLD_SQL_MODE='NO_AUTO_VALUE_ON_ZERO', SQL_MODE='NO_AUTO_VALUE_ON_ZERO';\nINSERT INTO a VALUES (0);\nSET SQL_MODE=@OLD_SQL_MODE;",
			want: "row 2:1 INSERT INTO a VALUES (0) [mode \"NO_AUTO_VALUE_ON_ZERO\"]\n" +
				"warning 1:5: Statement is left out: `SET` is of no use here: the settings of the session are fixed.\n" +
				"warning 2:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n"},
		"variable and setting in one statement": {text: "SET @n = 5, FOREIGN_KEY_CHECKS = 0, @m = 6;\nINSERT INTO a VALUES (@n);",
			want: "row 1:5 SET @n = 5, @m = 6\n" +
				"row 2:1 INSERT INTO a VALUES (@n) [no checks]\n" +
				"warning 2:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n"},
		"copy of a setting that a row reads": {text: "SET @v = @@version, time_zone = '+01:00';\nINSERT INTO a VALUES (@v);",
			want: "row 1:5 SET @v = @@version\n" +
				"row 2:1 INSERT INTO a VALUES (@v) [zone +01:00]\n" +
				"warning 2:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n"},
		"sequences": {text: "CREATE SEQUENCE s;\nDO SETVAL(`s`, 1001, 0);\nSELECT SETVAL(s, 5);",
			want: "1:1 CREATE SEQUENCE s\n" +
				"row 2:1 DO SETVAL(`s`, 1001, 0)\n" +
				"row 3:1 SELECT SETVAL(s, 5)\n" +
				"warning 2:1: Rows in the core become seeds: 2 statements change rows: they run as seeds\n"},
		"function that changes rows": {text: "CREATE FUNCTION f() RETURNS INT BEGIN INSERT INTO a VALUES(1); RETURN 1; END;\nSELECT f();\nSELECT lower(1);",
			want: "1:1 CREATE FUNCTION f() RETURNS INT BEGIN INSERT INTO a VALUES(1); RETURN 1; END\n" +
				"row 2:1 SELECT f()\n" +
				"warning 2:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n" +
				"warning 3:1: Statement is left out: `SELECT` changes nothing.\n"},
		"rows behind WITH": {text: "WITH x AS (SELECT 1 AS i) UPDATE a, x SET a.id=x.i;\nWITH x AS (SELECT 1 AS i) SELECT i FROM x;",
			want: "row 1:1 WITH x AS (SELECT 1 AS i) UPDATE a, x SET a.id=x.i\n" +
				"warning 1:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n" +
				"warning 2:1: Statement is left out: `SELECT` changes nothing.\n"},
		"truncated before and between": {text: "CREATE TABLE a (id INT);\nTRUNCATE TABLE a;\nINSERT INTO a VALUES (1);\nTRUNCATE `a`;\nINSERT INTO a VALUES (2);",
			want: "1:1 CREATE TABLE `a` (`id` INT)\n" +
				"row 5:1 INSERT INTO a VALUES (2)\n" +
				"warning 2:1: Statement is left out: `TRUNCATE` is of no use here: a new database has no rows but those of the file, and those that stand above it are left out.\n" +
				"warning 4:1: Statement is left out: `TRUNCATE` is of no use here: a new database has no rows but those of the file, and those that stand above it are left out.\n" +
				"warning 5:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n"},
		"truncated, and joined before": {text: "INSERT INTO a VALUES (1);\nUPDATE a s JOIN b u ON u.id = s.id SET u.n = s.n;\nTRUNCATE a;",
			want: "3:1 TRUNCATE a\nrow 1:1 INSERT INTO a VALUES (1)\nrow 2:1 UPDATE a s JOIN b u ON u.id = s.id SET u.n = s.n\nwarning 1:1: Rows in the core become seeds: 2 statements change rows: they run as seeds\n" +
				"error 3:1: Statement has no place in this layer: `TRUNCATE` destroys rows. A new database has none. Leave the statement out.\n"},
		"truncated, and written by a trigger": {text: "CREATE TABLE a (id INT);\nCREATE TABLE b (id INT);\nCREATE TRIGGER r AFTER INSERT ON b FOR EACH ROW INSERT INTO a VALUES (NEW.id);\nINSERT INTO b VALUES (1);\nTRUNCATE a;",
			want: "1:1 CREATE TABLE `a` (`id` INT)\n2:1 CREATE TABLE `b` (`id` INT)\n3:1 CREATE TRIGGER r AFTER INSERT ON b FOR EACH ROW INSERT INTO a VALUES (NEW.id)\n5:1 TRUNCATE a\nrow 4:1 INSERT INTO b VALUES (1)\nwarning 4:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n" +
				"error 5:1: Statement has no place in this layer: `TRUNCATE` destroys rows. A new database has none. Leave the statement out.\n"},
		"truncated behind a trigger that nothing sets off": {text: "INSERT INTO b VALUES (1);\nCREATE TRIGGER r AFTER INSERT ON b FOR EACH ROW INSERT INTO a VALUES (NEW.id);\nTRUNCATE a;",
			want: "2:1 CREATE TRIGGER r AFTER INSERT ON b FOR EACH ROW INSERT INTO a VALUES (NEW.id)\nrow 1:1 INSERT INTO b VALUES (1)\nwarning 1:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n" +
				"warning 3:1: Statement is left out: `TRUNCATE` is of no use here: a new database has no rows but those of the file, and those that stand above it are left out.\n"},
		"truncated in another case": {text: "INSERT INTO a VALUES (1);\nTRUNCATE A;",
			want: "2:1 TRUNCATE A\nrow 1:1 INSERT INTO a VALUES (1)\nwarning 1:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n" +
				"error 2:1: Statement has no place in this layer: `TRUNCATE` destroys rows. A new database has none. Leave the statement out.\n"},
		"truncated, and read before": {text: "INSERT INTO a VALUES (1);\nINSERT INTO b SELECT id FROM a;\nTRUNCATE a;",
			want: "3:1 TRUNCATE a\n" +
				"row 1:1 INSERT INTO a VALUES (1)\n" +
				"row 2:1 INSERT INTO b SELECT id FROM a\n" +
				"warning 1:1: Rows in the core become seeds: 2 statements change rows: they run as seeds\n" +
				"error 3:1: Statement has no place in this layer: `TRUNCATE` destroys rows. A new database has none. Leave the statement out.\n"},
		"engine of tables that name none": {text: "SET default_storage_engine=MyISAM;\nCREATE TABLE a (id INT);\nCREATE TABLE b (engine INT) ENGINE=InnoDB;\nCREATE TABLE c AS SELECT 1;\nCREATE TABLE d LIKE a;\nCREATE TABLE e (id INT) SELECT 1;\nCREATE TABLE f (SELECT 1);\nSET default_storage_engine=DEFAULT;\nCREATE TABLE g (id INT);",
			want: "2:1 CREATE TABLE `a` (`id` INT) ENGINE=MyISAM\n" +
				"3:1 CREATE TABLE `b` (`engine` INT) ENGINE InnoDB\n" +
				"4:1 CREATE TABLE c ENGINE=MyISAM AS SELECT 1\n" +
				"5:1 CREATE TABLE `d` LIKE `a`\n" +
				"6:1 CREATE TABLE e (id INT) ENGINE=MyISAM SELECT 1\n" +
				"7:1 CREATE TABLE f ENGINE=MyISAM (SELECT 1)\n" +
				"9:1 CREATE TABLE `g` (`id` INT)\n"},
		"character set of tables that only a server parses": {text: "CREATE DATABASE s CHARACTER SET latin1 COLLATE latin1_bin;\nCREATE TABLE a (t VARCHAR(9)) PAGE_CHECKSUM=1;\nCREATE TABLE b (PRIMARY KEY (t)) AS SELECT t FROM a;\nCREATE TABLE c (id UUID) PAGE_CHECKSUM=1 CHARACTER SET utf8mb4;\nCREATE TABLE d (charset INT, t VARCHAR(9) COLLATE utf8mb4_bin);\nCREATE TABLE e LIKE a;",
			want: "2:1 CREATE TABLE a (t VARCHAR(9)) CHARACTER SET latin1 COLLATE latin1_bin PAGE_CHECKSUM=1\n" +
				"3:1 CREATE TABLE b (PRIMARY KEY (t)) CHARACTER SET latin1 COLLATE latin1_bin AS SELECT t FROM a\n" +
				"4:1 CREATE TABLE c (id UUID) PAGE_CHECKSUM=1 CHARACTER SET utf8mb4\n" +
				"5:1 CREATE TABLE d (charset INT, t VARCHAR(9) COLLATE utf8mb4_bin) CHARACTER SET latin1 COLLATE latin1_bin\n" +
				"6:1 CREATE TABLE `e` LIKE `a`\n" +
				"warning 1:1: Statement is left out: `CREATE DATABASE` is of no use here: everything runs in the tenant's own database.\n"},
		"character set that is none": {text: "CREATE DATABASE s CHARACTER SET 'latin1 DATA DIRECTORY=\"/tmp\"';\nCREATE TABLE a (t VARCHAR(9));\nCREATE TABLE b (t VARCHAR(9)) PAGE_CHECKSUM=1;",
			want: "2:1 CREATE TABLE `a` (`t` VARCHAR(9))\n" +
				"3:1 CREATE TABLE b (t VARCHAR(9)) PAGE_CHECKSUM=1\n" +
				"warning 1:1: Statement is left out: `CREATE DATABASE` is of no use here: everything runs in the tenant's own database.\n"},
		"engine that is not known": {text: "SET default_storage_engine=FEDERATED;\nCREATE TABLE a (id INT);",
			want: "2:1 CREATE TABLE `a` (`id` INT)\n" +
				"error 2:1: Clause is not allowed: The file sets the engine `FEDERATED` for tables that name none, which is not known to keep the rows in the tenant's database. Use InnoDB.\n"},
		"timestamps that depend on a setting": {text: "SET explicit_defaults_for_timestamp=0;\nCREATE TABLE a (id INT, t1 TIMESTAMP NULL, t2 TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), timestamp TIMESTAMP NOT NULL);\nALTER TABLE a ADD t3 TIMESTAMP DEFAULT CURRENT_TIMESTAMP;\nSET explicit_defaults_for_timestamp=1;\nCREATE TABLE b (t TIMESTAMP);",
			want: "2:1 CREATE TABLE `a` (`id` INT, `t1` TIMESTAMP NULL, `t2` TIMESTAMP(3) NOT NULL DEFAULT current_timestamp(3), `timestamp` TIMESTAMP NOT NULL)\n" +
				"3:1 ALTER TABLE a ADD t3 TIMESTAMP DEFAULT CURRENT_TIMESTAMP\n" +
				"5:1 CREATE TABLE `b` (`t` TIMESTAMP)\n" +
				"error 2:99: Column depends on a setting: The file turns `explicit_defaults_for_timestamp` off, under which `timestamp` is NOT NULL and may get a default. The sessions of the provider have it on: write `NULL`, or `NOT NULL` and a `DEFAULT`, behind the type.\n" +
				"error 3:19: Column depends on a setting: The file turns `explicit_defaults_for_timestamp` off, under which `t3` is NOT NULL and may get a default. The sessions of the provider have it on: write `NULL`, or `NOT NULL` and a `DEFAULT`, behind the type.\n"},
		"commands of the client": {text: "USE mydb\nCREATE TABLE mydb.a (id INT)\\g\nSELECT 1\\G\nCREATE TABLE b (id INT)\n\x1a\n",
			want: "2:1 CREATE TABLE `a` (`id` INT)\n" +
				"4:1 CREATE TABLE `b` (`id` INT)\n" +
				"warning 1:1: Statement is left out: `USE` is of no use here: everything runs in the tenant's own database.\n" +
				"warning 3:1: Statement is left out: `SELECT` changes nothing.\n"},
		"settings that mean nothing": {text: "SET max_allowed_packet=1000000, group_concat_max_len=5;\nSET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;\nSET sql_generate_invisible_primary_key=0;",
			want: "warning 1:5: Statement is left out: `SET MAX_ALLOWED_PACKET` is of no use here: the settings of the session are fixed.\n" +
				"warning 2:1: Statement is left out: `SET SESSION` is of no use here: the provider decides what is one transaction.\n"},
		"settings that mean something": {text: "SET group_concat_max_len=5, auto_increment_increment=2, sql_generate_invisible_primary_key=1;\nINSERT INTO a SELECT GROUP_CONCAT(id) FROM b;",
			want: "1:1 SET group_concat_max_len=5, auto_increment_increment=2, sql_generate_invisible_primary_key=1\n" +
				"row 2:1 INSERT INTO a SELECT GROUP_CONCAT(id) FROM b\n" +
				"error 1:5: Settings cannot be changed: `group_concat_max_len` is a setting of the session. The settings of the session are fixed, so that every tenant gets the same schema. Leave the statement out.\n" +
				"error 1:29: Settings cannot be changed: `auto_increment_increment` is a setting of the session. The settings of the session are fixed, so that every tenant gets the same schema. Leave the statement out.\n" +
				"error 1:57: Settings cannot be changed: `sql_generate_invisible_primary_key` is a setting of the session. The settings of the session are fixed, so that every tenant gets the same schema. Leave the statement out.\n" +
				"warning 2:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n"},
		"tablespaces": {text: "CREATE TABLE a (id INT) /*!50100 TABLESPACE `innodb_file_per_table` */ ENGINE=InnoDB;\nCREATE TABLE b (id INT) TABLESPACE=other;",
			want: "1:1 CREATE TABLE `a` (`id` INT) TABLESPACE innodb_file_per_table, ENGINE InnoDB\n" +
				"2:1 CREATE TABLE `b` (`id` INT) TABLESPACE other\n" +
				"error 2:25: Clause is not allowed: `TABLESPACE` puts the table into a file that is not the tenant's. Leave the option out.\n"},
		"what leaves nothing": {text: "ROLLBACK;\nSAVEPOINT a;\nRELEASE SAVEPOINT a;\nREPAIR TABLE a;\nCHECKSUM TABLE a;\nHELP 'x';\nDO 1;\n(SELECT 1);\nVALUES ROW(1);\nTABLE t;\nLOCK INSTANCE FOR BACKUP;\nUNLOCK INSTANCE;",
			want: "warning 1:1: Statement is left out: `ROLLBACK` changes nothing.\n" +
				"warning 2:1: Statement is left out: `SAVEPOINT` changes nothing.\n" +
				"warning 3:1: Statement is left out: `RELEASE` changes nothing.\n" +
				"warning 4:1: Statement is left out: `REPAIR` changes nothing.\n" +
				"warning 5:1: Statement is left out: `CHECKSUM` changes nothing.\n" +
				"warning 6:1: Statement is left out: `HELP` changes nothing.\n" +
				"warning 7:1: Statement is left out: `DO` changes nothing.\n" +
				"warning 8:1: Statement is left out: `SELECT` changes nothing.\n" +
				"warning 9:1: Statement is left out: `VALUES` changes nothing.\n" +
				"warning 10:1: Statement is left out: `TABLE` changes nothing.\n" +
				"warning 11:1: Statement is left out: `LOCK INSTANCE` is of no use here: nobody else works in the database.\n" +
				"warning 12:1: Statement is left out: `UNLOCK INSTANCE` is of no use here: no backup is kept out.\n"},
		"mode under which nothing can be parsed": {text: "CREATE TABLE a (\"id\" INT);\nSET sql_mode = 'ANSI_QUOTES';\nCREATE TABLE \"b\" (id INT);\nCREATE TABLE c (\"id\" INT);",
			want: "1:1 CREATE TABLE a (\"id\" INT)\n" +
				"3:1 CREATE TABLE \"b\" (id INT) [mode \"\"]\n" +
				"4:1 CREATE TABLE c (\"id\" INT) [mode \"\"]\n" +
				"error 1:17: SQL syntax error: `\"id\"` is not understood here, in `CREATE TABLE a`.\n" +
				"error 3:1: Text of another sql_mode: The file sets `ANSI_QUOTES`, under which the same text means something else. Write what stands behind it for a server without that mode.\n"},
		"rows that are rolled back": {text: "START TRANSACTION;\nINSERT INTO a VALUES (1);\nROLLBACK;",
			want: "3:1 ROLLBACK\n" +
				"row 2:1 INSERT INTO a VALUES (1)\n" +
				"warning 1:1: Statement is left out: `START TRANSACTION` is of no use here: the provider decides what is one transaction.\n" +
				"warning 2:1: Rows in the core become seeds: 1 statement changes rows: it runs as a seed\n" +
				"error 3:1: Statement has no place in this layer: `ROLLBACK` cannot stand in the schema layer, which takes `CREATE`, `ALTER` and `DROP`.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, judged(c.text)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

// judged takes a file apart and judges each statement: those that are left out show
// in their warning alone.
func judged(text string) string {
	f := dump.Parse(text, source.LayerSchema, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
	judge := func(statements []source.Statement, layer source.Layer) (kept []source.Statement) {
		for _, st := range statements {
			faults := source.Guard(st, source.Rules{Layer: layer})
			f.Faults = append(f.Faults, faults...)
			if !source.Ignored(faults) {
				st.SQL = strings.TrimSpace(st.SQL)
				kept = append(kept, st)
			}
		}
		return kept
	}
	f.Schema, f.Rows = judge(f.Schema, source.LayerSchema), judge(f.Rows, source.LayerSeed)
	source.SortFaults(f.Faults)
	got := fileText(f)
	for _, often := range []string{" Remove it to be rid of this warning.", ", when the structure stands. Move what is to be a seed into a file in `seeds/` to be rid of this warning."} {
		got = strings.ReplaceAll(got, often, "")
	}
	return got
}
