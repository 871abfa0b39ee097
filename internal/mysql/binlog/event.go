package binlog

import "time"

// An Event is a *Begin, *Query, *Rows, *Prepare or *Commit. Each transaction is
// a Begin, what it did, and a Prepare or Commit; a statement that commits by
// itself is a transaction too.
type Event interface{ isEvent() }

// A Begin begins a transaction.
type Begin struct {
	// GTID names the transaction; empty when the server counts none.
	GTID string
	// Time is when it was committed, on the server where that was first done:
	// to the microsecond on MySQL, to the second on MariaDB. It never goes back
	// from one transaction to the next; a clock that was set back is hidden.
	Time time.Time
	// Version is the server that wrote the log.
	Version string
}

// A Query is a statement that the log holds as text: a change of structure, or
// in the format STATEMENT any other.
type Query struct {
	Text string // in the character set Client
	Environment

	// ErrorCode is the error with which it ended on the server, 0 when it
	// succeeded.
	ErrorCode uint16
	// Load says that the statement needs a file: LOAD DATA in the format
	// STATEMENT.
	Load bool
}

// An Environment is what the session was like in which a statement ran, as far
// as the statement may depend on it. Collations are their ids.
type Environment struct {
	Database             string // the default one
	SQLMode              uint64 // the bits of sql_mode
	NoForeignKeyChecks   bool
	NoUniqueChecks       bool
	NoCheckConstraints   bool      // MariaDB
	Timestamp            time.Time // of the statement, as NOW() gave it
	TimeZone             string    // empty: not known to matter
	Client               uint16    // a collation of character_set_client
	Connection           uint16    // collation_connection
	Server               uint16    // collation_server
	DefaultUTF8MB4       uint16    // MySQL: default_collation_for_utf8mb4
	CharsetCollations    map[uint16]uint16
	AutoIncrement        uint16
	AutoOffset           uint16
	ExplicitTimestamps   *bool
	DefaultEncryption    *bool // MySQL
	RequirePrimaryKey    *bool // MySQL
	InvokerUser, Invoker string
	// Incomplete says that the server noted something more that is not known.
	Incomplete bool
}

// Bits of Environment.SQLMode that change how a text is read. Both products use
// the same.
const (
	ModeANSIQuotes         = 1 << 2
	ModeNoBackslashEscapes = 1 << 20
)

// A Change is what happened to rows.
type Change string

// The changes.
const (
	Insert Change = "insert"
	Update Change = "update"
	Delete Change = "delete"
)

// Rows are rows of one table that one statement changed.
type Rows struct {
	Table  *Table
	Change Change
	// Before are the rows as they were (Update, Delete), After as they are since
	// (Insert, Update), both in the same order.
	Before, After [][]Value
	// NoForeignKeyChecks says that the session did not check foreign keys, so
	// that the change had no effect on other tables.
	NoForeignKeyChecks bool
}

// A Commit ends a transaction.
type Commit struct {
	// RolledBack says that the transaction was undone, as far as its tables
	// allow it: it is in the log because some do not.
	RolledBack bool
	// End is where the next transaction begins: the file and offset.
	End Position
}

// A Prepare ends the first phase of a distributed transaction (XA). Whether it
// takes effect is said by a later Query, XA COMMIT or XA ROLLBACK.
type Prepare struct{ End Position }

func (*Begin) isEvent()   {}
func (*Query) isEvent()   {}
func (*Rows) isEvent()    {}
func (*Commit) isEvent()  {}
func (*Prepare) isEvent() {}

// A Type is how values of a column are stored in the log. It says less than the
// type of the column: neither signs nor character sets nor the members of an ENUM.
type Type int

// The types, with the Go type of their values.
const (
	Integer   Type = iota // int64, as if signed: see Column.Unsigned
	Year                  // int64; 0 is the year 0000
	Float                 // float32
	Double                // float64
	Decimal               // string
	Date                  // string
	Time                  // string
	DateTime              // string
	Timestamp             // string, in UTC
	String                // []byte: CHAR, VARCHAR, BINARY, VARBINARY, and MariaDB's UUID, INET4, INET6
	Blob                  // []byte: BLOB, TEXT
	Enum                  // int64, the index; 0 is the empty error value
	Set                   // uint64, the bits
	Bit                   // uint64
	JSON                  // *Document
	Geometry              // []byte: the SRID and the well-known binary form
	Vector                // []byte
)

// A Value is a value of a column: nil for NULL, [Missing], or what [Type] says.
type Value any

// Missing is the value of a column that the log leaves out.
type Missing struct{}

// A Table is a table as the log describes it.
type Table struct {
	Database, Name string
	Columns        []Column
}

// A Column is a column of a table, by its position.
type Column struct {
	Type Type
	// Name is empty unless the server writes full metadata.
	Name string
	// Width is the size of an Integer in bytes, and of a fixed-length String.
	Width int

	compressed bool // MariaDB
}

// Unsigned returns an Integer of a column that is unsigned.
func (c Column) Unsigned(v int64) uint64 {
	if c.Width >= 8 {
		return uint64(v)
	}
	return uint64(v) & (1<<(8*c.Width) - 1)
}
