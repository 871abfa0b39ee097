package binlog

import "fmt"

// A Reason says why changes cannot be replayed from a binary log.
type Reason string

// The reasons.
const (
	NoBinaryLog   Reason = "no_binary_log"
	NoPosition    Reason = "no_position"
	NotRowFormat  Reason = "not_row_format"
	NotFullImage  Reason = "not_full_image"
	PartialJSON   Reason = "partial_json"
	Purged        Reason = "purged"
	OtherServer   Reason = "other_server"
	NotWritten    Reason = "not_written"
	NoPrivilege   Reason = "no_privilege"
	Incident      Reason = "incident"
	UnknownEvent  Reason = "unknown_event"
	Damaged       Reason = "damaged"
	UnknownColumn Reason = "unknown_column"
)

// An UnusableError says that changes cannot be replayed from a binary log: a
// sentence for a person, with what to do about it.
type UnusableError struct {
	Reason Reason
	// Position is what was asked for, or where reading stopped.
	Position Position
	// Detail is the part of the sentence that depends on the server: a format,
	// an account, the first file that is left, an event.
	Detail string
	// Err is what the server said, if it did.
	Err error
}

func (e *UnusableError) Error() string {
	text := e.sentence()
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *UnusableError) Unwrap() error { return e.Err }

func (e *UnusableError) sentence() string {
	at := e.Position.String()
	switch e.Reason {
	case NoBinaryLog:
		return "the server keeps no binary log, so changes after a checkpoint cannot be replayed; start it with `log_bin`"
	case NoPosition:
		return "no position in the binary log is known, because the server kept none when the checkpoint was taken"
	case NotRowFormat:
		return fmt.Sprintf("the server writes its binary log in the format %s, and changes of one database can be replayed from the format ROW only;"+
			" set `binlog_format = ROW` and take a new checkpoint", e.Detail)
	case NotFullImage:
		return fmt.Sprintf("the server writes rows into its binary log in part (`binlog_row_image = %s`), and only whole rows can be replayed;"+
			" set `binlog_row_image = FULL` and take a new checkpoint", e.Detail)
	case PartialJSON:
		return "the server writes JSON documents into its binary log in part, and only whole ones can be replayed;" +
			" set `binlog_row_value_options = ''` and take a new checkpoint"
	case Purged:
		return fmt.Sprintf("the binary log since `%s` has been purged in part%s, so changes since then cannot be replayed", at, e.Detail)
	case OtherServer:
		return fmt.Sprintf("the position `%s` belongs to another server%s, and without GTIDs that both have it means nothing on this one", at, e.Detail)
	case NotWritten:
		return fmt.Sprintf("the position `%s` is not in the binary log of this server%s; the log has been reset since, or the server was put back to an earlier state", at, e.Detail)
	case NoPrivilege:
		return fmt.Sprintf("the account `%s` may not read the binary log; grant it %s", e.Detail, "REPLICATION SLAVE and "+monitorPrivilege)
	case Incident:
		return fmt.Sprintf("the binary log has a gap at `%s`: the server could not write what happened there (an incident event), so changes after it cannot be replayed", at)
	case UnknownEvent:
		return fmt.Sprintf("the binary log holds %s at `%s`, which is not known, so what it changes cannot be replayed", e.Detail, at)
	case Damaged:
		return fmt.Sprintf("the binary log cannot be read at `%s`%s", at, e.Detail)
	case UnknownColumn:
		return fmt.Sprintf("the binary log holds rows of the table %s at `%s`, whose values cannot be read", e.Detail, at)
	}
	return "the binary log cannot be used: " + string(e.Reason)
}

const monitorPrivilege = "REPLICATION CLIENT (BINLOG MONITOR on MariaDB)"
