package binlog

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-mysql-org/go-mysql/replication"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A logWriter writes events as a server does, to be read by a reader.
type logWriter struct {
	product mysql.Product
	summed  bool // with checksums
	events  [][]byte
}

// newLog begins a log with the description of its format.
func newLog(product mysql.Product, summed bool) *logWriter {
	w := &logWriter{product: product, summed: summed}
	version, algorithm := "9.7.0", byte(0)
	if product == mysql.MariaDB {
		version = "11.8.9-MariaDB"
	}
	if summed {
		algorithm = 1
	}
	body := binary.LittleEndian.AppendUint16(nil, 4)
	body = append(body, version...)
	body = append(body, make([]byte, 50-len(version)+4)...)
	body = append(body, replication.EventHeaderSize)
	for range 171 {
		body = append(body, 8) // the size of the fixed part, which decides about the width of table ids only
	}
	body = append(body, algorithm)
	w.summed = true // the description always has room for it
	w.add(replication.FORMAT_DESCRIPTION_EVENT, body)
	w.summed = summed
	return w
}

// event returns an event without a checksum, as in a compressed transaction.
func event(kind replication.EventType, flags uint16, body []byte) []byte {
	e := binary.LittleEndian.AppendUint32(nil, 1700000000)
	e = append(e, byte(kind))
	e = binary.LittleEndian.AppendUint32(e, 1) // the server
	e = binary.LittleEndian.AppendUint32(e, uint32(replication.EventHeaderSize+len(body)))
	e = binary.LittleEndian.AppendUint32(e, 0) // no position
	e = binary.LittleEndian.AppendUint16(e, flags)
	return append(e, body...)
}

func (w *logWriter) add(kind replication.EventType, body []byte) *logWriter {
	return w.addFlags(kind, 0, body)
}

func (w *logWriter) addFlags(kind replication.EventType, flags uint16, body []byte) *logWriter {
	e := event(kind, flags, body)
	if w.summed {
		binary.LittleEndian.PutUint32(e[9:], uint32(len(e)+4))
		e = binary.LittleEndian.AppendUint32(e, crc32.ChecksumIEEE(e))
	}
	w.events = append(w.events, e)
	return w
}

// begin adds the event that names a transaction.
func (w *logWriter) begin() *logWriter {
	if w.product == mysql.MariaDB { // sequence, domain, flags
		return w.add(replication.MARIADB_GTID_EVENT, bytesOf("0700000000000000 00000000 00"))
	}
	return w.add(replication.ANONYMOUS_GTID_EVENT, make([]byte, 25))
}

// query adds a statement.
func (w *logWriter) query(text string) *logWriter {
	return w.add(replication.QUERY_EVENT, append(bytesOf("00000000 00000000 01 0000 0000 6400"), text...))
}

// table adds the description of the table d.t with the number 9.
func (w *logWriter) table(types, meta string) *logWriter {
	return w.add(replication.TABLE_MAP_EVENT, tableBody(types, meta))
}

// tableBody is the body of a description: types of columns and what is said of
// them, as bytes.
func tableBody(types, meta string) []byte {
	t, m := bytesOf(types), bytesOf(meta)
	body := append(bytesOf("090000000000 0100 01 6400 01 7400"), byte(len(t)))
	body = append(body, t...)
	body = append(append(body, byte(len(m))), m...)
	return append(body, make([]byte, (len(t)+7)/8)...)
}

// rows adds rows of the table with the number 9, whose bytes follow the head.
func (w *logWriter) rows(kind replication.EventType, rest string) *logWriter {
	return w.add(kind, bytesOf("090000000000 0100 "+rest))
}

func (w *logWriter) commit() *logWriter { return w.add(replication.XID_EVENT, make([]byte, 8)) }

// read gives the events to a reader and returns what it reports, with the error
// as the last line.
func (w *logWriter) read() []string { return readEvents(w.product, w.events, Request{}) }

func readEvents(product mysql.Product, events [][]byte, r Request) []string {
	var got []string
	s := newReader(mysql.Info{Product: product}, r, func(e Event) error {
		got = append(got, describeEvent(e))
		return nil
	})
	err := error(nil)
	for _, e := range events {
		if err = s.event(bytes.Clone(e)); err != nil {
			break
		}
	}
	if err == nil {
		err = s.finish()
	}
	if err != nil && !errors.Is(err, ErrStop) {
		got = append(got, "error: "+err.Error())
	}
	return got
}

