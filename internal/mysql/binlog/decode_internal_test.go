package binlog

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"strings"
	"testing"

	"github.com/go-mysql-org/go-mysql/replication"
	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

func TestLengthEncoded(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]struct {
		number uint64
		n      int
		ok     bool
	}{
		"00": {0, 1, true}, "fa ff": {250, 1, true}, "fc 0001": {256, 3, true}, "fd 010203": {0x030201, 4, true},
		"fe 0100000000000080": {1<<63 + 1, 9, true}, "fe ffffffffffffffff": {1<<64 - 1, 9, true},
		"": {}, "fb": {}, "ff 0102030405060708": {}, "fc 00": {}, "fd 0102": {}, "fe 01020304050607": {},
	} {
		number, n, ok := lengthEncoded(bytesOf(data))
		if number != want.number || n != want.n || ok != want.ok {
			t.Errorf("%q: %d in %d bytes, %t", data, number, n, ok)
		}
	}
}

func TestIsPlausible(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]bool{
		"": false, "81": false, "81 05": true, "00": true, "84 00000400 0000": true,
		"84 ffffffff 789c": false, "87 ffffffffffffff 789c": false, "82 0c18": true, "82 ffff 78": false, "84 0000": false,
	} {
		if got := isPlausible(bytesOf(data)); got != want {
			t.Errorf("%q: %t", data, got)
		}
	}
}

func deflated(t testing.TB, text string, frame bool) []byte {
	t.Helper()
	var out bytes.Buffer
	if frame {
		w := zlib.NewWriter(&out)
		_, _ = w.Write([]byte(text))
		_ = w.Close()
		return out.Bytes()
	}
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.Bytes()
}

func TestDecompress(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a value of a compressed column ", 100)
	framed, bare := deflated(t, long, true), deflated(t, long, false)
	with := func(head string, data []byte) []byte { return append(bytesOf(head), data...) }
	for name, c := range map[string]struct {
		stored []byte
		want   string
	}{
		"nothing": {nil, ""}, "not compressed": {[]byte("\x00text"), "text"}, "empty, not compressed": {[]byte{0}, ""},
		"framed": {with("82 0c1c", framed), long}, "bare": {with("8a 0c1c", bare), long}, "a longer length": {with("84 00000c1c", framed), long},
	} {
		got, err := decompress(c.stored)
		if text, ok := got.([]byte); err != nil || !ok || string(text) != c.want {
			t.Errorf("%s: %.40q, %v", name, got, err)
		}
	}
	for name, stored := range map[string][]byte{
		"unknown method": {0x10, 1}, "no length": {0x82, 1}, "no data": {0x81, 1}, "too short": with("82 0c1d", framed), "too long": with("82 0c1b", framed),
		"cut off": with("82 0c1c", framed[:len(framed)-6]), "without its frame": with("82 0c1c", bare), "checksum": with("82 0c1c", append(bytes.Clone(framed[:len(framed)-1]), 0)),
		"4 GiB": with("84 ffffffff", framed), "72 PB": with("87 ffffffffffffff", framed),
	} {
		if got, err := decompress(stored); !errors.Is(err, errValue) {
			t.Errorf("%s: read as %.40q, %v", name, got, err)
		}
	}
}

// Every type of the protocol, with what is kept about the column.
func TestDescribe(t *testing.T) {
	t.Parallel()
	known := map[int]Column{
		1: {Type: Integer, Width: 1}, 2: {Type: Integer, Width: 2}, 3: {Type: Integer, Width: 4}, 4: {Type: Float}, 5: {Type: Double},
		8: {Type: Integer, Width: 8}, 9: {Type: Integer, Width: 3}, 10: {Type: Date}, 13: {Type: Year}, 15: {Type: String}, 16: {Type: Bit},
		17: {Type: Timestamp}, 18: {Type: DateTime}, 19: {Type: Time}, 242: {Type: Vector}, 245: {Type: JSON}, 246: {Type: Decimal},
		252: {Type: Blob}, 253: {Type: String}, 255: {Type: Geometry},
	}
	for kind := range 256 {
		if kind == 254 {
			continue
		}
		var c Column
		ok := describe(&c, byte(kind), 0)
		want, is := known[kind]
		if ok != is || c != want {
			t.Errorf("type %d: %+v, %t", kind, c, ok)
		}
	}
	for meta, want := range map[uint16]Column{
		0xfe0a: {Type: String, Width: 10}, 0xfeff: {Type: String, Width: 255}, 0xee00: {Type: String, Width: 256}, 0xeefc: {Type: String, Width: 508},
		0xcefc: {Type: String, Width: 1020}, 0xdeff: {Type: String, Width: 767}, 0xf701: {Type: Enum}, 0xf702: {Type: Enum}, 0xf808: {Type: Set},
	} {
		var c Column
		if !describe(&c, 254, meta) || c != want {
			t.Errorf("a string of the kind %#x: %+v", meta, c)
		}
	}
	for _, meta := range []uint16{0x000a, 0x0300, 0xf504, 0xfc01, 0x0100} {
		var c Column
		if describe(&c, 254, meta) {
			t.Errorf("a string of the kind %#x: %+v", meta, c)
		}
	}
}

