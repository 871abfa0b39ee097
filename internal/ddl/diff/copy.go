package diff

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// rowProbes asks what a server refuses while it writes the rows of a table anew,
// whatever is changed: it computes every generated column, looks at every date and
// check, and fills every unique key again.
func (d *tableDiff) rowProbes() []Probe {
	out := slices.Concat(d.dateProbes(), d.computedProbes(), d.checkProbes(), d.uniqueProbes(), d.versionProbes())
	if d.a.Partition.Same(d.b.Partition) {
		for _, p := range d.placeProbes() {
			p.Algorithm = "copy"
			out = append(out, p)
		}
	}
	return out
}

// MostRowVersions is how many changes without writing the rows InnoDB takes.
const MostRowVersions = "255"

// versionProbes asks whether InnoDB takes one more change without writing the rows:
// MySQL counts them, up to a limit, until the table is rebuilt.
func (d *tableDiff) versionProbes() []Probe {
	if d.srv.Product == ddl.MariaDB || !strings.EqualFold(d.live.Option("ENGINE"), "innodb") || !plainName.MatchString(d.live.Name) || !d.changesColumns() {
		return nil
	}
	return []Probe{{
		SQL: "SELECT COUNT(*), NULL FROM information_schema.INNODB_TABLES WHERE NAME = CONCAT(REPLACE(DATABASE(), '-', '@002d'), '/" + d.live.Name +
			"') AND TOTAL_ROW_VERSIONS >= " + MostRowVersions,
		Blocks: true, Algorithm: "instant", Versions: d.live.Name,
		Text: "`" + d.live.Name + "` was changed 255 times without writing its rows, and the server takes no more before `ALTER TABLE " + sqltext.Quote(d.live.Name) + " FORCE`",
	}}
}

// changesColumns says whether a column comes or goes.
func (d *tableDiff) changesColumns() bool {
	lacks := func(t *ddl.Table) func(ddl.Column) bool {
		return func(c ddl.Column) bool { return t.Column(c.Name) == nil }
	}
	return slices.ContainsFunc(d.a.Columns, lacks(d.b)) || slices.ContainsFunc(d.b.Columns, lacks(d.a))
}

// plainName matches names of tables that InnoDB keeps as they are written.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// placeProbes looks for rows that have no partition any more.
func (d *tableDiff) placeProbes() []Probe {
	if d.b.Partition == nil {
		return nil
	}
	f := d.future()
	cond := d.b.Partition.Homeless(func(expr string) (string, bool) { return f.expression(expr) })
	if cond == "" {
		return nil
	}
	p := rowProbe(d.live, cond, "{rows} of `"+d.live.Name+"` {violate} the partitions: there is none for them", true)
	p.Evaluates = "the partition of every row of `" + d.live.Name + "` cannot be computed"
	return []Probe{p}
}

// orphanProbes looks for rows without a parent under foreign keys that stay: rows that
// came while nobody looked, which a copy refuses. MariaDB does not look at them.
func (p *planner) orphanProbes(live, b *ddl.Table) []Probe {
	var out []Probe
	if p.srv.Product == ddl.MariaDB {
		return nil
	}
	for i := range live.ForeignKeys {
		f := &live.ForeignKeys[i]
		if g := b.ForeignKey(f.Name); g == nil || !g.Same(f) || f.Database != "" {
			continue
		}
		if q, ok := orphanProbe([2]*ddl.Table{live, live}, [2]*ddl.Table{p.from.tables[f.Parent]}, f, false); ok {
			q.Algorithm = "copy"
			out = append(out, q)
		}
	}
	return out
}

// dateProbes looks for zero dates in columns that stay what they are.
func (d *tableDiff) dateProbes() []Probe {
	var out []Probe
	for i := range d.b.Columns {
		y := &d.b.Columns[i]
		x := d.live.Column(y.Name)
		if x == nil || !x.HoldsDates() || !x.Type.Equal(y.Type) || y.Generated != "" {
			continue
		}
		p := rowProbe(d.live, x.ZeroDates(), "{rows} of `"+d.live.Name+"` cannot be copied: `"+x.Name+"` holds a date without a month or a day", true)
		p.Algorithm, p.ZeroDates = "copy", true
		out = append(out, p)
	}
	return out
}

