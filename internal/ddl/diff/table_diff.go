package diff

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// alteration is the way from one table to another of the same name: the clauses
// of one ALTER TABLE, and statements that must stand alone behind it.
type alteration struct {
	clauses     []Clause
	partition   *Clause  // stands behind the other clauses, without a comma
	separate    []Clause // one ALTER TABLE each
	fixedOption string   // an option that no ALTER changes
}

// tableDiff compares two tables. Foreign keys are not its subject: they are
// dropped before and added after all tables have changed.
type tableDiff struct {
	srv      ddl.Server
	opt      Options
	a, b     *ddl.Table
	live     *ddl.Table        // as it is before the migration: what probes can ask
	replaced map[string]string // columns that are dropped and added again, in lower case, and why
}

func newTableDiff(srv ddl.Server, opt Options, a, b, live *ddl.Table) *tableDiff {
	d := &tableDiff{srv: srv, opt: opt, a: a, b: b, live: live, replaced: map[string]string{}}
	d.replace()
	return d
}

func (d *tableDiff) future() future { return newFuture(d.live, d.b) }

// replace finds the columns that no server can modify. MySQL refuses to take a
// column away while another generated column is computed from it, so those go
// and come with it.
func (d *tableDiff) replace() {
	for i := range d.b.Columns {
		y := &d.b.Columns[i]
		x := d.a.Column(y.Name)
		switch {
		case x == nil:
		case x.Virtual() != y.Virtual():
			d.replaced[strings.ToLower(y.Name)] = "no server turns a column from or into VIRTUAL"
		case !x.Type.ConvertibleTo(y.Type):
			d.replaced[strings.ToLower(y.Name)] = "no server turns " + x.Type.Text + " into " + y.Type.Text
		}
	}
	for grown := len(d.replaced) > 0; grown; {
		grown = false
		for i := range d.a.Columns {
			x := &d.a.Columns[i]
			name := strings.ToLower(x.Name)
			if x.Generated == "" || d.replaced[name] != "" || d.b.Column(name) == nil || !slices.ContainsFunc(x.Uses, func(u string) bool { return d.replaced[u] != "" }) {
				continue
			}
			d.replaced[name] = "it is computed from a column that is dropped and added"
			grown = true
		}
	}
}

// alter computes the alteration.
func (d *tableDiff) alter() alteration {
	al := alteration{}
	keys := d.keys()
	dropChecks, addChecks := d.checks()
	al.clauses = slices.Concat(keys.drops, dropChecks, d.columns(), keys.renames, keys.adds, addChecks)
	al.separate = keys.separate
	options, fixed := optionClauses(d.a, d.b)
	al.fixedOption = fixed
	if len(options) > 0 {
		al.clauses = append(al.clauses, d.options(options))
	}
	al.separate = append(al.separate, d.dropDefaults(al.clauses)...)
	d.partitions(&al)
	return al
}

// dropDefaults returns what takes the default NULL away from columns that were
// just added or modified.
func (d *tableDiff) dropDefaults(clauses []Clause) []Clause {
	var out []Clause
	for _, c := range clauses {
		y := d.b.Column(c.Column)
		if c.Column == "" || y == nil || strings.HasPrefix(c.SQL, "DROP") || !y.RefusesNull(d.srv) {
			continue
		}
		out = append(out, dropDefault(d.b, y))
	}
	return out
}

func dropDefault(t *ddl.Table, y *ddl.Column) Clause {
	return Clause{
		SQL: "ALTER COLUMN " + sqltext.Quote(y.Name) + " DROP DEFAULT", Operation: OpModifyColumn,
		Object: "column " + columnName(t, y.Name), Column: y.Name, Reason: "an INSERT must name it although it takes NULL",
	}
}

func (d *tableDiff) options(list []string) Clause {
	c := Clause{SQL: strings.Join(list, ", "), Operation: OpTableOptions, Object: "table `" + d.b.Name + "`"}
	if from, to := d.a.Option("ENGINE"), d.b.Option("ENGINE"); !strings.EqualFold(from, to) && from != "" && to != "" {
		c.Reason = "the table moves from the engine " + from + " to " + to
	}
	return c
}

