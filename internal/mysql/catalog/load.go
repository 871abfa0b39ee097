package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A LoadSource is where a server counts what its databases do.
type LoadSource string

// The sources of loads.
const (
	LoadNone              LoadSource = ""
	LoadPerformanceSchema LoadSource = "performance_schema"
	LoadUserStatistics    LoadSource = "userstat" // MariaDB
)

// A Load is what a database, or an account, has done since the server began to
// count. What a source does not count is nil.
type Load struct {
	Statements  *int64
	Latency     *time.Duration // of all statements together
	Errors      *int64         // statements that failed
	RowsRead    *int64
	RowsChanged *int64
}

// Loads are the loads of a server.
type Loads struct {
	Source LoadSource
	Lost   bool            // there were more kinds of statements than the server keeps apart, so that databases did more than they show
	Of     map[string]Load // by database, of statements by that which their connection had selected
	Users  map[string]Load // by user name, of LoadUserStatistics alone: it counts no statements by database
}

// ReadLoads returns what the databases of a server do, in two statements, or three
// with LoadUserStatistics. The source is LoadNone where the server does not count.
// performance_schema needs SELECT on it, and userstat PROCESS: the error is
// IsAccessDenied without.
func ReadLoads(ctx context.Context, q mysql.Queryer) (*Loads, error) {
	l := &Loads{Of: map[string]Load{}}
	var schema, statistics bool
	err := q.Row(ctx, "SELECT @@performance_schema, 0 /*M! + @@userstat */").Scan(&schema, &statistics)
	if err != nil {
		return nil, fmt.Errorf("ask whether the server counts statements: %w", err)
	}
	switch {
	case schema:
		l.Source, err = LoadPerformanceSchema, l.readDigests(ctx, q)
	case statistics:
		l.Source, err = LoadUserStatistics, l.readStatistics(ctx, q)
	}
	if err != nil {
		return nil, fmt.Errorf("read what databases do: %w", err)
	}
	return l, nil
}

// CountsStatements says whether performance_schema of a server counts statements.
func CountsStatements(ctx context.Context, q mysql.Queryer) (bool, error) {
	var counts bool
	if err := q.Row(ctx, "SELECT @@performance_schema").Scan(&counts); err != nil {
		return false, fmt.Errorf("ask whether the server counts statements: %w", err)
	}
	return counts, nil
}

// readDigests reads what performance_schema has by kind of statement. What did not
// fit any more is in one row without a digest.
func (l *Loads) readDigests(ctx context.Context, q mysql.Queryer) error {
	const picoseconds = 1000 // in a nanosecond
	rows, err := q.Query(ctx, "SELECT SCHEMA_NAME, DIGEST IS NULL, CAST(SUM(COUNT_STAR) AS SIGNED), CAST(SUM(SUM_TIMER_WAIT) DIV ? AS SIGNED), CAST(SUM(SUM_ERRORS) AS SIGNED),"+
		" CAST(SUM(SUM_ROWS_EXAMINED) AS SIGNED), CAST(SUM(SUM_ROWS_AFFECTED) AS SIGNED) FROM performance_schema.events_statements_summary_by_digest GROUP BY 1, 2", picoseconds)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var database sql.NullString
		var rest bool
		var statements, latency, errors, read, changed int64
		if err := rows.Scan(&database, &rest, &statements, &latency, &errors, &read, &changed); err != nil {
			return err
		}
		switch {
		case rest:
			l.Lost = l.Lost || statements > 0
		case database.Valid:
			took := time.Duration(latency)
			l.Of[database.String] = Load{Statements: &statements, Latency: &took, Errors: &errors, RowsRead: &read, RowsChanged: &changed}
		}
	}
	return rows.End()
}

// readStatistics reads what MariaDB counts with userstat: rows by table, statements
// by account.
func (l *Loads) readStatistics(ctx context.Context, q mysql.Queryer) error {
	rows, err := q.Query(ctx, "SELECT TABLE_SCHEMA, CAST(SUM(ROWS_READ) AS SIGNED), CAST(SUM(ROWS_CHANGED) AS SIGNED) FROM information_schema.TABLE_STATISTICS GROUP BY 1")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var database string
		var read, changed int64
		if err := rows.Scan(&database, &read, &changed); err != nil {
			return err
		}
		l.Of[database] = Load{RowsRead: &read, RowsChanged: &changed}
	}
	if err := rows.End(); err != nil {
		return err
	}
	l.Users = map[string]Load{}
	users, err := q.Query(ctx, "SELECT USER, CAST(SUM(SELECT_COMMANDS + UPDATE_COMMANDS + OTHER_COMMANDS) AS SIGNED), SUM(BUSY_TIME) FROM information_schema.USER_STATISTICS GROUP BY 1")
	if err != nil {
		return err
	}
	defer func() { _ = users.Close() }()
	for users.Next() {
		var user string
		var statements int64
		var busy float64
		if err := users.Scan(&user, &statements, &busy); err != nil {
			return err
		}
		took := time.Duration(busy * float64(time.Second))
		l.Users[user] = Load{Statements: &statements, Latency: &took}
	}
	return users.End()
}
