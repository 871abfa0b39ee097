package ddl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Narrowing is a class of values of a column that another type does not take as
// they are.
type Narrowing struct {
	// Lost says which values: "values longer than 10 characters".
	Lost string
	// Reason says what happens to them.
	Reason string
	// Condition finds them, as SQL over the column as it is. It is empty when
	// every value is concerned, or when no condition can tell.
	Condition string
	// Found says what is wrong with a value that the condition finds.
	Found string
	// Refused is true when a strict server refuses such values instead of
	// changing them.
	Refused bool
}

// ColumnNarrowings compares the old type of a column with the new one.
func ColumnNarrowings(x, y *Column, srv Server) []Narrowing {
	if x.Type.Equal(y.Type) && CharsetOf(x.Collation) == CharsetOf(y.Collation) && x.SRID == y.SRID {
		return nil
	}
	name := sqltext.Quote(x.Name)
	from, to := x.Type.family(), y.Type.family()
	var out []Narrowing
	switch {
	case isNumber(from) && isNumber(to):
		out = numbers(name, x.Type, y.Type)
	case from == familyText && to == familyText, from == familyEnum && to == familyText, from == familySet && to == familyText:
		out = texts(name, x, y)
	case from == familyBinary && to == familyBinary:
		out = binaries(name, x.Type, y.Type)
	case from == familyEnum && to == familyEnum, from == familySet && to == familySet:
		out = members(name, x.Type, y.Type)
	case from == familyTemporal && to == familyTemporal:
		out = temporals(name, x.Type, y.Type, srv)
	case from == familyBit && to == familyBit && x.Type.length() <= y.Type.length():
	case from == familySpatial && to == familySpatial && (y.Type.base == "geometry" || y.Type.base == x.Type.base):
	case x.Type.base != y.Type.base || x.Type.Text != y.Type.Text:
		out = conversion(name, x.Type, y.Type)
	}
	return slices.Concat(out, charsets(name, x, y), systems(name, x, y))
}

func tooLarge(name, cond, limit string) Narrowing {
	return Narrowing{
		Lost: "values outside " + limit, Reason: "a strict server refuses values outside " + limit,
		Condition: name + cond, Found: "outside " + limit, Refused: true,
	}
}

// numbers compares numbers with numbers. A server rounds first and looks at the
// range then: 127.4 is a TINYINT, and 9.99 no DECIMAL(2,1).
func numbers(name string, x, y dataType) []Narrowing {
	var out []Narrowing
	value := name
	if _, behind := y.digits(); y.family() != familyFloat && x.scale() > behind {
		out = append(out, rounded(name, behind))
		value = fmt.Sprintf("ROUND(%s, %d)", name, behind)
	}
	switch {
	case y.base == "year" && x.base != "year":
		return append(out, years(value)...)
	case y.family() == familyInt:
		return append(out, integers(value, x, y)...)
	case y.family() == familyDecimal:
		before, behind := y.digits()
		b, _ := x.digits()
		if x.family() == familyFloat || b > before || b == before && x.scale() > behind {
			out = append(out, tooLarge("ABS("+value+")", " >= 1"+strings.Repeat("0", before), y.Text))
		}
	case x.family() == familyFloat && (x.base == y.base || y.base == "double") && len(y.args) == 0:
	case x.family() == familyInt && len(y.args) == 0 && (y.base == "double" && x.base != "bigint" || x.base != "int" && x.base != "bigint"):
	default:
		out = append(out, Narrowing{Lost: "exact digits", Reason: "values are rounded to what " + y.Text + " can hold"})
	}
	if y.unsigned && !x.unsigned {
		out = append(out, tooLarge(name, " < 0", "0 and more"))
	}
	return out
}

// integers compares numbers with the range of an integer.
func integers(value string, x, y dataType) []Narrowing {
	low, high := y.limits()
	if x.family() != familyFloat {
		l, h := x.bounds()
		switch {
		case l.Cmp(low) >= 0 && h.Cmp(high) <= 0:
			return nil
		case h.Cmp(high) <= 0:
			return []Narrowing{tooLarge(value, fmt.Sprintf(" < %s", low), fmt.Sprintf("%s and more", low))}
		}
	}
	return []Narrowing{tooLarge(value, fmt.Sprintf(" NOT BETWEEN %s AND %s", low, high), fmt.Sprintf("%s to %s", low, high))}
}

// years compares numbers with YEAR, which takes two digits for a year of the
// last or of this century.
func years(value string) []Narrowing {
	return []Narrowing{
		tooLarge(value, " NOT BETWEEN 0 AND 99 AND "+value+" NOT BETWEEN 1901 AND 2155", "0 to 99 and 1901 to 2155"),
		{
			Lost: "years of two digits", Reason: "values from 1 to 99 become years from 1970 to 2069",
			Condition: value + " BETWEEN 1 AND 99", Found: "a year of two digits",
		},
	}
}

