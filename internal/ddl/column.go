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
func readColumn(c *cursor) (tableColumn, error) {
	col := tableColumn{name: c.next().Value()}
	typ, err := readType(c)
	if err != nil {
		return tableColumn{}, err
	}
	col.typ = typ
	for !c.done() {
		start := c.i
		kind, err := col.attribute(c)
		if err != nil {
			return tableColumn{}, err
		}
		if c.i == start {
			c.i++
		}
		toks := c.since(start)
		if kind == attrOther && col.other != "" && strings.HasSuffix(col.other, pending) {
			col.other = strings.TrimSuffix(col.other, pending) + canonTokens(toks)
		}
		col.attrs = append(col.attrs, attr{kind: kind, text: renderTokens(toks)})
	}
	slices.Sort(col.uses)
	col.uses = slices.Compact(col.uses)
	return col, nil
}

// pending marks the end of column.other until the attribute is read to its end.
const pending = "\x00"

// attribute reads one attribute.
func (col *tableColumn) attribute(c *cursor) (attrKind, error) {
	switch {
	case c.accept("character", "set"), c.accept("charset"):
		col.charset = strings.ToLower(c.next().Value())
		return attrCharset, nil
	case c.accept("collate"):
		col.collate = strings.ToLower(c.next().Value())
		return attrCharset, nil
	case c.accept("not", "null"):
		col.notNull = true
		return attrNull, nil
	case c.accept("null"):
		return attrNull, nil
	case c.accept("default"):
		col.def = canonTokens(col.expression(c))
		return attrDefault, nil
	case c.accept("on", "update"):
		col.onUpdate = canonTokens(col.expression(c))
		return attrDefault, nil
	case c.accept("auto_increment"):
		col.autoInc = true
		return attrAutoInc, nil
	case c.at("generated"), c.at("as"):
		return attrOther, col.generation(c)
	case c.accept("invisible"):
		col.invisible = true
	case c.accept("visible"):
	case c.accept("comment"):
		col.comment = sqltext.Unquote(c.next().Text, false)
	case c.accept("check"):
		group := c.group()
		col.check, col.checkText = canonTokens(group), renderTokens(group)
		col.uses = append(col.uses, namesIn(group)...)
	case c.accept("srid"):
		col.srid = c.next().Text
	default:
		col.unknown(c)
	}
	return attrOther, nil
}

// unknown keeps an attribute that is not understood, with its value.
func (col *tableColumn) unknown(c *cursor) {
	col.other += " " + pending
	word := c.next()
	switch {
	case word.IsAny("with", "without"):
		if !c.accept("system", "versioning") {
			c.next()
		}
	case word.IsAny("column_format", "storage"), c.acceptPunct('='), c.peek().Kind == sqltext.String:
		c.next()
	}
}

// generation reads [GENERATED ALWAYS] AS (…) [VIRTUAL | STORED].
func (col *tableColumn) generation(c *cursor) error {
	c.accept("generated", "always")
	if !c.accept("as") || c.at("row") {
		return errVersioned
	}
	group := c.group()
	col.generated = canonTokens(group)
	col.uses = append(col.uses, namesIn(group)...)
	if c.accept("stored") || c.accept("persistent") {
		col.stored = true
	} else {
		c.accept("virtual")
	}
	return nil
}

// expression reads a default: a literal, a word, a call or a group. MariaDB
// prints calls without parentheses around them.
func (col *tableColumn) expression(c *cursor) []sqltext.Token {
	start := c.i
	if c.peek().IsPunct('-') || c.peek().IsPunct('+') {
		c.i++
	}
	first := c.peek()
	switch {
	case first.IsPunct('('):
		c.group()
	case first.IsName():
		c.i++
		for c.acceptPunct('.') {
			c.i++
		}
		if next := c.peek(); next.Kind == sqltext.String && next.Start == first.End { // b'1', _utf8mb4'x'
			c.i++
		} else if next.IsPunct('(') {
			c.group()
		} else if strings.HasPrefix(first.Text, "_") && next.Kind == sqltext.String {
			c.i++
		}
	default:
		c.i++
	}
	return c.since(start)
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
	b.WriteString(quoteName(col.name) + " " + col.typ.text)
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
