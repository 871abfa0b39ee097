package dump

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// mainVerb is the first word of a statement in upper case, that behind WITH and its
// queries, or behind parentheses.
func mainVerb(toks []sqltext.Token) string {
	depth := 0
	for i, t := range toks {
		switch {
		case t.IsPunct('(') && i > 0 && toks[0].Is("WITH"):
			depth++
		case t.IsPunct(')'):
			depth--
		case t.Kind == sqltext.Word && depth <= 0 && !toks[0].Is("WITH"):
			return strings.ToUpper(t.Text)
		case depth == 0 && i > 0 && t.IsAny("SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "VALUES", "TABLE"):
			return strings.ToUpper(t.Text)
		}
	}
	return ""
}

// assigned are the user variables that a statement gives values to.
func assigned(toks []sqltext.Token) []string {
	var names []string
	for i, t := range toks {
		name := t.UserVariable()
		if name == "" {
			continue
		}
		behind := i+2 < len(toks) && toks[i+1].IsPunct(':') && toks[i+2].IsPunct('=')
		set := toks[0].Is("SET") && i+1 < len(toks) && toks[i+1].IsPunct('=') && (toks[i-1].Is("SET") || toks[i-1].IsPunct(','))
		if behind || set || isTarget(toks, i) {
			names = append(names, name)
		}
	}
	return names
}

// isTarget says whether a variable stands in the list behind INTO.
func isTarget(toks []sqltext.Token, i int) bool {
	for i--; i > 0 && toks[i].IsPunct(','); i -= 2 {
		if i < 1 || toks[i-1].UserVariable() == "" {
			return false
		}
	}
	return i >= 0 && toks[i].Is("INTO")
}

// findRows finds the statements that belong to those which change rows, though they do
// not begin as those do: what moves a sequence, what calls a function of the file, what
// changes rows behind WITH, and what gives values to variables that rows read, also
// by way of another variable or a program that rows set off.
func (d *dump) findRows() {
	d.rowsToo, d.reads = map[source.Position]bool{}, map[string]bool{}
	functions := map[string]bool{}
	for i := range d.parts {
		if p := &d.parts[i]; !p.gone && p.Verb == "CREATE" && p.Kind == ddl.KindFunction {
			functions[strings.ToLower(p.Object)] = true
		}
	}
	for _, p := range slices.Backward(d.parts) {
		if p.gone {
			continue
		}
		program := p.Verb == "CREATE" && (p.Kind == ddl.KindTrigger || p.Kind == ddl.KindFunction || p.Kind == ddl.KindProcedure)
		handed := slices.ContainsFunc(assigned(p.toks), func(name string) bool { return d.reads[name] })
		too := !program && (handed || movesRows(p.toks, functions))
		if d.layer == source.LayerSchema && too {
			d.rowsToo[p.Position] = true
		}
		query := p.Verb == "CREATE" && p.Kind == ddl.KindTable && p.MadeOfQuery()
		if !program && !too && !query && !p.ChangesRows() && (d.layer == source.LayerSchema || p.Verb == "SET") {
			continue
		}
		for _, t := range p.toks {
			if name := t.UserVariable(); name != "" {
				d.reads[name] = true
			}
		}
	}
}

// movesRows says whether a statement changes rows or sequences though it begins
// like a query.
func movesRows(toks []sqltext.Token, functions map[string]bool) bool {
	switch verb := mainVerb(toks); {
	case len(toks) == 0:
		return false
	case toks[0].Is("WITH") && verb != "SELECT" && verb != "VALUES" && verb != "TABLE":
		return true
	case verb != "SELECT" && verb != "DO":
		return false
	}
	for i, t := range toks {
		call := i+1 < len(toks) && toks[i+1].IsPunct('(') && (t.IsAny("SETVAL", "NEXTVAL") || t.IsName() && functions[strings.ToLower(t.Value())])
		next := t.Is("NEXT") && i+2 < len(toks) && toks[i+1].Is("VALUE") && toks[i+2].Is("FOR")
		if call || next {
			return true
		}
	}
	return false
}

// emptied is a table that the file truncates.
type emptied struct {
	filled []*part // the statements above that change its rows and those of no other table
	read   bool    // another statement has read them, or has changed rows beside others
}

// truncated leaves TRUNCATE out, with the rows that the file has put into the table
// before. Where another statement has read those it stays, and is refused.
func (d *dump) truncated() {
	tables := map[string]*emptied{}
	for i := range d.parts {
		if table := truncates(&d.parts[i]); table != "" {
			tables[table] = &emptied{}
		}
	}
	if len(tables) == 0 {
		return
	}
	d.emptied = map[string]source.Position{}
	setOff := map[string][]*emptied{} // what triggers name, by their tables
	for i := range d.parts {
		p := &d.parts[i]
		switch table := truncates(p); {
		case p.gone:
		case table != "" && !tables[table].read:
			for _, former := range tables[table].filled {
				d.leaveOut(former)
			}
			tables[table].filled = nil
			if _, ok := d.emptied[table]; !ok {
				d.emptied[table] = p.Position
			}
			d.warn(p.Position, source.CodeIgnored, source.SummaryIgnored, "`TRUNCATE` is of no use here: a new database has no rows but those of the file, and those that stand above it are left out. Remove it to be rid of this warning.")
			d.leaveOut(p)
		case p.Verb == "CREATE" && p.Kind == ddl.KindTrigger:
			for _, t := range p.toks {
				if of := tables[t.Value()]; of != nil && t.IsName() {
					setOff[p.Table] = append(setOff[p.Table], of)
				}
			}
		case p.ChangesRows() || d.rowsToo[p.Position] || p.Verb == "CREATE" && p.Kind == ddl.KindTable && p.MadeOfQuery():
			p.touches(tables)
			for _, of := range setOff[p.Table] {
				of.read = true
			}
		}
	}
}

// touches tells the tables that a statement names of it.
func (p *part) touches(tables map[string]*emptied) {
	own := tables[p.Table]
	if own != nil && p.ChangesRows() {
		own.filled = append(own.filled, p)
		own.read = own.read || p.updatesSeveral()
	}
	named := false
	for _, t := range p.toks {
		for name, other := range tables { // servers may tell names apart by case, or not
			if t.IsName() && name != t.Value() && strings.EqualFold(name, t.Value()) {
				other.read = true
			}
		}
		of := tables[t.Value()]
		if of == nil || !t.IsName() {
			continue
		}
		of.read = of.read || of != own || named
		named = named || of == own
	}
}

// updatesSeveral says whether a statement updates a list or a join of tables.
func (p *part) updatesSeveral() bool {
	if p.Verb != "UPDATE" {
		return false
	}
	set := slices.IndexFunc(p.toks, func(t sqltext.Token) bool { return t.Is("SET") })
	return slices.ContainsFunc(p.toks[:max(set, 0)], func(t sqltext.Token) bool { return t.IsPunct(',') || t.IsAny("JOIN", "STRAIGHT_JOIN") })
}

// truncates returns the table that a statement truncates, empty for none.
func truncates(p *part) string {
	if p.gone || p.Verb != "TRUNCATE" || len(p.toks) < 2 {
		return ""
	}
	at := 1
	if p.toks[at].Is("TABLE") {
		at++
	}
	name, _ := sqltext.NameAt(p.toks, at)
	return name.Value()
}