// What the library returns is taken only as what the type of the column promises.
func TestColumn_value(t *testing.T) {
	t.Parallel()
	document := &Document{Kind: Bool, Bool: true}
	values := []any{int8(-1), int16(-2), int32(-3), 4, int64(-5), float32(1.5), 2.5, "text", []byte{4, 1}, uint64(1), nil}
	none := Value(errValue)
	for kind, want := range map[Type][]Value{
		Integer:   {int64(-1), int64(-2), int64(-3), int64(4), int64(-5), none, none, none, none, none, nil},
		Year:      {int64(-1), int64(-2), int64(-3), int64(4), int64(-5), none, none, none, none, none, nil},
		Enum:      {int64(-1), int64(-2), int64(-3), int64(4), int64(-5), none, none, none, none, none, nil},
		Set:       {uint64(1<<64 - 1), uint64(1<<64 - 2), uint64(1<<64 - 3), uint64(4), uint64(1<<64 - 5), none, none, none, none, none, nil},
		Bit:       {uint64(1<<64 - 1), uint64(1<<64 - 2), uint64(1<<64 - 3), uint64(4), uint64(1<<64 - 5), none, none, none, none, none, nil},
		Float:     {none, none, none, none, none, float32(1.5), none, none, none, none, nil},
		Double:    {none, none, none, none, none, none, 2.5, none, none, none, nil},
		Decimal:   {none, none, none, none, none, none, none, "text", none, none, nil},
		Date:      {none, none, none, none, none, none, none, "text", none, none, nil},
		Time:      {none, none, none, none, none, none, none, "text", none, none, nil},
		DateTime:  {none, none, none, none, none, none, none, "text", none, none, nil},
		Timestamp: {none, none, none, none, none, none, none, "text", none, none, nil},
		String:    {none, none, none, none, none, none, none, []byte("text"), none, none, nil},
		Blob:      {none, none, none, none, none, none, none, none, []byte{4, 1}, none, nil},
		Geometry:  {none, none, none, none, none, none, none, none, []byte{4, 1}, none, nil},
		Vector:    {none, none, none, none, none, none, none, none, []byte{4, 1}, none, nil},
		JSON:      {none, none, none, none, none, none, none, none, document, none, nil},
	} {
		for i, v := range values {
			got, err := Column{Type: kind}.value(v)
			if err != nil {
				got = err
			}
			if diff := cmp.Diff(want[i], got, cmp.Comparer(func(a, b error) bool { return errors.Is(a, b) })); diff != "" {
				t.Errorf("%T in a column of the type %d: %s", v, kind, diff)
			}
		}
	}
	for _, v := range []any{"\x00text", []byte("\x00text")} {
		for _, kind := range []Type{String, Blob} {
			got, err := Column{Type: kind, compressed: true}.value(v)
			if _, text := v.(string); text != (kind == String) {
				continue
			}
			if b, ok := got.([]byte); err != nil || !ok || string(b) != "text" {
				t.Errorf("a compressed %T: %v, %v", v, got, err)
			}
		}
	}
}

func TestColumn_Unsigned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		width int
		in    int64
		want  uint64
	}{
		{1, -1, 255}, {1, 127, 127}, {1, -128, 128}, {2, -1, 65535}, {3, -1, 1<<24 - 1}, {3, -1 << 23, 1 << 23}, {4, -1, 1<<32 - 1}, {8, -1, 1<<64 - 1}, {8, 5, 5},
	} {
		if got := (Column{Width: c.width}).Unsigned(c.in); got != c.want {
			t.Errorf("%d in %d bytes is %d", c.in, c.width, got)
		}
	}
}

func TestAnyBit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bitmap string
		count  int
		want   bool
	}{
		{"00", 8, false}, {"01", 1, true}, {"02", 1, false}, {"80", 8, true}, {"80", 7, false}, {"0001", 9, true}, {"0002", 9, false}, {"00fe", 9, false}, {"0000", 16, false},
	} {
		if got := anyBit(bytesOf(c.bitmap), c.count); got != c.want {
			t.Errorf("%s of %d columns: %t", c.bitmap, c.count, got)
		}
	}
}

