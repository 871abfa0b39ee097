package binlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Check says whether changes can be replayed from a position on, with the
// account of the session and the settings that the server has now. The error is
// an *UnusableError when they cannot. That the settings were others in between
// is seen while reading only.
func Check(ctx context.Context, q mysql.Queryer, info mysql.Info, from Position) error {
	switch {
	case !info.BinaryLog:
		return &UnusableError{Reason: NoBinaryLog}
	case from.IsZero():
		return &UnusableError{Reason: NoPosition}
	}
	if err := checkSettings(ctx, q); err != nil {
		return err
	}
	if err := checkPrivilege(ctx, q, info); err != nil {
		return explain(err, info, "ask whether the binary log may be read")
	}
	if _, err := chooseStart(ctx, q, info, from); err != nil {
		return explain(err, info, "look for the position in the binary log")
	}
	return nil
}

func checkSettings(ctx context.Context, q mysql.Queryer) error {
	rows, err := table(ctx, q, "SHOW GLOBAL VARIABLES WHERE Variable_name IN"+
		" ('binlog_format', 'binlog_row_image', 'binlog_row_value_options')")
	if err != nil {
		return fmt.Errorf("ask how the binary log is written: %w", err)
	}
	for _, row := range rows {
		value := strings.ToUpper(row["Value"])
		switch strings.ToLower(row["Variable_name"]) {
		case "binlog_format":
			if value != "ROW" {
				return &UnusableError{Reason: NotRowFormat, Detail: value}
			}
		case "binlog_row_image":
			if value != "FULL" {
				return &UnusableError{Reason: NotFullImage, Detail: value}
			}
		case "binlog_row_value_options":
			if value != "" {
				return &UnusableError{Reason: PartialJSON}
			}
		}
	}
	return nil
}

// checkPrivilege asks for what reading the log takes, without reading it.
func checkPrivilege(ctx context.Context, q mysql.Queryer, info mysql.Info) error {
	if info.Product == mysql.MySQL {
		// It takes the same privilege, and lists nothing but replicas.
		_, err := table(ctx, q, "SHOW REPLICAS")
		return err
	}
	user, host := mysql.SplitAccount(info.Account)
	var granted bool
	err := q.Row(ctx, "SELECT EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'REPLICATION SLAVE' AND (GRANTEE = ?"+
		" OR GRANTEE IN (SELECT CONCAT('''', ROLE_NAME, '''@''''') FROM information_schema.ENABLED_ROLES)))", "'"+user+"'@'"+host+"'").Scan(&granted)
	if err == nil && !granted {
		err = &UnusableError{Reason: NoPrivilege, Detail: info.Account}
	}
	return err
}

// A start is how the server is asked for the log.
type start struct {
	byGTID bool
	from   Position
}

// chooseStart finds the position in what the server still has. GTIDs come
// first: they tell also that the log was begun anew under the same names.
func chooseStart(ctx context.Context, q mysql.Queryer, info mysql.Info, from Position) (start, error) {
	if info.Product == mysql.MariaDB {
		return startMariaDB(ctx, q, info, from)
	}
	var mode string
	if err := q.Row(ctx, "SELECT @@global.gtid_mode").Scan(&mode); err != nil {
		return start{}, err
	}
	if from.GTID == "" || mode != "ON" || isTagged(from.GTID) {
		return startFile(ctx, q, info, from)
	}
	var executed, purged string
	var known, whole bool
	err := q.Row(ctx, "SELECT GTID_SUBSET(?, @@global.gtid_executed), GTID_SUBSET(@@global.gtid_purged, ?), @@global.gtid_executed, @@global.gtid_purged",
		from.GTID, from.GTID).Scan(&known, &whole, &executed, &purged)
	switch {
	case err != nil:
		return start{}, err
	case !known:
		return start{}, &UnusableError{Reason: NotWritten, Position: from, Detail: ", which has " + none(executed)}
	case !whole:
		return start{}, &UnusableError{Reason: Purged, Position: from, Detail: " (the server has purged " + none(purged) + ")"}
	}
	return start{byGTID: true, from: from}, nil
}

