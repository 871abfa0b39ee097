// Command sqltable runs queries on the server that LANDLORD_ENDPOINT names and
// prints each result as a table. The demonstration shows with it what
// Terraform made, without a client program on the machine.
package main

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// deadline ends a run whose server does not answer.
const deadline = 30 * time.Second

func main() {
	if err := run(context.Background(), os.Getenv, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sqltable:", err)
		os.Exit(1)
	}
}

// run prints the results of the queries, an empty line between two of them.
func run(ctx context.Context, getenv func(string) string, queries []string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	server, err := mysql.Open(config(getenv))
	if err != nil {
		return fmt.Errorf("reading the environment: %w", err)
	}
	defer func() { _ = server.Close() }()
	for n, query := range queries {
		if n > 0 {
			_, _ = fmt.Fprintln(out)
		}
		if err := printQuery(ctx, server, query, out); err != nil {
			return err
		}
	}
	return nil
}

// config reads the variables that the provider reads, with its defaults.
func config(getenv func(string) string) mysql.Config {
	return mysql.Config{
		Endpoint: cmp.Or(getenv("LANDLORD_ENDPOINT"), "127.0.0.1:3306"),
		Username: cmp.Or(getenv("LANDLORD_USERNAME"), "root"),
		Password: getenv("LANDLORD_PASSWORD"),
		TLS: mysql.TLS{
			Mode:       mysql.TLSMode(getenv("LANDLORD_TLS_MODE")),
			CAFile:     getenv("LANDLORD_TLS_CA_FILE"),
			CertFile:   getenv("LANDLORD_TLS_CERT_FILE"),
			KeyFile:    getenv("LANDLORD_TLS_KEY_FILE"),
			ServerName: getenv("LANDLORD_TLS_SERVER_NAME"),
		},
		MaxConnections: 1,
	}
}

func printQuery(ctx context.Context, server *mysql.Server, query string, out io.Writer) error {
	rows, err := server.Query(ctx, query)
	if err != nil {
		return fmt.Errorf("running a query: %w", err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return fmt.Errorf("reading the columns: %w", err)
	}
	values := make([]sql.NullString, len(columns))
	targets := make([]any, len(columns))
	for n := range values {
		targets[n] = &values[n]
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	writeLine(table, columns)
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return fmt.Errorf("reading a row: %w", err)
		}
		cells := make([]string, len(values))
		for n, v := range values {
			cells[n] = "-"
			if v.Valid {
				cells[n] = v.String
			}
		}
		writeLine(table, cells)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the rows: %w", err)
	}
	return table.Flush()
}

// writeLine writes one line of the table, indented and without blanks at its end.
func writeLine(w io.Writer, cells []string) {
	_, _ = fmt.Fprintln(w, "  "+strings.Join(cells, "\t"))
}