// The fields before a compressed transaction.
func TestPayloadOf(t *testing.T) {
	t.Parallel()
	s := newReader(mysql.Info{}, Request{}, nil)
	for name, c := range map[string]struct{ body, want, err string }{
		"zstd":             {"02 01 00 00 aabb", "aabb", ""},
		"other fields":     {"01 02 0700 03 03 fd0000 02 01 00 00 aa", "aa", ""},
		"nothing in it":    {"02 01 00 00", "", ""},
		"not compressed":   {"02 03 fcff00 00 aa", "", "the binary log holds a transaction compressed by the method 255 at ``, which is not known, so what it changes cannot be replayed"},
		"not said":         {"00 aa", "", "the binary log holds a transaction compressed by the method 255 at ``, which is not known, so what it changes cannot be replayed"},
		"cut off":          {"02", "", "the binary log cannot be read at ``: a compressed transaction cannot be read"},
		"a long field":     {"02 05 00", "", "the binary log cannot be read at ``: a compressed transaction cannot be read"},
		"a number cut off": {"02 01 fe 00 aa", "", "the binary log cannot be read at ``: a compressed transaction cannot be read"},
		"a null":           {"02 01 fb 00 aa", "", "the binary log cannot be read at ``: a compressed transaction cannot be read"},
	} {
		got, err := s.payloadOf(bytesOf(c.body))
		message := ""
		if err != nil {
			message = err.Error()
		}
		if !bytes.Equal(got, bytesOf(c.want)) || message != c.err {
			t.Errorf("%s: %x, %s", name, got, message)
		}
	}
}

// What a statement's session was like: each variable of both products.
func TestStatusVariables(t *testing.T) {
	t.Parallel()
	const plain = " mode=0 charsets=0,0,0"
	for name, c := range map[string]struct{ vars, mysql, mariadb string }{
		"none":                 {"", plain, plain},
		"flags":                {"00 0000000c", plain + " nofk=1 nounique=1", plain + " nofk=1 nounique=1"},
		"check constraints":    {"00 00800000", plain, plain + " nocheck=1"},
		"mode":                 {"01 0400100000000000", " mode=1048580 charsets=0,0,0", " mode=1048580 charsets=0,0,0"},
		"catalog":              {"02 03 737464 00 06 03 737464", plain, plain},
		"auto increment":       {"03 0200 0100", plain + " auto=1+2", plain + " auto=1+2"},
		"character sets":       {"04 2d00 ff00 0800", " mode=0 charsets=45,255,8", " mode=0 charsets=45,255,8"},
		"time zone":            {"05 06 2b30323a3030", plain + " zone=+02:00", plain + " zone=+02:00"},
		"language, collation":  {"07 0000 08 2d00", plain, plain},
		"tables, transaction":  {"09 0100000000000000 11 0100000000000000 0a 01000000", plain, plain},
		"invoker":              {"0b 01 75 09 6c6f63616c686f7374", plain + " invoker=u@localhost", plain + " invoker=u@localhost"},
		"databases":            {"0c 02 6100 6200 10 01", plain + " explicit=true", "?"},
		"too many databases":   {"0c fe 10 00", plain + " explicit=false", "?"},
		"databases cut off":    {"0c 02 6100 62", "?", "?"},
		"microseconds, MySQL":  {"0d 40e201", plain + " micros=123456", "?"},
		"commits":              {"0e 01020304050607 0f 01020304050607", plain, "?"},
		"default collation":    {"12 ff00", plain + " utf8mb4=255", "?"},
		"primary keys":         {"13 01", plain + " pk=true", "?"},
		"encryption":           {"14 00", plain + " encryption=false", "?"},
		"as it was sent":       {"15 01", plain, "?"},
		"microseconds, others": {"80 40e201", "?", plain + " micros=123456"},
		"transaction":          {"81 0100000000000000", "?", plain},
		"half of an ALTER":     {"82 02", "?", plain + " half"},
		"the other half":       {"82 04 0100000000000000", "?", plain},
		"half undone":          {"82 08 0100000000000000", "?", plain + " half"},
		"collations of sets":   {"83 02 2d00 ff00 0800 0500", "?", plain + " collations=map[8:5 45:255]"},
		"unknown":              {"7f 01", "?", "?"},
		"cut off":              {"01 0400", "?", "?"},
		"cut off in a text":    {"05 06 2b30", "?", "?"},
		"cut off in a list":    {"83 ff 2d00", "?", "?"},
	} {
		for product, want := range map[mysql.Product]string{mysql.MySQL: c.mysql, mysql.MariaDB: c.mariadb} {
			q := &Query{}
			v := statusVariables{data: bytesOf(c.vars), out: q, mariadb: product == mysql.MariaDB}
			v.read()
			got := describeEnvironment(q.Environment)
			if v.halfAlter {
				got += " half"
			}
			if v.unknown {
				got = "?"
			}
			if got != want {
				t.Errorf("%s on %s: got %q, want %q", name, product, got, want)
			}
		}
	}
}

func TestCompareFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"binlog.000001", "binlog.000002", -1}, {"binlog.999999", "binlog.1000000", -1}, {"b.000002", "b.000002", 0}, {"a.b.000003", "b.000002", 1}, {"none", "b.000001", -1},
	} {
		if got := compareFiles(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %d", c.a, c.b, got)
		}
	}
}

func TestParseDomains(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]map[uint64]domainPosition{
		"": {}, "[]": {}, "0-1-5": {0: {0, 1, 5}}, "[0-1-5, 2-1-7]": {0: {0, 1, 5}, 2: {2, 1, 7}}, "0-1-5,\n0-2-9,0-3-7": {0: {0, 2, 9}}, ",0-1-5,": {0: {0, 1, 5}},
		"4294967295-4294967295-18446744073709551615": {4294967295: {4294967295, 4294967295, 18446744073709551615}},
	} {
		got, err := parseDomains(list)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(domainPosition{})); diff != "" || err != nil {
			t.Errorf("%q: %v %s", list, err, diff)
		}
	}
	for list, bad := range map[string]string{"0-1": "0-1", "0-1-5-6": "0-1-5-6", "0-1-x": "0-1-x", "0-1--5": "0-1--5", "0-1-5,x": "x", "0-1-18446744073709551616": "0-1-18446744073709551616"} {
		if got, err := parseDomains(list); err == nil || err.Error() != "`"+bad+"` is no GTID of MariaDB" {
			t.Errorf("%q: %v, %v", list, got, err)
		}
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list, other string
		want        bool
	}{
		{"", "", true}, {"0-1-5", "", true}, {"", "0-1-5", false}, {"0-1-5", "0-1-5", true}, {"0-2-6", "0-1-5", true}, {"0-1-4", "0-1-5", false},
		{"0-1-5,1-1-1", "0-1-5", true}, {"0-1-5", "0-1-5,1-1-1", false}, {"0-1-5", "1-1-0", true},
	} {
		got, err := covers(c.list, c.other)
		if got != c.want || err != nil {
			t.Errorf("%q covers %q: %t, %v", c.list, c.other, got, err)
		}
	}
	for _, c := range [][2]string{{"x", ""}, {"", "x"}} {
		if got, err := covers(c[0], c[1]); err == nil {
			t.Errorf("%q: %t", c, got)
		}
	}
}

func TestGTIDs(t *testing.T) {
	t.Parallel()
	const uuid = "407cee1d-e80c-11ee-9a52-0242ac110002"
	for set, want := range map[string]bool{"": false, uuid + ":1-5": false, uuid + ":1-5:7": false, uuid + ":tag:1": true, uuid + ":1-3:tag:5": true, uuid + ":1," + uuid + ":_t:2": true} {
		if got := isTagged(set); got != want {
			t.Errorf("%q is tagged: %t", set, got)
		}
	}
	encoded, err := encodeGTIDs(uuid + ":1-5:9")
	want := bytesOf("0100000000000000" + strings.ReplaceAll(uuid, "-", "") + "0200000000000000 0100000000000000 0600000000000000 0900000000000000 0a00000000000000")
	if !bytes.Equal(encoded, want) || err != nil {
		t.Errorf("encoded as %x, %v", encoded, err)
	}
	for _, set := range []string{"x", uuid, uuid + ":x", "x:1-5"} {
		if got, err := encodeGTIDs(set); err == nil || err.Error() != "`"+set+"` is no set of GTIDs" {
			t.Errorf("%q: %x, %v", set, got, err)
		}
	}
}

func TestTableID(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]uint64{"010000000000 0000 00": 1, "ffffffffffff 0100 01": 1<<48 - 1, "000000000001 0000 00": 1 << 40} {
		if got, ok := tableID(bytesOf(body)); got != want || !ok {
			t.Errorf("%s: %d, %t", body, got, ok)
		}
	}
	if _, ok := tableID(bytesOf("010000000000 0000")); ok {
		t.Error("a body that is too short has a table")
	}
}

func TestCompressedText(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"": "", "00000000 00000000 01 0000 00": "", "00000000 00000000 01 0000 0000 64 00": "", "00000000 00000000 01 0000 0000 64 00 aabb": "aabb",
		"00000000 00000000 01 0000 0200 ffff 64 00 cc": "cc", "00000000 00000000 ff 0000 ffff 64 00 cc": "",
	} {
		if got := compressedText(bytesOf(body)); !bytes.Equal(got, bytesOf(want)) {
			t.Errorf("%s: %x", body, got)
		}
	}
}

func TestIsRows(t *testing.T) {
	t.Parallel()
	var got []int
	for kind := range 256 {
		if isRows(replication.EventType(kind)) {
			got = append(got, kind)
		}
	}
	if diff := cmp.Diff([]int{20, 21, 22, 23, 24, 25, 30, 31, 32, 39, 166, 167, 168}, got); diff != "" {
		t.Error(diff)
	}
}
