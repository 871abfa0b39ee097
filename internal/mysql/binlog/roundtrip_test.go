package binlog_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

var seed = flag.Uint64("seed", 0, "begin of the random values of TestRoundTrip, to repeat a failure; 0 is another one each time")

// A randomColumn is a column with random values: how one is written, how SELECT
// is asked for it, and whether what SELECT says is what the log holds.
type randomColumn struct {
	definition string
	on         func(instance.Kind) bool // nil: every kind
	literal    func(*rand.Rand) string
	query      string // of {c}; empty: the column
	same       func(binlog.Column, binlog.Value, string) bool
}

func onMySQL(k instance.Kind) bool     { return !k.IsMariaDB() }
func onMariaDB(k instance.Kind) bool   { return k.IsMariaDB() }
func withVectors(k instance.Kind) bool { return k != instance.MariaDB1011 }

// oneOf draws one of some values, or makes one.
func oneOf(r *rand.Rand, edges []string, other func() string) string {
	if n := r.IntN(len(edges) + 4); n < len(edges) {
		return edges[n]
	}
	return other()
}

func integers(bits uint, unsigned bool) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		if unsigned {
			most := uint64(math.MaxUint64) >> (64 - bits)
			return oneOf(r, []string{"0", "1", strconv.FormatUint(most, 10), strconv.FormatUint(most/2+1, 10)}, func() string {
				return strconv.FormatUint(r.Uint64()&most, 10)
			})
		}
		least := int64(math.MinInt64) >> (64 - bits)
		return oneOf(r, []string{"0", "-1", strconv.FormatInt(least, 10), strconv.FormatInt(-(least + 1), 10)}, func() string {
			return strconv.FormatInt(int64(r.Uint64())>>(64-bits), 10)
		})
	}
}

func sameSigned(_ binlog.Column, v binlog.Value, text string) bool {
	n, ok := v.(int64)
	return ok && strconv.FormatInt(n, 10) == text
}

func sameUnsigned(c binlog.Column, v binlog.Value, text string) bool {
	n, ok := v.(int64)
	return ok && strconv.FormatUint(c.Unsigned(n), 10) == text
}

func sameBits(_ binlog.Column, v binlog.Value, text string) bool {
	n, ok := v.(uint64)
	return ok && strconv.FormatUint(n, 10) == text
}

func sameText(_ binlog.Column, v binlog.Value, text string) bool { return v == text }

// sameMoment compares a time, which the log may have without its zeros.
func sameMoment(_ binlog.Column, v binlog.Value, text string) bool {
	s, ok := v.(string)
	whole, fraction, _ := strings.Cut(text, ".")
	return ok && (s == text || strings.Trim(fraction, "0") == "" && s == whole)
}

func sameDouble(_ binlog.Column, v binlog.Value, text string) bool {
	want, err := strconv.ParseFloat(text, 64)
	switch v := v.(type) {
	case float32:
		return err == nil && math.Float64bits(float64(v)) == math.Float64bits(want)
	case float64:
		return err == nil && math.Float64bits(v) == math.Float64bits(want)
	}
	return false
}

func sameHex(_ binlog.Column, v binlog.Value, text string) bool {
	b, ok := v.([]byte)
	return ok && strings.EqualFold(hex.EncodeToString(b), text)
}

// samePadded compares bytes of a column of a fixed length, which the log has
// without the zeros at the end.
func samePadded(c binlog.Column, v binlog.Value, text string) bool {
	b, ok := v.([]byte)
	return ok && len(b) <= c.Width && strings.EqualFold(hex.EncodeToString(append(bytes.Clone(b), make([]byte, c.Width-len(b))...)), text)
}

// sameJSON compares a document with its text.
func sameJSON(_ binlog.Column, v binlog.Value, text string) bool {
	d, ok := v.(*binlog.Document)
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var want any
	return ok && decoder.Decode(&want) == nil && sameNode(d, want)
}

