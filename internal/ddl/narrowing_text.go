package ddl

import (
	"fmt"
	"slices"
	"strings"
)

// texts compares texts and enumerations with texts. A strict server cuts spaces at
// the end at most: of a CHAR, MariaDB those of a TEXT too.
func texts(name string, x, y *Column, srv Server) []Narrowing {
	chars, bytes := longest(x)
	trimmed := "TRIM(TRAILING ' ' FROM " + name + ")"
	if y.Type.base == "varchar" || srv.Product != MariaDB && y.Type.base != "char" { // where no spaces are cut either
		trimmed = name
	}
	if y.Type.base == "longtext" {
		return nil // no server sends, so none has, a value that would be too long in another character set
	}
	if limit := capacities[y.Type.base]; limit > 0 {
		need := chars * bytesPerChar(CharsetOf(y.Collation))
		from, to := CharsetOf(x.Collation), CharsetOf(y.Collation)
		if bytes > 0 && (from == to || from == "utf8mb3" && to == "utf8mb4" || from == "utf8mb4" && to == "utf8mb3") {
			need = bytes
		}
		if need <= limit {
			return nil
		}
		length := func(value string) string { return "LENGTH(CONVERT(" + value + " USING " + to + "))" }
		out := tooLong(length(trimmed), length(name), limit, "bytes")
		if trimmed == name {
			return out[:1]
		}
		return out
	}
	var out []Narrowing
	if limit := y.Type.length(); chars > limit {
		out = tooLong("CHAR_LENGTH("+trimmed+")", "CHAR_LENGTH("+name+")", limit, "characters")
	}
	if y.Type.base == "char" && x.Type.base != "char" && x.Type.family() == familyText {
		return append(out[:min(1, len(out))], Narrowing{
			Lost: "spaces at the end", Reason: "CHAR does not keep spaces at the end of a value",
			Condition: name + " LIKE '% '", Found: "spaces at the end",
		})
	}
	if x.Type.base == "char" || x.Type.family() != familyText || trimmed == name { // no spaces that would be cut
		return out[:min(1, len(out))]
	}
	return out
}

// tooLong finds values that do not fit without their spaces at the end, and those
// that only fit without them.
func tooLong(trimmed, whole string, limit int, unit string) []Narrowing {
	return []Narrowing{
		longer(trimmed, limit, unit),
		{
			Lost:      fmt.Sprintf("spaces at the end beyond %d %s", limit, unit),
			Reason:    fmt.Sprintf("spaces at the end beyond %d %s are cut without a word", limit, unit),
			Condition: fmt.Sprintf("(%s > %d AND %s <= %d)", whole, limit, trimmed, limit),
			Found:     fmt.Sprintf("spaces at the end beyond %d %s", limit, unit),
		},
	}
}

func longer(length string, limit int, unit string) Narrowing {
	return Narrowing{
		Lost:      fmt.Sprintf("values longer than %d %s", limit, unit),
		Reason:    fmt.Sprintf("a strict server refuses values longer than %d %s", limit, unit),
		Condition: fmt.Sprintf("%s > %d", length, limit), Found: fmt.Sprintf("longer than %d %s", limit, unit), Refused: true,
	}
}

// conversion is a change between types that have nothing in common.
func conversion(name string, x, y *Column, srv Server) []Narrowing {
	from, to := x.Type.family(), y.Type.family()
	written := func(to family) bool { return to == familyText || to == familyBinary && y.Type.base != "binary" }
	wide := slices.ContainsFunc([]string{CharsetOf(x.Collation), CharsetOf(y.Collation)}, func(set string) bool {
		return slices.Contains([]string{"ucs2", "utf16", "utf16le", "utf32"}, set)
	})
	switch {
	case wide && (from == familyText || from == familyBinary): // where servers have rules of their own
	case from == familyText && isNumber(to):
		return textsAsNumbers(utf8(name, x), x.Type, y.Type, srv)
	case from == familyText && to == familyTemporal:
		return textsAsTimes(utf8(name, x), x.Type, y.Type)
	case from == familyText && to == familyEnum:
		return textsAsMembers(utf8(name, x), x.Type, y)
	case from == familyText && to == familyJSON:
		return []Narrowing{refused("NOT JSON_VALID("+name+")", x.Type, y.Type)}
	case from == familyText && y.Type.isAddress():
		return textsAsAddresses(name, utf8(name, x), x.Type, y.Type)
	case from == familyText && written(to):
		return longerAs("LENGTH("+name+")", longestBytes(x), y.Type, "bytes")
	case from == familyBinary && to == familyText:
		return bytesAsTexts(name, x.Type, y, srv)
	case (from == familyInt || from == familyDecimal || from == familyTemporal) && written(to):
		return longerAs("CHAR_LENGTH("+name+")", x.Type.printedLength(), y.Type, "characters")
	case from == familyFloat && to == familyText && capacities[y.Type.base] > 0:
		return []Narrowing{guessedOf(fmt.Sprintf("CAST(CAST(%s AS CHAR) AS %s) <> %s", name, strings.ToUpper(x.Type.base), name), x.Type, y.Type)}
	case isNumber(from) && to == familyBit:
		return asBits(name, x.Type, y.Type, srv)
	}
	return []Narrowing{guessed(name, x.Type, y.Type)}
}

