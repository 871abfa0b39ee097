package ddl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Place names a thing in a schema: a whole object, or an element of a table.
type Place struct {
	Object  string // kind and name: `table users`
	Element string // part of a table, in lower case: "column `phone`"; empty for the whole object
}

// Compare orders places by object, then by element.
func (p Place) Compare(q Place) int {
	return cmp.Or(strings.Compare(p.Object, q.Object), strings.Compare(p.Element, q.Element))
}

// objectKinds are the kinds that a place can begin with, two words before one.
func objectKinds() []Kind {
	return []Kind{KindPackageBody, KindTable, KindView, KindProcedure, KindFunction, KindTrigger, KindEvent, KindSequence, KindPackage}
}

// SplitObject takes kind and name of an object apart.
func SplitObject(object string) (kind Kind, name string) {
	for _, k := range objectKinds() {
		if rest, ok := strings.CutPrefix(object, string(k)+" "); ok {
			return k, rest
		}
	}
	before, rest, _ := strings.Cut(object, " ")
	return Kind(before), rest
}

// String writes the place in the form that ParsePlace reads: table users column
// phone. Names that are no plain words stand in backquotes.
func (p Place) String() string {
	kind, name := SplitObject(p.Object)
	text := string(kind) + " " + plainName(name)
	if p.Element == "" {
		return text
	}
	of, element, found := strings.Cut(p.Element, " `")
	if !found {
		return text + " " + p.Element
	}
	return text + " " + of + " " + plainName(strings.TrimSuffix(element, "`"))
}

// plainName returns a name without quotes when it is one word of letters,
// digits, `_` and `$`.
func plainName(name string) string {
	for i := range len(name) {
		if !sqltext.IsWordByte(name[i]) {
			return sqltext.Quote(name)
		}
	}
	if name == "" {
		return sqltext.Quote(name)
	}
	return name
}

// ParsePlace reads a place as people write it: `view report`, `table users
// column phone`, with or without backquotes around the names; an index is a
// key. The error says what is wrong with the text.
func ParsePlace(text string) (Place, error) {
	c := sqltext.NewCursor(text)
	var kind Kind
	for _, k := range objectKinds() {
		if c.Accept(strings.Fields(string(k))...) {
			kind = k
			break
		}
	}
	if kind == "" {
		return Place{}, fmt.Errorf("`%s` does not begin with the kind of an object, such as `table` or `view`", text)
	}
	name := c.Next()
	if !name.IsName() {
		return Place{}, fmt.Errorf("`%s` names no %s", text, kind)
	}
	p := Place{Object: string(kind) + " " + name.Value()}
	switch {
	case c.Done():
		return p, nil
	case kind != KindTable:
		return Place{}, fmt.Errorf("`%s` goes on behind the name, but only tables have parts", text)
	}
	var err error
	p.Element, err = readElement(c)
	return p, err
}

// readElement reads the part of a table in a place.
func readElement(c *sqltext.Cursor) (string, error) {
	start := c.Peek().Start
	for _, of := range []string{"foreign key", "column", "key", "index", "check"} {
		if !c.Accept(strings.Fields(of)...) {
			continue
		}
		name := c.Next()
		if !name.IsName() || !c.Done() {
			return "", fmt.Errorf("`%s` has to end with the name of the %s", c.Source, of)
		}
		if of == "index" {
			of = "key"
		}
		return ElementKey(of, name.Value()), nil
	}
	element := strings.ToLower(strings.TrimSpace(c.Source[start:]))
	if slices.Contains([]string{"primary key", "default collation", "partitions"}, element) || strings.HasPrefix(element, "option ") {
		return element, nil
	}
	return "", fmt.Errorf("`%s` names no part of a table: a part is a `column`, `key`, `foreign key` or `check` with its name, or the `primary key`", c.Source)
}

// ElementKey returns the name of a part of a table as it stands in a Place and
// in an ElementChange, in lower case: "column `phone`". kind is column, key,
// foreign key or check; a key without a name is the primary key.
func ElementKey(kind, name string) string {
	if name == "" {
		return "primary key"
	}
	return strings.ToLower(kind + " `" + name + "`")
}
