package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// wild makes schemas of everything that the servers know. It does not know what is
// allowed: wildSchema.settle takes out what the server refuses.
type wild struct {
	*rand.Rand

	mariadb bool
	n       int // numbers what is made
}

// wildSchema is a schema whose texts name tables, columns and types in braces, so that
// a rename, or a column that changes with those that refer to it, is one change.
type wildSchema struct {
	names   map[string]string // what stands in braces, by it
	tables  []wildTable
	objects []string // views, routines, triggers and events, in their order
}

type wildTable struct {
	id        string
	columns   []wildColumn
	parts     []string // keys and checks
	keys      []string // foreign keys
	options   []string
	partition string
}

type wildColumn struct{ id, definition string }

func (w *wild) chance(percent int) bool { return w.IntN(100) < percent }

func (w *wild) pick(from ...string) string { return from[w.IntN(len(from))] }

func (w *wild) number() int { w.n++; return w.n }

// only returns a text that one product knows, else the other one.
func (w *wild) only(mysql, mariadb string) string {
	if w.mariadb {
		return mariadb
	}
	return mysql
}

func (s *wildSchema) clone() *wildSchema {
	out := &wildSchema{names: maps.Clone(s.names), objects: slices.Clone(s.objects)}
	for _, t := range s.tables {
		t.columns, t.parts, t.keys, t.options = slices.Clone(t.columns), slices.Clone(t.parts), slices.Clone(t.keys), slices.Clone(t.options)
		out.tables = append(out.tables, t)
	}
	return out
}

func (w *wild) schema() *wildSchema {
	s := &wildSchema{names: map[string]string{}}
	for range 2 + w.IntN(4) {
		w.addTable(s)
	}
	for range w.IntN(6) {
		w.addForeignKey(s)
	}
	for range w.IntN(7) {
		w.addObject(s)
	}
	return s
}

// odd gives a name now and then that has to be quoted.
func (w *wild) odd(s *wildSchema, id string) {
	s.names[id] = id
	if w.chance(12) {
		s.names[id] = w.pick("g h ", "x`y", "Über", "order", "Key", "a.b", "it's", "%s") + id
	}
}

func (w *wild) addTable(s *wildSchema) {
	n := w.number()
	t := wildTable{id: fmt.Sprintf("t%d", n)}
	w.odd(s, t.id)
	s.names["id"+t.id] = "id"
	s.names["type"+t.id] = w.pick("INT", "BIGINT", "INT UNSIGNED", "CHAR(12)", "VARCHAR(20) CHARACTER SET ascii")
	id := "{type" + t.id + "} NOT NULL"
	if strings.Contains(s.names["type"+t.id], "INT") && w.chance(60) {
		id += " AUTO_INCREMENT"
	}
	t.columns = []wildColumn{{"id" + t.id, id}}
	t.parts = []string{"PRIMARY KEY ({id" + t.id + "})"}
	for range 2 + w.IntN(6) {
		w.addColumn(s, &t)
	}
	for range w.IntN(7) {
		w.addPart(&t)
	}
	for range w.IntN(3) {
		t.options = append(t.options, w.option())
	}
	if w.chance(15) {
		t.partition = w.partitioning(&t)
	}
	s.tables = append(s.tables, t)
}

func (w *wild) option() string {
	return w.pick("COMMENT='it''s a table'", "COMMENT=\"double; quoted\"", "ROW_FORMAT=DYNAMIC", "ROW_FORMAT=COMPACT", "ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8", "ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=4",
		"KEY_BLOCK_SIZE=8", "DEFAULT CHARSET=latin1", "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin", "COLLATE utf8mb4_general_ci", "CHARSET=utf8mb3", "AUTO_INCREMENT=100", "STATS_PERSISTENT=0",
		"STATS_SAMPLE_PAGES=20", "STATS_AUTO_RECALC=1", "MIN_ROWS=5", "MAX_ROWS=1000", "AVG_ROW_LENGTH=100", "CHECKSUM=1", "PACK_KEYS=1", "DELAY_KEY_WRITE=1",
		w.only("COMPRESSION='zlib'", "PAGE_COMPRESSED=1"), w.only("STATS_PERSISTENT=DEFAULT", "TRANSACTIONAL=1"), w.only("AUTOEXTEND_SIZE=4M", "PAGE_CHECKSUM=1"), "ENGINE=InnoDB", w.only("ENGINE=MEMORY", "ENGINE=Aria"), "ENGINE=MyISAM")
}

