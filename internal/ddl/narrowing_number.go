package ddl

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// numbers compares numbers with numbers. A server rounds first and looks at the
// range then: 127.4 is a TINYINT, and 9.99 no DECIMAL(2,1).
func numbers(name string, x, y dataType, srv Server) []Narrowing {
	if y.family() == familyFloat {
		return floats(name, x, y)
	}
	var out []Narrowing
	value := name
	if _, behind := y.digits(); x.scale() > behind {
		out = append(out, roundedFrom(name, x, behind))
		value = fmt.Sprintf("ROUND(%s, %d)", name, behind)
	}
	switch {
	case y.base == "year" && x.base != "year":
		return slices.Concat(out, years(value), signs(name, x, srv))
	case y.family() == familyInt && y.unsigned:
		return slices.Concat(out, integers(value, x, y), signs(name, x, srv))
	case y.family() == familyInt:
		return append(out, integers(value, x, y)...)
	}
	before, behind := y.digits()
	if b, _ := x.digits(); x.family() == familyFloat || b > before || b == before && x.scale() > behind {
		out = append(out, beyond(value, before, y.Text))
	}
	return append(out, negative(name, x, y)...)
}

// roundedFrom is rounded; of a float it is guessed, since what is stored has more
// digits than what is shown.
func roundedFrom(name string, x dataType, scale int) Narrowing {
	n := rounded(name, scale)
	n.Guessed = x.family() == familyFloat
	return n
}

// floats compares numbers with FLOAT and DOUBLE, which may have digits: FLOAT(7,3).
func floats(name string, x, y dataType) []Narrowing {
	var out []Narrowing
	exact := map[string]int{"float": 6, "double": 15}[y.base] // decimal digits that are kept whatever they are
	value := name
	if len(y.args) > 1 {
		before, behind := y.digits()
		exact = min(exact, before+behind)
		if x.scale() > behind {
			out = append(out, roundedFrom(name, x, behind))
			value = fmt.Sprintf("ROUND(%s, %d)", name, behind)
		}
		if b, _ := x.digits(); x.family() == familyFloat || b > before || b == before && x.scale() > behind {
			n := beyond(value, before, y.Text)
			if x.base == y.base { // copied as it is: not every server looks at the digits
				n = guessedOf(n.Condition, x, y)
			}
			out = append(out, n)
		}
	} else if y.base == "float" && x.base == "double" {
		out = append(out, tooLarge("ABS("+name+")", " > 3.402823466e38", y.Text))
	}
	cast := "CAST(" + value + " AS " + strings.ToUpper(y.base) + ")"
	inexact := Narrowing{
		Guessed: x.family() == familyFloat,
		Lost:    "exact digits", Reason: "values are rounded to what " + y.Text + " can hold", Found: "more digits than " + y.Text + " holds",
	}
	before, behind := x.digits()
	switch {
	case x.family() == familyFloat && x.base == "float" && y.base == "double":
	case x.family() == familyFloat && x.base == y.base:
	case x.family() == familyFloat:
		inexact.Condition = "IF(ABS(" + value + ") > 3.402823466e38, FALSE, " + value + " <> " + cast + ")" // the cast would fail
		out = append(out, inexact)
	case before+behind > exact:
		inexact.Condition = fmt.Sprintf("CAST(%s AS DECIMAL(65,%d)) <> %s", cast, behind, value)
		out = append(out, inexact)
	}
	return append(out, negative(name, x, y)...)
}

func negative(name string, x, y dataType) []Narrowing {
	if !y.unsigned || x.unsigned || x.base == "year" {
		return nil
	}
	return []Narrowing{tooLarge(name, " < 0", "0 and more")}
}

// signs finds fractions below zero that MariaDB refuses where nothing is negative:
// it looks at the sign before it rounds.
func signs(name string, x dataType, srv Server) []Narrowing {
	if srv.Product != MariaDB || x.scale() == 0 || x.unsigned {
		return nil
	}
	return []Narrowing{tooLarge(name, " < 0", "0 and more")}
}

// beyond finds numbers with too many digits before the point. ABS would fail for
// the smallest BIGINT.
func beyond(value string, before int, limit string) Narrowing {
	most := "1" + strings.Repeat("0", before)
	n := tooLarge("", "", limit)
	n.Condition = fmt.Sprintf("(%s >= %s OR %s <= -%s)", value, most, value, most)
	return n
}

// fromBits compares BIT(n) with numbers and other bits.
func fromBits(name string, x, y dataType) []Narrowing {
	value := "(" + name + " + 0)"
	high := new(big.Int).Lsh(big.NewInt(1), uint(x.length()))
	high.Sub(high, big.NewInt(1))
	switch y.family() {
	case familyBit:
		if x.length() <= y.length() {
			return nil
		}
		limit := strconv.FormatUint(1<<y.length()-1, 10)
		return []Narrowing{tooLarge(value, " > "+limit, "0 to "+limit)}
	case familyInt:
		if y.base == "year" {
			return years(value)
		}
		if _, most := y.limits(); high.Cmp(most) > 0 {
			return []Narrowing{tooLarge(value, " > "+most.String(), "0 to "+most.String())}
		}
		return nil
	case familyDecimal:
		if before, _ := y.digits(); len(high.String()) > before {
			return []Narrowing{beyond(value, before, y.Text)}
		}
		return nil
	}
	return []Narrowing{guessed(name, x, y)}
}

// asBits compares numbers with BIT(n).
func asBits(name string, x, y dataType, srv Server) []Narrowing {
	value, out := name, signs(name, x, srv)
	switch {
	case x.family() == familyFloat:
		return []Narrowing{guessed(name, x, y)}
	case x.base == "year": // which is compared by two digits
		value = "(" + name + " + 0)"
	case x.scale() > 0:
		out = append(out, rounded(name, 0))
		value = "ROUND(" + name + ")"
	}
	n := y.length()
	if n >= 64 {
		if !x.unsigned {
			out = append(out, guessedOf(value+" < 0", x, y))
		}
		return out
	}
	limit := strconv.FormatUint(1<<n-1, 10)
	return append(out, tooLarge(value, " NOT BETWEEN 0 AND "+limit, "0 to "+limit))
}
