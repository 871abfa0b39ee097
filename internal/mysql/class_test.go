package mysql_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	driversql "github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// classes are all numbers that are not the fault of the statement, with their
// names on MySQL 9.7. A name that is empty is of MariaDB or an older MySQL, of the client library or of
// a proxy.
var classes = map[uint16]struct {
	name  string
	class mysql.Class
	retry mysql.Retry
}{
	1020: {"ER_CHECKREAD", mysql.ClassPassing, mysql.RetryTransaction},
	3:    {"", mysql.ClassRoom, mysql.RetryNever},
	20:   {"", mysql.ClassRoom, mysql.RetryNever},
	1021: {"", mysql.ClassRoom, mysql.RetryNever},
	1026: {"ER_ERROR_ON_WRITE", mysql.ClassRoom, mysql.RetryNever},
	1037: {"ER_OUTOFMEMORY", mysql.ClassRoom, mysql.RetryNever},
	1038: {"ER_OUT_OF_SORTMEMORY", mysql.ClassRoom, mysql.RetryNever},
	1040: {"ER_CON_COUNT_ERROR", mysql.ClassPassing, mysql.RetryConnect},
	1041: {"ER_OUT_OF_RESOURCES", mysql.ClassRoom, mysql.RetryNever},
	1044: {"ER_DBACCESS_DENIED_ERROR", mysql.ClassDenied, mysql.RetryNever},
	1045: {"ER_ACCESS_DENIED_ERROR", mysql.ClassDenied, mysql.RetryNever},
	1053: {"ER_SERVER_SHUTDOWN", mysql.ClassLost, mysql.RetryLook},
	1077: {"", mysql.ClassLost, mysql.RetryLook},
	1080: {"ER_FORCING_CLOSE", mysql.ClassLost, mysql.RetryLook},
	1095: {"ER_KILL_DENIED_ERROR", mysql.ClassDenied, mysql.RetryNever},
	1114: {"ER_RECORD_FILE_FULL", mysql.ClassRoom, mysql.RetryNever},
	1129: {"ER_HOST_IS_BLOCKED", mysql.ClassDenied, mysql.RetryNever},
	1130: {"ER_HOST_NOT_PRIVILEGED", mysql.ClassDenied, mysql.RetryNever},
	1135: {"ER_CANT_CREATE_THREAD", mysql.ClassPassing, mysql.RetryConnect},
	1142: {"ER_TABLEACCESS_DENIED_ERROR", mysql.ClassDenied, mysql.RetryNever},
	1143: {"ER_COLUMNACCESS_DENIED_ERROR", mysql.ClassDenied, mysql.RetryNever},
	1152: {"ER_ABORTING_CONNECTION", mysql.ClassLost, mysql.RetryLook},
	1156: {"ER_NET_PACKETS_OUT_OF_ORDER", mysql.ClassLost, mysql.RetryLook},
	1158: {"ER_NET_READ_ERROR", mysql.ClassLost, mysql.RetryLook},
	1159: {"ER_NET_READ_INTERRUPTED", mysql.ClassLost, mysql.RetryLook},
	1160: {"ER_NET_ERROR_ON_WRITE", mysql.ClassLost, mysql.RetryLook},
	1161: {"ER_NET_WRITE_INTERRUPTED", mysql.ClassLost, mysql.RetryLook},
	1184: {"ER_NEW_ABORTING_CONNECTION", mysql.ClassLost, mysql.RetryLook},
	1197: {"ER_TRANS_CACHE_FULL", mysql.ClassRoom, mysql.RetryNever},
	1203: {"ER_TOO_MANY_USER_CONNECTIONS", mysql.ClassPassing, mysql.RetryConnect},
	1205: {"ER_LOCK_WAIT_TIMEOUT", mysql.ClassPassing, mysql.RetryStatement},
	1206: {"ER_LOCK_TABLE_FULL", mysql.ClassPassing, mysql.RetryTransaction},
	1213: {"ER_LOCK_DEADLOCK", mysql.ClassPassing, mysql.RetryTransaction},
	1226: {"ER_USER_LIMIT_REACHED", mysql.ClassPassing, mysql.RetryConnect},
	1227: {"ER_SPECIFIC_ACCESS_DENIED_ERROR", mysql.ClassDenied, mysql.RetryNever},
	1290: {"ER_OPTION_PREVENTS_STATEMENT", mysql.ClassReadOnly, mysql.RetryNever},
	1317: {"ER_QUERY_INTERRUPTED", mysql.ClassEnded, mysql.RetryNever},
	1370: {"ER_PROCACCESS_DENIED_ERROR", mysql.ClassDenied, mysql.RetryNever},
	1412: {"ER_TABLE_DEF_CHANGED", mysql.ClassPassing, mysql.RetryTransaction},
	1613: {"ER_XA_RBTIMEOUT", mysql.ClassPassing, mysql.RetryTransaction},
	1614: {"ER_XA_RBDEADLOCK", mysql.ClassPassing, mysql.RetryTransaction},
	1615: {"ER_NEED_REPREPARE", mysql.ClassPassing, mysql.RetryStatement},
	1637: {"ER_TOO_MANY_CONCURRENT_TRXS", mysql.ClassPassing, mysql.RetryTransaction},
	1689: {"ER_LOCK_ABORTED", mysql.ClassPassing, mysql.RetryStatement},
	1698: {"ER_ACCESS_DENIED_NO_PASSWORD_ERROR", mysql.ClassDenied, mysql.RetryNever},
	1792: {"ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION", mysql.ClassReadOnly, mysql.RetryNever},
	1836: {"ER_READ_ONLY_MODE", mysql.ClassReadOnly, mysql.RetryNever},
	1878: {"ER_TEMP_FILE_WRITE_FAILURE", mysql.ClassRoom, mysql.RetryNever},
	1927: {"", mysql.ClassLost, mysql.RetryLook},
	1969: {"", mysql.ClassEnded, mysql.RetryNever},
	2006: {"", mysql.ClassLost, mysql.RetryLook},
	2013: {"", mysql.ClassLost, mysql.RetryLook},
	3024: {"ER_QUERY_TIMEOUT", mysql.ClassEnded, mysql.RetryNever},
	3032: {"ER_SERVER_OFFLINE_MODE", mysql.ClassUnreached, mysql.RetryConnect},
	3058: {"ER_USER_LOCK_DEADLOCK", mysql.ClassPassing, mysql.RetryStatement},
	3100: {"ER_RUN_HOOK_ERROR", mysql.ClassReadOnly, mysql.RetryNever},
	3101: {"ER_TRANSACTION_ROLLBACK_DURING_COMMIT", mysql.ClassPassing, mysql.RetryTransaction},
	3168: {"ER_SERVER_ISNT_AVAILABLE", mysql.ClassUnreached, mysql.RetryConnect},
	3169: {"ER_SESSION_WAS_KILLED", mysql.ClassLost, mysql.RetryLook},
	3572: {"ER_LOCK_NOWAIT", mysql.ClassPassing, mysql.RetryStatement},
	3675: {"ER_DISK_FULL_NOWAIT", mysql.ClassRoom, mysql.RetryNever},
	4031: {"ER_CLIENT_INTERACTION_TIMEOUT", mysql.ClassLost, mysql.RetryLook},
	9001: {"", mysql.ClassPassing, mysql.RetryConnect},
}

