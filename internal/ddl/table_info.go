package ddl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// TableInfo is a table as data: what SHOW CREATE TABLE says, taken apart by the
// same reader that comparisons use. Texts of expressions are as the server
// prints them.
type TableInfo struct {
	Name         string            `json:"name"`
	Engine       string            `json:"engine,omitempty"`
	CharacterSet string            `json:"character_set,omitempty"`
	Collation    string            `json:"collation,omitempty"`
	Comment      string            `json:"comment,omitempty"`
	Columns      []ColumnInfo      `json:"columns"`
	Keys         []KeyInfo         `json:"keys,omitempty"`
	ForeignKeys  []ForeignKeyInfo  `json:"foreign_keys,omitempty"`
	Checks       []CheckInfo       `json:"checks,omitempty"`
	Options      map[string]string `json:"options,omitempty"`    // further ones: name in upper case to the printed value
	Partitions   string            `json:"partitions,omitempty"` // PARTITION BY … on one line
}

// ColumnInfo is a column of a table.
type ColumnInfo struct {
	Name          string `json:"name"`
	Type          string `json:"type"` // with length and sign: `int unsigned`
	Nullable      bool   `json:"nullable"`
	Default       string `json:"default,omitempty"`   // as SQL: `'x'`, `0`, `current_timestamp()`; empty for none and for NULL
	OnUpdate      string `json:"on_update,omitempty"` // as SQL
	AutoIncrement bool   `json:"auto_increment,omitempty"`
	Generated     string `json:"generated,omitempty"` // expression of a generated column
	Stored        bool   `json:"stored,omitempty"`    // of a generated column
	Invisible     bool   `json:"invisible,omitempty"`
	CharacterSet  string `json:"character_set,omitempty"` // of a textual type
	Collation     string `json:"collation,omitempty"`
	Comment       string `json:"comment,omitempty"`
	Check         string `json:"check,omitempty"` // MariaDB: CHECK of the column
	Definition    string `json:"definition"`      // everything behind the name

	needsValue bool
}

// NeedsValue says whether an INSERT fails that does not name the column.
func (c *ColumnInfo) NeedsValue() bool { return c.needsValue }

// Element returns the name of the column as an element, see ElementChange.
func (c *ColumnInfo) Element() string { return ElementKey("column", c.Name) }

// KeyInfo is a key of a table. A primary key is called PRIMARY.
type KeyInfo struct {
	Name       string        `json:"name"`
	Kind       string        `json:"kind"` // primary, unique, index, fulltext, spatial or vector
	Parts      []KeyPartInfo `json:"parts"`
	Hidden     bool          `json:"hidden,omitempty"` // INVISIBLE (MySQL), IGNORED (MariaDB)
	Comment    string        `json:"comment,omitempty"`
	Definition string        `json:"definition"`
}

// Element returns the name of the key as an element, see ElementChange.
func (k *KeyInfo) Element() string {
	if k.Kind == string(KeyPrimary) {
		return ElementKey("key", "")
	}
	return ElementKey("key", k.Name)
}

// KeyPartInfo is a column or an expression in a key.
type KeyPartInfo struct {
	Column     string `json:"column,omitempty"` // empty for an expression
	Expression string `json:"expression,omitempty"`
	Length     int64  `json:"length,omitempty"` // of a prefix, 0 for the whole column
	Descending bool   `json:"descending,omitempty"`
}

// ForeignKeyInfo is a foreign key of a table. RESTRICT and NO ACTION are the
// same to the servers; where none is printed it is RESTRICT.
type ForeignKeyInfo struct {
	Name       string   `json:"name"`
	Columns    []string `json:"columns"`            // in lower case
	Database   string   `json:"database,omitempty"` // of the parent, when it is another one
	Table      string   `json:"table"`              // the parent
	References []string `json:"references"`         // columns of the parent, in lower case
	OnDelete   string   `json:"on_delete"`
	OnUpdate   string   `json:"on_update"`
	Definition string   `json:"definition"`
}

// Element returns the name of the foreign key as an element, see ElementChange.
func (f *ForeignKeyInfo) Element() string { return ElementKey("foreign key", f.Name) }

// CheckInfo is a CHECK of a table.
type CheckInfo struct {
	Name       string `json:"name"`
	Expression string `json:"expression"`
	Enforced   bool   `json:"enforced"`
	Definition string `json:"definition"`
}

// Element returns the name of the check as an element, see ElementChange.
func (c *CheckInfo) Element() string { return ElementKey("check", c.Name) }

