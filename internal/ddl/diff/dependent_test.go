package diff_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// dependentBase has, beside the tables of a template, what a tenant could put upon
// them. In the cases the template's part changes.
const dependentBase = `
CREATE TABLE users (id INT PRIMARY KEY, email VARCHAR(100) NOT NULL, legacy INT, KEY k_email (email));
CREATE TABLE tags (id INT PRIMARY KEY, code INT, title VARCHAR(50), UNIQUE KEY uq_code (code));
CREATE VIEW totals AS SELECT id, legacy FROM users;
`

type dependentCase struct {
	own     string
	changes map[string]string // replacements in dependentBase
	want    []string
}

var dependentCases = map[string]dependentCase{
	"nothing that anybody stands on": {
		own:     "CREATE VIEW rep AS SELECT email FROM users;",
		changes: map[string]string{"legacy INT,": "legacy INT, phone INT,", "title VARCHAR(50)": "title VARCHAR(80)"},
	},
	"a view over a column that goes": {
		own:     "CREATE VIEW rep AS SELECT x.legacy + 1 AS y FROM users x; CREATE VIEW other AS SELECT x.code AS legacy FROM tags x;",
		changes: map[string]string{"legacy INT,": "", ", legacy FROM": " FROM"},
		want:    []string{"view rep: breaks: it names column `legacy` of table `users`, which goes"},
	},
	"a view over a column that another table has too": {
		own:     "ALTER TABLE tags ADD COLUMN legacy INT; CREATE VIEW rep AS SELECT t.legacy FROM users u JOIN tags t ON t.id = u.id;",
		changes: map[string]string{"legacy INT,": "", ", legacy FROM": " FROM"},
	},
	"views over a table, and over a view, that go": {
		own:     "CREATE VIEW a AS SELECT title FROM tags; CREATE VIEW b AS SELECT id FROM totals;",
		changes: map[string]string{"CREATE TABLE tags (id INT PRIMARY KEY, code INT, title VARCHAR(50), UNIQUE KEY uq_code (code));": "", "CREATE VIEW totals AS SELECT id, legacy FROM users;": ""},
		want:    []string{"view a: breaks: it names table `tags`, which goes", "view b: breaks: it names view `totals`, which goes"},
	},
	"a view over a column and a view that change": {
		own:     "CREATE VIEW a AS SELECT title FROM tags; CREATE VIEW b AS SELECT id FROM totals;",
		changes: map[string]string{"title VARCHAR(50)": "title VARCHAR(80)", "SELECT id, legacy": "SELECT id, email"},
		want: []string{
			"view a: works: it names column `title` of table `tags`, which becomes varchar(80) instead of varchar(50)",
			"view b: works: it names view `totals`, which changes",
		},
	},
	"a routine, a trigger and an event": {
		own: "CREATE FUNCTION f() RETURNS INT READS SQL DATA RETURN (SELECT MAX(legacy) FROM users);\n" +
			"CREATE TRIGGER tr BEFORE INSERT ON users FOR EACH ROW SET NEW.legacy = 1;\n" +
			"CREATE TRIGGER harmless BEFORE INSERT ON tags FOR EACH ROW SET NEW.title = 'legacy';\n" +
			"CREATE PROCEDURE p() SELECT f();\n",
		changes: map[string]string{"legacy INT,": "", ", legacy FROM": " FROM"},
		want: []string{
			"function f: breaks: it names column `legacy` of table `users`, which goes",
			"trigger tr: breaks: it names column `legacy` of table `users`, which goes",
		},
	},
	"a trigger of a table that goes": {
		own:     "CREATE TRIGGER tr BEFORE INSERT ON tags FOR EACH ROW SET NEW.title = 'x';",
		changes: map[string]string{"CREATE TABLE tags (id INT PRIMARY KEY, code INT, title VARCHAR(50), UNIQUE KEY uq_code (code));": "-- \n"},
		want:    []string{"trigger tr: breaks: it names table `tags`, which goes"},
	},
	"keys and computed columns": {
		own:     "ALTER TABLE users ADD COLUMN g INT AS (legacy + 1), ADD KEY mine (legacy), ADD KEY mine2 (email, id);",
		changes: map[string]string{"legacy INT,": "legacy BIGINT,"},
		want: []string{
			"table users column g: works: it stands on column `legacy` of table `users`, which becomes bigint instead of int",
			"table users key mine: works: it stands on column `legacy` of table `users`, which becomes bigint instead of int",
		},
	},
	"keys and computed columns over a column that goes": {
		own:     "ALTER TABLE users ADD COLUMN g INT AS (legacy + 1), ADD KEY mine (legacy, email), ADD KEY mine2 (email, id);",
		changes: map[string]string{"legacy INT,": "", ", legacy FROM": " FROM"},
		want: []string{
			"table users column g: breaks: it stands on column `legacy` of table `users`, which goes",
			"table users key mine: breaks: it stands on column `legacy` of table `users`, which goes",
		},
	},
	"a foreign key to a table that goes": {
		own:     "CREATE TABLE mine (id INT PRIMARY KEY, t INT, CONSTRAINT fm FOREIGN KEY (t) REFERENCES tags (id));",
		changes: map[string]string{"CREATE TABLE tags (id INT PRIMARY KEY, code INT, title VARCHAR(50), UNIQUE KEY uq_code (code));": ""},
		want:    []string{"table mine foreign key fm: breaks: it references table `tags`, which goes"},
	},
	"a foreign key to a column of another type": {
		own:     "CREATE TABLE mine (id INT PRIMARY KEY, t INT, CONSTRAINT fm FOREIGN KEY (t) REFERENCES tags (id));",
		changes: map[string]string{"tags (id INT": "tags (id BIGINT"},
		want:    []string{"table mine foreign key fm: breaks: it stands on column `id` of table `tags`, which becomes bigint instead of int"},
	},
	"a foreign key that loses the key that serves it": {
		own:     "CREATE TABLE mine (id INT PRIMARY KEY, t INT, CONSTRAINT fm FOREIGN KEY (t) REFERENCES tags (code));",
		changes: map[string]string{", UNIQUE KEY uq_code (code)": ""},
		want:    []string{"table mine foreign key fm: breaks: it needs the key `uq_code` of table `tags`, which goes"},
	},
	"a foreign key that another key can serve": {
		own:     "CREATE TABLE mine (id INT PRIMARY KEY, t INT, CONSTRAINT fm FOREIGN KEY (t) REFERENCES tags (code));",
		changes: map[string]string{"UNIQUE KEY uq_code (code)": "UNIQUE KEY uq_code2 (code)"},
	},
}

