package ddl

import (
	"errors"
	"slices"
	"strings"
)

// dataType is the type of a column.
type dataType struct {
	base     string   // in lower case
	args     []string // as printed
	unsigned bool
	zerofill bool
	text     string // as printed
	canon    string
}

func (d dataType) equal(e dataType) bool { return d.canon == e.canon }

var (
	errNoType    = errors.New("it has no type")
	errVersioned = errors.New("a column of system versioning is not understood")
)

// readType reads the type of a column.
func readType(c *cursor) (dataType, error) {
	start := c.i
	word := c.next()
	if word.kind != tokWord {
		return dataType{}, errNoType
	}
	d := dataType{base: strings.ToLower(word.text)}
	if d.base == "double" {
		c.accept("precision")
	}
	for _, arg := range commaList(c.group()) {
		d.args = append(d.args, renderTokens(arg))
	}
	d.unsigned = c.accept("unsigned")
	d.zerofill = c.accept("zerofill")
	d.text, d.canon = renderTokens(c.since(start)), canonTokens(c.since(start))
	return d, nil
}

// readColumn reads the definition of a column.
func readColumn(c *cursor) (tableColumn, error) {
	col := tableColumn{name: c.next().name()}
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
		col.charset = strings.ToLower(c.next().name())
		return attrCharset, nil
	case c.accept("collate"):
		col.collate = strings.ToLower(c.next().name())
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
		col.comment = unquote(c.next().text)
	case c.accept("check"):
		group := c.group()
		col.check, col.checkText = canonTokens(group), renderTokens(group)
		col.uses = append(col.uses, namesIn(group)...)
	case c.accept("srid"):
		col.srid = c.next().text
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
	case word.isAny("with", "without"):
		if !c.accept("system", "versioning") {
			c.next()
		}
	case word.isAny("column_format", "storage"), c.acceptPunct('='), c.peek().kind == tokString:
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
func (col *tableColumn) expression(c *cursor) []token {
	start := c.i
	if c.peek().punct('-') || c.peek().punct('+') {
		c.i++
	}
	first := c.peek()
	switch {
	case first.punct('('):
		c.group()
	case first.isName():
		c.i++
		for c.acceptPunct('.') {
			c.i++
		}
		if next := c.peek(); next.kind == tokString && next.start == first.end { // b'1', _utf8mb4'x'
			c.i++
		} else if next.punct('(') {
			c.group()
		} else if strings.HasPrefix(first.text, "_") && next.kind == tokString {
			c.i++
		}
	default:
		c.i++
	}
	return c.since(start)
}

// namesIn returns the identifiers of an expression in lower case.
func namesIn(toks []token) []string {
	var out []string
	for _, t := range toks {
		if t.kind == tokName {
			out = append(out, strings.ToLower(t.name()))
		}
	}
	return out
}

// textual says whether values of the type have a character set.
func (d dataType) textual() bool {
	switch d.base {
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set":
		return true
	}
	return false
}

// resolveCollations sets the collation that each column really has. MySQL
// prints it or leaves it out depending on how the table came to be.
func (t *table) resolveCollations(srv Server) {
	t.charset = strings.ToLower(t.option("CHARSET"))
	t.collation = resolveCollation(t.charset, strings.ToLower(t.option("COLLATE")), srv)
	for i := range t.columns {
		col := &t.columns[i]
		switch {
		case !col.typ.textual():
		case col.charset == "" && col.collate == "":
			col.collation = t.collation
		default:
			col.collation = resolveCollation(col.charset, col.collate, srv)
		}
	}
}

// resolveCollation returns the collation, the default one of the character set
// when none is named.
func resolveCollation(charset, collation string, srv Server) string {
	if collation != "" || charset == "" {
		return collation
	}
	if srv.Product == MariaDB { // which prints both always
		return charset + " default"
	}
	if c, ok := mysqlDefaultCollations[charset]; ok {
		return c
	}
	return charset + "_general_ci"
}

// mysqlDefaultCollations holds the default collations of MySQL's character sets
// that do not end in _general_ci.
// https://dev.mysql.com/doc/refman/9.7/en/charset-charsets.html
var mysqlDefaultCollations = map[string]string{
	"utf8mb4": "utf8mb4_0900_ai_ci", "binary": "binary", "latin1": "latin1_swedish_ci", "big5": "big5_chinese_ci",
	"cp932": "cp932_japanese_ci", "dec8": "dec8_swedish_ci", "eucjpms": "eucjpms_japanese_ci", "euckr": "euckr_korean_ci",
	"gb18030": "gb18030_chinese_ci", "gb2312": "gb2312_chinese_ci", "gbk": "gbk_chinese_ci", "hp8": "hp8_english_ci",
	"latin5": "latin5_turkish_ci", "sjis": "sjis_japanese_ci", "swe7": "swe7_swedish_ci", "tis620": "tis620_thai_ci",
	"ujis": "ujis_japanese_ci",
}

// charsetOf returns the character set of a resolved collation.
func charsetOf(collation string) string {
	charset, _, _ := strings.Cut(collation, "_")
	charset, _, _ = strings.Cut(charset, " ")
	return charset
}
