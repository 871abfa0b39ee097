package binlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Current returns where the binary log ends now. On MariaDB, in a transaction
// that was started WITH CONSISTENT SNAPSHOT on a session, it is the place that
// the snapshot shows, however long ago that was. The error is an
// *UnusableError when there is no binary log or the account may not know.
func Current(ctx context.Context, q mysql.Queryer, info mysql.Info) (Position, error) {
	if !info.BinaryLog {
		return Position{}, &UnusableError{Reason: NoBinaryLog}
	}
	p := Position{Server: info.UUID}
	var err error
	if info.Product == mysql.MariaDB {
		err = currentMariaDB(ctx, q, &p)
	} else {
		err = currentMySQL(ctx, q, &p)
	}
	if err != nil {
		return Position{}, explain(err, info, "ask for the end of the binary log")
	}
	return p, nil
}

// explain makes a sentence of a refusal.
func explain(err error, info mysql.Info, doing string) error {
	var known *UnusableError
	if errors.As(err, &known) {
		return known
	}
	if mysql.IsAccessDenied(err) {
		return &UnusableError{Reason: NoPrivilege, Detail: info.Account, Err: err}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// currentMySQL reads file, offset and GTIDs in one statement: they belong
// together.
func currentMySQL(ctx context.Context, q mysql.Queryer, p *Position) error {
	fields, err := status(ctx, q, "SHOW BINARY LOG STATUS")
	if mysql.IsSyntax(err) { // before MySQL 8.2
		fields, err = status(ctx, q, "SHOW MASTER STATUS")
	}
	if err != nil {
		return err
	}
	p.File = fields["File"]
	if _, err := fmt.Sscan(fields["Position"], &p.Offset); err != nil {
		return fmt.Errorf("the server says `%s` where an offset is expected", fields["Position"])
	}
	var mode string
	if err := q.Row(ctx, "SELECT @@global.gtid_mode").Scan(&mode); err != nil {
		return err
	}
	if mode == "ON" {
		p.GTID = withoutSpace(fields["Executed_Gtid_Set"])
	}
	return nil
}

// currentMariaDB reads the two status variables that show the snapshot of the
// session, if it has one.
func currentMariaDB(ctx context.Context, q mysql.Queryer, p *Position) error {
	rows, err := q.Query(ctx, "SHOW STATUS LIKE 'binlog\\_snapshot\\_%'")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return err
		}
		switch strings.ToLower(name) {
		case "binlog_snapshot_file":
			p.File = value
		case "binlog_snapshot_position":
			if _, err := fmt.Sscan(value, &p.Offset); err != nil {
				return fmt.Errorf("the server says `%s` where an offset is expected", value)
			}
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	if p.File == "" {
		return &UnusableError{Reason: NoBinaryLog}
	}
	var gtid sql.NullString
	if err := q.Row(ctx, "SELECT BINLOG_GTID_POS(?, ?)", p.File, p.Offset).Scan(&gtid); err != nil {
		return err
	}
	p.GTID = withoutSpace(gtid.String)
	return nil
}

// status reads a statement that answers with one row, by the names of its
// columns.
func status(ctx context.Context, q mysql.Queryer, statement string) (map[string]string, error) {
	all, err := table(ctx, q, statement)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, &UnusableError{Reason: NoBinaryLog}
	}
	return all[0], nil
}

// table reads rows whose columns differ from version to version.
func table(ctx context.Context, q mysql.Queryer, statement string) ([]map[string]string, error) {
	rows, err := q.Query(ctx, statement)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all []map[string]string
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		dest := make([]any, len(columns))
		for i := range dest {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		fields := make(map[string]string, len(columns))
		for i, c := range columns {
			fields[c] = values[i].String
		}
		all = append(all, fields)
	}
	return all, errors.Join(rows.Err(), rows.Close())
}
