package ddl

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

var (
	errNoType    = errors.New("it has no type")
	errVersioned = errors.New("a column of system versioning is not understood")
)

// readColumn reads the definition of a column.
func readColumn(c *sqltext.Cursor) (Column, error) {
	col := Column{Name: c.Next().Value()}
	typ, err := readType(c)
	if err != nil {
		return Column{}, err
	}
	col.Type = typ
	for !c.Done() {
		start := c.Index
		kind, err := col.attribute(c)
		if err != nil {
			return Column{}, err
		}
		if c.Index == start {
			c.Index++
		}
		toks := c.Since(start)
		if kind == AttributeOther && col.other != "" && strings.HasSuffix(col.other, pending) {
			col.other = strings.TrimSuffix(col.other, pending) + sqltext.Canonical(toks)
		}
		col.Attributes = append(col.Attributes, Attribute{Kind: kind, Text: sqltext.Join(toks)})
	}
	slices.Sort(col.Uses)
	col.Uses = slices.Compact(col.Uses)
	return col, nil
}

// pending marks the end of column.other until the attribute is read to its end.
const pending = "\x00"

// attribute reads one attribute.
func (col *Column) attribute(c *sqltext.Cursor) (AttributeKind, error) {
	switch {
	case c.Accept("character", "set"), c.Accept("charset"):
		col.charset = strings.ToLower(c.Next().Value())
		return AttributeCharset, nil
	case c.Accept("collate"):
		col.collate = strings.ToLower(c.Next().Value())
		return AttributeCharset, nil
	case c.Accept("not", "null"):
		col.NotNull = true
		return AttributeNull, nil
	case c.Accept("null"):
		return AttributeNull, nil
	case c.Accept("default"):
		col.Default = sqltext.Canonical(col.expression(c))
		return AttributeDefault, nil
	case c.Accept("on", "update"):
		col.OnUpdate = sqltext.Canonical(col.expression(c))
		return AttributeDefault, nil
	case c.Accept("auto_increment"):
		col.AutoIncrement = true
		return AttributeAutoIncrement, nil
	case c.At("generated"), c.At("as"):
		return AttributeOther, col.generation(c)
	case c.Accept("invisible"):
		col.Invisible = true
	case c.Accept("visible"):
	case c.Accept("comment"):
		col.comment = sqltext.Unquote(c.Next().Text, false)
	case c.Accept("check"):
		group := c.Group()
		col.Check, col.CheckText = sqltext.Canonical(group), sqltext.Join(group)
		col.Uses = append(col.Uses, namesIn(group)...)
	case c.Accept("srid"):
		col.SRID = c.Next().Text
	default:
		col.unknown(c)
	}
	return AttributeOther, nil
}

// unknown keeps an attribute that is not understood, with its value.
func (col *Column) unknown(c *sqltext.Cursor) {
	col.other += " " + pending
	word := c.Next()
	switch {
	case word.IsAny("with", "without"):
		if !c.Accept("system", "versioning") {
			c.Next()
		}
	case word.IsAny("column_format", "storage"), c.AcceptPunct('='), c.Peek().Kind == sqltext.String:
		c.Next()
	}
}

// generation reads [GENERATED ALWAYS] AS (…) [VIRTUAL | STORED].
func (col *Column) generation(c *sqltext.Cursor) error {
	c.Accept("generated", "always")
	if !c.Accept("as") || c.At("row") {
		return errVersioned
	}
	group := c.Group()
	col.Generated = sqltext.Canonical(group)
	col.Uses = append(col.Uses, namesIn(group)...)
	if c.Accept("stored") || c.Accept("persistent") {
		col.stored = true
	} else {
		c.Accept("virtual")
	}
	return nil
}

// expression reads a default: a literal, a word, a call or a group. MariaDB
// prints calls without parentheses around them.
func (col *Column) expression(c *sqltext.Cursor) []sqltext.Token {
	start := c.Index
	if c.Peek().IsPunct('-') || c.Peek().IsPunct('+') {
		c.Index++
	}
	first := c.Peek()
	switch {
	case first.IsPunct('('):
		c.Group()
	case first.IsName():
		c.Index++
		for c.AcceptPunct('.') {
			c.Index++
		}
		if next := c.Peek(); next.Kind == sqltext.String && next.Start == first.End { // b'1', _utf8mb4'x'
			c.Index++
		} else if next.IsPunct('(') {
			c.Group()
		} else if strings.HasPrefix(first.Text, "_") && next.Kind == sqltext.String {
			c.Index++
		}
	default:
		c.Index++
	}
	return c.Since(start)
}

