package binlog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/go-mysql-org/go-mysql/replication"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A Request says what to read.
type Request struct {
	// From is where reading begins.
	From Position
	// End is where it ends: [Current] before the call. The zero value reads to
	// the end of the log, which may be written faster than it is read.
	End Position
	// Until ends reading before the first transaction that was not committed
	// before that moment. MariaDB writes whole seconds, so on MariaDB it is cut
	// to the second. The zero value has no such end.
	Until time.Time
	// Wants says whose rows are taken apart; nil means those of all databases.
	// Statements are reported whatever their database is.
	Wants func(database string) bool
}

// A Summary says how far a log was read.
type Summary struct {
	Transactions int // also those of other databases
	// Reached says that Until was reached: there are later transactions.
	Reached bool
	// Last is the time of the last transaction that was read, zero when there
	// was none. End is where it ends.
	Last time.Time
	End  Position
}

// ErrStop is returned by the function that [Stream] calls, to end reading
// without an error.
var ErrStop = errors.New("enough was read")

// Stream reads transactions in the order in which they were committed, and
// calls fn for each of their events. It returns at the end that the request
// names, at the first error of fn, and when the context ends. The server waits
// for fn. An error is an *UnusableError when the log cannot be used.
//
// The privileges of the queryer's account are asked for the start; the log is
// read with those of the configuration, which should be the same.
func Stream(ctx context.Context, q mysql.Queryer, cfg mysql.Config, info mysql.Info, r Request, fn func(Event) error) (Summary, error) {
	if !info.BinaryLog {
		return Summary{}, &UnusableError{Reason: NoBinaryLog}
	}
	at, err := chooseStart(ctx, q, info, r.From)
	if err != nil {
		return Summary{}, explain(err, info, "look for the position in the binary log")
	}
	encrypted, err := isEncrypted(ctx, q)
	if err != nil {
		return Summary{}, err
	}
	c, err := dial(ctx, cfg, encrypted)
	if err != nil {
		return Summary{}, err
	}
	defer c.close()
	if err := c.prepare(ctx, info.Product); err != nil {
		return Summary{}, err
	}
	if err := c.request(ctx, info.Product, at); err != nil {
		return Summary{}, err
	}
	s := newReader(info, r, fn)
	for {
		data, err := c.next(ctx)
		if err != nil {
			return s.summary, s.lost(err, info)
		}
		if data == nil {
			return s.summary, s.finish()
		}
		switch err := s.event(data); {
		case errors.Is(err, ErrStop):
			return s.summary, nil
		case err != nil:
			return s.summary, err
		case ctx.Err() != nil: // much may have been read ahead
			return s.summary, context.Cause(ctx)
		}
	}
}

// A reader turns events into calls.
type reader struct {
	info   mysql.Info
	r      Request
	fn     func(Event) error
	parser *replication.BinlogParser

	version string // of the server that wrote the file
	at      Position
	summary Summary

	tables   map[uint64]*Table // by the id that rows name; nil for those that are not wanted
	pending  *Begin            // not told yet
	open     bool              // in a transaction
	explicit bool              // it ends with a commit, not with its one statement
	summed   bool              // events end in a checksum, but for those of a compressed transaction
}

func newReader(info mysql.Info, r Request, fn func(Event) error) *reader {
	s := &reader{info: info, r: r, fn: fn, tables: map[uint64]*Table{}}
	s.at.Server = info.UUID
	s.parser = newParser(info)
	return s
}

// lost makes a sentence of what the server says when it cannot go on.
func (s *reader) lost(err error, info mysql.Info) error {
	at := s.at
	if at.File == "" {
		at = s.r.From
	}
	switch {
	case mysql.IsBinaryLogLost(err):
		return &UnusableError{Reason: Damaged, Position: at, Err: errors.Unwrap(err)}
	case mysql.IsAccessDenied(err):
		return &UnusableError{Reason: NoPrivilege, Detail: info.Account, Err: errors.Unwrap(err)}
	}
	return err
}

// finish is the end of the log.
func (s *reader) finish() error {
	if s.open {
		return &UnusableError{Reason: Damaged, Position: s.at, Detail: ", because its last transaction is not whole"}
	}
	return nil
}

// event takes one event as it is on the wire.
func (s *reader) event(data []byte) error {
	var h replication.EventHeader
	if err := h.Decode(data); err != nil || int(h.EventSize) != len(data) {
		return s.damaged("an event has not the size that it names")
	}
	switch {
	case h.EventType == replication.ROTATE_EVENT:
		return s.rotate(data)
	case s.version == "" && h.EventType != replication.FORMAT_DESCRIPTION_EVENT:
		return s.damaged("an event stands before the description of its format")
	}
	plain, ok := s.plain(&h, data)
	if !ok {
		return s.damaged("a checksum does not match")
	}
	switch {
	case h.LogPos != 0:
		s.at.Offset = uint64(h.LogPos)
	case h.Flags&replication.LOG_EVENT_ARTIFICIAL_F == 0 && h.EventType != replication.FORMAT_DESCRIPTION_EVENT:
		s.at.Offset += uint64(h.EventSize) // newer versions of MariaDB write no position
	}
	return s.dispatch(&h, plain)
}

