package instance

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// galeraPackage is the library with which MariaDB 10.11 becomes a member of a cluster, of
// the same release of Debian.
const galeraPackage = "galera-4"

// Galera returns the path of the library of Galera for MariaDB 10.11, downloading it
// first when it is not in the cache. Concurrent calls, also of other processes,
// download once.
func Galera(ctx context.Context) (string, error) {
	r, err := releaseOf(MariaDB1011)
	if err != nil {
		return "", err
	}
	root, err := cacheRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, galeraPackage)
	library := filepath.Join(dir, "usr", "lib", "galera", "libgalera_smm.so")
	unlock, err := lockFile(ctx, dir+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if isFile(library) {
		return library, nil
	}
	from, err := archiveHere()
	if err != nil {
		return "", err
	}
	pattern := ".fetch-" + galeraPackage + "-*"
	if err := removeLeftovers(root, pattern); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(root, pattern)
	if err != nil {
		return "", fmt.Errorf("creating a folder for the download: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	unpacked, err := unpackPackage(ctx, from, r.suite, galeraPackage, tmp)
	if err != nil {
		return "", fmt.Errorf("downloading `%s`: %w", galeraPackage, err)
	}
	return library, os.Rename(unpacked, dir)
}
