package replay

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
)

// fits compares a table with how the log describes it: the log names no
// columns, so their number, order and types must be the same. It returns what
// is different, or an empty text.
func (t *replayTable) fits(of *binlog.Table) string {
	if t.kind == "SYSTEM VERSIONED" {
		return "tables that keep old versions of their rows are not supported"
	}
	if len(t.columns) != len(of.Columns) {
		return fmt.Sprintf("they have %d columns, and the table has %d", len(of.Columns), len(t.columns))
	}
	for i, c := range of.Columns {
		if !storedAs(&t.columns[i], c) {
			return fmt.Sprintf("the column `%s` has another type", t.columns[i].Name)
		}
		if c.Name != "" && c.Name != t.columns[i].Name {
			return fmt.Sprintf("they have the column `%s` where the table has `%s`", c.Name, t.columns[i].Name)
		}
	}
	return ""
}

// storedTypes are the types in the log of each type of SQL.
var storedTypes = map[string]binlog.Type{
	"tinyint": binlog.Integer, "smallint": binlog.Integer, "mediumint": binlog.Integer, "int": binlog.Integer, "bigint": binlog.Integer,
	"year": binlog.Year, "float": binlog.Float, "double": binlog.Double, "decimal": binlog.Decimal,
	"date": binlog.Date, "time": binlog.Time, "datetime": binlog.DateTime, "timestamp": binlog.Timestamp,
	"char": binlog.String, "varchar": binlog.String, "binary": binlog.String, "varbinary": binlog.String,
	"uuid": binlog.String, "inet4": binlog.String, "inet6": binlog.String,
	"tinytext": binlog.Blob, "text": binlog.Blob, "mediumtext": binlog.Blob, "longtext": binlog.Blob,
	"tinyblob": binlog.Blob, "blob": binlog.Blob, "mediumblob": binlog.Blob, "longblob": binlog.Blob,
	"enum": binlog.Enum, "set": binlog.Set, "bit": binlog.Bit, "json": binlog.JSON,
	"geometry": binlog.Geometry, "point": binlog.Geometry, "linestring": binlog.Geometry, "polygon": binlog.Geometry,
	"multipoint": binlog.Geometry, "multilinestring": binlog.Geometry, "multipolygon": binlog.Geometry,
	"geometrycollection": binlog.Geometry, "geomcollection": binlog.Geometry,
}

// integerWidths are the sizes of the integers.
var integerWidths = map[string]int{"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "bigint": 8}

// storedAs says whether values of the column stand in the log as it says.
func storedAs(c *value.Column, in binlog.Column) bool {
	if width, ok := integerWidths[c.DataType]; ok {
		return in.Type == binlog.Integer && in.Width == width
	}
	want, ok := storedTypes[c.DataType]
	switch {
	case !ok: // MariaDB stores a VECTOR as a string
		return c.DataType == "vector" && (in.Type == binlog.Vector || in.Type == binlog.String)
	case want == binlog.Geometry:
		return in.Type == binlog.Geometry || in.Type == binlog.Blob
	}
	return in.Type == want
}

// appendValue writes a value of the log as a literal for its column.
func (t *replayTable) appendValue(b []byte, of *binlog.Table, i int, v binlog.Value) ([]byte, error) {
	c := &t.columns[i]
	if doc, ok := v.(*binlog.Document); ok {
		return appendDocument(b, doc)
	}
	if s, ok := v.([]byte); ok && c.Kind == value.Quoted {
		return appendAddress(b, c, s)
	}
	switch of.Columns[i].Type {
	case binlog.Enum, binlog.Set, binlog.Bit: // the number is the value, whatever its name is
		if v != nil {
			return appendNumber(b, c, of.Columns[i], v)
		}
	}
	text, err := printed(c, of.Columns[i], v)
	if err != nil {
		return nil, err
	}
	return c.AppendLiteral(b, text), nil
}

func appendNumber(b []byte, c *value.Column, in binlog.Column, v binlog.Value) ([]byte, error) {
	text, err := printed(c, in, v)
	return append(b, text...), err
}

// printed returns a value as the server prints it, nil for NULL.
func printed(c *value.Column, in binlog.Column, v binlog.Value) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []byte:
		if v == nil {
			v = []byte{}
		}
		return v, nil
	case string:
		return []byte(v), nil
	case int64:
		if in.Type == binlog.Integer && strings.Contains(c.Type, "unsigned") {
			return strconv.AppendUint(nil, in.Unsigned(v), 10), nil
		}
		return strconv.AppendInt(nil, v, 10), nil
	case uint64:
		return strconv.AppendUint(nil, v, 10), nil
	case float32: // all digits of the double that it is the same as
		return strconv.AppendFloat(nil, float64(v), 'g', -1, 64), nil
	case float64:
		return strconv.AppendFloat(nil, v, 'g', -1, 64), nil
	case binlog.Missing:
		return nil, fmt.Errorf("the log has no value for the column `%s` (`binlog_row_image` was not FULL)", c.Name)
	}
	return nil, fmt.Errorf("the log has a value of an unknown kind for the column `%s`", c.Name)
}

