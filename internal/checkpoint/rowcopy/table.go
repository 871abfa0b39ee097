package rowcopy

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// A copyTable is a table of a plan.
type copyTable struct {
	name    string
	where   string // "" for every row
	mode    Conflict
	columns []copyColumn
	// key is the primary key when both sides have the same one and rows can be
	// read in its order; else the table is copied as a whole.
	key        []copyKey
	references []ddl.ForeignKeyInfo // of the target
	// steady says that the snapshot of the source covers the table.
	steady bool
	probes []copyProbe
	digest string
}

// A copyColumn is a column of the source with the one that takes its values.
type copyColumn struct {
	name string // in the target
	// source and target are what to select on either side. Both give the same
	// bytes for the same value, once canon has been at them.
	source, target string
	canon          func([]byte) []byte // nil: as they are
	// write turns what the source gives into a literal.
	write value.Column
	// bare is the column's name in the source.
	bare string
}

// A copyKey is a column of the primary key.
type copyKey struct {
	column int // in copyTable.columns
	// number says that the column is compared as a number: an ENUM is ordered by
	// the positions of its members and not by their names.
	number bool
	// members are those of an ENUM, as literals.
	members []string
}

// A copyProbe looks for values that the target does not take.
type copyProbe struct {
	condition string
	finding   Finding
}

// condition returns the condition on the rows, in a form that AND can follow.
func (t *copyTable) condition() string {
	if t.where == "" {
		return "TRUE"
	}
	return "(" + t.where + ")"
}

// names returns the quoted names of the columns in the target.
func (t *copyTable) names() string {
	names := make([]string, len(t.columns))
	for i := range t.columns {
		names[i] = t.columns[i].name
	}
	return mysql.QuoteAll(names)
}

// sourceList returns what to select in the source: the columns, then the key.
func (t *copyTable) sourceList() string {
	list := make([]string, len(t.columns))
	for i := range t.columns {
		list[i] = t.columns[i].source
	}
	return strings.Join(list, ", ") + t.keyList(", ")
}

// targetList returns what to select in the target: the columns.
func (t *copyTable) targetList() string {
	list := make([]string, len(t.columns))
	for i := range t.columns {
		list[i] = t.columns[i].target
	}
	return strings.Join(list, ", ")
}

// keyList returns the columns of the key as cursors need them, each after a
// prefix.
func (t *copyTable) keyList(prefix string) string {
	var b strings.Builder
	for _, k := range t.key {
		c := &t.columns[k.column]
		b.WriteString(prefix)
		if k.number {
			b.WriteString("(" + mysql.Quote(c.bare) + " + 0)")
			continue
		}
		b.WriteString(c.source)
	}
	return b.String()
}

// inKey says whether a column of the target is part of the key.
func (t *copyTable) inKey(name string) bool {
	for _, k := range t.key {
		if strings.EqualFold(t.columns[k.column].name, name) {
			return true
		}
	}
	return false
}

// after returns the condition for the rows behind a key. In this form all
// servers read it as ranges of the primary key: a comparison of rows reads the
// whole index, and `a >= 1 AND (…)` everything from the first column on.
func (t *copyTable) after(key [][]byte) string {
	if len(key) == 0 {
		return "TRUE"
	}
	var ranges []string
	same := ""
	for i := range key {
		equal, greater := t.compare(i, key[i])
		ranges = append(ranges, same+greater)
		same += equal + " AND "
	}
	return "(" + strings.Join(ranges, " OR ") + ")"
}

// compare returns the conditions for the same value of a column of the key, and
// for those behind it. No server looks a number up in an index of an ENUM.
func (t *copyTable) compare(i int, value []byte) (equal, greater string) {
	k := t.key[i]
	c := &t.columns[k.column]
	name := mysql.Quote(c.bare)
	if !k.number {
		literal := string(c.write.AppendLiteral(nil, value))
		return name + " = " + literal, name + " > " + literal
	}
	equal, greater = name+" = "+string(value), name+" > "+string(value)
	n, err := strconv.Atoi(string(value))
	if err != nil || k.members == nil || n < 0 || n > len(k.members) {
		return equal, greater
	}
	if n > 0 {
		equal = name + " = " + k.members[n-1]
	}
	if n == len(k.members) {
		return equal, "FALSE"
	}
	return equal, name + " IN (" + strings.Join(k.members[n:], ", ") + ")"
}

// enumMembers returns the members of an ENUM as literals, as its type has them.
func enumMembers(columnType string) []string {
	list, ok := strings.CutPrefix(columnType, "enum(")
	if !ok {
		return nil
	}
	var members []string
	for _, t := range sqltext.Tokens(strings.TrimSuffix(list, ")"), sqltext.Mode{}) {
		if t.Kind == sqltext.String {
			members = append(members, t.Text)
		}
	}
	return members
}

