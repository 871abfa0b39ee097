package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// partialMark is in the name of a directory that is being written or removed.
const partialMark = ".partial-"

// A workplace is the directory under its temporary name.
type workplace struct {
	final string
	path  string
}

// begin makes a workplace, after removing what a killed run left of the same
// checkpoint. Nobody else writes the same checkpoint at the same time: that is
// for the caller to see to.
func begin(final string) (*workplace, error) {
	final = filepath.Clean(final)
	if _, err := os.Lstat(final); err == nil {
		return nil, &ExistsError{Directory: final}
	}
	parent := filepath.Dir(final)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the checkpoint: %w", err)
	}
	if err := removePartial(final); err != nil {
		return nil, fmt.Errorf("sweep what an earlier run left: %w", err)
	}
	path, err := os.MkdirTemp(parent, filepath.Base(final)+partialMark)
	if err != nil {
		return nil, fmt.Errorf("make the directory of the checkpoint: %w", err)
	}
	return &workplace{final: final, path: path}, nil
}

// finish gives the directory its name once everything in it is on the disk.
func (w *workplace) finish() error {
	if err := syncDirectory(w.path); err != nil {
		return fmt.Errorf("write the checkpoint to the disk: %w", err)
	}
	if _, err := os.Lstat(w.final); err == nil {
		return &ExistsError{Directory: w.final}
	}
	if err := os.Rename(w.path, w.final); err != nil {
		return fmt.Errorf("name the checkpoint: %w", err)
	}
	if err := syncDirectory(filepath.Dir(w.final)); err != nil {
		return fmt.Errorf("write the checkpoint to the disk: %w", err)
	}
	return nil
}

// abandon removes the workplace.
func (w *workplace) abandon() { _ = os.RemoveAll(w.path) }

// syncDirectory makes names durable. Windows has no such call.
func syncDirectory(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	return errors.Join(err, d.Close())
}

// writeFile writes a small file and brings it to the disk.
func writeFile(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// removePartial removes the workplaces of one checkpoint.
func removePartial(final string) error {
	entries, err := os.ReadDir(filepath.Dir(final))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(final)+partialMark) {
			if err := os.RemoveAll(filepath.Join(filepath.Dir(final), e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Remove removes a checkpoint, or what is left of it. A directory that is there
// and holds something else than a checkpoint is refused. What is gone already is
// no error. A removal that is cut off leaves nothing that looks whole.
func Remove(directory string) error {
	directory = filepath.Clean(directory)
	entries, err := os.ReadDir(directory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove the checkpoint: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() || !isOurs(e.Name()) {
			return fmt.Errorf("remove the checkpoint: `%s` in `%s` belongs to no checkpoint, so nothing was removed", e.Name(), directory)
		}
	}
	doomed, err := os.MkdirTemp(filepath.Dir(directory), filepath.Base(directory)+partialMark)
	if err != nil {
		return fmt.Errorf("remove the checkpoint: %w", err)
	}
	if err := os.Rename(directory, filepath.Join(doomed, "removed")); err != nil {
		_ = os.Remove(doomed)
		return fmt.Errorf("remove the checkpoint: %w", err)
	}
	if err := os.RemoveAll(doomed); err != nil {
		return fmt.Errorf("remove the checkpoint: %w", err)
	}
	return nil
}

// isOurs says whether a file has a name as those of a checkpoint have.
func isOurs(name string) bool {
	return name == manifestFile || name == schemaFile || strings.HasSuffix(name, ".sql.zst")
}
