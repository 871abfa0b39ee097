package value

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"hash"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	// bigRow is the size from which on the literals of a row are written in
	// pieces and never held as a whole.
	bigRow = 1 << 20
	// pieceSize is the size of such a piece, before it is escaped.
	pieceSize = 128 << 10
	// keptBuffer is how large a buffer may be that is kept for the next row: a
	// statement and the row that ended it.
	keptBuffer = bigRow
)

// EachRow runs a query for columns and calls fn for each row. The values are
// valid during the call only.
func EachRow(ctx context.Context, q mysql.Queryer, query string, columns int, fn func(values []sql.RawBytes) error) error {
	rows, err := q.Query(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	values := make([]sql.RawBytes, columns)
	dest := make([]any, columns)
	for i := range values {
		dest[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		if err := fn(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// An Encoder writes rows as literals and sums them up. Its buffer is used again.
type Encoder struct {
	Columns []Column
	// Buf is what was written and not passed on; others may append to it.
	Buf []byte
	Sum Checksum
	// Emit takes what has been written; nil when only the sum is wanted.
	Emit func([]byte) error

	big hash.Hash
}

// Reset begins with the rows of another table.
func (e *Encoder) Reset(columns []Column) { e.Columns, e.Sum, e.Buf = columns, Checksum{}, e.Buf[:0] }

// Row appends one row to the buffer, or passes a big one on at once. It returns
// how long the literal is.
func (e *Encoder) Row(values []sql.RawBytes) (int64, error) {
	size := 0
	for _, v := range values {
		size += len(v)
	}
	if size >= bigRow {
		return e.bigRow(values)
	}
	if e.Emit == nil {
		e.Buf = e.Buf[:0]
	}
	start := len(e.Buf)
	e.Buf = AppendRow(e.Buf, e.Columns, values)
	e.Sum.add(sha256.Sum256(e.Buf[start:]))
	return int64(len(e.Buf) - start), nil
}

// Flush passes the buffer on.
func (e *Encoder) Flush() error {
	if len(e.Buf) == 0 || e.Emit == nil {
		return nil
	}
	err := e.Emit(e.Buf)
	if e.Buf = e.Buf[:0]; cap(e.Buf) > keptBuffer {
		e.Buf = nil // it grew for one large row
	}
	return err
}

func (e *Encoder) bigRow(values []sql.RawBytes) (int64, error) {
	if err := e.Flush(); err != nil {
		return 0, err
	}
	if e.big == nil {
		e.big = sha256.New()
	}
	e.big.Reset()
	e.Buf = e.Buf[:0]
	var written int64
	pass := func() error {
		e.big.Write(e.Buf)
		written += int64(len(e.Buf))
		if err := e.Flush(); err != nil {
			return err
		}
		e.Buf = e.Buf[:0]
		return nil
	}
	for i := range e.Columns {
		e.Buf = append(e.Buf, "(,"[min(i, 1)])
		if err := e.Columns[i].appendPieces(&e.Buf, values[i], pass); err != nil {
			return 0, err
		}
	}
	e.Buf = append(e.Buf, ')')
	if err := pass(); err != nil {
		return 0, err
	}
	var sum [sha256.Size]byte
	e.big.Sum(sum[:0])
	e.Sum.add(sum)
	return written, nil
}

// Spread sums up a row that is too large for one statement and returns its
// literals, with variables in the places of the long ones, and how long the literals
// are. What puts the variables together runs before.
func (e *Encoder) Spread(values []sql.RawBytes, s *Spreader) (row []byte, length int64, err error) {
	if e.big == nil {
		e.big = sha256.New()
	}
	e.big.Reset()
	longest := s.Longest(len(e.Columns))
	var literal []byte
	for i := range e.Columns {
		literal = append(literal[:0], "(,"[min(i, 1)])
		literal = e.Columns[i].AppendLiteral(literal, values[i])
		e.big.Write(literal)
		length += int64(len(literal))
		short, err := s.Spread(string(literal), longest)
		if err != nil {
			return nil, 0, err
		}
		row = append(row, short...)
	}
	e.big.Write([]byte{')'})
	var sum [sha256.Size]byte
	e.big.Sum(sum[:0])
	e.Sum.add(sum)
	return append(row, ')'), length + 1, nil
}

// appendPieces does what AppendLiteral does, and calls pass between the pieces
// of a long value.
func (c *Column) appendPieces(buf *[]byte, value []byte, pass func() error) error {
	prefix, ok := c.quotedPrefix(value)
	if !ok || len(value) < pieceSize {
		*buf = c.AppendLiteral(*buf, value)
		return nil
	}
	*buf = append(*buf, prefix...)
	*buf = append(*buf, '\'')
	for len(value) > 0 {
		piece := value[:min(pieceSize, len(value))]
		value = value[len(piece):]
		*buf = appendEscaped(*buf, piece)
		if err := pass(); err != nil {
			return err
		}
	}
	*buf = append(*buf, '\'')
	return nil
}

// quotedPrefix returns what stands before the quotes of a long value; false when
// it is not written between quotes.
func (c *Column) quotedPrefix(value []byte) (string, bool) {
	switch c.Kind {
	case Text:
		return "", true
	case Binary:
		return "_binary ", len(value) >= hexLimit
	case Foreign:
		return c.introducer(), len(value) >= hexLimit
	case ASCII:
		if IsASCII(value) {
			return "", true
		}
		return c.introducer(), len(value) >= hexLimit
	case JSON:
		s := jsonScan{text: value}
		return "", len(s.decimals()) == 0
	}
	return "", false
}
