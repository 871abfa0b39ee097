package binlog

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A NodeKind is the type of a value in a document.
type NodeKind int

// The kinds. Those behind Object are types of SQL that JSON does not know and a
// document of MySQL can hold nevertheless.
const (
	Null NodeKind = iota
	Bool
	Signed
	Unsigned
	Number // a double
	Text
	Array
	Object
	ExactNumber // Text holds a DECIMAL
	DateValue   // Text holds a DATE
	TimeValue   // Text holds a TIME with microseconds
	MomentValue // Text holds a DATETIME with microseconds
	Opaque      // Text holds the bytes of a value of the type Code
)

// A Document is a JSON document of MySQL, or a value in it. Members of an
// object are in the order in which the server stores them.
type Document struct {
	Kind     NodeKind
	Bool     bool
	Signed   int64
	Unsigned uint64
	Number   float64
	Text     string
	Code     byte // the type of an Opaque: MYSQL_TYPE_… of the protocol
	Keys     []string
	Elements []Document
}

// Types of the stored form.
// https://dev.mysql.com/doc/dev/mysql-server/latest/json__binary_8h.html
const (
	storedSmallObject = iota
	storedLargeObject
	storedSmallArray
	storedLargeArray
	storedLiteral
	storedInt16
	storedUint16
	storedInt32
	storedUint32
	storedInt64
	storedUint64
	storedDouble
	storedString
	storedOpaque = 15
)

// deepest is how deep containers are nested in a document of the server.
const deepest = 100

// A documentReader reads the stored form of a document.
type documentReader struct {
	// left is how many bytes are not accounted for. The server stores each value
	// once, so places that name the same bytes twice are damage: followed, a few
	// bytes would become a document without end.
	left  int
	depth int
}

// readDocument reads the stored form. An empty one is what a statement with
// IGNORE leaves behind; the server reads it as null.
func readDocument(data []byte) (*Document, error) {
	if len(data) == 0 {
		return &Document{}, nil
	}
	r := documentReader{left: len(data) - 1}
	d := &Document{}
	if err := r.read(d, data[0], data[1:]); err != nil {
		return nil, err
	}
	return d, nil
}

// take accounts for bytes.
func (r *documentReader) take(n int) error {
	if r.left -= n; r.left < 0 {
		return errValue
	}
	return nil
}

func (r *documentReader) read(d *Document, kind byte, data []byte) error {
	switch kind {
	case storedSmallObject:
		return r.container(d, data, 2, true)
	case storedLargeObject:
		return r.container(d, data, 4, true)
	case storedSmallArray:
		return r.container(d, data, 2, false)
	case storedLargeArray:
		return r.container(d, data, 4, false)
	case storedString:
		text, err := r.text(data)
		d.Kind, d.Text = Text, text
		return err
	case storedOpaque:
		return r.opaque(d, data)
	}
	return d.scalar(kind, data)
}

// text reads a length of seven bits a byte, and as many bytes.
func (r *documentReader) text(data []byte) (string, error) {
	length, n := binary.Uvarint(data)
	if n <= 0 || length > uint64(len(data)-n) {
		return "", errValue
	}
	return string(data[n : n+int(length)]), r.take(int(length))
}

func (d *Document) scalar(kind byte, data []byte) error {
	size := map[byte]int{
		storedLiteral: 1, storedInt16: 2, storedUint16: 2, storedInt32: 4, storedUint32: 4,
		storedInt64: 8, storedUint64: 8, storedDouble: 8,
	}[kind]
	if size == 0 || len(data) < size {
		return errValue
	}
	var raw [8]byte
	copy(raw[:], data[:size])
	n := binary.LittleEndian.Uint64(raw[:])
	switch kind {
	case storedLiteral:
		switch n {
		case 0:
			d.Kind = Null
		case 1, 2:
			d.Kind, d.Bool = Bool, n == 1
		default:
			return errValue
		}
	case storedInt16:
		d.Kind, d.Signed = Signed, int64(int16(n))
	case storedInt32:
		d.Kind, d.Signed = Signed, int64(int32(n))
	case storedInt64:
		d.Kind, d.Signed = Signed, int64(n)
	case storedDouble:
		d.Kind, d.Number = Number, math.Float64frombits(n)
	default:
		d.Kind, d.Unsigned = Unsigned, n
	}
	return nil
}

// container reads an object or array: numbers of elements and bytes, entries of
// the keys, entries of the values, and then what does not fit into an entry.
// width is the size of these numbers.
func (r *documentReader) container(d *Document, data []byte, width int, object bool) error {
	if r.depth++; r.depth > deepest {
		return errValue
	}
	defer func() { r.depth-- }()
	count, ok := number(data, 0, width)
	size, sized := number(data, width, width)
	if !ok || !sized || size > len(data) {
		return errValue
	}
	if err := r.take(2 * width); err != nil {
		return err
	}
	data = data[:size]
	d.Kind = Array
	at := 2 * width
	if object {
		d.Kind = Object
		for range count {
			key, err := r.key(data, at, width)
			if err != nil {
				return err
			}
			d.Keys = append(d.Keys, key)
			at += width + 2
		}
	}
	for range count {
		e, err := r.element(data, at, width)
		if err != nil {
			return err
		}
		d.Elements = append(d.Elements, e)
		at += 1 + width
	}
	return nil
}