func rounded(name string, scale int) Narrowing {
	return Narrowing{
		Lost: fmt.Sprintf("digits behind the point beyond %d", scale), Reason: "values are rounded without a word",
		Condition: fmt.Sprintf("%s <> ROUND(%s, %d)", name, name, scale), Found: fmt.Sprintf("more than %d digits behind the point", scale),
	}
}

// texts compares texts and enumerations with texts.
func texts(name string, x, y *Column) []Narrowing {
	chars, bytes := longest(x)
	if limit := capacities[y.Type.base]; limit > 0 {
		need := chars * bytesPerChar(CharsetOf(y.Collation))
		from, to := CharsetOf(x.Collation), CharsetOf(y.Collation)
		if bytes > 0 && (from == to || from == "utf8mb3" && to == "utf8mb4") {
			need = bytes
		}
		if need <= limit {
			return nil
		}
		return []Narrowing{tooLong("LENGTH(CONVERT("+name+" USING "+CharsetOf(y.Collation)+"))", limit, "bytes")}
	}
	var out []Narrowing
	if limit := y.Type.length(); chars > limit {
		out = append(out, tooLong("CHAR_LENGTH("+name+")", limit, "characters"))
	}
	if y.Type.base == "char" && x.Type.base != "char" && x.Type.family() == familyText {
		out = append(out, Narrowing{
			Lost: "spaces at the end", Reason: "CHAR does not keep spaces at the end of a value",
			Condition: name + " LIKE '% '", Found: "spaces at the end",
		})
	}
	return out
}

// longest returns how many characters, and of a type limited in bytes how many
// bytes, a value of the column can have.
func longest(x *Column) (chars, bytes int) {
	switch x.Type.family() {
	case familyEnum, familySet:
		for _, a := range x.Type.args {
			n := len([]rune(sqltext.Unquote(a, false)))
			if x.Type.family() == familySet {
				chars += n + 1
			} else {
				chars = max(chars, n)
			}
		}
		if x.Type.family() == familySet { // with a comma between two
			chars--
		}
		return chars, 0
	}
	if n := capacities[x.Type.base]; n > 0 {
		return n, n
	}
	return x.Type.length(), 0
}

func tooLong(expr string, limit int, unit string) Narrowing {
	return Narrowing{
		Lost:      fmt.Sprintf("values longer than %d %s", limit, unit),
		Reason:    fmt.Sprintf("a strict server refuses values longer than %d %s, but cuts spaces at the end", limit, unit),
		Condition: fmt.Sprintf("%s > %d", expr, limit), Found: fmt.Sprintf("longer than %d %s", limit, unit), Refused: true,
	}
}

func binaries(name string, x, y dataType) []Narrowing {
	size := func(d dataType) int {
		if n := capacities[d.base]; n > 0 {
			return n
		}
		return d.length()
	}
	var out []Narrowing
	if size(x) > size(y) {
		n := tooLong("LENGTH("+name+")", size(y), "bytes")
		n.Reason = strings.TrimSuffix(n.Reason, ", but cuts spaces at the end")
		out = append(out, n)
	}
	if y.base == "binary" && (x.base != "binary" || size(x) < size(y)) {
		out = append(out, Narrowing{
			Lost: "the length of values", Reason: "BINARY fills values up with zero bytes",
			Condition: fmt.Sprintf("LENGTH(%s) < %d", name, size(y)), Found: fmt.Sprintf("shorter than %d bytes", size(y)),
		})
	}
	return out
}