func (w *wild) partitioning(t *wildTable) string {
	id := "{" + t.columns[0].id + "}"
	return w.pick("PARTITION BY HASH ("+id+") PARTITIONS 3", "PARTITION BY HASH ("+id+") PARTITIONS 5", "PARTITION BY KEY ("+id+") PARTITIONS 2", "PARTITION BY LINEAR KEY () PARTITIONS 4",
		"PARTITION BY RANGE ("+id+") (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (100) COMMENT 'it''s', PARTITION pm VALUES LESS THAN MAXVALUE)",
		"PARTITION BY RANGE ("+id+") (PARTITION p0 VALUES LESS THAN (10), PARTITION px VALUES LESS THAN (50), PARTITION pm VALUES LESS THAN MAXVALUE)",
		"PARTITION BY RANGE COLUMNS ("+id+") (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (MAXVALUE))",
		"PARTITION BY LIST ("+id+") (PARTITION a VALUES IN (1,2,3), PARTITION b VALUES IN (4,5,6,7,8,9))",
		"PARTITION BY RANGE ("+id+") SUBPARTITION BY HASH ("+id+") SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (10), PARTITION pm VALUES LESS THAN MAXVALUE)",
		"PARTITION BY LINEAR HASH ("+id+") PARTITIONS 2", "PARTITION BY KEY ALGORITHM=2 ("+id+") PARTITIONS 3")
}

func (w *wild) addColumn(s *wildSchema, t *wildTable) {
	c := wildColumn{id: fmt.Sprintf("c%d", w.number())}
	w.odd(s, c.id)
	c.definition = w.definition(t)
	t.columns = slices.Insert(t.columns, w.IntN(len(t.columns))+1, c)
}

func (w *wild) anyColumn(t *wildTable) string {
	return "{" + t.columns[w.IntN(len(t.columns))].id + "}"
}

