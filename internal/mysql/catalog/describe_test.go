package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// facts are what Describe says of one database: `kind object` -> rows.
type facts map[string][]string

func describe(t testing.TB, q mysql.Queryer, info mysql.Info, which catalog.Databases) map[string]facts {
	t.Helper()
	all := map[string]facts{}
	err := catalog.Describe(t.Context(), q, info, which, func(r catalog.DescribeRow) error {
		line := r.Source
		for _, v := range r.Values {
			if v == nil {
				line += " | NULL"
				continue
			}
			line += fmt.Sprintf(" | %q", v)
		}
		if all[r.Database] == nil {
			all[r.Database] = facts{}
		}
		key := strings.TrimSpace(r.Kind + " " + r.Object)
		all[r.Database][key] = append(all[r.Database][key], line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		for _, lines := range f {
			slices.Sort(lines)
		}
	}
	return all
}

func describeOne(t testing.TB, q mysql.Queryer, info mysql.Info, database string) facts {
	t.Helper()
	return describe(t, q, info, catalog.Databases{Names: []string{database}})[database]
}

// changed returns the objects whose facts differ.
func changed(before, after facts) []string {
	var names []string
	for name := range before {
		if !slices.Equal(before[name], after[name]) {
			names = append(names, name)
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// structure is a database with something of everything.
func structure(b *sessiontest.Bench) []string {
	statements := []string{
		"CREATE TABLE parent (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, code VARCHAR(20) NOT NULL, PRIMARY KEY (id)," +
			" UNIQUE KEY uq_code (code), UNIQUE KEY uq_code_id (code, id)) ENGINE=InnoDB COMMENT 'it''s `t_a`.`parent`'",
		"CREATE TABLE uncle LIKE parent",
		"CREATE TABLE child (id INT NOT NULL, parent_id BIGINT UNSIGNED NULL, code VARCHAR(20) NULL, name VARCHAR(40) DEFAULT 't_a.x'," +
			" n INT DEFAULT 1, m INT DEFAULT NULL, body TEXT, kind ENUM('a','b') DEFAULT 'a', price DECIMAL(8,2), at DATETIME(3)," +
			" doubled INT GENERATED ALWAYS AS (n * 2) VIRTUAL, PRIMARY KEY (id)," +
			" KEY ix_name (name), KEY ix_n (n), KEY ix_two (name, n), KEY ix_parent (parent_id)," +
			" CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE," +
			" CONSTRAINT ck_n CHECK (n >= 0)) ENGINE=InnoDB",
		"CREATE TABLE parts (id INT NOT NULL, d DATE NOT NULL, PRIMARY KEY (id, d)) ENGINE=InnoDB" +
			" PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN (200))",
		"CREATE VIEW v AS SELECT c.id, c.name, p.code FROM child AS c JOIN parent AS p ON p.id = c.parent_id WHERE c.name <> '`t_a`.`x`'",
		"CREATE VIEW w AS SELECT id, n FROM child WHERE n > 1",
		"CREATE TRIGGER t1 BEFORE INSERT ON child FOR EACH ROW SET NEW.n = 1",
		"CREATE TRIGGER t2 BEFORE INSERT ON child FOR EACH ROW SET NEW.n = 2",
		"CREATE PROCEDURE p (IN a INT) COMMENT 'c' BEGIN SELECT COUNT(*) FROM child WHERE n = a; END",
		"CREATE FUNCTION f (a VARCHAR(20)) RETURNS VARCHAR(20) DETERMINISTIC READS SQL DATA RETURN (SELECT MAX(code) FROM parent WHERE code = a)",
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM child WHERE n = 1",
	}
	if b.On("MariaDB") {
		statements = append(statements,
			"CREATE SEQUENCE s START WITH 1 INCREMENT BY 1",
			"CREATE TABLE counted (id BIGINT NOT NULL DEFAULT NEXTVAL(s), PRIMARY KEY (id))",
			"SET sql_mode = 'ORACLE'",
			"CREATE PACKAGE pk AS PROCEDURE hello; END",
			"CREATE PACKAGE BODY pk AS PROCEDURE hello AS BEGIN SELECT 1 FROM child; END; END",
			"SET sql_mode = 'STRICT_TRANS_TABLES'",
		)
	}
	return statements
}

// A mutation is one change of the structure and the objects it is about.
type mutation struct {
	name    string
	product string // empty: both
	sql     string // statements separated by ;; (triggers and the like hold ;)
	changes string // objects separated by commas; empty: nothing may change
}

// mutations run one after the other on one database.
var mutations = []mutation{
	// columns
	{"column added", "", "ALTER TABLE child ADD COLUMN extra INT", "table child"},
	{"column dropped", "", "ALTER TABLE child DROP COLUMN extra", "table child"},
	{"column type", "", "ALTER TABLE child MODIFY m BIGINT DEFAULT NULL", "table child"},
	{"column unsigned", "", "ALTER TABLE child MODIFY m BIGINT UNSIGNED DEFAULT NULL", "table child"},
	{"column length", "", "ALTER TABLE child MODIFY code VARCHAR(21)", "table child"},
	{"column precision", "", "ALTER TABLE child MODIFY price DECIMAL(9,2)", "table child"},
	{"column fraction of a second", "", "ALTER TABLE child MODIFY at DATETIME(6)", "table child"},
	{"column not null", "", "ALTER TABLE child MODIFY code VARCHAR(21) NOT NULL", "table child"},
	{"column default", "", "ALTER TABLE child ALTER COLUMN n SET DEFAULT 2", "table child"},
	{"column without default", "", "ALTER TABLE child ALTER COLUMN code SET DEFAULT 'q'", "table child"},
	{"column default empty, not null", "", "ALTER TABLE child MODIFY code VARCHAR(21) DEFAULT ''", "table child"},
	{"column default null, not empty", "", "ALTER TABLE child MODIFY code VARCHAR(21) DEFAULT NULL", "table child"},
	{"column default an expression", "", "ALTER TABLE child MODIFY code VARCHAR(21) DEFAULT (UPPER('x'))", "table child"},
	{"column default a text like an expression", "", "ALTER TABLE child MODIFY code VARCHAR(21) DEFAULT 'upper(''x'')'", "table child"},
	{"column on update", "", "ALTER TABLE child MODIFY at DATETIME(6) ON UPDATE CURRENT_TIMESTAMP(6)", "table child"},
	{"column order", "", "ALTER TABLE child MODIFY price DECIMAL(9,2) AFTER id", "table child"},
	{"column comment", "", "ALTER TABLE child MODIFY m BIGINT UNSIGNED DEFAULT NULL COMMENT 'it''s'", "table child"},
	{"column comment, case only", "", "ALTER TABLE child MODIFY m BIGINT UNSIGNED DEFAULT NULL COMMENT 'It''s'", "table child"},
	{"column character set", "", "ALTER TABLE child MODIFY body TEXT CHARACTER SET latin1", "table child"},
	{"column collation", "", "ALTER TABLE child MODIFY body TEXT CHARACTER SET latin1 COLLATE latin1_bin", "table child"},
	{"column renamed", "", "ALTER TABLE child RENAME COLUMN m TO mm", "table child"},
	{"column renamed, case only", "", "ALTER TABLE child RENAME COLUMN mm TO MM", "table child"},
	{"column invisible", "", "ALTER TABLE child MODIFY kind ENUM('a','b') DEFAULT 'a' INVISIBLE", "table child"},
	{"enum value", "", "ALTER TABLE child MODIFY kind ENUM('a','b','c') DEFAULT 'a' INVISIBLE", "table child"},
	{"generated expression", "", "ALTER TABLE child MODIFY doubled INT GENERATED ALWAYS AS (n * 3) VIRTUAL", "table child"},
	{"generated stored", "", "ALTER TABLE child DROP COLUMN doubled;;ALTER TABLE child ADD COLUMN doubled INT GENERATED ALWAYS AS (n * 3) STORED", "table child"},
	{"generated no more", "", "ALTER TABLE child MODIFY doubled INT", "table child"},
	{"auto increment", "", "CREATE TABLE counter (id INT NOT NULL PRIMARY KEY);;ALTER TABLE counter MODIFY id INT NOT NULL AUTO_INCREMENT", "table counter"},
	{"SRID", "MySQL", "ALTER TABLE child ADD COLUMN g POINT NULL SRID 4326", "table child"},
	{"SRID zero", "MySQL", "ALTER TABLE child MODIFY g POINT NULL SRID 0", "table child"},
	{"SRID none", "MySQL", "ALTER TABLE child MODIFY g POINT NULL", "table child"},
	{"column compressed", "MariaDB", "ALTER TABLE child MODIFY body TEXT COMPRESSED CHARACTER SET latin1 COLLATE latin1_bin", "table child"},
	{"column without versioning", "MariaDB", "ALTER TABLE uncle ADD SYSTEM VERSIONING;;SET system_versioning_alter_history = KEEP;;ALTER TABLE uncle MODIFY code VARCHAR(20) NOT NULL WITHOUT SYSTEM VERSIONING", "table uncle"},
	{"versioning dropped", "MariaDB", "ALTER TABLE uncle DROP SYSTEM VERSIONING", "table uncle"},

	// checks
	{"check added", "", "ALTER TABLE child ADD CONSTRAINT ck_two CHECK (n < 1000)", "table child"},
	{"check condition", "", "ALTER TABLE child DROP CONSTRAINT ck_two;;ALTER TABLE child ADD CONSTRAINT ck_two CHECK (n < 1001)", "table child"},
	{"check not enforced", "MySQL", "ALTER TABLE child ALTER CHECK ck_two NOT ENFORCED", "table child"},
	{"check renamed", "", "ALTER TABLE child DROP CONSTRAINT ck_two;;ALTER TABLE child ADD CONSTRAINT ck_three CHECK (n < 1001)", "table child"},
	{"check on a column", "MariaDB", "ALTER TABLE child MODIFY MM BIGINT UNSIGNED DEFAULT NULL CHECK (MM > 1)", "table child"},
	{"check dropped", "", "ALTER TABLE child DROP CONSTRAINT ck_three", "table child"},

	// indexes
	{"index added", "", "ALTER TABLE child ADD KEY ix_code (code)", "table child"},
	{"index renamed", "", "ALTER TABLE child RENAME INDEX ix_code TO ix_code2", "table child"},
	{"index unique", "", "ALTER TABLE child DROP KEY ix_code2, ADD UNIQUE KEY ix_code2 (code)", "table child"},
	{"index prefix", "", "ALTER TABLE child DROP KEY ix_code2, ADD UNIQUE KEY ix_code2 (code(5))", "table child"},
	{"index order of columns", "", "ALTER TABLE child DROP KEY ix_two, ADD KEY ix_two (n, name)", "table child"},
	{"index descending", "", "ALTER TABLE child DROP KEY ix_two, ADD KEY ix_two (n DESC, name)", "table child"},
	{"index comment", "", "ALTER TABLE child DROP KEY ix_n, ADD KEY ix_n (n) COMMENT 'why'", "table child"},
	{"index invisible", "MySQL", "ALTER TABLE child ALTER INDEX ix_n INVISIBLE", "table child"},
	{"index ignored", "MariaDB", "ALTER TABLE child ALTER INDEX ix_n IGNORED", "table child"},
	{"index on an expression", "MySQL", "ALTER TABLE child ADD KEY ix_sum ((n + id))", "table child"},
	{"index on another expression", "MySQL", "ALTER TABLE child DROP KEY ix_sum, ADD KEY ix_sum ((n - id))", "table child"},
	{"index full text", "", "ALTER TABLE child ADD FULLTEXT KEY ft (name)", "table child"},
	{"index dropped", "", "ALTER TABLE child DROP KEY ft", "table child"},
	{"index kind", "", "CREATE TABLE mem (a INT, KEY k (a) USING HASH) ENGINE=MEMORY;;ALTER TABLE mem DROP KEY k, ADD KEY k (a) USING BTREE", "table mem"},
	{"primary key", "", "ALTER TABLE child DROP PRIMARY KEY, ADD PRIMARY KEY (id, n)", "table child"},

	// foreign keys
	{"foreign key delete rule", "", "ALTER TABLE child DROP FOREIGN KEY fk_parent;;ALTER TABLE child ADD CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE SET NULL", "table child"},
	{"foreign key update rule", "", "ALTER TABLE child DROP FOREIGN KEY fk_parent;;ALTER TABLE child ADD CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE SET NULL ON UPDATE CASCADE", "table child"},
	{"foreign key table", "", "ALTER TABLE child DROP FOREIGN KEY fk_parent;;ALTER TABLE child ADD CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES uncle (id) ON DELETE SET NULL ON UPDATE CASCADE", "table child"},
	{"foreign key renamed", "", "ALTER TABLE child DROP FOREIGN KEY fk_parent;;ALTER TABLE child ADD CONSTRAINT fk_other FOREIGN KEY (parent_id) REFERENCES uncle (id) ON DELETE SET NULL ON UPDATE CASCADE", "table child"},
	{"foreign key into another database", "", "ALTER TABLE child DROP FOREIGN KEY fk_other;;ALTER TABLE child ADD CONSTRAINT fk_other FOREIGN KEY (parent_id) REFERENCES {other}.uncle (id) ON DELETE SET NULL ON UPDATE CASCADE", "table child"},
	{"foreign key dropped", "", "ALTER TABLE child DROP FOREIGN KEY fk_other", "table child"},

	// partitions
	{"partition added", "", "ALTER TABLE parts ADD PARTITION (PARTITION p2 VALUES LESS THAN (300))", "table parts"},
	{"partition bound", "", "ALTER TABLE parts REORGANIZE PARTITION p2 INTO (PARTITION p2 VALUES LESS THAN (301))", "table parts"},
	{"partition comment", "", "ALTER TABLE parts REORGANIZE PARTITION p2 INTO (PARTITION p2 VALUES LESS THAN (301) COMMENT 'last')", "table parts"},
	{"partition renamed", "", "ALTER TABLE parts REORGANIZE PARTITION p2 INTO (PARTITION p3 VALUES LESS THAN (301))", "table parts"},
	{"partition dropped", "", "ALTER TABLE parts DROP PARTITION p3", "table parts"},
	{"partition method", "", "ALTER TABLE parts PARTITION BY HASH (id) PARTITIONS 3", "table parts"},
	{"partition expression", "", "ALTER TABLE parts PARTITION BY HASH (TO_DAYS(d)) PARTITIONS 3", "table parts"},
	{"partition count", "", "ALTER TABLE parts ADD PARTITION PARTITIONS 1", "table parts"},
	{"subpartitions", "", "ALTER TABLE parts PARTITION BY RANGE (id) SUBPARTITION BY HASH (TO_DAYS(d)) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN MAXVALUE)", "table parts"},
	{"partitions removed", "", "ALTER TABLE parts REMOVE PARTITIONING", "table parts"},

	// tables
	{"table comment", "", "ALTER TABLE child COMMENT 'children'", "table child"},
	{"table row format", "", "ALTER TABLE child ROW_FORMAT=COMPACT", "table child"},
	{"table option", "", "ALTER TABLE child STATS_PERSISTENT=0", "table child"},
	{"table collation", "", "ALTER TABLE child DEFAULT COLLATE utf8mb4_bin", "table child"},
	{"table character set", "", "ALTER TABLE child DEFAULT CHARACTER SET latin1", "table child"},
	{"table engine", "", "ALTER TABLE mem ENGINE=InnoDB", "table mem"},
	{"table renamed", "", "RENAME TABLE mem TO mem2", "table mem,table mem2"},
	{"table dropped", "", "DROP TABLE mem2", "table mem2"},

	// views
	{"view text", "", "ALTER VIEW v AS SELECT id, name, 1 AS one FROM child", "view v"},
	{"view column names", "", "ALTER VIEW v (a, b, c) AS SELECT id, name, 1 AS one FROM child", "view v"},
	{"view security", "", "ALTER SQL SECURITY INVOKER VIEW v (a, b, c) AS SELECT id, name, 1 AS one FROM child", "view v"},
	{"view definer", "", "ALTER DEFINER=someone@localhost SQL SECURITY INVOKER VIEW v (a, b, c) AS SELECT id, name, 1 AS one FROM child", "view v"},
	{"view algorithm", "MariaDB", "ALTER ALGORITHM=TEMPTABLE VIEW w AS SELECT id, n FROM child WHERE n > 1", "view w"},
	{"view check option", "", "DROP VIEW w;;CREATE VIEW w AS SELECT id, n FROM child WHERE n > 1 WITH CASCADED CHECK OPTION", "view w"},
	{"view check option local", "", "ALTER VIEW w AS SELECT id, n FROM child WHERE n > 1 WITH LOCAL CHECK OPTION", "view w"},
	{"table in place of a view", "", "DROP VIEW w;;CREATE TABLE w (a INT)", "table w,view w"},
	{"view dropped", "", "DROP VIEW v", "view v"},

	// triggers
	{"trigger body", "", "DROP TRIGGER t2;;CREATE TRIGGER t2 BEFORE INSERT ON child FOR EACH ROW SET NEW.n = 3", "trigger t2"},
	{"trigger order", "", "DROP TRIGGER t2;;CREATE TRIGGER t2 BEFORE INSERT ON child FOR EACH ROW PRECEDES t1 SET NEW.n = 3", "trigger t1,trigger t2"},
	{"trigger timing", "", "DROP TRIGGER t2;;CREATE TRIGGER t2 AFTER INSERT ON child FOR EACH ROW SET @n = 3", "trigger t1,trigger t2"},
	{"trigger event", "", "DROP TRIGGER t2;;CREATE TRIGGER t2 AFTER UPDATE ON child FOR EACH ROW SET @n = 3", "trigger t2"},
	{"trigger table", "", "DROP TRIGGER t2;;CREATE TRIGGER t2 AFTER UPDATE ON parent FOR EACH ROW SET @n = 3", "trigger t2"},
	{"trigger definer", "", "DROP TRIGGER t2;;CREATE DEFINER=someone@localhost TRIGGER t2 AFTER UPDATE ON parent FOR EACH ROW SET @n = 3", "trigger t2"},
	{"trigger sql_mode", "", "DROP TRIGGER t2;;SET sql_mode = 'ANSI_QUOTES';;CREATE DEFINER=someone@localhost TRIGGER t2 AFTER UPDATE ON parent FOR EACH ROW SET @n = 3;;SET sql_mode = 'STRICT_TRANS_TABLES'", "trigger t2"},
	{"trigger dropped", "", "DROP TRIGGER t2", "trigger t2"},

	// routines
	{"procedure body", "", "DROP PROCEDURE p;;CREATE PROCEDURE p (IN a INT) COMMENT 'c' BEGIN SELECT 2; END", "procedure p"},
	{"procedure parameter type", "", "DROP PROCEDURE p;;CREATE PROCEDURE p (IN a BIGINT) COMMENT 'c' BEGIN SELECT 2; END", "procedure p"},
	{"procedure parameter direction", "", "DROP PROCEDURE p;;CREATE PROCEDURE p (INOUT a BIGINT) COMMENT 'c' BEGIN SELECT 2; END", "procedure p"},
	{"procedure parameter name", "", "DROP PROCEDURE p;;CREATE PROCEDURE p (INOUT b BIGINT) COMMENT 'c' BEGIN SELECT 2; END", "procedure p"},
	{"procedure definer", "", "DROP PROCEDURE p;;CREATE DEFINER=someone@localhost PROCEDURE p (INOUT b BIGINT) COMMENT 'c' BEGIN SELECT 2; END", "procedure p"},
	{"procedure comment", "", "ALTER PROCEDURE p COMMENT 'd'", "procedure p"},
	{"procedure security", "", "ALTER PROCEDURE p SQL SECURITY INVOKER", "procedure p"},
	{"function data access", "", "ALTER FUNCTION f NO SQL", "function f"},
	{"function returns", "", "DROP FUNCTION f;;CREATE FUNCTION f (a VARCHAR(20)) RETURNS VARCHAR(30) DETERMINISTIC NO SQL RETURN a", "function f"},
	{"function not deterministic", "", "DROP FUNCTION f;;CREATE FUNCTION f (a VARCHAR(20)) RETURNS VARCHAR(30) NOT DETERMINISTIC NO SQL RETURN a", "function f"},
	{"function parameter collation", "", "DROP FUNCTION f;;CREATE FUNCTION f (a VARCHAR(20) CHARACTER SET latin1) RETURNS VARCHAR(30) NOT DETERMINISTIC NO SQL RETURN a", "function f"},
	{"function for a procedure", "", "DROP FUNCTION f;;CREATE PROCEDURE f () SELECT 1", "function f,procedure f"},
	{"package body", "MariaDB", "SET sql_mode = 'ORACLE';;CREATE OR REPLACE PACKAGE BODY pk AS PROCEDURE hello AS BEGIN SELECT 2; END; END;;SET sql_mode = 'STRICT_TRANS_TABLES'", "package body pk"},

	// events
	{"event schedule", "", "ALTER EVENT e ON SCHEDULE EVERY 2 DAY", "event e"},
	{"event unit", "", "ALTER EVENT e ON SCHEDULE EVERY 2 WEEK", "event e"},
	{"event start", "", "ALTER EVENT e ON SCHEDULE EVERY 2 WEEK STARTS '2035-01-01 00:00:00'", "event e"},
	{"event end", "", "ALTER EVENT e ON SCHEDULE EVERY 2 WEEK STARTS '2035-01-01 00:00:00' ENDS '2036-01-01 00:00:00'", "event e"},
	{"event once", "", "ALTER EVENT e ON SCHEDULE AT '2037-01-01 00:00:00'", "event e"},
	{"event body", "", "ALTER EVENT e DO DELETE FROM child WHERE n = 2", "event e"},
	{"event status", "", "ALTER EVENT e ENABLE", "event e"},
	{"event preserve", "", "ALTER EVENT e ON COMPLETION PRESERVE", "event e"},
	{"event comment", "", "ALTER EVENT e COMMENT 'why'", "event e"},
	{"event renamed", "", "ALTER EVENT e RENAME TO e2", "event e,event e2"},

	// sequences
	{"sequence increment", "MariaDB", "ALTER SEQUENCE s INCREMENT BY 2", "sequence s"},
	{"sequence maximum", "MariaDB", "ALTER SEQUENCE s MAXVALUE 1000", "sequence s"},
	{"sequence cycle", "MariaDB", "ALTER SEQUENCE s CYCLE", "sequence s"},
	{"sequence cache", "MariaDB", "ALTER SEQUENCE s CACHE 7", "sequence s"},

	// the database
	{"database collation", "", "ALTER DATABASE COLLATE utf8mb4_bin", "database"},
	{"database character set", "", "ALTER DATABASE CHARACTER SET latin1", "database"},

	// what is no change
	{"rows", "", "INSERT INTO parent (code) VALUES ('a'), ('b'), ('c')", ""},
	{"counter", "", "ALTER TABLE parent AUTO_INCREMENT = 1000", ""},
	{"statistics", "", "ANALYZE TABLE parent, child", ""},
	{"optimized", "", "OPTIMIZE TABLE parent", ""},
	{"rebuilt", "", "ALTER TABLE parent FORCE", ""},
	{"index there and back", "", "ALTER TABLE parent DROP KEY uq_code;;ALTER TABLE parent ADD UNIQUE KEY uq_code (code)", ""},
	{"column there and back", "", "ALTER TABLE parent ADD COLUMN x INT;;ALTER TABLE parent DROP COLUMN x", ""},
	{"event there and back", "", "CREATE EVENT e3 ON SCHEDULE EVERY 1 HOUR DO DO 1;;ALTER EVENT e3 DISABLE;;DROP EVENT e3", ""},
	{"sequence used", "MariaDB", "INSERT INTO counted () VALUES (), ()", ""},
}

func TestDescribe_mutations(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		other := s.Prefix + "other"
		s.Exec(t, "CREATE DATABASE "+other, "CREATE TABLE "+other+".uncle (id BIGINT UNSIGNED NOT NULL PRIMARY KEY)")
		b := sessiontest.NewBench(t, s, s.Prefix+"a")
		b.Run(t, structure(b)...)
		count := 0
		for _, m := range mutations {
			if !b.On(m.product) {
				continue
			}
			steps := strings.Split(strings.ReplaceAll(m.sql, "{other}", other), ";;")
			if strings.HasPrefix(steps[0], "CREATE TABLE") {
				b.Run(t, steps[0])
				steps = steps[1:]
			}
			before := describeOne(t, b.Session, b.Info, b.Name)
			b.Run(t, steps...)
			after := describeOne(t, b.Session, b.Info, b.Name)
			// A statement that a session keeps says what a fresh one does.
			if diff := cmp.Diff(describeOne(t, b, b.Info, b.Name), after); diff != "" {
				t.Errorf("%s: a session sees (-fresh statement +kept one):\n%s", m.name, diff)
			}
			var want []string
			if m.changes != "" {
				want = strings.Split(m.changes, ",")
				count++
			}
			if diff := cmp.Diff(want, changed(before, after)); diff != "" {
				t.Errorf("%s: changed objects (-want +got):\n%s\n%s", m.name, diff, cmp.Diff(before, after))
			}
		}
		t.Logf("%d kinds of change on %s", count, s.Kind)
	})
}

func TestDescribe_restart(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := mysqltest.Private(t, kind)
			b := sessiontest.NewBench(t, s.Server, "a")
			b.Run(t, structure(b)...)
			b.Run(t, "INSERT INTO parent (code) VALUES ('a'), ('b')", "DELETE FROM parent")
			before := describeOne(t, b.Session, b.Info, b.Name)
			s.Restart(t)
			after := describeOne(t, sessiontest.Open(t, sessiontest.Config(s.Server)), b.Info, b.Name)
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("the restart changed facts:\n%s", diff)
			}
		})
	}
}

