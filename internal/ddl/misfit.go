package ddl

import (
	"fmt"
	"strings"
)

// Misfit is a class of values of a column that another column does not take as
// they are.
type Misfit struct {
	// Lost says which values: "values longer than 10 characters".
	Lost string
	// Reason says what would happen to them.
	Reason string
	// Probe is a condition over the first column that finds them. It is empty
	// when every value is concerned, or when no condition can tell.
	Probe string
}

// Misfits compares a column with one of another table, maybe on another server,
// that is to take its values by INSERT. There is none when the types are equal,
// or when the second one is wider in a way that keeps every value. JSON counts
// as text where it comes from a server that keeps it as text, and the other way
// round. NULL is no value here. The error says that a type is not understood.
func Misfits(from, into ColumnInfo, fromServer, intoServer Server) ([]Misfit, error) {
	x, err := from.read()
	if err != nil {
		return nil, fmt.Errorf("column `%s`: %w", from.Name, err)
	}
	y, err := into.read()
	if err != nil {
		return nil, fmt.Errorf("column `%s`: %w", into.Name, err)
	}
	name := quoteName(x.name)
	var found []narrowing
	switch {
	case from.keepsJSON() && into.keepsJSON(), x.typ.base == "json" && y.typ.base == "longtext" && charsetOf(y.collation) == "utf8mb4":
	case x.typ.base == "bit" && y.typ.base == "bit" && x.typ.length() <= y.typ.length():
	case x.typ.base == "timestamp" && y.typ.base == "timestamp" && lastTimestamp(fromServer) > lastTimestamp(intoServer):
		found = append(temporals(name, x.typ, y.typ, intoServer), tooLarge(name, " > '"+lastTimestamp(intoServer)+"'", lastTimestamp(intoServer)+" UTC and before"))
	default:
		found = narrowings(x, y, intoServer)
	}
	out := make([]Misfit, 0, len(found)+1)
	for _, n := range found {
		m := Misfit{Lost: n.lost, Reason: n.reason, Probe: n.cond}
		if n.cond == name+" IS NOT NULL" { // a change of the kind of values
			m.Probe = ""
		}
		out = append(out, m)
	}
	if y.srid != "" && x.srid != y.srid {
		out = append(out, Misfit{
			Lost: "values in another reference system than " + y.srid, Reason: "the server refuses them",
			Probe: "ST_SRID(" + name + ") <> " + y.srid,
		})
	}
	return out, nil
}

// read reads the definition again.
func (c ColumnInfo) read() (*tableColumn, error) {
	col, err := readColumn(newCursor(quoteName(c.Name) + " " + c.Definition))
	if err != nil {
		return nil, err
	}
	col.collation = c.Collation
	if col.collation == "" && c.CharacterSet != "" {
		col.collation = c.CharacterSet + " default"
	}
	return &col, nil
}

// keepsJSON says whether every value of the column is a JSON document: the type
// of MySQL, or text with the check that MariaDB makes of that type.
func (c ColumnInfo) keepsJSON() bool {
	base, _, _ := strings.Cut(strings.ToLower(c.Type), "(")
	return base == "json" || base == "longtext" && strings.EqualFold(c.Check, "json_valid("+quoteName(c.Name)+")")
}
