package diff_test

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// convertibleTypes are column types, each with values that say something about
// the way to the others: at the limits, odd ones, and what only a lax server took.
var convertibleTypes = []struct{ name, values string }{
	{"tinyint", "-128 -1 0 1 5 70 99 100 127"},
	{"tinyint unsigned", "0 1 69 70 128 155 255"},
	{"smallint", "-32768 -1 0 1 99 100 1900 1901 2155 2156 32767"},
	{"int", "-2147483648 -1 0 7 256 20200101 70000 2147483647"},
	{"int unsigned", "0 1 4294967295"},
	{"int(6) unsigned zerofill", "0 1 123456 1234567"},
	{"bigint", "-9223372036854775808 -1 0 16777217 9007199254740993 20200101101112 9223372036854775807"},
	{"bigint unsigned", "0 9223372036854775808 18446744073709551615"},
	{"decimal(8,2)", "-999999.99 -0.01 0 0.5 1.50 12.34 127.50 999999.99"},
	{"decimal(6,3)", "-999.999 -0.001 0.005 0.5 1.995 9.999 99.995 999.999"},
	{"decimal(10,0)", "-1 0 5 2020 1234567890"},
	{"decimal(20,4) unsigned", "0 0.0001 0.5 9.9999 9999999999999999.9999"},
	{"float", "0 -1 1.5 0.1 1e10 16777216 3.4e38 1e-30 123456.7"},
	{"float(7,3)", "0 1.5 0.125 999.999 9999.999"},
	{"float unsigned", "0 1.5 1e20"},
	{"double", "0 -1 1.5 0.1 1e300 9007199254740993 16777217 2.5 1e-320 123456.789"},
	{"double(8,2)", "0 1.25 99999.99 999999.99"},
	{"bit(1)", "b'0' b'1'"},
	{"bit(8)", "b'0' b'1' b'110001' b'11111111'"},
	{"bit(64)", "0 1 0x31 0xFFFFFFFFFFFFFFFF"},
	{"year", "0 1901 1970 2000 2069 2155"},
	{"char(5)", "'' 'a' 'ab' ' a' 'é' '5' '1.5' 'abcde' 'x,y' '😀' '12345' 'null' 'true'"},
	{"varchar(5)", "'' ' ' 'a' 'A' 'b' 'a_' 'ab___' 'é' '5' '05' '+5' '-1' '1.5' '1e2' '1_' '_1' 'abcde' 'x' 'x,y' 'y,x' '{}' '[1]' '😀' '2020' 'true'"},
	{"varchar(30)", "'' 'a' 'abcdef' 'abcde_' 'abcde______________' '300' '128' '-129' '99999999999999999999' '1e400' '0x10' '2020-01-01' '2020-1-2' '20200102' '2020-00-00' '0000-00-00' '2020-02-30' '2020-01-01_10:11:12' '2020-01-01_10:11:12.5' '10:11:12' '-10:11:12' '839:00:00' '10:11' '1' '12' '2155' '70' '{\"a\":1}' '12.345' '0.005' '.5' '5.' '€' '日本' '2038-02-01_00:00:00' '1969-12-31_00:00:00' '1.50' 'POINT(1_1)'"},
	{"varchar(20) character set latin1", "'' 'a' 'é' 'abcdefghij' '5' '2020-01-01' 'ÿ' '{}'"},
	{"varchar(20) character set ascii", "'' 'a' '5' '2020-01-01' 'true'"},
	{"varchar(20) character set utf8mb3", "'' 'a' 'é' '€' '日本'"},
	{"varchar(10) character set ucs2", "'' 'a' 'é' '€' '5'"},
	{"tinytext", "'' 'a' 'a_' '5' '2020-01-01' '{}' REPEAT('a',255) REPEAT('é',127)"},
	{"text", "'' 'a' 'a_' '5' '{}' 'x,y' REPEAT('a',256) REPEAT('é',200) REPEAT('a',65535) CONCAT(REPEAT('a',250),REPEAT('_',10))"},
	{"mediumtext character set latin1", "'' 'é' REPEAT('é',65535) REPEAT('é',40000) REPEAT('a',70000)"},
	{"binary(4)", "'' 'a' 'abcd' 0x00FF 0x31 0x31000000"},
	{"varbinary(5)", "'' 'a' 'abcde' 0x00FF 0xC3A9 0x31 0x6100 '5' '{}'"},
	{"varbinary(30)", "'' 'a' 'abcdef' 0x00FF 0xE282AC '2020-01-01' '5' 0x6120 '10.5'"},
	{"tinyblob", "'' 'a' 0xFF REPEAT('a',255)"},
	{"blob", "'' 'a' 0xFF 'ab' '5' REPEAT('a',256) '2020-01-01'"},
	{"enum('a','b','5')", "'a' 'b' '5' ''"},
	{"enum('b','A','c','x','abcdef')", "'b' 'A' 'c' 'x' 'abcdef' ''"},
	{"set('x','y')", "'' 'x' 'y' 'x,y'"},
	{"set('y','x','z')", "'' 'x' 'y,x' 'z' 'y,x,z'"},
	{"date", "'0000-00-00' '2020-00-00' '2020-05-00' '1000-01-01' '1969-12-31' '1970-01-01' '2020-01-01' '2038-01-20' '2155-01-01' '2156-01-01' '9999-12-31'"},
	{"time", "'00:00:00' '10:11:12' '-10:11:12' '838:59:59' '25:00:00' '00:00:07'"},
	{"time(3)", "'00:00:00' '10:11:12.5' '10:11:12.499' '23:59:59.999' '838:59:59' '-00:00:00.5'"},
	{"datetime", "'0000-00-00_00:00:00' '2020-00-00_00:00:00' '1970-01-01_00:00:00' '1970-01-01_00:00:01' '2020-01-01_00:00:00' '2020-01-01_10:11:12' '2038-01-19_03:14:07' '2038-01-19_03:14:08' '2106-02-07_06:28:15' '2106-02-07_06:28:16' '9999-12-31_23:59:59'"},
	{"datetime(3)", "'2020-01-01_10:11:12.000' '2020-01-01_10:11:12.4' '2020-01-01_23:59:59.9' '2038-01-19_03:14:07.9' '9999-12-31_23:59:59.999'"},
	{"timestamp null", "'0000-00-00_00:00:00' '1970-01-01_00:00:01' '2020-01-01_00:00:00' '2020-01-01_10:11:12' '2038-01-19_03:14:07'"},
	{"timestamp(6) null", "'2020-01-01_10:11:12.123456' '2020-01-01_10:11:12' '2038-01-19_03:14:07.999999' '2038-01-19_03:14:07'"},
	{"json", "'{}' '[]' '1' '\"a\"' '\"5\"' 'null' '1.5' '\"2020-01-01\"' 'true' '{\"a\":_1}'"},
}