// computedProbes looks for values of generated columns, and of defaults that are
// expressions, that cannot be computed or do not fit.
func (d *tableDiff) computedProbes() []Probe {
	var out []Probe
	for i := range d.b.Columns {
		y := &d.b.Columns[i]
		x := d.a.Column(y.Name)
		added := x == nil || d.replaced[strings.ToLower(y.Name)] != ""
		if y.Generated == "" && (!added || y.ConstantDefault()) {
			continue
		}
		p, ok := computedProbe(d.future(), y)
		if !ok {
			continue
		}
		if y.Virtual() || y.Generated != "" && !added && x.SameGenerated(y) {
			p.Algorithm = "copy"
		}
		out = append(out, p)
	}
	return out
}

func computedProbe(f future, y *ddl.Column) (Probe, bool) {
	expr, ok := f.expression(y.Expression())
	if !ok || expr == "" {
		return Probe{}, false
	}
	condition, wrong := y.Misfit(expr)
	if condition == "" {
		condition = "LENGTH(" + expr + ") < 0"
	}
	p := rowProbe(f.now, condition, "{rows} of `"+f.now.Name+"` {violate} the type of `"+y.Name+"`, which is computed: "+wrong, true)
	p.Evaluates = "`" + y.Name + "` cannot be computed for every row of `" + f.now.Name + "`"
	return p, true
}

// checkProbes looks for rows that break a check which stays: its columns change, or
// the row came while nobody looked.
func (d *tableDiff) checkProbes() []Probe {
	var out []Probe
	add := func(name, expr string) {
		p, ok := checkProbe(d.future(), name, expr)
		if !ok {
			return
		}
		if !slices.ContainsFunc(d.future().names(expr), d.future().changes) {
			p.Algorithm = "copy"
		}
		out = append(out, p)
	}
	for i := range d.b.Checks {
		y := &d.b.Checks[i]
		if x := d.a.Check(y.Name); x != nil && x.Same(y) && y.Enforced && !d.usesReplaced(y) {
			add(y.Name, y.ExprText)
		}
	}
	for i := range d.b.Columns {
		y := &d.b.Columns[i]
		if x := d.a.Column(y.Name); x != nil && y.Check != "" && y.Check == x.Check {
			add(y.Name, y.CheckText)
		}
	}
	return out
}

// uniqueProbes looks for rows that a unique key which stays takes for equal once
// its columns have changed.
func (d *tableDiff) uniqueProbes() []Probe {
	f := d.future()
	var out []Probe
	for i := range d.b.Keys {
		y := &d.b.Keys[i]
		x := d.counterpartIn(d.a, y)
		if !y.Unique() || x == nil || !x.Same(y) {
			continue
		}
		changed, under := false, ""
		for j := range d.b.Columns {
			col := &d.b.Columns[j]
			if !y.Touches(strings.ToLower(col.Name)) || !f.changes(col.Name) {
				continue
			}
			changed, under = true, "once their values have changed"
			if old := d.live.Column(col.Name); old != nil && old.Type.Equal(col.Type) && old.Collation != col.Collation {
				under = "under the collation " + col.Collation
			}
		}
		if p, ok := sameTwice(f, y, under); ok && changed {
			out = append(out, p)
		}
	}
	return out
}

// sameTwice returns the question for rows that a unique key takes for equal.
func sameTwice(f future, k *ddl.Key, under string) (Probe, bool) {
	var exprs []string
	for _, part := range k.Parts {
		if _, _, ok := arrayOf(part.Expr); ok {
			return sameMembers(f, k)
		}
		text := "(" + part.Expr + ")"
		if part.Column != "" {
			text = sqltext.Quote(part.Column)
		}
		expr, ok := f.expression(text)
		if !ok {
			return Probe{}, false
		}
		if part.Length != "" {
			expr = "LEFT(" + expr + ", " + part.Length + ")"
		}
		exprs = append(exprs, expr)
	}
	return duplicateProbe(f.now, k, exprs, under), true
}

