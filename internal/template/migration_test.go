package template_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

func TestMigrationPath(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		scripts  []string
		from, to string
		want     []string
	}{
		"none":                      {from: "1.0.0", to: "1.1.0"},
		"one":                       {scripts: []string{"1.0.0--1.1.0"}, from: "1.0.0", to: "1.1.0", want: []string{"1.0.0--1.1.0"}},
		"chain":                     {scripts: []string{"1.1.0--1.2.0", "1.0.0--1.1.0"}, from: "1.0.0", to: "1.2.0", want: []string{"1.0.0--1.1.0", "1.1.0--1.2.0"}},
		"by version, not by text":   {scripts: []string{"1.9.0--1.10.0", "1.10.0--1.11.0"}, from: "1.9.0", to: "1.11.0", want: []string{"1.9.0--1.10.0", "1.10.0--1.11.0"}},
		"hole":                      {scripts: []string{"1.0.0--1.1.0", "1.2.0--1.3.0"}, from: "1.0.0", to: "1.3.0", want: []string{"1.0.0--1.1.0", "1.2.0--1.3.0"}},
		"starts and ends inside":    {scripts: []string{"1.1.0--1.2.0"}, from: "1.0.0", to: "2.0.0", want: []string{"1.1.0--1.2.0"}},
		"outside":                   {scripts: []string{"0.9.0--1.0.0", "1.1.0--1.2.0"}, from: "1.0.0", to: "1.1.0"},
		"reaches out":               {scripts: []string{"0.9.0--1.1.0", "1.0.0--1.2.0"}, from: "1.0.0", to: "1.1.0"},
		"finest of two chains":      {scripts: []string{"1.0.0--1.2.0", "1.0.0--1.1.0", "1.1.0--1.2.0"}, from: "1.0.0", to: "1.2.0", want: []string{"1.0.0--1.1.0", "1.1.0--1.2.0"}},
		"longer rather than a hole": {scripts: []string{"1.0.0--1.2.0", "1.0.0--1.1.0"}, from: "1.0.0", to: "1.2.0", want: []string{"1.0.0--1.2.0"}},
		"overlap":                   {scripts: []string{"1.0.0--1.2.0", "1.1.0--1.3.0", "1.2.0--1.3.0"}, from: "1.0.0", to: "1.3.0", want: []string{"1.0.0--1.2.0", "1.2.0--1.3.0"}},
		"back":                      {scripts: []string{"1.0.0--1.1.0", "1.1.0--1.0.0", "1.2.0--1.1.0"}, from: "1.2.0", to: "1.0.0", want: []string{"1.2.0--1.1.0", "1.1.0--1.0.0"}},
		"pre-release":               {scripts: []string{"1.0.0-rc.1--1.0.0"}, from: "1.0.0-rc.1", to: "1.0.0", want: []string{"1.0.0-rc.1--1.0.0"}},
		"same version":              {scripts: []string{"1.0.0--1.1.0"}, from: "1.0.0", to: "1.0.0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := files{"core/a.sql": ok}
			for _, s := range test.scripts {
				tree["migrations/"+s+".sql"] = ""
			}
			sources, err := tree.load()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range template.MigrationPath(sources.Migrations, test.from, test.to) {
				got = append(got, s.From+"--"+s.To)
			}
			diff(t, got, test.want)
		})
	}
}

func TestMigrationStatements(t *testing.T) {
	t.Parallel()
	core := files{"core/a.sql": ok}
	withScripts := func(scripts files) files {
		all := files{"core/a.sql": ok}
		for name, text := range scripts {
			all[name] = text
		}
		return all
	}
	oldBase := core.build(t, "base@1.0.0")
	newBase := withScripts(files{"migrations/1.0.0--1.1.0.sql": "ALTER TABLE a RENAME COLUMN x TO y;"}).build(t, "base@1.1.0")
	leaf := files{"core/b.sql": "CREATE TABLE b (id INT PRIMARY KEY);"}
	oldLeaf := leaf.build(t, "leaf@3.0.0 extends base@1.0.0")
	leaf["migrations/3.0.0--3.1.0.sql"] = "-- first\nUPDATE b SET id = 1;\nUPDATE b SET id = 2;"
	newLeaf := leaf.build(t, "leaf@3.1.0 extends base@1.1.0")
	got, findings := lineage(t, newBase, newLeaf).MigrationStatements(lineage(t, oldBase, oldLeaf), mysql97)
	diff(t, texts(findings), "")
	diff(t, steps(got), []step{
		{"ALTER TABLE `a` RENAME COLUMN `x` TO `y`", "base@1.1.0/migrations/1.0.0--1.1.0.sql:1:1", "core of base@1.1.0", 1, false},
		{"UPDATE b SET id = 1", "migrations/3.0.0--3.1.0.sql:2:1", "core", 1, false},
		{"UPDATE b SET id = 2", "migrations/3.0.0--3.1.0.sql:3:1", "core", 1, false},
	})

	// The script that leads back stands in the later version only.
	back := withScripts(files{"migrations/1.1.0--1.0.0.sql": "UPDATE a SET id = 3;"}).build(t, "base@1.1.0")
	got, findings = lineage(t, oldBase).MigrationStatements(lineage(t, back), mysql97)
	diff(t, texts(findings), "")
	diff(t, steps(got), []step{{"UPDATE a SET id = 3", "migrations/1.1.0--1.0.0.sql:1:1", "core", 1, false}})
}