func (d *tableDiff) partitions(al *alteration) {
	if d.a.Partition.Same(d.b.Partition) {
		return
	}
	c := Clause{Operation: OpPartition, Object: "table `" + d.b.Name + "`", Reason: "every row is written again into its partition", Probes: d.placeProbes()}
	switch step := partitionStep(d.a.Partition, d.b.Partition); {
	case strings.HasPrefix(step, "ADD"):
		c.SQL, c.Reason = step, ""
		al.separate = append(al.separate, c)
	case step != "":
		c.SQL, c.Reason = step, "the rows of the partitions named first are written again"
		al.separate = append(al.separate, c)
	case d.b.Partition == nil:
		c.SQL = "REMOVE PARTITIONING"
		al.partition = &c
	default:
		c.SQL = d.b.Partition.Text()
		c.Reason += "; fails when a row has none"
		al.partition = &c
	}
}

// columns returns the clauses that drop, add, modify and move columns. A server
// works through those with a position in the order in which they are written,
// so each one finds its neighbor in place.
func (d *tableDiff) columns() []Clause {
	var out []Clause
	for i := range d.a.Columns {
		x := &d.a.Columns[i]
		if d.b.Column(x.Name) == nil {
			out = append(out, d.dropColumn(x, OpDropColumn))
		} else if d.replaced[strings.ToLower(x.Name)] != "" {
			out = append(out, d.dropColumn(x, OpReplaceColumn))
		}
	}
	stays := d.staying()
	last := -1 // the last column that neither moves nor is new
	for i := range d.b.Columns {
		if stays[strings.ToLower(d.b.Columns[i].Name)] {
			last = i
		}
	}
	for i := range d.b.Columns {
		y := &d.b.Columns[i]
		name := strings.ToLower(y.Name)
		x := d.a.Column(y.Name)
		place := " FIRST"
		if i > 0 {
			place = " AFTER " + sqltext.Quote(d.b.Columns[i-1].Name)
		}
		switch {
		case x == nil || d.replaced[name] != "":
			if i > last {
				place = ""
			}
			out = append(out, d.addColumn(y, place))
		case stays[name] && x.Same(y):
		case stays[name]:
			out = append(out, d.modifyColumn(x, y, ""))
		default:
			out = append(out, d.modifyColumn(x, y, place))
		}
	}
	return out
}

func (d *tableDiff) columnClause(op Operation, sql, column string) Clause {
	return Clause{SQL: sql, Operation: op, Object: "column `" + d.a.Name + "`.`" + column + "`", Column: column}
}

func (d *tableDiff) dropColumn(x *ddl.Column, op Operation) Clause {
	c := d.columnClause(op, "DROP COLUMN "+sqltext.Quote(x.Name), x.Name)
	if op == OpReplaceColumn {
		c.Reason = d.replaced[strings.ToLower(x.Name)] + ": it is dropped and added again"
		if x.Generated != "" && d.b.Column(x.Name).Generated != "" {
			c.because("its values are computed again")
			return c
		}
	}
	riskOfDroppedColumn(&c, d.live, x)
	return c
}

func (d *tableDiff) addColumn(y *ddl.Column, place string) Clause {
	op := OpAddColumn
	if d.replaced[strings.ToLower(y.Name)] != "" {
		op = OpReplaceColumn
	}
	c := d.columnClause(op, "ADD COLUMN "+y.Text()+place, y.Name)
	riskOfAddedColumn(&c, d.live, y)
	return c
}

func (d *tableDiff) modifyColumn(x, y *ddl.Column, place string) Clause {
	verb := "MODIFY COLUMN "
	if x.Name != y.Name { // the case of its letters
		verb = "CHANGE COLUMN " + sqltext.Quote(x.Name) + " "
	}
	c := d.columnClause(OpModifyColumn, verb+y.Text()+place, y.Name)
	if d.live.Column(x.Name) != nil {
		riskOfModifiedColumn(&c, d.future(), x, y)
	}
	return c
}

