package checkpointtest

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// A TypeCase is a column with values that are easily copied wrongly. They are
// written as SQL, and compared by what Same says, where {a} and {b} are the
// columns of the original and of the copy.
type TypeCase struct {
	Name   string
	Only   mysql.Product
	Least  string // the first version of MariaDB that has it
	Column string
	Values []string
	Same   string
}

const (
	sameBytes  = "HEX(CAST({a} AS BINARY)) <=> HEX(CAST({b} AS BINARY))"
	sameNumber = "{a} <=> {b} AND CAST({a} AS CHAR) <=> CAST({b} AS CHAR)"
	sameFloat  = "{a} <=> {b} AND CAST({a} * 1e0 AS CHAR) <=> CAST({b} * 1e0 AS CHAR)"
	sameHex    = "HEX({a}) <=> HEX({b})"
)

// TypeCases are columns of every type, by name.
func TypeCases() map[string]TypeCase {
	return map[string]TypeCase{
		"tinyint":     {Column: "TINYINT NULL", Values: []string{"-128", "127", "0"}, Same: sameNumber},
		"smallint":    {Column: "SMALLINT UNSIGNED NULL", Values: []string{"65535", "0"}, Same: sameNumber},
		"mediumint":   {Column: "MEDIUMINT ZEROFILL NULL", Values: []string{"42", "16777215"}, Same: sameNumber},
		"int":         {Column: "INT NULL", Values: []string{"-2147483648", "2147483647"}, Same: sameNumber},
		"bigint":      {Column: "BIGINT NULL", Values: []string{"-9223372036854775808", "9223372036854775807"}, Same: sameNumber},
		"bigint uns":  {Column: "BIGINT UNSIGNED ZEROFILL NULL", Values: []string{"18446744073709551615", "9223372036854775808", "7"}, Same: sameNumber},
		"decimal":     {Column: "DECIMAL(65,30) NULL", Values: []string{"12345678901234567890123456789012345.123456789012345678901234567890", "-0.000000000000000000000000000001", "0"}, Same: sameNumber},
		"decimal zf":  {Column: "DECIMAL(10,2) ZEROFILL NULL", Values: []string{"1.5"}, Same: sameNumber},
		"float":       {Column: "FLOAT NULL", Values: []string{"0.1", "16777217", "3.40282e38", "1.17549e-38", "-0e0", "1.4e-45", "123456.789"}, Same: sameFloat},
		"float(m,d)":  {Column: "FLOAT(10,3) NULL", Values: []string{"1.0005", "1234567.891", "-0.001"}, Same: sameFloat},
		"double":      {Column: "DOUBLE NULL", Values: []string{"0.1", "1e0/3", "1.7976931348623157e308", "2.2250738585072014e-308", "5e-324", "-0e0", "9007199254740993", "123456789012345678901234567890"}, Same: sameFloat},
		"double(m,d)": {Column: "DOUBLE(20,5) NULL", Values: []string{"1.000005", "123456789.987654321", "2.675"}, Same: sameFloat},
		"bit":         {Column: "BIT(1) NULL", Values: []string{"0", "1"}, Same: sameHex},
		"bit(64)":     {Column: "BIT(64) NULL", Values: []string{"0", "b'1010'", "18446744073709551615", "0x27"}, Same: sameHex},
		"year":        {Column: "YEAR NULL", Values: []string{"0", "'0'", "1901", "2155", "'0000'"}, Same: sameNumber},
		"date":        {Column: "DATE NULL", Values: []string{"'0000-00-00'", "'2024-02-31'", "'2024-00-15'", "'9999-12-31'", "'0001-01-01'"}, Same: sameNumber},
		"datetime":    {Column: "DATETIME(6) NULL", Values: []string{"'0000-00-00 00:00:00'", "'2024-02-30 01:02:03.000001'", "'9999-12-31 23:59:59.999999'"}, Same: sameNumber},
		"timestamp":   {Column: "TIMESTAMP(3) NULL", Values: []string{"'0000-00-00 00:00:00'", "'1970-01-01 00:00:01'", "'2024-10-27 00:30:00.5'", "'2024-10-27 01:30:00.5'", "'2038-01-19 03:14:07.999'"}, Same: sameNumber},
		"time":        {Column: "TIME(6) NULL", Values: []string{"'-838:59:59.000000'", "'838:59:59'", "'-00:00:00.000001'", "'12:00:00.5'"}, Same: sameNumber},
		"char":        {Column: "CHAR(10) CHARACTER SET utf8mb4 NULL", Values: []string{"''", "'a  '", "'\U0001F600'", "'it''s'", "'\\\\'", "'a\\nb'", "'\\0'", "'\\Z'"}, Same: sameBytes},
		"varchar":     {Column: "VARCHAR(100) CHARACTER SET utf8mb4 NULL", Values: []string{"''", "'a  '", "'\\r\\n\\t'", "'NULL'", "'\\N'", "'\\\\N'", "'Ünïcödé \U0001F4A9'", "'\"`'", "'-- x'", "'/* x'", "'x;'", "'\\\\'''"}, Same: sameBytes},
		"utf8mb3":     {Column: "VARCHAR(100) CHARACTER SET utf8mb3 NULL", Values: []string{"'€ é'", "''"}, Same: sameBytes},
		"ascii":       {Column: "VARCHAR(100) CHARACTER SET ascii NULL", Values: []string{"'plain'", "''"}, Same: sameBytes},
		"latin1":      {Column: "VARCHAR(100) CHARACTER SET latin1 NULL", Values: []string{"'plain \\\\ '''", "'é€'", "_latin1 x'80818d8f909d'", "''"}, Same: sameBytes},
		"cp1251":      {Column: "VARCHAR(100) CHARACTER SET cp1251 NULL", Values: []string{"'Привет'", "'x'"}, Same: sameBytes},
		"sjis":        {Column: "VARCHAR(100) CHARACTER SET sjis NULL", Values: []string{"_sjis x'835c'", "_sjis x'5c'", "'表'"}, Same: sameBytes},
		"gbk":         {Column: "VARCHAR(100) CHARACTER SET gbk NULL", Values: []string{"_gbk x'815c'", "'中'"}, Same: sameBytes},
		"ucs2":        {Column: "VARCHAR(100) CHARACTER SET ucs2 NULL", Values: []string{"'a'", "'é中'", "''"}, Same: sameBytes},
		"utf16":       {Column: "TEXT CHARACTER SET utf16 NULL", Values: []string{"'a\U0001F600'", "''"}, Same: sameBytes},
		"utf32":       {Column: "VARCHAR(20) CHARACTER SET utf32 NULL", Values: []string{"'a\U0001F600'"}, Same: sameBytes},
		"text":        {Column: "LONGTEXT CHARACTER SET utf8mb4 NULL", Values: []string{"REPEAT('aé', 300000)", "''"}, Same: sameBytes},
		"text latin1": {Column: "LONGTEXT CHARACTER SET latin1 NULL", Values: []string{"REPEAT('é\\\\''', 300000)", "''"}, Same: sameBytes},
		"text gbk":    {Column: "LONGTEXT CHARACTER SET gbk NULL", Values: []string{"REPEAT(_gbk x'815c', 300000)"}, Same: sameBytes},
		"binary":      {Column: "BINARY(8) NULL", Values: []string{"x'00'", "x'0027225c0aff'", "''"}, Same: sameHex},
		"varbinary":   {Column: "VARBINARY(300) NULL", Values: []string{"x'00'", "x'2000'", "''", "x'ff'", "0x0a0d1a275c"}, Same: sameHex},
		"blob":        {Column: "LONGBLOB NULL", Values: []string{"REPEAT(x'00275c0d0a1aff80', 100000)", "''", "x'00'"}, Same: sameHex},
		"enum":        {Column: "ENUM('a','b''c','é','') CHARACTER SET latin1 NULL", Values: []string{"'a'", "'b''c'", "'é'", "''", "4"}, Same: "{a}+0 <=> {b}+0"},
		"enum wrong":  {Column: "ENUM('a','b') NULL", Values: []string{"'a'", "'wrong'", "'b'"}, Same: "{a}+0 <=> {b}+0"},
		"set":         {Column: "SET('a','b','c d') NULL", Values: []string{"''", "'a,c d'", "7"}, Same: "{a}+0 <=> {b}+0"},
		"json":        {Column: "JSON NULL", Values: []string{`'{"a": [1, 1.0, 1.5e300, "\\u00e9\\"\\\\", null, true, {}], "é": "\\n"}'`, "'null'", "'\"\"'", "'18446744073709551615'", "'-0.0'"}, Same: sameBytes},
		"json decimal": {Only: mysql.MySQL, Column: "JSON NULL", Values: []string{
			`JSON_OBJECT('price', 1.10, 'b', JSON_ARRAY(2.00, 3.5, 0.00000000000000000010, "1.10"), 'a "b\\', JSON_OBJECT('', 12345678901234567890123.0))`,
			"CAST(1.10 AS JSON)", "CAST(7.5e0 AS JSON)", "CAST(100000000000000000000.0 AS JSON)",
			`JSON_ARRAY(-1.50, JSON_ARRAY(JSON_OBJECT('x', 3.0, 'y', 4.0), "a,b", 5.10), 0.000000000000001e0, 0.0000000000000001e0, 999999999999999e0, 18446744073709551616)`,
			"JSON_ARRAY(0.1234567890123456e0, 1e20, 1e15, 1.5e16, 1e-5, 123456789012345680000e0, 0.00001e0)",
		}, Same: sameBytes + " AND JSON_TYPE(JSON_EXTRACT({a}, '$.price')) <=> JSON_TYPE(JSON_EXTRACT({b}, '$.price'))"},
		"point": {Column: "POINT NULL", Values: []string{"ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('POINT(10 20)', 4326)", "ST_GeomFromText('POINT(0.1 -0.3)', 3857)"}, Same: sameHex + " AND ST_SRID({a}) <=> ST_SRID({b})"},
		"geometry": {Column: "GEOMETRY NULL", Values: []string{
			"ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))')", "ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))', 4326)",
		}, Same: sameHex + " AND ST_SRID({a}) <=> ST_SRID({b})"},
		"vector mysql":   {Only: mysql.MySQL, Column: "VECTOR(3) NULL", Values: []string{"STRING_TO_VECTOR('[1.5,-0.1,1e38]')", "STRING_TO_VECTOR('[0,0]')"}, Same: sameHex},
		"vector mariadb": {Only: mysql.MariaDB, Least: "11.8", Column: "VECTOR(3) NULL", Values: []string{"VEC_FromText('[1.5,-0.1,1e38]')"}, Same: sameHex},
		"uuid":           {Only: mysql.MariaDB, Column: "UUID NULL", Values: []string{"'123e4567-e89b-12d3-a456-426655440000'", "'00000000-0000-0000-0000-000000000000'"}, Same: sameNumber},
		"inet6":          {Only: mysql.MariaDB, Column: "INET6 NULL", Values: []string{"'::1'", "'::ffff:192.0.2.1'", "'2001:db8::ff00:42:8329'"}, Same: sameNumber},
		"inet4":          {Only: mysql.MariaDB, Column: "INET4 NULL", Values: []string{"'192.0.2.1'", "'0.0.0.0'"}, Same: sameNumber},
		"compressed":     {Only: mysql.MariaDB, Column: "TEXT COMPRESSED NULL", Values: []string{"REPEAT('a', 1000)", "''"}, Same: sameBytes},
	}
}