func TestDependents(t *testing.T) {
	t.Parallel()
	writePrinted(t)
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newBench(t, s, s.Prefix)
		for name, c := range dependentCases {
			t.Run(name, func(t *testing.T) {
				c.run(t, b.ddl, func(script string) ddl.Schema { return b.build(t, b.databases[0], script, "") })
			})
		}
	})
}

// TestDependents_printed does the same with what the servers printed.
func TestDependents_printed(t *testing.T) {
	t.Parallel()
	onPrinted(t, func(t *testing.T, _ string, p *printedSchemas) {
		for name, c := range dependentCases {
			t.Run(name, func(t *testing.T) {
				c.run(t, p.Server, func(script string) ddl.Schema { return p.schema(t, script) })
			})
		}
	})
}

// run compares the dependents of a case with those that are wanted. build
// returns what a server prints of a script.
func (c dependentCase) run(t *testing.T, srv ddl.Server, build func(script string) ddl.Schema) {
	t.Helper()
	changed := dependentBase
	for old, text := range c.changes {
		if !strings.Contains(changed, old) {
			t.Fatalf("no %q to replace", old)
		}
		changed = strings.ReplaceAll(changed, old, text)
	}
	base, next, live := build(dependentBase), build(changed), build(dependentBase+c.own)
	merged, conflicts := diff.Merge(base, next, live, srv, diff.MergeOptions{})
	if len(conflicts) > 0 {
		t.Fatalf("conflicts: %+v", conflicts)
	}
	own := map[ddl.Place]bool{}
	for _, o := range diff.Compare(next, merged, srv) {
		own[ddl.Place{Object: o.Object, Element: o.Element}] = true
	}
	var got []string
	for _, d := range diff.Dependents(live, merged, srv) {
		if !own[d.Place] && !own[ddl.Place{Object: d.Object}] {
			continue // the template's
		}
		got = append(got, fmt.Sprintf("%s: %s: %s", d.Place, map[bool]string{true: "breaks", false: "works"}[d.Breaks],
			strings.NewReplacer("(11)", "", "(20)", "").Replace(d.Reason)))
	}
	slices.Sort(got)
	if d := cmp.Diff(c.want, got); d != "" {
		t.Errorf("dependents (-want +got):\n%s", d)
	}
}

