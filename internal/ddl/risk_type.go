package ddl

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

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

// narrowing is a way in which values of a column do not fit its new type.
type narrowing struct {
	lost    string // which values
	reason  string
	cond    string // finds them, over the column as it is; "" when it cannot be asked
	found   string // what is wrong with one that was found
	refused bool   // a strict server refuses them instead of changing them
}

// narrowings compares the old type of a column with the new one.
func narrowings(x, y *tableColumn, srv Server) []narrowing {
	if x.typ.equal(y.typ) && charsetOf(x.collation) == charsetOf(y.collation) {
		return nil
	}
	name := quoteName(x.name)
	from, to := x.typ.family(), y.typ.family()
	var out []narrowing
	switch {
	case isNumber(from) && isNumber(to):
		out = numbers(name, x.typ, y.typ)
	case from == familyText && to == familyText, from == familyEnum && to == familyText, from == familySet && to == familyText:
		out = texts(name, x, y)
	case from == familyBinary && to == familyBinary:
		out = binaries(name, x.typ, y.typ)
	case from == familyEnum && to == familyEnum, from == familySet && to == familySet:
		out = members(name, x.typ, y.typ)
	case from == familyTemporal && to == familyTemporal:
		out = temporals(name, x.typ, y.typ, srv)
	case from == familySpatial && to == familySpatial && (y.typ.base == "geometry" || y.typ.base == x.typ.base):
	case x.typ.base != y.typ.base || x.typ.text != y.typ.text:
		out = conversion(name, x.typ, y.typ)
	}
	return append(out, charsets(name, x, y)...)
}

func isNumber(f family) bool { return f == familyInt || f == familyDecimal || f == familyFloat }

func tooLarge(name, cond, limit string) narrowing {
	return narrowing{
		lost: "values outside " + limit, reason: "a strict server refuses values outside " + limit,
		cond: name + cond, found: "outside " + limit, refused: true,
	}
}

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

func numbers(name string, x, y dataType) []narrowing {
	var out []narrowing
	switch to := y.family(); {
	case to == familyInt:
		low, high := y.limits()
		if x.family() == familyInt {
			l, h := x.limits()
			switch {
			case l.Cmp(low) >= 0 && h.Cmp(high) <= 0:
				return nil
			case h.Cmp(high) <= 0:
				return []narrowing{tooLarge(name, fmt.Sprintf(" < %s", low), fmt.Sprintf("%s and more", low))}
			}
		} else {
			out = append(out, rounded(name, 0))
		}
		out = append(out, tooLarge(name, fmt.Sprintf(" NOT BETWEEN %s AND %s", low, high), fmt.Sprintf("%s to %s", low, high)))
	case to == familyDecimal:
		before, behind := y.digits()
		if x.family() == familyFloat {
			return []narrowing{rounded(name, behind), tooLarge("ABS("+name+")", " >= 1"+strings.Repeat("0", before), y.text)}
		}
		b, s := x.digits()
		if s > behind {
			out = append(out, rounded(name, behind))
		}
		if b > before {
			out = append(out, tooLarge("ABS("+name+")", " >= 1"+strings.Repeat("0", before), y.text))
		}
		if y.unsigned && !x.unsigned {
			out = append(out, tooLarge(name, " < 0", "0 and more"))
		}
	case x.family() == familyFloat && (x.base == y.base || y.base == "double") && len(y.args) == 0:
	case x.family() == familyInt && y.base == "double" && x.base != "bigint":
	default:
		out = append(out, narrowing{lost: "exact digits", reason: "values are rounded to what " + y.text + " can hold"})
	}
	return out
}

