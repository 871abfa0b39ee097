package source_test

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/shared"
)

// sameMeaning are statements whose canonical form could say something else.
const sameMeaning = `
CREATE TABLE plain (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL DEFAULT 'it''s', note TEXT COMMENT 'a -- b # c /* d */');
CREATE TABLE booleans (a BOOLEAN NOT NULL DEFAULT 1, b BOOL DEFAULT TRUE, c BOOLEAN DEFAULT '0', d TINYINT(1) DEFAULT -1, PRIMARY KEY (a));
CREATE TABLE numbers (a DOUBLE PRECISION, b DEC(10,2), c FIXED(5,1), d NUMERIC(8), e INTEGER UNSIGNED, f SERIAL, g INT(5) ZEROFILL, h REAL, i FLOAT(24), j FLOAT(10,2));
CREATE TABLE texts (a NCHAR(10), b NATIONAL VARCHAR(20), c LONG VARCHAR, d CHAR(5) BINARY, e VARCHAR(5) CHARACTER SET latin1 COLLATE latin1_bin, f CHAR(10) BYTE, g CHAR(3) ASCII, h ENUM('a','b''c','d,e') DEFAULT 'b''c', i SET('x','y'));
CREATE TABLE defaults (a INT DEFAULT (1 + 2), b VARCHAR(36) DEFAULT (UUID()), c DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), d TIMESTAMP NULL DEFAULT NOW(), e BIT(4) DEFAULT b'101', f BINARY(3) DEFAULT 0x616263, g DATE DEFAULT '2020-01-01', h DECIMAL(5,2) DEFAULT 1.5, i VARCHAR(9) DEFAULT 'a\nb\\c"d');
CREATE TABLE checks (a INT CHECK (a > 0), b INT CHECK (b <> 3), c INT, CONSTRAINT c_range CHECK (c BETWEEN 1 AND 10), CHECK (NOT (a = 5)), CHECK (a IS NULL OR b IS NOT NULL));
CREATE TABLE computed (a INT, b INT AS (a + 1), c INT GENERATED ALWAYS AS (a * 2) STORED, d VARCHAR(20) AS (CONCAT(a, '-', b)) VIRTUAL COMMENT 'gen');
CREATE TABLE keys_of_all_kinds (a INT, b INT, c VARCHAR(255), d TEXT, e POINT NOT NULL, PRIMARY KEY USING BTREE (a), UNIQUE KEY u (b), UNIQUE INDEX (b, a), KEY k1 (c(10)), INDEX k2 (b DESC), FULLTEXT KEY f (d), FULLTEXT INDEX f2 (c, d), SPATIAL INDEX s (e), KEY k3 (a) COMMENT 'why', KEY USING HASH (c));
CREATE TABLE parent (id INT UNSIGNED NOT NULL AUTO_INCREMENT, code VARCHAR(8) NOT NULL, PRIMARY KEY (id), UNIQUE KEY (code)) ENGINE = InnoDB AUTO_INCREMENT = 10 DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci COMMENT = 'parents';
CREATE TABLE child (id INT UNSIGNED PRIMARY KEY, parent_id INT UNSIGNED, parent_code VARCHAR(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, CONSTRAINT child_parent FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE NO ACTION, FOREIGN KEY (parent_code) REFERENCES parent (code) ON DELETE SET NULL);
CREATE TABLE partitioned (id INT NOT NULL, at DATE NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (YEAR(at)) (PARTITION p0 VALUES LESS THAN (2000) COMMENT = 'old', PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE two_columns (a INT, b INT) PARTITION BY RANGE COLUMNS (a, b) (PARTITION p0 VALUES LESS THAN (1, 2), PARTITION p1 VALUES LESS THAN (MAXVALUE, MAXVALUE));
CREATE TABLE options_of_all_kinds (id INT PRIMARY KEY) ROW_FORMAT=DYNAMIC KEY_BLOCK_SIZE=0 STATS_PERSISTENT=1 STATS_AUTO_RECALC=1 STATS_SAMPLE_PAGES=20 MIN_ROWS=1 MAX_ROWS=1000 AVG_ROW_LENGTH=10 CHECKSUM=0 PACK_KEYS=DEFAULT;
CREATE TABLE versioned /*!50100 (id INT NOT NULL PRIMARY KEY) ENGINE=InnoDB */ /*!50100 PARTITION BY HASH (id) PARTITIONS 2 */;
CREATE TABLE ` + "`odd``name . x`" + ` (` + "`order`" + ` INT, ` + "`größe`" + ` INT, ` + "`external`" + ` INT, ` + "`select``x`" + ` INT);
CREATE TABLE with_json (j JSON, k JSON DEFAULT NULL, l JSON CHECK (JSON_VALID(l)), a VARCHAR(20) AS (JSON_UNQUOTE(JSON_EXTRACT(j, '$.a'))) VIRTUAL, CHECK (JSON_VALID(k)));
CREATE INDEX added ON plain (name);
CREATE UNIQUE INDEX added_too USING BTREE ON plain (name, id DESC) COMMENT 'x';
ALTER TABLE plain ADD COLUMN extra INT NOT NULL DEFAULT 3 AFTER id, ADD KEY extra_key (extra), ADD CONSTRAINT extra_check CHECK (extra > 0);
ALTER TABLE plain ADD (one INT, two INT);
ALTER TABLE plain ADD UNIQUE (one), DROP COLUMN two, MODIFY one BIGINT, ALTER COLUMN extra SET DEFAULT 4, COMMENT='altered';
CREATE VIEW v_names AS SELECT id, name, id AS number FROM plain WHERE name <> '' ORDER BY id;
CREATE VIEW v_expression AS SELECT id + 1, COUNT(*)   AS n, UPPER( 'x' ), id
  + 2 FROM plain GROUP BY id;
CREATE VIEW v_join (a, b, c) AS SELECT p.id, c.id, IF(c.parent_code IS NULL, 'none', _utf8mb4'some') FROM parent p LEFT JOIN child AS c ON c.parent_id = p.id;
CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW v_options AS SELECT p.* FROM parent AS p WHERE p.id > 1 WITH CASCADED CHECK OPTION;
CREATE VIEW v_with AS WITH RECURSIVE c (n) AS (SELECT 1 AS n UNION ALL SELECT n + 1 AS n FROM c WHERE n < 5) SELECT n AS n FROM c;
CREATE VIEW v_case AS SELECT CASE WHEN id > 1 THEN 'a' ELSE 'b' END AS k, NOT id AS n, -id AS m, id DIV 2 AS d, id MOD 2 AS r, id BETWEEN 1 AND 2 AS b, name LIKE 'a%' AS l, name IN ('a', 'b') AS i FROM plain;
CREATE VIEW v_union AS SELECT id AS id FROM parent UNION SELECT id AS id FROM child ORDER BY id LIMIT 3;
CREATE PROCEDURE p_add (IN a INT, OUT b INT) COMMENT 'adds' MODIFIES SQL DATA
BEGIN
  -- a comment that stays
  DECLARE x INT DEFAULT 0;
  add_them: WHILE x < a DO SET x = x + 1; END WHILE add_them;
  SET b = x; /*!50003 SET b = b + 1; */
END;
CREATE FUNCTION f_double (a INT) RETURNS INT DETERMINISTIC RETURN a * 2;
CREATE TRIGGER t_plain BEFORE INSERT ON plain FOR EACH ROW
BEGIN IF NEW.name = 'x' THEN SET NEW.name = CONCAT(NEW.name, ';', 'y'); END IF; END;
CREATE EVENT e_daily ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00' DISABLE COMMENT 'e' DO DELETE FROM plain WHERE id < 0;
CREATE TABLE words_of_types (a NVARCHAR(20), b CHARACTER(20), c CHARACTER VARYING(20), d CHAR VARYING(20), e VARCHARACTER(20), f INT1, g INT2, h INT3, i INT4, j INT8, k MIDDLEINT, l INT ZEROFILL UNSIGNED);
CREATE TABLE words_naïve (größe INT);
`

