package registry

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Store holds every statement on the landlord database, one file a table.
// Its methods take the session, transaction or pool that the statement is to
// run on; values go in and out, and nothing is remembered between calls. Only
// here are tables of the landlord database named.
type Store struct {
	Database    string        // of the landlord, on every server
	version     string        // of the provider, recorded with an upgrade
	lockTimeout time.Duration // of an upgrade that another run makes
	now         func() time.Time
	log         func(ctx context.Context, message string, fields map[string]any)
}

// table returns the quoted name of a table of the landlord database.
func (r *Store) table(name string) string { return mysql.Qualified(r.Database, name) }

// Retirement returns the name of the database that keeps retired data.
func (r *Store) Retirement() string { return r.Database + "_retired" }

// ScratchPrefix begins the names of the databases that exist for one question to
// a server.
func (r *Store) ScratchPrefix() string { return r.Database + "_scratch_" }

// IsOwn says whether a name is that of a database which the landlord makes for
// itself: its own one, those that keep what was retired or set aside,
// and scratch databases.
func (r *Store) IsOwn(database string) bool {
	aside, kept := strings.CutPrefix(database, r.Retirement())
	return database == r.Database || kept && setAside.MatchString(aside) || strings.HasPrefix(database, r.ScratchPrefix())
}

// setAside is what follows in the names of databases that keep something: the number of
// a tenant and that of a move, or what names a restore. Other names may be tenants'.
var setAside = regexp.MustCompile(`^(_[0-9]+_.+)?$`)

// scanner is what a row and rows have in common.
type scanner interface{ Scan(dest ...any) error }

// nothing says whether a query failed because there is no landlord database yet.
func nothing(err error) bool { return mysql.IsNoSuchDatabase(err) || mysql.IsNoSuchTable(err) }

// allRows reads the rows of a query, none while there is no landlord database yet.
// what they are completes the sentence "reading …" of an error.
func allRows[T any](ctx context.Context, q mysql.Queryer, what string, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, query, args...)
	if nothing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", what, err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// anyOf returns values as arguments of a statement.
func anyOf[T any](values []T) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// HasRows asks the server whether a table has rows.
func HasRows(ctx context.Context, q mysql.Queryer, database, table string) (bool, error) {
	var some bool
	err := q.Row(ctx, "SELECT EXISTS (SELECT 1 FROM "+mysql.Qualified(database, table)+")").Scan(&some)
	return some, err
}

// HasRowKey asks the server whether a key tells the rows of a table apart by values
// that are in them: a unique one over whole columns that are neither NULL nor computed.
func HasRowKey(ctx context.Context, q mysql.Queryer, database, table string) (bool, error) {
	var has bool
	err := q.Row(ctx, "SELECT EXISTS (SELECT 1 FROM information_schema.STATISTICS s LEFT JOIN information_schema.COLUMNS c"+
		" ON c.TABLE_SCHEMA = s.TABLE_SCHEMA AND c.TABLE_NAME = s.TABLE_NAME AND c.COLUMN_NAME = s.COLUMN_NAME"+
		" WHERE s.TABLE_SCHEMA = ? AND s.TABLE_NAME = ? AND s.NON_UNIQUE = 0 AND s.INDEX_TYPE = 'BTREE' GROUP BY s.INDEX_NAME"+
		" HAVING SUM(c.COLUMN_NAME IS NULL OR c.IS_NULLABLE = 'YES' OR COALESCE(c.GENERATION_EXPRESSION, '') <> '' OR s.SUB_PART IS NOT NULL) = 0)", database, table).Scan(&has)
	return has, err
}

// IsEmpty says whether a table has no rows. A table that is not there by its
// name, because an earlier step renames it, counts as one with rows.
func IsEmpty(ctx context.Context, q mysql.Queryer, database, table string) (bool, error) {
	if table == "" {
		return false, nil
	}
	some, err := HasRows(ctx, q, database, table)
	if mysql.IsNoSuchTable(err) {
		return false, nil
	}
	return err == nil && !some, err
}
