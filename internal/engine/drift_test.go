package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// zoo has one object of every kind.
func zoo(s *mysqltest.Server) landlord.TemplateSpec {
	core := map[string]string{
		"001_tables.sql": "CREATE TABLE customers (id INT NOT NULL AUTO_INCREMENT, email VARCHAR(190) NOT NULL, phone VARCHAR(32) NULL, city VARCHAR(50) NOT NULL DEFAULT 'Rome' COMMENT 'of birth', notes TEXT NULL," +
			" PRIMARY KEY (id), UNIQUE KEY uq_email (email), KEY ix_city (city) COMMENT 'for reports', FULLTEXT KEY ft_notes (notes), CONSTRAINT ck_phone CHECK (phone <> '')) COMMENT='who buys' ROW_FORMAT=DYNAMIC;\n" +
			"CREATE TABLE orders (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, total DECIMAL(12,2) NOT NULL DEFAULT 0, KEY ix_customer (customer_id), CONSTRAINT fk_customer FOREIGN KEY (customer_id) REFERENCES customers (id));\n" +
			"CREATE TABLE log (id INT NOT NULL, day INT NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day) (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN (200));\n" +
			"CREATE TABLE aside (id INT NOT NULL PRIMARY KEY, body VARCHAR(20) NULL);",
		"002_programs.sql": "CREATE VIEW order_totals AS SELECT customer_id, SUM(total) AS total FROM orders GROUP BY customer_id;\n" +
			"CREATE TRIGGER tr_city BEFORE INSERT ON customers FOR EACH ROW SET NEW.city = TRIM(NEW.city);\n" +
			"DELIMITER //\nCREATE PROCEDURE forget(IN days INT)\nBEGIN\n  DELETE FROM log WHERE day < days;\n  DELETE FROM aside;\nEND//\nDELIMITER ;\n" +
			"CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;\n" +
			"CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM aside;",
	}
	if isMariaDB(s) {
		core["003_sequence.sql"] = "CREATE SEQUENCE numbers START WITH 100 INCREMENT BY 10;"
	}
	return landlord.TemplateSpec{Name: "zoo", Version: "1.0.0", Core: core, ExtensionPoints: []string{"orders", "aside", "log"}}
}

func isMariaDB(s *mysqltest.Server) bool { return strings.HasPrefix(string(s.Kind), "mariadb") }

// drifts are changes by hand, with what they are found as: object, element,
// kind and harm.
type drifts map[string]struct {
	on   string   // product, empty for both
	do   []string // statements, in the tenant's database
	want []string
}

const (
	core     = " breaks_core"
	harmless = " harmless"
)

func handMadeTables() drifts {
	return drifts{
		"table added":               {"", []string{"CREATE TABLE hand (id INT PRIMARY KEY)"}, []string{"extra table `hand`" + harmless}},
		"table that holds a parent": {"", []string{"CREATE TABLE hand (id INT PRIMARY KEY, c INT, CONSTRAINT fk_hand FOREIGN KEY (c) REFERENCES customers (id))"}, []string{"extra table `hand`" + core}},
		"table that follows a parent": {"", []string{"CREATE TABLE hand (id INT PRIMARY KEY, c INT, CONSTRAINT fk_hand FOREIGN KEY (c) REFERENCES customers (id) ON DELETE CASCADE)"},
			[]string{"extra table `hand`" + harmless}},
		"table dropped":      {"", []string{"DROP TABLE aside"}, []string{"missing table `aside`" + core}},
		"table renamed":      {"", []string{"RENAME TABLE aside TO elsewhere"}, []string{"missing table `aside`" + core, "extra table `elsewhere`" + harmless}},
		"comment of a table": {"", []string{"ALTER TABLE customers COMMENT='who paid'"}, []string{"changed table `customers`, option comment" + harmless}},
		"character set of a table": {"", []string{"ALTER TABLE aside DEFAULT CHARACTER SET latin1 COLLATE latin1_bin"},
			[]string{"changed table `aside`, default collation" + core}},
		"row format":               {"", []string{"ALTER TABLE customers ROW_FORMAT=COMPACT"}, []string{"changed table `customers`, option row_format" + harmless}},
		"engine":                   {"", []string{"ALTER TABLE aside ENGINE=MyISAM"}, []string{"changed table `aside`, option engine" + core}},
		"partition added":          {"", []string{"ALTER TABLE log ADD PARTITION (PARTITION p2 VALUES LESS THAN (300))"}, []string{"changed table `log`, partitions" + core}},
		"partitions added":         {"", []string{"ALTER TABLE aside PARTITION BY HASH (id) PARTITIONS 2"}, []string{"extra table `aside`, partitions" + core}},
		"partitions gone":          {"", []string{"ALTER TABLE log REMOVE PARTITIONING"}, []string{"missing table `log`, partitions" + core}},
		"defaults of the database": {"", []string{"ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_bin"}, []string{"changed database" + core}},
	}
}