// ofMariaDB are statements that only MariaDB takes.
const ofMariaDB = `
CREATE TABLE maria (a INET6, b UUID, c TEXT DEFAULT 'abc', d INT AS (1 + 1) PERSISTENT, e VARCHAR(10) COMPRESSED, KEY k (a) IGNORED);
CREATE TABLE maria_versions (id INT PRIMARY KEY, x INT) WITH SYSTEM VERSIONING;
CREATE TABLE maria_period (id INT, s DATE, e DATE, PERIOD FOR app (s, e), UNIQUE (id, app WITHOUT OVERLAPS));
CREATE SEQUENCE maria_sequence START WITH 5;
CREATE TABLE maria_next (id INT DEFAULT (NEXT VALUE FOR maria_sequence));
ALTER TABLE maria ADD COLUMN IF NOT EXISTS z INT;
CREATE TABLE maria_lists (r INT) PARTITION BY LIST (r) (PARTITION a VALUES IN (1, 2), PARTITION z DEFAULT);
CREATE TABLE maria_words (rank INT, empty INT, window INT, d DATE DEFAULT CURRENT_DATE);
`

// ofMySQL are statements that only MySQL takes.
const ofMySQL = `
CREATE TABLE mysql_keys (a INT, b VARCHAR(50), j JSON, KEY f1 ((a + 1)), KEY f2 ((LOWER(b))), KEY f3 ((CAST(j->'$.z' AS UNSIGNED ARRAY))), KEY i (a) INVISIBLE);
CREATE TABLE mysql_columns (a INT INVISIBLE, b INT COLUMN_FORMAT FIXED, p POINT NOT NULL SRID 4326, v VECTOR(3), c VARCHAR(10) COLLATE utf8mb4_0900_as_cs, CHECK (b > 0) NOT ENFORCED);
CREATE TABLE mysql_json (j JSON, a VARCHAR(20) AS (j->>'$.a'), b INT AS (j->'$.b') STORED);
CREATE TABLE mysql_extend (id INT PRIMARY KEY) AUTOEXTEND_SIZE=4M;
CREATE VIEW mysql_intersect AS SELECT a AS a FROM mysql_keys INTERSECT SELECT b AS b FROM mysql_columns;
CREATE VIEW mysql_lateral AS SELECT k.a AS a, x.m AS m FROM mysql_keys AS k, LATERAL (SELECT MAX(c.b) AS m FROM mysql_columns AS c WHERE c.b = k.a) AS x;
CREATE VIEW mysql_table AS SELECT t.n AS n FROM JSON_TABLE('[1,2]', '$[*]' COLUMNS (n INT PATH '$')) AS t;
`

