package template_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	base := files{"core/a.sql": ok}.build(t, "base@1.0.0")
	middle := files{"core/b.sql": "CREATE TABLE b (id INT PRIMARY KEY);"}.build(t, "middle@1.0.0 extends base@1.0.0")
	leaf := files{"core/c.sql": "CREATE TABLE c (id INT PRIMARY KEY);"}.build(t, "leaf@1.0.0 extends middle@1.0.0")
	l := lineage(t, base, middle, leaf)
	diff(t, l.Template(), leaf)
	diff(t, l.Parents(), []template.Template{base, middle})
}

func TestResolve_builtin(t *testing.T) {
	t.Parallel()
	sources, err := template.LoadBuiltin("ngo")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("parent travels along", func(t *testing.T) {
		t.Parallel()
		alone, err := template.New(template.Metadata{Name: "charity", Version: "3.0.0"}, sources)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, alone.Extends, "basic@1.0.0")
		l, err := template.Resolve(alone, nil)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, l.Parents()[0].ID().String(), "basic@1.0.0")
	})
	t.Run("published parent", func(t *testing.T) {
		t.Parallel()
		made, err := template.New(template.Metadata{Name: "charity", Version: "3.0.0", Extends: "foundation@2.0.0"}, sources)
		if err != nil {
			t.Fatal(err)
		}
		foundation := files{"core/a.sql": ok}.build(t, "foundation@2.0.0")
		diff(t, lineage(t, foundation, made).Parents(), []template.Template{foundation})
	})
	t.Run("named parent that nobody published", func(t *testing.T) {
		t.Parallel()
		l := lineage(t, files{"core/c.sql": "CREATE TABLE c (id INT PRIMARY KEY);"}.build(t, "shop@1.0.0 extends basic@1.0.0"))
		diff(t, l.Parents()[0].Modules[0].Name, "election_features")
	})
}

func TestResolve_refuses(t *testing.T) {
	t.Parallel()
	one := files{"core/a.sql": ok}
	tests := map[string]struct {
		template  string
		published []string
		want      string
	}{
		"missing version": {
			template: "shop@1.0.0 extends foundation@1.1.0", published: []string{"foundation@1.10.0", "foundation@1.2.0", "other@1.0.0"},
			want: "`shop@1.0.0` extends `foundation@1.1.0`: template `foundation` has no version `1.1.0`; there are `1.2.0` and `1.10.0`; did you mean `1.2.0`?",
		},
		"missing version of a built-in template": {
			template: "shop@1.0.0 extends basic@1.1.0",
			want:     "`shop@1.0.0` extends `basic@1.1.0`: template `basic` has no version `1.1.0`; there is `1.0.0`",
		},
		"mistyped name": {
			template: "shop@1.0.0 extends fundation@1.0.0", published: []string{"foundation@1.0.0"},
			want: "`shop@1.0.0` extends `fundation@1.0.0`: there is no template `fundation`; there are `basic`, `corporate`, `foundation`, `ngo` and `political_party`; did you mean `foundation`?",
		},
		"missing grandparent": {
			template: "shop@1.0.0 extends middle@1.0.0", published: []string{"middle@1.0.0 extends base@1.0.0"},
			want: "`middle@1.0.0` extends `base@1.0.0`: there is no template `base`; there are `basic`, `corporate`, `middle`, `ngo` and `political_party`",
		},
		"circle": {
			template: "a@1.0.0 extends b@1.0.0", published: []string{"b@1.0.0 extends a@0.9.0", "a@0.9.0"},
			want: "`b@1.0.0` extends `a@0.9.0`: the chain of parents comes back to a template that is in it: a@1.0.0 extends b@1.0.0 extends a@0.9.0",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var published shelf
			for _, text := range test.published {
				published = append(published, one.build(t, text))
			}
			_, err := template.Resolve(one.build(t, test.template), published.find)
			if err == nil {
				t.Fatal("no error")
			}
			diff(t, err.Error(), test.want)
			var extends *template.ExtendsError
			if !errors.As(err, &extends) {
				t.Errorf("error is no *ExtendsError: %T", err)
			}
		})
	}
	t.Run("registry out of reach", func(t *testing.T) {
		t.Parallel()
		unreachable := errors.New("connection refused")
		_, err := template.Resolve(one.build(t, "shop@1.0.0 extends basic@1.0.0"), func(template.ID) (*template.Template, error) { return nil, unreachable })
		if !errors.Is(err, unreachable) {
			t.Fatalf("error is %v", err)
		}
		diff(t, err.Error(), "`shop@1.0.0` extends `basic@1.0.0`: looking for template `basic@1.0.0`: connection refused")
	})
}

