package dump

import (
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// viewsInOrder moves each view behind the views of the file that it mentions.
// Everything else stays; a circle is left as it is.
func viewsInOrder(statements []source.Statement) []source.Statement {
	views := map[string]int{}
	for i, st := range statements {
		if st.Kind == ddl.KindView && st.Verb == "CREATE" {
			views[st.Object] = i
		}
	}
	if len(views) < 2 {
		return statements
	}
	out := make([]source.Statement, 0, len(statements))
	made := map[string]bool{}
	waiting := map[string][]int{} // by the view that they wait for
	var add func(i int)
	add = func(i int) {
		st := statements[i]
		for _, other := range mentioned(&st, views) {
			if !made[other] {
				waiting[other] = append(waiting[other], i)
				return
			}
		}
		out = append(out, st)
		made[st.Object] = true
		for _, k := range waiting[st.Object] {
			add(k)
		}
		delete(waiting, st.Object)
	}
	for i, st := range statements {
		if views[st.Object] != i || st.Kind != ddl.KindView || st.Verb != "CREATE" {
			out = append(out, st)
			continue
		}
		add(i)
	}
	if len(out) != len(statements) {
		return statements
	}
	return out
}

// mentioned are the views whose names stand in a view.
func mentioned(st *source.Statement, views map[string]int) []string {
	var names []string
	for _, t := range sqltext.Tokens(st.Text, sqltext.Mode{}) {
		name := t.Value()
		if _, ok := views[name]; ok && t.IsName() && name != st.Object && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
