package rowcopy

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// sameCharset says whether the text of two columns has the same bytes.
func sameCharset(x, y *value.Column) bool {
	return strings.TrimSuffix(x.CharacterSet, "mb3") == strings.TrimSuffix(y.CharacterSet, "mb3")
}

// pairColumns says how the values of one column get into another, whose type may
// be wider or of another product. Columns of the same type are selected as they
// are; otherwise both sides are brought into a form in which equal values have
// equal bytes.
func pairColumns(x, y *value.Column, from, into ddl.Server) copyColumn {
	c := copyColumn{name: y.Name, bare: x.Name, source: x.Select(), target: y.Select(), write: *x}
	document := from.Product != into.Product && (x.Kind == value.JSON || y.Kind == value.JSON)
	switch {
	case document && y.Kind == value.JSON:
		c.write.Kind, c.canon = value.Text, canonJSON
	case document:
		c.write.Kind = value.Text
	case y.CharacterSet != "" && !sameCharset(x, y):
		c.target = "CONVERT(" + mysql.Quote(y.Name) + " USING utf8mb4)"
		if x.CharacterSet != "" {
			c.source = "CONVERT(" + mysql.Quote(x.Name) + " USING utf8mb4)"
			c.write.Kind, c.write.CharacterSet = value.Text, "utf8mb4"
		}
	case x.Type != y.Type, from.Product != into.Product && x.Kind == value.Float:
		c.canon = canonFor(y.DataType)
	}
	return c
}

// canonFor returns what makes values of narrower types equal to those of a
// type, nil when they are already.
func canonFor(dataType string) func([]byte) []byte {
	switch dataType {
	case "tinyint", "smallint", "mediumint", "int", "bigint", "decimal":
		return canonNumber
	case "float", "double":
		return canonFloat
	case "datetime", "timestamp", "date", "time":
		return canonTime
	case "bit":
		return canonBits
	}
	return nil
}

// canonNumber takes zeros away that mean nothing: `1.50` and `1.5`.
func canonNumber(value []byte) []byte {
	if bytes.IndexByte(value, '.') < 0 {
		return value
	}
	return bytes.TrimSuffix(bytes.TrimRight(value, "0"), []byte("."))
}

// canonBits takes leading zeros away; an empty value would be no value.
func canonBits(value []byte) []byte {
	for len(value) > 1 && value[0] == 0 {
		value = value[1:]
	}
	return value
}

// canonFloat writes a number as the driver writes a double. MariaDB prints -0 as
// 0.
func canonFloat(value []byte) []byte {
	f, err := strconv.ParseFloat(string(value), 64)
	if err != nil {
		return value
	}
	if f == 0 {
		f = 0 // without a sign
	}
	return strconv.AppendFloat(nil, f, 'g', -1, 64)
}

// canonTime takes a fraction of zeros away, and a time of day of zeros.
func canonTime(value []byte) []byte {
	value = canonNumber(value)
	return bytes.TrimSuffix(value, []byte(" 00:00:00"))
}

// canonJSON writes a document in a form that is the same for the text that a
// person wrote and what MySQL makes of it: MySQL sorts the members of objects,
// keeps the last of those with the same name, and writes numbers in its own way.
func canonJSON(value []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return value
	}
	canon, err := json.Marshal(canonNumbers(document))
	if err != nil {
		return value
	}
	return canon
}

// canonNumbers writes the numbers of a document as the doubles or integers that
// MySQL takes them for.
func canonNumbers(document any) any {
	switch d := document.(type) {
	case map[string]any:
		for name, member := range d {
			d[name] = canonNumbers(member)
		}
	case []any:
		for i := range d {
			d[i] = canonNumbers(d[i])
		}
	case json.Number:
		if _, err := strconv.ParseInt(d.String(), 10, 64); err == nil {
			return d
		}
		if _, err := strconv.ParseUint(d.String(), 10, 64); err == nil {
			return d
		}
		if f, err := d.Float64(); err == nil {
			return f
		}
	}
	return document
}