func TestLineage_modules(t *testing.T) {
	t.Parallel()
	module := func(header string) string { return header + "\n" + ok }
	base := files{"core/a.sql": ok, "optional/z.sql": module("-- landlord:description: The z"), "optional/b.sql": ok}.build(t, "base@1.0.0")
	leaf := files{"optional/c.sql": module("-- landlord:requires: z")}.build(t, "leaf@1.0.0 extends base@1.0.0")
	var names []string
	for _, m := range lineage(t, base, leaf).Modules() {
		names = append(names, m.Name)
	}
	diff(t, names, []string{"b", "c", "z"})
}

func TestChecksum(t *testing.T) {
	t.Parallel()
	base := everyLayer.build(t, "shop@1.0.0")
	with := func(name, text string) files {
		changed := files{}
		for k, v := range everyLayer {
			changed[k] = v
		}
		changed[name] = text
		return changed
	}
	frozen := base
	frozen.FrozenTables = []string{"a"}
	open := base
	open.ExtensionPoints = []string{"a"}
	policy := base
	policy.Type, policy.Description, policy.ApprovalRequired = "retail", "A shop", []string{"core"}
	parented := base
	parent := files{"core/a.sql": ok}.build(t, "base@1.0.0")
	parented.Extends, parented.Parent = "base@1.0.0", &parent
	tests := map[string]struct {
		template   template.Template
		same       bool
		files      []string
		attributes []string
	}{
		"same":                  {template: everyLayer.build(t, "shop@1.0.0"), same: true},
		"another version":       {template: everyLayer.build(t, "shop@1.0.1"), same: true},
		"type and policy":       {template: policy, same: true},
		"description of module": {template: with("optional/one.sql", "-- landlord:description: Else\nCREATE TABLE m1 (id INT PRIMARY KEY);\n").build(t, "shop@1.0.0"), same: true},
		"no description":        {template: with("optional/one.sql", "CREATE TABLE m1 (id INT PRIMARY KEY);\n").build(t, "shop@1.0.0"), same: true},
		"requirement":           {template: with("optional/two/001_tables.sql", "-- landlord:description: The second\nCREATE TABLE m2 (id INT PRIMARY KEY);\n").build(t, "shop@1.0.0"), files: []string{"optional/two/001_tables.sql"}},
		"changed core":          {template: with("core/001_a.sql", "CREATE TABLE a (id BIGINT PRIMARY KEY);\n").build(t, "shop@1.0.0"), files: []string{"core/001_a.sql"}},
		"new file":              {template: with("core/003_c.sql", ok).build(t, "shop@1.0.0"), files: []string{"core/003_c.sql"}},
		"new migration":         {template: with("migrations/0.8.0--0.9.0.sql", "").build(t, "shop@1.0.0"), files: []string{"migrations/0.8.0--0.9.0.sql"}},
		"changed seeds":         {template: with("seeds/two/001_rows.sql", "").build(t, "shop@1.0.0"), files: []string{"seeds/two/001_rows.sql"}},
		"frozen table":          {template: frozen, attributes: []string{"frozen_tables"}},
		"extension point":       {template: open, attributes: []string{"extension_points"}},
		"parent":                {template: parented, attributes: []string{"extends"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diff(t, test.template.Checksum() == base.Checksum(), test.same)
			diff(t, template.ChangedFiles(base, test.template), test.files)
			diff(t, template.ChangedFiles(test.template, base), test.files)
			diff(t, template.ChangedAttributes(base, test.template), test.attributes)
			stored, err := json.Marshal(test.template)
			if err != nil {
				t.Fatal(err)
			}
			var read template.Template
			if err := json.Unmarshal(stored, &read); err != nil {
				t.Fatal(err)
			}
			diff(t, read, test.template)
			diff(t, read.Checksum(), test.template.Checksum())
		})
	}
}