// utf8 returns the text of a column for functions that do not take each set.
func utf8(name string, x *Column) string {
	if set := CharsetOf(x.Collation); set != "utf8mb4" && set != "" {
		return "CONVERT(" + name + " USING utf8mb4)"
	}
	return name
}

func guessed(name string, x, y dataType) Narrowing { return guessedOf(name+" IS NOT NULL", x, y) }

func guessedOf(condition string, x, y dataType) Narrowing {
	return Narrowing{
		Lost: "values that are no " + y.Text, Reason: "values are converted from " + x.Text + " to " + y.Text + ", or refused",
		Condition: condition, Found: "values of " + x.Text + " are converted to " + y.Text + ", or refused", Guessed: true,
	}
}

func refused(condition string, x, y dataType) Narrowing {
	return Narrowing{
		Lost: "values that are no " + y.Text, Reason: "values are converted from " + x.Text + " to " + y.Text,
		Condition: condition, Found: "no " + y.Text, Refused: true,
	}
}

func changed(lost, condition, found, reason string) Narrowing {
	return Narrowing{Lost: lost, Reason: reason, Condition: condition, Found: found}
}

// longerAs compares values, once written down, with the length of another type.
func longerAs(length string, longest int, y dataType, unit string) []Narrowing {
	limit := capacities[y.base]
	if limit == 0 {
		limit = y.length()
	}
	if longest <= limit {
		return nil
	}
	return []Narrowing{longer(length, limit, unit)}
}

// longestBytes returns how many bytes a value of a textual column can have.
func longestBytes(x *Column) int {
	chars, bytes := longest(x)
	if bytes > 0 {
		return bytes
	}
	return chars * bytesPerChar(CharsetOf(x.Collation))
}

// textsAsNumbers finds texts that are no numbers, or not as a server writes them.
func textsAsNumbers(name string, x, y dataType, srv Server) []Narrowing {
	number := "'^ *[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)? *$'"
	if srv.Product == MariaDB && y.family() == familyInt && y.base != "year" { // which refuses what is not whole
		number = "'^ *[+-]?[0-9]+ *$'"
	}
	none := refused(name+" NOT REGEXP "+number, x, y)
	exact := "CAST(" + name + " AS DECIMAL(65,30))"
	spelling := func(plain string) Narrowing {
		return changed("the spelling of numbers", name+" NOT REGEXP "+plain, "another spelling than that of "+y.Text, "a number is kept, not how it was written")
	}
	switch {
	case y.base == "year":
		return []Narrowing{none, years("ROUND(" + exact + ")")[0], spelling("'^(0000|[0-9]{4})$'")}
	case y.family() == familyInt:
		low, high := y.limits()
		plain := "'^(-?[1-9][0-9]*|0)$'"
		if y.zerofill {
			plain = fmt.Sprintf("'^([1-9][0-9]{%d,}|[0-9]{%d})$'", y.length(), y.length())
		}
		return []Narrowing{none, tooLarge("ROUND("+exact+")", fmt.Sprintf(" NOT BETWEEN %s AND %s", low, high), fmt.Sprintf("%s to %s", low, high)), spelling(plain)}
	case y.family() == familyDecimal:
		before, behind := y.digits()
		if capacities[x.base] > 0 { // not every server refuses these
			none = guessedOf(none.Condition, x, y)
		}
		round := rounded(exact, behind)
		if srv.Product == MariaDB {
			round = guessedOf(round.Condition, x, y)
		}
		out := []Narrowing{none, beyond(fmt.Sprintf("ROUND(%s, %d)", exact, behind), before, y.Text), round}
		if y.unsigned {
			out = append(out, tooLarge(exact, " < 0", "0 and more"))
		}
		return append(out, spelling("'^(-?[1-9][0-9]*|-?0)([.][0-9]+)?$'"))
	}
	return textsAsFloats(name, none, x, y)
}

