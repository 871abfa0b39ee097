package template_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

var mysql97 = ddl.Server{Product: ddl.MySQL, Version: "9.7.4"}

// files are the files of a template by their path.
type files map[string]string

// load sorts files into the maps of an inline template and loads them.
func (f files) load() (template.Sources, error) {
	layers := map[string]map[string]string{"core": {}, "optional": {}, "seeds": {}, "migrations": {}}
	for name, text := range f {
		folder, rest, _ := strings.Cut(name, "/")
		layers[folder][rest] = text
	}
	return template.LoadInline(layers["core"], layers["optional"], layers["seeds"], layers["migrations"])
}

// build makes a template of files: `name@version`, or `name@version extends
// parent@version`.
func (f files) build(t *testing.T, text string) template.Template {
	t.Helper()
	self, extends, _ := strings.Cut(text, " extends ")
	id, err := template.ParseID(self)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := f.load()
	if err != nil {
		t.Fatal(err)
	}
	made, err := template.New(template.Metadata{Name: id.Name, Version: id.Version, Extends: extends}, sources)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// shelf finds templates by their ID.
type shelf []template.Template

func (s shelf) find(id template.ID) (*template.Template, error) {
	missing := &template.NotFoundError{ID: id}
	for _, t := range s {
		if t.ID() == id {
			return &t, nil
		}
		missing.Names = append(missing.Names, t.Name)
		if t.Name == id.Name {
			missing.Versions = append(missing.Versions, t.Version)
		}
	}
	return nil, missing
}

// lineage resolves the last of some templates among the others.
func lineage(t *testing.T, templates ...template.Template) *template.Lineage {
	t.Helper()
	last := len(templates) - 1
	l, err := template.Resolve(templates[last], shelf(templates[:last]).find)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// texts returns findings one a line.
func texts(findings []template.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

// loadTexts returns the findings of a *LoadError.
func loadTexts(t *testing.T, err error) string {
	t.Helper()
	var loading *template.LoadError
	if err == nil {
		return ""
	}
	if !errors.As(err, &loading) {
		t.Fatalf("error is no *LoadError: %v", err)
	}
	return texts(loading.Findings)
}

// lines joins lines as texts does.
func lines(all ...string) string {
	if len(all) == 0 {
		return ""
	}
	return strings.Join(all, "\n") + "\n"
}

func diff(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
