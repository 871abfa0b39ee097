package template_test

import (
	"fmt"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// step is a statement of a composition in short.
type step struct {
	SQL, At, Origin string
	Level           int
	Seed            bool
}

func steps(statements []template.Statement) []step {
	var out []step
	for _, st := range statements {
		out = append(out, step{st.SQL, fmt.Sprintf("%s:%d:%d", st.File, st.Line, st.Column), st.Origin, st.Level, st.Seed})
	}
	return out
}

// table is a table of one column.
func table(name string) string { return "CREATE TABLE " + name + " (id INT PRIMARY KEY);\n" }

func family(t *testing.T) *template.Lineage {
	t.Helper()
	base := files{
		"core/002_b.sql":          table("b"),
		"core/001_a.sql":          "-- The first.\n" + table("a") + "CREATE TABLE a2 (id INT PRIMARY KEY);",
		"optional/late.sql":       "-- landlord:requires: early\n" + table("late"),
		"optional/early.sql":      table("early"),
		"seeds/001_rows.sql":      "INSERT INTO a\nVALUES (1);",
		"seeds/early/001_row.sql": "INSERT INTO early VALUES (1);",
	}.build(t, "base@1.2.0")
	leaf := files{
		"core/010_c.sql":     "SET NAMES utf8mb4;\n" + table("c") + "ALTER TABLE a ADD COLUMN x INT NULL;",
		"optional/after.sql": "-- landlord:requires: late\n" + table("after_all"),
		"seeds/010_rows.sql": "INSERT INTO c VALUES (1);",
	}.build(t, "leaf@2.0.0 extends base@1.2.0")
	return lineage(t, base, leaf)
}

func created(name string) string { return "CREATE TABLE `" + name + "` (`id` INT PRIMARY KEY)" }

func TestCompose(t *testing.T) {
	t.Parallel()
	c, findings := family(t).Compose([]string{"after"}, mysql97)
	diff(t, texts(findings), "")
	if c == nil {
		t.Fatal("no composition")
	}
	diff(t, c.Template.String(), "leaf@2.0.0")
	diff(t, c.Modules, []string{"early", "late", "after"})
	diff(t, steps(c.Statements), []step{
		{created("a"), "base@1.2.0/core/001_a.sql:2:1", "core of base@1.2.0", 1, false},
		{created("a2"), "base@1.2.0/core/001_a.sql:3:1", "core of base@1.2.0", 1, false},
		{created("b"), "base@1.2.0/core/002_b.sql:1:1", "core of base@1.2.0", 1, false},
		{created("c"), "core/010_c.sql:2:1", "core", 1, false},
		{"ALTER TABLE `a` ADD COLUMN `x` INT NULL", "core/010_c.sql:3:1", "core", 1, false},
		{created("early"), "base@1.2.0/optional/early.sql:1:1", "module early", 2, false},
		{created("late"), "base@1.2.0/optional/late.sql:2:1", "module late", 2, false},
		{created("after_all"), "optional/after.sql:2:1", "module after", 2, false},
		{"INSERT INTO a VALUES (1)", "base@1.2.0/seeds/001_rows.sql:1:1", "core of base@1.2.0", 1, true},
		{"INSERT INTO c VALUES (1)", "seeds/010_rows.sql:1:1", "core", 1, true},
		{"INSERT INTO early VALUES (1)", "base@1.2.0/seeds/early/001_row.sql:1:1", "module early", 2, true},
	})
}

func TestCompose_digest(t *testing.T) {
	t.Parallel()
	digest := func(f files, modules ...string) string {
		t.Helper()
		c, findings := lineage(t, f.build(t, "shop@1.0.0")).Compose(modules, mysql97)
		if c == nil {
			t.Fatal(texts(findings))
		}
		return c.Digest
	}
	plain := digest(files{"core/a.sql": table("a") + table("b")})
	for name, same := range map[string]string{
		"other files and comments": digest(files{"core/1.sql": "# one\n" + table("a"), "core/2.sql": "\n\n" + table("b")}),
		"module not chosen":        digest(files{"core/a.sql": table("a") + table("b"), "optional/m.sql": table("m")}),
		"as a module":              digest(files{"core/a.sql": table("a"), "optional/m.sql": table("b")}, "m"),
		"migration":                digest(files{"core/a.sql": table("a") + table("b"), "migrations/0.9.0--1.0.0.sql": "UPDATE a SET id = 1;"}),
	} {
		if same != plain {
			t.Errorf("%s: digest differs", name)
		}
	}
	for name, other := range map[string]string{
		"order":      digest(files{"core/a.sql": table("b") + table("a")}),
		"seed":       digest(files{"core/a.sql": table("a") + table("b"), "seeds/a.sql": "INSERT INTO a VALUES (1);"}),
		"one module": digest(files{"core/a.sql": table("a") + table("b"), "optional/m.sql": table("m")}, "m"),
	} {
		if other == plain {
			t.Errorf("%s: digest is the same", name)
		}
	}
}

func TestCompose_refuses(t *testing.T) {
	t.Parallel()
	core := files{"core/a.sql": table("a")}
	with := func(more files) files {
		all := files{}
		for _, f := range []files{core, more} {
			for name, text := range f {
				all[name] = text
			}
		}
		return all
	}
	tests := map[string]struct {
		files   files
		modules []string
		want    string
	}{
		"mistyped module": {
			files:   with(files{"optional/election_features.sql": table("m"), "optional/votes.sql": table("n")}),
			modules: []string{"votes", "election_feature"},
			want:    lines("error: Unknown module: Template `shop@1.0.0` has no module `election_feature`; there are `election_features` and `votes`. Did you mean `election_features`?"),
		},
		"no modules at all": {
			files: core, modules: []string{"votes"},
			want: lines("error: Unknown module: Template `shop@1.0.0` has no modules, so `votes` cannot be chosen."),
		},
		"two that exclude each other": {
			files:   with(files{"optional/m.sql": table("m"), "optional/n.sql": "-- landlord:conflicts: m\n" + table("n")}),
			modules: []string{"m", "n"},
			want:    lines("error: Modules exclude each other: Module `n` cannot be combined with module `m`. Choose one of the two."),
		},
		"requirements that exclude each other": {
			files: with(files{
				"optional/m.sql": "-- landlord:conflicts: n\n" + table("m"), "optional/n.sql": table("n"),
				"optional/x.sql": "-- landlord:requires: m\n" + table("x"), "optional/y.sql": "-- landlord:requires: n\n" + table("y"),
			}),
			modules: []string{"y", "x"},
			want:    lines("error: Modules exclude each other: Module `m` cannot be combined with module `n`. `m` is required by module `x`. `n` is required by module `y`. Choose one of the two."),
		},
		"what the module says": {
			files:   with(files{"optional/m.sql": table("a"), "optional/n.sql": table("n")}),
			modules: []string{"m"},
			want:    lines("optional/m.sql:1:14: error: Object is defined twice: Table `a` is defined already, in `core/a.sql:1:14` (core). Remove one of them, or give it another name."),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, findings := lineage(t, test.files.build(t, "shop@1.0.0")).Compose(test.modules, mysql97)
			diff(t, texts(findings), test.want)
			if c != nil {
				t.Error("a composition with errors")
			}
		})
	}
}

