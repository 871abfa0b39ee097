package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// touchTolerance is how much later than the manifest the clock of a file system
// may date a file that was written before it.
const touchTolerance = 2 * time.Second

// RemoveLeftovers removes what a killed run left of one checkpoint under
// temporary names. The caller knows that nobody is writing or removing it.
func RemoveLeftovers(directory string) error {
	err := removePartial(filepath.Clean(directory))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("sweep what an earlier run left: %w", err)
	}
	return nil
}

// Touched says whether a file was written after the manifest, which is written
// last: then only [Check] can tell whether the checkpoint is what it was. A file
// that was altered and dated back is found by [Check] alone.
func (m *Manifest) Touched() bool {
	manifest, err := os.Stat(filepath.Join(m.directory, manifestFile))
	if err != nil {
		return true
	}
	for _, f := range m.Files {
		info, err := os.Stat(filepath.Join(m.directory, f.Name))
		if err != nil || info.ModTime().Sub(manifest.ModTime()) > touchTolerance {
			return true
		}
	}
	return false
}
