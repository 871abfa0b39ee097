package source_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

// uncertain is the start of a body in which the nesting does not tell where the
// next statement begins: what follows is known by its words alone.
const uncertain = "CREATE PROCEDURE p() BEGIN IF CASE 1 WHEN `x` THEN end END THEN "

// refusals returns what the guard refuses of a text: the words at the position of
// each fault, and its code. What is only left out has `ignored` there.
func refusals(layer source.Layer, text string) string {
	statements, faults := source.Parse(text, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
	_ = faults // of the parser: the guard judges what it does not read, too
	var out []string
	for _, st := range statements {
		for _, f := range source.Guard(st, source.Rules{Layer: layer, Databases: []string{"shop"}}) {
			at := min(f.Position.Column-1, len(text))
			words := strings.FieldsFunc(text[at:], func(r rune) bool { return strings.ContainsRune(" ;=,(", r) })
			first := ""
			if len(words) > 0 {
				first = words[0]
			}
			out = append(out, fmt.Sprintf("%s %s", first, f.Code))
		}
	}
	return strings.Join(out, ", ")
}

// TestGuard_words: in bodies, words that begin what is refused, where a statement
// begins and where it is not certain that one does, and the same words where they
// are names and clauses.
func TestGuard_words(t *testing.T) {
	t.Parallel()
	const s, c = source.LayerSchema, source.LayerCustomization
	for _, tc := range []struct {
		layer      source.Layer
		text, want string
	}{
		// Second words.
		{s, uncertain + "STOP REPLICA; END IF; END", "STOP statement"},
		{s, uncertain + "RESET MASTER; END IF; END", "RESET statement"},
		{s, uncertain + "LOCK TABLES a READ; END IF; END", "LOCK statement"},
		{s, uncertain + "SELECT a AS stop, b FROM c; END IF; END", ""},
		{s, uncertain + "SELECT `x` start, `reset` FROM c; END IF; END", ""},
		{s, "CREATE PROCEDURE p() SELECT start FROM t ORDER BY lock, stop", ""},
		// Hints of indexes, handlers, what a server logs.
		{s, uncertain + "SELECT a FROM t USE INDEX (i); END IF; END", ""},
		{s, uncertain + "SELECT a FROM t USE KEY (i); END IF; END", ""},
		{s, uncertain + "USE x; END IF; END", "USE database"},
		{s, uncertain + "BINLOG 'x'; END IF; END", "BINLOG statement"},
		{s, uncertain + "BINLOG @x; END IF; END", "BINLOG statement"},
		{s, uncertain + "SELECT binlog FROM t; END IF; END", ""},
		{s, uncertain + "SELECT t.binlog, b FROM t; END IF; END", ""},
		{s, uncertain + "HANDLER t OPEN; END IF; END", "HANDLER statement"},
		{s, uncertain + "HANDLER t READ FIRST; END IF; END", "HANDLER statement"},
		{s, uncertain + "HANDLER t CLOSE; END IF; END", "HANDLER statement"},
		{s, uncertain + "BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION SET @a = 1; END; END IF; END", ""},
		{s, uncertain + "BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND SET @a = 1; END; END IF; END", ""},
		{s, uncertain + "PREPARE a FROM 'SELECT 1'; END IF; END", "PREPARE dynamic_sql"},
		// Columns that are called as what a SET of its own is about.
		{s, uncertain + "UPDATE t SET password = 'x'; END IF; END", ""},
		{s, uncertain + "INSERT INTO t SET role = 'x'; END IF; END", ""},
		{s, uncertain + "REPLACE INTO t SET password = 'x'; END IF; END", ""},
		{s, uncertain + "SET PASSWORD = 'x'; END IF; END", "SET account"},
		{s, uncertain + "SET @a = 1; SET PASSWORD = 'x'; END IF; END", "SET account"},
		{s, uncertain + "UPDATE t SET a = 1; SET PASSWORD = 'x'; END IF; END", "SET account"},
		{s, uncertain + "SELECT REPLACE (a, b, c) INTO @a; SET PASSWORD = 'x'; END IF; END", "SET account"},
		// Definitions.
		{s, uncertain + "CREATE OR REPLACE USER x; END IF; END", "CREATE statement"},
		{s, uncertain + "DROP UNDO TABLESPACE x; END IF; END", "DROP statement"},
		{s, uncertain + "CREATE SPATIAL INDEX i ON t (g); END IF; END", ""},
		{s, uncertain + "CREATE TABLE a (id INT); END IF; END", ""},
		{s, "CREATE PROCEDURE p() DROP", ""},
		{s, "CREATE PROCEDURE p() CREATE OR", ""},
		// Settings of the server.
		{s, uncertain + "SET GLOBAL max_connections = 5; END IF; END", "GLOBAL variable"},
		{s, uncertain + "SET PERSIST max_connections := 5; END IF; END", "PERSIST variable"},
		{s, uncertain + "SET GLOBAL hot.key_buffer_size = 5; END IF; END", "GLOBAL variable, hot.key_buffer_size database"},
		{s, uncertain + "SET @a = 1, GLOBAL max_connections = 5; END IF; END", "GLOBAL variable"},
		{s, uncertain + "SELECT global FROM t; END IF; END", ""},
		{s, uncertain + "SELECT t.global x, `b` persist FROM t; END IF; END", ""},
		{s, uncertain + "SELECT global", ""},
		{s, "CREATE PROCEDURE p() SET @@GLOBAL . `max_connections` = 5", "@@GLOBAL variable"},
		{s, "CREATE PROCEDURE p() SET @@sql_log_bin = 0", "@@sql_log_bin variable"},
		// What SHOW tells.
		{s, uncertain + "SHOW TABLES; END IF; END", ""},
		{s, uncertain + "SHOW FULL TABLES; END IF; END", ""},
		{s, uncertain + "SHOW FULL TABLES FROM x; END IF; END", "SHOW statement"},
		{s, uncertain + "SHOW TABLES LIKE 'a'; SELECT a FROM b; END IF; END", ""},
		{s, uncertain + "SHOW TABLES WHERE 1 IN (1); END IF; END", ""},
		{s, uncertain + "SHOW COLUMNS FROM t; END IF; END", ""},
		{s, uncertain + "SHOW EXTENDED FULL COLUMNS FROM t; END IF; END", ""},
		{s, uncertain + "SHOW COLUMNS FROM t FROM x; END IF; END", "SHOW statement"},
		{s, uncertain + "SHOW KEYS IN t IN x; END IF; END", "SHOW statement"},
		{s, uncertain + "SHOW CREATE TABLE t; END IF; END", ""},
		{s, uncertain + "SHOW CREATE DATABASE x; END IF; END", "SHOW statement, CREATE database"},
		{s, uncertain + "SHOW CREATE SCHEMA x; END IF; END", "SHOW statement, CREATE database"},
		{s, uncertain + "SHOW CREATE USER x; END IF; END", "SHOW statement, CREATE account"},
		{s, uncertain + "SHOW STATUS; END IF; END", "SHOW statement"},
		{s, "CREATE PROCEDURE p() SHOW", "SHOW statement"},
		{s, "CREATE PROCEDURE p() SHOW FULL", "SHOW statement"},
		// Whom EXPLAIN is of.
		{s, uncertain + "EXPLAIN FOR CONNECTION 5; END IF; END", "FOR statement"},
		{s, uncertain + "EXPLAIN FOR SCHEMA x SELECT 1; END IF; END", "FOR statement"},
		{s, "CREATE PROCEDURE p() EXPLAIN SELECT 1 FOR", ""},
		// Where no statement can begin the words count, when what follows them fits.
		{s, "CREATE PROCEDURE p() SELECT 1, BINLOG 'x'", "BINLOG statement"},
		{s, "CREATE PROCEDURE p() SELECT 1, BINLOG @x", "BINLOG statement"},
		{s, "CREATE PROCEDURE p() SELECT 'x' binlog, 1", ""},
		{s, "CREATE PROCEDURE p() SELECT 1, binlog", ""},
		{s, "CREATE PROCEDURE p() SELECT 1, HANDLER t OPEN", "HANDLER statement"},
		{s, "CREATE PROCEDURE p() SELECT 1, HANDLER t READ", "HANDLER statement"},
		{s, "CREATE PROCEDURE p() SELECT 1, HANDLER shop.t CLOSE", "HANDLER statement"},
		{s, "CREATE PROCEDURE p() SELECT open, handler x FROM t", ""},
		{s, "CREATE PROCEDURE p() SELECT open handler, a FROM t", ""},
		{s, "CREATE PROCEDURE p() SELECT 1, STOP REPLICA", "STOP statement"},
		{s, "CREATE PROCEDURE p() SELECT replica stop, 1", ""},
		{s, "CREATE PROCEDURE p() SELECT 1 FROM t FOR UPDATE SET PASSWORD = 'x'", "SET account"},
		{s, "CREATE PROCEDURE p() INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1 SET PASSWORD = 'x'", "SET account"},
		{s, "CREATE PROCEDURE p() SELECT t.update SET PASSWORD = 'x'", "t.update database, SET account"},
		{s, "CREATE PROCEDURE p() SELECT REPLACE(a, b, c) SET PASSWORD = 'x'", "SET account"},
		{s, "CREATE PROCEDURE p() UPDATE t AS x SET password = 'x'", ""},
		{s, "CREATE PROCEDURE p() SELECT 1, GLOBAL max_connections = 5", "GLOBAL variable"},
		{s, "CREATE PROCEDURE p() SELECT 1, PERSIST max_connections := 5", "PERSIST variable"},
		{s, "CREATE PROCEDURE p() SELECT 1, GLOBAL hot.key_buffer_size", "GLOBAL variable, hot.key_buffer_size database"},
		{s, "CREATE PROCEDURE p() SELECT 1, GLOBAL TRANSACTION", "GLOBAL variable"},
		{s, "CREATE PROCEDURE p() SELECT 1, global x FROM t", ""},
		{s, "CREATE PROCEDURE p() SELECT t.global x = 5 FROM t", ""},
		{s, "CREATE PROCEDURE p() SELECT 1, global", ""},
		{s, "CREATE PROCEDURE p() SELECT t.global", "t.global database"},
		{s, "CREATE PROCEDURE p() SELECT t.show x FROM t", ""},
		{s, "CREATE PROCEDURE p() SELECT t.for connection FROM t", ""},
		// The SETs that have a rule are told once, of what they are.
		{c, "CREATE PROCEDURE p() SET DEFAULT ROLE x TO y", "SET account"},
		{c, "CREATE PROCEDURE p() SET ROLE x", "SET account"},
		{c, "CREATE PROCEDURE p() SET PASSWORD = 'x'", "SET account"},
		{c, "CREATE PROCEDURE p() SET STATEMENT max_statement_time = 1 FOR SELECT 1", "SET variable"},
		{c, "CREATE PROCEDURE p() SET TRANSACTION READ ONLY", "SET variable"},
		// What a SET assigns to.
		{c, "CREATE PROCEDURE p() SET @a = f(1, x), sql_log_bin = 0", "sql_log_bin variable"},
		{c, "CREATE PROCEDURE p() SET @a = f(1, sql_log_bin), @b = (SELECT max(a), 2)", ""},
		{c, "CREATE PROCEDURE p() SET @a = 1; SELECT a, b FROM t", ""},
		{c, "CREATE PROCEDURE p() SET SESSION x = 1, @a = 2", "SESSION variable"},
		{c, "CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1, NEW.b = 2", ""},
		{c, "CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1, c = 2", "c variable"},
		{c, "CREATE PROCEDURE p(a DECIMAL(5, 2), b INT) SET b = 1", ""},
		{c, "CREATE PROCEDURE p(INOUT a INT, OUT b INT) SET a = 1, b = 2", ""},
		{c, "CREATE PROCEDURE p(a INT) SET INT = 1", "INT variable"},
		{c, "CREATE PROCEDURE p() BEGIN DECLARE x, y INT; SET x = 1, y = 2, z = 3; END", "z variable"},
		{c, "CREATE PROCEDURE p() BEGIN FOR r IN 1 .. 5 DO SET r = 2; END FOR; END", ""},
		{c, "CREATE PROCEDURE p() BEGIN SELECT f(z, 1) FROM t; SET z = 3; END", "z variable"},
	} {
		if got := refusals(tc.layer, tc.text); got != tc.want {
			t.Errorf("%s: %q, not %q", tc.text, got, tc.want)
		}
	}
}

// TestGuard_settings: which SET of a dump is left out, and which is refused.
func TestGuard_settings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		layer      source.Layer
		text, want string
	}{
		{source.LayerSchema, "SET CHARACTER SET utf8mb4", "SET ignored"},
		{source.LayerSchema, "SET @a = 1", "SET ignored"},
		{source.LayerSchema, "SET @a = 1, foreign_key_checks = 0", "SET ignored"},
		{source.LayerSchema, "SET @a = 1, max_sort_length = 5", "@a variable, max_sort_length variable"},
		{source.LayerSchema, "SET NAMES utf8mb4, max_sort_length = 5", "NAMES variable, max_sort_length variable"},
		{source.LayerSchema, "SET @@GLOBAL . `max_connections` = 5", "@@GLOBAL variable"},
		{source.LayerSchema, "SET", "SET variable"},
		{source.LayerSchema, "SET GLOBAL", "GLOBAL variable"},
		{source.LayerSchema, "SET SESSION sql_mode = '', foreign_key_checks = 0", "SET ignored"},
		{source.LayerSeed, "SET @a = 1", ""},
		{source.LayerSeed, "SET @a = 1, foreign_key_checks = 0", "SET ignored"},
		{source.LayerMigration, "SET @a = 1, @b = 2", ""},
		{source.LayerCustomization, "SET foreign_key_checks = 0", "foreign_key_checks variable"},
		{source.LayerSchema, "/*!40000 ALTER TABLE t DISABLE KEYS */", "/*!40000 ignored"},
		{source.LayerSchema, "/*!40000 ALTER TABLE t ENABLE KEYS */", "/*!40000 ignored"},
		{source.LayerCustomization, "ALTER TABLE t ENABLE KEYS", ""},
		{source.LayerSchema, "ALTER TABLE t ADD disable INT, DISABLE KEYS", "ALTER ignored"},
	} {
		if got := refusals(tc.layer, tc.text); got != tc.want {
			t.Errorf("%s: %q, not %q", tc.text, got, tc.want)
		}
	}
}

