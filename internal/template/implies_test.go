package template_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// TestComposition_Implies asks whether two modules that work together show that
// the first works alone.
func TestComposition_Implies(t *testing.T) {
	t.Parallel()
	const one = "CREATE TABLE one (id INT NOT NULL PRIMARY KEY);"
	tests := map[string]struct {
		files files // beside the core, and module `a` when it is plain
		want  bool
	}{
		"tables of their own":        {files{"optional/b.sql": table("two")}, true},
		"seeds of the same table":    {files{"optional/b.sql": table("two"), "seeds/a/1.sql": "INSERT INTO core (id) VALUES (1);", "seeds/b/1.sql": "INSERT INTO core (id) VALUES (2);"}, true},
		"key to the core":            {files{"optional/b.sql": "CREATE TABLE two (id INT NOT NULL PRIMARY KEY REFERENCES core (id));"}, true},
		"extends another table":      {files{"optional/b.sql": "ALTER TABLE core ADD COLUMN more INT NULL;"}, true},
		"extends what is referenced": {files{"optional/a.sql": "CREATE TABLE one (id INT NOT NULL PRIMARY KEY, FOREIGN KEY (id) REFERENCES core (id));", "optional/b.sql": "ALTER TABLE core ADD KEY ix (id);"}, false},
		"index on what is seeded":    {files{"seeds/a/1.sql": "INSERT INTO core (id) VALUES (1);", "optional/b.sql": "CREATE INDEX ix ON core (id);"}, false},
		"index on what cores seed":   {files{"seeds/1.sql": "INSERT INTO core (id) VALUES (1);", "optional/b.sql": "CREATE INDEX ix ON core (id);"}, false},
		"trigger on what is seeded":  {files{"seeds/a/1.sql": "INSERT INTO core (id) VALUES (1);", "optional/b.sql": "CREATE TRIGGER fill BEFORE INSERT ON core FOR EACH ROW SET NEW.id = NEW.id + 1;"}, false},
		"through a view":             {files{"core/v.sql": "CREATE VIEW seen AS SELECT id FROM core;", "optional/a.sql": "CREATE VIEW one AS SELECT id FROM seen;", "optional/b.sql": "ALTER TABLE core ADD COLUMN more INT NULL;"}, false},
		"name in a text":             {files{"optional/a.sql": "CREATE TABLE one (id INT NOT NULL PRIMARY KEY COMMENT 'as in two');", "optional/b.sql": table("two")}, false},
		"reads what is not its own":  {files{"seeds/a/1.sql": "INSERT INTO core (id) SELECT id FROM two;", "optional/b.sql": table("two")}, false},
		"renames":                    {files{"optional/b.sql": table("two") + "\nALTER TABLE two RENAME COLUMN id TO number;"}, false},
		"required by the other":      {files{"optional/b.sql": "-- landlord:requires: a\nCREATE TABLE two (id INT NOT NULL PRIMARY KEY, FOREIGN KEY (id) REFERENCES one (id));"}, true},
		"required first":             {files{"optional/b.sql": "-- landlord:requires: a\n" + table("two")}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := files{"core/core.sql": table("core"), "optional/a.sql": one}
			for path, text := range test.files {
				tree[path] = text
			}
			l := lineage(t, tree.build(t, "shop@1.0.0"))
			both, findings := l.Compose([]string{"a", "b"}, mysql97)
			if both == nil {
				t.Fatal(texts(findings))
			}
			alone, findings := l.Compose([]string{"a"}, mysql97)
			if alone == nil {
				t.Fatal(texts(findings))
			}
			if got := both.Implies(alone); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if !both.Implies(both) || alone.Implies(both) {
				t.Error("a composition implies itself, and nothing larger")
			}
			var want []string
			for _, st := range alone.Statements {
				if st.Seed {
					want = append(want, st.SQL)
				}
			}
			var got []string
			for _, st := range both.SeedsOf(alone.Modules) {
				got = append(got, st.SQL)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("seeds (-want +got):\n%s", diff)
			}
		})
	}
}

// TestComposition_Implies_builtin wants the built-in templates to need no more
// than their largest compositions: that is what makes publishing them quick.
func TestComposition_Implies_builtin(t *testing.T) {
	t.Parallel()
	for _, name := range template.Builtins() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := builtinLineage(t, name)
			for _, modules := range l.Combinations() {
				c, findings := l.Compose(modules, mysql97)
				if c == nil {
					t.Fatal(texts(findings))
				}
				implied := slices.ContainsFunc(l.Coverings(), func(covering []string) bool {
					large, _ := l.Compose(covering, mysql97)
					return large.Implies(c)
				})
				if !implied {
					t.Errorf("the modules %v have to be tried on their own", modules)
				}
			}
		})
	}
}
