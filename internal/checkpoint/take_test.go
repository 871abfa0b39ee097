package checkpoint_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// unpack returns the text of a file of a checkpoint.
func unpack(t testing.TB, path string) string {
	t.Helper()
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := zstd.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// loadAsClient does what `zstd -dc *.sql.zst | mysql database` does: it sends
// what stands between delimiters, line by line, over one connection.
func loadAsClient(t testing.TB, server *mysql.Server, m *checkpoint.Manifest, database string) {
	t.Helper()
	x := useSession(t, server, database)
	files, err := filepath.Glob(filepath.Join(m.Directory(), "*.sql.zst"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	c := client{delimiter: ";"}
	for _, file := range files {
		for line := range strings.Lines(unpack(t, file)) {
			if statement, ok := c.line(line); ok {
				run(t, x, statement)
			}
		}
	}
	if statement := c.statement.String(); statement != "" {
		t.Errorf("the scripts end in the middle of a statement: %.200s", statement)
	}
}

// A client cuts a script into statements as the standard one does.
type client struct {
	delimiter string
	statement strings.Builder
	quote     byte
	plain     bool // NO_BACKSLASH_ESCAPES, which the server tells the client
}

// line takes a line, and returns a statement that it ends.
func (c *client) line(line string) (string, bool) {
	if c.statement.Len() == 0 {
		if word, ok := strings.CutPrefix(line, "DELIMITER "); ok {
			c.delimiter = strings.TrimSpace(word)
			return "", false
		}
		if strings.HasPrefix(line, "-- ") {
			return "", false
		}
	}
	for i := 0; i < len(line); i++ {
		switch b := line[i]; {
		case c.quote != 0 && b == '\\' && c.quote != '`' && !c.plain:
			i++
		case b == c.quote:
			c.quote = 0
		case c.quote == 0 && (b == '\'' || b == '"' || b == '`'):
			c.quote = b
		case c.quote == 0 && strings.HasPrefix(line[i:], c.delimiter):
			c.statement.WriteString(line[:i])
			statement := c.statement.String()
			c.statement.Reset()
			if strings.HasPrefix(statement, "SET ") && strings.Contains(statement, "sql_mode") {
				c.plain = strings.Contains(statement, "NO_BACKSLASH_ESCAPES")
			}
			return statement, true
		}
	}
	c.statement.WriteString(line)
	return "", false
}

// Every value comes back as the very same value, by our loader and by the
// standard client.
func TestTake_everyType(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := open(t, s, 4)
		db := createDatabase(t, s, "a")
		cases := everyType(t, useSession(t, server, db), infoOf(t, server), "every")
		m := take(t, server, checkpoint.Request{Database: db})
		for i, name := range []string{"loaded", "client"} {
			other := createDatabase(t, s, name)
			if i == 0 {
				load(t, server, checkpoint.LoadRequest{Directory: m.Directory(), Database: other})
			} else {
				loadAsClient(t, server, m, other)
			}
			sameTypes(t, s, cases, mysql.Qualified(db, "every"), mysql.Qualified(other, "every"))
			mustEqual(t, server, checkpoint.CompareRequest{Manifest: m, Database: other})
		}
	})
}

// structure is a database with something of everything.
func structure(info mysql.Info, db string) []string {
	statements := []string{
		"CREATE TABLE parent (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, code VARCHAR(20) NOT NULL COMMENT 'a\nb) ENGINE=x', PRIMARY KEY (id), UNIQUE KEY (code))",
		"CREATE TABLE child (id INT NOT NULL AUTO_INCREMENT, parent_id BIGINT UNSIGNED NULL, n INT DEFAULT 1, doubled INT GENERATED ALWAYS AS (n * 2) VIRTUAL," +
			" kept INT GENERATED ALWAYS AS (n + 1) STORED, PRIMARY KEY (id), KEY (parent_id), CONSTRAINT ck CHECK (n >= 0)," +
			" CONSTRAINT fk FOREIGN KEY (parent_id) REFERENCES `" + db + "`.parent (id) ON DELETE CASCADE)",
		"CREATE TABLE a_loop (id INT PRIMARY KEY, b INT, KEY (b))",
		"CREATE TABLE b_loop (id INT PRIMARY KEY, a INT, KEY (a), CONSTRAINT fk_a FOREIGN KEY (a) REFERENCES a_loop (id))",
		"ALTER TABLE a_loop ADD CONSTRAINT fk_b FOREIGN KEY (b) REFERENCES b_loop (id)",
		"CREATE TABLE parts (id INT NOT NULL, d DATE NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN MAXVALUE)",
		"CREATE TABLE keyless (a INT, b VARCHAR(10))",
		"CREATE TABLE empty_one (a INT PRIMARY KEY AUTO_INCREMENT) AUTO_INCREMENT = 77",
		"CREATE TABLE `odd ``name``;\n x` (`a``b c` INT PRIMARY KEY, `select` VARCHAR(10) INVISIBLE)",
		"CREATE TABLE old (id INT PRIMARY KEY, v VARCHAR(10)) ENGINE=MyISAM",
		"INSERT INTO parent (code) VALUES ('x'), ('y')",
		"SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
		"INSERT INTO parent (id, code) VALUES (0, 'zero'), (41, 'z')",
		"DELETE FROM parent WHERE id = 41",
		"INSERT INTO child (id, parent_id, n) VALUES (0, 1, 5), (1, 2, 6), (2, NULL, NULL)",
		"SET foreign_key_checks = 0", "INSERT INTO a_loop VALUES (1, 1)", "INSERT INTO b_loop VALUES (1, 1)", "SET foreign_key_checks = 1",
		"INSERT INTO parts VALUES (1, '2024-01-01'), (500, '2024-01-02')",
		"INSERT INTO keyless VALUES (1, 'x'), (1, 'x'), (NULL, NULL)",
		"INSERT INTO `odd ``name``;\n x` (`a``b c`, `select`) VALUES (1, 'seen'), (2, NULL)",
		"INSERT INTO old VALUES (1, 'old')",
		"SET sql_mode = 'STRICT_TRANS_TABLES'",
		"CREATE FUNCTION z_total() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM child)",
		"CREATE VIEW z_view AS SELECT c.id, p.code, z_total() AS t FROM child AS c JOIN parent AS p ON p.id = c.parent_id",
		"CREATE VIEW a_view AS SELECT id FROM z_view WHERE code <> 'p;;q'",
		"CREATE TABLE doomed (a INT)", "CREATE VIEW broken AS SELECT a FROM doomed", "DROP TABLE doomed",
		"CREATE TRIGGER t1 BEFORE INSERT ON child FOR EACH ROW SET NEW.n = 100",
		"CREATE TRIGGER a1 BEFORE INSERT ON child FOR EACH ROW FOLLOWS t1 BEGIN SET NEW.n = NEW.n + 1; SET @x = ';;\n'; END",
		"SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
		"CREATE PROCEDURE odd() SELECT '\\', \"id\" FROM \"child\"",
		"SET sql_mode = ''",
		"CREATE PROCEDURE lax() BEGIN DECLARE a INT; SELECT 'é;' INTO a; END",
		"SET sql_mode = 'STRICT_TRANS_TABLES', time_zone = '+05:30'",
		"CREATE EVENT later ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00' ON COMPLETION PRESERVE ENABLE COMMENT 'ON COMPLETION PRESERVE ENABLE' DO DELETE FROM child WHERE n = 1",
		"SET time_zone = '+00:00'",
		"CREATE EVENT off_one ON SCHEDULE EVERY 2 HOUR DISABLE DO DELETE FROM child WHERE n = 2",
	}
	if info.Product == mysql.MariaDB {
		statements = append(statements,
			"CREATE SEQUENCE s START WITH 10 INCREMENT BY 5 CACHE 3", "SELECT NEXTVAL(s)", "SELECT NEXTVAL(s)",
			"CREATE TABLE drawn (id INT PRIMARY KEY DEFAULT NEXTVAL(s), v INT)", "INSERT INTO drawn (v) VALUES (1)",
			"CREATE TABLE kept (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING", "INSERT INTO kept VALUES (1, 1)", "UPDATE kept SET v = 2",
			"CREATE TABLE kept_open (id INT PRIMARY KEY, rs TIMESTAMP(6) GENERATED ALWAYS AS ROW START, re TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME(rs, re)) WITH SYSTEM VERSIONING",
			"INSERT INTO kept_open (id) VALUES (7)",
		)
	}
	return statements
}

// All objects come back, by our loader, by a proof and by the standard client.
func TestTake_structure(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := open(t, s, 4)
		info := infoOf(t, server)
		db := createDatabase(t, s, "a")
		x := useSession(t, server, db)
		run(t, x, structure(info, db)...)
		// A client of another time, whose texts are not in Unicode.
		run(t, x, "SET character_set_client = latin1, collation_connection = latin1_german1_ci")
		run(t, x, "CREATE PROCEDURE umlaut() SELECT '\xfc\xe9' AS `\xfc`", "CREATE VIEW umlauts AS SELECT '\xfc' AS u")
		m := take(t, server, checkpoint.Request{Database: db, Labels: map[string]string{"a": "b"}, Template: "ngo@1.0.0"})

		loaded, client := createDatabase(t, s, "loaded"), createDatabase(t, s, "client")
		s.Exec(t, "ALTER DATABASE `"+loaded+"` CHARACTER SET latin1")
		l := load(t, server, checkpoint.LoadRequest{Directory: m.Directory(), Database: loaded, Checksum: m.Checksum})
		if len(l.Notes) != 1 || !strings.HasPrefix(l.Notes[0], "The view `broken`, which did not work when it was copied, was not created: ") {
			t.Errorf("the notes of the load are %q", l.Notes)
		}
		mustEqual(t, server, checkpoint.CompareRequest{Manifest: m, Database: loaded})
		loadAsClient(t, server, m, client)
		s.Exec(t, "DROP PROCEDURE `"+client+"`.umlaut", "DROP VIEW `"+client+"`.umlauts") // their client is another here
		report, err := checkpoint.Compare(t.Context(), server, checkpoint.CompareRequest{Manifest: m, Database: client})
		if err != nil {
			t.Fatal(err)
		}
		want := []checkpoint.Difference{{Object: "procedure umlaut", Reason: "is missing"}, {Object: "view umlauts", Reason: "is missing"}}
		if !slices.Equal(report.Differences, want) {
			t.Errorf("the client's copy differs: %v", report.Differences)
		}
		for _, name := range []string{loaded, client} {
			counters(t, s, db, name, info.Product == mysql.MariaDB)
		}
		report, err = checkpoint.Verify(t.Context(), server, checkpoint.VerifyRequest{Directory: m.Directory(), Scratch: s.Prefix + "scratch"})
		if err != nil || !report.OK() {
			t.Errorf("the proof says %v, %+v", err, report)
		}
		if got := s.QueryRows(t, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '"+s.Prefix+"scratch'"); len(got) > 0 {
			t.Error("the scratch database is still there")
		}
	})
}

