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
func readKey(c *sqltext.Cursor) (Key, error) {
	k := Key{Kind: KeyIndex, Text: sqltext.Join(c.Tokens)}
	if kind := KeyKind(strings.ToLower(c.Peek().Text)); slices.Contains([]KeyKind{KeyPrimary, KeyUnique, KeyFulltext, KeySpatial, KeyVector}, kind) {
		k.Kind = kind
		c.Next()
	}
	if !c.Accept("key") {
		c.Accept("index")
	}
	if c.Peek().IsName() && k.Kind != KeyPrimary {
		k.Name = c.Next().Value()
	}
	group := c.Group()
	if group == nil {
		return Key{}, errNoColumns
	}
	for _, part := range sqltext.SplitCommas(group) {
		k.Parts = append(k.Parts, readKeyPart(part))
	}
	k.Options = readKeyOptions(c, &k)
	return k, nil
}

// readKeyPart reads `column`, `column`(10), `column` DESC or (expression).
func readKeyPart(toks []sqltext.Token) keyPart {
	p := keyPart{text: sqltext.Canonical(toks), Uses: namesIn(toks)}
	c := &sqltext.Cursor{Tokens: toks}
	if expr := c.Group(); expr != nil {
		p.Expr = sqltext.Join(expr)
		return p
	}
	if name := c.Next(); name.IsName() {
		p.Column = name.Value()
		p.Uses = []string{strings.ToLower(p.Column)}
	}
	p.Length = sqltext.Join(c.Group())
	return p
}

// readKeyOptions returns the options of a key that matter. USING BTREE is
// printed only when somebody wrote it, and means nothing but for MEMORY tables,
// where the table reader puts it back.
func readKeyOptions(c *sqltext.Cursor, k *Key) string {
	var out []string
	for !c.Done() {
		start := c.Index
		switch {
		case c.Accept("invisible"), c.Accept("ignored"):
			k.Hidden = true
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
func (t *Table) readConstraint(c *sqltext.Cursor) error {
	text := sqltext.Join(c.Tokens)
	name := ""
	if c.Accept("constraint") && c.Peek().Kind == sqltext.Name {
		name = c.Next().Value()
	}
	switch {
	case c.Accept("check"):
		expr := c.Group()
		t.Checks = append(t.Checks, Check{
			Name: name, Expr: sqltext.Canonical(expr), ExprText: sqltext.Join(expr), Uses: namesIn(expr), Text: text,
			Enforced: !c.Accept("not", "enforced"),
		})
		return nil
	case c.Accept("foreign", "key"):
		f, err := readForeignKey(c)
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		f.Name, f.Text = name, text
		t.ForeignKeys = append(t.ForeignKeys, f)
		return nil
	}
	return fmt.Errorf("%s is not understood", text)
}

var errNoParent = errors.New("it references no table")

func readForeignKey(c *sqltext.Cursor) (ForeignKey, error) {
	if c.Peek().Kind == sqltext.Name { // name of the index
		c.Next()
	}
	f := ForeignKey{Columns: nameList(c.Group())}
	if !c.Accept("references") {
		return f, errNoParent
	}
	f.Parent = c.Next().Value()
	if c.AcceptPunct('.') {
		f.Database, f.Parent = f.Parent, c.Next().Value()
	}
	f.References = nameList(c.Group())
	if len(f.Columns) == 0 || len(f.Columns) != len(f.References) {
		return f, errNoColumns
	}
	f.Rules = readRules(c)
	return f, nil
}

// readRules reads ON DELETE … ON UPDATE … RESTRICT and NO ACTION say what a
// foreign key does that says nothing, and are left out.
func readRules(c *sqltext.Cursor) string {
	var out []sqltext.Token
	for !c.Done() {
		start := c.Index
		if c.Accept("on") {
			c.Next()
			if c.Accept("restrict") || c.Accept("no", "action") {
				continue
			}
		}
		c.Next()
		out = append(out, c.Since(start)...)
	}
	return sqltext.Canonical(out)
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

// Key is one key of a table.
type Key struct {
	Kind    KeyKind
	Name    string // "" for the primary key
	Parts   []keyPart
	Hidden  bool   // INVISIBLE (MySQL), IGNORED (MariaDB)
	Options string // canonical, without visibility and without the default algorithm
	Text    string
}

// KeyKind is what a key is for.
type KeyKind string

// The kinds of keys.
const (
	KeyPrimary  KeyKind = "primary"
	KeyUnique   KeyKind = "unique"
	KeyIndex    KeyKind = "index"
	KeyFulltext KeyKind = "fulltext"
	KeySpatial  KeyKind = "spatial"
	KeyVector   KeyKind = "vector"
)

// Unique says whether the key refuses duplicates.
func (k *Key) Unique() bool { return k.Kind == KeyPrimary || k.Kind == KeyUnique }

// keyPart is a column or an expression in a key.
type keyPart struct {
	Column string   // "" for an expression
	Length string   // of a prefix
	text   string   // canonical
	Expr   string   // as printed, of an expression
	Uses   []string // columns, in lower case
}

// Same says whether two keys are equal in everything but name and visibility.
func (k *Key) Same(l *Key) bool {
	return k.Kind == l.Kind && k.Options == l.Options && slices.EqualFunc(k.Parts, l.Parts, func(p, q keyPart) bool {
		return strings.EqualFold(p.text, q.text)
	})
}

// Columns returns the names of the columns of the key in lower case; nil when a
// part is an expression or a prefix.
func (k *Key) Columns() []string {
	var out []string
	for _, p := range k.Parts {
		if p.Column == "" || p.Length != "" {
			return nil
		}
		out = append(out, strings.ToLower(p.Column))
	}
	return out
}

// Serves says whether the key can serve a foreign key over these columns (in
// lower case): they are the first ones of the key, in the same order. A prefix or
// an expression may stand behind them.
func (k *Key) Serves(columns []string) bool {
	switch k.Kind {
	case KeyPrimary, KeyUnique, KeyIndex:
	default:
		return false
	}
	var leading []string
	for _, p := range k.Parts {
		if p.Column == "" || p.Length != "" {
			break
		}
		leading = append(leading, strings.ToLower(p.Column))
	}
	return startsWith(leading, columns)
}

// startsWith says whether a list begins with another one, which is not empty.
func startsWith(list, head []string) bool {
	return len(head) > 0 && len(list) >= len(head) && slices.Equal(list[:len(head)], head)
}

// Touches says whether the key stands on that column (in lower case).
func (k *Key) Touches(column string) bool {
	return slices.ContainsFunc(k.Parts, func(p keyPart) bool { return slices.Contains(p.Uses, column) })
}

// Signature returns a text that is the same for keys that are the same.
func (k *Key) Signature() string {
	s := fmt.Sprint(k.Kind, k.Options, k.Hidden)
	for _, p := range k.Parts {
		s += "\x00" + strings.ToLower(p.text)
	}
	return s
}