// textsAsFloats knows what becomes of small whole numbers.
func textsAsFloats(name string, none Narrowing, x, y dataType) []Narrowing {
	digits, sign := map[string]int{"float": 6, "double": 15}[y.base], "-?"
	if len(y.args) > 1 {
		before, _ := y.digits()
		digits = min(digits, before)
	}
	if y.unsigned {
		sign = ""
	}
	none.Guessed, none.Refused = true, false
	return []Narrowing{none, guessedOf(fmt.Sprintf("%s NOT REGEXP '^(0|%s[1-9][0-9]{0,%d})$'", name, sign, digits-1), x, y)}
}

// textsAsTimes knows what becomes of texts as a server writes them.
func textsAsTimes(name string, x, y dataType) []Narrowing {
	const date, clock = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{2}:[0-5][0-9]:[0-5][0-9]"
	cast, plain := strings.ToUpper(y.base), date
	switch y.base {
	case "time":
		plain = "-?[0-7]?" + clock
	case "datetime", "timestamp":
		cast, plain = "DATETIME", date+" "+clock
	}
	if n := y.fraction(); n > 0 {
		plain += fmt.Sprintf("[.][0-9]{%d}", n)
	}
	well := fmt.Sprintf("%s REGEXP '^%s$'", name, plain)
	out := []Narrowing{guessedOf("NOT "+well, x, y), refused(fmt.Sprintf("(%s AND CAST(%s AS %s) IS NULL)", well, name, cast), x, y)}
	if y.base == "timestamp" {
		out = append(out, guessedOf(fmt.Sprintf("(%s AND %s NOT BETWEEN '1970-01-02' AND '2038-01-18')", well, name), x, y))
	}
	return out
}

// textsAsMembers finds texts that are no members of an enumeration. A number
// stands for the member at its place.
func textsAsMembers(name string, x dataType, y *Column) []Narrowing {
	list := strings.Join(y.Type.args, ", ")
	return []Narrowing{
		refused(fmt.Sprintf("(%s NOT IN (%s) AND %s NOT REGEXP '^ *[+-]?[0-9]+ *$')", name, list, name), x, y.Type),
		guessedOf(fmt.Sprintf("CAST(%s AS BINARY) NOT IN (%s)", name, list), x, y.Type),
	}
}

// isAddress says whether MariaDB writes the values of the type in a way of its own.
func (d dataType) isAddress() bool {
	return slices.Contains([]string{"uuid", "inet4", "inet6"}, d.base)
}

// textsAsAddresses finds texts that MariaDB reads as no UUID or address, and those that
// it writes otherwise.
func textsAsAddresses(name, text string, x, y dataType) []Narrowing {
	read := fmt.Sprintf("CAST(%s AS %s)", name, strings.ToUpper(y.base))
	return []Narrowing{
		refused(fmt.Sprintf("(%s IS NOT NULL AND %s IS NULL)", name, read), x, y),
		changed("the spelling of values", fmt.Sprintf("CAST(CAST(%s AS CHAR) AS BINARY) <> CAST(%s AS BINARY)", read, text),
			"another spelling than that of "+y.Text, "a value is kept, not how it was written"),
	}
}

// bytesAsTexts finds bytes that are no text of a character set.
func bytesAsTexts(name string, x dataType, y *Column, srv Server) []Narrowing {
	set := CharsetOf(y.Collation)
	text := "CONVERT(" + name + " USING " + set + ")"
	out := []Narrowing{refused(fmt.Sprintf("COALESCE(HEX(%s), '') <> HEX(%s)", text, name), x, y.Type)}
	if set == "ascii" {
		out[0].Condition = "HEX(" + name + ") REGEXP '^([0-9A-F]{2})*[89A-F]'"
		out[0].Refused, out[0].Guessed = srv.Product != MariaDB, srv.Product == MariaDB // which takes them, and shows question marks
	}
	limit, length, unit := y.Type.length(), "CHAR_LENGTH("+text+")", "characters"
	if n := capacities[y.Type.base]; n > 0 {
		limit, length, unit = n, "LENGTH("+name+")", "bytes"
	}
	size := capacities[x.base]
	if size == 0 {
		size = x.length()
	}
	if size > limit {
		out = append(out, longer(length, limit, unit))
	}
	if y.Type.base == "char" {
		out = append(out, changed("spaces at the end", name+" LIKE '% '", "spaces at the end", "CHAR does not keep spaces at the end of a value"))
	}
	return out
}
