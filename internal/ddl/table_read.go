package ddl

import (
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

var errNotATable = errors.New("the text is no CREATE TABLE with a list of columns")

// readTable reads what SHOW CREATE TABLE prints. It keeps every piece of the
// text, understood or not, so that nothing is lost when a statement is made of
// it. An error means that the table can only be compared as text.
func readTable(sql string, srv Server) (*table, error) {
	c := newCursor(sql)
	if !c.accept("create") {
		return nil, errNotATable
	}
	c.accept("temporary")
	if !c.accept("table") {
		return nil, errNotATable
	}
	c.accept("if", "not", "exists")
	name, i := nameAt(c.toks, c.i)
	c.i = i
	body := c.group()
	if body == nil {
		return nil, errNotATable
	}
	t := &table{name: name.Value(), server: srv}
	for _, element := range commaList(body) {
		if err := t.element(&cursor{src: sql, toks: element}); err != nil {
			return nil, err
		}
	}
	if len(t.columns) == 0 {
		return nil, errNotATable
	}
	if err := t.readOptions(c); err != nil {
		return nil, err
	}
	t.resolveCollations(srv)
	return t, nil
}

// element reads one line of the list in parentheses.
func (t *table) element(c *cursor) error {
	first := c.peek()
	if first.Kind == sqltext.Name {
		col, err := readColumn(c)
		if err != nil {
			return fmt.Errorf("column `%s`: %w", first.Value(), err)
		}
		t.columns = append(t.columns, col)
		return nil
	}
	text := renderTokens(c.toks)
	switch {
	case c.at("period"):
		t.periods = append(t.periods, text)
		t.versioned = t.versioned || c.at("period", "for", "system_time")
		return nil
	case c.at("constraint"), c.at("check"), c.at("foreign"):
		return t.readConstraint(c)
	case first.IsAny("primary", "unique", "key", "index", "fulltext", "spatial", "vector"):
		k, err := readKey(c)
		if err != nil {
			return fmt.Errorf("key %s: %w", text, err)
		}
		t.keys = append(t.keys, k)
		return nil
	}
	return fmt.Errorf("%s is not understood", text)
}
