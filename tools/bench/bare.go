package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
)

// bareCommand makes this program the other side: it sends SQL and does nothing
// else. It is a process of its own, as Terraform is.
const bareCommand = "bare"

// bareConnections is how many connections the other side sends over: as many
// as the provider opens by default.
const bareConnections = 4

// bareJob is what the other side is to do, as JSON on its standard input.
type bareJob struct {
	Endpoint, Username, Password string

	Databases  []string
	Create     bool     // make the databases first
	Accounts   bool     // send as an account that is made for one database, and dropped
	Statements []string // for each of them
	Read       string   // prefix of the databases whose structure is read; empty: nothing is
}

// runBare runs the other side and returns the CPU time that it took.
func runBare(ctx context.Context, job bareJob) (time.Duration, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("finding this program: %w", err)
	}
	input, err := json.Marshal(job)
	if err != nil {
		return 0, fmt.Errorf("writing the job: %w", err)
	}
	command := exec.CommandContext(ctx, self, bareCommand)
	command.Stdin = bytes.NewReader(input)
	if out, err := command.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("sending bare SQL: %w: %s", err, out)
	}
	return command.ProcessState.UserTime() + command.ProcessState.SystemTime(), nil
}

// serveBare is the other side.
func serveBare(ctx context.Context, in io.Reader) error {
	var job bareJob
	if err := json.NewDecoder(in).Decode(&job); err != nil {
		return fmt.Errorf("reading the job: %w", err)
	}
	pool, err := openBare(job)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	if job.Read != "" {
		return readBare(ctx, pool, job.Read)
	}

	work := make(chan string)
	errs := make([]error, bareConnections)
	var group sync.WaitGroup
	for n := range bareConnections {
		group.Go(func() {
			for database := range work {
				if errs[n] == nil {
					errs[n] = sendBare(ctx, pool, job, database)
				}
			}
		})
	}
	for _, database := range job.Databases {
		work <- database
	}
	close(work)
	group.Wait()
	return errors.Join(errs...)
}

// openBare makes the connections of an account.
func openBare(job bareJob) (*sql.DB, error) {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", job.Endpoint, job.Username, job.Password
	cfg.Collation, cfg.InterpolateParams = "utf8mb4_unicode_ci", true
	cfg.TLSConfig = "preferred" // as the provider does
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("preparing the connections: %w", err)
	}
	return sql.OpenDB(connector), nil
}

// sendBare sends everything for one database over one connection.
func sendBare(ctx context.Context, pool *sql.DB, job bareJob, database string) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer func() { _ = conn.Close() }()
	send := func(conn *sql.Conn, statements ...string) error {
		for _, statement := range statements {
			if _, err := conn.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("sending to database `%s`: %w\n%s", database, err, statement)
			}
		}
		return nil
	}
	if job.Create {
		if err := send(conn, "CREATE DATABASE "+quote(database)+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"); err != nil {
			return err
		}
	}
	statements := append([]string{"USE " + quote(database)}, job.Statements...)
	if !job.Accounts {
		return send(conn, statements...)
	}
	account := "'" + database + "'@'%'"
	if err := send(conn, "CREATE USER "+account+" IDENTIFIED BY 'Bench_1 "+database+"'", "GRANT ALL PRIVILEGES ON "+quote(strings.ReplaceAll(database, "_", `\_`))+".* TO "+account); err != nil {
		return err
	}
	err = sendAs(ctx, job, database, func(own *sql.Conn) error { return send(own, statements...) })
	return errors.Join(err, send(conn, "DROP USER "+account))
}

// sendAs sends over a connection of the account that was made for a database.
func sendAs(ctx context.Context, job bareJob, database string, send func(*sql.Conn) error) error {
	job.Username, job.Password = database, "Bench_1 "+database
	pool, err := openBare(job)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connecting as the account of a database: %w", err)
	}
	defer func() { _ = conn.Close() }()
	return send(conn)
}

// readBare reads the structure of all databases with a prefix, as a program would
// that compares them.
func readBare(ctx context.Context, pool *sql.DB, prefix string) error {
	for _, query := range []string{
		"SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE ?",
		"SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION, TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA LIKE ?",
		"SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLLATION_NAME, COLUMN_COMMENT FROM information_schema.COLUMNS WHERE TABLE_SCHEMA LIKE ?",
		"SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, SEQ_IN_INDEX, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS WHERE TABLE_SCHEMA LIKE ?",
		"SELECT TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA LIKE ?",
	} {
		if err := readRows(ctx, pool, query, strings.ReplaceAll(prefix, "_", `\_`)+"%"); err != nil {
			return err
		}
	}
	return nil
}

func readRows(ctx context.Context, pool *sql.DB, query, like string) error {
	rows, err := pool.QueryContext(ctx, query, like)
	if err != nil {
		return fmt.Errorf("reading the structure of databases: %w", err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return fmt.Errorf("reading the structure of databases: %w", err)
	}
	values := make([]any, len(columns))
	for n := range values {
		values[n] = &sql.RawBytes{}
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			return fmt.Errorf("reading the structure of databases: %w", err)
		}
	}
	return rows.Err()
}

func quote(name string) string { return "`" + name + "`" }
