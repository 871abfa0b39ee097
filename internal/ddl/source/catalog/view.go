package catalog

import (
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
	"vitess.io/vitess/go/vt/sqlparser"
)

// createView adds a view and judges the tables and columns that it reads.
func (c *Catalog) createView() {
	st := c.current
	r := &relation{kind: ddl.KindView, columns: map[string]sourceColumn{}, opaque: true}
	ctes := cteNames(sqltext.Tokens(st.Text, sqltext.Mode{}))
	missing := c.viewTables(ctes)
	if create, ok := st.Tree().(*sqlparser.CreateView); ok && !missing {
		v := viewReader{c: c, names: ctes}
		v.read(create)
		if columns, known := v.columns(create); known {
			r.opaque = false
			r.order = columns
			for _, name := range columns {
				r.columns[strings.ToLower(name)] = sourceColumn{}
			}
		}
	}
	c.relate(r)
}

// viewTables looks at the tables a view reads. It says whether one is missing.
// It reads tokens, so that it works for views that vitess does not parse.
func (c *Catalog) viewTables(ctes map[string]bool) bool {
	st := c.current
	missing := false
	seen := map[string]bool{}
	for _, t := range st.TableNames() {
		name := t.Value()
		if t.Start == st.Head.Object.Start || ctes[strings.ToLower(name)] || seen[name] || strings.EqualFold(name, "DUAL") {
			continue
		}
		seen[name] = true
		if c.relations[name] == nil {
			missing = true
			c.needs = append(c.needs, need{site: c.here(t), what: "View `" + st.Object + "`", table: name})
		}
	}
	return missing
}

// cteNames are the names before `AS (`, in lower case: those of WITH, and a few
// others that do no harm.
func cteNames(toks []sqltext.Token) map[string]bool {
	names := map[string]bool{}
	for i := 1; i+1 < len(toks); i++ {
		if !toks[i].Is("AS") || !toks[i+1].IsPunct('(') {
			continue
		}
		k := i - 1
		if toks[k].IsPunct(')') { // WITH c (a, b) AS (
			for k > 0 && !toks[k].IsPunct('(') {
				k--
			}
			k--
		}
		if k >= 0 {
			names[strings.ToLower(toks[k].Value())] = true
		}
	}
	return names
}

// viewReader looks for columns that surely do not exist.
type viewReader struct {
	c      *Catalog
	names  map[string]bool // of common table expressions
	scopes []scope
}

// scope is what the columns of one SELECT may come from.
type scope struct {
	tables map[string]*relation // by alias in lower case; nil: not known
	open   bool                 // one of them is not known
	named  map[string]bool      // aliases of its expressions, in lower case
}

// read walks through a view.
func (v *viewReader) read(create *sqlparser.CreateView) {
	defer func() { _ = recover() }() // of vitess: then nothing more is known
	sqlparser.Rewrite(create, func(cur *sqlparser.Cursor) bool {
		switch node := cur.Node().(type) {
		case *sqlparser.Select:
			v.scopes = append(v.scopes, v.scope(node))
		case *sqlparser.ColName:
			v.column(node)
		}
		return true
	}, func(cur *sqlparser.Cursor) bool {
		if _, ok := cur.Node().(*sqlparser.Select); ok {
			v.scopes = v.scopes[:len(v.scopes)-1]
		}
		return true
	})
}

// scope collects the tables of one SELECT.
func (v *viewReader) scope(s *sqlparser.Select) scope {
	out := scope{tables: map[string]*relation{}, named: map[string]bool{}, open: s.With != nil}
	for _, expr := range s.From {
		v.from(&out, expr)
	}
	for _, e := range s.GetColumns() {
		if aliased, ok := e.(*sqlparser.AliasedExpr); ok && !aliased.As.IsEmpty() {
			out.named[aliased.As.Lowered()] = true
		}
	}
	return out
}

func (v *viewReader) from(s *scope, expr sqlparser.TableExpr) {
	switch t := expr.(type) {
	case *sqlparser.AliasedTableExpr:
		name, plain := t.Expr.(sqlparser.TableName)
		alias := t.As.String()
		if plain && alias == "" {
			alias = name.Name.String()
		}
		var r *relation
		if plain && name.Qualifier.IsEmpty() && !v.names[strings.ToLower(name.Name.String())] {
			r = v.c.relations[name.Name.String()]
		}
		if r != nil && r.opaque {
			r = nil
		}
		s.tables[strings.ToLower(alias)] = r
		s.open = s.open || r == nil
	case *sqlparser.JoinTableExpr:
		v.from(s, t.LeftExpr)
		v.from(s, t.RightExpr)
	case *sqlparser.ParenTableExpr:
		for _, e := range t.Exprs {
			v.from(s, e)
		}
	default:
		s.open = true
	}
}

