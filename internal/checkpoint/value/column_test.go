package value_test

import (
	"bytes"
	"database/sql"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
)

// The literal of each kind of value. What the server makes of them is tested
// where checkpoints are loaded.
func TestAppendLiteral(t *testing.T) {
	t.Parallel()
	latin := func(v string) []byte { return []byte(v) }
	const half = 512 << 10
	for name, c := range map[string]struct {
		column value.Column
		value  []byte
		want   string
	}{
		"NULL":                   {value.Column{Kind: value.Text}, nil, "NULL"},
		"NULL of a number":       {value.Column{Kind: value.Plain}, nil, "NULL"},
		"NULL of a document":     {value.Column{Kind: value.JSON}, nil, "NULL"},
		"number":                 {value.Column{Kind: value.Plain}, []byte("-12.50"), "-12.50"},
		"zero filled":            {value.Column{Kind: value.Plain}, []byte("0042"), "0042"},
		"year":                   {value.Column{Kind: value.Plain}, []byte("0"), "0"},
		"double":                 {value.Column{Kind: value.Float}, []byte("1.7976931348623157e+308"), "'1.7976931348623157e+308'"},
		"minus zero":             {value.Column{Kind: value.Float}, []byte("-0"), "'-0'"},
		"date":                   {value.Column{Kind: value.Date}, []byte("0000-00-00"), "'0000-00-00'"},
		"time":                   {value.Column{Kind: value.Quoted}, []byte("-838:59:59.000000"), "'-838:59:59.000000'"},
		"text":                   {value.Column{Kind: value.Text}, []byte("Grüße \U0001F600"), "'Grüße \U0001F600'"},
		"empty text":             {value.Column{Kind: value.Text}, []byte{}, "''"},
		"text NULL":              {value.Column{Kind: value.Text}, []byte("NULL"), "'NULL'"},
		"quote":                  {value.Column{Kind: value.Text}, []byte("it's"), `'it\'s'`},
		"backslash":              {value.Column{Kind: value.Text}, []byte(`a\b\`), `'a\\b\\'`},
		"line breaks":            {value.Column{Kind: value.Text}, []byte("a\nb\r\nc"), `'a\nb\r\nc'`},
		"zero byte and Ctrl-Z":   {value.Column{Kind: value.Text}, []byte("\x00\x1a"), `'\0\Z'`},
		"tab and double quote":   {value.Column{Kind: value.Text}, []byte("a\t\"b`"), "'a\t\"b`'"},
		"comment and delimiter":  {value.Column{Kind: value.Text}, []byte("/* x */ -- y; $$"), "'/* x */ -- y; $$'"},
		"latin1 that is ASCII":   {value.Column{Kind: value.ASCII, CharacterSet: "latin1"}, latin(`a\'b`), `'a\\\'b'`},
		"latin1":                 {value.Column{Kind: value.ASCII, CharacterSet: "latin1"}, latin("\xe9\x80"), "_latin1 x'e980'"},
		"empty latin1":           {value.Column{Kind: value.ASCII, CharacterSet: "latin1"}, []byte{}, "''"},
		"gbk":                    {value.Column{Kind: value.Foreign, CharacterSet: "gbk"}, []byte("\x81\x5c"), "_gbk x'815c'"},
		"gbk that is ASCII":      {value.Column{Kind: value.Foreign, CharacterSet: "gbk"}, []byte("a"), "_gbk x'61'"},
		"empty gbk":              {value.Column{Kind: value.Foreign, CharacterSet: "gbk"}, []byte{}, "''"},
		"ucs2":                   {value.Column{Kind: value.Foreign, CharacterSet: "ucs2"}, []byte("\x00a"), "_ucs2 x'0061'"},
		"bytes":                  {value.Column{Kind: value.Binary}, []byte("\x00'\xff"), "x'0027ff'"},
		"empty bytes":            {value.Column{Kind: value.Binary}, []byte{}, "''"},
		"bytes below the limit":  {value.Column{Kind: value.Binary}, bytes.Repeat([]byte{0xab}, half-1), "x'" + strings.Repeat("ab", half-1) + "'"},
		"bytes from the limit":   {value.Column{Kind: value.Binary}, bytes.Repeat([]byte{'\''}, half), "_binary '" + strings.Repeat(`\'`, half) + "'"},
		"gbk from the limit":     {value.Column{Kind: value.Foreign, CharacterSet: "gbk"}, bytes.Repeat([]byte("\x81\x5c"), half/2), "_gbk '" + strings.Repeat("\x81\\\\", half/2) + "'"},
		"latin1 from the limit":  {value.Column{Kind: value.ASCII, CharacterSet: "latin1"}, bytes.Repeat([]byte("\xe9"), half), "_latin1 '" + strings.Repeat("\xe9", half) + "'"},
		"document":               {value.Column{Kind: value.JSON}, []byte(`{"a": [1, 1.5, "é\"", null, true]}`), `'{"a": [1, 1.5, "é\\"", null, true]}'`},
		"document with decimals": {value.Column{Kind: value.JSON}, []byte(`{"a": [1.10]}`), `JSON_SET('{"a": [1.10]}','$."a"[0]',1.10)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := string(c.column.AppendLiteral([]byte("x="), c.value))
			if got != "x="+c.want {
				t.Errorf("got %.300q, want %.300q", got, "x="+c.want)
			}
		})
	}
}

// A number that MySQL prints otherwise than it reads it is put in by itself.
func TestAppendLiteral_documents(t *testing.T) {
	t.Parallel()
	column := value.Column{Kind: value.JSON}
	for document, puts := range map[string]string{
		`1.5`:                            "",
		`1.0`:                            "",
		`1.10`:                           `'$',1.10`,
		`-0.0`:                           "",
		`-1.50`:                          `'$',-1.50`,
		`1e300`:                          "",
		`1.5E-10`:                        "",
		`0`:                              "",
		`18446744073709551615`:           "",
		`-9223372036854775808`:           "",
		`18446744073709551616`:           `'$',18446744073709551616`,
		`-9223372036854775809`:           `'$',-9223372036854775809`,
		`100000000000000000000.0`:        `'$',100000000000000000000.0`,
		`999999999999999.0`:              "",
		`0.1234567890123456`:             "",
		`0.12345678901234567890`:         `'$',0.12345678901234567890`,
		`0.000000000000001`:              "",
		`0.0000000000000001`:             `'$',0.0000000000000001`,
		`{}`:                             "",
		`[]`:                             "",
		`""`:                             "",
		`"1.10"`:                         "",
		`"a \"1.10\" \\"`:                "",
		`{"1.10": 1}`:                    "",
		`[1.10, 2, 3.00]`:                `'$[0]',1.10,'$[2]',3.00`,
		`[[1, 2.50], {"x": 3.10}]`:       `'$[0][1]',2.50,'$[1]."x"',3.10`,
		`{"a": {"b": [0, {"c": 1.20}]}}`: `'$."a"."b"[1]."c"',1.20`,
		`{"a": 1.10, "b": 1.20}`:         `'$."a"',1.10,'$."b"',1.20`,
		`{"a, b": 1.10}`:                 `'$."a, b"',1.10`,
		`{"it's": 1.10}`:                 `'$."it\'s"',1.10`,
		`{"a\\\"}": 1.10}`:               `'$."a\\\\\\"}"',1.10`,
		`{"": 1.10}`:                     `'$.""',1.10`,
		`{"k": "v,}", "n": [1.10]}`:      `'$."n"[0]',1.10`,
		`[{}, [], 1.10]`:                 `'$[2]',1.10`,
	} {
		quoted := string(value.AppendQuoted(nil, []byte(document)))
		want := quoted
		if puts != "" {
			want = "JSON_SET(" + quoted + "," + puts + ")"
		}
		if diff := cmp.Diff(want, string(column.AppendLiteral(nil, []byte(document)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", document, diff)
		}
	}
}

// What is selected, and which columns are written at all.
func TestSelectList(t *testing.T) {
	t.Parallel()
	columns := []value.Column{
		{Name: "id", Kind: value.Plain}, {Name: "born", Kind: value.Date}, {Name: "weight", Kind: value.Float},
		{Name: "na`me", Kind: value.Text}, {Name: "total", Kind: value.Plain, Generated: true}, {Name: "doc", Kind: value.JSON},
	}
	stored := value.Stored(columns)
	if diff := cmp.Diff([]string{"id", "born", "weight", "na`me", "doc"}, value.Names(stored)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("`id`, CAST(`born` AS CHAR), (`weight` * 1e0), `na``me`, `doc`", value.SelectList(stored)); diff != "" {
		t.Errorf("selected (-want +got):\n%s", diff)
	}
	if got := value.SelectList(nil); got != "" {
		t.Errorf("of no column: %q", got)
	}
}

func TestAppendRow(t *testing.T) {
	t.Parallel()
	columns := []value.Column{{Kind: value.Plain}, {Kind: value.Text}, {Kind: value.Binary}}
	for want, values := range map[string][]sql.RawBytes{
		"(1,'a',x'ff')":    {[]byte("1"), []byte("a"), {0xff}},
		"(NULL,NULL,NULL)": {nil, nil, nil},
		"(0,'',''), again": {[]byte("0"), {}, {}},
	} {
		got := string(value.AppendRow(nil, columns, values))
		if want, _, _ = strings.Cut(want, ", again"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := string(value.AppendRow[[]byte]([]byte("VALUES "), nil, nil)); got != "VALUES ()" {
		t.Errorf("of no column: %s", got)
	}
}

// The settings around a row that a strict server refuses differ in one word.
func TestSettings(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION'":                   value.LaxSettings,
		"SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'": value.StrictSettings,
		"SET character_set_results = NULL, time_zone = '+00:00', sql_mode = ''":                               value.ReadSettings,
		"SET character_set_client = utf8mb4, collation_connection = utf8mb4_unicode_ci, time_zone = '+00:00'," +
			" sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'": value.WriteSettings,
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
