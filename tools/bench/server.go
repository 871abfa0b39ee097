package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// server is a private server and what it counts itself.
type server struct {
	*instance.Instance

	pool *sql.DB
	conn *sql.Conn // of the counting, whose own statements are known
	pid  string    // of its process; empty when it is not to be seen
}

// startServer starts a server that nobody else uses, with the settings that
// its makers ship: every commit is on the disk.
func startServer(ctx context.Context, kind instance.Kind) (*server, error) {
	software, err := instance.Acquire(ctx, kind, os.Stderr)
	if err != nil {
		return nil, err
	}
	i, err := instance.Start(ctx, software, instance.Options{})
	if err != nil {
		return nil, err
	}
	s := &server{Instance: i}
	if err := s.connect(ctx); err != nil {
		_ = s.close()
		return nil, err
	}
	return s, nil
}

func (s *server) connect(ctx context.Context) error {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", s.Endpoint(), s.Username, s.Password
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return fmt.Errorf("preparing a connection: %w", err)
	}
	s.pool = sql.OpenDB(connector)
	if s.conn, err = s.pool.Conn(ctx); err != nil {
		return fmt.Errorf("connecting to the server: %w", err)
	}
	var file string
	if err := s.conn.QueryRowContext(ctx, "SELECT @@pid_file").Scan(&file); err != nil {
		return fmt.Errorf("asking for the process of the server: %w", err)
	}
	if text, err := os.ReadFile(file); err == nil {
		s.pid = strings.TrimSpace(string(text))
	}
	return nil
}

func (s *server) close() error {
	if s.pool != nil {
		_ = s.pool.Close()
	}
	return s.Close()
}

// counters are what the server has counted since it started.
type counters struct {
	statements, fsyncs int64
	cpu                time.Duration
}

// count asks the server. The question is one statement itself.
func (s *server) count(ctx context.Context) (counters, error) {
	var c counters
	rows, err := s.conn.QueryContext(ctx, "SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Innodb_data_fsyncs')")
	if err != nil {
		return c, fmt.Errorf("asking the server for its counters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		var value int64
		if err := rows.Scan(&name, &value); err != nil {
			return c, fmt.Errorf("reading the counters: %w", err)
		}
		if name == "Questions" {
			c.statements = value
		} else {
			c.fsyncs = value
		}
	}
	c.cpu = processTime(s.pid)
	return c, rows.Err()
}

// processTime returns the CPU time of a process where the system shows it.
func processTime(pid string) time.Duration {
	const perSecond = 100 // ticks, on every Linux
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0
	}
	// The name of the program stands in parentheses and may hold anything.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / perSecond
}

// sample is one measurement.
type sample struct {
	wall       time.Duration
	client     time.Duration // CPU time of the program and what it starts
	server     time.Duration // CPU time of the server
	statements int64         // that the server got
	fsyncs     int64         // of InnoDB
}

// measure runs one side.
func (s *server) measure(ctx context.Context, run func() (time.Duration, error)) (sample, error) {
	before, err := s.count(ctx)
	if err != nil {
		return sample{}, err
	}
	start := time.Now()
	client, err := run()
	wall := time.Since(start)
	if err != nil {
		return sample{}, err
	}
	after, err := s.count(ctx)
	return sample{
		wall: wall, client: client, server: after.cpu - before.cpu,
		statements: after.statements - before.statements - 1, fsyncs: after.fsyncs - before.fsyncs,
	}, err
}