// TestParse_sameMeaning: running SQL leaves the same schema as running Text, on
// each server, for texts of our own and for real ones.
func TestParse_sameMeaning(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		own, corpus := ofMySQL, "torture_mysql"
		srv := ddl.Server{Product: ddl.MySQL, Version: s.QueryRows(t, "SELECT VERSION()")[0][0]}
		if strings.Contains(string(s.Kind), "mariadb") {
			own, corpus, srv.Product = ofMariaDB, "torture_maria", ddl.MariaDB
		}
		texts := map[string]string{"own": sameMeaning + own}
		for _, name := range []string{"sakila", "laravel_default", corpus} { // the others passed too, and take a minute
			if text := corpusText(t, name); text != "" {
				texts[name] = text
			}
		}
		for name, text := range texts {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				checkMeaning(t, s, srv, name, text)
			})
		}
	})
}

// corpusText is the text of a real schema, empty when it is not here.
func corpusText(t *testing.T, name string) string {
	t.Helper()
	var b strings.Builder
	for _, f := range shared.Paths(t, "corpus", name, "*.sql") {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(body)
		b.WriteString("\n")
	}
	return b.String()
}

func checkMeaning(t *testing.T, s *mysqltest.Server, srv ddl.Server, name, text string) {
	statements, faults := source.Parse(text, srv)
	for _, f := range faults {
		t.Errorf("a text that the servers take: %s", f)
	}
	asText, asSQL := open(t, s, s.Prefix+name+"_text"), open(t, s, s.Prefix+name+"_sql")
	ran := 0
	for _, st := range statements {
		if st.Verb != "CREATE" && st.Verb != "ALTER" || st.Kind == "" {
			continue
		}
		strip := func(sql string) string { return strings.ReplaceAll(sql, "sakila.", "") }
		_, err := asText.ExecContext(t.Context(), strip(st.Text))
		_, other := asSQL.ExecContext(t.Context(), strip(st.SQL))
		if (err == nil) != (other == nil) {
			t.Errorf("%s: text: %v, SQL: %v\n\t%s", st.Position, err, other, st.SQL)
		}
		if err != nil {
			if name == "own" {
				t.Errorf("%s: %v\n\t%s", st.Position, err, st.Text)
			}
			continue
		}
		if strings.Contains(st.SQL, "\n") && st.Kind == ddl.KindTable {
			t.Errorf("%s: more than one line: %s", st.Position, st.SQL)
		}
		ran++
	}
	if diff := cmp.Diff(printed(t, asText), printed(t, asSQL)); diff != "" {
		t.Errorf("running SQL gives another schema (-text +SQL):\n%s", diff)
	}
	if ran == 0 {
		t.Error("no statement ran")
	}
}

