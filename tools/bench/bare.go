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
	Statements []string // for each of them
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
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", job.Endpoint, job.Username, job.Password
	cfg.Collation = "utf8mb4_unicode_ci"
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return fmt.Errorf("preparing the connections: %w", err)
	}
	pool := sql.OpenDB(connector)
	defer func() { _ = pool.Close() }()

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

// sendBare sends everything for one database over one connection.
func sendBare(ctx context.Context, pool *sql.DB, job bareJob, database string) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer func() { _ = conn.Close() }()
	statements := []string{"USE " + quote(database)}
	if job.Create {
		statements = append([]string{"CREATE DATABASE " + quote(database) + " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"}, statements...)
	}
	for _, statement := range append(statements, job.Statements...) {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("sending to database `%s`: %w\n%s", database, err, statement)
		}
	}
	return nil
}

func quote(name string) string { return "`" + name + "`" }
