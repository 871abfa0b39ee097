package binlog

import (
	"bytes"
	"encoding/binary"
	"time"

	"github.com/go-mysql-org/go-mysql/replication"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// query takes a statement. The words that begin and end transactions are
// statements, too.
func (s *reader) query(h *replication.EventHeader, data []byte) error {
	if h.EventType == replication.MARIADB_QUERY_COMPRESSED_EVENT && !isPlausible(compressedText(body(data))) {
		return s.damaged("a statement cannot be read")
	}
	e, err := s.parse(data)
	if err != nil {
		return err
	}
	q, ok := e.(*replication.QueryEvent)
	if !ok {
		return s.damaged("a statement cannot be read")
	}
	switch text := bytes.TrimSpace(q.Query); {
	case bytes.EqualFold(text, []byte("BEGIN")):
		s.explicit = true
		return nil
	case bytes.EqualFold(text, []byte("COMMIT")):
		return s.commit(&Commit{})
	case bytes.EqualFold(text, []byte("ROLLBACK")):
		return s.commit(&Commit{RolledBack: true})
	case bytes.HasPrefix(text, []byte("XA START ")):
		s.explicit = true // it ends with the event that prepares it
	}
	return s.statement(h, q.StatusVars, string(q.Schema), string(q.Query), q.ErrorCode, q.ExecutionTime, false)
}

// compressedText returns the statement of MariaDB's event of a compressed one:
// behind fixed fields, what the session was like, and the name of a database
// with a zero. It is nil when there is none.
func compressedText(body []byte) []byte {
	const fixed = 13
	if len(body) < fixed {
		return nil
	}
	at := fixed + int(body[8]) + int(binary.LittleEndian.Uint16(body[11:])) + 1
	if len(body) < at {
		return nil
	}
	return body[at:]
}

func (s *reader) statement(h *replication.EventHeader, vars []byte, database, text string, code uint16, seconds uint32, load bool) error {
	out := &Query{Text: text, ErrorCode: code, Load: load}
	out.Database = database
	out.Timestamp = time.Unix(int64(h.Timestamp), 0).UTC()
	alone := s.open && !s.explicit
	v := statusVariables{data: vars, out: out, mariadb: s.info.Product == mysql.MariaDB}
	v.read()
	out.Incomplete = v.unknown
	if !v.halfAlter {
		if err := s.tell(out, time.Duration(seconds)*time.Second); err != nil {
			return err
		}
	}
	if alone {
		return s.commit(&Commit{})
	}
	return nil
}

// load takes LOAD DATA in the format STATEMENT, which the library reads in part.
func (s *reader) load(data []byte) error {
	const fixed = 26
	body := body(data)
	var h replication.EventHeader
	if err := h.Decode(data); err != nil || len(body) < fixed {
		return s.damaged("a statement cannot be read")
	}
	schema, vars := int(body[8]), int(binary.LittleEndian.Uint16(body[11:]))
	if len(body) < fixed+vars+schema+1 {
		return s.damaged("a statement cannot be read")
	}
	database := string(body[fixed+vars : fixed+vars+schema])
	return s.statement(&h, body[fixed:fixed+vars], database, string(body[fixed+vars+schema+1:]), 0, 0, true)
}

// statusVariables reads what a statement's session was like: a byte that says
// what follows, and the value, without a length. So everything up to the last
// one has to be known.
type statusVariables struct {
	data      []byte
	out       *Query
	mariadb   bool
	halfAlter bool
	unknown   bool
}

func (v *statusVariables) read() {
	for len(v.data) > 0 {
		code := v.data[0]
		v.data = v.data[1:]
		known := v.common(code)
		if !known && v.mariadb {
			known = v.ofMariaDB(code)
		} else if !known {
			known = v.ofMySQL(code)
		}
		if !known {
			v.unknown = true
			return
		}
	}
}

// take returns the next bytes. Too few of them read as zeros, and an unknown
// variable.
func (v *statusVariables) take(n int) []byte {
	if len(v.data) < n {
		v.unknown = true
		v.data = nil
		return make([]byte, n)
	}
	b := v.data[:n]
	v.data = v.data[n:]
	return b
}

func (v *statusVariables) text() string { return string(v.take(int(v.take(1)[0]))) }

func (v *statusVariables) uint16() uint16 { return binary.LittleEndian.Uint16(v.take(2)) }

func (v *statusVariables) flag() *bool {
	on := v.take(1)[0] != 0
	return &on
}

// Bits of the session's flags.
const (
	flagNoCheckConstraints = 1 << 15 // MariaDB
	flagNoForeignKeyChecks = 1 << 26
	flagNoUniqueChecks     = 1 << 27
)

// common takes the variables that both products write.
func (v *statusVariables) common(code byte) bool {
	o := v.out
	switch code {
	case 0:
		flags := binary.LittleEndian.Uint32(v.take(4))
		o.NoForeignKeyChecks = flags&flagNoForeignKeyChecks != 0
		o.NoUniqueChecks = flags&flagNoUniqueChecks != 0
		o.NoCheckConstraints = v.mariadb && flags&flagNoCheckConstraints != 0
	case 1:
		o.SQLMode = binary.LittleEndian.Uint64(v.take(8))
	case 2: // the catalog, with a zero behind it
		v.text()
		v.take(1)
	case 3:
		o.AutoIncrement, o.AutoOffset = v.uint16(), v.uint16()
	case 4:
		o.Client, o.Connection, o.Server = v.uint16(), v.uint16(), v.uint16()
	case 5:
		o.TimeZone = v.text()
	case 6: // the catalog
		v.text()
	case 7, 8: // the language of names of months; the collation of the database
		v.take(2)
	case 9, 17: // tables of an UPDATE; the number of the transaction
		v.take(8)
	case 10:
		v.take(4)
	case 11:
		o.InvokerUser, o.Invoker = v.text(), v.text()
	default:
		return false
	}
	return true
}

// tooManyDatabases says that a statement touches more databases than are listed.
const tooManyDatabases = 254

func (v *statusVariables) ofMySQL(code byte) bool {
	switch code {
	case 12: // names of databases, as far as the server sees them: it leaves out those of TRUNCATE
		v.databases()
	case 13:
		v.micros()
	case 14, 15: // times of the commit
		v.take(7)
	case 16:
		v.out.ExplicitTimestamps = v.flag()
	case 18:
		v.out.DefaultUTF8MB4 = v.uint16()
	case 19:
		v.out.RequirePrimaryKey = v.flag()
	case 20:
		v.out.DefaultEncryption = v.flag()
	case 21: // Percona Server: whether DROP TABLE was written as it was sent
		v.take(1)
	default:
		return false
	}
	return true
}

func (v *statusVariables) databases() {
	n := int(v.take(1)[0])
	if n == tooManyDatabases {
		return
	}
	for range n {
		end := bytes.IndexByte(v.data, 0)
		if end < 0 {
			v.unknown = true
			return
		}
		v.take(end + 1)
	}
}

func (v *statusVariables) micros() {
	b := v.take(3)
	micros := int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16
	v.out.Timestamp = v.out.Timestamp.Add(time.Duration(micros) * time.Microsecond)
}

// Flags of a transaction of MariaDB that is a part of an ALTER TABLE
// (binlog_alter_two_phase): only the second part changes anything.
const (
	alterStart    = 2
	alterCommit   = 4
	alterRollback = 8
)

func (v *statusVariables) ofMariaDB(code byte) bool {
	switch code {
	case 128:
		v.micros()
	case 129:
		v.take(8)
	case 130:
		flags := v.take(1)[0]
		if flags&(alterCommit|alterRollback) != 0 {
			v.take(8)
		}
		v.halfAlter = flags&(alterStart|alterRollback) != 0
	case 131:
		n := int(v.take(1)[0])
		v.out.CharsetCollations = map[uint16]uint16{}
		for range n {
			from := v.uint16()
			v.out.CharsetCollations[from] = v.uint16()
		}
	default:
		return false
	}
	return true
}
