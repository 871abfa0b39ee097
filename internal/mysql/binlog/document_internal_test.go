package binlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestReadDocument(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ stored, want string }{
		"nothing":              {"", "null"},
		"null":                 {"04 00", "null"},
		"true":                 {"04 01", "true"},
		"false":                {"04 02", "false"},
		"int16":                {"05 ffff", "-1"},
		"least int16":          {"05 0080", "-32768"},
		"uint16":               {"06 ffff", "65535u"},
		"int32":                {"07 00000080", "-2147483648"},
		"uint32":               {"08 ffffffff", "4294967295u"},
		"int64":                {"09 0000000000000080", "-9223372036854775808"},
		"uint64":               {"0a ffffffffffffffff", "18446744073709551615u"},
		"double":               {"0b 000000000000f83f", "1.5"},
		"whole double":         {"0b 000000000000f03f", "1.0"},
		"negative zero":        {"0b 0000000000000080", "-0.0"},
		"text":                 {"0c 03 616263", `"abc"`},
		"empty text":           {"0c 00", `""`},
		"long text":            {"0c 8101" + strings.Repeat("78", 129), `"` + strings.Repeat("x", 129) + `"`},
		"empty array":          {"02 0000 0400", "[]"},
		"empty object":         {"00 0000 0400", "{}"},
		"array inlined":        {"02 0300 0d00 04 0100 05 feff 06 0700", "[true, -2, 7u]"},
		"array of offsets":     {"02 0200 1200 0c 0a00 07 0e00 03616263 01000100", `["abc", 65537]`},
		"large array":          {"03 02000000 12000000 07 ffffffff 08 01000000", "[-1, 1u]"},
		"object":               {"00 0100 0c00 0b00 0100 05 0100 61", `{"a": 1}`},
		"large object":         {"01 01000000 14000000 13000000 0100 05 01000000 61", `{"a": 1}`},
		"object of array":      {"00 0100 1000 0b00 0100 02 0c00 61 0000 0400", `{"a": []}`},
		"with a hole behind":   {"02 0100 0900 05 0100 ffff", "[1]"},
		"decimal":              {"0f f6 04 0302 81 0a", "decimal(1.10)"},
		"negative decimal":     {"0f f6 04 0302 7e f5", "decimal(-1.10)"},
		"decimal of 9 digits":  {"0f f6 06 0900 bb9ac9ff", "decimal(999999999)"},
		"decimal of 10 digits": {"0f f6 07 0a00 81 00000001", "decimal(1000000001)"},
		"decimal below one":    {"0f f6 03 0101 85", "decimal(0.5)"},
		"zero":                 {"0f f6 03 0100 80", "decimal(0)"},
		"date":                 {"0f 0a 08 000000000086a519", "date(2020-02-03)"},
		"datetime":             {"0f 0c 08 070000464186a519", "datetime(2020-02-03 04:05:06.000007)"},
		"timestamp":            {"0f 07 08 070000464186a519", "datetime(2020-02-03 04:05:06.000007)"},
		"time":                 {"0f 0b 08 0000000600000000", "time(00:00:06.000000)"},
		"negative time":        {"0f 0b 08 fffffff9ffffffff", "time(-00:00:06.000001)"},
		"bit":                  {"0f 10 02 0101", "opaque16(0101)"},
		"blob":                 {"0f fc 03 00ff27", "opaque252(00ff27)"},
		"date of 3 bytes":      {"0f 0a 03 010203", "opaque10(010203)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := readDocument(bytesOf(c.stored))
			if err != nil {
				t.Fatal(err)
			}
			if got := describeDocument(d); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			again, err := readDocument(storedForm(d))
			if err != nil || describeDocument(again) != c.want {
				t.Errorf("written and read again it is %s, %v", describeDocument(again), err)
			}
		})
	}
}

