// Package value is how the values of columns are written as literals of SQL that
// are stored as the very same values, and how rows of literals are summed up. It
// knows one column and one row: neither a copy nor a database as a whole.
//
// The checksum of a table is the sum, modulo 2^128, of the first 128 bits of the
// SHA-256 of the literals of each row, in the form `(1,'a',NULL)`. It does not
// depend on the order of the rows, is computed from what is written while
// dumping, and is computed again from what a restored table holds.
package value

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A Kind says how a value is read and written.
type Kind int

// The kinds of values.
const (
	Plain   Kind = iota // a number: what the server prints is a literal
	Date                // DATE, DATETIME, TIMESTAMP: cast to text, or the driver would make a time of it
	Float               // widened to DOUBLE, which is printed so that it reads back the same
	Quoted              // ASCII text between quotes: TIME, UUID, INET6
	Text                // text in Unicode
	ASCII               // text in a character set whose first half is ASCII
	Foreign             // text in any other character set
	Binary              // bytes
	JSON                // a document of MySQL
)

// A Column is a column of a table with what must be known to copy its values
// exactly. On a session that [PrepareRead] prepared, Select is what to select,
// and AppendLiteral turns what comes back into a literal of SQL that a session
// prepared by [PrepareWrite] stores as the very same value.
//
// Read the values into sql.RawBytes: nil is NULL.
type Column struct {
	Name string
	// Type is the type in full (`int unsigned`, `enum('a','b')`), DataType the
	// bare one in lower case (`int`, `enum`), as the information schema has them.
	Type     string
	DataType string
	// CharacterSet is empty for what is no text.
	CharacterSet string
	Collation    string
	Nullable     bool
	// Generated says that the server computes the value, so that it can be
	// neither inserted nor updated: generated columns, and the period columns
	// of MariaDB's system-versioned tables.
	Generated bool

	// Kind follows from type, character set and product.
	Kind Kind
	// zeroEnum says that an empty text is the value of an ENUM that is no
	// member, which the server stores for a wrong value when it is not strict.
	zeroEnum bool
}

// hexLimit is the size from which on bytes are written as an escaped string and
// no longer in hexadecimal digits, which need twice the room: a row must fit
// into one packet of the server again.
const hexLimit = 512 << 10

// ReadSettings are the session settings under which [Column.Select] gives exact
// values: text comes in the bytes of its own character set, TIMESTAMP in UTC.
const ReadSettings = "SET character_set_results = NULL, time_zone = '+00:00', sql_mode = ''"

// WriteSettings are the session settings under which the literals of
// [Column.AppendLiteral] are stored as they were: zero dates and days that do
// not exist are taken, and a 0 in an AUTO_INCREMENT column stays 0. The mode is
// strict: a value that does not fit is an error.
const WriteSettings = "SET character_set_client = utf8mb4, collation_connection = utf8mb4_unicode_ci, time_zone = '+00:00'" +
	", sql_mode = '" + WriteMode + "'"

// WriteMode is the sql_mode of WriteSettings.
const WriteMode = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION"

// LaxSettings and StrictSettings stand around a row that a strict server
// refuses, see [Column.IsZeroEnum].
var (
	LaxSettings    = "SET sql_mode = '" + strings.Replace(WriteMode, ",STRICT_ALL_TABLES", "", 1) + "'"
	StrictSettings = "SET sql_mode = '" + WriteMode + "'"
)

// PrepareRead sets a session up for reading exact values. The session must be
// discarded afterwards, not closed.
func PrepareRead(ctx context.Context, x *mysql.Session) error {
	if _, err := x.Exec(ctx, ReadSettings); err != nil {
		return fmt.Errorf("prepare a session for reading: %w", err)
	}
	return nil
}

// PrepareWrite sets a session up for writing exact values. Foreign key checks
// are left as they are. The session must be discarded afterwards, not closed.
func PrepareWrite(ctx context.Context, x *mysql.Session) error {
	if _, err := x.Exec(ctx, WriteSettings); err != nil {
		return fmt.Errorf("prepare a session for writing: %w", err)
	}
	return nil
}

// Select returns the expression to select, to be read as sql.RawBytes.
func (c *Column) Select() string {
	name := mysql.Quote(c.Name)
	switch c.Kind {
	case Date:
		return "CAST(" + name + " AS CHAR)"
	case Float:
		// FLOAT is printed with six digits, and DOUBLE(10,2) with two.
		return "(" + name + " * 1e0)"
	}
	return name
}

// SelectList returns the expressions of several columns, separated by commas.
func SelectList(columns []Column) string {
	var b strings.Builder
	for i := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(columns[i].Select())
	}
	return b.String()
}

// Names returns the names of columns.
func Names(columns []Column) []string {
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = columns[i].Name
	}
	return names
}

// Stored returns the columns that can be written: those that the server does
// not compute.
func Stored(columns []Column) []Column {
	stored := make([]Column, 0, len(columns))
	for _, c := range columns {
		if !c.Generated {
			stored = append(stored, c)
		}
	}
	return stored
}