// strangeNames are names of databases that need care. The first is the one that
// the texts of the structure mention in their strings.
func strangeNames(prefix string) []string {
	return []string{
		prefix + "plain", prefix + "UPPER", prefix + "dash-dot.and space", prefix + "back`tick",
		prefix + "quo'te\"s", prefix + "ünï", prefix + "uni", prefix + "100%", prefix + "\\back",
	}
}

// The same structure in databases of other names yields the same facts, read
// one by one or all at once.
func TestDescribe_names(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		names := strangeNames(s.Prefix)
		var want facts
		var b *sessiontest.Bench
		single := map[string]facts{}
		for _, name := range names {
			b = sessiontest.NewBench(t, s, name)
			b.Run(t, structure(b)...)
			qualifier := mysql.Quote(name) + "."
			if strings.Contains(name, "`") {
				// MySQL shows such a name garbled in the text of a program.
				qualifier = ""
			}
			b.Run(t,
				"CREATE TABLE `a``b.c d` (`x``y.z` INT PRIMARY KEY, `ü'\"` INT CHECK (`ü'\"` > 0))",
				"CREATE VIEW `v``.` AS SELECT `x``y.z` FROM `a``b.c d`",
				"CREATE FUNCTION total() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM "+qualifier+"`child`)",
				"CREATE VIEW with_function AS SELECT total() AS t",
				"CREATE TRIGGER own AFTER DELETE ON child FOR EACH ROW INSERT INTO "+qualifier+"`a``b.c d` VALUES (1, 2)",
			)
			single[name] = describeOne(t, b.Session, b.Info, name)
			if want == nil {
				want = single[name]
			}
			if diff := cmp.Diff(want, single[name]); diff != "" {
				t.Errorf("`%s` (-first +this):\n%s", name, diff)
			}
			if len(single[name]) < 15 {
				t.Errorf("`%s` has %d objects only", name, len(single[name]))
			}
		}
		s.Exec(t, "CREATE DATABASE "+s.Prefix+"empty")
		for how, which := range map[string]catalog.Databases{
			"by name":   {Names: append(slices.Clone(names), s.Prefix+"gone")},
			"by prefix": {Prefix: s.Prefix},
			"by both":   {Prefix: s.Prefix, Names: append(slices.Clone(names), "mysql_gone")},
		} {
			all := describe(t, b, b.Info, which)
			if how != "by name" {
				if diff := cmp.Diff([]string{"database"}, changed(all[s.Prefix+"empty"], nil)); diff != "" {
					t.Errorf("%s: an empty database (-want +got):\n%s", how, diff)
				}
				delete(all, s.Prefix+"empty")
			}
			if diff := cmp.Diff(single, all); diff != "" {
				t.Errorf("%s (-single +bulk):\n%s", how, diff)
			}
			got, err := catalog.ListDatabases(t.Context(), b, which)
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Clone(names)
			if how != "by name" {
				want = append(want, s.Prefix+"empty")
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: databases (-want +got):\n%s", how, diff)
			}
		}
	})
}