// TestClassOf_numbers compares the whole table: every number that there can be.
func TestClassOf_numbers(t *testing.T) {
	t.Parallel()
	for number := uint16(1); number < 65535; number++ {
		want, known := classes[number]
		if !known {
			want.class, want.retry = mysql.ClassStatement, mysql.RetryNever
		}
		class, retry := mysql.ClassOf(fmt.Errorf("wrapped: %w", &driversql.MySQLError{Number: number}))
		if class != want.class || retry != want.retry {
			t.Errorf("%d is %s, %s, want %s, %s", number, class, retry, want.class, want.retry)
		}
	}
}

// TestClassOf_engine: an engine passes on what the system said in the text of one number.
func TestClassOf_engine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]mysql.Class{
		"Got error 28 - 'No space left on device' from storage engine":                  mysql.ClassRoom,
		"Got error 28 \"No space left on device\" from storage engine InnoDB":           mysql.ClassRoom,
		"Got error 135 \"No more room in record file\" from storage engine MyISAM":      mysql.ClassRoom,
		"Got error 122 - 'Internal (unspecified) error in handler' from storage engine": mysql.ClassRoom,
		"Got error 128 - 'Out of memory in engine' from storage engine":                 mysql.ClassStatement,
		"Got error 168 - 'Unknown (generic) error from engine' from storage engine":     mysql.ClassStatement,
	} {
		if class, _ := mysql.ClassOf(&driversql.MySQLError{Number: 1030, Message: text}); class != want {
			t.Errorf("%s: %s, want %s", text, class, want)
		}
	}
}