// staying returns the columns that keep their place: a longest list of common
// columns that stand in the same order on both sides.
func (d *tableDiff) staying() map[string]bool {
	var names []string
	var places []int
	for i := range d.a.Columns {
		name := strings.ToLower(d.a.Columns[i].Name)
		at := slices.IndexFunc(d.b.Columns, func(y ddl.Column) bool { return strings.EqualFold(y.Name, name) })
		if at >= 0 && d.replaced[name] == "" {
			names, places = append(names, name), append(places, at)
		}
	}
	out := map[string]bool{}
	for _, i := range longestIncreasing(places) {
		out[names[i]] = true
	}
	return out
}

// longestIncreasing returns the indexes of a longest increasing subsequence.
// Tables have few columns: the quadratic way is good enough.
func longestIncreasing(list []int) []int {
	best, before := make([]int, len(list)), make([]int, len(list))
	end := -1
	for i := range list {
		best[i], before[i] = 1, -1
		for j := range i {
			if list[j] < list[i] && best[j]+1 > best[i] {
				best[i], before[i] = best[j]+1, j
			}
		}
		if end < 0 || best[i] > best[end] {
			end = i
		}
	}
	var out []int
	for i := end; i >= 0; i = before[i] {
		out = append(out, i)
	}
	slices.Reverse(out)
	return out
}

// checks returns the clauses that drop, and that add or toggle checks.
func (d *tableDiff) checks() (drops, adds []Clause) {
	object := func(name string) string { return "check `" + d.a.Name + "`.`" + name + "`" }
	for i := range d.a.Checks {
		x := &d.a.Checks[i]
		if y := d.b.Check(x.Name); y == nil || y.Expr != x.Expr || d.usesReplaced(x) || d.usesFormerBytes(x) {
			drops = append(drops, Clause{SQL: dropCheck(d.srv, x.Name), Operation: OpDropCheck, Object: object(x.Name)})
		}
	}
	for i := range d.b.Checks {
		y := &d.b.Checks[i]
		x := d.a.Check(y.Name)
		c := Clause{SQL: "ADD " + y.Text, Operation: OpAddCheck, Object: object(y.Name)}
		switch {
		case x == nil || x.Expr != y.Expr:
		case d.usesReplaced(x):
			c.because("added again, because a column that it looks at is dropped and added")
		case d.usesFormerBytes(x):
			c.because("added again, because a column that it looks at holds bytes no longer")
		case x.Enforced == y.Enforced:
			continue
		default:
			c.Operation = OpModifyCheck
			c.SQL = "ALTER CHECK " + sqltext.Quote(y.Name) + " ENFORCED"
			if !y.Enforced {
				c.SQL = "ALTER CHECK " + sqltext.Quote(y.Name) + " NOT ENFORCED"
			}
		}
		if y.Enforced {
			riskOfCheck(&c, d.future(), y.Name, y.ExprText)
		}
		adds = append(adds, c)
	}
	return drops, adds
}

// usesReplaced says whether a check looks at a column that is dropped and added
// again. MySQL drops such a check with the column, MariaDB refuses to drop the
// column.
func (d *tableDiff) usesReplaced(c *ddl.Check) bool {
	return slices.ContainsFunc(c.Uses, func(u string) bool { return d.replaced[u] != "" })
}

// usesFormerBytes says whether a check compares a column with a text that holds bytes
// no longer. MySQL has made bytes of the text, too, and would leave it so.
func (d *tableDiff) usesFormerBytes(c *ddl.Check) bool {
	return d.srv.Product != ddl.MariaDB && strings.Contains(c.Text, "'") && slices.ContainsFunc(c.Uses, func(u string) bool {
		x, y := d.a.Column(u), d.b.Column(u)
		return x != nil && y != nil && x.Type.Binary() && !y.Type.Binary()
	})
}

// dropCheck returns the clause that drops a check. MariaDB has no DROP CHECK.
func dropCheck(srv ddl.Server, name string) string {
	if srv.Product == ddl.MariaDB {
		return "DROP CONSTRAINT " + sqltext.Quote(name)
	}
	return "DROP CHECK " + sqltext.Quote(name)
}
