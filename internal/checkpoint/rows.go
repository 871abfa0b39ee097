package checkpoint

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

// readRows runs a query for columns and calls fn for each row. The values are
// valid during the call only.
func readRows(ctx context.Context, q mysql.Queryer, query string, columns int, fn func(values []sql.RawBytes) error) error {
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

// A rowEncoder writes rows as literals and sums them up.
type rowEncoder struct {
	columns []Column
	buf     []byte
	sum     Checksum
	// emit takes what has been written; nil when only the sum is wanted.
	emit func([]byte) error
	big  hash.Hash
}

// row appends one row to the buffer, or passes a big one on at once. It returns
// how long the literal is.
func (e *rowEncoder) row(values []sql.RawBytes) (int64, error) {
	size := 0
	for _, v := range values {
		size += len(v)
	}
	if size >= bigRow {
		return e.bigRow(values)
	}
	if e.emit == nil {
		e.buf = e.buf[:0]
	}
	start := len(e.buf)
	e.buf = AppendRow(e.buf, e.columns, values)
	e.sum.add(sha256.Sum256(e.buf[start:]))
	return int64(len(e.buf) - start), nil
}

// flush passes the buffer on.
func (e *rowEncoder) flush() error {
	if len(e.buf) == 0 || e.emit == nil {
		return nil
	}
	err := e.emit(e.buf)
	if e.buf = e.buf[:0]; cap(e.buf) > keptBuffer {
		e.buf = nil // it grew for one large row
	}
	return err
}

func (e *rowEncoder) bigRow(values []sql.RawBytes) (int64, error) {
	if err := e.flush(); err != nil {
		return 0, err
	}
	if e.big == nil {
		e.big = sha256.New()
	}
	e.big.Reset()
	e.buf = e.buf[:0]
	var written int64
	pass := func() error {
		e.big.Write(e.buf)
		written += int64(len(e.buf))
		if err := e.flush(); err != nil {
			return err
		}
		e.buf = e.buf[:0]
		return nil
	}
	for i := range e.columns {
		e.buf = append(e.buf, "(,"[min(i, 1)])
		if err := e.columns[i].appendPieces(&e.buf, values[i], pass); err != nil {
			return 0, err
		}
	}
	e.buf = append(e.buf, ')')
	if err := pass(); err != nil {
		return 0, err
	}
	var sum [sha256.Size]byte
	e.big.Sum(sum[:0])
	e.sum.add(sum)
	return written, nil
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
	switch c.kind {
	case valueText:
		return "", true
	case valueBinary:
		return "_binary ", len(value) >= hexLimit
	case valueForeign:
		return c.introducer(), len(value) >= hexLimit
	case valueASCII:
		if isASCII(value) {
			return "", true
		}
		return c.introducer(), len(value) >= hexLimit
	case valueJSON:
		s := jsonScan{text: value}
		return "", len(s.decimals()) == 0
	}
	return "", false
}