// TestClassOf_names asks a server what its numbers are.
func TestClassOf_names(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		if s.Kind.IsMariaDB() {
			t.Skip("MariaDB has no table of its errors; the numbers that both have are the same")
		}
		got := map[uint16]string{}
		for _, row := range s.QueryRows(t, "SELECT ERROR_NUMBER, ERROR_NAME FROM performance_schema.events_errors_summary_global_by_error WHERE ERROR_NUMBER IS NOT NULL") {
			number, err := strconv.ParseUint(row[0], 10, 16)
			if err != nil {
				t.Fatal(err)
			}
			if c, ok := classes[uint16(number)]; ok && c.name != "" {
				got[uint16(number)] = row[1]
			}
		}
		want := map[uint16]string{}
		for number, c := range classes {
			if c.name != "" {
				want[number] = c.name
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
	})
}

// TestClassOf_driver is the rest of the table: what the driver, database/sql, the
// network and this package say.
func TestClassOf_driver(t *testing.T) {
	t.Parallel()
	read := func(err error) error { return &net.OpError{Op: "read", Err: os.NewSyscallError("read", err)} }
	lost, unreached, stopped := [2]string{"lost", "look"}, [2]string{"unreached", "connect"}, [2]string{"stopped", "look"}
	cases := map[string]struct {
		err  error
		want [2]string
	}{
		"nothing":               {nil, [2]string{"other", "never"}},
		"something else":        {errors.New("x"), [2]string{"other", "never"}},
		"no rows":               {sql.ErrNoRows, [2]string{"other", "never"}},
		"invalid connection":    {driversql.ErrInvalidConn, lost},
		"malformed packet":      {driversql.ErrMalformPkt, lost},
		"packet out of order":   {driversql.ErrPktSync, lost},
		"several packets":       {driversql.ErrPktSyncMul, lost},
		"busy buffer":           {driversql.ErrBusyBuffer, lost},
		"packet too large":      {driversql.ErrPktTooLarge, [2]string{"statement", "never"}},
		"bad connection":        {driver.ErrBadConn, lost},
		"connection given back": {sql.ErrConnDone, lost},
		"end":                   {io.EOF, lost},
		"end in the middle":     {io.ErrUnexpectedEOF, lost},
		"closed":                {net.ErrClosed, lost},
		"reset":                 {read(syscall.ECONNRESET), lost},
		"bare reset":            {syscall.ECONNRESET, lost},
		"bare broken pipe":      {syscall.EPIPE, lost},
		"read timed out":        {read(syscall.ETIMEDOUT), lost},
		"no such file":          {&os.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}, [2]string{"other", "never"}},
		"lost":                  {&mysql.LostError{Endpoint: "h:1", Err: driversql.ErrInvalidConn}, lost},
		"timed out":             {&mysql.StatementTimeoutError{Limit: time.Second}, [2]string{"silent", "look"}},
		"canceled":              {context.Canceled, stopped},
		"deadline":              {context.DeadlineExceeded, stopped},
		"refused":               {&mysql.ConnectError{Err: read(syscall.ECONNREFUSED)}, unreached},
		"not answered":          {&mysql.ConnectError{Err: context.DeadlineExceeded}, unreached},
		"without a cause":       {&mysql.ConnectError{}, unreached},
		"wrong password":        {&mysql.ConnectError{Err: &driversql.MySQLError{Number: 1045}}, [2]string{"denied", "never"}},
		"no free connection":    {&mysql.ConnectError{Err: &driversql.MySQLError{Number: 1040}}, [2]string{"passing", "connect"}},
		"handshake":             {&mysql.ConnectError{Err: &driversql.MySQLError{Number: 1043}}, unreached},
	}
	for name, c := range cases {
		class, retry := mysql.ClassOf(wrapped(c.err))
		if got := [2]string{string(class), string(retry)}; got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if want := c.want[0] == "lost" || c.want[0] == "silent" || c.want[0] == "unreached" || c.want[0] == "stopped"; mysql.IsUnanswered(wrapped(c.err)) != want {
			t.Errorf("%s: IsUnanswered is %v", name, !want)
		}
	}
}

func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("doing something: %w", err)
}
