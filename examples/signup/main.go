// Command signup gives a tenant that a fleet keeps ready to a new customer, and
// says where the tenant of a customer is.
//
//	signup SLUG                    where is the tenant?
//	signup SLUG NAME [KEY=VALUE]…  a new customer
//
// The environment variable SIGNUP_DSN says how to log in, as Go's MySQL driver
// reads it, with the landlord database as the default one.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// A Tenant is where the data of a customer is.
type Tenant struct {
	Slug, Database string
	Host           sql.NullString // of the server; null for a socket
	Port           sql.NullInt64
}

// refused is the number of an error that a procedure signals on purpose: its text
// is for people.
const refused = 1644

// Claim gives a tenant to a new customer. The error tells people why there is
// none: the slug is taken, or no tenant is ready.
func Claim(ctx context.Context, db *sql.DB, slug, name string, metadata map[string]string) (*Tenant, error) {
	facts, err := json.Marshal(metadata)
	if err != nil {
		return nil, fmt.Errorf("writing the metadata: %w", err)
	}
	// The procedure answers with the row of the directory; reading that again costs
	// a statement, and needs no knowledge of its columns.
	_, err = db.ExecContext(ctx, "CALL claim_tenant(?, ?, ?)", slug, name, string(facts))
	var said *mysql.MySQLError
	if errors.As(err, &said) && said.Number == refused {
		return nil, errors.New(said.Message)
	}
	if err != nil {
		return nil, fmt.Errorf("claiming a tenant: %w", err)
	}
	return Find(ctx, db, slug)
}

// Find says where the tenant of a customer is.
func Find(ctx context.Context, db *sql.DB, slug string) (*Tenant, error) {
	t := &Tenant{}
	err := db.QueryRowContext(ctx, "SELECT d.slug, d.database, d.host, d.port FROM tenant_directory d WHERE d.slug = ? AND d.status = 'active'", slug).
		Scan(&t.Slug, &t.Database, &t.Host, &t.Port)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("nobody is called %s", slug)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the directory: %w", err)
	}
	return t, nil
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := run(ctx, os.Stdout, os.Getenv("SIGNUP_DSN"), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "signup:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be canceled
	}
}

func run(ctx context.Context, out io.Writer, dsn string, arguments []string) (err error) {
	if len(arguments) == 0 {
		return errors.New("usage: signup SLUG [NAME [KEY=VALUE]…]")
	}
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return fmt.Errorf("SIGNUP_DSN: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var t *Tenant
	if len(arguments) == 1 {
		t, err = Find(ctx, db, arguments[0])
	} else {
		metadata := map[string]string{}
		for _, fact := range arguments[2:] {
			key, value, _ := strings.Cut(fact, "=")
			metadata[key] = value
		}
		t, err = Claim(ctx, db, arguments[0], arguments[1], metadata)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: database %s on %s:%d\n", t.Slug, t.Database, t.Host.String, t.Port.Int64)
	return err
}
