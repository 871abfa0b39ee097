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
	// ZeroDates is true when only a mode that forbids zero dates refuses them.
	ZeroDates bool
	// Guessed is true when it cannot be told which of the values that Condition
	// finds are refused, which change, and which are taken as they are.
	Guessed bool
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
		out = numbers(name, x.Type, y.Type, srv)
	case from == familyText && to == familyText, from == familyEnum && to == familyText, from == familySet && to == familyText:
		out = texts(name, x, y, srv)
	case from == familyBinary && to == familyBinary:
		out = binaries(name, x.Type, y.Type)
	case from == familyEnum && to == familyEnum, from == familySet && to == familySet:
		out = members(name, x, y)
	case from == familyTemporal && to == familyTemporal:
		out = temporals(name, x.Type, y.Type, srv)
	case from == familyBit && (to == familyBit || isNumber(to)):
		out = fromBits(name, x.Type, y.Type)
	case from == familySpatial && to == familySpatial && (y.Type.base == "geometry" || y.Type.base == x.Type.base):
	case from == familySpatial && to == familySpatial && x.Type.base == "geometry":
		out = shapes(name, y.Type)
	case x.Type.base != y.Type.base || x.Type.Text != y.Type.Text:
		out = conversion(name, x, y, srv)
	}
	return slices.Concat(out, charsets(name, x, y), systems(name, x, y))
}

func tooLarge(name, cond, limit string) Narrowing {
	return Narrowing{
		Lost: "values outside " + limit, Reason: "a strict server refuses values outside " + limit,
		Condition: name + cond, Found: "outside " + limit, Refused: true,
	}
}

// integers compares numbers with the range of an integer.
func integers(value string, x, y dataType) []Narrowing {
	low, high := y.limits()
	if x.family() == familyFloat && y.base == "bigint" { // some become the limit without a word
		return []Narrowing{guessedOf(fmt.Sprintf("%s NOT BETWEEN %s AND %s", value, low, high), x, y)}
	}
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

func binaries(name string, x, y dataType) []Narrowing {
	size := func(d dataType) int {
		if n := capacities[d.base]; n > 0 {
			return n
		}
		return d.length()
	}
	var out []Narrowing
	if size(x) > size(y) {
		out = append(out, longer("LENGTH("+name+")", size(y), "bytes"))
	}
	if y.base == "binary" && (x.base != "binary" || size(x) < size(y)) {
		out = append(out, Narrowing{
			Lost: "the length of values", Reason: "BINARY fills values up with zero bytes",
			Condition: fmt.Sprintf("LENGTH(%s) < %d", name, size(y)), Found: fmt.Sprintf("shorter than %d bytes", size(y)),
		})
	}
	return out
}

func temporals(name string, x, y dataType, srv Server) []Narrowing {
	var out []Narrowing
	dated := func(d dataType) bool { return d.base == "datetime" || d.base == "timestamp" }
	if x.base != "time" && y.base != "time" && !x.Equal(y) {
		out = append(out, Narrowing{
			Lost: "zero dates", Reason: "a strict server refuses dates without a month or a day", Refused: true, ZeroDates: true,
			Condition: zeroDates(name), Found: "a date without a month or a day",
		})
	}
	switch {
	case dated(x) && y.base == "date":
		return append(lastFraction(out, name, x, y, srv), Narrowing{
			Lost: "times of day", Reason: "DATE keeps no time of day",
			Condition: "TIME(" + name + ") <> '00:00:00'", Found: "a time of day",
		})
	case dated(x) && y.base == "time":
		return []Narrowing{{Lost: "dates", Reason: "TIME keeps no date", Condition: name + " IS NOT NULL", Found: "a date"}}
	case x.base == "date" && dated(y), x.base == y.base, dated(x) && dated(y):
	default:
		return []Narrowing{guessed(name, x, y)}
	}
	if y.base == "timestamp" && x.base != "timestamp" {
		last, limit := lastTimestamp(srv), lastTimestamp(srv)
		if y.fraction() > 0 || srv.Product == MariaDB { // which cuts what MySQL rounds
			limit += ".999999"
		}
		out = append(out, tooLarge(name, " NOT BETWEEN '1970-01-01 00:00:01' AND '"+limit+"'", "1970-01-01 00:00:01 to "+last+" UTC"))
	}
	if x.fraction() > y.fraction() {
		out = append(lastFraction(out, name, x, y, srv), Narrowing{
			Lost: "fractions of seconds", Reason: "fractions of seconds are rounded without a word",
			Condition: fmt.Sprintf("MICROSECOND(%s) %% %d <> 0", name, pow10(6-y.fraction())),
			Found:     fmt.Sprintf("more than %d digits of a second", y.fraction()),
		})
	}
	return out
}

// zeroDates finds dates without a month or a day.
func zeroDates(name string) string {
	return "(MONTH(" + name + ") = 0 OR DAYOFMONTH(" + name + ") = 0)"
}

// lastFraction adds the moments that would be rounded beyond the last one of a
// type. MariaDB cuts fractions where MySQL rounds them.
func lastFraction(out []Narrowing, name string, x, y dataType, srv Server) []Narrowing {
	if srv.Product == MariaDB || x.fraction() == 0 || x.base == "time" {
		return out
	}
	last := "9999-12-31 23:59:59.5"
	if y.base == "timestamp" {
		last = lastTimestamp(srv) + ".5"
	}
	return append(out, tooLarge(name, " >= '"+last+"'", "what "+y.Text+" can hold once rounded"))
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

// shapes looks for geometries of another shape.
func shapes(name string, y dataType) []Narrowing {
	kind := strings.ToUpper(y.base)
	list := "'" + kind + "'"
	if kind == "GEOMETRYCOLLECTION" || kind == "GEOMCOLLECTION" {
		list = "'GEOMETRYCOLLECTION', 'GEOMCOLLECTION'"
	}
	return []Narrowing{{
		Lost: "values that are no " + y.Text, Reason: "the server refuses values that are no " + y.Text,
		Condition: "ST_GeometryType(" + name + ") NOT IN (" + list + ")", Found: "no " + y.Text, Refused: true,
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
		switch c := out[i].Condition; {
		case c == name+" IS NOT NULL": // a change of the kind of values
			out[i].Condition = ""
		case fromServer.Product != intoServer.Product && (y.Type.isAddress() || strings.Contains(c, " COLLATE ")):
			out[i].Condition = "" // the source, which is asked, knows neither the types nor the collations of the other product
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