func handMadeElements() drifts {
	return drifts{
		"column added":               {"", []string{"ALTER TABLE customers ADD COLUMN tax_id VARCHAR(20) NULL"}, []string{"extra table `customers`, column `tax_id`" + harmless}},
		"column added in the middle": {"", []string{"ALTER TABLE customers ADD COLUMN tax_id VARCHAR(20) NULL AFTER email"}, []string{"extra table `customers`, column `tax_id`" + harmless}},
		"column that wants a value":  {"", []string{"ALTER TABLE customers ADD COLUMN tax_id VARCHAR(20) NOT NULL"}, []string{"extra table `customers`, column `tax_id`" + core}},
		"generated column":           {"", []string{"ALTER TABLE customers ADD COLUMN n INT AS (CHAR_LENGTH(email)) STORED"}, []string{"extra table `customers`, column `n`" + harmless}},
		"column dropped":             {"", []string{"ALTER TABLE customers DROP COLUMN notes, DROP KEY ft_notes"}, []string{"missing table `customers`, column `notes`" + core, "missing table `customers`, key `ft_notes`" + core}},
		"type":                       {"", []string{"ALTER TABLE orders MODIFY total DECIMAL(14,2) NOT NULL DEFAULT 0"}, []string{"changed table `orders`, column `total`" + core}},
		"null":                       {"", []string{"ALTER TABLE orders MODIFY total DECIMAL(12,2) NULL DEFAULT 0"}, []string{"changed table `orders`, column `total`" + core}},
		"default":                    {"", []string{"ALTER TABLE customers ALTER city SET DEFAULT 'Bern'"}, []string{"changed table `customers`, column `city`" + core}},
		"comment of a column":        {"", []string{"ALTER TABLE customers MODIFY city VARCHAR(50) NOT NULL DEFAULT 'Rome' COMMENT 'of residence'"}, []string{"changed table `customers`, column `city`" + harmless}},
		"character set of a column":  {"", []string{"ALTER TABLE aside MODIFY body VARCHAR(20) CHARACTER SET latin1 NULL"}, []string{"changed table `aside`, column `body`" + core}},
		"collation of a column":      {"", []string{"ALTER TABLE aside MODIFY body VARCHAR(20) COLLATE utf8mb4_bin NULL"}, []string{"changed table `aside`, column `body`" + core}},
		"position":                   {"", []string{"ALTER TABLE customers MODIFY phone VARCHAR(32) NULL FIRST"}, []string{"changed table `customers`, order of columns" + core}},
		"key added":                  {"", []string{"CREATE INDEX ix_phone ON customers (phone(4), city)"}, []string{"extra table `customers`, key `ix_phone`" + harmless}},
		"unique key added":           {"", []string{"CREATE UNIQUE INDEX uq_phone ON customers (phone)"}, []string{"extra table `customers`, key `uq_phone`" + core}},
		"fulltext key added":         {"", []string{"CREATE FULLTEXT INDEX ft_city ON customers (city)"}, []string{"extra table `customers`, key `ft_city`" + harmless}},
		"functional key added":       {"MySQL", []string{"CREATE INDEX ix_lower ON customers ((LOWER(email)))"}, []string{"extra table `customers`, key `ix_lower`" + harmless}},
		"key dropped":                {"", []string{"DROP INDEX ix_city ON customers"}, []string{"missing table `customers`, key `ix_city`" + core}},
		"key made unique":            {"", []string{"ALTER TABLE customers DROP KEY ix_city, ADD UNIQUE KEY ix_city (city) COMMENT 'for reports'"}, []string{"changed table `customers`, key `ix_city`" + core}},
		"comment of a key":           {"", []string{"ALTER TABLE customers DROP KEY ix_city, ADD KEY ix_city (city) COMMENT 'unused?'"}, []string{"changed table `customers`, key `ix_city`" + harmless}},
		"key invisible":              {"MySQL", []string{"ALTER TABLE customers ALTER INDEX ix_city INVISIBLE"}, []string{"changed table `customers`, key `ix_city`" + core}},
		"key ignored":                {"MariaDB", []string{"ALTER TABLE customers ALTER INDEX ix_city IGNORED"}, []string{"changed table `customers`, key `ix_city`" + core}},
		"primary key":                {"", []string{"ALTER TABLE log DROP PRIMARY KEY, ADD PRIMARY KEY (day, id)"}, []string{"changed table `log`, primary key" + core}},
		"check added":                {"", []string{"ALTER TABLE aside ADD CONSTRAINT ck_id CHECK (id > 0)"}, []string{"extra table `aside`, check `ck_id`" + core}},
		"check dropped":              {"", []string{"ALTER TABLE customers DROP CONSTRAINT ck_phone"}, []string{"missing table `customers`, check `ck_phone`" + core}},
		"check of a column":          {"MariaDB", []string{"ALTER TABLE aside MODIFY body VARCHAR(20) NULL CHECK (body <> '')"}, []string{"changed table `aside`, column `body`" + core}},
		"foreign key added":          {"", []string{"ALTER TABLE aside ADD CONSTRAINT fk_aside FOREIGN KEY (id) REFERENCES customers (id)"}, []string{"extra table `aside`, foreign key `fk_aside`" + core}},
		"foreign key dropped":        {"", []string{"ALTER TABLE orders DROP FOREIGN KEY fk_customer"}, []string{"missing table `orders`, foreign key `fk_customer`" + core}},
		"rule of a foreign key": {"", []string{"ALTER TABLE orders DROP FOREIGN KEY fk_customer", "ALTER TABLE orders ADD CONSTRAINT fk_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE"},
			[]string{"changed table `orders`, foreign key `fk_customer`" + core}},
	}
}

