package instance_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// childVariable makes the test binary a program that starts a server and waits
// to be killed.
const childVariable = "LANDLORD_INSTANCE_TEST_CHILD"

func TestMain(m *testing.M) {
	if kind := os.Getenv(childVariable); kind != "" {
		serveUntilKilled(instance.Kind(kind))
	}
	os.Exit(m.Run())
}

func serveUntilKilled(kind instance.Kind) {
	ctx := context.Background()
	sw, err := instance.Fetch(ctx, kind, nil)
	if err == nil {
		var i *instance.Instance
		if i, err = instance.Start(ctx, sw, instance.Options{Dir: os.Args[len(os.Args)-1]}); err == nil {
			fmt.Println(i.Endpoint())
			select {}
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

func fetch(t *testing.T, kind instance.Kind) *instance.Software {
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

func start(t *testing.T, kind instance.Kind, o instance.Options) *instance.Instance {
	t.Helper()
	i, err := instance.Start(t.Context(), fetch(t, kind), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	})
	return i
}

// ask runs statements as the administrator over TCP and returns the first
// column of the last one.
func ask(t *testing.T, i *instance.Instance, statements ...string) string {
	t.Helper()
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", i.Endpoint(), i.Username, i.Password
	db, err := sql.Open("mysql", cfg.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	last := len(statements) - 1
	for _, statement := range statements[:last] {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
	var answer string
	if err := db.QueryRowContext(t.Context(), statements[last]).Scan(&answer); err != nil {
		t.Fatalf("%v\n%s", err, statements[last])
	}
	return answer
}

func TestStart_killAndRestart(t *testing.T) {
	t.Parallel()
	for _, kind := range instance.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			i := start(t, kind, instance.Options{Args: []string{"--event-scheduler=ON"}})
			endpoint := i.Endpoint()
			// The crash tests rely on servers that are as durable as by default.
			if got, want := ask(t, i, "SELECT CONCAT_WS(',', @@innodb_flush_log_at_trx_commit, @@sync_binlog, @@bind_address)"), durable(kind); got != want {
				t.Errorf("settings %s, want %s", got, want)
			}
			got := []string{ask(t, i, "CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY)", "INSERT INTO d.t VALUES (7)",
				"SELECT @@event_scheduler")}
			if err := i.Kill(); err != nil {
				t.Fatal(err)
			}
			if i.Running() {
				t.Error("the server runs after Kill")
			}
			if err := i.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			got = append(got, ask(t, i, "SELECT id FROM d.t"), ask(t, i, "SELECT @@event_scheduler"), i.Endpoint())
			if err := i.Stop(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"ON", "7", "ON", endpoint}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			log, err := os.ReadFile(i.LogFile)
			if err != nil {
				t.Fatal(err)
			}
			// Stop ends the server in order, Kill does not.
			if ends := strings.Count(string(log), ": Shutdown complete"); ends != 1 {
				t.Errorf("%d orderly ends in the log, want 1", ends)
			}
		})
	}
}

// durable returns the defaults of the products, which differ in sync_binlog
// (MariaDB writes no binary log by default).
func durable(kind instance.Kind) string {
	if kind.IsMariaDB() {
		return "1,0,127.0.0.1"
	}
	return "1,1,127.0.0.1"
}

// A replica to be: read-only from the start, and not the same server as another.
func TestStart_readOnlyBesideAnother(t *testing.T) {
	t.Parallel()
	a := start(t, instance.MySQL97, instance.Options{Args: []string{"--super-read-only=ON"}})
	if got := ask(t, a, "SELECT CONCAT(@@super_read_only, @@read_only)"); got != "11" {
		t.Errorf("got %s, want 11", got)
	}
	b := start(t, instance.MySQL97, instance.Options{})
	if ask(t, a, "SELECT @@server_uuid") == ask(t, b, "SELECT @@server_uuid") {
		t.Error("two servers have the same server_uuid")
	}
}

func TestStart_longPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	i := start(t, instance.MariaDB118, instance.Options{Dir: dir})
	if len(i.Socket) > 100 {
		t.Errorf("the socket path has %d characters", len(i.Socket))
	}
	if got := ask(t, i, "SELECT 1"); got != "1" {
		t.Errorf("got %s", got)
	}
	socketDir := filepath.Dir(i.Socket)
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(socketDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of the socket is still there: %v", err)
	}
	if _, err := os.Stat(i.DataDir); err != nil {
		t.Errorf("Close removed the folder that Options named: %v", err)
	}
}

func TestStart_errorHasTheLog(t *testing.T) {
	t.Parallel()
	for _, kind := range instance.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, err := instance.Start(t.Context(), fetch(t, kind), instance.Options{Dir: dir, Args: []string{"--no-such-flag"}})
			if err == nil {
				t.Fatal("the server started")
			}
			if !strings.Contains(err.Error(), "the server ended while starting") || !strings.Contains(err.Error(), "no-such-flag") {
				t.Errorf("the error does not tell the cause:\n%v", err)
			}
			left, err := os.ReadDir(filepath.Join(dir, "data"))
			if err != nil || len(left) > 0 {
				t.Errorf("the data folder keeps %d entries, error %v", len(left), err)
			}
		})
	}
}