func sameNode(d *binlog.Document, want any) bool {
	switch want := want.(type) {
	case nil:
		return d.Kind == binlog.Null
	case bool:
		return d.Kind == binlog.Bool && d.Bool == want
	case string:
		return (d.Kind == binlog.Text || d.Kind >= binlog.DateValue && d.Kind <= binlog.MomentValue) && d.Text == want
	case json.Number:
		switch d.Kind {
		case binlog.Signed:
			return strconv.FormatInt(d.Signed, 10) == want.String()
		case binlog.Unsigned:
			return strconv.FormatUint(d.Unsigned, 10) == want.String()
		case binlog.ExactNumber:
			return d.Text == want.String()
		}
		f, err := want.Float64()
		return err == nil && d.Kind == binlog.Number && math.Float64bits(f) == math.Float64bits(d.Number)
	case []any:
		if d.Kind != binlog.Array || len(d.Elements) != len(want) {
			return false
		}
		for i := range want {
			if !sameNode(&d.Elements[i], want[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		if d.Kind != binlog.Object || len(d.Elements) != len(want) || len(d.Keys) != len(want) {
			return false
		}
		for i, key := range d.Keys {
			member, ok := want[key]
			if !ok || !sameNode(&d.Elements[i], member) {
				return false
			}
		}
		return true
	}
	return false
}

func digits(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(byte('0' + r.IntN(10)))
	}
	return b.String()
}

func decimals(whole, fraction int, signed bool) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		text := "0" + digits(r, r.IntN(whole+1))
		if fraction > 0 {
			text += "." + digits(r, 1+r.IntN(fraction))
		}
		if signed && r.IntN(2) == 0 {
			text = "-" + text
		}
		return oneOf(r, []string{"0", strings.Repeat("9", whole) + "." + strings.Repeat("9", fraction)}, func() string { return text })
	}
}

func moments(format string, fraction int, from, to int64, edges ...string) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		return oneOf(r, edges, func() string {
			text := time.Unix(from+r.Int64N(to-from), 0).UTC().Format(format)
			if fraction > 0 {
				text += "." + digits(r, fraction)
			}
			return "'" + text + "'"
		})
	}
}

func clocks(fraction int) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		return oneOf(r, []string{"'00:00:00'", "'838:59:59'", "'-838:59:59'", "'-00:00:01'"}, func() string {
			text := fmt.Sprintf("%02d:%02d:%02d", r.IntN(838), r.IntN(60), r.IntN(60))
			if fraction > 0 {
				text += "." + digits(r, fraction)
			}
			if r.IntN(2) == 0 {
				text = "-" + text
			}
			return "'" + text + "'"
		})
	}
}

func someBytes(most int) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		b := make([]byte, r.IntN(most+1))
		for i := range b {
			b[i] = byte(r.IntN(256))
		}
		if r.IntN(4) == 0 {
			clear(b)
		}
		return "x'" + hex.EncodeToString(b) + "'"
	}
}

func texts(most int) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		alphabet := []string{"a", " ", "é", "€", "\U0001F600", "''", `\\`, "\x01", "0"}
		var b strings.Builder
		for range r.IntN(most + 1) {
			b.WriteString(alphabet[r.IntN(len(alphabet))])
		}
		return "'" + strings.TrimRight(b.String(), " ") + "'"
	}
}

func floats(most float64, edges ...string) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		return oneOf(r, append(edges, "0", "-0e0", "1e0", "-1.5e0"), func() string {
			return strconv.FormatFloat(r.NormFloat64()*math.Pow(10, float64(r.IntN(int(2*most)))-most), 'e', -1, 64)
		})
	}
}

// documents writes a random document; SQL adds what a text of JSON cannot say.
func documents(r *rand.Rand) string {
	return oneOf(r, []string{
		"'null'", "'{}'", "'[]'", `'""'`, "CAST(1.50 AS JSON)", "JSON_ARRAY(CAST('2020-02-03' AS DATE), CAST('-01:02:03.000004' AS TIME(6)), CAST('2020-02-03 04:05:06.000007' AS DATETIME(6)))",
		"JSON_OBJECT('long', REPEAT('x', 70000), 'n', 70000, 'list', JSON_ARRAY(JSON_ARRAY(), true))", "JSON_ARRAY(-0.0, 123456789012345678901234567890.5, 1.10)",
	}, func() string { return "'" + document(r, 4) + "'" })
}

