package mysql

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	driversql "github.com/go-sql-driver/mysql"
)

// Error numbers of the servers. This is the only place that knows them.
// https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html
// https://mariadb.com/kb/en/mariadb-error-code-reference/
const (
	errDatabaseExists         = 1007
	errNoSuchDatabaseDrop     = 1008
	errDropDirectory          = 1010
	errDuplicateKey           = 1022
	errTooManyConnections     = 1040
	errHostNotPrivileged      = 1130
	errDatabaseDenied         = 1044
	errAccountDenied          = 1045
	errNoSuchGrant            = 1141
	errNoSuchTableGrant       = 1147
	errUnknownDatabase        = 1049
	errSignal                 = 1644
	errTableExists            = 1050
	errUnknownTable           = 1051
	errShutdown               = 1053
	errUnknownColumn          = 1054
	errColumnCount            = 1136
	errNotInGroupBy           = 1055
	errDuplicateColumn        = 1060
	errDuplicateKeyName       = 1061
	errDuplicateEntry         = 1062
	errParse                  = 1064
	errEmptyQuery             = 1065
	errCannotDropField        = 1091
	errNoSuchThread           = 1094
	errKillDenied             = 1095
	errHostBlocked            = 1129
	errMixOfGroup             = 1140
	errTableDenied            = 1142
	errColumnDenied           = 1143
	errNoSuchTable            = 1146
	errSyntax                 = 1149
	errUserLimit              = 1203
	errLockWaitTimeout        = 1205
	errDeadlock               = 1213
	errUserResource           = 1226
	errSpecificDenied         = 1227
	errRoutineExists          = 1304
	errRoutineMissing         = 1305
	errQueryInterrupted       = 1317
	errTriggerExists          = 1359
	errCannotUser             = 1396
	errTriggerMissing         = 1360
	errRoutineDenied          = 1370
	errBinlogFunction         = 1419
	errInvalidDefault         = 1067
	errTooLongKey             = 1071
	errTooBigColumn           = 1074
	errTooBigRow              = 1118
	errNoParentRow            = 1452
	errEventExists            = 1537
	errEventMissing           = 1539
	errDuplicateEntryKey      = 1586
	errNotSupportedReason     = 1846
	errNotSupported           = 1845
	errConnectionKilled       = 1927 // MariaDB
	errStatementTimeout       = 1969 // MariaDB
	errMaxExecutionTime       = 3024
	errUserLockDeadlock       = 3058
	errNowaitLock             = 3572
	errDefiner                = 4006
	errClientInteraction      = 4031 // the server closed an idle connection
	errSecureTransport        = 3159
	errInstantVersions        = 4092
	errAccessDeniedNoPassword = 1698

	// Those that only the table of settings tells apart.
	errCannotCreateTable = 1005
	errIllegalOption     = 1031
	errKeyTooLong        = 1071
	errRowTooLarge       = 1118
	errPacketTooLarge    = 1153
	errDuringCommit      = 1180
	errUnknownEngine     = 1286
	errBinlogRoutine     = 1418
	errIllegalOptions    = 1478
	errKeyColumnTooLong  = 1709
	errDisabledEngine    = 3161
	errRequirePrimaryKey = 3750

	// Those that only the table of classes tells apart.
	errRecordChanged          = 1020 // MariaDB, innodb_snapshot_isolation
	errFileWrite              = 3    // of the servers' file layer, which prints its own numbers
	errFileDiskFull           = 20   // of the same
	errDiskFull               = 1021
	errWriting                = 1026
	errEngine                 = 1030 // with a number of the engine or of the system in its text
	errOutOfMemory            = 1037
	errOutOfSortMemory        = 1038
	errOutOfResources         = 1041
	errNormalShutdown         = 1077
	errForcedClose            = 1080
	errTableFull              = 1114
	errNoThread               = 1135
	errAborted                = 1152
	errPacketOrder            = 1156
	errPacketRead             = 1158
	errPacketReadTimeout      = 1159
	errPacketWrite            = 1160
	errPacketWriteTimeout     = 1161
	errAbortedNew             = 1184
	errTransactionCacheFull   = 1197
	errLockTableFull          = 1206
	errTemporaryFull          = 1878
	errReadOnlyOption         = 1290
	errTableDefinitionChanged = 1412
	errXATimeout              = 1613
	errXADeadlock             = 1614
	errNeedsPreparing         = 1615
	errTooManyTransactions    = 1637
	errCannotLockAborted      = 1689
	errUnknownCommand         = 1047 // of a member of Galera that is not ready
	errReadOnlyTransaction    = 1792
	errReadOnlyMode           = 1836
	errServerGone             = 2006 // client libraries, so proxies
	errServerLost             = 2013
	errOffline                = 3032
	errReplicationHook        = 3100
	errCertification          = 3101
	errDiskFullNow            = 3675
	errUnavailable            = 3168
	errSessionKilled          = 3169
	errProxyNoBackend         = 9001 // ProxySQL
)

// A ServerError is an error that the server sent, without its secrets.
type ServerError struct {
	Number  uint16
	State   string // SQLSTATE, five characters or empty
	Message string // redacted: see Redact
	near    string
}

