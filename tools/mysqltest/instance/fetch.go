package instance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// ErrNoApt says that the machine cannot fetch packages of Debian.
var ErrNoApt = errors.New("this machine has no `apt-get` and `dpkg`, so no server can be downloaded")

// Fetch returns the server of that kind from the cache, downloading it first
// when it is not there. It says on progress what takes time; progress may be
// nil. Concurrent calls, also of other processes, download once.
func Fetch(ctx context.Context, kind Kind, progress io.Writer) (*Software, error) {
	r, err := releaseOf(kind)
	if err != nil {
		return nil, err
	}
	root, err := cacheRoot()
	if err != nil {
		return nil, err
	}
	if sw, err := Cached(ctx, kind); sw != nil || err != nil {
		return sw, err
	}
	unlock, err := lockFile(ctx, filepath.Join(root, string(kind)+".lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if sw, err := Cached(ctx, kind); sw != nil || err != nil {
		return sw, err
	}
	from, err := archiveHere()
	if err != nil {
		return nil, err
	}
	if progress != nil {
		_, _ = fmt.Fprintf(progress, "downloading %s (suite %s) from this machine's Debian mirror\n", kind, r.suite)
	}
	if err := download(ctx, r, from, root); err != nil {
		return nil, fmt.Errorf("downloading `%s`: %w", kind, err)
	}
	return Cached(ctx, kind)
}

// archiveHere returns where this machine downloads packages from.
func archiveHere() (archive, error) {
	for _, program := range []string{"apt-get", "apt-config", "dpkg"} {
		if _, err := exec.LookPath(program); err != nil {
			return archive{}, ErrNoApt
		}
	}
	return findArchive("/etc/apt", "/usr/share/keyrings", os.Getenv(MirrorVariable))
}

// Cached returns the downloaded server of that kind, or nil when there is none.
func Cached(ctx context.Context, kind Kind) (*Software, error) {
	root, err := cacheRoot()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(root, string(kind))
	if _, err := os.Stat(filepath.Join(dir, "root")); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, nil
		}
		return nil, fmt.Errorf("looking for `%s` in the cache: %w", kind, err)
	}
	return unpackedSoftware(ctx, kind, dir)
}

