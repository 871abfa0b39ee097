package binlog

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	protocol "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
	"github.com/klauspost/compress/zstd"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// newParser makes the library's parser as this package needs it.
func newParser(info mysql.Info) *replication.BinlogParser {
	p := replication.NewBinlogParser()
	flavor := protocol.MySQLFlavor
	if info.Product == mysql.MariaDB {
		flavor = protocol.MariaDBFlavor
	}
	p.SetFlavor(flavor)
	p.SetTimestampStringLocation(time.UTC)
	// What the server may add about columns is read by describe, where a form
	// that is not known does no harm.
	p.SetTableMapOptionalMetaDecodeFunc(func([]byte) error { return nil })
	return p
}

func isRows(t replication.EventType) bool {
	switch t {
	case replication.WRITE_ROWS_EVENTv0, replication.WRITE_ROWS_EVENTv1, replication.WRITE_ROWS_EVENTv2,
		replication.UPDATE_ROWS_EVENTv0, replication.UPDATE_ROWS_EVENTv1, replication.UPDATE_ROWS_EVENTv2,
		replication.DELETE_ROWS_EVENTv0, replication.DELETE_ROWS_EVENTv1, replication.DELETE_ROWS_EVENTv2,
		replication.PARTIAL_UPDATE_ROWS_EVENT, replication.MARIADB_WRITE_ROWS_COMPRESSED_EVENT_V1,
		replication.MARIADB_UPDATE_ROWS_COMPRESSED_EVENT_V1, replication.MARIADB_DELETE_ROWS_COMPRESSED_EVENT_V1:
		return true
	}
	return false
}

// tableIDSize is the size of the number that rows name their table by.
const tableIDSize = 6

func tableID(body []byte) (uint64, bool) {
	if len(body) < tableIDSize+3 {
		return 0, false
	}
	return uint64(binary.LittleEndian.Uint32(body)) | uint64(binary.LittleEndian.Uint16(body[4:]))<<32, true
}

// tableMap takes the description of a table. Those of databases that are not
// wanted are not looked at any further.
func (s *reader) tableMap(p *replication.BinlogParser, data []byte) error {
	body := s.body(p, data)
	id, ok := tableID(body)
	if !ok {
		return s.damaged("the description of a table is too short")
	}
	length := int(body[tableIDSize+2])
	rest := body[tableIDSize+3:]
	if len(rest) < length {
		return s.damaged("the description of a table is too short")
	}
	delete(s.tables, id)
	if s.r.Wants != nil && !s.r.Wants(string(rest[:length])) {
		return nil
	}
	data, compressed, err := s.plainColumns(p, data)
	if err != nil {
		return err
	}
	e, err := s.parse(p, data)
	if err != nil {
		return err
	}
	m, ok := e.(*replication.TableMapEvent)
	if !ok {
		return s.damaged("the description of a table cannot be read")
	}
	t := &Table{Database: string(m.Schema), Name: string(m.Table), Columns: make([]Column, m.ColumnCount)}
	for i := range t.Columns {
		if !describe(&t.Columns[i], m.ColumnType[i], m.ColumnMeta[i]) {
			detail := fmt.Sprintf("`%s` with the type %d in column %d", t.Name, m.ColumnType[i], i+1)
			return &UnusableError{Reason: UnknownColumn, Position: s.at, Detail: detail}
		}
		if t.Columns[i].Type == JSON || t.Columns[i].Type == Vector || t.Columns[i].Type == Geometry {
			// The bytes as they are; the library would make a text of JSON in
			// which the types of numbers are lost.
			m.ColumnType[i] = protocol.MYSQL_TYPE_BLOB
		}
		t.Columns[i].compressed = compressed[i]
	}
	s.tables[id] = t
	return nil
}

// Types of MariaDB's columns with the attribute COMPRESSED, which the library
// does not know.
const (
	typeBlobCompressed    = 140
	typeVarcharCompressed = 141
)