var convertibleOfMariaDB = []struct{ name, values string }{
	{"uuid", "'123e4567-e89b-12d3-a456-426655440000'"},
	{"inet4", "'1.2.3.4'"},
	{"inet6", "'::1' '::ffff:1.2.3.4'"},
	{"varchar(40)", "'123e4567-e89b-12d3-a456-426655440000' '123e4567e89b12d3a456426655440000' 'x' '1.2.3.4' '::1' '' '::FFFF:1.2.3.4'"},
	{"varbinary(16)", "'a' 0x01020304 REPEAT(0x01,16) '1.2.3.4'"},
}

// conversion is a change of the type of one column, with one row a value.
type conversion struct {
	from, into string
	values     []string
}

func (b *bench) conversions() []conversion {
	types := slices.Clone(convertibleTypes)
	if b.ddl.Product == ddl.MariaDB {
		types = append(types, convertibleOfMariaDB...)
	}
	var out []conversion
	for _, x := range types {
		var values []string
		for v := range strings.FieldsSeq(x.values) {
			values = append(values, strings.ReplaceAll(v, "_", " "))
		}
		for _, y := range types {
			document := b.ddl.Product == ddl.MariaDB && (x.name == "json" || y.name == "json") // a text with a check
			if x.name != y.name && !document {
				out = append(out, conversion{x.name, y.name, values})
			}
		}
	}
	return out
}