// open makes a database and returns a connection to it with the settings of a
// dump: tables may refer to later ones.
func open(t *testing.T, s *mysqltest.Server, name string) *sql.Conn {
	t.Helper()
	s.Exec(t, "CREATE DATABASE `"+name+"` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
	conn, err := s.Open(t, s.Username, s.Password, name).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	for _, set := range []string{"SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci", "SET foreign_key_checks=0"} {
		if _, err := conn.ExecContext(t.Context(), set); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

// printed is what the server prints of a database, by kind and name.
func printed(t *testing.T, conn *sql.Conn) map[string]string {
	t.Helper()
	out := map[string]string{}
	var database string
	if err := conn.QueryRowContext(t.Context(), "SELECT DATABASE()").Scan(&database); err != nil {
		t.Fatal(err)
	}
	own := func(text string) string { return strings.ReplaceAll(text, "`"+database+"`.", "") }
	for _, row := range rows(t, conn, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()") {
		name := row[0]
		shown := rows(t, conn, "SHOW CREATE TABLE `"+strings.ReplaceAll(name, "`", "``")+"`")
		out["table "+name] = own(shown[0][1])
	}
	for _, query := range []string{
		"SELECT 'routine', ROUTINE_NAME, ROUTINE_TYPE, DTD_IDENTIFIER, ROUTINE_DEFINITION, SQL_DATA_ACCESS, IS_DETERMINISTIC, ROUTINE_COMMENT FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()",
		"SELECT 'parameter', CONCAT(SPECIFIC_NAME, ORDINAL_POSITION), PARAMETER_MODE, PARAMETER_NAME, DTD_IDENTIFIER FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = DATABASE()",
		"SELECT 'trigger', TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()",
		"SELECT 'event', EVENT_NAME, EVENT_DEFINITION, INTERVAL_VALUE, STATUS, EVENT_COMMENT FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()",
	} {
		for _, row := range rows(t, conn, query) {
			out[row[0]+" "+row[1]] = own(strings.Join(row[2:], "\n"))
		}
	}
	return out
}

func rows(t *testing.T, conn *sql.Conn, query string) [][]string {
	t.Helper()
	result, err := conn.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer result.Close()
	columns, _ := result.Columns()
	var out [][]string
	for result.Next() {
		values, targets := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := result.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(columns))
		for i, v := range values {
			row[i] = v.String
		}
		out = append(out, row)
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestParse_executedComments: what is unwrapped is what every server executes.
func TestParse_executedComments(t *testing.T) {
	t.Parallel()
	const canary = "SELECT 1 /*!%s +1 */"
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		all := map[string]bool{}
		for _, version := range []string{"00000", "32302", "40101", "50003", "50100", "50699", "50700", "50717", "80000", "99999", "100100"} {
			text := strings.Replace(canary, "%s", version, 1)
			statements, faults := source.Parse(text, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
			if len(faults) > 0 || len(statements) != 1 {
				t.Fatalf("%s: %v", text, faults)
			}
			unwrapped := !strings.Contains(statements[0].SQL, "/*!")
			result := s.QueryRows(t, text)[0][0]
			if unwrapped && result != "2" {
				t.Errorf("%s is unwrapped, but %s says %s", text, s.Kind, result)
			}
			all[version] = unwrapped
			if version == "50700" && s.Kind != "mysql-9.7" && result != "1" {
				t.Errorf("%s executes %s: the rule that MariaDB skips 50700 to 99999 does not hold", s.Kind, text)
			}
		}
		if got := s.QueryRows(t, "SELECT 1 /*m! +1 */")[0][0]; got != "1" {
			t.Errorf("%s executes /*m!: it is no plain comment", s.Kind)
		}
		for _, version := range []string{"00000", "32302", "40101", "50003", "50100", "50699"} {
			if !all[version] {
				t.Errorf("/*!%s is not unwrapped", version)
			}
		}
	})
}
