package template_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// A file that is too large is named and not read, whether it comes from a
// directory or from the configuration.
func TestLoad_tooLargeCostsNothing(t *testing.T) {
	const size = 50 << 20
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "core"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "core", "a.sql"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, "core", "a.sql"), size); err != nil {
		t.Fatal(err)
	}
	huge := strings.Repeat("SET @a=1,@b=2;\n", size/15)
	want := lines("core/a.sql: error: File too large for a template: A file of a template has at most 4 MiB. A template holds structure and a few seeds; load data by other means.")
	for name, load := range map[string]func() (template.Sources, error){
		"directory": func() (template.Sources, error) { return template.LoadDirectory(dir) },
		"inline": func() (template.Sources, error) {
			return template.LoadInline(map[string]string{"a": huge}, nil, nil, nil)
		},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := load()
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: %d bytes were allocated", name, n)
		}
		diff(t, loadTexts(t, err), want)
	}
}
