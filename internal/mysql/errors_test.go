package mysql_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// predicates are all of them, so that a case also proves which are false.
var predicates = map[string]func(error) bool{
	"IsNoSuchDatabase":       mysql.IsNoSuchDatabase,
	"IsNoSuchTable":          mysql.IsNoSuchTable,
	"IsNoSuchObject":         mysql.IsNoSuchObject,
	"IsDatabaseExists":       mysql.IsDatabaseExists,
	"IsObjectExists":         mysql.IsObjectExists,
	"IsAccessDenied":         mysql.IsAccessDenied,
	"IsBinaryLogDenied":      mysql.IsBinaryLogDenied,
	"IsLockWaitTimeout":      mysql.IsLockWaitTimeout,
	"IsDeadlock":             mysql.IsDeadlock,
	"IsUserLockDeadlock":     mysql.IsUserLockDeadlock,
	"IsConnectionLost":       mysql.IsConnectionLost,
	"IsDuplicateKey":         mysql.IsDuplicateKey,
	"IsNoParentRow":          mysql.IsNoParentRow,
	"IsSyntax":               mysql.IsSyntax,
	"IsTooManyConnections":   mysql.IsTooManyConnections,
	"IsNoSuchThread":         mysql.IsNoSuchThread,
	"IsInterrupted":          mysql.IsInterrupted,
	"IsAlgorithmUnsupported": mysql.IsAlgorithmUnsupported,
}

func checkPredicates(t *testing.T, err error, want ...string) {
	t.Helper()
	if err == nil {
		t.Error("there was no error")
		return
	}
	wrapped := fmt.Errorf("wrapped: %w", err)
	for name, predicate := range predicates {
		expect := false
		for _, w := range want {
			expect = expect || w == name
		}
		if predicate(wrapped) != expect {
			t.Errorf("%s is %v for: %v", name, !expect, err)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		db := s.Prefix + "a"
		s.Exec(t, "CREATE DATABASE "+db, "CREATE TABLE "+db+".t (a INT PRIMARY KEY, b TEXT) ENGINE=InnoDB", "INSERT INTO "+db+".t VALUES (1, 'x')",
			"CREATE TABLE "+db+".child (a INT PRIMARY KEY, b INT, FOREIGN KEY (b) REFERENCES child (a)) ENGINE=InnoDB")
		server := sessiontest.Open(t, sessiontest.Config(s))
		tests := map[string]struct{ sql, want string }{
			"no database":           {"USE no_such_database_", "IsNoSuchDatabase"},
			"no database to drop":   {"DROP DATABASE no_such_database_", "IsNoSuchDatabase"},
			"no table":              {"SELECT 1 FROM " + db + ".no_such", "IsNoSuchTable"},
			"no table to drop":      {"DROP TABLE " + db + ".no_such", "IsNoSuchTable"},
			"no procedure":          {"CALL " + db + ".no_such()", "IsNoSuchObject"},
			"no trigger":            {"DROP TRIGGER " + db + ".no_such", "IsNoSuchObject"},
			"no event":              {"DROP EVENT " + db + ".no_such", "IsNoSuchObject"},
			"no column":             {"SELECT c FROM " + db + ".t", "IsNoSuchObject"},
			"no key":                {"ALTER TABLE " + db + ".t DROP KEY no_such", "IsNoSuchObject"},
			"database exists":       {"CREATE DATABASE " + db, "IsDatabaseExists"},
			"table exists":          {"CREATE TABLE " + db + ".t (a INT)", "IsObjectExists"},
			"column exists":         {"ALTER TABLE " + db + ".t ADD b INT", "IsObjectExists"},
			"duplicate":             {"INSERT INTO " + db + ".t VALUES (1, 'y')", "IsDuplicateKey"},
			"no parent":             {"INSERT INTO " + db + ".child VALUES (1, 2)", "IsNoParentRow"},
			"syntax":                {"SELEC 1", "IsSyntax"},
			"two statements":        {"DO 1; DO 2", "IsSyntax"},
			"no default database":   {"SELECT 1 FROM t", ""},
			"no thread":             {"KILL 4000000000", "IsNoSuchThread"},
			"algorithm":             {"ALTER TABLE " + db + ".t MODIFY a BIGINT, ALGORITHM=INSTANT", "IsAlgorithmUnsupported"},
			"value out of range":    {"INSERT INTO " + db + ".t VALUES (99999999999, 'y')", ""},
			"local file is refused": {"LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE " + db + ".t", ""},
		}
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				_, err := server.Exec(t.Context(), test.sql)
				checkPredicates(t, err, test.want)
			})
		}
		t.Run("locks", func(t *testing.T) {
			t.Parallel()
			lockErrors(t, s, db)
		})
		t.Run("privileges", func(t *testing.T) {
			t.Parallel()
			privilegeErrors(t, s, db)
		})
	})
}