func TestCombinations(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		modules  map[string]string // name to header
		all, few [][]string
	}{
		"none": {all: [][]string{{}}, few: [][]string{{}}},
		"free": {
			modules: map[string]string{"a": "", "b": "", "c": ""},
			all:     [][]string{{}, {"a"}, {"b"}, {"c"}, {"a", "b"}, {"a", "c"}, {"b", "c"}},
			few:     [][]string{{}, {"a", "b", "c"}},
		},
		"requirement": {
			modules: map[string]string{"a": "-- landlord:requires: c", "b": "", "c": ""},
			all:     [][]string{{}, {"b"}, {"c"}, {"a", "c"}, {"b", "c"}, {"a", "b", "c"}},
			few:     [][]string{{}, {"a", "b", "c"}},
		},
		"conflict": {
			modules: map[string]string{"a": "-- landlord:conflicts: b", "b": "", "c": ""},
			all:     [][]string{{}, {"a"}, {"b"}, {"c"}, {"a", "c"}, {"b", "c"}},
			few:     [][]string{{}, {"a", "c"}, {"b", "c"}},
		},
		"conflict of a requirement": {
			modules: map[string]string{"a": "-- landlord:requires: b", "b": "-- landlord:conflicts: c", "c": ""},
			all:     [][]string{{}, {"b"}, {"c"}, {"a", "b"}},
			few:     [][]string{{}, {"a", "b"}, {"c"}},
		},
		"never to be chosen": {
			modules: map[string]string{"a": "-- landlord:requires: b\n-- landlord:conflicts: b", "b": ""},
			all:     [][]string{{}, {"b"}},
			few:     [][]string{{}, {"b"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := files{"core/a.sql": table("core")}
			for module, header := range test.modules {
				tree["optional/"+module+".sql"] = header + "\n" + table(module)
			}
			l := lineage(t, tree.build(t, "shop@1.0.0"))
			diff(t, l.Combinations(), test.all)
			diff(t, l.Coverings(), test.few)
			together, findings := l.ComposeAll(append(l.Combinations(), l.Coverings()...), mysql97)
			if len(together) != len(test.all)+len(test.few) {
				t.Fatalf("%d compositions: %s", len(together), texts(findings))
			}
			for i, modules := range append(l.Combinations(), l.Coverings()...) {
				c, findings := l.Compose(modules, mysql97)
				if c == nil {
					t.Fatalf("%v: %s", modules, texts(findings))
				}
				diff(t, together[i].Digest, c.Digest)
			}
			if list, findings := l.ComposeAll([][]string{{}, {"unknown"}}, mysql97); list != nil || len(findings) != 1 {
				t.Errorf("an unknown module: %v, %s", list, texts(findings))
			}
		})
	}
}

// TestValidate_order repeats a validation, because maps have no order.
func TestValidate_order(t *testing.T) {
	t.Parallel()
	tree := files{"core/a.sql": "CREATE TABLE a (id INT);\n" + table("a")}
	for i := range 6 {
		tree[fmt.Sprintf("optional/m%d.sql", i)] = fmt.Sprintf("-- landlord:requires: m%d\n%s", (i+1)%6, table("a"))
	}
	made := tree.build(t, "shop@1.0.0")
	want := texts(lineage(t, made).Validate(mysql97))
	for range 20 {
		diff(t, texts(lineage(t, made).Validate(mysql97)), want)
	}
}

func TestCompose_products(t *testing.T) {
	t.Parallel()
	tree := files{"core/a.sql": "CREATE TABLE a (id INT PRIMARY KEY);\nCREATE SEQUENCE numbers START WITH 1;"}
	l := lineage(t, tree.build(t, "shop@1.0.0"))
	for _, srv := range []ddl.Server{servers[1], servers[2]} {
		if c, findings := l.Compose(nil, srv); c == nil {
			t.Errorf("%s: %s", srv.Version, texts(findings))
		}
	}
}
