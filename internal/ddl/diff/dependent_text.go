package diff

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// textNames is the text of a view, trigger, routine or event, read for the
// names in it.
type textNames struct {
	toks    []sqltext.Token
	view    bool
	table   string              // of a trigger
	own     string              // the object's own name
	aliases map[string][]string // of the tables of a view: alias to names, in lower case
}

func readNames(o ddl.Object) *textNames {
	t := &textNames{toks: sqltext.Tokens(o.SQL, sqltext.Mode{}), view: o.Kind == ddl.KindView, table: o.Table, own: o.Name, aliases: map[string][]string{}}
	for i := 0; t.view && i+1 < len(t.toks); i++ {
		name, alias := t.toks[i], i+1
		if !t.identifies(name) || i > 0 && t.toks[i-1].IsPunct('.') {
			continue
		}
		if t.toks[alias].Is("as") && alias+1 < len(t.toks) {
			alias++
		}
		if t.identifies(t.toks[alias]) {
			key := strings.ToLower(t.toks[alias].Value())
			t.aliases[key] = append(t.aliases[key], strings.ToLower(name.Value()))
		}
	}
	return t
}

// identifies says whether a token can be the name of something. Servers print
// views with every name quoted; other texts are as their author wrote them.
func (t *textNames) identifies(tok sqltext.Token) bool {
	return tok.Kind == sqltext.Name || !t.view && tok.Kind == sqltext.Word
}

// names says whether the text names a table, view or routine of that name, in
// any case, apart from the object itself.
func (t *textNames) names(name string) bool {
	if strings.EqualFold(t.table, name) {
		return true
	}
	left := 0
	if strings.EqualFold(t.own, name) {
		left = 1 // its own name stands behind CREATE
	}
	for _, tok := range t.toks {
		if t.identifies(tok) && strings.EqualFold(tok.Value(), name) {
			if left--; left < 0 {
				return true
			}
		}
	}
	return false
}

// reads says whether the text may read or write a column of a table.
func (t *textNames) reads(table, column string) bool {
	if !t.names(table) {
		return false
	}
	for i, tok := range t.toks {
		if t.identifies(tok) && strings.EqualFold(tok.Value(), column) && t.columnOf(i, table) {
			return true
		}
	}
	return false
}

// columnOf says whether the name at i may be a column of the table: by what
// stands before its dot. Servers print no column of a view without that.
func (t *textNames) columnOf(i int, table string) bool {
	if i < 2 || !t.toks[i-1].IsPunct('.') || !t.toks[i-2].IsName() {
		return !t.view
	}
	before := strings.ToLower(t.toks[i-2].Value())
	if t.table != "" && (before == "new" || before == "old") {
		return strings.EqualFold(t.table, table)
	}
	if before == strings.ToLower(table) {
		return true
	}
	if !t.view {
		return true // an alias, a derived table, a record: nobody reads a body that closely
	}
	return slices.Contains(t.aliases[before], strings.ToLower(table))
}
