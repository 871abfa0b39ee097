package template_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// writeTree writes files below a new directory and returns it.
func writeTree(t *testing.T, tree files) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range tree {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var everyLayer = files{
	"core/002_b.sql":              "CREATE TABLE b (id INT PRIMARY KEY);\n",
	"core/001_a.sql":              "CREATE TABLE a (id INT PRIMARY KEY);\n",
	"optional/one.sql":            "-- landlord:description: The first\nCREATE TABLE m1 (id INT PRIMARY KEY);\n",
	"optional/two/001_tables.sql": "-- landlord:requires: one\n-- landlord:description: The second\nCREATE TABLE m2 (id INT PRIMARY KEY);\n",
	"optional/two/002_views.sql":  "CREATE VIEW v2 AS SELECT id FROM m2;\n",
	"seeds/001_rows.sql":          "INSERT INTO a VALUES (1);\n",
	"seeds/two/001_rows.sql":      "INSERT INTO m2 VALUES (1);\n",
	"migrations/0.9.0--1.0.0.sql": "UPDATE a SET id = 1;\n",
}

func TestLoad(t *testing.T) {
	t.Parallel()
	file := func(name string) template.File { return template.File{Name: name, SQL: everyLayer[name]} }
	want := template.Sources{
		Core:  []template.File{file("core/001_a.sql"), file("core/002_b.sql")},
		Seeds: []template.File{file("seeds/001_rows.sql")},
		Modules: []template.Module{
			{Name: "one", Description: "The first", Files: []template.File{file("optional/one.sql")}},
			{
				Name: "two", Description: "The second", Requires: []string{"one"},
				Files: []template.File{file("optional/two/001_tables.sql"), file("optional/two/002_views.sql")},
				Seeds: []template.File{file("seeds/two/001_rows.sql")},
			},
		},
		Migrations: []template.MigrationScript{{From: "0.9.0", To: "1.0.0", File: file("migrations/0.9.0--1.0.0.sql")}},
	}
	t.Run("directory", func(t *testing.T) {
		t.Parallel()
		tree := files{"README.md": "# Read me", "LICENSE": "free", ".git/config": "x", "core/.gitkeep": "", "core/notes.MD": "x"}
		for name, text := range everyLayer {
			tree[name] = text
		}
		got, err := template.LoadSource(writeTree(t, tree))
		if err != nil {
			t.Fatal(err)
		}
		diff(t, got, want)
	})
	t.Run("inline", func(t *testing.T) {
		t.Parallel()
		got, err := everyLayer.load()
		if err != nil {
			t.Fatal(err)
		}
		diff(t, got, want)
	})
	t.Run("inline without sql", func(t *testing.T) {
		t.Parallel()
		short := files{}
		for name, text := range everyLayer {
			short[strings.TrimSuffix(name, ".sql")] = text
		}
		got, err := short.load()
		if err != nil {
			t.Fatal(err)
		}
		diff(t, got, want)
	})
	t.Run("checkout on another system", func(t *testing.T) {
		t.Parallel()
		foreign := files{}
		for name, text := range everyLayer {
			foreign[name] = "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n")
		}
		got, err := template.LoadDirectory(writeTree(t, foreign))
		if err != nil {
			t.Fatal(err)
		}
		diff(t, got, want)
	})
}

const ok = "CREATE TABLE a (id INT PRIMARY KEY);\n"

