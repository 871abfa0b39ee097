package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// QueryKept runs a query of text columns with a statement that stays prepared as
// long as the connection lives, and calls take for every row, whose slices are valid
// during the call only; an error of take ends the query and is returned as it is,
// others say what was attempted. It is for the few statements that a run sends for
// every database: MySQL builds its information schema from views over views, and
// resolving them costs more than half of what describing one database does.
//
// It goes past database/sql, whose prepared statements belong to a session or
// to no connection in particular.
func (x *Session) QueryKept(ctx context.Context, attempt, query string, args []any, take func(row [][]byte) error) error {
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
		return Attempted(x.fail(ctx, err), attempt)
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
	prepared, err := conn.PrepareContext(ctx, reading(query))
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
