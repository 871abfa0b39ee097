package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// describeDoing is what an error of a description was about.
const describeDoing = "read the structure of databases"

// rowsOf runs a query of text columns and calls take for every row. The slices
// are valid during the call only. An error of take ends the query and is
// returned as it is.
func rowsOf(ctx context.Context, q Queryer, query string, args []any, width int, take func(row [][]byte) error) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return describing(err, describeDoing)
	}
	defer func() { _ = rows.Close() }()
	raw := make([]sql.RawBytes, width)
	dest := make([]any, width)
	for i := range raw {
		dest[i] = &raw[i]
	}
	row := make([][]byte, width)
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("%s: %w", describeDoing, err)
		}
		for i := range raw {
			row[i] = raw[i]
		}
		if err := take(row); err != nil {
			return err
		}
	}
	if err := closeRows(rows); err != nil {
		return fmt.Errorf("%s: %w", describeDoing, err)
	}
	return nil
}

// keptRowsOf is rowsOf with a statement that stays prepared as long as the
// connection lives. It is for the few statements that a run sends for every
// database: MySQL builds its information schema from views over views, and
// resolving them costs more than half of what describing one database does.
//
// It goes past database/sql, whose prepared statements belong to a session or
// to no connection in particular.
func (x *Session) keptRowsOf(ctx context.Context, query string, args []any, take func(row [][]byte) error) error {
	ctx, w := x.watched(ctx)
	defer w.end()
	var stopped error // by take
	err := x.conn.Raw(func(c any) error {
		conn, ok := c.(keeper)
		if !ok {
			return errors.New("the driver cannot prepare statements")
		}
		statement, err := x.server.keep(ctx, conn, query)
		if err != nil {
			return err
		}
		stopped, err = rowsOfStatement(ctx, statement, args, func(row [][]byte) error {
			w.begin()
			return take(row)
		})
		return err
	})
	if stopped != nil {
		return stopped
	}
	if err != nil {
		return describing(x.fail(ctx, err), describeDoing)
	}
	return nil
}

// A keeper is a connection as the driver makes it.
type keeper interface {
	driver.Conn
	driver.ConnPrepareContext
}

// keep returns the statement of a connection, prepared once.
func (s *Server) keep(ctx context.Context, conn keeper, query string) (driver.StmtQueryContext, error) {
	s.mu.Lock()
	statement := s.kept[conn][query]
	s.mu.Unlock()
	if statement != nil {
		return statement, nil
	}
	prepared, err := conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what it was for
	}
	statement, ok := prepared.(driver.StmtQueryContext)
	if !ok {
		return nil, errors.Join(errors.New("the driver cannot query with a context"), prepared.Close())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept[conn] == nil {
		s.kept[conn] = map[string]driver.StmtQueryContext{}
	}
	s.kept[conn][query] = statement
	return statement, nil
}

// rowsOfStatement runs a prepared statement. The first error is that of take.
func rowsOfStatement(ctx context.Context, statement driver.StmtQueryContext, args []any, take func(row [][]byte) error) (stopped, err error) {
	named := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	rows, err := statement.QueryContext(ctx, named)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what it was for
	}
	values := make([]driver.Value, len(rows.Columns()))
	row := make([][]byte, len(values))
	for {
		if err := rows.Next(values); err != nil {
			if err == io.EOF { //nolint:errorlint // the driver returns it bare
				err = nil
			}
			return nil, errors.Join(err, rows.Close())
		}
		for i, value := range values {
			text, ok := value.([]byte)
			if !ok && value != nil {
				return nil, errors.Join(fmt.Errorf("column %d is no text", i+1), rows.Close())
			}
			row[i] = text
		}
		if err := take(row); err != nil {
			return err, rows.Close()
		}
	}
}