// What no server stores is an error: never a panic, an endless document or a
// value that was made up.
func TestReadDocument_damaged(t *testing.T) {
	t.Parallel()
	nested := func(depth int) []byte {
		data := bytesOf("0100")
		for range depth {
			data = append(bytesOf("0100 0000 02 0700"), data...)
			binary.LittleEndian.PutUint16(data[2:], uint16(len(data)))
		}
		return append([]byte{storedSmallArray}, data...)
	}
	if d, err := readDocument(nested(deepest - 1)[:len(nested(deepest-1))-2]); err == nil {
		t.Errorf("without its end: %s", describeDocument(d))
	}
	for name, stored := range map[string][]byte{
		"unknown type":                  bytesOf("0d 00"),
		"unknown literal":               bytesOf("04 03"),
		"no literal":                    bytesOf("04"),
		"short int16":                   bytesOf("05 01"),
		"short double":                  bytesOf("0b 00000000000000"),
		"text without a length":         bytesOf("0c"),
		"length without an end":         bytesOf("0c ffffffffffffffffffff"),
		"text that is cut off":          bytesOf("0c 04 616263"),
		"text of 4 GiB":                 bytesOf("0c ffffffff0f 61"),
		"no count":                      bytesOf("02 01"),
		"no size":                       bytesOf("02 0100"),
		"a size beyond the end":         bytesOf("02 0000 0500"),
		"65535 elements of nothing":     bytesOf("02 ffff 0400"),
		"4 billion elements of nothing": bytesOf("03 ffffffff 08000000"),
		"4 billion keys of nothing":     bytesOf("01 ffffffff 08000000"),
		"an offset beyond the end":      bytesOf("02 0100 0700 0c 0800"),
		"a key beyond the end":          bytesOf("00 0100 0b00 0c00 0100 05 0100"),
		"a key that is cut off":         bytesOf("00 0100 0c00 0b00 0200 05 0100 61"),
		"an array in itself":            bytesOf("02 0100 0700 02 0000"),
		"an object in itself":           bytesOf("00 0100 0b00 0000 0000 00 0000"),
		"one text twice":                bytesOf("02 0200 0e00 0c 0a00 0c 0a00 03616263"),
		"one key twice":                 bytesOf("00 0200 1500 1200 0300 1200 0300 05 0000 05 0000 616263"),
		"opaque of no type":             bytesOf("0f"),
		"opaque that is cut off":        bytesOf("0f 10 02 01"),
		"decimal without digits":        bytesOf("0f f6 02 0100"),
		"decimal of no digits":          bytesOf("0f f6 03 0000 80"),
		"decimal with a scale too high": bytesOf("0f f6 03 0102 80"),
		"decimal that is cut off":       bytesOf("0f f6 04 0a00 81 00"),
		"decimal with more behind":      bytesOf("0f f6 04 0100 81 00"),
		"decimal with a digit too high": bytesOf("0f f6 03 0100 8a"),
		"a datetime before year 0":      bytesOf("0f 0c 08 00000000000000ff"),
		"61 seconds":                    bytesOf("0f 0b 08 0000003d00000000"),
		"61 minutes":                    bytesOf("0f 0b 08 000000400f000000"),
		"900 hours":                     bytesOf("0f 0b 08 0000000040380000"),
		"1000000 microseconds":          bytesOf("0f 0b 08 40420f0000000000"),
		"the least time":                bytesOf("0f 0b 08 0000000000000080"),
		"nested too deep":               nested(5000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d, err := readDocument(stored); !errors.Is(err, errValue) {
				t.Errorf("read as %s, %v", describeDocument(d), err)
			}
		})
	}
}

// As deep as the server goes.
func TestReadDocument_depth(t *testing.T) {
	t.Parallel()
	for depth, want := range map[int]error{1: nil, deepest: nil, deepest + 1: errValue} {
		d := &Document{Kind: Array}
		for range depth - 1 {
			d = &Document{Kind: Array, Elements: []Document{*d}}
		}
		if got, err := readDocument(storedForm(d)); !errors.Is(err, want) || err == nil && describeDocument(got) != describeDocument(d) {
			t.Errorf("%d arrays in each other: %v", depth, err)
		}
	}
}

func TestReadDecimal(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"0", "1", "-1", "9", "10", "99", "100", "12345678", "123456789", "1234567890", "999999999999999999",
		"0.1", "-0.1", "0.000000001", "0.0000000001", "1.000000000000000001", "-12345678901234567890.123456789012345678901",
		"12345678901234567890123456789012345.123456789012345678901234567890", "-99999999999999999999999999999999999999999999999999999999999999999",
	} {
		if got, err := readDecimal(storedDecimal(text)); got != text || err != nil {
			t.Errorf("%s is read as %s, %v", text, got, err)
		}
	}
}

// storedForm writes a document as the server does: containers in their large
// form, each value behind the entries. It is the inverse of readDocument, for
// tests only.
func storedForm(d *Document) []byte {
	kind, data := storedValue(d)
	return append([]byte{kind}, data...)
}

func storedValue(d *Document) (byte, []byte) {
	switch d.Kind {
	case Null:
		return storedLiteral, []byte{0}
	case Bool:
		if d.Bool {
			return storedLiteral, []byte{1}
		}
		return storedLiteral, []byte{2}
	case Signed:
		return storedInt64, binary.LittleEndian.AppendUint64(nil, uint64(d.Signed))
	case Unsigned:
		return storedUint64, binary.LittleEndian.AppendUint64(nil, d.Unsigned)
	case Number:
		return storedDouble, binary.LittleEndian.AppendUint64(nil, math.Float64bits(d.Number))
	case Text:
		return storedString, append(binary.AppendUvarint(nil, uint64(len(d.Text))), d.Text...)
	case Array, Object:
		return storedContainer(d)
	}
	value := []byte(d.Text)
	switch d.Kind {
	case ExactNumber:
		value = storedDecimal(d.Text)
	case DateValue:
		value = storedMoment(d.Text + " 00:00:00.000000")
	case MomentValue:
		value = storedMoment(d.Text)
	case TimeValue:
		value = storedClock(d.Text)
	}
	return storedOpaque, append(binary.AppendUvarint([]byte{d.Code}, uint64(len(value))), value...)
}

