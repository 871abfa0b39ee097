package binlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"time"

	protocol "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"

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

// tableIDSize is the size of the number that rows name their table by. The
// number noTable is of rows that there are none of: they end a statement.
const (
	tableIDSize = 6
	noTable     = 0xffffff
)

func tableID(body []byte) (uint64, bool) {
	if len(body) < tableIDSize+3 {
		return 0, false
	}
	return uint64(binary.LittleEndian.Uint32(body)) | uint64(binary.LittleEndian.Uint16(body[4:]))<<32, true
}

// tableMap takes the description of a table. Those of databases that are not
// wanted are not looked at any further.
func (s *reader) tableMap(data []byte) error {
	body := body(data)
	id, ok := tableID(body)
	if !ok {
		return s.damaged("the description of a table is too short")
	}
	length := int(body[tableIDSize+2])
	rest := body[tableIDSize+3:]
	if len(rest) < length {
		return s.damaged("the description of a table is too short")
	}
	s.tables[id] = nil
	if s.r.Wants != nil && !s.r.Wants(string(rest[:length])) {
		return nil
	}
	data, compressed := s.plainColumns(data)
	e, err := s.parse(data)
	if err != nil {
		return err
	}
	m, ok := e.(*replication.TableMapEvent)
	if !ok || m.ColumnCount == 0 {
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
// are such as the library knows, and which those are.
func (s *reader) plainColumns(data []byte) ([]byte, map[int]bool) {
	body := body(data)
	at := tableIDSize + 2
	for range 2 { // the names of database and table, each with a length and a zero
		if len(body) <= at {
			return data, nil
		}
		at += int(body[at]) + 2
	}
	if len(body) <= at {
		return data, nil
	}
	count, n, ok := lengthEncoded(body[at:])
	at += n
	if !ok || uint64(len(body)-at) < count || s.info.Product != mysql.MariaDB {
		return data, nil
	}
	found := map[int]bool{}
	for i, kind := range body[at : at+int(count)] {
		if kind == typeBlobCompressed || kind == typeVarcharCompressed {
			found[i] = true
		}
	}
	if len(found) == 0 {
		return data, nil
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
	return changed, found
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
		return describeString(c, meta)
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
func describeString(c *Column, meta uint16) bool {
	high, low := byte(meta>>8), int(meta&0xff)
	switch {
	case high == protocol.MYSQL_TYPE_ENUM:
		c.Type = Enum
	case high == protocol.MYSQL_TYPE_SET:
		c.Type = Set
	case high|0x30 == protocol.MYSQL_TYPE_STRING:
		c.Type, c.Width = String, low|int(high&0x30^0x30)<<4
	default:
		return false
	}
	return true
}

// rows takes changed rows.
func (s *reader) rows(h *replication.EventHeader, data []byte) error {
	id, ok := tableID(body(data))
	if !ok {
		return s.damaged("rows without a table")
	}
	t, described := s.tables[id]
	switch {
	case id == noTable:
		return nil
	case !described:
		return s.damaged("rows without a table")
	case t == nil:
		return nil // of a database that nobody asked for
	}
	if h.EventType == replication.PARTIAL_UPDATE_ROWS_EVENT {
		return &UnusableError{Reason: PartialJSON}
	}
	if err := s.rowsHead(t, h.EventType, body(data)); err != nil {
		return err
	}
	e, err := s.parse(data)
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

// rowsHead looks at what stands before the rows: how many columns the table
// has, and a bit for each that the rows hold. What does not fit never reaches
// the library, which would read rows without columns forever.
func (s *reader) rowsHead(t *Table, kind replication.EventType, body []byte) error {
	misfit := s.damaged("rows that do not fit the description of their table")
	at := tableIDSize + 2
	switch kind {
	case replication.WRITE_ROWS_EVENTv2, replication.UPDATE_ROWS_EVENTv2, replication.DELETE_ROWS_EVENTv2:
		if len(body) < at+2 {
			return misfit
		}
		at += int(binary.LittleEndian.Uint16(body[at:])) // what is extra, with its length
	}
	if len(body) < at {
		return misfit
	}
	count, n, ok := lengthEncoded(body[at:])
	if !ok || count != uint64(len(t.Columns)) {
		return misfit
	}
	bitmaps, compressed := 1, false
	switch kind {
	case replication.UPDATE_ROWS_EVENTv0, replication.UPDATE_ROWS_EVENTv1, replication.UPDATE_ROWS_EVENTv2:
		bitmaps = 2
	case replication.MARIADB_UPDATE_ROWS_COMPRESSED_EVENT_V1:
		bitmaps, compressed = 2, true
	case replication.MARIADB_WRITE_ROWS_COMPRESSED_EVENT_V1, replication.MARIADB_DELETE_ROWS_COMPRESSED_EVENT_V1:
		compressed = true
	}
	rest := body[at+n:]
	for range bitmaps {
		size := (int(count) + 7) / 8
		switch {
		case len(rest) < size:
			return misfit
		case !anyBit(rest[:size], int(count)):
			return &UnusableError{Reason: NotFullImage, Detail: "MINIMAL"}
		}
		rest = rest[size:]
	}
	if compressed && !isPlausible(rest) {
		return s.damaged("compressed rows cannot be read")
	}
	return nil
}

// anyBit says whether one of the first bits is set.
func anyBit(bitmap []byte, count int) bool {
	for i, b := range bitmap {
		if bits.TrailingZeros8(b) < min(8, count-8*i) {
			return true
		}
	}
	return false
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

// value brings a value of the library into our form. What is not of the form
// that the type of the column promises is an error, so that callers may rely on it.
func (c Column) value(v any) (Value, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case int8:
		return c.number(int64(v))
	case int16:
		return c.number(int64(v))
	case int32:
		return c.number(int64(v))
	case int:
		return c.number(int64(v))
	case int64:
		return c.number(v)
	case float32:
		if c.Type == Float {
			return v, nil
		}
	case float64:
		if c.Type == Double {
			return v, nil
		}
	case string:
		switch c.Type {
		case String:
			return c.bytes([]byte(v))
		case Decimal, Date, Time, DateTime, Timestamp:
			return v, nil
		}
	case []byte:
		switch c.Type {
		case Blob, Geometry, Vector:
			return c.bytes(v)
		case JSON:
			return readDocument(v)
		}
	}
	return nil, errValue
}

func (c Column) number(v int64) (Value, error) {
	switch c.Type {
	case Integer, Year, Enum:
		return v, nil
	case Set, Bit:
		return uint64(v), nil
	}
	return nil, errValue
}

func (c Column) bytes(v []byte) (Value, error) {
	if c.compressed {
		return decompress(v)
	}
	return v, nil
}
