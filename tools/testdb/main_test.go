package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// childVariable makes the test binary the command itself.
const childVariable = "LANDLORD_TESTDB_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(realMain(context.Background(), os.Args[1:]))
	}
	os.Exit(m.Run())
}

// testdb runs the command and returns what it printed and its exit code.
func testdb(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return testdbWith(t, nil, args...)
}

func testdbWith(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), childVariable+"=1", "CI=", "LANDLORD_TEST_KINDS="), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func needServer(t *testing.T, kind instance.Kind) *instance.Software {
	t.Helper()
	mysqltest.Need(t, "a server")
	sw, err := instance.Fetch(t.Context(), kind, os.Stderr)
	if err != nil {
		if os.Getenv("CI") == "" {
			t.Skipf("no server of the kind %s: %v", kind, err)
		}
		t.Fatal(err)
	}
	return sw
}

// killAtEnd leaves no server behind when the test fails half-way.
func killAtEnd(t *testing.T, dir string) {
	t.Cleanup(func() {
		if i, err := instance.Open(dir); err == nil && i != nil {
			_ = i.Kill()
		}
	})
}

func TestStartEnvStatusStop(t *testing.T) {
	t.Parallel()
	needServer(t, instance.MariaDB1011)
	dir := filepath.Join(t.TempDir(), "server")
	killAtEnd(t, dir)
	if _, stderr, code := testdb(t, "status", "--datadir", dir); code != 3 || stderr != "the server is not running\n" {
		t.Errorf("status of no server: %d %q", code, stderr)
	}
	started, stderr, code := testdb(t, "start", "--kind", "mariadb-10.11", "--datadir", dir, "--detach")
	if code != 0 {
		t.Fatalf("start: %d\n%s", code, stderr)
	}
	lines := regexp.MustCompile(`^export LANDLORD_ENDPOINT=127\.0\.0\.1:\d+
export LANDLORD_USERNAME=landlord_admin
export LANDLORD_PASSWORD=[A-Z2-7]{26}
$`)
	if !lines.MatchString(started) {
		t.Errorf("start printed:\n%s", started)
	}
	for _, args := range [][]string{
		{"start", "--kind", "mariadb-10.11", "--datadir", dir, "--detach"}, {"start", "--datadir", dir}, {"env", "--datadir", dir},
	} {
		got, _, code := testdb(t, args...)
		if diff := cmp.Diff(started, got); diff != "" || code != 0 {
			t.Errorf("%v of a running server: %d (-want +got):\n%s", args, code, diff)
		}
	}
	_, password, _ := strings.Cut(strings.TrimSpace(started), "PASSWORD=")
	status, _, code := testdb(t, "status", "--datadir", dir)
	if code != 0 || strings.Contains(status, password) {
		t.Errorf("status of a running server: %d\n%s", code, status)
	}
	if _, stderr, code := testdb(t, "start", "--kind", "mysql-9.7", "--datadir", dir, "--detach"); code != 1 {
		t.Errorf("another kind on the same data: %d %s", code, stderr)
	}
	for range 2 {
		if _, stderr, code := testdb(t, "stop", "--datadir", dir); code != 0 {
			t.Errorf("stop: %d %s", code, stderr)
		}
	}
	if _, _, code := testdb(t, "status", "--datadir", dir); code != 3 {
		t.Errorf("status of a stopped server: %d", code)
	}
	again, stderr, code := testdb(t, "start", "--datadir", dir, "--detach")
	if diff := cmp.Diff(started, again); diff != "" || code != 0 {
		t.Errorf("start of a stopped server: %d %s (-want +got):\n%s", code, stderr, diff)
	}
}

// The program of the machine goes before the download.
func TestStart_programOfTheMachine(t *testing.T) {
	t.Parallel()
	prefix := installed(t, "mysqld", needServer(t, instance.MariaDB1011))
	path := []string{"PATH=" + filepath.Join(prefix, "sbin") + ":" + os.Getenv("PATH")}
	dir := filepath.Join(t.TempDir(), "server")
	killAtEnd(t, dir)
	started, stderr, code := testdbWith(t, path, "start", "--datadir", dir, "--detach")
	if code != 0 {
		t.Fatalf("start: %d\n%s", code, stderr)
	}
	i, err := instance.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Stop(); err != nil {
		t.Fatal(err)
	}
	// It is found again without the PATH of the first time.
	again, stderr, code := testdb(t, "start", "--datadir", dir, "--detach")
	if diff := cmp.Diff(started, again); diff != "" || code != 0 {
		t.Errorf("second start: %d %s (-want +got):\n%s", code, stderr, diff)
	}
	status, _, _ := testdb(t, "status", "--datadir", dir)
	if !strings.HasPrefix(status, "10.11.") {
		t.Errorf("status: %s", status)
	}
}