// counters compares what automatic values come next.
func counters(t *testing.T, s *mysqltest.Server, a, b string, sequences bool) {
	t.Helper()
	for _, table := range []string{"parent", "empty_one"} {
		var next [2]string
		for i, db := range []string{a, b} {
			next[i] = s.QueryRows(t, "SHOW CREATE TABLE "+mysql.Qualified(db, table))[0][1]
		}
		if ddlCounter(next[0]) != ddlCounter(next[1]) || ddlCounter(next[1]) < 42 {
			t.Errorf("`%s`.`%s` goes on with %d, the original with %d", b, table, ddlCounter(next[1]), ddlCounter(next[0]))
		}
	}
	if !sequences {
		return
	}
	if got := s.QueryRows(t, "SELECT NEXTVAL("+mysql.Qualified(b, "s")+")")[0][0]; got != "25" {
		t.Errorf("the sequence of `%s` goes on with %s", b, got)
	}
}

func ddlCounter(sql string) uint64 { return ddl.Object{SQL: sql}.AutoIncrement() }

// What the scripts hold is what a reader of SQL takes apart.
func TestTake_split(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := open(t, s, 2)
		db := createDatabase(t, s, "a")
		setUp(t, server, db, structure(infoOf(t, server), db)...)
		s.Exec(t, "DROP PROCEDURE `"+db+"`.odd") // its mode gives backslashes another meaning
		m := take(t, server, checkpoint.Request{Database: db})
		for _, f := range m.Files {
			if !strings.HasSuffix(f.Name, ".zst") {
				continue
			}
			statements, err := source.Split(unpack(t, filepath.Join(m.Directory(), f.Name)))
			if err != nil || len(statements) < 3 {
				t.Errorf("%s: %v, %d statements", f.Name, err, len(statements))
			}
		}
		copied, err := checkpoint.TakeSchema(t.Context(), server, infoOf(t, server), db)
		if err != nil {
			t.Fatal(err)
		}
		if statements, err := source.Split(copied.Script); err != nil || len(statements) < len(copied.Schema.Objects) {
			t.Errorf("the script has %d statements for %d objects: %v", len(statements), len(copied.Schema.Objects), err)
		}
		if copied.Manifest.Fingerprint.Whole != m.Fingerprint.Whole {
			t.Error("the fingerprints differ")
		}
	})
}

