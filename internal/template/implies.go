package template

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// Implies says whether the structure of a smaller composition is sure to work
// on a server on which that of this one does: it is this one without some
// modules, and nothing in it mentions what those modules make or change. When
// in doubt it says no. Of the seeds it says only that they find the tables and
// columns that they name, not that they find the rows; see SeedsOf.
func (c *Composition) Implies(smaller *Composition) bool {
	if c.ForwardKeys != smaller.ForwardKeys || !slices.Equal(texts(c.without(smaller.Modules)), texts(smaller.Statements)) {
		return false
	}
	touched, known := c.touched(smaller.Modules)
	if !known {
		return false
	}
	// The cores are built before any module, so only their seeds could need one.
	return !slices.ContainsFunc(smaller.Statements, func(st Statement) bool {
		return (st.Level > 1 || st.Seed) && touched.in(st.SQL)
	})
}

// SeedsOf returns the seeds of the cores and of some modules, in their order.
func (c *Composition) SeedsOf(modules []string) []Statement {
	return slices.DeleteFunc(c.without(modules), func(st Statement) bool { return !st.Seed })
}

// without returns the statements that are left when only some modules are.
func (c *Composition) without(kept []string) []Statement {
	return slices.DeleteFunc(slices.Clone(c.Statements), func(st Statement) bool { return !belongs(st, kept) })
}

// belongs says whether a statement is of a core or of one of some modules.
func belongs(st Statement, modules []string) bool {
	return st.Level == 1 || slices.ContainsFunc(modules, func(m string) bool { return st.Origin == "module "+m })
}

func texts(statements []Statement) []string {
	list := make([]string, len(statements))
	for i, st := range statements {
		list[i] = st.SQL
	}
	return list
}

// touched returns the words of the names of everything that the modules beside
// some make or change, and of what is built upon that. It is unknown when one
// of their statements may change anything.
func (c *Composition) touched(kept []string) (touched words, known bool) {
	touched = words{}
	for _, st := range c.Statements {
		if belongs(st, kept) || st.Seed {
			continue
		}
		named := st.Object != "" && st.Kind != "" && (st.Verb == "CREATE" || st.Verb == "ALTER")
		renames := st.Verb == "ALTER" && words{"rename": true}.in(st.SQL) // to a name that is not known here
		if !named || renames {
			return nil, false
		}
		touched.add(st.Object)
		touched.add(st.Table)
	}
	for grown := true; grown; {
		grown = false
		for _, st := range c.Statements {
			// Views and programs pass on what they stand on.
			if st.Verb == "CREATE" && st.Kind != ddl.KindTable && !touched.in(st.Object) && touched.in(st.SQL) {
				touched.add(st.Object)
				touched.add(st.Table)
				grown = true
			}
		}
	}
	return touched, true
}

// words are the words of some names, in lower case.
type words map[string]bool

func (w words) add(name string) {
	for _, word := range wordsOf(name) {
		w[word] = true
	}
}

// in says whether a text has one of the words, be it in a string or a comment.
func (w words) in(text string) bool {
	return slices.ContainsFunc(wordsOf(text), func(word string) bool { return w[word] })
}

// wordsOf cuts a text wherever no unquoted name could go on. A quoted name with
// other characters becomes several words.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r < 0x80 && r != '_' && r != '$' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
}
