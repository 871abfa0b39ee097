package fleet

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

func TestParseMembers(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want []Member
	}{
		"nobody":        {`{}`, []Member{}},
		"only slugs":    {`{"b": {}, "a": null}`, []Member{{Slug: "a", Name: "a"}, {Slug: "b", Name: "b"}}},
		"everything":    {`{"acme": {"name": "ACME Inc.", "modules": ["seo", "billing"], "metadata": {"tier": "gold"}, "version": "1.4.0", "server": "eu"}}`, []Member{{Slug: "acme", Name: "ACME Inc.", Modules: []string{"billing", "seo"}, Metadata: map[string]string{"tier": "gold"}, Version: "1.4.0", Server: "eu"}}},
		"main server":   {`{"acme": {"server": ""}}`, []Member{{Slug: "acme", Name: "acme", OnMain: true}}},
		"nulls":         {`{"acme": {"name": null, "modules": null, "metadata": {"tier": null}, "version": null, "server": null}}`, []Member{{Slug: "acme", Name: "acme", Metadata: map[string]string{}}}},
		"as YAML reads": {`{"acme": {"metadata": {"seats": 12, "rate": 1.50, "trial": false}}}`, []Member{{Slug: "acme", Name: "acme", Metadata: map[string]string{"seats": "12", "rate": "1.50", "trial": "false"}}}},
		"letters":       {`{"acme": {"name": "Ünï \u00e9 \"q\""}}`, []Member{{Slug: "acme", Name: `Ünï é "q"`}}},
		"white space":   {" \n\t{ \"acme\" : { } }\n", []Member{{Slug: "acme", Name: "acme"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseMembers(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(Member{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseMembers_refused(t *testing.T) {
	const json = "Write JSON, for example with `jsonencode({ … })`, `file(\"tenants.json\")` or `jsonencode(yamldecode(file(\"tenants.yaml\")))`."
	const object = "Write an object, for example with `jsonencode({ … })`."
	const fields = "An entry has `name`, `modules`, `metadata`, `version`, `server` and `database_name`; facts of your own belong into `metadata`."
	const slug = "A slug starts with a lower-case letter and holds lower-case letters, digits, `-` and `_`, at most 64 characters; `test`, `landlord` and names of system databases are reserved."
	for name, tt := range map[string]struct{ text, why, next string }{
		"nothing":         {"", "`tenants` is empty.", json},
		"no JSON":         {"{\n\"acme\": oops}", "`tenants` is no JSON: invalid character 'o' looking for beginning of value at character 11, line 2.", json},
		"cut off":         {`{"acme": {"name": "A"`, "`tenants` is no JSON: unexpected end of JSON input at character 21, line 1.", json},
		"a list":          {`["acme"]`, "`tenants` is a list, where an object is expected.", object},
		"two texts":       {`{} {}`, "`tenants` is no JSON: invalid character '{' after top-level value at character 4, line 1.", json},
		"twice":           {`{"acme": {}, "acme": {}}`, "`tenants[\"acme\"]` is there twice.", "Remove one of the two."},
		"field twice":     {`{"acme": {"name": "A", "name": "B"}}`, "`tenants[\"acme\"].name` is there twice.", "Remove one of the two."},
		"slug":            {`{"Acme": {}}`, "`tenants[\"Acme\"]` has a key that cannot be a slug.", slug},
		"reserved":        {`{"mysql": {}}`, "`tenants[\"mysql\"]` has a key that cannot be a slug.", slug},
		"entry":           {`{"acme": "ACME"}`, "`tenants[\"acme\"]` is a text, where an object is expected.", object},
		"unknown":         {`{"acme": {"tier": "gold"}}`, "`tenants[\"acme\"].tier` is not known.", fields},
		"name":            {`{"acme": {"name": 7}}`, "`tenants[\"acme\"].name` is a number, where a text is expected.", "Write it in quotes."},
		"empty name":      {`{"acme": {"name": ""}}`, "`tenants[\"acme\"].name` is empty.", "Write a text, or leave it out."},
		"long name":       {`{"acme": {"name": "` + strings.Repeat("é", 256) + `"}}`, "`tenants[\"acme\"].name` has 256 characters, at most 255 are allowed.", "Shorten it."},
		"modules":         {`{"acme": {"modules": "billing"}}`, "`tenants[\"acme\"].modules` is a text, where a list is expected.", "Write a list of modules, for example `[\"billing\"]`."},
		"module":          {`{"acme": {"modules": ["billing", true]}}`, "`tenants[\"acme\"].modules[1]` is a boolean, where a text is expected.", "Write it in quotes."},
		"module twice":    {`{"acme": {"modules": ["seo", "billing", "seo"]}}`, "`tenants[\"acme\"].modules[2]` names the module `seo` a second time.", "Remove it."},
		"metadata":        {`{"acme": {"metadata": []}}`, "`tenants[\"acme\"].metadata` is a list, where an object is expected.", object},
		"nested metadata": {`{"acme": {"metadata": {"a b": {"c": 1}}}}`, "`tenants[\"acme\"].metadata[\"a b\"]` is an object, where a text is expected.", "Write it in quotes, or as `jsonencode(…)` of it."},
		"metadata key":    {`{"acme": {"metadata": {"": "x"}}}`, "`tenants[\"acme\"].metadata[\"\"]` has an empty key.", "Name what it is."},
		"version":         {`{"acme": {"version": "latest"}}`, "`tenants[\"acme\"].version` is `latest`, which is no version.", "Write a version of the fleet's template, for example `\"1.4.0\"`."},
		"server":          {`{"acme": {"server": {}}}`, "`tenants[\"acme\"].server` is an object, where a text is expected.", "Write it in quotes."},
	} {
		t.Run(name, func(t *testing.T) {
			members, err := ParseMembers(tt.text)
			var p *landlord.Problem
			if !errors.As(err, &p) {
				t.Fatalf("%v, %v; want a problem", members, err)
			}
			want := landlord.Problem{Field: FieldTenants, Summary: "List of tenants cannot be used",
				Detail: []string{"Reading the list of a fleet's tenants: " + tt.why, tt.next}}
			if diff := cmp.Diff(want, *p, cmp.AllowUnexported(Member{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is written is what is read, in whatever order and format.
func TestParseMembers_written(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type written struct {
			Name     string            `json:"name,omitempty"`
			Modules  []string          `json:"modules,omitempty"`
			Metadata map[string]string `json:"metadata,omitempty"`
			Version  string            `json:"version,omitempty"`
			Server   string            `json:"server,omitempty"`
		}
		word := rapid.StringMatching(`[a-z]{1,8}`)
		list := rapid.MapOf(rapid.StringMatching(`x[a-z0-9_-]{0,12}`), rapid.Custom(func(t *rapid.T) written {
			return written{
				Name: rapid.StringN(0, 20, 255).Draw(t, "name"), Modules: rapid.SliceOfNDistinct(word, 0, 4, rapid.ID).Draw(t, "modules"),
				Metadata: rapid.MapOf(word, rapid.String()).Draw(t, "metadata"),
				Version:  rapid.SampledFrom([]string{"", "1.0.0", "2.10.3-rc.1"}).Draw(t, "version"), Server: rapid.SampledFrom([]string{"", "eu"}).Draw(t, "server"),
			}
		})).Draw(t, "list")
		text, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "spread") {
			text, _ = json.MarshalIndent(list, "", "\t")
		}
		members, err := ParseMembers(string(text))
		if err != nil {
			t.Fatal(err)
		}
		if len(members) != len(list) || !slices.IsSortedFunc(members, func(a, b Member) int { return strings.Compare(a.Slug, b.Slug) }) {
			t.Fatalf("%v of %s", members, text)
		}
		for _, m := range members {
			w := list[m.Slug]
			slices.Sort(w.Modules)
			if w.Name == "" {
				w.Name = m.Slug
			}
			got := written{m.Name, m.Modules, m.Metadata, m.Version, m.Server}
			if text, want := toJSON(got), toJSON(w); text != want {
				t.Fatalf("%s, want %s", text, want)
			}
		}
	})
}

func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// Any text is either a list whose every slug the landlord takes, or a problem in
// words that name an entry.
func FuzzParseMembers(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":null}`, `{"a":{"name":"x","modules":["m"],"metadata":{"k":1},"version":"1.0.0","server":"eu"}}`, `{"a":{},"a":{}}`, `[`, "\xff", `{"a":{"metadata":{"k":[1]}}} `} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		members, err := ParseMembers(text)
		if err != nil {
			var p *landlord.Problem
			if !errors.As(err, &p) || p.Field != FieldTenants || len(p.Detail) != 2 || !strings.Contains(p.Detail[0], "`tenants") {
				t.Fatalf("%v", err)
			}
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("took %q", text)
		}
		for _, m := range members {
			if _, err := landlord.DatabaseName("", m.Slug); err != nil || m.Name == "" {
				t.Fatalf("%+v: %v", m, err)
			}
		}
	})
}
