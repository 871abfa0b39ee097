package checkpoint_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// small takes a checkpoint of a small database.
func small(t *testing.T, s *mysqltest.Server, server *mysql.Server) *checkpoint.Manifest {
	t.Helper()
	db := createDatabase(t, s, "a")
	setUp(t, server, db, "CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(20))", "INSERT INTO a VALUES (1, 'x'), (2, NULL)", "CREATE VIEW v AS SELECT id FROM a")
	return take(t, server, checkpoint.Request{Database: db, Name: "first", Directory: filepath.Join(t.TempDir(), "first")})
}

// Whatever happens to a file is found, by name.
func TestRead_damaged(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	server := open(t, s, 2)
	m := small(t, s, server)
	rows := "10_0001_a.000.001.sql.zst"
	for name, c := range map[string]struct {
		damage  func(dir string) error
		file    string
		reason  string
		missing bool
		byCheck bool // only the content tells
	}{
		"no directory":  {damage: os.RemoveAll, file: "manifest.json", reason: "is missing", missing: true},
		"no manifest":   {damage: func(d string) error { return os.Remove(filepath.Join(d, "manifest.json")) }, file: "manifest.json", reason: "is missing", missing: true},
		"half manifest": {damage: func(d string) error { return os.Truncate(filepath.Join(d, "manifest.json"), 300) }, file: "manifest.json", reason: "is no manifest"},
		"other manifest": {damage: func(d string) error {
			return replaceIn(filepath.Join(d, "manifest.json"), `"rows": 2`, `"rows": 3`)
		}, file: "manifest.json", reason: "was altered: its checksum is another"},
		"no rows":    {damage: func(d string) error { return os.Remove(filepath.Join(d, rows)) }, file: rows, reason: "is missing", missing: true},
		"half rows":  {damage: func(d string) error { return os.Truncate(filepath.Join(d, rows), 10) }, file: rows, reason: "has 10 bytes, and had "},
		"other rows": {damage: func(d string) error { return flip(filepath.Join(d, rows)) }, file: rows, reason: "was altered: its content is not the one of the checkpoint", byCheck: true},
		"other schema": {damage: func(d string) error { return flip(filepath.Join(d, "schema.json")) }, file: "schema.json",
			reason: "was altered: its content is not the one of the checkpoint", byCheck: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "copy")
			if err := os.CopyFS(dir, os.DirFS(m.Directory())); err != nil {
				t.Fatal(err)
			}
			if err := c.damage(dir); err != nil {
				t.Fatal(err)
			}
			read, err := checkpoint.Read(dir)
			if c.byCheck {
				if err != nil {
					t.Fatal(err)
				}
				err = checkpoint.Check(t.Context(), read)
			}
			var damaged *checkpoint.DamagedError
			if !errors.As(err, &damaged) || damaged.File != c.file || !strings.HasPrefix(damaged.Reason, c.reason) || errors.Is(err, fs.ErrNotExist) != c.missing {
				t.Errorf("got %v", err)
			}
			_, err = checkpoint.Load(t.Context(), server, checkpoint.LoadRequest{Directory: dir, Database: s.Prefix + "a"})
			if !errors.As(err, &damaged) || damaged.File != c.file {
				t.Errorf("loading: %v", err)
			}
		})
	}
	if err := checkpoint.Check(t.Context(), m); err != nil {
		t.Error(err)
	}
	_, err := checkpoint.Load(t.Context(), server, checkpoint.LoadRequest{Directory: m.Directory(), Database: s.Prefix + "a", Checksum: "other"})
	want := "the checkpoint in `" + m.Directory() + "` is damaged: `manifest.json` was replaced: its checksum is not the one that was written down"
	if fmt.Sprint(err) != want {
		t.Errorf("got %v", err)
	}
}

func replaceIn(path, from, to string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o600)
}

func flip(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text[len(text)/2] ^= 1
	return os.WriteFile(path, text, 0o600)
}

// A process that is killed leaves a directory with a temporary name, which the
// next one of the same checkpoint removes. What others left or wrote stays.
func TestTake_leftovers(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	server := open(t, s, 2)
	m := small(t, s, server)
	root := t.TempDir()
	for _, name := range []string{"first.partial-1", "other.partial-2", "kept"} {
		if err := os.CopyFS(filepath.Join(root, name), os.DirFS(m.Directory())); err != nil {
			t.Fatal(err)
		}
	}
	take(t, server, checkpoint.Request{Database: s.Prefix + "a", Directory: filepath.Join(root, "first")})
	if diff := cmp.Diff([]string{"first", "kept", "other.partial-2"}, entries(t, root)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err := checkpoint.Take(t.Context(), server, checkpoint.Request{Database: s.Prefix + "a", Directory: filepath.Join(root, "first")})
	if want := "there is something already at `" + filepath.Join(root, "first") + "`"; fmt.Sprint(err) != want {
		t.Errorf("got %v", err)
	}
}

// Of one checkpoint only, and of a directory that is not there nothing.
func TestRemoveLeftovers(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, name := range []string{"first", "first.partial-1", "first.partial-2", "firstborn.partial-3"} {
		if err := os.MkdirAll(filepath.Join(root, name, "removed"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, directory := range []string{filepath.Join(root, "first"), filepath.Join(root, "none", "first")} {
		if err := checkpoint.RemoveLeftovers(directory); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"first", "firstborn.partial-3"}, entries(t, root)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	m := small(t, s, open(t, s, 2))
	foreign := filepath.Join(filepath.Dir(m.Directory()), "notes")
	if err := os.MkdirAll(foreign, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(foreign, "diary.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want := "remove the checkpoint: `diary.txt` in `" + foreign + "` belongs to no checkpoint, so nothing was removed"
	if err := checkpoint.Remove(foreign); fmt.Sprint(err) != want {
		t.Errorf("got %v", err)
	}
	for range 2 {
		if err := checkpoint.Remove(m.Directory()); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"notes"}, entries(t, filepath.Dir(m.Directory()))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
