package restore

import (
	"testing"
)

// TestColumnDefault reads lines as MariaDB prints them.
func TestColumnDefault(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ line, column, expression, in string }{
		"a function":         {"  `id` int(11) NOT NULL DEFAULT nextval(`numbers`),\n", "id", "nextval(`numbers`)", "nextval(`acme`.`numbers`)"},
		"the last one":       {"  `id` int(11) DEFAULT nextval(`numbers`)\n", "id", "nextval(`numbers`)", "nextval(`acme`.`numbers`)"},
		"in parentheses":     {"  `id` int(11) DEFAULT (1 + nextval(`a)``b`)) COMMENT 'x',\n", "id", "(1 + nextval(`a)``b`))", "(1 + nextval(`acme`.`a)``b`))"},
		"another database's": {"  `id` int(11) DEFAULT nextval(`other`.`numbers`),\n", "id", "nextval(`other`.`numbers`)", "nextval(`other`.`numbers`)"},
		"a text":             {"  `a``b` varchar(9) DEFAULT ' DEFAULT '' x\\' ' COMMENT ' DEFAULT 1',\n", "a`b", "' DEFAULT '' x\\' '", "' DEFAULT '' x\\' '"},
		"in a type":          {"  `e` enum('x DEFAULT 1','b') DEFAULT 'b',\n", "e", "'b'", "'b'"},
		"in a name":          {"  `x DEFAULT 1` int(11),\n", "x DEFAULT 1", "", ""},
		"generated":          {"  `g` int(11) GENERATED ALWAYS AS (1) STORED,\n", "g", "", ""},
		"a key":              {"  KEY `id` (`id`),\n", "", "", ""},
		"options":            {") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4", "", "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			column, expression := columnDefault(c.line)
			in := sequenceDefault{expression: expression}.in("acme")
			if column != c.column || expression != c.expression || in != c.in {
				t.Errorf("got %q, %q, %q", column, expression, in)
			}
		})
	}
}