func document(r *rand.Rand, depth int) string {
	kind := r.IntN(9)
	if depth == 0 {
		kind = r.IntN(7)
	}
	switch kind {
	case 0:
		return "null"
	case 1:
		return strconv.FormatBool(r.IntN(2) == 0)
	case 2:
		return strconv.FormatInt(int64(r.Uint64())>>r.IntN(64), 10)
	case 3:
		return strconv.FormatUint(r.Uint64()>>r.IntN(64), 10)
	case 4:
		return strconv.FormatFloat(r.NormFloat64()*math.Pow(10, float64(r.IntN(40))-20), 'e', 14, 64)
	case 5, 6:
		return `"` + strings.Repeat("é x", r.IntN(60)) + `"`
	}
	parts := make([]string, r.IntN(5))
	for i := range parts {
		parts[i] = document(r, depth-1)
		if kind == 8 {
			parts[i] = fmt.Sprintf(`"k%d": %s`, i*r.IntN(100)+i, parts[i])
		}
	}
	if kind == 8 {
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func members(n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf("'m%d'", i)
	}
	return strings.Join(parts, ",")
}

func numbersTo(n uint64) func(*rand.Rand) string {
	return func(r *rand.Rand) string { return strconv.FormatUint(1+r.Uint64N(n), 10) }
}

func points(r *rand.Rand) string {
	return fmt.Sprintf("ST_GeomFromText('%s', %d)", []string{
		fmt.Sprintf("POINT(%d %g)", r.IntN(90), r.Float64()), "LINESTRING(0 0,1 1,2 0)", "POLYGON((0 0,0 1,1 1,0 0))", "GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))",
	}[r.IntN(4)], []int{0, 3857}[r.IntN(2)])
}

func vectors(convert string) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		return fmt.Sprintf("%s('[%g,%g,-0.5]')", convert, r.Float32(), r.NormFloat64())
	}
}

func addresses(groups int) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		parts := make([]string, groups)
		for i := range parts {
			parts[i] = []string{"0", strconv.Itoa(r.IntN(256))}[r.IntN(2)]
		}
		return "'" + strings.Join(parts, map[int]string{4: ".", 8: ":"}[groups]) + "'"
	}
}

func uuids(r *rand.Rand) string {
	h := fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64())
	return oneOf(r, []string{"'00000000-0000-0000-0000-000000000000'", "'123e4567-e89b-12d3-a456-426655440000'"}, func() string {
		return fmt.Sprintf("'%s-%s-%s-%s-%s'", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
	})
}

const (
	asDouble = "{c} * 1e0"
	asNumber = "CAST({c} AS UNSIGNED)"
	asHex    = "HEX({c})"
	asPlain  = "HEX(CAST({c} AS BINARY(16)))"
)

