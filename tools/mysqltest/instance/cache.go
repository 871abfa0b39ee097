package instance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// cacheRoot returns the folder that holds a folder per kind. It lies outside
// of any checkout, so that every checkout of a user shares one download.
func cacheRoot() (string, error) {
	base := os.Getenv("XDG_CACHE_HOME")
	if base == "" {
		var err error
		if base, err = os.UserCacheDir(); err != nil {
			return "", fmt.Errorf("looking for a cache folder (set XDG_CACHE_HOME): %w", err)
		}
	}
	root := filepath.Join(base, "landlord", "servers")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", fmt.Errorf("creating the cache folder (set XDG_CACHE_HOME to one that can be written): %w", err)
	}
	return root, nil
}

// lockFile takes the lock of that file, waiting for other processes. The lock
// ends with the process that holds it, however that ends.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	for {
		unlock, err = tryLock(path)
		if err == nil {
			return unlock, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, fmt.Errorf("locking `%s`: %w", path, err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the lock `%s`: %w", path, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// removeLeftovers removes the temporary folders of processes that were killed
// while they held the lock that the caller holds now.
func removeLeftovers(root, pattern string) error {
	leftovers, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		return err
	}
	for _, path := range leftovers {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("removing a leftover: %w", err)
		}
	}
	return nil
}