// number reads a number of a container.
func number(data []byte, at, width int) (int, bool) {
	switch {
	case len(data) < at+width:
		return 0, false
	case width == 2:
		return int(binary.LittleEndian.Uint16(data[at:])), true
	}
	return int(binary.LittleEndian.Uint32(data[at:])), true
}

// key reads the entry of a key: where it is and how long.
func (r *documentReader) key(data []byte, at, width int) (string, error) {
	offset, ok := number(data, at, width)
	length, sized := number(data, at+width, 2)
	if !ok || !sized || len(data) < offset+length {
		return "", errValue
	}
	return string(data[offset : offset+length]), r.take(width + 2 + length)
}

// element reads the entry of a value: its type, and itself or where it is.
func (r *documentReader) element(data []byte, at, width int) (e Document, err error) {
	if len(data) < at+1+width {
		return e, errValue
	}
	if err := r.take(1 + width); err != nil {
		return e, err
	}
	kind, entry := data[at], data[at+1:at+1+width]
	if !isInlined(kind, width) {
		offset, _ := number(data, at+1, width)
		if len(data) < offset {
			return e, errValue
		}
		entry = data[offset:]
	}
	return e, r.read(&e, kind, entry)
}

// isInlined says whether a value stands in its entry.
func isInlined(kind byte, width int) bool {
	switch kind {
	case storedLiteral, storedInt16, storedUint16:
		return true
	case storedInt32, storedUint32:
		return width == 4
	}
	return false
}

// Types of the protocol that stand in documents.
const (
	codeTimestamp  = 7
	codeDate       = 10
	codeTime       = 11
	codeDateTime   = 12
	codeNewDecimal = 246
)

func (r *documentReader) opaque(d *Document, data []byte) error {
	if len(data) < 1 {
		return errValue
	}
	d.Kind, d.Code = Opaque, data[0]
	value, err := r.text(data[1:])
	if err != nil {
		return err
	}
	d.Text = value
	switch {
	case d.Code == codeNewDecimal:
		d.Kind = ExactNumber
		d.Text, err = readDecimal([]byte(value))
		return err
	case len(value) != 8:
		return nil
	}
	packed := int64(binary.LittleEndian.Uint64([]byte(value)))
	switch d.Code {
	case codeDate:
		d.Kind = DateValue
		d.Text, err = moment(packed)
		d.Text, _, _ = strings.Cut(d.Text, " ")
	case codeDateTime, codeTimestamp:
		d.Kind = MomentValue
		d.Text, err = moment(packed)
	case codeTime:
		d.Kind = TimeValue
		d.Text, err = clock(packed)
	}
	return err
}

// moment writes a packed DATETIME.
func moment(packed int64) (string, error) {
	whole := packed >> 24
	days := whole >> 17
	month := days >> 5
	time, err := clock(packed & (1<<41 - 1))
	if packed < 0 {
		err = errValue
	}
	return fmt.Sprintf("%04d-%02d-%02d %s", month/13, month%13, days%32, time), err
}

// clock writes a packed TIME: of the microseconds, the seconds, the minutes and
// the hours so many bits that more of them than there can be have room.
func clock(packed int64) (string, error) {
	sign := ""
	if packed < 0 {
		sign, packed = "-", -packed
	}
	whole, micros := packed>>24, packed%(1<<24)
	hours, minutes, seconds := whole>>12, whole>>6%64, whole%64
	if packed < 0 || hours > 838 || minutes > 59 || seconds > 59 || micros > 999999 {
		return "", errValue
	}
	return fmt.Sprintf("%s%02d:%02d:%02d.%06d", sign, hours, minutes, seconds, micros), nil
}

// decimalBytes is how many bytes a group of so many digits takes.
var decimalBytes = [...]int{0, 1, 1, 2, 2, 3, 3, 4, 4, 4}

const groupDigits = 9

// readDecimal reads a DECIMAL in its stored form: precision and scale, and
// groups of nine digits with the highest bit turned, all bits when negative.
func readDecimal(data []byte) (string, error) {
	if len(data) < 3 {
		return "", errValue
	}
	precision, scale := int(data[0]), int(data[1])
	groups := append([]byte(nil), data[2:]...)
	negative := groups[0]&0x80 == 0
	groups[0] ^= 0x80
	if negative {
		for i := range groups {
			groups[i] = ^groups[i]
		}
	}
	whole := precision - scale
	if whole < 0 || precision == 0 {
		return "", errValue
	}
	var widths []int
	if whole%groupDigits > 0 {
		widths = append(widths, whole%groupDigits)
	}
	for range whole/groupDigits + scale/groupDigits {
		widths = append(widths, groupDigits)
	}
	if scale%groupDigits > 0 {
		widths = append(widths, scale%groupDigits)
	}
	var digits strings.Builder
	for _, width := range widths {
		n := decimalBytes[width]
		if len(groups) < n {
			return "", errValue
		}
		var v uint64
		for _, b := range groups[:n] {
			v = v<<8 | uint64(b)
		}
		groups = groups[n:]
		text := strconv.FormatUint(v, 10)
		if len(text) > width {
			return "", errValue
		}
		digits.WriteString(strings.Repeat("0", width-len(text)) + text)
	}
	if len(groups) > 0 {
		return "", errValue
	}
	return placePoint(digits.String(), whole, negative), nil
}

func placePoint(digits string, whole int, negative bool) string {
	text := strings.TrimLeft(digits[:whole], "0")
	if text == "" {
		text = "0"
	}
	if whole < len(digits) {
		text += "." + digits[whole:]
	}
	if negative {
		return "-" + text
	}
	return text
}
