package ddl

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// dataType is the type of a column.
type dataType struct {
	base     string   // in lower case
	args     []string // as printed
	unsigned bool
	zerofill bool
	Text     string // as printed
	canon    string
}

func (d dataType) Equal(e dataType) bool { return d.canon == e.canon }

// readType reads the type of a column.
func readType(c *sqltext.Cursor) (dataType, error) {
	start := c.Index
	word := c.Next()
	if word.Kind != sqltext.Word {
		return dataType{}, errNoType
	}
	d := dataType{base: strings.ToLower(word.Text)}
	if d.base == "double" {
		c.Accept("precision")
	}
	for _, arg := range sqltext.SplitCommas(c.Group()) {
		d.args = append(d.args, sqltext.Join(arg))
	}
	d.unsigned = c.Accept("unsigned")
	d.zerofill = c.Accept("zerofill")
	d.Text, d.canon = sqltext.Join(c.Since(start)), sqltext.Canonical(c.Since(start))
	return d, nil
}

// textual says whether values of the type have a character set.
func (d dataType) textual() bool {
	switch d.base {
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set":
		return true
	}
	return false
}

// family groups types whose values can be compared for size.
type family uint8

const (
	familyOther family = iota
	familyInt
	familyDecimal
	familyFloat
	familyBit
	familyText
	familyBinary
	familyEnum
	familySet
	familyTemporal
	familySpatial
	familyJSON
)

var families = map[string]family{
	"tinyint": familyInt, "smallint": familyInt, "mediumint": familyInt, "int": familyInt, "bigint": familyInt, "year": familyInt,
	"decimal": familyDecimal, "float": familyFloat, "double": familyFloat, "bit": familyBit,
	"char": familyText, "varchar": familyText, "tinytext": familyText, "text": familyText, "mediumtext": familyText, "longtext": familyText,
	"binary": familyBinary, "varbinary": familyBinary, "tinyblob": familyBinary, "blob": familyBinary, "mediumblob": familyBinary, "longblob": familyBinary,
	"enum": familyEnum, "set": familySet, "json": familyJSON,
	"date": familyTemporal, "time": familyTemporal, "datetime": familyTemporal, "timestamp": familyTemporal,
	"geometry": familySpatial, "point": familySpatial, "linestring": familySpatial, "polygon": familySpatial, "multipoint": familySpatial,
	"multilinestring": familySpatial, "multipolygon": familySpatial, "geometrycollection": familySpatial, "geomcollection": familySpatial,
}

func (d dataType) family() family { return families[d.base] }

// Binary says whether values are bytes or bits, which no person reads.
func (d dataType) Binary() bool { return d.family() == familyBinary || d.family() == familyBit }

// HasMembers says whether the type is an ENUM or a SET.
func (d dataType) HasMembers() bool { return d.family() == familyEnum || d.family() == familySet }

// HasImplicitDefault says whether rows that exist can get a value for a column
// that is NOT NULL and has no default.
func (d dataType) HasImplicitDefault() bool {
	return d.base == "time" || d.family() != familyTemporal && d.family() != familySpatial
}

// ImplicitDefault returns the value that rows which exist get for a column that is
// NOT NULL and has no default, as SQL; false when there is none, or when no constant
// says it.
func (d dataType) ImplicitDefault() (string, bool) {
	switch {
	case isNumber(d.family()):
		return "0", true
	case d.family() == familyText, d.family() == familySet:
		return "''", true
	case d.family() == familyEnum && len(d.args) > 0:
		return d.args[0], true
	case d.base == "time":
		return "'00:00:00'", true
	}
	return "", false
}

func isNumber(f family) bool { return f == familyInt || f == familyDecimal || f == familyFloat }

