package template_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

func TestLoadInline_tooManyFiles(t *testing.T) {
	t.Parallel()
	core := map[string]string{}
	for i := range template.MaxFiles + 1 {
		core[fmt.Sprintf("%05d.sql", i)] = "SELECT 1;"
	}
	_, err := template.LoadInline(core, nil, nil, nil)
	var load *template.LoadError
	if !errors.As(err, &load) || len(load.Findings) != 1 {
		t.Fatalf("got %v", err)
	}
	want := fmt.Sprintf("error: Template with too many files: A template has at most %d files. Join files that belong together.", template.MaxFiles)
	if got := load.Findings[0].String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