// order returns the ORDER BY for the source.
func (t *copyTable) order() string {
	names := make([]string, len(t.key))
	for i, k := range t.key {
		names[i] = mysql.Quote(t.name) + "." + mysql.Quote(t.columns[k.column].bare)
	}
	return strings.Join(names, ", ")
}

// keyOf returns the values of the primary key among those of all columns.
func (t *copyTable) keyOf(values [][]byte) [][]byte {
	key := make([][]byte, len(t.key))
	for i, k := range t.key {
		key[i] = values[k.column]
	}
	return key
}

// literals returns a primary key as literals that the target compares with its
// own columns.
func (t *copyTable) literals(key [][]byte) []string {
	parts := make([]string, len(t.key))
	for i, k := range t.key {
		c := &t.columns[k.column]
		if c.write.DataType == "bit" && key[i] != nil {
			parts[i] = bitNumber(key[i])
			continue
		}
		parts[i] = string(c.appendCanon(nil, key[i]))
	}
	return parts
}

// identity returns the primary key of a row for `key IN (…)`.
func (t *copyTable) identity(values [][]byte) string { return tuple(t.literals(t.keyOf(values))) }

// bitNumber returns a BIT as a number: as bytes it is a text to MariaDB.
func bitNumber(value []byte) string {
	var n uint64
	for _, b := range value {
		n = n<<8 | uint64(b)
	}
	return strconv.FormatUint(n, 10)
}

// tuple writes the columns or values of a key for `key IN (…)`.
func tuple(parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, ",") + ")"
}

// keyNames returns the key for `key IN (…)` in the target, under an alias.
func (t *copyTable) keyNames(alias string) string {
	names := make([]string, len(t.key))
	for i, k := range t.key {
		names[i] = alias + "." + mysql.Quote(t.columns[k.column].name)
	}
	return tuple(names)
}

// keyTargets returns what to select of the key in the target, under an alias.
func (t *copyTable) keyTargets(alias string) string {
	list := make([]string, len(t.key))
	for i, k := range t.key {
		c := &t.columns[k.column]
		name := mysql.Quote(c.name)
		list[i] = strings.Replace(c.target, name, alias+"."+name, 1)
	}
	return strings.Join(list, ", ")
}

// describe writes a primary key for people: "`id` = 5". It is empty without one.
func (t *copyTable) describe(key [][]byte) string {
	parts := t.literals(key)
	for i := range parts {
		parts[i] = mysql.Quote(t.columns[t.key[i].column].name) + " = " + parts[i]
	}
	return strings.Join(parts, ", ")
}

// takesKey says whether a key from a journal can be used: it becomes part of a
// statement.
func (t *copyTable) takesKey(digits []string) bool {
	if len(digits) == 0 {
		return true
	}
	if len(digits) != len(t.key) {
		return false
	}
	for i, d := range digits {
		v, err := hex.DecodeString(d)
		if err != nil {
			return false
		}
		k := t.key[i]
		switch kind := t.columns[k.column].write.Kind; {
		case k.number || kind == value.Plain:
			if !consistsOf(v, "+-.0123456789") {
				return false
			}
		case kind == value.Float:
			if !consistsOf(v, "+-.0123456789e") {
				return false
			}
		}
	}
	return true
}

func consistsOf(value []byte, set string) bool {
	return len(value) > 0 && strings.Trim(string(value), set) == ""
}

// decodeKey returns the key of a progress.
func decodeKey(digits []string) ([][]byte, error) {
	key := make([][]byte, len(digits))
	for i, d := range digits {
		var err error
		if key[i], err = hex.DecodeString(d); err != nil {
			return nil, fmt.Errorf("read the last key of the copy: %w", err)
		}
	}
	return key, nil
}

func encodeKey(key [][]byte) []string {
	digits := make([]string, len(key))
	for i := range key {
		digits[i] = hex.EncodeToString(key[i])
	}
	return digits
}

// appendCanon appends the literals of a row in the form that is the same on both
// sides: what checksums are made of.
func (t *copyTable) appendCanon(dst []byte, values [][]byte) []byte {
	dst = append(dst, '(')
	for i := range t.columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = t.columns[i].appendCanon(dst, values[i])
	}
	return append(dst, ')')
}

func (c *copyColumn) appendCanon(dst, value []byte) []byte {
	if c.canon != nil && value != nil {
		value = c.canon(value)
	}
	return c.write.AppendLiteral(dst, value)
}

// appendRow appends the literals of a row as they are inserted.
func (t *copyTable) appendRow(dst []byte, values [][]byte) []byte {
	dst = append(dst, '(')
	for i := range t.columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = t.columns[i].write.AppendLiteral(dst, values[i])
	}
	return append(dst, ')')
}

// appendRows returns the literals of rows as they are inserted.
func (t *copyTable) appendRows(rows [][][]byte) string {
	var buf []byte
	for i, row := range rows {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = t.appendRow(buf, row)
	}
	return string(buf)
}
