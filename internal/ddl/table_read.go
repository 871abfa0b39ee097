package ddl

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

var errNotATable = errors.New("the text is no CREATE TABLE with a list of columns")

// ReadTable reads what SHOW CREATE TABLE prints. It keeps every piece of the
// text, understood or not, so that nothing is lost when a statement is made of
// it. An error means that the table can only be compared as text.
func ReadTable(sql string, srv Server) (*Table, error) {
	c := sqltext.NewCursor(sql)
	if !c.Accept("create") {
		return nil, errNotATable
	}
	c.Accept("temporary")
	if !c.Accept("table") {
		return nil, errNotATable
	}
	c.Accept("if", "not", "exists")
	name, i := sqltext.NameAt(c.Tokens, c.Index)
	c.Index = i
	body := c.Group()
	if body == nil {
		return nil, errNotATable
	}
	t := &Table{Name: name.Value(), Server: srv}
	for _, element := range sqltext.SplitCommas(body) {
		if err := t.element(&sqltext.Cursor{Source: sql, Tokens: element}); err != nil {
			return nil, err
		}
	}
	if len(t.Columns) == 0 {
		return nil, errNotATable
	}
	if err := t.readOptions(c); err != nil {
		return nil, err
	}
	t.resolveCollations(srv)
	t.settleIntroducers()
	return t, nil
}

// settleIntroducers takes _binary away before texts of expressions that name a column
// of bytes: MySQL prints the character set of the connection there until it has
// altered the table, and _binary from then on.
func (t *Table) settleIntroducers() {
	bytes := func(names []string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			c := t.Column(name)
			return c != nil && (c.Type.Binary() || c.Type.family() == familySpatial)
		})
	}
	settle := func(expr *string, uses []string) {
		if bytes(uses) {
			*expr = binaryIntroducer.ReplaceAllString(*expr, "'")
		}
	}
	for i := range t.Checks {
		settle(&t.Checks[i].Expr, t.Checks[i].Uses)
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		settle(&c.Generated, c.Uses)
		settle(&c.Check, []string{c.Name})
	}
	for i := range t.Keys {
		for j := range t.Keys[i].Parts {
			settle(&t.Keys[i].Parts[j].text, t.Keys[i].Parts[j].Uses)
		}
	}
}

// binaryIntroducer is one, before a text, in a canonical expression.
var binaryIntroducer = regexp.MustCompile(`_(binary|utf8mb4) '`)

// element reads one line of the list in parentheses.
func (t *Table) element(c *sqltext.Cursor) error {
	first := c.Peek()
	if first.Kind == sqltext.Name {
		col, err := readColumn(c)
		if err != nil {
			return fmt.Errorf("column `%s`: %w", first.Value(), err)
		}
		t.Columns = append(t.Columns, col)
		return nil
	}
	text := sqltext.Join(c.Tokens)
	switch {
	case c.At("period"):
		t.Periods = append(t.Periods, text)
		t.Versioned = t.Versioned || c.At("period", "for", "system_time")
		return nil
	case c.At("constraint"), c.At("check"), c.At("foreign"):
		return t.readConstraint(c)
	case first.IsAny("primary", "unique", "key", "index", "fulltext", "spatial", "vector"):
		k, err := readKey(c)
		if err != nil {
			return fmt.Errorf("key %s: %w", text, err)
		}
		t.Keys = append(t.Keys, k)
		return nil
	}
	return fmt.Errorf("%s is not understood", text)
}
