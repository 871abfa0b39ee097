package mysqltest

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Recording is what one account sends to a server, taken from the general log
// of the server: exact, in order, and with the texts. The server blots out
// passwords in statements about accounts.
type Recording struct {
	Username string // an account of its own with all privileges
	Password string

	server *Server
	marker *sql.Conn
	skip   int // how many entries Reset has put behind us
}

// logLock serializes switching the general log among all test processes.
const logLock = "landlord_test_general_log"

// Record creates an account and records what it sends until the test ends. The
// general log of the server is on, in a table, while any test records.
func (s *Server) Record(t testing.TB) *Recording {
	t.Helper()
	s.recordings++
	r := &Recording{
		Username: fmt.Sprintf("%srec%d", s.Prefix, s.recordings), Password: "Recorded_1", server: s,
	}
	account := QuoteName(r.Username) + "@'%'"
	s.Exec(t,
		"CREATE USER "+account+" IDENTIFIED BY '"+r.Password+"'",
		"GRANT ALL PRIVILEGES ON *.* TO "+account+" WITH GRANT OPTION",
	)
	if err := r.start(t); err != nil {
		t.Fatalf("switching the general log of %s on: %v", s.Kind, err)
	}
	return r
}

// start opens a connection that marks the recording for other test processes:
// it ends with the process, so a killed test cannot leave a mark behind.
func (r *Recording) start(t testing.TB) error {
	pool := r.server.Open(t, r.Username, r.Password, "")
	marker, err := pool.Conn(t.Context())
	if err != nil {
		return err
	}
	r.marker = marker
	err = r.server.withLogLock(t.Context(), func(conn *sql.Conn) error {
		for _, statement := range []string{"SET GLOBAL log_output = 'TABLE'", "SET GLOBAL general_log = ON"} {
			if _, err := conn.ExecContext(t.Context(), statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("switching the general log of %s off: %v", r.server.Kind, err)
		}
	})
	return nil
}

// stop switches the log off and empties it, unless others record.
func (r *Recording) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	_ = r.marker.Close()
	return r.server.withLogLock(ctx, func(conn *sql.Conn) error {
		others, err := r.server.othersRecord(ctx, r.Username)
		if err != nil || others {
			return err
		}
		for _, statement := range []string{
			"SET GLOBAL general_log = OFF", "SET GLOBAL log_output = 'FILE'", "TRUNCATE TABLE mysql.general_log",
		} {
			if _, err := conn.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Server) othersRecord(ctx context.Context, self string) (bool, error) {
	// SHOW, because the two products keep this list in different tables.
	list, err := queryRows(ctx, s.db, "SHOW PROCESSLIST")
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(list, func(row []string) bool {
		return row[1] != self && strings.HasPrefix(row[1], "t") && strings.Contains(row[1], "_rec")
	}), nil
}

func (s *Server) withLogLock(ctx context.Context, do func(*sql.Conn) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	var got sql.NullInt64
	if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK('"+logLock+"', 60)").Scan(&got); err != nil {
		return err
	}
	if got.Int64 != 1 {
		return fmt.Errorf("the lock `%s` is held by another test", logLock)
	}
	defer func() { _, _ = conn.ExecContext(ctx, "DO RELEASE_LOCK('"+logLock+"')") }()
	return do(conn)
}

// Statements returns the texts that the account sent since the last Reset, in
// order, over all its connections. A prepared statement appears when it is
// executed, with its values; preparing, selecting a database and connecting do
// not.
func (r *Recording) Statements(t testing.TB) []string {
	t.Helper()
	return r.all(t)[r.skip:]
}

// Count returns the number of statements since the last Reset.
func (r *Recording) Count(t testing.TB) int {
	t.Helper()
	return len(r.Statements(t))
}

// Reset forgets what was recorded so far.
func (r *Recording) Reset(t testing.TB) {
	t.Helper()
	r.skip = len(r.all(t))
}

func (r *Recording) all(t testing.TB) []string {
	t.Helper()
	// No ORDER BY: the table is a file that grows at its end, and its time
	// stamps are too coarse to sort by.
	rows := r.server.QueryRows(t, "SELECT argument FROM mysql.general_log"+
		" WHERE command_type IN ('Query', 'Execute') AND user_host"+likes, likePrefix(r.Username+"["+r.Username+"]"))
	statements := make([]string, len(rows))
	for n, row := range rows {
		statements[n] = row[0]
	}
	return statements
}