// plain compares the checksum of an event and takes it away, also of an event
// that is not looked at any further: a bit that changed in the number of a table
// would make its rows those of a table that nobody asked for. What the server
// makes up for the connection is not compared, and neither is the description,
// in which it turns a flag after it computed the checksum.
//
// Nothing is left behind the end: the library would read it as a part of a text
// that says that it is longer.
func (s *reader) plain(h *replication.EventHeader, data []byte) ([]byte, bool) {
	if !s.summed || h.EventType == replication.FORMAT_DESCRIPTION_EVENT {
		return data[:len(data):len(data)], true
	}
	end := len(data) - replication.BinlogChecksumLength
	if end < replication.EventHeaderSize {
		return nil, false
	}
	switch h.EventType {
	case replication.HEARTBEAT_EVENT, replication.HEARTBEAT_LOG_EVENT_V2, replication.MARIADB_START_ENCRYPTION_EVENT:
	default:
		if crc32.ChecksumIEEE(data[:end]) != binary.LittleEndian.Uint32(data[end:]) {
			return nil, false
		}
	}
	binary.LittleEndian.PutUint32(data[9:], uint32(end)) // the size
	return data[:end:end], true
}

func (s *reader) damaged(why string) error {
	return &UnusableError{Reason: Damaged, Position: s.at, Detail: ": " + why}
}

// rotate says in which file what follows is. Servers send it with a checksum
// also before they have said that there are checksums.
func (s *reader) rotate(data []byte) error {
	body := body(data)
	if n := len(data) - replication.BinlogChecksumLength; len(body) > 12 &&
		crc32.ChecksumIEEE(data[:n]) == binary.LittleEndian.Uint32(data[n:]) {
		body = body[:len(body)-replication.BinlogChecksumLength]
	}
	if len(body) < 9 {
		return s.damaged("a rotate event names no file")
	}
	s.at.File, s.at.Offset = string(body[8:]), binary.LittleEndian.Uint64(body)
	return s.ended()
}

// ended stops reading at the end that the request names.
func (s *reader) ended() error {
	end := s.r.End
	if end.File == "" || s.open || s.at.File == "" {
		return nil
	}
	if n := compareFiles(s.at.File, end.File); n > 0 || n == 0 && s.at.Offset >= end.Offset {
		return ErrStop
	}
	return nil
}

// dispatch takes an event of the log, or of a compressed transaction in it.
func (s *reader) dispatch(h *replication.EventHeader, data []byte) error {
	switch h.EventType {
	case replication.STOP_EVENT, replication.HEARTBEAT_EVENT, replication.HEARTBEAT_LOG_EVENT_V2,
		replication.PREVIOUS_GTIDS_EVENT, replication.IGNORABLE_EVENT, replication.ROWS_QUERY_EVENT,
		replication.TRANSACTION_CONTEXT_EVENT, replication.VIEW_CHANGE_EVENT, replication.MARIADB_ANNOTATE_ROWS_EVENT,
		replication.MARIADB_BINLOG_CHECKPOINT_EVENT, replication.MARIADB_GTID_LIST_EVENT, replication.MARIADB_START_ENCRYPTION_EVENT:
		return s.ended()
	case replication.INTVAR_EVENT, replication.RAND_EVENT, replication.USER_VAR_EVENT, replication.BEGIN_LOAD_QUERY_EVENT,
		replication.APPEND_BLOCK_EVENT, replication.DELETE_FILE_EVENT:
		return nil // they prepare a statement, which is seen
	case replication.TABLE_MAP_EVENT:
		return s.tableMap(data)
	case replication.INCIDENT_EVENT:
		return &UnusableError{Reason: Incident, Position: s.at}
	case replication.TRANSACTION_PAYLOAD_EVENT:
		return s.payload(data)
	case replication.EXECUTE_LOAD_QUERY_EVENT:
		return s.load(data)
	}
	if isRows(h.EventType) {
		return s.rows(h, data)
	}
	return s.boundary(h, data)
}

