package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysqltest/instance"
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
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), childVariable+"=1", "CI=", "LANDLORD_TEST_KINDS=")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func needServer(t *testing.T, kind instance.Kind) {
	t.Helper()
	if _, err := instance.Fetch(t.Context(), kind, os.Stderr); err != nil {
		if os.Getenv("CI") == "" {
			t.Skipf("no server of the kind %s: %v", kind, err)
		}
		t.Fatal(err)
	}
}

func TestStartEnvStatusStop(t *testing.T) {
	t.Parallel()
	needServer(t, instance.MariaDB1011)
	dir := filepath.Join(t.TempDir(), "server")
	t.Cleanup(func() {
		if i, err := instance.Open(context.Background(), dir); err == nil && i != nil {
			_ = i.Kill()
		}
	})
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
