package template_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

func TestHeader(t *testing.T) {
	t.Parallel()
	const table = "CREATE TABLE m (id INT PRIMARY KEY);\n"
	type header struct {
		Description         string
		Requires, Conflicts []string
	}
	tests := map[string]struct {
		sql   string
		want  header
		fault string
	}{
		"none":              {sql: table},
		"description":       {sql: "-- landlord:description: Votes: secret ones\n" + table, want: header{Description: "Votes: secret ones"}},
		"all keys":          {sql: "-- landlord:requires: c, b\n-- landlord:conflicts: d\n-- landlord:description: M\n" + table, want: header{"M", []string{"b", "c"}, []string{"d"}}},
		"name twice":        {sql: "-- landlord:requires: b, b\n-- landlord:requires: b\n" + table, want: header{Requires: []string{"b"}}},
		"hash comment":      {sql: "# landlord:requires: b\n" + table, want: header{Requires: []string{"b"}}},
		"block comment":     {sql: "/*\n * landlord:requires: b\n */\n" + table, want: header{Requires: []string{"b"}}},
		"block on one line": {sql: "/* landlord:requires: b */\n" + table, want: header{Requires: []string{"b"}}},
		"behind other text": {sql: "-- Elections.\n\n-- landlord:requires: b\n" + table, want: header{Requires: []string{"b"}}},
		"quoted name":       {sql: "-- landlord:requires: `b`\n" + table, want: header{Requires: []string{"b"}}},
		"below a statement": {sql: table + "-- landlord:requires: b\n"},
		"in the middle of a line": {
			sql: "-- see landlord:requires: b\n" + table,
		},
		"rulers, no blank": {sql: "-----------\n--landlord:requires: b\n-----------\n" + table, want: header{Requires: []string{"b"}}},
		"executed comment": {sql: "/*! landlord:requires: b */\n" + table},
		"unknown key": {
			sql:   "-- landlord:require: b\n" + table,
			fault: "optional/m.sql:1:4: error: Module header with an unknown key: `landlord:require` means nothing; the keys are `requires`, `conflicts` and `description`. Did you mean `landlord:requires:`?\n",
		},
		"no value": {
			sql:   "\n  -- landlord:requires\n" + table,
			fault: "optional/m.sql:2:6: error: Module header without a value: Write `-- landlord:requires: …` with the value behind the second colon.\n",
		},
		"names without a comma": {
			sql:   "-- landlord:requires: b c\n" + table,
			fault: "optional/m.sql:1:4: error: Module header with an impossible name: `b c` is no module name. Write the names with commas between them, for example `-- landlord:requires: a, b`.\n",
		},
		"comma without a name": {
			sql:   "-- landlord:conflicts: b,\n" + table,
			fault: "optional/m.sql:1:4: error: Module header names nothing: Write the names with one comma between two of them, for example `-- landlord:conflicts: a, b`.\n",
		},
		"itself": {
			sql:   "-- landlord:conflicts: m\n" + table,
			fault: "optional/m.sql:1:4: error: Module names itself: Module `m` stands in its own `conflicts`.\n",
		},
		"two descriptions": {
			sql:   "-- landlord:description: A\n-- landlord:description: B\n" + table,
			fault: "optional/m.sql:2:4: error: Module described twice: Module `m` has a description already: keep one of the two.\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sources, err := files{"core/a.sql": ok, "optional/m.sql": test.sql}.load()
			diff(t, loadTexts(t, err), test.fault)
			if test.fault != "" {
				return
			}
			m := sources.Modules[0]
			if d := cmp.Diff(test.want, header{m.Description, m.Requires, m.Conflicts}); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func TestHeader_misplaced(t *testing.T) {
	t.Parallel()
	_, err := files{
		"core/a.sql":     "-- landlord:requires: m\n" + ok,
		"optional/m.sql": ok,
		"seeds/m/a.sql":  "/* landlord:description: x */\nINSERT INTO a VALUES (1);",
	}.load()
	diff(t, loadTexts(t, err), lines(
		"core/a.sql:1:4: error: Module header outside a module: `landlord:requires` stands in the head of a file that belongs to no module. Only the schema files of a module, below `optional/`, have a header.",
		"seeds/m/a.sql:1:4: error: Module header outside a module: `landlord:description` stands in the head of a file that belongs to no module. Only the schema files of a module, below `optional/`, have a header.",
	))
}

func TestNew_refuses(t *testing.T) {
	t.Parallel()
	ngo, err := template.LoadBuiltin("ngo")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		meta    template.Metadata
		sources template.Sources
		want    string
	}{
		"no name":         {meta: template.Metadata{Version: "1.0.0"}, want: "attribute `name`: `` is no template name: it is empty"},
		"name with upper": {meta: template.Metadata{Name: "Shop", Version: "1.0.0"}, want: "attribute `name`: `Shop` is no template name: it has to start with a lower-case letter and hold lower-case letters, digits, `_` and `-` only"},
		"long name":       {meta: template.Metadata{Name: "a23456789b123456789c123456789d123456789e123456789", Version: "1.0.0"}, want: "attribute `name`: `a23456789b123456789c123456789d123456789e123456789` is no template name: it has 49 characters, at most 48 are allowed"},
		"no version":      {meta: template.Metadata{Name: "shop"}, want: "attribute `version`: `` is no template version: it is empty"},
		"short version":   {meta: template.Metadata{Name: "shop", Version: "1.0"}, want: "attribute `version`: `1.0` is no template version: write it as MAJOR.MINOR.PATCH, for example `1.0.0`"},
		"version with v":  {meta: template.Metadata{Name: "shop", Version: "v1.0.0"}, want: "attribute `version`: `v1.0.0` is no template version: write it as MAJOR.MINOR.PATCH, for example `1.0.0`"},
		"version + build": {meta: template.Metadata{Name: "shop", Version: "1.0.0+5"}, want: "attribute `version`: `1.0.0+5` is no template version: build metadata (`+5`) has no place in the order of versions"},
		"extends a name":  {meta: template.Metadata{Name: "shop", Version: "1.0.0", Extends: "basic"}, want: "attribute `extends`: `basic` names no version: write it as `name@version`, for example `basic@1.0.0`"},
		"extends itself":  {meta: template.Metadata{Name: "shop", Version: "1.1.0", Extends: "shop@1.0.0"}, want: "attribute `extends`: `shop@1.0.0` is a version of the template itself: a new version replaces the former one, it does not extend it"},
		"frozen nothing":  {meta: template.Metadata{Name: "shop", Version: "1.1.0", FrozenTables: []string{""}}, want: "attribute `frozen_tables`: `` is no table name: it is empty"},
		"open nothing":    {meta: template.Metadata{Name: "shop", Version: "1.1.0", ExtensionPoints: []string{""}}, want: "attribute `extension_points`: `` is no table name: it is empty"},
		"name of the built-in parent": {
			meta: template.Metadata{Name: "basic", Version: "2.0.0"}, sources: ngo,
			want: "attribute `name`: `basic` is the name of the built-in template that this one extends: choose another name, or name the parent in `extends`",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := template.New(test.meta, test.sources)
			if err == nil {
				t.Fatal("no error")
			}
			diff(t, err.Error(), test.want)
		})
	}
}