// everyColumn has a column of every type.
func everyColumn() []randomColumn {
	const seconds = 253402300799 // the end of the year 9999
	columns := []randomColumn{
		{definition: "YEAR", literal: func(r *rand.Rand) string {
			return oneOf(r, []string{"0", "1901", "2155"}, func() string { return strconv.Itoa(1901 + r.IntN(255)) })
		}, query: "{c} + 0", same: sameSigned},
		{definition: "FLOAT", literal: floats(30, "3.40282e38", "1.4e-45"), query: asDouble, same: sameDouble},
		{definition: "DOUBLE", literal: floats(300, "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308"), query: asDouble, same: sameDouble},
		{definition: "DECIMAL(65,30)", literal: decimals(35, 30, true), same: sameText},
		{definition: "DECIMAL(9,9)", literal: decimals(0, 9, true), same: sameText},
		{definition: "DECIMAL(20,0) UNSIGNED", literal: decimals(20, 0, false), same: sameText},
		{definition: "DECIMAL(11,10)", literal: decimals(1, 10, true), same: sameText},
		{definition: "DATE", literal: moments("2006-01-02", 0, -62135596800, seconds, "'0000-00-00'", "'2024-02-31'", "'2024-00-15'"), same: sameText},
		{definition: "CHAR(10) CHARACTER SET utf8mb4", literal: texts(10), query: asHex, same: sameHex},
		{definition: "CHAR(255) CHARACTER SET utf8mb4", literal: texts(200), query: asHex, same: sameHex},
		{definition: "VARCHAR(20) CHARACTER SET utf8mb4", literal: texts(20), query: asHex, same: sameHex},
		{definition: "VARCHAR(600) CHARACTER SET utf8mb4", literal: texts(300), query: asHex, same: sameHex},
		{definition: "BINARY(9)", literal: someBytes(9), query: asHex, same: samePadded},
		{definition: "VARBINARY(300)", literal: someBytes(300), query: asHex, same: sameHex},
		{definition: "TINYTEXT", literal: texts(60), query: asHex, same: sameHex},
		{definition: "TEXT", literal: texts(300), query: asHex, same: sameHex},
		{definition: "MEDIUMBLOB", literal: someBytes(400), query: asHex, same: sameHex},
		{definition: "LONGBLOB", literal: someBytes(400), query: asHex, same: sameHex},
		{definition: "ENUM(" + members(3) + ")", literal: numbersTo(3), query: asNumber, same: sameSigned},
		{definition: "ENUM(" + members(300) + ")", literal: numbersTo(300), query: asNumber, same: sameSigned},
		{definition: "SET(" + members(5) + ")", literal: integers(5, true), query: asNumber, same: sameBits},
		{definition: "SET(" + members(64) + ")", literal: integers(64, true), query: asNumber, same: sameBits},
		{definition: "BIT(1)", literal: integers(1, true), query: asNumber, same: sameBits},
		{definition: "BIT(13)", literal: integers(13, true), query: asNumber, same: sameBits},
		{definition: "BIT(64)", literal: integers(64, true), query: asNumber, same: sameBits},
		{definition: "JSON", on: onMySQL, literal: documents, query: "CAST({c} AS CHAR)", same: sameJSON},
		{definition: "JSON", on: onMariaDB, literal: func(r *rand.Rand) string { return "'" + document(r, 4) + "'" }, query: asHex, same: sameHex},
		{definition: "GEOMETRY", literal: points, query: asHex, same: sameHex},
		{definition: "VECTOR(3)", on: onMySQL, literal: vectors("STRING_TO_VECTOR"), query: asHex, same: sameHex},
		{definition: "VECTOR(3)", on: func(k instance.Kind) bool { return withVectors(k) && onMariaDB(k) }, literal: vectors("VEC_FromText"), query: asHex, same: sameHex},
		{definition: "UUID", on: onMariaDB, literal: uuids, query: asPlain, same: samePadded},
		{definition: "INET6", on: onMariaDB, literal: addresses(8), query: asPlain, same: samePadded},
		{definition: "INET4", on: onMariaDB, literal: addresses(4), query: "HEX(CAST({c} AS BINARY(4)))", same: samePadded},
		{definition: "TEXT COMPRESSED", on: onMariaDB, literal: texts(400), query: asHex, same: sameHex},
		{definition: "VARCHAR(2000) COMPRESSED", on: onMariaDB, literal: texts(300), query: asHex, same: sameHex},
		{definition: "LONGBLOB COMPRESSED", on: onMariaDB, literal: someBytes(400), query: asHex, same: sameHex},
	}
	for name, bits := range map[string]uint{"TINYINT": 8, "SMALLINT": 16, "MEDIUMINT": 24, "INT": 32, "BIGINT": 64} {
		columns = append(columns, randomColumn{definition: name, literal: integers(bits, false), same: sameSigned},
			randomColumn{definition: name + " UNSIGNED", literal: integers(bits, true), same: sameUnsigned})
	}
	for n := range 7 {
		columns = append(columns, randomColumn{definition: fmt.Sprintf("TIME(%d)", n), literal: clocks(n), same: sameMoment},
			randomColumn{definition: fmt.Sprintf("DATETIME(%d)", n), literal: moments("2006-01-02 15:04:05", n, -62135596800, seconds, "'0000-00-00'", "'2024-02-31 01:02:03'"), same: sameMoment},
			randomColumn{definition: fmt.Sprintf("TIMESTAMP(%d) NULL", n), literal: moments("2006-01-02 15:04:05", n, 1, math.MaxInt32, "'0000-00-00'", "'1970-01-01 00:00:01'"), same: sameMoment})
	}
	return columns
}

// A randomTable is a table with a column of every type on a server.
type randomTable struct {
	s       *logServer
	name    string
	columns []randomColumn
	names   []string
	r       *rand.Rand
}

func newRandomTable(t *testing.T, s *logServer, r *rand.Rand, name string) *randomTable {
	t.Helper()
	table := &randomTable{s: s, name: name, r: r}
	definitions := "id INT PRIMARY KEY"
	for _, c := range everyColumn() {
		if c.on == nil || c.on(s.Kind) {
			table.names = append(table.names, fmt.Sprintf("c%d", len(table.columns)))
			table.columns = append(table.columns, c)
			definitions += ", " + table.names[len(table.names)-1] + " " + c.definition
		}
	}
	s.Exec(t, "CREATE TABLE "+name+" ("+definitions+")")
	return table
}

// row writes a random row; about one value of ten is NULL.
func (table *randomTable) row() []string {
	out := make([]string, len(table.columns))
	for i, c := range table.columns {
		out[i] = "NULL"
		if table.r.IntN(10) > 0 {
			out[i] = c.literal(table.r)
		}
	}
	return out
}

// insert, update and remove write statements that change all rows.
func (table *randomTable) insert(rows int) string {
	values := make([]string, rows)
	for i := range values {
		values[i] = fmt.Sprintf("(%d, %s)", i, strings.Join(table.row(), ", "))
	}
	return "INSERT INTO " + table.name + " VALUES " + strings.Join(values, ", ")
}