// appendAddress writes MariaDB's types that stand in the log in bytes and are
// written as text.
func appendAddress(b []byte, c *value.Column, stored []byte) ([]byte, error) {
	var text string
	switch {
	case c.DataType == "inet4" && len(stored) <= 4:
		text = netip.AddrFrom4([4]byte(padded(stored, 4))).String()
	case c.DataType == "inet6" && len(stored) <= 16:
		text = netip.AddrFrom16([16]byte(padded(stored, 16))).String()
	case c.DataType == "uuid" && len(stored) <= 16:
		text = uuidText(padded(stored, 16))
	default:
		return nil, fmt.Errorf("the log has a value of an unknown kind for the column `%s`", c.Name)
	}
	return value.AppendQuoted(b, []byte(text)), nil
}

// padded gives bytes back their zeros at the end, which the log leaves out.
func padded(b []byte, n int) []byte {
	out := make([]byte, max(n, len(b)))
	copy(out, b)
	return out
}

func uuidText(b []byte) string {
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// match writes the condition that a row meets: by its key, or by all its values.
func (t *replayTable) match(of *binlog.Table, row []binlog.Value) (string, error) {
	var parts []string
	if len(t.key) > 0 {
		for _, i := range t.key {
			literal, err := t.appendValue(nil, of, i, t.whole(of, i, row[i]))
			if err != nil {
				return "", err
			}
			parts = append(parts, mysql.Quote(t.columns[i].Name)+" = "+string(literal))
		}
		return strings.Join(parts, " AND "), nil
	}
	for i := range t.columns {
		if t.columns[i].Generated {
			continue
		}
		literal, err := t.appendValue(nil, of, i, t.whole(of, i, row[i]))
		if err != nil {
			return "", err
		}
		parts = append(parts, t.equal(of.Columns[i].Type, i, string(literal), row[i]))
	}
	return strings.Join(parts, " AND "), nil
}

// whole gives a BINARY its zeros, which count when it is compared.
func (t *replayTable) whole(of *binlog.Table, i int, v binlog.Value) binlog.Value {
	if s, ok := v.([]byte); ok && t.columns[i].DataType == "binary" {
		return padded(s, of.Columns[i].Width)
	}
	return v
}

// equal compares a column exactly, NULL with NULL too.
func (t *replayTable) equal(in binlog.Type, i int, literal string, v binlog.Value) string {
	name := mysql.Quote(t.columns[i].Name)
	if v == nil {
		return name + " IS NULL"
	}
	switch in {
	case binlog.Enum, binlog.Set, binlog.Year, binlog.Bit:
		return name + "+0 = " + literal
	case binlog.JSON:
		return "CAST(" + name + " AS CHAR) = CAST(CAST(" + literal + " AS JSON) AS CHAR)"
	case binlog.Geometry, binlog.Vector:
		return "HEX(" + name + ") = HEX(" + literal + ")"
	case binlog.String, binlog.Blob:
		return t.equalBytes(i, literal, v)
	}
	return name + " = " + literal
}

// equalBytes compares a column that the log stores in bytes.
func (t *replayTable) equalBytes(i int, literal string, v binlog.Value) string {
	c := &t.columns[i]
	name := mysql.Quote(c.Name)
	bytes, ok := v.([]byte)
	switch {
	case !ok || c.Kind == value.Quoted || c.DataType == "binary":
		return name + " = " + literal
	case c.DataType == "vector" || storedTypes[c.DataType] == binlog.Geometry:
		return "HEX(" + name + ") = HEX(" + literal + ")"
	}
	return "CAST(" + name + " AS BINARY) = " + string(value.AppendBytes(nil, bytes, "_binary "))
}