func TestLoad_refuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files files
		want  string
	}{
		"nothing at all": {
			files: files{},
			want:  lines("error: Template without files: A template has at least one file in `core`, for example `core/001_users.sql`."),
		},
		"folder that is mistyped": {
			files: files{"core/a.sql": ok, "seed/a.sql": "INSERT"},
			want:  lines("seed: error: Folder is no layer of a template: The folders of a template are `core`, `optional`, `seeds` and `migrations`. Did you mean `seeds`?"),
		},
		"folder that has nothing to do with it": {
			files: files{"core/a.sql": ok, "terraform/main.tf": ""},
			want:  lines("terraform: error: Folder is no layer of a template: The folders of a template are `core`, `optional`, `seeds` and `migrations`. Move what does not belong to the template out of its directory."),
		},
		"file beside the layers": {
			files: files{"core/a.sql": ok, "users.sql": ok},
			want:  lines("users.sql: error: File outside the layers: SQL belongs into one of the folders `core`, `optional`, `seeds` and `migrations`."),
		},
		"layer that is a file": {
			files: files{"core": ok},
			want:  lines("core: error: Layer is no folder: `core` is a file. Make it a folder with files."),
		},
		"folder in core": {
			files: files{"core/a.sql": ok, "core/more/b.sql": ok},
			want:  lines("core/more: error: Folder too deep in a template: Folder `core` holds files only. Move the files up."),
		},
		"folder in a module": {
			files: files{"core/a.sql": ok, "optional/m/more/b.sql": ok},
			want:  lines("optional/m/more: error: Folder too deep in a template: Folder `optional` holds files, and one folder a module with files only. Move the files up."),
		},
		"file with another ending": {
			files: files{"core/a.sql": ok, "core/b.sql.bak": ok},
			want:  lines("core/b.sql.bak: error: File name cannot be used: `b.sql.bak` is no name for a file of a template: use letters, digits, `.`, `_`, `+` and `-`, and end it with `.sql`."),
		},
		"module with an impossible name": {
			files: files{"core/a.sql": ok, "optional/Elections.sql": ok},
			want:  lines("optional/Elections.sql: error: Module name cannot be used: `Elections` is no module name: it has to start with a lower-case letter, hold lower-case letters, digits, `_` and `-` only, and have at most 64 characters."),
		},
		"module that is file and folder": {
			files: files{"core/a.sql": ok, "optional/m.sql": ok, "optional/m/b.sql": ok},
			want:  lines("optional/m.sql: error: Module is both file and folder: Module `m` stands in `optional/m.sql` and in `optional/m/`: move the file into the folder."),
		},
		"seeds of a mistyped module": {
			files: files{"core/a.sql": ok, "optional/election_features.sql": ok, "seeds/election_feature/a.sql": "INSERT"},
			want:  lines("seeds/election_feature/a.sql: error: Seeds of an unknown module: There is no module `election_feature` in `optional`, so nothing would ever run this file. Did you mean `seeds/election_features/`?"),
		},
		"seeds of no module": {
			files: files{"core/a.sql": ok, "seeds/rows/a.sql": "INSERT"},
			want:  lines("seeds/rows/a.sql: error: Seeds of an unknown module: There is no module `rows` in `optional`, so nothing would ever run this file. Name the folder like the module, or move the file up for seeds of the core."),
		},
		"migration with one version": {
			files: files{"core/a.sql": ok, "migrations/1.1.0.sql": ""},
			want:  lines("migrations/1.1.0.sql: error: Migration name cannot be read: `1.1.0` is no pair of versions. Name the file like `migrations/1.0.0--1.1.0.sql`, by the version it starts from and the one it leads to."),
		},
		"migration with a short version": {
			files: files{"core/a.sql": ok, "migrations/1.0--1.1.0.sql": ""},
			want:  lines("migrations/1.0--1.1.0.sql: error: Migration name cannot be read: `1.0--1.1.0` is no pair of versions. Name the file like `migrations/1.0.0--1.1.0.sql`, by the version it starts from and the one it leads to."),
		},
		"migration with something behind": {
			files: files{"core/a.sql": ok, "migrations/1.0.0--1.1.0_users.sql": ""},
			want:  lines("migrations/1.0.0--1.1.0_users.sql: error: Migration name cannot be read: `1.0.0--1.1.0_users` is no pair of versions. Name the file like `migrations/1.0.0--1.1.0.sql`, by the version it starts from and the one it leads to."),
		},
		"migration that can be read in two ways": {
			files: files{"core/a.sql": ok, "migrations/1.0.0-a--2.0.0--3.0.0.sql": ""},
			want:  lines("migrations/1.0.0-a--2.0.0--3.0.0.sql: error: Migration name cannot be read: `1.0.0-a--2.0.0--3.0.0` can be read in two ways. Name the file like `migrations/1.0.0--1.1.0.sql`, by the version it starts from and the one it leads to."),
		},
		"migration that leads nowhere": {
			files: files{"core/a.sql": ok, "migrations/1.0.0--1.0.0.sql": ""},
			want:  lines("migrations/1.0.0--1.0.0.sql: error: Migration name cannot be read: `1.0.0--1.0.0` leads nowhere. Name the file like `migrations/1.0.0--1.1.0.sql`, by the version it starts from and the one it leads to."),
		},
		"Latin-1": {
			files: files{"core/a.sql": "-- one\n-- caf\xe9\n"},
			want:  lines("core/a.sql:2:7: error: File is not UTF-8: Byte 0xe9 is not UTF-8. Save the file as UTF-8."),
		},
		"UTF-16": {
			files: files{"core/a.sql": "\xff\xfe-\x00-\x00"},
			want:  lines("core/a.sql:1:1: error: File is not UTF-8: The file is UTF-16. Save it as UTF-8."),
		},
		"NUL": {
			files: files{"core/a.sql": ok + "a\x00b"},
			want:  lines("core/a.sql:2:2: error: File holds a NUL character: A server ends a statement at a NUL character. Remove it; in binary data write it as `\\0` or in hexadecimal."),
		},
		"file that is too large": {
			files: files{"core/a.sql": strings.Repeat(" ", template.MaxFileSize+1)},
			want:  lines("core/a.sql: error: File too large for a template: A file of a template has at most 4 MiB. A template holds structure and a few seeds; load data by other means."),
		},
		"template that is too large": {
			files: files{
				"core/a.sql": strings.Repeat(" ", template.MaxFileSize), "core/b.sql": strings.Repeat(" ", template.MaxFileSize),
				"core/c.sql": strings.Repeat(" ", template.MaxFileSize), "core/d.sql": strings.Repeat(" ", template.MaxFileSize), "core/e.sql": " ",
			},
			want: lines("error: Template too large: The files of a template have at most 16 MiB in all. A template holds structure and a few seeds; load data by other means."),
		},
		"several things at once": {
			files: files{"seed/a.sql": "INSERT", "core/a.sql": "\x00", "core/b": ok},
			want: lines(
				"core/a.sql:1:1: error: File holds a NUL character: A server ends a statement at a NUL character. Remove it; in binary data write it as `\\0` or in hexadecimal.",
				"core/b: error: File name cannot be used: `b` is no name for a file of a template: use letters, digits, `.`, `_`, `+` and `-`, and end it with `.sql`.",
				"seed: error: Folder is no layer of a template: The folders of a template are `core`, `optional`, `seeds` and `migrations`. Did you mean `seeds`?",
			),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := template.LoadDirectory(writeTree(t, test.files))
			diff(t, loadTexts(t, err), test.want)
		})
	}
}

