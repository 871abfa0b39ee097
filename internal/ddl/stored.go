package ddl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Stored returns SQL for what the column makes of a value when it takes it; empty
// when no expression says so.
func (col *Column) Stored(value string) string {
	d := col.Type
	switch d.family() {
	case familyInt:
		return "ROUND(" + value + ")"
	case familyDecimal:
		before, behind := d.digits()
		return fmt.Sprintf("CAST(%s AS DECIMAL(%d,%d))", value, before+behind, behind)
	case familyFloat:
		if len(d.args) == 0 {
			return "CAST(" + value + " AS " + strings.ToUpper(d.base) + ")"
		}
	case familyText, familyEnum, familySet:
		if resolved(col.Collation) != "" && d.base != "char" {
			return "CONVERT(" + value + " USING " + CharsetOf(col.Collation) + ") COLLATE " + col.Collation
		}
	case familyBinary:
		if d.base == "binary" {
			return fmt.Sprintf("CAST(%s AS BINARY(%d))", value, d.length())
		}
		return "CAST(" + value + " AS BINARY)"
	case familyTemporal:
		base := strings.ToUpper(strings.Replace(d.base, "timestamp", "datetime", 1))
		if n := d.fraction(); n > 0 {
			base += fmt.Sprintf("(%d)", n)
		}
		return "CAST(" + value + " AS " + base + ")"
	}
	return ""
}

// Becomes returns SQL for what becomes of the values of a column when it gets the
// definition of y; its name when they stay what they are, and nothing when no
// expression says so.
func (col *Column) Becomes(y *Column) string {
	name := sqltext.Quote(col.Name)
	from, to := col.Type.family(), y.Type.family()
	switch {
	case col.Type.Equal(y.Type) && col.Collation == y.Collation:
		return name
	case from == familyEnum && to == familyEnum && col.Collation == y.Collation && begins(y.Type.args, col.Type.args):
		return name // members behind the others leave each its place, which is what stands beside a number
	case isNumber(from) && isNumber(to) && y.Type.base != "year", from == familyText && to == familyText, from == familyEnum && (to == familyText || to == familyEnum),
		from == familyBinary && to == familyBinary, isNumber(from) && to == familyText && from != familyFloat:
		return y.Stored(name)
	case from == familyTemporal && to == familyTemporal && (col.Type.base == "time") == (y.Type.base == "time"):
		return y.Stored(name)
	}
	return ""
}

// begins says whether a list begins with all of another one.
func begins(list, with []string) bool {
	return len(list) >= len(with) && slices.Equal(list[:len(with)], with)
}

// Misfit returns a condition for the values of an expression that the column, which
// computes them, does not take on a strict server, and what is wrong with them;
// empty when all fit or no condition can tell.
func (col *Column) Misfit(value string) (condition, wrong string) {
	d := col.Type
	value = "(" + value + ")"
	switch d.family() {
	case familyInt, familyDecimal, familyFloat, familyBit:
		condition, wrong = misfitNumber(d, value)
	case familyText:
		limit, length, unit := d.length(), "CHAR_LENGTH", "characters"
		if n := capacities[d.base]; n > 0 {
			limit, length, unit = n, "LENGTH", "bytes"
		}
		condition, wrong = fmt.Sprintf("%s(TRIM(TRAILING ' ' FROM %s)) > %d", length, value, limit), fmt.Sprintf("longer than %d %s", limit, unit)
	case familyBinary:
		limit := d.length()
		if n := capacities[d.base]; n > 0 {
			limit = n
		}
		condition, wrong = fmt.Sprintf("LENGTH(%s) > %d", value, limit), fmt.Sprintf("longer than %d bytes", limit)
	case familyTemporal:
		condition, wrong = fmt.Sprintf("(%s IS NOT NULL AND %s IS NULL)", value, col.Stored(value)), "no "+d.Text
	case familyEnum, familySet:
		condition, wrong = noMember(value, col), "no "+d.Text
	case familyJSON:
		condition, wrong = "NOT JSON_VALID("+value+")", "no document"
	case familySpatial:
		if d.base != "geometry" {
			n := shapes(value, d)[0]
			condition, wrong = n.Condition, n.Found
		}
	}
	if col.NotNull {
		null := value + " IS NULL"
		if condition == "" {
			return null, "NULL"
		}
		return "(" + condition + " OR " + null + ")", wrong + ", or NULL"
	}
	return condition, wrong
}

// misfitNumber returns a condition for the values of an expression that a type of
// numbers does not take, and what is wrong with them.
func misfitNumber(d dataType, value string) (condition, wrong string) {
	_, behind := d.digits()
	switch {
	case d.base == "year":
		n := years("ROUND(" + value + ")")[0]
		return n.Condition, n.Found
	case d.family() == familyInt:
		low, high := d.limits()
		return fmt.Sprintf("ROUND(%s) NOT BETWEEN %s AND %s", value, low, high), fmt.Sprintf("outside %s to %s", low, high)
	case d.family() == familyBit && d.length() < 64: // it takes the value of a number, and the bytes of a text, as which bit literals count
		limit := strconv.FormatUint(1<<d.length()-1, 10)
		return fmt.Sprintf("IF(COERCIBILITY(%s) = COERCIBILITY(0), ROUND(%s) NOT BETWEEN 0 AND %s, FALSE)", value, value, limit), "outside 0 to " + limit
	case d.family() == familyDecimal:
		before, _ := d.digits()
		n := beyond(fmt.Sprintf("ROUND(%s, %d)", value, behind), before, d.Text)
		condition, wrong = n.Condition, n.Found
	case d.base == "float" && len(d.args) == 0: // of digits not every server knows when it copies
		condition, wrong = "ABS("+value+") > 3.402823466e38", "outside "+d.Text
	}
	if d.unsigned {
		if condition != "" {
			condition += " OR "
		}
		return "(" + condition + value + " < 0)", "outside " + d.Text
	}
	return condition, wrong
}

// Expression returns the text of what computes a generated column, or of a default
// that is one, as the server prints it.
func (col *Column) Expression() string {
	for _, a := range col.Attributes {
		toks := sqltext.Tokens(a.Text, sqltext.Mode{})
		at := &sqltext.Cursor{Source: a.Text, Tokens: toks}
		switch {
		case col.Generated != "" && (at.Accept("generated", "always", "as") || at.Accept("as")):
			return sqltext.Join(at.Group())
		case col.Generated == "" && at.Accept("default"):
			return sqltext.Join(toks[at.Index:])
		}
	}
	return ""
}

// HoldsDates says whether values of the column have a month and a day.
func (col *Column) HoldsDates() bool {
	return col.Type.family() == familyTemporal && col.Type.base != "time"
}

// ZeroDates returns the condition for dates without a month or a day.
func (col *Column) ZeroDates() string {
	return zeroDates(sqltext.Quote(col.Name))
}

// LargestNumber returns the largest value of an integer column, as text.
func (col *Column) LargestNumber() string {
	if col.Type.family() != familyInt {
		return ""
	}
	_, high := col.Type.limits()
	return high.String()
}
