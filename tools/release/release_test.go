// Package release_test holds the tests of what is given away: that the same source
// gives the same bytes, and that an archive installs and works.
package release_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// most is the size that the binary must not reach, in bytes.
const most = 60 << 20

func TestMain(m *testing.M) { mysqltest.Run(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, directory string, environment []string, program string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Dir, command.Env = directory, environment
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(arguments, " "), err, out)
	}
	return string(out)
}

// flags are those of .goreleaser.yml.
func flags(t *testing.T, version string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", ".goreleaser.yml"))
	must(t, err)
	list := func(key string) []string {
		block := regexp.MustCompile(`(?m)^    ` + key + `:\n((?:      - .*\n)+)`).FindSubmatch(text)
		if block == nil {
			t.Fatalf(".goreleaser.yml has no %s", key)
		}
		var items []string
		for _, line := range strings.Split(strings.TrimSpace(string(block[1])), "\n") {
			items = append(items, strings.TrimPrefix(strings.TrimSpace(line), "- "))
		}
		return items
	}
	link := strings.ReplaceAll(strings.Join(list("ldflags"), " "), "{{ .Version }}", version)
	return append(list("flags"), "-ldflags", link)
}

// source copies the source of the working tree into a folder, without git.
func source(t *testing.T, to string) {
	t.Helper()
	names := run(t, filepath.Join("..", ".."), os.Environ(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.go", "go.mod", "go.sum", "*.sql", "internal")
	for _, name := range strings.Split(strings.TrimRight(names, "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if os.IsNotExist(err) {
			continue // removed and not committed yet
		}
		must(t, err)
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755))
		must(t, os.WriteFile(filepath.Join(to, name), text, 0o600))
	}
}

// TestReproducible builds twice as a release does, from two folders of unlike
// names and lengths. `make reproducible` gives each its own empty cache: minutes;
// otherwise what the compiler made is shared, and linked twice.
func TestReproducible(t *testing.T) {
	t.Parallel()
	mysqltest.Need(t, "two builds of the provider")
	cold := os.Getenv("LANDLORD_TEST_COLD") != ""
	build := func(folder string) []byte {
		directory := filepath.Join(t.TempDir(), folder)
		source(t, directory)
		binary := filepath.Join(t.TempDir(), "provider")
		environment := append(os.Environ(), "CGO_ENABLED=0")
		if cold {
			environment = append(environment, "GOCACHE="+t.TempDir())
		}
		run(t, directory, environment, "go", append(append([]string{"build"}, flags(t, "1.2.3")...), "-o", binary, ".")...)
		if got := run(t, directory, os.Environ(), binary, "-version"); got != "1.2.3\n" {
			t.Errorf("the version of the binary is %q", got)
		}
		content, err := os.ReadFile(binary)
		must(t, err)
		return content
	}
	first, second := build("one"), build(filepath.Join("another", "and deeper"))
	if !bytes.Equal(first, second) {
		t.Errorf("two builds of %d and %d bytes differ", len(first), len(second))
	}
	if len(first) >= most {
		t.Errorf("the binary has %d bytes, of %d at most", len(first), most)
	}
	t.Logf("%d bytes (%.1f MiB), sha256 %x", len(first), float64(len(first))/(1<<20), sha256.Sum256(first))
}

// dist is the folder that `make snapshot` has filled.
func dist(t *testing.T) string {
	t.Helper()
	mysqltest.Need(t, "Terraform")
	folder := os.Getenv("LANDLORD_TEST_DIST")
	if folder == "" {
		t.Skip("`make snapshot-test` builds what this test installs")
	}
	return folder
}

// checksums compares every file that the list of checksums names, and returns
// their names.
func checksums(t *testing.T, folder, list string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, list))
	must(t, err)
	var names []string
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		want, name, _ := strings.Cut(line, "  ")
		names = append(names, name)
		content, err := os.ReadFile(filepath.Join(folder, name))
		if strings.HasSuffix(name, "_manifest.json") {
			content, err = os.ReadFile(filepath.Join("..", "..", "terraform-registry-manifest.json"))
		}
		must(t, err)
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
			t.Errorf("the checksum of %s is not that of the list", name)
		}
	}
	return names
}