// plainColumns returns the description of a table in which compressed columns
// are such as the library knows, and which those are. The checksum is checked
// before and set anew.
func (s *reader) plainColumns(p *replication.BinlogParser, data []byte) ([]byte, map[int]bool, error) {
	body := s.body(p, data)
	at := tableIDSize + 2
	for range 2 { // the names of database and table, each with a length and a zero
		if len(body) <= at {
			return data, nil, nil
		}
		at += int(body[at]) + 2
	}
	if len(body) <= at {
		return data, nil, nil
	}
	count, _, n := protocol.LengthEncodedInt(body[at:])
	at += n
	if uint64(len(body)-at) < count || s.info.Product != mysql.MariaDB {
		return data, nil, nil
	}
	found := map[int]bool{}
	for i, kind := range body[at : at+int(count)] {
		if kind == typeBlobCompressed || kind == typeVarcharCompressed {
			found[i] = true
		}
	}
	if len(found) == 0 {
		return data, nil, nil
	}
	end := replication.EventHeaderSize + len(body)
	if end < len(data) && crc32.ChecksumIEEE(data[:end]) != binary.LittleEndian.Uint32(data[end:]) {
		return nil, nil, s.damaged("a checksum does not match")
	}
	changed := bytes.Clone(data)
	types := changed[replication.EventHeaderSize+at:]
	for i := range found {
		if types[i] == typeBlobCompressed {
			types[i] = protocol.MYSQL_TYPE_BLOB
		} else {
			types[i] = protocol.MYSQL_TYPE_VARCHAR
		}
	}
	if end < len(data) {
		binary.LittleEndian.PutUint32(changed[end:], crc32.ChecksumIEEE(changed[:end]))
	}
	return changed, found, nil
}

// describe says how values of a column are stored. The types before MySQL 5.6
// and MariaDB 10.1 are not known.
func describe(c *Column, kind byte, meta uint16) bool {
	switch kind {
	case protocol.MYSQL_TYPE_TINY:
		c.Type, c.Width = Integer, 1
	case protocol.MYSQL_TYPE_SHORT:
		c.Type, c.Width = Integer, 2
	case protocol.MYSQL_TYPE_INT24:
		c.Type, c.Width = Integer, 3
	case protocol.MYSQL_TYPE_LONG:
		c.Type, c.Width = Integer, 4
	case protocol.MYSQL_TYPE_LONGLONG:
		c.Type, c.Width = Integer, 8
	case protocol.MYSQL_TYPE_YEAR:
		c.Type = Year
	case protocol.MYSQL_TYPE_FLOAT:
		c.Type = Float
	case protocol.MYSQL_TYPE_DOUBLE:
		c.Type = Double
	case protocol.MYSQL_TYPE_NEWDECIMAL:
		c.Type = Decimal
	case protocol.MYSQL_TYPE_DATE:
		c.Type = Date
	case protocol.MYSQL_TYPE_TIME2:
		c.Type = Time
	case protocol.MYSQL_TYPE_DATETIME2:
		c.Type = DateTime
	case protocol.MYSQL_TYPE_TIMESTAMP2:
		c.Type = Timestamp
	case protocol.MYSQL_TYPE_VARCHAR, protocol.MYSQL_TYPE_VAR_STRING:
		c.Type = String
	case protocol.MYSQL_TYPE_STRING:
		describeString(c, meta)
	case protocol.MYSQL_TYPE_BLOB:
		c.Type = Blob
	case protocol.MYSQL_TYPE_BIT:
		c.Type = Bit
	case protocol.MYSQL_TYPE_JSON:
		c.Type = JSON
	case protocol.MYSQL_TYPE_GEOMETRY:
		c.Type = Geometry
	case protocol.MYSQL_TYPE_VECTOR:
		c.Type = Vector
	default:
		return false
	}
	return true
}

// describeString tells CHAR, ENUM and SET apart, which share a type. Two bits
// of the length of a long CHAR are kept in those of the type, inverted.
func describeString(c *Column, meta uint16) {
	high, low := byte(meta>>8), int(meta&0xff)
	switch {
	case high == protocol.MYSQL_TYPE_ENUM:
		c.Type = Enum
	case high == protocol.MYSQL_TYPE_SET:
		c.Type = Set
	default:
		c.Type, c.Width = String, low|int(high&0x30^0x30)<<4
	}
}

// rows takes changed rows.
func (s *reader) rows(p *replication.BinlogParser, h *replication.EventHeader, data []byte) error {
	id, ok := tableID(s.body(p, data))
	if !ok {
		return s.damaged("rows without a table")
	}
	t := s.tables[id]
	if t == nil {
		return nil // of a database that nobody asked for
	}
	if h.EventType == replication.PARTIAL_UPDATE_ROWS_EVENT {
		return &UnusableError{Reason: PartialJSON}
	}
	e, err := s.parse(p, data)
	if err != nil {
		return err
	}
	r, ok := e.(*replication.RowsEvent)
	if !ok || int(r.ColumnCount) != len(t.Columns) {
		return s.damaged("rows that do not fit the description of their table")
	}
	out := &Rows{Table: t, NoForeignKeyChecks: r.Flags&noForeignKeyChecks != 0}
	images, err := s.images(t, r)
	if err != nil {
		return err
	}
	switch r.Type() {
	case replication.EnumRowsEventTypeInsert:
		out.Change, out.After = Insert, images
	case replication.EnumRowsEventTypeDelete:
		out.Change, out.Before = Delete, images
	default:
		out.Change = Update
		for i := 0; i+1 < len(images); i += 2 {
			out.Before, out.After = append(out.Before, images[i]), append(out.After, images[i+1])
		}
	}
	return s.tell(out, 0)
}