// On says whether a server has the type.
func (c TypeCase) On(info mysql.Info) bool {
	return (c.Only == "" || c.Only == info.Product) && (c.Least == "" || info.Version >= c.Least)
}

// EveryType creates a table with a column of every type, with a row for the
// first value of each, one for the second and so on, and one of NULLs.
func EveryType(t *testing.T, x *mysql.Session, info mysql.Info, table string) []TypeCase {
	t.Helper()
	var cases []TypeCase
	cells := TypeCases()
	definitions := "id INT PRIMARY KEY"
	most := 0
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		c := cells[name]
		if !c.On(info) {
			continue
		}
		c.Name = name
		cases = append(cases, c)
		definitions += ", " + mysql.Quote(name) + " " + c.Column
		most = max(most, len(c.Values))
	}
	Run(t, x, "SET time_zone = 'SYSTEM', sql_mode = 'ALLOW_INVALID_DATES'", "CREATE TABLE "+table+" ("+definitions+")")
	for i := range most + 1 {
		row := []string{strconv.Itoa(i)}
		for _, c := range cases {
			if i < len(c.Values) {
				row = append(row, c.Values[i])
				continue
			}
			row = append(row, "NULL")
		}
		Run(t, x, "INSERT INTO "+table+" SELECT "+strings.Join(row, ", "))
	}
	return cases
}

// SameTypes compares two tables of EveryType, column by column.
func SameTypes(t *testing.T, s *mysqltest.Server, cases []TypeCase, a, b string) {
	t.Helper()
	for _, c := range cases {
		column := mysql.Quote(c.Name)
		same := strings.NewReplacer("{a}", "a."+column, "{b}", "b."+column).Replace(c.Same)
		got := s.QueryRows(t, "SELECT COUNT(*) - SUM("+same+") FROM "+a+" AS a JOIN "+b+" AS b USING (id)")
		if got[0][0] != "0" {
			t.Errorf("%s: %s rows differ of `%s`", b, got[0][0], c.Name)
		}
	}
}
