package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"regexp"
	"syscall"

	driversql "github.com/go-sql-driver/mysql"
)

// A Class says who is at fault when a statement fails, and what became of it.
type Class string

// The classes.
const (
	// ClassStatement: the server refuses the statement or its values. It had no
	// effect, and has none the next time.
	ClassStatement Class = "statement"
	// ClassDenied: the account may not do it.
	ClassDenied Class = "denied"
	// ClassPassing: a lock, a deadlock, no free connection. It had no effect, and
	// may well succeed a little later.
	ClassPassing Class = "passing"
	// ClassEnded: somebody or a limit ended the statement on the server, which took
	// it back.
	ClassEnded Class = "ended"
	// ClassReadOnly: the server takes no changes, as a replica does not.
	ClassReadOnly Class = "read-only"
	// ClassRoom: the server has no space or no memory left.
	ClassRoom Class = "room"
	// ClassLost: the connection broke. Whether the statement took effect is unknown.
	ClassLost Class = "lost"
	// ClassSilent: no answer came in time. Whether the statement took effect, or
	// will, is unknown.
	ClassSilent Class = "silent"
	// ClassUnreached: there was no connection, so nothing was sent.
	ClassUnreached Class = "unreached"
	// ClassStopped: this process gave the statement up, because its context ended.
	ClassStopped Class = "stopped"
	// ClassOther is everything that does not come from a server or the way to it.
	ClassOther Class = "other"
)

// A Retry says what may be done again after an error, and when.
type Retry string

// The ways to try again.
const (
	RetryNever       Retry = "never"       // not before somebody changed something
	RetryStatement   Retry = "statement"   // the statement: the rest of the transaction is there
	RetryTransaction Retry = "transaction" // the whole transaction: it was rolled back
	RetryConnect     Retry = "connect"     // from the connection on: nothing was sent
	RetryLook        Retry = "look"        // after a look at what took effect
)

// classOf is the table of error numbers. Whatever is not in it is the fault of
// the statement. Some numbers are not the servers' but those of proxies in front
// of them, and of the client libraries that these are built on.
func classOf(number uint16) (Class, Retry) {
	switch number {
	case errLockWaitTimeout, errNowaitLock, errUserLockDeadlock, errCannotLockAborted, errNeedsPreparing:
		return ClassPassing, RetryStatement
	case errDeadlock, errLockTableFull, errRecordChanged, errTableDefinitionChanged, errXATimeout, errXADeadlock, errTooManyTransactions, errCertification:
		return ClassPassing, RetryTransaction
	case errTooManyConnections, errUserLimit, errUserResource, errNoThread, errProxyNoBackend:
		return ClassPassing, RetryConnect
	case errQueryInterrupted, errStatementTimeout, errMaxExecutionTime:
		return ClassEnded, RetryNever
	case errDatabaseDenied, errAccountDenied, errHostNotPrivileged, errTableDenied, errColumnDenied, errSpecificDenied,
		errRoutineDenied, errKillDenied, errAccessDeniedNoPassword, errHostBlocked:
		return ClassDenied, RetryNever
	case errReadOnlyOption, errReadOnlyMode, errReadOnlyTransaction, errReplicationHook:
		return ClassReadOnly, RetryNever
	case errFileWrite, errFileDiskFull, errDiskFull, errDiskFullNow, errWriting, errTransactionCacheFull, errTableFull, errOutOfMemory, errOutOfSortMemory, errOutOfResources, errTemporaryFull:
		return ClassRoom, RetryNever
	case errShutdown, errNormalShutdown, errForcedClose, errAborted, errAbortedNew, errConnectionKilled, errSessionKilled,
		errClientInteraction, errServerGone, errServerLost, errPacketRead, errPacketReadTimeout, errPacketWrite, errPacketWriteTimeout, errPacketOrder:
		return ClassLost, RetryLook
	case errOffline, errUnavailable:
		return ClassUnreached, RetryConnect
	}
	return ClassStatement, RetryNever
}

// withoutSpace recognizes what engines pass on of a system that has no space left: the
// numbers of no space and of a quota, and their own of a table and an index that is full.
var withoutSpace = regexp.MustCompile(`(?i)\berror:? (28|122|135|136)\b`)

// ClassOf returns the class of an error, and what may be done again.
func ClassOf(err error) (Class, Retry) {
	var refused *ConnectError
	var late *StatementTimeoutError
	var lost *LostError
	switch {
	case err == nil:
		return ClassOther, RetryNever
	case errors.As(err, &lost):
		return ClassLost, RetryLook
	case errors.As(err, &refused):
		return classOfConnect(refused)
	case errors.As(err, &late):
		return ClassSilent, RetryLook
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ClassStopped, RetryLook
	}
	if e, ok := asServerError(err); ok {
		if e.Number == errEngine && withoutSpace.MatchString(e.Message) {
			return ClassRoom, RetryNever
		}
		return classOf(e.Number)
	}
	switch {
	case errors.Is(err, driversql.ErrPktTooLarge): // refused before it is sent
		return ClassStatement, RetryNever
	case isBroken(err):
		return ClassLost, RetryLook
	}
	return ClassOther, RetryNever
}

// classOfConnect tells a server that refuses the account from one that is not
// there.
func classOfConnect(e *ConnectError) (Class, Retry) {
	if server, ok := asServerError(e.Err); ok {
		if class, retry := classOf(server.Number); class != ClassStatement {
			return class, retry
		}
	}
	return ClassUnreached, RetryConnect
}

// isBroken recognizes what the driver, database/sql and the network say when a
// connection has ended.
func isBroken(err error) bool {
	for _, end := range []error{
		driversql.ErrInvalidConn, driversql.ErrMalformPkt, driversql.ErrPktSync, driversql.ErrPktSyncMul, driversql.ErrBusyBuffer,
		driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
	} {
		if errors.Is(err, end) {
			return true
		}
	}
	var number syscall.Errno
	var operation *net.OpError
	if errors.As(err, &number) && !errors.As(err, &operation) {
		// Any error number of the system passes for one of the network, also that
		// of a file.
		return number == syscall.ECONNRESET || number == syscall.EPIPE
	}
	var network net.Error
	return errors.As(err, &network)
}

// IsConnectionLost says that the connection broke or was killed. Whether the
// last statement took effect is unknown: the server finishes what it has begun.
func IsConnectionLost(err error) bool {
	class, _ := ClassOf(err)
	return class == ClassLost
}

// IsUnanswered says that nobody can tell from the error whether the statement
// took effect, or that it never reached a server: it is not at fault.
func IsUnanswered(err error) bool {
	switch class, _ := ClassOf(err); class {
	case ClassLost, ClassSilent, ClassUnreached, ClassStopped:
		return true
	default:
		return false
	}
}

// IsRefused says that the statement, or its values, are at fault, or that the
// account may not do what it asks for: the same will fail again.
func IsRefused(err error) bool {
	class, _ := ClassOf(err)
	return class == ClassStatement || class == ClassDenied
}

// IsTransient says that the same statement, or its whole transaction, may well
// succeed a little later, and had no effect: a lock, a deadlock, no free
// connection.
func IsTransient(err error) bool {
	class, _ := ClassOf(err)
	return class == ClassPassing
}

// IsAccessDenied says that the account lacks a privilege, or that user name and
// password are refused.
func IsAccessDenied(err error) bool {
	class, _ := ClassOf(err)
	return class == ClassDenied
}

// IsInterrupted says that the statement was killed or ran out of its time on
// the server.
func IsInterrupted(err error) bool {
	class, _ := ClassOf(err)
	return class == ClassEnded
}
