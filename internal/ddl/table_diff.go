package ddl

import (
	"slices"
	"strings"

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
	srv      Server
	opt      DiffOptions
	a, b     *table
	live     *table            // as it is before the migration: what probes can ask
	replaced map[string]string // columns that are dropped and added again, in lower case, and why
}

func newTableDiff(srv Server, opt DiffOptions, a, b, live *table) *tableDiff {
	d := &tableDiff{srv: srv, opt: opt, a: a, b: b, live: live, replaced: map[string]string{}}
	d.replace()
	return d
}

// replace finds the columns that no server can modify. MySQL refuses to take a
// column away while another generated column is computed from it, so those go
// and come with it.
func (d *tableDiff) replace() {
	for i := range d.b.columns {
		y := &d.b.columns[i]
		x := d.a.column(y.name)
		switch {
		case x == nil:
		case x.virtual() != y.virtual():
			d.replaced[strings.ToLower(y.name)] = "no server turns a column from or into VIRTUAL"
		case !x.typ.convertibleTo(y.typ):
			d.replaced[strings.ToLower(y.name)] = "no server turns " + x.typ.text + " into " + y.typ.text
		}
	}
	for grown := len(d.replaced) > 0; grown; {
		grown = false
		for i := range d.a.columns {
			x := &d.a.columns[i]
			name := strings.ToLower(x.name)
			if x.generated == "" || d.replaced[name] != "" || d.b.column(name) == nil || !slices.ContainsFunc(x.uses, func(u string) bool { return d.replaced[u] != "" }) {
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
		y := d.b.column(c.Column)
		if c.Column == "" || y == nil || strings.HasPrefix(c.SQL, "DROP") || !y.refusesNull(d.srv) {
			continue
		}
		out = append(out, dropDefault(d.b, y))
	}
	return out
}

func dropDefault(t *table, y *tableColumn) Clause {
	return Clause{
		SQL: "ALTER COLUMN " + sqltext.Quote(y.name) + " DROP DEFAULT", Operation: OpModifyColumn,
		Object: "column " + columnName(t, y.name), Column: y.name, Reason: "an INSERT must name it although it takes NULL",
	}
}

func (d *tableDiff) options(list []string) Clause {
	c := Clause{SQL: strings.Join(list, ", "), Operation: OpTableOptions, Object: "table `" + d.b.name + "`"}
	if from, to := d.a.option("ENGINE"), d.b.option("ENGINE"); !strings.EqualFold(from, to) && from != "" && to != "" {
		c.Reason = "the table moves from the engine " + from + " to " + to
	}
	return c
}

func (d *tableDiff) partitions(al *alteration) {
	if d.a.partition.same(d.b.partition) {
		return
	}
	c := Clause{Operation: OpPartition, Object: "table `" + d.b.name + "`", Reason: "every row is written again into its partition"}
	switch step := partitionStep(d.a.partition, d.b.partition); {
	case strings.HasPrefix(step, "ADD"):
		c.SQL, c.Reason = step, ""
		al.separate = append(al.separate, c)
	case step != "":
		c.SQL, c.Reason = step, "the rows of the partitions named first are written again"
		al.separate = append(al.separate, c)
	case d.b.partition == nil:
		c.SQL = "REMOVE PARTITIONING"
		al.partition = &c
	default:
		c.SQL = d.b.partition.text()
		c.Reason += "; fails when a row has none"
		al.partition = &c
	}
}

// columns returns the clauses that drop, add, modify and move columns. A server
// works through those with a position in the order in which they are written,
// so each one finds its neighbor in place.
func (d *tableDiff) columns() []Clause {
	var out []Clause
	for i := range d.a.columns {
		x := &d.a.columns[i]
		if d.b.column(x.name) == nil {
			out = append(out, d.dropColumn(x, OpDropColumn))
		} else if d.replaced[strings.ToLower(x.name)] != "" {
			out = append(out, d.dropColumn(x, OpReplaceColumn))
		}
	}
	stays := d.staying()
	last := -1 // the last column that neither moves nor is new
	for i := range d.b.columns {
		if stays[strings.ToLower(d.b.columns[i].name)] {
			last = i
		}
	}
	for i := range d.b.columns {
		y := &d.b.columns[i]
		name := strings.ToLower(y.name)
		x := d.a.column(y.name)
		place := " FIRST"
		if i > 0 {
			place = " AFTER " + sqltext.Quote(d.b.columns[i-1].name)
		}
		switch {
		case x == nil || d.replaced[name] != "":
			if i > last {
				place = ""
			}
			out = append(out, d.addColumn(y, place))
		case stays[name] && x.same(y):
		case stays[name]:
			out = append(out, d.modifyColumn(x, y, ""))
		default:
			out = append(out, d.modifyColumn(x, y, place))
		}
	}
	return out
}

func (d *tableDiff) columnClause(op Operation, sql, column string) Clause {
	return Clause{SQL: sql, Operation: op, Object: "column `" + d.a.name + "`.`" + column + "`", Column: column}
}

func (d *tableDiff) dropColumn(x *tableColumn, op Operation) Clause {
	c := d.columnClause(op, "DROP COLUMN "+sqltext.Quote(x.name), x.name)
	if op == OpReplaceColumn {
		c.Reason = d.replaced[strings.ToLower(x.name)] + ": it is dropped and added again"
		if x.generated != "" && d.b.column(x.name).generated != "" {
			c.because("its values are computed again")
			return c
		}
	}
	riskOfDroppedColumn(&c, d.live, x)
	return c
}

func (d *tableDiff) addColumn(y *tableColumn, place string) Clause {
	op := OpAddColumn
	if d.replaced[strings.ToLower(y.name)] != "" {
		op = OpReplaceColumn
	}
	c := d.columnClause(op, "ADD COLUMN "+y.text()+place, y.name)
	riskOfAddedColumn(&c, d.live, y)
	return c
}

func (d *tableDiff) modifyColumn(x, y *tableColumn, place string) Clause {
	verb := "MODIFY COLUMN "
	if x.name != y.name { // the case of its letters
		verb = "CHANGE COLUMN " + sqltext.Quote(x.name) + " "
	}
	c := d.columnClause(OpModifyColumn, verb+y.text()+place, y.name)
	if d.live.column(x.name) != nil {
		riskOfModifiedColumn(&c, d.live, x, y)
	}
	return c
}

// staying returns the columns that keep their place: a longest list of common
// columns that stand in the same order on both sides.
func (d *tableDiff) staying() map[string]bool {
	var names []string
	var places []int
	for i := range d.a.columns {
		name := strings.ToLower(d.a.columns[i].name)
		at := slices.IndexFunc(d.b.columns, func(y tableColumn) bool { return strings.EqualFold(y.name, name) })
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
	object := func(name string) string { return "check `" + d.a.name + "`.`" + name + "`" }
	for i := range d.a.checks {
		x := &d.a.checks[i]
		if y := d.b.check(x.name); y == nil || y.expr != x.expr {
			drops = append(drops, Clause{SQL: dropCheck(d.srv, x.name), Operation: OpDropCheck, Object: object(x.name)})
		}
	}
	for i := range d.b.checks {
		y := &d.b.checks[i]
		x := d.a.check(y.name)
		c := Clause{SQL: "ADD " + y.text, Operation: OpAddCheck, Object: object(y.name)}
		switch {
		case x == nil || x.expr != y.expr:
		case x.enforced == y.enforced:
			continue
		default:
			c.Operation = OpModifyCheck
			c.SQL = "ALTER CHECK " + sqltext.Quote(y.name) + " ENFORCED"
			if !y.enforced {
				c.SQL = "ALTER CHECK " + sqltext.Quote(y.name) + " NOT ENFORCED"
			}
		}
		if y.enforced {
			riskOfCheck(&c, d.live, y.name, y.exprText, y.uses)
		}
		adds = append(adds, c)
	}
	return drops, adds
}

// dropCheck returns the clause that drops a check. MariaDB has no DROP CHECK.
func dropCheck(srv Server, name string) string {
	if srv.Product == MariaDB {
		return "DROP CONSTRAINT " + sqltext.Quote(name)
	}
	return "DROP CHECK " + sqltext.Quote(name)
}