// noForeignKeyChecks is a flag of rows.
const noForeignKeyChecks = 0x02

func (s *reader) images(t *Table, r *replication.RowsEvent) ([][]Value, error) {
	images := make([][]Value, len(r.Rows))
	for n, row := range r.Rows {
		image := make([]Value, len(row))
		for i, v := range row {
			value, err := t.Columns[i].value(v)
			if err != nil {
				return nil, s.damaged(fmt.Sprintf("a value of `%s`: %s", t.Name, err))
			}
			image[i] = value
		}
		for _, i := range r.SkippedColumns[n] {
			image[i] = Missing{}
		}
		images[n] = image
	}
	return images, nil
}

var errValue = errors.New("it is not what its type says")

// value brings a value of the library into our form.
func (c Column) value(v any) (Value, error) {
	if c.compressed {
		switch v := v.(type) {
		case string:
			return decompress([]byte(v))
		case []byte:
			return decompress(v)
		}
	}
	switch v := v.(type) {
	case nil:
		return nil, nil
	case int8:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case int:
		return int64(v), nil
	case int64:
		if c.Type == Set || c.Type == Bit {
			return uint64(v), nil
		}
		return v, nil
	case float32, float64:
		return v, nil
	case string:
		if c.Type == String {
			return []byte(v), nil
		}
		return v, nil
	case []byte:
		if c.Type == JSON {
			return readDocument(v)
		}
		return v, nil
	}
	return nil, errValue
}

// decompress reads a value of a compressed column: the method in the upper half
// of the first byte (0: none, 8: zlib), how many bytes the length has in its
// three lowest bits, and whether the data lack the frame of zlib in the fourth.
func decompress(stored []byte) (Value, error) {
	if len(stored) == 0 {
		return []byte{}, nil
	}
	head, rest := stored[0], stored[1:]
	switch head >> 4 {
	case 0:
		return rest, nil
	case 8:
	default:
		return nil, errValue
	}
	width := int(head & 7)
	if len(rest) < width {
		return nil, errValue
	}
	var length uint64
	for _, b := range rest[:width] {
		length = length<<8 | uint64(b)
	}
	var source io.Reader = flate.NewReader(bytes.NewReader(rest[width:]))
	if head&8 == 0 {
		z, err := zlib.NewReader(bytes.NewReader(rest[width:]))
		if err != nil {
			return nil, errValue
		}
		source = z
	}
	value, err := io.ReadAll(io.LimitReader(source, int64(length)+1))
	if err != nil || uint64(len(value)) != length {
		return nil, errValue
	}
	return value, nil
}

// payload takes a compressed transaction: its events, but for the one that
// names it.
func (s *reader) payload(data []byte) error {
	compressed, err := s.payloadOf(s.body(s.parser, data))
	if err != nil {
		return err
	}
	z, err := zstd.NewReader(bytes.NewReader(compressed), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return s.damaged("a compressed transaction cannot be read")
	}
	defer z.Close()
	for {
		head := make([]byte, replication.EventHeaderSize)
		switch _, err := io.ReadFull(z, head); {
		case err == io.EOF: //nolint:errorlint // ReadFull returns it bare
			return nil
		case err != nil:
			return s.damaged("a compressed transaction cannot be read")
		}
		var h replication.EventHeader
		if err := h.Decode(head); err != nil {
			return s.damaged("an event in a compressed transaction cannot be read")
		}
		event := make([]byte, h.EventSize)
		copy(event, head)
		if _, err := io.ReadFull(z, event[len(head):]); err != nil {
			return s.damaged("a compressed transaction is not whole")
		}
		if err := s.dispatch(s.inner, &h, event); err != nil {
			return err
		}
	}
}

// Fields before the content of a compressed transaction: a type, a length, a
// value.
const (
	payloadEnd         = 0
	payloadCompression = 2
	compressionZstd    = 0
	compressionNone    = 255
)

func (s *reader) payloadOf(body []byte) ([]byte, error) {
	compression := uint64(compressionNone)
	for len(body) > 0 {
		field := body[0]
		if field == payloadEnd {
			body = body[1:]
			break
		}
		if len(body) < 2 || len(body) < 2+int(body[1]) {
			return nil, s.damaged("a compressed transaction cannot be read")
		}
		value := body[2 : 2+int(body[1])]
		if field == payloadCompression && len(value) > 0 {
			compression, _, _ = protocol.LengthEncodedInt(value)
		}
		body = body[2+len(value):]
	}
	if compression != compressionZstd {
		return nil, &UnusableError{Reason: UnknownEvent, Position: s.at, Detail: fmt.Sprintf("a transaction compressed by the method %d", compression)}
	}
	return body, nil
}
