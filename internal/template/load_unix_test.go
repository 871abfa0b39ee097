//go:build unix

package template_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// TestLoadDirectory_namedPipe would wait forever if the pipe was opened.
func TestLoadDirectory_namedPipe(t *testing.T) {
	t.Parallel()
	dir := writeTree(t, files{"core/a.sql": ok})
	if err := syscall.Mkfifo(filepath.Join(dir, "core", "b.sql"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := template.LoadDirectory(dir)
	diff(t, loadTexts(t, err), "core/b.sql: error: Not a regular file: `core/b.sql` is a named pipe. A published version never changes, so a template holds its files itself: put a regular file there.\n")
}