// The wildcards of LIKE are letters of a prefix.
func TestDescribe_prefix(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	in, out := s.Prefix+"a_b", s.Prefix+"aXb"
	s.Exec(t, "CREATE DATABASE "+in, "CREATE DATABASE "+out)
	server := sessiontest.Open(t, sessiontest.Config(s))
	got, err := catalog.ListDatabases(t.Context(), server, catalog.Databases{Prefix: s.Prefix + "a_"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{in}, got); diff != "" {
		t.Errorf("databases (-want +got):\n%s", diff)
	}
}

func TestDescribe_statements(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		for i := range 30 {
			s.Exec(t, fmt.Sprintf("CREATE DATABASE %sx%d", s.Prefix, i), fmt.Sprintf("CREATE TABLE %sx%d.t (a INT PRIMARY KEY)", s.Prefix, i))
		}
		r := s.Record(t)
		cfg := sessiontest.Config(s)
		cfg.Username, cfg.Password = r.Username, r.Password
		server := sessiontest.Open(t, cfg)
		info := sessiontest.Info(t, server)
		r.Reset(t)
		if n := len(describe(t, server, info, catalog.Databases{Prefix: s.Prefix})); n != 30 {
			t.Errorf("described %d databases, want 30", n)
		}
		if n := r.Count(t); n != 4 {
			t.Errorf("sent %d statements, want 4:\n%s", n, strings.Join(r.Statements(t), "\n"))
		}
	})
}
