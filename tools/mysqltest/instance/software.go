package instance

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// Software is a server program that Start can run.
type Software struct {
	Kind    Kind   // empty for a program of the machine that is no known kind
	Version string // as the program prints it: "9.7.4-2", "10.11.18-MariaDB-…"
	Path    string // the program, or the image for docker

	mariaDB bool
	command []string // the program, preceded by its loader where it has its own
	flags   []string // where the program finds its own files
	share   string   // the folder of MariaDB's SQL files
	cache   string   // the folder for the initialized data folder
	image   string   // for docker only

	installed bool // a program of the machine, not one from the cache
}

// String describes the software for people.
func (s *Software) String() string {
	product := "MySQL"
	if s.mariaDB {
		product = "MariaDB"
	}
	return strings.TrimSpace(product+" "+s.Version) + " (" + s.Path + ")"
}

// loader names the folder of libraries of Debian for an architecture of Go, and
// the dynamic loader in it.
func loader(arch string) (triplet, name string, err error) {
	switch arch {
	case "amd64":
		return "x86_64-linux-gnu", "ld-linux-x86-64.so.2", nil
	case "arm64":
		return "aarch64-linux-gnu", "ld-linux-aarch64.so.1", nil
	}
	return "", "", fmt.Errorf("servers are not downloaded for the architecture `%s`", arch)
}

// unpackedSoftware describes the server unpacked in dir/root. The loader and
// the library path are given on the command line, so that the program uses its
// own C library, whatever the machine has.
func unpackedSoftware(ctx context.Context, kind Kind, dir string) (*Software, error) {
	triplet, ld, err := loader(runtime.GOARCH)
	if err != nil {
		return nil, err
	}
	root := filepath.Join(dir, "root")
	// Older releases keep the C library in /lib, newer ones in /usr/lib.
	libraries := []string{filepath.Join(root, "usr", "lib", triplet), filepath.Join(root, "lib", triplet)}
	path := ""
	for _, folder := range libraries {
		if candidate := filepath.Join(folder, ld); isFile(candidate) {
			path = candidate
		}
	}
	if path == "" {
		return nil, fmt.Errorf("the unpacked server in `%s` has no loader `%s`", root, ld)
	}
	usr := filepath.Join(root, "usr")
	program, share := filepath.Join(usr, "sbin", "mysqld"), filepath.Join(usr, "share", "mysql")
	if kind.IsMariaDB() {
		program = filepath.Join(usr, "sbin", "mariadbd")
		share = mariaDBShare(usr)
	}
	sw := &Software{
		Kind:    kind,
		Path:    program,
		mariaDB: kind.IsMariaDB(),
		command: []string{path, "--library-path", strings.Join(libraries, ":"), program},
		flags: []string{
			"--basedir=" + usr,
			"--lc-messages-dir=" + share,
			"--character-sets-dir=" + filepath.Join(share, "charsets"),
			"--plugin-dir=" + filepath.Join(usr, "lib", "mysql", "plugin"),
		},
		share: share,
		cache: dir,
	}
	return sw, sw.readVersion(ctx)
}

// mariaDBShare finds the folder with the SQL files of MariaDB, which newer
// packages renamed.
func mariaDBShare(usr string) string {
	for _, name := range []string{"mariadb", "mysql"} {
		share := filepath.Join(usr, "share", name)
		if isFile(filepath.Join(share, "fill_help_tables.sql")) {
			return share
		}
	}
	return filepath.Join(usr, "share", "mysql")
}

// lookProgram returns the path of a server program, or empty. Programs in the
// sbin folders count too: they are seldom on the PATH of a user.
func lookProgram(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/local/mysql/bin", "/opt/homebrew/bin", "/usr/local/bin"} {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return ""
}

func installedSoftware(ctx context.Context, path string) (*Software, error) {
	sw := &Software{Path: path, command: []string{path}, installed: true}
	if err := sw.readVersion(ctx); err != nil {
		return nil, err
	}
	sw.mariaDB = strings.Contains(sw.Version, "MariaDB")
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("following `%s`: %w", path, err)
	}
	sw.share = mariaDBShare(filepath.Dir(filepath.Dir(target)))
	for _, r := range releases() {
		if r.kind.IsMariaDB() == sw.mariaDB && strings.HasPrefix(sw.Version, r.seriesPrefix) {
			sw.Kind = r.kind
		}
	}
	root, err := cacheRoot()
	if err != nil {
		return nil, err
	}
	sw.cache = filepath.Join(root, "installed")
	return sw, nil
}

var versionPattern = regexp.MustCompile(`Ver ([0-9]\S*)`)

// readVersion asks the program for its version. It is also the proof that the
// program can be run at all.
func (s *Software) readVersion(ctx context.Context) error {
	args := append(append([]string{}, s.command[1:]...), "--no-defaults", "--version")
	out, err := exec.CommandContext(ctx, s.command[0], args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("running `%s --version`: %w\n%s", s.Path, err, tail(string(out), 5))
	}
	found := versionPattern.FindSubmatch(out)
	if found == nil {
		return fmt.Errorf("`%s --version` printed no version: %s", s.Path, tail(string(out), 1))
	}
	s.Version = string(found[1])
	return nil
}
