package replay

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
)

func doc(kind binlog.NodeKind, text string) binlog.Document {
	return binlog.Document{Kind: kind, Text: text}
}

// A document of the log as a literal: what JSON has no form for is put in.
func TestAppendDocument(t *testing.T) {
	t.Parallel()
	array := func(elements ...binlog.Document) binlog.Document {
		return binlog.Document{Kind: binlog.Array, Elements: elements}
	}
	object := func(key string, element binlog.Document) binlog.Document {
		return binlog.Document{Kind: binlog.Object, Keys: []string{key}, Elements: []binlog.Document{element}}
	}
	for want, d := range map[string]binlog.Document{
		`'null'`:                 {Kind: binlog.Null},
		`'true'`:                 {Kind: binlog.Bool, Bool: true},
		`'-5'`:                   {Kind: binlog.Signed, Signed: -5},
		`'18446744073709551615'`: {Kind: binlog.Unsigned, Unsigned: 18446744073709551615},
		`'1.5'`:                  {Kind: binlog.Number, Number: 1.5},
		`'2.0'`:                  {Kind: binlog.Number, Number: 2},
		`'1e+300'`:               {Kind: binlog.Number, Number: 1e300},
		`'"a\\"b<\\n"'`:          doc(binlog.Text, "a\"b<\n"),
		`'[]'`:                   array(),
		`'[1,[null]]'`:           array(binlog.Document{Kind: binlog.Signed, Signed: 1}, array(binlog.Document{Kind: binlog.Null})),
		`'{"a b":"x"}'`:          object("a b", doc(binlog.Text, "x")),
		`JSON_SET('null','$',CAST(5 AS UNSIGNED))`:                                       {Kind: binlog.Unsigned, Unsigned: 5},
		`JSON_SET('null','$',1.10)`:                                                      doc(binlog.ExactNumber, "1.10"),
		`JSON_SET('null','$',CAST('2024-01-01' AS DATE))`:                                doc(binlog.DateValue, "2024-01-01"),
		`JSON_SET('null','$',CAST('-01:00:00' AS TIME(6)))`:                              doc(binlog.TimeValue, "-01:00:00"),
		`JSON_SET('{"a":[null]}','$."a"[0]',CAST('2024-01-01 00:00:00' AS DATETIME(6)))`: object("a", array(doc(binlog.MomentValue, "2024-01-01 00:00:00"))),
		`JSON_SET('[null,null]','$[0]',1.10,'$[1]',2.20)`:                                array(doc(binlog.ExactNumber, "1.10"), doc(binlog.ExactNumber, "2.20")),
	} {
		got, err := appendDocument(nil, &d)
		if diff := cmp.Diff(want, string(got)); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

// Values of the log as the server prints them.
func TestPrinted(t *testing.T) {
	t.Parallel()
	signed, unsigned := value.Column{Name: "n", Type: "int"}, value.Column{Name: "n", Type: "int unsigned"}
	integer := binlog.Column{Type: binlog.Integer, Width: 4}
	for name, c := range map[string]struct {
		column *value.Column
		in     binlog.Column
		value  binlog.Value
		want   string
		err    string
	}{
		"NULL":            {&signed, integer, nil, "", "<nil>"},
		"negative":        {&signed, integer, int64(-1), "-1", "<nil>"},
		"unsigned":        {&unsigned, integer, int64(-1), "4294967295", "<nil>"},
		"uint64":          {&signed, integer, uint64(7), "7", "<nil>"},
		"float":           {&signed, binlog.Column{}, float32(0.1), "0.10000000149011612", "<nil>"},
		"double":          {&signed, binlog.Column{}, 0.1, "0.1", "<nil>"},
		"text":            {&signed, binlog.Column{}, "1.50", "1.50", "<nil>"},
		"bytes":           {&signed, binlog.Column{}, []byte("ab"), "ab", "<nil>"},
		"missing":         {&signed, binlog.Column{}, binlog.Missing{}, "", "the log has no value for the column `n` (`binlog_row_image` was not FULL)"},
		"of another kind": {&signed, binlog.Column{}, true, "", "the log has a value of an unknown kind for the column `n`"},
	} {
		got, err := printed(c.column, c.in, c.value)
		if string(got) != c.want || fmt.Sprint(err) != c.err {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	if got, _ := printed(&signed, binlog.Column{}, []byte(nil)); got == nil {
		t.Error("empty bytes are NULL")
	}
}

// Addresses and identifiers of MariaDB are stored without the zeros at their end.
func TestAppendAddress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ dataType, stored, want, err string }{
		"inet4":     {"inet4", "\xc0\x00\x02\x01", "'192.0.2.1'", "<nil>"},
		"cut inet4": {"inet4", "\x0a", "'10.0.0.0'", "<nil>"},
		"no inet4":  {"inet4", "", "'0.0.0.0'", "<nil>"},
		"inet6":     {"inet6", "\x20\x01\x0d\xb8", "'2001:db8::'", "<nil>"},
		"uuid":      {"uuid", "\x12\x3e\x45\x67\xe8\x9b\x12\xd3\xa4\x56", "'123e4567-e89b-12d3-a456-000000000000'", "<nil>"},
		"too long":  {"inet4", "12345", "", "the log has a value of an unknown kind for the column `a`"},
		"time":      {"time", "1", "", "the log has a value of an unknown kind for the column `a`"},
	} {
		got, err := appendAddress(nil, &value.Column{Name: "a", DataType: c.dataType}, []byte(c.stored))
		if string(got) != c.want || fmt.Sprint(err) != c.err {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
	}
}

// The log names no columns: their number, order and types tell whether the table
// is the one that it means.
func TestFits(t *testing.T) {
	t.Parallel()
	table := func(types ...string) *replayTable {
		r := &replayTable{}
		for _, dataType := range types {
			r.columns = append(r.columns, value.Column{Name: dataType, DataType: dataType})
		}
		return r
	}
	log := func(columns ...binlog.Column) *binlog.Table { return &binlog.Table{Columns: columns} }
	old := table("int")
	old.kind = "SYSTEM VERSIONED"
	for name, c := range map[string]struct {
		table *replayTable
		log   *binlog.Table
		want  string
	}{
		"same":         {table("int", "varchar"), log(binlog.Column{Type: binlog.Integer, Width: 4}, binlog.Column{Type: binlog.String, Name: "varchar"}), ""},
		"wider":        {table("bigint"), log(binlog.Column{Type: binlog.Integer, Width: 4}), "the column `bigint` has another type"},
		"another type": {table("text"), log(binlog.Column{Type: binlog.String}), "the column `text` has another type"},
		"one more":     {table("int", "int"), log(binlog.Column{Type: binlog.Integer, Width: 4}), "they have 1 columns, and the table has 2"},
		"renamed":      {table("text"), log(binlog.Column{Type: binlog.Blob, Name: "other"}), "they have the column `other` where the table has `text`"},
		"geometry":     {table("point", "geometry"), log(binlog.Column{Type: binlog.Geometry}, binlog.Column{Type: binlog.Blob}), ""},
		"vector":       {table("vector", "vector"), log(binlog.Column{Type: binlog.Vector}, binlog.Column{Type: binlog.String}), ""},
		"unknown":      {table("xml"), log(binlog.Column{Type: binlog.Blob}), "the column `xml` has another type"},
		"versioned":    {old, log(), "tables that keep old versions of their rows are not supported"},
	} {
		if got := c.table.fits(c.log); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
