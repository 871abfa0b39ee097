package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
)

// written is a manifest in a directory.
func written(t *testing.T, change func(m *Manifest), edit ...string) string {
	t.Helper()
	directory := t.TempDir()
	m := &Manifest{Format: formatVersion, Name: "first", Database: "shop", Contents: ContentsSchema, Product: "mysql", Version: "9.7.0", TakenAt: time.Unix(1700000000, 0).UTC(),
		Tables: []Table{{Name: "t", Rows: 2, Checksum: "00"}}, Files: []File{{Name: schemaFile, Size: 2, Bytes: 2, SHA256: "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}}}
	if change != nil {
		change(m)
	}
	var err error
	if m.Checksum, err = m.seal(); err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(edit...).Replace(string(must(t, m)))
	for name, content := range map[string]string{manifestFile: text, schemaFile: "{}"} {
		if err := writeFile(filepath.Join(directory, name), []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

// What a manifest says is believed only when it is what was written.
func TestRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(m *Manifest)
		edit   []string
		want   string
	}{
		"whole":               {nil, nil, "<nil>"},
		"altered":             {nil, []string{`"rows":2`, `"rows":3`}, "the checkpoint in `{}` is damaged: `manifest.json` was altered: its checksum is another"},
		"no manifest":         {nil, []string{`{`, `[`}, "the checkpoint in `{}` is damaged: `manifest.json` is no manifest: invalid character ':' after array element"},
		"of a later version":  {func(m *Manifest) { m.Format = formatVersion + 1 }, nil, "the checkpoint in `{}` has the format 2; this version reads up to 1"},
		"without a version":   {func(m *Manifest) { m.Format = 0 }, nil, "the checkpoint in `{}` is damaged: `manifest.json` was altered: its checksum is another"},
		"a file outside":      {func(m *Manifest) { m.Files[0].Name = "../x" }, nil, "the checkpoint in `{}` is damaged: `manifest.json` names the file `../x` outside of the directory"},
		"a hidden file":       {func(m *Manifest) { m.Files[0].Name = ".x" }, nil, "the checkpoint in `{}` is damaged: `manifest.json` names the file `.x` outside of the directory"},
		"a file that is not":  {func(m *Manifest) { m.Files[0].Name = "x" }, nil, "the checkpoint in `{}` is damaged: `x` is missing"},
		"a file of more size": {func(m *Manifest) { m.Files[0].Size = 9 }, nil, "the checkpoint in `{}` is damaged: `schema.json` has 2 bytes, and had 9 when the checkpoint was taken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory := written(t, c.change, c.edit...)
			m, err := Read(directory)
			got := strings.ReplaceAll(fmt.Sprint(err), directory, "{}")
			if before, _, ok := strings.Cut(got, ": file does not exist"); ok {
				got = before
			}
			if before, _, ok := strings.Cut(got, "is missing:"); ok {
				got = before + "is missing"
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err == nil && (m.Directory() != directory || Check(t.Context(), m) != nil || m.Touched()) {
				t.Errorf("read: %+v", m)
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a directory that is not there: %v", err)
	}
}

// A file that keeps its size is found by its content, and by its date.
func TestCheck_content(t *testing.T) {
	t.Parallel()
	directory := written(t, nil)
	m, err := Read(directory)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(directory, schemaFile)
	if err := os.WriteFile(path, []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	want := "the checkpoint in `" + directory + "` is damaged: `schema.json` was altered: its content is not the one of the checkpoint"
	if err := Check(t.Context(), m); fmt.Sprint(err) != want || !m.Touched() {
		t.Errorf("touched %t, %v", m.Touched(), err)
	}
	if _, err := m.Schema(); fmt.Sprint(err) != want {
		t.Errorf("the structure: %v", err)
	}
}

// A job selects the columns that are stored, and rows of its part.
func TestJob_query(t *testing.T) {
	t.Parallel()
	columns := []value.Column{{Name: "id"}, {Name: "at", Kind: value.Date}}
	for want, j := range map[string]job{
		"SELECT `id`, CAST(`at` AS CHAR) FROM `d`.`t``x`":             {table: "t`x", columns: columns},
		"SELECT `id`, CAST(`at` AS CHAR) FROM `d`.`t` WHERE `id` < 5": {table: "t", columns: columns, where: "`id` < 5"},
		"SELECT 1 FROM `d`.`t`":                                       {table: "t"},
	} {
		if got := j.query("d"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for table, want := range map[string]string{"orders": "orders", "a/b\\..": "a_b___", "Grüße": "Gr__e", strings.Repeat("x", 64): strings.Repeat("x", 60)} {
		if got := safeName(table); got != want {
			t.Errorf("%s: got %s, want %s", table, got, want)
		}
	}
}

func must(t *testing.T, m *Manifest) []byte {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