func (table *randomTable) update(id int) string {
	sets := table.row()
	for i := range sets {
		sets[i] = table.names[i] + " = " + sets[i]
	}
	return fmt.Sprintf("UPDATE %s SET %s WHERE id = %d", table.name, strings.Join(sets, ", "), id)
}

// rows asks with SELECT.
func (table *randomTable) rows(t *testing.T, q func(query string) [][]string) map[string][]string {
	t.Helper()
	asked := "id"
	for i, c := range table.columns {
		query := strings.ReplaceAll(c.query, "{c}", table.names[i])
		if query == "" {
			query = table.names[i]
		}
		asked += ", " + query
	}
	out := map[string][]string{}
	for _, row := range q("SELECT " + asked + " FROM " + table.name) {
		out[row[0]] = row[1:]
	}
	return out
}

// compare says where rows of the log are not those of SELECT.
func (table *randomTable) compare(t *testing.T, what string, of *binlog.Table, images [][]binlog.Value, want map[string][]string) {
	t.Helper()
	for _, image := range images {
		row := want[fmt.Sprint(image[0])]
		if len(row) != len(image)-1 {
			t.Errorf("%s: the log has a row %v with %d columns, SELECT one of %d", what, image[0], len(image), len(row)+1)
			continue
		}
		for i, text := range row {
			v := image[i+1]
			if (v == nil) != (text == "NULL") || v != nil && !table.columns[i].same(of.Columns[i+1], v, text) {
				t.Errorf("%s: row %v, %s: the log has %v, SELECT says %s", what, image[0], table.columns[i].definition, v, text)
			}
		}
	}
}

// Random values of every type come out of the log as SELECT says them: as they
// were added, before and after each change, and as they were removed, in each
// way in which a server writes them.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := newLogServer(t, kind, "--log-bin=binlog", "--binlog-format=ROW", "--server-id=1")
			ways := map[string]string{"plain": "SET GLOBAL binlog_checksum = CRC32", "without checksums": "SET GLOBAL binlog_checksum = NONE", "full metadata": "SET GLOBAL binlog_row_metadata = FULL"}
			if kind.IsMariaDB() {
				ways["compressed"] = "SET GLOBAL log_bin_compress = ON"
			} else {
				ways["compressed"] = "SET GLOBAL binlog_transaction_compression = ON"
			}
			s.Exec(t, "CREATE DATABASE "+s.Prefix+"a", "SET GLOBAL sql_mode = 'ALLOW_INVALID_DATES'", "SET GLOBAL time_zone = '+00:00'")
			begin := *seed
			if begin == 0 {
				begin = uint64(time.Now().UnixNano())
			}
			r := rand.New(rand.NewPCG(begin, 0))
			for _, way := range []string{"plain", "without checksums", "full metadata", "compressed"} { // one after the other: they are global
				s.Exec(t, ways[way])
				s.roundTrip(t, newRandomTable(t, s, r, s.Prefix+"a."+strings.ReplaceAll(way, " ", "_")), way)
			}
			if t.Failed() {
				t.Logf("again with -seed %d", begin)
			}
		})
	}
}

func (s *logServer) roundTrip(t *testing.T, table *randomTable, way string) {
	t.Helper()
	const rows = 12
	conn, err := s.Open(t, s.Username, s.Password, "").Conn(context.WithoutCancel(t.Context())) // its settings are those of before
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	run := func(statement string) {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%.3000s", err, statement)
		}
	}
	from := s.current(t)
	run(table.insert(rows))
	added := table.rows(t, func(q string) [][]string { return s.QueryRows(t, q) })
	for id := range rows {
		run(table.update(id))
	}
	changed := table.rows(t, func(q string) [][]string { return s.QueryRows(t, q) })
	run("DELETE FROM " + table.name)
	seen := map[binlog.Change]int{}
	_, err = binlog.Stream(t.Context(), s.server, s.cfg, s.info, binlog.Request{From: from, End: s.current(t)}, func(e binlog.Event) error {
		r, ok := e.(*binlog.Rows)
		if !ok {
			return nil
		}
		seen[r.Change] += max(len(r.Before), len(r.After))
		before, after := added, changed
		if r.Change == binlog.Insert {
			after = added
		} else if r.Change == binlog.Delete {
			before = changed
		}
		table.compare(t, way+", "+string(r.Change)+", before", r.Table, r.Before, before)
		table.compare(t, way+", "+string(r.Change)+", after", r.Table, r.After, after)
		return nil
	})
	if err != nil || seen[binlog.Insert] != rows || seen[binlog.Update] != rows || seen[binlog.Delete] != rows {
		t.Errorf("%s: %v rows were read, %v", way, seen, err)
	}
}