// definition returns what stands behind the name of a column.
func (w *wild) definition(t *wildTable) string {
	if w.chance(22) {
		return w.generated(t)
	}
	types := [][]string{
		{"INT", "BIGINT UNSIGNED", "SMALLINT", "TINYINT(1)", "MEDIUMINT UNSIGNED", "INT(5) ZEROFILL", "BIT(7)", "BOOL", "YEAR", "INT UNSIGNED"},
		{"DECIMAL(10,2)", "DECIMAL(8,3) UNSIGNED", "DOUBLE", "FLOAT", "NUMERIC(5)", "DOUBLE(9,2)", "REAL", "DECIMAL"},
		{"VARCHAR(40)", "VARCHAR(200)", "CHAR(9)", "VARCHAR(30) CHARACTER SET latin1", "VARCHAR(60) COLLATE utf8mb4_bin", "CHAR(4) CHARACTER SET ascii COLLATE ascii_bin", "VARCHAR(20) CHARACTER SET utf8mb3",
			"ENUM('a','b','it''s')", "SET('x','y','z')", "NATIONAL VARCHAR(10)", "VARBINARY(16)", "BINARY(4)", w.only("VARCHAR(30) COLLATE utf8mb4_0900_as_cs", "VARCHAR(30) COLLATE utf8mb4_uca1400_as_cs")},
		{"TEXT", "MEDIUMTEXT", "TINYTEXT COLLATE utf8mb4_bin", "BLOB", "LONGBLOB", "JSON", "LONGTEXT CHARACTER SET latin1"},
		{"DATETIME", "DATETIME(3)", "DATE", "TIME(2)", "TIMESTAMP NULL", "TIMESTAMP(6) NULL"},
		{"POINT", "GEOMETRY", "POLYGON", w.only("POINT SRID 4326", "POINT REF_SYSTEM_ID=4326"), "LINESTRING", w.only("VECTOR(3)", "UUID"), w.only("GEOMETRYCOLLECTION", "INET6")},
	}
	defaults := [][]string{
		{"DEFAULT 1", "DEFAULT '0'", "DEFAULT (1 + 1)", "DEFAULT -1", "DEFAULT TRUE", "DEFAULT b'101'"},
		{"DEFAULT 1.50", "DEFAULT '2'", "DEFAULT 1e2", "DEFAULT (PI())", "DEFAULT 0.0"},
		{"DEFAULT ''", "DEFAULT 'a'", "DEFAULT 'it''s'", "DEFAULT (CONCAT('a','b'))", "DEFAULT (UUID())", "DEFAULT 0x41", "DEFAULT (LOWER('X'))", "DEFAULT '\\\\'", "DEFAULT 'x'"},
		{"DEFAULT ('[1]')", "DEFAULT (CONCAT('[', ']'))", "DEFAULT (JSON_OBJECT())", "DEFAULT ('{}')", "DEFAULT (JSON_ARRAY())"},
		{"DEFAULT CURRENT_TIMESTAMP", "DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP", "DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)", "DEFAULT '2020-01-01'", "DEFAULT '2020-01-01 10:00:00'", "DEFAULT (NOW() + INTERVAL 1 DAY)", "ON UPDATE CURRENT_TIMESTAMP", "DEFAULT (CURRENT_DATE)"},
		{"DEFAULT (POINT(1,2))", "DEFAULT NULL"},
	}
	kind := w.IntN(len(types))
	if kind == 5 && w.chance(50) {
		kind = w.IntN(5)
	}
	d := w.pick(types[kind]...)
	d += w.pick("", "", " NULL", " NOT NULL", " NOT NULL")
	if w.chance(45) {
		d += " " + w.pick(defaults[kind]...)
	}
	if w.chance(12) {
		d += " " + w.pick("INVISIBLE", "INVISIBLE", "COLUMN_FORMAT FIXED", "COMPRESSED")
	}
	if w.chance(15) {
		d += " COMMENT '" + w.pick("it''s", "a, b) c", "back`tick", "\\\\n", "naïve ü", "# -- /* no */", "100%") + "'"
	}
	if w.chance(8) {
		d += " CHECK (" + w.condition(t) + ")"
	}
	return d
}

func (w *wild) generated(t *wildTable) string {
	d := w.pick("INT", "BIGINT", "VARCHAR(100)", "VARCHAR(80) CHARACTER SET latin1", "DOUBLE", "DECIMAL(20,4)", "VARCHAR(60) COLLATE utf8mb4_bin", "JSON", "TEXT") + " " +
		w.pick("AS", "GENERATED ALWAYS AS") + " (" + w.expression(t) + ") " + w.pick("STORED", "VIRTUAL", "", w.only("STORED", "PERSISTENT"))
	if w.chance(20) {
		d += w.pick(w.only(" NOT NULL", ""), " INVISIBLE", " COMMENT 'made'")
	}
	return d
}

