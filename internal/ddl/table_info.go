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
	if k.Kind == string(keyPrimary) {
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
	t, err := readTable(o.SQL, srv)
	if err != nil {
		return nil, err
	}
	info := &TableInfo{
		Name: o.Name, Engine: t.option("ENGINE"), CharacterSet: t.charset, Collation: resolved(t.collation),
		Comment: sqltext.Unquote(t.option("COMMENT"), false), Columns: make([]ColumnInfo, len(t.columns)),
	}
	for i := range t.columns {
		info.Columns[i] = t.columns[i].info(srv)
	}
	for i := range t.keys {
		info.Keys = append(info.Keys, t.keys[i].info())
	}
	for i := range t.foreignKeys {
		info.ForeignKeys = append(info.ForeignKeys, t.foreignKeys[i].info())
	}
	for _, c := range t.checks {
		info.Checks = append(info.Checks, CheckInfo{Name: c.name, Expression: c.exprText, Enforced: c.enforced, Definition: c.text})
	}
	for _, o := range t.options {
		switch o.name {
		case "ENGINE", "CHARSET", "COLLATE", "COMMENT":
		default:
			if info.Options == nil {
				info.Options = map[string]string{}
			}
			info.Options[o.name] = o.printed
		}
	}
	if t.partition != nil {
		info.Partitions = t.partition.text()
	}
	return info, nil
}

func (col *tableColumn) info(srv Server) ColumnInfo {
	c := ColumnInfo{
		Name: col.name, Type: col.typ.text, Nullable: !col.notNull, AutoIncrement: col.autoInc, Stored: col.stored,
		Invisible: col.invisible, Comment: col.comment, Check: col.checkText,
		Definition: strings.TrimPrefix(col.text(), sqltext.Quote(col.name)+" "),
		needsValue: col.generated == "" && !col.autoInc && (col.notNull && col.def == "" || col.refusesNull(srv)),
	}
	if col.collation != "" {
		c.CharacterSet, c.Collation = charsetOf(col.collation), resolved(col.collation)
	}
	for _, a := range col.attrs {
		toks := sqltext.Tokens(a.text, sqltext.Mode{})
		at := &sqltext.Cursor{Source: a.text, Tokens: toks}
		switch {
		case at.Accept("default"):
			if col.def != "null" {
				c.Default = sqltext.Join(toks[at.Index:])
			}
		case at.Accept("on", "update"):
			c.OnUpdate = sqltext.Join(toks[at.Index:])
		case col.generated != "" && (at.Accept("generated", "always", "as") || at.Accept("as")):
			c.Generated = sqltext.Join(at.Group())
		}
	}
	return c
}

func (k *key) info() KeyInfo {
	info := KeyInfo{Name: k.name, Kind: string(k.kind), Hidden: k.hidden, Definition: k.text}
	if k.kind == keyPrimary {
		info.Name = "PRIMARY"
	}
	for _, p := range k.parts {
		length, _ := strconv.ParseInt(p.length, 10, 64) // empty or digits
		info.Parts = append(info.Parts, KeyPartInfo{Column: p.column, Expression: p.expr, Length: length, Descending: strings.HasSuffix(p.text, " desc")})
	}
	c := sqltext.NewCursor(k.text)
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

func (f *foreignKey) info() ForeignKeyInfo {
	info := ForeignKeyInfo{
		Name: f.name, Columns: f.columns, Database: f.database, Table: f.parent, References: f.references,
		OnDelete: "RESTRICT", OnUpdate: "RESTRICT", Definition: f.text,
	}
	c := sqltext.NewCursor(f.rules)
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
	b, err := readTable(before.SQL, srv)
	if err != nil {
		return false
	}
	a, err := readTable(after.SQL, srv)
	if err != nil {
		return false
	}
	for _, col := range b.columns {
		if c := a.column(col.name); c != nil && ElementKey("column", col.name) == element {
			now := *c
			col.comment, now.comment = "", ""
			return col.same(&now)
		}
	}
	for _, k := range b.keys {
		if l := a.key(k.name); l != nil && ElementKey("key", k.name) == element {
			now := *l
			k.options, now.options = withoutComment(k.options), withoutComment(now.options)
			return k.hidden == now.hidden && k.same(&now)
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