// DescribeTable returns a table as data. The error says why the text is not
// understood; such a table can only be compared as a whole.
func DescribeTable(o Object, srv Server) (*TableInfo, error) {
	t, err := ReadTable(o.SQL, srv)
	if err != nil {
		return nil, err
	}
	info := &TableInfo{
		Name: o.Name, Engine: t.Option("ENGINE"), CharacterSet: t.Charset, Collation: resolved(t.Collation),
		Comment: sqltext.Unquote(t.Option("COMMENT"), false), Columns: make([]ColumnInfo, len(t.Columns)),
	}
	for i := range t.Columns {
		info.Columns[i] = t.Columns[i].info(srv)
	}
	for i := range t.Keys {
		info.Keys = append(info.Keys, t.Keys[i].info())
	}
	for i := range t.ForeignKeys {
		info.ForeignKeys = append(info.ForeignKeys, t.ForeignKeys[i].info())
	}
	for _, c := range t.Checks {
		info.Checks = append(info.Checks, CheckInfo{Name: c.Name, Expression: c.ExprText, Enforced: c.Enforced, Definition: c.Text})
	}
	for _, o := range t.Options {
		switch o.Name {
		case "ENGINE", "CHARSET", "COLLATE", "COMMENT":
		default:
			if info.Options == nil {
				info.Options = map[string]string{}
			}
			info.Options[o.Name] = o.printed
		}
	}
	if t.Partition != nil {
		info.Partitions = t.Partition.Text()
	}
	return info, nil
}

func (col *Column) info(srv Server) ColumnInfo {
	c := ColumnInfo{
		Name: col.Name, Type: col.Type.Text, Nullable: !col.NotNull, AutoIncrement: col.AutoIncrement, Stored: col.stored,
		Invisible: col.Invisible, Comment: col.comment, Check: col.CheckText,
		Definition: strings.TrimPrefix(col.Text(), sqltext.Quote(col.Name)+" "),
		needsValue: col.Generated == "" && !col.AutoIncrement && (col.NotNull && col.Default == "" || col.RefusesNull(srv)),
	}
	if col.Collation != "" {
		c.CharacterSet, c.Collation = CharsetOf(col.Collation), resolved(col.Collation)
	}
	for _, a := range col.Attributes {
		toks := sqltext.Tokens(a.Text, sqltext.Mode{})
		at := &sqltext.Cursor{Source: a.Text, Tokens: toks}
		switch {
		case at.Accept("default"):
			if col.Default != "null" {
				c.Default = sqltext.Join(toks[at.Index:])
			}
		case at.Accept("on", "update"):
			c.OnUpdate = sqltext.Join(toks[at.Index:])
		case col.Generated != "" && (at.Accept("generated", "always", "as") || at.Accept("as")):
			c.Generated = sqltext.Join(at.Group())
		}
	}
	return c
}

func (k *Key) info() KeyInfo {
	info := KeyInfo{Name: k.Name, Kind: string(k.Kind), Hidden: k.Hidden, Definition: k.Text}
	if k.Kind == KeyPrimary {
		info.Name = "PRIMARY"
	}
	for _, p := range k.Parts {
		length, _ := strconv.ParseInt(p.Length, 10, 64) // empty or digits
		info.Parts = append(info.Parts, KeyPartInfo{Column: p.Column, Expression: p.Expr, Length: length, Descending: strings.HasSuffix(p.text, " desc")})
	}
	c := sqltext.NewCursor(k.Text)
	for ; !c.Done(); c.Index++ {
		if c.Peek().IsPunct('(') {
			c.Group()
		}
		if c.Accept("comment") {
			info.Comment = sqltext.Unquote(c.Peek().Text, false)
		}
	}
	return info
}

func (f *ForeignKey) info() ForeignKeyInfo {
	info := ForeignKeyInfo{
		Name: f.Name, Columns: f.Columns, Database: f.Database, Table: f.Parent, References: f.References,
		OnDelete: "RESTRICT", OnUpdate: "RESTRICT", Definition: f.Text,
	}
	c := sqltext.NewCursor(f.Text)
	for !c.Done() {
		rule := &info.OnUpdate
		switch {
		case c.Accept("on", "delete"):
			rule = &info.OnDelete
		case c.Accept("on", "update"):
		default:
			c.Next()
			continue
		}
		words := []string{c.Next().Text}
		if c.At("null") || c.At("default") || c.At("action") {
			words = append(words, c.Next().Text)
		}
		*rule = strings.ToUpper(strings.Join(words, " "))
	}
	return info
}

// SameButComment says whether a column or key (see ElementChange) of two states
// of a table differs in its comment at most.
func SameButComment(before, after Object, element string, srv Server) bool {
	b, err := ReadTable(before.SQL, srv)
	if err != nil {
		return false
	}
	a, err := ReadTable(after.SQL, srv)
	if err != nil {
		return false
	}
	for _, col := range b.Columns {
		if c := a.Column(col.Name); c != nil && ElementKey("column", col.Name) == element {
			now := *c
			col.comment, now.comment = "", ""
			return col.Same(&now)
		}
	}
	for _, k := range b.Keys {
		if l := a.Key(k.Name); l != nil && ElementKey("key", k.Name) == element {
			now := *l
			k.Options, now.Options = withoutComment(k.Options), withoutComment(now.Options)
			return k.Hidden == now.Hidden && k.Same(&now)
		}
	}
	return false
}

// withoutComment leaves the comment out of the options of a key.
func withoutComment(options string) string {
	toks := sqltext.Tokens(options, sqltext.Mode{})
	for i, t := range toks {
		if t.Is("comment") && i+1 < len(toks) {
			return sqltext.Canonical(append(slices.Clone(toks[:i]), toks[i+2:]...))
		}
	}
	return options
}