func lockErrors(t *testing.T, s *mysqltest.Server, db string) {
	t.Helper()
	ctx := t.Context()
	cfg := sessiontest.Config(s)
	cfg.LockTimeout = time.Second
	server := sessiontest.Open(t, cfg)
	s.Exec(t, "CREATE TABLE "+db+".l (a INT PRIMARY KEY, b INT) ENGINE=InnoDB", "INSERT INTO "+db+".l VALUES (1, 0), (2, 0)")
	begin := func() *mysql.Tx {
		tx, err := sessiontest.Session(t, server).Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return tx
	}
	update := func(tx *mysql.Tx, a int) error {
		_, err := tx.Exec(ctx, "UPDATE "+db+".l SET b = b + 1 WHERE a = ?", a)
		return err
	}
	one, two := begin(), begin()
	defer one.Rollback()
	defer two.Rollback()
	if err := errors.Join(update(one, 1), update(two, 2)); err != nil {
		t.Fatal(err)
	}
	err := update(two, 1)
	checkPredicates(t, err, "IsLockWaitTimeout")
	if !mysql.IsTransient(err) {
		t.Errorf("not transient: %v", err)
	}
	_, err = server.Exec(ctx, "ALTER TABLE "+db+".l ADD c INT")
	checkPredicates(t, err, "IsLockWaitTimeout")

	first := make(chan error, 1)
	go func() { first <- update(one, 2) }()
	time.Sleep(100 * time.Millisecond)
	second := update(two, 1)
	if err := <-first; err == nil {
		err = second
		checkPredicates(t, err, "IsDeadlock")
	} else {
		checkPredicates(t, err, "IsDeadlock")
	}
}

func privilegeErrors(t *testing.T, s *mysqltest.Server, db string) {
	t.Helper()
	user := s.Prefix + "u"
	s.Exec(t, "CREATE USER "+user+"@'%' IDENTIFIED BY 'Pass_word1' WITH MAX_USER_CONNECTIONS 2")
	cfg := sessiontest.Config(s)
	cfg.Username, cfg.Password, cfg.ConnectTimeout = user, "Pass_word1", time.Second
	server := sessiontest.Open(t, cfg)
	for _, sql := range []string{"CREATE DATABASE x_y_z", "SELECT 1 FROM " + db + ".t", "SET GLOBAL read_only = 1"} {
		_, err := server.Exec(t.Context(), sql)
		checkPredicates(t, err, "IsAccessDenied")
	}
	_, _ = sessiontest.Session(t, server), sessiontest.Session(t, server)
	_, err := server.Session(t.Context())
	checkPredicates(t, err, "IsTooManyConnections")
	var failure *mysql.ConnectError
	if !errors.As(err, &failure) || !strings.HasPrefix(failure.Cause, "the server has no free connection (") {
		t.Errorf("got %v", err)
	}
}

