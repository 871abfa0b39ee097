package instance

import (
	"bufio"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// MirrorVariable names the environment variable with the URI of a Debian
// mirror. It is for machines whose own apt sources name none, such as Ubuntu.
const MirrorVariable = "LANDLORD_TEST_MIRROR"

// ErrNoMirror says that the apt sources of the machine name no Debian archive.
var ErrNoMirror = errors.New("the apt sources of this machine name no Debian archive; set " + MirrorVariable +
	" to the URI of a Debian mirror")

// ErrNoKeyring says that nothing on the machine can verify the Debian archive.
var ErrNoKeyring = errors.New("this machine has no keyring of the Debian archive; install the package `debian-archive-keyring`")

// aptSource is one entry of the machine's apt sources.
type aptSource struct {
	uris       []string
	suites     []string
	components []string
	signedBy   string // a path, an embedded key, or empty for the keys apt trusts by default
}

// archive is where packages of Debian come from and what verifies them.
type archive struct {
	uri      string
	signedBy string // as in aptSource
}

// findArchive chooses the mirror and the keyring from the configuration of apt
// below etc ("/etc/apt") and the keyrings below share ("/usr/share/keyrings").
func findArchive(etc, share, override string) (archive, error) {
	sources, err := readSources(etc)
	if err != nil {
		return archive{}, err
	}
	chosen := bestArchive(sources)
	if override != "" {
		chosen.uri = override
	}
	if chosen.uri == "" {
		return archive{}, ErrNoMirror
	}
	// The whole keyring goes before the one of the entry: an entry may name the
	// key of one release only, and we also read sid and other releases.
	for _, name := range []string{"debian-archive-keyring.gpg", "debian-archive-keyring.pgp"} {
		if path := filepath.Join(share, name); isFile(path) {
			chosen.signedBy = path
			return chosen, nil
		}
	}
	if chosen.signedBy == "" {
		return archive{}, ErrNoKeyring
	}
	return chosen, nil
}

// bestArchive picks the entry that most looks like the main Debian archive. A
// vendor's own repository can look alike (path `/debian`, suite `bookworm`,
// component `main`), hence the marks instead of a single test.
func bestArchive(sources []aptSource) archive {
	withUpdates := map[string]bool{}
	for _, s := range sources {
		for _, uri := range s.uris {
			if slices.ContainsFunc(s.suites, func(suite string) bool { return strings.HasSuffix(suite, "-updates") }) {
				withUpdates[uri] = true
			}
		}
	}
	var best archive
	bestMarks := 0
	for _, s := range sources {
		for _, uri := range s.uris {
			if marks := archiveMarks(s, uri, withUpdates[uri]); marks > bestMarks {
				best, bestMarks = archive{uri: uri, signedBy: s.signedBy}, marks
			}
		}
	}
	return best
}

func archiveMarks(s aptSource, uri string, hasUpdates bool) int {
	if !slices.Contains(s.components, "main") || !slices.ContainsFunc(s.suites, isDebianSuite) {
		return 0
	}
	marks := 1
	if strings.Contains(s.signedBy, "debian-archive") {
		marks += 4
	}
	if hasUpdates {
		marks += 2
	}
	if u, err := url.Parse(uri); err == nil && strings.TrimSuffix(u.Path, "/") == "/debian" {
		marks++
	}
	return marks
}

// isDebianSuite knows the suites that hold whole releases. Their updates and
// backports name the same archive; the security suites are another one.
func isDebianSuite(suite string) bool {
	suite = strings.TrimSuffix(strings.TrimSuffix(suite, "-updates"), "-backports")
	return slices.Contains([]string{
		"bullseye", "bookworm", "trixie", "forky", "duke", "sid",
		"oldoldstable", "oldstable", "stable", "testing", "unstable",
	}, suite)
}

// readSources reads sources.list and every file of sources.list.d. Files that
// this user may not read are passed over, as apt itself would not use them.
func readSources(etc string) ([]aptSource, error) {
	paths := []string{filepath.Join(etc, "sources.list")}
	entries, err := filepath.Glob(filepath.Join(etc, "sources.list.d", "*"))
	if err != nil {
		return nil, fmt.Errorf("listing the apt sources: %w", err)
	}
	var sources []aptSource
	for _, path := range append(paths, entries...) {
		text, err := os.ReadFile(path)
		switch {
		case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
			continue
		case err != nil:
			return nil, fmt.Errorf("reading the apt sources: %w", err)
		}
		switch filepath.Ext(path) {
		case ".list":
			sources = append(sources, parseOneLine(string(text))...)
		case ".sources":
			sources = append(sources, parseDeb822(string(text))...)
		}
	}
	return sources, nil
}

// parseOneLine reads the format `deb [option=value …] uri suite component…`,
// described in sources.list(5). Lines of source packages are left out.
func parseOneLine(text string) []aptSource {
	var sources []aptSource
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		rest, found := strings.CutPrefix(strings.TrimSpace(line), "deb")
		if !found || rest == "" || !strings.ContainsAny(rest[:1], " \t") {
			continue
		}
		var s aptSource
		rest = strings.TrimSpace(rest)
		if options, after, found := strings.Cut(strings.TrimPrefix(rest, "["), "]"); found && rest[0] == '[' {
			rest = after
			for _, option := range strings.Fields(options) {
				if value, found := strings.CutPrefix(option, "signed-by="); found {
					s.signedBy = value
				}
			}
		}
		fields := strings.Fields(rest)
		if len(fields) < 2 {
			continue
		}
		s.uris, s.suites, s.components = fields[:1], fields[1:2], fields[2:]
		sources = append(sources, s)
	}
	return sources
}

// parseDeb822 reads the format of stanzas of fields, also described in
// sources.list(5). A field goes on in lines that begin with a space; `#`
// begins a comment line and an empty line ends a stanza.
func parseDeb822(text string) []aptSource {
	var sources []aptSource
	fields := map[string]string{}
	last := ""
	flush := func() {
		if s, ok := deb822Source(fields); ok {
			sources = append(sources, s)
		}
		fields, last = map[string]string{}, ""
	}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.TrimSpace(line) == "":
			flush()
		case line[0] == ' ' || line[0] == '\t':
			fields[last] += "\n" + strings.TrimSpace(line)
		default:
			name, value, _ := strings.Cut(line, ":")
			last = strings.ToLower(strings.TrimSpace(name))
			fields[last] = strings.TrimSpace(value)
		}
	}
	flush()
	return sources
}

func deb822Source(fields map[string]string) (aptSource, bool) {
	if !slices.Contains(strings.Fields(fields["types"]), "deb") || strings.EqualFold(fields["enabled"], "no") {
		return aptSource{}, false
	}
	s := aptSource{
		uris:       strings.Fields(fields["uris"]),
		suites:     strings.Fields(fields["suites"]),
		components: strings.Fields(fields["components"]),
		signedBy:   strings.TrimSpace(fields["signed-by"]),
	}
	return s, len(s.uris) > 0
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
