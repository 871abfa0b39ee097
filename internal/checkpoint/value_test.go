package checkpoint_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// A typeCase is a column with values that are easily copied wrongly. They are
// written as SQL, and compared by what same says, where {a} and {b} are the
// columns of the original and of the copy.
type typeCase struct {
	name   string
	only   mysql.Product
	least  string // the first version of MariaDB that has it
	column string
	values []string
	same   string
}

const (
	sameBytes  = "HEX(CAST({a} AS BINARY)) <=> HEX(CAST({b} AS BINARY))"
	sameNumber = "{a} <=> {b} AND CAST({a} AS CHAR) <=> CAST({b} AS CHAR)"
	sameFloat  = "{a} <=> {b} AND CAST({a} * 1e0 AS CHAR) <=> CAST({b} * 1e0 AS CHAR)"
	sameHex    = "HEX({a}) <=> HEX({b})"
)

func typeCases() map[string]typeCase {
	return map[string]typeCase{
		"tinyint":     {column: "TINYINT NULL", values: []string{"-128", "127", "0"}, same: sameNumber},
		"smallint":    {column: "SMALLINT UNSIGNED NULL", values: []string{"65535", "0"}, same: sameNumber},
		"mediumint":   {column: "MEDIUMINT ZEROFILL NULL", values: []string{"42", "16777215"}, same: sameNumber},
		"int":         {column: "INT NULL", values: []string{"-2147483648", "2147483647"}, same: sameNumber},
		"bigint":      {column: "BIGINT NULL", values: []string{"-9223372036854775808", "9223372036854775807"}, same: sameNumber},
		"bigint uns":  {column: "BIGINT UNSIGNED ZEROFILL NULL", values: []string{"18446744073709551615", "9223372036854775808", "7"}, same: sameNumber},
		"decimal":     {column: "DECIMAL(65,30) NULL", values: []string{"12345678901234567890123456789012345.123456789012345678901234567890", "-0.000000000000000000000000000001", "0"}, same: sameNumber},
		"decimal zf":  {column: "DECIMAL(10,2) ZEROFILL NULL", values: []string{"1.5"}, same: sameNumber},
		"float":       {column: "FLOAT NULL", values: []string{"0.1", "16777217", "3.40282e38", "1.17549e-38", "-0e0", "1.4e-45", "123456.789"}, same: sameFloat},
		"float(m,d)":  {column: "FLOAT(10,3) NULL", values: []string{"1.0005", "1234567.891", "-0.001"}, same: sameFloat},
		"double":      {column: "DOUBLE NULL", values: []string{"0.1", "1e0/3", "1.7976931348623157e308", "2.2250738585072014e-308", "5e-324", "-0e0", "9007199254740993", "123456789012345678901234567890"}, same: sameFloat},
		"double(m,d)": {column: "DOUBLE(20,5) NULL", values: []string{"1.000005", "123456789.987654321", "2.675"}, same: sameFloat},
		"bit":         {column: "BIT(1) NULL", values: []string{"0", "1"}, same: sameHex},
		"bit(64)":     {column: "BIT(64) NULL", values: []string{"0", "b'1010'", "18446744073709551615", "0x27"}, same: sameHex},
		"year":        {column: "YEAR NULL", values: []string{"0", "'0'", "1901", "2155", "'0000'"}, same: sameNumber},
		"date":        {column: "DATE NULL", values: []string{"'0000-00-00'", "'2024-02-31'", "'2024-00-15'", "'9999-12-31'", "'0001-01-01'"}, same: sameNumber},
		"datetime":    {column: "DATETIME(6) NULL", values: []string{"'0000-00-00 00:00:00'", "'2024-02-30 01:02:03.000001'", "'9999-12-31 23:59:59.999999'"}, same: sameNumber},
		"timestamp":   {column: "TIMESTAMP(3) NULL", values: []string{"'0000-00-00 00:00:00'", "'1970-01-01 00:00:01'", "'2024-10-27 00:30:00.5'", "'2024-10-27 01:30:00.5'", "'2038-01-19 03:14:07.999'"}, same: sameNumber},
		"time":        {column: "TIME(6) NULL", values: []string{"'-838:59:59.000000'", "'838:59:59'", "'-00:00:00.000001'", "'12:00:00.5'"}, same: sameNumber},
		"char":        {column: "CHAR(10) CHARACTER SET utf8mb4 NULL", values: []string{"''", "'a  '", "'\U0001F600'", "'it''s'", "'\\\\'", "'a\\nb'", "'\\0'", "'\\Z'"}, same: sameBytes},
		"varchar":     {column: "VARCHAR(100) CHARACTER SET utf8mb4 NULL", values: []string{"''", "'a  '", "'\\r\\n\\t'", "'NULL'", "'\\N'", "'\\\\N'", "'Ünïcödé \U0001F4A9'", "'\"`'", "'-- x'", "'/* x'", "'x;'", "'\\\\'''"}, same: sameBytes},
		"utf8mb3":     {column: "VARCHAR(100) CHARACTER SET utf8mb3 NULL", values: []string{"'€ é'", "''"}, same: sameBytes},
		"ascii":       {column: "VARCHAR(100) CHARACTER SET ascii NULL", values: []string{"'plain'", "''"}, same: sameBytes},
		"latin1":      {column: "VARCHAR(100) CHARACTER SET latin1 NULL", values: []string{"'plain \\\\ '''", "'é€'", "_latin1 x'80818d8f909d'", "''"}, same: sameBytes},
		"cp1251":      {column: "VARCHAR(100) CHARACTER SET cp1251 NULL", values: []string{"'Привет'", "'x'"}, same: sameBytes},
		"sjis":        {column: "VARCHAR(100) CHARACTER SET sjis NULL", values: []string{"_sjis x'835c'", "_sjis x'5c'", "'表'"}, same: sameBytes},
		"gbk":         {column: "VARCHAR(100) CHARACTER SET gbk NULL", values: []string{"_gbk x'815c'", "'中'"}, same: sameBytes},
		"ucs2":        {column: "VARCHAR(100) CHARACTER SET ucs2 NULL", values: []string{"'a'", "'é中'", "''"}, same: sameBytes},
		"utf16":       {column: "TEXT CHARACTER SET utf16 NULL", values: []string{"'a\U0001F600'", "''"}, same: sameBytes},
		"utf32":       {column: "VARCHAR(20) CHARACTER SET utf32 NULL", values: []string{"'a\U0001F600'"}, same: sameBytes},
		"text":        {column: "LONGTEXT CHARACTER SET utf8mb4 NULL", values: []string{"REPEAT('aé', 300000)", "''"}, same: sameBytes},
		"text latin1": {column: "LONGTEXT CHARACTER SET latin1 NULL", values: []string{"REPEAT('é\\\\''', 300000)", "''"}, same: sameBytes},
		"text gbk":    {column: "LONGTEXT CHARACTER SET gbk NULL", values: []string{"REPEAT(_gbk x'815c', 300000)"}, same: sameBytes},
		"binary":      {column: "BINARY(8) NULL", values: []string{"x'00'", "x'0027225c0aff'", "''"}, same: sameHex},
		"varbinary":   {column: "VARBINARY(300) NULL", values: []string{"x'00'", "x'2000'", "''", "x'ff'", "0x0a0d1a275c"}, same: sameHex},
		"blob":        {column: "LONGBLOB NULL", values: []string{"REPEAT(x'00275c0d0a1aff80', 100000)", "''", "x'00'"}, same: sameHex},
		"enum":        {column: "ENUM('a','b''c','é','') CHARACTER SET latin1 NULL", values: []string{"'a'", "'b''c'", "'é'", "''", "4"}, same: "{a}+0 <=> {b}+0"},
		"enum wrong":  {column: "ENUM('a','b') NULL", values: []string{"'a'", "'wrong'", "'b'"}, same: "{a}+0 <=> {b}+0"},
		"set":         {column: "SET('a','b','c d') NULL", values: []string{"''", "'a,c d'", "7"}, same: "{a}+0 <=> {b}+0"},
		"json":        {column: "JSON NULL", values: []string{`'{"a": [1, 1.0, 1.5e300, "\\u00e9\\"\\\\", null, true, {}], "é": "\\n"}'`, "'null'", "'\"\"'", "'18446744073709551615'", "'-0.0'"}, same: sameBytes},
		"json decimal": {only: mysql.MySQL, column: "JSON NULL", values: []string{
			`JSON_OBJECT('price', 1.10, 'b', JSON_ARRAY(2.00, 3.5, 0.00000000000000000010, "1.10"), 'a "b\\', JSON_OBJECT('', 12345678901234567890123.0))`,
			"CAST(1.10 AS JSON)", "CAST(7.5e0 AS JSON)", "CAST(100000000000000000000.0 AS JSON)",
			`JSON_ARRAY(-1.50, JSON_ARRAY(JSON_OBJECT('x', 3.0, 'y', 4.0), "a,b", 5.10), 0.000000000000001e0, 0.0000000000000001e0, 999999999999999e0, 18446744073709551616)`,
			"JSON_ARRAY(0.1234567890123456e0, 1e20, 1e15, 1.5e16, 1e-5, 123456789012345680000e0, 0.00001e0)",
		}, same: sameBytes + " AND JSON_TYPE(JSON_EXTRACT({a}, '$.price')) <=> JSON_TYPE(JSON_EXTRACT({b}, '$.price'))"},
		"point": {column: "POINT NULL", values: []string{"ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('POINT(10 20)', 4326)", "ST_GeomFromText('POINT(0.1 -0.3)', 3857)"}, same: sameHex + " AND ST_SRID({a}) <=> ST_SRID({b})"},
		"geometry": {column: "GEOMETRY NULL", values: []string{
			"ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))')", "ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))', 4326)",
		}, same: sameHex + " AND ST_SRID({a}) <=> ST_SRID({b})"},
		"vector mysql":   {only: mysql.MySQL, column: "VECTOR(3) NULL", values: []string{"STRING_TO_VECTOR('[1.5,-0.1,1e38]')", "STRING_TO_VECTOR('[0,0]')"}, same: sameHex},
		"vector mariadb": {only: mysql.MariaDB, least: "11.8", column: "VECTOR(3) NULL", values: []string{"VEC_FromText('[1.5,-0.1,1e38]')"}, same: sameHex},
		"uuid":           {only: mysql.MariaDB, column: "UUID NULL", values: []string{"'123e4567-e89b-12d3-a456-426655440000'", "'00000000-0000-0000-0000-000000000000'"}, same: sameNumber},
		"inet6":          {only: mysql.MariaDB, column: "INET6 NULL", values: []string{"'::1'", "'::ffff:192.0.2.1'", "'2001:db8::ff00:42:8329'"}, same: sameNumber},
		"inet4":          {only: mysql.MariaDB, column: "INET4 NULL", values: []string{"'192.0.2.1'", "'0.0.0.0'"}, same: sameNumber},
		"compressed":     {only: mysql.MariaDB, column: "TEXT COMPRESSED NULL", values: []string{"REPEAT('a', 1000)", "''"}, same: sameBytes},
	}
}