func rounded(name string, scale int) narrowing {
	return narrowing{
		lost: fmt.Sprintf("digits behind the point beyond %d", scale), reason: "values are rounded without a word",
		cond: fmt.Sprintf("%s <> ROUND(%s, %d)", name, name, scale), found: fmt.Sprintf("more than %d digits behind the point", scale),
	}
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

// texts compares texts and enumerations with texts.
func texts(name string, x, y *tableColumn) []narrowing {
	chars, bytes := longest(x)
	if limit := capacities[y.typ.base]; limit > 0 {
		need := chars * bytesPerChar(charsetOf(y.collation))
		from, to := charsetOf(x.collation), charsetOf(y.collation)
		if bytes > 0 && (from == to || from == "utf8mb3" && to == "utf8mb4") {
			need = bytes
		}
		if need <= limit {
			return nil
		}
		return []narrowing{tooLong("LENGTH(CONVERT("+name+" USING "+charsetOf(y.collation)+"))", limit, "bytes")}
	}
	var out []narrowing
	if limit := y.typ.length(); chars > limit {
		out = append(out, tooLong("CHAR_LENGTH("+name+")", limit, "characters"))
	}
	if y.typ.base == "char" && x.typ.base != "char" && x.typ.family() == familyText {
		out = append(out, narrowing{
			lost: "spaces at the end", reason: "CHAR does not keep spaces at the end of a value",
			cond: name + " LIKE '% '", found: "spaces at the end",
		})
	}
	return out
}

// longest returns how many characters, and of a type limited in bytes how many
// bytes, a value of the column can have.
func longest(x *tableColumn) (chars, bytes int) {
	switch x.typ.family() {
	case familyEnum, familySet:
		for _, a := range x.typ.args {
			n := len([]rune(unquote(a)))
			if x.typ.family() == familySet {
				chars += n + 1
			} else {
				chars = max(chars, n)
			}
		}
		return chars, 0
	}
	if n := capacities[x.typ.base]; n > 0 {
		return n, n
	}
	return x.typ.length(), 0
}

func tooLong(expr string, limit int, unit string) narrowing {
	return narrowing{
		lost:   fmt.Sprintf("values longer than %d %s", limit, unit),
		reason: fmt.Sprintf("a strict server refuses values longer than %d %s, but cuts spaces at the end", limit, unit),
		cond:   fmt.Sprintf("%s > %d", expr, limit), found: fmt.Sprintf("longer than %d %s", limit, unit), refused: true,
	}
}

func binaries(name string, x, y dataType) []narrowing {
	size := func(d dataType) int {
		if n := capacities[d.base]; n > 0 {
			return n
		}
		return d.length()
	}
	var out []narrowing
	if size(x) > size(y) {
		n := tooLong("LENGTH("+name+")", size(y), "bytes")
		n.reason = strings.TrimSuffix(n.reason, ", but cuts spaces at the end")
		out = append(out, n)
	}
	if y.base == "binary" && x.base != "binary" {
		out = append(out, narrowing{
			lost: "the length of values", reason: "BINARY fills values up with zero bytes",
			cond: fmt.Sprintf("LENGTH(%s) < %d", name, size(y)), found: fmt.Sprintf("shorter than %d bytes", size(y)),
		})
	}
	return out
}

// members compares two ENUM or two SET.
func members(name string, x, y dataType) []narrowing {
	var gone []string
	for _, v := range x.args {
		if !slices.ContainsFunc(y.args, func(w string) bool { return unquote(v) == unquote(w) }) {
			gone = append(gone, v)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	list := strings.Join(gone, ", ")
	cond := name + " IN (" + list + ")"
	if x.family() == familySet {
		var found []string
		for _, v := range gone {
			found = append(found, "FIND_IN_SET("+v+", "+name+") > 0")
		}
		cond = strings.Join(found, " OR ")
	}
	return []narrowing{{
		lost: "the values " + list, reason: "a strict server refuses rows that hold a value that goes",
		cond: cond, found: "a value that goes (" + list + ")", refused: true,
	}}
}

// fraction returns how many digits of a second a type keeps.
func (d dataType) fraction() int {
	if len(d.args) == 0 {
		return 0
	}
	return d.length()
}

func temporals(name string, x, y dataType, srv Server) []narrowing {
	var out []narrowing
	dated := func(d dataType) bool { return d.base == "datetime" || d.base == "timestamp" }
	switch {
	case dated(x) && y.base == "date":
		return []narrowing{{
			lost: "times of day", reason: "DATE keeps no time of day",
			cond: "TIME(" + name + ") <> '00:00:00'", found: "a time of day",
		}}
	case dated(x) && y.base == "time":
		return []narrowing{{lost: "dates", reason: "TIME keeps no date", cond: name + " IS NOT NULL", found: "a date"}}
	case x.base == "date" && dated(y), x.base == y.base, dated(x) && dated(y):
	default:
		return conversion(name, x, y)
	}
	if y.base == "timestamp" && x.base != "timestamp" {
		last := lastTimestamp(srv)
		out = append(out, tooLarge(name, " NOT BETWEEN '1970-01-01 00:00:01' AND '"+last+"'", "1970-01-01 00:00:01 to "+last+" UTC"))
	}
	if x.fraction() > y.fraction() {
		out = append(out, narrowing{
			lost: "fractions of seconds", reason: "fractions of seconds are rounded without a word",
			cond:  fmt.Sprintf("MICROSECOND(%s) %% %d <> 0", name, pow10(6-y.fraction())),
			found: fmt.Sprintf("more than %d digits of a second", y.fraction()),
		})
	}
	return out
}

// lastTimestamp returns the end of TIMESTAMP. MariaDB moved it in 11.5.
func lastTimestamp(srv Server) string {
	var major, minor int
	_, _ = fmt.Sscanf(srv.Version, "%d.%d", &major, &minor)
	if srv.Product == MariaDB && (major > 11 || major == 11 && minor >= 5) {
		return "2106-02-07 06:28:15"
	}
	return "2038-01-19 03:14:07"
}

// castable says whether a server turns values of one type into another at all.
func castable(x, y dataType) bool {
	if x.base == y.base || x.family() == familySpatial && y.family() == familySpatial {
		return true
	}
	for _, d := range [][2]dataType{{x, y}, {y, x}} {
		other := d[1].family()
		switch {
		case d[0].family() == familySpatial:
			return false
		case d[0].base == "uuid", d[0].base == "inet4", d[0].base == "inet6", d[0].base == "vector":
			return other == familyText || other == familyBinary
		}
	}
	return true
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

// conversion is a change between types that have nothing in common.
func conversion(name string, x, y dataType) []narrowing {
	if y.family() == familyText && y.base != "char" {
		if n := x.printedLength(); n > 0 && (capacities[y.base] > 0 || n <= y.length()) {
			return nil
		}
	}
	n := narrowing{
		lost: "values that are no " + y.text, reason: "values are converted from " + x.text + " to " + y.text,
		cond: name + " IS NOT NULL", found: "values of " + x.text + " are converted to " + y.text,
	}
	sure := func(cond string) { n.cond, n.found, n.refused = cond, "no "+y.text, true }
	switch {
	case x.family() == familyText && y.family() == familyInt:
		sure(name + " NOT REGEXP '^[+-]?[0-9]+$'")
	case x.family() == familyText && y.family() == familyDecimal:
		sure(name + " NOT REGEXP '^[+-]?[0-9]*[.]?[0-9]+$'")
	case x.family() == familyText && y.family() == familyJSON:
		sure("NOT JSON_VALID(" + name + ")")
	case x.family() == familyText && y.family() == familyEnum:
		sure(name + " NOT IN (" + strings.Join(y.args, ", ") + ")")
	case isNumber(x.family()) && y.family() == familyText && y.base != "char" && capacities[y.base] == 0:
		n = tooLong("CHAR_LENGTH("+name+")", y.length(), "characters")
	}
	return []narrowing{n}
}

// printedLength returns the most characters that a number has as a text, 0 when
// there is no such limit.
func (d dataType) printedLength() int {
	switch d.family() {
	case familyInt:
		before, _ := d.digits()
		return before + 1
	case familyDecimal:
		before, behind := d.digits()
		return before + behind + 3
	}
	return 0
}

// charsets looks for characters that the new character set lacks.
func charsets(name string, x, y *tableColumn) []narrowing {
	from, to := charsetOf(x.collation), charsetOf(y.collation)
	if from == to || from == "" || to == "" || to == "utf8mb4" || from == "ascii" || to == "utf16" || to == "utf32" {
		return nil
	}
	return []narrowing{{
		lost: "characters that " + to + " lacks", reason: "a strict server refuses characters that " + to + " lacks",
		cond:  fmt.Sprintf("HEX(CONVERT(CONVERT(%s USING %s) USING utf8mb4)) <> HEX(CONVERT(%s USING utf8mb4))", name, to, name),
		found: "a character that " + to + " lacks", refused: true,
	}}
}