func TestLoadDirectory_notRegular(t *testing.T) {
	t.Parallel()
	const rest = "A published version never changes, so a template holds its files itself: put a regular file there.\n"
	tests := map[string]struct {
		make func(dir string) error
		want string
	}{
		"link to a file elsewhere": {
			make: func(dir string) error { return os.Symlink("/etc/passwd", filepath.Join(dir, "core", "b.sql")) },
			want: "core/b.sql: error: Not a regular file: `core/b.sql` is a symbolic link. " + rest,
		},
		"link to itself": {
			make: func(dir string) error { return os.Symlink("b.sql", filepath.Join(dir, "core", "b.sql")) },
			want: "core/b.sql: error: Not a regular file: `core/b.sql` is a symbolic link. " + rest,
		},
		"loop of folders": {
			make: func(dir string) error { return os.Symlink("..", filepath.Join(dir, "core", "b")) },
			want: "core/b: error: Not a regular file: `core/b` is a symbolic link. " + rest,
		},
		"layer that is a link": {
			make: func(dir string) error { return os.Symlink("core", filepath.Join(dir, "seeds")) },
			want: "seeds: error: Layer is no folder: `seeds` is a symbolic link. Make it a folder with files.\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "core"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := test.make(dir); err != nil {
				t.Fatal(err)
			}
			_, err := template.LoadDirectory(dir)
			diff(t, loadTexts(t, err), test.want)
		})
	}
}