// partProbes asks whether what a part of a new key holds can be computed.
func partProbes(f future, k *ddl.Key, at int) []Probe {
	part := k.Parts[at]
	if part.Column != "" {
		y := f.then.Column(part.Column)
		if y == nil || !y.Virtual() {
			return nil
		}
		p, ok := computedProbe(f, y)
		if !ok {
			return nil
		}
		return []Probe{p}
	}
	expr, ok := f.expression(part.Expr)
	if !ok {
		return nil
	}
	computes := fmt.Sprintf("%s cannot be computed for every row of `%s`", keyTitleOf(k), f.now.Name)
	if document, typ, ok := arrayOf(expr); ok {
		return []Probe{{SQL: "SELECT MIN(`m`.`v`) IS NULL AND FALSE, NULL FROM " + sqltext.Quote(f.now.Name) + ", " + members(document, typ), Blocks: true, Evaluates: computes}}
	}
	p := rowProbe(f.now, "LENGTH("+expr+") < 0", "", true)
	p.Evaluates = computes
	return []Probe{p}
}

// keyTitleOf names a key of any kind.
func keyTitleOf(k *ddl.Key) string {
	if k.Unique() {
		return keyTitle(k)
	}
	return "index `" + k.Name + "`"
}

// arrayOf takes CAST(document AS type ARRAY) apart, which makes a key multi-valued.
func arrayOf(expr string) (document, typ string, ok bool) {
	c := sqltext.NewCursor(expr)
	if !c.Accept("cast") {
		return "", "", false
	}
	inner := c.Group()
	if !c.Done() || len(inner) < 4 || !inner[len(inner)-1].Is("array") {
		return "", "", false
	}
	for depth, i := 0, 0; i < len(inner); i++ {
		switch {
		case inner[i].IsPunct('('):
			depth++
		case inner[i].IsPunct(')'):
			depth--
		case depth == 0 && inner[i].Is("as"):
			return sqltext.Join(inner[:i]), sqltext.Join(inner[i+1 : len(inner)-1]), true
		}
	}
	return "", "", false
}

// members returns a table of the members that a multi-valued key holds of each row.
// It fails for a row whose members are of another type.
func members(document, typ string) string {
	switch strings.ToLower(typ) {
	case "unsigned":
		typ = "BIGINT UNSIGNED"
	case "signed":
		typ = "BIGINT"
	}
	return fmt.Sprintf("JSON_TABLE(IF(JSON_TYPE(%s) = 'ARRAY', %s, JSON_ARRAY(%s)), '$[*]' COLUMNS (`v` %s PATH '$' ERROR ON ERROR)) AS `m`", document, document, document, typ)
}

// sameMembers returns the question for members of a unique multi-valued key that
// two rows have.
func sameMembers(f future, k *ddl.Key) (Probe, bool) {
	pk := f.now.Primary()
	if len(k.Parts) != 1 || pk == nil || pk.Columns() == nil {
		return Probe{}, false
	}
	expr, ok := f.expression(k.Parts[0].Expr)
	document, typ, array := arrayOf(expr)
	if !ok || !array {
		return Probe{}, false
	}
	var key []string
	for _, name := range pk.Columns() {
		key = append(key, sqltext.Quote(name))
	}
	list := strings.Join(key, ", ")
	return Probe{
		SQL: fmt.Sprintf("SELECT COALESCE(SUM(`copies`), 0), MIN(`example`) FROM (SELECT CAST(`v` AS CHAR) AS `example`, COUNT(DISTINCT %s) AS `copies` FROM %s, %s WHERE `v` IS NOT NULL GROUP BY `v` HAVING COUNT(DISTINCT %s) > 1 LIMIT %d) AS `found`",
			list, sqltext.Quote(f.now.Name), members(document, typ), list, ProbeLimit+1),
		Blocks: true, Text: "{rows} of `" + f.now.Name + "` {violate} " + keyTitle(k), Label: k.Parts[0].Expr,
	}, true
}