func (w *wild) expression(t *wildTable) string {
	a, b := w.anyColumn(t), w.anyColumn(t)
	return w.pick(a+" + 1", a+" * 2 - "+b, "CONCAT("+a+", '-', "+b+")", "UPPER("+a+")", "COALESCE("+a+", "+b+", 0)", "CHAR_LENGTH("+a+")", "IF("+a+" > 3, 'big', 'small')", "LEFT("+a+", 3)", "-"+a, "- 1 * "+a,
		"CASE WHEN "+a+" IS NULL THEN 0 ELSE 1 END", "JSON_UNQUOTE(JSON_EXTRACT("+a+", '$.k'))", "YEAR("+a+")", "MD5("+a+")", a+" DIV 2", "NOT "+a, a+" <=> "+b, "CAST("+a+" AS CHAR(20))", "CAST("+a+" AS SIGNED)", a+" & 7", "GREATEST("+a+", 5)",
		"TRIM(LEADING 'x' FROM "+a+")", a+" BETWEEN 1 AND 5", a+" IN (1, 2, 3)", a+" LIKE 'x%'", "DATE_FORMAT("+a+", '%Y-%m')", "REPLACE("+a+", 'u', 'ue')", a+" || "+b, "SUBSTRING("+a+" FROM 2 FOR 3)", "HEX("+a+")", a+" ^ 1", "~"+a, "CONVERT("+a+" USING utf8mb4)",
		"("+a+" = 'it''s')", a+" REGEXP '^a'", "MOD("+a+", 3)", "DATEDIFF("+a+", '2020-01-01')", w.only(a+"->>'$.k'", "JSON_VALUE("+a+", '$.k')"), "1", "'x'", "NULL", "CONCAT_WS(',', "+a+", "+b+")", a+" XOR "+b, a+" + INTERVAL 1 DAY", "INSTR("+a+", 'a')")
}

func (w *wild) condition(t *wildTable) string {
	a, b := w.anyColumn(t), w.anyColumn(t)
	return w.pick(a+" > -1000000", a+" IS NOT NULL OR "+b+" IS NULL", a+" <> 'no'", "CHAR_LENGTH("+a+") < 1000", a+" IN (1,2,3) OR 1 = 1", "NOT ("+a+" = 'q')", a+" IS NULL OR "+a+" >= "+b+" OR TRUE", "COALESCE("+a+", 0) >= 0 OR "+b+" IS NOT NULL OR TRUE",
		a+" NOT LIKE '%@@%'", "("+w.expression(t)+") IS NOT NULL OR TRUE", a+" NOT BETWEEN 900 AND 901", a+" != 'it''s'", "CASE "+a+" WHEN 77 THEN FALSE ELSE TRUE END", a+" REGEXP '^.*$' OR TRUE")
}

// keyPart is a column of a key: whole, a prefix, descending, or an expression.
func (w *wild) keyPart(t *wildTable) string {
	c := w.anyColumn(t)
	switch w.IntN(10) {
	case 0, 1:
		c += w.pick("(3)", "(9)", "(40)", "(12)", "(20)")
	case 2:
		if !w.mariadb {
			return "((" + w.expression(t) + "))" + w.pick("", " DESC")
		}
	}
	return c + w.pick("", "", "", " DESC", " ASC")
}

func (w *wild) addPart(t *wildTable) {
	name := fmt.Sprintf("k%d", w.number())
	if w.chance(10) {
		name = "`k " + name + "`"
	}
	if w.chance(25) {
		text := "CHECK (" + w.condition(t) + ")" + w.pick("", "", w.only(" NOT ENFORCED", ""))
		if w.chance(70) {
			text = "CONSTRAINT " + name + " " + text
		}
		t.parts = append(t.parts, text)
		return
	}
	var columns []string
	for range 1 + w.IntN(3) {
		columns = append(columns, w.keyPart(t))
	}
	text := w.pick("KEY ", "INDEX ", "KEY ", "UNIQUE KEY ", "UNIQUE ") + name + " " + w.pick("", "", "USING BTREE ", "") + "(" + strings.Join(columns, ", ") + ")"
	switch w.IntN(14) {
	case 0:
		text = "FULLTEXT KEY " + name + " (" + w.anyColumn(t) + ")" + w.only(w.pick("", " WITH PARSER ngram"), "")
	case 1:
		text = "SPATIAL KEY " + name + " (" + w.anyColumn(t) + ")"
	case 2:
		if !w.mariadb {
			text = "KEY " + name + " ((CAST(" + w.anyColumn(t) + "->'$.a' AS " + w.pick("UNSIGNED", "CHAR(20)", "SIGNED", "DATE") + " ARRAY)))"
		}
	}
	text += w.pick("", "", "", "", "", " COMMENT 'it''s'", w.only(" INVISIBLE", " IGNORED"), " KEY_BLOCK_SIZE=4", " USING BTREE", w.only(" VISIBLE", " NOT IGNORED"))
	t.parts = append(t.parts, text)
}