// members compares two ENUM or two SET.
func members(name string, x, y dataType) []Narrowing {
	var gone []string
	for _, v := range x.args {
		if !slices.ContainsFunc(y.args, func(w string) bool { return sqltext.Unquote(v, false) == sqltext.Unquote(w, false) }) {
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
	return []Narrowing{{
		Lost: "the values " + list, Reason: "a strict server refuses rows that hold a value that goes",
		Condition: cond, Found: "a value that goes (" + list + ")", Refused: true,
	}}
}

func temporals(name string, x, y dataType, srv Server) []Narrowing {
	var out []Narrowing
	dated := func(d dataType) bool { return d.base == "datetime" || d.base == "timestamp" }
	switch {
	case dated(x) && y.base == "date":
		return []Narrowing{{
			Lost: "times of day", Reason: "DATE keeps no time of day",
			Condition: "TIME(" + name + ") <> '00:00:00'", Found: "a time of day",
		}}
	case dated(x) && y.base == "time":
		return []Narrowing{{Lost: "dates", Reason: "TIME keeps no date", Condition: name + " IS NOT NULL", Found: "a date"}}
	case x.base == "date" && dated(y), x.base == y.base, dated(x) && dated(y):
	default:
		return conversion(name, x, y)
	}
	if y.base == "timestamp" && x.base != "timestamp" {
		last := lastTimestamp(srv)
		out = append(out, tooLarge(name, " NOT BETWEEN '1970-01-01 00:00:01' AND '"+last+"'", "1970-01-01 00:00:01 to "+last+" UTC"))
	}
	if x.fraction() > y.fraction() {
		out = append(out, Narrowing{
			Lost: "fractions of seconds", Reason: "fractions of seconds are rounded without a word",
			Condition: fmt.Sprintf("MICROSECOND(%s) %% %d <> 0", name, pow10(6-y.fraction())),
			Found:     fmt.Sprintf("more than %d digits of a second", y.fraction()),
		})
	}
	return out
}

// lastTimestamp returns the end of TIMESTAMP. MariaDB moved it in 11.5.
func lastTimestamp(srv Server) string {
	if srv.AtLeast(MariaDB, 11, 5) {
		return "2106-02-07 06:28:15"
	}
	return "2038-01-19 03:14:07"
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

// conversion is a change between types that have nothing in common.
func conversion(name string, x, y dataType) []Narrowing {
	if y.family() == familyText && y.base != "char" {
		if n := x.printedLength(); n > 0 && (capacities[y.base] > 0 || n <= y.length()) {
			return nil
		}
	}
	n := Narrowing{
		Lost: "values that are no " + y.Text, Reason: "values are converted from " + x.Text + " to " + y.Text,
		Condition: name + " IS NOT NULL", Found: "values of " + x.Text + " are converted to " + y.Text,
	}
	sure := func(cond string) { n.Condition, n.Found, n.Refused = cond, "no "+y.Text, true }
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
	return []Narrowing{n}
}

// charsets looks for characters that the new character set lacks.
func charsets(name string, x, y *Column) []Narrowing {
	from, to := CharsetOf(x.Collation), CharsetOf(y.Collation)
	if from == to || from == "" || to == "" || from == "ascii" || holdsAll(to) || (to == "utf8mb3" || to == "ucs2") && !holdsAll(from) {
		return nil
	}
	return []Narrowing{{
		Lost: "characters that " + to + " lacks", Reason: "a strict server refuses characters that " + to + " lacks",
		Condition: fmt.Sprintf("HEX(CONVERT(CONVERT(%s USING %s) USING utf8mb4)) <> HEX(CONVERT(%s USING utf8mb4))", name, to, name),
		Found:     "a character that " + to + " lacks", Refused: true,
	}}
}

// systems looks for geometries in another reference system than the column is
// bound to.
func systems(name string, x, y *Column) []Narrowing {
	if y.SRID == "" || x.SRID == y.SRID {
		return nil
	}
	return []Narrowing{{
		Lost: "values in another reference system than " + y.SRID, Reason: "the server refuses values in another reference system than " + y.SRID,
		Condition: "ST_SRID(" + name + ") <> " + y.SRID, Found: "another reference system than " + y.SRID, Refused: true,
	}}
}

// holdsAll says whether a character set has every character. Those that have not
// lack the characters that UTF-8 writes in four bytes.
func holdsAll(charset string) bool {
	return slices.Contains([]string{"utf8mb4", "utf16", "utf16le", "utf32", "gb18030"}, charset)
}

// Narrowings compares a column with one of another table, maybe on another
// server, that is to take its values by INSERT. There is none when the types are
// equal, or when the second one is wider in a way that keeps every value. JSON
// counts as text where it comes from a server that keeps it as text, and the other
// way round. NULL is no value here. The error says that a type is not understood.
func Narrowings(from, into ColumnInfo, fromServer, intoServer Server) ([]Narrowing, error) {
	x, err := from.read()
	if err != nil {
		return nil, fmt.Errorf("column `%s`: %w", from.Name, err)
	}
	y, err := into.read()
	if err != nil {
		return nil, fmt.Errorf("column `%s`: %w", into.Name, err)
	}
	name := sqltext.Quote(x.Name)
	var out []Narrowing
	switch last := lastTimestamp(intoServer); {
	case from.keepsJSON() && into.keepsJSON(), x.Type.base == "json" && y.Type.base == "longtext" && CharsetOf(y.Collation) == "utf8mb4":
	case x.Type.base == "timestamp" && y.Type.base == "timestamp" && lastTimestamp(fromServer) > last:
		out = append(temporals(name, x.Type, y.Type, intoServer), tooLarge(name, " > '"+last+"'", last+" UTC and before"))
	default:
		out = ColumnNarrowings(x, y, intoServer)
	}
	for i := range out {
		if out[i].Condition == name+" IS NOT NULL" { // a change of the kind of values
			out[i].Condition = ""
		}
	}
	return out, nil
}

// read reads the definition again.
func (c ColumnInfo) read() (*Column, error) {
	col, err := readColumn(sqltext.NewCursor(sqltext.Quote(c.Name) + " " + c.Definition))
	if err != nil {
		return nil, err
	}
	col.Collation = c.Collation
	if col.Collation == "" && c.CharacterSet != "" {
		col.Collation = c.CharacterSet + " default"
	}
	return &col, nil
}

// keepsJSON says whether every value of the column is a JSON document: the type
// of MySQL, or text with the check that MariaDB makes of that type.
func (c ColumnInfo) keepsJSON() bool {
	base, _, _ := strings.Cut(strings.ToLower(c.Type), "(")
	return base == "json" || base == "longtext" && strings.EqualFold(c.Check, "json_valid("+sqltext.Quote(c.Name)+")")
}