// AppendLiteral appends the literal of a value that Select gave; nil is NULL.
func (c *Column) AppendLiteral(dst, value []byte) []byte {
	if value == nil {
		return append(dst, "NULL"...)
	}
	switch c.Kind {
	case Plain:
		return append(dst, value...)
	case Float:
		// Between quotes, because -0 is the integer 0 otherwise.
		dst = append(dst, '\'')
		dst = append(dst, value...)
		return append(dst, '\'')
	case Binary:
		return AppendBytes(dst, value, "_binary ")
	case ASCII:
		if IsASCII(value) {
			return AppendQuoted(dst, value)
		}
		return AppendBytes(dst, value, c.introducer())
	case Foreign:
		if len(value) == 0 {
			return append(dst, "''"...)
		}
		return AppendBytes(dst, value, c.introducer())
	case JSON:
		return appendJSON(dst, value)
	}
	return AppendQuoted(dst, value)
}

func (c *Column) introducer() string { return "_" + c.CharacterSet + " " }

// AppendRow appends the literals of a row: `(1,'a',NULL)`. There are as many
// values as columns.
func AppendRow[T ~[]byte](dst []byte, columns []Column, values []T) []byte {
	dst = append(dst, '(')
	for i := range columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = columns[i].AppendLiteral(dst, values[i])
	}
	return append(dst, ')')
}

// IsNumberOrDate says that the values are numbers, or dates: what tells a row apart
// without telling what somebody wrote.
func (c *Column) IsNumberOrDate() bool { return c.Kind == Plain || c.Kind == Float || c.Kind == Date }

// IsZeroEnum says that a value can only be stored when the mode is not strict.
func (c *Column) IsZeroEnum(value []byte) bool {
	return c.zeroEnum && value != nil && len(value) == 0
}

// hasEmptyMember says whether the empty text is a member of an ENUM.
func hasEmptyMember(columnType string) bool {
	list := strings.TrimSuffix(strings.TrimPrefix(columnType, "enum("), ")")
	for i := 0; i < len(list); i++ { // at the opening quote of a member
		start := i + 1
		for i = start; i < len(list); i++ {
			if list[i] == '\'' {
				if i+1 < len(list) && list[i+1] == '\'' {
					i++
					continue
				}
				break
			}
		}
		if i == start {
			return true
		}
		i++ // the comma
	}
	return false
}

// AppendBytes writes bytes of which the introducer says what they are. The
// escaped form is right for every character set, because the server looks for
// the end of a string by the character set of the client.
func AppendBytes(dst, value []byte, introducer string) []byte {
	if len(value) == 0 {
		return append(dst, "''"...)
	}
	if introducer != "_binary " || len(value) >= hexLimit {
		dst = append(dst, introducer...)
	}
	if len(value) >= hexLimit {
		return AppendQuoted(dst, value)
	}
	dst = append(dst, "x'"...)
	dst = hex.AppendEncode(dst, value)
	return append(dst, '\'')
}

// escapes are the bytes that do not stand for themselves between quotes: the
// quote and the backslash for the server, the others for the clients, which
// read a script line by line.
var escapes = func() (table [256]byte) {
	table[0], table['\n'], table['\r'], table['\\'], table['\''], table['\x1a'] = '0', 'n', 'r', '\\', '\'', 'Z'
	return table
}()

// AppendQuoted writes a string between single quotes.
func AppendQuoted(dst, value []byte) []byte {
	dst = append(dst, '\'')
	dst = appendEscaped(dst, value)
	return append(dst, '\'')
}

func appendEscaped(dst, value []byte) []byte {
	from := 0
	for i, c := range value {
		if e := escapes[c]; e != 0 {
			dst = append(dst, value[from:i]...)
			dst = append(dst, '\\', e)
			from = i + 1
		}
	}
	return append(dst, value[from:]...)
}

// IsASCII says whether every byte is a character of ASCII.
func IsASCII(value []byte) bool {
	for _, c := range value {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// kindOf says how the values of a column are copied.
func kindOf(product mysql.Product, dataType, characterSet string) Kind {
	switch dataType {
	case "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year":
		// The year 0000 is the number 0; the string '0' is the year 2000.
		return Plain
	case "float", "double":
		return Float
	case "date", "datetime", "timestamp":
		return Date
	case "time", "uuid", "inet4", "inet6":
		return Quoted
	case "json":
		if product == mysql.MySQL {
			return JSON
		}
		return Text
	}
	switch characterSet {
	case "", "binary":
		return Binary // BINARY, BLOB, BIT, VECTOR, geometries in the server's own form with their SRID
	case "utf8mb4", "utf8mb3", "utf8", "ascii":
		return Text
	}
	if asciiFirst[characterSet] {
		return ASCII
	}
	return Foreign
}

// asciiFirst are the character sets in which a byte below 0x80 is always that
// character of ASCII.
var asciiFirst = map[string]bool{
	"latin1": true, "latin2": true, "latin5": true, "latin7": true, "cp1250": true, "cp1251": true, "cp1256": true,
	"cp1257": true, "cp850": true, "cp852": true, "cp866": true, "koi8r": true, "koi8u": true, "greek": true, "hebrew": true,
	"macce": true, "macroman": true, "keybcs2": true, "geostd8": true, "armscii8": true, "dec8": true, "hp8": true,
}
