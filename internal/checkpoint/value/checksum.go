package value

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
)

// A Checksum sums up rows so that their order does not count: see the package's
// documentation. The zero value is that of an empty table.
type Checksum struct {
	Rows   int64
	hi, lo uint64
}

// Add takes one row, as [AppendRow] writes it.
func (c *Checksum) Add(literal []byte) { c.add(sha256.Sum256(literal)) }

func (c *Checksum) add(sum [sha256.Size]byte) {
	var carry uint64
	c.lo, carry = bits.Add64(c.lo, binary.BigEndian.Uint64(sum[8:16]), 0)
	c.hi, _ = bits.Add64(c.hi, binary.BigEndian.Uint64(sum[:8]), carry)
	c.Rows++
}

// Merge takes the rows of another checksum.
func (c *Checksum) Merge(other Checksum) {
	var carry uint64
	c.lo, carry = bits.Add64(c.lo, other.lo, 0)
	c.hi, _ = bits.Add64(c.hi, other.hi, carry)
	c.Rows += other.Rows
}

// String returns the sum as 32 hexadecimal digits. The number of rows is not in
// it.
func (c *Checksum) String() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], c.hi)
	binary.BigEndian.PutUint64(b[8:], c.lo)
	return hex.EncodeToString(b[:])
}

// ParseChecksum reads what Checksum.String wrote, of so many rows.
func ParseChecksum(text string, rows int64) (Checksum, error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != 16 {
		return Checksum{}, fmt.Errorf("`%s` is no checksum of rows", text)
	}
	return Checksum{Rows: rows, hi: binary.BigEndian.Uint64(b[:8]), lo: binary.BigEndian.Uint64(b[8:])}, nil
}