// limits returns the smallest and the largest value of an integer type.
func (d dataType) limits() (low, high *big.Int) {
	bits := map[string]uint{"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}[d.base]
	if d.base == "year" {
		return big.NewInt(0), big.NewInt(2155)
	}
	if d.unsigned {
		high = new(big.Int).Lsh(big.NewInt(1), bits)
		return big.NewInt(0), high.Sub(high, big.NewInt(1))
	}
	high = new(big.Int).Lsh(big.NewInt(1), bits-1)
	return new(big.Int).Neg(high), new(big.Int).Sub(high, big.NewInt(1))
}

// digits returns how many digits a decimal has before and behind the point.
func (d dataType) digits() (before, behind int) {
	if d.base == "year" {
		return 4, 0
	}
	if d.family() == familyInt {
		_, high := d.limits()
		return len(high.String()), 0
	}
	precision, scale := 10, 0
	if len(d.args) > 0 {
		precision, _ = strconv.Atoi(d.args[0])
	}
	if len(d.args) > 1 {
		scale, _ = strconv.Atoi(d.args[1])
	}
	return precision - scale, scale
}

// scale returns how many digits behind the point a number can have: more than any
// decimal for a float.
func (d dataType) scale() int {
	if d.family() == familyFloat {
		return math.MaxInt
	}
	_, behind := d.digits()
	return behind
}

// bounds returns the smallest and the largest whole number that a value of an
// integer or decimal type is rounded to.
func (d dataType) bounds() (low, high *big.Int) {
	if d.family() == familyInt {
		return d.limits()
	}
	before, behind := d.digits()
	high = new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(before)), nil)
	if behind == 0 {
		high.Sub(high, big.NewInt(1))
	}
	if d.unsigned {
		return big.NewInt(0), high
	}
	return new(big.Int).Neg(high), high
}

// capacities are the bytes that types without a length can hold.
var capacities = map[string]int{
	"tinytext": 255, "text": 65535, "mediumtext": 1<<24 - 1, "longtext": 1<<32 - 1,
	"tinyblob": 255, "blob": 65535, "mediumblob": 1<<24 - 1, "longblob": 1<<32 - 1,
}

// length returns the length of a type that has one.
func (d dataType) length() int {
	n := 1
	if len(d.args) > 0 {
		n, _ = strconv.Atoi(d.args[0])
	}
	return n
}

// bytesPerChar is the most that a character of a character set takes.
func bytesPerChar(charset string) int {
	switch charset {
	case "utf8mb4", "utf16", "utf16le", "utf32", "gb18030":
		return 4
	case "utf8mb3", "utf8", "ujis", "eucjpms":
		return 3
	case "ucs2", "gbk", "gb2312", "big5", "sjis", "cp932", "euckr":
		return 2
	}
	return 1
}

// fraction returns how many digits of a second a type keeps.
func (d dataType) fraction() int {
	if len(d.args) == 0 {
		return 0
	}
	return d.length()
}

// Like says whether two types hold values of one kind: both texts, both whole
// numbers, both times.
func (d dataType) Like(e dataType) bool {
	return d.base == e.base || d.family() == e.family() && d.family() != familyOther
}

// ConvertibleTo says whether a server turns values of one type into another at all.
func (d dataType) ConvertibleTo(e dataType) bool {
	if d.base == e.base || d.family() == familySpatial && e.family() == familySpatial {
		return true
	}
	for _, pair := range [][2]dataType{{d, e}, {e, d}} {
		other := pair[1].family()
		switch {
		case pair[0].family() == familySpatial:
			return false
		case pair[0].base == "uuid", pair[0].base == "inet4", pair[0].base == "inet6", pair[0].base == "vector":
			return other == familyText || other == familyBinary
		}
	}
	return true
}

// printedLength returns the most characters that a number or time has as a text, 0 when
// there is no such limit.
func (d dataType) printedLength() int {
	switch d.family() {
	case familyInt:
		before, _ := d.digits()
		if d.zerofill {
			return max(before+1, d.length())
		}
		return before + 1
	case familyDecimal:
		before, behind := d.digits()
		return before + behind + 3
	case familyTemporal:
		n := map[string]int{"date": 10, "time": 10, "datetime": 19, "timestamp": 19}[d.base]
		if d.fraction() > 0 {
			n += 1 + d.fraction()
		}
		return n
	}
	return 0
}