func none(set string) string {
	if set == "" {
		return "no transactions"
	}
	return "`" + withoutSpace(set) + "`"
}

func startMariaDB(ctx context.Context, q mysql.Queryer, info mysql.Info, from Position) (start, error) {
	if from.GTID == "" {
		return startFile(ctx, q, info, from)
	}
	var state string
	if err := q.Row(ctx, "SELECT @@global.gtid_binlog_state").Scan(&state); err != nil {
		return start{}, err
	}
	known, err := covers(state, from.GTID)
	switch {
	case err != nil:
		return start{}, err
	case !known:
		return start{}, &UnusableError{Reason: NotWritten, Position: from, Detail: ", which has " + none(state)}
	}
	files, err := logFiles(ctx, q)
	if err != nil {
		return start{}, err
	}
	if len(files) == 0 {
		return start{}, &UnusableError{Reason: NoBinaryLog}
	}
	if from.Server != "" && from.Server == info.UUID && find(files, from.File) != nil {
		return start{byGTID: true, from: from}, nil
	}
	before, err := beforeFile(ctx, q, files[0].name)
	if err != nil {
		return start{}, err
	}
	whole, err := covers(from.GTID, before)
	switch {
	case err != nil:
		return start{}, err
	case !whole:
		return start{}, &UnusableError{Reason: Purged, Position: from, Detail: fmt.Sprintf(" (the oldest file is `%s`)", files[0].name)}
	}
	return start{byGTID: true, from: from}, nil
}

// beforeFile returns the GTIDs of MariaDB before a log file: its list is the
// second or third event.
func beforeFile(ctx context.Context, q mysql.Queryer, name string) (string, error) {
	// The name comes from the server; the statement takes a literal only.
	events, err := table(ctx, q, "SHOW BINLOG EVENTS IN '"+strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(name)+"' LIMIT 4")
	if err != nil {
		return "", err
	}
	for _, e := range events {
		if e["Event_type"] == "Gtid_list" {
			return e["Info"], nil
		}
	}
	return "", nil
}

// startFile finds a file and offset, which mean something on their server only.
func startFile(ctx context.Context, q mysql.Queryer, info mysql.Info, from Position) (start, error) {
	if from.Server != "" && from.Server != info.UUID {
		return start{}, &UnusableError{Reason: OtherServer, Position: from, Detail: fmt.Sprintf(" than `%s`", info.UUID)}
	}
	files, err := logFiles(ctx, q)
	if err != nil {
		return start{}, err
	}
	if len(files) == 0 {
		return start{}, &UnusableError{Reason: NoBinaryLog}
	}
	switch f := find(files, from.File); {
	case f == nil && compareFiles(from.File, files[0].name) < 0:
		return start{}, &UnusableError{Reason: Purged, Position: from, Detail: fmt.Sprintf(" (the oldest file is `%s`)", files[0].name)}
	case f == nil || from.Offset > f.size:
		last := files[len(files)-1]
		return start{}, &UnusableError{Reason: NotWritten, Position: from, Detail: fmt.Sprintf(", which ends at `%s:%d`", last.name, last.size)}
	}
	return start{from: from}, nil
}

type logFile struct {
	name string
	size uint64
}

func find(files []logFile, name string) *logFile {
	for i := range files {
		if files[i].name == name {
			return &files[i]
		}
	}
	return nil
}

// logFiles lists the files that the server still has, the oldest first.
func logFiles(ctx context.Context, q mysql.Queryer) ([]logFile, error) {
	rows, err := table(ctx, q, "SHOW BINARY LOGS")
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	files := make([]logFile, len(rows))
	for i, row := range rows {
		size, err := strconv.ParseUint(row["File_size"], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the server says `%s` where the size of a log file is expected", row["File_size"])
		}
		files[i] = logFile{name: row["Log_name"], size: size}
	}
	return files, nil
}