func storedContainer(d *Document) (byte, []byte) {
	const width = 4
	kind, entries := byte(storedLargeArray), 2*width+len(d.Elements)*(1+width)
	if d.Kind == Object {
		kind, entries = storedLargeObject, entries+len(d.Keys)*(width+2)
	}
	var behind []byte
	head := binary.LittleEndian.AppendUint32(nil, uint32(len(d.Elements)))
	head = append(head, make([]byte, width)...)
	for _, key := range d.Keys {
		head = binary.LittleEndian.AppendUint32(head, uint32(entries+len(behind)))
		head = binary.LittleEndian.AppendUint16(head, uint16(len(key)))
		behind = append(behind, key...)
	}
	for i := range d.Elements {
		kind, value := storedValue(&d.Elements[i])
		head = append(head, kind)
		if isInlined(kind, width) {
			head = append(append(head, value...), make([]byte, width-len(value))...)
			continue
		}
		head = binary.LittleEndian.AppendUint32(head, uint32(entries+len(behind)))
		behind = append(behind, value...)
	}
	binary.LittleEndian.PutUint32(head[width:], uint32(len(head)+len(behind)))
	return kind, append(head, behind...)
}

// storedDecimal writes a number with as many digits as its text has.
func storedDecimal(text string) []byte {
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	out := []byte{byte(len(whole) + len(fraction)), byte(len(fraction))}
	group := func(digits string) {
		var n uint64
		for _, d := range []byte(digits) {
			n = n*10 + uint64(d-'0')
		}
		width := decimalBytes[len(digits)]
		full := binary.BigEndian.AppendUint64(nil, n)
		out = append(out, full[8-width:]...)
	}
	for first := len(whole) % groupDigits; len(whole) > 0; first = groupDigits {
		if first > 0 {
			group(whole[:first])
		}
		whole = whole[first:]
	}
	for len(fraction) > 0 {
		n := min(groupDigits, len(fraction))
		group(fraction[:n])
		fraction = fraction[n:]
	}
	if negative {
		for i := range out[2:] {
			out[2+i] = ^out[2+i]
		}
	}
	out[2] ^= 0x80
	return out
}

func storedMoment(text string) []byte {
	var year, month, day, hours, minutes, seconds, micros int64
	if _, err := fmt.Sscanf(text, "%d-%d-%d %d:%d:%d.%d", &year, &month, &day, &hours, &minutes, &seconds, &micros); err != nil {
		panic(err)
	}
	whole := ((year*13+month)<<5|day)<<17 | hours<<12 | minutes<<6 | seconds
	return binary.LittleEndian.AppendUint64(nil, uint64(whole<<24|micros))
}

func storedClock(text string) []byte {
	digits, negative := strings.CutPrefix(text, "-")
	var hours, minutes, seconds, micros int64
	if _, err := fmt.Sscanf(digits, "%d:%d:%d.%d", &hours, &minutes, &seconds, &micros); err != nil {
		panic(err)
	}
	packed := (hours<<12|minutes<<6|seconds)<<24 | micros
	if negative {
		packed = -packed
	}
	return binary.LittleEndian.AppendUint64(nil, uint64(packed))
}

// FuzzDocument: a document that is read is written and read as the same, and is
// never much larger than its bytes.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{
		"", "04 00", "0b 000000000000f83f", "0c 03 616263", "02 0200 1200 0c 0a00 07 0e00 03616263 01000100",
		"01 01000000 14000000 13000000 0100 05 01000000 61", "00 0100 1000 0b00 0100 02 0c00 61 0000 0400",
		"0f f6 04 0302 7e f5", "0f 0c 08 070000464186a519", "0f 0b 08 fffffff9ffffffff", "02 0100 0700 02 0000",
		"03 ffffffff 08000000", "02 0200 0e00 0c 0a00 0c 0a00 03616263",
	} {
		f.Add(bytesOf(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var d *Document
		var err error
		bounded(t, data, 1<<20, 600, func() { d, err = readDocument(data) })
		if err != nil {
			return
		}
		first := storedForm(d)
		again, err := readDocument(first)
		if err != nil {
			t.Fatalf("%s is written as %x, which is not read: %v", describeDocument(d), first, err)
		}
		if second := storedForm(again); !bytes.Equal(first, second) {
			t.Errorf("%s becomes %s", describeDocument(d), describeDocument(again))
		}
	})
}

// FuzzDecimal: the text of a number is the number that is read again.
func FuzzDecimal(f *testing.F) {
	for _, text := range []string{"0", "-1.5", "123456789.123456789", "1234567890.1"} {
		f.Add(storedDecimal(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := readDecimal(data)
		if err != nil {
			return
		}
		if again, err := readDecimal(storedDecimal(text)); again != text || err != nil {
			t.Errorf("%s is read again as %s, %v", text, again, err)
		}
	})
}