// TestGuard_names: names that servers store otherwise, functions behind a dot, and
// queries that tables are made of.
func TestGuard_names(t *testing.T) {
	t.Parallel()
	const s, c = source.LayerSchema, source.LayerCustomization
	for _, tc := range []struct {
		layer      source.Layer
		text, want string
	}{
		{s, "CREATE VIEW v AS SELECT 1 AS ``", "`` identifier"},
		{s, "CREATE VIEW v AS SELECT 1 AS `a `", "`a identifier"},
		{s, "CREATE VIEW v AS SELECT 1 AS ` a`", ""},
		{s, "CREATE VIEW v AS SELECT 1 AS `\uffff`", ""},
		{s, "CREATE VIEW v AS SELECT 1 AS `\U00010000`", "`\U00010000` identifier"},
		{s, "CREATE VIEW v AS SELECT 1 AS `#MySQL50#a`", "`#MySQL50#a` identifier"},
		{c, "SELECT SLEEP (1), a.sleep FROM a", "SLEEP function"},
		{c, "SELECT other.sleep(1)", "other.sleep database"},
		{c, "CREATE TABLE t (a INT) WITH SYSTEM VERSIONING", ""},
		{c, "CREATE TABLE t (a INT) VALUES ROW(1)", "VALUES table_copy"},
		{c, "CREATE TABLE t WITH x AS (SELECT 1) SELECT * FROM x", "WITH table_copy"},
	} {
		if got := refusals(tc.layer, tc.text); got != tc.want {
			t.Errorf("%s: %q, not %q", tc.text, got, tc.want)
		}
	}
}
