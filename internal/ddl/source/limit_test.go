package source_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

// TestLimits: what is too much is refused before it is parsed.
func TestLimits(t *testing.T) {
	t.Parallel()
	columns := func(n int) string {
		return "CREATE TABLE t (a0 INT" + repeat(", c%d INT", n-1) + ")"
	}
	partitions := func(n int) string {
		return "CREATE TABLE t (id INT) PARTITION BY LIST (id) (PARTITION p VALUES IN (-1)" + repeat(", PARTITION p%d VALUES IN (%d)", n-1) + ")"
	}
	cases := map[string]struct{ text, want string }{
		"columns":             {columns(source.MaxColumns), ""},
		"too many columns":    {columns(source.MaxColumns + 1), "1:1: the table has more than 4096 columns, keys and constraints"},
		"partitions":          {partitions(source.MaxPartitions), ""},
		"too many partitions": {partitions(source.MaxPartitions + 1), "1:1: the statement lists 8193 partitions, at most 8192 are allowed"},
		"statements":          {strings.Repeat("SELECT 1;", source.MaxStatements), ""},
		"too many statements": {strings.Repeat("SELECT 1;", source.MaxStatements) + "\nSELECT 2", "2:1: the text has more than 100000 statements"},
		"too deep":            {"SELECT " + strings.Repeat("(", 201) + "1" + strings.Repeat(")", 201), "1:208: parentheses and compound statements are nested more than 200 deep"},
		"too long":            {strings.Repeat("SELECT 1;", 1<<20), "1:1: the text has 9437184 bytes, at most 4194304 are read"},
		"rows of many values": {"INSERT INTO t VALUES (0" + repeat(", %d", 10_000) + ")", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if _, err := source.Split(tc.text); err != nil {
				got = err.Error()
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// TestLimits_partitions: a customization may have fewer partitions than a
// template, however they are written.
func TestLimits_partitions(t *testing.T) {
	t.Parallel()
	list := func(n int, sub string) string {
		return "CREATE TABLE t (id INT) PARTITION BY RANGE (id) " + sub + "(PARTITION p VALUES LESS THAN (-1)" + repeat(", PARTITION p%d VALUES LESS THAN (%d)", n-1) + ")"
	}
	for _, tc := range []struct {
		text    string
		refused bool
	}{
		{list(512, ""), false},
		{list(513, ""), true},
		{list(8000, ""), true},
		{list(256, "SUBPARTITION BY HASH (id) SUBPARTITIONS 2 "), false},
		{list(257, "SUBPARTITION BY HASH (id) SUBPARTITIONS 2 "), true},
		{"ALTER TABLE t ADD PARTITION (PARTITION p VALUES LESS THAN (-1)" + repeat(", PARTITION p%d VALUES LESS THAN (%d)", 600) + ")", true},
		{"ALTER TABLE t ADD PARTITION PARTITIONS 600", true},
	} {
		if got := source.HasErrors(guarded(tc.text, source.LayerCustomization, estate(ddl.MySQL))); got != tc.refused {
			t.Errorf("refused %v: %.120s", got, tc.text)
		}
	}
	if faults := guarded(list(8000, ""), source.LayerSchema, estate(ddl.MySQL)); len(faults) > 0 {
		t.Errorf("a template with 8000 partitions: %v", faults)
	}
}

// A text that is far too long costs nothing: it is not copied, let alone parsed.
func TestLimits_tooLongCostsNothing(t *testing.T) {
	text := strings.Repeat("SET @a=1,@b=2;\n", 50<<20/15)
	if n := testing.AllocsPerRun(1, func() { _, _ = source.Parse(text, ddl.Server{}) }); n > 50 {
		t.Errorf("%v allocations for a text of %d bytes", n, len(text))
	}
}

// heavy are texts that could be made to be read again and again.
var heavy = map[string]struct{ before, part, after string }{
	"settings":            {"", "SET @a=1,@b=2;", ""},
	"one SET":             {"SET @c=1", ",@a=1,@b=2", ""},
	"a body":              {"CREATE PROCEDURE p() BEGIN ", "SET @a=1,@b=2; ", "END"},
	"a body of variables": {"CREATE PROCEDURE p(a INT) BEGIN ", "SET a = 1; ", "END"},
	"loops":               {"CREATE PROCEDURE p() BEGIN ", "LOOP SELECT 1; END LOOP; ", "END"},
	"partitions":          {"CREATE TABLE t (id INT) PARTITION BY LIST (id) (PARTITION p VALUES IN (0)", ", PARTITION p VALUES IN (1) ENGINE = InnoDB", ")"},
	"aliases":             {"SELECT 1 FROM a", ", shop_b.c AS x", ""},
	"columns":             {"SELECT a.b", ", a.b", " FROM a"},
	"comments":            {"SELECT 1 ", "/* */ ", ""},
	"marks":               {"SELECT 1 ", "/*!40000 , 1 */ ", ""},
	"words":               {"CREATE PROCEDURE p() SELECT 1 ", ", execute ", ""},
	"one text":            {"INSERT INTO t VALUES ('", `a b'' \' "`, "')"},
	"texts":               {"INSERT INTO t VALUES ('a'", `, 'it''s', "x", N'y', _utf8mb4'z'`, ")"},
	"one comment":         {"SELECT 1 /* ", "a * / b ", "*/"},
	"comments of lines":   {"SELECT 1 ", "-- a\n# b\n, 1 ", ""},
	"hints":               {"SELECT 1 ", "/*+ BKA(a) */ ", ""},
	"parentheses":         {"SELECT 1", ", ((((((((1))))))))", ""},
	"open parentheses":    {"SELECT 1", "(", ""},
	"calls":               {"SELECT 1", ", f(g(h(1), 2), 3)", ""},
	"rows":                {"INSERT INTO t VALUES (0)", ", (1, 'a', NULL)", ""},
	"inserts":             {"", "INSERT INTO t (id) VALUES (1);\n", ""},
	"tables":              {"", "CREATE TABLE t (id INT, KEY k (id));\n", ""},
	"delimiters":          {"", "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;\n", ""},
	"long delimiters":     {"DELIMITER " + strings.Repeat("a", 200) + "\n", strings.Repeat("a", 199) + " ", ""},
	"one name":            {"SELECT ", "ab_9$", " FROM t"},
	"one quoted name":     {"SELECT `", "a``b", "` FROM t"},
	"names":               {"SELECT a", ", `a`.`b`, c.d", " FROM `a` JOIN c"},
	"dots":                {"SELECT a", ".b", ""},
	"numbers":             {"SELECT 1", ", 1.5e3, 0x1F, b'1', .5", ""},
	"one number":          {"SELECT ", "1", ""},
	"variables":           {"SET @a = 1", ", @@session.`a` = @@global.b", ""},
	"blocks":              {"CREATE PROCEDURE p() BEGIN ", "BEGIN IF 1 THEN SELECT 1; ELSE SELECT 2; END IF; END; ", "END"},
	"cases":               {"CREATE FUNCTION f() RETURNS INT RETURN 1", " + CASE WHEN 1 THEN 2 ELSE 3 END", ""},
	"declarations":        {"CREATE PROCEDURE p() BEGIN ", "DECLARE x INT DEFAULT 1; ", "END"},
	"updates":             {"CREATE PROCEDURE p() BEGIN ", "UPDATE t SET password = 1; ", "END"},
	"sets of one update":  {"CREATE PROCEDURE p() UPDATE t SET a = 1", ", b = SET ROLE", ""},
	"tables in bodies":    {"CREATE PROCEDURE p() BEGIN ", "CREATE TABLE t (id INT) ENGINE=InnoDB; ", "END"},
	"joins":               {"SELECT 1 FROM a", " JOIN b ON b.id = a.id", ""},
	"unions":              {"SELECT 1", " UNION SELECT 1 FROM a", ""},
	"options":             {"ALTER TABLE t COMMENT = 'a'", ", ENGINE = InnoDB, AUTO_INCREMENT = 5", ""},
}

// guardTime returns how long a text of n parts takes, the best of a few rounds.
func guardTime(n int, before, part, after string) float64 {
	text := before + strings.Repeat(part, n) + after
	best := time.Duration(0)
	for range 5 {
		began := time.Now()
		guarded(text, source.LayerCustomization, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
		if took := time.Since(began); best == 0 || took < best {
			best = took
		}
	}
	return float64(best)
}

// BenchmarkGuard_linear reports how much longer a text of 16 times the parts takes
// than 16 times as long, which is 1 where the guard is linear, and 16 where it is
// quadratic.
func BenchmarkGuard_linear(b *testing.B) {
	for name, h := range heavy {
		b.Run(name, func(b *testing.B) {
			b.ReportMetric(guardTime(3200, h.before, h.part, h.after)/guardTime(200, h.before, h.part, h.after)/16, "times")
		})
	}
}

// The guard's allocations grow with the text and not faster.
func TestGuard_linear(t *testing.T) {
	for name, h := range heavy {
		allocations := func(n int) float64 {
			text := h.before + strings.Repeat(h.part, n) + h.after
			return testing.AllocsPerRun(1, func() {
				guarded(text, source.LayerCustomization, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
			})
		}
		if few, many := allocations(200), allocations(3200); many > 20*few+1000 {
			t.Errorf("%s: %s allocations for 200 parts, %s for 3200", name, fmt.Sprint(few), fmt.Sprint(many))
		}
	}
}
