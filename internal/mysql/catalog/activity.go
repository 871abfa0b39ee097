package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// An Activity is a connection that has a transaction open, or waits for a lock.
type Activity struct {
	Connection    uint64
	User          string
	Database      string // that the connection has selected
	InTransaction bool
	Open          time.Duration // since its transaction began
	Waiting       time.Duration // for a lock; 0 when it waits for none
	RowsLocked    int64
	RowsChanged   int64
}

// Activities returns the connections of a server that have a database selected and
// either a transaction open or wait for a lock, in two statements. It needs the
// privilege PROCESS: the error is IsAccessDenied without it.
func Activities(ctx context.Context, q mysql.Queryer, info mysql.Info) ([]Activity, error) {
	ctx = mysql.Impatient(ctx)
	table := "information_schema.PROCESSLIST"
	if info.Product == mysql.MySQL {
		table = "performance_schema.processlist" // the other one is deprecated and takes a global lock
	}
	// Without the privilege the join has none but the account's own connections, and
	// MySQL refuses nothing when it does not come to look for a transaction.
	var some bool
	if err := q.Row(ctx, "SELECT EXISTS (SELECT 1 FROM information_schema.INNODB_TRX)").Scan(&some); err != nil {
		return nil, fmt.Errorf("read the open transactions: %w", err)
	}
	rows, err := q.Query(ctx, "SELECT p.ID, p.USER, p.DB, TIMESTAMPDIFF(SECOND, t.trx_started, NOW()),"+
		" CASE WHEN t.trx_wait_started IS NOT NULL THEN GREATEST(TIMESTAMPDIFF(SECOND, t.trx_wait_started, NOW()), 1) WHEN p.STATE LIKE 'Waiting for %lock' THEN GREATEST(p.TIME, 1) END,"+
		" t.trx_rows_locked, t.trx_rows_modified FROM "+table+" p LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.ID"+
		" WHERE p.DB IS NOT NULL AND (t.trx_id IS NOT NULL OR p.STATE LIKE 'Waiting for %lock')")
	if err != nil {
		return nil, fmt.Errorf("read the open transactions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Activity
	for rows.Next() {
		var a Activity
		var open, waiting sql.NullFloat64
		var locked, changed sql.NullInt64
		if err := rows.Scan(&a.Connection, &a.User, &a.Database, &open, &waiting, &locked, &changed); err != nil {
			return nil, fmt.Errorf("read the open transactions: %w", err)
		}
		a.InTransaction = open.Valid
		a.Open, a.Waiting = time.Duration(open.Float64*float64(time.Second)), time.Duration(waiting.Float64*float64(time.Second))
		a.RowsLocked, a.RowsChanged = locked.Int64, changed.Int64
		out = append(out, a)
	}
	return out, rows.End()
}