// addForeignKey makes columns of its own with the types of what they refer to, or uses
// those that are there.
func (w *wild) addForeignKey(s *wildSchema) {
	child, parent := &s.tables[w.IntN(len(s.tables))], &s.tables[w.IntN(len(s.tables))]
	n := w.number()
	own, theirs := fmt.Sprintf("c%d", n), "{id"+parent.id+"}"
	actions := w.pick("", "", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON UPDATE CASCADE", " ON DELETE RESTRICT", " ON UPDATE NO ACTION ON DELETE CASCADE", " ON UPDATE SET NULL")
	name := w.pick("", fmt.Sprintf("CONSTRAINT f%d ", n))
	switch w.IntN(6) {
	case 0: // two columns
		other, far := fmt.Sprintf("c%d", w.number()), parent.columns[w.IntN(len(parent.columns))]
		s.names[other] = other
		typ, _, _ := strings.Cut(far.definition, " NOT NULL")
		typ, _, _ = strings.Cut(typ, " DEFAULT")
		child.columns = append(child.columns, wildColumn{other, typ})
		parent.parts = append(parent.parts, fmt.Sprintf("UNIQUE KEY u%d ({%s}, %s)", n, far.id, theirs))
		theirs = "{" + far.id + "}, " + theirs
		s.names[own] = own
		child.columns = append(child.columns, wildColumn{own, "{type" + parent.id + "} NULL"})
		child.keys = append(child.keys, fmt.Sprintf("%sFOREIGN KEY ({%s}, {%s}) REFERENCES {%s} (%s)%s", name, other, own, parent.id, theirs, actions))
		return
	case 1: // its own primary key
		own = child.columns[0].id
		s.names["type"+child.id] = s.names["type"+parent.id]
	default:
		w.odd(s, own)
		child.columns = append(child.columns, wildColumn{own, "{type" + parent.id + "}" + w.pick(" NULL", " NULL", " NOT NULL", " DEFAULT NULL COMMENT 'who'")})
		switch w.IntN(5) {
		case 0:
			child.parts = append(child.parts, fmt.Sprintf("KEY x%d ({%s}, %s)", n, own, w.keyPart(child)))
		case 1:
			child.parts = append(child.parts, fmt.Sprintf("UNIQUE KEY x%d ({%s}, %s(5))", n, own, w.anyColumn(child)))
		}
	}
	child.keys = append(child.keys, fmt.Sprintf("%sFOREIGN KEY ({%s}) REFERENCES {%s} (%s)%s", name, own, parent.id, theirs, actions))
}

// addObject makes a view, a routine, a trigger or an event.
func (w *wild) addObject(s *wildSchema) {
	n := w.number()
	t := &s.tables[w.IntN(len(s.tables))]
	source, column := "{"+t.id+"}", w.anyColumn(t)
	name := fmt.Sprintf("o%d", n)
	var triggers, views []string
	for _, o := range s.objects {
		words := strings.Fields(o)
		if at := slices.Index(words, "TRIGGER"); at >= 0 && strings.Contains(o, source+" ") {
			triggers = append(triggers, words[at+1])
		}
		if at := slices.Index(words, "VIEW"); at >= 0 {
			views = append(views, words[at+1])
		}
	}
	order := ""
	if len(triggers) > 0 && w.chance(60) {
		order = w.pick("FOLLOWS ", "PRECEDES ") + w.pick(triggers...) + " "
	}
	over := source
	if len(views) > 0 && w.chance(60) {
		over, column = w.pick(views...), "y"
	}
	algorithm := w.pick("", "", "ALGORITHM=MERGE ", "ALGORITHM=TEMPTABLE ", "SQL SECURITY INVOKER ")
	id := "{id" + t.id + "}"
	if over != source {
		id = "x"
	}
	switch w.IntN(12) {
	case 0, 1, 2:
		s.objects = append(s.objects, "CREATE "+algorithm+"VIEW "+name+" AS SELECT "+id+" AS x, "+column+" AS y FROM "+over+w.pick("", "", " WHERE "+id+" > 3", " WHERE "+id+" > 0 WITH CHECK OPTION", " ORDER BY x LIMIT 5"))
	case 3:
		s.objects = append(s.objects, "CREATE VIEW "+name+" (x, y) AS SELECT a."+id+", COUNT(*) FROM "+over+" a LEFT JOIN "+over+" b ON a."+id+" = b."+id+" GROUP BY a."+id+w.pick("", " HAVING COUNT(*) > 1"))
	case 4:
		s.objects = append(s.objects, "CREATE VIEW "+name+" AS WITH q AS (SELECT "+id+" AS x, "+column+" AS y FROM "+over+") SELECT x, y, ROW_NUMBER() OVER (ORDER BY x) AS r FROM q UNION ALL SELECT 1, 'u', (SELECT MAX("+id+") FROM "+over+")")
	case 5, 6, 7:
		s.objects = append(s.objects, "CREATE TRIGGER "+name+" "+w.pick("BEFORE", "AFTER")+" "+w.pick("INSERT", "UPDATE", "DELETE")+" ON "+source+" FOR EACH ROW "+order+w.pick("SET @x = 1", "SET @x = 2", "BEGIN IF @x > 1 THEN SET @y = 'a;b'; END IF; END", "SET @z = NEW."+w.anyColumn(t)))
	case 8:
		s.objects = append(s.objects, "CREATE FUNCTION "+name+"(a INT, b VARCHAR(20)) RETURNS "+w.pick("INT", "BIGINT", "VARCHAR(30) CHARACTER SET latin1")+" "+w.pick("DETERMINISTIC", "DETERMINISTIC NO SQL COMMENT 'it''s'", "READS SQL DATA SQL SECURITY INVOKER")+" RETURN "+w.pick("a + 1", "a", "7", "(SELECT COUNT(*) FROM "+source+")"))
	case 9:
		s.objects = append(s.objects, "CREATE PROCEDURE "+name+"(IN a INT, OUT b INT) "+w.pick("", "COMMENT 'p' ")+"BEGIN DECLARE c INT DEFAULT 0; SELECT COUNT(*) INTO c FROM "+source+" WHERE "+w.pick("1", w.anyColumn(t)+" IS NULL")+"; SET b = c; END")
	case 10:
		s.objects = append(s.objects, "CREATE EVENT "+name+" ON SCHEDULE EVERY "+w.pick("1 DAY", "2 HOUR", "'1:30' MINUTE_SECOND")+" STARTS '2035-01-01 00:00:00' "+w.pick("", "ON COMPLETION PRESERVE ")+w.pick("", "DISABLE ")+w.pick("", "COMMENT 'e' ")+"DO DELETE FROM "+source+" WHERE "+w.anyColumn(t)+" IS NULL")
	case 11:
		s.objects = append(s.objects, "CREATE VIEW "+name+" AS SELECT * FROM "+over)
	}
}

// change changes one thing.
func (w *wild) change(s *wildSchema) {
	t := &s.tables[w.IntN(len(s.tables))]
	at := w.IntN(len(t.columns))
	switch w.IntN(24) {
	case 0:
		w.addTable(s)
	case 1:
		if len(s.tables) > 2 {
			s.tables = slices.DeleteFunc(s.tables, func(u wildTable) bool { return u.id == t.id })
		}
	case 2, 3:
		w.addColumn(s, t)
	case 4, 5:
		if at > 0 {
			t.columns = slices.Delete(t.columns, at, at+1)
		}
	case 6, 7, 8, 9:
		if at > 0 && !strings.Contains(t.columns[at].definition, "{type") {
			t.columns[at].definition = w.definition(t)
		}
	case 10:
		c := t.columns[at]
		t.columns = slices.Delete(t.columns, at, at+1)
		t.columns = slices.Insert(t.columns, w.IntN(len(t.columns)+1), c)
	case 11, 12:
		w.addPart(t)
	case 13, 14:
		if len(t.parts) > 1 {
			at := 1 + w.IntN(len(t.parts)-1)
			t.parts = slices.Delete(t.parts, at, at+1)
		}
	case 15:
		w.addForeignKey(s)
	case 16:
		if len(t.keys) > 0 {
			t.keys = t.keys[1:]
		}
	case 17:
		s.names["type"+t.id] = w.pick("INT", "BIGINT", "INT UNSIGNED", "CHAR(12)", "VARCHAR(24) CHARACTER SET ascii", "BIGINT UNSIGNED")
	case 18:
		t.options = []string{w.option()}
	case 19:
		t.partition = w.pick("", w.partitioning(t))
	case 20:
		w.addObject(s)
	case 21:
		if len(s.objects) > 0 {
			at := w.IntN(len(s.objects))
			s.objects = slices.Delete(s.objects, at, at+1)
		}
	case 22:
		t.parts[0] = w.pick("PRIMARY KEY ({id"+t.id+"})", "UNIQUE KEY was_primary ({id"+t.id+"})", "PRIMARY KEY ({id"+t.id+"}, "+w.anyColumn(t)+")", "PRIMARY KEY ("+w.anyColumn(t)+"(5), {id"+t.id+"} DESC)")
	case 23:
		for i, k := range t.keys {
			head, _, _ := strings.Cut(k, " ON ")
			t.keys[i] = head + w.pick("", " ON DELETE CASCADE", " ON UPDATE CASCADE", " ON DELETE NO ACTION")
		}
	}
}

// fill writes names for what stands in braces.
func (s *wildSchema) fill(text string) string {
	return regexp.MustCompile(`\{\w+\}`).ReplaceAllStringFunc(text, func(in string) string {
		id := strings.Trim(in, "{}")
		if strings.HasPrefix(id, "type") {
			return s.names[id]
		}
		return mysql.Quote(s.names[id])
	})
}

func (s *wildSchema) create(t wildTable) string {
	var lines []string
	for _, c := range t.columns {
		lines = append(lines, "{"+c.id+"} "+c.definition)
	}
	lines = append(lines, t.parts...)
	return s.fill("CREATE TABLE {" + t.id + "} (\n  " + strings.Join(lines, ",\n  ") + "\n) " + strings.TrimSpace(strings.Join(t.options, " ")+" "+t.partition))
}

// statements returns the schema in an order in which it can be made.
func (s *wildSchema) statements() []string {
	var out []string
	for _, t := range s.tables {
		out = append(out, s.create(t))
	}
	for _, t := range s.tables {
		for _, k := range t.keys {
			out = append(out, s.fill("ALTER TABLE {"+t.id+"} ADD "+k))
		}
	}
	for _, o := range s.objects {
		out = append(out, s.fill(o))
	}
	return out
}

// script is the schema as a file.
func (s *wildSchema) script() string { return scriptOf(s.statements()) }

// wildBench makes schemas in databases of their own, on one connection with the
// settings of a template's files.
type wildBench struct {
	c *sql.Conn
}

func newWildBench(t *testing.T, s *mysqltest.Server) *wildBench {
	t.Helper()
	c, err := s.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Raw(func(any) error { return sql.ErrConnDone }) }) // its settings are nobody else's
	b := &wildBench{c}
	mode, collation := mysql.PinnedSettings()
	charset, _, _ := strings.Cut(collation, "_")
	b.must(t, "SET sql_mode = '"+mode+"', time_zone = '+00:00'", "SET NAMES "+charset+" COLLATE "+collation)
	return b
}