// describeEvent writes an event as a line.
func describeEvent(e Event) string {
	switch e := e.(type) {
	case *Begin:
		return fmt.Sprintf("begin %s %s %s", e.GTID, e.Time.Format("2006-01-02 15:04:05.999999"), e.Version)
	case *Query:
		out := fmt.Sprintf("query %q in %q", e.Text, e.Database)
		if e.ErrorCode != 0 || e.Load || e.Incomplete {
			out += fmt.Sprintf(" error=%d load=%t incomplete=%t", e.ErrorCode, e.Load, e.Incomplete)
		}
		return out + describeEnvironment(e.Environment)
	case *Rows:
		out := fmt.Sprintf("%s %s.%s", e.Change, e.Table.Database, e.Table.Name)
		if e.NoForeignKeyChecks {
			out += " without foreign keys"
		}
		for i := range max(len(e.Before), len(e.After)) {
			var sides []string
			for _, images := range [][][]Value{e.Before, e.After} {
				if len(images) > 0 {
					sides = append(sides, describeRow(images[i]))
				}
			}
			out += "\n  " + strings.Join(sides, " -> ")
		}
		return out
	case *Commit:
		return fmt.Sprintf("commit rolledback=%t at %s", e.RolledBack, e.End)
	case *Prepare:
		return "prepare at " + e.End.String()
	}
	return fmt.Sprintf("%T", e)
}

func describeEnvironment(e Environment) string {
	out := fmt.Sprintf(" mode=%d charsets=%d,%d,%d", e.SQLMode, e.Client, e.Connection, e.Server)
	for _, part := range []struct {
		name string
		set  bool
		text string
	}{
		{"zone", e.TimeZone != "", e.TimeZone},
		{"micros", e.Timestamp.Nanosecond() != 0, strconv.Itoa(e.Timestamp.Nanosecond() / 1000)},
		{"nofk", e.NoForeignKeyChecks, "1"}, {"nounique", e.NoUniqueChecks, "1"}, {"nocheck", e.NoCheckConstraints, "1"},
		{"utf8mb4", e.DefaultUTF8MB4 != 0, strconv.Itoa(int(e.DefaultUTF8MB4))},
		{"collations", len(e.CharsetCollations) > 0, fmt.Sprint(e.CharsetCollations)},
		{"auto", e.AutoIncrement != 0, fmt.Sprintf("%d+%d", e.AutoOffset, e.AutoIncrement)},
		{"explicit", e.ExplicitTimestamps != nil, describeFlag(e.ExplicitTimestamps)},
		{"encryption", e.DefaultEncryption != nil, describeFlag(e.DefaultEncryption)},
		{"pk", e.RequirePrimaryKey != nil, describeFlag(e.RequirePrimaryKey)},
		{"invoker", e.Invoker != "" || e.InvokerUser != "", e.InvokerUser + "@" + e.Invoker},
	} {
		if part.set {
			out += " " + part.name + "=" + part.text
		}
	}
	return out
}

func describeFlag(on *bool) string {
	if on == nil {
		return "none"
	}
	return strconv.FormatBool(*on)
}

func describeRow(row []Value) string {
	out := make([]string, len(row))
	for i, v := range row {
		out[i] = describeValue(v)
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// describeValue writes a value with its Go type.
func describeValue(v Value) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case Missing:
		return "missing"
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10) + "u"
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32) + "f"
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64) + "d"
	case string:
		return "'" + v + "'"
	case []byte:
		if len(v) > 40 {
			return fmt.Sprintf("%d bytes %08x", len(v), crc32.ChecksumIEEE(v))
		}
		for _, r := range string(v) {
			if r < ' ' || r == utf8.RuneError {
				return "x'" + hex.EncodeToString(v) + "'"
			}
		}
		return strconv.Quote(string(v))
	case *Document:
		return "json " + describeDocument(v)
	}
	return fmt.Sprintf("%T", v)
}

// describeDocument writes a document as JSON, and what JSON has not with a letter.
func describeDocument(d *Document) string {
	switch d.Kind {
	case Null:
		return "null"
	case Bool:
		return strconv.FormatBool(d.Bool)
	case Signed:
		return strconv.FormatInt(d.Signed, 10)
	case Unsigned:
		return strconv.FormatUint(d.Unsigned, 10) + "u"
	case Number:
		if d.Number == math.Trunc(d.Number) && math.Abs(d.Number) < 1e15 {
			return strconv.FormatFloat(d.Number, 'f', 1, 64)
		}
		return strconv.FormatFloat(d.Number, 'g', -1, 64)
	case Text:
		return strconv.Quote(d.Text)
	case Array, Object:
		parts := make([]string, len(d.Elements))
		for i := range d.Elements {
			parts[i] = describeDocument(&d.Elements[i])
			if d.Kind == Object {
				parts[i] = strconv.Quote(d.Keys[i]) + ": " + parts[i]
			}
		}
		if d.Kind == Object {
			return "{" + strings.Join(parts, ", ") + "}"
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case Opaque:
		return fmt.Sprintf("opaque%d(%x)", d.Code, d.Text)
	}
	return fmt.Sprintf("%s(%s)", map[NodeKind]string{
		ExactNumber: "decimal", DateValue: "date", TimeValue: "time", MomentValue: "datetime",
	}[d.Kind], d.Text)
}

// bytesOf reads bytes written in hexadecimal digits with blanks.
func bytesOf(text string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// mustRead compares lines.
func mustRead(t *testing.T, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}
