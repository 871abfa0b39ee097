package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source/catalog"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// catalogFile is a file of a catalog: whose it is, and its text.
type catalogFile struct{ owner, text string }

// catalogCases are sources and the faults that MySQL 9.7 makes of them.
var catalogCases = map[string]struct {
	sources []catalogFile
	want    []string
}{
	"nothing wrong":                   {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, UNIQUE KEY u (id)); CREATE TABLE b (id INT PRIMARY KEY, a_id INT, CONSTRAINT f FOREIGN KEY (a_id) REFERENCES a (id)); CREATE VIEW v AS SELECT a.id, b.a_id AS x FROM a JOIN b ON b.a_id = a.id; CREATE INDEX i ON b (a_id)"}}, nil},
	"table twice":                     {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY);\nCREATE TABLE a (id INT PRIMARY KEY)"}}, []string{"1.sql:2:14 duplicate: Object is defined twice: Table `a` is defined already, in line 1. Remove one of them, or give it another name."}},
	"table twice in two files":        {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY)"}, {"core", "CREATE TABLE IF NOT EXISTS a (id INT PRIMARY KEY)"}}, []string{"2.sql:1:28 duplicate: Object is defined twice: Table `a` is defined already, in `1.sql:1:14`. Remove one of them, or give it another name."}},
	"table of another owner":          {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY)"}, {"module m", "CREATE TABLE a (id INT PRIMARY KEY)"}}, []string{"2.sql:1:14 duplicate: Object is defined twice: Table `a` is defined already, in `1.sql:1:14` (core). Remove one of them, or give it another name."}},
	"case of a table":                 {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE A (id INT PRIMARY KEY)"}}, nil},
	"table and view":                  {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW a AS SELECT 1 AS x"}}, []string{"1.sql:1:50 duplicate: Object is defined twice: Table `a` is defined already, in line 1. Remove one of them, or give it another name."}},
	"routines":                        {[]catalogFile{{"core", "CREATE PROCEDURE p() SELECT 1; CREATE FUNCTION p() RETURNS INT RETURN 1; CREATE PROCEDURE P() SELECT 2"}}, []string{"1.sql:1:91 duplicate: Object is defined twice: Procedure `P` is defined already, in line 1. Remove one of them, or give it another name."}},
	"triggers":                        {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n INT); CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1; CREATE TRIGGER T BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1; CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW SET @x = 1"}}, []string{"1.sql:1:188 duplicate: Object is defined twice: Trigger `t` is defined already, in line 1. Remove one of them, or give it another name."}},
	"events":                          {[]catalogFile{{"core", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1; CREATE EVENT E ON SCHEDULE EVERY 1 DAY DO SELECT 1"}}, []string{"1.sql:1:66 duplicate: Object is defined twice: Event `E` is defined already, in line 1. Remove one of them, or give it another name."}},
	"column twice":                    {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, name INT, NAME INT)"}}, []string{"1.sql:1:47 duplicate: Column is defined twice: Table `a` has a column `NAME` already. Remove one of them, or give it another name."}},
	"column added twice":              {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY)"}, {"module m", "ALTER TABLE a ADD COLUMN id INT, ADD COLUMN IF NOT EXISTS id INT, ADD (x INT, y INT), ADD x INT"}}, []string{"2.sql:1:26 duplicate: Column is defined twice: Table `a` has a column `id` already (it is defined in `1.sql:1:14` (core)). Remove one of them, or give it another name.", "2.sql:1:91 duplicate: Column is defined twice: Table `a` has a column `x` already (it is defined in `1.sql:1:14` (core)). Remove one of them, or give it another name."}},
	"key twice":                       {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, KEY k (id), KEY K (id)); CREATE INDEX k ON a (id)"}}, []string{"1.sql:1:53 duplicate: Key is defined twice: Table `a` has a key `K` already, in line 1. Give it another name.", "1.sql:1:75 duplicate: Key is defined twice: Table `a` has a key `k` already, in line 1. Give it another name."}},
	"keys of two tables":              {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, KEY k (id)); CREATE TABLE b (id INT PRIMARY KEY, KEY k (id))"}}, nil},
	"two primary keys":                {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n INT, PRIMARY KEY (n))"}}, []string{"1.sql:1:44 primary_key: Table has two primary keys: Table `a` has a primary key already. Make the second one a `UNIQUE KEY`."}},
	"primary key of another":          {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY)"}, {"module m", "ALTER TABLE a ADD PRIMARY KEY (id)"}}, []string{"2.sql:1:19 primary_key: Table has two primary keys: Table `a` has a primary key already (it is defined in `1.sql:1:14` (core)). Make the second one a `UNIQUE KEY`."}},
	"constraint twice":                {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n INT, CONSTRAINT f FOREIGN KEY (n) REFERENCES a (id), CONSTRAINT c CHECK (n > 0)); CREATE TABLE b (id INT PRIMARY KEY, n INT, CONSTRAINT F FOREIGN KEY (n) REFERENCES a (id), CONSTRAINT c CHECK (n > 0))"}}, []string{"1.sql:1:175 duplicate: Constraint is defined twice: Constraint `F` is defined already, in line 1. Names of constraints count for the whole database: give it another one.", "1.sql:1:223 duplicate: Constraint is defined twice: Constraint `c` is defined already, in line 1. Names of constraints count for the whole database: give it another one."}},
	"key on a missing column":         {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, KEY k (id, nam), UNIQUE (x), FULLTEXT (y(10))); CREATE INDEX i ON a (z)"}}, []string{"1.sql:1:48 missing_column: Column is not defined: Table `a` has no column `nam`.", "1.sql:1:62 missing_column: Column is not defined: Table `a` has no column `x`.", "1.sql:1:76 missing_column: Column is not defined: Table `a` has no column `y`.", "1.sql:1:106 missing_column: Column is not defined: Table `a` has no column `z`."}},
	"key on an expression":            {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n VARCHAR(20), KEY k ((UPPER(n)), id DESC), KEY l (n(10)))"}}, nil},
	"period":                          {[]catalogFile{{"core", "CREATE TABLE a (id INT, s DATE, e DATE, PERIOD FOR app (s, e), PRIMARY KEY (id, app WITHOUT OVERLAPS))"}}, nil},
	"foreign key to nothing":          {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, b_id INT REFERENCES b (id), CONSTRAINT f FOREIGN KEY (b_id) REFERENCES c (id))"}}, []string{"1.sql:1:57 missing_table: Table is not defined: A foreign key of table `a` needs table `b`, which is defined nowhere.", "1.sql:1:108 missing_table: Table is not defined: Foreign key `f` needs table `c`, which is defined nowhere."}},
	"foreign key by case":             {[]catalogFile{{"core", "CREATE TABLE Users (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, u INT, FOREIGN KEY (u) REFERENCES users (id))"}}, []string{"1.sql:1:112 missing_table: Table is not defined: A foreign key of table `a` needs table `users`, which is defined nowhere. `Users` is: names of tables are compared with case."}},
	"foreign key to a later table":    {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, b_id INT,\n FOREIGN KEY (b_id) REFERENCES b (id));\nCREATE TABLE b (id INT PRIMARY KEY)"}}, nil},
	"foreign key to a later column":   {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, b_id INT,\n FOREIGN KEY (b_id) REFERENCES b (key_id));\nCREATE TABLE b (id INT PRIMARY KEY)"}}, []string{"1.sql:2:35 missing_column: Column is not defined: Table `b` has no column `key_id`."}},
	"foreign key to itself":           {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES a (id))"}}, nil},
	"foreign key to a view":           {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS SELECT id FROM a; CREATE TABLE b (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES v (id))"}}, []string{"1.sql:1:137 missing_table: Table is not defined: A foreign key of table `b` needs table `v`, but that is a view."}},
	"foreign key on a missing column": {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, FOREIGN KEY (b_id) REFERENCES a (id))"}}, []string{"1.sql:1:50 missing_column: Column is not defined: Table `a` has no column `b_id`."}},
	"foreign key to a missing column": {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, b INT, FOREIGN KEY (b) REFERENCES a (key_id))"}}, []string{"1.sql:1:74 missing_column: Column is not defined: Table `a` has no column `key_id`."}},
	"foreign key of two to one":       {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, b INT, FOREIGN KEY (id, b) REFERENCES a (id))"}}, []string{"1.sql:1:75 foreign_key: Foreign key does not fit: A foreign key of table `a` has 2 columns and refers to 1 of table `a`."}},
	"foreign key of types":            {[]catalogFile{{"core", "CREATE TABLE a (id BIGINT UNSIGNED PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY, a_id BIGINT, CONSTRAINT f FOREIGN KEY (a_id) REFERENCES a (id)); CREATE TABLE c (id INTEGER PRIMARY KEY, b_id INT(5), s SERIAL, FOREIGN KEY (b_id) REFERENCES b (id), FOREIGN KEY (s) REFERENCES a (id))"}}, []string{"1.sql:1:125 foreign_key: Foreign key does not fit: Foreign key `f` joins column `a_id` (BIGINT) to `a.id` (BIGINT UNSIGNED): the types have to be the same."}},
	"foreign key of texts":            {[]catalogFile{{"core", "CREATE TABLE a (c CHAR(2) PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY, c VARCHAR(9), d INT, FOREIGN KEY (c) REFERENCES a (c), FOREIGN KEY (d) REFERENCES a (c))"}}, []string{"1.sql:1:145 foreign_key: Foreign key does not fit: A foreign key of table `b` joins column `d` (INT) to `a.c` (CHAR): the types have to be the same."}},
	"foreign key without a key":       {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n INT, m INT, KEY (m)); CREATE TABLE b (id INT PRIMARY KEY, CONSTRAINT f FOREIGN KEY (id) REFERENCES a (n), CONSTRAINT g FOREIGN KEY (id) REFERENCES a (m))"}}, []string{"1.sql:1:141 foreign_key: Foreign key needs a key: Foreign key `f` refers to column `n` of table `a`, which has no unique key of just that column. Add one there, or refer to its primary key.", "1.sql:1:189 foreign_key: Foreign key needs a key: Foreign key `g` refers to column `m` of table `a`, which has no unique key of just that column. Add one there, or refer to its primary key."}},
	"foreign key to a prefix":         {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n VARCHAR(50), m VARCHAR(50), UNIQUE KEY (n(50)), UNIQUE KEY (m(49))); CREATE TABLE b (id INT PRIMARY KEY, n VARCHAR(50), CONSTRAINT f FOREIGN KEY (n) REFERENCES a (n), CONSTRAINT g FOREIGN KEY (n) REFERENCES a (m))"}}, []string{"1.sql:1:249 foreign_key: Foreign key needs a key: Foreign key `g` refers to column `m` of table `a`, which has no unique key of just that column. Add one there, or refer to its primary key."}},
	"foreign key to an expression":    {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n INT, UNIQUE KEY ((n + 1))); CREATE TABLE b (id INT PRIMARY KEY, n INT, CONSTRAINT f FOREIGN KEY (n) REFERENCES a (n))"}}, []string{"1.sql:1:153 foreign_key: Foreign key needs a key: Foreign key `f` refers to column `n` of table `a`, which has no unique key of just that column. Add one there, or refer to its primary key."}},
	"foreign key to two columns":      {[]catalogFile{{"core", "CREATE TABLE a (x INT, y INT, PRIMARY KEY (x, y)); CREATE TABLE b (id INT PRIMARY KEY, x INT, y INT, FOREIGN KEY (x, y) REFERENCES a (x, y), FOREIGN KEY (x) REFERENCES a (x))"}}, []string{"1.sql:1:172 foreign_key: Foreign key needs a key: A foreign key of table `b` refers to column `x` of table `a`, which has no unique key of just that column. Add one there, or refer to its primary key."}},
	"key added before":                {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n INT); ALTER TABLE a ADD UNIQUE KEY (n); CREATE TABLE b (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES a (n))"}}, nil},
	"no primary key":                  {[]catalogFile{{"core", "CREATE TABLE a (id INT); CREATE TABLE b (id INT, UNIQUE (id))"}}, []string{"1.sql:1:14 warning primary_key: Table without a primary key: Table `a` has no primary key. Replication, online changes and copies of single rows need one.", "1.sql:1:39 warning primary_key: Table without a primary key: Table `b` has no primary key. Replication, online changes and copies of single rows need one."}},
	"primary key later":               {[]catalogFile{{"core", "CREATE TABLE a (id INT); ALTER TABLE a ADD PRIMARY KEY (id), MODIFY id INT AUTO_INCREMENT"}}, nil},
	"alter of nothing":                {[]catalogFile{{"core", "ALTER TABLE a ADD n INT"}}, []string{"1.sql:1:13 missing_table: Table is not defined: `ALTER TABLE a` needs table `a`, which is defined nowhere."}},
	"alter of a later table":          {[]catalogFile{{"core", "ALTER TABLE a ADD n INT; CREATE TABLE a (id INT PRIMARY KEY)"}}, []string{"1.sql:1:13 order: Object is defined too late: `ALTER TABLE a` needs table `a`, which is defined only later, in line 1. Move it behind that."}},
	"alter of a view":                 {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS SELECT id FROM a; ALTER TABLE v ADD n INT"}}, []string{"1.sql:1:85 missing_table: Table is not defined: `ALTER TABLE v` needs table `v`, but that is a view."}},
	"extension":                       {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY)"}, {"module m", "ALTER TABLE a ADD n INT NOT NULL DEFAULT 0 AFTER id, ADD KEY k (n), ADD CONSTRAINT c CHECK (n > 0), ADD FOREIGN KEY (n) REFERENCES a (id), ALGORITHM=COPY, LOCK=SHARED; CREATE INDEX i ON a (n); CREATE VIEW v AS SELECT a.n FROM a"}}, nil},
	"change of another":               {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY k (n))"}, {"module m", "ALTER TABLE a DROP COLUMN n, MODIFY id BIGINT, CHANGE n m INT, RENAME COLUMN n TO m, DROP KEY k, DROP PRIMARY KEY, COMMENT 'x', RENAME TO b; DROP INDEX k ON a"}}, []string{"2.sql:1:27 owner: Object of another layer is changed: Table `a` is defined in `1.sql:1:14` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints.", "2.sql:1:37 owner: Object of another layer is changed: Table `a` is defined in `1.sql:1:14` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints.", "2.sql:1:55 owner: Object of another layer is changed: Table `a` is defined in `1.sql:1:14` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints.", "2.sql:1:78 owner: Object of another layer is changed: Table `a` is defined in `1.sql:1:14` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints.", "2.sql:1:95 owner: Object of another layer is changed: Table `a` is defined in `1.sql:1:14` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints.", "2.sql:1:98 owner: Object of another layer is changed: Table `a` is defined in `1.sql:1:14` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints.", "2.sql:1:116 owner: Object of another layer is changed: Table `a` is defined in `1.sql:1:14` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints.", "2.sql:1:129 owner: Object of another layer is changed: Table `a` is defined in `1.sql:1:14` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints.", "2.sql:1:153 owner: Object of another layer is changed: Table `a` is defined in `1.sql:1:14` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints."}},
	"change of the own":               {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY k (n)); ALTER TABLE a DROP KEY k, CHANGE n m BIGINT, ADD KEY k (m), RENAME COLUMN m TO o, DROP PRIMARY KEY, ADD PRIMARY KEY (id, o), RENAME TO b; CREATE VIEW v AS SELECT o FROM b; ALTER TABLE b DROP x"}}, []string{"1.sql:1:247 missing_column: Column is not defined: Table `b` has no column `x`."}},
	"drop of another":                 {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS SELECT 1 AS x; CREATE PROCEDURE p() SELECT 1"}, {"module m", "DROP TABLE a; DROP VIEW IF EXISTS v; DROP PROCEDURE P"}}, []string{"2.sql:1:12 owner: Object of another layer is changed: Table `a` is defined in `1.sql:1:14` (core) and cannot be dropped from here. What may be added to it are columns, keys and constraints.", "2.sql:1:35 owner: Object of another layer is changed: View `v` is defined in `1.sql:1:50` (core) and cannot be dropped from here. What may be added to it are columns, keys and constraints.", "2.sql:1:53 owner: Object of another layer is changed: Procedure `P` is defined in `1.sql:1:87` (core) and cannot be dropped from here. What may be added to it are columns, keys and constraints."}},
	"drop of the own":                 {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY); DROP TABLE IF EXISTS a, b"}}, []string{"1.sql:1:59 drop: Object is dropped again: Table `a` is defined in line 1. To be rid of it remove its definition; for tenants that have it write the `DROP` into a file in `migrations/`."}},
	"drop of nothing":                 {[]catalogFile{{"core", "DROP TABLE a; DROP TABLE IF EXISTS b, c; DROP VIEW IF EXISTS v; DROP TRIGGER IF EXISTS t"}}, []string{"1.sql:1:12 drop: Object to drop is not defined: Table `a` is not defined here, so that it cannot be dropped. Leave the statement out.", "1.sql:1:15 warning ignored: Statement is left out: `DROP TABLE b` is of no use here: nothing of that name is there. Remove it to be rid of this warning.", "1.sql:1:42 warning ignored: Statement is left out: `DROP VIEW v` is of no use here: nothing of that name is there. Remove it to be rid of this warning.", "1.sql:1:65 warning ignored: Statement is left out: `DROP TRIGGER t` is of no use here: nothing of that name is there. Remove it to be rid of this warning."}},
	"alter view of another":           {[]catalogFile{{"core", "CREATE VIEW v AS SELECT 1 AS x"}, {"module m", "ALTER VIEW v AS SELECT 2 AS x; ALTER EVENT e DISABLE"}}, []string{"2.sql:1:12 owner: Object of another layer is changed: View `v` is defined in `1.sql:1:13` (core) and cannot be changed from here. What may be added to it are columns, keys and constraints.", "2.sql:1:44 missing_table: Object is not defined: Event `e` is not defined here, so that it cannot be altered."}},
	"view on nothing":                 {[]catalogFile{{"core", "CREATE VIEW v AS SELECT a.x FROM a JOIN (SELECT 1 AS y FROM b) AS d"}}, []string{"1.sql:1:34 missing_table: Table is not defined: View `v` needs table `a`, which is defined nowhere.", "1.sql:1:61 missing_table: Table is not defined: View `v` needs table `b`, which is defined nowhere."}},
	"view on a later view":            {[]catalogFile{{"core", "CREATE VIEW v AS SELECT w.x FROM w; CREATE VIEW w AS SELECT 1 AS x"}}, []string{"1.sql:1:34 order: Object is defined too late: View `v` needs table `w`, which is defined only later, in line 1. Move it behind that."}},
	"view column":                     {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS\n SELECT id,\n  nme FROM a"}}, []string{"1.sql:3:3 missing_column: Column is not defined: Table `a` has no column `nme`."}},
	"view column of an alias":         {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS SELECT t.id, t.nme, s.id AS i FROM a AS t JOIN a AS s ON s.nme = t.id"}}, []string{"1.sql:1:70 missing_column: Column is not defined: Table `a` has no column `nme`.", "1.sql:1:114 missing_column: Column is not defined: Table `a` has no column `nme`."}},
	"view column of a view":           {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n INT); CREATE VIEW v AS SELECT id AS x FROM a; CREATE VIEW w AS SELECT x FROM v; CREATE VIEW y AS SELECT id FROM v; CREATE VIEW z (one) AS SELECT n FROM a; CREATE VIEW zz AS SELECT n FROM z"}}, []string{"1.sql:1:143 missing_column: Column is not defined: View `v` has no column `id`.", "1.sql:1:219 missing_column: Column is not defined: View `z` has no column `n`."}},
	"view of a star":                  {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n INT); CREATE VIEW v AS SELECT * FROM a; CREATE VIEW w AS SELECT v.n, v.m FROM v; CREATE VIEW x AS SELECT a.*, 1 AS k FROM a; CREATE VIEW y AS SELECT k, n, o FROM x"}}, []string{"1.sql:1:110 missing_column: Column is not defined: View `v` has no column `m`.", "1.sql:1:194 missing_column: Column is not defined: View `x` has no column `o`."}},
	"view that is fine":               {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n INT, at DATETIME); CREATE VIEW v AS WITH c AS (SELECT id AS k FROM a), d (m) AS (SELECT 1 FROM c) SELECT c.k, d.m, x.y, (SELECT MAX(b.n) FROM a AS b WHERE b.id = c.k) AS z, EXTRACT(YEAR FROM NOW()) AS q, CURRENT_DATE AS r FROM c, d, (SELECT n AS y FROM a) AS x, JSON_TABLE('[1]', '$[*]' COLUMNS (jn INT PATH '$')) AS j WHERE jn > 1 GROUP BY z HAVING z > 1 ORDER BY q"}}, nil},
	"view with an outer column":       {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n INT); CREATE TABLE b (k INT PRIMARY KEY); CREATE VIEW v AS SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE k = n) AND n IN (SELECT missing FROM b)"}}, []string{"1.sql:1:175 missing_column: Column is not defined: None of the tables that view `v` reads here has a column `missing`."}},
	"view with units":                 {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, at DATETIME); CREATE VIEW v AS SELECT TIMESTAMPDIFF(MONTH, at, NOW()) AS m, DATE_ADD(at, INTERVAL 1 DAY) AS d, GET_FORMAT(DATE, 'USA') AS f, CAST(id AS CHAR) AS c, CONVERT(id, CHAR) AS e, TIMESTAMPADD(WEEK, 1, at) AS w FROM a"}}, nil},
	"view that does not parse":        {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS SELECT id FROM a INTERSECT SELECT id FROM b; CREATE VIEW w AS SELECT x FROM v"}}, []string{"1.sql:1:97 missing_table: Table is not defined: View `v` needs table `b`, which is defined nowhere."}},
	"union":                           {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS SELECT id FROM a UNION SELECT n FROM a ORDER BY id"}}, []string{"1.sql:1:85 missing_column: Column is not defined: Table `a` has no column `n`."}},
	"trigger on nothing":              {[]catalogFile{{"core", "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.x = 1"}}, []string{"1.sql:1:35 missing_table: Table is not defined: Trigger `t` needs table `a`, which is defined nowhere."}},
	"trigger with columns":            {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY); CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW SET NEW.x = OLD.id, NEW.id = OLD.y"}}, []string{"1.sql:1:95 missing_column: Column is not defined: Table `a` has no column `x`.", "1.sql:1:120 missing_column: Column is not defined: Table `a` has no column `y`."}},
	"rows of nothing": {[]catalogFile{{"core", "CREATE TABLE a (id INT PRIMARY KEY, n INT)"}, {"core", "INSERT INTO b VALUES (1);\nREPLACE a (id, m) VALUES (1, 2);\nINSERT INTO a (n, id) VALUES (1, 2);\nINSERT IGNORE INTO a VALUES (1, 2);\nINSERT INTO a SELECT 3, 4;\nINSERT INTO a SET id = 5"}}, []string{
		"2.sql:2:16 missing_column: Column is not defined: Table `a` has no column `m`.",
		"2.sql:1:13 missing_table: Table is not defined: `INSERT` needs table `b`, which is defined nowhere.",
	}},
	"sequence": {[]catalogFile{{"core", "CREATE SEQUENCE s; CREATE TABLE s (id INT PRIMARY KEY)"}}, []string{"1.sql:1:33 duplicate: Object is defined twice: Sequence `s` is defined already, in line 1. Remove one of them, or give it another name."}},
}

// cataloged adds sources to a catalog. The files are called 1.sql, 2.sql and so on.
func cataloged(t *testing.T, sources []catalogFile, srv ddl.Server) ([]source.Statement, []source.Fault) {
	t.Helper()
	var defined catalog.Catalog
	var statements []source.Statement
	var faults []source.Fault
	for i, s := range sources {
		parsed, found := source.Parse(s.text, srv)
		if len(found) > 0 {
			t.Fatalf("parsing: %v", found)
		}
		for _, st := range parsed {
			found := defined.Add(st, catalog.Origin{Owner: s.owner, File: fmt.Sprintf("%d.sql", i+1)})
			faults = append(faults, found...)
			if !source.Ignored(found) {
				statements = append(statements, st)
			}
		}
	}
	return statements, append(faults, defined.Finish()...)
}

// faultLines writes faults, one a line.
func faultLines(faults []source.Fault) []string {
	var out []string
	for _, f := range faults {
		severity := ""
		if f.Severity != source.SeverityError {
			severity = string(f.Severity) + " "
		}
		at := f.Position.String()
		if f.File != "" {
			at = f.File + ":" + at
		}
		out = append(out, fmt.Sprintf("%s %s%s: %s: %s", at, severity, f.Code, f.Summary, f.Detail))
	}
	return out
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	for name, tc := range catalogCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, faults := cataloged(t, tc.sources, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
			if diff := cmp.Diff(tc.want, faultLines(faults)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// onlyOn are cases with SQL that not every server takes.
var onlyOn = map[string]string{"sequence": "mariadb", "period": "mariadb", "key on an expression": "mysql", "view that is fine": "mysql",
	"foreign key to a later column": "mysql"} // with foreign_key_checks off MariaDB takes anything

// TestCatalog_server: what the catalog refuses the server refuses, and the
// other way round. Rules of our own about owners and DROP are left out.
func TestCatalog_server(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		srv := ddl.Server{Product: ddl.MySQL, Version: s.QueryRows(t, "SELECT VERSION()")[0][0]}
		if strings.HasPrefix(string(s.Kind), "mariadb") {
			srv.Product = ddl.MariaDB
		}
		conn, err := s.DB().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for name, tc := range catalogCases {
			if only := onlyOn[name]; only != "" && !strings.HasPrefix(string(s.Kind), only) {
				continue
			}
			statements, faults := cataloged(t, tc.sources, srv)
			if name == "table twice in two files" { // IF NOT EXISTS: the server skips the second one silently
				continue
			}
			if slices.ContainsFunc(faults, func(f source.Fault) bool { return f.Code == catalog.CodeOwner || f.Code == catalog.CodeDrop }) {
				continue
			}
			database := "`" + s.Prefix + "catalog`"
			checks := "SET foreign_key_checks = 1"
			if strings.HasPrefix(name, "foreign key to a later") {
				checks = "SET foreign_key_checks = 0" // what ForwardKeys asks for
			}
			for _, sql := range []string{"DROP DATABASE IF EXISTS " + database, "CREATE DATABASE " + database, "USE " + database, checks} {
				if _, err := conn.ExecContext(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			var refused error
			for _, st := range statements {
				if _, err := conn.ExecContext(t.Context(), st.Text); err != nil && refused == nil {
					refused = fmt.Errorf("%w\n\t%s", err, st.Text)
				}
			}
			if source.HasErrors(faults) != (refused != nil) {
				t.Errorf("%s: the server says: %v\n\tthe catalog says: %v", name, refused, faults)
			}
		}
	})
}
