package ddl

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

var errNoColumns = errors.New("it has no list of columns")

// readKey reads a key: [PRIMARY|UNIQUE|FULLTEXT|SPATIAL|VECTOR] KEY `name` (…) options.
func readKey(c *sqltext.Cursor) (key, error) {
	k := key{kind: keyIndex, text: sqltext.Join(c.Tokens)}
	if kind := keyKind(strings.ToLower(c.Peek().Text)); slices.Contains([]keyKind{keyPrimary, keyUnique, keyFulltext, keySpatial, keyVector}, kind) {
		k.kind = kind
		c.Next()
	}
	if !c.Accept("key") {
		c.Accept("index")
	}
	if c.Peek().IsName() && k.kind != keyPrimary {
		k.name = c.Next().Value()
	}
	group := c.Group()
	if group == nil {
		return key{}, errNoColumns
	}
	for _, part := range sqltext.SplitCommas(group) {
		k.parts = append(k.parts, readKeyPart(part))
	}
	k.options = readKeyOptions(c, &k)
	return k, nil
}

// readKeyPart reads `column`, `column`(10), `column` DESC or (expression).
func readKeyPart(toks []sqltext.Token) keyPart {
	p := keyPart{text: sqltext.Canonical(toks), uses: namesIn(toks)}
	c := &sqltext.Cursor{Tokens: toks}
	if expr := c.Group(); expr != nil {
		p.expr = sqltext.Join(expr)
		return p
	}
	if name := c.Next(); name.IsName() {
		p.column = name.Value()
		p.uses = []string{strings.ToLower(p.column)}
	}
	p.length = sqltext.Join(c.Group())
	return p
}

// readKeyOptions returns the options of a key that matter. USING BTREE is
// printed only when somebody wrote it, and means nothing but for MEMORY tables,
// where the table reader puts it back.
func readKeyOptions(c *sqltext.Cursor, k *key) string {
	var out []string
	for !c.Done() {
		start := c.Index
		switch {
		case c.Accept("invisible"), c.Accept("ignored"):
			k.hidden = true
			continue
		case c.Accept("visible"), c.Accept("using", "btree"):
			continue
		case c.Accept("comment"), c.Accept("with", "parser"), c.Accept("using"):
			c.Next()
		default:
			c.Next()
			if c.AcceptPunct('=') {
				c.Next()
			}
		}
		out = append(out, sqltext.Canonical(c.Since(start)))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// readConstraint reads [CONSTRAINT `name`] CHECK … or FOREIGN KEY ….
func (t *table) readConstraint(c *sqltext.Cursor) error {
	text := sqltext.Join(c.Tokens)
	name := ""
	if c.Accept("constraint") && c.Peek().Kind == sqltext.Name {
		name = c.Next().Value()
	}
	switch {
	case c.Accept("check"):
		expr := c.Group()
		t.checks = append(t.checks, check{
			name: name, expr: sqltext.Canonical(expr), exprText: sqltext.Join(expr), uses: namesIn(expr), text: text,
			enforced: !c.Accept("not", "enforced"),
		})
		return nil
	case c.Accept("foreign", "key"):
		f, err := readForeignKey(c)
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		f.name, f.text = name, text
		t.foreignKeys = append(t.foreignKeys, f)
		return nil
	}
	return fmt.Errorf("%s is not understood", text)
}

var errNoParent = errors.New("it references no table")

func readForeignKey(c *sqltext.Cursor) (foreignKey, error) {
	if c.Peek().Kind == sqltext.Name { // name of the index
		c.Next()
	}
	f := foreignKey{columns: nameList(c.Group())}
	if !c.Accept("references") {
		return f, errNoParent
	}
	f.parent = c.Next().Value()
	if c.AcceptPunct('.') {
		f.database, f.parent = f.parent, c.Next().Value()
	}
	f.references = nameList(c.Group())
	if len(f.columns) == 0 || len(f.columns) != len(f.references) {
		return f, errNoColumns
	}
	f.rules = sqltext.Canonical(c.Tokens[min(c.Index, len(c.Tokens)):])
	return f, nil
}

// nameList returns the names of a list in lower case.
func nameList(toks []sqltext.Token) []string {
	var out []string
	for _, t := range sqltext.SplitCommas(toks) {
		if len(t) > 0 {
			out = append(out, strings.ToLower(t[0].Value()))
		}
	}
	return out
}

// key is one key of a table.
type key struct {
	kind    keyKind
	name    string // "" for the primary key
	parts   []keyPart
	hidden  bool   // INVISIBLE (MySQL), IGNORED (MariaDB)
	options string // canonical, without visibility and without the default algorithm
	text    string
}

type keyKind string

const (
	keyPrimary  keyKind = "primary"
	keyUnique   keyKind = "unique"
	keyIndex    keyKind = "index"
	keyFulltext keyKind = "fulltext"
	keySpatial  keyKind = "spatial"
	keyVector   keyKind = "vector"
)

// unique says whether the key refuses duplicates.
func (k *key) unique() bool { return k.kind == keyPrimary || k.kind == keyUnique }

// keyPart is a column or an expression in a key.
type keyPart struct {
	column string   // "" for an expression
	length string   // of a prefix
	text   string   // canonical
	expr   string   // as printed, of an expression
	uses   []string // columns, in lower case
}

// same says whether two keys are equal in everything but name and visibility.
func (k *key) same(l *key) bool {
	return k.kind == l.kind && k.options == l.options && slices.EqualFunc(k.parts, l.parts, func(p, q keyPart) bool {
		return strings.EqualFold(p.text, q.text)
	})
}

// columns returns the names of the columns of the key in lower case; nil when a
// part is an expression or a prefix, which can support no foreign key.
func (k *key) columns() []string {
	var out []string
	for _, p := range k.parts {
		if p.column == "" || p.length != "" {
			return nil
		}
		out = append(out, strings.ToLower(p.column))
	}
	return out
}

// serves says whether the key can serve a foreign key over these columns (in
// lower case): they are the first ones of the key, in the same order.
func (k *key) serves(columns []string) bool { return startsWith(k.columns(), columns) }

// startsWith says whether a list begins with another one, which is not empty.
func startsWith(list, head []string) bool {
	return len(head) > 0 && len(list) >= len(head) && slices.Equal(list[:len(head)], head)
}

// touches says whether the key stands on that column (in lower case).
func (k *key) touches(column string) bool {
	return slices.ContainsFunc(k.parts, func(p keyPart) bool { return slices.Contains(p.uses, column) })
}