// A part of a database, and the structure alone.
func TestTake_parts(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := open(t, s, 4)
		db := createDatabase(t, s, "a")
		setUp(t, server, db, structure(infoOf(t, server), db)...)
		some := []string{"child", "parent"}
		part := take(t, server, checkpoint.Request{Database: db, Tables: some})
		if len(part.Tables) != 2 || part.Rows != 6 || !part.Partial {
			t.Errorf("the part is %+v", part)
		}
		b, c, d := createDatabase(t, s, "b"), createDatabase(t, s, "c"), createDatabase(t, s, "d")
		load(t, server, checkpoint.LoadRequest{Directory: part.Directory(), Database: b})
		mustEqual(t, server, checkpoint.CompareRequest{Manifest: part, Database: b})

		schema := take(t, server, checkpoint.Request{Database: db, Contents: checkpoint.ContentsSchema})
		load(t, server, checkpoint.LoadRequest{Directory: schema.Directory(), Database: c})
		mustEqual(t, server, checkpoint.CompareRequest{Manifest: schema, Database: c})

		whole := take(t, server, checkpoint.Request{Database: db})
		load(t, server, checkpoint.LoadRequest{Directory: whole.Directory(), Database: d, Tables: some, TablesOnly: true})
		mustEqual(t, server, checkpoint.CompareRequest{Manifest: whole, Database: d, Tables: some, TablesOnly: true})
		if got := s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '"+d+"'"); got[0][0] != "0" {
			t.Errorf("%s triggers were created", got[0][0])
		}
		_, err := checkpoint.Take(t.Context(), server, checkpoint.Request{Database: db, Directory: filepath.Join(t.TempDir(), "x"), Tables: []string{"a_view"}})
		if got := fmt.Sprint(err); got != "there is no table `a_view`" {
			t.Errorf("got %s", got)
		}
	})
}
