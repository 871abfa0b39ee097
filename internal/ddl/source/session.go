package source

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// SessionUse is what a statement takes from its session that a statement before
// it has left there.
type SessionUse struct {
	// Variables are the user variables that it names, as `@name` in lower case.
	Variables []string
	// Set are those of them that it sets whatever they were before.
	Set []string
	// Former are the functions that it asks for what the statement before has
	// done, such as `LAST_INSERT_ID()`.
	Former []string
}

// formerFunctions ask for what a former statement has done.
var formerFunctions = []string{"LAST_INSERT_ID", "ROW_COUNT", "FOUND_ROWS"}

// SessionUse says what a statement on rows takes from its session and leaves
// there, as far as its words tell.
func (st *Statement) SessionUse() SessionUse {
	toks := sqltext.Tokens(st.Text, sqltext.Mode{})
	var use SessionUse
	count := map[string]int{}
	for i, t := range toks {
		if name := t.UserVariable(); name != "" {
			count[name]++
			use.Variables = append(use.Variables, name)
		}
		empty := i+2 < len(toks) && toks[i+1].IsPunct('(') && toks[i+2].IsPunct(')')
		if empty && t.IsAny(formerFunctions...) {
			use.Former = append(use.Former, strings.ToUpper(t.Text)+"()")
		}
	}
	if st.Verb == "SET" {
		for _, assignment := range sqltext.SplitCommas(toks[1:]) {
			// Not one that reads itself: `SET @n = @n + 1`.
			if len(assignment) == 0 {
				continue
			}
			if name := assignment[0].UserVariable(); name != "" && count[name] == 1 {
				use.Set = append(use.Set, name)
			}
		}
	}
	for _, list := range []*[]string{&use.Variables, &use.Set, &use.Former} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return use
}

// ChangesStructure says whether a statement is one that a server commits by
// itself.
func (st *Statement) ChangesStructure() bool {
	return slices.Contains([]string{"CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE"}, st.Verb)
}