func (e *ServerError) Error() string {
	return fmt.Sprintf("error %d: %s", e.Number, e.Message)
}

// asServerError finds the server's error, ours or the driver's.
func asServerError(err error) (*ServerError, bool) {
	var ours *ServerError
	if errors.As(err, &ours) {
		return ours, true
	}
	var theirs *driversql.MySQLError
	if errors.As(err, &theirs) {
		return newServerError(theirs, nil), true
	}
	return nil, false
}

func newServerError(e *driversql.MySQLError, secrets []string) *ServerError {
	state := ""
	if e.SQLState != [5]byte{} {
		state = string(e.SQLState[:])
	}
	message, near := splitNear(e.Number, e.Message)
	if len(secrets) > 0 {
		near = ""
	}
	return &ServerError{Number: e.Number, State: state, Message: Redact(message, secrets...), near: near}
}

// nearPattern matches the end of a syntax error, where the server repeats the
// text around the failure; that may be the password of a CREATE USER.
var nearPattern = regexp.MustCompile(`(?s)^.* near '(.*)' at line (\d+)$`)

func splitNear(number uint16, message string) (short, near string) {
	if number != errParse && number != errSyntax {
		return message, ""
	}
	m := nearPattern.FindStringSubmatch(message)
	if m == nil {
		return "the statement has a syntax error", ""
	}
	return "the statement has a syntax error at line " + m[2], m[1]
}

// Near returns the text at which the server stopped to understand a statement
// (errors of syntax only, else empty). The text of the error itself leaves it
// out, because it may hold a secret: use it only for a statement that has none.
func Near(err error) string {
	if e, ok := asServerError(err); ok {
		return e.near
	}
	return ""
}

