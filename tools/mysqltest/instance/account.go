package instance

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// silent keeps the driver from writing its complaints about a server that is
// not up yet to the standard error.
type silent struct{}

func (silent) Print(...any) {}

// newPassword returns a password that needs no quoting in SQL or in a shell.
func newPassword() string { return rand.Text() }

// openSocket returns a pool of one connection as root over the Unix socket.
func openSocket(socket string) (*sql.DB, error) {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User = "unix", socket, "root"
	cfg.Timeout, cfg.ReadTimeout, cfg.WriteTimeout = 5*time.Second, 30*time.Second, 30*time.Second
	cfg.Logger = silent{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("preparing a connection to the socket: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	return db, nil
}

// ensureAdministrator gives the account all privileges and that password,
// creating it when it is not there. The server listens on the loopback address
// only, so the account may come from any host; that includes the socket. It is the
// server's own: no other member of a group is told.
func ensureAdministrator(ctx context.Context, db *sql.DB, username, password string) error {
	account := quote(username) + "@'%'"
	statements := []string{
		"SET SESSION sql_log_bin = OFF",
		"CREATE USER IF NOT EXISTS " + account + " IDENTIFIED BY " + quote(password),
		"ALTER USER " + account + " IDENTIFIED BY " + quote(password),
		"GRANT ALL PRIVILEGES ON *.* TO " + account + " WITH GRANT OPTION",
	}
	writable, restore, err := makeWritable(ctx, db)
	if err != nil {
		return err
	}
	statements = append(append(writable, statements...), restore...)
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("creating the administrator account `%s`: %w", username, err)
		}
	}
	return nil
}

// makeWritable returns what to do before and after creating an account on a
// server started with super_read_only, which refuses even root. MariaDB has no
// such variable and lets root write; a member of Galera does so to itself alone, before
// it has found the others too.
func makeWritable(ctx context.Context, db *sql.DB) (before, after []string, err error) {
	rows, err := db.QueryContext(ctx, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('super_read_only', 'wsrep_on')")
	if err != nil {
		return nil, nil, fmt.Errorf("asking whether the server is read-only: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, nil, fmt.Errorf("asking whether the server is read-only: %w", err)
		}
		switch {
		case !strings.EqualFold(value, "ON"):
		case strings.EqualFold(name, "wsrep_on"):
			before = append(before, "SET SESSION wsrep_on = OFF")
		default:
			before = []string{"SET GLOBAL super_read_only = OFF", "SET GLOBAL read_only = OFF"}
			after = []string{"SET GLOBAL super_read_only = ON"}
		}
	}
	return before, after, rows.Err()
}

// quote quotes a string literal. Account statements take no placeholders.
func quote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(text) + "'"
}