// TestDiff_conversions (all pairs of types with LANDLORD_SOAK=100, else one in a
// hundred) changes the type of a column on real servers, and compares
// what was said of each value with what became of it: a value of which nothing
// was said is taken and comes back as it was, one that is said to be refused is
// refused, one that is said to change does not come back as it was.
func TestDiff_conversions(t *testing.T) {
	t.Parallel()
	share, err := strconv.Atoi(os.Getenv(soakVariable))
	if err != nil {
		share = 1
	}
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newBench(t, s, s.Prefix)
		b.build(t, b.databases[0], "", "")
		if b.ddl.Product == ddl.MySQL {
			b.must(t, "SET sql_log_bin = 0")
		}
		for i, c := range b.conversions() {
			if i*7919%100 >= share {
				continue
			}
			b.convert(t, c)
		}
	})
}

// laxMode lets a table hold what a strict server refuses.
const laxMode = "SET sql_mode = ''"

// convert runs one conversion.
func (b *bench) convert(t *testing.T, c conversion) {
	t.Helper()
	title := c.from + " -> " + c.into
	table := b.table(t, "t", c.from)
	into := b.table(t, "u", c.into)
	if table == nil || into == nil {
		return
	}
	x, y := table.Column("v"), into.Column("v")
	if !x.Type.ConvertibleTo(y.Type) {
		return
	}
	pinned := b.text(t, "SELECT @@sql_mode")
	b.must(t, laxMode)
	for i, v := range c.values {
		_ = b.exec(t.Context(), fmt.Sprintf("INSERT IGNORE INTO t VALUES (%d, %s)", i+1, v))
	}
	b.must(t, "INSERT INTO t VALUES (1000, NULL)")
	b.must(t, "SET sql_mode = '"+pinned+"'")
	said := map[string]string{} // by id
	narrowings := ddl.ColumnNarrowings(x, y, b.ddl)
	for _, n := range narrowings {
		if n.Condition == "" {
			t.Errorf("%s: no condition for %q", title, n.Lost)
			continue
		}
		rows, err := b.session.Query(t.Context(), "SELECT id FROM t WHERE "+n.Condition)
		if err != nil {
			t.Errorf("%s: %s: %v", title, n.Condition, err)
			continue
		}
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			switch {
			case n.Guessed && said[id] != "refused":
				said[id] = "guessed"
			case n.Guessed:
			case n.Refused:
				said[id] = "refused"
			case said[id] == "":
				said[id] = "changed"
			}
		}
		if err := rows.Err(); err != nil {
			t.Errorf("%s: %s: %v", title, n.Condition, err)
		}
		rows.Close()
	}
	before := b.values(t, "t", x)
	got := b.becomes(t, c, x, y, said)
	for _, id := range sortedKeys(got) {
		if got[id][0] == "kept" && said[id] == "changed" && !strings.HasPrefix(got[id][1], short(before[id])) {
			continue // the way back rounds it again to what it was
		}
		if got[id][0] != cmp.Or(said[id], "kept") {
			t.Errorf("%s: %s is %s, said %s%s", title, short(before[id]), got[id][0], cmp.Or(said[id], "kept"), " ("+got[id][1]+")")
		}
	}
}

func short(s string) string {
	if len(s) > 40 {
		return s[:40] + fmt.Sprintf("… (%d)", len(s))
	}
	return s
}