// Message returns what the server said without number and context, or the whole
// text of an error that does not come from the server. It holds no secret.
func Message(err error) string {
	if e, ok := asServerError(err); ok {
		return e.Message
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

// Redact replaces secrets in a text by `***`: as they are, as a URL escapes
// them and as SQL escapes them.
func Redact(text string, secrets ...string) string {
	var forms []string
	for _, s := range secrets {
		if s == "" {
			continue
		}
		forms = append(forms,
			s, url.QueryEscape(s), url.PathEscape(s),
			strings.ReplaceAll(s, `'`, `''`), strings.ReplaceAll(s, `\`, `\\`),
			strings.NewReplacer(`\`, `\\`, `'`, `\'`, `"`, `\"`).Replace(s),
			strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(s),
		)
	}
	// The longest of all first: a raw form would cut an escaped one, and a secret
	// another one that begins with it.
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	for _, f := range forms {
		text = strings.ReplaceAll(text, f, "***")
	}
	return text
}

type secretsKey struct{}

// WithSecrets marks texts that must appear in no error of a call made with the
// context: the passwords in its statement.
func WithSecrets(ctx context.Context, secrets ...string) context.Context {
	return context.WithValue(ctx, secretsKey{}, append(secretsOf(ctx), secrets...))
}

func secretsOf(ctx context.Context) []string {
	s, _ := ctx.Value(secretsKey{}).([]string)
	return slices.Clip(s)
}

// serverCause is a server's refusal of a connection in words.
func serverCause(e *ServerError) string {
	switch e.Number {
	case errAccountDenied, errDatabaseDenied, errAccessDeniedNoPassword:
		return "the server refused user name and password (" + e.Message + ")"
	case errTooManyConnections, errUserLimit, errUserResource:
		return "the server has no free connection (" + e.Message + ")"
	case errSecureTransport:
		return "the server takes encrypted connections only; check `tls.mode`"
	case errHostNotPrivileged, errHostBlocked:
		return "the server accepts no connection from this host (" + e.Message + ")"
	}
	return "the server said: " + e.Message
}

func is(err error, numbers ...uint16) bool {
	e, ok := asServerError(err)
	return ok && slices.Contains(numbers, e.Number)
}

// IsNoSuchDatabase says that a database does not exist. For a table in a
// database that does not exist MariaDB says IsNoSuchTable.
func IsNoSuchDatabase(err error) bool { return is(err, errUnknownDatabase, errNoSuchDatabaseDrop) }

// NoSuchDatabase is what a server says of a database that does not exist.
func NoSuchDatabase(name string) error {
	return &ServerError{Number: errUnknownDatabase, State: "42000", Message: fmt.Sprintf("Unknown database '%s'", name)}
}

// IsColumnMismatch says that a statement names a column that its table has not, or gives
// another number of values than it has columns.
func IsColumnMismatch(err error) bool { return is(err, errUnknownColumn, errColumnCount) }

// IsNoSuchGrant says that an account has no right that it could lose.
func IsNoSuchGrant(err error) bool { return is(err, errNoSuchGrant, errNoSuchTableGrant) }

// IsNoSuchTable says that a table or view does not exist.
func IsNoSuchTable(err error) bool { return is(err, errNoSuchTable, errUnknownTable) }

// IsGroupingRefused says that ONLY_FULL_GROUP_BY refuses a query.
func IsGroupingRefused(err error) bool { return is(err, errNotInGroupBy, errMixOfGroup) }

// IsNoSuchObject says that a routine, trigger, event, column or key that was
// named does not exist.
func IsNoSuchObject(err error) bool {
	return is(err, errRoutineMissing, errTriggerMissing, errEventMissing, errCannotDropField, errUnknownColumn)
}

// IsSignal says that a program of the server refuses something in its own words.
func IsSignal(err error) bool { return is(err, errSignal) }

// IsDatabaseExists says that a database of the name exists already.
func IsDatabaseExists(err error) bool { return is(err, errDatabaseExists) }

// IsDirectoryNotEmpty says that a database lost all its tables but is still
// there, because its directory holds a file that the server does not know.
// MariaDB leaves one now and then.
func IsDirectoryNotEmpty(err error) bool { return is(err, errDropDirectory) }

// IsObjectExists says that a table, view, routine, trigger, event, column or
// key of the name exists already.
func IsObjectExists(err error) bool {
	return is(err, errTableExists, errRoutineExists, errTriggerExists, errEventExists, errDuplicateColumn, errDuplicateKeyName)
}

// IsOthersAccessDenied says that not the account itself lacks a right, but another
// one that a view or program runs as. Account is written as in Info.Account. The
// server tells them apart by the name in its message alone, which is in no
// translation another.
func IsOthersAccessDenied(err error, account string) bool {
	user, _ := SplitAccount(account)
	e, ok := asServerError(err)
	return ok && IsAccessDenied(err) && strings.Contains(e.Message, "'@'") && !strings.Contains(e.Message, "'"+user+"'@'")
}

// IsAccountExists says that an account that was to be made is there already, or
// one that was to be altered is not.
func IsAccountExists(err error) bool { return is(err, errCannotUser) }

// IsDefiner says that an account was not made or dropped because programs name
// it as their definer, which MySQL looks at before it looks whether it is there.
func IsDefiner(err error) bool { return is(err, errDefiner) }

// IsBinaryLogDenied says that a trigger or function needs more privileges
// because the binary log is on and log_bin_trust_function_creators is off.
func IsBinaryLogDenied(err error) bool { return is(err, errBinlogFunction) }

// IsInvalidDefault says that a server does not take the default of a column, for
// example a zero date.
func IsInvalidDefault(err error) bool { return is(err, errInvalidDefault) }

// IsTooWide says that a key, a column or a row takes more bytes than a server allows,
// for which the character set counts.
func IsTooWide(err error) bool { return is(err, errTooLongKey, errTooBigColumn, errTooBigRow) }

// IsLockWaitTimeout says that the lock of a row or table was not free in time.
// Only the statement was rolled back; the transaction is still open.
func IsLockWaitTimeout(err error) bool { return is(err, errLockWaitTimeout, errNowaitLock) }

// IsDeadlock says that the whole transaction was rolled back to end a deadlock.
func IsDeadlock(err error) bool { return is(err, errDeadlock) }

// IsCommitFailed says that the rows of a transaction were refused only when it was to
// be committed. MariaDB writes rows then that no check was asked for.
func IsCommitFailed(err error) bool { return is(err, errDuringCommit) }

// IsUserLockDeadlock says that waiting for a named lock would never end.
func IsUserLockDeadlock(err error) bool { return is(err, errUserLockDeadlock) }

// IsDuplicateColumn says that a table has a column already that was to be added.
func IsDuplicateColumn(err error) bool { return is(err, errDuplicateColumn) }

// IsDuplicateKey says that a row violates a unique key.
func IsDuplicateKey(err error) bool {
	return is(err, errDuplicateEntry, errDuplicateEntryKey, errDuplicateKey)
}

// IsNoParentRow says that a row refers to one that is not there.
func IsNoParentRow(err error) bool { return is(err, errNoParentRow) }

// IsSyntax says that the server did not understand the statement.
func IsSyntax(err error) bool { return is(err, errParse, errSyntax, errEmptyQuery) }

// IsTooManyConnections says that the server, or the account, has no connection
// left.
func IsTooManyConnections(err error) bool {
	return is(err, errTooManyConnections, errUserLimit, errUserResource)
}

// ConnectionsBehind returns what bounds the connections that an error says are all
// used, in words; empty for another error.
func ConnectionsBehind(err error) string {
	switch {
	case is(err, errTooManyConnections):
		return "`max_connections` of the server"
	case is(err, errUserLimit):
		return "`max_user_connections` of the server"
	case is(err, errUserResource):
		return "the limit of the account that is named there (`ALTER USER`)"
	}
	return ""
}

// IsNoSuchThread says that the connection to kill is gone.
func IsNoSuchThread(err error) bool { return is(err, errNoSuchThread) }

// IsAlgorithmUnsupported says that the ALGORITHM or LOCK that was asked for
// cannot be had for this change.
func IsAlgorithmUnsupported(err error) bool {
	return is(err, errNotSupportedReason, errNotSupported, errInstantVersions)
}
