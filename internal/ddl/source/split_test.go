package source_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	const everything = "CREATE PROCEDURE p(a INT) BEGIN IF a > 1 THEN SELECT 1; ELSEIF a > 0 THEN SELECT 3; ELSE SELECT 2; END IF; " +
		"CASE a WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE; l: LOOP LEAVE l; END LOOP l; WHILE a < 1 DO SET a = a + 1; END WHILE; " +
		"REPEAT SET a = IF(a>1, 0, CASE a WHEN 1 THEN 2 END); UNTIL a = 0 END REPEAT; END"
	cases := map[string]struct {
		text string
		want []string
	}{
		"plain":                      {"CREATE TABLE a(id INT); CREATE TABLE b(id INT);", []string{"CREATE TABLE a(id INT)", "CREATE TABLE b(id INT)"}},
		"last without delimiter":     {"SELECT 1; SELECT 2", []string{"SELECT 1", "SELECT 2"}},
		"nothing":                    {" \n\t", nil},
		"comments only":              {"-- a\n# b\n/* c */", nil},
		"empty statements":           {";;; SELECT 1;;", []string{"SELECT 1"}},
		"in quotes":                  {"INSERT INTO t VALUES ('a;b', \"c;d\", `e;f`); SELECT 1;", []string{"INSERT INTO t VALUES ('a;b', \"c;d\", `e;f`)", "SELECT 1"}},
		"escaped quotes":             {`SELECT 'it\'s; x'; SELECT 'it''s; y'; SELECT "a\\"; SELECT 1`, []string{`SELECT 'it\'s; x'`, `SELECT 'it''s; y'`, `SELECT "a\\"`, "SELECT 1"}},
		"backslash in backquotes":    {"SELECT `a\\`; SELECT `b``;`;", []string{"SELECT `a\\`", "SELECT `b``;`"}},
		"dashes":                     {"-- it's; a comment\nSELECT 1; -- trailing; one\nSELECT 2;", []string{"SELECT 1", "SELECT 2"}},
		"dashes at the end":          {"SELECT 1; --", []string{"SELECT 1"}},
		"dashes with a tab":          {"SELECT 1;--\tx; y\nSELECT 2", []string{"SELECT 1", "SELECT 2"}},
		"minus minus":                {"SELECT 1--1; SELECT 2;", []string{"SELECT 1--1", "SELECT 2"}},
		"hash":                       {"# it's; x\nSELECT 1; SELECT 2 # end;\n;", []string{"SELECT 1", "SELECT 2"}},
		"block comment":              {"/* a; 'b */ SELECT 1; SELECT /* ; */ 2;", []string{"SELECT 1", "SELECT /* ; */ 2"}},
		"comment stays inside":       {"SELECT 1 -- one; two\n + 1;", []string{"SELECT 1 -- one; two\n + 1"}},
		"executed comments":          {"/*!40101 SET NAMES utf8 */; /*!50003 SELECT 1; */; SELECT 2;", []string{"/*!40101 SET NAMES utf8 */", "/*!50003 SELECT 1; */", "SELECT 2"}},
		"newer than the server":      {"/*!99999 SELECT 1 */; SELECT 2;", []string{"/*!99999 SELECT 1 */", "SELECT 2"}},
		"of MariaDB":                 {"/*M!100100 SELECT 1 */; SELECT 2;", []string{"/*M!100100 SELECT 1 */", "SELECT 2"}},
		"quote in executed comment":  {"/*!50000 SELECT '*/;' */; SELECT 2", []string{"/*!50000 SELECT '*/;' */", "SELECT 2"}},
		"comment in executed one":    {"/*!50003 SELECT /* in; */ 1 */; SELECT 2;", []string{"/*!50003 SELECT /* in; */ 1 */", "SELECT 2"}},
		"first line of a dump":       {"/*M!999999\\- enable the sandbox mode */\n-- MariaDB dump\nSELECT 1;", []string{"SELECT 1"}},
		"hint":                       {"SELECT /*+ MAX_EXECUTION_TIME(1) */ 1; SELECT 2;", []string{"SELECT /*+ MAX_EXECUTION_TIME(1) */ 1", "SELECT 2"}},
		"NULL as backslash N":        {"INSERT INTO t VALUES (\\N, 1); SELECT 2", []string{"INSERT INTO t VALUES (\\N, 1)", "SELECT 2"}},
		"byte order mark":            {"\ufeffCREATE TABLE t(id INT); SELECT 1;", []string{"CREATE TABLE t(id INT)", "SELECT 1"}},
		"carriage returns":           {"SELECT 1;\r\n\r\n-- x;\r\nSELECT\r\n2;\r\n", []string{"SELECT 1", "SELECT\r\n2"}},
		"vertical white space":       {"SELECT\v1;\fSELECT 2", []string{"SELECT\v1", "SELECT 2"}},
		"delimiter":                  {"DELIMITER //\nCREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a=1; SET @b=2; END//\nDELIMITER ;\nSELECT 1;", []string{"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a=1; SET @b=2; END", "SELECT 1"}},
		"delimiter in lower case":    {"delimiter $$\r\nCREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END $$\r\ndelimiter ;\r\nSELECT 1;\r\n", []string{"CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END", "SELECT 1"}},
		"delimiter at a word":        {"DELIMITER $$\nSELECT a$$\nSELECT a$b$$\nSELECT 1", []string{"SELECT a", "SELECT a$b", "SELECT 1"}},
		"delimiter of letters":       {"DELIMITER go\nSELECT category go SELECT gone\ngo\nSELECT 3", []string{"SELECT category", "SELECT gone", "SELECT 3"}},
		"delimiter in quotes":        {"DELIMITER '//'\nSELECT '//'//\nSELECT 2//", []string{"SELECT '//'", "SELECT 2"}},
		"semicolon before delimiter": {"DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END; //\nSELECT 1; //", []string{"CREATE PROCEDURE p() BEGIN SELECT 1; END", "SELECT 1"}},
		"delimiter as a column":      {"CREATE TABLE t(delimiter CHAR(1)); SELECT delimiter FROM t;", []string{"CREATE TABLE t(delimiter CHAR(1))", "SELECT delimiter FROM t"}},
		"delimiter inside":           {"SELECT 'x' AS\ndelimiter; SELECT 1;", []string{"SELECT 'x' AS\ndelimiter", "SELECT 1"}},
		"delimiter after a comment":  {"/* x */ DELIMITER //\nSELECT 1; //", []string{"SELECT 1"}},

		"trigger":              {"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a=1; SET @b=2; END; SELECT 1;", []string{"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a=1; SET @b=2; END", "SELECT 1"}},
		"trigger of one":       {"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1; SELECT 1;", []string{"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", "SELECT 1"}},
		"trigger in order":     {"CREATE TRIGGER x AFTER UPDATE ON t FOR EACH ROW FOLLOWS begin BEGIN SET @a=1; END; SELECT 1;", []string{"CREATE TRIGGER x AFTER UPDATE ON t FOR EACH ROW FOLLOWS begin BEGIN SET @a=1; END", "SELECT 1"}},
		"procedure":            {"CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END; SELECT 1;", []string{"CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END", "SELECT 1"}},
		"everything":           {everything + "; SELECT 1;", []string{everything, "SELECT 1"}},
		"with characteristics": {"CREATE DEFINER=`a`@`b` PROCEDURE p(IN a SET('x','y')) COMMENT 'BEGIN' SQL SECURITY INVOKER READS SQL DATA BEGIN SELECT 1; END; SELECT 1;", []string{"CREATE DEFINER=`a`@`b` PROCEDURE p(IN a SET('x','y')) COMMENT 'BEGIN' SQL SECURITY INVOKER READS SQL DATA BEGIN SELECT 1; END", "SELECT 1"}},
		"or replace":           {"CREATE OR REPLACE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END; SELECT 1;", []string{"CREATE OR REPLACE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END", "SELECT 1"}},
		"function":             {"CREATE FUNCTION f() RETURNS VARCHAR(9) CHARACTER SET utf8mb4 DETERMINISTIC BEGIN DECLARE x INT; RETURN 1; END; SELECT 1;", []string{"CREATE FUNCTION f() RETURNS VARCHAR(9) CHARACTER SET utf8mb4 DETERMINISTIC BEGIN DECLARE x INT; RETURN 1; END", "SELECT 1"}},
		"function of a set":    {"CREATE FUNCTION f() RETURNS SET('a') DETERMINISTIC BEGIN RETURN 'a'; END; SELECT 1;", []string{"CREATE FUNCTION f() RETURNS SET('a') DETERMINISTIC BEGIN RETURN 'a'; END", "SELECT 1"}},
		"function of one":      {"CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN IF(1, 2, 3); SELECT 1;", []string{"CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN IF(1, 2, 3)", "SELECT 1"}},
		"loadable function":    {"CREATE FUNCTION f RETURNS STRING SONAME 'f.so'; SELECT 1;", []string{"CREATE FUNCTION f RETURNS STRING SONAME 'f.so'", "SELECT 1"}},
		"event":                {"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM a; DELETE FROM b; END; SELECT 1;", []string{"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM a; DELETE FROM b; END", "SELECT 1"}},
		"event altered":        {"ALTER EVENT e DO BEGIN DELETE FROM a; END; ALTER EVENT e DISABLE; SELECT 1;", []string{"ALTER EVENT e DO BEGIN DELETE FROM a; END", "ALTER EVENT e DISABLE", "SELECT 1"}},
		"not atomic":           {"BEGIN NOT ATOMIC SELECT 1; SELECT 2; END; SELECT 3;", []string{"BEGIN NOT ATOMIC SELECT 1; SELECT 2; END", "SELECT 3"}},
		"labeled not atomic":   {"x: BEGIN NOT ATOMIC SELECT 1; LEAVE x; END; SELECT 3;", []string{"x: BEGIN NOT ATOMIC SELECT 1; LEAVE x; END", "SELECT 3"}},
		"loop by itself":       {"WHILE @a DO SET @a = 0; END WHILE; SELECT 3;", []string{"WHILE @a DO SET @a = 0; END WHILE", "SELECT 3"}},
		"before a delimiter":   {"DELIMITER $$\nDROP PROCEDURE IF EXISTS p;\nCREATE PROCEDURE p() x: BEGIN SELECT 1; SELECT 2; END x; SET @a = ';' ; ; SELECT 3$$\nDELIMITER ;\nSELECT 4;", []string{"DROP PROCEDURE IF EXISTS p", "CREATE PROCEDURE p() x: BEGIN SELECT 1; SELECT 2; END x", "SET @a = ';'", "SELECT 3", "SELECT 4"}},
		"two bodies":           {"DELIMITER //\nCREATE TRIGGER a AFTER INSERT ON t FOR EACH ROW BEGIN SET @a=1; END;\nCREATE TRIGGER b AFTER INSERT ON t FOR EACH ROW IF 1 THEN SET @a=1; END IF;\n//", []string{"CREATE TRIGGER a AFTER INSERT ON t FOR EACH ROW BEGIN SET @a=1; END", "CREATE TRIGGER b AFTER INSERT ON t FOR EACH ROW IF 1 THEN SET @a=1; END IF"}},
		"rulers":               {"-----------\n--no blank; 'quote\nSELECT 1;\n  ------\nSELECT 2\n--1; SELECT 3 --4;\n", []string{"SELECT 1", "SELECT 2\n--1", "SELECT 3 --4"}},
		"transaction":          {"BEGIN; INSERT INTO t VALUES(1); COMMIT;", []string{"BEGIN", "INSERT INTO t VALUES(1)", "COMMIT"}},
		"transaction work":     {"BEGIN WORK; SELECT 1; XA BEGIN 'x'; SELECT 2", []string{"BEGIN WORK", "SELECT 1", "XA BEGIN 'x'", "SELECT 2"}},
		"functions like loops": {"SELECT REPEAT('a', 40); SELECT IF(1, 2, 3); SELECT CASE 1 WHEN 1 THEN 2 END; SELECT 1", []string{"SELECT REPEAT('a', 40)", "SELECT IF(1, 2, 3)", "SELECT CASE 1 WHEN 1 THEN 2 END", "SELECT 1"}},
		"view with case":       {"CREATE VIEW v AS SELECT CASE WHEN a THEN 1 END x FROM t; SELECT 1;", []string{"CREATE VIEW v AS SELECT CASE WHEN a THEN 1 END x FROM t", "SELECT 1"}},
		"names like words":     {"CREATE TABLE t(`begin` INT, `end` INT, begin INT, end INT, repeat_ INT); SELECT 1;", []string{"CREATE TABLE t(`begin` INT, `end` INT, begin INT, end INT, repeat_ INT)", "SELECT 1"}},
		"columns in a body":    {"CREATE PROCEDURE p() BEGIN SELECT t.end, begin, t.`end` FROM t; UPDATE t SET begin = 1, t.if = 2; END; SELECT 1;", []string{"CREATE PROCEDURE p() BEGIN SELECT t.end, begin, t.`end` FROM t; UPDATE t SET begin = 1, t.if = 2; END", "SELECT 1"}},
		"case in a body":       {"CREATE PROCEDURE p() BEGIN SET @a = CASE WHEN 1 THEN CASE 2 WHEN 2 THEN 3 ELSE 4 END END; CASE WHEN @a THEN SELECT CASE 1 WHEN 1 THEN 2 END; END CASE; END; SELECT 1;", []string{"CREATE PROCEDURE p() BEGIN SET @a = CASE WHEN 1 THEN CASE 2 WHEN 2 THEN 3 ELSE 4 END END; CASE WHEN @a THEN SELECT CASE 1 WHEN 1 THEN 2 END; END CASE; END", "SELECT 1"}},
		"functions in a body":  {"CREATE PROCEDURE p() BEGIN SELECT IF(1,2,3), REPEAT('x', 2), REPLACE('a','b','c'); DROP TABLE IF EXISTS x; INSERT INTO t SELECT IF (1, 2, 3); END; SELECT 1;", []string{"CREATE PROCEDURE p() BEGIN SELECT IF(1,2,3), REPEAT('x', 2), REPLACE('a','b','c'); DROP TABLE IF EXISTS x; INSERT INTO t SELECT IF (1, 2, 3); END", "SELECT 1"}},
		"handlers":             {"CREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND, SQLSTATE VALUE '45000', 1051 BEGIN SET @x = 1; END; DECLARE EXIT HANDLER FOR SQLEXCEPTION SET @y = 1; SELECT 1; END; SELECT 1;", []string{"CREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND, SQLSTATE VALUE '45000', 1051 BEGIN SET @x = 1; END; DECLARE EXIT HANDLER FOR SQLEXCEPTION SET @y = 1; SELECT 1; END", "SELECT 1"}},
		"cursor":               {"CREATE PROCEDURE p() BEGIN DECLARE c CURSOR FOR SELECT 1; OPEN c; FETCH c INTO @x; CLOSE c; END; SELECT 1;", []string{"CREATE PROCEDURE p() BEGIN DECLARE c CURSOR FOR SELECT 1; OPEN c; FETCH c INTO @x; CLOSE c; END", "SELECT 1"}},
		"for loops":            {"CREATE PROCEDURE p() BEGIN FOR i IN 1..10 DO SELECT i; END FOR; FOR r IN (SELECT a FROM t) DO SELECT r.a; END FOR; END; SELECT 1;", []string{"CREATE PROCEDURE p() BEGIN FOR i IN 1..10 DO SELECT i; END FOR; FOR r IN (SELECT a FROM t) DO SELECT r.a; END FOR; END", "SELECT 1"}},
		"labels":               {"CREATE PROCEDURE p() `a b`: BEGIN l1: LOOP l2: REPEAT LEAVE l1; UNTIL 1 END REPEAT l2; END LOOP l1; END `a b`; SELECT 1;", []string{"CREATE PROCEDURE p() `a b`: BEGIN l1: LOOP l2: REPEAT LEAVE l1; UNTIL 1 END REPEAT l2; END LOOP l1; END `a b`", "SELECT 1"}},
		"package":              {"CREATE PACKAGE BODY p AS a INT; PROCEDURE q() BEGIN SELECT 1; END; END; SELECT 1;", []string{"CREATE PACKAGE BODY p AS a INT; PROCEDURE q() BEGIN SELECT 1; END; END", "SELECT 1"}},
		"trigger of a dump": {"DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t1 BEFORE INSERT ON a FOR EACH ROW BEGIN SET @a=1; SET @b=';;'; END */;;\nDELIMITER ;\nSELECT 1;",
			[]string{"/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t1 BEFORE INSERT ON a FOR EACH ROW BEGIN SET @a=1; SET @b=';;'; END */", "SELECT 1"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			statements, err := source.Split(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, st := range statements {
				got = append(got, st.Text)
				checkPosition(t, tc.text, st)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
		})
	}
}

// checkPosition says whether a statement stands where it says.
func checkPosition(t *testing.T, text string, st source.Statement) {
	t.Helper()
	lines := strings.SplitAfter(strings.TrimPrefix(text, "\ufeff"), "\n")
	if st.Line < 1 || st.Line > len(lines) {
		t.Errorf("statement %q at line %d of %d", st.Text, st.Line, len(lines))
		return
	}
	rest := strings.Join(lines[st.Line-1:], "")
	if st.Column < 1 || st.Column > len(rest) || !strings.HasPrefix(rest[st.Column-1:], st.Text) {
		t.Errorf("statement %q does not stand at %s", st.Text, st.Position)
	}
}

func TestSplit_classify(t *testing.T) {
	t.Parallel()
	type what struct {
		Verb          string
		Kind          ddl.Kind
		Object, Table string
	}
	cases := map[string]what{
		"CREATE TABLE users (id INT)":                                                            {"CREATE", ddl.KindTable, "users", ""},
		"create /* x */ table if not exists `a``b` (id INT)":                                     {"CREATE", ddl.KindTable, "a`b", ""},
		"CREATE TABLE db.users (id INT)":                                                         {"CREATE", ddl.KindTable, "users", ""},
		"CREATE UNIQUE INDEX i USING BTREE ON users (a)":                                         {"CREATE", ddl.KindTable, "users", "users"},
		"DROP INDEX i ON users":                                                                  {"DROP", ddl.KindTable, "users", "users"},
		"CREATE SPATIAL INDEX i ON users (a)":                                                    {"CREATE", ddl.KindTable, "users", "users"},
		"ALTER TABLE users ADD a INT":                                                            {"ALTER", ddl.KindTable, "users", ""},
		"ALTER IGNORE TABLE users ADD a INT":                                                     {"ALTER", ddl.KindTable, "users", ""},
		"DROP TABLE IF EXISTS a, b":                                                              {"DROP", ddl.KindTable, "a", ""},
		"CREATE ALGORITHM=MERGE DEFINER=`a`@`b` SQL SECURITY DEFINER VIEW v AS SELECT 1":         {"CREATE", ddl.KindView, "v", ""},
		"CREATE OR REPLACE VIEW v AS SELECT 1":                                                   {"CREATE", ddl.KindView, "v", ""},
		"CREATE DEFINER=root@localhost TRIGGER t BEFORE INSERT ON users FOR EACH ROW SET @a = 1": {"CREATE", ddl.KindTrigger, "t", "users"},
		"CREATE AGGREGATE FUNCTION f RETURNS INT SONAME 'x'":                                     {"CREATE", ddl.KindFunction, "f", ""},
		"CREATE PROCEDURE IF NOT EXISTS p() SELECT 1":                                            {"CREATE", ddl.KindProcedure, "p", ""},
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1":                                     {"CREATE", ddl.KindEvent, "e", ""},
		"CREATE SEQUENCE s":                                                                      {"CREATE", ddl.KindSequence, "s", ""},
		"CREATE PACKAGE BODY p AS END":                                                           {"CREATE", ddl.KindPackageBody, "p", ""},
		"/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`l`*/ /*!50003 TRIGGER t1 BEFORE INSERT ON a FOR EACH ROW SET @a=1 */": {"CREATE", ddl.KindTrigger, "t1", "a"},
		"/*!40101 SET NAMES utf8 */": {Verb: "SET"},
		"CREATE DATABASE x":          {Verb: "CREATE"},
		"CREATE USER table":          {Verb: "CREATE"},
		"insert into t values (1)":   {Verb: "INSERT", Table: "t"},
		"(SELECT 1)":                 {},
	}
	for text, want := range cases {
		statements, err := source.Split(text)
		if err != nil || len(statements) != 1 {
			t.Errorf("%s: %v, %d statements", text, err, len(statements))
			continue
		}
		st := statements[0]
		if diff := cmp.Diff(want, what{st.Verb, st.Kind, st.Object, st.Table}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestSplit_errors(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("(", 300)
	cases := map[string]struct{ text, want string }{
		"single quote":              {"SELECT 1;\n SELECT 'abc; SELECT 2;", "2:9: a text in ' quotes is never closed"},
		"double quote":              {"SELECT \"abc", "1:8: a text in \" quotes is never closed"},
		"backquote":                 {"SELECT `abc", "1:8: a text in ` quotes is never closed"},
		"quote of a variable":       {"SELECT @'abc", "1:9: a text in ' quotes is never closed"},
		"comment":                   {"SELECT 1;\r\n/* abc", "2:1: a comment (`/*`) is never closed"},
		"executed comment":          {"SELECT 1 /*!50000 + 1;", "1:10: a comment that is executed (`/*!`) is never closed"},
		"two of them":               {"/*!50000 SELECT /*!50000 1 */ */", "1:17: a comment that is executed (`/*!`) stands in another one"},
		"body":                      {"SELECT 1;\nCREATE PROCEDURE p()\nBEGIN\n  IF 1 THEN\n  SELECT 1;\nEND;\n", "4:3: `IF` is never closed by an `END IF`"},
		"body before the delimiter": {"DELIMITER //\nCREATE PROCEDURE p()\nBEGIN\n SELECT 1;\n//\n", "3:1: `BEGIN` is not closed by an `END` before the delimiter `//`"},
		"END of another sort":       {"CREATE PROCEDURE p() BEGIN SELECT 1; END IF; END;", "1:22: `BEGIN` is never closed by an `END`"},
		"no delimiter":              {"DELIMITER\nSELECT 1", "1:1: `DELIMITER` names no delimiter"},
		"bad delimiter":             {"DELIMITER '\nSELECT 1", "1:1: `'` cannot be a delimiter: it would begin a text or a comment"},
		"client command":            {"SELECT 1;\n\\! ls", "2:1: a backslash outside of quotes begins a command of the mysql client: only SQL can stand here"},
		"backslash h":               {"SELECT 1\\h", "1:9: a backslash outside of quotes begins a command of the mysql client: only SQL can stand here"},
		"dollar":                    {"SELECT $$ ' $$; DROP TABLE t; -- '", "1:8: a word that begins with `$` has to stand in backquotes: servers differ in what it means"},
		"NUL":                       {"SELECT 1\x00", "1:9: the text holds a NUL byte"},
		"encoding":                  {"SELECT 'a';\nSELECT '\xbf\x5c'", "2:9: the text is not valid UTF-8"},
		"length":                    {strings.Repeat("x", source.MaxTextLength+1), "1:1: the text has 4194305 bytes, at most 4194304 are read"},
		"statement":                 {"SELECT 1;\nSELECT '" + strings.Repeat("x", source.MaxStatementLength) + "'", "2:1: the statement has 1048585 bytes, at most 1048576 are allowed"},
		"depth":                     {"SELECT " + deep, "1:208: parentheses and compound statements are nested more than 200 deep"},
		"depth of bodies":           {"CREATE PROCEDURE p() " + strings.Repeat("BEGIN ", 300), "1:1228: parentheses and compound statements are nested more than 200 deep"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			statements, err := source.Split(tc.text)
			if err == nil {
				t.Fatalf("no error, %d statements", len(statements))
			}
			if statements != nil {
				t.Errorf("%d statements with an error", len(statements))
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			var syntax *source.SyntaxError
			if !errors.As(err, &syntax) {
				t.Errorf("error is a %T", err)
			}
		})
	}
}

// TestSplit_large: an INSERT may be as large as the text.
func TestSplit_large(t *testing.T) {
	t.Parallel()
	statements, err := source.Split("INSERT INTO t VALUES ('" + strings.Repeat("x", source.MaxStatementLength) + "')")
	if err != nil || len(statements) != 1 {
		t.Errorf("%d statements, %v", len(statements), err)
	}
}

// FuzzSplit: nothing panics, statements stand in the text in order where they
// say, and each of them is one statement by itself.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"", ";", "SELECT 1;", "DELIMITER //\nSELECT 1//", "/*!50003 CREATE*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET @a=1; END */;;",
		"CREATE PROCEDURE p() BEGIN IF a THEN CASE b WHEN 1 THEN SELECT 1; END CASE; END IF; END; SELECT 'x''y' -- z\n",
		"\ufeffINSERT INTO t VALUES (\\N, 0x1f, 1e5, .5, @a, @@b)", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO x: LOOP LEAVE x; END LOOP",
		"BEGIN NOT ATOMIC FOR i IN 1..3 DO SELECT i; END FOR; END", "CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES u (b)); ALTER TABLE t ADD (b INT, c INT), RENAME TO x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		statements, err := source.Split(text)
		if err != nil {
			return
		}
		rest := text
		for _, st := range statements {
			checkPosition(t, text, st)
			_, after, found := strings.Cut(rest, st.Text)
			if !found {
				t.Fatalf("statement %q is not in the rest of the text %q", st.Text, rest)
			}
			rest = after
		}
		var defined catalog.Catalog
		parsed, _ := source.Parse(text, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
		for _, st := range parsed {
			source.Guard(st, source.Rules{Layer: source.LayerCustomization, Databases: []string{"sec_a"}})
			source.Guard(st, source.Rules{Layer: source.LayerSchema})
			defined.Add(st, catalog.Origin{Owner: "core"})
			if one := sqltext.OneLine(st.Text); one != sqltext.OneLine(one) {
				t.Errorf("OneLine is not idempotent: %q, %q", one, sqltext.OneLine(one))
			}
		}
		defined.Finish()
	})
}
