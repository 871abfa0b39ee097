package landlord

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// registry holds every statement on the landlord database, one file a table.
// Its methods take the session, transaction or pool that the statement is to
// run on; values go in and out, and nothing is remembered between calls. Only
// here are tables of the landlord database named.
type registry struct {
	database    string        // of the landlord, on every server
	version     string        // of the provider, recorded with an upgrade
	lockTimeout time.Duration // of an upgrade that another run makes
	now         func() time.Time
	log         func(ctx context.Context, message string, fields map[string]any)
}

// table returns the quoted name of a table of the landlord database.
func (r *registry) table(name string) string { return mysql.Qualified(r.database, name) }

// retirement returns the name of the database that keeps retired data.
func (r *registry) retirement() string { return r.database + "_retired" }

// scratchPrefix begins the names of the databases that exist for one question to
// a server.
func (r *registry) scratchPrefix() string { return r.database + "_scratch_" }

// scanner is what a row and rows have in common.
type scanner interface{ Scan(dest ...any) error }

// nothing says whether a query failed because there is no landlord database yet.
func nothing(err error) bool { return mysql.IsNoSuchDatabase(err) || mysql.IsNoSuchTable(err) }

// toJSON writes a value for a JSON column; nil for an empty one.
func toJSON(v any) (any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	if string(raw) == "null" {
		return nil, nil
	}
	return string(raw), nil
}

// fromJSON reads a JSON column, which may be empty.
func fromJSON(raw string, to any) error {
	if raw == "" {
		return nil
	}
	return json.Unmarshal([]byte(raw), to)
}

// nullable returns nil for an empty text, for columns that may be NULL.
func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// nullableTime returns nil for the zero time, for columns that may be NULL.
func nullableTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC()
}

// placeholders repeats the placeholder of one value, or of one row, n times.
func placeholders(n int, one string) string {
	return strings.TrimSuffix(strings.Repeat(one+",", n), ",")
}