// namesIn returns the identifiers of an expression in lower case.
func namesIn(toks []sqltext.Token) []string {
	var out []string
	for _, t := range toks {
		if t.Kind == sqltext.Name {
			out = append(out, strings.ToLower(t.Value()))
		}
	}
	return out
}

// Column is one column of a table.
type Column struct {
	Name          string
	Type          dataType
	charset       string // as printed, "" when it is the table's
	collate       string // as printed
	Collation     string // resolved; "" for types without one
	NotNull       bool
	Default       string // canonical text of DEFAULT, "" when there is none
	OnUpdate      string
	AutoIncrement bool
	Generated     string // canonical expression
	stored        bool
	Invisible     bool
	comment       string
	Check         string // MariaDB: CHECK of the column
	CheckText     string
	SRID          string
	other         string   // whatever else, canonical
	Uses          []string // columns that its expression or check names, in lower case
	Attributes    []Attribute
}

// Attribute is one attribute of a column as printed.
type Attribute struct {
	Kind AttributeKind
	Text string
}

// AttributeKind groups the attributes that comparisons take apart or put back.
type AttributeKind uint8

// The kinds of attributes.
const (
	AttributeOther AttributeKind = iota
	AttributeCharset
	AttributeNull
	AttributeDefault
	AttributeAutoIncrement
)

// Text returns the definition of the column, with its name.
func (col *Column) Text() string {
	var b strings.Builder
	b.WriteString(sqltext.Quote(col.Name) + " " + col.Type.Text)
	for _, a := range col.Attributes {
		b.WriteByte(' ')
		b.WriteString(a.Text)
	}
	return b.String()
}

// Without returns a copy of the column that lacks the attributes of one kind.
func (col *Column) Without(kind AttributeKind) Column {
	n := *col
	n.Attributes = slices.DeleteFunc(slices.Clone(col.Attributes), func(a Attribute) bool { return a.Kind == kind })
	return n
}

// Same says whether two columns are equal in everything but their place.
func (col *Column) Same(d *Column) bool {
	return col.Name == d.Name && col.Type.Equal(d.Type) && col.Collation == d.Collation && col.NotNull == d.NotNull && col.Default == d.Default &&
		col.OnUpdate == d.OnUpdate && col.AutoIncrement == d.AutoIncrement && col.SameGenerated(d) && col.Invisible == d.Invisible &&
		col.comment == d.comment && col.Check == d.Check && col.SRID == d.SRID && col.other == d.other
}

// SameGenerated says whether two columns are computed alike and kept alike, or
// both are not computed.
func (col *Column) SameGenerated(d *Column) bool {
	return col.Generated == d.Generated && col.stored == d.stored
}

// RefusesNull says whether an INSERT must name the column although it takes
// NULL: what ALTER COLUMN … DROP DEFAULT leaves behind. No definition says so.
// Columns that can never have a literal default are printed in the same way.
func (col *Column) RefusesNull(srv Server) bool {
	if col.NotNull || col.Default != "" || col.Generated != "" || col.AutoIncrement {
		return false
	}
	if srv.Product == MariaDB {
		return true
	}
	switch col.Type.family() {
	case familySpatial, familyJSON, familyOther:
		return false
	}
	return capacities[col.Type.base] == 0
}

// ConstantDefault says whether the column gives the same value to all rows that
// exist when it is added.
func (col *Column) ConstantDefault() bool {
	return !strings.Contains(col.Default, "(") || strings.HasPrefix(col.Default, "current_timestamp")
}

// Virtual says whether the column has no values of its own.
func (col *Column) Virtual() bool { return col.Generated != "" && !col.stored }

// Signature returns a text that is the same for columns that are the same.
func (col *Column) Signature() string {
	return fmt.Sprintf("%s\x00%s\x00%s\x00%t\x00%s\x00%s\x00%t\x00%s\x00%t\x00%t\x00%s\x00%s\x00%s\x00%s", col.Name, col.Type.canon, col.Collation,
		col.NotNull, col.Default, col.OnUpdate, col.AutoIncrement, col.Generated, col.stored, col.Invisible, col.comment, col.Check, col.SRID, col.other)
}

// Under returns the column for a table whose default collation may differ from
// the one of the table that it was printed in.
func (col Column) Under(from, into *Table) Column {
	if col.Collation == "" || col.charset != "" || col.collate != "" || from.Collation == into.Collation || strings.HasSuffix(col.Collation, " default") {
		return col
	}
	said := Attribute{Kind: AttributeCharset, Text: "CHARACTER SET " + CharsetOf(col.Collation) + " COLLATE " + col.Collation}
	col.Attributes = append([]Attribute{said}, col.Attributes...)
	col.charset, col.collate = CharsetOf(col.Collation), col.Collation
	return col
}
