package value

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

func TestHasEmptyMember(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"enum('a','b')":        false,
		"enum('')":             true,
		"enum('a','')":         true,
		"enum('','a')":         true,
		"enum('a'',''b')":      false,
		"enum('a''','b')":      false,
		"enum(''',''','b')":    false,
		"enum(''',''','b','')": true,
	} {
		if got := hasEmptyMember(text); got != want {
			t.Errorf("%s: got %t", text, got)
		}
	}
}

// How the values of a column are copied follows from its type and character set.
func TestKindOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		want    Kind
		product mysql.Product
		columns []string // type, and its character set behind a slash
	}{
		"numbers":                      {Plain, mysql.MySQL, []string{"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year"}},
		"floats":                       {Float, mysql.MySQL, []string{"float", "double"}},
		"dates":                        {Date, mysql.MariaDB, []string{"date", "datetime", "timestamp"}},
		"printed ASCII":                {Quoted, mysql.MariaDB, []string{"time", "uuid", "inet4", "inet6"}},
		"documents":                    {JSON, mysql.MySQL, []string{"json", "json/utf8mb4"}},
		"MariaDB's documents are text": {Text, mysql.MariaDB, []string{"json/utf8mb4"}},
		"bytes":                        {Binary, mysql.MySQL, []string{"blob", "longblob", "binary", "varbinary", "bit", "vector", "geometry", "point", "char/binary"}},
		"unicode":                      {Text, mysql.MySQL, []string{"char/utf8mb4", "varchar/utf8mb3", "text/utf8", "longtext/ascii", "enum/utf8mb4", "set/utf8mb4"}},
		"half ASCII":                   {ASCII, mysql.MySQL, []string{"varchar/latin1", "text/cp1251", "enum/latin1", "char/koi8r", "char/greek", "char/hp8"}},
		"not ASCII":                    {Foreign, mysql.MySQL, []string{"varchar/gbk", "text/sjis", "char/ucs2", "char/utf16", "char/utf16le", "char/utf32", "char/big5", "char/swe7", "char/unheard_of"}},
	} {
		for _, column := range c.columns {
			dataType, characterSet, _ := strings.Cut(column, "/")
			if got := kindOf(c.product, dataType, characterSet); got != c.want {
				t.Errorf("%s: %s is of kind %d, want %d", name, column, got, c.want)
			}
		}
	}
}

func TestIsZeroEnum(t *testing.T) {
	t.Parallel()
	zero, other := Column{zeroEnum: true}, Column{}
	for _, c := range []struct {
		column *Column
		value  []byte
		want   bool
	}{{&zero, []byte{}, true}, {&zero, nil, false}, {&zero, []byte("a"), false}, {&other, []byte{}, false}} {
		if got := c.column.IsZeroEnum(c.value); got != c.want {
			t.Errorf("%q: %t", c.value, got)
		}
	}
}

// A number is printed as MySQL prints it in a document, as far as it uses no
// exponent.
func TestPrintedDouble(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", -2.5: "-2.5", 1.1: "1.1", 0.1: "0.1", 1e14: "100000000000000.0", 999999999999999: "999999999999999.0", 1e15: "", 1e16: "",
		1e-15: "0.000000000000001", 1e-16: "", 1.5e300: "", 123456.789: "123456.789",
	} {
		if got := printedDouble(f); got != want {
			t.Errorf("%g: got %q, want %q", f, got, want)
		}
	}
}