func TestMerge_choices(t *testing.T) {
	t.Parallel()
	table := func(body string) ddl.Schema {
		return schemaOf(map[string]string{"t": "CREATE TABLE `t` (" + body + ") ENGINE=InnoDB"})
	}
	base, next, live := table("`a` int"), table("`a` int, `b` int"), table("`a` int, `b` bigint, `c` int")
	at := func(element string) ddl.Place { return ddl.Place{Object: "table t", Element: element} }
	cases := map[string]struct {
		options   diff.MergeOptions
		want      string
		conflicts int
	}{
		"undecided":             {want: "`a` int, `b` bigint, `c` int", conflicts: 1},
		"the tenant's":          {options: diff.MergeOptions{Choices: map[ddl.Place]diff.Side{at("column `b`"): diff.SideLive}}, want: "`a` int, `b` bigint, `c` int"},
		"the template's":        {options: diff.MergeOptions{Choices: map[ddl.Place]diff.Side{at("column `b`"): diff.SideNext}}, want: "`a` int, `b` int, `c` int"},
		"what only live has":    {options: diff.MergeOptions{Choices: map[ddl.Place]diff.Side{at("column `c`"): diff.SideNext}, Prefer: diff.SideLive}, want: "`a` int, `b` bigint"},
		"the template's always": {options: diff.MergeOptions{Prefer: diff.SideNext}, want: "`a` int, `b` int, `c` int"},
		"the whole table":       {options: diff.MergeOptions{Choices: map[ddl.Place]diff.Side{at(""): diff.SideNext}}, want: "`a` int, `b` int"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			merged, conflicts := diff.Merge(base, next, live, mysql97, c.options)
			if len(conflicts) != c.conflicts {
				t.Errorf("conflicts: %+v", conflicts)
			}
			if diff := diff.Compare(table(c.want), merged, mysql97); len(diff) > 0 {
				t.Errorf("merged otherwise: %+v", diff)
			}
		})
	}
	// An element of a table that only the tenant has.
	merged, _ := diff.Merge(ddl.Schema{}, ddl.Schema{}, live, mysql97, diff.MergeOptions{Choices: map[ddl.Place]diff.Side{at("column `b`"): diff.SideNext}})
	if diff := diff.Compare(table("`a` int, `c` int"), merged, mysql97); len(diff) > 0 {
		t.Errorf("merged otherwise: %+v", diff)
	}
}

func TestCollisions(t *testing.T) {
	t.Parallel()
	s := schemaOf(map[string]string{
		"table x": "CREATE TABLE `x` (`a` int, CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `y` (`a`), CONSTRAINT `c` CHECK ((`a` > 0)))",
		"table y": "CREATE TABLE `y` (`a` int, CONSTRAINT `F` FOREIGN KEY (`a`) REFERENCES `x` (`a`), CONSTRAINT `c` CHECK ((`a` > 1)))",
		"view x":  "CREATE VIEW `x` AS select 1 AS `1`",
	})
	for srv, want := range map[ddl.Server][]string{
		mysql97:   {"table x foreign key f, table y foreign key f", "table x check c, table y check c", "table x, view x"},
		mariadb11: {"table x foreign key f, table y foreign key f", "table x, view x"},
	} {
		var got []string
		for _, c := range diff.Collisions(s, srv) {
			got = append(got, c.A.String()+", "+c.B.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", srv.Product, diff)
		}
	}
}
