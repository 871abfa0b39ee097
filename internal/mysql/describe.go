package mysql

import (
	"context"
	"errors"
)

// Databases chooses databases: by name, or all that begin with a prefix. Both
// may be given.
type Databases struct {
	Names  []string
	Prefix string
}

// A DescribeRow is one fact about the structure of a database. It is valid
// during the call that receives it.
type DescribeRow struct {
	Database string
	Kind     string   // table, view, procedure, function, trigger, event, sequence, package …, database
	Object   string   // empty for the database itself
	Source   string   // where the fact comes from; facts are ordered by nothing
	Values   [][]byte // nil is NULL
}

// Describe reads the structure of many databases.
func Describe(ctx context.Context, q Queryer, info Info, which Databases, fn func(DescribeRow) error) error {
	return errors.New("not written yet")
}

// ListDatabases returns the names of the databases that exist, sorted.
func ListDatabases(ctx context.Context, q Queryer, which Databases) ([]string, error) {
	return nil, errors.New("not written yet")
}
