package instance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// prepareDataDir fills an empty data folder with a copy of the pristine one
// that is kept in the cache: copying takes a fraction of the seconds that
// initializing takes. A folder that has a server's data already stays as it
// is. The flags of the server tell how the data are made. It tells whether it made them.
func (s *Software) prepareDataDir(ctx context.Context, dataDir string, flags []string) (created bool, err error) {
	// The mark tells a copy that was broken off from the data of a server. A
	// rename cannot: the folder may be the root of a file system.
	mark := filepath.Join(dataDir, "landlord-incomplete")
	if isFile(mark) {
		if err := emptyDir(dataDir); err != nil {
			return false, err
		}
	}
	// Both products create this folder first of all.
	if _, err := os.Stat(filepath.Join(dataDir, "mysql")); err == nil {
		return false, nil
	}
	pristine, err := s.pristine(ctx, s.lasting(flags))
	if err != nil {
		return false, err
	}
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return false, fmt.Errorf("writing to the data folder: %w", err)
	}
	if err := copyTree(pristine, dataDir); err != nil {
		return false, fmt.Errorf("copying the initialized data folder: %w", errors.Join(err, emptyDir(dataDir)))
	}
	if err := os.Remove(mark); err != nil {
		return false, fmt.Errorf("writing to the data folder: %w", err)
	}
	return true, nil
}

// emptyDir removes what a folder holds, and not the folder.
func emptyDir(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("emptying the data folder: %w", err)
	}
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return fmt.Errorf("emptying the data folder: %w", err)
		}
	}
	return nil
}

// lasting returns those flags of a server that count when its data are made and must
// stay as they were: the size of pages, and on MySQL how names of tables are kept.
func (s *Software) lasting(flags []string) []string {
	var lasting []string
	for _, flag := range flags {
		name, _, _ := strings.Cut(flag, "=")
		if name == "--innodb-page-size" || name == "--lower-case-table-names" && !s.mariaDB {
			lasting = append(lasting, flag)
		}
	}
	slices.Sort(lasting)
	return lasting
}

// pristine returns the initialized data folder of this version in the cache,
// made under some flags, making it when it is not there.
func (s *Software) pristine(ctx context.Context, flags []string) (string, error) {
	if err := os.MkdirAll(s.cache, 0o755); err != nil {
		return "", fmt.Errorf("creating the cache folder: %w", err)
	}
	version := strings.Map(func(r rune) rune {
		if r == '/' || r == ':' {
			return '_'
		}
		return r
	}, strings.Join(append([]string{s.Version}, flags...), ""))
	dir := filepath.Join(s.cache, "data-"+version)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	unlock, err := lockFile(ctx, filepath.Join(s.cache, "data.lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := removeLeftovers(s.cache, ".data-*"); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(s.cache, ".data-*")
	if err != nil {
		return "", fmt.Errorf("creating a folder for the initial data: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	if err := s.initialize(ctx, filepath.Join(tmp, "data"), flags); err != nil {
		return "", fmt.Errorf("initializing a data folder of %s: %w", s, err)
	}
	if err := os.Rename(filepath.Join(tmp, "data"), dir); err != nil {
		return "", fmt.Errorf("keeping the initialized data folder: %w", err)
	}
	return dir, nil
}

// initialize creates the system tables and the account root@localhost with an
// empty password. That account can be reached over the Unix socket only, and
// the socket lies in a folder that only its owner may enter.
func (s *Software) initialize(ctx context.Context, dataDir string, flags []string) error {
	if s.mariaDB {
		return s.bootstrapMariaDB(ctx, dataDir, flags)
	}
	// The server makes the folder itself. A small redo log keeps the copies
	// small; the server enlarges it on its first start.
	flags = append([]string{"--datadir=" + dataDir, "--initialize-insecure", "--innodb-redo-log-capacity=33554432"}, flags...)
	if err := s.runServer(ctx, nil, flags...); err != nil {
		return err
	}
	// Every copy must make its own server_uuid.
	return os.Remove(filepath.Join(dataDir, "auto.cnf"))
}

// bootstrapMariaDB feeds the server the SQL files of its package, as the
// script mariadb-install-db does, which is not used because it wants a shell
// environment of its own and asks the machine's hostname. The help tables are
// left out: they take longest and no program reads them.
func (s *Software) bootstrapMariaDB(ctx context.Context, dataDir string, flags []string) error {
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return err
	}
	var sql bytes.Buffer
	sql.WriteString("CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n")
	for _, name := range []string{
		"system_tables.sql", "performance_tables.sql", "system_tables_data.sql",
		"maria_add_gis_sp_bootstrap.sql", "sys_schema.sql",
	} {
		text, err := s.readBootstrapFile(name)
		if err != nil {
			return err
		}
		for line := range strings.Lines(text) {
			// Accounts for the name of this machine are of no use here.
			if !strings.Contains(line, "@current_hostname") {
				sql.WriteString(line)
			}
		}
		sql.WriteString("\n")
	}
	// An anonymous account would be preferred to named ones on localhost.
	sql.WriteString("DELETE FROM mysql.global_priv WHERE User = '';\n")
	flags = append([]string{
		"--datadir=" + dataDir, "--bootstrap", "--log-warnings=0", "--enforce-storage-engine=",
		"--max-allowed-packet=8M", "--net-buffer-length=16K", "--innodb-log-file-size=33554432",
	}, flags...)
	return s.runServer(ctx, &sql, flags...)
}

// readBootstrapFile reads an SQL file of the package, whose prefix newer
// packages changed from mysql_ to mariadb_.
func (s *Software) readBootstrapFile(name string) (string, error) {
	var err error
	for _, prefix := range []string{"mariadb_", "mysql_", ""} {
		var text []byte
		if text, err = os.ReadFile(filepath.Join(s.share, prefix+name)); err == nil {
			return string(text), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return "", fmt.Errorf("reading the SQL of the system tables: %w", err)
}

// runServer runs the server program to its end, as initializing does.
func (s *Software) runServer(ctx context.Context, stdin *bytes.Buffer, args ...string) error {
	line := append(s.commandLine(), args...)
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	if stdin != nil {
		cmd.Stdin = stdin
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("running `%s`: %w\n%s", s.Path, err, tail(string(out), 30))
	}
	return nil
}

// commandLine returns the program and the flags that every run needs. No
// option file is read: those of the machine are meant for another server.
func (s *Software) commandLine() []string {
	line := append(append([]string{}, s.command...), "--no-defaults")
	if os.Geteuid() == 0 {
		// Both servers refuse to run as root unless told so.
		line = append(line, "--user=root")
	}
	return append(line, s.flags...)
}

// copyTree copies a folder. The kernel shares the blocks where it can.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		return copyFile(path, target)
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, info.Mode().Perm())
	if err != nil {
		return err
	}
	if _, err := out.ReadFrom(in); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}