func (c typeCase) on(info mysql.Info) bool {
	return (c.only == "" || c.only == info.Product) && (c.least == "" || info.Version >= c.least)
}

// everyType creates a table with a column of every type, with a row for the
// first value of each, one for the second and so on, and one of NULLs.
func everyType(t *testing.T, x *mysql.Session, info mysql.Info, table string) []typeCase {
	t.Helper()
	var cases []typeCase
	cells := typeCases()
	definitions := "id INT PRIMARY KEY"
	most := 0
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		c := cells[name]
		if !c.on(info) {
			continue
		}
		c.name = name
		cases = append(cases, c)
		definitions += ", " + mysql.Quote(name) + " " + c.column
		most = max(most, len(c.values))
	}
	run(t, x, "SET time_zone = 'SYSTEM', sql_mode = 'ALLOW_INVALID_DATES'", "CREATE TABLE "+table+" ("+definitions+")")
	for i := range most + 1 {
		row := []string{strconv.Itoa(i)}
		for _, c := range cases {
			if i < len(c.values) {
				row = append(row, c.values[i])
				continue
			}
			row = append(row, "NULL")
		}
		run(t, x, "INSERT INTO "+table+" SELECT "+strings.Join(row, ", "))
	}
	return cases
}

// sameTypes compares two tables of everyType, column by column.
func sameTypes(t *testing.T, s *mysqltest.Server, cases []typeCase, a, b string) {
	t.Helper()
	for _, c := range cases {
		column := mysql.Quote(c.name)
		same := strings.NewReplacer("{a}", "a."+column, "{b}", "b."+column).Replace(c.same)
		got := s.QueryRows(t, "SELECT COUNT(*) - SUM("+same+") FROM "+a+" AS a JOIN "+b+" AS b USING (id)")
		if got[0][0] != "0" {
			t.Errorf("%s: %s rows differ of `%s`", b, got[0][0], c.name)
		}
	}
}

// useSession takes a session that is thrown away at the end of the test.
func useSession(t testing.TB, server *mysql.Server, database string) *mysql.Session {
	t.Helper()
	x, err := server.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Discard)
	if err := x.Use(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	return x
}

func run(t testing.TB, q mysql.Queryer, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if _, err := q.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v\n%.300s", err, sql)
		}
	}
}