// boundary takes what begins and ends transactions.
func (s *reader) boundary(h *replication.EventHeader, data []byte) error {
	switch h.EventType {
	case replication.FORMAT_DESCRIPTION_EVENT:
		return s.format(data)
	case replication.GTID_EVENT, replication.ANONYMOUS_GTID_EVENT, replication.GTID_TAGGED_LOG_EVENT, replication.MARIADB_GTID_EVENT:
		return s.begin(h, data)
	case replication.QUERY_EVENT, replication.MARIADB_QUERY_COMPRESSED_EVENT:
		return s.query(h, data)
	case replication.XID_EVENT:
		return s.commit(&Commit{})
	case replication.XA_PREPARE_LOG_EVENT:
		if body := body(data); len(body) > 0 && body[0] == 1 { // in one phase
			return s.commit(&Commit{})
		}
		return s.close(&Prepare{End: s.at})
	}
	if h.Flags&replication.LOG_EVENT_IGNORABLE_F != 0 {
		return nil
	}
	return &UnusableError{Reason: UnknownEvent, Position: s.at, Detail: fmt.Sprintf("an event of the type %d (%s)", h.EventType, h.EventType)}
}

// format takes the description that every file begins with. The library is told
// that there are no checksums: it gets events without them.
func (s *reader) format(data []byte) error {
	e, err := s.parse(data)
	if err != nil {
		return err
	}
	f, ok := e.(*replication.FormatDescriptionEvent)
	if !ok || f.ServerVersion == "" {
		return s.damaged("the description of its format cannot be read")
	}
	s.version = f.ServerVersion
	s.summed = f.ChecksumAlgorithm == replication.BINLOG_CHECKSUM_ALG_CRC32
	f.ChecksumAlgorithm = replication.BINLOG_CHECKSUM_ALG_OFF
	return nil
}

// body returns an event without its head.
func body(data []byte) []byte { return data[replication.EventHeaderSize:] }

// parse calls the library, which panics on what it does not expect and repeats
// rows in its errors.
func (s *reader) parse(data []byte) (e replication.Event, err error) {
	defer func() {
		if recover() != nil {
			e, err = nil, s.damaged("an event is not what its type says")
		}
	}()
	parsed, err := s.parser.Parse(data)
	if err != nil {
		return nil, s.damaged(fmt.Sprintf("an event of the type %s cannot be taken apart", replication.EventType(data[4])))
	}
	return parsed.Event, nil
}

// begin takes the event that names a transaction.
func (s *reader) begin(h *replication.EventHeader, data []byte) error {
	if err := s.ended(); err != nil {
		return err
	}
	e, err := s.parse(data)
	if err != nil {
		return err
	}
	b := &Begin{Version: s.version, Time: time.Unix(int64(h.Timestamp), 0).UTC()}
	s.open, s.explicit = true, false
	switch e := e.(type) {
	case *replication.GTIDEvent:
		mysqlBegin(b, e, h.EventType)
	case *replication.GtidTaggedLogEvent:
		mysqlBegin(b, &e.GTIDEvent, h.EventType)
	case *replication.MariadbGTIDEvent:
		b.GTID = e.GTID.String()
		s.explicit = !e.IsStandalone()
	}
	s.pending = b
	return nil
}

// mysqlBegin reads who committed when. The time on the server where the
// transaction was first committed is what a person remembers.
func mysqlBegin(b *Begin, e *replication.GTIDEvent, t replication.EventType) {
	if micros := e.OriginalCommitTimestamp; micros != 0 {
		b.Time = time.UnixMicro(int64(micros)).UTC()
	}
	if t != replication.ANONYMOUS_GTID_EVENT && len(e.SID) == replication.SidLength {
		b.GTID = fmt.Sprintf("%x-%x-%x-%x-%x:", e.SID[:4], e.SID[4:6], e.SID[6:8], e.SID[8:10], e.SID[10:])
		if e.Tag != "" {
			b.GTID += e.Tag + ":"
		}
		b.GTID += fmt.Sprint(e.GNO)
	}
}

// tell reports an event, and before the first one of a transaction its begin.
// took is how long a statement ran: MariaDB writes when it began.
func (s *reader) tell(e Event, took time.Duration) error {
	if b := s.pending; b != nil {
		s.pending = nil
		if s.info.Product == mysql.MariaDB {
			b.Time = b.Time.Add(took)
		}
		if b.Time.Before(s.summary.Last) {
			b.Time = s.summary.Last
		}
		until := s.r.Until
		if s.info.Product == mysql.MariaDB {
			until = until.Truncate(time.Second)
		}
		if !s.r.Until.IsZero() && !b.Time.Before(until) {
			s.summary.Reached = true
			return ErrStop
		}
		s.summary.Last = b.Time
		if err := s.fn(b); err != nil {
			return err
		}
	}
	return s.fn(e)
}

// commit ends a transaction.
func (s *reader) commit(e *Commit) error {
	e.End = s.at
	return s.close(e)
}

func (s *reader) close(e Event) error {
	if err := s.tell(e, 0); err != nil {
		return err
	}
	s.open, s.explicit = false, false
	clear(s.tables)
	s.summary.Transactions++
	s.summary.End = s.at
	return s.ended()
}