// download unpacks a release into <root>/<kind>/root. The caller holds the
// lock of the kind. The rename at the end makes a half unpacked server
// invisible.
func download(ctx context.Context, r release, from archive, root string) error {
	pattern := ".fetch-" + string(r.kind) + "-*"
	if err := removeLeftovers(root, pattern); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(root, pattern)
	if err != nil {
		return fmt.Errorf("creating a folder for the download: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	unpacked, err := unpackPackage(ctx, from, r.suite, r.packageName, tmp)
	if err != nil {
		return err
	}
	// A server that does not even tell its version must not enter the cache.
	sw, err := unpackedSoftware(ctx, r.kind, tmp)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(sw.Version, r.seriesPrefix) {
		return fmt.Errorf("suite `%s` has version %s, which is not `%s`", r.suite, sw.Version, r.kind)
	}
	dir := filepath.Join(root, string(r.kind))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.Rename(unpacked, filepath.Join(dir, "root"))
}

// unpackPackage downloads a package with all that it needs and unpacks it below
// a folder. It returns where.
func unpackPackage(ctx context.Context, from archive, suite, name, folder string) (string, error) {
	conf, err := writeAptState(ctx, folder, from, suite)
	if err != nil {
		return "", err
	}
	if err := run(ctx, conf, "apt-get", "-q", "update"); err != nil {
		return "", err
	}
	if err := run(ctx, conf, "apt-get", "-q", "--yes", "--download-only", "install", name); err != nil {
		return "", err
	}
	unpacked := filepath.Join(folder, "root")
	return unpacked, unpack(ctx, filepath.Join(folder, "cache", "archives"), unpacked)
}

// writeAptState lays out a private apt below dir: an empty dpkg status (so
// that apt resolves the whole closure, libc included), own lists, own cache,
// one source. It returns the path of the configuration file. The machine's own
// settings are kept only as far as they say how to reach a mirror; its hooks
// would clean the package cache of the machine.
func writeAptState(ctx context.Context, dir string, from archive, suite string) (string, error) {
	for _, sub := range []string{"state/lists/partial", "cache/archives/partial", "log", "parts"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(sub)), 0o755); err != nil {
			return "", err
		}
	}
	transport, err := transportSettings(ctx)
	if err != nil {
		return "", err
	}
	keyring := from.signedBy
	if strings.Contains(keyring, "BEGIN PGP") {
		// An embedded key writes its empty lines as a lone dot.
		text := strings.ReplaceAll(keyring+"\n", "\n.\n", "\n\n")
		keyring = filepath.Join(dir, "keyring.asc")
		if err := os.WriteFile(keyring, []byte(strings.TrimSpace(text)+"\n"), 0o644); err != nil {
			return "", err
		}
	}
	settings := []string{
		set("Dir::Etc::sourcelist", filepath.Join(dir, "sources.list")),
		set("Dir::Etc::sourceparts", filepath.Join(dir, "parts")),
		set("Dir::Etc::main", filepath.Join(dir, "no.conf")),
		set("Dir::Etc::parts", filepath.Join(dir, "parts")),
		set("Dir::Etc::preferences", filepath.Join(dir, "no.preferences")),
		set("Dir::Etc::preferencesparts", filepath.Join(dir, "parts")),
		set("Dir::State", filepath.Join(dir, "state")),
		set("Dir::State::status", filepath.Join(dir, "state", "status")),
		set("Dir::Cache", filepath.Join(dir, "cache")),
		set("Dir::Log", filepath.Join(dir, "log")),
		set("Debug::NoLocking", "true"),
		set("APT::Sandbox::User", "root"),
		set("APT::Install-Recommends", "false"),
		set("Acquire::Languages", "none"),
		set("Acquire::Retries", "3"),
	}
	conf := filepath.Join(dir, "apt.conf")
	files := map[string]string{
		filepath.Join(dir, "state", "status"): "",
		filepath.Join(dir, "sources.list"):    fmt.Sprintf("deb [signed-by=%s] %s %s main\n", keyring, from.uri, suite),
		conf:                                  strings.Join(append(settings, transport...), "\n") + "\n",
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return conf, nil
}

func set(name, value string) string { return fmt.Sprintf("%s %q;", name, value) }

// transportSettings returns the settings of the machine's apt about proxies,
// retries and the dates of release files, in the syntax of apt.conf.
func transportSettings(ctx context.Context) ([]string, error) {
	out, err := exec.CommandContext(ctx, "apt-config", "dump").Output()
	if err != nil {
		return nil, fmt.Errorf("running `apt-config dump`: %w", err)
	}
	wanted := []string{"Acquire::http", "Acquire::Retries", "Acquire::ForceIPv", "Acquire::Check-"}
	var settings []string
	for line := range strings.Lines(string(out)) {
		if slices.ContainsFunc(wanted, func(p string) bool { return strings.HasPrefix(line, p) }) {
			settings = append(settings, strings.TrimSpace(line))
		}
	}
	return settings, nil
}

// unpack unpacks every package of a folder into one root folder. It leaves
// out maintainer scripts: dpkg -x only unpacks.
func unpack(ctx context.Context, archives, root string) error {
	packages, err := filepath.Glob(filepath.Join(archives, "*.deb"))
	if err != nil {
		return err
	}
	if len(packages) == 0 {
		return errors.New("apt downloaded no package")
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(4)
	for _, path := range packages {
		group.Go(func() error { return run(ctx, "", "dpkg", "-x", path, root) })
	}
	return group.Wait()
}

// run runs a command and puts the end of what it printed into the error.
func run(ctx context.Context, aptConfig, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	if aptConfig != "" {
		cmd.Env = append(cmd.Env, "APT_CONFIG="+aptConfig)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running `%s %s`: %w\n%s", name, args[0], err, tail(out.String(), 20))
	}
	return nil
}

// tail returns the last n lines of a text.
func tail(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