// TestSnapshot installs the provider from the archive of a release, as from a
// mirror that a company keeps, and goes the way of the quick start.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	folder := dist(t)
	archives, err := filepath.Glob(filepath.Join(folder, "*_"+runtime.GOOS+"_"+runtime.GOARCH+".zip"))
	must(t, err)
	if len(archives) != 1 {
		t.Fatalf("archives for this machine: %q", archives)
	}
	archive := filepath.Base(archives[0])
	version := strings.Split(strings.TrimPrefix(archive, "terraform-provider-landlord_"), "_")[0]
	prefix := "terraform-provider-landlord_" + version
	platform := runtime.GOOS + "_" + runtime.GOARCH
	names := strings.Join(checksums(t, folder, prefix+"_SHA256SUMS"), " ")
	for _, name := range []string{archive, prefix + "_manifest.json", prefix + "_" + platform + ".cdx.json"} {
		if !strings.Contains(names, name) {
			t.Errorf("the list of checksums has no %s: %s", name, names)
		}
	}
	checkArchive(t, archives[0], "terraform-provider-landlord_v"+version)
	checkBill(t, filepath.Join(folder, prefix+"_"+platform+".cdx.json"))
	quickStart(t, archives[0], version)
}

// checkArchive sees that an archive holds the binary and nothing else.
func checkArchive(t *testing.T, path, binary string) {
	t.Helper()
	archive, err := zip.OpenReader(path)
	must(t, err)
	defer func() { must(t, archive.Close()) }()
	if len(archive.File) != 1 || archive.File[0].Name != binary || archive.File[0].Mode().Perm() != 0o755 {
		t.Errorf("the archive holds %v, not %s alone", archive.File, binary)
	}
	if size := archive.File[0].UncompressedSize64; size >= most {
		t.Errorf("the binary has %d bytes, of %d at most", size, most)
	}
}

// checkBill sees that the bill of materials names what go.mod requires.
func checkBill(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	var bill struct {
		BOMFormat  string
		Components []struct{ Name, Version string }
	}
	must(t, json.Unmarshal(text, &bill))
	versions := map[string]string{}
	for _, c := range bill.Components {
		versions[c.Name] = c.Version
	}
	module, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	must(t, err)
	for _, name := range []string{"vitess.io/vitess", "github.com/go-sql-driver/mysql", "github.com/hashicorp/terraform-plugin-framework"} {
		if versions[name] == "" || !strings.Contains(string(module), name+" "+versions[name]+"\n") {
			t.Errorf("the bill of materials (%s) has version %q of %s", bill.BOMFormat, versions[name], name)
		}
	}
}

// quickStart installs from an archive and applies examples/quickstart.
func quickStart(t *testing.T, archive, version string) {
	t.Helper()
	s := mysqltest.One(t)
	mirror, work := t.TempDir(), t.TempDir()
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		place := filepath.Join(mirror, host, "landlord-db", "landlord")
		must(t, os.MkdirAll(place, 0o755))
		must(t, os.Link(archive, filepath.Join(place, filepath.Base(archive))))
	}
	must(t, os.CopyFS(work, os.DirFS(filepath.Join("..", "..", "examples", "quickstart"))))
	settings := filepath.Join(mirror, "terraform.rc")
	must(t, os.WriteFile(settings, fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror), 0o600))
	environment := append(os.Environ(), "TF_CLI_CONFIG_FILE="+settings, "TF_IN_AUTOMATION=1",
		"LANDLORD_ENDPOINT="+s.Endpoint(), "LANDLORD_USERNAME="+s.Username, "LANDLORD_PASSWORD="+s.Password,
		"LANDLORD_DATABASE="+s.LandlordDatabase, "LANDLORD_DATABASE_PREFIX="+s.Prefix)
	core := os.Getenv("TF_ACC_TERRAFORM_PATH")
	terraform := func(arguments ...string) string {
		return run(t, work, environment, core, append(arguments, "-no-color")...)
	}
	if out := terraform("init"); !strings.Contains(out, "landlord-db/landlord v"+version) {
		t.Errorf("init did not install version %s: %s", version, out)
	}
	if out := terraform("apply", "-auto-approve"); !strings.Contains(out, "Apply complete! Resources: 6 added, 0 changed, 0 destroyed.") {
		t.Errorf("the quick start ends with: %s", out)
	}
	terraform("plan", "-detailed-exitcode")
	databases := s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (?, ?, ?, ?)",
		s.Prefix+"bakery", s.Prefix+"bookstore", s.Prefix+"florist", s.Prefix+"rowing_club")
	if databases[0][0] != "4" {
		t.Errorf("%s of 4 databases are there", databases[0][0])
	}
	terraform("apply", "-auto-approve", "-var", "disposable=true")
	terraform("destroy", "-auto-approve", "-var", "disposable=true")
}
