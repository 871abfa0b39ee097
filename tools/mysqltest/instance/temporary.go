package instance

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// temporaryDir makes a folder for a server that lives no longer than this
// process. A locked file in it says that the process lives. Folders of which
// that lock is free were left by processes that were killed: they go.
func temporaryDir(ctx context.Context) (dir string, release func(), err error) {
	// One at a time: a folder is not locked yet at the moment it is made.
	guard := filepath.Join(os.TempDir(), fmt.Sprintf("landlord-servers-%d.lock", os.Getuid()))
	unlock, err := lockFile(ctx, guard)
	if err != nil {
		return "", nil, err
	}
	defer unlock()
	old, err := filepath.Glob(filepath.Join(os.TempDir(), "landlord-server-*"))
	if err != nil {
		return "", nil, err
	}
	for _, path := range old {
		if free, err := tryLock(filepath.Join(path, "owner")); err == nil {
			_ = os.RemoveAll(path)
			free()
		}
	}
	if dir, err = os.MkdirTemp("", "landlord-server-"); err != nil {
		return "", nil, fmt.Errorf("creating a folder for the server: %w", err)
	}
	free, err := tryLock(filepath.Join(dir, "owner"))
	if err != nil {
		return "", nil, fmt.Errorf("locking the folder of the server: %w", err)
	}
	return dir, func() {
		_ = os.RemoveAll(dir)
		free()
	}, nil
}

// tryLock takes the lock of a file without waiting. It makes the file when it
// is not there, but not its folder.
func tryLock(path string) (free func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