func (b *wildBench) exec(ctx context.Context, statement string) error {
	_, err := b.c.ExecContext(ctx, statement)
	return err
}

func (b *wildBench) must(t *testing.T, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if err := b.exec(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
}

// begin makes an empty database as tenants have them, and uses it.
func (b *wildBench) begin(t *testing.T, db string) {
	t.Helper()
	b.must(t, "SET foreign_key_checks = 0", "DROP DATABASE IF EXISTS `"+db+"`", "SET foreign_key_checks = 1", "CREATE DATABASE `"+db+"`"+landlord.WithTenantCharacters, "USE `"+db+"`")
}

// settle takes out of a schema what the server refuses, and leaves it in the database.
func (b *wildBench) settle(t *testing.T, db string, s *wildSchema) {
	t.Helper()
	b.begin(t, db)
	refused := func(statement string) bool { return b.exec(t.Context(), statement) != nil }
	for i := range s.tables {
		b.settleTable(t, s, &s.tables[i])
	}
	for i := range s.tables {
		u := &s.tables[i]
		u.keys = slices.DeleteFunc(u.keys, func(k string) bool { return refused(s.fill("ALTER TABLE {" + u.id + "} ADD " + k)) })
	}
	s.objects = slices.DeleteFunc(s.objects, func(o string) bool { return refused(s.fill(o)) })
}

// settleTable builds a table up from its first column, each further element when the
// server takes it.
func (b *wildBench) settleTable(t *testing.T, s *wildSchema, u *wildTable) {
	t.Helper()
	if b.exec(t.Context(), s.create(*u)) == nil {
		return
	}
	good := wildTable{id: u.id, columns: slices.Clone(u.columns)}
	takes := func(change func(*wildTable)) {
		next := good
		next.columns, next.parts, next.options = slices.Clone(good.columns), slices.Clone(good.parts), slices.Clone(good.options)
		change(&next)
		if b.exec(t.Context(), s.create(next)) == nil {
			good = next
			b.must(t, s.fill("DROP TABLE {"+u.id+"}"))
		}
	}
	// A counter needs its key, so the first column and the first key come together;
	// columns may refer to those behind them, so they are added until none is taken.
	good.columns = nil
	first := slices.IndexFunc(u.columns, func(c wildColumn) bool { return c.id == "id"+u.id })
	takes(func(x *wildTable) {
		x.columns, x.parts = append(x.columns, u.columns[first]), append(x.parts, u.parts[0])
	})
	if len(good.columns) == 0 {
		u.columns[first].definition = "{type" + u.id + "} NOT NULL"
		takes(func(x *wildTable) {
			x.columns, x.parts = append(x.columns, u.columns[first]), append(x.parts, "PRIMARY KEY ({id"+u.id+"})")
		})
	}
	for range 3 {
		for at, c := range u.columns {
			if slices.Contains(good.columns, c) {
				continue
			}
			takes(func(x *wildTable) {
				before := 0
				for _, d := range u.columns[:at] {
					if slices.Contains(x.columns, d) {
						before++
					}
				}
				x.columns = slices.Insert(x.columns, before, c)
			})
		}
	}
	for _, p := range u.parts {
		if !slices.Contains(good.parts, p) {
			takes(func(x *wildTable) { x.parts = append(x.parts, p) })
		}
	}
	for _, o := range u.options {
		takes(func(x *wildTable) { x.options = append(x.options, o) })
	}
	takes(func(x *wildTable) { x.partition = u.partition })
	good.keys = u.keys
	*u = good
	b.must(t, s.create(*u))
}

// build makes a settled schema in an empty database.
func (b *wildBench) build(t *testing.T, db string, s *wildSchema) {
	t.Helper()
	b.begin(t, db)
	b.must(t, s.statements()...)
}