func handMadePrograms() drifts {
	return drifts{
		"view added":         {"", []string{"CREATE VIEW v AS SELECT id FROM customers"}, []string{"extra view `v`" + harmless}},
		"view dropped":       {"", []string{"DROP VIEW order_totals"}, []string{"missing view `order_totals`" + core}},
		"body of a view":     {"", []string{"CREATE OR REPLACE VIEW order_totals AS SELECT customer_id, MAX(total) AS total FROM orders GROUP BY customer_id"}, []string{"changed view `order_totals`" + core}},
		"definer of a view":  {"", []string{"CREATE OR REPLACE DEFINER=`nobody`@`localhost` VIEW order_totals AS SELECT customer_id, SUM(total) AS total FROM orders GROUP BY customer_id"}, []string{"changed view `order_totals`" + core, "definer view `order_totals`" + harmless}},
		"security of a view": {"", []string{"CREATE OR REPLACE SQL SECURITY INVOKER VIEW order_totals AS SELECT customer_id, SUM(total) AS total FROM orders GROUP BY customer_id"}, []string{"changed view `order_totals`" + core}},
		"trigger added":      {"", []string{"CREATE TRIGGER tr_hand AFTER INSERT ON orders FOR EACH ROW DELETE FROM aside"}, []string{"extra trigger `tr_hand`" + core}},
		"trigger dropped":    {"", []string{"DROP TRIGGER tr_city"}, []string{"missing trigger `tr_city`" + core}},
		"body of a trigger":  {"", []string{"DROP TRIGGER tr_city", "CREATE TRIGGER tr_city BEFORE INSERT ON customers FOR EACH ROW SET NEW.city = UPPER(NEW.city)"}, []string{"changed trigger `tr_city`" + core}},
		"trigger on a table of one's own": {"", []string{"CREATE TABLE hand (id INT PRIMARY KEY)", "CREATE TRIGGER tr_hand BEFORE INSERT ON hand FOR EACH ROW SET NEW.id = NEW.id + 1"},
			[]string{"extra table `hand`" + harmless, "extra trigger `tr_hand`" + harmless}},
		"procedure added":         {"", []string{"CREATE PROCEDURE hand() SELECT 1"}, []string{"extra procedure `hand`" + harmless}},
		"procedure dropped":       {"", []string{"DROP PROCEDURE forget"}, []string{"missing procedure `forget`" + core}},
		"body of a procedure":     {"", []string{"DROP PROCEDURE forget", "CREATE PROCEDURE forget(IN days INT)\nBEGIN\n  DELETE FROM log WHERE day < days;\n  DELETE FROM orders;\nEND"}, []string{"changed procedure `forget`" + core}},
		"security of a procedure": {"", []string{"ALTER PROCEDURE forget SQL SECURITY INVOKER"}, []string{"changed procedure `forget`" + core}},
		"function":                {"", []string{"DROP FUNCTION twice", "CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 3"}, []string{"changed function `twice`" + core}},
		"event added":             {"", []string{"CREATE EVENT hand ON SCHEDULE EVERY 1 HOUR DISABLE DO DELETE FROM aside"}, []string{"extra event `hand`" + core}},
		"event dropped":           {"", []string{"DROP EVENT nightly"}, []string{"missing event `nightly`" + core}},
		"body of an event":        {"", []string{"ALTER EVENT nightly DO DELETE FROM orders"}, []string{"changed event `nightly`" + core}},
		"schedule of an event":    {"", []string{"ALTER EVENT nightly ON SCHEDULE EVERY 2 DAY"}, []string{"changed event `nightly`" + core}},
		"zone of an event":        {"", []string{"DROP EVENT nightly", "SET time_zone = '+02:00'", "CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM aside"}, []string{"changed event `nightly`" + core}},
		"mode of a function":      {"", []string{"DROP FUNCTION twice", "SET sql_mode = ''", "CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2"}, []string{"changed function `twice`" + core}},
		"sequence":                {"MariaDB", []string{"ALTER SEQUENCE numbers INCREMENT BY 5"}, []string{"changed sequence `numbers`" + core}},
		"sequence added":          {"MariaDB", []string{"CREATE SEQUENCE more"}, []string{"extra sequence `more`" + harmless}},
		"counter":                 {"", []string{"ALTER TABLE customers AUTO_INCREMENT=5000"}, nil},
		"rows":                    {"", []string{"INSERT INTO aside VALUES (1, 'x')", "DELETE FROM aside"}, nil},
		"several at once": {"", []string{"ALTER TABLE orders ADD COLUMN note VARCHAR(20) NULL, ADD KEY ix_note (note)", "DROP VIEW order_totals", "ALTER TABLE customers DROP COLUMN phone, DROP CONSTRAINT ck_phone"},
			[]string{
				"missing table `customers`, check `ck_phone`" + core, "missing table `customers`, column `phone`" + core,
				"extra table `orders`, column `note`" + harmless, "extra table `orders`, key `ix_note`" + harmless, "missing view `order_totals`" + core,
			}},
	}
}