func TestStart_brokenOffCopy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, path := range []string{"data/landlord-incomplete", "data/mysql/half", "data/ibdata1"} {
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	i := start(t, instance.MariaDB1011, instance.Options{Dir: dir})
	if got := ask(t, i, "SELECT 1"); got != "1" {
		t.Errorf("got %s", got)
	}
}

func TestStart_diesWithItsParent(t *testing.T) {
	t.Parallel()
	kind := instance.MariaDB118
	fetch(t, kind)
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], dir)
	child.Env = append(os.Environ(), childVariable+"="+string(kind))
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	i, err := instance.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(line); got != i.Endpoint() || !i.Running() {
		t.Fatalf("the child said %q, Open found %s, running %t", got, i.Endpoint(), i.Running())
	}
	if err := child.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	for deadline := time.Now().Add(20 * time.Second); i.Running(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = i.Kill()
			t.Fatal("the server outlived the process that started it")
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if i, err := instance.Open(dir); i != nil || err != nil {
		t.Fatalf("an empty folder gave %v, %v", i, err)
	}
	first := start(t, instance.MariaDB1011, instance.Options{Dir: dir, Detached: true, Args: []string{"--event-scheduler=ON"}})
	second, err := instance.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{second.Running(), second.Kind, second.Endpoint(), second.Socket, second.Username, second.Password, second.LogFile}
	want := []any{true, first.Kind, first.Endpoint(), first.Socket, first.Username, first.Password, first.LogFile}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := second.Stop(); err != nil {
		t.Fatal(err)
	}
	// The parent learns of the end when it has reaped the process.
	for deadline := time.Now().Add(10 * time.Second); first.Running() && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if first.Running() || second.Running() {
		t.Error("the server runs after Stop")
	}
	third, err := instance.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if third.Running() {
		t.Error("a stopped server is said to run")
	}
	if err := third.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = third.Kill() })
	if got := ask(t, third, "SELECT @@event_scheduler"); got != "ON" || third.Endpoint() != first.Endpoint() {
		t.Errorf("got %s at %s, want ON at %s", got, third.Endpoint(), first.Endpoint())
	}
	for _, path := range []string{filepath.Join(dir, "instance.json"), third.LogFile} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %o, want 600", filepath.Base(path), got)
		}
	}
}

func TestParseKind(t *testing.T) {
	t.Parallel()
	_, err := instance.ParseKind("mysql-5.5")
	want := "there is no server kind `mysql-5.5`: choose one of `mysql-9.7`, `mariadb-10.11`, `mariadb-11.8`"
	if err == nil || err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
}
