package binlog

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/go-mysql-org/go-mysql/replication"
	"github.com/klauspost/compress/zstd"
)

// lengthEncoded reads a number of the protocol that says how long it is, and
// returns how many bytes it takes. NULL, which such a number can be, is none.
func lengthEncoded(data []byte) (number uint64, n int, ok bool) {
	if len(data) == 0 {
		return 0, 0, false
	}
	width := 0
	switch data[0] {
	case 0xfb, 0xff:
		return 0, 0, false
	case 0xfc:
		width = 2
	case 0xfd:
		width = 3
	case 0xfe:
		width = 8
	default:
		return uint64(data[0]), 1, true
	}
	if len(data) < 1+width {
		return 0, 0, false
	}
	var raw [8]byte
	copy(raw[:], data[1:1+width])
	return binary.LittleEndian.Uint64(raw[:]), 1 + width, true
}

// mostDeflated is how many bytes a byte of the format deflate can become: it
// writes 258 of them in two bits.
const mostDeflated = 1032

// isPlausible says whether what MariaDB compressed can be as long as it says:
// the library allocates that before it reads. The length has as many bytes as
// the three lowest bits of the first byte say.
func isPlausible(data []byte) bool {
	if len(data) == 0 {
		return false
	}
	width := int(data[0] & 7)
	if len(data) < 1+width {
		return false
	}
	length := bigEndian(data[1 : 1+width])
	return length <= largestEvent && length/mostDeflated <= uint64(len(data))
}

func bigEndian(data []byte) uint64 {
	var n uint64
	for _, b := range data {
		n = n<<8 | uint64(b)
	}
	return n
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
	length := bigEndian(rest[:width])
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
	compressed, err := s.payloadOf(body(data))
	if err != nil {
		return err
	}
	z, err := zstd.NewReader(bytes.NewReader(compressed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(largestWindow))
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
		if h.EventSize > largestEvent || h.EventType == replication.TRANSACTION_PAYLOAD_EVENT || h.EventType == replication.FORMAT_DESCRIPTION_EVENT {
			return s.damaged("an event in a compressed transaction cannot be read")
		}
		// It grows with what is there, not to the size that the event names.
		event := bytes.NewBuffer(head)
		if _, err := io.CopyN(event, z, int64(h.EventSize)-int64(len(head))); err != nil {
			return s.damaged("a compressed transaction is not whole")
		}
		if err := s.dispatch(&h, slices.Clip(event.Bytes())); err != nil {
			return err
		}
	}
}

// What servers write at most: events are limited by max_allowed_packet, and
// the highest level of zstd looks back so far.
const (
	largestEvent  = 1<<30 + 1<<16
	largestWindow = 1 << 27
)

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
			var ok bool
			if compression, _, ok = lengthEncoded(value); !ok {
				return nil, s.damaged("a compressed transaction cannot be read")
			}
		}
		body = body[2+len(value):]
	}
	if compression != compressionZstd {
		return nil, &UnusableError{Reason: UnknownEvent, Position: s.at, Detail: fmt.Sprintf("a transaction compressed by the method %d", compression)}
	}
	return body, nil
}