// table makes a table of one column and reads it back; nil when the server has no
// such type.
func (b *bench) table(t *testing.T, name, typ string) *ddl.Table {
	t.Helper()
	b.must(t, "DROP TABLE IF EXISTS "+name)
	if err := b.exec(t.Context(), "CREATE TABLE "+name+" (id INT PRIMARY KEY, v "+typ+") COLLATE utf8mb4_bin"); err != nil {
		return nil
	}
	var n, sql string
	if err := b.session.Row(t.Context(), "SHOW CREATE TABLE "+name).Scan(&n, &sql); err != nil {
		t.Fatal(err)
	}
	out, err := ddl.ReadTable(sql, b.ddl)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (b *bench) text(t *testing.T, query string) string {
	t.Helper()
	var out string
	if err := b.session.Row(t.Context(), query).Scan(&out); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

// values returns the values of a table by id, in a form in which equal ones are
// equal.
func (b *bench) values(t *testing.T, table string, col *ddl.Column) map[string]string {
	t.Helper()
	expr := "CAST(v AS CHAR)"
	switch {
	case col.Type.Binary():
		expr = "HEX(v)"
	case col.Collation != "":
		expr = "CONCAT(CONVERT(v USING utf8mb4), '|')"
	}
	rows, err := b.session.Query(t.Context(), "SELECT id, COALESCE("+expr+", 'NULL') FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var id, v string
		if err := rows.Scan(&id, &v); err != nil {
			t.Fatal(err)
		}
		out[id] = v
	}
	return out
}

// becomes says what the server makes of each value: kept, changed or refused, and
// what of it.
func (b *bench) becomes(t *testing.T, c conversion, x, y *ddl.Column, said map[string]string) map[string][2]string {
	t.Helper()
	out := map[string][2]string{}
	before := b.values(t, "t", x)
	var try func(ids []string)
	try = func(ids []string) {
		b.must(t, "DROP TABLE IF EXISTS w")
		b.must(t, "CREATE TABLE w LIKE t")
		pinned := b.text(t, "SELECT @@sql_mode")
		b.must(t, laxMode)
		b.must(t, "INSERT INTO w SELECT * FROM t WHERE id IN ("+strings.Join(ids, ",")+")")
		b.must(t, "SET sql_mode = '"+pinned+"'")
		if err := b.exec(t.Context(), "ALTER TABLE w MODIFY v "+c.into); err != nil {
			if strings.Contains(err.Error(), "connection") {
				t.Fatalf("%s: %v", c.into, err)
			}
			if len(ids) == 1 {
				out[ids[0]] = [2]string{"refused", err.Error()}
				return
			}
			try(ids[:len(ids)/2])
			try(ids[len(ids)/2:])
			return
		}
		middle := b.values(t, "w", y)
		b.must(t, laxMode)
		err := b.exec(t.Context(), "ALTER TABLE w MODIFY v "+c.from)
		b.must(t, "SET sql_mode = '"+pinned+"'")
		after := map[string]string{}
		if err == nil {
			after = b.values(t, "w", x)
		}
		for _, id := range ids {
			if v, ok := after[id]; ok && same(v, before[id], x, y) || written(middle[id], y) == written(before[id], x) {
				out[id] = [2]string{"kept", short(middle[id])}
			} else {
				out[id] = [2]string{"changed", short(middle[id]) + " and back " + short(after[id])}
			}
		}
	}
	var taken []string
	for _, id := range sortedKeys(before) {
		switch said[id] {
		case "refused":
			try([]string{id})
		case "guessed":
		default:
			taken = append(taken, id)
		}
	}
	try(taken)
	return out
}

// written returns what values says of a value, as a text.
func written(v string, col *ddl.Column) string {
	if col.Type.Binary() {
		if raw, err := hex.DecodeString(v); err == nil {
			return string(raw)
		}
	}
	if col.Collation != "" {
		return strings.TrimSuffix(v, "|")
	}
	return v
}

// same says whether a value came back as it was. Zeros at the end of a number in a
// text, and how a document is written, are no part of it.
func same(v, before string, x, y *ddl.Column) bool {
	switch {
	case v == before, y.Type.Text == "json":
		return true
	case (strings.HasPrefix(y.Type.Text, "decimal") || strings.HasPrefix(y.Type.Text, "float") || strings.HasPrefix(y.Type.Text, "double")) && x.Collation != "":
		trim := func(s string) string {
			s = strings.TrimSuffix(s, "|")
			if strings.Contains(s, ".") {
				s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
			}
			return s
		}
		return trim(v) == trim(before)
	}
	return false
}
