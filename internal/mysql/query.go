package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	driversql "github.com/go-sql-driver/mysql"
)

// A LostError says that the connection broke while a statement was under way, or
// that, of several hosts, another one takes the writes now. Whether the statement
// took effect is unknown, unless it was refused: the server ends what it has begun.
type LostError struct {
	Endpoint string
	Err      error
	Refused  bool // the server did not begin with the statement
}

func (e *LostError) Error() string {
	return fmt.Sprintf("the connection to `%s` was lost (%v)", e.Endpoint, e.Err)
}

func (e *LostError) Unwrap() error { return e.Err }

// A Queryer runs statements: the pool (*Server), one connection (*Session) or a
// transaction (*Tx). A statement is a constant of the code, or has passed the
// guard; names in it went through Quote; values are arguments. Texts are passed
// as string: a []byte is sent as binary data, which JSON columns refuse.
type Queryer interface {
	Exec(ctx context.Context, query string, args ...any) (Result, error)
	Query(ctx context.Context, query string, args ...any) (*Rows, error)
	Row(ctx context.Context, query string, args ...any) *Row
}

// Result is what a statement without rows returns.
type Result struct {
	RowsAffected int64 // rows changed, not rows found
	LastInsertID int64
}

// A StatementTimeoutError says that a statement took longer than the
// configured limit, or than a lock was to be waited for. The server may still be
// running it.
type StatementTimeoutError struct{ Limit time.Duration }

func (e *StatementTimeoutError) Error() string {
	return fmt.Sprintf("the statement took longer than %s and was given up; the server may still be running it", seconds(e.Limit))
}

// handle implements Queryer on a connection, or on the pool.
type handle struct {
	server *Server
	conn   *sql.Conn // nil: any free one of the pool
	limit  time.Duration
	// lost is told when a statement's fate is unknown: its context ended or the
	// connection broke.
	lost func()
}

// take returns the connection for a statement, and what gives it back. The time
// of the statement does not count before.
func (h *handle) take(ctx context.Context) (*sql.Conn, func(), error) {
	if h.conn != nil {
		return h.conn, func() {}, nil
	}
	conn, err := h.server.free(ctx)
	if err != nil {
		return nil, nil, err
	}
	return conn, func() { _ = conn.Close() }, nil
}

// fail translates an error of the driver, and takes note when the connection
// cannot be trusted any more.
func (h *handle) fail(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if h.server.demoted(err) {
		h.lost()
		return &LostError{Endpoint: h.server.cfg.Endpoint, Err: translate(ctx, err), Refused: true}
	}
	if ctx.Err() != nil || IsConnectionLost(err) {
		h.lost()
	}
	var refused *ConnectError
	if errors.As(err, &refused) {
		return refused
	}
	if cause := context.Cause(ctx); cause != nil {
		if IsConnectionLost(cause) {
			h.server.moved()
		}
		return cause
	}
	if IsConnectionLost(err) {
		h.server.moved()
		return &LostError{Endpoint: h.server.cfg.Endpoint, Err: err}
	}
	return translate(ctx, err)
}

func translate(ctx context.Context, err error) error {
	var server *driversql.MySQLError
	if errors.As(err, &server) {
		return newServerError(server, secretsOf(ctx))
	}
	return err
}

// Exec runs a statement that returns no rows. On the pool, one that its server
// refused because another one takes the writes now is sent there.
func (h *handle) Exec(ctx context.Context, query string, args ...any) (Result, error) {
	res, err := h.exec(ctx, query, args)
	var lost *LostError
	if h.conn == nil && errors.As(err, &lost) && lost.Refused && ctx.Err() == nil {
		return h.exec(ctx, query, args)
	}
	return res, err
}

func (h *handle) exec(ctx context.Context, query string, args []any) (Result, error) {
	conn, release, err := h.take(ctx)
	if err != nil {
		return Result{}, err
	}
	defer release()
	ctx, w := h.watched(ctx)
	defer w.end()
	res, err := conn.ExecContext(ctx, query, args...)
	if err != nil {
		return Result{}, h.fail(ctx, err)
	}
	var out Result
	// The driver always knows both; these calls cannot fail.
	out.RowsAffected, _ = res.RowsAffected()
	out.LastInsertID, _ = res.LastInsertId()
	return out, nil
}

// Query runs a statement that returns rows. The caller closes them, and asks
// Err after the last one. A read on the pool whose connection breaks before the
// first row is sent once more, on another one.
func (h *handle) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	rows, err := h.query(ctx, query, args)
	if h.conn == nil && IsConnectionLost(err) && ctx.Err() == nil {
		return h.query(ctx, query, args)
	}
	return rows, err
}

func (h *handle) query(ctx context.Context, query string, args []any) (*Rows, error) {
	conn, release, err := h.take(ctx)
	if err != nil {
		return nil, err
	}
	ctx, w := h.watched(ctx)
	sent := reading(query)
	rows, err := conn.QueryContext(ctx, sent, args...) //nolint:rowserrcheck // Rows.Err passes it on
	if err != nil {
		if sent == query || !is(translate(ctx, err), errReadOnlyTransaction) { // else no other server takes the writes
			err = h.fail(ctx, err)
		} else {
			err = ErrViewWrites
		}
		w.end()
		release()
		return nil, err
	}
	w.pause()
	return &Rows{rows: rows, h: h, ctx: ctx, watch: w, release: release}, nil
}

// Row runs a statement that returns one row.
func (h *handle) Row(ctx context.Context, query string, args ...any) *Row {
	rows, err := h.Query(ctx, query, args...)
	return &Row{rows: rows, err: err}
}

// Rows are the rows of a query.
type Rows struct {
	rows    *sql.Rows
	h       *handle
	ctx     context.Context //nolint:containedctx // the rows live as long as their query
	watch   *watch
	release func() // gives the connection back
}

// Next moves to the next row; false at the end or after an error, see Err.
func (r *Rows) Next() bool {
	r.watch.begin()
	defer r.watch.pause()
	return r.rows.Next()
}

// Columns returns the names of the columns.
func (r *Rows) Columns() ([]string, error) { return r.rows.Columns() }

// Scan copies the columns of the current row, as sql.Rows does.
func (r *Rows) Scan(dest ...any) error { return r.rows.Scan(dest...) }

// Err returns what ended the rows, nil when there were no more.
func (r *Rows) Err() error { return r.h.fail(r.ctx, r.rows.Err()) }

// Close ends the query. It may be called twice.
func (r *Rows) Close() error {
	r.watch.begin() // what is left of the answer is read
	err := r.rows.Close()
	if err != nil {
		err = r.h.fail(r.ctx, err)
	}
	r.watch.end()
	r.release()
	return err
}

// End closes the rows and says what ended them, nil when there were no more.
func (r *Rows) End() error {
	err := r.Err()
	if closeErr := r.Close(); err == nil {
		err = closeErr
	}
	return err
}

// A Row is the answer of a query that returns one row.
type Row struct {
	rows *Rows
	err  error
}

// Scan copies the columns of the row; sql.ErrNoRows when there is none.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer func() { _ = r.rows.Close() }()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.rows.Err()
}

// EachRow runs a query and hands over each row as text, with an empty one for NULL.
func EachRow(ctx context.Context, q Queryer, query string, take func(row []string) error, args ...any) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([][]byte, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	row := make([]string, len(columns))
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, v := range values {
			row[i] = string(v)
		}
		if err := take(row); err != nil {
			return err
		}
	}
	return rows.End()
}