func TestLoadDirectory_source(t *testing.T) {
	t.Parallel()
	dir := writeTree(t, files{"core/a.sql": ok})
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if _, err := template.LoadDirectory(link); err != nil {
		t.Errorf("a link to the directory itself: %v", err)
	}
	_, err := template.LoadDirectory("no/such/place")
	diff(t, loadTexts(t, err), "no/such/place: error: Template directory does not exist: There is no directory `no/such/place`. Relative paths start where Terraform runs; begin with `${path.module}/` to start beside the configuration.\n")
	file := filepath.Join(dir, "core", "a.sql")
	_, err = template.LoadDirectory(file)
	diff(t, loadTexts(t, err), file+": error: Template source is no directory: `"+file+"` is a file. Name the directory that holds the folders `core`, `optional`, `seeds` and `migrations`.\n")
}

func TestLoadDirectory_unreadable(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root reads every file")
	}
	dir := writeTree(t, files{"core/a.sql": ok})
	if err := os.Chmod(filepath.Join(dir, "core", "a.sql"), 0); err != nil {
		t.Fatal(err)
	}
	_, err := template.LoadDirectory(dir)
	diff(t, loadTexts(t, err), "core/a.sql: error: File cannot be read: Reading `core/a.sql`: permission denied.\n")
}

func TestLoadInline_refuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files files
		want  string
	}{
		"name with and without the ending": {
			files: files{"core/a.sql": ok, "core/a": ok},
			want:  lines("core/a.sql: error: File given twice: `core/a.sql` stands there with and without `.sql`: keep one of the two."),
		},
		"way out of the template": {
			files: files{"core/../../etc/a": ok},
			want:  lines("core/../../etc: error: Folder too deep in a template: Folder `core` holds files only. Move the files up."),
		},
		"empty name": {
			files: files{"core/": ok},
			want:  lines("core/.sql: error: File name cannot be used: `.sql` is no name for a file of a template: use letters, digits, `.`, `_`, `+` and `-`, and end it with `.sql`."),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := test.files.load()
			diff(t, loadTexts(t, err), test.want)
		})
	}
}

func TestLoadError(t *testing.T) {
	t.Parallel()
	_, err := template.LoadSource("builtin:basik")
	const want = "loading template `builtin:basik`:\n" +
		"error: Unknown built-in template: There is no built-in template `basik`; there are `basic`, `ngo`, `political_party` and `corporate`. Did you mean `builtin:basic`?"
	if err == nil {
		t.Fatal("no error")
	}
	diff(t, err.Error(), want)
	var loading *template.LoadError
	if !errors.As(err, &loading) || loading.Source != "builtin:basik" {
		t.Errorf("error is %#v", err)
	}
}

// TestInline gives the maps that a template was made of, whatever it came from.
func TestInline(t *testing.T) {
	t.Parallel()
	made := everyLayer.build(t, "shop@1.0.0")
	got := files{}
	core, optional, seeds, migrations := made.Inline()
	for folder, layer := range map[string]map[string]string{"core": core, "optional": optional, "seeds": seeds, "migrations": migrations} {
		for name, text := range layer {
			got[folder+"/"+name] = text
		}
	}
	diff(t, got, everyLayer)
	if again := got.build(t, "shop@1.0.0"); again.Checksum() != made.Checksum() {
		t.Error("the same files have another checksum")
	}
	if got := made.BuiltinSource(); got != "" {
		t.Errorf("it is %s", got)
	}
	_, optional, seeds, migrations = files{"core/a.sql": "CREATE TABLE a (id INT PRIMARY KEY);\n"}.build(t, "shop@1.0.0").Inline()
	if optional != nil || seeds != nil || migrations != nil {
		t.Errorf("maps without files: %v, %v, %v", optional, seeds, migrations)
	}
}
