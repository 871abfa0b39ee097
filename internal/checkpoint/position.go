package checkpoint

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A Position is a place in the binary log of a server: what was committed
// before it is in the checkpoint, what was committed after it is not. That holds
// for the database of the checkpoint; transactions of other databases that were
// under way may be on either side.
type Position struct {
	// File and Offset are the name of the log file and the position in it; empty
	// when the account may not ask for them.
	File   string `json:"file,omitempty"`
	Offset uint64 `json:"offset,omitempty"`
	// GTID is gtid_executed of MySQL or gtid_binlog_pos of MariaDB; empty when
	// the server writes none.
	GTID string `json:"gtid,omitempty"`
}

// Empty says that nothing is known.
func (p Position) Empty() bool { return p == Position{} }

// String is the position for messages.
func (p Position) String() string {
	var parts []string
	if p.File != "" {
		parts = append(parts, fmt.Sprintf("%s:%d", p.File, p.Offset))
	}
	if p.GTID != "" {
		parts = append(parts, "GTID "+p.GTID)
	}
	return strings.Join(parts, ", ")
}

// Why a checkpoint has no position.
const (
	noBinaryLog = "the binary log of the server is off"
	noPrivilege = "the account may not read the position of the binary log (it lacks REPLICATION CLIENT on MySQL, BINLOG MONITOR on MariaDB)"
	noQuiet     = "there was one connection only, and no moment in which nobody wrote to the binary log; with two connections it is found more easily"
	noLock      = "there was no moment in which nobody wrote to the binary log, and the tables were never free of transactions that write"
	// noLockPrivilege is the same for an account that may not do what would help.
	noLockPrivilege = "there was no moment in which nobody wrote to the binary log, and the account may not lock the tables (it lacks LOCK TABLES)"
)

// readPosition reads the current position, and why there is none.
func readPosition(ctx context.Context, q mysql.Queryer, info mysql.Info) (Position, string, error) {
	if !info.BinaryLog {
		return Position{}, noBinaryLog, nil
	}
	p, err := logFile(ctx, q, info)
	if err != nil {
		return Position{}, "", fmt.Errorf("read the position of the binary log: %w", err)
	}
	variable := "SELECT IF(@@global.gtid_mode LIKE 'ON%', @@global.gtid_executed, '')"
	if info.Product == mysql.MariaDB {
		variable = "SELECT @@global.gtid_binlog_pos"
	}
	var gtid sql.NullString
	if err := q.Row(ctx, variable).Scan(&gtid); err != nil {
		return Position{}, "", fmt.Errorf("read the position of the binary log: %w", err)
	}
	p.GTID = strings.ReplaceAll(gtid.String, "\n", "")
	if p.Empty() {
		return p, noPrivilege, nil
	}
	return p, "", nil
}

// logFile reads name and offset; both are empty when the account may not.
func logFile(ctx context.Context, q mysql.Queryer, info mysql.Info) (Position, error) {
	queries := []string{"SHOW BINARY LOG STATUS", "SHOW MASTER STATUS"} // the former since MySQL 8.2
	if info.Product == mysql.MariaDB {
		queries = queries[1:]
	}
	var p Position
	for i, query := range queries {
		rows, err := q.Query(ctx, query)
		switch {
		case mysql.IsSyntax(err) && i+1 < len(queries):
			continue
		case mysql.IsAccessDenied(err):
			return Position{}, nil
		case err != nil:
			return Position{}, err
		}
		err = scanLogFile(rows, &p)
		return p, err
	}
	return p, nil
}

func scanLogFile(rows *mysql.Rows, p *Position) error {
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	dest := make([]any, len(columns))
	for i := range dest {
		dest[i] = new(sql.RawBytes)
	}
	dest[0], dest[1] = &p.File, &p.Offset
	if rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
	}
	return rows.Err()
}
