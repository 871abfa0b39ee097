package restore

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// TestColumnDefaults reads tables as MariaDB prints them.
func TestColumnDefaults(t *testing.T) {
	t.Parallel()
	type column struct{ name, expression, in string }
	cases := map[string]struct {
		lines string
		want  []column
	}{
		"a function":         {"`id` int(11) NOT NULL DEFAULT nextval(`numbers`),\n  `b` int(11)", []column{{"id", "nextval(`numbers`)", "nextval(`acme`.`numbers`)"}}},
		"the last one":       {"`id` int(11) DEFAULT nextval(`numbers`)", []column{{"id", "nextval(`numbers`)", "nextval(`acme`.`numbers`)"}}},
		"in parentheses":     {"`id` int(11) DEFAULT (1 + nextval(`a)``b`)) COMMENT 'x'", []column{{"id", "(1 + nextval(`a)``b`))", "(1 + nextval(`acme`.`a)``b`))"}}},
		"another database's": {"`id` int(11) DEFAULT nextval(`other`.`numbers`)", []column{{"id", "nextval(`other`.`numbers`)", "nextval(`other`.`numbers`)"}}},
		"two":                {"`id` int(11) DEFAULT (nextval(`a`) + lastval(`b`))", []column{{"id", "(nextval(`a`) + lastval(`b`))", "(nextval(`acme`.`a`) + lastval(`acme`.`b`))"}}},
		"in a text":          {"`id` varchar(99) DEFAULT concat('nextval(`x`)',nextval(`a`))", []column{{"id", "concat('nextval(`x`)',nextval(`a`))", "concat('nextval(`x`)',nextval(`acme`.`a`))"}}},
		"a text":             {"`a``b` varchar(9) DEFAULT ' DEFAULT '' x\\' ' COMMENT ' DEFAULT 1'", []column{{"a`b", "' DEFAULT '' x\\' '", "' DEFAULT '' x\\' '"}}},
		"in a type":          {"`e` enum('x DEFAULT 1','b') DEFAULT 'b',\n  KEY `e` (`e`)", []column{{"e", "'b'", "'b'"}}},
		"negative":           {"`a` decimal(5,2) NOT NULL DEFAULT -1.50 CHECK (`a` < 0)", []column{{"a", "-1.50", "-1.50"}}},
		"moves by itself":    {"`a` timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()", []column{{"a", "current_timestamp()", "current_timestamp()"}}},
		"in a name":          {"`x DEFAULT 1` int(11),\n  `y\n  DEFAULT 1` int(11)", nil},
		"generated":          {"`g` int(11) GENERATED ALWAYS AS (1) STORED", nil},
		"a key":              {"`a` int(11),\n  KEY `id` (`id`)", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []column
			for _, d := range columnDefaults("CREATE TABLE `t` (\n  " + c.lines + "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='(`a` int DEFAULT 1)'") {
				got = append(got, column{d.column, d.expression, d.in("acme")})
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(column{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestUnnamed takes a database out where it qualifies a name, and nowhere else.
func TestUnnamed(t *testing.T) {
	t.Parallel()
	const printed = "CREATE TABLE `t` (\n" +
		"  `id` int(11) DEFAULT nextval(`side`.`numbers`) COMMENT 'from `side`.`numbers`',\n" +
		"  `side` int(11) DEFAULT (concat('`side`.',`side`)),\n" +
		"  CONSTRAINT `side` FOREIGN KEY (`side`) REFERENCES `side` (`id`)\n) COMMENT='`side`.'"
	const want = "CREATE TABLE `t` (\n" +
		"  `id` int(11) DEFAULT nextval(`numbers`) COMMENT 'from `side`.`numbers`',\n" +
		"  `side` int(11) DEFAULT (concat('`side`.',`side`)),\n" +
		"  CONSTRAINT `side` FOREIGN KEY (`side`) REFERENCES `side` (`id`)\n) COMMENT='`side`.'"
	view := ddl.Object{Kind: ddl.KindView, Name: "v", SQL: "CREATE VIEW `v` AS SELECT 1 FROM `side`.`t`"}
	got := unnamed(ddl.Schema{Objects: []ddl.Object{{Kind: ddl.KindTable, Name: "t", SQL: printed}, view}}, "side")
	if diff := cmp.Diff(ddl.Schema{Objects: []ddl.Object{{Kind: ddl.KindTable, Name: "t", SQL: want}, view}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
