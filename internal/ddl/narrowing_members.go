package ddl

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// members compares two ENUM or two SET. A value takes the spelling of the new member
// that its collation takes for equal, and is refused when there is none.
func members(name string, x, y *Column) []Narrowing {
	var gone, respelled, untold []string
	for _, v := range x.Type.args {
		likes := func(like func(v, w string) bool) bool {
			return slices.ContainsFunc(y.Type.args, func(w string) bool { return like(v, w) })
		}
		switch {
		case likes(func(v, w string) bool { return sqltext.Unquote(v, false) == sqltext.Unquote(w, false) }):
		case y.foldsCase() && likes(func(v, w string) bool { return isASCII(v) && isASCII(w) && strings.EqualFold(v, w) }):
			respelled = append(respelled, v)
		case !numeral(v) && !strings.HasSuffix(y.Collation, "_bin") && likes(func(v, w string) bool { return !isASCII(v) || !isASCII(w) }):
			untold = append(untold, v) // only the server knows what the collation takes for equal
		default:
			gone = append(gone, v)
		}
	}
	holds := func(list ...string) string {
		if x.Type.family() != familySet {
			return name + " IN (" + strings.Join(list, ", ") + ")"
		}
		var found []string
		for _, v := range list {
			found = append(found, "FIND_IN_SET("+v+", "+name+") > 0")
		}
		return strings.Join(found, " OR ")
	}
	var out []Narrowing
	switch {
	case slices.ContainsFunc(gone, numeral): // which stands for the member at its place
		out = append(out, guessedOf(holds(gone...), x.Type, y.Type))
	case len(gone) > 0:
		out = append(out, goes(gone, holds(gone...)))
	}
	if len(respelled) > 0 {
		out = append(out, respelling(respelled, holds(respelled...)))
	}
	var kept, refused []string
	for _, v := range untold {
		member := collated(v, y) + " IN (" + strings.Join(y.Type.args, ", ") + ")"
		kept, refused = append(kept, "("+holds(v)+" AND "+member+")"), append(refused, "("+holds(v)+" AND NOT "+member+")")
	}
	if len(untold) > 0 {
		out = append(out, goes(untold, strings.Join(refused, " OR ")), respelling(untold, strings.Join(kept, " OR ")))
	}
	return out
}

// numeral says whether a member is written in digits alone, or is empty.
func numeral(member string) bool {
	return strings.Trim(sqltext.Unquote(member, false), "0123456789") == ""
}

// foldsCase says whether the column takes a and A for the same text.
func (col *Column) foldsCase() bool {
	return col.Collation != "binary" && !caseSensitive.MatchString(col.Collation)
}

// caseSensitive is the end of the name of such a collation; `_cs_` elsewhere is Czech.
var caseSensitive = regexp.MustCompile(`_(bin|nopad_bin|cs|cs_ks)$`)

func respelling(members []string, condition string) Narrowing {
	return changed("the spelling of "+strings.Join(members, ", "), condition, "another spelling than that of the new values", "values take the spelling of the new ones")
}

func goes(members []string, condition string) Narrowing {
	list := strings.Join(members, ", ")
	return Narrowing{
		Lost: "the values " + list, Reason: "a strict server refuses rows that hold a value that goes",
		Condition: condition, Found: "a value that goes (" + list + ")", Refused: true,
	}
}

// collated returns a text as the column compares it.
func collated(value string, col *Column) string {
	set := CharsetOf(col.Collation)
	if set == "" {
		return value
	}
	value = "CONVERT(" + value + " USING " + set + ")"
	if c := resolved(col.Collation); c != "" {
		value += " COLLATE " + c
	}
	return value
}

// noMember returns a condition for values of an expression that an ENUM or SET column
// does not take. A whole number stands for the member at its place, or for the members
// of its bits. It is empty when the collation decides about other characters than ASCII,
// and when a member is a number itself.
func noMember(value string, col *Column) string {
	var patterns []string
	for _, a := range col.Type.args {
		if !isASCII(a) || numeral(a) {
			return ""
		}
		patterns = append(patterns, pattern(sqltext.Unquote(a, false)))
	}
	text, n := "CAST("+value+" AS CHAR)", len(col.Type.args)
	numbers, named := fmt.Sprintf("NOT BETWEEN 1 AND %d", n), "("+strings.Join(patterns, "|")+")"
	if col.Type.family() == familySet {
		numbers = fmt.Sprintf(">= %d", uint64(1)<<min(n, 63))
		named = "(" + named + "(," + named + ")*)?"
	}
	return fmt.Sprintf("(%s REGEXP '^[ -~]*$' AND IF(%s REGEXP '^ *[+]?[0-9]+$', CAST(%s AS UNSIGNED) %s, %s NOT REGEXP '^%s *$'))",
		text, text, text, numbers, collated(text, col), named)
}

// pattern returns a regular expression for a text, within a constant of SQL.
func pattern(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\'':
			b.WriteString("''")
		case strings.ContainsRune(`\.+*?()|[]{}^$`, r):
			b.WriteString(`\\` + string(r))
			if r == '\\' {
				b.WriteRune(r)
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
