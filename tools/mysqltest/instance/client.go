package instance

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Client is the standard client of a kind with its dump tool, for comparisons
// with them. No test needs it.
type Client struct {
	root    string
	mariaDB bool
}

// FetchClient returns the client of a kind from the cache, downloading it first
// when it is not there, like Fetch.
func FetchClient(ctx context.Context, kind Kind, progress io.Writer) (*Client, error) {
	r, err := releaseOf(kind)
	if err != nil {
		return nil, err
	}
	cache, err := cacheRoot()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(cache, "client-"+string(kind))
	unlock, err := lockFile(ctx, dir+".lock")
	if err != nil {
		return nil, err
	}
	defer unlock()
	c := &Client{root: filepath.Join(dir, "root"), mariaDB: kind.IsMariaDB()}
	if isFile(c.program(c.dump())) {
		return c, nil
	}
	from, err := archiveHere()
	if err != nil {
		return nil, err
	}
	if progress != nil {
		_, _ = fmt.Fprintf(progress, "downloading the client of %s (suite %s) from this machine's Debian mirror\n", kind, r.suite)
	}
	name := "mysql-client-core"
	if kind.IsMariaDB() {
		name = "mariadb-client" // its core has no dump tool
	}
	pattern := ".fetch-client-" + string(kind) + "-*"
	if err := removeLeftovers(cache, pattern); err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp(cache, pattern)
	if err != nil {
		return nil, fmt.Errorf("creating a folder for the download: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	unpacked, err := unpackPackage(ctx, from, r.suite, name, tmp)
	if err != nil {
		return nil, fmt.Errorf("downloading `%s`: %w", name, err)
	}
	if !isFile(filepath.Join(unpacked, "usr", "bin", c.dump())) {
		return nil, fmt.Errorf("package `%s` of suite `%s` has no `%s`", name, r.suite, c.dump())
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.Rename(unpacked, c.root); err != nil {
		return nil, fmt.Errorf("keeping `%s`: %w", name, err)
	}
	return c, nil
}

func (c *Client) dump() string {
	if c.mariaDB {
		return "mariadb-dump"
	}
	return "mysqldump"
}

func (c *Client) program(name string) string { return filepath.Join(c.root, "usr", "bin", name) }

// Dump returns the command of the dump tool.
func (c *Client) Dump(ctx context.Context, args ...string) (*exec.Cmd, error) {
	return c.command(ctx, c.dump(), args)
}

// Shell returns the command of the client that reads statements.
func (c *Client) Shell(ctx context.Context, args ...string) (*exec.Cmd, error) {
	name := "mysql"
	if c.mariaDB {
		name = "mariadb"
	}
	return c.command(ctx, name, args)
}

// command runs a program of the package with its own loader and libraries, like
// a server.
func (c *Client) command(ctx context.Context, name string, args []string) (*exec.Cmd, error) {
	triplet, ld, err := loader(runtime.GOARCH)
	if err != nil {
		return nil, err
	}
	libraries := []string{filepath.Join(c.root, "usr", "lib", triplet), filepath.Join(c.root, "lib", triplet)}
	for _, folder := range libraries {
		if path := filepath.Join(folder, ld); isFile(path) {
			all := append([]string{"--library-path", strings.Join(libraries, ":"), c.program(name), "--no-defaults"}, args...)
			return exec.CommandContext(ctx, path, all...), nil
		}
	}
	return nil, fmt.Errorf("the unpacked client in `%s` has no loader `%s`", c.root, ld)
}
