package ddl

import (
	"errors"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

var (
	errNoType    = errors.New("it has no type")
	errVersioned = errors.New("a column of system versioning is not understood")
)

// readColumn reads the definition of a column.
func readColumn(c *sqltext.Cursor) (tableColumn, error) {
	col := tableColumn{name: c.Next().Value()}
	typ, err := readType(c)
	if err != nil {
		return tableColumn{}, err
	}
	col.typ = typ
	for !c.Done() {
		start := c.Index
		kind, err := col.attribute(c)
		if err != nil {
			return tableColumn{}, err
		}
		if c.Index == start {
			c.Index++
		}
		toks := c.Since(start)
		if kind == attrOther && col.other != "" && strings.HasSuffix(col.other, pending) {
			col.other = strings.TrimSuffix(col.other, pending) + sqltext.Canonical(toks)
		}
		col.attrs = append(col.attrs, attr{kind: kind, text: sqltext.Join(toks)})
	}
	slices.Sort(col.uses)
	col.uses = slices.Compact(col.uses)
	return col, nil
}

// pending marks the end of column.other until the attribute is read to its end.
const pending = "\x00"

// attribute reads one attribute.
func (col *tableColumn) attribute(c *sqltext.Cursor) (attrKind, error) {
	switch {
	case c.Accept("character", "set"), c.Accept("charset"):
		col.charset = strings.ToLower(c.Next().Value())
		return attrCharset, nil
	case c.Accept("collate"):
		col.collate = strings.ToLower(c.Next().Value())
		return attrCharset, nil
	case c.Accept("not", "null"):
		col.notNull = true
		return attrNull, nil
	case c.Accept("null"):
		return attrNull, nil
	case c.Accept("default"):
		col.def = sqltext.Canonical(col.expression(c))
		return attrDefault, nil
	case c.Accept("on", "update"):
		col.onUpdate = sqltext.Canonical(col.expression(c))
		return attrDefault, nil
	case c.Accept("auto_increment"):
		col.autoInc = true
		return attrAutoInc, nil
	case c.At("generated"), c.At("as"):
		return attrOther, col.generation(c)
	case c.Accept("invisible"):
		col.invisible = true
	case c.Accept("visible"):
	case c.Accept("comment"):
		col.comment = sqltext.Unquote(c.Next().Text, false)
	case c.Accept("check"):
		group := c.Group()
		col.check, col.checkText = sqltext.Canonical(group), sqltext.Join(group)
		col.uses = append(col.uses, namesIn(group)...)
	case c.Accept("srid"):
		col.srid = c.Next().Text
	default:
		col.unknown(c)
	}
	return attrOther, nil
}

// unknown keeps an attribute that is not understood, with its value.
func (col *tableColumn) unknown(c *sqltext.Cursor) {
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
func (col *tableColumn) generation(c *sqltext.Cursor) error {
	c.Accept("generated", "always")
	if !c.Accept("as") || c.At("row") {
		return errVersioned
	}
	group := c.Group()
	col.generated = sqltext.Canonical(group)
	col.uses = append(col.uses, namesIn(group)...)
	if c.Accept("stored") || c.Accept("persistent") {
		col.stored = true
	} else {
		c.Accept("virtual")
	}
	return nil
}

// expression reads a default: a literal, a word, a call or a group. MariaDB
// prints calls without parentheses around them.
func (col *tableColumn) expression(c *sqltext.Cursor) []sqltext.Token {
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

// tableColumn is one column of a table.
type tableColumn struct {
	name      string
	typ       dataType
	charset   string // as printed, "" when it is the table's
	collate   string // as printed
	collation string // resolved; "" for types without one
	notNull   bool
	def       string // canonical text of DEFAULT, "" when there is none
	onUpdate  string
	autoInc   bool
	generated string // canonical expression
	stored    bool
	invisible bool
	comment   string
	check     string // MariaDB: CHECK of the column
	checkText string
	srid      string
	other     string   // whatever else, canonical
	uses      []string // columns that its expression or check names, in lower case
	attrs     []attr
}

// attr is one attribute of a column as printed.
type attr struct {
	kind attrKind
	text string
}

type attrKind uint8

const (
	attrOther attrKind = iota
	attrCharset
	attrNull
	attrDefault
	attrAutoInc
)

// text returns the definition of the column, with its name.
func (col *tableColumn) text() string {
	var b strings.Builder
	b.WriteString(sqltext.Quote(col.name) + " " + col.typ.text)
	for _, a := range col.attrs {
		b.WriteByte(' ')
		b.WriteString(a.text)
	}
	return b.String()
}

// without returns a copy of the column that lacks the attributes of one kind.
func (col *tableColumn) without(kind attrKind) tableColumn {
	n := *col
	n.attrs = slices.DeleteFunc(slices.Clone(col.attrs), func(a attr) bool { return a.kind == kind })
	return n
}

// same says whether two columns are equal in everything but their place.
func (col *tableColumn) same(d *tableColumn) bool {
	return col.name == d.name && col.typ.equal(d.typ) && col.collation == d.collation && col.notNull == d.notNull && col.def == d.def &&
		col.onUpdate == d.onUpdate && col.autoInc == d.autoInc && col.sameGenerated(d) && col.invisible == d.invisible &&
		col.comment == d.comment && col.check == d.check && col.srid == d.srid && col.other == d.other
}

func (col *tableColumn) sameGenerated(d *tableColumn) bool {
	return col.generated == d.generated && col.stored == d.stored
}

// refusesNull says whether an INSERT must name the column although it takes
// NULL: what ALTER COLUMN … DROP DEFAULT leaves behind. No definition says so.
// Columns that can never have a literal default are printed in the same way.
func (col *tableColumn) refusesNull(srv Server) bool {
	if col.notNull || col.def != "" || col.generated != "" || col.autoInc {
		return false
	}
	if srv.Product == MariaDB {
		return true
	}
	switch col.typ.family() {
	case familySpatial, familyJSON, familyOther:
		return false
	}
	return capacities[col.typ.base] == 0
}

// constantDefault says whether the column gives the same value to all rows that
// exist when it is added.
func (col *tableColumn) constantDefault() bool {
	return !strings.Contains(col.def, "(") || strings.HasPrefix(col.def, "current_timestamp")
}

// virtual says whether the column has no values of its own.
func (col *tableColumn) virtual() bool { return col.generated != "" && !col.stored }