// formatOf are arguments of GET_FORMAT(), which vitess takes for columns.
var formatOf = map[string]bool{"date": true, "time": true, "datetime": true, "timestamp": true}

// column judges one column.
func (v *viewReader) column(col *sqlparser.ColName) {
	name := col.Name.Lowered()
	if len(v.scopes) == 0 || !col.Qualifier.Qualifier.IsEmpty() {
		return
	}
	if q := col.Qualifier.Name.String(); q != "" {
		v.qualified(q, name, col)
		return
	}
	var last *relation
	for i := len(v.scopes) - 1; i >= 0; i-- {
		s := v.scopes[i]
		if s.open || s.named[name] {
			return
		}
		for _, r := range s.tables {
			if _, ok := r.columns[name]; ok {
				return
			}
			last = r
		}
	}
	if formatOf[name] {
		return
	}
	at := v.token("", col.Name.String())
	if n := len(v.scopes[0].tables); n == 1 && len(v.scopes) == 1 {
		v.c.missingColumn(at, last)
		return
	}
	v.c.err(at, CodeMissingColumn, "Column is not defined", "None of the tables that view `%s` reads here has a column `%s`.", v.c.current.Object, col.Name.String())
}

// qualified judges a column with the name or alias of its table.
func (v *viewReader) qualified(q, name string, col *sqlparser.ColName) {
	for i := len(v.scopes) - 1; i >= 0; i-- {
		r, ok := v.scopes[i].tables[strings.ToLower(q)]
		if !ok {
			continue
		}
		if r != nil {
			if _, has := r.columns[name]; !has {
				v.c.missingColumn(v.token(q, col.Name.String()), r)
			}
		}
		return
	}
}

// token finds a column in the text: vitess keeps no positions. It is the first
// that is written that way.
func (v *viewReader) token(qualifier, name string) sqltext.Token {
	toks := sqltext.Tokens(v.c.current.Text, sqltext.Mode{})
	for i := v.c.current.Head.Body; i < len(toks); i++ {
		t := toks[i]
		if !t.IsName() || !strings.EqualFold(t.Value(), name) {
			continue
		}
		dotted := i > 1 && toks[i-1].IsPunct('.')
		if qualifier == "" && !dotted || dotted && strings.EqualFold(toks[i-2].Value(), qualifier) {
			return t
		}
	}
	return v.c.current.Head.Object
}

// columns are the names of the columns of a view, in order.
func (v *viewReader) columns(create *sqlparser.CreateView) ([]string, bool) {
	if len(create.Columns) > 0 {
		names := make([]string, len(create.Columns))
		for i, name := range create.Columns {
			names[i] = name.String()
		}
		return names, true
	}
	first, err := sqlparser.GetFirstSelect(create.Select)
	if err != nil || first == nil {
		return nil, false
	}
	s := v.scope(first)
	var names []string
	for _, e := range first.GetColumns() {
		switch e := e.(type) {
		case *sqlparser.AliasedExpr:
			col, plain := e.Expr.(*sqlparser.ColName)
			switch {
			case !e.As.IsEmpty():
				names = append(names, e.As.String())
			case plain:
				names = append(names, col.Name.String())
			default: // the server makes a name of the text
				return nil, false
			}
		case *sqlparser.StarExpr:
			more, ok := starColumns(s, first, e)
			if !ok {
				return nil, false
			}
			names = append(names, more...)
		default:
			return nil, false
		}
	}
	return names, true
}

// starColumns are the columns that `*` or `t.*` stands for.
func starColumns(s scope, sel *sqlparser.Select, star *sqlparser.StarExpr) ([]string, bool) {
	if !star.TableName.Name.IsEmpty() {
		r := s.tables[strings.ToLower(star.TableName.Name.String())]
		if r == nil {
			return nil, false
		}
		return r.order, true
	}
	if s.open || len(sel.From) != 1 || len(s.tables) != 1 {
		return nil, false // of joins the order depends on USING and NATURAL
	}
	for _, r := range s.tables {
		return r.order, true
	}
	return nil, false
}