// The server repeats the text near a syntax error; a password may be in it.
func TestErrors_secrets(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		const secret = `p'a\ss"%40w_rd`
		server := sessiontest.Open(t, sessiontest.Config(s))
		escaped := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(secret)
		_, err := server.Exec(t.Context(), "CREATE USER x IDENTIFIED WITH '"+escaped+"' NONSENSE\nOR MORE '"+escaped+"'")
		if got, want := textOf(err), "error 1064: the statement has a syntax error at line 1"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if near := mysql.Near(err); !strings.Contains(near, "NONSENSE") {
			t.Errorf("near is %q", near)
		}
		if got, want := mysql.Message(fmt.Errorf("x: %w", err)), "the statement has a syntax error at line 1"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}

		ctx := mysql.WithSecrets(t.Context(), secret)
		_, err = server.Exec(ctx, "CREATE USER x IDENTIFIED WITH '"+escaped+"' NONSENSE")
		if near := mysql.Near(err); near != "" {
			t.Errorf("near is %q", near)
		}
		_, err = server.Exec(ctx, "SELECT 1 FROM "+mysql.Qualified("mysql", secret))
		if strings.Contains(textOf(err), "a\\ss") || strings.Contains(textOf(err), "w_rd") || !strings.Contains(textOf(err), "***") {
			t.Errorf("got %v", err)
		}
	})
}

func TestRedact(t *testing.T) {
	t.Parallel()
	const secret = `a'b\c d&`
	for name, text := range map[string]string{
		"raw":       secret,
		"URL query": `a%27b%5Cc+d%26`,
		"URL path":  `a%27b%5Cc%20d&`,
		"SQL":       `a\'b\\c d&`,
		"SQL two":   `a''b\\c d&`,
		"SQL three": `a''b\c d&`,
	} {
		if got := mysql.Redact("x "+text+" y", "", secret); got != "x *** y" {
			t.Errorf("%s: got %s", name, got)
		}
	}
	if got := mysql.Redact("x abcdef y abc z", "abc", "abcdef"); got != "x *** y *** z" {
		t.Errorf("a secret that begins with another one: %q", got)
	}
	if got := mysql.Redact("x", ""); got != "x" {
		t.Errorf("got %s", got)
	}
}

func TestMessage_notFromTheServer(t *testing.T) {
	t.Parallel()
	if got := mysql.Message(nil); got != "" {
		t.Errorf("got %s", got)
	}
	if got := mysql.Message(context.Canceled); got != "context canceled" {
		t.Errorf("got %s", got)
	}
	checkPredicates(t, context.Canceled)
}

// TestIsConnectionLost_files does not take an error of the file system for one
// of the network: both are numbers of the system.
func TestIsConnectionLost_files(t *testing.T) {
	t.Parallel()
	_, err := os.Stat(filepath.Join(t.TempDir(), "missing"))
	if err == nil || mysql.IsConnectionLost(err) {
		t.Errorf("%v counts as a lost connection", err)
	}
	if err := os.Rename("missing", filepath.Join(t.TempDir(), "missing")); err == nil || mysql.IsConnectionLost(err) {
		t.Errorf("%v counts as a lost connection", err)
	}
	if err := error(&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}); !mysql.IsConnectionLost(err) {
		t.Errorf("%v does not count as a lost connection", err)
	}
}

// A right that another account lacks is told apart from one that the asking account
// lacks.
func TestIsOthersAccessDenied(t *testing.T) {
	t.Parallel()
	const denied = 1370
	for message, want := range map[string]bool{
		"execute command denied to user 'tenant'@'%' for routine 'a.f'": true,
		"execute command denied to user 'root'@'%' for routine 'a.f'":   false,
		"execute command denied to user ''root''@'%' for routine 'a.f'": true,
		"execute command denied": false,
	} {
		err := fmt.Errorf("making a view: %w", &mysql.ServerError{Number: denied, Message: message})
		if got := mysql.IsOthersAccessDenied(err, "root@%"); got != want {
			t.Errorf("%s: %v", message, got)
		}
	}
	if mysql.IsOthersAccessDenied(&mysql.ServerError{Number: 1064, Message: "near 'tenant'@'%'"}, "root@%") {
		t.Error("a syntax error denies nothing")
	}
}