// foundDrift writes differences as the tables above do.
func foundDrift(list []landlord.Difference) []string {
	var out []string
	for _, d := range list {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", d.Kind, d.Name(), d.Harm)))
	}
	return out
}

// runIn runs statements in a database, as somebody else would.
func runIn(t *testing.T, s *mysqltest.Server, database string, statements ...string) {
	t.Helper()
	db := s.Open(t, s.Username, s.Password, database)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for _, statement := range statements {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
}

// TestDrift changes every kind of object by hand, looks whether exactly that is
// found, and goes back with the statements that are offered.
func TestDrift(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, zoo(s))
		for part, changes := range map[string]drifts{"tables": handMadeTables(), "elements": handMadeElements(), "programs": handMadePrograms()} {
			create(t, e, landlord.TenantSpec{Slug: part, Name: part, Template: "zoo@1.0.0"})
			for name, change := range changes {
				if change.on != "" && (change.on == "MariaDB") != isMariaDB(s) {
					continue
				}
				runIn(t, s, s.Prefix+part, change.do...)
				found := driftIs(t, s, part, name, change.want)
				repair(t, s, s.Prefix+part, found.RepairSQL)
				driftIs(t, s, part, name+", repaired", nil)
			}
		}
	})
}

// driftIs fails unless a fresh engine finds exactly this.
func driftIs(t *testing.T, s *mysqltest.Server, slug, name string, want []string) *drift.TenantDrift {
	t.Helper()
	e := engineOn(t, s)
	defer func() { _ = e.Close() }()
	found, err := e.Drift(t.Context(), slug, false)
	if err != nil {
		t.Fatalf("%s: %s", name, explain(err))
	}
	if diff := cmp.Diff(want, foundDrift(found.Differences)); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", name, diff)
	}
	if found.InSync() != (len(want) == 0) {
		t.Errorf("%s: in sync: %t", name, found.InSync())
	}
	for _, d := range found.Differences {
		if d.HarmReason == "" || d.Detail == "" || (d.RepairSQL == "") == (d.RepairObstacle == "") || (d.Adoption == nil) == (d.AdoptObstacle == "") {
			t.Errorf("%s: what is said of it is not complete: %+v", name, d)
		}
	}
	// The resource shows the same, without the texts.
	tenant, err := e.Tenant(t.Context(), slug)
	if err != nil {
		t.Fatal(explain(err))
	}
	if diff := cmp.Diff(want, foundDrift(tenant.Drift)); diff != "" {
		t.Errorf("%s, of the tenant (-want +got):\n%s", name, diff)
	}
	return found
}

// repair runs a script as the standard client would.
func repair(t *testing.T, s *mysqltest.Server, database, script string) {
	t.Helper()
	statements, err := engine.SplitSQL(script)
	if err != nil {
		t.Fatalf("%s\n%s", explain(err), script)
	}
	runIn(t, s, database, statements...)
}