// A program that does not start, as one that is confined to its own folders,
// gives way to the download.
func TestStart_programThatDoesNotStart(t *testing.T) {
	t.Parallel()
	needServer(t, instance.MySQL97)
	bin := t.TempDir()
	script := "#!/bin/sh\ncase \"$*\" in *--version*) echo 'mysqld  Ver 5.0.96 for Linux';; *) echo refused >&2; exit 1;; esac\n"
	if err := os.WriteFile(filepath.Join(bin, "mysqld"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "server")
	killAtEnd(t, dir)
	if _, stderr, code := testdbWith(t, []string{"PATH=" + bin + ":" + os.Getenv("PATH")}, "start", "--datadir", dir, "--detach"); code != 0 {
		t.Fatalf("start: %d\n%s", code, stderr)
	}
	status, _, _ := testdb(t, "status", "--datadir", dir)
	if !strings.HasPrefix(status, "9.7.") {
		t.Errorf("status: %s", status)
	}
}

// installed lays out a server as an installation has it: a program that needs
// no loader and no flags, and its files beside it.
func installed(t *testing.T, name string, sw *instance.Software) (prefix string) {
	t.Helper()
	usr := filepath.Dir(filepath.Dir(sw.Path))
	loaders, err := filepath.Glob(filepath.Join(filepath.Dir(usr), "lib", "*-linux-gnu", "ld-linux*"))
	if err != nil || len(loaders) != 1 {
		t.Fatalf("loaders %v, error %v", loaders, err)
	}
	prefix = t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\nexec %s --library-path %s:%s %s \"$@\" --basedir=%s --lc-messages-dir=%s --plugin-dir=%s\n",
		loaders[0], filepath.Dir(loaders[0]), filepath.Join(usr, "lib", filepath.Base(filepath.Dir(loaders[0]))), sw.Path,
		usr, filepath.Join(usr, "share", "mysql"), filepath.Join(usr, "lib", "mysql", "plugin"))
	if err := os.Mkdir(filepath.Join(prefix, "sbin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(prefix, "sbin", name), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(usr, "share"), filepath.Join(prefix, "share")); err != nil {
		t.Fatal(err)
	}
	return prefix
}

func TestRun(t *testing.T) {
	t.Parallel()
	needServer(t, instance.MariaDB118)
	stdout, stderr, code := testdb(t, "run", "--kinds", "mariadb-11.8", "--", "sh", "-c", `echo "$LANDLORD_TEST_SERVERS"; exit 7`)
	if code != 7 {
		t.Errorf("exit code %d, want that of the command, 7\n%s", code, stderr)
	}
	list := regexp.MustCompile(`^\[\{"kind":"mariadb-11\.8","endpoint":"127\.0\.0\.1:\d+","socket":"([^"]+)","username":"landlord_admin",` +
		`"password":"[^"]+","log_file":"[^"]+"\}\]\n$`).FindStringSubmatch(stdout)
	if list == nil {
		t.Fatalf("the command saw %s", stdout)
	}
	if _, err := os.Stat(filepath.Dir(list[1])); !os.IsNotExist(err) {
		t.Errorf("the folder of the server is still there: %v", err)
	}
}

// On a laptop the tests run on what there is and the rest is named; on CI
// nothing runs.
func TestRun_missingKind(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		ci         string
		wantOut    string
		wantPrefix string
		wantCode   int
	}{
		"laptop": {"", "ran []\n", "\n*** NOT TESTED on mariadb-11.8: this machine has no `apt-get`", 0},
		"CI":     {"true", "", "testdb: NOT TESTED on mariadb-11.8: this machine has no `apt-get`", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bin := t.TempDir() // neither apt nor docker
			env := []string{"PATH=" + bin, "XDG_CACHE_HOME=" + t.TempDir(), "CI=" + tc.ci}
			stdout, stderr, code := testdbWith(t, env, "run", "--kinds", "mariadb-11.8", "--", "/bin/sh", "-c", `echo "ran $LANDLORD_TEST_SERVERS"`)
			if stdout != tc.wantOut || !strings.HasPrefix(stderr, tc.wantPrefix) || code != tc.wantCode {
				t.Errorf("exit code %d, printed %q and %q", code, stdout, stderr)
			}
		})
	}
}

func TestRealMain_wrongCommandLine(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"nothing": {}, "unknown": {"destroy"}, "no folder": {"start"}, "no folder to stop": {"stop"}, "nothing to run": {"run"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, stderr, code := testdb(t, args...); code != 2 || stderr != usage {
				t.Errorf("exit code %d, want 2; printed:\n%s", code, stderr)
			}
		})
	}
}
